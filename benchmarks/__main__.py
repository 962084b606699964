"""Run benchmarks: ``python -m benchmarks [NAME ...]``; without a name, all of them."""

import platform
import sys

import numpy as np

from benchmarks import checking, kernel

ALL = {"kernel": kernel.run, "checking": checking.run}


def main(names):
    """Run the benchmarks named and print one table each."""
    unknown = set(names) - set(ALL)
    if unknown:
        sys.exit(f"{', '.join(sorted(unknown))}: {' | '.join(ALL)}")
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {platform.machine()} {platform.system()}")
    for name in names or ALL:
        ALL[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
