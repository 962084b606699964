"""Copy the scripts, styles and fonts that a folium page asks for into the package.

Run it by hand when folium names other versions; it needs ``npm``. The files go to ``kumuhgis/data/leaflet``
with a manifest (the address in the page, the files that stand in for it, their sha256 and licence) and a
NOTICE. Styles are slimmed: old font formats, aliases of old icon sets and doubled pictures are left out.
Of folium's plugins those are carried that people use most and that work without network; the others are listed
with the reason.

    python tools/vendor_leaflet.py
"""

import base64
import hashlib
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

import folium

TARGET = Path(__file__).resolve().parents[1] / "kumuhgis" / "data" / "leaflet"


@dataclass(frozen=True)
class Package:
    """One npm package: which of its files stand in for which address."""

    name: str
    version: str
    licence: str
    notice: str
    addresses: dict
    extra: tuple = ()


PACKAGES = (
    Package(
        "leaflet", "1.9.3", "BSD-2-Clause", "LICENSE",
        {
            "https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.js": (
                "dist/leaflet.js", "dist/icons.js",
            ),
            "https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.css": ("dist/leaflet.css",),
        },
        ("dist/images/layers.png", "dist/images/layers-2x.png", "dist/images/marker-icon.png"),
    ),
    Package(
        "jquery", "3.7.1", "MIT", "LICENSE.txt",
        {"https://code.jquery.com/jquery-3.7.1.min.js": ("dist/jquery.min.js",)},
    ),
    Package(
        "bootstrap", "5.2.2", "MIT", "LICENSE",
        {
            "https://cdn.jsdelivr.net/npm/bootstrap@5.2.2/dist/js/bootstrap.bundle.min.js": (
                "dist/js/bootstrap.bundle.min.js",
            ),
            "https://cdn.jsdelivr.net/npm/bootstrap@5.2.2/dist/css/bootstrap.min.css": (
                "dist/css/bootstrap.min.css",
            ),
        },
    ),
    Package(
        "bootstrap", "3.1.1", "MIT", "LICENSE",
        {
            "https://netdna.bootstrapcdn.com/bootstrap/3.0.0/css/bootstrap-glyphicons.css": (
                "dist/css/bootstrap-glyphicons.css",
            )
        },
        ("dist/fonts/glyphicons-halflings-regular.woff",),
    ),
    Package(
        "@fortawesome/fontawesome-free", "6.2.0",
        "CC-BY-4.0 (icons), OFL-1.1 (fonts), MIT (code)", "LICENSE.txt",
        {
            "https://cdn.jsdelivr.net/npm/@fortawesome/fontawesome-free@6.2.0/css/all.min.css": (
                "css/all.min.css",
            )
        },
        tuple(f"webfonts/fa-{name}.woff2" for name in ("brands-400", "regular-400", "solid-900")),
    ),
    Package(
        "leaflet.awesome-markers", "2.0.5", "MIT", "LICENSE",
        {
            "https://cdnjs.cloudflare.com/ajax/libs/Leaflet.awesome-markers/2.0.2/"
            "leaflet.awesome-markers.js": ("dist/leaflet.awesome-markers.js",),
            "https://cdnjs.cloudflare.com/ajax/libs/Leaflet.awesome-markers/2.0.2/"
            "leaflet.awesome-markers.css": ("dist/leaflet.awesome-markers.css",),
            "https://cdn.jsdelivr.net/gh/python-visualization/folium/folium/templates/"
            "leaflet.awesome.rotate.min.css": ("dist/rotate.css",),
        },
        ("dist/images/markers-soft.png", "dist/images/markers-shadow.png"),
    ),
    Package(
        "@geoman-io/leaflet-geoman-free", "2.20.2", "MIT", "LICENSE",
        {
            "https://unpkg.com/@geoman-io/leaflet-geoman-free@latest/dist/leaflet-geoman.js": (
                "dist/leaflet-geoman.min.js",
            ),
            "https://unpkg.com/@geoman-io/leaflet-geoman-free@latest/dist/leaflet-geoman.css": (
                "dist/leaflet-geoman.css",
            ),
        },
    ),
)  # fmt: skip
_NPM, _GH = "https://cdn.jsdelivr.net/npm", "https://cdn.jsdelivr.net/gh"
_CDNJS, _UNPKG = "https://cdnjs.cloudflare.com/ajax/libs", "https://unpkg.com"
_GROUPED = f"{_CDNJS}/leaflet-groupedlayercontrol/0.6.1/leaflet.groupedlayercontrol.min"
_TREE = f"{_NPM}/leaflet.control.layers.tree@1.1.0/L.Control.Layers.Tree.min"
_LOCATE = f"{_CDNJS}/leaflet-locatecontrol/0.66.2/L.Control.Locate.min"
_BEAUTIFY = f"{_GH}/marslan390/BeautifyMarker/leaflet-beautify-marker-icon.min"
_MOUSE = f"{_GH}/ardhi/Leaflet.MousePosition/src/L.Control.MousePosition.min"
PLUGINS = (
    Package(
        "leaflet-groupedlayercontrol", "0.6.1", "MIT", "LICENSE.txt",
        {f"{_GROUPED}.{end}": (f"dist/leaflet.groupedlayercontrol.min.{end}",) for end in ("js", "css")},
    ),
    Package(
        "leaflet-search", "2.9.7", "MIT", "license.txt",
        {
            f"{_NPM}/leaflet-search@2.9.7/dist/leaflet-search.min.{end}": (f"dist/leaflet-search.min.{end}",)
            for end in ("js", "css")
        },
        ("images/search-icon.png", "images/loader.gif"),
    ),
    Package(
        "leaflet.fullscreen", "3.0.0", "MIT", "LICENSE",
        {
            f"{_NPM}/leaflet.fullscreen@3.0.0/Control.FullScreen.min.js": ("Control.FullScreen.js",),
            f"{_NPM}/leaflet.fullscreen@3.0.0/Control.FullScreen.css": ("Control.FullScreen.css",),
        },
        ("icon-fullscreen.svg",),
    ),
    Package(
        "leaflet.sync", "0.2.4", "BSD-3-Clause", "LICENSE",
        {f"{_GH}/jieter/Leaflet.Sync/L.Map.Sync.min.js": ("L.Map.Sync.js",)},
    ),
    Package(
        "leaflet.markercluster", "1.1.0", "MIT", "MIT-LICENCE.txt",
        {
            f"{_CDNJS}/leaflet.markercluster/1.1.0/{name}": (f"dist/{name}",)
            for name in ("leaflet.markercluster.js", "MarkerCluster.css", "MarkerCluster.Default.css")
        },
    ),
    Package(
        "leaflet.heat", "0.2.0", "BSD-2-Clause", "LICENSE",
        {f"{_GH}/python-visualization/folium@main/folium/templates/leaflet_heat.min.js": ("dist/leaflet-heat.js",)},
    ),
    Package(
        "leaflet-minimap", "3.6.1", "BSD-2-Clause", "LICENSE.txt",
        {
            f"{_CDNJS}/leaflet-minimap/3.6.1/Control.MiniMap.{end}": (f"dist/Control.MiniMap.min.{end}",)
            for end in ("js", "css")
        },
        ("dist/images/toggle.png", "dist/images/toggle.svg"),
    ),
    Package(
        "leaflet-draw", "1.0.2", "MIT", "(c) 2012-2017, Jacob Toye, Jon West, Smartrak, Leaflet",
        {f"{_CDNJS}/leaflet.draw/1.0.2/leaflet.draw.{end}": (f"dist/leaflet.draw.{end}",) for end in ("js", "css")},
        tuple(f"dist/images/spritesheet{name}" for name in (".png", "-2x.png", ".svg")),
    ),
    Package(
        "leaflet.featuregroup.subgroup", "1.0.2", "BSD-2-Clause", "LICENSE",
        {
            f"{_UNPKG}/leaflet.featuregroup.subgroup@1.0.2/dist/leaflet.featuregroup.subgroup.js": (
                "dist/leaflet.featuregroup.subgroup.js",
            )
        },
    ),
    Package(
        "leaflet.locatecontrol", "0.66.2", "MIT", "LICENSE",
        {f"{_LOCATE}.{end}": (f"dist/L.Control.Locate.min.{end}",) for end in ("js", "css")},
    ),
    Package(
        "leaflet-mouse-position", "1.2.0", "MIT", "MIT-LICENCE.txt",
        {f"{_MOUSE}.{end}": (f"src/L.Control.MousePosition.{end}",) for end in ("js", "css")},
    ),
    Package(
        "leaflet-ant-path", "1.1.2", "MIT", "LICENSE",
        {f"{_NPM}/leaflet-ant-path@1.1.2/dist/leaflet-ant-path.min.js": ("dist/leaflet-ant-path.js",)},
    ),
    Package(
        "leaflet-textpath", "1.2.3", "MIT", "LICENSE",
        {f"{_NPM}/leaflet-textpath@1.2.3/leaflet.textpath.min.js": ("leaflet.textpath.js",)},
    ),
    Package(
        "leaflet-polylineoffset", "1.1.1", "MIT", "LICENSE",
        {f"{_NPM}/leaflet-polylineoffset@1.1.1/leaflet.polylineoffset.min.js": ("leaflet.polylineoffset.js",)},
    ),
    Package(
        "leaflet-semicircle", "2.0.4", "ISC", "LICENSE",
        {f"{_NPM}/leaflet-semicircle@2.0.4/Semicircle.min.js": ("Semicircle.js",)},
    ),
    Package(
        "leaflet.control.layers.tree", "1.1.0", "BSD-3-Clause", "LICENSE",
        {f"{_TREE}.{end}": (f"L.Control.Layers.Tree.{end}",) for end in ("js", "css")},
    ),
    Package(
        "leaflet.pattern", "0.1.0", "BSD-2-Clause", "LICENCE.txt",
        {"https://teastman.github.io/Leaflet.pattern/leaflet.pattern.js": ("dist/leaflet.pattern.js",)},
    ),
    Package(
        "beautifymarker", "1.0.9", "MIT", "LICENSE",
        {f"{_BEAUTIFY}.{end}": (f"leaflet-beautify-marker-icon.{end}",) for end in ("js", "css")},
    ),
    Package(
        "topojson", "1.6.9", "BSD-3-Clause", "LICENSE",
        {f"{_CDNJS}/topojson/1.6.9/topojson.min.js": ("topojson.min.js",)},
    ),
    Package(
        "polyline-encoded", "0.0.9", "MIT", "LICENSE",
        {f"{_NPM}/polyline-encoded@0.0.9/Polyline.encoded.js": ("Polyline.encoded.js",)},
    ),
)  # fmt: skip
NOT_CARRIED = {
    "network": (
        f"{_GH}/digidem/leaflet-side-by-side@2.0.0/leaflet-side-by-side.min.js",
        f"{_CDNJS}/leaflet-realtime/2.2.0/leaflet-realtime.js",
        f"{_UNPKG}/leaflet-control-geocoder/dist/Control.Geocoder.css",
        f"{_UNPKG}/leaflet-control-geocoder/dist/Control.Geocoder.js",
        f"{_UNPKG}/leaflet.vectorgrid@latest/dist/Leaflet.VectorGrid.bundled.js",
    ),
    "large": (
        f"{_GH}/ljagis/leaflet-measure@2.1.7/dist/leaflet-measure.min.css",
        f"{_GH}/ljagis/leaflet-measure@2.1.7/dist/leaflet-measure.min.js",
        f"{_GH}/python-visualization/folium/folium/templates/pa7_hm.min.js",
        f"{_GH}/python-visualization/folium/folium/templates/pa7_leaflet_hm.min.js",
        f"{_NPM}/iso8601-js-period@0.2.1/iso8601.min.js",
        f"{_NPM}/leaflet-timedimension@1.1.1/dist/leaflet.timedimension.control.css",
        f"{_NPM}/leaflet-timedimension@1.1.1/dist/leaflet.timedimension.min.js",
        f"{_NPM}/leaflet.timeline@1.6.0/dist/leaflet.timeline.min.js",
        f"{_CDNJS}/d3/3.5.5/d3.min.js",
        f"{_CDNJS}/highlight.js/8.4/styles/default.min.css",
        f"{_CDNJS}/jquery/3.7.1/jquery.min.js",
        f"{_CDNJS}/jqueryui/1.10.2/jquery-ui.min.js",
        f"{_CDNJS}/moment.js/2.18.1/moment.min.js",
        f"{_CDNJS}/vega/1.4.3/vega.min.js",
        "https://d3js.org/d3.v4.min.js",
    ),
    "seldom": (
        f"{_NPM}/css-ripple-effect@1.0.5/dist/ripple.min.css",
        f"{_NPM}/leaflet-easybutton@2/src/easy-button.css",
        f"{_NPM}/leaflet-easybutton@2/src/easy-button.js",
        f"{_NPM}/leaflet-tag-filter-button/src/leaflet-tag-filter-button.css",
        f"{_NPM}/leaflet-tag-filter-button/src/leaflet-tag-filter-button.js",
        f"{_CDNJS}/OverlappingMarkerSpiderfier-Leaflet/0.2.6/oms.min.js",
        f"{_CDNJS}/leaflet-dvf/0.3.0/leaflet-dvf.markers.min.js",
        f"{_UNPKG}/@joergdietrich/leaflet.terminator",
        f"{_UNPKG}/leaflet.boatmarker/leaflet.boatmarker.min.js",
    ),
}
"""Addresses that folium's plugins name and of which there is no copy: they fetch things at run time, they would weigh
more than all others together, or hardly anybody uses them."""
MIT = """{who}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE."""
"""For a package that names this licence, but forgot its text."""


def unpack(package, folder):
    """Fetch a package with the ordinary npm client and unpack it."""
    spec = f"{package.name}@{package.version}"
    done = subprocess.run(
        ["npm", "pack", spec, "--silent", "--pack-destination", str(folder)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    with tarfile.open(folder / done.stdout.split()[-1]) as archive:
        archive.extractall(folder / spec.replace("/", "-"), filter="data")
    return folder / spec.replace("/", "-") / "package"


def icons(source):
    """Write the script that gives Leaflet's default marker its pictures."""
    images = source / "dist" / "images"
    options = {
        option: "data:image/png;base64," + base64.b64encode((images / name).read_bytes()).decode()
        for option, name in (
            ("iconUrl", "marker-icon.png"),
            ("iconRetinaUrl", "marker-icon-2x.png"),
            ("shadowUrl", "marker-shadow.png"),
        )
    }
    return f'L.Icon.Default.imagePath = "";\nL.Icon.Default.mergeOptions({json.dumps(options, indent=1)});\n'


def glyphicons(source):
    """Take the icon part, alone, out of Bootstrap 3's style."""
    css = (source / "dist" / "css" / "bootstrap.css").read_text("utf-8")
    rules = re.findall(r"^(?:@font-face|\.glyphicon)[^{]*\{[^}]*\}\n", css, flags=re.M)
    only = 'src: url("../fonts/glyphicons-halflings-regular.woff") format("woff");'
    return re.sub(r"src: url\([^;]*;\s*src:[^;]*;", only, "".join(rules))


def rotate(_source):
    """Write the 360 turning classes, as folium's own style has them."""
    return "".join(f".fa-rotate-{n}{{transform:rotate({n}deg)}}\n" for n in range(1, 361))


def slim(css):
    """Leave out old font formats, aliases of old icon sets and doubled pictures."""
    css = re.sub(r',url\([^)]*\.ttf\) format\("truetype"\)', "", css)
    css = re.sub(r'@font-face\{font-family:"(?:Font Awesome 5[^"]*|FontAwesome)"[^}]*\}', "", css)
    return re.sub(r"/\* Retina displays \*/\s*@media[^{]*\{(?:[^{}]*\{[^}]*\})*\s*\}", "", css)


def heat(_source):
    """Take the script as folium changed it (its weights differ from the published one)."""
    return (Path(folium.__file__).parent / "templates" / "leaflet_heat.min.js").read_text("utf-8")


def search(source):
    """Write the style of the search for a folder without ``dist``."""
    return (source / "dist" / "leaflet-search.min.css").read_text("utf-8").replace("../images/", "images/")


MADE = {
    "dist/icons.js": icons,
    "dist/css/bootstrap-glyphicons.css": glyphicons,
    "dist/rotate.css": rotate,
    "dist/leaflet-heat.js": heat,
    "dist/leaflet-search.min.css": search,
}


def content(source, path):
    """Give the bytes of one vendored file: as published, slimmed, or written here."""
    if path in MADE:
        return MADE[path](source).encode()
    data = (source / path).read_bytes()
    if path.endswith((".css", ".js")):
        shown = re.sub(r"\n?(?://|/\*)# sourceMappingURL=\S+(?: \*/)?", "", data.decode())
        return (slim(shown) if path.endswith(".css") else shown).encode()
    return data


def place(folder, path):
    """Say where a file goes: a folder named dist would be ignored by git."""
    return f"{folder}/{path.removeprefix('dist/')}"


def vendor(package, source):
    """Copy one package; give its rows of the manifest and its part of the NOTICE."""
    folder = f"{package.name.rpartition('/')[2]}-{package.version}"
    paths = [path for files in package.addresses.values() for path in files] + list(package.extra)
    digests = {}
    for path in paths:
        data = content(source, path)
        target = TARGET / place(folder, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        digests[path] = hashlib.sha256(data).hexdigest()
    rows = [
        {
            "url": url,
            "files": [place(folder, path) for path in files],
            "package": f"{package.name} {package.version}",
            "licence": package.licence,
        }
        for url, files in package.addresses.items()
    ]
    sums = {place(folder, path): digest for path, digest in digests.items()}
    said = source / package.notice
    licence = said.read_text("utf-8").strip() if said.is_file() else MIT.format(who=package.notice)
    return rows, sums, f"{package.name} {package.version} ({package.licence})\n{'-' * 72}\n{licence}\n"


def main():
    shutil.rmtree(TARGET, ignore_errors=True)
    rows, sums, notices = [], {}, []
    with tempfile.TemporaryDirectory() as folder:
        for package in PACKAGES + PLUGINS:
            new, digests, notice = vendor(package, unpack(package, Path(folder)))
            rows, sums, notices = rows + new, sums | digests, [*notices, notice]
    manifest = {"addresses": rows, "not_carried": NOT_CARRIED, "sha256": sums}
    (TARGET / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
    head = "Software of others in this folder, unchanged but for what tools/vendor_leaflet.py leaves out.\n\n"
    (TARGET / ".gitattributes").write_text("* -text\n", "utf-8")
    (TARGET / "NOTICE").write_text(head + "\n\n".join(notices), "utf-8")


if __name__ == "__main__":
    main()
