"""Profile pages as one HTML file: opens without a network, says what the PDF says, prints one A4 page per unit."""

import base64
import io
from importlib.resources import files
from math import ceil
from pathlib import Path

from kumuhgis.documents.profile_pdf import words

MAPS = "png"
"""Format of the maps."""
RUNGS = (
    (1.1, 20, 60), (1.0, 20, 60), (0.96, 20, 60), (0.94, 8, 60), (0.92, 5, 50), (0.88, 4, 40), (0.84, 3, 32),
    (0.82, 3, 28), (0.8, 2, 24), (0.78, 2, 24), (0.75, 1, 16), (0.7, 1, 10), (0.64, 0, 4),
)  # fmt: skip
"""Size of the letters, problems told and members listed, from the page with room to the one without."""
_PAGE_MM, _WIDE_MM, _SIDE_MM, _EM_MM = 274, 186, 87, 2.752
_LINE, _LETTER = 1.3, 0.49
_COLOURS = 64


def write_pages(pages, path, title, date, count, bands, lang):
    """Write pages as one file, one after the other: as :func:`profile_pdf.write_pages`.

    Parameters
    ----------
    pages : iterable of dict
        As :func:`profile.make_pages` gives them.
    path : path
        The file.
    title, date : str
        Title of the document and ISO date of the result.
    count : int
        Number of pages.
    bands : list of dict
        As :func:`profile_figures.band_records` gives them.
    lang : {"id", "en"}
        Language.
    """
    from jinja2 import Environment, StrictUndefined

    source = files("kumuhgis").joinpath("data", "templates", "profile.html").read_text("utf-8")
    template = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    drawn = (_ready(page) for page in pages)
    stream = template.from_string(source).stream(
        pages=drawn, title=title, date=date, lang=lang, bands=bands, t=words(lang)
    )
    with Path(path).open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(stream)


def _ready(page):
    """Choose the size of a page, and put its pictures into it."""
    scale, problems, members = next((r for r in RUNGS if page_height(page, *r) <= _PAGE_MM), RUNGS[-1])
    told = page["problems"]["told"][:problems] if "problems" in page else []
    picture = None if page["map"] is None else _data(_few_colours(page["map"]), "png")
    photos = [{**photo, "picture": _data(photo["picture"], "jpeg")} for photo in page["photos"]]
    more = {"told": told, "listed": page.get("members", [])[:members]}
    return {**page, "scale_of": scale, "map": picture, "photos": photos, **more}


def _data(content, kind):
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _few_colours(content):
    """Write a drawing with a palette: a third of the size, and the same to the eye."""
    from PIL import Image

    out = io.BytesIO()
    with Image.open(io.BytesIO(content)) as picture:
        picture.convert("RGB").quantize(_COLOURS).save(out, "png", optimize=True)
    return out.getvalue()


def page_height(page, scale, problems, members):
    """Estimate how high a page becomes, in mm; rather too high than too low.

    Parameters
    ----------
    page : dict
        The page.
    scale : float
        Size of the letters.
    problems, members : int
        How many problems are told and units listed.

    Returns
    -------
    float
        0 for a list, whose lines have a fixed height.
    """
    if page["kind"] == "list":
        return 0.0
    em = _EM_MM * scale
    paper = _Paper(em)
    head = 1.5 + paper.lines(page["where"], 125) + 1.2 * paper.lines(page["heading"] * 2, 125)
    drawn = page["map_mm"][1] if page["map"] else 30
    if page["kind"] == "cover":
        body = _cover_ems(page, paper) * em + drawn + 12
    else:
        right = 9 + paper.lines(page["distance"], _SIDE_MM) + 1.5 * len(page["figures"])
        beside = max(right * em, drawn + paper.lines(page["map_key"], 92) * em)
        body = beside + (_table_ems(page, paper) + _notes_ems(page, paper, problems)) * em
        body += _members_ems(page, members) * em + (38 + 4 * em if page["photos"] else 0) + 12
    return head * em + body + 4 + 2.5 * ceil(len(page["source"]) / 130)


class _Paper:
    """How many ems of height a text takes at a size of letters."""

    def __init__(self, em):
        self.em = em

    def lines(self, said, width_mm):
        room = width_mm / self.em
        torn = any(len(word) * _LETTER > room / 2 for word in said.split())
        return _LINE * (ceil(_ems(said) / room) + torn)


def _ems(said):
    """Estimate the width of a text: capitals are wider, and letters of other scripts may be as wide as high."""
    wide = sum(c in "WM@" or c > "\u2e80" for c in said)
    capitals = sum(c.isupper() for c in said)
    return _LETTER * len(said) + 0.28 * wide + 0.21 * capitals


def _cover_ems(page, paper):
    halves = sum(paper.lines(value, 62) + 0.12 for _, value in page["facts"])
    reading = sum(paper.lines(said, _SIDE_MM) for said in page["reading"])
    made = sum(paper.lines(value, 140) + 0.12 for _, value in page["provenance"])
    return 4 + max(halves, reading) + made + 1.05 * (len(page["inputs"]) + 2)


def _table_ems(page, paper):
    """Height of the criteria, and of the aspects beside the decisions."""
    others = ("code", "affected", "total", "unit", "percent", "score", "source", "other")
    letters = sum(max(6, *(len(c[name]) for c in page["criteria"])) for name in others)
    room = _WIDE_MM - (_LETTER * letters + 6) * paper.em
    criteria = 5.5 + sum(0.36 + paper.lines(c["name"], room) for c in page["criteria"])
    decisions = sum(0.15 + paper.lines(value, 58) for _, value in page["decisions"])
    return criteria + 2.2 + max(decisions, 1.55 * len(page["aspects"]) + 3.6)


def _notes_ems(page, paper, problems):
    notes = 2.2 + paper.lines(page["why"], _WIDE_MM)
    notes += sum(0.15 + paper.lines(said, _WIDE_MM - 2 * paper.em) for _, said in page["notes"])
    told = page["problems"]["told"][:problems]
    if page["problems"]["n"]:
        wide, columns = (_SIDE_MM, 2) if len(told) > 3 else (_WIDE_MM, 1)
        notes += 3.6 + sum(0.15 + paper.lines(said, wide - 2 * paper.em) for said in told) / columns
        notes += 2 if columns == 2 else 0
    return notes


def _members_ems(page, members):
    listed = min(members, len(page["members"]))
    return 5.6 + 1.7 * ceil(listed / (2 if listed > 8 else 1)) if listed else 0
