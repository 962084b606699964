"""What is within reach: the cells of the grid and the measured distance say the same."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import GeometryCollection, LineString, MultiPoint, Point, Polygon, box

from kumuhgis import grid
from kumuhgis.nearness import within

place = st.tuples(st.integers(-90, 90), st.integers(-90, 90))
houses = st.one_of(
    place.map(Point), place.map(lambda p: box(*p, p[0] + 7, p[1] + 5)), st.tuples(place, place).map(LineString)
)
roads = st.one_of(
    place.map(Point),
    st.lists(place, min_size=2, max_size=4).map(LineString),
    st.lists(place, max_size=3).map(MultiPoint),
)


def array(things):
    result = np.empty(len(things), dtype=object)
    result[:] = things
    return result


@settings(max_examples=150, deadline=None)
@given(st.lists(houses, max_size=12), st.lists(roads, max_size=4), st.integers(0, 80))
def test_within_is_what_the_distance_says(houses, roads, distance):
    houses, roads = array(houses), array(roads)
    apart = shapely.distance(houses[:, None], roads[None, :])
    expected = (np.nan_to_num(apart, nan=np.inf) <= distance + 1e-6).any(axis=1)
    assert within(houses, roads, distance).tolist() == expected.tolist()


@pytest.mark.parametrize("most", [40, 12_000_000])
def test_a_wide_land_has_larger_cells_and_the_same_answer(most, monkeypatch):
    monkeypatch.setattr(grid, "MOST_CELLS", most)
    roads = array([LineString([(0, 0), (1000, 0)]), Point(90_000, 90_000)])
    asked = array([Point(500, 44), Point(500, 46), Point(90_030, 90_030), Point(50_000, 0)])
    assert within(asked, roads, 45).tolist() == [True, False, True, False]


def test_whatever_is_near_or_missing():
    lake = array([box(0, 0, 100, 100)])
    asked = array([Point(50, 50), Point(150, 50), None, Polygon(), box(40, 40, 60, 60)])
    assert within(asked, lake, 10).tolist() == [True, False, False, False, True]
    assert within(asked, array([None, LineString()]), 10).tolist() == [False] * 5
    both = array([GeometryCollection([Point(150, 52), LineString([(500, 500), (600, 600)])])])
    assert within(asked, both, 10).tolist() == [False, True, False, False, False]
    assert within(array([Point(3, 4)]), array([LineString([(0, 0), (0, 0)])]), 5).tolist() == [True]
