"""The door for map layers: any vector file or frame becomes a frame with our columns in one metre CRS.

Every feature is accounted for: used, repaired, or set aside, and each of these is a row of ``problems``.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyproj import CRS, Geod
from pyproj.exceptions import CRSError

from kumuhgis.catalog import layer_kinds, words
from kumuhgis.errors import LayerError, Problem
from kumuhgis.numbers import read_numbers

_TYPES = {
    "Point": "point",
    "MultiPoint": "point",
    "LineString": "line",
    "MultiLineString": "line",
    "LinearRing": "line",
    "Polygon": "polygon",
    "MultiPolygon": "polygon",
}
_DIMENSION = {"point": 0, "line": 1, "polygon": 2}
_EMPTY_WORDS = ("", "-", "null", "none", "nan", "<na>")


def read_layer(source, name, *, layer=None, crs=None, columns=None, vocabulary=None, to_crs=None):
    """Read one layer.

    Parameters
    ----------
    source : path or geopandas.GeoDataFrame
        Any vector file that GDAL reads, or a frame.
    name : str
        Which layer it is: a key of :func:`catalog.layer_kinds`, for example ``"roads"``.
    layer : str, optional
        Layer of a file that holds several; the default is its first.
    crs : optional
        Coordinate system of a source that does not say it; it never overrides one that does.
    columns : dict of str to str, optional
        Canonical column to the column of the source. Without it, columns with a known name are taken.
    vocabulary : dict of str to str, optional
        Words of the source for conditions, status and yes/no, to ours: ``{"jelek sekali": "rusak berat"}``.
    to_crs : optional
        The metre CRS; without it the layer keeps its own.

    Returns
    -------
    frame : geopandas.GeoDataFrame
        Two-dimensional valid geometries of the wanted kind and the canonical columns that are there. The index is
        the feature's number in the source; for ``rt`` it is the unit's key.
    problems : list of Problem
        What was set aside, repaired or assumed.

    Raises
    ------
    LayerError
        If the file, its layer, a mapped column or the coordinate system is missing, or the file cannot be read.

    Examples
    --------
    >>> road = gpd.GeoDataFrame({"KONDISI": ["Buruk"]}, geometry=gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 9 0)"]),
    ...                         crs=32749)
    >>> read_layer(road, "roads")[0]["condition"].tolist()
    ['rusak']
    """
    kind = layer_kinds()[name]
    frame, label = _open(source, name, layer)
    problems = []
    frame = _with_crs(frame, crs, label)
    chosen = _choose_columns(frame, kind, columns, label)
    frame = _clean_geometry(frame, kind["geometry"], label, problems)
    out = gpd.GeoDataFrame(geometry=frame.geometry, crs=frame.crs)
    for canonical, (column, opposite) in chosen.items():
        spec = kind["columns"][canonical]
        out[canonical] = _convert(frame[column], spec, opposite, vocabulary or {}, label, problems)
    if to_crs is not None:
        out = out.to_crs(to_crs)
    if out.empty:
        problems.append(Problem("layer_empty", label))
    return (_keyed(out, label, problems) if name == "rt" else out), problems


def _open(source, name, layer):
    if isinstance(source, gpd.GeoDataFrame):
        return source.reset_index(drop=source.index.name is None), name
    path = Path(source)
    label = f"{path.name}:{layer}" if layer else path.name
    if not path.is_file():
        raise LayerError([Problem("layer_not_found", label, params={"path": str(source)})])
    try:
        found = [str(n) for n in pyogrio.list_layers(path)[:, 0]]
        if layer is not None and layer not in found:
            params = {"value": layer, "known": ", ".join(found)}
            raise LayerError([Problem("layer_name_missing", label, params=params)])
        frame = pyogrio.read_dataframe(path, layer=layer or found[0], fid_as_index=False)
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        ValueError,
        shapely.errors.GEOSException,
        UnicodeDecodeError,
        IndexError,
    ) as error:
        raise LayerError([Problem("layer_unreadable", label, params={"reason": str(error)[:200]})]) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise LayerError([Problem("layer_unreadable", label, params={"reason": "no geometry"})])
    return frame, label


def _with_crs(frame, crs, label):
    try:
        if frame.crs is None:
            if crs is None:
                raise LayerError([Problem("layer_no_crs", label)])
            frame = frame.set_crs(CRS.from_user_input(crs))
        return frame
    except CRSError as error:
        raise LayerError([Problem("layer_no_crs", label)]) from error


def _choose_columns(frame, kind, columns, label):
    """Say which column of the source serves which of ours: {canonical: (column, meant the other way round)}."""
    available = {str(c): c for c in frame.columns if c != frame.geometry.name}
    if columns:
        missing = [
            Problem("layer_column_missing", label, "", theirs, {"known": ", ".join(available)})
            for theirs in columns.values()
            if theirs not in available
        ]
        missing += [
            Problem("project_unknown_key", label, "columns", ours) for ours in columns if ours not in kind["columns"]
        ]
        if missing:
            raise LayerError(missing)
        return {
            ours: (available[theirs], _is_opposite(theirs, kind["columns"][ours])) for ours, theirs in columns.items()
        }
    return {
        ours: (available[theirs], opposite)
        for ours, (theirs, opposite) in propose_columns(list(available), kind["columns"]).items()
    }


def _is_opposite(column, spec):
    return column.lower() in spec.get("opposite", [])


def propose_columns(available, wanted):
    """Propose which column serves which of ours, by the names people use.

    Parameters
    ----------
    available : list of str
        Columns of a source.
    wanted : dict
        Canonical column to ``{kind, aliases, opposite}``.

    Returns
    -------
    dict of str to (str, bool)
        Canonical column to the column proposed and whether it says the opposite ("teratur" for irregular). A column
        is proposed once.

    Examples
    --------
    >>> propose_columns(["KONDISI", "Lebar"], layer_kinds()["roads"]["columns"])
    {'condition': ('KONDISI', False), 'width_m': ('Lebar', False)}
    """
    by_name = {name.lower().replace(" ", "_"): name for name in available}
    proposed, taken = {}, set()
    for canonical, spec in wanted.items():
        names = [(alias, False) for alias in (canonical, *spec["aliases"])]
        names += [(alias, True) for alias in spec.get("opposite", [])]
        for alias, opposite in names:
            found = by_name.get(alias)
            if found is not None and found not in taken:
                proposed[canonical] = (found, opposite)
                taken.add(found)
                break
    return proposed


# ---------------------------------------------------------------- geometry


def _clean_geometry(frame, wanted, label, problems):
    """Set aside what has no usable geometry; repair what is invalid."""
    geometry = shapely.force_2d(frame.geometry.to_numpy())
    usable = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    if not usable.all():
        problems.append(Problem("layer_geometry_missing", label, params={"count": int((~usable).sum())}))
    invalid = usable & ~shapely.is_valid(geometry)
    if invalid.any():
        geometry = _repair(frame, geometry, invalid, wanted, label, problems)
    kinds = np.array([_TYPES.get(t, "") for t in frame.geometry.geom_type.where(usable, "").fillna("")], object)
    if invalid.any():
        kinds[invalid] = [_TYPES.get(g.geom_type, "") for g in geometry[invalid]]
    wrong = usable & ~np.isin(kinds, wanted)
    if wrong.any():
        found = ", ".join(sorted(set(frame.geometry.geom_type[wrong])))
        params = {"count": int(wrong.sum()), "found": found, "wanted": "/".join(wanted)}
        problems.append(Problem("layer_geometry_wrong_type", label, params=params))
    frame = frame.set_geometry(gpd.GeoSeries(geometry, index=frame.index, crs=frame.crs))
    return frame[usable & ~wrong]


def _repair(frame, geometry, invalid, wanted, label, problems):
    repaired = shapely.make_valid(geometry[invalid], method="structure", keep_collapsed=False)
    fixed = geometry.copy()
    fixed[invalid] = repaired
    before = gpd.GeoSeries(geometry[invalid], crs=frame.crs)
    after = gpd.GeoSeries(repaired, crs=frame.crs)
    if "polygon" in wanted:
        metric = before.estimate_utm_crs() if before.crs.is_geographic else before.crs
        change = (after.to_crs(metric).area.sum() - before.to_crs(metric).area.sum()) / 1e4
    else:
        change = 0.0
    features = ", ".join(str(i) for i in np.flatnonzero(invalid)[:20])
    params = {"count": int(invalid.sum()), "change": f"{change:+.4f}"}
    problems.append(Problem("layer_geometry_repaired", label, features, params=params))
    return fixed


# ---------------------------------------------------------------- attributes


def _convert(column, spec, opposite, vocabulary, label, problems):
    kind = spec["kind"]
    if kind in ("condition", "status", "yes_no"):
        return _as_words(column, kind, opposite, vocabulary, label, problems)
    if kind == "number":
        read = read_numbers(column, spec["unit"])
        bad = read.bad | read.error_cell
        if bad.any():
            params = {"count": int(bad.sum()), "value": str(column[bad].iloc[0])[:60]}
            problems.append(Problem("layer_number_unreadable", label, "", str(column.name), params))
        return pd.Series(read.values, index=column.index)
    if kind == "key":
        return column.map(_key)
    text_ = column.astype("str").str.strip()
    return text_.where(column.notna() & ~text_.str.lower().isin(_EMPTY_WORDS), None).astype(object)


def _key(value):
    if value is None or value is pd.NA or value != value:
        return ""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def _as_words(column, kind, opposite, vocabulary, label, problems):
    known = {**words(kind), **{k.lower(): v for k, v in vocabulary.items()}}
    if kind == "yes_no" and pd.api.types.is_bool_dtype(column.dtype):
        return column.astype("boolean") ^ opposite
    texts = column.map(_key).str.lower().str.split().str.join(" ")
    meant = texts.map(known)
    unknown = meant.isna() & ~texts.isin(_EMPTY_WORDS)
    for value, count in texts[unknown].value_counts().items():
        params = {"value": value, "count": int(count), "known": ", ".join(sorted(set(words(kind).values())))}
        problems.append(Problem("layer_word_unknown", label, "", str(column.name), params))
    if kind != "yes_no":
        return meant.astype(object).where(meant.notna(), None)
    yes = meant.map({"yes": True, "no": False, True: True, False: False}).astype("boolean")
    return ~yes if opposite else yes


def _keyed(frame, label, problems):
    """Index the units by their key; a key that is missing or stands twice is said, and the unit kept."""
    if "unit" not in frame:
        problems.append(Problem("table_unit_column_assumed", label, params={"used": "fid"}))
        frame["unit"] = [str(i + 1) for i in frame.index]
    keys = frame["unit"].astype(str)
    for i in frame.index[keys == ""]:
        keys[i] = f"(fitur {i + 1})"
        problems.append(Problem("unit_missing", label, keys[i], "unit"))
    order = keys.groupby(keys).cumcount()
    for key in keys[order > 0]:
        problems.append(Problem("unit_duplicate", label, key, "unit"))
    keys = [k if n == 0 else f"{k} #{n + 1}" for k, n in zip(keys, order, strict=True)]
    frame = frame.drop(columns="unit")
    frame.index = pd.Index(keys, name="unit", dtype="str")
    return frame


# ---------------------------------------------------------------- place and size


def metre_crs(units, wanted=None):
    """Choose the metre CRS of a project.

    Parameters
    ----------
    units : geopandas.GeoDataFrame
        The units, in any CRS.
    wanted : optional
        The CRS that the project names; it must be projected.

    Returns
    -------
    pyproj.CRS
        The one named, else the units' own if it is UTM or TM in metres, else their UTM zone.
    """
    if wanted is not None:
        crs = CRS.from_user_input(wanted)
        if not crs.is_projected:
            raise LayerError(
                [
                    Problem(
                        "project_bad_value",
                        "kumuhgis.toml",
                        "options",
                        "crs",
                        {"value": str(wanted), "expected": "EPSG:32749"},
                    )
                ]
            )
        return crs
    method = (units.crs.coordinate_operation.method_name if units.crs.is_projected else "") or ""
    if method == "Transverse Mercator" and units.crs.axis_info[0].unit_name == "metre":
        return units.crs
    return units.estimate_utm_crs()


def geodesic_hectares(frame):
    """Measure polygons on the ellipsoid.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        Polygons in any CRS.

    Returns
    -------
    numpy.ndarray of float
        Hectares on GRS80 (SRGI2013; WGS 84 differs by less than 1e-9), 0 for no geometry.

    Examples
    --------
    >>> square = gpd.GeoDataFrame(geometry=[shapely.box(490000, 9162000, 490100, 9162100)], crs=32749)
    >>> round(float(geodesic_hectares(square)[0]), 4)
    1.0008
    """
    geod = Geod(ellps="GRS80")
    lonlat = frame.geometry.to_crs(4326)
    return np.array([_hectares(geod, g) for g in lonlat], dtype=float)


def _hectares(geod, geometry):
    if geometry is None or geometry.is_empty:
        return 0.0
    parts = shapely.get_parts(geometry)
    rings = 0.0
    for part in parts:
        rings += abs(geod.geometry_area_perimeter(shapely.Polygon(part.exterior))[0])
        rings -= sum(abs(geod.geometry_area_perimeter(shapely.Polygon(r))[0]) for r in part.interiors)
    return rings / 1e4
