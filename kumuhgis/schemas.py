"""Files to the letter of a prescribed schema ("sesuai skema dinas"), checked before a byte is written.

A schema is TOML: ``driver``, ``crs``, ``geometry``, and ``[[fields]]`` with ``name``, ``type`` ("str:50", "int:9",
"float:12.3", "date"), ``from`` (our column; or ``value`` for one that is the same everywhere), and perhaps ``required``
and ``values`` (the words or numbers that are allowed). Fiona writes it,
because it alone keeps names, order, types and widths as they are asked for; what would become 0 or be cut is refused
first.
"""

import tomllib
from datetime import date
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import shapely
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from kumuhgis.errors import OutputError, Problem, validation_problems
from kumuhgis.saving import replacing

_DRIVERS = {"ESRI Shapefile": ".shp", "GPKG": ".gpkg", "GeoJSON": ".geojson"}
_TYPE = r"^(str:\d{1,3}|int:\d{1,2}|float:\d{1,2}\.\d{1,2}|date)$"
_SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


class SchemaField(BaseModel):
    """A field: its name, type with width, and where it comes from."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    type: str = Field(pattern=_TYPE)
    from_: str | None = Field(None, alias="from")
    value: str | int | float | None = None
    required: bool = False
    values: tuple[str | int, ...] | None = None

    @model_validator(mode="after")
    def _one_source(self):
        if (self.from_ is None) == (self.value is None):
            raise ValueError("from | value")
        return self


class Schema(BaseModel):
    """A prescribed schema."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    driver: Literal["ESRI Shapefile", "GPKG", "GeoJSON"]
    crs: str
    geometry: Literal["Polygon", "MultiPolygon", "LineString", "Point"]
    fields: tuple[SchemaField, ...] = Field(min_length=1)


def read_schema(path):
    """Read a schema file.

    Parameters
    ----------
    path : path
        The TOML file.

    Returns
    -------
    Schema
        Checked.

    Raises
    ------
    OutputError
        With every mistake in it.
    """
    path = Path(path)
    try:
        data = tomllib.loads(path.read_text("utf-8-sig"))
        return Schema.model_validate(data)
    except ValidationError as error:
        raise OutputError(validation_problems("project", path.name, error.errors(), data)) from None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OutputError([Problem("project_not_toml", path.name, params={"reason": str(error)})]) from error


def write_schema(frame, path, schema, *, force=False):
    """Write a layer exactly as a schema prescribes.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        The layer, for example the units of an assessment joined with its summary; its index can be a source too.
    path : path
        The file; its suffix must be the driver's.
    schema : Schema or path
        The schema.
    force : bool
        Overwrite what is there.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    OutputError
        With every value that does not fit: nothing is cut, rounded away or made 0. Nothing is left half written.
    """
    import fiona

    path, schema = Path(path), schema if isinstance(schema, Schema) else read_schema(schema)
    problems = _check_target(path, schema)
    plain = frame.reset_index() if frame.index.name else frame
    plain = plain.to_crs(schema.crs)
    columns = {field.name: _column(plain, field, path.name, problems) for field in schema.fields}
    shapes = _shapes(plain, schema.geometry, path.name, problems)
    if problems:
        raise OutputError(problems)
    kinds = {"geometry": schema.geometry, "properties": {f.name: f.type for f in schema.fields}}
    with replacing(path, force=force) as draft:
        with fiona.open(
            draft, "w", driver=schema.driver, crs_wkt=plain.crs.to_wkt(), schema=kinds, encoding="UTF-8"
        ) as out:
            out.writerecords(
                {
                    "geometry": shape and shapely.geometry.mapping(shape),
                    "properties": dict(zip(columns, values, strict=True)),
                }
                for shape, *values in zip(shapes, *columns.values(), strict=True)
            )
        for part in _SHAPEFILE_PARTS[1:] if schema.driver == "ESRI Shapefile" else ():
            if draft.with_suffix(part).exists():
                draft.with_suffix(part).replace(path.with_suffix(part))
    return path


def _check_target(path, schema):
    wanted = _DRIVERS[schema.driver]
    problems = []
    if path.suffix.lower() != wanted:
        problems.append(Problem("output_format", path.name, params={"suffix": path.suffix, "known": wanted}))
    if schema.driver == "ESRI Shapefile":
        long = [field.name for field in schema.fields if len(field.name) > 10]
        problems += [Problem("schema_name_long", path.name, "", name) for name in long]
    return problems


def _column(frame, field, name, problems):
    """Read the values of one field; every one that does not fit is said."""
    if field.from_ is None:
        values = pd.Series([field.value] * len(frame))
    elif field.from_ in frame:
        values = frame[field.from_].reset_index(drop=True)
    else:
        params = {"known": ", ".join(map(str, frame.columns))}
        problems.append(Problem("layer_column_missing", name, "", field.from_, params))
        return []
    kind, _, size = field.type.partition(":")
    fit = {"str": _text, "int": _whole, "float": _decimal, "date": _date}[kind]
    out, wrong = [], []
    for i, value in enumerate(values):
        empty = value is None or value is pd.NA or value is pd.NaT or value != value or value == ""
        converted = None if empty else fit(value, size)
        converted = converted if field.values is None or converted in field.values else None
        out.append(converted)
        if (converted is None) and (field.required or not empty):
            wrong.append((i, value))
    if wrong:
        params = {"count": len(wrong), "value": str(wrong[0][1])[:60], "type": field.type, "row": wrong[0][0] + 1}
        problems.append(Problem("schema_value", name, "", field.name, params))
    return out


def _text(value, size):
    written = str(value)
    return written if len(written.encode("utf-8")) <= int(size) else None


def _whole(value, size):
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    fits = np.isfinite(number) and number == int(number) and len(str(int(number))) <= int(size)
    return int(number) if fits else None


def _decimal(value, size):
    width, decimals = map(int, size.split("."))
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if np.isfinite(number) and len(f"{number:.{decimals}f}") <= width else None


def _date(value, _size):
    if isinstance(value, date):
        return value.isoformat()[:10]
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        return None


def _shapes(frame, wanted, name, problems):
    """Shapes of the wanted type, or none; a single polygon is put into a multi-polygon where that is asked for."""
    shapes = list(frame.geometry)
    if wanted == "MultiPolygon":
        shapes = [shapely.MultiPolygon([g]) if g and g.geom_type == "Polygon" else g for g in shapes]
    wrong = [i for i, g in enumerate(shapes) if g and g.geom_type not in (wanted, f"Multi{wanted}")]
    if wrong:
        params = {"count": len(wrong), "found": shapes[wrong[0]].geom_type, "wanted": wanted}
        problems.append(Problem("layer_geometry_wrong_type", name, "", "", params))
    return shapes
