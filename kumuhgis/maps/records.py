"""What goes into a page: whitelisted columns, plain values, coordinates with six decimals."""

import json
import math

import numpy as np
import pandas as pd
import shapely

from kumuhgis.errors import count_severities
from kumuhgis.priority import why
from kumuhgis.text import text
from kumuhgis.trace import fragile_sentence

LEVEL_COLOURS = ("#dcebe4", "#f0bd42", "#dd7526", "#7d1527")
"""From not slum to heavy slum: each darker than the one before, told apart without red and green, and in grey."""
LEVEL_PATTERNS = ("", "dots", "slanted", "crossed")
"""The same for black and white: each denser than the one before."""
UNDETERMINED_COLOUR = "#b9b6af"
UNIT_COLUMNS = (
    "rt_rw", "desa", "kecamatan", "kawasan", "area_ha", "verified_ha", "sk_ha", "population", "households",
    "buildings",
)  # fmt: skip
SUMMARY_COLUMNS = (
    "sektoral", "total_score", "total_low", "total_high", "levels_possible", "deciding", "area_ha", "area_used_ha",
    "slum_ha", "consideration_score", "consideration", "tenure_sign", "plan_sign", "legal", "class", "priority", "rank",
    "handling", "authority", "authority_near_limit", "sk_share", "sk_status", "sk_finding",
    "tenure_clear_share", "plan_conforming_share", "setback_ha", "typology",
)  # fmt: skip
WHY_COLUMNS = (
    "level", "total_high", "deciding", "consideration", "consideration_score", "strategic", "population_score",
    "social", "legal", "class", "priority", "handling",
)  # fmt: skip
MEASURE_COLUMNS = (
    "percent", "score", "score_low", "score_high", "affected", "total", "source", "table_affected",
    "table_total", "geometry_affected", "geometry_total",
)  # fmt: skip


def plain(value):
    """Turn a cell into what JSON knows; what is missing becomes ``None``.

    Parameters
    ----------
    value : object
        A cell of a table.

    Returns
    -------
    None, bool, int, float or str
        Numbers with at most six decimals; all else, dates too, as text.

    Examples
    --------
    >>> [plain(v) for v in (float("nan"), 0.1 + 0.2, True, "RT 01")]
    [None, 0.3, True, 'RT 01']
    """
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return round(float(value), 6) if math.isfinite(value) else None
    return str(value)


def columns_of(frame, names):
    """Give one dictionary per row of the named columns that the frame has; missing cells are left out.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table.
    names : sequence of str
        The whitelist.

    Returns
    -------
    list of dict
        One per row.

    Examples
    --------
    >>> columns_of(pd.DataFrame({"rt_rw": ["01/02"], "owner": ["Bu Sri"], "kk": [None]}), ("rt_rw", "kk"))
    [{'rt_rw': '01/02'}]
    """
    names = [name for name in names if name in frame.columns]
    cells = [[plain(value) for value in frame[name]] for name in names]
    rows = zip(*cells, strict=True) if names else ((),) * len(frame)
    return [{n: v for n, v in zip(names, row, strict=True) if v is not None} for row in rows]


def geometries(shapes):
    """Give geometries as GeoJSON in longitude and latitude, six decimals (a decimetre).

    Parameters
    ----------
    shapes : geopandas.GeoSeries
        Any CRS.

    Returns
    -------
    list of dict
        GeoJSON geometries, flat; ``None`` where there is none.
    """
    flat = shapely.force_2d(shapes.to_crs(4326).to_numpy())
    rounded = shapely.transform(flat, lambda xy: np.round(xy, 6))
    empty = shapely.is_missing(rounded) | shapely.is_empty(rounded)
    return [None if no else json.loads(shapely.to_geojson(g)) for g, no in zip(rounded, empty, strict=True)]


def bounds(shapes):
    """Give the south-west and north-east corners as Leaflet wants them, or ``None`` without any shape.

    Parameters
    ----------
    shapes : geopandas.GeoSeries
        Any CRS.

    Returns
    -------
    list of list of float or None
        ``[[south, west], [north, east]]``.
    """
    west, south, east, north = shapes.to_crs(4326).total_bounds
    return [[south, west], [north, east]] if math.isfinite(west) else None


def level_classes(assessment, lang="id"):
    """Give the classes of the legend in the order of the rule, with colour, count and hectares.

    Parameters
    ----------
    assessment : Assessment
        The result.
    lang : {"id", "en"}
        Language of the labels.

    Returns
    -------
    list of dict
        ``key, label, fill, hatch, pattern, count, hectares`` (the area that the hectares of slum are counted with);
        the last one is what cannot be determined yet.
    """
    levels, summary = assessment.rules.levels, assessment.summary
    step = (len(LEVEL_COLOURS) - 1) / (len(levels) - 1)
    names = [level.key if lang == "id" else level.name_en for level in levels]
    rows = [(level.key, name, round(n * step)) for n, (level, name) in enumerate(zip(levels, names, strict=True))]
    rows = [(key, name, LEVEL_COLOURS[n], LEVEL_PATTERNS[n]) for key, name, n in rows]
    rows.append(("", text("levels.undetermined", lang), UNDETERMINED_COLOUR, ""))
    known = summary["level"].astype(object).where(summary["level"].notna(), "")
    areas = summary["area_used_ha" if "area_used_ha" in summary else "area_ha"]
    classes = []
    for key, label, colour, pattern in rows:
        hectares = areas[known == key]
        classes.append({
            "key": key, "label": label, "fill": colour, "count": len(hectares),
            "hectares": plain(float(hectares.sum())), "hatch": key == "", "pattern": pattern,
        })  # fmt: skip
    return classes


def rule_record(rules, lang="id"):
    """Give what the card says about the rule: scale, levels, aspects and criteria.

    Parameters
    ----------
    rules : Rules
        The rule.
    lang : {"id", "en"}
        Language of the names.

    Returns
    -------
    dict
        ``max_total, lower, bands, aspects, criteria, columns``.
    """
    name = "name" if lang == "id" else "name_en"
    criteria = [(c.code, c.aspect, getattr(c, name), c.unit) for c in rules.criteria]
    return {
        "max_total": rules.max_total,
        "lower": [level.lower for level in rules.levels],
        "bands": {"lower": list(rules.bands.lower), "score": list(rules.bands.score)},
        "aspects": [{"number": a.number, "name": getattr(a, name)} for a in rules.aspects],
        "criteria": [dict(zip(("code", "aspect", "name", "unit"), row, strict=True)) for row in criteria],
        "columns": MEASURE_COLUMNS,
    }


def unit_records(assessment, lang="id"):
    """Give the card of every unit, in the order of the summary.

    Parameters
    ----------
    assessment : Assessment
        The result.
    lang : {"id", "en"}
        Language of the sentences.

    Returns
    -------
    list of dict
        ``unit, level`` (position in :func:`level_classes`), ``units, summary, means, fragile, why`` (sentences)
        and ``measures``: one list per criterion of the rule, in the order of ``rule_record(...)["columns"]``.
    """
    rules, summary = assessment.rules, assessment.summary
    units = columns_of(assessment.units.reindex(summary.index), UNIT_COLUMNS)
    facts = columns_of(summary, SUMMARY_COLUMNS)
    means = [f"aspect_{aspect.number}_mean" for aspect in rules.aspects]
    averages = summary.reindex(columns=means).to_numpy(float, na_value=np.nan)
    levels = pd.Categorical(summary["level"], [level.key for level in rules.levels]).codes
    fragile = summary.get("fragile", pd.Series(False, summary.index))
    measures, whys = _measures(assessment), why_sentences(summary, rules, lang)
    return [
        {
            "unit": str(unit),
            "level": int(levels[n]) if levels[n] >= 0 else len(rules.levels),
            "units": units[n],
            "summary": facts[n],
            "means": [plain(value) for value in averages[n]],
            "measures": measures[n],
            "fragile": _fragile(summary.iloc[n], rules, lang) if fragile.iloc[n] is not pd.NA else "",
            "why": whys[n],
        }
        for n, unit in enumerate(summary.index)
    ]


def _fragile(row, rules, lang):
    return fragile_sentence(row, rules, lang) if row.get("fragile", False) else ""


def why_sentences(summary, rules, lang="id"):
    """Give the sentences of :func:`priority.why` for all units; equal inputs are said once.

    Parameters
    ----------
    summary : pandas.DataFrame
        The summary.
    rules : Rules
        The rule.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    list of str
        One per unit; empty where the summary has no priorities.
    """
    if "priority" not in summary:
        return [""] * len(summary)
    part = summary.reindex(columns=list(WHY_COLUMNS)).astype(object)
    rows = list(zip(*(part[name].where(part[name].notna(), None) for name in WHY_COLUMNS), strict=True))
    said = {row: why(pd.Series(row, list(WHY_COLUMNS), dtype=object), rules, lang) for row in set(rows)}
    return [said[row] for row in rows]


def unit_problems(assessment, most=3):
    """Give what is wrong with the data of single units, as the card tells it; what is said of several is left out.

    Parameters
    ----------
    assessment : Assessment
        The result.
    most : int
        Messages told of one unit; of the others only their number.

    Returns
    -------
    dict of str to dict
        Unit to ``n`` (how many) and ``told`` (the first messages, worst first); only units that have any.
    """
    found, units = assessment.problems, set(assessment.summary.index)
    out = {}
    if "message" not in found:
        return out
    own = found[found["feature"].isin(units)]
    for unit, column, message in zip(own["feature"], own["column"], own["message"], strict=True):
        said = out.setdefault(str(unit), {"n": 0, "told": []})
        said["n"] += 1
        said["told"] = [*said["told"], f"{column}: {message}" if column else message][:most]
    return out


def _measures(assessment):
    """Give, per unit, one list of cells per criterion; what was never measured is ``None``."""
    scores, codes = assessment.scores, [criterion.code for criterion in assessment.rules.criteria]
    both = scores.join(assessment.measures[assessment.measures.columns.difference(scores.columns)])
    index = pd.MultiIndex.from_product([assessment.summary.index, codes])
    cells = both.reindex(index).reindex(columns=list(MEASURE_COLUMNS))
    rows = [[plain(value) for value in row] for row in cells.astype(object).to_numpy()]
    return [rows[start : start + len(codes)] for start in range(0, len(rows), len(codes))]


def frame_record(assessment, lang="id"):
    """Give title, rule, date and warnings of the map.

    Parameters
    ----------
    assessment : Assessment
        The result.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    dict
        ``title, place, project, date, rule, sample, problems, bounds``.
    """
    found, rules = assessment.provenance, assessment.rules
    places = {name: _place(assessment, name) for name in ("desa", "kecamatan", "kabupaten")}
    wider = [text(f"maps.place.{n}", lang, name=v) for n, v in places.items() if v and n != "desa"]
    desa = places["desa"]
    return {
        "title": text("maps.title", lang, desa=desa) if desa else text("maps.title_plain", lang),
        "place": " · ".join(wider),
        "project": str(found.get("name") or ""),
        "date": str((found.get("dates") or {}).get("survey") or found.get("date") or ""),
        "rule": getattr(rules, "short", "") or (rules.title if lang == "id" else rules.title_en),
        "sample": bool(found.get("sample")),
        "problems": count_severities(assessment.problems),
        "bounds": bounds(assessment.units.geometry),
    }


def _place(assessment, name):
    """Take a name from the project, else every name that the units have."""
    named = assessment.provenance.get(name)
    if named or name not in assessment.units:
        return str(named or "")
    return ", ".join(sorted({str(value) for value in assessment.units[name].dropna()}))
