"""Sheet "Data": what was counted, one row per RT; the formulas of all other sheets come from here.

Its headings are those that ``kumuhgis score`` reads. A number that follows from other columns (an ideal length from the
existing one and what is needed, a derived density) is a formula, in italics; what is missing is an empty cell.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kumuhgis.baseline import TOTAL_OF, TOTALS
from kumuhgis.documents.formulas import MINUS, PLUS
from kumuhgis.documents.sheets import A3, Column, Layout, put, safe
from kumuhgis.hectares import AREAS, area_used
from kumuhgis.longform import matrices
from kumuhgis.volumes import EXISTING_OF, derived_density, with_ideal_lengths

FIRST = 6
"""Row of the first RT, from 0; on the sheet of the scores too."""
PLACES = ("rt_rw", "kawasan", "desa", "kecamatan", "kabupaten", "part")
_TYPED = {"strategic": "score", "social": "score", "tenure_sign": "word", "plan_sign": "word", "sk_share": "share"}
_WIDTHS = {"unit": 23, "rt_rw": 16}
_LOOK_WIDTHS = {"text": 16, "ha": 11, "m": 11}
_BLANK = "#fff3bf"
_COUNTS = ("unit", "KK", "person")


@dataclass
class Table(Layout):
    """The columns of the sheet: their values, and the cells that are formulas.

    ``formulas``: column to one formula (or None) per RT; ``denominators`` and ``limits``: the criteria that have
    columns of their own.
    """

    formulas: dict = field(default_factory=dict)
    denominators: set = field(default_factory=set)
    limits: set = field(default_factory=set)

    def add(self, key, heading, values, look, group="", *, formulas=None, note=""):
        """Add a column."""
        width = _WIDTHS.get(key) or _LOOK_WIDTHS.get(look, 10)
        self.append(Column(key, heading, list(values), look, width, group=group, note=note))
        if formulas is not None and any(formulas):
            self.formulas[key] = formulas

    def total(self, criterion):
        """Name the column of a criterion's total."""
        return f"{criterion.code}_denominator" if criterion.code in self.denominators else TOTAL_OF[criterion.total]


def lay_out(book):
    """Decide what stands where, before a cell is written: other sheets refer to it.

    Parameters
    ----------
    book : sheets.Book
        The workbook.

    Returns
    -------
    Table
        The columns.
    """
    a = book.assessment
    units = a.units.reindex(a.summary.index)
    _, arrays = matrices(a.measures.reindex(a.summary.index, level="unit"), book.rules, _ARRAYS)
    volumes = pd.DataFrame(arrays[0], index=a.summary.index, columns=list(book.rules.codes))
    table = Table(a.summary.index, book.reference("data"), FIRST)
    _places(table, book, units)
    filled = _totals(table, book, units, volumes)
    _volumes(table, book, volumes, filled)
    _own_columns(table, book, arrays, filled)
    _typed(table, book, units)
    return table


_ARRAYS = ("affected", "total", "affected_low", "affected_high")


def _places(table, book, units):
    group = book.say("group.places")
    table.add("unit", book.say("column.unit"), [str(u) for u in units.index], "text", group)
    for name in PLACES:
        if name in units and units[name].notna().any():
            values = units[name].astype(object).where(units[name].notna(), None)
            table.add(name, book.say(f"column.{name}"), [v if v is None else str(v) for v in values], "text", group)


def _totals(table, book, units, volumes):
    """Add areas and totals; give them as the measures use them, with ideal lengths and areas completed."""
    group = book.say("group.totals")
    given = units.reindex(columns=list(TOTALS)).astype(float)
    given = given.assign(verified_ha=given["verified_ha"].fillna(units["area_ha"]))
    filled = with_ideal_lengths(given, volumes)
    table.add("area_ha", book.say("column.area_ha"), units["area_ha"].astype(float), "ha", group)
    for name, unit in TOTALS.items():
        table.add(name, book.say(f"column.{name}"), _shown(name, given, filled), unit, group)
    table.formulas["verified_ha"] = _where(units["verified_ha"].isna() & units["area_ha"].notna(), table, "area_ha")
    used = area_used(units, book.options["area"])
    source = AREAS[book.options["area"]]
    formula = f'IF(COUNT({table.here(source)})=1,{table.here(source)},"")'
    table.add("area_used_ha", book.say("column.area_used_ha"), used, "ha", group, formulas=[formula] * len(used))
    return filled.assign(area_used_ha=used)


def _shown(name, given, filled):
    """Show ideal lengths completed; an existing length that is only deduced is not an input."""
    return filled[name] if name in ("road_ideal_m", "drain_ideal_m") else given[name]


def _where(mask, table, source):
    """Give a formula that takes another column over, for the rows of a mask."""
    formula = f'IF(COUNT({table.here(source)})=1,{table.here(source)},"")'
    return [formula if yes else None for yes in mask]


def _volumes(table, book, volumes, filled):
    group = book.say("group.volumes")
    for criterion in book.rules.criteria:
        heading = book.say("column.volume", code=criterion.code, unit=criterion.unit)
        formulas = _derived(table, book, criterion, volumes[criterion.code], filled)
        table.add(
            f"{criterion.code}_volume", heading, volumes[criterion.code], criterion.unit, group, formulas=formulas
        )
    for kind, code in (("road", "2a"), ("drain", "4b")):
        ideal, existing = f"{kind}_ideal_m", f"{kind}_existing_m"
        if code in volumes:
            given = book.assessment.units[ideal].reindex(table.units)
            parts = table.here(existing), table.here(f"{code}_volume")
            formula = f'IF(COUNT({parts[0]},{parts[1]})=2,{parts[0]}+{parts[1]},"")'
            table.formulas[ideal] = [formula if yes else None for yes in given.isna() & filled[ideal].notna()]


def _derived(table, book, criterion, volume, filled):
    """Give the formula of a derived density, for the rows where the volume is that."""
    if criterion.measure != "building_density":
        return None
    source = book.assessment.measures["source"].xs(criterion.code, level="criterion").reindex(table.units)
    derived = derived_density(filled, criterion, book.options["city_class"])
    parts = table.here("buildings"), table.here("verified_ha")
    dense = f"IF(ROUND({parts[0]}/{parts[1]},9)>={book.formulas.name['building_limit']},{parts[1]},0)"
    formula = f'IF(COUNT({parts[0]},{parts[1]})=2,IF({parts[1]}>0,{dense},""),"")'
    return [formula if yes else None for yes in (source == "derived") & (volume.to_numpy() == derived)]


def _own_columns(table, book, arrays, filled):
    """Add a denominator to the criteria whose total is not the RT's, and limits to volumes that are open."""
    for j, criterion in enumerate(book.rules.criteria):
        total, column = arrays[1][:, j], TOTAL_OF[criterion.total]
        existing = book.options["length_total"] == "existing" and "length_total" in criterion.parameters
        usual = filled[EXISTING_OF[criterion.total] if existing else column].to_numpy(float)
        same = (total == usual) | (np.isnan(total) & np.isnan(usual))
        if existing or not same.all():
            formula = _existing(table, criterion.total) if existing else _where([True], table, column)[0]
            formulas = [formula if yes else None for yes in same]
            table.denominators.add(criterion.code)
            _own(table, book, criterion, "denominator", total, formulas)
    for j, criterion in enumerate(book.rules.criteria):
        open_ = np.isnan(arrays[0][:, j]) & ~np.isnan(arrays[2][:, j])
        if open_.any():
            table.limits.add(criterion.code)
            for end, values in (("low", arrays[2][:, j]), ("high", arrays[3][:, j])):
                _own(table, book, criterion, end, np.where(open_, values, np.nan), None)


def _own(table, book, criterion, what, values, formulas):
    heading = book.say(f"column.{what}", code=criterion.code, unit=criterion.unit)
    key, group = f"{criterion.code}_{what}", book.say("group.own")
    table.add(key, heading, values, criterion.unit, group, formulas=formulas, note=book.say(f"note.{what}"))


def _existing(table, kind):
    """Give the existing length: as counted, else ideal without what is needed."""
    length, ideal = table.here(EXISTING_OF[kind]), table.here(TOTAL_OF[kind])
    needed = table.here(f"{'2a' if kind == 'road' else '4b'}_volume")
    return f'IF(COUNT({length})=1,{length},IF(COUNT({ideal},{needed})=2,MAX(0,{ideal}-{needed}),""))'


def _typed(table, book, units):
    """Add what no map and no count gives: considerations, signs, and the share inside the SK."""
    summary, group = book.assessment.summary, book.say("group.typed")
    for name, look in _TYPED.items():
        values = summary[name]
        if look == "word":
            values = values.map({"+": PLUS, "-": MINUS})
        formulas = _share(table, units, summary["sk_share"]) if name == "sk_share" else None
        table.add(name, book.say(f"column.{name}"), values, look, group, formulas=formulas)


def _share(table, units, share):
    """Give the share by luas SK over luas verifikasi, for the rows where it is that."""
    sk, area = table.here("sk_ha"), table.here("verified_ha")
    formula = f'IF(COUNT({sk},{area})<2,"",IF({area}>0,MIN(1,MAX(0,{sk}/{area})),""))'
    by_area = (units["sk_ha"].astype(float) / area_used(units)).clip(0, 1)
    return [formula if yes else None for yes in (share == by_area) & share.between(1e-9, 1 - 1e-9)]


# ---------------------------------------------------------------- the sheet


def write_data(book, table):
    """Write the sheet.

    Parameters
    ----------
    book : sheets.Book
        The workbook.
    table : Table
        From :func:`lay_out`.
    """
    sheet = book.sheet("data", book.say("title.data"), paper=A3, landscape=True, wide=2)
    sheet.write_string(2, 0, book.say("hint.data"), book.look("subtitle"))
    for j, column in enumerate(table.columns):
        sheet.write_string(FIRST - 1, j, column.heading, book.look("head"))
        sheet.set_column(j, j, column.width)
        if column.note:
            sheet.write_comment(FIRST - 1, j, column.note, {"x_scale": 2})
        _cells(book, sheet, j, column, table.formulas.get(column.key))
        _validate(book, sheet, j, column, len(table.units))
    book.groups(sheet, table.columns, FIRST - 3)
    _criteria(book, sheet, table)
    sheet.set_row(FIRST - 2, 92)
    sheet.set_row(FIRST - 1, 44)
    sheet.freeze_panes(FIRST, 2)
    sheet.repeat_rows(0, FIRST - 1)
    sheet.repeat_columns(0, 1)
    sheet.ignore_errors({"number_stored_as_text": f"A{FIRST + 1}:G{FIRST + len(table.units)}"})
    sheet.autofilter(FIRST - 1, 0, FIRST + len(table.units) - 1, len(table.columns) - 1)


def _cells(book, sheet, j, column, formulas):
    """Write inputs open to editing, and the formulas among them in italics, locked."""
    plain, derived = book.look(column.look, "box", "open"), book.look(column.look, "box", "derived")
    formulas = formulas or [None] * len(column.values)
    for i, (value, formula) in enumerate(zip(column.values, formulas, strict=True), FIRST):
        if formula is None:
            put(sheet, i, j, value, plain)
        else:
            sheet.formula(i, j, formula.replace("§", str(i + 1)), derived, "" if value != value else value)


def _criteria(book, sheet, table):
    """Write the names of the criteria above their columns."""
    for j, column in enumerate(table.columns):
        code, _, what = column.key.partition("_")
        named = code in book.rules.codes and what
        name = book.criterion_name(book.rules.criterion(code)) if named else ""
        sheet.write_string(FIRST - 2, j, safe(name), book.look("head"))


def _validate(book, sheet, j, column, count):
    """Refuse what cannot be, with a message; an empty cell is always allowed."""
    rules = book.rules.considerations
    choices = {"strategic": rules.strategic, "social": rules.social}
    if column.key in choices:
        allowed = {"validate": "list", "source": [choices[column.key].yes, choices[column.key].no]}
    elif column.look == "word":
        allowed = {"validate": "list", "source": [PLUS, MINUS]}
    elif column.look == "text":
        return
    elif column.look == "share":
        allowed = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1}
    else:
        whole = column.look in _COUNTS
        allowed = {"validate": "integer" if whole else "decimal", "criteria": ">=", "value": 0}
    kind = allowed["validate"] if column.look != "share" else "share"
    said = {"error_title": book.say("valid.title"), "error_message": book.say(f"valid.{kind}")}
    sheet.data_validation(FIRST, j, FIRST + count - 1, j, allowed | said | {"ignore_blank": True})
    if column.key.endswith("_volume"):
        blank = {"type": "blanks", "format": book.fill(_BLANK)}
        sheet.conditional_format(FIRST, j, FIRST + count - 1, j, blank)
