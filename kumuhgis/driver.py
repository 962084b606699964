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
from contextlib import ExitStack, contextmanager
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
_NAMED = 20


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
    """Keep what GDAL prints and warns to ourselves, and let it write nothing beside an input (``.aux.xml``)."""
    logger = logging.getLogger("fiona")
    level, beside = logger.level, pyogrio.get_gdal_config_option("GDAL_PAM_ENABLED")
    logger.setLevel(logging.CRITICAL + 1)
    pyogrio.set_gdal_config_options({"GDAL_PAM_ENABLED": False})
    try:
        with warnings.catch_warnings(), np.errstate(invalid="ignore"):
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
        pyogrio.set_gdal_config_options({"GDAL_PAM_ENABLED": beside})


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
        return _all(replace(job, bbox=None), spatial)
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
    bounds = _bounds(job, layer)
    if bounds is not None:
        clipped = _read_clipped(job, how, bounds)
        if clipped is not None:
            return clipped
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
    try:
        meta, _, wkb, _ = pyogrio.raw.read(job.path, layer=how["layer"], columns=[])
        table = pyogrio.read_dataframe(job.path, read_geometry=False, **how)
    except DRIVER_ERRORS as error:
        raise job.fail("layer_unreadable", reason=reason(error, job)) from error
    geometry, closed, hopeless = close_rings(wkb)
    say_rows(job, np.flatnonzero(closed), np.flatnonzero(hopeless))
    return gpd.GeoDataFrame(table, geometry=geometry, crs=_known_crs(meta["crs"]))


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


# ---------------------------------------------------------------- only a part of a large file


def _bounds(job, layer):
    """Give the box in the CRS of the file, or None to read it whole."""
    if job.bbox is None or not hasattr(job.bbox, "total_bounds"):
        return None if job.bbox is None else tuple(job.bbox)
    try:
        crs = pyogrio.read_info(job.path, layer=layer)["crs"]
    except DRIVER_ERRORS:
        return None
    if crs is None or job.bbox.crs is None:
        job.done.add("clipped")
        return None
    return tuple(job.bbox.to_crs(crs).total_bounds)


def _read_clipped(job, how, bounds):
    """Read what touches the box, and number the features as in the whole file; None if they cannot be numbered."""
    try:
        frame = pyogrio.read_dataframe(job.path, bbox=bounds, fid_as_index=True, **how)
        ids = pyogrio.raw.read(job.path, layer=how["layer"], columns=[], read_geometry=False, return_fids=True)[1]
    except DRIVER_ERRORS:
        return None
    ids = pd.Index(ids)
    if not ids.is_unique:
        return None
    frame.index = pd.Index(ids.get_indexer(frame.index), name=None)
    job.done.add("clipped")
    if len(frame) < len(ids):
        job.say("layer_clipped", count=len(ids) - len(frame), all=len(ids))
    return as_frame(frame.sort_index())


def clip(frame, job):
    """Leave out what lies outside the box, where the format could not do it while reading."""
    if job.bbox is None or "clipped" in job.done or frame.crs is None:
        return frame
    box = job.bbox.to_crs(frame.crs).total_bounds if hasattr(job.bbox, "total_bounds") else job.bbox
    inside = np.asarray(frame.geometry.isna() | frame.intersects(shapely.box(*box)))
    if not inside.all():
        job.say("layer_clipped", count=int((~inside).sum()), all=len(frame))
    return frame[inside]
