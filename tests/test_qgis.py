"""GeoPackage and project open in QGIS coloured, named and at the right place; what people wrote stays text.

Classes are those of the map (``themes``, ``kinds``). The tests at the end ask a real QGIS, where there is one
(apt install qgis python3-qgis); what they open is opened as a person would, by ``qgis_session.py``.
"""

import dataclasses
import json
import os
import shutil
import sqlite3
import subprocess
import zipfile
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from shapely import LineString, MultiPolygon, Point, box

import kumuhgis as kg
from kumuhgis.errors import OutputError
from kumuhgis.qgis.layout import MAP, SCALES
from kumuhgis.themes import level_classes, unit_themes

TODAY = date(2026, 4, 1)
X, Y = 490_000, 9_162_000
EVIL = ["=cmd|'/c calc'!A1", "<img src=x onerror=1>", "[% 1+1 %] \"a\" 'b' \\ &amp;", "baris\nbaru\x00nul", "a" * 200]
"""What people may have written where a status, a zone or a name is asked for."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("qgis")


@pytest.fixture(scope="module")
def results():
    """Brujul has a unit without border and one whose level is open; Ngringo has hydrants and disputes."""
    return {name: kg.assess(kg.load_sample(name), today=TODAY) for name in ("brujul", "ngringo")}


@pytest.fixture(scope="module")
def projects(results, folder):
    made = {name: kg.write(result, folder / f"peta {name}.qgz", kind="qgis") for name, result in results.items()}
    return {**made, "en": kg.write(results["brujul"], folder / "english.qgz", kind="qgis", lang="en")}


def hostile():
    """A village whose every text tries to be something else; points among the buildings; a 16-digit key."""
    shapes = [box(X + 100 * i, Y, X + 100 * i + 100, Y + 100) for i in range(len(EVIL))]
    keys = ["3313112003001001", *(f"{i:03d}" for i in range(1, len(EVIL)))]
    rt = gpd.GeoDataFrame({"kode": keys, "kawasan": EVIL, "desa": EVIL[2]}, geometry=shapes, crs=32749)
    status = [*EVIL[:-1], "Hub. 0812-3456-7890"]
    layers = {
        "parcels": gpd.GeoDataFrame({"status": status, "pemilik": "Bu Sri"}, geometry=shapes, crs=32749),
        "zoning": gpd.GeoDataFrame({"zona": EVIL}, geometry=shapes, crs=32749),
        "roads": gpd.GeoDataFrame(
            {"nama": EVIL, "kondisi": "baik"}, geometry=[LineString([(X, Y), (X + 9, Y + 9)])] * 5, crs=32749
        ),
        "buildings": gpd.GeoDataFrame(
            {"fungsi": EVIL}, geometry=[Point(X + 5, Y + 5), *(s.centroid.buffer(5) for s in shapes[1:])], crs=32749
        ),
        "water": gpd.GeoDataFrame(
            {"nama": ["a", "b"]}, geometry=[LineString([(X, Y), (X + 9, Y)]), box(X, Y, X + 5, Y + 5)], crs=32749
        ),
    }
    table = pd.DataFrame({"kode": keys, "luas_ha": 1.0, "kk": 40, "3a_volume": [40] * len(keys)})
    return kg.assess(rt=rt, baseline=table, rules="permen-02-2016", today=TODAY, **layers)


@pytest.fixture(scope="module")
def odd(folder):
    return kg.write(hostile(), folder / "aneh [% 2 %] & 'x'.qgz", kind="qgis")


def rows(path, query, *values):
    with sqlite3.connect(path) as book:
        return book.execute(query, values).fetchall()


def styles(package, layer):
    """Every style of a layer, the default first: {name: document}."""
    found = rows(package, "SELECT styleName, styleQML FROM layer_styles WHERE f_table_name = ? ORDER BY id", layer)
    return {name: ElementTree.fromstring(document) for name, document in found}


def categories(document):
    return [(c.get("value"), c.get("label")) for c in document.iter("category")]


def record(project):
    with zipfile.ZipFile(project) as archive:
        (name,) = archive.namelist()
        return ElementTree.fromstring(archive.read(name).split(b"\n", 1)[1])


# ---------------------------------------------------------------- GeoPackage


def test_every_layer_has_one_style_that_qgis_takes_by_itself(projects):
    package = projects["ngringo"].with_suffix(".gpkg")
    listed = {name: kind for name, kind in pyogrio.list_layers(package) if name != "layer_styles"}
    defaults = dict(rows(package, "SELECT f_table_name, count(*) FROM layer_styles WHERE useAsDefault GROUP BY 1"))
    assert defaults == dict.fromkeys(listed, 1)
    found = rows(package, "SELECT f_table_name, f_geometry_column FROM layer_styles")
    assert {geometry for name, geometry in found if listed[name]} == {"geom"}
    assert rows(package, "SELECT data_type FROM gpkg_contents WHERE table_name = 'layer_styles'") == [("attributes",)]


def test_the_levels_are_those_of_the_map_in_the_order_of_the_rule(results, projects):
    drawn = next(iter(styles(projects["brujul"].with_suffix(".gpkg"), "rt").values()))
    legend = level_classes(results["brujul"])
    assert [label for _, label in categories(drawn)] == [each["label"] for each in legend]
    colours = [tuple(int(c["fill"][i : i + 2], 16) for i in (1, 3, 5)) for c in legend[:-1]]
    symbols = drawn.findall("renderer-v2/symbols/symbol")
    grounds = [next(p.get("v") for p in s.iter("prop") if p.get("k") == "color") for s in symbols]
    assert [tuple(map(int, ground.split(",")[:3])) for ground in grounds[:-1]] == colours


def test_levels_are_told_apart_in_black_and_white(projects):
    drawn = next(iter(styles(projects["brujul"].with_suffix(".gpkg"), "rt").values()))
    patterns = []
    for symbol in drawn.findall("renderer-v2/symbols/symbol"):
        layers = [layer for layer in symbol.findall("layer") if layer.get("class") != "SimpleFill"]
        angles = [p.get("v") for layer in layers for p in layer.findall("prop") if p.get("k") == "angle"]
        patterns.append((*(layer.get("class") for layer in layers), *angles))
    assert len(set(patterns)) == len(patterns) == 5 and patterns[0] == ()


def test_every_theme_of_the_map_is_a_style(results, projects):
    found = styles(projects["ngringo"].with_suffix(".gpkg"), "rt")
    for theme in unit_themes(results["ngringo"]):
        labels = [label for _, label in categories(found[theme["name"]])]
        assert labels == [each["label"] for each in theme["classes"]], theme["id"]
    assert {"Prioritas", "Status legalitas", "Pola penanganan", "4. Kondisi drainase lingkungan"} <= set(found)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("brujul", ("Tingkat kekumuhan", "1a volume (unit)", "Status tanah")),
        ("en", ("Slum level", "1a volume (unit)", "Land status")),
    ],
)
def test_every_column_has_a_name_in_the_language_asked_for(name, words, projects):
    package = projects[name].with_suffix(".gpkg")
    said = rows(package, "SELECT table_name, column_name, name, description FROM gpkg_data_columns")
    found = {(table, column): alias for table, column, alias, _ in said}
    for table in (t for t, _ in pyogrio.list_layers(package) if t != "layer_styles"):
        for column in pyogrio.read_info(package, layer=table)["fields"]:
            assert found[table, column] not in ("", column), (table, column)
    named = (found["rt", "level"], found["rt", "1a_affected"], found["parcels", "land_status"])
    assert named == words
    aliases = {a.get("field"): a.get("name") for a in next(iter(styles(package, "rt").values())).iter("alias")}
    assert aliases["level"] == words[0] and len(set(aliases.values())) == len(aliases)
    comments = {column: told for table, column, _, told in said if table == "rt"}
    assert "1a" in comments["1a_affected"] and comments["level"] is None


def test_metadata_say_where_the_file_comes_from(results, projects):
    package, p = projects["brujul"].with_suffix(".gpkg"), results["brujul"].provenance
    (iso,), (told,) = (
        rows(package, "SELECT metadata FROM gpkg_metadata WHERE md_standard_uri LIKE ?", kind)[0]
        for kind in ("%isotc211%", "%json")
    )
    words = "\n".join(ElementTree.fromstring(iso).itertext())
    assert "DATA CONTOH" in words and p["rule_sha256"] in words and "EPSG:32749" in words
    assert all(item["sha256"] in words for item in p["inputs"]) and json.loads(told)["inputs"] == p["inputs"]
    titles = dict(rows(package, "SELECT table_name, identifier FROM gpkg_contents"))
    about = dict(rows(package, "SELECT table_name, description FROM gpkg_contents"))
    assert titles["roads"] == "Jalan lingkungan" and about["roads"].startswith("DATA CONTOH")


def test_it_is_plain_geopackage_1_2_without_a_write_ahead_log(projects):
    package = projects["brujul"].with_suffix(".gpkg")
    assert rows(package, "PRAGMA user_version") == [(10200,)] and rows(package, "PRAGMA journal_mode") == [("delete",)]
    assert rows(package, "PRAGMA application_id") == [(int.from_bytes(b"GPKG", "big"),)]
    tables = {name for (name,) in rows(package, "SELECT table_name FROM gpkg_extensions")}
    assert {"gpkg_data_columns", "gpkg_metadata"} <= tables and rows(package, "PRAGMA foreign_key_check") == []


def test_the_same_result_gives_the_same_files(results, projects, tmp_path):
    again = kg.write(results["brujul"], tmp_path / projects["brujul"].name, kind="qgis")
    for suffix in (".qgz", ".gpkg"):
        assert again.with_suffix(suffix).read_bytes() == projects["brujul"].with_suffix(suffix).read_bytes()


def test_units_lie_below_what_is_drawn_on_them_and_above_what_is_looked_at_on_demand(projects):
    """QGIS piles the layers of a dropped file up in the order of the file."""
    names = [name for name, kind in pyogrio.list_layers(projects["ngringo"].with_suffix(".gpkg")) if kind]
    place = {name: n for n, name in enumerate(names)}
    assert all(place[name] < place["rt"] for name in ("roads", "buildings", "inundation", "sk", "hydrants", "water"))
    assert all(place[name] > place["rt"] for name in ("parcels", "zoning", "problems"))


# ---------------------------------------------------------------- people's words, people's data


def test_no_text_becomes_an_expression_and_every_document_is_well_formed(odd):
    """QGIS computes what stands between [% and %] in legends and sheets, and expressions where a class is decided."""
    package = odd.with_suffix(".gpkg")
    documents = [
        document for name in ("rt", "parcels", "zoning", "roads") for document in styles(package, name).values()
    ]
    for document in [*documents, record(odd)]:
        for each in document.iter():
            shown = [each.get(key, "") for key in ("label", "labelText", "name", "attr")]
            assert not any("[%" in text for text in shown), each.attrib
    by = styles(package, "zoning")["Rencana tata ruang"].find("renderer-v2").get("attr")
    assert not any(text.strip("\x00")[:8] in by for text in EVIL)
    labels = {label for _, label in categories(styles(package, "zoning")["Rencana tata ruang"])}
    assert {"<img src=x onerror=1>", "=cmd|'/c calc'!A1"} <= labels
    assert all(label.get("allowHtml", "0") == "0" for label in record(odd).iter("text-style"))
    assert {label.get("htmlState") for label in record(odd).iter("LayoutItem")} <= {"0", None}


def test_numbers_of_people_stay_out_of_the_data_and_of_the_styles(odd):
    package = odd.with_suffix(".gpkg")
    parcels = pyogrio.read_dataframe(package, layer="parcels", read_geometry=False)
    assert "pemilik" not in parcels and "Hub. •••" in set(parcels["land_status"])
    document = ElementTree.tostring(record(odd), encoding="unicode")
    assert "0812" not in document and "Bu Sri" not in document
    assert not any("0812" in text for (text,) in rows(package, "SELECT styleQML FROM layer_styles"))
    assert "3313112003001001" in set(pyogrio.read_dataframe(package, layer="rt")["unit"]), "a key is no NIK"


def test_points_of_buildings_are_left_out_and_it_says_so(odd):
    package = odd.with_suffix(".gpkg")
    assert len(pyogrio.read_dataframe(package, layer="buildings")) == len(EVIL) - 1
    (about,) = rows(package, "SELECT description FROM gpkg_contents WHERE table_name = 'rt'")[0]
    assert "1 titik pada lapisan Bangunan tidak ikut" in about


def test_lines_and_areas_of_one_layer_are_two_so_that_qgis_asks_nothing(odd):
    listed = dict(pyogrio.list_layers(odd.with_suffix(".gpkg")))
    assert (listed["water"], listed["water_lines"]) == ("Polygon", "LineString")


# ---------------------------------------------------------------- project


def test_a_project_names_every_layer_by_a_relative_path(projects):
    document, package = record(projects["ngringo"]), projects["ngringo"].with_suffix(".gpkg")
    sources = [layer.findtext("datasource") for layer in document.findall("projectlayers/maplayer")]
    listed = [name for name, _ in pyogrio.list_layers(package) if name != "layer_styles"]
    assert sources == [f"./{package.name}|layername={name}" for name in listed]
    assert str(package.parent) not in ElementTree.tostring(document, encoding="unicode")


def test_a_project_has_long_identifiers_groups_code_and_extent(results, projects):
    document = record(projects["ngringo"])
    ids = [layer.findtext("id") for layer in document.findall("projectlayers/maplayer")]
    assert len(set(ids)) == len(ids) and min(map(len, ids)) > 10
    tree = [layer.get("id") for layer in document.find("layer-tree-group").iter("layer-tree-layer")]
    assert sorted(tree) == sorted(ids)
    groups = [group.get("name") for group in document.findall("layer-tree-group/layer-tree-group")]
    assert groups[-2:] == ["RT", "Tabel"] and {"Batas", "Prasarana", "Keadaan", "Tanah dan tata ruang"} <= set(groups)
    assert document.findtext("projectCrs/spatialrefsys/authid") == "EPSG:32749"
    west, south, east, north = results["ngringo"].units.total_bounds
    box_ = [float(document.findtext(f"mapcanvas/extent/{name}")) for name in ("xmin", "ymin", "xmax", "ymax")]
    assert box_[0] < west and box_[1] < south and box_[2] > east and box_[3] > north


def test_the_sheet_has_a_true_round_scale(projects):
    document = record(projects["ngringo"])
    items = {item.get("id"): item for item in document.iter("LayoutItem")}
    extent = items["peta"].find("Extent")
    metres = float(extent.get("xmax")) - float(extent.get("xmin"))
    scale = metres * 1000 / MAP[2]
    assert scale in SCALES and items["angka skala"].get("labelText") == f"1 : {scale:,.0f}".replace(",", ".")
    bar = items["skala"]
    assert float(bar.get("segmentMillimeters")) * scale / 1000 == pytest.approx(float(bar.get("numUnitsPerSegment")))
    assert "DATA CONTOH" in items["contoh"].get("labelText") and "Ngringo" in items["judul"].get("labelText")


def test_real_data_do_not_say_that_they_are_invented(results, tmp_path):
    real = dataclasses.replace(results["brujul"], provenance={**results["brujul"].provenance, "sample": False})
    document = ElementTree.tostring(record(kg.write(real, tmp_path / "x.qgz", kind="qgis")), encoding="unicode")
    assert "DATA CONTOH" not in document


def test_answers_of_residents_are_layers_of_the_project(tmp_path):
    units = gpd.GeoDataFrame({"kode": ["01"]}, geometry=[box(X, Y, X + 100, Y + 100)], crs=32749)
    got = kg.assess(rt=units, baseline=pd.DataFrame({"kode": ["01"], "kk": [9], "3a_volume": [1]}), today=TODAY)
    shapes = [Point(X + 5, Y + 5), box(X, Y, X + 9, Y + 9)]
    told = gpd.GeoDataFrame(
        {"kind": ["masalah", ""], "text": ["banjir", "=1+1"]}, index=pd.Index(["a", "b"], name="id"), geometry=shapes,
        crs=32749,
    )  # fmt: skip
    path = kg.write(got, tmp_path / "x.qgz", kind="qgis", contributions=told)
    listed = dict(pyogrio.list_layers(path.with_suffix(".gpkg")))
    assert (listed["contributions"], listed["contributions_points"]) == ("Polygon", "Point")
    assert "Suara warga" in {group.get("name") for group in record(path).iter("layer-tree-group")}


def test_no_project_is_written_over_a_geopackage_that_is_there(results, tmp_path):
    (tmp_path / "x.gpkg").write_text("milik saya")
    with pytest.raises(OutputError, match=r"x\.gpkg"):
        kg.write(results["brujul"], tmp_path / "x.qgz", kind="qgis")
    assert (tmp_path / "x.gpkg").read_text() == "milik saya" and os.listdir(tmp_path) == ["x.gpkg"]


def test_a_style_alone_for_a_layer_that_one_has(results, tmp_path):
    path = kg.write(results["brujul"], tmp_path / "x.qml", kind="qml", style="Prioritas")
    document = ElementTree.fromstring(path.read_text("utf-8").split("\n", 1)[1])
    assert categories(document)[-2:] == [("tidak kumuh", "tidak kumuh"), ("", "belum diketahui")]
    with pytest.raises(OutputError) as caught:
        kg.write(results["brujul"], tmp_path / "y.qml", kind="qml", layer="roads", style="Prioritas")
    assert "Jalan lingkungan" in caught.value.problems[0].params["known"] and not (tmp_path / "y.qml").exists()


def test_borders_of_several_parts_are_one_unit(tmp_path):
    shape = MultiPolygon([box(X, Y, X + 50, Y + 50), box(X + 60, Y, X + 90, Y + 50)])
    units = gpd.GeoDataFrame({"kode": ["01"]}, geometry=[shape], crs=32749)
    got = kg.assess(rt=units, baseline=pd.DataFrame({"kode": ["01"], "kk": [9], "3a_volume": [1]}), today=TODAY)
    read = pyogrio.read_dataframe(kg.write(got, tmp_path / "x.gpkg"), layer="rt")
    assert read.geometry.iloc[0].equals(shape)


# ---------------------------------------------------------------- a real QGIS


@pytest.fixture(scope="module")
def opened(projects, odd, folder):
    """Open every file in QGIS, and say what it found."""
    python = "/usr/bin/python3"
    there = Path(python).exists() and subprocess.run([python, "-c", "import qgis.core"], capture_output=True)
    if not shutil.which("qgis") or not there or there.returncode:
        pytest.skip("a real QGIS is asked (apt install qgis python3-qgis)")
    package = folder / "alone" / "peta brujul.gpkg"
    package.parent.mkdir()
    shutil.copy(projects["brujul"].with_suffix(".gpkg"), package)
    out = {}
    for name, path in {"brujul": projects["brujul"], "odd": odd, "package": package}.items():
        script, told = Path(__file__).with_name("qgis_session.py"), folder / f"{name}.json"
        clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        words = [python, script, path, told, *([folder / f"{name}.png"] if name == "brujul" else [])]
        subprocess.run(list(map(str, words)), check=True, capture_output=True, timeout=300, env=clean)
        out[name] = json.loads(told.read_text("utf-8"))
    return out


def test_qgis_opens_everything_without_a_complaint(opened):
    for name, told in opened.items():
        assert told["complaints"] == [] and told.get("read", True), name
        for layer, each in told["layers"].items():
            assert each["valid"] and each["crs"] in ("", "EPSG:32749"), (name, layer)
            assert each["geometry"] is None or each["crs"], (name, layer)


def test_qgis_puts_every_unit_into_the_class_of_the_map(results, opened):
    """Every theme, every unit: what QGIS computes is what the map shows."""
    result, found = results["brujul"], opened["package"]["layers"]["rt"]["styles"]
    levels = {c["key"]: c["label"] for c in level_classes(result)}
    known = result.summary["level"].astype(object).where(result.summary["level"].notna(), "")
    assert found["Tingkat kekumuhan"]["found"] == {unit: levels[key] for unit, key in known.items()}
    for theme in unit_themes(result):
        ours = [theme["classes"][code]["label"] for code in theme["codes"]]
        ours = dict(zip(result.summary.index, ours, strict=True))
        rest = theme["classes"][-1]["label"]
        theirs = {unit: label or rest for unit, label in found[theme["name"]]["found"].items()}
        assert theirs == ours, theme["id"]


def test_qgis_finds_a_class_for_every_feature(opened):
    for name in ("brujul", "odd"):
        for layer, each in opened[name]["layers"].items():
            assert None not in (each.get("found") or {}).values(), (name, layer)


def test_qgis_shows_names_labels_words_and_the_place(opened, results):
    told = opened["brujul"]
    layers = told["layers"]
    assert layers["rt"]["aliases"]["level"] == "Tingkat kekumuhan" and layers["rt"]["label"] == "rt_rw"
    assert layers["roads"]["widgets"]["condition"] == "ValueMap" and layers["buildings"]["scale"] == 15_000
    assert told["crs"] == "EPSG:32749" and told["layouts"] == ["Peta A3"] and all(told["relations"].values())
    assert layers["rt"]["extent"] == pytest.approx(list(results["brujul"].units.total_bounds))
    assert told["tree"]["Pemeriksaan data"] == {"Masalah data": False} and told["title"].startswith("DATA CONTOH")
    assert "Prioritas" in told["style_names"]["RT: Tingkat kekumuhan"]


def test_qgis_draws_the_map_in_its_colours(opened, folder):
    import matplotlib.image

    picture = (matplotlib.image.imread(folder / "brujul.png")[..., :3] * 255).round().astype(int)
    seen = {tuple(pixel) for pixel in picture.reshape(-1, 3).tolist()}
    wanted = {"tidak kumuh": (220, 235, 228), "kumuh ringan": (240, 189, 66), "jalan baik": (112, 192, 238)}
    assert {name for name, colour in wanted.items() if colour not in seen} == set()
    assert (folder / "brujul-layout.png").stat().st_size > 50_000
