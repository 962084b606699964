"""The door for the considerations table: what no map measures, by RT or by kawasan.

Nilai strategis, sosial-ekonomi-budaya, and, where they were settled on paper, the two signs of legality and the
hazard flag.
"""

import re

import pandas as pd

from kumuhgis.catalog import words
from kumuhgis.codes import cell_text
from kumuhgis.errors import Problem, TableError
from kumuhgis.tables import read_cells, slug

_HEADINGS = {
    "unit": ("unit", "kode", "kode_rt"),
    "kawasan": ("kawasan", "nama_kawasan", "lokasi"),
    "strategic": ("strategic", "nilai_strategis", "strategis", "nilai_strategis_lokasi"),
    "social": ("social", "sosial_ekonomi_budaya", "sosial", "kondisi_sosial_ekonomi_budaya"),
    "tenure_sign": ("tenure_sign", "status_tanah", "kejelasan_status_tanah"),
    "plan_sign": ("plan_sign", "rtr", "kesesuaian_rtr", "kesesuaian_dengan_rtr"),
    "hazard": ("hazard", "rawan_bencana"),
}
COLUMNS = ["strategic", "social", "tenure_sign", "plan_sign", "hazard"]
_SIGNS = {"+": "+", "(+)": "+", "-": "-", "(-)": "-", "−": "-", "(−)": "-"}


def read_considerations(source, units, rules, *, sheet=None, unit=None, columns=None):
    """Read the considerations table onto the units.

    Parameters
    ----------
    source : path or pandas.DataFrame
        CSV, workbook or frame with a column of unit codes or of kawasan, and any of ``nilai_strategis``,
        ``sosial_ekonomi_budaya`` (the rule's score, or ya/tidak), ``status_tanah``, ``rtr`` (+ or -),
        ``rawan_bencana`` (ya/tidak). A row for a unit goes before the row for its kawasan.
    units : pandas.DataFrame
        Indexed by unit, with ``kawasan`` if rows name one.
    rules : Rules
        Gives the scores that are possible.
    sheet : str, optional
        Sheet of a workbook.
    unit : str, optional
        Heading of the column that holds the code of a unit.
    columns : dict, optional
        More headings: a name of ours, or one of those above, to the heading used in the file, or a list of them.

    Returns
    -------
    table : pandas.DataFrame
        Indexed as ``units``: ``strategic, social`` (float), ``tenure_sign, plan_sign`` ("+", "-", missing),
        ``hazard`` (boolean).
    problems : list of Problem
        Values that are not possible, names that are unknown.

    Raises
    ------
    TableError
        If the file cannot be read, or ``columns`` has names that are not known.

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> units = pd.DataFrame({"kawasan": ["Bulu", "Bulu"]}, index=["01", "02"])
    >>> cells = pd.DataFrame({"kawasan": ["Bulu"], "nilai_strategis": ["5"], "status_tanah": ["-"]})
    >>> read_considerations(cells, units, load_rules())[0][["strategic", "tenure_sign"]].values.tolist()
    [[5.0, '-'], [5.0, '-']]
    """
    by_heading = {h: name for name, headings in _HEADINGS.items() for h in headings}
    own = _own_headings(by_heading, unit, columns or {})
    known = {h: name for h, name in by_heading.items() if name not in own.values()} | own
    name, cells, problems = read_cells(source, lambda h: slug(h) in known, sheet)
    for heading in sorted(own.keys() - {slug(c) for c in cells.columns}):
        problems.append(Problem("table_mapped_heading_absent", name, "", own[heading], {"heading": heading}))
    cells = cells.rename(columns={c: known[slug(c)] for c in cells.columns if slug(c) in known})
    cells = cells.loc[:, ~cells.columns.duplicated()]
    table = pd.DataFrame({c: pd.Series(None, index=units.index, dtype=object) for c in COLUMNS})
    if "kawasan" not in cells and "unit" not in cells:
        problems.append(Problem("table_column_missing", name, "", "unit"))
    for key in ("kawasan", "unit"):
        if key in cells:
            _place(table, cells, key, units, name, problems)
    for column, scores in (("strategic", rules.considerations.strategic), ("social", rules.considerations.social)):
        table[column] = _scores(table[column], scores, name, column, problems)
    for column in ("tenure_sign", "plan_sign"):
        table[column] = _mapped(table[column], _SIGNS, "+ / -", name, column, problems)
    yes_no = {word: meaning == "yes" for word, meaning in words("yes_no").items()}
    table["hazard"] = _mapped(table["hazard"], yes_no, "ya / tidak", name, "hazard", problems).astype("boolean")
    return table, problems


def _own_headings(by_heading, unit, columns):
    """Give a person's own headings, each with the name of ours that it stands for."""
    own = {} if unit is None else {slug(unit): "unit"}
    problems = []
    for name, headings in columns.items():
        if slug(name) not in by_heading:
            params = {"known": ", ".join(_HEADINGS)}
            problems.append(Problem("table_columns_unknown", "considerations", "", str(name), params))
            continue
        own |= {slug(h): by_heading[slug(name)] for h in ([headings] if isinstance(headings, str) else headings)}
    if problems:
        raise TableError(problems)
    return own


def _text(value):
    text = cell_text(value)
    return text[:-2] if re.fullmatch(r"\d[.,]0", text) else text


def _place(table, cells, key, units, name, problems):
    """Put the rows that name a unit, or a kawasan, onto the units they belong to."""
    empty = pd.Series("", index=units.index)
    place = pd.Series(units.index, index=units.index) if key == "unit" else units.get("kawasan", empty)
    place, said = place.map(_text).str.casefold(), {}
    for row in cells.to_dict("records"):
        wanted = _text(row[key]).casefold()
        if not wanted:
            continue
        here = (place == wanted).to_numpy()
        if not here.any():
            problems.append(Problem("consideration_unit_unknown", name, _text(row[key]), key))
        for column in (c for c in COLUMNS if _text(row.get(c))):
            value = _text(row[column])
            if said.setdefault((wanted, column), value) != value:
                params = {"first": said[wanted, column], "second": value}
                problems.append(Problem("consideration_contradicts", name, _text(row[key]), column, params))
            else:
                table.loc[here, column] = value


def _scores(column, scores, name, heading, problems):
    meaning = {str(scores.yes): float(scores.yes), str(scores.no): float(scores.no)}
    meaning |= {w: float(getattr(scores, m)) for w, m in words("yes_no").items() if not w.isdigit()}
    expected = f"{scores.yes} / {scores.no}"
    return _mapped(column, meaning, expected, name, heading, problems).astype(float)


def _mapped(column, meaning, expected, name, heading, problems):
    texts = column.map(_text).str.lower()
    out = texts.map(meaning)
    for unit in column.index[(texts != "") & out.isna()]:
        params = {"value": str(column[unit])[:60], "expected": expected}
        problems.append(Problem("consideration_value", name, str(unit), heading, params))
    return out.astype(object).where(out.notna(), None)
