"""Where problems are: in the feature or unit that they are said of, in the right CRS, and in every output."""

import dataclasses
import json
import re
import sys
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, Polygon, box

import kumuhgis as kg
from kumuhgis.baseline import read_baseline
from kumuhgis.errors import LayerError, Problem, problems_frame
from kumuhgis.export import write
from kumuhgis.layers import open_layer
from kumuhgis.mending import mend
from kumuhgis.rules import load_rules
from kumuhgis.sample import SAMPLES, copy_sample
from kumuhgis.spots import MOST_POINTS, MOST_SHAPES, gathered, listed, of_units, within_units
from kumuhgis.values import check_photos

sys.path.insert(0, str(Path(__file__).parent / "nasty"))
import make_nasty
from make_nasty import FILES

X, Y = 490_000, 9_162_000
SQUARE = box(X, Y, X + 100, Y + 100)
BOW_TIE = Polygon([(X + 200, Y), (X + 300, Y + 100), (X + 300, Y), (X + 200, Y + 100)])
NOWHERE = Polygon([(X, Y), (float("inf"), Y), (X, Y + 9)])
FLAT = Polygon([(X + 400, Y), (X + 409, Y + 9), (X + 400, Y)])
SHAPES = {
    "fine": box(X + 500, Y, X + 520, Y + 20), "square": SQUARE, "again": SQUARE, "bow-tie": BOW_TIE, "line":
    LineString([(X, Y), (X + 9, Y)]), "point": Point(X, Y + 50), "flat": FLAT, "nowhere": NOWHERE, "missing": None,
    "sliver": box(X + 600, Y, X + 700, Y + 0.02),
    "high": Polygon([(X + 800, Y, 1), (X + 810, Y, 1), (X + 810, Y + 9, 1)]),
    "several": MultiPolygon([box(X + 900, Y, X + 905, Y + 5), box(X + 910, Y, X + 915, Y + 5)]),
    "mixed": shapely.GeometryCollection([box(X + 950, Y, X + 960, Y + 9), Point(X + 950, Y + 50)]),
}  # fmt: skip


@pytest.fixture(scope="module")
def results():
    return {name: kg.assess(kg.load_sample(name), today=date(2026, 4, 1)) for name in SAMPLES}


def plain(shape):
    """A shape with finite corners only, as its corners: enough to see whether something lies at it."""
    corners = shapely.get_coordinates(shape)
    return shapely.convex_hull(shapely.multipoints(corners[np.isfinite(corners).all(axis=1)]))


# ---------------------------------------------------------------- one shape of many


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(list(SHAPES)), max_size=8))
def test_of_any_shapes_one_valid_shape_is_made_that_lies_in_them(names):
    shapes = [SHAPES[name] for name in names]
    made = gathered(shapes)
    there = [plain(s) for s in shapes if s is not None and len(shapely.get_coordinates(s))]
    assert (made is None) == (not there)
    if made is not None:
        assert made.is_valid and not made.is_empty and not made.has_z and made.geom_type != "GeometryCollection"
        assert shapely.union_all(there).buffer(1e-6).covers(made)


def test_many_features_are_points_and_never_too_many():
    boxes = [box(X + 3 * n, Y, X + 3 * n + 2, Y + 2) for n in range(MOST_POINTS + 10)]
    assert len(gathered(boxes[:MOST_SHAPES]).geoms) == MOST_SHAPES
    assert gathered(boxes[:MOST_SHAPES]).geom_type == "MultiPolygon"
    assert gathered(boxes[: MOST_SHAPES + 1]).geom_type == "MultiPoint"
    assert len(gathered(boxes).geoms) == MOST_POINTS


# ---------------------------------------------------------------- layers


@pytest.mark.parametrize("to_crs", [None, 32749, 3857])
@pytest.mark.parametrize("kind", ["parcels", "roads", "hydrants", "buildings"])
def test_a_problem_lies_in_the_features_that_it_names(kind, to_crs):
    given = {name: shape for name, shape in SHAPES.items() if name != "nowhere"}
    frame = gpd.GeoDataFrame({"nama": list(given)}, geometry=list(given.values()), crs=32749).to_crs(4326)
    read = open_layer(frame, kind, to_crs=to_crs)
    here = frame.to_crs(read.frame.crs).geometry
    assert len(read.problems) >= 3
    for p in read.problems:
        named = here[
            [int(n) - 1 for n in re.findall(r"\d+", p.feature)] if p.feature and "…" not in p.feature else here.index
        ]
        if named.isna().all():
            assert p.shape is None, p
        else:
            assert p.shape.is_valid, p
            near = shapely.union_all([plain(g) for g in named.dropna()]).buffer(1e-3 if to_crs else 1e-8)
            assert near.covers(p.shape), p


def test_a_feature_whose_numbers_are_none_is_shown_at_a_corner_that_has_numbers():
    (problem,) = open_layer(gpd.GeoDataFrame(geometry=[SQUARE, NOWHERE], crs=32749), "parcels").problems
    assert (problem.code, problem.shape) == ("layer_geometry_not_finite", Point(X, Y))


@pytest.fixture(scope="module")
def nasty(tmp_path_factory):
    return make_nasty.make(tmp_path_factory.mktemp("nasty-places"))


@pytest.mark.parametrize("name", [n for n, (_, _, count) in FILES.items() if count])
def test_what_is_said_of_rows_of_a_nasty_file_lies_in_them(nasty, name):
    try:
        read = open_layer(nasty[name], "parcels", to_crs=32749)
    except LayerError:
        return
    for p in read.problems:
        rows = [row for row in p.params.get("rows", []) if row in read.frame.index]
        assert p.shape is None or (p.shape.is_valid and not p.shape.is_empty)
        if rows:
            assert read.frame.geometry[rows].union_all().buffer(1e-3).intersects(p.shape)


def test_a_ring_that_crosses_itself_is_shown_at_the_crossing():
    frame = gpd.GeoDataFrame({"KODE": ["1", "2"]}, geometry=[SQUARE, BOW_TIE], crs=32749)
    (problem,) = open_layer(frame, "rt").problems
    assert problem.shape.wkt == f"POINT ({X + 250} {Y + 50})"


def test_words_and_numbers_that_cannot_be_read_are_shown_at_their_features():
    roads = [LineString([(X, Y + n), (X + 9, Y + n)]) for n in range(3)]
    frame = gpd.GeoDataFrame(
        {"KONDISI": ["Buruk", "ungu", "ungu"], "LEBAR": ["2", "3", "x"]}, geometry=roads, crs=32749
    )
    said = {p.code: p.shape for p in open_layer(frame, "roads").problems}
    assert said["layer_word_unknown"].bounds == (X, Y + 1, X + 9, Y + 2)
    assert said["layer_number_unreadable"].equals(roads[2])


def test_units_with_one_key_are_shown_together():
    frame = gpd.GeoDataFrame({"KODE": ["1", "1", ""]}, geometry=[box(X + d, Y, X + d + 9, Y + 9) for d in (0, 20, 40)])
    said = {p.code: p.shape.bounds for p in open_layer(frame.set_crs(32749), "rt", to_crs=32749).problems}
    assert said == {"unit_duplicate": (X, Y, X + 29, Y + 9), "unit_missing": (X + 40, Y, X + 49, Y + 9)}


# ---------------------------------------------------------------- units and tables


@pytest.mark.parametrize("name", SAMPLES)
def test_a_problem_of_a_unit_lies_in_its_polygon(name, results):
    units, problems = results[name].units, results[name].problems
    assert problems.crs == units.crs and problems.columns[-1] == "geometry"
    for row in problems.itertuples():
        if row.feature in units.index:
            assert row.geometry == units.geometry[row.feature]  # None where the unit is not on the map
        elif row.layer == "kumuhgis.toml":
            assert row.geometry is None


def units_of(*keys):
    shapes = [box(X + 100 * n, Y, X + 100 * n + 100, Y + 100) for n in range(len(keys))]
    return gpd.GeoDataFrame({"kode": list(keys)}, geometry=shapes, crs=32749)


def test_a_record_matched_by_its_code_is_shown_at_its_unit_under_whatever_key():
    table = pd.DataFrame({"kode": ["7", "8"], "kk": ["x", "4"], "3a_volume": [0, 0], "luas_ha": [1, 1]})
    got = kg.assess(rt=units_of("008", "007"), baseline=table).problems.set_index("code")
    assert got.geometry["text_in_number"].bounds == (X + 100, Y, X + 200, Y + 100)
    assert got.geometry["key_by_code"].bounds == (X, Y, X + 200, Y + 100)


def test_a_row_that_is_longer_than_the_heading_is_no_unit_of_that_number(tmp_path):
    path = tmp_path / "baseline.csv"
    path.write_text("kode,kk,3a_volume\n1,40,0\n2,40,0\n3,40,0,,5\n", "utf-8")
    said = kg.assess(rt=units_of("1", "2", "3", "4"), baseline=path).problems.query("code == 'shifted_columns'")
    assert said["row"].tolist() == [4] and said.geometry.isna().all()


def test_features_that_lie_outside_are_shown_and_a_layer_elsewhere_as_its_box():
    roads = [LineString([(X, Y + 5), (X + 50, Y + 5)]), LineString([(X + 500, Y), (X + 550, Y)])]
    far = gpd.GeoDataFrame(geometry=[Point(X + 5000, Y), Point(X + 5100, Y + 100)], crs=32749)
    roads = gpd.GeoDataFrame(geometry=roads, crs=32749)
    got = kg.assess(rt=units_of("1"), roads=roads, hydrants=far).problems.set_index("code").geometry
    assert got["layer_outside"].equals(roads.geometry[1])
    assert got["layer_far_away"].bounds == (X + 5000, Y, X + 5100, Y + 100)


def test_households_are_shown_as_the_unit_in_which_they_are():
    houses = [Point(X + 20, Y + 20), Point(X + 120, Y + 20), Point(X + 120, Y + 20), Point(X + 950, Y)]
    frame = gpd.GeoDataFrame(
        {"unit": ["2", "2", "2", "1"], "TERATUR": ["ungu", "ya", "ya", "ya"]}, geometry=houses, crs=32749
    )
    got = kg.assess(rt=units_of("1", "2"), buildings=frame).problems
    said = got[got["layer"] == "buildings"].set_index("code").geometry
    first, second = units_of("1", "2").geometry
    assert said["place_differs"].equals(first) and said["layer_word_unknown"].equals(first)
    assert said["layer_geometry_double"].equals(second) and said["layer_outside"] is None
    assert not set(said.dropna().geom_type) - {"Polygon", "MultiPolygon"}


def test_photos_that_are_missing_are_shown_at_their_unit(tmp_path):
    cells = pd.DataFrame({"kode": ["1", "2"], "kk": [9, 9], "3a_volume": [0, 0], "foto": ["ada.jpg", "hilang.jpg"]})
    (tmp_path / "ada.jpg").write_bytes(b"x")
    said = check_photos(read_baseline(cells, load_rules()).units, tmp_path, "baseline")
    shapes = units_of("1", "2").set_index("kode").geometry
    assert [p.shape for p in of_units(said, shapes)] == [shapes["2"]]


def test_what_touches_no_unit_has_no_place():
    problem = Problem("layer_outside", shape=Point(0, 0))
    assert within_units([problem, Problem("layer_outside")], gpd.GeoSeries([SQUARE])) == [problem, problem]
    assert within_units([problem], gpd.GeoSeries([SQUARE]))[0].shape is None


def test_border_faults_are_problems_with_the_same_shape():
    frame = units_of("1", "2").set_geometry([SQUARE, box(X + 99.5, Y, X + 200, Y + 100)])
    got = kg.assess(rt=frame)
    (row,) = got.problems.query("code == 'topology_overlap_narrow'").to_dict("records")
    assert row["geometry"].equals(got.layers["border_faults"].geometry.iloc[0])


# ---------------------------------------------------------------- outputs


def test_a_frame_of_problems_has_places_only_where_a_crs_is_known():
    problems = [Problem("value_missing", feature="1"), Problem("record_without_map", shape=Point(X, Y))]
    assert "geometry" not in problems_frame(problems)
    frame = problems_frame(problems, crs=32749)
    assert frame.geometry.tolist() == [Point(X, Y), None] and frame.crs.to_epsg() == 32749
    assert problems_frame([], crs=32749).crs.to_epsg() == 32749
    assert "POINT" not in repr(problems[1]) and dataclasses.replace(problems[1], shape=None) == problems[1]


def test_the_layer_of_problems_in_the_geopackage_is_read_back_as_it_was(results, tmp_path):
    result = results["brujul"]
    path = write(result, tmp_path / "hasil.gpkg")
    read, ours = pyogrio.read_dataframe(path, layer="problems"), result.problems[result.problems.geometry.notna()]
    assert read.crs == ours.crs and read["message"].tolist() == ours["message"].tolist()
    assert all(a.equals(b) for a, b in zip(read.geometry, ours.geometry, strict=True))
    bare = dataclasses.replace(result, problems=problems_frame([Problem("unit_without_area")], crs=result.units.crs))
    assert "problems" not in pyogrio.list_layers(write(bare, tmp_path / "x.gpkg"))[:, 0]


def test_files_without_shapes_say_longitude_and_latitude_of_a_point_inside(results, tmp_path):
    result = results["brujul"]
    table = listed(result.problems)
    assert {"geometry", "params"}.isdisjoint(table.columns) and table.columns[-2:].tolist() == ["lon", "lat"]
    said = json.loads(write(result, tmp_path / "x.json").read_text("utf-8"))["problems"]
    assert [row["lon"] for row in said] == table["lon"].astype(object).where(table["lon"].notna(), None).tolist()
    points = gpd.GeoSeries(gpd.points_from_xy(table["lon"], table["lat"]), crs=4326).to_crs(result.units.crs)
    has = result.problems.geometry.notna()
    assert has.any() and table["lon"].notna().tolist() == has.tolist()
    assert (points[has].distance(result.problems.geometry[has]) < 0.1).all()
    assert listed(problems_frame([Problem("unit_without_area")]))["lat"].isna().all()


def test_the_log_of_a_mended_copy_says_where(tmp_path):
    log, _ = mend(copy_sample("jaten", tmp_path / "desa"), tmp_path / "baru")
    read = pd.read_csv(tmp_path / "baru" / "log.csv")
    assert log.columns.tolist() == read.columns.tolist() and {"lon", "lat"} <= set(read)
