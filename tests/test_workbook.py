"""The Profil Kumuh workbook: live formulas that equal the library's numbers, and a table that scores the same again.

Rule: Permen PUPR 14/PRT/M/2018 (and 02/PRT/M/2016). Published records: see golden/README.md.
"""

import dataclasses
import re
import tempfile
import zipfile
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner
from printing import opened, words
from shapely import LineString, box
from spreadsheets import differences, formulas, printed, recalculated, values

import kumuhgis as kg
from kumuhgis.cli import command
from kumuhgis.colours import UNDETERMINED_COLOUR, level_colours
from kumuhgis.errors import OutputError
from kumuhgis.groups import summarise_groups
from kumuhgis.rules import load_rules, rules_digest
from kumuhgis.sample import copy_sample

GOLDEN = Path(__file__).parent / "golden"
RULES = load_rules()
TODAY = date(2026, 4, 1)
X, Y = 490_000, 9_162_000
FIRST = 7
"""Row of the first RT on the sheets Data and Penilaian, as a spreadsheet counts."""
EVIL = ["=cmd|'/c calc'!A1", "+1", "@x", "-2", "\t=1", "B*", "Bulu", "bulu", "?ulu", ">5", 'a"b&<c>', "x\x01y", "#REF!"]


def squares(keys, **columns):
    """RT drawn as squares of one hectare beside each other."""
    shapes = [box(X + 100 * i, Y, X + 100 * i + 100, Y + 100) for i in range(len(keys))]
    return gpd.GeoDataFrame({"kode": keys, **columns}, geometry=shapes, crs=32749)


def assessed(table, rules=None, considerations=None, lang="id", rt=None, layers=None, **options):
    rt = squares(table["kode"].tolist()) if rt is None else rt
    return kg.assess(rt=rt, baseline=table, considerations=considerations, rules=rules, options=options, today=TODAY,
                     lang=lang, **(layers or {}))  # fmt: skip


def kawanku():
    """24 public RT sheets; the address of the sheet is the key, as no other column is unique."""
    table = pd.read_csv(GOLDEN / "kawanku_rt.csv", dtype=str)
    table = table.rename(columns={"url": "kode", "kelurahan": "desa"})
    return assessed(table[[c for c in table if not re.search("_pct|_nilai|rerata|tingkat", c)]])


def pekalongan(**options):
    """109 RT of Kota Pekalongan in 2019; the sixteen of Kauman have shifted columns and stay without volumes."""
    return assessed(pd.read_csv(GOLDEN / "pekalongan" / "baseline_2019.csv", dtype=str), **options)


def table(rows=6, rules=RULES, **more):
    """An invented baseline without gaps: every RT has other shares."""
    totals = {"luas_ha": 1.25, "bangunan_unit": 40, "penduduk_jiwa": 210, "kk": 45, "jalan_ideal_m": 300.5,
              "drainase_ideal_m": 280.0, "jalan_eksisting_m": 250.5, "drainase_eksisting_m": 200.0}  # fmt: skip
    of = {"buildings": "bangunan_unit", "area": "luas_ha", "road": "jalan_ideal_m", "drain": "drainase_ideal_m",
          "households": "kk"}  # fmt: skip
    out = pd.DataFrame({"kode": [f"{i + 1:03d}" for i in range(rows)], **totals})
    for j, criterion in enumerate(rules.criteria):
        share = (np.arange(rows) * 0.19 + j * 0.13) % 1.0
        volume = share * out[of[criterion.total]]
        out[f"{criterion.code}_volume"] = volume.round(4 if criterion.unit == "ha" else 0)
    return out.assign(**more)


def gaps():
    """Volumes, totals and areas missing here and there; a length that follows from others; a volume over nothing."""
    out = table(8, kawasan=["Bulu"] * 3 + [None] * 2 + ["Widoro"] * 3, desa="Jaten", kecamatan="Jaten")
    out.loc[0, ["3b_volume", "5b_volume"]] = np.nan
    out.loc[1, "kk"] = np.nan
    out.loc[2, "luas_ha"] = np.nan
    out.loc[3, "jalan_ideal_m"] = np.nan
    out.loc[4, ["1a_volume", "bangunan_unit"]] = [3, 0]
    out.loc[5, "bangunan_unit"] = 0
    out.loc[5, ["1a_volume", "1c_volume", "7a_volume", "7b_volume"]] = 0
    out.loc[6, "4a_volume"] = -0.4
    out.loc[7, [f"{c}_volume" for c in RULES.codes]] = np.nan
    return out


def considered():
    rows = {
        "kode": ["001", "002", "003", "006"],
        "nilai_strategis": [5, 1, 5, 5],
        "sosial_ekonomi_budaya": [1, 5, 5, 5],
        "status_tanah": ["+", "-", "+", "+"],
        "rtr": ["+", "+", None, "+"],
    }
    return pd.DataFrame(rows)


def evil():
    """Names that try to be formulas, wildcards or markup; every second one is a kawasan, each of one RT."""
    return assessed(table(len(EVIL), kode=EVIL, kawasan=EVIL[::-1], desa="=1+1", kecamatan="@SUM(A1)"))


def judged_in_part():
    """Roads of which one has no condition: 2b lies between two limits, and no table gives it."""
    rt = squares(["001", "002"])
    lines = [LineString([(X + 5, Y + y), (X + 195, Y + y)]) for y in (20, 50, 80)]
    roads = gpd.GeoDataFrame({"kondisi": ["baik", "rusak", None]}, geometry=lines, crs=32749)
    base = table(2).drop(columns=["2a_volume", "2b_volume"])
    return assessed(base.assign(kawasan="Bulu"), rt=rt, layers={"roads": roads}, prefer="geometry")


def same_names():
    """Two kawasan of one name in two kabupaten: they are told apart, on the sheet too."""
    return assessed(table(4, kawasan="Bulu", kabupaten=list("AABB"), desa=list("xyxy")))


def region():
    """Two projects as one: inputs of both on the cover, and their kawasan side by side."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("brujul", "jaten"):
            copy_sample(name, Path(folder))
        return kg.assess(folder, today=TODAY)


def only_a_map():
    """No table at all: what roads give has a denominator of its own, all else is missing."""
    lines = [LineString([(X + 5, Y + y), (X + 195, Y + y)]) for y in (20, 50, 80)]
    what = {"kondisi": ["baik", "rusak", None], "status": ["ada", "ada", "dibutuhkan"]}
    return kg.assess(rt=squares(["1", "2", "3"]), roads=gpd.GeoDataFrame(what, geometry=lines, crs=32749), today=TODAY)


def sample(name, lang="id"):
    return kg.assess(kg.load_sample(name), today=TODAY, lang=lang)


CASES = {
    "jaten": lambda: sample("jaten"),
    "ngringo": lambda: sample("ngringo"),
    "brujul": lambda: sample("brujul"),
    "kawanku": kawanku,
    "pekalongan": pekalongan,
    "jaten in English": lambda: sample("jaten", "en"),
    "brujul by the map": lambda: kg.assess(
        kg.load_sample("brujul"), options={"prefer": "geometry", "means": "gated", "area": "measured"}, today=TODAY
    ),
    "existing lengths": lambda: assessed(table(), length_total="existing", means="gated"),
    "derived density": lambda: assessed(
        table(bangunan_unit=[40, 250, 251, 500, 249, 0]), density="derived", city_class="sedang", area="sk"
    ),
    "nineteen criteria": lambda: assessed(
        table(rules=load_rules("permen-02-2016"), kawasan="Bulu"), "permen-02-2016", means="gated"
    ),
    "gaps": lambda: assessed(gaps(), considerations=considered(), city_class="metropolitan"),
    "evil": evil,
    "judged in part": judged_in_part,
    "same names": same_names,
    "region": region,
    "only a map": only_a_map,
}


@pytest.fixture(scope="module")
def results():
    return {name: make() for name, make in CASES.items()}


@pytest.fixture(scope="module")
def books(results, tmp_path_factory):
    folder = tmp_path_factory.mktemp("buku kerja é")
    return {name: kg.write(result, folder / f"{name}.xlsx") for name, result in results.items()}


@pytest.fixture(scope="module")
def again(books, tmp_path_factory):
    """All of them, recalculated by LibreOffice in one go."""
    paths = list(books.values())
    return dict(zip(books, recalculated(paths, tmp_path_factory.mktemp("hitung ulang")), strict=True))


def column(path, sheet, heading, count):
    """The values of a column under its heading, and its letter."""
    found = openpyxl.load_workbook(path, data_only=True)[sheet]
    cell = next(c for c in found[FIRST - 1] if c.value == heading)
    return [found.cell(FIRST + i, cell.column).value for i in range(count)]


def missing_as_none(series):
    return series.astype(object).where(series.notna(), None).tolist()


# ---------------------------------------------------------------- formulas


@pytest.mark.parametrize("name", CASES)
def test_every_formula_recalculated_by_libreoffice_equals_the_librarys_number(name, books, again):
    """Cached values are the library's numbers, written beside the formula; LibreOffice computes the formula."""
    assert len(formulas(books[name])) > 100
    assert differences(books[name], again[name]) == []


@pytest.mark.parametrize("name", CASES)
def test_percents_scores_totals_and_levels_are_live_formulas_with_the_values_of_the_result(name, books, results):
    result, path = results[name], books[name]
    sheet = "Assessment" if result.lang == "en" else "Penilaian"
    live, book = formulas(path), openpyxl.load_workbook(path, data_only=True)[sheet]
    heads = {c.column: str(c.value) for c in book[FIRST - 1]}
    n, k = len(result.summary), len(result.rules.codes)
    for code in result.rules.codes:
        for what, at in zip(
            ("percent", "score"), [c for c, h in heads.items() if h.startswith(f"{code} ·")], strict=True
        ):
            written = [book.cell(FIRST + i, at) for i in range(n)]
            ours = missing_as_none(result.scores[what].xs(code, level="criterion").reindex(result.summary.index))
            assert [None if c.value == "" else c.value for c in written] == pytest.approx(ours), (code, what)
            assert all((sheet, c.coordinate) in live for c in written)
    low = next(c for c, h in heads.items() if h in ("Jumlah terendah", "Lowest total"))
    assert [book.cell(FIRST + i, low).value for i in range(n)] == result.summary["total_low"].tolist()
    assert sum(h[:2] in result.rules.codes for h in heads.values()) == 2 * k


@pytest.mark.parametrize(("name", "count"), [("kawanku", 24), ("pekalongan", 93)])
def test_published_totals_come_out_of_libreoffice(name, count, again, results):
    """KawanKu: 24 of 24 totals; Pekalongan 2019: the 93 RT whose columns have not shifted."""
    got = column(again[name], "Penilaian", "Jumlah nilai", len(results[name].summary))
    got = pd.Series(got, index=results[name].summary.index)
    if name == "kawanku":
        published = pd.read_csv(GOLDEN / "kawanku_rt.csv").set_index("url")["total_nilai"]
    else:
        expected = pd.read_csv(GOLDEN / "pekalongan" / "expected_2019.csv").set_index("kode")
        published = expected.loc[expected["clean"] == 1, "total_nilai"]
    assert len(published) == count
    assert got.reindex(published.index).tolist() == published.tolist()


def test_the_rounding_of_the_forms_holds_in_a_spreadsheet(tmp_path):
    """Half away from zero on the decimals as written: 1/32 is 3.13 % (3.125), in LibreOffice too."""
    rows = table(400)
    rows["kk"] = rows["bangunan_unit"] = 32 * (1 + np.arange(400) % 7)
    for j, code in enumerate(("3a", "3b", "5a", "5b", "6a", "6b", "1a", "1c", "7a", "7b")):
        rows[f"{code}_volume"] = (np.arange(400) * 3 + j) % rows["kk"]
    path = kg.write(assessed(rows), tmp_path / "x.xlsx")
    assert differences(path, recalculated([path], tmp_path)[0]) == []


def edited(path, folder, changes):
    """Change cells of the sheet Data by script: {(heading, unit): value}. The values of all formulas are lost."""
    book = openpyxl.load_workbook(path)
    sheet = book["Data"]
    heads = {c.value: c.column for c in sheet[FIRST - 1]}
    rows = {sheet.cell(r, 1).value: r for r in range(FIRST, sheet.max_row + 1)}
    for (heading, unit), value in changes.items():
        sheet.cell(rows[unit], heads[heading]).value = value
    book.save(folder / "diubah.xlsx")
    return folder / "diubah.xlsx"


@pytest.mark.parametrize("value", [0, 40, None])
def test_change_a_volume_and_the_level_follows(value, books, results, tmp_path):
    """The recalculated sheet says what ``score`` says of the edited table."""
    unit = "33.13.11.2003.004.004"
    changes = {("5a volume (KK)", unit): value, ("6a volume (KK)", unit): value, ("7a volume (unit)", unit): value}
    path = edited(books["jaten"], tmp_path, changes)
    new = recalculated([path], tmp_path)[0]
    scored, _ = kg.score_baseline(new, city_class="sedang")
    count, words = len(scored), [RULES.level_keys, "belum dapat ditentukan"]
    assert column(new, "Penilaian", "Jumlah terendah", count) == scored["total_low"].tolist()
    assert column(new, "Penilaian", "Jumlah tertinggi", count) == scored["total_high"].tolist()
    level = scored["level"].astype(object).where(scored["level"].notna(), words[1])
    assert column(new, "Penilaian", "Tingkat", count) == level.tolist()
    before = results["jaten"].summary
    assert (scored["total_high"] != before["total_high"]).sum() == 1
    changed = values(new)["Luas Kumuh"]
    slum = scored["slum_ha"].where(scored["total_low"] >= RULES.floor, 0).sum()
    certain = next(c for c, v in changed.items() if v == "Luas kumuh yang pasti (ha)")
    assert changed[f"D{certain[1:]}"] == pytest.approx(slum)


def test_move_an_rt_to_another_kawasan_and_the_roll_up_follows(books, results, tmp_path):
    unit = "33.13.11.2003.004.001"
    new = recalculated([edited(books["jaten"], tmp_path, {("Kawasan", unit): "Contoh Lor"})], tmp_path)[0]
    rolled, _ = kg.score_baseline(new, by="kawasan", city_class="sedang")
    sheet = openpyxl.load_workbook(new, data_only=True)["Rekap kawasan"]
    listed = {sheet.cell(r, 2).value: (sheet.cell(r, 5).value, sheet.cell(r, 6).value) for r in range(6, 11)}
    assert listed["Bulu"] == (3, rolled.loc["Bulu", "total_low"])
    assert listed["Contoh Lor"] == (2, rolled.loc["Contoh Lor", "total_low"])


# ---------------------------------------------------------------- round trip

NAMED = {
    "brujul by the map": {"means": "gated"},
    "existing lengths": {"length_total": "existing", "means": "gated"},
    "derived density": {"density": "typed"},
    "nineteen criteria": {"rules": "permen-02-2016", "means": "gated"},
}


@pytest.mark.parametrize("name", [c for c in CASES if c != "evil"])
def test_score_reads_the_workbook_and_gives_the_same_result(name, books, results):
    """``kumuhgis score profil.xlsx`` finds the sheet Data among nine; what is missing stays missing."""
    result = results[name]
    got, problems = kg.score_baseline(books[name], **NAMED.get(name, {}))
    assert not {"table_sheets_differ", "rules_do_not_fit", "table_columns_unknown"} & {p.code for p in problems}
    assert got.index.tolist() == result.summary.index.tolist()
    for code in result.rules.codes:
        for what in ("percent", "score"):
            ours = result.scores[what].xs(code, level="criterion").astype(float)
            pd.testing.assert_series_equal(got[f"{code}_{what}"].astype(float), ours, check_names=False)
    kept = [c for c in got if c in result.summary and c != "area_ha"]
    kept = [c for c in kept if c != "slum_ha" or result.provenance["options"]["area"] == "verified"]
    assert {"sektoral", "total_low", "total_high", "level"} <= set(kept)
    pd.testing.assert_frame_equal(got[kept], result.summary[kept], check_dtype=False)


def test_kawasan_of_the_workbook_roll_up_as_the_assessment_does(books, results):
    rolled, _ = kg.score_baseline(books["gaps"], by="kawasan")
    ours = summarise_groups(results["gaps"])
    for column_ in ("total_low", "total_high", "level", "slum_ha"):
        pd.testing.assert_series_equal(rolled[column_], ours[column_], check_dtype=False, check_names=False)


def test_limits_of_a_volume_judged_in_part_come_back(books, results):
    measures = results["judged in part"].measures.xs("2b", level="criterion")
    assert measures["affected"].isna().all() and (measures["affected_high"] > measures["affected_low"]).all()
    base = kg.read_baseline(books["judged in part"], RULES)
    ours = kg.to_measures(base, RULES).xs("2b", level="criterion")
    for column_ in ("total", "affected_low", "affected_high"):
        pd.testing.assert_series_equal(ours[column_], measures[column_], check_names=False)


def test_a_denominator_of_its_own_goes_before_the_total_of_the_rt():
    """A criterion measured on the map has the map's total; the headings ``1a penyebut``, ``1a denominator``."""
    cells = pd.DataFrame({"kode": ["1"], "kk": [50], "3a volume": [10], "3b volume": [10], "3a penyebut (KK)": [20]})
    got, _ = kg.score_baseline(cells)
    assert got.loc["1", ["3a_percent", "3b_percent"]].tolist() == [50.0, 20.0]


# ---------------------------------------------------------------- text is text


def test_names_that_look_like_formulas_are_text_on_every_sheet(books):
    """Formula injection: =cmd, +1, @x and a tab stay what they are."""
    book = openpyxl.load_workbook(books["evil"])
    texts = {c.value for s in book for row in s.iter_rows() for c in row if c.data_type == "s"}
    assert {"=cmd|'/c calc'!A1", "+1", "@x", "-2", "=1+1", "@SUM(A1)"} <= texts
    for formula in formulas(books["evil"]).values():
        assert "cmd" not in formula and "@" not in formula


def test_wildcards_and_capitals_do_not_mix_kawasan_up(again):
    """ "B*", "Bulu", "bulu", "?ulu" and ">5" are five kawasan of one RT each, after recalculation too."""
    sheet = openpyxl.load_workbook(again["evil"], data_only=True)["Rekap kawasan"]
    listed = {sheet.cell(r, 2).value: sheet.cell(r, 5).value for r in range(6, 6 + len(EVIL))}
    assert {listed[name] for name in ("B*", "Bulu", "bulu", "?ulu", ">5", "#REF!", 'a"b&<c>')} == {1}


def test_every_part_of_the_file_is_well_formed(books):
    import xml.etree.ElementTree as tree

    for path in books.values():
        with zipfile.ZipFile(path) as parts:
            for name in parts.namelist():
                if name.endswith((".xml", ".rels")):
                    assert tree.fromstring(parts.read(name)).tag


def test_nothing_of_people_but_rt_is_in_the_file(tmp_path):
    rows = table(nama_ketua="Bu Sri", NIK="3313112003850001", hp="0812", foto="rumah.jpg")
    with zipfile.ZipFile(kg.write(assessed(rows), tmp_path / "x.xlsx")) as parts:
        said = "".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
    assert not re.search("Bu Sri|33131120038|0812|rumah.jpg|nama_ketua", said)


# ---------------------------------------------------------------- how it looks and what it says


@pytest.fixture(scope="module")
def jaten(books):
    return openpyxl.load_workbook(books["jaten"])


def test_the_sheets_in_both_languages(jaten, books):
    assert jaten.sheetnames == ["Sampul", "Data", "Penilaian", "Rekap kawasan", "Rekap desa", "Rekap kecamatan",
                                "Luas Kumuh", "Aturan", "Masalah data"]  # fmt: skip
    english = openpyxl.load_workbook(books["jaten in English"])
    assert english.sheetnames == ["Cover", "Data", "Assessment", "Roll-up kawasan", "Roll-up desa", "Roll-up kecamatan",
                                  "Slum area", "Rule", "Data problems"]  # fmt: skip
    words = {c.value for s in english for row in s.iter_rows() for c in row if isinstance(c.value, str)}
    assert {"light slum", "Certainly slum (ha)", "SAMPLE DATA · invented, not official"} <= words
    assert not [w for w in words if re.search(r"\b(Luas|Jumlah|Nilai|belum dapat)\b", w)]


def test_the_cover_says_what_it_was_made_of(jaten, results):
    said = {str(c.value) for row in jaten["Sampul"].iter_rows() for c in row if c.value}
    p = results["jaten"].provenance
    assert {item["sha256"] for item in p["inputs"]} <= said
    assert {"DATA CONTOH · direka, bukan data resmi", "2026-04-01", "2026-03-15", p["name"]} <= said
    assert any(rules_digest(RULES) in line for line in said)
    assert any("means=plain; length_total=ideal" in line for line in said)


def test_a_project_whose_name_is_a_year_keeps_the_size_of_its_letters(results, tmp_path):
    """In a header "&8" is the size; digits behind it would be part of it."""
    renamed = dataclasses.replace(results["gaps"], provenance=results["gaps"].provenance | {"name": "2026 & lain"})
    sheet = openpyxl.load_workbook(kg.write(renamed, tmp_path / "x.xlsx"))["Data"]
    assert (sheet.oddHeader.left.text.strip(), sheet.oddHeader.left.size) == ("2026 && lain", 8)


def test_real_data_are_not_called_invented(books):
    said = {c.value for s in openpyxl.load_workbook(books["pekalongan"]) for row in s.iter_rows() for c in row}
    assert not [v for v in said if isinstance(v, str) and "CONTOH" in v]


def test_levels_have_the_colours_of_the_map(jaten):
    found = {}
    for cells in jaten["Penilaian"].conditional_formatting:
        for rule in cells.rules:
            found[rule.formula[0].strip('"')] = "#" + rule.dxf.fill.bgColor.rgb[2:].lower()
    assert found == level_colours(RULES) | {"belum dapat ditentukan": UNDETERMINED_COLOUR}


def test_what_is_missing_is_empty_and_not_zero(books, results):
    measures = results["jaten"].measures["affected"].unstack("criterion")
    for code in ("3b", "5b"):
        got = column(books["jaten"], "Data", f"{code} volume (KK)", len(measures))
        assert got.count(None) == measures[code].isna().sum() == 1


def test_inputs_may_be_changed_and_formulas_not_by_accident(jaten):
    """The sheets are protected without a password; cells of inputs on Data are open."""
    for sheet in jaten:
        assert sheet.protection.sheet == (sheet.title != "Masalah data") and not sheet.protection.password
    data = jaten["Data"]
    for row in data.iter_rows(min_row=FIRST):
        for cell in row:
            assert cell.protection.locked == (cell.data_type == "f"), cell.coordinate
    assert {c.data_type for c in data[FIRST]} == {"s", "n", "f"}
    assert all(c.protection.locked for row in jaten["Penilaian"].iter_rows() for c in row)


def test_numbers_below_zero_are_refused_with_a_message(jaten):
    rules = {r.sqref.ranges.__iter__().__next__().coord: r for r in jaten["Data"].data_validations.dataValidation}
    kinds = {(r.type, r.operator, r.formula1) for r in rules.values() if r.type in ("decimal", "whole")}
    assert ("decimal", "greaterThanOrEqual", "0") in kinds and ("whole", "greaterThanOrEqual", "0") in kinds
    assert all((r.allowBlank and "Kosongkan" in r.error) or "0 % sampai" in r.error for r in rules.values())
    assert {r.formula1 for r in rules.values() if r.type == "list"} == {'"5,1"', '"(+),(-)"'}


def test_sheets_are_set_up_for_paper(jaten):
    for name in ("Data", "Penilaian"):
        sheet = jaten[name]
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (8, "landscape")
        assert sheet.print_title_rows == f"$1:${FIRST - 1}" and sheet.print_title_cols == "$A:$B"
        assert sheet.freeze_panes == f"C{FIRST}" and sheet.auto_filter.ref
    for sheet in jaten:
        assert sheet.page_setup.paperSize in (8, 9) and "DATA CONTOH" in sheet.oddHeader.center.text
        assert "&P" in sheet.oddFooter.right.text


def test_one_chart_for_every_kawasan(jaten, results):
    for by in ("kawasan", "desa", "kecamatan"):
        assert len(jaten[f"Rekap {by}"]._charts) == len(summarise_groups(results["jaten"], by))


def test_the_tables_of_the_rule_have_names(jaten):
    names = {name: defined.attr_text for name, defined in jaten.defined_names.items()}
    sheet, cells = names["pita_batas"].split("!")
    lower = [row[0].value for row in jaten[sheet][cells.replace("$", "")]]
    assert lower[1:] == list(RULES.bands.lower) and lower[0] < -1e6
    sheet, cells = names["tingkat_batas"].split("!")
    assert [row[0].value for row in jaten[sheet][cells.replace("$", "")]] == [0, 16, 38, 60]


def test_the_formulas_are_those_an_auditor_expects(books):
    live = formulas(books["pekalongan"])
    percent = live["Penilaian", "D7"]
    assert re.fullmatch(
        r'=IF\(COUNT\(Data!(\w+),Data!(\w+)\)<2,"",IF\(Data!\2>0,ROUND\(100\*Data!\1/Data!\2,2\),.*', percent
    )
    assert any(f.startswith("=IF(") and "LOOKUP(D7,pita_batas,pita_nilai)" in f for f in live.values())
    assert any("SUMIFS(Data!" in f for (sheet, _), f in live.items() if sheet == "Rekap kawasan")


def test_a_cell_that_follows_from_others_is_a_formula_in_data(books):
    """Ideal = existing + needed; the area of an RT without a verified one is the map's; derived 1b."""
    live = {cell: f for (sheet, cell), f in formulas(books["gaps"]).items() if sheet == "Data"}
    assert any("+" in f for f in live.values())
    derived = [f for (s, _), f in formulas(books["derived density"]).items() if s == "Data" and "batas_bangunan" in f]
    assert len(derived) == 6


def test_roll_up_and_hectares_say_what_the_library_says(books, results):
    """Pekalongan 2019: three kawasan come out tidak kumuh although RT in them are slum; hectares count RT."""
    ours = summarise_groups(results["pekalongan"])
    sheet = openpyxl.load_workbook(books["pekalongan"], data_only=True)["Luas Kumuh"]
    rows = {sheet.cell(r, 2).value: r for r in range(1, sheet.max_row + 1)}
    at = rows["Bandengan"]
    assert (sheet.cell(at, 12).value, sheet.cell(at, 10).value) == ("tidak kumuh", pytest.approx(19.32))
    assert sheet.cell(rows["Gamer"], 10).value == pytest.approx(ours.loc["Gamer", "slum_ha_low"])
    assert sheet.cell(rows["Luas kumuh yang pasti (ha)"], 4).value == pytest.approx(71.682, abs=5e-4)


# ---------------------------------------------------------------- files and the command


def test_it_refuses_to_overwrite_and_takes_odd_names(results, tmp_path):
    path = tmp_path / "profil [2026] – désa 'Jaten' & lain.xlsx"
    kg.write(results["same names"], path)
    with pytest.raises(OutputError):
        kg.write(results["same names"], path)
    kg.write(results["same names"], path, force=True)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    assert kg.score_baseline(path)[0].index.tolist() == ["001", "002", "003", "004"]


def test_kawasan_of_one_name_stand_apart(books):
    sheet = openpyxl.load_workbook(books["same names"], data_only=True)["Rekap kawasan"]
    assert [sheet.cell(r, 2).value for r in (6, 7)] == ["A · Bulu", "B · Bulu"]


def run(*words, lang="id"):
    done = CliRunner().invoke(command(lang), [str(w) for w in words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def test_the_command_writes_it(tmp_path):
    home = copy_sample("brujul", tmp_path)
    done = run("report", home)
    assert done.exit_code == 1 and (home / "profil_kumuh.xlsx").is_file(), (
        "one error in the data, and the file is there"
    )
    assert run("report", home).exit_code == 2, "it does not overwrite"
    out = tmp_path / "a b" / "profile.XLSX"
    assert run("report", home, "--kind", "workbook", "--out", out, lang="en").exit_code == 1
    assert openpyxl.load_workbook(out).sheetnames[0] == "Cover"


def test_a_file_name_of_another_format_is_refused_before_any_work(tmp_path):
    done = run("report", tmp_path / "tidak ada", "--out", tmp_path / "x.csv")
    assert done.exit_code == 2 and ".xlsx" in done.output and list(tmp_path.iterdir()) == []


def test_all_documents_go_into_one_folder_each_with_the_options_it_knows(tmp_path):
    home = copy_sample("brujul", tmp_path)
    done = run("report", home, "--kind", "all", "--by", "desa")
    assert done.exit_code == 1
    assert (home / "dokumen" / "profil_kumuh.xlsx").is_file()
    assert run("report", home, "--kind", "all", "--out", tmp_path / "lain", "--paper", "a3").exit_code == 1


def test_the_roll_ups_print_one_group_a_page_with_every_column(tmp_path):
    """A column that does not fit goes to a page of its own, and the chart is cut."""
    result = sample("jaten")
    path = kg.write(result, tmp_path / "w.xlsx")
    pages = [" ".join(words(page).split()) for page in opened(printed(path, tmp_path))]
    of = {by: [page for page in pages if f"Rekap {by}" in page[:90]] for by in ("kawasan", "desa", "kecamatan")}
    groups = {"kawasan": 5, "desa": 1, "kecamatan": 1}
    assert {by: len(found) for by, found in of.items()} == {by: 1 + count for by, count in groups.items()}
    assert all("Prioritas" in page for found in of.values() for page in found)


def test_an_option_that_the_document_does_not_know_is_refused_before_any_work(tmp_path):
    done = run("report", tmp_path / "tidak ada", "--out", tmp_path / "x.xlsx", "--paper", "A3")
    assert done.exit_code == 2 and "paper" in done.output and list(tmp_path.iterdir()) == []
