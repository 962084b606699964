"""GDAL, asked politely: a layer whole, a part of a large one, one with open rings, one record after the other.

What GDAL prints and warns stays here; what it refuses whole is read by what is tolerant, and every feature that is lost
on the way is a row without geometry and has its number in a problem.
"""

import json
import logging
import os
import re
import shutil
import tempfile
import warnings
from collections.abc import Callable
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from kumuhgis.errors import LayerError, Problem, some
from kumuhgis.geotext import close_rings, geometry_of

DRIVER_ERRORS = (Exception,)
"""What pyogrio and fiona raise for broken files: from RuntimeError to SystemError, with no ancestor in common."""
PORTION = 50_000
"""Features that are read at once of a file that is not read whole."""
_NAMED = 20
_SAMPLE = 1_000


@dataclass(frozen=True)
class Large:
    """How to read a file that may be too large for memory: in portions, and to keep of each only what is of use.

    ``size`` is how many bytes make a file large. ``around(sample)`` gives west, south, east, north in the coordinates
    of the file, or None to keep every feature; ``thin(frame)`` gives a portion without the columns that nobody uses.
    """

    size: int
    around: Callable
    thin: Callable


@dataclass
class Job:
    """One file that is being opened: what is asked of it, and what was found on the way."""

    path: Path
    layer: str | None
    columns: list | None
    bbox: object
    label: str
    problems: list = field(default_factory=list)
    stack: ExitStack = field(default_factory=ExitStack)
    done: set = field(default_factory=set)
    first: int = 0
    large: Large | None = None

    @property
    def partial(self):
        """Whether only a part of the file is wanted, or all of it in portions."""
        return self.bbox is not None or self.large is not None

    def whole(self, path, layer=None):
        """Give the same job for another file or layer that is read at once; what is outside is left out later."""
        return replace(self, path=path, layer=layer, bbox=None, large=None)

    def box(self, sample):
        """Give the box in the coordinates of the file, or None to keep every feature."""
        if self.large is not None:
            return self.large.around(sample)
        if not hasattr(self.bbox, "total_bounds"):
            return self.bbox
        return None if sample.crs is None or self.bbox.crs is None else self.bbox.to_crs(sample.crs).total_bounds

    def at(self, path, layer=None):
        """Give the same job for another file or layer."""
        return replace(self, path=path, layer=layer)

    def say(self, code, rows=None, column="", **params):
        """Report something; rows are numbers of features."""
        if rows is not None:
            rows = [int(r) + self.first for r in rows]
            params |= {"count": len(rows), "rows": rows}
        self.problems.append(Problem(code, self.label, some(rows, _NAMED) if rows else "", column, params))

    def fail(self, code, **params):
        """Give the one error of a file that cannot be read."""
        return LayerError([Problem(code, self.label, params=params)])

    def folder(self):
        """Give a temporary folder that goes when the file is read."""
        temporary = tempfile.TemporaryDirectory(prefix="kumuhgis-", ignore_cleanup_errors=True)
        return Path(self.stack.enter_context(temporary))

    def named(self, suffix):
        """Give the file a name that GDAL knows; the input itself keeps its own."""
        if self.path.suffix.lower() == suffix:
            return self.path
        target = self.folder() / f"{self.path.stem or 'layer'}{suffix}"
        try:
            os.link(self.path.resolve(), target)
        except OSError:
            shutil.copyfile(self.path, target)
        return target


@contextmanager
def quiet():
    """Keep what GDAL prints and warns to ourselves."""
    logger = logging.getLogger("fiona")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings(), np.errstate(invalid="ignore"):
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def read_driver(job, layers="first"):
    """Read a file with GDAL.

    Parameters
    ----------
    job : Job
        The file, and the layer that is wanted.
    layers : {"first", "all"} or list of str
        Without a wanted layer: the first with features; all, one below the other; the first of these with features.

    Returns
    -------
    geopandas.GeoDataFrame
        As :func:`formats.open_vector` gives it.

    Raises
    ------
    LayerError
        If the layer is not there, none has geometries, or nothing can be read.
    """
    found = _layers(job)
    spatial = [name for name, kind in found if kind is not None]
    if isinstance(layers, list):
        spatial = [name for name in layers if name in spatial]
    if job.layer is not None:
        if job.layer not in [name for name, _ in found]:
            raise job.fail("layer_name_missing", value=job.layer, known=", ".join(name for name, _ in found))
        return read_one(job, job.layer)
    if not found:
        raise job.fail("file_cut_lost", bytes="?")
    if not spatial:
        raise job.fail("layer_no_geometry", known=", ".join(name for name, _ in found))
    if layers == "all" and len(spatial) > 1:
        return _all(job.whole(job.path), spatial)
    name = next((n for n in spatial if count_features(job, n)), spatial[0])
    frame = read_one(job, name)
    others = [n for n in spatial if n != name and count_features(job, n)] if len(spatial) > 1 else []
    if others:
        job.say("layer_several", used=name, others=some(others))
    return frame


def _layers(job):
    try:
        return [(str(name), kind) for name, kind in pyogrio.list_layers(job.path)]
    except DRIVER_ERRORS as error:
        raise job.fail("layer_unreadable", reason=reason(error, job)) from error


def count_features(job, layer=None):
    """Say how many features a layer announces; 1 if it does not say."""
    try:
        return pyogrio.read_info(job.path, layer=layer, force_feature_count=True)["features"]
    except DRIVER_ERRORS:
        return 1


def _all(job, names):
    """Put the layers of a file one below the other; the column ``folder`` says from which each feature is."""
    frames = []
    for name in names:
        frame = read_one(replace(job, first=sum(map(len, frames))), name)
        frames.append(frame.assign(folder=name))
    filled = [frame for frame in frames if len(frame)] or frames[:1]
    return gpd.GeoDataFrame(pd.concat(filled, ignore_index=True), geometry="geometry", crs=filled[0].crs)


def read_one(job, layer=None):
    """Read one layer: as it is, else with its rings closed, else record by record."""
    how = {"layer": layer, "columns": job.columns}
    if job.partial:
        kept = _read_portions(job, how)
        if kept is not None:
            return kept
    try:
        return as_frame(pyogrio.read_dataframe(job.path, **how))
    except shapely.errors.GEOSException:
        return _read_open_rings(job, how)
    except DRIVER_ERRORS as error:
        frame = _record_by_record(job, layer)
        if frame is None:
            raise job.fail("layer_unreadable", reason=reason(error, job)) from error
        return frame


def as_frame(frame):
    """Make sure that a frame has a geometry, under one name, and numbers its features."""
    if not isinstance(frame, gpd.GeoDataFrame):
        frame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([None] * len(frame), index=frame.index), crs=None)
    if frame.geometry.name != "geometry":
        frame = frame.rename_geometry("geometry")
    return frame


def _read_open_rings(job, how):
    """Read what GEOS refuses whole: close the rings that are open, and name them."""
    frame, closed, hopeless = _open_rings(job, how, {})
    say_rows(job, closed, hopeless)
    return frame


def _open_rings(job, how, which):
    """Read with rings closed: the frame, and the positions of what was closed and of what is hopeless."""
    try:
        meta, _, wkb, _ = pyogrio.raw.read(job.path, layer=how["layer"], columns=[], **which)
        table = pyogrio.read_dataframe(job.path, read_geometry=False, fid_as_index=bool(which), **how, **which)
    except DRIVER_ERRORS as error:
        raise job.fail("layer_unreadable", reason=reason(error, job)) from error
    geometry, closed, hopeless = close_rings(wkb)
    frame = gpd.GeoDataFrame(table, geometry=geometry, crs=_known_crs(meta["crs"]))
    return frame, np.flatnonzero(closed), np.flatnonzero(hopeless)


def _known_crs(text):
    """Give the CRS of a text of GDAL, or None where PROJ does not read it."""
    try:
        return CRS.from_user_input(text) if text else None
    except CRSError:
        return None


def say_rows(job, closed, hopeless, column=""):
    """Report the features whose rings were closed, and those that are hopeless."""
    if len(closed):
        job.say("rings_closed", closed, column)
    if len(hopeless):
        job.say("features_unreadable", hopeless, column)


def _record_by_record(job, layer):
    """Read with fiona, record by record, what pyogrio refuses whole; None if that gives nothing either."""
    try:
        import fiona
    except ImportError:  # pragma: no cover - no wheel for this Python
        return None
    rows, shapes = [], []
    try:
        with fiona.open(job.path, layer=layer) as source:
            count, crs = _believable(len(source), job), source.crs.to_wkt() if source.crs else None
            names = list(source.schema["properties"])
            for record in source:
                rows.append(dict(record["properties"]))
                shapes.append(geometry_of(_plain(record["geometry"])))
    except DRIVER_ERRORS:
        if not rows:
            return None
    count = max(count, len(rows))
    geometry = np.array([g for g, _, _ in shapes] + [None] * (count - len(rows) + 1), object)[:-1]
    table = pd.DataFrame(rows, columns=names).reindex(range(count))
    frame = gpd.GeoDataFrame(table, geometry=geometry, crs=_known_crs(crs))
    hopeless = [i for i, shape in enumerate(shapes) if shape[2]]
    if not _fill(job, layer, frame, len(rows)):
        hopeless += range(len(rows), count)
    say_rows(job, [i for i, shape in enumerate(shapes) if shape[1]], hopeless)
    job.say("read_one_by_one", read=len(rows), count=count)
    return frame if job.columns is None else frame[[*[c for c in job.columns if c in frame], "geometry"]]


def _believable(count, job):
    """Take the number of features that a broken file claims, if so many can be in it."""
    return count if 0 <= count <= job.path.stat().st_size // 8 else 0


def _plain(geometry):
    """Make a plain mapping of fiona's geometry."""
    if geometry is None:
        return None
    if geometry["type"] == "GeometryCollection":
        return {"type": geometry["type"], "geometries": [_plain(g) for g in geometry["geometries"]]}
    return {"type": geometry["type"], "coordinates": json.loads(json.dumps(geometry["coordinates"]))}


def _fill(job, layer, frame, read):
    """Take the geometries alone where only the attributes are broken."""
    try:
        _, _, wkb, _ = pyogrio.raw.read(job.path, layer=layer, columns=[])
    except DRIVER_ERRORS:
        return False
    if len(wkb) != len(frame):
        return False
    frame.geometry = gpd.GeoSeries(close_rings(wkb)[0], index=frame.index, crs=frame.crs)
    if read < len(frame):
        job.say("attributes_unreadable", range(read, len(frame)))
    return True


def reason(error, job):
    """Say in a line why GDAL refuses, without the folders of the machine."""
    said = re.sub(r"^/\S+\.cpp, \d+: (?:error: )?", "", str(error))
    said = said.replace(str(job.path), job.path.name).replace(str(job.path.parent), "").splitlines()[:1] or [""]
    return (said[0][:160] or type(error).__name__).rstrip(".")


# ---------------------------------------------------------------- a part of a file, or all of it in portions


def _read_portions(job, how):
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
    return gpd.GeoDataFrame(geometry=close_rings(wkb)[0], crs=_known_crs(meta["crs"]))


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
        frame = as_frame(pyogrio.read_dataframe(job.path, fid_as_index=True, **how, **which))
    except shapely.errors.GEOSException:
        frame, closed, hopeless = _open_rings(job, how, which)
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
    frame = gpd.GeoDataFrame(table, geometry=geometry, crs=_known_crs(crs))
    if (saved := broken & ~hopeless).any():
        job.say("attributes_unreadable", at[saved])
    say_rows(job, at[closed], at[hopeless])
    job.say("read_one_by_one", read=int((~broken).sum()), count=len(rows))
    return frame if job.columns is None else frame[[*[c for c in job.columns if c in frame], "geometry"]]


def _record(job, how, source, number):
    """Read one feature: its attributes, or None, and its geometry as :func:`geotext.geometry_of` gives it."""
    with suppress(*DRIVER_ERRORS):
        record = source[number]
        return dict(record["properties"]), geometry_of(_plain(record["geometry"]))
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
