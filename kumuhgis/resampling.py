"""How sure a level is when the same households carry several criteria: a bootstrap that keeps what goes together.

A house without a toilet often has no water either, so the criteria of households rise and fall together, and the total
spreads wider than independent criteria would. The households not asked are drawn from those that were (a Bayesian
bootstrap of a finite population, the Polya urn), each with all its answers at once.
"""

import numpy as np
import pandas as pd

from kumuhgis.confidence import SAMPLE_COLUMNS, level_certainty, score_probabilities, total_distribution
from kumuhgis.longform import matrices
from kumuhgis.posterior import PRIOR, least_counts

DRAWS = 2000
"""Populations drawn for each unit."""


def joint_certainty(measures, judged, unit, rules, *, weight=None, prior=PRIOR, draws=DRAWS, seed=0, level=0.9):
    """Give the probability of every level, keeping the dependence between criteria of the same households.

    Parameters
    ----------
    measures : pandas.DataFrame
        Indexed by (``unit``, ``criterion``), as for :func:`confidence.certainty`.
    judged : pandas.DataFrame
        One row per household, one column per criterion that was asked: affected or not, missing where not answered.
    unit : pandas.Series
        Unit of each household, indexed as ``judged``.
    rules : Rules
        The rule.
    weight : pandas.Series, optional
        How many households each stands for, as far as they differ within a unit.
    prior : (float, float)
        Beta prior of each share.
    draws : int
        Populations drawn for each unit.
    seed : int
        Of the draws; the same seed gives the same numbers.
    level : float
        Probability of the interval of the total.

    Returns
    -------
    pandas.DataFrame
        As :func:`confidence.certainty`; units without a household are as there.

    Notes
    -----
    Each criterion by itself has the beta-binomial of :mod:`kumuhgis.posterior`, prior included: with n households and a
    prior (a, b), a share of ``Beta(n, a + b)`` of what is not known follows the drawn households, and the rest an
    independent ``Beta(a, b)`` for each criterion; together that is ``Beta(a + hits, b + n - hits)``. An answer that is
    missing is drawn, by what is known of its criterion. Of a criterion that fewer are concerned by (houses instead of
    households) as many are taken from those drawn. The likelier it is that troubles come together, the more this
    differs from the independent sum.

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> index = pd.MultiIndex.from_product([["RT 01"], load_rules().codes], names=["unit", "criterion"])
    >>> m = pd.DataFrame({"affected": 12.0, "total": 50.0}, index)
    >>> asked = ["3a", "3b", "5a", "5b", "6a", "6b"]
    >>> m.loc[[("RT 01", c) for c in asked], ["hits", "answers", "population"]] = [6, 12, 50]
    >>> judged = pd.DataFrame([[True] * 6] * 6 + [[False] * 6] * 6, columns=asked)
    >>> joint = joint_certainty(m, judged, pd.Series("RT 01", judged.index), load_rules())
    >>> float(joint.loc["RT 01", "p_slum"]) > 0.1
    True
    """
    units, probability = score_probabilities(measures, rules, prior=prior)
    totals = total_distribution(probability, rules)
    _, (_, answers, population, handled) = matrices(measures, rules, (*SAMPLE_COLUMNS, "handled"))
    columns = [rules.codes.index(code) for code in judged.columns]
    known = judged.astype("boolean")
    yes, given = known.fillna(False).to_numpy(bool), known.notna().to_numpy()
    weights = np.ones(len(judged)) if weight is None else weight.to_numpy(float)
    rng = np.random.default_rng(seed)
    places = pd.Series(np.arange(len(judged))).groupby(unit.to_numpy()).groups
    for i, key in enumerate(units):
        rows = places.get(key)
        sampled = ~np.isnan(answers[i, columns]) & ~np.isnan(population[i, columns])
        if rows is None or not sampled.any():
            continue
        used = np.array(columns)[sampled]
        counts = _populations(
            yes[np.ix_(rows, sampled)],
            given[np.ix_(rows, sampled)],
            weights[rows],
            population[i, used],
            prior,
            rng,
            draws,
        )
        counts = counts - np.nan_to_num(handled[i, used])  # works since the sample
        rest = probability[i].copy()
        rest[used] = np.eye(1, rest.shape[1])  # score 0 for certain: what was drawn is added below
        spread = total_distribution(rest[None], rules)[0]
        scores = np.asarray(rules.bands.score)[_bands(counts, population[i, used], rules.bands)].sum(axis=1)
        drawn = np.bincount(scores, minlength=1) / draws
        totals[i] = np.convolve(drawn, spread)[: len(spread)]
    return level_certainty(totals, rules, units, level=level)


def _populations(yes, given, weights, population, prior, rng, draws):
    """Draw whole populations: how many households of it each criterion affects.

    Returns
    -------
    numpy.ndarray of int, shape (draws, criteria)
        The asked, as they answered, and all the others as drawn.
    """
    n, k = yes.shape
    size = population.astype(np.int64)
    worth = weights * weights.sum() / (weights**2).sum()  # sums to the answers that unequal weights are worth (Kish)
    follow = rng.beta(worth.sum(), sum(prior), draws)
    shares = rng.dirichlet(worth, draws)
    yes_w, given_w = ((weights[:, None] * part).sum(axis=0) for part in (yes & given, given))
    plain = np.divide(yes_w, given_w, out=np.full(k, 0.5), where=given_w > 0)
    heads = given.sum(axis=0)
    unknown = rng.beta(prior[0] + heads * plain, prior[1] + heads * (1 - plain), (draws, k))  # of those who did not say
    others = rng.multinomial(max(0, int(size.max()) - n), np.hstack([follow[:, None] * shares, 1 - follow[:, None]]))
    following, free = others[:, :-1], others[:, -1]
    silent = following @ ~given
    drawn = (
        following @ (yes & given)
        + rng.binomial(silent, unknown)
        + rng.binomial(free[:, None], rng.beta(*prior, (draws, k)))
    )
    most = others.sum(axis=1)[:, None]
    drawn = rng.hypergeometric(drawn, most - drawn, np.broadcast_to(np.clip(size - n, 0, most), drawn.shape))
    return (yes & given).sum(axis=0) + rng.binomial((~given).sum(axis=0), unknown) + drawn


def _bands(counts, population, bands):
    """Give the position of the band of every count."""
    need = least_counts(population.astype(np.int64), bands)
    return (counts[:, :, None] >= need[None]).sum(axis=2)
