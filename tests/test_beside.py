"""One project on two processes: the land is read and measured beside the rest, and nothing of the result differs."""

import dataclasses
import inspect
import shutil

import geopandas as gpd
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal

import kumuhgis as kg
from benchmarks import world
from kumuhgis import beside
from kumuhgis.measures import MEASURES
from kumuhgis.partitions import Lost


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """W(49) with parcels far outside, and some that stand twice in the file."""
    folder = world.write(tmp_path_factory.mktemp("kota"), 49)
    parcels = gpd.read_file(folder / "parcels.gpkg")
    parcels.loc[:4, "geometry"] = parcels.geometry[:5].translate(-30_000)
    pd.concat([parcels, parcels.iloc[10:12]]).to_file(folder / "parcels.gpkg")
    return folder


@pytest.fixture(autouse=True)
def always_worth_it(monkeypatch):
    monkeypatch.setattr(beside, "WORTH_BYTES", 1)


def assert_same(one, two):
    for field in dataclasses.fields(one):
        a, b = getattr(one, field.name), getattr(two, field.name)
        if isinstance(a, gpd.GeoDataFrame):
            assert_geodataframe_equal(
                a.drop(columns="params", errors="ignore"), b.drop(columns="params", errors="ignore")
            )
        elif isinstance(a, pd.DataFrame):
            assert_frame_equal(a, b, check_exact=True)
        elif field.name == "layers":
            assert list(a) == list(b)
            for name in a:
                assert_geodataframe_equal(a[name], b[name])
        else:
            assert a == b, field.name
    assert [repr(p) for p in one.problems["params"]] == [repr(p) for p in two.problems["params"]]


def test_two_processes_give_the_very_same(town):
    alone = kg.assess(town)
    assert {"layer_outside", "layer_geometry_double"} <= set(alone.problems["code"])
    assert_same(alone, kg.assess(town, workers=2))


def test_a_layer_that_cannot_be_read_there_is_said_as_here(town, tmp_path):
    folder = shutil.copytree(town, tmp_path / "kota")
    (folder / "parcels.gpkg").write_bytes(b"SQLite format 3\x00 dan tidak lebih")
    alone = kg.assess(folder)
    assert "parcels" not in alone.layers
    assert_same(alone, kg.assess(folder, workers=2))


def test_what_a_lost_process_had_to_do_is_done_here(town, monkeypatch):
    monkeypatch.setattr(beside, "_elsewhere", lambda task: Lost("the worker died"))
    assert_same(kg.assess(town), kg.assess(town, workers=2))


def test_small_projects_and_frames_stay_in_one_process(town, monkeypatch):
    started = []
    monkeypatch.setattr(beside, "_elsewhere", started.append)
    frames = {name: gpd.read_file(town / f"{name}.gpkg") for name in ("rt", "parcels")}
    frames["rt"] = frames["rt"].rename(columns={"KODE_RT": "kode"})
    kg.assess(**frames, workers=2)
    monkeypatch.setattr(beside, "WORTH_BYTES", 1e12)
    kg.assess(town, workers=2)
    assert not started


def test_no_measure_of_a_criterion_waits_for_the_land():
    needed = {name for function in MEASURES.values() for name in inspect.signature(function).parameters}
    assert not needed & set(beside.LAND)
