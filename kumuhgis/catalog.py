"""Which layers there are, what columns they may have, which words mean the same; which documents can be written."""

import tomllib
from functools import cache
from pathlib import Path

_HOME = Path(__file__).parent / "data"


@cache
def _data():
    return tomllib.loads(_HOME.joinpath("layers.toml").read_text("utf-8"))


@cache
def layer_kinds():
    """Give every layer that kumuhgis knows.

    Returns
    -------
    dict of str to dict
        Name to ``title, title_en, geometry, names, columns``.

    Examples
    --------
    >>> list(layer_kinds())[:3], layer_kinds()["drains"]["geometry"]
    (['rt', 'buildings', 'roads'], ['line'])
    """
    return {name: kind for name, kind in _data().items() if name not in ("words", "rasters")}


@cache
def raster_kinds():
    """Give every raster that kumuhgis knows: name to ``title, title_en, names``."""
    return _data()["rasters"]


@cache
def document_kinds():
    """Give every document that can be written.

    Returns
    -------
    dict of str to dict
        Kind to ``write`` (suffix to "room:function"; the first is the default) and perhaps ``beside`` (suffixes of the
        files written with it) and ``needs`` (suffix to the packages of the extra ``laporan`` that it takes).

    Examples
    --------
    >>> list(document_kinds()["workbook"]["write"])
    ['.xlsx']
    """
    return tomllib.loads(_HOME.joinpath("documents.toml").read_text("utf-8"))


@cache
def words(kind):
    """Give the words of an attribute, each with what it means.

    Parameters
    ----------
    kind : {"condition", "status", "yes_no"}
        Kind of column.

    Returns
    -------
    dict of str to str
        Word as people write it, in lower case, to the canonical word.

    Examples
    --------
    >>> words("condition")["buruk"], words("yes_no")["ya"]
    ('rusak', 'yes')
    """
    return {alias: name for name, aliases in _data()["words"][kind].items() for alias in aliases}


@cache
def canonical_words():
    """Give every word that an attribute may mean: conditions, statuses, yes and no."""
    return tuple(name for kind in _data()["words"].values() for name in kind)
