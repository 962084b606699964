"""Outlines: shapes as flat columns of coordinates, so that NumPy can work on all of them at once.

A hundred thousand polygons are, to a computer, one long row of x, one of y, and the places where each ring begins.
`of_shapes` takes the rows from shapely.

=============  ==========================================================================================
`x`, `y`       coordinates of all vertices, ring after ring
`start`        where each ring begins among them; one longer than there are rings
`feature`      to which shape each ring belongs
`sign`         of polygons: +1 if the inside lies left of the ring as it is drawn, -1 if right; of lines: +1
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
_DIMENSION = np.array([NEITHER, LINE, LINE, POLYGON, NEITHER, LINE, POLYGON, NEITHER, NEITHER])


@dataclass(frozen=True)
class Outlines:
    """Shapes of one dimension as flat columns; see the head of this module."""

    x: np.ndarray
    y: np.ndarray
    start: np.ndarray
    feature: np.ndarray
    sign: np.ndarray
    size: int

    @property
    def ring(self) -> np.ndarray:
        """Ring of each vertex."""
        return np.repeat(np.arange(len(self.feature)), np.diff(self.start))

    @property
    def origin(self) -> np.ndarray:
        """First vertex of each shape, shape (size, 2); NaN for a shape without one."""
        first = np.full((self.size, 2), np.nan)
        vertex = self.start[:-1][::-1]  # backwards, so that the first ring of a shape is written last
        first[self.feature[::-1]] = np.column_stack([self.x[vertex], self.y[vertex]])
        return first


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
    rows = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    drawn = shapes[rows]
    one = shapely.get_num_geometries(drawn) == 1
    multi = one & (shapely.get_type_id(drawn) >= MULTI)
    drawn[multi] = shapely.get_geometry(drawn[multi], 0)
    one &= shapely.get_num_interior_rings(drawn) == 0
    rings, feature, hole = _rings(drawn[~one])
    rings = np.concatenate([drawn[one], rings])  # of a shape with one ring, the vertices are those of the ring
    feature = np.concatenate([rows[one], rows[~one][feature]])
    hole = np.append(np.zeros(one.sum(), dtype=bool), hole)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    if not np.isfinite(xy).all():
        sound = shapes.copy()
        sound[feature[ring[~np.isfinite(xy).all(axis=1)]]] = None
        return of_shapes(sound)
    start = np.append(0, np.cumsum(np.bincount(ring, minlength=len(rings))))
    flat = Outlines(xy[:, 0].copy(), xy[:, 1].copy(), start, feature, np.ones(len(rings)), len(shapes))
    closed = len(rows) > 0 and shapely.get_dimensions(shapes[rows[0]]) == POLYGON
    return replace(flat, sign=np.sign(doubled(flat)) * np.where(hole, -1, 1)) if closed else flat


def _rings(shapes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the lines or rings that shapes of many parts are made of, the shape of each, and which are holes."""
    parts, feature = shapely.get_parts(shapes, return_index=True)
    hole = np.zeros(len(parts), dtype=bool)
    if len(parts) and shapely.get_dimensions(parts[0]) == POLYGON:
        parts, part = shapely.get_rings(parts, return_index=True)
        feature, hole = feature[part], np.append(False, part[1:] == part[:-1])[: len(part)]
    drawn = ~shapely.is_empty(parts)
    return parts[drawn], feature[drawn], hole[drawn]


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
    x = flat.x - np.repeat(flat.x[first], count)
    y = flat.y - np.repeat(flat.y[first], count)
    turn = np.append(x[:-1] * y[1:] - x[1:] * y[:-1], 0.0)  # 0 as well where the next ring begins: at its origin
    return np.add.reduceat(turn, first)


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
    real, ring = edge_rows(flat)
    if not len(ring):
        return np.zeros(flat.size, dtype=bool)
    x, y = flat.x[real + 1] - flat.x[real], flat.y[real + 1] - flat.y[real]
    following = np.arange(1, len(ring) + 1)
    first = np.flatnonzero(np.append(True, ring[1:] != ring[:-1]))
    following[np.append(first[1:], len(ring)) - 1] = first  # the edge after the last one is the first one
    turn = flat.sign[ring] * (x * y[following] - y * x[following])
    ahead = x * x[following] + y * y[following]
    good = (turn > STRAIGHT * np.abs(ahead)) | ((np.abs(turn) <= STRAIGHT * ahead) & (ahead > 0))
    east = x > 0
    rings = np.bincount(flat.feature, minlength=flat.size) == 1
    shape = flat.feature[ring[first]]
    result = np.zeros(flat.size, dtype=bool)
    once = np.add.reduceat((east != east[following]).astype(np.int64), first) == 2
    result[shape] = np.logical_and.reduceat(good, first) & once
    return result & rings


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
    ring = flat.ring
    within = ring[1:] == ring[:-1]
    vertex = np.flatnonzero(within & ((flat.x[1:] != flat.x[:-1]) | (flat.y[1:] != flat.y[:-1])))
    return vertex, ring[vertex]


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
