"""Files to a prescribed schema: names, order, types and widths as asked; no value cut, rounded away or made 0."""

from datetime import date

import geopandas as gpd
import pytest
import shapely

import kumuhgis as kg
from kumuhgis.errors import OutputError

fiona = pytest.importorskip("fiona", reason="fiona has no wheel for this Python")

SCHEMA = """
driver = "ESRI Shapefile"
crs = "EPSG:32749"
geometry = "MultiPolygon"
[[fields]]
name = "KODE_RT"
type = "str:24"
from = "unit"
required = true
[[fields]]
name = "LUAS_HA"
type = "float:10.4"
from = "luas"
[[fields]]
name = "NILAI"
type = "int:2"
from = "nilai"
[[fields]]
name = "TGL"
type = "date"
from = "tanggal"
[[fields]]
name = "SUMBER"
type = "str:20"
value = "Baseline 2026"
"""


def units(**changed):
    columns = {"unit": ["001", "002"], "luas": [1.25, 0.5], "nilai": [17, None], "tanggal": [date(2026, 3, 15), None]}
    boxes = [shapely.box(490000 + i, 9162000, 490001 + i, 9162001) for i in (0, 1)]
    return gpd.GeoDataFrame({**columns, **changed}, geometry=boxes, crs=32749)


@pytest.fixture
def schema(tmp_path):
    path = tmp_path / "skema.toml"
    path.write_text(SCHEMA, "utf-8")
    return path


def test_names_order_types_and_widths_are_as_prescribed(tmp_path, schema):
    path = kg.write_schema(units(), tmp_path / "hasil dinas" / "rt.shp", schema)
    with fiona.open(path) as written:
        assert dict(written.schema["properties"]) == {
            "KODE_RT": "str:24",
            "LUAS_HA": "float:10.4",
            "NILAI": "int32:2",
            "TGL": "date",
            "SUMBER": "str:20",
        }
        rows = [dict(record["properties"]) for record in written]
    assert rows[0] == {"KODE_RT": "001", "LUAS_HA": 1.25, "NILAI": 17, "TGL": "2026-03-15", "SUMBER": "Baseline 2026"}
    assert (rows[1]["NILAI"], rows[1]["TGL"]) == (None, None)
    assert {p.suffix for p in path.parent.iterdir()} == {".shp", ".shx", ".dbf", ".prj", ".cpg"}


@pytest.mark.parametrize(
    ("changed", "field", "row"),
    [
        ({"luas": ["abc", 1]}, "LUAS_HA", 1),
        ({"luas": [1, 1e9]}, "LUAS_HA", 2),
        ({"nilai": [17.5, 3]}, "NILAI", 1),
        ({"nilai": [1, 170]}, "NILAI", 2),
        ({"unit": ["001", None]}, "KODE_RT", 2),
        ({"unit": ["0" * 25, "002"]}, "KODE_RT", 1),
        ({"tanggal": ["kemarin", None]}, "TGL", 1),
    ],
)
def test_a_value_that_does_not_fit_is_refused_before_anything_is_written(tmp_path, schema, changed, field, row):
    with pytest.raises(OutputError) as caught:
        kg.write_schema(units(**changed), tmp_path / "rt.shp", schema)
    (problem,) = caught.value.problems
    assert (problem.code, problem.column, problem.params["row"]) == ("schema_value", field, row)
    assert [p.name for p in tmp_path.iterdir()] == ["skema.toml"]


def test_everything_wrong_is_said_at_once(tmp_path, schema):
    with pytest.raises(OutputError) as caught:
        kg.write_schema(units(luas=["a", 1], nilai=[0.5, 1]).drop(columns="tanggal"), tmp_path / "rt.gpkg", schema)
    assert {p.code for p in caught.value.problems} == {"output_format", "schema_value", "layer_column_missing"}


def test_a_wrong_schema_names_its_mistakes(tmp_path):
    path = tmp_path / "skema.toml"
    path.write_text(SCHEMA.replace("str:24", "teks").replace('from = "luas"', "").replace("int:2", "int"), "utf-8")
    with pytest.raises(OutputError) as caught:
        kg.read_schema(path)
    assert len(caught.value.problems) == 3


def test_a_geopackage_to_a_schema_and_no_overwriting(tmp_path, schema):
    schema.write_text(SCHEMA.replace("ESRI Shapefile", "GPKG"), "utf-8")
    path = kg.write_schema(units(), tmp_path / "rt.gpkg", schema)
    with fiona.open(path) as written:
        assert len(written) == 2
    with pytest.raises(OutputError):
        kg.write_schema(units(), path, schema)
