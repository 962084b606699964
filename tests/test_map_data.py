"""The data of the map: small, exact, borders shared; what the browser reads is what the frames say."""

import json
import math
import zlib
from importlib.resources import files
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from browsing import click_unit, unit_path
from hypothesis import given
from hypothesis import strategies as st
from invented_village import invented
from unpacking import data_of, shapes_of, units_of, unpack, values

from benchmarks import mapping, world
from kumuhgis import maps
from kumuhgis.colours import LEVEL_COLOURS
from kumuhgis.maps import layers, packing, shapes
from kumuhgis.maps.page import SCRIPTS
from kumuhgis.maps.records import MEASURE_COLUMNS, SUMMARY_COLUMNS, UNIT_COLUMNS
from kumuhgis.rules import load_rules
from kumuhgis.text import text
from kumuhgis.themes import unit_themes


@pytest.fixture(scope="module")
def village():
    return invented()


def page_of(m):
    return m.get_root().render()


# ---------------------------------------------------------------- numbers and words


cell = st.one_of(
    st.none(),
    st.integers(-(2**31), 2**31).map(float),
    st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 6)),
    st.sampled_from([0.0, -0.0, 1e15, 2.5e12, 0.000001]),
)


@given(st.lists(cell, max_size=40), st.lists(cell, max_size=40))
def test_figures_come_back_to_six_decimals_and_gaps_stay_gaps(cells, others):
    n = len(cells)
    found = np.array([np.nan if c is None else c for c in cells], float)
    base = np.array([np.nan if c is None else c for c in (others + [None] * n)[:n]], float)
    root = {"n": n, "a": packing.figures(base), "b": packing.figures(found, base=base, path=["a"])}
    read = unpack(packing.pack(root))
    assert values(read, read["b"], n) == cells
    assert values(read, read["a"], n) == (others + [None] * n)[:n]


def test_a_column_that_equals_another_costs_next_to_nothing():
    found = np.random.default_rng(1).uniform(0, 500, 5000).round(6)
    alone = len(packing.pack({"a": packing.figures(found)}))
    both = len(packing.pack({"a": packing.figures(found), "b": packing.figures(found, base=found, path=["a"])}))
    assert both - alone < 150


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (pd.Series(["a", None, "", "a"]), ["a", None, "", "a"]),
        (pd.Series([True, None, False], dtype="boolean"), [True, None, False]),
        (pd.Series([True, False]), [True, False]),
        (pd.Series([3, pd.NA], dtype="Int64"), [3, None]),
        (pd.Series([0.5, np.nan, np.inf]), [0.5, None, None]),
        (pd.Series(["x", 4, None], dtype=object), ["x", 4, None]),
        (pd.Series([pd.Timestamp("2020-12-01"), pd.NaT]), ["2020-12-01 00:00:00", None]),
        (pd.Categorical(["b", None, "a"], ["a", "b"]), ["b", None, "a"]),
        (pd.Series([], dtype=float), []),
    ],
    ids=["words", "boolean", "bool", "Int64", "float", "mixed", "dates", "category", "empty"],
)
def test_columns_of_every_kind_come_back(cells, expected):
    read = unpack(packing.pack({"a": packing.column(pd.Series(cells))}))
    assert values(read, read["a"], len(expected)) == expected


# ---------------------------------------------------------------- shapes


def millionths(shape):
    """The rings of a polygon as the page should have them: corners in order, without the last."""
    parts = shapely.get_rings(shapely.orient_polygons(shapely.get_parts(shape)))
    return [np.rint(shapely.get_coordinates(ring)[:-1] * 1e6).astype(int) for ring in parts]


def turned(ring):
    """A ring from its smallest corner on."""
    start = int(np.lexsort((ring[:, 1], ring[:, 0]))[0])
    return np.roll(ring, -start, axis=0).tolist()


def test_units_come_back_corner_by_corner_and_a_shared_border_stands_once():
    units = world.units(100).geometry.to_crs(4326)
    packed = unpack(packing.pack(shapes.pack_coverage(units)))
    for rings, shape in zip(units_of(packed), units, strict=True):
        assert [turned(ring) for ring in rings] == [turned(ring) for ring in millionths(shape)]
    walked = np.bincount(np.cumsum(packed["arcs"]) >> 1)
    assert set(walked) == {1, 2}
    assert (walked == 2).sum() == 2 * 10 * 9, "every border between two of 10 × 10 RT is one arc, walked twice"


HARD = {
    "hole": [shapely.box(0, 0, 4, 4) - shapely.box(1, 1, 2, 2), shapely.box(1, 1, 2, 2)],
    "several parts": [
        shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(3, 0, 4, 1)]),
        shapely.box(1, 0, 3, 1),
    ],
    "missing and empty": [None, shapely.box(0, 0, 1, 1), shapely.Polygon()],
    "overlap": [shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3)],
    "twice the same": [shapely.box(0, 0, 2, 2), shapely.box(0, 0, 2, 2)],
    "corner on a side": [shapely.box(0, 0, 2, 2), shapely.box(2, 0, 3, 1), shapely.box(2, 1, 3, 2)],
    "touching itself": [shapely.Polygon([(0, 0), (2, 2), (4, 0), (4, 4), (2, 2), (0, 4)])],
    "alone": [shapely.Point(5, 5).buffer(1), shapely.box(0, 0, 1, 1)],
    "none": [],
}


@pytest.mark.parametrize("name", HARD)
def test_hard_borders_come_back(name):
    units = gpd.GeoSeries(HARD[name], crs=4326)
    found = units_of(unpack(packing.pack(shapes.pack_coverage(units))))
    for rings, shape in zip(found, units, strict=True):
        expected = [] if shape is None else millionths(shape)
        assert sorted(turned(ring) for ring in rings) == sorted(turned(ring) for ring in expected)


def test_shared_borders_stay_shared_when_simplified(monkeypatch):
    units = world.units(400).geometry
    monkeypatch.setattr(shapes, "MANY_UNITS", 100)
    monkeypatch.setattr(shapes, "TOLERANCE_M", 6.0)
    packed = unpack(packing.pack(shapes.pack_coverage(units)))
    thin = np.array([shapely.Polygon(rings[0] / 1e6) for rings in units_of(packed)])
    assert len(packed["x"]) < 0.7 * shapely.get_num_coordinates(units.to_numpy()).sum() / 2
    assert shapely.coverage_is_valid(thin), "no gap and no overlap between neighbours"
    moved = shapely.hausdorff_distance(gpd.GeoSeries(thin, crs=4326).to_crs(units.crs).to_numpy(), units.to_numpy())
    assert 1 < moved.max() < 7


def test_few_units_are_not_simplified_and_what_is_left_out_is_less_than_a_dot():
    dot = 40_075_016 / 256 / 2**17  # metres of a pixel at zoom 17 on the equator
    assert dot > shapes.TOLERANCE_M
    assert shapes.MANY_UNITS >= 2000


LINES = shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3)]])


def test_any_shapes_come_back():
    found = gpd.GeoSeries(
        [
            shapely.Point(110.9, -7.5), shapely.LineString([(110, -7), (110.1, -7.000001)]),
            shapely.box(0, 0, 1, 1) - shapely.box(0.2, 0.2, 0.4, 0.4), shapely.MultiPoint([(1, 1), (2, 2)]),
            shapely.GeometryCollection([shapely.Point(3, 3), LINES]),
            shapely.LineString([(0, 0, 5), (1, 1, 5)]),
        ],
        crs=4326,
    )  # fmt: skip
    packed = unpack(packing.pack(shapes.pack_shapes(found)))
    assert list(packed["kinds"]) == [0, 1, 2, 0, 0, 0, 1, 1, 1]
    assert [len(rings) for rings in shapes_of(packed)] == [1, 1, 2, 2, 3, 1]
    assert shapes_of(packed)[1][0].tolist() == [[110000000, -7000000], [110100000, -7000001]]
    assert len(shapes_of(packed)[2][0]) == 4, "the first corner is not said twice"


def test_a_page_of_many_units_is_small():
    a = mapping.village(2500)
    page = page_of(maps.village_map(a, answers=False))
    base = len(page_of(maps.base(a)))
    assert (len(page) - base) / len(a.units) < 250, (
        "bytes an RT, sixteen criteria and its share of the borders included"
    )
    (data,) = data_of(page, id="levels")
    assert data["canvas"] is True


# ---------------------------------------------------------------- themes


def codes_of(themes, key):
    (found,) = [theme for theme in themes if theme["id"] == key]
    return [found["classes"][code]["label"] for code in found["codes"]]


def test_every_criterion_and_aspect_is_a_theme_with_the_bands_of_the_rule(village):
    themes = unit_themes(village)
    assert [t["id"] for t in themes if t["group"] == "criterion"] == [f"score:{c}" for c in village.rules.codes]
    assert [t["id"] for t in themes if t["group"] == "aspect"] == [f"mean:{n}" for n in range(1, 8)]
    limits = {0: "0 · < 25 %", 1: "1 · 25 – < 51 %", 3: "3 · 51 – < 76 %", 5: "5 · ≥ 76 %"}
    for code in village.rules.codes:
        scores = village.scores["score"].unstack().loc[village.summary.index, code]
        expected = [limits.get(score, text("maps.theme.not_measured")) for score in scores.astype(object)]
        assert codes_of(themes, f"score:{code}") == expected
    means = village.summary["aspect_2_mean"]
    parts = [math.nan if pd.isna(m) else np.searchsorted([25, 51, 76], round(m, 2), side="right") for m in means]
    words = ["< 25 %", "25 – < 51 %", "51 – < 76 %", "≥ 76 %"]
    assert codes_of(themes, "mean:2") == [text("maps.theme.not_measured") if p != p else words[p] for p in parts]


def test_bands_of_another_rule_are_its_own():
    rules = load_rules()
    bands = rules.bands.model_copy(update={"lower": (10.0, 33.5), "score": (0, 2, 4)})
    a = invented()
    a.rules = rules.model_copy(update={"bands": bands})
    (theme,) = [t for t in unit_themes(a, "en") if t["id"] == "mean:1"]
    assert [c["label"] for c in theme["classes"]] == ["< 10 %", "10 – < 33.50 %", "≥ 33.50 %", "not measured"]


def test_what_is_decided_is_a_theme_and_what_is_not_slum_is_not_unknown(village):
    themes = unit_themes(village)
    not_slum = (village.summary["level"] == "tidak kumuh").to_numpy(bool)
    for key in ("priority", "class", "handling"):
        words = np.array(codes_of(themes, key))
        known = village.summary[key].notna().to_numpy()
        assert list(words[known]) == [str(v) for v in village.summary[key][known]]
        assert set(words[~known & not_slum]) <= {text("maps.theme.not_slum")}
        assert set(words[~known & ~not_slum]) <= {text("maps.theme.unknown")}
    assert codes_of(themes, "legal")[:3] == ["legal", "tidak legal", text("maps.theme.unknown")]
    assert codes_of(themes, "tenure_sign")[:3] == ["(+) jelas", "(−) belum jelas", text("maps.theme.unknown")]
    sure = codes_of(themes, "certainty")
    fragile = village.summary["fragile"].fillna(False).to_numpy(bool)
    assert set(np.array(sure)[fragile]) == {text("maps.theme.certainty_near")}
    assert set(np.array(sure)[village.summary["level"].isna()]) == {text("levels.undetermined")}


def test_the_decree_against_the_result(village):
    found = pd.Series(codes_of(unit_themes(village), "decree"), village.summary.index)
    finding = village.summary["sk_finding"]
    assert set(found[finding == "outside_slum"]) == {text("maps.theme.decree_only_slum")}
    assert set(found[finding == "inside_not_slum"]) == {text("maps.theme.decree_only_decree")}
    assert found.iloc[8] == text("maps.theme.decree_both")
    assert found.iloc[2] == text("maps.theme.decree_neither")


def test_a_theme_without_data_is_not_offered(village):
    bare = village.summary.drop(columns=["legal", "class", "priority", "handling", "sk_status"])
    a = SimpleNamespace(**{**vars(village), "summary": bare.assign(tenure_sign=None)})
    kept = {theme["id"] for theme in unit_themes(a)}
    assert not kept & {"legal", "class", "priority", "handling", "decree", "tenure_sign"}
    assert {"plan_sign", "certainty", "score:1a"} <= kept


# ---------------------------------------------------------------- in a browser

MAP = "Object.values(window).find(value => window.L && value instanceof L.Map)"


def ask(page, script):
    """Run a script that knows map, state and village."""
    return page.evaluate(f"() => {{ const map = {MAP}, state = map.kumuhgis, village = state.village; {script} }}")


def same(found, cell):
    """Whether the page has what the frame has, to six decimals."""
    if cell is None or cell is pd.NA or cell != cell:
        return found is None
    if isinstance(cell, str | bool | np.bool_):
        return found == cell
    return found is not None and abs(found - float(cell)) < 1e-6


def test_the_record_of_every_unit_is_that_of_the_frames(village, show):
    page = show(maps.village_map(village))
    records = ask(page, "return Array.from({length: village.n}, (_, i) => village.record(i));")
    both = village.measures.join(village.scores[["percent", "score", "score_low", "score_high"]])
    levels = [*village.rules.level_keys, None]
    assert [r["unit"] for r in records] == list(village.summary.index)
    for unit, record in zip(village.summary.index, records, strict=True):
        level = village.summary["level"][unit]
        assert levels[record["level"]] == (None if pd.isna(level) else level)
        for part, frame, names in (
            ("units", village.units, UNIT_COLUMNS),
            ("summary", village.summary, SUMMARY_COLUMNS),
        ):
            for name in set(names) & set(frame.columns):
                assert same(record[part].get(name), frame.loc[unit, name]), (unit, name)
        for n, mean in enumerate(record["means"], start=1):
            assert same(mean, village.summary.loc[unit, f"aspect_{n}_mean"])
        for code, cells in zip(village.rules.codes, record["measures"], strict=True):
            for name, found in zip(MEASURE_COLUMNS, cells, strict=True):
                assert same(found, both.loc[(unit, code), name]), (unit, code, name)
        assert bool(record["fragile"]) == bool(village.summary["fragile"].fillna(False)[unit])


def test_columns_of_the_village_are_those_of_the_frames(village, show):
    page = show(maps.levels_layer(village))
    percents = village.scores["percent"].unstack()
    frames = {
        "population": village.units["population"], "priority": village.summary["priority"],
        "mean:3": village.summary["aspect_3_mean"], "percent:4a": percents["4a"], "unit": village.summary.index,
    }  # fmt: skip
    for name, cells in frames.items():
        found = ask(page, f"return village.column({json.dumps(name)});")
        assert all(same(a, b) for a, b in zip(found, cells, strict=True)), name
    assert ask(page, "return village.column('no such');") == [None] * 12


def test_places_of_units_are_known(village, show):
    page = show(maps.levels_layer(village))
    points = village.units.geometry.representative_point().to_crs(4326)
    for i, point in enumerate(points):
        assert ask(page, f"return village.at(L.latLng({point.y}, {point.x}));") == i
        assert ask(page, f"return village.bounds({i}).contains(village.centre({i}));")
        drawn = shapely.geometry.shape(ask(page, f"return village.geometry({i});"))
        there = village.units.geometry.to_crs(4326).iloc[i]
        assert shapely.hausdorff_distance(drawn, there) < 1e-6
    assert ask(page, "return village.at(L.latLng(0, 0));") == -1


def test_an_rt_that_only_the_table_knows_has_a_card(village, show):
    units = village.units.copy()
    units.loc[units.index[3], "geometry"] = None
    page = show(maps.village_map(SimpleNamespace(**{**vars(village), "units": units})))
    assert page.locator("path[data-unit]").count() == 11
    ask(page, "kumuhgis.goTo(map, 3);")
    assert page.locator(".kg-card h2").inner_text() == "RT 04/RW 01"


@pytest.mark.parametrize("level", [0, 1, 6, 9])
def test_inflate_reads_what_zlib_writes(level, village, show):
    page = show(maps.base(village))
    rng = np.random.default_rng(level)
    for data in (
        b"", b"a", b"abc" * 30_000, rng.bytes(70_000), bytes(100_000),
        rng.integers(0, 4, 50_000).astype("u1").tobytes(),
        b"Desa Jaten, RT 03/RW 02; " * 500 + rng.bytes(500),
    ):  # fmt: skip
        for plan in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FIXED):
            squeezed = zlib.compressobj(level, zlib.DEFLATED, -15, 9, plan)
            stream = squeezed.compress(data) + squeezed.flush()
            script = "([stream, n]) => Array.from(kumuhgis.inflate(Uint8Array.from(stream), n))"
            assert bytes(page.evaluate(script, [list(stream), len(data)])) == data


def choose(page, theme):
    page.locator("select.kg-theme").select_option(theme)


def rows_of(page):
    rows = page.locator(".kg-layer:has(input[data-layer=levels]) li")
    return [(r.locator("span").inner_text(), r.locator("small").inner_text()) for r in rows.all()]


def test_choosing_a_theme_colours_the_units_and_counts_them(village, show, shots):
    page = show(maps.village_map(village))
    ask(page, "map.on('kg:theme', event => { window.told = event.theme.id; });")
    areas = village.summary["area_used_ha"].to_numpy()
    for theme in unit_themes(village):
        choose(page, theme["id"])
        assert page.evaluate("window.told") == theme["id"]
        for n, unit in enumerate(village.summary.index):
            style = theme["classes"][theme["codes"][n]]
            fill = unit_path(page, unit).get_attribute("fill")
            assert fill.startswith("url(#kg-hatch") if style.get("hatch") else fill == style["fill"], theme["id"]
        shown = dict(rows_of(page))
        for code, style in enumerate(theme["classes"]):
            mine = theme["codes"] == code
            amount = f"{mine.sum()} RT · {areas[mine].sum():.2f} ha".replace(".", ",")
            assert shown.get(style["label"], "0 RT · 0,00 ha") == amount
        if theme["id"] in ("score:4a", "decree", "class"):
            page.screenshot(path=shots / f"theme-{theme['id'].replace(':', '-')}.png")
    choose(page, "levels")
    assert unit_path(page, village.units.index[9]).get_attribute("fill") == LEVEL_COLOURS[3]


def test_a_theme_brings_the_colour_of_the_units_back(village, show):
    page = show(maps.village_map(village))
    page.locator("input[data-layer=land]").click()
    choose(page, "score:1a")
    assert page.locator("input[data-layer=levels]").is_checked()
    assert unit_path(page, village.units.index[0]).get_attribute("fill-opacity") == "1"
    assert page.locator(".leaflet-kg-land-pane path").count() == 0


def test_themes_are_chosen_by_keyboard_and_told_to_screen_readers(village, show):
    page = show(maps.village_map(village, lang="en"))
    select = page.get_by_label("Colour of RT by", exact=True).and_(page.locator("select"))
    select.focus()
    page.keyboard.press("ArrowDown")
    assert select.input_value() == "priority"
    name = unit_path(page, village.units.index[0]).get_attribute("aria-label")
    assert name == "RT 01/RW 01: 6"
    groups = page.locator("select.kg-theme optgroup").evaluate_all("all => all.map(one => one.label)")
    assert groups == ["Results", "Aspects (mean percent)", "Criteria (score)"]


def test_units_that_are_not_shown_fade_and_legend_and_labels_follow(village, show, shots):
    page = show(maps.village_map(village))
    keep = (village.summary["level"] == "kumuh berat").to_numpy(bool)
    ask(page, f"kumuhgis.filter(map, {json.dumps(keep.tolist())});")
    for unit, shown in zip(village.summary.index, keep, strict=True):
        opacity = float(unit_path(page, unit).get_attribute("fill-opacity"))
        assert opacity == 1 if shown else opacity < 0.2
    assert page.locator(".kg-label span").count() == keep.sum()
    counts = dict(rows_of(page))
    hectares = f"{village.summary['area_used_ha'][keep].sum():.2f}".replace(".", ",")
    assert counts["kumuh berat"] == f"{keep.sum()} RT · {hectares} ha"
    assert counts["kumuh ringan"] == "0 RT · 0,00 ha"
    page.screenshot(path=shots / "filter.png")
    ask(page, "kumuhgis.filter(map, null);")
    assert page.locator(".kg-label span").count() == 12


@pytest.fixture
def many(monkeypatch):
    """Three features are already many."""
    monkeypatch.setattr(layers, "MANY_PATHS", 3)


COLOUR = """([i]) => {
    const map = Object.values(window).find(value => window.L && value instanceof L.Map);
    const at = map.latLngToContainerPoint(map.kumuhgis.village.centre(i));
    const frame = map.getContainer().getBoundingClientRect();
    const canvas = document.querySelector('.leaflet-kg-levels-pane canvas');
    const box = canvas.getBoundingClientRect();
    const copy = Object.assign(document.createElement('canvas'), {width: 1, height: 1}).getContext('2d');
    copy.drawImage(canvas, Math.round(box.x - at.x - frame.x), Math.round(box.y - at.y - frame.y));
    const data = copy.getImageData(0, 0, 1, 1).data;
    return '#' + Array.from(data.slice(0, 3), part => part.toString(16).padStart(2, '0')).join('');
}"""


def colour_at(page, i):
    """The pixel of the canvas of units at the centre of a unit."""
    return page.evaluate(COLOUR, [i])


def test_many_units_are_painted_on_one_canvas(many, village, show, shots):
    page = show(maps.village_map(village))
    assert page.locator("path[data-unit]").count() == 0
    colours = {level.key: fill for level, fill in zip(village.rules.levels, LEVEL_COLOURS, strict=True)}
    for i, level in enumerate(village.summary["level"]):
        if pd.notna(level):
            assert colour_at(page, i) == colours[level]
    page.screenshot(path=shots / "canvas.png")
    theme = next(t for t in unit_themes(village) if t["id"] == "score:4a")
    choose(page, "score:4a")
    for i, code in enumerate(theme["codes"]):
        if code < 4:
            assert colour_at(page, i) == theme["classes"][code]["fill"]
    ask(page, "kumuhgis.filter(map, Array.from({length: 12}, (_, i) => i === 0));")
    assert colour_at(page, 0) == theme["classes"][theme["codes"][0]]["fill"]
    assert colour_at(page, 5) != theme["classes"][theme["codes"][5]]["fill"]
    told = page.locator(".leaflet-kg-levels-pane canvas").get_attribute("aria-label")
    assert "12 RT" in told and "pencarian" in told


def test_many_units_open_by_a_click_and_tell_by_pointing(many, village, show):
    page = show(maps.village_map(village))
    page.locator("input[data-layer=roads]").click()
    at = ask(page, "const at = map.latLngToContainerPoint(village.centre(6)); return [at.x, at.y + 30];")
    page.mouse.move(*at)
    page.wait_for_selector(".kg-tip")
    assert "RT 03/RW 02" in page.locator(".kg-tip").inner_text()
    page.mouse.click(*at)
    assert page.locator(".kg-card h2").inner_text() == "RT 03/RW 02"
    page.keyboard.press("Escape")
    assert page.locator(".kg-card").count() == 0


def test_many_lines_are_painted_and_told(many, village, show, shots):
    page = show(maps.infrastructure_layer(village))
    assert page.locator(".leaflet-kg-roads-pane path").count() == 0
    at = page.evaluate(f"""() => {{ const map = {MAP};
        const data = map.kumuhgis.layers.filter(one => one.data.id === 'roads')[0].data;
        const line = data.shapes.geometry(0).coordinates;
        const at = map.latLngToContainerPoint([(line[1][1] + line[2][1]) / 2, (line[1][0] + line[2][0]) / 2]);
        return [at.x, at.y]; }}""")
    page.mouse.move(at[0] + 2, at[1])
    page.wait_for_selector(".kg-tip")
    told = page.locator(".kg-tip").inner_text()
    assert "Jalan 0" in told and "Lebar: 3,5 m" in told and "Pak Joyo" not in told
    page.screenshot(path=shots / "canvas-lines.png")


def test_labels_never_overlap_and_grow_with_the_map(show, shots):
    page = show(maps.levels_layer(mapping.village(900)))
    for zoom, form in ((15.5, r"^\d{3}$"), (17.25, r"^RT \d{3}/RW \d{3}$")):
        ask(page, f"map.setView(village.centre(465), {zoom}, {{animate: false}});")
        boxes = page.locator(".kg-label span").evaluate_all(
            """all => all.map(e => {
                const b = e.getBoundingClientRect();
                return [b.x, b.y, b.right, b.bottom, e.textContent]; })"""
        )
        assert len(boxes) > 10
        assert pd.Series([box[4] for box in boxes]).str.match(form).mean() > 0.9, zoom
        found = shapely.box(*np.array([box[:4] for box in boxes], float).T)
        pairs = shapely.STRtree(found).query(found, predicate="intersects")
        assert (shapely.area(shapely.intersection(found[pairs[0]], found[pairs[1]]))[pairs[0] != pairs[1]] < 8).all()
        page.screenshot(path=shots / f"labels-{zoom}.png")


def test_old_phones_read_the_scripts():
    """Safari knows (?<=…) since 16.4 (2023) and DecompressionStream too; phones of 2021 are older."""
    for script in SCRIPTS:
        source = files("kumuhgis").joinpath("data", "map", script).read_text("utf-8")
        assert "(?<" not in source and "DecompressionStream" not in source, script


SHORTER = [
    ("RT 003/RW 004", ["003/004", "003"]),
    ("RT 3 RW 4", ["3/4", "3"]),
    ("RT 05", ["05"]),
    ("33.13.00.0000.012", ["012"]),
    ("3313112003000107", ["107"]),
    ("Dusun Bulu", []),
    ("{{ 7*7 }}", []),
]


def test_names_of_units_have_shorter_forms(village, show):
    page = show(maps.base(village))
    for title, forms in SHORTER:
        assert page.evaluate("title => kumuhgis.shorter(title)", title) == forms


def test_the_card_of_a_small_map_still_opens_by_a_click(village, show):
    page = show(maps.village_map(village))
    choose(page, "mean:4")
    click_unit(page, village.units.index[6])
    assert page.locator(".kg-card h2").inner_text() == "RT 03/RW 02"
