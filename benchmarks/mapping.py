"""The map of 10,000 RT in a browser: size, time to make, first paint and panning, against pages that do less.

Made once per round, interleaved: our page and `GeoDataFrame.explore()` on the same units, with the level and the
sixteen percents as columns. Opened once per round in Chromium, interleaved: our page and a bare Leaflet page that draws
the same polygons as GeoJSON on one canvas in the colour of their level, and nothing else; then with 60,000 houses.
"""

import gc
import json
import shutil
import statistics
import tempfile
import time
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd

from benchmarks import world
from kumuhgis import maps
from kumuhgis.colours import LEVEL_COLOURS
from kumuhgis.errors import problems_frame
from kumuhgis.priority import classify
from kumuhgis.rules import load_rules
from kumuhgis.scores import score

UNITS, HOUSES, ROUNDS = 10_000, 60_000, 3
GOALS = {"megabytes": 4.0, "with houses": 12.0, "explore": 0.5, "first paint": 1.5, "pan": 2.0}

_BARE = """<!DOCTYPE html><meta charset="utf-8"><style>{style} #map {{ position: absolute; inset: 0; }}</style>
<div id="map"></div><script>{leaflet}</script><script>
var map = L.map("map", {{ preferCanvas: true, maxZoom: 22, zoomSnap: 0.25 }});
var units = {units};
var colours = {colours};
map.fitBounds({bounds});
L.geoJSON(units, {{ interactive: false, style: function (feature) {{
  return {{ color: "#4a453d", weight: 1.3, fillOpacity: 1, fillColor: colours[feature.properties.level] }};
}} }}).addTo(map);
{more}
</script>"""
_MORE = """L.geoJSON({houses}, {{ interactive: false,
  style: {{ color: "#6b6459", weight: 0.6, fillOpacity: 1, fillColor: "#cfc8ba" }} }}).addTo(map);"""

#: Says when the middle of the map is painted: the first frame after one in which canvases cover a grid of points.
_PAINTED = """
(function () {
  var look = function () {
    var seen = 0;
    document.querySelectorAll("canvas").forEach(function (canvas) {
      var box = canvas.getBoundingClientRect();
      for (var n = 0; n < 25; n++) {
        var x = innerWidth * (0.4 + 0.05 * (n % 5)) - box.left;
        var y = innerHeight * (0.4 + 0.05 * Math.floor(n / 5)) - box.top;
        if (canvas.getContext("2d").getImageData(x, y, 1, 1).data[3]) seen += 1;
      }
    });
    if (seen < 20) requestAnimationFrame(look);
    else requestAnimationFrame(function () { window.painted = performance.now(); });
  };
  requestAnimationFrame(look);
})();
"""
#: Drags the map to and fro and gives the milliseconds of every frame, the painting at each end included.
_PAN = """() => new Promise(done => {
  const map = Object.values(window).find(value => window.L && value instanceof L.Map);
  const took = [];
  let frames = 0, before = performance.now();
  const step = now => {
    took.push(now - before);
    before = now;
    frames += 1;
    if (frames > 60) return done(took.slice(1));
    map.panBy([frames % 20 < 10 ? 25 : -25, 0], {animate: false, noMoveStart: true});
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})"""


def village(n=UNITS, seed=16):
    """Make an assessment of W(n) in which everything is known; volumes by counting, by length and by area.

    Parameters
    ----------
    n : int
        How many RT.
    seed : int
        Of the volumes.

    Returns
    -------
    types.SimpleNamespace
        As much of an :class:`~kumuhgis.Assessment` as a map reads; without layers.
    """
    rules, rng = load_rules(), np.random.default_rng(seed)
    units = world.units(n).rename(columns={"KODE_RT": "unit"}).set_index("unit")
    units["area_ha"] = units.area / 1e4
    units["rt_rw"] = [f"RT {k % 10 + 1:03d}/RW {k // 10 + 1:03d}" for k in range(len(units))]
    units["desa"] = [f"Desa {k // 400 + 1}" for k in range(len(units))]
    units["population"] = rng.integers(90, 400, len(units))
    units["households"] = rng.integers(30, 120, len(units))
    units["buildings"] = rng.integers(40, 90, len(units))
    measures = volumes(units, rules, rng)
    scores, summary = score(measures, rules)
    return SimpleNamespace(
        rules=rules, units=units, measures=measures, scores=scores, summary=decided(summary, units, rules, rng),
        layers={}, problems=problems_frame([]), lang="id", provenance={"sample": True, "desa": "Buatan"},
    )  # fmt: skip


def volumes(units, rules, rng):
    """Make the long table: whole numbers where things are counted, six decimals where they are measured."""
    index = pd.MultiIndex.from_product([units.index, rules.codes], names=["unit", "criterion"])
    whole = {
        "buildings": units["buildings"], "households": units["households"], "area": units["area_ha"],
        "road": rng.uniform(250, 600, len(units)), "drain": rng.uniform(250, 600, len(units)),
    }  # fmt: skip
    total = np.column_stack([np.asarray(whole[criterion.total], float) for criterion in rules.criteria])
    counted = np.array([criterion.unit in ("unit", "KK") for criterion in rules.criteria])
    affected = total * rng.beta(0.7, 1.1, total.shape)
    affected = np.where(counted, np.floor(affected), affected.round(6))
    source = np.where(counted, "table", "geometry")
    frame = pd.DataFrame({"affected": affected.ravel(), "total": total.round(6).ravel()}, index)
    frame["source"] = np.tile(source, len(units))
    for name in ("table", "geometry"):
        for column in ("affected", "total"):
            frame[f"{name}_{column}"] = frame[column].where(frame["source"] == name)
    return frame


def decided(summary, units, rules, rng):
    """Add what the decisions add: hectares, legality, class, priority."""
    legal = pd.Series(pd.array(rng.random(len(units)) < 0.6, "boolean"), summary.index)
    consideration = pd.Series(rng.choice([c.key for c in rules.considerations.classes], len(units)), summary.index)
    slum = summary["level"] != rules.level_keys[0]
    summary = summary.assign(
        area_ha=units["area_ha"], area_used_ha=units["area_ha"], slum_ha=units["area_ha"].where(slum, 0.0),
        legal=legal, consideration=consideration, tenure_sign=np.where(legal, "+", "-"), plan_sign="+",
        sk_share=rng.random(len(units)).round(6), sk_status="partial", sk_finding="",
    )  # fmt: skip
    decisions = classify(summary["level"], consideration, legal, rules)
    return summary.join(decisions).assign(rank=pd.Series(range(1, len(units) + 1), summary.index))


def houses(n, units):
    """Make n houses all over W(units), in the words of a layer of buildings."""
    found = world.houses(units)
    found = found.iloc[:: max(1, len(found) // n)].iloc[:n]
    rng = np.random.default_rng(5)
    yes = {name: pd.array(rng.random(len(found)) < 0.3, "boolean") for name in ("irregular", "substandard")}
    return gpd.GeoDataFrame(yes, geometry=found.geometry.to_numpy(), crs=found.crs)


def ours(assessment):
    """Make our page."""
    return maps.village_map(assessment).get_root().render()


def explored(assessment):
    """Make the page of `explore`."""
    percents = assessment.scores["percent"].unstack()
    frame = assessment.units[["geometry"]].join(assessment.summary["level"].astype(str)).join(percents)
    return frame.explore(column="level").get_root().render()


def bare(assessment):
    """Make the bare page: polygons, colours, nothing else."""
    folder = files("kumuhgis").joinpath("data", "leaflet", "leaflet-1.9.3")
    found = {
        path.name: path.read_text("utf-8") for path in Path(str(folder)).rglob("*") if path.suffix in (".js", ".css")
    }
    frame = assessment.units[["geometry"]].to_crs(4326)
    frame["level"] = pd.Categorical(assessment.summary["level"], assessment.rules.level_keys).codes
    west, south, east, north = frame.total_bounds
    drawn = assessment.layers.get("buildings")
    more = "" if drawn is None else _MORE.format(houses=json_of(drawn[["geometry"]].to_crs(4326)))
    return _BARE.format(
        style=found["leaflet.css"], leaflet=found["leaflet.js"], units=json_of(frame), colours=list(LEVEL_COLOURS),
        bounds=json.dumps([[south, west], [north, east]]), more=more,
    )  # fmt: skip


def json_of(frame):
    """Write a frame as GeoJSON with six decimals, as careful people do."""
    frame = frame.set_geometry(frame.geometry.set_precision(1e-6, mode="pointwise"))
    return json.dumps(json.loads(frame.to_json(drop_id=True)), separators=(",", ":"))


def run(units=UNITS, houses_=HOUSES, rounds=ROUNDS):
    """Print sizes, times and ratios; what needs Chromium or mapclassify is left out with a reason where there is none.

    Parameters
    ----------
    units, houses_ : int
        How many.
    rounds : int
        How often each is done.
    """
    alone = village(units)
    rival = "" if find_spec("mapclassify") else "no mapclassify"
    built = SimpleNamespace(**{**vars(alone), "layers": {"buildings": houses(houses_, units)}})
    took, pages = {"ours": [], "explore": []}, {}
    for _ in range(rounds):
        for name, make in (("ours", ours), ("explore", explored))[: 1 if rival else 2]:
            gc.collect()
            start = time.perf_counter()
            pages[name] = make(alone)
            took[name].append(time.perf_counter() - start)
    pages = {"ours": pages["ours"], "bare": bare(alone), "ours+": ours(built), "bare+": bare(built)}
    size = {name: len(page.encode()) / 1e6 for name, page in pages.items()}
    print(f"\nmapping: {units:,} RT x 16 criteria, {houses_:,} houses, medians of {rounds} interleaved rounds")
    seconds = {name: statistics.median(each) for name, each in took.items() if each}
    for name, each in seconds.items():
        print(f"  {'making ' + name:<28} {each:7.2f} s")
    if rival:
        print(f"  skipped explore: {rival}")
    else:
        told("making, ours to explore", seconds["ours"] / seconds["explore"], GOALS["explore"])
    told("MB", size["ours"], GOALS["megabytes"])
    told("MB with houses", size["ours+"], GOALS["with houses"])
    reason = in_browser(pages, rounds)
    if reason:
        print(f"  skipped in the browser: {reason}")


def told(what, value, goal):
    """Print one figure with its goal."""
    print(f"  {what:<28} {value:7.2f}     goal: at most {goal}{'' if value <= goal else '  MISSED'}")


def in_browser(pages, rounds):
    """Open the pages by turns and print the ratios; give a reason where there is no browser."""
    where = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not where:
        return "no Chromium"
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return "no playwright"
    first, pans = {name: [] for name in pages}, {name: [] for name in pages}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        for name, page in pages.items():
            Path(folder, f"{name}.html").write_text(page, "utf-8")
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
        for _ in range(rounds):
            for name in pages:
                browser = play.chromium.launch(executable_path=where, args=arguments)
                painted, frames = opened(browser, Path(folder, f"{name}.html"))
                browser.close()
                first[name].append(painted)
                pans[name].append(frames)
    for extra, words in (("", ""), ("+", ", with houses")):
        for what, found in (("first paint", first), ("pan", pans)):
            own, other = (statistics.median(found[name + extra]) for name in ("ours", "bare"))
            print(f"  {what + words:<28} {own:7.0f} ms   bare {other:.0f} ms")
            told(f"{what}, ours to bare", own / other, GOALS[what])
    return None


def opened(browser, path):
    """Open a page; milliseconds to the first paint, and of a frame while the map is panned (mean)."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, offline=True)
    page = context.new_page()
    page.add_init_script(_PAINTED)
    page.goto(path.as_uri())
    deadline = time.monotonic() + 120
    while not (painted := page.evaluate("window.painted || 0")):
        if time.monotonic() > deadline:
            raise AssertionError(f"{path.name} was not painted")
        page.wait_for_timeout(50)
    page.wait_for_timeout(1500)
    frames = page.evaluate(_PAN)
    return painted, statistics.mean(frames)
