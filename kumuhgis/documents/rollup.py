"""Sheets "Rekap kawasan", "Rekap desa", "Rekap kecamatan": volumes and totals summed over the RT, then scored again.

On top a list of the groups; below it one page per group: the sixteen sums with percent and score, the aspects with a
chart, and the group as one location. Sums have no part that is missing; where one is, both limits are given.
"""

from dataclasses import dataclass, field

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from kumuhgis.documents.formulas import MINUS, PLUS
from kumuhgis.documents.scoring import LIST_FIRST
from kumuhgis.documents.sheets import cached, fit, look_of, safe
from kumuhgis.groups import name_groups, summarise_groups
from kumuhgis.scores import roll_up, score
from kumuhgis.text import rule_word

_WIDTHS = (6, 46, 14, 12, 8, 9, 9, 15, 11, 10, 10, 10)
_LIST = (
    ("area_ha", "area"),
    ("population", "person"),
    ("units", "score"),
    ("total_low", "score"),
    ("total_high", "score"),
    ("level", "word"),
    ("slum_ha_low", "area"),
    ("slum_ha_high", "area"),
    ("slum_units", "score"),
    ("priority", "score"),
)
"""Columns of the list on top, behind number and name."""
_MOST_BREAKS = 1000
_BAR = "#9c8a5c"


@dataclass
class RollUp:
    """The groups of one column of ``units``: their names, sums, scores and summary, and where each of them stands."""

    by: str
    names: list
    sums: dict
    scores: dict
    summary: pd.DataFrame
    cells: list = field(default_factory=list)


def rolled_up(book, by):
    """Roll an assessment up by a column.

    Parameters
    ----------
    book : sheets.Book
        The workbook.
    by : str
        One of :data:`scoring.GROUPS`.

    Returns
    -------
    RollUp
        The groups, in the order in which their RT come.
    """
    a = book.assessment
    groups = name_groups(a, by)[0]
    measures = roll_up(a.measures, groups, book.rules)
    scores, _ = score(measures, book.rules, means=book.options["means"])
    summary = summarise_groups(a, by)
    without = f"(tanpa {by})", book.say("group.without", by=book.say(f"word.{by}"))
    names = [safe(without[1] if name == without[0] else name) for name in summary.index]
    return RollUp(by, names, measures.to_dict("index"), scores.to_dict("index"), summary)


class _Page:
    """What a group's page refers to: columns of RT, the number of the group, and its own cells."""

    def __init__(self, book, table, grid, rolled, at):
        self.book, self.table, self.grid, self.rolled = book, table, grid, rolled
        self.name, self.f = rolled.summary.index[at], book.formulas
        self.row = rolled.summary.iloc[at].to_dict()
        self.numbers, self.number = grid.range(f"{rolled.by}_number"), f"$A${LIST_FIRST + 1 + at}"
        self.count = f"COUNTIFS({self.numbers},{self.number})"
        self.at, self.cells = at, {}

    def sum(self, values):
        """Strict sum of a column of RT."""
        return self.f.strict_sum(values, self.numbers, self.number, self.count)


def write_roll_up(book, table, grid, rolled):
    """Write one sheet of roll-ups.

    Parameters
    ----------
    book : sheets.Book
        The workbook.
    table : data.Table
        The inputs.
    grid : scoring.Grid
        The scores of the RT.
    rolled : RollUp
        The groups; ``cells`` takes up where the figures of each group stand.
    """
    group = book.say(f"word.{rolled.by}")
    sheet = book.sheet(rolled.by, book.say("title.rollup", by=group), landscape=True, wide=0.55)
    sheet.write_string(2, 0, book.say("hint.rollup"), book.look("subtitle"))
    for j, width in enumerate(_WIDTHS):
        sheet.set_column(j, j, width)
    first, breaks = LIST_FIRST + len(rolled.names) + 1, []
    for at in range(len(rolled.names)):
        page = _Page(book, table, grid, rolled, at)
        breaks.append(first)
        last = _page(sheet, page, first)
        _chart(sheet, page, group)
        rolled.cells.append(page.cells)
        first = last + 2
    _list(sheet, book, rolled)
    sheet.set_h_pagebreaks(breaks[:_MOST_BREAKS])
    sheet.freeze_panes(LIST_FIRST - 1, 2)


def _list(sheet, book, rolled):
    """Write the list on top: it points to the pages below."""
    for j, key in enumerate(("number", rolled.by, *(f"list_{key}" for key, _ in _LIST))):
        sheet.write_string(LIST_FIRST - 1, j, book.say(f"column.{key}"), book.look("head"))
    sheet.set_row(LIST_FIRST - 1, 44)
    for i, (name, cells) in enumerate(zip(rolled.names, rolled.cells, strict=True)):
        row = LIST_FIRST + i
        sheet.write_number(row, 0, i + 1, book.look("score", "box"))
        sheet.write_string(row, 1, name, book.look("text", "box"))
        for j, (key, look) in enumerate(_LIST, 2):
            value = rolled.summary[key].iloc[i]
            value = book.level_word(value if value == value else None) if key == "level" else value
            sheet.formula(row, j, cells[key], book.look(look, "box"), cached(value))
    level = 2 + [key for key, _ in _LIST].index("level")
    book.colour_levels(sheet, LIST_FIRST, level, LIST_FIRST + len(rolled.names) - 1)


def _page(sheet, page, first):
    """Write the page of one group from row ``first``; give its last row."""
    book = page.book
    place = f"B{LIST_FIRST + 1 + page.at}"
    for j in range(len(_WIDTHS)):
        sheet.write_blank(first, j, None, book.look("section"))
    sheet.formula(first, 0, page.number, book.look("section"), page.at + 1)
    sheet.formula(first, 1, place, book.look("section"), cached(page.rolled.names[page.at]))
    codes = book.rules.codes
    _heads(sheet, page, first + 1)
    for i, criterion in enumerate(book.rules.criteria):
        _criterion(sheet, page, first + 2 + i, criterion)
    last = first + 1 + len(codes)
    _totals(sheet, page, first + 2, last)
    aspects = _aspects(sheet, page, first + 2, last + 4)
    return _location(sheet, page, aspects + 3)


def _heads(sheet, page, row):
    keys = ("code", "criterion", "volume_sum", "total_sum", "unit_of", "percent", "score", "volume_low", "volume_high",
            "score_low", "score_high")  # fmt: skip
    for j, key in enumerate(keys):
        sheet.write_string(row, j, page.book.say(f"column.{key}"), page.book.look("head"))
    sheet.set_row(row, 30)


def _criterion(sheet, page, row, criterion):
    """Write one criterion of a group: sums, percent, score, and the limits of what is missing."""
    book, f, code = page.book, page.f, criterion.code
    volume, total = page.table.range(f"{code}_volume"), page.table.range(page.table.total(criterion))
    limits = [page.table.range(f"{code}_{end}") if code in page.table.limits else None for end in ("low", "high")]
    v, t, p, s, low, high = (xl_rowcol_to_cell(row, j) for j in (2, 3, 5, 6, 7, 8))
    group = page.numbers, page.number
    sums = page.rolled.sums[page.name, code]
    scored = page.rolled.scores[page.name, code]
    cells = (
        (2, page.sum(volume), sums["affected"], criterion.unit),
        (3, page.sum(total), sums["total"], criterion.unit),
        (5, f.percent(v, t), scored["percent"], "percent"),
        (6, f.score(p), scored["score"], "score"),
        (7, f.limit_sum(volume, total, *group, limits[0]), sums["affected_low"], criterion.unit),
        (8, f.limit_sum(volume, total, *group, limits[1], most=True), sums["affected_high"], criterion.unit),
        (9, f.limit_score(s, low, t, f.lowest), scored["score_low"], "score"),
        (10, f.limit_score(s, high, t, f.highest), scored["score_high"], "score"),
    )
    name = book.criterion_name(criterion)
    fit(sheet, row, [(name, _WIDTHS[1])])
    sheet.write_string(row, 0, code, book.look("word", "box"))
    sheet.write_string(row, 1, name, book.look("wrap", "box"))
    sheet.write_string(row, 4, criterion.unit, book.look("word", "box"))
    for j, formula, value, look in cells:
        sheet.formula(row, j, formula, book.look(look_of(look, value), "box"), cached(value))


def _totals(sheet, page, first, last):
    """Write the total, its ends and the level below the criteria."""
    book, f, row = page.book, page.f, page.row
    scores, lows, highs = (f"{xl_rowcol_to_cell(first, j)}:{xl_rowcol_to_cell(last, j)}" for j in (6, 9, 10))
    at = last + 1
    low, high = (xl_rowcol_to_cell(at, j, row_abs=True, col_abs=True) for j in (9, 10))
    page.cells |= {"total_low": low, "total_high": high, "level": f"$H${at + 1}"}
    sheet.write_string(at, 1, book.say("column.total_score"), book.look("label", "box"))
    total, level = f.total(scores, last - first + 1), f.level(low, high)
    word = book.level_word(row["level"] if row["level"] == row["level"] else None)
    sheet.formula(at, 6, total, book.look("score", "bold", "box"), cached(row["total_score"]))
    sheet.merge_range(at, 7, at, 8, "", book.look("word", "bold", "box"))
    sheet.formula(at, 7, level, book.look("word", "bold", "box"), word)
    sheet.formula(at, 9, f"SUM({lows})", book.look("score", "bold", "box"), cached(row["total_low"]))
    sheet.formula(at, 10, f"SUM({highs})", book.look("score", "bold", "box"), cached(row["total_high"]))
    book.colour_levels(sheet, at, 7, at)


def _aspects(sheet, page, criteria, first):
    """Write the mean of every aspect and of all; give the row of the last."""
    book, f = page.book, page.f
    sheet.write_string(first - 1, 1, book.say("group.means", means=book.options["means"]), book.look("head"))
    sheet.write_string(first - 1, 2, "%", book.look("head"))
    for i, aspect in enumerate(book.rules.aspects):
        rows = [criteria + book.rules.codes.index(c) for c in book.rules.of_aspect(aspect.number)]
        formula = f.mean(*([xl_rowcol_to_cell(r, j) for r in rows] for j in (5, 6)))
        heading = f"{aspect.number} · {book.criterion_name(aspect)}"
        sheet.write_string(first + i, 1, heading, book.look("text", "box"))
        value = page.row[f"aspect_{aspect.number}_mean"]
        sheet.formula(first + i, 2, formula, book.look("percent", "box"), cached(value))
    last = first + len(book.rules.aspects)
    page.cells["aspects"] = (first, last - 1)
    formula = f.mean_of(f"C{first + 1}:C{last}", len(book.rules.aspects))
    sheet.write_string(last, 1, book.say("column.sektoral"), book.look("label", "box"))
    sheet.formula(last, 2, formula, book.look("percent", "bold", "box"), cached(page.row["sektoral"]))
    return last


def _location(sheet, page, first):
    """Write the group as one location: people, hectares, considerations, legality, class, priority, handling."""
    book, cells = page.book, page.cells
    sheet.write_string(first - 1, 1, book.say("group.location"), book.look("head"))
    sheet.write_blank(first - 1, 2, None, book.look("head"))
    facts = _facts(page)
    for i, (key, *_) in enumerate(facts):
        cells[key] = f"$C${first + i + 1}"
    for i, (key, look, formula, value) in enumerate(facts, first):
        sheet.write_string(i, 1, book.say(f"column.fact_{key}"), book.look("text", "box"))
        written = formula(cells) if callable(formula) else formula
        sheet.formula(i, 2, written, book.look(look, "box", "left"), cached(value))
    return first + len(facts)


def _facts(page):
    """List the facts of a group: key, look, formula (or what makes it of the cells above), value."""
    row, f, grid, table = page.row, page.f, page.grid, page.table
    group, word = (page.numbers, page.number), page.f.word
    signs = {k: {"+": PLUS, "-": MINUS}.get(row[f"{k}_sign"], "") for k in ("tenure", "plan")}
    legal = "" if pd.isna(row["legal"]) else word["legal"] if row["legal"] else word["not_legal"]
    low = grid.range("total_low")
    said = {key: rule_word(row[key], page.book.lang) for key in ("authority", "consideration", "handling")}
    return [
        ("units", "score", page.count, row["units"]),
        ("slum_units", "score", f'COUNTIFS({group[0]},{group[1]},{low},">="&{f.name["floor"]})', row["slum_units"]),
        ("area_ha", "area", page.sum(grid.range("area")), row["area_ha"]),
        ("slum_ha_low", "area", page.sum(grid.range("slum_low")), row["slum_ha_low"]),
        ("slum_ha_high", "area", page.sum(grid.range("slum_high")), row["slum_ha_high"]),
        ("authority", "text", lambda c: f.authority(c["slum_ha_low"], c["slum_ha_high"]), said["authority"]),
        ("population", "person", page.sum(grid.range("population")), row["population"]),
        ("households", "KK", page.sum(table.range("households")), row["households"]),
        ("density", "density", lambda c: f.density(c["population"], c["area_ha"]), row["density_per_ha"]),
        ("strategic", "score", f.common(grid.range("strategic"), *group), row["strategic"]),
        ("people_score", "score", lambda c: f.density_score(c["density"]), row["population_score"]),
        ("social", "score", f.common(grid.range("social"), *group), row["social"]),
        ("considered", "score", lambda c: f.considered(f"{c['strategic']}:{c['social']}"), row["consideration_score"]),
        ("consideration", "text", lambda c: f.consideration(c["considered"]), said["consideration"]),
        ("tenure", "text", f.whole_sign(grid.range("tenure"), *group, page.count), signs["tenure"]),
        ("plan", "text", f.whole_sign(grid.range("plan"), *group, page.count), signs["plan"]),
        ("legal", "text", lambda c: f.legal(c["tenure"], c["plan"]), legal),
        ("class", "text", lambda c: _decided(f, c)[0], row["class"]),
        ("priority", "score", lambda c: _decided(f, c)[1], row["priority"]),
        ("handling", "text", lambda c: _decided(f, c)[2], said["handling"]),
    ]


def _decided(f, cells):
    """Klasifikasi, prioritas and pola penanganan of a group, from the cells of its page."""
    return f.classify(*(cells[k] for k in ("total_low", "level", "considered", "consideration", "legal")))


def _chart(sheet, page, group):
    """Draw the means of the aspects of a group beside their figures."""
    book, (first, last) = page.book, page.cells["aspects"]
    name = book.names[page.rolled.by]
    chart = book.file.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": [name, LIST_FIRST + page.at, 1],
            "categories": [name, first, 1, last, 1],
            "values": [name, first, 2, last, 2],
            "fill": {"color": _BAR},
            "gap": 60,
            "data_labels": {"value": True, "num_format": "0.0"},
        }
    )
    chart.set_title({"name": book.say("chart.title", by=group), "name_font": {"size": 10}})
    chart.set_legend({"none": True})
    chart.set_x_axis({"min": 0, "max": 100, "num_font": {"size": 8}, "major_gridlines": {"visible": True}})
    chart.set_y_axis({"reverse": True, "num_font": {"size": 8}})
    chart.set_size({"width": 590, "height": 400})
    sheet.insert_chart(first - 1, 4, chart, {"x_offset": 6, "y_offset": 2, "description": page.rolled.names[page.at]})
