"""How sure a roll-up is: the volume of a kawasan is a sum over its RT, and some of them are known from samples only.

Of every criterion the distribution of the sum is that of its parts added up: what was counted is a number, what was
sampled a distribution (:mod:`kumuhgis.posterior`), what was measured a normal one, and what is missing lies anywhere
between its limits. Sampled parts that count alike are convolved exactly; otherwise their means and variances are added
and the sum is normal. The RT are taken as independent, given what was learned from all of them.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.special import ndtr

from kumuhgis.confidence import (
    POOLED,
    SAMPLE_COLUMNS,
    TWO_SIDED_95,
    asked_of,
    bands_of,
    level_certainty,
    priors,
    score_probabilities,
    total_distribution,
)
from kumuhgis.longform import matrices
from kumuhgis.posterior import affected_masses
from kumuhgis.scores import roll_up

_STEPS = 64
"""In so many parts a missing volume is spread between its limits."""


@dataclass
class _Sum:
    """What is known of one volume of one group."""

    known: float = 0.0
    total: float = 0.0
    variance: float = 0.0
    low: float = 0.0
    high: float = 0.0
    sampled: list = field(default_factory=list)

    def reaching(self, limits):
        """Give the probability that the volume reaches each limit."""
        missing = (self.high - self.low) * (np.arange(_STEPS) + 0.5) / _STEPS if self.high > self.low else np.zeros(1)
        needed = np.subtract.outer(limits, self.known + self.low + missing)
        worth = [worth for _, _, worth in self.sampled]
        if self.sampled and not self.variance and np.allclose(worth, worth[0], rtol=1e-9, atol=0):
            return self._exactly(needed / worth[0]).mean(axis=1)
        moments = [_moments(*part) for part in self.sampled]
        mean, variance = (sum(column) for column in zip(*moments, strict=True)) if moments else (0.0, 0.0)
        spread = np.sqrt(variance + self.variance)
        return (ndtr((mean - needed) / spread) if spread > 0 else (needed <= mean) * 1.0).mean(axis=1)

    def _exactly(self, needed):
        """Convolve the sampled parts; ``needed`` counts affected."""
        least, mass = 0, np.ones(1)
        for first, chances, _ in self.sampled:
            least, mass = least + first, np.convolve(mass, chances)
        tail = np.append(np.cumsum(mass[::-1])[::-1], 0.0)
        tail[0] = 1.0
        return tail[np.clip(np.ceil(needed - least - 1e-9), 0, len(mass)).astype(int)]


def _moments(first, chances, worth):
    counts = first + np.arange(len(chances))
    mean = chances @ counts
    return worth * mean, worth**2 * (chances @ (counts - mean) ** 2)


def group_certainty(measures, groups, rules, *, prior=POOLED, level=0.9):
    """Give the probability of every level of groups of units, from what is known of their units.

    Parameters
    ----------
    measures : pandas.DataFrame
        Of the units, as for :func:`confidence.score_probabilities`.
    groups : pandas.Series
        Group of each unit, indexed by unit.
    rules : Rules
        The rule.
    prior : (float, float) or "pooled"
        As for :func:`confidence.score_probabilities`; learned from the units, not from the groups.
    level : float
        Probability of the interval of the total.

    Returns
    -------
    pandas.DataFrame
        Indexed by group, with the columns of :func:`confidence.certainty`.

    Notes
    -----
    A group of one unit is as sure as the unit. A criterion without any sampled or measured volume in the group is that
    of :func:`scores.roll_up`.

    Examples
    --------
    >>> import pandas as pd
    >>> from kumuhgis.rules import load_rules
    >>> index = pd.MultiIndex.from_product([["RT 01", "RT 02"], load_rules().codes], names=["unit", "criterion"])
    >>> m = pd.DataFrame({"affected": 20.0, "total": 50.0}, index)
    >>> m.loc[(["RT 01", "RT 02"], "3a"), ["hits", "answers", "population"]] = [4, 12, 50]
    >>> group_certainty(m, pd.Series("Bulu", ["RT 01", "RT 02"]), load_rules())["p_slum"].round(3).to_dict()
    {'Bulu': 0.894}
    """
    rolled = roll_up(measures, groups, rules)
    names, probability = score_probabilities(rolled, rules)
    limits = np.array([lower - 0.005 for lower in rules.bands.lower]) / 100
    for (group, j), found in _sums(measures, groups, rules, names, prior).items():
        if found.total > 0 and (found.sampled or found.variance):
            probability[group, j] = bands_of(found.reaching(limits * found.total)[None, :])[0]
    return level_certainty(total_distribution(probability, rules), rules, names, level=level)


def _sums(measures, groups, rules, names, prior):
    """Gather what is known of every volume of every group that is not only counted: {(group, criterion): _Sum}."""
    columns = ("affected", "total", "affected_low", "affected_high", "margin", *SAMPLE_COLUMNS, "effective", "share")
    units, (affected, total, low, high, margin, *sample) = matrices(measures, rules, (*columns, "handled"))
    group = names.get_indexer(groups.reindex(units))
    sampled = ~np.isnan(sample[0]) & ~np.isnan(sample[1]) & (np.nan_to_num(sample[2]) > 0)
    asked, how = asked_of(sample, sampled, priors(measures, rules, prior))
    masses = dict(zip(zip(*np.nonzero(sampled), strict=True), affected_masses(*asked, **how), strict=True))
    wanted = np.zeros((len(names), len(rules.codes)), bool)
    np.logical_or.at(wanted, group[group >= 0], (sampled | (margin > 0))[group >= 0])
    out = {}
    for i in np.flatnonzero(group >= 0):
        for j in np.flatnonzero(wanted[group[i]]):
            found = out.setdefault((group[i], j), _Sum())
            found.total += total[i, j]
            if sampled[i, j]:
                found.sampled.append((*masses[i, j], total[i, j] / sample[2][i, j]))
            elif np.isnan(affected[i, j]):
                found.low += 0.0 if np.isnan(low[i, j]) else low[i, j]
                found.high += total[i, j] if np.isnan(high[i, j]) else high[i, j]
            else:
                found.known += affected[i, j]
                found.variance += (np.nan_to_num(margin[i, j]) / TWO_SIDED_95) ** 2
    return out
