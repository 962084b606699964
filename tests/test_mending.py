"""A mended copy loses nothing, hides nothing, and is written whole or not at all."""

import os
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from pandas.testing import assert_frame_equal
from python_calamine import CalamineWorkbook
from rasterio.transform import from_origin
from shapely import box

import kumuhgis as kg
from kumuhgis.checkup import checkup, write_xlsx
from kumuhgis.cli import main
from kumuhgis.errors import OutputError
from kumuhgis.mending import LAYERS_FILE, TABLE_FILE, mend
from kumuhgis.rules import load_rules
from kumuhgis.saving import writing

X, Y = 490000, 9162000
CODES = [f"33.13.11.2005.00{i}.001" for i in range(1, 5)]
VOLUMES = [f"{code}_volume" for code in load_rules().codes]
TOML = '[project]\nname = "Uji"\n[layers.rt]\npath = "rt.gpkg"\n[tables.baseline]\npath = "data.csv"\n'


def borders(codes=CODES):
    squares = [box(X + 100 * i, Y, X + 100 * i + 100, Y + 100) for i in range(len(codes))]
    return gpd.GeoDataFrame({"kode_rt": codes, "rt_rw": LABELS[: len(codes)]}, geometry=squares, crs=32749)


LABELS = [f"RT 00{i} RW 001" for i in range(1, 8)]


def table(codes=CODES, **cells):
    rows = {"kode_rt": codes, "rt_rw": LABELS[: len(codes)], "luas_ha": 1.0, "bangunan_unit": 50, "kk": 48}
    rows |= {"penduduk_jiwa": 180, "jalan_ideal_m": 300, "drainase_ideal_m": 300, **dict.fromkeys(VOLUMES, 0), **cells}
    return pd.DataFrame(rows, index=range(len(codes))).astype(object)


def project(folder, rt=None, rows=None, more=""):
    folder.mkdir(parents=True)
    (borders() if rt is None else rt).to_file(folder / "rt.gpkg")
    (table() if rows is None else rows).to_csv(folder / "data.csv", index=False)
    (folder / "kumuhgis.toml").write_text(TOML + more, "utf-8")
    return folder


def raster(path, value, **more):
    path.parent.mkdir(parents=True, exist_ok=True)
    size = {
        "width": 60,
        "height": 30,
        "count": 1,
        "dtype": "float32",
        "transform": from_origin(X - 100, Y + 200, 10, 10),
    }
    with rasterio.open(path, "w", driver="GTiff", **size, **more) as file:
        file.write(np.full((30, 60), value, "float32"), 1)
    return path


def pressing(folder):
    """Give what is wrong in a project, but for notes: code, unit, column."""
    said = kg.assess(folder).problems.query("severity != 'info'")
    return sorted(said[["code", "feature", "column"]].itertuples(index=False, name=None))


def cells(folder):
    return CalamineWorkbook.from_path(str(folder / TABLE_FILE)).get_sheet_by_index(0).to_python()


def below(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


# ---------------------------------------------------------------- files


@pytest.mark.parametrize("name", ["data.csv", TABLE_FILE, "baseline.csv", "log.csv", "log_batas_rt.csv"])
def test_a_considerations_table_of_any_name_replaces_nothing(tmp_path, name):
    more = f'[tables.considerations]\npath = "lain/{name}"\n'
    folder = project(tmp_path / "desa", more=more)
    (folder / "lain").mkdir()
    scores = pd.DataFrame({"kode": CODES, "nilai_strategis": [5, 1, 5, 1]})
    (scores.to_excel if name == TABLE_FILE else scores.to_csv)(folder / "lain" / name, index=False)
    mend(folder, tmp_path / "rapi")
    one, two = kg.assess(folder), kg.assess(tmp_path / "rapi")
    assert two.summary["strategic"].tolist() == [5, 1, 5, 1]
    assert_frame_equal(one.summary, two.summary)


def test_two_rasters_of_one_name_stay_two_and_keep_the_files_beside_them(tmp_path):
    folder = project(tmp_path / "desa", more='[rasters]\ndem = "dem/jaten.tif"\npopulation = "pop/jaten.tif"\n')
    raster(folder / "dem" / "jaten.tif", 100, crs=32749)
    raster(folder / "pop" / "jaten.tif", 2, PROFILE="BASELINE", TFW="YES", crs=32749)
    (folder / "pop" / "lain.tfw").write_text("bukan miliknya")
    mend(folder, tmp_path / "rapi")
    there = below(tmp_path / "rapi")
    assert {"dem.tif", "population.tif", "population.tfw", "population.tif.aux.xml"} <= set(there)
    assert "lain.tfw" not in there
    one, two = (kg.assess(p).units["raster_population"] for p in (folder, tmp_path / "rapi"))
    assert one.tolist() == two.tolist() == [200, 200, 200, 200]


def test_photos_that_the_table_names_come_along_where_they_were(tmp_path):
    photos = ["foto/a.JPG", r"D:\survei\b.jpg; dem.tif", "hilang.jpg", None]
    folder = project(tmp_path / "desa", rows=table(foto=photos), more='[rasters]\ndem = "data/dem.tif"\n')
    raster(folder / "data" / "dem.tif", 100, crs=32749)
    (tmp_path / "luar.jpg").write_text("rahasia")
    (folder / "foto" / "rw1").mkdir(parents=True)
    for name in ("foto/a.jpg", "foto/rw1/b.jpg", "dem.tif", "foto/lain.jpg"):
        (folder / name).write_text(name)
    (folder / "hilang.jpg").symlink_to(tmp_path / "luar.jpg")
    mend(folder, folder / "rapi")
    there = below(folder / "rapi")
    assert {"foto/a.jpg", "foto/rw1/b.jpg", "foto/dem.tif", "dem.tif"} <= set(there)
    assert not {"foto/lain.jpg", "hilang.jpg"} & set(there)
    assert (folder / "rapi" / "foto" / "dem.tif").read_text() == "dem.tif"
    assert kg.assess(folder / "rapi").problems.query("code == 'photo_missing'")["feature"].tolist() == ["hilang.jpg"]


# ---------------------------------------------------------------- what is wrong stays wrong


def doubtful(folder):
    """Write a project with one code for two polygons, for two rows, a row without a code, and cells nobody can use."""
    rt = borders([*CODES, CODES[1], None])
    rows = table([*CODES, CODES[1], None])
    rows.loc[2, VOLUMES[:6]] = [0.37, 20.5, 300, 0.25, 0.13, 0.2]  # moved one column to the left
    rows.loc[3, "3a_volume"] = "banyak"
    rows.loc[0, "kk"] = "#REF!"
    rows.loc[4, "kk"] = 99
    project(folder, rt, rows)
    longer = ["33.13.11.2005.007.001", "RT 007 RW 001", *"123456", *"0" * len(VOLUMES), "lebih", "lagi"]
    with (folder / "data.csv").open("a") as file:
        file.write(",".join(longer) + "\n")
    return folder


def test_what_is_wrong_is_told_again_of_the_copy_and_of_its_copy(tmp_path):
    folder = doubtful(tmp_path / "desa")
    mend(folder, tmp_path / "a")
    mend(tmp_path / "a", tmp_path / "b")
    first = pressing(folder)
    assert {"unit_duplicate", "unit_missing", "shifted_columns", "text_in_number", "value_error_cell"} <= {
        code for code, *_ in first
    }
    assert pressing(tmp_path / "a") == pressing(tmp_path / "b") == first
    assert_frame_equal(kg.assess(folder).summary, kg.assess(tmp_path / "a").summary)
    assert cells(tmp_path / "a") == cells(tmp_path / "b")
    assert gpd.read_file(tmp_path / "a" / LAYERS_FILE)["unit"].tolist() == [*CODES, CODES[1], ""]


def test_the_cells_of_a_row_that_cannot_be_used_stand_in_the_copy(tmp_path):
    mend(doubtful(tmp_path / "desa"), tmp_path / "rapi")
    heading, *rows = cells(tmp_path / "rapi")
    rows = pd.DataFrame(rows, columns=heading)
    assert rows.loc[2, VOLUMES[:6]].tolist() == [0.37, 20.5, 300, 0.25, 0.13, 0.2]
    assert (rows.loc[3, "3a_volume"], rows.loc[0, "kk"], rows.loc[4, "kk"]) == ("banyak", "#REF!", 99)
    assert rows[""].tolist()[-1].startswith("RT 007 RW 001; 1; 2; 3; 4; 5; 6; 0;")
    assert rows[""].tolist()[-1].endswith("0; lebih; lagi")


def test_a_record_that_was_found_by_its_label_keeps_its_unit_where_a_code_stands_twice(tmp_path):
    rows = table([CODES[0], CODES[1], "A-3", "A-4"])
    folder = project(tmp_path / "desa", borders([CODES[0], CODES[1], CODES[1], CODES[3]]), rows.assign(kk=[1, 2, 3, 4]))
    mend(folder, tmp_path / "rapi")
    one, two = (kg.assess(p) for p in (folder, tmp_path / "rapi"))
    assert one.units["households"].tolist() == two.units["households"].tolist() == [1, 2, 3, 4]
    assert [row[0] for row in cells(tmp_path / "rapi")[1:]] == [CODES[0], CODES[1], "A-3", CODES[3]]


def test_text_of_the_table_is_text_in_the_copy_and_numbers_are_numbers(tmp_path):
    notes = ["=1+1|x", "+62 811", "0812", '=HYPERLINK("http://x","a")']
    folder = project(tmp_path / "desa", rows=table(catatan=notes, luas=["9", "9", "9", "9"]))
    mend(folder, tmp_path / "rapi")
    heading, *rows = cells(tmp_path / "rapi")
    rows = pd.DataFrame(rows, columns=heading)
    assert rows["catatan"].tolist() == notes
    assert rows["luas_ha"].tolist() == [1.0] * 4 and rows["luas"].tolist() == ["9"] * 4
    assert rows["kode_rt"].tolist() == CODES
    assert kg.assess(tmp_path / "rapi").units["verified_ha"].tolist() == [1.0] * 4


def test_problems_of_the_copy_name_the_row_of_its_workbook(tmp_path):
    mend(doubtful(tmp_path / "desa"), tmp_path / "rapi")
    said = kg.assess(tmp_path / "rapi").problems.query(f"layer == '{TABLE_FILE}' and code == 'text_in_number'")
    assert said["row"].tolist() == [5] and cells(tmp_path / "rapi")[4][0] == CODES[3]
    write_xlsx(checkup(tmp_path / "rapi"), tmp_path / "periksa.xlsx", folder=tmp_path / "rapi")
    with zipfile.ZipFile(tmp_path / "periksa.xlsx") as book:
        links = "".join(book.read(name).decode() for name in book.namelist()).replace("\\", "/")
    assert 'Target="rapi/baseline.xlsx"' in links and "!A5" in links


# ---------------------------------------------------------------- where nothing can be written

# a folder below the test's own, what is said in Indonesian
NOWHERE = [
    ("berkas.txt", "sudah ada: sebuah berkas"),
    ("berkas.txt/sub", "berkas, bukan folder"),
    ("baru/" + "a" * 300, "namanya terlalu panjang"),
    ("/proc/nope/x", "tidak dapat dibuat"),
    (os.fsdecode(b"b\xff"), "huruf yang tidak dikenal"),
]


@pytest.mark.parametrize("option", ["--fix", "--out"])
@pytest.mark.parametrize(("name", "said"), NOWHERE)
def test_a_place_that_cannot_be_written_is_one_clear_sentence_and_nothing_is_left(
    tmp_path, capsys, monkeypatch, option, name, said
):
    project(tmp_path / "desa")
    (tmp_path / "berkas.txt").write_text("milik saya")
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["check", "desa", option, name])
    told = capsys.readouterr().err
    if option == "--out" and not name.isascii():  # a name that is not UTF-8 is no hindrance to a page
        assert ended.value.code == 0 and Path(name, "pemeriksaan.html").is_file()
        return
    assert ended.value.code == 2 and "Errno" not in told and "Traceback" not in told
    assert said in told or (option == "--out" and name == "berkas.txt")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_project_in_a_folder_whose_name_is_not_utf8_gives_a_page(tmp_path, monkeypatch):
    project(tmp_path / "desa").rename(os.fsdecode(os.fsencode(tmp_path) + b"/b\xffad"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["check", os.fsdecode(b"b\xffad"), "--out", "laporan"])
    assert ended.value.code in (0, 1, 2)
    assert below(tmp_path / "laporan") == ["pemeriksaan.html", "pemeriksaan.xlsx"]


def test_a_folder_with_content_is_refused_without_recommending_force(tmp_path):
    folder = project(tmp_path / "desa")
    with pytest.raises(OutputError) as caught:
        mend(folder, folder, lang="en")
    assert [p.code for p in caught.value.problems] == ["output_folder_exists"]
    assert "Choose a new folder" in str(caught.value)


def test_folders_made_on_the_way_are_taken_away_again(tmp_path):
    (tmp_path / "lama").mkdir()
    path = tmp_path / "lama" / "baru" / "lagi" / "x"
    with pytest.raises(OutputError), writing(path):
        path.mkdir(parents=True)
        path.rmdir()
        raise PermissionError(13, "Permission denied")
    assert list(tmp_path.rglob("*")) == [tmp_path / "lama"]


def test_percents_scores_and_level_that_stood_in_the_table_are_compared_in_the_copy_too(tmp_path):
    published = {"1a_persen": [0, 80, "x", 0], "1a_nilai": [0, 5, 0, 2], "rerata_1": 12.5, "total_nilai": 60}
    folder = project(tmp_path / "desa", rows=table(**published, tingkat="kumuh berat", sektoral=40))
    mend(folder, tmp_path / "rapi")
    codes = [[code for code, *_ in pressing(p)] for p in (folder, tmp_path / "rapi")]
    assert codes[0] == codes[1] and "published_unreadable" in codes[0]


def test_a_date_that_stands_for_a_code_is_a_date_in_the_copy(tmp_path):
    folder = project(tmp_path / "desa")
    rows = table(["01-02", *CODES[1:]])
    rows.loc[0, "kode_rt"] = pd.Timestamp("2026-02-01")
    rows.assign(rt_rw="").to_excel(folder / "data.xlsx", index=False)
    file = folder / "kumuhgis.toml"
    file.write_text(file.read_text("utf-8").replace("data.csv", "data.xlsx"), "utf-8")
    mend(folder, tmp_path / "rapi")
    assert "unit_is_date" in {code for code, *_ in pressing(folder)}
    assert pressing(tmp_path / "rapi") == pressing(folder)
