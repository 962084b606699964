"""The profile of every RT and kawasan: one A4 page each, whose figures are those of the frames, as PDF and as HTML.

Rule: Permen PUPR 14/PRT/M/2018 (and 02/PRT/M/2016): volume over total = percent -> score, the sum gives the level.
"Nothing finer than an RT, no names, no NIK": the page holds only what the record of an assessment holds of an RT.
"""

import base64
import dataclasses
import io
import re
import sys
from functools import cache
from html.parser import HTMLParser

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from pypdf import PdfReader
from test_workbook import assessed, considered, gaps, squares, table

import kumuhgis as kg
from kumuhgis.catalog import document_kinds
from kumuhgis.documents import profile_pdf
from kumuhgis.documents.profile import plan_atlas, write_profile
from kumuhgis.documents.profile_html import RUNGS, page_height
from kumuhgis.errors import OutputError, Problem, problems_frame
from kumuhgis.groups import summarise_groups
from kumuhgis.priority import why
from kumuhgis.text import number, text

A4 = (595.276, 841.89)
LONG = "Kampung " + "W" * 200
EVIL = ["=cmd|'/c calc'!A1", "<img src=x onerror=alert(1)>", "#strong[x] $x^2$ `y` @ref *tebal* \\ // {{ 7*7 }}", LONG,
        "RT é ‘a’ − ≥ ² Kéjawèn", "Pak RT 0812-3456-7890", "3313110504800001"]  # fmt: skip


def hostile():
    """Names that try to be formulas, markup of HTML, typst and jinja, or numbers of people; one RT without border."""
    keys = [f"{n + 1:03d}" for n in range(len(EVIL))]
    rt = squares(keys, rt_rw=EVIL, kawasan=[EVIL[2]] * 4 + [LONG] * 3, desa=EVIL[1], dusun=LONG, NIK="3313110504800009")
    rt.loc[6, "geometry"] = None
    base = table(len(EVIL)).drop(columns="kode").assign(kode=keys, nama_kepala_keluarga="Sri Wahyuni")
    base.loc[2, [c for c in base if c.endswith("_volume")]] = np.nan
    result = assessed(base, rt=rt[rt.geometry.notna()])
    return dataclasses.replace(result, problems=many_problems(result, keys[3]))


def many_problems(result, unit):
    """Twenty-five long problems of one RT beside those found."""
    said = [Problem("text_in_number", LONG, unit, f"kolom_{n}", {"value": LONG}) for n in range(25)]
    more = problems_frame(said, crs=result.units.crs)
    return gpd.GeoDataFrame(pd.concat([more, result.problems], ignore_index=True), crs=result.units.crs)


def village():
    """Four RT in two kawasan, some cells missing, some considerations given; nothing is sample data."""
    base = gaps().drop(columns="kecamatan").iloc[[0, 2, 5, 7]]
    return assessed(base, considerations=considered(), city_class="sedang")


@cache
def pages_of(path):
    """What every page of a PDF says, as one line each."""
    return [" ".join((page.extract_text() or "").replace("\u200b", "").split()) for page in PdfReader(path).pages]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The same atlas in both formats."""
    folder, result = tmp_path_factory.mktemp("profil"), village()
    seen = []
    kg.write(result, folder / "a.pdf", kind="profile", progress=lambda *step: seen.append(step))
    write_profile(result, folder / "a.html")
    return result, folder, seen


@pytest.fixture(scope="module")
def worst(tmp_path_factory):
    folder, result = tmp_path_factory.mktemp("profil"), hostile()
    write_profile(result, folder / "a.pdf")
    write_profile(result, folder / "a.html")
    return result, folder


def page_number(result, key, by=None):
    return plan_atlas(result, by=by).numbers[key]


# ---------------------------------------------------------------- one page each


def test_every_kawasan_and_every_rt_has_one_a4_page_in_rank_order(made):
    result, folder, seen = made
    plan = plan_atlas(result)
    pages = PdfReader(folder / "a.pdf").pages
    assert [kind for kind, _ in plan.keys] == ["cover", "list", "group", "group", *["unit"] * 4]
    assert len(pages) == 8
    assert {tuple(round(float(side), 3) for side in page.mediabox[2:]) for page in pages} == {A4}
    assert [row["rank"] for row in result.summary.loc[plan.units[:2]].to_dict("records")] == [1, 2]
    assert seen == [(n, 8, str(key)) for n, (_, key) in enumerate(plan.keys, 1)]


def test_heading_outline_and_page_number_of_the_pdf_agree(made):
    result, folder, _ = made
    reader, pages = PdfReader(folder / "a.pdf"), pages_of(folder / "a.pdf")
    named = [(item.title, reader.get_destination_page_number(item)) for item in reader.outline]
    assert named == [("Profil kumuh Desa Jaten", 0), ("Daftar halaman", 1), ("Bulu", 2), ("Widoro", 3),
                     *((unit, page_number(result, unit) - 1) for unit in plan_atlas(result).units)]  # fmt: skip
    assert all(title in pages[at] and f"Halaman {at + 1} dari 8" in pages[at] for title, at in named)


def test_the_list_links_to_every_page(made):
    _, folder, _ = made
    reader = PdfReader(folder / "a.pdf")
    targets = {note.get_object()["/A"]["/D"] if "/A" in note.get_object() else note.get_object()["/Dest"]
               for note in reader.pages[1]["/Annots"]}  # fmt: skip
    assert len(targets) == 6


def test_pdf_has_title_language_embedded_letters_and_words_that_can_be_searched(made):
    _, folder, _ = made
    reader = PdfReader(folder / "a.pdf")
    assert reader.metadata.title == "Profil kumuh Desa Jaten"
    assert reader.root_object["/Lang"] == "id"
    fonts = list(_fonts(reader))
    assert fonts
    assert all("/FontFile2" in font or "/FontFile3" in font for font in fonts)
    assert "Ketidaktersediaan akses aman air minum" in pages_of(folder / "a.pdf")[5]


def _fonts(reader):
    for page in reader.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            for below in font.get_object()["/DescendantFonts"]:
                yield below.get_object()["/FontDescriptor"]


def test_the_same_result_gives_the_same_file(made, tmp_path):
    result, *_ = made
    for suffix in ("pdf", "html"):
        first, second = tmp_path / f"1.{suffix}", tmp_path / f"2.{suffix}"
        for path in (first, second):
            write_profile(result, path, units=["003"])
        assert first.read_bytes() == second.read_bytes()


# ---------------------------------------------------------------- the figures are those of the frames


class Page(HTMLParser):
    """What an HTML page says: text by article, tags, and the cells of every row."""

    def __init__(self, path):
        super().__init__()
        self.articles, self.tags, self.rows, self.open = [], [], [], []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "article":
            self.articles.append([])
            self.rows.append([])
        if tag == "tr":
            self.rows[-1].append([])
        if tag in ("td", "th"):
            self.rows[-1][-1].append("")
        self.open = [*self.open, tag] if tag not in ("meta", "img", "col", "br", "rect") else self.open

    def handle_endtag(self, tag):
        self.open = self.open[: len(self.open) - 1 - self.open[::-1].index(tag)] if tag in self.open else self.open

    def handle_data(self, data):
        if self.articles and data.strip():
            self.articles[-1].append(" ".join(data.split()))
            if {"td", "th"} & set(self.open):
                self.rows[-1][-1][-1] = f"{self.rows[-1][-1][-1]} {data.strip()}".strip()


def shown(value, unit, lang="id"):
    decimals = 4 if unit == "ha" else 1
    words = number(round(float(value), decimals), decimals, lang)
    return re.sub(r"[.,]?0+$", "", words) if ("," if lang == "id" else ".") in words else words


@pytest.mark.parametrize("unit", ["001", "003", "006", "008"])
def test_trace_of_every_criterion_is_that_of_the_scores(unit, made):
    """Volume / total = percent -> score, as Indonesians write numbers; missing is a dash and a range, never a zero."""
    result, folder, _ = made
    at = page_number(result, unit) - 1
    rows = {cells[0]: cells for cells in Page(folder / "a.html").rows[at] if len(cells) == 9}
    said = pages_of(folder / "a.pdf")[at]
    for criterion in result.rules.criteria:
        row, cells = result.scores.loc[(unit, criterion.code)], rows[criterion.code]
        affected, total = (shown(row[c], criterion.unit) if pd.notna(row[c]) else "–" for c in ("affected", "total"))
        assert cells[2:5] == [affected, total, criterion.unit]
        if pd.isna(row["percent"]):
            assert cells[5:7] == ["data belum ada", f"{row['score_low']:.0f}–{row['score_high']:.0f}"]
        else:
            assert cells[5:7] == [f"{number(row['percent'], 2)}\u00a0%", str(int(row["score"]))]
        assert " ".join(cells[2:7]).replace("\u00a0", " ") in said.replace("\u00a0", " ")


@pytest.mark.parametrize("kind", ["a.pdf", "a.html"])
def test_level_total_priority_and_why_stand_on_the_page_of_the_rt(kind, made):
    result, folder, _ = made
    pages = pages_of(folder / kind) if kind == "a.pdf" else [" ".join(a) for a in Page(folder / kind).articles]
    for unit, row in result.summary.iterrows():
        page = pages[page_number(result, unit) - 1]
        low, high = row["total_low"], row["total_high"]
        assert f"{low} dari 80" in page or f"{low}–{high} dari 80" in page
        assert (row["level"] if pd.notna(row["level"]) else text("levels.undetermined")) in page
        assert why(row, result.rules) in page
    ranked = pages[page_number(result, "006") - 1]
    assert "2 dari 2 yang berperingkat" in ranked
    assert re.search(
        rf"Klasifikasi {result.summary.loc['006', 'class']} Prioritas \d Pola penanganan pemugaran", ranked
    )


def test_an_open_level_says_which_criteria_decide_and_what_is_missing(made):
    """ "Belum dapat ditentukan": the range, the levels that are possible, the criteria that decide."""
    result, folder, _ = made
    row = result.summary.loc["001"]
    page = pages_of(folder / "a.pdf")[page_number(result, "001") - 1]
    assert "Jumlah nilai antara 30 dan 40" in page
    assert "Kemungkinan tingkat: kumuh ringan – kumuh sedang" in page
    assert row["deciding"] == "3b, 5b"
    assert "Belum ada data untuk kriteria 3b, 5b. Nilainya belum pasti, bukan nol." in page


def test_kawasan_is_the_sum_of_its_rt_and_names_them(made):
    """Roll-up: volumes and totals are summed, percents never averaged; slum hectares are those of the RT."""
    result, folder, _ = made
    groups = summarise_groups(result, "kawasan")
    page = pages_of(folder / "a.pdf")[page_number(result, ("group", "Bulu")) - 1]
    members = result.units.index[result.units["kawasan"] == "Bulu"]
    low, high = (groups.loc["Bulu", f"total_{end}"] for end in ("low", "high"))
    assert f"{low}–{high} dari 80" in page
    volume = result.measures["affected"].xs("1c", level="criterion").reindex(members).sum()
    total = result.measures["total"].xs("1c", level="criterion").reindex(members).sum()
    assert f"{volume:.0f} {total:.0f} unit {number(100 * volume / total)}" in page.replace("\u00a0", " ")
    assert f"RT di dalamnya ({len(members)})" in page
    assert all(re.search(rf"{unit} \d+", page) for unit in members)


def test_a_roll_up_that_hides_slum_says_so():
    from kumuhgis.documents.profile_facts import group_notes

    result = assessed(table(4, kawasan="Bulu"))
    row = {**summarise_groups(result, "kawasan").loc["Bulu"].to_dict(), "level": "tidak kumuh", "slum_units": 3}
    said = group_notes(row, result.rules, result.scores.loc["001"], "", "id")[0]
    assert said == ("warn", "Rekap ini tidak kumuh, tetapi 3 dari 4 RT di dalamnya kumuh. Luas kumuh dihitung dari RT.")


def test_sample_says_so_on_every_page_in_english_too_and_shows_land_and_the_other_source(tmp_path):
    """Invented data are marked on each page; legality has its hectares and shares; table and map stand side by side."""
    result = kg.assess(kg.load_sample("brujul"))
    unit = result.summary["rank"].astype(float).idxmin()
    path = kg.write(result, tmp_path / "rt.pdf", kind="profile", lang="en", units=[unit], by="kawasan")
    pages, row = pages_of(path), result.summary.loc[unit]
    assert len(pages) == 2
    assert all(page.count(text("headline.sample", "en")) >= 2 for page in pages)
    assert PdfReader(path).root_object["/Lang"] == "en"
    said = pages[1].replace("\u00a0", " ")
    assert f"{number(100 * row['tenure_clear_share'], 1, 'en')} %" in said
    assert f"{number(row['tenure_clear_ha'], 2, 'en')} ha clear" in said
    both = result.measures.loc[unit].query("source == 'table' and geometry_percent.notna() and percent_difference != 0")
    assert all(f"= {number(p, 2, 'en')} %" in said for p in both["geometry_percent"])
    assert "The result is" in said or text("maps.card.firm", "en") in said or "Fragile" in said


def test_old_rule_has_nineteen_criteria_and_its_own_scale(tmp_path):
    """Permen PUPR 02/PRT/M/2016: 19 criteria, total 0-95, kumuh ringan from 19."""
    rules = kg.load_rules("permen-02-2016")
    result = assessed(table(1, rules=rules), rules="permen-02-2016")
    write_profile(result, tmp_path / "a.html")
    page = Page(tmp_path / "a.html")
    assert len(page.articles) == 3
    assert [cells[0] for cells in page.rows[2] if len(cells) == 9][1:] == list(rules.codes)
    assert f"{result.summary['total_low'].iloc[0]} dari 95" in page.articles[2]
    assert {"19", "45", "71", "95"} <= set(page.articles[2])


# ---------------------------------------------------------------- people's text is data


def placed(page):
    """Every piece of text of a page with its place: (y, x, text), in the order in which they are set."""
    found = []

    def visit(said, outer, inner, *_):
        x = inner[4] * outer[0] + inner[5] * outer[2] + outer[4]
        y = inner[4] * outer[1] + inner[5] * outer[3] + outer[5]
        found.append((y, x, said))

    page.extract_text(visitor_text=visit)
    return [each for each in found if each[2].strip()]


def test_a_page_never_runs_over_whatever_is_written(worst):
    """200 letters without a blank, 28 problems: still one page each, and the body ends above the foot."""
    result, folder = worst
    reader = PdfReader(folder / "a.pdf")
    assert len(reader.pages) == len(plan_atlas(result).keys)
    for page in reader.pages:
        words = placed(page)
        foot = next(n for n, (*_, said) in enumerate(words) if said.strip().startswith("Proyek:"))
        assert min(y for y, *_ in words[:foot]) > words[foot][0]
        assert all(0 < x < A4[0] and 0 < y < A4[1] for y, x, _ in words)
    crowded = pages_of(folder / "a.pdf")[page_number(result, "004") - 1]
    told = crowded.count("bukan bilangan")
    assert 1 <= told < 28
    assert f"… dan {28 - told} lagi" in crowded


def test_hostile_text_stays_text_in_both(worst):
    _, folder = worst
    said = " ".join(pages_of(folder / "a.pdf"))
    page = Page(folder / "a.html")
    html = " ".join(" ".join(article) for article in page.articles)
    for name in (EVIL[0], EVIL[1], EVIL[2], EVIL[4]):
        assert name in html
        assert name in said
    assert {tag for tag, _ in page.tags} & {"script", "iframe", "object", "form", "input"} == set()
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]
    assert all(attrs["src"].startswith("data:image/") for tag, attrs in page.tags if tag == "img")
    assert all(attrs["href"].startswith("#page-") for tag, attrs in page.tags if tag == "a")


def test_no_number_or_name_of_a_person_and_no_column_of_theirs(worst):
    _, folder = worst
    for said in (" ".join(pages_of(folder / "a.pdf")), (folder / "a.html").read_text("utf-8")):
        for secret in ("0812-3456-7890", "3313110504800001", "3313110504800009", "Sri Wahyuni"):
            assert secret not in said
        assert "Pak RT •••" in said


def test_an_rt_without_a_border_has_a_page_that_says_so(worst):
    result, folder = worst
    at = page_number(result, "007") - 1
    assert "Tidak ada peta: batas RT ini belum digambar." in pages_of(folder / "a.pdf")[at]
    assert "Tidak ada peta: batas RT ini belum digambar." in Page(folder / "a.html").articles[at]


# ---------------------------------------------------------------- HTML


def test_html_is_one_file_with_language_headings_alternatives_and_heads_of_tables(made):
    _, folder, _ = made
    page = Page(folder / "a.html")
    tags = [tag for tag, _ in page.tags]
    assert ("html", {"lang": "id"}) in page.tags
    assert tags.count("h1") == tags.count("article") == 8
    images = [attrs for tag, attrs in page.tags if tag == "img"]
    assert len(images) == 7
    assert all(attrs["alt"].startswith("Peta ") for attrs in images)
    assert all(attrs.get("scope") in ("col", "row") for tag, attrs in page.tags if tag == "th")
    assert "link" not in tags
    assert not re.search(r"https?://", (folder / "a.html").read_text("utf-8"))


@pytest.mark.parametrize("which", ["made", "worst"])
def test_html_prints_one_page_each_and_cuts_nothing(which, request, browser, tmp_path):
    folder = request.getfixturevalue(which)[1]
    page = browser.new_context(offline=True, viewport={"width": 1000, "height": 1400}).new_page()
    page.goto((folder / "a.html").as_uri())
    page.emulate_media(media="print")
    over = page.evaluate("""() => [...document.querySelectorAll(".page")].map(p => {
      const body = p.querySelector(".body"), end = p.querySelector("footer").getBoundingClientRect();
      return [body.scrollHeight - body.clientHeight, body.scrollWidth - body.clientWidth,
              end.bottom - p.getBoundingClientRect().bottom];
    })""")
    assert [row for row in over if max(row) > 1] == []
    page.pdf(path=tmp_path / "print.pdf", prefer_css_page_size=True)
    page.context.close()
    assert len(PdfReader(tmp_path / "print.pdf").pages) == len(over)


def test_letters_never_become_smaller_than_the_last_step_needs():
    assert [scale for scale, *_ in RUNGS] == sorted((scale for scale, *_ in RUNGS), reverse=True)
    assert page_height({"kind": "list"}, *RUNGS[-1]) == 0


# ---------------------------------------------------------------- photos


def photo(path, *, turned=False):
    """A photo of 1,200 x 800 pixels, red at its left, with place and owner; turned as a phone writes it."""
    picture = Image.new("RGB", (1200, 800), "#3060c0")
    picture.paste("#d02020", (0, 0, 200, 800))
    exif = Image.Exif()
    exif[0x010E], exif[0x013B] = "Rumah Bu Sri", "Sri Wahyuni"
    exif.get_ifd(0x8825)[1] = "S"
    if turned:
        exif[0x0112] = 6
    picture.save(path, quality=95, exif=exif)
    return path


def test_photos_are_small_upright_and_hold_nothing_but_the_picture(made, tmp_path):
    """A photo may say where it was taken and by whom; the page says "Foto 1 dari 2" and no more."""
    result, *_ = made
    files = [photo(tmp_path / "sri_wahyuni.jpg", turned=True), photo(tmp_path / "b.jpg")]
    write_profile(result, tmp_path / "a.html", units=["003"], photos={"003": files})
    write_profile(result, tmp_path / "a.pdf", units=["003"], photos={"003": files})
    html = (tmp_path / "a.html").read_text("utf-8")
    found = re.findall(r"data:image/jpeg;base64,([^\"]+)", html)
    first, second = (Image.open(io.BytesIO(base64.b64decode(each))) for each in found)
    assert (first.size, second.size) == ((600, 900), (900, 600))
    assert first.getpixel((300, 50))[0] > 180 > 90 > first.getpixel((300, 800))[0]
    assert not dict(first.getexif()) and not dict(second.getexif())
    page = PdfReader(tmp_path / "a.pdf").pages[0]
    assert "Foto 1 dari 2" in page.extract_text()
    assert "sri" not in (html + page.extract_text()).lower()
    assert b"Wahyuni" not in (tmp_path / "a.pdf").read_bytes()
    assert len(PdfReader(tmp_path / "a.pdf").pages) == 1


def test_what_is_no_picture_or_no_rt_is_said_before_any_work(made, tmp_path):
    result, *_ = made
    (tmp_path / "a.jpg").write_text("bukan foto")
    given = {"003": [tmp_path / "a.jpg", tmp_path / "tidak_ada.jpg"], "XYZ": []}
    with pytest.raises(OutputError) as error:
        kg.write(result, tmp_path / "a.pdf", kind="profile", photos=given)
    assert [p.code for p in error.value.problems] == ["unit_not_found", "photo_unreadable", "photo_unreadable"]
    assert not (tmp_path / "a.pdf").exists()
    with pytest.raises(OutputError, match="Unit 'XYZ' tidak ada"):
        kg.write(result, tmp_path / "a.pdf", kind="profile", units=["XYZ"])


# ---------------------------------------------------------------- many, and without the extra


def test_an_atlas_of_many_pages_is_joined_with_its_outline_links_title_and_language(tmp_path, monkeypatch):
    """Set a few pages at a time, so that memory hardly grows: nothing of the whole may be lost."""
    monkeypatch.setattr(profile_pdf, "PAGES_WHOLE", 2)
    monkeypatch.setattr(profile_pdf, "PAGES_AT_ONCE", 2)
    result = assessed(table(3, kawasan="Bulu"))
    write_profile(result, tmp_path / "a.pdf")
    reader = PdfReader(tmp_path / "a.pdf")
    assert len(reader.pages) == 6
    assert [item.title for item in reader.outline][2:] == ["Bulu", *plan_atlas(result).units]
    assert [reader.get_destination_page_number(item) for item in reader.outline] == list(range(6))
    assert reader.metadata.title == "Profil kumuh"
    assert reader.root_object["/Lang"] == "id"
    numbers = {page.indirect_reference.idnum: n for n, page in enumerate(reader.pages)}
    targets = [note.get_object()["/Dest"][0] for note in reader.pages[1]["/Annots"]]
    assert {numbers[target.idnum] for target in targets} == {2, 3, 4, 5}


def test_without_typst_the_pdf_names_the_extra_and_html_still_works(made, tmp_path, monkeypatch):
    result, *_ = made
    missing = {**document_kinds()["profile"], "needs": {".pdf": ["a_package_that_is_not_there"]}}
    monkeypatch.setitem(document_kinds(), "profile", missing)
    with pytest.raises(OutputError) as error:
        kg.write(result, tmp_path / "a.pdf", kind="profile")
    assert [p.code for p in error.value.problems] == ["document_needs_package"]
    assert "pip install 'kumuhgis[laporan]'" in str(error.value)
    assert list(tmp_path.iterdir()) == []
    assert kg.write(result, tmp_path / "a.html", kind="profile", units=["003"]).exists()


def test_without_matplotlib_html_says_that_the_picture_of_the_map_is_missing(made, tmp_path, monkeypatch):
    result, *_ = made
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        monkeypatch.setitem(sys.modules, name, None)
    write_profile(result, tmp_path / "a.html", units=["003"])
    page = Page(tmp_path / "a.html")
    assert "Tidak ada gambar peta: pasang kumuhgis[laporan]." in page.articles[0]
    assert "img" not in {tag for tag, _ in page.tags}
