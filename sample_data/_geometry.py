"""Plane geometry for the invented villages: winding lines, splits by area, shared edges, rectangles."""

from __future__ import annotations

import numpy as np
import shapely
from shapely import LineString, Point, Polygon

GRID = 0.01  # metres: every shared vertex lies on this grid
FAR = 3000.0


def unit_vector(angle):
    """Direction of an angle in radians."""
    return np.array([np.cos(angle), np.sin(angle)])


def left_of(vector):
    """Vector turned a quarter to the left."""
    return np.array([-vector[1], vector[0]])


def waves(rng, amplitude, shortest=80.0, longest=320.0, count=3):
    """Make a smooth random function of one variable, about `amplitude` high."""
    lengths = np.exp(rng.uniform(np.log(shortest), np.log(longest), count))
    phases = rng.uniform(0, 2 * np.pi, count)
    pairs = list(zip(lengths, phases, strict=True))
    return lambda s: amplitude * sum(np.sin(2 * np.pi * s / w + p) for w, p in pairs) / count**0.5


def axes(polygon):
    """Measure the smallest rectangle around a polygon: direction and length of its long side, width."""
    corners = np.array(shapely.minimum_rotated_rectangle(polygon).exterior.coords)[:3]
    sides = np.diff(corners, axis=0)
    lengths = np.hypot(*sides.T)
    longest = int(np.argmax(lengths))
    return sides[longest] / lengths[longest], lengths[longest], lengths[1 - longest]


def curve(origin, direction, offset, sideways, half_length=700.0, step=14.0):
    """Draw a winding line through `origin`, moved `offset` to the left of `direction`."""
    s = np.arange(-half_length, half_length + step, step)
    normal = left_of(direction)
    return LineString(origin + np.outer(s, direction) + np.outer(offset + sideways(s), normal))


def straight(origin, direction):
    """Draw a long straight line through a point."""
    return curve(origin, direction, 0.0, lambda s: 0 * s, step=1400.0)


def side_of(line, direction):
    """Everything to the left of a long line that runs along `direction`."""
    away = left_of(direction) * FAR
    coords = np.array(line.coords)
    return Polygon(np.vstack([coords, coords[-1] + away, coords[0] + away])).buffer(0)


def split(polygon, direction, share, rng, amplitude):
    """Cut a polygon along `direction`; the left piece gets `share` of the area.

    Returns (left, right, line) or None when a piece would fall apart.
    """
    origin = np.array(polygon.centroid.coords[0])
    sideways = waves(rng, amplitude)
    low, high = -500.0, 500.0
    for _ in range(26):
        middle = (low + high) / 2
        line = curve(origin, direction, middle, sideways)
        left = polygon.intersection(side_of(line, direction))
        if left.area > share * polygon.area:
            low = middle
        else:
            high = middle
    right = polygon.difference(left)
    inside = line.intersection(polygon)
    pieces = (left, right, inside)
    if [p.geom_type for p in pieces] != ["Polygon", "Polygon", "LineString"]:
        return None
    return pieces


def split_surely(polygon, direction, share, rng, amplitude):
    """As `split`, with ever straighter lines until it works."""
    for factor in (1.0, 0.8, 0.5, 0.25, 0.1, 0.0):
        pieces = split(polygon, direction, share, rng, amplitude * factor)
        if pieces is not None:
            return pieces
    raise RuntimeError("a polygon could not be cut in two")


def across(polygon, rng, jitter=0.12):
    """Direction of a cut across the long side of a polygon, with a little chance in it."""
    along, _, _ = axes(polygon)
    angle = np.arctan2(along[1], along[0]) + np.pi / 2 + rng.normal(0, jitter)
    return unit_vector(angle)


def blob(centre, radius, rng, roughness=0.15, squareness=2.0, stretch=1.0, angle=0.0, step=12.0):
    """Draw a rounded, irregular polygon."""
    count = max(16, int(2 * np.pi * radius / step))
    theta = np.linspace(0, 2 * np.pi, count, endpoint=False)
    noise = 1 + sum(roughness * rng.normal() / k * np.sin(k * theta + rng.uniform(0, 2 * np.pi)) for k in range(2, 14))
    cos, sin, k = np.cos(theta), np.sin(theta), squareness
    r = noise * radius * (np.abs(cos) ** k + np.abs(sin) ** k) ** (-1 / k)
    points = np.column_stack([stretch * r * cos, r * sin / stretch])
    turn = np.array([unit_vector(angle), left_of(unit_vector(angle))])
    return Polygon(np.asarray(centre) + points @ turn).buffer(0)


def node(lines):
    """Cut lines at every crossing, all vertices on one grid: (edges, faces)."""
    network = shapely.unary_union(np.asarray(lines, dtype=object), grid_size=GRID)
    edges = shapely.get_parts(network)
    faces = shapely.get_parts(shapely.polygonize(edges))
    return edges, faces


def rectangle(centre, direction, width, depth):
    """Rectangle around `centre`, `width` along `direction`."""
    u, v = np.asarray(direction) * width / 2, left_of(np.asarray(direction)) * depth / 2
    c = np.asarray(centre)
    return Polygon([c - u - v, c + u - v, c + u + v, c - u + v])


def nearest_on(line, point):
    """Find the nearest point on a line and the direction of the line there."""
    s = line.project(point)
    a = np.array(line.interpolate(max(0.0, s - 1.0)).coords[0])
    b = np.array(line.interpolate(min(line.length, s + 1.0)).coords[0])
    along = b - a
    return np.array(line.interpolate(s).coords[0]), along / max(1e-9, np.hypot(*along))


def subdivide(polygon, target, rng):
    """Cut a polygon straight into pieces of about `target` square metres."""
    waiting, done = [polygon], []
    while waiting:
        piece = waiting.pop()
        if piece.area < target * rng.uniform(1.25, 1.7):
            done.append(piece)
            continue
        along, _, _ = axes(piece)
        origin = Point(piece.centroid)
        angle = np.arctan2(along[1], along[0]) + np.pi / 2 + rng.normal(0, 0.05)
        start = np.array(origin.coords[0]) + along * rng.normal(0, 0.05) * piece.area**0.5
        half = side_of(straight(start, unit_vector(angle)), unit_vector(angle))
        parts = [*polygons_of(piece.intersection(half)), *polygons_of(piece.difference(half))]
        waiting.extend(p for p in parts if p.area > 1.0)
    return done


def polygons_of(geometry):
    """List the polygons inside any geometry."""
    return [p for p in shapely.get_parts(geometry) if p.geom_type == "Polygon" and p.area > 0]
