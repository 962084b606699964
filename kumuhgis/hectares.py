"""Hectares: how much slum, of which level, inside or outside the SK, and which of three areas says so.

Slum hectares are the areas of the RT whose *own* total reaches the floor. A roll-up may hide slum RT, so its level is
never used to count hectares.
"""

import numpy as np
import pandas as pd

from kumuhgis.errors import Problem

AREAS = {"verified": "verified_ha", "measured": "area_ha", "sk": "sk_ha"}


def area_used(units, choice="verified"):
    """Give the area that counts for every unit.

    Parameters
    ----------
    units : pandas.DataFrame
        With ``verified_ha`` (luas verifikasi), ``area_ha`` (measured) or ``sk_ha`` (luas SK); any may be absent.
    choice : {"verified", "measured", "sk"}
        Which area decides. Where the verified area is missing, the measured one stands in.

    Returns
    -------
    pandas.Series of float
        Hectares, NaN where unknown.

    Examples
    --------
    >>> units = pd.DataFrame({"verified_ha": [1.5, np.nan], "area_ha": [1.6, 2.0]}, index=["A", "B"])
    >>> area_used(units).tolist()
    [1.5, 2.0]
    """
    empty = pd.Series(np.nan, index=units.index, dtype=float)
    area = units[AREAS[choice]].astype(float) if AREAS[choice] in units else empty
    if choice == "verified" and "area_ha" in units:
        area = area.fillna(units["area_ha"])
    return area.rename("area_used_ha")


def slum_area(area, total_low, total_high, rules):
    """Give the slum hectares of units: all of the area where the total reaches the floor, else none.

    Parameters
    ----------
    area, total_low, total_high : pandas.Series
        Hectares and the interval of the total of every unit.
    rules : Rules
        Gives the floor (16 under permen-14-2018).

    Returns
    -------
    pandas.DataFrame
        ``slum_ha`` (NaN where it is open whether the unit is slum), ``slum_ha_low``, ``slum_ha_high``.

    Notes
    -----
    Recomputed from published data: 71.682 ha (2019) and 39.464 ha (2023) for 93 RT of Kota Pekalongan.

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> one = lambda *values: pd.Series(values, index=["A", "B"])
    >>> slum_area(one(2.0, 3.0), one(20, 14), one(20, 19), load_rules()).values.tolist()
    [[2.0, 2.0, 2.0], [nan, 0.0, 3.0]]
    """
    certain, possible = total_low >= rules.floor, total_high >= rules.floor
    low, high = area.where(certain, 0.0), area.where(possible, 0.0)
    return pd.DataFrame({"slum_ha": low.where(certain == possible), "slum_ha_low": low, "slum_ha_high": high})


def slum_hectares(summary, rules, groups=None):
    """Add up slum hectares by level, for everything or for any grouping.

    Parameters
    ----------
    summary : pandas.DataFrame
        One row per unit: ``level, total_low, area_used_ha, slum_ha, slum_ha_low, slum_ha_high``.
    rules : Rules
        The rule.
    groups : pandas.Series, optional
        Group of each unit; units without a group are gathered under "".

    Returns
    -------
    pandas.DataFrame
        One row per group (``""`` for all without a grouping): ``units``, one column of hectares per level,
        ``undetermined``, ``area_ha``, ``slum_ha`` (NaN while a unit is open), ``slum_ha_low``, ``slum_ha_high``,
        ``slum_units``. A sum of which a part is unknown is NaN.

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> summary = pd.DataFrame({
    ...     "level": ["kumuh ringan", "tidak kumuh"], "total_low": [20, 3], "area_used_ha": [2.0, 3.0],
    ...     "slum_ha": [2.0, 0.0], "slum_ha_low": [2.0, 0.0], "slum_ha_high": [2.0, 0.0]}, index=["A", "B"])
    >>> slum_hectares(summary, load_rules())[["kumuh ringan", "slum_ha", "slum_units"]].values.tolist()
    [[2.0, 2.0, 1.0]]
    """
    groups = pd.Series("", index=summary.index) if groups is None else groups.reindex(summary.index).fillna("")
    by = groups.to_numpy()
    area, level = summary["area_used_ha"], summary["level"].astype(object)
    out = pd.DataFrame({"units": summary.groupby(by, sort=False).size()})
    for key in rules.level_keys:
        out[key] = _sums(area.where(level == key, 0.0), by)
    out["undetermined"] = _sums(area.where(level.isna(), 0.0), by)
    out["area_ha"] = _sums(area, by)
    for column in ("slum_ha", "slum_ha_low", "slum_ha_high"):
        out[column] = _sums(summary[column], by)
    out["slum_units"] = (summary["total_low"] >= rules.floor).groupby(by, sort=False).sum()
    return out.rename_axis("group")


def _sums(values, by):
    """Sum by group, without the noise of binary sums; a sum with a missing part is missing."""
    grouped = values.groupby(by, sort=False)
    return grouped.sum().round(9).where(~values.isna().groupby(by, sort=False).any())


def reconcile(units, *, tolerance=0.05):
    """Put luas SK, luas verifikasi and the measured area of every unit side by side.

    Parameters
    ----------
    units : pandas.DataFrame
        With any of ``sk_ha, verified_ha, area_ha``.
    tolerance : float
        Share by which the table's area may differ from the map's before it is a problem.

    Returns
    -------
    table : pandas.DataFrame
        ``sk_ha, verified_ha, area_ha, verified_minus_measured, sk_minus_verified``.
    problems : list of Problem
        Areas that differ, and areas that are missing from the table.
    """
    table = pd.DataFrame(index=units.index)
    for column in ("sk_ha", "verified_ha", "area_ha"):
        table[column] = units[column].astype(float) if column in units else np.nan
    table["verified_minus_measured"] = table["verified_ha"] - table["area_ha"]
    table["sk_minus_verified"] = table["sk_ha"] - table["verified_ha"]
    problems = []
    far = table["verified_minus_measured"].abs() > tolerance * table["area_ha"]
    for unit, row in table[far].iterrows():
        params = {"table": round(row["verified_ha"], 2), "map": round(row["area_ha"], 2)}
        problems.append(Problem("area_differs", "rt", str(unit), "luas_ha", params))
    missing = table["verified_ha"].isna() & table["area_ha"].notna()
    if len(table) and table["verified_ha"].isna().all():
        return table, [*problems, Problem("area_only_measured", "rt", "", "luas_ha")]
    for unit, row in table[missing].iterrows():
        problems.append(Problem("area_missing", "rt", str(unit), "luas_ha", {"map": round(row["area_ha"], 2)}))
    return table, problems


def against_sk(summary, sk_share, rules, *, tolerance=0.02):
    """Say which units are inside the SK but not slum, and which are slum but outside it.

    Parameters
    ----------
    summary : pandas.DataFrame
        With ``total_low, total_high``.
    sk_share : pandas.Series of float
        Share of each unit that lies inside the SK; NaN where nothing is known.
    rules : Rules
        The rule.
    tolerance : float
        Share that digitising may gain or lose.

    Returns
    -------
    pandas.DataFrame
        ``sk_share``, ``sk_status`` ("inside", "partial", "outside", missing), ``sk_finding`` ("inside_not_slum",
        "outside_slum" or "").

    Notes
    -----
    What the ministry found wrong with existing SK in 2023 includes "tidak kumuh" areas inside them.

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> summary = pd.DataFrame({"total_low": [4, 20], "total_high": [4, 20]}, index=["A", "B"])
    >>> against_sk(summary, pd.Series([0.6, 0.0], index=["A", "B"]), load_rules())["sk_finding"].tolist()
    ['inside_not_slum', 'outside_slum']
    """
    share = sk_share.reindex(summary.index).astype(float)
    inside, outside = share >= 1 - tolerance, share <= tolerance
    status = pd.Series("partial", index=summary.index, dtype=object)
    status = status.mask(inside, "inside").mask(outside, "outside").where(share.notna(), None)
    slum, not_slum = summary["total_low"] >= rules.floor, summary["total_high"] < rules.floor
    finding = pd.Series("", index=summary.index, dtype=object)
    finding = finding.mask((share > tolerance) & not_slum, "inside_not_slum").mask(outside & slum, "outside_slum")
    return pd.DataFrame({"sk_share": share, "sk_status": status, "sk_finding": finding})
