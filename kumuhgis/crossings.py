"""Crossings: how much of each line or polygon lies in each unit, from where it crosses their borders.

No piece of geometry is ever cut out. What is wanted is a number, and the number needs only the crossings:

* A line that enters a unit at 30 m and leaves it at 80 m has 80 - 30 metres in it. So the metres in a unit are
  the sum of the distances at which the line leaves it, less those at which it enters it; the end counts as leaving.
* The area of the common part of a polygon and a unit is half the sum of x dy - y dx around it (Green). Its outline
  consists of pieces of the polygon's outline inside the unit and pieces of the unit's border inside the polygon.
  Along a straight edge that sum grows evenly, so it is once more a difference between leaving and entering.

Most features need not even that. A grid of cells knows which unit lies in each cell and through which cells a border
passes: a feature whose box holds no border cell lies in one unit, wholly.

`borders.Index` prepares the units once, `shares` asks it. Every feature checks itself: who enters a unit must leave it,
counted in whole numbers. What touches a border instead of crossing it (ends on it, runs along it, shares a vertex with
it: anything within `TOUCH_M`) is not decided here but handed back as `unclear`, for the exact intersection of GEOS.
Each unit is followed by itself, so units may overlap or leave gaps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from kumuhgis.borders import NEAR, Index, meetings
from kumuhgis.features import Features
from kumuhgis.outlines import LINE, Outlines, edge_rows, ranges

#: Two edges whose directions differ by less than this run alongside each other (sine of the angle).
GRAZING = 5e-3
#: A part of a feature may exceed the feature by this share, for rounding.
ROUNDING = 1e-9
#: Polygons of more vertices are asked by GEOS which knots of the borders they hold.
FEW = 40


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


def shares(index: Index, features: Features) -> Shares:
    """Measure how much of each feature lies in each unit.

    Parameters
    ----------
    index : Index
        Units.
    features : Features
        m lines or polygons. Shapes of a lower dimension have none of it, those of a higher one and collections are
        unclear.

    Returns
    -------
    Shares
        The pairs of unit and feature that have an amount, and the features that touch a border.

    Examples
    --------
    >>> from kumuhgis.features import of_geometries
    >>> index = Index(shapely.box([0, 100], 0, [100, 200], 100))
    >>> roads = of_geometries(shapely.linestrings([[[20, 50], [160, 50]], [[20, 50], [100, 50]]]), LINE)
    >>> found = shares(index, roads)
    >>> found.unit.tolist(), found.feature.tolist(), found.amount.round(6).tolist(), found.unclear.tolist()
    ([0, 1], [0, 0], [80.0, 60.0], [1])
    """
    where, own = index.units_of_boxes(features.boxes), features.amount
    inside = np.flatnonzero((where >= 0) & features.fit)
    near = np.flatnonzero((where == NEAR) & features.fit)
    unclear = np.flatnonzero((where != -1) & features.unfit)
    hard = len(unclear)
    measured = _lines if features.of == LINE else _polygons
    unit, feature, amount, odd = measured(
        index, features.outlines.taken(near), lambda rows: features.shapes(near[rows])
    )
    unit, feature, amount, odd = _added(unit, feature, amount, odd, own[near])
    unclear = np.sort(np.concatenate([unclear, near[odd]]))
    return Shares(
        np.concatenate([where[inside], unit]),
        np.concatenate([inside, near[feature]]),
        np.concatenate([own[inside], amount]),
        unclear,
        len(where) - len(near) - hard,
        len(near) + hard - len(unclear),
    )


def _lines(index, flat, shapes):
    """Return (unit, line, signed metres) of lines near a border, and which lines are unclear."""
    edges = _edges(flat)
    before, total = _running(edges.metres, edges.ring, len(flat.feature))
    met = _crossings(index, edges)
    first, last = flat.start[:-1], flat.start[1:] - 1
    ends, doubtful = index.units_of_points(
        np.append(flat.x[first], flat.x[last]), np.append(flat.y[first], flat.y[last])
    )
    begin, end = np.split(ends, 2)

    line = edges.feature[met.edge]
    at = before[met.edge] + met.along * edges.metres[met.edge]
    left, right = index.left[met.segment], index.right[met.segment]
    balance = _sums(flat.feature, index.token[begin] - index.token[end], flat.size)
    balance += _sums(line, met.sign * (index.token[left] - index.token[right]), flat.size)
    odd = balance != 0
    odd[edges.feature[met.touching]] = True
    odd[np.append(flat.feature, flat.feature)[doubtful]] = True
    crossed = np.flatnonzero(~odd & (np.bincount(line, minlength=flat.size) > 0) & ~_onward(edges, flat))
    odd[crossed] = ~shapely.is_simple(shapes(crossed))  # where a line runs over itself, GEOS measures it once

    unit, feature = np.concatenate([end, left, right]), np.concatenate([flat.feature, line, line])
    return unit, feature, np.concatenate([total, -met.sign * at, met.sign * at]), odd


def _onward(edges, flat) -> np.ndarray:
    """Tell which lines are of one part and always go on towards their end, so that they cannot cross themselves."""
    first, last = flat.start[:-1], flat.start[1:] - 1
    x, y = flat.x[last] - flat.x[first], flat.y[last] - flat.y[first]
    back = edges.dx * x[edges.ring] + edges.dy * y[edges.ring] <= 0
    onward = np.bincount(flat.feature, minlength=flat.size) == 1
    onward[edges.feature[back]] = False
    return onward


def _polygons(index, flat, shapes):
    """Return (unit, polygon, signed square metres) of polygons near a border, and which polygons are unclear."""
    edges, origin = _edges(flat), flat.origin
    sign, face = flat.sign[edges.ring], edges.feature
    swept = (edges.x - origin[0, face]) * edges.dy - (edges.y - origin[1, face]) * edges.dx
    swept *= sign / 2
    before, total = _running(swept, edges.ring, len(flat.feature))
    met = _crossings(index, edges)
    first = flat.start[:-1]
    begin, several = index.units_of_points(flat.x[first], flat.y[first])

    face = edges.feature[met.edge]
    at = before[met.edge] + met.along * swept[met.edge]
    left, right = index.left[met.segment], index.right[met.segment]
    out = met.sign * sign[met.edge]  # an edge that goes left over a border, inside on its left: the border goes out
    border = out * met.across * _swept(index, met.segment, origin[:, face])

    inner, knot = _knots_inside(index, flat, shapes)
    row = np.repeat(np.arange(len(knot)), index.count_ending[knot])
    segment = index.ending[ranges(index.first_ending[knot], index.count_ending[knot])]
    whole = _swept(index, segment, origin[:, inner[row]])

    balance = _sums(face, met.sign * (index.token[left] - index.token[right]), flat.size)
    closed = _sums(face, out * index.mark[met.segment], flat.size)
    closed += _sums(inner, index.knot_mark[knot], flat.size)
    odd = (balance != 0) | (closed != 0)
    odd[edges.feature[met.touching]] = True
    odd[flat.feature[several | (flat.sign == 0)]] = True

    inner = inner[row]
    unit = np.concatenate([begin, left, right, index.left[segment], index.right[segment]])
    feature = np.concatenate([flat.feature, face, face, inner, inner])
    entered = met.sign * at
    return unit, feature, np.concatenate([total, border - entered, entered - border, whole, -whole]), odd


def _knots_inside(index, flat, shapes) -> tuple[np.ndarray, np.ndarray]:
    """Return (polygon, knot) for the knots inside polygons; those on an outline in any way."""
    face, knot = index.knots_in_boxes(flat.boxes)
    x, y = index.knot_x[knot], index.knot_y[knot]
    inside = np.zeros(len(face), dtype=bool)
    vertices = np.bincount(flat.feature, np.diff(flat.start), flat.size)
    few = np.flatnonzero(vertices[face] <= FEW)
    inside[few] = _to_the_east(flat, face[few], x[few], y[few]) % 2 == 1
    many, place = np.unique(face[vertices[face] > FEW], return_inverse=True)
    if len(many):
        large = shapes(many)
        shapely.prepare(large)
        rest = np.flatnonzero(vertices[face] > FEW)
        inside[rest] = shapely.intersects_xy(large[place], x[rest], y[rest])
    return face[inside], knot[inside]


def _to_the_east(flat, face, x, y) -> np.ndarray:
    """Count how often one meets the outline of a polygon on the way from a point to the east: oddly from inside."""
    taken = flat.taken(face)
    count = np.diff(taken.start) - 1  # edges of each ring
    vertex, pair = ranges(taken.start[:-1], count), np.repeat(taken.feature, count)
    x, y = x[pair], y[pair]
    low, high = taken.y[vertex] - y, taken.y[vertex + 1] - y
    up, down = (low <= 0) & (high > 0), (low > 0) & (high <= 0)
    over = (taken.x[vertex] - x) * high - (taken.x[vertex + 1] - x) * low
    return np.bincount(pair[(up & (over > 0)) | (down & (over < 0))], minlength=len(face))


def _added(unit, feature, amount, odd, own):
    """Add up signed amounts by pair; a feature with less than nothing or more than itself in a unit is unclear."""
    kept = np.flatnonzero((unit >= 0) & ~odd[feature])
    unit, feature, amount = unit[kept], feature[kept], amount[kept]
    several = np.bincount(feature, minlength=len(odd))[feature] > 1
    alone, some = np.flatnonzero(~several), np.flatnonzero(several)
    size = int(unit.max(initial=0)) + 1
    key = feature[some] * size + unit[some]
    order = np.argsort(key)
    first = np.flatnonzero(np.diff(key[order], prepend=-1))
    if len(some):
        amount = np.append(amount[alone], np.add.reduceat(amount[some][order], first))
    key = np.append(feature[alone] * size + unit[alone], key[order][first])
    feature, unit = np.divmod(key, size)
    slack = ROUNDING * (1 + own[feature])
    odd[feature[(amount < -slack) | (amount > own[feature] + slack)]] = True
    some = np.flatnonzero((amount > 0) & ~odd[feature])
    return unit[some], feature[some], amount[some], odd


@dataclass(frozen=True)
class _Edges:
    """Straight edges: where each begins and how far it goes, its length, its ring and its feature."""

    x: np.ndarray
    y: np.ndarray
    dx: np.ndarray
    dy: np.ndarray
    metres: np.ndarray
    ring: np.ndarray
    feature: np.ndarray


def _edges(flat: Outlines) -> _Edges:
    """Return the edges of outlines, those without length left out."""
    vertex, ring = edge_rows(flat)
    x, y = flat.x[vertex], flat.y[vertex]
    dx, dy = flat.x[vertex + 1] - x, flat.y[vertex + 1] - y
    return _Edges(x, y, dx, dy, np.sqrt(dx * dx + dy * dy), ring, flat.feature[ring])


@dataclass(frozen=True)
class _Crossings:
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


def _crossings(index, edges) -> _Crossings:
    """Find the crossings of edges with borders."""
    edge, segment = _candidates(index, edges)
    met = meetings(index, segment, edges.x[edge], edges.y[edge], edges.dx[edge], edges.dy[edge])
    edge, segment = edge[met.pair], segment[met.pair]
    clear = met.clear & (abs(met.turn) > GRAZING * edges.metres[edge] * index.metres[segment])
    real = np.flatnonzero(clear)
    key = edge[real] * len(index.metres) + segment[real]
    order = np.argsort(key)  # an edge and a segment that pass several cells together are there several times
    real = real[order[np.diff(key[order], prepend=-1) != 0]]
    along = met.start[real] / (met.start[real] - met.stop[real])
    across = met.tail[real] / (met.tail[real] - met.head[real])
    return _Crossings(edge[real], segment[real], along, across, np.sign(met.turn[real]), edge[~clear])


def _candidates(index, edges) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of an edge and a segment of border that pass the same cell."""
    x, y = edges.x + edges.dx, edges.y + edges.dy
    near = index.near(np.minimum(edges.x, x), np.minimum(edges.y, y), np.maximum(edges.x, x), np.maximum(edges.y, y))
    a, b = np.column_stack([edges.x[near], edges.y[near]]), np.column_stack([x[near], y[near]])
    edge, row, west, east = index.coarse.strips(a, b)
    strip, segment = index.segments.in_strips(row, west, east)
    return near[edge[strip]], segment


def _running(amount, ring, size) -> tuple[np.ndarray, np.ndarray]:
    """Return what lies before each edge on its ring, and the sum of each ring."""
    before = np.append(0.0, np.cumsum(amount))
    first = np.append(0, np.cumsum(np.bincount(ring, minlength=size)))
    return before[:-1] - before[first][ring], np.diff(before[first])


def _sums(number, amount, size) -> np.ndarray:
    """Add amounts up by number, as floats even if there are none."""
    return np.bincount(number, amount, size).astype(float, copy=False)


def _swept(index, segment, origin) -> np.ndarray:
    """Signed area between an origin and a segment of border."""
    x, y = index.x[segment] - origin[0], index.y[segment] - origin[1]
    return (x * index.dy[segment] - y * index.dx[segment]) / 2
