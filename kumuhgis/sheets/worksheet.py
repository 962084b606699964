"""``write_worksheet``: a sheet to draw on by hand in the hall, with a grid by which every place has a name."""

from pathlib import Path

import numpy as np

from kumuhgis.sheets.blocks import Row, gap, heading, signs, text_rows
from kumuhgis.sheets.content import (
    Sheet,
    head_block,
    index_block,
    projection_block,
    scale_block,
    sheet_block,
    source_block,
)
from kumuhgis.sheets.fills import draw
from kumuhgis.sheets.frames import round_length
from kumuhgis.sheets.graticule import map_edges
from kumuhgis.sheets.labels import Placed, place_labels
from kumuhgis.sheets.layers import FAINT_INKS, draw_layers
from kumuhgis.sheets.paper import FAINT, INK, POINT, Page, drawing, width_of
from kumuhgis.sheets.photo import read_logo
from kumuhgis.sheets.sheet import BANDS, SIZES, choose_views, fill_panel, panel_of, save
from kumuhgis.sheets.units import labels_of, shapes_of, wrong_option
from kumuhgis.text import number, text

_CELL_MM, _CELLS, _LEAST_MM = 100.0, 4, 8.0
_GREY, _GRID = "#a09a90", "#8fb3cf"
_BORDER = {"line": "#8a8378", "weight": 0.35, "dash": (4.0, 1.2, 0.6, 1.2)}
_STEPS, _FIELDS = 5, ("date", "place", "group", "women", "men")
_EMPTY, _EMPTY_SMALL, _SMALL = 12, 8, 300


def write_worksheet(
    assessment,
    path,
    lang="id",
    *,
    paper="A1",
    landscape=None,
    scale=None,
    cell_m=None,
    sheets=None,
    dpi=200,
    maker="",
    logo=None,
):
    """Write a working sheet for a meeting: faint streets, houses and RT borders under a grid A1, A2, … to draw on.

    Parameters
    ----------
    assessment : Assessment
        The result; nothing of its scores is shown, so that people draw what they know.
    path : path
        ``.pdf`` (a page a sheet) or ``.png``.
    lang : {"id", "en"}
        Language.
    paper : {"A4", "A3", "A2", "A1"}
        Of each sheet.
    landscape : bool, optional
        The paper lies; by default whatever gives the larger scale.
    scale : int, optional
        Denominator; see :func:`sheet.write_sheet`.
    cell_m : float, optional
        Side of a cell of the grid (m); by default a round length, at most 100 mm on the paper. Its lines have round
        coordinates, and a cell has the same name on every sheet.
    sheets : iterable of int, optional
        Which sheets, from 1; by default all.
    dpi : int
        Of a PNG.
    maker : str
        Office or group; a line each.
    logo : path, optional
        PNG or JPEG.

    Raises
    ------
    OutputError
        If an option cannot be used, no unit has a shape, or several sheets shall become one PNG.
    """
    path, form = Path(path), Path(path).suffix.lower().lstrip(".")
    shapes, labels = shapes_of(assessment), labels_of(assessment, "rt_rw", lang)
    size, views, chosen = choose_views(shapes, paper, landscape, scale, sheets, form, lang)
    cell = _cell(cell_m, views[0], lang)
    common = {"maker": maker, "logo": None if logo is None else read_logo(logo, lang), "title": "sheets.work_title"}

    def pages():
        for n in chosen:
            sheet = Sheet(assessment, {}, views, n, lang, shapes, step=cell, **common)
            yield _page(sheet, paper, size, labels)

    with drawing():
        save(pages(), path, form, dpi, text("sheets.work_title_plain", lang), assessment, lang)


def _cell(cell_m, view, lang):
    """Give the side of a cell (m); one that is too small to hold its name is refused."""
    if cell_m is None:
        most = min(_CELL_MM, min(view.width, view.height) / _CELLS)
        return float(round_length(most * view.scale / 1000))
    least = _LEAST_MM * view.scale / 1000
    if not cell_m >= least:
        raise wrong_option("cell_m", cell_m, f"≥ {number(least, 0, lang)}", lang)
    return float(cell_m)


def _page(sheet, paper, size, labels):
    page = Page(*size, SIZES[paper])
    view, lang = sheet.view, sheet.lang
    clip = page.box(view.x, view.y, view.width, view.height, fill="#ffffff", z=0)
    sheet.rows, _ = draw_layers(page, sheet.assessment, FAINT_INKS, view, clip, lang=lang, inks=FAINT_INKS)
    draw(page, sheet.shapes, view, clip, z=6.5, **_BORDER)  # over the grid, which may run along it
    placed = Placed()
    _letter_grid(page, sheet, BANDS[paper], placed)
    map_edges(page, view, BANDS[paper])
    sizes = (page.size, 0.8 * page.size)
    place_labels(page, view, sheet.shapes, labels, placed, sizes=sizes, colour=_GREY)
    panel, columns = panel_of(size, paper)
    page.box(*panel, line=INK, weight=0.6, z=9.8)
    fill_panel(page, sheet, _BLOCKS, panel, columns)
    return page


def column_name(n):
    """Name a column of the grid: A to Z, then AA.

    Examples
    --------
    >>> column_name(0), column_name(25), column_name(26)
    ('A', 'Z', 'AA')
    """
    name, n = "", n + 1
    while n:
        n, rest = divmod(n - 1, 26)
        name = chr(65 + rest) + name
    return name


def _letter_grid(page, sheet, band, placed):
    """Draw the grid: letters from the west, numbers from the north, coordinates at the lines, names in the cells.

    The names are taken in ``placed``, so that labels go around them.
    """
    view, cell, lang = sheet.view, sheet.step, sheet.lang
    west = np.floor(min(v.west for v in sheet.views) / cell)
    north = np.ceil(max(v.north for v in sheet.views) / cell)
    columns = np.arange(np.floor(view.west / cell), np.ceil(view.east / cell))
    rows = np.arange(np.floor(view.south / cell), np.ceil(view.north / cell))
    large, small = min(page.size * 1.3, band / POINT * 0.8), max(page.size * 0.6, 5.0)
    drop = 0.36 * large * POINT
    for column in columns:
        x0, x1 = view.places([(column * cell, 0), ((column + 1) * cell, 0)])[:, 0]
        _line(page, view, x0, None, number(column * cell, 0, lang), small)
        middle = (max(x0, view.x) + min(x1, view.x + view.width)) / 2
        if min(x1, view.x + view.width) - max(x0, view.x) > 4:
            for y in (view.y - band / 2, view.y + view.height + band / 2):
                page.text(middle, y - drop, column_name(int(column - west)), size=large, bold=True, at="center")
    for row in rows:
        y0, y1 = view.places([(0, row * cell), (0, (row + 1) * cell)])[:, 1]
        _line(page, view, None, y0, number(row * cell, 0, lang), small)
        middle = (max(y0, view.y) + min(y1, view.y + view.height)) / 2
        if min(y1, view.y + view.height) - max(y0, view.y) > 4:
            for x in (view.x - band / 2, view.x + view.width + band / 2):
                page.text(x, middle - drop, str(int(north - row)), size=large, bold=True, at="center")
    for column in columns:
        for row in rows:
            name = f"{column_name(int(column - west))}{int(north - row)}"
            corners = view.places([(column * cell, row * cell), ((column + 1) * cell, (row + 1) * cell)])
            _name_cell(page, view, name, corners, placed)


def _name_cell(page, view, name, corners, placed):
    """Write the name of a cell into the upper left corner of what is seen of it, if there is room."""
    (x0, y0), (x1, y1) = corners
    x, top = max(x0, view.x) + 0.8, min(y1, view.y + view.height) - 0.8
    high = 0.74 * page.size * POINT
    if x + width_of(name, page.size) < min(x1, view.x + view.width) and top - high > max(y0, view.y):
        page.text(x, top - high, name, size=page.size, colour=_GRID)
        placed.take((x, top - high, x + width_of(name, page.size), top))


def _line(page, view, x, y, written, size):
    """Draw a line of the grid across the map, its coordinate small at its beginning."""
    if x is not None and view.x < x < view.x + view.width:
        page.line([(x, view.y), (x, view.y + view.height)], line=_GRID, weight=0.2, z=6)
        if x + width_of(written, size) + 1 < view.x + view.width:
            page.text(x + 0.5, view.y + 0.6, written, size=size, colour=FAINT)
    if y is not None and view.y < y < view.y + view.height:
        page.line([(view.x, y), (view.x + view.width, y)], line=_GRID, weight=0.2, z=6)
        if y + 2 < view.y + view.height:
            page.text(view.x + 0.8, y + 0.5, written, size=size, colour=FAINT)


def how_block(page, sheet, width, size):
    """Say in a few steps how the sheet is used, and what must not be written on it."""
    rows = heading(page, text("sheets.how", sheet.lang), width, size)
    for n in range(1, _STEPS + 1):
        rows += text_rows(page, f"{n}. {text(f'sheets.how_{n}', sheet.lang)}", width, size, indent=3)
    return rows


def field_block(page, sheet, width, size):
    """Give lines to be filled in by hand: when, where, which group, how many women and men; no names."""
    rows = []
    for field in _FIELDS:
        label = text(f"sheets.field_{field}", sheet.lang)

        def drawn(x, top, label=label):
            page.text(x, top - 1.6 * size * POINT, label, size=size)
            start = x + width_of(label, size) + 1.5
            page.line([(start, top - 1.8 * size * POINT), (x + width, top - 1.8 * size * POINT)], weight=0.15)

        rows.append(Row(2.4 * size * POINT, drawn))
    return rows


def printed_block(page, sheet, width, size):
    """Give the signs of what is printed."""
    border = {"label": text("sheets.border", sheet.lang), "form": "line", "style": _BORDER}
    cell = text("sheets.cell", sheet.lang, m=number(sheet.step, 0, sheet.lang))
    grid = {"label": cell, "form": "line", "style": {"line": _GRID, "weight": 0.3}}
    entries = [border, *sheet.rows, grid]
    return [*heading(page, text("sheets.printed", sheet.lang), width, size), *signs(page, entries, width, size, 1)]


def empty_block(page, sheet, width, size):
    """Give empty boxes with lines: the legend of what people draw."""
    high, columns = 2.9 * size * POINT, 2
    count = _EMPTY_SMALL if max(page.width, page.height) < _SMALL else _EMPTY
    own = width / columns

    def drawn(x, top):
        for n in range(count):
            left, y = x + (n % columns) * own, top - (n // columns + 1) * high
            page.box(left, y + 0.2 * high, 2.6 * size * POINT, 0.6 * high, line=INK, weight=0.2)
            page.line([(left + 3.2 * size * POINT, y + 0.2 * high), (left + own - 2, y + 0.2 * high)], weight=0.15)

    rows = heading(page, text("sheets.drawn", sheet.lang), width, size)
    return [*rows, Row(high * (count // columns), drawn), gap(1)]


_BLOCKS = (
    head_block, sheet_block, scale_block, how_block, field_block, printed_block, empty_block, index_block,
    projection_block, source_block,
)  # fmt: skip
