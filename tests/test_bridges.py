"""Google Earth, OpenSID, the KawanKu sheet and shapefiles to a schema: what arrives there is what was computed.

The import of OpenSID is retraced as its source has it (assets/js/peta.js of github.com/OpenSID/OpenSID).
"""

import csv
import io
import json
import os
import re
import zipfile
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from shapely import MultiPolygon, Polygon, box

import kumuhgis as kg
from kumuhgis.errors import OutputError
from kumuhgis.scoring import score_baseline
from kumuhgis.themes import level_classes

GOLDEN = Path(__file__).parent / "golden" / "kawanku_rt.csv"
KML = "{http://www.opengis.net/kml/2.2}"
TODAY = date(2026, 4, 1)
X, Y = 490_000, 9_162_000
EVIL = ["<img src=x onerror=1>", "=cmd|'/c calc'!A1", "a&b \"c\" 'd'", "nul\x00 baris\nbaru", "../../etc/passwd"]


@pytest.fixture(scope="module")
def results():
    """Brujul has a unit without border and one whose level is open; in Ngringo totals come from the map."""
    return {name: kg.assess(kg.load_sample(name), today=TODAY) for name in ("brujul", "ngringo")}


@pytest.fixture(scope="module")
def odd():
    """Names that try to be something else; one RT of two parts with a hole, one that only the table knows."""
    shapes = [box(X + 100 * i, Y, X + 100 * i + 90, Y + 90) for i in range(len(EVIL))]
    hole = Polygon([(X, Y), (X + 60, Y), (X + 60, Y + 60), (X, Y + 60)],
                   [[(X + 20, Y + 20), (X + 40, Y + 20), (X + 40, Y + 40), (X + 20, Y + 40)]])  # fmt: skip
    shapes[0] = MultiPolygon([hole, box(X + 70, Y, X + 90, Y + 90)])
    keys = [f"{i:03d}" for i in range(len(EVIL) + 1)]
    rt = gpd.GeoDataFrame({"kode": keys[:-1], "desa": "Contoh"}, geometry=shapes, crs=32749)
    table = pd.DataFrame({"kode": keys, "luas_ha": 1.0, "kk": 40, "3a_volume": 40, "nama_ketua_rt": "Bu Sri"})
    got = kg.assess(rt=rt, baseline=table, today=TODAY)
    got.units["rt_rw"] = [*EVIL, "RT 006"]
    got.units["kawasan"] = "Hub. 0812-3456-7890"
    return got


def kml_of(path):
    return ElementTree.fromstring(path.read_bytes())


def corners(ring):
    return [tuple(map(float, pair.split(","))) for pair in ring.text.split()]


# ---------------------------------------------------------------- Google Earth


def test_units_lie_in_the_folder_of_their_level_in_its_colour(results, tmp_path):
    result = results["brujul"]
    document = kml_of(kg.write(result, tmp_path / "x.kml", kind="kml")).find(f"{KML}Document")
    colours = {s.get("id"): s.findtext(f"{KML}PolyStyle/{KML}color") for s in document.findall(f"{KML}Style")}
    folders = document.findall(f"{KML}Folder")
    for folder, each in zip(folders, level_classes(result), strict=False):
        assert folder.findtext(f"{KML}name").startswith(each["label"])
        fill = each["fill"]
        for mark in folder.findall(f"{KML}Placemark"):
            colour = colours[mark.findtext(f"{KML}styleUrl")[1:]]
            assert colour[2:] == fill[5:7] + fill[3:5] + fill[1:3], "KML writes blue, green, red"
    marks = sum(len(folder.findall(f"{KML}Placemark")) for folder in folders[: len(level_classes(result))])
    assert marks == result.units.geometry.notna().sum() == len(result.summary) - 1
    about = document.findtext(f"{KML}description")
    assert "DATA CONTOH" in document.findtext(f"{KML}name") and "1 RT tidak punya batas pada peta" in about


@pytest.mark.parametrize("suffix", [".kml", ".kmz"])
def test_gdal_reads_the_borders_where_they_are(suffix, results, tmp_path):
    result = results["brujul"]
    path = kg.write(result, tmp_path / f"x{suffix}", kind="kml")
    layers = [name for name, _ in pyogrio.list_layers(path)]
    read = pd.concat([pyogrio.read_dataframe(path, layer=name) for name in layers if "RT," in name])
    ours = result.units[result.units.geometry.notna()]
    areas = read.set_index("unit").to_crs(ours.crs).area.reindex(ours.index.astype(str))
    assert areas.to_numpy() == pytest.approx(ours.area.to_numpy(), rel=1e-4)


def test_what_people_wrote_is_no_markup_in_the_balloon(odd, tmp_path):
    """Google Earth shows a description as HTML, so it is escaped twice: for HTML, and for XML."""
    document = kml_of(kg.write(odd, tmp_path / "x.kml", kind="kml"))
    names = [mark.findtext(f"{KML}name") for mark in document.iter(f"{KML}Placemark")]
    assert "<img src=x onerror=1>" in names and "nul baris baru" in names
    for mark in document.iter(f"{KML}Placemark"):
        told = mark.findtext(f"{KML}description")
        assert set(re.findall(r"<[^>]*>", told)) <= {"<table>", "</table>", "<tr>", "</tr>", "<td>", "</td>"}
    text = (tmp_path / "x.kml").read_text("utf-8")
    assert "0812" not in text and "Bu Sri" not in text


def test_outer_rings_run_against_the_clock_and_holes_with_it(odd, tmp_path):
    document = kml_of(kg.write(odd, tmp_path / "x.kml", kind="kml"))
    mark = next(m for m in document.iter(f"{KML}Placemark") if m.findtext(f"{KML}name") == EVIL[0])
    outer, inner = (list(mark.iter(f"{KML}{side}BoundaryIs")) for side in ("outer", "inner"))
    assert (len(outer), len(inner)) == (2, 1)
    turns = [Polygon(corners(side.find(f"{KML}LinearRing/{KML}coordinates"))).exterior.is_ccw for side in outer + inner]
    assert turns == [True, True, False]


# ---------------------------------------------------------------- OpenSID


def imported(content):
    """What OpenSID would keep of a KML: coordinates of every placemark, flipped, all of them one region."""
    root, path = ElementTree.fromstring(content), []
    for mark in root.iter(f"{KML}Placemark"):
        assert mark.find(f"{KML}MultiGeometry") is None, "togeojson makes a collection of it, which has no coordinates"
        rings = [corners(ring) for ring in mark.iter(f"{KML}coordinates")]
        assert all(len(corner) == 2 for ring in rings for corner in ring), "no altitudes"
        path.append([[[lat, lng] for lng, lat in ring] for ring in rings])
    return path


def test_every_rt_has_a_file_that_opensid_imports_as_its_border(results, odd, tmp_path):
    for result in (results["brujul"], odd):
        path = kg.write(result, tmp_path / "x.zip", kind="opensid", force=True)
        with zipfile.ZipFile(path) as archive:
            table = list(csv.DictReader(io.StringIO(archive.read("daftar-rt.csv").decode("utf-8-sig"))))
            assert len(table) == len(result.summary) and "Impor GPX/KML" in archive.read("BACA-DAHULU.txt").decode()
            for row in table:
                if not row["file"]:
                    assert row["path"] == ""
                    continue
                kept = imported(archive.read(row["file"]))
                assert json.loads(row["path"]) == kept and -8 < kept[0][0][0][0] < -7 and 110 < kept[0][0][0][1] < 112
                assert all(ring[0] == ring[-1] and len(ring) >= 4 for polygon in kept for ring in polygon)
            files = {row["file"] for row in table if row["file"]}
            assert files == set(archive.namelist()) - {"daftar-rt.csv", "BACA-DAHULU.txt", "asal-usul.txt"}
            assert len(files) == result.units.geometry.notna().sum()


def test_names_of_files_are_plain_whatever_an_rt_is_called(odd, tmp_path):
    with zipfile.ZipFile(kg.write(odd, tmp_path / "x.zip", kind="opensid")) as archive:
        assert all(re.fullmatch(r"[A-Za-z0-9-]+\.(kml|csv|txt)", name) for name in archive.namelist())
        assert "'=cmd" in archive.read("daftar-rt.csv").decode("utf-8-sig"), "no formula in a spreadsheet"


# ---------------------------------------------------------------- KawanKu


def test_the_columns_are_those_of_the_kawanku_sheet_in_its_order(results, tmp_path):
    path = kg.write(results["brujul"], tmp_path / "x.csv", kind="kawanku")
    ours = path.read_text("utf-8-sig").split("\n")[0].split(",")
    sheet = GOLDEN.read_text("utf-8").split("\n")[0].strip().split(",")
    assert ours[: len(sheet)] == ["kode", *sheet[1:]], "the address of the public sheet is our key"


def scored_again(result, path):
    options = result.provenance["options"]
    how = {name: options[name] for name in ("means", "length_total", "density", "city_class")}
    found, problems = score_baseline(path, rules=result.rules, **how)
    ours = result.summary.reindex(found.index)
    for column in ("total_low", "total_high", "level", *(c for c in ours if c.startswith("aspect_"))):
        a, b = (frame[column].astype(object).where(frame[column].notna(), None).tolist() for frame in (found, ours))
        assert a == b, column
    area = ours["area_used_ha"].astype(float).round(6)
    assert found["area_ha"].tolist() == pytest.approx(area.tolist(), nan_ok=True)
    assert not {p.code for p in problems} & {"published_differs", "table_column_twice"}


@pytest.mark.parametrize("name", ["brujul", "ngringo"])
def test_score_reads_the_sheet_to_the_same_result(name, results, tmp_path):
    scored_again(results[name], kg.write(results[name], tmp_path / "x.csv", kind="kawanku"))


def test_public_sheets_come_back_as_they_were(tmp_path):
    """24 RT sheets of Dinas PRKP Jawa Timur: the same volumes and totals behind the same key."""
    sheets = pd.read_csv(GOLDEN, dtype=str)
    table = sheets.rename(columns={"url": "kode", "kelurahan": "desa"})
    table = table[[c for c in table if not re.search("_pct|_nilai|rerata|tingkat", c)]]
    shapes = [box(X + 100 * i, Y, X + 100 * i + 100, Y + 100) for i in range(len(table))]
    rt = gpd.GeoDataFrame({"kode": table["kode"]}, geometry=shapes, crs=32749)
    result = kg.assess(rt=rt, baseline=table, today=TODAY)
    path = kg.write(result, tmp_path / "x.csv", kind="kawanku")
    scored_again(result, path)
    ours = pd.read_csv(path, dtype={"kode": str}).set_index("kode")
    theirs = pd.read_csv(GOLDEN).set_index("url")
    same = [c for c in theirs if c.endswith(("_volume", "_ideal_m")) or c in ("luas_ha", "kk", "total_nilai")]
    pd.testing.assert_frame_equal(ours[same], theirs[same], check_names=False, check_dtype=False)


def test_a_criterion_that_is_open_stays_open(tmp_path):
    table = pd.DataFrame({"kode": ["01", "02"], "luas_ha": 1.0, "kk": 40, "3a_volume": [40, np.nan]})
    rt = gpd.GeoDataFrame({"kode": ["01", "02"]}, geometry=[box(X, Y, X + 9, Y + 9), box(X + 9, Y, X + 18, Y + 9)])
    result = kg.assess(rt=rt.set_crs(32749), baseline=table, today=TODAY)
    path = kg.write(result, tmp_path / "x.csv", kind="kawanku")
    scored_again(result, path)
    read = pd.read_csv(path, dtype=str)
    assert read["3a_volume"].isna().tolist() == [False, True] and read["tingkat"].isna().all()


# ---------------------------------------------------------------- shapefile to a schema

fiona = pytest.importorskip("fiona", reason="fiona has no wheel for this Python")


def test_the_shipped_schema_is_the_table_of_locations_of_a_decree(results, tmp_path):
    """Columns of the annex: REGULATION §5 (Permen PUPR 14/PRT/M/2018, articles 37 and 38)."""
    result = results["ngringo"]
    path = kg.write(result, tmp_path / "x.shp", kind="shapefile")
    assert sorted(os.listdir(tmp_path)) == ["x.asal.txt", "x.cpg", "x.dbf", "x.prj", "x.shp", "x.shx"]
    assert (tmp_path / "x.cpg").read_text() == "UTF-8"
    with fiona.open(path) as layer:
        assert all(len(name) <= 10 for name in layer.schema["properties"]) and layer.crs.to_epsg() == 4326
        rows = [dict(record["properties"]) for record in layer]
    slum = result.summary["level"].astype(object)
    assert [row["TINGKAT"] for row in rows] == [x if x == x else "belum dapat ditentukan" for x in slum]
    assert [row["KODE_RT"] for row in rows] == list(result.summary.index)
    assert {row["SIFAT_DATA"] for row in rows} == {"DATA CONTOH · bukan data resmi"}
    assert {row["LEGALITAS"] for row in rows} <= {"legal", "tidak legal", None}


def test_a_unit_without_border_is_a_record_without_shape(results, tmp_path):
    with fiona.open(kg.write(results["brujul"], tmp_path / "x.shp", kind="shapefile")) as layer:
        shapes = [record["geometry"] for record in layer]
    assert sum(shape is None for shape in shapes) == 1 and len(shapes) == len(results["brujul"].summary)


def test_what_does_not_fit_is_refused_and_nothing_is_cut(odd, tmp_path):
    units = odd.units.assign(kawasan="a" * 101)
    long = type(odd)(**{**vars(odd), "units": units})
    with pytest.raises(OutputError) as caught:
        kg.write(long, tmp_path / "x.shp", kind="shapefile")
    (problem,) = caught.value.problems
    assert (problem.code, problem.column) == ("schema_value", "NAMA_LOK") and os.listdir(tmp_path) == []


def test_a_word_outside_the_domain_is_refused(results, tmp_path):
    schema = tmp_path / "skema.toml"
    field = '[[fields]]\nname = "TINGKAT"\ntype = "str:30"\nfrom = "level"\nvalues = ["kumuh berat"]\n'
    schema.write_text('driver = "ESRI Shapefile"\ncrs = "EPSG:4326"\ngeometry = "Polygon"\n' + field, "utf-8")
    with pytest.raises(OutputError) as caught:
        kg.write(results["brujul"], tmp_path / "x.shp", kind="shapefile", schema=schema)
    assert [p.code for p in caught.value.problems] == ["schema_value"]
    schema.write_text(schema.read_text("utf-8").replace('"kumuh berat"', '"x"').replace("values", "#"), "utf-8")
    assert kg.write(results["brujul"], tmp_path / "x.shp", kind="shapefile", schema=schema).is_file()


@pytest.mark.parametrize(("kind", "name"), [("shapefile", "x.shp"), ("kawanku", "x.csv"), ("kml", "x.kml")])
def test_numbers_of_people_are_hidden(kind, name, odd, tmp_path):
    content = kg.write(odd, tmp_path / name, kind=kind).parent
    written = b"".join(path.read_bytes() for path in content.iterdir()).decode("utf-8", "replace")
    assert "0812-3456" not in written and "Bu Sri" not in written and "Hub." in written


def test_letters_of_all_kinds_survive(odd, tmp_path):
    units = odd.units.assign(kawasan="Désa – 村 “x”")
    path = kg.write(type(odd)(**{**vars(odd), "units": units}), tmp_path / "x.shp", kind="shapefile")
    read = pyogrio.read_dataframe(path)
    assert set(read["NAMA_LOK"]) == {"Désa – 村 “x”"} and read["RT_RW"].iloc[1] == EVIL[1]


@pytest.mark.parametrize(("kind", "name"), [("kawanku", "x.csv"), ("qml", "x.qml"), ("shapefile", "x.shp")])
def test_where_a_format_has_no_place_the_provenance_lies_beside_it(kind, name, results, tmp_path):
    result = results["brujul"]
    kg.write(result, tmp_path / name, kind=kind)
    said = (tmp_path / "x.asal.txt").read_text("utf-8")
    assert said.startswith("DATA CONTOH") and result.provenance["rule_sha256"] in said
    assert all(item["sha256"] in said for item in result.provenance["inputs"])
    with pytest.raises(OutputError, match=r"x\.asal\.txt"):
        (tmp_path / name).unlink()
        kg.write(result, tmp_path / name, kind=kind)


@pytest.mark.parametrize(("kind", "name"), [("kml", "x.kml"), ("opensid", "x.zip")])
def test_the_provenance_is_inside_where_there_is_a_place(kind, name, results, tmp_path):
    result = results["brujul"]
    path = kg.write(result, tmp_path / name, kind=kind)
    if kind == "kml":
        said = path.read_text("utf-8")
    else:
        with zipfile.ZipFile(path) as archive:
            said = archive.read("asal-usul.txt").decode("utf-8")
    assert said.count("DATA CONTOH") >= 1
    assert all(item["sha256"] in said for item in result.provenance["inputs"])
