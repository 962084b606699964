"""Repair of shapes: one fault a row, with the area before and after that anyone can check by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import (
    GeometryCollection,
    LinearRing,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
    box,
)

from kumuhgis.errors import SEVERITY
from kumuhgis.layers import geodesic_hectares
from kumuhgis.repair import STATES, repair

X, Y = 490_000, 9_162_000  # metres in UTM 49S, in Kecamatan Jaten
SQUARE = box(0, 0, 100, 100)
INF, NAN = float("inf"), float("nan")


def here(shape):
    return shapely.transform(shape, lambda xy: xy + np.array([X, Y]))


def frame(shapes, crs=32749, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs)


def ring(*xy):
    return Polygon(xy)


BOW_TIE = ring((0, 0), (100, 100), (100, 0), (0, 100))

#: round a square of 100 m, then again round 30 m by 30 m of it (and 10 m beyond on two sides)
TWICE = ring((0, 0), (100, 0), (100, 100), (0, 100), (0, -10), (30, -10), (30, 30), (-10, 30), (-10, 0))

POLYGONS = [  # what, shape, state, code, m² before, m² after
    ("a square", SQUARE, "used", "", 10_000, 10_000),
    ("a square with a hole", SQUARE.difference(box(10, 10, 20, 20)), "used", "", 9_900, 9_900),
    ("two squares", MultiPolygon([SQUARE, box(200, 0, 300, 100)]), "used", "", 20_000, 20_000),
    ("bow-tie, signed area 0", BOW_TIE, "repaired", "layer_geometry_repaired", 5_000, 5_000),
    (
        "bow-tie with a tail and a hole",
        Polygon([(0, 0), (100, 100), (100, 0), (0, 100)], [[(80, 45), (90, 45), (90, 55), (80, 55)]]),
        "repaired",
        "layer_geometry_repaired",
        4_900,
        4_900,
    ),
    (
        "there and back along a spike",
        ring((0, 0), (100, 0), (100, 50), (150, 50), (100, 50), (100, 100), (0, 100)),
        "repaired",
        "layer_geometry_repaired",
        10_000,
        10_000,
    ),
    (
        "hole outside",
        Polygon(SQUARE.exterior, [box(200, 0, 210, 10).exterior]),
        "repaired",
        "layer_geometry_repaired",
        10_000,
        10_000,
    ),
    (
        "hole half outside",
        Polygon(SQUARE.exterior, [box(90, 40, 110, 50).exterior]),
        "repaired",
        "layer_geometry_repaired",
        9_900,
        9_900,
    ),
    (
        "hole twice",
        Polygon(SQUARE.exterior, [box(10, 10, 20, 20).exterior] * 2),
        "repaired",
        "layer_geometry_repaired",
        9_900,
        9_900,
    ),
    (
        "nested shells",
        MultiPolygon([SQUARE, box(10, 10, 20, 20)]),
        "repaired",
        "layer_geometry_repaired",
        10_000,
        10_000,
    ),
    (
        "parts that overlap",
        MultiPolygon([SQUARE, box(50, 0, 150, 100)]),
        "repaired",
        "layer_geometry_repaired",
        15_000,
        15_000,
    ),
    (
        "parts that share an edge",
        MultiPolygon([SQUARE, box(100, 0, 200, 100)]),
        "repaired",
        "layer_geometry_repaired",
        20_000,
        20_000,
    ),
    (
        "one part without area",
        MultiPolygon([SQUARE, ring((200, 0), (300, 0), (200, 0))]),
        "repaired",
        "layer_geometry_repaired",
        10_000,
        10_000,
    ),
    ("no area", ring((0, 0), (50, 50), (100, 100)), "set aside", "layer_geometry_collapsed", 0, NAN),
    ("one point three times", ring((0, 0), (0, 0), (0, 0)), "set aside", "layer_geometry_collapsed", 0, NAN),
    ("to infinity", ring((0, 0), (INF, 0), (0, 9)), "set aside", "layer_geometry_not_finite", NAN, NAN),
    ("not a number", ring((0, 0), (NAN, 0), (9, 9)), "set aside", "layer_geometry_not_finite", NAN, NAN),
    ("null", None, "set aside", "layer_geometry_missing", NAN, NAN),
    ("empty", Polygon(), "set aside", "layer_geometry_missing", 0, NAN),
    ("many of nothing", MultiPolygon(), "set aside", "layer_geometry_missing", 0, NAN),
    ("a line", LineString([(0, 0), (9, 9)]), "set aside", "layer_geometry_wrong_type", 0, NAN),
    (
        "square, line and point",
        GeometryCollection([SQUARE, LineString([(0, 0), (9, 9)]), Point(1, 1)]),
        "repaired",
        "layer_geometry_collection",
        10_000,
        10_000,
    ),
    (
        "a collection in a collection",
        GeometryCollection([GeometryCollection([SQUARE, Point(1, 1)]), box(200, 0, 210, 10)]),
        "repaired",
        "layer_geometry_collection",
        10_100,
        10_100,
    ),
    (
        "a collection without polygons",
        GeometryCollection([Point(1, 1)]),
        "set aside",
        "layer_geometry_wrong_type",
        0,
        NAN,
    ),
    ("a sliver", box(0, 0, 100, 0.05), "used", "layer_geometry_sliver", 5, 5),
    ("a narrow drain", box(0, 0, 100, 0.3), "used", "", 30, 30),
]


@pytest.mark.parametrize(("what", "shape", "state", "code", "before", "after"), POLYGONS, ids=[r[0] for r in POLYGONS])
@pytest.mark.filterwarnings("ignore:invalid value")
def test_polygons(what, shape, state, code, before, after):
    given_ = frame([here(shape) if shape is not None else None])
    used, account, problems = repair(given_, ["polygon"], "rt")
    (row,) = account.to_dict("records")
    assert (row["state"], row["code"]) == (state, code)
    assert [row["area_before_m2"], row["area_after_m2"]] == pytest.approx([before, after], nan_ok=True)
    assert len(used) == (state != "set aside")
    assert used.is_valid.all() and used.area.sum() == pytest.approx(0 if state == "set aside" else after)
    assert [p.code for p in problems] == ([code] if code else [])
    assert bool(row["reason"]) == (
        code in ("layer_geometry_repaired", "layer_geometry_collapsed", "layer_geometry_not_finite")
    )


LINES = [
    ("a line", LineString([(0, 0), (30, 40)]), "used", "", 50, 50),
    ("a line that crosses itself", LineString([(0, 0), (10, 10), (10, 0), (0, 10)]), "used", "", None, None),
    ("a line to nowhere", LineString([(5, 5), (5, 5)]), "set aside", "layer_geometry_collapsed", 0, NAN),
    (
        "one part to nowhere",
        MultiLineString([[(0, 0), (30, 40)], [(5, 5), (5, 5)]]),
        "repaired",
        "layer_geometry_repaired",
        50,
        50,
    ),
    ("a ring", LinearRing([(0, 0), (10, 0), (10, 10), (0, 10)]), "used", "", 40, 40),
    ("a polygon", SQUARE, "set aside", "layer_geometry_wrong_type", 400, NAN),
    ("to infinity", LineString([(0, 0), (INF, 0)]), "set aside", "layer_geometry_not_finite", NAN, NAN),
]


@pytest.mark.parametrize(("what", "shape", "state", "code", "before", "after"), LINES, ids=[r[0] for r in LINES])
@pytest.mark.filterwarnings("ignore:invalid value")
def test_lines(what, shape, state, code, before, after):
    used, account, _ = repair(frame([here(shape)]), ["line"], "roads")
    (row,) = account.to_dict("records")
    assert (row["state"], row["code"]) == (state, code)
    if before is not None:
        found = [row["length_before_m"], row["length_after_m"]]
        assert found == pytest.approx([before, after], nan_ok=True) or not np.isfinite(before)
    assert len(used) == (state != "set aside") and not used.is_empty.any()
    assert set(used.geom_type) <= {"LineString", "MultiLineString"}


def test_points():
    shapes = [Point(0, 0), MultiPoint([(1, 1), (2, 2)]), Point(), Point(INF, 0), SQUARE, Point(NAN, NAN)]
    used, account, _ = repair(frame(shapes), ["point"], "hydrants")
    assert used.index.tolist() == [0, 1]
    assert account["code"].tolist()[2:5] == [
        "layer_geometry_missing",
        "layer_geometry_not_finite",
        "layer_geometry_wrong_type",
    ]
    assert account["state"].tolist()[5] == "set aside"


def test_the_first_kind_wanted_is_taken_from_a_collection():
    mixed = GeometryCollection([Point(1, 1), SQUARE, Point(2, 2)])
    used, _, (problem,) = repair(frame([mixed, Point(5, 5)]), ["polygon", "point"], "buildings")
    assert used.geom_type.tolist() == ["Polygon", "Point"] and problem.params == {"count": 1, "left": 2}


def test_a_ring_run_twice_is_a_change_of_area_and_no_repair():
    """Even-odd leaves 900 m² out, the repair fills them."""
    twice = here(TWICE)
    used, account, (problem,) = repair(frame([twice]), ["polygon"], "rt")
    assert used.empty and problem.code == "layer_geometry_area_changed" and problem.severity == "error"
    row = account.iloc[0]
    assert row["area_before_m2"] == pytest.approx(9_700) and problem.params["change"] == "+900.0"
    assert abs(row["area_after_m2"] - row["area_before_m2"]) == pytest.approx(900)


@pytest.mark.parametrize(
    ("share", "metres", "state"), [(0.01, 1, "set aside"), (0.1, 1, "repaired"), (0, 901, "repaired")]
)
def test_a_change_is_allowed_up_to_the_larger_tolerance(share, metres, state):
    twice = here(TWICE)
    account = repair(frame([twice]), ["polygon"], "rt", tolerance_share=share, tolerance_m2=metres)[1]
    assert account.loc[0, "state"] == state


def test_heights_and_measures_are_dropped_and_said_once():
    high = [shapely.force_3d(here(SQUARE), 95.0), shapely.from_wkt("POLYGON M ((0 0 1, 9 0 1, 9 9 1, 0 0 1))")]
    used, account, (problem,) = repair(frame(high), ["polygon"], "rt")
    assert problem.code == "layer_geometry_height" and problem.params == {"count": 2} and problem.severity == "info"
    assert not used.has_z.any() and not used.has_m.any() and account["state"].tolist() == ["used", "used"]


def test_doubles_are_set_aside_and_other_words_for_the_same_place_are_kept():
    same = [SQUARE, Polygon(np.roll(np.array(SQUARE.exterior.coords)[:-1], 2, axis=0))]  # begins at another corner
    other = [MultiPolygon([SQUARE]), box(0, 0, 100, 101)]
    used, account, problems = repair(
        frame(same + other, kk=[3, 3, 4, 3], nama=["a", "a", None, "a"]), ["polygon"], "rt"
    )
    assert account["code"].tolist() == [
        "layer_geometry_same_place",
        "layer_geometry_double",
        "layer_geometry_same_place",
        "",
    ]
    assert used.index.tolist() == [0, 2, 3]
    assert [(p.code, p.feature, p.params["count"]) for p in problems] == [
        ("layer_geometry_double", "2", 1),
        ("layer_geometry_same_place", "1, 3", 2),
    ]


@pytest.mark.parametrize(
    "values", [[None, None], [NAN, NAN], [[1, 2], [1, 2]], [pd.Timestamp("2020"), pd.Timestamp("2020")]]
)
def test_doubles_may_hold_anything(values):
    account = repair(frame([SQUARE, SQUARE], a=values), ["polygon"], "rt")[1]
    assert account["state"].tolist() == ["used", "set aside"]


def test_a_repaired_shape_can_be_a_double():
    account = repair(frame([BOW_TIE, shapely.make_valid(BOW_TIE)]), ["polygon"], "rt")[1]
    assert account["state"].tolist() == ["repaired", "set aside"]


def test_what_geos_leaves_invalid_by_rounding_is_repaired_again():
    knot = ring((1, 0), (0, 0), (0.1, 0.1), (0, 1), (0, 0), (0.1, 0.1))
    assert not shapely.make_valid(knot, method="structure", keep_collapsed=False).is_valid
    used, account, _ = repair(frame([knot]), ["polygon"], "rt")
    assert account["state"].tolist() == ["repaired"] and used.is_valid.all()
    assert account.loc[0, "area_after_m2"] == pytest.approx(account.loc[0, "area_before_m2"])


def test_an_empty_layer_stays_empty():
    used, account, problems = repair(frame([], a=[]), ["polygon"], "rt")
    assert used.empty and account.empty and problems == []
    assert list(used.columns) == ["a", "geometry"] and "area_before_m2" in account


def test_what_is_fine_comes_back_as_it_is_and_the_index_stays():
    given_ = frame([SQUARE, box(200, 0, 300, 100)], kk=[3, 4]).set_index(pd.Index(["01", "02"], name="unit"))
    used, account, problems = repair(given_, ["polygon"], "rt")
    assert problems == [] and account["feature"].tolist() == ["01", "02"]
    assert_geodataframe_equal(used, given_)
    used.loc["01", "kk"] = 99
    assert given_.loc["01", "kk"] == 3


def test_the_geometry_column_keeps_its_name_and_the_index_may_repeat():
    given_ = frame([SQUARE, BOW_TIE, None]).rename_geometry("geom").set_index(pd.Index([7, 7, 7]))
    used, account, _ = repair(given_, ["polygon"], "rt")
    assert used.geometry.name == "geom" and used.index.tolist() == [7, 7] and account["feature"].tolist() == [7, 7, 7]


# ------------------------------------------------------------------ metres


def holed():
    return here(MultiPolygon([SQUARE.difference(box(10, 10, 20, 20)), box(300, 0, 310, 10)]))


def test_degrees_are_measured_on_the_ellipsoid():
    given_ = frame([here(SQUARE), holed(), here(BOW_TIE)]).to_crs(4326)
    account = repair(given_, ["polygon"], "rt")[1]
    measured = repair(given_.to_crs(32749), ["polygon"], "rt")[1]
    used = repair(given_, ["polygon"], "rt")[0]
    assert account["area_before_m2"].to_numpy() == pytest.approx(geodesic_hectares(used) * 1e4, rel=1e-5)
    assert account["length_before_m"].to_numpy() == pytest.approx(measured["length_before_m"] * 1.0004, rel=1e-5)
    assert account["state"].tolist() == ["used", "used", "repaired"]


def test_feet_are_turned_to_metres_and_no_crs_counts_as_metres():
    feet = repair(frame([SQUARE], crs="EPSG:2263"), ["polygon"], "rt")[1]
    assert feet.loc[0, "area_before_m2"] == pytest.approx(10_000 * 0.3048006096**2, rel=1e-6)
    assert repair(frame([SQUARE], crs=None), ["polygon"], "rt")[1].loc[0, "length_before_m"] == 400


# ------------------------------------------------------------------ properties

number = st.integers(0, 12).map(float) | st.sampled_from([0.1, 0.05, 7.3])
path = st.lists(st.tuples(number, number), min_size=4, max_size=9)


def safely(make):
    try:
        return make()
    except (ValueError, shapely.errors.GEOSException):
        return None


polygon = st.builds(lambda shell, holes: safely(lambda: Polygon(shell, holes)), path, st.lists(path, max_size=2))
shape = st.one_of(
    polygon,
    st.lists(polygon, min_size=1, max_size=3).map(lambda ps: safely(lambda: MultiPolygon([p for p in ps if p]))),
    st.lists(polygon, max_size=2).map(lambda ps: GeometryCollection([*(p for p in ps if p), Point(1, 2)])),
    path.map(LineString),
    st.sampled_from([None, Polygon(), SQUARE, Point(3, 3), GeometryCollection()]),
)


@given(st.lists(shape, max_size=8), st.sampled_from([["polygon"], ["line"], ["polygon", "point"]]))
@settings(max_examples=300, deadline=None)
def test_every_feature_is_accounted_for_and_the_area_stays(shapes, wanted):
    given_ = frame(shapes, a=[1] * len(shapes))
    before = given_.geometry.to_wkb().tolist()
    used, account, problems = repair(given_, wanted, "x", tolerance_m2=0.5)
    assert given_.geometry.to_wkb().tolist() == before
    kept = account["state"] != "set aside"
    assert len(account) == len(given_) and used.index.tolist() == account["feature"][kept].tolist()
    assert used.is_valid.all() and not used.is_empty.any() and not used.has_z.any()
    change = (account["area_after_m2"] - account["area_before_m2"]).abs()[kept]
    assert (change <= np.maximum(0.5, 0.01 * account["area_before_m2"][kept])).all()
    assert used.area.sum() == pytest.approx(account["area_after_m2"][kept].sum())
    said = {p.code: p.params["count"] for p in problems if p.code not in ("layer_geometry_height",)}
    aside = account["code"][~kept].value_counts()
    assert all(said[code] >= count for code, count in aside.items() if count)
    again = repair(used, wanted, "x", tolerance_m2=0.5)
    assert (again[1]["state"] == "used").all()
    assert_geodataframe_equal(again[0], used)


@given(st.permutations(range(12)))
@settings(max_examples=30, deadline=None)
def test_the_order_of_features_does_not_matter(order):
    given_ = frame([*(row[1] for row in POLYGONS[:11]), SQUARE], a=[1] * 12)
    first, account, _ = repair(given_, ["polygon"], "x")
    second, other, _ = repair(given_.iloc[list(order)], ["polygon"], "x")
    assert sorted(first.normalize().to_wkt()) == sorted(second.normalize().to_wkt())
    columns = ["area_before_m2", "area_after_m2", "length_before_m"]
    account, other = account.set_index("feature")[columns], other.set_index("feature")[columns]
    pd.testing.assert_frame_equal(account, other.loc[account.index])


def test_every_code_of_this_room_is_tested():
    with open(__file__, encoding="utf-8") as file:
        source = file.read()
    for code in SEVERITY:
        assert not code.startswith("layer_geometry_") or f'"{code}"' in source, code
    assert STATES == ("used", "repaired", "set aside")
