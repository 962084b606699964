"""``init``: it looks at a folder as people have it, proposes roles, and writes a project that runs."""

import os
import shutil
import tomllib
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from rasterio.transform import from_origin
from shapely import LineString, Point, box

import kumuhgis as kg
from kumuhgis.catalog import layer_kinds
from kumuhgis.errors import ProjectError
from kumuhgis.project import load_project
from kumuhgis.starter import init, look

X, Y = 490_000, 9_162_000
UNITS = [box(X, Y, X + 100, Y + 100), box(X + 100, Y, X + 200, Y + 100)]


def frame(geometry, crs=32749, **columns):
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=crs)


def rt(**more):
    return frame(UNITS, KODE_RT=["001", "002"], **more)


def baseline():
    return pd.DataFrame(
        {"kode_rt": ["001", "002"], "luas_ha": [1.0, 1.0], "kk": [40, 50], "3a_volume": [40, 0], "3b_volume": [1, 2]}
    )


def raster(path, crs="EPSG:32749"):
    how = {"driver": "GTiff", "height": 4, "width": 8, "count": 1, "dtype": "float32", "crs": crs}
    with rasterio.open(path, "w", transform=from_origin(X, Y + 100, 25, 25), **how) as out:
        out.write(np.full((1, 4, 8), 95.0, "float32"))


def settings(folder):
    return tomllib.loads((folder / "kumuhgis.toml").read_text("utf-8"))


@pytest.fixture
def folder(tmp_path):
    """RT and a baseline: the least that gives a result."""
    home = tmp_path / "desa"
    home.mkdir()
    rt().to_file(home / "rt.geojson")
    baseline().to_csv(home / "baseline.csv", index=False)
    return home


@pytest.fixture
def office(tmp_path):
    """A folder as an office has it: a GeoPackage with several layers, shapefiles, GeoJSON, CSV, a workbook, rasters."""
    home = tmp_path / "Data Desa Jaten (final)"
    (home / "raster").mkdir(parents=True)
    peta = home / "peta desa.gpkg"
    rt(RT_RW=["RT 1", "RT 2"], KAWASAN=["Bulu", "Bulu"]).to_file(peta, layer="batas_rt")
    frame([Point(X + 9, Y + 9).buffer(3)], TERATUR=["ya"], FUNGSI=["rumah"]).to_file(peta, layer="bangunan")
    frame([UNITS[0]], STATUS_HAK=["Hak Milik"]).to_file(peta, layer="bidang_tanah")
    frame([UNITS[0]], CATATAN=["x"]).to_file(peta, layer="arsip 2019")
    frame([LineString([(X, Y), (X + 200, Y + 50)])], KONDISI=["baik"], LEBAR=[3.5]).to_file(home / "JALAN.shp")
    frame([LineString([(X, Y), (X + 200, Y)])], Kondisi=["rusak"]).to_crs(4326).to_file(home / "drainase.geojson")
    frame([UNITS[0]], TINGGI_CM=[40]).to_file(home / "genangan.geojson")
    frame([Point(X, Y)], JENIS=["tandon"]).to_file(home / "hidran.geojson")
    baseline().to_excel(home / "Form Baseline.xlsx", index=False)
    pd.DataFrame({"kawasan": ["Bulu"], "nilai_strategis": [5], "sosial_ekonomi_budaya": [1]}).to_csv(
        home / "pertimbangan.csv", index=False
    )
    pd.DataFrame({"nama": ["Sugeng"], "telepon": ["0271"]}).to_csv(home / "kontak.csv", index=False)
    raster(home / "raster" / "DEMNAS.tif")
    raster(home / "raster" / "orto 2026.tif")
    raster(home / "raster" / "lain.tif")
    (home / "catatan.txt").write_text("halo")
    (home / ".tersembunyi.gpkg").write_bytes(b"")
    return home


ROLES = {
    ("peta desa.gpkg", "batas_rt"): "rt",
    ("peta desa.gpkg", "bangunan"): "buildings",
    ("peta desa.gpkg", "bidang_tanah"): "parcels",
    ("peta desa.gpkg", "arsip 2019"): "",
    ("JALAN.shp", None): "roads",
    ("drainase.geojson", None): "drains",
    ("genangan.geojson", None): "inundation",
    ("hidran.geojson", None): "hydrants",
    ("Form Baseline.xlsx", None): "baseline",
    ("pertimbangan.csv", None): "considerations",
    ("kontak.csv", None): "",
    ("raster/DEMNAS.tif", None): "dem",
    ("raster/orto 2026.tif", None): "orthophoto",
    ("raster/lain.tif", None): "",
}


def test_every_file_gets_the_role_that_its_name_says(office):
    assert {(item.path, item.layer): item.role for item in look(office)} == ROLES


def test_what_is_seen_is_told_with_columns_crs_and_count(office):
    seen = {(item.path, item.layer): item for item in look(office)}
    streets = seen[("JALAN.shp", None)]
    assert (streets.count, streets.crs, streets.geometry) == (1, "EPSG:32749", "line")
    assert streets.available == ["KONDISI", "LEBAR"]
    assert streets.columns == {"condition": "KONDISI", "width_m": "LEBAR"}
    assert seen[("drainase.geojson", None)].crs in ("EPSG:4326", "OGC:CRS84")


def test_the_written_file_names_what_was_found(office):
    path, _ = init(office)
    written = settings(office)
    assert path == office / "kumuhgis.toml"
    assert written["project"]["name"] == "Data Desa Jaten (final)"
    assert set(written["layers"]) == {"rt", "buildings", "parcels", "roads", "drains", "inundation", "hydrants"}
    assert written["layers"]["rt"] == {
        "path": "peta desa.gpkg",
        "layer": "batas_rt",
        "columns": {"unit": "KODE_RT", "rt_rw": "RT_RW", "kawasan": "KAWASAN"},
    }
    assert written["rasters"] == {"dem": "raster/DEMNAS.tif", "orthophoto": "raster/orto 2026.tif"}
    assert {k: v["path"] for k, v in written["tables"].items()} == {
        "baseline": "Form Baseline.xlsx",
        "considerations": "pertimbangan.csv",
    }


def test_what_is_not_used_is_listed_as_a_comment(office):
    init(office)
    text = (office / "kumuhgis.toml").read_text("utf-8")
    for name in ("peta desa.gpkg:arsip 2019", "kontak.csv", "raster/lain.tif"):
        assert f"#   {name}\n" in text
    assert "catatan.txt" not in text and "tersembunyi" not in text


def test_layers_that_are_not_there_stand_as_comments_to_be_filled_in(folder):
    init(folder)
    text = (folder / "kumuhgis.toml").read_text("utf-8")
    for name in set(layer_kinds()) - {"rt"}:
        assert f"# [layers.{name}]" in text


def test_the_written_project_loads_and_is_assessed_without_an_edit(office):
    init(office)
    result = kg.assess(load_project(office))
    assert result.summary.index.tolist() == ["001", "002"]
    assert result.scores.loc[("001", "3a"), ["percent", "score"]].tolist() == [100, 5]
    assert result.measures.loc[("001", "2b"), "source"] == "geometry"
    assert result.units["kawasan"].tolist() == ["Bulu", "Bulu"]
    assert result.summary["strategic"].tolist() == [5, 5]


def test_looking_changes_nothing(office):
    def everything():
        return {p: p.read_bytes() for p in office.rglob("*") if p.is_file()}

    before = everything()
    look(office)
    assert everything() == before
    init(office)
    after = everything()
    after.pop(office / "kumuhgis.toml")
    assert after == before


def test_the_order_in_which_files_were_made_does_not_matter(office, tmp_path):
    again = tmp_path / "lagi" / office.name
    again.mkdir(parents=True)
    for part in sorted(office.rglob("*"), reverse=True):
        if part.is_file():
            (again / part.relative_to(office)).parent.mkdir(exist_ok=True, parents=True)
            shutil.copy(part, again / part.relative_to(office))
    init(office)
    init(again)
    assert (office / "kumuhgis.toml").read_text("utf-8") == (again / "kumuhgis.toml").read_text("utf-8")


@pytest.mark.parametrize(("lang", "word"), [("id", "Batas RT"), ("en", "RT boundaries")])
def test_the_comments_are_in_the_language_asked_for(folder, lang, word):
    init(folder, lang=lang)
    text = (folder / "kumuhgis.toml").read_text("utf-8")
    assert f"# {word}" in text and ("fitur" in text) == (lang == "id")


# ---------------------------------------------------------------- refusals


def test_it_refuses_to_overwrite_and_leaves_what_is_there(folder):
    (folder / "kumuhgis.toml").write_text("# milik saya\n")
    with pytest.raises(ProjectError) as caught:
        init(folder)
    assert [p.code for p in caught.value.problems] == ["project_exists"]
    assert (folder / "kumuhgis.toml").read_text() == "# milik saya\n"


def test_it_overwrites_when_told_to(folder):
    (folder / "kumuhgis.toml").write_text("# milik saya\n")
    init(folder, force=True)
    assert "layers" in settings(folder)


def test_an_error_is_in_the_language_asked_for(folder):
    init(folder)
    with pytest.raises(ProjectError, match="sudah ada"):
        init(folder)
    with pytest.raises(ProjectError, match="already"):
        init(folder, lang="en")


@pytest.mark.parametrize("content", ["nothing", "only words", "only lines"])
def test_a_folder_without_units_is_refused_and_nothing_is_written(tmp_path, content):
    if content == "only words":
        (tmp_path / "catatan.txt").write_text("halo")
    if content == "only lines":
        frame([LineString([(X, Y), (X + 9, Y)])]).to_file(tmp_path / "jalan.geojson")
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(ProjectError) as caught:
        init(tmp_path)
    assert [p.code for p in caught.value.problems] == ["project_nothing_found"]
    assert sorted(os.listdir(tmp_path)) == before


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ProjectError):
        init(tmp_path / "tidak ada")
    assert os.listdir(tmp_path) == []


def test_nothing_is_left_half_written_when_writing_fails(folder, monkeypatch):
    def fail(*_):
        raise OSError("disk penuh")

    monkeypatch.setattr("kumuhgis.starter.os.replace", fail)
    before = sorted(os.listdir(folder))
    with pytest.raises((OSError, ProjectError)):
        init(folder)
    assert not (folder / "kumuhgis.toml").exists()
    assert [name for name in os.listdir(folder) if name not in before and not name.startswith(".")] == []


# ---------------------------------------------------------------- guesses


def test_the_only_polygon_layer_is_taken_for_the_units_whatever_its_name(tmp_path):
    rt().to_file(tmp_path / "Sheet_1_export.geojson")
    init(tmp_path)
    assert settings(tmp_path)["layers"]["rt"]["columns"] == {"unit": "KODE_RT"}


def test_of_two_polygon_layers_without_a_telling_name_none_is_guessed(tmp_path):
    rt().to_file(tmp_path / "a.geojson")
    rt().to_file(tmp_path / "b.geojson")
    with pytest.raises(ProjectError):
        init(tmp_path)


def test_rt_goes_before_rw_when_both_are_there(tmp_path):
    rt().dissolve().to_file(tmp_path / "batas.gpkg", layer="batas_rw")
    rt().to_file(tmp_path / "batas.gpkg", layer="batas_rt")
    init(tmp_path)
    assert settings(tmp_path)["layers"]["rt"]["layer"] == "batas_rt"


def test_points_named_like_streets_are_no_streets(folder):
    frame([Point(X, Y)]).to_file(folder / "jalan.geojson")
    assert {item.path: item.role for item in look(folder)}["jalan.geojson"] == ""


def test_a_layer_without_crs_gets_a_line_to_fill_in(tmp_path):
    rt().to_file(tmp_path / "rt.shp")
    (tmp_path / "rt.prj").unlink()
    init(tmp_path)
    assert settings(tmp_path)["layers"]["rt"]["crs"] == "EPSG:32749"
    assert "tidak diketahui" in (tmp_path / "kumuhgis.toml").read_text("utf-8")
    assert load_project(tmp_path)


BROKEN = ["a.gpkg", "b.shp", "c.geojson", "d.tif", "e.xlsx", "f.csv", "g.json", "h.kml", "i.ods", "j.xls"]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"PK\x03\x04rusak", bytes(range(256)) * 20], ids=["0", "{", "zip", "noise"]
)
def test_broken_files_do_not_stop_it(folder, content):
    for name in BROKEN:
        (folder / name).write_bytes(content)
    init(folder)
    assert settings(folder)["layers"]["rt"]["path"] == "rt.geojson"
    assert set(settings(folder)["layers"]) == {"rt"}


# ---------------------------------------------------------------- names


NAMES = ['batas "rt"', "batas\nrt", "rt]", "rt = 1 # x", "batas\\rt", "batas rt 'é' – 村"]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_layers_stay_what_they_are(folder, name):
    (folder / "rt.geojson").unlink()
    rt().to_file(folder / "peta.gpkg", layer=name)
    frame([Point(X, Y)]).to_file(folder / "peta.gpkg", layer="lain")
    init(folder)
    assert settings(folder)["layers"]["rt"]["layer"] == name
    assert len(kg.assess(folder).summary) == 2


@pytest.mark.parametrize(
    "name",
    ['KODE "RT"', "kode\nrt", "KODE]", "KODE = 1 #", "KODE\\RT", "Kode'é"],
)
def test_names_of_columns_stay_what_they_are(folder, name):
    (folder / "rt.geojson").unlink()
    frame(UNITS, **{"kode_rt": ["001", "002"], name: ["a", "b"]}).to_file(folder / "rt.gpkg")
    init(folder)
    assert settings(folder)["layers"]["rt"]["columns"] == {"unit": "kode_rt"}
    assert len(kg.assess(folder).summary) == 2


@pytest.mark.parametrize("name", ["kode\nrt", "Kode  RT", "KODE_RT"])
def test_a_column_is_known_whatever_stands_between_its_words(folder, name):
    (folder / "rt.geojson").unlink()
    frame(UNITS, **{name: ["001", "002"]}).to_file(folder / "rt.gpkg")
    init(folder)
    assert settings(folder)["layers"]["rt"]["columns"] == {"unit": name}
    assert kg.assess(folder).summary.index.tolist() == ["001", "002"]


@pytest.mark.parametrize("name", ["Desa 'Jaten' \"2026\"", "desa]\\[x", "# désa – 村", "a = 1", "…"])
def test_the_folder_may_have_any_name(tmp_path, name):
    home = tmp_path / name
    home.mkdir()
    rt().to_file(home / "rt.gpkg")
    init(home)
    assert settings(home)["project"]["name"] == name
    assert load_project(home).contents.project.name == name


@pytest.mark.parametrize("name", ['"baris".csv', "a]b.csv", "# x.csv", "ä ö – 村.csv", "a'b.csv"])
def test_files_may_have_any_name(folder, name):
    (folder / "baseline.csv").rename(folder / name)
    init(folder)
    assert settings(folder)["tables"]["baseline"]["path"] == name
    assert len(kg.assess(folder).summary) == 2


# ---------------------------------------------------------------- what still goes wrong


@pytest.mark.parametrize("what", ["a file", "a layer"])
def test_a_line_break_in_an_unused_name_stays_in_the_comment(folder, what):
    if what == "a file":
        pd.DataFrame({"a": [1], "b": [2]}).to_csv(folder / "daftar\n[lain].csv", index=False)
    else:
        for name in ("arsip\n[lain]", "arsip 2"):
            frame([Point(X, Y)]).to_file(folder / "arsip.gpkg", layer=name)
    init(folder)
    assert set(settings(folder)) == {"project", "rules", "options", "dates", "layers", "rasters", "tables"}


def test_a_delete_character_in_a_name_is_escaped(tmp_path):
    home = tmp_path / "desa\x7f"
    home.mkdir()
    rt().to_file(home / "rt.gpkg")
    init(home)
    assert settings(home)["project"]["name"] == home.name


def test_a_name_that_is_not_utf8_does_not_stop_it(folder):
    shutil.copy(folder / "baseline.csv", os.fsencode(str(folder)) + b"/\xff.csv")
    init(folder)
    assert settings(folder)["layers"]["rt"]["path"] == "rt.geojson"


def test_results_of_an_earlier_run_are_not_taken_for_inputs(folder):
    init(folder)
    kg.write(kg.assess(folder), folder / "hasil" / "hasil.csv")
    kg.write(kg.assess(folder), folder / "hasil" / "hasil.gpkg")
    init(folder, force=True)
    assert settings(folder)["tables"]["baseline"]["path"] == "baseline.csv"
    assert settings(folder)["layers"]["rt"]["path"] == "rt.geojson"


def test_a_table_without_a_map_is_not_denied(tmp_path):
    baseline().to_csv(tmp_path / "baseline.csv", index=False)
    with pytest.raises(ProjectError) as caught:
        init(tmp_path)
    assert "tidak ada tabel" not in str(caught.value)


def test_a_missing_folder_is_not_told_to_run_init(tmp_path):
    with pytest.raises(ProjectError) as caught:
        init(tmp_path / "tidak ada")
    assert "kumuhgis init" not in str(caught.value)


def test_no_temporary_file_stays_behind(folder, monkeypatch):
    def fail(*_):
        raise OSError("disk penuh")

    monkeypatch.setattr("kumuhgis.starter.os.replace", fail)
    before = sorted(os.listdir(folder))
    with pytest.raises((OSError, ProjectError)):
        init(folder)
    assert sorted(os.listdir(folder)) == before


def test_a_zipped_shapefile_is_seen(tmp_path):
    (tmp_path / "x").mkdir()
    rt().to_file(tmp_path / "x" / "batas_rt.shp")
    shutil.make_archive(str(tmp_path / "batas_rt"), "zip", tmp_path / "x")
    shutil.rmtree(tmp_path / "x")
    assert [item.role for item in look(tmp_path)] == ["rt"]


def test_an_arcgis_geodatabase_is_one_layer_and_not_forty_files(folder):
    rt().to_file(folder / "dinas.gdb", driver="OpenFileGDB", layer="BATAS_RT")
    found = [f for f in look(folder) if f.path.startswith("dinas")]
    assert [(f.path, f.what, f.count) for f in found] == [("dinas.gdb", "layer", 2)]
    for file in folder.glob("rt.*"):
        file.unlink()
    (folder / "kumuhgis.toml").unlink(missing_ok=True)
    init(folder)
    assert settings(folder)["layers"]["rt"]["path"] == "dinas.gdb"
    result = kg.assess(folder)
    assert len(result.summary) == 2
    assert next(i for i in result.provenance["inputs"] if i["role"] == "layers.rt")["sha256"]


# ---------------------------------------------------------------- files that need more than a look


def squares(**columns):
    cells = [box(X + 100 * i, Y, X + 100 * i + 100, Y + 100) for i in range(6)]
    return frame(cells, **columns)


def kml(path, folders):
    """Write a KML as Google Earth does: folders with places that have a name."""
    with path.open("w") as out:
        out.write('<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>')
        for folder, places in folders.items():
            out.write(f"<Folder><name>{folder}</name>")
            for name, shape in places:
                points = shape.exterior.coords if shape.geom_type == "Polygon" else shape.coords
                corners = " ".join(f"{x},{y}" for x, y in points)
                ring = (
                    f"<outerBoundaryIs><LinearRing><coordinates>{corners}</coordinates></LinearRing></outerBoundaryIs>"
                )
                line = f"<LineString><coordinates>{corners}</coordinates></LineString>"
                drawn = f"<Polygon>{ring}</Polygon>" if shape.geom_type == "Polygon" else line
                out.write(f"<Placemark><name>{name}</name>{drawn}</Placemark>")
            out.write("</Folder>")
        out.write("</Document></kml>")


def test_a_kml_with_a_folder_for_each_rw_is_one_layer(tmp_path):
    shapes = squares().to_crs(4326).geometry
    kml(
        tmp_path / "rt.kml",
        {f"RW {rw:02d}": [(f"RT {i + 1:02d}", shapes[3 * (rw - 1) + i]) for i in range(3)] for rw in (1, 2)},
    )
    labels = [f"RT {i:03d} RW {rw:03d}" for rw in (1, 2) for i in (1, 2, 3)]
    pd.DataFrame({"rt_rw": labels, "luas_ha": 1.0, "kk": range(1, 7), "3a_volume": 1}).to_csv(
        tmp_path / "baseline.csv", index=False
    )
    init(tmp_path)
    spec = settings(tmp_path)["layers"]["rt"]
    assert "layer" not in spec and spec["columns"] == {"rt": "Name", "rw": "folder"}
    assert kg.assess(tmp_path).units["households"].tolist() == [1, 2, 3, 4, 5, 6]


def test_a_kml_with_a_folder_for_each_theme_stays_several_layers(tmp_path):
    shapes = squares().to_crs(4326).geometry
    street = LineString(shapes[0].exterior.coords[:2])
    kml(tmp_path / "desa.kml", {"Batas RT": [("RT 01 RW 01", shapes[0])], "Jalan": [("Gang 1", street)]})
    init(tmp_path)
    found = {name: spec["layer"] for name, spec in settings(tmp_path)["layers"].items()}
    assert found == {"rt": "Batas RT", "roads": "Jalan"}


def test_a_shapefile_without_its_index_is_found(folder):
    (folder / "rt.geojson").unlink()
    rt().to_file(folder / "batas_rt.shp")
    (folder / "batas_rt.shx").unlink()
    init(folder)
    assert settings(folder)["layers"]["rt"]["path"] == "batas_rt.shp"
    assert len(kg.assess(folder).summary) == 2


def test_a_zip_made_on_a_mac_is_found(folder, tmp_path):
    (folder / "rt.geojson").unlink()
    rt().to_file(tmp_path / "batas_rt.shp")
    with zipfile.ZipFile(folder / "batas_rt.zip", "w") as out:
        for part in tmp_path.glob("batas_rt.*"):
            out.write(part, f"peta/{part.name}")
            out.writestr(f"__MACOSX/peta/._{part.name}", b"\x00\x05\x16\x07")
    init(folder)
    assert settings(folder)["layers"]["rt"]["path"] == "batas_rt.zip"
    assert len(kg.assess(folder).summary) == 2


def test_points_in_a_table_are_a_layer_and_other_formats_are_listed(folder):
    pd.DataFrame({"lat": [-7.5], "lon": [110.9], "jenis": ["hidran"]}).to_csv(folder / "hidran.csv", index=False)
    frame([Point(X, Y)], name=["a"]).to_crs(4326).to_file(folder / "jejak.gpx", driver="GPX", layer="waypoints")
    frame([Point(X, Y)]).to_parquet(folder / "lain.parquet")
    (folder / "rusak.gpkg").write_bytes(b"SQLite format 3\x00")
    init(folder)
    text = (folder / "kumuhgis.toml").read_text("utf-8")
    assert settings(folder)["layers"]["hydrants"]["path"] == "hidran.csv"
    assert "#   jejak.gpx\n" in text and "#   lain.parquet\n" in text
    assert "tidak dapat dibaca:\n#   rusak.gpkg\n" in text


def test_namobj_that_holds_the_rt_is_no_desa(folder):
    (folder / "rt.geojson").unlink()
    frame(UNITS, OBJECTID=[1, 2], NAMOBJ=["RT 001/RW 001", "RT 002/RW 001"]).to_file(folder / "rt.shp")
    init(folder)
    assert settings(folder)["layers"]["rt"]["columns"] == {"unit": "NAMOBJ", "rt_rw": "NAMOBJ"}
