"""Letters on the map that do not run into one another: at the middle of units, shorter or smaller if need be."""

import re
from dataclasses import dataclass, field

import numpy as np
import shapely

from kumuhgis.sheets.paper import INK, PAPER, POINT, outline, said, shortened, width_of

_RW = re.compile(r"[\s/·,-]*(?=RW)", re.IGNORECASE)
_SHORT = re.compile(r"\s*RT[\s.]*0*(\w+)[\s/·,-]*RW[\s.]*0*(\w+)\s*", re.IGNORECASE)
_EXACT, _INSIDE, _NEARLY = 2_000, 0.6, 0.85
_PART = 0.05  # a part smaller than this share of the largest carries no number of its own
_DISC_MM = 7.0
"""A place less wide than this is hidden by a disc with its number."""
_SEAM, _LEADING, _WIDEST = 0.55, 1.15, 34.0
_SHIFTS = (
    (0, 0), (0, 0.8), (0, -0.8), (0.5, 0), (-0.5, 0), (0.5, 0.8), (-0.5, 0.8), (0.5, -0.8), (-0.5, -0.8),
    (0, 1.5), (0, -1.5), (1, 0), (-1, 0),
)  # fmt: skip


@dataclass
class Placed:
    """Boxes that are taken (mm), found by cells of ten millimetres."""

    boxes: list = field(default_factory=list)
    cells: dict = field(default_factory=dict)

    def free(self, box):
        """Whether a box (left, bottom, right, top) touches no box that is taken."""
        near = {n for cell in _cells(box) for n in self.cells.get(cell, ())}
        return not any(_touch(self.boxes[n], box) for n in near)

    def take(self, box):
        """Take a box."""
        for cell in _cells(box):
            self.cells.setdefault(cell, []).append(len(self.boxes))
        self.boxes.append(box)


def _cells(box):
    left, bottom, right, top = (int(side // 10) for side in box)
    return [(i, j) for i in range(left, right + 1) for j in range(bottom, top + 1)]


def _touch(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def versions(written):
    """Give the forms of a label, the fullest first: a RT above its RW, then only their numbers.

    Parameters
    ----------
    written : str
        The label.

    Returns
    -------
    list of tuple of str
        Lines.

    Examples
    --------
    >>> versions("RT 001 RW 003")
    [('RT 001', 'RW 003'), ('1/3',)]
    >>> versions("Bulu")
    [('Bulu',)]
    """
    one = shortened(said(written), _WIDEST, 7.0)
    short = _SHORT.fullmatch(one)
    if short:
        head, tail = _RW.split(one, maxsplit=1)
        return [(head.strip(), tail.strip()), ("/".join(short.groups()),)]
    return [(one,)] if one else []


def middles(shapes):
    """Give a point deep inside each shape: of a few the deepest, of many any. Shape (n, 2), NaN for none."""
    shapes = np.asarray(shapes, dtype=object)
    out = np.full((len(shapes), 2), np.nan)
    there = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    if len(there) > _EXACT:
        points = shapely.point_on_surface(shapes[there])
    else:
        points = np.array([_deepest(shape) for shape in shapes[there]], dtype=object)
    if len(there):
        out[there] = shapely.get_coordinates(points)
    return out


def _deepest(shape):
    parts = shapely.get_parts(shape)
    areas = parts[shapely.get_dimensions(parts) == 2]
    if not len(areas):
        return shapely.point_on_surface(shape)
    largest = areas[shapely.area(areas).argmax()]
    circle = shapely.maximum_inscribed_circle(largest, tolerance=max(largest.length / 200, 0.1))
    centre = largest.centroid  # in a long strip many points are as deep: then the middle
    near = largest.contains(centre) and largest.boundary.distance(centre) > _NEARLY * circle.length
    return centre if near else shapely.get_point(circle, 0)


def place_labels(page, view, shapes, labels, placed, *, sizes, colour=INK, bold=False, z=8.0):
    """Write labels into shapes, the first ones first.

    Parameters
    ----------
    page : Page
        The page.
    view : View
        Where the shapes lie.
    shapes : array of shapely geometries
        On the ground.
    labels : sequence of str
        One per shape; an empty one is not written.
    placed : Placed
        What is taken; the boxes of the labels are added.
    sizes : sequence of float
        Sizes of the letters that may be used, the largest first (points).
    colour : str
        Of the letters.
    bold : bool
        Whether they are bold.
    z : float
        Height in the drawing.

    Returns
    -------
    int
        How many labels found no place.
    """
    seen = view.clipped(shapes, over=-1.0)
    at = view.places(middles(seen))
    left, lines = 0, []
    for shape, (x, y), label in zip(seen, at, labels, strict=True):
        forms = versions(label) if np.isfinite(x) else []
        if not forms:
            continue
        found = _place(view, shape, x, y, forms, sizes, bold, placed)
        left += found is None
        lines += found or []
    seams = [outline(*line, bold=bold) for line in lines]
    _draw(page, lines, seams, colour, bold, z)
    return left


def _place(view, shape, x, y, forms, sizes, bold, placed):
    """Find a place: inside the unit if there is one, else over its middle; full and large letters first."""
    measured = {(form, size): _measured(form, size, bold) for size in sizes for form in forms}
    area = shape.area * (1000 / view.scale) ** 2
    if area < _INSIDE * min(wide * high for wide, high in measured.values()):
        return None
    shapely.prepare(shape)
    for inside in (True, False):
        for form, size in measured:
            wide, high = measured[form, size]
            for dx, dy in _SHIFTS if inside else _SHIFTS[:3] + _SHIFTS[-4:-2]:
                cx, cy = x + dx * wide, y + dy * high
                box = (cx - wide / 2 - 0.4, cy - high / 2 - 0.3, cx + wide / 2 + 0.4, cy + high / 2 + 0.3)
                if _within(box, view) and placed.free(box) and _mostly(shape, _ground(box, view), inside):
                    placed.take(box)
                    return _lines(form, size, cx, cy, bold)
    return None


def _mostly(shape, box, wholly):
    """Whether a box lies wholly, or for the most part, in a shape: a larger label would be read as its neighbour's."""
    return shape.contains(box) if wholly else shape.intersection(box).area > _INSIDE * box.area


def _within(box, view):
    right, top = view.x + view.width, view.y + view.height
    return view.x <= box[0] and box[2] <= right and view.y <= box[1] and box[3] <= top


def _ground(box, view):
    def back(x, y):
        return view.west + (x - view.x) * view.scale / 1000, view.south + (y - view.y) * view.scale / 1000

    return shapely.box(*back(box[0], box[1]), *back(box[2], box[3]))


def _measured(form, size, bold):
    wide = max(width_of(line, size, bold=bold) for line in form)
    return wide, (0.74 + _LEADING * (len(form) - 1)) * size * POINT


def _lines(form, size, x, y, bold):
    """Give what is written where: (text, x of its left end, y of its base line, size)."""
    height = size * POINT
    top = y + (0.74 + _LEADING * (len(form) - 1)) * height / 2 - 0.74 * height
    return [
        (line, x - width_of(line, size, bold=bold) / 2, top - n * _LEADING * height, size)
        for n, line in enumerate(form)
    ]


def _draw(page, lines, seams, colour, bold, z):
    from matplotlib.path import Path

    if seams:
        page.path(Path.make_compound_path(*seams), line=PAPER, weight=2 * _SEAM, z=z, alpha=0.85)
    for written, x, y, size in lines:
        page.text(x, y, written, size=size, colour=colour, bold=bold, z=z + 0.1)


def _beside(page, view, point, radius, placed, z):
    """Find the nearest free place beside a shape that its disc would hide, and join both with a line."""
    from matplotlib.path import Path

    x, y = point
    for away in (radius + 3.5, radius + 7):
        for turn in np.arange(8) * np.pi / 4 + np.pi / 4:
            there = x + away * np.cos(turn), y + away * np.sin(turn)
            box = (there[0] - radius, there[1] - radius, there[0] + radius, there[1] + radius)
            inside = view.x <= box[0] and view.y <= box[1] and box[2] <= view.x + view.width
            if inside and box[3] <= view.y + view.height and placed.free(box):
                page.path(Path([point, there]), line=INK, weight=0.45, z=z - 0.1)
                placed.take((x - 1, y - 1, x + 1, y + 1))  # no label across the line
                return there
    return point


def place_numbers(page, view, shapes, numbers, placed, *, size=8.0, z=8.5):
    """Put the numbers of places into discs on their shapes, on every part; beside one that the disc would hide.

    Parameters
    ----------
    page : Page
        The page.
    view : View
        Where the shapes lie.
    shapes : array of shapely geometries
        On the ground.
    numbers : sequence of str
        One per shape.
    placed : Placed
        The discs are taken; labels go around them.
    size : float
        Of the letters (points).
    z : float
        Height in the drawing.

    Returns
    -------
    list of str
        The numbers that are outside the frame.
    """
    from matplotlib.path import Path

    parts, of = _parts(view.clipped(shapes, over=-1.0))
    small = np.sqrt(np.nan_to_num(shapely.area(parts))) * 1000 / view.scale < _DISC_MM
    points = view.places(middles(parts))
    there = np.isfinite(points[:, 0]) if len(parts) else np.zeros(0, bool)
    for n in np.argsort(small, kind="stable"):  # those that have room first, the others around them
        if not there[n]:
            continue
        number, (x, y) = numbers[of[n]], points[n]
        shown = shortened(said(number), _WIDEST, size, bold=True)
        wide = width_of(shown, size, bold=True)
        radius = max(wide / 2 + 0.9, 0.72 * size * POINT)
        x = min(max(x, view.x + radius), view.x + view.width - radius)
        y = min(max(y, view.y + radius), view.y + view.height - radius)
        if small[n]:
            x, y = _beside(page, view, (x, y), radius, placed, z)
        page.path(Path.circle((x, y), radius), fill=PAPER, line=INK, weight=0.45, z=z)
        page.text(x, y - 0.36 * size * POINT, shown, size=size, bold=True, at="center", z=z + 0.1)
        placed.take((x - radius, y - radius, x + radius, y + radius))
    found = set(of[there])
    return [number for n, number in enumerate(numbers) if n not in found]


def _parts(shapes):
    """Give the parts that carry a number, and of which shape each is: the largest, and others that are no splinters."""
    parts, of = shapely.get_parts(shapes, return_index=True)
    areas = shapely.area(parts)
    largest = np.zeros(len(shapes))
    np.maximum.at(largest, of, areas)
    kept = areas >= _PART * largest[of]
    return parts[kept], of[kept]
