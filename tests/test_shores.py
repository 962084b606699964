"""Water asked in short stretches answers as water asked whole."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from kumuhgis.shores import STRETCH, pairs_within, touched


@pytest.fixture(scope="module")
def town():
    rng = np.random.default_rng(4)
    north = np.linspace(0, 1000, 70)
    rivers = [np.column_stack([x + 30 * np.sin(north / 90 + x), north]) for x in rng.uniform(0, 1000, 6)]
    shapes = [
        *map(shapely.LineString, rivers),
        shapely.MultiLineString([rivers[0][:9] + 5, rivers[1][:30] + 40]),
        shapely.Point(500, 500).buffer(60),
        shapely.Point(800, 100),
        shapely.LineString([(200, 200), (200, 200), (260, 210)]),
        shapely.LineString([(50, 950), (50, 950)]),
        shapely.GeometryCollection([shapely.Point(5, 5), shapely.LineString([(9, 9), (30, 30)])]),
        None,
        shapely.LineString(),
    ]
    corner = rng.uniform(0, 1000, (400, 2))
    return np.array(shapes, object), shapely.box(*corner.T, *(corner + rng.uniform(2, 60, (400, 2))).T)


@pytest.mark.parametrize("distance", [0, 10, 47.5])
def test_pairs_are_those_of_the_whole_waters(town, distance):
    waters, houses = town
    house, water = shapely.STRtree(waters).query(houses, predicate="dwithin", distance=distance)
    found = pairs_within(houses, waters, distance)
    assert list(zip(*found, strict=True)) == sorted(zip(house, water, strict=True))
    assert len(house) > 50


def test_what_touches_a_water_is_what_touches_the_whole_water(town):
    waters, houses = town
    plain = waters[:7]
    wet = np.zeros(len(houses), bool)
    wet[shapely.STRtree(plain).query(houses, predicate="intersects")[0]] = True
    assert (touched(houses, plain) == wet).all() and 0 < wet.sum() < len(wet)


def test_lines_as_long_as_a_stretch_and_one_edge_more():
    for edges in (1, STRETCH - 1, STRETCH, STRETCH + 1, 2 * STRETCH, 2 * STRETCH + 1):
        line = shapely.LineString([(10 * i, 0) for i in range(edges + 1)])
        points = shapely.points([[10 * i + 5, 1] for i in range(edges + 2)])
        assert pairs_within(points, [line], 2)[0].tolist() == list(range(edges))


def test_without_water_nothing_is_near():
    houses = gpd.GeoSeries(shapely.points([[0, 0]]))
    assert not touched(houses, []).any()
    assert len(pairs_within(houses, np.empty(0, object), 5)[0]) == 0
