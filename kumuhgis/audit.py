"""What a reader should know of the numbers: kept but odd, impossible, or other than what was published."""

import numpy as np
import pandas as pd

from kumuhgis.errors import Problem
from kumuhgis.kernel import percents
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
            params = {"affected": f"{a[i, j]:g}", "total": f"{t[i, j]:g}", "percent": f"{percent[i, j]:.2f}"}
            problems.append(Problem(code, layer, str(units[i]), rules.codes[j], params))
    others = measures.index.get_level_values("criterion").unique().difference(list(rules.codes))
    problems += [Problem("criterion_unknown", layer, "", c, {"rules": rules.key}) for c in others]
    return problems


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
        _compare(published, f"{code}_score", ours["score"].astype(float), 0, baseline.name, problems)
    for aspect in rules.aspects:
        mean = summary[f"aspect_{aspect.number}_mean"]
        hectares = any(rules.criterion(c).unit == "ha" for c in rules.of_aspect(aspect.number))
        slack = np.inf if hectares else 0.0
        _compare(published, f"{aspect.number}_mean", mean, slack, baseline.name, problems)
    _compare(published, "total_score", summary["total_score"].astype(float), 0, baseline.name, problems)
    problems += _level_differences(published, summary, rules, baseline.name)
    return problems


def _hectare_slack(ours):
    """How far a percent may move because its hectares were shown with two decimals."""
    with np.errstate(all="ignore"):
        total = ours["total"].to_numpy(float)
        share = np.abs(ours["percent"].to_numpy(float))
        return (100 + share) * 0.005 / np.maximum(total - 0.005, 1e-9) + 0.01


def _compare(published, column, ours, slack, name, problems):
    if column not in published:
        return
    theirs = pd.to_numeric(published[column], errors="coerce").to_numpy(float)
    ours = ours.reindex(published.index).to_numpy(float)
    with np.errstate(invalid="ignore"):
        gap = np.abs(theirs - ours)
        # what is published with 2 decimals or more must agree to 2 decimals
        differs = gap > 0.005 + 1e-9
        explained = differs & (gap <= slack)
    for i in np.flatnonzero(differs):
        params = {"published": f"{theirs[i]:g}", "computed": f"{ours[i]:g}"}
        code = "published_rounding" if explained[i] else "published_differs"
        problems.append(Problem(code, name, str(published.index[i]), column, params))


def _level_differences(published, summary, rules, name):
    if "level" not in published:
        return []
    problems = []
    for unit, value in published["level"].items():
        position = level_position(value)
        ours = summary["level"].get(unit)
        if position is None or pd.isna(ours) or rules.level_keys[position] == ours:
            continue
        params = {"published": str(value), "computed": str(ours)}
        problems.append(Problem("published_differs", name, str(unit), "level", params))
    return problems


def level_position(value):
    """Read a level as people write it: "KR", "Kumuh Ringan", "ringan".

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
    """
    words = str(value).lower().replace("kumuh", " ").split()
    return _LEVEL_WORDS.get(words[0]) if words else None
