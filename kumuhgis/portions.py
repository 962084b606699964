"""A part of a file, or all of it in portions: memory holds one portion and what is kept.

A portion that GDAL refuses is read with its rings closed, or record by record; the others are not touched by it. What
is said of several portions is said once, and every feature keeps the number that it has in the file.
"""

from contextlib import suppress

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from kumuhgis.geotext import close_rings, geometry_of
from kumuhgis.opening import (
    DRIVER_ERRORS,
    as_frame,
    known_crs,
    open_rings,
    plain_geometry,
    read_dataframe,
    reason,
    say_rows,
)

PORTION = 50_000
"""Features that are read at once of a file that is not read whole."""
_SAMPLE = 1_000


def read_portions(job, how):
    """Read what touches the box, portion after portion, numbered as in the whole file; None to read it whole."""
    try:
        numbers = _numbers(job, how)
        sample = _sample(job, how, numbers)
    except DRIVER_ERRORS:
        return None
    if not numbers.is_unique or not len(numbers):
        return None
    box = job.box(sample)
    if box is None and job.large is None:
        return None
    return gather(job, _portions(job, how, numbers, box), len(numbers))


def _numbers(job, how, **which):
    """Give the numbers by which GDAL knows the features, in their order."""
    how = {"layer": how["layer"], "columns": [], "read_geometry": False, "return_fids": True}
    return pd.Index(pyogrio.raw.read(job.path, **how, **which)[1])


def _sample(job, how, numbers):
    """Read the geometries of features evenly over the file."""
    some_ = numbers[np.unique(np.linspace(0, len(numbers) - 1, min(len(numbers), _SAMPLE)).astype(int))]
    meta, _, wkb, _ = pyogrio.raw.read(job.path, layer=how["layer"], columns=[], fids=some_.to_numpy())
    return gpd.GeoDataFrame(geometry=close_rings(wkb)[0], crs=known_crs(meta["crs"]))


def _portions(job, how, numbers, box):
    """Give frames of at most so many features; those without a geometry are not outside of any box."""
    passes = [{}]
    if box is not None:
        passes = [{"bbox": tuple(box)}, *_no_geometry(job, how)]
    for which in passes:
        start, full = 0, True
        while full:
            frame = _portion(job, how, numbers, which | {"skip_features": start, "max_features": PORTION})
            start, full = start + PORTION, len(frame) == PORTION
            yield frame


def _no_geometry(job, how):
    """Say to GDAL "without a geometry": a database knows the column, the other formats have a word for it."""
    column = pyogrio.read_info(job.path, layer=how["layer"]).get("geometry_name")
    where = f'"{column}" IS NULL OR ST_IsEmpty("{column}")' if column else "OGR_GEOMETRY IS NULL"
    try:
        pyogrio.raw.read(job.path, layer=how["layer"], columns=[], where=where, max_features=1)
    except DRIVER_ERRORS:  # a driver that cannot be asked
        return []
    return [{"where": where}]


def _portion(job, how, numbers, which):
    """Read some features: as they are, else with their rings closed, else record by record."""
    try:
        frame = as_frame(read_dataframe(job, fid_as_index=True, **how, **which))
    except shapely.errors.GEOSException:
        frame, closed, hopeless = open_rings(job, how, which)
        at = numbers.get_indexer(frame.index)
        say_rows(job, at[closed], at[hopeless])
    except DRIVER_ERRORS as error:
        return _records(job, how, numbers, which, error)
    return frame.set_axis(numbers.get_indexer(frame.index))


def _records(job, how, numbers, which, error):
    """Read the features of one portion with fiona, one by one; where the attributes are broken, the geometry alone."""
    try:
        import fiona
    except ImportError:  # pragma: no cover - no wheel for this Python
        raise job.fail("layer_unreadable", reason=reason(error, job)) from error
    rows, shapes = [], []
    try:
        found = _numbers(job, how, **which)
        with fiona.open(job.path, layer=how["layer"]) as source:
            crs, names = source.crs.to_wkt() if source.crs else None, list(source.schema["properties"])
            for number in found:
                row, shape = _record(job, how, source, int(number))
                rows.append(row)
                shapes.append(shape)
    except DRIVER_ERRORS:
        raise job.fail("layer_unreadable", reason=reason(error, job)) from error
    at, broken = numbers.get_indexer(found), np.array([row is None for row in rows], bool)
    closed, hopeless = (np.array([s[i] for s in shapes], bool) for i in (1, 2))
    geometry = np.array([s[0] for s in shapes] + [None], object)[:-1]
    table = pd.DataFrame([row or {} for row in rows], columns=names, index=at)
    frame = gpd.GeoDataFrame(table, geometry=geometry, crs=known_crs(crs))
    if (saved := broken & ~hopeless).any():
        job.say("attributes_unreadable", at[saved])
    say_rows(job, at[closed], at[hopeless])
    job.say("read_one_by_one", read=int((~broken).sum()), count=len(rows))
    return frame if job.columns is None else frame[[*[c for c in job.columns if c in frame], "geometry"]]


def _record(job, how, source, number):
    """Read one feature: its attributes, or None, and its geometry as :func:`geotext.geometry_of` gives it."""
    with suppress(*DRIVER_ERRORS):
        record = source[number]
        return dict(record["properties"]), geometry_of(plain_geometry(record["geometry"]))
    with suppress(*DRIVER_ERRORS):
        blob = pyogrio.raw.read(job.path, layer=how["layer"], columns=[], fids=[number])[2]
        (shape,), (closed,), (hopeless,) = close_rings(blob)
        return None, (shape, int(closed), bool(hopeless))
    return None, (None, 0, True)


def evenly(items, most=_SAMPLE):
    """Keep of many things about so many, evenly over all of them, without holding the others."""
    kept, step = [], 1
    for i, item in enumerate(items):
        if i % step == 0:
            kept.append(item)
        if len(kept) == 2 * most:
            kept, step = kept[::2], 2 * step
    return kept


def gather(job, portions, count=None, box=None):
    """Put together what is wanted of a layer that comes in portions.

    Parameters
    ----------
    job : Job
        What is asked of the file; problems of the same kind are said once for all portions.
    portions : iterable of geopandas.GeoDataFrame
        Frames whose index is the number of the feature in the file.
    count : int, optional
        How many features the file has; without it, the portions are all of it.
    box : sequence of float, optional
        West, south, east, north: what does not touch it is left out here.

    Returns
    -------
    geopandas.GeoDataFrame
        The features that are kept, in the order of the file.
    """
    before, kept, seen = len(job.problems), [], 0
    for frame in portions:
        seen += len(frame)
        inside = frame if box is None else frame[_touches(frame, box)]
        kept.append(inside if job.large is None else job.large.thin(inside))
    notes, job.problems[before:] = job.problems[before:], []
    _say_together(job, notes)
    job.done.add("clipped")
    filled = [frame for frame in kept if len(frame)] or kept[:1]
    frame = pd.concat(filled) if filled else gpd.GeoDataFrame(geometry=[])
    frame = frame[~frame.index.duplicated()].sort_index()
    count = seen if count is None else count
    if len(frame) < count:
        job.say("layer_clipped", count=count - len(frame), all=count)
    return frame


def _touches(frame, box):
    shapes = frame.geometry.to_numpy()
    return shapely.is_missing(shapes) | shapely.is_empty(shapes) | shapely.intersects(shapes, shapely.box(*box))


def _say_together(job, notes):
    """Say once for all portions what was said of several."""
    groups = {}
    for note in notes:
        together = "rows" in note.params or note.code == "read_one_by_one"
        groups.setdefault((note.code, note.column, "" if together else str(note)), []).append(note)
    for (code, column, alone), same in groups.items():
        params = same[0].params
        if alone:
            job.problems.append(same[0])
        elif "rows" in params:
            job.say(code, sorted(row - job.first for note in same for row in note.params["rows"]), column)
        else:
            job.say(code, **{key: sum(note.params[key] for note in same) for key in params})


def clip(frame, job):
    """Leave out what lies outside the box, where the format could not do it while reading."""
    if not job.partial or "clipped" in job.done:
        return frame
    return gather(job, [frame], None, job.box(frame))
