"""The formats: what a planner sends, as it stands, with the number of every feature."""

import json
import os
import sys
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from shapely import LineString, Point, box

from kumuhgis import archives, geotext, xmltext
from kumuhgis.archives import check_path
from kumuhgis.errors import LayerError
from kumuhgis.formats import open_vector
from kumuhgis.places import degrees, place_columns

sys.path.insert(0, str(Path(__file__).parent / "nasty"))
from make_nasty import LAT, LON, X, Y, geojson, kml, polygon, ring, squares


def codes(problems):
    return [p.code for p in problems]


def refused(*args, **how):
    with pytest.raises(LayerError) as caught:
        open_vector(*args, **how)
    (problem,) = caught.value.problems
    return problem


# ---------------------------------------------------------------- as it stands


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "geojson", "fgb", "gml"])
def test_attributes_geometry_and_crs_come_out_as_they_stand(tmp_path, suffix):
    given = squares().assign(KK=[4, 5, 6])
    given.to_file(tmp_path / f"rt.{suffix}")
    frame, problems = open_vector(tmp_path / f"rt.{suffix}")
    assert problems == [] and frame.crs.to_epsg() == 32749
    frame = frame.sort_values("KODE")
    assert frame["KODE"].tolist() == ["001", "002", "003"] and frame["KK"].tolist() == [4, 5, 6]
    assert frame.geometry.geom_equals(given.geometry, align=False).all()


def test_what_is_invalid_stays_so(tmp_path):
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    gpd.GeoDataFrame(geometry=[bow_tie], crs=32749).to_file(tmp_path / "rt.gpkg")
    assert not open_vector(tmp_path / "rt.gpkg")[0].is_valid.any()


def test_only_the_attributes_that_are_asked_for_are_read(tmp_path):
    squares().assign(KK=1).to_file(tmp_path / "rt.gpkg")
    (tmp_path / "rt.geojson").write_text(geojson(polygon(0), polygon(1, closed=False)))
    for name in ("rt.gpkg", "rt.geojson"):
        assert list(open_vector(tmp_path / name, columns=["KODE"])[0].columns) == ["KODE", "geometry"]


def test_the_layer_that_is_asked_for_is_read_and_the_others_are_not_spoken_of(tmp_path):
    squares().to_file(tmp_path / "peta.gpkg", layer="batas rt")
    squares(1).to_file(tmp_path / "peta.gpkg", layer="batas rw")
    frame, problems = open_vector(tmp_path / "peta.gpkg", "batas rw")
    assert len(frame) == 1 and problems == []
    assert refused(tmp_path / "peta.gpkg", "RT").params["known"] == "batas rt, batas rw"
    (problem,) = open_vector(tmp_path / "peta.gpkg")[1]
    assert (problem.params["used"], problem.params["others"]) == ("batas rt", "batas rw")


def test_an_empty_layer_is_passed_over_for_one_with_features(tmp_path):
    squares().iloc[:0].to_file(tmp_path / "peta.gpkg", layer="a")
    squares(2).to_file(tmp_path / "peta.gpkg", layer="b")
    assert len(open_vector(tmp_path / "peta.gpkg")[0]) == 2


def test_curves_become_lines(tmp_path):
    (tmp_path / "a.csv").write_text('id,wkt\n1,"CIRCULARSTRING(0 0,1 1,2 0)"\n')
    frame, problems = open_vector(tmp_path / "a.csv")
    assert len(frame) == 1 and ("features_unreadable" in codes(problems) or frame.geometry.notna().all())


# ---------------------------------------------------------------- a part of a large file


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "geojson", "fgb"])
def test_only_what_touches_the_box_is_read_and_keeps_its_number_in_the_file(tmp_path, suffix):
    squares(20).to_file(tmp_path / f"rt.{suffix}")
    whole, _ = open_vector(tmp_path / f"rt.{suffix}")
    area = gpd.GeoSeries([box(X + 510, Y, X + 690, Y + 50)], crs=32749)
    for wanted in (tuple(area.total_bounds), area):
        part, (problem,) = open_vector(tmp_path / f"rt.{suffix}", bbox=wanted)
        assert sorted(part["KODE"]) == ["006", "007"]
        assert whole.loc[part.index, "KODE"].tolist() == part["KODE"].tolist()
        assert (problem.code, problem.params["count"], problem.params["all"]) == ("layer_clipped", 18, 20)
    assert len(open_vector(tmp_path / f"rt.{suffix}", bbox=area.to_crs(4326))[0]) >= 2


def test_a_box_also_holds_for_what_gdal_does_not_read(tmp_path):
    (tmp_path / "rumah.csv").write_text(f"no,lat,lon\n1,{LAT},{LON}\n2,{LAT},{LON + 1}\n3,,\n")
    frame, problems = open_vector(tmp_path / "rumah.csv", bbox=(LON - 0.1, LAT - 0.1, LON + 0.1, LAT + 0.1))
    assert frame.index.tolist() == [0, 2], "a row without a place is not outside"
    assert "layer_clipped" in codes(problems)


def test_a_file_without_crs_is_read_whole(tmp_path):
    squares().to_file(tmp_path / "rt.shp")
    (tmp_path / "rt.prj").unlink()
    assert len(open_vector(tmp_path / "rt.shp", bbox=squares(1).to_crs(4326))[0]) == 3


# ---------------------------------------------------------------- JSON


def test_rings_that_are_open_are_closed_and_named(tmp_path):
    (tmp_path / "rt.geojson").write_text(geojson(polygon(0), polygon(1, False), polygon(2), polygon(3, False)))
    frame, (problem,) = open_vector(tmp_path / "rt.geojson")
    assert (problem.code, problem.feature, problem.params["rows"]) == ("rings_closed", "2, 4", [1, 3])
    assert frame.is_valid.all() and frame["KODE"].tolist() == ["001", "002", "003", "004"]
    assert frame.geometry[1].equals(shapely.Polygon(ring(1)))


def test_what_a_cut_file_lost_is_counted_in_bytes(tmp_path):
    whole = geojson(polygon(0), polygon(1), polygon(2))
    third = whole.index('{"type": "Feature", "properties": {"KODE": "003"')
    (tmp_path / "rt.geojson").write_text(whole[: third + 50])
    frame, (problem,) = open_vector(tmp_path / "rt.geojson")
    assert frame["KODE"].tolist() == ["001", "002"] and problem.params["bytes"] == 50


def test_a_broken_feature_in_the_middle_is_a_row_without_geometry(tmp_path):
    (tmp_path / "rt.geojson").write_text(geojson(polygon(0), polygon(1), polygon(2)).replace('"002"}', '"002"]'))
    frame, problems = open_vector(tmp_path / "rt.geojson")
    assert frame.geometry.isna().tolist() == [False, True, False] and codes(problems) == ["features_unreadable"]


def test_the_crs_of_a_file_that_is_read_tolerantly_is_its_own(tmp_path):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32749"}}
    (tmp_path / "rt.geojson").write_text(geojson(polygon(0, False), crs=crs)[:-2])
    assert open_vector(tmp_path / "rt.geojson")[0].crs.to_epsg() == 32749


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(polygon()),
        json.dumps({"type": "Feature", "properties": {}, "geometry": polygon()}),
        json.dumps({"type": "Feature", "properties": {}, "geometry": polygon(0, False)}),
        json.dumps([{"type": "Feature", "properties": {}, "geometry": polygon()}]),
        "\ufeff" + geojson(polygon()),
    ],
    ids=["geometry", "feature", "open feature", "list of features", "with a mark of UTF-8"],
)
def test_other_ways_to_write_one_area_as_geojson(tmp_path, text):
    (tmp_path / "rt.json").write_text(text, "utf-8")
    frame, _ = open_vector(tmp_path / "rt.json")
    assert len(frame) == 1 and frame.geometry[0].equals(shapely.Polygon(ring()))


def test_a_feature_a_line_is_read_with_an_open_ring_too(tmp_path):
    lines = [json.dumps({"type": "Feature", "properties": {"k": i}, "geometry": polygon(i, i != 1)}) for i in range(3)]
    (tmp_path / "rt.geojsonl").write_text("\n".join(lines))
    frame, problems = open_vector(tmp_path / "rt.geojsonl")
    assert frame["k"].tolist() == [0, 1, 2] and codes(problems) == ["rings_closed"]


LAT_LNG = {  # what is written: (kind of geometry, number of features)
    "corners of one area": ([{"lat": y, "lng": x} for x, y in ring()], "Polygon", 1),
    "corners without the last": ([{"latitude": y, "longitude": x} for x, y in ring(0, False)], "Polygon", 1),
    "several areas": ([[{"lat": y, "lng": x} for x, y in ring(i)] for i in range(3)], "Polygon", 3),
    "under a key": ({"data": [{"nama": "A", "lat": LAT, "lng": LON}]}, "Point", 1),
    "houses": ([{"nama": "A", "lat": str(LAT).replace(".", ","), "lng": LON}], "Point", 1),
    "records with a border": ([{"rt": 1, "border": [{"lat": y, "lng": x} for x, y in ring()]}], "Polygon", 1),
}


@pytest.mark.parametrize("case", LAT_LNG)
def test_lists_of_lat_and_lng(tmp_path, case):
    written, kind, count = LAT_LNG[case]
    (tmp_path / "a.json").write_text(json.dumps(written))
    frame, problems = open_vector(tmp_path / "a.json")
    assert frame.geom_type.tolist() == [kind] * count and frame.crs.to_epsg() == 4326
    assert frame.total_bounds[:2] == pytest.approx([LON, LAT], abs=0.001)
    assert {"Polygon": "lat_lng_area", "Point": "lat_lng_points"}[kind] in codes(problems)


# ---------------------------------------------------------------- KML, DXF


def test_attributes_of_descriptions_become_columns(tmp_path):
    table = "<description><![CDATA[<table><tr><td>KODE</td><td>00{}</td></tr><tr><td>KK<td>45</table>]]></description>"
    (tmp_path / "rt.kml").write_text(kml(table.format(1), "<description>KODE: 002&lt;br&gt;KK = 50</description>"))
    frame, _ = open_vector(tmp_path / "rt.kml")
    assert frame["KODE"].tolist() == ["001", "002"] and frame["KK"].tolist() == ["45", "50"]


def test_the_innermost_table_of_a_description_counts():
    inner = "<table><tr><td>KODE</td><td>001</td></tr><tr><td>KK</td><td>&lt;5</td></tr></table>"
    assert xmltext.described(f"<html><table><tr><td>{inner}</td></tr></table>") == {"KODE": "001", "KK": "<5"}
    assert xmltext.described("Batas wilayah RT 01") == {}
    assert xmltext.described("Catatan: lihat peta") == {}, "one line with a colon is prose"


def test_all_folders_of_a_kml_are_read_and_numbered_through(tmp_path):
    one, two = kml("", "").split("</Placemark><Placemark>")
    two = two.replace(f"{ring(1)[-1][0]},{ring(1)[-1][1]},0</coord", "</coord")  # the last corner, so an open ring
    folders = one.replace("<Document>", "<Document><Folder><name>RW 1</name>") + "</Placemark></Folder><Folder>"
    (tmp_path / "rt.kml").write_text(
        folders + "<name>RW 2</name><Placemark>" + two.replace("</Document>", "</Folder></Document>")
    )
    frame, problems = open_vector(tmp_path / "rt.kml")
    assert frame["folder"].tolist() == ["RW 1", "RW 2"]
    assert [(p.code, p.params["rows"]) for p in problems] == [("rings_closed", [1])]
    assert len(open_vector(tmp_path / "rt.kml", "RW 2")[0]) == 1


def test_a_drawing_layer_is_taken_by_name_and_keeps_its_numbers(tmp_path):
    shapes = [LineString([(0, 0), (9, 9)]), box(0, 0, 9, 9)]
    gpd.GeoDataFrame({"Layer": ["JALAN", "RT"]}, geometry=shapes).to_file(tmp_path / "a.dxf", driver="DXF")
    frame, _ = open_vector(tmp_path / "a.dxf", "RT")
    assert frame["Layer"].tolist() == ["RT"] and frame.index.tolist() == [1] and frame.crs is None
    assert set(refused(tmp_path / "a.dxf", "RW").params["known"].split(", ")) == {"JALAN", "RT"}


# ---------------------------------------------------------------- tables

HEADINGS = {
    ("No", "Lintang", "BUJUR"): ("degrees", ["BUJUR", "Lintang"]),
    ("lat", "lng"): ("degrees", ["lng", "lat"]),
    ("_lokasi_latitude", "_lokasi_longitude"): ("degrees", ["_lokasi_longitude", "_lokasi_latitude"]),
    ("X", "Y"): ("metres", ["X", "Y"]),
    ("Easting", "Northing"): ("metres", ["Easting", "Northing"]),
    ("kode", "WKT"): ("shape", ["WKT"]),
    ("kode", "geom", "lat", "lon"): ("shape", ["geom"]),
    ("Koordinat",): ("both", ["Koordinat"]),
    ("lat", "kode"): ("", []),
}


@pytest.mark.parametrize("headings", HEADINGS, ids=" ".join)
def test_columns_of_places_are_known_by_the_names_people_use(headings):
    assert place_columns(list(headings)) == HEADINGS[headings]


PLACES = {  # how it is written: all are the same place
    "decimal point": "lat,lon\n-7.58,110.91\n",
    "decimal comma": 'lat;lon\n"-7,58";"110,91"\n',
    "below a title": "Daftar rumah\nno,lintang,bujur\n1,-7.58,110.91\n",
    "in one cell": 'no,koordinat\n1,"-7.58, 110.91"\n',
    "in one cell, longitude first": 'no,koordinat\n1,"110.91 -7.58"\n',
    "in one cell with decimal comma": "no;koordinat\n1;-7,58 110,91\n",
    "with height and accuracy": 'no,gps\n1,"-7.58 110.91 98.2 4.5"\n',
    "degrees and minutes": "no,lintang,bujur\n1,7° 34' 48\" LS,110° 54' 36\" BT\n",
    "WKT": 'no,wkt\n1,"POINT (110.91 -7.58)"\n',
    "EWKT": 'no,wkt\n1,"SRID=4326;POINT (110.91 -7.58)"\n',
    "WKB": f"no,geom\n1,{shapely.to_wkb(Point(110.91, -7.58), hex=True)}\n",
    "GeoJSON": 'no;geom\n1;"{""type"": ""Point"", ""coordinates"": [110.91, -7.58]}"\n',
}


@pytest.mark.parametrize("case", PLACES)
def test_a_place_is_read_however_it_is_written(tmp_path, case):
    (tmp_path / "rumah.csv").write_text(PLACES[case], "utf-8")
    frame, problems = open_vector(tmp_path / "rumah.csv")
    assert shapely.get_coordinates(frame.geometry[0]).tolist() == [pytest.approx([110.91, -7.58])]
    assert frame.crs.to_epsg() == 4326 and codes(problems) == ["places_read"], "what is assumed is said"


def test_metres_have_no_crs_of_their_own(tmp_path):
    (tmp_path / "a.csv").write_text(f"x,y\n{X},{Y}\n")
    assert open_vector(tmp_path / "a.csv")[0].crs is None


def test_a_place_that_cannot_be_is_a_row_without_geometry(tmp_path):
    (tmp_path / "a.csv").write_text("no,lat,lon\n1,-7.5,110.9\n2,-7.5,110.9\n3,-75123.0,110.9\n4,,\n")
    frame, problems = open_vector(tmp_path / "a.csv")
    assert frame.geometry.isna().tolist() == [False, False, True, True]
    assert next(p for p in problems if p.code == "features_unreadable").params["rows"] == [2], "empty is not wrong"


def test_a_geometry_longer_than_a_cell_of_csv_may_be(tmp_path):
    text = Point(0, 0).buffer(1, 4000).wkt
    (tmp_path / "a.csv").write_text(f'no,wkt\n1,"{text}"\n')
    assert len(text) > 131_072 and open_vector(tmp_path / "a.csv")[0].geometry[0].equals(shapely.from_wkt(text))


def test_a_text_with_a_geometry_a_line(tmp_path):
    (tmp_path / "a.wkt").write_text("POINT (1 2)\nPOLYGON ((0 0, 1 0, 1 1))\n")
    frame, problems = open_vector(tmp_path / "a.wkt")
    assert frame.geom_type.tolist() == ["Point", "Polygon"] and "rings_closed" in codes(problems)


DEGREES = {
    "7° 30' 36\" LS": -7.51,
    "7°30'36.0\"S": -7.51,
    "S 7.51": -7.51,
    "110,85 BT": 110.85,
    "110° 51'": 110.85,
    "7.51": None,
    "7° 70' LS": None,
    "RT 7": None,
    None: None,
}


@pytest.mark.parametrize("cell", DEGREES, ids=repr)
def test_degrees(cell):
    wanted = DEGREES[cell]
    assert degrees(cell) == pytest.approx(float("nan") if wanted is None else wanted, nan_ok=True)


# ---------------------------------------------------------------- text to geometry


@pytest.mark.parametrize("depth", [16, 1000, 300_000])
def test_geometry_nested_too_deep_never_reaches_geos(depth):
    text = "GEOMETRYCOLLECTION(" * depth + "POINT(0 0)" + ")" * depth
    assert geotext.read_shape(text)[2] is (depth > 16)
    deep = bytes.fromhex("010700000001000000") * depth + shapely.to_wkb(Point(0, 0))
    assert geotext.close_rings([deep])[2].tolist() == [depth >= 16]


def test_wkb_of_many_parts_is_read():
    parts = shapely.MultiPolygon([box(i, 0, i + 0.5, 1) for i in range(500)])
    for geometry in (parts, shapely.GeometryCollection([parts, Point(0, 0), parts]), shapely.force_3d(parts)):
        for flavour in ("extended", "iso"):
            blob = shapely.to_wkb(geometry, flavor=flavour)
            assert geotext.close_rings([blob, None])[0][0].equals(geometry)


# ---------------------------------------------------------------- places on the disk


def test_a_path_must_not_leave_its_folder(tmp_path):
    project = tmp_path / "proyek"
    project.mkdir()
    (tmp_path / "rahasia.geojson").write_text(geojson(polygon()))
    (project / "rt.geojson").write_text(geojson(polygon()))
    os.symlink(tmp_path / "rahasia.geojson", project / "link.geojson")
    os.symlink(project / "loop", project / "loop")
    assert check_path("rt.geojson", project) == project / "rt.geojson"
    assert len(open_vector(project / "rt.geojson", root=project)[0]) == 1
    for path in ("../rahasia.geojson", tmp_path / "rahasia.geojson", "link.geojson", "a\x00b"):
        assert refused(path, root=project).code == "project_path_outside"
    # a ring of links leads nowhere: Python 3.11 and 3.12 refuse to follow it, 3.13 gives a file that is not there
    assert refused("loop/x", root=project).code in ("project_path_outside", "layer_not_found")


@pytest.mark.parametrize("name", ["../a.geojson", "..\\a.geojson", "/a.geojson", "C:/a.geojson", "x/../../a.geojson"])
def test_names_in_a_zip_must_not_lead_outside(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr(name, geojson(polygon()))
    assert refused(tmp_path / "a.zip").code == "archive_unsafe"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zip"]


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("a.geojson", geojson(polygon()))
    open_vector(tmp_path / "a.zip")
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_zip_with_more_than_the_limit_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MOST_BYTES", 100)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("a.geojson", geojson(polygon()))
    assert refused(tmp_path / "a.zip").code == "archive_too_large"


def test_a_json_larger_than_the_limit_is_not_read_into_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("kumuhgis.geojson._MOST_JSON", 100)
    (tmp_path / "a.geojson").write_text(geojson(polygon(0, False)))
    assert refused(tmp_path / "a.geojson").code == "file_too_large"


def test_too_many_columns_are_said(tmp_path, monkeypatch):
    monkeypatch.setattr("kumuhgis.geojson.MOST_COLUMNS", 2)
    rows = [{"lat": LAT, "lng": LON, "a": 1, "b": 2}]
    (tmp_path / "a.json").write_text(json.dumps(rows))
    assert "columns_too_many" in codes(open_vector(tmp_path / "a.json")[1])


# ---------------------------------------------------------------- what needs more than the core


def test_geoparquet_without_pyarrow_is_one_clear_error(tmp_path, monkeypatch):
    squares().to_parquet(tmp_path / "rt.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow.dataset", None)
    problem = refused(tmp_path / "rt.parquet")
    assert problem.code == "format_needs_package" and "kumuhgis[skala]" in problem.fix("id")


def test_of_geoparquet_only_the_columns_asked_for_are_read(tmp_path):
    squares().assign(KK=1).rename_geometry("bentuk").to_parquet(tmp_path / "rt.parquet")
    frame, problems = open_vector(tmp_path / "rt.parquet", columns=["KK"])
    assert problems == [] and list(frame.columns) == ["KK", "geometry"] and frame.crs.to_epsg() == 32749
    squares().drop(columns="geometry").to_parquet(tmp_path / "tabel.parquet")
    assert refused(tmp_path / "tabel.parquet").code == "layer_no_geometry"


def test_a_geodatabase_without_its_suffix_is_read_and_one_of_its_layers_can_be_asked_for(tmp_path):
    squares().to_file(tmp_path / "peta.gdb", driver="OpenFileGDB", layer="BATAS_RT")
    squares(1).to_file(tmp_path / "peta.gdb", driver="OpenFileGDB", layer="BATAS_RW", mode="a")
    (tmp_path / "peta.gdb").rename(tmp_path / "kiriman")
    frame, problems = open_vector(tmp_path / "kiriman", "BATAS_RW")
    assert len(frame) == 1 and problems == []


@pytest.mark.parametrize("portions", [False, True])
def test_letters_that_are_not_what_the_cpg_says_are_kept_and_it_is_said(tmp_path, portions):
    names = ["Ngringo"] * 5 + ["Ngringó Désa"]
    frame = gpd.GeoDataFrame({"DESA": names}, geometry=[Point(i, i) for i in range(6)], crs=32749)
    frame.to_file(tmp_path / "rt.shp", encoding="ISO-8859-1")
    (tmp_path / "rt.cpg").write_text("UTF-8")
    read, problems = open_vector(tmp_path / "rt.shp", bbox=(-1, -1, 9, 9) if portions else None)
    assert read["DESA"].tolist() == names and codes(problems) == ["text_encoding_assumed"]
