"""Grid: square cells over the map, which settle most questions of "where" without any geometry.

A line marks the cells that it passes. The marks are added up from the south-west corner (a summed-area table), so that
four look-ups tell how many marked cells a box holds: none, and nothing of the line is in the box.
"""

from __future__ import annotations

import numpy as np

from kumuhgis.outlines import ranges

#: There are no more cells than about this; over a wide land they are larger instead.
MOST_CELLS = 12_000_000
#: A line marks the cells that it passes or comes this near (metres): far more than rounding.
MARGIN_M = 1e-2


class Grid:
    """Square cells over a rectangle, with at least one more all around.

    Parameters
    ----------
    low, high : arrays of float, shape (2,)
        South-west and north-east corner, in metres.
    cell : float
        Wanted side of the cells in metres.

    Examples
    --------
    >>> grid = Grid(np.array([0.0, 0.0]), np.array([100.0, 100.0]), 5.0)
    >>> held = Marks(grid.passed(np.array([[0.0, 50.0]]), np.array([[100.0, 50.0]]))).held
    >>> held(grid.cells(np.array([[10.0, 10.0, 90.0, 40.0], [10.0, 40.0, 12.0, 60.0]]))).tolist()
    [0, 1]
    """

    def __init__(self, low, high, cell):
        extent = np.maximum(high - low, 0) + 4 * cell
        self.cell = max(cell, float(np.sqrt(extent.prod() / MOST_CELLS)), float(extent.max() * 4 / MOST_CELLS))
        self.corner = low - 1.5 * self.cell
        self.columns, self.rows = (np.ceil((high - self.corner) / self.cell) + 2).astype(np.int64).tolist()

    def cells(self, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return the first and last column and row (west, south, east, north) of boxes, shape (m, 4).

        What lies outside the grid is moved to its rim, which is empty.
        """
        last = np.array([self.columns - 1, self.rows - 1] * 2)
        cells = np.floor((boxes - np.tile(self.corner, 2)) / self.cell)
        return tuple(np.clip(cells, 0, last).astype(np.int64).T)

    def passed(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Tell which cells segments pass.

        Parameters
        ----------
        a, b : arrays of float, shape (n, 2)
            Ends of the segments, within the rectangle.

        Returns
        -------
        array of bool, shape (rows, columns)
            Cells within `MARGIN_M` of a segment.
        """
        a, b, margin = (a - self.corner) / self.cell, (b - self.corner) / self.cell, MARGIN_M / self.cell
        first = np.floor(np.minimum(a[:, 1], b[:, 1]) - margin).astype(np.int64)
        count = np.floor(np.maximum(a[:, 1], b[:, 1]) + margin).astype(np.int64) - first + 1
        line, row = np.repeat(np.arange(len(a)), count), ranges(first, count)
        start, step = a[line], (b - a)[line]
        level = step[:, 1] == 0
        rise = np.where(level, 1, step[:, 1])
        bottom = np.where(level, 0, np.clip((row - margin - start[:, 1]) / rise, 0, 1))
        top = np.where(level, 1, np.clip((row + 1 + margin - start[:, 1]) / rise, 0, 1))
        x = start[:, 0] + bottom * step[:, 0], start[:, 0] + top * step[:, 0]
        west = np.floor(np.minimum(*x) - margin).astype(np.int64)
        east = np.floor(np.maximum(*x) + margin).astype(np.int64)
        change = np.zeros((self.rows, self.columns), dtype=np.int32)
        np.add.at(change.ravel(), row * self.columns + west, 1)
        np.add.at(change.ravel(), row * self.columns + east + 1, -1)
        return np.cumsum(change, axis=1, out=change) > 0

    def middles(self, a, b, left, right) -> tuple[np.ndarray, np.ndarray]:
        """Find the areas that hold the middle of each cell.

        Going east along the middles of a row, each border that is crossed takes one area away and adds another.

        Parameters
        ----------
        a, b : arrays of float, shape (n, 2)
            Ends of the segments of border.
        left, right : arrays of int
            Number of the area on the left and right of each, -1 for none.

        Returns
        -------
        tuple of (sum of the numbers, how many areas), each of shape (rows, columns)
            Where there is one area, the sum is its number.
        """
        a, b = (a - self.corner) / self.cell, (b - self.corner) / self.cell
        first = np.ceil(np.minimum(a[:, 1], b[:, 1]) - 0.5).astype(np.int64)
        count = np.ceil(np.maximum(a[:, 1], b[:, 1]) - 0.5).astype(np.int64) - first
        line, row = np.repeat(np.arange(len(a)), count), ranges(first, count)
        step = (b - a)[line]
        x = a[line, 0] + (row + 0.5 - a[line, 1]) / step[:, 1] * step[:, 0]
        cell = row * self.columns + np.ceil(x - 0.5).astype(np.int64)
        up = step[:, 1] > 0
        west, east = np.where(up, left[line], right[line]), np.where(up, right[line], left[line])
        number, count = np.zeros((2, self.rows, self.columns), dtype=np.int32)
        np.add.at(number.ravel(), cell, (np.maximum(east, 0) - np.maximum(west, 0)).astype(np.int32))
        np.add.at(count.ravel(), cell, (east >= 0).astype(np.int32) - (west >= 0).astype(np.int32))
        return np.cumsum(number, axis=1, out=number), np.cumsum(count, axis=1, out=count)


class Marks:
    """Marked cells, ready to be counted.

    Parameters
    ----------
    marked : array of bool, shape (rows, columns)
        The cells of a grid.
    """

    def __init__(self, marked: np.ndarray):
        self._sums = np.zeros((marked.shape[0] + 1, marked.shape[1] + 1), dtype=np.int32)
        np.cumsum(marked, axis=1, dtype=np.int32, out=self._sums[1:, 1:])
        for row in range(1, len(self._sums)):  # many times faster than NumPy's sum down the columns
            self._sums[row] += self._sums[row - 1]

    def held(self, cells) -> np.ndarray:
        """Count the marked cells from (west, south) to (east, north), both included."""
        west, south, east, north = cells
        sums = self._sums
        return sums[north + 1, east + 1] - sums[south, east + 1] - sums[north + 1, west] + sums[south, west]
