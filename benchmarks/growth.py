"""How time and memory grow with the number of RT: W(n) of ten times the size again and again, streamed.

Started by hand, because the largest takes a while and some room on the disk: W(100,000) with 6 million buildings has
3.6 GB. Worlds that are there already are used again.

    python -m benchmarks growth --n 100000 --folder worlds
"""

import tempfile
from pathlib import Path

from benchmarks import world
from benchmarks.measures import one_run

SMALLEST, TIMES = 1_000, 10
PEER = "streamed"


def run(n=10_000, folder=None):
    """Time the engine on W(1,000) and ten times as many until n, and print a table.

    Parameters
    ----------
    n : int
        How many RT the largest has.
    folder : path, optional
        Where the worlds are kept; without it they are made in a temporary folder and go away.
    """
    sizes = [SMALLEST]
    while sizes[-1] * TIMES <= n:
        sizes.append(sizes[-1] * TIMES)
    print(f"\ngrowth: {PEER}, from GPKG to numbers per RT, one run each")
    print(f"{'RT':>10}{'seconds':>10}{'cpu':>10}{'times':>8}{'MB':>8}")
    with tempfile.TemporaryDirectory() as name:
        before = None
        for size in sizes:
            made = Path(folder or name) / f"w{size}"
            if not (made / "kumuhgis.toml").exists():
                world.write(made, size)
            took = one_run(PEER, made, Path(name) / "out.pkl")
            times = took["total_cpu"] / before if before else float("nan")
            before = took["total_cpu"]
            print(f"{size:10,}{took['total_s']:10.1f}{before:10.1f}{times:8.1f}{took['peak_mb']:8.0f}", flush=True)
