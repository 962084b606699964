"""Sheet "Penilaian": from volume to percent, score, level, hectares, class, priority and handling, as live formulas."""

import numpy as np
import pandas as pd
from xlsxwriter.utility import xl_col_to_name

from kumuhgis.documents.data import FIRST
from kumuhgis.documents.formulas import MINUS, PLUS
from kumuhgis.documents.sheets import A3, Column, Layout, break_at_groups, quoted
from kumuhgis.groups import name_groups
from kumuhgis.text import rule_word

GROUPS = ("kawasan", "desa", "kecamatan")
"""Columns of ``units`` that are rolled up, each on a sheet of its own."""
_SMALL, _SCORE = 8, 6


class Grid(Layout):
    """The columns of the sheet while they are laid out: each refers to those before it."""

    def add(self, key, heading, values, formula, look, width=_SMALL, group="", **more):
        """Add a column of formulas."""
        self.append(Column(key, heading, _plain(values), look, width, formula, group, **more))

    def span(self, first, last):
        """Refer to neighbouring cells of the same row."""
        return f"{self.here(first)}:{self.here(last)}"


def _plain(values):
    """Give plain values, None for what is missing."""
    array = pd.Series(values).astype(object)
    return array.where(array.notna(), None).tolist()


def lay_out_scores(book, table):
    """Decide what stands where on the sheet.

    Parameters
    ----------
    book : sheets.Book
        The workbook.
    table : data.Table
        The inputs.

    Returns
    -------
    Grid
        The columns, with their formulas and values.
    """
    grid = Grid(table.units, book.reference("scoring"), FIRST)
    _names(grid, book, table)
    _percents(grid, book, table)
    _means(grid, book)
    _scores(grid, book)
    _total(grid, book, table)
    _hectares(grid, book, table)
    _considered(grid, book, table)
    _decided(grid, book, table)
    _numbers_of_groups(grid, book, table)
    return grid


def _names(grid, book, table):
    for key in ("unit", "rt_rw", "kawasan"):
        if key in table:
            column = table.column(key)
            values = [v or "" for v in column.values]
            grid.add(key, column.heading, values, f'{table.cell(key)}&""', "text", column.width)


def _percents(grid, book, table):
    percent = book.assessment.scores["percent"].unstack("criterion").reindex(grid.units)
    for criterion in book.rules.criteria:
        formula = book.formulas.percent(table.cell(f"{criterion.code}_volume"), table.cell(table.total(criterion)))
        heading = f"{criterion.code} · {book.criterion_name(criterion)}"
        group = book.say("group.percents")
        grid.add(f"{criterion.code}%", heading, percent[criterion.code], formula, "percent", group=group, head="tall")


def _means(grid, book):
    """Add the mean of every aspect; its formula needs the scores only when it is gated, so they come after it."""
    summary, group = book.assessment.summary, book.say("group.means", means=book.options["means"])
    note = book.say(f"note.means_{book.options['means']}")
    scores_from = len(grid.columns) + len(book.rules.aspects) + 1
    for aspect in book.rules.aspects:
        codes = book.rules.of_aspect(aspect.number)
        scores = [f"{xl_col_to_name(scores_from + book.rules.codes.index(c))}§" for c in codes]
        formula = book.formulas.mean([grid.here(f"{c}%") for c in codes], scores)
        key, heading = f"aspect_{aspect.number}_mean", f"{aspect.number} · {book.criterion_name(aspect)}"
        more = {"group": group, "head": "tall", "note": note if aspect.number == 1 else ""}
        grid.add(key, heading, summary[key], formula, "percent", **more)
    first, last = (f"aspect_{book.rules.aspects[i].number}_mean" for i in (0, -1))
    formula = book.formulas.mean_of(grid.span(first, last), len(book.rules.aspects))
    grid.add("sektoral", book.say("column.sektoral"), summary["sektoral"], formula, "percent", group=group, head="tall")


def _scores(grid, book):
    score = book.assessment.scores["score"].unstack("criterion").reindex(grid.units)
    for criterion in book.rules.criteria:
        heading = f"{criterion.code} · {book.criterion_name(criterion)}"
        formula, group = book.formulas.score(grid.here(f"{criterion.code}%")), book.say("group.scores")
        grid.add(f"{criterion.code}#", heading, score[criterion.code], formula, "score", _SCORE, group, head="tall")


def _total(grid, book, table):
    summary, codes, f = book.assessment.summary, book.rules.codes, book.formulas
    group, scores = book.say("group.total"), grid.span(f"{codes[0]}#", f"{codes[-1]}#")
    formula = f.total(scores, len(codes))
    grid.add("total_score", book.say("column.total_score"), summary["total_score"], formula, "score", group=group)
    for end, each in (("low", f.lowest), ("high", f.highest)):
        narrowed = [
            (grid.here(f"{c.code}#"), table.cell(f"{c.code}_{end}"), table.cell(table.total(c)))
            for c in book.rules.criteria
            if c.code in table.limits
        ]
        formula = f.end(scores, len(codes), each, narrowed)
        more = {"group": group, "note": book.say("note.total_low") if end == "low" else ""}
        grid.add(f"total_{end}", book.say(f"column.total_{end}"), summary[f"total_{end}"], formula, "score", **more)
    words = [book.level_word(None if level != level else level) for level in summary["level"].astype(object)]
    formula = f.level(grid.here("total_low"), grid.here("total_high"))
    grid.add("level", book.say("column.level"), words, formula, "word", 21, group)


def _hectares(grid, book, table):
    summary, f, group = book.assessment.summary, book.formulas, book.say("group.hectares")
    area = table.cell("area_used_ha")
    grid.add(
        "area",
        book.say("column.area"),
        summary["area_used_ha"],
        f'IF(COUNT({area})=1,ROUND({area},9),"")',
        "area",
        9,
        group,
    )
    low, high, here = grid.here("total_low"), grid.here("total_high"), grid.here("area")
    grid.add("slum", book.say("column.slum"), summary["slum_ha"], f.slum(low, high, here), "area", 9, group)
    for end, total in (("low", low), ("high", high)):
        heading, values = book.say(f"column.slum_{end}"), summary[f"slum_ha_{end}"]
        grid.add(f"slum_{end}", heading, values, f.slum_end(total, here), "area", 9, group)


def _considered(grid, book, table):
    summary, f, group = book.assessment.summary, book.formulas, book.say("group.considered")
    people = table.cell("population")
    formula = f'IF(COUNT({people})=1,ROUND({people},9),"")'
    grid.add("population", book.say("column.people"), summary["population"], formula, "person", 9, group)
    formula = f.density(grid.here("population"), grid.here("area"))
    grid.add("density", book.say("column.density"), summary["density_per_ha"], formula, "density", 9, group)
    cell = table.cell("strategic")
    formula = f'IF(COUNT({cell})=1,{cell},"")'
    grid.add("strategic", book.say("column.strategic"), summary["strategic"], formula, "score", 9, group)
    formula = f.density_score(grid.here("density"))
    grid.add("people_score", book.say("column.people_score"), summary["population_score"], formula, "score", 13, group)
    cell = table.cell("social")
    formula = f'IF(COUNT({cell})=1,{cell},"")'
    grid.add("social", book.say("column.social"), summary["social"], formula, "score", 9, group)
    formula = f.considered(grid.span("strategic", "social"))
    grid.add("considered", book.say("column.considered"), summary["consideration_score"], formula, "score", 8, group)
    formula = f.consideration(grid.here("considered"))
    grid.add(
        "consideration",
        book.say("column.consideration"),
        _in_words(summary["consideration"], book),
        formula,
        "word",
        9,
        group,
    )


def _decided(grid, book, table):
    summary, f, group = book.assessment.summary, book.formulas, book.say("group.decided")
    signs = {name: table.cell(f"{name}_sign") for name in ("tenure", "plan")}
    for name, cell in signs.items():
        values = summary[f"{name}_sign"].map({"+": PLUS, "-": MINUS})
        grid.add(name, book.say(f"column.{name}_sign"), values, f'{cell}&""', "word", 8, group)
    legal = summary["legal"].astype("boolean").map({True: f.word["legal"], False: f.word["not_legal"]})
    formula = f.legal(grid.here("tenure"), grid.here("plan"))
    grid.add("legal", book.say("column.legal"), legal, formula, "word", 11, group)
    cells = [grid.here(key) for key in ("total_low", "level", "considered", "consideration", "legal")]
    formulas = dict(zip(("class", "priority", "handling"), f.classify(*cells), strict=True))
    widths = {"class": 9, "priority": 8, "handling": 18}
    for key, formula in formulas.items():
        look = "score" if key == "priority" else "word"
        values = _in_words(summary[key], book) if key == "handling" else summary[key]
        grid.add(key, book.say(f"column.{key}"), values, formula, look, widths[key], group)
    keys = (("priority", "<"), ("total_low", ">"), ("slum", ">"), ("population", ">"))
    formula = f.rank([(grid.here(k), grid.local(k), sign) for k, sign in keys])
    more = {"group": group, "note": book.say("note.rank")}
    grid.add("rank", book.say("column.rank"), summary["rank"], formula, "score", **more)


def _in_words(values, book):
    """Write words of the rule in the language of the workbook, as its formulas do."""
    return pd.Series([rule_word(value, book.lang) for value in values], values.index, dtype=object)


def _numbers_of_groups(grid, book, table):
    """Add the number that every RT's group has in the list of the roll-up: exactly as written, no wildcards."""
    for by in groups_of(book.assessment):
        groups, wider = name_groups(book.assessment, by)
        groups = groups.reindex(grid.units)
        numbers, names = pd.factorize(groups)
        own = table.cell(by)
        named = f'TRIM({table.cell(wider)})&" · "&{own}' if wider else own
        label = f'IF({own}="",{quoted(book.say("group.without", by=book.say(f"word.{by}")))},{named})'
        listed = group_list(book, by, len(names))
        formula = f"SUMPRODUCT(EXACT({listed[1]},{label})*{listed[0]})"
        heading = book.say("column.number_of", by=book.say(f"word.{by}"))
        grid.add(by + "_number", heading, numbers + 1, formula, "score", 9, book.say("group.numbers"))


LIST_FIRST = 5
"""Row of the first group in the list of a sheet of roll-ups, from 0."""


def group_list(book, by, count):
    """Refer to the numbers and the names of the groups on their sheet."""
    sheet = book.reference(by)
    return tuple(f"{sheet}!${c}${LIST_FIRST + 1}:${c}${LIST_FIRST + count}" for c in "AB")


def groups_of(assessment):
    """Say by what an assessment can be rolled up: the columns in which some unit has a name."""
    units = assessment.units
    return [by for by in GROUPS if by in units and units[by].notna().any()]


def write_scores(book, grid):
    """Write the sheet.

    Parameters
    ----------
    book : sheets.Book
        The workbook.
    grid : Grid
        From :func:`lay_out_scores`.
    """
    sheet = book.sheet("scoring", book.say("title.scoring"), paper=A3, landscape=True, wide=2)
    sheet.write_string(2, 0, book.say("hint.scoring"), book.look("subtitle"))
    book.columns(sheet, grid.columns, FIRST)
    sheet.set_row(FIRST - 1, 168)
    break_at_groups(sheet, grid.columns, repeated=2, scale=0.6)
    last = FIRST + len(grid.units) - 1
    book.colour_levels(sheet, FIRST, next(j for j, c in enumerate(grid.columns) if c.key == "level"), last)
    sheet.autofilter(FIRST - 1, 0, last, len(grid.columns) - 1)


def level_counts(assessment, rules):
    """Count units by level, in the order of the rule; the last is what is open."""
    level = assessment.summary["level"].astype(object)
    return [int((level == key).sum()) for key in rules.level_keys] + [int(np.sum(level.isna()))]
