"""Make the invented sample projects: `python sample_data/make_samples.py [OUT_FOLDER]`.

Everything is drawn from seeded random numbers, so that every run gives the same data.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import _baseline
import _layers
import _rasters
import _settings
import _village
import _write


def make(desa, folder):
    """Write the project folder of one desa."""
    village = _village.build(desa)
    frames, trees, settled_ha = _layers.make(village)
    typed = _baseline.baseline(village, frames, settled_ha)
    spoiled, faults = _baseline.spoil(desa, typed)
    faults += _layers.spoil(desa, frames)
    _write.clean(folder)
    _write.layers(desa, frames, folder)
    _write.workbook(desa, spoiled.reset_index(drop=True), folder / "baseline.xlsx")
    _write.considerations(desa, folder / "pertimbangan.csv")
    _write.settings(desa, folder / "kumuhgis.toml")
    _write.readme(desa, faults, spoiled, folder / "README.md")
    _rasters.dem(village, folder / "dem.tif")
    _rasters.orthophoto(village, frames, trees, folder / "orto.tif")
    if desa.population_raster:
        people = typed["penduduk_jiwa"].astype(float)
        _rasters.population(village, frames["buildings"], people, folder / "penduduk.tif")


def main(arguments):
    """Write all three project folders."""
    out = Path(arguments[0]) if arguments else Path(__file__).parent
    for desa in _settings.ALL:
        make(desa, out / desa.key)
    _write.overview(_settings.ALL, out / "README.md")


if __name__ == "__main__":
    main(sys.argv[1:])
