"""Sheets "Sampul" and "Masalah data": what the workbook is made of, how to use it, and what is wrong with the data."""

from kumuhgis.captions import input_lines, provenance_lines
from kumuhgis.documents.scoring import GROUPS, level_counts
from kumuhgis.documents.sheets import cached, fit, put
from kumuhgis.errors import count_severities, where_of
from kumuhgis.spots import listed
from kumuhgis.text import text

_MOST = 100_000
_PROBLEM_COLUMNS = (
    ("severity", 12),
    ("where", 44),
    ("message", 64),
    ("fix", 64),
    ("code", 26),
    ("lon", 11),
    ("lat", 11),
)


def write_cover(book, where):
    """Write the cover.

    Parameters
    ----------
    book : sheets.Book
        The workbook.
    where : dict
        Where the sums stand on the sheet of hectares.
    """
    sheet = book.file.get_worksheet_by_name(book.names["cover"])
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 30)
    sheet.set_column(2, 2, 70)
    row = _lines(sheet, book, 2, provenance_lines(book.assessment, book.lang))
    row = _results(sheet, book, row + 1, where)
    row = _contents(sheet, book, row + 1)
    row = _how_to(sheet, book, row + 1)
    _made_of(sheet, book, row + 1)


def _lines(sheet, book, row, facts):
    for label, value in facts:
        sheet.write_string(row, 0, label, book.look("label", "box"))
        sheet.merge_range(row, 1, row, 2, "", book.look("wrap", "box"))
        put(sheet, row, 1, value, book.look("wrap", "box"))
        fit(sheet, row, [(value, 100)])
        row += 1
    return row


def _heading(sheet, book, row, words):
    sheet.write_string(row, 0, words, book.look("section"))
    for j in (1, 2):
        sheet.write_blank(row, j, None, book.look("section"))
    return row + 1


def _results(sheet, book, row, where):
    """Write RT and hectares by level, and slum hectares, as formulas on the sheet of hectares."""
    row, first = _heading(sheet, book, row, book.say("cover.results")), where["levels"]
    area = book.reference("area")
    for i, (key, count) in enumerate(
        zip((*book.rules.level_keys, None), level_counts(book.assessment, book.rules), strict=True)
    ):
        sheet.write_string(row, 0, book.level_word(key), book.look("text", "box"))
        sheet.formula(row, 1, f"{area}!C{first + i + 1}", book.look("rt", "box", "left"), count)
        book.colour_levels(sheet, row, 0, row)
        row += 1
    for end in ("low", "high"):
        sheet.write_string(row, 0, book.say(f"area.slum_{end}"), book.look("label", "box"))
        value = where[f"slum_{end}_value"]
        sheet.formula(row, 1, where[f"slum_{end}"], book.look("hectares", "bold", "box", "left"), value)
        row += 1
    return row


def _contents(sheet, book, row):
    row = _heading(sheet, book, row, book.say("cover.contents"))
    for other in book.file.worksheets()[1:]:
        name = other.get_name()
        kind = next(k for k, v in book.names.items() if v == name)
        target = "internal:'" + name.replace("'", "''") + "'!A1"
        sheet.write_url(row, 0, target, book.look("link"), name)
        rolled = kind in GROUPS
        said = book.say("contents.rollup", by=book.say(f"word.{kind}")) if rolled else book.say(f"contents.{kind}")
        sheet.write_string(row, 1, said, book.look("text"))
        row += 1
    return row


def _how_to(sheet, book, row):
    row = _heading(sheet, book, row, book.say("cover.use"))
    options = {k: book.options[k] for k in ("means", "length_total", "density", "city_class")}
    words = "".join(f" --{k.replace('_', '-')} {v}" for k, v in options.items() if v)
    for key in ("use_edit", "use_italic", "use_missing", "use_rows", "use_check"):
        line = book.say(f"cover.{key}", rule=book.rules.key, options=words, sheet=book.names["data"])
        sheet.merge_range(row, 0, row, 2, "", book.look("wrap"))
        sheet.write_string(row, 0, line, book.look("wrap"))
        fit(sheet, row, [(line, 130)])
        row += 1
    return row


def _made_of(sheet, book, row):
    """Write every input with its sha256."""
    row = _heading(sheet, book, row, text("provenance.inputs", book.lang))
    for i, cells in enumerate(input_lines(book.assessment), row):
        for j, value in enumerate(cells):
            put(sheet, i, j, value, book.look("text", "box"))


# ---------------------------------------------------------------- problems


def write_problems(book):
    """Write every problem, worst first, with where it is and how to mend it.

    Parameters
    ----------
    book : sheets.Book
        The workbook.
    """
    sheet = book.sheet("problems", book.say("title.problems"), landscape=True, protected=False)
    problems = listed(book.assessment.problems).head(_MOST)
    left = len(book.assessment.problems) - len(problems)
    said = text("headline.counts", book.lang, **count_severities(book.assessment.problems))
    sheet.write_string(
        2, 0, said + (f" · {text('cli.more', book.lang, count=left)}" if left else ""), book.look("subtitle")
    )
    for j, (key, width) in enumerate(_PROBLEM_COLUMNS):
        sheet.write_string(4, j, text(f"checkup.column_{key}", book.lang), book.look("head"))
        sheet.set_column(j, j, width)
    for i, row in enumerate(problems.to_dict("records"), 5):
        place = where_of(*(row[k] for k in ("layer", "row", "feature", "column")), book.lang)
        values = text(f"severity.{row['severity']}", book.lang), place, row["message"], row["fix"], row["code"]
        fit(sheet, i, [(v, width) for v, (_, width) in zip(values, _PROBLEM_COLUMNS, strict=False)])
        for j, value in enumerate(values):
            put(sheet, i, j, value, book.look("wrap"))
        for j, key in enumerate(("lon", "lat"), len(values)):
            put(sheet, i, j, cached(row[key]) or None, book.look("degrees"))
    sheet.freeze_panes(5, 0)
    sheet.repeat_rows(0, 4)
    if len(problems):
        sheet.autofilter(4, 0, 4 + len(problems), len(_PROBLEM_COLUMNS) - 1)
