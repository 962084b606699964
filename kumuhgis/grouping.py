"""Groups of units by name: RW 001 of one desa is not RW 001 of another."""

from kumuhgis.numbers import MISSING

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
