"""What a new user brings: two files with names, headings and labels of their own, in a folder with spaces."""

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from shapely import box

import kumuhgis as kg
from kumuhgis.cli import main
from kumuhgis.sample import copy_sample

HEAD = ["No", "RT", "RW", "Jumlah Bangunan", "Jumlah Penduduk", "Jumlah KK", "Panjang Jalan Ideal (m)", "1a_volume"]


@pytest.fixture
def village(tmp_path):
    """Six RT whose label stands in a column of an unknown name; a workbook with a title and a row of sums."""
    folder = tmp_path / "desa saya"
    folder.mkdir()
    units = [(n % 3 + 1, n // 3 + 1) for n in range(6)]
    shapes = [box(x := 486000 + 180 * rt, y := 9162000 + 160 * rw, x + 180, y + 160) for rt, rw in units]
    labels = [f"RT {rt:03d} RW {rw:03d}" for rt, rw in units]
    frame = gpd.GeoDataFrame({"KETERANGAN": labels}, geometry=shapes, crs=32749)
    frame.to_crs(4326).to_file(folder / "Batas RT Desa Sukamaju.geojson")
    book = openpyxl.Workbook()
    rows = [[n + 1, *units[n], 40, 160, 42, 500, 10 + n] for n in range(6)]
    for row in (["BASELINE DESA SUKAMAJU 2026"], [], HEAD, *rows, [None, None, "Jumlah", 240, 960, 252, 3000, 75]):
        book.active.append(row)
    book.save(folder / "Baseline Sukamaju.xlsx")
    return folder


def test_two_files_become_a_map_and_a_workbook(village, capsys):
    kg.init(village)
    result = kg.assess(village)
    assert result.summary.index.size == 6 and result.summary["area_ha"].between(2.8, 2.9).all()
    assert "record_without_map" not in set(result.problems["code"])
    with pytest.raises(SystemExit):
        main(["report", str(village), "--kind", "workbook", "--out", str(village / "dokumen")])
    assert [p.suffix for p in (village / "dokumen").iterdir()] == [".xlsx"]
    book = openpyxl.load_workbook(next((village / "dokumen").iterdir()))
    assert "RT 001 RW 001" in {str(cell.value) for sheet in book for row in sheet for cell in row}


def test_two_columns_that_both_name_every_rt_are_left_to_the_person(village):
    path = village / "Batas RT Desa Sukamaju.geojson"
    frame = gpd.read_file(path)
    frame.assign(CATATAN=frame["KETERANGAN"][::-1].to_numpy()).to_file(path)
    _, found = kg.init(village)
    assert not next(item.columns for item in found if item.role == "rt")


def test_a_map_without_codes_meets_the_table_by_rt_and_rw_whatever_its_order(tmp_path):
    """The number of a feature is no code: "001" of the table is RT 001, not the first polygon of the file."""
    order = ["003", "001", "002"]
    shapes = [box(490_000 + 100 * i, 9_162_000, 490_100 + 100 * i, 9_162_100) for i in range(3)]
    rt = gpd.GeoDataFrame({"RT": order, "RW": ["001"] * 3}, geometry=shapes, crs=32749)
    rt.to_file(tmp_path / "Batas RT.geojson")
    table = pd.DataFrame({"RT": ["001", "002", "003"], "RW": ["001"] * 3, "Jumlah KK": [42, 43, 44]})
    table.assign(**{"3a_volume": [1, 2, 3]}).to_csv(tmp_path / "baseline.csv", sep=";", index=False)
    kg.init(tmp_path)
    result = kg.assess(tmp_path)
    assert result.summary.index.tolist() == [f"RT {n} RW 001" for n in order]
    assert result.measures.xs("3a", level="criterion")["total"].tolist() == [44, 42, 43]
    assert set(result.matches["how"]) == {"label"}
    assert not any("kode" in message and "berbeda" in message for message in result.problems["message"])


def test_a_report_of_ours_in_the_folder_is_not_taken_for_the_table(tmp_path):
    folder = copy_sample("brujul", tmp_path)
    kg.write(kg.assess(kg.load_sample("brujul")), folder / "profil_kumuh.xlsx")
    kg.init(folder, force=True)
    chosen = kg.load_project(folder).contents.tables.baseline.path
    assert chosen != "profil_kumuh.xlsx"
    for item in kg.look(folder):
        if item.role == "baseline":
            (folder / item.path).unlink()
    assert "profil_kumuh.xlsx" in [item.path for item in kg.look(folder) if item.role == "baseline"], "if it is alone"


def test_a_number_of_a_person_in_a_label_does_not_become_a_key():
    shapes = [box(490_000 + 100 * i, 9_162_000, 490_100 + 100 * i, 9_162_100) for i in range(2)]
    rt = gpd.GeoDataFrame({"RT": ["001", "002"], "RW": ["003 HP 0812-3456-7890", "003"]}, geometry=shapes, crs=32749)
    table = pd.DataFrame({"RT": ["001", "002"], "RW": ["003"] * 2, "Jumlah KK": [42, 43], "3a_volume": [1, 2]})
    keys = kg.assess(rt=rt, baseline=table).units.index
    assert "RT 002 RW 003" in keys and not any("3456" in key for key in keys)
