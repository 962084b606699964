"""What a notebook shows of our objects: whole sentences, nothing of it HTML from people, nothing of households."""

import re
import shutil
from html import unescape

import pandas as pd
import pytest
from invented_village import HOSTILE

import kumuhgis as kg
from kumuhgis.errors import Problem, problems_frame
from kumuhgis.sample import sample_folder


@pytest.fixture(scope="module")
def jaten():
    return kg.assess(kg.load_sample("jaten"))


def shown(thing):
    """The text of what a notebook shows, and its tables."""
    html = thing._repr_html_()
    return html, " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_a_result_shows_the_headline_what_comes_first_and_every_word_of_the_problems(jaten):
    html, said = shown(jaten)
    assert all(value in said for _, value in kg.headline(jaten))
    first = jaten.summary["rank"].idxmin()
    assert said.index("RT yang didahulukan") < said.index(first) < said.index("Masalah data: 0 kesalahan")
    problem = jaten.problems.iloc[0]
    assert problem["message"] in said and problem["fix"] in said and "..." not in said
    assert html.count("<details>") == 2 and "… dan" in said


def test_a_total_that_is_open_is_shown_as_its_ends(jaten):
    row = jaten.summary[jaten.summary["rank"].notna() & (jaten.summary["total_low"] < jaten.summary["total_high"])]
    low, high = row[["total_low", "total_high"]].iloc[0]
    assert f"{low}–{high}" in shown(jaten)[1] and "<NA>" not in shown(jaten)[1]


@pytest.mark.parametrize("words", HOSTILE)
def test_words_of_people_are_text(words, jaten):
    problems = problems_frame([Problem("value_missing", words, words, words)])
    units = jaten.units.assign(rt_rw=words)
    result = type(jaten)(**{**jaten.__dict__, "problems": problems, "units": units})
    html, _ = shown(result)
    assert "<script" not in html and "<img" not in html


def test_a_folder_that_was_looked_at_shows_each_file_and_what_it_is_taken_for(tmp_path):
    folder = shutil.copytree(sample_folder("brujul"), tmp_path / "brujul")
    (folder / "catatan <b>.csv").write_text("a,b\n1,2\n", "utf-8")
    found = kg.look(folder)
    assert isinstance(found, list) and len(str(found).splitlines()) == len(found)
    html, said = shown(found)
    assert all(item.path in said for item in found) and "<b>" not in html
    assert "columns=" not in repr(found[0]) and len(repr(found[0])) < 200


def test_a_project_a_rule_and_a_criterion_show_what_they_are():
    project, rules = kg.load_sample("jaten"), kg.load_rules()
    said = shown(project)[1]
    assert "DATA CONTOH" in said and rules.title in said and "peta.gpkg · bangunan" in said and "baseline.xlsx" in said
    said = shown(rules)[1]
    assert "kumuh sedang ≥ 38" in said and "≥ 76 %: 5" in said
    assert all(c.name in said for c in rules.criteria)
    assert (
        repr(rules.criteria[0]) == "Criterion('1a': Ketidakteraturan bangunan, unit / buildings, building_irregularity)"
    )


def test_a_survey_shows_counts_and_reasons_and_nothing_of_a_household():
    answers = pd.DataFrame({"kode_rt": ["01", "01"], "roof": ["good", "leaks"], "nama": ["Bu Sri", "Pak Slamet"]})
    said = shown(kg.read_survey(answers, units=pd.DataFrame(index=pd.Index(["01"], name="unit"))))[1]
    assert said.startswith("KK 2") and "Sri" not in said and "leaks" not in said
