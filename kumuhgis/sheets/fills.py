"""Areas and lines of the ground on the page: one path for all that looks alike, with hatches that survive a copier."""

import numpy as np
import shapely

from kumuhgis.colours import ink_on
from kumuhgis.themes import spread

HATCHES = {
    "": None, "dots": "..", "slanted": "\\\\\\", "crossed": "xxx", "horizontal": "---", "vertical": "|||",
    "checks": "+x", "rings": "oo", "zigzag": "/|/|", "grid": "+++", "dashes": "-.-.", "bars": "|||||||",
}  # fmt: skip
"""The patterns of the classes as matplotlib's hatches."""
OPEN_HATCH, OPEN_GROUND, OPEN_INK = "///", "#efece4", "#96918a"
"""What is not determined: rising lines on paper, which no class has."""
_MOST = 20_000


def style_of(kind, *, pale=False, ground=None):
    """Give how a class of units is filled.

    Parameters
    ----------
    kind : dict
        A class of :mod:`kumuhgis.themes`.
    pale : bool
        Fade it: colour only, no hatch but that of what is not determined.
    ground : float, optional
        How much of what lies beneath is seen through, for a photo.

    Returns
    -------
    dict
        ``fill, line, hatch, alpha``: keywords of :meth:`paper.Page.path`.
    """
    if kind.get("hatch"):
        fill, line, hatch = OPEN_GROUND, OPEN_INK, OPEN_HATCH
    else:
        fill = kind["fill"]
        line, hatch = ("#ffffff" if ink_on(fill) == "#ffffff" else "#5b554b"), HATCHES[kind["pattern"]]
    if pale:
        faded = {"fill": spread((fill, "#ffffff"), 4)[2], "line": spread((line, "#ffffff"), 4)[1]}
        return {**faded, "hatch": OPEN_HATCH if kind.get("hatch") else None}
    return {"fill": fill, "line": line, "hatch": hatch, "alpha": ground}


def paths(shapes, view):
    """Make paths of areas and lines, in millimetres of the page.

    Parameters
    ----------
    shapes : array of shapely geometries
        Areas or lines on the ground; missing and empty ones count for nothing.
    view : View
        Where they lie on the page; what is outside its frame is cut off.

    Returns
    -------
    list of matplotlib.path.Path
        Few and long, none so long that a printer gives up; holes stay holes.
    """
    from matplotlib.path import Path

    parts = shapely.get_parts(shapely.get_parts(view.clipped(shapes)))
    parts = parts[~(shapely.is_missing(parts) | shapely.is_empty(parts))]
    kinds = shapely.get_type_id(parts)
    areas = shapely.orient_polygons(parts[kinds == 3])
    found = []
    for group in _groups(areas):
        rings = shapely.get_rings(group)
        found.append(Path(*_joined(rings, view, Path.CLOSEPOLY)))
    for group in _groups(parts[(kinds == 1) | (kinds == 2)]):
        found.append(Path(*_joined(group, view, Path.LINETO)))
    return found


def _groups(shapes):
    """Divide shapes so that no group has too many corners."""
    if not len(shapes):
        return []
    at = np.cumsum(shapely.get_num_coordinates(shapes)) // _MOST
    return np.split(shapes, np.flatnonzero(np.diff(at)) + 1)


def _joined(lines, view, last):
    from matplotlib.path import Path

    ground, number = shapely.get_coordinates(lines, return_index=True)
    codes = np.full(len(ground), Path.LINETO, dtype="u1")
    first = np.r_[True, number[1:] != number[:-1]]
    codes[np.r_[first[1:], True]] = last
    codes[first] = Path.MOVETO
    return view.places(ground), codes


def draw(page, shapes, view, clip, **how):
    """Draw shapes alike.

    Parameters
    ----------
    page : Page
        The page.
    shapes : array of shapely geometries
        Areas or lines.
    view : View
        Where they lie.
    clip : matplotlib artist
        The frame; nothing is drawn outside of it.
    **how
        Keywords of :meth:`paper.Page.path`.

    Returns
    -------
    bool
        Whether anything was inside the frame.
    """
    found = paths(shapes, view)
    for path in found:
        page.path(path, clip=clip, **how)
    return bool(found)
