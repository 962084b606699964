"""The layers of the map: each function adds one to ``m`` (or to a new map) and returns the map."""

import geopandas as gpd
import pandas as pd
import shapely

from kumuhgis.errors import where_of
from kumuhgis.maps.records import (
    UNDETERMINED_COLOUR,
    bounds,
    columns_of,
    frame_record,
    geometries,
    level_classes,
    rule_record,
    unit_problems,
    unit_records,
)
from kumuhgis.spots import MOST_SHAPES, gathered
from kumuhgis.text import text

CONDITIONS = {
    "baik": "#70c0ee",
    "sedang": "#6292dc",
    "rusak ringan": "#a0489c",
    "rusak": "#84195f",
    "rusak berat": "#3a0632",
}
"""Conditions of roads and drains from good to bad: blue to dark purple, unlike the levels, each darker in grey too."""
PALETTE = ("#5b9a8b", "#d8b45a", "#8f83bd", "#c4784a", "#6f9fc8", "#b0679b", "#93a35f", "#d99a94")
"""Colours of statuses and zones, which have no order."""
UNKNOWN = "#a9a59c"
BUILDINGS = {
    "fine": "#cfc8ba",
    "irregular": "#9c8f7a",
    "substandard": "#6d5a7e",
    "both": "#3d2b4f",
    "unjudged": "#f4efe4",
}
"""Buildings: the more that is wrong, the darker."""
PROBLEMS = {
    "error": {"fill": "#b3001b", "line": "#b3001b", "weight": 3, "hatch": "cross", "mark": "diamond"},
    "warning": {"fill": "#8a5a00", "line": "#8a5a00", "weight": 2, "hatch": True, "dash": "7 5"},
}
"""Problems by severity: told apart in black and white too, by hatch, border and mark."""
MOST_MESSAGES = 10
"""Messages of one place that are told."""


def base(assessment, *, lang="id", online=False):
    """Draw the sheet: paper, title, scale bar, north arrow, and the mark of sample data.

    Parameters
    ----------
    assessment : Assessment
        The result to be shown.
    lang : {"id", "en"}
        Language.
    online : bool
        Put OpenStreetMap below; such a map needs the network for its background.

    Returns
    -------
    folium.Map
        A map that saves itself as one file.
    """
    from kumuhgis.maps.page import DataLayer, VillageMap

    record = frame_record(assessment, lang)
    (south, west), (north, east) = record["bounds"] or [[-7.6, 110.9], [-7.6, 110.9]]
    title = " · ".join(part for part in (record["title"], record["place"]) if part)
    m = VillageMap([(south + north) / 2, (west + east) / 2], title=title, online=online, lang=lang)
    DataLayer(record, "frame", lang=lang).add_to(m)
    return m


def levels_layer(assessment, *, m=None, lang="id"):
    """Draw the units in the colour of their level; a click opens the card with every criterion.

    Parameters
    ----------
    assessment : Assessment
        The result.
    m : folium.Map, optional
        Map to draw on; a new one by default.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    folium.Map
        The map drawn on.
    """
    records = unit_records(assessment, lang)
    shapes = geometries(assessment.units.geometry.reindex(assessment.summary.index))
    points = geometries(assessment.units.geometry.reindex(assessment.summary.index).representative_point())
    features = [
        {"g": shape, "c": record["level"], "at": point["coordinates"][::-1], "r": record}
        for shape, point, record in zip(shapes, points, records, strict=True)
        if shape
    ]
    data = _data("levels", "colour", lang, level_classes(assessment, lang), features, z=405, exclusive=True)
    data |= {"rule": rule_record(assessment.rules, lang), "bounds": bounds(assessment.units.geometry)}
    data |= {"area": _area_option(assessment), "problems": unit_problems(assessment)}
    return _add(assessment, data, m, lang, "units")


def land_layer(assessment, *, m=None, lang="id"):
    """Draw the parcels by status of the land; parcels in dispute have a red border.

    Parameters
    ----------
    assessment : Assessment
        The result; its layer ``parcels`` is drawn. Owners and numbers of certificates stay out.
    m : folium.Map, optional
        Map to draw on; a new one by default.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    folium.Map
        The map drawn on.
    """
    parcels = assessment.layers.get("parcels")
    if parcels is None:
        return _map(assessment, m, lang)
    codes, labels = _words(parcels.get("land_status"), parcels.index, lang)
    classes = _filled(labels)
    codes = codes + len(classes) * _yes(parcels, "conflict")
    border = {"line": "#b3001b", "weight": 2}
    classes += [{**c, "label": text("maps.class.conflict", lang, name=c["label"]), **border} for c in classes]
    columns = ("land_status", "conflict")
    data = _layer(parcels, "land", "colour", lang, classes, codes, columns, z=403, exclusive=True, show=False)
    return _add(assessment, data, m, lang)


def zoning_layer(assessment, *, m=None, lang="id"):
    """Draw the zones of the spatial plan.

    Parameters
    ----------
    assessment : Assessment
        The result; its layer ``zoning`` is drawn.
    m : folium.Map, optional
        Map to draw on; a new one by default.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    folium.Map
        The map drawn on.
    """
    zoning = assessment.layers.get("zoning")
    if zoning is None:
        return _map(assessment, m, lang)
    codes, labels = _words(zoning.get("zone"), zoning.index, lang)
    how = {"z": 402, "exclusive": True, "show": False}
    data = _layer(zoning, "zoning", "colour", lang, _filled(labels), codes, ("zone",), **how)
    return _add(assessment, data, m, lang)


def infrastructure_layer(assessment, *, m=None, lang="id"):
    """Draw roads and drains by condition, needed ones dashed, and the hydrants.

    Parameters
    ----------
    assessment : Assessment
        The result; its layers ``roads``, ``drains`` and ``hydrants`` are drawn.
    m : folium.Map, optional
        Map to draw on; a new one by default.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    folium.Map
        The map drawn on.
    """
    m = _map(assessment, m, lang)
    told = {
        "drains": ("name", "condition", "status", "connected", "maintained"),
        "roads": ("name", "condition", "width_m", "surface", "status"),
    }
    for name, columns in told.items():
        lines = assessment.layers.get(name)
        if lines is not None:
            classes = _condition_classes(lang, drain=name == "drains")
            data = _layer(
                lines, name, "infrastructure", lang, classes, _conditions(lines), columns,
                z=415 if name == "drains" else 420, casing=name == "roads", show=name == "roads",
            )  # fmt: skip
            _add(assessment, data, m, lang)
    return _hydrants(assessment, m, lang)


def inundation_layer(assessment, *, m=None, lang="id"):
    """Draw where water stands, with its depth and duration.

    Parameters
    ----------
    assessment : Assessment
        The result; its layer ``inundation`` is drawn.
    m : folium.Map, optional
        Map to draw on; a new one by default.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    folium.Map
        The map drawn on.
    """
    style = {"fill": "#2f6fb5", "hatch": True, "line": "#2f6fb5", "weight": 1.5}
    columns = ("depth_cm", "duration_h", "times_per_year")
    return _one_class(assessment, "inundation", m, lang, style, columns, z=410, group="condition")


def water_layer(assessment, *, m=None, lang="id"):
    """Draw rivers and other water.

    Parameters
    ----------
    assessment : Assessment
        The result; its layer ``water`` is drawn.
    m : folium.Map, optional
        Map to draw on; a new one by default.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    folium.Map
        The map drawn on.
    """
    style = {"fill": "#bcd9ea", "line": "#6fa8cc", "weight": 2.5}
    return _one_class(assessment, "water", m, lang, style, ("name", "kind"), z=401, group="condition")


def buildings_layer(assessment, *, m=None, lang="id"):
    """Draw the outlines of buildings: in order, irregular, substandard, not judged yet.

    Parameters
    ----------
    assessment : Assessment
        The result; its layer ``buildings`` is drawn. Points are left out: a point may be a household.
    m : folium.Map, optional
        Map to draw on; a new one by default.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    folium.Map
        The map drawn on.
    """
    buildings = assessment.layers.get("buildings")
    if buildings is not None:
        buildings = buildings[buildings.geom_type.isin(("Polygon", "MultiPolygon"))]
    if buildings is None or buildings.empty:
        return _map(assessment, m, lang)
    known = buildings.reindex(columns=["irregular", "substandard"]).astype("boolean")
    yes = known.fillna(False).astype(int)
    codes = (yes["irregular"] + 2 * yes["substandard"]).where(known.notna().any(axis=1), 4).to_numpy()
    classes = [
        {"label": text(f"maps.class.{name}", lang), "fill": fill, "line": "#6b6459", "weight": 0.6}
        for name, fill in BUILDINGS.items()
    ]
    data = _layer(buildings, "buildings", "condition", lang, classes, codes, (), z=408, canvas=True)
    return _add(assessment, data, m, lang)


def sk_layer(assessment, *, m=None, lang="id"):
    """Draw the locations of the decree (SK) as a border.

    Parameters
    ----------
    assessment : Assessment
        The result; its layer ``sk`` is drawn.
    m : folium.Map, optional
        Map to draw on; a new one by default.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    folium.Map
        The map drawn on.
    """
    style = {"line": "#0a5c36", "weight": 3.5, "dash": "14 6 1 6"}
    columns = ("name", "sk_number", "sk_date", "area_ha")
    return _one_class(assessment, "sk", m, lang, style, columns, z=425, group="border", casing=True)


def problems_layer(assessment, *, m=None, lang="id"):
    """Draw errors and warnings where they are; a click tells them and what to do. What has one place is drawn once.

    Parameters
    ----------
    assessment : Assessment
        The result; its ``problems`` that have a place are drawn, notes left out. Off at first.
    m : folium.Map, optional
        Map to draw on; a new one by default.
    lang : {"id", "en"}
        Language of everything but the messages, which are in the assessment's.

    Returns
    -------
    folium.Map
        The map drawn on.
    """
    found = assessment.problems
    if "geometry" in found:
        found = found[found["severity"].isin(list(PROBLEMS)) & found.geometry.notna()]
    if "geometry" not in found or found.empty:
        return _map(assessment, m, lang)
    shapes = found.geometry.to_numpy()
    places = found.assign(place=shapely.to_wkb(shapes), ground=shapely.area(shapes), way=shapely.length(shapes))
    places = places.sort_values(["ground", "way"], ascending=False, kind="stable")  # the smallest lie on top
    features = [_problem_feature(group, lang) for _, group in places.groupby("place", sort=False)]
    counts = found["severity"].value_counts()
    used = [severity for severity in PROBLEMS if severity in counts]
    classes = [{"label": text(f"severity.{s}", lang), "count": int(counts[s]), **PROBLEMS[s]} for s in used]
    drawn = [{**feature, "c": used.index(feature["c"])} for feature in features if feature["g"]]
    data = _data("problems", "data", lang, classes, drawn, z=436, show=False)
    return _add(assessment, {**data, "name": f"{data['name']} ({len(found)})"}, m, lang)


def _problem_feature(group, lang):
    """Give one place, how bad the worst there is, and what is to be told of it."""
    shape = gathered(shapely.get_parts(group.geometry.iloc[0])[:MOST_SHAPES])
    rows = group[["layer", "row", "feature", "column", "message", "fix"]].itertuples(index=False, name=None)
    told = [[where_of(*row[:4], lang), *row[4:]] for row in rows]
    left = len(told) - MOST_MESSAGES
    told = told[:MOST_MESSAGES] + ([[text("maps.more_problems", lang, n=left)]] if left > 0 else [])
    worst = next(severity for severity in PROBLEMS if severity in set(group["severity"]))
    return {"g": geometries(gpd.GeoSeries([shape], crs=group.crs))[0], "c": worst, "m": told}


def _hydrants(assessment, m, lang):
    hydrants = assessment.layers.get("hydrants")
    if hydrants is None:
        return m
    working = hydrants.get("working", pd.Series(pd.NA, hydrants.index)).astype("boolean")
    codes = working.map({True: 0, False: 1}).fillna(2).astype(int).to_numpy()
    colours = {"working": "#1f6f9f", "broken": "#5c0a52", "unknown": UNKNOWN}
    classes = [
        {"label": text(f"maps.class.{name}", lang), "fill": colour, "line": "#ffffff", "weight": 1.5}
        for name, colour in colours.items()
    ]
    data = _layer(hydrants, "hydrants", "infrastructure", lang, classes, codes, ("kind", "working"), z=430, show=False)
    return _add(assessment, data, m, lang)


def _one_class(assessment, name, m, lang, style, columns, *, group, **how):
    frame = assessment.layers.get(name)
    if frame is None or frame.empty:
        return _map(assessment, m, lang)
    classes = [{"label": text(f"maps.class.{name}", lang), **style}]
    data = _layer(frame, name, group, lang, classes, [0] * len(frame), columns, **how)
    return _add(assessment, data, m, lang)


def _layer(frame, name, group, lang, classes, codes, columns, **how):
    """Gather one layer; only the columns named are looked at, classes that nothing has are left out."""
    used = sorted({int(code) for code in codes})
    rows = columns_of(frame, columns)
    told = [column for column in columns if column in frame.columns]
    features = [
        {"g": shape, "c": used.index(int(code)), "p": [row.get(column) for column in told]}
        for shape, code, row in zip(geometries(frame.geometry), codes, rows, strict=True)
        if shape
    ]
    kept = [{**classes[n], "count": sum(int(code) == n for code in codes)} for n in used]
    return _data(name, group, lang, kept, features, told=told, **how)


def _data(name, group, lang, classes, features, **how):
    start = {"id": name, "name": text(f"maps.layer.{name}", lang), "group": group, "show": True}
    return {**start, "classes": classes, "features": features, **how}


def _area_option(assessment):
    """Say which hectares count: verified, measured or sk."""
    return assessment.provenance.get("options", {}).get("area", "verified")


def _map(assessment, m, lang):
    return base(assessment, lang=lang) if m is None else m


def _add(assessment, data, m, lang, function="layer"):
    from kumuhgis.maps.page import DataLayer

    m = _map(assessment, m, lang)
    DataLayer(data, function, lang=lang).add_to(m)
    return m


def _words(values, index, lang):
    """Merge spellings that differ only in case; give a code per row and a label per code."""
    if values is None:
        values = pd.Series(pd.NA, index, dtype=object)
    folded = values.astype("string").str.strip().str.casefold()
    keys = sorted(folded.dropna().unique())
    first = {key: str(values[(folded == key).fillna(False).to_numpy()].iloc[0]).strip() for key in keys}
    codes = folded.map({key: n for n, key in enumerate(keys)}).fillna(len(keys)).astype(int).to_numpy()
    return codes, [*first.values(), text("maps.class.unrecorded", lang)]


def _filled(labels):
    """Give every label a colour, the last (not recorded) grey."""
    colours = [PALETTE[n % len(PALETTE)] for n in range(len(labels) - 1)] + [UNDETERMINED_COLOUR]
    return [{"label": label, "fill": colour} for label, colour in zip(labels, colours, strict=True)]


def _yes(frame, column):
    """Where a column says yes; a missing answer is no yes."""
    values = frame.get(column, pd.Series(pd.NA, frame.index)).astype("boolean")
    return values.fillna(False).to_numpy(bool)


def _condition_classes(lang, *, drain):
    weight, dash = (3, "1 5") if drain else (3.5, None)
    rows = [(text(f"maps.condition.{key.replace(' ', '_')}", lang), colour, dash)
            for key, colour in CONDITIONS.items()]  # fmt: skip
    rows += [
        (text("maps.condition.unknown", lang), "#6b6459", "1 9" if drain else "1 6"),
        (text("maps.condition.needed", lang), "#111111", "2 7" if drain else "7 6"),
    ]
    return [{"label": label, "line": colour, "weight": weight, "dash": dash} for label, colour, dash in rows]


def _conditions(lines):
    """Give the class of every line: its condition, unknown, or needed but not there."""
    order = {key: n for n, key in enumerate(CONDITIONS)}
    none = pd.Series(pd.NA, lines.index, dtype="string")
    codes = lines.get("condition", none).map(order).fillna(len(order)).astype(int)
    needed = lines.get("status", none).astype("string").eq("dibutuhkan").fillna(False).astype(bool)
    return codes.mask(needed, len(order) + 1).to_numpy()
