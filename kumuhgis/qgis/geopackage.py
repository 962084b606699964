"""The GeoPackage: every layer with its styles, names of columns and metadata, and the tables behind the result.

Version 1.2, without a write-ahead log and with plain features only, so that QGIS since 3.4, QField and ArcGIS open it.
"""

import sqlite3

import pyogrio

from kumuhgis.qgis.metadata import write_metadata
from kumuhgis.qgis.plan import UNITS, answer_layers, planned, provenance_json
from kumuhgis.qgis.styles import qml, written
from kumuhgis.waiting import step

_STYLES = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT, styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME)
"""
_COLUMNS = """
CREATE TABLE gpkg_data_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,
  constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (
  constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN,
  max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
"""
_SCHEMA = "http://www.geopackage.org/spec120/#extension_schema"


def write_geopackage(assessment, path, lang="id", *, contributions=None):
    """Write a result as a GeoPackage that QGIS and QField open in the colours of the map.

    Parameters
    ----------
    assessment : Assessment
        The result.
    path : path
        The file.
    lang : {"id", "en"}
        Language of titles, labels and names of columns.
    contributions : geopandas.GeoDataFrame, optional
        What residents answered (:func:`participate.read_contributions`).

    Returns
    -------
    list of plan.Layer
        What was written.
    """
    layers = planned(assessment, lang, contributions)
    for number, layer in enumerate(layers):
        told = {"provenance": provenance_json(assessment)} if layer.table == UNITS else None
        _add_layer(path, layer, new=number == 0, metadata=told)
        step(layer.table, of=len(layers))
    moment = f"{assessment.provenance.get('date') or '1970-01-01'}T00:00:00.000Z"
    with sqlite3.connect(path) as connection:
        _add_styles(connection, layers, moment)
        _add_names(connection, layers)
        write_metadata(connection, assessment, lang)
        _set_dates(connection, moment)
    connection.close()
    return layers


def write_answers_package(answers, tables, path, lang="id"):
    """Write what residents answered as a GeoPackage, with tables beside the layers; see :func:`plan.answer_layers`."""
    layers = answer_layers(answers, tables, lang)
    for number, layer in enumerate(layers):
        _add_layer(path, layer, new=number == 0)
    with sqlite3.connect(path) as connection:
        _add_styles(connection, layers, "1970-01-01T00:00:00.000Z")
        _add_names(connection, layers)
    connection.close()


def _add_layer(path, layer, *, new=False, metadata=None):
    how = {"IDENTIFIER": layer.title, "DESCRIPTION": layer.abstract, "append": not new, "metadata": metadata}
    if new:
        how["dataset_options"] = {"VERSION": "1.2"}
    if layer.dimension is not None:
        how |= {"geometry_type": layer.geometry, "promote_to_multi": layer.geometry.startswith("Multi")}
    pyogrio.write_dataframe(layer.frame, path, driver="GPKG", layer=layer.table, **how)


def _add_styles(connection, layers, date):
    there = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'layer_styles'").fetchone()
    if not there:
        connection.execute(_STYLES)
        _register(connection, "layer_styles")
    rows = []
    for layer in layers:
        geometry = "" if layer.dimension is None else "geom"
        for number, style in enumerate(layer.styles):
            names = None if number else layer.names
            document = written(qml(style, layer.dimension, names, layer.scale))
            rows.append(("", "", layer.table, geometry, style.name, document, "", number == 0, style.name, "", date))
    connection.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
        "styleQML, styleSLD, useAsDefault, description, owner, update_time) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
        rows,
    )


def _add_names(connection, layers):
    """Write names and comments of columns where every program finds them (the schema extension)."""
    there = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'gpkg_data_columns'").fetchone()
    if not there:
        connection.executescript(_COLUMNS)
        for table in ("gpkg_data_columns", "gpkg_data_column_constraints"):
            connection.execute(
                "INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_schema', ?, 'read-write')", (table, _SCHEMA)
            )
    rows = [
        (layer.table, column, alias, alias, layer.names.comments.get(column))
        for layer in layers
        for column, alias in layer.names.aliases.items()
    ]
    connection.executemany(
        "INSERT INTO gpkg_data_columns (table_name, column_name, name, title, description) VALUES (?,?,?,?,?)", rows
    )


def _register(connection, table):
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description) VALUES (?, 'attributes', ?, '')",
        (table, table),
    )


def _set_dates(connection, moment):
    """Take the date of the result instead of the clock: the same result gives the same file."""
    connection.execute("UPDATE gpkg_contents SET last_change = ?", (moment,))
    connection.execute("UPDATE gpkg_metadata_reference SET timestamp = ?", (moment,))
