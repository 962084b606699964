"""Overlaps: the polygons of a layer that lie on one another.

In a layer of parcels nearly every polygon shares a border with its neighbours, and hardly any overlaps one. To ask GEOS
about every pair of neighbours would take most of the time of an assessment. But two neighbours that lie on the two
sides of a straight line do not overlap, and for convex ones that line is an edge of one of them.
"""

from __future__ import annotations

import numpy as np
import shapely

from kumuhgis.outlines import Outlines, ranges, surfaces
from kumuhgis.traits import polygons

#: Polygons that share no more than this do not overlap (square metres).
SMALLEST_OVERLAP_M2 = 1e-6
#: A vertex may reach this far over the line between two polygons (metres).
OVER_M = 1e-8
#: So many pairs are looked at at once.
BATCH = 50_000
#: Rings of no more vertices are compared vertex by vertex, many pairs at once.
FEW = 12


def overlapping(faces: np.ndarray, flat: Outlines, round_: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the pairs of polygons that overlap.

    Parameters
    ----------
    faces : array of shapely geometries
        Valid polygons; None and empty ones overlap nothing.
    flat, round_ : Outlines, array of bool
        The same polygons as columns, and which of them are plainly convex, as `traits.polygons` gives them.

    Returns
    -------
    tuple of (first, second, common)
        The two polygons of each pair that shares more than `SMALLEST_OVERLAP_M2`, and the shape that they share.

    Examples
    --------
    >>> faces = shapely.box([0, 8, 18], 0, [9, 18, 27], 9)
    >>> first, second, common = overlapping(faces, *polygons(faces))
    >>> first.tolist(), second.tolist(), shapely.area(common).tolist()
    ([0], [1], [9.0])
    """
    first, second = shapely.STRtree(faces).query(faces)
    pair = first < second
    first, second = first[pair], second[pair]
    boxes = flat.boxes
    width = np.minimum(boxes[first, 2], boxes[second, 2]) - np.maximum(boxes[first, 0], boxes[second, 0])
    height = np.minimum(boxes[first, 3], boxes[second, 3]) - np.maximum(boxes[first, 1], boxes[second, 1])
    meet = width * height > SMALLEST_OVERLAP_M2
    first, second = first[meet], second[meet]
    meet = ~_apart(flat, round_, (boxes[:, :2] + boxes[:, 2:]) / 2, first, second)
    first, second = first[meet], second[meet]
    meet = round_[first] & round_[second]  # of two convex ones without an edge between them, nearly all overlap
    meet[~meet] = shapely.relate_pattern(faces[first[~meet]], faces[second[~meet]], "T********")
    first, second = first[meet], second[meet]
    common = surfaces(shapely.intersection(faces[first], faces[second]))
    meet = shapely.area(common) > SMALLEST_OVERLAP_M2
    return first[meet], second[meet], common[meet]


def tangled(first: np.ndarray, second: np.ndarray, common: np.ndarray, size: int) -> np.ndarray:
    """Find the polygons of heaps in which a place may lie under more than two of them.

    In every other heap the area of the union is simply the sum of the areas less those of the common shapes.

    Parameters
    ----------
    first, second, common : arrays
        Pairs that overlap, and what they share, from `overlapping`.
    size : int
        Number of polygons.

    Returns
    -------
    array of bool, shape (size,)
        A heap is all polygons that overlap one another, directly or through others.

    Examples
    --------
    >>> faces = shapely.box([0, 2, 7, 20, 22, 23], 0, [3, 8, 9, 25, 26, 27], 1)
    >>> tangled(*overlapping(faces, *polygons(faces)), len(faces)).tolist()
    [False, False, False, True, True, True]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = coo_array((np.ones(len(first), dtype=bool), (first, second)), shape=(size, size))
    _, heap = connected_components(links, directed=False)
    one, other, _ = overlapping(common, *polygons(common))
    return np.isin(heap, heap[first[np.concatenate([one, other])]])


def _apart(flat, round_, middle, first, second) -> np.ndarray:
    """Tell for which pairs an edge of one of the two lies between them."""
    ring = np.full(flat.size, -1)
    alone = np.bincount(flat.feature, minlength=flat.size)[flat.feature] == 1
    ring[flat.feature[alone]] = np.flatnonzero(alone)  # polygons of several rings are left to GEOS
    few = np.append(np.diff(flat.start) <= FEW, False)
    lines, corners = _lines(flat)
    outward = None if few[:-1].all() else _outward(flat)
    apart = np.zeros(len(first), dtype=bool)
    for one, other in ((first, second), (second, first)):
        asked = np.flatnonzero(~apart & round_[one] & (ring[other] >= 0))
        plain = few[ring[one[asked]]] & few[ring[other[asked]]]
        for some in _batches(asked[plain]):
            apart[some] = _beyond(lines, corners, ring[one[some]], ring[other[some]], middle[other[some]])
        for some in _batches(asked[~plain]):
            apart[some] = _between(flat, outward, ring[one[some]], ring[other[some]], middle[other[some]])
    return apart


def _batches(rows):
    return (rows[i : i + BATCH] for i in range(0, len(rows), BATCH))


def _lines(flat):
    """Return the edges of rings of few vertices as lines, and their corners: columns (x, y, offset) and (x, y).

    A line is the direction out of the ring and how far it is in this direction; rows are edges or corners, columns the
    rings. What a ring has too few of is nowhere (edges) or its first corner.
    """
    count = np.diff(flat.start)
    most = int(count[count <= FEW].max(initial=1))
    corner = np.where(np.arange(most)[:, None] < np.where(count <= FEW, count, 1), np.arange(most)[:, None], 0)
    x, y = flat.x[flat.start[:-1] + corner], flat.y[flat.start[:-1] + corner]
    step_x, step_y = np.diff(x, axis=0), np.diff(y, axis=0)
    metres = np.hypot(step_x, step_y)
    step_x[corner[1:] == 0] = step_y[corner[1:] == 0] = 0
    metres[(step_x == 0) & (step_y == 0)] = np.inf
    east, north = step_y * flat.sign / metres, -step_x * flat.sign / metres
    away = np.where(np.isinf(metres), np.inf, 0.0)
    return (east, north, away), (x[:-1], y[:-1])


def _beyond(lines, corners, one, other, middle) -> np.ndarray:
    """Do what `_between` does, for rings of few vertices."""
    (east, north, away), (x, y) = lines, corners
    most, best_east, best_north = np.full(len(one), -np.inf), np.zeros(len(one)), np.zeros(len(one))
    best_x, best_y = np.zeros(len(one)), np.zeros(len(one))
    for i in range(len(east)):
        a, b, at_x, at_y = east[i].take(one), north[i].take(one), x[i].take(one), y[i].take(one)
        beyond = (middle[:, 0] - at_x) * a + (middle[:, 1] - at_y) * b - away[i].take(one)
        more = beyond > most
        for kept, new in ((most, beyond), (best_east, a), (best_north, b), (best_x, at_x), (best_y, at_y)):
            np.copyto(kept, new, where=more)
    least = np.full(len(one), np.inf)
    for i in range(len(x)):
        beyond = (x[i].take(other) - best_x) * best_east + (y[i].take(other) - best_y) * best_north
        np.minimum(least, beyond, out=least)
    return (least > -OVER_M) & np.isfinite(most)


def _outward(flat) -> np.ndarray:
    """Return the direction out of the polygon at each edge, of length 1 (0 for an edge without length)."""
    step = np.diff(np.column_stack([flat.x, flat.y]), axis=0, append=0.0)
    metres = np.hypot(*step.T)
    metres[metres == 0] = np.inf
    return np.column_stack([step[:, 1], -step[:, 0]]) * (np.repeat(flat.sign, np.diff(flat.start)) / metres)[:, None]


def _between(flat, outward, one, other, middle) -> np.ndarray:
    """Tell whether the edge of one ring that faces the middle of the other has all of the other ring beyond it."""
    if not len(one):
        return np.zeros(0, dtype=bool)
    count = np.diff(flat.start)[one] - 1
    begin = np.cumsum(count) - count
    edge = ranges(flat.start[one], count)
    beyond = (np.repeat(middle[:, 0], count) - flat.x[edge]) * outward[edge, 0]
    beyond += (np.repeat(middle[:, 1], count) - flat.y[edge]) * outward[edge, 1]
    hit = np.flatnonzero(beyond == np.repeat(np.maximum.reduceat(beyond, begin), count))
    best = edge[hit[np.searchsorted(hit, begin)]]
    count = np.diff(flat.start)[other]
    vertex = ranges(flat.start[other], count)
    beyond = (flat.x[vertex] - np.repeat(flat.x[best], count)) * np.repeat(outward[best, 0], count)
    beyond += (flat.y[vertex] - np.repeat(flat.y[best], count)) * np.repeat(outward[best, 1], count)
    return (np.minimum.reduceat(beyond, np.cumsum(count) - count) > -OVER_M) & (outward[best] != 0).any(axis=1)
