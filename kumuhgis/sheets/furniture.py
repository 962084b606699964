"""What stands beside every map: north, bar scale, the signs of the legend, the mark of invented data."""

from kumuhgis.sheets.fills import style_of
from kumuhgis.sheets.frames import round_length
from kumuhgis.sheets.layers import mark
from kumuhgis.sheets.paper import INK, PAPER, POINT, RED, width_of
from kumuhgis.text import figure, number, text

PARTS = 4
PHOTO = "#8d8f80"
"""The usual colour of the ground on a photo, beneath the signs of a legend whose areas it shines through."""


def north_arrow(page, x, y, height, lang="id", z=9.0):
    """Draw an arrow to the north of the grid, its foot at (x, y).

    Parameters
    ----------
    page : Page
        The page.
    x, y : float
        Middle of its foot (mm).
    height : float
        With the letter (mm).
    lang : {"id", "en"}
        Language of the letter.
    z : float
        Height in the drawing.
    """
    letter = height * 0.3
    tall = height - letter * 1.15
    half = tall * 0.28
    notch = y + tall * 0.22
    page.polygon([(x, notch), (x - half, y), (x, y + tall)], fill=INK, line=INK, weight=0.1, z=z)
    page.polygon([(x, notch), (x + half, y), (x, y + tall)], fill=PAPER, line=INK, weight=0.1, z=z)
    size = letter / POINT / 0.74
    page.text(x, y + tall + letter * 0.15, text("maps.north", lang), size=size, bold=True, at="center", z=z)


def bar_length(scale, most):
    """Give the round length of a bar scale (m) that is no longer than ``most`` millimetres on the paper.

    Examples
    --------
    >>> bar_length(2500, 50)
    100
    """
    return round_length(most * scale / 1000, (1, 2, 4, 5))


def bar_scale(page, x, y, scale, most, *, lang="id", size=None, z=9.0):
    """Draw a bar scale, its lower left corner at (x, y); its figures stand above it.

    Parameters
    ----------
    page : Page
        The page.
    x, y : float
        Millimetres.
    scale : float
        Denominator.
    most : float
        Millimetres that it may be long.
    lang : {"id", "en"}
        Language.
    size : float, optional
        Of the figures (points).
    z : float
        Height in the drawing.

    Returns
    -------
    float
        Its length (mm).
    """
    size = size or page.size * 0.85
    metres = bar_length(scale, most)
    length, high = metres * 1000 / scale, 1.3
    for n in range(PARTS):
        fill = INK if n % 2 == 0 else PAPER
        page.box(x + n * length / PARTS, y, length / PARTS, high, fill=fill, line=INK, weight=0.12, z=z)
    unit, per = ("km", 1000) if metres >= 2000 else ("m", 1)
    values = [figure(metres * n / PARTS / per, lang) for n in (0, PARTS // 2, PARTS)]
    first, middle, wide = (width_of(value, size) for value in values)
    room = min(length / 2 - middle / 2 - first, length / 2 - middle / 2 - wide / 2) >= 0.35 * size * POINT
    for n, value in zip((0, PARTS // 2, PARTS), values, strict=True):
        if n in (0, PARTS) or room:  # in a short bar the middle one would touch its neighbours
            at = "left" if n == 0 else "center"
            page.text(x + n * length / PARTS, y + high + 0.7, value, size=size, at=at, z=z)
    page.text(x + length + wide / 2 + 0.8, y + high + 0.7, unit, size=size, z=z)
    return length


def ratio(scale, lang="id"):
    """Write a scale: ``1 : 2.500``."""
    return f"1 : {number(scale, 0, lang)}"


def swatch(page, x, y, width, height, entry):
    """Draw the sign of a legend entry.

    Parameters
    ----------
    page : Page
        The page.
    x, y, width, height : float
        Its box (mm).
    entry : dict
        A layer's (``form`` and ``style``) or a class of units.
    """
    if "form" not in entry:
        look = entry.get("look", {})
        if look.get("ground") is not None:
            page.box(x, y, width, height, weight=0, z=7.9, fill=PHOTO)
        page.box(x, y, width, height, weight=0, z=8, **style_of(entry, **look))
        page.box(x, y, width, height, line=INK, weight=0.12, z=8.1)
        return
    style, middle = entry["style"], y + height / 2
    if entry["form"] == "area":
        page.box(x, y, width, height, z=8, **style)
    elif entry["form"] == "point":
        mark(page, x + width / 2, middle, style)
    else:
        how = {"line": style.get("line", INK), "weight": max(style.get("weight", 0.2), 0.2), "dash": style.get("dash")}
        page.line([(x, middle), (x + width, middle)], z=8, **how)


def sample_mark(page, x, y, lang="id", size=8.0):
    """Write in red that the data is invented, in a white box whose upper left corner is (x, y).

    Returns
    -------
    tuple of float
        The box: left, bottom, right, top (mm).
    """
    written = text("headline.sample", lang)
    wide, high = width_of(written, size, bold=True) + 2.4, size * POINT + 1.6
    page.box(x, y - high, wide, high, fill=PAPER, line=RED, weight=0.35, z=9.5)
    page.text(x + 1.2, y - high + 0.8 + 0.13 * size * POINT, written, size=size, bold=True, colour=RED, z=9.6)
    return x, y - high, x + wide, y
