"""PostGIS and QGIS, asked what the other peers are asked: by hand, on this machine only, never in CI.

    python -m benchmarks postgis --n 2500
    python -m benchmarks qgis --n 2500

They need Debian's ``postgresql postgis gdal-bin`` and ``qgis``. A PostgreSQL of one's own is started on the loopback in
a temporary folder, as an unprivileged user (root starts it as ``postgres``), and stopped and removed in the end. Their
numbers must be those of kumuhgis.
"""

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from benchmarks import world
from benchmarks.measures import OURS, compare, one_run
from benchmarks.peers import (
    FACES,
    HECTARE,
    LAYERS,
    LINES,
    WHOLE_INSIDE,
    by_query,
    clock,
    density,
    read_table,
    shares,
    wide,
)

PORT = "54329"
#: Memory as a small server would have it; the rest is what Debian ships, two parallel workers among it.
SETTINGS = {"listen_addresses": "127.0.0.1", "port": PORT, "shared_buffers": "1GB", "work_mem": "64MB", "fsync": "off"}
ENGINES = ("streamed", OURS)


def postgis(n, rounds=3):
    """Time the queries of PostGIS on W(n), the layers loaded, indexed and analysed before.

    Parameters
    ----------
    n : int
        How many RT.
    rounds : int
        How often.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = world.write(Path(name) / "w", n)
        people = read_table(folder)
        with server(Path(name)) as ask:
            start = time.perf_counter()
            for layer, column in LAYERS.items():
                load(folder / f"{layer}.gpkg", layer, column, ask)
            loaded = time.perf_counter() - start
            version = ask("SELECT version(), postgis_full_version()").iloc[0]

            def queries():
                return by_query(lambda query: ask(query.replace("ST_Union_Agg", "ST_Union")), people, WHOLE_INSIDE)

            told = f"loading and indexing (not counted): {loaded:.1f} s; {version.iloc[0][:40]}; {version.iloc[1][:60]}"
            report("PostGIS, queries only", queries, folder, Path(name), rounds, told)


def qgis(n, rounds=1):
    """Time the algorithms of QGIS on W(n): intersection, dissolve, points in polygons, without starting QGIS.

    The pieces that it writes are added up here, and that is not counted.

    Parameters
    ----------
    n : int
        How many RT.
    rounds : int
        How often.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = world.write(Path(name) / "w", n)
        version = subprocess.run(["dpkg-query", "-W", "qgis"], capture_output=True, text=True).stdout.strip()
        report("QGIS, algorithms only", lambda: qgis_measures(folder, Path(name)), folder, Path(name), rounds, version)


def report(title, measure, folder, out, rounds, told):
    """Run it and the engine in turn, compare the numbers, and print times and ratios."""
    theirs, ours = [], {engine: [] for engine in ENGINES}
    for _ in range(rounds):
        for engine in ENGINES:
            took = one_run(engine, folder, out / f"{engine}.pkl")
            ours[engine].append((took["total_s"], took["total_cpu"]))
        start = time.perf_counter()
        found = measure()
        theirs.append(found.attrs.get("took", (time.perf_counter() - start, float("nan"))))
        largest = compare(title, found, pd.read_pickle(out / f"{OURS}.pkl"))
    seconds, cpu = np.median(theirs, axis=0)
    print(f"\n{title}: W({len(found):,}), {seconds:.1f} s, processor {cpu:.1f} s; {told}")
    for engine in ENGINES:
        own, own_cpu = np.median(ours[engine], axis=0)
        print(
            f"{engine}, reading and measuring: {own:.1f} s, processor {own_cpu:.1f} s; "
            f"ratio {own / seconds:.3f}, processor {own_cpu / cpu:.3f}"
        )
    print(f"medians of {rounds} rounds, load {os.getloadavg()[0]:.1f}; counts equal, largest difference {largest}")


# ---------------------------------------------------------------- PostgreSQL


@contextmanager
def server(folder):
    """Start a server on the loopback, and give the function that asks it: a query, a frame."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    data = Path(tempfile.mkdtemp(prefix="kumuhgis-pg-"))
    if user:
        shutil.chown(data, "postgres")
    socket = {**SETTINGS, "unix_socket_directories": str(data)}
    options = " ".join(f"-c {name}={value}" for name, value in socket.items())

    def ask(query, program="psql", more=()):
        reach = ["-h", str(data), "-p", PORT, "-U", "postgres"]
        command = [*user, program, *reach, *more, *([query] if program != "psql" else ["-qAc", query, "w"])]
        return subprocess.run(command, check=True, capture_output=True, text=True, cwd=data).stdout

    def frame(query):
        return pd.read_csv(StringIO(ask(f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)")), dtype={"kode_rt": str})

    frame.do, frame.reach = ask, f"PG:host={data} port={PORT} user=postgres dbname=w"
    subprocess.run(
        [*user, programs / "initdb", "-A", "trust", "-U", "postgres", data / "d"],
        check=True,
        capture_output=True,
        cwd=data,
    )
    begin = [*user, programs / "pg_ctl", "-D", data / "d", "-w", "-l", data / "log", "-o", options, "start"]
    subprocess.run(begin, check=True, capture_output=True, cwd=data)
    try:
        ask("w", "createdb")
        ask("CREATE EXTENSION postgis")
        yield frame
    finally:
        subprocess.run(
            [*user, programs / "pg_ctl", "-D", data / "d", "-m", "fast", "stop"],
            check=False,
            capture_output=True,
            cwd=data,
        )
        shutil.rmtree(data, ignore_errors=True)


def load(path, name, column, ask):
    """Load a layer with its index and its statistics."""
    command = ["ogr2ogr", "-f", "PostgreSQL", ask.reach, str(path), "-nln", name, "-lco", "GEOMETRY_NAME=geom"]
    subprocess.run([*command, "--config", "PG_USE_COPY", "YES"], check=True, capture_output=True)
    if column and name != "rt":
        ask.do(f"ALTER TABLE {name} RENAME COLUMN {column.lower()} TO kind")
    ask.do(f"VACUUM ANALYZE {name}")


# ---------------------------------------------------------------- QGIS


def algorithm(*words):
    """Run ``qgis_process``; what it prints. Debian's script of that name adds an option which the program refuses."""
    program = shutil.which("qgis_process.bin") or "qgis_process"
    with tempfile.TemporaryDirectory() as runtime:
        offscreen = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": runtime}
        done = subprocess.run([program, *words], capture_output=True, text=True, env=offscreen)
    if done.returncode:
        raise RuntimeError(done.stderr[-500:])
    return done.stdout


def qgis_measures(folder, out):
    """Cut, dissolve and count with QGIS; ``attrs["took"]`` is how long, wall and processor, less the starts."""
    took, started = np.zeros(2), clock()
    algorithm("help", "native:intersection")
    start = clock() - started

    def run(name, result, **how):
        path = out / f"{result}.gpkg"
        path.unlink(missing_ok=True)
        begin = clock()
        algorithm("run", name, *(f"--{key}={value}" for key, value in how.items()), f"--OUTPUT={path}")
        took[:] += np.maximum(clock() - begin - start, 0.0)
        return path

    rt = folder / "rt.gpkg"
    units = gpd.read_file(rt)
    keys = pd.Index(units["KODE_RT"])
    points = run("native:pointonsurface", "points", INPUT=folder / "buildings.gpkg", ALL_PARTS="false")
    held = run("native:countpointsinpolygon", "counted", POLYGONS=rt, POINTS=points, FIELD="number")
    counted = gpd.read_file(held, ignore_geometry=True).set_index("KODE_RT")["number"].astype(int)
    parts = [counted.reindex(keys, fill_value=0).rename("buildings")]
    for name, column in {**LINES, **FACES}.items():
        fields = {"INPUT_FIELDS": column, "OVERLAY_FIELDS": "KODE_RT"}
        path = run("native:intersection", f"cut_{name}", INPUT=folder / f"{name}.gpkg", OVERLAY=rt, **fields)
        cut = gpd.read_file(path)
        amount = cut.length if name in LINES else cut.area
        scale = 1.0 if name in LINES else 1 / HECTARE
        parts.append(wide(cut.assign(amount=amount)[["KODE_RT", column, "amount"]], name, keys, scale))
    once = run("native:dissolve", "once", INPUT=folder / "inundation.gpkg")
    single = run("native:multiparttosingleparts", "single", INPUT=once)
    cut = gpd.read_file(run("native:intersection", "cut_inundation", INPUT=single, OVERLAY=rt))
    wet = cut.area.groupby(cut["KODE_RT"]).sum().reindex(keys, fill_value=0.0) / HECTARE
    parts += [wet.rename("inundation"), shares(read_table(folder), keys)]
    result = density(pd.concat(parts, axis=1), units.area.to_numpy())
    result.attrs["took"] = tuple(took)
    return result
