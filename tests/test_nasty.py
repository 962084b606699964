"""Nasty files: each is named by its problem, none crashes, none loses a feature; then 2,000 files broken at random."""

import json
import random
import resource
import sqlite3
import sys
import time
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

sys.path.insert(0, str(Path(__file__).parent / "nasty"))
import make_nasty
from make_nasty import FILES, LAT, LON, geojson, polygon, ring, squares

from kumuhgis.errors import KumuhgisError, LayerError
from kumuhgis.formats import open_vector
from kumuhgis.layers import read_layer
from kumuhgis.rules import load_rules
from kumuhgis.scoring import score_baseline

NEEDS_FIONA = {"blobs.gpkg", "cut.fgb"}


@pytest.fixture(scope="session")
def nasty(tmp_path_factory):
    return make_nasty.make(tmp_path_factory.mktemp("nasty"))


def listing(folder):
    return {p.relative_to(folder): p.stat().st_size for p in folder.rglob("*") if p.is_file()}


# ---------------------------------------------------------------- the corpus


@pytest.mark.parametrize("name", FILES)
def test_a_nasty_file_is_named_by_its_problem_and_loses_no_feature(nasty, name, capfd):
    _, code, count = FILES[name]
    if name in NEEDS_FIONA:
        pytest.importorskip("fiona")
    before = listing(nasty[name].parent)
    if count is None:
        with pytest.raises(LayerError) as caught:
            open_vector(nasty[name])
        problems = caught.value.problems
        assert [p.code for p in problems] == [code]
    else:
        frame, problems = open_vector(nasty[name])
        assert frame.index.tolist() == list(range(count))
        assert isinstance(frame, gpd.GeoDataFrame) and frame.geometry.name == "geometry"
        assert code in [p.code for p in problems] if code else problems == []
    for problem in problems:
        assert problem.layer == name
        assert all(problem.message(lang) and problem.fix(lang) for lang in ("id", "en"))
    assert listing(nasty[name].parent) == before, "an input was changed, or something was written beside it"
    assert capfd.readouterr() == ("", ""), "GDAL's own words reached the terminal"


@pytest.mark.parametrize("name", [n for n, (_, _, count) in FILES.items() if count])
def test_features_without_geometry_have_their_number_in_a_problem(nasty, name):
    if name in NEEDS_FIONA:
        pytest.importorskip("fiona")
    frame, problems = open_vector(nasty[name])
    named = {row for p in problems if p.code == "features_unreadable" for row in p.params["rows"]}
    lost = set(frame.index[frame.geometry.isna()])
    assert named <= lost
    blank = {"comma.csv": {1}, "blobs.gpkg": {1}}.get(name, set())
    assert lost - named == blank


@pytest.mark.parametrize("name", FILES)
def test_every_nasty_file_says_what_its_fault_is(name):
    assert FILES[name][0].__doc__


# ---------------------------------------------------------------- files broken at random

EVIL = [
    b"NaN", b"-Infinity", b"1e400", b"1e308", b"null", b"true", b"{}", b"[]", b'""', b"[[[[[[[[[[", b"]]]]]]]]]]",
    b"\x00", b"\xff\xfe", b"9" * 5000, b"-7,5", b"#REF!", b'"', b",", b";", b"\r\n", b"{" * 3000, b"[" * 3000,
    b'{"type":"GeometryCollection","geometries":[' * 200, b"\xf0\x9f\x8f\x9a", b"../../etc/passwd", b"=1+1",
    b"99999999999999999999",
]  # fmt: skip


def mutate(raw, rng):
    """Break a file: flip bits, cut, swap, double, insert what readers do not expect."""
    raw = bytearray(raw)
    for _ in range(rng.choice([1, 1, 1, 2, 3, 8])):
        at, end = sorted(rng.randrange(len(raw) + 1) for _ in range(2))
        kind = rng.randrange(7)
        if kind == 0 and raw:
            raw[min(at, len(raw) - 1)] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del raw[at:]
        elif kind == 2:
            del raw[at : min(end, at + 200)]
        elif kind == 3:
            chunk = raw[at : min(end, at + 200)]
            to = rng.randrange(len(raw) + 1)
            raw[to:to] = chunk
        elif kind == 4:
            raw[at:at] = rng.choice(EVIL)
        elif kind == 5:
            raw[at : at + rng.randrange(1, 12)] = rng.choice(EVIL)
        else:
            raw[at : at + 4] = rng.randbytes(4)
    return bytes(raw)


def seed_geojson():
    holes = {"type": "Polygon", "coordinates": [ring(0), ring(0)[::-1]]}
    many = {"type": "MultiPolygon", "coordinates": [[ring(1)], [ring(2)]]}
    line = {"type": "LineString", "coordinates": ring(3)}
    mixed = {"type": "GeometryCollection", "geometries": [line, polygon(4)]}
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    return geojson(polygon(0), holes, many, line, None, mixed, {"type": "Point", "coordinates": ring()[0]}, crs=crs)


def seed_csv():
    codes = load_rules().codes
    heads = [
        "kode",
        "rt_rw",
        "kawasan",
        "luas_ha",
        "bangunan",
        "jiwa",
        "kk",
        "jalan_ideal_m",
        *(f"{c}_volume" for c in codes),
    ]
    rows = [
        [f"{i:03d}", f"RT 00{i} RW 01", "Bulu", "1,25", "60", "240", "62", "1.200", *["3"] * len(codes)]
        for i in range(6)
    ]
    return "\n".join(";".join(row) for row in [heads, *rows]).encode()


def seed_places():
    return b"kode;lintang;bujur;luas\n" + b"".join(f"{i};-7,58{i};110,91{i};2\n".encode() for i in range(9))


def seed_wkb():
    """WKB in hex, in all kinds, as a table of PostGIS."""
    shapes = [
        shapely.from_geojson(json.dumps(f["geometry"])) for f in json.loads(seed_geojson())["features"] if f["geometry"]
    ]
    rows = [
        f"{i},{shapely.to_wkb(g, hex=True, include_srid=True)}" for i, g in enumerate(shapely.set_srid(shapes, 4326))
    ]
    return "\n".join(["kode,geom", *rows]).encode()


def seed_wkt():
    return b"kode,wkt\n" + b"".join(f'{i},"{g.wkt}"\n'.encode() for i, g in enumerate(squares().geometry))


def mutated_hex(raw, rng):
    """Break WKB below its hex, so that it is still hex."""
    rows = raw.decode().splitlines()
    at = rng.randrange(1, len(rows))
    number, _, blob = rows[at].partition(",")
    rows[at] = f"{number},{mutate(bytes.fromhex(blob), rng).hex()}"
    return "\n".join(rows).encode()


def calls_layers(path):
    frame, problems = open_vector(path)
    assert len(frame) == len(frame.geometry) and all(p.message() for p in problems)
    for name in ("rt", "roads"):
        read_layer(path, name, crs="EPSG:4326" if frame.crs is None else None)


def calls_tables(path):
    score_baseline(path, by="kawasan")


FUZZ = {  # what is broken: (seed, ending, how it is broken, what reads it, how often)
    "geojson": (lambda: seed_geojson().encode(), ".geojson", mutate, calls_layers, 750),
    "lat lng": (
        lambda: json.dumps([{"lat": y, "lng": x} for x, y in ring()]).encode(),
        ".json",
        mutate,
        calls_layers,
        150,
    ),
    "wkb": (seed_wkb, ".csv", mutated_hex, calls_layers, 500),
    "wkt": (seed_wkt, ".csv", mutate, calls_layers, 150),
    "places": (seed_places, ".csv", mutate, calls_layers, 250),
    "baseline": (seed_csv, ".csv", mutate, calls_tables, 200),
}


def test_an_invalid_area_with_a_longitude_that_cannot_be_is_read(tmp_path):
    corners = [[[LON, LAT], [LON * 1e20, LAT], [LON, LAT + 1], [LON + 1, LAT - 1], [LON, LAT]]]
    (tmp_path / "rt.geojson").write_text(geojson({"type": "Polygon", "coordinates": corners}))
    _, problems = read_layer(tmp_path / "rt.geojson", "rt")
    assert problems


@pytest.mark.parametrize("kind", FUZZ)
def test_a_broken_file_gives_an_answer_or_one_of_our_errors(tmp_path, kind):
    make, suffix, spoil, call, times = FUZZ[kind]
    seed, slowest = make(), 0.0
    for i in range(times):
        raw = spoil(seed, random.Random(f"{kind} {i}"))
        path = tmp_path / f"{i}{suffix}"
        path.write_bytes(raw)
        started = time.perf_counter()
        try:
            call(path)
        except KumuhgisError as error:
            assert error.problems and str(error)
        except Exception as error:
            raise AssertionError(f"{kind} {i}: {type(error).__name__}: {error}; {raw[:2000]!r}") from error
        slowest = max(slowest, time.perf_counter() - started)
        path.unlink()
    assert slowest < 10, "a file of some kilobytes took seconds"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 3e6, "more than 3 GB"


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """One whole file of each binary format."""
    folder = tmp_path_factory.mktemp("whole")
    squares().to_file(folder / "a.gpkg")
    squares().to_file(folder / "a.shp")
    squares().to_file(folder / "a.fgb")
    (folder / "a.kml").write_text(make_nasty.kml("<description>KODE: 1<br>KK: 2</description>", ""))
    make_nasty.drawn(folder / "a.dxf")
    make_nasty.zipped(folder / "z" / "a.zip") if (folder / "z").mkdir() is None else None
    (folder / "z" / "a.zip").rename(folder / "a.zip")
    make_nasty.workbook(folder / "a.xlsx")
    (folder / "a.gpx").write_text(
        '<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="-7" lon="110"/><trk><trkseg>'
        '<trkpt lat="-7" lon="110"/><trkpt lat="-7.1" lon="110"/></trkseg></trk></gpx>'
    )
    return folder


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "fgb", "kml", "gpx", "dxf", "zip", "xlsx"])
def test_a_broken_file_of_another_format_gives_an_answer_or_one_of_our_errors(whole, tmp_path, suffix, capfd):
    parts = [p for p in whole.iterdir() if p.is_file() and (p.suffix == f".{suffix}" or suffix == "shp")]
    parts = [p for p in parts if suffix != "shp" or p.suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg")]
    for i in range(30):
        rng = random.Random(f"{suffix} {i}")
        broken = rng.choice(parts)
        folder = tmp_path / str(i)
        folder.mkdir()
        for part in parts:
            raw = part.read_bytes()
            (folder / part.name).write_bytes(mutate(raw, rng) if part == broken else raw)
        try:
            open_vector(folder / f"a.{suffix}")
        except LayerError as error:
            assert len(error.problems) == 1
        except Exception as error:
            raise AssertionError(f"{suffix} {i}: {type(error).__name__}: {error}") from error
    assert "Traceback" not in capfd.readouterr().err


def test_a_mutated_geometry_in_a_database_is_a_row_without_geometry_or_one_of_our_errors(tmp_path):
    pytest.importorskip("fiona")
    squares().to_file(tmp_path / "rt.gpkg", layer="rt")
    base = sqlite3.connect(tmp_path / "rt.gpkg")
    for (name,) in base.execute("select name from sqlite_master where type = 'trigger'").fetchall():
        base.execute(f'drop trigger "{name}"')
    (blob,) = base.execute("select geom from rt where fid = 2").fetchone()
    for i in range(60):
        base.execute("update rt set geom = ? where fid = 2", (mutate(blob, random.Random(i)),))
        base.commit()
        frame, _ = open_vector(tmp_path / "rt.gpkg")
        assert len(frame) == 3 and frame.geometry[[0, 2]].notna().all()
    base.close()
