"""The workbook into which paper is typed: a sheet for households, one for the RT, one for each part that repeats.

Headings are the labels of the questions, so :func:`kumuhgis.survey.read_survey` reads it back as it is. Cells offer the
choices and refuse numbers outside the limits of the question.
"""

from datetime import datetime
from pathlib import Path

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from kumuhgis.forms.contents import form_contents
from kumuhgis.questions import NUMBERS, choices, repeats
from kumuhgis.saving import replacing
from kumuhgis.survey import unit_choices
from kumuhgis.text import figure, text

ROWS = 1_000
_HEADING_ROW = 1
_LEFT_OUT = ("part", "photo", "rw")


def write_entry_workbook(source, path, *, units=None, part="both", force=False, lang="id"):
    """Write the workbook into which forms on paper are typed.

    Parameters
    ----------
    source : Rules, Project, str or path
        A rule or a project, as :func:`form_contents` takes it; a project gives the RT to choose from.
    path : path
        The ``.xlsx``.
    units : geopandas.GeoDataFrame or pandas.DataFrame, optional
        The RT, indexed by unit. Without any, the RT is typed.
    part : {"both", "household", "rt"}
        Which part.
    force : bool
        Overwrite what is there.
    lang : {"id", "en"}
        Language of headings and choices.

    Returns
    -------
    pathlib.Path
        The file, with checks on the first :data:`ROWS` rows. Rows of a part that repeats name their RT.

    Raises
    ------
    OutputError
        If it cannot be written.
    RulesError, ProjectError, LayerError
        If the source cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> write_entry_workbook("permen-14-2018", Path(tempfile.mkdtemp()) / "isian.xlsx").name
    'isian.xlsx'
    """
    contents = form_contents(source, units=units, part=part)
    with (
        replacing(path, force=force, lang=lang) as draft,
        xlsxwriter.Workbook(draft, {"strings_to_formulas": False, "strings_to_urls": False}) as book,
    ):
        book.set_properties({"title": contents.title(lang), "created": datetime(2018, 1, 1)})
        columns = {name: _columns(contents, name) for name in ("household", "rt", *repeats())}
        wanted = {name: inner for name, inner in columns.items() if len(inner) > 1 and _belongs(name, part)}
        names = {name: _title(name, lang) for name in wanted}
        sheets = {name: book.add_worksheet(title) for name, title in names.items()}
        lists = _write_lists(book, contents, lang)
        for name, inner in wanted.items():
            _write_sheet(book, sheets[name], inner, lists, contents, lang)
    return Path(path)


def _belongs(name, part):
    return part == "both" or (name == "household") == (part == "household")


def _title(name, lang):
    if name in repeats():
        return repeats()[name]["title" if lang == "id" else "title_en"]
    return text(f"survey.entry.{name}", lang)


def _columns(contents, name):
    """Give the questions of a sheet: where, then what; a part that repeats has the RT and its own questions."""
    found = [q for q in contents.questions if q.name not in _LEFT_OUT and q.type != "geoshape"]
    if name in repeats():
        return [q for q in found if q.name == "unit" or q.repeat == name]
    of = {q.name for section, inner in contents.sections for q in inner if section["part"] in ("both", name)}
    found = [q for q in found if q.name in of and not q.repeat]
    return sorted(found, key=lambda q: q.name != "unit")


def _write_lists(book, contents, lang):
    """Write every list of choices on a sheet of its own: name to the range of its cells."""
    used = {q.choices for q in contents.questions if q.choices}
    lists = {
        n: [c.label if lang == "id" else c.label_en for c in choices()[n].values()] for n in choices() if n in used
    }
    if contents.units is not None and len(contents.units):
        lists["unit"] = unit_choices(contents.units, lang)["label"].tolist()
    sheet, ranges = book.add_worksheet(text("survey.entry.lists", lang)), {}
    for j, (name, labels) in enumerate(lists.items()):
        sheet.write_string(0, j, name)
        for i, label in enumerate(labels, 1):
            sheet.write_string(i, j, label)
        column = xl_col_to_name(j, col_abs=True)
        ranges[name] = f"='{sheet.name}'!{column}$2:{column}${len(labels) + 1}"
    sheet.set_column(0, len(lists), 24)
    sheet.protect()
    return ranges


def _write_sheet(book, sheet, inner, lists, contents, lang):
    bold = book.add_format({"bold": True, "font_size": 13})
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8EDF0", "border": 1})
    sheet.write_string(0, 0, contents.title(lang), bold)
    sheet.set_row(_HEADING_ROW, 62)
    sheet.freeze_panes(_HEADING_ROW + 1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    for j, question in enumerate(inner):
        sheet.write_string(_HEADING_ROW, j, question.said(lang), head)
        sheet.set_column(j, j, 38 if question.type == "unit" else 22)
        rule = _validation(question, lists, lang)
        if rule:
            sheet.data_validation(_HEADING_ROW + 1, j, _HEADING_ROW + ROWS, j, rule)


def _validation(question, lists, lang):
    """Say what a cell may hold; several choices are typed with semicolons between them, so they are only shown."""
    source = lists.get("unit" if question.type == "unit" else question.choices)
    if source and question.type != "select_multiple":
        return {"validate": "list", "source": source}
    if question.type in NUMBERS:
        kind = "integer" if question.type == "integer" else "decimal"
        words = {"low": figure(question.min, lang), "high": figure(question.max, lang)}
        said = text(f"survey.limits_{kind}", lang, **words)
        limits = {"minimum": question.min, "maximum": question.max, "error_message": said}
        return {"validate": kind, "criteria": "between", **limits}
    if question.type == "select_multiple":
        return {"validate": "any", "input_message": text("survey.entry.several", lang)}
    return None
