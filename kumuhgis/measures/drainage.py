"""Aspect 4, drainage: inundation (4a), coverage (4b), construction, connection and maintenance of drains.

The ideal length of a unit is what exists plus what is still needed (status "dibutuhkan"), as mapped.
"""

from __future__ import annotations

import pandas as pd

from kumuhgis import overlay, tabulation
from kumuhgis.measures import verdict
from kumuhgis.memory import remembering


@remembering()
def inundation_area(units, inundation, *, min_depth_cm, min_duration_h, min_times_per_year) -> pd.DataFrame:
    """Measure the hectares that are under water too deep, too long and too often (criterion 4a).

    Parameters
    ----------
    units : GeoDataFrame
        Units (n), metre CRS, with `area_ha`.
    inundation : GeoDataFrame
        Polygons with `depth_cm`, `duration_h` and `times_per_year`.
    min_depth_cm, min_duration_h, min_times_per_year : float
        A polygon qualifies if it exceeds all three (more than 30 cm, 2 hours, twice a year). What is not
        known about a polygon is taken as exceeding: who drew it called it inundation.

    Returns
    -------
    DataFrame, shape (n, 3)
        Hectares: `affected` (qualifying, each hectare once), `total` (of the unit) and `unknown` (the part of
        `affected` that rests on an attribute that is not known).

    Notes
    -----
    Source: Permen PUPR 14/PRT/M/2018, ketidakmampuan mengalirkan limpasan air.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> units = gpd.GeoDataFrame({"area_ha": [1.0]}, geometry=[box(0, 0, 100, 100)], index=["01"])
    >>> pools = {"depth_cm": [40, 30], "duration_h": [3, 9], "times_per_year": [5, 9]}
    >>> pools = gpd.GeoDataFrame(pools, geometry=[box(0, 0, 50, 50), box(50, 50, 100, 100)])
    >>> limits = {"min_depth_cm": 30, "min_duration_h": 2, "min_times_per_year": 2}
    >>> inundation_area(units, pools, **limits).round(6).loc["01"].to_dict()
    {'affected': 0.25, 'total': 1.0, 'unknown': 0.0}
    """
    limits = {"depth_cm": min_depth_cm, "duration_h": min_duration_h, "times_per_year": min_times_per_year}
    values = pd.DataFrame(
        {name: pd.to_numeric(verdict.attribute(inundation, name), errors="coerce") for name in limits}
    )
    qualifies = (values.isna() | (values > pd.Series(limits))).all(axis=1).to_numpy(dtype=bool)
    certain = qualifies & values.notna().all(axis=1).to_numpy(dtype=bool)
    affected = overlay.areas(units, inundation[qualifies])["all"]
    sure = overlay.areas(units, inundation[certain])["all"]
    columns = {
        "affected": affected,
        "total": units["area_ha"].astype(float),
        "unknown": tabulation.remainder(affected, sure),
    }
    return pd.DataFrame(columns, index=units.index)


def drain_coverage(units, drains) -> pd.DataFrame:
    """Measure the metres of drain that are still needed (criterion 4b).

    Parameters
    ----------
    units : GeoDataFrame
        Units (n), metre CRS.
    drains : GeoDataFrame
        Lines with `status` ("ada", "dibutuhkan"; missing = exists).

    Returns
    -------
    DataFrame, shape (n, 2)
        `affected` (needed metres) and `total` (existing and needed metres). If no drain of the layer has a
        status, the need was not mapped: `affected` is missing everywhere.

    Notes
    -----
    Source: Permen PUPR 14/PRT/M/2018, ketidaktersediaan drainase.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString, box
    >>> units = gpd.GeoDataFrame(geometry=[box(0, 0, 100, 100)], index=["01"])
    >>> drains = gpd.GeoDataFrame({"status": ["dibutuhkan"]}, geometry=[LineString([(0, 50), (80, 50)])])
    >>> drain_coverage(units, drains).round(6).loc["01"].to_dict()
    {'affected': 80.0, 'total': 80.0}
    """
    amounts = overlay.lengths(units, drains, verdict.existence(drains))
    return verdict.coverage(amounts, told=verdict.tells_status(drains))


def drain_condition(units, drains, *, bad, length_total) -> pd.DataFrame:
    """Measure the metres of existing drain in a bad condition (4c of 14/2018, 4e of 02/2016).

    Parameters
    ----------
    units : GeoDataFrame
        Units (n), metre CRS.
    drains : GeoDataFrame
        Lines with `condition` and `status`.
    bad : list of str
        Conditions that count as bad.
    length_total : {"ideal", "existing"}
        Compare with the ideal (existing and needed) or with the existing length.

    Returns
    -------
    DataFrame, shape (n, 3)
        `affected` (bad metres), `total` and `unknown` (existing metres without a condition). `affected` is
        missing where no existing drain has a condition.

    Notes
    -----
    Source: Permen PUPR 14/PRT/M/2018, kualitas konstruksi drainase.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString, box
    >>> units = gpd.GeoDataFrame(geometry=[box(0, 0, 100, 100)], index=["01"])
    >>> drains = gpd.GeoDataFrame({"condition": ["rusak"]}, geometry=[LineString([(0, 50), (80, 50)])])
    >>> drain_condition(units, drains, bad=["rusak"], length_total="ideal").round(6).loc["01"].to_dict()
    {'affected': 80.0, 'total': 80.0, 'unknown': 0.0}
    """
    return _judged(units, drains, verdict.listed(drains, "condition", bad), length_total)


def drain_connection(units, drains, *, length_total) -> pd.DataFrame:
    """Measure the metres of existing drain that lead nowhere (4c of 02/2016).

    Parameters
    ----------
    units : GeoDataFrame
        Units (n), metre CRS.
    drains : GeoDataFrame
        Lines with `connected` (True, False or missing) and `status`.
    length_total : {"ideal", "existing"}
        Compare with the ideal (existing and needed) or with the existing length.

    Returns
    -------
    DataFrame, shape (n, 3)
        `affected` (metres not connected to the next higher drain), `total` and `unknown`. `affected` is missing
        where nothing is known of any existing drain.

    Notes
    -----
    Source: Permen PUPR 02/PRT/M/2016, drainase tidak terhubung dengan hierarki di atasnya.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString, box
    >>> units = gpd.GeoDataFrame(geometry=[box(0, 0, 100, 100)], index=["01"])
    >>> drains = gpd.GeoDataFrame({"connected": [False]}, geometry=[LineString([(0, 50), (80, 50)])])
    >>> drain_connection(units, drains, length_total="ideal").round(6).loc["01"].to_dict()
    {'affected': 80.0, 'total': 80.0, 'unknown': 0.0}
    """
    return _judged(units, drains, verdict.flagged(drains, "connected", affected=False), length_total)


def drain_maintenance(units, drains, *, length_total) -> pd.DataFrame:
    """Measure the metres of existing drain that nobody maintains (4d of 02/2016).

    Parameters
    ----------
    units : GeoDataFrame
        Units (n), metre CRS.
    drains : GeoDataFrame
        Lines with `maintained` (True, False or missing) and `status`.
    length_total : {"ideal", "existing"}
        Compare with the ideal (existing and needed) or with the existing length.

    Returns
    -------
    DataFrame, shape (n, 3)
        `affected` (metres not maintained), `total` and `unknown`. `affected` is missing where nothing is known
        of any existing drain.

    Notes
    -----
    Source: Permen PUPR 02/PRT/M/2016, drainase tidak terpelihara.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString, box
    >>> units = gpd.GeoDataFrame(geometry=[box(0, 0, 100, 100)], index=["01"])
    >>> drains = gpd.GeoDataFrame({"maintained": [True]}, geometry=[LineString([(0, 50), (80, 50)])])
    >>> drain_maintenance(units, drains, length_total="ideal").round(6).loc["01"].to_dict()
    {'affected': 0.0, 'total': 80.0, 'unknown': 0.0}
    """
    return _judged(units, drains, verdict.flagged(drains, "maintained", affected=False), length_total)


def _judged(units, drains, judgement, length_total) -> pd.DataFrame:
    """Measure drains by verdict, those that do not exist yet apart."""
    judgement = judgement.mask(verdict.needed(drains), verdict.NEEDED)
    return verdict.judged_lines(overlay.lengths(units, drains, judgement), length_total)
