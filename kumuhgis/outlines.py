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


def of_shapes(shapes: np.ndarray) -> Outlines:
    """Lay the vertices of lines, or of polygons, out in columns.

    Parameters
    ----------
    shapes : array of shapely geometries
        n lines or n polygons, not both; heights are left aside.

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
