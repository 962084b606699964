"""Windows, as far as it can be tried elsewhere: its paths, its letters, its refusal to rename what is still open."""

import os
import shutil
import subprocess
import sys
from pathlib import Path, PureWindowsPath

import pytest
from test_cli import run

import kumuhgis as kg
from kumuhgis.catalog import document_kinds
from kumuhgis.errors import ProjectError
from kumuhgis.sample import sample_folder

RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{name}{n}" for name in ("COM", "LPT") for n in range(1, 10))}
FORBIDDEN = set('<>:"/\\|?*')


@pytest.fixture
def desa(tmp_path):
    """A project whose name and folder have spaces, letters with accents and a sign of the shell."""
    return shutil.copytree(sample_folder("brujul"), tmp_path / "Data Kumuh (2026) & Bu Sri é" / "Desa Saya")


def written_on_windows(desa, quote):
    """Move the files into a folder and name them as Windows does."""
    toml = desa / "kumuhgis.toml"
    words = toml.read_text("utf-8")
    (desa / "data rt").mkdir()
    for file in list(desa.iterdir()):
        if file.is_file() and file != toml:
            file.rename(desa / "data rt" / file.name)
    for file in (desa / "data rt").iterdir():
        words = words.replace(f'"{file.name}"', f"{quote}data rt\\{file.name}{quote}")
    toml.write_text(words, "utf-8")
    return desa


def test_a_project_that_was_written_with_backslashes_opens_everywhere(desa):
    plain = kg.assess(desa)
    moved = kg.assess(written_on_windows(desa, "'"))
    assert moved.summary["level"].equals(plain.summary["level"]) and len(moved.layers) == len(plain.layers)


def test_backslashes_between_double_quotes_are_named_with_their_line(desa):
    with pytest.raises(ProjectError) as caught:
        kg.load_project(written_on_windows(desa, '"'))
    (problem,) = caught.value.problems
    assert problem.code == "project_backslash" and "data/peta.gpkg" in str(caught.value)
    line = (desa / "kumuhgis.toml").read_text("utf-8").splitlines()[problem.row - 1]
    assert "data rt\\" in line


def test_a_backslash_that_toml_takes_for_something_else_is_named_too(desa):
    toml = desa / "kumuhgis.toml"
    toml.write_text(toml.read_text("utf-8").replace('"peta.gpkg"', '"\\tanah.gpkg"'), "utf-8")
    with pytest.raises(ProjectError) as caught:
        kg.load_project(desa)
    assert {p.code for p in caught.value.problems} == {"project_backslash"}


def test_a_project_file_in_other_letters_says_how_to_save_it(desa):
    toml = desa / "kumuhgis.toml"
    toml.write_bytes(toml.read_text("utf-8").encode("utf-16"))
    with pytest.raises(ProjectError, match="UTF-8") as caught:
        kg.load_project(desa)
    assert [p.code for p in caught.value.problems] == ["project_not_utf8"]


def test_every_command_works_in_a_folder_with_spaces(desa, tmp_path, monkeypatch):
    monkeypatch.chdir(desa.parent)
    out = Path("keluar ke sini")
    for words in (
        ("check", desa.name, "--out", out),
        ("assess", desa.name, "--out", out),
        ("map", desa.name, "--out", out / "peta saya.html"),
        ("report", desa.name, "--kind", "workbook", "--out", out),
        ("report", desa.name, "--kind", "kml", "--out", out / "peta saya.kml"),
        ("form", desa.name, "--out", out / "form saya.xlsx"),
        ("publish", desa.name, "--out", out / "data terbuka"),
        ("explain", desa.name, kg.assess(desa).summary.index[0]),
    ):
        done = run(*words)
        assert done.exit_code in (0, 1), (words, done.output)
    assert (out / "peta saya.html").stat().st_size and (out / "data terbuka" / "rt.csv").stat().st_size


def test_names_that_people_gave_never_become_names_of_files(desa, tmp_path):
    """Names of places may hold what Windows forbids in a name; what we write keeps to its own names."""
    toml = desa / "kumuhgis.toml"
    name = 'Desa "CON": <a>|b?*\\'.replace("\\", "\\\\").replace('"', '\\"')
    toml.write_text(toml.read_text("utf-8").replace("Baseline Kawasan Widoro, Desa Brujul", name), "utf-8")
    assert run("assess", desa, "--out", tmp_path / "hasil").exit_code in (0, 1)
    assert run("report", desa, "--kind", "all", "--out", tmp_path / "dokumen").exit_code in (0, 1)
    written = [p for p in tmp_path.rglob("*") if desa not in (p, *p.parents) and p not in desa.parents]
    assert len(written) > len(document_kinds())
    for path in written:
        parts = PureWindowsPath(path.name)
        assert not FORBIDDEN & set(path.name) and path.name == path.name.rstrip(". ")
        assert parts.stem.split(".")[0].upper() not in RESERVED and len(path.name) < 100


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux tells which files are open")
def test_nothing_is_renamed_while_it_is_open(desa, tmp_path, monkeypatch):
    """Windows refuses to rename or replace a file that somebody still has open."""
    seen = []

    def checked(rename):
        def careful(source, *rest, **how):
            open_now = {os.readlink(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd") if _is_link(n)}
            seen.append(Path(source).name)
            assert not any(name.startswith(str(Path(source).resolve())) for name in open_now), source
            return rename(source, *rest, **how)

        return careful

    for name in ("replace", "rename"):
        monkeypatch.setattr(os, name, checked(getattr(os, name)))
    assert run("assess", desa, "--out", tmp_path / "hasil").exit_code in (0, 1)
    assert run("check", desa, "--out", tmp_path / "laporan", "--fix", tmp_path / "rapi").exit_code in (0, 1)
    assert run("report", desa, "--kind", "all", "--out", tmp_path / "dokumen").exit_code in (0, 1)
    assert len(seen) > 20


def _is_link(number):
    return os.path.islink(f"/proc/self/fd/{number}") and os.path.exists(f"/proc/self/fd/{number}")


CODE = """
import sys, warnings
warnings.filterwarnings("error", category=EncodingWarning, module="kumuhgis")
from kumuhgis.cli import main
main(sys.argv[1:])
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "words", [("assess", "hasil"), ("check", "periksa"), ("report --kind all", "dokumen"), ("form", "form")]
)
def test_no_file_is_read_or_written_in_the_letters_of_the_machine(words, desa, tmp_path):
    """Windows takes its code page where nobody names one; we name UTF-8 each time."""
    command, *more = words[0].split()
    done = subprocess.run(
        [sys.executable, "-X", "warn_default_encoding", "-c", CODE, command, desa, *more, "--out", tmp_path / words[1]],
        capture_output=True, check=False,
    )  # fmt: skip
    ours = [
        line for line in done.stderr.decode().splitlines() if "EncodingWarning" in line and "site-packages" not in line
    ]
    assert done.returncode in (0, 1) and not ours and b"Traceback" not in done.stderr
