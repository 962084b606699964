"""Shapefile to a prescribed schema: that of the table of locations in a decree, or one's own (see ``schemas``)."""

from importlib.resources import as_file, files

import pandas as pd

from kumuhgis.personal import hidden
from kumuhgis.schemas import read_schema, write_schema
from kumuhgis.text import text
from kumuhgis.unitrows import unit_features

ASKED = (
    "kawasan", "rt_rw", "desa", "kecamatan", "rule", "date", "class", "priority", "handling", "tenure_sign",
    "plan_sign", "consideration", "consideration_score", "density_per_ha", "population", "households",
)  # fmt: skip
"""Columns that a result need not have; a schema that names them gets them empty."""


def write_shapefile(assessment, path, lang="id", *, schema=None):
    """Write the units as a shapefile whose fields are exactly those of a schema.

    Parameters
    ----------
    assessment : Assessment
        The result.
    path : path
        The ``.shp``; ``.dbf, .shx, .prj, .cpg`` come beside it.
    lang : {"id", "en"}
        Language of errors; the words in the file stay those of the rule.
    schema : path, optional
        A schema file of the office; by default the table of locations of a decree, in ``data/schemas``.

    Raises
    ------
    OutputError
        If a value does not fit: nothing is cut, rounded away or made 0.

    Notes
    -----
    The schema names our columns (``from``): those of the unit layer of the GeoPackage, and ``number, lon, lat,
    legal_word, mark``. A unit without a border is a record without shape.
    """
    if schema is not None:
        write_schema(location_frame(assessment), path, schema)
        return
    with as_file(files("kumuhgis").joinpath("data", "schemas", "lokasi_kumuh.toml")) as shipped:
        write_schema(location_frame(assessment), path, read_schema(shipped))


def location_frame(assessment):
    """Give the units with everything that a schema may ask for.

    Parameters
    ----------
    assessment : Assessment
        The result.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per unit, the words of the rule in Indonesian.

    Examples
    --------
    >>> import kumuhgis as kg, geopandas as gpd, pandas as pd, shapely
    >>> rt = gpd.GeoDataFrame({"kode": ["01"]}, geometry=[shapely.box(490000, 9162000, 490100, 9162100)], crs=32749)
    >>> result = kg.assess(rt=rt, baseline=pd.DataFrame({"kode": ["01"], "kk": [40], "3a_volume": [40]}))
    >>> print(location_frame(result)[["number", "unit", "lon", "lat"]].to_string(index=False))
     number unit        lon       lat
          1   01 110.909799 -7.580744
    """
    frame = unit_features(assessment, "id")
    for column in ("kawasan", "desa", "kecamatan", "dusun"):
        if column in frame:
            frame[column] = hidden(frame[column])
    points = frame.geometry.representative_point().to_crs(4326)
    words = {True: text("workbook.word.legal"), False: text("workbook.word.not_legal")}
    legal = frame.get("legal", pd.Series(pd.NA, frame.index)).astype("boolean")
    mark = text("maps.sample") if assessment.provenance.get("sample") else None
    absent = {column: None for column in ASKED if column not in frame}
    return frame.assign(
        number=range(1, len(frame) + 1), lon=points.x.round(6), lat=points.y.round(6),
        legal_word=legal.map(words).astype(object).where(legal.notna(), None), mark=mark, **absent,
    )  # fmt: skip
