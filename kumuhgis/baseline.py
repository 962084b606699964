"""The baseline table: one row per RT, as people really fill it in.

Nothing is dropped in silence: what cannot be read stays missing and is a row of ``problems``, and the good rows go on.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache

import numpy as np
import pandas as pd

from kumuhgis.attributes import holds_labels, write_label
from kumuhgis.catalog import words
from kumuhgis.codes import cell_text
from kumuhgis.errors import Problem, TableError
from kumuhgis.longform import distinct_keys
from kumuhgis.numbers import COUNTS, decimal_mark, read_numbers
from kumuhgis.rules import list_rules, load_rules
from kumuhgis.tables import aliases, criterion_heading, criterion_role, own_headings, read_sheet, slug, told_in

NAMES = ("rt_rw", "rt", "rw", "desa", "kecamatan", "kabupaten", "kawasan")
TOTALS = {
    "verified_ha": "ha",
    "sk_ha": "ha",
    "buildings": "unit",
    "population": "person",
    "households": "KK",
    "road_ideal_m": "m",
    "drain_ideal_m": "m",
    "road_existing_m": "m",
    "drain_existing_m": "m",
}
OWN = ("denominator", "low", "high")
"""What a criterion may have for itself: another total than its RT's, limits of a volume that is open."""
OPTIONAL = ("sk_ha", "road_existing_m", "drain_existing_m")
TOTAL_OF = {
    "buildings": "buildings",
    "area": "verified_ha",
    "road": "road_ideal_m",
    "drain": "drain_ideal_m",
    "households": "households",
}
_MEAN = re.compile(r"^(?:rerata|rata_rata|aspect|aspek)_?(\d)(?:_mean)?$")
_SUM_ROW = re.compile(
    r"^\s*(sub\s*-?total|grand\s+total|jumlah|jml|total|rata\s*-?rata|rerata|Σ)\b\W*"
    r"((seluruh\w*|keseluruhan|semua|rw|rt|desa|dusun|kel\w*|kec\w*|kawasan|kab\w*|kota)\b.*)?$",
    re.IGNORECASE,
)
_GROUP_KEY = r"(?i)^\s*(\(baris|rw\b|dusun|desa|kel\w*\b|kec\w*\b|kawasan|kab\w*\b|kota\b)"
_MOST_ROWS_TO_SUM = 20_000
_PER_COLUMN = 200


@dataclass(frozen=True)
class Baseline:
    """A baseline table, read.

    ``units`` has one row per unit (names, totals as numbers, and every other column as text); ``volumes`` the
    volumes by criterion; ``published`` the percents, scores, means, total and level that stood beside them; ``rows``
    where every unit stands in the file: ``row`` (as a spreadsheet counts) and ``sheet``; ``unused`` the cells that are
    not in the other frames, because they could not be read or the columns of their row have shifted; ``own`` the
    columns ``<code>_denominator, <code>_low, <code>_high`` that the table has.
    """

    name: str
    units: pd.DataFrame
    volumes: pd.DataFrame
    published: pd.DataFrame
    problems: list = field(default_factory=list)
    rows: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"row": [], "sheet": []}))
    unused: pd.DataFrame = field(default_factory=pd.DataFrame)
    own: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __repr__(self):
        return f"Baseline({self.name!r}: {len(self.units)} units, {len(self.problems)} problems)"


def read_baseline(source, rules, *, columns=None, unit=None, sheet=None, counts_only=False):
    """Read a baseline table.

    Parameters
    ----------
    source : path or pandas.DataFrame
        CSV (comma, semicolon or tab), XLSX, XLS or ODS; or a frame of cells.
    rules : Rules
        Gives the criteria.
    columns : dict or path, optional
        More headings: canonical name to the heading used in the file, or a list of them. A TOML file of the same.
    unit : str, optional
        Heading of the column that holds the key of a unit.
    sheet : str, optional
        Sheet of a workbook; the default is the first one that has criteria.
    counts_only : bool
        The table may have no column of a criterion, only households and the like: a survey gives the volumes.

    Returns
    -------
    Baseline
        The table, with everything that was wrong in ``problems``.

    Raises
    ------
    TableError
        If there is no such file, it is no table, or it has not one column of a criterion.

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> frame = pd.DataFrame({"kode": ["01"], "kk": ["50"], "luas_ha": ["0,5"], "3a_volume": ["12"]})
    >>> baseline = read_baseline(frame, load_rules())
    >>> baseline.volumes.loc["01", "3a"], baseline.units.loc["01", "verified_ha"]
    (np.float64(12.0), np.float64(0.5))
    """
    name, cells, problems, origin = read_sheet(source, _known(rules, columns), sheet)
    roles = _roles(cells.columns, rules, columns, unit, name, problems)
    if not counts_only and not any(kind == "volume" for kind, _ in roles.values()):
        known = ", ".join(f"{code}_volume" for code in rules.codes)
        raise TableError([*problems, Problem("table_no_criteria", name, params={"known": known})])
    roles = _label_roles(roles, cells)
    cells = _without_sum_rows(cells, roles, name, problems, origin)
    keys = _keys(cells, roles, name, problems, _numbers_of_rows(origin.loc[cells.index, "row"]))
    cells, keys = _without_repeats(cells, keys, name, problems, origin)
    index = pd.Index(keys, name="unit", dtype="str")
    rows, cells = origin.loc[cells.index].set_axis(index), cells.set_axis(index)
    unused = pd.DataFrame(index=index)
    units, volumes, published, own = _numbers(cells, roles, rules, name, problems, unused)
    if "rt_rw" not in units and {"rt", "rw"} <= set(units):
        units.insert(0, "rt_rw", [write_label(*pair) for pair in zip(units["rt"], units["rw"], strict=True)])
    sums = _numeric_sum_rows(units, volumes)
    certain = sums & units.index.str.match(_GROUP_KEY).astype(bool)
    problems += [Problem("table_sum_row", name, str(unit)) for unit in units.index[certain]]
    problems += [Problem("table_sum_row_suspected", name, str(unit)) for unit in units.index[sums & ~certain]]
    units, volumes, published, unused, own = (f[~certain].copy() for f in (units, volumes, published, unused, own))
    _set_shifted_aside(volumes, published, rules, name, problems, unused)
    _check_codes(cells.columns, volumes, rules, name, problems)
    _check_scores_for_volumes(volumes, rules, name, problems)
    return Baseline(name, units, volumes, published, with_rows(problems, name, rows), rows[~certain], unused, own)


def with_rows(problems, name, rows):
    """Say of problems of a table in which row of the file they are.

    Parameters
    ----------
    problems : iterable of Problem
        The problems; those that name one unit of the table, and no row yet, get its row and sheet.
    name : str
        Name of the table.
    rows : pandas.DataFrame
        ``Baseline.rows``.

    Returns
    -------
    list of Problem
        As many, in their order.

    Examples
    --------
    >>> rows = pd.DataFrame({"row": [12], "sheet": ["Data"]}, index=["RT 01"])
    >>> with_rows([Problem("value_missing", "baseline.xlsx", "RT 01", "kk")], "baseline.xlsx", rows)[0].row
    12
    """
    if not any(p.layer == name for p in problems):
        return list(problems)
    places = {unit: (row, sheet) for unit, row, sheet in zip(rows.index, rows["row"], rows["sheet"], strict=True)}
    return [_with_row(p, *places.get(p.feature, (None, ""))) if p.layer == name else p for p in problems]


def _with_row(problem, row, sheet):
    if problem.row is not None or pd.isna(row):
        return problem
    return replace(problem, row=int(row), params={**problem.params, **told_in(sheet)})


# ---------------------------------------------------------------- columns


def _known(rules, columns):
    names = aliases(columns)
    return lambda heading: slug(heading) in names or criterion_role(slug(heading), rules) is not None


def _roles(headings, rules, columns, unit, name, problems):
    """Say what every column is: {heading: (role, canonical name or code)}. The clearest heading has a role first."""
    own = own_headings(columns)
    names = aliases(columns)
    if unit is not None:
        unit = next((h for h in headings if h == unit), next((h for h in headings if slug(h) == slug(unit)), unit))
        if unit not in headings:
            params = {"value": unit, "known": ", ".join(map(str, headings))}
            raise TableError([Problem("table_column_given_missing", name, "", str(unit), params)])
    present = {slug(h) for h in headings}
    for canonical, wanted in own.items():
        if not present & {slug(h) for h in wanted}:
            params = {"heading": ", ".join(wanted)}
            problems.append(Problem("table_mapped_heading_absent", name, "", canonical, params))
    mine = {slug(h) for wanted in own.values() for h in wanted}
    ranks = {plain: i for i, plain in enumerate(names)}
    clearest = sorted(headings, key=lambda h: _rank(slug(h), h == unit, mine, ranks))
    roles, taken = {}, {}
    for heading in clearest:
        role = _role(heading, rules, names, unit)
        if role[0] != "other" and role in taken:
            problems.append(Problem("table_column_twice", name, "", str(heading), {"first": taken[role]}))
            role = ("other", heading)
        taken.setdefault(role, str(heading))
        roles[heading] = role
    return {heading: roles[heading] for heading in headings}


def _label_roles(roles, cells):
    """Take the column of the RT for the whole label where there is none of the RW, or it names the RW as well."""
    rt, rw, whole = (_heading_of(roles, ("base", n)) for n in ("rt", "rw", "rt_rw"))
    if rt is None or whole is not None or (rw is not None and not holds_labels(cells[rt])):
        return roles
    return roles | {rt: ("base", "rt_rw")}


def _rank(plain, is_unit, mine, ranks):
    """How clear a heading is: named by the user, our own names in the order of the dictionary, bare codes last."""
    if is_unit or plain in mine:
        return -1
    criterion = criterion_heading(plain)
    return ranks.get(plain, 0 if criterion is None or criterion[2] else len(ranks))


def _role(heading, rules, names, unit):
    plain = slug(heading)
    own, mean = names.get(plain), _MEAN.match(plain)
    if heading == unit:
        return "unit", "unit"
    if own == "unit":
        return ("other", heading) if unit is not None else ("unit", "unit")
    if own in ("total_score", "level", "sektoral"):
        return "published", own
    if own:
        return criterion_role(own, rules) or ("base", own)
    return criterion_role(plain, rules) or (("mean", mean.group(1)) if mean else ("other", heading))


def _check_codes(headings, volumes, rules, name, problems):
    """Refuse to read a criterion whose code means something else under the rule that the table was made for."""
    found = {role[1] for h in headings if (role := criterion_heading(slug(h)))}
    unknown = found - set(rules.codes)
    fitting = next((r for r in _shipped_rules() if r.codes != rules.codes and found <= set(r.codes)), None)
    if not unknown and not (fitting and found == set(fitting.codes)):
        return
    differ = []
    for criterion in rules.criteria:
        other = fitting.criterion(criterion.code) if fitting and criterion.code in fitting.codes else None
        if other.name != criterion.name if other else str(criterion.aspect) in {c[0] for c in unknown}:
            differ.append(criterion.code)
    volumes[differ] = np.nan
    params = {
        "rules": rules.key,
        "fits": fitting.key if fitting else "–",
        "codes": ", ".join(sorted(unknown or set(rules.codes) - found)),
        "missing": ", ".join(differ) or "–",
    }
    problems.append(Problem("rules_do_not_fit", name, params=params))


@cache
def _shipped_rules():
    return [load_rules(key) for key in list_rules().index]


def _check_scores_for_volumes(volumes, rules, name, problems):
    """Tell a table whose volume columns hold nothing but scores."""
    values = volumes.to_numpy()
    filled = values[~np.isnan(values)]
    only = np.isin(filled, rules.bands.score).all()
    if only and (filled > 0).sum() >= 4 and len(np.unique(filled)) >= 3 and (filled > 1).mean() > 0.1:
        problems.append(Problem("volumes_look_like_scores", name))


# ---------------------------------------------------------------- rows


def _heading_of(roles, role):
    return next((h for h, r in roles.items() if r == role), None)


def _told(code, name, feature, column, place):
    """Say something of one row, which stands at ``place`` in the file."""
    return _with_row(Problem(code, name, feature, column), place["row"], place["sheet"])


def _without_sum_rows(cells, roles, name, problems, origin):
    """Set aside the rows that hold the sums of the table: they would count every RT twice."""
    labels = [h for h, role in roles.items() if role[0] in ("unit", "other") or role[1] in NAMES]
    labels = labels or list(cells.columns[:1])
    is_sum = np.zeros(len(cells), bool)
    for heading in labels:
        texts = cells[heading]
        if texts.dtype == object or isinstance(texts.dtype, pd.StringDtype):
            is_sum |= texts.astype(str).str.match(_SUM_ROW).to_numpy(bool)
    for i in np.flatnonzero(is_sum):
        label = next(str(cells[h].iloc[i]) for h in labels if _SUM_ROW.match(str(cells[h].iloc[i])))
        problems.append(_told("table_sum_row", name, label, "", origin.iloc[i]))
    return cells[~is_sum]


def _numeric_sum_rows(units, volumes):
    """Find rows that are the sum of the rows above them, in every column, since the last such row."""
    totals = [c for c in TOTALS if c in units]
    values = np.nan_to_num(np.column_stack([units[totals].to_numpy(float), volumes.to_numpy(float)]))
    is_sum = np.zeros(len(values), bool)
    if len(values) > _MOST_ROWS_TO_SUM:
        return is_sum
    running, count = np.zeros(values.shape[1]), 0
    fullest = int((values != 0).sum(axis=0).argmax()) if values.size else 0
    for i, row in enumerate(values):
        likely = count >= 2 and abs(row[fullest] - running[fullest]) <= 1e-6 + 1e-9 * abs(running[fullest])
        if likely and (row != 0).sum() >= 4 and np.allclose(row, running, rtol=1e-9, atol=1e-6):
            is_sum[i], running, count = True, np.zeros(values.shape[1]), 0
        else:
            running, count = running + row, count + 1
    return is_sum


def _numbers_of_rows(rows):
    """Give the numbers that the rows have in the file; from 1 without a file, or where two sheets share a number."""
    if rows.isna().any() or rows.duplicated().any():
        return range(1, len(rows) + 1)
    return rows.tolist()


def _keys(cells, roles, name, problems, numbers):
    """Give every row its key: the unit column, else names that are unique, else the row number."""
    heading = _heading_of(roles, ("unit", "unit"))
    if heading is None:
        return _assumed_keys(cells, roles, name, problems, numbers)
    keys = [cell_text(v) for v in cells[heading]]
    for i in (i for i, value in enumerate(cells[heading]) if isinstance(value, (date, datetime))):
        problems.append(Problem("unit_is_date", name, keys[i], str(heading)))
    for i, key in enumerate(keys):
        if not key or key.lower() in ("null", "nan", "#ref!"):
            keys[i] = f"(baris {numbers[i]})"
            problems.append(Problem("unit_missing", name, keys[i], str(heading)))
    return keys


def _assumed_keys(cells, roles, name, problems, numbers):
    parts = [_heading_of(roles, ("base", n)) for n in ("kabupaten", "kecamatan", "desa", "rw", "rt", "rt_rw")]
    parts = [p for p in parts if p]
    for start in range(len(parts) - 1, -1, -1):
        texts = [" · ".join(filter(None, map(cell_text, row))) for row in cells[parts[start:]].to_numpy(object)]
        if all(texts) and len(set(texts)) == len(texts):
            used = ", ".join(map(str, parts[start:]))
            problems.append(Problem("table_unit_column_assumed", name, params={"used": used}))
            return texts
    problems.append(Problem("table_unit_column_assumed", name, params={"used": "nomor baris"}))
    return [f"baris {number}" for number in numbers]


def _without_repeats(cells, keys, name, problems, origin):
    """Drop rows that repeat another to the letter; give other doubles a key of their own, and say both."""
    if len(set(keys)) == len(keys):
        return cells, keys
    keys = pd.Series(keys, index=cells.index)
    texts = cells.astype(str).assign(_key=keys.to_numpy())
    repeated = texts.duplicated().to_numpy()
    for i, key in keys[repeated].items():
        problems.append(_told("unit_row_repeated", name, key, "", origin.loc[i]))
    cells, keys = cells[~repeated], keys[~repeated]
    order = keys.groupby(keys).cumcount()
    for i, key in keys[order > 0].items():
        problems.append(_told("unit_duplicate", name, key, "unit", origin.loc[i]))
    return cells, distinct_keys(list(keys))


# ---------------------------------------------------------------- numbers


def _numbers(cells, roles, rules, name, problems, unused):
    """Read every column as what it is; the decimal mark of the file helps a column that cannot decide."""
    kinds = {h: _kind(role, rules) for h, role in roles.items()}
    numeric = [h for h in cells.columns if kinds[h]]
    mark = decimal_mark(read_numbers(cells[h], kinds[h]) for h in numeric)
    units, volumes, published, own = {}, {}, {}, {}
    frame_of = {"base": units, "volume": volumes, **dict.fromkeys(OWN, own)}
    for heading in cells.columns:
        role, key = roles[heading]
        if not kinds[heading]:
            if role in ("base", "other"):
                units[key] = cells[heading]
            elif role == "published":
                published[key] = cells[heading]
            continue
        flags = _sk_flags(cells[heading]) if key == "sk_ha" else None
        column = read_numbers(cells[heading] if flags is None else flags, kinds[heading], evidence=mark)
        optional = key in OPTIONAL or role in OWN
        _report_cells(column, cells[heading], kinds[heading], role, name, problems, optional)
        target = frame_of.get(role, published)
        target[key if role in ("base", "volume", "published") else f"{key}_{role}"] = column.values
        kept_as = key if role in ("base", "published") else f"{key}_{role}"
        _keep(unused, kept_as, cells[heading], column.bad | column.error_cell)
    if "sk_ha" in units and "verified_ha" in units:
        units["sk_ha"] = np.where(np.isneginf(units["sk_ha"]), units["verified_ha"], units["sk_ha"])
    for key in (k for k in TOTALS if k not in units):
        if key not in OPTIONAL and key in _totals_needed(rules):
            problems.append(Problem("table_column_missing", name, "", key))
        units[key] = np.nan
    for code in (c for c in rules.codes if c not in volumes):
        problems.append(Problem("table_column_missing", name, "", f"{code}_volume"))
        volumes[code] = np.nan
    index = cells.index
    return (
        pd.DataFrame(units, index=index),
        pd.DataFrame(volumes, index=index)[list(rules.codes)],
        pd.DataFrame(published, index=index),
        pd.DataFrame(own, index=index),
    )


def _sk_flags(cells):
    """Read a column that says ya or tidak where others write hectares of the SK; -inf stands for all of the unit."""
    meaning = {
        word: -np.inf if meant == "yes" else 0.0 for word, meant in words("yes_no").items() if not word.isdigit()
    }
    texts = cells.map(lambda c: c.strip().lower() if isinstance(c, str) else "")
    if not texts.isin(list(meaning)).any():
        return None
    numbers = read_numbers(cells.where(~texts.isin(list(meaning)), None), "ha").values
    return pd.Series(texts.map(meaning).fillna(pd.Series(numbers, index=cells.index)), name=cells.name)


def _totals_needed(rules):
    return {TOTAL_OF[c.total] for c in rules.criteria} | {"population"}


def _kind(role, rules):
    kind, key = role
    if kind == "volume" or kind in OWN:
        return rules.criterion(key).unit
    if kind == "base":
        return TOTALS.get(key)
    if kind == "published":
        return {"total_score": "score", "sektoral": "percent"}.get(key)
    return {"percent": "percent", "score": "score", "mean": "percent"}.get(kind)


def _report_cells(column, cells, kind, role, name, problems, optional):
    """Report cells that are missing, hold an error or text, or whose dot nothing decided."""
    published = role not in ("base", "volume", *OWN)
    masks = [("value_error_cell", column.error_cell), ("number_ambiguous", column.ambiguous)]
    masks.append(("published_unreadable" if published else "text_in_number", column.bad))
    if not (published or optional):
        masks.append(("value_missing", column.blank))
    for code, mask in masks:
        where = np.flatnonzero(mask)
        for i in where[:_PER_COLUMN]:
            params = {"value": str(cells.iloc[i])[:60]} | (column.readings(i) if code == "number_ambiguous" else {})
            problems.append(Problem(code, name, str(cells.index[i]), str(cells.name), params))
        if len(where) > _PER_COLUMN:
            params = {"count": len(where) - _PER_COLUMN, "kind": code}
            problems.append(Problem("value_many_missing", name, "", str(cells.name), params))


def _keep(unused, column, cells, where):
    """Keep cells that are not used, over which nothing stands yet."""
    if where.any():
        kept = unused[column] if column in unused else pd.Series(None, unused.index, dtype=object)
        unused[column] = kept.where(kept.notna() | ~where, cells.astype(object))


def _set_shifted_aside(volumes, published, rules, name, problems, unused):
    """Find rows whose columns have moved, and leave their volumes missing.

    A count of households or buildings between 0 and 1 is a percent or a score in the wrong column. One such count,
    with a second one or with a length of less than a metre beside it, is taken as proof.
    """
    counted = np.array([c.unit in COUNTS for c in rules.criteria])
    hectares = np.array([c.unit == "ha" for c in rules.criteria])
    values = volumes.to_numpy()
    with np.errstate(invalid="ignore"):
        fraction = (values > 0) & (values < 1) & ~hectares
    signs = np.where((fraction & counted).any(axis=1), fraction.sum(axis=1), 0)
    shifted = signs >= 2
    for i in np.flatnonzero(shifted):
        problems.append(Problem("shifted_columns", name, str(volumes.index[i]), params={"signs": int(signs[i])}))
    with np.errstate(invalid="ignore"):
        broken = (values % 1 > 0) & counted & ~shifted[:, None]
    for i, j in zip(*np.nonzero(broken), strict=True):
        params = {"value": float(values[i, j])}
        problems.append(Problem("count_not_whole", name, str(volumes.index[i]), f"{rules.codes[j]}_volume", params))
    for frame, ending in ((volumes, "_volume"), (published, "")):
        for column in frame:
            _keep(unused, f"{column}{ending}", frame[column], shifted & frame[column].notna().to_numpy())
    volumes.loc[shifted] = np.nan
    published.loc[shifted] = np.nan if len(published.columns) else published.loc[shifted]
    scores = [c for c in published.columns if c.endswith("_score") and c[:2] in rules.codes]
    allowed = [*map(float, rules.bands.score), np.nan]
    for column in scores:
        for i in np.flatnonzero(~published[column].isin(allowed).to_numpy()):
            params = {"value": float(published[column].iloc[i])}
            problems.append(Problem("published_unreadable", name, str(published.index[i]), column, params))
