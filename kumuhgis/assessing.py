"""One project, or layers and tables given one by one, from what is read to one record of results."""

from functools import partial

import pandas as pd
import shapely

from kumuhgis import audit, hectares, layers, overlay, scores, topology
from kumuhgis.beside import Promise, kept
from kumuhgis.confidence import certainty
from kumuhgis.decisions import decide
from kumuhgis.errors import Problem, in_language, problems_frame
from kumuhgis.inputs import accounts_frame, are_households, gather, provenance, read_all, read_rest
from kumuhgis.inventory import inventory
from kumuhgis.joining import check_disputes, check_places, join_units, list_matches, pair_records
from kumuhgis.measures import setting
from kumuhgis.measuring import side_by_side, touches
from kumuhgis.memory import counted, remembering
from kumuhgis.opening import undisturbed
from kumuhgis.personal import hidden, numbers_in
from kumuhgis.results import Assessment
from kumuhgis.spots import gathered, of_units, within_units
from kumuhgis.surveying import with_survey
from kumuhgis.values import check_dates, check_lengths, check_values
from kumuhgis.volumes import to_measures
from kumuhgis.waiting import expect, step

PLACES = ("rt_rw", "dusun", "desa", "kecamatan", "kabupaten", "kawasan")
"""Columns of the units with words that somebody wrote."""
MEASURED = ("parcels", "inundation", "sk", "dispute")
"""Layers of polygons of which what lies inside counts, whatever lies outside."""
_STAGES = 6  # that a person who waits is told of, beside the layers and the measures


@remembering()
@undisturbed()
def assess_one(
    source=None,
    *,
    rules=None,
    baseline=None,
    considerations=None,
    survey=None,
    options=None,
    info=None,
    rasters=None,
    lang="id",
    today=None,
    workers=1,
    **layers_given,
):
    """Assess one project, on one core or, where that pays, on two.

    Parameters
    ----------
    source, rules, baseline, considerations, survey, options, info, rasters, lang, today, workers, **layers_given
        As :func:`assessment.assess` takes them.

    Returns
    -------
    Assessment
        The result.
    """
    given = {"rules": rules, "options": options, "info": info, "layers_given": layers_given, "rasters": rasters}
    with in_language(lang):
        inputs = gather(source, **given, baseline=baseline, considerations=considerations, survey=survey)
        expect(len(inputs.layers) + sum(bool(c.measure) for c in inputs.rules.criteria) + _STAGES)
        problems = check_dates(inputs.dates, today=today)
        found, base, accounts, beside = read_all(inputs, problems, workers=workers)
        early = len(problems)  # what is said from here on is said of units under the map's keys
        paired, problems = _paired(base, found["rt"], problems, inputs.options.shared_polygon)
        base = paired.base
        units = join_units(found["rt"], base, problems)
        step("joined")
        faults, said = topology.check_coverage(found["rt"], tolerance_m=inputs.options.topology_tolerance_m)
        problems += said
        step("borders")
        mapped = _measure_areas(units, problems)
        if base is not None:
            problems += check_values(paired.records, units["area_ha"])
        _check_features(mapped, found, inputs, beside, problems)
        _add_population(units, inputs, problems)
        units["area_used_ha"] = hectares.area_used(units, inputs.options.area)
        measures, sensitive = side_by_side(units, base, found, inputs, problems)
        measures = with_survey(measures, units, inputs, problems)
        unit_scores, summary = _scored(measures, inputs, problems)
        problems += _published(paired.records, inputs)
        found, rest = read_rest(inputs, found, beside)
        first, problems = kept(problems[:early], found, rest), kept(problems[early:], found, rest)
        summary = decide(summary.join(sensitive.rename("sensitive_to")), units, found, inputs, problems, beside)
    step("decided")
    problems = first + of_units(problems, mapped.geometry)
    summary = summary.join(_contents(units, mapped, found))
    matches = list_matches(paired, found["rt"], lang)
    problems = _hide_people(units, matches, problems)
    source_of = provenance(inputs, units.crs, today) | {"overlay": counted()}
    return Assessment(
        inputs.rules,
        units,
        measures,
        unit_scores,
        summary,
        problems_frame(problems, lang, units.crs),
        source_of,
        _shown(found, faults),
        accounts_frame(kept(accounts, found, rest)),
        lang,
        matches,
    )


def _contents(units, mapped, found):
    """Count what lies in every unit."""
    near = {name: frame for name, frame in found.items() if touches(mapped, frame)}
    listed = inventory(units[units.geometry.notna()], near)
    step("listed")
    return listed


def _hide_people(units, matches, problems):
    """Hide numbers of people that stand in labels and names, before anything is made of them; keys stay."""
    found = set()
    for frame, columns in ((units, PLACES), (matches, ("record", "written"))):
        for column in (c for c in columns if c in frame):
            covered = hidden(frame[column])
            if covered is not frame[column]:
                found |= numbers_in(frame[column])
                frame[column] = covered
    return [problem.without(found) for problem in problems] if found else problems


def _shown(found, faults):
    """Give the layers of the result: those used, and the faults of the borders where there are any."""
    shown = {name: frame for name, frame in found.items() if name != "rt"}
    return {**shown, "border_faults": faults} if len(faults) else shown


def _scored(measures, inputs, problems):
    """Score the units, and say how sure their levels are."""
    unit_scores, summary = scores.score(measures, inputs.rules, means=inputs.options.means)
    problems += audit.scoring_problems(measures, inputs.rules, "measures")
    problems += audit.open_levels(measures, inputs.rules, "measures")
    summary = summary.join(certainty(measures, inputs.rules))
    step("scored")
    return unit_scores, summary


def _paired(base, mapped, problems, shared_polygon):
    """Match table and map; what is said of records under their own keys gets the polygons of their units."""
    said = list(problems)
    paired = pair_records(base, mapped, said, shared_polygon=shared_polygon)
    if base is None:
        return paired, said
    shapes = mapped.geometry.reindex(paired.pairs["unit"]).set_axis(base.units.index)
    return paired, [of_units([p], shapes)[0] if p.layer == base.name else p for p in said]


def _measure_areas(units, problems):
    """Give the units their hectares, and return those that are on the map as they were drawn."""
    mapped = units[units.geometry.notna()]
    areas = pd.Series(layers.geodesic_hectares(mapped), index=mapped.index)
    units["area_ha"] = areas.where(areas > 0).reindex(units.index)
    problems += [Problem("unit_without_area", "rt", str(u)) for u in areas.index[~(areas > 0)]]
    return mapped


def _check_features(mapped, found, inputs, beside, problems):
    """Say which features lie outside, in another RT than the one written, or are longer than they are drawn."""
    outside, places = partial(_outside, mapped, beside), partial(_misplaced, mapped)
    for name in inputs.layers:
        if name != "rt":
            problems += [Promise(outside, name)] if name in beside.names else outside(name, found)
    if "dispute" in found:
        problems += check_disputes(mapped, found["dispute"])
    for name in ("buildings", "parcels"):
        problems += [Promise(places, name)] if name in beside.names else places(name, found)
    for name in ("roads", "drains"):
        problems += check_lengths(found[name], name) if name in found else []
    step("checked")


def _misplaced(mapped, name, found, _=None):
    """Say which features of a layer lie in another RT than the one written."""
    said = check_places(mapped, found[name], name) if name in found else []
    return within_units(said, mapped.geometry) if said and are_households(name, found[name]) else said


def _published(records, inputs):
    """Compare what was published beside the table with the table scored alone, as whoever published it did."""
    if records is None:
        return []
    o = inputs.options
    named = {"length_total": o.length_total, "density": o.density, "city_class": o.city_class}
    alone = scores.score(to_measures(records, inputs.rules, **named), inputs.rules, means=o.means)
    return audit.published_differences(records, *alone, inputs.rules)


def _outside(mapped, beside, name, found, _=None):
    """Say how many features of a layer lie outside every unit, or that it does not touch the area at all."""
    frame = found.get(name)
    if frame is None or frame.empty or mapped.empty:
        return []
    hidden = are_households(name, frame)
    if not touches(mapped, frame):
        box = None if hidden else gathered([shapely.box(*frame.total_bounds)])
        return [Problem("layer_far_away", name, shape=box)]
    if name in ("water", "zoning"):
        return []
    ask = beside.outside if name in beside.names else overlay.is_outside
    outside = ask(mapped, frame, partial=name in MEASURED)
    if not outside.any():
        return []
    shape = None if hidden else gathered(frame.geometry[outside])
    params = {"count": int(outside.sum()), "all": len(frame)}
    return [Problem("layer_outside", name, params=params, shape=shape)]


def _add_population(units, inputs, problems):
    path = inputs.rasters.get("population")
    if path is None:
        return
    mapped = units[units.geometry.notna()]
    counted, said = setting.raster_population(mapped, path)
    problems += said
    units["raster_population"] = counted.reindex(units.index)
    if inputs.options.prefer == "geometry":
        units["population"] = units["raster_population"].fillna(units["population"])
    else:
        units["population"] = units["population"].fillna(units["raster_population"])
