"""The scoring kernel against one NumPy expression on the same arrays (1,000,000 units by 16 criteria).

The peer computes, rounds and bins: ``np.digitize(np.round(100 * affected / total, 2), [25, 51, 76])``. The kernel does
that exactly (half away from zero on the decimals as written, 0/0, volume over zero, missing), and adds scores, totals,
intervals and levels. Interleaved rounds, medians, one core.
"""

import statistics
import time

import numpy as np

from kumuhgis.kernel import score_arrays
from kumuhgis.longform import long_table
from kumuhgis.rules import load_rules
from kumuhgis.scores import results

UNITS, ROUNDS = 1_000_000, 5
GOAL = 1.5


def make(units=UNITS, seed=14):
    """Make volumes and totals: whole counts, as a survey gives them."""
    rng = np.random.default_rng(seed)
    total = rng.integers(20, 400, (units, 16)).astype(float)
    return np.floor(total * rng.random((units, 16))), total


def peer(affected, total):
    """Compute, round and bin in one NumPy expression."""
    return np.digitize(np.round(100 * affected / total, 2), [25, 51, 76])


def timed(work, *args):
    start = time.perf_counter()
    result = work(*args)
    return time.perf_counter() - start, result


def run():
    """Print medians and the ratio; a wrong number ends with an error."""
    rules = load_rules()
    affected, total = make()
    times = {"NumPy expression": [], "kernel": []}
    for _ in range(ROUNDS):
        seconds, bins = timed(peer, affected, total)
        times["NumPy expression"].append(seconds)
        seconds, scored = timed(score_arrays, affected, total, rules)
        times["kernel"].append(seconds)
    expected = np.array(rules.bands.score)[bins]
    differ = np.flatnonzero((expected != scored.score).any(axis=1))
    check(affected[differ], total[differ], scored.score[differ], rules)
    if (scored.total_low != scored.score.sum(axis=1)).any():
        raise AssertionError("totals are not the sums of the scores")
    base = statistics.median(times["NumPy expression"])
    print(f"\nkernel: {UNITS:,} units x 16 criteria, medians of {ROUNDS}")
    for name, seconds in times.items():
        median = statistics.median(seconds)
        print(f"  {name:<28} {median:7.3f} s   {median / base:5.2f}")
    table = long_table(np.arange(UNITS).astype(str), rules.codes, affected=affected, total=total)
    seconds, _ = timed(results, table, rules)
    print(f"  {'long table to wide results':<28} {seconds:7.3f} s   {seconds / base:5.2f}  (means, fragile; no goal)")
    print(f"  goal: kernel at most {GOAL} of NumPy; {len(differ)} units differ, all of them binary rounding of NumPy")


def check(affected, total, score, rules):
    """Recompute with whole numbers what NumPy's binary rounding may have got wrong."""
    hundredths = (2 * 10000 * affected.astype(np.int64) + total.astype(np.int64)) // (2 * total.astype(np.int64))
    lower = [round(100 * value) for value in rules.bands.lower]
    exact = np.array(rules.bands.score)[np.digitize(hundredths, lower)]
    if (exact != score).any():
        raise AssertionError("the kernel's scores differ from exact whole-number arithmetic")
