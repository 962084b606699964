"""A made-up kabupaten W(n): n RT with shared wiggly borders and all that lies in them; seeded, so always the same.

===========  ====================================================================================
units        n RT of about 2 ha and 31 vertices
houses       60 n turned rectangles
roads        20 n segments with condition, status, width and surface
drains       20 n segments with condition, status, connection and maintenance
inundation   0.3 n polygons on the borders, some on top of each other
parcels      50 n with a status; they share their borders, 1 % reach into a neighbour
zoning       n / 25 polygons of about 235 vertices, a second tessellation across the first
households   65 n rows of a table, with the RT they live in
hydrants     n / 10 points
water        n / 100 rivers across everything
===========  ====================================================================================

Each layer has its own seed: asking for one does not change another. `write` makes a project folder of it.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

SIDE, STEPS = 141.0, 8  # about 2 ha, about 31 vertices
ZONE, ZONE_STEPS = 5, 59  # RT along a zone; about 235 vertices
SWAY = 0.06
DEEP = 3  # parcels are this many times as deep as wide
ORIGIN = np.array((480000.0, 9150000.0))
CRS = 32749
SUFFIX = {"GPKG": ".gpkg", "FlatGeobuf": ".fgb", "parquet": ".parquet"}
CONDITIONS, CONDITION_SHARE = ["baik", "sedang", "rusak ringan", "rusak berat"], [0.55, 0.2, 0.15, 0.1]
HOUSEHOLD = {"AIR": "3a", "AIR_CUKUP": "3b", "LIMBAH": "5a", "TANGKI": "5b", "SARANA_SAMPAH": "6a", "SAMPAH": "6b"}
COLUMNS = {
    "rt": {"unit": "KODE_RT"},
    "buildings": {"irregular": "TERATUR", "substandard": "LAYAK", "use": "FUNGSI"},
    "roads": {"condition": "KONDISI", "status": "STATUS", "width_m": "LEBAR_M", "surface": "PERKERASAN"},
    "drains": {"condition": "KONDISI", "status": "STATUS", "connected": "TERHUBUNG", "maintained": "TERPELIHARA"},
    "inundation": {"depth_cm": "TINGGI_CM", "duration_h": "LAMA_JAM", "times_per_year": "KALI_TAHUN"},
    "parcels": {"land_status": "STATUS_HAK", "evidence": "BUKTI", "conflict": "SENGKETA"},
    "zoning": {"zone": "ZONA"},
    "hydrants": {"kind": "JENIS", "working": "BERFUNGSI"},
    "water": {"name": "NAMA", "kind": "JENIS"},
}


def units(n, seed=1):
    """Make about n RT on a grid whose borders are shared wiggly lines.

    Parameters
    ----------
    n : int
        How many; rounded down to a square.
    seed : int
        Seed of the wiggles.

    Returns
    -------
    geopandas.GeoDataFrame
        ``KODE_RT`` and polygons, a valid coverage.
    """
    side = across(n)
    shapes = tessellation(side, SIDE, STEPS, ORIGIN, np.random.default_rng(seed))
    return gpd.GeoDataFrame({"KODE_RT": codes(len(shapes))}, geometry=shapes, crs=CRS)


def houses(n, seed=2):
    """Make 60 houses per RT: turned rectangles, all valid.

    Parameters
    ----------
    n : int
        How many RT.
    seed : int
        Seed.

    Returns
    -------
    geopandas.GeoDataFrame
        ``TERATUR`` and ``LAYAK`` (ya/tidak), ``FUNGSI`` and polygons.
    """
    rng, side = np.random.default_rng(seed), across(n)
    count = 60 * side * side
    centre = rng.uniform(0, side * SIDE, (count, 1, 2)) + ORIGIN
    half = rng.uniform(2.5, 6.0, (count, 1, 2)) * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    corners = centre + turned(half, rng.uniform(0, np.pi, count))
    columns = {
        "TERATUR": np.where(rng.random(count) < 0.7, "ya", "tidak"),
        "LAYAK": np.where(rng.random(count) < 0.85, "ya", "tidak"),
        "FUNGSI": rng.choice(["rumah", "toko", "ibadah"], count, p=[0.94, 0.05, 0.01]),
    }
    return gpd.GeoDataFrame(columns, geometry=shapely.polygons(corners), crs=CRS)


def roads(n, seed=3):
    """Make 20 road segments per RT; none runs along a border.

    Parameters
    ----------
    n : int
        How many RT.
    seed : int
        Seed.

    Returns
    -------
    geopandas.GeoDataFrame
        ``KONDISI``, ``STATUS``, ``LEBAR_M``, ``PERKERASAN`` and lines of four vertices.
    """
    rng = np.random.default_rng(seed)
    lines = segments(n, rng)
    columns = {
        "KONDISI": rng.choice(CONDITIONS, len(lines), p=CONDITION_SHARE),
        "STATUS": np.where(rng.random(len(lines)) < 0.9, "ada", "dibutuhkan"),
        "LEBAR_M": rng.choice([1.5, 2.0, 2.5, 3.5, 4.0, 6.0], len(lines)),
        "PERKERASAN": rng.choice(["aspal", "beton", "paving", "tanah"], len(lines)),
    }
    return gpd.GeoDataFrame(columns, geometry=lines, crs=CRS)


def drains(n, seed=4):
    """Make 20 drain segments per RT; none runs along a border.

    Parameters
    ----------
    n : int
        How many RT.
    seed : int
        Seed.

    Returns
    -------
    geopandas.GeoDataFrame
        ``KONDISI``, ``STATUS``, ``TERHUBUNG``, ``TERPELIHARA`` and lines of four vertices.
    """
    rng = np.random.default_rng(seed)
    lines = segments(n, rng)
    columns = {
        "KONDISI": rng.choice(CONDITIONS, len(lines), p=CONDITION_SHARE),
        "STATUS": np.where(rng.random(len(lines)) < 0.85, "ada", "dibutuhkan"),
        "TERHUBUNG": np.where(rng.random(len(lines)) < 0.8, "ya", "tidak"),
        "TERPELIHARA": np.where(rng.random(len(lines)) < 0.6, "ya", "tidak"),
    }
    return gpd.GeoDataFrame(columns, geometry=lines, crs=CRS)


def inundation(n, seed=5):
    """Make 0.3 inundation polygons per RT, each across a border; some lie on top of each other.

    Parameters
    ----------
    n : int
        How many RT.
    seed : int
        Seed.

    Returns
    -------
    geopandas.GeoDataFrame
        ``TINGGI_CM``, ``LAMA_JAM``, ``KALI_TAHUN`` and polygons of 24 vertices.
    """
    rng, side = np.random.default_rng(seed), across(n)
    count = max(1, round(0.3 * side * side))
    centre = rng.uniform(0, side, (count, 2))
    axis = rng.integers(0, 2, count)
    centre[np.arange(count), axis] = rng.integers(0, side + 1, count)
    turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    reach = rng.uniform(30, 70, (count, 1)) * rng.uniform(0.8, 1.2, (count, 24))
    rings = centre[:, None] * SIDE + ORIGIN + reach[..., None] * np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    columns = {
        "TINGGI_CM": rng.integers(10, 91, count),
        "LAMA_JAM": rng.integers(1, 9, count),
        "KALI_TAHUN": rng.integers(1, 9, count),
    }
    return gpd.GeoDataFrame(columns, geometry=shapely.polygons(rings), crs=CRS)


def parcels(n, seed=6):
    """Make 50 parcels per RT with shared borders; 1 % of them reach 3 m into a neighbour.

    Parameters
    ----------
    n : int
        How many RT.
    seed : int
        Seed.

    Returns
    -------
    geopandas.GeoDataFrame
        ``STATUS_HAK``, ``BUKTI``, ``SENGKETA`` and polygons.
    """
    rng, side = np.random.default_rng(seed), across(n)
    many = np.round(np.sqrt([50 * DEEP, 50 / DEEP]) * side).astype(int)
    width = side * SIDE / many
    knots = np.stack(np.meshgrid(np.arange(many[0] + 1), np.arange(many[1] + 1)), axis=-1) * width + ORIGIN
    knots += rng.uniform(-0.12, 0.12, knots.shape) * width
    corners = np.stack([knots[:-1, :-1], knots[:-1, 1:], knots[1:, 1:], knots[1:, :-1]], axis=2).reshape(-1, 4, 2)
    count = len(corners)
    corners[rng.random(count) < 0.01, 1:3, 0] += 3.0
    status = ["Hak Milik", "Hak Guna Bangunan", "Hak Pakai", "Tanah Negara", "Belum Bersertifikat"]
    columns = {
        "STATUS_HAK": rng.choice(status, count, p=[0.6, 0.1, 0.05, 0.05, 0.2]),
        "BUKTI": rng.choice(["SHM", "SHGB", "petok D", "girik"], count),
        "SENGKETA": np.where(rng.random(count) < 0.02, "ya", "tidak"),
    }
    return gpd.GeoDataFrame(columns, geometry=shapely.polygons(corners), crs=CRS)


def zoning(n, seed=7):
    """Make n/25 zones with wiggly shared borders that lie across those of the RT and cover them all.

    Parameters
    ----------
    n : int
        How many RT.
    seed : int
        Seed.

    Returns
    -------
    geopandas.GeoDataFrame
        ``ZONA`` and polygons.
    """
    rng, side = np.random.default_rng(seed), across(n)
    many, margin = max(1, round(side / ZONE)), 0.4 * SIDE
    size = (side * SIDE + 2 * margin) / many
    shapes = tessellation(many, size, ZONE_STEPS, ORIGIN - margin, rng)
    names = ["Permukiman", "Perdagangan dan Jasa", "Ruang Terbuka Hijau", "Sempadan Sungai", "Industri"]
    zone = rng.choice(names, len(shapes), p=[0.6, 0.15, 0.1, 0.05, 0.1])
    return gpd.GeoDataFrame({"ZONA": zone}, geometry=shapes, crs=CRS)


def hydrants(n, seed=8):
    """Make n/10 hydrants.

    Parameters
    ----------
    n : int
        How many RT.
    seed : int
        Seed.

    Returns
    -------
    geopandas.GeoDataFrame
        ``JENIS``, ``BERFUNGSI`` and points.
    """
    rng, side = np.random.default_rng(seed), across(n)
    count = max(1, side * side // 10)
    columns = {
        "JENIS": rng.choice(["hidran", "sumur"], count),
        "BERFUNGSI": np.where(rng.random(count) < 0.8, "ya", "tidak"),
    }
    points = rng.uniform(0, side * SIDE, (count, 2)) + ORIGIN
    return gpd.GeoDataFrame(columns, geometry=shapely.points(points), crs=CRS)


def water(n, seed=9):
    """Make n/100 rivers that wind from south to north.

    Parameters
    ----------
    n : int
        How many RT.
    seed : int
        Seed.

    Returns
    -------
    geopandas.GeoDataFrame
        ``NAMA``, ``JENIS`` and lines.
    """
    rng, side = np.random.default_rng(seed), across(n)
    count, knots = max(1, side * side // 100), 10 * side + 1
    north = np.broadcast_to(np.linspace(0, side * SIDE, knots), (count, knots))
    bend = 40 * np.sin(north / 300 + rng.uniform(0, 2 * np.pi, (count, 1))) + rng.uniform(-3, 3, (count, knots))
    east = rng.uniform(0, side * SIDE, (count, 1)) + bend
    names = [f"Kali {i + 1}" for i in range(count)]
    lines = shapely.linestrings(np.stack([east, north], axis=-1) + ORIGIN)
    return gpd.GeoDataFrame({"NAMA": names, "JENIS": "sungai"}, geometry=lines, crs=CRS)


def households(n, seed=10):
    """Make 65 households per RT: a table with the RT each lives in.

    Parameters
    ----------
    n : int
        How many RT.
    seed : int
        Seed.

    Returns
    -------
    pandas.DataFrame
        ``KODE_RT``, ``JIWA``, and one ya/tidak column for each criterion that counts households (`HOUSEHOLD`):
        "tidak" is a household that lacks it.
    """
    rng, side = np.random.default_rng(seed), across(n)
    count = 65 * side * side
    place = rng.integers(0, side * side, count)
    lacking = rng.beta(1.2, 4.0, (side * side, len(HOUSEHOLD)))[place]
    answers = np.where(rng.random((count, len(HOUSEHOLD))) < lacking, "tidak", "ya")
    table = pd.DataFrame({"KODE_RT": np.array(codes(side * side))[place], "JIWA": rng.integers(1, 8, count)})
    return table.join(pd.DataFrame(answers, columns=list(HOUSEHOLD)))


def baseline(n, seed=11):
    """Make the baseline table: households counted, and 7b as a survey gives it.

    Parameters
    ----------
    n : int
        How many RT.
    seed : int
        Seed.

    Returns
    -------
    pandas.DataFrame
        ``kode_rt``, ``rt_rw``, ``bangunan_unit``, ``penduduk_jiwa``, ``kk`` and the volumes that no layer gives.
    """
    rng, people = np.random.default_rng(seed), households(n)
    keys = codes(across(n) ** 2)
    grouped = people.groupby("KODE_RT")
    table = pd.DataFrame({"rt_rw": [f"RT {k % 10 + 1:03d} RW {k // 10 + 1:03d}" for k in range(len(keys))]}, index=keys)
    table["bangunan_unit"] = 60
    table["penduduk_jiwa"] = grouped["JIWA"].sum().reindex(keys, fill_value=0)
    table["kk"] = grouped.size().reindex(keys, fill_value=0)
    lacking = people[list(HOUSEHOLD)].eq("tidak").groupby(people["KODE_RT"]).sum().reindex(keys, fill_value=0)
    for column, code in HOUSEHOLD.items():
        table[f"{code}_volume"] = lacking[column]
    table["7b_volume"] = rng.integers(0, 61, len(keys))
    return table.rename_axis("kode_rt").reset_index()


LAYERS = {
    "rt": units,
    "buildings": houses,
    "roads": roads,
    "drains": drains,
    "inundation": inundation,
    "parcels": parcels,
    "zoning": zoning,
    "hydrants": hydrants,
    "water": water,
}


def write(folder, n, format="GPKG", *, with_baseline=True):
    """Write W(n) as a project folder: one file a layer, the tables, and ``kumuhgis.toml``.

    Parameters
    ----------
    folder : path
        Made if it is not there; files of the same name are replaced.
    n : int
        How many RT.
    format : {"GPKG", "FlatGeobuf", "parquet"}
        Of the layers.
    with_baseline : bool
        Whether the project has the baseline table; without it only geometry is measured.

    Returns
    -------
    pathlib.Path
        The folder.
    """
    folder, suffix = Path(folder), SUFFIX[format]
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in LAYERS.items():
        path = folder / f"{name}{suffix}"
        if format == "parquet":
            make(n).to_parquet(path, write_covering_bbox=False)
        else:
            path.unlink(missing_ok=True)
            make(n).to_file(path, driver=format, engine="pyogrio")
    households(n).to_csv(folder / "rumah_tangga.csv", index=False)
    baseline(n).to_csv(folder / "baseline.csv", index=False)
    (folder / "kumuhgis.toml").write_text(settings(suffix, with_baseline), encoding="utf-8")
    return folder


def settings(suffix, with_baseline=True):
    """Give the project file as text.

    Parameters
    ----------
    suffix : str
        Of the layers' files.
    with_baseline : bool
        Whether to name the baseline table.

    Returns
    -------
    str
        TOML.
    """
    parts = ['[project]\nname = "W(n), kabupaten rekaan"\nsample = true\n']
    parts.append('[options]\ncity_class = "sedang"\nsetback_m = 10\n')
    for name in LAYERS:
        columns = ", ".join(f'{ours} = "{theirs}"' for ours, theirs in COLUMNS[name].items())
        parts.append(f'[layers.{name}]\npath = "{name}{suffix}"\ncolumns = {{ {columns} }}\n')
    if with_baseline:
        parts.append('[tables.baseline]\npath = "baseline.csv"\n')
    return "\n".join(parts)


def near_border(units, features, distance=2.0):
    """Tell which share of the features comes near a border of the RT.

    Parameters
    ----------
    units, features : geopandas.GeoDataFrame
        RT and a layer.
    distance : float
        What is near, in metres.

    Returns
    -------
    float
        0 … 1.
    """
    borders = shapely.get_parts(shapely.boundary(units.geometry.to_numpy()))
    found = shapely.STRtree(features.geometry.to_numpy()).query(borders, predicate="dwithin", distance=distance)[1]
    return len(np.unique(found)) / len(features)


def across(n):
    """Give how many RT stand in a row: the whole root of n."""
    return int(np.sqrt(n))


def codes(count):
    """Give the codes of the RT, all distinct."""
    return [f"33.13.{k // 10000:02d}.{k // 100 % 100:04d}.{k % 100:03d}" for k in range(count)]


def tessellation(side, size, steps, origin, rng):
    """Make side x side polygons of about 4 x steps vertices that share wiggly borders.

    Parameters
    ----------
    side : int
        Cells in a row.
    size : float
        Metres along a cell.
    steps : int
        Pieces of the border along a cell.
    origin : array of two floats
        South-west corner.
    rng : numpy.random.Generator
        Of the wiggles.

    Returns
    -------
    numpy.ndarray of shapely polygons
        Row by row from the south-west.
    """
    knots = side * steps + 1
    taper = np.sin(np.pi * (np.arange(knots) % steps) / steps)[:, None]  # quiet near the corners
    along = np.linspace(0, side, knots) * size
    level = np.arange(side + 1)[:, None] * size + np.zeros(knots)
    sway = rng.uniform(-SWAY, SWAY, (side + 1, knots, 2)) * SIDE * taper
    rows = np.stack([along + sway[..., 0] * 0.3, level + sway[..., 1]], axis=-1)
    sway = rng.uniform(-SWAY, SWAY, (side + 1, knots, 2)) * SIDE * taper
    columns = np.stack([level + sway[..., 0], along + sway[..., 1] * 0.3], axis=-1)
    j, i = (index.ravel()[:, None] for index in np.indices((side, side)))
    ahead, back = np.arange(steps), np.arange(steps, 0, -1)
    south, east = rows[j, i * steps + ahead], columns[i + 1, j * steps + ahead]
    north, west = rows[j + 1, i * steps + back], columns[i, j * steps + back]
    return shapely.polygons(np.concatenate([south, east, north, west], axis=1) + origin)


def segments(n, rng):
    """Make 20 n lines of four vertices and 12 to 34 m, slightly bent, in all directions."""
    side = across(n)
    count = 20 * side * side
    start = rng.uniform(0, side * SIDE, (count, 1, 2)) + ORIGIN
    forward = np.linspace(-0.5, 0.5, 4) * rng.uniform(12, 34, (count, 1))
    aside = rng.uniform(-1.5, 1.5, (count, 4))
    return shapely.linestrings(start + turned(np.stack([forward, aside], axis=-1), rng.uniform(0, np.pi, count)))


def turned(points, angles):
    """Turn each row of points by its angle (radians)."""
    spin = np.stack([np.cos(angles), -np.sin(angles), np.sin(angles), np.cos(angles)], axis=-1).reshape(-1, 2, 2)
    return np.einsum("nij,nkj->nki", spin, points)
