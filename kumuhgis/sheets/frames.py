"""Where the ground lies on the paper: papers, round scales, the window of the ground that a frame shows, tiles."""

import math
from dataclasses import dataclass

import numpy as np
import shapely

PAPERS = {"A4": (297, 210), "A3": (420, 297), "A2": (594, 420), "A1": (841, 594)}
"""Long and short side (mm)."""
SCALES = (1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5)
"""Round scales, times a power of ten."""
_STEPS = (1, 2, 5)


@dataclass(frozen=True)
class View:
    """A frame on the paper and the ground that it shows.

    Attributes
    ----------
    x, y, width, height : float
        The frame (mm, from the lower left corner of the page).
    west, south : float
        Ground at its lower left corner, in the metre coordinate system of the units.
    scale : float
        Denominator: 1 mm on the paper is so many millimetres on the ground.
    """

    x: float
    y: float
    width: float
    height: float
    west: float
    south: float
    scale: float

    @property
    def east(self):
        """Ground at the right edge."""
        return self.west + self.width * self.scale / 1000

    @property
    def north(self):
        """Ground at the upper edge."""
        return self.south + self.height * self.scale / 1000

    @property
    def box(self):
        """The ground shown, as a polygon."""
        return shapely.box(self.west, self.south, self.east, self.north)

    def places(self, ground):
        """Bring coordinates of the ground, shape (n, 2), to millimetres of the page."""
        return (np.asarray(ground) - (self.west, self.south)) * (1000 / self.scale) + (self.x, self.y)

    def clipped(self, shapes, over=0.8):
        """Cut shapes at the frame; what lies outside becomes empty. ``over``: millimetres kept beyond it."""
        more = over * self.scale / 1000
        west, south, east, north = self.west - more, self.south - more, self.east + more, self.north + more
        shapes = np.asarray(shapes, dtype=object)
        with np.errstate(invalid="ignore"):
            x0, y0, x1, y1 = shapely.bounds(shapes).T
            inside = (x0 >= west) & (y0 >= south) & (x1 <= east) & (y1 <= north)
            touching = (x0 <= east) & (y0 <= north) & (x1 >= west) & (y1 >= south)
        out = np.where(inside, shapes, None)
        cut = touching & ~inside
        out[cut] = shapely.clip_by_rect(shapes[cut], west, south, east, north)
        return out


def round_scale(bounds, width, height, *, least=100):
    """Choose the largest round scale at which the ground fits a frame.

    Parameters
    ----------
    bounds : sequence of float
        West, south, east, north (m).
    width, height : float
        Of the frame (mm).
    least : int
        No scale is larger than 1 : ``least``.

    Returns
    -------
    int
        The denominator.

    Examples
    --------
    >>> round_scale((0, 0, 750, 600), 290, 250)
    3000
    """
    needed = max(1000 * (bounds[2] - bounds[0]) / width, 1000 * (bounds[3] - bounds[1]) / height, least)
    power = 10 ** math.floor(math.log10(needed))
    found = [step * power * more for more in (1, 10) for step in SCALES]
    return round(next(value for value in found if value >= needed * (1 - 1e-9)))


def round_length(most, steps=_STEPS):
    """Give the largest round length that is not longer than ``most``.

    Examples
    --------
    >>> round_length(130), round_length(0.7)
    (100, 0.5)
    """
    power = 10 ** math.floor(math.log10(most))
    return max(step * power for step in steps if step * power <= most * (1 + 1e-9))


def around(bounds, frame, scale):
    """Give the view whose middle is the middle of the ground.

    Parameters
    ----------
    bounds : sequence of float
        West, south, east, north (m).
    frame : tuple of float
        x, y, width and height on the page (mm).
    scale : float
        Denominator.

    Returns
    -------
    View
        The view.
    """
    x, y, width, height = frame
    west = (bounds[0] + bounds[2]) / 2 - width * scale / 2000
    south = (bounds[1] + bounds[3]) / 2 - height * scale / 2000
    return View(x, y, width, height, west, south, scale)


def widened(bounds, share):
    """Give bounds with a margin: a share of the longer side, at least ten metres."""
    west, south, east, north = bounds
    more = max(share * max(east - west, north - south), 10.0)
    return west - more, south - more, east + more, north + more


def tiles(bounds, frame, scale, shapes, *, overlap=15.0):
    """Divide the ground into views of one frame, row by row from the northwest.

    Parameters
    ----------
    bounds : sequence of float
        West, south, east, north of the ground (m).
    frame : tuple of float
        x, y, width and height on the page (mm).
    scale : float
        Denominator.
    shapes : array of shapely geometries
        The units: a view in which none lies is left out.
    overlap : float
        Millimetres that neighbours share at least.

    Returns
    -------
    list of View
        The views; one if the ground fits.
    """
    x, y, width, height = frame
    starts = grid_starts(bounds, frame, scale, overlap=overlap)
    views = [View(x, y, width, height, west, south, scale) for south in reversed(starts[1]) for west in starts[0]]
    tree = shapely.STRtree(shapes)
    return [view for view in views if len(views) == 1 or len(tree.query(view.box, predicate="intersects"))]


def grid_starts(bounds, frame, scale, *, overlap=15.0):
    """Give where the views begin, from west to east and from south to north; see :func:`tiles`."""
    sides = ((bounds[0], bounds[2], frame[2]), (bounds[1], bounds[3], frame[3]))
    return [_starts(low, high, side * scale / 1000, overlap * scale / 1000) for low, high, side in sides]


def _starts(low, high, side, overlap):
    """Give where the views of one direction begin: evenly, and together in the middle of the ground."""
    length = high - low
    count = max(1, math.ceil((length - overlap) / (side - overlap) - 1e-9))
    if count == 1:
        return [(low + high - side) / 2]
    step = (length - side) / (count - 1)
    return [low + n * step for n in range(count)]
