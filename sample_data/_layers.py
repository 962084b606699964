"""All layers of one village, with canonical names inside and the office's own names outside."""

from __future__ import annotations

import _attributes as a
import _features as f
import numpy as np
import pandas as pd

# layer -> (name in the files, canonical column -> the office's column)
NAMES = {
    "rt": (
        "rt",
        {
            "unit": "KODE_RT",
            "rt_rw": "RT_RW",
            "rt": "RT",
            "rw": "RW",
            "dusun": "DUSUN",
            "desa": "DESA",
            "kecamatan": "KECAMATAN",
            "kawasan": "KAWASAN",
            "sk_ha": "LUAS_SK",
        },
    ),
    "buildings": ("bangunan", {"use": "FUNGSI", "irregular": "TDK_TERATUR", "substandard": "TDK_LAYAK"}),
    "roads": (
        "jalan",
        {"name": "NAMA", "condition": "KONDISI", "width_m": "LEBAR_M", "surface": "PERKERASAN", "status": "STATUS"},
    ),
    "drains": (
        "drainase",
        {"condition": "KONDISI", "status": "STATUS", "connected": "TERHUBUNG", "maintained": "DIRAWAT"},
    ),
    "inundation": ("genangan", {"depth_cm": "TINGGI_CM", "duration_h": "LAMA_JAM", "times_per_year": "KALI_TAHUN"}),
    "parcels": ("bidang_tanah", {"land_status": "STATUS_HAK", "evidence": "BUKTI", "conflict": "SENGKETA"}),
    "zoning": ("rtr", {"zone": "ZONA"}),
    "sk": ("sk", {"name": "NAMA", "sk_number": "NO_SK", "sk_date": "TGL_SK", "area_ha": "LUAS_HA"}),
    "water": ("sungai", {"name": "NAMA", "kind": "JENIS"}),
    "hydrants": ("hidran", {"kind": "JENIS", "working": "BERFUNGSI"}),
}
# columns that the office has besides and that the project does not use
OTHER = {"inundation": {"source": "SUMBER"}, "parcels": {"use": "PENGGUNAAN"}}


def make(village):
    """Layers with canonical columns (and inner ones), trees, and hectares of settlement per RT."""
    shares = a.wanted_shares(village)
    land = f.parcels(village)
    houses = f.buildings(village, land)
    settled = village.settled.dissolve("unit", method="coverage")["geometry"]
    settled_ha = settled.area / 1e4
    streets = a.roads(village, shares)
    layers = {
        "rt": _units(village),
        "buildings": _described(village, houses, shares),
        "roads": streets,
        "drains": a.drains(village, streets, shares),
        "inundation": a.inundation(village, shares, settled_ha),
        "parcels": a.tenure(village, land, village.desa.street_parcels),
        "zoning": a.zoning(village, land),
        "sk": a.decree(village, settled),
        "water": a.water(village),
        "hydrants": a.hydrants(village, streets),
    }
    layers["rt"]["sk_ha"] = layers["rt"]["unit"].map(layers["sk"].set_index("unit")["area_ha"])
    return layers, f.trees(village, land, houses), settled_ha


def _units(village):
    """Name the RT."""
    frame = village.rt.reset_index()
    return frame.assign(
        rt_rw=[f"RT {rt:03d} RW {rw:03d}" for rt, rw in zip(frame["rt"], frame["rw"], strict=True)],
        rt=frame["rt"].map("{:03d}".format),
        rw=frame["rw"].map("{:03d}".format),
        desa=village.desa.name,
        kecamatan="Jaten",
        kawasan=[spec.kawasan or None for spec in frame["spec"]],
    )


def _described(village, houses, shares):
    """Use, irregularity and technical fitness of the buildings."""
    rng, frame = village.rng, houses.copy()
    frame["irregular"] = a.say_yes(rng, frame["unit"], shares["1a"])
    frame["substandard_true"] = a.say_yes(rng, frame["unit"], shares["1c"])
    frame["substandard"] = frame["substandard_true"]
    if village.desa.key == "ngringo":
        frame.loc[rng.permutation(frame.index)[: len(frame) // 2], "substandard"] = None
    shops = np.where(rng.random(len(frame)) < 0.07, "warung", "hunian")
    frame["use"] = np.where(frame["use"] == "", shops, frame["use"])
    return frame


def spoil(desa, layers):
    """Deliberate gaps in the layers: list of what."""
    if desa.key == "ngringo":
        return [
            "Lapisan `bangunan`: kolom `tdk_layak` kosong pada separuh bangunan",
            "Lapisan `bidang_tanah`: dua bidang `Hak Milik` bersengketa menumpang di atas tanah BBWS",
            "Lapisan `bidang_tanah`: ruang jalan tidak dipetakan",
        ]
    if desa.key == "brujul":
        roads = layers["roads"]
        inner = roads.query(f"status == 'ada' and unit == '{desa.code}.004.001' and other == ''")
        roads.loc[inner.index[0], "condition"] = None
        return [f"Lapisan `jalan`: satu ruas di RT {desa.code}.004.001 tanpa `Kondisi`"]
    return []


def spelled(desa, column):
    """Write a column name as this office does."""
    return {"upper": str.upper, "lower": str.lower, "title": str.title}[desa.letters](column)


def columns(desa, layer):
    """Canonical column -> the office's column."""
    return {ours: spelled(desa, theirs) for ours, theirs in NAMES[layer][1].items()}


def outside(desa, layer, frame):
    """Turn a layer into what the office has: its own columns, a running number, the geometry."""
    names = columns(desa, layer) | {k: spelled(desa, v) for k, v in OTHER.get(layer, {}).items()}
    result = frame[[*names, frame.geometry.name]].rename(columns=names)
    if layer != "rt":
        result.insert(0, spelled(desa, "ID"), pd.RangeIndex(1, len(result) + 1))
    return result
