"""Aspect 2, neighbourhood roads: coverage (2a) and surface (2b).

The ideal length of a unit is what exists plus what is still needed (status "dibutuhkan"), as mapped.
"""

from __future__ import annotations

import pandas as pd

from kumuhgis import overlay
from kumuhgis.measures import verdict


def road_coverage(units, roads) -> pd.DataFrame:
    """Measure the metres of road that are still needed (criterion 2a).

    Parameters
    ----------
    units : GeoDataFrame
        Units (n), metre CRS.
    roads : GeoDataFrame
        Lines with `status` ("ada", "dibutuhkan"; missing = exists).

    Returns
    -------
    DataFrame, shape (n, 2)
        `affected` (needed metres) and `total` (existing and needed metres). If no road of the layer has a
        status, the need was not mapped: `affected` is missing everywhere.

    Notes
    -----
    Source: Permen PUPR 14/PRT/M/2018, cakupan pelayanan jalan lingkungan.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString, box
    >>> units = gpd.GeoDataFrame(geometry=[box(0, 0, 100, 100)], index=["01"])
    >>> lines = [LineString([(0, 50), (80, 50)]), LineString([(80, 50), (100, 50)])]
    >>> roads = gpd.GeoDataFrame({"status": ["ada", "dibutuhkan"]}, geometry=lines)
    >>> road_coverage(units, roads).round(6).loc["01"].to_dict()
    {'affected': 20.0, 'total': 100.0}
    """
    amounts = overlay.lengths(units, roads, verdict.existence(roads))
    return verdict.coverage(amounts, told=verdict.tells_status(roads))


def road_surface(units, roads, *, bad, length_total) -> pd.DataFrame:
    """Measure the metres of existing road in a bad condition (criterion 2b).

    Parameters
    ----------
    units : GeoDataFrame
        Units (n), metre CRS.
    roads : GeoDataFrame
        Lines with `condition` and `status`.
    bad : list of str
        Conditions that count as bad.
    length_total : {"ideal", "existing"}
        Compare with the ideal (existing and needed) or with the existing length.

    Returns
    -------
    DataFrame, shape (n, 3)
        `affected` (bad metres), `total` and `unknown` (existing metres without a condition). `affected` is
        missing where no existing road has a condition.

    Notes
    -----
    Source: Permen PUPR 14/PRT/M/2018, kualitas permukaan jalan lingkungan.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString, box
    >>> units = gpd.GeoDataFrame(geometry=[box(0, 0, 100, 100)], index=["01"])
    >>> lines = [LineString([(0, 50), (80, 50)]), LineString([(80, 50), (100, 50)])]
    >>> roads = gpd.GeoDataFrame({"condition": ["rusak", "baik"]}, geometry=lines)
    >>> road_surface(units, roads, bad=["rusak"], length_total="ideal").round(6).loc["01"].to_dict()
    {'affected': 80.0, 'total': 100.0, 'unknown': 0.0}
    """
    judgement = verdict.listed(roads, "condition", bad).mask(verdict.needed(roads), verdict.NEEDED)
    return verdict.judged_lines(overlay.lengths(units, roads, judgement), length_total)
