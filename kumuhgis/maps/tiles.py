"""Tiles of a picture from one file (MBTiles, PMTiles): those over the village, so many as a page may hold."""

import bisect
import contextlib
import gzip
import json
import math
import sqlite3
import struct
import zlib
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

MOST_TILES = 2_000
"""Of a page."""
_KINDS = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}
_DIRECTORY = 4 << 20
"""Bytes of the largest directory of a PMTiles file that is unpacked."""
_BROKEN = (
    sqlite3.Error, struct.error, zlib.error, EOFError, OSError, ValueError, LookupError, TypeError, OverflowError,
    RecursionError,
)  # fmt: skip
"""What reading a broken file may end in."""
_EDGE = 20037508.342789244
"""Half of the width of the world in EPSG:3857."""


class TilesUnreadable(Exception):
    """The file is broken; the text says how."""


class TilesNotPictures(Exception):
    """The file holds vector tiles, which have no look of their own."""


@dataclass(frozen=True)
class Tiles:
    """Tiles over a village.

    Attributes
    ----------
    tiles : dict of (int, int, int) to bytes
        Zoom, column and row (from the north) to a picture.
    zooms : list of int
        Zooms that are in it.
    left_out : list of int
        Finer zooms that the file has but the page has no room for.
    attribution : str
        What the file says of its makers, as plain text.
    """

    tiles: dict
    zooms: list
    left_out: list
    attribution: str


def kind_of(content):
    """Tell the media type of a picture by its first bytes; empty where it is none."""
    return next((kind for magic, kind in _KINDS.items() if content.startswith(magic)), "")


def is_tiles(path):
    """Tell whether a file is MBTiles or PMTiles: ``"mbtiles"``, ``"pmtiles"`` or empty."""
    with open(path, "rb") as file:
        head = file.read(16)
    return "mbtiles" if head == b"SQLite format 3\0" else "pmtiles" if head[:7] == b"PMTiles" else ""


def read_tiles(path, box, *, most_bytes):
    """Read the tiles over a box: from the zoom at which they are few to the finest for which there is room.

    Parameters
    ----------
    path : path
        MBTiles or PMTiles (version 3) with pictures.
    box : tuple of float
        West, south, east, north in EPSG:3857.
    most_bytes : int
        How much all tiles together may be.

    Returns
    -------
    Tiles or None
        None where the file has no tile over the box.

    Raises
    ------
    TilesUnreadable, TilesNotPictures
        If the file is broken, or has vector tiles.
    """
    source = _MBTiles if is_tiles(path) == "mbtiles" else _PMTiles
    try:
        with source(path) as file:
            return _chosen(file, box, most_bytes)
    except _BROKEN as error:
        raise TilesUnreadable(str(error)) from error


def _chosen(file, box, most_bytes):
    """Take zoom after zoom; the first one always, the next ones while there is room."""
    found, zooms, left_out, used = {}, [], [], 0
    for zoom in (z for z in file.zooms if z >= min(_first_zoom(box), max(file.zooms))):
        columns, rows = _span(box, zoom)
        few = len(columns) * len(rows) + len(found) <= MOST_TILES
        tiles = {} if left_out or not few else file.over(zoom, columns, rows)
        size = sum(map(len, set(tiles.values()) - set(found.values())))
        if not tiles and few and not left_out:
            continue
        if zooms and (used + size > most_bytes or not few):
            left_out.append(zoom)
            continue
        if any(not kind_of(tile) for tile in tiles.values()):
            raise TilesNotPictures
        found |= tiles
        used += size
        zooms.append(zoom)
    return Tiles(found, zooms, left_out, plain_text(file.attribution)) if zooms else None


def _first_zoom(box):
    """Give the zoom at which the box is about one tile wide."""
    return max(0, math.floor(math.log2(2 * _EDGE / max(box[2] - box[0], box[3] - box[1]))))


def _span(box, zoom):
    """Give the columns and rows of the tiles that touch a box."""
    side = 2 * _EDGE / 2**zoom

    def between(low, high):
        low, high = (min(max(math.floor(v / side), 0), 2**zoom - 1) for v in (low, high))
        return range(low, high + 1)

    return between(box[0] + _EDGE, box[2] + _EDGE), between(_EDGE - box[3], _EDGE - box[1])


class _Text(HTMLParser):
    def __init__(self):
        super().__init__()
        self.said = []

    def handle_data(self, data):
        self.said.append(data)


def plain_text(html):
    """Take the words out of the small HTML that tile files carry.

    Examples
    --------
    >>> plain_text('<a href="https://example.org">© Dinas</a> 2025')
    '© Dinas 2025'
    """
    reader = _Text()
    reader.feed(str(html or ""))
    reader.close()
    return " ".join("".join(reader.said).split())


# ---------------------------------------------------------------- MBTiles: a SQLite file, rows counted from the south


class _MBTiles(contextlib.AbstractContextManager):
    def __init__(self, path):
        self.base = sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro&immutable=1", uri=True)
        self.base.execute("PRAGMA trusted_schema = OFF")
        try:
            said = dict(self.base.execute("SELECT name, value FROM metadata"))
            zooms = "SELECT DISTINCT zoom_level FROM tiles WHERE zoom_level BETWEEN 0 AND 30 ORDER BY 1"
            self.zooms = [int(zoom) for (zoom,) in self.base.execute(zooms)]
        except BaseException:
            self.base.close()
            raise
        self.attribution = said.get("attribution", "")
        if str(said.get("format", "")).lower() in ("pbf", "mvt"):
            self.base.close()
            raise TilesNotPictures
        if not self.zooms:
            self.base.close()
            raise TilesUnreadable("0 tiles")

    def __exit__(self, *_):
        self.base.close()

    def over(self, zoom, columns, rows):
        last = 2**zoom - 1
        found = self.base.execute(
            "SELECT tile_column, tile_row, tile_data FROM tiles WHERE zoom_level = ?"
            " AND tile_column BETWEEN ? AND ? AND tile_row BETWEEN ? AND ?",
            (zoom, columns[0], columns[-1], last - rows[-1], last - rows[0]),
        )
        return {(zoom, int(x), last - int(y)): bytes(data) for x, y, data in found}


# ---------------------------------------------------------------- PMTiles 3: a header, directories along a curve, tiles


class _PMTiles(contextlib.AbstractContextManager):
    """Reader of https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md, as far as pictures need it."""

    def __init__(self, path):
        self.file = open(path, "rb")  # noqa: SIM115 closed on exit
        try:
            self._head()
        except BaseException:
            self.file.close()
            raise

    def __exit__(self, *_):
        self.file.close()

    def _head(self):
        head = self.file.read(127)
        if head[7] != 3:
            raise TilesUnreadable(f"PMTiles {head[7]}")
        root, root_size, about, about_size, self.leaves, self.leaves_size, self.data, self.data_size = struct.unpack(
            "<8Q", head[8:72]
        )
        self.packed, _, kind, first, last = head[97:102]
        if kind == 1:
            raise TilesNotPictures
        if self.packed not in (1, 2):
            raise TilesUnreadable(f"internal compression {self.packed}")
        if not first <= last <= 30:
            raise TilesUnreadable(f"zooms {first}–{last}")
        self.zooms = list(range(first, last + 1))
        self.known = {}
        self.root = self._directory(root, root_size)
        said = json.loads(self._bytes(about, about_size) or b"{}")
        self.attribution = said.get("attribution", "") if isinstance(said, dict) else ""

    def _bytes(self, start, size):
        if size > _DIRECTORY:
            raise TilesUnreadable(f"{size} bytes")
        self.file.seek(start)
        content = self.file.read(size)
        if len(content) < size:
            raise EOFError(f"{start + size} > {start + len(content)} bytes")
        if self.packed == 1 or not content:
            return content
        unpacked = zlib.decompressobj(wbits=31).decompress(content, _DIRECTORY + 1)
        if len(unpacked) > _DIRECTORY:
            raise TilesUnreadable(f"> {_DIRECTORY} bytes")
        return unpacked

    def _directory(self, start, size):
        """Read one directory: sorted rows of (tile, run, length, offset); a run of 0 names a leaf."""
        if start not in self.known:
            numbers = _varints(self._bytes(start, size))
            count = numbers[0]
            if len(numbers) != 4 * count + 1:
                raise TilesUnreadable(f"{len(numbers)} numbers for {count} entries")
            columns = [numbers[1 + k * count : 1 + (k + 1) * count] for k in range(4)]
            rows, tile, end = [], 0, 0
            for step, run, length, offset in zip(*columns, strict=True):
                tile += step
                begin = offset - 1 if offset else end
                end = begin + length
                rows.append((tile, run, length, begin))
            self.known[start] = rows
        return self.known[start]

    def over(self, zoom, columns, rows):
        found = {}
        for x in columns:
            for y in rows:
                tile = self._tile(_number(zoom, x, y))
                if tile is not None:
                    found[zoom, x, y] = tile
        return found

    def _tile(self, number):
        rows = self.root
        for _ in range(4):
            place = bisect.bisect_right(rows, number, key=lambda row: row[0]) - 1
            if place < 0:
                return None
            tile, run, length, offset = rows[place]
            if run:
                return self._content(offset, length) if number < tile + run else None
            rows = self._directory(self.leaves + offset, length)
        return None

    def _content(self, offset, length):
        if offset + length > self.data_size:
            raise EOFError(f"{offset + length} > {self.data_size} bytes")
        self.file.seek(self.data + offset)
        content = self.file.read(length)
        if len(content) < length:
            raise EOFError(f"{length} > {len(content)} bytes")
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content


def _varints(content):
    """Read all numbers of seven bits a byte, the lowest first."""
    numbers, value, shift = [], 0, 0
    for byte in content:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(value)
            value, shift = 0, 0
    if shift:
        raise EOFError("…")
    return numbers


def _number(zoom, x, y):
    """Give the number of a tile along Hilbert's curve, after all tiles of coarser zooms.

    Examples
    --------
    >>> [_number(0, 0, 0), _number(1, 0, 1), _number(2, 0, 0)]
    [0, 2, 5]
    """
    number, side = (4**zoom - 1) // 3, 2**zoom // 2
    while side:
        right, low = int(x & side > 0), int(y & side > 0)
        number += side * side * ((3 * right) ^ low)
        if not low:
            if right:
                x, y = side - 1 - (x & (side - 1)), side - 1 - (y & (side - 1))
            x, y = y, x
        side //= 2
    return number
