"""From the answers of households to the table ``measures``: a full count, or a sample with what it leaves open."""

import numpy as np
import pandas as pd

from kumuhgis.errors import Problem
from kumuhgis.estimates import estimate

COLUMNS = ["affected", "total", "source", "hits", "answers", "population", "effective"]
SOURCE = "survey"
FEW = 5
"""Fewer answers than these in a unit that was not asked in full are said."""
RESPONSE = 0.7
"""Less than this share of the chosen households answering is said."""


def tabulate(judged, unit, totals, rules, *, weight=None, stratum=None, cluster=None, selected=None):
    """Count the affected of every unit and criterion, and estimate those who were not asked.

    Parameters
    ----------
    judged : pandas.DataFrame
        One row per household, one column per criterion asked: affected or not, missing where not answered.
    unit : pandas.Series
        Unit of each household, indexed as ``judged``; rows without one are left out.
    totals : pandas.DataFrame
        Indexed by unit: ``households`` and ``buildings``, all there are.
    rules : Rules
        The rule.
    weight, stratum, cluster : pandas.Series, optional
        Of each household: how many it stands for, the stratum it was drawn in, the cluster drawn as a whole.
    selected : pandas.Series of int, optional
        Households chosen in each unit, to tell how many did not answer.

    Returns
    -------
    measures : pandas.DataFrame
        Indexed by (``unit``, ``criterion``): ``affected`` (estimated for all, counted where all were asked), ``total``,
        ``source`` ("survey"), ``hits``, ``answers``, ``population``, ``effective`` (answers that weights, strata and
        clusters leave).
    problems : list of Problem
        Units with more answers than households, with few, with many that did not answer; households of no unit.

    Notes
    -----
    Those who did not answer are taken to be like those of their RT (and stratum) who did. That is an assumption, and
    the share of them is said.

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> judged = pd.DataFrame({"3a": [True] * 4 + [False] * 8})
    >>> totals = pd.DataFrame({"households": [48]}, ["RT 01"])
    >>> rows, _ = tabulate(judged, pd.Series("RT 01", judged.index), totals, load_rules())
    >>> rows.loc[("RT 01", "3a"), ["affected", "total", "hits", "answers"]].tolist()
    [16.0, 48.0, 4.0, 12.0]
    """
    inside = unit.notna() & unit.isin(totals.index)
    kept, place = judged[inside].astype("Float64"), unit[inside]
    by = place.to_numpy()
    answers = kept.notna().groupby(by).sum().rename_axis("unit")
    hits = kept.fillna(0).groupby(by).sum().rename_axis("unit")
    weights = None if weight is None else weight[inside]
    share = _shares(kept, by, hits, answers, weights)
    worth = _worth(kept, by, answers, totals, weights, *(None if c is None else c[inside] for c in (stratum, cluster)))
    long = pd.DataFrame({
        "hits": _stacked(hits), "answers": _stacked(answers), "share": _stacked(share), "effective": _stacked(worth),
    })  # fmt: skip
    long = long[long["answers"] > 0].astype({"hits": np.int64, "answers": np.int64})
    kinds = {c.code: c.total for c in rules.criteria}
    named = [(u, kinds[c]) for u, c in long.index]
    there = totals.stack().reindex(pd.MultiIndex.from_tuples(named, names=["unit", "total"]) if named else None)
    long["population"] = there.to_numpy(float)
    problems = _problems(long, unit, inside, selected)
    long["population"] = long["population"].where(
        long["population"].isna(), np.fmax(long["population"], long["answers"])
    )
    counted = long["answers"] >= long["population"]
    long["affected"] = np.where(counted, long["hits"], long["share"] * long["population"])
    return long.assign(total=long["population"], source=SOURCE)[COLUMNS], problems


def _stacked(table):
    return table.rename_axis(columns="criterion").stack()


def _shares(kept, by, hits, answers, weights):
    """Give the weighted share of the affected among those who answered."""
    if weights is None:
        return hits / answers.where(answers > 0)
    w = weights.to_numpy(float)[:, None]
    above = (kept.fillna(0) * w).groupby(by).sum()
    below = (kept.notna() * w).groupby(by).sum()
    return (above / below.where(below > 0)).rename_axis("unit")


def _worth(kept, by, answers, totals, weights, stratum, cluster):
    """Give how many answers of a simple random sample the answers are worth; never more than there are."""
    if weights is None and stratum is None and cluster is None:
        return answers.astype(float)
    out = answers.astype(float)
    for (key, code), count in answers.stack().items():
        rows = np.flatnonzero((by == key) & kept[code].notna().to_numpy())
        if count < 2:
            continue
        parts = {"weight": weights, "stratum": stratum, "cluster": cluster}
        how = {name: part.iloc[rows] for name, part in parts.items() if part is not None}
        effect = 1.0 if weights is None else _unequal(how["weight"].to_numpy(float))
        if stratum is not None or cluster is not None:
            found = estimate(kept[code].iloc[rows], **how).effect
            effect = found if np.isfinite(found) and found > 0 else effect
        out.loc[key, code] = min(float(count), count / effect)
    return out


def _unequal(weights):
    """Give the design effect of unequal weights: 1 + their squared coefficient of variation (Kish 1965)."""
    return len(weights) * (weights**2).sum() / weights.sum() ** 2


def _problems(long, unit, inside, selected):
    problems = []
    strange = unit[unit.notna() & ~inside].astype(str).value_counts()
    problems += [Problem("answers_unit_unknown", SOURCE, key, params={"count": int(n)}) for key, n in strange.items()]
    if unit.isna().any():
        problems.append(Problem("answers_without_unit", SOURCE, params={"count": int(unit.isna().sum())}))
    for key, part in long.groupby(level="unit", sort=False):
        problems += _problems_of(str(key), part, None if selected is None else selected.get(key))
    return problems


def _problems_of(key, part, chosen):
    """Say what is doubtful of the answers of one unit."""
    out, most = [], int(part["answers"].max())
    codes = part.index.get_level_values("criterion")
    over, few = part["answers"] > part["population"], part["answers"] < np.fmin(part["population"], FEW)
    if over.any():
        params = {"count": most, "listed": float(part.loc[over, "population"].min())}
        out.append(Problem("answers_more_than_listed", SOURCE, key, params=params))
    if part["population"].isna().any():
        out.append(Problem("answers_total_missing", SOURCE, key, ", ".join(codes[part["population"].isna()])))
    if few.any():
        params = {"count": int(part.loc[few, "answers"].min())}
        out.append(Problem("answers_few", SOURCE, key, ", ".join(codes[few]), params))
    if chosen and most < RESPONSE * chosen:
        out.append(Problem("answers_low_response", SOURCE, key, params={"count": most, "selected": int(chosen)}))
    return out
