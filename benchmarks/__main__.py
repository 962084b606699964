"""Run benchmarks: ``python -m benchmarks [NAME ...]``; without a name, all that are small enough for every commit."""

import argparse
import platform

import numpy as np

from benchmarks import (
    certainty,
    checking,
    desktops,
    documents,
    growth,
    kernel,
    mapping,
    measures,
    rasters,
    snapped,
    start,
    survey,
)
from benchmarks.peers import PEERS

ALL = {
    "start": start.run,
    "kernel": kernel.run,
    "certainty": certainty.run,
    "checking": checking.run,
    "rasters": rasters.run,
    "documents": documents.run,
    "survey": survey.run,
    "mapping": mapping.run,
    "measures": measures.run,
    "snapped": snapped.run,
    "growth": growth.run,
    "postgis": desktops.postgis,
    "qgis": desktops.qgis,
}
#: Too large, or in need of other software, to be run without being asked for.
BY_HAND = {"growth", "postgis", "qgis", "survey"}
#: The options that a benchmark takes.
TAKES = {"measures": ("n", "rounds", "peers", "format", "out"), "snapped": ("n", "rounds"), "growth": ("n", "folder")}
TAKES |= {"postgis": ("n", "rounds"), "qgis": ("n", "rounds")}


def arguments(given=None):
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=" | ".join(ALL))
    only = parser.add_argument_group("measures, snapped, growth, postgis, qgis")
    only.add_argument("--n", type=int, default=measures.UNITS, help="how many RT (%(default)s)")
    only.add_argument("--rounds", type=int, default=measures.ROUNDS, help="interleaved rounds (%(default)s)")
    only.add_argument("--folder", help="where growth keeps the worlds that it makes")
    only.add_argument("--peers", default=",".join(measures.DEFAULT), help=f"of {','.join(PEERS)} (%(default)s), or all")
    only.add_argument("--format", choices=["GPKG", "FlatGeobuf"], default="GPKG", help="of the layers (%(default)s)")
    only.add_argument("--out", help="write the table as Markdown too")
    found = parser.parse_args(given)
    found.peers = list(PEERS) if found.peers == "all" else found.peers.split(",")
    for unknown, known in ((set(found.names) - set(ALL), ALL), (set(found.peers) - set(PEERS), PEERS)):
        if unknown:
            parser.error(f"{', '.join(sorted(unknown))}: {' | '.join(known)}")
    return found


def main(given=None):
    """Run the benchmarks named and print one table each."""
    found = arguments(given)
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {platform.machine()} {platform.system()}")
    for name in found.names or [name for name in ALL if name not in BY_HAND]:
        ALL[name](**{key: getattr(found, key) for key in TAKES.get(name, ())})


if __name__ == "__main__":
    main()
