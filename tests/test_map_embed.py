"""Anyone's folium map as one file: what folium and its plugins name is carried along, or named with the reason."""

import hashlib
import inspect
import json
import pkgutil
import re
from html import escape
from importlib import import_module
from importlib.resources import files

import folium
import folium.plugins as plugins
import pytest
from invented_village import invented

from kumuhgis import maps
from kumuhgis.errors import OutputError
from kumuhgis.text import text

HERE = [-7.572, 110.9025]
FOLDER = files("kumuhgis").joinpath("data", "leaflet")
MANIFEST = json.loads(FOLDER.joinpath("manifest.json").read_text("utf-8"))
CARRIED = {row["url"] for row in MANIFEST["addresses"]}
NOT_CARRIED = {url: reason for reason, urls in MANIFEST["not_carried"].items() for url in urls}


def classes_of(package):
    """Every class of folium, also in modules that its own list of names leaves out."""
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        yield from (thing for _, thing in inspect.getmembers(import_module(found.name), inspect.isclass))


def addresses_of_folium():
    named = {}
    for kind in classes_of(folium):
        for _, url in [*(getattr(kind, "default_js", None) or []), *(getattr(kind, "default_css", None) or [])]:
            named.setdefault(url, set()).add(kind.__name__)
    return named


def test_every_address_of_folium_and_its_plugins_is_carried_or_says_why_not():
    named = addresses_of_folium()
    assert len(named) > 60
    unknown = {url: names for url, names in named.items() if url not in CARRIED | set(NOT_CARRIED)}
    assert not unknown
    assert not CARRIED & set(NOT_CARRIED)
    assert not (CARRIED | set(NOT_CARRIED)) - set(named), "folium no longer names these"


def test_what_is_carried_is_what_was_published_and_has_its_licence():
    sums = {path: hashlib.sha256(FOLDER.joinpath(path).read_bytes()).hexdigest() for path in MANIFEST["sha256"]}
    assert sums == MANIFEST["sha256"]
    lying = {str(p.relative_to(str(FOLDER))) for p in FOLDER.rglob("*") if p.is_file()}  # type: ignore[attr-defined]
    assert {p.replace("\\", "/") for p in lying} == {*sums, "NOTICE", "manifest.json", ".gitattributes"}
    notice = FOLDER.joinpath("NOTICE").read_text("utf-8")
    for row in MANIFEST["addresses"]:
        assert f"{row['package']} ({row['licence']})" in notice
        assert row["licence"].split("-")[0] in ("MIT", "ISC", "BSD", "CC")
    assert notice.count("THE SOFTWARE IS PROVIDED") + notice.count("THIS SOFTWARE IS PROVIDED") >= len(
        {row["package"] for row in MANIFEST["addresses"]} - {"@fortawesome/fontawesome-free 6.2.0"}
    ) - notice.count("THE SOFTWARE AND THE AUTHOR DISCLAIMS")


def test_what_is_carried_keeps_the_package_small():
    plugins_only = sum(len(FOLDER.joinpath(p).read_bytes()) for p in MANIFEST["sha256"])
    assert plugins_only < 1_110_000 + 700_000


@pytest.mark.parametrize("lang", ["id", "en"])
def test_what_is_not_carried_is_named_with_the_reason(lang):
    m = folium.Map(HERE, tiles=None)
    plugins.Geocoder().add_to(m)
    plugins.TimestampedGeoJson({"type": "FeatureCollection", "features": []}).add_to(m)
    with pytest.raises(OutputError) as error:
        maps.embed(m, lang=lang)
    said = str(error.value)
    for url, reason in (("Control.Geocoder.js", "asset_network"), ("jquery-ui.min.js", "asset_large")):
        (line,) = [line for line in said.splitlines() if url in line]
        assert text(f"words.{reason}", lang) in line
    with pytest.raises(OutputError, match=re.escape(text("words.asset_unknown", lang))):
        maps.embed('<script src="https://example.org/lain.js"></script>', lang=lang)


# ---------------------------------------------------------------- every plugin that is carried, in a browser


def marker(place=HERE, **how):
    return folium.Marker(place, popup="Balai desa", **how)


def lines():
    return [HERE, [HERE[0] + 0.002, HERE[1] + 0.003]]


def clustered(m):
    cluster = plugins.MarkerCluster().add_to(m)
    for n in range(30):
        marker([HERE[0] + n / 1e5, HERE[1]]).add_to(cluster)
    sub = plugins.FeatureGroupSubGroup(cluster, "Posyandu").add_to(m)
    marker().add_to(sub)
    plugins.FastMarkerCluster([[HERE[0] + n / 1e3, HERE[1]] for n in range(9)]).add_to(m)


def controls(m):
    group = folium.FeatureGroup("Posyandu").add_to(m)
    marker().add_to(group)
    plugins.GroupedLayerControl({"Sarana": [group]}).add_to(m)
    tree = {"label": "Semua", "children": [{"label": "Posyandu", "layer": group}]}
    folium.plugins.TreeLayerControl(overlay_tree=tree).add_to(m)
    plugins.Fullscreen().add_to(m)
    plugins.MousePosition().add_to(m)
    plugins.LocateControl().add_to(m)


def searched(m):
    data = {
        "type": "Feature",
        "properties": {"nama": "RT 01"},
        "geometry": {"type": "Point", "coordinates": HERE[::-1]},
    }
    shapes = folium.GeoJson({"type": "FeatureCollection", "features": [data]}).add_to(m)
    plugins.Search(layer=shapes, search_label="nama").add_to(m)


def drawn_lines(m):
    plugins.AntPath(lines()).add_to(m)
    plugins.PolyLineOffset(lines(), offset=6).add_to(m)
    line = folium.PolyLine(lines()).add_to(m)
    plugins.PolyLineTextPath(line, "Kali Pelang", offset=8).add_to(m)
    plugins.PolyLineFromEncoded("_p~iF~ps|U_ulLnnqC_mqNvxq`@").add_to(m)
    plugins.SemiCircle(HERE, radius=200, direction=90, arc=60).add_to(m)


def marked(m):
    marker(icon=plugins.BeautifyIcon(icon="home", border_color="green")).add_to(m)
    topo = {
        "type": "Topology", "arcs": [[[110.9, -7.57], [110.905, -7.575]]],
        "objects": {"a": {"type": "GeometryCollection", "geometries": [{"type": "LineString", "arcs": [0]}]}},
    }  # fmt: skip
    folium.TopoJson(topo, "objects.a").add_to(m)


PAGES = {
    "clusters": (clustered, ".marker-cluster"),
    "controls": (controls, ".leaflet-control-fullscreen, .leaflet-control-zoom-fullscreen"),
    "search": (searched, ".leaflet-control-search"),
    "heat": (lambda m: plugins.HeatMap([[*HERE, 5.0], [-7.571, 110.9, 2.0]]).add_to(m), "canvas.leaflet-heatmap-layer"),
    "draw": (lambda m: plugins.Draw().add_to(m), ".leaflet-draw-toolbar"),
    "lines": (drawn_lines, "path.leaflet-ant-path"),
    "marks": (marked, ".beautify-marker"),
    "minimap": (lambda m: plugins.MiniMap(folium.TileLayer("", attr="-")).add_to(m), ".leaflet-control-minimap"),
}


@pytest.mark.parametrize("name", PAGES)
def test_the_plugins_work_without_network(name, show, shots):
    build, seen = PAGES[name]
    m = folium.Map(HERE, zoom_start=16, tiles=None)
    m.options["maxZoom"] = 19  # clusters ask for it
    build(m)
    page = show(str(maps.embed(m)))
    page.wait_for_timeout(500)
    assert page.locator(seen).count() > 0
    blank = """() => [...document.styleSheets].flatMap(s => [...s.cssRules]).map(r => r.cssText)
        .filter(t => /url\\((?!"data:|"#|data:|#)/.test(t))"""
    assert page.evaluate(blank) == []
    page.screenshot(path=shots / f"plugin-{name}.png")


def test_stripes_work_without_network(browser, tmp_path):
    """The plugin itself makes Leaflet warn, with or without network; nothing else is said or asked for."""
    m = folium.Map(HERE, zoom_start=16, tiles=None)
    stripes = plugins.pattern.StripePattern(angle=45).add_to(m)
    ring = [[110.9, -7.57], [110.905, -7.57], [110.905, -7.575], [110.9, -7.57]]
    square = {"type": "Polygon", "coordinates": [ring]}
    folium.GeoJson(square, style_function=lambda _: {"fillPattern": stripes, "fillOpacity": 1}).add_to(m)
    path = tmp_path / "peta.html"
    path.write_text(maps.embed(m), "utf-8")
    page = browser.new_page(offline=True)
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(f"page: {error}"))
    page.on("request", lambda r: asked.append(r.url) if not r.url.startswith(("data:", "file:")) else None)
    page.goto(path.as_uri())
    page.wait_for_timeout(300)
    assert page.locator("path[fill^='url(#']").count() == 1
    assert asked == [] and all(line.startswith("Deprecated include of L.Mixin.Events") for line in said)
    page.close()


def test_two_maps_side_by_side_move_together_without_network(show, shots):
    m = plugins.DualMap(HERE, zoom_start=15, tiles=None)
    marker().add_to(m.m1)
    page = show(str(maps.embed(m)))
    page.wait_for_timeout(400)
    zooms = "() => Object.values(window).filter(v => window.L && v instanceof L.Map).map(m => m.getZoom())"
    page.evaluate("() => { Object.values(window).find(v => v instanceof L.Map).setZoom(17, {animate: false}); }")
    page.wait_for_timeout(400)
    assert set(page.evaluate(zooms)) == {17}
    page.screenshot(path=shots / "plugin-dual.png")


# ---------------------------------------------------------------- notebooks


def notebook(shown):
    """A page like that of a notebook: the output of one cell between others."""
    return f"<!doctype html><meta charset=utf-8><title>buku</title><div class=output>{shown}</div><p>sel berikutnya</p>"


def in_frame(page, selector):
    frame = page.frame_locator("iframe")
    frame.locator(selector).first.wait_for(state="attached")
    return frame.locator(selector)


def test_our_map_shows_in_a_notebook_without_network(show, shots):
    village = invented()
    page = show(notebook(maps.village_map(village)._repr_html_()))
    page.wait_for_timeout(700)
    assert in_frame(page, "path[data-unit]").count() == 12
    page.screenshot(path=shots / "notebook.png")


def test_anyones_map_shows_in_a_notebook_without_network(show, shots):
    m = folium.Map(HERE, zoom_start=16, tiles=None)
    marker().add_to(m)
    page = maps.embed(m)
    assert isinstance(page, str) and escape('<div class="folium-map"') in page._repr_html_()
    opened = show(notebook(page._repr_html_()))
    opened.wait_for_timeout(700)
    assert in_frame(opened, "img.leaflet-marker-icon").first.evaluate("e => e.naturalWidth") > 0
    opened.screenshot(path=shots / "notebook-plain.png")
