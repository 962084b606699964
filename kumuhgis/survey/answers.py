"""Cells as answers: choices by their key or label, numbers as Indonesians write them; a doubt stays missing."""

import numpy as np
import pandas as pd

from kumuhgis.catalog import words as attribute_words
from kumuhgis.codes import cell_text
from kumuhgis.errors import Problem, some
from kumuhgis.masking import without_people
from kumuhgis.numbers import MISSING, decimal_mark, read_numbers
from kumuhgis.questions import NUMBERS, questions
from kumuhgis.survey.headings import choice_words
from kumuhgis.tables import slug

_YES_NO = {"yes_no", "yes_no_unknown"}
_TRUE = {"1", "1.0", "true", "yes", "ya", "x", "v"}


def read_answers(table, problems):
    """Read the answers of one table.

    Parameters
    ----------
    table : files.Table
        Cells and what every column is.
    problems : list of Problem
        Taken up with choices and numbers that cannot be read, and numbers that cannot be.

    Returns
    -------
    pandas.DataFrame
        A column a question, without the places: numbers as floats, choices as their keys, several choices joined by a
        space, text as text. Missing where nothing, or nothing readable, was answered.
    """
    columns = {role.name: heading for heading, role in table.roles.items() if role.kind == "answer"}
    several = {role.name for role in table.roles.values() if role.kind == "multiple"}
    numbers = _numbers(table, columns, problems)
    out = {}
    for name, question in questions().items():
        if name in numbers:
            out[name] = numbers[name]
        elif name in several:
            out[name] = _ticked(table, name)
        elif name in columns and question.type not in ("geopoint", "geoshape"):
            read = _READ.get(question.type, _texts)
            out[name] = read(table.cells[columns[name]], name, table, problems)
    return pd.DataFrame(out, index=table.cells.index)


def read_by_value(cells, read):
    """Read a column of which many cells are equal: every distinct cell once."""
    codes, distinct = pd.factorize(cells, use_na_sentinel=True)
    values = np.array([*(read(value) for value in distinct), None], dtype=object)
    return pd.Series(values[codes], index=cells.index, dtype=object)


def texts(cells):
    """Give a column as text; nothing, and blanks, are missing."""
    return read_by_value(cells, lambda value: cell_text(value) or None)


def _texts(cells, name, table, problems):
    return texts(cells)


# ---------------------------------------------------------------- choices


def _one(cells, name, table, problems):
    known, odd = _known(name, cells), {}

    def read(value):
        written = cell_text(value)
        key = known.get(slug(written)) if written else None
        if key is None and written.lower() not in MISSING:
            odd[value] = written
        return key

    found = read_by_value(cells, read)
    _say_unknown(cells.isin(list(odd)), odd.values(), name, table, problems)
    return found


def _known(name, cells):
    """Give the words of a question; a bare "T" is "tidak", unless an "F" beside it says that it is "true"."""
    known = choice_words(name)
    if questions()[name].choices not in _YES_NO:
        return known
    english = {"f", "F"} & set(cells.dropna().unique())
    return {**{slug(word): meaning for word, meaning in attribute_words("yes_no").items()},
            "t": "yes" if english else "no", **known}  # fmt: skip


def _say_unknown(mask, values, name, table, problems):
    count = int(mask.sum())
    if count:
        expected = some(dict.fromkeys(choice_words(name).values()), 8)
        params = {"count": count, "values": some(dict.fromkeys(map(short, values))), "expected": expected}
        problems.append(Problem("survey_choice_unknown", table.file, "", name, params))


def short(value):
    """Show a cell in a message: no numbers of people, not longer than a line."""
    shown = without_people(value)
    return shown if len(shown) <= 40 else f"{shown[:40]}…"


def _many(cells, name, table, problems):
    """Read several choices in one cell: keys between spaces, or labels between spaces, commas or semicolons."""
    known, odd = choice_words(name), {}

    def read(value):
        left, keys = slug(cell_text(value)), []
        while left:
            word = max((w for w in known if left == w or left.startswith(f"{w}_")), key=len, default=None)
            if word is None:
                odd.update({} if cell_text(value).lower() in MISSING else {value: cell_text(value)})
                return None
            keys.append(known[word])
            left = left[len(word) :].strip("_")
        return " ".join(dict.fromkeys(keys)) or None

    found = read_by_value(cells, read)
    _say_unknown(cells.isin(list(odd)), odd.values(), name, table, problems)
    return found


def _ticked(table, name):
    """Join the columns of a question with several choices; none ticked is no answer."""
    joined = pd.Series("", index=table.cells.index, dtype=object)
    for heading, role in table.roles.items():
        if role.kind == "multiple" and role.name == name:
            ticked = read_by_value(table.cells[heading], lambda v: cell_text(v).lower() in _TRUE).eq(True)
            joined[ticked.to_numpy(bool)] += f" {role.part}"
    joined = joined.str.strip()
    return joined.where(joined != "", None)


# ---------------------------------------------------------------- numbers


def _numbers(table, columns, problems):
    """Read all numbers of a table; what one column leaves open the others may decide."""
    kinds = {n: questions()[n].unit for n in columns if questions()[n].type in NUMBERS}
    cells = {n: plain_numbers(table.cells[columns[n]]) for n in kinds}
    first = {n: read_numbers(cells[n], kind) for n, kind in kinds.items()}
    mark = decimal_mark(first.values())
    read = {n: read_numbers(cells[n], kinds[n], evidence=mark) if c.pending else c for n, c in first.items()}
    return {name: _sound(column, name, cells[name], table, problems) for name, column in read.items()}


def plain_numbers(cells):
    """Give a column of typed numbers as such, so that no cell has to be looked at alone."""
    there = cells.where(cells != "", None) if cells.dtype == object else cells
    numeric = pd.api.types.infer_dtype(there, skipna=True) in ("floating", "integer", "mixed-integer-float")
    return there.astype(float) if numeric else there


def _sound(column, name, cells, table, problems):
    """Give the numbers that can be; those that are none or outside the limits of the question are said and missing."""
    question, values = questions()[name], column.values.copy()
    bad = column.bad | column.error_cell
    if bad.any():
        params = {"count": int(bad.sum()), "values": some(dict.fromkeys(short(cell_text(v)) for v in cells[bad]))}
        problems.append(Problem("survey_number_unread", table.file, "", name, params))
    if column.ambiguous.any():
        i = int(np.flatnonzero(column.ambiguous)[0])
        params = {"value": cell_text(cells.iloc[i]), **column.readings(i)}
        problems.append(Problem("number_ambiguous", table.file, "", name, params))
    low, high = (v if v is not None else w for v, w in ((question.min, -np.inf), (question.max, np.inf)))
    with np.errstate(invalid="ignore"):
        outside = (values < low) | (values > high)
        if question.type == "integer":
            outside |= np.isfinite(values) & (values != np.floor(values))
    if outside.any():
        params = {"count": int(outside.sum()), "low": float(low), "high": float(high)}
        params["values"] = some(dict.fromkeys(short(cell_text(v)) for v in cells[outside]))
        problems.append(Problem("survey_out_of_range", table.file, "", name, params))
        values[outside] = np.nan
    return pd.Series(values, index=cells.index)


_READ = {"select_one": _one, "select_multiple": _many}
