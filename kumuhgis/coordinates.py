"""Coordinates as people write them, and the systems they are written in.

A coordinate system has a name that a facilitator knows (UTM zone 49 South, TM-3 zone 49.1), told from its parameters
and not from what a file calls it. Numbers alone allow a few readings, each a :class:`Candidate`.
"""

import math
import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import numpy as np
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from kumuhgis.text import text

INDONESIA = (95.0, -11.1, 141.1, 6.1)
"""Indonesia: west, south, east, north in degrees."""

UTM_ZONES = range(46, 55)
TM3_ZONES = {
    f"{zone}.{half}": 23830 + i
    for i, (zone, half) in enumerate((z, h) for z in UTM_ZONES for h in (1, 2) if (z, h) not in ((46, 1), (54, 2)))
}
"""TM-3 zones of DGN95 with their EPSG codes; no TM-3 of SRGI2013 has one."""

MOST = 0.5
"""Share of the points that a reading must put in Indonesia to be plausible."""
_DEGREES = "EPSG:4326"


@dataclass(frozen=True)
class Candidate:
    """One way to read the numbers of a file.

    Parameters
    ----------
    code : str
        Coordinate system, for example ``"EPSG:32749"``.
    swapped : bool
        The two columns stand the wrong way round: latitude before longitude, or north before east.
    mirrored : bool
        Latitudes south of the equator are written without their minus.

    Examples
    --------
    >>> Candidate("EPSG:32749").name, Candidate("EPSG:4326", swapped=True).toml
    ('UTM 49S (EPSG:32749)', 'crs = "EPSG:4326", swap_xy = true')
    """

    code: str
    swapped: bool = False
    mirrored: bool = False

    @property
    def crs(self):
        """The coordinate system as a pyproj.CRS."""
        return _from_code(self.code)

    @property
    def name(self):
        """A short name that is the same in every language."""
        return short_name(self.crs) + (", y-x" if self.swapped else "") + (", -lat" if self.mirrored else "")

    @property
    def toml(self):
        """What to write for the layer in kumuhgis.toml."""
        return f'crs = "{self.code}"' + (", swap_xy = true" if self.swapped else "")


@cache
def _from_code(code):
    return CRS.from_user_input(code)


@lru_cache(maxsize=256)
def _transformer(crs):
    return Transformer.from_crs(crs, 4326, always_xy=True)


@cache
def candidates():
    """Give every reading that is tried, the plainest first, each with the meridian it belongs to.

    Returns
    -------
    dict of Candidate to (float, float)
        Central meridian, and how many degrees from it the system is in use (infinite for the whole world).

    Examples
    --------
    >>> candidates()[Candidate("EPSG:32749")], candidates()[Candidate("EPSG:23835")]
    ((111.0, 4.0), (109.5, 2.5))
    """
    plain = {_DEGREES: (0.0, math.inf), "EPSG:3857": (0.0, math.inf)}
    for zone in UTM_ZONES:
        plain[f"EPSG:{32600 + zone}"] = plain[f"EPSG:{32700 + zone}"] = (6.0 * zone - 183, 4.0)
    for zone, code in TM3_ZONES.items():
        whole, half = zone.split(".")
        plain[f"EPSG:{code}"] = (6.0 * int(whole) - 183 + (-1.5 if half == "1" else 1.5), 2.5)
    found = {Candidate(code): where for code, where in plain.items()}
    found |= {Candidate(code, swapped=True): where for code, where in plain.items()}
    found |= {Candidate(_DEGREES, swapped, mirrored=True): plain[_DEGREES] for swapped in (False, True)}
    return found


# ---------------------------------------------------------------- in words


def describe(crs, lang="id"):
    """Name a coordinate system in words that a facilitator knows.

    Parameters
    ----------
    crs : pyproj.CRS or anything that names one, or None
        The coordinate system.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    str
        Kind, zone, datum and code; what cannot be read is called unknown.

    Examples
    --------
    >>> describe("EPSG:32749"), describe("EPSG:23835", "en")
    ('UTM zona 49 Selatan, WGS 84 (EPSG:32749)', 'TM-3 zone 49.1, DGN95 (EPSG:23835)')
    >>> describe(None), describe("EPSG:4979")
    ('sistem koordinat tidak diketahui', 'lintang-bujur WGS 84, dengan ketinggian (EPSG:4979)')
    """
    try:
        read = read_crs(crs)
    except CRSError:
        read = None
    if read is None:
        return text("crs.unknown", lang)
    kind, zone = _kind(read)
    words = text(f"crs.{kind}", lang, zone=zone.rstrip("NS"), datum=datum_of(read), name=read.name)
    code = code_of(read)
    height = text("crs.height", lang) if len(read.axis_info) > 2 else ""
    return words + height + (f" ({code})" if code else "")


def short_name(crs):
    """Name a coordinate system in few letters that are the same in every language.

    Parameters
    ----------
    crs : pyproj.CRS
        The coordinate system.

    Returns
    -------
    str
        For example ``"UTM 49S (EPSG:32749)"`` or ``"lon-lat WGS 84 (EPSG:4326)"``.

    Examples
    --------
    >>> short_name(CRS(9489)), short_name(CRS("+proj=tmerc +lon_0=109.5 +k=0.9999 +x_0=2e5 +y_0=15e5"))
    ('UTM 49S SRGI2013 (EPSG:9489)', 'TM-3 49.1 WGS 84')
    """
    kind, zone = _kind(crs)
    datum = datum_of(crs)
    name = {
        "lonlat": f"lon-lat {datum}",
        "utm_north": f"UTM {zone}",
        "utm_south": f"UTM {zone}",
        "tm3": f"TM-3 {zone}",
        "web_mercator": "Web Mercator",
        "other": crs.name,
    }[kind]
    code = code_of(crs)
    usual = kind in ("lonlat", "web_mercator", "other") or (datum in ("WGS 84", "DGN95") and code in _usual_codes())
    return name + ("" if usual else f" {datum}") + (f" ({code})" if code else "")


@cache
def _usual_codes():
    return {candidate.code for candidate in candidates()}


def _kind(crs):
    """Tell the kind of a coordinate system and its zone, by its parameters and not by its name."""
    flat = horizontal(crs)
    if flat.is_geographic:
        return "lonlat", ""
    if not flat.is_projected or flat.coordinate_operation is None:
        return "other", ""
    method = flat.coordinate_operation.method_name
    if "Pseudo Mercator" in method or ("Mercator" in method and "Spherical" in method):
        return "web_mercator", ""
    if method != "Transverse Mercator":
        return "other", ""
    value = {p.code: p.value for p in flat.coordinate_operation.params}
    lat0, lon0, scale, east, north = (value.get(code) for code in ("8801", "8802", "8805", "8806", "8807"))
    return _transverse(lat0, lon0, scale, east, north)


def _transverse(lat0, lon0, scale, east, north):
    if None in (lat0, lon0, scale, east, north) or lat0 != 0:
        return "other", ""
    zone = (lon0 + 183) / 6
    nearest = round(zone)
    if (round(scale, 6), east) == (0.9996, 500_000) and north in (0, 10_000_000) and math.isclose(zone, nearest):
        return ("utm_south", f"{nearest}S") if north else ("utm_north", f"{nearest}N")
    beside = 4 * (zone - nearest)  # the meridian of a TM-3 zone lies a quarter of a UTM zone beside the middle
    if (round(scale, 6), east, north) == (0.9999, 200_000, 1_500_000) and math.isclose(abs(beside), 1, abs_tol=1e-6):
        return "tm3", f"{nearest}.{1 if beside < 0 else 2}"
    return "other", ""


def datum_of(crs):
    """Name the datum (or the ellipsoid, where there is no datum) of a coordinate system; empty if neither is known."""
    geodetic = crs.geodetic_crs
    name = "" if geodetic is None else geodetic.name
    if name.lower() in ("", "unknown", "unnamed"):
        name = crs.ellipsoid.name if crs.ellipsoid else ""
    return "" if name.lower() in ("unknown", "unnamed") else name.split(" (CRS84")[0].split(" longitude-")[0]


def code_of(crs):
    """Give the code that the source itself names; one that only resembles it is not its code."""
    named = crs.to_json_dict().get("id", {})
    return f"{named['authority']}:{named['code']}" if {"authority", "code"} <= set(named) else ""


def horizontal(crs):
    """Look under heights and datum shifts: the part that says what east and north mean."""
    while crs.is_compound or crs.is_bound:
        crs = crs.sub_crs_list[0] if crs.is_compound else crs.source_crs
    return crs


def read_crs(crs):
    """Read what names a coordinate system.

    Parameters
    ----------
    crs : pyproj.CRS or anything that names one, or None
        Code, WKT, PROJ text, an object of another library.

    Returns
    -------
    pyproj.CRS or None
        None for none and for one that says nothing of a place on earth ("Undefined Cartesian SRS", a local drawing).

    Raises
    ------
    pyproj.exceptions.CRSError
        If it names nothing that exists.

    Examples
    --------
    >>> read_crs("EPSG:32749").to_epsg(), read_crs('LOCAL_CS["Undefined Cartesian SRS",UNIT["Meter",1]]')
    (32749, None)
    """
    if crs is None:
        return None
    try:
        read = CRS.from_user_input(crs)
    except (TypeError, ValueError) as error:
        raise CRSError(str(error)) from error
    flat = horizontal(read)
    usable = (flat.is_geographic or flat.is_projected) and not read.name.lower().startswith("undefined")
    return read if usable else None


# ---------------------------------------------------------------- numbers and places


def as_points(points):
    """Read points, or bounds as their corners; what is not finite is no point."""
    found = np.asarray(points, dtype=float)
    if found.shape == (4,):
        west, south, east, north = found
        found = np.array([(west, south), (east, south), (east, north), (west, north)])
    found = found.reshape(-1, found.shape[-1] if found.ndim == 2 else 2)[:, :2]
    return found[np.isfinite(found).all(axis=1)]


def lonlat_of(crs, points, swapped=False, mirrored=False):
    """Put points on the earth: longitude and latitude, NaN where the numbers mean no place."""
    x, y = points[:, ::-1].T if swapped else points.T
    if mirrored:
        y = -y
    try:
        lonlat = np.column_stack(_transformer(crs).transform(x, y, errcheck=False))
    except (ProjError, CRSError):
        lonlat = np.full(points.shape, np.nan)
    with np.errstate(invalid="ignore"):
        on_earth = np.isfinite(lonlat).all(axis=1) & (abs(lonlat[:, 0]) <= 180) & (abs(lonlat[:, 1]) <= 90)
    lonlat[~on_earth] = np.nan
    return lonlat


def inside(lonlat, box):
    """Say which points lie in a box of west, south, east, north in degrees."""
    west, south, east, north = box
    lon, lat = lonlat.T
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


@cache
def provinces():
    """Give the provinces with the boxes that they lie in, by the first digits of the Kemendagri code.

    Returns
    -------
    dict of str to dict
        ``name`` and ``box`` (west, south, east, north in degrees); all of Papua is ``"9"``.

    Examples
    --------
    >>> provinces()["33"]
    {'name': 'Jawa Tengah', 'box': [108.5, -8.3, 111.7, -5.7]}
    """
    return tomllib.loads(files("kumuhgis").joinpath("data", "provinces.toml").read_text("utf-8"))


def on_land(lonlat):
    """Say which points lie in or near a province; seas far from land are no place for a village."""
    west, south, east, north = np.array([wider(p["box"], 0.25) for p in provinces().values()]).T
    lon, lat = lonlat[:, :1], lonlat[:, 1:]
    return ((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)).any(axis=1)


def wider(box, by):
    """Widen a box on every side."""
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def share_of(mask):
    """Give the share of a mask that is true; 0 for none at all."""
    return float(mask.mean()) if len(mask) else 0.0


def plausible(points):
    """List the readings that would put most of some numbers on land in Indonesia, the plainest first.

    Parameters
    ----------
    points : array of shape (n, 2), or bounds
        Coordinates as they stand in the file; bounds are (west, south, east, north).

    Returns
    -------
    list of Candidate
        A reading with the columns as they are comes before a swapped one, that before a latitude without its minus.

    Examples
    --------
    >>> [c.name for c in plausible([(-7.57, 110.9)])]
    ['lon-lat WGS 84 (EPSG:4326), y-x']
    >>> [c.code for c in plausible([(490_000, 9_162_000)])][:3]
    ['EPSG:32749', 'EPSG:32750', 'EPSG:32751']
    """
    points = as_points(points)
    return [candidate for candidate, _ in readings(points)]


def readings(points, box=None):
    """Read points in every plausible way.

    Parameters
    ----------
    points : numpy.ndarray of shape (n, 2)
        Coordinates as they stand in the file.
    box : tuple of float, optional
        Where the project is, in degrees: what lies there may have been drawn in the zone next to its own.

    Returns
    -------
    list of (Candidate, numpy.ndarray)
        Each reading that puts most of the points on land in Indonesia, and their longitudes and latitudes.
    """
    found = []
    degrees = (abs(points) <= 180).all(axis=1)
    for candidate, (meridian, reach) in candidates().items() if len(points) else ():
        fitting = degrees == (candidate.code == _DEGREES)
        if share_of(fitting) < MOST:
            continue
        lonlat = lonlat_of(candidate.crs, points, candidate.swapped, candidate.mirrored)
        aside = abs(lonlat[:, 0] - meridian)
        there = on_land(lonlat) & (aside <= reach)
        if box is not None:
            there |= inside(lonlat, box) & (aside <= 2 * reach)
        if share_of(there & fitting) >= MOST:
            found.append((candidate, lonlat))
    return found


# ---------------------------------------------------------------- as people write them

_SIDES = {
    -1: ("lintang selatan", "bujur barat", "selatan", "barat", "south", "west", "ls", "bb", "s", "w", "b"),
    1: ("lintang utara", "bujur timur", "utara", "timur", "north", "east", "lu", "bt", "n", "u", "e", "t"),
}
_LATITUDES = ("lintang selatan", "lintang utara", "selatan", "utara", "south", "north", "ls", "lu", "s", "n", "u")
_SIDE = re.compile("|".join(sorted((w for words in _SIDES.values() for w in words), key=len, reverse=True)))
_SEXAGESIMAL = re.compile(
    r"""(?P<sign>[+-]?)(?P<d>\d{1,3}) (?P<mark>\s*(?:°|derajat|:|-|(?<=\d)o)\s*|\s+)
        (?P<m>\d{1,2}(?:[.,]\d+)?) (?:\s*(?:'|menit|:|-)\s*|\s+|$)
        (?:(?P<s>\d{1,2}(?:[.,]\d+)?)\s*(?:"|''|detik)?)?""",
    re.VERBOSE,
)
_SAME_MARKS = str.maketrans(
    {"º": "°", "˚": "°", "′": "'", "’": "'", "´": "'", "″": '"', "”": '"', "−": "-", "\xa0": " "}
)
_LARGEST = 20_100_000.0


def parse_coordinate(value):
    r"""Read one coordinate as people write it.

    Parameters
    ----------
    value : str or float
        Decimal degrees or metres with a dot or a comma, or degrees, minutes and seconds; the side of the equator or
        of Greenwich before or behind it in Indonesian or English (LS, LU, BT, BB, S, N, U, E, T, W, B).

    Returns
    -------
    float or None
        The number, negative for south and west; None if it cannot be read, and never a guess.

    Examples
    --------
    >>> parse_coordinate("-7,57398"), parse_coordinate("110,89996 BT"), parse_coordinate("9.162.000,5")
    (-7.57398, 110.89996, 9162000.5)
    >>> round(parse_coordinate("7°34'26\" LS"), 5), parse_coordinate("110°54'E"), parse_coordinate("jalan Lawu")
    (-7.57389, 110.9, None)
    """
    if isinstance(value, (bool, np.bool_)) or value is None:
        return None
    if isinstance(value, (int, float, np.number)):
        return float(value) if abs(value) <= _LARGEST else None
    if not isinstance(value, str) or len(value) > 60:
        return None
    cell = " ".join(value.translate(_SAME_MARKS).replace("Â", "").lower().split())
    side, cell = _take_side(cell)
    number = _sexagesimal(cell, side) if cell else None
    number = _decimal(cell) if number is None and cell else number
    return None if number is None else _on_side(number, side)


def _take_side(cell):
    """Take the word for the side from the beginning or the end of a cell."""
    if found := re.match(rf"({_SIDE.pattern})(?![a-z])[.:]?\s*", cell):
        return found.group(1), cell[found.end() :]
    if found := re.search(rf"(?<![a-z])({_SIDE.pattern})\.?$", cell):
        return found.group(1), cell[: found.start()].rstrip(" ,")
    return "", cell


def _sexagesimal(cell, side):
    found = _SEXAGESIMAL.fullmatch(cell)
    if not found or (not found["s"] and not found["mark"].strip(" -:") and not side):
        return None  # two bare numbers are a pair, not degrees and minutes
    minutes, seconds = (float((found[part] or "0").replace(",", ".")) for part in "ms")
    if minutes >= 60 or seconds >= 60 or (found["s"] and not minutes.is_integer()):
        return None
    size = int(found["d"]) + minutes / 60 + seconds / 3600
    return -size if found["sign"] == "-" else size


def _decimal(cell):
    cell = cell.removesuffix("°").rstrip()
    if re.fullmatch(r"[+-]?\d+([.,]\d*)?(e[+-]?\d{1,2})?", cell):
        return _within(float(cell.replace(",", ".")))
    if re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?", cell):
        return _within(float(cell.replace(".", "").replace(",", ".")))
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", cell):
        return _within(float(cell.replace(",", "")))
    return None


def _within(number):
    return number if abs(number) <= _LARGEST else None


def _on_side(number, side):
    """Give a number the sign of its side; a minus on the northern or eastern side contradicts itself."""
    if not side:
        return number
    if side in _SIDES[1]:
        return number if 0 <= number <= (90 if side in _LATITUDES else 180) or number > 1000 else None
    return -abs(number) if abs(number) <= (90 if side in _LATITUDES else 180) else None
