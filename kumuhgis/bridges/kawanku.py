"""CSV in the order of the RT sheet of KawanKu (Dinas PRKP Jawa Timur): one row an RT, to be scored again.

The columns of the sheet come first, in its order; behind them stands what ``kumuhgis score`` needs to come to the same
result where an RT has more than the sheet has room for: another total for one criterion, limits of an open volume.
"""

import numpy as np
import pandas as pd

from kumuhgis.baseline import TOTAL_OF
from kumuhgis.longform import matrices
from kumuhgis.personal import hidden
from kumuhgis.saving import write_csv
from kumuhgis.unitrows import with_provenance
from kumuhgis.volumes import with_ideal_lengths

HEAD = ("kode", "kabupaten", "kawasan", "kelurahan", "rt_rw")
SIZES = {
    "luas_ha": "verified_ha",
    "bangunan_unit": "buildings",
    "penduduk_jiwa": "population",
    "kk": "households",
    "jalan_ideal_m": "road_ideal_m",
    "drainase_ideal_m": "drain_ideal_m",
}
"""Column of the sheet to ours."""
COUNTS = ("buildings", "population", "households")
"""Sizes that the sheet writes without decimals."""


def write_kawanku(assessment, path, lang="id"):
    """Write one row per RT in the order of the KawanKu sheet.

    Parameters
    ----------
    assessment : Assessment
        The result.
    path : path
        The ``.csv``.
    lang : {"id", "en"}
        Language of the words behind the sheet; its headings are always Indonesian.

    Notes
    -----
    ``kode`` stands where the public list of sheets has the address of the sheet. A text that a spreadsheet would take
    for a formula gets an apostrophe.
    """
    write_csv(kawanku_table(assessment, lang), path)


def kawanku_table(assessment, lang="id"):
    """Give the table of :func:`write_kawanku`.

    Parameters
    ----------
    assessment : Assessment
        The result.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    pandas.DataFrame
        ``kode, kabupaten, kawasan, kelurahan, rt_rw``, sizes, ``<code>_volume, <code>_pct, <code>_nilai`` of every
        criterion, ``rerata_<n>``, ``total_nilai, tingkat``; then what is needed to score it again, and where it
        comes from.

    Examples
    --------
    >>> import kumuhgis as kg, geopandas as gpd, pandas as pd, shapely
    >>> rt = gpd.GeoDataFrame({"kode": ["01"]}, geometry=[shapely.box(490000, 9162000, 490100, 9162100)], crs=32749)
    >>> result = kg.assess(rt=rt, baseline=pd.DataFrame({"kode": ["01"], "kk": [40], "3a_volume": [40]}))
    >>> print(kawanku_table(result)[["kode", "kk", "3a_volume", "3a_pct", "3a_nilai"]].to_string(index=False))
    kode  kk  3a_volume  3a_pct  3a_nilai
      01  40       40.0   100.0         5
    """
    summary, rules = assessment.summary, assessment.rules
    units = assessment.units.reindex(summary.index)
    measures = assessment.measures.reindex(summary.index, level="unit")
    _, arrays = matrices(measures, rules, ("affected", "total", "affected_low", "affected_high"))
    volumes, totals, low, high = (pd.DataFrame(a, summary.index, list(rules.codes)) for a in arrays)
    sizes = _sizes(units, volumes)
    table = _head(assessment, units)
    for name, column in SIZES.items():
        table[name] = _counted(sizes[column]) if column in COUNTS else sizes[column]
    scores = {
        name: assessment.scores[name].unstack("criterion").reindex(summary.index) for name in ("percent", "score")
    }
    for code in rules.codes:
        table[f"{code}_volume"] = volumes[code]
        table[f"{code}_pct"], table[f"{code}_nilai"] = scores["percent"][code], scores["score"][code]
    for aspect in rules.aspects:
        table[f"rerata_{aspect.number}"] = summary[f"aspect_{aspect.number}_mean"]
    table["total_nilai"] = summary["total_score"]
    table["tingkat"] = summary["level"].astype(object)
    table = table.join(_further(assessment, sizes, totals, low, high)).reset_index(drop=True)
    return with_provenance(table, assessment, lang).rename(columns={"data": "sifat_data"})


def _head(assessment, units):
    place = str(assessment.provenance.get("kabupaten") or "") or None
    named = {"kabupaten": "kabupaten", "kawasan": "kawasan", "kelurahan": "desa", "rt_rw": "rt_rw"}
    table = pd.DataFrame({"kode": units.index.astype(str)}, index=units.index)
    for name, column in named.items():
        given = units.get(column, pd.Series(place if name == "kabupaten" else None, units.index, dtype=object))
        table[name] = given if name == "rt_rw" else hidden(given)
    return table


def _sizes(units, volumes):
    """Give the sizes as the measures used them: the map's area where none was verified, ideal lengths completed."""
    given = units.reindex(columns=[*SIZES.values(), "road_existing_m", "drain_existing_m", "area_ha"]).astype(float)
    given["verified_ha"] = given["verified_ha"].fillna(given["area_ha"])
    return with_ideal_lengths(given, volumes)


def _counted(values):
    """Write counts as whole numbers where all of them are."""
    known = values.dropna()
    return values.astype("Int64") if (known == known.round()).all() else values


def _further(assessment, sizes, totals, low, high):
    """Give totals that are a criterion's own, and limits of volumes that are open."""
    out = pd.DataFrame(index=sizes.index)
    for criterion in assessment.rules.criteria:
        code, common = criterion.code, sizes[TOTAL_OF[criterion.total]]
        own = totals[code].notna() & ~np.isclose(totals[code], common, rtol=1e-12, atol=0)
        if own.any():
            out[f"{code}_penyebut"] = totals[code]
        for name, limits in (("volume_terendah", low[code]), ("volume_tertinggi", high[code])):
            if limits.notna().any():
                out[f"{code}_{name}"] = limits
    return out
