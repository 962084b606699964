"""GeoJSON and what is like it: lists of {lat, lng}, one feature a line; also broken, also larger than memory.

GDAL reads what it can; what it refuses, or of which it loses a feature, is read feature by feature. A large file is
cut where its features begin, and each portion is read in the same way.
"""

import codecs
import json
import mmap
import re
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyproj import CRS
from pyproj.exceptions import CRSError

from kumuhgis import geotext, portions
from kumuhgis.errors import LayerError
from kumuhgis.opening import DRIVER_ERRORS, as_frame, say_rows, undisturbed
from kumuhgis.portions import evenly, gather

MOST_COLUMNS = 1_000
_MOST_JSON = 512 * 1024**2
_WINDOW = 4 * 1024**2
_MOST_AT_ONCE = 8 * 1024**2
_LONGEST_MARK = 512
_WHOLE = '{"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [0, 0]}}'


def read_json(job):
    """Read a JSON file of features or of {lat, lng}, whole or what is wanted of it.

    Parameters
    ----------
    job : opening.Job
        The file, and what is asked of it.

    Returns
    -------
    geopandas.GeoDataFrame
        As :func:`formats.open_vector` gives it.

    Raises
    ------
    LayerError
        If not one feature can be read.
    """
    ends = _ends(job.path) if job.partial else None
    if ends is None:
        return _read_whole(job)
    encoding, head, tail = ends
    head = _with_crs(head, job.path)
    sample = evenly(_features(job.path, encoding))
    box = job.box(_read_text(job.whole(job.path), head + _joined(sample, tail) + tail, 0, said=False))
    if encoding == "cp1252":
        job.say("text_encoding_assumed")
    return gather(job, _portions(job, encoding, head, tail), None, box)


def _read_whole(job):
    """Read with GDAL; what it refuses, or of which it loses a feature, tolerantly."""
    expected, crs_text = _look_at_json(job.path)
    plain = job.at(job.named(".geojson"))
    try:
        with undisturbed():
            frame = as_frame(pyogrio.read_dataframe(plain.path, columns=job.columns))
        whole = len(frame) >= expected and not frame.geometry.isna().any()
    except DRIVER_ERRORS:
        frame, whole = None, False
    if not whole:
        frame = _read_tolerantly(job, frame)
    if crs_text:
        try:
            CRS.from_user_input(crs_text)
        except CRSError:
            job.say("crs_text_unknown", value=crs_text[:60])
            frame = frame.set_crs(None, allow_override=True)
    return frame


def _look_at_json(path):
    """Count what must be features, and find what the text says of its CRS, without reading it into memory."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        count = sum(1 for _ in re.finditer(rb'"type"\s*:\s*"Feature"', data))
        crs = re.search(rb'"crs"\s*:\s*\{[^{}]*\{\s*"name"\s*:\s*"([^"]{1,200})"', data)
        properties = sum(1 for _ in re.finditer(rb'"properties"\s*:', data)) - (crs is not None)
        odd = re.search(rb'(?:"features"\s*:\s*\[|\})\s*,?\s*(?:null|true|false|\d+|"[^"]*"\s*[,\]])', data)
        return (max(count, properties) + (odd is not None)), crs[1].decode("utf-8", "replace") if crs else ""


def _read_tolerantly(job, frame):
    """Read JSON feature by feature; keep GDAL's reading where that has more."""
    if job.path.stat().st_size > _MOST_JSON:
        if frame is None:
            raise job.fail("file_too_large", most=f"{_MOST_JSON / 1e6:.0f}")
        return frame
    text, encoding = geotext.decode(job.path.read_bytes())
    records, how, lost, crs = geotext.parse_features(text)
    if frame is not None and (not records or len(frame) > len(records)):
        return frame
    if not records:
        raise job.fail("file_cut_lost", bytes=lost) if lost else job.fail("format_unknown")
    if encoding == "cp1252":
        job.say("text_encoding_assumed")
    if lost is not None:
        job.say("file_cut", bytes=lost)
    if how in ("area", "points"):
        job.say({"area": "lat_lng_area", "points": "lat_lng_points"}[how], range(len(records)))
    read = _frame_of(records, crs, job)
    if frame is not None and len(frame) == len(read):
        return frame.set_geometry(gpd.GeoSeries(read.geometry.to_numpy(), crs=frame.crs))
    return read


def _frame_of(records, crs, job):
    shapes = [geotext.geometry_of(value) for _, value in records]
    names = list(dict.fromkeys(k for properties, _ in records for k in properties))
    if job.columns is not None:
        names = [n for n in names if n in job.columns]
    if len(names) > MOST_COLUMNS:
        job.say("columns_too_many", count=len(names), most=MOST_COLUMNS)
        names = names[:MOST_COLUMNS]
    table = {n if n != "geometry" else "geometry_": [_cell(p.get(n)) for p, _ in records] for n in names}
    geometry = np.array([g for g, _, _ in shapes] + [None], object)[:-1]
    frame = gpd.GeoDataFrame(table, geometry=geometry, index=pd.RangeIndex(len(records)), crs=_crs_of(crs))
    say_rows(job, [i for i, s in enumerate(shapes) if s[1]], [i for i, s in enumerate(shapes) if s[2]])
    return frame


def _cell(value):
    """Make a cell of a JSON value; what is nested is kept as its text."""
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    return value


def _crs_of(crs):
    """Read the ``crs`` of GeoJSON; without one it is WGS 84."""
    try:
        return CRS.from_user_input(crs["properties"]["name"])
    except (CRSError, LookupError, TypeError):
        return CRS.from_epsg(4326)


# ---------------------------------------------------------------- portions


def _ends(path):
    """Say how the text is written and what stands around its features; None if it cannot be cut between them."""
    encoding = _encoding(path)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        window = file.read(_WINDOW)
    first = geotext.NEXT_FEATURE.search(window)
    if first is None:
        return None
    head = window[: first.start()]
    if re.search(r'"features"\s*:\s*\[\s*$', head):
        return encoding, head, "]}"
    around = {"": "", "[": "]"}.get(head.strip(" \t\r\n\ufeff\x1e"))
    return None if around is None else (encoding, head, around)


def _with_crs(head, path):
    """Put the coordinate system that stands behind the features before them, so that every portion has it."""
    crs = _look_at_json(path)[1] if '"crs"' not in head else ""
    said = json.dumps({"type": "name", "properties": {"name": crs}})
    return re.sub(r'("features"\s*:\s*\[\s*)$', lambda end: f'"crs": {said}, {end[1]}', head) if crs else head


def _encoding(path):
    """Say how a text is written, as :func:`geotext.decode` does, without holding it."""
    with path.open("rb") as file:
        if file.read(2) in (b"\xff\xfe", b"\xfe\xff"):
            return "utf-16"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while block := file.read(_WINDOW):
                decoder.decode(block)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def _features(path, encoding):
    """Give each feature with what follows it, to where the next begins; the last one with the end of the text."""
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        text, start, looked, more = "", -1, 0, True
        while more:
            more = file.read(_WINDOW)
            text += more
            sure = len(text) - _LONGEST_MARK if more else len(text)
            for mark in geotext.NEXT_FEATURE.finditer(text, looked):
                if mark.start() >= sure:
                    break
                if start >= 0 and mark.start() > start:
                    yield text[start : mark.start()]
                start = mark.start()
            done = max(start, 0)
            text, looked, start = text[done:], max(sure - done, 0), min(start, 0)
        yield text


def _portions(job, encoding, head, tail):
    """Read features by portions, each as if it were a file."""
    held, size, start = [], 0, 0
    for feature in _features(job.path, encoding):
        if len(held) == portions.PORTION or size > _MOST_AT_ONCE:
            frame = _read_between(job, head, held, tail, start)
            yield frame
            held, size, start = [], 0, start + len(frame)
        held.append(feature)
        size += len(feature)
    try:
        yield _read_text(job, head + "".join(held), start)
    except LayerError as error:  # the last portion has only what was cut
        if not start or error.problems[0].code != "file_cut_lost":
            raise
        job.say("file_cut", **error.problems[0].params)


def _read_between(job, head, features, tail, start):
    """Read features that are not the last; one that is broken is found by the next, so a whole one is put behind."""
    before, text = len(job.problems), head + _joined(features, tail)
    try:
        frame = _read_text(job, text + tail, start)
    except LayerError:
        broken = True
    else:
        broken = "file_cut" in {p.code for p in job.problems[before:]}
    if not broken:
        return frame
    del job.problems[before:]
    return _read_text(job, f"{text}{',' if tail else ''}\n{_WHOLE}{tail}", start).iloc[:-1]


def _joined(features, tail):
    """Put features together that other features followed; in a list, no comma is left at its end."""
    text = "".join(features)
    return text.rstrip(" \t\r\n,") if tail else text


def _read_text(job, text, start, said=True):
    """Read a text as the file of that name, whose first feature has the number `start`."""
    path = job.folder() / f"{job.path.stem}.geojson"
    path.write_text(text, "utf-8", newline="")
    problems = job.problems if said else []
    frame = _read_whole(replace(job, path=path, first=job.first + start, problems=problems, bbox=None, large=None))
    path.unlink()
    return frame.set_axis(frame.index + start)
