"""The measures of every RT of W(n), from files to numbers, against the peers of `peers.PEERS`.

Every run is a process of its own; the rounds are interleaved, the medians are shown. Processor seconds (user and
system) stand beside the wall's, because they stay true when a machine is busy. Wrong numbers end with an error, slow
ones do not.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import world
from benchmarks.peers import PEERS, missing, versions
from benchmarks.verdicts import same_verdicts

UNITS, ROUNDS, DEFAULT = 400, 3, ("naive", "kumuhgis")
RELATIVE = 1e-6
#: What rounding may leave where next to nothing lies in an RT: metres, and hectares (a thousandth of a square metre).
SMALLEST = {"roads": 1e-6, "drains": 1e-6, "parcels": 1e-7, "zoning": 1e-7, "inundation": 1e-7}
OURS, BASE = "kumuhgis", "naive"
#: From files to ranking, and what these are compared with: reading and measuring alone, in portions.
WHOLE, ENGINES = ("whole", "whole2"), ("streamed", "rules")
#: What has other columns than the peers.
OTHERS = ("rules", *WHOLE)
HEADINGS = [
    "",
    "read s",
    "compute s",
    "total s",
    "cpu s",
    "compute",
    "compute cpu",
    "total",
    "MB",
    "largest difference",
]


def run(n=UNITS, rounds=ROUNDS, peers=DEFAULT, format="GPKG", out=None):
    """Time the peers on W(n), compare their numbers, and print a table.

    Parameters
    ----------
    n : int
        How many RT.
    rounds : int
        How often each peer runs.
    peers : sequence of str
        Keys of `PEERS`; one that is not installed is a row that says so.
    format : {"GPKG", "FlatGeobuf"}
        Of the layers.
    out : path, optional
        Write the table as Markdown too.

    Raises
    ------
    AssertionError
        If a peer's numbers are not those of kumuhgis.
    """
    peers = list(dict.fromkeys([*peers, OURS]))
    ready = [name for name in peers if not missing(name)]
    with tempfile.TemporaryDirectory() as name:
        folder = world.write(Path(name) / "w", n, format)
        near = border_shares(n)
        took = {name: [] for name in ready}
        for _ in range(rounds):
            for peer in ready:
                took[peer].append(one_run(peer, folder, Path(name) / f"{peer}.pkl"))
        results = {peer: pd.read_pickle(Path(name) / f"{peer}.pkl") for peer in ready}
    differences = {peer: compare(peer, results[peer], results[OURS]) for peer in ready}
    rows = [row(peer, took, differences) for peer in peers]
    said = verdicts(results)
    lines = [*report(n, rounds, format, near, rows), "", *said, *beyond_engine(took), *described(ready)]
    print("\n" + "\n".join(lines))
    if out:
        Path(out).write_text("\n".join(lines) + "\n", encoding="utf-8")


def one_run(peer, folder, out):
    """Run a peer once in a process of its own; what it took."""
    command = [sys.executable, "-m", "benchmarks.peers", peer, str(folder), str(out)]
    here = Path(__file__).parents[1]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=here, env={**os.environ, "PYTHONPATH": str(here)}
    )
    if done.returncode:
        raise AssertionError(f"{peer}: {done.stderr.strip().splitlines()[-1:]}")
    return json.loads(done.stdout.splitlines()[-1])


def compare(peer, theirs, ours):
    """Compare the numbers of a peer with ours: counts equal, amounts within `RELATIVE`.

    Parameters
    ----------
    peer : str
        Whose numbers.
    theirs, ours : pandas.DataFrame
        As :mod:`benchmarks.peers` says; only columns that both have are compared, of a peer that must be all.

    Returns
    -------
    dict of str to float
        Largest difference of counts, of metres and of square metres.

    Raises
    ------
    AssertionError
        If a number differs.
    """
    columns = ours.columns.intersection(theirs.columns)
    if peer not in OTHERS and len(columns) < max(len(ours.columns), len(theirs.columns)):
        raise AssertionError(f"{peer}: {sorted(set(ours.columns) ^ set(theirs.columns))}")
    if set(theirs.index) != set(ours.index):
        raise AssertionError(f"{peer}: other RT")
    theirs = theirs.reindex(ours.index)
    largest = {"number": 0.0, "m": 0.0, "m2": 0.0}
    for column in columns:
        kind = column.split(":")[0]
        a, b = theirs[column].to_numpy(float), ours[column].to_numpy(float)
        difference = np.abs(a - b)
        allowed = 0.0 if kind == "buildings" else RELATIVE * np.abs(b) + SMALLEST.get(kind, 1e-12)
        wrong = ~((difference <= allowed) | (np.isnan(a) & np.isnan(b)))
        if wrong.any():
            i = int(np.flatnonzero(wrong)[0])
            raise AssertionError(
                f"{peer}: {column} of {ours.index[i]} is {a[i]!r}, ours {b[i]!r}; {wrong.sum()} differ"
            )
        unit, scale = ("m", 1) if kind in ("roads", "drains") else ("m2", 1e4) if kind in SMALLEST else ("number", 1)
        largest[unit] = max(largest[unit], scale * float(np.nan_to_num(difference).max(initial=0.0)))
    return largest


def verdicts(results):
    """Score every peer's numbers by the rule, and say that no score and no level differs from ours; if not, end."""
    found = {p: same_verdicts(p, result, results[OURS]) for p, result in results.items() if p not in (OURS, *OTHERS)}
    if not found:
        return []
    (scores, slum), *_ = found.values()
    return [f"no score and no level differs: {', '.join(found)} ({scores:,} scores above 0, {slum:,} RT slum)"]


def border_shares(n):
    """Say which share of each layer's features comes within 3 m of a border of the RT, on a smaller W."""
    n = min(n, 2500)
    units = world.units(n)
    return {name: world.near_border(units, world.LAYERS[name](n), 3.0) for name in ("roads", "parcels", "inundation")}


def row(peer, took, differences):
    """Make one row of the table: medians, and ratios to the naive peer."""
    title = PEERS[peer][3]
    if peer not in took:
        return [title, "not installed: " + ", ".join(missing(peer)), *[""] * (len(HEADINGS) - 2)]

    def median(name, key):
        return statistics.median(run[key] for run in took[name]) if name in took else float("nan")

    cells = [f"{median(peer, key):.2f}" for key in ("read_s", "compute_s", "total_s", "total_cpu")]
    for key in ("compute_s", "compute_cpu", "total_s"):
        ratio = median(peer, key) / median(BASE, key)
        cells.append("–" if np.isnan(ratio) or (peer in OTHERS and key != "total_s") else f"{ratio:.2f}")
    if peer in OTHERS:
        cells[:2] = ["–", "–"]
    d = differences[peer]
    said = "–" if peer == OURS else f"{d['m']:.0e} m, {d['m2']:.0e} m²" if peer not in OTHERS else "counts equal"
    return [title, *cells, f"{median(peer, 'peak_mb'):.0f}", said]


def report(n, rounds, format, near, rows):
    """Write the table as Markdown."""
    side = world.across(n)
    shares = ", ".join(f"{name} {share:.0%}" for name, share in near.items())
    widths = [max(len(str(line[i])) for line in [HEADINGS, *rows]) for i in range(len(HEADINGS))]

    def line(cells):
        return "| " + " | ".join(str(c).ljust(w) for c, w in zip(cells, widths, strict=True)) + " |"

    return [
        f"measures: W({side * side:,}) from {format}, medians of {rounds} interleaved rounds, {date.today()}",
        f"near a border of an RT: {shares}",
        "",
        line(HEADINGS),
        "|" + "|".join("-" * (w + 2) for w in widths) + "|",
        *[line(cells) for cells in rows],
    ]


def beyond_engine(took):
    """Say what everything takes beside the engine's reading and measuring of the same files, wall and processor."""
    lines = []
    for peer, engine in ((p, e) for p in WHOLE for e in ENGINES if p in took and e in took):
        wall, cpu = (
            statistics.median(run[key] for run in took[peer]) / statistics.median(run[key] for run in took[engine])
            for key in ("total_s", "total_cpu")
        )
        lines.append(f"{PEERS[peer][3]} ÷ {PEERS[engine][3]}: {wall:.2f} (processor {cpu:.2f})")
    return lines


def described(peers):
    """Say on what machine and with which versions."""
    found = {}
    for peer in peers:
        found |= versions(peer)
    packages = ", ".join(f"{package} {number}" for package, number in sorted(found.items()))
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return [
        f"columns 6–8 are ratios to {PEERS[BASE][3]}",
        f"{os.cpu_count()} cores{load}, {platform.machine()} {platform.system()}, Python {platform.python_version()}; "
        f"{packages}",
    ]
