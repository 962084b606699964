"""The commands of the field work as an office calls them: forms, progress, what is published."""

import shutil

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from pyxform.xls2xform import convert
from simulated_survey import entries_of, kobo_frames, population, rt_answers, write_kobo
from test_survey import rt_layer

import kumuhgis as kg
from kumuhgis.cli import command
from kumuhgis.progress import progress_lines
from kumuhgis.sample import sample_folder
from kumuhgis.survey import unit_choices


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


# ---------------------------------------------------------------- progress


HOUSEHOLDS = 20


@pytest.fixture(scope="module")
def field(tmp_path_factory):
    """Six RT with 20 households on each list; in five of them 12 were asked, in the last nobody yet."""
    rng, units = np.random.default_rng(5), rt_layer()
    people, _ = population(units, rng)
    people[["lat", "lon"]] += rng.uniform(-2e-4, 2e-4, (len(people), 2))
    rt, inner, _ = rt_answers(units, rng)
    entries = entries_of(people[people["unit"] != units.index[-1]], rt, units)
    folder = tmp_path_factory.mktemp("lapangan")
    write_kobo(folder / "swadaya.xlsx", kobo_frames(entries, inner))
    units.reset_index(names="kode").to_file(folder / "rt.gpkg", layer="rt")
    table = pd.DataFrame({"kode": units.index, "luas_ha": 1.0, "kk": HOUSEHOLDS, "bangunan_unit": 20})
    table.to_csv(folder / "baseline.csv", index=False)
    (folder / "kumuhgis.toml").write_text(
        '[project]\nname = "Uji"\nsample = true\n[layers.rt]\npath = "rt.gpkg"\n'
        'columns = { unit = "kode", rt_rw = "rt_rw" }\n[tables.baseline]\npath = "baseline.csv"\n',
        "utf-8",
    )
    return units, people, folder


def test_progress_counts_what_is_done_and_what_is_left_of_the_list(field):
    units, _, folder = field
    found = kg.field_progress(folder, folder / "swadaya.xlsx").units
    assert list(found.index) == list(units.index), "every RT of the map, those without an answer too"
    assert found["done"].tolist() == [12] * 5 + [0]
    assert found["needed"].tolist() == [HOUSEHOLDS] * 6 and found["left"].tolist() == [8] * 5 + [20]
    assert found["stage"].tolist() == ["half"] * 5 + ["none"]


def test_a_sample_is_needed_less_and_is_shared_out_by_households(field):
    """Slovin of 120 households with 10 %: 55, shared out over six RT of the same size."""
    found = kg.field_progress(field[2], field[2] / "swadaya.xlsx", margin=0.1).units
    assert kg.slovin(120, 0.1) == 55
    assert sorted(found["needed"]) == [9, 9, 9, 9, 9, 10]
    assert found["stage"].tolist() == ["done"] * 5 + ["none"] and found["left"].tolist()[:5] == [0] * 5


def test_without_a_list_nobody_pretends_to_know_what_is_needed(field):
    units = field[0]
    answers = pd.DataFrame({"kode_rt": [units.index[0]] * 2, "roof": ["good", "leaks"]})
    folder = field[2]
    bare = folder / "tanpa.toml"
    bare.write_text((folder / "kumuhgis.toml").read_text("utf-8").split("[tables")[0], "utf-8")
    found = kg.field_progress(bare, kg.read_survey(answers, units=units))
    assert found.units["needed"].isna().all() and (found.units["stage"] == "unknown").all()
    assert "6 RT belum punya daftar KK" in " ".join(progress_lines(found))


def test_the_command_prints_tables_and_a_map_that_need_no_network(field, tmp_path):
    units, people, folder = field
    done = call("progress", folder, folder / "swadaya.xlsx", "--out", tmp_path / "kemajuan")
    assert "60 rumah tangga didata, 120 diperlukan; 0 dari 6 RT selesai." in done.output
    assert done.output.startswith("DATA CONTOH")
    names = {"kemajuan_rt.csv", "kemajuan_petugas.csv", "temuan.csv", "tidak_dipakai.csv", "peta_kemajuan.html"}
    assert {p.name for p in (tmp_path / "kemajuan").iterdir()} == names
    table = pd.read_csv(tmp_path / "kemajuan" / "kemajuan_rt.csv", dtype={"Kode RT": str})
    assert table["Kode RT"].tolist() == list(units.index) and table["Masih (KK)"].tolist() == [8] * 5 + [20]
    days = pd.read_csv(tmp_path / "kemajuan" / "kemajuan_petugas.csv")
    assert days["Rumah tangga"].sum() == 60
    page = (tmp_path / "kemajuan" / "peta_kemajuan.html").read_text("utf-8")
    assert "<script src" not in page and "DATA CONTOH" in page
    for written in (tmp_path / "kemajuan").iterdir():
        said = written.read_text("utf-8-sig")
        assert not any(f"{lat:.6f}" in said for lat in people["lat"]), "no place of a household leaves"
    again = call("progress", folder, folder / "swadaya.xlsx", "--out", tmp_path / "kemajuan")
    assert again.exit_code == 2, "what is there is not overwritten"


def test_progress_without_a_survey_says_so(field):
    """progress_without_survey"""
    done = call("progress", field[2])
    assert done.exit_code == 2 and "[survey]" in done.output


def test_by_day_and_enumerator_those_in_a_finding_are_counted(field):
    """One enumerator writes the same point for 25 households: all are to be asked about, on their day."""
    units = field[0]
    point = units.to_crs(4326).geometry.iloc[0].representative_point()
    cells = pd.DataFrame({
        "kode_rt": units.index[0], "roof": "good", "petugas": ["A1"] * 25 + ["A2"] * 2, "lintang": point.y,
        "bujur": point.x, "start": ["2026-03-02T08:00:00+07:00"] * 27,
    })  # fmt: skip
    found = kg.daily(kg.read_survey(cells, units=units), units=units)
    assert found["households"].tolist() == [25, 2] and found["asked_about"].tolist() == [25, 0]


def test_people_in_keys_and_places_are_in_no_progress_and_in_no_form(tmp_path):
    units = rt_layer()
    key = "Budi 081234567891"
    units.index = [key, *units.index[1:]]
    units["desa"] = ["Jaten 0812-3456-7890", *["Brujul"] * 5]
    units["rt_rw"] = [f"RT 00{n} RW 001 Pak Slamet" for n in range(1, 7)]
    home = tmp_path / "desa"
    home.mkdir()
    units.reset_index(names="kode").to_file(home / "rt.gpkg", layer="rt")
    pd.DataFrame({"kode": units.index, "kk": 30}).to_csv(home / "baseline.csv", index=False)
    answers = pd.DataFrame({"kode_rt": [key, key, "?"], "roof": "good", "petugas": "Budi 1", "start": "2026-03-02"})
    answers.to_csv(home / "ekspor.csv", index=False)
    layer = '[layers.rt]\npath = "rt.gpkg"\ncolumns = { unit = "kode" }\n'
    told = f'[project]\nname = "Uji"\n{layer}[tables.baseline]\npath = "baseline.csv"\n'
    (home / "kumuhgis.toml").write_text(told, "utf-8")
    done = call("progress", home, home / "ekspor.csv", "--out", tmp_path / "kemajuan")
    assert done.exit_code == 0, done.output
    said = done.output + "".join(p.read_text("utf-8-sig") for p in (tmp_path / "kemajuan").iterdir())
    form = unit_choices(units).to_csv(index=False)
    for number in ("0812", "slamet", "budi 1"):
        assert number not in said.casefold() and number not in form.casefold(), number
    rows = pd.read_csv(tmp_path / "kemajuan" / "tidak_dipakai.csv")
    assert rows["Baris"].tolist() == [4] and "RT-nya tidak diketahui" in rows.iloc[0].tolist()
