"""Tables that say where their rows are: latitude and longitude, x and y, or a geometry as text in a cell."""

import csv
import math
import re
import tomllib
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from itertools import islice

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from kumuhgis import portions
from kumuhgis.coordinates import parse_coordinate
from kumuhgis.errors import LayerError, Problem, TableError
from kumuhgis.geotext import decode, read_shape
from kumuhgis.numbers import decimal_mark, read_numbers
from kumuhgis.opening import say_rows
from kumuhgis.portions import evenly, gather
from kumuhgis.tables import WORKBOOKS, read_cells, slug

_PAIR = re.compile(r"^\W*?([-+]?\d{1,3}(?:[.,]\d+)?)\s*[;,\s]\s*([-+]?\d{1,3}(?:[.,]\d+)?)(?:[\s,;].*)?$")
_WKT = re.compile(r"^\s*(?:SRID=\d+;\s*)?(?:MULTI)?(?:POINT|LINESTRING|POLYGON|GEOMETRYCOLLECTION)\b", re.IGNORECASE)
_LONGEST_CELL = 2**26
_FIRST_ROWS = 100


@dataclass
class Places:
    """A table with its places: cells, a geometry a row, CRS or None, and the rows of which something has to be said."""

    cells: pd.DataFrame
    geometry: np.ndarray
    crs: object
    columns: list
    closed: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    hopeless: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    problems: list = field(default_factory=list)
    mark: str = ""


@cache
def _names():
    return tomllib.loads(files("kumuhgis").joinpath("data", "places.toml").read_text("utf-8"))


def place_columns(headings):
    """Say which columns of a table hold places.

    Parameters
    ----------
    headings : list of str
        The headings.

    Returns
    -------
    kind : {"shape", "degrees", "metres", "both", ""}
        How the place is written.
    columns : list
        The column, or those of x (longitude) and y (latitude).

    Examples
    --------
    >>> place_columns(["No", "Lintang", "BUJUR"]), place_columns(["kode", "luas"])
    (('degrees', ['BUJUR', 'Lintang']), ('', []))
    """
    names, by_slug = _names(), {}
    for heading in headings:
        by_slug.setdefault(slug(heading), heading)

    def find(key):
        exact = next((by_slug[n] for n in names[key] if n in by_slug), None)
        ends = tuple(names.get(f"{key}_end", ()))
        return exact or next((h for s, h in by_slug.items() if ends and f"_{s}".endswith(ends)), None)

    if (shape := find("shape")) is not None:
        return "shape", [shape]
    for kind, pair in (("degrees", ("lon", "lat")), ("metres", ("x", "y"))):
        columns = [find(key) for key in pair]
        if None not in columns:
            return kind, columns
    return ("both", [find("both")]) if find("both") is not None else ("", [])


def _known(heading):
    names, words = _names(), slug(heading)
    ends = (*names["lon_end"], *names["lat_end"])
    return any(words in n for key, n in names.items() if not key.endswith("_end")) or f"_{words}".endswith(ends)


def read_places(path, label, sheet=None, like=None):
    """Read a table and the place of every row.

    Parameters
    ----------
    path : path
        CSV (comma, semicolon or tab), a workbook, or a text with a WKT a line.
    label : str
        What the file is called in problems.
    sheet : str, optional
        Sheet of a workbook.
    like : Places, optional
        Other rows of the same table: what they say of the coordinate system and of the decimal mark holds here too.

    Returns
    -------
    Places
        The rows in their order.

    Raises
    ------
    LayerError
        If it is no table, or has no column with places.
    """
    lines = _wkt_lines(path)
    if lines is not None:
        cells, problems = pd.DataFrame({"wkt": lines}, dtype=object), []
    else:
        try:
            with _long_cells():
                _, cells, problems = read_cells(path, _known, sheet)
        except TableError as error:
            raise LayerError([replace(p, layer=label) for p in error.problems]) from error
    places = places_of(cells, like)
    if places is None:
        known = ", ".join(map(str, cells.columns))[:300]
        raise LayerError([Problem("table_no_place", label, params={"known": known})])
    places.problems = problems
    return places


def places_of(cells, like=None):
    """Read the place of every row of a table.

    Parameters
    ----------
    cells : pandas.DataFrame
        Rows under their own headings.
    like : Places, optional
        Other rows of the same table, as for :func:`read_places`.

    Returns
    -------
    Places or None
        The rows in their order; None if no column holds places.

    Examples
    --------
    >>> cells = pd.DataFrame({"kode": ["01"], "lintang": ["-7,57"], "bujur": ["110,85 BT"]})
    >>> places_of(cells).geometry[0].wkt, places_of(cells[["kode"]])
    ('POINT (110.85 -7.57)', None)
    """
    kind, columns = place_columns(list(cells.columns))
    if not kind:
        return None
    return _shapes(cells, columns, like) if kind == "shape" else _points(cells, columns, kind, like)


def _wkt_lines(path):
    with path.open("rb") as file:
        if not _WKT.match(decode(file.read(200))[0]):
            return None
    return [line for line in decode(path.read_bytes())[0].splitlines() if line.strip()]


@contextmanager
def _long_cells():
    """Let the csv module read cells as long as a geometry."""
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _shapes(cells, columns, like):
    read = [read_shape(cell) for cell in cells[columns[0]]]
    geometry = np.array([r[0] for r in read] + [None], object)[:-1]
    srids = pd.Series([r[3] for r in read if r[3]], dtype="int64").mode()
    if like is not None:
        crs = like.crs
    else:
        crs = _crs(int(srids[0])) if len(srids) else _degrees_crs(shapely.bounds(geometry).reshape(-1, 2))
    closed, hopeless = (np.flatnonzero([r[i] for r in read]) for i in (1, 2))
    return Places(cells, geometry, crs, columns, closed, hopeless)


def _crs(srid):
    try:
        return CRS.from_epsg(srid)
    except CRSError:
        return None


def _points(cells, columns, kind, like):
    mark = like.mark if like is not None else ""
    if kind == "both":
        xy = _pairs(cells[columns[0]])
    else:
        xy, marks = zip(*[_coordinates(cells[c], mark) for c in columns], strict=True)
        xy, mark = np.column_stack(xy), mark or decimal_mark(marks)
    crs = _degrees_crs(xy) if like is None else like.crs
    if crs is not None:
        xy[(np.abs(xy) > 180).any(axis=1)] = np.nan
    there = np.isfinite(xy).all(axis=1)
    geometry = np.full(len(xy), None, object)
    geometry[there] = shapely.points(xy[there])
    blank = np.logical_and.reduce([cells[c].map(_is_blank).to_numpy(bool) for c in columns])
    return Places(cells, geometry, crs, columns, hopeless=np.flatnonzero(~there & ~blank), mark=mark)


def _is_blank(cell):
    return cell is None or cell != cell or (isinstance(cell, str) and cell.strip() in ("", "-"))


def _degrees_crs(xy):
    """Take coordinates for degrees if the most of them can be."""
    xy = xy[np.isfinite(xy).all(axis=1)]
    return CRS.from_epsg(4326) if len(xy) and (np.median(np.abs(xy), axis=0) <= 180).all() else None


def _coordinates(cells, mark):
    written = cells.map(degrees).to_numpy(float)
    plain = read_numbers(cells.where(np.isnan(written), None), "number", evidence=mark)
    return np.where(np.isnan(written), plain.values, written), plain


def _pairs(cells):
    """Read "lat, lon" in one cell; a first number over 90 can only be the longitude."""
    out = np.full((len(cells), 2), np.nan)
    for i, cell in enumerate(cells):
        found = _PAIR.match(cell) if isinstance(cell, str) and len(cell) < 200 else None
        if found:
            lat, lon = (float(n.replace(",", ".")) for n in found.groups())
            out[i] = (lat, lon) if abs(lat) > 90 else (lon, lat)
    return out


# ---------------------------------------------------------------- a table as a layer


def read_table(job):
    """Read a table as a layer, whole or what is wanted of it.

    Parameters
    ----------
    job : opening.Job
        The file, and what is asked of it.

    Returns
    -------
    geopandas.GeoDataFrame
        One feature a row, as :func:`formats.open_vector` gives it.

    Raises
    ------
    LayerError
        If it is no table, or has no column with places.
    """
    heading = _heading(job) if job.partial and job.path.suffix.lower() not in WORKBOOKS else None
    if heading is None:
        read = read_places(job.path, job.label, job.layer)
        _say_read(read, job)
        return _frame(read, job)
    rows = islice(_rows(job.path), *heading)
    first = next(rows, "")
    like = read_places(_written(job, [first, *evenly(rows)]), job.label)
    _say_read(like, job)
    return gather(job, _portions(job, heading, like), None, job.box(_frame(like, job.whole(job.path), said=False)))


def _say_read(read, job):
    said = read.crs.to_string() if read.crs is not None else "?"
    job.say("places_read", column=", ".join(map(str, read.columns)), crs=said)


def _frame(read, job, said=True):
    if said:
        job.problems += read.problems
        say_rows(job, read.closed, read.hopeless, ", ".join(map(str, read.columns)))
    cells = read.cells if job.columns is None else read.cells[[c for c in read.cells if c in job.columns]]
    cells = cells.rename(columns={"geometry": "geometry_"}).reset_index(drop=True)
    return gpd.GeoDataFrame(cells, geometry=read.geometry, crs=read.crs)


def _rows(path):
    """Give the rows of a CSV as they are written; a row goes on while a quote is open."""
    with path.open("rb") as file:
        wide = file.read(2) in (b"\xff\xfe", b"\xfe\xff")
    with path.open(encoding="utf-16" if wide else "latin-1", errors="replace", newline="") as file:
        held, quotes, size = [], 0, 0
        for line in file:
            held.append(line)
            quotes += line.count('"')
            size += len(line)
            if quotes % 2 == 0 or size > _LONGEST_CELL:
                yield "".join(held)
                held, quotes, size = [], 0, 0
        yield from held


def _written(job, rows):
    """Write rows as a file of the same name, in the letters of the original."""
    with job.path.open("rb") as file:
        wide = file.read(2) in (b"\xff\xfe", b"\xfe\xff")
    path = job.folder() / job.path.name
    path.write_text("".join(rows), "utf-8" if wide else "latin-1", newline="")
    return path


def _heading(job):
    """Say where the heading row is, as the bounds of a slice: (its number, None); None if the table cannot be cut."""
    first = list(islice(_rows(job.path), _FIRST_ROWS))
    if _WKT.match(first[0]):
        return None
    with _long_cells():
        try:
            columns = [str(c).strip() for c in read_cells(_written(job, first), _known)[1].columns]
            for number, row in enumerate(first):
                for delimiter in ",;\t":
                    cells = next(csv.reader([row.lstrip("\ufeff").removeprefix("ï»¿")], delimiter=delimiter), [])
                    if [c.strip() for c in cells] == columns:
                        return number, None
        except (TableError, csv.Error):  # what is wrong is said by the one who reads it whole
            return None
    return None


def _portions(job, heading, like):
    """Read rows by portions, each below the heading row; what stands above it goes with the first."""
    rows = _rows(job.path)
    above = list(islice(rows, heading[0]))
    title, start, line = next(rows), 0, 0
    while portion := list(islice(rows, portions.PORTION)):
        path = _written(job, [*above, title, *portion])
        try:
            read = read_places(path, job.label, like=like)
        except LayerError as error:
            if [p.code for p in error.problems] != ["table_empty"]:
                raise
        else:
            read.problems = [_further(p, line) for p in read.problems]
            frame = _frame(read, replace(job, first=job.first + start))
            yield frame.set_axis(frame.index + start)
            start += len(frame)
        path.unlink()
        above, line = [], line + len(portion) + len(above)


def _further(problem, lines):
    """Give a problem the number that its row has in the whole table."""
    numbered = problem.code == "shifted_columns"
    return replace(problem, row=problem.row + lines) if numbered else problem


# ---------------------------------------------------------------- degrees

_MARKED = re.compile(r"[°º˚'’′\"”″]|[A-Za-z]")


def degrees(cell):
    r"""Read degrees as people write them: ``7° 33' 12,5" LS``.

    Parameters
    ----------
    cell : object
        A cell of a table.

    Returns
    -------
    float
        Degrees, south and west negative; NaN if it is not written with degrees or a direction.

    Examples
    --------
    >>> degrees("7° 30' 36\" LS"), degrees("110,85 BT"), degrees("-7.5")
    (-7.51, 110.85, nan)
    """
    if not isinstance(cell, str) or len(cell) > 60 or not _MARKED.search(cell):
        return math.nan
    read = parse_coordinate(cell)
    return math.nan if read is None else read
