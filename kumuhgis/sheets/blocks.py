"""Blocks of the panel beside a map: each a list of rows that know their height, put below one another in columns."""

from dataclasses import dataclass

from kumuhgis.sheets.furniture import swatch
from kumuhgis.sheets.paper import FAINT, INK, POINT

LEADING, PAD = 1.42, 2.2


@dataclass(frozen=True)
class Row:
    """A row: its height (mm), and ``draw(x, top)``."""

    height: float
    draw: object


def gap(height):
    """Give an empty row."""
    return Row(height, lambda x, top: None)


def text_rows(page, written, width, size, *, bold=False, colour=INK, most=99, centred=False, indent=0.0):
    """Give the rows of a text that is broken at a width.

    Parameters
    ----------
    page : Page
        The page.
    written : str
        The text.
    width : float
        Millimetres.
    size : float
        Of the letters (points).
    bold, colour, centred : bool, str, bool
        How it looks.
    most : int
        Rows at most.
    indent : float
        Millimetres that all rows but the first begin later.

    Returns
    -------
    list of Row
        The rows.
    """
    lines = page.wrapped(written, width - indent, size=size, bold=bold, most=most)

    def drawn(n, line):
        def draw(x, top):
            at = "center" if centred else "left"
            left = x + width / 2 if centred else x + (indent if n else 0)
            page.text(left, top - size * POINT, line, size=size, bold=bold, colour=colour, at=at)

        return draw

    return [Row(LEADING * size * POINT, drawn(n, line)) for n, line in enumerate(lines) if line]


def heading(page, written, width, size):
    """Give the row of a small heading."""
    return [*text_rows(page, written, width, size, bold=True, most=2), gap(0.25 * size * POINT)]


def pairs(page, rows, width, size, *, most=4):
    """Give rows of label and value: the label faint, the value behind it."""
    out = []
    for label, value in rows:
        out += text_rows(page, f"{label}: {value}", width, size, most=most, indent=1.5)
    return out


def signs(page, entries, width, size, columns):
    """Give rows of legend entries (sign and label), in columns read downwards; ``label`` alone is a heading.

    Parameters
    ----------
    page : Page
        The page.
    entries : list of dict
        As :func:`furniture.swatch` takes them; without ``form`` and ``fill`` it is a heading. ``group`` is the heading
        that an entry belongs to: it is said again where a column begins inside of it.
    width : float
        Millimetres.
    size : float
        Of the letters (points).
    columns : int
        How many.

    Returns
    -------
    list of Row
        One row that holds all of it.
    """
    own, high = width / columns - 1.5, size * POINT
    cells = [_cell(page, entry, own, size) for entry in entries]
    cut = [_headed(page, column, own, size) for column in _cut(list(zip(entries, cells, strict=True)), columns)]
    tallest = max((sum(cell.height for cell in column) for column in cut), default=0)

    def draw(x, top):
        for n, column in enumerate(cut):
            y = top
            for cell in column:
                cell.draw(x + n * (width / columns), y)
                y -= cell.height

    return [Row(tallest + 0.2 * high, draw)] if cells else []


def _cell(page, entry, width, size):
    high, sign = size * POINT, 2.9 * size * POINT
    if _is_heading(entry):
        rows = text_rows(page, entry["label"], width, size, colour=FAINT, most=1)
        return Row(rows[0].height, rows[0].draw)
    rows = text_rows(page, entry["label"], width - sign - 1.5, size, most=3)

    def draw(x, top):
        swatch(page, x, top - 1.12 * high, sign, 1.05 * high, entry)
        for n, row in enumerate(rows):
            row.draw(x + sign + 1.5, top - n * row.height)

    return Row(sum(row.height for row in rows) + 0.3 * high, draw)


def _cut(pairs, columns):
    """Cut a list of (entry, row) into columns of nearly equal height, in order; no heading stands alone at an end."""
    total, out, filled = sum(row.height for _, row in pairs), [[]], 0.0
    for entry, row in pairs:
        if len(out) < columns and filled + row.height / 2 > total * len(out) / columns and out[-1]:
            out.append([out[-1].pop()] if len(out[-1]) > 1 and _is_heading(out[-1][-1][0]) else [])
        out[-1].append((entry, row))
        filled += row.height
    return out


def _is_heading(entry):
    return "form" not in entry and "fill" not in entry


def _headed(page, column, width, size):
    """Give the rows of a column; one that begins inside a group says the heading of the group again."""
    rows, group = [row for _, row in column], column[0][0].get("group") if column else None
    if group is None or _is_heading(column[0][0]):
        return rows
    return [_cell(page, {"label": f"({group})"}, width, size), *rows]


def height_of(rows):
    """Give the height of rows (mm)."""
    return sum(row.height for row in rows)


def lay(page, blocks, panel, columns):
    """Put blocks into the columns of a panel, in order, lines between them.

    Parameters
    ----------
    page : Page
        The page.
    blocks : list of list of Row
        The blocks; none is broken.
    panel : tuple of float
        x, y, width and height (mm).
    columns : int
        How many.

    Returns
    -------
    bool
        False if they do not fit; then nothing is drawn.
    """
    x, y, width, height = panel
    filled = _filled(blocks, columns, height)
    if filled is None:
        return False
    for n, column in enumerate(filled):
        left, top = x + n * width / columns, y + height
        if n:
            page.line([(left, y), (left, y + height)], weight=0.2)
        spare = max(height - sum(map(height_of, column)) - PAD * len(column), 0) / max(len(column), 1)
        for k, rows in enumerate(column):
            if k:
                page.line([(left, top), (left + width / columns, top)], weight=0.2)
            top -= (PAD + min(spare, 3)) / 2
            for row in rows:
                row.draw(left + 2, top)
                top -= row.height
            top -= (PAD + min(spare, 3)) / 2
    return True


def _filled(blocks, columns, height):
    """Fill columns in order, as evenly as it goes; None if they do not hold all blocks."""
    heights = [height_of(rows) + PAD for rows in blocks]
    for share in (0.55, 0.65, 0.75, 0.85, 0.92, 1.0):
        limit, out, used = (height if columns == 1 else share * height), [[]], 0.0
        for rows, high in zip(blocks, heights, strict=True):
            if used + high > max(limit, high) and out[-1]:
                out.append([])
                used = 0.0
            out[-1].append(rows)
            used += high
        fits = all(sum(height_of(rows) + PAD for rows in column) <= height for column in out)
        if len(out) <= columns and fits:
            return out
    return None
