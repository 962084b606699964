"""What a survey comes in: workbooks of phones and of people, CSV, the zip of a server, a folder of them."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from kumuhgis.archives import check_workbook, unpack
from kumuhgis.errors import LayerError, Problem, TableError
from kumuhgis.questions import questions
from kumuhgis.survey.headings import read_headings
from kumuhgis.tables import WORKBOOKS, read_sheet

SUFFIXES = (*WORKBOOKS, ".csv", ".txt", ".zip")
_PHOTOS = (".jpg", ".jpeg", ".png", ".webp", ".heic")
_LEAST = 2


@dataclass
class Table:
    """One sheet or CSV: its cells, what every column is, and the row of the file where each row stands.

    Tables of one ``bundle`` (a workbook, a zip, a folder of CSV) belong to each other.
    """

    bundle: str
    file: str
    sheet: str
    cells: pd.DataFrame
    roles: dict
    rows: pd.Series

    @property
    def is_repeat(self):
        """Whether its rows belong to rows of another table: they say so, or ask only what repeats inside an RT."""
        if any(role.kind == "meta" and role.name.startswith("parent_") for role in self.roles.values()):
            return True
        asked = [questions()[role.name] for role in self.roles.values() if role.kind in ("answer", "multiple")]
        return all(bool(question.repeat) or question.section == "visit" for question in asked)

    def column(self, kind, name):
        """Give the cells of the first column of a kind and name, or None."""
        for heading, role in self.roles.items():
            if (role.kind, role.name) == (kind, name):
                return self.cells[heading]
        return None


@dataclass
class Found:
    """Everything that a source holds: tables, names of photos, and what could not be read."""

    tables: list = field(default_factory=list)
    photos: set = field(default_factory=set)
    media: bool = False
    problems: list = field(default_factory=list)


def open_tables(source, keep=()):
    """Open every file of a survey.

    Parameters
    ----------
    source : path, list of paths, or pandas.DataFrame
        Workbooks, CSV, zips of CSV; or folders of them.
    keep : sequence of str
        Headings that are wanted although they are not known.

    Returns
    -------
    Found
        The tables that hold answers.

    Raises
    ------
    TableError
        If nothing can be read, or no table has a column of the questionnaire.
    """
    found = Found()
    if isinstance(source, pd.DataFrame):
        cells = source.loc[:, ~source.columns.duplicated()].reset_index(drop=True)
        _take(found, "", "DataFrame", "", cells, range(1, len(cells) + 1), keep)
    else:
        for path in _paths([source] if isinstance(source, (str, Path)) else source):
            whole = path.suffix.lower() in (".zip", *WORKBOOKS)
            _open(found, path, path.name, keep, str(path if whole else path.parent))
    if not any(not table.is_repeat for table in found.tables):
        errors = [p for p in found.problems if p.severity == "error"]
        raise TableError(errors or [Problem("survey_none", str(source) if isinstance(source, (str, Path)) else "")])
    return found


def _paths(sources):
    for path in map(Path, sources):
        if path.is_dir():
            yield from sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file())
        else:
            yield path


def _open(found, path, name, keep, bundle):
    try:
        if not path.is_file():
            raise TableError([Problem("table_not_found", str(path))])
        if path.suffix.lower() == ".zip":
            _open_zip(found, path, name, keep, bundle)
        elif path.suffix.lower() in WORKBOOKS:
            _open_workbook(found, path, name, keep, bundle)
        else:
            read = read_sheet(path, lambda heading: _is_known(heading, keep))
            found.problems += read.problems
            _take(found, bundle, name, "", read.cells, read.origin["row"], keep)
    except (TableError, LayerError) as error:
        found.problems += [p for p in error.problems if p.code != "table_empty"]


def _open_zip(found, path, name, keep, bundle):
    with tempfile.TemporaryDirectory(prefix="kumuhgis-") as folder:
        for part in unpack(path, folder, name):
            if part.suffix.lower() in _PHOTOS:
                found.photos.add(part.name)
                found.media = True
            elif part.suffix.lower() in SUFFIXES and part.suffix.lower() != ".zip":
                _open(found, part, f"{name}/{part.name}", keep, bundle)


def _open_workbook(found, path, name, keep, bundle):
    """Read the sheets of a workbook: those that begin with their heading at once, others as people write them."""
    from python_calamine import CalamineError, CalamineWorkbook

    check_workbook(path, name)
    try:
        book = CalamineWorkbook.from_path(str(path))
        sheets = {s: book.get_sheet_by_name(s).to_python(skip_empty_area=False) for s in book.sheet_names}
    except (CalamineError, OSError, ValueError) as error:
        raise TableError([Problem("table_unreadable", name, params={"reason": str(error)})]) from error
    for sheet, rows in sheets.items():
        heading = [str(cell).strip() for cell in rows[0]] if rows else []
        if len(set(heading)) == len(heading) and sum(_is_known(h, keep) for h in heading) >= _LEAST:
            _take(found, bundle, name, sheet, pd.DataFrame(rows[1:], columns=heading), range(2, len(rows) + 1), keep)
        elif any(sum(_is_known(cell, keep) for cell in row) >= _LEAST for row in rows[:25]):
            read = read_sheet(path, lambda h: _is_known(h, keep), sheet)
            found.problems += read.problems
            _take(found, bundle, name, sheet, read.cells, read.origin["row"], keep)


def _is_known(heading, keep):
    return next(iter(read_headings([str(heading)], keep).values())).kind != "other"


def _take(found, bundle, file, sheet, cells, rows, keep):
    """Keep a table that has at least one answer to a question; rows without any cell are no rows."""
    roles = read_headings(cells.columns, keep)
    if sum(role.kind in ("answer", "multiple") for role in roles.values()) < _LEAST:
        return
    there = pd.Series(False, index=cells.index)
    for column in range(cells.shape[1]):
        values = cells.iloc[:, column]
        there |= values.notna() & (values != "")
        if there.all():
            break
    kept = there.to_numpy()
    rows = pd.Series(list(rows), dtype="Int64")[kept].reset_index(drop=True)
    found.tables.append(Table(bundle, file, sheet, cells[kept].reset_index(drop=True), roles, rows))
