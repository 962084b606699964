"""The kernel: from volumes and totals to percent, score, total and level. It only reads the table ``measures``.

Percent comes last: whatever is summed is summed as volumes. What is missing stays missing and makes the total an
interval. Arithmetic is exact in the sense of the regulation's forms: a percent is rounded half away from zero to two
decimals *as the decimal numbers that were written down*, not as their binary neighbours.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from kumuhgis.errors import Problem, ScoringError
from kumuhgis.longform import long_table, matrices
from kumuhgis.rules import load_rules
from kumuhgis.text import number, text

MEANS = ("plain", "gated")
MEASURE_COLUMNS = ["affected", "total", "source"]
_CHUNK = 1 << 15
_NEAR_TIE = 1e-7
_MAX_DECIMALS = 9


class Scored(NamedTuple):
    """What the kernel computes, as arrays of n units by k criteria, or of n units."""

    percent: np.ndarray
    score: np.ndarray
    score_low: np.ndarray
    score_high: np.ndarray
    total_low: np.ndarray
    total_high: np.ndarray
    level_low: np.ndarray
    level_high: np.ndarray


# ---------------------------------------------------------------- percent


def percents(affected, total):
    """Give percents, rounded to 2 decimals half away from zero, exactly.

    Parameters
    ----------
    affected, total : array_like of float
        Volumes and totals of the same unit and shape. NaN is missing.

    Returns
    -------
    numpy.ndarray of float
        ``100 * affected / total``; 0/0 is 0; a volume over a zero total, a negative total, and anything missing is
        NaN.

    Notes
    -----
    Rounding: Permen PUPR 14/PRT/M/2018 as the public forms compute it (Excel and PHP). Decimal ties are decided on
    the decimal numbers as written (up to 9 decimals), vectorised; numbers with more decimals are compared with the
    15 significant digits that a spreadsheet keeps.

    Examples
    --------
    >>> percents([1, 0, 3, 1], [32, 0, 0, 200.0])
    array([3.13, 0.  ,  nan, 0.5 ])
    """
    affected, total = np.broadcast_arrays(np.asarray(affected, float), np.asarray(total, float))
    out = np.empty(affected.shape)
    a, t, o = affected.reshape(-1), total.reshape(-1), out.reshape(-1)
    for start in range(0, len(o), _CHUNK):
        part = slice(start, start + _CHUNK)
        o[part] = _centipercents(a[part], t[part])
    out /= 100.0
    return out


def _centipercents(a, t):
    """Hundredths of a percent as whole floats; NaN where there is no percent."""
    with np.errstate(all="ignore"):
        x = a * 1e4
        x /= t
        y = np.abs(x)
        y += 0.5
        c = np.floor(y)
        y -= c
    y -= 0.5
    np.abs(y, out=y)
    near = y > 0.5 - _NEAR_TIE
    if near.any():
        where = np.flatnonzero(near)
        c[where] = _round_near_ties(np.abs(a[where]), t[where], np.abs(x[where]))
    np.copysign(c, x, out=c)
    c += 0.0  # no negative zero
    if not t.min(initial=1.0) > 0:  # a zero, a negative or a missing total
        c[~(t > 0)] = np.nan
        c[(t == 0) & (a == 0)] = 0.0
    return c


def _round_near_ties(a, t, x):
    """Round x = 1e4 a / t, known to lie close to j + 1/2, by comparing whole numbers."""
    j = np.rint(x - 0.5)
    up = x >= (j + 0.5) * (1 - 2.0**-49)
    open_ = np.ones(len(a), bool)
    for decimals in range(_MAX_DECIMALS + 1):
        scale = 10.0**decimals
        whole_a, whole_t = np.rint(a * scale), np.rint(t * scale)
        found = open_ & (whole_a / scale == a) & (whole_t / scale == t)
        found &= (whole_a < 2e14) & ((2 * j + 1) * whole_t < 4e18)
        if found.any():
            left = 20000 * whole_a[found].astype(np.int64)
            right = (2 * j[found].astype(np.int64) + 1) * whole_t[found].astype(np.int64)
            up[found] = left >= right
            open_ &= ~found
        if not open_.any():
            break
    return j + up


# ---------------------------------------------------------------- score, total, level


def score_arrays(affected, total, rules, affected_low=None, affected_high=None):
    """Score arrays of n units by k criteria: the kernel itself.

    Parameters
    ----------
    affected, total : numpy.ndarray of float, shape (n, k)
        Volumes and totals, criteria in the order of ``rules.codes``; NaN is missing.
    rules : Rules
        The rule.
    affected_low, affected_high : numpy.ndarray of float, shape (n, k), optional
        Limits within which a missing volume must lie (a roll-up knows some of it). NaN is unknown.

    Returns
    -------
    Scored
        Percent (n, k); score, score_low, score_high (n, k; int8, ``score`` is -1 where missing); total_low,
        total_high (n; int16); level_low, level_high (n; int8, position in ``rules.levels``).

    Notes
    -----
    Bands and levels: Permen PUPR 14/PRT/M/2018, 02/PRT/M/2016; the rule file names the source of each figure. The
    levels between ``level_low`` and ``level_high`` are the ones still possible.

    Examples
    --------
    >>> rules = load_rules()
    >>> got = score_arrays(np.full((1, 16), 10.0), np.full((1, 16), 20.0), rules)
    >>> got.percent[0, 0], got.total_low, rules.level_keys[got.level_low[0]]
    (np.float64(50.0), array([16], dtype=int16), 'kumuh ringan')
    """
    n, k = affected.shape
    percent = np.empty((n, k))
    score = np.empty((n, k), np.int8)
    low, high = np.empty((n, k), np.int8), np.empty((n, k), np.int8)
    total_low, total_high = np.empty(n, np.int16), np.empty(n, np.int16)
    step = max(1, _CHUNK // k)
    ones = np.ones(k, np.float32)
    for start in range(0, n, step):
        part = slice(start, start + step)
        c = _centipercents(affected[part].reshape(-1), total[part].reshape(-1)).reshape(-1, k)
        s = _band(c, rules.bands)
        missing = np.isnan(c)
        np.divide(c, 100.0, out=percent[part])
        score[part] = s
        low[part], high[part] = s, s
        if missing.any():
            score[part][missing] = -1
            low[part][missing], high[part][missing] = min(rules.bands.score), max(rules.bands.score)
            if affected_low is not None:
                _narrow(low[part], missing, affected_low[part], total[part], rules.bands)
                _narrow(high[part], missing, affected_high[part], total[part], rules.bands)
        total_low[part] = low[part].astype(np.float32) @ ones
        total_high[part] = total_low[part] if not missing.any() else high[part].astype(np.float32) @ ones
    levels = _level_table(rules)
    return Scored(percent, score, low, high, total_low, total_high, levels[total_low], levels[total_high])


def _band(centipercent, bands):
    """Scores of hundredths of a percent; a missing percent gets the lowest score here."""
    score = np.full(centipercent.shape, bands.score[0], np.int8)
    for i, lower in enumerate(bands.lower):
        step = np.int8(bands.score[i + 1] - bands.score[i])
        score += (centipercent >= round(lower * 100)).view(np.int8) * step
    return score


def _narrow(scores, missing, affected, total, bands):
    known = missing & ~np.isnan(affected) & (total > 0)
    if known.any():
        scores[known] = _band(_centipercents(affected[known], total[known]), bands)


def _level_table(rules):
    lower = [level.lower for level in rules.levels]
    return (np.searchsorted(lower, np.arange(rules.max_total + 1), side="right") - 1).astype(np.int8)


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
    [[3.0, 10.0, 'table'], [5.0, 12.0, 'geometry']]
    """
    order = {"table": ("table", "geometry"), "geometry": ("geometry", "table")}[prefer]
    index = table.index.union(geometry.index, sort=False)
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
    units, (affected, total) = matrices(measures, rules)
    codes, names = pd.factorize(groups.reindex(units))
    missing = np.isnan(affected)
    low = np.where(missing, np.where(np.isnan(total), np.nan, 0.0), affected)
    high = np.where(missing, total, affected)
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
    return out


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

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([["RT 01"], load_rules().codes], names=["unit", "criterion"])
    >>> measures = pd.DataFrame({"affected": 30.0, "total": 50.0, "source": "table"}, index)
    >>> scores, summary = score(measures)
    >>> summary.loc["RT 01", ["total_score", "level"]].tolist()
    [48, 'kumuh sedang']
    """
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
    summary["levels_possible"] = _levels_possible(scored, rules)
    summary["deciding"] = _deciding(scored, rules, agree)
    return summary.join(_fragile(units, affected, total, scored, rules, agree))


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


def _levels_possible(scored, rules):
    keys = rules.level_keys
    names = np.array([[" | ".join(keys[a : b + 1]) for b in range(len(keys))] for a in range(len(keys))], object)
    return names[scored.level_low, scored.level_high]


def _deciding(scored, rules, agree):
    """Name the criteria that keep a level open: those that can settle it alone, else all that are missing."""
    out = np.full(len(agree), "", object)
    rows = np.flatnonzero(~agree)
    if not len(rows):
        return out
    levels = _level_table(rules)
    low, high = scored.score_low[rows].astype(int), scored.score_high[rows].astype(int)
    base = scored.total_low[rows][:, None] - low
    rest = (scored.total_high[rows] - scored.total_low[rows])[:, None] - (high - low)
    open_, alone = high > low, np.zeros(low.shape, bool)
    for s in rules.bands.score:
        possible = open_ & (low <= s) & (s <= high)
        first = np.clip(base + s, 0, rules.max_total)
        last = np.clip(base + s + rest, 0, rules.max_total)
        alone |= possible & (levels[first] == levels[last])
    named = np.where(alone.any(axis=1)[:, None], alone, open_)
    codes = np.array(rules.codes, object)
    out[rows] = [", ".join(codes[mask]) for mask in named]
    return out


# ---------------------------------------------------------------- fragile


def _fragile(units, affected, total, scored, rules, agree):
    """Find units whose level changes if one criterion moves one band, and the nearest such criterion."""
    lower = np.array([level.lower for level in rules.levels] + [rules.max_total + 1])
    up_needed = (lower[scored.level_high + 1] - scored.total_high)[:, None]
    down_needed = (scored.total_low - lower[scored.level_low] + 1)[:, None]
    down_needed[scored.level_low == 0] = rules.max_total + 1
    limit_up, limit_down, step_up, step_down = _moves(scored.score, rules.bands)
    usable = (scored.score >= 0) & (total > 0) & agree[:, None]
    up = np.where(usable & (step_up >= up_needed), limit_up - scored.percent, np.inf)
    down = np.where(usable & (step_down >= down_needed), scored.percent - limit_down + 0.01, np.inf)
    best_up, best_down = up.argmin(axis=1), down.argmin(axis=1)
    rows = np.arange(len(units))
    worse = up[rows, best_up] <= down[rows, best_down]
    column = np.where(worse, best_up, best_down)
    distance = np.where(worse, up[rows, best_up], down[rows, best_down])
    fragile = np.isfinite(distance)
    limit = np.where(worse, limit_up[rows, column], limit_down[rows, column])
    whole = np.array([c.unit in ("unit", "KK") for c in rules.criteria])[column]
    volume = _volume_to(limit, affected[rows, column], total[rows, column], whole, worse)
    frame = pd.DataFrame(index=units)
    frame["fragile"] = pd.array(fragile, "boolean")
    frame.loc[~agree, "fragile"] = pd.NA
    frame["fragile_criterion"] = np.where(fragile, np.array(rules.codes, object)[column], "")
    frame["fragile_direction"] = np.where(fragile, np.where(worse, "worse", "better"), "")
    frame["fragile_percent"] = np.where(fragile, np.round(distance, 2), np.nan)
    frame["fragile_volume"] = np.where(fragile, volume, np.nan)
    return frame


def _moves(score, bands):
    """Limits and score steps of one band up and one band down, for every cell."""
    values, lower = np.array(bands.score), np.array(bands.lower)
    position = np.searchsorted(values, score)
    up, down = np.minimum(position, len(lower) - 1), np.maximum(position - 1, 0)
    step_up = np.where(position < len(lower), values[up + 1] - values[up], 0)
    step_down = np.where(position > 0, values[down + 1] - values[down], 0)
    return lower[up], lower[down], step_up, step_down


def _volume_to(limit, affected, total, whole, worse):
    """Volume that must be added (worse) or taken away (better) to cross a limit of rounded percent."""
    edge = (limit - 0.005) / 100 * total
    at_least = np.where(whole, np.ceil(edge - 1e-9), edge)
    below = np.where(whole, np.ceil(edge - 1e-9) - 1, edge)
    with np.errstate(invalid="ignore"):
        return np.round(np.where(worse, at_least - affected, affected - below), 6)


# ---------------------------------------------------------------- explaining


def explain(scores, unit, rules, *, lang="id"):
    """Trace one unit: every numerator, denominator, percent, band, score and source.

    Parameters
    ----------
    scores : pandas.DataFrame
        As :func:`score` gives them.
    unit : str
        The unit.
    rules : str, path or Rules
        The rule they were made with.
    lang : {"id", "en"}
        Language of the names.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``criterion``: ``name, affected, total, unit, percent, band, score, source, clause``.

    Raises
    ------
    ScoringError
        If there is no such unit.

    Examples
    --------
    >>> rules = load_rules()
    >>> index = pd.MultiIndex.from_product([["RT 01"], rules.codes], names=["unit", "criterion"])
    >>> scores, _ = score(pd.DataFrame({"affected": 30.0, "total": 50.0, "source": "table"}, index), rules)
    >>> explain(scores, "RT 01", rules).loc["3a", ["affected", "total", "unit", "percent", "band", "score"]].tolist()
    [30.0, 50.0, 'KK', 60.0, '51–<76 %', 3]
    """
    rules = load_rules(rules)
    if unit not in scores.index.get_level_values("unit"):
        raise ScoringError([Problem("unit_not_found", "scores", str(unit))], lang)
    out = scores.xs(unit, level="unit").reindex(list(rules.codes)).rename_axis("criterion")
    out.insert(0, "name", [c.name if lang == "id" else c.name_en for c in rules.criteria])
    out.insert(3, "unit", [c.unit for c in rules.criteria])
    bands = band_labels(rules)
    out["band"] = [text("levels.missing", lang) if pd.isna(s) else bands[s] for s in out["score"]]
    out["clause"] = [f"{rules.short}, {c.clause}" for c in rules.criteria]
    if "source" not in out:
        out["source"] = ""
    return out[["name", "affected", "total", "unit", "percent", "band", "score", "source", "clause"]]


def band_labels(rules):
    """Write the band of percent that belongs to every score.

    Parameters
    ----------
    rules : Rules
        The rule.

    Returns
    -------
    dict of int to str
        Score to label.

    Examples
    --------
    >>> band_labels(load_rules())
    {0: '<25 %', 1: '25–<51 %', 3: '51–<76 %', 5: '≥76 %'}
    """
    lower = [f"{value:g}" for value in rules.bands.lower]
    middle = [f"{a}–<{b} %" for a, b in zip(lower, lower[1:], strict=False)]
    return dict(zip(rules.bands.score, [f"<{lower[0]} %", *middle, f"≥{lower[-1]} %"], strict=True))


def fragile_sentence(row, rules, lang="id"):
    """Say what one step would change, with the distance in percent and in volume ("3 KK").

    Parameters
    ----------
    row : pandas.Series
        A row of ``summary``.
    rules : Rules
        The rule.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    str
        Empty if the unit is not fragile.
    """
    if not (pd.notna(row["fragile"]) and row["fragile"]):
        return ""
    criterion = rules.criterion(row["fragile_criterion"])
    decimals = {"unit": 0, "KK": 0, "m": 1, "ha": 4}[criterion.unit]
    return text(
        f"levels.fragile_{row['fragile_direction']}",
        lang,
        code=criterion.code,
        name=criterion.name if lang == "id" else criterion.name_en,
        percent=number(row["fragile_percent"], 2, lang),
        volume=f"{number(row['fragile_volume'], decimals, lang)} {criterion.unit}",
    )


def sensitivity(variants, rules):
    """Score the same units under several named options and say whose level changes.

    Parameters
    ----------
    variants : dict of str to pandas.DataFrame
        Name of the option to its measures; the first one is the reference.
    rules : str, path or Rules
        One rule for all: totals under different rules are never compared.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``unit``: for each variant ``<name>_total`` and ``<name>_level``, and ``changes`` (bool): some
        variant gives another level, or leaves it open, where the reference does not.

    Examples
    --------
    >>> rules = load_rules()
    >>> index = pd.MultiIndex.from_product([["RT 01"], rules.codes], names=["unit", "criterion"])
    >>> ideal = pd.DataFrame({"affected": 24.0, "total": 50.0}, index)
    >>> existing = ideal.assign(total=40.0)
    >>> sensitivity({"ideal": ideal, "existing": existing}, rules).loc["RT 01"].tolist()
    [16, 'kumuh ringan', 48, 'kumuh sedang', True]
    """
    rules = load_rules(rules)
    out, reference = pd.DataFrame(), None
    for name, measures in variants.items():
        _, summary = score(measures, rules)
        level = summary["level"].astype(object).where(summary["level"].notna(), None)
        if reference is None:
            out = pd.DataFrame(index=summary.index)
            reference, changes = level, pd.Series(False, index=summary.index)
        level = level.reindex(out.index)
        out[f"{name}_total"] = summary["total_score"].reindex(out.index)
        out[f"{name}_level"] = level
        changes |= (level != reference) & ~(level.isna() & reference.isna())
    out["changes"] = changes
    return out


def same_rules(a, b):
    """Refuse to compare totals under different rules.

    Parameters
    ----------
    a, b : Rules
        The rules behind two results.

    Raises
    ------
    ScoringError
        If they are not equal in every figure.

    Examples
    --------
    >>> same_rules(load_rules(), load_rules("permen-02-2016"))
    Traceback (most recent call last):
    ...
    kumuhgis.errors.ScoringError: permen-14-2018 · permen-02-2016: ...
    """
    if a != b:
        raise ScoringError([Problem("rules_differ", a.key, b.key)])
