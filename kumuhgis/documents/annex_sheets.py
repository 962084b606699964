"""The annex of a decree as a workbook: the same words as in Word, hectares and people as sums that stay alive."""

import io
from datetime import datetime

import numpy as np

from kumuhgis.documents.annex import (
    age_words,
    change_rows,
    check_note,
    check_words,
    headings,
    left_out_words,
    location_words,
    map_notes,
    notes,
    review_notes,
    review_words,
    sum_words,
    unit_words,
)
from kumuhgis.documents.locations import unit_labels
from kumuhgis.documents.review import sum_review
from kumuhgis.documents.ruled import (
    Field,
    Live,
    Papers,
    cells_of,
    write_cell,
    write_lines,
    write_origins,
    write_table,
)
from kumuhgis.documents.sheets import A3
from kumuhgis.documents.wording import DASH, missing

KINDS = ("table", "details", "map", "left_out", "review", "changes", "provenance")
_AS_WRITTEN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_DETAILS_FIRST = 5
"""Row of the first RT on the sheet of details, from 0."""
_PICTURE_ROW = 4
_LOCATION = (
    ("number", "location_no", 6, "score", ""),
    ("name", "location", 20, "wrap", ""),
    ("ha", "ha", 11, "area", ""),
    ("units", "units", 25, "wrap", "scope"),
    ("desa", "desa", 14, "wrap", "scope"),
    ("kecamatan", "kecamatan", 14, "wrap", "scope"),
    ("people", "people", 10, "person", "people_group"),
    ("households", "households", 9, "KK", "people_group"),
    ("density", "density", 10, "density", "people_group"),
    ("lat", "lat", 12, "degrees", "place"),
    ("lon", "lon", 12, "degrees", "place"),
    ("score", "score", 9, "word", "slum"),
    ("level", "level", 22, "wrap", "slum"),
    ("tenure", "tenure", 9, "word", "legality"),
    ("plan", "plan", 9, "word", "legality"),
    ("legal", "legal", 12, "word", "legality"),
    ("consideration_score", "score", 9, "score", "considered"),
    ("consideration", "level", 11, "word", "considered"),
    ("class", "class", 11, "word", ""),
    ("priority", "priority", 9, "score", ""),
)
_UNIT = (
    ("number", "of_location", 8, "score", ""),
    ("label", "units", 20, "wrap", ""),
    ("code", "code", 26, "wrap", ""),
    ("desa", "desa", 18, "wrap", ""),
    ("ha", "ha", 11, "area", ""),
    ("exact", "exact_ha", 16, "ha", ""),
    ("people", "people", 10, "person", "people_group"),
    ("households", "households", 9, "KK", "people_group"),
    ("lat", "lat", 12, "degrees", "place"),
    ("lon", "lon", 12, "degrees", "place"),
    ("score", "score", 9, "word", "slum"),
    ("level", "level", 26, "wrap", "slum"),
    ("tenure", "tenure", 9, "word", "legality"),
    ("plan", "plan", 9, "word", "legality"),
    ("legal", "legal", 12, "word", "legality"),
    ("consideration", "considered", 13, "word", ""),
    ("class", "class", 11, "word", ""),
    ("priority", "priority", 9, "score", ""),
    ("rank", "rank", 9, "score", ""),
)
_LEFT_OUT = (("name", "location", 30), ("desa", "desa", 22), ("count", "count", 8), ("units", "units", 60),
             ("in_decree", "in_decree", 12), ("reason", "reason", 60))  # fmt: skip
_REVIEW = (("label", "units", 26), ("name", "location", 30), ("desa", "desa", 22), ("share", "share", 12, "share", ""),
           ("decree_ha", "decree_ha", 13, "area", ""), ("now_ha", "now_ha", 15, "area", ""),
           ("change_ha", "change_ha", 15, "area", ""),
           ("finding", "finding", 40))  # fmt: skip
_SUMS = (("finding", "finding", 26), ("count", "count", 30, "score", ""), ("decree_ha", "decree_ha", 22, "area", ""),
         ("now_ha", "now_ha", 12, "area", ""), ("change_ha", "change_ha", 13, "area", ""))  # fmt: skip
_CHANGES = (("label", "units", 22, "wrap", ""), ("code", "code", 26, "wrap", ""),
            ("level_before", "level", 22, "wrap", "before"), ("before_ha", "ha", 10, "text", "before"),
            ("level_after", "level", 22, "wrap", "after"), ("after_ha", "ha", 10, "text", "after"),
            ("change", "change", 24, "wrap", ""))  # fmt: skip
_CHECK = (("number", "location_no", 7, "score", ""), ("name", "location", 30), ("table_ha", "table_ha", 12, "area", ""),
          ("map_ha", "map_ha", 12, "area", ""), ("difference_ha", "difference_ha", 12, "area", ""),
          ("finding", "finding", 70))  # fmt: skip


def write_annex_sheets(annex, words, path):
    """Write the annex as a workbook.

    Parameters
    ----------
    annex : decree.Annex
        What the annex says.
    words : wording.Words
        Its words.
    path : path
        The file; what is there is overwritten.
    """
    import xlsxwriter

    with xlsxwriter.Workbook(path, _AS_WRITTEN) as file:
        book = Papers(file, annex.assessment, words.lang, texts="decree", kinds=KINDS)
        made = datetime.fromisoformat(annex.assessment.provenance.get("date") or "2000-01-01")
        file.set_properties({"title": book.tell("t.title"), "created": made})
        _locations(book, annex, words)
        _details(book, annex, words)
        _map(book, annex, words)
        _left_out(book, annex, words)
        _review(book, annex, words)
        if annex.changes is not None:
            _changes(book, annex, words)
        write_origins(book, book.tell("t.provenance"))


def _fields(book, columns):
    out = []
    for key, heading, width, *more in columns:
        look, group = more if more else ("wrap", "")
        out.append(Field(key, book.tell(f"t.{heading}"), width, look, group and book.tell(f"t.{group}")))
    return out


def _plainly(value):
    """Give a value for a cell: a number as it is, a dash for what is missing."""
    return DASH if missing(value) else float(value)


def _numbers(row, **names):
    return {key: _plainly(row[name]) for key, name in names.items()}


def _locations(book, annex, words):
    """Write the list of locations; hectares are sums of the sheet of details."""
    sheet = book.sheet("table", book.tell("t.title"), paper=A3, landscape=True, protected=False)
    place = headings(annex.assessment, book.lang)["place"]
    dots = book.tell("t.dots")
    lines = [f"{book.tell('t.annex')} {book.tell('t.decree')}",
             *(f"{book.tell(f't.{key}')} : {dots}" for key in ("number", "date")),
             f"{book.tell('t.about')} : {book.tell('t.title')}", place]  # fmt: skip
    row = write_lines(book, sheet, 2, lines, look="text") + 1
    columns, details = _fields(book, _LOCATION), _fields(book, _UNIT)
    labels = unit_labels(annex.assessment)
    below = _DETAILS_FIRST + len(annex.units)
    found = [cells_of(details, key, _DETAILS_FIRST, below, book.reference("details")) for key in ("ha", "number")]
    rows = []
    for found_row in annex.table.to_dict("records"):
        cells = location_words(found_row, annex.assessment, labels, words)
        cells |= _numbers(found_row, people="population", households="households", density="density_per_ha", lat="lat",
                          lon="lon", consideration_score="consideration_score")  # fmt: skip
        cells["ha"] = _hectares(found_row, *found, f"$A{row + 3 + len(rows)}")
        cells["priority"] = found_row["priority"] if cells["priority"] != DASH else DASH
        rows.append(cells)
    first, below = write_table(book, sheet, row, columns, rows)
    if rows:
        _total(book, sheet, columns, (first, below), annex, ("ha", "people", "households"))
    sheet.freeze_panes(first, 2)
    sheet.repeat_rows(row, first - 1)
    row = write_lines(book, sheet, below + 2, notes(annex, words), last=len(columns) - 1, letters=210)
    _signature(book, sheet, row + 1)


def _hectares(row, hectares, numbers, number):
    if missing(row["printed_ha"]):
        return DASH
    return Live(f"ROUND(SUMIFS({hectares},{numbers},{number}),2)", row["printed_ha"])


def _total(book, sheet, columns, rows, annex, keys):
    """Write a row of sums; where a part is missing it says so instead of adding less."""
    first, below = rows
    sums = {"ha": ("printed_ha", 2), "exact": ("slum_ha", 9), "people": ("population", 0),
            "households": ("households", 0)}  # fmt: skip
    cells = {columns[1].key: book.tell("t.total")}
    frame = annex.units if any(c.key == "exact" for c in columns) else annex.table
    for key in keys:
        column, decimals = sums[key]
        values, where = frame[column].astype(float), cells_of(columns, key, first, below)
        total, formula = round(float(np.nansum(values)), decimals), f"ROUND(SUM({where}),{decimals})"
        # printed hectares add up to what is known, and a note says how many are not; the rest only if all is known
        least = 1 if key == "ha" else len(values)
        total = total if values.notna().sum() >= least else DASH
        cells[key] = Live(f'IF(COUNT({where})>={least},{formula},"{DASH}")', total)
    for j, column in enumerate(columns):
        write_cell(sheet, below, j, cells.get(column.key), book.cell_look(column, "bold"))


def _signature(book, sheet, row):
    for i, key in enumerate(("place_signed", "date_signed", "signer", "", "", "", "name_signed")):
        if key:
            sheet.write_string(row + i, 12, book.tell(f"t.{key}"), book.look("text"))


def _details(book, annex, words):
    """Write every slum RT of every location."""
    sheet = book.sheet("details", book.tell("t.details"), paper=A3, landscape=True, protected=False)
    columns, rows = _fields(book, _UNIT), []
    for unit, row in zip(annex.units.index, annex.units.to_dict("records"), strict=True):
        cells = unit_words(unit, row, words)
        cells |= _numbers(row, ha="printed_ha", exact="slum_ha", people="population", households="households",
                          lat="lat", lon="lon")  # fmt: skip
        cells |= {key: DASH if missing(row[key]) else int(row[key]) for key in ("priority", "rank")}
        rows.append(cells)
    first, below = write_table(book, sheet, _DETAILS_FIRST - 2, columns, rows)
    if rows:
        _total(book, sheet, columns, (first, below), annex, ("ha", "exact", "people", "households"))
    book.colour_levels(sheet, first, [c.key for c in columns].index("level"), max(below - 1, first))
    sheet.freeze_panes(first, 2)
    sheet.repeat_rows(first - 2, first - 1)


def _map(book, annex, words):
    """Put the map on a sheet, and below it whether it agrees with the table."""
    sheet = book.sheet("map", book.tell("t.map"), landscape=True, protected=False)
    row = write_lines(book, sheet, 2, map_notes(annex, words) or [check_note(annex, words)], last=5, letters=140)
    if annex.picture:
        options = {"image_data": io.BytesIO(annex.picture), "object_position": 3,
                   "description": book.tell("t.map")}  # fmt: skip
        sheet.insert_image(max(row + 1, _PICTURE_ROW), 0, "map.png", options)
        row += 32
    columns = _fields(book, _CHECK)
    rows = [check_words(found, words) | _numbers(found, **{k: k for k in ("table_ha", "map_ha", "difference_ha")})
            for found in annex.check.to_dict("records")]  # fmt: skip
    write_table(book, sheet, row + 1, columns, rows)


def _left_out(book, annex, words):
    sheet = book.sheet("left_out", book.tell("t.left_out"), landscape=True, protected=False)
    labels = unit_labels(annex.assessment)
    rows = [left_out_words(row, annex.assessment, labels, words) for row in annex.left_out.to_dict("records")]
    first, _ = write_table(book, sheet, 3, _fields(book, _LEFT_OUT), rows)
    sheet.freeze_panes(first, 1)
    sheet.repeat_rows(3, first - 1)


def _review(book, annex, words):
    """Write the age of the decree, sums by finding, and every RT that it holds or that has to come into it."""
    sheet = book.sheet("review", book.tell("t.review"), landscape=True, protected=False)
    columns = _fields(book, _REVIEW)
    for j, column in enumerate(columns):
        sheet.set_column(j, j, column.width)
    ages = [" · ".join(age_words(found, words).values()) for found in annex.decrees]
    row = write_lines(book, sheet, 2, [*ages, *review_notes(annex, words)], last=7, letters=140) + 1
    if len(annex.review):
        sums = sum_review(annex.review).to_dict("index").items()
        rows = [sum_words(key, found, words) | _spans(found) for key, found in sums]
        _, row = write_table(book, sheet, row, _fields(book, _SUMS), rows, widths=False)
        rows = [review_words(found, words) | _spans(found) | _numbers(found, share="sk_share")
                for found in annex.review.to_dict("records")]  # fmt: skip
        write_table(book, sheet, row + 1, columns, rows, widths=False)


def _spans(row):
    """Give hectares as numbers where they are settled; an interval stays in words."""
    out = _numbers(row, decree_ha="sk_ha")
    for key, low, high in (("now_ha", "slum_ha_low", "slum_ha_high"), ("change_ha", "change_low", "change_high")):
        if row[low] == row[high]:
            out[key] = float(row[low])
    return out


def _changes(book, annex, words):
    sheet = book.sheet("changes", book.tell("t.changes"), landscape=True, protected=False)
    rows = change_rows(annex, unit_labels(annex.assessment), words)
    first, _ = write_table(book, sheet, 3, _fields(book, _CHANGES), rows)
    sheet.freeze_panes(first, 2)
