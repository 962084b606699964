"""The workbook of 1,000 RT (40 kawasan) against XlsxWriter writing as many plain numbers into as many sheets.

Ours: live formulas with their values, formats, roll-ups, charts, validation and protection; atomic. The peer writes
each number with ``write_number`` and nothing else. Interleaved rounds, medians. Then a small atlas of profiles, with
the time of a page; ``python -c "from benchmarks.documents import atlas; atlas(1000)"`` makes one of 1,000 RT.
"""

import statistics
import tempfile
import time
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import xlsxwriter
from shapely import box

import kumuhgis as kg

UNITS, KAWASAN, ROUNDS, GOAL = 1_000, 40, 5, 3.0
ATLAS = 14
"""RT of the atlas: more pages than are set at once, so that they are joined too."""
_TOTALS = {
    "luas_ha": 1.5,
    "bangunan_unit": 60,
    "penduduk_jiwa": 240,
    "kk": 55,
    "jalan_ideal_m": 400.0,
    "drainase_ideal_m": 350.0,
}


def make(units=UNITS, seed=6):
    """Make and assess a baseline without a map but squares: as many kawasan as RT allow, in four desa."""
    rng = np.random.default_rng(seed)
    keys = [f"{i:04d}" for i in range(units)]
    kawasan, desa = (np.arange(units) * n // units for n in (KAWASAN, 4))
    frame = pd.DataFrame({"kode": keys, **_TOTALS})
    frame = frame.assign(kawasan=[f"Kawasan {k}" for k in kawasan], desa=[f"Desa {d}" for d in desa], kecamatan="Jaten")
    for criterion in kg.load_rules().criteria:
        column = dict(zip(("buildings", "area", "road", "drain", "households"), _COLUMNS, strict=True))[criterion.total]
        frame[f"{criterion.code}_volume"] = np.round(
            frame[column] * rng.random(units), 2 if criterion.unit == "ha" else 0
        )
    side = int(np.ceil(units**0.5))
    shapes = [box(x, y, x + 100, y + 100) for x, y in ((100 * (i % side), 100 * (i // side)) for i in range(units))]
    rt = gpd.GeoDataFrame({"kode": keys}, geometry=shapes, crs=32749).translate(490_000, 9_162_000)
    rt = gpd.GeoDataFrame({"kode": keys}, geometry=rt, crs=32749)
    return kg.assess(rt=rt, baseline=frame, options={"city_class": "sedang"})


_COLUMNS = ("bangunan_unit", "luas_ha", "jalan_ideal_m", "drainase_ideal_m", "kk")


def cells(path):
    """Count the cells of every sheet of a workbook."""
    with zipfile.ZipFile(path) as parts:
        names = [n for n in parts.namelist() if n.startswith("xl/worksheets/sheet")]
        return [parts.read(n).count(b"<c ") for n in names]


def plain(path, counts, wide=80):
    """Write as many numbers, eighty in a row."""
    with xlsxwriter.Workbook(path) as book:
        for count in counts:
            sheet = book.add_worksheet()
            for i in range(count):
                sheet.write_number(i // wide, i % wide, i * 0.37)


def atlas(units=ATLAS):
    """Write an atlas of profiles and print time, size and memory; one without a page per RT ends with an error."""
    from pypdf import PdfReader

    from kumuhgis.documents.profile import plan_atlas

    result = make(units)
    with tempfile.TemporaryDirectory() as name:
        path, start = Path(name) / "profil.pdf", time.perf_counter()
        kg.write(result, path, kind="profile")
        seconds, size, count = time.perf_counter() - start, path.stat().st_size / 1e6, len(PdfReader(path).pages)
    if count != len(plan_atlas(result).keys):
        raise AssertionError("the atlas has not one page for every RT and kawasan")
    time_of = f"{seconds:.0f} s, {seconds / count:.2f} s a page{_peak()}"
    print(f"\natlas: {units:,} RT, {count:,} pages, {size:.1f} MB, {time_of}")


def _peak():
    try:
        import resource
    except ImportError:  # Windows
        return ""
    return f", peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB"


def run():
    """Print medians and the ratio; a workbook that does not score the same again ends with an error."""
    result = make()
    times = {"plain numbers": [], "workbook": []}
    with tempfile.TemporaryDirectory() as name:
        ours, peer = Path(name) / "profil.xlsx", Path(name) / "plain.xlsx"
        counts = cells(kg.write(result, ours))
        for _ in range(ROUNDS):
            start = time.perf_counter()
            plain(peer, counts)
            middle = time.perf_counter()
            kg.write(result, ours, force=True)
            times["plain numbers"].append(middle - start)
            times["workbook"].append(time.perf_counter() - middle)
        again, _ = kg.score_baseline(ours)
        size = ours.stat().st_size / 1e6
    if not (again["total_low"].to_numpy() == result.summary["total_low"].to_numpy()).all():
        raise AssertionError("the workbook scores otherwise than the assessment")
    base = statistics.median(times["plain numbers"])
    print(f"\ndocuments: {len(again):,} RT, {sum(counts):,} cells, {size:.1f} MB, medians of {ROUNDS}")
    for label, seconds in times.items():
        print(f"  {label:<16} {statistics.median(seconds):7.2f} s   {statistics.median(seconds) / base:5.2f}")
    print(f"  goal: the workbook at most {GOAL}")
    atlas()
