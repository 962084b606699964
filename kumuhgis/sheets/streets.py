"""Names of streets, written along them."""

import math

import numpy as np
import shapely

from kumuhgis.sheets.paper import FAINT, PAPER, POINT, outline, said, width_of

_APART, _STRAIGHT = 60.0, 0.97


def place_streets(page, view, roads, placed, size, z=7.6):
    """Write the names of streets along their straightest parts, where nothing else stands.

    Parameters
    ----------
    page : Page
        The page.
    view : View
        The map.
    roads : geopandas.GeoDataFrame or None
        With ``name``.
    placed : Placed
        What is taken; the names are added.
    size : float
        Of the letters (points).
    z : float
        Height in the drawing.
    """
    if roads is None or "name" not in roads:
        return
    named = roads[roads["name"].notna() & roads.geometry.notna()]
    parts, row = shapely.get_parts(view.clipped(named.geometry.to_numpy(), over=-1.0), return_index=True)
    order = np.argsort(-shapely.length(parts), kind="stable")
    written = {}
    for n in order:
        name = said(named["name"].iloc[row[n]])
        found = _straight(view.places(shapely.get_coordinates(parts[n])), width_of(name, size) + 2) if name else None
        if found:
            _write(page, name, *found, size, placed, written, z)


def _straight(places, needed):
    """Give middle and direction of the straightest piece along which the name fits; None if all are bent."""
    line = shapely.LineString(places)
    if line.length < needed:
        return None
    starts = np.arange(0, line.length - needed + 1e-9, max(needed / 2, 2))
    ends = [shapely.get_coordinates(shapely.line_interpolate_point(line, starts + more)) for more in (0, needed)]
    steps = ends[1] - ends[0]
    chords = np.hypot(*steps.T)
    n = int(chords.argmax())
    if chords[n] < _STRAIGHT * needed:
        return None
    turn = math.degrees(math.atan2(steps[n][1], steps[n][0]))
    return (ends[0][n] + ends[1][n]) / 2, (turn + 90) % 180 - 90


def _write(page, name, middle, turn, size, placed, written, z):
    from matplotlib.transforms import Affine2D

    wide, high = width_of(name, size), size * POINT
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    half = (abs(wide * cos) + high * abs(sin)) / 2, (abs(wide * sin) + high * abs(cos)) / 2
    box = (middle[0] - half[0], middle[1] - half[1], middle[0] + half[0], middle[1] + half[1])
    near = any(math.dist(middle, other) < _APART for other in written.get(name, ()))
    if near or not placed.free(box):
        return
    placed.take(box)
    written.setdefault(name, []).append(middle)
    lower = -0.36 * high
    x, y = middle[0] - wide / 2 * cos - lower * sin, middle[1] - wide / 2 * sin + lower * cos
    seam = Affine2D().rotate_deg(turn).translate(x, y).transform_path(outline(name, 0, 0, size))
    page.path(seam, line=PAPER, weight=0.8, z=z, alpha=0.85)
    page.text(x, y, name, size=size, colour=FAINT, turn=turn, z=z + 0.1)
