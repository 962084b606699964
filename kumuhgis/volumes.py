"""The measures that a baseline table gives, under the named options."""

import numpy as np

from kumuhgis.baseline import TOTAL_OF
from kumuhgis.errors import Problem, TableError
from kumuhgis.longform import long_table

EXISTING_OF = {"road": "road_existing_m", "drain": "drain_existing_m"}


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
        Indexed by (``unit``, ``criterion``): ``affected, total, source`` ("table", or "derived" for a derived 1b);
        ``affected_low, affected_high`` if the table has limits of open volumes. A denominator that a criterion has for
        itself goes before the total of the unit.

    Raises
    ------
    TableError
        If 1b shall be derived and no ``city_class`` is given.

    Notes
    -----
    Options: Permen PUPR 14/PRT/M/2018 as the public forms apply it; the choice of total can change a level.
    """
    if density == "derived" and city_class is None:
        raise TableError([Problem("city_class_missing", baseline.name, "", "city_class")])
    units = with_ideal_lengths(baseline.units, baseline.volumes)
    n, k = baseline.volumes.shape
    affected, total = baseline.volumes.to_numpy(copy=True), np.full((n, k), np.nan)
    source = np.full((n, k), "table", object)
    for j, criterion in enumerate(rules.criteria):
        column = TOTAL_OF[criterion.total]
        if length_total == "existing" and "length_total" in criterion.parameters:
            column = EXISTING_OF[criterion.total]
        total[:, j] = baseline.own.get(f"{criterion.code}_denominator", units[column])
        if criterion.measure == "building_density":
            derived = derived_density(units, criterion, city_class)
            use = np.ones(n, bool) if density == "derived" else np.isnan(affected[:, j])
            use &= ~np.isnan(derived)
            affected[use, j] = derived[use]
            source[use, j] = "derived"
    return long_table(
        units.index, rules.codes, affected=affected, total=total, source=source, **_limits(baseline, rules)
    )


def _limits(baseline, rules):
    """Give the limits of open volumes as arrays; nothing if the table has none."""
    found = {}
    for end in ("low", "high"):
        columns = [f"{code}_{end}" for code in rules.codes]
        if baseline.own.columns.isin(columns).any():
            found[f"affected_{end}"] = baseline.own.reindex(columns=columns).to_numpy(float)
    return found


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
        dense = np.round(buildings / area, 9) >= limit
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
