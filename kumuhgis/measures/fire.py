"""Aspect 7, fire protection: buildings that a fire engine, or its hose, does not reach (7a)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kumuhgis import overlay
from kumuhgis.measures import verdict
from kumuhgis.nearness import within

#: The verdicts, each worse than the one before.
_WORSE = (verdict.FINE, verdict.UNKNOWN, verdict.AFFECTED)
_FINE, _UNKNOWN, _AFFECTED = range(3)


def fire_access(
    units, buildings, roads, hydrants=None, *, min_width_m, max_distance_m, max_hydrant_m=None
) -> pd.DataFrame:
    """Count the buildings without fire-protection infrastructure in reach (criterion 7a).

    Parameters
    ----------
    units : GeoDataFrame
        Units (n), metre CRS.
    buildings : GeoDataFrame
        Points or polygons; distances are measured from the edge of a polygon.
    roads : GeoDataFrame
        Centre lines with `width_m` and `status`; a needed road does not exist yet. Roads outside the units count.
    hydrants : GeoDataFrame, optional
        Points with `working` (True, False or missing).
    min_width_m : float
        Width from which a road is passable for a fire engine (3.5 m).
    max_distance_m : float
        Farthest a building may be from a passable road.
    max_hydrant_m : float, optional
        Farthest a building may be from a working hydrant. Without it, or without hydrants, only roads count.

    Returns
    -------
    DataFrame, shape (n, 3)
        `affected` (buildings out of reach), `total` (all) and `unknown`: buildings whose only roads in reach have
        no width (or whose only hydrants in reach may or may not work). `affected` is missing where nothing is
        known of any building.

    Notes
    -----
    Source: Permen PUPR 14/PRT/M/2018, ketidaktersediaan prasarana proteksi kebakaran.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString, Point, box
    >>> units = gpd.GeoDataFrame(geometry=[box(0, 0, 100, 100)], index=["01"])
    >>> houses = gpd.GeoDataFrame(geometry=[Point(50, 20), Point(50, 90)])
    >>> roads = gpd.GeoDataFrame({"width_m": [4.0]}, geometry=[LineString([(0, 10), (100, 10)])])
    >>> fire_access(units, houses, roads, min_width_m=3.5, max_distance_m=50).loc["01"].to_dict()
    {'affected': 1.0, 'total': 2.0, 'unknown': 0.0}
    """
    houses = np.asarray(buildings.geometry, dtype=object)
    worst = np.full(len(houses), _FINE, dtype=np.int8)
    if hydrants is not None and max_hydrant_m is not None:  # of these there are few, so they decide most
        works = verdict.flagged(hydrants, "working", affected=True)
        yes, maybe = works == verdict.AFFECTED, works == verdict.UNKNOWN
        worst = _reach(houses, worst, hydrants, yes, maybe, max_hydrant_m)
    width = pd.to_numeric(verdict.attribute(roads, "width_m"), errors="coerce")
    exists = ~verdict.needed(roads)
    worst = _reach(houses, worst, roads[exists], width[exists] >= min_width_m, width[exists].isna(), max_distance_m)
    judgement = pd.Series(np.array(_WORSE, dtype=object)[worst], index=buildings.index, dtype=object)
    return verdict.judged(overlay.counts(units, buildings, judgement))


def _reach(houses, worst, things, good, maybe, distance) -> np.ndarray:
    """Judge each building: a good thing in reach, only a doubtful one, or none; the worse of this and what it was.

    A building that is out of reach already is not asked about.
    """
    shapes = np.asarray(things.geometry, dtype=object)
    asked = np.where(worst == _AFFECTED, None, houses)
    near = within(asked, shapes[good.to_numpy(dtype=bool)], distance)
    perhaps = within(np.where(near, None, asked), shapes[maybe.to_numpy(dtype=bool)], distance)
    return np.maximum(worst, np.where(near, _FINE, np.where(perhaps, _UNKNOWN, _AFFECTED)).astype(np.int8))
