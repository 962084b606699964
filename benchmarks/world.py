"""A made-up kabupaten W(n): n RT with shared wiggly borders, 60 n houses; seeded, so that two runs are the same."""

import geopandas as gpd
import numpy as np
import shapely

SIDE, STEPS = 141.0, 8  # about 2 ha, about 31 vertices
ORIGIN = (480000.0, 9150000.0)
CRS = 32749


def units(n, seed=1):
    """Make about n RT on a grid whose borders are shared wiggly lines.

    Parameters
    ----------
    n : int
        How many; rounded down to a square.
    seed : int
        Seed of the wiggles.

    Returns
    -------
    geopandas.GeoDataFrame
        ``kode`` and polygons, a valid coverage.
    """
    rng, side = np.random.default_rng(seed), int(np.sqrt(n))
    knots = side * STEPS + 1
    taper = np.sin(np.pi * (np.arange(knots) % STEPS) / STEPS)[:, None]  # quiet near the corners
    sway = rng.uniform(-0.06, 0.06, (side + 1, knots, 2)) * SIDE * taper
    along = np.linspace(0, side, knots) * SIDE
    level = np.arange(side + 1)[:, None] * SIDE + np.zeros(knots)
    rows = np.stack([along + sway[..., 0] * 0.3, level + sway[..., 1]], axis=-1)
    sway = rng.uniform(-0.06, 0.06, (side + 1, knots, 2)) * SIDE * taper
    columns = np.stack([level + sway[..., 0], along + sway[..., 1] * 0.3], axis=-1)
    rings = []
    for j in range(side):
        for i in range(side):
            a, b = slice(i * STEPS, (i + 1) * STEPS + 1), slice(j * STEPS, (j + 1) * STEPS + 1)
            rings.append(
                np.concatenate([rows[j, a], columns[i + 1, b][1:], rows[j + 1, a][::-1][1:], columns[i, b][::-1][1:]])
            )
    shapes = shapely.polygons(np.array(rings) + ORIGIN)
    codes = [f"33.13.{k // 10000:02d}.{k // 100 % 100:04d}.{k % 100:03d}" for k in range(len(shapes))]
    return gpd.GeoDataFrame({"KODE_RT": codes}, geometry=shapes, crs=CRS)


def houses(n, seed=2):
    """Make 60 houses per RT: turned rectangles, all valid.

    Parameters
    ----------
    n : int
        How many RT.
    seed : int
        Seed.

    Returns
    -------
    geopandas.GeoDataFrame
        ``TERATUR`` (ya/tidak) and polygons.
    """
    rng, side = np.random.default_rng(seed), int(np.sqrt(n))
    count = 60 * side * side
    centre = rng.uniform(0, side * SIDE, (count, 1, 2)) + ORIGIN
    half = rng.uniform(2.5, 6.0, (count, 1, 2)) * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    turn = rng.uniform(0, np.pi, count)
    spin = np.stack([np.cos(turn), -np.sin(turn), np.sin(turn), np.cos(turn)], axis=-1).reshape(-1, 2, 2)
    corners = centre + np.einsum("nij,nkj->nki", spin, half)
    words = np.where(rng.random(count) < 0.7, "ya", "tidak")
    return gpd.GeoDataFrame({"TERATUR": words}, geometry=shapely.polygons(corners), crs=CRS)
