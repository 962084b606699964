"""From the table ``measures`` to scores: combine sources, roll up, score, summarise.

Percent comes last: whatever is summed is summed as volumes. What is missing stays missing and makes the total an
interval.
"""

import numpy as np
import pandas as pd

from kumuhgis.fragile import deciding, fragile, levels_possible
from kumuhgis.kernel import score_arrays
from kumuhgis.longform import long_table, matrices
from kumuhgis.rules import load_rules
from kumuhgis.text import text

MEANS = ("plain", "gated")
MEASURE_COLUMNS = ["affected", "total", "source"]


# ---------------------------------------------------------------- combining and rolling up


def combine(table, geometry, *, prefer="table"):
    """Choose between what the table says and what geometry gives; both stay visible.

    Parameters
    ----------
    table, geometry : pandas.DataFrame
        Measures, indexed by (``unit``, ``criterion``): ``affected, total, source``.
    prefer : {"table", "geometry"}
        Which one decides where both are complete. A pair of volume and total is never mixed from two sources.

    Returns
    -------
    pandas.DataFrame
        ``affected, total, source`` as chosen (``source`` empty where neither is complete), and ``table_affected,
        table_total, geometry_affected, geometry_total``.

    Examples
    --------
    >>> index = pd.MultiIndex.from_tuples([("A", "1a"), ("B", "1a")], names=["unit", "criterion"])
    >>> t = pd.DataFrame({"affected": [3, np.nan], "total": [10, 10], "source": "table"}, index)
    >>> g = pd.DataFrame({"affected": [4.0, 5], "total": [11, 12], "source": "geometry"}, index)
    >>> combine(t, g)[["affected", "total", "source"]].values.tolist()
    [[3.0, 10, 'table'], [5.0, 12, 'geometry']]
    """
    order = {"table": ("table", "geometry"), "geometry": ("geometry", "table")}[prefer]
    alike = table.index.equals(geometry.index)
    index = table.index if alike else table.index.union(geometry.index, sort=False)
    sides = {"table": table.reindex(index), "geometry": geometry.reindex(index)}
    complete = {k: s["affected"].notna() & s["total"].notna() for k, s in sides.items()}
    first, second = order
    # where neither is complete, the preferred side's remains (say, a total without volume) are kept as they are
    use_second = ~complete[first] & complete[second]
    keep_second = ~complete[first] & ~complete[second] & sides[first][["affected", "total"]].isna().all(axis=1)
    take = use_second | keep_second
    out = sides[first][MEASURE_COLUMNS].where(~take, sides[second][MEASURE_COLUMNS])
    out["source"] = out["source"].where(complete[first] | complete[second], "").fillna("")
    for name, side in sides.items():
        out[f"{name}_affected"], out[f"{name}_total"] = side["affected"], side["total"]
    return out


def roll_up(measures, groups, rules):
    """Sum volumes and totals of units into groups. Percents and scores are never averaged.

    Parameters
    ----------
    measures : pandas.DataFrame
        Indexed by (``unit``, ``criterion``).
    groups : pandas.Series
        Group of each unit, indexed by unit.
    rules : Rules
        The rule.

    Returns
    -------
    pandas.DataFrame
        Measures of the groups (index level ``unit`` holds the groups), with ``affected_low`` and ``affected_high``:
        where a unit's volume is missing but its total is known, the sum lies between none and all of that total.

    Notes
    -----
    Verified on the published roll-ups of Kota Pekalongan: percent, score and level of a kawasan come from sums.

    Examples
    --------
    >>> index = pd.MultiIndex.from_tuples([("A", "1a"), ("B", "1a")], names=["unit", "criterion"])
    >>> m = pd.DataFrame({"affected": [3.0, 6], "total": [10.0, 10], "source": "table"}, index)
    >>> g = pd.Series({"A": "Bulu", "B": "Bulu"})
    >>> roll_up(m, g, load_rules()).loc[("Bulu", "1a"), ["affected", "total"]].tolist()
    [9.0, 20.0]
    """
    columns = ("affected", "total", "affected_low", "affected_high")
    units, (affected, total, known_low, known_high) = matrices(measures, rules, columns)
    codes, names = pd.factorize(groups.reindex(units))
    missing = np.isnan(affected)
    nothing = np.where(np.isnan(total), np.nan, 0.0)
    low = np.where(missing, np.where(np.isnan(known_low), nothing, known_low), affected)
    high = np.where(missing, np.where(np.isnan(known_high), total, known_high), affected)
    sums = [_sum_by(codes, a, len(names)) for a in (affected, total, low, high)]
    source = np.where(np.isnan(sums[0]), "", "roll-up")
    return long_table(
        pd.Index(names, name="unit"),
        rules.codes,
        affected=sums[0],
        total=sums[1],
        source=source,
        affected_low=sums[2],
        affected_high=sums[3],
    )


def _sum_by(codes, values, n):
    """Sum rows by group, without the rows of no group; a sum with a missing part is missing."""
    inside = codes >= 0
    out = np.empty((n, values.shape[1]))
    for j in range(values.shape[1]):
        out[:, j] = np.bincount(codes[inside], weights=values[inside, j], minlength=n)
    return np.round(out, 9)  # sums of decimals are decimals again


# ---------------------------------------------------------------- scores and summary of units


def score(measures, rules=None, *, means="plain"):
    """Score every unit of a table of measures.

    Parameters
    ----------
    measures : pandas.DataFrame
        Indexed by (``unit``, ``criterion``) with ``affected`` and ``total``.
    rules : str, path or Rules, optional
        The rule; the default is ``permen-14-2018``.
    means : {"plain", "gated"}
        Aspect means of the rounded percents, or with the criteria of score 0 counted as 0 % (R0 workbook). It never
        changes a score, a total or a level.

    Returns
    -------
    scores : pandas.DataFrame
        Indexed as ``measures``: ``affected, total, source, percent, score, score_low, score_high``; ``score`` is
        missing where the percent is.
    summary : pandas.DataFrame
        Indexed by ``unit``: ``aspect_1_mean`` …, ``sektoral, total_score, total_low, total_high, level,
        levels_possible, deciding, fragile, fragile_criterion, fragile_direction, fragile_percent, fragile_volume``.

    Raises
    ------
    TypeError
        If it is no table, for example the name of a file.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([["RT 01"], load_rules().codes], names=["unit", "criterion"])
    >>> measures = pd.DataFrame({"affected": 30.0, "total": 50.0, "source": "table"}, index)
    >>> scores, summary = score(measures)
    >>> summary.loc["RT 01", ["total_score", "level"]].to_dict()
    {'total_score': 48, 'level': 'kumuh sedang'}
    """
    if not isinstance(measures, pd.DataFrame):
        raise TypeError(text("hints.measures", kind=type(measures).__name__))
    rules = load_rules(rules or "permen-14-2018")
    units, arrays = matrices(measures, rules, ("affected", "total", "affected_low", "affected_high"))
    limits = arrays[2:] if "affected_low" in measures else ()
    scored = score_arrays(arrays[0], arrays[1], rules, *limits)
    scores = long_table(units, rules.codes, affected=arrays[0], total=arrays[1])
    if "source" in measures:
        scores["source"] = measures["source"].reindex(scores.index).fillna("")
    for name in ("percent", "score", "score_low", "score_high"):
        scores[name] = getattr(scored, name).reshape(-1)
    scores["score"] = scores["score"].astype("Int8").mask(scores["score"] < 0)
    return scores, summarise(units, arrays[0], arrays[1], scored, rules, means)


def results(measures, rules, *, means="plain"):
    """Score measures into one wide row per unit: the contract for checking kumuhgis from outside.

    Parameters
    ----------
    measures : pandas.DataFrame
        Indexed by (``unit``, ``criterion``).
    rules : Rules
        The rule.
    means : {"plain", "gated"}
        Variant of the aspect means.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``unit``: ``<code>_percent, <code>_score`` for every criterion, ``aspect_<n>_mean, sektoral,
        total_score, total_low, total_high, level, fragile``.
    """
    units, arrays = matrices(measures, rules, ("affected", "total", "affected_low", "affected_high"))
    limits = arrays[2:] if "affected_low" in measures else ()
    scored = score_arrays(arrays[0], arrays[1], rules, *limits)
    columns = {}
    for j, code in enumerate(rules.codes):
        columns[f"{code}_percent"] = scored.percent[:, j]
        columns[f"{code}_score"] = pd.arrays.IntegerArray(scored.score[:, j].copy(), scored.score[:, j] < 0)
    summary = summarise(units, arrays[0], arrays[1], scored, rules, means)
    kept = [
        *(f"aspect_{a.number}_mean" for a in rules.aspects),
        "sektoral",
        "total_score",
        "total_low",
        "total_high",
        "level",
        "fragile",
    ]
    return pd.DataFrame(columns, index=units).join(summary[kept])


def summarise(units, affected, total, scored, rules, means="plain"):
    """Write what the kernel gave as one row per unit; see :func:`score` for the columns."""
    summary = pd.DataFrame(index=units)
    aspect_means, sektoral = _means(scored, rules, means)
    for aspect, values in zip(rules.aspects, aspect_means.T, strict=True):
        summary[f"aspect_{aspect.number}_mean"] = values
    summary["sektoral"] = sektoral
    complete = ~np.isnan(scored.percent).any(axis=1)
    summary["total_score"] = pd.array(scored.total_low, "Int16")
    summary.loc[~complete, "total_score"] = pd.NA
    summary["total_low"], summary["total_high"] = scored.total_low, scored.total_high
    agree = scored.level_low == scored.level_high
    codes = np.where(agree, scored.level_low, -1)
    summary["level"] = pd.Categorical.from_codes(codes, list(rules.level_keys), ordered=True)
    summary["levels_possible"] = levels_possible(scored, rules)
    summary["deciding"] = deciding(scored, rules, agree)
    return summary.join(fragile(units, affected, total, scored, rules, agree))


def _means(scored, rules, means):
    """Aspect means and their mean, rounded half away from zero on whole hundredths: exact."""
    if means not in MEANS:
        raise ValueError(f"means = {means!r}: plain | gated")
    cents = np.rint(scored.percent * 100)
    if means == "gated":
        cents = np.where(scored.score == 0, 0.0, cents)
    columns = [[rules.codes.index(c) for c in rules.of_aspect(a.number)] for a in rules.aspects]
    by_aspect = np.column_stack([_mean_of_whole(cents[:, c]) for c in columns])
    return by_aspect / 100, _mean_of_whole(by_aspect) / 100


def _mean_of_whole(values):
    n = values.shape[1]
    sums = values.sum(axis=1)
    return np.copysign(np.floor((2 * np.abs(sums) + n) / (2 * n)), sums) + 0.0
