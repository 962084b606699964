"""Attributes of a layer: which column serves, and what its words and numbers mean."""

import re
from difflib import get_close_matches

import numpy as np
import pandas as pd

from kumuhgis.catalog import words
from kumuhgis.codes import cell_text
from kumuhgis.errors import LayerError, Problem
from kumuhgis.keys import read_label
from kumuhgis.numbers import FACTORS, read_numbers
from kumuhgis.spots import MOST_POINTS

_EMPTY_WORDS = ("", "-", "null", "none", "nan", "<na>")
_NEAR_ENOUGH = 0.84
_MOST_LABELS = 200
_UNIT_BEHIND = re.compile(r"\d\s*[a-z]", re.IGNORECASE)
_RUNNING = ("objectid", "fid")


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
    cells = {str(c): frame[c] for c in frame.columns if c != frame.geometry.name}
    proposed = propose_columns(list(available), kind["columns"], cells)
    return {ours: (available[theirs], opposite) for ours, (theirs, opposite) in proposed.items()}


def may_serve(frame, kind):
    """Give the columns whose names are known for a kind of layer, whatever is in them.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        The source, or a portion of it.
    kind : dict
        The layer's entry of :func:`catalog.layer_kinds`.

    Returns
    -------
    set
        Columns of the source from which :func:`choose_columns` chooses once it sees all features.
    """
    names = set()
    for canonical, spec in kind["columns"].items():
        known = (canonical, *spec["aliases"], *spec.get("opposite", ()), *spec.get("weak", ()))
        names |= {n for name in known for n in (name, name[:10])}
    return {c for c in frame.columns if _plain(c) in names and c != frame.geometry.name}


def _is_opposite(column, spec):
    return _plain(column) in spec.get("opposite", [])


def _plain(name):
    return re.sub(r"_?\((\w+)\)$", r"_\1", "_".join(str(name).lower().split()))


def propose_columns(available, wanted, cells=None):
    """Propose which column serves which of ours, by the names people use and by what is in them.

    Parameters
    ----------
    available : list of str
        Columns of a source.
    wanted : dict
        Canonical column to ``{kind, aliases, opposite, weak}``.
    cells : mapping of str to pandas.Series, optional
        What is in the columns. Empty ones go last and are never a key or a label; of several columns for the label
        the one that most reads as RT and RW is taken; a running number is a key only where no label can be one.

    Returns
    -------
    dict of str to (str, bool)
        Canonical column to the column proposed and whether it says the opposite ("teratur" for irregular). A column
        is proposed once; only a label may be the key as well.

    Examples
    --------
    >>> from kumuhgis.catalog import layer_kinds
    >>> propose_columns(["KONDISI", "Lebar"], layer_kinds()["roads"]["columns"])
    {'condition': ('KONDISI', False), 'width_m': ('Lebar', False)}
    >>> propose_columns(["RT", "RW"], layer_kinds()["rt"]["columns"])
    {'rt': ('RT', False), 'rw': ('RW', False)}
    """
    by_name = {_plain(name): name for name in reversed(available)} | {n: n for n in available if n == _plain(n)}
    offers = {name: _offers(name, spec, by_name) for name, spec in wanted.items()}
    cells, labels = cells or {}, {}
    if "rt_rw" in wanted:
        labels = _propose_labels(wanted, offers, by_name, cells)
    proposed, taken = {}, set(labels.values())
    for canonical, spec in wanted.items():
        if spec["kind"] == "label":
            if canonical in labels:
                proposed[canonical] = (labels[canonical], False)
            continue
        free = [offer for offer in offers[canonical] if offer[0] not in taken]
        if "rt_rw" in wanted and spec["kind"] == "text":  # a name that is a label is not that of a desa
            free = [offer for offer in free if _share(cells, offer[0], _names_both) <= 0.5]
        filled = [offer for offer in free if _is_filled(cells, offer[0])]
        if filled or (free and spec["kind"] != "key"):
            proposed[canonical] = (filled or free)[0]
            taken.add(proposed[canonical][0])
    key, label = proposed.get("unit", ("", False))[0], labels.get("rt_rw")
    if label and _plain(key) in (*_RUNNING, "") and _share(cells, label, _names_both) == 1 and cells[label].is_unique:
        proposed["unit"] = (label, False)
    return {canonical: proposed[canonical] for canonical in wanted if canonical in proposed}


def _offers(canonical, spec, by_name):
    """List the columns whose names fit, the clearest first: (column, whether it says the opposite)."""
    names = [(alias, False) for alias in (canonical, *spec["aliases"])]
    names += [(alias, True) for alias in spec.get("opposite", [])]
    found = [(by_name.get(n) or by_name.get(n[:10] if len(n) > 10 else n), opposite) for n, opposite in names]
    return [offer for offer in dict.fromkeys(found) if offer[0] is not None]


def _propose_labels(wanted, offers, by_name, cells):
    """Propose the columns of the label: one that names RT and RW, else one for each, else what there is."""
    whole, rt, rw = ([c for c, _ in offers[n] if _is_filled(cells, c)] for n in ("rt_rw", "rt", "rw"))
    weak = {n: [by_name[w] for w in wanted[n].get("weak", []) if w in by_name] for n in ("rt_rw", "rw")}
    named = list(dict.fromkeys([*whole, *rt, *weak["rt_rw"]]))
    both = [c for c in named if _share(cells, c, _names_both) > 0.5]
    own_rt = [*rt, *(c for c in (*whole, *weak["rt_rw"]) if _share(cells, c, _names_rt) > 0.5)]
    own_rw = [*rw, *(c for c in weak["rw"] if _share(cells, c, _names_rw) > 0.5)]
    if both:
        found = {"rt_rw": max(both, key=lambda c: _share(cells, c, _names_both))}
    elif own_rt and own_rw:
        return {"rt": own_rt[0], "rw": own_rw[0]}
    elif whole or own_rt:
        found = {"rt_rw": (whole or own_rt)[0]}
    elif own_rw and _share(cells, own_rw[0], _names_rw) > 0.5:
        return {"rt_rw": own_rw[0]}
    else:  # no heading is known: the one column of which every cell names an RT with its RW
        offered = {column for each in offers.values() for column, _ in each}
        told = [c for c in cells if c not in offered and _share(cells, c, _names_both) == 1 and cells[c].is_unique]
        found = {"rt_rw": told[0]} if len(told) == 1 else {}
    others = {"rt": [c for c in rt if c not in found.values()], "rw": rw}
    return found | {name: columns[0] for name, columns in others.items() if columns}


def _is_filled(cells, column):
    """Tell whether anything stands in a column; one whose cells are not given is taken for filled."""
    if column not in cells:
        return True
    return any(cell_text(v).lower() not in _EMPTY_WORDS for v in cells[column].dropna())


def _share(cells, column, names):
    """Share of the texts in a column of which a reading is true; 0 where the cells are not given."""
    if column not in cells or pd.api.types.is_numeric_dtype(cells[column].dtype):
        return 0.0
    texts = dict.fromkeys(map(cell_text, cells[column].dropna().head(_MOST_LABELS)))
    read = [names(read_label(t)) for t in texts if t.lower() not in _EMPTY_WORDS]
    return sum(read) / len(read) if read else 0.0


def _names_both(label):
    return bool(label.rt) and label.rw is not None


def _names_rt(label):
    return bool(label.rt) and label.rw is None and "number_alone" not in label.reason


def _names_rw(label):
    return not label.rt and label.rw is not None


def holds_labels(column):
    """Tell whether most cells of a column name an RT together with its RW.

    Parameters
    ----------
    column : pandas.Series
        Cells as they stand.

    Returns
    -------
    bool
        False for numbers alone.
    """
    return _share({"": column}, "", _names_both) > 0.5


def write_label(rt, rw):
    """Write one label of the cells of two columns.

    Parameters
    ----------
    rt, rw : object
        Cells: numbers, or labels that name their kind; either may be empty.

    Returns
    -------
    str
        The label; empty if both are.

    Examples
    --------
    >>> write_label("1", 2.0), write_label("RT 01", "RW 02"), write_label("", "003")
    ('RT 001 RW 002', 'RT 01 RW 02', 'RW 003')
    """
    cells = [("RT", re.sub(r"\.0$", "", cell_text(rt))), ("RW", re.sub(r"\.0$", "", cell_text(rw)))]
    parts = [
        cell if re.search(r"R\W?[TW]", cell.upper()) else f"{word} {cell.zfill(3)}" for word, cell in cells if cell
    ]
    return " ".join(parts)


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
        return _as_numbers(column, spec, label, problems)
    if isinstance(column.dtype, pd.StringDtype):
        codes, distinct = pd.factorize(column, use_na_sentinel=False)
        if len(distinct) < len(column) / 2:
            read = convert(pd.Series(distinct, name=column.name), spec, opposite, vocabulary, label, problems)
            return read.take(codes).set_axis(column.index)
    if kind == "key":
        return column.map(cell_text)
    if kind == "label":
        texts = column.map(cell_text).astype(object)
        return texts.where(~texts.str.lower().isin(_EMPTY_WORDS), None).astype(object)
    text_ = column.astype("str").str.strip()
    return text_.where(column.notna() & ~text_.str.lower().isin(_EMPTY_WORDS), None).astype(object)


def _as_numbers(column, spec, label, problems):
    """Read numbers in the unit that the heading says; what cannot be in that unit is said and left missing."""
    own = _plain(column.name).rpartition("_")[2] if "_" in _plain(column.name) else ""
    own = own if own in FACTORS[spec["unit"]] else None
    read = read_numbers(column, "width" if spec["unit"] == "m" and "most" in spec else spec["unit"], unit=own)
    values, most = read.values, spec.get("most", np.inf)
    with np.errstate(invalid="ignore"):
        unlikely = (values > most) | ("most" in spec and values < 0)
        high = np.nanmax(values, initial=0, where=~np.isnan(values))
    bare = own is None and not column.map(lambda v: isinstance(v, str) and bool(_UNIT_BEHIND.search(v))).any()
    metres = (values > 0) & bool(bare and 0 < high < spec.get("metres_below", 0))
    for code, mask in (
        ("layer_number_unreadable", read.bad | read.error_cell),
        ("number_ambiguous", read.ambiguous & ~unlikely),
        ("layer_number_implausible", unlikely),
        ("layer_depth_in_metres", metres),
    ):
        if mask.any():
            first = int(np.flatnonzero(mask)[0])
            params = {"count": int(mask.sum()), "value": str(column.iloc[first])[:60]}
            params |= read.readings(first) if code == "number_ambiguous" else {}
            params |= {"read": float(values[first]), "most": most} if code == "layer_number_implausible" else {}
            rows = tuple(column.index[mask][:MOST_POINTS])
            problems.append(Problem(code, label, "", str(column.name), params, about=rows))
    return pd.Series(np.where(unlikely | metres, np.nan, values), index=column.index)


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
    if kind != "yes_no":
        return pd.Series(found[codes], index=column.index, dtype=object)
    yes = pd.arrays.BooleanArray((found == "yes") ^ opposite, ~np.isin(found, ("yes", "no")))
    return pd.Series(yes[codes], index=column.index)


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
