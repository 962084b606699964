"""Symbols as QGIS writes them: fills with patterns that survive black and white, lines, markers, letters."""

from xml.etree import ElementTree

from kumuhgis.colours import ink_on
from kumuhgis.xmltext import ILLEGAL

_LINES = {
    "slanted": ((135, 2.0, 0.34),),
    "crossed": ((45, 1.8, 0.22), (135, 1.8, 0.22)),
    "horizontal": ((0, 1.5, 0.26),),
    "vertical": ((90, 1.5, 0.26),),
    "zigzag": ((60, 2.2, 0.26),),
    "grid": ((0, 2.4, 0.22), (90, 2.4, 0.22)),
    "dashes": ((0, 1.5, 0.3),),
    "bars": ((90, 3.0, 0.9),),
    "hatch": ((45, 1.9, 0.5),),
}
"""Patterns of lines: angle, distance and width in mm; the same forms as on the map."""
_DOTS = {"dots": ("circle", 0.7, 1.8), "checks": ("square", 0.9, 1.8), "rings": ("circle", 1.2, 2.2)}
"""Patterns of dots: form, size and distance in mm."""


def plain(value):
    """Make a text safe for a project: no character that XML forbids, and nothing that QGIS would compute.

    QGIS evaluates what stands between ``[%`` and ``%]`` in labels of legends and sheets.

    Parameters
    ----------
    value : object
        A text, perhaps written by people.

    Returns
    -------
    str
        The text on one line.

    Examples
    --------
    >>> plain("[% 1+1 %]" + chr(0) + " Bulu")
    '[ % 1+1 %] Bulu'
    """
    return ILLEGAL.sub("", " ".join(str(value).split())).replace("[%", "[ %")


def element(parent, tag, text=None, **attributes):
    """Add an element; what is given is escaped where it is written."""
    made = ElementTree.SubElement(parent, tag, {key.rstrip("_"): _word(value) for key, value in attributes.items()})
    made.text = None if text is None else ILLEGAL.sub("", str(text))
    return made


def _word(value):
    return ILLEGAL.sub("", format(value, ".10g") if isinstance(value, float) else str(value))


def rgba(colour, alpha=255):
    """Write a colour as QGIS does.

    Examples
    --------
    >>> rgba("#7d1527")
    '125,21,39,255'
    """
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)) + f",{alpha}"


def fill(parent, name, style):
    """Add a symbol of areas: ground, pattern and border.

    Parameters
    ----------
    parent : Element
        Of the symbols.
    name : str
        Of the symbol.
    style : dict
        ``fill``, ``pattern``, ``hatch`` (lines of the colour on paper, or on nothing where there is a border),
        ``line``, ``weight`` (pixels of the map), ``dash``, ``alpha``.
    """
    symbol = _symbol(parent, "fill", name, style.get("alpha", 1))
    colour, hatch = style.get("fill"), style.get("hatch")
    border = style.get("line") or "#4a443b"
    ground = {"color": rgba(colour) if colour else "0,0,0,0", "style": "solid" if colour else "no"}
    if hatch:
        ground = {"color": rgba("#efece4"), "style": "no" if style.get("line") else "solid"}
    edge = {"outline_color": rgba(border), "outline_width": _mm(style.get("weight", 1.1)), "outline_style": "solid"}
    if style.get("dash"):
        _layer(symbol, "SimpleFill", **ground, outline_style="no")
        _line(symbol, border, style.get("weight", 1), style["dash"])
    else:
        _layer(symbol, "SimpleFill", **ground, **edge)
    pattern = "hatch" if hatch else style.get("pattern")
    ink = colour if hatch else ink_on(colour) if colour else border
    for number, (angle, distance, width) in enumerate(_LINES.get(pattern, ())):
        lines = _layer(symbol, "LinePatternFill", angle=angle, distance=distance, line_width=width, color=rgba(ink))
        part = _symbol(lines, "line", f"@{name}@{number + 1}")
        dash = "4 2" if pattern == "dashes" else None
        _layer(part, "SimpleLine", line_color=rgba(ink), line_width=width, capstyle="flat", **_dashes(dash))
    if pattern in _DOTS:
        form, size, distance = _DOTS[pattern]
        steps = {"distance_x": distance, "distance_y": distance, "displacement_x": distance / 2}
        part = _symbol(_layer(symbol, "PointPatternFill", **steps), "marker", f"@{name}@1")
        hollow = {"color": "0,0,0,0", "outline_color": rgba(ink), "outline_width": 0.24, "outline_style": "solid"}
        full = {"color": rgba(ink), "outline_style": "no"}
        _layer(part, "SimpleMarker", name=form, size=size, **(hollow if pattern == "rings" else full))


def line(parent, name, style):
    """Add a symbol of lines, with a pale casing where ``style["casing"]`` asks for one; see :func:`fill`."""
    symbol = _symbol(parent, "line", name)
    if style.get("casing"):
        _line(symbol, "#fffdf8", style.get("weight", 2) + 2.2)
    _line(symbol, style.get("line") or style["fill"], style.get("weight", 2), style.get("dash"), step=1)


def marker(parent, name, style):
    """Add a symbol of points: ``mark`` is circle, square, diamond or triangle; see :func:`fill`."""
    symbol = _symbol(parent, "marker", name)
    _layer(
        symbol,
        "SimpleMarker",
        name=style.get("mark", "circle"),
        size=style.get("size", 2.6),
        color=rgba(style.get("fill") or style["line"]),
        outline_color=rgba(style.get("edge", "#ffffff")),
        outline_width=0.3,
        outline_style="solid",
    )


DRAW = {0: marker, 1: line, 2: fill}
"""Dimension of a geometry to the function that draws a class of it."""


def letters(parent, size, *, colour="#1c1710", bold=False, **attributes):
    """Add the letters of a label, with a pale edge by which they are read on any ground."""
    made = element(
        parent, "text-style", fontFamily="Noto Sans", fontSize=size, fontSizeUnit="Point", textColor=rgba(colour),
        fontWeight=75 if bold else 50, namedStyle="Bold" if bold else "Regular", textOpacity=1, allowHtml=0,
        multilineHeight=1, **attributes,
    )  # fmt: skip
    families = element(made, "families")
    for family in ("Noto Sans", "Open Sans", "DejaVu Sans", "Arial"):
        element(families, "family", name=family)
    element(
        made, "text-buffer", bufferDraw=1, bufferSize=0.8, bufferSizeUnits="MM", bufferColor=rgba("#ffffff"),
        bufferOpacity=0.85, bufferNoFill=1, bufferJoinStyle=128,
    )  # fmt: skip
    return made


def _symbol(parent, kind, name, alpha=1):
    return element(parent, "symbol", type=kind, name=name, alpha=alpha, clip_to_extent=1, force_rhr=0)


def _layer(symbol, kind, *, step=0, **settings):
    """Add a layer of a symbol; of a network all layers of one step are drawn before those of the next."""
    layer = element(symbol, "layer", class_=kind, enabled=1, locked=0, pass_=step)
    for key, value in settings.items():
        element(layer, "prop", k=key, v=value)
    return layer


def _line(symbol, colour, weight, dash=None, step=0):
    _layer(
        symbol, "SimpleLine", step=step, line_color=rgba(colour), line_width=_mm(weight), line_width_unit="MM",
        joinstyle="round", capstyle="flat" if dash else "round", **_dashes(dash),
    )  # fmt: skip


def _dashes(dash):
    """Turn the dashes of the map, in pixels, into those of a line, in mm."""
    if not dash:
        return {}
    return {"use_custom_dash": 1, "customdash": ";".join(f"{_mm(float(p)):g}" for p in dash.split())}


def _mm(pixels):
    """Turn pixels of the map (96 to the inch) into mm, a little finer, as on paper."""
    return round(pixels * 0.2, 3)
