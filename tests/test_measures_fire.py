"""Criterion 7a: one house, one road (or hydrant), a known distance.

The road runs along y = 0; the house is a square of ten metres whose near edge is at the stated distance.
"""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, Point, box

from kumuhgis.measures import fire_access

CRS = "EPSG:32749"
UNITS = gpd.GeoDataFrame(
    geometry=[box(0, -100, 100, 200), box(100, -100, 200, 200)], index=pd.Index(["01", "02"], name="unit"), crs=CRS
)
LIMITS = {"min_width_m": 3.5, "max_distance_m": 50, "max_hydrant_m": 40}
NAN = float("nan")


def house(*distances):
    return gpd.GeoDataFrame(geometry=[box(10, d, 20, d + 10) for d in distances], crs=CRS)


def road(*rows):
    shapes = [LineString([(0, y), (100, y)]) for y, _, _ in rows]
    return gpd.GeoDataFrame({"width_m": [r[1] for r in rows], "status": [r[2] for r in rows]}, geometry=shapes, crs=CRS)


def hydrant(*rows):
    answers = pd.array([row[1] for row in rows], dtype="boolean")
    return gpd.GeoDataFrame({"working": answers}, geometry=[Point(15, y) for y, _ in rows], crs=CRS)


@pytest.mark.parametrize(
    ("distance", "roads", "affected", "unknown"),
    [
        (49, [(0, 3.5, None)], 0, 0),  # 3.5 m is wide enough
        (50, [(0, 3.5, None)], 0, 0),  # at the limit is within it, from the edge of the house
        (50.1, [(0, 3.5, None)], 1, 0),
        (20, [(0, 3.4, None)], 1, 0),
        (20, [(0, 4, "dibutuhkan")], 1, 0),  # a needed road does not exist
        (20, [(0, None, None)], NAN, 1),  # perhaps wide enough
        (60, [(0, None, None)], 1, 0),  # too far, however wide
        (20, [(0, None, None), (-10, 4, None)], 0, 0),  # another one is certainly wide enough
        (20, [(0, None, "dibutuhkan")], 1, 0),
        (20, [], 1, 0),
    ],
)
def test_a_house_and_its_roads(distance, roads, affected, unknown):
    table = fire_access(UNITS, house(distance), road(*roads), **LIMITS)
    assert table.loc["01"].tolist() == pytest.approx([affected, 1, unknown], nan_ok=True)
    assert table.loc["02"].tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("width", "hydrants", "affected", "unknown"),
    [
        (4, [(-15, True)], 0, 0),  # 20 + 15 m
        (4, [(-25, True)], 1, 0),  # 20 + 25 m
        (4, [(-15, False)], 1, 0),
        (4, [(-15, None)], NAN, 1),
        (4, [], 1, 0),
        (None, [(-15, True)], NAN, 1),
        (None, [(-15, False)], 1, 0),  # whatever the road, there is no water
        (2, [(-15, True)], 1, 0),
    ],
)
def test_a_house_its_road_and_hydrants(width, hydrants, affected, unknown):
    table = fire_access(UNITS, house(20), road((0, width, None)), hydrant(*hydrants), **LIMITS)
    assert table.loc["01"].tolist() == pytest.approx([affected, 1, unknown], nan_ok=True)


def test_without_a_hydrant_distance_hydrants_do_not_count():
    limits = LIMITS | {"max_hydrant_m": None}
    assert fire_access(UNITS, house(20), road((0, 4, None)), hydrant(), **limits).loc["01", "affected"] == 0


def test_known_and_unknown_houses_add_up():
    table = fire_access(UNITS, house(10, 40, 70, 120), road((0, None, None), (100, 4, None)), **LIMITS)
    assert table.loc["01"].tolist() == [0, 4, 1]  # 10: only the road of unknown width; the others reach y = 100


def test_without_widths_far_houses_are_still_affected():
    table = fire_access(UNITS, house(10, 90), road((0, None, None)).drop(columns="width_m"), **LIMITS)
    assert table.loc["01"].tolist() == [1, 2, 1]


def test_houses_without_geometry_are_not_counted():
    assert fire_access(UNITS, house(10).set_geometry([None], crs=CRS), road((0, 4, None)), **LIMITS)["total"].sum() == 0
    assert fire_access(UNITS, house(), road(), hydrant(), **LIMITS).to_numpy().sum() == 0


def test_roads_and_hydrants_judge_each_house_by_the_worse_of_both():
    """Whichever is asked first: who is out of reach of one is out; doubt of one is doubt unless the other is out."""
    houses, roads = house(10, 40, 70, 120), road((0, 4, None), (100, None, None))
    hydrants = hydrant((0, True), (45, None))
    alone = fire_access(UNITS, houses, roads, **LIMITS).loc["01"].tolist()
    both = fire_access(UNITS, houses, roads, hydrants, **LIMITS).loc["01"].tolist()
    assert alone[0] <= both[0] and both[1] == alone[1]
    assert both == _house_by_house(houses, roads, hydrants, LIMITS)


def _house_by_house(houses, roads, hydrants, limits):
    good = roads[roads["width_m"].astype(float) >= limits["min_width_m"]]
    maybe = roads[roads["width_m"].isna()]
    works = [hydrants[hydrants["working"].eq(True).fillna(False)], hydrants[hydrants["working"].isna()]]
    affected = unknown = 0
    for shape in houses.geometry:
        seen = []
        for (yes, perhaps), reach in (((good, maybe), limits["max_distance_m"]), (works, limits["max_hydrant_m"])):
            near = [bool((things.distance(shape) <= reach).any()) for things in (yes, perhaps)]
            seen.append("fine" if near[0] else "unknown" if near[1] else "affected")
        affected += "affected" in seen
        unknown += "unknown" in seen and "affected" not in seen
    return [affected, len(houses), unknown]
