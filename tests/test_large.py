"""A file too large for memory is read in portions, and says the same as one that is read whole."""

import json
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import box

from benchmarks import world
from kumuhgis import layers, portions
from kumuhgis.attributes import traces
from kumuhgis.errors import LayerError
from kumuhgis.formats import open_vector
from kumuhgis.layers import open_layer
from kumuhgis.opening import Large

sys.path.insert(0, str(Path(__file__).parent / "nasty"))
import make_nasty
from make_nasty import FILES, X, Y, geojson, polygon

NEEDS_FIONA = {"blobs.gpkg", "cut.fgb"}
RT = gpd.GeoDataFrame({"unit": ["1"]}, geometry=[box(X, Y, X + 1050, Y + 1050)], crs=32749)


def houses(count=40, **columns):
    """Make houses in a row, 100 m apart; those beyond the twelfth are outside of the area and its margin."""
    rng = np.random.default_rng(1)
    shapes = [box(X + 100 * i, Y, X + 100 * i + 9, Y + 9) for i in range(count)]
    words = rng.choice(["ya", "tidak", "tdk", "entah"], count)
    frame = gpd.GeoDataFrame({"TERATUR": words, "catatan": "panjang", **columns}, geometry=shapes, crs=32749)
    frame.loc[2, "geometry"] = shapely.Polygon([(X, Y), (X + 9, Y + 9), (X + 9, Y), (X, Y + 9)])
    frame.loc[5, "geometry"] = frame.geometry[4]
    frame.loc[5, "TERATUR"] = frame.loc[4, "TERATUR"]
    frame.loc[7, "geometry"] = None
    return frame


def written(folder, kind, frame):
    """Write a layer in one of the formats; those without metres in degrees."""
    path = folder / f"rumah.{kind.split()[0]}"
    table = pd.DataFrame(frame.drop(columns="geometry"))
    if kind in ("fgb", "kml"):  # which cannot hold everything
        frame = frame.copy()
        frame.loc[7, "geometry"] = frame.geometry[8].buffer(1)
        frame.loc[2, "geometry"] = frame.geometry[3].buffer(1)
    if kind == "csv wkt":
        table.assign(wkt=frame.geometry.to_wkt(rounding_precision=6)).to_csv(path, index=False)
    elif kind == "csv points":
        spots = frame.geometry.centroid.to_crs(4326)
        table.assign(lat=spots.y, lon=spots.x).to_csv(path, index=False, sep=";", decimal=",")
    elif kind == "zip":
        frame.to_file(folder / "isi.shp")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            for part in folder.glob("isi.*"):
                packed.write(part, part.name)
                part.unlink()
    elif kind in ("kml", "geojsonl"):
        frame.to_crs(4326).to_file(path, driver={"kml": "LIBKML", "geojsonl": "GeoJSONSeq"}[kind])
    else:
        frame.to_file(path)
    return path


@pytest.fixture
def small(monkeypatch):
    """Give a function that makes every file large, and portions of seven features."""

    def lower(size=0, portion=7):
        monkeypatch.setattr(layers, "LARGE_FILE", size)
        monkeypatch.setattr(portions, "PORTION", portion)

    return lower


def told(problems):
    """Say what was told, without what is told of the clipping itself."""
    return [(p.code, p.feature, p.column, p.params) for p in problems if p.code != "layer_clipped"]


KINDS = ["gpkg", "shp", "fgb", "geojson", "geojsonl", "csv wkt", "csv points", "kml", "zip", "gml"]


@pytest.mark.parametrize("kind", KINDS)
def test_in_portions_or_whole_a_file_gives_the_same(tmp_path, small, kind):
    crs = 32749 if kind.startswith("csv wkt") else None
    path = written(tmp_path, kind, houses(12))
    whole = open_layer(path, "buildings", area=RT, to_crs=32749, crs=crs)
    small()
    large = open_layer(path, "buildings", area=RT, to_crs=32749, crs=crs)
    pd.testing.assert_frame_equal(large.frame, whole.frame)
    assert large.account == whole.account and large.account["read"] == 12
    assert told(large.problems) == told(whole.problems)


@pytest.mark.parametrize("kind", KINDS)
def test_what_lies_outside_is_counted_and_what_is_kept_has_the_number_of_the_file(tmp_path, small, kind):
    crs = 32749 if kind.startswith("csv wkt") else None
    path = written(tmp_path, kind, houses())
    whole = open_layer(path, "buildings", area=RT, to_crs=32749, crs=crs)
    small()
    large = open_layer(path, "buildings", area=RT, to_crs=32749, crs=crs)
    near = whole.frame[whole.frame.intersects(box(X - 105, Y - 105, X + 1155, Y + 1155))]
    pd.testing.assert_frame_equal(large.frame, near)
    (clipped,) = [p for p in large.problems if p.code == "layer_clipped"]
    assert clipped.params["all"] == large.account["read"] == whole.account["read"] == 40
    assert large.account["used"] + large.account["set_aside"] == 40
    assert clipped.params["count"] == len(whole.frame) - len(near)


@pytest.mark.parametrize("kind", ["gpkg", "shp", "geojson", "csv wkt"])
def test_units_are_read_in_portions_and_none_is_left_out(tmp_path, small, kind):
    frame = houses(20, KODE=[f"{i:03}" for i in range(20)])
    crs = 32749 if kind.startswith("csv wkt") else None
    path = written(tmp_path, kind, frame)
    whole = open_layer(path, "rt", crs=crs, area=(110, -8, 111.5, -7))
    small()
    large = open_layer(path, "rt", crs=crs, area=(110, -8, 111.5, -7))
    pd.testing.assert_frame_equal(large.frame, whole.frame)
    assert (large.account, told(large.problems)) == (whole.account, told(whole.problems))


def test_a_small_file_is_read_whole(tmp_path, small):
    path = written(tmp_path, "gpkg", houses())
    small(size=path.stat().st_size)
    assert len(open_layer(path, "buildings", area=RT).frame) == 38


def test_a_shapefile_is_as_large_as_its_parts_and_a_zip_as_what_is_in_it(tmp_path, small):
    path = written(tmp_path, "shp", houses(40, isi="x" * 200))
    small(size=path.stat().st_size)
    assert len(open_layer(path, "buildings", area=RT).frame) < 20
    packed = written(tmp_path, "zip", houses(40, isi="x" * 200))
    small(size=packed.stat().st_size)
    assert len(open_layer(packed, "buildings", area=RT).frame) < 20


# ---------------------------------------------------------------- the coordinate system


def test_a_large_file_without_crs_is_judged_by_some_of_its_features(tmp_path, small):
    path = written(tmp_path, "shp", houses())
    path.with_suffix(".prj").unlink()
    small()
    with pytest.raises(LayerError) as caught:
        open_layer(path, "buildings", area=RT)
    assert 'crs = "EPSG:32749"' in caught.value.problems[0].params["toml"]
    assert 0 < len(open_layer(path, "buildings", area=RT, crs="EPSG:32749").frame) < 20


def test_a_large_file_in_the_wrong_place_is_refused_and_not_read_as_empty(tmp_path, small):
    path = written(tmp_path, "gpkg", houses().set_crs(32649, allow_override=True))
    small()
    with pytest.raises(LayerError) as caught:
        open_layer(path, "buildings", area=RT)
    assert caught.value.problems[0].code == "crs_wrong_one"


def test_latitude_before_longitude_is_clipped_as_it_is_meant(tmp_path, small):
    turned = houses().to_crs(4326)
    turned.geometry = shapely.transform(turned.geometry.to_numpy(), lambda xy: xy[:, ::-1])
    turned.to_file(tmp_path / "rumah.gpkg")
    small()
    read = open_layer(tmp_path / "rumah.gpkg", "buildings", area=RT, swap_xy=True, to_crs=32749)
    assert 5 < len(read.frame) < 20


# ---------------------------------------------------------------- columns


def test_a_column_that_is_mapped_and_missing_is_named_with_those_that_are_there(tmp_path, small):
    path = written(tmp_path, "gpkg", houses())
    small()
    with pytest.raises(LayerError) as caught:
        open_layer(path, "buildings", area=RT, columns={"irregular": "teratur?"})
    assert caught.value.problems[0].params["known"] == "TERATUR, catatan"


def test_features_that_differ_only_in_a_column_that_nobody_uses_are_no_doubles(tmp_path, small):
    frame = houses(20, nomor=[10**17 + i for i in range(20)])
    path = written(tmp_path, "gpkg", frame)
    small(portion=5)
    codes = {p.code for p in open_layer(path, "buildings", area=RT).problems}
    assert "layer_geometry_same_place" in codes and "layer_geometry_double" not in codes


def test_what_cells_say_is_the_same_in_every_portion():
    whole, parts = [1, 2**53 + 1, 7], [1.0, np.nan, 7.5]
    assert traces(pd.Series(whole))[0] == traces(pd.Series(parts))[0]
    assert len(set(traces(pd.Series([2**53, 2**53 + 1])))) == 2
    assert traces(pd.Series(["a", None], dtype="str"))[1] == traces(pd.Series([None], dtype=object))[0]
    assert traces(pd.Series([True, None]))[0] == traces(pd.Series([True]))[0]


# ---------------------------------------------------------------- what is broken


@pytest.fixture(scope="session")
def nasty(tmp_path_factory):
    return make_nasty.make(tmp_path_factory.mktemp("nasty"))


@pytest.mark.parametrize("name", FILES)
def test_what_is_nasty_is_answered_in_portions_too(nasty, small, name):
    if name in NEEDS_FIONA:
        pytest.importorskip("fiona")
    path = nasty[name]
    large = Large(0, lambda sample: None, lambda frame: frame)
    small(portion=2)
    try:
        whole, said = open_vector(path)
    except LayerError as error:
        with pytest.raises(LayerError) as caught:
            open_vector(path, large=large)
        assert [p.code for p in caught.value.problems] == [p.code for p in error.problems]
        return
    frame, problems = open_vector(path, large=large)
    assert frame.index.tolist() == whole.index.tolist()
    assert frame.geometry.geom_equals(whole.geometry).tolist() == whole.geometry.geom_equals(whole.geometry).tolist()
    assert {p.code for p in problems} - {"read_one_by_one"} == {p.code for p in said} - {"read_one_by_one"}
    rows = [{p.code: p.params["rows"] for p in told if "rows" in p.params} for told in (problems, said)]
    assert rows[0] == rows[1]


def test_open_rings_in_several_portions_are_closed_and_named_once(tmp_path, small):
    shapes = [polygon(i, i % 4 != 1) for i in range(10)]
    (tmp_path / "rt.geojson").write_text(geojson(*shapes))
    small(portion=3)
    read = open_layer(tmp_path / "rt.geojson", "rt")
    (closed,) = [p for p in read.problems if p.code == "rings_closed"]
    assert closed.params["rows"] == [1, 5, 9] and len(read.frame) == 10


def test_only_the_portion_that_gdal_refuses_is_read_one_by_one(tmp_path, small):
    pytest.importorskip("fiona")
    path = written(tmp_path, "gpkg", houses(20))
    with sqlite3.connect(path) as base:
        for (name,) in base.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            base.execute(f'drop trigger "{name}"')
        base.execute("update rumah set catatan = cast(x'8141' as text) where fid = 9")  # no letters at all
    base.close()
    small(portion=5)
    read = open_layer(path, "buildings")
    (one,) = [p for p in read.problems if p.code == "read_one_by_one"]
    assert one.params["count"] == 5
    assert len(read.frame) == 18


def test_letters_of_one_portion_that_are_not_utf_8_are_kept(tmp_path, small):
    frame = houses(20, DESA=["Ngringo"] * 19 + ["Désa"])
    frame.to_file(tmp_path / "rumah.shp", encoding="ISO-8859-1")
    (tmp_path / "rumah.cpg").write_text("UTF-8")
    small(portion=5)
    read = open_layer(tmp_path / "rumah.shp", "buildings", columns={"unit": "DESA"})
    assert read.frame["unit"].iloc[-1] == "Désa"
    assert [p.code for p in read.problems].count("text_encoding_assumed") == 1


def test_a_coordinate_system_behind_the_features_counts_for_every_portion(tmp_path, small):
    roads = gpd.GeoDataFrame(geometry=[shapely.LineString([(X + i, Y), (X + i, Y + 50)]) for i in range(20)], crs=32749)
    text = json.loads(roads.to_json(drop_id=True))
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32749"}}
    behind = {"type": text["type"], "features": text["features"], "crs": crs}
    (tmp_path / "jalan.geojson").write_text(json.dumps(behind))
    small(portion=6)
    read = open_layer(tmp_path / "jalan.geojson", "roads", area=RT, to_crs=32749)
    assert read.frame.length.tolist() == [50] * 20 and not read.problems


def test_a_cut_json_of_a_large_file_keeps_its_whole_features(tmp_path, small):
    text = geojson(*(polygon(i) for i in range(9)))
    (tmp_path / "rt.geojson").write_text(text[: text.index('"KODE": "009"') + 20])
    small(portion=4)
    read = open_layer(tmp_path / "rt.geojson", "rt")
    assert len(read.frame) == 8 and "file_cut" in {p.code for p in read.problems}


def test_a_cut_shapefile_of_a_large_layer_keeps_what_is_there_and_counts_what_is_lost(tmp_path, small):
    path = written(tmp_path, "shp", houses(40, nomor_urut_rumah=range(40)))
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) * 3 // 4])
    whole = open_layer(path, "buildings", area=RT, to_crs=32749)
    path.with_suffix(".shx").unlink()
    alone = open_layer(path, "buildings", area=RT, to_crs=32749)
    small()
    large = open_layer(path, "buildings", area=RT, to_crs=32749)
    assert whole.account["read"] == alone.account["read"] == large.account["read"] == 40
    assert large.frame.index.tolist() == [i for i in alone.frame.index if i < 12]
    assert alone.frame.index.equals(whole.frame.index)
    lost = [[p.params["rows"] for p in r.problems if p.code == "features_unreadable"] for r in (alone, large)]
    assert lost[0] == lost[1] and len(lost[0]) == 1


def test_rows_of_a_table_are_numbered_through(tmp_path, small):
    lines = [f'{i};"baris\nkedua";{-7.5 - i / 1000:.4f};110,9{i:02}'.replace(".", ",") for i in range(20)]
    lines[11] += ";terlalu;panjang"
    (tmp_path / "rumah.csv").write_text("Daftar rumah\nno;catatan;lintang;bujur\n" + "\n".join(lines) + "\n")
    whole, said = open_vector(tmp_path / "rumah.csv")
    small(portion=6)
    large = Large(0, lambda sample: None, lambda frame: frame)
    frame, problems = open_vector(tmp_path / "rumah.csv", large=large)
    pd.testing.assert_frame_equal(frame, whole)
    assert [(p.code, p.row) for p in problems] == [(p.code, p.row) for p in said]
    assert [p.row for p in said if p.code == "shifted_columns"] == [14]


# ---------------------------------------------------------------- memory

GROWTH = """
import re, sys
import geopandas as gpd
from shapely import box
from kumuhgis import layers, portions
def peak():
    return int(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1])
area = gpd.GeoDataFrame({"unit": ["1"]}, geometry=[box(480000, 9150000, 481000, 9151000)], crs=32749)
layers.LARGE_FILE, portions.PORTION = int(sys.argv[2]), 10_000
layers.open_layer(area, "rt", area=area)
before = peak()
read = layers.open_layer(sys.argv[1], "buildings", area=area, to_crs=32749)
assert read.account["read"] == 96_000
print(peak() - before)
"""


def growth(path, size):
    """Measure in a process of its own by how many kilobytes memory grows at most."""
    done = subprocess.run([sys.executable, "-c", GROWTH, path, str(size)], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not say the peak of its own")
@pytest.mark.parametrize("kind", ["gpkg", "shp"])
def test_memory_is_bounded_by_a_portion_and_what_is_kept(tmp_path, kind):
    frame = world.houses(1_600).assign(**{f"catatan_{i}": f"{i} " * 100 for i in range(8)})
    path = tmp_path / f"rumah.{kind}"
    frame.to_file(path)
    assert sum(p.stat().st_size for p in tmp_path.iterdir()) > 100e6
    assert growth(path, 0) < growth(path, 10**12) / 4
