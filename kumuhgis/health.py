"""``doctor``: whether this machine can run kumuhgis, and what is in the way."""

import importlib.metadata
import os
import platform
from dataclasses import dataclass

from kumuhgis.text import text

_PACKAGES = (
    "numpy",
    "scipy",
    "pandas",
    "geopandas",
    "shapely",
    "pyogrio",
    "pyproj",
    "fiona",
    "rasterio",
    "exactextract",
    "folium",
    "pydantic",
    "python-calamine",
    "XlsxWriter",
    "jinja2",
    "click",
    "tqdm",
)
_EXTRAS = {
    "laporan": ("matplotlib", "pillow", "docxtpl", "python-docx", "typst", "pypdf"),
    "survei": ("pyxform",),
    "skala": ("pyarrow", "distributed"),
}
_ENVIRONMENT = ("PROJ_LIB", "PROJ_DATA", "GDAL_DATA")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    says: str
    fine: bool = True


def examine(lang="id"):
    """Look at versions, at variables that other software leaves behind, and at what must work.

    Parameters
    ----------
    lang : {"id", "en"}
        Language.

    Returns
    -------
    list of Finding
        In the order in which they are printed.

    Notes
    -----
    ``PROJ_LIB`` and ``PROJ_DATA`` set by QGIS, PostGIS or OSGeo4W break rasterio and fiona; they have to be removed
    before Python starts.
    """
    findings = [Finding("python", platform.python_version())]
    for name in _PACKAGES:
        findings.append(_version(name, lang))
    for extra, packages in _EXTRAS.items():
        missing = [name for name in packages if not _version(name, lang).fine]
        key = "extra_missing" if missing else "extra"
        said = text(
            f"doctor.{key}", lang, packages=", ".join(missing), extra=extra, use=text(f"doctor.use_{extra}", lang)
        )
        findings.append(Finding(f"[{extra}]", said))
    for name in _ENVIRONMENT:
        if os.environ.get(name):
            findings.append(Finding(name, text("doctor.environment", lang, value=os.environ[name]), False))
    findings.append(_try("proj", _project, lang))
    findings.append(_try("gdal", _drivers, lang))
    findings.append(_try("raster", _raster, lang))
    return findings


def _version(name, lang):
    try:
        return Finding(name, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        optional = name == "fiona"
        return Finding(name, text("doctor.absent", lang), optional)


def _try(what, work, lang):
    try:
        return Finding(what, work())
    except Exception as error:
        return Finding(what, text("doctor.failed", lang, reason=str(error)[:200]), False)


def _project():
    from pyproj import Transformer

    east, north = Transformer.from_crs(4326, 32749, always_xy=True).transform(110.9, -7.57)
    return f"EPSG:4326 → EPSG:32749: {east:.0f} {north:.0f}"


def _drivers():
    import pyogrio

    have = pyogrio.list_drivers()
    missing = [name for name in ("GPKG", "ESRI Shapefile", "GeoJSON", "KML") if name not in have]
    if missing:
        raise RuntimeError(", ".join(missing))
    return f"GDAL {pyogrio.__gdal_version_string__}"


def _raster():
    import rasterio
    from rasterio.crs import CRS

    return f"rasterio {rasterio.__version__}, {CRS.from_epsg(32749).to_string()}"
