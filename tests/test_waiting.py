"""Bars for a person who waits: after two seconds, only where somebody looks on, gone when the work is done."""

import os
import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient

import kumuhgis as kg
from kumuhgis.sample import sample_folder
from kumuhgis.waiting import step, waiting

JATEN = sample_folder("jaten")
QUICK = "import kumuhgis.waiting as w; w.DELAY_S = {delay}; from kumuhgis.cli import main; main({words!r})"


def test_a_function_is_told_of_every_layer_and_stage():
    told = []
    kg.assess(JATEN, progress=lambda *how_far: told.append(how_far))
    names = [name for *_, name in told]
    assert names[0] == "rt" and {"buildings", "roads", "parcels", "2a", "7a"} <= set(names)
    assert names[-3:] == ["scored", "decided", "listed"]
    assert [done for done, *_ in told] == list(range(1, len(told) + 1)) and {of for _, of, _ in told} == {len(told)}


def test_a_document_tells_how_many_pages_there_are(tmp_path):
    told = []
    result = kg.assess(JATEN)
    kg.write(result, tmp_path / "a.html", kind="profile", progress=lambda *how_far: told.append(how_far))
    assert told and {of for _, of, _ in told} == {len(told)} and [done for done, *_ in told][-1] == len(told)


def test_work_inside_other_work_is_told_once_and_nobody_is_told_afterwards():
    told = []
    with waiting("luar", lambda *how_far: told.append(how_far)):
        step("a")
        with waiting("dalam"):
            step("b")
    step("c")
    assert told == [(1, None, "a"), (2, None, "b")]


def at_a_terminal(words, delay=0.0, **environment):
    """What a person at a terminal sees of a command."""
    pty, termios = (pytest.importorskip(name, reason="no pseudo-terminals here") for name in ("pty", "termios"))
    there, here = pty.openpty()
    termios.tcsetwinsize(here, (24, 80))
    env = {**os.environ, "PYTHONIOENCODING": "utf-8", **environment}
    code = QUICK.format(delay=delay, words=[str(w) for w in words])
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=here, env=env) as process:
        os.close(here)
        said = b""
        while chunk := _read(there):
            said += chunk
        out = process.stdout.read().decode()
    os.close(there)
    return out, said.decode("utf-8", "replace")


def _read(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:  # the other side is closed
        return b""


@pytest.mark.parametrize(("lang", "words"), [("id", ("Menghitung", "bangunan")), ("en", ("Assessing", "buildings"))])
def test_a_terminal_shows_how_far_it_is_and_then_takes_the_bar_away(lang, words, tmp_path):
    out, seen = at_a_terminal(["assess", JATEN, "--out", tmp_path, "--lang", lang])
    assert all(word in seen for word in words)
    last = seen.split("\r")
    assert any(not part.strip() for part in last), "the line is wiped"
    assert "\x1b[A" not in out and words[0] not in out, "what is printed for programs has no bar in it"


def test_quick_work_a_pipe_and_somebody_who_does_not_want_it_get_no_bar(tmp_path):
    words = ["explain", JATEN, "33.13.11.2003.004.002"]
    assert "Menghitung" not in at_a_terminal(words, delay=60)[1]
    assert "Menghitung" not in at_a_terminal(words, KUMUHGIS_PROGRESS="0")[1]
    piped = subprocess.run(
        [sys.executable, "-c", QUICK.format(delay=0.0, words=[str(w) for w in words])], capture_output=True, check=False
    )
    assert b"Menghitung" not in piped.stderr


CELL = """
import kumuhgis.waiting as w
w.DELAY_S = {delay}
seen = []
show = w._NotebookBar.refresh
w._NotebookBar.refresh = lambda bar: (show(bar), seen.append(bar._shown is not None))
import kumuhgis as kg
result = kg.assess(kg.load_sample("brujul"){more})
print("bars", len(seen))
"""


@pytest.mark.slow
@pytest.mark.parametrize(("delay", "more"), [(0.0, ""), (60, ""), (0.0, ", progress=False")])
def test_a_notebook_shows_a_bar_and_keeps_nothing_of_it(delay, more):
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL.format(delay=delay, more=more))])
    NotebookClient(book, timeout=120, kernel_name="python3").execute()
    outputs = book.cells[0].outputs
    (said,) = [int(o["text"].split()[1]) for o in outputs if o.get("text", "").startswith("bars")]
    assert (said > 10) is (delay == 0 and not more)
    assert all(o.get("data", {}) in ({}, {"text/plain": ""}) for o in outputs) and "Menghitung" not in str(outputs)
