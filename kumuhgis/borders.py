"""Borders: units prepared for many questions.

`Index` knows the borders of all units as straight segments, each with the unit on its left and on its right, and lays
a grid over them: the unit at the middle of each cell, and the cells that a border passes. A box without such a cell
lies in one unit, wholly. In a cell with a border, the unit of a point is found by walking to it from the middle of the
cell: each border that is crossed on the way leads out of one unit and into another.

What comes nearer than `TOUCH_M` to a border is not decided by arithmetic but by GEOS.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from kumuhgis.grid import Bins, Grid, Marks
from kumuhgis.outlines import POLYGON, Outlines, dimension, edge_rows, of_shapes, ranges

#: A vertex no farther than this from another outline touches it (metres).
TOUCH_M = 1e-4
#: Side of the cells of the grid (metres).
CELL_M = 5.0
#: Borders and their knots are looked up in cells that are so many times larger.
COARSER = 4
#: Instead of the number of a unit: a border may be near.
NEAR = -2


class Index:
    """Units prepared for many questions: their borders, and a grid that tells where no border is near.

    Parameters
    ----------
    shapes : array of shapely geometries
        n valid polygons in metres; None, empty ones and other shapes hold nothing.

    Examples
    --------
    >>> index = Index(shapely.box([0, 100], 0, [100, 200], 100))
    >>> index.units_of_boxes(np.array([[10, 10, 20, 20], [90, 10, 110, 20], [500, 500, 510, 510]])).tolist()
    [0, -2, -1]
    """

    def __init__(self, shapes: np.ndarray):
        self.shapes = np.where(dimension(shapes) == POLYGON, shapes, None)
        self.tree = shapely.STRtree(self.shapes)
        # the place of each unit from west to east, whatever the file's order
        self.order = np.lexsort(shapely.bounds(self.shapes).T[::-1])
        self.place = np.argsort(self.order)
        self.a, self.b, self.left, self.right = _segments(of_shapes(self.shapes))
        self.x, self.y = self.a.T.copy()
        self.dx, self.dy = (self.b - self.a).T.copy()
        self.metres = np.hypot(self.dx, self.dy)
        # whole random numbers by which entering and leaving are added up; none for "no unit" (the last)
        random = np.random.default_rng(20)
        self.token = np.append(random.integers(1, 2**20, len(shapes)), 0).astype(float)
        self.mark = random.integers(1, 2**20, len(self.a)).astype(float)
        self._lay_grid()
        self._tie_knots()

    def _lay_grid(self) -> None:
        """Find the unit at the middle of each cell, and the cells that a border passes."""
        ends = np.concatenate([self.a, self.b]) if len(self.a) else np.zeros((1, 2))
        self.grid = Grid(ends.min(axis=0), ends.max(axis=0), CELL_M)
        middle, cover = self.grid.middles(self.a, self.b, self.left, self.right)
        self.passed = self.grid.passed(self.a, self.b)
        several = cover > 1
        if several.any():
            middle[several], self.passed = NEAR, self.passed | several
        self.border = Marks(self.passed)
        self.middle = middle.ravel()
        self.coarse = self.grid.coarser(COARSER)
        self.segments = Bins(self.coarse, *self.coarse.strips(self.a, self.b))

    def _tie_knots(self) -> None:
        """Find the points in which segments meet, and the segments that end there."""
        x, y = np.concatenate([self.a, self.b]).T.copy()
        order = np.argsort(_blend(y, x))
        new = np.append(True, (np.diff(x[order]) != 0) | (np.diff(y[order]) != 0))[: len(x)]
        knot = np.empty(len(x), dtype=np.int64)
        knot[order] = np.cumsum(new) - 1
        self.knot_x, self.knot_y = x[order[new]], y[order[new]]
        begins, ends = knot[: len(self.a)], knot[len(self.a) :]
        self.ending = np.argsort(ends)  # segments by the knot at which they end
        self.count_ending = np.bincount(ends, minlength=len(self.knot_x))
        self.first_ending = np.cumsum(self.count_ending) - self.count_ending
        self.knot_mark = np.bincount(ends, self.mark, len(self.knot_x))
        self.knot_mark -= np.bincount(begins, self.mark, len(self.knot_x))
        column, row = self.coarse.places(self.knot_x, 0), self.coarse.places(self.knot_y, 1)
        self._knots = Bins(self.coarse, np.arange(len(column)), row, column, column)

    def units_of_boxes(self, boxes: np.ndarray) -> np.ndarray:
        """Tell in which unit boxes lie wholly.

        Parameters
        ----------
        boxes : array of float, shape (m, 4)
            West, south, east, north.

        Returns
        -------
        array of int
            Unit, -1 for a box outside all units (or not made of numbers), `NEAR` for one that a border may pass.
        """
        cells = self.grid.cells(boxes)
        unit = self.middle.take(cells[1] * self.grid.columns + cells[0])
        unit[self.border.held(cells) > 0] = NEAR
        unit[~np.isfinite(boxes.T).all(axis=0)] = -1
        return unit

    def near(self, west, south, east, north) -> np.ndarray:
        """Return the numbers of the boxes that a border may pass."""
        places = self.grid.places
        return np.flatnonzero(self.border.held((places(west, 0), places(south, 1), places(east, 0), places(north, 1))))

    def units_of_points(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Tell in which units points lie.

        Parameters
        ----------
        x, y : arrays of float, shape (m,)
            Coordinates.

        Returns
        -------
        first : array of int
            The unit in which a point lies, -1 if there is none; on a shared border, or where units overlap, the one
            that begins farthest west.
        several : array of bool
            Whether there is more than one.
        """
        cell = self.grid.places(y, 1) * self.grid.columns + self.grid.places(x, 0)
        first = self.middle.take(cell)
        first[self.passed.take(cell)] = NEAR
        first[~(np.isfinite(x) & np.isfinite(y))] = -1
        several = np.zeros(len(first), dtype=bool)
        near = np.flatnonzero(first == NEAR)
        found = self._walked(x[near], y[near], cell[near])
        open_ = np.flatnonzero(found == NEAR)
        if len(open_):
            points = shapely.points(x[near[open_]], y[near[open_]])
            found[open_], several[near[open_]] = self._touched(points)
        first[near] = found
        return first, several

    def units_of_shapes(self, shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Tell which units shapes touch, as `units_of_points`; None and empty ones touch nothing."""
        boxes = shapely.bounds(shapes)
        if not shapely.get_type_id(shapes).any():
            return self.units_of_points(boxes[:, 0], boxes[:, 1])
        first = self.units_of_boxes(boxes)
        several = np.zeros(len(shapes), dtype=bool)
        near = np.flatnonzero(first == NEAR)
        if len(near):
            first[near], several[near] = self._touched(shapes[near])
        return first, several

    def _touched(self, shapes):
        """Ask GEOS."""
        used = np.unique(self.tree.query(shapes)[1])
        shapely.prepare(self.shapes[used])
        unit, shape = shapely.STRtree(shapes).query(self.shapes[used], predicate="intersects")
        first = np.full(len(shapes), len(self.shapes))
        np.minimum.at(first, shape, self.place[used[unit]])
        return np.append(self.order, -1)[first], np.bincount(shape, minlength=len(shapes)) > 1

    def _walked(self, x, y, cell):
        """Return the unit of points in cells with a border, `NEAR` for a point (or a middle) that touches one."""
        row, column = np.divmod(cell, self.grid.columns)
        middle_x = (column + 0.5) * self.grid.cell + self.grid.corner[0]
        middle_y = (row + 0.5) * self.grid.cell + self.grid.corner[1]
        point, segment = self.segments.in_strips(row // COARSER, column // COARSER, column // COARSER)
        met = meetings(self, segment, middle_x[point], middle_y[point], (x - middle_x)[point], (y - middle_y)[point])
        crossed = met.pair[met.clear]
        where, sign = point[crossed], np.sign(met.turn[met.clear])
        left, right = self.left[segment[crossed]], self.right[segment[crossed]]
        unit = self.middle.take(cell)
        number = np.maximum(unit, 0) + np.bincount(where, sign * (np.maximum(left, 0) - np.maximum(right, 0)), len(x))
        cover = (unit >= 0) + np.bincount(where, sign * ((left >= 0) * 1 - (right >= 0)), len(x))
        found = np.where(cover == 1, number, -1).astype(np.int32)
        doubtful = (cover != 1) & ((cover != 0) | (number != 0)) | (number < 0) | (number >= max(len(self.shapes), 1))
        found[doubtful | (unit == NEAR)] = NEAR
        found[point[met.pair[~met.clear]]] = NEAR
        return found

    def knots_in_boxes(self, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (box, knot) for the knots in boxes, shape (m, 4), that are numbers."""
        west, south, east, north = self.coarse.cells(boxes)
        count = north - south + 1
        box = np.repeat(np.arange(len(boxes)), count)
        strip, knot = self._knots.in_strips(ranges(south, count), west[box], east[box])
        box = box[strip]
        x, y = self.knot_x[knot], self.knot_y[knot]
        held = (x >= boxes[box, 0]) & (y >= boxes[box, 1]) & (x <= boxes[box, 2]) & (y <= boxes[box, 3])
        return box[held], knot[held]


@dataclass(frozen=True)
class Meetings:
    """Pairs of a straight edge and a segment of border that meet, or nearly.

    Attributes
    ----------
    pair : array of int
        Position of each among the pairs that were asked for.
    clear : array of bool
        They cross, and no end of one is within `TOUCH_M` of the other.
    start, stop, tail, head : arrays of float
        How far the ends of the edge are left of the border, and those of the border left of the edge (metres).
    turn : array of float
        Sine of the angle between them times both lengths: positive where the edge goes over to the left of the segment.
    """

    pair: np.ndarray
    clear: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    tail: np.ndarray
    head: np.ndarray
    turn: np.ndarray


def meetings(index: Index, segment: np.ndarray, x, y, dx, dy) -> Meetings:
    """Find out which edges meet segments of border.

    Parameters
    ----------
    index : Index
        Units.
    segment : array of int
        Segment of each pair.
    x, y, dx, dy : arrays of float
        Where the edge of each pair begins, and how far it goes.

    Returns
    -------
    Meetings
        The pairs that are not plainly apart.
    """
    border_x, border_y, long = index.dx.take(segment), index.dy.take(segment), index.metres.take(segment)
    from_x, from_y = x - index.x.take(segment), y - index.y.take(segment)
    turn = border_x * dy - border_y * dx
    start = (border_x * from_y - border_y * from_x) / long
    stop = start + turn / long
    some = np.flatnonzero((np.minimum(start, stop) <= TOUCH_M) & (np.maximum(start, stop) >= -TOUCH_M))
    dx, dy, turn, start, stop = dx[some], dy[some], turn[some], start[some], stop[some]
    metres = np.sqrt(dx * dx + dy * dy)
    with np.errstate(divide="ignore", invalid="ignore"):  # an edge without length meets what is near
        tail = (from_x[some] * dy - from_y[some] * dx) / metres
        head = tail - turn / metres
    kept = np.flatnonzero(~((np.minimum(tail, head) > TOUCH_M) | (np.maximum(tail, head) < -TOUCH_M)))
    start, stop, tail, head = start[kept], stop[kept], tail[kept], head[kept]
    clear = np.minimum(np.minimum(abs(start), abs(stop)), np.minimum(abs(tail), abs(head))) > TOUCH_M
    return Meetings(some[kept], clear, start, stop, tail, head, turn[kept])


def _blend(main, *others):
    """Return numbers that sort as `main` does, and are the same where all are."""
    return sum((other * 1e-3 / 7**i for i, other in enumerate(others)), main)


def _segments(flat: Outlines):
    """Return the segments of border (from, to, unit on the left, unit on the right); -1 is no unit.

    What two units draw alike, one on each side, is one segment. All else stays with the one unit that draws it.
    """
    vertex, ring = edge_rows(flat)
    x, y, next_x, next_y = flat.x[vertex], flat.y[vertex], flat.x[vertex + 1], flat.y[vertex + 1]
    flip = (y > next_y) | ((y == next_y) & (x > next_x))  # now from south to north
    ends = np.stack(
        [np.where(flip, next_x, x), np.where(flip, next_y, y), np.where(flip, x, next_x), np.where(flip, y, next_y)]
    )
    order = np.argsort(_blend(ends[1], ends[0], ends[2], ends[3]))
    ends, owner = ends[:, order], flat.feature[ring][order]
    inside = ((flat.sign[ring] > 0) != flip)[order]
    left, right = np.where(inside, owner, -1), np.where(inside, -1, owner)
    same = (ends[:, 1:] == ends[:, :-1]).all(axis=0)
    group = np.append(0, np.cumsum(~same))[: len(order)]
    twice = np.bincount(group)[group[1:]] == 2 if len(order) else same
    pair = np.flatnonzero(same & twice & (inside[1:] != inside[:-1]))
    left[pair], right[pair] = np.maximum(left[pair], left[pair + 1]), np.maximum(right[pair], right[pair + 1])
    kept = np.ones(len(order), dtype=bool)
    kept[pair + 1] = False
    x, y, next_x, next_y = ends[:, kept]
    return np.column_stack([x, y]), np.column_stack([next_x, next_y]), left[kept], right[kept]
