"""The layers of the map: each function adds one to ``m`` (or to a new map) and returns the map."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kumuhgis.captions import unit_problems
from kumuhgis.errors import in_words, where_of
from kumuhgis.kinds import KINDS, PROBLEMS
from kumuhgis.maps.basemaps import online_layer
from kumuhgis.maps.packing import smallest
from kumuhgis.maps.records import columns_of, frame_record, rule_record, unit_columns
from kumuhgis.maps.shapes import bounds, drawable, pack_coverage, pack_points, pack_shapes
from kumuhgis.spots import MOST_SHAPES, gathered
from kumuhgis.text import number, text
from kumuhgis.themes import level_classes, unit_themes

MANY_PATHS = 1500
"""Features of a layer; more than these are painted on one canvas instead of an element each."""
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
    return sheet(frame_record(assessment, lang), lang=lang, online=online)


def sheet(record, *, lang="id", online=False):
    """Draw the sheet of a frame record: see :func:`base` and :func:`records.frame_record`."""
    from kumuhgis.maps.page import DataLayer, VillageMap

    (south, west), (north, east) = record["bounds"] or [[-7.6, 110.9], [-7.6, 110.9]]
    title = " · ".join(part for part in (record["title"], record["place"]) if part)
    m = VillageMap([(south + north) / 2, (west + east) / 2], title=title, online=online, lang=lang)
    DataLayer(record, "frame", lang=lang).add_to(m)
    return online_layer(m, lang=lang) if online else m


def levels_layer(assessment, *, m=None, lang="id"):
    """Draw the units in the colour of their level, or of any other theme that one chooses in the legend.

    The themes are the aspects, the criteria, priority, class, legality, handling, certainty and the decree against the
    result, as far as there is data. Borders and figures travel once. A click on a unit opens its card.

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
    return units_layer(assessment, m=m, lang=lang)


def units_layer(assessment, *, m=None, lang="id", first=None):
    """Draw the units as :func:`levels_layer` does, at first in the colours of another theme (see ``themes``)."""
    units = assessment.units.geometry.reindex(assessment.summary.index)
    drawn = drawable(units)
    themes = unit_themes(assessment, lang)
    data = _data("levels", "colour", lang, level_classes(assessment, lang), z=405, exclusive=True)
    data |= {
        "n": len(units),
        "canvas": len(units) > MANY_PATHS,
        "rule": rule_record(assessment.rules, lang),
        "themes": [first, *themes] if first else themes,
        "first": first["id"] if first else "levels",
        "borders": pack_coverage(units),
        "centres": pack_points(units[drawn].representative_point()),
        "bounds": bounds(units),
        "area": _area_option(assessment),
        "problems": unit_problems(assessment, lang=lang),
        **unit_columns(assessment, lang),
    }
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
    return _draw(assessment, "parcels", m, lang)


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
    return _draw(assessment, "zoning", m, lang)


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
    for name in ("drains", "roads", "hydrants"):
        m = _draw(assessment, name, m, lang)
    return m


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
    return _draw(assessment, "inundation", m, lang)


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
    return _draw(assessment, "water", m, lang)


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
    return _draw(assessment, "buildings", m, lang)


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
    return _draw(assessment, "sk", m, lang)


def problems_layer(assessment, *, m=None, lang="id"):
    """Draw errors and warnings where they are; a click tells them and what to do. What has one place is drawn once.

    Parameters
    ----------
    assessment : Assessment
        The result; its ``problems`` that have a place are drawn, notes left out. Off at first.
    m : folium.Map, optional
        Map to draw on; a new one by default.
    lang : {"id", "en"}
        Language; a message that cannot be said again stays in that of the assessment.

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
    found = found[drawable(found.geometry)]
    shapes = found.geometry.to_numpy()
    order = np.lexsort((-shapely.length(shapes), -shapely.area(shapes)))  # the smallest lie on top
    found, shapes = found.iloc[order], shapes[order]
    place = pd.factorize(shapely.to_wkb(shapes))[0]
    first = np.unique(place, return_index=True)[1]
    used = [severity for severity in PROBLEMS if (found["severity"] == severity).any()]
    worst = np.full(len(first), len(used))
    np.minimum.at(worst, place, found["severity"].map(used.index).to_numpy(int))
    counts = found["severity"].value_counts()
    classes = [{"label": text(f"severity.{s}", lang), "count": int(counts[s]), **PROBLEMS[s]} for s in used]
    drawn = [gathered(shapely.get_parts(shapes[n])[:MOST_SHAPES]) for n in first]
    data = _data("problems", "data", lang, classes, z=436, show=False)
    data |= {
        "name": f"{data['name']} ({len(found)})",
        "n": len(first),
        "shapes": pack_shapes(gpd.GeoSeries(drawn, crs=found.crs)),
        "codes": smallest(worst),
        "said": _said(found, place, len(first), lang),
    }
    return _add(assessment, data, m, lang)


def _said(found, place, count, lang):
    """Give what is to be told of each place: where, what, and what to do."""
    told = [[] for _ in range(count)]
    rows = in_words(found, lang)[["layer", "row", "feature", "column", "message", "fix"]]
    rows = rows.itertuples(index=False, name=None)
    for at, row in zip(place, rows, strict=True):
        told[at].append([where_of(*row[:4], lang), *row[4:]])
    for each in told:
        left = len(each) - MOST_MESSAGES
        if left > 0:
            each[MOST_MESSAGES:] = [[text("maps.more_problems", lang, n=left)]]
    return told


def _draw(assessment, name, m, lang):
    """Add a layer that is drawn as :data:`KINDS` says; only the columns named there are looked at."""
    kind, frame = KINDS[name], assessment.layers.get(name)
    m = _map(assessment, m, lang)
    if frame is not None and kind.types:
        frame = frame[frame.geom_type.isin(kind.types)]
    if frame is None or frame.empty:
        return m
    codes, classes = kind.classes(frame, lang)
    used, codes, counts = np.unique(np.asarray(codes, int), return_inverse=True, return_counts=True)
    sizes = _sizes(kind, frame, codes.ravel(), len(used), lang)
    classes = [{**classes[n], "count": int(c), **size} for n, c, size in zip(used, counts, sizes, strict=True)]
    there = drawable(frame.geometry)
    how = {"canvas": len(frame) > MANY_PATHS, **kind.how}
    data = _data(how.pop("id", name), kind.group, lang, classes, **how)
    data |= {
        "n": int(there.sum()),
        "shapes": pack_shapes(frame.geometry[there]),
        "codes": smallest(codes[there]),
        "told": columns_of(frame[there], kind.columns),
    }
    return _add(assessment, data, m, lang)


def _sizes(kind, frame, codes, count, lang):
    """Give hectares or metres of every class, measured in the CRS of the layer, for kinds that tell them."""
    if kind.measured is None or frame.crs is None or not frame.crs.is_projected:
        return [{}] * count
    area = kind.measured == "ha"
    each = (frame.area / 1e4 if area else frame.length).fillna(0).to_numpy()
    sums = np.bincount(codes, weights=each, minlength=count)
    return [{"amount": f"{number(total, 2 if area else 0, lang)} {kind.measured}"} for total in sums]


def _data(name, group, lang, classes, **how):
    start = {"id": name, "name": text(f"maps.layer.{name}", lang), "group": group, "show": True}
    return {**start, "classes": classes, **how}


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
