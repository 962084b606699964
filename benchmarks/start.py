"""How fast one gets an answer: the help and the import, each in a process of its own, against what they stand on.

``kumuhgis --help`` against ``import click``, ``import kumuhgis`` against ``import geopandas``: processor time of the
whole process, interleaved rounds, medians.
"""

import statistics
import subprocess
import sys
from resource import RUSAGE_CHILDREN, getrusage

from kumuhgis.cli.helping import GROUPS

ROUNDS = 11
ASKED = {
    "import click": ["-c", "import click"],
    "kumuhgis --help": ["-c", "from kumuhgis.cli import main; main(['--help'])"],
    "import geopandas": ["-c", "import geopandas"],
    "import kumuhgis": ["-c", "import kumuhgis"],
    "… and load a sample": ["-c", "import kumuhgis as kg; kg.load_sample('jaten')"],
}
AGAINST = {
    "kumuhgis --help": ("import click", 2.0),
    "import kumuhgis": ("import geopandas", 1.15),
    "… and load a sample": ("import geopandas", None),
}
"""What is measured: against what, and the goal."""


def seconds_of(words):
    """Give the processor time of a process and what it printed."""
    before = getrusage(RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=True)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def run():
    """Print medians and ratios; a help without one of its commands ends with an error."""
    times = {name: [] for name in ASKED}
    for _ in range(ROUNDS):
        for name, words in ASKED.items():
            seconds, said = seconds_of(words)
            times[name].append(seconds)
            if name == "kumuhgis --help" and not all(f"  {n} " in said for names in GROUPS.values() for n in names):
                raise AssertionError("the help lacks a command")
    medians = {name: statistics.median(found) for name, found in times.items()}
    print(f"\nstart: processor time of one process, medians of {ROUNDS}")
    for name, median in medians.items():
        peer, goal = AGAINST.get(name, (None, None))
        ratio = f"{median / medians[peer]:5.2f} × {peer}" + (f" (goal {goal:g})" if goal else "") if peer else ""
        print(f"  {name:<28} {median:7.3f} s   {ratio}")
