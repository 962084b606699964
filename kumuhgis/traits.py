"""Traits: what is known of the shapes of a layer since its file was read, so that GEOS is not asked shape by shape.

A file holds its shapes as one column of bytes. Whether all are plain (of one kind, one part each, without heights, none
missing, every coordinate a number), and where their vertices are, is seen there in one go, and is true as long as they
are the same shapes. It is kept beside them until the end of the block of `memory.remembering`; of shapes that came
otherwise nothing is known, and whoever asks looks at the shapes themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from kumuhgis import memory, wkb
from kumuhgis.outlines import POLYGON, Outlines, closed, convex, dimension, of_shapes

#: A polygon with less than this share of the square of the sides of its box as area is thin.
THIN = 1e-8


@dataclass(frozen=True)
class Traits:
    """Plain shapes of one kind: points, lines or polygons of one part, with finite coordinates and without heights.

    Attributes
    ----------
    dimension : {0, 1, 2}
        Points, lines or polygons.
    outlines : Outlines
        Their vertices; a point is an outline of one vertex.
    """

    dimension: int
    outlines: Outlines

    @cached_property
    def boxes(self) -> np.ndarray:
        """West, south, east and north of each shape, shape (n, 4)."""
        return self.outlines.boxes

    @cached_property
    def convex(self) -> np.ndarray:
        """Which polygons are plainly convex."""
        return convex(self.outlines)


def keep(shapes: np.ndarray, column) -> bool:
    """See what is to be known of shapes that were just made of a column of WKB.

    Parameters
    ----------
    shapes : array of shapely geometries
        The shapes.
    column : pyarrow.Array of WKB
        What they were made of.

    Returns
    -------
    bool
        Whether they are all plain and of one kind; then that is kept.
    """
    found = wkb.plain(*wkb.column(column))
    flat, kind = found.outlines, int(found.kind[0]) if len(found.kind) else -1
    if kind < 0 or (found.kind != kind).any() or not (np.isfinite(flat.x).all() and np.isfinite(flat.y).all()):
        return False
    if kind == POLYGON:
        flat = closed(flat, found.hole)
    memory.keep(_unknown, Traits(kind, flat), shapes)
    return True


def of(shapes: np.ndarray) -> Traits | None:
    """Give what is known of shapes; None if they are not known.

    Parameters
    ----------
    shapes : array of shapely geometries
        Shapes.

    Returns
    -------
    Traits or None
        Of the very same shapes, in the same order.

    Examples
    --------
    >>> of(shapely.points([[1, 2]])) is None
    True
    """
    return memory.kept(_unknown, shapes)


def _unknown(shapes):
    """Stand for the work that reading a file has done."""


def boxes(shapes: np.ndarray) -> np.ndarray:
    """Return west, south, east and north of each shape.

    Parameters
    ----------
    shapes : array of shapely geometries
        n shapes; None is allowed.

    Returns
    -------
    array of float, shape (n, 4)
        NaN of nothing. Who gets it must not change it.

    Examples
    --------
    >>> boxes(shapely.points([[1, 2]])).tolist()
    [[1.0, 2.0, 1.0, 2.0]]
    """
    known = of(shapes)
    return shapely.bounds(shapes).reshape(-1, 4) if known is None else known.boxes


def there(shapes: np.ndarray) -> np.ndarray:
    """Tell which shapes are there and not empty.

    Parameters
    ----------
    shapes : array of shapely geometries
        n shapes; None is allowed.

    Returns
    -------
    array of bool, shape (n,)
        False for nothing.

    Examples
    --------
    >>> there(shapely.from_wkt(["POINT (1 1)", "POINT EMPTY", None])).tolist()
    [True, False, False]
    """
    if of(shapes) is not None:
        return np.ones(len(shapes), dtype=bool)
    return ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))


def polygons(shapes: np.ndarray) -> tuple[Outlines, np.ndarray]:
    """Lay polygons out in columns, and tell which are plainly convex.

    Parameters
    ----------
    shapes : array of shapely geometries
        m shapes; those that are no polygons have no outline.

    Returns
    -------
    tuple of (outlines, convex)
        As `of_shapes` and `convex` give them.

    Examples
    --------
    >>> polygons(shapely.box([0, 5], 0, [2, 9], 3))[1].tolist()
    [True, True]
    """
    known = of(shapes)
    if known is not None and known.dimension == POLYGON:
        return known.outlines, known.convex
    fit = dimension(shapes) == POLYGON
    outlines = of_shapes(shapes if fit.all() else np.where(fit, shapes, None))
    return outlines, convex(outlines)


def fat(flat: Outlines, round_: np.ndarray) -> np.ndarray:
    """Tell which polygons are valid beyond doubt: plainly convex, and not so thin that rounding could cross the sides.

    Parameters
    ----------
    flat, round_ : Outlines, array of bool
        n polygons, and which are plainly convex, as `polygons` gives them.

    Returns
    -------
    array of bool, shape (n,)
        Where it is True, GEOS finds the polygon valid; where it is not, GEOS has to be asked.

    Examples
    --------
    >>> wkt = ["POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))", "POLYGON ((0 0, 9 0, 9 1e-9, 0 0))"]
    >>> fat(*polygons(shapely.from_wkt(wkt))).tolist()
    [True, False]
    """
    west, south, east, north = flat.boxes.T
    return round_ & (flat.square_metres > THIN * (east - west + north - south) ** 2)
