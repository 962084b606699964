"""OpenSID: one KML for every RT, and the borders as OpenSID itself keeps them.

OpenSID has no import of many regions at once. On the page of one RT (Info Desa, Wilayah Administratif, the map of the
RT) its map takes one ``.gpx`` or ``.kml`` ("Impor GPX/KML") or one zipped shapefile, and everything in that file
becomes the border of this RT: see ``eximGpxRegion``, ``eximShp`` and ``get_path_import`` in ``assets/js/peta.js`` of
github.com/OpenSID/OpenSID. What it keeps (``path``) is JSON: polygons, each a list of rings of ``[lat, lng]``.
"""

import io
import json
import re
import zipfile
from xml.etree import ElementTree

import pandas as pd

from kumuhgis.bridges.kml import SPACE, add, add_polygon, polygons, rings, unit_names, written
from kumuhgis.captions import provenance_text
from kumuhgis.personal import hidden, masked
from kumuhgis.saving import write_csv
from kumuhgis.text import text
from kumuhgis.unitrows import in_words, with_provenance

_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_opensid(assessment, path, lang="id"):
    """Write a ``.zip`` with a KML for every RT, a table of the RT with their ``path``, and how to use them.

    Parameters
    ----------
    assessment : Assessment
        The result.
    path : path
        The ``.zip``.
    lang : {"id", "en"}
        Language of the table and the notes.

    Notes
    -----
    A unit without a border has no KML, and an empty ``path`` in the table.
    """
    shapes = assessment.units.geometry.reindex(assessment.summary.index).to_crs(4326)
    names = unit_names(assessment)
    files = {unit: _file(n, names[unit]) if shapes[unit] is not None else "" for n, unit in enumerate(shapes.index, 1)}
    with zipfile.ZipFile(path, "w") as archive:
        _put(archive, text("bridges.opensid_notes", lang), text("bridges.opensid_how", lang).encode("utf-8"))
        origins = provenance_text(assessment, lang).encode("utf-8")
        _put(archive, text("bridges.origins_file", lang), origins)
        _put(archive, text("bridges.opensid_table", lang), _table(assessment, shapes, names, files, lang))
        for unit, name in files.items():
            if name:
                _put(archive, name, region_kml(names[unit], shapes[unit]))


def region_path(shape):
    """Write a border as OpenSID keeps it.

    Parameters
    ----------
    shape : shapely.Geometry
        Polygon or multi-polygon in degrees.

    Returns
    -------
    str
        JSON: polygons, rings, ``[latitude, longitude]``.

    Examples
    --------
    >>> import shapely
    >>> region_path(shapely.box(110, -7, 111, -6))
    '[[[[-7.0,111.0],[-6.0,111.0],[-6.0,110.0],[-7.0,110.0],[-7.0,111.0]]]]'
    """
    parts = [[[[y, x] for x, y in ring] for ring in rings(polygon)] for polygon in polygons(shape)]
    return json.dumps(parts, separators=(",", ":"))


def region_kml(name, shape):
    """Write one region as KML: every part a placemark of its own, without altitudes, as OpenSID reads it."""
    root = ElementTree.Element("kml", {"xmlns": SPACE})
    document = add(root, "Document")
    add(document, "name", masked(name))
    for polygon in polygons(shape):
        mark = add(document, "Placemark")
        add(mark, "name", masked(name))
        add_polygon(mark, polygon)
    return written(root)


def _file(number, name):
    """Name a file in plain letters, the number first, so that no two are alike."""
    return f"{number:04d}-{re.sub(r'[^A-Za-z0-9]+', '-', masked(name)).strip('-')[:60] or 'rt'}.kml"


def _put(archive, name, content):
    part = zipfile.ZipInfo(name, _EPOCH)
    part.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(part, content)


def _table(assessment, shapes, names, files, lang):
    units = assessment.units.reindex(shapes.index)
    points = shapes.representative_point()
    table = pd.DataFrame({"unit": shapes.index.astype(str), "rt_rw": [names[unit] for unit in shapes.index]})
    for column in ("dusun", "desa"):
        if column in units:
            table[column] = hidden(units[column]).to_numpy()
    table["level"] = in_words(assessment.summary, lang)["level"].to_numpy()
    table["lat"], table["lng"] = points.y.round(7).to_numpy(), points.x.round(7).to_numpy()
    table["file"] = list(files.values())
    table["path"] = [region_path(shape) if shape is not None else "" for shape in shapes]
    out = io.BytesIO()
    write_csv(with_provenance(table, assessment, lang), out)
    return out.getvalue()
