"""Small numbers of households that are published are numbers of known people: which cells and sums to hide.

A cell that counts 1 or 2 (:data:`LEAST` - 1 at most) is hidden, and so much besides that nobody who subtracts what is
shown from the sums that are shown can tell it: other cells of its group, and where these do not do, sums of groups. Of
every hidden small cell more than one number remains possible, and one of them is at least :data:`LEAST`. The rule is
ours [M], after those of official statistics (Hundepool et al. 2012, Statistical Disclosure Control, chapter 4).
"""

from dataclasses import dataclass, field

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


def nested(*partitions):
    """Make groups that lie in one another: of the coarser ones those are joined that a finer group lies across.

    Parameters
    ----------
    *partitions : pandas.Series
        The group of every unit, the finest first, all with the same index.

    Returns
    -------
    list of pandas.Series of int
        The finest as it is, every other one joined where needed, and at the end one group of all.

    Examples
    --------
    >>> kawasan, desa = pd.Series(["a", "a", "b", "c"]), pd.Series(["Jaten", "Brujul", "Brujul", "Ngringo"])
    >>> [level.tolist() for level in nested(kawasan, desa)]
    [[0, 0, 1, 2], [0, 0, 0, 1], [0, 0, 0, 0]]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    out = []
    for by in partitions:
        code = pd.factorize(by.astype(str))[0]
        if out:
            size = int(code.max(initial=0)) + 1
            first = pd.Series(code).groupby(out[-1].to_numpy()).transform("first").to_numpy()
            links = coo_array((np.ones(len(code)), (first, code)), shape=(size, size))
            code = pd.factorize(connected_components(links, directed=False)[1][code])[0]
        out.append(pd.Series(code, by.index))
    return [*out, pd.Series(0, partitions[0].index)]


def suppress(cells, levels, *, sensitive=None, least=LEAST, limits=None):
    """Choose the cells and the sums to hide.

    Parameters
    ----------
    cells : pandas.DataFrame of float, shape (units, columns)
        Numbers of households, not negative.
    levels : list of pandas.Series
        Groups whose sums are published, from :func:`nested`; the sum of the last one is known and never hidden.
    sensitive : pandas.DataFrame of bool, optional
        Cells to hide; the default is those that :func:`few` finds.
    least : float
        A hidden small cell has to be possibly as large as this.
    limits : (pandas.DataFrame, pandas.DataFrame), optional
        Between which numbers what else is shown of a unit (its total and its score) puts every cell.

    Returns
    -------
    cells : pandas.DataFrame of bool
        Hidden, as ``cells``.
    sums : list of pandas.DataFrame of bool
        Hidden sums of every level but the last: groups by columns.

    Examples
    --------
    Of RT 01 one household; RT 03, the smallest other, is hidden with it, or 20 - 12 - 7 would give it away.

    >>> cells = pd.DataFrame({"3a": [1.0, 12.0, 7.0]}, ["01", "02", "03"])
    >>> hidden, _ = suppress(cells, nested(pd.Series("Bulu", cells.index)))
    >>> hidden["3a"].tolist()
    [True, False, True]
    """
    sensitive = few(cells) if sensitive is None else sensitive
    codes = [level.to_numpy() for level in levels]
    found = {}
    for name in cells:
        ends = None if limits is None else [end[name].to_numpy(float) for end in limits]
        found[name] = _hide(cells[name].to_numpy(float), sensitive[name].to_numpy(bool), codes, least, ends)
    hidden = pd.DataFrame({name: column.hidden for name, column in found.items()}, cells.index, dtype=bool)
    sums = [
        pd.DataFrame({name: column.sums[i] for name, column in found.items()}, dtype=bool)
        for i in range(len(levels) - 1)
    ]
    return hidden, sums


def _hide(values, sensitive, codes, least, ends):
    """Hide one column."""
    column = _Column(values, sensitive.copy(), codes, least, ends)
    small = np.flatnonzero(sensitive)
    again = True
    while again:
        again = False
        for cell in small:
            while not column.protects(cell) and column.hide_beside(cell):
                again = True
    return column


@dataclass
class _Column:
    """One column: values, hidden cells, groups of every level, and hidden sums of the groups."""

    values: np.ndarray
    hidden: np.ndarray
    codes: list
    least: float
    ends: list | None
    sums: list = field(default_factory=list)

    def __post_init__(self):
        self.there = ~np.isnan(self.values)
        self.totals = [np.bincount(code, np.nan_to_num(self.values)) for code in self.codes]
        zero = self.hidden & (self.values == 0)
        whole = self.values[self.there]
        self.low = 1.0 if not zero.any() and (whole == np.floor(whole)).all() else 0.0
        if self.ends is not None and self.low:  # whole numbers lie between whole numbers
            self.ends = [np.ceil(self.ends[0] - 1e-9), np.floor(self.ends[1] + 1e-9)]
        for level, (code, total) in enumerate(zip(self.codes, self.totals, strict=True)):
            lone = (np.bincount(code, self.there) == 1) & (np.bincount(code, self.hidden & self.there) == 1)
            self.sums.append(((total > 0) & (total < LEAST) | lone) & self._ours(level))

    def _ours(self, level):
        """Whether the sums of a level are ours to hide."""
        return level < len(self.codes) - 1

    def protects(self, cell):
        """Tell whether what is shown leaves the cell several numbers, one of them large enough."""
        block = self._block(cell)
        if block is None:
            return True
        others = np.flatnonzero(block & self.hidden & self.there)
        others = others[others != cell]
        known = self.values[others].sum() + self.values[cell]
        return known - self.low * len(others) >= self.least and self._open(cell, others, known)

    def _open(self, cell, others, known):
        """Tell whether the cell may be more than one number, by all that is shown."""
        if not len(others):
            return False
        if self.ends is None:
            return known - self.low * len(others) - self.low >= 1
        low, high = np.maximum(self.ends[0], self.low), self.ends[1]
        alone = high[cell] - low[cell]  # what its own limits leave open, no sum can
        least, most = max(low[cell], known - high[others].sum()), min(high[cell], known - low[others].sum())
        return most - least >= min(1.0, alone)

    def _block(self, cell):
        """Find the units whose hidden cells have a known sum with the cell.

        They are those of the smallest group that is shown, less the groups inside it that are shown.
        """
        for level, code in enumerate(self.codes):
            if not self.sums[level][code[cell]]:
                inside = code == code[cell]
                for finer in range(level):
                    inside &= self.sums[finer][self.codes[finer]]
                return inside
        return None

    def hide_beside(self, cell):
        """Hide what blurs the cell most cheaply; False if there is nothing left to hide."""
        for level, code in enumerate(self.codes):
            group = code[cell]
            if self.sums[level][group]:
                continue
            if self._blur(level, group):
                return True
            if self._ours(level):
                self.sums[level][group] = True
                return True
        return False

    def _blur(self, level, group):
        """Hide the smallest thing inside a group that is still shown: a cell, or the sum of a finer group."""
        inside = self.codes[level] == group
        if level == 0:
            shown = np.flatnonzero(inside & ~self.hidden & (self.values > 0))
            if len(shown):
                self.hidden[shown[self.values[shown].argmin()]] = True
            return bool(len(shown))
        finer = level - 1
        groups = np.unique(self.codes[finer][inside])
        shown = groups[~self.sums[finer][groups] & (self.totals[finer][groups] > 0)]
        if not self._ours(finer) or not len(shown):
            return False
        chosen = shown[self.totals[finer][shown].argmin()]
        self.sums[finer][chosen] = True
        whole = self.codes[finer] == chosen
        covered = self.hidden[whole].any() if finer == 0 else self.sums[finer - 1][self.codes[finer - 1][whole]].any()
        return covered or self._blur(finer, chosen)
