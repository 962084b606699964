"""The crossings against GEOS: whatever the shapes, both find the same metres, square metres and units.

The oracle is naive: every unit is intersected with every feature. What touches a border has a rule of its own for
lines (half to each unit); there the oracle is `exact.metres` on all of them, which is tested by hand in test_overlay.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, MultiPolygon, Point, Polygon, affinity, box

from benchmarks import world
from kumuhgis import borders, exact, grid, overlay
from kumuhgis.borders import Index
from kumuhgis.crossings import shares
from kumuhgis.features import of_geometries
from kumuhgis.outlines import LINE, POLYGON, convex, of_shapes
from kumuhgis.overlaps import overlapping
from kumuhgis.traits import fat, polygons

ORIGIN = np.array([484_000.0, 9_160_000.0])
FAR = np.array([400_000.0, 300_000.0])
few = settings(max_examples=80, deadline=None)


def shapes(things):
    array = np.empty(len(things), dtype=object)
    array[:] = things
    return array


def table(units, features, of):
    """What the crossings say, and the exact way for what they leave open."""
    index = Index(units)
    found = shares(index, of_geometries(features, of))
    result = np.zeros((len(units), len(features)))
    np.add.at(result, (found.unit, found.feature), found.amount)
    rest = features[found.unclear]
    if of == LINE:
        unit, feature, amount = exact.metres(index.shapes, rest)
    else:
        unit, feature, piece = exact.pieces(index.shapes, rest)
        amount = shapely.area(piece)
    np.add.at(result, (unit, found.unclear[feature]), amount)
    assert found.whole + found.crossing + len(found.unclear) == len(features)
    return result, found


def oracle(units, features, of):
    result = np.zeros((len(units), len(features)))
    if of == LINE:
        unit, feature, amount = exact.metres(units, features)
        result[unit, feature] = amount
    else:
        result[:] = np.nan_to_num(shapely.area(shapely.intersection(units[:, None], features[None, :])))
    return result


def check(units, features, of, *, at_most_unclear=None):
    """Compare, and limit how many features may be left to GEOS."""
    units, features = shapes(units), shapes(features)
    result, found = table(units, features, of)
    scale = max(1.0, np.nanmax(shapely.area(features), initial=0) * 1e-6)
    assert np.abs(result - oracle(units, features, of)).max(initial=0) < 1e-6 * scale
    if at_most_unclear is not None:
        assert len(found.unclear) <= at_most_unclear
    return found


def town(n, seed=0):
    return np.asarray(world.tessellation(n, 141.0, 8, ORIGIN, np.random.default_rng(seed)), dtype=object)


def star(random, middle, size, corners):
    angle = np.sort(random.uniform(0, 2 * np.pi, corners)) + np.arange(corners) * 1e-3
    radius = size * random.uniform(0.3, 1, corners)
    return shapely.make_valid(Polygon(middle + radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])))


def walk(random, start, size, steps):
    return LineString(start + np.cumsum(random.normal(0, size, (steps, 2)), axis=0))


# ------------------------------------------------------------------ a town with wiggly borders


@pytest.mark.parametrize("size", [8, 60, 300])
def test_polygons_of_every_size_in_a_town(size):
    random = np.random.default_rng(size)
    things = [star(random, ORIGIN + random.uniform(-50, 900, 2), size, int(random.integers(3, 40))) for _ in range(300)]
    check(town(6), [t for t in things if t.geom_type == "Polygon"], POLYGON, at_most_unclear=3)


@pytest.mark.parametrize("size", [3, 20, 90])
def test_lines_of_every_size_in_a_town(size):
    random = np.random.default_rng(size)
    things = [walk(random, ORIGIN + random.uniform(-50, 900, 2), size, int(random.integers(2, 9))) for _ in range(300)]
    simple = [t for t in things if t.is_simple]
    check(town(6), simple, LINE, at_most_unclear=len(simple) // 50)
    check(town(6), things, LINE)  # where a line crosses itself, GEOS is asked


def test_a_polygon_around_the_town_one_in_a_unit_and_one_with_a_unit_in_its_hole():
    units = town(5)
    around = box(*(ORIGIN - 100), *(ORIGIN + 900))
    ring = units[12].buffer(20).difference(units[12].buffer(3))
    inside = units[12].buffer(-40)
    thick = MultiPolygon([around.difference(units[6].buffer(8)), inside.buffer(-5)]).buffer(0)
    check(units, [around, ring, inside, around.difference(ring), thick], POLYGON, at_most_unclear=0)


def test_clockwise_and_anticlockwise_outlines_are_the_same():
    random = np.random.default_rng(3)
    things = [Polygon(star(random, ORIGIN + random.uniform(0, 700, 2), 90, 20).exterior) for _ in range(40)]
    things += [shapely.reverse(t) for t in things]
    check([*town(5)[::2], *map(shapely.reverse, town(5)[1::2])], things, POLYGON, at_most_unclear=1)


def test_units_with_ten_thousand_vertices():
    angle = np.linspace(0, 2 * np.pi, 10_001)[:-1]
    radius = 400 + 30 * np.sin(50 * angle)
    coast = Polygon(ORIGIN + radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]))
    half = box(*(ORIGIN - 500), ORIGIN[0], ORIGIN[1] + 500)
    units = [coast & half, coast - half]
    random = np.random.default_rng(4)
    things = [star(random, ORIGIN + random.uniform(-450, 450, 2), 120, 30) for _ in range(100)]
    check(units, things, POLYGON, at_most_unclear=2)
    check(units, [walk(random, ORIGIN + random.uniform(-450, 450, 2), 60, 3) for _ in range(100)], LINE)


# ------------------------------------------------------------------ units that do not fit together


def test_units_with_gaps_slivers_overlaps_holes_islands_and_enclaves():
    random = np.random.default_rng(5)
    hole = box(0, 0, 100, 100) - box(40, 40, 60, 60)
    units = [
        hole,
        box(45, 45, 55, 55),  # an enclave that leaves a ring of nobody's land
        box(100.5, 0, 200, 100),  # a gap
        box(190, 20, 300, 90),  # an overlap
        box(299.99, 0, 400, 100),  # a sliver of an overlap
        MultiPolygon([box(0, 110, 50, 150), box(300, 110, 350, 150)]),
        box(20, 20, 30, 30),  # inside another unit
        None,
        Polygon(),
        box(20, 20, 30, 30),  # and drawn twice
    ]
    things = [star(random, random.uniform(-20, 420, 2) * [1, 0.4], 40, 9) for _ in range(300)]
    check(units, things, POLYGON)
    check(units, [walk(random, random.uniform(-20, 420, 2) * [1, 0.4], 30, 4) for _ in range(300)], LINE)


def test_neighbours_whose_vertices_do_not_match():
    units = [box(0, 0, 100, 200), box(100, 0, 200, 80), box(100, 80, 200, 200)]
    random = np.random.default_rng(6)
    check(units, [star(random, random.uniform(0, 200, 2), 60, 12) for _ in range(200)], POLYGON, at_most_unclear=2)


def test_no_units_or_units_without_area():
    features = shapes([box(0, 0, 5, 5)])
    for units in (shapes([]), shapes([None, Polygon()]), shapes([Point(1, 1), LineString([(0, 0), (9, 9)])])):
        found = shares(Index(units), of_geometries(features, POLYGON))
        assert len(found.unit) == len(found.unclear) == 0


# ------------------------------------------------------------------ touching: whole numbers, where everything touches

whole = st.integers(-2, 12)
corner = st.tuples(whole, whole)
rectangles = st.tuples(corner, st.integers(1, 6), st.integers(1, 6)).map(
    lambda r: box(r[0][0], r[0][1], r[0][0] + r[1], r[0][1] + r[2])
)
triangles = st.tuples(corner, corner, corner).map(Polygon).filter(lambda t: t.area > 0)
holed = st.tuples(rectangles, rectangles).map(lambda p: p[0] - p[1]).filter(lambda g: g.area > 0)
faces = st.one_of(rectangles, triangles, holed)
lines = st.lists(corner, min_size=2, max_size=6, unique=True).map(LineString)
places = st.sampled_from([(0, 0), (484_000, 9_160_000)])


@few
@given(st.lists(faces, min_size=1, max_size=4), st.lists(faces, min_size=1, max_size=4), places)
def test_polygons_on_whole_numbers(units, things, place):
    check(*([affinity.translate(t, *place) for t in group] for group in (units, things)), POLYGON)


@few
@given(st.lists(faces, min_size=1, max_size=4), st.lists(lines, min_size=1, max_size=4), places)
def test_lines_on_whole_numbers(units, things, place):
    check(*([affinity.translate(t, *place) for t in group] for group in (units, things)), LINE)


@few
@given(st.lists(faces, min_size=1, max_size=3), st.lists(lines, min_size=1, max_size=3), st.floats(-2e-4, 2e-4))
def test_lines_that_nearly_touch(units, things, shift):
    assume(all(line.is_simple for line in things))  # one that runs over itself does so only nearly once it is moved
    units, things = shapes(units), shapes([affinity.translate(t, shift, shift / 3) for t in things])
    result, _ = table(units, things, LINE)
    assert np.abs(result - oracle(units, things, LINE)).max() < 1e-6


LONE = [
    ("a closed line", LineString([(50, 50), (150, 50), (150, 80), (50, 80), (50, 50)])),
    ("there and back again", LineString([(50, 50), (150, 50), (50, 50)])),
    ("back over a part of itself", LineString([(50, 50), (150, 50), (120, 50), (120, 70)])),
    ("no length", LineString([(100, 50), (100, 50)])),
    ("doubled vertices", LineString([(50, 50), (50, 50), (150, 50), (150, 50)])),
    ("two parts that cross each other", MultiLineString([[(50, 50), (150, 50)], [(90, 30), (90, 60), (130, 60)]])),
    ("with heights", LineString([(50, 50, 7), (150, 50, 9)])),
]


@pytest.mark.parametrize("line", [case[1] for case in LONE], ids=[case[0] for case in LONE])
def test_curious_lines(line):
    check([box(0, 0, 100, 100), box(100, 0, 200, 100)], [line], LINE)


def test_what_has_no_amount_is_in_no_pair():
    odd = shapes([None, Point(5, 5), Polygon(), LineString(), LineString([(1, 1), (2, 2)])])
    assert len(shares(Index(shapes([box(0, 0, 9, 9)])), of_geometries(odd, POLYGON)).unit) == 0
    mixed = shapes([shapely.GeometryCollection([box(1, 1, 2, 2)]), box(1, 1, 2, 2)])
    assert shares(Index(shapes([box(0, 0, 9, 9)])), of_geometries(mixed, POLYGON)).unclear.tolist() == [0]
    assert shares(Index(shapes([box(0, 0, 9, 9)])), of_geometries(mixed, LINE)).unclear.tolist() == [0, 1]
    nowhere = shapely.from_wkt(["LINESTRING (NaN NaN, NaN NaN)"])
    assert len(shares(Index(shapes([box(0, 0, 9, 9)])), of_geometries(nowhere, LINE)).unit) == 0


# ------------------------------------------------------------------ the checks

THINGS = [box(90, 10, 130, 60), box(10, 10, 20, 20), box(50, 20, 150, 30)]


def test_a_fault_in_the_borders_is_noticed_and_not_summed_up():
    """Whoever enters a unit must leave it: with one border forgotten, the feature asks for the exact way."""
    units = shapes([Polygon([(0, 0), (100, 0), (100, 37), (100, 100), (0, 100)]), box(100, 0, 200, 100)])
    index = Index(units)
    shared = np.flatnonzero((index.a[:, 0] == 100) & (index.b[:, 0] == 100))
    index.left[shared], index.right[shared] = index.right[shared], index.left[shared]
    assert shares(index, of_geometries(shapes(THINGS), POLYGON)).unclear.tolist() == [0, 2]
    crossing = shapes([LineString([(90, 10), (120, 20)])])
    assert shares(index, of_geometries(crossing, LINE)).unclear.tolist() == [0]


def test_inside_and_outside_are_all():
    random = np.random.default_rng(8)
    units = town(4)
    hull = shapely.union_all(units)
    things = shapes([star(random, ORIGIN + random.uniform(-50, 600, 2), 70, 15) for _ in range(200)])
    found = shares(Index(units), of_geometries(things, POLYGON))
    inside = np.bincount(found.feature, found.amount, len(things))
    known = np.setdiff1d(np.arange(len(things)), found.unclear)
    missing = shapely.area(shapely.difference(things, hull))
    assert np.abs(inside + missing - shapely.area(things))[known].max() < 1e-6


# ------------------------------------------------------------------ the grid


@pytest.mark.parametrize("most", [50, 5_000, 24_000_000])
def test_the_size_of_the_cells_changes_nothing(most, monkeypatch):
    monkeypatch.setattr(grid, "MOST_CELLS", most)
    island = affinity.translate(box(0, 0, 100, 100), *(ORIGIN + FAR))
    units = [*town(3), island]
    random = np.random.default_rng(9)
    things = [star(random, ORIGIN + random.uniform(-50, 500, 2), 60, 9) for _ in range(60)]
    things += [affinity.translate(box(-20, 50, 50, 170), *(ORIGIN + FAR))]
    check(units, things, POLYGON, at_most_unclear=2)


@pytest.mark.parametrize("many", [1, 70_000, 140_000])
def test_a_cell_is_marked_however_many_segments_begin_in_it(many):
    cells = grid.Grid(np.zeros(2), np.full(2, 90.0), 30.0)
    passed = cells.passed(np.full((many, 2), 40.0), np.full((many, 2), 41.0))
    assert passed.sum() == 1
    assert grid.Marks(passed).held(
        cells.cells(np.array([[39.0, 39.0, 42.0, 42.0], [80.0, 0.0, 90.0, 90.0]]))
    ).tolist() == [1, 0]


def test_coordinates_that_are_no_numbers_lie_nowhere_and_stop_nothing():
    units = gpd.GeoDataFrame(geometry=[box(0, 0, 10, 10), Polygon([(0, 0), (np.inf, 0), (5, 5)])])
    odd = shapes([Point(np.inf, 1), LineString([(1, 1), (np.inf, 2)]), Polygon([(0, 0), (np.inf, 0), (5, 5)])])
    for measure in (overlay.counts, overlay.lengths, overlay.areas):
        assert measure(units, odd)["all"].tolist() == [0, 0]
    assert overlay.counts(units, shapes([Point(5, 5)]))["all"].tolist() == [1, 0]


@few
@given(st.lists(faces, min_size=1, max_size=5), st.lists(rectangles, min_size=1, max_size=5), st.floats(0.3, 9))
def test_a_box_that_the_grid_gives_to_a_unit_lies_in_it_alone(units, boxes, cell):
    units = shapes([affinity.scale(u, cell, cell, origin=(0, 0)) for u in units])
    boxes = shapes([affinity.scale(b, 1.7, 1.3, origin=(3, 3)) for b in boxes])
    for shape, unit in zip(boxes, Index(units).units_of_boxes(shapely.bounds(boxes)), strict=True):
        touched = np.flatnonzero(shapely.intersects(units, shape))
        if unit >= 0:
            assert touched.tolist() == [unit]
            assert shapely.contains_properly(units[unit], shape)
        elif unit == -1:
            assert len(touched) == 0


@few
@given(st.lists(faces, min_size=1, max_size=4), st.lists(corner, min_size=1, max_size=9))
def test_points_lie_where_geos_says(units, points):
    units, points = shapes(units), np.array(points, dtype=float)
    inside = shapely.intersects(units[:, None], shapely.points(points)[None, :])
    first, several = Index(units).units_of_points(*points.T)
    from_west = np.lexsort(shapely.bounds(units).T[::-1])
    assert first.tolist() == np.where(inside.any(axis=0), from_west[inside[from_west].argmax(axis=0)], -1).tolist()
    assert (several[first >= 0] >= (inside.sum(axis=0) > 1)[first >= 0]).all()


# ------------------------------------------------------------------ overlaps


@few
@given(st.lists(faces, min_size=2, max_size=8), places)
def test_overlapping_pairs_are_those_of_geos(things, place):
    things = shapes([affinity.translate(t, *place) for t in things])
    common = shapely.area(shapely.intersection(things[:, None], things[None, :])) > 1e-6
    expected = {(i, j) for i, j in zip(*np.nonzero(common), strict=True) if i < j}
    first, second, shared = overlapping(things, *polygons(things))
    assert set(zip(first.tolist(), second.tolist(), strict=True)) == expected
    assert (shapely.area(shared) > 1e-6).all()


@few
@given(st.lists(faces, min_size=1, max_size=9), st.lists(st.sampled_from("ab"), min_size=9, max_size=9))
def test_hectares_of_each_category_are_those_of_its_union(things, kinds):
    """However they are heaped: side by side, in pairs, in chains, three deep."""
    units = gpd.GeoDataFrame(geometry=[box(0, 0, 5, 12), box(5, 0, 12, 12)])
    layer = gpd.GeoDataFrame({"kind": kinds[: len(things)]}, geometry=things)
    for kind, found in overlay.areas(units, layer, layer["kind"]).items():
        union = shapely.union_all(layer.geometry[layer["kind"] == kind].to_numpy())
        assert found.to_numpy() * 1e4 == pytest.approx(shapely.area(union & units.geometry.to_numpy()), abs=1e-6)


@few
@given(st.lists(st.tuples(corner, corner, corner, corner, corner).map(Polygon), min_size=1, max_size=6))
def test_what_is_plainly_convex_is_valid_and_convex(things):
    things = shapes(things)
    for thing, plainly in zip(things, convex(of_shapes(things)), strict=True):
        if plainly:
            assert thing.is_valid
            assert thing.area == pytest.approx(thing.convex_hull.area)


ulps = st.integers(-3, 3)


@given(
    st.lists(st.tuples(st.sampled_from([0.0, 1e-9, 1.0, 3.0]), st.sampled_from([0.0, 1e-9, 1.0, 7.0]), ulps, ulps),
             min_size=3, max_size=9),
    st.sampled_from([(0.0, 0.0), (490_000.0, 9_162_000.0), (110.9, -7.57)]),
    st.booleans(),
)  # fmt: skip
def test_what_is_taken_for_valid_without_geos_is_valid_for_geos(corners, place, round_the_middle):
    """On grids, with slivers of a rounding, in metres and in degrees; sorted by angle, so that many are convex."""
    x, y = (np.array([c[axis] for c in corners]) + place[axis] for axis in (0, 1))
    x, y = (values + np.spacing(values) * [c[axis] for c in corners] for values, axis in ((x, 2), (y, 3)))
    if round_the_middle:
        order = np.argsort(np.arctan2(y - y.mean(), x - x.mean()))
        x, y = x[order], y[order]
    things = shapes([Polygon(np.column_stack([x, y]))])
    assert not fat(*polygons(things))[0] or shapely.is_valid(things)[0]


def test_layers_of_one_and_of_several_numbers_of_corners_are_judged_alike():
    """Rings with as many corners as the next one are looked at together; what is said of each is the same."""
    numbers = np.random.default_rng(4)
    quads = [Polygon(numbers.random((4, 2)) * 40 + [490_000, 9_162_000]) for _ in range(300)]
    alone, among = of_shapes(shapes(quads)), of_shapes(shapes([*quads, box(0, 0, 1, 1).buffer(1)]))
    assert convex(alone).tolist() == convex(among)[:300].tolist()
    assert 0 < convex(alone).sum() < 300
    assert alone.area.tolist() == among.area[:300].tolist() and alone.sign.tolist() == among.sign[:300].tolist()


def test_a_square_is_convex_however_it_is_drawn():
    square = box(0, 0, 10, 10)
    more = Polygon([(0, 0), (5, 0), (10, 0), (10, 0), (10, 10), (0, 10)])
    holed = square - box(2, 2, 3, 3)
    things = shapes([square, shapely.reverse(square), more, holed, MultiPolygon([square]), None])
    assert convex(of_shapes(things)).tolist() == [True, True, True, False, True, False]


# ------------------------------------------------------------------ a whole town, through the doors of overlay


def test_a_kabupaten_of_a_thousand_rt_as_geopandas_measures_it():
    n = 1000
    units = world.units(n)
    numbered = units.assign(number=range(len(units)))[["number", "geometry"]]
    houses = world.houses(n)
    points = gpd.GeoDataFrame(geometry=houses.representative_point(), crs=houses.crs)
    expected = gpd.sjoin(points, numbered, predicate="within").groupby("number").size()
    found = overlay.counts(units, houses)["all"].to_numpy()
    assert found.tolist() == expected.reindex(range(len(units)), fill_value=0).tolist()

    def pieces(layer):
        return gpd.overlay(layer, numbered, how="intersection", keep_geom_type=True)

    def agree(found, expected):
        expected = expected.reindex(range(len(units)), fill_value=0).to_numpy()
        assert found.to_numpy() == pytest.approx(expected, rel=1e-6, abs=1e-6)

    roads = world.roads(n)
    for condition, group in pieces(roads).groupby("KONDISI"):
        agree(overlay.lengths(units, roads, roads["KONDISI"])[condition], group.length.groupby(group["number"]).sum())
    for layer in (world.inundation(n), world.parcels(n), world.zoning(n)):
        cut = pieces(layer)
        agree(overlay.areas(units, layer, dissolve=False)["all"], cut.area.groupby(cut["number"]).sum() / 1e4)
    parcels = world.parcels(n)
    inside = parcels[parcels.within(box(*units.total_bounds[:2], *(units.total_bounds[:2] + 600)))]
    union = shapely.intersection(units.geometry.to_numpy(), inside.union_all())
    agree(overlay.areas(units, inside)["all"], pd.Series(shapely.area(union) / 1e4))


def test_most_features_of_a_town_need_no_geos():
    units, parcels = world.units(400), world.parcels(400)
    found = shares(Index(units.geometry.to_numpy()), of_geometries(parcels.geometry.to_numpy(), POLYGON))
    assert found.whole > 0.4 * len(parcels)
    assert len(found.unclear) < 0.005 * len(parcels)
    assert borders.TOUCH_M == exact.ON_BORDER_M


@pytest.mark.parametrize("written", ["shapes", "bytes", "arrow"])
def test_a_layer_in_portions_gives_what_it_gives_as_a_whole(written):
    arrow = pytest.importorskip("pyarrow") if written == "arrow" else None
    units = world.units(36).assign(area_ha=lambda u: u.area / 9_990)
    layers = {"counts": world.houses(36), "lengths": world.roads(36), "areas": world.parcels(36)}
    whole = {
        "counts": overlay.counts(units, layers["counts"], layers["counts"]["FUNGSI"]),
        "lengths": overlay.lengths(units, layers["lengths"], layers["lengths"]["KONDISI"]),
        "areas": overlay.areas(units, layers["areas"], layers["areas"]["STATUS_HAK"], dissolve=False),
    }
    for of, column in (("counts", "FUNGSI"), ("lengths", "KONDISI"), ("areas", "STATUS_HAK")):
        sums = overlay.Sums(units, of)
        for start in range(0, len(layers[of]), 500):
            portion = layers[of].iloc[start : start + 500]
            shapes = portion.geometry.to_numpy() if written == "shapes" else shapely.to_wkb(portion.geometry.to_numpy())
            sums.add(arrow.array(shapes) if arrow else shapes, portion[column].to_numpy())
        assert sums.features == len(layers[of])
        pd.testing.assert_frame_equal(sums.table(), whole[of], rtol=1e-12, check_names=False)


def test_portions_may_be_empty_and_features_missing():
    sums = overlay.Sums(gpd.GeoDataFrame(geometry=[box(0, 0, 9, 9)]), "areas")
    sums.add([])
    sums.add([None, box(0, 0, 5, 5)])
    sums.add([None, shapely.to_wkb(Point(1, 1))])
    assert sums.table()["all"].tolist() == [0.0025]
    assert sums.features == 4
    with pytest.raises(ValueError, match="volumes"):
        overlay.Sums(sums.units, "volumes")
