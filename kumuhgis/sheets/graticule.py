"""The frame of a map: grid lines of the metre system with their figures, and the corners in degrees."""

import numpy as np
from pyproj import Transformer

from kumuhgis.coordinates import datum_of
from kumuhgis.sheets.frames import round_length
from kumuhgis.sheets.paper import INK, POINT, width_of
from kumuhgis.text import number, text

GRID = "#2b5c8a"


def frame_lines(page, view, band, crs, *, lang="id", spacing=50.0):
    """Draw grid lines, their figures in the band around the map, the frame, and the corners in degrees.

    Parameters
    ----------
    page : Page
        The page.
    view : View
        The map.
    band : float
        Width of the band around it (mm).
    crs : pyproj.CRS
        Of the units.
    lang : {"id", "en"}
        Language.
    spacing : float
        About how far lines are apart (mm).

    Returns
    -------
    float
        How far they are apart on the ground (m).
    """
    step = round_length(spacing * view.scale / 1000, (1, 2, 2.5, 5))
    size = min(page.size * 0.85, band / POINT * 0.62)
    corner = _corners(page, view, band, crs, size, lang)
    rise = (band - 0.74 * size * POINT) / 2
    right, top = view.x + view.width, view.y + view.height
    for east in _between(view.west, view.east, step):
        x = view.places([(east, view.south)])[0][0]
        page.line([(x, view.y), (x, top)], line=GRID, weight=0.08, z=6, alpha=0.55)
        _ticks(page, [(x, view.y, 0, -1), (x, top, 0, 1)])
        label = number(east, 0, lang)
        if view.x + corner + 0.5 * width_of(label, size) + 2 < x < right - corner - 0.5 * width_of(label, size) - 2:
            page.text(x, view.y - band + rise, label, size=size, at="center")
            page.text(x, top + rise, label, size=size, at="center")
    for north in _between(view.south, view.north, step):
        y = view.places([(view.west, north)])[0][1]
        page.line([(view.x, y), (right, y)], line=GRID, weight=0.08, z=6, alpha=0.55)
        _ticks(page, [(view.x, y, -1, 0), (right, y, 1, 0)])
        label = number(north, 0, lang)
        if view.y + 0.5 * width_of(label, size) < y < top - 0.5 * width_of(label, size):
            page.text(view.x - rise, y, label, size=size, at="center", turn=90)
            page.text(right + band - rise, y, label, size=size, at="center", turn=90)
    map_edges(page, view, band)
    return step


def map_edges(page, view, band):
    """Draw the inner and the outer line of the frame, a band apart."""
    x, y, width, height = view.x - band, view.y - band, view.width + 2 * band, view.height + 2 * band
    page.box(view.x, view.y, view.width, view.height, line=INK, weight=0.3, z=9.8)
    page.box(x, y, width, height, line=INK, weight=0.6, z=9.8)


def _ticks(page, ends):
    for x, y, right, up in ends:
        page.line([(x, y), (x + 1.2 * right, y + 1.2 * up)], weight=0.2, z=9)


def _between(low, high, step):
    return np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step


def _corners(page, view, band, crs, size, lang):
    """Write longitude and latitude at the four corners; give how wide the widest is (mm)."""
    degrees = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    widest, rise = 0.0, (band - 0.74 * size * POINT) / 2
    for x, east, at in ((view.x, view.west, "left"), (view.x + view.width, view.east, "right")):
        for y, north in ((view.y - band, view.south), (view.y + view.height, view.north)):
            lon, lat = degrees.transform(east, north)
            written = f"{angle(lon, 'ew', lang)}  {angle(lat, 'ns', lang)}"
            page.text(x, y + rise, written, size=size, at=at, colour=GRID)
            widest = max(widest, width_of(written, size))
    return widest


def angle(value, sides, lang="id"):
    """Write an angle in degrees, minutes and tenths of seconds.

    Parameters
    ----------
    value : float
        Degrees.
    sides : {"ew", "ns"}
        Longitude or latitude.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    str
        The angle.

    Examples
    --------
    >>> angle(-7.57398, "ns"), angle(110.89996, "ew", "en")
    ('7°34′26,3″ LS', '110°53′59.9″ E')
    """
    side = text(f"sheets.side_{sides[0] if value >= 0 else sides[1]}", lang)
    tenths = round(abs(value) * 36_000)
    degrees, rest = divmod(tenths, 36_000)
    minutes, seconds = divmod(rest, 600)
    return f"{degrees}°{minutes:02d}′{number(seconds / 10, 1, lang):0>4}″ {side}"


def crs_lines(crs, lang="id"):
    """Give projection, grid and datum of a metre system, as a sheet names them.

    Parameters
    ----------
    crs : pyproj.CRS
        Of the units.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    list of (str, str)
        Label and value.
    """
    operation = crs.coordinate_operation
    zone = crs.utm_zone
    datum = datum_of(crs)
    if datum == "WGS 84":
        datum = text("sheets.wgs84", lang)
    code = f" (EPSG:{crs.to_epsg()})" if crs.to_epsg() else ""
    rows = [
        ("projection", operation.method_name if operation else "–"),
        ("grid", (text("sheets.utm", lang, zone=zone) if zone else crs.name) + code),
        ("datum", datum),
    ]
    return [(text(f"sheets.{key}", lang), value) for key, value in rows]
