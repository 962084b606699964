"""Where features and units meet: counts, metres and hectares per unit.

Every measure asks this room one of five questions:

=============  =====================================================================
`locate`       in which unit does this point lie?
`counts`       how many features has each unit (each feature counted once)?
`lengths`      how many metres of line lie in each unit?
`areas`        how many hectares of polygon lie in each unit (each hectare once)?
`outside`      how many features lie in no unit?
=============  =====================================================================

The rules of the border, said once:

* A point on a border shared by two units, or where they overlap, belongs to the unit that begins farther west, so the
  order of the units in their file does not matter.
* A feature that is counted belongs to the one unit that holds its representative point.
* A line along a border shared by two units gives half of its length to each; along an outer border it
  gives all of it to the only unit there. "Along" means within `ON_BORDER_M`, which absorbs the rounding of
  projected coordinates and nothing else.
* Where units overlap, both get the metres and the hectares (but a feature is still counted once).

All layers are planar, in one metre CRS. If the units have a column ``area_ha`` (geodesic hectares), areas
are scaled by area_ha / planar hectares of the unit, and lengths by the square root of that. Geometries may
be missing, empty, multi-part, 3D or self-crossing; the inputs are never modified.

The answers come from `crossings`, which needs no intersection for a feature that lies in one unit or plainly crosses a
border, and from `exact`, which cuts the few out that touch one. Who asks many questions about the same units and
layers asks them ``with remembering():``, and the work is done once.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd
import shapely

from kumuhgis import exact
from kumuhgis.borders import NEAR, Index
from kumuhgis.crossings import shares
from kumuhgis.features import BATCH, Column, Features, boxes_of_column, of_column, of_geometries, plane, repaired
from kumuhgis.memory import count, once
from kumuhgis.opening import undisturbed
from kumuhgis.outlines import LINE, POLYGON, surfaces
from kumuhgis.overlaps import overlapping, tangled
from kumuhgis.tabulation import HECTARE_M2, categories, ellipsoid, sums
from kumuhgis.traits import boxes, polygons, there
from kumuhgis.traits import of as traits


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
        A point on a shared border, or where units overlap, goes to the unit that begins farther west.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import Point, box
    >>> units = gpd.GeoDataFrame({"unit": ["01", "02"]}, geometry=[box(0, 0, 100, 100), box(100, 0, 200, 100)])
    >>> locate(units, gpd.GeoSeries([Point(150, 50), Point(100, 50), Point(300, 50)])).tolist()
    [1, 0, -1]
    """
    _same_crs(units, points)
    first, _ = _index(units).units_of_shapes(_flat(points))
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
    code, names = categories(by, features)
    position = _positions(units, features)
    inside = position >= 0
    return sums(units, position[inside], code[inside], names).astype(np.int64)


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
    code, names = categories(by, lines)
    unit, line, metres = _metres(units, lines)
    table = sums(units, unit, code[line], names, metres)
    return table.mul(np.sqrt(ellipsoid(units)), axis=0)


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
    code, names = categories(by, polygons)
    faces = _faces(units, polygons)
    heaped = faces.heaped(code) if dissolve else np.zeros(len(code), dtype=bool)
    single = ~heaped[faces.face]
    table = sums(units, faces.unit[single], code[faces.face[single]], names, faces.square[single])
    if dissolve:
        unit, first, second, square = faces.twice
        some = (code[first] == code[second]) & ~heaped[first]
        table -= sums(units, unit[some], code[first[some]], names, square[some])
    if heaped.any():
        unit, face, piece = faces.pieces
        some = heaped[face]
        group, square = exact.united(unit[some] * len(names) + code[face[some]], piece[some])
        table += sums(units, group // len(names), group % len(names), names, square)
    return table.mul(ellipsoid(units) / HECTARE_M2, axis=0)


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
    out, known = there(shapes), traits(shapes)
    extent = shapely.get_dimensions(shapes) if known is None else np.full(len(shapes), known.dimension)
    whole = out & (partial | (extent == LINE))
    if (out & ~whole).any():
        out &= whole | (_positions(units, features) < 0)
    for dimension, measured in ((LINE, _metres), (POLYGON, _faced)):
        if (extent[whole] == dimension).any():
            parts = np.bincount(measured(units, features)[1], minlength=len(out))
            out &= ~(whole & (extent == dimension) & (parts > 0))
    rest = np.flatnonzero(out & whole)  # perhaps they touch a border
    out[rest] = _index(units).units_of_shapes(shapes[rest])[0] < 0
    return out


class Sums:
    """Counts, metres or hectares of a layer that comes in portions, so that memory does not grow with the layer.

    Hectares are added up as they are drawn: what lies twice is counted twice (as ``areas(..., dissolve=False)``). To
    count each hectare once, a layer must be there as a whole, for `areas`.

    Parameters
    ----------
    units : GeoDataFrame
        Units (n polygons), metre CRS, optionally with `area_ha` (geodesic hectares).
    of : {"counts", "lengths", "areas"}
        What to add up, by the rules of the function of that name.

    Attributes
    ----------
    features : int
        How many features were added.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import Point, box, to_wkb
    >>> units = gpd.GeoDataFrame(geometry=[box(0, 0, 100, 100), box(100, 0, 200, 100)], index=["01", "02"])
    >>> houses = Sums(units, "counts")
    >>> houses.add([Point(5, 5), Point(150, 5)], by=["toko", "rumah"])
    >>> houses.add(to_wkb([Point(7, 7)]), by=["toko"])
    >>> houses.table().to_dict("index"), houses.features
    ({'01': {'rumah': 0, 'toko': 2}, '02': {'rumah': 1, 'toko': 0}}, 3)
    """

    def __init__(self, units, of: str):
        measures = {"counts": _counted, "lengths": _metres_of, "areas": _square_metres_of}
        if of not in measures:
            raise ValueError(f"of: {' | '.join(measures)}, not {of!r}")
        self._measure = measures[of]
        self.units, self.of, self.features = units, of, 0
        self._sums, self._index = {}, _index(units)

    @undisturbed()
    def add(self, portion, by=None) -> None:
        """Add a portion of the layer.

        Parameters
        ----------
        portion : array of shapely geometries or of WKB, or pyarrow array of WKB
            m features in the CRS of the units, as they are or as `pyogrio.open_arrow` and `pyogrio.raw` read them.
        by : array or pyarrow array, optional
            Category of each feature. A missing category is "".
        """
        portion = _as_read(portion)
        code, names = categories(by, portion)
        unit, feature, amount = _each(self._measure, self._index, portion)
        table = sums(self.units, unit, code[feature], names, amount)
        for name in names:
            self._sums[name] = self._sums.get(name, 0.0) + table[name].to_numpy()
        self.features += len(portion)

    def table(self) -> pd.DataFrame:
        """Return what was added so far, as the function named by `of` returns it."""
        names = sorted(self._sums, key=str)
        table = pd.DataFrame({name: self._sums[name] for name in names}, index=self.units.index)
        if self.of == "counts":
            return table.astype(np.int64)
        factor = ellipsoid(self.units)
        return table.mul(np.sqrt(factor) if self.of == "lengths" else factor / HECTARE_M2, axis=0)


def _index(units) -> Index:
    """Return the units prepared for many questions."""
    return units if isinstance(units, Index) else once(_indexed, units)


def _indexed(shapes) -> Index:
    return Index(surfaces(repaired(_flat(shapes))))


def _as_read(portion) -> Column | np.ndarray:
    """Return shapes as an array, and what a file holds as a column."""
    if hasattr(portion, "combine_chunks"):
        portion = portion.combine_chunks()
    portion = getattr(portion, "storage", portion)
    if hasattr(portion, "to_pylist") and str(portion.type) not in ("binary", "large_binary"):
        portion = portion.to_pylist()
    if hasattr(portion, "buffers") or any(isinstance(each, bytes) for each in portion):
        return Column(portion)
    return np.array([*portion], dtype=object)


def _each(measure, index, features):
    """Measure features, some at a time, and join what was found."""
    found = [
        (unit, feature + start, amount)
        for start in range(0, max(len(features), 1), BATCH)
        for unit, feature, amount in [measure(index, features[start : start + BATCH])]
    ]
    return tuple(np.concatenate(column) for column in zip(*found, strict=True))


def _positions(units, features) -> np.ndarray:
    """Return the unit that holds the representative point of each feature, -1 for none."""
    return once(_positioned, units, features)


def _positioned(units, features) -> np.ndarray:
    index, column = _index(units), isinstance(features, Column)
    shapes = features if column else _flat(features)
    unit = index.units_of_boxes(boxes_of_column(features) if column else boxes(shapes))
    near = np.flatnonzero(unit == NEAR)
    points = shapely.point_on_surface(shapes.shapes(near) if column else shapes[near])
    unit[near], _ = index.units_of_shapes(points)
    return unit


def _counted(units, features):
    """Return (unit, feature, 1) of each feature in a unit."""
    unit = _positioned(units, features)
    inside = np.flatnonzero(unit >= 0)
    return unit[inside], inside, np.ones(len(inside))


def _metres(units, lines) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (unit, line, planar metres) of each pair of a unit and a line in it or on its border."""
    return once(_measured, units, lines)


def _measured(units, lines) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return _each(_metres_of, _index(units), of_geometries(_flat(lines), LINE))


def _metres_of(index, lines):
    """Return (unit, line, planar metres) of some lines."""
    features = _features(lines, LINE)
    found = shares(index, features)
    return _completed(found, *exact.metres(index.shapes, features.shapes(found.unclear), index.tree))


def _square_metres_of(index, polygons):
    """Return (unit, polygon, planar square metres) of some polygons, overlaps as they are."""
    features = _features(polygons, POLYGON)
    found = shares(index, features)
    unit, face, piece = exact.pieces(index.shapes, features.shapes(found.unclear), index.tree)
    return _completed(found, unit, face, shapely.area(piece))


def _features(features, of):
    if isinstance(features, Features):
        return features
    return of_column(features, of) if isinstance(features, Column) else of_geometries(features, of)


def _completed(found, unit, feature, amount):
    """Join what the crossings settled with what GEOS cut, and count both."""
    count(whole=found.whole, crossing=found.crossing, exact=len(found.unclear))
    feature = np.concatenate([found.feature, found.unclear[feature]])
    return np.concatenate([found.unit, unit]), feature, np.concatenate([found.amount, amount])


def _faced(units, polygons) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (unit, polygon, planar square metres) of each pair of a unit and a polygon in it."""
    faces = _faces(units, polygons)
    return faces.unit, faces.face, faces.square


def _faces(units, polygons) -> _Faces:
    """Return the polygons, measured in the units."""
    return once(_Faces, units, polygons)


class _Faces:
    """Polygons in units: (unit, face, square) of each pair, and what lies twice if somebody asks for it."""

    def __init__(self, units, polygons):
        self.index, self.drawn = _index(units), _flat(polygons)
        self.features = of_geometries(self.drawn, POLYGON)
        self.unit, self.face, self.square = _each(_square_metres_of, self.index, self.features)

    @cached_property
    def valid(self):
        """The polygons without self-crossings, as shapes, as outlines, and which are plainly convex."""
        shapes = self.features.shapes(np.arange(len(self.drawn)))
        return shapes, *once(polygons, surfaces(shapes) if self.features.unfit.any() else shapes)

    @cached_property
    def overlaps(self):
        """(first, second, common) of the polygons that overlap, and which polygons lie in a tangled heap."""
        pairs = overlapping(*self.valid)
        return *pairs, tangled(*pairs, len(self.drawn))

    @cached_property
    def twice(self):
        """(unit, first, second, square) of what two polygons have in common."""
        first, second, common, _ = self.overlaps
        unit, pair, square = _each(_square_metres_of, self.index, common)
        return unit, first[pair], second[pair], square

    @cached_property
    def pieces(self):
        """(unit, face, piece) of the polygons in tangled heaps, cut out."""
        faces = np.flatnonzero(self.overlaps[3])
        unit, face, piece = exact.pieces(self.index.shapes, self.valid[0][faces], self.index.tree)
        return unit, faces[face], piece

    def heaped(self, code) -> np.ndarray:
        """Tell which polygons of tangled heaps overlap one of their category, so that GEOS unites them."""
        first, second, _, tangle = self.overlaps
        same = (code[first] == code[second]) & tangle[first]
        flags = np.zeros(len(self.drawn), dtype=bool)
        flags[first[same]] = flags[second[same]] = True
        return flags


def _flat(frame) -> np.ndarray:
    """Return the geometries of a frame, series or array, without heights."""
    if len(frame) == 0:
        return np.empty(0, dtype=object)
    shapes = np.asarray(getattr(frame, "geometry", frame), dtype=object)
    return plane(shapes) if traits(shapes) is None else shapes


def _same_crs(units, features) -> None:
    """Refuse layers that are known to be in different reference systems."""
    ours, theirs = getattr(units, "crs", None), getattr(features, "crs", None)
    if ours is not None and theirs is not None and ours != theirs:
        raise ValueError(f"units are in {ours.to_string()}, features in {theirs.to_string()}")
