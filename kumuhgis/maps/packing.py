"""Data made small for a page: figures as whole numbers with a scale, words as codes, all of it deflated.

A block is text: base64 of the inflated size (4 bytes), then a raw deflate stream of the length of the header (4 bytes),
the header (JSON, in which every array is ``{"$": kind, "at": offset, "n": length}``), and the arrays. Kinds: ``1``,
``2`` and ``4`` are unsigned numbers of so many bytes, all lowest bytes first; ``d`` are doubles; ``v`` are whole
numbers of any sign, seven bits a byte. ``unpack.js`` reads it.
"""

import base64
import json
import math
import zlib

import numpy as np
import pandas as pd

DECIMALS = 6
_WIDEST = 2**32 - 2
_EXACT = 2**53


def plain(value):
    """Turn a cell into what JSON knows; what is missing becomes ``None``.

    Parameters
    ----------
    value : object
        A cell of a table.

    Returns
    -------
    None, bool, int, float or str
        Numbers with at most six decimals; all else, dates too, as text.

    Examples
    --------
    >>> [plain(v) for v in (float("nan"), 0.1 + 0.2, True, "RT 01")]
    [None, 0.3, True, 'RT 01']
    """
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return round(float(value), 6) if math.isfinite(value) else None
    return str(value)


def has_arrays(data):
    """Tell whether data have to be packed.

    Parameters
    ----------
    data : object
        Plain data, perhaps with NumPy arrays in it.

    Returns
    -------
    bool
        False for what JSON can hold.

    Examples
    --------
    >>> has_arrays({"a": [1, {"b": np.zeros(2)}]}), has_arrays({"a": [1, "b"]})
    (True, False)
    """
    if isinstance(data, dict):
        return any(map(has_arrays, data.values()))
    return any(map(has_arrays, data)) if isinstance(data, list | tuple) else isinstance(data, np.ndarray)


def pack(data):
    """Write data with arrays in it as one block of text.

    Parameters
    ----------
    data : dict
        Plain data as for JSON, with NumPy arrays (unsigned, int64 or float64) anywhere in it.

    Returns
    -------
    str
        The block, safe inside a ``<script>``.

    Examples
    --------
    >>> len(pack({"id": "levels", "codes": np.zeros(10_000, "u1")})) < 150
    True
    """
    found, size = [], 0

    def array(values):
        nonlocal size
        if not isinstance(values, np.ndarray):
            raise TypeError(f"{type(values).__name__} is not plain data")
        kind, written = _written(values)
        found.append(written)
        size += len(written)
        return {"$": kind, "at": size - len(written), "n": len(values)}

    header = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=array)
    header = header.encode("utf-8", "replace")
    whole = b"".join([len(header).to_bytes(4, "little"), header, *found])
    squeezed = zlib.compressobj(6, zlib.DEFLATED, -15)
    stream = squeezed.compress(whole) + squeezed.flush()
    return base64.b64encode(len(whole).to_bytes(4, "little") + stream).decode()


def _written(values):
    """Give the kind of an array and its bytes."""
    if values.dtype.kind == "u":
        width = values.dtype.itemsize
        return str(width), values.astype(f"<u{width}").view("u1").reshape(-1, width).T.tobytes()
    if values.dtype.kind == "f":
        return "d", values.astype("<f8").tobytes()
    return "v", varints(values)


def varints(values):
    """Write whole numbers, small ones short: zigzag, then seven bits a byte, lowest first.

    Parameters
    ----------
    values : numpy.ndarray of int
        Of any sign.

    Returns
    -------
    bytes
        One to ten bytes a number.

    Examples
    --------
    >>> varints(np.array([0, -1, 1, 64])).hex(" ")
    '00 01 02 80 01'
    """
    values = values.astype(np.int64)
    folded = ((values << 1) ^ (values >> 63)).view(np.uint64)
    lengths = np.ones(len(folded), np.int64)
    for n in range(1, 10):
        lengths += folded >= np.uint64(1 << 7 * n)
    starts = np.cumsum(lengths) - lengths
    out = np.zeros(int(lengths.sum()), np.uint8)
    for n in range(int(lengths.max(initial=0))):
        some = lengths > n
        more = (lengths[some] > n + 1).astype(np.uint8) << 7
        out[starts[some] + n] = ((folded[some] >> np.uint64(7 * n)) & np.uint64(127)).astype(np.uint8) | more
    return out.tobytes()


def smallest(codes):
    """Give whole numbers from 0 in the narrowest unsigned type.

    Parameters
    ----------
    codes : array of int
        From 0 to 2³² - 1.

    Returns
    -------
    numpy.ndarray
        Of one, two or four bytes.

    Examples
    --------
    >>> smallest(np.array([0, 256])).dtype
    dtype('uint16')
    """
    most = codes.max(initial=0)
    return codes.astype("u1" if most < 2**8 else "u2" if most < 2**16 else "u4")


def column(values):
    """Pack one column of a table; what is missing is missing again on the page.

    Parameters
    ----------
    values : pandas.Series
        Numbers become :func:`figures`, all else a dictionary of words and a code per row (0 is missing).

    Returns
    -------
    dict
        For :func:`pack`.

    Examples
    --------
    >>> column(pd.Series(["baik", None, "baik"]))
    {'words': ['baik'], 'codes': array([1, 0, 1], dtype=uint8)}
    """
    dtype = values.dtype
    if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype):
        return figures(values.to_numpy(float, na_value=np.nan))
    codes, words = pd.factorize(values)
    return {"words": [plain(word) for word in words], "codes": _once(smallest(codes + 1))}


def figures(values, *, base=None, path=None):
    """Pack numbers of at most six decimals as whole numbers.

    Parameters
    ----------
    values : numpy.ndarray of float
        Not-a-number and infinite are missing.
    base : numpy.ndarray of float, optional
        A column that is mostly equal; then only the differences are kept.
    path : list, optional
        Where the page finds that column in the same block.

    Returns
    -------
    dict
        ``scale, least, codes`` (0 is missing, else 1 and more) and perhaps ``base``; or ``plain`` doubles, where the
        numbers are too large. ``codes`` is one number where all are equal.

    Examples
    --------
    >>> figures(np.array([0.25, np.nan, 1.5]))
    {'scale': 100, 'least': 25, 'codes': array([  1,   0, 126], dtype=uint8)}
    """
    known = np.isfinite(values)
    whole, scale = _whole(np.where(known, values, 0.0))
    if whole is None:
        return {"plain": np.where(known, values, np.nan)}
    found = {"scale": scale}
    if base is not None:
        other, scale_of_base = _whole(np.nan_to_num(base))
        both = max(scale, scale_of_base)
        steps = None if other is None else whole * (both // scale) - other * (both // scale_of_base)
        if steps is not None and np.count_nonzero(steps[known] == 0) > known.sum() / 2:
            found, whole = {"scale": both, "base": path}, steps
    least = int(whole[known].min()) if known.any() else 0
    codes = np.where(known, whole - least + 1, 0)
    if codes.max(initial=0) > _WIDEST:
        return {"plain": np.where(known, np.round(values, DECIMALS), np.nan)}
    return {**found, "least": least, "codes": _once(smallest(codes))}


def _whole(values):
    """Give numbers as whole ones and the smallest power of ten that makes them so; none where they are too large."""
    rounded = np.round(values, DECIMALS)
    for decimals in range(DECIMALS + 1):
        scale = 10**decimals
        whole = np.rint(rounded * scale)
        if np.abs(whole).max(initial=0) > _EXACT:
            return None, 1
        if decimals == DECIMALS or np.array_equal(whole / scale, rounded):
            return whole.astype(np.int64), scale
    raise AssertionError("the last scale always fits")


def _once(codes):
    """Give a single number where all codes are equal."""
    return int(codes[0]) if len(codes) and (codes == codes[0]).all() else codes
