"""Parcels, houses and trees of an invented village."""

from __future__ import annotations

import _geometry as g
import geopandas as gpd
import numpy as np
import shapely
from _settings import CRS
from shapely import Point

BANK = 22.0  # metres of river bank that belong to the river authority
MOSQUE, SCHOOL, FACTORY = "masjid", "sekolah", "pabrik"


def parcels(village):
    """Cut the blocks, less the streets and the water, into parcels."""
    streets = village.streets
    space = shapely.buffer(streets.geometry.values, streets["width_m"].values / 2 + 0.4, quad_segs=2)
    tree = shapely.STRtree(space)
    bank = village.water.buffer(BANK if village.desa.water == "river" else 2.0)
    rows = []
    for block in village.blocks.itertuples():
        near = shapely.union_all(space[tree.query(block.geometry)])
        land = block.geometry.difference(near).difference(village.water)
        spec = village.spec(block.unit)
        for use, part in (("bantaran", land.intersection(bank)), (block.kind, land.difference(bank))):
            for piece in g.polygons_of(part):
                rows += [(block.unit, use, p) for p in _cut_land(village, spec, use, piece)]
    frame = gpd.GeoDataFrame(rows, columns=["unit", "use", "geometry"], crs=CRS)
    frame = frame[frame.area > 12.0].reset_index(drop=True)
    frame["facility"] = ""
    _facilities(village, frame)
    return frame


def _cut_land(village, spec, use, piece):
    """Parcels of one piece of land."""
    if use == "sawah":
        return g.subdivide(piece, 1700.0, village.rng)
    if use == "bantaran":
        return g.subdivide(piece, 260.0, village.rng)
    return g.subdivide(piece, spec.built_ha * 1e4 * 0.80 / spec.houses, village.rng)


def _facilities(village, frame):
    """Let a few parcels become mosque, school, cemetery, playing field; in one desa a factory."""
    settled = frame[frame["use"] == "permukiman"]
    middle = Point(village.centre)
    order = settled.assign(size=-settled.area, far=settled.distance(middle)).sort_values("size")
    target = order["unit"].map(lambda code: village.spec(code).kawasan == village.desa.kawasan)
    frame.loc[order[target].index[0], "facility"] = MOSQUE
    frame.loc[order[~target & (order["far"] < 280)].index[0], "facility"] = MOSQUE
    fields = frame[frame["use"] == "sawah"]
    fields = fields.assign(size=fields.area, far=fields.distance(middle)).sort_values("far")
    roomy = [k for k in fields.index if g.axes(fields.geometry[k])[2] > 26 and fields.area[k] > 1300]
    for index, name in zip(roomy, (SCHOOL, "lapangan", "makam"), strict=False):
        frame.loc[index, "facility"] = name
    if village.desa.factory:
        far = [k for k in reversed(roomy) if fields.geometry[k].centroid.x > village.centre[0] + 180]
        frame.loc[far[:2], "facility"] = FACTORY


def buildings(village, land):
    """Houses and public buildings: they face the nearest street."""
    streets = village.streets
    tree = shapely.STRtree(streets.geometry.values)
    rows = []
    for code, group in land.groupby("unit", sort=True):
        spec = village.spec(code)
        crooked = spec.kawasan == village.desa.kawasan
        for parcel in group[group["facility"].isin([MOSQUE, SCHOOL, FACTORY])].itertuples():
            rows += [(code, parcel.facility, shape) for shape in _public(parcel)]
        homes = group[(group["facility"] == "") & _liveable(group, village)]
        homes = homes.iloc[village.rng.permutation(len(homes))]
        placed = [s for s in (_house(village.rng, p, streets, tree, crooked) for p in homes.geometry) if s]
        rows += [(code, "", shape) for shape in placed[: spec.houses]]
    frame = gpd.GeoDataFrame(rows, columns=["unit", "use", "geometry"], crs=CRS)
    inside = village.rt.geometry.loc[frame["unit"]].reset_index(drop=True).contains_properly(frame.geometry)
    return frame[inside].reset_index(drop=True)


def _liveable(group, village):
    """Parcels where people may have built; on the river bank only in the target kawasan."""
    bank = village.desa.water == "river"
    return (group["use"] == "permukiman") | ((group["use"] == "bantaran") & bank)


def _front(parcel, streets, tree):
    """Nearest street: point on it, its direction, the way in, and where the parcel begins."""
    centre = parcel.centroid
    line = streets.geometry.values[tree.query_nearest(centre, all_matches=False)[0]]
    foot, along = g.nearest_on(line, centre)
    inward = np.array(centre.coords[0]) - foot
    distance = np.hypot(*inward)
    inward = inward / max(distance, 1e-6)
    along = np.array([inward[1], -inward[0]]) if abs(along @ inward) > 0.5 else along
    return foot, along, inward, line.distance(parcel)


def _house(rng, parcel, streets, tree, crooked):
    """One house in a parcel, or None where it does not fit."""
    foot, along, inward, start = _front(parcel, streets, tree)
    size = min(9.5 if crooked else 12.0, 0.62 * parcel.area**0.5)
    width, depth = size * rng.uniform(0.75, 1.05), size * rng.uniform(0.85, 1.25)
    setback = rng.uniform(0.5, 1.4) if crooked else rng.uniform(1.2, 3.6)
    turn = rng.normal(0, 0.24 if crooked else 0.025)
    along = g.unit_vector(np.arctan2(along[1], along[0]) + turn)
    room = parcel.buffer(-0.35 if crooked else -0.7)
    for scale in (1.0, 0.88, 0.78, 0.68, 0.6):
        w, d = np.clip([width * scale, depth * scale], 5.0, 12.0)
        for way in (setback, setback + 1.5, setback + 4.0):
            shape = g.rectangle(foot + inward * (start + way + d / 2), along, w, d)
            if room.contains(shape):
                return _with_kitchen(rng, shape, room, along, w, d)
        shape = g.rectangle(np.array(parcel.point_on_surface().coords[0]), along, w, d)
        if room.contains(shape):
            return shape
    return None


def _with_kitchen(rng, shape, room, along, width, depth):
    """Sometimes a smaller wing behind the house."""
    if rng.random() > 0.35:
        return shape
    centre = np.array(shape.centroid.coords[0])
    inward = g.left_of(along) * (1 if rng.random() < 0.5 else -1)
    wing = g.rectangle(centre + inward * depth * 0.6 + along * width * 0.2, along, width * 0.5, depth * 0.5)
    both = shape.union(wing)
    return both if room.contains(both) and both.geom_type == "Polygon" else shape


def _public(parcel):
    """Mosque, school or factory on its parcel."""
    centre = np.array(parcel.geometry.point_on_surface().coords[0])
    along = g.axes(parcel.geometry)[0]
    _, length, breadth = g.axes(parcel.geometry)
    if parcel.facility == MOSQUE:
        side = min(14.0, breadth * 0.55)
        shapes = [g.rectangle(centre, along, side, side)]
    elif parcel.facility == FACTORY:
        shapes = [g.rectangle(centre, along, length * 0.62, breadth * 0.6)]
    else:
        shapes = [_school(centre, along, length * k, breadth * k) for k in (1.0, 0.85, 0.7, 0.55)]
    return [s for s in shapes if s.geom_type == "Polygon" and parcel.geometry.contains(s)][:1]


def _school(centre, along, length, breadth):
    """Two wings in an L around the yard."""
    back = centre + g.left_of(along) * breadth * 0.24
    wing = centre - along * length * 0.27 - g.left_of(along) * breadth * 0.08
    return g.rectangle(back, along, length * 0.62, 7.5).union(g.rectangle(wing, along, 7.5, breadth * 0.5))


def trees(village, land, houses):
    """Points and radii of trees: in yards, along the water, a few in the fields."""
    rng = village.rng
    chance = land["use"].map({"permukiman": 1.5, "bantaran": 1.2, "sawah": 0.25}).values
    chance = np.where(land["facility"].isin(["lapangan", FACTORY]), 0.1, chance)
    chance = np.where(land["facility"] == "makam", 5.0, chance)
    points = [
        point
        for polygon, count in zip(land.geometry, rng.poisson(chance), strict=True)
        for point in _on_rim(polygon, rng.random(count))
        if not point.is_empty
    ]
    spots = gpd.GeoSeries(points, crs=CRS)
    return spots.buffer(rng.uniform(1.3, 3.2, len(spots)))


def _on_rim(polygon, shares):
    """Points just inside the border of a polygon, at shares of its length."""
    return shapely.line_interpolate_point(polygon.buffer(-1).boundary, shares, normalized=True)
