"""Parcels drawn exactly on the borders of the RT: the worst case, for nearly all of them touch a border.

Every parcel of W(n) is cut along the borders first, as an office does that snaps its parcels to the RT. Crossings can
settle few of them; what touches goes to GEOS. The peer is vectorised shapely, which asks GEOS about all.
"""

import statistics
import time

import numpy as np
import shapely

from benchmarks import world
from benchmarks.peers import HECTARE, inside

UNITS, ROUNDS = 400, 3
#: Hectares that may differ: a hundredth of a square centimetre.
AGREE = 1e-10
#: What is cut off and smaller than this is no parcel (square metres).
SMALLEST = 1.0


def run(n=UNITS, rounds=ROUNDS):
    """Measure the hectares of snapped parcels per RT, in interleaved rounds, and print both.

    Parameters
    ----------
    n : int
        How many RT.
    rounds : int
        How often each runs.

    Raises
    ------
    AssertionError
        If the hectares differ.
    """
    rt, parcels = world.units(n), snapped_parcels(n)
    took, found = {}, {}
    for _ in range(rounds):
        for name, work in (("vectorised shapely", by_shapely), ("kumuhgis.overlay", by_kumuhgis)):
            start = time.process_time()
            found[name], settled = work(rt, parcels)
            took.setdefault(name, []).append(time.process_time() - start)
    theirs, ours = found.values()
    if not np.allclose(theirs, ours, rtol=0, atol=AGREE):
        raise AssertionError(f"snapped parcels differ by {np.abs(theirs - ours).max() * HECTARE} m2")
    base, own = (statistics.median(times) for times in took.values())
    print(f"\nsnapped: {len(parcels):,} parcels cut along the borders of {len(rt):,} RT, processor seconds")
    print(f"  vectorised shapely {base:.2f}   kumuhgis.overlay {own:.2f}   ratio {own / base:.2f}")
    print(f"  {settled}; largest difference {np.abs(theirs - ours).max() * HECTARE:.0e} m2")


def snapped_parcels(n):
    """Make the parcels of W(n), cut along the borders of the RT.

    Parameters
    ----------
    n : int
        How many RT.

    Returns
    -------
    numpy.ndarray of shapely polygons
        Those outside of all RT are left out.
    """
    rt, parcels = world.units(n).geometry.to_numpy(), world.parcels(n).geometry.to_numpy()
    unit, parcel = shapely.STRtree(parcels).query(rt, predicate="intersects")
    parts = shapely.get_parts(shapely.intersection(parcels[parcel], rt[unit]))
    return parts[shapely.area(parts) > SMALLEST]


def by_shapely(rt, parcels):
    """Ask GEOS about every pair that meets."""
    shapes = rt.geometry.to_numpy()
    shapely.prepare(shapes)
    unit, _, amount = inside(shapes, parcels, True)
    return np.bincount(unit, amount, len(shapes)), None


def by_kumuhgis(rt, parcels):
    """Ask `kumuhgis.overlay`, and how it was settled."""
    from kumuhgis import overlay
    from kumuhgis.memory import counted, remembering

    with remembering():
        table = overlay.areas(rt, parcels, dissolve=False)
        return table["all"].to_numpy(), counted()
