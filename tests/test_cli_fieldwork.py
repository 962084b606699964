"""The commands of the field work: forms, progress, publication and volumes of a survey, as an office would call them."""

import shutil

import pandas as pd
import pytest
from click.testing import CliRunner
from pyxform.xls2xform import convert

from kumuhgis.cli import command
from kumuhgis.sample import sample_folder


def call(*words, lang="id"):
    return CliRunner().invoke(command(lang), [str(word) for word in words])


@pytest.fixture(scope="module")
def jaten(tmp_path_factory):
    return shutil.copytree(sample_folder("jaten"), tmp_path_factory.mktemp("proyek") / "jaten")


def test_a_form_lets_one_choose_the_rt_of_the_project(jaten, tmp_path):
    done = call("form", jaten, "--out", tmp_path / "form.xlsx")
    assert done.exit_code == 0, done.output
    found = convert(str(tmp_path / "form.xlsx"))
    assert not found.warnings and "33.13.11.2003" in found.xform
    assert "DATA CONTOH" in found.xform, "the sample says that it is one on the phone too"


@pytest.mark.parametrize(
    ("name", "inside"), [("kertas.docx", "word/document.xml"), ("isian-2026.xlsx", "xl/workbook.xml")]
)
def test_the_name_of_the_file_says_which_form_is_meant(jaten, tmp_path, name, inside):
    import zipfile

    assert call("form", jaten, "--out", tmp_path / name).exit_code == 0
    with zipfile.ZipFile(tmp_path / name) as found:
        assert inside in found.namelist()
    if name.startswith("isian"):
        assert "survey" not in pd.ExcelFile(tmp_path / name, engine="calamine").sheet_names, (
            "a workbook to type into is no XLSForm"
        )


def test_all_forms_go_into_one_folder_and_nothing_is_overwritten(jaten, tmp_path):
    assert call("form", jaten, "--out", tmp_path / "formulir").exit_code == 0
    assert sorted(p.name for p in (tmp_path / "formulir").iterdir()) == ["form.docx", "form.xlsx", "isian.xlsx"]
    again = call("form", jaten, "--kind", "paper", "--out", tmp_path / "formulir" / "form.docx")
    assert again.exit_code == 2 and "form.docx" in again.output
    assert call("form", jaten, "--out", tmp_path / "form.pdf").exit_code == 2
    assert not (tmp_path / "form.pdf").exists()


def test_a_form_needs_no_layer_that_runs(tmp_path):
    """Before the field work there is often no map yet: RT and RW are typed then, and that is said."""
    (tmp_path / "rt.gpkg").write_text("bukan peta")
    (tmp_path / "kumuhgis.toml").write_text('[project]\nname = "Desa Uji"\n[layers.rt]\npath = "rt.gpkg"\n', "utf-8")
    done = call("form", tmp_path, "--out", tmp_path / "form.xlsx")
    assert done.exit_code == 0 and "diketik" in done.output
    assert "Desa Uji" in convert(str(tmp_path / "form.xlsx")).xform
    alone = call("form", tmp_path / "kosong", "--rules", "permen-02-2016", "--out", tmp_path / "lama.xlsx")
    assert alone.exit_code == 0 and "drain_connected" in convert(str(tmp_path / "lama.xlsx")).xform
    assert call("form", tmp_path / "kosong").exit_code == 2
