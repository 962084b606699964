"""Features: a portion of a layer, ready to be measured, whether it comes as shapes or as the bytes of a file.

To measure a feature, its box and its outline are enough; they stand here in columns. The shape itself is made only of
the few that GEOS has to look at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from kumuhgis import wkb
from kumuhgis.memory import once
from kumuhgis.outlines import COLLECTION, LINE, POLYGON, Outlines, convex, dimension, of_shapes, together
from kumuhgis.traits import of as traits
from kumuhgis.traits import polygons

#: So many features are worked on at once: as many as `pyogrio.open_arrow` gives at once.
BATCH = 65_536


@dataclass(frozen=True)
class Features:
    """Lines or polygons, and what else is among them.

    Attributes
    ----------
    of : {LINE, POLYGON}
        What is measured.
    fit : array of bool
        Which features are that, and not empty.
    unfit : array of bool
        Of which only GEOS can tell whether they have any: collections, and polygons where lines are measured.
    outlines : Outlines
        Of the fit ones.
    boxes : array of float, shape (m, 4)
        West, south, east, north of the fit and the unfit ones; NaN of the others.
    shapes : function
        Takes positions and gives the shapes, without heights and, of polygons, valid.
    """

    of: int
    fit: np.ndarray
    unfit: np.ndarray
    outlines: Outlines
    boxes: np.ndarray
    shapes: Callable[[np.ndarray], np.ndarray]

    def __len__(self) -> int:
        return len(self.fit)

    def __getitem__(self, rows: slice) -> Features:
        start, stop, _ = rows.indices(len(self))
        if stop - start == len(self):
            return self
        outlines, boxes = self.outlines.part(start, stop), self.boxes[start:stop]
        shapes = lambda some: self.shapes(np.asarray(some) + start)  # noqa: E731
        return Features(self.of, self.fit[start:stop], self.unfit[start:stop], outlines, boxes, shapes)

    @property
    def amount(self) -> np.ndarray:
        """Metres of each line, or square metres of each polygon; 0 of the others."""
        return self.outlines.metres if self.of == LINE else self.outlines.square_metres


class Column:
    """Geometries as files hold them: a column of WKB.

    Parameters
    ----------
    portion : pyarrow.Array of WKB, or sequence of bytes
        m geometries; null or None is nothing.

    Examples
    --------
    >>> Column(shapely.to_wkb(shapely.box([0, 5], 0, [2, 9], 3)))[:1].shapes().tolist()
    [<POLYGON ((2 0, 2 3, 0 3, 0 0, 2 0))>]
    """

    def __init__(self, portion):
        self.data, self.offset = wkb.column(portion) if hasattr(portion, "buffers") else wkb.joined(portion)

    def __len__(self) -> int:
        return len(self.offset) - 1

    def __getitem__(self, rows: slice) -> Column:
        part = object.__new__(Column)
        part.data, part.offset = (
            self.data,
            self.offset[rows.start or 0 : (len(self) if rows.stop is None else rows.stop) + 1],
        )
        return part

    def shapes(self, rows=slice(None)) -> np.ndarray:
        """Make shapes of some rows."""
        begin, end = self.offset[:-1][rows], self.offset[1:][rows]
        data = memoryview(self.data)
        parts = [bytes(data[i:j]) or None for i, j in zip(begin.tolist(), end.tolist(), strict=True)]
        return shapely.from_wkb(np.array(parts, dtype=object), on_invalid="fix")


def of_geometries(shapes: np.ndarray, of: int) -> Features:
    """Take shapes as features.

    Parameters
    ----------
    shapes : array of shapely geometries
        m shapes; None is allowed.
    of : {LINE, POLYGON}
        What is to be measured. Invalid polygons are repaired.

    Returns
    -------
    Features
        In the order of the shapes.

    Examples
    --------
    >>> of_geometries(shapely.box([0, 5], 0, [2, 9], 3), POLYGON).amount.tolist()
    [6.0, 12.0]
    """
    known = traits(shapes)
    if known is not None and known.dimension == of:
        doubtful = np.flatnonzero(~known.convex) if of == POLYGON else np.arange(0)
        if shapely.is_valid(shapes[doubtful]).all():
            fit = np.ones(len(shapes), dtype=bool)
            return Features(of, fit, ~fit, known.outlines, known.boxes, lambda rows: shapes[rows])
    kind = dimension(shapes)
    fit, unfit = kind == of, (kind > of) | (shapely.get_type_id(shapes) == COLLECTION)
    if of == LINE:
        outlines = of_shapes(shapes if fit.all() else np.where(fit, shapes, None))
    else:
        outlines, round_ = once(polygons, shapes)
        doubtful = np.flatnonzero((fit & ~round_) | unfit)
        valid = repaired(shapes[doubtful])
        if (valid != shapes[doubtful]).any():
            shapes = shapes.copy()
            shapes[doubtful] = valid
            kind = dimension(shapes)
            fit, unfit = kind == of, shapely.get_type_id(shapes) == COLLECTION
            outlines = of_shapes(np.where(fit, shapes, None))
    boxes = outlines.boxes
    fit &= np.isfinite(boxes[:, 0])
    boxes[unfit] = shapely.bounds(shapes[unfit])
    return Features(of, fit, unfit, outlines, boxes, lambda rows: plane(shapes[rows]))


def of_column(column: Column, of: int) -> Features:
    """Take geometries of a file as features; most of them never become shapes.

    Parameters
    ----------
    column : Column
        m geometries.
    of : {LINE, POLYGON}
        What is to be measured. Invalid polygons are repaired.

    Returns
    -------
    Features
        As `of_geometries` gives them.

    Examples
    --------
    >>> of_column(Column(shapely.to_wkb(shapely.box([0, 5], 0, [2, 9], 3))), POLYGON).amount.tolist()
    [6.0, 12.0]
    """
    found = wkb.plain(column.data, column.offset, of)
    fit, outlines, boxes = found.kind == of, found.outlines, found.outlines.boxes
    strange = [found.odd, np.flatnonzero((found.kind > of) | (fit & ~np.isfinite(boxes.T).all(axis=0)))]
    if of == POLYGON:
        doubtful = np.flatnonzero(fit & ~convex(outlines))
        strange.append(doubtful[~shapely.is_valid(column.shapes(doubtful))])
    strange, unfit = np.unique(np.concatenate(strange)), np.zeros(len(column), dtype=bool)
    if not len(strange):
        return Features(of, fit, unfit, outlines, boxes, column.shapes)
    fit[strange] = False
    plain, others = np.flatnonzero(fit), of_geometries(column.shapes(strange), of)
    outlines = together([outlines.taken(plain), others.outlines], [plain, strange], len(column))
    boxes[strange], fit[strange], unfit[strange] = others.boxes, others.fit, others.unfit

    def shapes(rows):
        made, place = column.shapes(rows), np.searchsorted(strange, rows).clip(max=len(strange) - 1)
        known = strange[place] == rows
        made[known] = others.shapes(place[known])
        return made

    return Features(of, fit, unfit, outlines, boxes, shapes)


def boxes_of_column(column: Column) -> np.ndarray:
    """Return the box of each geometry of a file, of whatever kind.

    Parameters
    ----------
    column : Column
        m geometries.

    Returns
    -------
    array of float, shape (m, 4)
        West, south, east, north; NaN of nothing.

    Examples
    --------
    >>> boxes_of_column(Column(shapely.to_wkb(shapely.points([[1, 2]])))).tolist()
    [[1.0, 2.0, 1.0, 2.0]]
    """
    found = wkb.plain(column.data, column.offset)
    boxes = found.outlines.boxes
    if len(found.odd):
        boxes[found.odd] = shapely.bounds(column.shapes(found.odd))
    return boxes


def repaired(shapes: np.ndarray) -> np.ndarray:
    """Repair polygons that cross themselves.

    Parameters
    ----------
    shapes : array of shapely geometries
        n shapes; None is allowed.

    Returns
    -------
    array of shapely geometries
        The valid ones as they are.

    Examples
    --------
    >>> shapely.area(repaired(shapely.from_wkt(["POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))"]))).tolist()
    [2.0]
    """
    bad = ~(shapely.is_valid(shapes) | shapely.is_missing(shapes))
    if not bad.any():
        return shapes
    shapes = shapes.copy()
    shapes[bad] = shapely.make_valid(shapes[bad], method="structure", keep_collapsed=False)
    return shapes


def plane(shapes: np.ndarray) -> np.ndarray:
    """Return shapes without heights.

    Parameters
    ----------
    shapes : array of shapely geometries
        n shapes; None is allowed.

    Returns
    -------
    array of shapely geometries
        Those without heights as they are.
    """
    return shapely.force_2d(shapes) if shapely.has_z(shapes).any() else shapes
