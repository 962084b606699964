"""The units on paper: coloured by a theme, those in focus strong and the others pale."""

import numpy as np
import pandas as pd
import shapely

from kumuhgis.errors import OutputError, Problem
from kumuhgis.personal import is_personal
from kumuhgis.sheets.fills import draw, style_of
from kumuhgis.sheets.paper import INK
from kumuhgis.themes import unit_theme

BORDER, STRONG = {"line": "#3b352c", "weight": 0.28}, 0.7
_SIDE = 8.0


def found_theme(assessment, key, lang="id"):
    """Give a theme, or say which there are.

    Parameters
    ----------
    assessment : Assessment
        The result.
    key : str
        Its ``id``.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    dict
        As :func:`themes.unit_theme` gives it.

    Raises
    ------
    OutputError
        If there is no such theme.
    """
    try:
        return unit_theme(assessment, key, lang)
    except KeyError as error:
        raise wrong_option("theme", key, error.args[0], lang) from error


def wrong_option(name, value, known, lang="id"):
    """Give the error that says which values an option may have."""
    params = {"value": str(value)[:80], "known": str(known)}
    return OutputError([Problem("sheet_option", "", "", name, params)], lang)


def shapes_of(assessment):
    """Give the polygons of the units in the order of the summary; missing and empty ones are None."""
    shapes = assessment.units.geometry.reindex(assessment.summary.index)
    return np.where(shapes.isna() | shapes.is_empty, None, shapes.to_numpy())


def draw_units(page, theme, shapes, view, clip, *, focus=None, ground=None, outline=True):
    """Fill the units by their class and draw their borders.

    Parameters
    ----------
    page : Page
        The page.
    theme : dict
        As :func:`themes.unit_theme` gives it.
    shapes : array of shapely geometries
        In summary order.
    view : View
        Where they lie.
    clip : matplotlib artist
        The frame.
    focus : array of bool, optional
        The units that stand out.
    ground : float, optional
        How much of a photo beneath is covered, 0 to 1.
    outline : bool
        Outline the units that stand out.

    Returns
    -------
    dict of int to dict
        Classes that are in the frame, and how each is filled (keywords of :func:`fills.style_of`).
    """
    strong = np.ones(len(shapes), bool) if focus is None else focus
    seen = {}
    for n, kind in enumerate(theme["classes"]):
        mine = theme["codes"] == n
        pale = draw(page, shapes[mine & ~strong], view, clip, z=1, **style_of(kind, pale=True))
        full = draw(page, shapes[mine & strong], view, clip, z=1.2, **style_of(kind, ground=ground))
        if pale or full:
            seen[n] = {"ground": ground} if full else {"pale": True}
    thin = _thinner(shapes, view)
    draw(page, shapes, view, clip, line="#ffffff", weight=0.6 * thin, z=5.0, alpha=0.7)
    draw(page, shapes, view, clip, z=5.1, line=BORDER["line"], weight=BORDER["weight"] * thin)
    if focus is not None and outline:
        outlined(page, shapes[focus], view, clip)
    return seen


def _thinner(shapes, view):
    """Give by how much borders are thinner where units are small on the paper, so that they do not cover them."""
    areas = shapely.area(shapes[~shapely.is_missing(shapes)])
    side = np.sqrt(np.median(areas)) * 1000 / view.scale if len(areas) else 0
    return min(1.0, max(0.25, side / _SIDE))


def outlined(page, shapes, view, clip, weight=STRONG):
    """Draw strong outlines with a light seam."""
    draw(page, shapes, view, clip, line="#ffffff", weight=weight + 0.5, z=5.4)
    draw(page, shapes, view, clip, line=INK, weight=weight, z=5.5)


def labels_of(assessment, labels, lang="id"):
    """Give a label for every unit.

    Parameters
    ----------
    assessment : Assessment
        The result.
    labels : str, mapping or None
        A column of the units (without a value the unit's key), or unit to text; None for no labels.
    lang : {"id", "en"}
        Language of the error.

    Returns
    -------
    list of str
        In summary order.

    Raises
    ------
    OutputError
        If the units have no such column, or it names people.
    """
    keys, units = assessment.summary.index, assessment.units
    if labels is None:
        return [""] * len(keys)
    if not isinstance(labels, str):
        given = {str(key): value for key, value in dict(labels).items()}
        return [given.get(key, "") for key in keys]
    if labels not in units or is_personal(labels):
        if labels == "rt_rw":
            return list(keys)
        known = [c for c in units.columns if c != units.geometry.name and not is_personal(c)]
        raise wrong_option("labels", labels, ", ".join(known), lang)
    found = units[labels].reindex(keys)
    return [key if pd.isna(value) else value for key, value in zip(keys, found, strict=True)]
