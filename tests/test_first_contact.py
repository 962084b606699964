"""First contact: help in the order in which one meets things, examples that run, the word one may have meant."""

import copy
import os
import pickle
import re
import shlex
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import shapely
from click.shell_completion import BashComplete
from simulated_survey import entries_of, kobo_frames, population, rt_answers, write_kobo
from test_cli import COMMANDS, run, shell
from test_participate import KEYS, feature, saved

import kumuhgis as kg
from kumuhgis.catalog import document_kinds
from kumuhgis.cli import command
from kumuhgis.cli.helping import GROUPS, examples
from kumuhgis.sample import SAMPLES, sample_folder
from kumuhgis.text import text, texts

LANGS = ("id", "en")


# ---------------------------------------------------------------- help


@pytest.mark.parametrize("lang", LANGS)
def test_help_has_the_commands_in_groups_in_the_order_in_which_one_meets_them(lang):
    said = run("--help", lang=lang).output
    headings = [said.index(f"\n{text(f'help.group.{group}', lang)}:\n") for group in GROUPS]
    assert headings == sorted(headings)
    listed = [name for name in re.findall(r"^  (\w+)  +\w", said, re.M) if name in COMMANDS]
    assert listed == [name for names in GROUPS.values() for name in names] and set(listed) == set(COMMANDS)
    assert "..." not in said.split("]...")[1], "no line is cut short"
    assert max(map(len, said.splitlines())) <= 80


def test_every_kind_of_document_is_named_where_one_chooses_it():
    said = run("report", "--help").output
    for kind in document_kinds():
        assert text(f"documents.{kind}.name") in " ".join(said.split()), kind


# ---------------------------------------------------------------- examples


def folder_of(lang):
    return {"id": "Desa Saya", "en": "My Village"}[lang]


@pytest.fixture(scope="module")
def village(tmp_path_factory):
    """Jaten as somebody's own folder, with the files that the examples name, in either language."""
    home = tmp_path_factory.mktemp("rumah")
    for lang in LANGS:
        for name in (folder_of(lang), f"{folder_of(lang)} 2021"):
            shutil.copytree(sample_folder("jaten"), home / name)
    pd.read_excel(sample_folder("jaten") / "baseline.xlsx", dtype=str, engine="calamine").to_csv(
        home / "baseline.csv", index=False
    )
    result = kg.assess(sample_folder("jaten"))
    units, rng = result.units[result.units.geometry.notna()], np.random.default_rng(1)
    people, _ = population(units, rng)
    rt, inner, _ = rt_answers(units, rng)
    write_kobo(home / "kobo.xlsx", kobo_frames(entries_of(people, rt, units), inner))
    place = shapely.Point(units.geometry.iloc[0].representative_point())
    for name in ("tanggapan", "answers"):
        (home / name).mkdir()
        saved(home / name / "rt01.geojson", feature(KEYS[0], place, "Banjir 40 cm"))
    return home


def lines_of(lang):
    names = [key.removeprefix("help.examples.") for key in texts(lang, "help") if key.startswith("help.examples.")]
    return [(lang, line) for name in names for line, _ in examples(name, lang)]


@pytest.mark.parametrize("lang", LANGS)
def test_every_command_has_examples_that_are_its_own(lang):
    for name in COMMANDS:
        assert examples(name, lang) and all(shlex.split(line)[1] == name for line, _ in examples(name, lang))
    assert len(lines_of("id")) == len(lines_of("en"))


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "line"), [*lines_of("id"), *lines_of("en")], ids=lambda v: v)
def test_every_example_runs_as_it_stands(lang, line, village, tmp_path, monkeypatch):
    if ("--kind all" in line or line.startswith("kumuhgis demo")) and lang == "en":
        pytest.skip("run in Indonesian: the same work")
    home = shutil.copytree(village, tmp_path / "rumah")
    monkeypatch.chdir(home)
    before = {p for p in home.rglob("*") if p.is_file()}
    words = shlex.split(line.split(" > ")[0])[1:]
    if words[0] == "init" and "--force" not in words:
        (home / folder_of(lang) / "kumuhgis.toml").unlink()
    done = run(*words, lang=lang)
    assert done.exit_code in (0, 1), done.output
    written = {p for p in home.rglob("*") if p.is_file()} - before
    on_screen = words[0] in ("explain", "rules", "doctor", "completion") or (
        words[0] in ("check", "progress", "score", "init") and "--out" not in words and "--fix" not in words
    )
    assert bool(written) is not on_screen or words[0] == "init", sorted(written)
    if "--out" in words:
        assert (home / words[words.index("--out") + 1]).exists()


# ---------------------------------------------------------------- the word one may have meant


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["peta", "x"], "'map'"),
        (["Hitung", "x"], "'assess'"),
        (["asses", "x"], "'assess'"),
        (["report", "x", "--kind", "sk"], "'decree'"),
        (["report", "x", "--kind", "RP2KPKPK"], "'plan'"),
        (["check", "--otu", "x"], "'--out'"),
    ],
    ids=str,
)
@pytest.mark.parametrize("lang", LANGS)
def test_a_wrong_word_is_told_the_right_one_and_an_example(words, meant, lang):
    done = shell("--lang", lang, *words)
    assert done.returncode == 2
    first, *_, last = done.stderr.strip().splitlines()
    assert first.endswith(f"{ {'id': 'Maksudnya', 'en': 'Did you mean'}[lang] } {meant}?"), first
    assert last.startswith(f"{text('help.examples_heading', lang)}: kumuhgis ")


def test_other_words_name_commands_and_kinds_that_there_are_and_one_each():
    for prefix, known in (("help.synonyms.", command("id").commands), ("help.kinds.", document_kinds())):
        found = {k.removeprefix(prefix): v.split() for k, v in texts("id", "help").items() if k.startswith(prefix)}
        assert set(found) == set(known)
        words = [word for of in found.values() for word in of]
        assert len(words) == len(set(words)) and not set(words) & set(known)
        assert found == {k: texts("en", "help")[prefix + k].split() for k in found}


# ---------------------------------------------------------------- errors that teach, in Python


@pytest.fixture(scope="module")
def jaten():
    return kg.assess(kg.load_sample("jaten"))


WRONG = {
    "kg.asess": "'kg.assess'",
    'kg.load_sample("Widoro")': 'kg.load_sample("brujul")',
    'kg.load_sample("ngringgo")': 'kg.load_sample("ngringo")',
    'kg.assess("jaten")': 'kg.load_sample("jaten")',
    'kg.assess("peta.gpkg")': "kg.assess(rt=…)",
    'kg.assess("baseline.csv")': "kumuhgis score baseline.csv",
    'kg.look("tidak ada")': "tidak ada",
    'kg.write_form("tidak ada", "form.xlsx")': "tidak ada",
    'kg.village_map("jaten")': "kg.village_map(kg.assess('jaten'))",
    'kg.village_map(kg.load_sample("jaten"))': "kg.village_map(kg.assess(proyek))",
    "kg.village_map(jaten.summary)": "bukan hasil.summary",
    'kg.write("jaten", "hasil.csv")': "kg.write(kg.assess('jaten'))",
    "kg.summarise_groups(jaten.summary)": "kg.summarise_groups",
    'kg.compare("2021", "2026")': "kg.compare(kg.assess('2021'))",
    'kg.compare_map(jaten, "2026")': "kg.compare_map",
    "kg.handle(jaten.measures, None)": "kg.handle",
    'kg.publish("jaten", "terbuka")': "kg.publish",
    'kg.score("baseline.csv")': "kg.score_baseline",
    'kg.explain(jaten, "33.13.11.2003.004.002", jaten.rules)': "kg.explain(hasil.scores",
    "kg.rank(jaten)": ".summary",
    'kg.why_above(jaten.summary, "1", "2")': "Unit '2' tidak ada",
    "jaten.sumary": "'summary'",
}


@pytest.mark.parametrize("call", WRONG)
def test_a_wrong_call_says_what_to_write(call, jaten, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "peta.gpkg").write_bytes(b"")
    (tmp_path / "baseline.csv").write_text("kode,kk\n", "utf-8")
    with pytest.raises((kg.KumuhgisError, TypeError, AttributeError)) as caught:
        eval(call, {"kg": kg, "jaten": jaten})
    assert WRONG[call] in str(caught.value)
    assert {p.name for p in tmp_path.iterdir()} == {"peta.gpkg", "baseline.csv"}


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: kg.load_sample("Bulu"), "sample_missing"),
        (lambda: kg.assess("tidak ada"), "project_folder_missing"),
        (lambda: kg.assess(__file__), "project_is_file"),
    ],
)
def test_what_is_missing_has_a_code_of_its_own(call, code):
    with pytest.raises(kg.KumuhgisError) as caught:
        call()
    assert [p.code for p in caught.value.problems] == [code]


def test_a_result_can_still_be_copied_and_pickled(jaten):
    assert pickle.loads(pickle.dumps(jaten)).summary.equals(jaten.summary)
    assert copy.copy(jaten).rules is jaten.rules and not hasattr(jaten, "index") and not hasattr(jaten, "_x")


# ---------------------------------------------------------------- completion


def completed(*words, lang=None):
    """What the shell would offer after these words, as its script asks for it."""
    env = os.environ | {"_KUMUHGIS_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(words)}
    env |= {"COMP_CWORD": str(len(words) - 1), "KUMUHGIS_LANG": lang or "id"}
    done = subprocess.run([sys.executable, "-m", "kumuhgis"], env=env, capture_output=True, text=True, check=False)
    assert not done.stderr
    return [line.split(",", 1)[1] for line in done.stdout.splitlines() if line.startswith("plain")]


def test_the_tab_key_offers_commands_in_their_order_and_options_and_kinds():
    assert completed("kumuhgis", "") == [name for names in GROUPS.values() for name in names]
    assert completed("kumuhgis", "co") == ["contributions", "compare", "completion"]
    assert "--survey" in completed("kumuhgis", "assess", "--")
    assert completed("kumuhgis", "report", "--kind", "w") == ["workbook", "worksheet"]
    assert completed("kumuhgis", "assess", "--rules", "perm") == sorted(kg.list_rules().index)
    assert completed("kumuhgis", "rules", "permen-14") == ["permen-14-2018"]


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_calls_us_by_the_name_that_we_answer_to(shell_name):
    said = run("completion", shell_name).output
    assert "_KUMUHGIS_COMPLETE" in said and "kumuhgis" in said


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash on this machine")
def test_bash_takes_the_script(tmp_path):
    script = tmp_path / "lengkap.sh"
    script.write_text(run("completion", "bash").output, "utf-8")
    done = subprocess.run(
        ["bash", "-c", f"source '{script}' && complete -p kumuhgis"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and BashComplete.name == "bash" and "_kumuhgis_completion" in done.stdout


# ---------------------------------------------------------------- demo


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGS)
def test_demo_says_what_each_file_is_what_to_open_and_what_to_do_next(lang, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = run("demo", "peta contoh", lang=lang).output
    last = said[said.index("\n", said.rindex(text("cli.file_map", lang) + "\n")) :]
    for name in SAMPLES:
        for path in (tmp_path / "peta contoh" / name).iterdir():
            assert path.name in said and path.stat().st_size
    first = tmp_path / "peta contoh" / SAMPLES[0] / text("cli.file_map", lang)
    assert str(first) in said and "DATA" in said
    steps = [line.strip() for line in last.splitlines() if line.strip().startswith("kumuhgis ")]
    assert [shlex.split(step)[1] for step in steps] == ["init", "check", "assess"]
