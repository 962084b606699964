"""Sheet "Kepastian": how sure every level is, where a few more households would settle it, and the same of the groups.

Only for a result that rests on a sample. Its figures are no formulas: a spreadsheet has no beta-binomial.
"""

import numpy as np
import pandas as pd

from kumuhgis.confidence import certainty_sentence, slum_hectares_range
from kumuhgis.further import DRAWS, households_needed
from kumuhgis.groups import name_groups, summarise_groups

_TOP = 6
_WIDTHS = {"unit": 24, "name": 18, "likely": 16, "sentence": 70}


def rests_on_sample(assessment):
    """Tell whether any volume of the result is from a sample."""
    return "hits" in assessment.measures and bool(assessment.measures["hits"].notna().any())


def write_certainty(book):
    """Write the sheet.

    Parameters
    ----------
    book : sheets.Book
        The workbook; nothing is written where no volume is from a sample.
    """
    a = book.assessment
    if not rests_on_sample(a):
        return
    sheet = book.sheet("certainty", book.say("title.certainty"), landscape=True)
    sheet.write_string(2, 0, book.say("hint.certainty"), book.look("subtitle"))
    sheet.write_string(3, 0, book.say("certainty.assumed"), book.look("subtitle"))
    needed = households_needed(a.measures, a.rules, draws=max(25, min(DRAWS, 40_000 // len(a.summary))))
    columns = _columns(book, needed)
    for j, (key, heading, look, values) in enumerate(columns):
        sheet.set_column(j, j, _WIDTHS.get(key, 11))
        sheet.write_string(_TOP - 1, j, heading, book.look("head"))
        for i, value in enumerate(values):
            _write(sheet, _TOP + i, j, value, book.look(look, "box"))
    sheet.set_row(_TOP - 1, 46)
    sheet.freeze_panes(_TOP, 2)
    likely = [key for key, *_ in columns].index("likely")
    book.colour_levels(sheet, _TOP, likely, _TOP + len(needed) - 1)
    row = _TOP + len(needed) + 2
    for by in ("kawasan", "desa"):
        if by in a.units and a.units[by].notna().any():
            row = _groups(sheet, book, by, row) + 2


def _columns(book, needed):
    """Give the columns of the RT: key, heading, look, values; the cheapest to settle first."""
    a, rules = book.assessment, book.rules
    rows = a.summary.reindex(needed.index)
    names = a.units["rt_rw"].reindex(needed.index) if "rt_rw" in a.units else pd.Series("", needed.index)
    more = needed["households"]
    said = [
        certainty_sentence(row, rules, book.lang, further=None if pd.isna(n) else int(n))
        for (_, row), n in zip(rows.iterrows(), more, strict=True)
    ]
    settled = [book.say("certainty.never") if pd.isna(n) else int(n) for n in more]
    levels = [
        (f"p_{k}", book.say("certainty.p_level", level=book.level_word(lv.key)), "share", rows[f"p_level_{k}"])
        for k, lv in enumerate(rules.levels)
    ]
    return [
        ("unit", book.say("certainty.unit"), "text", needed.index),
        ("name", book.say("certainty.name"), "text", names),
        ("p_slum", book.say("certainty.p_slum"), "share", rows["p_slum"]),
        *levels,
        ("likely", book.say("certainty.likely"), "word", [book.level_word(key) for key in rows["level_likely"]]),
        ("from", book.say("certainty.total_from"), "score", rows["total_from"]),
        ("to", book.say("certainty.total_to"), "score", rows["total_to"]),
        ("needed", book.say("certainty.needed"), "KK", settled),
        ("left", book.say("certainty.left"), "KK", needed["left"]),
        ("sentence", book.say("certainty.sentence"), "wrap", said),
    ]


def _write(sheet, row, column, value, look):
    """Write a number, a word, or an empty cell; what is nearly certain never reads as certain (99.9 % at most)."""
    if isinstance(value, str):
        sheet.write_string(row, column, value, look)
    elif pd.isna(value):
        sheet.write_blank(row, column, None, look)
    else:
        inside = 0 < float(value) < 1
        sheet.write_number(row, column, float(np.clip(value, 0.001, 0.999)) if inside else float(value), look)


def _groups(sheet, book, by, row):
    """Write the slum hectares of every group with limits, and how sure its own level is; give the row behind."""
    a = book.assessment
    hectares = slum_hectares_range(a.summary["p_slum"], a.summary["area_used_ha"], name_groups(a, by)[0])
    rolled = summarise_groups(a, by)
    columns = [
        ("group", "text", rolled.index),
        *((f"ha_{end}", "area", hectares[f"slum_ha_{end}"].reindex(rolled.index)) for end in ("mean", "from", "to")),
        ("open_units", "unit", hectares["open_units"].reindex(rolled.index)),
        ("without_area", "unit", hectares["units_without_area"].reindex(rolled.index)),
        ("rolled_slum", "share", rolled["p_slum"]),
        ("likely", "word", [book.level_word(key) for key in rolled["level_likely"]]),
        ("total_from", "score", rolled["total_from"]),
        ("total_to", "score", rolled["total_to"]),
    ]
    sheet.write_string(row, 0, book.say("certainty.by_group", by=book.say(f"word.{by}")), book.look("bold"))
    for j, (key, look, values) in enumerate(columns):
        sheet.write_string(row + 1, j, book.say(f"certainty.{key}"), book.look("head"))
        for i, value in enumerate(values, row + 2):
            _write(sheet, i, j, value, book.look(look, "box"))
    sheet.set_row(row + 1, 46)
    last = row + 1 + len(rolled)
    book.colour_levels(sheet, row + 2, [key for key, *_ in columns].index("likely"), last)
    return last + 1
