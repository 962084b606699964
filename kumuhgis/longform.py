"""The one table: ``measures``, indexed by (unit, criterion), and its two shapes.

Long, it is what rooms hand to each other; as matrices of units by criteria it is what is computed on.
"""

import re

import numpy as np
import pandas as pd

from kumuhgis.errors import Problem, ScoringError


def matrices(measures, rules, columns=("affected", "total")):
    """Lay the long table of measures out as arrays of units by criteria.

    Parameters
    ----------
    measures : pandas.DataFrame
        Indexed by (``unit``, ``criterion``).
    rules : Rules
        Gives the order of the criteria; rows of other criteria are left out (see :func:`scoring_problems`).
    columns : sequence of str
        Columns wanted; one that is absent gives NaN.

    Returns
    -------
    units : pandas.Index
        Units in the order of their first row.
    arrays : list of numpy.ndarray, shape (units, criteria)
        One per column.

    Raises
    ------
    ScoringError
        If a (unit, criterion) pair stands twice.
    """
    unit_codes, units = _level_codes(measures.index, "unit")
    criterion_codes, criteria = _level_codes(measures.index, "criterion")
    column_of = pd.Index(rules.codes).get_indexer(criteria)[criterion_codes]
    known = column_of >= 0
    rows, cols = unit_codes[known], column_of[known]
    size = (len(units), len(rules.codes))
    place = rows * size[1] + cols
    if len(place) and np.bincount(place, minlength=1).max() > 1:
        twice = measures.index[measures.index.duplicated()]
        raise ScoringError([Problem("unit_duplicate", "measures", str(u), c) for u, c in twice[:20]])
    arrays = []
    for name in columns:
        flat = np.full(size[0] * size[1], np.nan)
        if name in measures:
            flat[place] = measures[name].to_numpy(float, na_value=np.nan)[known]
        arrays.append(flat.reshape(size))
    return pd.Index(units, name="unit"), arrays


def _level_codes(index, name):
    """Whole numbers for a level of an index, in the order of first appearance, and what they stand for."""
    level = index.names.index(name)
    codes, first = pd.factorize(index.codes[level])
    return codes, index.levels[level].take(first)


def long_table(units, codes, **arrays):
    """Write arrays of units by criteria as a long table; the reverse of :func:`matrices`.

    Parameters
    ----------
    units : pandas.Index
        Units.
    codes : sequence of str
        Criteria.
    **arrays : numpy.ndarray, shape (units, criteria)
        Columns.

    Returns
    -------
    pandas.DataFrame
        Indexed by (``unit``, ``criterion``), the criteria of each unit together.
    """
    index = pd.MultiIndex.from_product([units, codes], names=["unit", "criterion"])
    return pd.DataFrame({name: np.asarray(a).reshape(-1) for name, a in arrays.items()}, index=index)


def distinct_keys(keys):
    """Give keys that stand twice a number of their own: nothing is lost, and no key is taken twice.

    Parameters
    ----------
    keys : list of str
        Keys.

    Returns
    -------
    list of str
        As long as ``keys``; the first of a kind keeps its key.

    Examples
    --------
    >>> distinct_keys(["01", "01", "01 #2"])
    ['01', '01 #3', '01 #2']
    """
    taken, seen, out = set(keys), set(), []
    for key in keys:
        new, number = key, 2
        while new in seen or (new != key and new in taken):
            new, number = f"{key} #{number}", number + 1
        seen.add(new)
        out.append(new)
    return out


def original_keys(keys):
    """Give keys as they were before :func:`distinct_keys` gave doubles a number of their own.

    Parameters
    ----------
    keys : sequence of str
        Keys, each once.

    Returns
    -------
    list of str
        As long as ``keys``; "01 #2" is "01" where "01" is among them.

    Examples
    --------
    >>> original_keys(["01", "01 #2", "02 #2"])
    ['01', '01', '02 #2']
    """
    there = set(keys)
    stems = [re.sub(r" #\d+$", "", key) for key in keys]
    return [stem if stem in there else key for key, stem in zip(keys, stems, strict=True)]
