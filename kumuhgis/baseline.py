"""The baseline table: one row per RT, as people really fill it in, and the measures it gives.

Nothing is dropped in silence: what cannot be read stays missing and is a row of ``problems``, and the good rows go on.
"""

import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kumuhgis.errors import Problem, TableError
from kumuhgis.longform import long_table
from kumuhgis.numbers import COUNTS, decimal_mark, read_numbers
from kumuhgis.tables import aliases, criterion_role, read_cells, slug

NAMES = ("rt_rw", "rw", "desa", "kecamatan", "kabupaten", "kawasan")
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
OPTIONAL = ("sk_ha", "road_existing_m", "drain_existing_m")
TOTAL_OF = {
    "buildings": "buildings",
    "area": "verified_ha",
    "road": "road_ideal_m",
    "drain": "drain_ideal_m",
    "households": "households",
}
EXISTING_OF = {"road": "road_existing_m", "drain": "drain_existing_m"}
_MEAN = re.compile(r"^(?:rerata|rata_rata|aspect|aspek)_?(\d)(?:_mean)?$")
_SUM_ROW = re.compile(r"^\s*(jumlah|total|rata-rata|rerata|grand total)\b", re.IGNORECASE)
_PER_COLUMN = 200


@dataclass(frozen=True)
class Baseline:
    """A baseline table, read.

    ``units`` has one row per unit (names, totals as numbers, and every other column as text); ``volumes`` the
    volumes by criterion; ``published`` the percents, scores, means, total and level that stood beside them.
    """

    name: str
    units: pd.DataFrame
    volumes: pd.DataFrame
    published: pd.DataFrame
    problems: list = field(default_factory=list)

    def __repr__(self):
        return f"Baseline({self.name!r}: {len(self.units)} units, {len(self.problems)} problems)"


def read_baseline(source, rules, *, columns=None, unit=None, sheet=None):
    """Read a baseline table.

    Parameters
    ----------
    source : path or pandas.DataFrame
        CSV (comma, semicolon or tab), XLSX, XLS or ODS; or a frame of cells.
    rules : Rules
        Gives the criteria whose columns are looked for.
    columns : dict or path, optional
        More headings: canonical name to the heading used in the file, or a list of them. A TOML file of the same.
    unit : str, optional
        Heading of the column that holds the key of a unit.
    sheet : str, optional
        Sheet of a workbook; the default is the first one that has criteria.

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
    name, cells, problems = read_cells(source, _known(rules, columns), sheet)
    roles = _roles(cells.columns, rules, columns, unit, name, problems)
    if not any(kind == "volume" for kind, _ in roles.values()):
        known = ", ".join(f"{code}_volume" for code in rules.codes)
        raise TableError([*problems, Problem("table_no_criteria", name, params={"known": known})])
    cells = _without_sum_rows(cells, roles, name, problems)
    keys = _keys(cells, roles, name, problems)
    cells, keys = _without_repeats(cells, keys, name, problems)
    cells.index = pd.Index(keys, name="unit", dtype="str")
    units, volumes, published = _numbers(cells, roles, rules, name, problems)
    _set_shifted_aside(volumes, published, rules, name, problems)
    return Baseline(name, units, volumes, published, problems)


# ---------------------------------------------------------------- columns


def _known(rules, columns):
    names = aliases(columns)
    return lambda heading: slug(heading) in names or criterion_role(slug(heading), rules) is not None


def _roles(headings, rules, columns, unit, name, problems):
    """Say what every column is: {heading: (role, canonical name or code)}."""
    names, roles, taken = aliases(columns), {}, {}
    if unit is not None and unit not in headings:
        params = {"value": unit, "known": ", ".join(map(str, headings))}
        raise TableError([Problem("table_column_given_missing", name, "", unit, params)])
    for heading in headings:
        words = slug(heading)
        mean, own = _MEAN.match(words), names.get(words)
        role = criterion_role(own, rules) if own else None
        if heading == unit:
            role = ("unit", "unit")
        elif own == "unit" and unit is not None:
            role = ("other", heading)
        elif role is None and own:
            role = ("published", own) if own in ("total_score", "level") else (own if own == "unit" else "base", own)
        elif role is None:
            role = criterion_role(words, rules) or (("mean", mean.group(1)) if mean else ("other", heading))
        if role[0] != "other" and role in taken:
            problems.append(Problem("table_column_twice", name, "", str(heading), {"first": taken[role]}))
            role = ("other", heading)
        taken.setdefault(role, str(heading))
        roles[heading] = role
    return roles


# ---------------------------------------------------------------- rows


def _heading_of(roles, role):
    return next((h for h, r in roles.items() if r == role), None)


def _without_sum_rows(cells, roles, name, problems):
    """Set aside the rows that hold the sums of the table: they would count every RT twice."""
    labels = [h for h in (_heading_of(roles, ("unit", "unit")), _heading_of(roles, ("base", "rt_rw"))) if h]
    labels = labels or list(cells.columns[:1])
    is_sum = np.zeros(len(cells), bool)
    for heading in labels:
        is_sum |= cells[heading].astype(str).str.match(_SUM_ROW).to_numpy(bool)
    for i in np.flatnonzero(is_sum):
        problems.append(Problem("table_sum_row", name, str(cells[labels[0]].iloc[i])))
    return cells[~is_sum].reset_index(drop=True)


def _key_text(value):
    if value is None or value is pd.NA or value != value:
        return ""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def _keys(cells, roles, name, problems):
    """Give every row its key: the unit column, else names that are unique, else the row number."""
    heading = _heading_of(roles, ("unit", "unit"))
    if heading is None:
        return _assumed_keys(cells, roles, name, problems)
    keys = [_key_text(v) for v in cells[heading]]
    for i, key in enumerate(keys):
        if not key or key.lower() in ("null", "nan", "#ref!"):
            keys[i] = f"(baris {i + 1})"
            problems.append(Problem("unit_missing", name, keys[i], str(heading)))
    return keys


def _assumed_keys(cells, roles, name, problems):
    parts = [_heading_of(roles, ("base", n)) for n in ("kabupaten", "kecamatan", "desa", "rw", "rt_rw")]
    parts = [p for p in parts if p]
    for start in range(len(parts) - 1, -1, -1):
        texts = [" · ".join(filter(None, map(_key_text, row))) for row in cells[parts[start:]].to_numpy(object)]
        if all(texts) and len(set(texts)) == len(texts):
            used = ", ".join(map(str, parts[start:]))
            problems.append(Problem("table_unit_column_assumed", name, params={"used": used}))
            return texts
    problems.append(Problem("table_unit_column_assumed", name, params={"used": "nomor baris"}))
    return [f"baris {i + 1}" for i in range(len(cells))]


def _without_repeats(cells, keys, name, problems):
    """Drop rows that repeat another to the letter; give other doubles a key of their own, and say both."""
    if len(set(keys)) == len(keys):
        return cells, keys
    keys = pd.Series(keys)
    texts = cells.astype(str).assign(_key=keys.to_numpy())
    repeated = texts.duplicated().to_numpy()
    for key in keys[repeated]:
        problems.append(Problem("unit_row_repeated", name, key))
    cells, keys = cells[~repeated].reset_index(drop=True), keys[~repeated].reset_index(drop=True)
    order = keys.groupby(keys).cumcount()
    for key in keys[order > 0]:
        problems.append(Problem("unit_duplicate", name, key, "unit"))
    return cells, [k if n == 0 else f"{k} #{n + 1}" for k, n in zip(keys, order, strict=True)]


# ---------------------------------------------------------------- numbers


def _numbers(cells, roles, rules, name, problems):
    """Read every column as what it is; the decimal mark of the file helps a column that cannot decide."""
    kinds = {h: _kind(role, rules) for h, role in roles.items()}
    numeric = [h for h in cells.columns if kinds[h]]
    mark = decimal_mark(read_numbers(cells[h], kinds[h]) for h in numeric)
    units, volumes, published = {}, {}, {}
    for heading in cells.columns:
        role, key = roles[heading]
        if not kinds[heading]:
            if role in ("base", "other"):
                units[key] = cells[heading]
            elif role == "published":
                published[key] = cells[heading]
            continue
        column = read_numbers(cells[heading], kinds[heading], evidence=mark)
        _report_cells(column, cells[heading], kinds[heading], role, name, problems, key in OPTIONAL)
        target = {"base": units, "volume": volumes}.get(role, published)
        target[key if role in ("base", "volume", "published") else f"{key}_{role}"] = column.values
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
    )


def _totals_needed(rules):
    return {TOTAL_OF[c.total] for c in rules.criteria} | {"population"}


def _kind(role, rules):
    kind, key = role
    if kind == "volume":
        return rules.criterion(key).unit
    if kind == "base":
        return TOTALS.get(key)
    if kind == "published":
        return "score" if key == "total_score" else None
    return {"percent": "percent", "score": "score", "mean": "percent"}.get(kind)


def _report_cells(column, cells, kind, role, name, problems, optional):
    """Report cells that are missing, hold an error or text, or whose dot nothing decided."""
    published = role not in ("base", "volume")
    masks = [("value_error_cell", column.error_cell), ("number_ambiguous", column.ambiguous)]
    masks.append(("published_unreadable" if published else "text_in_number", column.bad))
    if not (published or optional):
        masks.append(("value_missing", column.blank))
    for code, mask in masks:
        where = np.flatnonzero(mask)
        for i in where[:_PER_COLUMN]:
            params = {"value": str(cells.iloc[i])[:60], "read": f"{column.values[i]:g}"}
            problems.append(Problem(code, name, str(cells.index[i]), str(cells.name), params))
        if len(where) > _PER_COLUMN:
            params = {"count": len(where) - _PER_COLUMN, "kind": code}
            problems.append(Problem("value_many_missing", name, "", str(cells.name), params))


def _set_shifted_aside(volumes, published, rules, name, problems):
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
        params = {"value": f"{values[i, j]:g}"}
        problems.append(Problem("count_not_whole", name, str(volumes.index[i]), f"{rules.codes[j]}_volume", params))
    volumes.loc[shifted] = np.nan
    published.loc[shifted] = np.nan if len(published.columns) else published.loc[shifted]
    scores = [c for c in published.columns if c.endswith("_score") and c[:2] in rules.codes]
    allowed = [*map(float, rules.bands.score), np.nan]
    for column in scores:
        for i in np.flatnonzero(~published[column].isin(allowed).to_numpy()):
            params = {"value": f"{published[column].iloc[i]:g}"}
            problems.append(Problem("published_unreadable", name, str(published.index[i]), column, params))


# ---------------------------------------------------------------- measures


def to_measures(baseline, rules, *, length_total="ideal", density="typed", city_class=None):
    """Turn a baseline table into the long table of measures.

    Parameters
    ----------
    baseline : Baseline
        From :func:`read_baseline`.
    rules : Rules
        The rule.
    length_total : {"ideal", "existing"}
        Total of the criteria on the condition of roads and drains (2b, 4c; under permen-02-2016 also 4d, 4e): the
        ideal length, or the length that exists. Where the existing length is not given, it is ideal minus still
        needed (volume of 2a or 4b).
    density : {"typed", "derived"}
        1b as typed, where it was; or derived: all of the RT if buildings per hectare reach the limit, else none.
    city_class : {"metropolitan", "besar", "sedang", "kecil"}, optional
        Needed to derive 1b.

    Returns
    -------
    pandas.DataFrame
        Indexed by (``unit``, ``criterion``): ``affected, total, source`` ("table", or "derived" for a derived 1b).

    Notes
    -----
    Options: Permen PUPR 14/PRT/M/2018 as the public forms apply it; the choice of total can change a level.
    """
    units = with_ideal_lengths(baseline.units, baseline.volumes)
    n, k = baseline.volumes.shape
    affected, total = baseline.volumes.to_numpy(copy=True), np.full((n, k), np.nan)
    source = np.full((n, k), "table", object)
    for j, criterion in enumerate(rules.criteria):
        column = TOTAL_OF[criterion.total]
        if length_total == "existing" and "length_total" in criterion.parameters:
            column = EXISTING_OF[criterion.total]
        total[:, j] = units[column]
        if criterion.measure == "building_density":
            derived = derived_density(units, criterion, city_class)
            use = np.ones(n, bool) if density == "derived" else np.isnan(affected[:, j])
            use &= ~np.isnan(derived)
            affected[use, j] = derived[use]
            source[use, j] = "derived"
    return long_table(units.index, rules.codes, affected=affected, total=total, source=source)


def with_ideal_lengths(units, volumes):
    """Complete ideal and existing lengths: ideal is existing plus still needed."""
    units = units.copy()
    for kind, code in (("road", "2a"), ("drain", "4b")):
        ideal, existing = units[f"{kind}_ideal_m"], units[f"{kind}_existing_m"]
        needed = volumes.get(code, np.nan)
        units[f"{kind}_ideal_m"] = ideal.fillna(existing + needed)
        units[f"{kind}_existing_m"] = existing.fillna((ideal - needed).clip(lower=0))
    return units


def derived_density(units, criterion, city_class):
    """Derive 1b: hectares of the unit if buildings per hectare reach the limit, else 0; NaN if unknown."""
    limit = criterion.parameters.get("limit_per_ha")
    limit = limit.get(city_class) if isinstance(limit, dict) else limit
    if limit is None:
        return np.full(len(units), np.nan)
    area, buildings = units["verified_ha"].to_numpy(float), units["buildings"].to_numpy(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        dense = buildings / area >= limit
    return np.where(np.isnan(area) | np.isnan(buildings) | (area <= 0), np.nan, np.where(dense, area, 0.0))


def option_variants(baseline, rules, *, city_class=None):
    """Give the measures under every named option that the data allow, for :func:`scores.sensitivity`.

    Parameters
    ----------
    baseline : Baseline
        The table.
    rules : Rules
        The rule.
    city_class : str, optional
        Needed for the derived density.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``"ideal/typed"`` first, then ``existing`` and ``derived`` variants.
    """
    options = [("ideal", "typed"), ("existing", "typed")]
    if city_class:
        options += [("ideal", "derived"), ("existing", "derived")]
    return {
        f"{length}/{density}": to_measures(baseline, rules, length_total=length, density=density, city_class=city_class)
        for length, density in options
    }
