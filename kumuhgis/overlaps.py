"""Overlaps: the polygons of a layer that lie on one another.

In a layer of parcels nearly every polygon shares a border with its neighbours, and hardly any overlaps one. To ask GEOS
about every pair of neighbours would take most of the time of an assessment. But two neighbours that lie on the two
sides of a straight line do not overlap, and for convex ones that line is an edge of one of them.
"""

from __future__ import annotations

import numpy as np
import shapely

from kumuhgis.outlines import Outlines, convex, of_shapes, ranges, surfaces

#: Polygons that share no more than this do not overlap (square metres).
SMALLEST_OVERLAP_M2 = 1e-6
#: A vertex may reach this far over the line between two polygons (metres).
OVER_M = 1e-8
#: So many pairs are looked at at once.
BATCH = 200_000


def overlapping(faces: np.ndarray, flat: Outlines) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the pairs of polygons that overlap.

    Parameters
    ----------
    faces : array of shapely geometries
        Valid polygons; None and empty ones overlap nothing.
    flat : Outlines
        The same polygons as columns.

    Returns
    -------
    tuple of (first, second, common)
        The two polygons of each pair that shares more than `SMALLEST_OVERLAP_M2`, and the shape that they share.

    Examples
    --------
    >>> faces = shapely.box([0, 8, 18], 0, [9, 18, 27], 9)
    >>> first, second, common = overlapping(faces, of_shapes(faces))
    >>> first.tolist(), second.tolist(), shapely.area(common).tolist()
    ([0], [1], [9.0])
    """
    first, second = shapely.STRtree(faces).query(faces)
    pair = first < second
    first, second = first[pair], second[pair]
    boxes = shapely.bounds(faces)
    width = np.minimum(boxes[first, 2], boxes[second, 2]) - np.maximum(boxes[first, 0], boxes[second, 0])
    height = np.minimum(boxes[first, 3], boxes[second, 3]) - np.maximum(boxes[first, 1], boxes[second, 1])
    meet = width * height > SMALLEST_OVERLAP_M2
    first, second = first[meet], second[meet]
    meet = ~_apart(flat, (boxes[:, :2] + boxes[:, 2:]) / 2, first, second)
    first, second = first[meet], second[meet]
    meet = shapely.relate_pattern(faces[first], faces[second], "T********")
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
    >>> tangled(*overlapping(faces, of_shapes(faces)), len(faces)).tolist()
    [False, False, False, True, True, True]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = coo_array((np.ones(len(first), dtype=bool), (first, second)), shape=(size, size))
    _, heap = connected_components(links, directed=False)
    one, other, _ = overlapping(common, of_shapes(common))
    return np.isin(heap, heap[first[np.concatenate([one, other])]])


def _apart(flat, middle, first, second) -> np.ndarray:
    """Tell for which pairs an edge of one of the two lies between them."""
    ring = np.full(flat.size, -1)
    alone = np.bincount(flat.feature, minlength=flat.size)[flat.feature] == 1
    ring[flat.feature[alone]] = np.flatnonzero(alone)  # polygons of several rings are left to GEOS
    round_, outward = convex(flat), _outward(flat)
    apart = np.zeros(len(first), dtype=bool)
    for one, other in ((first, second), (second, first)):
        asked = np.flatnonzero(~apart & round_[one] & (ring[other] >= 0))
        for some in np.array_split(asked, len(asked) // BATCH + 1):
            apart[some] = _between(flat, outward, ring[one[some]], ring[other[some]], middle[other[some]])
    return apart


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
