"""First contact: help in the order in which one meets things, examples that run, the word one may have meant."""

import os
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
    pd.read_excel(sample_folder("jaten") / "baseline.xlsx", dtype=str, engine="calamine").to_csv(home / "baseline.csv", index=False)
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
