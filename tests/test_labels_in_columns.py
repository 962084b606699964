"""RT and RW as offices write them down: in two columns, in one, as folders of a KML, as NAMOBJ."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

import kumuhgis as kg
from kumuhgis.baseline import read_baseline
from kumuhgis.layers import read_layer
from kumuhgis.rules import load_rules
from kumuhgis.starter import init

X, Y = 490_000, 9_162_000
PLACES = [(rt, rw) for rw in (1, 2) for rt in (1, 2, 3)]
SQUARES = [box(X + 100 * rt, Y + 100 * rw, X + 100 * rt + 100, Y + 100 * rw + 100) for rt, rw in PLACES]
RT, RW = [f"{rt:03d}" for rt, _ in PLACES], [f"{rw:03d}" for _, rw in PLACES]
WHOLE = [f"RT {rt:03d}/RW {rw:03d}" for rt, rw in PLACES]


def units(**columns):
    return gpd.GeoDataFrame(columns, geometry=SQUARES, crs=32749)


def table(**columns):
    return pd.DataFrame(
        columns | {"luas_ha": [1.0] * 6, "kk": [40] * 6, "bangunan_unit": [40] * 6, "3a_volume": [4] * 6}
    )


MAPS = {
    "two columns": ({"RT": RT, "RW": RW}, {"rt", "rw", "rt_rw"}),
    "two columns of numbers": ({"RT": [int(x) for x in RT], "RW": [float(x) for x in RW]}, {"rt", "rw", "rt_rw"}),
    "the column RT names both": ({"RT": WHOLE, "RW": RW}, {"rt_rw", "rw"}),
    "NAMOBJ of a topographic map": ({"OBJECTID": range(1, 7), "NAMOBJ": WHOLE, "WADMKD": "Ngringo"}, {"rt_rw", "desa"}),
    "Google Earth, a folder for each RW": (
        {"id": [None] * 6, "Name": [f"RT {x}" for x in RT], "description": [""] * 6, "folder": [f"RW {x}" for x in RW]},
        {"rt", "rw", "rt_rw"},
    ),
    "a name of the hamlet beside": ({"NAMA": ["Bakungan"] * 6, "RT": RT, "RW": RW}, {"rt", "rw", "rt_rw"}),
}
TABLES = {
    "two columns": {"RT": RT, "RW": RW},
    "two columns of numbers": {"RT": [int(x) for x in RT], "RW": [int(x) for x in RW]},
    "one column called RT": {"RT": WHOLE},
    "one column called RT beside RW": {"RT": WHOLE, "RW": RW},
    "one column called RT/RW": {"RT/RW": WHOLE},
}


@pytest.mark.parametrize("how", MAPS)
def test_the_columns_of_a_map_are_understood(how):
    columns, wanted = MAPS[how]
    read = read_layer(units(**columns), "rt")[0]
    assert wanted == {"rt_rw", "rt", "rw", "desa"} & set(read.columns)


@pytest.mark.parametrize("there", TABLES)
@pytest.mark.parametrize("here", MAPS)
def test_every_record_finds_its_unit_however_both_sides_write_it(here, there):
    result = kg.assess(rt=units(**MAPS[here][0]), baseline=table(**TABLES[there]))
    assert not result.problems["code"].isin(["record_without_map", "unit_without_record"]).any()
    assert result.units["households"].tolist() == [40.0] * 6


def test_a_column_rt_alone_is_the_label():
    base = read_baseline(table(RT=["1", "2", "3", "4", "5", "6"]), load_rules())
    assert base.units["rt_rw"].tolist() == ["1", "2", "3", "4", "5", "6"]


def test_a_number_of_gis_software_is_a_key_only_where_no_label_can_be_one():
    objectid = {"OBJECTID": range(1, 7)}
    assert read_layer(units(**objectid, RT_RW=WHOLE), "rt")[0].index.tolist() == WHOLE
    assert read_layer(units(**objectid, RT_RW=[WHOLE[0]] * 6), "rt")[0].index.tolist() == list("123456")
    assert read_layer(units(**objectid, KODE=list("abcdef"), RT_RW=WHOLE), "rt")[0].index.tolist() == list("abcdef")


def test_namobj_that_names_a_desa_stays_the_desa():
    read = read_layer(units(NAMOBJ=["Ngringo"] * 6, RT_RW=WHOLE), "rt")[0]
    assert read["desa"].tolist() == ["Ngringo"] * 6


def test_an_empty_column_gives_way_to_a_filled_one():
    road = gpd.GeoDataFrame(
        {"KONDISI": [None], "kualitas": ["baik"]}, geometry=gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 9 0)"]), crs=32749
    )
    assert read_layer(road, "roads")[0]["condition"].tolist() == ["baik"]


@pytest.mark.parametrize("with_init", [False, True])
def test_a_folder_with_rt_and_rw_in_two_columns_runs_with_and_without_init(tmp_path, with_init):
    units(RT=RT, RW=RW).to_file(tmp_path / "batas_rt.shp")
    table(RT=RT, RW=RW).to_csv(tmp_path / "baseline.csv", index=False)
    if with_init:
        init(tmp_path)
    else:
        (tmp_path / "kumuhgis.toml").write_text(
            '[project]\nname = "Uji"\n[layers.rt]\npath = "batas_rt.shp"\n[tables.baseline]\npath = "baseline.csv"\n'
        )
    assert kg.assess(tmp_path).units["households"].tolist() == [40.0] * 6
