"""Groups of units by name: RW 001 of one desa is not RW 001 of another."""

import re

from kumuhgis.numbers import MISSING

KINDS = {
    "desa": (r"(desa|ds|kelurahan|kel|kalurahan|nagari|gampong)", {"ds": "Desa", "kel": "Kelurahan"}, "Desa"),
    "kecamatan": (r"(kecamatan|kec|kapanewon|kemantren|distrik)", {"kec": "Kecamatan"}, "Kecamatan"),
    "kabupaten": (r"(kabupaten|kab|kota)", {"kab": "Kabupaten"}, "Kabupaten"),
}
"""What a place is called: words that stand before its name, what they are short for, and the word without any."""

WIDER = {
    **dict.fromkeys(("rt", "rw", "rt_rw", "dusun"), ("desa", "kecamatan", "kabupaten", "part")),
    "desa": ("kecamatan", "kabupaten", "part"),
    "kecamatan": ("kabupaten", "part"),
    "kawasan": ("kabupaten", "part"),
}
"""Column to the columns by which equal names in it are told apart; a kawasan may lie in several desa."""


def qualified(groups, units, column):
    """Write the place before the groups, if one name stands in several places.

    Parameters
    ----------
    groups : pandas.Series of str
        Group of each unit; empty or missing where it has none.
    units : pandas.DataFrame
        The units, with the same index, and their places.
    column : str
        What the groups are: a key of :data:`WIDER`, or a column whose names are never told apart.

    Returns
    -------
    groups : pandas.Series of str
        As given, or "place · group" for all of them.
    wider : str
        Column of the place, empty where the names need none.

    Examples
    --------
    >>> import pandas as pd
    >>> units = pd.DataFrame({"desa": ["Jaten", "Jaten", "Ngringo"], "rw": ["001", "002", "001"]})
    >>> qualified(units["rw"], units, "rw")[0].tolist()
    ['Jaten · 001', 'Jaten · 002', 'Ngringo · 001']
    """
    named = groups.where(groups.notna(), "").astype(str) != ""
    for wider in WIDER.get(column, ()):
        if wider not in units:
            continue
        place = units[wider].map(name_of)
        if (place[named].groupby(groups[named]).nunique() > 1).any():
            return (place + " · " + groups.astype(str)).where(named, groups), wider
    return groups, ""


def name_of(value):
    """Read the name of a place or group: without spaces too many, empty for what stands for nothing."""
    name = "" if value is None or value != value else " ".join(str(value).split())
    return "" if name.lower() in MISSING else name


def titled(kind, name, code=""):
    """Write the name of a place with what it is: desa or kelurahan, kabupaten or kota.

    Parameters
    ----------
    kind : {"desa", "kecamatan", "kabupaten"}
        What the project calls it.
    name : str
        As it was written, with or without such a word.
    code : str
        Its Kemendagri code, which tells a kelurahan (the last four digits begin with 1) from a desa, and a kota (the
        second pair is 71 or more) from a kabupaten.

    Returns
    -------
    str
        A word that is written goes before the code.

    Notes
    -----
    Kelurahan: Permendagri 137/2017 (:mod:`kumuhgis.codes`). Kota from 71: the numbering of the same lists (M).

    Examples
    --------
    >>> titled("desa", "Jaten"), titled("desa", "Kel. Kauman"), titled("desa", "Semanggi", "33.72.03.1005")
    ('Desa Jaten', 'Kelurahan Kauman', 'Kelurahan Semanggi')
    >>> titled("kabupaten", "Surakarta", "33.72"), titled("kabupaten", "Kota Surakarta"), titled("kecamatan", "Kota")
    ('Kota Surakarta', 'Kota Surakarta', 'Kecamatan Kota')
    """
    pattern, short, usual = KINDS[kind]
    name = name.strip(" \t\r\n")
    found = re.match(rf"{pattern}\b[.\s]+(?=\S)", name, re.I)
    if found:
        word = found[1].lower()
        return f"{short.get(word, word.capitalize())} {name[found.end() :]}"
    digits = re.sub(r"\D", "", code)
    if kind == "desa" and len(digits) >= 10 and digits[6] == "1":
        usual = "Kelurahan"
    if kind == "kabupaten" and len(digits) >= 4 and digits[2] >= "7":
        usual = "Kota"
    return f"{usual} {name}"
