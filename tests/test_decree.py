"""Annex of the decree (SK penetapan lokasi): its table, its map, its review, and what must not get into it.

Permen PUPR 14/PRT/M/2018. Pasal 37: the decree holds a table of locations and a map; Pasal 38: it is reviewed at least
every 5 years. What the ministry found wrong with decrees in 2023: not detailed to RT, no map, not updated, "tidak
kumuh" areas inside.
"""

import dataclasses
import importlib.util
import io
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
from hypothesis import given
from hypothesis import strategies as st
from shapely import box
from spreadsheets import differences, formulas, recalculated

import kumuhgis as kg
from kumuhgis.documents import decree
from kumuhgis.documents.annex import annex_fields, location_words, notes, totals
from kumuhgis.documents.decree import draft_annex, write_decree
from kumuhgis.documents.locations import check_map, left_out, location_units, locations, map_shapes, unit_labels
from kumuhgis.documents.plan import draft_plan
from kumuhgis.documents.plan_words import authority_may_change, location_note
from kumuhgis.documents.review import decrees_in_force, review_decree, sum_review
from kumuhgis.documents.rounding import largest_remainder
from kumuhgis.documents.word import fill
from kumuhgis.documents.wording import Words
from kumuhgis.errors import OutputError, ProjectError
from kumuhgis.rules import load_rules

GOLDEN = Path(__file__).parent / "golden"
TODAY = date(2026, 4, 1)
X, Y = 490_000, 9_162_000
EVIL = ["=cmd|'/c calc'!A1", "<img src=x onerror=1>", "#strong[x] $x$ \\` @ref", "{{ 7 * 7 }}{% for x in y %}",
        "+1\t=2", "N" * 200, "x\x01y\x0bz", "hub. 0812-3456-7890", "a&b\"'<c>"]  # fmt: skip
TOTALS = {"luas_ha": 1.0, "bangunan_unit": 10, "penduduk_jiwa": 100, "kk": 20, "jalan_ideal_m": 100,
          "drainase_ideal_m": 100}  # fmt: skip
OF = {"buildings": 10, "area": 1.0, "road": 100, "drain": 100, "households": 20}


def squares(keys):
    shapes = [box(X + 100 * i, Y, X + 100 * i + 100, Y + 100) for i in range(len(keys))]
    return gpd.GeoDataFrame({"kode": keys}, geometry=shapes, crs=32749)


def village(bad, rules="permen-14-2018", **columns):
    """RT of one hectare; ``bad`` says of how many criteria everything is bad: 5 points each."""
    keys = columns.pop("kode", [f"{i + 1:03d}" for i in range(len(bad))])
    table = pd.DataFrame({"kode": keys, **TOTALS, **columns})
    for n, c in enumerate(load_rules(rules).criteria):
        table[f"{c.code}_volume"] = [float(OF[c.total]) if n < k else 0.0 for k in bad]
    return table


def assessed(table, rules=None, rt=None, layers=None, info=None, lang="id", **options):
    rt = squares(table["kode"].tolist()) if rt is None else rt
    options = {"city_class": "sedang", **options}
    return kg.assess(rt=rt, baseline=table, rules=rules, options=options, info=info, today=TODAY, lang=lang,
                     **(layers or {}))  # fmt: skip


def words_of(path):
    """Every text of a Word document: body, headers, footers."""
    doc = Document(path)
    parts = [doc.element.body, *(p._element for s in doc.sections for p in (s.header, s.footer))]
    return "\n".join(t.text or "" for part in parts for t in part.iter() if t.tag.endswith("}t"))


def rows_of(table):
    return [[cell.text for cell in row.cells] for row in table.rows]


@pytest.fixture(scope="module")
def jaten():
    return kg.assess(kg.load_sample("jaten"), today=TODAY)


@pytest.fixture(scope="module")
def written(jaten, tmp_path_factory):
    """The annex of the sample, in both forms, through the front door."""
    folder = tmp_path_factory.mktemp("sk")
    return {suffix: kg.write(jaten, folder / f"sk{suffix}", kind="decree") for suffix in (".docx", ".xlsx")}


@pytest.fixture(scope="module")
def mixed():
    """By hand: Bulu has two slum RT (4 bad criteria: 20 points) and two that are not; 005 is slum without a kawasan."""
    table = village([4, 1, 4, 0, 8], kawasan=["Bulu"] * 4 + [None], desa="Jaten", kecamatan="Jaten",
                    penduduk_jiwa=[100, 50, 60, 70, 80], luas_ha=[1.234, 1.0, 1.234, 1.0, 0.5])  # fmt: skip
    return assessed(table)


@pytest.fixture(scope="module")
def mixed_words(mixed, tmp_path_factory):
    path = tmp_path_factory.mktemp("mixed") / "sk.docx"
    write_decree(mixed, path)
    return words_of(path)


@pytest.fixture(scope="module")
def drawn():
    """Two locations whose hectares are those of their polygons."""
    return assessed(village([4, 0, 8], kawasan=["A", "A", "B"]), area="measured")


# ---------------------------------------------------------------- rounding


@pytest.mark.parametrize(
    ("exact", "printed"),
    [
        # rounded one by one: 0.34 + 0.34 + 0.33 = 1.01 above a total of 1.00 (1.004)
        ([0.335, 0.335, 0.334], [0.34, 0.33, 0.33]),
        # rounded one by one: 0.00 three times above 0.01 (0.012)
        ([0.004, 0.004, 0.004], [0.01, 0.0, 0.0]),
        ([1.25, 1.22, 5.47], [1.25, 1.22, 5.47]),
        ([0.1 + 0.2, 0.3], [0.3, 0.3]),
        ([], []),
    ],
)
def test_largest_remainder_by_hand(exact, printed):
    assert largest_remainder(exact) == printed


@given(st.lists(st.floats(0, 500).map(lambda v: round(v, 6)), max_size=40))
def test_printed_hectares_add_up_to_the_printed_total(values):
    printed = largest_remainder(values)
    assert round(sum(printed), 2) == pytest.approx(round(sum(values) + 1e-9, 2), abs=0.0051)
    assert all(abs(p - v) < 0.01 + 1e-9 for p, v in zip(printed, values, strict=True))


# ---------------------------------------------------------------- what is a location


def test_a_location_is_its_slum_rt_and_nothing_else(mixed):
    """Luas kumuh is the sum of the areas of the RT whose own total reaches the floor of 16."""
    found = locations(mixed).set_index("name")
    assert found.loc["Bulu", "units"] == ("001", "003")
    assert found.loc["Bulu", "slum_ha"] == pytest.approx(2.468)
    assert found.loc["Bulu", "population"] == 160
    assert found.loc["Bulu", "density_per_ha"] == pytest.approx(160 / 2.468)
    assert found.loc["Bulu", ["total_low", "level"]].tolist() == [20, "kumuh ringan"]
    # all four RT: 1a 30 of 40 (75 %: 3), 1b 2 of 4.468 ha (1), 1c 20 of 40 (1), 2a 200 of 400 m (1)
    assert found.loc["Bulu", ["all_units", "rollup_low", "rollup_level"]].tolist() == [4, 6, "tidak kumuh"]


def test_where_the_whole_kawasan_has_another_class_the_annex_and_the_plan_say_so(jaten):
    """Profile and workbook roll up all RT of a kawasan, SK and RPLP its slum RT: both say why."""
    one = dataclasses.replace(jaten, units=jaten.units.assign(kawasan="Semua"),
                  summary=jaten.summary.assign(strategic=3.0, social=3.0))  # fmt: skip
    row = locations(one).iloc[0]
    whole = kg.summarise_groups(one).loc["Semua"]
    assert row["class"] != row["rollup_class"] == whole["class"]
    found = [note for note in notes(draft_annex(one), Words(one, "id", "decree")) if "seluruh 16 RT kawasannya" in note]
    assert len(found) == 1 and f"klasifikasinya {whole['class'] or '–'}" in found[0]
    planned = draft_plan(one).locations.iloc[0]
    assert "seluruh kawasan (profil, buku kerja): klasifikasi" in location_note(planned, Words(one, "id", "plan"))
    quiet = planned.copy()
    quiet["authority_near_limit"], quiet["authority_open"] = False, None
    assert location_note(quiet, Words(one, "id", "plan")) and not authority_may_change(quiet), (
        "of a class, not of hectares"
    )
    plain = notes(draft_annex(jaten), Words(jaten, "id", "decree"))
    assert not any("RT kawasannya dihitung" in note for note in plain), "where they agree nothing is said"


def test_an_rt_without_a_kawasan_is_a_location_of_its_own(mixed):
    assert locations(mixed)["name"].tolist() == ["005", "Bulu"]
    alone = assessed(village([4, 0, 4]))
    assert locations(alone)["units"].tolist() == [("001",), ("003",)]


def test_hectares_of_the_rt_add_up_to_their_location_and_these_to_the_total(mixed):
    table = locations(mixed)
    units = location_units(mixed, table)
    assert units.groupby("number")["printed_ha"].sum().round(2).tolist() == table["printed_ha"].tolist() == [0.5, 2.47]
    assert units["printed_ha"].tolist() == [0.5, 1.24, 1.23]


def test_what_is_not_slum_is_left_out_and_said_why(mixed, jaten):
    found = left_out(mixed)
    assert found[["name", "reason", "units"]].values.tolist() == [["Bulu", "not_slum", ("002", "004")]]
    listed = {unit for units in left_out(jaten)["units"] for unit in units}
    declared = {unit for units in locations(jaten)["units"] for unit in units}
    assert listed | declared == set(jaten.summary.index)
    assert not listed & declared
    assert (jaten.summary.loc[list(declared), "total_low"] >= 16).all()


def test_an_rt_that_may_be_slum_is_no_location_but_is_named_with_its_hectares():
    table = village([3, 4], kawasan="Bulu")
    table.loc[0, "7b_volume"] = np.nan  # 15 to 20 points
    found = assessed(table)
    row = locations(found).iloc[0]
    assert (row["units"], row["open_units"], row["open_ha"]) == (("002",), 1, 1.0)
    assert left_out(found).loc[0, ["reason", "total_low", "total_high"]].tolist() == ["open", 15, 20]


def test_kota_pekalongan_2019():
    """A real city (golden/README.md): 71.682 ha in the clean RT; five kawasan come out "tidak kumuh" in the roll-up
    although all but one of their RT are slum. Here they stay in the annex, with the levels of their RT."""
    found = assessed(pd.read_csv(GOLDEN / "pekalongan" / "baseline_2019.csv", dtype=str), city_class=None)
    table = locations(found)
    assert round(table["slum_ha"].sum(), 3) == 71.682
    assert round(table["printed_ha"].sum(), 2) == 71.68
    assert (table["rollup_level"] == "tidak kumuh").sum() == (table["total_high"] < 16).sum() == 3
    assert {"Kauman"} == set(left_out(found).query("reason == 'open'")["name"])  # the source had shifted its columns


def test_a_roll_up_below_the_floor_is_written_by_rt_without_class_and_priority():
    """Two RT that are bad in different things: each 20 points, together 4 × 1 + 4 × 1 = 8 ("tidak kumuh")."""
    table = village([4, 0], kawasan="Bulu")
    for c in load_rules().criteria[4:8]:
        table.loc[1, f"{c.code}_volume"] = float(OF[c.total])
    found = assessed(table)
    (row,) = locations(found).to_dict("records")
    said = location_words(row, found, unit_labels(found), Words(found, "id", "decree"))
    assert said["level"] == "per RT: 2 kumuh ringan; rekap: tidak kumuh (8)"
    assert (said["score"], said["class"], said["priority"]) == ("8", "–", "–")


def test_hectares_that_are_not_known_are_not_zero():
    found = assessed(village([6, 6], kawasan=["A", "B"]).drop(columns="luas_ha"), rt=squares(["elsewhere"]))
    annex = draft_annex(found)
    words = Words(found, "id", "decree")
    assert totals(annex, words)["ha"] == "–"
    assert "Luas 2 lokasi belum diketahui, jadi jumlahnya baru sebagian." in notes(annex, words)


def test_names_in_a_column_that_is_not_there(mixed):
    with pytest.raises(ProjectError, match="blok"):
        locations(mixed, "blok")


# ---------------------------------------------------------------- table and map


def test_table_and_map_from_the_same_rows_agree(drawn):
    table = locations(drawn)
    assert check_map(table, map_shapes(table))["finding"].tolist() == ["fits", "fits"]


@pytest.mark.parametrize(
    ("broken", "finding"),
    [
        (lambda shown: shown.iloc[1:], "missing"),
        (lambda shown: pd.concat([shown, shown.iloc[:1]]), "twice"),
        (lambda shown: shown.assign(number=[9, 2]), "extra"),
        (lambda shown: shown.set_geometry(shown.geometry.buffer(20)), "part"),
        (lambda shown: shown.set_geometry(shown.geometry.buffer(-20)), "larger"),
    ],
)
def test_a_map_that_shows_something_else_is_found(drawn, broken, finding):
    table = locations(drawn)
    assert finding in check_map(table, broken(map_shapes(table)))["finding"].tolist()


def test_a_number_that_cannot_be_read_on_the_map_is_found(drawn):
    table = locations(drawn)
    found = check_map(table, map_shapes(table), labels={"2"})
    assert found["finding"].tolist() == ["unlabelled", "fits"]


def test_the_picture_itself_bears_every_number_and_equal_results_give_equal_bytes(drawn, tmp_path):
    """The numbers are read from the drawing; one that is not there would be "unlabelled"."""
    assert draft_annex(drawn).check["finding"].tolist() == ["fits", "fits"]
    write_decree(drawn, tmp_path / "good.docx")
    assert "Tabel dan peta dibuat dari baris yang sama dan cocok: 2 lokasi" in words_of(tmp_path / "good.docx")
    write_decree(drawn, tmp_path / "again.docx")
    assert (tmp_path / "again.docx").read_bytes() == (tmp_path / "good.docx").read_bytes()


def test_a_discrepancy_is_a_problem_in_the_document(drawn, monkeypatch, tmp_path):
    monkeypatch.setattr(decree, "map_shapes", lambda table: map_shapes(table).iloc[1:])
    write_decree(drawn, tmp_path / "bad.docx")
    said = words_of(tmp_path / "bad.docx")
    assert "MASALAH: 1 dari 2 baris tidak cocok antara tabel dan peta" in said
    assert "tidak ada pada peta" in said


def test_locations_without_an_outline_are_said_to_be_missing_on_the_map(tmp_path):
    table = village([4, 4, 4])
    write_decree(assessed(table, rt=squares(["001", "002"])), tmp_path / "sk.docx")
    assert "Batas 1 lokasi belum digambar, jadi tidak tampak pada peta: 3." in words_of(tmp_path / "sk.docx")


# ---------------------------------------------------------------- review


def test_the_decree_in_force_is_reviewed(jaten):
    """Sample: the SK of 2020 holds Bulu (4 RT) and Contoh Wetan, which is not slum; two slum RT are outside it."""
    found = review_decree(jaten)
    assert found.groupby("finding").size().to_dict() == {"enters": 2, "leaves": 1, "open": 1, "stays": 4}
    assert found.query("finding == 'leaves'")["name"].tolist() == ["Contoh Wetan"]
    sums = sum_review(found)
    assert sums.loc["stays", ["sk_ha", "slum_ha_low"]].tolist() == [4.86, 5.47]
    assert sums.loc["leaves", "change_low"] == -sums.loc["leaves", "sk_ha"]


@pytest.mark.parametrize(("today", "old"), [(date(2025, 12, 1), False), (date(2025, 12, 2), True)])
def test_a_decree_is_old_after_five_years(jaten, today, old):
    told = dataclasses.replace(jaten, provenance={**jaten.provenance, "date": today.isoformat()})
    assert [(d["number"], d["due"], d["old"]) for d in decrees_in_force(told)] == [
        ("000/CONTOH/2020", date(2025, 12, 1), old)
    ]


def test_without_a_decree_nothing_is_compared(mixed, mixed_words):
    assert review_decree(mixed).empty
    assert decrees_in_force(mixed) == []
    assert "Data tidak memuat SK yang berlaku" in mixed_words


def test_changes_since_an_earlier_result_are_listed(mixed, mixed_words, tmp_path):
    works = pd.DataFrame({"unit": ["001"], "criterion": ["1a"], "volume": [10]})
    write_decree(kg.handle(mixed, works), tmp_path / "sk.docx", previous=mixed)
    said = words_of(tmp_path / "sk.docx")
    assert "Perubahan terhadap hasil sebelumnya" in said
    assert "keluar dari kumuh" in said
    assert "keluar dari kumuh" not in mixed_words


# ---------------------------------------------------------------- the documents


def test_columns_of_the_regulation_in_their_order(written):
    table = Document(written[".docx"]).tables[0]
    top, below = (list(dict.fromkeys(row)) for row in rows_of(table)[:2])
    assert top == ["No.", "Nama lokasi", "Luas (ha)", "Lingkup administratif", "Penduduk", "Koordinat", "Kekumuhan",
                   "Legalitas", "Pertimbangan lain", "Klasifikasi", "Prioritas"]  # fmt: skip
    assert [cell.text for cell in table.rows[1].cells] == [
        "No.", "Nama lokasi", "Luas (ha)", "RT/RW", "Desa/ kelurahan", "Kecamatan", "Jiwa", "KK", "Jiwa/ha",
        "Koordinat", "Nilai", "Tingkat", "Status tanah", "RTR", "Status", "Nilai", "Tingkat", "Klasifikasi",
        "Prioritas"]  # fmt: skip
    assert below[0] == "No."
    assert all("tblHeader" in row._tr.xml for row in table.rows[:2])
    section = Document(written[".docx"]).sections[0]
    assert section.page_width > section.page_height


def test_the_table_of_the_sample(written):
    rows = rows_of(Document(written[".docx"]).tables[0])[2:]
    assert [row[1] for row in rows] == ["Contoh Lor", "Contoh Kidul", "Bulu", "Jumlah"]
    assert [row[2] for row in rows] == ["1,25", "1,22", "5,47", "7,94"]
    assert rows[2][3] == "RW 004: RT 001, 002, 003, 004"
    assert rows[2][10] == "23–24"  # two volumes are not known: an interval, not a number
    assert rows[0][12:15] == ["(−)", "(−)", "tidak legal"]
    assert "tidak kumuh" not in {row[11] for row in rows}


def test_number_date_and_signature_stay_open_and_invented_data_say_so(written):
    doc = Document(written[".docx"])
    said = words_of(written[".docx"])
    assert "Nomor : ...." in said
    assert "Tanggal : ...." in said
    assert "BUPATI/WALI KOTA ...." in said
    assert doc.sections[0].header.paragraphs[0].text == "DATA CONTOH · direka, bukan data resmi"
    assert "Jumlah sebelum dibulatkan: 7,94 ha." in said
    assert "lewat 5 tahun: wajib ditinjau (Pasal 38)" in said


def test_every_input_and_the_rule_stand_in_the_document(written, jaten):
    said = words_of(written[".docx"])
    for item in jaten.provenance["inputs"]:
        assert item["sha256"] in said
    assert jaten.provenance["rule_sha256"] in said


def test_the_workbook_holds_the_same_table_with_sums_that_recalculate(written, tmp_path):
    again = recalculated([written[".xlsx"]], tmp_path)[0]
    assert len(formulas(written[".xlsx"])) == 10
    assert differences(written[".xlsx"], again) == []
    sheet = openpyxl.load_workbook(written[".xlsx"], data_only=True)["Daftar lokasi"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=11, max_row=14)]
    assert [row[2] for row in rows] == [1.25, 1.22, 5.47, 7.94]
    assert sheet["A2"].value.startswith("DATA CONTOH")
    book = openpyxl.load_workbook(written[".xlsx"])
    assert book.sheetnames == ["Daftar lokasi", "Rincian RT", "Peta", "Tidak dimasukkan", "Tinjauan SK", "Asal-usul"]
    assert len(book["Peta"]._images) == 1


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evil")
    table = village([4 + i for i in range(len(EVIL))], kode=EVIL, kawasan=EVIL[::-1], rt_rw=EVIL, desa="=1+1",
                    kecamatan="@SUM(A1)")  # fmt: skip
    result = assessed(table, info={"name": "& {{ x }} " + "p" * 300, "desa": "=1+1", "sample": True})
    for suffix in ("docx", "xlsx"):
        write_decree(result, folder / f"sk.{suffix}")
    return folder


def test_text_from_people_stays_text_in_word(hostile):
    said = words_of(hostile / "sk.docx")
    for text in ("=cmd|'/c calc'!A1", "<img src=x onerror=1>", "{{ 7 * 7 }}{% for x in y %}", "N" * 200, "a&b\"'<c>"):
        assert text in said
    assert "0812" not in said
    with zipfile.ZipFile(hostile / "sk.docx") as parts:
        assert b"<img" not in parts.read("word/document.xml")


def test_text_from_people_stays_text_in_the_workbook(hostile):
    book = openpyxl.load_workbook(hostile / "sk.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    written = [str(cell.value) for cell in cells if cell.data_type != "f"]
    assert "=cmd|'/c calc'!A1" in written
    assert not any("0812" in text or "\x01" in text for text in written)
    starts = {str(cell.value)[:6] for cell in cells if cell.data_type == "f"}
    assert starts <= {"=ROUND", "=IF(CO"}


def test_nothing_slum_is_said_not_an_empty_page(tmp_path):
    write_decree(assessed(village([0, 1])), tmp_path / "sk.docx")
    assert "Tidak ada RT yang pasti kumuh" in words_of(tmp_path / "sk.docx")


def test_the_older_rule_in_english(tmp_path):
    """Permen PUPR 02/PRT/M/2016: 19 criteria, slum from 19 points."""
    result = assessed(village([4, 3], "permen-02-2016"), rules="permen-02-2016", lang="en")
    write_decree(result, tmp_path / "sk.docx", "en")
    said = words_of(tmp_path / "sk.docx")
    assert "whose own score reaches 19" in said
    assert "light slum" in said
    assert "kumuh ringan" not in said


# ---------------------------------------------------------------- the template of an office


def template(path, *lines):
    doc = Document()
    for line in lines:
        doc.add_paragraph(line)
    doc.save(path)
    return path


def test_an_office_uses_its_own_template(mixed, tmp_path):
    own = template(tmp_path / "kop.docx", "PEMERINTAH {{ t.title }}", "{%p for l in locations %}",
                   "{{ l.number }}. {{ l.name }}: {{ l.ha }} ha, {{ l.handling }}", "{%p endfor %}")  # fmt: skip
    kg.write(mixed, tmp_path / "sk.docx", kind="decree", template=own)
    texts = [p.text for p in Document(tmp_path / "sk.docx").paragraphs]
    assert texts[1:3] == ["1. 005: 0,50 ha, –", "2. Bulu: 2,47 ha, –"]


@pytest.fixture(scope="module")
def fields(mixed):
    return annex_fields(draft_annex(mixed), Words(mixed, "id", "decree"))


@pytest.mark.parametrize("field", ["{{ nomor_surat }}", "{% for l in locations %}{{ l.warna }}{% endfor %}"])
def test_a_field_that_is_not_known_is_named(fields, tmp_path, field):
    with pytest.raises(OutputError) as caught:
        fill(template(tmp_path / "kop.docx", field), fields, tmp_path / "sk.docx")
    (problem,) = caught.value.problems
    assert problem.code == "template_field_unknown"
    assert problem.params["value"] in ("nomor_surat", "warna")
    assert "locations" in problem.params["known"]
    assert not (tmp_path / "sk.docx").exists()


@pytest.mark.parametrize("content", [b"no document", "{% for x %}", "{{ ''.__class__.__mro__ }}"])
def test_a_template_that_is_none_is_an_error_of_ours(fields, tmp_path, content):
    own = tmp_path / "kop.docx"
    own.write_bytes(content) if isinstance(content, bytes) else template(own, content)
    with pytest.raises(OutputError) as caught:
        fill(own, fields, tmp_path / "sk.docx")
    assert caught.value.problems[0].code in ("template_not_readable", "template_field_unknown")


def test_a_template_that_is_not_there_is_said_before_any_work(mixed, tmp_path):
    with pytest.raises(OutputError) as caught:
        kg.write(mixed, tmp_path / "sk.docx", kind="decree", template=tmp_path / "kop.docx")
    assert caught.value.problems[0].code == "template_not_readable"
    assert not (tmp_path / "sk.docx").exists()


def test_an_option_that_is_not_known_is_refused_before_any_work(mixed, tmp_path):
    with pytest.raises(OutputError) as caught:
        kg.write(mixed, tmp_path / "sk.docx", kind="decree", warna="merah")
    assert caught.value.problems[0].code == "document_option"


def test_every_field_of_the_template_is_documented(fields):
    page = (Path(__file__).parents[1] / "docs" / "sk.md").read_text("utf-8")
    assert [name for name in fields if f"`{name}`" not in page] == []
    rows = {"locations": fields["locations"][0], "units": fields["units"][0], "total": fields["total"]}
    assert [key for row in rows.values() for key in row if not re.search(rf"[` ]{key}[` ]", page)] == []


@pytest.mark.parametrize("name", ["decree.docx", "plan.docx"])
def test_our_templates_are_those_that_the_tool_makes(name):
    root = Path(__file__).parents[1]
    spec = importlib.util.spec_from_file_location("make_templates", root / "tools" / "make_templates.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    shipped = root / "kumuhgis" / "data" / "templates" / name
    made = [
        zipfile.ZipFile(raw).read("word/document.xml") for raw in (io.BytesIO(tool.packed(tool.MADE[name]())), shipped)
    ]
    assert made[0] == made[1], "python tools/make_templates.py"


def test_whole_rt_drawn_for_a_part_that_counts_are_said_and_are_no_fault(drawn, monkeypatch, tmp_path):
    """Luas verifikasi is often a part of the RT; the decree may be signed, but its reader must know."""
    wide = lambda table: map_shapes(table).set_geometry(map_shapes(table).geometry.buffer(20))  # noqa: E731
    monkeypatch.setattr(decree, "map_shapes", wide)
    write_decree(drawn, tmp_path / "sk.docx")
    said = words_of(tmp_path / "sk.docx")
    assert "Pada 2 lokasi peta menggambar RT utuh" in said and "MASALAH" not in said


def test_a_template_of_the_office_that_forgets_it_still_says_that_data_are_invented(tmp_path):
    from docx import Document

    bare = Document()
    bare.add_paragraph("{{ place }}")
    bare.save(tmp_path / "kantor.docx")
    write_decree(kg.assess(kg.load_sample("brujul")), tmp_path / "sk.docx", template=tmp_path / "kantor.docx")
    assert "DATA CONTOH" in words_of(tmp_path / "sk.docx")
