"""What all sheets of a workbook share: looks, print set-up, protection, and how a cell is written.

Text that people wrote is written as text, never as a formula, and without the control characters that no file may hold.
"""

import math
import re
from collections import namedtuple
from dataclasses import dataclass, field
from itertools import pairwise

import pandas as pd
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from kumuhgis.colours import UNDETERMINED_COLOUR, ink_on, level_colours
from kumuhgis.documents.formulas import Formulas
from kumuhgis.text import text
from kumuhgis.waiting import step

SHEETS = ("cover", "data", "scoring", "kawasan", "desa", "kecamatan", "area", "certainty", "rule", "problems")
A4, A3 = 9, 8
INK, PAPER, LINE = "#2b2823", "#fffdf8", "#cdc5b4"
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LONGEST = 32_000
_LETTERS, _LINE_HEIGHT = 1.1, 13.5
_LETTER_MM, PRINTED_MM = 2.5, 392.0
"""Width of a letter of a column at full size where Calibri is missing (else 1.9), and what an A3 across prints."""
_LOOKS = {
    "text": {},
    "wrap": {"text_wrap": True},
    "ha": {"num_format": "#,##0.00##"},
    "area": {"num_format": "#,##0.00"},
    "m": {"num_format": "#,##0.0"},
    "unit": {"num_format": "#,##0"},
    "KK": {"num_format": "#,##0"},
    "person": {"num_format": "#,##0"},
    "score": {"num_format": "0", "align": "center"},
    "percent": {"num_format": "0.00"},
    "share": {"num_format": "0.0 %"},
    "rt": {"num_format": '#,##0 "RT"'},
    "hectares": {"num_format": '#,##0.00 "ha"'},
    "degrees": {"num_format": "0.000000"},
    "density": {"num_format": "#,##0.0"},
    "word": {"align": "center"},
    "title": {"bold": True, "font_size": 15},
    "subtitle": {"font_color": "#5d574c"},
    "sample": {"bold": True, "bg_color": "#ffd84d", "font_color": "#3b2f00"},
    "section": {"bold": True, "bg_color": "#3b3324", "font_color": "#ffffff"},
    "group": {"bold": True, "bg_color": "#d9cfb8", "align": "center", "valign": "vcenter", "border": 1},
    "head": {
        "bold": True,
        "bg_color": "#e9e2d2",
        "text_wrap": True,
        "valign": "vcenter",
        "align": "center",
        "border": 1,
    },
    "tall": {"bold": True, "bg_color": "#e9e2d2", "text_wrap": True, "rotation": 90, "align": "center", "border": 1},
    "label": {"bold": True, "bg_color": "#f3eee1", "text_wrap": True},
    "bold": {"bold": True},
    "box": {"border": 1, "border_color": LINE},
    "open": {"locked": False},
    "derived": {"italic": True, "font_color": "#1f4f6f", "bg_color": "#eef3f6"},
    "left": {"align": "left"},
    "link": {"font_color": "#1f4f6f", "underline": 1},
    "minus_infinity": {"num_format": '"−∞"'},
}


_Formula = namedtuple("Formula", "formula format value")


class Sheet(Worksheet):
    """A sheet whose formulas are complete: XlsxWriter would search each of them for functions of later versions."""

    def formula(self, row, col, formula, look, value):
        """Write a formula without = together with its value."""
        if self._check_dimensions(row, col) == 0:
            self.table[row][col] = _Formula(formula, look, value)


@dataclass(frozen=True)
class Column:
    """One column of a sheet: heading, look, width, values, and the formula that gives them if there is one for all."""

    key: str
    heading: str
    values: list
    look: str = "text"
    width: float = 10
    formula: str = ""
    group: str = ""
    head: str = "head"
    note: str = ""


@dataclass
class Layout:
    """Columns of a sheet with one row per RT, and how to refer to them."""

    units: pd.Index
    sheet: str
    first: int
    columns: list = field(default_factory=list)
    letters: dict = field(default_factory=dict)

    def append(self, column):
        """Add a column at the right."""
        self.letters[column.key] = xl_col_to_name(len(self.columns))
        self.columns.append(column)

    def __contains__(self, key):
        return key in self.letters

    def column(self, key):
        """Give a column."""
        return next(c for c in self.columns if c.key == key)

    def here(self, key):
        """Refer to a cell of the same row, from this sheet."""
        return f"{self.letters[key]}§"

    def cell(self, key):
        """Refer to a cell of the same row, from another sheet."""
        return f"{self.sheet}!{self.letters[key]}§"

    def local(self, key):
        """Refer to all cells of a column, from this sheet."""
        letter = self.letters[key]
        return f"${letter}${self.first + 1}:${letter}${self.first + len(self.units)}"

    def range(self, key):
        """Refer to all cells of a column, from another sheet."""
        return f"{self.sheet}!{self.local(key)}"


@dataclass
class Book:
    """A workbook that is being written, with what all of its sheets have to know."""

    file: object
    assessment: object
    lang: str
    made: dict = field(default_factory=dict)

    def __post_init__(self):
        self.rules, self.options = self.assessment.rules, self.assessment.provenance["options"]
        self.formulas = Formulas(self.rules, self.options, self.lang)
        self.names = {kind: self.say(f"sheet.{kind}") for kind in SHEETS}
        self.sample = bool(self.assessment.provenance.get("sample"))
        self.level_names = {lv.key: lv.key if self.lang == "id" else lv.name_en for lv in self.rules.levels}

    def say(self, key, **params):
        """Give a text of the workbook in its language."""
        return text(f"workbook.{key}", self.lang, **params)

    def look(self, *names):
        """Give a format made of looks; each is made once."""
        if names not in self.made:
            how = {"font_size": 10, "valign": "vcenter"} | {k: v for n in names for k, v in _LOOKS[n].items()}
            if "box" in names and not how.get("text_wrap"):
                how["shrink"] = True  # what is too long for a cell of a table is written smaller, not cut
            self.made[names] = self.file.add_format(how)
        return self.made[names]

    def reference(self, kind):
        """Give the name of a sheet as a formula writes it."""
        name = self.names[kind]
        return name if name.isalnum() else "'" + name.replace("'", "''") + "'"

    def level_word(self, key):
        """Write a level in the language of the workbook; an open one says so."""
        return self.level_names.get(key) or text("levels.undetermined", self.lang)

    def criterion_name(self, criterion):
        """Give the name of a criterion, an aspect or a level in the language of the workbook."""
        return criterion.name if self.lang == "id" else criterion.name_en

    def sheet(self, kind, title, *, paper=A4, landscape=False, wide=1, protected=True):
        """Add a sheet with its title, the banner of invented data, print set-up and protection.

        Parameters
        ----------
        kind : str
            One of :data:`SHEETS`.
        title : str
            First line.
        paper : int
            Number of the paper size.
        landscape : bool
            Turned.
        wide : int or float
            Pages beside each other; below 1 it is a scale.
        protected : bool
            Formulas cannot be overwritten by accident; there is no password.

        Returns
        -------
        xlsxwriter.worksheet.Worksheet
            The sheet.
        """
        step(self.names[kind])
        sheet = self.file.add_worksheet(self.names[kind], Sheet)
        sheet.hide_gridlines(2)
        sheet.set_paper(paper)
        if landscape:
            sheet.set_landscape()
        if wide >= 1:
            sheet.fit_to_pages(wide, 0)
        else:
            sheet.set_print_scale(round(100 * wide))
        sheet.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.7)
        banner = text("headline.sample", self.lang) if self.sample else ""
        name = _in_margin(self.assessment.provenance.get("name") or "")
        sheet.set_header(f"&L&8 {name}&C&B{banner}&R&8 &A")
        sheet.set_footer(f"&L&8 {_in_margin(self.rules.short)} · kumuhgis&R&8 &P / &N")
        sheet.write_string(0, 0, safe(title), self.look("title"))
        if self.sample:
            sheet.write_string(1, 0, self.say("sample"), self.look("sample"))
            for j in (1, 2):
                sheet.write_blank(1, j, None, self.look("sample"))
        if protected:
            sheet.protect("", dict.fromkeys(("format_columns", "format_rows", "sort", "autofilter"), True))
        return sheet

    def columns(self, sheet, columns, first, *, frozen=2):
        """Write columns below each other's headings: group and heading above row ``first``, then the cells."""
        for j, column in enumerate(columns):
            sheet.write_string(first - 1, j, column.heading, self.look(column.head))
            sheet.set_column(j, j, column.width)
            if column.note:
                sheet.write_comment(first - 1, j, column.note, {"x_scale": 2.2, "y_scale": 1.6})
            self.cells(sheet, first, j, column)
        self.groups(sheet, columns, first - 2)
        sheet.freeze_panes(first, frozen)
        sheet.repeat_rows(0, first - 1)

    def cells(self, sheet, first, j, column):
        """Write the formula of a column into every row, with its value."""
        plain = self.look(column.look, "box")
        parts, write = column.formula.split("§"), sheet.formula
        for i, value in enumerate(column.values, first):
            write(i, j, str(i + 1).join(parts), plain, cached(value))

    def groups(self, sheet, columns, row):
        """Write what several columns have in common above them."""
        start = 0
        for j in range(1, len(columns) + 1):
            if j < len(columns) and columns[j].group == columns[start].group:
                continue
            name, look = columns[start].group, self.look("group")
            if name and j - start > 1:
                sheet.merge_range(row, start, row, j - 1, name, look)
            elif name:
                sheet.write_string(row, start, name, look)
            start = j

    def colour_levels(self, sheet, first_row, column, last_row):
        """Colour the cells of a level as the map does."""
        colours = {self.level_names[key]: colour for key, colour in level_colours(self.rules).items()}
        colours[self.level_word(None)] = UNDETERMINED_COLOUR
        for word, colour in colours.items():
            rule = {"type": "cell", "criteria": "==", "value": quoted(word), "format": self.fill(colour, bold=True)}
            sheet.conditional_format(first_row, column, last_row, column, rule)

    def fill(self, colour, *, bold=False):
        """Give a format that colours a cell under a condition, with letters that are read well on it."""
        if (colour, bold) not in self.made:
            how = {"bg_color": colour, "font_color": ink_on(colour), "bold": bold}
            self.made[colour, bold] = self.file.add_format(how)
        return self.made[colour, bold]


def break_at_groups(sheet, columns, *, repeated, scale, paper_mm=PRINTED_MM):
    """Print a wide table at a scale that is read well, and begin new pages where groups of columns begin.

    Parameters
    ----------
    sheet : Sheet
        The sheet.
    columns : list of Column
        Its columns; those of one ``group`` stay on one page where they fit.
    repeated : int
        Columns at the left that stand on every page.
    scale : float
        Of the print, 1 being full size.
    paper_mm : float
        Width that is printed.
    """
    widths = [(column.width + 0.71) * _LETTER_MM * scale for column in columns]
    starts = [j for j in range(repeated, len(columns)) if j == repeated or columns[j].group != columns[j - 1].group]
    left = room = paper_mm - sum(widths[:repeated])
    breaks = []
    for start, end in pairwise([*starts, len(columns)]):
        wide = sum(widths[start:end])
        if wide > left and left < room:
            breaks.append(start)
            left = room
        left -= wide
    sheet.set_print_scale(round(100 * scale))
    sheet.set_v_pagebreaks(breaks)
    sheet.repeat_columns(0, repeated - 1)


def look_of(unit, value):
    """Give the look of a volume: with a decimal where pieces or households are no whole number (an estimate)."""
    part = isinstance(value, float) and math.isfinite(value) and round(value, 1) != round(value)
    return "m" if part and unit in ("unit", "KK", "person") else unit


def put(sheet, row, column, value, look):
    """Write one value as what it is."""
    if value is None or value is pd.NA or value != value:
        sheet.write_blank(row, column, None, look)
    elif isinstance(value, str):
        sheet.write_string(row, column, safe(value), look)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value, look)
    elif math.isfinite(value):
        sheet.write_number(row, column, value, look)
    else:
        sheet.write_blank(row, column, None, look)


def cached(value):
    """Give the value that stands with a formula: an empty text for what is missing."""
    if value is None or value is pd.NA or value != value:
        return ""
    return safe(value) if isinstance(value, str) else value


def safe(value):
    r"""Give a text that every file can hold: no control characters, no halves of letters, not endless.

    Examples
    --------
    >>> safe("=cmd|'/c calc'!A1"), safe("RT\x00 01")
    ("=cmd|'/c calc'!A1", 'RT� 01')
    """
    return _NO_XML.sub("\ufffd", value[:_LONGEST].encode("utf-8", "replace").decode())


def fit(sheet, row, texts):
    """Make a row high enough for wrapped texts: pairs of text and width of its column, in letters."""
    lines = max(math.ceil(len(value) / (_LETTERS * width)) for value, width in texts) if texts else 1
    if lines > 1:
        sheet.set_row(row, min(_LINE_HEIGHT * lines, 400))


def _in_margin(value):
    """Write a text in a header or footer, where & begins a command and 255 letters are all."""
    return safe(value)[:60].replace("&", "&&")


def quoted(value):
    """Write a text inside a formula."""
    return '"' + value.replace('"', '""') + '"'
