"""A map file that is being opened: what is asked of it, and what is found on the way.

What GDAL prints and warns stays here, and what it refuses is made readable: open rings, unknown coordinate systems.
"""

import gc
import json
import logging
import os
import re
import shutil
import tempfile
import warnings
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
from pyproj import CRS
from pyproj.exceptions import CRSError

from kumuhgis.errors import LayerError, Problem, numbered, some
from kumuhgis.geotext import close_rings

DRIVER_ERRORS = (Exception,)
"""What pyogrio and fiona raise for broken files: from RuntimeError to SystemError, with no ancestor in common."""
OWN_LETTERS = (".shp", ".dbf", ".tab", ".mif", ".dxf")
"""Formats that say in which letters they are written, and may say it wrongly."""
_NAMED = 20


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
        """Report something; rows are numbers of features from 0, and people read them from 1."""
        if rows is not None:
            rows = [int(r) + self.first for r in rows]
            params |= {"count": len(rows), "rows": rows}
        self.problems.append(Problem(code, self.label, some(numbered(rows), _NAMED) if rows else "", column, params))

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


@contextmanager
def undisturbed():
    """Make many shapes without the search for garbage that Python begins each time; shapes refer to nothing."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def read_dataframe(job, **how):
    """Read with GDAL; letters that are not what the file says they are, are read as Windows-1252, and it is said.

    A format whose letters are always UTF-8 says nothing of them: there such letters are damage, and are left to who
    reads record by record.
    """
    with undisturbed():
        try:
            return pyogrio.read_dataframe(job.path, **how)
        except UnicodeDecodeError:
            if job.path.suffix.lower() not in OWN_LETTERS:
                raise
            frame = pyogrio.read_dataframe(job.path, encoding="cp1252", **how)
    job.say("text_encoding_assumed")
    return frame


def as_frame(frame):
    """Make sure that a frame has a geometry, under one name, and numbers its features."""
    if not isinstance(frame, gpd.GeoDataFrame):
        frame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([None] * len(frame), index=frame.index), crs=None)
    if frame.geometry.name != "geometry":
        frame = frame.rename_geometry("geometry")
    return frame


def open_rings(job, how, which):
    """Read with rings closed: the frame, and the positions of what was closed and of what is hopeless."""
    try:
        meta, _, wkb, _ = pyogrio.raw.read(job.path, layer=how["layer"], columns=[], **which)
        table = read_dataframe(job, read_geometry=False, fid_as_index=bool(which), **how, **which)
    except DRIVER_ERRORS as error:
        raise job.fail("layer_unreadable", reason=reason(error, job)) from error
    geometry, closed, hopeless = close_rings(wkb)
    frame = gpd.GeoDataFrame(table, geometry=geometry, crs=known_crs(meta["crs"]))
    return frame, np.flatnonzero(closed), np.flatnonzero(hopeless)


def known_crs(text):
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


def plain_geometry(geometry):
    """Make a plain mapping of fiona's geometry."""
    if geometry is None:
        return None
    if geometry["type"] == "GeometryCollection":
        return {"type": geometry["type"], "geometries": [plain_geometry(g) for g in geometry["geometries"]]}
    return {"type": geometry["type"], "coordinates": json.loads(json.dumps(geometry["coordinates"]))}


def reason(error, job):
    """Say in a line why GDAL refuses, without the folders of the machine."""
    said = re.sub(r"^/\S+\.cpp, \d+: (?:error: )?", "", str(error))
    said = said.replace(str(job.path), job.path.name).replace(str(job.path.parent), "").splitlines()[:1] or [""]
    return (said[0][:160] or type(error).__name__).rstrip(".")
