"""A map for everyone: colours and patterns that differ, contrast, names, keyboard, large letters, little movement."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from browsing import SIZES, open_unit
from invented_village import invented

from kumuhgis import maps
from kumuhgis.colours import LEVEL_COLOURS, LEVEL_PATTERNS
from kumuhgis.kinds import CONDITIONS
from kumuhgis.rules import load_rules
from kumuhgis.themes import PATTERNS, _class_colours, level_classes, unit_themes

MAP = "var map = window[Object.keys(window).find(k => k.startsWith('map_'))]"


@pytest.fixture(scope="module")
def village():
    return invented()


# ---------------------------------------------------------------- colours

# Machado, Oliveira and Fernandes (2009), A Physiologically-based Model for Simulation of Color Vision Deficiency,
# IEEE TVCG 15(6), table 1, severity 1.0, for linear sRGB. Grey: luminance of IEC 61966-2-1 (sRGB).
SEEN = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    "grey": [[0.2126, 0.7152, 0.0722]] * 3,
    "normal": np.eye(3).tolist(),
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def linear(colour):
    value = np.array([int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)])
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(colour, seen):
    """CIE L*a*b* (D65) of a colour as somebody sees it."""
    xyz = TO_XYZ @ np.clip(np.array(SEEN[seen]) @ linear(colour), 0, 1) / (0.95047, 1, 1.08883)
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("seen", SEEN)
@pytest.mark.parametrize("colours", [LEVEL_COLOURS, tuple(CONDITIONS.values())], ids=["levels", "roads"])
def test_colours_are_told_apart_by_everyone_and_in_grey(colours, seen):
    """A CIE76 distance of 2.3 is just noticeable (Mahy et al. 1994); five times that is told apart at a glance."""
    for a, b in combinations(colours, 2):
        assert np.linalg.norm(lab(a, seen) - lab(b, seen)) > 11.5, (a, b)


@pytest.mark.parametrize("colours", [LEVEL_COLOURS, tuple(CONDITIONS.values())], ids=["levels", "roads"])
@pytest.mark.parametrize("seen", SEEN)
def test_worse_is_darker_for_everyone(colours, seen):
    lights = [lab(colour, seen)[0] for colour in colours]
    assert all(a > b + 8 for a, b in pairwise(lights))


def test_every_level_has_a_pattern_of_its_own(village):
    classes = level_classes(village)
    forms = [(c["pattern"], c["hatch"]) for c in classes]
    assert len(set(forms)) == len(classes)
    assert [c["pattern"] for c in classes[:4]] == list(LEVEL_PATTERNS)


def test_classes_of_every_theme_have_patterns_of_their_own(village):
    """Priority, class, handling and the others: no two look alike when the colour is gone."""
    themes = {theme["id"]: theme["classes"] for theme in unit_themes(village)}
    assert {"priority", "class", "handling"} <= themes.keys()
    for name, classes in themes.items():
        forms = [(c["pattern"], c.get("hatch", False)) for c in classes]
        assert len(set(forms)) == len(forms), name
    measured = [c["pattern"] for c in themes["mean:1"]]
    assert measured == [*LEVEL_PATTERNS, ""], "aspects are read like levels"


def test_no_class_has_the_colour_of_paper():
    """Twice the distance that is just noticeable, also in grey."""
    colours = _class_colours(load_rules())
    assert "C6" in colours and len(colours) == 18
    for seen in SEEN:
        assert min(np.linalg.norm(lab(c, seen) - lab("#f4efe4", seen)) for c in colours.values()) > 5, seen


# ---------------------------------------------------------------- in a browser


@pytest.mark.parametrize("theme", ["class", "priority", "handling", "mean:2"])
def test_patterns_of_every_theme_are_drawn_and_in_the_legend(village, show, shots, theme):
    page = show(maps.village_map(village))
    page.locator("select.kg-theme").select_option(theme)
    page.locator("[data-tool=pattern]").click()
    fills = page.evaluate("[...document.querySelectorAll('path[data-unit]')].map(p => p.getAttribute('fill'))")
    swatches = page.locator(".kg-layer:has(input[data-layer=levels]) li svg rect")
    legend = [swatch.get_attribute("fill") for swatch in swatches.all()]
    assert set(fills) <= set(legend) and len(set(legend)) == len(legend)
    assert sum("url(" not in fill for fill in legend) <= 1, "one class without a pattern at most"
    page.screenshot(path=shots / f"pattern-{theme[:5]}.png")


def test_every_pattern_that_python_names_is_drawn(village, show):
    page = show(maps.village_map(village))
    page.evaluate("kumuhgis.patterned = true")
    made = {page.evaluate("p => kumuhgis.fill({fill: '#f0bd42', pattern: p})", name) for name in PATTERNS}
    assert len(made) == len(PATTERNS) and sum("url(" in fill for fill in made) == len(PATTERNS) - 1


def test_patterns_are_switched_on_and_off_with_the_legend(village, show, shots):
    page = show(maps.village_map(village))
    button = page.locator("[data-tool=pattern]")
    fills = "[...document.querySelectorAll('path[data-unit]')].map(p => p.getAttribute('fill'))"
    plain = page.evaluate(fills)
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    drawn = {fill.split("#")[1][:14] for fill in page.evaluate(fills) if "url" in fill}
    assert drawn == {"kg-pattern-dot", "kg-pattern-sla", "kg-pattern-cro", "kg-hatch-b9b6a"}
    swatches = page.locator(".kg-layer:has(input[data-layer=levels]) li svg rect")
    assert sum("kg-pattern" in s.get_attribute("fill") for s in swatches.all()) == 3
    page.screenshot(path=shots / "patterns.png")
    button.click()
    assert button.get_attribute("aria-pressed") == "false" and page.evaluate(fills) == plain


@pytest.mark.parametrize("style", [
    {"fill": "#f0bd42", "pattern": "dots"}, {"fill": "#dd7526", "pattern": "slanted"},
    {"fill": "#7d1527", "pattern": "crossed"}, {"fill": "#b9b6af", "hatch": True},
    *({"fill": "#a98fc0", "pattern": name} for name in PATTERNS[4:]),
], ids=lambda s: s.get("pattern", "hatch"))  # fmt: skip
def test_canvas_and_svg_draw_the_same_pattern(village, show, style):
    page = show(maps.village_map(village))
    share = page.evaluate("""style => {
        kumuhgis.patterned = true;
        const inked = (draw) => {
            const canvas = Object.assign(document.createElement("canvas"), {width: 100, height: 100});
            const pen = canvas.getContext("2d");
            draw(pen);
            const seen = {};
            const data = pen.getImageData(0, 0, 100, 100).data;
            for (let n = 0; n < data.length; n += 4) seen[data.slice(n, n + 3)] = (seen[data.slice(n, n + 3)] || 0) + 1;
            const most = Math.max(...Object.values(seen));
            return [Object.keys(seen).length, most / 10000];
        };
        return inked(pen => { pen.fillStyle = kumuhgis.ink(kumuhgis.fill(style)); pen.fillRect(0, 0, 100, 100); });
    }""", style)  # fmt: skip
    assert share[0] > 1 and 0.2 < share[1] < 0.95, "ground and ink"
    assert page.evaluate("s => kumuhgis.fill(s)", style).startswith("url(#kg-")
    assert page.evaluate("kumuhgis.ink(kumuhgis.fill({fill: '#dcebe4'}))") == "#dcebe4"


CONTRAST = """root => {
    const parse = c => (c.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
    const over = (top, below) => {
        const a = top.length > 3 ? top[3] : 1;
        return [0, 1, 2].map(n => a * top[n] + (1 - a) * below[n]);
    };
    const ground = e => {
        const all = [];
        for (let at = e; at; at = at.parentElement) all.push(parse(getComputedStyle(at).backgroundColor));
        return all.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
    };
    const light = c => [0.2126, 0.7152, 0.0722].reduce((sum, w, n) => {
        const v = c[n] / 255;
        return sum + w * (v <= 0.04045 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4));
    }, 0);
    const poor = [];
    let count = 0;
    document.querySelectorAll(root + " *").forEach(e => {
        const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
        if (!own || !e.offsetParent || e.closest(".kg-label, .kg-unseen, .leaflet-disabled, svg")) return;
        count += 1;
        const below = ground(e);
        const [a, b] = [light(over(parse(getComputedStyle(e).color), below)), light(below)].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < 4.5) poor.push([e.className, e.textContent.slice(0, 30), ratio]);
    });
    return [count, poor];
}"""


@pytest.mark.parametrize("size", SIZES)
def test_every_text_has_enough_contrast(village, show, size):
    """WCAG 2.1, 1.4.3: 4.5 to 1."""
    page = show(maps.village_map(village), size)
    if size == "phone":
        page.locator(".kg-toggle").tap()
    for _ in range(2):
        count, poor = page.evaluate(CONTRAST, ".kg-map")
        assert count > 20 and poor == []
        open_unit(page, village.units.index[8])
        page.locator(".kg-card .kg-close").focus()
    page.locator("[data-tool=print]").dispatch_event("click")
    assert page.evaluate(CONTRAST, ".kg-dialog")[1] == []


def test_names_on_the_map_have_a_light_edge_on_every_colour(village, show):
    page = show(maps.village_map(village))
    shadow = page.locator(".kg-label span").first.evaluate("e => getComputedStyle(e).textShadow")
    assert shadow.count("rgb(255, 255, 255)") >= 4


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_page_says_its_language_and_every_control_its_name(village, show, lang):
    page = show(maps.village_map(village, lang=lang))
    assert page.evaluate("document.documentElement.lang") == lang
    assert page.locator("html").first.evaluate("e => document.querySelectorAll('html').length") == 1
    open_unit(page, village.units.index[3])
    nameless = page.evaluate("""() => [...document.querySelectorAll("button, input, select, a[href], [role=button]")]
        .filter(e => !(e.getAttribute("aria-label") || e.textContent.trim() || e.title
                       || (e.labels && [...e.labels].some(l => l.textContent.trim())))).map(e => e.outerHTML)""")
    assert nameless == []
    assert page.locator(".kg-map").get_attribute("role") == "region"
    assert page.locator("h1").count() == 1


def test_tab_goes_through_tools_and_legend_and_stops_once_at_the_units(village, show):
    page = show(maps.village_map(village))
    stops = []
    for _ in range(40):
        page.keyboard.press("Tab")
        stops.append(
            page.evaluate("""() => { const e = document.activeElement;
            return e.dataset.tool ? "tool" : e.dataset.layer ? "legend" : e.dataset.unit ? "unit"
                : e.matches(".leaflet-control-zoom a") ? "zoom" : e.className || e.tagName; }""")
        )
        if stops[-1] == "zoom":
            break
    assert stops.count("unit") == 1 and stops.count("tool") == page.locator("[data-tool]").count()
    assert stops.index("tool") < stops.index("legend") < stops.index("unit") < stops.index("zoom")


def test_arrows_go_from_unit_to_unit_and_the_map_stays(village, show):
    page = show(maps.village_map(village))
    centre = page.evaluate(f"{MAP}; map.getCenter().lng")
    page.locator("path[data-unit]").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.dataset.unit") == village.units.index[1]
    page.wait_for_timeout(300)
    assert page.evaluate("map.getCenter().lng") == centre
    ring = page.evaluate("getComputedStyle(document.activeElement).strokeWidth")
    assert ring == "4px", "the focus is seen"


def test_on_a_phone_everything_is_large_enough_to_touch(village, show):
    page = show(maps.village_map(village), "phone")
    open_unit(page, village.units.index[3])
    small = """() => [...document.querySelectorAll("button, .leaflet-bar a, .kg-layer label")]
        .filter(e => e.offsetParent).map(e => [e.className || e.textContent, e.getBoundingClientRect()])
        .filter(([, box]) => Math.min(box.width, box.height) < 36).map(([name]) => name)"""
    assert page.evaluate(small) == []
    page.locator(".kg-card .kg-close").tap()
    page.locator(".kg-toggle").tap()
    assert page.evaluate(small) == []


CUT = """() => [...document.querySelectorAll(".kg-side, .kg-side *, .kg-tools *")].filter(e => e.offsetParent
    && !e.closest("svg") && !e.matches(".kg-bar, .kg-bar *, .kg-scale, .kg-scale *") && e.clientWidth
    && (e.scrollWidth > e.clientWidth + 1 || e.getBoundingClientRect().right > innerWidth + 1))
    .map(e => e.className + e.tagName)"""


@pytest.mark.parametrize("size", SIZES)
def test_large_letters_are_larger_and_nothing_is_cut(village, show, shots, size):
    page = show(maps.village_map(village), size)
    height = "document.querySelector('.kg-title h1').getBoundingClientRect().height"
    before = page.evaluate(height)
    page.locator("[data-tool=textsize]").click()
    page.locator("[data-tool=textsize]").click()
    assert page.evaluate(height) > 1.3 * before
    assert page.locator("[aria-live=polite]").inner_text() == "Ukuran huruf 140 %"
    open_unit(page, village.units.index[11])
    assert page.evaluate(CUT) == []
    page.screenshot(path=shots / f"large-{size}.png")
    box, view = page.locator(".kg-card").bounding_box(), page.viewport_size
    assert box["y"] + box["height"] <= view["height"] + 1 and box["height"] > 150
    page.locator(".kg-card .kg-close").click()
    page.locator("[data-tool=textsize]").click()
    assert page.evaluate(height) == before


@pytest.mark.parametrize(("width", "height"), [(720, 450), (512, 384), (360, 640)])
def test_zoomed_to_twice_the_size_the_card_is_still_whole(village, show, shots, width, height):
    """Zoom of 200 % on 1440 x 900 and on 1024 x 768 leaves half of the pixels (WCAG 2.1, 1.4.4)."""
    page = show(maps.village_map(village))
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_timeout(300)
    open_unit(page, village.units.index[11])
    assert page.evaluate(CUT) == []
    box = page.locator(".kg-card").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width + 1 and box["y"] + box["height"] <= height + 1
    page.screenshot(path=shots / f"zoom-{width}.png")


def test_who_asks_for_less_movement_gets_less(village, show):
    page = show(maps.village_map(village))
    assert page.evaluate("kumuhgis.calm()") is False
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate("kumuhgis.calm()") is True
    moves = "getComputedStyle(document.querySelector('.leaflet-proxy, .leaflet-map-pane')).transitionDuration"
    assert page.evaluate(moves) == "0s"
    page.evaluate(f"{MAP}; kumuhgis.accessible(map, 'x')")
    assert page.evaluate("[map._zoomAnimated, map.options.inertia]") == [False, False]


def test_conditions_missing_from_the_data_are_not_colours_alone(village, show):
    """What is needed or not recorded is told from what is there by its dash, what is worse by being darker."""
    page = show(maps.village_map(village))
    page.locator("input[data-layer=drains]").click()
    dashes = page.evaluate("""() => [...document.querySelectorAll(".kg-layer:has(input[data-layer=roads]) li")].map(
        li => [li.querySelector("span").textContent, li.querySelector("line").getAttribute("stroke-dasharray")])""")
    dashes = dict(dashes)
    assert dashes["dibutuhkan, belum ada"] and not dashes["baik"]
    assert dashes["kondisi belum dicatat"] not in (None, dashes["dibutuhkan, belum ada"])


def test_every_stop_of_the_tab_key_has_a_name_and_roads_are_none(village, show):
    page = show(maps.village_map(village))
    assert page.locator("path.leaflet-interactive:not([data-unit])").count() > 10
    named = """() => { const e = document.activeElement; return e === document.body ? "" : e.getAttribute("aria-label")
        || e.title || (e.labels && [...e.labels].map(l => l.textContent.trim()).join("")) || e.textContent.trim()
        || "nameless " + e.outerHTML.slice(0, 80); }"""
    stops = []
    for _ in range(60):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(named))
        if stops and not stops[-1]:
            break
    assert len(stops) < 60 and [stop for stop in stops if stop.startswith("nameless")] == []


@pytest.mark.parametrize("size", ["desktop", "projector"])
def test_hits_of_the_search_lie_over_all_tools(village, show, shots, size):
    page = show(maps.village_map(village), size)
    page.locator(".kg-search input").fill("rw 2")
    page.screenshot(path=shots / f"hits-{size}.png")
    over = page.evaluate("""() => [...document.querySelectorAll(".kg-hits li")].flatMap(hit => {
        const box = hit.getBoundingClientRect();
        return [0.03, 0.2, 0.4, 0.6, 0.8, 0.97].map(x => document.elementFromPoint(
            box.x + x * box.width, box.y + box.height / 2)).filter(e => !hit.contains(e)).map(e => e.className);
    })""")
    assert page.locator(".kg-hits li").count() >= 4 and over == []


APART = """names => { const over = [], boxes = names.flatMap(name => [...document.querySelectorAll(name)]
    .filter(e => e.offsetParent).map(e => [name, e.getBoundingClientRect()]));
    boxes.forEach(([a, r], n) => boxes.slice(n + 1).forEach(([b, s]) => { if (a !== b && r.left < s.right - 1
        && s.left < r.right - 1 && r.top < s.bottom - 1 && s.top < r.bottom - 1) over.push([a, b]); }));
    return over; }"""
CONTROLS = [
    ".kg-title", ".kg-tool", ".kg-toggle", ".leaflet-control-scale-line", ".leaflet-control-zoom", "path[data-unit]",
]  # fmt: skip


@pytest.mark.parametrize("larger", [0, 1, 2])
def test_on_a_phone_nothing_covers_scale_zoom_or_village(village, show, shots, larger):
    page = show(maps.village_map(village), "phone")
    page.wait_for_timeout(300)
    for _ in range(larger):
        page.locator("[data-tool=textsize]").tap()
    page.wait_for_timeout(400)
    page.screenshot(path=shots / f"phone-letters-{larger}.png")
    assert page.evaluate(APART, CONTROLS) == []


def test_names_of_units_lie_apart_with_large_letters(village, show):
    page = show(maps.village_map(village), "phone")
    page.locator("[data-tool=textsize]").tap()
    page.locator("[data-tool=textsize]").tap()
    page.wait_for_timeout(400)
    heights = """() => {
        const all = [...document.querySelectorAll(".kg-label span")].map(e => e.getBoundingClientRect());
        const meet = (r, s) => r.left < s.right - 1 && s.left < r.right - 1
            && r.top < s.bottom - 1 && s.top < r.bottom - 1;
        return [all.length, Math.max(...all.map(r => r.height)),
                all.filter((r, n) => all.slice(n + 1).some(s => meet(r, s))).length]; }"""
    count, highest, over = page.evaluate(heights)
    assert count >= 8 and highest <= 2 * 15 * 1.4 + 1 and over == 0, "two lines at most, none over another"


def test_a_phone_on_its_side_shows_card_and_map_beside_each_other(village, show, shots):
    page = show(maps.village_map(village), "phone")
    page.set_viewport_size({"width": 740, "height": 360})
    page.reload()
    page.wait_for_timeout(400)
    assert page.evaluate(APART, CONTROLS) == []
    extent = """() => {
        const all = [...document.querySelectorAll("path[data-unit]")].map(e => e.getBoundingClientRect());
        return [Math.min(...all.map(r => r.left)), Math.max(...all.map(r => r.right))]; }"""
    left, right = page.evaluate(extent)
    assert right - left > 250, "no stamp"
    open_unit(page, village.units.index[3])
    page.screenshot(path=shots / "side-card.png")
    card, unit = page.locator(".kg-card").bounding_box(), page.locator("path[data-unit]").nth(3).bounding_box()
    assert card["x"] + card["width"] < unit["x"] and card["height"] > 180 and card["width"] < 370
    assert card["y"] + card["height"] <= 361
    page.locator(".kg-card .kg-close").tap()
    page.locator(".kg-toggle").tap()
    legend = page.locator(".kg-panel").bounding_box()
    assert legend["width"] < 370 and legend["x"] + legend["width"] <= 741 and legend["height"] <= 360


def test_on_a_phone_measure_and_table_are_large_enough_to_touch(village, show):
    page = show(maps.village_map(village), "phone")
    small = """root => [...document.querySelectorAll(root + " button, " + root + " label")].filter(e => e.offsetParent)
        .map(e => [e.textContent, e.getBoundingClientRect()])
        .filter(([, box]) => Math.min(box.width, box.height) < 36).map(([name]) => name)"""
    page.locator("[data-tool=measure]").tap()
    assert page.locator(".kg-measure .kg-close").is_visible() and page.evaluate(small, ".kg-measure") == []
    page.locator(".kg-measure .kg-close").tap()
    page.locator("[data-tool=table]").tap()
    assert page.locator(".kg-table .kg-close").is_visible() and page.evaluate(small, ".kg-table header") == []
