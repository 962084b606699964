"""Shapefiles, with all the parts that people forget to send.

A shapefile is at least three files; here one without its .dbf, .shx, .prj or .cpg is read, one that is cut keeps what
is whole, and nothing is written beside the input.
"""

import shutil
import struct
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from kumuhgis.driver import count_features, read_driver
from kumuhgis.errors import LayerError, some
from kumuhgis.opening import DRIVER_ERRORS, say_rows

PARTS = (".dbf", ".shx", ".prj", ".cpg")
SHP = b"\x00\x00\x27\x0a"
_MOST_BLANK = 256 * 1024**2


def read_shapefile(job):
    """Read a shapefile, also one that has lost a part or is cut.

    Parameters
    ----------
    job : opening.Job
        The ``.shp``; its other parts are looked for beside it.

    Returns
    -------
    geopandas.GeoDataFrame
        As many rows as the ``.shx`` or the ``.dbf`` announce.

    Raises
    ------
    LayerError
        If not one feature can be read.
    """
    parts = {p.suffix.lower(): p for p in job.path.parent.iterdir() if p.stem == job.path.stem}
    parts[".shp"] = job.path
    cut, short = _missing_bytes(job.path), _missing_records(parts.get(".dbf"), job.path)
    restore = ".shx" not in parts or _missing_bytes(parts[".shx"])
    for code, wrong in (
        ("shapefile_no_dbf", ".dbf" not in parts),
        ("shapefile_no_shx", restore),
    ):
        if wrong:
            job.say(code)
    if cut > 0:
        job.say("file_cut", bytes=cut)
    if short:
        job.say("attributes_unreadable", short)
    path = job.path
    if restore or short or path.suffix.lower() != ".shp":
        path = _copied(job, parts, (".shp", ".dbf", ".prj", ".cpg", *([] if restore else [".shx"])))
        _mend(path, cut if restore else 0)
    try:
        frame = _read(job.at(path, job.layer), restore)
    except LayerError as error:
        if ".prj" not in parts or error.problems[0].code != "layer_unreadable":
            raise
        path = _copied(job, parts, (".shp", ".dbf", ".cpg", *([] if restore else [".shx"])))
        _mend(path, cut if restore else 0)
        frame = _read(job.at(path, job.layer), restore)
        job.say("crs_text_unknown", value=parts[".prj"].read_bytes()[:40].decode("latin-1"))
    if cut > 0:
        frame = _with_lost(frame, job, parts.get(".dbf"), path)
        named = {row for p in job.problems if p.code == "features_unreadable" for row in p.params["rows"]}
        say_rows(job, (), [row for row in frame.index[frame.geometry.isna()] if row not in named])
    names = [c for c in _fields(frame, job, path) if len(str(c)) == 10]
    if names:
        job.say("shapefile_names_cut", names=some(names))
    return frame if ".cpg" in parts or ".dbf" not in parts else _without_cpg(frame, job)


def _missing_bytes(path):
    """Say how many bytes a .shp or .shx lacks, by the length in its head; negative if it has more."""
    with path.open("rb") as file:
        head = file.read(100)
    if len(head) < 100 or head[:4] != SHP:
        return 100
    return struct.unpack(">i", head[24:28])[0] * 2 - path.stat().st_size


def _missing_records(path, shapes):
    """Give the numbers of the records that a .dbf announces and does not have, if the .shp can have so many."""
    if path is None:
        return range(0)
    with path.open("rb") as file:
        head = file.read(32)
    if len(head) < 32:
        return range(0)
    count, start, width = struct.unpack("<IHH", head[4:12])
    there = max(0, path.stat().st_size - start) // width if width else 0
    believable = count <= shapes.stat().st_size // 12 + 1 and (count - there) * width <= _MOST_BLANK
    return range(there, count) if there < count and believable else range(0)


def _copied(job, parts, suffixes):
    """Copy the parts of a shapefile: the folder of the input is not written to."""
    target = job.folder() / job.path.stem
    for suffix in suffixes:
        if suffix in parts:
            shutil.copyfile(parts[suffix], f"{target}{suffix}")
    return Path(f"{target}.shp")


def _mend(path, cut):
    """Fill a copy of a .dbf with blanks to its length; cut a copy of a .shp back to its last whole record."""
    table = path.with_suffix(".dbf")
    if table.exists() and (short := _missing_records(table, path)):
        with table.open("r+b") as file:
            start, width = struct.unpack("<HH", file.read(12)[8:])
            whole = start + short.start * width
            file.truncate(whole)
            file.seek(whole)
            for _ in short:
                file.write(b" " * width)
    if cut > 0:
        with path.open("r+b") as file:
            end, at = file.seek(0, 2), 100
            while at + 8 <= end:
                file.seek(at + 4)
                size = struct.unpack(">i", file.read(4))[0] * 2
                if not 0 <= size <= end - at - 8:
                    break
                at += 8 + size
            file.truncate(at)
            file.seek(24)
            file.write(struct.pack(">i", at // 2))


def _fields(frame, job, path):
    """Give the names of the columns of the file, also where not all of them were kept."""
    return pyogrio.read_info(path)["fields"] if job.partial else frame.columns


def _read(job, restore):
    if not restore:
        return read_driver(job)
    before = pyogrio.get_gdal_config_option("SHAPE_RESTORE_SHX")
    pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": True})
    try:
        return read_driver(job)
    finally:
        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": before})


def _with_lost(frame, job, dbf, path):
    """Add the features that the .dbf has and the .shp lost, without geometry."""
    if dbf is None:
        return frame
    first = count_features(job.at(path)) if job.partial else len(frame)
    try:
        alone = _copied(job, {".dbf": dbf}, (".dbf",)).with_suffix(".dbf")
        lost = pyogrio.read_dataframe(alone, read_geometry=False, columns=job.columns, skip_features=first)
    except DRIVER_ERRORS:
        return frame
    if lost.empty:
        return frame
    none = gpd.GeoSeries([None] * len(lost), crs=frame.crs)
    lost = gpd.GeoDataFrame(lost, geometry=none).set_axis(range(first, first + len(lost)))
    lost = lost if job.large is None else job.large.thin(lost)
    return pd.concat([frame, lost[[c for c in frame.columns if c in lost]]]) if len(frame) else lost


def _without_cpg(frame, job):
    """Find the letters that a missing .cpg has spoilt: UTF-8 that was taken for Latin-1."""
    texts = [c for c in frame.columns if c != "geometry" and not pd.api.types.is_numeric_dtype(frame[c].dtype)]
    strange = [c for c in texts if frame[c].astype("str").str.contains(r"[^\x00-\x7f]", regex=True, na=False).any()]
    for column in strange:
        frame[column] = frame[column].map(_utf8)
    if strange:
        job.say("shapefile_no_cpg", columns=some(strange))
    return frame


def _utf8(value):
    for encoding in ("latin-1", "cp1252") if isinstance(value, str) else ():
        try:
            return value.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return value
