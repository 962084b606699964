"""The layers of a village on paper: by class as on the interactive map, or thin and in one ink for a small map."""

import numpy as np
import pandas as pd
import shapely

from kumuhgis.kinds import KINDS
from kumuhgis.sheets.fills import draw
from kumuhgis.sheets.paper import FAINT
from kumuhgis.text import text

PIXEL, THIN = 0.26, 0.16
"""Millimetres of a pixel of the interactive map: of gaps in a line, and of its width, which paper shows finer."""
LEAST_SCALE = {"buildings": 12_500, "drains": 15_000, "hydrants": 15_000, "parcels": 15_000}
"""Denominators beyond which a layer is too fine to be printed: a house of 8 m would be smaller than 0.7 mm."""
INKS = {
    "water": {"fill": "#bcd9ea", "line": "#6fa8cc", "weight": 0.25},
    "inundation": {"line": "#2f6fb5", "weight": 0.25, "hatch": "////"},
    "buildings": {"fill": "#fffdf8", "line": FAINT, "weight": 0.08, "alpha": 0.75},
    "drains": {"line": "#3a7ca8", "weight": 0.25, "dash": (0.9, 0.6)},
    "roads": {"line": "#4a443b", "weight": 0.25, "casing": 0.6},
    "sk": {"line": "#0a5c36", "weight": 0.55, "dash": (3.0, 1.2, 0.3, 1.2), "casing": 1.0},
    "hydrants": {"fill": "#1f6f9f", "line": "#ffffff", "weight": 0.15},
    "zoning": {"line": "#7a6a3a", "weight": 0.2, "dash": (1.2, 0.8)},
    "parcels": {"line": "#8a8378", "weight": 0.08},
}
"""One thin ink a layer, for small maps."""
FAINT_INKS = {
    "water": {"fill": "#dcecf5", "line": "#4f93bd", "weight": 0.35},
    "roads": {"line": "#b5b0a8", "weight": 0.35},
    "buildings": {"line": "#bdb8b0", "weight": 0.12},
}
"""Of a sheet on which people draw: seen, but no more."""
_MARK = 0.9


def draw_layers(page, assessment, names, view, clip, *, lang="id", inks=None, alpha=None):
    """Draw layers in the order of the interactive map.

    Parameters
    ----------
    page : Page
        The page.
    assessment : Assessment
        The result.
    names : iterable of str
        Which layers; those that the result has not are passed over.
    view : View
        Where they lie.
    clip : matplotlib artist
        The frame.
    lang : {"id", "en"}
        Language of the legend.
    inks : dict, optional
        One style a layer; by default conditions and the like are told apart.
    alpha : float, optional
        How much of a photo beneath is covered, 0 to 1.

    Returns
    -------
    legend : list of dict
        ``layer``, ``label``, ``form`` ("area", "line", "point"), ``style`` of what is inside the frame.
    fine : list of str
        Names of layers that are left out because they are too fine for the scale.
    """
    wanted = [kind for kind in KINDS.values() if kind.name in set(names)]
    legend, fine = [], []
    for kind in sorted(wanted, key=lambda kind: kind.how.get("z", 426)):
        frame = _frame(assessment, kind)
        if not len(frame):
            continue
        if view.scale > LEAST_SCALE.get(kind.name, np.inf):
            fine.append(kind.name)
            continue
        legend += _draw_kind(page, kind, frame, view, clip, lang, inks, alpha)
    return legend, fine


def _frame(assessment, kind):
    frame = assessment.layers.get(kind.name)
    if frame is None:
        return pd.DataFrame()
    there = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    return there[there.geom_type.isin(kind.types)] if kind.types else there


def _draw_kind(page, kind, frame, view, clip, lang, inks, alpha):
    """Draw one layer: first the light seam of all its lines, then every class."""
    name, z = text(f"maps.layer.{kind.how.get('id', kind.name)}", lang), 3 + (kind.how.get("z", 426) - 400) / 20
    shapes = frame.geometry.to_numpy()
    if inks is None:
        codes, rows = kind.classes(frame, lang)
        styles = [(name if len(rows) == 1 else row["label"], _styled(row, kind)) for row in rows]
    else:
        codes, styles = [0] * len(frame), [(name, inks[kind.name])]
    codes, legend = np.asarray(codes), []
    casing = max((style.get("casing", 0) for _, style in styles), default=0)
    if casing:
        draw(page, shapes, view, clip, line="#ffffff", weight=casing, z=z - 0.05)
    for n, (label, style) in enumerate(styles):
        how = {key: value for key, value in style.items() if key != "casing"}
        if alpha is not None and how.get("fill"):
            how["alpha"] = alpha
        form = _draw_class(page, shapes[codes == n], view, clip, z, how)
        if form:
            legend.append({"layer": name, "label": label, "form": form, "style": how})
    return legend


def _draw_class(page, shapes, view, clip, z, how):
    """Draw what looks alike; lines have no fill. Gives the form for the legend, or None if all is elsewhere."""
    if not len(shapes):
        return None
    dimensions = shapely.get_dimensions(shapes)
    seen = {
        "area": draw(page, shapes[dimensions == 2], view, clip, z=z, **how),
        "line": draw(page, shapes[dimensions == 1], view, clip, z=z, **_as_line(how)),
        "point": _marks(page, shapes[dimensions == 0], view, clip, z, how),
    }
    return next((form for form in seen if seen[form]), None)


def _as_line(how):
    """Draw what is thought of as an area as a line: a river that was surveyed as one."""
    plain = {key: value for key, value in how.items() if key not in ("fill", "hatch", "alpha")}
    return {**plain, "line": how.get("line") or how.get("fill", FAINT), "weight": max(how.get("weight", 0.2), 0.2)}


def _marks(page, points, view, clip, z, how):
    if not len(points):
        return False
    places = view.places(shapely.get_coordinates(view.clipped(points, over=0)))
    for x, y in places:
        mark(page, x, y, how, clip=clip, z=z)
    return bool(len(places))


def mark(page, x, y, how, *, clip=None, z=9.0):
    """Draw the sign of a point: a small diamond."""
    corners = [(x, y - _MARK), (x + _MARK, y), (x, y + _MARK), (x - _MARK, y)]
    page.polygon(corners, z=z, clip=clip, fill=how.get("fill", FAINT), line=how.get("line", "#ffffff"), weight=0.15)


def _styled(row, kind):
    """Bring the style of a class from the interactive map to paper."""
    style = {"line": row.get("line", "none"), "weight": THIN * row.get("weight", 1)}
    if kind.name == "drains":
        style["dash"] = (0.5, 1.3) if row.get("needed") else (1.0, 0.5)
    elif row.get("dash"):
        style["dash"] = tuple(PIXEL * float(part) for part in row["dash"].split())
    if row.get("hatch"):
        style["hatch"] = "////"
        style["line"] = row.get("line") or row["fill"]
    elif row.get("fill"):
        style["fill"] = row["fill"]
    if kind.how.get("casing"):
        style["casing"] = style["weight"] + 0.45
    return style
