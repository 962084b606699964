"""The command line: every command in both languages, exit codes 0, 1 and 2, and never a traceback."""

import csv
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from click.testing import CliRunner
from shapely import LineString, box

import kumuhgis as kg
from kumuhgis.cli import command
from kumuhgis.sample import copy_sample, sample_folder

COMMANDS = [
    "demo", "init", "check", "assess", "map", "explain", "score", "rules", "form", "progress", "contributions",
    "compare", "report", "publish", "doctor", "completion",
]  # fmt: skip
X, Y = 490_000, 9_162_000
TOTALS = {
    "luas_ha": 1.0,
    "bangunan_unit": 100,
    "penduduk_jiwa": 400,
    "kk": 100,
    "jalan_ideal_m": 200.0,
    "drainase_ideal_m": 200.0,
}
TOTAL_OF = {
    **dict.fromkeys(("1a", "1c", "7a", "7b"), "bangunan_unit"),
    **dict.fromkeys(("1b", "4a"), "luas_ha"),
    **dict.fromkeys(("2a", "2b"), "jalan_ideal_m"),
    **dict.fromkeys(("4b", "4c", "4d", "4e"), "drainase_ideal_m"),
    **dict.fromkeys(("3a", "3b", "5a", "5b", "6a", "6b", "6c"), "kk"),
}
SIXTEEN = ["1a", "1b", "1c", "2a", "2b", "3a", "3b", "4a", "4b", "4c", "5a", "5b", "6a", "6b", "7a", "7b"]
CODES = {"permen-14-2018": SIXTEEN, "permen-02-2016": sorted([*SIXTEEN, "4d", "4e", "6c"])}


def contract(rule="permen-14-2018"):
    """The columns of issue 2, in their order."""
    cells = [f"{code}_{what}" for code in CODES[rule] for what in ("percent", "score")]
    means = [f"aspect_{n}_mean" for n in range(1, 8)]
    return [
        "unit",
        *cells,
        *means,
        "sektoral",
        "total_score",
        "total_low",
        "total_high",
        "level",
        "fragile",
        "area_ha",
        "slum_ha",
    ]


def table(shares=(0.0, 0.25, 0.51, 1.0), rule="permen-14-2018", **more):
    """A whole baseline, one RT for each share, which every criterion of the RT has."""
    rows = {"kode": [f"{i + 1:03d}" for i in range(len(shares))]}
    rows |= {name: [value] * len(shares) for name, value in TOTALS.items()}
    for code in CODES[rule]:
        rows[f"{code}_volume"] = [TOTALS[TOTAL_OF[code]] * share for share in shares]
    return pd.DataFrame({**rows, **more})


def run(*words, lang="id"):
    done = CliRunner().invoke(command(lang), [str(w) for w in words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert "Traceback" not in done.output
    return done


def shell(*words, **environment):
    """The command line as a process of its own."""
    env = {k: v for k, v in os.environ.items() if k != "KUMUHGIS_LANG"} | {"PYTHONIOENCODING": "utf-8"} | environment
    return subprocess.run(
        [sys.executable, "-m", "kumuhgis", *map(str, words)], capture_output=True, text=True, env=env, timeout=60
    )


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def scored(tmp_path):
    """Score a frame and read what was written: (exit code, rows)."""

    def score(frame, *words):
        source, out = tmp_path / "baseline RT.csv", tmp_path / "keluar" / "nilai.csv"
        frame.to_csv(source, index=False)
        done = run("score", source, "--out", out, *words)
        return done.exit_code, rows_of(out)

    return score


@pytest.fixture
def project(tmp_path):
    """A small project that has no problem of severity error."""
    home = tmp_path / "desa é"
    home.mkdir()
    units = [box(X + 100 * i, Y, X + 100 * i + 100, Y + 100) for i in range(4)]
    keys = [f"{i + 1:03d}" for i in range(4)]
    gpd.GeoDataFrame({"kode": keys, "kawasan": ["Bulu"] * 4}, geometry=units, crs=32749).to_file(home / "rt.gpkg")
    gpd.GeoDataFrame(
        {"kondisi": ["rusak"]}, geometry=[LineString([(X, Y + 50), (X + 400, Y + 50)])], crs=32749
    ).to_file(home / "jalan.gpkg")
    table().to_csv(home / "baseline.csv", index=False)
    pd.DataFrame({"kawasan": ["Bulu"], "nilai_strategis": [5], "sosial_ekonomi_budaya": [1]}).to_csv(
        home / "pertimbangan.csv", index=False
    )
    assert run("init", home).exit_code == 0
    toml = home / "kumuhgis.toml"
    toml.write_text(toml.read_text("utf-8").replace("# city_class", "city_class"), "utf-8")
    return home


# ---------------------------------------------------------------- help


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_in_both_languages(name):
    texts = [run(name, "--help", lang=lang) for lang in ("id", "en")]
    assert [t.exit_code for t in texts] == [0, 0]
    assert texts[0].output != texts[1].output and name in texts[0].output


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_explained_in_both_languages(name):
    for lang in ("id", "en"):
        for parameter in command(lang).commands[name].params:
            if parameter.param_type_name == "option":
                assert parameter.help, (lang, name, parameter.name)


def test_the_version_is_told():
    assert run("--version").output.strip() == f"kumuhgis {kg.__version__}"


@pytest.mark.parametrize(
    "words",
    [[], ["nope"], ["score"], ["explain"], ["score", "x.csv", "--means", "x"], ["check", "--nope"]],
    ids=" ".join,
)
def test_a_wrong_word_is_exit_code_2(words):
    assert run(*words).exit_code == 2


# ---------------------------------------------------------------- the language, in a process of its own


def test_indonesian_is_the_default_and_english_is_asked_for():
    indonesian, english = shell("--help"), shell("--lang", "en", "--help")
    assert indonesian.returncode == english.returncode == 0
    assert "Mulai:" in indonesian.stdout and "Mulai:" not in english.stdout
    assert shell("--help", KUMUHGIS_LANG="en").stdout == english.stdout
    assert shell("--lang=id", "--help", KUMUHGIS_LANG="en").stdout == indonesian.stdout


@pytest.mark.parametrize(("words", "env"), [(["--lang", "jv", "--help"], {}), (["--help"], {"KUMUHGIS_LANG": "jv"})])
def test_a_language_that_is_unknown_is_exit_code_2(words, env):
    done = shell(*words, **env)
    assert done.returncode == 2 and "id | en" in done.stderr and "Traceback" not in done.stderr


def test_the_process_ends_with_the_exit_code_and_the_error_on_stderr(tmp_path):
    done = shell("check", tmp_path)
    assert done.returncode == 2 and "kumuhgis init" in done.stderr and "kumuhgis init" not in done.stdout


def test_nothing_is_on_stdout_when_there_is_no_project(tmp_path):
    assert shell("check", tmp_path).stdout == ""


def test_a_terminal_that_knows_only_ascii_does_not_crash_it(tmp_path):
    done = shell("check", tmp_path / "désa", PYTHONIOENCODING="ascii")
    assert done.returncode == 2 and "Traceback" not in done.stderr


# ---------------------------------------------------------------- score: the contract of issue 2


def test_score_writes_exactly_the_columns_of_the_contract_by_group(scored):
    _, rows = scored(table().assign(kawasan="Bulu"), "--by", "kawasan")
    assert list(rows[0]) == contract()


@pytest.mark.parametrize("rule", CODES)
def test_score_writes_all_the_columns_of_the_contract(rule, scored):
    code, rows = scored(table(rule=rule), "--rules", rule)
    assert code == 0 and set(rows[0]) == set(contract(rule)) and len(rows[0]) == len(contract(rule))
    assert list(rows[0])[: 2 * len(CODES[rule]) + 1] == contract(rule)[: 2 * len(CODES[rule]) + 1]


@pytest.mark.parametrize(("rule", "totals"), [("permen-14-2018", [0, 16, 48, 80]), ("permen-02-2016", [0, 19, 57, 95])])
def test_score_gives_one_row_per_unit_with_percent_score_total_and_level(rule, totals, scored):
    code, rows = scored(table(rule=rule), "--rules", rule)
    assert code == 0 and [r["unit"] for r in rows] == ["001", "002", "003", "004"]
    for row, share, score, total in zip(rows, (0, 25, 51, 100), (0, 1, 3, 5), totals, strict=True):
        assert all(float(row[f"{c}_percent"]) == share for c in CODES[rule])
        assert all(row[f"{c}_score"] == str(score) for c in CODES[rule])
        assert (row["total_score"], row["total_low"], row["total_high"]) == (str(total),) * 3
        assert float(row["sektoral"]) == share and float(row["area_ha"]) == 1
    assert [r["level"] for r in rows] == ["tidak kumuh", "kumuh ringan", "kumuh sedang", "kumuh berat"]
    assert [float(r["slum_ha"]) for r in rows] == [0, 1, 1, 1]
    assert {r["fragile"] for r in rows} <= {"True", "False"}


def test_missing_cells_stay_empty(scored):
    frame = table((1.0,))
    frame["3a_volume"] = "-"
    code, (row,) = scored(frame)
    assert (row["3a_percent"], row["3a_score"], row["aspect_3_mean"], row["sektoral"], row["total_score"]) == ("",) * 5
    assert (row["total_low"], row["total_high"], row["level"]) == ("75", "80", "kumuh berat") and code == 0


def test_an_open_level_says_so_and_its_hectares_stay_empty(scored):
    frame = table((0.0,))
    frame[["3a_volume", "3b_volume", "5a_volume", "5b_volume"]] = ""
    _, (row,) = scored(frame)
    assert (row["total_low"], row["total_high"], row["level"]) == ("0", "20", "belum dapat ditentukan")
    assert row["slum_ha"] == row["fragile"] == ""


def test_by_sums_volumes_and_totals_and_never_averages(scored):
    frame = table((0.0, 1.0), kawasan=["Bulu", "Bulu"])
    frame["kk"], frame["3a_volume"] = [300, 100], [0, 100]
    _, (row,) = scored(frame, "--by", "kawasan")
    assert (row["unit"], row["3a_percent"], row["3a_score"]) == ("Bulu", "25.0", "1")
    assert (float(row["area_ha"]), float(row["slum_ha"])) == (2, 1), "slum hectares are those of slum RT"


def test_by_may_be_any_heading_of_the_file(scored):
    _, rows = scored(table(Program=["a", "b", "a", None]), "--by", "Program")
    assert [r["unit"] for r in rows] == ["a", "b", "(tanpa Program)"]


def test_unit_names_the_key_column(scored):
    _, rows = scored(table(nomor=["7", "007", "x", "y"]), "--unit", "nomor")
    assert [r["unit"] for r in rows] == ["7", "007", "x", "y"]


def test_means_changes_the_means_and_nothing_else(scored):
    frame = table((0.1, 0.6))
    _, plain = scored(frame)
    _, gated = scored(frame, "--means", "gated")
    assert [float(r["aspect_5_mean"]) for r in plain] == [10, 60]
    assert [float(r["aspect_5_mean"]) for r in gated] == [0, 60]
    kept = [c for c in contract() if not c.startswith(("aspect", "sektoral"))]
    assert [[r[c] for c in kept] for r in plain] == [[r[c] for c in kept] for r in gated]


def test_length_total_and_density_are_named_options(scored):
    frame = table((0.0,)).assign(jalan_eksisting_m=100.0, bangunan_unit=250)
    frame["2b_volume"] = 50.0
    _, (row,) = scored(frame)
    assert (row["2b_percent"], row["1b_percent"]) == ("25.0", "0.0")
    _, (row,) = scored(frame, "--length-total", "existing", "--density", "derived", "--city-class", "sedang")
    assert (row["2b_percent"], row["1b_percent"]) == ("50.0", "100.0")


def test_columns_may_be_named_by_a_file(scored, tmp_path):
    (tmp_path / "judul.toml").write_text('households = "KK tetap"\n3a_volume = "Tanpa air"\n', "utf-8")
    frame = table((1.0,)).rename(columns={"kk": "KK tetap", "3a_volume": "Tanpa air"})
    _, (row,) = scored(frame, "--columns", tmp_path / "judul.toml")
    assert row["3a_percent"] == "100.0"


def test_a_workbook_is_scored_by_its_sheet(tmp_path):
    with pd.ExcelWriter(tmp_path / "b.xlsx") as book:
        table((0.0,)).to_excel(book, sheet_name="2025", index=False)
        table((1.0,)).to_excel(book, sheet_name="2026", index=False)
    for sheet, total in (("2025", "0"), ("2026", "80")):
        run("score", tmp_path / "b.xlsx", "--sheet", sheet, "--out", tmp_path / "o.csv")
        assert rows_of(tmp_path / "o.csv")[0]["total_score"] == total


def test_halves_are_rounded_away_from_zero(scored):
    frame = table((0.0, 0.0))
    frame["kk"], frame["3a_volume"] = [32, 800], [1, -1]
    _, rows = scored(frame)
    assert [r["3a_percent"] for r in rows] == ["3.13", "-0.13"]


def test_score_without_out_prints_a_table(tmp_path):
    table().to_csv(tmp_path / "b.csv", index=False)
    done = run("score", tmp_path / "b.csv")
    assert done.exit_code == 0 and "kumuh berat" in done.output and "004" in done.output


def test_score_in_english_keeps_the_official_words(tmp_path):
    table().to_csv(tmp_path / "b.csv", index=False)
    run("score", tmp_path / "b.csv", "--out", tmp_path / "o.csv", lang="en")
    assert [r["level"] for r in rows_of(tmp_path / "o.csv")][-1] == "kumuh berat"


def test_problems_of_severity_error_are_exit_code_1_and_the_good_rows_go_on(scored):
    frame = table().astype(object)
    frame.loc[0, "kk"] = "empat puluh"
    code, rows = scored(frame)
    assert code == 1 and rows[3]["level"] == "kumuh berat" and rows[0]["3a_percent"] == ""


def test_score_overwrites_its_own_output_and_leaves_nothing_else(tmp_path):
    table().to_csv(tmp_path / "b.csv", index=False)
    for _ in range(2):
        assert run("score", tmp_path / "b.csv", "--out", tmp_path / "o.csv").exit_code == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["b.csv", "o.csv"]


BAD_TABLES = {
    "nothing.csv": b"",
    "nothing.xlsx": b"",
    "words.csv": b"halo",
    "heading.csv": b"kode,kk,3a_volume\n",
    "no criteria.csv": b"kode,kk\n1,2\n",
    "nul.csv": b"kode,kk,3a_volume\n\x001,2,3\n",
    "noise.csv": bytes(range(256)) * 20,
    "noise.xlsx": b"PK\x03\x04" + bytes(range(256)),
    "noise.xls": bytes(range(256)) * 20,
}


@pytest.mark.parametrize("name", BAD_TABLES)
def test_a_table_that_is_none_is_exit_code_2_and_named(name, tmp_path):
    (tmp_path / name).write_bytes(BAD_TABLES[name])
    done = run("score", tmp_path / name, "--out", tmp_path / "o.csv")
    assert done.exit_code == 2 and name in done.output and not (tmp_path / "o.csv").exists()


ODD_TABLES = {
    "an open quote": b'kode,kk,3a_volume\n"1,2,3\n4,5,6\n',
    "rows of other lengths": b"kode,kk,3a_volume\n1,2\n1,2,3,4,5\n3,4,1\n",
    "latin letters": "kode,desa,kk,3a_volume\n1,Désa,2,1\n".encode("cp1252"),
    "semicolons and commas": b"kode;luas_ha;kk;3a_volume\n01;0,5;1.000;250\n",
    "a title above": b"BASELINE DESA\n,\nkode,kk,3a_volume\n01,4,1\n",
    "one cell of 100 kB": b"kode,kk,3a_volume\n" + b"x" * 100_000 + b",2,1\n",
    "the same code twice": b"kode,kk,3a_volume\n01,2,1\n01,4,1\n",
    "no codes": b"kk,3a_volume,desa\n4,1,x\n",
    "percents over 100 and below 0": b"kode,kk,3a_volume\n01,4,40\n02,4,-4\n03,0,5\n04,-3,1\n",
}


@pytest.mark.parametrize("case", ODD_TABLES)
def test_an_odd_table_never_crashes(case, tmp_path):
    (tmp_path / "b.csv").write_bytes(ODD_TABLES[case])
    done = run("score", tmp_path / "b.csv", "--out", tmp_path / "o.csv")
    assert done.exit_code in (0, 1) and rows_of(tmp_path / "o.csv")


BAD_WORDS = {
    "no such table": ["nope.csv"],
    "a folder": ["."],
    "no such rule": ["b.csv", "--rules", "nope"],
    "a rule that is no TOML": ["b.csv", "--rules", "b.csv"],
    "a folder as a rule": ["b.csv", "--rules", "."],
    "no such column": ["b.csv", "--by", "nope"],
    "no such key": ["b.csv", "--unit", "nope"],
    "no such sheet": ["b.xlsx", "--sheet", "nope"],
    "no such file of columns": ["b.csv", "--columns", "nope.toml"],
    "a file of columns that is no TOML": ["b.csv", "--columns", "b.csv"],
    "an output inside a file": ["b.csv", "--out", "b.csv/x.csv"],
}


@pytest.mark.parametrize("case", BAD_WORDS)
def test_what_cannot_be_is_exit_code_2_without_a_traceback(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table().to_csv("b.csv", index=False)
    table().to_excel("b.xlsx", index=False)
    for lang in ("id", "en"):
        assert run("score", *BAD_WORDS[case], lang=lang).exit_code == 2


# ---------------------------------------------------------------- projects


def test_init_writes_a_project_and_says_what_it_found(project, tmp_path):
    assert tomllib.loads((project / "kumuhgis.toml").read_text("utf-8"))["layers"]["roads"]["path"] == "jalan.gpkg"
    done = run("init", project)
    assert done.exit_code == 2 and "--force" in done.output
    done = run("init", project, "--force", lang="en")
    assert done.exit_code == 0
    for name, role in (("rt.gpkg", "rt"), ("jalan.gpkg", "roads"), ("baseline.csv", "baseline")):
        assert any(line.split() == [name, role] for line in done.output.splitlines()), name
    assert run("init", tmp_path / "tidak ada").exit_code == 2


@pytest.mark.parametrize(("lang", "word"), [("id", "kesalahan"), ("en", "error")])
def test_check_lists_the_layers_and_counts_the_problems(project, lang, word):
    done = run("check", project, lang=lang)
    assert done.exit_code == 0 and word in done.output
    shown = [line.split() for line in done.output.splitlines()]
    assert ["rt", "4", "0", "0", "4"] in shown and ["roads", "1", "0", "0", "1"] in shown
    heading = {"id": "Layer Dibaca Diperbaiki Disisihkan Dipakai", "en": "Layer Read Repaired Set aside Used"}
    assert heading[lang].split() in shown


def test_check_has_a_row_for_a_layer_that_cannot_be_read(project):
    (project / "jalan.gpkg").write_bytes(b"bukan gpkg")
    done = run("check", project)
    assert done.exit_code == 1 and ["roads", *"––––"] in [line.split() for line in done.output.splitlines()]
    assert [line for line in done.output.splitlines() if line.startswith("✗ jalan.gpkg: ")]


def test_check_counts_in_whole_numbers_beside_a_layer_that_cannot_be_read(project):
    (project / "jalan.gpkg").write_bytes(b"bukan gpkg")
    assert ["rt", "4", "0", "0", "4"] in [line.split() for line in run("check", project).output.splitlines()]


def test_check_writes_nothing(project):
    before = sorted(p.name for p in project.iterdir())
    run("check", project)
    assert sorted(p.name for p in project.iterdir()) == before


def test_check_ends_with_1_when_a_problem_is_an_error(tmp_path):
    done = run("check", copy_sample("brujul", tmp_path))
    assert done.exit_code == 1 and "✗" in done.output and "33.13.11.2008.009.009" in done.output


FILES = {
    "id": (
        "hasil",
        {"hasil.csv", "hasil.gpkg", "hasil.json"}
        | {"masalah_data.csv", "kawasan.csv", "pencocokan.csv", "peta_desa.html"},
    ),
    "en": (
        "results",
        {"results.csv", "results.gpkg", "results.json"}
        | {"problems.csv", "kawasan.csv", "matches.csv", "village_map.html"},
    ),
}


@pytest.mark.parametrize("lang", FILES)
def test_assess_writes_the_tables_and_the_map(project, lang):
    folder, names = FILES[lang]
    done = run("assess", project, lang=lang)
    assert done.exit_code == 0 and {p.name for p in (project / folder).iterdir()} == names
    assert all(name in done.output for name in names)
    written = pd.read_csv(project / folder / next(n for n in names if n.startswith(("hasil.c", "results.c"))))
    assert written["level"].tolist() == ["tidak kumuh", "kumuh ringan", "kumuh sedang", "kumuh berat"]


def test_assess_refuses_to_overwrite_unless_told_to(project, tmp_path):
    assert run("assess", project, "--out", tmp_path / "a b").exit_code == 0
    done = run("assess", project, "--out", tmp_path / "a b")
    assert done.exit_code == 2 and "--force" in done.output
    assert run("assess", project, "--out", tmp_path / "a b", "--force").exit_code == 0


def test_assess_takes_another_rule(project, tmp_path):
    table(rule="permen-02-2016").to_csv(project / "baseline.csv", index=False)
    (project / "pertimbangan.csv").write_text("kawasan,nilai_strategis,rtr\nBulu,3,+\n")
    done = run("assess", project, "--rules", "permen-02-2016", "--out", tmp_path / "x")
    assert done.exit_code == 0 and "02/PRT/M/2016" in done.output
    assert "4e_score" in (tmp_path / "x" / "hasil.csv").read_text("utf-8-sig")
    assert run("assess", project, "--rules", "nope").exit_code == 2


@pytest.mark.parametrize(("lang", "name"), [("id", "peta_desa.html"), ("en", "village_map.html")])
def test_map_writes_one_page(project, lang, name):
    done = run("map", project, lang=lang)
    assert done.exit_code == 0 and name in done.output
    assert "<html" in (project / name).read_text("utf-8").lower()
    assert run("map", project, lang=lang).exit_code == 2, "it is there already"
    assert run("map", project, "--force", lang=lang).exit_code == 0


@pytest.mark.parametrize("lang", ["id", "en"])
def test_explain_traces_every_criterion_and_says_why(project, lang):
    done = run("explain", project, "004", "--above", "003", lang=lang)
    lines = done.output.splitlines()
    assert done.exit_code == 0
    assert [line.split()[0] for line in lines if line[:2] in CODES["permen-14-2018"]] == CODES["permen-14-2018"]
    assert ("80 dari 80: kumuh berat" if lang == "id" else "80 of 80: heavy slum") in done.output
    assert lines[-1].startswith("004 ") and "003" in lines[-1]
    three_a = next(line for line in lines if line.startswith("3a"))
    assert "100 / 100 KK" in three_a and ("100,00 %" if lang == "id" else "100.00 %") in three_a


@pytest.mark.parametrize("words", [["009"], ["4"], ["001", "--above", "009"]], ids=" ".join)
def test_explain_of_a_unit_that_is_not_there_is_exit_code_2(project, words):
    done = run("explain", project, *words)
    assert done.exit_code == 2 and ("009" in done.output or "4" in done.output)


@pytest.mark.parametrize("name", ["check", "assess", "map", "explain"])
@pytest.mark.parametrize(
    "fault", ["no project", "no toml", "mistakes", "no rt file", "rt is noise", "baseline is noise"]
)
def test_a_project_that_cannot_run_is_exit_code_2_without_a_traceback(project, name, fault):
    toml = project / "kumuhgis.toml"
    if fault == "no project":
        toml.unlink()
    elif fault == "no toml":
        toml.write_text("[project")
    elif fault == "mistakes":
        toml.write_text('[project]\nnama = "x"\n[layers.rt]\npath = "x.gpkg"\n')
    elif fault == "no rt file":
        (project / "rt.gpkg").unlink()
    elif fault == "rt is noise":
        (project / "rt.gpkg").write_bytes(b"bukan gpkg")
    else:
        (project / "baseline.csv").write_bytes(b"halo")
    for lang in ("id", "en"):
        done = run(name, project, *(["001"] if name == "explain" else []), lang=lang)
        assert done.exit_code == 2 and "✗" in done.output


def test_all_mistakes_of_a_project_are_printed_in_the_language_asked_for(project):
    (project / "kumuhgis.toml").write_text('[project]\nnama = "x"\n[layers.rt]\npath = "x.gpkg"\n')
    indonesian, english = run("check", project), run("check", project, lang="en")
    assert indonesian.output.count("✗") == english.output.count("✗") == 3
    assert "tidak dikenal" in indonesian.output and "tidak dikenal" not in english.output


def test_a_broken_further_layer_is_exit_code_1_and_the_run_goes_on(project):
    (project / "jalan.gpkg").write_bytes(b"bukan gpkg")
    done = run("assess", project)
    assert done.exit_code == 1 and (project / "hasil" / "hasil.csv").is_file() and "jalan.gpkg" in done.output


# ---------------------------------------------------------------- demo, rules, doctor


@pytest.mark.parametrize(("lang", "page"), [("id", "peta_desa.html"), ("en", "village_map.html")])
def test_demo_writes_the_samples_and_says_that_they_are_invented(tmp_path, monkeypatch, lang, page):
    monkeypatch.setattr("kumuhgis.sample.SAMPLES", ("brujul",))
    done = run("demo", tmp_path / "contoh", lang=lang)
    assert done.exit_code == 0
    assert ("DATA CONTOH" if lang == "id" else "SAMPLE DATA") in done.output.upper()
    assert (tmp_path / "contoh" / "brujul" / page).is_file() and page in done.output


def test_rules_lists_both_and_shows_one():
    assert all(key in run("rules").output for key in CODES)
    for rule, codes in CODES.items():
        shown = run("rules", rule)
        assert shown.exit_code == 0
        assert [ln.split()[0] for ln in shown.output.splitlines() if ln[:2] in codes] == codes
    assert "Ketidakteraturan" in run("rules", "permen-14-2018").output
    assert "Irregular" in run("rules", "permen-14-2018", lang="en").output


def test_rules_are_compared():
    done = run("rules", "permen-14-2018", "--against", "permen-02-2016")
    assert done.exit_code == 0
    (row,) = (ln.split() for ln in done.output.splitlines() if "kumuh sedang.lower" in ln)
    assert row[-2:] == ["38", "45"]
    assert run("rules", "nope").exit_code == run("rules", "permen-14-2018", "--against", "nope").exit_code == 2


@pytest.mark.parametrize("lang", ["id", "en"])
def test_doctor_looks_at_what_must_work(lang, monkeypatch):
    for name in ("PROJ_LIB", "PROJ_DATA", "GDAL_DATA"):
        monkeypatch.delenv(name, raising=False)
    done = run("doctor", lang=lang)
    assert done.exit_code == 0 and "GDAL" in done.output and "EPSG:32749" in done.output


def test_doctor_names_what_other_programs_left_behind(monkeypatch):
    monkeypatch.setenv("PROJ_LIB", "/qgis/proj")
    done = run("doctor")
    assert done.exit_code == 1 and "/qgis/proj" in done.output


def test_the_readme_shows_only_commands_that_exist():
    readme = Path(kg.__file__).parents[1] / "README.md"
    if not readme.is_file():
        pytest.skip("no README beside the package")
    code = "\n".join(readme.read_text("utf-8").split("```")[1::2])
    words = re.findall(r"(?:^|; )kumuhgis (?:--lang \w+ )?([a-z]+)", code, re.MULTILINE)
    assert words and set(words) <= set(COMMANDS)


# ---------------------------------------------------------------- what still goes wrong


def test_score_writes_exactly_the_columns_of_the_contract(scored):
    assert list(scored(table())[1][0]) == contract()


@pytest.mark.parametrize("text", ["households = 5", "households = [1, 2]", "[households]\na = 1"])
def test_a_file_of_columns_with_something_else_than_headings_is_refused(text, tmp_path):
    table().to_csv(tmp_path / "b.csv", index=False)
    (tmp_path / "judul.toml").write_text(text)
    assert run("score", tmp_path / "b.csv", "--columns", tmp_path / "judul.toml").exit_code == 2


def test_an_unknown_name_in_a_file_of_columns_is_said(tmp_path):
    table().to_csv(tmp_path / "b.csv", index=False)
    (tmp_path / "judul.toml").write_text('rumah_tangga = "kk"')
    done = run("score", tmp_path / "b.csv", "--columns", tmp_path / "judul.toml")
    assert done.exit_code != 0 and "rumah_tangga" in done.output


def test_a_crs_that_does_not_exist_is_exit_code_2(project):
    toml = project / "kumuhgis.toml"
    toml.write_text(toml.read_text("utf-8").replace('# crs = "EPSG:32749"', 'crs = "EPSG:99999"'), "utf-8")
    assert 'crs = "EPSG:99999"' in toml.read_text("utf-8")
    assert run("check", project).exit_code == 2


def test_the_language_may_stand_behind_the_command():
    assert shell("rules", "permen-14-2018", "--lang", "en").returncode == 0


def test_the_help_is_indonesian_throughout():
    assert not any(word in run("--help").output for word in ("Usage:", "Options:", "Commands:", "Show this message"))


def test_the_package_runs_as_a_module_where_scripts_are_not_on_the_path():
    ran = subprocess.run([sys.executable, "-m", "kumuhgis", "--version"], capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("kumuhgis")


# ---------------------------------------------------------------- what is there, and being ended


@pytest.mark.parametrize("words", [("map",), ("report", "--kind", "kml"), ("report", "--kind", "kawanku")])
def test_what_is_there_is_said_before_any_work(words, project, tmp_path, monkeypatch):
    from kumuhgis import assessment

    out = tmp_path / {"map": "x.html", "kml": "x.kml", "kawanku": "x.csv"}[words[-1]]
    (out if words[-1] != "kawanku" else tmp_path / "x.asal.txt").write_text("milik kantor", "utf-8")
    monkeypatch.setattr(assessment, "assess", lambda *_, **__: pytest.fail("computed in vain"))
    done = run(words[0], project, *words[1:], "--out", out)
    assert done.exit_code == 2 and str(tmp_path) in done.output
    assert [p.read_text("utf-8") for p in tmp_path.glob("x.*")] == ["milik kantor"]


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without asking it")
def test_a_run_that_is_ended_takes_its_draft_away(tmp_path):
    code = (
        "import os, signal, sys\n"
        "from kumuhgis import cli\n"
        "from kumuhgis.saving import replacing\n"
        "def ended(*_, **__):\n"
        "    with replacing(sys.argv[1]) as draft:\n"
        "        draft.write_text('half')\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "        draft.write_text('whole')\n"
        "cli.command = lambda lang: type('C', (), {'main': staticmethod(ended)})\n"
        "cli.main(['doctor'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "x.csv"], capture_output=True, check=False)
    assert done.returncode == 143 and list(tmp_path.iterdir()) == []


def test_what_residents_answered_is_a_layer_of_the_qgis_project(tmp_path):
    """`report` reads the answers that the project names, as `assess` and `map` do."""
    from test_participate import KEYS, feature, saved

    home = copy_sample("brujul", tmp_path)
    place = kg.assess(home).units.geometry.iloc[0].representative_point()
    (home / "tanggapan").mkdir()
    saved(home / "tanggapan" / "rt01.geojson", feature(KEYS[0], place, "Banjir 40 cm"))
    toml = home / "kumuhgis.toml"
    toml.write_text(toml.read_text("utf-8") + '\n[participation]\ncontributions = "tanggapan"\n', "utf-8")
    assert run("report", home, "--kind", "qgis", "--out", tmp_path / "peta.qgz").exit_code in (0, 1)
    layers = gpd.list_layers(tmp_path / "peta.gpkg")["name"].tolist()
    (answers,) = [name for name in layers if "contribution" in name or "tanggapan" in name]
    assert gpd.read_file(tmp_path / "peta.gpkg", layer=answers).astype(str).stack().str.contains("Banjir 40 cm").any()


@pytest.mark.parametrize("lang", ["id", "en"])
def test_explain_of_a_unit_with_a_missing_score_shows_a_dash(lang):
    done = run("explain", sample_folder("jaten"), "33.13.11.2003.003.002", lang=lang)
    assert done.exit_code == 0 and re.search(r"^5b .* – ", done.output, re.M)
    assert "air minum (60 l " not in done.output, "a name that is cut says so"


@pytest.mark.parametrize("said", ["RT 002 RW 004", "rt 2 / rw 4", "RW 004 RT 002"])
def test_an_rt_may_be_named_by_its_label(said):
    assert (
        run("explain", sample_folder("jaten"), said).output
        == run("explain", sample_folder("jaten"), "33.13.11.2003.004.002").output
    )


@pytest.mark.parametrize("said", ["004.002", "002/004", "33.13", "RT 002", "2", "RT 01-03 RW 004"])
def test_what_may_be_the_end_of_a_code_or_several_rt_is_not_taken_for_a_label(said):
    """004.002 is RW 004 RT 002 at the end of a code: read as RT 004 RW 002 it would explain another RT."""
    assert run("explain", sample_folder("jaten"), said).exit_code == 2


def test_rules_that_do_not_differ_say_so():
    assert run("rules", "--against", "permen-14-2018").output.strip() == "Tidak ada beda."


def test_many_projects_without_the_package_for_them_are_refused_before_any_work(tmp_path, monkeypatch):
    for name in ("brujul", "jaten"):
        copy_sample(name, tmp_path)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setattr("kumuhgis.assessing.gather", lambda *_, **__: pytest.fail("worked in vain"))
    done = run("assess", tmp_path)
    assert done.exit_code == 2 and '".[skala]"' in done.output and done.output.count("✗") == 1
    with pytest.raises(kg.KumuhgisError) as caught:
        kg.assess(tmp_path)
    assert [p.code for p in caught.value.problems] == ["parts_need_package"]


def test_init_says_the_next_command_as_it_is_typed(tmp_path):
    home = copy_sample("brujul", tmp_path / "Desa Saya")
    assert f'kumuhgis check "{home}"' in run("init", home, "--force").output


def test_an_empty_workbook_is_called_a_workbook_and_no_zip(tmp_path):
    (tmp_path / "baseline.xlsx").write_bytes(b"")
    said = run("score", tmp_path / "baseline.xlsx").output
    assert "buku kerja" in said.lower() and "zip" not in said.lower()
    with pytest.raises(kg.KumuhgisError) as caught:
        kg.score_baseline(tmp_path / "baseline.xlsx")
    assert [p.code for p in caught.value.problems] == ["workbook_broken"]


def test_a_map_that_is_not_named_html_is_refused_before_any_work(project, tmp_path):
    done = run("map", project, "--out", tmp_path / "peta.pdf")
    assert done.exit_code == 2 and ".html" in done.output and not (tmp_path / "peta.pdf").exists()


@pytest.mark.parametrize("lang", ["id", "en"])
def test_doctor_names_the_extras_and_how_to_install_them(lang, monkeypatch):
    assert all(f"[{extra}]" in run("doctor", lang=lang).output for extra in ("laporan", "survei", "skala"))
    real = version
    monkeypatch.setattr("importlib.metadata.version", lambda name: _absent(name) if name == "typst" else real(name))
    done = run("doctor", lang=lang)
    assert "(typst)" in done.output and 'pip install ".[laporan]"' in done.output and done.exit_code == 0


def _absent(name):
    from importlib.metadata import PackageNotFoundError

    raise PackageNotFoundError(name)
