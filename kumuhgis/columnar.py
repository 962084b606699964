"""A layer read in columns: GDAL hands over whole columns (Arrow) instead of one feature after the other.

That takes a third of the time or less. It is only done where the result is the very same: plain numbers and texts,
plain shapes, a shape for every feature, and as many features as the file announces. Whatever else is in a file, or is
wrong with it, is left to the reading feature by feature, which tells what it is.
"""

import geopandas as gpd
import pyogrio
import shapely

from kumuhgis import traits
from kumuhgis.opening import DRIVER_ERRORS, undisturbed

FORMATS = (".gpkg", ".fgb")
"""Formats that GDAL reads faster in columns; a shapefile and a GeoJSON are not among them."""
_SHAPES = {"Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "Unknown"}
_LAST_PLAIN_TYPE = 7  # in shapely's numbers: beyond are curves


def read_columns(job, *, layer=None, columns=None):
    """Read one layer in columns, if that gives what the plain reading gives.

    Parameters
    ----------
    job : opening.Job
        The file.
    layer : str, optional
        The layer of the file.
    columns : list of str, optional
        The attributes that are read; the default is all.

    Returns
    -------
    geopandas.GeoDataFrame or None
        One row per feature, in the order of the file; None where it has to be read the plain way (also without the
        package pyarrow).
    """
    if job.path.suffix.lower() not in FORMATS or not _has_arrow():
        return None
    with undisturbed():
        try:
            info = pyogrio.read_info(job.path, layer=layer, force_feature_count=True)
            if not _is_plain(info):
                return None
            meta, table = pyogrio.read_arrow(job.path, layer=layer, columns=columns)
            table.validate(full=True)
            if len(table) != info["features"]:
                return None
            return _frame(meta, table)
        except DRIVER_ERRORS:  # what it is, the plain reading finds out
            return None


def _has_arrow():
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        return False
    return True


def _is_plain(info):
    """Tell whether the attributes are numbers and texts and the shapes have straight edges."""
    kind = str(info["geometry_type"] or "").removeprefix("2.5D ").removesuffix(" Z")
    plain = all(dtype in ("int32", "int64", "float64", "object") for dtype in info["dtypes"])
    return kind in _SHAPES and plain and not any(sub != "OFSTNone" for sub in info.get("ogr_subtypes", ()))


def _frame(meta, table):
    """Make a frame of a table; None if a feature has no shape, or a cell is no number and no text."""
    import pyarrow.types as kinds

    name = meta["geometry_name"] or "wkb_geometry"
    written = table.column(name)
    rest = table.drop_columns([name])
    if written.null_count or not kinds.is_binary(written.type) or not _are_cells(rest.schema, kinds):
        return None
    shapes = shapely.from_wkb(written.to_numpy())
    if not traits.keep(shapes, written.combine_chunks()) and _are_odd(shapes):
        return None
    return gpd.GeoDataFrame(rest.to_pandas(), geometry=gpd.array.GeometryArray(shapes, crs=meta["crs"]))


def _are_odd(shapes):
    """Tell whether there is a shape among them that is missing, has no straight edges, or has measures."""
    if shapely.is_missing(shapes).any() or shapely.get_type_id(shapes).max(initial=0) > _LAST_PLAIN_TYPE:
        return True
    return hasattr(shapely, "has_m") and shapely.has_m(shapes).any()


def _are_cells(schema, kinds):
    known = (kinds.is_int32, kinds.is_int64, kinds.is_float64, kinds.is_string, kinds.is_large_string)
    return all(any(fits(kind) for fits in known) for kind in schema.types)
