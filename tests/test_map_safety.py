"""What people type is shown as they typed it, nothing that they type runs, and nothing that a page knows leaves it."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from invented_village import CRS, HOSTILE, corner, invented
from rasterio.io import MemoryFile
from rasterio.transform import from_origin
from shapely.geometry import Point
from unpacking import data_of, inflated

from kumuhgis import maps
from kumuhgis.errors import problems_frame

WORDS = (
    *HOSTILE,
    "<svg onload=window.ran=6>",
    '" onmouseover=window.ran=7 x="',
    "' autofocus onfocus='window.ran=8",
    "<a href='javascript:window.ran=9'>klik</a>",
    "javascript:window.ran=10",
    "&lt;script&gt;window.ran=11&lt;/script&gt;",
    "--><script>window.ran=12</script><!--",
    "{{ self.__init__.__globals__ }}{# komentar #}{% raw %}",
    "\\u003cscript\\u003ewindow.ran=13",
    "</style><style>*{display:none}</style>",
    "nol\u0000di tengah",
    "kanan \u202ekiri\u202c",
    "${window.ran=14}{unit}{n}%s",
)


def words_for(count):
    """All hostile words, shared out over so many texts."""
    return [" ¦ ".join(WORDS[n::count]) if n < len(WORDS) else WORDS[n % len(WORDS)] for n in range(count)]


# ---------------------------------------------------------------- every text that reaches the map


def in_units(v):
    for column in ("rt_rw", "desa", "kecamatan", "kawasan"):
        v.units[column] = words_for(len(v.units))
    return maps.village_map(v, lang=v.lang)


def in_results(v):
    for column in ("handling", "authority", "typology"):
        v.summary[column] = words_for(len(v.summary))
    return maps.village_map(v, lang=v.lang)


def in_layers(v):
    for frame in v.layers.values():
        for column in frame.columns.difference(["geometry"]):
            if frame[column].dtype == object or pd.api.types.is_string_dtype(frame[column]):
                frame[column] = words_for(len(frame))
    v.layers["sk"]["sk_number"] = words_for(1)
    v.layers["hydrants"]["kind"] = words_for(2)
    v.layers["water"]["kind"] = words_for(1)
    return maps.village_map(v, lang=v.lang)


def in_provenance(v):
    for key, said in zip(("desa", "kecamatan", "kabupaten", "survey"), words_for(4), strict=True):
        v.provenance |= {"dates": {"survey": said}} if key == "survey" else {key: said}
    return maps.village_map(v, lang=v.lang)


def in_the_rule(v):
    named = words_for(len(v.rules.criteria))
    changed = [c.model_copy(update={"name": w, "name_en": w}) for c, w in zip(v.rules.criteria, named, strict=True)]
    levels = [level.model_copy(update={"name_en": level.key + WORDS[0]}) for level in v.rules.levels]
    aspects = [a.model_copy(update={"name": WORDS[1], "name_en": WORDS[1]}) for a in v.rules.aspects]
    update = {"criteria": tuple(changed), "levels": tuple(levels), "aspects": tuple(aspects), "short": WORDS[2]}
    v.rules = v.rules.model_copy(update=update)
    return maps.village_map(v, lang=v.lang)


def in_problems(v):
    rows = words_for(6)
    found = problems_frame([], crs=CRS)
    row = {"severity": "error", "code": "layer_empty", "row": pd.NA, "params": {}}
    made = [{**row, "layer": w, "feature": w, "column": w, "message": w, "fix": w} for w in rows]
    frame = pd.DataFrame(made, columns=found.columns)
    frame["geometry"] = [Point(corner(n % 5, n % 4)) for n in range(6)]
    v.problems = gpd.GeoDataFrame(frame, geometry="geometry", crs=CRS)
    return maps.village_map(v, lang=v.lang)


def in_own_data(v):
    posts = gpd.GeoDataFrame(
        {"jenis": words_for(8), "catatan": words_for(8), "judul": words_for(8)},
        geometry=[Point(corner(n % 4, n % 3)) for n in range(8)], crs=CRS,
    )  # fmt: skip
    m = maps.village_map(v, lang=v.lang)
    how = {"column": "jenis", "columns": {"catatan": WORDS[0]}, "labels": "judul", "lang": v.lang}
    maps.add_layer(posts, {"id": WORDS[1], "en": WORDS[1]}, m=m, **how)
    posts = posts.rename(columns={"catatan": WORDS[3]})
    return maps.add_layer(posts, WORDS[2], m=m, columns=[WORDS[3]], lang=v.lang)


def in_the_basemap(v):
    with MemoryFile() as memory:
        place = from_origin(488_900, 9_163_240, 4, 4)
        how = {"driver": "GTiff", "dtype": "uint8", "count": 1, "width": 200, "height": 140, "crs": CRS}
        with memory.open(transform=place, **how) as file:
            file.write(np.arange(28000, dtype="uint8").reshape(1, 140, 200))
        v.folder.joinpath("a.tif").write_bytes(memory.read())
    said = words_for(2)
    return maps.village_map(
        v, lang=v.lang, basemap={"path": v.folder / "a.tif", "name": said[0], "attribution": said[1]}
    )


PLACES = (in_units, in_results, in_layers, in_provenance, in_the_rule, in_problems, in_own_data, in_the_basemap)
MAP = "Object.values(window).find(v => v instanceof L.Map)"
EXPOSE = f"""async () => {{
    const map = {MAP}, said = [];
    const wait = ms => new Promise(done => setTimeout(done, ms));
    const take = where => document.querySelectorAll(where).forEach(e => said.push(e.textContent));
    for (const input of document.querySelectorAll("input[type=checkbox][data-layer]")) {{
        if (!input.checked) input.click();
    }}
    for (const id of [...document.querySelectorAll("input[type=radio]")].map(e => e.dataset.layer)) {{
        const input = [...document.querySelectorAll("input[type=radio]")].find(e => e.dataset.layer === id);
        if (input && id) {{ input.click(); await wait(20); take(".kg-side"); }}
    }}
    for (const path of document.querySelectorAll("path.leaflet-interactive")) {{
        if (path.dataset.unit) continue;
        const box = path.getBoundingClientRect(), at = {{bubbles: true, clientX: box.x, clientY: box.y}};
        path.dispatchEvent(new MouseEvent("mouseover", at));
        path.dispatchEvent(new MouseEvent("click", at));
        take(".leaflet-tooltip, .leaflet-popup");
        path.dispatchEvent(new MouseEvent("mouseout", at));
    }}
    map.closePopup();
    for (let i = 0; i < map.kumuhgis.village.n; i++) {{ kumuhgis.open(map, i); take(".kg-card"); }}
    await wait(100);
    take(".leaflet-container");
    return said.concat(document.title);
}}"""


def visible(words):
    """Words without the character zero, which HTML has none of."""
    return words.replace("\0", "").replace("\ufffd", "")


@pytest.mark.parametrize("lang", ["id", "en"])
@pytest.mark.parametrize("plant", PLACES, ids=lambda f: f.__name__)
def test_hostile_words_are_shown_as_typed_and_run_nothing(plant, lang, show, shots, tmp_path):
    village = invented()
    village.lang, village.folder = lang, tmp_path
    page = show(plant(village))
    page.wait_for_timeout(300)
    said = visible("\n".join(page.evaluate(EXPOSE)))
    for word in WORDS:
        assert visible(word) in said, f"{word!r} is not shown as typed"
    assert page.evaluate("window.ran") is None
    assert page.locator("img[src=x], a[href^=javascript], svg[onload], [onmouseover], [onfocus]").count() == 0
    assert page.evaluate("getComputedStyle(document.body).display") != "none"
    page.screenshot(path=shots / f"hostile-{plant.__name__}-{lang}.png")


def test_text_that_is_no_unicode_is_written_all_the_same(tmp_path):
    village = invented()
    labels = ["RT \udce9", *village.units["rt_rw"][1:]]
    village.units["rt_rw"] = pd.Series(labels, village.units.index, dtype=object)
    maps.village_map(village).save(tmp_path / "peta.html")
    assert "RT ?" in inflated((tmp_path / "peta.html").read_text("utf-8"))


# ---------------------------------------------------------------- nothing leaves the page

PUT = "const put = (tag, how) => document.body.appendChild(Object.assign(document.createElement(tag), how));"
TRIES = {
    "fetch": "fetch(url).catch(() => 0)",
    "XMLHttpRequest": "const r = new XMLHttpRequest(); r.open('GET', url); r.send()",
    "img": "new Image().src = url",
    "script": "put('script', {src: url})",
    "style": "put('link', {rel: 'stylesheet', href: url})",
    "prefetch": "put('link', {rel: 'prefetch', href: url})",
    "background": "document.body.style.backgroundImage = `url(${url})`",
    "import": "put('style', {textContent: `@import '${url}'`})",
    "module": "import(url).catch(() => 0)",
    "WebSocket": "new WebSocket(url.replace('http', 'ws'))",
    "EventSource": "new EventSource(url)",
    "beacon": "navigator.sendBeacon(url, 'x')",
    "worker": "new Worker(URL.createObjectURL(new Blob([`fetch('${url}')`])))",
    "frame": "put('iframe', {src: url})",
    "object": "put('object', {data: url})",
    "video": "put('video', {src: url, autoplay: true})",
    "form": "const f = document.createElement('form'); f.action = url; document.body.appendChild(f); f.submit()",
    "navigation": "location.href = url",
}


@pytest.fixture(scope="module")
def listener():
    """A machine on the network that notes what reaches it."""
    heard = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            heard.append(self.path)
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()

        do_POST = do_GET

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield SimpleNamespace(url=f"http://127.0.0.1:{server.server_port}", heard=heard)
    server.shutdown()


@pytest.fixture(scope="module")
def ours():
    return maps.levels_layer(invented()).get_root().render()


def tried(browser, html, path, listener, name):
    """Run one try as code of the page itself, with a network; tell whether the listener heard it."""
    spot = f"/{name}-{len(html)}-{len(listener.heard)}"
    url = listener.url + spot
    code = f"<script>setTimeout(() => {{ {PUT} const url = '{url}'; {TRIES[name]} }}, 50)</script>"
    path.write_text(html.replace("</body>", f"{code}</body>"), "utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    page.wait_for_timeout(350)
    page.close()
    return any(heard.startswith(spot) for heard in listener.heard)


@pytest.mark.parametrize("name", TRIES)
def test_code_that_got_into_the_page_reaches_nobody(name, ours, browser, listener, tmp_path):
    path = tmp_path / "peta.html"
    assert not tried(browser, ours, path, listener, name)
    bare = "<!doctype html><body></body>"
    assert tried(browser, bare, path, listener, name), "the try itself works where nothing forbids it"


def test_with_openstreetmap_only_its_pictures_are_allowed(browser, listener, tmp_path):
    html = maps.levels_layer(invented(), m=maps.base(invented(), online=True)).get_root().render()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', html)
    allowed = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert allowed["img-src"] == "data: blob: https://tile.openstreetmap.org"
    assert [k for k, v in allowed.items() if "http" in v] == ["img-src"]
    for name in ("fetch", "img", "script"):
        assert not tried(browser, html, tmp_path / "peta.html", listener, name)


def test_a_file_is_still_saved_by_the_page_and_links_still_lead_on(ours, browser, listener, tmp_path):
    """The guard against navigation lets downloads and the reader's own clicks pass."""
    path = tmp_path / "peta.html"
    path.write_text(ours, "utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    with page.expect_download() as download:
        page.evaluate("""() => { const a = document.createElement("a"); a.download = "usulan.geojson";
            a.href = URL.createObjectURL(new Blob(["{}"])); document.body.appendChild(a); a.click(); }""")
    assert download.value.suggested_filename == "usulan.geojson"
    page.evaluate(f"""() => {{ const a = document.createElement("a"); a.href = "{listener.url}/lanjut"; a.id = "lanjut";
        a.textContent = "lanjut"; a.style.cssText = "position: fixed; z-index: 9999; top: 50%; left: 50%";
        document.body.appendChild(a); }}""")
    page.locator("#lanjut").click()
    page.wait_for_timeout(300)
    assert "/lanjut" in listener.heard
    page.close()


# ---------------------------------------------------------------- people

PRIVATE = {
    "nama_ketua_rt": "Pak Joyo Sukarto", "NIK": "3313110504800001", "no_kk": "3313112003050007",
    "pemilik": "Bu Sri Wahyuni", "telepon": "0812-3456-7890", "alamat_rumah": "Gang Melati 7B",
    "email": "joyo@contoh.id", "tgl_lahir": "1980-04-05", "kepala_keluarga": "Mbah Karto Dimejo",
}  # fmt: skip


def with_people():
    """A village in which every layer carries columns about single people, and numbers of people in its texts."""
    village = invented()
    village.units = village.units.assign(**PRIVATE)
    village.summary = village.summary.assign(**PRIVATE)
    village.layers = {name: frame.assign(**PRIVATE) for name, frame in village.layers.items()}
    note = f"tanya {PRIVATE['telepon']} atau {PRIVATE['NIK']}"
    village.layers["roads"]["surface"] = note
    village.layers["parcels"]["land_status"] = f"Hak Milik {PRIVATE['no_kk']}"
    village.layers["zoning"]["zone"] = f"Permukiman {PRIVATE['email']}"
    village.layers["sk"]["name"] = note
    return village


def everything(m):
    """All that is written in a page, packed or not."""
    page = m.get_root().render()
    with np.printoptions(threshold=10**7):
        return page + repr(data_of(page))


@pytest.mark.parametrize("lang", ["id", "en"])
def test_nothing_of_single_people_enters_the_page(lang):
    page = inflated(maps.village_map(with_people(), lang=lang).get_root().render())
    for column, value in PRIVATE.items():
        assert value not in page, column
        assert f"'{column}'" not in page
    assert "tanya ••• atau •••" in page and "Hak Milik •••" in page


def test_households_as_points_stay_out_unless_they_are_ones_own_data():
    village = with_people()
    points = village.layers["buildings"].set_geometry(village.layers["buildings"].centroid)
    village.layers = {"buildings": points}
    page = maps.village_map(village).get_root().render()
    assert not data_of(page, id="buildings")
    own = inflated(maps.add_layer(points, "Rumah contoh").get_root().render())
    assert not any(value in own for value in PRIVATE.values())
