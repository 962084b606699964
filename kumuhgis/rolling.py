"""How sure a roll-up is: the volume of a kawasan is a sum over its RT, and some of them are known from samples only.

Of every criterion the distribution of the sum is that of its parts added up: what was counted is a number, what was
sampled a distribution (:mod:`kumuhgis.posterior`), what was measured a normal one, and what is missing lies anywhere
between its limits. Sampled parts that count alike are convolved exactly; otherwise their means and variances are added
and the sum is normal. The RT are taken as independent, given what was learned from all of them.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.signal import fftconvolve
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

_STEPS = 256
"""In so many parts a missing volume is spread between its limits."""
_LARGE = 8
"""So many of these parts make a missing volume that is spread on its own, not together with others."""
_LONG = 256
"""Distributions of more numbers than these are convolved by Fourier transform."""
_POSSIBLE = 1e-300
"""What can be is never taken for impossible, however small a transform makes it."""


@dataclass
class _Sum:
    """What is known of one volume of one group."""

    known: float = 0.0
    total: float = 0.0
    variance: float = 0.0
    missing: list = field(default_factory=list)
    sampled: list = field(default_factory=list)

    @property
    def more_than_one_number(self):
        """Whether there is more to it than what the roll-up knows: a sample, a margin, several missing volumes."""
        return self.total > 0 and bool(self.sampled or self.variance or len(self.missing) > 1)

    def reaching(self, limits):
        """Give the probability that the volume reaches each limit."""
        volumes, chances = _spread(self.missing)
        needed = np.subtract.outer(limits, self.known + volumes)
        worth = [worth for _, _, worth in self.sampled]
        if self.sampled and not self.variance and np.allclose(worth, worth[0], rtol=1e-9, atol=0):
            return self._exactly(needed / worth[0]) @ chances
        moments = [_moments(*part) for part in self.sampled]
        mean, variance = (sum(column) for column in zip(*moments, strict=True)) if moments else (0.0, 0.0)
        spread = np.sqrt(variance + self.variance)
        return (ndtr((mean - needed) / spread) if spread > 0 else (needed <= mean) * 1.0) @ chances

    def _exactly(self, needed):
        """Convolve the sampled parts; ``needed`` counts affected."""
        least, mass = sum(first for first, _, _ in self.sampled), _added([chances for _, chances, _ in self.sampled])
        tail = np.append(np.cumsum(mass[::-1])[::-1], 0.0)
        tail[0] = 1.0
        return tail[np.clip(np.ceil(needed - least - 1e-9), 0, len(mass)).astype(int)]


def _added(masses):
    """Give the distribution of the sum of independent numbers, two by two."""
    while len(masses) > 1:
        pairs = zip(masses[::2], masses[1::2], strict=False)
        odd = masses[-1:] if len(masses) % 2 else []
        masses = [_convolved(*pair) for pair in pairs] + odd
    return masses[0]


def _convolved(a, b):
    short = min(len(a), len(b)) <= _LONG
    return np.convolve(a, b) if short else np.maximum(fftconvolve(a, b), _POSSIBLE)


def _spread(limits):
    """Give the values, and their probabilities, of the sum of volumes that lie anywhere between their limits."""
    low, widths = sum(first for first, _ in limits), np.array([last - first for first, last in limits if last > first])
    if not len(widths):
        return np.array([low]), np.ones(1)
    step = widths.sum() / _STEPS
    large = widths[widths >= _LARGE * step]
    whole = np.floor(large / step + 1e-9).astype(int)
    rest = np.maximum(large / step - whole, 0.0)
    parts = [np.append(np.ones(n), part) for n, part in zip(whole, rest, strict=True)]
    sigma = np.sqrt((widths[widths < _LARGE * step] ** 2).sum() / 12) / step  # the small ones together are normal
    if sigma > 0:
        edges = np.arange(-np.ceil(5 * sigma) - 1, np.ceil(5 * sigma) + 2) - 0.5
        parts.append(np.diff(ndtr(edges / sigma)))
    mass = _added([part / part.sum() for part in parts])
    places = np.arange(len(mass)) * step
    return places + low + widths.sum() / 2 - mass @ places, mass


def _left(first, chances, handled):
    """Take what works have handled off a distribution; nothing falls below none."""
    least = first - handled
    if least >= 0:
        return least, chances
    gone = min(-least, len(chances) - 1)
    return 0, np.append(chances[: gone + 1].sum(), chances[gone + 1 :])


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
    A group of one unit is as sure as the unit. A criterion of which all is counted is that of :func:`scores.roll_up`.
    Works take away no more than their own unit has.

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
        if found.more_than_one_number:
            probability[group, j] = bands_of(found.reaching(limits * found.total)[None, :])[0]
    return level_certainty(total_distribution(probability, rules), rules, names, level=level)


def _sums(measures, groups, rules, names, prior):
    """Gather what is known of every volume of every group that is not only counted: {(group, criterion): _Sum}."""
    columns = ("affected", "total", "affected_low", "affected_high", "margin", *SAMPLE_COLUMNS, "effective", "share")
    units, (affected, total, low, high, margin, *sample, handled) = matrices(measures, rules, (*columns, "handled"))
    group = names.get_indexer(groups.reindex(units))
    sampled = ~np.isnan(sample[0]) & ~np.isnan(sample[1]) & (np.nan_to_num(sample[2]) > 0)
    handled = np.ceil(np.nan_to_num(handled)).astype(int)
    asked, how = asked_of([*sample, np.zeros(sampled.shape)], sampled, priors(measures, rules, prior))
    masses = dict(zip(zip(*np.nonzero(sampled), strict=True), affected_masses(*asked, **how), strict=True))
    wanted = np.zeros((len(names), len(rules.codes)), bool)
    np.logical_or.at(wanted, group[group >= 0], (sampled | (margin > 0) | np.isnan(affected))[group >= 0])
    out = {}
    for i in np.flatnonzero(group >= 0):
        for j in np.flatnonzero(wanted[group[i]]):
            found = out.setdefault((group[i], j), _Sum())
            found.total += total[i, j]
            if sampled[i, j] and total[i, j] > 0:
                found.sampled.append((*_left(*masses[i, j], handled[i, j]), total[i, j] / sample[2][i, j]))
            elif np.isnan(affected[i, j]) and not sampled[i, j]:
                last = total[i, j] if np.isnan(high[i, j]) else high[i, j]
                found.missing.append((0.0 if np.isnan(low[i, j]) else low[i, j], last))
            else:
                found.known += np.nan_to_num(affected[i, j])
                found.variance += (np.nan_to_num(margin[i, j]) / TWO_SIDED_95) ** 2
    return out
