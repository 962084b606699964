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
from itertools import accumulate, pairwise
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from kumuhgis.archives import check_workbook
from kumuhgis.codes import cell_text
from kumuhgis.errors import Problem, TableError
from kumuhgis.saving import as_typed

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
_CRITERION = re.compile(r"^(?:([a-z_]+?)_?)?(\d)_?([a-z])(?:_?(.+))?$")
_ROLES = {
    "volume": {"volume", "vol", "v", "volume_awal", "jumlah", "affected"},
    "percent": {"pct", "persen", "percent", "p", "prosentase", "persentase"},
    "score": {"nilai", "skor", "score", "n"},
    "denominator": {"penyebut", "pembagi", "denominator"},
    "low": {"volume_min", "volume_terendah", "low"},
    "high": {"volume_maks", "volume_max", "volume_tertinggi", "high"},
}
_UNIT_WORDS = {
    "unit",
    "ha",
    "m",
    "kk",
    "m2",
    "meter",
    "luas",
    "panjang",
    "bangunan",
    "kriteria",
    "jiwa",
    "persen",
    "bh",
}
_NOTE_ROW = re.compile(r"^\s*(\*|sumber\b|catatan\b|keterangan\b|ket[.:]|note\b|source\b)", re.IGNORECASE)
_HEADER_ROWS = 25
SURPLUS = "#lebih"
"""Column of the cells of a row that is longer than its heading: nobody knows under which headings they belong."""


class Sheet(NamedTuple):
    """A table that was read: file name, cells, what was said of it, and where every row stands in the file.

    ``origin`` has the index of ``cells`` and the columns ``row`` (from 1, as a spreadsheet counts; missing for a frame)
    and ``sheet`` (empty for a CSV).
    """

    name: str
    cells: pd.DataFrame
    problems: list
    origin: pd.DataFrame


def read_cells(source, known, sheet=None):
    """Read a table into a frame of cells under its own headings; as :func:`read_sheet`, without the rows.

    Parameters
    ----------
    source, known, sheet
        As :func:`read_sheet` takes them.

    Returns
    -------
    name : str
        File name.
    cells : pandas.DataFrame
        Text, numbers or None, as they stand in the file.
    problems : list of Problem
        What was set aside.
    """
    return read_sheet(source, known, sheet)[:3]


def read_sheet(source, known, sheet=None):
    """Read a table into a frame of cells under its own headings, with the row of the file where each stands.

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
    Sheet
        ``name`` of the file, ``cells`` (text, numbers or None, as they stand in the file), ``problems`` (rows that are
        longer than the heading, rows that are no units), ``origin`` of every row.

    Raises
    ------
    TableError
        If the file is not there, is no table, or has no rows.
    """
    if isinstance(source, pd.DataFrame):
        frame = source.reset_index() if source.index.name else source.reset_index(drop=True)
        return Sheet("DataFrame", frame.rename(columns=str), [], _origin([(None, "")] * len(frame)))
    path = Path(source)
    if not path.is_file():
        raise TableError([Problem("table_not_found", str(source))])
    if path.suffix.lower() in WORKBOOKS:
        rows, origin = _workbook_rows(path, known, sheet)
    else:
        fast = _read_clean_csv(path, known)
        if fast is not None:
            return _without_side_rows(path.name, fast, [], _origin((i + 2, "") for i in range(len(fast))))
        rows = [[as_typed(cell) for cell in row] for row in _csv_rows(path, known)]
        origin = [(i + 1, "") for i in range(len(rows))]
    return _without_side_rows(path.name, *_frame(rows, origin, path.name, known))


def _origin(places):
    return pd.DataFrame(places, columns=["row", "sheet"]).astype({"row": "Int64", "sheet": "str"})


def told_in(sheet):
    """Give the parameter by which a problem names its sheet; none for a file without sheets."""
    return {"sheet": sheet} if sheet else {}


def _without_side_rows(name, frame, problems, origin):
    """Set aside rows that are no units: column numbers and units under the heading, notes at the foot."""
    aside = []
    for i in range(min(2, len(frame))):
        cells = [str(c).strip() for c in frame.iloc[i] if c is not None and c == c and str(c).strip()]
        if len(cells) >= 3 and (_are_column_numbers(cells) or _are_units(cells)):
            aside.append(i)
    for i in range(max(0, len(frame) - 8), len(frame)):
        cells = [str(c).strip() for c in frame.iloc[i] if c is not None and c == c and str(c).strip()]
        if cells and len(cells) <= 2 and _NOTE_ROW.match(cells[0]):
            aside.append(i)
    for i in aside:
        row, sheet = origin.iloc[i]
        problems.append(Problem("table_side_row", name, str(frame.iloc[i, 0])[:60], params=told_in(sheet), row=row))
    if aside:
        frame, origin = (f.drop(index=f.index[aside]).reset_index(drop=True) for f in (frame, origin))
    return Sheet(name, frame, problems, origin)


def _are_column_numbers(cells):
    numbers = [re.fullmatch(r"\(?(\d+)\)?", c) for c in cells]
    return all(numbers) and all(int(b[1]) - int(a[1]) == 1 for a, b in pairwise(numbers))


def _are_units(cells):
    known = sum(slug(c) in _UNIT_WORDS or c in ("%", "m²", "m'") for c in cells)
    return known >= 0.7 * len(cells)


def _workbook_rows(path, known, sheet):
    from python_calamine import CalamineError, CalamineWorkbook

    check_workbook(path, path.name)
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
    rows, origin = _join_sheets(dict(zip(candidates, sheets, strict=True)), path.name, known)
    return [[None if isinstance(c, str) and c == "" else c for c in row] for row in rows], origin


def _join_sheets(sheets, name, known):
    """Put sheets of one heading below each other (one sheet per kawasan); refuse to drop sheets of another.

    Beside the rows it gives the number and the sheet of each.
    """
    strength = {sheet: _header(rows, known) for sheet, rows in sheets.items()}
    best = max(strength, key=lambda sheet: strength[sheet][1], default=None)
    if best is None:
        return [], []
    start, most = strength[best]
    like = [sheet for sheet, (_, found) in strength.items() if found >= max(3, 0.8 * most)]
    if len(like) < 2:
        return sheets[best], [(i + 1, best) for i in range(len(sheets[best]))]
    heading = [slug(c) for c in sheets[best][start]]
    others = [s for s in like if [slug(c) for c in sheets[s][strength[s][0]]][: len(heading)] != heading]
    if others:
        params = {"sheets": ", ".join(like), "used": best}
        raise TableError([Problem("table_sheets_differ", name, params=params)])
    rows, origin = [[*sheets[best][start], "lembar"]], [(start + 1, best)]
    for sheet in like:
        first = strength[sheet][0] + 1
        body = [(number, row) for number, row in enumerate(sheets[sheet][first:], first + 1) if any(row)]
        rows += [[*row[: len(heading)], *[""] * (len(heading) - len(row)), sheet] for _, row in body]
        origin += [(number, sheet) for number, _ in body]
    return rows, origin


def _decode(path):
    raw = path.read_bytes()
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", errors="replace"), "utf-16"
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1"), "latin-1"


def _delimiter(text_, known):
    """Choose the delimiter that makes the most known headings; else the most frequent one."""
    lines = text_[:65536].splitlines()[:_HEADER_ROWS] or [""]

    def fits(delimiter):
        rows = list(csv.reader(lines, delimiter=delimiter))
        return _header(rows, known)[1], max(lines, key=len).count(delimiter)

    return max((",", ";", "\t"), key=fits)


def _csv_rows(path, known):
    text_, _ = _decode(path)
    if "\x00" in text_:
        raise TableError([Problem("table_unreadable", path.name, params={"reason": "NUL"})])
    try:
        return list(csv.reader(io.StringIO(text_, newline=""), delimiter=_delimiter(text_, known)))
    except csv.Error as error:
        raise TableError([Problem("table_unreadable", path.name, params={"reason": str(error)})]) from error


def _read_clean_csv(path, known):
    """Read a well-formed CSV whose first line is the heading; None if it is anything else."""
    with path.open("rb") as file:
        head = file.read(65536)
    try:
        text_ = head.decode("utf-8-sig", errors="ignore")
        delimiter = _delimiter(text_, known)
        first = next(csv.reader(io.StringIO(text_, newline=""), delimiter=delimiter))
        if _header([first], known)[1] < 3 or b"\x00" in head or len(set(first)) < len(first):
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                path,
                dtype=str,
                keep_default_na=False,
                sep=delimiter,
                encoding="utf-8-sig",
                index_col=False,
                skip_blank_lines=False,
            )
        clean = (
            not frame.empty
            and not (frame == "").all(axis=1).any()
            and frame.shape[1] == len(first)
            and not frame.isna().any(axis=None)
        )
    except (ValueError, StopIteration, csv.Error, UnicodeError, pd.errors.ParserError, pd.errors.ParserWarning):
        return None
    if not clean:
        return None
    guarded = any(frame[column].str.contains("'", regex=False).any() for column in frame)
    return (frame.map(as_typed) if guarded else frame).rename(columns=as_typed)


def _header(rows, known):
    """Find the row that has the most known headings: (its position, how many)."""
    found = [sum(1 for c in row if c and known(str(c))) for row in rows[:_HEADER_ROWS]]
    best = max(range(len(found)), key=found.__getitem__, default=0)
    return best, found[best] if found else 0


def _frame(rows, origin, name, known):
    """Make a frame of rows; rows that are longer than the heading are reported, and kept under SURPLUS."""
    start, _ = _header(rows, known)
    heading, start = _heading(rows, start)
    below = zip(origin[start + 1 :], rows[start + 1 :], strict=True)
    body = [(place, row) for place, row in below if any(c is not None and str(c).strip() for c in row)]
    if not body:
        raise TableError([Problem("table_empty", name)])
    width, problems, fixed, surplus = len(heading), [], [], {}
    for (number, sheet), row in body:
        if any(c is not None and str(c).strip() for c in row[width:]):
            params = {"signs": len(row) - width, **told_in(sheet)}
            problems.append(Problem("shifted_columns", name, params=params, row=number))
            surplus[len(fixed)] = "; ".join(filter(None, map(cell_text, row[1:])))
            row = [row[0], *[None] * (width - 1)] if width else row
        fixed.append([*row[:width], *[None] * (width - len(row))])
    frame = pd.DataFrame(fixed, columns=_distinct(heading), dtype=object)
    if surplus:
        frame[SURPLUS] = pd.Series(surplus, dtype=object).reindex(frame.index)
    return frame, problems, _origin(place for place, _ in body)


def _heading(rows, start):
    """Give the heading and its last row: two rows where merged criteria stand over volume, percent and score."""
    heading = [str(c).strip() if c is not None else "" for c in (rows[start] if rows else [])]
    below = [str(c).strip() if c is not None else "" for c in (rows[start + 1] if len(rows) > start + 1 else [])]
    words = set().union(*_ROLES.values()) | {"persen"}
    if sum(slug(c) in words for c in below) >= 3:
        wide = max(len(heading), len(below))
        heading += [""] * (wide - len(heading))
        below += [""] * (wide - len(below))
        upper = list(accumulate(heading, lambda last, cell: cell or last))
        heading = [f"{u} {b}".strip() if b else h for u, h, b in zip(upper, heading, below, strict=True)]
        start += 1
    while heading and not heading[-1]:
        heading.pop()
    return heading, start


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
    plain = unicodedata.normalize("NFKD", str(heading).replace("%", " persen ")).encode("ascii", "ignore").decode()
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
    out = {}
    for name, headings in _shipped_aliases().items():
        out.update({slug(h): name for h in [name, *headings]})
    for name, headings in own_headings(columns).items():
        out.update({slug(h): name for h in headings})
    return out


def own_headings(columns):
    """Give a person's own dictionary of headings under canonical names.

    Parameters
    ----------
    columns : dict, path or None
        Name (ours, or one that is known for it, such as ``kk``) to a heading or a list of them; or a TOML file.

    Returns
    -------
    dict of str to list of str
        Canonical name, or ``<code>_volume``, to headings.

    Raises
    ------
    TableError
        If a name on the left is not known.
    """
    own = read_columns(columns) if isinstance(columns, (str, Path)) else (columns or {})
    shipped = {slug(h): name for name, headings in _shipped_aliases().items() for h in [name, *headings]}
    out, problems = {}, []
    for name, headings in own.items():
        words = slug(name)
        criterion = criterion_heading(words)
        canonical = shipped.get(words) or (f"{criterion[1]}_{criterion[0]}" if criterion else None)
        if canonical is None:
            params = {"known": ", ".join(_shipped_aliases())}
            problems.append(Problem("table_columns_unknown", "columns", "", str(name), params))
            continue
        wanted = [headings] if isinstance(headings, str) else headings
        if not isinstance(wanted, list) or not all(isinstance(h, str) for h in wanted):
            problems.append(Problem("table_columns_not_text", "columns", "", str(name), {"value": repr(headings)[:60]}))
            continue
        out.setdefault(canonical, []).extend(wanted)
    if problems:
        raise TableError(problems)
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
        ``("volume" | "percent" | "score" | "denominator" | "low" | "high", code)``.

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> criterion_role("1a_volume", load_rules()), criterion_role(slug("Nilai 1a"), load_rules())
    (('volume', '1a'), ('score', '1a'))
    """
    found = criterion_heading(words)
    return found[:2] if found and found[1] in rules.codes else None


def criterion_heading(words):
    """Say what a heading means for a criterion of any rule.

    Parameters
    ----------
    words : str
        The heading, reduced by :func:`slug`.

    Returns
    -------
    tuple of (str, str, bool) or None
        Role, code, and whether the heading names the role or is the bare code.

    Examples
    --------
    >>> criterion_heading(slug("Volume 2a (m)")), criterion_heading(slug("1a (%)")), criterion_heading("6c")
    (('volume', '2a', True), ('percent', '1a', True), ('volume', '6c', False))
    """
    found = _CRITERION.match(words)
    if not found:
        return None
    code = found.group(2) + found.group(3)
    around = [part for part in (found.group(1), found.group(4)) if part]
    for role, names in _ROLES.items():
        if around and all(part in names for part in around):
            return role, code, True
    named = [w for part in around for w in part.split("_") if w not in _UNIT_WORDS or w == "persen"]
    if not named:
        return "volume", code, False
    for role, names in _ROLES.items():
        if "_".join(named) in names:
            return role, code, True
    return None
