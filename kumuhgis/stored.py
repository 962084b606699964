"""Frames and plain values as bytes and back: how a part of a result travels from a worker and waits on disk.

It is Arrow and JSON in a zip, never pickle: a file that somebody sends cannot run anything.
"""

import io
import json
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd

from kumuhgis.errors import OutputError, Problem

_PLAIN = "values.json"


def pack(parts):
    """Pack frames and plain values.

    Parameters
    ----------
    parts : dict of str to (pandas.DataFrame or geopandas.GeoDataFrame or plain value)
        Frames with any index of text or whole numbers; lists, dicts, texts and numbers.

    Returns
    -------
    bytes
        For :func:`unpack`.

    Raises
    ------
    OutputError
        Without pyarrow (extra ``skala``).

    Examples
    --------
    >>> parts = unpack(pack({"summary": pd.DataFrame({"slum_ha": [0.5, 1.25]}), "lang": "id"}))
    >>> parts["summary"]["slum_ha"].tolist(), parts["lang"]
    ([0.5, 1.25], 'id')
    """
    need_arrow()
    plain = {name: value for name, value in parts.items() if not isinstance(value, pd.DataFrame)}
    objects, out = {}, io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as file:
        for name, frame in parts.items():
            if isinstance(frame, pd.DataFrame):
                whole, objects[name] = _flat(frame)
                buffer = io.BytesIO()
                whole.to_feather(buffer, compression="zstd")
                file.writestr(f"{name}.feather", buffer.getvalue())
        file.writestr(_PLAIN, json.dumps({"values": plain, "frames": objects}, default=_as_plain))
    return out.getvalue()


def unpack(data):
    """Unpack what :func:`pack` packed.

    Parameters
    ----------
    data : bytes
        As packed.

    Returns
    -------
    dict of str to (pandas.DataFrame or geopandas.GeoDataFrame or plain value)
        Frames with their index, column kinds and categories.
    """
    need_arrow()
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        told = json.loads(file.read(_PLAIN))
        parts = told["values"]
        for name, how in told["frames"].items():
            read = gpd.read_feather if how["geometry"] else pd.read_feather
            parts[name] = _restored(read(io.BytesIO(file.read(f"{name}.feather"))), how)
    return parts


def need_arrow():
    """Refuse to work on parts without the package that carries them; ask before any work.

    Raises
    ------
    OutputError
        Without pyarrow (extra ``skala``).
    """
    try:
        import pyarrow  # noqa: F401
    except ImportError as error:
        params = {"package": "pyarrow", "extra": "skala"}
        raise OutputError([Problem("parts_need_package", "", params=params)]) from error


def _flat(frame):
    """Make columns of the index, and text of what Arrow does not hold: cells of mixed kinds."""
    names = list(frame.index.names)
    whole = frame.reset_index(names=[f"__index_{i}__" for i in range(len(names))])
    objects = [c for c in whole.columns if whole[c].dtype == object and not _is_geometry(whole, c)]
    columns = {c: whole[c].map(lambda v: json.dumps(v, default=_as_plain)).astype("str") for c in objects}
    how = {"index": names, "objects": objects, "geometry": isinstance(frame, gpd.GeoDataFrame)}
    how["labels"] = frame.columns.dtype == object
    return whole.assign(**columns), how


def _restored(frame, how):
    for column in how["objects"]:
        frame[column] = pd.Series([json.loads(v) for v in frame[column]], index=frame.index, dtype=object)
    names = how["index"]
    frame = frame.set_index([f"__index_{i}__" for i in range(len(names))])
    frame.index.names = names
    if how["labels"]:
        frame.columns = frame.columns.astype(object)
    return frame


def _is_geometry(frame, column):
    return isinstance(frame[column].dtype, gpd.array.GeometryDtype)


def _as_plain(value):
    """Make a plain value of a number of NumPy or a missing value of pandas."""
    if value is pd.NA:
        return None
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    return str(value)
