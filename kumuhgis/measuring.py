"""Table and map side by side: the measures chosen by the named preference, and what other options would change."""

from dataclasses import replace

import numpy as np
import pandas as pd
import shapely

from kumuhgis import scores
from kumuhgis.errors import Problem
from kumuhgis.kernel import percents, score_arrays
from kumuhgis.longform import matrices
from kumuhgis.measures import compute
from kumuhgis.volumes import option_variants, to_measures

_SOME = 1_000


def side_by_side(units, base, found, inputs, problems):
    """Measure what geometry gives, put the table beside it, and choose.

    Parameters
    ----------
    units : geopandas.GeoDataFrame
        The units, with ``area_ha``; without geometry where only the table knows them.
    base : baseline.Baseline or None
        The table.
    found : dict of str to geopandas.GeoDataFrame
        Layers.
    inputs : inputs.Inputs
        Gives rule and options.
    problems : list of Problem
        Taken up with what is found.

    Returns
    -------
    measures : pandas.DataFrame
        Indexed by (``unit``, ``criterion``), every unit with every criterion: ``affected, total, source,
        table_affected, table_total, geometry_affected, geometry_total, table_percent, geometry_percent,
        percent_difference`` (map minus table, in points), and ``affected_low, affected_high`` where
        only some features could be judged.
    sensitive : pandas.Series of str
        The named options under which a unit's level would change.
    """
    rules, options = inputs.rules, inputs.options
    index = pd.MultiIndex.from_product([units.index, rules.codes], names=["unit", "criterion"])
    geometry = _from_map(units, found, inputs, problems).reindex(index)
    if base is None:
        return _combined(geometry.iloc[:0], geometry, options), pd.Series("", index=units.index)
    filled = _with_areas(base, units)
    named = {"length_total": options.length_total, "density": options.density, "city_class": options.city_class}
    measures = _combined(to_measures(filled, rules, **named), geometry, options)
    problems += _source_differences(measures, rules)
    derived = measures.index[measures["source"] == "derived"].get_level_values("unit")
    if len(derived) and options.density == "typed":
        params = {"count": len(derived)}
        problems.append(Problem("density_derived", base.name, "", "1b_volume", params, about=tuple(derived)))
    variants = option_variants(filled, rules, city_class=options.city_class)
    others = {name: _combined(typed, geometry, options) for name, typed in variants.items()}
    return measures, _sensitive(measures, others, rules)


def _from_map(units, found, inputs, problems):
    """Measure with the layers that touch the units; what nobody has judged makes a volume open."""
    rules = inputs.rules
    mapped = units[units.geometry.notna()]
    near = {name: frame for name, frame in found.items() if name != "rt" and touches(mapped, frame)}
    reasons = {n: "measure_layer_away" if n in found else "measure_layer_unread" for n in inputs.layers}
    geometry, said = compute(rules, mapped, near, _measure_options(rules, inputs.options), reasons)
    problems += said
    unknown = geometry["unknown"].to_numpy(float)
    codes = geometry.index.get_level_values("criterion")
    for criterion in rules.criteria:
        mine = (codes == criterion.code) & (unknown > 0)
        if mine.any():
            code = "inundation_assumed" if criterion.measure == "inundation_area" else "measure_partly_unknown"
            params = {
                "criterion": criterion.code,
                "count": int(mine.sum()),
                "unknown": float(f"{unknown[mine].sum():.4g}"),
                "unit": criterion.unit,
            }
            about = tuple(geometry.index.get_level_values("unit")[mine])
            problems.append(Problem(code, "map", "", criterion.code, params, about=about))
    assumed = codes.isin([c.code for c in rules.criteria if c.measure == "inundation_area"])
    open_ = (unknown > 0) & ~assumed
    return geometry.assign(
        affected_low=geometry["affected"].where(open_),
        affected_high=(geometry["affected"] + unknown).where(open_),
        affected=geometry["affected"].mask(open_),
    )


def touches(units, frame):
    """Tell whether any feature of a layer reaches the units' rectangle."""
    if frame.empty or units.empty:
        return not frame.empty
    west, south, east, north = units.total_bounds
    shapes = frame.geometry.to_numpy()
    for some in (shapes[:_SOME], shapes[_SOME:]):  # the first that is asked answers, unless the layer lies elsewhere
        left, bottom, right, top = shapely.bounds(some).reshape(-1, 4).T
        if ((left <= east) & (right >= west) & (bottom <= north) & (top >= south)).any():
            return True
    return False


def _combined(typed, geometry, options):
    """Put the table beside what geometry gives, which has a row for every unit and criterion."""
    both = scores.combine(
        typed.reindex(geometry.index), geometry, prefer="geometry" if options.prefer == "geometry" else "table"
    )
    limits = geometry[["affected_low", "affected_high"]]
    open_ = (both["source"] == "") & limits["affected_low"].notna()
    both["total"] = both["total"].mask(open_, geometry["total"])
    both["affected"] = both["affected"].mask(open_)
    for side in ("table", "geometry"):
        both[f"{side}_percent"] = percents(both[f"{side}_affected"], both[f"{side}_total"])
    both["percent_difference"] = (both["geometry_percent"] - both["table_percent"]).round(2)
    return both.join(limits.where(open_))


def _measure_options(rules, options):
    given = {"length_total": options.length_total}
    for criterion in rules.criteria:
        limit = criterion.parameters.get("limit_per_ha")
        if isinstance(limit, dict):
            given["limit_per_ha"] = limit.get(options.city_class)
    return given


def _with_areas(base, units):
    """Let the measured area stand in where the table has no verified area."""
    filled = base.units.copy()
    filled["verified_ha"] = filled["verified_ha"].fillna(units["area_ha"].reindex(filled.index))
    return replace(base, units=filled)


def _source_differences(both, rules):
    """Say where table and map give another score for the same criterion."""
    if not len(both):
        return []
    columns = ("table_affected", "table_total", "geometry_affected", "geometry_total")
    units, arrays = matrices(both, rules, columns)
    table = score_arrays(arrays[0], arrays[1], rules).score
    map_ = score_arrays(arrays[2], arrays[3], rules).score
    problems = []
    for i, j in zip(*np.nonzero((table >= 0) & (map_ >= 0) & (table != map_)), strict=True):
        used = both["source"].iloc[i * len(rules.codes) + j]
        params = {"criterion": rules.codes[j], "table": table[i, j], "geometry": map_[i, j], "used": (used,)}
        problems.append(Problem("sources_differ", "measures", str(units[i]), rules.codes[j], params))
    return problems


def _sensitive(measures, others, rules):
    """Name the options under which a unit's level differs from the one it has."""

    def levels(table):
        level = scores.score(table, rules)[1]["level"]
        return level.astype(object).where(level.notna(), "")

    own, names = levels(measures), pd.Series("", index=measures.index.get_level_values("unit").unique())
    for name, table in others.items():
        changes = levels(table).reindex(names.index) != own.reindex(names.index)
        names = names.where(~changes, (names + ", " + name).str.removeprefix(", "))
    return names
