"""Repair of shapes: every feature is used, repaired or set aside, and the account has a row for each of them.

What is done, said once:

======================================  =====================================================================
no shape, empty, not finite             set aside
another kind than is wanted             set aside; of a collection the parts of the wanted kind are kept
heights (Z) and measures (M)            dropped
rings that cross, touch or nest wrongly made valid: parts that overlap or nest are united, holes outside go
nothing left of it (no area, no length) set aside
area changed by more than the tolerance set aside, as an error: that is no repair
equal shape and equal attributes        the first is kept, the others are set aside
equal shape, other attributes; slivers  kept, and said
======================================  =====================================================================

**Area before.** The signed area of a ring that crosses itself is no area: a bow-tie of two triangles of 0.25 ha has
the signed area 0. Here the area before is the *even-odd* area, what a person sees filled on the screen: of each part
the even-odd area of its shell less that of its holes, and of all parts the union. A ring that runs twice around the
same place is ambiguous (even-odd leaves the place out, the repair fills it); that is a change of area, so the
feature is set aside when it exceeds the tolerance.

Areas and lengths are in metres: of the layer's own CRS when it is projected, and on the ellipsoid at the place of
each feature when it is in degrees.
"""

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.errors import GEOSException

from kumuhgis.errors import Problem, numbered, some
from kumuhgis.memory import once
from kumuhgis.opening import undisturbed
from kumuhgis.spots import MOST_POINTS, gathered
from kumuhgis.traits import boxes, fat, polygons, there
from kumuhgis.traits import of as traits

STATES = ("used", "repaired", "set aside")
#: A polygon narrower than this is a sliver (metres); width is twice the area over the perimeter.
SLIVER_M = 0.1
#: Features measured at once where coordinates are read.
CHUNK = 5_000
#: What GEOS calls the kinds of shape, by type number; the last is for what it has not (-1) or will have.
_KIND = np.array(["point", "line", "line", "polygon", "point", "line", "polygon", "collection"], object)
_PLAIN = ("point", "line", "polygon")
_MULTI = {"point": shapely.multipoints, "line": shapely.multilinestrings, "polygon": shapely.multipolygons}
_RING, _POLYGON, _COLLECTION = 2, 3, 7
_ODD = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5], np.uint64)
_ASIDE = STATES.index("set aside")
_PLACE = re.compile(r"\[(\S+) (\S+)\]")


@np.errstate(invalid="ignore", over="ignore")  # numbers that are none are looked for, not stumbled over
def repair(frame, wanted, label, *, tolerance_share=0.01, tolerance_m2=1.0):
    """Repair the shapes of a layer and account for every feature.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        The layer as it was read, in any CRS; it is not changed.
    wanted : sequence of {"polygon", "line", "point"}
        The kinds of shape that are of use.
    label : str
        Name of the layer, for the problems.
    tolerance_share, tolerance_m2 : float
        A repair may change the area of a feature by the larger of this share of it and these square metres.

    Returns
    -------
    used : geopandas.GeoDataFrame
        The features that can be used: valid, two-dimensional, of a wanted kind; columns, order and index of the input.
    account : pandas.DataFrame
        One row per feature of the input, in its order: ``feature`` (its index), ``state`` (one of :data:`STATES`),
        ``code`` (problem code, "" if nothing is to be said), ``reason`` (where and what GEOS found wrong),
        ``area_before_m2``, ``area_after_m2``, ``length_before_m``, ``length_after_m`` (the perimeter of polygons).
        Before is NaN without a shape, after is NaN where no shape came of it. A feature set aside for its changed
        area has both, so that the change can be seen.
    problems : list of Problem
        What was repaired, set aside or is doubtful, one problem per code, with the place of its features in the CRS
        of the layer: of what was repaired the point where GEOS found it wrong, of all else the feature.

    Examples
    --------
    >>> bow_tie = shapely.from_wkt("POLYGON ((0 0, 100 100, 100 0, 0 100, 0 0))")
    >>> layer = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 9, 9), bow_tie, None], crs=32749)
    >>> used, account, problems = repair(layer, ["polygon"], "rt.gpkg")
    >>> account["state"].tolist()
    ['used', 'repaired', 'set aside']
    >>> account["area_before_m2"].tolist(), account["reason"].tolist()
    ([81.0, 5000.0, nan], ['', 'Self-intersection[50 50]', ''])
    >>> used.index.tolist(), [p.code for p in problems]
    ([0, 1], ['layer_geometry_missing', 'layer_geometry_repaired'])
    """
    ledger = _Ledger(frame.index, label)
    shapes = _flat(frame.geometry.to_numpy(), ledger)
    ledger.drawn = shapes
    ledger.set_aside(~there(shapes), "layer_geometry_missing")
    shapes = _of_wanted_kind(shapes, frame, wanted, ledger)
    crs = frame.crs
    area, length = _measure(shapes, crs)
    before = {"area_before_m2": area, "length_before_m": length}
    after = {"area_after_m2": area.copy(), "length_after_m": length.copy()}
    bad = _finite(ledger.kept & ~_valid(shapes), shapes, before, ledger)
    if bad.any():
        drawn = shapes[bad]
        area[bad] = _measure(_filled(drawn, "linework"), crs)[0]
        shapes, fixed = shapes.copy(), _insisted(_filled(drawn, "structure"))
        shapes[bad] = fixed
        after["area_after_m2"][bad], after["length_after_m"][bad] = _measure(fixed, crs)
        allowed = np.maximum(tolerance_share * area, tolerance_m2)
        change = np.where(bad, after["area_after_m2"], 0.0) - np.where(bad, area, 0.0)
        _judge(shapes, bad, change, allowed, ledger)
    ledger.drawn = shapes
    _twins(shapes, frame, ledger)
    _slivers(shapes, after, ledger)
    for column in after.values():
        column[ledger.nothing_left] = np.nan
    account = ledger.account(before, after)
    return _used(frame, shapes, ledger.kept), account, ledger.problems


class _Ledger:
    """What becomes of each feature, and what is said of it."""

    def __init__(self, index, label):
        self.index, self.label = index, label
        self.state = np.zeros(len(index), np.int8)
        self.code = np.zeros(len(index), np.int8)
        self.nothing_left = np.zeros(len(index), bool)
        self.codes, self.problems, self.reasons = [""], [], {}
        self.drawn = np.full(len(index), None, object)

    @property
    def kept(self):
        return self.state != _ASIDE

    def note(self, rows, code, state=None, nothing_left=False, where=None, **params):
        """Note a code (and a state) for the rows not yet set aside; say it once for all of them, and where they are."""
        rows = rows & self.kept
        count = int(np.count_nonzero(rows))
        if not count:
            return
        self.codes.append(code)
        self.code[rows] = len(self.codes) - 1
        if state is not None:
            self.state[rows] = STATES.index(state)
        self.nothing_left |= rows & nothing_left
        names = (
            some(numbered(self.index[rows])) if count <= 1000 else f"{some(numbered(self.index[rows][:5]))} … ({count})"
        )
        first = np.flatnonzero(rows)[:MOST_POINTS]
        shape = gathered(self.drawn[first] if where is None else where(first))
        self.problems.append(Problem(code, self.label, names, params={"count": count, **params}, shape=shape))

    def set_aside(self, rows, code, nothing_left=True, **params):
        self.note(rows, code, "set aside", nothing_left, **params)

    def faults(self, rows):
        """Give the points at which GEOS found the shapes of the rows wrong; where it gave none, the shape."""
        found = [(_PLACE.search(self.reasons[row]), self.drawn[row]) for row in rows]
        return [shapely.Point(*map(float, at.groups())) if at else shape for at, shape in found]

    def account(self, before, after):
        reasons = np.zeros(len(self.index), np.int32)
        reasons[list(self.reasons)] = np.arange(1, len(self.reasons) + 1)
        words, place = np.unique(np.array(["", *self.reasons.values()], object).astype(str), return_inverse=True)
        columns = {
            "feature": self.index,
            "state": pd.Categorical.from_codes(self.state, STATES),
            "code": pd.Categorical.from_codes(self.code, self.codes),
            "reason": pd.Categorical.from_codes(place[reasons], words),
        }
        order = ["area_before_m2", "area_after_m2", "length_before_m", "length_after_m"]
        return pd.DataFrame(columns | {name: {**before, **after}[name] for name in order})


def _used(frame, shapes, kept):
    if kept.all():
        frame = frame.copy()
        same = shapes is frame.geometry.to_numpy()
    else:
        frame, shapes, same = frame[kept], shapes[kept], False
    return frame if same else frame.set_geometry(gpd.array.from_shapely(shapes, crs=frame.crs))


# ---------------------------------------------------------------- kinds


def _flat(shapes, ledger):
    """Drop heights and measures; the same array when there are none."""
    if traits(shapes) is not None:
        return shapes
    high = shapely.get_coordinate_dimension(shapes) > 2
    if not high.any():
        return shapes
    params = {"count": int(high.sum())}
    where = gathered(shapes[high][:MOST_POINTS])
    ledger.problems.append(Problem("layer_geometry_height", ledger.label, params=params, shape=where))
    shapes = shapes.copy()
    with undisturbed():
        shapes[high] = shapely.force_2d(shapes[high])
    return shapes


def _of_wanted_kind(shapes, frame, wanted, ledger):
    """Set aside what is of another kind; take the wanted parts out of collections."""
    known = traits(shapes)
    if known is not None and _PLAIN[known.dimension] in wanted:
        return shapes
    types = shapely.get_type_id(shapes)
    odd = ledger.kept & ((types == _RING) | (types == _COLLECTION))
    if odd.any():
        shapes, rest = shapes.copy(), 0
        for row in np.flatnonzero(odd):
            shapes[row], left = _wanted_parts(shapes[row], wanted)
            rest += left
        full = ~shapely.is_empty(shapes)
        ledger.note(odd & full & (types == _COLLECTION), "layer_geometry_collection", "repaired", left=rest)
        types = np.where(odd & full, shapely.get_type_id(shapes), types)
    wrong = ledger.kept & ~np.isin(types, [i for i, kind in enumerate(_KIND) if kind in wanted])
    if wrong.any():
        found = tuple(sorted(set(_KIND[shapely.get_type_id(frame.geometry[wrong])])))
        ledger.set_aside(wrong, "layer_geometry_wrong_type", found=found, wanted=tuple(wanted))
    return shapes


def _wanted_parts(shape, wanted):
    """Give the parts of the first wanted kind that a collection has, as one shape, and how many are left out."""
    parts = [shape]
    while any(part.geom_type == "GeometryCollection" for part in parts):
        parts = [p for part in parts for p in shapely.get_parts(part)]
    parts = np.array([p for part in parts for p in shapely.get_parts(part) if not p.is_empty], object)
    kinds = _KIND[shapely.get_type_id(parts)]
    for kind in wanted:
        mine = parts[kinds == kind]
        if len(mine):
            mine = np.array([shapely.LineString(p) if p.geom_type == "LinearRing" else p for p in mine], object)
            return (mine[0] if len(mine) == 1 else _MULTI[kind](mine)), len(parts) - len(mine)
    return shapely.GeometryCollection(), 0


# ---------------------------------------------------------------- validity


def _valid(shapes):
    """Tell which shapes are valid; GEOS is asked of those that are not plainly so: convex, and no slivers."""
    known = traits(shapes)
    if known is None and not (shapely.get_type_id(shapes) == _POLYGON).any():
        return shapely.is_valid(shapes)
    valid = fat(*once(polygons, shapes))
    valid[~valid] = shapely.is_valid(shapes[~valid])
    return valid


def _finite(bad, shapes, before, ledger):
    """Set aside what has a coordinate that is no number; return what is left of `bad`."""
    rows = np.flatnonzero(bad)
    ledger.reasons.update(zip(rows, shapely.is_valid_reason(shapes[rows]), strict=True))
    places, owner = shapely.get_coordinates(shapes[rows], return_index=True)
    infinite = np.zeros(len(bad), bool)
    infinite[rows[owner[~np.isfinite(places).all(axis=1)]]] = True
    ledger.set_aside(infinite, "layer_geometry_not_finite")
    for column in before.values():
        column[infinite] = np.nan
    return bad & ~infinite


def _judge(shapes, bad, change, allowed, ledger):
    """Decide for each repaired shape whether it is a repair; `change` and `allowed` in square metres."""
    ledger.set_aside(bad & (shapely.is_missing(shapes) | shapely.is_empty(shapes)), "layer_geometry_collapsed")
    over = bad & ledger.kept & ~(np.abs(change) <= allowed)
    if over.any():
        most = change[over][np.argmax(np.abs(change[over]))]
        how = {"nothing_left": False, "where": lambda rows: shapes[rows]}
        ledger.set_aside(over, "layer_geometry_area_changed", change=f"{most:+.1f}", **how)
    hectares = round(float(change[bad & ledger.kept].sum()) / 1e4, 4) + 0.0
    ledger.note(bad, "layer_geometry_repaired", "repaired", where=ledger.faults, change=f"{hectares:+.4f}")


def _filled(shapes, method):
    """Fill polygons: each shell less its holes, all parts united.

    With "linework" each ring is filled even-odd, which is how the area before is defined; with "structure" also
    where it runs around a place twice, which is the repair. Lines and points are made valid.
    """
    plain = (shapely.get_dimensions(shapes) < 2) | (
        (shapely.get_type_id(shapes) == _POLYGON) & (shapely.get_num_interior_rings(shapes) == 0)
    )
    filled = shapes.copy()
    filled[plain] = _made_valid(shapes[plain], method)
    filled[~plain] = [_put_together(shape, method) for shape in shapes[~plain]]
    return filled


def _insisted(shapes):
    """Repair again what GEOS left invalid by rounding; what stays invalid becomes empty."""
    for again in (shapely.make_valid, lambda left: shapely.buffer(left, 0)):
        left = ~shapely.is_valid(shapes)
        if not left.any():
            return shapes
        kind = _KIND[shapely.get_type_id(shapes[left])]
        shapes[left] = [_wanted_parts(again(shape), [k])[0] for shape, k in zip(shapes[left], kind, strict=True)]
    shapes[~shapely.is_valid(shapes)] = shapely.GeometryCollection()
    return shapes


def _put_together(shape, method):
    try:
        faces = []
        for part in shapely.get_parts(shape):
            rings = shapely.polygons([part.exterior, *part.interiors])
            shell, *holes = _made_valid(rings, method)
            faces.append(shapely.difference(shell, shapely.union_all(holes)))
        return shapely.union_all(faces)
    except GEOSException:
        return shapely.Polygon()


def _made_valid(shapes, method):
    """Make shapes valid and keep what is of their kind; what GEOS cannot do becomes empty."""
    how = {"method": method, "keep_collapsed": method == "linework"}
    try:
        fixed = shapely.make_valid(shapes, **how)
    except GEOSException:
        fixed = np.array([_tried(shape, how) for shape in shapes], object)
    kind = _KIND[shapely.get_type_id(shapes)]
    for row in np.flatnonzero(_KIND[shapely.get_type_id(fixed)] != kind):
        fixed[row] = _wanted_parts(fixed[row], [kind[row]])[0]
    still = ~shapely.is_valid(fixed)  # GEOS may leave two faces that overlap by a rounding; once more unites them
    fixed[still] = shapely.make_valid(fixed[still], method="structure", keep_collapsed=False)
    return fixed


def _tried(shape, how):
    try:
        return shapely.make_valid(shape, **how)
    except GEOSException:
        return shapely.GeometryCollection()


# ---------------------------------------------------------------- doubles and slivers


def _twins(shapes, frame, ledger):
    """Find features with the same shape: set aside those that say the same, name those that do not."""
    rows = np.flatnonzero(ledger.kept)
    box = boxes(shapes if len(rows) == len(shapes) else shapes[rows]) + 0.0
    trace = (box.view(np.uint64) * _ODD).sum(axis=1, dtype=np.uint64)
    ordered = np.sort(trace)
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(again):
        return
    rows = rows[np.isin(trace, again)]
    one = shapes[rows]
    single = shapely.get_num_geometries(one) == 1
    one[single] = shapely.get_geometry(one[single], 0)
    place = pd.factorize(pd.Series(shapely.to_wkb(shapely.normalize(one)), dtype=object))[0]
    said = pd.DataFrame({"place": place} | _said(frame.iloc[rows]))
    double, first = np.zeros((2, len(shapes)), bool)
    double[rows[said.duplicated().to_numpy()]] = True
    ledger.set_aside(double, "layer_geometry_double", nothing_left=False)
    left = ~double[rows]
    first[rows[left]] = said["place"][left].duplicated(keep=False)
    ledger.note(first, "layer_geometry_same_place")


def _said(frame):
    """Give numbers to what each feature says, column by column; equal numbers mean equal words."""
    columns = [frame.iloc[:, i] for i, name in enumerate(frame.columns) if name != frame.geometry.name]
    return {str(i): _numbered(column) for i, column in enumerate(columns)}


def _numbered(column):
    if column.dtype == object or not isinstance(column.dtype, np.dtype):
        column = column.astype(object).map(repr)
    return pd.factorize(column)[0]


def _slivers(shapes, after, ledger):
    """Name the polygons that are too narrow to be anything."""
    area, length = after["area_after_m2"], after["length_after_m"]
    thin = (area > 0) & (2 * area < SLIVER_M * length)
    ledger.note(thin & (ledger.code == 0), "layer_geometry_sliver", width=SLIVER_M)


# ---------------------------------------------------------------- metres


def _measure(shapes, crs):
    """Measure square metres and metres, NaN where there is no shape or no number."""
    area, length = shapely.area(shapes), shapely.length(shapes)
    if crs is None or len(shapes) == 0:
        return area, length
    if not crs.is_geographic:
        unit = crs.axis_info[0].unit_conversion_factor if crs.axis_info else 1.0
        return area * unit**2, length * unit
    box = shapely.bounds(shapes)
    east, north = _metres_per_degree((box[:, 1] + box[:, 3]) / 2)
    return area * east * north, _stretched(shapes, length, east, north)


def _metres_per_degree(latitude):
    """Metres east and north per degree at a latitude, on GRS80."""
    a, e2 = 6378137.0, 0.006694380022903416
    phi = np.radians(latitude)
    bent = 1 - e2 * np.sin(phi) ** 2
    degree = np.pi / 180
    return np.abs(a * np.cos(phi) / np.sqrt(bent)) * degree, a * (1 - e2) / bent**1.5 * degree


def _stretched(shapes, length, east, north):
    """Lengths of shapes in degrees, by the scales of each; in chunks, which is faster than all at once."""
    metres = np.empty(len(shapes))
    for start in range(0, len(shapes), CHUNK):
        now = slice(start, start + CHUNK)
        metres[now] = _walked(shapes[now], length[now], east[now], north[now])
    return metres


def _walked(shapes, length, east, north):
    places, owner = shapely.get_coordinates(shapes, return_index=True)
    own = owner[1:]
    x, y = (np.diff(axis) for axis in places.T)
    x[own != owner[:-1]] = y[own != owner[:-1]] = 0
    x, y = x * x, y * y
    degrees = np.bincount(own, np.sqrt(x + y), len(shapes))
    scaled = np.sqrt(x * (east**2)[own] + y * (north**2)[own])
    metres = np.bincount(own, scaled, len(shapes)).astype(float)  # whole numbers where there is no segment
    metres[np.isnan(length)] = np.nan
    for row in np.flatnonzero(degrees > length * (1 + 1e-9)):  # several rings: the walk has jumped between them
        scale = np.array([east[row], north[row]])
        metres[row] = shapely.length(shapely.transform(shapes[row], lambda xy, scale=scale: xy * scale))
    return metres
