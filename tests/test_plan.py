"""Tables of the plans (RPLP, RP2KPKPK): what is still to be handled, by which programme, where, and first.

Which works reduce which criterion is read in a published source and stands in the rule files; which of several
programmes is counted is ours.
"""

import re
import zipfile
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from docx import Document
from shapely import box
from spreadsheets import differences, formulas, recalculated, values

import kumuhgis as kg
from kumuhgis.documents.plan import draft_plan, programme_works, write_plan
from kumuhgis.documents.plan_words import MOST_ROWS, plan_fields, programme_sums, region_rows
from kumuhgis.documents.wording import Words
from kumuhgis.errors import RulesError
from kumuhgis.rules import Rules, list_rules, load_rules
from kumuhgis.themes import unit_themes

GOLDEN = Path(__file__).parent / "golden"
TODAY = date(2026, 4, 1)
X, Y = 490_000, 9_162_000
EVIL = ["=cmd|'/c calc'!A1", "+1\t=2", "@x", "{{ 7 * 7 }}", "N" * 200, "B*", "?ulu", ">5", "x\x01y"]
TOTALS = {"luas_ha": 1.0, "bangunan_unit": 10, "penduduk_jiwa": 100, "kk": 20, "jalan_ideal_m": 100,
          "drainase_ideal_m": 100}  # fmt: skip


def assessed(table, rules=None, considerations=None, lang="id", **options):
    keys = table["kode"].tolist()
    shapes = [box(X + 100 * i, Y, X + 100 * i + 100, Y + 100) for i in range(len(keys))]
    rt = gpd.GeoDataFrame({"kode": keys}, geometry=shapes, crs=32749)
    return kg.assess(rt=rt, baseline=table, rules=rules, considerations=considerations, today=TODAY, lang=lang,
                     options={"city_class": "sedang", **options})  # fmt: skip


def village(rules="permen-14-2018", **columns):
    """Three RT. 001: all roads bad, six houses irregular and four of poor build; 002: half of it; 003: nothing bad."""
    rows = {"1a": [6, 3, 0], "1c": [4, 2, 0], "2b": [100, 50, 0], "5a": [20, 10, 0], "7a": [10, 5, 0]}
    table = pd.DataFrame({"kode": ["001", "002", "003"], **TOTALS, "kawasan": ["Bulu", "Bulu", None], **columns})
    for code in load_rules(rules).codes:
        table[f"{code}_volume"] = [float(v) for v in rows.get(code, [0, 0, 0])]
    return table


CONSIDERED = pd.DataFrame({"kode": ["001", "002", "003"], "nilai_strategis": 5, "sosial_ekonomi_budaya": 1,
                           "status_tanah": "+", "rtr": ["+", "-", "+"]})  # fmt: skip


@pytest.fixture(scope="module")
def small():
    table = village()
    table.loc[1, "5a_volume"] = np.nan
    return assessed(table, considerations=CONSIDERED)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    result = kg.assess(kg.load_sample("jaten"), today=TODAY)
    return kg.write(result, tmp_path_factory.mktemp("plan") / "rplp.xlsx", kind="plan")


# ---------------------------------------------------------------- what is to be handled


def test_a_village_by_hand(small):
    """001 has 3 + 1 + 5 + 5 + 5 = 19 points; 002 has 1 + 0 + 1 + ? + 1; a volume of 0 is nothing to be handled."""
    plan = draft_plan(small)
    assert plan.units["total_low"].tolist() == [19, 3, 0]
    assert plan.problems[["unit", "criterion", "volume"]].fillna(-1).values.tolist() == [
        ["001", "1a", 6], ["001", "1c", 4], ["001", "2b", 100], ["001", "5a", 20], ["001", "7a", 10],
        ["002", "1a", 3], ["002", "1c", 2], ["002", "2b", 50], ["002", "5a", -1], ["002", "7a", 5],
    ]  # fmt: skip
    assert plan.problems.loc[8, ["low", "high", "total"]].tolist() == [0, 20, 20]  # not known: between none and all


def test_order_is_priority_then_points_then_hectares_then_people():
    table = village(penduduk_jiwa=[100, 300, 100])
    for code in load_rules().codes:
        table[f"{code}_volume"] = table[f"{code}_volume"].iloc[0]
    assert draft_plan(assessed(table, considerations=CONSIDERED)).units.index.tolist() == ["002", "001", "003"]


def test_what_works_have_handled_is_no_longer_there(small):
    works = pd.DataFrame({"unit": ["001", "001"], "criterion": ["2b", "1a"], "volume": [40, 6]})
    left = draft_plan(kg.handle(small, works)).problems.set_index(["unit", "criterion"])["volume"]
    assert left["001", "2b"] == 60
    assert ("001", "1a") not in left.index


# ---------------------------------------------------------------- programmes


REDUCES = {
    "jalan": ["1a", "2a", "2b", "7a"], "rtlh": ["1c"], "air_minum": ["3a", "3b"], "drainase": ["4a", "4b", "4c"],
    "air_limbah": ["5a", "5b"], "persampahan": ["6a", "6b"], "damkar": ["7b"], "rumah_deret": ["1a", "1b", "1c"],
}  # fmt: skip


def test_what_an_infrastructure_reduces():
    rules = load_rules("permen-14-2018")
    assert {p.key: list(p.criteria) for p in rules.programmes} == REDUCES
    assert {p.confidence for p in rules.programmes} == {"R"}


@pytest.mark.parametrize("key", list_rules().index)
def test_every_criterion_has_a_programme_and_every_name_a_second_language(key):
    rules = load_rules(key)
    assert {code for p in rules.programmes for code in p.criteria} == set(rules.codes)
    assert all(p.name and p.name_en and p.works and p.works_en for p in rules.programmes)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [('criteria = ["7b"]', 'criteria = ["9z"]', "criteria"), ('key = "damkar"', 'key = "rtlh"', "key")],
)
def test_a_programme_that_cannot_be_is_an_error_of_the_rule_file(tmp_path, old, new, key):
    shipped = Path(kg.__file__).parent / "data" / "rules" / "permen-14-2018.toml"
    (tmp_path / "perda.toml").write_text(shipped.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(RulesError) as caught:
        load_rules(tmp_path / "perda.toml")
    assert [(p.code, p.column) for p in caught.value.problems] == [("rules_bad_value", key)]


def test_a_criterion_of_several_programmes_is_listed_with_each_and_counted_once(small):
    works = draft_plan(small).works
    of = works[works["unit"] == "001"].groupby("criterion", sort=False)
    assert {code: list(zip(rows["programme"], rows["counted"], strict=True)) for code, rows in of} == {
        "1a": [("jalan", True), ("rumah_deret", False)], "1c": [("rtlh", True), ("rumah_deret", False)],
        "2b": [("jalan", True)], "5a": [("air_limbah", True)], "7a": [("jalan", True)],
    }  # fmt: skip
    assert (works.groupby(["unit", "criterion"])["counted"].sum() == 1).all()


def test_sums_hold_what_is_known_and_count_what_is_not(small):
    rows = {(r["programme"], r["code"]): r for r in programme_sums(draft_plan(small), Words(small, "id", "plan"))}
    assert rows["Jalan lingkungan", "2b"]["volume"] == "150,0"
    assert {k: rows["Pengelolaan air limbah", "5a"][k] for k in ("counted", "unknown", "volume")} == {
        "counted": "1", "unknown": "1", "volume": "20"}  # fmt: skip
    assert {k: rows["Rumah deret", "1c"][k] for k in ("counted", "other", "volume")} == {
        "counted": "0", "other": "2", "volume": "0"}  # fmt: skip


def test_a_rule_without_programmes_says_so(small):
    rules = Rules.model_validate(small.rules.model_dump(by_alias=True) | {"programmes": ()})
    works = programme_works(draft_plan(small).problems, rules)
    assert set(works["programme"]) == {""}
    assert works["counted"].all()


def test_kota_pekalongan_has_as_much_to_handle_as_its_roll_ups_say():
    """Published roll-ups of 2019 (golden/README.md): Podosugih 326 irregular buildings, 828 m of bad roads, 279 KK."""
    table = pd.read_csv(GOLDEN / "pekalongan" / "baseline_2019.csv", dtype=str)
    result = assessed(table[table["kawasan"] == "Podosugih"].reset_index(drop=True))
    sums = draft_plan(result).problems.groupby("criterion")["volume"].sum()
    assert sums[["1a", "1c", "2b", "3a", "4b", "4c"]].tolist() == [326, 61, 828, 279, 2247, 475]
    assert sums.get("4a", 0.0) > -0.6307  # the published sum holds a negative volume; here nothing is below nothing


# ---------------------------------------------------------------- roll-up to kabupaten


def test_roll_up_by_level_authority_handling_and_priority(small):
    plan = draft_plan(small)
    rows = {(r["group"], r["item"]): r for r in region_rows(plan, Words(small, "id", "plan"))}
    assert rows["levels", "kumuh ringan"]["count"] == rows["levels", "kumuh ringan"]["ha"] == 1
    assert rows["levels", None]["count"] == 3
    assert rows["authority", "kabupaten/kota"]["ha"] == 1.0
    assert rows["handling", "pemugaran"]["people"] == 100
    assert rows["handling", "tidak kumuh"]["count"] == 2
    assert [key for group, key in rows if group == "priority"] == [6, "belum diketahui", "tidak kumuh"]


@pytest.mark.parametrize(
    ("hectares", "authority", "near"), [(9.4, "kabupaten/kota", 0), (9.6, "kabupaten/kota", 1), (16.0, "pusat", 0)]
)
def test_authority_by_slum_hectares_of_the_location(hectares, authority, near):
    """UU 23/2014: kabupaten/kota below 10 ha, province up to 15 ha, above it the central government; flagged near."""
    result = assessed(village(luas_ha=[hectares, 1.0, 1.0]))
    rows = {(r["group"], r["item"]): r for r in region_rows(draft_plan(result), Words(result, "id", "plan"))}
    assert rows["authority", authority]["count"] == 1
    assert rows["authority", authority]["near"] == near


def test_an_open_rt_that_could_change_the_authority_is_flagged():
    table = village(kawasan="Bulu", luas_ha=[8.0, 4.0, 1.0])
    table.loc[1, [f"{code}_volume" for code in load_rules().codes]] = np.nan
    found = draft_plan(assessed(table)).locations.iloc[0]
    assert (found["authority"], found["authority_open"]) == ("kabupaten/kota", "provinsi")


# ---------------------------------------------------------------- the workbook


def test_every_formula_recalculates_to_its_value(book, tmp_path):
    assert len(formulas(book)) > 500
    assert differences(book, recalculated([book], tmp_path)[0]) == []


def test_sheets_and_what_invented_data_say(book):
    sheets = openpyxl.load_workbook(book)
    assert sheets.sheetnames == ["Ringkasan", "Permasalahan", "Rekap program", "Program", "Rekap kabupaten", "RT",
                                 "Lokasi", "Asal-usul"]  # fmt: skip
    assert all(sheet["A2"].value.startswith("DATA CONTOH") for sheet in sheets)


def filled(path, target, changes):
    """Write values into the matrix as an office does: {(row, heading): value}."""
    book = openpyxl.load_workbook(path)
    sheet = book["Program"]
    columns = {cell.value: cell.column for cell in sheet[9]}
    for (row, heading), value in changes.items():
        sheet.cell(row, columns[heading]).value = value
    book.save(target)
    return columns


def test_prices_give_costs_sums_and_checks_follow(book, tmp_path):
    """Row 10 is the first of the matrix: 1a of RT 004 RW 003, counted with jalan; row 11 the same with rumah deret."""
    columns = filled(book, tmp_path / "a.xlsx", {(10, "Harga satuan (Rp)"): 1000, (11, "Harga satuan (Rp)"): 5000})
    filled(book, tmp_path / "b.xlsx", {(11, "Harga satuan (Rp)"): 5000, (11, "Dihitung"): "ya"})
    a, b = (values(path) for path in recalculated([tmp_path / "a.xlsx", tmp_path / "b.xlsx"], tmp_path))
    cost, volume = (openpyxl.utils.get_column_letter(columns[h]) for h in ("Biaya (Rp)", "Volume masalah"))
    assert a["Program"][f"{volume}10"] == a["Program"][f"{volume}11"] == 24
    assert (a["Program"][f"{cost}10"], a["Program"].get(f"{cost}11")) == (24_000, None)
    assert a["Program"][f"{cost}8"] == 24_000
    assert b["Program"][f"{cost}8"] == 120_000
    check = [[sheets["Ringkasan"][f"G{row}"] for row in (7, 8)] for sheets in (a, b)]
    assert check == [["✓", "✓"], ["×", "✓"]]  # in b the problem is counted twice, and the sheet says so


def test_unknown_volumes_are_words_and_never_zero(tmp_path, small):
    write_plan(small, tmp_path / "p.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "p.xlsx", data_only=True)["Permasalahan"].values)[6:]
    (row,) = [dict(zip(rows[0], r, strict=True)) for r in rows[1:] if r[3] == "002" and r[11] == "5a"]
    assert (row["Volume masalah"], row["Keterangan"]) == ("belum diketahui", "belum diketahui (0 s.d. 20)")


def test_text_from_people_stays_text(tmp_path):
    frame = village().iloc[[0] * len(EVIL)].assign(kode=EVIL, kawasan=EVIL[::-1], desa="=1+1", kabupaten=EVIL)
    result = assessed(frame.reset_index(drop=True), considerations=None)
    for suffix in ("xlsx", "docx"):
        write_plan(result, tmp_path / f"p.{suffix}")
    assert differences(tmp_path / "p.xlsx", recalculated([tmp_path / "p.xlsx"], tmp_path)[0]) == []
    book = openpyxl.load_workbook(tmp_path / "p.xlsx")
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row]
    assert {"=cmd|'/c calc'!A1", "N" * 200} <= {c.value for c in cells if c.data_type == "s"}
    assert all(re.match("=(IF|ROUND|COUNTIFS|SUMIFS|SUM)[(]", c.value) for c in cells if c.data_type == "f")
    said = "\n".join(t.text or "" for t in Document(tmp_path / "p.docx").element.body.iter() if t.tag.endswith("}t"))
    assert "{{ 7 * 7 }}" in said


# ---------------------------------------------------------------- Word


def test_word_lists_problems_below_their_rt(small, tmp_path):
    write_plan(small, tmp_path / "p.docx")
    tables = [[[c.text for c in row.cells] for row in t.rows] for t in Document(tmp_path / "p.docx").tables]
    problems = tables[1]
    assert problems[1][0].startswith("1. 001 · Bulu · kumuh ringan (nilai 19) · prioritas 6 · ")
    assert problems[2] == ["1a", "Ketidakteraturan bangunan", "6", "unit", "10", "60,00", "3"]
    assert ["5a", "belum diketahui (0 s.d. 20)"] in [[row[0], row[2]] for row in problems]


def test_of_more_rows_than_fit_it_says_so(small):
    plan = draft_plan(small)
    many = pd.concat([plan.problems] * 200, ignore_index=True)
    fields = plan_fields(type(plan)(plan.assessment, plan.units, many, plan.works, plan.locations),
                         Words(small, "id", "plan"))  # fmt: skip
    assert sum(len(unit["rows"]) for unit in fields["problems"]) == MOST_ROWS
    assert fields["problems_more"].startswith("1.500 dari 2.000 baris ditampilkan")


def test_the_older_rule_in_english(tmp_path):
    """Permen PUPR 02/PRT/M/2016 has criteria of its own: 4c, 4d, 6c."""
    table = village("permen-02-2016")
    table["6c_volume"] = 20.0
    result = assessed(table, rules="permen-02-2016", lang="en")
    write_plan(result, tmp_path / "p.docx", "en")
    tables = [[[c.text for c in row.cells] for row in t.rows] for t in Document(tmp_path / "p.docx").tables]
    assert ["Solid waste", "6c", "3"] in [row[:3] for row in tables[2]]
    assert any("not slum" in cell for row in tables[4] for cell in row)


OURS = (
    "restoration (pemugaran)",
    "renewal (peremajaan)",
    "resettlement (permukiman kembali)",
    "province",
    "low",
    "medium",
)
INDONESIAN = (
    r"(?<!\()(?<!kepadatan )\b(pemugaran|peremajaan|permukiman kembali|provinsi|pusat|rendah|tinggi|tepi air|dataran)\b"
)


WRITTEN = [("plan", "xlsx"), ("plan", "docx"), ("decree", "docx"), ("decree", "xlsx"), ("workbook", "xlsx")]


@pytest.mark.parametrize(("kind", "suffix"), [*WRITTEN, ("profile", "html"), (None, "map")])
def test_a_document_in_english_has_the_words_of_the_rule_in_english(kind, suffix, tmp_path):
    """A way of handling keeps the Indonesian term beside ours; formulas and counts go by the same words."""
    result = kg.assess(kg.load_sample("jaten"), lang="en")
    path = tmp_path / f"x.{suffix}"
    if kind is None:
        kg.village_map(result, lang="en").save(path)
        said = str([theme["classes"] for theme in unit_themes(result, "en")])
    else:
        kg.write(result, path, kind=kind, lang="en")
        said = path.read_text("utf-8") if suffix == "html" else _texts_of(path)
    assert not re.findall(INDONESIAN, re.sub(r"<script.*?</script>", "", said, flags=re.S))
    assert any(word in said for word in OURS)
    if (kind, suffix) == ("plan", "xlsx"):
        assert differences(path, recalculated([path], tmp_path)[0]) == []


def _texts_of(path):
    """All texts of a workbook or a Word file."""
    with zipfile.ZipFile(path) as file:
        names = [
            n for n in file.namelist() if n in ("xl/sharedStrings.xml", "word/document.xml") or "/worksheets/sheet" in n
        ]
        return " ".join(re.sub(r"<[^>]+>", " ", file.read(name).decode("utf-8")) for name in names)


def test_every_field_of_the_template_is_documented(small):
    page = (Path(__file__).parents[1] / "docs" / "rplp.md").read_text("utf-8")
    fields = plan_fields(draft_plan(small), Words(small, "id", "plan"))
    assert [name for name in fields if f"`{name}`" not in page] == []


def test_near_a_limit_of_authority_is_said_of_locations_that_are_and_of_no_others(tmp_path):
    """10 ha is the limit: 4 ha with a note of another kind is not near it, 9.8 ha is."""
    units = [f"{n:02d}" for n in range(8)]
    frame = gpd.GeoDataFrame(
        {"kode": units}, geometry=[box(490_000 + 400 * n, 9_162_000, 490_390 + 400 * n, 9_162_390) for n in range(8)],
        crs=32749,
    )  # fmt: skip
    cells = {"kode": units, "kk": 40, "penduduk": 160, "bangunan_unit": 40, "kawasan": ["Sewu"] * 4 + ["Pasar"] * 4}
    cells["luas_ha"] = [1.0] * 4 + [2.45] * 4
    cells |= {"jalan_m": 100, "drainase_m": 100} | {f"{code}_volume": 0 for code in load_rules().codes}
    cells |= {f"{code}_volume": [39, 39, 39, 0, 39, 39, 39, 39] for code in ("3a", "3b", "5a", "5b", "6a", "6b")}
    result = kg.assess(rt=frame, baseline=pd.DataFrame(cells))
    kg.write(result, tmp_path / "p.xlsx", kind="plan")
    rows = pd.read_excel(tmp_path / "p.xlsx", sheet_name="Lokasi", header=None, engine="calamine")
    head = next(i for i in rows.index if "Dekat batas kewenangan" in rows.loc[i].tolist())
    table = rows.iloc[head + 1 :].set_axis(rows.loc[head].astype(str), axis=1)
    found = {name: table[(table == name).any(axis=1)].iloc[0] for name in ("Sewu", "Pasar")}
    assert {name: int(row["Dekat batas kewenangan"]) for name, row in found.items()} == {"Sewu": 0, "Pasar": 1}
