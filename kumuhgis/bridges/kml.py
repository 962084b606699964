"""KML and KMZ for Google Earth: the units in the colours of their level, a folder a level as the legend.

Google Earth shows descriptions as HTML: what people wrote is escaped for HTML first, then for XML where it is written.
"""

import html
import zipfile
from xml.etree import ElementTree

import shapely

from kumuhgis.captions import caption, provenance_text
from kumuhgis.kinds import KINDS
from kumuhgis.personal import hidden, masked
from kumuhgis.text import number, text
from kumuhgis.themes import level_classes
from kumuhgis.xmltext import ILLEGAL

SPACE = "http://www.opengis.net/kml/2.2"
_TOLD = ("total_low", "total_high", "area_used_ha", "population", "households", "class", "priority", "handling")
_ALPHA = "b3"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_kml(assessment, path, lang="id"):
    """Write the units as KML or KMZ.

    Parameters
    ----------
    assessment : Assessment
        The result.
    path : path
        ``.kml``, or ``.kmz`` (the same in an archive).
    lang : {"id", "en"}
        Language.

    Notes
    -----
    Coordinates are longitude and latitude on WGS 84. A unit without a border has a place in no folder; how many there
    are is said in the description of the document.
    """
    document = written(kml_document(assessment, lang))
    if path.suffix.lower() == ".kml":
        path.write_bytes(document)
        return
    part = zipfile.ZipInfo("doc.kml", _EPOCH)
    part.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part, document)


def written(root):
    """Write KML as bytes."""
    return ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)


def kml_document(assessment, lang="id"):
    """Put the document together.

    Parameters
    ----------
    assessment : Assessment
        The result.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    xml.etree.ElementTree.Element
        ``<kml>``.

    Examples
    --------
    >>> import kumuhgis as kg, geopandas as gpd, pandas as pd, shapely
    >>> rt = gpd.GeoDataFrame({"kode": ["01"]}, geometry=[shapely.box(490000, 9162000, 490100, 9162100)], crs=32749)
    >>> result = kg.assess(rt=rt, baseline=pd.DataFrame({"kode": ["01"], "kk": [40], "3a_volume": [40]}))
    >>> [folder[0].text for folder in kml_document(result)[0].iter("Folder")][-1]
    'belum dapat ditentukan (1 RT, 1,00 ha)'
    """
    said, classes = caption(assessment, lang), level_classes(assessment, lang)
    root = ElementTree.Element("kml", {"xmlns": SPACE})
    document = add(root, "Document")
    mark = f"{text('headline.sample', lang)} · " if said["sample"] else ""
    add(document, "name", f"{mark}{said['title']}")
    add(document, "open", "1")
    shapes = assessment.units.geometry.reindex(assessment.summary.index).to_crs(4326)
    add(document, "description", _about(assessment, said, int(shapes.isna().sum()), lang))
    for n, each in enumerate(classes):
        _style(document, f"level{n}", each["fill"])
    border = KINDS["sk"].classes((), lang)[1][0]
    _style(document, "sk", None, line=border["line"], width=3)
    keys = [each["key"] for each in classes]
    levels = assessment.summary["level"].astype(object).where(assessment.summary["level"].notna(), "")
    names, rows = unit_names(assessment), _rows(assessment, lang)
    for n, each in enumerate(classes):
        units = [unit for unit in shapes.index[shapes.notna()] if levels[unit] == keys[n]]
        hectares = float(assessment.summary["area_used_ha"].reindex(units).sum())
        size = text("bridges.folder", lang, level=each["label"], n=len(units), ha=number(hectares, 2, lang))
        folder = add(document, "Folder")
        add(folder, "name", size)
        for unit in units:
            _placemark(folder, names[unit], _table(rows[unit]), f"level{n}", shapes[unit], rows[unit])
    _decree(document, assessment, lang)
    return root


def add(parent, tag, value=None):
    """Add an element; characters that XML cannot hold are left out."""
    made = ElementTree.SubElement(parent, tag)
    made.text = None if value is None else ILLEGAL.sub("", str(value))
    return made


def unit_names(assessment):
    """Name every unit as people do, by RT and RW, and by its key where that is not known."""
    units, index = assessment.units, assessment.summary.index
    labels = units["rt_rw"].reindex(index) if "rt_rw" in units else None
    if labels is None:
        return {unit: str(unit) for unit in index}
    return {unit: " ".join(str(label).split()) if label == label and label else str(unit)
            for unit, label in labels.astype(object).where(labels.notna(), None).items()}  # fmt: skip


def rings(polygon):
    """Give the rings of a polygon as pairs of longitude and latitude, the outer one against the clock."""
    turned = shapely.geometry.polygon.orient(polygon)
    return [[(round(x, 7), round(y, 7)) for x, y in shapely.get_coordinates(ring).tolist()]
            for ring in (turned.exterior, *turned.interiors)]  # fmt: skip


def polygons(shape):
    """Give the polygons of a shape."""
    return [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and not part.is_empty]


def add_polygon(parent, polygon):
    """Add a polygon, clamped to the ground."""
    made = add(parent, "Polygon")
    add(made, "tessellate", "1")
    for n, ring in enumerate(rings(polygon)):
        side = add(made, "innerBoundaryIs" if n else "outerBoundaryIs")
        add(add(side, "LinearRing"), "coordinates", " ".join(f"{x:.7f},{y:.7f}" for x, y in ring))


def _style(document, name, fill, line="#4a443b", width=1.5):
    style = ElementTree.SubElement(document, "Style", {"id": name})
    border = add(style, "LineStyle")
    add(border, "color", f"ff{line[5:7]}{line[3:5]}{line[1:3]}")
    add(border, "width", str(width))
    area = add(style, "PolyStyle")
    add(area, "color", f"{_ALPHA}{fill[5:7]}{fill[3:5]}{fill[1:3]}" if fill else "00ffffff")
    add(area, "fill", "1" if fill else "0")


def _placemark(folder, name, description, style, shape, data=()):
    mark = add(folder, "Placemark")
    add(mark, "name", masked(name))
    add(mark, "description", description)
    add(mark, "styleUrl", f"#{style}")
    if data:
        extended = add(mark, "ExtendedData")
        for key, _, value in data:
            add(ElementTree.SubElement(extended, "Data", {"name": key}), "value", value)
    parts = polygons(shape)
    parent = mark if len(parts) == 1 else add(mark, "MultiGeometry")
    for part in parts:
        add_polygon(parent, part)


def _rows(assessment, lang):
    """Give what is told of every unit: column, name and value, in words."""
    summary, units = assessment.summary, assessment.units.reindex(assessment.summary.index)
    level = {c["key"]: c["label"] for c in level_classes(assessment, lang)}
    out = {unit: [("unit", text("qgis.column.unit", lang), str(unit))] for unit in summary.index}
    for column in ("kawasan", "desa"):
        if column in units:
            _tell(out, column, hidden(units[column]), lang)
    for unit, key in summary["level"].astype(object).where(summary["level"].notna(), "").items():
        out[unit].append(("level", text("qgis.column.level", lang), level[key]))
    for column in _TOLD:
        if column in summary:
            _tell(out, column, summary[column], lang)
    return out


def _tell(out, column, values, lang):
    label = text(f"qgis.column.{column}", lang)
    for unit, value in values.astype(object).where(values.notna(), None).items():
        if value is not None:
            shown = (
                number(value, 2 if column.endswith("_ha") else 0, lang) if isinstance(value, (int, float)) else value
            )
            out[unit].append((column, label, str(shown)))


def _table(rows):
    """Write rows as a table of HTML, every cell escaped."""
    cells = "".join(f"<tr><td>{html.escape(label)}</td><td>{html.escape(value)}</td></tr>" for _, label, value in rows)
    return f"<table>{cells}</table>"


def _about(assessment, said, without, lang):
    lines = [said["when"], *provenance_text(assessment, lang).splitlines()]
    if without:
        lines.insert(1, text("bridges.without_border", lang, n=without))
    return "<br/>".join(html.escape(line) for line in lines)


def _decree(document, assessment, lang):
    """Add the locations of the decree as borders."""
    frame = assessment.layers.get("sk")
    if frame is None or frame.empty:
        return
    folder = add(document, "Folder")
    add(folder, "name", text("maps.layer.sk", lang))
    names = hidden(frame["name"]) if "name" in frame else None
    for n, shape in enumerate(frame.geometry.to_crs(4326)):
        name = None if names is None else names.iloc[n]
        shown = name if isinstance(name, str) else text("maps.layer.sk", lang)
        _placemark(folder, shown, "", "sk", shape)
