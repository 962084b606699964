"""Run the notebooks and keep what they show, without what differs from run to run (times, bars, versions)."""

import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient


def main(folder="notebooks"):
    """Run every notebook in place."""
    os.environ["KUMUHGIS_PROGRESS"] = "0"
    for path in sorted(Path(folder).glob("*.ipynb")):
        book = nbformat.read(path, 4)
        NotebookClient(book, timeout=600, resources={"metadata": {"path": str(path.parent)}}).execute()
        for cell in book.cells:
            cell.metadata.pop("execution", None)
        book.metadata.get("language_info", {}).pop("version", None)
        nbformat.write(book, path)
        print(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
