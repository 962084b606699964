"""A small map for other documents: the units by a theme, thin layers, labels, scale, north and a legend."""

import numpy as np
import shapely

from kumuhgis.sheets.frames import around, round_scale, widened
from kumuhgis.sheets.furniture import bar_length, bar_scale, north_arrow, ratio, sample_mark, swatch
from kumuhgis.sheets.labels import Placed, place_labels, place_numbers
from kumuhgis.sheets.layers import INKS, draw_layers
from kumuhgis.sheets.paper import FAINT, INK, PAPER, POINT, Page, drawing, width_of
from kumuhgis.sheets.units import draw_units, found_theme, labels_of, outlined, shapes_of, wrong_option
from kumuhgis.text import number, text

FORMATS = ("png", "svg", "pdf")
LAYERS = ("water", "inundation", "roads", "buildings")
LEAST_MM = 40
_EDGE, _MARGIN, _ROW, _SCALE = 1.0, 0.06, 1.55, 8.5


def picture(
    assessment,
    *,
    theme="level",
    focus=None,
    layers=LAYERS,
    width_mm=160,
    height_mm=110,
    labels="rt_rw",
    numbers=None,
    by="kawasan",
    legend=True,
    lang="id",
    dpi=200,
    format="png",
):
    """Draw a small map to be put into a document, at a true round scale.

    Parameters
    ----------
    assessment : Assessment
        The result.
    theme : str
        What the units are coloured by (:func:`themes.unit_theme`): ``"level"``, ``"priority"``, ``"class"``,
        ``"handling"``, ``"legal"``, ``"score:2b"``, ``"mean:4"`` …
    focus : iterable of str, optional
        Units that the frame is fitted to; they are outlined strongly (with ``numbers`` their groups are) and the
        others are pale.
    layers : iterable of str
        Layers drawn over the units, thin (:data:`kinds.KINDS`).
    width_mm, height_mm : float
        Size of the picture; at its size on paper the scale is true.
    labels : str, mapping or None
        A column of the units, or unit to text.
    numbers : mapping, optional
        Name of a group to the number in a disc on it, for the locations of a decree. Its groups are outlined.
    by : str
        Column of the units that names the group.
    legend : bool
        With a legend beside the map; without it, scale and north stand in the map.
    lang : {"id", "en"}
        Language.
    dpi : int
        Of a PNG, and of nothing else.
    format : {"png", "svg", "pdf"}
        Of the picture.

    Returns
    -------
    bytes
        The same for the same result. Units without a shape are left out, and the legend says how many.

    Raises
    ------
    OutputError
        If theme, format, size, column or a unit in focus is unknown.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd
    >>> from kumuhgis.assessment import assess
    >>> rt = gpd.GeoDataFrame({"kode": ["01"]}, geometry=[shapely.box(490000, 9162000, 490100, 9162100)], crs=32749)
    >>> result = assess(rt=rt, baseline=pd.DataFrame({"kode": ["01"], "kk": [40], "3a_volume": [40]}))
    >>> picture(result, width_mm=80, height_mm=60)[1:4]
    b'PNG'
    """
    if format not in FORMATS:
        raise wrong_option("format", format, ", ".join(FORMATS), lang)
    if min(width_mm, height_mm) < LEAST_MM:
        raise wrong_option("width_mm, height_mm", f"{width_mm} × {height_mm}", f"≥ {LEAST_MM}", lang)
    found = found_theme(assessment, theme, lang)
    focused = _focus(assessment, focus, lang)
    written = labels_of(assessment, labels, lang)
    groups = _groups(assessment, numbers, by, lang)
    with drawing():
        page = Page(width_mm, height_mm, 6.5)
        map_frame, panel = _divided(page, legend)
        view = _view(assessment, map_frame, focused)
        said = _draw_map(page, assessment, found, view, focused, written, groups, layers, lang, not legend)
        if legend:
            wide = _wide(panel)
            _scale(page, panel[0], panel[1] + wide * (panel[3] - _SCALE), min(panel[2], 46), view.scale, lang)
            _draw_legend(page, _above(panel), said, lang)
        return page.bytes(format, dpi, title=found["name"])


def _focus(assessment, focus, lang):
    """Give which units are in focus, in summary order; None without any."""
    if focus is None:
        return None
    wanted = [focus] if isinstance(focus, str) else [str(key) for key in focus]
    keys = assessment.summary.index
    unknown = [key for key in wanted if key not in keys]
    if unknown:
        raise wrong_option("focus", ", ".join(unknown[:5]), ", ".join(map(str, keys[:5])) + " …", lang)
    return keys.isin(wanted)


def _groups(assessment, numbers, by, lang):
    """Join the shapes of every numbered group: list of (number, shape or None)."""
    if not numbers:
        return []
    if by not in assessment.units:
        raise wrong_option("by", by, ", ".join(assessment.units.columns.drop(assessment.units.geometry.name)), lang)
    units = assessment.units
    out = []
    for name, number_ in numbers.items():
        shapes = units.geometry[(units[by] == name).fillna(False).to_numpy(bool)]
        shapes = shapes[shapes.notna() & ~shapes.is_empty]
        out.append((str(number_), shapes.union_all() if len(shapes) else None))
    return out


def _divided(page, legend):
    """Divide the picture into the map and, right of it or below it, the panel: (x, y, width, height) each."""
    inner = page.width - 2 * _EDGE, page.height - 2 * _EDGE
    if not legend:
        return (_EDGE, _EDGE, *inner), None
    if page.width >= 1.15 * page.height:
        wide = min(max(0.27 * page.width, 34), 46)
        return (_EDGE, _EDGE, inner[0] - wide - 2, inner[1]), (page.width - _EDGE - wide, _EDGE, wide, inner[1])
    high = min(max(0.28 * page.height, 26), 42)
    return (_EDGE, _EDGE + high + 2, inner[0], inner[1] - high - 2), (_EDGE, _EDGE, inner[0], high)


def _view(assessment, frame, focused):
    """Fit the frame to the units in focus, or to all; None if they have no shape."""
    shapes = shapes_of(assessment)
    wanted = shapes if focused is None else shapes[focused]
    wanted = wanted[~shapely.is_missing(wanted)]
    if not len(wanted):
        return around((0, 0, 1, 1), frame, 100)
    bounds = shapely.total_bounds(wanted)
    bounds = widened(bounds, _MARGIN / 2) if focused is None else widened(bounds, 2 * _MARGIN)
    return around(bounds, frame, round_scale(bounds, frame[2], frame[3]))


def _draw_map(page, assessment, theme, view, focused, labels, groups, layers, lang, corner):
    """Draw the map; give what the legend has to say."""
    clip = page.box(view.x, view.y, view.width, view.height, fill="#fbfaf6", z=0)
    shapes = shapes_of(assessment)
    seen = draw_units(page, theme, shapes, view, clip, focus=focused, outline=not groups)
    rows, _ = draw_layers(page, assessment, layers, view, clip, lang=lang, inks=INKS)
    outlined(page, np.array([shape for _, shape in groups if shape is not None], object), view, clip)
    page.box(view.x, view.y, view.width, view.height, line=INK, weight=0.3, z=9.9)
    if groups:
        style = {"line": INK, "weight": 0.7}
        rows.append({"label": text("sheets.numbered", lang), "form": "line", "style": style})
    placed = Placed()
    if assessment.provenance.get("sample"):
        placed.take(sample_mark(page, view.x + 1.2, view.y + view.height - 1.2, lang))
    if corner:
        placed.take(_corner(page, view, lang))
    lost = place_numbers(page, view, [s for _, s in groups], [n for n, _ in groups], placed)
    left = 0 if focused is None else _label(page, view, shapes, labels, focused, placed, bold=True)
    rest = np.ones(len(shapes), bool) if focused is None else ~focused
    others = _label(page, view, shapes, labels, rest, placed, colour=INK if focused is None else FAINT)
    missing = int(shapely.is_missing(shapes).sum())
    notes = [text("sheets.no_shape", lang, n=number(missing, 0, lang))] if missing else []
    notes += [text("sheets.no_number", lang, numbers=", ".join(lost))] if lost else []
    notes += (
        [text("sheets.no_label", lang, n=number(left + others, 0, lang))] if left + (focused is None) * others else []
    )
    classes = [{**theme["classes"][n], "look": look} for n, look in seen.items()]
    return {"theme": theme["name"], "classes": classes, "rows": rows, "notes": notes, "view": view}


def _label(page, view, shapes, labels, which, placed, **how):
    names = [label for label, wanted in zip(labels, which, strict=True) if wanted]
    return place_labels(page, view, shapes[which], names, placed, sizes=(6.5, 5.5), **how)


def _corner(page, view, lang):
    """Put scale and north into the lower left corner of the map, on white; give the box that is taken."""
    most = min(0.3 * view.width, 50)
    wide = 10 + max(bar_length(view.scale, most - 12) * 1000 / view.scale + 4, width_of(ratio(view.scale, lang), 6.5))
    page.box(view.x, view.y, wide, _SCALE, fill=PAPER, line="none", z=9.0, alpha=0.85)
    _scale(page, view.x + 1, view.y + 1, most, view.scale, lang)
    return view.x, view.y, view.x + wide, view.y + _SCALE


def _scale(page, x, y, width, scale, lang):
    """Put scale and north into a box of :data:`_SCALE` millimetres of height."""
    bar_scale(page, x + 6, y + 0.2, scale, width - 12, lang=lang, size=5.5, z=9.1)
    page.text(x + 6, y + 4.9, ratio(scale, lang), size=6.5, bold=True, z=9.1)
    north_arrow(page, x + 2.4, y + 0.2, 7.2, lang, z=9.1)


def _wide(panel):
    return panel[2] > 80


def _above(panel):
    """Give the part of a panel that the scale leaves: above it, or right of it in a wide one."""
    x, y, width, height = panel
    if _wide(panel):
        return x + 48, y, width - 48, height
    return x, y + _SCALE + 1.5, width, height - _SCALE - 1.5


def _draw_legend(page, panel, said, lang):
    """Write the legend into its panel, in as many columns as it is wide, in smaller letters if it is long."""
    x, y, width, height = panel
    columns = max(1, int(width // 42))
    for size, gap in ((6.5, 0.1), (6.0, 0.1), (5.5, 0.1), (5.0, 0.1), (5.0, 0.0)):
        lines = _legend_lines(page, said, width / columns - 2, size, gap, lang)
        step = size * POINT * _ROW
        per = int(height // step)
        if sum(line[2] for line in lines) <= per * columns - (columns - 1):
            break
    column, row = 0, 0.0
    for n, (kind, content, rows) in enumerate(lines):
        if row + rows > per and column < columns - 1:
            column, row = column + 1, 0.0
        left_out = len(lines) - n if column == columns - 1 and row + sum(line[2] for line in lines[n:]) > per else 0
        last = left_out and row + rows + lines[n + 1][2] > per if n + 1 < len(lines) else False
        if last:
            kind, content, rows = "note", text("cli.more", lang, count=left_out), 1
        left, top = x + column * (width / columns), y + height - (row + 1) * step
        row += rows
        _legend_line(page, left, top, size, kind, content)
        if last:
            return


def _legend_lines(page, said, width, size, gap, lang):
    """Give what stands in the legend: (kind, content, rows that it takes)."""
    lines = [("head", line, 1) for line in page.wrapped(said["theme"], width, size=size, bold=True, most=3)]
    for entry in [*said["classes"], *said["rows"]]:
        wrapped = page.wrapped(entry["label"], width - 8, size=size, most=2)
        lines.append(("entry", (entry, wrapped), len(wrapped) + gap))
    if not said["classes"]:
        lines += [("note", line, 1) for line in page.wrapped(text("sheets.no_units", lang), width, size=size)]
    for note in said["notes"]:
        lines += [("note", line, 1) for line in page.wrapped(note, width, size=size)]
    return lines


def _legend_line(page, x, y, size, kind, content):
    if kind != "entry":
        page.text(x, y, content, size=size, bold=kind == "head", colour=INK if kind == "head" else FAINT)
        return
    entry, lines = content
    high = size * POINT
    swatch(page, x, y - 0.12 * high, 6.0, high, entry)
    for n, line in enumerate(lines):
        page.text(x + 7.5, y - n * high * _ROW, line, size=size)
