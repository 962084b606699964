"""Make a folder of nasty map files: small, one fault each, and what is to be said of each.

``python tests/nasty/make_nasty.py FOLDER`` writes them; the tests do the same into a temporary folder. Every maker has
the fault as its docstring, and its row of ``FILES`` says which problem code names it and how many features come out
(None: nothing can be read, and the code is that of the one error).
"""

import json
import os
import shutil
import sqlite3
import struct
import sys
import zipfile
from pathlib import Path

import geopandas as gpd
import shapely
from shapely import box

X, Y = 490_000, 9_162_000  # metres in UTM 49S, in Kecamatan Jaten
LON, LAT = 110.91, -7.58


def squares(n=3, crs=32749):
    """RT of a hectare beside each other."""
    shapes = [box(X + 100 * i, Y, X + 100 * i + 100, Y + 100) for i in range(n)]
    frame = gpd.GeoDataFrame({"KODE": [f"{i + 1:03d}" for i in range(n)]}, geometry=shapes, crs=32749)
    return frame.to_crs(crs)


def ring(i=0, closed=True):
    """A small square in degrees."""
    west, south = round(LON + 0.002 * i, 6), LAT
    corners = [[west, south], [west + 0.001, south], [west + 0.001, south + 0.001], [west, south + 0.001]]
    return corners + corners[:1] if closed else corners


def geojson(*geometries, **more):
    """A collection with KODE 001, 002, ..."""
    features = [
        {"type": "Feature", "properties": {"KODE": f"{i + 1:03d}"}, "geometry": g} for i, g in enumerate(geometries)
    ]
    return json.dumps({"type": "FeatureCollection", **more, "features": features})


def polygon(i=0, closed=True):
    return {"type": "Polygon", "coordinates": [ring(i, closed)]}


def cut(path, share):
    """Keep the first part of a file."""
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * share)])


# ---------------------------------------------------------------- GeoJSON and other JSON


def open_ring(path):
    """The second border does not end where it began; GDAL then refuses the whole file."""
    path.write_text(geojson(polygon(0), polygon(1, closed=False), polygon(2)))


def cut_json(path):
    """The copy was interrupted: the third feature stops in the middle."""
    path.write_text(geojson(polygon(0), polygon(1), polygon(2))[:-60])


def trailing_comma(path):
    """Written by hand: a comma before the closing bracket (nothing is lost, so nothing is said)."""
    path.write_text(geojson(polygon(0), polygon(1)).replace("]}}]}", "]}},]}"))


def text_behind(path):
    """Something stands behind the end of the collection."""
    path.write_text(geojson(polygon(0)) + "\n-- akhir berkas --")


def misspelt_type(path):
    """The second geometry is a "Poligon"."""
    path.write_text(geojson(polygon(0), {"type": "Poligon", "coordinates": [ring(1)]}))


def text_coordinates(path):
    """Coordinates are text with a decimal comma, one of them is "selatan"."""
    words = [[[str(x).replace(".", ","), str(y).replace(".", ",")] for x, y in ring(i)] for i in range(2)]
    words[1][2][1] = "selatan"
    path.write_text(geojson(*({"type": "Polygon", "coordinates": [w]} for w in words)))


def null_feature(path):
    """A null stands between the features; GDAL leaves it out without a word."""
    whole = json.loads(geojson(polygon(0), polygon(1)))
    whole["features"].insert(1, None)
    path.write_text(json.dumps(whole))


def nan_json(path):
    """A coordinate is 1e400, which no reader of numbers takes."""
    path.write_text(geojson(polygon(0), polygon(1)).replace("110.913", "1e400"))


def latin_json(path):
    """A name is written in Windows-1252."""
    path.write_bytes(geojson(polygon(0)).replace("001", "D\xe9sa").encode("cp1252"))


def utf16_json(path):
    """Saved by Notepad as "Unicode" (nothing is lost, so nothing is said)."""
    path.write_bytes(geojson(polygon(0), polygon(1)).encode("utf-16"))


def unknown_crs(path):
    """The crs is one that does not exist; GDAL takes WGS 84 without a word."""
    path.write_text(geojson(polygon(0), crs={"type": "name", "properties": {"name": "EPSG:999999"}}))


def deep_json(path):
    """Lists in lists, ten thousand deep, in the place of coordinates."""
    whole = geojson(polygon(0), {"type": "Polygon", "coordinates": "@"}, polygon(2))
    path.write_text(whole.replace('"@"', "[" * 10_000 + "]" * 10_000))


def lat_lng_area(path):
    """The corners of one area as objects, latitude first, as a web map wrote them."""
    path.write_text(json.dumps([{"lat": y, "lng": x} for x, y in ring(0)]))


def lat_lng_points(path):
    """Houses with their place as lat and lng."""
    path.write_text(
        json.dumps([{"nama": "Warga A", "lat": LAT, "lng": LON}, {"nama": "Warga B", "lat": "?", "lng": 1}])
    )


def borders_json(path):
    """Records whose border is a list of {lat, lng}."""
    rows = [{"rt": f"00{i}", "border": [{"lat": y, "lng": x} for x, y in ring(i)]} for i in range(2)]
    path.write_text(json.dumps(rows))


def other_json(path):
    """JSON, but no map."""
    path.write_text('{"nama": "Jaten", "rt": [1, 2, 3]}')


# ---------------------------------------------------------------- shapefiles


def whole_shapefile(path, **columns):
    frame = squares()
    for name, values in columns.items():
        frame[name] = values
    frame.to_file(path, encoding="UTF-8")


def no_dbf(path):
    """Only .shp, .shx and .prj were sent."""
    whole_shapefile(path)
    path.with_suffix(".dbf").unlink()


def no_shx(path):
    """The .shx was not sent; GDAL refuses."""
    whole_shapefile(path)
    path.with_suffix(".shx").unlink()


def no_cpg(path):
    """The .cpg was not sent: "Désa" becomes "DÃ©sa"."""
    whole_shapefile(path, NAMA=["Désa", "B", "C"])
    path.with_suffix(".cpg").unlink()


def ten_letters(path):
    """A column's name was cut to ten letters by the format itself."""
    whole_shapefile(path, KONDISI_JA=["a", "b", "c"])


def cut_shp(path):
    """The .shp is cut in the middle; its table still has all rows."""
    whole_shapefile(path)
    cut(path, 0.5)


def cut_shp_alone(path):
    """The .shp is cut and the .shx is gone."""
    cut_shp(path)
    path.with_suffix(".shx").unlink()


def cut_dbf(path):
    """The .dbf is cut; GDAL refuses the whole layer."""
    whole_shapefile(path)
    table = path.with_suffix(".dbf")
    table.write_bytes(table.read_bytes()[: 32 + 32 + 1 + 81 + 10])


def cut_shx(path):
    """The .shx is cut."""
    whole_shapefile(path)
    cut(path.with_suffix(".shx"), 0.8)


def broken_prj(path):
    """The .prj is cut; GDAL refuses the whole layer."""
    whole_shapefile(path)
    cut(path.with_suffix(".prj"), 0.5)


def dbf_alone(path):
    """The .dbf was sent instead of the .shp."""
    whole_shapefile(path.with_suffix(".shp"))
    path.with_suffix(".shp").unlink()


# ---------------------------------------------------------------- GeoPackage, FlatGeobuf


def several_layers(path):
    """Two layers, and nobody said which."""
    squares().to_file(path, layer="batas rt")
    squares(1).to_file(path, layer="batas rw")


def broken_blobs(path):
    """A geometry is noise and a text is no UTF-8: pyogrio refuses the whole table."""
    squares().to_file(path, layer="rt")
    base = sqlite3.connect(path)
    for (name,) in base.execute("select name from sqlite_master where type = 'trigger'").fetchall():
        base.execute(f'drop trigger "{name}"')
    base.execute("update rt set geom = x'4750000102' where fid = 2")
    base.execute("update rt set KODE = cast(x'c3284142' as text) where fid = 3")
    base.commit()
    base.close()


def open_ring_gpkg(path):
    """A border in a GeoPackage does not end where it began."""
    squares().to_file(path, layer="rt")
    base = sqlite3.connect(path)
    for (name,) in base.execute("select name from sqlite_master where type = 'trigger'").fetchall():
        base.execute(f'drop trigger "{name}"')
    (blob,) = base.execute("select geom from rt where fid = 2").fetchone()
    base.execute("update rt set geom = ? where fid = 2", (blob[:-16] + struct.pack("<dd", X + 150, Y + 90),))
    base.commit()
    base.close()


def no_geometry(path):
    """Only a table, without a map."""
    import pyogrio

    pyogrio.write_dataframe(squares().drop(columns="geometry"), path, layer="rt")


def cut_gpkg(path):
    """A database that is cut: its pages are gone."""
    squares().to_file(path)
    cut(path, 0.6)


def cut_fgb(path):
    """A FlatGeobuf that is cut: the last features are gone, their number is known."""
    squares(40).to_file(path, SPATIAL_INDEX="NO")
    cut(path, 0.6)


def cut_index(path):
    """A FlatGeobuf that is cut before its first feature; GDAL reads an empty layer without a word."""
    squares(40).to_file(path)
    cut(path, 0.2)


# ---------------------------------------------------------------- KML, GPX, DXF

PLACEMARK = (
    "<Placemark><name>RT {i}</name>{more}<Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates>"
    "</LinearRing></outerBoundaryIs></Polygon></Placemark>"
)


def kml(*more, closed=True):
    marks = [
        PLACEMARK.format(i=i, more=m, ring=" ".join(f"{x},{y},0" for x, y in ring(i, closed)))
        for i, m in enumerate(more)
    ]
    return f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{"".join(marks)}</Document></kml>'


def described_kml(path):
    """The attributes hide in an HTML table of the description."""
    table = "<description><![CDATA[<table><tr><td>KODE</td><td>00{}</td></tr><tr><td>KK<td>45</table>]]></description>"
    path.write_text(kml(table.format(1), table.format(2)))


def extended_kml(path):
    """The attributes are ExtendedData, and every RT is in a folder of its own (nothing has to be said)."""
    data = '<ExtendedData><Data name="KODE"><value>00{}</value></Data></ExtendedData>'
    one, two = kml(data.format(1), data.format(2)).split("</Placemark><Placemark>")
    path.write_text(
        one.replace("<Document>", "<Document><Folder><name>RW 1</name>")
        + "</Placemark></Folder><Folder><name>RW 2</name><Placemark>"
        + two.replace("</Document>", "</Folder></Document>")
    )


def open_ring_kml(path):
    """The borders do not end where they began."""
    path.write_text(kml("", "", closed=False))


def cut_kml(path):
    """The third placemark stops in the middle, and GDAL reads none."""
    path.write_text(kml("", "", "")[:-120])


def ampersand_kml(path):
    """A bare & in a name: no XML, GDAL reads nothing (nothing is lost, but the damage is said)."""
    path.write_text(kml("", "").replace("RT 1", "RT 1 & 2"))


def broken_placemark(path):
    """The tags of the first placemark are crossed; the second is whole."""
    path.write_text(kml("<b><i>x</b></i>", ""))


def kmz(path):
    """A KMZ is a zip around a KML; in this one HTML stands in the description as if it were XML."""
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("doc.kml", kml("<description>KODE: 001<br>KK: 45</description>"))


def cut_gpx(path):
    """The second track stops in the middle."""
    points = "".join(f'<trkpt lat="{y}" lon="{x}"/>' for x, y in ring())
    track = f"<trk><name>RT</name><trkseg>{points}</trkseg></trk>"
    path.write_text(f'<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">{track}{track}'[:-60])


def drawn(path):
    """A drawing with two drawing layers."""
    frame = gpd.GeoDataFrame(
        {"Layer": ["RT", "JALAN"]}, geometry=[box(0, 0, 9, 9), shapely.LineString([(0, 0), (9, 9)])]
    )
    frame.to_file(path, driver="DXF")


def cut_dxf(path):
    """A drawing whose last entities are gone."""
    drawn(path)
    raw = path.read_bytes()
    path.write_bytes(raw[: raw.rindex(b"LWPOLYLINE") + 30])


# ---------------------------------------------------------------- tables with places


def comma_csv(path):
    """Lintang and bujur with a decimal comma, one of them empty, one "menyusul"."""
    path.write_text('no;lintang;bujur\n1;"-7,581";"110,912"\n2;;\n3;menyusul;"110,913"\n4;"-7,582";"110,914"\n')


def degree_csv(path):
    """Degrees, minutes and a direction."""
    path.write_text("no,lintang,bujur\n1,7° 34' 48\" LS,110° 54' 36\" BT\n", "utf-8")


def metre_csv(path):
    """x and y in metres of a zone that nobody names."""
    path.write_text(f"kode,x,y\n1,{X},{Y}\n2,{X + 10},{Y}\n")


def wkt_csv(path):
    """WKT whose second border is open and whose third is noise."""
    rows = [f'1,"{box(0, 0, 1, 1).wkt}"', '2,"POLYGON ((0 0, 1 0, 1 1))"', '3,"POLIGON ((0 0"']
    path.write_text("\n".join(["kode,wkt", *rows]))


def hex_csv(path):
    """WKB in hex; one is nested so deep that GEOS would overflow the stack and take Python with it."""
    deep = (struct.pack("<BII", 1, 7, 1) * 200_000 + struct.pack("<BIdd", 1, 1, 0, 0)).hex()
    path.write_text(f"kode,geom\n1,{shapely.to_wkb(box(0, 0, 1, 1), hex=True)}\n2,{deep}\n")


def no_place_csv(path):
    """A table without any place."""
    path.write_text("kode,luas\n001,2\n")


def workbook(path):
    """A workbook with latitude and longitude below a title."""
    import openpyxl

    book = openpyxl.Workbook()
    for row in (["Daftar rumah"], ["nama", "Latitude", "Longitude"], ["A", LAT, LON], ["B", "-7,59", "110,92"]):
        book.active.append(row)
    book.save(path)


def cut_workbook(path):
    """A workbook that is cut."""
    workbook(path)
    cut(path, 0.5)


# ---------------------------------------------------------------- files that are not what they say


def gpkg_named_shp(path):
    """A GeoPackage that was renamed to .shp."""
    squares().to_file(path.with_suffix(".gpkg"))
    path.with_suffix(".gpkg").rename(path)


def json_named_gpkg(path):
    """A GeoJSON that was renamed to .gpkg."""
    path.write_text(geojson(polygon(0), polygon(1)))


def empty(path):
    """A file of 0 bytes."""
    path.write_bytes(b"")


def folder(path):
    """A folder with the name of a file."""
    path.mkdir()


def picture(path):
    """A picture."""
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))


def words(path):
    """A letter."""
    path.write_text("Kepada Yth. Bapak Kepala Desa")


def noise(path):
    """Noise with the name of a GeoPackage."""
    path.write_bytes(bytes(range(256)) * 40)


def virtual(path):
    """A VRT: GDAL would open any file or server that it names."""
    path.write_text('<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>')


def missing(path):
    """There is no such file."""


# ---------------------------------------------------------------- databases of ArcGIS and of the data scientists


def geodatabase(path):
    """An ArcGIS file geodatabase, which is a folder (nothing has to be said)."""
    squares().to_file(path, driver="OpenFileGDB", layer="BATAS_RT")


def zipped_geodatabase(path):
    """A file geodatabase in a zip, with a map beside it that is another's."""
    geodatabase(path.with_name("zipped_source.gdb"))
    with zipfile.ZipFile(path, "w") as packed:
        for part in sorted(path.with_name("zipped_source.gdb").iterdir()):
            packed.write(part, f"kiriman/peta.gdb/{part.name}")
        packed.writestr("kiriman/lain.geojson", geojson(polygon(0)))


def cut_geodatabase(path):
    """The tables of the geodatabase were cut while being copied."""
    geodatabase(path)
    for part in path.glob("*.gdbtable"):
        cut(part, 0.3)


def geoparquet(path):
    """GeoParquet, which needs pyarrow (nothing has to be said)."""
    squares().to_parquet(path)


def cut_parquet(path):
    """GeoParquet whose end, where its table of contents stands, is gone."""
    squares().to_parquet(path)
    cut(path, 0.5)


# ---------------------------------------------------------------- zips


def zipped(path):
    """A whole shapefile in a zip, in a folder (nothing has to be said)."""
    whole_shapefile(path.with_suffix(".shp"))
    with zipfile.ZipFile(path, "w") as packed:
        for part in path.parent.glob(f"{path.stem}.*"):
            if part != path:
                packed.write(part, f"peta/{part.name}")


def bomb(path):
    """A zip of 300 kB that becomes 300 MB."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed, packed.open("rt.geojson", "w") as file:
        for _ in range(300):
            file.write(bytes(1_000_000))


def lying_zip(path):
    """A zip that says a file has 10 bytes, and has 3 MB."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("rt.geojson", b" " * 3_000_000)
    raw = bytearray(path.read_bytes())
    at = raw.rindex(b"PK\x01\x02")
    raw[at + 24 : at + 28] = struct.pack("<I", 10)
    path.write_bytes(raw)


def climbing_zip(path):
    """A name in the zip leads out of its folder."""
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("../../rt.geojson", geojson(polygon()))


def linked_zip(path):
    """The zip holds a link to a file of the machine."""
    entry = zipfile.ZipInfo("rt.geojson")
    entry.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(entry, "/etc/passwd")


def locked_zip(path):
    """The zip is locked with a password."""
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("rt.geojson", geojson(polygon()))
    raw = bytearray(path.read_bytes())
    for at in (raw.index(b"PK\x03\x04") + 6, raw.rindex(b"PK\x01\x02") + 8):
        raw[at] |= 1
    path.write_bytes(raw)


def cut_zip(path):
    """The zip is cut."""
    zipped(path)
    cut(path, 0.5)


def photo_zip(path):
    """A zip of photographs."""
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("foto.jpg", b"\xff\xd8\xff")


def two_in_zip(path):
    """Two maps in one zip."""
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("a.geojson", geojson(polygon()))
        packed.writestr("b.geojson", geojson(polygon(), polygon(1)))


# name of the file: (maker, problem code that names the fault or "" if nothing has to be said, features that come out)
FILES = {
    "open_ring.geojson": (open_ring, "rings_closed", 3),
    "cut.geojson": (cut_json, "file_cut", 2),
    "trailing_comma.geojson": (trailing_comma, "", 2),
    "text_behind.geojson": (text_behind, "file_cut", 1),
    "misspelt.geojson": (misspelt_type, "features_unreadable", 2),
    "text_coordinates.geojson": (text_coordinates, "features_unreadable", 2),
    "null.geojson": (null_feature, "features_unreadable", 3),
    "nan.geojson": (nan_json, "features_unreadable", 2),
    "latin.geojson": (latin_json, "text_encoding_assumed", 1),
    "utf16.geojson": (utf16_json, "", 2),
    "unknown_crs.geojson": (unknown_crs, "crs_text_unknown", 1),
    "deep.geojson": (deep_json, "features_unreadable", 3),
    "area.json": (lat_lng_area, "lat_lng_area", 1),
    "points.json": (lat_lng_points, "lat_lng_points", 2),
    "borders.json": (borders_json, "lat_lng_area", 2),
    "other.json": (other_json, "format_unknown", None),
    "no_dbf.shp": (no_dbf, "shapefile_no_dbf", 3),
    "no_shx.shp": (no_shx, "shapefile_no_shx", 3),
    "no_cpg.shp": (no_cpg, "shapefile_no_cpg", 3),
    "ten.shp": (ten_letters, "shapefile_names_cut", 3),
    "cut.shp": (cut_shp, "file_cut", 3),
    "cut_alone.shp": (cut_shp_alone, "features_unreadable", 3),
    "cut_dbf.shp": (cut_dbf, "attributes_unreadable", 3),
    "cut_shx.shp": (cut_shx, "shapefile_no_shx", 3),
    "broken_prj.shp": (broken_prj, "crs_text_unknown", 3),
    "alone.dbf": (dbf_alone, "shapefile_no_shp", None),
    "several.gpkg": (several_layers, "layer_several", 3),
    "blobs.gpkg": (broken_blobs, "read_one_by_one", 3),
    "open_ring.gpkg": (open_ring_gpkg, "rings_closed", 3),
    "table.gpkg": (no_geometry, "layer_no_geometry", None),
    "cut.gpkg": (cut_gpkg, "file_cut_lost", None),
    "cut.fgb": (cut_fgb, "features_unreadable", 40),
    "cut_index.fgb": (cut_index, "file_cut_lost", None),
    "described.kml": (described_kml, "kml_columns", 2),
    "extended.kml": (extended_kml, "", 2),
    "open_ring.kml": (open_ring_kml, "rings_closed", 2),
    "cut.kml": (cut_kml, "file_cut", 2),
    "ampersand.kml": (ampersand_kml, "xml_mended", 2),
    "crossed.kml": (broken_placemark, "features_unreadable", 2),
    "peta.kmz": (kmz, "xml_mended", 1),
    "cut.gpx": (cut_gpx, "file_cut", 1),
    "drawn.dxf": (drawn, "dxf_layers", 2),
    "cut.dxf": (cut_dxf, "file_cut", 1),
    "comma.csv": (comma_csv, "features_unreadable", 4),
    "degrees.csv": (degree_csv, "places_read", 1),
    "metres.csv": (metre_csv, "places_read", 2),
    "wkt.csv": (wkt_csv, "rings_closed", 3),
    "hex.csv": (hex_csv, "features_unreadable", 2),
    "no_place.csv": (no_place_csv, "table_no_place", None),
    "book.xlsx": (workbook, "places_read", 2),
    "cut.xlsx": (cut_workbook, "archive_broken", None),
    "renamed.shp": (gpkg_named_shp, "format_differs", 3),
    "renamed.gpkg": (json_named_gpkg, "format_differs", 2),
    "empty.gpkg": (empty, "file_empty", None),
    "empty.shp": (empty, "file_empty", None),
    "empty.csv": (empty, "file_empty", None),
    "folder.shp": (folder, "file_is_folder", None),
    "picture.png": (picture, "format_unknown", None),
    "letter.txt": (words, "format_unknown", None),
    "noise.gpkg": (noise, "format_unknown", None),
    "virtual.vrt": (virtual, "format_unknown", None),
    "missing.gpkg": (missing, "layer_not_found", None),
    "rt.gdb": (geodatabase, "", 3),
    "database.zip": (zipped_geodatabase, "layer_several", 3),
    "cut.gdb": (cut_geodatabase, "layer_unreadable", None),
    "rt.parquet": (geoparquet, "", 3),
    "cut.parquet": (cut_parquet, "layer_unreadable", None),
    "zipped.zip": (zipped, "", 3),
    "bomb.zip": (bomb, "archive_too_large", None),
    "lying.zip": (lying_zip, "archive_broken", None),
    "climbing.zip": (climbing_zip, "archive_unsafe", None),
    "linked.zip": (linked_zip, "archive_unsafe", None),
    "locked.zip": (locked_zip, "archive_locked", None),
    "cut.zip": (cut_zip, "archive_broken", None),
    "photos.zip": (photo_zip, "archive_no_layer", None),
    "two.zip": (two_in_zip, "layer_several", 1),
}


def make(target):
    """Write all files, each in a folder of its own, because a shapefile has companions; give their paths."""
    paths = {}
    for name, (maker, _, _) in FILES.items():
        place = Path(target) / name.replace(".", "_")
        shutil.rmtree(place, ignore_errors=True)
        os.makedirs(place)
        paths[name] = place / name
        maker(paths[name])
    return paths


if __name__ == "__main__":
    for name, made in make(sys.argv[1]).items():
        print(f"{made}: {FILES[name][0].__doc__}")
