"""Pages that need no network: every script and style that a page names is written into it."""

import base64
import json
import re
from functools import cache
from html import escape
from importlib.resources import files

from kumuhgis.errors import OutputError, Problem

_SCRIPT = re.compile(r"<script\b(?P<attributes>[^>]*\bsrc\s*=[^>]*)>\s*</script\s*>", re.I)
_LINK = re.compile(r"<link\b(?P<attributes>[^>]*)>", re.I)
_ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_CSS_URL = re.compile(r"""url\(\s*(['"]?)(?!data:|#|%23)([^'")]+)\1\s*\)""")
_TYPES = {
    "gif": "image/gif", "png": "image/png", "svg": "image/svg+xml", "woff": "font/woff", "woff2": "font/woff2",
}  # fmt: skip


def embed(html, *, lang="id"):
    """Write every script and style sheet that a page names into the page.

    The copies are the files that folium's own pages name, and those of the plugins that people use most: clusters,
    heat, search, drawing, full screen, grouped and tree layer control, two maps side by side (DualMap), mouse position
    and more; their licences are in ``data/leaflet/NOTICE``. Tiles and pictures that a script fetches later are not
    looked for.

    Parameters
    ----------
    html : str or folium.Map
        A page, or any folium map.
    lang : {"id", "en"}
        Language of the error.

    Returns
    -------
    Page
        The same page without ``<script src>`` and ``<link rel="stylesheet">``: a text to be written to a file, which a
        notebook shows.

    Raises
    ------
    OutputError
        Naming every address of which there is no copy, and why.

    Examples
    --------
    >>> embed("<p>Desa Jaten</p>")
    '<p>Desa Jaten</p>'
    >>> embed('<script src="https://example.org/other.js"></script>', lang="en")
    Traceback (most recent call last):
    ...
    kumuhgis.errors.OutputError: ...https://example.org/other.js...
    """
    missing = {}

    def replace(kind, address, whole):
        if address.startswith("data:"):
            return whole
        if address not in _addresses():
            missing[address] = Problem("output_asset_missing", params={"url": address, "reason": _reason(address)})
            return whole
        return f"<{kind}>{_asset(address, kind)}</{kind}>"

    def script(match):
        return replace("script", _attributes(match)["src"], match.group())

    def link(match):
        found = _attributes(match)
        sheet = "stylesheet" in found.get("rel", "").lower()
        return replace("style", found.get("href", ""), match.group()) if sheet else match.group()

    if hasattr(html, "get_root"):
        html = html.get_root().render()
    page = _outside_scripts(_LINK, link, _SCRIPT.sub(script, html))
    if missing:
        raise OutputError(missing.values(), lang)
    return Page(page)


class Page(str):
    """A page that needs no network, as text; as the last line of a notebook's cell it shows itself."""

    __slots__ = ()

    def _repr_html_(self):
        return f'<iframe srcdoc="{escape(self)}" style="width: 100%; height: 600px; border: 0"></iframe>'


def carried(address):
    """Give the copy of a script or style, so that it can lie within a tag.

    Parameters
    ----------
    address : str
        An address of the manifest.

    Returns
    -------
    str
        Its content.
    """
    return _asset(address, "style" if address.endswith(".css") else "script")


def _outside_scripts(pattern, replace, html):
    """Replace in the page, but not in the text of its scripts."""
    parts = re.split(r"(<script\b.*?</script\s*>)", html, flags=re.I | re.S)
    return "".join(part if n % 2 else pattern.sub(replace, part) for n, part in enumerate(parts))


def _attributes(match):
    found = _ATTRIBUTE.findall(match["attributes"])
    return {name.lower(): double or single or bare for name, double, single, bare in found}


def _folder():
    return files("kumuhgis").joinpath("data", "leaflet")


@cache
def _manifest():
    return json.loads(_folder().joinpath("manifest.json").read_text("utf-8"))


@cache
def _addresses():
    """Give the files that stand in for each address."""
    return {row["url"]: row["files"] for row in _manifest()["addresses"]}


def _reason(address):
    """Say why there is no copy, as a word of ``words.toml``."""
    listed = _manifest()["not_carried"].items()
    return ("asset_" + next((reason for reason, urls in listed if address in urls), "unknown"),)


@cache
def _asset(address, kind):
    """Give what is written between the tags for one address."""
    shown = [_read(path) for path in _addresses()[address]]
    if kind == "style":
        return "".join(shown)
    return re.sub(r"</(script)", r"<\\/\1", "\n".join(shown), flags=re.I)


def _read(path):
    content = _folder().joinpath(path).read_text("utf-8")
    if not path.endswith(".css"):
        return content
    here = path.rpartition("/")[0]
    return _CSS_URL.sub(lambda match: f'url("{_data_uri(here, match[2])}")', content)


def _data_uri(here, name):
    """Write a picture or font as text; ``name`` is as the style sheet in ``here`` has it."""
    parts = here.split("/")
    for step in name.split("/"):
        parts = parts[:-1] if step == ".." else [*parts, step]
    content = _folder().joinpath(*parts).read_bytes()
    return f"data:{_TYPES[name.rpartition('.')[2]]};base64,{base64.b64encode(content).decode()}"
