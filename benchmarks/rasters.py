"""People of a population raster in every RT: `setting.raster_population` against exactextract alone and cell centres.

The door reads only the window of the RT, and says which RT the raster does not cover; exactextract alone does not. Sums
must agree to 1e-3 of the people of an RT.
"""

import statistics
import tempfile
import warnings
from pathlib import Path

import numpy as np

from benchmarks import world
from benchmarks.kernel import timed
from kumuhgis.measures.setting import raster_population

UNITS, CELL, ROUNDS, GOAL, AGREE = 2500, 30.0, 5, 1.1, 1e-3


def raster(path, n, seed=12):
    """Write people per cell of 30 m over W(n), a tenth of the cells without data."""
    import rasterio

    rng, across = np.random.default_rng(seed), int(np.ceil(world.across(n) * world.SIDE / CELL)) + 4
    people = rng.gamma(2.0, 4.0, (across, across)).astype("float32")
    people[rng.random(people.shape) < 0.1] = -99999
    west, south = world.ORIGIN - 2 * CELL
    transform = rasterio.transform.from_origin(west, south + across * CELL, CELL, CELL)
    profile = {"driver": "GTiff", "count": 1, "dtype": "float32", "nodata": -99999, "crs": world.CRS}
    with rasterio.open(path, "w", height=across, width=across, transform=transform, **profile) as target:
        target.write(people, 1)
    return path


def peer(units, path):
    """Sum with exactextract alone."""
    from exactextract import exact_extract

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return exact_extract(str(path), units, ["sum"], output="pandas")["sum"].to_numpy(float)


def cell_centres(units, path):
    """Sum the cells whose centre lies in the RT, as a rasterised zone does."""
    import rasterio
    from rasterio.features import rasterize

    with rasterio.open(path) as source:
        people = source.read(1, masked=True).filled(0)
        shapes = ((shape, i + 1) for i, shape in enumerate(units.geometry))
        zone = rasterize(shapes, people.shape, transform=source.transform, dtype="int32")
    return np.bincount(zone.ravel(), people.ravel(), len(units) + 1)[1:]


def run(n=UNITS, rounds=ROUNDS):
    """Print medians, the ratio, and how far cell centres are off; sums that differ end with an error."""
    units = world.units(n)
    times = {"exactextract alone": [], "raster_population": [], "cell centres (rasterize)": []}
    with tempfile.TemporaryDirectory() as name:
        path = raster(Path(name) / "penduduk.tif", n)
        for _ in range(rounds):
            for label, work in zip(times, (peer, raster_population, cell_centres), strict=True):
                seconds, result = timed(work, units, path)
                times[label].append(seconds)
                if work is peer:
                    exact = result
                elif work is raster_population:
                    ours = result[0].to_numpy()
    off = np.abs(result - exact) / exact
    if not (np.abs(ours - exact) <= AGREE * exact).all():
        raise AssertionError(f"people differ by up to {np.abs(ours / exact - 1).max():.2%}")
    base = statistics.median(times["exactextract alone"])
    print(f"\nrasters: people of {len(units):,} RT from cells of {CELL:g} m, medians of {rounds}")
    for label, seconds in times.items():
        print(f"  {label:<28} {statistics.median(seconds):7.3f} s   {statistics.median(seconds) / base:5.2f}")
    print(f"  goal: at most {GOAL}; cell centres are off by {np.median(off):.1%} (median), {off.max():.0%} (worst RT)")
