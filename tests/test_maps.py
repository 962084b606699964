"""The map: one file, no network, the right colours, and villagers' words shown as they were typed."""

import hashlib
import json
import math
import os
import re
import shutil
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, Point, Polygon, box

from kumuhgis import maps
from kumuhgis.errors import OutputError, Problem, problems_frame
from kumuhgis.maps.records import LEVEL_COLOURS, UNDETERMINED_COLOUR, level_classes, plain, unit_records
from kumuhgis.rules import load_rules
from kumuhgis.scores import score
from kumuhgis.text import text

CRS = "EPSG:32749"
EAST, NORTH = 488_950, 9_162_760  # Desa Jaten; everything below is invented
HOSTILE = (
    "<script>window.ran=1</script>",
    "<img src=x onerror='window.ran=2'>",
    "</script><script>window.ran=3</script>",
    "{{ 7*7 }}{% for %}",
    "`${window.ran=4}` \"quotes\" 'and' &amp; \u2028\u2029",
)


# ---------------------------------------------------------------- an invented village


def corner(column, row):
    """A corner of the jittered grid that the invented RT share."""
    shift = 22 * math.sin(column * 2.1 + row * 1.3), 18 * math.cos(column * 1.7 - row * 2.4)
    return EAST + 170 * column + shift[0], NORTH + 140 * row + shift[1]


def invented_units():
    """Twelve RT of about two hectares; the first five carry hostile names."""
    rows = []
    for n in range(12):
        c, r = n % 4, n // 4
        ring = [corner(c, r), corner(c + 1, r), corner(c + 1, r + 1), corner(c, r + 1)]
        rows.append({
            "unit": f"331311200300{n + 1:02d}", "rt_rw": f"RT {n % 4 + 1:02d}/RW {n // 4 + 1:02d}",
            "desa": "Jaten", "kecamatan": "Jaten", "kawasan": "Bulu", "verified_ha": 2.0 + n / 10,
            "sk_ha": 1.9, "population": 130 + 9 * n, "households": 38 + n, "buildings": 31 + n,
            "pemilik": "Bu Sri", "geometry": Polygon(ring),
        })  # fmt: skip
    units = gpd.GeoDataFrame(rows, crs=CRS).set_index("unit")
    units["area_ha"] = units.area / 1e4
    return units


def invented_measures(rules, units):
    """Volumes that give every level: the shares rise from the first RT to the last; the last two have gaps."""
    index = pd.MultiIndex.from_product([units.index, rules.codes], names=["unit", "criterion"])
    total = {"unit": 40, "ha": 2.0, "m": 300.0, "KK": 45}
    rows = []
    for n in range(len(units)):
        for k, criterion in enumerate(rules.criteria):
            share = min(1.0, max(0.0, n / 9 + 0.25 * math.sin(5 * k + n)))
            whole = total[criterion.unit]
            volume = round(share * whole, 4 if criterion.unit == "ha" else 0)
            gap = n >= 10 and k % 3 == 0
            rows.append((np.nan if gap else volume, whole, "" if gap else "table"))
    frame = pd.DataFrame(rows, index, columns=["affected", "total", "source"])
    frame["table_affected"], frame["table_total"] = frame["affected"], frame["total"]
    road = frame.index.get_level_values("criterion") == "2a"
    frame["geometry_affected"] = (frame["affected"] * 1.1).where(road)
    frame["geometry_total"] = (frame["total"] * 1.05).where(road)
    return frame


def invented_layers(units):
    """Layers with attributes, gaps, needed lines, and columns that must stay out of the page."""
    x0, y0, x1, y1 = units.total_bounds
    streets = [LineString([corner(c, 0), corner(c, 1), corner(c, 2), corner(c, 3)]) for c in range(5)]
    streets += [LineString([corner(c, r) for c in range(5)]) for r in range(4)]
    roads = gpd.GeoDataFrame(
        {
            "name": [f"Jalan {n}" for n in range(9)],
            "condition": ["baik", "sedang", "rusak ringan", "rusak berat", None, "baik", "rusak", "sedang", "baik"],
            "status": [None, "ada", None, None, None, "dibutuhkan", None, None, None],
            "width_m": [3.5, 2.0, 1.5, 1.2, np.nan, 2.5, 1.8, 4.0, 3.0],
            "pemilik": "Pak Joyo",
        },
        geometry=streets, crs=CRS,
    )  # fmt: skip
    drains = roads.drop(columns=["width_m"]).set_geometry(roads.translate(4, 4))
    houses, points = [], []
    for n in range(160):
        x, y = x0 + 25 + (n % 16) * 42, y0 + 25 + (n // 16) * 42
        houses.append(box(x, y, x + 11, y + 9))
        points.append(Point(x, y))
    buildings = gpd.GeoDataFrame(
        {
            "irregular": pd.array([[True, False, None][n % 3] for n in range(160)], "boolean"),
            "substandard": pd.array([[False, None, True, False][n % 4] for n in range(160)], "boolean"),
            "kepala_keluarga": "Mbah Karto",
        },
        geometry=houses, crs=CRS,
    )  # fmt: skip
    statuses = ["Hak Milik", "hak milik", "Tanah Negara", None]
    parcels = gpd.GeoDataFrame(
        {
            "land_status": [statuses[n % 4] for n in range(12)],
            "evidence": "sertifikat 1234",
            "conflict": pd.array([n == 5 for n in range(12)], "boolean"),
        },
        geometry=units.buffer(-6).to_numpy(), crs=CRS,
    )  # fmt: skip
    zoning = gpd.GeoDataFrame(
        {"zone": ["Permukiman", "Sempadan Sungai"]},
        geometry=[box(x0 + 120, y0, x1, y1), box(x0, y0, x0 + 120, y1)], crs=CRS,
    )  # fmt: skip
    inundation = gpd.GeoDataFrame(
        {"depth_cm": [40.0, np.nan], "duration_h": [3.0, np.nan], "times_per_year": [4.0, 1.0]},
        geometry=[Point(x0 + 200, y0 + 180).buffer(60), Point(x1 - 120, y1 - 90).buffer(45)], crs=CRS,
    )  # fmt: skip
    sk = gpd.GeoDataFrame(
        {"name": ["Kawasan Bulu"], "sk_number": ["653/1234/2020"], "sk_date": [pd.Timestamp("2020-12-01")]},
        geometry=[units.geometry.iloc[5:].union_all().buffer(-15)], crs=CRS,
    )  # fmt: skip
    water = gpd.GeoDataFrame(
        {"name": ["Kali Pelang"]}, geometry=[LineString([(x0 - 40, y0 - 30), (x0 - 25, y1 + 40)])], crs=CRS
    )
    hydrants = gpd.GeoDataFrame(
        {"working": pd.array([True, False], "boolean")},
        geometry=[Point(corner(1, 1)), Point(corner(3, 2))], crs=CRS,
    )  # fmt: skip
    return {
        "roads": roads, "drains": drains, "buildings": buildings, "parcels": parcels, "zoning": zoning,
        "inundation": inundation, "sk": sk, "water": water, "hydrants": hydrants,
    }  # fmt: skip


def invented(*, hostile=False, layers=True):
    """A record with everything that the map reads."""
    rules = load_rules()
    units = invented_units()
    if hostile:
        units["rt_rw"] = [*HOSTILE, *units["rt_rw"][len(HOSTILE) :]]
    measures = invented_measures(rules, units)
    scores, summary = score(measures, rules)
    slum = summary["level"].notna() & (summary["level"] != "tidak kumuh")
    summary = summary.assign(
        area_ha=units["area_ha"], area_used_ha=units["verified_ha"],
        slum_ha=units["verified_ha"].where(slum, 0.0),
        consideration_score=7, consideration="sedang",
        tenure_sign=["+", "-", None] * 4, plan_sign="+", tenure_clear_share=[1.0, 0.42, np.nan] * 4,
        plan_conforming_share=0.98, setback_ha=[0.0, 0.31, 0.0] * 4,
        legal=pd.array([True, False, None] * 4, "boolean"), priority=pd.array([6, 5, None] * 4, "Int64"),
        rank=pd.array([*range(1, 12), None], "Int64"), handling=["pemugaran", "permukiman kembali", None] * 4,
        authority="kabupaten/kota", authority_near_limit=False, typology="dataran rendah",
        sk_share=[0.0] * 5 + [0.9] * 7, sk_status=["outside"] * 5 + ["partial"] * 7,
        sk_finding=["inside_not_slum", "", "", "", "outside_slum", *[""] * 7],
    )  # fmt: skip
    summary["class"] = ["C3", "B4", None] * 4
    drawn = invented_layers(units) if layers else {}
    if hostile and layers:
        drawn["roads"]["name"] = [*HOSTILE, *HOSTILE][:9]
        drawn["parcels"].loc[[0, 1, 2], "land_status"] = HOSTILE[:3]
    place = HOSTILE[2] if hostile else "Jaten"
    found = [Problem("value_many_missing", "baseline.csv", "RT", "1a", {"n": 5, "columns": "1a"})]
    return SimpleNamespace(
        rules=rules, units=units, measures=measures, scores=scores, summary=summary, layers=drawn,
        problems=pd.DataFrame({"severity": [p.severity for p in found]}), lang="id",
        provenance={
            "sample": True, "dates": {"survey": "2026-03-15"}, "date": "2026-11-21", "desa": place,
            "kecamatan": "Jaten", "kabupaten": "Karanganyar", "rule": rules.key, "name": "Kawasan Bulu",
        },
    )  # fmt: skip


# ---------------------------------------------------------------- without a browser


@pytest.fixture(scope="module")
def village():
    return invented()


def page_of(m):
    return m.get_root().render()


def data_of(page, **wanted):
    """The data blocks of a page whose items agree with what is wanted."""
    blocks = re.findall(r'<script type="application/json" id="[^"]+">(.*?)</script>', page, flags=re.S)
    found = [json.loads(block) for block in blocks]
    return [data for data in found if all(data.get(key) == value for key, value in wanted.items())]


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
    record = unit_records(village)[-1]
    percent = [cells[0] for cells in record["measures"]]
    assert percent.count(None) == 6
    assert record["level"] == len(village.rules.levels)
    assert [plain(v) for v in (np.nan, pd.NA, pd.NaT, np.int8(3), np.bool_(True))] == [None, None, None, 3, True]


def test_only_whitelisted_columns_enter_the_page(village):
    page = page_of(maps.village_map(village))
    for private in ("Bu Sri", "Pak Joyo", "Mbah Karto", "sertifikat 1234", "kepala_keluarga", "pemilik"):
        assert private not in page


def test_household_points_stay_out_of_the_page(village):
    points = village.layers["buildings"].set_geometry(village.layers["buildings"].centroid)
    record = SimpleNamespace(**{**vars(village), "layers": {"buildings": points}})
    assert data_of(page_of(maps.village_map(record)), id="buildings") == []


def test_data_enter_once_in_degrees_with_six_decimals(village):
    page = page_of(maps.village_map(village))
    (levels,) = data_of(page, id="levels")
    assert page.count(village.units.index[0]) == 1
    for feature in levels["features"]:
        for x, y in feature["g"]["coordinates"][0]:
            assert 110.8 < x < 111 and -7.7 < y < -7.4
            assert (x, y) == (round(x, 6), round(y, 6))


def test_layers_compose_and_return_the_map(village):
    m = maps.levels_layer(village)
    assert maps.sk_layer(village, m=m) is m
    assert maps.zoning_layer(village, m=m) is m
    assert [d["id"] for d in data_of(page_of(m)) if "features" in d] == ["levels", "sk", "zoning"]


def test_layers_go_on_a_plain_folium_map(village):
    import folium

    m = folium.Map([-7.57, 110.9], tiles=None)
    assert maps.village_map(village, m=m) is m
    page = maps.embed(page_of(m))
    assert len(data_of(page, id="levels")) == 1
    assert folium.Map.default_js[0][0] == "leaflet" and len(folium.Map.default_js) == 4


def test_missing_layers_are_left_out():
    page = page_of(maps.village_map(invented(layers=False)))
    assert [d["id"] for d in data_of(page) if "features" in d] == ["levels"]


def test_statuses_that_differ_in_case_are_one_class(village):
    (land,) = data_of(page_of(maps.land_layer(village)), id="land")
    labels = [c["label"] for c in land["classes"]]
    assert labels[:3] == ["Hak Milik", "Tanah Negara", text("maps.class.unrecorded")]
    assert labels[3] == text("maps.class.conflict", name="Hak Milik")
    assert sum(c["count"] for c in land["classes"]) == 12


def test_page_is_small_and_forbids_the_network(village, tmp_path):
    path = tmp_path / "peta.html"
    maps.village_map(village).save(path)
    page = path.read_text("utf-8")
    assert len(page) < 350_000
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
    assert levels["features"][0]["r"]["units"] == {"area_ha": pytest.approx(2.2, abs=1)}


def test_geometry_that_is_missing_is_not_drawn(village):
    units = village.units.copy()
    units.loc[units.index[3], "geometry"] = None
    record = SimpleNamespace(**{**vars(village), "units": units})
    (levels,) = data_of(page_of(maps.levels_layer(record)), id="levels")
    assert len(levels["features"]) == 11
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
    assert sorted(len(f["m"]) for f in data["features"]) == [1, 1, 1, 1, 2]
    assert [f["g"]["type"] for f in data["features"]].count("Point") == 2
    assert data_of(page_of(maps.village_map(village)), id="problems") == []


def test_a_place_with_many_problems_tells_the_first_and_how_many_are_left(village):
    found = [Problem("unit_without_record", "rt", str(n), shape=village.units.geometry.iloc[0]) for n in range(25)]
    record = SimpleNamespace(**{**vars(village), "problems": problems_frame(found, crs=CRS)})
    (data,) = data_of(page_of(maps.problems_layer(record)), id="problems")
    (feature,) = data["features"]
    assert len(feature["m"]) == 11 and feature["m"][-1] == [text("maps.more_problems", n=15)]


# ---------------------------------------------------------------- in a browser

SIZES = {"desktop": (1440, 900), "projector": (1024, 768), "phone": (360, 740)}


@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium; without it these tests are skipped, but never in CI."""
    where = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sync_playwright = None
    if not where or not sync_playwright:
        reason = "map tests need Chromium and playwright (apt install chromium; pip install playwright)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=where, args=arguments)
        yield made
        made.close()


@pytest.fixture
def shots(tmp_path):
    folder = Path(os.environ.get("KUMUHGIS_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def show(browser, tmp_path):
    """Open a map with the network off; say at the end if it asked for anything or complained."""
    contexts, requests, complaints = [], [], []

    def opened(m, size="desktop"):
        path = tmp_path / "peta.html"
        path.write_text(m, "utf-8") if isinstance(m, str) else m.save(path)
        phone = size == "phone"
        context = browser.new_context(
            viewport=dict(zip(("width", "height"), SIZES[size], strict=True)),
            offline=True, has_touch=phone, is_mobile=phone,
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda r: requests.append(r.url) if not r.url.startswith("data:") else None)
        page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: complaints.append(str(e)))
        page.goto(path.as_uri())
        requests.remove(path.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert requests == []
    assert complaints == []


def unit_path(page, unit):
    return page.locator(f'path[data-unit="{unit}"]')


def click_unit(page, unit):
    """Click beside the middle, where the invented village has no house and no label."""
    page.wait_for_timeout(300)
    frame = unit_path(page, unit).bounding_box()
    page.mouse.click(frame["x"] + frame["width"] * 0.5, frame["y"] + frame["height"] * 0.5)
    page.wait_for_selector(".kg-card")


def open_unit(page, unit):
    """Open a card with the keyboard, wherever the unit has gone to."""
    unit_path(page, unit).focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)


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
