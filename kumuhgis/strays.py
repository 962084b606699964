"""Shapes with a corner that cannot be: outside of the earth, or far outside of the country.

A lost decimal point makes a corner that no map has. Such a feature has neither an area nor a place, so it is set aside
and named. A corner that is on earth but far away may be right: it is named, and kept.
"""

from functools import lru_cache

import numpy as np
import shapely
from pyproj import Transformer

from kumuhgis.coordinates import INDONESIA, inside, lonlat_of, wider
from kumuhgis.errors import Problem, some
from kumuhgis.spots import MOST_POINTS, gathered
from kumuhgis.traits import boxes

_COUNTRY = wider(INDONESIA, 1.0)
#: A place on earth comes back to its coordinates from longitude and latitude, to this share of them.
_BACK = 1e-3
#: Points on each side of a box of which it is asked whether all of it is on earth.
_SIDE = 9


def off_earth(shapes):
    """Tell which shapes have a corner that is nowhere on earth.

    Parameters
    ----------
    shapes : geopandas.GeoSeries
        Shapes of any kind with their coordinate system; a coordinate that is no number is not judged here.

    Returns
    -------
    ndarray of bool, shape (n,)
        True where a corner is beyond a pole, beyond the date line or in no place at all.

    Examples
    --------
    >>> import geopandas as gpd
    >>> points = [shapely.Point(490_010, 9_162_000), shapely.Point(490_010_123, 9_162_000)]
    >>> off_earth(gpd.GeoSeries(points, crs=32749)).tolist()
    [False, True]
    """
    return _having(shapes, lambda xy: ~_is_place(shapes.crs, xy))


def far_away(shapes):
    """Tell which shapes have a corner more than a degree outside of Indonesia.

    Parameters
    ----------
    shapes : geopandas.GeoSeries
        Shapes of any kind with their coordinate system, on earth.

    Returns
    -------
    ndarray of bool, shape (n,)
        True where a corner is so far away; nowhere if most of the layer is.
    """
    far = _having(shapes, lambda xy: _is_far(shapes.crs, xy))
    return far & (2 * far.sum() <= len(far))


def _is_place(crs, xy):
    """Tell which coordinates are a place on earth; a projection may give numbers beyond it another place again."""
    lonlat = lonlat_of(crs, xy)
    if crs.is_geographic:
        return np.isfinite(lonlat[:, 0])
    back = np.column_stack(_from_degrees(crs).transform(*lonlat.T, errcheck=False))
    with np.errstate(invalid="ignore"):
        return np.hypot(*(back - xy).T) <= _BACK * (1 + np.hypot(*xy.T))


@lru_cache(maxsize=64)
def _from_degrees(crs):
    return Transformer.from_crs(4326, crs, always_xy=True)


def _is_far(crs, xy):
    return ~inside(lonlat_of(crs, xy), _COUNTRY)


def _having(shapes, is_odd):
    """Tell which shapes have an odd corner: asked of the box of all, then of the box of each, then of its corners."""
    found, bounds = np.zeros(len(shapes), bool), boxes(shapes.to_numpy())
    finite = np.isfinite(bounds.T).all(axis=0)
    if not finite.any() or shapes.crs is None:
        return found
    rows, bounds = np.flatnonzero(finite), bounds if finite.all() else bounds[finite]
    whole = np.r_[bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)]
    if not is_odd(_around(whole)).any():
        return found
    corners = bounds[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 2)
    rows = rows[is_odd(corners).reshape(-1, 4).any(axis=1)]
    xy, owner = shapely.get_coordinates(shapes.to_numpy()[rows], return_index=True)
    found[rows[owner[is_odd(xy)]]] = True
    return found


def _around(box):
    """Give points evenly over a box."""
    x, y = np.meshgrid(np.linspace(*box[[0, 2]], _SIDE), np.linspace(*box[[1, 3]], _SIDE))
    return np.column_stack([x.ravel(), y.ravel()])


def name_off_earth(shapes, names, label, to_crs=None):
    """Say which features are set aside, and the first coordinate that is nowhere.

    Parameters
    ----------
    shapes : geopandas.GeoSeries
        The features, each with such a corner.
    names : sequence of str
        What people call them.
    label : str
        Name of the layer.
    to_crs : pyproj.CRS, optional
        Coordinate system in which the corner has no place, if not everywhere.

    Returns
    -------
    Problem
        Its shape is a corner of each that is on earth; None without any.
    """
    xy, owner = shapely.get_coordinates(shapes.to_numpy()[:MOST_POINTS], return_index=True)
    known = _is_place(shapes.crs, xy)
    if to_crs is not None:
        placed = Transformer.from_crs(shapes.crs, to_crs, always_xy=True).transform(*xy.T, errcheck=False)
        known &= np.isfinite(placed).all(axis=0)
    first = np.unique(owner[known], return_index=True)[1]
    params = {"count": len(shapes), **_numbers(xy[~known])}
    shape = gathered(shapely.points(xy[known][first]))
    return Problem("feature_off_earth", label, some(names), params=params, shape=shape)


def name_far_away(shapes, names, label):
    """Say which features have a corner far outside of Indonesia.

    Parameters
    ----------
    shapes : geopandas.GeoSeries
        The features, each with such a corner.
    names : sequence of str
        What people call them.
    label : str
        Name of the layer.

    Returns
    -------
    Problem
        Its shape is those corners.
    """
    xy = shapely.get_coordinates(shapes.to_numpy())
    far = xy[_is_far(shapes.crs, xy)]
    params = {"count": len(far), "all": len(xy), **_numbers(far)}
    return Problem("crs_strays", label, some(names), params=params, shape=gathered(shapely.points(far)))


def _numbers(points):
    """Show the first coordinates as they stand in the file."""
    x, y = (f"{v:.12g}" for v in points[0]) if len(points) else ("–", "–")
    return {"x": x, "y": y}
