"""The form from the rule: every question in both languages, valid for phones, and the same questions on paper."""

import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box
from simulated_survey import entries_of, kobo_frames, population, rt_answers

import kumuhgis as kg
from kumuhgis.errors import OutputError
from kumuhgis.forms import form_contents, write_form, write_paper_form
from kumuhgis.forms.xlsform import LANGUAGES, form_sheets
from kumuhgis.personal import is_personal
from kumuhgis.questions import asked, choices, questions, repeats, sections, used_by
from kumuhgis.survey import unit_choices

RULES = ("permen-14-2018", "permen-02-2016")
NS = {"h": "http://www.w3.org/1999/xhtml", "x": "http://www.w3.org/2002/xforms", "j": "http://openrosa.org/javarosa"}
HOSTILE = ["=cmd|'/c calc'!A1", "<img src=x onerror=1>", "#strong[x] $x$ ` @ref ${unit}", "RT 01", "n" * 200]


def hostile():
    """A project of hostile names, one of them without a polygon."""
    shapes = [box(490_000 + 100 * i, 9_162_000, 490_100 + 100 * i, 9_162_100) for i in range(len(HOSTILE))]
    frame = gpd.GeoDataFrame(geometry=shapes, crs=32749, index=pd.Index(HOSTILE, name="unit"))
    frame.loc["RT 01", "geometry"] = None
    return frame


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("forms")
    paths = {f"{key}-{part}": write_form(key, folder / f"{key}-{part}.xlsx", part=part)
             for key in RULES for part in ("both", "household", "rt")}  # fmt: skip
    paths["jaten"] = write_form(kg.load_sample("jaten"), folder / "jaten.xlsx")
    paths["hostile"] = write_form(RULES[0], folder / "hostile.xlsx", units=hostile())
    return paths


@pytest.fixture(scope="module")
def forms(written):
    """Every form as pyxform makes an XForm of it, its warnings, and the XML."""
    convert = pytest.importorskip("pyxform.xls2xform", reason="pyxform (extra survei) is not installed").convert
    return {name: convert(str(path), validate=False) for name, path in written.items()}


def test_every_form_becomes_an_xform_without_a_warning(forms):
    assert {name: form.warnings for name, form in forms.items()} == {name: [] for name in forms}


def test_odk_validate_accepts_every_form(forms, tmp_path):
    """ODK Validate is the check that servers make; pyxform brings it, Java has to be there."""
    if not shutil.which("java"):
        pytest.skip("no Java, so no ODK Validate")
    from pyxform.validators.odk_validate import check_xform

    for name in ("jaten", "hostile", "permen-02-2016-both", "permen-14-2018-rt"):
        (tmp_path / f"{name}.xml").write_text(forms[name].xform, "utf-8")
        assert check_xform(str(tmp_path / f"{name}.xml")) == []


def translations(xform):
    """The texts of an XForm: language to identifier to text."""
    root = ET.fromstring(xform)
    return {
        inner.get("lang"): {
            t.get("id"): " ".join(t.find("x:value", NS).itertext()) for t in inner.findall("x:text", NS)
        }
        for inner in root.iter(f"{{{NS['x']}}}translation")
    }


@pytest.mark.parametrize("key", RULES)
def test_every_question_and_choice_is_in_the_xml_in_both_languages(forms, key):
    found = translations(forms[f"{key}-both"].xform)
    assert set(found) == set(LANGUAGES.values())
    for lang, name in LANGUAGES.items():
        said = set(found[name].values())
        for question in asked(kg.load_rules(key)):
            assert question.said(lang) in said, question.name
            if question.choices:
                listed = choices()[question.choices].values()
                assert {c.label if lang == "id" else c.label_en for c in listed} <= said
            if question.told(lang) and question.type != "unit":
                assert question.told(lang) in said
    assert set(found["English (en)"]) == set(found["Bahasa Indonesia (id)"])


def test_the_rule_makes_the_form():
    """Permen 02/2016 has drains not connected (4c) and waste facilities not maintained (6c); 14/2018 has not."""
    new, old = ({q.name for q in asked(kg.load_rules(key))} for key in RULES)
    assert old - new == {"drain_connected", "drain_maintained", "waste_maintained"}
    for key in RULES:
        rules = kg.load_rules(key)
        codes = {code for found in used_by(rules).values() for code in found}
        assert codes == {c.code for c in rules.criteria} - {"1b"}


def test_nobody_is_asked_for_a_name_or_a_number_of_a_person():
    """UU 27/2022; the data collected are those of houses and RT."""
    for question in questions().values():
        assert question.name == "enumerator" or not is_personal(question.name), question.name
        assert not re.search(r"\b(nama|NIK|telepon|alamat|name of|phone|address)\b", question.label + question.label_en)
    assert questions()["enumerator"].label == "Kode petugas"
    assert not {"deviceid", "username", "phonenumber"} & {
        r["type"] for r in form_sheets(form_contents(RULES[0]))["survey"]
    }


def test_rt_are_chosen_below_their_rw_and_their_outlines_are_on_the_phone(forms):
    xform = forms["jaten"].xform
    units = form_contents(kg.load_sample("jaten")).units
    for row in unit_choices(units).itertuples():
        assert f"<name>{row.name}</name>" in xform
    sheets = form_sheets(form_contents(kg.load_sample("jaten")))
    unit = next(row for row in sheets["survey"] if row["name"] == "unit")
    assert (unit["type"], unit["choice_filter"], unit["appearance"]) == ("select_one unit", "rw = ${rw}", "map")
    listed = [row for row in sheets["choices"] if row["list_name"] == "unit"]
    assert len(listed) == len(units)
    corners = listed[0]["geometry"].split(";")
    assert corners[0] == corners[-1] and all(re.fullmatch(r"-7\.\d{6} 110\.\d{6} 0 0", c) for c in corners)
    assert {row["rw"] for row in listed} == {row["name"] for row in sheets["choices"] if row["list_name"] == "rw"}


def test_without_rt_they_are_typed_and_without_polygons_they_are_a_list():
    typed = {row["name"]: row["type"] for row in form_sheets(form_contents(RULES[0]))["survey"] if "name" in row}
    assert typed["rw"] == typed["unit"] == "text"
    sheets = form_sheets(form_contents(RULES[0], units=hostile()))
    unit = next(row for row in sheets["survey"] if row.get("name") == "unit")
    assert unit["appearance"] == "minimal"
    assert not any("geometry" in row for row in sheets["choices"])


def test_hostile_names_stay_text(forms, written):
    said = set(translations(forms["hostile"].xform)["English (en)"].values())
    assert "=cmd|'/c calc'!A1" in said and "<img src=x onerror=1>" in said
    root = ET.fromstring(forms["hostile"].xform)
    assert not list(root.iter("img")) and not list(root.iter("{*}img"))
    from openpyxl import load_workbook

    sheets = load_workbook(written["hostile"])
    assert not [c.coordinate for sheet in sheets for row in sheet for c in row if c.data_type == "f"]


def test_sample_data_says_so_and_the_form_says_it_first(forms):
    assert "<h:title>DATA CONTOH · " in forms["jaten"].xform
    assert "DATA CONTOH" not in forms["hostile"].xform


def paths(node, above=""):
    for inner in node:
        path = f"{above}{inner.tag.partition('}')[2]}"
        yield path
        yield from paths(inner, f"{path}/")


def test_the_simulated_exports_have_the_groups_of_the_form(forms):
    """The round trip of test_survey.py is one of this form: every column stands where the XForm has its question."""
    root = ET.fromstring(forms["jaten"].xform).find(".//x:instance", NS)[0]
    there = set(paths(root))
    units = form_contents(kg.load_sample("jaten")).units
    people, _ = population(units, np.random.default_rng(1), per_unit=1)
    rt, inner, _ = rt_answers(units, np.random.default_rng(1))
    main, *repeated = kobo_frames(entries_of(people, rt, units), inner).values()
    columns = [c for frame in (main, *repeated) for c in frame if "/" in c and "/_" not in c]
    assert len(columns) > 60
    assert {c for c in columns if c not in there and c.rpartition("/")[0] not in there} == set()
    assert set(main["visit/unit"]) <= set(re.findall(r"<name>(rt_[^<]+)</name>", forms["jaten"].xform))


def test_a_refusal_ends_the_interview_and_an_rt_form_asks_no_house():
    rows = {row["name"]: row for row in form_sheets(form_contents(RULES[0]))["survey"] if "name" in row}
    assert rows["order"]["relevant"] == "${part} = 'household' and ${consent} = 'yes'"
    assert rows["occupants"]["relevant"] == "${consent} = 'yes'"
    assert rows["rt_roads"]["relevant"] == "${part} = 'rt'"
    assert rows["roads"]["relevant"] == "${roads_any} = 'yes'"
    assert "'borehole'" in rows["septic_distance_m"]["relevant"]
    assert rows["floor_area_m2"]["constraint"] == ". >= 2 and . <= 2000"
    assert rows["floor_area_m2"]["constraint_message::Bahasa Indonesia (id)"] == "Isi angka dari 2 sampai 2.000."


def test_the_same_questions_give_the_same_bytes(tmp_path):
    paths = [write_form(kg.load_sample("brujul"), tmp_path / f"{i}.xlsx") for i in "ab"]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    with pytest.raises(OutputError) as error:
        write_form(RULES[0], tmp_path / "a.xlsx")
    assert {p.code for p in error.value.problems} == {"output_exists"}
    with pytest.raises(ValueError, match="part"):
        write_form(RULES[0], tmp_path / "c.xlsx", part="rumah")


def test_the_data_of_the_questions_hold_together():
    for question in questions().values():
        assert question.section in sections(), question.name
        assert bool(question.choices) == question.type.startswith("select"), question.name
        assert not question.repeat or repeats()[question.repeat]["section"] == question.section
        assert bool(question.hint) == bool(question.hint_en)
        if question.type in ("integer", "decimal"):
            assert question.min < question.max and question.unit, question.name
        for leaf in question.relevant.leaves() if question.relevant else ():
            assert set(leaf.in_) <= set(choices()[questions()[leaf.question].choices])
        assert "/" not in question.label + question.label_en, "servers write groups before a slash"


# ---------------------------------------------------------------- paper


@pytest.fixture(scope="module")
def paper(tmp_path_factory):
    pytest.importorskip("docx", reason="python-docx (extra laporan) is not installed")
    folder = tmp_path_factory.mktemp("paper")
    return {
        "id": write_paper_form(kg.load_sample("jaten"), folder / "id.docx"),
        "en": write_paper_form(RULES[1], folder / "en.docx", units=hostile(), lang="en"),
    }


def words_of(path):
    import docx

    document = docx.Document(path)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


@pytest.mark.parametrize(("lang", "key"), [("id", RULES[0]), ("en", RULES[1])])
def test_the_paper_form_asks_the_same_questions(paper, lang, key):
    said = words_of(paper[lang])
    for question in asked(kg.load_rules(key)):
        on_head = question.name in ("purpose", "part", "enumerator", "rw", "unit", "household_no", "photo")
        drawn = question.repeat and question.type == "geoshape"
        assert on_head or drawn or question.said(lang) in said, question.name
        for choice in choices()[question.choices].values() if question.choices and not on_head else ():
            assert (choice.label if lang == "id" else choice.label_en) in said
    assert "UU 27/2022" in said
    assert ("DATA CONTOH" in said) is (lang == "id")
    assert "Lewati bila jawaban 18: Tidak memakai jamban." in said or lang == "en"


def test_the_paper_form_is_a4_and_fits_on_two_sheets_a_part(paper, tmp_path):
    office, pdfinfo = shutil.which("soffice"), shutil.which("pdfinfo")
    if not office or not pdfinfo:
        assert not os.environ.get("CI"), "CI has LibreOffice"
        pytest.skip("no LibreOffice or pdfinfo")
    home = f"-env:UserInstallation=file://{tmp_path}/home"
    command = [office, home, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(paper["id"])]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    told = subprocess.run([pdfinfo, tmp_path / "id.pdf"], check=True, capture_output=True, text=True).stdout
    assert re.search(r"Pages:\s+5\b", told), "two for the household, two for the RT, one with the list of RT"
    assert re.search(r"Page size:\s+595\.\d+ x 84[12]", told)
