"""``python -m kumuhgis``: the command line where the folder of scripts is not on the PATH, as often on Windows."""

from kumuhgis.cli import main

if __name__ == "__main__":
    main()
