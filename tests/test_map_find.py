"""Finding on the map: search, table of all RT, measuring, coordinates; with a mouse, a keyboard and a thumb."""

import csv
import io
import math
from itertools import product
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from browsing import SIZES, click_unit, unit_path
from invented_village import HOSTILE, invented
from pyproj import Geod, Transformer

from kumuhgis import maps
from kumuhgis.hectares import slum_hectares
from kumuhgis.text import text

FIELD = "input[role=combobox]"
HITS = ".kg-hits li"
ROWS = ".kg-table tbody tr[data-row]"


@pytest.fixture(scope="module")
def village():
    return invented(layers=False)


def changed(village, **frames):
    return SimpleNamespace(**{**vars(village), **frames})


def two_desa(village):
    """The same RT and RW in two desa, with a dusun and a kawasan of its own."""
    units = village.units.copy()
    units["rt_rw"] = [f"{n % 3 + 1:03d}/{n // 3 % 2 + 1:03d}" for n in range(12)]
    units["desa"] = ["Jatèn"] * 6 + ["Brujul"] * 6
    units["dusun"] = ["Pelang", "Getas"] * 6
    units["kawasan"] = ["Bulu"] * 3 + ["Kali Pépé"] * 3 + [None] * 6
    return changed(village, units=units)


def many(village, n):
    """The twelve RT over and over, side by side."""
    blocks, picked = -(-n // 12), np.tile(np.arange(12), -(-n // 12))[:n]
    side = math.ceil(math.sqrt(blocks))
    shapes = [village.units.geometry.translate(700 * (k % side), 430 * (k // side)) for k in range(blocks)]
    units = village.units.iloc[picked].set_geometry(pd.concat(shapes).to_numpy()[:n])
    units.index = pd.Index(
        [f"33.13.11.{2001 + k // 480}.{k // 12:03d}.{k % 12 + 1:03d}" for k in range(n)], name="unit"
    )
    units["desa"] = [f"Desa {1 + k // 480:02d}" for k in range(n)]
    summary = village.summary.iloc[picked].set_axis(units.index)
    empty = village.measures.iloc[:0]
    return changed(village, units=units, summary=summary, measures=empty, scores=village.scores.iloc[:0])


def map_of(page):
    """A word of JavaScript for the map of the page."""
    return "Object.values(window).find(x => x && x.kumuhgis && x.getCenter)"


def seen(page, what):
    return [item.inner_text().strip() for item in page.locator(what).all()]


def column(page, name):
    """The texts of one column of the rows that are made, in the order of the screen."""
    names = page.locator(".kg-table thead th").evaluate_all("es => es.map(e => e.dataset.column)")
    return seen(page, f"{ROWS} > :nth-child({names.index(name) + 1})")


def open_table(page):
    page.locator("[data-tool=table]").click()
    page.locator(".kg-table").wait_for()


def filter_by(page, name, value):
    page.locator(f"[data-filter={name}]").select_option(value)


# ---------------------------------------------------------------- search

WRITTEN = {
    "rt 3 rw 2": ["RT 03/RW 02"],
    "3/2": ["RT 03/RW 02"],
    "003/002": ["RT 03/RW 02"],
    "RT.003-RW.002": ["RT 03/RW 02"],
    "rw 2 rt 3": ["RT 03/RW 02"],
    "RT03": ["RT 03/RW 01", "RT 03/RW 02", "RT 03/RW 03"],
    "RW III": ["RT 01/RW 03", "RT 02/RW 03", "RT 03/RW 03", "RT 04/RW 03"],
    "rt 3 rw ii": ["RT 03/RW 02"],
    "33131120030007": ["RT 03/RW 02"],
    "rt 3 jaten": ["RT 03/RW 01", "RT 03/RW 02", "RT 03/RW 03"],
}


def test_search_reads_what_people_write(village, show):
    page = show(maps.village_map(village))
    for asked, found in WRITTEN.items():
        page.locator(FIELD).fill(asked)
        assert seen(page, f"{HITS} span")[: len(found)] == found, asked
        assert all(hit not in seen(page, f"{HITS} span")[len(found) :] for hit in found)


def test_a_kind_of_place_alone_lists_the_units_that_have_one(village, show):
    dusun = village.units.index[[2, 5]]
    units = village.units.assign(dusun=[f"Bulu {unit}" if unit in dusun else None for unit in village.units.index])
    page = show(maps.village_map(SimpleNamespace(**{**vars(village), "units": units})))
    page.locator(FIELD).fill("dusun")
    assert seen(page, f"{HITS} span") == list(units.loc[dusun, "rt_rw"])


def test_search_shows_eight_hits_and_says_how_many_there_are(village, show):
    page = show(maps.village_map(village))
    page.locator(FIELD).fill("bulu")
    assert page.locator(HITS).count() == 8
    assert page.locator(".kg-search [role=status]").inner_text() == text("maps.search.more", n=12, shown=8)
    page.locator(FIELD).fill("xyz")
    assert page.locator(HITS).count() == 0
    assert page.locator(".kg-search [role=status]").inner_text() == "Tidak ditemukan"


def test_search_tells_desa_apart_and_knows_accents_dusun_and_kawasan(village, show, shots):
    page = show(maps.village_map(two_desa(village)))
    page.locator(FIELD).fill("rt 2 rw 1")
    assert page.locator(HITS).count() == 2
    assert "Jatèn" in seen(page, HITS)[0] and "Brujul" in seen(page, HITS)[1]
    page.screenshot(path=shots / "search-two-desa.png")
    page.locator(FIELD).fill("2/1 BRUJUL")
    assert len(seen(page, HITS)) == 1 and "Brujul" in seen(page, HITS)[0]
    for asked, count in (("jaten", 6), ("dusun pelang", 6), ("kali pepe", 3), ("kawasan bulu 2", 1)):
        page.locator(FIELD).fill(asked)
        assert page.locator(HITS).count() == count, asked


def test_the_keyboard_searches_and_opens_a_card(village, show):
    page = show(maps.village_map(village))
    page.keyboard.press("/")
    page.keyboard.type("rt 3")
    field = page.locator(FIELD)
    assert field.input_value() == "rt 3"
    assert field.get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    chosen = page.locator(f"#{field.get_attribute('aria-activedescendant')}")
    assert chosen.get_attribute("aria-selected") == "true" and "RT 03/RW 02" in chosen.inner_text()
    page.keyboard.press("Enter")
    assert page.locator(".kg-card h2").inner_text() == "RT 03/RW 02"
    assert field.get_attribute("aria-expanded") == "false"
    view = page.evaluate(f"{map_of(page)}.getBounds().contains({map_of(page)}.kumuhgis.village.bounds(6))")
    assert view, "the unit is in sight"
    field.fill("3/1")
    field.press("Enter")
    assert page.locator(".kg-card h2").inner_text() == "RT 03/RW 01"
    field.fill("zzz")
    field.press("Enter")
    assert page.locator(".kg-card h2").inner_text() == "RT 03/RW 01"
    field.press("Escape")
    assert field.get_attribute("aria-expanded") == "false"


def test_the_search_of_a_phone_unfolds_and_goes_away_again(village, show, shots):
    page = show(maps.village_map(village), "phone")
    assert not page.locator(FIELD).is_visible()
    page.locator("[data-tool=search]").tap()
    page.locator(FIELD).fill("rw 2")
    page.screenshot(path=shots / "search-phone.png")
    for hit in page.locator(HITS).all():
        box = hit.bounding_box()
        assert box["height"] >= 36 and box["x"] >= 0 and box["x"] + box["width"] <= 360
    page.locator(HITS).nth(1).tap()
    assert page.locator(".kg-card h2").inner_text() == "RT 02/RW 02"
    assert not page.locator(FIELD).is_visible()


def test_words_of_villagers_are_found_and_shown_as_typed(show):
    page = show(maps.village_map(invented(hostile=True)))
    for words in HOSTILE:
        page.locator(FIELD).fill(words[:60])
        assert page.locator(f"{HITS} span").first.text_content() == words
    open_table(page)
    assert set(HOSTILE) <= set(page.locator(f"{ROWS} th").all_text_contents())
    assert page.evaluate("window.ran") is None and page.locator("img[src=x]").count() == 0


# ---------------------------------------------------------------- table


@pytest.mark.parametrize("size", SIZES)
def test_the_table_lists_every_unit_beside_the_map(village, show, shots, size):
    page = show(maps.village_map(village), size)
    open_table(page)
    page.screenshot(path=shots / f"table-{size}.png")
    assert page.locator(ROWS).count() == 12
    assert column(page, "unit")[:5] == [f"RT 0{n}/RW 01" for n in (1, 2, 3, 4)] + ["RT 01/RW 02"]
    assert column(page, "level")[-1] == "belum dapat ditentukan" and column(page, "total")[-1] == "50–80"
    heads = seen(page, ".kg-table thead th")
    assert [head for head in heads if head.rstrip(" ▲") in ("RT/RW", "Tingkat", "Luas (ha)", "Kumuh (ha)", "KK")]
    assert "Desa" not in heads, "one desa needs no column"
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    if size == "phone":
        box = page.locator(".kg-table").bounding_box()
        assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 360, 740)
        assert all(row.bounding_box()["height"] >= 36 for row in page.locator(ROWS).all())


def test_any_column_sorts_and_what_is_empty_comes_last(village, show):
    page = show(maps.village_map(village))
    open_table(page)
    for name, expected in (
        ("total", sorted(village.summary["total_low"])),
        ("area", sorted(village.summary["area_used_ha"])),
        ("priority", [5, 5, 5, 5, 6, 6, 6, 6]),
    ):
        head = page.locator(f".kg-table th[data-column={name}] button")
        for way, values in (("ascending", expected), ("descending", expected[::-1])):
            head.click()
            assert head.locator("..").get_attribute("aria-sort") == way
            shown = [cell.split("–")[0].replace(",", ".") for cell in column(page, name)]
            assert [float(cell) for cell in shown if cell] == [float(value) for value in values], name
            assert all(not cell for cell in shown[len(values) :])
    page.locator(".kg-table th[data-column=level] button").click()
    order = [*village.rules.level_keys, text("levels.undetermined")]
    assert column(page, "level") == sorted(column(page, "level"), key=order.index)
    assert page.locator(".kg-table th[aria-sort=ascending]").count() == 1


def test_a_row_opens_the_card_and_the_card_marks_its_row(village, show, shots):
    page = show(maps.village_map(village), "projector")
    page.keyboard.press("t")
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    assert page.locator(".kg-card h2").inner_text() == "RT 03/RW 01"
    assert seen(page, f"{ROWS}.kg-chosen-row th") == ["RT 03/RW 01"]
    page.wait_for_timeout(400)
    page.screenshot(path=shots / "table-and-card-projector.png")
    path, free = unit_path(page, village.units.index[2]).bounding_box(), page.locator(".kg-table").bounding_box()
    assert path["x"] > 360 and path["x"] + path["width"] < 750, "between card and legend"
    assert path["y"] > 0 and path["y"] + path["height"] < free["y"], "above the table"
    boxes = [page.locator(name).bounding_box() for name in (".kg-card", ".kg-table", ".kg-panel", ".kg-tools")]
    for n, a in enumerate(boxes):
        for b in boxes[:n]:
            apart = a["x"] >= b["x"] + b["width"] or b["x"] >= a["x"] + a["width"]
            assert apart or a["y"] >= b["y"] + b["height"] or b["y"] >= a["y"] + a["height"]
    page.keyboard.press("Escape")
    assert page.locator(".kg-card").count() == 0
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator(".kg-card h2").inner_text() == "RT 04/RW 01", "the keyboard came back to the table"
    page.locator(ROWS).nth(5).click()
    assert page.locator(".kg-card h2").inner_text() == "RT 02/RW 02"
    page.locator(".kg-table table").press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    assert page.locator(".kg-card").count() == 0
    assert page.evaluate("document.activeElement.tagName") == "TABLE", "also where a card was open before"


def test_a_unit_opened_on_the_map_is_scrolled_to(village, show):
    page = show(maps.village_map(many(village, 200)))
    open_table(page)
    page.evaluate(f"kumuhgis.open({map_of(page)}, 150)")
    row = page.locator(f"{ROWS}.kg-chosen-row")
    assert row.count() == 1
    box, scroll = row.bounding_box(), page.locator(".kg-table-scroll").bounding_box()
    assert scroll["y"] < box["y"] < scroll["y"] + scroll["height"] - box["height"]


def shown_totals(page):
    names = ("unit", "level", "area", "slum", "population", "households")
    cells = {name: page.locator(f".kg-table tfoot [data-column={name}]").inner_text() for name in names}
    return [cells[name] for name in names[1:]]


def told_totals(village, shown):
    """What the library sums for the same units, as a person writes it."""
    units, summary = village.units[shown], village.summary[shown]
    found = slum_hectares(summary, village.rules).iloc[0]
    plain = [
        (found["area_ha"], 2),
        (found["slum_ha_low"], 2),
        (units["population"].sum(), 0),
        (units["households"].sum(), 0),
    ]
    cells = [f"{value:,.{places}f}".translate(str.maketrans(",.", ".,")) for value, places in plain]
    if found["slum_ha_low"] != found["slum_ha_high"]:
        cells[1] += "–" + f"{found['slum_ha_high']:.2f}".replace(".", ",")
    return [f"{len(units)} RT", *cells]


def with_open_hectares(village):
    """Slum hectares as the library gives them: open where the interval of the total spans the limit."""
    summary = village.summary.assign(slum_ha_low=village.summary["slum_ha"], slum_ha_high=village.summary["slum_ha"])
    summary.loc[summary.index[10], ["slum_ha", "slum_ha_low", "slum_ha_high"]] = [np.nan, 0.0, 3.0]
    assert summary["area_used_ha"].iloc[10] == 3.0
    return changed(village, summary=summary)


def test_filter_totals_and_map_follow_each_other_and_agree_with_the_library(village, show, shots):
    record = with_open_hectares(changed(two_desa(village), summary=village.summary))
    page = show(maps.village_map(record))
    page.evaluate(f"window.heard = []; {map_of(page)}.on('kg:filter', e => window.heard.push(e.shown))")
    open_table(page)
    everything = pd.Series(True, record.units.index)
    assert shown_totals(page) == told_totals(record, everything)
    level, priority, desa = record.summary["level"], record.summary["priority"], record.units["desa"]
    cases = [
        ({"level": "1"}, level == record.rules.level_keys[1]),
        ({"level": str(len(record.rules.level_keys))}, level.isna()),
        ({"level": "", "priority": "5"}, (priority == 5).fillna(False)),
        ({"desa": "Brujul"}, (priority == 5).fillna(False) & (desa == "Brujul")),
        ({"priority": "?", "desa": ""}, priority.isna()),
        ({"priority": "", "kawasan": "?"}, record.units["kawasan"].isna()),
    ]
    for chosen, shown in cases:
        for name, value in chosen.items():
            filter_by(page, name, value)
        assert shown_totals(page) == told_totals(record, shown.astype(bool))
        assert page.evaluate("window.heard[window.heard.length - 1]") == shown.astype(bool).tolist()
        assert page.evaluate(f"{map_of(page)}.kumuhgis.shown") == shown.astype(bool).tolist()
        assert page.locator(".kg-table-count").inner_text() == f"{shown.sum()} dari 12 RT"
    page.screenshot(path=shots / "table-filtered.png")
    page.get_by_text("Hapus saringan").click()
    assert shown_totals(page) == told_totals(record, everything)
    assert page.evaluate("window.heard[window.heard.length - 1]") is None


def test_the_text_filter_reads_like_the_search(village, show):
    page = show(maps.village_map(two_desa(village)))
    open_table(page)
    page.locator(".kg-table-filters input").fill("rw 1 brujul")
    page.wait_for_timeout(300)
    assert len(column(page, "unit")) == 3
    assert set(column(page, "desa")) == {"Brujul"}
    page.locator(".kg-table-filters input").fill("tidak ada")
    page.wait_for_timeout(300)
    assert page.locator(ROWS).count() == 0
    assert page.locator(".kg-table-count").inner_text() == "Tidak ada RT yang cocok"


def test_the_chosen_theme_is_one_more_column(village, show, shots):
    page = show(maps.village_map(village))
    open_table(page)
    heads = seen(page, ".kg-table thead th")
    theme = page.locator("select.kg-theme")
    theme.select_option("score:4a")
    assert seen(page, ".kg-table thead th") == [*heads, "Nilai 4a"]
    scores = village.scores["score"].xs("4a", level="criterion").to_numpy()
    assert column(page, "score:4a") == ["–" if np.isnan(score) else f"{score:.0f}" for score in scores]
    page.locator(".kg-table th[data-column='score:4a'] button").click()
    page.screenshot(path=shots / "table-theme.png")
    theme.select_option("mean:2")
    means = village.summary["aspect_2_mean"]
    assert seen(page, ".kg-table thead th") == [*heads, "Aspek 2 (%)"]
    assert column(page, "mean:2") == [f"{mean:.2f}".replace(".", ",") if mean == mean else "–" for mean in means]
    theme.select_option("tenure_sign")
    assert len(set(column(page, "tenure_sign"))) == 3
    for own in ("priority", "levels"):
        theme.select_option(own)
        assert seen(page, ".kg-table thead th") == heads, "no column twice"


def test_the_table_grows_by_its_upper_edge(village, show):
    page = show(maps.village_map(village))
    open_table(page)
    before, handle = page.locator(".kg-table").bounding_box(), page.locator(".kg-handle").bounding_box()
    page.mouse.move(handle["x"] + 200, handle["y"] + 5)
    page.mouse.down()
    page.mouse.move(handle["x"] + 200, handle["y"] - 145)
    page.mouse.up()
    after = page.locator(".kg-table").bounding_box()
    assert after["height"] == pytest.approx(before["height"] + 150, abs=8)
    assert after["y"] + after["height"] == pytest.approx(900, abs=1)
    page.locator(".kg-handle").press("ArrowDown")
    assert page.locator(".kg-table").bounding_box()["height"] == pytest.approx(after["height"] - 30, abs=2)
    page.locator(".kg-table-filters input").fill("rt 3")
    page.keyboard.press("Escape")
    assert page.locator(".kg-table").is_visible(), "Escape first empties the field"
    page.keyboard.press("Escape")
    assert not page.locator(".kg-table").is_visible()


def test_sums_say_what_they_leave_out(village, show):
    units = village.units.assign(population=village.units["population"].astype(float))
    units.loc[units.index[:2], "population"] = np.nan
    page = show(maps.village_map(changed(village, units=units)))
    open_table(page)
    cell = page.locator(".kg-table tfoot [data-column=population]")
    assert cell.inner_text() == f"{units['population'].sum():,.0f}".replace(",", ".") + "*"
    assert cell.get_attribute("title") == text("maps.table.missing", n=2)


def test_a_filter_stays_in_sight_while_the_table_is_closed(village, show, shots):
    page = show(maps.village_map(village), "phone")
    open_table(page)
    filter_by(page, "level", "1")
    page.locator(ROWS).nth(1).tap()
    assert not page.locator(".kg-table").is_visible(), "on a phone the card takes the place of the table"
    assert page.locator(".kg-card h2").inner_text() == "RT 01/RW 02"
    page.locator(".kg-card .kg-close").click()
    assert page.locator(".kg-chip").inner_text().startswith("Saringan: 3 dari 12 RT")
    page.screenshot(path=shots / "chip-phone.png")
    page.locator(".kg-chip button").tap()
    assert page.locator(".kg-chip").count() == 0
    assert page.evaluate(f"{map_of(page)}.kumuhgis.shown") is None


def test_ten_thousand_rows_make_only_those_in_sight(village, show, shots):
    page = show(maps.village_map(many(village, 10_000)), "projector")
    open_table(page)
    assert page.locator(ROWS).count() < 40
    page.locator(".kg-table table").focus()
    page.keyboard.press("End")
    page.wait_for_timeout(200)
    assert page.locator(ROWS).last.get_attribute("data-row") == "9999"
    assert page.locator(ROWS).count() < 40
    assert page.locator(".kg-table table").get_attribute("aria-rowcount") == "10001"
    page.keyboard.press("Enter")
    assert page.locator(".kg-card").count() == 1
    page.screenshot(path=shots / "table-10000.png")
    page.locator(FIELD).fill("rt 3 rw 2 desa 07")
    assert page.locator(HITS).count() == 8
    page.locator(FIELD).press("Escape")
    page.locator("[data-tool=measure]").click()
    for corner in [(480, 150), (600, 300)]:
        page.mouse.click(*corner)
        page.wait_for_timeout(250)
    assert " m" in page.locator(".kg-measured").inner_text() and page.locator(".kg-card").count() == 0


def rows_of(download, delimiter=";"):
    content = download.path().read_bytes()
    assert content.startswith(b"\xef\xbb\xbf"), "Excel needs the mark to read UTF-8"
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def test_the_shown_rows_are_downloaded_as_a_spreadsheet_reads_them(village, show):
    units = two_desa(village).units
    units["kawasan"] = ["=1+1", "+62", "@SUM(A1)", "-3", 'a;b "c"', "\t=2", *["Kali Pépé"] * 6]
    page = show(maps.village_map(changed(village, units=units)))
    open_table(page)
    filter_by(page, "desa", "Jatèn")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Unduh CSV").click()
    assert waiting.value.suggested_filename == "tabel-rt.csv"
    head, *rows = rows_of(waiting.value)
    assert head[:4] == ["Kode", "RT/RW", "Desa", "Kawasan"]
    table = pd.DataFrame(rows, columns=head).set_index("Kode")
    assert table.index.tolist() == units.index[:6].tolist()
    assert table["RT/RW"].iloc[0] == "RT 001/RW 001", "Excel would read 001/001 as a date"
    assert table["Kawasan"].tolist() == ["'=1+1", "'+62", "'@SUM(A1)", "'-3", 'a;b "c"', "'\t=2"]
    assert table["Luas (ha)"].tolist() == ["2", "2,1", "2,2", "2,3", "2,4", "2,5"]
    assert table["Nilai"].tolist() == [f"{value:.0f}" for value in village.summary["total_score"].iloc[:6]]


def test_the_english_file_has_commas_and_points(village, show):
    page = show(maps.village_map(village, lang="en"))
    open_table(page)
    assert page.locator(".kg-table h2").inner_text() == "Table of RT"
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download CSV").click()
    head, *rows = rows_of(waiting.value, ",")
    assert head[1] == "RT/RW" and rows[1][head.index("Area (ha)")] == "2.1"


# ---------------------------------------------------------------- measuring

PLACES = [(-7.57, 110.9), (0.0, 100.36), (5.55, 95.32), (-10.17, 123.6), (-2.53, 140.7)]
"""Karanganyar, the equator in Sumatra, Banda Aceh, Kupang, Jayapura."""
LENGTHS = [10, 85, 400, 3_000, 20_000]


def stretches():
    geod = Geod(ellps="WGS84")
    for (lat, lng), metres, azimuth in product(PLACES, LENGTHS, (0, 37, 90, 200)):
        east, north, _ = geod.fwd(lng, lat, azimuth, metres)
        yield [[lat, lng], [north, east]], metres


def test_lengths_are_those_of_the_ellipsoid(village, show):
    page = show(maps.village_map(village))
    cases, lengths = zip(*stretches(), strict=True)
    ask = "cases => cases.map(c => kumuhgis.lengthOf(c.map(p => L.latLng(p))))"
    measured = np.array(page.evaluate(ask, cases))
    assert np.abs(measured / lengths - 1).max() < 1e-6


def rings():
    """Rings of five corners, some bent inwards, of 10 m to 20 km across."""
    geod = Geod(ellps="WGS84")
    for (lat, lng), metres in product(PLACES, LENGTHS):
        radii = metres / 2 * np.array([1, 0.35, 0.9, 0.6, 1])
        ring = [geod.fwd(lng, lat, 72 * n, radius)[:2] for n, radius in enumerate(radii)]
        yield [[y, x] for x, y in ring], abs(geod.polygon_area_perimeter(*zip(*ring, strict=True))[0])


def test_areas_are_those_of_the_ellipsoid(village, show):
    page = show(maps.village_map(village))
    cases, areas = zip(*rings(), strict=True)
    measured = np.array(page.evaluate("cases => cases.map(c => kumuhgis.areaOf(c.map(p => L.latLng(p))))", cases))
    assert np.abs(measured / areas - 1).max() < 1e-5


def test_a_line_and_an_area_are_measured_by_clicks(village, show, shots):
    page = show(maps.village_map(village))
    page.locator("[data-tool=measure]").click()
    told = page.locator(".kg-measure p")
    assert told.inner_text() == "Klik titik pertama"
    corners = [(480, 300), (820, 300), (820, 560)]
    for corner in corners[:2]:
        page.mouse.click(*corner)
        page.wait_for_timeout(250)
    places = [page.evaluate(f"p => {map_of(page)}.containerPointToLatLng(p)", list(corner)) for corner in corners]
    geod = Geod(ellps="WGS84")
    east, north = [p["lng"] for p in places], [p["lat"] for p in places]
    assert told.inner_text() == f"{geod.line_length(east[:2], north[:2]):.0f} m"
    page.mouse.move(*corners[2])
    assert f"{geod.line_length(east, north):.0f} m" in told.inner_text(), "the figure follows the pointer"
    page.mouse.dblclick(*corners[2])
    page.wait_for_timeout(250)
    done = told.inner_text()
    page.mouse.move(500, 500)
    assert told.inner_text() == done and f"{geod.line_length(east, north):.0f} m" in done, "finished"
    page.locator("[data-measure=surface]").click()
    hectares = abs(geod.polygon_area_perimeter(east, north)[0]) / 1e4
    assert f"{hectares:.2f} ha".replace(".", ",") in told.inner_text() and "Keliling" in told.inner_text()
    page.screenshot(path=shots / "measure.png")
    assert page.locator(".kg-card").count() == 0, "no card opens while one measures"
    page.keyboard.press("Escape")
    assert page.locator(".kg-measure").count() == 0 and page.locator(".leaflet-kg-measure-pane path").count() == 0
    click_unit(page, village.units.index[6])


def test_points_are_taken_back_and_a_crossing_has_no_area(village, show):
    page = show(maps.village_map(village))
    page.locator("[data-tool=measure]").click()
    page.locator("[data-measure=surface]").click()
    for corner in [(480, 300), (820, 560), (820, 300), (480, 560)]:
        page.mouse.click(*corner)
        page.wait_for_timeout(250)
    assert "bersilangan" in page.locator(".kg-measured").inner_text()
    page.get_by_text("Urungkan").click()
    assert "ha" in page.locator(".kg-measured").inner_text()
    page.get_by_text("Selesai").click()
    assert page.get_by_text("Selesai").is_disabled()
    page.mouse.click(600, 400)
    assert page.locator(".kg-measure p").inner_text() == "Klik titik berikutnya", "a click begins anew"


def test_measuring_with_a_thumb(village, show, shots):
    page = show(maps.village_map(village), "phone")
    page.locator("[data-tool=measure]").tap()
    for corner in [(150, 320), (250, 330), (230, 430)]:
        page.touchscreen.tap(*corner)
        page.wait_for_timeout(400)
    assert " m" in page.locator(".kg-measured").inner_text()
    assert page.locator(".kg-card").count() == 0
    page.screenshot(path=shots / "measure-phone.png")
    box = page.locator(".kg-measure").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 360 and box["y"] + box["height"] <= 740


# ---------------------------------------------------------------- coordinates, scale, standard tools


def test_utm_agrees_with_proj_to_a_millimetre(village, show):
    page = show(maps.village_map(village))
    points = [(lat + dy, lng + dx) for (lat, lng), dy, dx in product(PLACES, (-0.4, 0.003), (-1.2, 0.0, 0.7))]
    found = page.evaluate("points => points.map(p => kumuhgis.utm(L.latLng(p)))", points)
    for (lat, lng), utm in zip(points, found, strict=True):
        zone, south = int(utm["zone"][:-1]), utm["zone"][-1] == "S"
        assert zone == int((lng + 180) // 6) + 1 and south == (lat < 0)
        there = Transformer.from_crs(4326, (32700 if south else 32600) + zone, always_xy=True).transform(lng, lat)
        assert math.dist(there, (utm["east"], utm["north"])) < 0.001


def test_coordinates_follow_the_pointer_and_a_click_copies(village, show, shots):
    page = show(maps.village_map(village))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("[data-tool=coordinates]").click()
    page.mouse.move(700, 400)
    degrees, metres = (button.inner_text() for button in page.locator(".kg-copy").all())
    at = page.evaluate(f"{map_of(page)}.containerPointToLatLng([700, 400])")
    assert degrees == f"{-at['lat']:.6f}° LS, {at['lng']:.6f}° BT".replace(".", ",")
    assert metres.startswith("UTM 49S")
    page.mouse.click(700, 400)
    assert page.evaluate("navigator.clipboard.readText()") == f"{at['lat']:.6f}, {at['lng']:.6f}"
    assert page.locator(".kg-coordinates .kg-said").inner_text() == "Disalin"
    page.mouse.move(800, 500)
    assert page.locator(".kg-copy").first.inner_text() == degrees, "a click holds the place"
    page.screenshot(path=shots / "coordinates.png")
    page.locator(".kg-copy").nth(1).click()
    east, north = Transformer.from_crs(4326, 32749, always_xy=True).transform(at["lng"], at["lat"])
    assert page.evaluate("navigator.clipboard.readText()") == f"49S {east:.0f} {north:.0f}"
    assert page.locator(".kg-card").count() == 0
    page.locator("[data-tool=measure]").click()
    assert page.locator(".kg-coordinates").count() == 0, "one tool at a time"


def test_a_phone_shows_the_coordinates_of_a_cross(village, show, shots):
    page = show(maps.village_map(village), "phone")
    page.locator("[data-tool=coordinates]").tap()
    page.screenshot(path=shots / "coordinates-phone.png")
    for _ in range(2):
        middle = page.evaluate(f"{map_of(page)}.containerPointToLatLng([180, 370])")
        assert f"{-middle['lat']:.6f}".replace(".", ",") in page.locator(".kg-copy").first.inner_text()
        page.evaluate(f"{map_of(page)}.panBy([80, 40], {{animate: false}})")


def test_the_numeric_scale_agrees_with_the_ground(village, show):
    page = show(maps.village_map(village))
    for zoom in (14, 17, 19.5):
        page.evaluate(f"{map_of(page)}.setZoom({zoom}, {{animate: false}})")
        a, b = (page.evaluate(f"{map_of(page)}.containerPointToLatLng([{x}, 450])") for x in (620, 820))
        metres = Geod(ellps="WGS84").inv(a["lng"], a["lat"], b["lng"], b["lat"])[2]
        told = page.locator(".kg-ratio").inner_text()
        assert told.startswith("± 1 : ")
        assert int(told[6:].replace(".", "")) == pytest.approx(metres / 200 * 96 / 0.0254, rel=0.05)


def test_home_and_full_screen(village, show):
    page = show(maps.village_map(village))
    before = page.evaluate(f"{map_of(page)}.getZoom()")
    page.evaluate(f"{map_of(page)}.setView([-7.5, 110.8], 12, {{animate: false}})")
    page.locator("[data-tool=home]").click()
    page.wait_for_timeout(600)
    assert page.evaluate(f"{map_of(page)}.getZoom()") == before
    page.locator("[data-tool=fullscreen]").click()
    page.wait_for_timeout(400)
    assert page.evaluate("document.fullscreenElement !== null")
    open_table(page)
    assert page.evaluate("document.fullscreenElement.contains(document.querySelector('.kg-table'))")
    page.locator("[data-tool=fullscreen]").click()
    page.wait_for_timeout(400)
    assert page.evaluate("document.fullscreenElement === null")


def test_letters_typed_into_a_field_are_letters(village, show):
    page = show(maps.village_map(village))
    page.locator(FIELD).fill("")
    page.locator(FIELD).press_sequentially("t/3")
    assert page.locator(FIELD).input_value() == "t/3"
    assert page.locator(".kg-table").count() == 0
    assert "(/)" in page.locator(FIELD).get_attribute("title")
    assert page.locator("[data-tool=table]").get_attribute("title") == "Tabel RT (t)"
