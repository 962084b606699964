"""Where records of a table say they are: a coordinate in the row against the units of the map."""

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from kumuhgis.coordinates import Candidate, candidates, lonlat_of, short_name
from kumuhgis.errors import Problem, some
from kumuhgis.overlay import locate
from kumuhgis.places import places_of

_LEAST_MARGIN_M = 1_000.0


def locate_records(cells, mapped, name, problems, *, written=None):
    """Locate every row of a table in the units of the map by the coordinate in the row.

    Parameters
    ----------
    cells : pandas.DataFrame
        Rows under their own headings; columns with places are known by their names (``lintang``, ``bujur``, ``x``,
        ``y``, ``koordinat`` …). The index names the rows in problems.
    mapped : geopandas.GeoDataFrame
        The units, indexed by key, in a metre CRS.
    name : str
        Name of the table.
    problems : list of Problem
        Taken up with coordinates that cannot be read, or only with the columns the other way round, a minus that is
        missing, or another coordinate system.
    written : sequence of str or None, optional
        The unit that each row names; the distance is measured to it.

    Returns
    -------
    pandas.DataFrame
        Index of ``cells``: ``lies_in`` (key of the first unit that holds the point, or ""), ``lies_in_many`` (more
        than one does), ``distance_m`` (to the unit written, else to the nearest; missing without a place), ``near``
        (key of the unit to which it was measured).

    Examples
    --------
    >>> import geopandas as gpd
    >>> boxes = [shapely.box(490000, 9162000, 490100, 9162100), shapely.box(490100, 9162000, 490200, 9162100)]
    >>> rt = gpd.GeoDataFrame(geometry=boxes, crs=32749, index=["01", "02"])
    >>> cells = pd.DataFrame({"x": [490050, 490130], "y": [9162050, 9162050]}, index=["a", "b"])
    >>> locate_records(cells, rt, "baseline.csv", [], written=["01", "01"])[["lies_in", "distance_m"]].values.tolist()
    [['01', 0.0], ['02', 30.0]]
    """
    nothing = {"lies_in": "", "lies_in_many": False, "distance_m": np.nan, "near": ""}
    out = pd.DataFrame(nothing, index=cells.index)
    places = places_of(cells) if len(mapped) else None
    if places is None:
        return out
    heading = ", ".join(map(str, places.columns))
    rows = np.flatnonzero([g is not None and not g.is_empty for g in places.geometry])
    xy = shapely.get_coordinates(shapely.point_on_surface(places.geometry[rows]))
    points, near = _on_map(xy, places.crs, mapped, name, heading, problems)
    read = np.isfinite(shapely.get_coordinates(points)).all(axis=1)
    hopeless = np.sort(np.append(places.hopeless, rows[~read]))
    if len(hopeless):
        params = {"count": len(hopeless)}
        problems.append(Problem("record_place_unread", name, some(cells.index[hopeless]), heading, params))
    rows, points = rows[read], points[read]
    if len(points) and not near:
        problems.append(Problem("record_places_elsewhere", name, "", heading, {"count": len(points)}))
    if not near:
        return out
    position = locate(mapped, points).to_numpy()
    keys = np.append(mapped.index.to_numpy(object), "")
    shapes = mapped.geometry.to_numpy()
    tree = shapely.STRtree(shapes)
    times = np.bincount(tree.query(points, predicate="intersects")[0], minlength=len(points))
    own = mapped.index.get_indexer([""] * len(rows) if written is None else np.asarray(written, object)[rows])
    own = np.where(own >= 0, own, tree.nearest(points))
    out.iloc[rows, 0] = keys[position]
    out.iloc[rows, 1] = times > 1
    out.iloc[rows, 2] = shapely.distance(points, shapes[own])
    out.iloc[rows, 3] = keys[own]
    return out


def _on_map(xy, crs, mapped, name, heading, problems):
    """Put coordinates on the map, each by the first reading near the units, else the plainest; tell if any is near."""
    if not len(xy):
        return np.zeros(0, object), False
    west, south, east, north = mapped.total_bounds
    margin = max(_LEAST_MARGIN_M, east - west, north - south)
    near = shapely.box(west - margin, south - margin, east + margin, north + margin)
    points, left = None, np.arange(len(xy))
    for number, (said, reading) in enumerate(_readings(crs, mapped.crs)):
        read = shapely.points(reading(xy[left]))
        points = read.copy() if points is None else points
        fits = shapely.intersects(near, read)
        points[left[fits]] = read[fits]
        if number and fits.any():
            params = {"count": int(fits.sum()), "all": len(xy), "read": said}
            problems.append(Problem("record_place_reread", name, "", heading, params))
        left = left[~fits]
        if not len(left):
            break
    return points, len(left) < len(xy)


def _readings(crs, to_crs):
    """Give the ways to read coordinates, the plainest first: (what it is called, function to the map's CRS)."""
    if crs is None:
        yield short_name(to_crs), lambda xy: xy
        yield f"{short_name(to_crs)}, y-x", lambda xy: xy[:, ::-1]
        ways = [c for c in candidates() if c.code != "EPSG:4326"]
    elif crs.to_epsg() == 4326:
        turns = ((False, False), (True, False), (False, True), (True, True))
        ways = [Candidate("EPSG:4326", swapped, mirrored) for swapped, mirrored in turns]
    else:
        to_map = Transformer.from_crs(crs, to_crs, always_xy=True)
        yield short_name(crs), lambda xy: np.column_stack(to_map.transform(xy[:, 0], xy[:, 1]))
        ways = []
    from_degrees = Transformer.from_crs(4326, to_crs, always_xy=True)
    for way in ways:
        yield way.name, lambda xy, way=way: _through_degrees(xy, way, from_degrees)


def _through_degrees(xy, way, from_degrees):
    lonlat = lonlat_of(way.crs, xy, way.swapped, way.mirrored)
    return np.column_stack(from_degrees.transform(lonlat[:, 0], lonlat[:, 1]))
