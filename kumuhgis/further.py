"""How many more households, and in which RT, would settle the level: where to send the volunteers tomorrow."""

import numpy as np
import pandas as pd

from kumuhgis.confidence import POOLED, SAMPLE_COLUMNS, priors, score_probabilities, total_distribution
from kumuhgis.kernel import level_table
from kumuhgis.longform import matrices
from kumuhgis.posterior import band_probabilities

DRAWS = 200
"""What the further households could answer, drawn so many times."""


def households_needed(measures, rules, *, confidence=0.95, prior=POOLED, draws=DRAWS, seed=0):
    """Give the fewest further households of every unit after which its level would be named with a given certainty.

    Parameters
    ----------
    measures : pandas.DataFrame
        As for :func:`confidence.score_probabilities`.
    rules : Rules
        The rule.
    confidence : float
        Wanted: the probability of the likely level, averaged over what the further households may answer.
    prior : (float, float) or "pooled"
        As for :func:`confidence.score_probabilities`.
    draws : int
        How many times their answers are drawn.
    seed : int
        Of the draws; the same seed gives the same numbers.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``unit``, fewest first: ``p_now`` (probability of the likely level), ``households`` (0: settled;
        missing: all households would not do, other criteria have to be measured), ``left`` (households not yet
        asked), ``p_then`` (what ``households``, or all that are left, would give).

    Notes
    -----
    A criterion of which nothing is known settles nothing: the probabilities are those of a level that holds whether it
    has the lowest or the highest score that it can have.

    The same further households answer for every criterion that was asked of the sample. How many of them are affected
    is drawn from the beta-binomial that holds what is known by now, so the number is honest about surprises: it is not
    assumed that they answer like those before.

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> index = pd.MultiIndex.from_product([["RT 01"], load_rules().codes], names=["unit", "criterion"])
    >>> m = pd.DataFrame({"affected": 20.0, "total": 50.0}, index)
    >>> m.loc[("RT 01", "3a"), ["hits", "answers", "population"]] = [4, 12, 50]
    >>> found = households_needed(m, load_rules()).loc["RT 01"]
    >>> int(found["left"]), bool(0 < found["households"] <= 38)
    (38, True)
    """
    units, probability = score_probabilities(measures, rules, prior=prior)
    columns = (*SAMPLE_COLUMNS, "affected", "effective", "share", "handled")
    _, (*sample, affected, worth, share, handled) = matrices(measures, rules, columns)
    hits, answers, population = sample
    known = ~np.isnan(sample).any(axis=0)
    ends = _ends(probability, np.isnan(affected) & ~known)
    now = _named(ends, rules)
    left = np.where(known, population - answers, -1).max(axis=1).clip(0)
    out = pd.DataFrame({"p_now": now, "households": 0, "left": left.astype(int), "p_then": now}, index=units)
    out["households"] = out["households"].astype("Int64")
    rng, learned = np.random.default_rng(seed), priors(measures, rules, prior)
    for i in np.flatnonzero(now < confidence):
        asked = np.flatnonzero(known[i])
        columns = (hits, answers, population, worth, share, np.nan_to_num(handled))
        drawn = rng.random((2, draws, len(asked)))
        unit = _Unit(
            now[i], [end[i] for end in ends], asked, [c[i, asked] for c in columns], learned[asked].T, rules, drawn
        )
        out.iloc[i, 1], out.iloc[i, 3] = _fewest(unit, int(left[i]), confidence)
    return out.sort_values(["households", "p_now"], kind="stable", na_position="last")


class _Unit:
    """One unit, whose further households are drawn the same way for every number of them."""

    def __init__(self, now, ends, asked, columns, prior, rules, drawn):
        self.now, self.ends, self.asked = now, ends, asked
        self.hits, self.answers, self.population, worth, share, self.handled = columns
        self.worth = np.where(np.isnan(worth), self.answers, worth)
        plain = self.hits / np.maximum(self.answers, 1)
        self.share = np.where(np.isnan(share), plain, share)
        self.prior, self.rules, self.drawn = prior, rules, drawn

    def named(self, more):
        """Give the probability of the likely level after so many further households, averaged over the draws."""
        from scipy.stats import beta, binom

        a = self.prior[0] + self.worth * self.share
        b = self.prior[1] + self.worth * (1 - self.share)
        add = np.minimum(more, np.maximum(self.population - self.answers, 0))
        found = np.nan_to_num(binom.ppf(self.drawn[1], add, beta.ppf(self.drawn[0], a, b)))
        answers = self.answers + add
        still = np.floor(self.hits + found - self.handled)
        share = (self.share * self.answers + found) / np.maximum(answers, 1)
        worth = answers * np.where(self.answers > 0, self.worth / np.maximum(self.answers, 1), 1.0)
        flat = [np.broadcast_to(v, found.shape).reshape(-1) for v in (still, answers, self.population)]
        how = {
            name: np.broadcast_to(v, found.shape).reshape(-1) for name, v in (("effective", worth), ("share", share))
        }
        how["prior"] = [np.broadcast_to(part, found.shape).reshape(-1) for part in self.prior]
        bands = band_probabilities(*flat, self.rules.bands, **how).reshape(*found.shape, -1)
        ends = [np.repeat(end[None], len(found), axis=0) for end in self.ends]
        for chances in ends:
            chances[:, self.asked] = bands
        return float(_named(ends, self.rules).mean())


def _fewest(unit, left, confidence):
    """Search the smallest number by halving; more households never tell less, up to the noise of the draws."""
    most = unit.named(left) if left else unit.now
    if most < confidence:
        return pd.NA, most
    low, high, best = 0, left, most
    while high - low > 1:
        middle = (low + high) // 2
        got = unit.named(middle)
        if got >= confidence:
            high, best = middle, got
        else:
            low = middle
    return high, best


def _ends(probability, missing):
    """Give the probabilities with all that is missing at its lowest score and, where anything is, at its highest."""
    possible = probability > 0
    places = possible.argmax(axis=2), probability.shape[2] - 1 - possible[:, :, ::-1].argmax(axis=2)
    if not (missing & (places[0] != places[1])).any():
        return [probability]
    only = np.eye(probability.shape[2])
    return [np.where(missing[:, :, None], only[place], probability) for place in places]


def _named(ends, rules):
    """Give the probability of the likely level of every row: of one that holds at both ends of what is missing."""
    of_total, totals = level_table(rules), [total_distribution(end, rules) for end in ends]
    levels = [
        np.minimum.reduce([total[:, of_total == k].sum(axis=1) for total in totals]) for k in range(len(rules.levels))
    ]
    return np.stack(levels).max(axis=0)
