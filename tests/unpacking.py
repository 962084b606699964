"""Reads the data blocks of a page in Python, as the page does in the browser."""

import base64
import json
import re
import zlib

import numpy as np

BLOCK = re.compile(r'<script type="application/(json|x-kumuhgis)" id="[^"]+">(.*?)</script>', re.S)


def data_of(page, **wanted):
    """The data blocks of a page whose items agree with what is wanted."""
    found = [json.loads(text) if kind == "json" else unpack(text) for kind, text in BLOCK.findall(page)]
    return [data for data in found if all(data.get(key) == value for key, value in wanted.items())]


def inflated(page):
    """The page with all that its packed blocks hold written out behind it, so that one can search it."""
    told = []
    for data in data_of(page):
        told.append(json.dumps(data, default=lambda array: f"{len(array)} numbers", ensure_ascii=False))
        told += [str(value) for column in _columns(data) for value in values(data, column, data["n"])]
    return "\n".join([page, *told])


def _columns(found):
    """All packed columns somewhere in the data of a block."""
    if isinstance(found, dict) and ({"plain"} <= set(found) or {"codes", "words"} <= set(found) or "least" in found):
        return [found]
    parts = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
    return [column for part in parts for column in _columns(part)]


def unpack(block):
    """A packed block with its arrays."""
    stream = base64.b64decode(block)
    whole = zlib.decompress(stream[4:], -15)
    assert len(whole) == int.from_bytes(stream[:4], "little")
    start = 4 + int.from_bytes(whole[:4], "little")
    return json.loads(whole[4:start], object_hook=lambda found: array(found, whole[start:]) if "$" in found else found)


def array(found, data):
    kind, at, n = found["$"], found["at"], found["n"]
    if kind == "d":
        return np.frombuffer(data, "<f8", n, at)
    if kind == "v":
        return np.array(varints(data, at, n), np.int64)
    width = int(kind)
    planes = np.frombuffer(data, "u1", n * width, at).reshape(width, n).astype(np.int64)
    return sum(planes[k] << 8 * k for k in range(width))


def varints(data, at, n):
    out = []
    for _ in range(n):
        folded = shift = 0
        while True:
            byte = data[at]
            at += 1
            folded |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        out.append(-(folded + 1) // 2 if folded % 2 else folded // 2)
    return out


def values(root, column, n):
    """One value per row of a packed column, None where there is none."""
    if "plain" in column:
        return [None if np.isnan(value) else value for value in column["plain"]]
    codes = [int(code) for code in np.broadcast_to(column["codes"], n)]
    if "words" in column:
        return [column["words"][code - 1] if code else None for code in codes]
    base = [0] * n
    if "base" in column:
        found = root
        for key in column["base"]:
            found = found[key]
        base = [round((value or 0) * column["scale"]) for value in values(root, found, n)]
    least, scale = column["least"] - 1, column["scale"]
    return [(code + least + start) / scale if code else None for code, start in zip(codes, base, strict=True)]


def shapes_of(packed):
    """Every feature as rings of (longitude, latitude) in millionths of a degree."""
    x, y = np.cumsum(packed["x"]), np.cumsum(packed["y"])
    points = np.split(np.column_stack([x, y]), np.cumsum(packed["points"])[:-1])
    rings = np.add.reduceat(packed["rings"], np.cumsum(np.append(0, packed["parts"][:-1]))) if len(points) else []
    ends = np.cumsum(rings)
    return [points[end - n : end] for n, end in zip(rings, ends, strict=True)]


def units_of(packed):
    """Every unit as rings of points in millionths of a degree; a unit without shape has no ring."""
    x, y = np.cumsum(packed["x"]), np.cumsum(packed["y"])
    arcs = np.split(np.column_stack([x, y]), np.cumsum(packed["points"])[:-1])
    walked, rings, at = np.cumsum(packed["arcs"]), [], 0
    for pieces in packed["pieces"]:
        ways = [arcs[way >> 1][::-1] if way & 1 else arcs[way >> 1] for way in walked[at : at + pieces]]
        rings.append(np.concatenate([way[:-1] for way in ways]))
        at += pieces
    out, ring, part = [], 0, 0
    for parts in packed["parts"]:
        count = int(np.sum(packed["rings"][part : part + parts]))
        out.append(rings[ring : ring + count])
        ring, part = ring + count, part + parts
    return out
