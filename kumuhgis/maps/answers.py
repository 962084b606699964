"""Residents answer back: the tool that draws answers on the map, and the layer that shows those of many laptops."""

import hashlib
import json

import geopandas as gpd
import numpy as np
import shapely

from kumuhgis.contributions import GROUP_LIMIT, SCHEMA, SEVERAL, TEXT_LIMIT
from kumuhgis.kinds import ANSWERS as KINDS
from kumuhgis.maps.layers import base
from kumuhgis.maps.records import frame_record, rule_record
from kumuhgis.maps.shapes import bounds
from kumuhgis.participate import contradictions, table_of
from kumuhgis.text import text
from kumuhgis.topics import kinds

AGAINST = {
    "said": ({"form": "circle", "line": "#1c1a17", "sign": "≠"}, ("said_not_scored", "said_not_measured")),
    "objected": ({"form": "square", "line": "#1c1a17", "sign": "?"}, ("score_objected", "border_objected")),
    "scored": ({"form": "circle", "line": "#1c1a17", "sign": "≠", "hollow": True}, ("scored_denied",)),
}
"""How words and numbers differ, the worst first: badge, and the findings of :mod:`participate`."""
MARKS = ("marks.js", "draw.css")
TOOL = ("answers.js", "draw.js", "form.js", "talk.js")
_GEOMAN = "https://unpkg.com/@geoman-io/leaflet-geoman-free@latest/dist/leaflet-geoman"


def answers_layer(assessment, *, m=None, lang="id"):
    """Give the map the tool with which residents answer: draw, say what it is, keep, download, open again.

    Parameters
    ----------
    assessment : Assessment
        The result: its rule gives the criteria, its units the RT.
    m : folium.Map, optional
        Map to draw on; a new one by default.
    lang : {"id", "en"}
        Language of the form.

    Returns
    -------
    folium.Map
        The map drawn on.

    Notes
    -----
    The answers stay in the browser, under a key made of project, rule and date of the data, until they are downloaded
    as ``tanggapan-<desa>-<date>-<laptop>.geojson``; read them with :func:`participate.read_contributions`.
    """
    from kumuhgis.maps.page import DataLayer

    m = base(assessment, lang=lang) if m is None else m
    record = frame_record(assessment, lang)
    rule = rule_record(assessment.rules, lang)
    about = {"title": record["title"], "rule": assessment.rules.key, "date": record["date"]}
    data = {
        "id": "answers",
        "name": text("maps.tool.answers", lang),
        "key": _key(assessment, about),
        "schema": SCHEMA,
        "limit": TEXT_LIMIT,
        "group_limit": GROUP_LIMIT,
        "kinds": [{"key": key, "label": _label(key, lang), **KINDS[key]} for key in _known()],
        "aspects": rule["aspects"],
        "criteria": rule["criteria"],
        "map": about,
        "desa": str(assessment.provenance.get("desa") or assessment.provenance.get("name") or ""),
        "bounds": bounds(assessment.units.geometry),
    }
    asleep = {"kumuhgis-geoman-js": f"{_GEOMAN}.js", "kumuhgis-geoman-css": f"{_GEOMAN}.css"}
    DataLayer(data, "answering", lang=lang, needs=MARKS + TOOL, asleep=asleep).add_to(m)
    return m


def contributions_layer(contributions, assessment, *, m=None, lang="id"):
    """Draw what residents answered, and mark the RT where it contradicts the numbers.

    Parameters
    ----------
    contributions : geopandas.GeoDataFrame, or the pair with its problems
        As :func:`participate.read_contributions` gives them, joined to the units of the assessment.
    assessment : Assessment
        The result.
    m : folium.Map, optional
        Map to draw on; a new one by default.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    folium.Map
        The map drawn on. A click on a mark shows the words as they were typed, group and date; the card of an RT lists
        what was said there, contradictions first.
    """
    from kumuhgis.maps.page import DataLayer

    m = base(assessment, lang=lang) if m is None else m
    contributions = table_of(contributions)
    if not len(contributions):
        return m
    found = [key if key in KINDS else "" for key in contributions["kind"]]
    used = [key for key in KINDS if key in found]
    classes = [{"key": "", "label": _label(k, lang), "count": found.count(k), **KINDS[k]} for k in used]
    data = {
        "id": "contributions",
        "name": text("maps.layer.contributions", lang),
        "group": "people",
        "show": True,
        "classes": classes,
        "names": {c["code"]: c["name"] for c in rule_record(assessment.rules, lang)["criteria"]},
        "features": _features(contributions, [used.index(key) for key in found], assessment),
        "against": _against(contradictions(contributions, assessment, lang=lang), lang),
    }
    DataLayer(data, "contributions", lang=lang, needs=(*MARKS, "contributions.js")).add_to(m)
    return m


def _known():
    return list(dict.fromkeys(kinds().values()))


def _label(kind, lang):
    return text(f"maps.kind.{kind.replace(' ', '_') or 'other'}", lang)


def _key(assessment, about):
    """Name a map for the browser: another village, rule or date of the data has another key."""
    project = assessment.provenance.get("name") or ""
    content = json.dumps([project, about["title"], about["rule"], about["date"]])
    return hashlib.sha256(content.encode()).hexdigest()[:24]


def _features(contributions, codes, assessment):
    """Give the answers as the script draws them: geometry, middle, class, words, group, date, copies, criterion, RT."""
    titles = assessment.units["rt_rw"].dropna().astype(str).to_dict() if "rt_rw" in assessment.units else {}
    shapes = _geojson(contributions.geometry)
    points = _geojson(gpd.GeoSeries(_middles(contributions.geometry.to_numpy()), crs=contributions.crs))
    rows = contributions.to_dict("records")
    return [
        {
            "g": shape, "at": point["coordinates"][::-1], "c": code, "t": row["text"], "f": row["group"],
            "d": row["made"] or row["changed"], "n": int(row["copies"]), "k": row["criterion"],
            "u": titles.get(row["unit"], row["unit"]), "s": [unit for unit in row["units"].split(SEVERAL) if unit],
        }
        for shape, point, code, row in zip(shapes, points, codes, rows, strict=True)
    ]  # fmt: skip


def _geojson(shapes):
    """Give geometries in longitude and latitude, six decimals (a decimetre)."""
    degrees = shapely.transform(shapes.to_crs(4326).to_numpy(), lambda xy: np.round(xy, 6))
    return [json.loads(written) for written in shapely.to_geojson(degrees)]


def _middles(shapes):
    """Give a point half way along a line, inside an area, of several points the first."""
    dimensions = shapely.get_dimensions(shapes)
    parts = np.where(dimensions == 1, shapely.get_geometry(shapes, 0), shapes)
    half = shapely.line_interpolate_point(np.where(dimensions == 1, parts, None), 0.5, normalized=True)
    return np.where(dimensions == 1, half, shapely.point_on_surface(shapes))


def _against(found, lang):
    """Give the badges of the units and the sentences of their cards; bad scores nobody spoke of are only told."""
    ways = list(AGAINST)
    way = {finding: n for n, name in enumerate(ways) for finding in AGAINST[name][1]}
    units = {}
    for unit, rows in found.groupby("unit", sort=False):
        silent = rows["finding"] == "scored_not_said"
        lines = [[way[f], sentence] for f, sentence in rows.loc[~silent, ["finding", "sentence"]].to_numpy()]
        told = {"lines": sorted(lines, key=lambda line: line[0])}
        if lines:
            told["c"] = told["lines"][0][0]
        if silent.any():
            told["rest"] = text("participate.scored_not_said_all", lang, codes=", ".join(rows.loc[silent, "criterion"]))
        units[str(unit)] = told
    classes = [
        {
            **AGAINST[name][0],
            "label": text(f"maps.against.{name}", lang),
            "count": sum(told.get("c") == n for told in units.values()),
        }
        for n, name in enumerate(ways)
    ]
    name = text("maps.layer.against", lang)
    return {"id": "against", "name": name, "group": "people", "show": True, "classes": classes, "units": units}
