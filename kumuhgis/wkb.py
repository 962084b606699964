"""WKB: geometries as files hold them, laid out in columns without making a single shape.

A polygon in well-known binary is a row of bytes: 1 (the order of bytes), 3 (a polygon), how many rings, and for each
ring how many points and then their coordinates. A hundred thousand of them lie one after the other in a column of an
Arrow table, so NumPy can fetch all their coordinates at once: it only has to know where each ring begins.

Only the plain is read here: points, lines and polygons in a plane, and those of several parts that have one part. What
is different in any way (heights, other orders of bytes, several parts, collections, curves, rings that are not closed,
empty ones) is named and left to shapely.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kumuhgis.outlines import LINE, POLYGON, Outlines, closed

#: Type numbers of WKB: the fourth to the sixth are the first to the third in several parts.
_POINT, _LINE, _POLYGON, _PARTS = 1, 2, 3, 3
#: Bytes of a pair of coordinates; and of the head of a geometry: order of bytes, type, number of parts.
_PAIR, _HEAD = 16, 9
#: The shortest plain geometry is a point.
_SHORTEST = 21
#: A polygon of more rings is left to shapely.
_MOST_RINGS = 100


@dataclass(frozen=True)
class Plain:
    """Geometries of a column of WKB.

    Attributes
    ----------
    kind : array of int
        0, 1 or 2: a point, line or polygon that is in the outlines; -1 for nothing, and for `odd` ones.
    odd : array of int
        Rows that are not plain.
    outlines : Outlines
        Vertices of all plain ones; a point is an outline of one vertex.
    hole : array of bool
        Which rings are holes.
    """

    kind: np.ndarray
    odd: np.ndarray
    outlines: Outlines
    hole: np.ndarray


def plain(data: np.ndarray, offset: np.ndarray, dimension: int | None = None) -> Plain:
    """Lay plain geometries out in columns.

    Parameters
    ----------
    data : array of uint8
        Bytes of all geometries.
    offset : array of int
        Where each geometry begins in them, and where the last one ends; nothing for a missing one.
    dimension : {LINE, POLYGON}, optional
        Lay out only lines or only polygons.

    Returns
    -------
    Plain
        Kinds, outlines, and rows that are not plain.

    Examples
    --------
    >>> import shapely
    >>> wkb = shapely.to_wkb(shapely.from_wkt(["LINESTRING (0 0, 3 4)", "LINESTRING Z (0 0 1, 3 4 1)"])).tolist()
    >>> found = plain(*joined(wkb))
    >>> found.kind.tolist(), found.odd.tolist(), found.outlines.x.tolist()
    ([1, -1], [1], [0.0, 3.0])
    """
    offset = np.asarray(offset, dtype=np.int64)
    begin, end = offset[:-1], offset[1:]
    kind, body = _kinds(data, begin, end)
    odd = (end > begin) & (kind < 0)
    row, at, count, hole, wrong = _rings(data, kind, body, end)
    odd[wrong] = True
    kind[odd] = -1
    kept = np.flatnonzero((kind[row] >= 0) if dimension is None else (kind[row] == dimension))
    row, count, hole = row[kept], count[kept], hole[kept]
    start = np.append(0, np.cumsum(count))
    byte = np.repeat(at[kept] - _PAIR * start[:-1], count) + _PAIR * np.arange(start[-1])
    values, none = _everywhere(data, "<f8"), np.zeros(len(row))
    flat = Outlines(values[byte], values[byte + _PAIR // 2], start, row, none + 1, none, len(kind))
    return Plain(kind, np.flatnonzero(odd), closed(flat, hole) if dimension == POLYGON else flat, hole)


def joined(geometries) -> tuple[np.ndarray, np.ndarray]:
    """Join WKB of single geometries to the column that `plain` reads.

    Parameters
    ----------
    geometries : sequence of bytes
        WKB; None is nothing.

    Returns
    -------
    tuple of (data, offset)
        All bytes, and where each geometry begins and the last one ends.

    Examples
    --------
    >>> data, offset = joined([b"ab", None, b"c"])
    >>> bytes(data), offset.tolist()
    (b'abc', [0, 2, 2, 3])
    """
    parts = [geometry or b"" for geometry in geometries]
    return np.frombuffer(b"".join(parts), np.uint8), np.append(0, np.cumsum([len(part) for part in parts], dtype=int))


def column(array) -> tuple[np.ndarray, np.ndarray]:
    """Return the bytes of a column of Arrow and where each geometry begins in them, without copying.

    Parameters
    ----------
    array : pyarrow.Array of type binary or large_binary
        WKB; null is nothing.

    Returns
    -------
    tuple of (data, offset)
        As `joined` returns them.
    """
    _, offset, data = array.buffers()
    width = np.int64 if str(array.type).startswith("large") else np.int32
    offset = np.frombuffer(offset, width)[array.offset : array.offset + len(array) + 1]
    return np.frombuffer(b"" if data is None else data, np.uint8), offset


def _everywhere(data, number):
    """Return the numbers that begin at each byte."""
    size = np.dtype(number).itemsize
    return np.ndarray(max(len(data) - size + 1, 0), number, data, strides=(1,))


def _kinds(data, begin, end):
    """Return the kind of each row (-1 if it is not plain), and where what comes after its type begins."""
    kind, body = np.full(len(begin), -1), begin + 5
    rows = np.flatnonzero(end - begin >= _SHORTEST)
    at, numbers = begin[rows], _everywhere(data, "<u4")
    code, plainly = numbers[at + 1].astype(np.int64), data[at] == 1
    many = (code > _PARTS) & (code <= 2 * _PARTS) & (numbers[at + 5] == 1) & (end[rows] - at >= _SHORTEST + _HEAD)
    inner = np.flatnonzero(many)
    part = at[inner] + _HEAD
    plainly[inner] &= (data[part] == 1) & (numbers[part + 1] == code[inner] - _PARTS)
    code[inner] -= _PARTS
    body[rows[inner]] += _HEAD
    plainly &= (code >= _POINT) & (code <= _POLYGON)
    kind[rows[plainly]] = code[plainly] - 1
    return kind, body


def _rings(data, kind, body, end):
    """Return the row, the place of the first pair, the number of pairs of each ring and whether it is a hole.

    And the rows whose bytes do not come out even, or whose rings are not closed.
    """
    point, line = np.flatnonzero(kind == 0), np.flatnonzero(kind == LINE)
    count = _everywhere(data, "<u4")[body[line]].astype(np.int64)
    row, number, at, pairs, wrong = _faces(data, np.flatnonzero(kind == POLYGON), body, end)
    wrong.append(point[body[point] + _PAIR != end[point]])
    wrong.append(line[(count < 2) | (body[line] + 4 + _PAIR * count != end[line])])
    number = np.append(np.zeros(len(point) + len(line), dtype=np.int64), number)
    row = np.concatenate([point, line, row])
    at = np.concatenate([body[point], body[line] + 4, at])
    pairs = np.concatenate([np.ones(len(point), dtype=np.int64), count, pairs])
    order = np.argsort(row, kind="stable") if len(point) + len(line) < len(row) else np.arange(len(row))
    return row[order], at[order], pairs[order], number[order] > 0, np.concatenate(wrong)


def _faces(data, face, body, end):
    """Return the row, the number within its polygon, the place and the pairs of each ring; and lists of wrong rows."""
    numbers = _everywhere(data, "<u4")
    left, place = numbers[body[face]].astype(np.int64), body[face] + 4
    few = (left > 0) & (left <= _MOST_RINGS)
    wrong, found, turn = [face[~few]], [], 0
    face, left, place = face[few], left[few], place[few]
    while len(face):
        count = numbers[place].astype(np.int64)
        first, after = place + 4, place + 4 + _PAIR * count
        good = (count >= 4) & (after <= end[face])
        good[good] = _same(data, first[good], after[good] - _PAIR)
        good &= np.where(left == 1, after == end[face], after + 4 <= end[face])
        wrong.append(face[~good])
        found.append((face[good], np.full(good.sum(), turn), first[good], count[good]))
        more = good & (left > 1)
        face, left, place, turn = face[more], left[more] - 1, after[more], turn + 1
    columns = zip(*found, strict=True) if found else [[face]] * 4
    return *(np.concatenate(each) for each in columns), wrong


def _same(data, first, last) -> np.ndarray:
    """Tell whether the pairs of coordinates at two places are the same bytes."""
    words = _everywhere(data, "<u8")
    half = _PAIR // 2
    return (words[first] == words[last]) & (words[first + half] == words[last + half])
