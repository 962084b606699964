"""Setting: typology of a location (over water, beside water, hills, lowland) and people from a raster.

These are not criteria. Rasters are read only in the window of the units; every cell counts by the exact share
of it that lies in the unit (exactextract).
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import shapely

from kumuhgis import overlay, shores
from kumuhgis.errors import Problem, some
from kumuhgis.rasters import open_raster, points_elsewhere

#: Heights on earth (metres), and people in a cell: what lies outside is a mark for "no data" that nobody declared.
_HEIGHTS, _PEOPLE = (-450.0, 8_900.0), (0.0, 1e6)
#: A unit of which less is covered by cells with data is covered in part.
_WHOLE = 0.99


def typology(
    units, water=None, buildings=None, dem=None, *, near_water_m, max_slope_percent, problems=None
) -> pd.DataFrame:
    """Describe where the units lie.

    Parameters
    ----------
    units : GeoDataFrame
        Units (n), metre CRS.
    water : GeoDataFrame, optional
        Rivers and lakes, lines or polygons.
    buildings : GeoDataFrame, optional
        Points or polygons.
    dem : path, optional
        Elevation raster in metres, any CRS.
    near_water_m : float
        A unit no farther than this from water lies beside it.
    max_slope_percent : float
        A unit with a steeper mean slope lies on hills.
    problems : list of Problem, optional
        Problems of the raster are appended to it.

    Returns
    -------
    DataFrame, shape (n, 5)
        `over_water` (a building of the unit stands on a water polygon or across a water line), `near_water`,
        `hilly`, `lowland` (not hilly), all boolean and missing where the layer is missing, and
        `slope_percent` (mean slope).

    Notes
    -----
    Source: Permen PUPR 14/PRT/M/2018, tipologi perumahan kumuh dan permukiman kumuh.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import Point, box
    >>> units = gpd.GeoDataFrame(geometry=[box(0, 0, 100, 100), box(100, 0, 200, 100)], index=["01", "02"])
    >>> river = gpd.GeoDataFrame(geometry=[box(-20, 0, 5, 100)])
    >>> houses = gpd.GeoDataFrame(geometry=[Point(2, 50), Point(150, 50)])
    >>> where = typology(units, river, houses, near_water_m=15, max_slope_percent=10)
    >>> where[["over_water", "near_water"]].to_dict("list"), where["hilly"].isna().all().item()
    ({'over_water': [True, False], 'near_water': [True, False]}, True)
    """
    slope = pd.Series(np.nan, index=units.index)
    if dem is not None:
        slope, found = slope_percent(units, dem)
        if problems is not None:
            problems.extend(found)
    hilly = (slope > max_slope_percent).astype("boolean").mask(slope.isna())
    columns = {
        "over_water": _over_water(units, water, buildings),
        "near_water": _near_water(units, water, near_water_m),
        "hilly": hilly,
        "lowland": ~hilly,
        "slope_percent": slope,
    }
    return pd.DataFrame(columns, index=units.index)


def slope_percent(units, path) -> tuple[pd.Series, list[Problem]]:
    """Measure the mean slope of each unit.

    Parameters
    ----------
    units : GeoDataFrame
        Units (n), metre CRS.
    path : path
        Elevation raster in metres. In another CRS than the units, it is warped (bilinear) in memory.

    Returns
    -------
    Series of float
        Mean slope in percent (100 × rise / run), missing outside the raster and where it has no data.
    list of Problem
        `raster_no_crs`, `raster_unreadable`, `raster_of_others`, `raster_rotated`, `raster_implausible`,
        `raster_outside`, and `raster_partial` where the mean is that of a part of the unit.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> units = gpd.GeoDataFrame(geometry=[box(0, 0, 100, 100)], crs="EPSG:32749")
    >>> slope_percent(units, "no-such-file.tif")[1][0].code
    'raster_unreadable'
    """
    grid, problems = _window(units, path, margin=3, likely=_HEIGHTS, metre=True)
    slope = pd.Series(np.nan, index=units.index)
    if grid is not None:
        heights, transform, crs = grid
        if min(heights.shape) > 1:
            down, right = np.gradient(heights, -transform.e, transform.a)
            slope = _zonal(units, 100 * np.hypot(down, right), transform, crs, ["mean"])["mean"]
        seen = _zonal(units, *grid, ["count"])["count"]
        problems += _uncovered(slope, _share(seen, units, transform, crs), path)
    return slope, problems


def raster_population(units, path) -> tuple[pd.Series, list[Problem]]:
    """Add up the people of a population raster (people a cell) in each unit.

    Parameters
    ----------
    units : GeoDataFrame
        Units (n), any CRS that is known.
    path : path
        Raster of people a cell, any CRS. Cells without data, below zero or above a million are not counted.

    Returns
    -------
    Series of float
        People in each unit, missing where no cell of the unit has data.
    list of Problem
        `raster_no_crs`, `raster_unreadable`, `raster_rotated`, `raster_negative`, `raster_implausible`,
        `raster_outside`, `raster_partial` where a part of the unit lies beside the raster, and `raster_blank` where
        cells without data were taken as empty of people.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> units = gpd.GeoDataFrame(geometry=[box(0, 0, 100, 100)], crs="EPSG:32749", index=["01"])
    >>> people, problems = raster_population(units, "no-such-file.tif")
    >>> people.isna().tolist(), problems[0].severity
    ([True], 'error')
    """
    grid, problems = _window(units, path, margin=1, likely=_PEOPLE, metre=False)
    if grid is None:
        return pd.Series(np.nan, index=units.index), problems
    found, inside = _zonal(units, *grid, ["sum", "count"]), _inside(units, *grid)
    share = _share(found["count"], units, *grid[1:])
    people = found["sum"].where(share > 0)
    blank = people.notna() & (share < inside - 1 + _WHOLE)
    if blank.any():
        params = {"count": int(blank.sum())}
        problems.append(Problem("raster_blank", _name(path), some(people.index[blank]), params=params))
    return people, problems + _uncovered(people, inside, path)


def _over_water(units, water, buildings) -> pd.Series:
    """Tell which units have a building over water."""
    if water is None or buildings is None:
        return pd.Series(pd.NA, index=units.index, dtype="boolean")
    shapes = np.asarray(water.geometry, dtype=object)
    houses = np.asarray(buildings.geometry, dtype=object)
    surface = shapely.get_dimensions(shapes) == 2
    wet = shores.touched(houses, shapes[~surface])
    if surface.any():
        wet[shapely.STRtree(shapely.point_on_surface(houses)).query(shapes[surface], predicate="intersects")[1]] = True
    return (overlay.counts(units, buildings[wet])["all"] > 0).astype("boolean")


def _near_water(units, water, distance) -> pd.Series:
    """Tell which units are no farther from water than the distance."""
    if water is None:
        return pd.Series(pd.NA, index=units.index, dtype="boolean")
    near = np.zeros(len(units), dtype=bool)
    near[shores.pairs_within(units, water, distance)[0]] = True
    return pd.Series(near, index=units.index, dtype="boolean")


def _window(units, path, *, margin, likely, metre):
    """Read the cells around the units as ((float array with NaN, transform, crs) or None, problems).

    What lies outside of the likely values has no data.
    """
    import rasterio
    from rasterio.errors import RasterioError

    try:
        with open_raster(path) as source:
            if source.crs is None:
                return None, [Problem("raster_no_crs", layer=_name(path))]
            step = source.transform
            if step.b or step.d or step.a <= 0 or step.e >= 0:
                return None, [Problem("raster_rotated", layer=_name(path))]
            grid = _cut(source, units, margin)
    except (RasterioError, OSError) as error:
        if points_elsewhere(path):
            return None, [Problem("raster_of_others", layer=_name(path))]
        return None, [Problem("raster_unreadable", layer=_name(path), params={"reason": str(error)})]
    if grid is None:
        nothing = pd.Series(np.nan, index=units.index)
        return None, _uncovered(nothing, nothing, path)
    problems = _unlikely(grid[0], *likely, path)
    target = rasterio.crs.CRS.from_user_input(units.crs)
    return (_warped(*grid, target) if metre and grid[2] != target else grid), problems


def _unlikely(cells, low, high, path) -> list[Problem]:
    """Blank the cells that are outside of the limits, and say so."""
    problems, below = [], cells < low
    if low == 0 and below.any():
        problems.append(Problem("raster_negative", layer=_name(path), params={"count": int(below.sum())}))
    wrong = cells > high if low == 0 else below | (cells > high)
    if wrong.any():
        params = {"count": int(wrong.sum()), "value": float(cells[wrong][0])}
        problems.append(Problem("raster_implausible", layer=_name(path), params=params))
    cells[below | wrong] = np.nan
    return problems


def _cut(source, units, margin):
    """Read the window of the units, `margin` cells wider; None if they do not meet."""
    from rasterio.windows import Window, from_bounds

    bounds = units.to_crs(source.crs).total_bounds
    if not np.isfinite(bounds).all():
        return None
    window = from_bounds(*bounds, transform=source.transform)
    left, top = np.floor([window.col_off, window.row_off]).astype(int) - margin
    right = int(np.ceil(window.col_off + window.width)) + margin
    bottom = int(np.ceil(window.row_off + window.height)) + margin
    left, top, right, bottom = max(left, 0), max(top, 0), min(right, source.width), min(bottom, source.height)
    if right <= left or bottom <= top:
        return None
    window = Window(left, top, right - left, bottom - top)
    cells = source.read(1, window=window, masked=True).astype(float).filled(np.nan)
    cells[~np.isfinite(cells)] = np.nan
    return cells, source.window_transform(window), source.crs


def _warped(cells, transform, crs, target):
    """Warp the cells to another CRS in memory, cells of about the same size."""
    from rasterio.transform import array_bounds
    from rasterio.warp import Resampling, calculate_default_transform, reproject

    height, width = cells.shape
    bounds = array_bounds(height, width, transform)
    grid, across, down = calculate_default_transform(crs, target, width, height, *bounds)
    warped = np.full((down, across), np.nan)
    ours = {"src_transform": transform, "src_crs": crs, "src_nodata": np.nan}
    theirs = {"dst_transform": grid, "dst_crs": target, "dst_nodata": np.nan}
    reproject(cells, warped, **ours, **theirs, resampling=Resampling.bilinear)
    return warped, grid, target


def _zonal(units, cells, transform, crs, operations) -> pd.DataFrame:
    """Summarise the cells of each unit in one pass, each cell by the share of it in the unit."""
    from exactextract import exact_extract
    from rasterio.io import MemoryFile

    drawn = (~(units.geometry.isna() | units.geometry.is_empty)).to_numpy()
    result = pd.DataFrame(np.nan, index=units.index, columns=operations)
    if not drawn.any():
        return result
    profile = {"driver": "GTiff", "count": 1, "dtype": "float64", "nodata": np.nan, "crs": crs}
    profile |= {"height": cells.shape[0], "width": cells.shape[1], "transform": transform}
    shapes = units.loc[drawn, [units.geometry.name]].to_crs(crs).reset_index(drop=True)
    with MemoryFile() as memory:
        with memory.open(**profile) as target:
            target.write(cells, 1)
        with memory.open() as source, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table = exact_extract(source, shapes, operations, output="pandas")
    result.loc[drawn] = table[operations].to_numpy(dtype=float)
    return result


def _share(counted, units, transform, crs) -> pd.Series:
    """Give the share of each unit's area that lies in cells with data, of which so many were counted."""
    return counted * abs(transform.a * transform.e) / _area(units.geometry.to_crs(crs))


def _inside(units, cells, transform, crs) -> pd.Series:
    """Give the share of each unit's area that lies in the raster, with data or without."""
    from rasterio.transform import array_bounds

    shapes, box = units.geometry.to_crs(crs), shapely.box(*array_bounds(*cells.shape, transform))
    return _area(shapes.intersection(box)).fillna(0) / _area(shapes)


def _area(shapes) -> pd.Series:
    """Give areas, missing instead of 0; those in degrees only make shares."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        area = shapes.area
    return area.where(area > 0)


def _uncovered(values, share, path) -> list[Problem]:
    """Name the units that the raster tells nothing about, and those that it covers in part."""
    name, problems = _name(path), []
    missing = values.isna()
    partial = ~missing & (share < _WHOLE)
    if missing.any():
        units, params = values.index[missing], {"count": int(missing.sum())}
        problems.append(Problem("raster_outside", name, some(units), params=params, about=tuple(units)))
    if partial.any():
        params = {"count": int(partial.sum()), "percent": int(100 * share[partial].min() + 1e-6)}
        units = values.index[partial]
        problems.append(Problem("raster_partial", name, some(units), params=params, about=tuple(units)))
    return problems


def _name(path) -> str:
    return str(path).replace("\\", "/").rsplit("/", 1)[-1]
