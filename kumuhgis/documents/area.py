"""Sheet "Luas Kumuh": hectares of the RT by their own level, and luas SK, verifikasi and map side by side.

A roll-up may hide slum RT; hectares therefore count RT, and the roll-up's own level only stands beside them.
"""

from xlsxwriter.utility import xl_col_to_name

from kumuhgis.documents.data import FIRST
from kumuhgis.documents.formulas import NUMBER
from kumuhgis.documents.scoring import LIST_FIRST, level_counts
from kumuhgis.documents.sheets import cached, quoted
from kumuhgis.hectares import reconcile, slum_hectares

_TOP = 5


def write_area(book, table, grid, rolled):
    """Write the sheet.

    Parameters
    ----------
    book : sheets.Book
        The workbook.
    table : data.Table
        The inputs.
    grid : scoring.Grid
        The scores of the RT.
    rolled : rollup.RollUp or None
        The locations (kawasan, or desa where none is named).

    Returns
    -------
    dict
        Where the sums stand: ``levels`` (first row), ``slum_low, slum_high`` (cells), for the cover.
    """
    sheet = book.sheet("area", book.say("title.area"), landscape=True)
    sheet.write_string(2, 0, book.say("hint.area", floor=book.rules.floor), book.look("subtitle"))
    for j, width in enumerate((8, 34, 11, 13, 13, 13, 15, 14, 14, 14, 20, 28)):
        sheet.set_column(j, j, width)
    where, last = _levels(sheet, book, grid)
    if rolled is not None:
        last = _locations(sheet, book, grid, rolled, last + 4)
    _reconciled(sheet, book, table, grid, last + 4)
    return where


def _heads(sheet, book, row, headings):
    for j, heading in enumerate(headings):
        sheet.write_string(row, j, heading, book.look("head"))
    sheet.set_row(row, 34)


def _strict(values, pairs, *, whole):
    """Sum of the RT that fit the pairs (range, criterion); nothing if an area among them is missing."""
    fits = ",".join(f"{r},{c}" for r, c in pairs)
    return f'IF(COUNTIFS({fits},{values},{NUMBER})={whole},ROUND(SUMIFS({values},{fits}),9),"")'


def _levels(sheet, book, grid):
    """Write RT and hectares by level, and their sum; give where they are."""
    a = book.assessment
    sheet.write_string(_TOP - 2, 0, book.say("area.by_level"), book.look("bold"))
    heads = ("column.number", "column.level", "column.list_units", "column.area")
    _heads(sheet, book, _TOP - 1, [book.say(key) for key in heads])
    hectares = slum_hectares(a.summary, book.rules).iloc[0]
    keys = [*book.rules.level_keys, None]
    counts = level_counts(a, book.rules)
    levels, area = grid.range("level"), grid.range("area")
    for i, (key, count) in enumerate(zip(keys, counts, strict=True)):
        row = _TOP + i
        sheet.write_number(row, 0, i + 1, book.look("score", "box"))
        sheet.write_string(row, 1, book.level_word(key), book.look("text", "box"))
        pair = [(levels, f"$B{row + 1}")]
        sheet.formula(row, 2, f"COUNTIFS({levels},$B{row + 1})", book.look("unit", "box"), count)
        value = hectares["undetermined" if key is None else key]
        formula = _strict(area, pair, whole=f"$C{row + 1}")
        sheet.formula(row, 3, formula, book.look("area", "box"), cached(value))
    book.colour_levels(sheet, _TOP, 1, _TOP + len(keys) - 1)
    return _sums(sheet, book, grid, hectares, _TOP + len(keys))


def _sums(sheet, book, grid, hectares, row):
    """Write the sum of all RT, and slum hectares that are certain and possible."""
    count = len(grid.units)
    sheet.write_string(row, 1, book.say("area.all"), book.look("label", "box"))
    sheet.formula(row, 2, f"SUM(C{_TOP + 1}:C{row})", book.look("unit", "bold", "box"), count)
    formula = _all(grid.range("area"), count)
    sheet.formula(row, 3, formula, book.look("area", "bold", "box"), cached(hectares["area_ha"]))
    where = {"levels": _TOP}
    for i, end in enumerate(("low", "high"), 1):
        values, cell = grid.range(f"slum_{end}"), f"$D${row + i + 1}"
        sheet.write_string(row + i, 1, book.say(f"area.slum_{end}"), book.look("label", "box"))
        sheet.write_blank(row + i, 2, None, book.look("box"))
        value = cached(hectares[f"slum_ha_{end}"])
        sheet.formula(row + i, 3, _all(values, count), book.look("area", "bold", "box"), value)
        where[f"slum_{end}"] = f"{book.reference('area')}!{cell}"
        where[f"slum_{end}_value"] = value
    return where, row + 2


def _all(values, count):
    return f'IF(COUNT({values})={count},ROUND(SUM({values}),9),"")'


def _locations(sheet, book, grid, rolled, first):
    """Write the hectares of every location by level, with the level of the roll-up beside them; give the last row."""
    by = book.say(f"word.{rolled.by}")
    sheet.write_string(first - 2, 0, book.say("area.by_location", by=by), book.look("bold"))
    words = [book.level_word(key) for key in (*book.rules.level_keys, None)]
    more = [book.say(key) for key in ("area.all", "area.slum_low", "area.slum_high", "column.list_level")]
    heads = [book.say(f"column.{key}") for key in ("number", rolled.by, "list_units")]
    _heads(sheet, book, first - 1, [*heads, *words, *more])
    for i, cells in enumerate(rolled.cells):
        _location(sheet, book, grid, rolled, (first, first + i), cells)
    last = first + len(rolled.cells) - 1
    book.colour_levels(sheet, first, 3 + len(words) + 3, last)
    book.colour_levels(sheet, first - 1, 3, first - 1)
    for j in range(4, 3 + len(words)):
        book.colour_levels(sheet, first - 1, j, first - 1)
    return last


def _location(sheet, book, grid, rolled, rows, cells):
    """Write one location."""
    first, row = rows
    i, page, numbers = row - first, book.reference(rolled.by), grid.range(f"{rolled.by}_number")
    values, keys = rolled.summary.iloc[row - first], [*book.rules.level_keys, "undetermined"]
    sheet.formula(row, 0, f"{page}!$A${LIST_FIRST + 1 + i}", book.look("score", "box"), i + 1)
    sheet.formula(row, 1, f"{page}!$B${LIST_FIRST + 1 + i}", book.look("text", "box"), cached(rolled.names[i]))
    sheet.formula(row, 2, f"{page}!{cells['units']}", book.look("unit", "box"), cached(values["units"]))
    for j, key in enumerate(keys, 3):
        level = f"{xl_col_to_name(j)}${first}"
        pairs = [(numbers, f"$A{row + 1}"), (grid.range("level"), level)]
        whole = "COUNTIFS(" + ",".join(f"{r},{c}" for r, c in pairs) + ")"
        formula = _strict(grid.range("area"), pairs, whole=whole)
        sheet.formula(row, j, formula, book.look("area", "box"), cached(values[key]))
    for j, key in enumerate(("area_ha", "slum_ha_low", "slum_ha_high"), 3 + len(keys)):
        sheet.formula(row, j, f"{page}!{cells[key]}", book.look("area", "box"), cached(values[key]))
    level = values["level"] if values["level"] == values["level"] else None
    look = book.look("word", "box")
    sheet.formula(row, 6 + len(keys), f"{page}!{cells['level']}", look, book.level_word(level))


# ---------------------------------------------------------------- three areas


def _reconciled(sheet, book, table, grid, first):
    """Write luas SK, luas verifikasi and the measured area of every RT, their differences, and what the SK says."""
    a = book.assessment
    sheet.write_string(first - 2, 0, book.say("area.reconciled"), book.look("bold"))
    keys = ("number", "unit", "rt_rw", "sk_ha", "verified_ha", "area_ha", "verified_minus_measured",
            "sk_minus_verified", "sk_share", "sk_status", "level", "sk_finding")  # fmt: skip
    _heads(sheet, book, first - 1, [book.say(f"column.{key}") for key in keys])
    found, _ = reconcile(a.units.reindex(grid.units))
    labels = table.column("rt_rw").values if "rt_rw" in table else [""] * len(grid.units)
    columns = _columns(book, table, grid, found, labels)
    for j, (formula, values, look) in enumerate(columns, 1):
        plain = book.look(look, "box")
        for i, value in enumerate(values):
            here = formula.replace("§", str(FIRST + i + 1)).replace("¤", str(first + i + 1))
            sheet.formula(first + i, j, here, plain, cached(value))
    for i in range(len(grid.units)):
        sheet.write_number(first + i, 0, i + 1, book.look("score", "box"))
    book.colour_levels(sheet, first, 10, first + len(grid.units) - 1)


def _columns(book, table, grid, found, labels):
    """List formula, values and look of the columns; ``§`` is the row of the RT, ``¤`` that of this sheet."""
    summary = book.assessment.summary
    sk, verified, measured, share = (table.cell(key) for key in ("sk_ha", "verified_ha", "area_ha", "sk_share"))
    status = {
        key: book.say(f"area.{key}") for key in ("inside", "outside", "partial", "inside_not_slum", "outside_slum")
    }
    words = [book.level_word(level if level == level else None) for level in summary["level"].astype(object)]
    label = f'{table.cell("rt_rw")}&""' if "rt_rw" in table else '""'
    typed = f'IF(OR(COUNT({verified})=0,_xlfn.ISFORMULA({verified})),"",{verified})'
    return (
        (f'{table.cell("unit")}&""', [str(u) for u in grid.units], "text"),
        (label, [v or "" for v in labels], "text"),
        (_given(sk), found["sk_ha"], "area"),
        (typed, found["verified_ha"], "area"),
        (_given(measured), found["area_ha"], "area"),
        ('IF(COUNT(E¤,F¤)=2,E¤-F¤,"")', found["verified_minus_measured"], "area"),
        ('IF(COUNT(D¤,E¤)=2,D¤-E¤,"")', found["sk_minus_verified"], "area"),
        (_given(share), summary["sk_share"], "share"),
        (_status(book, status), summary["sk_status"].map(status), "word"),
        (grid.cell("level"), words, "word"),
        (_finding(book, grid, status), summary["sk_finding"].map(status), "text"),
    )


def _given(cell):
    return f'IF(COUNT({cell})=1,{cell},"")'


def _status(book, words):
    tolerance = book.formulas.name["sk_tolerance"]
    inside, outside, partial = (quoted(words[key]) for key in ("inside", "outside", "partial"))
    rest = f"IF(I¤<={tolerance},{outside},{partial})"
    return f'IF(I¤="","",IF(I¤>=1-{tolerance},{inside},{rest}))'


def _finding(book, grid, words):
    tolerance, floor = (book.formulas.name[key] for key in ("sk_tolerance", "floor"))
    inside, outside = (quoted(words[key]) for key in ("inside_not_slum", "outside_slum"))
    rest = f'IF(AND(I¤<={tolerance},{grid.cell("total_low")}>={floor}),{outside},"")'
    return f'IF(I¤="","",IF(AND(I¤>{tolerance},{grid.cell("total_high")}<{floor}),{inside},{rest}))'
