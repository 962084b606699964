"""Height of the ground: a smooth slope towards the water."""

from __future__ import annotations

import numpy as np
import shapely


def elevation(village, x, y):
    """Metres above sea level at points; gentle slope to the river or stream, a little relief."""
    rng = np.random.default_rng(village.desa.seed + 1)
    points = shapely.points(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
    middle = village.water_line.simplify(2.0)
    away = shapely.distance(points, middle)
    dx, dy = points_from(village, x, y)
    base, slope = (88.0, 0.011) if village.desa.water == "river" else (101.0, 0.007)
    relief = sum(
        rng.uniform(0.15, 0.45) * np.sin(2 * np.pi * (dx * np.cos(a) + dy * np.sin(a)) / w + p)
        for a, w, p in zip(rng.uniform(0, np.pi, 5), rng.uniform(150, 420, 5), rng.uniform(0, 6.28, 5), strict=True)
    )
    half_width = 34.0 if village.desa.water == "river" else 2.0
    valley = -4.0 * np.exp(-np.maximum(away - half_width, 0) / 9.0) * (1.0 if half_width > 10 else 0.4)
    return base + slope * away + 0.004 * dy + relief + valley


def points_from(village, x, y):
    """Coordinates from the centre of the village."""
    return np.asarray(x) - village.centre[0], np.asarray(y) - village.centre[1]
