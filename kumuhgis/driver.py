"""GDAL, asked politely: a layer whole, one with open rings, one record after the other.

What it refuses whole is read by what is tolerant, and every feature that is lost on the way is a row without geometry
and has its number in a problem.
"""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from kumuhgis.columnar import read_columns
from kumuhgis.errors import some
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
from kumuhgis.portions import read_portions


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
    """Read one layer: in columns or feature by feature, else with its rings closed, else record by record."""
    how = {"layer": layer, "columns": job.columns}
    if job.partial:
        kept = read_portions(job, how)
        if kept is not None:
            return kept
    frame = read_columns(job, **how)
    if frame is not None:
        return frame
    try:
        return as_frame(read_dataframe(job, **how))
    except shapely.errors.GEOSException:
        return _read_open_rings(job, how)
    except DRIVER_ERRORS as error:
        frame = _record_by_record(job, layer)
        if frame is None:
            raise job.fail("layer_unreadable", reason=reason(error, job)) from error
        return frame


def _read_open_rings(job, how):
    """Read what GEOS refuses whole: close the rings that are open, and name them."""
    frame, closed, hopeless = open_rings(job, how, {})
    say_rows(job, closed, hopeless)
    return frame


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
                shapes.append(geometry_of(plain_geometry(record["geometry"])))
    except DRIVER_ERRORS:
        if not rows:
            return None
    count = max(count, len(rows))
    geometry = np.array([g for g, _, _ in shapes] + [None] * (count - len(rows) + 1), object)[:-1]
    table = pd.DataFrame(rows, columns=names).reindex(range(count))
    frame = gpd.GeoDataFrame(table, geometry=geometry, crs=known_crs(crs))
    hopeless = [i for i, shape in enumerate(shapes) if shape[2]]
    if not _fill(job, layer, frame, len(rows)):
        hopeless += range(len(rows), count)
    say_rows(job, [i for i, shape in enumerate(shapes) if shape[1]], hopeless)
    job.say("read_one_by_one", read=len(rows), count=count)
    return frame if job.columns is None else frame[[*[c for c in job.columns if c in frame], "geometry"]]


def _believable(count, job):
    """Take the number of features that a broken file claims, if so many can be in it."""
    return count if 0 <= count <= job.path.stat().st_size // 8 else 0


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
