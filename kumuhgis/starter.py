"""``init``: look at a folder of files and write a commented ``kumuhgis.toml`` that a person finishes."""

import json
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pyogrio

from kumuhgis.archives import map_folder
from kumuhgis.attributes import propose_columns
from kumuhgis.catalog import document_kinds, layer_kinds, raster_kinds
from kumuhgis.displaying import html_table
from kumuhgis.errors import LayerError, Problem, ProjectError, in_language
from kumuhgis.formats import open_vector
from kumuhgis.opening import DRIVER_ERRORS, quiet
from kumuhgis.project import FILE
from kumuhgis.rasters import open_raster
from kumuhgis.rules import DEFAULT_RULES, load_rules
from kumuhgis.tables import WORKBOOKS, aliases, criterion_role, read_cells, slug
from kumuhgis.text import LANGUAGES, text

VECTORS = (".gpkg", ".gdb", ".shp", ".geojson", ".json", ".kml", ".kmz", ".fgb", ".gml", ".dxf", ".zip")
VECTORS += (".gpx", ".parquet", ".geoparquet", ".tab", ".mif", ".geojsonl", ".topojson")
RASTERS = (".tif", ".tiff", ".img")
_OUTPUT_FOLDERS = ("hasil", "results", "kumuhgis-demo")
_FOLDERS = (".kml", ".kmz", ".gpx")
_MOST_CELLS = 5_000
_GEOMETRY = {"Point": "point", "LineString": "line", "Polygon": "polygon"}


class Looked(list):
    """What lies in a folder: a list of :class:`Found` that shows itself as a table."""

    def __repr__(self):
        return "\n".join("  ".join(row).rstrip() for row in self._rows())

    def _repr_html_(self):
        heads = [text(f"starter.column_{name}") for name in ("file", "role", "count", "geometry", "crs")]
        return html_table(self._rows(), heads)

    def _rows(self):
        return [
            (
                f"{item.path}:{item.layer}" if item.layer else item.path,
                item.role or text("cli.unused"),
                str(item.count or "") if item.what != "raster" else "",
                item.geometry,
                item.crs,
            )
            for item in self
        ]


@dataclass
class Found:
    """A layer, raster or table that was found, and what it is proposed to be; ``what`` is "failed" if unreadable."""

    path: str
    layer: str | None
    what: str
    role: str = ""
    columns: dict = field(default_factory=dict, repr=False)
    available: list = field(default_factory=list, repr=False)
    crs: str = ""
    count: int = 0
    geometry: str = ""
    score: int = field(default=0, repr=False)
    cells: dict = field(default_factory=dict, repr=False)


def look(folder):
    """Look at the files of a folder and say what each may be.

    Parameters
    ----------
    folder : path
        The folder; files in it and in its subfolders, without hidden ones.

    Returns
    -------
    Looked
        A list of :class:`Found`: layers, rasters and tables; ``role`` is empty where nothing fits.

    Raises
    ------
    ProjectError
        If there is no such folder.
    """
    folder, found = Path(folder), Looked()
    _check_folder(folder)
    databases = {p for p in folder.rglob("*.gdb") if map_folder(p)}
    for path in sorted(p for p in folder.rglob("*") if (p.is_file() and p.parent not in databases) or p in databases):
        relative = path.relative_to(folder)
        if not _is_name(relative.as_posix()):
            continue
        if any(part.startswith(".") or part in _OUTPUT_FOLDERS for part in relative.parts):
            continue
        suffix = path.suffix.lower()
        if suffix in VECTORS:
            found += _look_at_vector(path, relative.as_posix())
        elif suffix in RASTERS:
            found += _look_at_raster(path, relative.as_posix())
        elif suffix in (".csv", *WORKBOOKS):
            found += _look_at_table(path, relative.as_posix())
    _prefer_theirs(found)
    _give_roles(found)
    return found


def _prefer_theirs(found):
    """Take a table of theirs for the baseline where one of our own documents lies beside it."""
    tables = [item for item in found if item.role == "baseline"]
    ours = {text(f"documents.{kind}.file", lang) for kind in document_kinds() for lang in LANGUAGES}
    written = [item for item in tables if Path(item.path).stem in ours]
    if len(written) < len(tables):
        for item in written:
            item.role = ""


def _check_folder(folder):
    """Refuse what is no folder: a file that is there, or nothing."""
    if folder.is_file():
        raise ProjectError([Problem("project_is_file", str(folder), params={"file": folder.name})])
    if not folder.is_dir():
        raise ProjectError([Problem("project_folder_missing", str(folder), params={"here": Path.cwd().name})])


def _is_name(name):
    """Tell whether a file name can be written into a text file."""
    try:
        return bool(name.encode("utf-8"))
    except UnicodeEncodeError:
        return False


def _look_at_vector(path, relative):
    """Say which layers a file has; one that GDAL does not list is opened as it will be read, or told to have failed."""
    try:
        with quiet():
            layers = pyogrio.list_layers(path)
        out = [found for name, kind in layers if kind is not None and (found := _layer(path, relative, str(name)))]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError):
        out = []
    if not out or (path.suffix.lower() in _FOLDERS and len({_best_role(item) for item in out} - {None}) < 2):
        return [_opened(path, relative) or Found(relative, None, "failed")]
    if len(out) == 1:
        out[0].layer = None
    return out


def _layer(path, relative, name):
    """Describe one layer as GDAL tells it; None if it has no geometries."""
    info = pyogrio.read_info(path, layer=name, force_feature_count=True)
    if info["geometry_type"] is None:
        return None
    found = Found(relative, name, "layer", available=[str(f) for f in info["fields"]], crs=str(info["crs"] or ""))
    found.count, found.geometry = int(info["features"]), _plain_type([info["geometry_type"]])
    with quiet(), suppress(*DRIVER_ERRORS):
        cells = pyogrio.read_dataframe(path, layer=name, read_geometry=False, max_features=_MOST_CELLS)
        found.cells = {str(c): cells[c] for c in cells}
    return found


def _opened(path, relative):
    """Describe a file by opening it, whatever it takes; None if nothing can be read."""
    try:
        frame, _ = open_vector(path)
    except LayerError:
        return None
    names = [c for c in frame.columns if c != frame.geometry.name]
    found = Found(relative, None, "layer", available=[str(c) for c in names], count=len(frame))
    found.crs = frame.crs.to_string() if frame.crs else ""
    found.geometry = _plain_type(frame.geom_type.dropna().value_counts().index[:1])
    found.cells = {str(c): frame[c] for c in names}
    return found


def _plain_type(names):
    return next((v for name in names for k, v in _GEOMETRY.items() if k in name), "any")


def _look_at_raster(path, relative):
    from rasterio.errors import RasterioError

    try:
        with open_raster(path) as raster:
            return [Found(relative, None, "raster", crs=str(raster.crs or ""), count=raster.count)]
    except (RasterioError, OSError):
        return [Found(relative, None, "failed")]


def _look_at_table(path, relative):
    from kumuhgis.errors import TableError

    rules, names = load_rules(DEFAULT_RULES), aliases()

    def known(heading):
        return slug(heading) in names or slug(heading) in _CONSIDERATIONS or _is_criterion(heading, rules)

    try:
        _, cells, _ = read_cells(path, known)
    except TableError:
        return [Found(relative, None, "failed")]
    headings = [str(c) for c in cells.columns]
    found = Found(relative, None, "table", available=headings, count=len(cells))
    if any(_is_criterion(h, rules) for h in headings):
        found.role = "baseline"
    elif any(slug(h) in _CONSIDERATIONS for h in headings):
        found.role = "considerations"
    if not found.role:
        found = _opened(path, relative) or found
    return [found]


_CONSIDERATIONS = ("nilai_strategis", "strategis", "sosial_ekonomi_budaya", "status_tanah", "rtr")


def _is_criterion(heading, rules):
    return criterion_role(slug(heading), rules) is not None


def _give_roles(found):
    """Give every role to the layer or raster whose name and columns fit it best."""
    candidates = []
    for item in found:
        kinds = {"layer": layer_kinds(), "raster": raster_kinds()}.get(item.what, {})
        for role, kind in kinds.items():
            score = _fit(item, kind)
            if score > 0:
                candidates.append((score, item.count, item, role))
    taken = set()
    for score, _, item, role in sorted(candidates, key=lambda c: (-c[0], -c[1])):
        if item.role or role in taken:
            continue
        item.role, item.score = role, score
        taken.add(role)
        if item.what == "layer":
            _map_columns(item)


def _map_columns(item):
    proposed = propose_columns(item.available, layer_kinds()[item.role]["columns"], item.cells)
    item.columns = {ours: theirs for ours, (theirs, _) in proposed.items()}


def _best_role(item):
    """Give the role that the name of a layer fits best, or None."""
    fits = {role: _fit(item, kind) for role, kind in layer_kinds().items()}
    best = max(fits, key=fits.get)
    return best if fits[best] else None


def _fit(item, kind):
    """Score how well a name (and the geometry) fits; 0 is not at all."""
    wanted = kind.get("geometry")
    if wanted and item.geometry not in (*wanted, "any"):
        return 0
    words = slug(f"{Path(item.path).stem} {item.layer or ''}").split("_")
    best = 0
    for name in kind["names"]:
        parts = name.split("_")
        if all(p in words for p in parts):
            best = max(best, 10 * len(parts) + 5 * (slug(item.layer or Path(item.path).stem) == name))
    return best


def init(folder, *, force=False, lang="id"):
    """Look at a folder and write a commented ``kumuhgis.toml`` into it.

    Parameters
    ----------
    folder : path
        The folder of files.
    force : bool
        Overwrite a ``kumuhgis.toml`` that is there.
    lang : {"id", "en"}
        Language of the comments.

    Returns
    -------
    path : pathlib.Path
        The file written.
    found : list of Found
        What was seen.

    Raises
    ------
    ProjectError
        If there is a file already, or neither a polygon layer nor a table was found.
    """
    folder = Path(folder)
    target = folder / FILE
    with in_language(lang):
        _check_folder(folder)
    if target.exists() and not force:
        raise ProjectError([Problem("project_exists", str(target))], lang)
    found = look(folder)
    if not any(item.role == "rt" for item in found):
        _take_only_polygons(found)
    if not any(item.role == "rt" for item in found):
        raise ProjectError([Problem("project_nothing_found", str(folder))], lang)
    draft = target.with_name(f".{FILE}.tmp")
    try:
        draft.write_text(_write(folder, found, lang), "utf-8")
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)
    return target, found


def _take_only_polygons(found):
    """Without a layer that is called RT, take the one polygon layer that has no other role."""
    free = [i for i in found if i.what == "layer" and i.geometry in ("polygon", "any") and not i.role]
    if len(free) == 1:
        free[0].role = "rt"
        _map_columns(free[0])


def _quote(value):
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _write(folder, found, lang):
    """Write the file: what was found as sections, what was not as comments."""
    lines = [f"# {line}" for line in text("starter.head", lang).splitlines()]
    lines += ["", "[project]", f"name = {_quote(folder.resolve().name)}"]
    lines += [f'{key} = ""' for key in ("desa", "desa_code", "kecamatan", "kecamatan_code", "kabupaten")]
    lines += ["", "[rules]", f'key = "{DEFAULT_RULES}"', f"# {text('starter.rules', lang)}", "", "[options]"]
    lines += [f"# {line}" for line in text("starter.options", lang).splitlines()]
    lines += ["", "[dates]", f"# {text('starter.dates', lang)}"]
    by_role = {}
    for item in found:
        if item.role:
            by_role.setdefault(item.role, item)
    for role, kind in layer_kinds().items():
        lines += ["", f"# {kind['title'] if lang == 'id' else kind['title_en']}"]
        lines += _layer_lines(role, kind, by_role.get(role), lang)
    lines += ["", "[rasters]"]
    for role in raster_kinds():
        item = by_role.get(role)
        lines.append(f"{role} = {_quote(item.path)}" if item else f'# {role} = "….tif"')
    for role in ("baseline", "considerations"):
        item = by_role.get(role)
        lines += (
            ["", f"[tables.{role}]", f"path = {_quote(item.path)}"]
            if item
            else ["", f"# [tables.{role}]", f'# path = "{role}.xlsx"']
        )
    unused = [i for i in found if not i.role or by_role.get(i.role) is not i]
    for key, items in (
        ("unused", [i for i in unused if i.what != "failed"]),
        ("failed", [i for i in unused if i.what == "failed"]),
    ):
        if items:
            lines += ["", f"# {text(f'starter.{key}', lang)}"]
            lines += ["#   " + " ".join(f"{i.path}{':' + i.layer if i.layer else ''}".split()) for i in items]
    return "\n".join(lines) + "\n"


def _layer_lines(role, kind, item, lang):
    if item is None:
        return [f"# [layers.{role}]", '# path = "…"', f"# columns = {{ {', '.join(kind['columns'])} }}"]
    lines = [f"[layers.{role}]", f"path = {_quote(item.path)}"]
    if item.layer:
        lines.append(f"layer = {_quote(item.layer)}")
    crs = item.crs or text("starter.no_crs", lang)
    seen = text("starter.seen", lang, count=item.count, crs=crs, columns=", ".join(item.available))
    lines.insert(0, "# " + " ".join(seen.split()))
    if not item.crs:
        lines.append('crs = "EPSG:32749"')
    pairs = ", ".join(f"{ours} = {_quote(theirs)}" for ours, theirs in item.columns.items())
    lines.append(f"columns = {{ {pairs} }}" if pairs else "columns = {}")
    rest = [c for c in kind["columns"] if c not in item.columns]
    if rest:
        lines.append(f"# {text('starter.not_mapped', lang, columns=', '.join(rest))}")
    return lines
