"""Where a file comes from, in the form that catalogues read (ISO 19139) and in our own words."""

from xml.etree import ElementTree

from kumuhgis.captions import caption, input_lines, provenance_lines
from kumuhgis.qgis.plan import abstract_of, provenance_json
from kumuhgis.qgis.symbols import plain
from kumuhgis.text import text
from kumuhgis.xmltext import ILLEGAL

_SPACES = {"gmd": "http://www.isotc211.org/2005/gmd", "gco": "http://www.isotc211.org/2005/gco"}
_CODES = "http://standards.iso.org/iso/19139/resources/gmxCodelists.xml"
_REFERENCE = (
    "INSERT INTO gpkg_metadata_reference (reference_scope, table_name, column_name, row_id_value, timestamp, "
    "md_file_id, md_parent_id) VALUES ('geopackage', NULL, NULL, NULL, '1970-01-01T00:00:00.000Z', ?, NULL)"
)


def write_metadata(connection, assessment, lang="id"):
    """Add to a GeoPackage where it comes from: as ISO 19139, and the whole provenance as JSON.

    Parameters
    ----------
    connection : sqlite3.Connection
        An open GeoPackage that has the tables of metadata.
    assessment : Assessment
        The result.
    lang : {"id", "en"}
        Language.
    """
    told = provenance_json(assessment)
    for uri, kind, content in (
        (_SPACES["gmd"], "text/xml", iso_record(assessment, lang)),
        ("https://www.iana.org/assignments/media-types/application/json", "application/json", told),
    ):
        made = connection.execute(
            "INSERT INTO gpkg_metadata (md_scope, md_standard_uri, mime_type, metadata) VALUES ('dataset', ?, ?, ?)",
            (uri, kind, content),
        )
        connection.execute(_REFERENCE, (made.lastrowid,))


def history(assessment, lang="id"):
    """Give the lines of the provenance, the files with their sha256 last."""
    lines = [f"{label}: {value}" for label, value in provenance_lines(assessment, lang)]
    for role, name, sha in input_lines(assessment):
        lines.append(text("qgis.inputs", lang, role=role, name=name, sha256=sha))
    return [plain(line) for line in lines]


def iso_record(assessment, lang="id"):
    """Write title, abstract, place, coordinate system and lineage of a result as ISO 19139.

    Parameters
    ----------
    assessment : Assessment
        The result.
    lang : {"id", "en"}
        Language of the texts.

    Returns
    -------
    str
        XML.
    """
    date = str(assessment.provenance.get("date") or "")
    root = ElementTree.Element("gmd:MD_Metadata", {f"xmlns:{key}": uri for key, uri in _SPACES.items()})
    _text(root, "language", {"id": "ind", "en": "eng"}[lang])
    _code(root, "hierarchyLevel", "MD_ScopeCode", "dataset")
    _add(root, "contact", {"gco:nilReason": "missing"})
    _date(_add(root, "dateStamp"), date)
    _text(root, "metadataStandardName", "ISO 19139")
    reference = _add(root, "referenceSystemInfo", "MD_ReferenceSystem", "referenceSystemIdentifier", "RS_Identifier")
    _text(reference, "code", assessment.provenance.get("crs", ""))
    found = _add(root, "identificationInfo", "MD_DataIdentification")
    citation = _add(found, "citation", "CI_Citation")
    _text(citation, "title", caption(assessment, lang)["title"])
    when = _add(citation, "date", "CI_Date")
    _date(_add(when, "date"), date)
    _code(when, "dateType", "CI_DateTypeCode", "creation")
    _text(found, "abstract", abstract_of(assessment, lang))
    _text(_add(found, "descriptiveKeywords", "MD_Keywords"), "keyword", text("qgis.keyword", lang))
    _text(found, "language", {"id": "ind", "en": "eng"}[lang])
    _box(found, assessment)
    quality = _add(root, "dataQualityInfo", "DQ_DataQuality")
    _code(_add(quality, "scope", "DQ_Scope"), "level", "MD_ScopeCode", "dataset")
    _text(_add(quality, "lineage", "LI_Lineage"), "statement", "\n".join(history(assessment, lang)))
    return ElementTree.tostring(root, encoding="unicode")


def _add(parent, *path):
    for name in path:
        if isinstance(name, dict):
            parent.attrib |= name
        else:
            parent = ElementTree.SubElement(parent, f"gmd:{name}")
    return parent


def _text(parent, name, value):
    ElementTree.SubElement(_add(parent, name), "gco:CharacterString").text = ILLEGAL.sub("", str(value))


def _code(parent, name, kind, value):
    said = {"codeList": f"{_CODES}#{kind}", "codeListValue": value}
    _add(parent, name, kind, said).text = value


def _date(parent, date):
    ElementTree.SubElement(parent, "gco:Date").text = date


def _box(parent, assessment):
    """Give where the units are, in degrees; nothing if none is drawn."""
    shapes = assessment.units.geometry.dropna()
    if shapes.empty:
        return
    box = _add(parent, "extent", "EX_Extent", "geographicElement", "EX_GeographicBoundingBox")
    west, south, east, north = shapes.to_crs(4326).total_bounds
    names = ("westBoundLongitude", "eastBoundLongitude", "southBoundLatitude", "northBoundLatitude")
    for name, value in zip(names, (west, east, south, north), strict=True):
        ElementTree.SubElement(_add(box, name), "gco:Decimal").text = f"{value:.7f}"
