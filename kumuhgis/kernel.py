"""The kernel: arrays of volumes and totals to percent, score, total and level. There is one, and it does nothing else.

Arithmetic is exact in the sense of the regulation's forms: a percent is rounded half away from zero to two decimals
*as the decimal numbers that were written down*, not as their binary neighbours.
"""

from typing import NamedTuple

import numpy as np

_CHUNK = 1 << 15
_NEAR_TIE = 1e-7
_MAX_DECIMALS = 9


class Scored(NamedTuple):
    """What the kernel computes, as arrays of n units by k criteria, or of n units."""

    percent: np.ndarray
    score: np.ndarray
    score_low: np.ndarray
    score_high: np.ndarray
    total_low: np.ndarray
    total_high: np.ndarray
    level_low: np.ndarray
    level_high: np.ndarray


# ---------------------------------------------------------------- percent


def percents(affected, total):
    """Give percents, rounded to 2 decimals half away from zero, exactly.

    Parameters
    ----------
    affected, total : array_like of float
        Volumes and totals of the same unit and shape. NaN is missing.

    Returns
    -------
    numpy.ndarray of float
        ``100 * affected / total``; 0/0 is 0; a volume over a zero total, a negative total, and anything missing is
        NaN.

    Notes
    -----
    Rounding: Permen PUPR 14/PRT/M/2018 as the public forms compute it (Excel and PHP). Decimal ties are decided on
    the decimal numbers as written (up to 9 decimals), vectorised; numbers with more decimals are compared with the
    15 significant digits that a spreadsheet keeps.

    Examples
    --------
    >>> percents([1, 0, 3, 1], [32, 0, 0, 200.0])
    array([3.13, 0.  ,  nan, 0.5 ])
    """
    affected, total = np.broadcast_arrays(np.asarray(affected, float), np.asarray(total, float))
    out = np.empty(affected.shape)
    a, t, o = affected.reshape(-1), total.reshape(-1), out.reshape(-1)
    for start in range(0, len(o), _CHUNK):
        part = slice(start, start + _CHUNK)
        o[part] = _centipercents(a[part], t[part])
    out /= 100.0
    return out


def _centipercents(a, t):
    """Hundredths of a percent as whole floats; NaN where there is no percent."""
    with np.errstate(all="ignore"):
        x = a * 1e4
        x /= t
        y = np.abs(x)
        y += 0.5
        c = np.floor(y)
        y -= c
    y -= 0.5
    np.abs(y, out=y)
    near = y > 0.5 - _NEAR_TIE
    if near.any():
        where = np.flatnonzero(near)
        c[where] = _round_near_ties(np.abs(a[where]), t[where], np.abs(x[where]))
    np.copysign(c, x, out=c)
    c += 0.0  # no negative zero
    if not t.min(initial=1.0) > 0:  # a zero, a negative or a missing total
        c[~(t > 0)] = np.nan
        c[(t == 0) & (a == 0)] = 0.0
    return c


def _round_near_ties(a, t, x):
    """Round x = 1e4 a / t, known to lie close to j + 1/2, by comparing whole numbers."""
    j = np.rint(x - 0.5)
    up = x >= (j + 0.5) * (1 - 2.0**-49)
    open_ = np.ones(len(a), bool)
    for decimals in range(_MAX_DECIMALS + 1):
        scale = 10.0**decimals
        whole_a, whole_t = np.rint(a * scale), np.rint(t * scale)
        found = open_ & (whole_a / scale == a) & (whole_t / scale == t)
        found &= (whole_a < 2e14) & ((2 * j + 1) * whole_t < 4e18)
        if found.any():
            left = 20000 * whole_a[found].astype(np.int64)
            right = (2 * j[found].astype(np.int64) + 1) * whole_t[found].astype(np.int64)
            up[found] = left >= right
            open_ &= ~found
        if not open_.any():
            break
    return j + up


# ---------------------------------------------------------------- score, total, level


def score_arrays(affected, total, rules, affected_low=None, affected_high=None):
    """Score arrays of n units by k criteria: the kernel itself.

    Parameters
    ----------
    affected, total : numpy.ndarray of float, shape (n, k)
        Volumes and totals, criteria in the order of ``rules.codes``; NaN is missing.
    rules : Rules
        The rule.
    affected_low, affected_high : numpy.ndarray of float, shape (n, k), optional
        Limits within which a missing volume must lie (a roll-up knows some of it). NaN is unknown.

    Returns
    -------
    Scored
        Percent (n, k); score, score_low, score_high (n, k; int8, ``score`` is -1 where missing); total_low,
        total_high (n; int16); level_low, level_high (n; int8, position in ``rules.levels``).

    Notes
    -----
    Bands and levels: Permen PUPR 14/PRT/M/2018, 02/PRT/M/2016; the rule file names the source of each figure. The
    levels between ``level_low`` and ``level_high`` are the ones still possible.

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> rules = load_rules()
    >>> got = score_arrays(np.full((1, 16), 10.0), np.full((1, 16), 20.0), rules)
    >>> got.percent[0, 0], got.total_low, rules.level_keys[got.level_low[0]]
    (np.float64(50.0), array([16], dtype=int16), 'kumuh ringan')
    """
    n, k = affected.shape
    percent = np.empty((n, k))
    score = np.empty((n, k), np.int8)
    low, high = np.empty((n, k), np.int8), np.empty((n, k), np.int8)
    total_low, total_high = np.empty(n, np.int16), np.empty(n, np.int16)
    step = max(1, _CHUNK // k)
    ones = np.ones(k, np.float32)
    for start in range(0, n, step):
        part = slice(start, start + step)
        c = _centipercents(affected[part].reshape(-1), total[part].reshape(-1)).reshape(-1, k)
        s = _band(c, rules.bands)
        missing = np.isnan(c)
        np.divide(c, 100.0, out=percent[part])
        score[part] = s
        low[part], high[part] = s, s
        if missing.any():
            score[part][missing] = -1
            low[part][missing], high[part][missing] = min(rules.bands.score), max(rules.bands.score)
            if affected_low is not None:
                _narrow(low[part], missing, affected_low[part], total[part], rules.bands)
                _narrow(high[part], missing, affected_high[part], total[part], rules.bands)
        total_low[part] = low[part].astype(np.float32) @ ones
        total_high[part] = total_low[part] if not missing.any() else high[part].astype(np.float32) @ ones
    levels = level_table(rules)
    return Scored(percent, score, low, high, total_low, total_high, levels[total_low], levels[total_high])


def _band(centipercent, bands):
    """Scores of hundredths of a percent; a missing percent gets the lowest score here."""
    score = np.full(centipercent.shape, bands.score[0], np.int8)
    for i, lower in enumerate(bands.lower):
        step = np.int8(bands.score[i + 1] - bands.score[i])
        score += (centipercent >= round(lower * 100)).view(np.int8) * step
    return score


def _narrow(scores, missing, affected, total, bands):
    known = missing & ~np.isnan(affected) & (total > 0)
    if known.any():
        scores[known] = _band(_centipercents(affected[known], total[known]), bands)


def level_table(rules):
    """Give the position of the level of every possible total, from 0 to the highest."""
    lower = [level.lower for level in rules.levels]
    return (np.searchsorted(lower, np.arange(rules.max_total + 1), side="right") - 1).astype(np.int8)
