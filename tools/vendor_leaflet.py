"""Copy the scripts, styles and fonts that a folium page asks for into the package.

Run it by hand when folium names other versions; it needs ``npm``. The files go to ``kumuhgis/data/leaflet``
with a manifest (the address in the page, the files that stand in for it, their sha256 and licence) and a
NOTICE. Styles are slimmed: old font formats, aliases of old icon sets and doubled pictures are left out.

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


MADE = {"dist/icons.js": icons, "dist/css/bootstrap-glyphicons.css": glyphicons, "dist/rotate.css": rotate}


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
    licence = (source / package.notice).read_text("utf-8").strip()
    return rows, sums, f"{package.name} {package.version} ({package.licence})\n{'-' * 72}\n{licence}\n"


def main():
    shutil.rmtree(TARGET, ignore_errors=True)
    rows, sums, notices = [], {}, []
    with tempfile.TemporaryDirectory() as folder:
        for package in PACKAGES:
            new, digests, notice = vendor(package, unpack(package, Path(folder)))
            rows, sums, notices = rows + new, sums | digests, [*notices, notice]
    manifest = {"addresses": rows, "sha256": sums}
    (TARGET / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
    head = "Software of others in this folder, unchanged but for what tools/vendor_leaflet.py leaves out.\n\n"
    (TARGET / "NOTICE").write_text(head + "\n\n".join(notices), "utf-8")


if __name__ == "__main__":
    main()
