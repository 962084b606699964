"""Coordinate systems, as a verdict in words: where would these numbers be, and what must be written if that is wrong.

Every reading of the numbers that people in Indonesia meet is tried (degrees, UTM 46-54 north and south, TM-3, Web
Mercator; the two columns the wrong way round; a latitude without its minus), and each says where it would put the
data. What is wrong is said with what would be right; nothing is changed before the user writes it.

Readings lie hundreds of kilometres apart, so a rough area of the project is enough to tell them apart. WGS 84, DGN95
and SRGI2013 differ by centimetres to decimetres: any of them is fine. Old datums (Batavia, ID74) lie more than a
hundred metres off, which no area can show, so a file that names one is said to do so.
"""

import math
import re
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import CRSError

from kumuhgis.coordinates import (
    INDONESIA,
    MOST,
    Candidate,
    as_points,
    candidates,
    code_of,
    datum_of,
    describe,
    horizontal,
    inside,
    lonlat_of,
    parse_coordinate,
    plausible,
    provinces,
    read_crs,
    readings,
    share_of,
    short_name,
    wider,
)
from kumuhgis.errors import Problem
from kumuhgis.spots import gathered

__all__ = [
    "Candidate",
    "Verdict",
    "area_of",
    "describe",
    "parse_coordinate",
    "place",
    "plausible",
    "sample_points",
    "short_name",
    "verdict",
]

_NEARLY_ALL = 0.9
_SAME_M, _OLD_DATUM_M = 0.05, 5.0
_COLUMNS = ["candidate", "code", "swapped", "mirrored", "lon", "lat", "inside", "place"]
_GEOD = Geod(ellps="GRS80")


@dataclass(frozen=True, eq=False)
class Verdict:
    """What became of the coordinate system of one layer.

    ``fine``: the layer may be used with ``crs`` (two-dimensional; None if the source says none). Otherwise
    ``suggested`` is the one reading that fits, or None if none or several do. ``tried`` has a row for each reading:
    candidate, code, swapped, mirrored, lon and lat of the middle, the share of the points inside the area, and the
    place there.
    """

    fine: bool
    crs: CRS | None
    suggested: Candidate | None
    problems: list
    tried: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Whereabouts:
    """Where a project is, as :func:`verdict` takes it: brought to degrees once for all layers."""

    area: object = None
    places: object = None
    margin: float = 0.25

    @cached_property
    def there(self):
        """The area with its margin, or Indonesia, and the named polygons."""
        box = _box(self.area)
        return _There(wider(box, self.margin) if box else INDONESIA, box is not None, _named(self.places))


def _box(area):
    """Read an area in degrees (bounds, geometry or frame) as a box, or None."""
    if area is None:
        return None
    if getattr(area, "crs", None) is not None:
        area = area.to_crs(4326)
    bounds = getattr(area, "total_bounds", getattr(area, "bounds", area))
    box = tuple(float(v) for v in bounds)
    return box if len(box) == 4 and all(abs(v) <= 180 for v in box) else None


def sample_points(geometry, most=1000):
    """Take some coordinates of a layer as they stand in the file, evenly over its features.

    Parameters
    ----------
    geometry : geopandas.GeoSeries, geopandas.GeoDataFrame or array of shapely geometries
        The layer; missing and empty geometries are passed over.
    most : int
        How many at most.

    Returns
    -------
    numpy.ndarray of float, shape (n, 2)
        East and north (or whatever the file holds), every coordinate of every layer that is small enough.

    Examples
    --------
    >>> sample_points([shapely.Point(110.9, -7.57), None])
    array([[110.9 ,  -7.57]])
    """
    geometry = np.asarray(getattr(geometry, "geometry", geometry), dtype=object)
    found = shapely.get_coordinates(geometry[_evenly(len(geometry), most)])
    return found[_evenly(len(found), most)]


def _evenly(count, most):
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(int)) if count else np.array([], int)


def area_of(code):
    """Say roughly where a project is, by its Kemendagri code: the box of its province.

    Parameters
    ----------
    code : str
        Code of the desa, kecamatan, kabupaten or province, for example ``"33.13.11.2003"``.

    Returns
    -------
    tuple of float or None
        West, south, east, north in degrees; None if the code begins with no province.

    Examples
    --------
    >>> area_of("33.13.11.2003"), area_of("")
    ((108.5, -8.3, 111.7, -5.7), None)
    """
    digits = str(code or "").strip()[:2]
    found = provinces().get("9" if re.fullmatch("9[1-7]", digits) else digits if len(digits) == 2 else "")
    return tuple(found["box"]) if found else None


# ---------------------------------------------------------------- the verdict


def verdict(crs, points, *, area=None, places=None, label="", margin=0.25):
    """Judge whether a coordinate system puts a layer where the project is, and find the one that does.

    Parameters
    ----------
    crs : pyproj.CRS, anything that names one, or None
        What the file says, or what the user wrote for it. None if neither says anything.
    points : array of shape (n, 2)
        Coordinates as they stand in the file; see :func:`sample_points`.
    area : bounds, geometry, frame or Whereabouts, optional
        Where the project is, in degrees; without it the test is Indonesia. A layer larger than the area fits too.
    places : geopandas.GeoDataFrame, optional
        Named polygons (column ``name`` or ``desa``, else the index), to say where a reading puts the data.
    label : str
        Name of the layer, for the problems.
    margin : float
        Degrees around the area that still count as there.

    Returns
    -------
    Verdict
        ``fine`` without an error; otherwise what was tried. A suggestion is never applied here: see :func:`place`.

    Examples
    --------
    >>> found = verdict("EPSG:32649", [(486_139, 9_164_681)], area=(110.86, -7.58, 110.89, -7.54))
    >>> found.fine, found.suggested.toml
    (False, 'crs = "EPSG:32749"')
    >>> verdict("EPSG:9489", [(486_139, 9_164_681)]).fine
    True
    """
    points = as_points(points)
    known, problems = _declared(crs, label)
    there = (area if isinstance(area, Whereabouts) else Whereabouts(area, places, margin)).there
    if known is None:
        return _search(None, points, there, label, problems)
    used, said = _settle(known, label)
    problems += said
    lonlat = lonlat_of(used, points)
    if len(points) and not there.fits(lonlat, MOST):
        return _search(used, points, there, label, problems)
    problems += _beside(used, points, lonlat, there, label)
    return Verdict(True, used, None, problems, _table([_row(short_name(used), code_of(used), lonlat, there)]))


@dataclass(frozen=True)
class _There:
    """Where the data should be: a box in degrees, whether it is the project's own, and named places."""

    box: tuple
    own: bool
    places: tuple | None

    @property
    def near(self):
        """The box, if it is the project's own."""
        return self.box if self.own else None

    def fits(self, lonlat, share):
        """Say whether points are there; a layer that spans the project's area is, too."""
        known = lonlat[~np.isnan(lonlat[:, 0])]
        if share_of(inside(lonlat, self.box)) >= share:
            return True
        if not self.own or len(known) < share * max(len(lonlat), 1) or not len(known):
            return False
        (west, south), (east, north) = np.quantile(known, [0.05, 0.95], axis=0)
        return bool(west <= self.box[2] and east >= self.box[0] and south <= self.box[3] and north >= self.box[1])

    def name(self, lonlat):
        """Name the place of the middle of some points; the province or provinces near it, if no place has it."""
        lon, lat = _middle(lonlat)
        if self.places is not None and not math.isnan(lon):
            polygons, names = self.places
            found = np.flatnonzero(shapely.intersects_xy(polygons, lon, lat))
            if len(found):
                return names[found[0]]
        return "/".join(p["name"] for p in provinces().values() if inside(np.array([(lon, lat)]), p["box"])[0])

    def words(self, lonlat):
        """Say in a few characters of every language where the middle of some points is."""
        lon, lat = _middle(lonlat)
        name = self.name(lonlat)
        return f"{lon:.2f}, {lat:.2f}" + (f" ({name})" if name else "")

    def away(self, lonlat):
        """Measure how many kilometres the middle of some points is from the box."""
        lon, lat = _middle(lonlat)
        west, south, east, north = self.box
        near = min(max(lon, west), east), min(max(lat, south), north)
        return round(_GEOD.inv(lon, lat, *near)[2] / 1000)


def _middle(lonlat):
    known = lonlat[~np.isnan(lonlat[:, 0])]
    return tuple(float(v) for v in np.median(known, axis=0)) if len(known) else (math.nan, math.nan)


def _named(places):
    """Read named polygons in degrees: (array of polygons, list of names)."""
    if places is None or not len(places):
        return None
    column = next((c for c in ("name", "desa") if c in places), None)
    names = places.index if column is None else places[column]
    polygons = places.geometry if places.crs is None else places.geometry.to_crs(4326)
    return np.asarray(polygons), [str(name) for name in names]


def _row(name, code, lonlat, there, candidate=None):
    swapped, mirrored = (candidate.swapped, candidate.mirrored) if candidate else (False, False)
    share = share_of(inside(lonlat, there.box))
    return (name, code, swapped, mirrored, *_middle(lonlat), share, there.name(lonlat))


def _table(rows):
    return pd.DataFrame(rows, columns=_COLUMNS)


def _declared(crs, label):
    try:
        return read_crs(crs), []
    except CRSError:
        return None, [Problem("crs_unreadable", label, params={"value": str(crs)[:80]})]


def _settle(crs, label):
    """Take a coordinate system as what it is: without heights, by its code, by what replaced it."""
    problems = []
    said, deprecated = code_of(crs), crs.is_deprecated
    if len(crs.axis_info) > 2:
        problems.append(Problem("crs_height", label, params={"declared": short_name(crs)}))
        crs = _flat(crs)
    equal = _equal(crs) if crs.is_deprecated or not code_of(crs) else None
    if equal is not None and (deprecated or not said):
        code = "crs_deprecated" if deprecated else "crs_no_code"
        problems.append(Problem(code, label, params={"declared": crs.name, "used": short_name(equal)}))
    return (crs if equal is None else equal), problems


def _flat(crs):
    while crs.is_compound:
        crs = crs.sub_crs_list[0]
    return CRS(crs.to_2d())


def _equal(crs):
    """Find the coded system that puts numbers at the same place, to the width of a hand."""
    code = horizontal(crs).to_epsg(min_confidence=70)
    same = [CRS(c) for c in (crs.get_non_deprecated() if crs.is_deprecated else ())]
    same += [CRS(code)] if code and not crs.is_deprecated else []
    plain = [c.crs for c in candidates() if not (c.swapped or c.mirrored)]
    same += [other for other in plain if _same_ellipsoid(other, crs)]  # an old datum is not to be taken for a new
    points = np.array([(110.9, -7.57), (120.0, 1.0)] if crs.is_geographic else [(2e5, 6.6e5), (5e5, 9e6)])
    here = lonlat_of(crs, points)
    return next((other for other in same if _shift(here, lonlat_of(other, points)) <= _SAME_M), None)


def _same_ellipsoid(one, other):
    one, other = one.ellipsoid, other.ellipsoid
    axes = ("semi_major_metre", "semi_minor_metre")
    return bool(one and other) and all(abs(getattr(one, a) - getattr(other, a)) < 1 for a in axes)


def _shift(one, other):
    """Measure the median distance between two places of the same points, in metres; infinite if there is none."""
    both = np.isfinite(one).all(axis=1) & np.isfinite(other).all(axis=1)
    if both.sum() < max(1, MOST * len(one)):
        return math.inf
    return float(np.median(_GEOD.inv(*one[both].T, *other[both].T)[2]))


def _beside(crs, points, lonlat, there, label):
    """Say what is odd in a layer that is where it should be: an old datum, points that are elsewhere."""
    problems = []
    flat = horizontal(crs)
    meridian = math.degrees(flat.prime_meridian.longitude * flat.prime_meridian.unit_conversion_factor)
    own = Transformer.from_crs(flat, flat.geodetic_crs, always_xy=True).transform(*points.T, errcheck=False)
    shift = _shift(np.column_stack((own[0] + meridian, own[1])), lonlat)
    if _OLD_DATUM_M < shift < math.inf:
        params = {"declared": short_name(crs), "datum": datum_of(crs), "shift": round(shift)}
        problems.append(Problem("crs_old_datum", label, params=params))
    astray = ~(inside(lonlat, wider(INDONESIA, 1.0)) | inside(lonlat, there.box))
    if astray.any():
        problems.append(_astray(points[astray], len(points), there, label))
    return problems


def _astray(points, all_, there, label):
    fitting = [c for c, lonlat in readings(points, there.near) if there.fits(lonlat, _NEARLY_ALL)]
    params = {"count": len(points), "all": all_, **_numbers(points)}
    shape = gathered(shapely.points(points))
    if len(fitting) == 1:
        return Problem("crs_mixed", label, params={**params, "candidate": fitting[0].name}, shape=shape)
    return Problem("crs_strays", label, params=params, shape=shape)


def _numbers(points):
    """Show the first coordinates as they stand in the file."""
    x, y = (f"{v:.7g}" for v in points[0]) if len(points) else ("–", "–")
    return {"x": x, "y": y}


# ---------------------------------------------------------------- the search


def _search(declared, points, there, label, problems):
    """Try every plausible reading, and suggest the one that fits."""
    said = Candidate(code_of(declared)) if declared is not None and code_of(declared) else None
    read = [(c, lonlat) for c, lonlat in readings(points, there.near) if c != said]
    fitting, alone = _fitting(read, there)
    if said in candidates():  # the right zone with the wrong hemisphere comes before another zone
        fitting.sort(key=lambda found: candidates()[found[0]] != candidates()[said])
    rows = []
    if declared is not None:
        rows.append(_row(short_name(declared), code_of(declared), lonlat_of(declared, points), there))
    rows += [_row(c.name, c.code, lonlat, there, c) for c, lonlat in read]
    suggested = fitting[0][0] if alone else None
    problems = problems + _say(declared, points, fitting, alone, there, label)
    return Verdict(False, declared, suggested, problems, _table(rows))


def _fitting(read, there):
    """Keep the readings that fit, of the plainest kind only; say whether one stands alone."""
    for share in (_NEARLY_ALL, MOST):
        for kind in ((False, False), (True, False), (False, True), (True, True)):
            found = [(c, at) for c, at in read if (c.swapped, c.mirrored) == kind and there.fits(at, share)]
            if found:
                return found, len(found) == 1 and share == _NEARLY_ALL
    return [], False


def _say(declared, points, fitting, alone, there, label):
    params = {"declared": short_name(declared) if declared is not None else "–", **_numbers(points)}
    if alone:
        candidate, lonlat = fitting[0]
        params |= {"candidate": short_name(candidate.crs), "place": there.words(lonlat), "toml": candidate.toml}
        return [Problem(code, label, params=params) for code in _codes_of(candidate, declared)]
    if fitting:
        options = "; ".join(f"{short_name(c.crs)} → {there.words(at)}" for c, at in fitting)
        code = "crs_unknown_several" if declared is None else "crs_wrong_several"
        return [Problem(code, label, params={**params, "options": options, "toml": fitting[0][0].toml})]
    if declared is None:
        return [Problem("crs_unknown_none", label, params=params)]
    lonlat = lonlat_of(declared, points)
    if share_of(np.isfinite(lonlat[:, 0])) < MOST:
        return [Problem("crs_wrong_none", label, params=params)]
    params |= {"place": there.words(lonlat), "km": there.away(lonlat)}
    return [Problem("crs_wrong_elsewhere", label, params=params)]


def _codes_of(candidate, declared):
    codes = ["crs_swapped"] if candidate.swapped else []
    codes += ["crs_latitude_unsigned"] if candidate.mirrored else []
    return codes or ["crs_unknown_one" if declared is None else "crs_wrong_one"]


def place(frame, candidate):
    """Read a layer as a candidate says, once the user has written so.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        The layer as it stands in the file.
    candidate : Candidate
        How to read it.

    Returns
    -------
    geopandas.GeoDataFrame
        The same rows and columns, the coordinates in order and the coordinate system said.

    Examples
    --------
    >>> import geopandas as gpd
    >>> frame = gpd.GeoDataFrame(geometry=[shapely.Point(-7.57, 110.9)])
    >>> place(frame, Candidate("EPSG:4326", swapped=True)).geometry.iloc[0].wkt
    'POINT (110.9 -7.57)'
    """

    def turned(coordinates):
        if candidate.swapped:
            coordinates = coordinates[:, [1, 0]]
        return coordinates * (1, -1) if candidate.mirrored else coordinates

    geometry = frame.geometry.to_numpy()
    if candidate.swapped or candidate.mirrored:
        geometry = shapely.transform(geometry, turned)
    out = frame.set_geometry(gpd.GeoSeries(geometry, index=frame.index), crs=None)
    return out.set_crs(candidate.crs, allow_override=True)
