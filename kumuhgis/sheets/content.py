"""What the panel of a printed sheet says: title, number, scale, projection, place, legend, sources, notes."""

from dataclasses import dataclass, field

import numpy as np
import shapely

from kumuhgis.captions import caption, input_lines, provenance_lines
from kumuhgis.sheets.blocks import Row, gap, heading, pairs, signs, text_rows
from kumuhgis.sheets.fills import draw
from kumuhgis.sheets.frames import around, widened
from kumuhgis.sheets.furniture import bar_scale, north_arrow, ratio, sample_mark
from kumuhgis.sheets.graticule import crs_lines
from kumuhgis.sheets.paper import FAINT, INK, POINT, RED, said, width_of
from kumuhgis.text import number, text

_HASH, _MOST, _INDEX, _ASIDE = 12, 40, "#f7d9c4", 0.3
_LONG = ("rule_key", "versions", "crs")


@dataclass
class Sheet:
    """A sheet that is being made: the result, what it shows, and what was found out while its map was drawn."""

    assessment: object
    theme: dict
    views: list
    n: int
    lang: str
    shapes: np.ndarray
    title: str = "sheets.title"
    maker: str = ""
    logo: object = None
    edition: str = ""
    photo: str = ""
    step: float = 0.0
    brief: bool = False
    seen: dict = field(default_factory=dict)
    rows: list = field(default_factory=list)
    notes: list = field(default_factory=list)

    @property
    def view(self):
        """The map of this sheet."""
        return self.views[self.n]

    @property
    def number(self):
        """Number of the sheet: ``1/4``."""
        return f"{self.n + 1}/{len(self.views)}"


def head_block(page, sheet, width, size):
    """Give title, place and theme; whose sheet it is; and that the data is invented."""
    lang, shown = sheet.lang, caption(sheet.assessment, sheet.lang, title=sheet.title)
    rows = _maker(page, sheet, width, size)
    rows += text_rows(page, said(shown["title"]).upper(), width, size * 1.75, bold=True, centred=True, most=4)
    if shown["place"]:
        rows += text_rows(page, said(shown["place"]), width, size * 1.1, centred=True, most=3)
    if sheet.theme:
        rows += [gap(0.8), *text_rows(page, sheet.theme["name"], width, size * 1.1, bold=True, centred=True, most=3)]
    if shown["sample"]:
        rows += [gap(0.8), *_sample(page, lang, width, size)]
    return rows


def _sample(page, lang, width, size):
    high = size * 1.3 * POINT + 2.2
    wide = width_of(text("headline.sample", lang), size * 1.3, bold=True) + 2.4
    banner = Row(high, lambda x, top: sample_mark(page, x + (width - wide) / 2, top, lang, size * 1.3))
    return [banner, *text_rows(page, text("headline.sample_text", lang), width, size, colour=RED, centred=True)]


def _maker(page, sheet, width, size):
    """Give logo and office; without any an empty box where they are put by hand."""
    if sheet.logo is None and not sheet.maker:
        high, label = 5.5 * size * POINT, text("sheets.maker_box", sheet.lang)

        def empty(x, top):
            wide = min(width, 14 * size * POINT)
            left = x + (width - wide) / 2
            page.box(left, top - high, wide, high, line=FAINT, weight=0.15, dash=(1, 1))
            page.text(left + wide / 2, top - high / 2, label, size=size * 0.8, colour=FAINT, at="center")

        return [Row(high + 1.5, empty)]
    rows = []
    if sheet.logo is not None:
        rows.append(_logo(page, sheet.logo, width, 8 * size * POINT))
    if sheet.maker:
        for line in str(sheet.maker).splitlines()[:5]:
            rows += text_rows(page, said(line), width, size * 1.1, bold=True, centred=True, most=2)
    return [*rows, gap(1.5)]


def _logo(page, pixels, width, most):
    ratio_ = pixels.shape[1] / pixels.shape[0]
    high = min(most, width * 0.6 / ratio_)
    wide = high * ratio_

    def draw_logo(x, top):
        left = x + (width - wide) / 2
        page.axes.imshow(
            pixels, extent=(left, left + wide, top - high, top), zorder=8, aspect="auto", interpolation="antialiased"
        )
        page.axes.set(xlim=(0, page.width), ylim=(0, page.height))

    return Row(high + 1.5, draw_logo)


def sheet_block(page, sheet, width, size):
    """Give number of the sheet, edition and years."""
    found, lang = sheet.assessment.provenance, sheet.lang
    code, dates = said(found.get("desa_code")), found.get("dates") or {}
    rows = [("sheet_number", f"{code} – {sheet.number}" if code else sheet.number)]
    rows.append(("edition", said(sheet.edition) or text("sheets.edition_first", lang)))
    rows.append(("year", str(dates.get("survey") or "")[:4] or text("sheets.not_recorded", lang)))
    rows.append(("made", str(found.get("date") or "–")))
    return pairs(page, [(text(f"sheets.{key}", lang), value) for key, value in rows], width, size)


def scale_block(page, sheet, width, size):
    """Give north, numeric scale and bar scale, and how the sheet keeps its scale."""
    view, lang, high = sheet.view, sheet.lang, size * POINT

    def drawn(x, top):
        north_arrow(page, x + 3.2 * high, top - 8 * high, 8 * high, lang)
        label = text("sheets.scale", lang, ratio=ratio(view.scale, lang))
        page.text(x + 7 * high, top - 2 * high, label, size=size * 1.4, bold=True)
        bar_scale(page, x + 7 * high, top - 7.2 * high, view.scale, width - 7 * high - 8, lang=lang, size=size * 0.9)

    row = Row(8.4 * high, drawn)
    keep = text("sheets.keep_scale", lang)
    return [row, *text_rows(page, keep, width, size * 0.85, colour=FAINT, most=3)]


def projection_block(page, sheet, width, size):
    """Give projection, grid, datum and how far the lines of the grid are apart."""
    rows = crs_lines(sheet.assessment.units.crs, sheet.lang)
    value = text("sheets.grid_step", sheet.lang, m=number(sheet.step, 0, sheet.lang))
    rows.append((text("sheets.grid_lines", sheet.lang), value))
    return pairs(page, rows, width, size)


def index_block(page, sheet, width, size):
    """Give the index map: the village, all sheets, and this one among them."""
    lang = sheet.lang
    rows = heading(page, text("sheets.index", lang), width, size)
    there = sheet.shapes[~shapely.is_missing(sheet.shapes)]
    boxes = [view.box for view in sheet.views]
    bounds = widened(shapely.total_bounds([*there, *boxes]), 0.02)
    wide, tall = bounds[2] - bounds[0], bounds[3] - bounds[1]
    most = 24 if len(sheet.views) > 1 else 13
    high = min(0.62 * width, width * tall / wide, most * size * POINT)
    scale = 1000 * max(wide / width, tall / high)

    def drawn(x, top):
        view = around(bounds, (x, top - high, width, high), scale)
        clip = page.box(x, top - high, width, high, fill="#fbfaf6", line=INK, weight=0.15, z=2)
        own = sheet.views[sheet.n].box
        if len(sheet.views) > 1:
            draw(page, [own], view, clip, fill=_INDEX, z=2.1)
        whole = shapely.coverage_union_all(there) if shapely.coverage_is_valid(there) else there
        draw(page, np.atleast_1d(whole), view, clip, line=INK, weight=0.2, fill="#cfc8ba", z=2.2, alpha=0.8)
        draw(page, boxes, view, clip, line=FAINT, weight=0.15, z=2.3)
        draw(page, [own], view, clip, line=RED, weight=0.5, z=2.4)
        _numbered(page, boxes, view, size)

    return [*rows, Row(high + 0.8, drawn)]


def _numbered(page, boxes, view, size):
    """Write the number of every sheet into the part of its box that it shares with none, if there is room."""
    if len(boxes) == 1:
        return
    west, south, east, north = shapely.total_bounds(boxes)
    middle = view.places([((west + east) / 2, (south + north) / 2)])[0]
    for n, box in enumerate(boxes, 1):
        west, south, east, north = box.bounds
        (x0, y0), (x1, y1) = view.places([(west, south), (east, north)])
        if min(x1 - x0, y1 - y0) > size * POINT * 1.5:
            x, y = (
                (a + b) / 2 + _ASIDE * (b - a) * np.sign(a + b - 2 * m)
                for a, b, m in ((x0, x1, middle[0]), (y0, y1, middle[1]))
            )
            page.text(x, y - 0.36 * size * POINT, str(n), size=size, bold=True, at="center")


def legend_block(page, sheet, width, size):
    """Give the legend: the classes of the theme with their numbers, then every layer with its classes."""
    lang, counts = sheet.lang, np.bincount(sheet.theme["codes"], minlength=len(sheet.theme["classes"]))
    entries = [{"label": text("sheets.legend_units", lang, name=sheet.theme["name"])}]
    for n, look in sheet.seen.items():
        kind, count = sheet.theme["classes"][n], number(int(counts[n]), 0, lang)
        label = f"{kind['label']} · {text('sheets.count', lang, n=count)}"
        if "hectares" in kind:
            label += f" · {number(kind['hectares'], 2, lang)} ha"
        entries.append({**kind, "label": label, "look": look})
    columns = max(1, int(width / (14 * size * POINT)))
    head = heading(page, text("sheets.legend", lang), width, size * 1.1)
    layers = signs(page, _layers(sheet.rows), width, size, min(columns, 3))
    return [*head, *signs(page, entries, width, size, 1), *layers]


def _layers(rows):
    """Give a heading for every layer of several classes, and the classes below it."""
    out, names = [], [row["layer"] for row in rows]
    for name in dict.fromkeys(names):
        mine = [row for row in rows if row["layer"] == name]
        if len(mine) > 1:
            out += [{"label": name}, *({**row, "group": name} for row in mine)]
        else:
            only = mine[0]
            out.append({**only, "label": name if only["label"] == name else f"{name}: {only['label']}"})
    return out


def source_block(page, sheet, width, size):
    """Give what the sheet was made of, or on a small paper the essence of it; the file itself says all of it."""
    rows = heading(page, text("sheets.sources", sheet.lang), width, size)
    lines = source_lines(sheet.assessment, sheet.lang, photo=sheet.photo, brief=sheet.brief)
    facts, files = pairs(page, lines[:-1], width, size * 0.85, most=3), lines[-1:]
    return [*rows, *facts, *pairs(page, files, width, size * 0.85, most=20)]


def source_lines(assessment, lang="id", *, photo="", brief=False):
    """Give project, dates, rule, options, versions, and every input with the beginning of its sha256.

    Parameters
    ----------
    assessment : Assessment
        The result.
    lang : {"id", "en"}
        Language.
    photo : str
        Name of a photo beneath the map.
    brief : bool
        Leave out versions but our own, keys and sums; the options stay, for they are part of the rule.

    Returns
    -------
    list of (str, str)
        Label and value.
    """
    facts = provenance_lines(assessment, lang)
    left = {text(f"provenance.{key}", lang) for key in _LONG} if brief else ()
    rows = [(label, said(value)) for label, value in facts if label not in left]
    if brief and "kumuhgis" in (own := assessment.provenance.get("versions") or {}):
        rows.append((text("provenance.versions", lang), f"kumuhgis {own['kumuhgis']}"))
    files = {}
    for role, name, digest in input_lines(assessment):
        files.setdefault((said(name), digest[:_HASH]), []).append(role.split(".")[-1])
    shown = [
        name if brief else f"{name} ({', '.join(roles)}) {digest}".strip() for (name, digest), roles in files.items()
    ]
    shown = list(dict.fromkeys(shown))
    if photo:
        shown.append(text("sheets.photo", lang, name=said(photo)))
    written = "; ".join(shown[:_MOST]) + (" …" if len(shown) > _MOST else "")
    return [*rows, (text("sheets.files" if brief else "sheets.inputs", lang), written)] if shown else rows


def note_block(page, sheet, width, size):
    """Give what a reader must know: what is not drawn, and that borders here are no official ones."""
    rows = []
    for note in [*sheet.notes, text("sheets.not_official", sheet.lang)]:
        rows += text_rows(page, "• " + note, width, size * 0.85, most=4, indent=1.5)
    return [*heading(page, text("sheets.notes", sheet.lang), width, size), *rows]


BLOCKS = (
    head_block, sheet_block, scale_block, projection_block, legend_block, index_block, note_block, source_block,
)  # fmt: skip
