"""How the units fit together, first by hand on nine squares of 100 m with one fault each, then as properties.

The units are numbered like this (x to the right, y up, each 1 ha)::

    7 8 9
    4 5 6
    1 2 3
"""

import time
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Polygon, box

from kumuhgis.errors import SEVERITY
from kumuhgis.shifts import shifts
from kumuhgis.topology import KINDS, check_coverage, clean_coverage

CRS = "EPSG:32749"
X, Y = 490_000, 9_162_000


def nine(**changed):
    """Nine squares, some of them changed: nine(u5=box(...))."""
    lower_left = [(100 * i, 100 * j) for j in range(3) for i in range(3)]
    squares = {str(k): box(x, y, x + 100, y + 100) for k, (x, y) in enumerate(lower_left, start=1)}
    squares |= {name[1:]: shape for name, shape in changed.items()}
    names = pd.Index([name for name, shape in squares.items() if shape != "none"], name="unit")
    shapes = gpd.GeoSeries([shape for shape in squares.values() if shape != "none"]).translate(X, Y)
    return gpd.GeoDataFrame({"kk": range(len(names))}, geometry=shapes.to_numpy(), index=names, crs=CRS)


def ring(*xy):
    return Polygon(xy)


def found(units, **how):
    findings, problems = check_coverage(units, **how)
    rows = findings[["kind", "units", "area_m2", "width_m"]].round({"area_m2": 2, "width_m": 2})
    return [tuple(row) for row in rows.itertuples(index=False)], [p.code for p in problems]


FAULTS = [  # what, units, findings (kind, units, m², width), codes
    ("nothing", nine(), [], []),
    (
        "narrow overlap",
        nine(u5=box(99.5, 100, 200, 200)),
        [("overlap", "4, 5", 50, 0.5), ("unmatched_edge", "2, 5", 0, 0), ("unmatched_edge", "5, 8", 0, 0)],
        ["topology_overlap_narrow"],
    ),
    ("wide overlap", nine(u5=box(95, 100, 200, 200)), [("overlap", "4, 5", 500, 5)], ["topology_overlap"]),
    ("narrow gap", nine(u5=box(100.5, 100, 200, 200)), [("gap", "2, 4, 5, 8", 50, 0.5)], ["topology_gap_narrow"]),
    ("wide gap", nine(u5=box(105, 100, 200, 200)), [("gap", "2, 4, 5, 8", 500, 5)], ["topology_gap"]),
    ("a field", nine(u5="none"), [("gap", "2, 4, 6, 8", 10_000, 100)], ["topology_gap"]),
    (
        "a gap that opens to the outside",
        nine(u2=box(100.5, 0, 200, 100)),
        [("gap", "1, 2, 5", 49.98, 0.5)],
        ["topology_gap_narrow"],
    ),
    (
        "a sliver",
        nine(u8=MultiPolygon([box(100, 200, 200, 300), box(100, 310, 200, 310.4)])),
        [("sliver", "8", 40, 0.4), ("pieces", "8", 40, np.nan)],
        ["topology_sliver", "topology_pieces"],
    ),
    (
        "two pieces",
        nine(u9=MultiPolygon([box(200, 200, 300, 300), box(400, 400, 410, 410)])),
        [("pieces", "9", 100, np.nan)],
        ["topology_pieces"],
    ),
    (
        "twice the same",
        nine(u9=box(100, 200, 200, 300)),
        [("overlap", "8, 9", 10_000, 100)],
        ["topology_overlap"],
    ),
    (
        "one corner too few",
        nine(u2="none", u3=box(100, 0, 300, 100)),
        [],
        ["topology_unmatched_edge"],
    ),
]


@pytest.mark.parametrize(("what", "units", "rows", "codes"), FAULTS, ids=[row[0] for row in FAULTS])
def test_each_fault_is_found(what, units, rows, codes):
    got, said = found(units)
    rest = [row for row in got if row[0] != "unmatched_edge"]
    assert str(rest) == str([tuple(map(_plain, row)) for row in rows if row[0] != "unmatched_edge"])
    assert [code for code in said if code != "topology_unmatched_edge" or not rows] == codes
    before = units.copy()
    assert_geodataframe_equal(units, before)


def _plain(value):
    return float(value) if isinstance(value, (int, float)) else value


def test_a_unit_outside_the_desa():
    desa = box(X, Y, X + 290, Y + 300)
    got, said = found(nine(), desa=desa)
    assert got == [("outside", name, 1000.0, 10.0) for name in "369"] and said == ["topology_outside"]
    assert found(nine(), desa=gpd.GeoDataFrame(geometry=[desa], crs=CRS))[0] == got
    assert found(nine(), desa=box(X, Y, X + 299.5, Y + 300))[1] == []  # narrower than the tolerance: only in findings


def test_degrees_and_another_crs_are_refused():
    with pytest.raises(ValueError, match="degrees"):
        check_coverage(nine().to_crs(4326))
    with pytest.raises(ValueError, match="degrees"):
        clean_coverage(nine().to_crs(4326))
    with pytest.raises(ValueError, match="32748"):
        check_coverage(nine(), desa=nine().to_crs(32748))


@pytest.mark.parametrize("shape", [None, Polygon(), LineString([(0, 0), (9, 9)])])
def test_a_unit_without_polygon_has_no_findings_and_stays(shape):
    units = nine()
    units.loc[["9"], "geometry"] = gpd.GeoSeries([shape], index=["9"], crs=CRS)
    assert found(units)[0] == []
    cleaned, moved, problems = clean_coverage(units)
    assert_geodataframe_equal(cleaned, units)
    assert len(moved) == 9 and problems == []


def test_a_shape_that_crosses_itself_is_looked_at_as_repaired():
    units = nine(u5=ring((100, 100), (200, 200), (200, 100), (100, 200)))
    assert {row[0] for row in found(units)[0]} <= {"gap", "pieces"}
    clean_coverage(units)


def test_no_units_no_findings():
    units = nine().iloc[:0]
    findings, problems = check_coverage(units, desa=box(0, 0, 1, 1))
    assert (
        findings.empty
        and problems == []
        and findings.columns.tolist()
        == [
            "kind",
            "units",
            "area_m2",
            "width_m",
            "geometry",
        ]
    )
    assert clean_coverage(units)[0].empty


# ------------------------------------------------------------------ cleaning

CLEAN = [  # what, units, m² of the units that change: before, after, shift
    (
        "narrow overlap: what most have stays",
        nine(u5=box(99.5, 100, 200, 200)),
        {"5": (10_050, 10_000, 0.5)},
    ),
    (
        "two units alone: the border of the larger stays",
        nine(u2=box(99.5, 0, 200, 100)).iloc[:2],
        {"1": (10_000, 9_950, 0.5)},
    ),
    ("narrow gap", nine(u5=box(100.5, 100, 200, 200)), {"5": (9_950, 10_000, 0.5)}),
    ("a gap that opens to the outside", nine(u2=box(100.5, 0, 200, 100)), {"2": (9_950, 10_000, 0.5)}),
    ("a corner too far", nine(u1=ring((0, 0), (100, 0), (100.6, 100.6), (0, 100))), {"1": (10_060, 10_000, 0.85)}),
]


@pytest.mark.parametrize(("what", "units", "changes"), CLEAN, ids=[row[0] for row in CLEAN])
def test_narrow_faults_are_cleaned(what, units, changes):
    cleaned, moved, problems = clean_coverage(units)
    assert check_coverage(cleaned)[0].empty
    assert [p.code for p in problems] == ["topology_cleaned"]
    moved = moved.set_index("unit")
    for name, (before, after, far) in changes.items():
        assert moved.loc[name, ["area_before_m2", "area_after_m2"]].tolist() == pytest.approx([before, after])
        assert moved.loc[name, "moved_m2"] == pytest.approx(abs(after - before))
        assert moved.loc[name, "largest_shift_m"] == pytest.approx(far, abs=0.01)
    others = moved.drop(index=list(changes))
    assert (others["moved_m2"] < 1e-6).all() and (others["largest_shift_m"] < 1e-6).all()


def test_two_rows_of_units_that_do_not_meet_are_brought_together():
    """Rows with their corners at other places, half a metre apart and open at both ends."""
    low = [box(100 * i, 0, 100 * i + 100, 100) for i in range(4)]
    high = [box(130 * i, 100.5, 130 * i + 130, 200) for i in range(3)] + [box(390, 100.5, 400, 200)]
    units = gpd.GeoDataFrame(geometry=low + high, index=list("abcdefgh"), crs=CRS)
    cleaned, moved, _ = clean_coverage(units)
    assert check_coverage(cleaned)[0].empty
    assert moved["largest_shift_m"].max() == pytest.approx(0.5)
    assert cleaned.area.sum() == pytest.approx(80_000)


@pytest.mark.parametrize(
    "units",
    [row[1] for row in FAULTS if row[0] in ("nothing", "wide overlap", "wide gap", "a field", "two pieces")],
)
def test_what_is_wide_is_left_and_said_elsewhere(units):
    cleaned, moved, problems = clean_coverage(units)
    assert cleaned.geometry.geom_equals(units.geometry).all() and cleaned.area.tolist() == units.area.tolist()
    assert moved["moved_m2"].sum() == 0 and "topology_not_cleaned" not in [p.code for p in problems]


def test_a_narrow_unit_between_two_others_is_not_swallowed():
    lane = nine(u5=box(100.7, 100, 200, 200)).iloc[[0, 1, 2, 3, 4]]
    lane.loc["lane", "geometry"] = shapely.transform(box(100, 100, 100.7, 200), lambda xy: xy + np.array([X, Y]))
    lane.loc["far", "geometry"] = shapely.transform(box(200.4, 100, 300, 200), lambda xy: xy + np.array([X, Y]))
    cleaned, _, problems = clean_coverage(lane)
    assert cleaned.loc["lane"].geometry.area == pytest.approx(70, abs=1e-3)
    assert problems[0].code == "topology_cleaned"


def test_what_cannot_be_mended_within_the_tolerance_stays_and_is_said():
    """A finger of 30 m into the neighbour is narrow, but its end would move by 30 m."""
    finger = ring((0, 0), (100, 0), (100, 50), (130, 50), (130, 50.5), (100, 50.5), (100, 100), (0, 100))
    units = nine(u1=finger)
    cleaned, moved, problems = clean_coverage(units)
    assert moved["largest_shift_m"].max() <= 1 and cleaned.loc["1"].geometry.area == pytest.approx(10_015)
    assert "topology_not_cleaned" in [p.code for p in problems]


def test_the_input_is_never_changed_and_columns_and_index_stay():
    units = nine(u5=box(99.5, 100, 200, 200))
    before = units.copy(deep=True)
    cleaned, moved, _ = clean_coverage(units)
    assert_geodataframe_equal(units, before)
    assert cleaned.index.equals(units.index) and cleaned["kk"].tolist() == units["kk"].tolist()
    assert moved["unit"].tolist() == units.index.tolist() and cleaned.crs == units.crs


def test_a_kabupaten_of_which_every_border_is_faulty_is_cleaned_in_seconds():
    units = town(20, 0.3, 1)
    start = time.process_time()
    cleaned, _, problems = clean_coverage(units)
    assert time.process_time() - start < 15, "400 RT took some 2 s of one core"
    assert [p.code for p in problems] == ["topology_cleaned"]
    assert problems[0].params["count"] == pytest.approx(394, abs=6)
    assert check_coverage(cleaned)[0].empty


def test_the_cleaner_of_geos_does_not_keep_our_promise_about_wide_overlaps():
    """The reason why cleaning is our own: with it a dispute of 5 m would be decided by a computer."""
    coverage_clean = pytest.importorskip("shapely", "2.2").coverage_clean
    units = nine(u5=box(95, 100, 200, 200))
    areas = shapely.area(coverage_clean(units.geometry.to_numpy(), gap_width=1.0))
    assert np.abs(areas - units.area).max() == pytest.approx(500)


# ------------------------------------------------------------------ properties


def town(n, apart, seed, corners=2, wild=15.0):
    """A town of n × n units with wiggly borders, each corner of each unit drawn up to `apart` from its place."""
    random = np.random.default_rng(seed)
    places = [(i, j) for i in range(n + 1) for j in range(n + 1)]
    nodes = {place: np.array(place) * 100.0 + random.uniform(-wild, wild, 2) for place in places}
    shares, borders, shapes = np.linspace(0, 1, corners + 2)[1:-1, None], {}, []

    def border(a, b):
        key = (min(a, b), max(a, b))
        if key not in borders:
            straight = nodes[key[0]] * (1 - shares) + nodes[key[1]] * shares
            borders[key] = straight + random.uniform(-wild / 3, wild / 3, (corners, 2))
        return borders[key][:: 1 if a < b else -1]

    for j in range(n):
        for i in range(n):
            around = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1), (i, j)]
            drawn = np.vstack([part for a, b in pairwise(around) for part in (nodes[a][None], border(a, b))])
            angle, far = random.uniform(0, 2 * np.pi, len(drawn)), apart * random.uniform(0, 1, len(drawn))
            shapes.append(Polygon([X, Y] + drawn + np.c_[np.cos(angle), np.sin(angle)] * far[:, None]))
    names = [f"{k + 1:02}" for k in range(n * n)]
    return gpd.GeoDataFrame({"kk": range(n * n)}, geometry=shapes, index=names, crs=CRS)


seeds = st.integers(0, 10_000)


@given(seeds, st.floats(0, 0.49), st.integers(0, 4))
@settings(max_examples=25, deadline=None)
def test_a_town_whose_borders_differ_by_less_than_the_tolerance_gets_clean(seed, apart, corners):
    units = town(3, apart, seed, corners)
    cleaned, moved, _ = clean_coverage(units)
    faults = check_coverage(cleaned)[0]
    assert faults[faults["kind"].isin(["overlap", "gap", "unmatched_edge"])].empty
    assert cleaned.area.sum() == pytest.approx(cleaned.union_all().area)
    assert moved["largest_shift_m"].max() <= 1.0 + 1e-6


@given(seeds, st.floats(0, 4), st.sampled_from([0.3, 1.0]))
@settings(max_examples=25, deadline=None)
def test_never_a_change_above_the_tolerance_and_twice_is_once(seed, apart, tolerance):
    units = town(3, apart, seed)
    cleaned, moved, _ = clean_coverage(units, tolerance_m=tolerance)
    assert cleaned.is_valid.all() and not cleaned.is_empty.any() and cleaned.index.equals(units.index)
    limit = tolerance * 1.01 + 1e-6  # a buffer is a polygon within its circle
    for old, new in zip(units.make_valid(method="structure").boundary, cleaned.boundary, strict=True):
        assert old.covered_by(new.buffer(limit)) and new.covered_by(old.buffer(limit))
    changed = (moved["area_after_m2"] - moved["area_before_m2"]).abs()
    assert (changed <= moved["moved_m2"] + 1e-3).all()
    assert moved["area_after_m2"].to_numpy() == pytest.approx(cleaned.area.to_numpy())
    assert_geodataframe_equal(clean_coverage(cleaned, tolerance_m=tolerance)[0], cleaned)


@given(seeds, st.floats(0, 2), st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_the_order_of_units_does_not_matter(seed, apart, random):
    units = town(3, apart, seed)
    order = list(units.index)
    random.shuffle(order)
    other = units.loc[order]
    one, two = clean_coverage(units)[0], clean_coverage(other)[0].loc[units.index]
    assert one.geometry.normalize().to_wkt().tolist() == two.geometry.normalize().to_wkt().tolist()
    one, two = check_coverage(units), check_coverage(other)
    columns = ["kind", "units", "area_m2", "width_m"]
    pd.testing.assert_frame_equal(one[0][columns].round(3), two[0][columns].round(3))
    assert [(p.code, p.params) for p in one[1]] == [(p.code, p.params) for p in two[1]]


def farthest(old, new):
    """Measure by points every 5 cm."""
    places = [shapely.points(shapely.get_coordinates(shapely.segmentize(shape.boundary, 0.05))) for shape in (old, new)]
    return max(shapely.distance(new.boundary, places[0]).max(), shapely.distance(old.boundary, places[1]).max())


@given(seeds, st.floats(0, 8), st.integers(0, 4))
@settings(max_examples=25, deadline=None)
def test_the_shift_of_a_border_is_its_largest_distance(seed, apart, corners):
    old, new = (town(2, a, seed, corners).make_valid(method="structure").to_numpy() for a in (0, apart))
    far, places = shifts(old, new, 1.0)
    assert far == pytest.approx([farthest(*pair) for pair in zip(old, new, strict=True)], abs=0.1)
    either = np.maximum(*(shapely.distance(shapely.boundary(shapes), places) for shapes in (old, new)))
    assert either == pytest.approx(far, abs=1e-6)


@given(seeds, st.integers(0, 4))
@settings(max_examples=15, deadline=None)
def test_a_town_that_fits_is_returned_as_it_is(seed, corners):
    units = town(3, 0, seed, corners)
    cleaned, moved, problems = clean_coverage(units)
    assert_geodataframe_equal(cleaned, units)
    assert problems == [] and moved["moved_m2"].sum() == 0 and check_coverage(units)[0].empty


def test_every_code_and_kind_of_this_room_is_tested():
    with open(__file__, encoding="utf-8") as file:
        source = file.read()
    for word in (*KINDS, *(code for code in SEVERITY if code.startswith("topology_"))):
        assert f'"{word}"' in source, word


@pytest.mark.parametrize("north", [1e7, 1e9, 1e12])
def test_a_corner_that_is_absurdly_far_away_does_not_keep_the_cleaning_busy(north):
    units = nine(u9=Polygon([(200, 200), (300, 200), (0, north), (200, 300)]), u2=box(100, 0, 199.5, 100))
    cleaned, moved, problems = clean_coverage(units)
    assert (moved["largest_shift_m"] <= 1 + 1e-6).all() and cleaned.is_valid.all()
    assert {p.code for p in problems} & {"topology_cleaned", "topology_not_cleaned"}
