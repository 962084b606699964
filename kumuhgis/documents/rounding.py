"""Rounding that adds up: the printed hectares of a table give its printed total."""

from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

import numpy as np


def largest_remainder(values, decimals=2, total=None):
    """Round values so that they add up to their rounded sum.

    Every value is rounded down; what is then missing from the rounded sum is given, one last digit each, to those that
    lost most. Of equal losses the first in order is served first.

    Parameters
    ----------
    values : sequence of float
        Values of 0 or more; what is missing (NaN) stays missing.
    decimals : int
        Decimals that are printed.
    total : float, optional
        Sum that they shall give, if it is already printed elsewhere; by default their own sum, rounded half away from
        zero. It may differ from their sum by less than a last digit per value.

    Returns
    -------
    list of float
        Rounded values, each less than one last digit from its own.

    Notes
    -----
    Hare-Niemeyer, the method of largest remainders.

    Examples
    --------
    >>> largest_remainder([1.334, 1.333, 1.333])
    [1.34, 1.33, 1.33]
    >>> largest_remainder([0.005, 0.005, float("nan")])
    [0.01, 0.0, nan]
    """
    digit = Decimal(1).scaleb(-decimals)
    exact = [None if value != value else Decimal(str(round(float(value), 9))) for value in values]
    known = [i for i, value in enumerate(exact) if value is not None]
    down = {i: exact[i].quantize(digit, ROUND_FLOOR) for i in known}
    asked = sum((exact[i] for i in known), Decimal(0)) if total is None else Decimal(str(round(float(total), 9)))
    missing = int((asked.quantize(digit, ROUND_HALF_UP) - sum(down.values(), Decimal(0))) / digit)
    first = sorted(known, key=lambda i: (down[i] - exact[i], i))
    for i in first[: max(0, missing)]:
        down[i] += digit
    return [float(down[i]) if i in down else np.nan for i in range(len(exact))]
