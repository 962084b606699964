"""How sure a level is: from what is not known of the volumes to the probability of every level.

What is not known enters in one way, whatever it is: each criterion has a probability of each of its scores. A volume
from a full count has one score for certain; one from a sample of households has the distribution of
:mod:`kumuhgis.posterior`; a measured one with a margin is normal around the figure; a missing one lies anywhere between
nothing and all. The distribution of the total is the convolution of the sixteen, exact. It takes the criteria as
independent; :mod:`kumuhgis.resampling` keeps the dependence of those that the same households carry.
"""

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from kumuhgis.kernel import level_table, score_arrays
from kumuhgis.longform import matrices
from kumuhgis.posterior import band_probabilities, fit_prior
from kumuhgis.text import number, text

SAMPLE_COLUMNS = ("hits", "answers", "population")
"""Columns of ``measures`` where a row comes from a sample: affected among the asked, the asked, all there are."""
POOLED = "pooled"
"""Word for priors that are learned, criterion by criterion, from all units of the table: the same for each of them.

Drawn from the published RT of Kota Pekalongan, surveys are better calibrated with them than with a fixed prior."""
_CHUNK = 1 << 12
_EXACT_UNITS, _EXACT_STEPS = 400, 60_000
"""So many units that are not certain are convolved exactly, on a grid of no more than so many steps."""
_NEARLY = 1 - 1e-9
TWO_SIDED_95 = 1.959963984540054


def score_probabilities(measures, rules, *, prior=POOLED):
    """Give the probability of each score of every criterion of every unit.

    Parameters
    ----------
    measures : pandas.DataFrame
        Indexed by (``unit``, ``criterion``): ``affected, total``; where known ``hits, answers, population``,
        ``effective`` and ``share`` (a sample, see :func:`posterior.band_probabilities`), ``handled`` (works done since
        the sample: so many fewer are affected, of whatever number they were), ``margin`` (half width
        of the 95 % interval of a measured volume, in its unit), ``affected_low, affected_high`` (limits of a missing
        one).
    rules : Rules
        The rule.
    prior : (float, float) or "pooled"
        Beta prior of a share that was sampled, or one for each criterion, learned from all units
        (:func:`posterior.fit_prior`).

    Returns
    -------
    units : pandas.Index
        Units in the order of their first row.
    probability : numpy.ndarray of float, shape (units, criteria, scores)
        Scores in the order of ``rules.bands.score``; each row sums to 1.

    Notes
    -----
    Of a missing volume every share between its limits (none and all, if there are none) is taken for equally likely.
    That is a convention, not knowledge; kumuhgis marks it (M) and always shows which criteria are missing beside it.

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> index = pd.MultiIndex.from_product([["RT 01"], load_rules().codes], names=["unit", "criterion"])
    >>> m = pd.DataFrame({"affected": 0.0, "total": 50.0}, index)
    >>> m.loc[("RT 01", "2b"), "affected"] = float("nan")
    >>> score_probabilities(m, load_rules())[1][0, load_rules().codes.index("2b")].round(5).tolist()
    [0.24995, 0.26, 0.25, 0.24005]
    """
    names = ("affected", "total", "affected_low", "affected_high", "margin", *SAMPLE_COLUMNS, "effective", "share")
    names = (*names, "handled")
    units, (affected, total, low, high, margin, *sample) = matrices(measures, rules, names)
    scored = score_arrays(affected, total, rules)
    out = np.zeros((*affected.shape, len(rules.bands.score)))
    position = np.searchsorted(rules.bands.score, np.maximum(scored.score, 0))
    np.put_along_axis(out, position[..., None], 1.0, axis=2)
    sampled = ~np.isnan(sample[0]) & ~np.isnan(sample[1]) & ~np.isnan(sample[2])
    missing = (scored.score < 0) & ~sampled
    out[missing] = _anywhere(low[missing], high[missing], total[missing], rules.bands)
    measured = ~missing & ~sampled & (margin > 0) & (total > 0)
    out[measured] = _around(affected[measured], margin[measured], total[measured], rules.bands)
    if sampled.any():
        asked, how = asked_of(sample, sampled, priors(measures, rules, prior))
        out[sampled] = band_probabilities(*asked, rules.bands, **how)
    return units, out


def asked_of(sample, sampled, prior):
    """Give what :mod:`kumuhgis.posterior` takes of the cells that were sampled.

    Parameters
    ----------
    sample : sequence of numpy.ndarray of float, shape (units, criteria)
        ``hits, answers, population, effective, share, handled``.
    sampled : numpy.ndarray of bool, shape (units, criteria)
        Which cells.
    prior : numpy.ndarray of float, shape (criteria, 2)
        From :func:`priors`.

    Returns
    -------
    asked : tuple of numpy.ndarray
        ``hits, answers, population`` of the cells, row by row.
    how : dict
        ``prior, effective, share``.
    """
    hits, answers, population, worth, share, handled = (column[sampled] for column in sample)
    worth = np.where(np.isnan(worth), answers, worth)
    share = np.where(np.isnan(share), hits / np.maximum(answers, 1), share)  # as it was asked, before any works
    hits = np.floor(hits - np.nan_to_num(handled))
    return (hits, answers, population), {"prior": prior[np.nonzero(sampled)[1]].T, "effective": worth, "share": share}


def priors(measures, rules, prior=POOLED):
    """Give the prior of each criterion.

    Parameters
    ----------
    measures : pandas.DataFrame
        As for :func:`score_probabilities`.
    rules : Rules
        The rule.
    prior : (float, float) or "pooled"
        The same for all, or learned from all units.

    Returns
    -------
    numpy.ndarray of float, shape (criteria, 2)
        Parameters of the beta distributions.
    """
    if prior != POOLED:
        return np.tile(np.asarray(prior, float), (len(rules.codes), 1))
    _, (hits, answers) = matrices(measures, rules, SAMPLE_COLUMNS[:2])
    known = ~np.isnan(hits) & ~np.isnan(answers)
    return np.array([fit_prior(hits[k, j], answers[k, j]) for j, k in enumerate(known.T)])


def _limits(bands):
    """Give the percents at which bands begin, before rounding: half a hundredth below the printed limit."""
    return np.array([lower - 0.005 for lower in bands.lower])


def _anywhere(low, high, total, bands):
    """Spread a missing volume evenly between its limits; a limit that is not known is none or all of the total."""
    with np.errstate(all="ignore"):
        begin = np.where(np.isnan(low) | ~(total > 0), 0.0, 100 * low / total)
        end = np.where(np.isnan(high) | ~(total > 0), 100.0, 100 * high / total)
    width = np.maximum(end - begin, 1e-9)
    return bands_of((end[:, None] - _limits(bands)) / width[:, None])


def _around(affected, margin, total, bands):
    """Put a measured volume into bands: normal around the figure."""
    spread = (margin / TWO_SIDED_95)[:, None]
    return bands_of(ndtr((affected[:, None] - _limits(bands) / 100 * total[:, None]) / spread))


def bands_of(reaching):
    """Turn the probability of reaching each limit into that of each band.

    Parameters
    ----------
    reaching : numpy.ndarray of float, shape (n, limits)
        Falling from left to right.

    Returns
    -------
    numpy.ndarray of float, shape (n, limits + 1)
        Rows sum to 1.
    """
    reaching = np.clip(reaching, 0, 1)
    edge = np.ones((len(reaching), 1))
    above = np.hstack([edge, reaching, 0 * edge])
    return above[:, :-1] - above[:, 1:]


def total_distribution(probability, rules):
    """Give the exact distribution of the total of independent scores.

    Parameters
    ----------
    probability : numpy.ndarray of float, shape (n, criteria, scores)
        As :func:`score_probabilities` gives it.
    rules : Rules
        The rule.

    Returns
    -------
    numpy.ndarray of float, shape (n, max_total + 1)
        Probability of each total.

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> p = np.zeros((1, 16, 4)); p[..., 0] = 1; p[0, 0] = [0.5, 0, 0, 0.5]
    >>> total_distribution(p, load_rules())[0, [0, 5]].tolist()
    [0.5, 0.5]
    """
    parts = [_convolved(probability[k : k + _CHUNK], rules) for k in range(0, len(probability), _CHUNK)]
    return np.concatenate(parts) if parts else np.zeros((0, rules.max_total + 1))


def _convolved(probability, rules):
    """Add one criterion after the other, for all units at once."""
    out, reached = np.zeros((rules.max_total + 1, len(probability))), 0
    out[0] = 1
    for j in range(probability.shape[1]):
        new = np.zeros_like(out)
        for chance, score in zip(probability[:, j].T, rules.bands.score, strict=True):
            if chance.any():
                new[score : score + reached + 1] += chance * out[: reached + 1]
        out, reached = new, reached + max(rules.bands.score)
    return out.T


def certainty(measures, rules, *, prior=POOLED, level=0.9):
    """Give the probability of every level of every unit.

    Parameters
    ----------
    measures : pandas.DataFrame
        As for :func:`score_probabilities`.
    rules : Rules
        The rule.
    prior : (float, float) or "pooled"
        As for :func:`score_probabilities`.
    level : float
        Probability of the interval of the total.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``unit``: ``p_slum``; ``p_level_0`` … (in the order of the rule's levels); ``level_likely`` and
        ``p_likely``, which is 1 only where no other level is possible at all; ``total_mean``; ``total_from,
        total_to`` (the narrowest middle that holds ``level``).

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> index = pd.MultiIndex.from_product([["RT 01"], load_rules().codes], names=["unit", "criterion"])
    >>> m = pd.DataFrame({"affected": 20.0, "total": 50.0}, index)
    >>> m.loc[("RT 01", "3a"), ["hits", "answers", "population"]] = [4, 12, 50]
    >>> certainty(m, load_rules())[["p_slum", "level_likely"]].round(3).values.tolist()
    [[0.782, 'kumuh ringan']]
    """
    units, probability = score_probabilities(measures, rules, prior=prior)
    return level_certainty(total_distribution(probability, rules), rules, units, level=level)


def level_certainty(totals, rules, units, *, level=0.9):
    """Give what :func:`certainty` gives, from distributions of the total.

    Parameters
    ----------
    totals : numpy.ndarray of float, shape (n, max_total + 1)
        Probability of each total.
    rules : Rules
        The rule.
    units : pandas.Index
        Their units.
    level : float
        Probability of the interval of the total.

    Returns
    -------
    pandas.DataFrame
        See :func:`certainty`.
    """
    of_total = level_table(rules)
    by_level = np.stack([totals[:, of_total == k].sum(axis=1) for k in range(len(rules.levels))], axis=1)
    likely = by_level.argmax(axis=1)
    below = np.cumsum(totals, axis=1)
    slum = totals[:, rules.floor :].sum(axis=1)
    alone = (by_level > 0).sum(axis=1) == 1  # no other level is possible
    by_level = np.where(alone[:, None], by_level > 0, np.minimum(by_level, _NEARLY))
    sides = (totals[:, : rules.floor].max(axis=1, initial=0) > 0) & (totals[:, rules.floor :].max(axis=1) > 0)
    slum = np.where(sides, np.clip(slum, 1 - _NEARLY, _NEARLY), np.round(slum))
    out = pd.DataFrame({"p_slum": slum}, index=units)
    for k in range(len(rules.levels)):
        out[f"p_level_{k}"] = by_level[:, k]
    out["level_likely"] = pd.Categorical.from_codes(likely, list(rules.level_keys), ordered=True)
    out["p_likely"] = by_level[np.arange(len(by_level)), likely]
    out["total_mean"] = totals @ np.arange(totals.shape[1])
    out["total_from"] = (below > (1 - level) / 2 + 1e-12).argmax(axis=1)
    out["total_to"] = (below >= (1 + level) / 2 - 1e-12).argmax(axis=1)
    return out


def slum_hectares_range(p_slum, area, groups=None, *, level=0.9):
    """Give the expected slum hectares, and limits that they lie between with a given probability.

    Parameters
    ----------
    p_slum : pandas.Series of float
        Probability of being slum, by unit.
    area : pandas.Series of float
        Hectares of the unit that count if it is slum, by unit.
    groups : pandas.Series, optional
        Kawasan, desa … of each unit, empty where it has none; without it all are one group, ``"all"``.
    level : float
        Probability of the limits.

    Returns
    -------
    pandas.DataFrame
        Indexed by group: ``slum_ha_mean, slum_ha_from, slum_ha_to, open_units`` (neither certainly slum nor certainly
        not), ``units_without_area`` (left out).

    Notes
    -----
    Units are taken as independent. Up to 400 open units the distribution is exact on a grid of 0.01 ha (areas rounded
    to it; coarser where their sum is above 600 ha, a 60,000th of it); of more, the sum is normal.

    Examples
    --------
    >>> p = pd.Series([1.0, 0.5, 0.0], ["01", "02", "03"])
    >>> slum_hectares_range(p, pd.Series(2.0, p.index)).filter(like="slum_ha").loc["all"].tolist()
    [3.0, 2.0, 4.0]
    """
    by = pd.Series("all", p_slum.index) if groups is None else groups.reindex(p_slum.index).fillna("")
    rows = {}
    for group, index in p_slum.groupby(by).groups.items():
        chance, hectares = p_slum[index].to_numpy(float), area.reindex(index).to_numpy(float)
        rows[group] = _hectares(chance, hectares, level)
    columns = ["slum_ha_mean", "slum_ha_from", "slum_ha_to", "open_units", "units_without_area"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("group")


def _hectares(chance, area, level):
    known = ~np.isnan(area) & ~np.isnan(chance)
    chance, area = chance[known], area[known]
    sure, open_ = area[chance >= 1 - 1e-9].sum(), (chance > 1e-9) & (chance < 1 - 1e-9)
    p, a, mean = chance[open_], area[open_], float(chance @ area)
    tail = (1 - level) / 2
    if len(p) > _EXACT_UNITS:
        half = ndtri(1 - tail) * np.sqrt((p * (1 - p) * a**2).sum())
        low, high = max(sure, mean - half), min(sure + a.sum(), mean + half)
    else:
        grid = max(0.01, a.sum() / _EXACT_STEPS)
        steps = np.rint(a / grid).astype(int)
        mass = np.zeros(steps.sum() + 1)
        mass[0] = 1
        for q, step in zip(p, steps, strict=True):
            mass = (1 - q) * mass + q * np.concatenate([np.zeros(step), mass[: len(mass) - step]])
        below = np.cumsum(mass)
        low = sure + (below > tail + 1e-12).argmax() * grid
        high = sure + (below >= 1 - tail - 1e-12).argmax() * grid
    return mean, round(float(low), 2), round(float(high), 2), int(open_.sum()), int((~known).sum())


def certainty_sentence(row, rules, lang="id", *, further=None):
    """Say in careful words how sure the level of a unit is.

    Parameters
    ----------
    row : pandas.Series
        A row of :func:`certainty`.
    rules : Rules
        The rule.
    lang : {"id", "en"}
        Language.
    further : int, optional
        Households that would settle the level (see :func:`further.households_needed`); 0 and missing say nothing.

    Returns
    -------
    str
        The levels with at least 1 %, the likely one first, in whole percents; a level is called certain only if no
        other one is possible.

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> row = pd.Series({"p_level_0": 0.15, "p_level_1": 0.83, "p_level_2": 0.02, "p_level_3": 0.0})
    >>> certainty_sentence(row, load_rules(), further=9)
    'Kemungkinan 83 % kumuh ringan, 15 % tidak kumuh, 2 % kumuh sedang; 9 KK lagi diperkirakan cukup (95 %).'
    """
    chances = [(row[f"p_level_{k}"], lv.key if lang == "id" else lv.name_en) for k, lv in enumerate(rules.levels)]
    chances = sorted((c for c in chances if c[0] >= 0.01), key=lambda c: -c[0])
    if len(chances) == 1:
        sure = chances[0][0] > 1 - 1e-9
        return text("confidence.certain" if sure else "confidence.nearly", lang, level=chances[0][1])
    parts = ", ".join(f"{number(min(99, max(1, 100 * p)), 0, lang)} % {name}" for p, name in chances)
    more = text("confidence.further", lang, count=int(further)) if further and further == further else ""
    return text("confidence.likely", lang, parts=parts, more=more)
