"""Errors and problems: what stops a run, and what only has to be said.

::

    KumuhgisError
    ├── RulesError      a rule file that cannot be used
    ├── ProjectError    a project folder or kumuhgis.toml that cannot be used
    ├── TableError      a baseline table that cannot be read
    ├── LayerError      a map layer that cannot be read
    ├── ScoringError    a computation that would be wrong (for example two rules compared)
    └── OutputError     a result that cannot be written

An error carries *all* its :class:`Problem` records, so everything that is wrong is said at once. A problem that
does not stop the run is a row of the ``problems`` table, which travels with the result.
"""

import errno
import re
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from numbers import Integral

import numpy as np
import pandas as pd

from kumuhgis.personal import HIDDEN
from kumuhgis.severities import SEVERITIES, SEVERITY
from kumuhgis.text import figure, rule_word, text

COLUMNS = ["layer", "row", "feature", "column", "code", "severity", "message", "fix", "params"]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, assumed or repaired.

    Parameters
    ----------
    code : str
        A key of :data:`SEVERITY`.
    layer, feature, column : str
        Where: the file or layer, the unit or row, the column. Empty where it does not apply.
    params : dict
        Values for the placeholders of the message. A float is written as the language writes numbers; a tuple names
        words of ``words.toml``.
    row : int, optional
        Row of the table as a spreadsheet counts it, or the number of the feature, from 1.
    about : tuple
        Keys of the units, or numbers of the features of the layer, that it is said of, where ``feature`` does not
        name each of them.
    shape : shapely.Geometry, optional
        Where it is on the map, in the CRS of the layer (see :mod:`kumuhgis.spots`); None if it has no place.

    Examples
    --------
    >>> Problem("value_missing", "baseline.csv", "RT 01", "kk").severity
    'warning'
    """

    code: str
    layer: str = ""
    feature: str = ""
    column: str = ""
    params: dict = field(default_factory=dict)
    row: int | None = field(default=None, kw_only=True)
    about: tuple = field(default=(), kw_only=True, compare=False, repr=False)
    shape: object = field(default=None, kw_only=True, compare=False, repr=False)

    def __post_init__(self):
        if self.code not in SEVERITY:
            raise KeyError(self.code)

    @property
    def severity(self):
        """Severity of the code: ``error``, ``warning`` or ``info``."""
        return SEVERITY[self.code]

    def message(self, lang="id"):
        """Say what is wrong, in one sentence."""
        return text(f"problems.{self.code}.message", lang, **self._values(lang))

    def fix(self, lang="id"):
        """Say what to do about it."""
        return text(f"problems.{self.code}.fix", lang, **self._values(lang))

    def _values(self, lang):
        params = {key: _shown(value, lang) for key, value in self.params.items()}
        return {"layer": self.layer, "feature": self.feature, "column": self.column, **params}

    def without(self, words):
        """Give the problem with :data:`personal.HIDDEN` where one of the words stands in what it says."""
        said = dict(self.params)
        for key, value in said.items():
            for word in words if isinstance(value, str) else ():
                said[key] = said[key].replace(word, HIDDEN)
        return replace(self, params=said) if said != self.params else self

    def line(self, lang="id"):
        """Write the problem as one line: where, what, what to do."""
        where = where_of(self.layer, self.row, self.feature, self.column, lang)
        return f"{where}: {self.message(lang)} {self.fix(lang)}".removeprefix(": ")


def _shown(value, lang):
    if isinstance(value, tuple):
        return ", ".join(text(f"words.{word}", lang) for word in value)
    if isinstance(value, str) and " | " in value:
        return " | ".join(rule_word(word, lang) for word in value.split(" | "))
    return figure(value, lang) if isinstance(value, (float, np.floating)) else value


def where_of(layer, row, feature, column, lang="id"):
    """Say in one line where a problem is.

    Parameters
    ----------
    layer, feature, column : str
        File or layer, unit, column; empty where it does not apply.
    row : int or None
        Row of the table or number of the feature, from 1.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    str
        The parts that are known.

    Examples
    --------
    >>> where_of("baseline.csv", 12, "RT 01", ""), where_of("rt.gpkg", None, "", "kode")
    ('baseline.csv · baris 12 · RT 01', 'rt.gpkg · kode')
    """
    number = "" if row is None or pd.isna(row) else text("headline.row", lang, row=int(row))
    return " · ".join(part for part in (layer, number, feature, column) if part)


def problems_frame(problems, lang="id", crs=None):
    """Write problems as a table, worst first, otherwise in the order found.

    Parameters
    ----------
    problems : iterable of Problem
        The problems.
    lang : {"id", "en"}
        Language of ``message`` and ``fix``.
    crs : pyproj.CRS, optional
        The CRS of the problems' shapes.

    Returns
    -------
    pandas.DataFrame or, with a CRS, geopandas.GeoDataFrame
        Columns ``layer, row, feature, column, code, severity, message, fix, params``; with a CRS also ``geometry``,
        missing where a problem has no place.

    Examples
    --------
    >>> frame = problems_frame([Problem("value_missing", "baseline.csv", "RT 01", "kk")])
    >>> frame.loc[0, ["feature", "code", "severity"]].tolist()
    ['RT 01', 'value_missing', 'warning']
    """
    ordered = sorted(problems, key=lambda p: SEVERITIES.index(p.severity))
    rows = [
        (p.layer, p.row, p.feature, p.column, p.code, p.severity, p.message(lang), p.fix(lang), p.params)
        for p in ordered
    ]
    frame = pd.DataFrame(rows, columns=COLUMNS).astype({"row": "Int64"})
    if crs is None:
        return frame
    import geopandas as gpd

    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([p.shape for p in ordered], frame.index, crs))


def in_words(frame, lang="id"):
    """Say the problems of a table again in another language.

    Parameters
    ----------
    frame : pandas.DataFrame
        As :func:`problems_frame` writes it.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    pandas.DataFrame
        The same with ``message`` and ``fix`` in the language; a row without code or values stays as it is.

    Examples
    --------
    >>> frame = problems_frame([Problem("value_missing", "baseline.csv", "RT 01", "kk")])
    >>> in_words(frame, "en").loc[0, "message"] != frame.loc[0, "message"]
    True
    """
    if not {"code", "params", "message", "fix"} <= set(frame.columns):
        return frame
    rows = frame[["code", "layer", "feature", "column", "params", "message", "fix"]].to_numpy(object)
    said = [_again(*row, lang) for row in rows]
    return frame.assign(message=[message for message, _ in said], fix=[fix for _, fix in said])


def _again(code, layer, feature, column, params, message, fix, lang):
    if code not in SEVERITY or not isinstance(params, dict):
        return message, fix
    problem = Problem(code, layer, feature, column, params)
    try:
        return problem.message(lang), problem.fix(lang)
    except KeyError:
        return message, fix


def some(names, most=5):
    """Name some of many: the first few and how many there are.

    Parameters
    ----------
    names : sequence
        What to name.
    most : int
        How many are named.

    Returns
    -------
    str
        For example ``"01, 02, 03, 04, 05 … (35)"``.

    Examples
    --------
    >>> some(["01", "02", "03"], most=2), some(["01"])
    ('01, 02 … (3)', '01')
    """
    names = [str(name) for name in names]
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} … ({len(names)})"


def numbered(features):
    """Name features as people count them: a number in a file is one more than its index, a key is itself.

    Parameters
    ----------
    features : sequence of int or str
        Rows of the index of a layer.

    Returns
    -------
    list of str
        Their names.

    Examples
    --------
    >>> numbered([0, 4]), numbered(["01"])
    (['1', '5'], ['01'])
    """
    return [str(f + 1 if isinstance(f, Integral) else f) for f in features]


def count_severities(problems):
    """Count problems by severity.

    Parameters
    ----------
    problems : iterable of Problem or pandas.DataFrame
        The problems.

    Returns
    -------
    dict
        Severity to number, all three severities present.

    Examples
    --------
    >>> count_severities([Problem("value_missing")])
    {'error': 0, 'warning': 1, 'info': 0}
    """
    found = problems["severity"] if isinstance(problems, pd.DataFrame) else (p.severity for p in problems)
    counts = Counter(found)
    return {severity: counts[severity] for severity in SEVERITIES}


_EXPECTED = {
    "int": "whole",
    "float": "number",
    "bool": "yes_no",
    "string": "text",
    "tuple": "list",
    "list": "list",
    "dict": "table",
    "model": "table",
    "date": "date",
    "literal": "choice",
}


def validation_problems(room, layer, found, data):
    """Turn what a schema check found into problems in our own words.

    Parameters
    ----------
    room : {"rules", "project"}
        Prefix of the problem codes.
    layer : str
        Name of the file.
    found : list of dict
        ``pydantic.ValidationError.errors()``.
    data : dict
        What was checked, to name a list item by its code or key.

    Returns
    -------
    list of Problem
        One per mistake: the item in ``feature``, the key in ``column``.
    """
    problems = []
    for error in found:
        where, key = _locate(error["loc"], data)
        kind = error["type"]
        if kind == "extra_forbidden":
            problems.append(Problem(f"{room}_unknown_key", layer, where, key))
        elif kind == "missing":
            problems.append(Problem(f"{room}_missing_key", layer, where, key))
        else:
            params = {"value": repr(error.get("input"))[:80], "expected": _expected(kind, error)}
            problems.append(Problem(f"{room}_bad_value", layer, where, key, params))
    return problems


def _locate(loc, data):
    names = []
    for part in loc[:-1]:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            data = None
        if isinstance(part, int) and isinstance(data, dict):
            part = data.get("code") or data.get("key") or data.get("number") or part + 1
        names.append(str(part))
    return ".".join(names), str(loc[-1])


def _expected(kind, error):
    """Say what would have been right, without a word of the schema's own language."""
    context = error.get("ctx", {})
    if kind in ("literal_error", "enum"):
        return " | ".join(re.findall(r"'([^']*)'", str(context.get("expected", ""))))
    for key, sign in (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<")):
        if key in context:
            return f"{sign} {context[key]}"
    if "pattern" in context:
        return text("expected.text") if context["pattern"] == r"\S" else str(context["pattern"])
    for start, name in _EXPECTED.items():
        if kind.startswith(start) and not kind.endswith(("short", "long")):
            return text(f"expected.{name}")
    return text("expected.other")


_REASONS = {
    errno.EEXIST: "write_exists",
    errno.EISDIR: "write_exists",
    errno.ENOTEMPTY: "write_exists",
    errno.ENOTDIR: "write_not_folder",
    errno.ENOENT: "write_no_folder",
    errno.EACCES: "write_no_permission",
    errno.EPERM: "write_no_permission",
    errno.EROFS: "write_no_permission",
    errno.ENAMETOOLONG: "write_name_long",
    errno.ENOSPC: "write_disk_full",
    errno.EDQUOT: "write_disk_full",
}


def why_not_written(error):
    """Say why something could not be written, in words that have a translation.

    Parameters
    ----------
    error : Exception
        What the system said.

    Returns
    -------
    tuple of str, or str
        A value for ``params``: a key of ``words``; the kind of error for what has no words.

    Examples
    --------
    >>> why_not_written(FileExistsError(errno.EEXIST, "File exists")), why_not_written(OSError("?"))
    (('write_exists',), 'OSError')
    """
    word = _REASONS.get(getattr(error, "errno", None))
    word = "write_name_letters" if isinstance(error, UnicodeError) else word
    return (word,) if word else type(error).__name__


class KumuhgisError(Exception):
    """What kumuhgis raises when it cannot go on; it carries every problem found.

    Parameters
    ----------
    problems : iterable of Problem
        What is wrong, everything at once.
    lang : {"id", "en"}
        Language of the text.
    """

    def __init__(self, problems, lang="id"):
        self.problems = list(problems)
        super().__init__("\n".join(p.line(lang) for p in self.problems))


@contextmanager
def in_language(lang):
    """Say errors of the block in a language.

    Parameters
    ----------
    lang : {"id", "en"}
        Language.

    Examples
    --------
    >>> with in_language("en"):
    ...     raise TableError([Problem("table_not_found", "a.csv")])
    Traceback (most recent call last):
    ...
    kumuhgis.errors.TableError: a.csv: There is no such table file. Check its name and folder.
    """
    try:
        yield
    except KumuhgisError as error:
        raise type(error)(error.problems, lang) from error


class RulesError(KumuhgisError):
    """A rule file cannot be used."""


class ProjectError(KumuhgisError):
    """A project folder or its kumuhgis.toml cannot be used."""


class TableError(KumuhgisError):
    """A baseline table cannot be read."""


class LayerError(KumuhgisError):
    """A map layer cannot be read."""


class ScoringError(KumuhgisError):
    """A computation was asked for that would give a wrong number."""


class OutputError(KumuhgisError):
    """A result cannot be written."""
