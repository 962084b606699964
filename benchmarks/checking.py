"""Opening and checking the layers of a kabupaten against ``geopandas.read_file`` and ``is_valid`` of the same files.

10,000 RT and 600,000 houses (GPKG). Ours: formats, coordinate system, repair with its account, columns and words, and
the borders of the RT.
"""

import statistics
import tempfile
import time
from pathlib import Path

import geopandas as gpd

from benchmarks import world
from kumuhgis.layers import open_layer
from kumuhgis.topology import check_coverage

UNITS, ROUNDS, GOAL = 10_000, 3, 2.0


def peer(folder):
    """Read both files and ask whether every shape is valid."""
    return sum(int(gpd.read_file(folder / f"{name}.gpkg").is_valid.sum()) for name in ("rt", "buildings"))


def ours(folder):
    """Open both layers, and check the borders of the RT."""
    units = open_layer(folder / "rt.gpkg", "rt")
    buildings = open_layer(folder / "buildings.gpkg", "buildings", to_crs=units.frame.crs, area=units.frame)
    findings, problems = check_coverage(units.frame)
    return units.account, buildings.account, findings, [*units.problems, *buildings.problems, *problems]


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
    if rt["used"] + buildings["used"] != valid or len(findings):
        raise AssertionError(f"{rt}, {buildings}, {len(findings)} findings, {[p.code for p in problems]}")
    base = statistics.median(times["read_file + is_valid"])
    print(f"\nchecking: {rt['read']:,} RT and {buildings['read']:,} houses, medians of {ROUNDS}")
    for label, seconds in times.items():
        print(f"  {label:<28} {statistics.median(seconds):7.2f} s   {statistics.median(seconds) / base:5.2f}")
    print(f"  goal: at most {GOAL}")
