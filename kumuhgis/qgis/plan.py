"""Which layers a GeoPackage has, in what order they lie, and what of them may be given away."""

import json
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely

from kumuhgis.captions import caption
from kumuhgis.catalog import layer_kinds
from kumuhgis.personal import hidden, is_personal, masked
from kumuhgis.qgis.columns import names_of
from kumuhgis.qgis.looks import layer_style, unit_styles
from kumuhgis.qgis.styles import Names, Style
from kumuhgis.qgis.symbols import plain
from kumuhgis.results import options_text
from kumuhgis.spots import listed
from kumuhgis.text import text
from kumuhgis.unitrows import unit_features
from kumuhgis.xmltext import ILLEGAL

UNITS = "rt"
ORDER = (
    "contributions", "hydrants", "sk", "roads", "drains", "inundation", "buildings", "water", UNITS, "parcels",
    "zoning", "problems", "border_faults", "dispute",
)  # fmt: skip
"""From the top to the bottom, as QGIS piles them up; what is only looked at on demand lies below the units."""
_GROUPS = {
    "contributions": "people", "hydrants": "infrastructure", "sk": "border", "border_faults": "border",
    "dispute": "border", "roads": "infrastructure",
    "drains": "infrastructure", "inundation": "condition", "buildings": "condition", "water": "condition",
    UNITS: "units", "parcels": "land", "zoning": "land",
}  # fmt: skip
_SHOWN = {"contributions", "sk", "roads", "inundation", "buildings", UNITS, "water"}
_PARTS = {1: "lines", 0: "points"}
_SCALES = {"buildings": 15_000, "parcels": 15_000}
_MANY, _MANY_SCALE = 20_000, 10_000
_ENDS = {0: "Point", 1: "LineString", 2: "Polygon"}


@dataclass(frozen=True)
class Layer:
    """A layer of a GeoPackage.

    Attributes
    ----------
    table : str
        Its name in the file.
    title, abstract : str
        In words.
    frame : pandas.DataFrame
        What is written, a GeoDataFrame where it has a geometry.
    dimension : int or None
        Of the geometry; None for a table.
    geometry : str
        Type of the geometry, for a project.
    styles : tuple of styles.Style
        The first is the default.
    names : styles.Names
        Of its columns.
    group : str
        In the tree of layers.
    shown : bool
        Whether it is drawn when the project opens.
    scale : int or None
        It is drawn from this scale (1 : n) on.
    """

    table: str
    title: str
    abstract: str
    frame: pd.DataFrame
    dimension: int | None
    geometry: str
    styles: tuple
    names: Names
    group: str
    shown: bool
    scale: int | None = None


def planned(assessment, lang="id", contributions=None):
    """Give the layers and tables of a GeoPackage.

    Parameters
    ----------
    assessment : Assessment
        The result.
    lang : {"id", "en"}
        Language of titles, labels and levels.
    contributions : geopandas.GeoDataFrame, optional
        What residents answered.

    Returns
    -------
    list of Layer
        From the top to the bottom, tables last. A layer with points, lines and areas becomes one each. Points of
        buildings are left out: a point may be a household; so are columns that speak of single people, and numbers
        of people in other texts are hidden (see :mod:`kumuhgis.personal`).
    """
    frames = {name: frame for name, frame in assessment.layers.items() if len(frame)}
    problems = assessment.problems
    if "geometry" in problems and problems.geometry.notna().any():
        frames["problems"] = problems[problems.geometry.notna()].drop(columns="params")
    if contributions is not None and len(contributions):
        frames["contributions"] = contributions.reset_index()
    known = [name for name in ORDER if name in frames or name == UNITS]
    out = []
    rules, abstract = assessment.rules, abstract_of(assessment, lang)
    for name in [*known, *(name for name in frames if name not in ORDER)]:
        out += [_units(assessment, lang)] if name == UNITS else _parts(name, frames[name], rules, abstract, lang)
    return out + [_table(name, frame, rules, abstract, lang) for name, frame in _tables(assessment).items()]


def answer_layers(answers, tables, lang="id"):
    """Give what residents answered as layers, and tables beside them, without any assessment.

    Parameters
    ----------
    answers : geopandas.GeoDataFrame
        As :func:`participate.read_contributions` gives them.
    tables : dict of str to pandas.DataFrame
        By name.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    list of Layer
        See :func:`planned`.
    """
    abstract = text("qgis.layer.contributions", lang)
    layers = _parts("contributions", answers.reset_index(), None, abstract, lang) if len(answers) else []
    return layers + [_table(f"table_{name}", frame, None, abstract, lang) for name, frame in tables.items()]


def left_out(assessment, lang="id"):
    """Say which features are not given away, in sentences."""
    buildings = assessment.layers.get("buildings")
    count = 0 if buildings is None else int((shapely.get_dimensions(buildings.geometry.to_numpy()) == 0).sum())
    kind = layer_kinds()["buildings"]
    title = kind["title" if lang == "id" else "title_en"]
    return [text("qgis.points_left_out", lang, n=count, layer=title)] if count else []


def provenance_json(assessment):
    """Write the whole provenance as JSON."""
    return json.dumps(assessment.provenance, ensure_ascii=False, default=str)


def abstract_of(assessment, lang="id"):
    """Say in a few sentences what a file holds; that of invented data begins with it."""
    said = caption(assessment, lang)
    p = assessment.provenance
    options = options_text(p["options"])
    line = text("qgis.abstract", lang, title=said["title"], rule=said["rule"], options=options, date=p.get("date", ""))
    parts = [text("workbook.sample", lang) + "."] if said["sample"] else []
    return plain(" ".join([*parts, line, *left_out(assessment, lang)]))


def _units(assessment, lang):
    frame = _clean(unit_features(assessment, lang).rename(columns=masked), keep={"unit", "rt_rw"})
    columns = [c for c in frame.columns if c != frame.geometry.name]
    styles = unit_styles(assessment, columns, lang)
    shown = "rt_rw" if "rt_rw" in columns else "unit"
    names = names_of(columns, assessment.rules, lang, shown=shown, units=True)
    title = text("qgis.layer.units", lang, theme=styles[0].name)
    group, abstract = text("qgis.group.units", lang), abstract_of(assessment, lang)
    return Layer(UNITS, title, abstract, frame, 2, "MultiPolygon", tuple(styles), names, group, True, None)


def _parts(name, frame, rules, abstract, lang):
    """Make a layer of every kind of geometry that a layer has; the name is that of the highest."""
    frame = _clean(frame.drop(columns="proposed_by", errors="ignore"), keep=_keys_of(name))  # may be a person
    dimensions = shapely.get_dimensions(frame.geometry.to_numpy())
    there = [d for d in (2, 1, 0) if (dimensions == d).any() and not (name == "buildings" and d == 0)]
    out = []
    for dimension in there:
        own = (dimensions == dimension) | ((dimensions < 0) & (dimension == there[0]))
        style = layer_style(name, frame[own], dimension, lang)
        title, table = style.name, name
        if dimension != there[0]:
            table = f"{name}_{_PARTS[dimension]}"
            title = text(f"qgis.layer.{_PARTS[dimension]}", lang, name=title)
        made = _layer(name, frame[own], dimension, style, rules, lang)
        out.append(replace(made, table=table, title=title, abstract=abstract))
    return out


def _layer(name, frame, dimension, style, rules, lang):
    kinds = set(frame.geom_type.dropna())
    ends = _ENDS[dimension]
    geometry = f"Multi{ends}" if any(kind.startswith("Multi") for kind in kinds) else ends
    columns = [c for c in frame.columns if c != frame.geometry.name]
    shown = next((c for c in ("name", "text", "message") if c in columns), "")
    names = names_of(columns, rules, lang, layer=name, shown=shown)
    group = text(f"qgis.group.{_GROUPS.get(name, 'data')}", lang)
    scale = _MANY_SCALE if len(frame) > _MANY else _SCALES.get(name)
    return Layer(
        name, style.name, "", _in_words(frame), dimension, geometry, (style,), names, group, name in _SHOWN, scale
    )


def _keys_of(name):
    """Name the columns of a layer that hold keys of units, which may be as long as a number of a person."""
    columns = layer_kinds().get(name, {}).get("columns", {})
    keys = {column for column, told in columns.items() if told["kind"] in ("key", "label")}
    return keys | {"unit", "units", "feature", "id"}


def _in_words(frame):
    out = frame.copy()
    for column in out.columns:
        if isinstance(out[column].dtype, pd.BooleanDtype):
            out[column] = out[column].map({True: "ya", False: "tidak"}).astype(object)
    return out


def _clean(frame, keep=()):
    """Leave out what speaks of single people, and what neither a file nor a style can hold: control characters."""
    gone = [c for c in frame.columns if c not in keep and c != "geometry" and is_personal(c)]
    out = frame.drop(columns=gone)
    for column in out.columns:
        if column == "geometry":
            continue
        values = out[column] if column in keep else hidden(out[column])
        if pd.api.types.is_string_dtype(values.dropna()) and values.astype("str").str.contains(ILLEGAL).any():
            values = values.map(lambda value: ILLEGAL.sub("", value) if isinstance(value, str) else value)
        if values is not out[column]:
            out[column] = values
    taken, names = set(), {}
    for column in out.columns:
        name = plain(column) or "_"
        while name.casefold() in taken:
            name += "_"
        taken.add(name.casefold())
        names[column] = name
    return out.rename(columns=names)


def _tables(assessment):
    frames = {
        "problems": listed(assessment.problems),
        "matches": assessment.matches,
        "measures": assessment.measures.reset_index(),
        "scores": assessment.scores.reset_index(),
        "provenance": pd.DataFrame({"provenance": [provenance_json(assessment)]}),
    }
    return {f"table_{name}": frame for name, frame in frames.items()}


def _table(name, frame, rules, abstract, lang):
    keep = {"unit", "feature", "record", "written", "lies_in"}
    frame = _clean(pd.DataFrame(frame), keep)
    names = names_of(frame.columns, rules, lang)
    title, group = text(f"qgis.layer.{name}", lang), text("qgis.group.tables", lang)
    return Layer(name, title, abstract, frame, None, "NoGeometry", (Style(title),), names, group, False)


def extent_of(layers):
    """Give the box of the units, or of all layers where they have none, with a margin: west, south, east, north."""
    boxes = [layer.frame.total_bounds for layer in layers if layer.dimension is not None and layer.table == UNITS]
    if not boxes or not np.isfinite(boxes[0]).all():
        boxes = [layer.frame.total_bounds for layer in layers if layer.dimension is not None]
    boxes = np.array([box for box in boxes if np.isfinite(box).all()])
    if not len(boxes):
        return None
    west, south, east, north = (*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0))
    margin = 0.04 * max(east - west, north - south, 50)
    return tuple(round(float(v), 2) for v in (west - margin, south - margin, east + margin, north + margin))
