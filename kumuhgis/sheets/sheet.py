"""``write_sheet``: the printed map of a village at a true round scale, on one sheet or on several."""

import math
from pathlib import Path

import numpy as np
import shapely

from kumuhgis.errors import OutputError, Problem
from kumuhgis.sheets.blocks import lay
from kumuhgis.sheets.content import BLOCKS, Sheet, source_lines
from kumuhgis.sheets.frames import PAPERS, grid_starts, round_scale, tiles, widened
from kumuhgis.sheets.furniture import sample_mark
from kumuhgis.sheets.graticule import frame_lines
from kumuhgis.sheets.labels import Placed, place_labels
from kumuhgis.sheets.layers import draw_layers
from kumuhgis.sheets.paper import INK, Page, drawing, metadata
from kumuhgis.sheets.photo import draw_photo, read_logo
from kumuhgis.sheets.streets import place_streets
from kumuhgis.sheets.units import BORDER, draw_units, found_theme, labels_of, shapes_of, wrong_option
from kumuhgis.text import number, text

LAYERS = ("water", "inundation", "roads", "drains", "buildings", "sk", "hydrants")
MARGIN = 10.0
"""Of the paper that printers cannot reach (mm)."""
MOST_SHEETS, _LEAST_ROWS = 400, 3
SIZES = {"A4": 6.5, "A3": 7.0, "A2": 8.5, "A1": 10.0}
_PANELS = {"A4": (82, 80), "A3": (96, 92), "A2": (124, 118), "A1": (160, 146)}
BANDS = {"A4": 4.5, "A3": 5.5, "A2": 6.5, "A1": 7.5}
SHRINK = (
    *((share, False) for share in (1.35, 1.2, 1.1, 1.0, 0.93, 0.86)),
    *((share, True) for share in (1.0, 0.93, 0.86, 0.8, 0.74)),
)
"""How small letters may become, and whether the sources are brief: tried in turn."""


def write_sheet(
    assessment,
    path,
    lang="id",
    *,
    theme="level",
    paper="A3",
    landscape=None,
    scale=None,
    dpi=200,
    orthophoto=None,
    layers=LAYERS,
    labels="rt_rw",
    street_names=False,
    sheets=None,
    maker="",
    logo=None,
    edition="",
):
    """Write the printed map of a village: PDF with one page a sheet, or PNG.

    It carries what Perka BIG 3/2016 asks of a village map: title and village, number of the sheet, north, numeric and
    bar scale, edition and year, index map, projection, grid and datum, office and logo, legend, sources and history.

    Parameters
    ----------
    assessment : Assessment
        The result.
    path : path
        ``.pdf`` or ``.png``.
    lang : {"id", "en"}
        Language.
    theme : str
        What the units are coloured by (:func:`themes.unit_theme`).
    paper : {"A4", "A3", "A2", "A1"}
        Of each sheet.
    landscape : bool, optional
        The paper lies; by default whatever gives the larger scale.
    scale : int, optional
        Denominator. By default the largest round one at which the village fits one sheet; at a given one it may
        become several sheets that overlap by 15 mm.
    dpi : int
        Of a PNG, and of a photo beneath.
    orthophoto : path, optional
        A photo to be put beneath, in any coordinate system that it names; the colours are seen through.
    layers : iterable of str
        What is drawn over the units, by its classes (:data:`kinds.KINDS`).
    labels : str, mapping or None
        A column of the units, or unit to text.
    street_names : bool
        Write the names of streets along them.
    sheets : iterable of int, optional
        Which sheets, from 1; by default all.
    maker : str
        Office that makes the sheet; a line each.
    logo : path, optional
        PNG or JPEG.
    edition : str
        For example ``"II"``; by default the first.

    Raises
    ------
    OutputError
        If an option cannot be used, no unit has a shape, or several sheets shall become one PNG.

    Notes
    -----
    Printed at 100 % (not "fit to page"), one millimetre is ``scale`` millimetres on the ground, as the grid of the
    coordinate system measures them.
    """
    path, form = Path(path), Path(path).suffix.lower().lstrip(".")
    shapes, found = shapes_of(assessment), found_theme(assessment, theme, lang)
    written = labels_of(assessment, labels, lang)
    size, views, chosen = choose_views(shapes, paper, landscape, scale, sheets, form, lang)
    common = {"maker": maker, "logo": None if logo is None else read_logo(logo, lang), "edition": edition}
    how = {"layers": tuple(layers), "labels": written, "photo": orthophoto, "dpi": dpi, "streets": street_names}

    def pages():
        for n in chosen:
            sheet = Sheet(assessment, found, views, n, lang, shapes, **common)
            yield _page(sheet, paper, size, how)

    with drawing():
        save(pages(), path, form, dpi, found["name"], assessment, lang)


def save(pages, path, form, dpi, title, assessment, lang):
    """Write pages to a PDF, or the only one to a PNG; no more than one is in memory.

    Parameters
    ----------
    pages : iterable of Page
        The pages.
    path : pathlib.Path
        The file.
    form : {"pdf", "png"}
        Its format.
    dpi : int
        Of a PNG.
    title : str
        That the file says of itself.
    assessment : Assessment
        The result; a PDF says of itself all that it was made of.
    lang : {"id", "en"}
        Language.
    """
    if form == "png":
        for page in pages:
            path.write_bytes(page.bytes("png", dpi))
        return
    from matplotlib.backends.backend_pdf import PdfPages

    subject = "; ".join(f"{label}: {value}" for label, value in source_lines(assessment, lang))
    with PdfPages(path, metadata=metadata("pdf", title, subject)) as file:
        for page in pages:
            page.figure.savefig(file, format="pdf", dpi=dpi)


def map_frame(paper, landscape):
    """Give paper and map frame in millimetres: (width, height), (x, y, width, height)."""
    long, short = PAPERS[paper]
    band, (right, below) = BANDS[paper], _PANELS[paper]
    if landscape:
        inside = MARGIN + band, MARGIN + band, long - 2 * MARGIN - 2 * band - right, short - 2 * MARGIN - 2 * band
        return (long, short), inside
    inside = MARGIN + band, MARGIN + band + below, short - 2 * MARGIN - 2 * band, long - 2 * MARGIN - 2 * band - below
    return (short, long), inside


def panel_of(size, paper):
    """Give the panel beside the map, right of it or below it: (x, y, width, height), and its number of columns."""
    right, below = _PANELS[paper]
    if size[0] > size[1]:
        return (size[0] - MARGIN - right + 2, MARGIN, right - 2, size[1] - 2 * MARGIN), 1
    return (MARGIN, MARGIN, size[0] - 2 * MARGIN, below - 2), {"A4": 3, "A3": 3}.get(paper, 4)


def choose_views(shapes, paper, landscape, scale, sheets, form, lang="id"):
    """Choose how the paper lies, the scale, and what each sheet shows.

    Parameters
    ----------
    shapes : array of shapely geometries
        The units; None where one has no shape.
    paper, landscape, scale, sheets
        As :func:`write_sheet` takes them.
    form : {"pdf", "png"}
        Of the file.
    lang : {"id", "en"}
        Language of the errors.

    Returns
    -------
    size : tuple of float
        Width and height of the paper (mm).
    views : list of View
        All sheets.
    chosen : list of int
        Those that are written, from 0.

    Raises
    ------
    OutputError
        If an option cannot be used, no unit has a shape, or several sheets shall become one PNG.
    """
    size, frame = _paper(paper, landscape, scale, shapes, lang)
    views = _views(shapes, frame, scale, lang)
    return size, views, _chosen(sheets, len(views), form, lang)


def _paper(paper, landscape, scale, shapes, lang):
    """Choose how the paper lies; refuse what cannot be printed."""
    if paper not in PAPERS:
        raise wrong_option("paper", paper, ", ".join(PAPERS), lang)
    if scale is not None and not (isinstance(scale, (int, float, np.number)) and 10 <= scale <= 10_000_000):
        raise wrong_option("scale", scale, "10 … 10.000.000", lang)
    there = shapes[~shapely.is_missing(shapes)]
    if not len(there):
        raise OutputError([Problem("sheet_no_shapes", "")], lang)
    if landscape is not None:
        return map_frame(paper, landscape)
    choices = [map_frame(paper, lies) for lies in (True, False)]
    bounds = shapely.total_bounds(there)
    return min(choices, key=lambda choice: _cost(choice[1], bounds, scale))


def _cost(frame, bounds, scale):
    if scale is not None:
        return _rows(bounds, frame, scale)
    return round_scale(_roomy(bounds), frame[2], frame[3])


def _rows(bounds, frame, scale):
    """Give how many sheets there are at most."""
    return math.prod(len(starts) for starts in grid_starts(bounds, frame, scale))


def _roomy(bounds):
    return widened(bounds, 0.02)


def _views(shapes, frame, scale, lang):
    there = shapes[~shapely.is_missing(shapes)]
    bounds = shapely.total_bounds(there)
    scale = scale or round_scale(_roomy(bounds), frame[2], frame[3])
    if _rows(bounds, frame, scale) > MOST_SHEETS:
        raise wrong_option("scale", scale, text("sheets.most_sheets", lang, n=MOST_SHEETS), lang)
    return tiles(bounds, frame, scale, there)


def _chosen(sheets, count, form, lang):
    """Give which sheets are written, counted from 0."""
    wanted = list(range(1, count + 1)) if sheets is None else list(sheets)
    wrong = [n for n in wanted if n not in range(1, count + 1)]
    if wrong or not wanted:
        raise wrong_option("sheets", ", ".join(map(str, wrong)) or "[]", f"1 … {count}", lang)
    if form == "png" and len(wanted) > 1:
        raise OutputError([Problem("sheet_several", "", params={"n": count})], lang)
    return [int(n) - 1 for n in wanted]


def _page(sheet, paper, size, how):
    """Draw one sheet: the map first, since the panel says what came out of it."""
    page = Page(*size, SIZES[paper])
    _draw_map(page, sheet, BANDS[paper], how)
    panel, columns = panel_of(size, paper)
    page.box(*panel, line=INK, weight=0.6, z=9.8)
    fill_panel(page, sheet, BLOCKS, panel, columns)
    return page


def fill_panel(page, sheet, blocks, panel, columns):
    """Lay blocks into a panel, in smaller letters if they are long; what never fits is cut from the sources."""
    width = panel[2] / columns - 4
    for share, sheet.brief in SHRINK:
        made = [block(page, sheet, width, page.size * share) for block in blocks]
        if lay(page, made, panel, columns):
            return
    while made and not lay(page, made, panel, columns):
        made = [*made[:-1], made[-1][:-1]] if len(made[-1]) > _LEAST_ROWS else made[:-1]


def _draw_map(page, sheet, band, how):
    view, assessment, lang = sheet.view, sheet.assessment, sheet.lang
    clip = page.box(view.x, view.y, view.width, view.height, fill="#fdfcf9", z=0)
    if how["photo"] is not None:
        sheet.photo = draw_photo(page, how["photo"], view, assessment.units.crs, how["dpi"], lang)
    ground, over = (0.52, 0.6) if how["photo"] is not None else (None, None)
    sheet.seen = draw_units(page, sheet.theme, sheet.shapes, view, clip, ground=ground)
    sheet.rows, fine = draw_layers(page, assessment, how["layers"], view, clip, lang=lang, alpha=over)
    border = {"layer": text("sheets.border", lang), "label": text("sheets.border", lang)}
    sheet.rows.insert(0, {**border, "form": "line", "style": BORDER})
    sheet.step = frame_lines(page, view, band, assessment.units.crs, lang=lang)
    placed = Placed()
    if assessment.provenance.get("sample"):
        placed.take(sample_mark(page, view.x + 2, view.y + view.height - 2, lang, page.size * 1.3))
    sizes = tuple(page.size * share for share in (1.0, 0.85, 0.72))
    left = place_labels(page, view, sheet.shapes, how["labels"], placed, sizes=sizes)
    if how["streets"]:
        place_streets(page, view, assessment.layers.get("roads"), placed, page.size * 0.75)
    missing = int(shapely.is_missing(sheet.shapes).sum())
    if missing:
        sheet.notes.append(text("sheets.no_shape", lang, n=number(missing, 0, lang)))
    if left:
        sheet.notes.append(text("sheets.no_label", lang, n=number(left, 0, lang)))
    if fine:
        names = ", ".join(text(f"maps.layer.{name}", lang) for name in fine)
        sheet.notes.append(text("sheets.too_fine", lang, names=names))
