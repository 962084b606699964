"""How far borders have moved between two drawings of the same units.

The distance to one straight edge is nowhere larger along a stretch than at its ends. So a stretch of which both ends
lie beside the same edge is measured at its ends; only the others are halved until it is certain that they hide nothing.
"""

import numpy as np
import shapely

#: How often a stretch is halved: of 8 km to an eighth of a metre. What is still open then counts as far as it may be.
_HALVINGS = 16
#: Closer than this is the same place (metres).
SAME_M = 1e-6


def shifts(old, new, tolerance):
    """Measure how far the border of each unit has moved.

    Parameters
    ----------
    old, new : ndarray of polygons
        The units before and after, none empty.
    tolerance : float
        What moves farther is found at least to an eighth of it (metres), on edges up to eight thousand times as long;
        on longer ones a border may count as moved farther than it has.

    Returns
    -------
    far : ndarray of float
        Largest distance from the new border to the old one or back (metres).
    places : ndarray of points
        Where that is.

    Examples
    --------
    >>> far, places = shifts([shapely.box(0, 0, 10, 10)], [shapely.box(0, 0, 10.5, 10)], tolerance=1)
    >>> far.tolist()
    [0.5]
    """
    old, new = np.asarray(old, object), np.asarray(new, object)
    far, places = np.zeros(len(old)), np.zeros((len(old), 2))
    for one, other in ((old, new), (new, old)):
        _measure(_Edges(one), _Edges(other), shapely.boundary(other), tolerance, far, places)
    return far, shapely.points(places)


class _Edges:
    """The straight edges of all units: their ends and whose they are."""

    def __init__(self, shapes):
        rings, unit = shapely.get_rings(shapes, return_index=True)
        xy, ring = shapely.get_coordinates(rings, return_index=True)
        step = ring[1:] == ring[:-1]
        self.start, self.end, self.unit = xy[:-1][step], xy[1:][step], unit[ring[:-1][step]]


def _measure(edges, others, borders, tolerance, far, places):
    """Measure from the edges to the borders; raise `far` and set `places` where a unit's edge is farther."""
    start, end, unit = edges.start, edges.end, edges.unit
    tree = shapely.STRtree(shapely.linestrings(np.stack([others.start, others.end], axis=1)))
    shapely.prepare(borders)
    for halving in range(_HALVINGS + 1):
        if not len(unit):
            return
        at_start, at_end = (shapely.distance(borders[unit], shapely.points(ends)) for ends in (start, end))
        _raise(far, places, unit, start, at_start)
        _raise(far, places, unit, end, at_end)
        length = np.hypot(*(end - start).T)
        bound = np.minimum(_bound(start, end, unit, others, tree, tolerance), (at_start + at_end + length) / 2)
        open_ = (length > tolerance / 8) & (bound > far[unit] + SAME_M)
        if halving == _HALVINGS:
            _raise(far, places, unit[open_], start[open_], bound[open_])
        start, end, unit = start[open_], end[open_], unit[open_]
        middle = (start + end) / 2
        start, end, unit = np.r_[start, middle], np.r_[middle, end], np.r_[unit, unit]


def _raise(far, places, unit, xy, distance):
    order = np.argsort(distance, kind="stable")
    order = order[distance[order] >= far[unit[order]]]
    far[unit[order]] = distance[order]
    places[unit[order]] = xy[order]


def _bound(start, end, unit, others, tree, tolerance):
    """Give a distance that no point of the stretch exceeds: of both ends to one edge, the nearest such edge."""
    bound = np.full(len(unit), np.inf)
    low, high = np.minimum(start, end) - tolerance, np.maximum(start, end) + tolerance
    row, edge = tree.query(shapely.box(*low.T, *high.T))
    own = others.unit[edge] == unit[row]
    row, edge = row[own], edge[own]
    a, b = others.start[edge], others.end[edge]
    np.minimum.at(bound, row, np.maximum(_to_edge(start[row], a, b), _to_edge(end[row], a, b)))
    return bound


def _to_edge(point, a, b):
    """Give the distance of points to straight edges."""
    along = b - a
    length = np.maximum((along**2).sum(axis=1), np.finfo(float).tiny)
    share = np.clip(((point - a) * along).sum(axis=1) / length, 0, 1)[:, None]
    return np.hypot(*(point - a - share * along).T)
