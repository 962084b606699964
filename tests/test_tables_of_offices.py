"""Tables as offices send them: every case here once gave a wrong number without a word."""

import numpy as np
import pandas as pd
import pytest
import xlsxwriter

from kumuhgis.errors import TableError
from kumuhgis.numbers import read_numbers
from kumuhgis.rules import load_rules
from kumuhgis.scoring import score_baseline

RULES = load_rules()
TOTALS = ["kode", "kawasan", "luas_ha", "bangunan_unit", "penduduk_jiwa", "kk", "jalan_ideal_m", "drainase_ideal_m"]


def row(unit="01", **given):
    base = dict(zip(TOTALS, [unit, "Bulu", "2", "50", "150", "40", "400", "300"], strict=True))
    return {**base, **{f"{c}_volume": "0" for c in RULES.codes}, **given}


def score(*rows, **how):
    results, problems = score_baseline(pd.DataFrame(list(rows)), **how)
    return results, {p.code: p for p in problems}


def test_thousands_of_one_column_are_not_decided_by_the_decimals_of_another():
    a = row("01", luas_ha="1.25", penduduk_jiwa="1.430", jalan_ideal_m="1.250", drainase_ideal_m="1.100")
    b = row("02", luas_ha="0.75", jalan_ideal_m="800", drainase_ideal_m="700", **{"2b_volume": "420"})
    results, problems = score(a, b, by="kawasan")
    assert results.loc["Bulu", "2b_percent"] == 20.49  # 420 of 2050 m, not of 801.25
    assert "number_ambiguous" in problems


@pytest.mark.parametrize(
    ("cells", "kind", "file", "value", "doubt"),
    [
        (["1.090"], "KK", "dot", 1090, True),
        (["1.090"], "KK", "comma", 1090, False),
        (["1.250", "800"], "m", "dot", 1250, True),
        (["40.000", "12.000"], "KK", "dot", 40, True),  # a program's three decimals
        (["1.250"], "m", "comma", 1250, False),
        (["1.250"], "ha", "dot", 1.25, False),
    ],
)
def test_what_a_dot_means_when_the_file_is_asked(cells, kind, file, value, doubt):
    column = read_numbers(cells, kind, evidence=file)
    assert (column.values[0], column.ambiguous[0]) == (value, doubt)


def test_a_number_too_large_to_be_one_is_no_number():
    assert read_numbers(["1e400", "9" * 400], "m").bad.all()


def test_a_table_of_the_older_rule_is_not_read_under_the_newer_one():
    """4c is *konstruksi* under 14/2018 and *tidak terhubung* under 02/2016."""
    old = {**row(), "4c_volume": "200", "4d_volume": "10", "4e_volume": "20", "6c_volume": "5"}
    results, problems = score(old)
    assert problems["rules_do_not_fit"].params["fits"] == "permen-02-2016"
    assert pd.isna(results.loc["01", "4c_score"])
    assert results.loc["01", "4b_score"] == 0
    right, problems = score(old, rules="permen-02-2016")
    assert right.loc["01", "4c_score"] == 3
    assert "rules_do_not_fit" not in problems


def test_a_table_of_the_newer_rule_is_not_read_under_the_older_one():
    results, problems = score(row(**{"4c_volume": "300"}), rules="permen-02-2016")
    assert problems["rules_do_not_fit"].params["fits"] == "permen-14-2018"
    assert pd.isna(results.loc["01", "4c_score"])


@pytest.mark.parametrize("heading", ["3a (%)", "% 3a", "3a_%", "Persen 3a", "prosentase_3a"])
def test_a_percent_is_never_taken_for_a_volume(heading):
    cells = {k: v for k, v in row().items() if k != "3a_volume"}
    results, _ = score({heading: "77", **cells})
    assert pd.isna(results.loc["01", "3a_percent"])
    both, problems = score({heading: "77", **cells, "3a_volume": "20"})
    assert both.loc["01", "3a_percent"] == 50
    assert problems["published_differs"].params["published"] == 77


@pytest.mark.parametrize("heading", ["3a (KK)", "Volume 3a (KK)", "3a Vol (unit)", "Kriteria 3a"])
def test_a_unit_behind_the_code_does_not_hide_the_volume(heading):
    cells = {k: v for k, v in row().items() if k != "3a_volume"}
    assert score({**cells, heading: "20"})[0].loc["01", "3a_percent"] == 50


def test_an_explicit_volume_goes_before_a_bare_code_wherever_it_stands():
    cells = {k: v for k, v in row().items() if k != "3a_volume"}
    results, problems = score({"3a": "5", **cells, "3a_volume": "20"})
    assert results.loc["01", "3a_percent"] == 50
    assert "table_column_twice" in problems


def test_the_row_of_column_numbers_and_the_row_of_units_are_no_rt(tmp_path):
    columns = list(row())
    lines = [columns, [str(i + 1) for i in range(len(columns))], ["", "", "ha", "unit", "jiwa", "KK", "m", "m"]]
    lines[2] += [c.unit for c in RULES.criteria]
    lines += [list(row().values()), ["Sumber: survei 2026", *[""] * (len(columns) - 1)]]
    path = tmp_path / "dinas.csv"
    path.write_text("\n".join(",".join(line) for line in lines))
    results, problems = score_baseline(path)
    assert results.index.tolist() == ["01"]
    assert [p.code for p in problems] == ["table_side_row"] * 3


@pytest.mark.parametrize("label", ["Sub Total", "JML", "Jumlah RW 01", "TOTAL", "Rata-rata", "Jumlah Desa Jaten"])
def test_sums_and_subtotals_are_no_rt(label):
    results, problems = score(row(), row("02"), row(label, kk="80"))
    assert results.index.tolist() == ["01", "02"]
    assert "table_sum_row" in problems


def test_a_subtotal_without_a_word_is_found_by_its_numbers():
    first, second = row("01", **{"3a_volume": "7"}), row("02", kk="30", **{"3a_volume": "5"})
    both = {**first, "kode": "RW 01"}
    both |= {k: str(float(first[k]) + float(second[k])) for k in first if k not in ("kode", "kawasan")}
    results, problems = score(first, second, both, row("03"))
    assert results.index.tolist() == ["01", "02", "03"]
    assert problems["table_sum_row"].feature == "RW 01"


def test_an_rt_that_happens_to_be_the_sum_of_two_others_is_kept_and_said():
    first, second = row("01", **{"3a_volume": "7"}), row("02", kk="30", **{"3a_volume": "5"})
    third = {**first, "kode": "03"}
    third |= {k: str(float(first[k]) + float(second[k])) for k in first if k not in ("kode", "kawasan")}
    results, problems = score(first, second, third)
    assert results.index.tolist() == ["01", "02", "03"]
    assert problems["table_sum_row_suspected"].feature == "03"


def test_a_name_that_begins_like_a_sum_stays():
    assert score(row(), row("Total Persada RT 01"))[0].index.tolist() == ["01", "Total Persada RT 01"]


def sheets(path, **given):
    with xlsxwriter.Workbook(path) as book:
        for name, rows in given.items():
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, list(rows[0]))
            for i, cells in enumerate(rows, 1):
                sheet.write_row(i, 0, list(cells.values()))


def test_one_sheet_per_kawasan_is_one_table(tmp_path):
    path = tmp_path / "kawasan.xlsx"
    sheets(path, Bulu=[row("01"), row("02")], Widoro=[row("03")])
    results, _ = score_baseline(path, by="lembar")
    assert results.index.tolist() == ["Bulu", "Widoro"]
    assert len(score_baseline(path)[0]) == 3


def test_sheets_that_differ_are_not_dropped_in_silence(tmp_path):
    path = tmp_path / "kawasan.xlsx"
    other = {k: v for k, v in row("03").items() if k != "kawasan"}
    sheets(path, Bulu=[row("01")], Widoro=[other])
    with pytest.raises(TableError, match="Bulu, Widoro"):
        score_baseline(path)
    assert score_baseline(path, sheet="Widoro")[0].index.tolist() == ["03"]


def test_rw_01_of_two_desa_are_two_groups():
    a, b = {**row("01"), "rw": "01", "desa": "Jaten"}, {**row("02"), "rw": "01", "desa": "Ngringo"}
    results, problems = score(a, b, by="rw")
    assert results.index.tolist() == ["Jaten · 01", "Ngringo · 01"]
    assert "table_group_qualified" in problems


def test_spellings_of_one_group_are_one_group_and_missing_words_are_none():
    rows = [row("01"), row("02", kawasan=" BULU "), row("03", kawasan="NULL")]
    results, problems = score(*rows, by="kawasan")
    assert results.index.tolist() == ["Bulu", "(tanpa kawasan)"]
    assert {"table_group_spelling", "table_group_missing"} <= set(problems)


def test_derived_density_without_a_class_of_city_is_refused():
    with pytest.raises(TableError, match="city_class"):
        score(row(), density="derived")


@pytest.mark.parametrize(("buildings", "area"), [("7", "0.035"), ("804", "4.02"), ("200", "1")])
def test_the_limit_of_density_is_reached_also_where_binary_numbers_miss_it(buildings, area):
    """1b: all of the RT if buildings per hectare reach 200."""
    cells = row(luas_ha=area, bangunan_unit=buildings)
    assert score(cells, density="derived", city_class="sedang")[0].loc["01", "1b_percent"] == 100


def test_published_means_that_differ_by_more_than_hectares_explain_are_told():
    _, problems = score(row(rerata_1="99", sektoral="50"))
    assert problems["published_differs"].column in ("1_mean", "sektoral")


def test_a_published_level_beside_an_empty_row_is_told():
    cells = row(total_nilai="48", tingkat="KUMUH SEDANG", **{f"{c}_volume": "" for c in RULES.codes})
    _, problems = score_baseline(pd.DataFrame([cells]))
    told = {p.column: p.params["computed"] for p in problems if p.code == "published_differs"}
    assert list(told) == ["total_score", "level"]
    assert np.isnan(told["total_score"])
    assert told["level"] == "–"


def test_luas_verifikasi_goes_before_other_areas_wherever_it_stands():
    cells = {k: v for k, v in row(**{"4a_volume": "1.9"}).items() if k != "luas_ha"}
    results, _ = score({"luas_wilayah": "50", "luas": "9", **cells, "luas_verifikasi_ha": "2"})
    assert results.loc["01", "4a_percent"] == 95


def test_an_area_in_square_metres_is_told():
    assert "area_implausible" in score(row(luas_ha="21000"))[1]


def test_volumes_that_are_scores_are_told():
    cells = {f"{c}_volume": v for c, v in zip(RULES.codes, "5310531053105310", strict=True)}
    assert "volumes_look_like_scores" in score(row(**cells))[1]


def test_a_semicolon_file_with_decimal_commas_everywhere(tmp_path):
    cells = {k: v if k in ("kode", "kawasan") else f"{float(v):.2f}".replace(".", ",") for k, v in row().items()}
    path = tmp_path / "titik koma.csv"
    path.write_text(";".join(cells) + "\n" + ";".join(cells.values()))
    assert score_baseline(path)[0].loc["01", "total_score"] == 0


def test_two_rows_of_heading_with_merged_criteria(tmp_path):
    path = tmp_path / "dua baris.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Data")
        sheet.write_row(0, 0, TOTALS)
        values = list(row().values())[: len(TOTALS)]
        for j, code in enumerate(RULES.codes):
            at = len(TOTALS) + 3 * j
            sheet.merge_range(0, at, 0, at + 2, code)
            sheet.write_row(1, at, ["Volume", "%", "Nilai"])
            values += ["20", "50", "1"] if code == "3a" else ["0", "0", "0"]
        sheet.write_row(2, 0, values)
    results, problems = score_baseline(path)
    assert results.loc["01", ["3a_percent", "total_score"]].tolist() == [50, 1]
    assert problems == []


def test_luas_sk_may_be_a_flag():
    base, _ = score_baseline(pd.DataFrame([row(luas_sk_ha="ya"), row("02", luas_sk_ha="tidak")]))
    assert base["total_score"].tolist() == [0, 0]


def test_a_code_that_excel_made_a_date_is_told(tmp_path):
    path = tmp_path / "tanggal.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, list(row()))
        sheet.write_row(1, 0, list(row().values()))
        sheet.write_datetime(1, 0, pd.Timestamp("2024-02-01"), book.add_format({"num_format": "dd/mm/yy"}))
    assert "unit_is_date" in {p.code for p in score_baseline(path)[1]}


@pytest.mark.parametrize("columns", [{"householdz": "KK"}, {"households": 5}])
def test_a_dictionary_of_headings_with_a_mistake_is_refused(columns):
    with pytest.raises(TableError):
        score(row(), columns=columns)


def test_names_known_for_a_column_may_stand_on_the_left_of_the_dictionary():
    cells = {**{k: v for k, v in row().items() if k != "kk"}, "Jml Kepala": "40"}
    results, _ = score({**cells, "3a_volume": "20"}, columns={"kk": "Jml Kepala"})
    assert results.loc["01", "3a_percent"] == 50


def test_a_roll_up_of_many_decimals_keeps_an_exact_tie():
    """1,000 RT of 0.1 ha and volumes that sum to 72.145 % exactly: half away from zero is 72.15."""
    rows = [row(f"{i:04d}", luas_ha="0.1", **{"4a_volume": "0.072145"}) for i in range(1000)]
    results, _ = score(*rows, by="kawasan")
    assert results.loc["Bulu", "4a_percent"] == 72.15
    assert np.isclose(results.loc["Bulu", "area_ha"], 100)


def test_the_units_with_an_open_level_are_named_with_what_decides():
    cells = row(**{f"{c}_volume": "400" for c in ("1a", "1c", "2b")}, **{"3a_volume": "-"})
    _, problems = score(cells)
    assert problems["level_open"].params["codes"] == "3a"
