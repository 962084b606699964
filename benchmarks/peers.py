"""The same work on W(n) by different hands; each is ``read(folder) -> data`` and ``compute(data) -> frame``.

The frame has the RT as index and one column a result: ``buildings`` (number), ``density`` (per hectare),
``roads:<condition>`` and ``drains:<condition>`` (m), ``parcels:<status>`` and ``zoning:<zone>`` (ha, as drawn),
``inundation`` (ha, each once) and ``households:<question>`` (share that lacks it). All planar, so that everyone
measures the same. Where parcels of one status overlap, kumuhgis can count the hectare once; here it is asked not to.

``python -m benchmarks.peers NAME FOLDER OUT`` does it once in a process of its own and prints what it took.
"""

import json
import os
import sys
import time
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from benchmarks.engine import rules
from benchmarks.world import HOUSEHOLD

LINES = {"roads": "KONDISI", "drains": "KONDISI"}
FACES = {"parcels": "STATUS_HAK", "zoning": "ZONA"}
LAYERS = {"rt": "KODE_RT", "buildings": None, **LINES, **FACES, "inundation": None}
HECTARE = 10_000.0


def file_of(folder, name):
    """Give the file of a layer, in whichever format the folder has."""
    return next(p for p in Path(folder).glob(f"{name}.*") if p.suffix in (".gpkg", ".fgb"))


def read_table(folder):
    """Read the households."""
    return pd.read_csv(Path(folder) / "rumah_tangga.csv", dtype=str, keep_default_na=False)


def shares(people, keys):
    """Give the share of households that lack something, by RT."""
    lacking = people[list(HOUSEHOLD)].eq("tidak").groupby(people["KODE_RT"]).mean().reindex(keys)
    return lacking.add_prefix("households:")


def density(result, square):
    """Add buildings per hectare."""
    result["density"] = result["buildings"] / (square / HECTARE)
    return result


def wide(long, name, keys, scale=1.0):
    """Turn (RT, category, amount) into one column a category."""
    unit, category, _ = long.columns
    table = long.pivot_table(index=unit, columns=category, values=long.columns[2], aggfunc="sum", fill_value=0.0)
    return (table.reindex(keys, fill_value=0.0) * scale).add_prefix(f"{name}:")


# ---------------------------------------------------------------- naive geopandas


def naive_read(folder):
    """Read everything with ``geopandas.read_file``."""
    return {name: gpd.read_file(file_of(folder, name)) for name in LAYERS} | {"people": read_table(folder)}


def naive(data):
    """Count with ``sjoin``, measure with ``overlay``, add up with ``groupby``."""
    rt = data["rt"][["KODE_RT", "geometry"]]
    keys = pd.Index(rt["KODE_RT"])
    points = data["buildings"].set_geometry(data["buildings"].representative_point())
    counted = gpd.sjoin(points, rt, predicate="within").groupby("KODE_RT").size()
    parts = [counted.reindex(keys, fill_value=0).rename("buildings")]
    for name, column in LINES.items():
        cut = gpd.overlay(data[name][[column, "geometry"]], rt, how="intersection", keep_geom_type=True)
        parts.append(wide(cut.assign(m=cut.length)[["KODE_RT", column, "m"]], name, keys))
    for name, column in FACES.items():
        cut = gpd.overlay(data[name][[column, "geometry"]], rt, how="intersection", keep_geom_type=True)
        parts.append(wide(cut.assign(m2=cut.area)[["KODE_RT", column, "m2"]], name, keys, 1 / HECTARE))
    once = gpd.GeoDataFrame(geometry=[data["inundation"].union_all()], crs=rt.crs).explode(ignore_index=True)
    cut = gpd.overlay(once, rt, how="intersection", keep_geom_type=True)
    wet = cut.area.groupby(cut["KODE_RT"]).sum().reindex(keys, fill_value=0.0) / HECTARE
    parts += [wet.rename("inundation"), shares(data["people"], keys)]
    return density(pd.concat(parts, axis=1), rt.area.to_numpy())


# ---------------------------------------------------------------- good shapely


def good_read(folder):
    """Read only the columns used, as Arrow."""
    data = {
        name: gpd.read_file(file_of(folder, name), columns=[column] if column else [], use_arrow=True)
        for name, column in LAYERS.items()
    }
    return data | {"people": read_table(folder)}


def good(data):
    """Search with STRtrees, cut only what crosses a border, add up with ``bincount``."""
    shapes = data["rt"].geometry.to_numpy()
    shapely.prepare(shapes)
    keys = pd.Index(data["rt"]["KODE_RT"])
    points = shapely.point_on_surface(data["buildings"].geometry.to_numpy())
    unit = shapely.STRtree(points).query(shapes, predicate="intersects")[0]
    columns = {"buildings": np.bincount(unit, minlength=len(keys))}
    for name, column in {**LINES, **FACES}.items():
        code, names = pd.factorize(data[name][column])
        unit, feature, amount = inside(shapes, data[name].geometry.to_numpy(), name in FACES)
        sums = np.bincount(unit * len(names) + code[feature], amount, len(keys) * len(names))
        columns |= {f"{name}:{category}": sums[i :: len(names)] for i, category in enumerate(names)}
    pools = shapely.get_parts(shapely.union_all(data["inundation"].geometry.to_numpy()))
    unit, _, amount = inside(shapes, pools, True)
    columns["inundation"] = np.bincount(unit, amount, len(keys))
    result = pd.DataFrame(columns, index=keys).join(shares(data["people"], keys))
    return density(result, shapely.area(shapes))


def inside(shapes, features, faces):
    """Measure each pair of an RT and a feature that meet; what lies wholly inside keeps its own amount."""
    measure, scale = (shapely.area, 1 / HECTARE) if faces else (shapely.length, 1.0)
    unit, feature = shapely.STRtree(features).query(shapes, predicate="intersects")
    amount = measure(features)[feature]
    cut = ~shapely.contains_properly(shapes[unit], features[feature])
    amount[cut] = measure(shapely.intersection(shapes[unit[cut]], features[feature[cut]]))
    return unit, feature, amount * scale


# ---------------------------------------------------------------- databases

WHOLE_INSIDE = "CASE WHEN ST_Contains(u.geom, f.geom) THEN {0}(f.geom) ELSE {0}(ST_Intersection(u.geom, f.geom)) END"
ALWAYS_CUT = "{0}(ST_Intersection(u.geom, f.geom))"
COUNT = (
    "SELECT u.kode_rt, count(*) AS amount FROM rt u JOIN (SELECT ST_PointOnSurface(geom) AS point FROM buildings) f "
    "ON ST_Intersects(u.geom, f.point) GROUP BY u.kode_rt"
)
AMOUNT = (
    "SELECT u.kode_rt, f.kind, sum({amount}) AS amount FROM rt u JOIN {layer} f ON ST_Intersects(u.geom, f.geom) "
    "GROUP BY u.kode_rt, f.kind"
)
ONCE = (
    "SELECT u.kode_rt, ST_Area(ST_Union_Agg(ST_Intersection(u.geom, f.geom))) AS amount FROM rt u "
    "JOIN inundation f ON ST_Intersects(u.geom, f.geom) GROUP BY u.kode_rt"
)
AREA = "SELECT kode_rt, ST_Area(geom) AS amount FROM rt"


def by_query(ask, people, amount):
    """Gather the results of a database: `ask` takes a query and gives a frame of three columns."""
    area = ask(AREA).set_index("kode_rt")["amount"]
    keys = area.index
    counted = ask(COUNT).set_index("kode_rt")["amount"]
    parts = [counted.reindex(keys, fill_value=0).rename("buildings")]
    for name in LINES:
        parts.append(wide(ask(AMOUNT.format(layer=name, amount=amount.format("ST_Length"))), name, keys))
    for name in FACES:
        found = ask(AMOUNT.format(layer=name, amount=amount.format("ST_Area")))
        parts.append(wide(found, name, keys, 1 / HECTARE))
    wet = ask(ONCE).set_index("kode_rt")["amount"]
    parts += [wet.reindex(keys, fill_value=0.0).rename("inundation") / HECTARE, shares(people, keys)]
    return density(pd.concat(parts, axis=1), area.to_numpy())


def duckdb_read(folder):
    """Read the layers into tables of DuckDB, with the extension that came from the registry of Python packages."""
    import duckdb
    import duckdb_extension_spatial

    base = next(iter(duckdb_extension_spatial.__path__))
    connection = duckdb.connect()
    connection.execute(f"LOAD '{next(Path(base).rglob('spatial.duckdb_extension')).as_posix()}'")
    for name, column in LAYERS.items():
        kind = "KODE_RT AS kode_rt" if name == "rt" else f"{column or repr('')} AS kind"
        path = file_of(folder, name).as_posix().replace("'", "''")
        connection.execute(f"CREATE TABLE {name} AS SELECT {kind}, geom FROM ST_Read('{path}')")
    return {"connection": connection, "people": read_table(folder)}


def duckdb(data):
    """Join on ST_Intersects; what lies wholly inside keeps its own amount."""
    return by_query(lambda query: data["connection"].execute(query).df(), data["people"], WHOLE_INSIDE)


def sedona_read(folder):
    """Read the layers into tables of SedonaDB."""
    import sedonadb

    session = sedonadb.connect()
    for name, column in LAYERS.items():
        kind = '"KODE_RT" AS kode_rt' if name == "rt" else f'"{column}" AS kind' if column else "'' AS kind"
        file = session.read_pyogrio(file_of(folder, name)).to_memtable()
        file.to_view(f"file_{name}", overwrite=True)
        geometry = next(c for c in file.columns if c in ("geom", "geometry", "wkb_geometry"))
        session.sql(f"SELECT {kind}, {geometry} AS geom FROM file_{name}").to_view(name, overwrite=True)
    return {"session": session, "people": read_table(folder)}


def sedona(data):
    """Join on ST_Intersects and cut everything: its containment predicates abort on some multi-polygons."""
    import pyarrow as pa

    session = data["session"]
    return by_query(lambda query: pa.table(session.sql(query)).to_pandas(), data["people"], ALWAYS_CUT)


# ---------------------------------------------------------------- kumuhgis


def kumuhgis_read(folder):
    """Open the layers through the door of kumuhgis: checked, repaired, accounted for."""
    from benchmarks.world import COLUMNS
    from kumuhgis.layers import open_layer

    rt = open_layer(file_of(folder, "rt"), "rt", columns=COLUMNS["rt"]).frame
    data = {"rt": rt, "people": read_table(folder)}
    for name in LAYERS:
        if name != "rt":
            how = {"columns": COLUMNS[name], "to_crs": rt.crs, "area": rt}
            data[name] = open_layer(file_of(folder, name), name, **how).frame
    return data


def kumuhgis(data):
    """Ask `kumuhgis.overlay`; parcels and zones as drawn, as the others do."""
    from kumuhgis import overlay
    from kumuhgis.memory import remembering

    rt = data["rt"]
    with remembering():
        parts = [overlay.counts(rt, data["buildings"])["all"].rename("buildings")]
        for name in LINES:
            parts.append(overlay.lengths(rt, data[name], data[name]["condition"]).add_prefix(f"{name}:"))
        for name, column in {"parcels": "land_status", "zoning": "zone"}.items():
            found = overlay.areas(rt, data[name], data[name][column], dissolve=False)
            parts.append(found.add_prefix(f"{name}:"))
        parts.append(overlay.areas(rt, data["inundation"])["all"].rename("inundation"))
    parts.append(shares(data["people"], rt.index))
    return density(pd.concat(parts, axis=1), rt.area.to_numpy())


#: What each layer is asked for, the largest first.
STREAMS = {
    "parcels": ("areas", "STATUS_HAK"),
    "buildings": ("counts", None),
    "people": None,
    "roads": ("lengths", "KONDISI"),
    "drains": ("lengths", "KONDISI"),
    "inundation": None,
    "zoning": ("areas", "ZONA"),
}
#: The RT of this process, and their borders.
_READY = {}


def streamed(folder):
    """Read in portions and add up with `kumuhgis.overlay.Sums`: no layer is ever in memory as a whole."""
    from kumuhgis.memory import remembering

    with remembering():
        prepared(folder)
        return gathered([streamed_part(folder, name) for name in STREAMS])


def streamed_by_two(folder):
    """Do the same in two processes, of which each takes the next layer when it is done with one."""
    from concurrent.futures import ProcessPoolExecutor
    from itertools import repeat
    from multiprocessing import get_context

    prepared(folder)  # once: both inherit it
    with ProcessPoolExecutor(2, get_context("fork"), remembered_for_good) as pool:
        return gathered(list(pool.map(streamed_part, repeat(folder), STREAMS)))


def prepared(folder):
    """Read the RT."""
    _READY["rt"] = gpd.read_file(file_of(folder, "rt")).set_index("KODE_RT")


def remembered_for_good():
    """Let a process remember the borders of the RT as long as it lives."""
    from kumuhgis.memory import remembering

    _READY["memory"] = remembering()
    _READY["memory"].__enter__()


def streamed_part(folder, name):
    """Add up one layer; which one, and its table."""
    from kumuhgis.overlay import areas

    rt = _READY["rt"]
    if name == "people":
        return name, streamed_shares(folder, rt.index)
    if name == "inundation":
        return name, areas(rt, gpd.read_file(file_of(folder, name)))["all"].rename(name)
    table = summed(rt, folder, name, *STREAMS[name])
    return name, table["all"].rename(name) if name == "buildings" else table.add_prefix(f"{name}:")


def gathered(parts):
    """Put the tables of all layers side by side."""
    parts = dict(parts)
    order = ["buildings", *LINES, *FACES, "inundation", "people"]
    return density(pd.concat([parts[name] for name in order], axis=1), _READY["rt"].area.to_numpy())


def streamed_shares(folder, keys):
    """Give the share of households that lack something, by RT, from portions of the table."""
    path, total = Path(folder) / "rumah_tangga.csv", 0
    for people in pd.read_csv(path, dtype=str, keep_default_na=False, chunksize=200_000):
        lacking = people[list(HOUSEHOLD)].eq("tidak").assign(number=1).groupby(people["KODE_RT"]).sum()
        total = lacking.reindex(keys, fill_value=0) + total
    return total[list(HOUSEHOLD)].div(total["number"], axis=0).add_prefix("households:")


def summed(rt, folder, name, of, column):
    """Add up one layer, portion by portion."""
    from pyogrio.raw import open_arrow

    from kumuhgis.overlay import Sums

    sums = Sums(rt, of)
    columns = [] if column is None else [column]
    with open_arrow(file_of(folder, name), columns=columns, use_pyarrow=True) as (told, reader):
        for batch in reader:
            sums.add(batch[told["geometry_name"] or "wkb_geometry"], by=None if column is None else batch[column])
    return sums.table()


def whole(folder, workers=1):
    """From the files of a project to levels, legality and rank: everything that kumuhgis does and no peer here."""
    from kumuhgis import assess

    result = assess(folder, workers=workers)
    counted = result.measures["geometry_total"].xs("1a", level="criterion").rename("buildings")
    return counted.to_frame().join(result.summary[["total_score"]])


PEERS = {
    "naive": (naive_read, naive, ["geopandas"], "geopandas: overlay, sjoin, groupby"),
    "good": (good_read, good, ["shapely", "pyarrow"], "shapely 2: STRtree, bincount"),
    "sedona": (sedona_read, sedona, ["sedonadb", "pyarrow"], "SedonaDB"),
    "duckdb": (duckdb_read, duckdb, ["duckdb", "duckdb_extension_spatial"], "DuckDB spatial"),
    "kumuhgis": (kumuhgis_read, kumuhgis, ["kumuhgis.layers", "kumuhgis.overlay"], "kumuhgis.overlay"),
    "streamed": (
        lambda folder: folder,
        streamed,
        ["kumuhgis.overlay", "pyarrow"],
        "kumuhgis.overlay.Sums, in portions",
    ),
    "streamed2": (
        lambda folder: folder,
        streamed_by_two,
        ["kumuhgis.overlay", "pyarrow"],
        "the same in two processes",
    ),
    "rules": (lambda folder: folder, rules, ["kumuhgis.measures", "pyarrow"], "the engine, all that the rule measures"),
    "whole": (lambda folder: folder, whole, ["kumuhgis.assessment"], "kumuhgis.assess"),
    "whole2": (lambda folder: folder, partial(whole, workers=2), ["kumuhgis.assessment"], "kumuhgis.assess, workers=2"),
}


def missing(name):
    """Name the packages of a peer that are not installed."""
    return [package for package in PEERS[name][2] if find_spec(package) is None]


def versions(name):
    """Give the packages of a peer with their versions."""
    return {package: version(package) for package in PEERS[name][2] if not package.startswith("kumuhgis")}


# ---------------------------------------------------------------- one run in its own process


def clock():
    """Give wall and processor seconds (user and system, ended children too)."""
    return np.array([time.perf_counter(), sum(os.times()[:4])])


def peak_mb():
    """Give the most memory this process or a child has held, in MB; NaN where the system does not say."""
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss of a child starts with what its parent held
        import resource

        own = next(int(line.split()[1]) for line in status.read_text().splitlines() if "VmHWM" in line)
        return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024
    return float("nan")


def once(name, folder, out):
    """Run a peer once: its result goes to a file, what it took is returned."""
    read, compute, packages, _ = PEERS[name]
    for package in packages:
        __import__(package)
    start = clock()
    data = read(folder)
    middle = clock()
    result = compute(data)
    end = clock()
    result.rename_axis("unit").to_pickle(out)
    (read_s, read_cpu), (compute_s, compute_cpu) = middle - start, end - middle
    took = {"read_s": read_s, "compute_s": compute_s, "total_s": read_s + compute_s}
    return took | {"compute_cpu": compute_cpu, "total_cpu": read_cpu + compute_cpu, "peak_mb": peak_mb()}


if __name__ == "__main__":
    print(json.dumps(once(*sys.argv[1:4])))
