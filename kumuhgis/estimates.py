"""What a sample says of all: means, shares, totals, ratios with standard errors; and how large a sample to take.

Strata, clusters, weights and finite populations as in Cochran, Sampling Techniques (3rd ed. 1977), chapters 2, 5 and 9,
and Särndal, Swensson, Wretman, Model Assisted Survey Sampling (1992), section 5.5 (linearisation); the tests compare
with the package ``svy``.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

KINDS = ("mean", "total", "ratio")


@dataclass(frozen=True)
class Estimate:
    """An estimate: its value, standard error, the answers it rests on, and what they are worth.

    Attributes
    ----------
    value, se : float
        Estimate and standard error, in the unit of the answers (of a share: between 0 and 1).
    n : int
        Answers that are not missing.
    effect : float
        Design effect: variance divided by that of a simple random sample of as many answers; missing for a total or
        ratio.
    """

    value: float
    se: float
    n: int
    effect: float = math.nan


def estimate(y, *, kind="mean", x=None, weight=None, stratum=None, cluster=None, population=None):
    """Estimate a mean (a share, where ``y`` is 0 or 1), a total or a ratio.

    Parameters
    ----------
    y : array_like of float, shape (n,)
        Answers; missing ones are left out.
    kind : {"mean", "total", "ratio"}
        What is estimated.
    x : array_like of float, shape (n,), optional
        Denominator of a ratio.
    weight : array_like of float, shape (n,), optional
        How many households each stands for; without it all count the same (and a total needs ``population``).
    stratum, cluster : array_like, shape (n,), optional
        Stratum of each answer, and the cluster that was drawn as a whole.
    population : float or mapping, optional
        How many households (with clusters: clusters) there are, in all or by stratum. Without it the population is
        taken as very large.

    Returns
    -------
    Estimate
        Value, standard error, number of answers, design effect.

    Raises
    ------
    ValueError
        If ``kind`` is unknown, a total has neither weights nor a population, or a stratum has no population.

    Examples
    --------
    >>> found = estimate([1, 0, 0, 1, 1, 0, 0, 0], population=40)
    >>> round(found.value, 3), round(found.se, 4), found.n
    (0.375, 0.1637, 8)
    """
    if kind not in KINDS:
        raise ValueError(f"kind = {kind!r}: {' | '.join(KINDS)}")
    frame = _frame(y, x, weight, stratum, cluster)
    sizes = _sizes(frame, population)
    if weight is None:
        if kind == "total" and population is None:
            raise ValueError("a total needs weights or the population")
        frame["weight"] = _default_weights(frame, sizes)
    w, values = frame["weight"].to_numpy(), frame["y"].to_numpy()
    if kind == "total":
        value, scores = float(w @ values), w * values
    else:
        base = np.ones(len(frame)) if kind == "mean" else frame["x"].to_numpy()
        value = float(w @ values / (w @ base)) if len(frame) else math.nan
        scores = w * (values - value * base) / (w @ base)
    variance = _variance(scores, frame, sizes) if len(frame) else math.nan
    effect = _effect(variance, values, w, frame, sizes) if kind == "mean" else math.nan
    return Estimate(value, math.sqrt(variance), len(frame), effect)


def _frame(y, x, weight, stratum, cluster):
    y = np.asarray(pd.array(np.asarray(y, dtype=object), "Float64").to_numpy(float, na_value=np.nan))
    one = np.zeros(len(y))
    frame = pd.DataFrame({
        "y": y,
        "x": 1.0 if x is None else np.asarray(x, float),
        "weight": 1.0 if weight is None else np.asarray(weight, float),
        "stratum": one if stratum is None else np.asarray(stratum),
        "cluster": np.arange(len(y)) if cluster is None else np.asarray(cluster),
    })  # fmt: skip
    return frame[frame[["y", "x"]].notna().all(axis=1)].reset_index(drop=True)


def _sizes(frame, population):
    """Give how many households or clusters each stratum has, infinite where it is not known."""
    strata = frame["stratum"].unique()
    if population is None:
        return dict.fromkeys(strata, math.inf)
    if hasattr(population, "get"):
        if missing := [s for s in strata if s not in population]:
            raise ValueError(f"population: {missing}")
        return {s: float(population[s]) for s in strata}
    return dict.fromkeys(strata, float(population))


def _default_weights(frame, sizes):
    drawn = frame.groupby("stratum")["cluster"].nunique()
    if any(math.isinf(size) for size in sizes.values()):
        return np.ones(len(frame))
    return frame["stratum"].map({s: sizes[s] / drawn[s] for s in drawn.index}).to_numpy(float)


def _variance(scores, frame, sizes):
    """Give the variance of a sum of scores over clusters drawn in strata, with the finite population correction."""
    sums = pd.Series(scores).groupby([frame["stratum"], frame["cluster"]]).sum()
    variance = 0.0
    for stratum, part in sums.groupby(level=0):
        n, size = len(part), sizes[stratum]
        if n < 2:
            if n < size:
                return math.nan
            continue
        fraction = 0.0 if math.isinf(size) else min(1.0, n / size)
        variance += (1 - fraction) * n / (n - 1) * float(((part - part.mean()) ** 2).sum())
    return variance


def _effect(variance, values, w, frame, sizes):
    """Give the design effect of a mean."""
    n = len(values)
    if n < 2 or not w.sum():
        return math.nan
    mean = w @ values / w.sum()
    plain = n / (n - 1) * (w @ (values - mean) ** 2) / w.sum() / n
    clusters = frame["cluster"].nunique() < n
    size = math.inf if clusters else sum(sizes.values())
    plain *= 1 - (0.0 if math.isinf(size) else min(1.0, n / size))
    return variance / plain if plain > 0 else math.nan


# ---------------------------------------------------------------- how many to ask


def slovin(population, margin):
    """Give the size of a sample by Slovin's formula, as Indonesian handbooks use it: n = N / (1 + N e²), rounded up.

    Parameters
    ----------
    population : int
        Households there are.
    margin : float
        Largest error of a share, for example 0.1.

    Returns
    -------
    int
        Households to ask; never more than there are.

    Notes
    -----
    It is :func:`sample_size` at about 95 % for a share of one half (z rounded to 2) (M).

    Examples
    --------
    >>> slovin(250, 0.1)
    72
    """
    return min(population, math.ceil(round(population / (1 + population * margin**2), 9)))


def sample_size(population, margin, *, level=0.95, share=0.5):
    """Give how many households to ask so that a share is known to a margin.

    Parameters
    ----------
    population : int
        Households there are.
    margin : float
        Half width of the interval of the share.
    level : float
        Probability of the interval.
    share : float
        Share expected; one half is the worst.

    Returns
    -------
    int
        Households to ask.

    Notes
    -----
    n0 = z² p (1 - p) / e², then n = n0 / (1 + (n0 - 1) / N), rounded up: Cochran (1977), 4.4.

    Examples
    --------
    >>> sample_size(250, 0.1), sample_size(60, 0.1)
    (70, 38)
    """
    z = float(ndtri((1 + level) / 2))
    large = z * z * share * (1 - share) / margin**2
    return min(population, math.ceil(round(large / (1 + (large - 1) / population), 9))) if population else 0


def allocate(sizes, n, *, least=0):
    """Share a sample out over RT in proportion to their households ("proporsi"), by largest remainders.

    Parameters
    ----------
    sizes : pandas.Series of int
        Households of each RT.
    n : int
        Households to ask in all.
    least : int
        Households to ask in every RT that has so many.

    Returns
    -------
    pandas.Series of int
        Indexed as ``sizes``; the sum is ``n`` (unless ``least`` takes more, or there are fewer), and no RT is asked for
        more households than it has. Of equal remainders the larger RT, then the first, comes first.

    Examples
    --------
    >>> allocate(pd.Series([50, 30, 20], ["01", "02", "03"]), 12).to_dict()
    {'01': 6, '02': 4, '03': 2}
    """
    whole = sizes.to_numpy(np.int64)
    given = np.minimum(whole, least)
    n = min(int(whole.sum()), max(n, int(given.sum())))
    free = np.ones(len(whole), bool)
    while True:  # RT whose share is below the least keep the least; the others divide what is left
        quota = np.where(free, (n - given[~free].sum()) * whole / max(1, whole[free].sum()), given)
        below = free & (quota < given)
        if not below.any():
            break
        free &= ~below
    given = np.floor(quota + 1e-9).astype(np.int64)
    best = np.lexsort((np.arange(len(whole)), -whole, -np.round(quota - given, 9)))
    given[best[: n - int(given.sum())]] += 1
    return pd.Series(given, sizes.index)
