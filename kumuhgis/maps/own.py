"""A planner's own data on the map, with one call."""

import re
from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pandas as pd
import shapely

from kumuhgis.colours import UNDETERMINED_COLOUR
from kumuhgis.errors import LayerError, Problem
from kumuhgis.maps.packing import plain, smallest
from kumuhgis.maps.records import columns_of
from kumuhgis.maps.shapes import bounds, pack_points, pack_shapes
from kumuhgis.personal import is_personal, masked
from kumuhgis.text import figure, text

PALETTE = ("#1f6f9f", "#c4784a", "#5b9a8b", "#8f5b9a", "#93a35f", "#d8a02f", "#b0506b", "#5d6b7a")
"""Of categories, which have no order; the last of many are one grey class."""
RAMP = ("#cbe0a8", "#a3cc8f", "#76b28b", "#3a8480", "#1c4f66")
"""Of numbers, from few to many."""
MOST_CATEGORIES = 12
GROUPS = ("own", "border", "infrastructure", "condition", "data")
"""Of the legend."""
_COLOUR = re.compile(r"#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?|[a-zA-Z]{3,24}")
_ONE = "#6a4fa3"
_OTHERS = "#8b857a"


def add_layer(
    gdf, name, *, m=None, column=None, colours=None, breaks=5, columns=(), labels=None, group="own", show=True,
    lang="id", personal=(),
):  # fmt: skip
    """Put one's own data on a map: any shapes, any coordinate system; legend, labels and popups come with it.

    Parameters
    ----------
    gdf : geopandas.GeoDataFrame
        Points, lines, areas, or all of them; features without a shape are left out.
    name : str or dict
        Its name in the legend; ``{"id": ..., "en": ...}`` where the map has two languages.
    m : folium.Map, optional
        Map to draw on; a new one by default.
    column : str, optional
        Column that gives the colour: words (each a class, a Categorical in its own order), yes and no, or numbers.
    colours : str, list or dict, optional
        Colours as CSS knows them: one for all, one for each class in turn, or by value.
    breaks : int or list of float
        Numbers only: how many classes of about equally many features, their limits rounded, or the limits themselves.
    columns : sequence of str or dict
        What a click tells; a dictionary gives the heading of each. No other column enters the page.
    labels : str, optional
        Column that is written beside each feature.
    group : {"own", "border", "infrastructure", "condition", "data"}
        Group of the legend.
    show : bool
        Show it when the page opens.
    lang : {"id", "en"}
        Language.
    personal : sequence of str
        Columns that look personal (names, NIK, telephone, address) and are meant to be shown all the same. Numbers of
        people in other texts are hidden.

    Returns
    -------
    folium.Map
        The map drawn on.

    Raises
    ------
    LayerError
        With everything that is wrong.

    Examples
    --------
    ``add_layer(posyandu, "Posyandu", m=village_map(assessment), column="kelas", columns=["jadwal"])``
    """
    from kumuhgis.maps.page import DataLayer

    name = str(name.get(lang) or next(iter(name.values()))) if isinstance(name, Mapping) else str(name)
    columns = [columns] if isinstance(columns, str) else columns
    headings = {c: str(columns[c] if isinstance(columns, Mapping) else c) for c in columns}
    used = [c for c in (column, labels, *headings) if c is not None]
    problems = [*_wrong_layer(gdf, used, set(personal)), *_wrong_looks(gdf, column, colours, breaks, group)]
    if problems:
        raise LayerError([Problem(p.code, name, p.feature, p.column, p.params) for p in problems], lang)
    codes, classes = _classes(gdf, column, colours, breaks, personal, name, lang)
    data = {
        "name": name, "group": group, "show": bool(show), "classes": classes, "headings": list(headings.values()),
        "bounds": bounds(gdf.geometry), **_packed(gdf, codes, list(headings), labels, personal),
    }  # fmt: skip
    m = _new(data["bounds"], name, lang) if m is None else m
    own = sum(isinstance(child, DataLayer) and child.function == "own" for child in m._children.values())
    DataLayer({"id": f"own-{own + 1}", "z": 428, **data}, "own", lang=lang).add_to(m)
    return m


def _new(box, title, lang):
    from kumuhgis.maps.page import VillageMap

    (south, west), (north, east) = box
    m = VillageMap([(south + north) / 2, (west + east) / 2], title=title, lang=lang)
    m.fit_bounds(box, max_zoom=18)
    return m


def _drawn(gdf):
    """Where there is a shape."""
    shapes = gdf.geometry.to_numpy()
    return ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))


# ---------------------------------------------------------------- what is wrong


def _wrong_layer(gdf, used, allowed):
    if getattr(gdf, "geometry", None) is None or not hasattr(gdf, "to_crs"):
        return [Problem("own_layer_not_map")]
    known = [c for c in gdf.columns if c != gdf.geometry.name]
    problems = [] if gdf.crs is not None else [Problem("own_layer_no_crs")]
    if not _drawn(gdf).any():
        problems.append(Problem("layer_empty"))
    for column in dict.fromkeys(used):
        if column not in known:
            shown = ", ".join(str(c) for c in known if not is_personal(c))
            problems.append(Problem("own_column_unknown", column=str(column), params={"known": shown or "–"}))
        elif is_personal(column) and column not in allowed:
            problems.append(Problem("own_column_personal", column=str(column)))
    return problems


def _wrong_looks(gdf, column, colours, breaks, group):
    if group not in GROUPS:
        yield Problem("own_group_unknown", params={"value": str(group)[:40], "known": ", ".join(GROUPS)})
    given = colours.values() if isinstance(colours, Mapping) else [colours] if isinstance(colours, str) else colours
    for colour in given if given is not None else ():
        if not _COLOUR.fullmatch(str(colour)):
            yield Problem("own_colour_unknown", params={"value": str(colour)[:40]})
    counted = isinstance(breaks, int) and not isinstance(breaks, bool)
    if counted and 2 <= breaks <= 9:
        return
    limits = [] if counted else list(breaks)
    rise = limits and all(np.isfinite(limits)) and all(a < b for a, b in pairwise(limits))
    numbers = column is not None and column in gdf and pd.api.types.is_numeric_dtype(gdf[column])
    if not rise or not numbers:
        yield Problem("own_breaks_unusable", column=str(column or ""), params={"value": str(breaks)[:60]})


# ---------------------------------------------------------------- classes


def _classes(gdf, column, colours, breaks, personal, name, lang):
    """Give the class of every feature, and the classes that are used, with label, colour and count."""
    if column is None:
        codes, labels, keys, ramp = np.zeros(len(gdf), int), [name], [None], (_ONE,)
    elif _is_number(gdf[column]):
        codes, labels, ramp = _ranges(gdf[column], breaks, lang)
        keys = labels
    else:
        codes, keys = _categories(gdf[column])
        labels, ramp = [_said(key, column in personal, lang) for key in keys], PALETTE
    looks = list(zip(labels, _colours(colours, keys, ramp), strict=True))
    if len(looks) > MOST_CATEGORIES:
        more = len(looks) - MOST_CATEGORIES + 1
        codes = np.minimum(codes, MOST_CATEGORIES - 1)
        looks = [*looks[: MOST_CATEGORIES - 1], (text("maps.own.others", lang, n=more), _OTHERS)]
    looks.append((text("maps.class.unrecorded", lang), UNDETERMINED_COLOUR))
    codes = np.where(codes < 0, len(looks) - 1, codes)
    counts = np.bincount(codes[_drawn(gdf)], minlength=len(looks))
    places = np.cumsum(counts > 0) - 1
    classes = [
        {"label": label, "fill": colour, "line": colour, "weight": 3, "count": int(count)}
        for (label, colour), count in zip(looks, counts, strict=True)
        if count
    ]
    return places[codes], classes


def _is_number(values):
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)


def _said(key, as_it_is, lang):
    if isinstance(key, bool | np.bool_):
        return text("maps.yes" if key else "maps.no", lang)
    shown = plain(key)
    return str(shown if as_it_is else masked(shown))


def _categories(values):
    """Give a code per row, -1 where there is none, and the categories: as a Categorical has them, else by frequency."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        keys = list(values.cat.categories)
    else:
        values = values.map(lambda v: v if isinstance(v, bool | np.bool_) else plain(v))
        values = values.map(lambda v: (v.strip() or None) if isinstance(v, str) else v)
        counted = values.value_counts()
        keys = sorted(counted.index, key=lambda key: (-counted[key], str(key)))
    order = {key: n for n, key in enumerate(keys)}
    return np.array([-1 if pd.isna(value) else order[value] for value in values], int), keys


def _ranges(values, breaks, lang):
    """Give a code per row, the labels of the classes and their colours; limits are round numbers."""
    numbers = values.to_numpy(float, na_value=np.nan)
    known = numbers[np.isfinite(numbers)]
    limits = _quantiles(known, breaks) if isinstance(breaks, int) else [float(b) for b in breaks]
    codes = np.where(np.isfinite(numbers), np.searchsorted(limits, numbers, side="right"), -1)
    shown = [figure(limit, lang) for limit in limits]
    if not shown:
        return codes, [text("maps.own.all", lang)], RAMP[2:3]
    labels = [text("maps.own.below", lang, limit=shown[0])]
    labels += [text("maps.own.between", lang, low=a, high=b) for a, b in pairwise(shown)]
    labels.append(text("maps.own.from", lang, limit=shown[-1]))
    return codes, labels, [RAMP[round(n * (len(RAMP) - 1) / (len(labels) - 1))] for n in range(len(labels))]


def _quantiles(known, count):
    """Give limits between classes of about equally many, rounded to as few digits as keep them apart."""
    if not known.size or known.min() == known.max():
        return []
    exact = np.quantile(known, np.linspace(0, 1, count + 1)[1:-1])
    for digits in (2, 3, 4, 6):
        rounded = sorted({float(f"{value:.{digits}g}") for value in exact})
        if len(rounded) == len(set(exact.tolist())):
            break
    return [limit for limit in rounded if known.min() < limit <= known.max()]


def _colours(colours, keys, ramp):
    """Give the colour of each class: by value, in turn, one for all, or ours."""
    if isinstance(colours, str):
        return [colours] * len(keys)
    if isinstance(colours, Mapping):
        return [str(colours.get(key, UNDETERMINED_COLOUR)) for key in keys]
    chosen = list(colours) if colours is not None else list(ramp)
    return [str(chosen[n % len(chosen)]) for n in range(len(keys))]


# ---------------------------------------------------------------- features


def _packed(gdf, codes, told, labels, personal):
    """Give shapes, classes, what is told and the labels with a point on each shape, without features that have none."""
    there = gdf[_drawn(gdf)]
    packed = {
        "n": len(there), "shapes": pack_shapes(there.geometry), "codes": smallest(codes[_drawn(gdf)]),
        "told": columns_of(there, told, personal=personal),
    }  # fmt: skip
    if labels and labels in (found := columns_of(there, [labels], personal=personal)):
        packed |= {"labels": found[labels], "middles": pack_points(there.geometry.representative_point())}
    return packed
