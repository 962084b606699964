"""Where features and units meet, first by hand on nine squares of 100 m, then as properties.

The units are numbered like this (x to the right, y up, each 1 ha)::

    7 8 9
    4 5 6
    1 2 3
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon, box

from kumuhgis import overlay

CRS = "EPSG:32749"


def nine(side=100.0, x=0.0, y=0.0):
    squares = [
        box(x + i * side, y + j * side, x + (i + 1) * side, y + (j + 1) * side) for j in range(3) for i in range(3)
    ]
    names = pd.Index([str(k) for k in range(1, 10)], name="unit")
    return gpd.GeoDataFrame(geometry=squares, index=names, crs=CRS)


def frame(*shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS)


def found(table, column="all"):
    """The units with something in them, rounded to a tenth of a millimetre."""
    values = table[column].round(4)
    return values[values != 0].to_dict()


# ------------------------------------------------------------------ locate and counts


@pytest.mark.parametrize(
    ("point", "unit"),
    [
        (Point(50, 50), "1"),
        (Point(150, 150), "5"),
        (Point(100, 50), "1"),  # on the border of 1 and 2: the first
        (Point(100, 100), "1"),  # on the corner of 1, 2, 4, 5: the first
        (Point(300, 300), "9"),  # on the outer corner
        (Point(301, 50), None),
        (Point(), None),
        (None, None),
        (Point(150, 150, 12.5), "5"),
    ],
)
def test_a_point_lies_in_one_unit(point, unit):
    position = overlay.locate(nine(), gpd.GeoSeries([point], index=["p"], crs=CRS))
    assert position.index.tolist() == ["p"]
    assert (nine().index[position["p"]] if position["p"] >= 0 else None) == unit


def test_a_point_where_units_overlap_goes_to_the_first():
    units = frame(box(0, 0, 60, 10), box(40, 0, 100, 10))
    assert overlay.locate(units, gpd.GeoSeries([Point(50, 5)])).tolist() == [0]


def test_a_building_across_a_border_counts_once_where_its_middle_is():
    houses = frame(box(90, 40, 130, 60), box(70, 40, 110, 60), box(290, 0, 400, 10))
    assert found(overlay.counts(nine(), houses)) == {"1": 1, "2": 1}
    assert overlay.outside(nine(), houses) == 1


def test_counts_by_category_keep_the_missing_ones_under_an_empty_name():
    houses = frame(Point(10, 10), Point(20, 10), Point(150, 10), use=["toko", None, "rumah"])
    table = overlay.counts(nine(), houses, houses["use"])
    assert table.columns.tolist() == ["", "rumah", "toko"]
    assert table.loc["1"].tolist() == [1, 0, 1]
    assert table.loc["2"].tolist() == [0, 1, 0]
    assert table.dtypes.unique().tolist() == [np.dtype("int64")]


# ------------------------------------------------------------------ lengths

LINES = [
    ("across two units", LineString([(50, 50), (120, 50)]), {"1": 50, "2": 20}),
    ("inside one", LineString([(10, 10), (10, 40)]), {"1": 30}),
    ("partly outside", LineString([(250, 50), (400, 50)]), {"3": 50}),
    ("along the border of 1 and 2", LineString([(100, 10), (100, 70)]), {"1": 30, "2": 30}),
    ("the same, drawn downwards", LineString([(100, 70), (100, 10)]), {"1": 30, "2": 30}),
    ("along the borders of 1|2 and 4|5", LineString([(100, 0), (100, 200)]), {"1": 50, "2": 50, "4": 50, "5": 50}),
    ("along the outer border", LineString([(0, 20), (0, 90)]), {"1": 70}),
    ("along an outer, then a shared border", LineString([(80, 0), (100, 0), (100, 30)]), {"1": 35, "2": 15}),
    ("along a shared border and off into 2", LineString([(100, 0), (100, 50), (160, 50)]), {"1": 25, "2": 85}),
    ("across a corner", LineString([(70, 60), (130, 140)]), {"1": 50, "5": 50}),
    ("all around 5", LineString([(100, 100), (200, 100), (200, 200), (100, 200), (100, 100)]),
     {"2": 50, "4": 50, "5": 200, "6": 50, "8": 50}),
    ("two parts", MultiLineString([[(10, 10), (10, 40)], [(110, 10), (110, 20)]]), {"1": 30, "2": 10}),
    ("with heights", LineString([(50, 50, 0), (120, 50, 99)]), {"1": 50, "2": 20}),
    ("ending on a border", LineString([(50, 50), (100, 50)]), {"1": 50}),
    ("touching from outside", LineString([(300, 50), (350, 50)]), {}),
    ("empty", LineString(), {}),
    ("missing", None, {}),
]  # fmt: skip


@pytest.mark.parametrize(("line", "metres"), [case[1:] for case in LINES], ids=[case[0] for case in LINES])
def test_metres_in_each_unit(line, metres):
    assert found(overlay.lengths(nine(), frame(line))) == pytest.approx(metres, abs=2e-3)


def test_all_lines_together_are_the_sum_of_each():
    lines = frame(*[case[1] for case in LINES])
    expected = pd.Series(0.0, index=nine().index)
    for case in LINES:
        expected = expected.add(pd.Series(case[2], dtype=float), fill_value=0)
    assert overlay.lengths(nine(), lines)["all"].to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-2)


def test_a_road_that_misses_the_border_by_rounding_is_on_it():
    """Its ends are on a slanted border, but not on vertices of it, at coordinates as large as UTM's."""
    shift = np.array([484_000, 9_160_000])
    left = Polygon(np.array([(0, 0), (100, 0), (137, 300), (0, 300)]) + shift)
    right = Polygon(np.array([(100, 0), (300, 0), (300, 300), (137, 300)]) + shift)
    ends = [np.array([100, 0]) + t * np.array([37, 300]) + shift for t in (0.3, 0.7)]
    road = LineString(ends)
    metres = overlay.lengths(frame(left, right), frame(road))["all"]
    assert metres.tolist() == pytest.approx([road.length / 2] * 2, abs=1e-3)


def test_the_border_of_neighbours_with_unequal_vertices_is_shared():
    units = frame(box(0, 0, 100, 200), box(100, 0, 200, 80), box(100, 80, 200, 200))
    metres = overlay.lengths(units, frame(LineString([(100, 20), (100, 180)])))["all"]
    assert metres.tolist() == pytest.approx([80, 30, 50], abs=1e-3)


def test_where_units_overlap_both_get_the_metres():
    units = frame(box(0, 0, 60, 100), box(40, 0, 100, 100))
    assert overlay.lengths(units, frame(LineString([(0, 50), (100, 50)])))["all"].tolist() == pytest.approx([60, 60])
    on_border_of_one = overlay.lengths(units, frame(LineString([(40, 0), (40, 100)])))["all"]
    assert on_border_of_one.tolist() == pytest.approx([100, 100], abs=1e-3)


def test_a_unit_drawn_twice_changes_nothing_for_the_others():
    units = frame(box(0, 0, 100, 100), box(0, 0, 100, 100), box(100, 0, 200, 100))
    metres = overlay.lengths(units, frame(LineString([(100, 0), (100, 80)])))["all"]
    assert metres.tolist() == pytest.approx([40, 40, 40], abs=1e-3)


def test_the_border_of_an_enclave_is_shared():
    units = frame(box(0, 0, 100, 100).difference(box(40, 40, 60, 60)), box(40, 40, 60, 60))
    metres = overlay.lengths(units, frame(box(40, 40, 60, 60).exterior))["all"]
    assert metres.tolist() == pytest.approx([40, 40], abs=1e-3)


def wiggly(n, seed=0):
    """n x n units whose shared borders have eight vertices each, at the coordinates of UTM."""
    random = np.random.default_rng(seed)
    nodes = np.stack(np.meshgrid(np.arange(n + 1), np.arange(n + 1)), -1) * 141 + random.normal(
        0, 10, (n + 1, n + 1, 2)
    )
    nodes += [484_000, 9_160_000]

    def border(start, end):
        points = start + (end - start) * np.linspace(0, 1, 8)[:, None]
        points[1:-1] += random.normal(0, 2, (6, 2))
        return points

    flat = {(j, i): border(nodes[j, i], nodes[j, i + 1]) for j in range(n + 1) for i in range(n)}
    steep = {(j, i): border(nodes[j, i], nodes[j + 1, i]) for j in range(n) for i in range(n + 1)}
    rings = [
        np.vstack([flat[j, i], steep[j, i + 1], flat[j + 1, i][::-1], steep[j, i][::-1]])
        for j in range(n)
        for i in range(n)
    ]
    return frame(*map(Polygon, rings))


def test_a_road_all_around_each_unit_of_a_town_gives_every_unit_its_own_circumference():
    """Half from its own road, half from those of its neighbours; all of it on the outer border."""
    units = wiggly(24)
    metres = overlay.lengths(units, units.set_geometry(units.boundary))["all"]
    assert (metres - units.length).abs().max() < 2e-3
    half = overlay.lengths(units.iloc[[300, 301]], frame(units.geometry[300].boundary))["all"]
    assert half.sum() == pytest.approx(units.length[300], abs=2e-3)


# ------------------------------------------------------------------ areas

POLYGONS = [
    ("inside one", [box(10, 10, 60, 60)], {"1": 0.25}),
    ("across four", [box(50, 50, 150, 150)], {"1": 0.25, "2": 0.25, "4": 0.25, "5": 0.25}),
    ("a whole unit, border and all", [box(100, 100, 200, 200)], {"5": 1.0}),
    ("over everything", [box(-50, -50, 350, 350)], {str(k): 1.0 for k in range(1, 10)}),
    ("two that overlap: each hectare once", [box(0, 0, 60, 50), box(40, 0, 100, 50)], {"1": 0.5}),
    ("three that overlap", [box(0, 0, 60, 50), box(20, 0, 80, 50), box(40, 0, 100, 50)], {"1": 0.5}),
    ("the same twice", [box(10, 10, 60, 60)] * 2, {"1": 0.25}),
    ("one in another, across a border", [box(50, 0, 150, 100), box(80, 0, 120, 50)], {"1": 0.5, "2": 0.5}),
    ("neighbours", [box(0, 0, 50, 50), box(50, 0, 100, 50)], {"1": 0.5}),
    ("two parts", [MultiPolygon([box(0, 0, 50, 50), box(100, 0, 150, 50)])], {"1": 0.25, "2": 0.25}),
    ("a hole", [box(0, 0, 100, 100).difference(box(0, 0, 50, 50))], {"1": 0.75}),
    ("a bow tie", [Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])], {"1": 0.5}),
    ("with heights", [Polygon([(0, 0, 5), (50, 0, 5), (50, 50, 7), (0, 50, 7)])], {"1": 0.25}),
    ("touching from outside", [box(300, 0, 400, 100)], {}),
    ("empty", [Polygon()], {}),
    ("missing", [None], {}),
]


@pytest.mark.parametrize(("polygons", "hectares"), [case[1:] for case in POLYGONS], ids=[case[0] for case in POLYGONS])
def test_hectares_in_each_unit(polygons, hectares):
    assert found(overlay.areas(nine(), frame(*polygons))) == pytest.approx(hectares)


def test_overlap_between_categories_counts_for_both():
    pools = frame(box(0, 0, 60, 50), box(40, 0, 100, 50), box(40, 0, 100, 50), kind=["a", "b", "b"])
    assert overlay.areas(nine(), pools, pools["kind"]).loc["1"].to_dict() == pytest.approx({"a": 0.3, "b": 0.3})


def test_without_dissolving_overlaps_add_up():
    pools = frame(box(0, 0, 60, 50), box(40, 0, 100, 50))
    assert found(overlay.areas(nine(), pools, dissolve=False)) == pytest.approx({"1": 0.6})


def test_where_units_overlap_both_get_the_hectares():
    units = frame(box(0, 0, 60, 100), box(40, 0, 100, 100))
    assert overlay.areas(units, frame(box(0, 0, 100, 100)))["all"].tolist() == pytest.approx([0.6, 0.6])


def test_hectares_and_metres_are_those_of_the_ellipsoid():
    units = nine().assign(area_ha=[1.21] + [1.0] * 7 + [np.nan])
    everything = frame(box(0, 0, 300, 300))
    assert overlay.areas(units, everything)["all"].tolist() == pytest.approx([1.21] + [1.0] * 8)
    line = frame(LineString([(0, 50), (200, 50)]))
    assert found(overlay.lengths(units, line)) == pytest.approx({"1": 110, "2": 100})


# ------------------------------------------------------------------ outside


def test_what_lies_outside():
    things = gpd.GeoSeries(
        [Point(50, 50), Point(400, 50), box(290, 0, 400, 10), LineString([(290, 5), (400, 5)]), None, Point()]
    )
    assert overlay.outside(nine(), things) == 2  # the second point and the polygon
    assert overlay.outside(nine(), things, partial=True) == 1  # the polygon reaches in


# ------------------------------------------------------------------ shape of the answer


@pytest.mark.parametrize("measure", [overlay.counts, overlay.lengths, overlay.areas])
def test_nothing_to_measure_is_zero_everywhere(measure):
    for nothing in (frame(), gpd.GeoDataFrame(), np.array([], dtype=object), frame(None, None)):
        table = measure(nine(), nothing)
        assert table.index.equals(nine().index)
        assert table["all"].tolist() == [0] * 9
    by = pd.Series([], dtype=object, index=frame().index)
    assert measure(nine(), frame(), by).shape == (9, 0)


@pytest.mark.parametrize("measure", [overlay.counts, overlay.lengths, overlay.areas])
def test_no_units_gives_no_rows(measure):
    assert measure(nine().iloc[:0], frame(Point(1, 1), box(0, 0, 5, 5), LineString([(0, 0), (5, 5)]))).shape == (0, 1)


def test_a_unit_without_geometry_gets_nothing():
    units = frame(None, box(0, 0, 100, 100), Polygon())
    assert overlay.counts(units, frame(Point(5, 5)))["all"].tolist() == [0, 1, 0]
    assert overlay.lengths(units, frame(LineString([(0, 0), (0, 50)])))["all"].tolist() == pytest.approx([0, 50, 0])
    assert overlay.areas(units, frame(box(0, 0, 50, 100)))["all"].tolist() == pytest.approx([0, 0.5, 0])


def test_the_inputs_are_not_modified():
    units = nine().assign(area_ha=1.0)
    things = frame(box(50, 50, 150, 150), Polygon([(0, 0, 1), (9, 9, 1), (9, 0, 1), (0, 9, 1)]), kind=["a", None])
    before = units.to_wkb(), things.to_wkb()
    overlay.counts(units, things, things["kind"])
    overlay.areas(units, things, things["kind"])
    overlay.lengths(units, things.set_geometry(things.boundary), things["kind"])
    assert units.to_wkb().equals(before[0])
    assert things.to_wkb().equals(before[1])


def test_what_cannot_be_meant_is_refused():
    with pytest.raises(ValueError, match="EPSG:4326"):
        overlay.counts(nine(), frame(Point(1, 1)).to_crs(4326))
    with pytest.raises(ValueError, match="index"):
        overlay.counts(nine(), frame(Point(1, 1)), pd.Series(["a"], index=[7]))
    assert found(overlay.counts(nine(), frame(MultiPoint([(10, 10), (20, 10)])))) == {"1": 1}


# ------------------------------------------------------------------ properties

steps = st.integers(-20, 320)
corners = st.tuples(steps, steps)
boxes = st.tuples(corners, st.integers(1, 150), st.integers(1, 150)).map(
    lambda b: box(b[0][0], b[0][1], b[0][0] + b[1], b[0][1] + b[2])
)
segments = st.tuples(corners, corners).filter(lambda e: e[0] != e[1]).map(LineString)
shapes = st.lists(st.one_of(boxes, segments, corners.map(Point)), min_size=1, max_size=12)
few = settings(max_examples=60, deadline=None)


def everything(units, things):
    """Counts of points and polygons, metres of lines and hectares of polygons, side by side."""
    kind = things.geom_type
    lines, polygons = things[kind == "LineString"], things[kind == "Polygon"]
    counts = overlay.counts(units, things[kind != "LineString"])  # the middle of a line may be a tie
    tables = counts, overlay.lengths(units, lines), overlay.areas(units, polygons)
    return pd.concat(tables, axis=1)


@few
@given(shapes)
def test_inside_and_outside_are_all(things):
    things = frame(*[thing for thing in things if thing.geom_type != "LineString"])
    assert overlay.counts(nine(), things)["all"].sum() + overlay.outside(nine(), things) == len(things)


@few
@given(shapes, st.randoms(use_true_random=False))
def test_the_order_of_features_does_not_matter(things, random):
    shuffled = random.sample(things, len(things))
    assert np.allclose(everything(nine(), frame(*things)), everything(nine(), frame(*shuffled)), atol=1e-9)


@few
@given(shapes, st.permutations(range(9)))
def test_the_order_of_units_matters_only_for_points_on_borders(things, order):
    things = frame(*things)
    here, there = everything(nine(), things), everything(nine().iloc[list(order)], things)
    assert np.allclose(here.iloc[:, 1:], there.iloc[:, 1:].reindex(nine().index), atol=1e-9)


@few
@given(shapes, st.integers(-500_000, 500_000), st.integers(0, 9_500_000))
def test_moving_the_map_changes_nothing(things, x, y):
    things = frame(*things)
    moved = things.set_geometry(things.translate(x, y))
    here, there = everything(nine(), things), everything(nine(x=x, y=y), moved)
    assert np.allclose(here, there, atol=2e-3)


@few
@given(shapes, st.integers(1, 99))
def test_a_unit_cut_in_two_adds_up_to_itself(things, x):
    things = frame(*things)
    whole, halves = frame(box(0, 0, 100, 100)), frame(box(0, 0, x, 100), box(x, 0, 100, 100))
    assert np.allclose(everything(whole, things).sum(), everything(halves, things).sum(), atol=2e-3)


@few
@given(st.lists(boxes, min_size=1, max_size=8))
def test_hectares_of_a_category_are_those_of_the_union(things):
    union = shapely.union_all(things)
    expected = [square.intersection(union).area / 1e4 for square in nine().geometry]
    assert overlay.areas(nine(), frame(*things))["all"].tolist() == pytest.approx(expected, abs=1e-9)


@few
@given(st.lists(segments, min_size=1, max_size=8))
def test_metres_of_all_units_are_those_of_the_map(things):
    hull = box(0, 0, 300, 300)
    expected = sum(line.intersection(hull).length for line in things)
    assert overlay.lengths(nine(), frame(*things))["all"].sum() == pytest.approx(expected, abs=1e-2)


def test_a_house_where_two_units_overlap_belongs_to_the_same_unit_in_any_order():
    units = gpd.GeoDataFrame(geometry=[box(0, 0, 60, 10), box(40, 0, 100, 10)], index=["01", "02"], crs=CRS)
    house = gpd.GeoSeries([Point(50, 5)])
    for frame in (units, units.iloc[::-1]):
        assert frame.index[overlay.locate(frame, house)].tolist() == ["01"]
