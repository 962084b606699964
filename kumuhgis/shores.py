"""Shores: which shapes come near water, or touch it.

A river is one line of a thousand vertices in a box as large as the town, so asked as a whole it is measured against
nearly everything. Cut into short stretches it says the same, many times faster: a shape is near a line exactly if it is
near one of its stretches.
"""

from __future__ import annotations

import numpy as np
import shapely

from kumuhgis.grid import Grid, Marks
from kumuhgis.memory import once
from kumuhgis.outlines import ranges
from kumuhgis.traits import boxes

#: Edges of a stretch.
STRETCH = 8
#: Side of the cells in which water is looked for (metres).
CELL_M = 10.0
_LINES = (1, 5)  # shapely's type numbers of a line and of several


def pairs_within(shapes, waters, distance: float) -> tuple[np.ndarray, np.ndarray]:
    """Find the shapes and the waters that are no farther apart than a distance.

    Parameters
    ----------
    shapes, waters : GeoDataFrame, GeoSeries or array of shapely geometries
        m shapes and k waters, of any kind.
    distance : float
        In metres.

    Returns
    -------
    tuple of (shape, water)
        Positions, one of each for every pair, sorted.

    Examples
    --------
    >>> river = shapely.linestrings([[[0, 0], [50, 0], [100, 0]]])
    >>> shape, water = pairs_within(shapely.points([[50, 20], [50, 9], [0, 0]]), river, 10)
    >>> shape.tolist(), water.tolist()
    ([1, 2], [0, 0])
    """
    shapes = np.asarray(getattr(shapes, "geometry", shapes), dtype=object)
    tree, water = once(_stretches, waters)
    shape, stretch = tree.query(shapes, predicate="dwithin", distance=distance)
    found = np.unique(shape * (len(water) + 1) + water[stretch])
    return found // (len(water) + 1), found % (len(water) + 1)


def touched(shapes, waters) -> np.ndarray:
    """Tell which shapes have a point in common with a water.

    Parameters
    ----------
    shapes, waters : GeoDataFrame, GeoSeries or array of shapely geometries
        m shapes and k waters, of any kind.

    Returns
    -------
    array of bool, shape (m,)
        True where one does.

    Examples
    --------
    >>> river = shapely.linestrings([[[0, 0], [50, 0], [100, 0]]])
    >>> touched(shapely.box([10, 10], [-5, 5], [20, 20], [5, 15]), river).tolist()
    [True, False]
    """
    shapes = np.asarray(getattr(shapes, "geometry", shapes), dtype=object)
    found = np.zeros(len(shapes), dtype=bool)
    if not len(waters):
        return found
    tree, _ = once(_stretches, waters)
    asked = _beside(boxes(shapes), tree.geometries)
    found[asked[tree.query(shapes[asked], predicate="intersects")[0]]] = True
    return found


def _beside(places, stretches):
    """Find the boxes in which a stretch may be, by the cells of a grid that the stretches pass."""
    xy, stretch = shapely.get_coordinates(stretches, return_index=True)
    lines = np.isin(shapely.get_type_id(stretches), _LINES).all()
    if not len(xy) or not lines or not np.isfinite(xy).all():
        return np.arange(len(places))
    within = stretch[1:] == stretch[:-1]
    grid = Grid(xy.min(axis=0), xy.max(axis=0), CELL_M)
    marks = Marks(grid.passed(xy[:-1][within], xy[1:][within]))
    return np.flatnonzero(marks.held(grid.cells(places)) > 0)


def _stretches(waters):
    """Cut lines into short stretches, what is no plain line stays whole: (tree of them, water of each)."""
    parts, owner = shapely.get_parts(waters, return_index=True)
    line = np.isin(shapely.get_type_id(parts), _LINES) & np.isfinite(shapely.bounds(parts)).all(axis=1)
    short, whose = _cut(parts[line])
    stretches = np.concatenate([short, parts[~line]])
    return shapely.STRtree(stretches), np.concatenate([owner[line][whose], owner[~line]])


def _cut(lines):
    """Cut plain lines every few edges: (stretches, line of each)."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    moved = np.append(True, (line[1:] != line[:-1]) | (xy[1:] != xy[:-1]).any(axis=1))[: len(xy)]
    moved[np.flatnonzero(np.bincount(line[moved], minlength=len(lines))[line] < 2)] = True  # a line without length
    xy, line = xy[moved], line[moved]
    count = np.bincount(line, minlength=len(lines))
    first = np.cumsum(count) - count
    each = -(-(count - 1) // STRETCH)
    place = ranges(np.zeros(len(lines), dtype=np.int64), each)
    whose = np.repeat(np.arange(len(lines)), each)
    start = first[whose] + STRETCH * place
    size = np.minimum(STRETCH, (first + count - 1)[whose] - start) + 1
    stretch = np.repeat(np.arange(len(start)), size)
    return shapely.linestrings(xy[ranges(start, size)], indices=stretch), whose
