"""Word documents from a template that an office may replace: fields are filled in, text from people stays text."""

import io
import re
import zipfile
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from kumuhgis.documents.sheets import safe
from kumuhgis.errors import OutputError, Problem
from kumuhgis.personal import masked

_INSIDE = re.compile(r"<_io\.BytesIO[^>]*>")
_QUOTED = re.compile(r"'([^']+)'")
_LONGEST = 300
_EPOCH = "2000-01-01"


def plain(value, longest=_LONGEST):
    r"""Give a text from people as one line of a document: no control characters, no numbers of people, not endless.

    Parameters
    ----------
    value : object
        A name, a label; missing values become an empty text.
    longest : int
        Letters that are kept; of more the end is an ellipsis.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> plain("RT 01\n{{ x }}"), plain("hub. 0812-3456-7890"), plain(None)
    ('RT 01 {{ x }}', 'hub. •••', '')
    """
    if value is None or value != value:
        return ""
    line = " ".join(safe(str(masked(str(value)))).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def fill(template, context, path, *, pictures=None, title="", made="", lang="id"):
    """Fill a Word template.

    Parameters
    ----------
    template : path
        The template of an office, or the name of one of ours.
    context : dict
        Fields. A field that the template names and the context lacks is an error.
    path : path
        The document; what is there is overwritten.
    pictures : dict of str to (bytes, float), optional
        Field to a PNG and its width in millimetres.
    title : str
        Title in the properties of the document.
    made : str
        Date of the document, ISO; the clock is never asked.
    lang : {"id", "en"}
        Language of the errors.

    Raises
    ------
    OutputError
        If the template cannot be read, or names a field that is not known.
    """
    from docx.shared import Mm
    from docxtpl import InlineImage
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import SandboxedEnvironment

    name, document = Path(template).name, opened(template, lang)
    inline = {key: InlineImage(document, io.BytesIO(png), Mm(wide)) for key, (png, wide) in (pictures or {}).items()}
    try:
        document.render({**context, **inline}, SandboxedEnvironment(undefined=StrictUndefined), autoescape=True)
    except TemplateError as error:
        raise _wrong(name, error, [*context, *inline], lang) from error
    _mark(document, context.get("sample"))
    _own(document, title, made)
    written = io.BytesIO()
    document.save(written)
    Path(path).write_bytes(_without_clock(written.getvalue(), made))


def opened(template, lang="id"):
    """Open a template, so that one that cannot be read is told before any work.

    Parameters
    ----------
    template : path
        The template of an office, or the name of one of ours.
    lang : {"id", "en"}
        Language of the error.

    Returns
    -------
    docxtpl.DocxTemplate
        The template.

    Raises
    ------
    OutputError
        If it is no Word document.
    """
    from docxtpl import DocxTemplate

    try:
        document = DocxTemplate(io.BytesIO(_read(template)))
        document.init_docx()
    except Exception as error:  # python-docx has no error of its own for what is no document
        raise _unreadable(Path(template).name, error, lang) from error
    return document


def _read(template):
    own = files("kumuhgis").joinpath("data", "templates", str(template))
    return own.read_bytes() if own.is_file() else Path(template).read_bytes()


def _unreadable(name, error, lang):
    reason = _INSIDE.sub(name, str(error))[:200]
    return OutputError([Problem("template_not_readable", name, params={"reason": reason})], lang)


def _wrong(name, error, known, lang):
    """Say which field a template names that we do not have, or what is wrong with its marks."""
    from jinja2 import UndefinedError

    if not isinstance(error, UndefinedError):
        return _unreadable(name, error, lang)
    field = (_QUOTED.findall(str(error)) or [str(error)])[-1]
    params = {"value": field, "known": ", ".join(sorted(known))}
    return OutputError([Problem("template_field_unknown", name, params=params)], lang)


def _mark(document, sample):
    """Say on every page that data are invented, also where the office's template forgot to."""
    sections = document.docx.sections
    heads = [section.header._element for section in sections]
    said = "".join(
        t.text or "" for part in (document.docx.element.body, *heads) for t in part.iter() if t.tag.endswith("}t")
    )
    if sample and sample not in said:
        for section in sections:
            section.header.paragraphs[0].insert_paragraph_before(sample)


def _own(document, title, made):
    """Set the properties; a template keeps its author."""
    said, day = document.docx.core_properties, datetime.fromisoformat((made or _EPOCH)[:10])
    said.title, said.created, said.modified, said.revision = title[:200], day, day, 1


def _without_clock(raw, made):
    """Pack a document again with one date in every entry, so that equal documents are equal bytes."""
    day = datetime.fromisoformat((made or _EPOCH)[:10])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            entry = zipfile.ZipInfo(item.filename, (max(1980, day.year), day.month, day.day, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(item))
    return out.getvalue()
