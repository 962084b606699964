"""Attributes of a layer: which column serves, and what its words and numbers mean."""

from difflib import get_close_matches

import numpy as np
import pandas as pd

from kumuhgis.catalog import words
from kumuhgis.codes import cell_text
from kumuhgis.errors import LayerError, Problem
from kumuhgis.numbers import read_numbers
from kumuhgis.spots import MOST_POINTS

_EMPTY_WORDS = ("", "-", "null", "none", "nan", "<na>")
_NEAR_ENOUGH = 0.84


def choose_columns(frame, kind, columns, label):
    """Say which column of the source serves which of ours.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        The source.
    kind : dict
        The layer's entry of :func:`catalog.layer_kinds`.
    columns : dict of str to str or None
        Canonical column to the column of the source; without it, columns with a known name are taken.
    label : str
        Name of the layer.

    Returns
    -------
    dict of str to (object, bool)
        Canonical column to the source's, and whether it says the opposite.

    Raises
    ------
    LayerError
        If a column that is named is not there, or is named for something we do not know.
    """
    available = {str(c): c for c in frame.columns if c != frame.geometry.name}
    if columns:
        known = {"known": ", ".join(available)}
        missing = [Problem("layer_column_missing", label, "", c, known) for c in columns.values() if c not in available]
        missing += [Problem("project_unknown_key", label, "columns", c) for c in columns if c not in kind["columns"]]
        if missing:
            raise LayerError(missing)
        return {
            ours: (available[theirs], _is_opposite(theirs, kind["columns"][ours])) for ours, theirs in columns.items()
        }
    proposed = propose_columns(list(available), kind["columns"])
    return {ours: (available[theirs], opposite) for ours, (theirs, opposite) in proposed.items()}


def _is_opposite(column, spec):
    return _plain(column) in spec.get("opposite", [])


def _plain(name):
    return "_".join(str(name).lower().split())


def propose_columns(available, wanted):
    """Propose which column serves which of ours, by the names people use.

    Parameters
    ----------
    available : list of str
        Columns of a source.
    wanted : dict
        Canonical column to ``{kind, aliases, opposite}``.

    Returns
    -------
    dict of str to (str, bool)
        Canonical column to the column proposed and whether it says the opposite ("teratur" for irregular). A column
        is proposed once.

    Examples
    --------
    >>> from kumuhgis.catalog import layer_kinds
    >>> propose_columns(["KONDISI", "Lebar"], layer_kinds()["roads"]["columns"])
    {'condition': ('KONDISI', False), 'width_m': ('Lebar', False)}
    """
    by_name = {_plain(name): name for name in reversed(available)} | {n: n for n in available if n == _plain(n)}
    proposed, taken = {}, set()
    for canonical, spec in wanted.items():
        names = [(alias, False) for alias in (canonical, *spec["aliases"])]
        names += [(alias, True) for alias in spec.get("opposite", [])]
        for alias, opposite in names:
            found = by_name.get(alias) or by_name.get(alias[:10] if len(alias) > 10 else alias)
            if found is not None and found not in taken:
                proposed[canonical] = (found, opposite)
                taken.add(found)
                break
    return proposed


def convert(column, spec, opposite, vocabulary, label, problems):
    """Read one column as what it is.

    Parameters
    ----------
    column : pandas.Series
        Cells as they stand.
    spec : dict
        ``kind`` (key, text, number with ``unit``, condition, status, yes_no) of the canonical column.
    opposite : bool
        Whether the column says the opposite of ours.
    vocabulary : dict of str to str
        Own words and what they mean.
    label : str
        Name of the layer.
    problems : list of Problem
        Taken up with what cannot be read.

    Returns
    -------
    pandas.Series
        Floats, words of the regulation, nullable booleans, or texts.
    """
    kind = spec["kind"]
    if kind in ("condition", "status", "yes_no"):
        return _as_words(column, kind, opposite, vocabulary, label, problems)
    if kind == "number":
        read = read_numbers(column, spec["unit"])
        for mask, code in (
            (read.bad | read.error_cell, "layer_number_unreadable"),
            (read.ambiguous, "number_ambiguous"),
        ):
            if mask.any():
                params = {"count": int(mask.sum()), "value": str(column[mask].iloc[0])[:60]}
                if code == "number_ambiguous":
                    params["read"] = float(read.values[mask][0])
                rows = tuple(column.index[mask][:MOST_POINTS])
                problems.append(Problem(code, label, "", str(column.name), params, about=rows))
        return pd.Series(read.values, index=column.index)
    if kind == "key":
        return column.map(cell_text)
    text_ = column.astype("str").str.strip()
    return text_.where(column.notna() & ~text_.str.lower().isin(_EMPTY_WORDS), None).astype(object)


def _as_words(column, kind, opposite, vocabulary, label, problems):
    if kind == "yes_no" and pd.api.types.is_bool_dtype(column.dtype):
        return column.astype("boolean") ^ opposite
    known = {**words(kind), **_own_words(vocabulary, kind)}
    codes, distinct = pd.factorize(column, use_na_sentinel=False)
    texts = [" ".join(cell_text(value).lower().split()) for value in distinct]
    counts = pd.Series(np.bincount(codes, minlength=len(texts)), index=texts).groupby(level=0, sort=False).sum()
    meant = {text: _meaning(text, known) for text in counts.index}
    name, ours, rows = str(column.name), ", ".join(_shown(kind)), None
    for text, (found, sure) in meant.items():
        params = {"value": text, "count": int(counts[text])}
        if found is not None and not sure:
            params, code = {**params, "used": found}, "layer_word_guessed"
        elif found is None and text not in _EMPTY_WORDS:
            params, code = {**params, "known": ours}, "layer_word_unknown"
        else:
            continue
        rows = rows or column.index.to_series().groupby(np.array(texts, object)[codes]).groups
        problems.append(Problem(code, label, "", name, params, about=tuple(rows[text][:MOST_POINTS])))
    found = np.array([meant[text][0] for text in texts] or [None], object)
    out = pd.Series(found[codes], index=column.index, dtype=object)
    if kind != "yes_no":
        return out
    yes = out.map({"yes": True, "no": False}).astype("boolean")
    return ~yes if opposite else yes


def _own_words(vocabulary, kind):
    """Read own words that mean a word of this kind; the others are for another column, or unknown where they stand."""
    known, own = words(kind), {}
    for word, meaning in vocabulary.items():
        plain = " ".join(str(meaning).lower().split())
        if plain in known:
            own[" ".join(str(word).lower().split())] = known[plain]
    return own


def _shown(kind):
    """Give the words to choose from, as one writes them."""
    return ("ya", "tidak") if kind == "yes_no" else sorted(set(words(kind).values()))


def _meaning(text, known):
    """Find what a word means: (meaning or None, sure). "sedang sedang" is "sedang"; "rusk berat" is nearly certain."""
    if text in known:
        return known[text], True
    parts = text.split()
    half = " ".join(parts[: len(parts) // 2])
    if parts and parts[: len(parts) // 2] * 2 == parts and half in known:
        return known[half], False
    near = get_close_matches(text, [w for w in known if len(w) > 3], 2, _NEAR_ENOUGH)
    meant = {known[w] for w in near}
    return (meant.pop(), False) if len(meant) == 1 else (None, False)


def traces(column):
    """Give a number to what each cell says, so that cells can be compared whose column is not kept.

    Parameters
    ----------
    column : pandas.Series
        Cells as they stand.

    Returns
    -------
    numpy.ndarray of uint64
        Equal for equal cells; a whole number is the same with and without a decimal point.

    Examples
    --------
    >>> one, two = traces(pd.Series([5, 6])), traces(pd.Series([5.0, float("nan")]))
    >>> bool(one[0] == two[0]), bool(one[1] == two[1])
    (True, False)
    """
    kind = column.dtype
    if pd.api.types.is_integer_dtype(kind) or pd.api.types.is_float_dtype(kind):
        values = column.to_numpy(float, na_value=np.nan)
        whole = np.abs(values) < 2**53
        whole &= np.where(whole, values, 0.5) % 1 == 0
        exact = column.to_numpy("int64") if pd.api.types.is_integer_dtype(kind) and column.notna().all() else None
        numbers = np.where(whole, values, 0).astype("int64") if exact is None else exact
        return pd.util.hash_array(numbers) ^ np.where(whole, 0, pd.util.hash_array(values)).astype(np.uint64)
    texts = column.astype(object).map(repr).where(column.notna(), "nan")
    return pd.util.hash_array(texts.to_numpy(object))
