"""Opening and checking the layers of a kabupaten against ``geopandas.read_file`` and ``is_valid`` of the same files.

10,000 RT and 600,000 houses (GPKG). Ours: formats, coordinate system, repair with its account, columns and words, and
the borders of the RT. For information, without a goal: the whole command ``kumuhgis check`` on a project of the two
layers (also measures, scores, report), with its peak memory; and the repair of the houses with heights against
``is_valid`` of the same shapes.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from benchmarks import world
from kumuhgis.layers import open_layer
from kumuhgis.repair import repair
from kumuhgis.topology import check_coverage

UNITS, ROUNDS, GOAL = 10_000, 3, 2.0
PROJECT = """
[project]
name = "W(n)"
[rules]
key = "permen-14-2018"
[layers.rt]
path = "rt.gpkg"
[layers.buildings]
path = "buildings.gpkg"
"""
CHECK = """
import re, sys
from pathlib import Path
from kumuhgis.cli import main
try:
    main(["check", sys.argv[1]])
finally:
    told = Path("/proc/self/status")
    print("peak", re.search(r"VmHWM:\\s*(\\d+)", told.read_text())[1] if told.exists() else 0)
"""


def peer(folder):
    """Read both files and ask whether every shape is valid."""
    return sum(int(gpd.read_file(folder / f"{name}.gpkg").is_valid.sum()) for name in ("rt", "buildings"))


def ours(folder):
    """Open both layers, and check the borders of the RT."""
    units = open_layer(folder / "rt.gpkg", "rt")
    buildings = open_layer(folder / "buildings.gpkg", "buildings", to_crs=units.frame.crs, area=units.frame)
    findings, problems = check_coverage(units.frame)
    return units.account, buildings.account, findings, [*units.problems, *buildings.problems, *problems]


def command(folder):
    """Run ``kumuhgis check`` in a process of its own: seconds, and megabytes at its peak (0 if not known)."""
    (folder / "kumuhgis.toml").write_text(PROJECT)
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", CHECK, folder], capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode not in (0, 1):  # 1 says that there is something to mend
        raise AssertionError(done.stdout + done.stderr)
    return seconds, int(done.stdout.split()[-1]) / 1024


def heights():
    """Repair houses with heights: seconds of ``is_valid``, and of ours."""
    flat = world.houses(UNITS)
    shapes = np.asarray(shapely.force_3d(flat.geometry.to_numpy(), 5.0))
    frame = flat.set_geometry(gpd.GeoSeries(shapes, index=flat.index, crs=flat.crs))
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        valid = shapely.is_valid(shapes)
        middle = time.perf_counter()
        used, _, _ = repair(frame, ["polygon"], "buildings")
        times.append((middle - start, time.perf_counter() - middle))
    if len(used) != valid.sum():
        raise AssertionError(f"{len(used)} used, {valid.sum()} valid")
    return tuple(statistics.median(column) for column in zip(*times, strict=True))


def run():
    """Print medians and the ratio; a feature lost or a fault made up ends with an error."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        world.units(UNITS).to_file(folder / "rt.gpkg", engine="pyogrio")
        world.houses(UNITS).to_file(folder / "buildings.gpkg", engine="pyogrio")
        times = {"read_file + is_valid": [], "open_layer + check_coverage": []}
        for _ in range(ROUNDS):
            start = time.perf_counter()
            valid = peer(folder)
            middle = time.perf_counter()
            rt, buildings, findings, problems = ours(folder)
            times["read_file + is_valid"].append(middle - start)
            times["open_layer + check_coverage"].append(time.perf_counter() - middle)
        whole, peak = command(folder)
    if rt["used"] + buildings["used"] != valid or len(findings):
        raise AssertionError(f"{rt}, {buildings}, {len(findings)} findings, {[p.code for p in problems]}")
    base = statistics.median(times["read_file + is_valid"])
    print(f"\nchecking: {rt['read']:,} RT and {buildings['read']:,} houses, medians of {ROUNDS}")
    for label, seconds in times.items():
        print(f"  {label:<28} {statistics.median(seconds):7.2f} s   {statistics.median(seconds) / base:5.2f}")
    print(f"  {'kumuhgis check (once)':<28} {whole:7.2f} s   {whole / base:5.2f}  (peak {peak:,.0f} MB; no goal)")
    valid, mended = heights()
    print(f"  {'repair with heights':<28} {mended:7.2f} s   {mended / valid:5.2f}  (of is_valid; no goal)")
    print(f"  goal: open_layer + check_coverage at most {GOAL}")
