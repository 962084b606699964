"""Baseline tables as people fill them in: numbers, headings, rows. Nothing is lost, everything odd is said."""

import numpy as np
import pandas as pd
import pytest
import xlsxwriter

from kumuhgis.baseline import read_baseline
from kumuhgis.errors import TableError
from kumuhgis.numbers import read_numbers
from kumuhgis.rules import load_rules
from kumuhgis.scoring import score_baseline
from kumuhgis.volumes import to_measures

RULES = load_rules()

# cells of one column, what it counts, the numbers read, cells that stay in doubt
NUMBERS = [
    (["1.234,5", "1.234"], "m", [1234.5, 1234], 0),
    (["1234.5", "1.234"], "m", [1234.5, 1.234], 0),
    (["1.234"], "KK", [1234], 1),
    (["1.234"], "m", [1234], 1),
    (["1.234"], "ha", [1.234], 1),
    (["0.431", "1.234"], "ha", [0.431, 1.234], 0),
    (["0,431 ha", "1,2 Ha"], "ha", [0.431, 1.2], 0),
    (["4310 m2", "0.5 ha"], "ha", [0.431, 0.5], 0),
    (["Rp1.000.000", "Rp 2.500"], "number", [1000000, 2500], 0),
    (["1,234.5", "1,234"], "m", [1234.5, 1234], 0),
    (["1.234.567"], "m", [1234567], 0),
    (["12 KK", "7 kk"], "KK", [12, 7], 0),
    (["1,5 km", "20 m"], "m", [1500, 20], 0),
    (["-3,5", "−2"], "ha", [-3.5, -2], 0),
    (["1e-05"], "ha", [0.00001], 0),
    ([12, 3.5, None], "m", [12, 3.5, np.nan], 0),
    (["NULL", "-", "", " ", "n/a"], "KK", [np.nan] * 5, 0),
]


@pytest.mark.parametrize(("cells", "kind", "values", "doubt"), NUMBERS)
def test_numbers_as_people_write_them(cells, kind, values, doubt):
    column = read_numbers(cells, kind)
    np.testing.assert_allclose(column.values, values)
    assert column.ambiguous.sum() == doubt
    assert not column.bad.any()


@pytest.mark.parametrize("cell", ["abc", "12 ekor", "1.23.4", "1,23,4", "12 m", True, pd.Timestamp("2026-01-02")])
def test_what_is_no_number_of_households_is_said(cell):
    column = read_numbers([cell], "KK")
    assert column.bad.tolist() == [True]
    assert np.isnan(column.values[0])


@pytest.mark.parametrize("cell", ["#REF!", "#N/A", "#VALUE!", "#DIV/0!"])
def test_spreadsheet_errors_are_missing(cell):
    assert read_numbers([cell], "m").error_cell.tolist() == [True]


def row(unit="01", **given):
    base = {
        "kode_rt": unit,
        "luas_ha": "2",
        "bangunan_unit": "50",
        "penduduk_jiwa": "150",
        "kk": "40",
        "jalan_ideal_m": "400",
        "drainase_ideal_m": "300",
    }
    return {**base, **{f"{c}_volume": "0" for c in RULES.codes}, **given}


def codes(baseline):
    return [p.code for p in baseline.problems]


def read(*rows, **how):
    return read_baseline(pd.DataFrame(list(rows)), RULES, **how)


def test_a_clean_table_has_no_problems():
    assert codes(read(row(), row("02"))) == []


def test_leading_zeros_live():
    assert read(row("007")).units.index.tolist() == ["007"]


@pytest.mark.parametrize(
    "heading", ["3a_volume", "Volume 3A", "3a", "vol_3a", "3A-Volume", "3a vol", "3av", "3a_Volume_Awal"]
)
def test_a_criterion_is_found_by_its_code_however_the_heading_is_written(heading):
    cells = row()
    del cells["3a_volume"]
    assert read({**cells, heading: "10"}).volumes.loc["01", "3a"] == 10


def test_columns_are_found_by_heading_and_never_by_position():
    frame = pd.DataFrame([row(**{"3a_volume": "7", "7b_volume": "9"})])
    turned = read_baseline(frame[frame.columns[::-1]], RULES)
    assert (turned.volumes.loc["01", "3a"], turned.volumes.loc["01", "7b"]) == (7, 9)


def test_own_headings_by_dictionary_and_by_file(tmp_path):
    cells = {**row(), "Jml Kepala Kel": "33"}
    del cells["kk"]
    own = {"households": "Jml Kepala Kel"}
    assert read(cells, columns=own).units.loc["01", "households"] == 33
    path = tmp_path / "kolom.toml"
    path.write_text('households = ["Jml Kepala Kel"]')
    assert read(cells, columns=path).units.loc["01", "households"] == 33


def test_a_column_that_is_not_there_is_missing_and_said():
    cells = row()
    del cells["kk"], cells["7b_volume"]
    baseline = read(cells)
    assert {p.column for p in baseline.problems} == {"households", "7b_volume"}
    assert np.isnan(baseline.volumes.loc["01", "7b"])


def test_a_table_without_any_criterion_is_refused():
    with pytest.raises(TableError, match="1a_volume"):
        read_baseline(pd.DataFrame({"kode": ["01"], "kk": ["3"]}), RULES)


def test_blank_error_and_text_cells_are_missing_each_with_its_row_and_column():
    baseline = read(row(kk="-"), row("02", **{"3a_volume": "#REF!"}), row("03", **{"5a_volume": "banyak"}))
    found = {(p.code, p.feature, p.column) for p in baseline.problems}
    assert found == {
        ("value_missing", "01", "kk"),
        ("value_error_cell", "02", "3a_volume"),
        ("text_in_number", "03", "5a_volume"),
    }
    results, _ = score_baseline(pd.DataFrame([row(kk="-"), row("02")]))
    assert pd.isna(results.loc["01", "total_score"])
    assert results.loc["02", "total_score"] == 0


def test_an_ambiguous_thousand_is_reported_with_how_it_was_read():
    baseline = read(row(penduduk_jiwa="1.250"))
    (problem,) = baseline.problems
    assert (problem.code, problem.params["value"], problem.params["read"]) == ("number_ambiguous", "1.250", 1250)


def test_the_rest_of_the_file_helps_a_column_that_cannot_decide():
    baseline = read(row(luas_ha="2,5", jalan_ideal_m="1.250"))
    assert baseline.units.loc["01", "road_ideal_m"] == 1250
    assert codes(baseline) == []


def test_a_row_whose_columns_have_moved_is_set_aside_and_the_others_go_on():
    moved = row("02", **{"3a_volume": "0.2777", "2a_volume": "0.41", "5a_volume": "1"})
    baseline = read(row(), moved)
    assert [(p.code, p.feature) for p in baseline.problems] == [("shifted_columns", "02")]
    assert baseline.volumes.loc["02"].isna().all()
    assert baseline.volumes.loc["01"].notna().all()


def test_one_broken_count_is_a_warning_and_stays():
    baseline = read(row(**{"3a_volume": "12.5"}))
    assert codes(baseline) == ["count_not_whole"]
    assert baseline.volumes.loc["01", "3a"] == 12.5


def test_a_csv_row_that_is_too_long_is_reported(tmp_path):
    frame = pd.DataFrame([row(), row("02")])
    lines = frame.to_csv(index=False).splitlines()
    path = tmp_path / "geser.csv"
    path.write_text("\n".join([lines[0], lines[1] + ",9,9", lines[2]]))
    baseline = read_baseline(path, RULES)
    assert ("shifted_columns", 2) in {(p.code, p.row) for p in baseline.problems}
    assert baseline.units.index.tolist() == ["01", "02"]
    assert baseline.volumes.loc["02"].notna().all()


def test_sum_rows_do_not_count_every_rt_twice():
    baseline = read(row(), row("02"), row("JUMLAH", kk="80"))
    assert baseline.units.index.tolist() == ["01", "02"]
    assert codes(baseline) == ["table_sum_row"]


def test_doubles_are_said_and_nothing_is_lost():
    baseline = read(row(), row(), row(kk="41"))
    assert codes(baseline) == ["unit_row_repeated", "unit_duplicate"]
    assert baseline.units.index.tolist() == ["01", "01 #2"]


def test_a_row_without_a_code_keeps_its_place():
    baseline = read(row(), row(""))
    assert codes(baseline) == ["unit_missing"]
    assert len(baseline.units) == 2


def test_without_a_code_column_unique_names_are_the_key():
    cells = [{**row(), "rt_rw": f"RT {i}", "desa": "Jaten"} for i in (1, 2)]
    for cell in cells:
        del cell["kode_rt"]
    baseline = read(*cells)
    assert baseline.units.index.tolist() == ["RT 1", "RT 2"]
    assert codes(baseline) == ["table_unit_column_assumed"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_csv_of_any_delimiter_and_encoding(tmp_path, delimiter, encoding):
    path = tmp_path / "baseline desa.csv"
    text = pd.DataFrame([{**row(luas_ha="2,5"), "desa": "Désa"}]).to_csv(index=False, sep=delimiter)
    path.write_bytes(text.encode(encoding))
    baseline = read_baseline(path, RULES)
    assert baseline.units.loc["01", "verified_ha"] == 2.5
    assert baseline.units.loc["01", "desa"] == "Désa"


def workbook(path, rows, title=True, sheets=("Catatan", "Data")):
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet(sheets[0]).write(0, 0, "catatan saja")
        sheet = book.add_worksheet(sheets[1])
        start = 2 if title else 0
        if title:
            sheet.write(0, 0, "BASELINE DESA JATEN")
        sheet.write_row(start, 0, list(rows[0]))
        for i, cells in enumerate(rows, start + 1):
            sheet.write_row(i, 0, list(cells.values()))


def test_a_workbook_with_a_title_numbers_and_codes_as_numbers(tmp_path):
    path = tmp_path / "baseline.xlsx"
    workbook(path, [{**row(), "kode_rt": 331301, "kk": 40, "3a_volume": 12}])
    baseline = read_baseline(path, RULES)
    assert baseline.units.index.tolist() == ["331301"]
    assert baseline.volumes.loc["331301", "3a"] == 12
    assert codes(baseline) == []


def test_a_sheet_that_is_not_there_names_those_that_are(tmp_path):
    path = tmp_path / "baseline.xlsx"
    workbook(path, [row()])
    with pytest.raises(TableError, match=r"Lain.*Catatan, Data"):
        read_baseline(path, RULES, sheet="Lain")


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"\n\n", b"PK\x03\x04rusak", b"kode;kk\n"])
@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_what_is_no_table_is_one_clear_error(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(TableError, match=name):
        read_baseline(path, RULES)


def test_published_percents_and_scores_are_compared():
    _, problems = score_baseline(
        pd.DataFrame(
            [row(**{"3a_volume": "20", "3a_persen": "50", "3a_nilai": "3", "total_nilai": "4", "tingkat": "KR"})]
        )
    )
    found = {(p.code, p.column, p.params["published"], p.params["computed"]) for p in problems}
    assert found == {
        ("published_differs", "3a_score", 3, 1),
        ("published_differs", "total_score", 4, 1),
        ("published_differs", "level", "KR", "tidak kumuh"),
    }


def test_a_score_that_no_band_gives_is_a_shift_in_the_published_columns():
    baseline = read(row(**{"3a_nilai": "0.64"}))
    assert codes(baseline) == ["published_unreadable"]


def test_a_volume_over_a_zero_total_is_an_error_and_zero_over_zero_is_not():
    _, problems = score_baseline(pd.DataFrame([row(drainase_ideal_m="0", **{"4b_volume": "10"})]))
    assert [(p.code, p.column, p.severity) for p in problems] == [("volume_over_zero_total", "4b", "error")]


# ---------------------------------------------------------------- named options


def test_existing_length_is_ideal_minus_needed_where_it_is_not_given():
    """`jalan ideal` = existing + still needed."""
    baseline = read(row(jalan_ideal_m="400", **{"2a_volume": "100", "2b_volume": "75"}))
    total = to_measures(baseline, RULES, length_total="existing")["total"]
    assert (total["01", "2a"], total["01", "2b"]) == (400, 300)
    assert to_measures(baseline, RULES)["total"]["01", "2b"] == 400


def test_ideal_length_is_existing_plus_needed_where_it_is_not_given():
    baseline = read(row(jalan_ideal_m="", jalan_eksisting_m="300", **{"2a_volume": "100"}))
    assert to_measures(baseline, RULES)["total"]["01", "2b"] == 400


@pytest.mark.parametrize(
    ("buildings", "city", "density", "typed", "expected"),
    [
        (500, "kecil", "derived", "0", 2.0),  # 250/ha ≥ 200/ha: all of the RT
        (400, "sedang", "derived", "0", 2.0),  # the limit itself counts
        (399, "sedang", "derived", "0", 0.0),
        (499, "besar", "derived", "0", 0.0),  # 250/ha in big cities
        (500, "metropolitan", "derived", "0", 2.0),
        (500, "kecil", "typed", "0.5", 0.5),
        (500, "kecil", "typed", "", 2.0),  # typed if given, else derived
        (500, None, "typed", "", np.nan),
    ],
)
def test_density_typed_or_derived(buildings, city, density, typed, expected):
    baseline = read(row(bangunan_unit=str(buildings), **{"1b_volume": typed}))
    measures = to_measures(baseline, RULES, density=density, city_class=city)
    np.testing.assert_equal(measures["affected"]["01", "1b"], expected)


def test_the_older_rule_reads_its_nineteen_codes():
    rules = load_rules("permen-02-2016")
    cells = {**row(), **{f"{c}_volume": "0" for c in rules.codes}, "4e_volume": "300", "6c_volume": "40"}
    results, problems = score_baseline(pd.DataFrame([cells]), rules=rules)
    assert results.loc["01", ["4e_score", "6c_score", "total_score"]].tolist() == [5, 5, 10]
    assert problems == []


def test_groups_by_our_name_by_heading_and_units_without_one():
    cells = [{**row(), "Nama Kawasan": "Bulu"}, {**row("02"), "Nama Kawasan": ""}]
    for by in ("kawasan", "Nama Kawasan"):
        results, problems = score_baseline(pd.DataFrame(cells), by=by)
        assert len(results) == 2
        assert "Bulu" in results.index
        assert [(p.code, p.feature) for p in problems] == [("table_group_missing", "02")]
    with pytest.raises(TableError, match="dusun"):
        score_baseline(pd.DataFrame(cells), by="dusun")


def test_the_frame_given_is_not_changed():
    frame = pd.DataFrame([row(), row("02")])
    before = frame.copy(deep=True)
    score_baseline(frame)
    pd.testing.assert_frame_equal(frame, before)
