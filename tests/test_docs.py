"""Docs cannot drift: pages made from data are up to date, links hold, commands and options are named."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

import kumuhgis as kg
from kumuhgis.catalog import document_kinds
from kumuhgis.cli import command
from kumuhgis.errors import SEVERITY
from kumuhgis.project import Options
from kumuhgis.text import text

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def maker():
    sys.path.insert(0, str(ROOT / "tools"))
    spec = importlib.util.spec_from_file_location("make_docs", ROOT / "tools" / "make_docs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", maker().PAGES)
def test_pages_made_from_data_are_up_to_date(name):
    assert (DOCS / name).read_text("utf-8") == maker().PAGES[name](), "python tools/make_docs.py"


@pytest.mark.parametrize("path", [*DOCS.rglob("*.md"), ROOT / "README.md"], ids=lambda p: p.name)
def test_links_inside_hold(path):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text("utf-8")):
        home = ROOT if target.startswith("notebooks/") else path.parent  # the site shows a copy of notebooks/
        assert (home / target).exists(), target


def test_every_page_is_in_the_table_of_contents():
    listed = re.findall(r"^[\w/]+$", (DOCS / "index.md").read_text("utf-8"), re.M)
    pages = {p.relative_to(DOCS).with_suffix("").as_posix() for p in DOCS.rglob("*.md")} - {"index"}
    notebooks = {f"notebooks/{p.stem}" for p in (ROOT / "notebooks").glob("*.ipynb")}
    assert len(listed) == len(set(listed)) and set(listed) == pages | notebooks


def test_the_reference_has_every_public_name_once():
    rooms = [room for *_, rooms in maker().SHELVES for room in rooms]
    assert sorted(rooms) == sorted(kg._ROOMS)


def test_the_table_of_features_names_what_there_is_and_every_command():
    said = (DOCS / "fitur.md").read_text("utf-8")
    assert set(re.findall(r"`kg\.(\w+)`", said)) <= set(kg.__all__)
    assert set(re.findall(r"`kumuhgis (\w+)`", said)) == set(command("id").commands)


def test_every_criterion_and_problem_code_is_documented():
    rules, problems = ((DOCS / name).read_text("utf-8") for name in ("aturan.md", "masalah.md"))
    for key in kg.list_rules().index:
        for criterion in kg.load_rules(key).criteria:
            assert f"| {criterion.code} | {criterion.name} |" in rules
    for code in SEVERITY:
        assert f"`{code}`" in problems


def test_every_kind_of_document_is_documented_with_what_it_follows():
    said = (DOCS / "dokumen.md").read_text("utf-8")
    for kind in document_kinds():
        assert text(f"documents.{kind}.name") in said and text(f"documents.{kind}.follows") in said, kind


def test_the_version_to_cite_is_this_one():
    assert f"version: {kg.__version__}\n" in (ROOT / "CITATION.cff").read_text("utf-8")


def test_the_readme_names_every_command_and_its_two_commands_are_marked():
    readme = (ROOT / "README.md").read_text("utf-8")
    for name in command("id").commands:
        assert f"kumuhgis {name}" in readme, name
    for marker in ("main", "tests"):
        assert re.search(rf"<!-- {marker} -->\n```bash\npython3 [^\n]+\n```", readme)


def test_every_named_option_is_documented():
    said = "\n".join(p.read_text("utf-8") for p in DOCS.glob("*.md"))
    for name in ("means", "length_total", "density", "prefer", "area", "city_class", "setback_m"):
        assert name in Options.model_fields
        assert f"`{name}`" in said


def test_the_first_table_of_the_guide_is_read_as_it_stands(tmp_path):
    said = (DOCS / "desa_sendiri.md").read_text("utf-8")
    table = tmp_path / "baseline.csv"
    table.write_text(re.search(r"```text\n(RT;.*?)```", said, re.S)[1], "utf-8")
    scored, problems = kg.score_baseline(table)
    assert len(scored) == 3 and scored["1a_percent"].tolist() == [25.0, 26.83, 28.57]
    assert not [p for p in problems if SEVERITY[p.code] == "error"]


BY_HAND = {
    "building_irregularity": {"affected": [2, 1], "total": [4, 3], "unknown": [1, 0]},
    "building_density": {"affected": [1, 0], "total": [1, 1]},
    "road_coverage": {"affected": [55, 60], "total": [155, 100]},
    "road_surface": {"affected": [50, 150], "total": [150, 210], "unknown": [0, 60]},
    "inundation_area": {"affected": [0.16, 0.34], "total": [1, 1], "unknown": [0, 0.18]},
    "fire_access": {"affected": [2, 0], "total": [4, 3], "unknown": [0, 2]},
}
"""What the drawings of docs/metode.md come to, counted on paper."""


def test_every_measure_is_drawn_and_the_drawings_come_to_what_paper_says():
    from methods import hectare_numbers, land_scenes, measured, scenes

    from kumuhgis.rulecheck import measure_contracts

    drawn = scenes()
    assert set(drawn) == set(measure_contracts())
    for name in [*drawn, *land_scenes(), "rekap", "rentang", "hektare", "alur"]:
        assert (DOCS / "gambar" / f"metode_{name}.svg").is_file(), "python tools/methods.py"
    levels, rolled, _ = hectare_numbers()
    assert levels["total_low"].tolist() == [30, 0, 0, 0] and rolled[["total_low", "level"]].tolist() == [
        0,
        "tidak kumuh",
    ]
    for name, columns in BY_HAND.items():
        found = measured(name, drawn[name])
        for column, values in columns.items():
            assert found[column].round(6).tolist() == values, (name, column)
