"""A corner with a lost decimal point: its feature is named and set aside, and nothing else suffers from it."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, Point, Polygon, box

from kumuhgis import assess
from kumuhgis.checkup import checkup, write_html, write_xlsx
from kumuhgis.errors import Problem, ProjectError, problems_frame
from kumuhgis.export import write
from kumuhgis.joining import check_places
from kumuhgis.layers import open_layer
from kumuhgis.maps import village_map
from kumuhgis.spots import listed
from kumuhgis.values import check_lengths

X, Y = 490_000, 9_162_000
LOST = 490_010_123  # was 490010.123


def said(problems, code):
    return [p for p in problems if p.code == code]


def rt(corner=(X + 200, Y + 100), crs=32749):
    shapes = [box(X, Y, X + 100, Y + 100), Polygon([(X + 100, Y), (X + 200, Y), corner, (X + 100, Y + 100)])]
    return gpd.GeoDataFrame({"unit": ["01", "02"]}, geometry=shapes, crs=32749).to_crs(crs)


def roads(*ends):
    lines = [LineString([(X, Y + 10 * i), end]) for i, end in enumerate(ends)]
    return gpd.GeoDataFrame({"KONDISI": ["baik"] * len(ends)}, geometry=lines, crs=32749)


def test_a_road_with_a_lost_decimal_point_is_named_and_set_aside():
    read = open_layer(roads((X + 90, Y), (LOST, Y), (X + 90, Y + 20)), "roads", to_crs=32749, area=rt())
    (problem,) = said(read.problems, "feature_off_earth")
    assert (problem.severity, problem.feature) == ("error", "2")
    assert (problem.params["x"], problem.params["y"]) == ("490010123", "9162000")
    assert problem.shape == Point(X, Y + 10), "shown at the corner that has a place"
    assert not said(read.problems, "crs_strays")
    assert [read.account[k] for k in ("read", "set_aside", "used")] == [3, 1, 2]


@pytest.mark.parametrize("corner", [(LOST, Y), (X, 9_162_000_123), (1e300, Y), (X, -1e9)])
def test_an_rt_with_such_a_corner_is_named_by_its_key(corner):
    read = open_layer(rt(corner), "rt")
    assert [p.feature for p in said(read.problems, "feature_off_earth")] == ["02"]
    assert read.frame.index.tolist() == ["01"] and read.account["set_aside"] == 1


def test_degrees_beyond_the_pole_are_no_place():
    shapes = [Point(110.9, -7.6), Point(110.9, -76.0), Point(110.9, -760.0), Point(110.8, -7.6)]
    read = open_layer(gpd.GeoDataFrame(geometry=shapes, crs=4326), "hydrants")
    assert [(p.code, p.feature) for p in read.problems] == [("feature_off_earth", "3"), ("crs_strays", "2")]
    assert len(read.frame) == 3


def test_a_point_on_the_other_side_of_the_earth_is_not_said_to_have_no_geometry():
    shapes = [Point(110.9, -7.6), Point(-160.0, 0.0)]
    read = open_layer(gpd.GeoDataFrame(geometry=shapes, crs=4326), "hydrants", to_crs=23835)
    codes = {p.code: p.feature for p in read.problems}
    assert "layer_geometry_missing" not in codes
    assert read.account["set_aside"] == 0 or codes["feature_off_earth"] == "2"


def test_a_corner_that_is_only_far_away_is_named_and_kept():
    ends = [(X + 90, Y + 10 * i) for i in range(9)] + [(X + 5e6, Y)]
    read = open_layer(roads(*ends), "roads", to_crs=32749, area=rt())
    (problem,) = said(read.problems, "crs_strays")
    assert (problem.severity, problem.feature, len(read.frame)) == ("warning", "10", 10)
    assert problem.shape.equals(Point(X + 5e6, Y))


def test_a_far_corner_does_not_choose_the_zone_of_the_project():
    units = rt(crs=4326)
    (x0, y0), (x1, y1), (_, y2), (x3, y3), _ = units.geometry[1].exterior.coords
    units.loc[1, "geometry"] = Polygon([(x0, y0), (x1, y1), (11.09, y2), (x3, y3)])
    assert assess(rt=units).units.crs == "EPSG:32749"


def test_what_is_written_of_such_a_project_can_be_written(tmp_path):
    units = rt((LOST, Y + 100))
    table = pd.DataFrame({"kode_rt": ["01", "02"], "luas_ha": [1, 1], "bangunan_unit": [50, 50], "1a_volume": [5, 5]})
    result = assess(rt=units, roads=roads((X + 90, Y), (LOST, Y)), baseline=table)
    assert result.units["area_ha"].isna().tolist() == [False, True]
    assert {"feature_off_earth", "record_without_map"} <= set(result.problems["code"])
    write(result, tmp_path / "hasil.json")
    village_map(result).get_root().render()


def test_a_place_that_has_no_longitude_is_written_as_missing():
    nowhere = Problem("layer_far_away", "roads", shape=Point(LOST, Y))
    assert listed(problems_frame([nowhere], crs=32749))[["lon", "lat"]].isna().all(axis=None)


def test_a_checkup_of_such_a_project_ends_with_its_report(tmp_path):
    rt((LOST, Y + 100)).to_file(tmp_path / "rt.gpkg")
    (tmp_path / "kumuhgis.toml").write_text('[project]\nname = "Uji"\n[layers.rt]\npath = "rt.gpkg"\n', "utf-8")
    found = checkup(tmp_path)
    assert found.runs and "feature_off_earth" in set(found.problems["code"])
    write_html(found, tmp_path / "laporan.html")
    write_xlsx(found, tmp_path / "laporan.xlsx")


def test_rt_drawn_as_lines_are_said_to_be_lines():
    lines = rt().set_geometry(rt().boundary)
    with pytest.raises(ProjectError) as caught:
        assess(rt=lines)
    assert [p.code for p in caught.value.problems] == ["layer_geometry_wrong_type", "layer_empty", "units_nowhere"]


def test_an_rt_layer_without_features_is_said_to_be_empty():
    with pytest.raises(ProjectError) as caught:
        assess(rt=rt().iloc[:0])
    assert "layer_empty" in [p.code for p in caught.value.problems]


def test_a_feature_has_the_same_number_in_every_message():
    written = roads((X + 90, Y), (X + 90, Y + 10)).assign(PANJANG=[90.0, 900.0])
    found = open_layer(written, "roads", to_crs=32749).frame
    (problem,) = check_lengths(found, "roads")
    assert (problem.feature, problem.row) == ("2", 2)
    houses = gpd.GeoDataFrame({"unit": ["01", "02", "01"]}, geometry=[Point(X + 9, Y + 9)] * 3, crs=32749)
    assert [p.feature for p in check_places(rt().set_index("unit"), houses, "buildings")] == ["2"]
