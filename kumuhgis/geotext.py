"""Geometry that stands in a file as text: GeoJSON, WKT, WKB in hex, lists of {lat, lng}.

Read tolerantly: an open ring is closed, a file that is cut gives its whole features, and what is hopeless is None.
Nothing here raises for what a cell or a feature says; the callers report.
"""

import json
import math
import re
import struct

import numpy as np
import shapely

_TYPES = {
    t.lower(): t
    for t in (
        "Point",
        "MultiPoint",
        "LineString",
        "MultiLineString",
        "Polygon",
        "MultiPolygon",
        "GeometryCollection",
    )
}
_DEEPEST = 16
_RESYNCS = 200
NEXT_FEATURE = re.compile(
    r'\{\s*(?:"id"\s*:\s*[^,{}\[\]]{0,80},\s*)?"(?:type"\s*:\s*"Feature"|properties"\s*:|geometry"\s*:)'
)
"""Where a feature begins in a text of JSON."""
_LAT = ("lat", "latitude", "lintang")
_LON = ("lng", "lon", "long", "longitude", "bujur")
_HEX = re.compile(r"^(?:\\x|0x)?((?:[0-9a-fA-F]{2}){5,})$")
_SRID = re.compile(r"^\s*SRID\s*=\s*(\d{1,6})\s*;\s*", re.IGNORECASE)


class Hopeless(ValueError):
    """What is written is no geometry."""


# ---------------------------------------------------------------- coordinates as JSON


def geometry_of(value):
    """Make a geometry of a GeoJSON geometry.

    Parameters
    ----------
    value : object
        What stood under ``"geometry"``; a geometry is given back.

    Returns
    -------
    geometry : shapely.Geometry or None
        None where there is none and where it is hopeless.
    closed : int
        How many rings had to be closed.
    hopeless : bool
        Whether something stood there that is no geometry.

    Examples
    --------
    >>> geometry_of({"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 2]]]})
    (<POLYGON ((0 0, 2 0, 2 2, 0 0))>, 1, False)
    >>> geometry_of({"type": "Poligon", "coordinates": []})
    (None, 0, True)
    """
    if value is None or isinstance(value, shapely.Geometry):
        return value, 0, False
    closed = []
    try:
        return _geometry(value, closed, 0), len(closed), False
    except (Hopeless, ValueError, TypeError, OverflowError, shapely.errors.ShapelyError):
        return None, 0, True


def _geometry(value, closed, depth):
    if not isinstance(value, dict) or depth > _DEEPEST:
        raise Hopeless
    kind = _TYPES.get(str(value.get("type")).lower())
    if kind is None:
        raise Hopeless
    if kind == "GeometryCollection":
        return shapely.GeometryCollection([_geometry(g, closed, depth + 1) for g in _list(value.get("geometries"))])
    parts = _list(value.get("coordinates"))
    if not parts:
        return shapely.from_wkt(f"{kind.upper()} EMPTY")
    if kind == "Point":
        return shapely.Point(_point(parts))
    if kind == "MultiPoint":
        return shapely.MultiPoint([_point(p) for p in parts])
    if kind == "LineString":
        return _line(parts)
    if kind == "MultiLineString":
        return shapely.MultiLineString([_line(p) for p in parts])
    if kind == "Polygon":
        return _polygon(parts, closed)
    return shapely.MultiPolygon([_polygon(_list(p), closed) for p in parts])


def _list(value):
    if not isinstance(value, list):
        raise Hopeless
    return value


def _line(points):
    points = _points(points)
    if len(points) < 2:
        raise Hopeless
    return shapely.LineString(points)


def _polygon(rings, closed):
    rings = [_ring(r, closed) for r in rings]
    return shapely.Polygon(rings[0], rings[1:])


def _ring(points, closed):
    points = _points(points)
    if len(points) < 2:
        raise Hopeless
    if points[0] != points[-1]:
        points.append(points[0])
        closed.append(1)
    if len(points) < 3:
        raise Hopeless
    return points + points[-1:] * (4 - len(points))


def _points(points):
    points = [_point(p) for p in _list(points)]
    size = min(map(len, points), default=2)
    return [p[:size] for p in points]


def _point(value):
    """Read one position, [x, y], [x, y, z] or {lat, lng}; numbers may be text, with a decimal comma."""
    if isinstance(value, dict):
        pair = lat_lng(value)
        if pair is None:
            raise Hopeless
        return pair
    value = _list(value)
    if len(value) < 2:
        raise Hopeless
    return tuple(coordinate(v) for v in value[:3])


def coordinate(value):
    """Read one coordinate.

    Parameters
    ----------
    value : int, float or str
        A number, or its text with a decimal point or comma.

    Returns
    -------
    float
        A finite number.

    Raises
    ------
    ValueError
        If it is none.

    Examples
    --------
    >>> coordinate("110,85"), coordinate(-7)
    (110.85, -7.0)
    """
    if isinstance(value, str):
        value = value.strip().replace(",", ".") if len(value) < 40 else "nan"
    elif isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Hopeless
    number = float(value)
    if not math.isfinite(number):
        raise Hopeless
    return number


def lat_lng(value):
    """Give the (lon, lat) of a mapping with both, or None.

    Parameters
    ----------
    value : object
        For example ``{"lat": -7.5, "lng": 110.8}``.

    Returns
    -------
    tuple of float or None
        Longitude first.
    """
    if not isinstance(value, dict):
        return None
    names = {str(k).lower(): k for k in value}
    lat = next((names[n] for n in _LAT if n in names), None)
    lon = next((names[n] for n in _LON if n in names), None)
    if lat is None or lon is None:
        return None
    try:
        return coordinate(value[lon]), coordinate(value[lat])
    except (ValueError, OverflowError):
        return None


# ---------------------------------------------------------------- a whole JSON text


def decode(raw):
    """Turn bytes into text: UTF-8, UTF-16 with its mark, else Windows-1252.

    Parameters
    ----------
    raw : bytes
        The file.

    Returns
    -------
    text : str
        Its text.
    encoding : str
        ``"utf-8"`` where nothing had to be assumed.
    """
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", errors="replace"), "utf-16"
    try:
        return raw.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace"), "cp1252"


def parse_features(text):
    """Find the features of a JSON text, whole or cut.

    Parameters
    ----------
    text : str
        GeoJSON (collection, one feature, one geometry, one a line), or lists of {lat, lng}.

    Returns
    -------
    records : list of (dict, object)
        Properties and geometry (GeoJSON, or a shapely geometry) of every feature; (``{}``, ``False``) for one that is
        broken.
    how : str
        ``"geojson"``, ``"area"`` or ``"points"`` (lists of {lat, lng}), ``""`` if it is something else.
    lost : int or None
        How many characters could not be read; None if the text is whole.
    crs : object
        What its ``crs`` says; None without one.
    """
    decoder = json.JSONDecoder(strict=False)
    try:
        start = _skip(text, 0)
        whole, end = decoder.raw_decode(text, start)
    except (ValueError, RecursionError):
        return _salvage(text, decoder)
    rest = text[end:].strip(" \t\r\n\x00\x1e;")
    if rest and isinstance(whole, dict) and whole.get("type") == "Feature":
        return _salvage(text, decoder)
    return *_records(whole), len(rest) if rest else None, whole.get("crs") if isinstance(whole, dict) else None


def _records(whole):
    if isinstance(whole, dict) and isinstance(whole.get("features"), list):
        return [_feature(f) for f in whole["features"]], "geojson"
    if isinstance(whole, dict) and (whole.get("type") == "Feature" or str(whole.get("type")).lower() in _TYPES):
        return [_feature(whole)], "geojson"
    if isinstance(whole, list) and whole and all(isinstance(f, dict) and f.get("type") == "Feature" for f in whole):
        return [_feature(f) for f in whole], "geojson"
    return _lat_lng_records(whole)


def _feature(value):
    if not isinstance(value, dict):
        return {}, False
    if str(value.get("type")).lower() in _TYPES:
        return {}, value
    properties = value.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    if "id" in value and "id" not in properties and isinstance(value["id"], (str, int, float)):
        properties = {"id": value["id"], **properties}
    return properties, value.get("geometry")


def _salvage(text, decoder):
    """Read feature after feature; skip one that is broken, stop where the text ends."""
    start = re.search(r'"features"\s*:\s*\[', text)
    head = re.search(r'"crs"\s*:\s*\{', text[: start.start()] if start else "")
    crs = _try(decoder, text, head.end() - 1) if head else None
    records, position, resyncs = [], start.end() if start else _skip(text, 0), 0
    if not start and text[position : position + 1] == "[":
        start, position = True, position + 1
    while True:
        position = _skip(text, position)
        if position >= len(text):
            return records, "geojson" if records else "", 0 if start else None, crs
        if start and text[position] == "]":
            return records, "geojson" if records else "", None, crs
        try:
            value, position = decoder.raw_decode(text, position)
            records.append(_feature(value))
        except (ValueError, RecursionError):
            following = NEXT_FEATURE.search(text, position + 1)
            resyncs += 1
            if following is None or resyncs > _RESYNCS:
                return records, "geojson" if records else "", len(text) - position, crs
            records.append(({}, False))
            position = following.start()


def _skip(text, position):
    while position < len(text) and text[position] in " \t\r\n,\x1e\x00":
        position += 1
    return position


def _try(decoder, text, position):
    try:
        return decoder.raw_decode(text, position)[0]
    except (ValueError, RecursionError):
        return None


def _lat_lng_records(whole):
    """Read lists of {lat, lng}: rows with other keys are points, rows without are the corners of one area."""
    if isinstance(whole, dict):
        lists = [v for v in whole.values() if isinstance(v, list) and v]
        whole = [whole] if lat_lng(whole) or _path(whole) else (lists[0] if lists else [])
    if not isinstance(whole, list) or not whole:
        return [], ""
    if _is_path(whole):
        return [({}, _area(whole))], "area"
    if all(isinstance(part, list) and _is_path(part) for part in whole):
        return [({}, _area(part)) for part in whole], "area"
    if not all(isinstance(row, dict) for row in whole):
        return [], ""
    paths = [_path(row) for row in whole]
    if any(paths):
        keys = [({k: v for k, v in row.items() if k != p}, row.get(p)) for row, p in zip(whole, paths, strict=True)]
        return [(rest, _area(points) if points else None) for rest, points in keys], "area"
    found = [lat_lng(row) for row in whole]
    if not any(found):
        return [], ""
    return [(row, shapely.Point(p) if p else False) for row, p in zip(whole, found, strict=True)], "points"


def _path(row):
    return next((k for k, v in row.items() if isinstance(v, list) and _is_path(v)), None)


def _is_path(points):
    alone = all(isinstance(p, dict) and lat_lng(p) and len(p) <= 3 for p in points)
    if not alone or len(points) < 3:
        return False
    return all(all(str(k).lower() in (*_LAT, *_LON, "alt", "altitude") for k in p) for p in points)


def _area(points):
    return {"type": "Polygon", "coordinates": [points]} if isinstance(points, list) else False


# ---------------------------------------------------------------- WKT, WKB


def close_rings(wkb):
    """Make geometries of WKB, open rings closed.

    Parameters
    ----------
    wkb : array of bytes or None
        Well-known binary.

    Returns
    -------
    geometry : numpy.ndarray of shapely.Geometry
        None where there was none or it is hopeless.
    closed, hopeless : numpy.ndarray of bool
        What was done.
    """
    wkb = np.asarray(wkb, dtype=object)
    given = np.array([bool(b) and _is_shallow(bytes(b)) for b in wkb], bool)
    some_ = np.array([b is not None for b in wkb], bool)
    geometry = np.full(len(wkb), None, object)
    geometry[given] = _each(shapely.from_wkb, wkb[given], "ignore")
    open_ = given & shapely.is_missing(geometry)
    geometry[open_] = _each(shapely.from_wkb, wkb[open_], "fix")
    hopeless = some_ & shapely.is_missing(geometry)
    return geometry, open_ & ~hopeless, hopeless


def _each(read, values, how):
    try:
        return read(values, on_invalid=how)
    except (NotImplementedError, TypeError, ValueError, shapely.errors.ShapelyError):
        return np.array([_one(read, value, how) for value in values] + [None], object)[:-1]


def _one(read, value, how):
    try:
        return read(value, on_invalid=how)
    except (NotImplementedError, TypeError, ValueError, shapely.errors.ShapelyError):
        return None


def read_shape(cell):
    """Read the geometry in a cell of a table.

    Parameters
    ----------
    cell : object
        WKT, EWKT, WKB in hex, GeoJSON.

    Returns
    -------
    geometry : shapely.Geometry or None
        None where the cell is empty or hopeless.
    closed : bool
        Whether rings had to be closed.
    hopeless : bool
        Whether something stood there that is no geometry.
    srid : int
        The EPSG number it carries; 0 without one.

    Examples
    --------
    >>> read_shape("SRID=32749;POLYGON ((0 0, 2 0, 2 2))")
    (<POLYGON ((0 0, 2 0, 2 2, 0 0))>, True, False, 32749)
    """
    text = cell.strip() if isinstance(cell, str) else ""
    if not text or text.lower() in ("-", "null", "none", "nan"):
        return None, False, not isinstance(cell, str) and cell is not None and cell == cell, 0
    if text.startswith("{"):
        try:
            geometry, closed, hopeless = geometry_of(json.loads(text))
        except (ValueError, RecursionError):
            return None, False, True, 0
        return geometry, bool(closed), hopeless, 0
    blob = _HEX.match(text)
    if blob:
        (geometry,), (closed,), (hopeless,) = close_rings([bytes.fromhex(blob.group(1))])
        srid = int(shapely.get_srid(geometry)) if geometry is not None else 0
        return geometry, bool(closed), bool(hopeless), max(srid, 0)
    found = _SRID.match(text)
    text = text[found.end() :] if found else text
    if text.upper().count("COLLECTION") > _DEEPEST:
        return None, False, True, 0
    geometry = _one(shapely.from_wkt, text, "ignore")
    closed = geometry is None
    geometry = _one(shapely.from_wkt, text, "fix") if closed else geometry
    return geometry, closed and geometry is not None, geometry is None, int(found.group(1)) if found else 0


def _is_shallow(blob):
    """Tell whether WKB is whole and not nested so deep that GEOS would overflow the stack."""
    if len(blob) >= 5 and (blob[1] & 0x0F if blob[0] else blob[4] & 0x0F) < 4:
        return True
    stack, at = [1], 0
    try:
        while stack:
            if stack[-1] == 0:
                stack.pop()
                continue
            if len(stack) > _DEEPEST:
                return False
            stack[-1] -= 1
            order = "<" if blob[at] else ">"
            (code,) = struct.unpack_from(order + "I", blob, at + 1)
            kind, size = (code & 0xFFFF) % 1000, 2 + bool(code & 0x80000000) + bool(code & 0x40000000)
            size = max(size, {1: 3, 2: 3, 3: 4}.get((code & 0xFFFF) // 1000, 2))
            at += 5 + (4 if code & 0x20000000 else 0)
            if kind == 1:
                at += 8 * size
                continue
            (count,) = struct.unpack_from(order + "I", blob, at)
            at += 4
            if kind == 2:
                at += count * size * 8
            elif kind == 3:
                for _ in range(min(count, len(blob))):
                    (points,) = struct.unpack_from(order + "I", blob, at)
                    at += 4 + points * size * 8
            elif kind in (4, 5, 6, 7):
                stack.append(count)
            else:
                return False
    except (struct.error, IndexError):
        return False
    return True
