"""Rasters of an invented village: ground heights, people, and a drawn orthophoto."""

from __future__ import annotations

import _geometry as g
import numpy as np
import rasterio
import shapely
from _features import FACTORY
from _settings import CRS, NOTICE
from _terrain import elevation
from rasterio.features import rasterize
from rasterio.transform import from_origin
from rasterio.warp import transform as to_crs

MARGIN = 40.0
NOTHING = -99999.0
FIELDS = ((112, 142, 62), (132, 156, 74), (96, 128, 56), (158, 162, 92), (142, 126, 88), (120, 150, 80))
ROOFS = ((150, 84, 58), (168, 98, 66), (128, 78, 60), (142, 112, 92), (150, 146, 140), (176, 120, 84))
SURFACES = {"aspal": (104, 104, 106), "beton": (170, 168, 160), "paving": (150, 132, 124)}
SOIL = (160, 136, 100)


def _grid(village, pixel, margin=MARGIN):
    """Upper left corner and shape of a raster around the RT."""
    x0, y0, x1, y1 = village.rt.total_bounds
    left, top = np.floor((x0 - margin) / 10) * 10, np.ceil((y1 + margin) / 10) * 10
    return left, top, int(np.ceil((top - y0 + margin) / pixel)), int(np.ceil((x1 + margin - left) / pixel))


def _write(path, bands, transform, crs, **options):
    """Write a raster with the notice that it is invented."""
    bands = bands if bands.ndim == 3 else bands[np.newaxis]
    count, height, width = bands.shape
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=count,
        height=height,
        width=width,
        dtype=bands.dtype,
        transform=transform,
        crs=crs,
        **options,
    ) as target:
        target.write(bands)
        target.update_tags(TIFFTAG_IMAGEDESCRIPTION=NOTICE)


def dem(village, path, pixel=5.0):
    """Ground heights in metres, 5 m pixels."""
    left, top, rows, columns = _grid(village, pixel, 80.0)
    xs, ys = np.meshgrid(left + pixel * (np.arange(columns) + 0.5), top - pixel * (np.arange(rows) + 0.5))
    heights = elevation(village, xs.ravel(), ys.ravel()).reshape(rows, columns)
    heights = np.round(heights / 0.05) * 0.05
    _write(
        path,
        heights.astype("float32"),
        from_origin(left, top, pixel, pixel),
        CRS,
        compress="deflate",
        predictor=3,
        zlevel=9,
        nodata=NOTHING,
    )


def population(village, houses, people, path, pixel=1 / 2400):
    """People per pixel in degrees, as global population rasters come; nothing where nobody lives."""
    homes = houses[houses["use"].isin(["hunian", "warung"])]
    points = homes.geometry.centroid.to_crs(4326)
    each = homes["unit"].map(people / homes.groupby("unit").size()).to_numpy()
    left, top, rows, columns = _grid(village, 1.0)
    (west, east), (north, south) = to_crs(CRS, "EPSG:4326", [left, left + columns], [top, top - rows])
    shape = int((north - south) / pixel) + 1, int((east - west) / pixel) + 1
    grid = np.zeros(shape)
    np.add.at(grid, (((north - points.y) / pixel).astype(int), ((points.x - west) / pixel).astype(int)), each)
    grid[grid == 0] = NOTHING
    _write(
        path,
        grid.astype("float32"),
        from_origin(west, north, pixel, pixel),
        "EPSG:4326",
        compress="deflate",
        nodata=NOTHING,
    )


class _Canvas:
    """An RGB picture in half metres on which shapes are painted."""

    def __init__(self, village, pixel=0.5):
        self.left, self.top, rows, columns = _grid(village, 1.0)
        self.shape = (int(rows / pixel), int(columns / pixel))
        self.transform = from_origin(self.left, self.top, pixel, pixel)
        self.rng = np.random.default_rng(village.desa.seed + 2)
        self.picture = np.zeros((*self.shape, 3), dtype="float32")

    def paint(self, shapes, colours, grain=0.0):
        """Paint every shape in its colour, with some grain."""
        shapes = list(shapes)
        if not shapes:
            return
        numbered = zip(shapes, range(1, len(shapes) + 1), strict=True)
        numbers = rasterize(numbered, self.shape, transform=self.transform, dtype="int32")
        each = np.broadcast_to(np.asarray(colours, dtype="float32"), (len(shapes), 3))
        palette = np.vstack([(0, 0, 0), each])
        painted = numbers > 0
        noise = self.rng.normal(0, grain, (int(painted.sum()), 1)) if grain else 0.0
        self.picture[painted] = palette[numbers[painted]] + noise

    def shade(self, shapes, factor):
        """Darken or lighten what lies under shapes."""
        shapes = list(shapes)
        if shapes:
            mask = rasterize(((s, 1) for s in shapes), self.shape, transform=self.transform, dtype="uint8")
            self.picture[mask == 1] *= factor

    def pixels(self):
        """Give the picture in whole metres, as bytes, bands first."""
        rows, columns = self.shape[0] // 2, self.shape[1] // 2
        coarse = self.picture[: rows * 2, : columns * 2].reshape(rows, 2, columns, 2, 3).mean(axis=(1, 3))
        coarse += _clouds(self.rng, coarse.shape[:2])[..., np.newaxis]
        return np.clip(coarse, 0, 255).astype("uint8").transpose(2, 0, 1)


def _clouds(rng, shape):
    """Soft differences in brightness."""
    ys, xs = np.mgrid[: shape[0], : shape[1]]
    total = np.zeros(shape)
    for _ in range(8):
        angle, length = rng.uniform(0, np.pi), rng.uniform(25, 160)
        total += np.sin(2 * np.pi * (xs * np.cos(angle) + ys * np.sin(angle)) / length + rng.uniform(0, 6.28))
    return total * 1.6


def _mixed(rng, colours, count, spread):
    """`count` colours from a palette, each a little different."""
    return np.array(colours)[rng.integers(0, len(colours), count)] + rng.normal(0, spread, (count, 1))


def orthophoto(village, layers, trees, path):
    """Draw a picture from above: fields, yards, river, streets, roofs, trees."""
    canvas = _Canvas(village)
    _paint_land(canvas, village, layers["parcels"])
    _paint_streets(canvas, layers["roads"])
    _paint_roofs(canvas, layers["buildings"].geometry)
    crowns = np.array((62, 92, 44)) + canvas.rng.normal(0, 9, (len(trees), 1))
    canvas.shade(trees.translate(1.0, -1.0), 0.72)
    canvas.paint(trees, crowns, 9.0)
    _write(
        path,
        canvas.pixels(),
        from_origin(canvas.left, canvas.top, 1.0, 1.0),
        CRS,
        compress="jpeg",
        jpeg_quality=80,
        photometric="ycbcr",
        tiled=True,
        blockxsize=256,
        blockysize=256,
    )


def _paint_land(canvas, village, land):
    """Fields, yards, playing field, river."""
    rng = canvas.rng
    rim = shapely.union_all(village.rt.geometry.values).buffer(0.5)
    around = g.rectangle(village.centre, g.unit_vector(0.35 + village.desa.turn), 1500.0, 1500.0)
    beyond = [p for part in g.polygons_of(around.difference(rim)) for p in g.subdivide(part, 2600.0, rng)]
    fields = [*land.geometry[land["use"] == "sawah"], *beyond]
    canvas.picture[:] = (122, 138, 84)
    canvas.paint(fields, _mixed(rng, FIELDS, len(fields), 6), 5.0)
    canvas.paint([f.boundary.buffer(0.4) for f in fields], (104, 118, 66), 6.0)
    yards = land.geometry[land["use"].isin(["permukiman", "bantaran"])]
    canvas.paint(yards, _mixed(rng, ((134, 124, 88), (122, 124, 80), (148, 132, 98)), len(yards), 8), 8.0)
    canvas.paint(land.geometry[land["facility"] == "lapangan"], (128, 164, 78), 4.0)
    canvas.paint(land.geometry[land["facility"].isin([FACTORY, "sekolah"])], (158, 154, 146), 5.0)
    canvas.paint([village.water.buffer(3).difference(village.water)], (84, 108, 58), 8.0)
    canvas.paint([village.water], (124, 112, 82), 3.0)


def _paint_streets(canvas, streets):
    """Streets in the colour of their surface."""
    colours = [SURFACES.get(s, SOIL) for s in streets["surface"]]
    shapes = list(streets.buffer(streets["width_m"] / 2, resolution=3))
    canvas.shade([s.buffer(0.6) for s in shapes], 0.88)
    canvas.paint(shapes, colours, 4.0)


def _paint_roofs(canvas, houses):
    """Roofs with their shadow and the sunny half."""
    colours = _mixed(canvas.rng, ROOFS, len(houses), 8)
    canvas.shade(houses.translate(1.2, -1.4), 0.55)
    canvas.paint(houses, colours, 4.0)
    sunny = []
    for house in houses:
        along, _, _ = g.axes(house)
        along = along if along[0] > 0 else -along
        ridge = g.straight(np.array(house.centroid.coords[0]), along)
        sunny.append(house.intersection(g.side_of(ridge, along)))
    canvas.shade(sunny, 1.16)
