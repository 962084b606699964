"""Aspect 1, buildings: irregularity (1a), density (1b) and technical requirements (1c).

Each building is counted once, in the unit that holds its representative point.
"""

from __future__ import annotations

import pandas as pd

from kumuhgis import overlay
from kumuhgis.measures import verdict


def building_irregularity(units, buildings) -> pd.DataFrame:
    """Count the irregular buildings (criterion 1a).

    Parameters
    ----------
    units : GeoDataFrame
        Units (n), metre CRS.
    buildings : GeoDataFrame
        Points or polygons with `irregular` (True, False or missing).

    Returns
    -------
    DataFrame, shape (n, 3)
        `affected` (irregular buildings), `total` (all buildings) and `unknown` (not judged). `affected` is
        missing where no building was judged.

    Notes
    -----
    Source: Permen PUPR 14/PRT/M/2018, ketidakteraturan bangunan.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import Point, box
    >>> units = gpd.GeoDataFrame(geometry=[box(0, 0, 100, 100)], index=["01"])
    >>> houses = gpd.GeoDataFrame({"irregular": [True, False, None]}, geometry=[Point(x, 9) for x in (10, 20, 30)])
    >>> building_irregularity(units, houses).loc["01"].to_dict()
    {'affected': 1.0, 'total': 3.0, 'unknown': 1.0}
    """
    judgement = verdict.flagged(buildings, "irregular", affected=True)
    return verdict.judged(overlay.counts(units, buildings, judgement))


def building_density(units, buildings, *, limit_per_ha) -> pd.DataFrame:
    """Measure the hectares that are built too densely (criterion 1b).

    Parameters
    ----------
    units : GeoDataFrame
        Units (n), metre CRS, with `area_ha`.
    buildings : GeoDataFrame
        Points or polygons.
    limit_per_ha : float
        Buildings a hectare from which a unit is too dense (250 in metropolitan and big cities, 200 in medium
        and small ones).

    Returns
    -------
    DataFrame, shape (n, 2)
        `affected` (all hectares of the unit if it reaches the limit, else 0) and `total` (its hectares), both
        missing where the area is not known.

    Notes
    -----
    Source: Permen PUPR 14/PRT/M/2018, tingkat kepadatan bangunan.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import Point, box
    >>> units = gpd.GeoDataFrame({"area_ha": [0.01]}, geometry=[box(0, 0, 10, 10)], index=["01"])
    >>> houses = gpd.GeoDataFrame(geometry=[Point(2, 2), Point(7, 7)])
    >>> building_density(units, houses, limit_per_ha=200).loc["01"].to_dict()
    {'affected': 0.01, 'total': 0.01}
    """
    area = units["area_ha"].astype(float)
    area = area.where(area > 0)
    number = overlay.counts(units, buildings)["all"]
    dense = number / area >= limit_per_ha
    return pd.DataFrame({"affected": area.where(dense | area.isna(), 0.0), "total": area}, index=units.index)


def building_substandard(units, buildings) -> pd.DataFrame:
    """Count the buildings below the technical requirements (criterion 1c).

    Parameters
    ----------
    units : GeoDataFrame
        Units (n), metre CRS.
    buildings : GeoDataFrame
        Points or polygons with `substandard` (True, False or missing).

    Returns
    -------
    DataFrame, shape (n, 3)
        `affected` (substandard buildings), `total` (all buildings) and `unknown` (not judged). `affected` is
        missing where no building was judged.

    Notes
    -----
    Source: Permen PUPR 14/PRT/M/2018, ketidaksesuaian dengan persyaratan teknis bangunan.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import Point, box
    >>> units = gpd.GeoDataFrame(geometry=[box(0, 0, 100, 100)], index=["01"])
    >>> houses = gpd.GeoDataFrame({"use": ["rumah"]}, geometry=[Point(10, 10)])
    >>> building_substandard(units, houses).loc["01"].to_dict()
    {'affected': nan, 'total': 1.0, 'unknown': 1.0}
    """
    judgement = verdict.flagged(buildings, "substandard", affected=True)
    return verdict.judged(overlay.counts(units, buildings, judgement))
