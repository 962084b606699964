"""Profile pages as a PDF, set by typst: the template only reads data, so that no text is ever read as markup.

A few pages at a time are set and then joined, so that memory hardly grows with the atlas.
"""

import json
import re
import tempfile
from importlib.resources import files
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

from kumuhgis.text import text

MAPS = "svg"
"""Format of the maps: lines stay lines."""
PAGES_WHOLE, PAGES_AT_ONCE = 25, 10
"""Pages up to which a document is set whole, with tags for screen readers; of a longer one so many at a time."""
_FORGETS_AFTER = 12
"""Typst forgets what it remembers of earlier documents when it has set so many others."""
_LONG_WORD = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])|(\S{22})(?=\S)")
"""What is broken where a line ends, except a sha256: who copies it needs it whole."""
_SECTIONS = ("scale", "figures", "aspects", "decisions", "notes", "photos", "result", "reading", "provenance")
_COLUMNS = (
    "code", "criterion", "affected", "total", "unit", "percent", "score", "source", "other", "name", "key", "group",
    "level", "priority", "rank", "area", "people", "page", "file", "role", "sum_row",
)  # fmt: skip


def words(lang):
    """Give the headings that the templates show.

    Parameters
    ----------
    lang : {"id", "en"}
        Language.

    Returns
    -------
    dict of str to str
        ``section_…`` and ``column_…``, and the sentences with a number, whose number is ``{n}``.
    """
    said = {f"section_{key}": text(f"profile.section.{key}", lang) for key in _SECTIONS}
    said |= {f"column_{key}": text(f"profile.column.{key}", lang) for key in _COLUMNS}
    counted = ("section.criteria", "section.problems", "section.members", "more_members", "more_problems")
    return said | {key.replace(".", "_"): text(f"profile.{key}", lang, n="{n}") for key in counted}


def write_pages(pages, path, title, date, count, bands, lang):
    """Set pages and write them.

    Parameters
    ----------
    pages : iterable of dict
        As :func:`profile.make_pages` gives them.
    path : path
        The file.
    title : str
        Title of the document.
    date : str
        ISO date of the result, which becomes that of the document.
    count : int
        Number of pages.
    bands : list of dict
        As :func:`profile_figures.band_records` gives them.
    lang : {"id", "en"}
        Language.
    """
    pages, size = iter(pages), PAGES_AT_ONCE if count > PAGES_WHOLE else PAGES_WHOLE
    document = {"title": title, "date": str(date)[:10], "lang": lang, "t": words(lang), "joined": count > PAGES_WHOLE}
    document["bands"] = bands
    with tempfile.TemporaryDirectory(prefix="kumuhgis-") as name:
        folder, parts = Path(name), []
        template = files("kumuhgis").joinpath("data", "templates", "profile.typ").read_text("utf-8")
        (folder / "profile.typ").write_text(template, "utf-8")
        (folder / "nothing.typ").write_text(" ", "utf-8")
        fonts = _fonts()
        while chunk := list(islice(pages, size)):
            parts.append(folder / f"{len(parts):05d}.pdf")
            _set(folder, {**document, "pages": chunk}, parts[-1], fonts)
        if document["joined"]:
            _join(parts, path, title, document["date"], lang)
        else:
            Path(path).write_bytes(parts[0].read_bytes())


def _fonts():
    """Find letters that every machine has: those of typst and of matplotlib, none of the system."""
    import typst

    found = []
    if find_spec("matplotlib") is not None:
        import matplotlib

        found.append(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf"))
    return typst.Fonts(include_system_fonts=False, font_paths=found)


def _set(folder, document, out, fonts):
    """Set some pages; pictures lie beside the data as files."""
    import typst

    pages = [_with_files(page, folder) for page in document["pages"]]
    (folder / "profile.json").write_text(json.dumps({**document, "pages": pages}, ensure_ascii=False), "utf-8")
    how = {"root": str(folder), "font_paths": fonts, "ignore_system_fonts": True}
    typst.Compiler(str(folder / "profile.typ"), **how).compile(output=str(out), pdf_tags=not document["joined"])
    for file in folder.glob("picture_*"):
        file.unlink()
    if document["joined"]:
        empty = typst.Compiler(str(folder / "nothing.typ"), **how)
        for _ in range(_FORGETS_AFTER):
            empty.compile()


def _with_files(page, folder):
    """Write the pictures of a page as files, and make its long words breakable."""
    named = _breakable({key: value for key, value in page.items() if key not in ("map", "photos")})
    named["map"] = _picture(page["map"], folder, f"picture_{page['number']}.{MAPS}")
    named["photos"] = [
        {**_breakable({k: v for k, v in photo.items() if k != "picture"}), "picture": file}
        for n, photo in enumerate(page["photos"])
        for file in [_picture(photo["picture"], folder, f"picture_{page['number']}_{n}.jpg")]
    ]
    return named


def _picture(content, folder, name):
    if content is None:
        return None
    (folder / name).write_bytes(content)
    return name


def _breakable(value):
    """Let a line end inside words that are longer than a column."""
    if isinstance(value, str):
        return _LONG_WORD.sub(lambda found: f"{found[1]}\u200b" if found[1] else found[0], value)
    if isinstance(value, dict):
        return {key: _breakable(each) for key, each in value.items()}
    return [_breakable(each) for each in value] if isinstance(value, (list, tuple)) else value


def _join(parts, path, title, date, lang):
    """Put the parts together: outline, links between pages, language and title of the whole."""
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import BooleanObject, DictionaryObject, NameObject, TextStringObject

    with PdfWriter() as whole:
        for part in parts:
            whole.append(PdfReader(part), import_outline=True)
        _link(whole)
        made = f"D:{date.replace('-', '')}000000Z"
        whole.metadata = {"/Title": title, "/Creator": "kumuhgis", "/CreationDate": made, "/ModDate": made}
        root = whole.root_object
        root[NameObject("/Lang")] = TextStringObject(lang)
        shown = DictionaryObject({NameObject("/DisplayDocTitle"): BooleanObject(True)})
        root[NameObject("/ViewerPreferences")] = shown
        whole.compress_identical_objects(remove_duplicates=True, remove_unreferenced=True)
        with Path(path).open("wb") as file:
            whole.write(file)


def _link(whole):
    """Turn links that name a page by its number into links to that page."""
    from pypdf.generic import ArrayObject, NameObject

    pages = whole.pages
    targets = {f"page:{n}": page.indirect_reference for n, page in enumerate(pages, 1)}
    for page in pages:
        for note in page.get("/Annots", ()):
            action = note.get_object().get("/A", {})
            target = targets.get(action.get("/URI"))
            if target is not None:
                del note.get_object()[NameObject("/A")]
                note.get_object()[NameObject("/Dest")] = ArrayObject([target, NameObject("/Fit")])
