"""Small numbers of households that are published are numbers of known people: which cells of a table to hide.

A cell is hidden if it counts 1 or 2 (:data:`LEAST` - 1 at most), and as many others as are needed so that it cannot be
had back from a sum: in every group at least two cells are hidden, and they sum to at least :data:`LEAST`. The rule is
ours [M], after the threshold rule of official statistics (Hundepool et al. 2012, Statistical Disclosure Control, 4.2).
"""

import numpy as np
import pandas as pd

LEAST = 3
"""The smallest number of households that is published; none at all is published too."""


def few(cells):
    """Tell which cells count at least something, but fewer than :data:`LEAST`.

    Parameters
    ----------
    cells : pandas.DataFrame or pandas.Series of float
        Numbers of households, estimates too.

    Returns
    -------
    pandas.DataFrame or pandas.Series of bool
        Missing ones are not.

    Examples
    --------
    >>> few(pd.Series([0, 1, 2.4, 3, None])).tolist()
    [False, True, True, False, False]
    """
    return (cells > 0) & (cells < LEAST)


def protects(cells, hidden):
    """Tell whether the hidden cells of one group protect each other from its sum.

    Parameters
    ----------
    cells : numpy.ndarray of float, shape (n,)
        Cells of a group.
    hidden : numpy.ndarray of bool, shape (n,)
        Which are hidden.

    Returns
    -------
    bool
        True if none or at least two are hidden, which sum to :data:`LEAST` or more.
    """
    return not hidden.any() or (hidden.sum() >= 2 and cells[hidden].sum() >= LEAST)


def suppress(cells, groups, *, first=None):
    """Choose the cells to hide.

    Parameters
    ----------
    cells : pandas.DataFrame of float, shape (units, columns)
        Numbers of households, not negative.
    groups : list of pandas.Series
        For every sum that is published or known, the group of each unit.
    first : pandas.DataFrame of bool, optional
        Cells to hide besides those that :func:`few` finds.

    Returns
    -------
    pandas.DataFrame of bool
        Hidden, as ``cells``. Where a group has no further cell, its sum has to be hidden (:func:`protects`).

    Examples
    --------
    Of RT 01 one household; RT 03, the smallest other, is hidden with it, or 20 - 12 - 7 would give it away.

    >>> cells = pd.DataFrame({"3a": [1.0, 12.0, 7.0]}, ["01", "02", "03"])
    >>> suppress(cells, [pd.Series("Bulu", cells.index)])["3a"].tolist()
    [True, False, True]
    """
    hidden = few(cells) if first is None else few(cells) | first
    values, mask = cells.to_numpy(float), hidden.to_numpy(bool, copy=True)
    places = [rows for by in groups for rows in pd.Series(range(len(cells))).groupby(by.to_numpy()).groups.values()]
    places = [np.asarray(rows) for rows in places]
    changed = True
    while changed:
        changed = False
        for rows in places:
            for j in np.flatnonzero(mask[rows].any(axis=0)):
                while not protects(values[rows, j], mask[rows, j]):
                    left = rows[~mask[rows, j] & ~np.isnan(values[rows, j])]
                    if not len(left):
                        break
                    size = values[left, j]
                    mask[left[np.lexsort((size, size == 0))[0]], j] = changed = True
    return pd.DataFrame(mask, cells.index, cells.columns)
