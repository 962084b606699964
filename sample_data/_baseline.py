"""The baseline table: measured on the invented map, typed with a typist's rounding, then spoiled a little."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import shapely
from _settings import KECAMATAN

CRITERIA = ("1a", "1b", "1c", "2a", "2b", "3a", "3b", "4a", "4b", "4c", "5a", "5b", "6a", "6b", "7a", "7b")
HEADER = (
    "kode_rt",
    "rt_rw",
    "desa",
    "kecamatan",
    "kawasan",
    "luas_ha",
    "luas_sk_ha",
    "bangunan_unit",
    "penduduk_jiwa",
    "kk",
    "jalan_ideal_m",
    "drainase_ideal_m",
    "jalan_eksisting_m",
    "drainase_eksisting_m",
    *(f"{c}_volume" for c in CRITERIA),
)
TOTALS = {
    **dict.fromkeys(("1a", "1c", "7a", "7b"), "bangunan_unit"),
    **dict.fromkeys(("1b", "4a"), "luas_ha"),
    **dict.fromkeys(("2a", "2b"), "jalan_ideal_m"),
    **dict.fromkeys(("4b", "4c"), "drainase_ideal_m"),
    **dict.fromkeys(("3a", "3b", "5a", "5b", "6a", "6b"), "kk"),
}
SCORES = (0, 1, 3, 5)
# how likely a household criterion scores 0, 1, 3, 5 in a village of this kind
HABITS = {
    "3a": (6, 3, 1, 0.3),
    "3b": (7, 2, 1, 0.2),
    "5a": (3, 4, 3, 1),
    "5b": (3, 4, 3, 1),
    "6a": (2, 3, 4, 3),
    "6b": (2, 3, 4, 3),
    "7b": (2, 2, 3, 6),
    "1b": (9, 1, 0.1, 0.0),
}


def score(volume, total):
    """Score 0, 1, 3 or 5 of one criterion."""
    percent = 100 * volume / total if total else 0.0
    return SCORES[int(np.searchsorted([25, 51, 76], percent, side="right"))]


def measured(village, layers):
    """Totals and the volumes that can be measured on the map, one row per RT."""
    frame = pd.DataFrame(index=village.rt.index)
    houses = layers["buildings"]
    frame["bangunan_unit"] = houses.groupby("unit").size()
    for key, column in (("1a", "irregular"), ("1c", "substandard_true")):
        frame[key] = (houses[column] == "ya").groupby(houses["unit"]).sum()
    for name, layer, absent, bad in (("jalan", "roads", "2a", "2b"), ("drainase", "drains", "4b", "4c")):
        lines = layers[layer]
        frame[f"{name}_ideal_m"] = _length(lines, frame.index)
        frame[absent] = _length(lines[lines["status"] == "dibutuhkan"], frame.index)
        frame[f"{name}_eksisting_m"] = frame[f"{name}_ideal_m"] - frame[absent]
        frame[bad] = _length(lines[lines["condition"].isin(["rusak ringan", "rusak berat"])], frame.index)
    frame["4a"] = _flooded(village, layers["inundation"])
    frame["7a"] = _far_from_wide_street(layers["roads"], houses)
    return frame.fillna(0)


def _length(lines, units):
    """Metres in every RT; a street on a border is shared."""
    part = lines["length"] / np.where(lines["other"] != "", 2, 1)
    own, shared = (part.groupby(lines[column]).sum() for column in ("unit", "other"))
    return own.add(shared, fill_value=0).reindex(units).fillna(0)


def _flooded(village, polygons):
    """Hectares of inundation above the thresholds; unmeasured ones are taken as such."""
    over = [("depth_cm", 30), ("duration_h", 2), ("times_per_year", 2)]
    counts = np.logical_and.reduce([polygons[c].isna() | (polygons[c] > limit) for c, limit in over])
    wet = shapely.union_all(polygons.geometry.values[counts])
    return village.rt.geometry.intersection(wet).area / 1e4


def _far_from_wide_street(roads, houses):
    """Count buildings farther than 45 m from an existing street of at least 3.5 m."""
    wide = roads[(roads["status"] == "ada") & (roads["width_m"] >= 3.5)]
    far = houses.geometry.distance(shapely.union_all(wide.geometry.values)) > 45
    return far.groupby(houses["unit"]).sum()


def baseline(village, layers, settled_ha):
    """Make the workbook's rows before the deliberate faults."""
    rng, rows = village.rng, []
    facts = measured(village, layers)
    for code, fact in facts.iterrows():
        spec = village.spec(code)
        row = _head(village, layers, code, fact, settled_ha)
        target = spec.kawasan == village.desa.kawasan
        row |= _typed(fact, row)
        known = sum(score(row[f"{c}_volume"], row[TOTALS[c]]) for c in CRITERIA if f"{c}_volume" in row)
        for key, points in _household_scores(rng, code, spec.total - known, target).items():
            row[f"{key}_volume"] = _volume(rng, points, row[TOTALS[key]], decimals=2 if key == "1b" else 0)
        row.setdefault("1b_volume", 0.0)
        rows.append(row)
    return pd.DataFrame(rows, columns=list(HEADER)).set_index("kode_rt", drop=False)


def _head(village, layers, code, fact, settled_ha):
    """Name, place, people, hectares and lengths of one RT."""
    rng, spec, rt = village.rng, village.spec(code), village.rt.loc[code]
    off = rng.choice([-2, -1, 1, 2, 3]) if rng.random() < 0.22 else 0
    families = round(fact["bangunan_unit"] * rng.uniform(0.88, 0.97))
    sk = layers["sk"].set_index("unit")["area_ha"]
    return {
        "kode_rt": code,
        "rt_rw": f"RT {rt['rt']:03d} RW {rt['rw']:03d}",
        "desa": village.desa.name,
        "kecamatan": KECAMATAN,
        "kawasan": spec.kawasan or None,
        "luas_ha": round(settled_ha[code] if spec.surveyed else rt.geometry.area / 1e4, 2),
        "luas_sk_ha": sk.get(code, None),
        "bangunan_unit": int(fact["bangunan_unit"] + off),
        "penduduk_jiwa": int(np.clip(round(families * rng.uniform(3.2, 3.8)), 100, 250)),
        "kk": families,
        **{c: _nearest(fact[c], 5) for c in HEADER[10:14]},
    }


def _nearest(value, step):
    """Round as a typist does."""
    return int(step * round(value / step))


def _typed(fact, row):
    """Measured volumes as they were typed."""
    typed = {f"{c}_volume": int(min(fact[c], row["bangunan_unit"])) for c in ("1a", "1c", "7a")}
    typed |= {f"{c}_volume": min(_nearest(fact[c], 5), row[TOTALS[c]]) for c in ("2a", "2b", "4b", "4c")}
    return typed | {"4a_volume": float(min(round(fact["4a"], 2), row["luas_ha"]))}


def _household_scores(rng, code, missing, target):
    """Scores of the criteria that no map shows, so that the RT gets its wanted total."""
    keys = [k for k in HABITS if target or k != "1b"]
    combinations = np.array(list(product(range(4), repeat=len(keys))))
    points = np.array(SCORES)[combinations].sum(axis=1)
    fits = combinations[points == missing]
    if len(fits) == 0:
        raise ValueError(f"{code}: {missing} points cannot be made by household criteria")
    habits = np.array([HABITS[k] for k in keys])
    chance = habits[np.arange(len(keys)), fits].prod(axis=1)
    chosen = fits[rng.choice(len(fits), p=chance / chance.sum())]
    return {k: SCORES[i] for k, i in zip(keys, chosen, strict=True)}


def _volume(rng, points, total, decimals=0):
    """Choose a volume that scores `points`; never above its total."""
    low, high = {0: (0.0, 0.2), 1: (0.27, 0.49), 3: (0.52, 0.74), 5: (0.78, 1.0)}[points]
    steps = np.round(np.arange(0, total + 10**-decimals / 2, 10**-decimals), decimals)
    fits = [v for v in steps if low * total <= v <= high * total and score(v, total) == points]
    value = rng.choice(fits)
    return float(value) if decimals else int(value)


def spoil(desa, table):
    """Put the deliberate faults into the workbook: (rows with faults, list of what)."""
    spoiled = table.astype(object)
    faults = []

    def put(rt, column, value, why):
        spoiled.loc[f"{desa.code}.{rt}", column] = value
        faults.append(f"`baseline.xlsx`, RT {desa.code}.{rt}, kolom `{column}`: {why}")

    FAULTS[desa.key](put, spoiled)
    if desa.key == "ngringo":
        gone = f"{desa.code}.009.001"
        spoiled = spoiled.drop(gone)
        faults.append(f"`baseline.xlsx`: RT {gone} tidak punya baris")
    if desa.key == "brujul":
        extra = spoiled.loc[f"{desa.code}.003.001"].copy()
        extra["kode_rt"], extra["rt_rw"] = f"{desa.code}.009.009", "RT 009 RW 009"
        spoiled.loc[extra["kode_rt"]] = extra
        faults.append(f"`baseline.xlsx`: baris {extra['kode_rt']} ada, RT itu tidak ada di peta")
    return spoiled, faults


def _spoil_jaten(put, table):
    put("004.004", "3b_volume", None, "kosong")
    put("003.002", "5b_volume", None, "kosong")
    lengths = table[["jalan_ideal_m", "drainase_ideal_m"]].astype(int).stack()
    row, column = lengths.idxmax()
    if lengths.max() < 1000:
        raise ValueError("the text number should have a thousands separator")
    written = f"{lengths.max():,}".replace(",", ".") + ",5"
    put(row[-7:], column, written, f"angka tertulis sebagai teks (`{written}`)")
    worst = [r for r in table.index if score(table.at[r, "6a_volume"], table.at[r, "kk"]) == 5]
    row = worst[-1]
    put(row[-7:], "6a_volume", int(table.at[row, "kk"]) + 7, "volume melebihi jumlah KK")


def _spoil_ngringo(put, table):
    put("005.003", "4a_volume", -0.35, "luas genangan negatif")


def _spoil_brujul(put, table):
    put("003.003", "6b_volume", "-", "tanda `-` di sel angka")
    put("003.003", "5a_volume", "#REF!", "galat rumus `#REF!` tersimpan sebagai teks")


FAULTS = {"jaten": _spoil_jaten, "ngringo": _spoil_ngringo, "brujul": _spoil_brujul}
