"""Where features and units meet: counts, metres and hectares per unit.

This is the only room that intersects geometry. Every measure asks it one of five questions:

=============  =====================================================================
`locate`       in which unit does this point lie?
`counts`       how many features has each unit (each feature counted once)?
`lengths`      how many metres of line lie in each unit?
`areas`        how many hectares of polygon lie in each unit (each hectare once)?
`outside`      how many features lie in no unit?
=============  =====================================================================

The rules of the border, said once:

* A point on a border shared by two units, or where they overlap, belongs to the one whose key comes first, so the
  order of the units in their file does not matter.
* A feature that is counted belongs to the one unit that holds its representative point.
* A line along a border shared by two units gives half of its length to each; along an outer border it
  gives all of it to the only unit there. "Along" means within `ON_BORDER_M`, which absorbs the rounding of
  projected coordinates and nothing else.
* Where units overlap, both get the metres and the hectares (but a feature is still counted once).

All layers are planar, in one metre CRS. If the units have a column ``area_ha`` (geodesic hectares), areas
are scaled by area_ha / planar hectares of the unit, and lengths by the square root of that. Geometries may
be missing, empty, multi-part, 3D or self-crossing; the inputs are never modified.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

#: A line no farther than this from a border runs along it (metres).
ON_BORDER_M = 1e-4
#: A stretch on a border shorter than this is a crossing, not a line along the border (metres).
SHORTEST_STRETCH_M = 0.1
#: Polygons that share no more than this do not overlap (square metres).
SMALLEST_OVERLAP_M2 = 1e-6
#: A remainder below this share of the whole is rounding.
ROUNDING = 1e-9
#: Square metres in a hectare.
HECTARE_M2 = 10_000.0


def locate(units, points) -> pd.Series:
    """Tell in which unit each point lies.

    Parameters
    ----------
    units : GeoDataFrame
        Units (n polygons), metre CRS.
    points : GeoDataFrame, GeoSeries or array of shapely points
        m points in the CRS of the units.

    Returns
    -------
    Series of int
        Position (0 … n-1) of the unit of each point, -1 for a point in no unit, index of `points`.
        A point on a shared border, or where units overlap, goes to the unit whose key comes first.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import Point, box
    >>> units = gpd.GeoDataFrame({"unit": ["01", "02"]}, geometry=[box(0, 0, 100, 100), box(100, 0, 200, 100)])
    >>> locate(units, gpd.GeoSeries([Point(150, 50), Point(100, 50), Point(300, 50)])).tolist()
    [1, 0, -1]
    """
    _same_crs(units, points)
    targets = _flat(points)
    unit, point = shapely.STRtree(targets).query(_flat(units), predicate="intersects")
    keys = units.index if pd.api.types.is_numeric_dtype(units.index) else units.index.astype(str)
    order = np.argsort(keys.to_numpy(), kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    first = np.full(len(targets), len(units), dtype=np.int64)
    np.minimum.at(first, point, rank[unit])
    first = np.append(order, -1)[first]
    index = points.index if isinstance(points, pd.Series | pd.DataFrame) else None
    return pd.Series(first, index=index, name="position")


def counts(units, features, by=None) -> pd.DataFrame:
    """Count the features of each unit; each feature counts once.

    Parameters
    ----------
    units : GeoDataFrame
        Units (n polygons), metre CRS.
    features : GeoDataFrame, GeoSeries or array of geometries
        Points, lines or polygons in the CRS of the units.
    by : Series, optional
        Category of each feature, same index as `features`. A missing category is "".

    Returns
    -------
    DataFrame of int, shape (n, categories)
        Index of the units, one column a category in alphabetical order ("all" without `by`). A feature
        belongs to the unit that holds its representative point (`shapely.point_on_surface`).

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> units = gpd.GeoDataFrame(geometry=[box(0, 0, 100, 100), box(100, 0, 200, 100)], index=["01", "02"])
    >>> houses = gpd.GeoDataFrame({"use": ["toko", None]}, geometry=[box(10, 10, 20, 20), box(90, 10, 130, 20)])
    >>> counts(units, houses, houses["use"]).to_dict("index")
    {'01': {'': 0, 'toko': 1}, '02': {'': 1, 'toko': 0}}
    """
    _same_crs(units, features)
    code, names = _categories(by, features)
    position = locate(units, shapely.point_on_surface(_flat(features))).to_numpy()
    inside = position >= 0
    return _sums(units, position[inside], code[inside], names).astype(np.int64)


def lengths(units, lines, by=None) -> pd.DataFrame:
    """Measure the metres of line inside each unit.

    Parameters
    ----------
    units : GeoDataFrame
        Units (n polygons), metre CRS, optionally with `area_ha` (geodesic hectares).
    lines : GeoDataFrame, GeoSeries or array of geometries
        Lines in the CRS of the units. Lines on top of each other each count.
    by : Series, optional
        Category of each line, same index as `lines`. A missing category is "".

    Returns
    -------
    DataFrame of float, shape (n, categories)
        Metres on the ellipsoid; index of the units, one column a category ("all" without `by`). A stretch
        along a shared border counts half to each unit, along an outer border fully.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString, box
    >>> units = gpd.GeoDataFrame(geometry=[box(0, 0, 100, 100), box(100, 0, 200, 100)], index=["01", "02"])
    >>> roads = gpd.GeoDataFrame(geometry=[LineString([(50, 50), (120, 50)]), LineString([(100, 0), (100, 80)])])
    >>> lengths(units, roads)["all"].round(6).to_dict()
    {'01': 90.0, '02': 60.0}
    """
    _same_crs(units, lines)
    code, names = _categories(by, lines)
    unit, line, metres = _metres(_valid(_flat(units)), _flat(lines))
    table = _sums(units, unit, code[line], names, metres)
    return table.mul(np.sqrt(_ellipsoid(units)), axis=0)


def areas(units, polygons, by=None, *, dissolve: bool = True) -> pd.DataFrame:
    """Measure the hectares of polygon inside each unit.

    Parameters
    ----------
    units : GeoDataFrame
        Units (n polygons), metre CRS, optionally with `area_ha` (geodesic hectares).
    polygons : GeoDataFrame, GeoSeries or array of geometries
        Polygons in the CRS of the units.
    by : Series, optional
        Category of each polygon, same index as `polygons`. A missing category is "".
    dissolve : bool, default True
        Count each hectare once in a category where polygons of that category overlap. False adds up the
        polygons as they are, so that the difference is what is drawn more than once.

    Returns
    -------
    DataFrame of float, shape (n, categories)
        Hectares on the ellipsoid; index of the units, one column a category ("all" without `by`).

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> units = gpd.GeoDataFrame(geometry=[box(0, 0, 100, 100), box(100, 0, 200, 100)], index=["01", "02"])
    >>> floods = gpd.GeoDataFrame(geometry=[box(0, 0, 80, 50), box(60, 0, 120, 50)])
    >>> areas(units, floods)["all"].round(6).to_dict()
    {'01': 0.5, '02': 0.1}
    """
    _same_crs(units, polygons)
    code, names = _categories(by, polygons)
    faces = _valid(_flat(polygons))
    unit, face, piece = _faces_inside(_valid(_flat(units)), faces)
    code, square = code[face], shapely.area(piece)
    table = _sums(units, unit, code, names, square)
    if dissolve:
        double = _overlapped(faces, _categories(by, polygons)[0])[face]
        unit, code, piece = unit[double], code[double], piece[double]
        table -= _sums(units, unit, code, names, square[double])
        unit, code, square = _united(unit, code, piece, len(names))
        table += _sums(units, unit, code, names, square)
    return table.mul(_ellipsoid(units) / HECTARE_M2, axis=0)


def outside(units, features, *, partial: bool = False) -> int:
    """Count the features that lie outside every unit.

    A point or polygon is outside when its representative point is, so that the sum of `counts` plus
    `outside` is the number of features that have a geometry. A line is outside when no part of it is inside.

    Parameters
    ----------
    units : GeoDataFrame
        Units, metre CRS.
    features : GeoDataFrame, GeoSeries or array of geometries
        Features in the CRS of the units; those without geometry lie nowhere and are not counted.
    partial : bool, default False
        Take every feature as a line is taken: a polygon that reaches into a unit is not outside. Fit for
        parcels, zones and inundation, which are measured and not counted.

    Returns
    -------
    int
        Number of features outside.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import Point, box
    >>> units = gpd.GeoDataFrame(geometry=[box(0, 0, 100, 100)])
    >>> outside(units, gpd.GeoSeries([Point(50, 50), Point(300, 50), box(90, 0, 200, 10)]))
    2
    """
    return int(is_outside(units, features, partial=partial).sum())


def is_outside(units, features, *, partial: bool = False) -> np.ndarray:
    """Find the features that lie outside every unit, as `outside` counts them.

    Parameters
    ----------
    units, features, partial
        As for `outside`.

    Returns
    -------
    numpy.ndarray of bool
        One per feature.
    """
    _same_crs(units, features)
    shapes = _flat(features)
    drawn = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    whole = partial | (shapely.get_dimensions(shapes) == 1)
    asked = np.where(whole, shapes, shapely.point_on_surface(shapes))
    touched = shapely.STRtree(asked).query(_flat(units), predicate="intersects")[1]
    drawn[touched] = False
    return drawn


def remainder(whole, part) -> pd.Series:
    """Subtract hectares (or metres) and drop what only rounding leaves over.

    Parameters
    ----------
    whole, part : Series of float
        Amounts with the same index.

    Returns
    -------
    Series of float
        whole - part, never below 0, and 0 where it is less than `ROUNDING` of the whole.

    Examples
    --------
    >>> remainder(pd.Series([1.0, 0.3]), pd.Series([0.25, 0.1 + 0.2])).tolist()
    [0.75, 0.0]
    """
    left = whole - part
    return left.mask(left <= ROUNDING * whole.abs(), 0.0)


def _flat(frame) -> np.ndarray:
    """Return 2D copies of the geometries of a frame, series or array."""
    if len(frame) == 0:
        return np.empty(0, dtype=object)
    return shapely.force_2d(np.asarray(getattr(frame, "geometry", frame), dtype=object))


def _valid(shapes: np.ndarray) -> np.ndarray:
    """Repair the self-crossing polygons among `shapes` (the others stay as they are)."""
    bad = ~(shapely.is_valid(shapes) | shapely.is_missing(shapes))
    shapes[bad] = shapely.make_valid(shapes[bad], method="structure", keep_collapsed=False)
    return shapes


def _same_crs(units, features) -> None:
    """Refuse layers that are known to be in different reference systems."""
    ours, theirs = getattr(units, "crs", None), getattr(features, "crs", None)
    if ours is not None and theirs is not None and ours != theirs:
        raise ValueError(f"units are in {ours.to_string()}, features in {theirs.to_string()}")


def _categories(by, features) -> tuple[np.ndarray, list]:
    """Return the category number of each feature and the categories in alphabetical order."""
    if by is None:
        return np.zeros(len(features), dtype=np.int64), ["all"]
    values = pd.Series(by)
    index = getattr(features, "index", values.index)
    if len(values) != len(features) or not values.index.equals(index):
        raise ValueError("`by` must have the index of the features")
    values = values.astype(object).where(values.notna(), "")
    code, names = pd.factorize(values.to_numpy(dtype=object))
    order = sorted(range(len(names)), key=lambda i: str(names[i]))
    return np.argsort(order)[code].astype(np.int64), [names[i] for i in order]


def _sums(units, unit, code, names, values=None) -> pd.DataFrame:
    """Add up `values` (ones if None) by unit and category."""
    shape = (len(units), len(names))
    sums = np.bincount(unit * len(names) + code, weights=values, minlength=shape[0] * shape[1])
    columns = pd.Index(names, dtype=None if names else object)
    return pd.DataFrame(sums.reshape(shape).astype(float), index=units.index, columns=columns)


def _ellipsoid(units) -> np.ndarray:
    """Geodesic over planar area of each unit; 1 where either is not known."""
    if "area_ha" not in units:
        return np.ones(len(units))
    planar = shapely.area(_flat(units)) / HECTARE_M2
    geodesic = units["area_ha"].to_numpy(dtype=float, na_value=np.nan)
    known = (planar > 0) & (geodesic > 0)
    return np.divide(geodesic, planar, out=np.ones(len(units)), where=known)


def _metres(shapes, paths) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (unit, line, planar metres) of each pair of a unit and a line in it or on its border."""
    unit, line = shapely.STRtree(paths).query(shapes, predicate="dwithin", distance=ON_BORDER_M)
    metres = shapely.length(paths[line])
    shapely.prepare(shapes)
    whole = np.bincount(line, minlength=len(paths))[line] == 1
    whole[whole] = shapely.contains_properly(shapes[unit[whole]], paths[line[whole]])
    cut = np.flatnonzero(~whole)
    metres[cut] = _metres_cut(shapes, unit[cut], paths[line[cut]])
    return unit, line, metres


def _metres_cut(shapes, unit, paths) -> np.ndarray:
    """Metres of each line in the unit beside it, for lines that touch a border."""
    used, place = np.unique(unit, return_inverse=True)
    strips = shapely.buffer(shapely.boundary(shapes[used]), ON_BORDER_M, quad_segs=2)[place]
    inside = shapely.intersection(paths, shapes[unit])
    metres = shapely.length(inside)
    along = _stretches(shapely.intersection(paths, strips))
    rows = np.flatnonzero(shapely.length(along) > 0)
    along = along[rows]
    twice = _stretches(shapely.intersection(inside[rows], strips[rows]))
    metres[rows] += shapely.length(along) - shapely.length(twice) - _shared(shapes, unit[rows], along) / 2
    return metres


def _shared(shapes, unit, along) -> np.ndarray:
    """Metres of the stretches `along` the border of `unit` that have another unit on the other side."""
    row, other = shapely.STRtree(shapes).query(along, predicate="dwithin", distance=ON_BORDER_M)
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


def _faces_inside(shapes, faces) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (unit, polygon, common piece) of each pair of a unit and a polygon that meet."""
    unit, face = shapely.STRtree(faces).query(shapes, predicate="intersects")
    piece = faces[face]
    shapely.prepare(shapes)
    cut = ~shapely.covers(shapes[unit], piece)
    piece[cut] = shapely.intersection(shapes[unit[cut]], piece[cut])
    return unit, face, piece


def _overlapped(faces, code) -> np.ndarray:
    """Tell which polygons overlap another one of their category."""
    left, right = shapely.STRtree(faces).query(faces)
    same = (left < right) & (code[left] == code[right])
    left, right = left[same], right[same]
    low = np.maximum(shapely.bounds(faces)[left, :2], shapely.bounds(faces)[right, :2])
    high = np.minimum(shapely.bounds(faces)[left, 2:], shapely.bounds(faces)[right, 2:])
    boxes = np.prod(np.clip(high - low, 0, None), axis=1) > SMALLEST_OVERLAP_M2
    left, right = left[boxes], right[boxes]
    meet = shapely.relate_pattern(faces[left], faces[right], "T********")
    left, right = left[meet], right[meet]
    real = shapely.area(shapely.intersection(faces[left], faces[right])) > SMALLEST_OVERLAP_M2
    flags = np.zeros(len(faces), dtype=bool)
    flags[left[real]] = flags[right[real]] = True
    return flags


def _united(unit, code, piece, size) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (unit, category, square metres) of the union of the pieces of each unit and category."""
    parts, row = shapely.get_parts(piece, return_index=True)
    flat = shapely.get_dimensions(parts) == 2
    parts, key = parts[flat], (unit * size + code)[row[flat]]
    groups, number = np.unique(key, return_inverse=True)
    order = np.argsort(number, kind="stable")
    bags = shapely.geometrycollections(parts[order], indices=number[order]) if len(order) else parts
    square = shapely.area(shapely.union_all(bags[:, None], axis=1))
    return groups // size, groups % size, square
