"""Write the Word templates that come with kumuhgis; an office changes a copy of them in Word."""

import io
import sys
import zipfile
from datetime import datetime
from pathlib import Path

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

FOLDER = Path(__file__).parents[1] / "kumuhgis" / "data" / "templates"
MARGIN, WIDTH = 13, 297 - 2 * 13
SMALL, TINY, HEAD = 7.5, 6.5, "E9E2D2"
CENTRE, RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT


def mark(parent, tag, **values):
    """Add an element of Word's own language."""
    element = OxmlElement(tag)
    for key, value in values.items():
        element.set(qn(f"w:{key}"), str(value))
    parent.append(element)
    return element


def new():
    """Begin a document: A4 lying, the line of invented data above, the page number below."""
    doc = Document()
    style = doc.styles["Normal"]
    style.font.name, style.font.size = "Arial", Pt(9)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "Arial")
    style.paragraph_format.space_after = Pt(3)
    for level, size in ((1, 12), (2, 10.5)):
        head = doc.styles[f"Heading {level}"]
        head.font.name, head.font.size, head.font.bold = "Arial", Pt(size), True
        head.font.color.rgb = RGBColor(0, 0, 0)
        for name in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            head.element.rPr.rFonts.attrib.pop(qn(name), None)
        head.paragraph_format.space_before, head.paragraph_format.space_after = Pt(9), Pt(4)
        head.paragraph_format.keep_with_next = True
    section = doc.sections[0]
    section.orientation, section.page_width, section.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
    for side in ("left", "right", "top", "bottom"):
        setattr(section, f"{side}_margin", Mm(MARGIN))
    section.header_distance = section.footer_distance = Mm(6)
    banner = section.header.paragraphs[0]
    banner.alignment = CENTRE
    run = banner.add_run("{{ sample }}")
    run.bold, run.font.size, run.font.color.rgb = True, Pt(12), RGBColor(0xB0, 0x12, 0x12)
    foot = section.footer.paragraphs[0]
    foot.style = banner.style = doc.styles["Normal"]
    foot.paragraph_format.tab_stops.add_tab_stop(Mm(WIDTH), alignment=2)
    foot.add_run("{{ foot }}\t").font.size = Pt(SMALL)
    for n, code in enumerate(("PAGE", "NUMPAGES")):
        foot.add_run(" / " if n else "").font.size = Pt(SMALL)
        field(foot, code)
    return doc


def field(paragraph, code):
    """Add a field that Word counts, such as the number of the page."""
    for kind in ("begin", None, "end"):
        run = paragraph.add_run()
        run.font.size = Pt(SMALL)
        if kind:
            mark(run._r, "w:fldChar", fldCharType=kind)
        else:
            mark(run._r, "w:instrText").text = code


def line(doc, words, *, size=9, bold=False, align=None, style=None, before=0, keep=False):
    """Add a paragraph."""
    paragraph = doc.add_paragraph(style=style)
    run = paragraph.add_run(words)
    if style is None:
        run.font.size, run.bold = Pt(size), bold
    if align is not None:
        paragraph.alignment = align
    if before:
        paragraph.paragraph_format.space_before = Pt(before)
    paragraph.paragraph_format.keep_with_next = keep or style is not None
    return paragraph


def write(cell, words, *, bold=False, align=None, size=SMALL, fill=None):
    """Write a cell."""
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(0)
    run = paragraph.add_run(words)
    run.font.size, run.bold = Pt(size), bold
    if align is not None:
        paragraph.alignment = align
    if fill:
        mark(cell._tc.get_or_add_tcPr(), "w:shd", val="clear", color="auto", fill=fill)


def set_widths(table, widths):
    """Fix the widths, in shares of the page."""
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    scale = WIDTH / sum(widths)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width * scale)
        for cell in column.cells:
            cell.width = Mm(width * scale)
    margins = mark(table._tbl.tblPr, "w:tblCellMar")
    for side in ("left", "right"):
        mark(margins, f"w:{side}", w=60, type="dxa")


def repeated(row):
    """Let a row stand on top of every page."""
    mark(row._tr.get_or_add_trPr(), "w:tblHeader", val="true")


def whole(row):
    """Keep a row on one page."""
    mark(row._tr.get_or_add_trPr(), "w:cantSplit", val="true")


def heads(table, columns, grouped):
    """Write the heading of a table, merged where columns have something in common."""
    start = 0
    for j, (group, heading, *_) in enumerate(columns):
        if grouped and not group:
            write(table.cell(0, j).merge(table.cell(1, j)), heading, bold=True, align=CENTRE, size=TINY, fill=HEAD)
            continue
        write(table.cell(1 if grouped else 0, j), heading, bold=True, align=CENTRE, size=TINY, fill=HEAD)
        if not grouped:
            continue
        start = j if j == 0 or columns[j - 1][0] != group else start
        if j + 1 == len(columns) or columns[j + 1][0] != group:
            write(table.cell(0, start).merge(table.cell(0, j)), group, bold=True, align=CENTRE, size=TINY, fill=HEAD)
    for row in table.rows:
        repeated(row)
        whole(row)


def grid(doc, columns, loop, total=None):
    """Add a table: columns are (group, heading, field, width, alignment); the heading has two rows where groups are."""
    grouped, headed = (any(column[n] for column in columns) for n in (0, 1))
    table = doc.add_table(rows=headed + grouped, cols=len(columns), style="Table Grid")
    if headed:
        heads(table, columns, grouped)
    write(table.add_row().cells[0], "{%tr for " + loop + " %}")
    row = table.add_row()
    whole(row)
    for cell, (_, _, words, _, align) in zip(row.cells, columns, strict=True):
        write(cell, words, align=align)
    write(table.add_row().cells[0], "{%tr endfor %}")
    if total:
        last = table.add_row()
        whole(last)
        cells = last.cells
        for j, words in total.items():
            write(cells[j], words, bold=True, align=columns[j][4], fill=HEAD)
    set_widths(table, [width for *_, width, _ in columns])
    return table


def t(name):
    return "{{ t." + name + " }}"


# ---------------------------------------------------------------- annex of the decree


LOCATIONS = [
    ("", t("location_no"), "{{ l.number }}", 8, CENTRE),
    ("", t("location"), "{{ l.name }}", 23, None),
    ("", t("ha"), "{{ l.ha }}", 12, RIGHT),
    (t("scope"), t("units"), "{{ l.units }}", 36, None),
    (t("scope"), t("desa"), "{{ l.desa }}", 17, None),
    (t("scope"), t("kecamatan"), "{{ l.kecamatan }}", 19, None),
    (t("people_group"), t("people"), "{{ l.people }}", 12, RIGHT),
    (t("people_group"), t("households"), "{{ l.households }}", 11, RIGHT),
    (t("people_group"), t("density"), "{{ l.density }}", 14, RIGHT),
    ("", t("place"), "{{ l.place }}", 23, RIGHT),
    (t("slum"), t("score"), "{{ l.score }}", 11, CENTRE),
    (t("slum"), t("level"), "{{ l.level }}", 21, None),
    (t("legality"), t("tenure"), "{{ l.tenure }}", 12, CENTRE),
    (t("legality"), t("plan"), "{{ l.plan }}", 12, CENTRE),
    (t("legality"), t("legal"), "{{ l.legal }}", 13, CENTRE),
    (t("considered"), t("score"), "{{ l.consideration_score }}", 11, CENTRE),
    (t("considered"), t("level"), "{{ l.consideration }}", 14, CENTRE),
    ("", t("class"), "{{ l.class }}", 19, CENTRE),
    ("", t("priority"), "{{ l.priority }}", 16, CENTRE),
]
DETAILS = [
    ("", t("of_location"), "{{ u.number }}", 14, CENTRE),
    ("", t("units"), "{{ u.label }}", 24, None),
    ("", t("code"), "{{ u.code }}", 34, None),
    ("", t("desa"), "{{ u.desa }}", 20, None),
    ("", t("ha"), "{{ u.ha }}", 12, RIGHT),
    (t("people_group"), t("people"), "{{ u.people }}", 13, RIGHT),
    (t("people_group"), t("households"), "{{ u.households }}", 12, RIGHT),
    ("", t("place"), "{{ u.place }}", 22, RIGHT),
    (t("slum"), t("score"), "{{ u.score }}", 12, CENTRE),
    (t("slum"), t("level"), "{{ u.level }}", 26, None),
    (t("legality"), t("tenure"), "{{ u.tenure }}", 13, CENTRE),
    (t("legality"), t("plan"), "{{ u.plan }}", 12, CENTRE),
    (t("legality"), t("legal"), "{{ u.legal }}", 14, CENTRE),
    ("", t("considered"), "{{ u.consideration }}", 25, CENTRE),
    ("", t("class"), "{{ u.class }}", 17, CENTRE),
    ("", t("priority"), "{{ u.priority }}", 14, CENTRE),
    ("", t("rank"), "{{ u.rank }}", 14, CENTRE),
]
LEFT_OUT = [
    ("", t("location"), "{{ o.name }}", 40, None),
    ("", t("desa"), "{{ o.desa }}", 28, None),
    ("", t("count"), "{{ o.count }}", 12, RIGHT),
    ("", t("units"), "{{ o.units }}", 90, None),
    ("", t("in_decree"), "{{ o.in_decree }}", 20, RIGHT),
    ("", t("reason"), "{{ o.reason }}", 80, None),
]
REVIEW = [
    ("", t("units"), "{{ r.label }}", 34, None),
    ("", t("location"), "{{ r.name }}", 40, None),
    ("", t("desa"), "{{ r.desa }}", 28, None),
    ("", t("share"), "{{ r.share }}", 22, RIGHT),
    ("", t("decree_ha"), "{{ r.decree_ha }}", 22, RIGHT),
    ("", t("now_ha"), "{{ r.now_ha }}", 24, RIGHT),
    ("", t("change_ha"), "{{ r.change_ha }}", 24, RIGHT),
    ("", t("finding"), "{{ r.finding }}", 70, None),
]
SUMS = [
    ("", t("finding"), "{{ s.finding }}", 70, None),
    ("", t("count"), "{{ s.count }}", 20, RIGHT),
    ("", t("decree_ha"), "{{ s.decree_ha }}", 30, RIGHT),
    ("", t("now_ha"), "{{ s.now_ha }}", 30, RIGHT),
    ("", t("change_ha"), "{{ s.change_ha }}", 30, RIGHT),
]
AGES = [
    ("", t("sk_number"), "{{ d.number }}", 60, None),
    ("", t("sk_date"), "{{ d.date }}", 30, CENTRE),
    ("", t("sk_age"), "{{ d.age }}", 30, CENTRE),
    ("", t("sk_finding"), "{{ d.finding }}", 110, None),
]
CHANGES = [
    ("", t("units"), "{{ c.label }}", 40, None),
    ("", t("code"), "{{ c.code }}", 50, None),
    (t("before"), t("level"), "{{ c.level_before }}", 40, None),
    (t("before"), t("ha"), "{{ c.before_ha }}", 22, RIGHT),
    (t("after"), t("level"), "{{ c.level_after }}", 40, None),
    (t("after"), t("ha"), "{{ c.after_ha }}", 22, RIGHT),
    ("", t("change"), "{{ c.change }}", 46, None),
]
CHECK = [
    ("", t("location_no"), "{{ k.number }}", 14, CENTRE),
    ("", t("location"), "{{ k.name }}", 60, None),
    ("", t("table_ha"), "{{ k.table_ha }}", 22, RIGHT),
    ("", t("map_ha"), "{{ k.map_ha }}", 22, RIGHT),
    ("", t("difference_ha"), "{{ k.difference_ha }}", 22, RIGHT),
    ("", t("finding"), "{{ k.finding }}", 120, None),
]


def heading(doc):
    """Write the head of the annex, with what the office fills in."""
    line(doc, t("annex") + " " + t("decree"), bold=True)
    for name in ("number", "date"):
        line(doc, t(name) + " : " + t("dots"))
    line(doc, t("about") + " : " + t("title"))
    line(doc, t("title"), size=12, bold=True, align=CENTRE, before=6)
    line(doc, "{{ place }}", size=10, align=CENTRE)


def signature(doc):
    """Write the block for the signature, at the right, kept together."""
    table = doc.add_table(rows=1, cols=2)
    cell = table.rows[0].cells[1]
    whole(table.rows[0])
    for n, name in enumerate(("place_signed", "date_signed", "signer", "", "", "", "name_signed")):
        paragraph = cell.paragraphs[0] if n == 0 else cell.add_paragraph()
        paragraph.alignment = CENTRE
        paragraph.add_run(t(name) if name else "")
    set_widths(table, [150, 100])


def block(doc, condition, build):
    """Write something that is only there under a condition."""
    line(doc, "{%p if " + condition + " %}")
    build()
    line(doc, "{%p endif %}")


def each(doc, loop, words, **how):
    """Write one paragraph for each of a list."""
    line(doc, "{%p for " + loop + " %}")
    line(doc, words, **how)
    line(doc, "{%p endfor %}")


def decree():
    """Make the template of the annex."""
    doc = new()
    heading(doc)
    line(doc, t("table"), style="Heading 2")
    total = {1: t("total"), 2: "{{ total.ha }}", 6: "{{ total.people }}", 7: "{{ total.households }}"}
    grid(doc, LOCATIONS, "l in locations", total)
    line(doc, "")
    each(doc, "n in notes", "{{ n }}", size=8)
    line(doc, t("details"), style="Heading 2")
    grid(doc, DETAILS, "u in units")

    def picture():
        line(doc, t("map"), style="Heading 2").paragraph_format.page_break_before = True
        line(doc, "{{ map }}", align=CENTRE, keep=True)

    block(doc, "map", picture)
    each(doc, "n in map_notes", "{{ n }}", size=8)
    signature(doc)
    line(doc, t("support"), style="Heading 1").paragraph_format.page_break_before = True
    line(doc, t("support_note"), size=8)
    line(doc, t("left_out"), style="Heading 2")
    grid(doc, LEFT_OUT, "o in left_out")
    line(doc, t("review"), style="Heading 2")
    each(doc, "n in review_notes", "{{ n }}", size=8)
    block(doc, "decrees", lambda: (grid(doc, AGES, "d in decrees"), line(doc, "")))
    block(doc, "review", lambda: (grid(doc, SUMS, "s in review_sums"), line(doc, ""), grid(doc, REVIEW, "r in review")))
    block(doc, "changes",
          lambda: (line(doc, t("changes"), style="Heading 2"), grid(doc, CHANGES, "c in changes")))  # fmt: skip
    line(doc, t("check"), style="Heading 2")
    line(doc, "{{ check_note }}", size=8, keep=True)
    grid(doc, CHECK, "k in check")
    line(doc, t("provenance"), style="Heading 2")
    grid(doc, [("", "", "{{ p.label }}", 50, None), ("", "", "{{ p.value }}", 220, None)], "p in provenance")
    line(doc, t("inputs"), bold=True, before=6, keep=True)
    grid(doc, [("", "", "{{ i.role }}", 50, None), ("", "", "{{ i.name }}", 80, None),
               ("", "", "{{ i.sha256 }}", 140, None)], "i in inputs")  # fmt: skip
    return doc


# ---------------------------------------------------------------- tables of the plan


CRITERIA = [
    ("", t("code"), "{{ c.code }}", 12, CENTRE),
    ("", t("criterion"), "{{ c.name }}", 130, None),
    ("", t("rt_known"), "{{ c.known }}", 25, RIGHT),
    ("", t("rt_unknown"), "{{ c.unknown }}", 25, RIGHT),
    ("", t("volume_sum"), "{{ c.volume }}", 30, RIGHT),
    ("", t("unit_of"), "{{ c.unit }}", 16, CENTRE),
]
PROBLEMS = [
    ("", t("code"), "{{ p.code }}", 12, CENTRE),
    ("", t("criterion"), "{{ p.name }}", 120, None),
    ("", t("volume"), "{{ p.volume }}", 46, RIGHT),
    ("", t("unit_of"), "{{ p.unit }}", 16, CENTRE),
    ("", t("total"), "{{ p.total }}", 24, RIGHT),
    ("", t("percent"), "{{ p.percent }}", 20, RIGHT),
    ("", t("score"), "{{ p.score }}", 14, CENTRE),
]
SHORT = [
    ("", t("programme"), "{{ p.programme }}", 80, None),
    ("", t("code"), "{{ p.code }}", 14, CENTRE),
    ("", t("rt_counted"), "{{ p.counted }}", 28, RIGHT),
    ("", t("rt_unknown"), "{{ p.unknown }}", 28, RIGHT),
    ("", t("rt_other"), "{{ p.other }}", 32, RIGHT),
    ("", t("volume_sum"), "{{ p.volume }}", 34, RIGHT),
    ("", t("unit_of"), "{{ p.unit }}", 18, CENTRE),
]
WORKS = [
    ("", t("label"), "{{ w.label }}", 26, None),
    ("", t("location"), "{{ w.location }}", 26, None),
    ("", t("desa"), "{{ w.desa }}", 22, None),
    ("", t("priority"), "{{ w.priority }}", 15, CENTRE),
    ("", t("code"), "{{ w.code }}", 11, CENTRE),
    ("", t("volume"), "{{ w.volume }}", 34, RIGHT),
    ("", t("unit_of"), "{{ w.unit }}", 14, CENTRE),
    ("", t("counted"), "{{ w.counted }}", 16, CENTRE),
    ("", t("price"), "", 22, None),
    ("", t("cost"), "", 24, None),
    ("", t("year"), "", 13, None),
    ("", t("fund"), "", 20, None),
    ("", t("actor"), "", 20, None),
]
REGION = [
    ("", t("kabupaten"), "{{ r.kabupaten }}", 40, None),
    ("", t("group"), "{{ r.group }}", 56, None),
    ("", t("item"), "{{ r.item }}", 56, None),
    ("", t("count"), "{{ r.count }}", 22, RIGHT),
    ("", t("ha"), "{{ r.ha }}", 22, RIGHT),
    ("", t("no_ha"), "{{ r.no_ha }}", 22, RIGHT),
    ("", t("people"), "{{ r.people }}", 22, RIGHT),
    ("", t("no_people"), "{{ r.no_people }}", 22, RIGHT),
    ("", t("near_count"), "{{ r.near }}", 22, RIGHT),
]
AUTHORITY = [
    ("", t("number"), "{{ l.number }}", 9, CENTRE),
    ("", t("location"), "{{ l.name }}", 34, None),
    ("", t("desa"), "{{ l.desa }}", 24, None),
    ("", t("kecamatan"), "{{ l.kecamatan }}", 24, None),
    ("", t("rt"), "{{ l.count }}", 9, RIGHT),
    ("", t("slum_ha"), "{{ l.ha }}", 18, RIGHT),
    ("", t("people"), "{{ l.people }}", 18, RIGHT),
    ("", t("level"), "{{ l.level }}", 26, None),
    ("", t("class"), "{{ l.class }}", 17, CENTRE),
    ("", t("priority"), "{{ l.priority }}", 16, CENTRE),
    ("", t("handling"), "{{ l.handling }}", 30, None),
    ("", t("authority"), "{{ l.authority }}", 24, None),
    ("", t("note"), "{{ l.note }}", 34, None),
]


def nested(doc, columns, outer, line_, inner):
    """Add a table in which a line across stands above the rows of each of a list."""
    table = doc.add_table(rows=1, cols=len(columns), style="Table Grid")
    heads(table, columns, False)
    write(table.add_row().cells[0], "{%tr for " + outer + " %}")
    across = table.add_row()
    whole(across)
    set_widths(table, [width for *_, width, _ in columns])
    write(across.cells[0].merge(across.cells[-1]), line_, bold=True, fill="F3EEE1")
    across.cells[0].paragraphs[0].paragraph_format.keep_with_next = True
    write(table.add_row().cells[0], "{%tr for " + inner + " %}")
    row = table.add_row()
    whole(row)
    for cell, (_, _, words, _, align) in zip(row.cells, columns, strict=True):
        write(cell, words, align=align)
    for _ in range(2):
        write(table.add_row().cells[0], "{%tr endfor %}")
    scale = WIDTH / sum(width for *_, width, _ in columns)
    for row in table.rows[3:]:
        for cell, (*_, width, _) in zip(row.cells, columns, strict=True):
            cell.width = Mm(width * scale)


def plan():
    """Make the template of the tables of a plan."""
    doc = new()
    line(doc, t("title"), size=13, bold=True, align=CENTRE)
    line(doc, t("subtitle") + "{% if place %} · {{ place }}{% endif %}", size=10, align=CENTRE)
    line(doc, "{{ rule }} · {{ date }}", size=8, align=CENTRE)
    line(doc, t("criteria"), style="Heading 2")
    grid(doc, CRITERIA, "c in criteria")
    line(doc, "")
    each(doc, "n in notes", "{{ n }}", size=8)
    line(doc, t("problems"), style="Heading 2").paragraph_format.page_break_before = True
    block(doc, "problems_more", lambda: line(doc, "{{ problems_more }}", size=8))
    nested(doc, PROBLEMS, "u in problems", "{{ u.line }}", "p in u.rows")
    line(doc, t("programmes"), style="Heading 2")
    each(doc, "n in programme_notes", "{{ n }}", size=8)
    grid(doc, SHORT, "p in programmes")
    line(doc, t("works"), style="Heading 2").paragraph_format.page_break_before = True
    block(doc, "works_more", lambda: line(doc, "{{ works_more }}", size=8))
    nested(doc, WORKS, "g in works", "{{ g.line }}", "w in g.rows")
    line(doc, t("region"), style="Heading 2")
    each(doc, "n in [region_note, authority_note]", "{{ n }}", size=8)
    grid(doc, REGION, "r in region")
    line(doc, t("locations"), style="Heading 2")
    grid(doc, AUTHORITY, "l in locations")
    line(doc, t("provenance"), style="Heading 2")
    grid(doc, [("", "", "{{ p.label }}", 50, None), ("", "", "{{ p.value }}", 220, None)], "p in provenance")
    line(doc, t("inputs"), bold=True, before=6, keep=True)
    grid(doc, [("", "", "{{ i.role }}", 50, None), ("", "", "{{ i.name }}", 80, None),
               ("", "", "{{ i.sha256 }}", 140, None)], "i in inputs")  # fmt: skip
    return doc


MADE = {"decree.docx": decree, "plan.docx": plan}


def packed(doc):
    """Give the bytes of a document, the same every time it is made."""
    doc.core_properties.author, doc.core_properties.comments = "kumuhgis", ""
    doc.core_properties.created = doc.core_properties.modified = datetime(2026, 1, 1)
    raw, out = io.BytesIO(), io.BytesIO()
    doc.save(raw)
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new_:
        for item in old.infolist():
            entry = zipfile.ZipInfo(item.filename, (2026, 1, 1, 0, 0, 0))
            new_.writestr(entry, old.read(item), zipfile.ZIP_DEFLATED)
    return out.getvalue()


if __name__ == "__main__":
    for name, make in MADE.items():
        (FOLDER / name).write_bytes(packed(make()))
        print(name, file=sys.stderr)
