"""Grid: square cells over the map, which settle most questions of "where" without any geometry.

A line marks the cells that it passes. The marks are added up from the south-west corner (a summed-area table), so that
four look-ups tell how many marked cells a box holds: none, and nothing of the line is in the box.
"""

from __future__ import annotations

import numpy as np

from kumuhgis.outlines import ranges

#: There are no more cells than about this; over a wide land they are larger instead.
MOST_CELLS = 24_000_000
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

    def coarser(self, times: int) -> Grid:
        """Return a grid over the same rectangle, of which each cell holds `times` by `times` of these."""
        grid = object.__new__(Grid)
        grid.cell, grid.corner = times * self.cell, self.corner
        grid.columns, grid.rows = -(-self.columns // times), -(-self.rows // times)
        return grid

    def cells(self, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return the first and last column and row (west, south, east, north) of boxes, shape (m, 4).

        What lies outside the grid, or is not a number, is moved to its rim, which is empty.
        """
        return (
            self.places(boxes[:, 0], 0),
            self.places(boxes[:, 1], 1),
            self.places(boxes[:, 2], 0),
            self.places(boxes[:, 3], 1),
        )

    def places(self, values: np.ndarray, axis: int) -> np.ndarray:
        """Return the columns (axis 0) or rows (axis 1) of coordinates."""
        at = (values - self.corner[axis]) / self.cell
        last = (self.columns, self.rows)[axis] - 1
        return np.fmin(np.fmax(at, 0, out=at), last, out=at).astype(np.int64)

    def strips(self, a: np.ndarray, b: np.ndarray):
        """Find the cells that segments pass, row by row.

        Parameters
        ----------
        a, b : arrays of float, shape (n, 2)
            Ends of the segments; what lies outside the grid is moved to its rim.

        Returns
        -------
        tuple of (segment, row, west, east)
            One of each for every segment and row of cells that it passes: the first and last column of the cells
            within `MARGIN_M` of the segment.
        """
        a, b, margin = (a - self.corner) / self.cell, (b - self.corner) / self.cell, MARGIN_M / self.cell
        first = _between(np.minimum(a[:, 1], b[:, 1]) - margin, self.rows)
        count = _between(np.maximum(a[:, 1], b[:, 1]) + margin, self.rows) - first + 1
        line, row = np.repeat(np.arange(len(a)), count), ranges(first, count)
        start, step = a[line], (b - a)[line]
        level = step[:, 1] == 0
        rise = np.where(level, 1, step[:, 1])
        bottom = np.where(level, 0, np.clip((row - margin - start[:, 1]) / rise, 0, 1))
        top = np.where(level, 1, np.clip((row + 1 + margin - start[:, 1]) / rise, 0, 1))
        x = start[:, 0] + bottom * step[:, 0], start[:, 0] + top * step[:, 0]
        west = _between(np.minimum(*x) - margin, self.columns)
        return line, row, west, _between(np.maximum(*x) + margin, self.columns)

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
        _, row, west, east = self.strips(a, b)
        marked = np.zeros((self.rows, self.columns), dtype=bool)
        marked.ravel()[ranges(row * self.columns + west, east - west + 1)] = True
        return marked

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
        tuple of (number, how many), arrays of int of shape (rows, columns)
            The number of the area, -1 where there is none; where there are several, it means nothing.
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
        number = np.zeros((self.rows, self.columns), dtype=np.int32)
        count = np.zeros((self.rows, self.columns), dtype=np.int16)
        np.add.at(number.ravel(), cell, (east - west).astype(np.int32))
        np.add.at(count.ravel(), cell, (east >= 0).astype(np.int16) - (west >= 0).astype(np.int16))
        np.cumsum(number, axis=1, out=number)
        number -= 1  # it began at 0, which is the number of the first area
        return number, np.cumsum(count, axis=1, dtype=np.int16, out=count)


def _between(at, count) -> np.ndarray:
    """Return whole numbers from 0 to below `count`."""
    return np.clip(at, 0, count - 1).astype(np.int64)


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
        width, sums = self._sums.shape[1], self._sums.ravel()
        north, south = (north + 1) * width, south * width
        held = sums.take(north + east + 1)
        held -= sums.take(south + east + 1)
        held -= sums.take(north + west)
        held += sums.take(south + west)
        return held


class Bins:
    """Things sorted by the cells in which they lie, so that those of a strip of cells stand next to each other.

    Parameters
    ----------
    grid : Grid
        Cells.
    thing, row, west, east : arrays of int
        Strips of cells in which things lie, as `Grid.strips` gives them.

    Examples
    --------
    >>> grid = Grid(np.array([0.0, 0.0]), np.array([100.0, 100.0]), 10.0)
    >>> bins = Bins(grid, *grid.strips(np.array([[0.0, 50.0]]), np.array([[100.0, 50.0]])))
    >>> bins.in_strips(np.array([6]), np.array([3]), np.array([3]))[1].tolist()
    [0]
    """

    def __init__(self, grid: Grid, thing, row, west, east):
        self._columns = grid.columns
        count = east - west + 1
        cell = ranges(row * grid.columns + west, count)
        size = int(thing.max(initial=0)) + 1
        self.thing = np.sort(cell * size + np.repeat(thing, count)) % size
        held = np.bincount(cell, minlength=grid.rows * grid.columns)
        self._start = np.append(0, np.cumsum(held))

    def in_strips(self, row, west, east) -> tuple[np.ndarray, np.ndarray]:
        """Return (strip, thing) for the things in each strip of cells, as often as they lie in one of its cells."""
        first = self._start[row * self._columns + west]
        count = self._start[row * self._columns + east + 1] - first
        return np.repeat(np.arange(len(row)), count), self.thing[ranges(first, count)]
