"""Measures: from geometry to the affected volume and the total of a criterion.

A measure is a function whose signature is its contract: after `units` come the layers it needs (those with the
default None are optional), and the keyword-only names are parameters that a rule file sets. `MEASURES` lists
those that a rule file may name; `land` and `setting` describe the context and are called by name.

=========  ==============================================================================
module     measures
=========  ==============================================================================
buildings  building_irregularity (1a), building_density (1b), building_substandard (1c)
roads      road_coverage (2a), road_surface (2b)
drainage   inundation_area (4a), drain_coverage, drain_condition, drain_connection, drain_maintenance
fire       fire_access (7a)
land       tenure, zones, sign
setting    typology, slope_percent, raster_population
=========  ==============================================================================

Every measure returns a frame with the index of the units and the columns `affected` and `total`, perhaps also
`unknown`: how much of the total nobody has judged. NaN is what cannot be known; it is never 0.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping

import pandas as pd

from kumuhgis.errors import Problem
from kumuhgis.measures import buildings, drainage, fire, land, roads, setting
from kumuhgis.measures.buildings import building_density, building_irregularity, building_substandard
from kumuhgis.measures.drainage import (
    drain_condition,
    drain_connection,
    drain_coverage,
    drain_maintenance,
    inundation_area,
)
from kumuhgis.measures.fire import fire_access
from kumuhgis.measures.roads import road_coverage, road_surface
from kumuhgis.memory import remembering
from kumuhgis.waiting import step

__all__ = ["MEASURES", "buildings", "compute", "contract", "drainage", "fire", "land", "roads", "setting"]

#: The measures that a rule file may name.
MEASURES = {
    function.__name__: function
    for function in (
        building_irregularity,
        building_density,
        building_substandard,
        road_coverage,
        road_surface,
        inundation_area,
        drain_coverage,
        drain_condition,
        drain_connection,
        drain_maintenance,
        fire_access,
    )
}
COLUMNS = ["affected", "total", "source", "unknown"]


def contract(name: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Read the contract of a measure from its signature.

    Parameters
    ----------
    name : str
        Name of a measure.

    Returns
    -------
    tuple of (layers, optional layers, parameters)
        Names in the order of the signature.

    Raises
    ------
    KeyError
        If there is no such measure.

    Examples
    --------
    >>> contract("road_surface")
    (('roads',), (), ('bad', 'length_total'))
    """
    named = list(inspect.signature(MEASURES[name]).parameters.values())[1:]
    positional = [p for p in named if p.kind is p.POSITIONAL_OR_KEYWORD]
    layers = tuple(p.name for p in positional if p.default is p.empty)
    optional = tuple(p.name for p in positional if p.default is not p.empty)
    return layers, optional, tuple(p.name for p in named if p.kind is p.KEYWORD_ONLY)


@remembering()  # several criteria ask the same of the same layer
def compute(rules, units, layers, options=None, reasons=None) -> tuple[pd.DataFrame, list[Problem]]:
    """Measure every criterion of a rule that the layers allow.

    Parameters
    ----------
    rules : Rules
        A rule; of each criterion its `code`, `measure` and `parameters` are read.
    units : GeoDataFrame
        Units (n), index `unit`, metre CRS, with `area_ha`.
    layers : dict of str to GeoDataFrame
        Prepared layers by name, in the CRS of the units.
    options : dict, optional
        An option named like a parameter overrides the rule (None does not). `city_class` chooses in a parameter
        that the rule gives as a table by class of city.
    reasons : dict of str to str, optional
        Of layers that were given but are not among `layers`: the problem code that says why.

    Returns
    -------
    DataFrame, index (unit, criterion)
        `affected`, `total`, `source` ("geometry") and `unknown` (0 where everything was judged); units in their
        order, criteria in the order of the rule, without those that were not measured.
    list of Problem
        `measure_not_run` for a criterion whose layers are missing, `measure_needs_option` for one with a
        parameter that has no value, `measure_all_unknown` for one that no unit's features have attributes for.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from types import SimpleNamespace as Record
    >>> from shapely import Point, box
    >>> rule = Record(criteria=[Record(code="1b", measure="building_density", parameters={"limit_per_ha": 200}),
    ...                         Record(code="2a", measure="road_coverage", parameters={})])
    >>> units = gpd.GeoDataFrame({"area_ha": [1.0]}, geometry=[box(0, 0, 100, 100)], index=["01"])
    >>> table, problems = compute(rule, units, {"buildings": gpd.GeoDataFrame(geometry=[Point(50, 50)])})
    >>> table.loc[("01", "1b")].to_dict(), [problem.code for problem in problems]
    ({'affected': 0.0, 'total': 1.0, 'source': 'geometry', 'unknown': 0.0}, ['measure_not_run'])
    """
    options = options or {}
    frames, problems = {}, []
    for criterion in rules.criteria:
        if not criterion.measure:
            continue
        values, missing = _ready(criterion, layers, options, reasons or {})
        problems += missing
        if not missing:
            frames[criterion.code] = _run(criterion.measure, units, layers, values)
            problems += _all_unknown(criterion, frames[criterion.code])
        step(criterion.code)
    return _long(frames, units), problems


def _ready(criterion, layers, options, reasons) -> tuple[dict, list[Problem]]:
    """Return the values of the parameters, and what keeps the measure from running."""
    needed, _, names = contract(criterion.measure)
    absent = {}
    for layer in needed:
        if layers.get(layer) is None:
            absent.setdefault(reasons.get(layer, "measure_not_run"), []).append(layer)
    if absent:
        named = {code: ", ".join(names) for code, names in absent.items()}
        about = {"criterion": criterion.code}
        return {}, [Problem(code, names, params={**about, "layers": names}) for code, names in named.items()]
    asked = {name: options[name] for name in names if options.get(name) is not None}
    values, problems = {**criterion.parameters, **asked}, []
    for name, parameter in inspect.signature(MEASURES[criterion.measure]).parameters.items():
        option = "city_class" if isinstance(values.get(name), Mapping) else name
        if option == "city_class":
            values[name] = values[name].get(options.get("city_class"))
        if name in names and values.get(name, parameter.default) in (None, parameter.empty):
            values.pop(name, None)
            if parameter.default is parameter.empty:
                params = {"criterion": criterion.code, "option": option}
                problems.append(Problem("measure_needs_option", column=option, params=params))
    return values, problems


def _all_unknown(criterion, measured) -> list[Problem]:
    """Say that a measure ran and no unit could be judged: its layers lack the attributes it needs."""
    if not len(measured) or measured["affected"].notna().any():
        return []
    needed, _, _ = contract(criterion.measure)
    return [Problem("measure_all_unknown", ", ".join(needed), params={"criterion": criterion.code})]


def _run(name, units, layers, values) -> pd.DataFrame:
    """Run one measure with the layers of its contract."""
    needed, optional, _ = contract(name)
    extra = {layer: layers[layer] for layer in optional if layers.get(layer) is not None}
    return MEASURES[name](units, *(layers[layer] for layer in needed), **extra, **values)


def _long(frames, units) -> pd.DataFrame:
    """Stack the measures of the criteria, unit by unit."""
    if not frames:
        index = pd.MultiIndex.from_arrays([units.index[:0], pd.Index([], dtype=object)], names=["unit", "criterion"])
        return pd.DataFrame({name: pd.Series(dtype=float) for name in COLUMNS}, index=index).astype({"source": object})
    table = pd.concat(frames.values())
    places = pd.MultiIndex.from_product([list(frames), range(len(units))]).swaplevel()
    table.index = pd.MultiIndex.from_arrays([table.index, places.get_level_values(1)], names=["unit", "criterion"])
    order = places.get_level_values(0).to_numpy().argsort(kind="stable")
    table["source"] = "geometry"
    unknown = table["unknown"] if "unknown" in table else pd.Series(0.0, index=table.index)
    return table.assign(unknown=unknown.fillna(0.0))[COLUMNS].iloc[order]
