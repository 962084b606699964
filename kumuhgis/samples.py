"""From the answers of households to the table ``measures``: a full count, or a sample with what it leaves open."""

import numpy as np
import pandas as pd

from kumuhgis.errors import Problem
from kumuhgis.estimates import estimate

SAMPLE = ["hits", "answers", "population", "effective", "share"]
COLUMNS = ["affected", "total", "source", "affected_low", "affected_high", *SAMPLE]
SOURCE = "survey"
FEW = 5
"""Fewer answers than these in a unit that was not asked in full are said."""
DECIDED = 0.8
"""Where less than this share of the households asked can be judged, nothing is estimated: the volume stays open."""
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
        clusters leave), ``share`` (weighted); ``affected_low, affected_high`` instead of all these where too few of
        those asked could be judged.
    problems : list of Problem
        Units with more answers than households, with few, with many that did not answer; households of no unit.

    Notes
    -----
    Those who were not asked are taken to be like those of their RT who were. A question that is left out does not do
    the same: "any of these" is settled by one yes and only by every no, so a criterion that cannot be judged for more
    than a fifth of the households asked is not estimated; its volume lies between those known to be affected and all
    but those known not to be.

    Answers of one cluster cannot tell how alike clusters are: they are worth what the other units' are, else as much as
    one household.

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
    problems = _without_place(unit, inside)
    kept, by = judged[inside].astype("Float64"), unit[inside].to_numpy()
    if kept.empty or not kept.notna().to_numpy().any():
        index = pd.MultiIndex.from_arrays([[], []], names=["unit", "criterion"])
        return pd.DataFrame(columns=COLUMNS, index=index), problems
    answers = kept.notna().groupby(by).sum().rename_axis("unit")
    hits = kept.fillna(0).groupby(by).sum().rename_axis("unit")
    weights = None if weight is None else weight[inside]
    share = _shares(kept, by, hits, answers, weights)
    worth, alone = _worth(kept, by, answers, weights, *(None if c is None else c[inside] for c in (stratum, cluster)))
    long = pd.DataFrame({
        "hits": _stacked(hits), "answers": _stacked(answers), "share": _stacked(share), "effective": _stacked(worth),
    }).astype(float)  # fmt: skip
    long = long[long["answers"] > 0].rename_axis(["unit", "criterion"])
    long["asked"] = pd.Series(by).groupby(by).size().reindex(long.index.get_level_values("unit")).to_numpy(float)
    problems += _problems(long, totals, rules, selected)
    problems += [Problem("answers_one_cluster", SOURCE, str(key)) for key in alone]
    return _volumes(_in_buildings(long, totals, rules)), problems


def _volumes(long):
    """Estimate the affected: those asked are counted, the others are expected to be like them."""
    n, size = long["answers"], long["population"]
    size = size.where(size.isna(), np.fmax(size, n))
    undecided = n < DECIDED * long["asked"]
    out = long.assign(
        affected=(long["hits"] + long["share"] * (size - n)).mask(undecided),
        total=size, population=size, source=SOURCE,
        affected_low=long["hits"].where(undecided), affected_high=(size - (n - long["hits"])).where(undecided),
    )  # fmt: skip
    out[SAMPLE] = out[SAMPLE].mask(undecided)
    return out[COLUMNS]


def _in_buildings(long, totals, rules):
    """Give all there are; buildings are seen through the households that live in them, share for share."""
    kinds = {c.code: c.total for c in rules.criteria}
    units = long.index.get_level_values("unit")
    of_buildings = long.index.get_level_values("criterion").map(kinds).to_numpy() == "buildings"
    people, houses = (
        totals[name].reindex(units).to_numpy(float) if name in totals else np.full(len(long), np.nan)
        for name in ("households", "buildings")
    )
    scale = np.where(of_buildings & (people > 0) & ~np.isnan(houses), houses / np.fmax(people, long["asked"]), 1.0)
    out = long.assign(population=np.where(of_buildings, houses, people))
    for name in ("answers", "asked"):
        out[name] = np.maximum(1.0, np.round(long[name] * scale))
    out["hits"] = np.minimum(np.round(long["hits"] * scale), out["answers"])
    out["effective"] = np.minimum(long["effective"] * np.minimum(scale, 1.0), out["answers"])
    return out


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


def _worth(kept, by, answers, weights, stratum, cluster):
    """Give how many answers of a simple random sample the answers are worth, never more than there are.

    Beside it the units whose answers cannot tell, because they are of one cluster (or of one in some stratum).
    """
    out = answers.astype(float)
    if weights is None and stratum is None and cluster is None:
        return out, []
    parts = {"weight": weights, "stratum": stratum, "cluster": cluster}
    effects = pd.DataFrame(np.nan, out.index, out.columns)
    for (key, code), count in answers.stack().items():
        rows = np.flatnonzero((by == key) & kept[code].notna().to_numpy())
        if count < 2:
            continue
        how = {name: part.iloc[rows] for name, part in parts.items() if part is not None}
        if stratum is not None or cluster is not None:
            effects.loc[key, code] = estimate(kept[code].iloc[rows], **how).effect
        if weights is not None and not effects.loc[key, code] > 0:
            effects.loc[key, code] = _unequal(how["weight"].to_numpy(float))
    alone = [] if cluster is None else _of_one_cluster(by, stratum, cluster)
    effects.loc[alone] = np.nan
    effects = effects.where(effects > 0)
    least = pd.DataFrame(1.0, out.index, out.columns)
    if cluster is not None:  # answers that are all alike are worth no more than the clusters they are of
        seen = pd.Series(cluster.to_numpy()).groupby(by).nunique().reindex(out.index)
        least = out.div(seen, axis=0).clip(lower=1.0)
    effects = effects.fillna(effects.median()).fillna(least)
    return np.minimum(out, out / effects), alone


def _of_one_cluster(by, stratum, cluster):
    """List the units of which some stratum was seen through one cluster of several households."""
    frame = pd.DataFrame(
        {"unit": by, "stratum": 0 if stratum is None else stratum.to_numpy(), "of": cluster.to_numpy()}
    )
    found = frame.groupby(["unit", "stratum"])["of"].agg(["nunique", "size"])
    one = (found["nunique"] == 1) & (found["size"] > 1)
    return list(dict.fromkeys(found.index.get_level_values("unit")[one]))


def _unequal(weights):
    """Give the design effect of unequal weights: 1 + their squared coefficient of variation (Kish 1965)."""
    return len(weights) * (weights**2).sum() / weights.sum() ** 2


def _without_place(unit, inside):
    """Say which answers are of no unit, or of one that is not known."""
    strange = unit[unit.notna() & ~inside].astype(str).value_counts()
    found = [Problem("answers_unit_unknown", SOURCE, key, params={"count": int(n)}) for key, n in strange.items()]
    missing = int(unit.isna().sum())
    return found + [Problem("answers_without_unit", SOURCE, params={"count": missing})] * bool(missing)


def _problems(long, totals, rules, selected):
    """Say what is doubtful of the answers, unit by unit."""
    kinds, out = {c.code: c.total for c in rules.criteria}, []
    for key, part in long.groupby(level="unit", sort=False):
        codes = part.index.get_level_values("criterion")
        listed = [totals.at[key, kinds[c]] if kinds[c] in totals else np.nan for c in codes]
        people = totals.at[key, "households"] if "households" in totals else np.nan
        chosen = None if selected is None else selected.get(key)
        out += _problems_of(str(key), part, codes, np.array(listed, float), float(people), chosen)
    return out


def _problems_of(key, part, codes, listed, people, chosen):
    asked, n = int(part["asked"].max()), part["answers"].to_numpy()
    out = []
    if asked > people:
        out.append(Problem("answers_more_than_listed", SOURCE, key, params={"count": asked, "listed": people}))
    if np.isnan(listed).any():
        out.append(Problem("answers_total_missing", SOURCE, key, ", ".join(codes[np.isnan(listed)])))
    undecided = n < DECIDED * asked
    if undecided.any():
        params = {"count": int(n[undecided].min()), "asked": asked}
        out.append(Problem("answers_undecided", SOURCE, key, ", ".join(codes[undecided]), params))
    few = ~undecided & (n < FEW) & (not asked >= people)
    if few.any():
        params = {"count": int(n[few].min())}
        out.append(Problem("answers_few", SOURCE, key, ", ".join(codes[few]), params))
    if chosen and asked < RESPONSE * chosen:
        out.append(Problem("answers_low_response", SOURCE, key, params={"count": asked, "selected": int(chosen)}))
    return out
