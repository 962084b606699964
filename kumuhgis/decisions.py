"""From scores to decisions: one summary row per unit with hectares, legality, class, priority, rank and typology."""

from dataclasses import replace
from itertools import combinations, compress

import numpy as np
import pandas as pd
import shapely

from kumuhgis import hectares, overlay, priority
from kumuhgis.beside import Beside, terms
from kumuhgis.considerations import COLUMNS as CONSIDERATIONS
from kumuhgis.considerations import read_considerations
from kumuhgis.errors import LayerError, Problem, TableError, some
from kumuhgis.grouping import name_of, qualified
from kumuhgis.measures import land, setting

APART_M = 200
"""Metres between the desa of a kawasan from which we ask whether it is one (ours; the regulation has no limit)."""


def decide(summary, units, found, inputs, problems, beside=None):
    """Add hectares, SK, legality, considerations, class, priority, rank and typology to a summary of scores.

    Parameters
    ----------
    summary : pandas.DataFrame
        From :func:`scores.score`, one row per unit.
    units : geopandas.GeoDataFrame
        The units, with ``area_ha, area_used_ha, sk_ha, population, households``.
    found : dict of str to geopandas.GeoDataFrame
        Layers.
    inputs : record
        ``rules, options, rasters, considerations, considerations_spec``.
    problems : list of Problem
        Taken up with what is found.
    beside : beside.Beside, optional
        The process that has measured the land; without it, the land is measured here.

    Returns
    -------
    pandas.DataFrame
        The summary, complete.
    """
    rules, options = inputs.rules, inputs.options
    summary = summary.copy()
    for column in ("area_ha", "verified_ha", "sk_ha", "area_used_ha", "population", "households"):
        summary[column] = units[column]
    slum = hectares.slum_area(summary["area_used_ha"], summary["total_low"], summary["total_high"], rules)
    summary = summary.join(slum)
    _, said = hectares.reconcile(units, tolerance=options.area_tolerance)
    problems += said
    sk = hectares.against_sk(summary, _sk_share(units, found), rules, tolerance=options.sk_tolerance)
    summary = summary.join(sk)
    for finding, code in (("inside_not_slum", "sk_inside_not_slum"), ("outside_slum", "sk_outside_slum")):
        problems += [Problem(code, "sk", str(u)) for u in summary.index[summary["sk_finding"] == finding]]
    given = _considerations(units, inputs, problems)
    summary = summary.join(_legality(units, found, given, inputs, problems, beside or Beside(inputs, 1)))
    summary = summary.join(priority.considerations(units, given, rules, city_class=options.city_class))
    _say_missing(summary, rules, problems)
    summary = summary.join(priority.classify(summary["level"], summary["consideration"], summary["legal"], rules))
    summary["rank"] = priority.rank(summary)
    summary = summary.join(_authority(summary, units, rules, problems))
    return summary.join(_typology(units, found, given, inputs, problems))


def _authority(summary, units, rules, problems):
    """Who is in charge goes by the slum hectares of the location: the kawasan, or the unit where none is named.

    Where an RT of the location is open, the authority is settled if its hectares change nothing.
    """
    own = pd.Series(units.index, index=units.index)
    kawasan = units["kawasan"] if "kawasan" in units else pd.Series(None, index=units.index, dtype=object)
    location = qualified(kawasan, units, "kawasan")[0].where(kawasan.notna(), own)
    area = hectares.slum_hectares(summary, rules, location)
    who = priority.settled_authority(area, rules)
    known = priority.authority(area["slum_ha"], rules).assign(slum_ha=area["slum_ha"])
    said = priority.authority_problems(known, rules)
    problems += _scattered(units, location[kawasan.notna()])
    problems += [replace(p, about=tuple(location.index[location.astype(str) == p.feature])) for p in said]
    out = who.reindex(location.to_numpy()).set_index(units.index)
    return out.where(summary["slum_ha_high"] > 0).astype({"authority_near_limit": "boolean"})


def _scattered(units, location):
    """List kawasan of one name in several desa that lie far apart: they may be two of the same name."""
    if "desa" not in units:
        return []
    desa, problems = units["desa"].map(name_of), []
    shapes = units.geometry.to_numpy()
    for name, keys in location.groupby(location).groups.items():
        at = units.index.get_indexer(keys)
        places = [p for p in dict.fromkeys(desa.iloc[at]) if p]
        groups = [[shapes[i] for i in at if desa.iloc[i] == place and shapes[i] is not None] for place in places]
        if len(places) < 2 or not all(groups):
            continue
        sides = [shapely.geometrycollections(group) for group in groups]
        gap = min(shapely.distance(a, b) for a, b in combinations(sides, 2))
        if gap > APART_M:
            params = {"places": ", ".join(places), "metres": round(gap)}
            problems.append(Problem("kawasan_scattered", "units", str(name), "kawasan", params, about=tuple(keys)))
    return problems


def _sk_share(units, found):
    """Share of each unit inside the SK: from the delineation, else from luas SK over luas verifikasi."""
    share = (units["sk_ha"] / hectares.area_used(units)).clip(0, 1)
    if "sk" in found and len(found["sk"]):
        mapped = units[units.geometry.notna()]
        inside = overlay.areas(mapped, found["sk"]).sum(axis=1) / mapped["area_ha"]
        share = inside.clip(0, 1).reindex(units.index).fillna(share)
    return share


def _considerations(units, inputs, problems):
    nothing = pd.DataFrame({c: pd.Series(None, index=units.index, dtype=object) for c in CONSIDERATIONS})
    if inputs.considerations is None:
        return nothing
    try:
        given, said = read_considerations(inputs.considerations, units, inputs.rules, **inputs.considerations_spec)
    except TableError as error:
        problems += error.problems
        return nothing
    problems += said
    return given


def _say_missing(summary, rules, problems):
    """Say which considerations keep slum units without a priority; units that lack the same share a row."""
    names = {"strategic": "nilai strategis", "population_score": "kependudukan", "social": "sosial-ekonomi-budaya"}
    waiting = summary[(summary["total_high"] >= rules.floor) & summary["consideration"].isna()]
    missing = waiting[list(names)].isna().to_numpy()
    kinds, kind = np.unique(missing, axis=0, return_inverse=True)
    lacks = np.array([", ".join(compress(names.values(), each)) for each in kinds], dtype=object)[kind.ravel()]
    for missing, units in waiting.index.to_series().groupby(pd.Series(lacks, waiting.index, dtype=object), sort=False):
        params, about = {"missing": missing}, tuple(units)
        problems.append(Problem("considerations_missing", "considerations", some(units), "", params, about=about))


def _legality(units, found, given, inputs, problems, beside):
    """Measure both signs where layers allow it, put typed signs beside them, and decide."""
    rules, options = inputs.rules.legality, inputs.options
    tolerance = rules.tolerance if options.legality_tolerance is None else options.legality_tolerance
    mapped = units[units.geometry.notna()]
    out = pd.DataFrame(index=units.index)
    measured = {"tenure": None, "plan": None}
    clear, conforming = terms(inputs.rules, options)
    if "parcels" in found:
        tenure = beside.tenure(mapped, found["parcels"], **clear).reindex(units.index)
        measured["tenure"] = land.sign(
            tenure["clear_ha"], tenure["unclear_ha"], tenure["unmapped_ha"], tolerance=tolerance
        )
        for column in ("clear_ha", "unclear_ha", "unmapped_ha", "overlap_ha"):
            out[f"tenure_{column}"] = tenure[column]
        statuses = [c for c in tenure if c.startswith("status:")]
        out = out.join(tenure[statuses])
        out["tenure_clear_share"] = tenure["clear_ha"] / units["area_ha"]
        problems += _taken("tenure_statuses_taken", "parcels", statuses, clear["clear"])
    if "zoning" in found:
        zones = beside.zones(mapped, found["zoning"], found.get("water"), **conforming)
        zones = zones.reindex(units.index)
        measured["plan"] = land.sign(
            zones["conforming_ha"], zones["nonconforming_ha"], zones["unmapped_ha"], tolerance=tolerance
        )
        for column in ("conforming_ha", "nonconforming_ha", "unmapped_ha"):
            out[f"plan_{column}"] = zones[column]
        out["setback_ha"] = zones["setback_ha"]
        names = [c for c in zones if c.startswith("zone:")]
        out = out.join(zones[names])
        out["plan_conforming_share"] = zones["conforming_ha"] / units["area_ha"]
        problems += _taken("plan_zones_taken", "zoning", names, conforming["conforming"])
    for kind in ("tenure", "plan"):
        out[f"{kind}_sign"] = _choose_sign(measured[kind], given[f"{kind}_sign"], kind, options.prefer, problems)
    out["legal"] = priority.legality(out["tenure_sign"], out["plan_sign"])
    return out


def _taken(code, layer, columns, listed):
    """Say which written words count for the sign and which against it: the list is ours, not the regulation's."""
    listed = {str(word).strip().casefold() for word in listed}
    names = [column.partition(":")[2] for column in columns]
    yes = [name for name in names if name.strip().casefold() in listed]
    no = [name for name in names if name not in yes]
    return [Problem(code, layer, params={"yes": ", ".join(yes) or "–", "no": ", ".join(no) or "–"})] if names else []


def _choose_sign(measured, typed, kind, prefer, problems):
    typed = typed.astype(object).where(typed.notna(), None)
    if measured is None:
        return typed
    measured = measured.reindex(typed.index).astype(object)
    measured = measured.where(measured.notna(), None)
    first, second = (typed, measured) if prefer != "geometry" else (measured, typed)
    chosen = first.where(first.notna(), second)
    for unit in typed.index[typed.notna() & measured.notna() & (typed != measured)]:
        params = {
            "sign": "status tanah" if kind == "tenure" else "RTR",
            "typed": typed[unit],
            "measured": measured[unit],
            "used": chosen[unit],
        }
        problems.append(Problem("sign_typed_differs", "considerations", str(unit), f"{kind}_sign", params))
    return chosen


def _typology(units, found, given, inputs, problems):
    mapped = units[units.geometry.notna()]
    out = pd.DataFrame(index=units.index)
    dem = inputs.rasters.get("dem")
    if "water" in found or dem is not None:
        kinds = inputs.rules.typology
        try:
            seen = setting.typology(
                mapped,
                found.get("water"),
                found.get("buildings"),
                dem,
                near_water_m=kinds.near_water_m,
                max_slope_percent=kinds.max_slope_percent,
                problems=problems,
            )
            out = out.join(seen)
        except LayerError as error:
            problems += error.problems
    out["hazard"] = given["hazard"].astype("boolean")
    names = {
        "over_water": "di atas air",
        "near_water": "tepi air",
        "lowland": "dataran rendah",
        "hilly": "perbukitan",
        "hazard": "rawan bencana",
    }
    flags = {name: out[c].astype("boolean").fillna(False).to_numpy(bool) for c, name in names.items() if c in out}
    out["typology"] = [", ".join(compress(flags, row)) for row in zip(*flags.values(), strict=True)]
    return out
