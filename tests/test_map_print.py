"""What the browser prints: one page of the right paper, everything on it, at the scale it names."""

import io
import re
from types import SimpleNamespace

import pandas as pd
import pytest
from browsing import open_unit
from invented_village import CRS, HOSTILE, invented
from pypdf import PdfReader
from pyproj import Geod

import kumuhgis as kg
from kumuhgis import maps
from kumuhgis.captions import why_sentences
from kumuhgis.errors import Problem, problems_frame
from kumuhgis.text import text
from kumuhgis.trace import fragile_sentence

MAP = "var map = window[Object.keys(window).find(k => k.startsWith('map_'))]"
A4, A3 = (297, 210), (420, 297)


@pytest.fixture(scope="module")
def village():
    return invented()


def ready(page):
    """A page whose window of the printer does not open: what would be printed is laid out and stays."""
    page.evaluate("""() => { window.asked = 0;
        window.print = () => { window.asked += 1; window.dispatchEvent(new Event("beforeprint")); }; }""")
    return page


def asked(page):
    """Wait until the page has asked for the printer."""
    for _ in range(40):
        if page.evaluate("window.asked"):
            return
        page.wait_for_timeout(50)
    raise AssertionError("nothing was printed")


def pdf_of(page, path):
    content = page.pdf(prefer_css_page_size=True, print_background=True)
    path.write_bytes(content)
    return PdfReader(io.BytesIO(content))


def millimetres(page):
    box = page.mediabox
    return tuple(round(float(side) * 25.4 / 72) for side in (box.width, box.height))


def words(reader):
    """The text of all pages, with any break as one space."""
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in reader.pages))


def view(page):
    return page.evaluate(f"{MAP}; [map.getZoom(), map.getCenter().lat, map.getCenter().lng, map.getSize().x]")


@pytest.mark.parametrize(("lang", "n"), [("id", 6), ("id", 11), ("en", 3)])
def test_a_card_is_one_page_with_all_that_it_says(village, show, shots, lang, n):
    page = ready(show(maps.village_map(village, lang=lang)))
    open_unit(page, village.units.index[n])
    page.locator(".kg-print").click()
    asked(page)
    reader = pdf_of(page, shots / f"card-{lang}-{n}.pdf")
    assert len(reader.pages) == 1 and millimetres(reader.pages[0]) == A4[::-1]
    told, row = words(reader), village.summary.iloc[n]
    for criterion in village.rules.criteria:
        assert (criterion.name if lang == "id" else criterion.name_en) in told, criterion.code
    near = pd.notna(row["fragile"]) and bool(row["fragile"])
    assert (fragile_sentence(row, village.rules, lang) if near else "") in told
    assert why_sentences(village.summary, village.rules, lang)[n] in told
    for part in (
        village.units["rt_rw"].iloc[n],
        village.units.index[n],
        "2026-03-15",
        village.rules.short,
        "Kawasan Bulu",
    ):
        assert part in told
    assert text("maps.sample", lang) in told and "1 : " in told


@pytest.mark.parametrize("n", [4, 8])
def test_several_notes_are_printed_large_enough_to_read(village, show, shots, n):
    """Type of 7.5 points at least, nothing over anything else."""
    unit = village.summary.index[11]
    found = [Problem("record_without_map", "baseline.csv", unit, "x", {"rt": "RT 03/RW 02"}) for _ in range(n)]
    record = SimpleNamespace(**{**vars(village), "problems": problems_frame(found, crs=CRS)})
    page = ready(show(maps.village_map(record)))
    open_unit(page, unit)
    page.locator(".kg-print").click()
    asked(page)
    sizes = page.evaluate("""() => [...document.querySelectorAll(".kg-sheet .kg-note, .kg-sheet .kg-note li")].map(
        (each) => parseFloat(getComputedStyle(each).fontSize) * each.currentCSSZoom * 0.75)""")
    assert sizes and min(sizes) >= 7.5
    notes, criteria, foot = (
        page.locator(f".kg-sheet {part}").bounding_box() for part in (".kg-notes", ".kg-paper-body", ".kg-paper-source")
    )
    assert notes["y"] + notes["height"] <= criteria["y"] and criteria["y"] + criteria["height"] <= foot["y"]
    pdf_of(page, shots / f"card-notes-{n}.pdf")


def test_a_card_with_very_long_notes_is_still_one_page(village, show, shots):
    unit = village.summary.index[11]
    found = [Problem("record_without_map", "baseline.csv", unit, "x", {"rt": 40 * "panjang sekali "}) for _ in range(9)]
    names = village.units.assign(rt_rw=[*village.units["rt_rw"][:11], 12 * HOSTILE[0]])
    record = SimpleNamespace(**{**vars(village), "problems": problems_frame(found, crs=CRS), "units": names})
    page = ready(show(maps.village_map(record)))
    open_unit(page, unit)
    page.locator(".kg-print").click()
    asked(page)
    reader = pdf_of(page, shots / "card-long.pdf")
    assert len(reader.pages) == 1
    assert village.rules.criteria[-1].name in words(reader) and "Dicetak" in words(reader)
    assert page.evaluate("window.ran") is None


@pytest.mark.parametrize(("paper", "size"), [("A4", A4), ("A3", A3)])
def test_the_map_fills_the_paper_at_the_scale_it_names(village, show, shots, paper, size):
    page = ready(show(maps.village_map(village)))
    before = view(page)
    page.locator("[data-tool=print]").click()
    page.locator(f"input[value={paper}]").check()
    page.locator(".kg-go").click()
    asked(page)
    frame = page.evaluate(
        f"{MAP}; var s = map.getSize(), a = map.containerPointToLatLng([0, s.y / 2]),"
        "b = map.containerPointToLatLng([s.x, s.y / 2]), c = map.containerPointToLatLng([s.x / 2, 0]),"
        "d = map.containerPointToLatLng([s.x / 2, s.y]);"
        "[s.x, s.y, a.lng, a.lat, b.lng, b.lat, c.lng, c.lat, d.lng, d.lat]"
    )
    assert frame[0] * 25.4 / 96 > 0.68 * size[0] and frame[1] * 25.4 / 96 > 0.75 * size[1]
    place = page.locator(".kg-paper-scale")
    scale = float(place.get_attribute("data-scale"))
    for pixels, ends in ((frame[0], frame[2:6]), (frame[1], frame[6:])):
        ground = Geod(ellps="WGS84").inv(*ends)[2]
        assert ground / (pixels * 0.0254 / 96) == pytest.approx(scale, rel=0.005)
    bar = page.evaluate("document.querySelector('.kg-paper-scale svg').getBoundingClientRect().width") * 25.4 / 96
    assert float(place.get_attribute("data-metres")) / (bar / 1000) == pytest.approx(scale, rel=0.01)
    reader = pdf_of(page, shots / f"map-{paper}.pdf")
    assert len(reader.pages) == 1 and millimetres(reader.pages[0]) == size
    told = words(reader)
    assert f"± 1 : {scale:,.0f}".replace(",", ".") in told and round(scale) % 250 == 0
    for part in ("Peta kekumuhan Desa Jaten", "DATA CONTOH", "2026-03-15", village.rules.short, "Dicetak 20", " U "):
        assert part in told
    for level in village.rules.level_keys:
        assert level in told
    assert "RT 03/ RW 02" in told or "RT 03/RW 02" in told
    assert "Legenda dan lapisan" not in told, "panels stay on the screen"
    page.wait_for_timeout(100)
    assert view(page) == pytest.approx(before)
    assert page.locator(".kg-sheet").count() == 0 and page.locator(".kg-copy").count() == 0


def test_the_keys_of_the_browser_print_the_map_too(village, show, shots):
    page = show(maps.village_map(village))  # printed at once, while the map still moves to its place
    page.evaluate(
        "addEventListener('beforeprint', () => { window.copies = document.querySelectorAll('.kg-copy').length; })"
    )
    reader = pdf_of(page, shots / "map-keys.pdf")
    assert len(reader.pages) == 1 and millimetres(reader.pages[0]) == A4
    assert "Tingkat kekumuhan" in words(reader) and "± 1 : 4.000 " in words(reader)
    assert page.evaluate("window.copies") == page.locator("canvas").count() > 0
    assert page.locator(".kg-sheet").count() == 0 and view(page)[3] == 1440


def test_the_legend_on_paper_has_the_layers_that_are_shown(village, show, shots):
    page = ready(show(maps.village_map(village)))
    page.locator("input[data-layer=roads]").click()
    page.locator("input[data-layer=land]").click()
    page.evaluate(f"{MAP}; kumuhgis.print(map, map.kumuhgis.job)")
    names = page.locator(".kg-paper-legend h2").all_text_contents()
    assert "Status tanah" in names and "Bangunan" in names
    assert "Jalan lingkungan" not in names and "Tingkat kekumuhan" not in names
    assert (
        page.locator(".kg-paper-legend").bounding_box()["height"]
        <= page.locator(".kg-sheet aside").bounding_box()["height"]
    )


def test_levels_have_their_patterns_on_paper_and_lose_them_after(village, show):
    page = ready(show(maps.village_map(village)))
    unit = village.summary.index[list(village.summary["level"]).index("kumuh berat")]
    path = page.locator(f'path[data-unit="{unit}"]')
    page.evaluate(f"{MAP}; kumuhgis.print(map, map.kumuhgis.job)")
    assert path.get_attribute("fill").startswith("url(#kg-pattern-crossed")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert path.get_attribute("fill") == "#7d1527"


def test_the_table_has_every_unit_and_the_sums_of_the_summary(village, show, shots):
    page = ready(show(maps.village_map(village)))
    page.locator("[data-tool=print]").click()
    page.locator("input[value=table]").check()
    page.locator(".kg-go").click()
    asked(page)
    names = page.locator(".kg-tablesheet thead th").all_inner_texts()
    sums = dict(zip(names, page.locator(".kg-sum > tr > *").all_inner_texts(), strict=True))
    expected = village.summary["area_used_ha"].sum(), village.summary["slum_ha"].sum()
    assert sums["RT/RW"] == "Jumlah: 12 RT"
    assert [sums["Luas (ha)"], sums["Kumuh (ha)"]] == [f"{value:.2f}".replace(".", ",") for value in expected]
    assert sums["Jiwa"] == f"{village.units['population'].sum():,}".replace(",", ".")
    reader = pdf_of(page, shots / "table.pdf")
    assert len(reader.pages) == 1 and millimetres(reader.pages[0]) == A4
    told = words(reader)
    assert all(name in told for name in village.units["rt_rw"])
    assert "DATA CONTOH" in told and "± 1 : " not in told


def test_the_table_on_paper_is_that_of_the_screen(show, shots):
    """What is open is a range in both, and both say how many RT a sum leaves out."""
    sample = kg.assess(kg.load_sample("brujul"))
    sample.units.loc[sample.units.index[0], "population"] = None
    page = ready(show(maps.village_map(sample)))
    page.locator("[data-tool=table]").click()
    page.wait_for_selector("tfoot tr")
    foot = page.locator("tfoot tr").first
    screen = [cell.strip() for cell in foot.locator("th, td").all_inner_texts()]
    heads = page.locator("thead th[data-column]").all_inner_texts()
    page.evaluate(f"{MAP}; kumuhgis.print(map, {{kind: 'table', paper: 'A4', patterns: false}})")
    paper = page.locator(".kg-sum > tr > *").all_inner_texts()
    assert [name.strip() for name in heads] == page.locator(".kg-tablesheet thead th").all_inner_texts()
    assert [cell for cell in paper if "RT" not in cell] == [
        "" if "RT" in cell else cell for cell in screen if cell != "Jumlah"
    ]
    low, high = sample.summary[["slum_ha_low", "slum_ha_high"]].sum()
    assert f"{low:.2f}–{high:.2f}".replace(".", ",") in paper
    assert any(cell.startswith("0–") for cell in page.locator(".kg-tablesheet td").all_inner_texts())
    assert "* Jiwa: 1 RT" in page.locator(".kg-left-out").inner_text()
    pdf_of(page, shots / "table-open.pdf")


def test_a_filtered_table_says_so(village, show):
    page = ready(show(maps.village_map(village)))
    page.evaluate(
        f"{MAP}; kumuhgis.filter(map, map.kumuhgis.village.column('level').map(l => l === 3));"
        "kumuhgis.print(map, {kind: 'table', paper: 'A4', patterns: false})"
    )
    heavy = int((village.summary["level"] == "kumuh berat").sum())
    assert page.locator(".kg-sheet tbody:not(.kg-sum) tr").count() == heavy
    assert f"hanya {heavy} dari 12 RT (disaring)" in page.locator(".kg-sheet").inner_text()


def test_escape_leaves_the_window_and_prints_nothing(village, show):
    page = ready(show(maps.village_map(village)))
    page.locator("[data-tool=print]").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.value") == "map"
    page.keyboard.press("Escape")
    page.wait_for_timeout(150)
    assert page.locator(".kg-dialog").count() == 0 and page.evaluate("window.asked") == 0


def test_hostile_names_on_paper_are_text(show, shots):
    a = invented(hostile=True)
    page = ready(show(maps.village_map(a)))
    for kind in ("map", "table"):
        page.evaluate(f"{MAP}; kumuhgis.print(map, {{kind: '{kind}', paper: 'A4', whole: true, patterns: true}})")
        assert HOSTILE[2] in page.locator(".kg-sheet").text_content()
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    open_unit(page, a.units.index[1])
    page.locator(".kg-print").click()
    assert HOSTILE[1] in page.locator(".kg-sheet").text_content()
    assert page.evaluate("window.ran") is None and page.locator("img[src=x]").count() == 0


def test_a_sheet_is_not_taken_away_by_the_wait_of_the_sheet_before_it(village, show):
    """Printed, closed and printed again at once: the second sheet stays although its printer is slow to answer."""
    page = show(maps.village_map(village))
    page.evaluate(f"""() => {{ {MAP}; var heard = new Event("beforeprint"), done = new Event("afterprint");
        window.print = () => {{ window.dispatchEvent(heard); window.dispatchEvent(done); }};
        kumuhgis.print(map, {{kind: "table", paper: "A4", whole: true, patterns: false}}); }}""")
    page.wait_for_selector(".kg-sheet", state="detached")
    page.evaluate(f"""() => {{ {MAP}; window.requestAnimationFrame = () => {{}};  // the second waits for its frame
        kumuhgis.print(map, {{kind: "table", paper: "A4", whole: true, patterns: false}}); }}""")
    page.wait_for_timeout(2500)
    assert page.locator(".kg-sheet").count() == 1


def test_a_map_without_units_and_legend_prints_too(village, show, shots):
    page = ready(show(maps.base(village)))
    page.locator("[data-tool=print]").click()
    assert page.locator("input[value=table]").count() == 0
    page.locator(".kg-go").click()
    asked(page)
    reader = pdf_of(page, shots / "bare.pdf")
    assert len(reader.pages) == 1 and "Peta kekumuhan Desa Jaten" in words(reader)


def test_where_nothing_can_be_printed_the_map_comes_back_and_says_so(village, show):
    page = show(maps.village_map(village), "phone")
    before = view(page)
    page.evaluate("() => { window.print = () => {}; }")
    page.evaluate(f"{MAP}; kumuhgis.print(map, map.kumuhgis.job)")
    page.wait_for_selector(".kg-dialog")
    assert text("maps.print.cannot") in page.locator(".kg-dialog").inner_text()
    assert page.locator(".kg-sheet").count() == 0 and view(page) == pytest.approx(before, abs=2e-5)
