"""What lies below the village: a photo from the air or tiles from a file, written into the page; OpenStreetMap."""

import base64
import math
import sqlite3
import warnings
from pathlib import Path

from kumuhgis.errors import LayerError, Problem
from kumuhgis.maps.tiles import TilesNotPictures, TilesUnreadable, is_tiles, kind_of, read_tiles
from kumuhgis.project import FILE, Project, load_project
from kumuhgis.rasters import open_picture, points_elsewhere
from kumuhgis.text import number, text

MEGABYTES = 1.5
"""By how much a basemap lets the page grow."""
OSM = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
_MARGIN = 0.12
"""Of the village's longer side, shown around it."""
_LEAST_MARGIN = 60.0
_LATITUDE = 85.05
_CACHE = 64
"""Megabytes of a picture that GDAL may keep while it is read; its own habit is a twentieth of all memory."""


def basemap_layer(
    path, area, *, m=None, lang="id", crs=None, attribution="", name=None, megabytes=MEGABYTES, show=True
):
    """Put a photo from the air, or tiles from a file, below the map; all of it is written into the page.

    Parameters
    ----------
    path : path
        A picture of the ground (GeoTIFF of any size, ERDAS Imagine; JPEG, PNG, WEBP or JPEG 2000 with a world file), or
        MBTiles or PMTiles (version 3) with pictures. Files that only point to others (VRT) and vector tiles are
        refused. Only what lies over the area enters the page.
    area : Assessment, geopandas.GeoDataFrame or tuple of float
        The village: an assessment, shapes, or west, south, east, north in degrees.
    m : folium.Map, optional
        Map to draw on; a new one by default.
    lang : {"id", "en"}
        Language of the legend.
    crs : str, optional
        Coordinate system of a picture whose file does not say it, for example ``"EPSG:32749"``.
    attribution : str
        Whose picture it is; shown as text in the corner. By default what a file of tiles says itself.
    name : str, optional
        Its name in the legend.
    megabytes : float
        By how much the page may grow. A photo is made coarser, of tiles the finest zooms are left out; the legend says
        so.
    show : bool
        Show it when the page opens.

    Returns
    -------
    folium.Map
        The map drawn on.

    Raises
    ------
    LayerError
        In one sentence, if the file cannot be used or lies elsewhere.

    Examples
    --------
    >>> basemap_layer("orto.tif", (110.9, -7.58, 110.91, -7.57), lang="en")
    Traceback (most recent call last):
    ...
    kumuhgis.errors.LayerError: orto.tif: There is no file 'orto.tif'. ...
    """
    from kumuhgis.maps.page import DataLayer

    path, megabytes = Path(path), max(float(megabytes), 0.02)
    box = _box(area)
    try:
        data = _data(path, box, crs, int(megabytes * 735_000), lang)
    except _NotUsable as found:
        raise LayerError([found.problem], lang) from found
    shown = {"name": name, "attribution": attribution}
    data |= {key: str(value) for key, value in shown.items() if value} | {"show": bool(show)}
    m = _new(area, box, lang) if m is None else m
    DataLayer(data, "basemap", lang=lang).add_to(m)
    return m


def online_layer(m, *, lang="id"):
    """Put OpenStreetMap below a map whose policy allows its pictures; where they do not come, paper is seen."""
    from kumuhgis.maps.page import DataLayer

    data = {"kind": "online", "url": OSM, "name": text("maps.base.osm", lang), "show": True}
    DataLayer(data | {"attribution": "© OpenStreetMap contributors"}, "basemap", lang=lang).add_to(m)
    return m


def project_basemap(project):
    """Give the basemap of a project: ``[basemap]`` of its file, else its orthophoto, which waits in the legend.

    Parameters
    ----------
    project : path or Project
        The project folder.

    Returns
    -------
    dict
        ``path`` and perhaps ``crs``, ``attribution`` and ``show``: keywords of :func:`basemap_layer`. Empty
        without one, and for a folder of projects.
    """
    if not isinstance(project, Project) and Path(project).is_dir() and not (Path(project) / FILE).is_file():
        return {}
    project = load_project(project)
    contents = project.contents
    if contents.basemap:
        said = contents.basemap.model_dump(exclude_none=True)
        return {**said, "path": project.path(said["path"])}
    photo = contents.rasters.orthophoto
    return {"path": project.path(photo), "show": False} if photo else {}


class _NotUsable(Exception):
    def __init__(self, code, path, /, **params):
        super().__init__(code)
        self.problem = Problem(code, path.name, params=params)


def _new(area, box, lang):
    if hasattr(area, "summary"):
        from kumuhgis.maps.layers import base

        return base(area, lang=lang)
    from kumuhgis.maps.page import VillageMap

    (south, west), (north, east) = _degrees(box)
    m = VillageMap([(south + north) / 2, (west + east) / 2], lang=lang)
    m.fit_bounds(_degrees(box))
    return m


def _box(area):
    """Give the box of the area with its margin, in EPSG:3857."""
    if isinstance(area, tuple | list):
        west, south, east, north = map(float, area)
    else:
        shapes = getattr(area, "units", area)
        west, south, east, north = shapes.geometry.to_crs(4326).total_bounds
    south, north = max(south, -_LATITUDE), min(north, _LATITUDE)
    (left, bottom), (right, top) = _mercator(west, south), _mercator(east, north)
    margin = max(_MARGIN * max(right - left, top - bottom), _LEAST_MARGIN)
    return left - margin, bottom - margin, right + margin, top + margin


def _mercator(longitude, latitude):
    return 6378137 * math.radians(longitude), 6378137 * math.asinh(math.tan(math.radians(latitude)))


def _degrees(box):
    """Give the corners as Leaflet wants them, to a tenth of a millimetre."""
    west, east = (round(math.degrees(x / 6378137), 9) for x in (box[0], box[2]))
    south, north = (round(math.degrees(math.atan(math.sinh(y / 6378137))), 9) for y in (box[1], box[3]))
    return [[south, west], [north, east]]


def _data(path, box, crs, most_bytes, lang):
    """Read the file, whatever it is, into what the page draws."""
    if not path.is_file():
        raise _NotUsable("layer_not_found", path, path=str(path))
    if points_elsewhere(path):
        raise _NotUsable("raster_of_others", path)
    try:
        return (_tiles if is_tiles(path) else _photo)(path, box, crs, most_bytes, lang)
    except TilesNotPictures as error:
        raise _NotUsable("basemap_vector", path) from error
    except (TilesUnreadable, sqlite3.Error, OSError) as error:
        raise _NotUsable("basemap_unreadable", path, reason=" ".join(str(error).split())[:160]) from error


def _photo(path, box, crs, most_bytes, lang):
    import rasterio
    from affine import AffineError
    from rasterio._err import CPLE_BaseError
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    from kumuhgis.maps.orthophoto import cut

    with warnings.catch_warnings(), rasterio.Env(GDAL_CACHEMAX=_CACHE):
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        try:
            with open_picture(path) as dataset:
                picture = cut(dataset, box, crs=_crs_of(dataset, crs, path), most_bytes=most_bytes)
        except (RasterioError, CPLE_BaseError, AffineError, ValueError, ArithmeticError) as error:
            raise OSError(str(error)) from error
    if picture is None:
        raise _NotUsable("basemap_elsewhere", path)
    return {
        "kind": "image", "name": text("maps.base.photo", lang), "bounds": _degrees(picture.box),
        "src": _uri(picture.content), "note": text("maps.base.pixel", lang, m=number(picture.metres, 2, lang)),
    }  # fmt: skip


def _crs_of(dataset, crs, path):
    """Take the coordinate system that was given, else that of the file."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    if dataset.transform.is_identity:
        raise _NotUsable("basemap_no_place", path)
    if crs is None and dataset.crs is None:
        raise _NotUsable("basemap_no_crs", path)
    if crs is None:
        return dataset.crs
    try:
        return CRS.from_user_input(crs).to_wkt()
    except CRSError as error:
        raise _NotUsable("crs_unreadable", path, value=str(crs)[:80]) from error


def _tiles(path, box, _crs, most_bytes, lang):
    found = read_tiles(path, box, most_bytes=most_bytes)
    if found is None:
        raise _NotUsable("basemap_elsewhere", path)
    pictures = {content: n for n, content in enumerate(dict.fromkeys(found.tiles.values()))}
    left = ", ".join(map(str, found.left_out))
    return {
        "kind": "tiles", "name": text("maps.base.tiles", lang), "zooms": found.zooms, "bounds": _degrees(box),
        "pictures": [_uri(content) for content in pictures],
        "tiles": {f"{z}/{x}/{y}": pictures[content] for (z, x, y), content in found.tiles.items()},
        "attribution": found.attribution,
        "note": text("maps.base.left_out", lang, zooms=left) if left else "",
    }  # fmt: skip


def _uri(content):
    return f"data:{kind_of(content)};base64,{base64.b64encode(content).decode()}"
