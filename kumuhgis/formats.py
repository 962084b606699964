"""The formats of map files: whatever a planner sends becomes one raw frame, one row per feature of the file.

GDAL reads what it can; what it refuses whole is read tolerantly or record by record, and a feature that is hopeless is
a row without geometry, so features in are features out. What a file *is* is told by its first bytes, not by its name,
and only formats of this room ever reach GDAL: no file can make it open another file or the network.
"""

import glob
import json
import re
import shutil
import struct
from pathlib import Path

import geopandas as gpd
import pandas as pd

from kumuhgis import archives, geotext, places, xmltext
from kumuhgis.driver import count_features, read_driver
from kumuhgis.errors import LayerError, Problem, some
from kumuhgis.geojson import MOST_COLUMNS, read_json
from kumuhgis.opening import DRIVER_ERRORS, Job, as_frame, quiet, say_rows
from kumuhgis.portions import clip
from kumuhgis.shapefiles import PARTS, SHP, read_shapefile

_SUFFIXES = {
    "gpkg": (".gpkg", ".sqlite", ".db"),
    "shp": (".shp",),
    "json": (".geojson", ".json", ".geojsonl", ".geojsons", ".ndjson", ".topojson", ".js", ".txt"),
    "kml": (".kml",),
    "gpx": (".gpx",),
    "gml": (".gml", ".xml"),
    "dxf": (".dxf",),
    "fgb": (".fgb",),
    "gdb": (".gdb",),
    "parquet": (".parquet", ".geoparquet"),
    "mapinfo": (".tab", ".mif"),
    "zip": (".zip", ".kmz"),
    "workbook": (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"),
    "table": (".csv", ".tsv", ".txt", ".wkt"),
}
_KIND = {suffix: kind for kind, suffixes in reversed(_SUFFIXES.items()) for suffix in suffixes}
_PARTED = (".shp", ".tab", ".mif")
_IN_ARCHIVES = (
    "gpkg",
    "gdb",
    "shp",
    "json",
    "kml",
    "fgb",
    "parquet",
    "gpx",
    "dxf",
    "gml",
    "mapinfo",
    "workbook",
    "table",
)
_GPX_LAYERS = ["tracks", "routes", "waypoints"]


def open_vector(path, layer=None, *, columns=None, bbox=None, root=None, large=None):
    """Open a map file as it stands.

    Parameters
    ----------
    path : path
        GeoPackage, shapefile (also without some of its parts), GeoJSON, lists of {lat, lng}, KML, KMZ, DXF, GPX,
        FlatGeobuf, GML, MapInfo, GeoParquet, an ArcGIS file geodatabase (a folder); CSV or a workbook with
        coordinates or WKT; any of them in a zip.
    layer : str, optional
        Layer of a file that holds several: of a GeoPackage, a folder of a KML, a drawing layer of a DXF, a file of a
        zip, a sheet of a workbook. The default is the first with features; of KML and DXF, all of them.
    columns : list of str, optional
        The attributes that are read; the default is all.
    bbox : sequence of float or geopandas.GeoDataFrame, optional
        Only features that touch this box are read, so a file larger than memory can be used: west, south, east, north
        in the file's own CRS, or a frame, whose CRS is converted. A file without a CRS is read whole.
    root : path, optional
        A folder that the file must not lie outside.
    large : opening.Large, optional
        From how many bytes a file is read in portions, and what is kept of them. KML, GPX, drawings and workbooks
        are read at once, and what is not wanted is left out afterwards.

    Returns
    -------
    frame : geopandas.GeoDataFrame
        One row per feature; the index is the feature's number in the file, from 0. Attributes as they stand; geometry
        of any kind and validity, None where there is none. ``crs`` is what the file says, or None.
    problems : list of Problem
        What was closed, skipped, assumed or lost; ``params["rows"]`` numbers the features.

    Raises
    ------
    LayerError
        With one problem, if nothing at all can be read.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "batas.json"
    >>> _ = file.write_text('[{"lat": -7, "lng": 110}, {"lat": -7, "lng": 111}, {"lat": -8, "lng": 111}]')
    >>> frame, problems = open_vector(file)
    >>> frame.geometry[0].wkt, [p.code for p in problems]
    ('POLYGON ((110 -7, 111 -7, 111 -8, 110 -7))', ['lat_lng_area', 'rings_closed'])
    """
    path = archives.check_path(path, root) if root is not None else Path(path)
    label = f"{path.name}:{layer}" if layer else path.name
    kind = _kind_of(path, label)
    job = Job(path, layer, columns, bbox, label, large=large)
    suffix = path.suffix.lower()
    if suffix in _KIND and suffix not in _SUFFIXES[kind]:
        job.say("format_differs", suffix=suffix, found=_SUFFIXES[kind][0])
    with quiet(), job.stack:
        try:
            frame = _read(job, kind)
        except LayerError:
            raise
        except DRIVER_ERRORS as error:  # what nobody foresaw stops this layer, not the run
            raise job.fail("layer_unreadable", reason=f"{type(error).__name__}: {error}"[:160]) from error
    return frame, job.problems


def _read(job, kind):
    """Read a file of which is known what it is; a zip is as large as what is in it."""
    if kind == "zip":
        return _read_zip(job)
    if job.large is not None and _size(job.path) <= job.large.size:
        job = job.whole(job.path, job.layer)
    return clip(_READERS[kind](job), job)


def _size(path):
    """Say how many bytes a file has, with all the parts of a shapefile or a MapInfo table."""
    parts = {path, *(path.parent.glob(f"{glob.escape(path.stem)}.*") if path.suffix.lower() in _PARTED else ())}
    return sum(p.stat().st_size for p in parts if p.is_file())


# ---------------------------------------------------------------- what a file is


def _kind_of(path, label):
    """Tell the format of a file by its first bytes."""
    try:
        if archives.map_folder(path):
            return archives.map_folder(path)
        if path.is_dir():
            raise LayerError([Problem("file_is_folder", label, params={"path": str(path)})])
        if not path.is_file():
            raise LayerError([Problem("layer_not_found", label, params={"path": str(path)})])
        with path.open("rb") as file:
            head = file.read(4096)
    except (OSError, ValueError) as error:  # no permission; a NUL in the name
        raise LayerError([Problem("layer_unreadable", label, params={"reason": type(error).__name__})]) from error
    suffix = path.suffix.lower()
    if not head and suffix not in PARTS:
        raise LayerError([Problem("file_empty", label)])
    if suffix in PARTS:
        raise LayerError([Problem("shapefile_no_shp", label, params={"name": path.with_suffix(".shp").name})])
    kind = _by_magic(head, suffix) or _by_text(head, suffix)
    if kind is None:
        raise LayerError([Problem("format_unknown", label)])
    return kind


def _by_magic(head, suffix):
    for magic, kind in (
        (b"SQLite format 3\x00", "gpkg"),
        (SHP, "shp"),
        (b"fgb\x03", "fgb"),
        (b"PAR1", "parquet"),
        (b"\xd0\xcf\x11\xe0", "workbook"),
    ):
        if head.startswith(magic):
            return kind
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "workbook" if b"xl/" in head or b"[Content_Types]" in head or b"opendocument" in head else "zip"
    return "mapinfo" if suffix in (".tab", ".mif") else None


def _by_text(head, suffix):
    """Tell the format of a file of text; None if it is none that we know."""
    utf16 = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    if b"\x00" in head.rstrip(b"\x00") and not utf16:
        return None
    text = geotext.decode(head)[0].lstrip("\ufeff \t\r\n\x1e")
    if text.startswith(("{", "[")):
        return "json"
    if text.startswith("<"):
        for tag, kind in (("kml", "kml"), ("gpx", "gpx"), ("FeatureCollection", "gml"), ("Placemark", "kml")):
            if re.search(rf"<(?:\w+:)?{tag}\b", text):
                return kind
        return None
    if re.match(r"(?:999\s+.*\s+)*0\s+SECTION", text):
        return "dxf"
    return "table" if suffix in (*_SUFFIXES["table"], ".dat", "") or _KIND.get(suffix) == "table" else None


# ---------------------------------------------------------------- one function per format


def _read_gpkg(job):
    with job.path.open("rb") as file:
        head = file.read(100)
    if len(head) < 100:
        raise job.fail("file_cut_lost", bytes=100 - len(head))
    page = struct.unpack(">H", head[16:18])[0]
    told = (65536 if page == 1 else page) * struct.unpack(">I", head[28:32])[0]
    size = job.path.stat().st_size
    if size < told and head[24:28] == head[92:96]:
        raise job.fail("file_cut_lost", bytes=told - size)
    return read_driver(job)


def _read_gml(job):
    """Read GML from a copy: GDAL writes what it learns of it beside the file."""
    copy = job.folder() / f"{job.path.stem}.gml"
    shutil.copyfile(job.path, copy)
    return read_driver(job.at(copy, job.layer))


def _read_fgb(job):
    """Read FlatGeobuf; one that is cut in its index gives no feature and no error."""
    inner = job.at(job.named(".fgb"), job.layer)
    frame = read_driver(inner)
    if "clipped" not in job.done and not len(frame) and count_features(inner, job.layer):
        raise job.fail("file_cut_lost", bytes="?")
    if "read_one_by_one" in {p.code for p in job.problems} and frame.geometry.isna().any():
        job.say("file_cut", bytes="?")
    return frame


def _read_gdb(job):
    """Read a file geodatabase, under a name that GDAL knows."""
    if job.path.suffix.lower() == ".gdb":
        return read_driver(job)
    return read_driver(job.at(shutil.copytree(job.path, job.folder() / f"{job.path.name}.gdb"), job.layer))


def _read_parquet(job):
    """Read GeoParquet, a file or a folder of them, which needs pyarrow."""
    try:
        from pyarrow.dataset import dataset
    except ImportError as error:
        raise job.fail("format_needs_package", package="pyarrow", extra="skala") from error
    told = json.loads((dataset(job.path).schema.metadata or {}).get(b"geo", b"{}"))
    if "primary_column" not in told:
        raise job.fail("layer_no_geometry", known=job.path.name)
    columns = None if job.columns is None else [*job.columns, told["primary_column"]]
    return as_frame(gpd.read_parquet(job.path, columns=columns)).reset_index(drop=True)


def _read_kml(job):
    frame = _read_xml(job, "kml", "all")
    column = next((c for c in frame.columns if str(c).lower() == "description"), None)
    if column is None:
        return frame
    found = [xmltext.described(text) for text in frame[column]]
    names = list(dict.fromkeys(name for row in found for name in row))[:MOST_COLUMNS]
    for name in names:
        values = pd.Series([row.get(name) for row in found], index=frame.index, dtype=object)
        target = name if name.lower() != "geometry" else f"{name}_"
        frame[target] = frame[target].astype(object).where(frame[target].notna(), values) if target in frame else values
    if names:
        job.say("kml_columns", columns=some(names, 10))
    return frame


def _read_gpx(job):
    return _read_xml(job, "gpx", _GPX_LAYERS)


def _read_xml(job, kind, layers):
    """Read KML or GPX; of one that is cut, the whole features."""
    path = job.named(f".{kind}")
    try:
        return read_driver(job.whole(path, job.layer), layers)
    except LayerError as error:
        if error.problems[0].code != "layer_unreadable":
            raise
        text, lost, broken = xmltext.whole_features(job.path.read_bytes(), kind)
        if not text:
            raise job.fail("file_cut_lost", bytes=lost) from error
    rebuilt = job.folder() / f"{job.path.stem}.{kind}"
    rebuilt.write_text(text, "utf-8")
    frame = read_driver(job.whole(rebuilt, job.layer), layers)
    say_rows(job, (), broken)
    if lost:
        job.say("file_cut", bytes=lost)
    else:
        job.say("xml_mended", features=len(frame))
    return frame


def _read_dxf(job):
    """Read a drawing; its layers are a column, and one of them can be asked for."""
    try:
        frame = read_driver(job.whole(job.named(".dxf")))
    except LayerError as error:
        raw = job.path.read_bytes()
        last = max((m.start() for m in re.finditer(rb"\n[ \t]*0\r?\n(?=[A-Z])", raw)), default=0)
        mended = job.folder() / f"{job.path.stem}.dxf"
        mended.write_bytes(raw[:last] + b"\n  0\nENDSEC\n  0\nEOF\n")
        try:
            frame = read_driver(job.whole(mended))
        except LayerError:
            if b"EOF" not in raw[-200:]:
                raise job.fail("file_cut_lost", bytes=len(raw) - last) from None
            raise error from None
        job.say("file_cut", bytes=len(raw) - last)
    drawn = [str(name) for name in frame["Layer"].dropna().unique()] if "Layer" in frame else []
    if job.layer is not None:
        if job.layer not in drawn:
            raise job.fail("layer_name_missing", value=job.layer, known=", ".join(drawn))
        return frame[frame["Layer"] == job.layer]
    if len(drawn) > 1:
        job.say("dxf_layers", names=some(drawn, 10))
    return frame


def _read_zip(job):
    """Unpack a zip into a temporary folder and read what is in it."""
    unpacked = archives.unpack(job.path, job.folder(), job.label)
    databases = {p.parent for p in unpacked if p.suffix.lower() == ".gdbtable"}
    found = [p for p in unpacked if p.parent not in databases and _KIND.get(p.suffix.lower()) in _IN_ARCHIVES]
    found += sorted(databases)
    found = [p for p in found if p.suffix.lower() != ".txt" and not p.name.startswith(".")]
    found.sort(key=lambda p: _IN_ARCHIVES.index("gdb" if p in databases else _KIND[p.suffix.lower()]))
    if not found:
        raise job.fail("archive_no_layer")
    named = [p for p in found if job.layer in (p.stem, p.name)]
    chosen = named[0] if named else found[0]
    if len(found) > 1 and not named and job.path.suffix.lower() != ".kmz":
        job.say("layer_several", used=chosen.name, others=some([p.name for p in found if p != chosen]))
    return _read(job.at(chosen, None if named else job.layer), _kind_of(chosen, job.label))


def _read_workbook(job):
    with job.path.open("rb") as file:
        if file.read(2) == b"PK":
            archives.check_archive(job.path, job.label)
    suffix = ".xls" if job.path.open("rb").read(4) == b"\xd0\xcf\x11\xe0" else ".xlsx"
    known = job.path.suffix.lower() in _SUFFIXES["workbook"]
    return _read_table(job if known else job.at(job.named(suffix), job.layer))


def _read_table(job):
    """Read a table with coordinates or geometries."""
    try:
        return places.read_table(job)
    except LayerError as error:
        if job.path.suffix.lower() in (".txt", ".dat", ""):
            raise job.fail("format_unknown") from error
        raise


_READERS = {
    "gpkg": _read_gpkg,
    "shp": read_shapefile,
    "json": read_json,
    "kml": _read_kml,
    "gpx": _read_gpx,
    "gml": _read_gml,
    "dxf": _read_dxf,
    "fgb": _read_fgb,
    "gdb": _read_gdb,
    "parquet": _read_parquet,
    "mapinfo": read_driver,
    "workbook": _read_workbook,
    "table": _read_table,
}
