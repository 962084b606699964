"""The page of a map: one self-contained file, paper-coloured, with our script and style written into it.

This module imports folium, so it is itself only imported inside the functions that draw.
"""

import contextlib
import json
import os
import tempfile
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path

import folium
from branca.element import Element, Figure
from folium.map import Layer

from kumuhgis.errors import OutputError, Problem, why_not_written
from kumuhgis.maps.offline import carried, embed
from kumuhgis.maps.packing import has_arrays, pack
from kumuhgis.text import texts

SCRIPTS = (
    "core.js", "pattern.js", "unpack.js", "shapes.js", "village.js", "canvas.js", "layers.js", "units.js", "labels.js",
    "themes.js", "card.js", "criteria.js", "panel.js", "tools.js", "access.js",
    "geodesy.js", "search.js", "rows.js", "table.js", "measure.js", "coordinates.js",
    "print.js", "sheets.js", "compare.js",
    "basemaps.js", "paper.js", "own.js",
)  # fmt: skip
STYLES = (
    "map.css", "themes.css", "tools.css", "card.css", "access.css", "find.css", "print.css", "compare.css",
    "basemaps.css",
)  # fmt: skip
_ESCAPES = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"})
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; font-src data:; "
    "img-src data: blob:{pictures}; connect-src 'none'; base-uri 'none'; form-action 'none'"
)


_HOST = "https://tile.openstreetmap.org"


def script_json(data):
    r"""Write data as JSON that no text in it can break out of.

    Parameters
    ----------
    data : dict or list
        Plain data; not-a-number is a mistake.

    Returns
    -------
    str
        JSON without ``<``, ``>``, ``&`` and the two line separators of JavaScript.

    Examples
    --------
    >>> script_json({"name": "</script>"})
    '{"name":"\\u003c/script\\u003e"}'
    """
    shown = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return shown.translate(_ESCAPES)


class _Verbatim(Element):
    """A piece of a page that is written as it is: branca reads everything else as a template."""

    def __init__(self, content):
        super().__init__()
        self.content = content

    def render(self, **_kwargs):
        return self.content


class OfflineFigure(Figure):
    """A page that writes what it needs into itself, whoever renders it, and says its language."""

    lang = "id"

    def render(self, **kwargs):
        """Render the page, with every script and style in it."""
        page = super().render(**kwargs)
        return embed(page.replace("<html>", f'<html lang="{self.lang}">', 1))


class VillageMap(folium.Map):
    """A folium map that is one file and works with the network off.

    Everything of folium may be added to it; what folium's own elements need is put in only then.

    Parameters
    ----------
    location : list of float
        Latitude and longitude of the middle.
    title : str
        Title of the page.
    online : bool
        Allow the pictures of OpenStreetMap (:func:`basemaps.online_layer`); all else stays in the file.
    lang : {"id", "en"}
        Language of the page, for those who listen to it.
    """

    def __init__(self, location, *, title="", online=False, lang="id"):
        super().__init__(
            location, tiles=None, zoom_start=16, max_zoom=22, zoom_snap=0.25, zoom_control=False,
            attribution_control=False,
        )  # fmt: skip
        figure = OfflineFigure(title=escape(title))
        figure.lang = lang
        figure.add_child(self)
        policy = _POLICY.format(pictures=f" {_HOST}" if online else "")
        meta = _Verbatim(f'<meta http-equiv="Content-Security-Policy" content="{policy}">')
        figure.header.add_child(meta, name="policy", index=0)
        figure.header.add_child(_Verbatim(f"<script>{_ours('guard.js')}</script>"), name="guard", index=1)

    def render(self, **kwargs):
        """Render the map with as few of folium's scripts as it needs."""
        ours = (DataLayer, folium.TileLayer, folium.FitBounds)
        small = all(isinstance(child, ours) for child in self._children.values())
        keep = ("leaflet", "leaflet_css")
        for kind in ("default_js", "default_css"):
            links = getattr(folium.Map, kind)
            setattr(self, kind, [link for link in links if not small or link[0] in keep])
        super().render(**kwargs)

    def save(self, outfile, close_file=True, **kwargs):
        """Write the map as one file, whole or not at all.

        Parameters
        ----------
        outfile : str, path or binary file
            Where to.
        close_file : bool
            Close a file that was given open.
        **kwargs
            For the templates of folium.

        Raises
        ------
        OutputError
            If the file cannot be written.
        """
        if not isinstance(outfile, str | os.PathLike):
            super().save(outfile, close_file=close_file, **kwargs)
            return
        path = Path(outfile)
        page = self.get_root().render(**kwargs).encode("utf-8", "replace")
        try:
            _replace(path, page)
        except OSError as error:
            problem = Problem("output_not_writable", params={"path": str(path), "reason": why_not_written(error)})
            raise OutputError([problem]) from error


def _replace(path, content):
    """Write a file under another name first, so a half-written map never carries its name."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, path.stat().st_mode & 0o777 if path.exists() else 0o644)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


class DataLayer(Layer):
    """A layer that our script draws from JSON; all that it needs travels with it, to any folium map.

    Parameters
    ----------
    data : dict
        What the script draws.
    function : str
        Which function of the script draws it.
    lang : {"id", "en"}
        Language of what the script says.
    needs : sequence of str
        Further scripts and styles of ours, which only this layer uses.
    asleep : dict of str to str
        Addresses of scripts and styles of others by the key under which they lie in the page as text, until ours
        wakes them.
    """

    _template = folium.template.Template(
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} = kumuhgis.{{ this.function }}("
        "{{ this._parent.get_name() }}, {{ this.get_name()|tojson }}, {{ this.lang|tojson }});"
        "{% endmacro %}"
    )

    def __init__(self, data, function="layer", *, lang="id", needs=(), asleep=None):
        super().__init__(name=data.get("name", function), overlay=True, control=False, show=False)
        self._name = "Kumuhgis"
        self.data, self.function, self.lang = data, function, lang
        self.needs, self.asleep = needs, asleep or {}

    def _get_self_bounds(self):
        return self.data.get("bounds", [[None, None], [None, None]])

    def render(self, **kwargs):
        """Put the script, the texts and the data into the page; each only once."""
        figure = self.get_root()
        styles = "\n".join(_ours(name) for name in STYLES)
        figure.header.add_child(_Verbatim(f"<style>{styles}</style>"), name="kumuhgis_css")
        scripts = "\n".join(_ours(name) for name in SCRIPTS)
        figure.header.add_child(_Verbatim(f"<script>{scripts}</script>"), name="kumuhgis_js")
        for name in self.needs:
            kind = "style" if name.endswith(".css") else "script"
            figure.header.add_child(_Verbatim(f"<{kind}>{_ours(name)}</{kind}>"), name=f"kumuhgis_{name}")
        for key, address in self.asleep.items():
            block = f'<script type="text/plain" id="{key}">{carried(address)}</script>'
            figure.html.add_child(_Verbatim(block), name=key)
        for name, data in ((f"kumuhgis-{self.lang}", _texts(self.lang)), (self.get_name(), self.data)):
            figure.html.add_child(_Verbatim(_block(name, data)), name=f"{name}_data")
        super().render(**kwargs)


def _block(name, data):
    """Write a block of data: packed where it holds columns, else as JSON."""
    if has_arrays(data):
        return f'<script type="application/x-kumuhgis" id="{name}">{pack(data)}</script>'
    return f'<script type="application/json" id="{name}">{script_json(data)}</script>'


@cache
def _ours(name):
    return files("kumuhgis").joinpath("data", "map", name).read_text("utf-8")


@cache
def _texts(lang):
    """Give the texts of the map room, without the name of the room."""
    return {k.removeprefix("maps."): v for k, v in texts(lang, "maps").items()}
