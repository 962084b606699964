"""The map: one file, no network, the right colours, and villagers' words shown as they were typed."""

import hashlib
import json
import os
import re
from importlib.resources import files
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from browsing import SIZES, click_unit, open_unit, unit_path
from invented_village import CRS, HOSTILE, corner, invented
from shapely.geometry import LineString, Point
from unpacking import data_of, inflated, shapes_of, units_of, values

from kumuhgis import maps
from kumuhgis.colours import LEVEL_COLOURS, UNDETERMINED_COLOUR
from kumuhgis.errors import OutputError, Problem, in_words, problems_frame
from kumuhgis.maps.packing import plain
from kumuhgis.maps.records import frame_record
from kumuhgis.text import text
from kumuhgis.themes import level_classes
from kumuhgis.trace import fragile_sentence

# ---------------------------------------------------------------- without a browser


@pytest.fixture(scope="module")
def village():
    return invented()


def page_of(m):
    return m.get_root().render()


def test_vendored_files_are_those_of_the_manifest():
    folder = files("kumuhgis").joinpath("data", "leaflet")
    manifest = json.loads(folder.joinpath("manifest.json").read_text("utf-8"))
    sums = {path: hashlib.sha256(folder.joinpath(path).read_bytes()).hexdigest() for path in manifest["sha256"]}
    assert sums == manifest["sha256"]
    notice = folder.joinpath("NOTICE").read_text("utf-8")
    for row in manifest["addresses"]:
        assert set(row["files"]) <= set(sums)
        assert row["licence"] and row["package"] in notice


def test_a_simple_folium_map_is_embedded_whole():
    import folium

    m = folium.Map([-7.57, 110.9], tiles=None)
    folium.Marker([-7.57, 110.9], popup="Balai desa", icon=folium.Icon(icon="home")).add_to(m)
    page = maps.embed(page_of(m))
    assert not re.search(r"<script[^>]+src=|<link[^>]+stylesheet", page)
    assert not re.search(r"url\(['\"]?(?!data:|#|['\"])", re.sub(r"<script.*?</script>", "", page, flags=re.S))


def test_embed_names_every_address_without_a_copy():
    page = '<link href="https://a.example/a.css" rel="stylesheet"><script src=\'b.js\'></script><link rel="icon">'
    with pytest.raises(OutputError) as error:
        maps.embed(page)
    assert "https://a.example/a.css" in str(error.value)
    assert "b.js" in str(error.value)


def test_embed_leaves_what_is_there_already():
    page = '<script>var link = "<link rel=stylesheet href=x>";</script><script src="data:text/javascript,1"></script>'
    assert maps.embed(page) == page


def test_legend_keeps_the_order_of_the_rule(village):
    classes = level_classes(village)
    assert [c["key"] for c in classes] == [level.key for level in village.rules.levels] + [""]
    assert [c["fill"] for c in classes] == [*LEVEL_COLOURS, UNDETERMINED_COLOUR]
    assert sum(c["count"] for c in classes) == len(village.summary)
    assert sum(c["hectares"] for c in classes) == pytest.approx(village.summary["area_used_ha"].sum())


def test_levels_get_darker():
    def light(colour):
        parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
        return sum(w * p**2.2 for w, p in zip((0.2126, 0.7152, 0.0722), parts, strict=True))

    lights = [light(colour) for colour in LEVEL_COLOURS]
    assert all(a > 1.12 * b for a, b in pairwise(lights))


def test_missing_cells_stay_missing(village):
    (levels,) = data_of(page_of(maps.levels_layer(village)), id="levels")
    percent = [values(levels, column, 12)[-1] for column in levels["measures"]["percent"]]
    assert percent.count(None) == 6
    assert levels["level"][-1] == len(village.rules.levels)
    assert [plain(v) for v in (np.nan, pd.NA, pd.NaT, np.int8(3), np.bool_(True))] == [None, None, None, 3, True]


def test_only_whitelisted_columns_enter_the_page(village):
    page = inflated(page_of(maps.village_map(village)))
    assert "RT 03/RW 02" in page and "rusak berat" in page
    for private in ("Bu Sri", "Pak Joyo", "Mbah Karto", "sertifikat 1234", "kepala_keluarga", "pemilik"):
        assert private not in page


def test_household_points_stay_out_of_the_page(village):
    points = village.layers["buildings"].set_geometry(village.layers["buildings"].centroid)
    record = SimpleNamespace(**{**vars(village), "layers": {"buildings": points}})
    assert data_of(page_of(maps.village_map(record)), id="buildings") == []


def test_data_enter_once_in_degrees_with_six_decimals(village):
    page = page_of(maps.village_map(village))
    (levels,) = data_of(page, id="levels")
    assert levels["unit"] == list(village.units.index)
    corners = np.concatenate([ring for unit in units_of(levels["borders"]) for ring in unit])
    assert ((corners > (110.8e6, -7.7e6)) & (corners < (111e6, -7.4e6))).all()
    assert corners.dtype == np.int64, "millionths of a degree, a decimetre"


def test_layers_compose_and_return_the_map(village):
    m = maps.levels_layer(village)
    assert maps.sk_layer(village, m=m) is m
    assert maps.zoning_layer(village, m=m) is m
    assert [d["id"] for d in data_of(page_of(m)) if "classes" in d] == ["levels", "sk", "zoning"]


def test_layers_go_on_a_plain_folium_map(village):
    import folium

    m = folium.Map([-7.57, 110.9], tiles=None)
    assert maps.village_map(village, m=m) is m
    page = maps.embed(page_of(m))
    assert len(data_of(page, id="levels")) == 1
    assert folium.Map.default_js[0][0] == "leaflet" and len(folium.Map.default_js) == 4


def test_missing_layers_are_left_out():
    page = page_of(maps.village_map(invented(layers=False)))
    assert [d["id"] for d in data_of(page) if "classes" in d] == ["levels"]


def test_statuses_that_differ_in_case_are_one_class(village):
    (land,) = data_of(page_of(maps.land_layer(village)), id="land")
    labels = [c["label"] for c in land["classes"]]
    assert labels[:3] == ["Hak Milik", "Tanah Negara", text("maps.class.unrecorded")]
    assert labels[3] == text("maps.class.conflict", name="Hak Milik")
    assert sum(c["count"] for c in land["classes"]) == 12


def test_page_is_small_and_forbids_the_network(village, tmp_path):
    path = tmp_path / "peta.html"
    maps.village_map(village, answers=False).save(path)
    page = path.read_text("utf-8")
    assert len(page) < 500_000
    assert "default-src 'none'" in page and "connect-src 'none'" in page
    assert page.index("Content-Security-Policy") < page.index("<script")
    assert "tile.openstreetmap.org" not in page
    assert not re.search(r"<script[^>]+src=|<link[^>]+stylesheet", page)
    assert [p.name for p in tmp_path.iterdir()] == ["peta.html"]


def test_online_adds_only_the_tiles(village):
    page = page_of(maps.village_map(village, online=True))
    assert "tile.openstreetmap.org" in page
    assert "img-src data: blob: https://tile.openstreetmap.org" in page
    assert "connect-src 'none'" in page


def test_foliums_own_elements_bring_their_scripts(village):
    import folium

    m = maps.levels_layer(village)
    assert "jQuery v3" not in page_of(m)
    folium.Marker([-7.57, 110.9], popup="Balai desa").add_to(m)
    assert "jQuery v3" in page_of(m)


def test_a_map_shows_itself_in_a_notebook(village):
    shown = maps.levels_layer(village)._repr_html_()
    assert "<iframe" in shown and "cdn.jsdelivr.net" not in shown.partition("srcdoc")[0]
    assert not re.search(r"&lt;script[^&]*src=", shown)


def test_save_leaves_nothing_half_written(village, tmp_path, monkeypatch):
    path = tmp_path / "peta.html"
    path.write_text("yang lama")
    m = maps.levels_layer(village)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OutputError, match="penyimpanan penuh"):
        m.save(path)
    assert path.read_text() == "yang lama"
    assert [p.name for p in tmp_path.iterdir()] == ["peta.html"]


def test_the_map_speaks_english(village):
    page = page_of(maps.village_map(village, lang="en"))
    (levels,) = data_of(page, id="levels")
    assert [c["label"] for c in levels["classes"]][1:] == [
        "light slum", "moderate slum", "heavy slum", text("levels.undetermined", "en"),
    ]  # fmt: skip
    assert data_of(page, sample=True)[0]["title"] == "Slum map of Desa Jaten"


def test_no_problems_no_kawasan_no_optional_columns():
    a = invented(layers=False)
    a.problems = problems_frame([])
    a.units = a.units[["area_ha", "geometry"]]
    a.summary = a.summary[["total_score", "total_low", "total_high", "level", "levels_possible", "area_ha"]]
    a.measures = a.measures[["affected", "total", "source"]]
    a.provenance = {}
    (levels,) = data_of(page_of(maps.village_map(a)), id="levels")
    assert list(levels["units"]) == ["area_ha"]
    assert values(levels, levels["units"]["area_ha"], 12)[0] == pytest.approx(2.2, abs=1)


def test_geometry_that_is_missing_is_not_drawn(village):
    units = village.units.copy()
    units.loc[units.index[3], "geometry"] = None
    record = SimpleNamespace(**{**vars(village), "units": units})
    (levels,) = data_of(page_of(maps.levels_layer(record)), id="levels")
    assert [bool(rings) for rings in units_of(levels["borders"])] == [n != 3 for n in range(12)]
    assert levels["n"] == 12, "the RT is known, but not where it lies"
    assert sum(c["count"] for c in levels["classes"]) == 12


def with_problems(village):
    """The village with problems of every kind of place; hostile words in their messages."""
    shapes = village.units.geometry
    middle = shapes.iloc[5].centroid
    found = [
        Problem("record_without_map", HOSTILE[1], HOSTILE[0], shape=shapes.iloc[0]),
        Problem("unit_without_record", HOSTILE[2], HOSTILE[4], shape=shapes.iloc[0]),
        Problem("unit_without_record", "rt", "2", shape=shapes.iloc[1]),
        Problem("unit_without_record", "rt", "3", shape=Point(middle.x + 40, middle.y + 30)),
        Problem("record_without_map", "rt", "4", shape=Point(middle.x - 40, middle.y - 30)),
        Problem("unit_without_record", "rt", "5", shape=LineString([corner(1, 1), corner(2, 2)])),
        Problem("topology_gap", "rt", "6", params={"count": 1, "area": "9", "tolerance": "1"}, shape=shapes.iloc[2]),
        Problem("unit_without_record", "rt", "7"),
    ]
    return SimpleNamespace(**{**vars(village), "problems": problems_frame(found, crs=CRS)})


def test_errors_and_warnings_are_drawn_once_a_place_and_counted(village):
    plain_size = len(page_of(maps.village_map(village)))
    page = page_of(maps.village_map(with_problems(village)))
    assert len(page) - plain_size < 100_000
    (data,) = data_of(page, id="problems")
    assert data["name"] == "Masalah data (6)" and data["show"] is False
    assert [(c["label"], c["count"]) for c in data["classes"]] == [("kesalahan", 2), ("peringatan", 4)]
    assert len({(c["fill"], str(c["hatch"]), c.get("dash"), c.get("mark")) for c in data["classes"]}) == 2
    assert sorted(len(said) for said in data["said"]) == [1, 1, 1, 1, 2]
    assert list(data["shapes"]["kinds"]).count(0) == 2, "two points"
    assert len(shapes_of(data["shapes"])) == 5
    assert data_of(page_of(maps.village_map(village)), id="problems") == []


def test_a_place_with_many_problems_tells_the_first_and_how_many_are_left(village):
    found = [Problem("unit_without_record", "rt", str(n), shape=village.units.geometry.iloc[0]) for n in range(25)]
    record = SimpleNamespace(**{**vars(village), "problems": problems_frame(found, crs=CRS)})
    (data,) = data_of(page_of(maps.problems_layer(record)), id="problems")
    (said,) = data["said"]
    assert len(said) == 11 and said[-1] == [text("maps.more_problems", n=15)]


# ---------------------------------------------------------------- in a browser


@pytest.mark.parametrize("size", SIZES)
def test_units_have_the_colour_of_their_level(village, show, shots, size):
    page = show(maps.village_map(village), size)
    colours = {level.key: fill for level, fill in zip(village.rules.levels, LEVEL_COLOURS, strict=True)}
    for unit, level in village.summary["level"].items():
        fill = unit_path(page, unit).get_attribute("fill")
        assert fill == colours[level] if pd.notna(level) else fill.startswith("url(#kg-hatch")
    page.screenshot(path=shots / f"map-{size}.png")


def test_legend_shows_levels_in_order_with_counts(village, show):
    page = show(maps.village_map(village))
    rows = page.locator(".kg-layer:has(input[data-layer=levels]) li")
    labels = [row.locator("span").inner_text() for row in rows.all()]
    assert labels == [*(level.key for level in village.rules.levels), text("levels.undetermined")]
    fills = [row.locator("svg rect").get_attribute("fill") for row in rows.all()]
    assert fills[:4] == list(LEVEL_COLOURS)
    assert rows.nth(1).locator("small").inner_text() == "3 RT · 7,20 ha"


@pytest.mark.parametrize("size", SIZES)
def test_a_click_opens_the_card_with_sixteen_criteria(village, show, shots, size):
    page = show(maps.village_map(village), size)
    unit = village.units.index[6]
    click_unit(page, unit)
    card = page.locator(".kg-card")
    assert card.locator("[data-criterion]").count() == 16
    assert card.locator(".kg-aspect").count() == 7
    assert "RT 03/RW 02" in card.inner_text() and "52 dari 80" in card.inner_text()
    road = card.locator("[data-criterion='2a']").inner_text()
    assert "(tabel)" in road and "(peta)" in road
    box, view = card.bounding_box(), page.viewport_size
    assert box["x"] >= 0 and box["x"] + box["width"] <= view["width"] + 1
    assert box["y"] + box["height"] <= view["height"] + 1
    page.screenshot(path=shots / f"card-{size}.png")
    card.locator(".kg-card-body").evaluate("e => e.scrollTo(0, e.scrollHeight)")
    page.screenshot(path=shots / f"card-end-{size}.png")
    card.locator(".kg-close").click()
    assert page.locator(".kg-card").count() == 0


def test_the_card_says_what_is_missing_and_what_is_near(village, show, shots):
    page = show(maps.village_map(village))
    open_unit(page, village.units.index[11])
    told = page.locator(".kg-card").inner_text()
    assert "belum dapat ditentukan" in told.lower() and "50–80 dari 80" in told
    assert "kumuh sedang – kumuh berat" in told
    assert page.locator(".kg-missing").count() == 6
    page.screenshot(path=shots / "card-missing.png")
    open_unit(page, village.units.index[3])
    assert "Rapuh" in page.locator(".kg-card").inner_text()
    open_unit(page, village.units.index[4])
    assert text("maps.sk_finding.outside_slum") in page.locator(".kg-card").inner_text()


def test_title_banner_scale_and_north(village, show):
    page = show(maps.village_map(village))
    title = page.locator(".kg-title").inner_text()
    for part in ("DATA CONTOH", "Desa Jaten", "Kecamatan Jaten", "2026-03-15", "14/PRT/M/2018", "1 peringatan"):
        assert part in title
    assert page.locator(".leaflet-control-scale-line").count() == 1
    assert page.locator(".kg-north").is_visible()
    assert page.locator(".kg-label span:visible").count() == 12


def test_no_banner_without_sample_data(village, show):
    record = SimpleNamespace(**{**vars(village), "provenance": {**village.provenance, "sample": False}})
    assert show(maps.village_map(record)).locator(".kg-sample").count() == 0


def drawn(page, name):
    """Whether a layer has a line or an area on the page, or a painted pixel on its canvas."""
    pane = f".leaflet-kg-{name}-pane"
    painted = """es => es.some(e => {
        const blank = Object.assign(document.createElement("canvas"), {width: e.width, height: e.height});
        return e.toDataURL() !== blank.toDataURL();
    })"""
    return page.locator(f"{pane} path").count() > 0 or page.locator(f"{pane} canvas").evaluate_all(painted)


def test_every_layer_goes_off_and_on(village, show, shots):
    page = show(maps.village_map(village))
    boxes = page.locator("input[type=checkbox][data-layer]")
    names = [box.get_attribute("data-layer") for box in boxes.all()]
    assert set(names) == {"sk", "roads", "drains", "hydrants", "inundation", "buildings", "water"}
    for name in names:
        box = page.locator(f"input[data-layer={name}]")
        for _ in range(2):
            before = box.is_checked()
            assert drawn(page, name) == before
            box.click()
            page.wait_for_timeout(50)
            assert drawn(page, name) != before


def test_colours_of_the_area_are_a_choice(village, show, shots):
    page = show(maps.village_map(village))
    path = unit_path(page, village.units.index[0])
    for name in ("land", "zoning", "none", "levels"):
        page.locator(f"input[data-layer={name}]").click()
        assert path.get_attribute("fill-opacity") == ("1" if name == "levels" else "0")
        for other in ("land", "zoning"):
            assert (page.locator(f".leaflet-kg-{other}-pane path").count() > 0) == (other == name)
        page.screenshot(path=shots / f"colour-{name}.png")


def test_the_keyboard_opens_and_closes_the_card(village, show):
    page = show(maps.village_map(village))
    unit_path(page, village.units.index[2]).focus()
    page.keyboard.press("Enter")
    assert page.locator(".kg-card h2").inner_text() == "RT 03/RW 01"
    page.keyboard.press("Escape")
    assert page.locator(".kg-card").count() == 0


def test_the_legend_of_a_phone_unfolds(village, show, shots):
    page = show(maps.village_map(village), "phone")
    assert not page.locator(".kg-panel-body").is_visible()
    page.locator(".kg-toggle").tap()
    assert page.locator(".kg-panel-body").is_visible()
    page.screenshot(path=shots / "legend-phone.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_villagers_words_are_shown_as_typed_and_run_nothing(show, shots):
    a = invented(hostile=True)
    m = maps.village_map(a)
    page = show(m)
    shown = page.locator(".kg-label span").all_text_contents()
    for n, words in enumerate(HOSTILE):
        assert words in shown
        open_unit(page, a.units.index[n])
        assert page.locator(".kg-card h2").text_content() == words
    assert HOSTILE[2] in page.locator(".kg-title h1").text_content()
    assert HOSTILE[2] in page.title()
    page.locator("input[data-layer=land]").click()
    for words in HOSTILE[:3]:
        assert words in page.locator(".kg-layer:has(input[data-layer=land]) li span").all_text_contents()
    page.locator("input[data-layer=drains]").click()
    page.locator(".leaflet-kg-roads-pane path").first.dispatch_event("mouseover")
    page.screenshot(path=shots / "hostile.png")
    assert page.evaluate("window.ran") is None
    assert page.locator("img[src=x]").count() == 0


@pytest.mark.parametrize("size", SIZES)
def test_a_click_on_a_problem_says_what_is_wrong_and_what_to_do(village, show, shots, size):
    record = with_problems(village)
    page = show(maps.village_map(record), size)
    assert not drawn(page, "problems")
    if size == "phone":
        page.locator(".kg-toggle").tap()
    page.locator("input[data-layer=problems]").click()
    if size == "phone":
        page.locator(".kg-toggle").tap()
    paths = page.locator(".leaflet-kg-problems-pane path")
    fills = [path.get_attribute("fill") for path in paths.all()]
    assert len(fills) == 5 and len({fill for fill in fills if fill.startswith("url(")}) == 2
    forms = {path.get_attribute("d").count("L") for path in paths.all()[-2:]}
    assert forms == {0, 3}, "a point of an error has another form than one of a warning"
    page.screenshot(path=shots / f"problems-{size}.png")
    page.locator(".leaflet-kg-problems-pane path[fill$='x)']").dispatch_event("click")
    page.wait_for_timeout(300)
    told = page.locator(".kg-problems").inner_text()
    first = record.problems.iloc[0]
    assert first["message"] in told and first["fix"] in told and HOSTILE[1] in told
    assert page.locator(".kg-card").count() == 0
    assert page.evaluate("window.ran") is None and page.locator("img[src=x]").count() == 0
    page.screenshot(path=shots / f"problem-{size}.png")


def test_hydrants_are_filled_in_the_colour_of_their_class(village, show):
    page = show(maps.village_map(village))
    page.locator("input[data-layer=hydrants]").click()
    paths = page.locator(".leaflet-kg-hydrants-pane path")
    assert [path.get_attribute("fill") for path in paths.all()] == ["#1f6f9f", "#5c0a52"]


def test_a_plain_folium_map_works_offline_once_embedded(show):
    import folium

    m = folium.Map([-7.57, 110.9], zoom_start=17, tiles=None)
    folium.Marker([-7.57, 110.9], popup="Balai desa").add_to(m)
    folium.Marker([-7.571, 110.901], icon=folium.Icon(icon="home", color="red")).add_to(m)
    page = show(maps.embed(page_of(m)))
    page.wait_for_selector(".leaflet-marker-icon")
    assert page.locator("img.leaflet-marker-icon").evaluate("e => e.naturalWidth") > 0
    page.locator("img.leaflet-marker-icon").click()
    assert "Balai desa" in page.locator(".leaflet-popup-content").inner_text()


def test_embedded_layers_on_a_plain_folium_map_draw(village, show):
    import folium

    m = folium.Map([-7.572, 110.9025], zoom_start=16, tiles=None)
    page = show(maps.embed(page_of(maps.village_map(village, m=m))))
    assert page.locator("path[data-unit]").count() == 12
    assert page.locator(".kg-panel").is_visible()


def with_record(result, **changes):
    """The same result with other words in its record; what is None is not recorded."""
    found = {key: value for key, value in {**result.provenance, **changes}.items() if value is not None}
    return SimpleNamespace(**{**vars(result), "provenance": found})


def test_the_day_of_the_run_is_not_told_as_the_date_of_the_data(village, show):
    undated = with_record(village, dates={}, date="2026-11-22")
    title = show(maps.village_map(undated)).locator(".kg-title").inner_text()
    assert "Tanggal data tidak dicatat · dibuat 2026-11-22" in title and "Data 2026" not in title
    assert frame_record(undated, "en")["when"] == "Date of the data not recorded · made 2026-11-22"


def test_a_title_counts_many_desa_and_names_few_as_people_sort_them(village, show):
    many = with_record(village, desa=None, kecamatan=None)
    units = village.units.assign(kecamatan="Jaten")
    many.units = units.assign(desa=[f"Desa {n}" for n in range(1, len(units) + 1)])
    page = show(maps.village_map(many))
    title = page.locator(".kg-title h1")
    assert title.inner_text() == title.get_attribute("title") == f"Peta kekumuhan {len(units)} desa"
    many.units = units.assign(desa=["Ngijo 10", "Ngijo 2", *["Ngijo 1"] * (len(units) - 2)])
    assert frame_record(many)["title"].endswith("Ngijo 1, Ngijo 2, Ngijo 10")
    assert frame_record(many)["place"].startswith("Kecamatan Jaten")


def test_the_legend_sums_metres_and_hectares_by_class(village):
    data = {d["id"]: d for d in data_of(page_of(maps.village_map(village))) if "classes" in d and "id" in d}
    roads, parcels = village.layers["roads"], village.layers.get("sk")
    assert sum(int(c["amount"].split()[0].replace(".", "")) for c in data["roads"]["classes"]) == pytest.approx(
        roads.length.sum(), abs=len(data["roads"]["classes"])
    )
    hectares = float(data["sk"]["classes"][0]["amount"].split()[0].replace(".", "").replace(",", "."))
    assert hectares == pytest.approx(parcels.area.sum() / 1e4, abs=0.01)


def test_an_english_map_says_problems_in_english():
    found = Problem("value_missing", "baseline.csv", "RT 01", "kk")
    told = in_words(problems_frame([found]), "en")
    assert told.loc[0, ["message", "fix"]].tolist() == [found.message("en"), found.fix("en")] != [found.message(), ""]


def test_a_small_step_is_never_told_as_nothing(village):
    code = next(c.code for c in village.rules.criteria if c.unit == "m")
    row = {"fragile": True, "fragile_criterion": code, "fragile_direction": "better", "fragile_percent": 0.01}
    assert "0,015 m" in fragile_sentence(row | {"fragile_volume": 0.015}, village.rules)
