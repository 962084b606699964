"""Nearness: the shapes that have one of some lines or points within reach.

The grid answers for most: there is a marked cell in a rectangle that fits into the circle of the reach, or there is
none in the box around it. For the others the distance is measured.
"""

from __future__ import annotations

import numpy as np
import shapely

from kumuhgis.grid import MARGIN_M, Grid, Marks
from kumuhgis.outlines import COLLECTION, LINE, edge_rows, of_shapes
from kumuhgis.traits import boxes, there
from kumuhgis.traits import of as traits

#: Distances are compared with this slack, so that what is exactly at the limit is within it (metres).
SLACK_M = 1e-6
#: Cells of the grid on the way of the reach.
STEPS = 12
#: Rectangles that together nearly fill a circle: the angles of their corners.
ANGLES = np.deg2rad([22.5, 45, 67.5])


def within(shapes: np.ndarray, targets: np.ndarray, distance: float) -> np.ndarray:
    """Tell which shapes have a target within a distance.

    Parameters
    ----------
    shapes : array of shapely geometries
        m shapes; None and empty ones are near nothing.
    targets : array of shapely geometries
        Lines, points or anything else.
    distance : float
        In metres, measured from the edge of a polygon.

    Returns
    -------
    array of bool, shape (m,)
        True where a target is no farther.

    Examples
    --------
    >>> road = shapely.linestrings([[[0, 0], [100, 0]]])
    >>> within(shapely.points([[50, 20], [50, 90]]), road, 50).tolist()
    [True, False]
    """
    limit = max(distance, 0) + SLACK_M
    found = np.zeros(len(shapes), dtype=bool)
    targets = targets[there(targets)]
    asked = np.flatnonzero(there(shapes))
    if not len(targets) or not len(asked):
        return found
    near, far = _by_cells(shapes if len(asked) == len(shapes) else shapes[asked], targets, limit)
    found[asked[near]] = True
    asked = asked[~near & ~far]
    hit = shapely.STRtree(targets).query_nearest(shapes[asked], max_distance=limit, all_matches=False)
    found[asked[hit[0]]] = True
    return found


def _by_cells(shapes, targets, limit):
    """Tell which shapes are certainly near a target, and which certainly are not."""
    near, far = np.zeros((2, len(shapes)), dtype=bool)
    cell = limit / STEPS
    plain = (shapely.get_dimensions(targets) <= LINE) & (shapely.get_type_id(targets) != COLLECTION)
    if not plain.all() or cell < 10 * MARGIN_M:
        return near, far
    a, b = _segments(targets)
    ends = np.concatenate([a, b])
    if not np.isfinite(ends).all():
        return near, far
    grid = Grid(ends.min(axis=0), ends.max(axis=0), cell)
    marks, box = Marks(grid.passed(a, b)), boxes(shapes)
    far = marks.held(grid.cells(box + np.array([-1, -1, 1, 1]) * (limit + MARGIN_M))) == 0
    vertex = _vertices(shapes)
    for angle in ANGLES:
        reach = (limit - MARGIN_M) * np.array([np.cos(angle), np.sin(angle)]) - grid.cell
        if (reach > 0).all():  # a cell that the smaller rectangle meets is wholly in the larger one
            near |= marks.held(grid.cells(np.hstack([vertex - reach, vertex + reach]))) > 0
    return near & ~far, far


def _vertices(shapes):
    """Return a vertex of each shape."""
    known = traits(shapes)
    if known is not None:
        return known.outlines.origin.T
    xy, shape = shapely.get_coordinates(shapes, return_index=True)
    return xy[np.searchsorted(shape, np.arange(len(shapes)))]


def _segments(targets):
    """Return the ends of all edges of lines; a point, or the first one of a line, is an edge without length."""
    line = shapely.get_dimensions(targets) == LINE
    flat = of_shapes(np.where(line, targets, None))
    vertex, _ = edge_rows(flat)
    xy, points = np.column_stack([flat.x, flat.y]), shapely.get_coordinates(targets[~line])
    points = np.concatenate([points, xy[flat.start[:-1]]])
    return np.concatenate([xy[vertex], points]), np.concatenate([xy[vertex + 1], points])
