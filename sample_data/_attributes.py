"""What the layers say about things: conditions, needs, floods, land, zones, the SK."""

from __future__ import annotations

import _geometry as g
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from _features import FACTORY, MOSQUE, SCHOOL
from _settings import CRS
from _terrain import elevation

SETBACK = {"river": 15, "stream": 10}
PUBLIC_LAND = {
    SCHOOL: ("Hak Pakai", "SHP"),
    FACTORY: ("HGB", "SHGB"),
    MOSQUE: ("Hak Milik", "akta ikrar wakaf"),
}
# criterion -> share (lowest, highest) in target kawasan, other slum, not slum
SHARES = {
    "1a": ((0.55, 0.88), (0.30, 0.55), (0.02, 0.20)),
    "1c": ((0.27, 0.48), (0.22, 0.40), (0.00, 0.18)),
    "2a": ((0.10, 0.28), (0.05, 0.20), (0.00, 0.08)),
    "2b": ((0.30, 0.62), (0.24, 0.45), (0.05, 0.20)),
    "4a": ((0.14, 0.40), (0.00, 0.20), (0.00, 0.00)),
    "4b": ((0.28, 0.55), (0.22, 0.40), (0.04, 0.20)),
    "4c": ((0.20, 0.42), (0.15, 0.32), (0.02, 0.20)),
}


def wanted_shares(village):
    """Share of every geometric criterion wanted in every RT."""
    rows = {}
    for code, spec in village.rt["spec"].items():
        column = 0 if spec.kawasan == village.desa.kawasan else 1 if spec.slum else 2
        rows[code] = {key: village.rng.uniform(*ranges[column]) for key, ranges in SHARES.items()}
    return pd.DataFrame.from_dict(rows, orient="index")


def say_yes(rng, units, shares, yes="ya", no="tidak"):
    """Words for features: in every unit the wanted share says yes."""
    words = pd.Series(no, index=units.index, dtype=object)
    for code, group in units.groupby(units):
        chosen = rng.permutation(group.index)[: round(shares[code] * len(group))]
        words[chosen] = yes
    return words


def pick_length(rng, lines, shares, may, weight):
    """Choose lines until the wanted share of the length of their unit is reached.

    `lines` has columns unit, other (second unit of a border, or "") and length; `may` says which may be
    taken, `weight` which come last (higher = later). Returns a boolean Series.
    """
    chosen = pd.Series(False, index=lines.index)
    part = lines["length"] / np.where(lines["other"] != "", 2, 1)
    for code in shares.sort_values(ascending=False).index:
        mine = (lines["unit"] == code) | (lines["other"] == code)
        missing = shares[code] * part[mine].sum() - part[mine & chosen].sum()
        free = lines.index[mine & may & ~chosen]
        for index in sorted(free, key=lambda k: weight[k] + rng.random()):
            if part[index] <= missing * 1.15:
                chosen[index] = True
                missing -= part[index]
    return chosen


def roads(village, shares):
    """Streets with condition, width, surface, status; the main road runs on outside the map."""
    rng = village.rng
    frame = village.streets.reset_index(drop=True).copy()
    frame["length"] = frame.length
    frame["unit"], frame["other"] = _owners(village, frame.geometry)
    border = (frame["other"] != "").astype(float) * 2
    needed = pick_length(rng, frame, shares["2a"], frame["kind"] == "gang", border)
    bad = pick_length(rng, frame, shares["2b"], ~needed, border + (frame["kind"] == "jalan utama"))
    frame["status"] = np.where(needed, "dibutuhkan", "ada")
    good = rng.choice(["baik", "baik", "sedang"], len(frame))
    broken = rng.choice(["rusak ringan", "rusak berat"], len(frame))
    frame["condition"] = np.where(needed, None, np.where(bad, broken, good))
    hard = frame["kind"].map({"jalan utama": "aspal", "jalan lingkungan": "beton", "gang": "paving"})
    soft = rng.choice(["tanah", "makadam"], len(frame))
    frame["surface"] = np.where(needed, "tanah", np.where(bad & (rng.random(len(frame)) < 0.5), soft, hard))
    order = frame["source"].map({s: n for n, s in enumerate(sorted(frame["source"].unique()), start=1)})
    titles = {"jalan utama": "Jalan Desa", "jalan lingkungan": "Jalan Lingkungan", "gang": "Gang"}
    frame["name"] = frame["kind"].map(titles) + " " + order.astype(str)
    return pd.concat([frame, _beyond(village, frame)], ignore_index=True)


def _owners(village, lines):
    """First and second RT at the middle of every line ("" where there is none)."""
    middles = lines.interpolate(0.5, normalized=True).buffer(0.05)
    pairs = village.rt.sindex.query(middles, predicate="intersects")
    found = pd.Series(village.rt.index.values[pairs[1]]).groupby(pairs[0]).agg(list)
    first = [found.get(k, [""])[0] for k in range(len(lines))]
    second = [[*found.get(k, [""]), ""][1] for k in range(len(lines))]
    return first, second


def _beyond(village, frame):
    """Pieces of the main road outside the mapped RT."""
    rim = shapely.union_all(village.rt.geometry.values).exterior
    main = frame[frame["kind"] == "jalan utama"]
    rows = []
    for road in main[main.distance(rim) < 0.1].itertuples():
        coords = np.array(road.geometry.coords)
        if rim.distance(shapely.Point(coords[0])) < 0.1:
            coords = coords[::-1]
        way = coords[-1] - coords[-2]
        end = coords[-1] + way / np.hypot(*way) * 45.0
        line = shapely.LineString([coords[-1], np.round(end, 2)])
        rows.append({**road._asdict(), "geometry": line, "length": line.length, "unit": "", "other": ""})
    return gpd.GeoDataFrame(rows, crs=CRS).drop(columns="Index")


def drains(village, streets, shares):
    """Drains beside the streets where people live."""
    rng = village.rng
    settled = village.settled
    rows = []
    for street in streets[streets["unit"] != ""].itertuples():
        sides = (1, -1) if street.kind != "gang" else (rng.choice([1, -1]),)
        for side in sides:
            line = street.geometry.offset_curve(side * (street.width_m / 2 + 0.5))
            hits = settled.sindex.query(line.interpolate(0.5, normalized=True), predicate="within")
            if line.geom_type != "LineString" or len(hits) == 0 or rng.random() > 0.98:
                continue
            code = settled["unit"].iloc[hits[0]]
            line = line.intersection(village.rt.geometry[code].buffer(-0.05))
            rows += [(code, "", p) for p in shapely.get_parts(line) if p.length > 4]
    frame = gpd.GeoDataFrame(rows, columns=["unit", "other", "geometry"], crs=CRS)
    frame["length"] = frame.length
    none_later = pd.Series(0.0, index=frame.index)
    needed = pick_length(rng, frame, shares["4b"], none_later == 0, none_later)
    bad = pick_length(rng, frame, shares["4c"], ~needed, none_later)
    frame["status"] = np.where(needed, "dibutuhkan", "ada")
    words = np.where(bad, rng.choice(["rusak ringan", "rusak berat"], len(frame)), "baik")
    frame["condition"] = np.where(needed, None, words)
    for column, chance in (("connected", 0.2), ("maintained", 0.35)):
        frame[column] = np.where(needed, None, np.where(rng.random(len(frame)) < chance, "tidak", "ya"))
    return frame


def inundation(village, shares, settled_ha):
    """Flooded places in the lowest part of the settlement, with and without the thresholds."""
    rng, rows = village.rng, []
    built = village.settled.dissolve("unit")["geometry"]
    for code, share in shares["4a"].items():
        if share > 0.02:
            shape = _puddle(village, built[code], share * settled_ha[code] * 1e4)
            rows.append((shape, rng.integers(34, 71), rng.integers(3, 9), rng.integers(3, 7), "terukur"))
    quiet = [c for c in shares.index if shares["4a"][c] == 0]
    for code, depth, hours, times in zip(rng.permutation(quiet), (20, 35, 45), (1.5, 2, 4), (4, 5, 2), strict=False):
        rows.append((_puddle(village, built[code], 900.0), depth, hours, times, "terukur"))
    numbers = ["depth_cm", "duration_h", "times_per_year"]
    frame = gpd.GeoDataFrame(rows, columns=["geometry", *numbers, "source"], crs=CRS)
    frame[numbers] = frame[numbers].astype(float)
    frame.loc[0, ["duration_h", "times_per_year"]] = np.nan
    frame.loc[0, "source"] = "cerita warga, belum diukur"
    return frame


def _puddle(village, area, size):
    """Draw an irregular shape of `size` square metres in an area, around its lowest point."""
    x0, y0, x1, y1 = area.bounds
    xs, ys = (a.ravel() for a in np.meshgrid(np.arange(x0, x1, 8.0), np.arange(y0, y1, 8.0)))
    dry = shapely.contains_xy(area.buffer(-6).difference(village.water.buffer(4)), xs, ys)
    xs, ys = xs[dry], ys[dry]
    lowest = int(np.argmin(elevation(village, xs, ys)))
    shape = g.blob((0, 0), 1.0, village.rng, 0.16, 2.0, 1.15, village.rng.uniform(0, 3), step=0.2)
    low, high = 1.0, 400.0
    for _ in range(24):
        middle = (low + high) / 2
        moved = shapely.transform(shape, lambda c, k=middle: c * k + [xs[lowest], ys[lowest]])
        flooded = moved.intersection(area).buffer(0)
        low, high = (middle, high) if flooded.area < size else (low, middle)
    return max(g.polygons_of(flooded), key=lambda p: p.area)


def tenure(village, land, streets_as_parcels):
    """Land status of every parcel; street space becomes a parcel where the office mapped it."""
    frame = land.copy()
    if streets_as_parcels:
        frame = pd.concat([frame, _street_space(village, land)], ignore_index=True)
    words = [_status(village, row) for row in frame.itertuples()]
    frame["land_status"], frame["evidence"], frame["conflict"] = zip(*words, strict=True)
    if village.desa.water == "river":
        frame = pd.concat([frame, _double_claim(frame)], ignore_index=True)
    return frame


def _street_space(village, land):
    """Everything of an RT that is not a parcel: streets, and water."""
    taken = shapely.union_all(land.geometry.values, grid_size=0.001)
    rows = []
    for code, shape in village.rt.geometry.items():
        left = shape.difference(taken)
        dry, wet = left.difference(village.water), left.intersection(village.water)
        for use, part in (("jalan", dry), ("sungai", wet)):
            pieces = [p for p in g.polygons_of(part) if p.area > 0.5]
            if pieces:
                rows.append((code, use, "", shapely.MultiPolygon(pieces)))
    return gpd.GeoDataFrame(rows, columns=["unit", "use", "facility", "geometry"], crs=CRS)


def _status(village, row):
    """Land status, evidence and conflict of one parcel."""
    rng, clear = village.rng, village.spec(row.unit).clear_land
    if row.use in ("bantaran", "sungai"):
        if village.desa.water == "river":
            return "Tanah BBWS Bengawan Solo", "tidak ada", rng.choice(["ya", "tidak"], p=[0.3, 0.7])
        return "Tanah Negara", "tidak ada", "tidak"
    if row.use == "jalan" or row.facility in ("lapangan", "makam"):
        return "Tanah Kas Desa", "Buku tanah desa", "tidak"
    if row.facility in PUBLIC_LAND:
        return *PUBLIC_LAND[row.facility], "tidak"
    odds = (0.80, 0.08, 0.05, 0.07, 0.0) if clear else (0.58, 0.07, 0.04, 0.06, 0.25)
    choice = rng.choice(5, p=odds)
    status = ("Hak Milik", "HGB", "Hak Pakai", "Tanah Kas Desa", "belum bersertifikat")[choice]
    informal = rng.choice(["Letter C", "surat keterangan desa"])
    evidence = ("SHM", "SHGB", "SHP", "Buku tanah desa", informal)[choice]
    return status, evidence, "ya" if not clear and rng.random() < 0.015 else "tidak"


def _double_claim(frame):
    """Two parcels on the river bank that others claim as their own."""
    bank = frame[frame["use"] == "bantaran"].assign(size=frame.area).sort_values("size").index[-2:]
    claim = frame.loc[bank].copy()
    claim["geometry"] = claim.buffer(-1.0)
    return claim.assign(land_status="Hak Milik", evidence="Letter C", conflict="ya")


def zoning(village, land):
    """Zones of the spatial plan that together cover all RT."""
    whole = shapely.union_all(village.rt.geometry.values).buffer(20)
    bank = village.water.buffer(SETBACK[village.desa.water])
    works = land[land["facility"] == FACTORY]
    industry = shapely.union_all(works.geometry.values).buffer(18).simplify(3)
    fields = village.blocks[village.blocks["kind"] == "sawah"]
    farmed = [not village.spec(c).clear_land and int(c[-3:]) % 2 == 0 for c in fields["unit"]]
    farms = shapely.union_all(fields[farmed].geometry.values).buffer(-4).buffer(4).simplify(2)
    rows, taken = [], shapely.Polygon()
    named = (
        ("Sempadan Sungai", bank),
        ("Kawasan Industri", industry),
        ("Kawasan Pertanian (Sawah)", farms),
        ("Kawasan Permukiman Perdesaan", whole),
    )
    for name, shape in named:
        pieces = g.polygons_of(shape.intersection(whole).difference(taken))
        rows += [(name, p) for p in pieces if p.area > 4]
        taken = taken.union(shape)
    return gpd.GeoDataFrame(rows, columns=["zone", "geometry"], crs=CRS)


def decree(village, settled):
    """SK polygons: the settlement part of the RT in the (invented) decree, as drawn some years ago."""
    rows = []
    for code, spec in village.rt["spec"].items():
        if spec.in_sk:
            drawn = settled[code].buffer(1.5).buffer(village.rng.uniform(-6.0, 1.5)).simplify(1.5)
            shape = max(g.polygons_of(drawn.intersection(village.rt.geometry[code])), key=lambda p: p.area)
            rows.append((f"Kawasan {spec.kawasan}", code, round(shape.area / 1e4, 2), shape))
    frame = gpd.GeoDataFrame(rows, columns=["name", "unit", "area_ha", "geometry"], crs=CRS)
    return frame.assign(sk_number="000/CONTOH/2020", sk_date="2020-12-01")


def water(village):
    """Give the river surface; as a line where the office drew only that."""
    as_line = village.desa.key == "brujul"
    river = village.desa.water == "river"
    shape = village.water_line if as_line else village.water
    return gpd.GeoDataFrame(
        {
            "name": ["Bengawan Solo" if river else "Kali Contoh"],
            "kind": ["sungai" if river else "anak sungai"],
        },
        geometry=[shape],
        crs=CRS,
    )


def hydrants(village, streets):
    """Put a few water points for the fire brigade along the wider streets; one does not work."""
    wide = streets[(streets["kind"] == "jalan utama") & (streets["unit"] != "")].sort_values("length")
    wide = pd.concat([wide, streets[streets["kind"] == "jalan lingkungan"].sort_values("length").tail(1)])
    spots = wide.geometry.iloc[[0, len(wide) // 2, -1]].interpolate(0.5, normalized=True)
    return gpd.GeoDataFrame(
        {"kind": ["hidran", "tandon", "hidran"], "working": ["ya", "ya", "tidak"]},
        geometry=spots.values,
        crs=CRS,
    )
