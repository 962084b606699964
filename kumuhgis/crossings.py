"""Crossings: how much of each line or polygon lies in each unit, from where it crosses their borders.

No piece of geometry is ever cut out. What is wanted is a number, and the number needs only the crossings:

* A line that enters a unit at 30 m and leaves it at 80 m has 80 - 30 metres in it. So the metres in a unit are
  the sum of the distances at which the line leaves it, less those at which it enters it; the end counts as leaving.
* The area of the common part of a polygon and a unit is half the sum of x dy - y dx around it (Green). Its outline
  consists of pieces of the polygon's outline inside the unit and pieces of the unit's border inside the polygon.
  Along a straight edge that sum grows evenly, so it is once more a difference between leaving and entering.

Most features need not even that. A grid of cells knows which unit lies in each cell and through which cells a border
passes: a feature whose box holds no border cell lies in one unit, wholly.

`Index` prepares the units once, `shares` asks it. Every feature checks itself: who enters a unit must leave it, counted
in whole numbers. What touches a border instead of crossing it (ends on it, runs along it, shares a vertex with it:
anything within `TOUCH_M`) is not decided here but handed back as `unclear`, for the exact intersection of GEOS.
Each unit is followed by itself, so units may overlap or leave gaps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from kumuhgis.grid import Grid, Marks
from kumuhgis.outlines import COLLECTION, LINE, POLYGON, Outlines, dimension, edge_rows, of_shapes, ranges

#: A vertex no farther than this from another outline touches it (metres).
TOUCH_M = 1e-4
#: Two edges whose directions differ by less than this run alongside each other (sine of the angle).
GRAZING = 5e-3
#: Side of the cells of the grid (metres).
CELL_M = 5.0
#: A part of a feature may exceed the feature by this share, for rounding.
ROUNDING = 1e-9
#: Instead of the number of a unit: a border may be near.
NEAR = -2
#: So many edges of a ring are looked up by one box.
TOGETHER = 8
#: Features of a neighbourhood of so many cells by so many are worked on after each other: their part of the grid and
#: of the tree is then still at hand in the computer's cache.
NEIGHBOURHOOD = 16
#: So many features are worked on at once.
BATCH = 50_000


@dataclass(frozen=True)
class Shares:
    """What part of each feature lies in which unit.

    Attributes
    ----------
    unit, feature : arrays of int
        Pairs of a unit and a feature that lies in it, by position.
    amount : array of float
        Metres of the line, or square metres of the polygon, of each pair.
    unclear : array of int
        Features that are in no pair because they touch a border.
    whole, crossing : int
        How many features were settled by the grid, and how many by their crossings.
    """

    unit: np.ndarray
    feature: np.ndarray
    amount: np.ndarray
    unclear: np.ndarray
    whole: int
    crossing: int


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
        self.order = np.lexsort(shapely.bounds(self.shapes).T[::-1])  # from west to east, whatever the file's order
        self.a, self.b, self.left, self.right = _borders(of_shapes(self.shapes))
        self._lay_grid()
        self.low, self.high = np.minimum(self.a, self.b) - TOUCH_M, np.maximum(self.a, self.b) + TOUCH_M
        self.tree = shapely.STRtree(shapely.box(*self.low.T, *self.high.T))
        ends = np.concatenate([self.a, self.b])
        knots, knot = np.unique(ends[:, 0] + 1j * ends[:, 1], return_inverse=True)
        self.knots = shapely.STRtree(shapely.points(knots.real, knots.imag))
        self.ending = np.argsort(knot[len(self.a) :], kind="stable")  # segments by the knot at which they end
        count = np.bincount(knot[len(self.a) :], minlength=len(knots))
        self.first_ending, self.count_ending = np.cumsum(count) - count, count
        # whole random numbers by which entering and leaving are added up; none for "no unit" (the last)
        random = np.random.default_rng(20)
        self.token = np.append(random.integers(1, 2**20, len(shapes)), 0).astype(float)
        self.mark = random.integers(1, 2**20, len(self.a)).astype(float)
        self.knot_mark = _sums(knot[len(self.a) :], self.mark, len(knots))
        self.knot_mark -= _sums(knot[: len(self.a)], self.mark, len(knots))

    def _lay_grid(self) -> None:
        """Find the unit at the middle of each cell, and the cells that a border passes."""
        ends = np.concatenate([self.a, self.b]) if len(self.a) else np.zeros((1, 2))
        self.grid = Grid(ends.min(axis=0), ends.max(axis=0), CELL_M)
        unit, cover = self.grid.middles(self.a, self.b, self.left, self.right)
        self.unit = np.where(cover == 1, unit, -1).astype(np.int32)
        self.border = Marks(self.grid.passed(self.a, self.b) | (cover > 1))

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
        known = np.isfinite(boxes).all(axis=1)
        cells = self.grid.cells(np.where(known[:, None], boxes, 0))
        unit = np.where(self.border.held(cells) == 0, self.unit[cells[1], cells[0]], NEAR)
        return np.where(known, unit, -1)

    def units_of_shapes(self, shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Tell which units shapes touch.

        Parameters
        ----------
        shapes : array of shapely geometries
            m shapes of any kind; None and empty ones touch nothing.

        Returns
        -------
        first : array of int
            The unit of which the shape holds a point (of its inside or its border), -1 if there is none; of several
            the one that begins farthest west.
        several : array of bool
            Whether there is more than one.
        """
        first = self.units_of_boxes(shapely.bounds(shapes))
        several = np.zeros(len(shapes), dtype=bool)
        near = np.flatnonzero(first == NEAR)
        first[near], several[near] = self._touched(shapes[near])
        return first, several

    def units_of_points(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Tell in which units points lie, as `units_of_shapes`, for points of shape (m, 2) that are numbers."""
        first = self.units_of_boxes(points[:, [0, 1, 0, 1]])
        several = np.zeros(len(points), dtype=bool)
        near = np.flatnonzero(first == NEAR)
        first[near], several[near] = self._touched(shapely.points(points[near]))
        return first, several

    def _touched(self, shapes):
        """Ask GEOS."""
        place, shape = shapely.STRtree(shapes).query(self.shapes[self.order], predicate="intersects")
        first = np.full(len(shapes), len(self.shapes))
        np.minimum.at(first, shape, place)
        return np.append(self.order, -1)[first], np.bincount(shape, minlength=len(shapes)) > 1


def shares(index: Index, shapes: np.ndarray, of: int) -> Shares:
    """Measure how much of each feature lies in each unit.

    Parameters
    ----------
    index : Index
        Units.
    shapes : array of shapely geometries
        m features.
    of : {LINE, POLYGON}
        What to measure: the metres of lines, or the square metres of (valid) polygons. Shapes of a lower dimension
        have none, those of a higher one and collections are unclear.

    Returns
    -------
    Shares
        The pairs of unit and feature that have an amount, and the features that touch a border.

    Examples
    --------
    >>> index = Index(shapely.box([0, 100], 0, [100, 200], 100))
    >>> found = shares(index, shapely.linestrings([[[20, 50], [160, 50]], [[20, 50], [100, 50]]]), LINE)
    >>> found.unit.tolist(), found.feature.tolist(), found.amount.round(6).tolist(), found.unclear.tolist()
    ([0, 1], [0, 0], [80.0, 60.0], [1])
    """
    kind = dimension(shapes)
    own = shapely.length(shapes) if of == LINE else shapely.area(shapes)
    boxes = shapely.bounds(shapes)
    where = index.units_of_boxes(boxes)
    unfit = np.flatnonzero((where != -1) & ((kind > of) | (shapely.get_type_id(shapes) == COLLECTION)))
    inside = np.flatnonzero((where >= 0) & (kind == of))
    near = np.flatnonzero((where == NEAR) & (kind == of))
    near = near[np.lexsort(np.floor(boxes[near, :2] / (NEIGHBOURHOOD * index.grid.cell)).T)]
    pairs, unclear = [(where[inside], inside, own[inside])], [unfit]
    for some in np.array_split(near, len(near) // BATCH + 1):
        flat = of_shapes(shapes[some])
        unit, feature, amount, odd = (_lines if of == LINE else _polygons)(index, shapes[some], flat)
        unit, feature, amount, odd = _added(unit, feature, amount, odd, own[some])
        pairs.append((unit, some[feature], amount))
        unclear.append(some[odd])
    unit, feature, amount = (np.concatenate(column) for column in zip(*pairs, strict=True))
    unclear = np.sort(np.concatenate(unclear))
    crossing = len(near) - len(unclear) + len(unfit)
    return Shares(unit, feature, amount, unclear, len(shapes) - len(unclear) - crossing, crossing)


def _lines(index, shapes, flat):
    """Return (unit, line, signed metres) of lines near a border, and which lines are unclear."""
    edges = _edges(flat)
    metres = np.hypot(*edges.step.T)
    before, total = _running(metres, edges.ring, len(flat.feature))
    met = _meetings(index, edges)
    xy = np.column_stack([flat.x, flat.y])
    begin, several = index.units_of_points(xy[flat.start[:-1]])
    end, doubtful = index.units_of_points(xy[flat.start[1:] - 1])

    line = edges.feature[met.edge]
    at = before[met.edge] + met.along * metres[met.edge]
    left, right = index.left[met.segment], index.right[met.segment]
    balance = _sums(flat.feature, index.token[begin] - index.token[end], len(shapes))
    balance += _sums(line, met.sign * (index.token[left] - index.token[right]), len(shapes))
    odd = balance != 0
    odd[edges.feature[met.touching]] = True
    odd[flat.feature[several | doubtful]] = True
    crossed = np.unique(line)
    odd[crossed] |= ~shapely.is_simple(shapes[crossed])  # where a line runs over itself, GEOS measures it once

    unit, feature = np.concatenate([end, left, right]), np.concatenate([flat.feature, line, line])
    return unit, feature, np.concatenate([total, -met.sign * at, met.sign * at]), odd


def _polygons(index, shapes, flat):
    """Return (unit, polygon, signed square metres) of polygons near a border, and which polygons are unclear."""
    edges = _edges(flat)
    origin, sign = flat.origin, flat.sign[edges.ring]
    swept = sign * _cross(edges.start - origin[edges.feature], edges.step) / 2
    before, total = _running(swept, edges.ring, len(flat.feature))
    met = _meetings(index, edges)
    begin, several = index.units_of_points(np.column_stack([flat.x, flat.y])[flat.start[:-1]])

    face = edges.feature[met.edge]
    at = before[met.edge] + met.along * swept[met.edge]
    left, right = index.left[met.segment], index.right[met.segment]
    out = met.sign * sign[met.edge]  # an edge that goes left over a border, inside on its left: the border goes out
    border = out * met.across * _swept(index, met.segment, origin[face])

    inner, knot = index.knots.query(shapes, predicate="intersects")
    row = np.repeat(np.arange(len(knot)), index.count_ending[knot])
    segment = index.ending[ranges(index.first_ending[knot], index.count_ending[knot])]
    whole = _swept(index, segment, origin[inner[row]])

    balance = _sums(face, met.sign * (index.token[left] - index.token[right]), len(shapes))
    closed = _sums(face, out * index.mark[met.segment], len(shapes))
    closed += _sums(inner, index.knot_mark[knot], len(shapes))
    odd = (balance != 0) | (closed != 0)
    odd[edges.feature[met.touching]] = True
    odd[flat.feature[several | (flat.sign == 0)]] = True

    inner = inner[row]
    unit = np.concatenate([begin, left, right, index.left[segment], index.right[segment]])
    feature = np.concatenate([flat.feature, face, face, inner, inner])
    entered = met.sign * at
    return unit, feature, np.concatenate([total, border - entered, entered - border, whole, -whole]), odd


def _added(unit, feature, amount, odd, own):
    """Add up signed amounts by pair; a feature with less than nothing or more than itself in a unit is unclear."""
    kept = (unit >= 0) & ~odd[feature]
    size = int(unit.max(initial=0)) + 1
    key, pair = np.unique(feature[kept] * size + unit[kept], return_inverse=True)
    amount = _sums(pair, amount[kept], len(key))
    unit, feature = key % size, key // size
    slack = ROUNDING * (1 + own[feature])
    odd[feature[(amount < -slack) | (amount > own[feature] + slack)]] = True
    some = (amount > 0) & ~odd[feature]
    return unit[some], feature[some], amount[some], odd


@dataclass(frozen=True)
class _Edges:
    """Straight edges: where each begins and stops, its ring and its feature."""

    start: np.ndarray
    stop: np.ndarray
    ring: np.ndarray
    feature: np.ndarray

    @property
    def step(self) -> np.ndarray:
        """From the beginning of each edge to where it stops."""
        return self.stop - self.start


def _edges(flat: Outlines) -> _Edges:
    """Return the edges of outlines, those without length left out."""
    vertex, ring = edge_rows(flat)
    xy = np.column_stack([flat.x, flat.y])
    return _Edges(xy[vertex], xy[vertex + 1], ring, flat.feature[ring])


@dataclass(frozen=True)
class _Meetings:
    """Where edges cross segments of border, each named by number, and the edges that touch a border.

    `along` and `across` tell at what share of the edge and of the segment; `sign` is +1 where the edge goes over to
    the left of the segment and -1 where it goes to the right.
    """

    edge: np.ndarray
    segment: np.ndarray
    along: np.ndarray
    across: np.ndarray
    sign: np.ndarray
    touching: np.ndarray


def _meetings(index, edges) -> _Meetings:
    """Find the crossings of edges with borders."""
    edge, segment = _candidates(index, edges)
    step, border = (edges.stop - edges.start)[edge], index.b[segment] - index.a[segment]
    offset = edges.start[edge] - index.a[segment]
    turn, metres, border_metres = _cross(border, step), np.hypot(*step.T), np.hypot(*border.T)
    # how far the two ends of the edge are left of the border, and those of the border left of the edge
    start = _cross(border, offset) / border_metres
    stop = start + turn / border_metres
    tail = _cross(offset, step) / metres
    head = tail - turn / metres
    apart = (np.minimum(start, stop) > TOUCH_M) | (np.maximum(start, stop) < -TOUCH_M)
    apart |= (np.minimum(tail, head) > TOUCH_M) | (np.maximum(tail, head) < -TOUCH_M)
    clear = np.minimum(np.minimum(abs(start), abs(stop)), np.minimum(abs(tail), abs(head))) > TOUCH_M
    clear &= abs(turn) > GRAZING * metres * border_metres
    real = np.flatnonzero(clear & ~apart)
    along = start[real] / (start[real] - stop[real])
    across = tail[real] / (tail[real] - head[real])
    return _Meetings(edge[real], segment[real], along, across, np.sign(turn[real]), edge[~clear & ~apart])


def _candidates(index, edges) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of an edge and a segment of border whose boxes meet; edges are looked up a few at a time."""
    if not len(edges.ring):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    low, high = np.minimum(edges.start, edges.stop), np.maximum(edges.start, edges.stop)
    place = np.arange(len(low)) - np.searchsorted(edges.ring, edges.ring)
    first = np.flatnonzero(place % TOGETHER == 0)
    count = np.diff(np.append(first, len(low)))
    boxes = np.hstack([np.minimum.reduceat(low, first), np.maximum.reduceat(high, first)])
    near = np.flatnonzero(index.units_of_boxes(boxes) == NEAR)
    some, segment = index.tree.query(shapely.box(*boxes[near].T))
    chunk = near[some]
    edge, segment = ranges(first[chunk], count[chunk]), np.repeat(segment, count[chunk])
    meet = (low[edge] <= index.high[segment]) & (high[edge] >= index.low[segment])
    meet = meet[:, 0] & meet[:, 1]
    return edge[meet], segment[meet]


def _running(amount, ring, size) -> tuple[np.ndarray, np.ndarray]:
    """Return what lies before each edge on its ring, and the sum of each ring."""
    before = np.append(0.0, np.cumsum(amount))
    first = np.searchsorted(ring, np.arange(size + 1))
    return before[:-1] - before[first][ring], np.diff(before[first])


def _sums(number, amount, size) -> np.ndarray:
    """Add amounts up by number, as floats even if there are none."""
    return np.bincount(number, amount, size).astype(float, copy=False)


def _swept(index, segment, origin) -> np.ndarray:
    """Signed area between an origin and a segment of border."""
    return _cross(index.a[segment] - origin, index.b[segment] - origin) / 2


def _cross(first, second) -> np.ndarray:
    """Cross product of plane vectors."""
    return first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]


def _borders(flat: Outlines):
    """Return the segments of border (from, to, unit on the left, unit on the right); -1 is no unit.

    What two units draw alike, one on each side, is one segment. All else stays with the one unit that draws it.
    """
    edges = _edges(flat)
    turned = (flat.sign[edges.ring] < 0)[:, None]  # now the inside is on the left
    a, b = np.where(turned, edges.stop, edges.start), np.where(turned, edges.start, edges.stop)
    flip = (a[:, 1] > b[:, 1]) | ((a[:, 1] == b[:, 1]) & (a[:, 0] > b[:, 0]))
    ends = np.where(flip[:, None], np.hstack([b, a]), np.hstack([a, b]))
    order = np.lexsort([flip, *ends.T[[2, 3, 0, 1]]])  # from south to north
    ends, flip, owner = ends[order], flip[order], edges.feature[order]
    same = (ends[1:] == ends[:-1]).all(axis=1)
    group = np.append(0, np.cumsum(~same))[: len(ends)]
    pair = np.flatnonzero(same & (flip[1:] > flip[:-1]) & (np.bincount(group)[group[1:]] == 2) if len(ends) else [])
    left, right = np.where(flip, -1, owner), np.where(flip, owner, -1)
    right[pair] = owner[pair + 1]
    kept = np.delete(np.arange(len(ends)), pair + 1)
    return ends[kept, :2], ends[kept, 2:], left[kept], right[kept]
