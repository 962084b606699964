"""The lines with which one unit is explained on a screen: every criterion, then what follows from them."""

import pandas as pd

from kumuhgis.captions import why_sentences
from kumuhgis.text import number, text
from kumuhgis.trace import fragile_sentence


def trace_lines(table, lang):
    """Write the trace of a unit as lines.

    Parameters
    ----------
    table : pandas.DataFrame
        As :func:`trace.explain` gives it.
    lang : {"id", "en"}
        Language.

    Yields
    ------
    str
        One line per criterion.
    """
    for code, row in table.iterrows():
        score = "–" if pd.isna(row["score"]) else row["score"]
        decimals = {"ha": 4, "m": 1}.get(row["unit"], 0)
        parts = f"{number(row['affected'], decimals, lang)} / {number(row['total'], decimals, lang)} {row['unit']}"
        percent = number(row["percent"], 2, lang)
        what = f"{code}  {_short(row['name']):<52} {parts:>26} {percent:>9} %"
        yield f"{what}  {row['band']:<14} {score}  {row['source']}"


def _level_word(key, rules, lang):
    if pd.isna(key):
        return text("levels.undetermined", lang)
    return key if lang == "id" else next(level.name_en for level in rules.levels if level.key == key)


def _short(name, most=52):
    return name if len(name) <= most else f"{name[: most - 1]}…"


def unit_lines(result, unit, lang):
    """Write what follows from the scores of a unit: means, total, what decides, why this priority.

    Parameters
    ----------
    result : Assessment
        The result.
    unit : str
        Key of the unit.
    lang : {"id", "en"}
        Language.

    Yields
    ------
    str
        Lines in the order in which they are read.
    """
    row = result.summary.loc[unit]
    means = [f"{a.number}: {number(row[f'aspect_{a.number}_mean'], 2, lang)}" for a in result.rules.aspects]
    yield text("cli.means", lang, means="  ".join(means), sektoral=number(row["sektoral"], 2, lang))
    level = _level_word(row["level"], result.rules, lang)
    total = (
        f"{row['total_low']}" if row["total_low"] == row["total_high"] else f"{row['total_low']}–{row['total_high']}"
    )
    yield text("cli.total", lang, total=total, max=result.rules.max_total, level=level)
    if row["deciding"]:
        yield text("cli.deciding", lang, codes=row["deciding"], levels=row["levels_possible"])
    if row["sensitive_to"]:
        yield text("cli.sensitive", lang, options=row["sensitive_to"])
    yield from filter(None, [fragile_sentence(row, result.rules, lang)])
    yield from filter(None, why_sentences(result.summary.loc[[unit]], result.rules, lang))
