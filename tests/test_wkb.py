"""Geometries straight from the bytes of a file: the same numbers as from shapes, whatever the bytes hold."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
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

from benchmarks import world
from kumuhgis import overlay, wkb
from kumuhgis.borders import Index
from kumuhgis.crossings import shares
from kumuhgis.features import Column, boxes_of_column, of_column, of_geometries
from kumuhgis.outlines import LINE, POLYGON

UNITS = shapely.box([0, 60, 60], [0, 0, 45], [60, 100, 100], [100, 45, 100])
HOLED = box(10, 10, 90, 90) - box(20, 20, 30, 30) - box(50, 50, 80, 70)
BOW_TIE = Polygon([(10, 10), (90, 90), (90, 10), (10, 90)])
CURIOUS = {
    "nothing": None,
    "a point": Point(20, 20),
    "no point": Point(),
    "points": MultiPoint([(1, 1), (70, 70)]),
    "one point in a multi-point": MultiPoint([(70, 70)]),
    "a line": LineString([(10, 10), (90, 20), (90, 90)]),
    "an empty line": LineString(),
    "a ring": LinearRing([(10, 10), (90, 20), (90, 90)]),
    "lines": MultiLineString([[(10, 10), (90, 20)], [(90, 50), (20, 55)]]),
    "one line in a multi-line": MultiLineString([[(10, 10), (90, 20)]]),
    "lines of which one is empty": shapely.from_wkt("MULTILINESTRING ((10 10, 90 20), EMPTY)"),
    "a polygon": box(10, 10, 90, 90),
    "with holes": HOLED,
    "clockwise": shapely.reverse(HOLED),
    "an empty polygon": Polygon(),
    "polygons": MultiPolygon([box(10, 10, 20, 20), box(50, 30, 70, 50)]),
    "one polygon in a multi-polygon": MultiPolygon([HOLED]),
    "no polygon in a multi-polygon": MultiPolygon(),
    "self-crossing": BOW_TIE,
    "a collection": GeometryCollection([box(10, 10, 90, 90), Point(5, 5)]),
    "an empty collection": GeometryCollection(),
    "heights": shapely.force_3d(HOLED, 7),
    "a line with heights": LineString([(10, 10, 3), (90, 20, 4)]),
    "not a number": Polygon([(0, 0), (np.nan, 5), (9, 9)]),
    "endless": LineString([(0, 0), (np.inf, 5)]),
}


def written(shape, **how):
    return None if shape is None else shapely.to_wkb(shape, **how)


HOWS = [{}, {"byte_order": 0}, {"include_srid": True}, {"flavor": "iso"}]
HOW_NAMES = ["little endian", "big endian", "EWKB with SRID", "ISO"]


@pytest.mark.parametrize("of", [LINE, POLYGON])
@pytest.mark.parametrize("how", HOWS, ids=HOW_NAMES)
@pytest.mark.parametrize("name", CURIOUS)
def test_bytes_and_shapes_are_the_same_feature(name, how, of):
    shape = CURIOUS[name] if CURIOUS[name] is None else shapely.set_srid(CURIOUS[name], 32749)
    among = [LineString([(5, 5), (6, 6)]), shape, box(1, 1, 2, 2)]
    same_features(among, [written(each, **how) for each in among], of)


def same_features(shapes, data, of):
    column = Column(data)
    plain = of_geometries(column.shapes(), of)
    found = of_column(column, of)
    assert found.fit.tolist() == plain.fit.tolist()
    assert found.unfit.tolist() == plain.unfit.tolist()
    some = plain.fit | plain.unfit
    np.testing.assert_array_equal(found.boxes[some], plain.boxes[some])
    assert found.amount[some] == pytest.approx(plain.amount[some], abs=1e-9)
    index = Index(UNITS)
    ours, theirs = shares(index, found), shares(index, plain)
    assert ours.unclear.tolist() == theirs.unclear.tolist()
    table = {(u, f): a for u, f, a in zip(ours.unit, ours.feature, ours.amount, strict=True)}
    expected = {(u, f): a for u, f, a in zip(theirs.unit, theirs.feature, theirs.amount, strict=True)}
    assert table == pytest.approx(expected, abs=1e-9)
    rows = np.arange(len(shapes))[::-1]
    assert shapely.equals_identical(found.shapes(rows), plain.shapes(rows))[plain.fit[rows]].all()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([*CURIOUS.values()]), max_size=12), st.sampled_from(HOWS), st.sampled_from([LINE, POLYGON])
)
def test_any_mixture_of_bytes_is_the_mixture_of_shapes(shapes, how, of):
    same_features(shapes, [written(shape, **how) for shape in shapes], of)


@pytest.mark.parametrize("how", HOWS, ids=HOW_NAMES)
def test_boxes_of_everything_that_is_counted(how):
    shapes = [shape for name, shape in CURIOUS.items() if name not in ("not a number", "endless")]
    boxes = boxes_of_column(Column([written(shape, **how) for shape in shapes]))
    np.testing.assert_array_equal(boxes, shapely.bounds(np.array(shapes, dtype=object)))


def spoiled(shape):
    """Bytes that are cut off, say a wrong number, or go on after their end."""
    whole = shapely.to_wkb(shape)
    head = 9 if shape.geom_type == "Polygon" else 5
    yield whole[:-5]
    yield whole + b"\0" * 16
    yield whole[:head] + (10**9).to_bytes(4, "little") + whole[head + 4 :]
    yield whole[:5] + (2**32 - 1).to_bytes(4, "little") + whole[9:]
    yield whole[:1] + (99).to_bytes(4, "little") + whole[5:]


@pytest.mark.parametrize("shape", [box(10, 10, 90, 90), HOLED, LineString([(10, 10), (90, 20)])])
def test_bytes_that_do_not_come_out_even_are_never_read_as_plain(shape):
    data = [*spoiled(shape), shapely.to_wkb(box(1, 1, 2, 2))]
    found = wkb.plain(*wkb.joined(data))
    assert found.odd.tolist() == [0, 1, 2, 3, 4]
    assert np.isfinite(found.outlines.x).all()
    assert len(found.outlines.x) == 5


def test_a_ring_that_is_not_closed_is_left_to_shapely():
    data = shapely.to_wkb(box(10, 10, 90, 90))
    moved = data[:-16] + np.array([80.0, 10.0]).tobytes()
    assert wkb.plain(*wkb.joined([moved])).odd.tolist() == [0]


@pytest.mark.parametrize("kind", ["binary", "large_binary"])
def test_a_part_of_an_arrow_column_with_nulls(kind):
    pa = pytest.importorskip("pyarrow")
    shapes = [box(0, 0, 9, 9), None, HOLED, LineString([(1, 1), (5, 5)]), box(10, 10, 20, 20)]
    array = pa.array([written(shape) for shape in shapes], getattr(pa, kind)())
    column = Column(array[1:])
    assert len(column) == 4
    assert column[1:3].shapes().tolist() == [HOLED, LineString([(1, 1), (5, 5)])]
    assert of_column(column, POLYGON).amount.tolist() == [0, HOLED.area, 0, 100]
    units = gpd.GeoDataFrame(geometry=UNITS)
    sums = overlay.Sums(units, "counts")
    sums.add(pa.chunked_array([array[:2], array[2:]]), by=pa.array(["a", "a", None, "b", "a"]))
    assert sums.table().sum().to_dict() == {"": 1, "a": 2, "b": 1}


def test_a_column_of_another_arrow_type_is_read_too():
    pa = pytest.importorskip("pyarrow")
    array = pa.array([written(box(0, 0, 9, 9)), None], pa.binary_view())
    sums = overlay.Sums(gpd.GeoDataFrame(geometry=UNITS), "areas")
    sums.add(array)
    assert sums.table()["all"].tolist() == [0.0081, 0, 0]


def test_of_a_layer_in_a_town_hardly_anything_becomes_a_shape(monkeypatch):
    made, real = [], shapely.from_wkb
    monkeypatch.setattr(shapely, "from_wkb", lambda data, **how: made.append(len(data)) or real(data, **how))
    units = world.units(100)
    for of, layer in (("areas", world.parcels(100)), ("lengths", world.roads(100)), ("counts", world.houses(100))):
        made.clear()
        sums = overlay.Sums(units, of)
        sums.add(shapely.to_wkb(layer.geometry.to_numpy()))
        assert sum(made) < {"areas": 0.01, "lengths": 0.01, "counts": 0.35}[of] * len(layer)
        whole = {"areas": overlay.areas, "lengths": overlay.lengths, "counts": overlay.counts}[of]
        expected = whole(units, layer, **({"dissolve": False} if of == "areas" else {}))["all"]
        assert sums.table()["all"].to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_points_among_gaps_holes_and_overlaps_lie_where_geos_says(seed):
    random = np.random.default_rng(seed)
    centres = random.uniform(0, 60, (6, 2))
    units = np.array([Point(p).buffer(random.uniform(3, 25), quad_segs=2) for p in centres], dtype=object)
    units[0] = units[0] - Point(centres[0]).buffer(2)
    x, y = random.uniform(-5, 65, (2, 400))
    inside = shapely.intersects_xy(units[:, None], x, y)
    from_west = np.lexsort(shapely.bounds(units).T[::-1])
    expected = np.where(inside.any(axis=0), from_west[inside[from_west].argmax(axis=0)], -1)
    assert Index(units).units_of_points(x, y)[0].tolist() == expected.tolist()
