"""Numbers as people in Indonesia write them: "1.234,5", "0,431 ha", "Rp1.000.000", "-", "#REF!".

A dot is a decimal point or a thousands mark; one cell alone often cannot tell, the column can. So a column is read in
two steps: look at every cell, then decide for the column, and say so where nothing decides.
"""

import math
import re
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import pandas as pd

MISSING = {"", "-", "--", "–", "—", "?", "null", "none", "na", "n/a", "<na>", "nan", "nat", "nil"}
MISSING |= {"tidak ada data", "belum ada"}
ERROR_CELLS = re.compile(r"^#(REF|N/A|VALUE|DIV/0|NAME|NUM|NULL|SPILL|CALC)[!?]?$", re.IGNORECASE)

FACTORS = {
    "ha": {"ha": 1.0, "hektar": 1.0, "hektare": 1.0, "m2": 1e-4, "m²": 1e-4, "km2": 100.0, "km²": 100.0},
    "m2": {"m2": 1.0, "m²": 1.0, "meter persegi": 1.0},
    "m": {"m": 1.0, "m'": 1.0, "meter": 1.0, "km": 1000.0, "cm": 0.01},
    "width": {"m": 1.0, "m'": 1.0, "meter": 1.0, "cm": 0.01},
    "cm": {"cm": 1.0, "m": 100.0, "mm": 0.1},
    "h": {"jam": 1.0, "h": 1.0, "menit": 1 / 60, "hari": 24.0},
    "KK": {"kk": 1.0, "rt": 1.0, "rumah tangga": 1.0},
    "unit": {"unit": 1.0, "bh": 1.0, "buah": 1.0, "bangunan": 1.0, "rumah": 1.0, "kali": 1.0, "x": 1.0},
    "person": {"jiwa": 1.0, "orang": 1.0, "org": 1.0},
    "percent": {"%": 1.0, "persen": 1.0},
    "score": {},
    "number": {},
}
_NUMBERS = (int, float, Decimal, np.number)
_SMALL = ("width", "cm", "h")
COUNTS = ("KK", "unit", "person", "score")

_PLAIN = re.compile(r"^[+-]?\d+(\.\d+)?$")
_COULD_BE_THOUSANDS = re.compile(r"^[+-]?[1-9]\d{0,2}\.\d{3}$")
_SHAPE = re.compile(r"^(?:rp\.?\s*)?([+-]?\d[\d.,]*)\s*([^\d\s][^\d]*\d?)?$", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"^[+-]?\d+(\.\d+)?e[+-]?\d+$", re.IGNORECASE)


@dataclass
class Column:
    """A column of cells on its way to numbers.

    ``values`` are floats with NaN where missing; ``blank``, ``error_cell`` and ``bad`` are masks of cells that are
    missing, hold a spreadsheet error, or are no number; ``ambiguous`` marks numbers whose dot or comma nothing decided,
    and ``other`` gives these as they would be with the other decimal mark.
    """

    values: np.ndarray
    blank: np.ndarray
    error_cell: np.ndarray
    bad: np.ndarray
    ambiguous: np.ndarray
    evidence: str = ""
    reading: str = ""
    pending: dict = field(default_factory=dict)
    codes: np.ndarray | None = None
    where: np.ndarray | None = None
    other: np.ndarray | None = None

    def readings(self, i):
        """Give both readings of a number in doubt, whole numbers without decimals: ``{"read", "other"}``."""
        both = {"read": float(self.values[i]), "other": float(self.other[i])}
        return {name: int(value) if value.is_integer() else value for name, value in both.items()}


def read_numbers(cells, kind="number", *, evidence="", unit=None):
    """Read one column of cells as numbers.

    Parameters
    ----------
    cells : pandas.Series or sequence
        Text, numbers or None, as they stand in the file.
    kind : {"ha", "m2", "m", "width", "cm", "h", "KK", "unit", "person", "percent", "score", "number"}
        What the column counts; units written behind a number ("0,431 ha", "4310 m2") are converted to it.
    evidence : {"", "dot", "comma"}
        Decimal mark that the rest of the file uses, asked where the column itself does not decide.
    unit : str, optional
        Unit of the numbers that have none behind them, if it is not that of ``kind``: "m" for a depth in metres.

    Returns
    -------
    Column
        The numbers and the masks of what is not a number.

    Notes
    -----
    Where neither the column nor the file decides, a mark before exactly three digits is read as a thousands mark in
    counts and metres, and as a decimal mark in hectares and percents, and every such cell is marked ``ambiguous``.
    Widths (metres), depths (cm) and hours are small: there a single mark is always the decimal mark.
    Households and people have no decimals, so a decimal mark elsewhere in the file never divides a count by 1000.

    Examples
    --------
    >>> read_numbers(["1.234,5", "1.234", "0,431 ha", "-"], "ha").values
    array([1.2345e+03, 1.2340e+03, 4.3100e-01,        nan])
    >>> read_numbers(["1.234", "0.5"], "ha").values
    array([1.234, 0.5  ])
    >>> read_numbers(["1.234"], "KK").values, read_numbers(["1.234"], "KK").ambiguous
    (array([1234.]), array([ True]))
    >>> read_numbers(["3.500", "2,75"], "width").values, read_numbers(["0,5", "30 cm"], "cm", unit="m").values
    (array([3.5 , 2.75]), array([50., 30.]))
    """
    column = _look(cells, kind, FACTORS[kind].get(unit, 1.0))
    return _decide(column, kind, evidence)


def decimal_mark(columns):
    """Tell which decimal mark several columns agree on.

    Parameters
    ----------
    columns : iterable of Column
        Columns that were read.

    Returns
    -------
    {"", "dot", "comma"}
        Empty if they show none or both.
    """
    found = {c.evidence for c in columns if c.evidence}
    return found.pop() if len(found) == 1 and "both" not in found else ""


def _look(cells, kind, scale):
    """First step: type of every cell; text that is plainly a number is read at once."""
    cells = cells if isinstance(cells, pd.Series) else pd.Series(list(cells), dtype=object)
    n = len(cells)
    column = Column(np.full(n, np.nan), *(np.zeros(n, bool) for _ in range(4)))
    if pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype):
        column.values[:] = cells.to_numpy(float, na_value=np.nan) * scale
        column.blank[:] = np.isnan(column.values)
        column.bad[:] = np.isinf(column.values)
        column.values[column.bad] = np.nan
        return column
    raw = cells.to_numpy(object)
    is_text = np.fromiter((isinstance(v, str) for v in raw), bool, n)
    for i in np.flatnonzero(~is_text):
        _take_typed(column, i, raw[i], scale)
    where = np.flatnonzero(is_text)
    _take_texts(column, where, raw[where], kind, scale)
    return column


def _take_typed(column, i, value, scale):
    if pd.api.types.is_scalar(value) and pd.isna(value):
        column.blank[i] = True
    elif isinstance(value, _NUMBERS) and not isinstance(value, (bool, np.bool_)) and math.isfinite(value):
        column.values[i] = float(value) * scale
    else:
        column.bad[i] = True


def _take_texts(column, where, texts, kind, scale):
    codes, distinct = pd.factorize(texts)
    values = np.full(len(distinct), np.nan)
    state = np.zeros(len(distinct), np.int8)  # 0 number, 1 blank, 2 error cell, 3 bad, 4 pending
    marks = set()
    for i, raw in enumerate(distinct):
        if len(raw) < 300 and _PLAIN.match(raw) and not _COULD_BE_THOUSANDS.match(raw):
            values[i] = float(raw) * scale
            if "." in raw:
                marks.add("dot")
            continue
        state[i], values[i], mark, pending = _take_text(raw, kind, scale)
        if mark:
            marks.add(mark)
        if pending:
            column.pending[i] = pending
    column.evidence = marks.pop() if len(marks) == 1 else ("both" if marks else "")
    column.values[where] = values[codes]
    for number, mask in ((1, column.blank), (2, column.error_cell), (3, column.bad)):
        mask[where] = state[codes] == number
    column.codes, column.where = codes, where


def _take_text(raw, kind, scale):
    """Read one text: its state, value, the decimal mark it proves, and what stays open."""
    cell = raw.strip().replace("\u00a0", " ").replace("\u2212", "-")
    if cell.lower() in MISSING:
        return 1, np.nan, "", None
    if ERROR_CELLS.match(cell):
        return 2, np.nan, "", None
    if _SCIENTIFIC.match(cell):
        return _finite(float(cell) * scale, "dot")
    found = _SHAPE.match(cell)
    factor = _factor(found.group(2), kind, scale) if found else None
    if factor is None:
        return 3, np.nan, "", None
    digits = found.group(1)
    mark, value = _marks(digits)
    if value is not None:
        return _finite(value * factor, mark)
    if mark is None:
        return 3, np.nan, "", None
    return 4, np.nan, "", (digits, mark, factor)


def _finite(value, mark):
    return (0, value, mark, None) if math.isfinite(value) else (3, np.nan, "", None)


def _factor(suffix, kind, scale):
    if not suffix or not suffix.strip(" .,-"):
        return scale
    return FACTORS[kind].get(suffix.strip().lower().rstrip("."))


def _marks(digits):
    """Read the dots and commas of one number: (mark proven, value), or (mark in doubt, None), or (None, None)."""
    dots, commas = digits.count("."), digits.count(",")
    if not dots and not commas:
        return "", float(digits[:400])
    if dots and commas:
        decimal = "comma" if digits.rfind(",") > digits.rfind(".") else "dot"
        return _as(digits, decimal)
    mark, sign = ("dot", ".") if dots else ("comma", ",")
    other = "comma" if mark == "dot" else "dot"
    if dots + commas > 1:
        return _as(digits, other)
    whole, fraction = digits.lstrip("+-").split(sign)
    if len(fraction) != 3 or len(whole) > 3 or whole.startswith("0"):
        return _as(digits, mark)
    return mark, None


def _as(digits, decimal):
    """Read digits with a known decimal mark, if their grouping allows it."""
    point, group = (",", ".") if decimal == "comma" else (".", ",")
    whole, _, fraction = digits.partition(point)
    groups = whole.lstrip("+-").split(group)
    well_grouped = len(groups) == 1 or all(len(g) == 3 for g in groups[1:])
    if not well_grouped or group in fraction or point in fraction:
        return None, None
    return decimal, float(f"{whole.replace(group, '')}.{fraction or '0'}")


def _decide(column, kind, of_file):
    """Second step: the numbers that one cell alone could not tell."""
    column.reading = column.evidence or of_file
    if not column.pending:
        return column
    values, others = np.full((2, column.codes.max() + 1), np.nan)
    whole = all(digits.endswith("000") for digits, _, _ in column.pending.values())
    sure = np.zeros(len(values), bool)
    for i, (digits, mark, factor) in column.pending.items():
        decimal, sure[i] = _decimal(mark, kind, column.evidence, of_file, whole)
        values[i] = _as(digits, decimal)[1] * factor
        others[i] = _as(digits, "comma" if decimal == "dot" else "dot")[1] * factor
    open_ = np.isin(column.codes, list(column.pending))
    column.values[column.where[open_]] = values[column.codes[open_]]
    column.other = np.full(len(column.values), np.nan)
    column.other[column.where[open_]] = others[column.codes[open_]]
    column.ambiguous[column.where[open_]] = ~sure[column.codes[open_]]
    return column


def _decimal(mark, kind, own, of_file, whole):
    """Decimal mark for a number whose only mark stands before three digits, and whether it is sure."""
    other = "comma" if mark == "dot" else "dot"
    if kind in COUNTS and not whole:
        return other, other in (own, of_file)
    if kind in _SMALL:
        return mark, own == mark or of_file == mark
    if own in ("dot", "comma"):
        return own, True
    if of_file == other:
        return other, True
    if kind in COUNTS or kind == "m":
        return (mark, False) if whole and of_file == mark else (other, False)
    return mark, of_file == mark
