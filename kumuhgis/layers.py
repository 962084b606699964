"""The door for map layers: any vector file or frame becomes a frame with our columns in one metre CRS.

Every feature is accounted for: used, repaired, or set aside, and each of these is a row of ``problems``.
"""

from functools import partial
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Geod
from pyproj.exceptions import CRSError

from kumuhgis import crs as systems
from kumuhgis.attributes import choose_columns, convert, may_serve, traces, write_label
from kumuhgis.catalog import layer_kinds
from kumuhgis.codes import cell_text
from kumuhgis.errors import LayerError, Problem, numbered
from kumuhgis.formats import open_vector
from kumuhgis.longform import distinct_keys
from kumuhgis.opening import Large
from kumuhgis.personal import hidden
from kumuhgis.repair import repair
from kumuhgis.spots import gathered, of_features, projected
from kumuhgis.strays import far_away, name_far_away, name_off_earth, off_earth

LARGE_FILE = 512 * 1024**2
"""Bytes from which a file is read in portions, and of each only what is of use and lies around the project's area."""
_REST = "(lain)"


class Reading(NamedTuple):
    """A layer that was read: the frame, what was said of it, and what became of its features."""

    frame: gpd.GeoDataFrame
    problems: list
    account: dict


def read_layer(source, name, **how):
    """Read one layer; as :func:`open_layer`, without the account.

    Parameters
    ----------
    source : path or geopandas.GeoDataFrame
        Any vector file, or a frame.
    name : str
        Which layer it is, for example ``"roads"``.
    **how
        As :func:`open_layer`.

    Returns
    -------
    frame : geopandas.GeoDataFrame
        Two-dimensional valid geometries of the wanted kind and the canonical columns that are there.
    problems : list of Problem
        What was set aside, repaired or assumed.

    Examples
    --------
    >>> road = gpd.GeoDataFrame({"KONDISI": ["Buruk"]}, geometry=gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 9 0)"]),
    ...                         crs=32749)
    >>> read_layer(road, "roads")[0]["condition"].tolist()
    ['rusak']
    """
    return open_layer(source, name, **how)[:2]


def open_layer(
    source,
    name,
    *,
    layer=None,
    crs=None,
    swap_xy=False,
    columns=None,
    vocabulary=None,
    to_crs=None,
    area=None,
    places=None,
    root=None,
):
    """Read one layer and account for every feature of it.

    Parameters
    ----------
    source : path or geopandas.GeoDataFrame
        Any vector file (see :func:`formats.open_vector`), or a frame.
    name : str
        Which layer it is: a key of :func:`catalog.layer_kinds`, for example ``"roads"``.
    layer : str, optional
        Layer of a file that holds several; the default is its first with features, of KML and drawings all.
    crs : optional
        Coordinate system that the user writes; it goes before what the file says.
    swap_xy : bool
        The file holds latitude before longitude.
    columns : dict of str to str, optional
        Canonical column to the column of the source. Without it, columns with a known name are taken.
    vocabulary : dict of str to str, optional
        Words of the source for conditions, status and yes/no, to ours: ``{"jelek sekali": "rusak berat"}``.
    to_crs : optional
        The metre CRS, or a function that chooses it for the layer; without it the layer keeps its own.
    area : bounds, geopandas.GeoDataFrame or crs.Whereabouts, optional
        Where the project is; a layer that its CRS puts elsewhere is refused, and the CRS that would fit is named.
    places : geopandas.GeoDataFrame, optional
        Named polygons, to say where a reading would put the data.
    root : path, optional
        A folder that the file must not lie outside.

    Returns
    -------
    Reading
        ``frame`` (the index is the feature's number in the source; for ``rt`` the unit's key), ``problems`` (their
        shapes in the CRS of ``frame``), and ``account``: ``layer, file, read, repaired, set_aside, used, filled``.

    Raises
    ------
    LayerError
        If the file, its layer, a mapped column or the coordinate system is missing or wrong, or it cannot be read.
    """
    kind = layer_kinds()[name]
    thin = partial(_thin, kind=kind, columns=columns)
    where = area if isinstance(area, systems.Whereabouts) else systems.Whereabouts(area, places)
    around = partial(_around, crs=crs, swap_xy=swap_xy, where=where)
    frame, label, problems = _open(source, name, layer, root, around, thin)
    outside = sum(p.params["count"] for p in problems if p.code == "layer_clipped")
    frame = _placed(frame, crs, swap_xy, where, label, problems, isinstance(source, gpd.GeoDataFrame))
    chosen = choose_columns(frame, kind, columns, label)
    keyed = _by_key(frame, chosen) if name == "rt" else frame
    names = pd.Series(keyed.index, index=frame.index)
    off = _off_earth(frame, names, label, problems)
    used, ledger, said = repair(keyed[~off] if off.any() else keyed, kind["geometry"], label)
    there = frame.index[~off] if off.any() else frame.index
    used.index = there[(ledger["state"] != "set aside").to_numpy()]
    problems += _said_once(said, there[(ledger["code"] == "layer_geometry_missing").to_numpy()], problems)
    out = gpd.GeoDataFrame(geometry=used.geometry, crs=used.crs)
    for canonical, (column, opposite) in chosen.items():
        spec = kind["columns"][canonical]
        out[canonical] = convert(used[column], spec, opposite, vocabulary or {}, label, problems)
    if "rt_rw" not in out and {"rt", "rw"} <= set(out):
        out["rt_rw"] = [write_label(*cells) or None for cells in zip(out["rt"], out["rw"], strict=True)]
    problems = of_features(problems, frame.geometry)
    out, problems = _projected(out, to_crs, names, label, problems)
    if out.empty:
        problems.append(Problem("layer_empty", label))
    account = {
        "layer": name,
        "file": Path(source).name if not isinstance(source, gpd.GeoDataFrame) else "",
        "read": len(frame) + outside,
        "repaired": int((ledger["state"] == "repaired").sum()),
        "set_aside": len(frame) + outside - len(out),
        "used": len(out),
        "filled": _filled(out),
    }
    return Reading(_keyed(out, label, problems) if name == "rt" else out, problems, account)


def _open(source, name, layer, root, around, thin):
    if isinstance(source, gpd.GeoDataFrame):
        if not _has_geometry(source):
            raise LayerError(
                [Problem("layer_no_geometry", name, params={"known": ", ".join(map(str, source.columns))})]
            )
        if source.index.name in source.columns:
            return source.reset_index(drop=True), name, []
        return source.reset_index(drop=source.index.name is None), name, []
    path = Path(source)
    label = f"{path.name}:{layer}" if layer else path.name
    large = Large(LARGE_FILE, partial(around, label=label), partial(thin, label=label))
    frame, problems = open_vector(path, layer, root=root, large=large)
    return frame, label, problems


def _has_geometry(frame):
    return frame.active_geometry_name is not None and frame.active_geometry_name in frame.columns


def _around(sample, *, crs, swap_xy, where, label):
    """Give the project's area and a margin around it in the coordinates of a file, judged by some of its features."""
    area = where.area
    if not isinstance(area, gpd.GeoDataFrame) or area.empty:
        return None
    placed = _placed(sample, crs, swap_xy, where, label, [], False)
    west, south, east, north = area.total_bounds
    margin = 0.1 * max(east - west, north - south)
    box = shapely.box(west - margin, south - margin, east + margin, north + margin).segmentize(margin)
    west, south, east, north = gpd.GeoSeries([box], crs=area.crs).to_crs(placed.crs).total_bounds
    return (south, west, north, east) if swap_xy else (west, south, east, north)


def _thin(frame, *, kind, columns, label):
    """Keep the columns that are of use; of all others a number, so that it is still seen which features are doubles."""
    chosen = {column for column, _ in choose_columns(frame, kind, columns, label).values()}
    used = chosen if columns else may_serve(frame, kind)
    rest = [c for c in frame.columns if c not in used and c != frame.geometry.name]
    said = sum((traces(frame[c]) * np.uint64(2 * i + 1) for i, c in enumerate(rest)), np.zeros(len(frame), np.uint64))
    return frame.drop(columns=rest).assign(**{_REST: said})


def _placed(frame, crs, swap_xy, where, label, problems, is_frame):
    """Give the frame the coordinate system that is right, or refuse it with the one that would be."""
    if not len(frame) or frame.geometry.isna().all():
        return frame.set_crs(_named_crs(crs, label) or frame.crs or 4326, allow_override=True)
    said = crs if crs is not None else frame.crs
    if is_frame and where.area is None and crs is None and said is not None and not swap_xy:
        return frame  # a frame in a program of one's own is taken as it is; what is written for it is judged
    _named_crs(crs, label)
    points = systems.sample_points(frame)
    if swap_xy:
        points = points[:, ::-1]
    found = systems.verdict(said, points, area=where, label=label)
    if not found.fine:
        raise LayerError(found.problems)
    problems += found.problems
    if swap_xy:
        return systems.place(frame, systems.Candidate(found.crs.to_string(), swapped=True))
    return frame.set_crs(found.crs, allow_override=True)


def _named_crs(crs, label):
    """Read the coordinate system that is written; None if none is."""
    try:
        return None if crs is None else CRS.from_user_input(crs)
    except CRSError as error:
        raise LayerError([Problem("crs_unreadable", label, params={"value": str(crs)[:60]})]) from error


def _off_earth(frame, names, label, problems):
    """Tell which features have a corner that is nowhere on earth, and say so; also of those that lie far away."""
    off = off_earth(frame.geometry)
    far = np.zeros(len(frame), bool)
    far[~off] = far_away(frame.geometry[~off] if off.any() else frame.geometry)
    if off.any() or far.any():
        problems[:] = [p for p in problems if p.code != "crs_strays"]
    if off.any():
        problems.append(name_off_earth(frame.geometry[off], numbered(names[off]), label))
    if far.any():
        problems.append(name_far_away(frame.geometry[far], numbered(names[far]), label))
    return off


def _projected(frame, to_crs, names, label, problems):
    """Bring a layer and what is said of it into the metre CRS; what has no place there is set aside."""
    if to_crs is None:
        return frame, problems
    try:
        target = to_crs(frame) if callable(to_crs) else to_crs
    except LayerError as error:
        empty = [Problem("layer_empty", label)] if frame.empty else []
        raise LayerError([*problems, *empty, *error.problems]) from None
    out = frame.to_crs(target)
    if out.crs.is_exact_same(frame.crs):
        return out, problems
    lost = _has_bounds(frame) & ~_has_bounds(out)
    if lost.any():
        lost_names = numbered(names[frame.index[lost]])
        problems = [*problems, name_off_earth(frame.geometry[lost], lost_names, label, target)]
    return out[~lost], projected(problems, frame.crs, out.crs)


def _has_bounds(frame):
    return np.isfinite(shapely.bounds(frame.geometry.to_numpy())).all(axis=1)


def _by_key(frame, chosen):
    """Index the units by their key, so that what is said of a shape names its unit."""
    if "unit" not in chosen:
        return frame.set_axis([str(i + 1) for i in frame.index])
    keys = frame[chosen["unit"][0]].map(cell_text)
    return frame.set_axis([key or f"(fitur {i + 1})" for i, key in keys.items()])


def _said_once(said, missing, problems):
    """Leave out features without geometry of which it is said already that the file lost them."""
    lost = {row for p in problems if p.code == "features_unreadable" for row in p.params["rows"]}
    return [p for p in said if p.code != "layer_geometry_missing" or not lost.issuperset(missing)]


def _filled(frame):
    """Share of the attribute cells that are filled; NaN without attributes."""
    cells = [frame[c] for c in frame.columns if c != frame.geometry.name]
    size = len(cells) * len(frame)
    return float(sum(column.count() for column in cells) / size) if size else float("nan")


def _keyed(frame, label, problems):
    """Index the units by their key; a key that is missing or stands twice is said, and the unit kept."""
    if "unit" not in frame:
        names = _label_keys(frame)
        used = "fid" if names is None else "RT, RW"
        problems.append(Problem("table_unit_column_assumed", label, params={"used": used}))
        frame["unit"] = [str(i + 1) for i in frame.index] if names is None else names
    keys = frame["unit"].astype(str)
    for i in frame.index[keys == ""]:
        keys[i] = f"(fitur {i + 1})"
        problems.append(Problem("unit_missing", label, keys[i], "unit", row=i + 1, shape=frame.geometry[i]))
    for i, key in keys[keys.duplicated()].items():
        shape = gathered(frame.geometry[keys == key])
        problems.append(Problem("unit_duplicate", label, key, "unit", row=i + 1, shape=shape))
    frame = frame.drop(columns="unit")
    frame.index = pd.Index(distinct_keys(keys.tolist()), name="unit", dtype="str")
    return frame


def _label_keys(frame):
    """Make keys of the labels of units without codes, or None if they do not tell all of them apart.

    A number that we give ourselves would be taken for the code of another RT where the table counts its RT.
    """
    if "rt_rw" in frame:
        labels = frame["rt_rw"].map(cell_text)
    elif {"rt", "rw"} <= set(frame.columns):
        rt, rw = (frame[column].map(cell_text) for column in ("rt", "rw"))
        labels = ("RT " + rt + " RW " + rw).where((rt != "") & (rw != ""), "")
    else:
        return None
    if labels.duplicated().any() and "desa" in frame:
        labels = labels + " " + frame["desa"].map(cell_text)
    labels = hidden(labels)  # a key stands in every output
    return None if (labels == "").any() or labels.duplicated().any() else labels.tolist()


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
        try:
            crs = CRS.from_user_input(wanted)
        except CRSError:
            crs = None
        if crs is None or not crs.is_projected:
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
    if units.empty or not np.isfinite(units.total_bounds).all():
        raise LayerError([Problem("units_nowhere", "rt")])
    method = (units.crs.coordinate_operation.method_name if units.crs.is_projected else "") or ""
    if method == "Transverse Mercator" and units.crs.axis_info[0].unit_name == "metre":
        return units.crs
    near = units[~far_away(units.geometry)]  # a corner far away is not to choose the zone
    try:
        return near.estimate_utm_crs()
    except (RuntimeError, ValueError) as error:
        raise LayerError([Problem("units_nowhere", "rt")]) from error


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
    parts, unit = shapely.get_parts(frame.geometry.to_crs(4326).to_numpy(), return_index=True)
    parts, unit = parts[~shapely.is_empty(parts)], unit[~shapely.is_empty(parts)]
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    ends = np.cumsum(np.bincount(ring, minlength=len(rings)))
    hole = np.append(False, part[1:] == part[:-1])[: len(rings)]
    area = [abs(geod.polygon_area_perimeter(*corners.T)[0]) for corners in np.split(xy, ends[:-1])] if len(xy) else []
    return np.bincount(unit[part], np.where(hole, -1, 1) * np.array(area), len(frame)) / 1e4
