"""Tables on sheets: a heading of one or two rows that is repeated on every page, rows, sums; each document its own."""

import math
from dataclasses import dataclass

from xlsxwriter.utility import xl_col_to_name

from kumuhgis.captions import input_lines, provenance_lines
from kumuhgis.documents.sheets import Book, cached, fit, put
from kumuhgis.text import text

TITLE_ROWS = 3
"""Rows that title and banner take on every sheet."""
LOOKS = "looks"
"""Key under which a row names looks of its own, by the key of the cell: hectares and households in one column."""


@dataclass(frozen=True)
class Live:
    """A cell that is computed: its formula, without =, and its value."""

    formula: str
    value: object


@dataclass(frozen=True)
class Field:
    """One column of a table: key of its cells, heading, width, look, and what it has in common with its neighbours."""

    key: str
    heading: str
    width: float = 10
    look: str = "text"
    group: str = ""
    open: bool = False


@dataclass
class Papers(Book):
    """A workbook whose sheets are named by a file of texts of its own."""

    texts: str = ""
    kinds: tuple = ()

    def __post_init__(self):
        super().__post_init__()
        self.names = {kind: self.tell(f"sheet.{kind}") for kind in self.kinds}

    def tell(self, key, **params):
        """Give a text of the document's own file."""
        return text(f"{self.texts}.{key}", self.lang, **params)

    def cell_look(self, column, *more):
        """Give the format of a column's cells."""
        return self.look(column.look, *more, "box", *(("open",) if column.open else ()))


def write_heads(book, sheet, row, columns):
    """Write the heading of a table; two rows where columns have something in common.

    Parameters
    ----------
    book : Papers
        The workbook.
    sheet : xlsxwriter.worksheet.Worksheet
        The sheet.
    row : int
        First row, from 0.
    columns : list of Field
        The columns.

    Returns
    -------
    int
        The row below.
    """
    head, grouped = book.look("head"), any(c.group for c in columns)
    last = row + 1 if grouped else row
    for j, column in enumerate(columns):
        if grouped and not column.group:
            sheet.merge_range(row, j, last, j, column.heading, head)
        else:
            sheet.write_string(last, j, column.heading, head)
    if grouped:
        book.groups(sheet, columns, row)
    longest = max(math.ceil(len(c.heading) / max(1, c.width - 1)) for c in columns)
    sheet.set_row(last, 14 * max(1, min(6, longest)))
    return last + 1


def write_rows(book, sheet, first, columns, rows):
    """Write rows of cells below a heading: values, :class:`Live` formulas, or nothing where a key is absent.

    Parameters
    ----------
    book : Papers
        The workbook.
    sheet : xlsxwriter.worksheet.Worksheet
        The sheet.
    first : int
        Row of the first one, from 0.
    columns : list of Field
        The columns.
    rows : list of dict
        Cells by key.

    Returns
    -------
    int
        The row below.
    """
    looks = [book.cell_look(column) for column in columns]
    wrapped = [(c.key, c.width) for c in columns if c.look == "wrap"]
    for i, row in enumerate(rows, first):
        own = row.get(LOOKS, {})
        for j, (column, look) in enumerate(zip(columns, looks, strict=True)):
            here = book.look(own[column.key], "box") if column.key in own else look
            write_cell(sheet, i, j, row.get(column.key), here)
        fit(sheet, i, [(str(row.get(key) or ""), width) for key, width in wrapped])
    return first + len(rows)


def write_cell(sheet, row, column, value, look):
    """Write a value, or a formula with its value."""
    if isinstance(value, Live):
        sheet.formula(row, column, value.formula, look, cached(value.value))
    else:
        put(sheet, row, column, value, look)


def write_table(book, sheet, row, columns, rows, *, widths=True):
    """Write heading and rows; give the row of the first cells and the one below the last.

    Parameters
    ----------
    book : Papers
        The workbook.
    sheet : xlsxwriter.worksheet.Worksheet
        The sheet.
    row : int
        Row of the heading, from 0.
    columns : list of Field
        The columns.
    rows : list of dict
        Cells by key.
    widths : bool
        Set the widths of the sheet's columns.

    Returns
    -------
    first, below : int
        Rows, from 0.
    """
    if widths:
        for j, column in enumerate(columns):
            sheet.set_column(j, j, column.width)
    first = write_heads(book, sheet, row, columns)
    return first, write_rows(book, sheet, first, columns, rows)


def letter_of(columns, key):
    """Give the letter of a column."""
    return xl_col_to_name([c.key for c in columns].index(key))


def cells_of(columns, key, first, below, sheet=""):
    """Refer to all cells of a column, from another sheet if one is named."""
    letter, place = letter_of(columns, key), f"{sheet}!" if sheet else ""
    return f"{place}${letter}${first + 1}:${letter}${max(below, first + 1)}"


def write_lines(book, sheet, row, lines, *, look="wrap", last=8, letters=130):
    """Write sentences below each other, each over several columns; give the row below."""
    for line in lines:
        sheet.merge_range(row, 0, row, last, "", book.look(look))
        put(sheet, row, 0, line, book.look(look))
        fit(sheet, row, [(line, letters)])
        row += 1
    return row


def write_origins(book, title):
    """Write the sheet of provenance: the block of every document, and all inputs with their sha256."""
    sheet = book.sheet("provenance", title, landscape=True, protected=False)
    for j, width in enumerate((30, 50, 72)):
        sheet.set_column(j, j, width)
    row = TITLE_ROWS
    for label, value in provenance_lines(book.assessment, book.lang):
        sheet.write_string(row, 0, label, book.look("label", "box"))
        sheet.merge_range(row, 1, row, 2, "", book.look("wrap", "box"))
        put(sheet, row, 1, value, book.look("wrap", "box"))
        fit(sheet, row, [(value, 120)])
        row += 1
    row += 1
    sheet.write_string(row, 0, text("provenance.inputs", book.lang), book.look("bold"))
    for i, line in enumerate(input_lines(book.assessment), row + 1):
        for j, value in enumerate(line):
            put(sheet, i, j, value, book.look("text", "box"))
