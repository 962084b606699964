"""How firm the order of priorities is: where each unit could stand, given how sure its level is."""

import numpy as np
import pandas as pd

from kumuhgis.kernel import level_table

DRAWS = 1000


def rank_stability(totals, summary, rules, *, draws=DRAWS, seed=0, level=0.9):
    """Give the range of ranks of every unit.

    Parameters
    ----------
    totals : numpy.ndarray of float, shape (n, max_total + 1)
        Distribution of the total of every unit (:func:`confidence.total_distribution`), in the order of ``summary``.
    summary : pandas.DataFrame
        Indexed by unit: ``consideration``, ``area_used_ha``, and ``population`` where known.
    rules : Rules
        The rule.
    draws : int
        How many times all totals are drawn.
    seed : int
        Of the draws; the same seed gives the same numbers.
    level : float
        Probability of the range.

    Returns
    -------
    pandas.DataFrame
        Indexed by unit: ``p_ranked`` (it has a rank at all: slum, with a consideration), ``p_first`` (it is the first),
        ``rank_from, rank_to`` (among the draws in which it has one; missing if it never has).

    Notes
    -----
    Ranks as :func:`priority.rank` gives them: priority, higher total, more slum hectares, more people. Units are drawn
    independently of each other.

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> totals = np.zeros((2, 81)); totals[0, 40] = 1; totals[1, [10, 39]] = 0.5
    >>> s = pd.DataFrame({"consideration": "sedang", "area_used_ha": 1.0}, ["A", "B"])
    >>> rank_stability(totals, s, load_rules())[["p_first", "rank_from"]].round(1).values.tolist()
    [[1.0, 1], [0.0, 2]]
    """
    rng = np.random.default_rng(seed)
    below = np.cumsum(totals, axis=1)
    steps = {c.key: c.priority for c in rules.considerations.classes}
    step = summary["consideration"].map(steps).to_numpy(float)
    base = np.array([lv.priority if lv.priority else np.nan for lv in rules.levels], float)
    area, people = (_column(summary, name) for name in ("area_used_ha", "population"))
    of_total, places = level_table(rules), np.full((draws, len(totals)), np.nan)
    for k in range(draws):
        drawn = (below < rng.random((len(totals), 1)) * below[:, -1:]).sum(axis=1)
        priority = base[of_total[drawn]] + step
        ranked = np.flatnonzero(~np.isnan(priority))
        order = ranked[np.lexsort((-people[ranked], -area[ranked], -drawn[ranked], priority[ranked]))]
        places[k, order] = np.arange(1, len(order) + 1)
    return _ranges(places, summary.index, level)


def _column(summary, name):
    values = summary[name].to_numpy(float, na_value=np.nan) if name in summary else np.zeros(len(summary))
    return np.nan_to_num(values)


def _ranges(places, index, level):
    out = pd.DataFrame(index=index)
    out["p_ranked"] = (~np.isnan(places)).mean(axis=0)
    out["p_first"] = (places == 1).mean(axis=0)
    ever = out["p_ranked"].to_numpy() > 0
    for name, share, how in (("rank_from", (1 - level) / 2, "lower"), ("rank_to", (1 + level) / 2, "higher")):
        found = np.full(len(index), np.nan)
        if ever.any():
            found[ever] = np.nanquantile(places[:, ever], share, axis=0, method=how)
        out[name] = pd.array(found, "Int64")
    return out
