"""What is known of single people stays out of the page: columns by their names, numbers and addresses in any text."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from numbers import Real

import numpy as np
import pandas as pd

HIDDEN = "•••"
"""Stands where a number of a person was."""
_JOINED = re.compile(
    r"(no|nomor|nmr)(nik|kk|ktp|hp|wa|telp|tlp|telepon|rek)\w*|nama(kk|kepala|ketua|pemilik|penghuni|warga|responden)\w*"
    r"|namalengkap|nm(kk|kepala|ketua|pemilik)\w*|kepalakeluarga|ketuart|ketuarw|kontak\w*|contact\w*"
)
_VALUES = re.compile(
    r"(?<!\d)\d{16}(?!\d)"  # NIK and KK number
    r"|(?<!\d)\d{4}([ .-])\d{4}\1\d{4}\1\d{4}(?!\d)"
    r"|(?<!\d)\d{2}[ .]?\d{2}[ .]?\d{2}[ .]\d{6}[ .]\d{4}(?!\d)"
    r"|(?<![\d/])(?:\+?62|0)[ .-]?8\d{1,2}[ .-]?\d{3,4}[ .-]?\d{2,5}(?![\d/])"  # mobile phones
    r"|[\w.+-]+@[\w-]+\.[\w.-]*\w"
)


def is_personal(column):
    """Tell whether a column looks as if it spoke of single people.

    Parameters
    ----------
    column : str
        Its name, in whatever spelling.

    Returns
    -------
    bool
        True for names of people, identity and family card numbers, phones, addresses, e-mail, dates of birth; not for
        counts of people, nor for a bare ``name``, which streets and places have too.

    Examples
    --------
    >>> [is_personal(c) for c in ("nama_ketua_rt", "NIK", "noHP", "Alamat Rumah", "pemilik", "Nama KK")]
    [True, True, True, True, True, True]
    >>> [is_personal(c) for c in ("nama", "kk", "jumlah_kepala_keluarga", "kondisi", "status_hak", "whole")]
    [False, False, False, False, False, False]
    """
    parts = [part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", str(column))]
    found = {kind for kind, words in _kinds().items() if not words.isdisjoint(parts)}
    if "counts" in found:
        return False
    pairs = {"names", "people"} <= found or {"numbers", "documents"} <= found
    return bool(pairs or found & {"private", "heads"} or _JOINED.fullmatch("".join(parts)))


@cache
def _kinds():
    words = tomllib.loads(files("kumuhgis").joinpath("data", "personal.toml").read_text("utf-8"))
    return {kind: frozenset(listed) for kind, listed in words.items()}


def masked(value):
    """Hide numbers of people in a value: NIK, family card and mobile phone numbers, e-mail addresses.

    Parameters
    ----------
    value : object
        A cell.

    Returns
    -------
    object
        The cell, or its text with :data:`HIDDEN` where a number was.

    Examples
    --------
    >>> masked("hub. 0812-3456-7890"), masked(3313110504800001), masked("653/1234/2020"), masked(1200)
    ('hub. •••', '•••', '653/1234/2020', 1200)
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, Real):
        return HIDDEN if 1e15 <= value < 1e16 and value == int(value) else value
    return _VALUES.sub(HIDDEN, value) if isinstance(value, str) else value


def numbers_in(values):
    """List the numbers of people that stand in a column.

    Parameters
    ----------
    values : pandas.Series
        A column.

    Returns
    -------
    set of str
        As they are written.

    Examples
    --------
    >>> sorted(numbers_in(pd.Series(["Pak Budi 0812-3456-7890", "RT 001", None])))
    ['0812-3456-7890']
    """
    words = "\n".join({value for value in values.dropna() if isinstance(value, str)})
    return {found.group() for found in _VALUES.finditer(words)}


def hidden(values):
    """Hide numbers of people in a whole column.

    Parameters
    ----------
    values : pandas.Series
        A column.

    Returns
    -------
    pandas.Series
        The same column where there is nothing to hide, else one of objects.

    Examples
    --------
    >>> hidden(pd.Series(["baik", "sri@contoh.id"])).tolist()
    ['baik', '•••']
    >>> hidden(pd.Series([12, 3313110504800001])).tolist()
    [12, '•••']
    """
    kinds = pd.api.types
    if kinds.is_bool_dtype(values.dtype) or kinds.is_datetime64_any_dtype(values.dtype):
        return values
    if kinds.is_numeric_dtype(values.dtype) and not (values.abs() >= 1e15).any():
        return values
    seen = np.asarray(values.dropna().unique(), dtype=object)
    if all(type(value) is str for value in seen) and not _VALUES.search("\n".join(seen)):
        return values  # no number goes over the end of a line
    changed = {value: masked(value) for value in seen if masked(value) != value}
    return values.astype(object).replace(changed) if changed else values
