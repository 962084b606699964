"""The form on paper: the same questions on A4, to be filled in by hand and typed into a workbook later.

What repeats is a table with empty lines; choices are boxes to tick, numbers are boxes for digits. Questions have
numbers, and a question that does not concern everybody says whom it does.
"""

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from kumuhgis.forms.contents import form_contents
from kumuhgis.questions import CHOICES, NUMBERS, choices, questions, repeats
from kumuhgis.saving import replacing
from kumuhgis.survey import unit_choices
from kumuhgis.text import figure, text

BOX = "☐"
_ON_HEAD = ("purpose", "part", "enumerator", "rw", "unit", "household_no", "consent", "photo")
_DIGITS = {"integer": 4, "decimal": 6}
_SHADE = "E8EDF0"


def write_paper_form(source, path, *, units=None, part="both", force=False, lang="id"):
    """Write the questionnaire of a rule as a form on paper (A4, docx).

    Parameters
    ----------
    source : Rules, Project, str or path
        A rule or a project, as :func:`form_contents` takes it; a project gives the list of RT at the end.
    path : path
        The ``.docx``.
    units : geopandas.GeoDataFrame or pandas.DataFrame, optional
        The RT, indexed by unit.
    part : {"both", "household", "rt"}
        Which part; each begins on a page of its own.
    force : bool
        Overwrite what is there.
    lang : {"id", "en"}
        Language of the form.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    OutputError
        If it cannot be written.
    RulesError, ProjectError, LayerError
        If the source cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> write_paper_form("permen-14-2018", Path(tempfile.mkdtemp()) / "form.docx", part="household").name
    'form.docx'
    """
    contents = form_contents(source, units=units, part=part)
    parts = ("household", "rt") if part == "both" else (part,)
    with replacing(path, force=force, lang=lang) as draft:
        document = _document(contents, lang)
        for number, one in enumerate(parts):
            _Form(document, replace(contents, part=one), lang).write(new_page=number > 0)
        if contents.units is not None and len(contents.units):
            _list_units(document, contents, lang)
        document.save(draft)
    return Path(path)


def _document(contents, lang):
    import docx
    from docx.shared import Cm, Pt

    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(1.6)
    section.top_margin, section.bottom_margin = Cm(1.4), Cm(1.5)
    section.footer_distance = Cm(0.7)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Arial", Pt(9)
    style.paragraph_format.space_after, style.paragraph_format.space_before = Pt(0), Pt(0)
    properties = document.core_properties
    properties.title, properties.author = contents.title(lang), "kumuhgis"
    properties.created = properties.modified = datetime(2018, 1, 1)
    properties.comments = ""
    footer = section.footer.paragraphs[0]
    footer.text = text("survey.paper.footer", lang, title=contents.title(lang), rule=contents.rules.short)
    footer.runs[0].font.size = Pt(7.5)
    return document


class _Form:
    """One part of the questionnaire on its way to paper."""

    def __init__(self, document, contents, lang):
        self.document, self.contents, self.lang = document, contents, lang
        asked = [
            q.name for q in contents.questions if q.name not in _ON_HEAD and not (q.repeat and q.type == "geoshape")
        ]
        self.numbers = {name: number for number, name in enumerate(asked, 1)}

    def write(self, new_page):
        """Write heading, box of the visit, consent and all sections."""
        if new_page:
            self.document.add_page_break()
        self._heading()
        self._visit()
        if self.contents.part == "household":
            self._consent()
        for section, inner in self.contents.sections:
            rest = [q for q in inner if q.name in self.numbers]
            if rest:
                self._section(section, rest)

    def _heading(self):
        from docx.shared import Pt

        line = self.document.add_paragraph()
        run = line.add_run(self.contents.title(self.lang))
        run.bold, run.font.size = True, Pt(13)
        line.paragraph_format.space_after = Pt(4)

    def _visit(self):
        """Write the box on top: where, which household, who, when, and whether it is only training."""
        household = self.contents.part == "household"
        cells = ["rw", "unit", "household_no"] if household else ["rw", "unit"]
        labels = [text(f"survey.paper.{name}", self.lang) for name in (*cells, "enumerator", "date")]
        table = _table(self.document, 2, len(labels))
        for j, label in enumerate(labels):
            _put(table.cell(0, j), label, size=8, shade=True)
            _put(table.cell(1, j), "", height=0.75)
        line = self.document.add_paragraph()
        _run(line, f"{BOX} {text('survey.paper.trial', self.lang)}", size=8)

    def _consent(self):
        from docx.shared import Pt

        line = self.document.add_paragraph()
        line.paragraph_format.space_before = line.paragraph_format.space_after = Pt(3)
        _run(line, text("survey.consent", self.lang) + " ", size=8)
        label = questions()["consent"].said(self.lang)
        ways = "   ".join(f"{BOX} {c.label if self.lang == 'id' else c.label_en}" for c in choices()["yes_no"].values())
        _run(line, f"{label}   {ways}", size=9, bold=True)

    def _section(self, section, inner):
        """Write a section: questions with their answers, then what repeats as a table of empty lines."""
        plain = [q for q in inner if not q.repeat]
        repeated = [q for q in inner if q.repeat]
        before = [q for q in plain if inner.index(q) < inner.index(repeated[0])] if repeated else plain
        self._band(section["title"] if self.lang == "id" else section["title_en"])
        self._questions(before)
        if repeated:
            self._lines(repeated)
            self._questions([q for q in plain if q not in before])

    def _band(self, title):
        from docx.shared import Pt

        line = self.document.add_paragraph()
        line.paragraph_format.space_before, line.paragraph_format.space_after = Pt(5), Pt(1)
        line.paragraph_format.keep_with_next = True
        _run(line, title, size=10, bold=True)

    def _questions(self, inner):
        if not inner:
            return
        table = _table(self.document, len(inner), 3, widths=(0.8, 7.6, 9.4))
        for i, question in enumerate(inner):
            _mark(table.rows[i], "cantSplit")
            _put(table.cell(i, 0), str(self.numbers[question.name]), size=8)
            cell = table.cell(i, 1)
            _put(cell, question.said(self.lang), size=9)
            told = " ".join(filter(None, (self._whom(question), self._hint(question))))
            if told:
                _run(cell.add_paragraph(), told, size=7.5, italic=True)
            _put(table.cell(i, 2), self._answer(question), size=9)

    def _hint(self, question):
        return "" if question.type == "geopoint" else question.told(self.lang)

    def _whom(self, question):
        """Say whom a question concerns, by the numbers of other questions."""
        if question.relevant is None:
            return ""
        said = []
        for leaf in question.relevant.leaves():
            listed = choices()[questions()[leaf.question].choices]
            labels = [listed[key].label if self.lang == "id" else listed[key].label_en for key in leaf.in_]
            number = self.numbers[leaf.question]
            if len(labels) == len(listed) - 1:
                other = next(c for key, c in listed.items() if key not in leaf.in_)
                label = other.label if self.lang == "id" else other.label_en
                said.append(text("survey.paper.skip", self.lang, number=number, answer=label))
            else:
                said.append(text("survey.paper.only", self.lang, number=number, answers="; ".join(labels)))
        return " ".join(said)

    def _answer(self, question):
        """Give what stands in the cell of the answer."""
        if question.type in CHOICES:
            labels = [c.label if self.lang == "id" else c.label_en for c in choices()[question.choices].values()]
            short = sum(map(len, labels)) + 6 * len(labels) < 60
            return ("     " if short else "\n").join(f"{BOX} {label}" for label in labels)
        if question.type in NUMBERS:
            return self._digits(question)
        if question.type == "geopoint":
            return text("survey.paper.place", self.lang)
        return text("survey.paper.sketch", self.lang) if question.type == "geoshape" else ""

    def _digits(self, question):
        limits = f"({figure(question.min, self.lang)}–{figure(question.max, self.lang)})"
        return f"{'|__' * _DIGITS[question.type]}|   {limits}"

    def _lines(self, inner):
        """Write the table of what repeats: a column a question, choices by their letter, empty lines."""
        title = repeats()[inner[0].repeat]
        table = _table(
            self.document, title["lines"] + 1, len(inner) + 1, widths=(0.8, *[17.0 / len(inner)] * len(inner))
        )
        _put(table.cell(0, 0), "", size=8, shade=True)
        for j, question in enumerate(inner, 1):
            cell = table.cell(0, j)
            _put(cell, f"{self.numbers[question.name]}. {question.said(self.lang)}", size=8, shade=True)
            if question.type in CHOICES:
                _run(cell.add_paragraph(), self._letters(question), size=7.5, italic=True)
        for i in range(1, title["lines"] + 1):
            _mark(table.rows[i], "cantSplit")
            for j in range(len(inner) + 1):
                _put(table.cell(i, j), str(i) if j == 0 else "", size=8, height=0.62)
        _mark(table.rows[0], "tblHeader")
        line = self.document.add_paragraph()
        name = title["title"] if self.lang == "id" else title["title_en"]
        _run(line, text("survey.paper.more_lines", self.lang, what=name.lower()), size=7.5, italic=True)

    def _letters(self, question):
        listed = choices()[question.choices].values()
        return ", ".join(
            f"{chr(65 + i)} = {c.label if self.lang == 'id' else c.label_en}" for i, c in enumerate(listed)
        )


# ---------------------------------------------------------------- paper


def _list_units(document, contents, lang):
    """Write the list of RT with their codes, three columns a line, on a page of its own."""
    document.add_page_break()
    line = document.add_paragraph()
    _run(line, text("survey.paper.units", lang), size=11, bold=True)
    labels = unit_choices(contents.units, lang)["label"].tolist()
    rows = -(-len(labels) // 3)
    table = _table(document, rows, 3)
    for i, label in enumerate(labels):
        _put(table.cell(i % rows, i // rows), label, size=8)


def _table(document, rows, columns, widths=None):
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.shared import Cm

    table = document.add_table(rows, columns)
    table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    for j, width in enumerate(widths or [17.8 / columns] * columns):
        table.columns[j].width = Cm(width)
        for cell in table.columns[j].cells:
            cell.width = Cm(width)
    return table


def _mark(row, kind):
    """Give a row of a table a mark of Word: "cantSplit", or "tblHeader" to repeat it on every page."""
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement(f"w:{kind}"))


def _put(cell, words, *, size=9, shade=False, height=None):
    from docx.shared import Pt

    lines = words.split("\n")
    _run(cell.paragraphs[0], lines[0], size=size)
    for line in lines[1:]:
        _run(cell.add_paragraph(), line, size=size)
    cell.paragraphs[0].paragraph_format.space_before = cell.paragraphs[-1].paragraph_format.space_after = Pt(1.5)
    if height:
        _row_height(cell, height)
    if shade:
        from docx.oxml import parse_xml
        from docx.oxml.ns import nsdecls

        cell._tc.get_or_add_tcPr().append(parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:fill="{_SHADE}"/>'))


def _row_height(cell, centimetres):
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    row = cell._tc.getparent().get_or_add_trPr()
    if not row.findall("{*}trHeight"):
        row.append(parse_xml(f'<w:trHeight {nsdecls("w")} w:val="{round(centimetres * 567)}" w:hRule="atLeast"/>'))


def _run(line, words, *, size, bold=False, italic=False):
    from docx.shared import Pt

    run = line.add_run(re.sub(r"[\x00-\x08\x0b-\x1f]", "", words))
    run.font.size, run.bold, run.italic = Pt(size), bold, italic
