"""Outlines: shapes as flat columns of coordinates, so that NumPy can work on all of them at once.

A hundred thousand polygons are, to a computer, one long row of x, one of y, and the places where each ring begins.
`of_shapes` takes the rows from shapely.

=============  ==========================================================================================
`x`, `y`       coordinates of all vertices, ring after ring
`start`        where each ring begins among them; one longer than there are rings
`feature`      to which shape each ring belongs
`sign`         of polygons: +1 if the inside lies left of the ring as it is drawn, -1 if right; of lines: +1
`area`         area inside each ring, that of a hole negative; of lines: 0
=============  ==========================================================================================

A "ring" is a ring of a polygon or a part of a line. Products of coordinates are taken after moving each shape to
its own first vertex: with the coordinates of UTM they would lose a square millimetre to rounding.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely

#: Two edges of which the one turns less than this from the other go on straight (tangent).
STRAIGHT = 1e-12
#: Dimension of the shapes that have an outline, by shapely's type number (the others have none: -1).
LINE, POLYGON, NEITHER = 1, 2, -1
#: shapely's type numbers: from the first on, shapes are of several parts; the second is a mixture.
MULTI, COLLECTION = 4, 7
#: Rings of no more vertices are looked at together, vertex by vertex, if all have the same number of them.
_FEW = 8
_DIMENSION = np.array([NEITHER, LINE, LINE, POLYGON, NEITHER, LINE, POLYGON, NEITHER, NEITHER])


@dataclass(frozen=True)
class Outlines:
    """Shapes of one dimension as flat columns; see the head of this module."""

    x: np.ndarray
    y: np.ndarray
    start: np.ndarray
    feature: np.ndarray
    sign: np.ndarray
    area: np.ndarray
    size: int

    @property
    def ring(self) -> np.ndarray:
        """Ring of each vertex."""
        return np.repeat(np.arange(len(self.feature)), np.diff(self.start))

    @property
    def origin(self) -> np.ndarray:
        """First vertex of each shape, shape (2, size); NaN for a shape without one."""
        first = np.full((2, self.size), np.nan)
        rows, vertex = self._beginnings()
        first[:, rows] = self.x[vertex], self.y[vertex]
        return first

    @property
    def boxes(self) -> np.ndarray:
        """West, south, east and north of each shape, shape (size, 4); NaN for a shape without vertices."""
        boxes = np.full((4, self.size), np.nan)
        rows, vertex = self._beginnings()
        count = len(self.x) // max(len(rows), 1)
        if len(rows) == len(self.feature) and 0 < count <= _FEW and (np.diff(self.start) == count).all():
            x, y = _columns(self.x, count), _columns(self.y, count)
            boxes[0, rows], boxes[1, rows], boxes[2, rows], boxes[3, rows] = x.min(0), y.min(0), x.max(0), y.max(0)
        elif len(rows):
            boxes[0, rows], boxes[1, rows] = np.minimum.reduceat(self.x, vertex), np.minimum.reduceat(self.y, vertex)
            boxes[2, rows], boxes[3, rows] = np.maximum.reduceat(self.x, vertex), np.maximum.reduceat(self.y, vertex)
        return boxes.T

    @property
    def metres(self) -> np.ndarray:
        """Length of each shape."""
        if not len(self.feature):
            return np.zeros(self.size)
        x, y = np.diff(self.x, append=0.0), np.diff(self.y, append=0.0)
        steps = np.sqrt(x * x + y * y)
        steps[self.start[1:] - 1] = 0
        return np.bincount(self.feature, np.add.reduceat(steps, self.start[:-1]), self.size)

    @property
    def square_metres(self) -> np.ndarray:
        """Area of each shape."""
        return np.bincount(self.feature, self.area, self.size)

    def taken(self, rows: np.ndarray) -> Outlines:
        """Return the outlines of some shapes, numbered by their place in `rows`."""
        first = np.zeros(self.size, dtype=np.int64)
        first[self.feature[::-1]] = np.arange(len(self.feature))[::-1]
        count = np.bincount(self.feature, minlength=self.size)[rows]
        ring = ranges(first[rows], count)
        size = np.diff(self.start)[ring]
        vertex, start = ranges(self.start[ring], size), np.append(0, np.cumsum(size))
        feature = np.repeat(np.arange(len(rows)), count)
        return Outlines(self.x[vertex], self.y[vertex], start, feature, self.sign[ring], self.area[ring], len(rows))

    def part(self, first: int, last: int) -> Outlines:
        """Return the outlines of the shapes from the first to before the last."""
        if (np.diff(self.feature) < 0).any():
            return self.taken(np.arange(first, last))
        low, high = np.searchsorted(self.feature, [first, last])
        vertex = slice(self.start[low], self.start[high])
        x, y, start = self.x[vertex], self.y[vertex], self.start[low : high + 1] - self.start[low]
        ring = slice(low, high)
        return Outlines(x, y, start, self.feature[ring] - first, self.sign[ring], self.area[ring], last - first)

    def _beginnings(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the shapes that have vertices, and the first vertex of each; the rings of a shape are neighbours."""
        first = np.flatnonzero(np.diff(self.feature, prepend=-1))
        return self.feature[first], self.start[first]


def together(parts: list[Outlines], rows: list[np.ndarray], size: int) -> Outlines:
    """Join outlines of some shapes each.

    Parameters
    ----------
    parts : list of Outlines
        Outlines of different shapes.
    rows : list of arrays of int
        Number of each of those shapes in the whole.
    size : int
        Shapes in the whole.

    Returns
    -------
    Outlines
        The outlines one after the other.
    """
    if len(parts) == 1 and parts[0].size == size:
        return parts[0]
    start = np.append(0, np.cumsum(np.concatenate([np.diff(part.start) for part in parts])))
    feature = np.concatenate([row[part.feature] for part, row in zip(parts, rows, strict=True)])
    columns = ([getattr(part, name) for part in parts] for name in ("x", "y", "sign", "area"))
    x, y, sign, area = map(np.concatenate, columns)
    return Outlines(x, y, start, feature, sign, area, size)


def dimension(shapes: np.ndarray) -> np.ndarray:
    """Tell which shapes have an outline.

    Parameters
    ----------
    shapes : array of shapely geometries
        n shapes; None is allowed.

    Returns
    -------
    array of int
        1 for lines, 2 for polygons (both also in several parts), -1 for points, collections and nothing.

    Examples
    --------
    >>> dimension(shapely.from_wkt(["LINESTRING (0 0, 1 1)", "POINT (1 1)", "POLYGON ((0 0, 1 0, 1 1, 0 0))"])).tolist()
    [1, -1, 2]
    """
    return _DIMENSION[shapely.get_type_id(shapes)]


def surfaces(shapes: np.ndarray) -> np.ndarray:
    """Keep only polygons: those of a collection as one shape, and None instead of points and lines.

    Parameters
    ----------
    shapes : array of shapely geometries
        n shapes; None is allowed.

    Returns
    -------
    array of shapely geometries
        n polygons, of one or several parts, or None.

    Examples
    --------
    >>> mixed = "GEOMETRYCOLLECTION (POINT (9 9), POLYGON ((0 0, 1 0, 1 1, 0 0)))"
    >>> surfaces(shapely.from_wkt([mixed, "POINT (1 1)"])).tolist()
    [<POLYGON ((0 0, 1 0, 1 1, 0 0))>, None]
    """
    kept = np.where(dimension(shapes) == POLYGON, shapes, None)
    for i in np.flatnonzero(shapely.get_type_id(shapes) == COLLECTION):
        parts = shapely.get_parts(shapes[i])
        faces = shapely.union_all(parts[shapely.get_dimensions(parts) == POLYGON])
        kept[i] = None if shapely.is_empty(faces) else faces
    return kept


def of_shapes(shapes: np.ndarray) -> Outlines:
    """Lay the vertices of lines, or of polygons, out in columns.

    Parameters
    ----------
    shapes : array of shapely geometries
        n lines or n polygons, not both; heights are left aside, and shapes with coordinates that are not numbers.

    Returns
    -------
    Outlines
        Rings of a shape one after the other, shapes in no order.

    Examples
    --------
    >>> lines = of_shapes(shapely.from_wkt(["LINESTRING (0 0, 3 4)", "LINESTRING (1 1, 2 1, 2 2)"]))
    >>> lines.x.tolist(), lines.start.tolist()
    ([0.0, 3.0, 1.0, 2.0, 2.0], [0, 2, 5])
    """
    kind = shapely.get_type_id(shapes)
    one = kind < MULTI
    faces = _DIMENSION[kind] == POLYGON
    one[faces] &= shapely.get_num_interior_rings(shapes[faces]) <= 0  # those of several parts have no number
    rows = np.flatnonzero(one & (kind >= 0))
    many = np.flatnonzero(~one)
    parts, feature, hole = _rings(shapes[many])
    # of a shape with one ring, the vertices are those of the ring
    rings = np.concatenate([shapes[rows], parts]) if len(many) else shapes[rows] if len(rows) < len(shapes) else shapes
    xy, count = shapely.get_coordinates(rings), shapely.get_num_coordinates(rings)
    feature = np.concatenate([rows, many[feature]])
    drawn = count > 0
    hole = np.append(np.zeros(len(rows), dtype=bool), hole)[drawn]
    start = np.append(0, np.cumsum(count[drawn]))
    none = np.zeros(len(hole))
    flat = Outlines(xy[:, 0].copy(), xy[:, 1].copy(), start, feature[drawn], none + 1, none, len(shapes))
    if not (np.isfinite(flat.x).all() and np.isfinite(flat.y).all()):
        odd = flat.feature[flat.ring[~(np.isfinite(flat.x) & np.isfinite(flat.y))]]
        sound = np.asarray(shapes, dtype=object).copy()
        sound[odd] = None
        return of_shapes(sound)
    return closed(flat, hole) if faces.any() else flat


def closed(flat: Outlines, hole: np.ndarray) -> Outlines:
    """Fill in the `sign` and the `area` of rings of polygons.

    Parameters
    ----------
    flat : Outlines
        Closed rings.
    hole : array of bool
        Which of them are holes.

    Returns
    -------
    Outlines
        The same rings.
    """
    twice, inward = doubled(flat), np.where(hole, -1, 1)
    return replace(flat, sign=np.sign(twice) * inward, area=np.abs(twice) * inward / 2)


def _rings(shapes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the lines or rings that shapes of many parts are made of, the shape of each, and which are holes."""
    parts, feature = shapely.get_parts(shapes, return_index=True)
    hole = np.zeros(len(parts), dtype=bool)
    if len(parts) and shapely.get_dimensions(parts[0]) == POLYGON:
        parts, part = shapely.get_rings(parts, return_index=True)
        feature, hole = feature[part], np.append(False, part[1:] == part[:-1])[: len(part)]
    return parts, feature, hole


def doubled(flat: Outlines) -> np.ndarray:
    """Return twice the area of each ring, negative where it is drawn clockwise.

    Parameters
    ----------
    flat : Outlines
        Closed rings.

    Returns
    -------
    array of float
        Square units, one a ring.

    Examples
    --------
    >>> doubled(of_shapes(shapely.from_wkt(["POLYGON ((0 0, 0 2, 2 2, 2 0, 0 0))"]))).tolist()
    [-8.0]
    """
    if not len(flat.feature):
        return np.empty(0)
    first, count = flat.start[:-1], np.diff(flat.start)
    if count[0] <= _FEW and (count == count[0]).all():
        return _doubled(*(_columns(axis, count[0]) for axis in (flat.x, flat.y)))
    x = flat.x - np.repeat(flat.x[first], count)
    y = flat.y - np.repeat(flat.y[first], count)
    turn = x * np.roll(y, -1)
    x, y = np.roll(x, -1), y  # 0 as well where the next ring begins: at its origin
    turn -= x * y
    return np.add.reduceat(turn, first)


def _columns(values, count) -> np.ndarray:
    """Return the coordinates of rings of the same number of vertices as one row a vertex."""
    return np.ascontiguousarray(values.reshape(-1, count).T)


def _doubled(x, y) -> np.ndarray:
    """Return twice the area of rings, one column each; summed in the order of `np.add.reduceat`."""
    x, y = x[1:-1] - x[0], y[1:-1] - y[0]
    twice = np.zeros(x.shape[1:])
    for i in range(len(x) - 1):
        twice += x[i] * y[i + 1] - x[i + 1] * y[i]
    return twice


def convex(flat: Outlines) -> np.ndarray:
    """Tell which polygons are plainly convex: one ring that only ever turns to one side, and once around.

    Such a polygon is valid (its outline does not cross itself), and it lies on one side of each of its edges.

    Parameters
    ----------
    flat : Outlines
        n polygons.

    Returns
    -------
    array of bool, shape (n,)
        False also for a convex polygon that GEOS would have to look at more closely.

    Examples
    --------
    >>> wkt = ["POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))", "POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))"]
    >>> convex(of_shapes(shapely.from_wkt(wkt))).tolist()
    [True, False]
    """
    result = np.zeros(flat.size, dtype=bool)
    if not len(flat.feature):
        return result
    single = np.bincount(flat.feature, minlength=flat.size) == 1
    count = np.diff(flat.start)
    if count[0] <= _FEW and (count == count[0]).all():  # most houses and parcels have as many corners as the next one
        result[flat.feature] = _round(_columns(flat.x, count[0]), _columns(flat.y, count[0]), flat.sign)
        return result & single
    real, ring = edge_rows(flat)
    if not len(ring):
        return result
    x, y = flat.x[real + 1] - flat.x[real], flat.y[real + 1] - flat.y[real]
    following = np.arange(1, len(ring) + 1)
    first = np.flatnonzero(np.append(True, ring[1:] != ring[:-1]))
    following[np.append(first[1:], len(ring)) - 1] = first  # the edge after the last one is the first one
    turn = flat.sign[ring] * (x * y[following] - y * x[following])
    ahead = x * x[following] + y * y[following]
    good = (turn > STRAIGHT * np.abs(ahead)) | ((np.abs(turn) <= STRAIGHT * ahead) & (ahead > 0))
    east = x > 0
    shape = flat.feature[ring[first]]
    once = np.add.reduceat((east != east[following]).astype(np.int64), first) == 2
    result[shape] = np.logical_and.reduceat(good, first) & once
    return result & single


def _round(x, y, sign) -> np.ndarray:
    """Tell which rings, one column each, are plainly convex; of one with an edge without length, it is not plain."""
    x, y = np.diff(x, axis=0), np.diff(y, axis=0)
    east, good, once = x > 0, np.ones(x.shape[1], dtype=bool), np.zeros(x.shape[1], dtype=np.int8)
    for i in range(len(x)):
        j = (i + 1) % len(x)
        turn, ahead = sign * (x[i] * y[j] - y[i] * x[j]), x[i] * x[j] + y[i] * y[j]
        good &= (turn > STRAIGHT * np.abs(ahead)) | ((np.abs(turn) <= STRAIGHT * ahead) & (ahead > 0))
        once += east[i] != east[j]
    return good & (once == 2)


def edge_rows(flat: Outlines) -> tuple[np.ndarray, np.ndarray]:
    """Return the vertices at which edges begin, and their ring; edges without length are left out.

    Parameters
    ----------
    flat : Outlines
        Lines or polygons.

    Returns
    -------
    tuple of (vertex, ring)
        Each edge leads from its vertex to the next one.

    Examples
    --------
    >>> edge_rows(of_shapes(shapely.from_wkt(["LINESTRING (0 0, 3 4, 3 4, 5 5)"])))[0].tolist()
    [0, 2]
    """
    long = (flat.x[1:] != flat.x[:-1]) | (flat.y[1:] != flat.y[:-1])
    long[flat.start[1:-1] - 1] = False
    vertex = np.flatnonzero(long)
    return vertex, flat.ring[vertex]


def ranges(start: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Write out ranges of whole numbers, one after the other.

    Parameters
    ----------
    start, count : arrays of int
        First number and length of each range.

    Returns
    -------
    array of int
        All numbers of all ranges.

    Examples
    --------
    >>> ranges(np.array([5, 9]), np.array([3, 2])).tolist()
    [5, 6, 7, 9, 10]
    """
    ends = np.cumsum(count)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(start - (ends - count), count)
