"""Shapes as arrays: millionths of a degree, one step from point to point; borders that two units share stand once."""

import math

import geopandas as gpd
import numpy as np
import shapely

from kumuhgis.maps.packing import smallest

PER_DEGREE = 10**6
"""Steps of a degree: about a decimetre."""
MANY_UNITS = 2000
"""From here on the borders of units are simplified."""
TOLERANCE_M = 0.9
"""Metres, less than a dot of the screen at zoom 17."""
_METRES = 0.111
_KINDS = np.array([0, 1, 1, 2, 0, 1, 2, 9])  # by type of GEOS: point 0, line 1, polygon 2


def drawable(shapes):
    """Tell which shapes can be drawn.

    Parameters
    ----------
    shapes : geopandas.GeoSeries
        Any.

    Returns
    -------
    numpy.ndarray of bool
        False where a shape is missing or empty.
    """
    found = shapes.to_numpy()
    return ~(shapely.is_missing(found) | shapely.is_empty(found))


def bounds(shapes):
    """Give the south-west and north-east corners as Leaflet wants them, or ``None`` without any shape.

    Parameters
    ----------
    shapes : geopandas.GeoSeries
        Any CRS.

    Returns
    -------
    list of list of float or None
        ``[[south, west], [north, east]]``.
    """
    boxes = gpd.GeoSeries(shapely.box(*shapes.bounds.to_numpy().T), crs=shapes.crs)
    west, south, east, north = boxes.to_crs(4326).total_bounds
    return [[south, west], [north, east]] if math.isfinite(west) else None


def pack_shapes(shapes):
    """Pack any shapes, also of several kinds.

    Parameters
    ----------
    shapes : geopandas.GeoSeries
        Any CRS; collections are taken apart.

    Returns
    -------
    dict of numpy.ndarray
        ``parts`` (how many of each feature), ``kinds`` (of each part: 0 point, 1 line, 2 polygon), ``rings`` (how many
        of each part), ``points`` (how many of each ring; the last one of a polygon's ring, which is the first again, is
        left out), ``x`` and ``y`` (steps).
    """
    flat = _degrees(shapes)
    parts, feature = shapely.get_parts(flat, return_index=True)
    parts, nested = shapely.get_parts(parts, return_index=True)
    feature = feature[nested]
    kinds = _KINDS[shapely.get_type_id(parts)]
    closed = kinds == 2
    parts[closed] = shapely.orient_polygons(parts[closed])
    rings, part = _rings(parts, closed)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    last = np.append(ring[1:] != ring[:-1], len(ring) > 0) & closed[part][ring]
    x, y = _steps(_millionths(xy[~last]))
    return {
        "parts": smallest(np.bincount(feature, minlength=len(flat))),
        "kinds": smallest(kinds),
        "rings": smallest(np.bincount(part, minlength=len(parts))),
        "points": smallest(np.bincount(ring[~last], minlength=len(rings))),
        "x": x,
        "y": y,
    }


def _degrees(shapes):
    """Give flat shapes in longitude and latitude."""
    return shapely.force_2d(shapes.to_crs(4326).to_numpy())


def _rings(parts, closed):
    """Give the rings of polygons and all else as it is, in order, and the part of each."""
    rings, part = shapely.get_rings(parts[closed], return_index=True)
    rings = np.concatenate([rings, parts[~closed]])
    part = np.concatenate([np.flatnonzero(closed)[part], np.flatnonzero(~closed)])
    order = np.argsort(part, kind="stable")
    return rings[order], part[order]


def _millionths(xy):
    return np.rint(xy * PER_DEGREE).astype(np.int64)


def _steps(points):
    """Give every point as the way from the one before, x and y apart."""
    steps = np.diff(points, axis=0, prepend=np.zeros((1, 2), np.int64))
    return steps[:, 0].copy(), steps[:, 1].copy()


def pack_points(points):
    """Pack one point per row.

    Parameters
    ----------
    points : geopandas.GeoSeries
        Any CRS, none missing.

    Returns
    -------
    dict of numpy.ndarray
        ``x`` and ``y``: steps.
    """
    x, y = _steps(_millionths(shapely.get_coordinates(_degrees(points))))
    return {"x": x, "y": y}


def pack_coverage(units):
    """Pack units whose borders are shared: each piece of border (arc) stands once.

    Parameters
    ----------
    units : geopandas.GeoSeries
        Any CRS; may be missing. More than :data:`MANY_UNITS` are simplified, arc by arc: what is shared stays shared.

    Returns
    -------
    dict of numpy.ndarray
        ``parts`` (of each unit), ``rings`` (of each part), ``pieces`` (arcs of each ring), ``arcs`` (number of the arc
        times 2, odd where it is walked backwards; as steps), ``points`` (of each arc, both ends included), ``x`` and
        ``y`` (steps).

    Notes
    -----
    An arc ends where three borders meet. Units that overlap or leave gaps share nothing there and keep their own arcs.
    """
    flat = _degrees(units)
    flat = np.where(drawable(units), flat, shapely.Polygon())
    parts, unit = shapely.get_parts(flat, return_index=True)
    parts, nested = shapely.get_parts(parts, return_index=True)
    unit = unit[nested]
    surface = (shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts)
    parts, unit = shapely.orient_polygons(parts[surface]), unit[surface]
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = _corners(rings)
    pieces, walked, corners, count = _arcs(points, ring, len(rings))
    if len(units) > MANY_UNITS:
        corners, count = _simplified(corners, count)
    x, y = _steps(corners)
    return {
        "parts": smallest(np.bincount(unit, minlength=len(flat))),
        "rings": smallest(np.bincount(part, minlength=len(parts))),
        "pieces": smallest(pieces),
        "arcs": np.diff(walked, prepend=0),
        "points": smallest(count),
        "x": x,
        "y": y,
    }


def _simplified(corners, count):
    """Leave out corners that one does not see; the ends of an arc stay, so borders still meet and are still shared."""
    arc = np.repeat(np.arange(len(count)), count)
    thin = shapely.simplify(shapely.linestrings(corners, indices=arc), TOLERANCE_M / _METRES, preserve_topology=False)
    kept, arc = shapely.get_coordinates(thin, return_index=True)
    return np.rint(kept).astype(np.int64), np.bincount(arc, minlength=len(count))


def _corners(rings):
    """Give the corners of rings in millionths of a degree without doubles, and the ring of each."""
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    points = _millionths(xy)
    first = np.append(True, ring[1:] != ring[:-1]) if len(ring) else np.zeros(0, bool)
    new = first.copy()
    new[1:] |= (points[1:] != points[:-1]).any(axis=1)
    points, ring, first = points[new], ring[new], first[new]
    starts = np.flatnonzero(first)
    ends = np.append(starts, len(ring))[1:] - 1
    twice = ends[(ends > starts) & (points[starts] == points[ends]).all(axis=1)]
    keep = np.ones(len(ring), bool)
    keep[twice] = False
    return points[keep], ring[keep]


def _arcs(points, ring, n_rings):
    """Cut rings where borders meet, each piece kept once: pieces a ring, which, their corners, how many of each."""
    count = np.bincount(ring, minlength=n_rings)
    start = np.cumsum(count) - count
    place = np.arange(len(points)) - start[ring]
    names = np.unique(points[:, 0] << 32 | (points[:, 1] + (1 << 31)), return_inverse=True)[1]
    after = start[ring] + (place + 1) % count[ring]
    before = start[ring] + (place - 1) % count[ring]
    cut = _meeting(names, names[before], names[after])
    cut[_first_of_uncut(names, ring, cut, n_rings)] = True
    order = _turned(ring, place, cut, start, count)
    heads = np.flatnonzero(cut[order])
    length = np.diff(np.append(heads, len(order))) + 1
    owner = ring[order[heads]]
    tails = np.flatnonzero(np.append(owner[1:] != owner[:-1], len(owner) > 0))
    goal = np.append(heads, 0)[1:]
    goal[tails] = heads[np.append(0, tails[:-1] + 1)] if len(tails) else goal[tails]
    head, tail = names[order[heads]], names[order[goal]]
    second = names[order[np.where(length > 2, heads + 1, goal)]] if len(heads) else head
    last = names[order[np.where(length > 2, heads + length - 2, heads)]] if len(heads) else head
    number, chosen, backwards = _same(head, second, tail, last)
    pieces = np.bincount(owner, minlength=n_rings)
    return pieces, number * 2 + backwards, points[_walked(order, heads, goal, length, chosen)], length[chosen]


def _meeting(names, before, after):
    """Tell which corners lie between other neighbours in one ring than in another."""
    low, high = np.minimum(before, after), np.maximum(before, after)
    n = names.max(initial=-1) + 1
    least, most = np.full((2, n), np.iinfo(np.int64).max), np.full((2, n), -1)
    for row, side in enumerate((low, high)):
        np.minimum.at(least[row], names, side)
        np.maximum.at(most[row], names, side)
    return (least != most).any(axis=0)[names]


def _first_of_uncut(names, ring, cut, n_rings):
    """Give one corner of every ring that meets no other, the same for rings that are equal."""
    whole = np.bincount(ring[cut], minlength=n_rings) == 0
    some = np.flatnonzero(whole[ring])
    order = some[np.lexsort((names[some], ring[some]))]
    return order[np.append(True, ring[order][1:] != ring[order][:-1])] if len(order) else order


def _turned(ring, place, cut, start, count):
    """Give the corners ring by ring, each ring from its first cut on."""
    cuts = np.flatnonzero(cut)
    first = cuts[np.append(True, ring[cuts][1:] != ring[cuts][:-1])] if len(cuts) else cuts
    shift = np.zeros(len(start), np.int64)
    shift[ring[first]] = place[first]
    return start[ring] + (place + shift[ring]) % count[ring]


def _same(head, second, tail, last):
    """Give every arc a number, the same one forwards and backwards."""
    n = max(head.max(initial=0), second.max(initial=0), tail.max(initial=0), last.max(initial=0)) + 1
    ahead, back = head * n + second, tail * n + last
    _, chosen, number = np.unique(np.minimum(ahead, back), return_index=True, return_inverse=True)
    order = np.argsort(chosen)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    number, chosen = rank[number], chosen[order]
    return number, chosen, (ahead != ahead[chosen][number]).astype(np.int64)


def _walked(order, heads, goal, length, chosen):
    """Give the corners of the arcs that are kept, one after the other."""
    size = length[chosen]
    ends = np.cumsum(size)
    inside = np.arange(size.sum()) - np.repeat(ends - size, size)
    at = np.repeat(heads[chosen], size) + inside
    at[ends - 1] = goal[chosen]
    return order[at]
