"""Pertimbangan lain: by RT or by kawasan, the RT first; what is not possible is said."""

import pandas as pd
import pytest

from kumuhgis.considerations import COLUMNS, read_considerations
from kumuhgis.errors import TableError
from kumuhgis.priority import considerations as add_up
from kumuhgis.rules import load_rules

RULES = load_rules()
UNITS = pd.DataFrame({"kawasan": ["Bulu", "Bulu", "Contoh Lor", None]}, index=pd.Index(["001", "002", "003", "004"]))


def read(units=UNITS, rules=RULES, **columns):
    return read_considerations(pd.DataFrame(columns), units, rules)


def said(problems):
    return [(p.code, p.feature, p.column) for p in problems]


def test_every_unit_has_a_row_also_without_anything():
    table, _ = read(kawasan=["Bulu"], nilai_strategis=[5])
    assert table.index.tolist() == UNITS.index.tolist() and table.columns.tolist() == COLUMNS
    assert table.loc["004"].isna().all()


def test_a_kawasan_gives_its_values_to_all_its_units():
    table, problems = read(kawasan=["Bulu", "Contoh Lor"], nilai_strategis=[5, 1], sosial_ekonomi_budaya=[1, 5])
    assert table["strategic"].tolist()[:3] == [5, 5, 1] and table["social"].tolist()[:3] == [1, 1, 5]
    assert problems == []


@pytest.mark.parametrize("name", ["Bulu", "BULU", " bulu "])
def test_a_kawasan_is_found_however_it_is_spelled(name):
    assert read(kawasan=[name], nilai_strategis=[5])[0]["strategic"].tolist()[:2] == [5, 5]


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_a_unit_goes_before_its_kawasan_in_any_order_of_rows(order):
    rows = pd.DataFrame(
        {"kode_rt": ["", "002"], "kawasan": ["Bulu", ""], "nilai_strategis": ["5", "1"], "rtr": ["+", ""]}
    ).iloc[order]
    table, _ = read_considerations(rows, UNITS, RULES)
    assert table["strategic"].tolist()[:2] == [5, 1]
    assert table["plan_sign"].tolist()[:2] == ["+", "+"], "what the unit's row leaves empty stays that of the kawasan"


def test_leading_zeros_of_unit_codes_live(tmp_path):
    path = tmp_path / "pertimbangan lain.csv"
    path.write_text("kode_rt;nilai_strategis;sosial_ekonomi_budaya\n001;5;1\n1;1;5\n", "utf-8")
    table, problems = read_considerations(path, UNITS, RULES)
    assert table["strategic"].tolist()[0] == 5 and table["strategic"].isna().tolist() == [False, True, True, True]
    assert said(problems) == [("consideration_unit_unknown", "1", "unit")]


@pytest.mark.parametrize("heading", ["nilai_strategis", "Nilai Strategis", "STRATEGIS", "nilai strategis lokasi"])
def test_headings_are_known_by_their_words(heading):
    assert read(**{"Kawasan": ["Bulu"], heading: [5]})[0]["strategic"].tolist()[:2] == [5, 5]


def test_a_workbook_is_read_by_its_sheet(tmp_path):
    path = tmp_path / "pertimbangan.xlsx"
    with pd.ExcelWriter(path) as book:
        for sheet, value in (("2025", 1), ("2026", 5)):
            pd.DataFrame({"kawasan": ["Bulu"], "nilai_strategis": [value], "rtr": ["-"]}).to_excel(
                book, sheet_name=sheet, index=False
            )
    table, _ = read_considerations(path, UNITS, RULES, sheet="2026")
    assert table["strategic"].tolist()[:2] == [5, 5] and table["plan_sign"].tolist()[:2] == ["-", "-"]
    with pytest.raises(TableError, match="2027"):
        read_considerations(path, UNITS, RULES, sheet="2027")


@pytest.mark.parametrize(("value", "score"), [(5, 5), (1, 1), ("5", 5), (5.0, 5), ("ya", 5), ("Tidak", 1), ("", None)])
def test_scores_are_those_of_the_rule_or_yes_and_no(value, score):
    table, problems = read(kawasan=["Bulu"], nilai_strategis=[value])
    got = table["strategic"].iloc[0]
    assert (pd.isna(got) if score is None else got == score) and problems == []


@pytest.mark.parametrize("value", [3, 0, -5, "5 5", "tinggi", "#REF!", 4.5])
def test_a_score_that_is_not_possible_is_missing_and_said(value):
    table, problems = read(kode_rt=["001"], nilai_strategis=[value])
    assert table["strategic"].isna().all()
    assert said(problems) == [("consideration_value", "001", "strategic")]
    assert "5 / 1" in problems[0].fix("id") and problems[0].severity == "error"


SIGNS = {"+": "+", "(+)": "+", "-": "-", "(-)": "-", "−": "-", "": None, None: None}


@pytest.mark.parametrize("typed", SIGNS, ids=repr)
def test_signs_are_read(typed):
    table, problems = read(kode_rt=["001"], status_tanah=[typed], rtr=[typed])
    assert table.loc["001", ["tenure_sign", "plan_sign"]].tolist() == [SIGNS[typed]] * 2 and problems == []


@pytest.mark.parametrize("typed", ["±", "legal", "x", "0"])
def test_a_sign_that_is_none_is_said(typed):
    table, problems = read(kode_rt=["001"], status_tanah=[typed])
    assert table["tenure_sign"].isna().all()
    assert said(problems) == [("consideration_value", "001", "tenure_sign")]


def test_a_hazard_is_yes_no_or_not_known():
    table, problems = read(kode_rt=["001", "002", "003"], rawan_bencana=["ya", "tidak", "kadang"])
    assert table["hazard"].dtype == "boolean"
    assert table["hazard"].tolist()[:2] == [True, False] and table["hazard"].isna().tolist()[2:] == [True, True]
    assert said(problems) == [("consideration_value", "003", "hazard")]


def test_names_that_are_unknown_are_said_and_the_others_go_on():
    table, problems = read(kawasan=["Buluh", "Bulu"], nilai_strategis=[1, 5])
    assert table["strategic"].tolist()[:2] == [5, 5]
    assert said(problems) == [("consideration_unit_unknown", "Buluh", "kawasan")]


def test_neither_the_table_nor_the_units_are_changed():
    cells, units = pd.DataFrame({"kawasan": ["Bulu"], "nilai_strategis": ["5"]}), UNITS.copy()
    before = cells.copy()
    read_considerations(cells, units, RULES)
    pd.testing.assert_frame_equal(cells, before)
    pd.testing.assert_frame_equal(units, UNITS)


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(TableError) as caught:
        read_considerations(tmp_path / "p.csv", UNITS, RULES)
    assert [p.code for p in caught.value.problems] == ["table_not_found"]


def test_the_older_rule_has_scores_of_its_own():
    rules = load_rules("permen-02-2016")
    possible = {rules.considerations.strategic.yes, rules.considerations.strategic.no}
    assert possible == {3, 1}, "permen-02-2016 scores its items 1 to 3"
    assert said(read(rules=rules, kode_rt=["001"], nilai_strategis=[5])[1]) == [
        ("consideration_value", "001", "strategic")
    ]


# ---------------------------------------------------------------- the sum and its class

# strategic, people per hectare, social: sum and class, in a medium city (kependudukan 5 above 200, 3 above 150)
SUMS = [
    (5, 200.1, 5, 15, "tinggi"),
    (5, 200.0, 5, 13, "tinggi"),
    (5, 150.1, 5, 13, "tinggi"),
    (5, 250.0, 1, 11, "tinggi"),
    (5, 150.0, 1, 7, "sedang"),
    (1, 250.0, 1, 7, "sedang"),
    (1, 160.0, 1, 5, "rendah"),
    (1, 10.0, 1, 3, "rendah"),
    (5, 0.0, 5, 11, "tinggi"),
]


@pytest.mark.parametrize(("strategic", "density", "social", "total", "name"), SUMS)
def test_the_sum_of_three_scores_has_a_class(strategic, density, social, total, name):
    units = pd.DataFrame({"population": [density * 2], "area_used_ha": [2.0]}, index=["001"])
    table = pd.DataFrame({"strategic": [strategic], "social": [social]}, index=["001"])
    row = add_up(units, table, RULES, city_class="sedang").loc["001"]
    assert (row["consideration_score"], row["consideration"]) == (total, name)


@pytest.mark.parametrize(("city", "score"), [("metropolitan", 3), ("besar", 3), ("sedang", 5), ("kecil", 5)])
def test_three_hundred_people_a_hectare_count_by_the_class_of_the_city(city, score):
    units = pd.DataFrame({"population": [300.0], "area_used_ha": [1.0]}, index=["001"])
    table = pd.DataFrame({"strategic": [1], "social": [1]}, index=["001"])
    assert add_up(units, table, RULES, city_class=city).loc["001", "population_score"] == score


@pytest.mark.parametrize("missing", ["strategic", "social", "population", "area_used_ha", "city_class"])
def test_without_one_of_them_there_is_no_sum_and_no_class(missing):
    units = pd.DataFrame({"population": [300.0], "area_used_ha": [1.0]}, index=["001"])
    table = pd.DataFrame({"strategic": [5.0], "social": [5.0]}, index=["001"])
    for frame in (units, table):
        if missing in frame:
            frame[missing] = float("nan")
    row = add_up(units, table, RULES, city_class=None if missing == "city_class" else "sedang").loc["001"]
    assert pd.isna(row["consideration_score"]) and pd.isna(row["consideration"])


def test_a_unit_without_hectares_has_no_density():
    units = pd.DataFrame({"population": [300.0], "area_used_ha": [0.0]}, index=["001"])
    table = pd.DataFrame({"strategic": [5.0], "social": [5.0]}, index=["001"])
    assert pd.isna(add_up(units, table, RULES, city_class="sedang").loc["001", "density_per_ha"])


# ---------------------------------------------------------------- what still goes wrong


def test_a_table_that_names_neither_unit_nor_kawasan_is_said():
    assert read(nama=["Bulu"], nilai_strategis=[5])[1]


def test_rows_by_kawasan_are_said_when_no_unit_has_one():
    assert said(read(units=UNITS[[]], kawasan=["Bulu"], nilai_strategis=[5])[1]) == [
        ("consideration_unit_unknown", "Bulu", "kawasan")
    ]


def test_two_rows_that_contradict_each_other_are_said():
    assert read(kode_rt=["001", "001"], nilai_strategis=[5, 1])[1]


@pytest.mark.parametrize("value", ["5,0", "5.0"])
def test_a_score_with_a_decimal_is_a_score(value):
    table, problems = read(kode_rt=["001"], nilai_strategis=[value])
    assert table.loc["001", "strategic"] == 5 and problems == []


def test_own_headings_go_before_known_ones():
    cells = pd.DataFrame({"NO_RT": ["001"], "kode": ["002"], "Skor A": [5], "sosial": [1]})
    how = {"unit": "NO_RT", "columns": {"nilai_strategis": "Skor A"}}
    table, problems = read_considerations(cells, UNITS, RULES, **how)
    assert table.loc["001", ["strategic", "social"]].tolist() == [5, 1]
    assert table.loc["002", "strategic"] is None or pd.isna(table.loc["002", "strategic"])
    assert problems == []


def test_an_own_heading_that_is_not_there_is_said_and_a_name_that_is_unknown_refused():
    cells = pd.DataFrame({"kode": ["001"], "nilai_strategis": [5]})
    _, problems = read_considerations(cells, UNITS, RULES, columns={"social": "Skor B"})
    assert [p.code for p in problems] == ["table_mapped_heading_absent"]
    with pytest.raises(TableError, match="sosail"):
        read_considerations(cells, UNITS, RULES, columns={"sosail": "Skor B"})
