"""Where on the map a problem is: one shape for what it is said of, never more than can be drawn.

A problem that names a feature or a unit has a ``shape``. Its coordinate system is that of the layer it is said of; an
assessment brings all of them to its metre CRS. What is said of a whole file, table, column or option has none.

=============================  ==================================================================================
features of a layer            the features, those set aside too; of a ring that crosses itself the place where
                               it does; of a feature whose coordinates are no numbers the ones that are
units, rows of the table       the polygons of the units
overlaps, gaps                 the overlap, the gap
a layer that lies elsewhere    its box
households, photos             the polygon of the unit, never the household or the photo
=============================  ==================================================================================

At most :data:`MOST_SHAPES` features are drawn as they are; of more, a point inside each, at most :data:`MOST_POINTS`.
"""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import shapely

#: Features of one problem that are drawn as they are.
MOST_SHAPES = 500
#: Points of one problem, one for each of more features.
MOST_POINTS = 5_000
_MULTI = {0: shapely.multipoints, 1: shapely.multilinestrings, 2: shapely.multipolygons}
_COLLECTION = 7
_COUNTED = re.compile(r" … \(\d+\)$")


def gathered(shapes):
    """Make one shape of the shapes that a problem is said of.

    Parameters
    ----------
    shapes : sequence of shapely.Geometry
        Of any kind, valid or not; missing and empty ones count for nothing.

    Returns
    -------
    shapely.Geometry or None
        Points, lines or polygons, two-dimensional and valid. Of several kinds together, and of more than
        :data:`MOST_SHAPES`, a point inside each, at most :data:`MOST_POINTS`.

    Examples
    --------
    >>> gathered([shapely.Point(0, 0), None, shapely.Point(1, 0)]).wkt
    'MULTIPOINT ((0 0), (1 0))'
    >>> gathered([shapely.Point(0, 0), shapely.box(2, 2, 4, 4)]).wkt
    'MULTIPOINT ((0 0), (3 3))'
    """
    shapes = np.asarray(shapes, dtype=object)
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))][:MOST_POINTS]
    shapes = _finite(shapely.force_2d(shapes))
    if not len(shapes):
        return None
    if len(shapes) > MOST_SHAPES:
        return _one(_points(shapes))
    shapes = np.where(shapely.is_valid(shapes), shapes, shapely.make_valid(shapes))
    kinds = shapely.get_dimensions(shapes)
    if (kinds != kinds[0]).any() or (shapely.get_type_id(shapes) == _COLLECTION).any():
        return _one(_points(shapes))
    whole = _one(shapely.get_parts(shapes))
    return whole if whole.is_valid else shapely.union_all(shapes)


def _one(parts):
    return parts[0] if len(parts) == 1 else _MULTI[int(shapely.get_dimensions(parts[0]))](parts)


def _points(shapes):
    points = shapely.point_on_surface(shapes)
    return points[~shapely.is_empty(points)]


@np.errstate(invalid="ignore", over="ignore")
def _finite(shapes):
    """Give a shape with a coordinate that is no number as its first corner that has two; without one it goes."""
    bounds = np.isfinite(shapely.bounds(shapes)).all(axis=1)
    odd = np.flatnonzero(~bounds | ~np.isfinite(shapely.length(shapes)))
    shapes = shapes.copy()
    for row in odd:
        corners = shapely.get_coordinates(shapes[row])
        corners = corners[np.isfinite(corners).all(axis=1)]
        shapes[row] = shapely.Point(corners[0]) if len(corners) else None
    return shapes[~shapely.is_missing(shapes)]


def of_features(problems, shapes):
    """Give the problems that are said of features of a layer the shapes of these.

    Parameters
    ----------
    problems : list of Problem
        A problem names its features by ``about``, or by ``params["rows"]``.
    shapes : geopandas.GeoSeries
        The features as they were read; the index is their number.

    Returns
    -------
    list of Problem
        The same problems in the same order; those that have a shape keep it.
    """
    return [_placed(p, shapes, p.about or p.params.get("rows", ())) for p in problems]


def of_units(problems, shapes):
    """Give the problems that are said of units the polygons of these.

    Parameters
    ----------
    problems : list of Problem
        A problem names its units by ``about``, or by ``feature``: one key, or several with commas between them.
    shapes : geopandas.GeoSeries
        The polygons, indexed by the unit's key.

    Returns
    -------
    list of Problem
        The same problems in the same order; those that have a shape keep it.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from kumuhgis.errors import Problem
    >>> shapes = gpd.GeoSeries([shapely.box(0, 0, 9, 9)], index=["01"])
    >>> of_units([Problem("area_missing", "rt", "01")], shapes)[0].shape.area
    81.0
    """
    return [_placed(p, shapes, p.about or _named(p.feature, shapes.index)) for p in problems]


def _named(feature, known):
    if feature in known:
        return (feature,)
    return tuple(_COUNTED.sub("", feature).split(", ")) if "," in feature else ()


def _placed(problem, shapes, names):
    if problem.shape is not None or not len(names):
        return problem
    rows = shapes.index.get_indexer_for(list(names)[:MOST_POINTS])
    return replace(problem, shape=gathered(shapes.to_numpy()[rows[rows >= 0]]))


def within_units(problems, shapes):
    """Show no more than the units in which problems lie: for features that may be households.

    Parameters
    ----------
    problems : list of Problem
        The problems.
    shapes : geopandas.GeoSeries
        The polygons of the units, in the coordinate system of the problems.

    Returns
    -------
    list of Problem
        The same problems; a shape becomes the units that it touches, None if it touches none.
    """
    units = shapes.to_numpy()
    tree = shapely.STRtree(units)
    touched = [() if p.shape is None else tree.query(p.shape, predicate="intersects") for p in problems]
    return [replace(p, shape=gathered(units[np.sort(rows)]) if len(rows) else None)
            for p, rows in zip(problems, touched, strict=True)]  # fmt: skip


def projected(problems, crs, to_crs):
    """Bring the shapes of problems into another coordinate system.

    Parameters
    ----------
    problems : list of Problem
        The problems.
    crs, to_crs : pyproj.CRS
        The coordinate system of their shapes, and the one that is wanted.

    Returns
    -------
    list of Problem
        The same problems; a shape that has no place there is None.
    """
    import geopandas as gpd

    placed = [p.shape is not None for p in problems]
    if crs is None or crs == to_crs or not any(placed):
        return problems
    moved = gpd.GeoSeries([p.shape for p in problems if p.shape is not None], crs=crs).to_crs(to_crs)
    shapes = iter([_whole(shape) for shape in moved])
    return [replace(p, shape=next(shapes)) if has else p for p, has in zip(problems, placed, strict=True)]


def _whole(shape):
    if np.isfinite(shapely.get_coordinates(shape)).all() and shape.is_valid:
        return shape
    return gathered(shapely.get_parts(shape))


def listed(problems):
    """Write problems as a table for files that hold no shapes: where they are as longitude and latitude.

    Parameters
    ----------
    problems : pandas.DataFrame or geopandas.GeoDataFrame
        As :func:`errors.problems_frame` gives them.

    Returns
    -------
    pandas.DataFrame
        Without ``params`` and ``geometry``, with ``lon`` and ``lat``: degrees (WGS 84, six decimals) of a point
        inside the shape, NaN where there is none.
    """
    table = pd.DataFrame(problems.drop(columns=["params", "geometry"], errors="ignore"))
    place = np.full((len(table), 2), np.nan)
    if "geometry" in problems and problems.geometry.notna().any():
        has = problems.geometry.notna().to_numpy()
        inside = problems.geometry[has].representative_point().to_crs(4326)
        place[has] = np.column_stack([inside.x, inside.y]).round(6)
        place[~np.isfinite(place).all(axis=1)] = np.nan
    return table.assign(lon=place[:, 0], lat=place[:, 1])
