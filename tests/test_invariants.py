"""What holds for every file and project, however broken: nothing is lost, order does not matter, twice is once."""

import hashlib
import shutil
import sys
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from test_topology import seeds, town

sys.path.insert(0, str(Path(__file__).parent / "nasty"))
import make_nasty
from make_nasty import FILES, squares

import kumuhgis as kg
from kumuhgis.checkup import checkup
from kumuhgis.errors import SEVERITY, KumuhgisError
from kumuhgis.formats import open_vector
from kumuhgis.layers import open_layer
from kumuhgis.mending import MENDED, SET_ASIDE, mend
from kumuhgis.repair import repair
from kumuhgis.sample import SAMPLES, copy_sample

READABLE = [name for name, (_, _, count) in FILES.items() if count]
ROLE = {"Polygon": "rt", "LineString": "roads", "Point": "hydrants"}
#: The system of these is not known, or they lie outside of Indonesia: the RT cannot be used, and that is said.
NOWHERE = {"unknown_crs.geojson", "broken_prj.shp", "drawn.dxf", "cut.dxf", "wkt.csv", "hex.csv"}


@pytest.fixture(scope="session")
def nasty(tmp_path_factory):
    return make_nasty.make(tmp_path_factory.mktemp("nasty"))


def role_of(frame):
    return ROLE[frame.geometry.dropna().geom_type.iloc[0].removeprefix("Multi")]


def project(folder, path, role):
    """Make a project of one file and its companions, with three RT of ours if it is not the RT itself."""
    shutil.copytree(path.parent, folder)
    lines = ["[project]", 'name = "Uji"', f"[layers.{role}]", f'path = "{path.name}"']
    if role != "rt":
        squares().to_file(folder / "batas.gpkg")
        lines += ["[layers.rt]", 'path = "batas.gpkg"']
    (folder / "kumuhgis.toml").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


def fingerprints(folder):
    return {p.relative_to(folder): hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*") if p.is_file()}


def told(problems):
    """Give the codes with how often each is told, and how many features it speaks of."""
    counts = [params.get("count", 1) for params in problems["params"]]
    return Counter(zip(problems["code"], problems["layer"], counts, strict=True))


def errors(problems):
    return Counter(problems["code"][problems["severity"] == "error"])


# ---------------------------------------------------------------- nothing is lost


@pytest.mark.parametrize("name", READABLE)
def test_features_read_are_used_or_set_aside_and_repairs_keep_the_area(nasty, name):
    frame, _ = open_vector(nasty[name])
    used, account, _ = repair(frame, ["polygon", "line", "point"], name)
    assert len(account) == len(frame) == FILES[name][2]
    assert (account["state"] != "set aside").sum() == len(used)
    repaired = account[account["state"] == "repaired"]
    change = (repaired["area_before_m2"] - repaired["area_after_m2"]).abs()
    assert (change <= np.maximum(1.0, 0.01 * repaired["area_before_m2"])).all()
    role = role_of(frame)
    try:
        read = open_layer(nasty[name], role)
    except KumuhgisError as error:
        assert name in NOWHERE | {"metres.csv"}
        assert {p.code.partition("_")[0] for p in error.problems} == {"crs"}
    else:
        assert read.account["used"] + read.account["set_aside"] == read.account["read"] == FILES[name][2]
        assert read.account["used"] == len(read.frame)


# ---------------------------------------------------------------- mending


@pytest.mark.parametrize("name", READABLE)
def test_a_nasty_file_is_mended_into_a_project_that_checks_clean(nasty, tmp_path, name):
    frame, _ = open_vector(nasty[name])
    folder = project(tmp_path / "kotor", nasty[name], role_of(frame))
    before = fingerprints(folder)
    first = checkup(folder)
    assert first.runs == (name not in NOWHERE)
    if first.runs:
        assert_mended(folder, tmp_path, first)
    assert fingerprints(folder) == before


def assert_mended(folder, target, first):
    mend(folder, target / "rapi")
    second = checkup(target / "rapi")
    assert second.runs
    assert not {*MENDED, *SET_ASIDE} & set(second.problems["code"])
    assert errors(second.problems) <= errors(first.problems)
    kept = second.accounts.set_index("layer")
    for layer, row in first.accounts.set_index("layer").iterrows():
        if pd.notna(row["used"]):
            assert kept.loc[layer, "used"] == kept.loc[layer, "read"] == row["used"]
    log = set(pd.read_csv(target / "rapi" / "log.csv")["code"])
    gone = set(first.problems["code"]) & {*MENDED, *SET_ASIDE}
    assert {code for code in gone if not code.startswith("topology_")} <= log
    assert "topology_cleaned" in log or not gone & {"topology_overlap_narrow", "topology_gap_narrow"}
    mend(target / "rapi", target / "lagi")
    assert_same_layers(target / "rapi" / "peta.gpkg", target / "lagi" / "peta.gpkg")


def assert_same_layers(one, other):
    names = gpd.list_layers(one)["name"].tolist()
    assert names == gpd.list_layers(other)["name"].tolist()
    for name in names:
        assert_frame_equal(*(pd.DataFrame(gpd.read_file(path, layer=name)) for path in (one, other)))


@given(seeds, st.floats(0.01, 0.45))
@settings(max_examples=5, deadline=None)
def test_a_town_of_faulty_borders_is_mended_into_one_that_checks_clean(tmp_path_factory, seed, apart):
    folder = tmp_path_factory.mktemp("kota")
    town(3, apart, seed).rename_axis("kode").reset_index().to_file(folder / "rt.gpkg")
    made = project(folder.with_name(folder.name + "_p"), folder / "rt.gpkg", "rt")
    assert_mended(made, folder, checkup(made))


def test_what_fix_mends_is_told_by_codes_that_are_there():
    assert {*MENDED, *SET_ASIDE} <= set(SEVERITY)
    assert not set(MENDED) & set(SET_ASIDE)


# ---------------------------------------------------------------- order, and twice


def houses(units, seed):
    random = np.random.default_rng(seed)
    west, south, east, north = units.total_bounds
    spots = gpd.points_from_xy(random.uniform(west, east, 60), random.uniform(south, north, 60))
    yes = random.choice(["ya", "tidak", ""], 60)
    return gpd.GeoDataFrame({"TIDAK_TERATUR": yes}, geometry=spots, crs=units.crs)


@given(seeds, st.floats(0, 3), st.randoms(use_true_random=False))
@settings(max_examples=8, deadline=None)
def test_the_order_of_features_does_not_matter(seed, apart, random):
    units = town(3, apart, seed).rename_axis("kode").reset_index()
    layers = {"rt": units, "buildings": houses(units, seed)}
    shuffled = {}
    for name, frame in layers.items():
        order = list(range(len(frame)))
        random.shuffle(order)
        shuffled[name] = frame.iloc[order].reset_index(drop=True)
    one, two = kg.assess(**layers), kg.assess(**shuffled)
    keys = one.units.index
    assert sorted(keys) == sorted(two.units.index)
    assert one.units.geometry.normalize().to_wkb().to_dict() == two.units.geometry.normalize().to_wkb().to_dict()
    assert told(one.problems) == told(two.problems)
    columns = ["total_low", "total_high", "level", "area_ha", "rank"]
    assert_frame_equal(one.summary[columns], two.summary.loc[keys, columns], check_categorical=False)
    assert_frame_equal(one.measures, two.measures.loc[one.measures.index])


@pytest.mark.parametrize("name", SAMPLES)
def test_the_order_of_layers_does_not_matter(tmp_path, name):
    folder = copy_sample(name, tmp_path)
    one = kg.assess(folder)
    head, *sections = ("\n" + (folder / "kumuhgis.toml").read_text("utf-8")).split("\n[")
    (folder / "kumuhgis.toml").write_text("\n[".join([head, *sections[::-1]]), "utf-8")
    two = kg.assess(folder)
    columns = ["layer", "feature", "column", "code", "message"]
    assert set(map(tuple, one.problems[columns].values)) == set(map(tuple, two.problems[columns].values))
    assert_frame_equal(one.summary, two.summary)


@pytest.mark.parametrize("name", SAMPLES)
def test_checking_twice_gives_the_same_and_leaves_every_byte(tmp_path, name):
    folder = copy_sample(name, tmp_path)
    before = fingerprints(folder)
    one, two = kg.assess(folder), kg.assess(folder)
    assert_frame_equal(one.problems.drop(columns="params"), two.problems.drop(columns="params"))
    assert_frame_equal(one.accounts, two.accounts)
    assert_frame_equal(one.summary, two.summary)
    assert fingerprints(folder) == before
