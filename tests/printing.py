"""What is on a printed page, measured from its own coordinates, in millimetres."""

import re

import pymupdf

MM = 25.4 / 72
HATCH = 0.45
"""Width of the lines of hatches (points); nothing else is as wide."""


def opened(source):
    """Open a PDF: a path or bytes."""
    return pymupdf.open(stream=source, filetype="pdf") if isinstance(source, bytes) else pymupdf.open(source)


def words(page):
    """The text of a page, with any break as one space."""
    return re.sub(r"\s+", " ", page.get_text())


def drawn(page):
    """What is drawn on the page, without the lines of hatches: their tiles are repeated beyond what they fill."""
    found = [each for each in page.get_drawings() if abs((each["width"] or 0) - HATCH) > 0.001]
    return [each for each in found if each["rect"] != pymupdf.Rect(0, -72, 72, 0)]


def size_of(page):
    """Width and height of the paper (mm)."""
    return page.rect.width * MM, page.rect.height * MM


def scale_of(page):
    """The scale that the page names."""
    return int(re.sub(r"\D", "", re.search(r"1 : ([\d.,]+)", words(page))[1]))


def bar_of(page):
    """The bar scale: the metres that it names and its length on the paper (m)."""
    quarters = [each["rect"] for each in drawn(page) if _quarter(each)]
    left = min(quarters, key=lambda box: box.x0)
    row = [box for box in quarters if abs(box.y0 - left.y0) < 0.1]
    length = max(box.x1 for box in row) - left.x0
    figures = [word for word in page.get_text("words") if -8 < word[3] - left.y0 < 6 and word[0] > left.x0 - 4]
    last = max((word for word in figures if re.fullmatch(r"[\d.,]+", word[4])), key=lambda word: word[0])
    unit = next(word[4] for word in figures if word[4] in ("m", "km"))
    metres = float(last[4].replace(".", "").replace(",", ".")) * (1000 if unit == "km" else 1)
    return metres, length * MM / 1000


def _quarter(each):
    """Whether a drawing is a part of a bar scale: a rectangle of 1.3 mm."""
    return abs(each["rect"].height * MM - 1.3) < 0.01 and each["rect"].width * MM > 2 and len(each["items"]) <= 4
