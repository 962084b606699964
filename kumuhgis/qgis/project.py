"""The project (``.qgz``): the layers of a GeoPackage beside it, in groups, with all themes, relations and a sheet."""

import zipfile
from xml.etree import ElementTree

from kumuhgis.captions import caption
from kumuhgis.errors import OutputError, Problem
from kumuhgis.qgis.geopackage import write_geopackage
from kumuhgis.qgis.layout import add_layout
from kumuhgis.qgis.metadata import history
from kumuhgis.qgis.plan import UNITS, abstract_of, extent_of, planned
from kumuhgis.qgis.styles import VERSION, qml, written
from kumuhgis.qgis.symbols import element, plain
from kumuhgis.qgis.tree import add_relations, add_tree, layer_id
from kumuhgis.text import text

_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_EARLIEST = "1980-01-01"


def write_project(assessment, path, lang="id", *, contributions=None):
    """Write a project for QGIS and QField: ``x.qgz``, and ``x.gpkg`` beside it.

    Parameters
    ----------
    assessment : Assessment
        The result.
    path : path
        The ``.qgz``; the GeoPackage gets the same name. Both have to stay in one folder.
    lang : {"id", "en"}
        Language of groups, titles and names of columns.
    contributions : geopandas.GeoDataFrame, optional
        What residents answered (:func:`participate.read_contributions`).

    Examples
    --------
    >>> import kumuhgis as kg, geopandas as gpd, pandas as pd, shapely
    >>> rt = gpd.GeoDataFrame({"kode": ["01"]}, geometry=[shapely.box(490000, 9162000, 490100, 9162100)], crs=32749)
    >>> result = kg.assess(rt=rt, baseline=pd.DataFrame({"kode": ["01"], "kk": [40], "3a_volume": [40]}))
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = kg.write(result, f"{folder}/desa.qgz", kind="qgis")
    ...     sorted(file.name for file in path.parent.iterdir())
    ['desa.gpkg', 'desa.qgz']
    """
    package = path.with_suffix(".gpkg")
    layers = write_geopackage(assessment, package, lang, contributions=contributions)
    date = max(str(assessment.provenance.get("date") or _EARLIEST), _EARLIEST)
    document = _DOCTYPE + written(project_record(assessment, layers, package.name, lang))
    part = zipfile.ZipInfo(f"{path.stem}.qgs", (*map(int, date.split("-")), 0, 0, 0))
    part.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part, document)


def write_style(assessment, path, lang="id", *, layer=UNITS, style=None):
    """Write one style as ``.qml``, for a layer that one already has in QGIS.

    Parameters
    ----------
    assessment : Assessment
        The result.
    path : path
        The file.
    lang : {"id", "en"}
        Language of labels.
    layer : str
        The layer of the GeoPackage: ``rt``, ``roads`` …
    style : str, optional
        Name of one of its styles; the first by default.

    Raises
    ------
    OutputError
        If there is no such layer or style.
    """
    found = {each.table: each for each in planned(assessment, lang) if each.styles}
    styles = {each.name: each for each in found[layer].styles} if layer in found else {}
    if style is None and styles:
        style = next(iter(styles))
    if style not in styles:
        known = ", ".join(styles or found)
        raise OutputError([Problem("document_option", path.name, "", style or layer, {"kind": "qml", "known": known})])
    chosen = found[layer]
    names = None if styles[style] is not chosen.styles[0] else chosen.names
    path.write_text(_DOCTYPE + written(qml(styles[style], chosen.dimension, names, chosen.scale)), "utf-8")


def project_record(assessment, layers, package, lang="id"):
    """Put a project together.

    Parameters
    ----------
    assessment : Assessment
        The result.
    layers : list of plan.Layer
        What the GeoPackage has.
    package : str
        Its file name; the project looks for it in its own folder.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    xml.etree.ElementTree.Element
        ``<qgis>``.
    """
    said, crs = caption(assessment, lang), assessment.units.crs
    title = plain(" · ".join(part for part in (said["title"], said["place"]) if part))
    if said["sample"]:
        title = f"{plain(text('headline.sample', lang))} · {title}"
    root = ElementTree.Element("qgis", {"version": VERSION, "projectname": title})
    element(root, "homePath", path="")
    element(root, "title", title)
    add_crs(element(root, "projectCrs"), crs)
    add_tree(root, layers, package, lang)
    add_relations(root, layers, lang)
    _canvas(root, extent_of(layers), crs)
    known = element(root, "projectlayers")
    for layer in layers:
        _map_layer(known, layer, package, crs, assessment, lang)
    order = element(root, "layerorder")
    for layer in layers:
        element(order, "layer", id=layer_id(layer))
    _properties(root)
    _themes(root, layers)
    _metadata(root, title, assessment, lang)
    add_layout(root, assessment, layers, lang)
    return root


def add_crs(parent, crs):
    """Add a coordinate system: the code where it has one, else its definition."""
    made = element(parent, "spatialrefsys")
    if crs is None:
        return
    authority = crs.to_authority()
    element(made, "wkt", crs.to_wkt())
    if authority:
        element(made, "srsid", 1)  # QGIS reads the code only where it finds a number of its own, and then ignores it
        element(made, "srid", authority[1] if authority[0] == "EPSG" else 0)
        element(made, "authid", ":".join(authority))
    element(made, "description", plain(crs.name))
    element(made, "geographicflag", "true" if crs.is_geographic else "false")


def _canvas(root, box, crs):
    canvas = element(root, "mapcanvas", name="theMapCanvas", annotationsVisible=1)
    element(canvas, "units", "meters")
    if box:
        _box(element(canvas, "extent"), box)
        view = element(root, "ProjectViewSettings", UseProjectScales=0)
        made = element(view, "DefaultViewExtent", **dict(zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)))
        add_crs(made, crs)
    element(canvas, "rotation", 0)
    add_crs(element(canvas, "destinationsrs"), crs)


def _box(parent, box):
    for name, value in zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True):
        element(parent, name, value)


def _map_layer(known, layer, package, crs, assessment, lang):
    """Add a layer with its first style, and the others in its menu of styles."""
    style = qml(layer.styles[0], layer.dimension, layer.names, layer.scale)
    made = element(known, "maplayer", type="vector", wkbType=layer.geometry, styleCategories="AllStyleCategories")
    made.attrib |= {key: value for key, value in style.items() if key not in ("version", "styleCategories")}
    made.set("geometry", "No geometry" if layer.dimension is None else ("Point", "Line", "Polygon")[layer.dimension])
    element(made, "id", layer_id(layer))
    element(made, "datasource", f"./{package}|layername={layer.table}")
    element(made, "layername", plain(layer.title))
    if layer.dimension is not None:
        add_crs(element(made, "srs"), crs)
    about = element(made, "resourceMetadata")
    _about(about, layer.title, layer.abstract, lang)
    for line in history(assessment, lang):
        element(about, "history", line)
    element(made, "provider", "ogr", encoding="UTF-8")
    styles = element(made, "map-layer-style-manager", current=plain(layer.styles[0].name))
    for number, each in enumerate(layer.styles):
        one = element(styles, "map-layer-style", name=plain(each.name))
        if number:
            one.append(qml(each, layer.dimension, None, layer.scale))
    made.extend(style)


def _about(parent, title, abstract, lang):
    element(parent, "language", {"id": "ind", "en": "eng"}[lang])
    element(parent, "type", "dataset")
    element(parent, "title", plain(title))
    element(parent, "abstract", plain(abstract))


def _properties(root):
    properties = element(root, "properties")
    element(element(properties, "Paths"), "Absolute", "false", type="bool")
    element(element(properties, "Measurement"), "AreaUnits", "ha", type="QString")
    element(properties.find("Measurement"), "DistanceUnits", "meters", type="QString")
    element(element(properties, "SpatialRefSys"), "ProjectionsEnabled", 1, type="int")
    precision = element(properties, "PositionPrecision")
    element(precision, "Automatic", "true", type="bool")


def _themes(root, layers):
    """Add a theme of the map for every style of the units: a choice in the menu above the tree."""
    units = next(layer for layer in layers if layer.table == UNITS)
    shown = [layer for layer in layers if layer.shown]
    presets = element(root, "visibility-presets")
    for style in units.styles:
        one = element(presets, "visibility-preset", name=plain(style.name))
        for layer in shown:
            chosen = style if layer is units else layer.styles[0]
            element(one, "layer", id=layer_id(layer), visible=1, style=plain(chosen.name))


def _metadata(root, title, assessment, lang):
    made = element(root, "projectMetadata")
    _about(made, title, abstract_of(assessment, lang), lang)
    element(element(made, "keywords", vocabulary="gmd:topicCategory"), "keyword", text("qgis.keyword", lang))
    for line in history(assessment, lang):
        element(made, "history", line)
    element(made, "creation", f"{assessment.provenance.get('date') or _EARLIEST}T00:00:00")
