"""Exact: the common part of units and features, cut out by GEOS, border rules and all.

This is the slow and certain way. `overlay` takes it for the features that touch a border (see `crossings`), and
for polygons that overlap one another.
"""

from __future__ import annotations

import numpy as np
import shapely

from kumuhgis.outlines import POLYGON

#: A line no farther than this from a border runs along it (metres).
ON_BORDER_M = 1e-4
#: A stretch on a border shorter than this is a crossing, not a line along the border (metres).
SHORTEST_STRETCH_M = 0.1


def metres(shapes, paths, tree=None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Measure lines in units.

    Parameters
    ----------
    shapes, paths : arrays of shapely geometries
        Valid units, and lines.
    tree : shapely.STRtree, optional
        Of the units, if there is one already.

    Returns
    -------
    tuple of (unit, line, metres)
        One of each for every pair of a unit and a line in it or on its border. A stretch along a shared border
        counts half to each unit.

    Examples
    --------
    >>> unit, line, length = metres(shapely.box([0, 9], 0, [9, 18], 9), shapely.linestrings([[[9, 0], [9, 4]]]))
    >>> length.round(3).tolist()
    [2.0, 2.0]
    """
    tree = shapely.STRtree(shapes) if tree is None else tree
    unit, line = _pairs(shapes, tree, paths, predicate="dwithin", distance=ON_BORDER_M)
    length = shapely.length(paths[line])
    whole = np.bincount(line, minlength=len(paths))[line] == 1
    whole[whole] = shapely.contains_properly(shapes[unit[whole]], paths[line[whole]])
    cut = np.flatnonzero(~whole)
    length[cut] = _metres_cut(shapes, tree, unit[cut], paths[line[cut]])
    return unit, line, length


def _pairs(shapes, tree, features, **how):
    """Return (unit, feature) of those that meet; only the units beside a feature are asked."""
    west, south, east, north = shapely.bounds(features).T
    boxes = shapely.box(west - ON_BORDER_M, south - ON_BORDER_M, east + ON_BORDER_M, north + ON_BORDER_M)
    used = np.unique(tree.query(boxes[~np.isnan(west)])[1])
    shapely.prepare(shapes[used])
    unit, feature = shapely.STRtree(features).query(shapes[used], **how)
    return used[unit], feature


def _metres_cut(shapes, tree, unit, paths) -> np.ndarray:
    """Metres of each line in the unit beside it, for lines that touch a border."""
    used, place = np.unique(unit, return_inverse=True)
    strips = shapely.buffer(shapely.boundary(shapes[used]), ON_BORDER_M, quad_segs=2)[place]
    inside = shapely.intersection(paths, shapes[unit])
    length = shapely.length(inside)
    along = _stretches(shapely.intersection(paths, strips))
    rows = np.flatnonzero(shapely.length(along) > 0)
    along = along[rows]
    twice = _stretches(shapely.intersection(inside[rows], strips[rows]))
    length[rows] += shapely.length(along) - shapely.length(twice) - _shared(shapes, tree, unit[rows], along) / 2
    return length


def _shared(shapes, tree, unit, along) -> np.ndarray:
    """Metres of the stretches `along` the border of `unit` that have another unit on the other side."""
    row, other = tree.query(along, predicate="dwithin", distance=ON_BORDER_M)
    row, other = row[unit[row] != other], other[unit[row] != other]
    mine, theirs = shapes[unit[row]], shapes[other]
    beyond = theirs.copy()
    twins = shapely.relate_pattern(mine, theirs, "T********")
    beyond[twins] = shapely.difference(theirs[twins], mine[twins])
    beyond = shapely.buffer(beyond, 2 * ON_BORDER_M, quad_segs=2)
    borders = shapely.buffer(shapely.boundary(theirs[twins]), ON_BORDER_M, quad_segs=2)
    beyond[twins] = shapely.intersection(beyond[twins], borders)
    shared = _stretches(shapely.intersection(along[row], beyond), row, len(along))
    return shapely.length(shapely.union_all(shared[:, None], axis=1))


def _stretches(lines, group=None, size=None) -> np.ndarray:
    """Keep the stretches long enough to run along a border, as one multi-line a row (or a group of rows)."""
    size = len(lines) if size is None else size
    parts, row = shapely.get_parts(lines, return_index=True)
    long = (shapely.get_dimensions(parts) == 1) & (shapely.length(parts) > SHORTEST_STRETCH_M)
    row = row[long] if group is None else group[row[long]]
    order = np.argsort(row, kind="stable")
    kept = np.full(size, shapely.MultiLineString(), dtype=object)
    if len(order):
        shapely.multilinestrings(parts[long][order], indices=row[order], out=kept)
    return kept


def pieces(shapes, faces, tree=None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut polygons along the borders of units.

    Parameters
    ----------
    shapes, faces : arrays of shapely geometries
        Valid units, and valid polygons.
    tree : shapely.STRtree, optional
        Of the units, if there is one already.

    Returns
    -------
    tuple of (unit, polygon, piece)
        One of each for every pair that meets.

    Examples
    --------
    >>> unit, face, piece = pieces(shapely.box([0, 9], 0, [9, 18], 9), np.array([shapely.box(8, 0, 11, 9)]))
    >>> shapely.area(piece).tolist()
    [9.0, 18.0]
    """
    unit, face = _pairs(shapes, shapely.STRtree(shapes) if tree is None else tree, faces, predicate="intersects")
    piece = faces[face]
    cut = ~shapely.covers(shapes[unit], piece)
    piece[cut] = shapely.intersection(shapes[unit[cut]], piece[cut])
    return unit, face, piece


def united(group, shapes) -> tuple[np.ndarray, np.ndarray]:
    """Measure the union of the shapes of each group.

    Parameters
    ----------
    group : array of int
        Group of each shape.
    shapes : array of shapely geometries
        Polygons, perhaps mixed with points and lines where polygons only touch; those have no area.

    Returns
    -------
    tuple of (group, square metres)
        Each group once.

    Examples
    --------
    >>> united(np.array([7, 7]), shapely.box([0, 8], 0, [9, 18], 1))[1].tolist()
    [18.0]
    """
    parts, row = shapely.get_parts(shapes, return_index=True)
    flat = shapely.get_dimensions(parts) == POLYGON
    parts, key = parts[flat], group[row[flat]]
    groups, number = np.unique(key, return_inverse=True)
    order = np.argsort(number, kind="stable")
    bags = shapely.geometrycollections(parts[order], indices=number[order]) if len(order) else parts
    return groups, shapely.area(shapely.union_all(bags[:, None], axis=1))
