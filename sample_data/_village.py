"""The skeleton of an invented village: river, RW, RT, blocks, streets."""

from __future__ import annotations

from dataclasses import dataclass

import _geometry as g
import geopandas as gpd
import numpy as np
import shapely
from _settings import CRS, STREETS
from pyproj import Transformer

RIVER_WIDTH, STREAM_WIDTH = 68.0, 4.0


@dataclass
class Village:
    """The skeleton: `rt` and `blocks` are coverages, `edges` their noded borders."""

    desa: object
    rng: np.random.Generator
    centre: np.ndarray
    water: object  # polygon of the water surface
    water_line: object  # its middle line
    rt: gpd.GeoDataFrame
    blocks: gpd.GeoDataFrame
    edges: gpd.GeoDataFrame

    @property
    def streets(self):
        """Edges that are streets."""
        return self.edges[self.edges["kind"].isin(STREETS)]

    @property
    def settled(self):
        """Blocks where people live."""
        return self.blocks[self.blocks["kind"] == "permukiman"]

    def spec(self, code):
        """Look up the wanted RT behind a code."""
        return self.rt.at[code, "spec"]


@dataclass
class _Sketch:
    """Lines and pieces drawn so far, before they are noded."""

    lines: list
    kinds: list
    pieces: list  # (polygon, code, kind)

    def draw(self, line, kind):
        self.lines.append(line)
        self.kinds.append(kind)


def centre_of(desa):
    """Find the published centre of the desa in metres, moved to where the sample lies."""
    x, y = Transformer.from_crs(4326, CRS, always_xy=True).transform(desa.lon, desa.lat)
    return np.round([x + desa.shift[0], y + desa.shift[1]])


def code_of(desa, rw, number):
    """RT code as text: desa, RW, RT."""
    return f"{desa.code}.{rw.number:03d}.{number:03d}"


def build(desa):
    """Draw the skeleton of one village."""
    rng = np.random.default_rng(desa.seed)
    centre = centre_of(desa)
    outline = g.blob(centre, desa.radius, rng, 0.06, 3.2, 1.06, desa.turn)
    sketch = _Sketch([], [], [])
    if desa.water == "river":
        outline, water_line, parts = _river_village(desa, outline, sketch, rng)
    else:
        water_line, parts = _crossed_village(desa, outline, sketch, rng)
    sketch.draw(outline.exterior, "batas")
    for rw, polygon in zip(desa.rws, parts, strict=True):
        _cut_rw(desa, rw, polygon, centre, sketch, rng)
    width = RIVER_WIDTH if desa.water == "river" else STREAM_WIDTH
    water = water_line.buffer(width / 2, cap_style="flat", quad_segs=4)
    rt, blocks, edges = _noded(desa, sketch, rng)
    return Village(desa, rng, centre, water, water_line, rt, blocks, edges)


def _crossed_village(desa, outline, sketch, rng):
    """Let main road and stream cross; the four quarters are the RW."""
    road_way, stream_way = g.unit_vector(desa.turn), g.unit_vector(desa.turn + np.pi / 2 + 0.12)
    upper, lower, road = g.split_surely(outline, road_way, 0.5, rng, 9.0)
    sketch.draw(road, "jalan utama")
    middle = np.array(outline.centroid.coords[0])
    stream = g.curve(middle, stream_way, 0.0, g.waves(rng, 13.0))
    sketch.draw(stream.intersection(outline), "sungai")
    half = g.side_of(stream, stream_way)
    parts = [cut(half) for cut in (upper.intersection, upper.difference, lower.difference, lower.intersection)]
    return stream.intersection(outline.buffer(130)), parts


def _river_village(desa, outline, sketch, rng):
    """Bengawan Solo to the west; the first RW is the strip along its bank."""
    way = g.unit_vector(np.pi / 2 + desa.turn)
    middle = np.array(outline.centroid.coords[0]) - np.array([desa.radius * 0.86, 0.0])
    bends = g.waves(rng, 26.0, 380.0, 900.0)
    water_line = g.curve(middle, way, 0.0, bends)
    bank = g.curve(middle, way, -RIVER_WIDTH / 2, bends)
    outline = outline.difference(g.side_of(bank, way))
    total = sum(len(rw.rts) for rw in desa.rws)
    strip, rest, lane = g.split_surely(outline, way, len(desa.rws[0].rts) / total, rng, 8.0)
    sketch.draw(lane, "jalan lingkungan")
    upper, lower, road = g.split_surely(rest, g.unit_vector(desa.turn + 0.1), 6 / 11, rng, 9.0)
    sketch.draw(road, "jalan utama")
    a, b, lane = g.split_surely(upper, g.across(upper, rng, 0.05), 0.5, rng, 6.0)
    sketch.draw(lane, "jalan lingkungan")
    c, d, lane = g.split_surely(lower, g.across(lower, rng, 0.05), 3 / 5, rng, 6.0)
    sketch.draw(lane, "jalan lingkungan")
    return outline, water_line.intersection(outline.buffer(260)), [strip, a, b, c, d]


def _cut_rw(desa, rw, polygon, centre, sketch, rng):
    """Cut an RW into its RT by lanes."""
    waiting = [(polygon, list(enumerate(rw.rts, start=1)))]
    while waiting:
        piece, rts = waiting.pop()
        if len(rts) == 1:
            number, spec = rts[0]
            _cut_rt(desa, code_of(desa, rw, number), spec, piece, centre, sketch, rng)
            continue
        half = (len(rts) + 1) // 2
        share = half / len(rts) * rng.uniform(0.93, 1.07)
        left, right, lane = g.split_surely(piece, g.across(piece, rng, 0.1), share, rng, 5.0)
        sketch.draw(lane, "jalan lingkungan")
        waiting += [(left, rts[:half]), (right, rts[half:])]


def _cut_rt(desa, code, spec, polygon, centre, sketch, rng):
    """Part the settlement from the fields, then cut the settlement into blocks by alleys."""
    share = min(0.93, spec.built_ha * 1e4 / polygon.area)
    away = np.array(polygon.centroid.coords[0]) - _attractor(desa, spec, polygon, centre)
    toward = np.arctan2(-away[1], -away[0]) + rng.normal(0, 0.15)
    built, fields, line = g.split_surely(polygon, g.unit_vector(toward - np.pi / 2), share, rng, 6.0)
    sketch.draw(line, "jalan lingkungan" if rng.random() < 0.45 else "pematang")
    sketch.pieces.append((fields, code, "sawah"))
    target = 1900.0 if spec.kawasan == desa.kawasan else 4200.0
    waiting = [built]
    while waiting:
        piece = waiting.pop()
        if piece.area < target * rng.uniform(1.2, 1.7):
            sketch.pieces.append((piece, code, "permukiman"))
            continue
        way, share = g.across(piece, rng, 0.16), rng.uniform(0.4, 0.6)
        left, right, alley = g.split_surely(piece, way, share, rng, 3.0)
        sketch.draw(alley, "gang" if rng.random() < 0.8 else "jalan lingkungan")
        waiting += [left, right]


def _attractor(desa, spec, polygon, centre):
    """Where the houses of an RT gather: the river bank, or the middle of the village."""
    if desa.water == "river" and spec.kawasan == desa.kawasan:
        return np.array(polygon.centroid.coords[0]) - np.array([100.0, 0.0])
    return centre


def _noded(desa, sketch, rng):
    """Node all lines and give every face its RT and every edge its kind."""
    edges, faces = g.node(sketch.lines)
    polygons = np.array([p for p, _, _ in sketch.pieces], dtype=object)
    inside = shapely.STRtree(polygons).query_nearest(shapely.point_on_surface(faces), all_matches=False)[1]
    blocks = gpd.GeoDataFrame(
        {"unit": [sketch.pieces[i][1] for i in inside], "kind": [sketch.pieces[i][2] for i in inside]},
        geometry=shapely.orient_polygons(faces),
        crs=CRS,
    )
    specs = {code_of(desa, rw, n): (rw, n, s) for rw in desa.rws for n, s in enumerate(rw.rts, start=1)}
    rt = blocks[["unit", "geometry"]].dissolve("unit", method="coverage").sort_index()
    rt["rw"] = [specs[code][0].number for code in rt.index]
    rt["rt"] = [specs[code][1] for code in rt.index]
    rt["dusun"] = [specs[code][0].dusun for code in rt.index]
    rt["spec"] = [specs[code][2] for code in rt.index]
    source = shapely.STRtree(sketch.lines).query_nearest(
        shapely.line_interpolate_point(edges, 0.5, normalized=True), all_matches=False
    )[1]
    kinds = np.array(sketch.kinds, dtype=object)[source]
    low, high = (np.array([STREETS.get(k, (0.0, 0.0))[end] for k in sketch.kinds]) for end in (0, 1))
    widths = np.round(rng.uniform(low, high), 1)[source]
    frame = gpd.GeoDataFrame({"kind": kinds, "width_m": widths, "source": source}, geometry=edges, crs=CRS)
    return rt, blocks, frame
