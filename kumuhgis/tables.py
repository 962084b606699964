"""The door for tables: CSV and workbooks as cells under their own headings.

A heading is known by its words or by the criterion's code, never by its position; the heading row is found even
below a title.
"""

import csv
import io
import re
import tomllib
import unicodedata
import warnings
from functools import cache
from importlib.resources import files
from pathlib import Path

import pandas as pd

from kumuhgis.errors import Problem, TableError

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
_CRITERION = re.compile(r"^(?:(volume|vol|v)_?)?(\d)_?([a-z])(?:_?(.+))?$")
_ROLES = {
    "volume": {"", "volume", "vol", "v", "volume_awal", "jumlah", "affected"},
    "percent": {"pct", "persen", "percent", "p", "prosentase", "persentase"},
    "score": {"nilai", "skor", "score", "n"},
}
_HEADER_ROWS = 25


def read_cells(source, known, sheet=None):
    """Read a table into a frame of cells under its own headings.

    Parameters
    ----------
    source : path or pandas.DataFrame
        CSV (comma, semicolon or tab), a workbook, or a frame of cells.
    known : callable
        ``known(heading) -> bool``: which headings are expected; the row with the most of them is the heading row.
    sheet : str, optional
        Sheet of a workbook; the default is the one with the best heading row.

    Returns
    -------
    name : str
        File name.
    cells : pandas.DataFrame
        Text, numbers or None, as they stand in the file.
    problems : list of Problem
        Rows that are longer than the heading.

    Raises
    ------
    TableError
        If the file is not there, is no table, or has no rows.
    """
    if isinstance(source, pd.DataFrame):
        frame = source.reset_index() if source.index.name else source.reset_index(drop=True)
        return "DataFrame", frame.rename(columns=str), []
    path = Path(source)
    if not path.is_file():
        raise TableError([Problem("table_not_found", str(source))])
    if path.suffix.lower() in WORKBOOKS:
        rows = _workbook_rows(path, known, sheet)
    else:
        fast = _read_clean_csv(path, known)
        if fast is not None:
            return path.name, fast, []
        rows = _csv_rows(path)
    return path.name, *_frame(rows, path.name, known)


def _workbook_rows(path, known, sheet):
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(path))
        names = book.sheet_names
        if sheet is not None and sheet not in names:
            params = {"sheet": sheet, "known": ", ".join(names)}
            raise TableError([Problem("table_sheet_missing", path.name, params=params)])
        candidates = [sheet] if sheet is not None else names
        sheets = [book.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in candidates]
    except (CalamineError, OSError, ValueError) as error:
        raise TableError([Problem("table_unreadable", path.name, params={"reason": str(error)})]) from error
    best = max(sheets, key=lambda rows: _header(rows, known)[1], default=[])
    return [[None if isinstance(c, str) and c == "" else c for c in row] for row in best]


def _decode(path):
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1"), "latin-1"


def _delimiter(text_):
    first = text_[:4096].splitlines()[:_HEADER_ROWS] or [""]
    widest = max(first, key=len)
    return max((",", ";", "\t"), key=widest.count)


def _csv_rows(path):
    text_, _ = _decode(path)
    if "\x00" in text_:
        raise TableError([Problem("table_unreadable", path.name, params={"reason": "NUL"})])
    try:
        return list(csv.reader(io.StringIO(text_, newline=""), delimiter=_delimiter(text_)))
    except csv.Error as error:
        raise TableError([Problem("table_unreadable", path.name, params={"reason": str(error)})]) from error


def _read_clean_csv(path, known):
    """Read a well-formed CSV whose first line is the heading; None if it is anything else."""
    with path.open("rb") as file:
        head = file.read(65536)
    try:
        text_ = head.decode("utf-8-sig", errors="ignore")
        delimiter = _delimiter(text_)
        first = next(csv.reader(io.StringIO(text_, newline=""), delimiter=delimiter))
        if _header([first], known)[1] < 3 or b"\x00" in head or len(set(first)) < len(first):
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                path, dtype=str, keep_default_na=False, sep=delimiter, encoding="utf-8-sig", index_col=False
            )
        clean = not frame.empty and frame.shape[1] == len(first) and not frame.isna().any(axis=None)
    except (ValueError, StopIteration, csv.Error, UnicodeError, pd.errors.ParserError, pd.errors.ParserWarning):
        return None
    return frame if clean else None


def _header(rows, known):
    """Find the row that has the most known headings: (its position, how many)."""
    found = [sum(1 for c in row if c and known(str(c))) for row in rows[:_HEADER_ROWS]]
    best = max(range(len(found)), key=found.__getitem__, default=0)
    return best, found[best] if found else 0


def _frame(rows, name, known):
    """Make a frame of rows; rows that are longer than the heading are reported and left to the shift check."""
    start, _ = _header(rows, known)
    body = [row for row in rows[start + 1 :] if any(c is not None and str(c).strip() for c in row)]
    if not body:
        raise TableError([Problem("table_empty", name)])
    heading = [str(c).strip() if c is not None else "" for c in rows[start]]
    while heading and not heading[-1]:
        heading.pop()
    width, problems, fixed = len(heading), [], []
    for number, row in enumerate(body, start + 2):
        if any(c is not None and str(c).strip() for c in row[width:]):
            problems.append(Problem("shifted_columns", name, f"{number}", params={"signs": len(row) - width}))
            row = [row[0], *[None] * (width - 1)] if width else row
        fixed.append([*row[:width], *[None] * (width - len(row))])
    frame = pd.DataFrame(fixed, columns=_distinct(heading), dtype=object)
    return frame, problems


def _distinct(heading):
    seen, out = {}, []
    for i, text_ in enumerate(heading):
        text_ = text_ or f"#{i + 1}"
        seen[text_] = seen.get(text_, 0) + 1
        out.append(text_ if seen[text_] == 1 else f"{text_} ({seen[text_]})")
    return out


# ---------------------------------------------------------------- headings


def slug(heading):
    """Reduce a heading to lower-case words: "Kode-RT " is "kode_rt"."""
    plain = unicodedata.normalize("NFKD", str(heading)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")


@cache
def _shipped_aliases():
    return tomllib.loads(files("kumuhgis").joinpath("data", "columns.toml").read_text("utf-8"))


def aliases(columns=None):
    """Give the headings that are known, reduced to lower-case words.

    Parameters
    ----------
    columns : dict or path, optional
        More of them: canonical name to heading or list of headings, or a TOML file.

    Returns
    -------
    dict of str to str
        Heading to canonical name; own headings go first.

    Examples
    --------
    >>> aliases({"households": "Jml KK Tetap"})["jml_kk_tetap"], aliases()["kode_rt"]
    ('households', 'unit')
    """
    own = columns or {}
    if isinstance(own, (str, Path)):
        own = read_columns(own)
    out = {}
    for name, headings in _shipped_aliases().items():
        out.update({slug(h): name for h in [name, *headings]})
    for name, headings in own.items():
        out.update({slug(h): name for h in ([headings] if isinstance(headings, str) else headings)})
    return out


def read_columns(path):
    """Read a dictionary of headings from a TOML file.

    Parameters
    ----------
    path : path
        The file: ``canonical = "heading"`` or a list of headings.

    Returns
    -------
    dict
        As written.

    Raises
    ------
    TableError
        If it is not there or not TOML.
    """
    try:
        return tomllib.loads(Path(path).read_text("utf-8"))
    except FileNotFoundError as error:
        raise TableError([Problem("table_not_found", str(path))]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise TableError([Problem("table_unreadable", str(path), params={"reason": str(error)})]) from error


def criterion_role(words, rules):
    """Say what a heading means for a criterion.

    Parameters
    ----------
    words : str
        The heading, reduced by :func:`slug`.
    rules : Rules
        Its codes are the only ones known.

    Returns
    -------
    tuple of (str, str) or None
        ``("volume" | "percent" | "score", code)``.

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> criterion_role("1a_volume", load_rules()), criterion_role(slug("Nilai 1a"), load_rules())
    (('volume', '1a'), None)
    """
    found = _CRITERION.match(words)
    if not found:
        return None
    code = found.group(2) + found.group(3)
    if code not in rules.codes:
        return None
    suffix = found.group(4) or ""
    for role, words in _ROLES.items():
        if suffix in words:
            return role, code
    return None
