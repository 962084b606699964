"""What a reader should know of the numbers: kept but odd, impossible, or other than what was published."""

import re
from difflib import get_close_matches

import numpy as np
import pandas as pd

from kumuhgis.baseline import with_rows
from kumuhgis.errors import Problem, some
from kumuhgis.fragile import deciding, levels_possible
from kumuhgis.kernel import percents, score_arrays
from kumuhgis.longform import matrices

_LEVEL_WORDS = {"tk": 0, "kr": 1, "ks": 2, "kb": 3, "tidak": 0, "ringan": 1, "sedang": 2, "berat": 3}


def scoring_problems(measures, rules, layer="measures"):
    """List what the kernel kept but a reader should know, and what it could not compute.

    Parameters
    ----------
    measures : pandas.DataFrame
        Indexed by (``unit``, ``criterion``).
    rules : Rules
        The rule.
    layer : str
        Where the measures come from, for the problem's ``layer``.

    Returns
    -------
    list of Problem
        A volume over a zero total and a negative total (errors: no percent), percents above 100 or below 0
        (warnings: kept as they are), criteria that the rule does not know.
    """
    units, (a, t) = matrices(measures, rules)
    with np.errstate(invalid="ignore"):
        percent = percents(a, t)
        checks = {
            "total_negative": t < 0,
            "volume_over_zero_total": (t == 0) & (a != 0) & ~np.isnan(a),
            "percent_over_100": percent > 100,
            "percent_negative": percent < 0,
        }
    problems = []
    for code, mask in checks.items():
        for i, j in zip(*np.nonzero(mask), strict=True):
            params = {"affected": float(a[i, j]), "total": float(t[i, j]), "percent": round(float(percent[i, j]), 2)}
            problems.append(Problem(code, layer, str(units[i]), rules.codes[j], params))
    others = measures.index.get_level_values("criterion").unique().difference(list(rules.codes))
    problems += [Problem("criterion_unknown", layer, "", c, {"rules": rules.key}) for c in others]
    return problems


def open_levels(measures, rules, layer):
    """List the units whose level is open, with the criteria that would decide; the same reason shares a row.

    Parameters
    ----------
    measures : pandas.DataFrame
        Indexed by (``unit``, ``criterion``).
    rules : Rules
        The rule.
    layer : str
        Where the measures come from.

    Returns
    -------
    list of Problem
        ``level_open``: units, deciding criteria, possible levels.
    """
    units, arrays = matrices(measures, rules)
    scored = score_arrays(*arrays, rules)
    agree = scored.level_low == scored.level_high
    reasons = pd.DataFrame({"codes": deciding(scored, rules, agree), "levels": levels_possible(scored, rules)}, units)
    return [
        Problem(
            "level_open", layer, some(group.index), "", {"codes": codes, "levels": levels}, about=tuple(group.index)
        )
        for (codes, levels), group in reasons[~agree].groupby(["codes", "levels"], sort=False)
    ]


def published_differences(baseline, scores, summary, rules):
    """Compare what stood beside the volumes (percents, scores, means, total, level) with what they give.

    Parameters
    ----------
    baseline : tables.Baseline
        The table, with ``published``.
    scores, summary : pandas.DataFrame
        From :func:`scores.score`.
    rules : Rules
        The rule.

    Returns
    -------
    list of Problem
        ``published_differs`` for every difference; ``published_rounding`` where hectares that are shown with few
        decimals explain it.
    """
    published = baseline.published
    if published.empty:
        return []
    problems = []
    for code in rules.codes:
        ours = scores.xs(code, level="criterion").reindex(published.index)
        slack = _hectare_slack(ours) if rules.criterion(code).unit == "ha" else 0.0
        _compare(published, f"{code}_percent", ours["percent"], slack, baseline.name, problems)
        _compare(published, f"{code}_score", ours["score"], 0, baseline.name, problems)
    for aspect in rules.aspects:
        mean = summary[f"aspect_{aspect.number}_mean"]
        slack = _mean_slack(scores, rules, rules.of_aspect(aspect.number), published.index)
        _compare(published, f"{aspect.number}_mean", mean, slack, baseline.name, problems)
    every = _mean_slack(scores, rules, rules.codes, published.index) * len(rules.codes) / len(rules.aspects)
    _compare(published, "sektoral", summary["sektoral"], every, baseline.name, problems)
    _compare(published, "total_score", summary["total_score"], 0, baseline.name, problems)
    problems += _level_differences(published, summary, rules, baseline.name)
    return with_rows(problems, baseline.name, baseline.rows)


def _hectare_slack(ours):
    """How far a percent may move because its hectares were shown with two decimals."""
    with np.errstate(all="ignore"):
        total = ours["total"].to_numpy(float)
        share = np.abs(ours["percent"].to_numpy(float))
        return (100 + share) * 0.005 / np.maximum(total - 0.005, 1e-9) + 0.01


def _mean_slack(scores, rules, codes, index):
    """How far the mean of some percents may move because hectares were shown with two decimals."""
    slack = np.zeros(len(index))
    for code in codes:
        if rules.criterion(code).unit == "ha":
            slack += _hectare_slack(scores.xs(code, level="criterion").reindex(index))
    return slack / len(codes) + 0.01 * (slack > 0)


def _compare(published, column, ours, slack, name, problems):
    if column not in published:
        return
    theirs = pd.to_numeric(published[column], errors="coerce").to_numpy(float)
    ours = ours.reindex(published.index).astype("Float64").to_numpy(float, na_value=np.nan)
    slack = np.broadcast_to(slack, theirs.shape)
    with np.errstate(invalid="ignore"):
        gap = np.abs(theirs - ours)
        # what is published with 2 decimals or more must agree to 2 decimals
        differs = (gap > 0.005 + 1e-9) | (np.isnan(ours) & ~np.isnan(theirs))
        explained = differs & (gap <= slack)
    for i in np.flatnonzero(differs):
        params = {"published": float(theirs[i]), "computed": float(ours[i])}
        code = "published_rounding" if explained[i] else "published_differs"
        problems.append(Problem(code, name, str(published.index[i]), column, params))


def _level_differences(published, summary, rules, name):
    if "level" not in published:
        return []
    problems = []
    for unit, value in published["level"].items():
        if value is None or value != value or not str(value).strip():
            continue
        position, ours = level_position(value), summary["level"].get(unit)
        if position is None:
            problems.append(Problem("published_unreadable", name, str(unit), "level", {"value": str(value)[:60]}))
        if position is None or (not pd.isna(ours) and rules.level_keys[position] == ours):
            continue
        params = {"published": str(value), "computed": "–" if pd.isna(ours) else str(ours)}
        problems.append(Problem("published_differs", name, str(unit), "level", params))
    return problems


def level_position(value):
    r"""Read a level as people write it: "KR", "Kumuh Ringan", "ringan".

    Parameters
    ----------
    value : object
        A cell.

    Returns
    -------
    int or None
        0 not slum, 1 light, 2 moderate, 3 heavy; None if it is none of them.

    Examples
    --------
    >>> level_position("KR"), level_position("Kumuh  SEDANG"), level_position("Tidak Kumuh"), level_position("?")
    (1, 2, 0, None)
    >>> level_position("Sedang\r\nSedang"), level_position("Kumun Rigan"), level_position("ringan/sedang")
    (2, 1, None)
    """
    words = re.findall(r"[a-z]+", str(value).lower())
    found = {_LEVEL_WORDS[near[0]] for w in words if (near := get_close_matches(w, _LEVEL_WORDS, 1, 0.8))}
    if found and "tidak" in words:
        return 0
    return found.pop() if len(found) == 1 else None
