"""How the units fit together: overlaps, gaps, and what can be cleaned without moving a border too far.

===============  ==========================================================================================
overlap          two units claim the same land
gap              land between units that no unit has: a hole, or a narrow gap that opens to the outside
sliver           a unit, or a part of it, that is narrower than the tolerance
outside          a part of a unit that lies outside the desa
pieces           a unit that has several parts; the row shows all but the largest
unmatched_edge   neighbours that touch, but whose shared border has not the same corners on both sides
===============  ==========================================================================================

A gap or overlap is *narrow* when no circle as wide as the tolerance fits into it: a fault of drawing, which
:func:`clean_coverage` can mend. A wider overlap is a question for people; a wider gap may be a field or a lake. Width
is that of the widest circle. The units are polygons in one metre CRS; the inputs are never modified.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.errors import GEOSException

from kumuhgis.errors import Problem, some
from kumuhgis.shifts import SAME_M, shifts
from kumuhgis.snapping import NEAR_M, SMALLEST_M2, beside, gaps, narrow, overlaps, snapped, united
from kumuhgis.spots import gathered

KINDS = ("overlap", "gap", "sliver", "outside", "pieces", "unmatched_edge")
#: Halvings until the width of a face is known to a millionth.
_HALVINGS = 20
COLUMNS = ["kind", "units", "area_m2", "width_m", "geometry"]


def check_coverage(units, *, tolerance_m=1.0, desa=None, label="rt"):
    """Find where units do not fit together.

    Parameters
    ----------
    units : geopandas.GeoDataFrame
        The units, metre CRS, index the unit's key. A unit without polygon has no findings.
    tolerance_m : float
        What is narrower is a fault of drawing.
    desa : GeoDataFrame, GeoSeries or polygon, optional
        The desa, in the CRS of the units; without it nothing is outside.
    label : str
        Name of the layer, for the problems.

    Returns
    -------
    findings : geopandas.GeoDataFrame
        Columns ``kind`` (one of :data:`KINDS`), ``units`` (their keys, separated by commas), ``area_m2``,
        ``width_m`` (of the widest circle inside; NaN for pieces, 0 for edges) and ``geometry``; by kind, largest first.
    problems : list of Problem
        One per kind of fault, narrow and wide apart.

    Raises
    ------
    ValueError
        If the units are in degrees, or the desa in another CRS.

    Examples
    --------
    >>> squares = [shapely.box(0, 0, 100, 100), shapely.box(99.5, 0, 200, 100)]
    >>> units = gpd.GeoDataFrame(geometry=squares, index=["01", "02"], crs=32749)
    >>> findings, problems = check_coverage(units)
    >>> findings[["kind", "units", "area_m2", "width_m"]].values.tolist()
    [['overlap', '01, 02', 50.0, 0.5]]
    >>> [p.code for p in problems]
    ['topology_overlap_narrow']
    """
    shapes, found = _shapes(units), _Findings(units, tolerance_m)
    _find_faults(shapes, tolerance_m, found)
    _find_slivers(shapes, tolerance_m, found)
    if desa is not None:
        _find_outside(shapes, _one(desa, units), found)
    several = np.flatnonzero(shapely.get_num_geometries(shapes) > 1)
    for unit in several:
        parts = sorted(shapely.get_parts(shapes[unit]), key=lambda p: (p.area, p.wkb))
        found.add("pieces", [unit], parts[0] if len(parts) == 2 else shapely.MultiPolygon(parts[:-1]))
    findings = found.frame()
    return findings, _said(findings, tolerance_m, label)


def clean_coverage(units, *, tolerance_m=1.0, label="rt"):
    """Close narrow gaps and resolve narrow overlaps by bringing corners and borders of neighbours together.

    Of corners that should be one, that of most units stays, else that of the larger unit. No border moves farther
    than the tolerance; what is wider, or cannot be mended within it, stays as it is and is said. Cleaning what is
    clean changes nothing.

    Parameters
    ----------
    units : geopandas.GeoDataFrame
        The units, metre CRS, index the unit's key.
    tolerance_m : float
        No border moves farther (metres).
    label : str
        Name of the layer, for the problems.

    Returns
    -------
    cleaned : geopandas.GeoDataFrame
        The units, same rows, columns and index; a unit without polygon is left as it is.
    moved : pandas.DataFrame
        One row per unit: ``unit``, ``area_before_m2``, ``area_after_m2``, ``moved_m2`` (gained plus lost) and
        ``largest_shift_m``.
    problems : list of Problem
        What was moved, and what is left.

    Raises
    ------
    ValueError
        If the units are in degrees.

    Examples
    --------
    >>> squares = [shapely.box(0, 0, 100, 100), shapely.box(99.5, 0, 200, 100)]
    >>> units = gpd.GeoDataFrame(geometry=squares, index=["01", "02"], crs=32749)
    >>> cleaned, moved, problems = clean_coverage(units)
    >>> cleaned.area.tolist()
    [9950.0, 10050.0]
    >>> moved[["unit", "moved_m2", "largest_shift_m"]].values.tolist()
    [['01', 50.0, 0.5], ['02', 0.0, 0.0]]
    """
    shapes = _shapes(units)
    new = shapes
    if not _fits(shapes, tolerance_m):
        new = snapped(shapes, tolerance_m)
    changed = ~shapely.equals_identical(shapes, new)
    moved = pd.DataFrame({"unit": units.index, "area_before_m2": shapely.area(shapes)})
    moved["area_after_m2"] = shapely.area(new)
    moved["moved_m2"] = moved["largest_shift_m"] = 0.0
    moved.loc[changed, "moved_m2"] = shapely.area(shapely.symmetric_difference(shapes[changed], new[changed]))
    moved.loc[changed, "largest_shift_m"] = shifts(shapes[changed], new[changed], tolerance_m)[0]
    _assert_kept(moved, new[changed], tolerance_m)
    cleaned = units.copy()
    if changed.any():
        geometry = cleaned.geometry.to_numpy().copy()
        geometry[changed] = new[changed]
        cleaned = cleaned.set_geometry(gpd.array.from_shapely(geometry, crs=units.crs))
    return cleaned, moved, _cleaning(new, moved, changed, tolerance_m, label)


def _assert_kept(moved, new, tolerance):
    assert shapely.is_valid(new).all() and not shapely.is_empty(new).any()
    assert (moved["largest_shift_m"] <= tolerance + SAME_M).all()
    change = (moved["area_after_m2"] - moved["area_before_m2"]).abs()
    assert (change <= moved["moved_m2"] * (1 + 1e-6) + 1e-3).all()


def _cleaning(new, moved, changed, tolerance, label):
    problems = []
    if changed.any():
        params = {
            "count": int(changed.sum()),
            "moved": round(float(moved["moved_m2"].sum()), 1),
            "largest": round(float(moved["largest_shift_m"].max()), 2),
        }
        shape = gathered(new[changed])
        problems.append(Problem("topology_cleaned", label, some(moved["unit"][changed]), params=params, shape=shape))
    left = _Findings(moved.set_index("unit"), tolerance)
    _find_faults(new, tolerance, left)
    left = left.frame()
    left = left[left["width_m"] <= tolerance]
    if len(left):
        params = {"count": len(left), "tolerance": float(tolerance)}
        units, shape = some(left["units"].unique()), gathered(left.geometry)
        problems.append(Problem("topology_not_cleaned", label, units, params=params, shape=shape))
    return problems


# ---------------------------------------------------------------- finding


def _fits(shapes, tolerance):
    return bool(shapely.coverage_is_valid(shapes, gap_width=tolerance))


def _find_faults(shapes, tolerance, found):
    """Find overlaps, gaps and unmatched edges."""
    if _fits(shapes, tolerance):
        found.add_beside("gap", gaps(shapes, 0), shapes)
        return
    left, right, faces = overlaps(shapes)
    for pair in zip(left, right, faces, strict=True):
        found.add("overlap", pair[:2], pair[2])
    empty = gaps(shapes, tolerance / 2)
    found.add_beside("gap", empty, shapes)
    lines = _unmatched(shapes, np.concatenate([faces, empty]))
    found.add_beside("unmatched_edge", lines[shapely.length(lines) > 2 * NEAR_M], shapes, least=2)


def _unmatched(shapes, faults):
    """Give the stretches of border of each unit that have other corners than the neighbour's, away from faults."""
    lines = np.atleast_1d(shapely.coverage_invalid_edges(shapes))
    units = np.flatnonzero(~shapely.is_empty(lines))
    strips = shapely.buffer(faults, NEAR_M)
    unit, fault = shapely.STRtree(strips).query(lines[units], predicate="intersects")
    rows, group = np.unique(unit, return_inverse=True)
    lines[units[rows]] = shapely.difference(lines[units[rows]], united(strips[fault], group))
    return lines


def _find_slivers(shapes, tolerance, found):
    parts, unit = shapely.get_parts(shapes, return_index=True)
    thin = 2 * shapely.area(parts) < tolerance * shapely.length(parts)
    for row in np.flatnonzero(thin)[narrow(parts[thin], tolerance / 2)]:
        found.add("sliver", [unit[row]], parts[row])


def _find_outside(shapes, desa, found):
    shapely.prepare(desa)
    over = np.flatnonzero(~shapely.covers(desa, shapes))
    parts, row = shapely.get_parts(shapely.difference(shapes[over], desa), return_index=True)
    for i in np.flatnonzero(shapely.area(parts) > SMALLEST_M2):
        found.add("outside", [over[row[i]]], parts[i])


class _Findings:
    """The findings, one by one."""

    def __init__(self, units, tolerance):
        self.tolerance = tolerance
        self.names, self.crs = [str(name) for name in units.index], getattr(units, "crs", None)
        self.rows = []

    def add(self, kind, positions, geometry):
        names = ", ".join(sorted(self.names[i] for i in positions))
        self.rows.append((kind, names, geometry))

    def add_beside(self, kind, found, shapes, least=0):
        """Add what was found, with the units that it runs along, if there are so many."""
        names = [[] for _ in found]
        for row, unit in zip(*beside(found, shapes, 10 * NEAR_M), strict=True):
            names[row].append(unit)
        for positions, geometry in zip(names, found, strict=True):
            if len(positions) >= least:
                self.add(kind, positions, geometry)

    def frame(self):
        kinds, names, shapes = zip(*self.rows, strict=True) if self.rows else ((), (), ())
        shapes = np.array([*shapes, None], object)[:-1]
        table = {
            "kind": list(kinds),
            "units": list(names),
            "area_m2": shapely.area(shapes),
            "width_m": _width(shapes, self.tolerance),
        }
        frame = gpd.GeoDataFrame(table, geometry=shapes, crs=self.crs)[COLUMNS]
        frame.loc[frame["kind"] == "pieces", "width_m"] = np.nan
        order = sorted(
            range(len(frame)),
            key=lambda i: (
                KINDS.index(kinds[i]),
                -round(table["area_m2"][i], 6),
                names[i],
                shapely.normalize(shapes[i]).wkb,
            ),
        )
        return frame.iloc[order].reset_index(drop=True)


def _width(shapes, tolerance):
    """Diameter of the widest circle inside each polygon; 0 for lines.

    Narrow faces are many, and of odd shapes for which a search for the circle takes long: theirs is found by halving.
    """
    width = np.zeros(len(shapes))
    flat = np.flatnonzero(shapely.get_type_id(shapes) == 3)
    faces = shapely.normalize(shapes[flat])
    rough = shapely.area(faces) / np.maximum(shapely.length(faces), SAME_M)
    thin = narrow(faces, tolerance / 2)
    wide = shapely.maximum_inscribed_circle(faces[~thin], np.maximum(rough[~thin] / 10, 1e-3))
    width[flat[~thin]] = 2 * shapely.length(wide)
    fits, not_ = rough[thin], np.full(thin.sum(), tolerance / 2)
    for _ in range(_HALVINGS):
        radius = np.sqrt(fits * not_)
        empty = narrow(faces[thin], radius)
        fits, not_ = np.where(empty, fits, radius), np.where(empty, radius, not_)
    width[flat[thin]] = (2 * fits).round(6)
    return width


# ---------------------------------------------------------------- saying


def _said(findings, tolerance, label):
    wide = findings["width_m"] > tolerance + SAME_M
    cases = [
        ("topology_overlap", (findings["kind"] == "overlap") & wide),
        ("topology_overlap_narrow", (findings["kind"] == "overlap") & ~wide),
        ("topology_gap_narrow", (findings["kind"] == "gap") & ~wide),
        ("topology_gap", (findings["kind"] == "gap") & wide),
        ("topology_sliver", findings["kind"] == "sliver"),
        ("topology_outside", (findings["kind"] == "outside") & wide),
        ("topology_pieces", findings["kind"] == "pieces"),
        ("topology_unmatched_edge", findings["kind"] == "unmatched_edge"),
    ]
    problems = []
    for code, rows in cases:
        if rows.any():
            area = findings["area_m2"][rows].sum()
            params = {"count": int(rows.sum()), "area": round(float(area), 1), "tolerance": float(tolerance)}
            units, shape = some(findings["units"][rows].unique()), gathered(findings.geometry[rows])
            problems.append(Problem(code, label, units, params=params, shape=shape))
    return problems


# ---------------------------------------------------------------- doors


def _shapes(units):
    if units.crs is not None and units.crs.is_geographic:
        raise ValueError(f"units are in degrees ({units.crs.to_string()}); project them to a metre CRS")
    return _polygons(units.geometry.to_numpy())


def _one(desa, units):
    crs = getattr(desa, "crs", None)
    if crs is not None and units.crs is not None and crs != units.crs:
        raise ValueError(f"units are in {units.crs.to_string()}, the desa in {crs.to_string()}")
    return shapely.union_all(_polygons(np.atleast_1d(getattr(desa, "geometry", desa))))


def _polygons(geometry):
    """Give two-dimensional valid polygons: a repaired copy, empty where there is no polygon."""
    shapes = shapely.force_2d(np.array(geometry, dtype=object))
    flat = shapely.get_dimensions(shapes) == 2
    shapes[~flat | np.isin(shapely.get_type_id(shapes), [7])] = shapely.Polygon()
    bad = ~shapely.is_valid(shapes)
    try:
        shapes[bad] = shapely.make_valid(shapes[bad], method="structure", keep_collapsed=False)
    except GEOSException:
        shapes[bad] = shapely.Polygon()
    return shapes
