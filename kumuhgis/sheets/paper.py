"""A page measured in millimetres: lines, areas and letters on it, and the same bytes every time it is saved.

The origin is the lower left corner. Text is drawn as it is: no mark in it is read as mathematics, and what no keyboard
writes is taken out.
"""

import io
import warnings
from contextlib import contextmanager
from functools import cache

import numpy as np

from kumuhgis.masking import plain_words
from kumuhgis.personal import masked

POINT = 25.4 / 72
"""Millimetres of a typographic point."""
INK, FAINT, PAPER, RED = "#1c1710", "#6b6459", "#ffffff", "#b3001b"
_LARGE = 100
_STYLE = {
    "font.family": "DejaVu Sans", "text.usetex": False, "text.parse_math": False, "pdf.fonttype": 42,
    "pdf.use14corefonts": False, "pdf.compression": 6, "svg.fonttype": "path", "svg.hashsalt": "kumuhgis",
    "hatch.linewidth": 0.45, "path.simplify": True, "lines.solid_capstyle": "butt", "savefig.dpi": "figure",
}  # fmt: skip
_METADATA = {
    "pdf": {"CreationDate": None, "Creator": "kumuhgis", "Producer": None},
    "svg": {"Date": None, "Creator": "kumuhgis"},
    "png": {"Software": "kumuhgis"},
}


@contextmanager
def drawing():
    """Draw with our own settings of matplotlib, whatever the user has set, and put the user's back.

    Yields
    ------
    None
    """
    import matplotlib

    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        yield


def said(value):
    r"""Make one line of what people wrote: no breaks, no control characters, no numbers of people.

    Parameters
    ----------
    value : object
        A name or a text; a missing one is empty.

    Returns
    -------
    str
        One line.

    Examples
    --------
    >>> said(" Kali\n Pelang\x00 "), said(None), said(float("nan"))
    ('Kali Pelang', '', '')
    """
    if value is None or value != value:
        return ""
    return " ".join(str(masked(plain_words(str(value)))).split())


class Page:
    """A page in millimetres.

    Parameters
    ----------
    width, height : float
        Size of the paper (mm).
    size : float
        Size of ordinary letters (points).
    """

    def __init__(self, width, height, size=7.0):
        from matplotlib.figure import Figure

        self.width, self.height, self.size = width, height, size
        self.figure = Figure(figsize=(width / 25.4, height / 25.4), facecolor=PAPER)
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, width), ylim=(0, height))
        self.axes.set_axis_off()

    def path(self, path, *, fill="none", line="none", weight=0.0, hatch=None, clip=None, z=1.0, dash=None, alpha=None):
        """Draw a path: ``weight`` in millimetres, ``hatch`` in the colour of ``line``, ``clip`` an artist."""
        from matplotlib.patches import PathPatch

        style = "solid" if dash is None else (0, tuple(part / max(weight, 0.05) for part in dash))
        patch = PathPatch(
            path, facecolor=fill, edgecolor=line, linewidth=weight / POINT, hatch=hatch, zorder=z, linestyle=style,
            alpha=alpha, joinstyle="round", capstyle="butt" if dash else "round",
        )  # fmt: skip
        self.axes.add_artist(patch)
        if clip is not None:
            patch.set_clip_path(clip)
        return patch

    def box(self, x, y, width, height, **how):
        """Draw a rectangle from its lower left corner."""
        from matplotlib.path import Path

        corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
        return self.path(Path(corners, closed=True), **how)

    def line(self, points, *, line=INK, weight=0.15, **how):
        """Draw a line through points."""
        from matplotlib.path import Path

        return self.path(Path(points), line=line, weight=weight, **how)

    def polygon(self, points, **how):
        """Draw an area with these corners."""
        from matplotlib.path import Path

        return self.path(Path([*points, points[0]], closed=True), **how)

    def text(self, x, y, written, *, size=None, bold=False, colour=INK, at="left", z=9.0, turn=0):
        """Write one line, its base line at ``y``; ``at`` says what ``x`` is: left, center or right."""
        return self.axes.text(
            x, y, written, fontsize=size or self.size, fontweight="bold" if bold else "normal", color=colour, ha=at,
            va="baseline", zorder=z, rotation=turn, rotation_mode="anchor", parse_math=False,
        )  # fmt: skip

    def fitted(self, written, width, *, size=None, bold=False):
        """Shorten a line until it is no wider than ``width`` (mm)."""
        return shortened(written, width, size or self.size, bold=bold)

    def wrapped(self, written, width, *, size=None, bold=False, most=99):
        """Break a text into lines no wider than ``width`` (mm); after ``most`` lines stands an ellipsis."""
        size, lines = size or self.size, [""]
        for word in written.split():
            joined = f"{lines[-1]} {word}".strip()
            if lines[-1] and width_of(joined, size, bold=bold) > width:
                lines.append(word)
            else:
                lines[-1] = joined
            lines = _broken(lines, width, size, bold)
        if len(lines) > most:
            lines = [*lines[: most - 1], f"{lines[most - 1]} …"]
        return [self.fitted(line, width, size=size, bold=bold) for line in lines]

    def bytes(self, form, dpi=200, title=""):
        """Give the page as ``pdf``, ``svg`` or ``png``: the same page gives the same bytes."""
        out = io.BytesIO()
        self.figure.savefig(out, format=form, dpi=dpi, metadata=metadata(form, title))
        return out.getvalue()


def metadata(form, title="", subject=""):
    """Give what a file says of itself: never the time."""
    named = {"Title": title, "Subject": subject} if form == "pdf" else {"Title": title}
    return {**_METADATA[form], **{key: value for key, value in named.items() if value}}


def _broken(lines, width, size, bold):
    """Break the last line where a single word is too wide: people write two hundred letters without a blank."""
    while len(lines[-1]) > 1 and width_of(lines[-1], size, bold=bold) > width and " " not in lines[-1]:
        count = len(lines[-1]) - 1
        while count > 1 and width_of(lines[-1][:count], size, bold=bold) > width:
            count = max(1, min(count - 1, int(count * width / width_of(lines[-1][:count], size, bold=bold))))
        lines = [*lines[:-1], lines[-1][:count], lines[-1][count:]]
    return lines


def shortened(written, width, size, *, bold=False):
    """Shorten a line until it is no wider than a width.

    Parameters
    ----------
    written : str
        The line.
    width : float
        Millimetres.
    size : float
        Of the letters, points.
    bold : bool
        Whether they are bold.

    Returns
    -------
    str
        The line, or its beginning with an ellipsis.

    Examples
    --------
    >>> shortened("RT 01", 20, 7), shortened("Dusun Contoh Kulon", 14, 7)
    ('RT 01', 'Dusun C…')
    """
    if width_of(written, size, bold=bold) <= width:
        return written
    low, high = 0, min(len(written), 400)
    while low < high:
        middle = (low + high + 1) // 2
        fits = width_of(written[:middle].rstrip() + "…", size, bold=bold) <= width
        low, high = (middle, high) if fits else (low, middle - 1)
    return written[:low].rstrip() + "…"


def width_of(written, size, *, bold=False):
    """Measure how wide a line is.

    Parameters
    ----------
    written : str
        The line.
    size : float
        Of the letters, points.
    bold : bool
        Whether they are bold.

    Returns
    -------
    float
        Millimetres.

    Examples
    --------
    >>> round(width_of("RT 01", 10), 1)
    10.0
    """
    return (
        sum(_letter(letter, bold)[2] + _kern(letter, after, bold) for letter, after in _pairs(written)) * size * POINT
    )


def outline(written, x, y, size, *, bold=False):
    """Give the outline of a line of letters as a path: for the light seam behind it."""
    from matplotlib.path import Path

    places, codes, at = [np.empty((0, 2))], [np.empty(0, "u1")], 0.0
    for letter, after in _pairs(written):
        corners, own, wide = _letter(letter, bold)
        places.append(corners + np.array((at, 0.0)))
        codes.append(own)
        at += wide + _kern(letter, after, bold)
    return Path(np.concatenate(places) * (size * POINT) + (x, y), np.concatenate(codes))


def _pairs(written):
    """Give every letter with the one after it."""
    return zip(written, [*written[1:], ""], strict=False)


@cache
def _kern(letter, after, bold):
    """Give by how much two letters stand farther apart than each is wide, for letters of size 1."""
    if not after:
        return 0.0
    from matplotlib.ft2font import Kerning

    font = _font(bold)
    font.set_size(_LARGE, 72)
    pair = font.get_char_index(ord(letter)), font.get_char_index(ord(after))
    return font.get_kerning(*pair, Kerning.UNFITTED) / 64 / _LARGE


_BOX = "\u25a1"


@cache
def _letter(letter, bold):
    """Give corners and codes of a letter's outline, and how wide it is, for letters of size 1."""
    from matplotlib.ft2font import LoadFlags

    font = _font(bold)
    if not font.get_char_index(ord(letter)) and letter != _BOX:  # a letter that the font does not have
        return _letter(_BOX, bold)
    font.set_size(_LARGE, 72)
    glyph = font.load_char(ord(letter), flags=LoadFlags.NO_HINTING)
    corners, codes = font.get_path()
    return (
        np.asarray(corners, float).reshape(-1, 2) / _LARGE,
        np.asarray(codes, "u1"),
        glyph.linearHoriAdvance / 65536 / _LARGE,
    )


@cache
def _font(bold):
    from matplotlib.font_manager import FontProperties, findfont
    from matplotlib.ft2font import FT2Font

    return FT2Font(findfont(FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")))
