"""The made-up kabupaten W(n) of the benchmarks has what it says, and the same every time."""

import pandas as pd
import pytest
import shapely

import kumuhgis
from benchmarks import world

N = 100
# layer, features per RT (at n = 100), share that comes near a border of the RT
SAID = [
    ("rt", 1, None),
    ("buildings", 60, (0.15, 0.25)),
    ("roads", 20, (0.22, 0.30)),
    ("drains", 20, (0.22, 0.30)),
    ("inundation", 0.3, (1, 1)),
    ("parcels", 50, (0.38, 0.48)),
    ("zoning", 1 / 25, (1, 1)),
    ("hydrants", 0.1, (0, 0.5)),
    ("water", 0.01, (1, 1)),
]


@pytest.mark.parametrize(("name", "each", "near"), SAID, ids=[row[0] for row in SAID])
def test_every_layer_has_the_features_it_says_and_all_are_valid(name, each, near):
    layer = world.LAYERS[name](N)
    assert abs(len(layer) - each * N) <= 0.02 * each * N
    assert layer.is_valid.all()
    assert set(world.COLUMNS[name].values()) <= set(layer.columns)
    assert not layer.isna().any(axis=None)
    pd.testing.assert_frame_equal(layer, world.LAYERS[name](N))
    if near:
        assert near[0] <= world.near_border(world.units(N), layer, 3.0) <= near[1]


def test_rt_and_zones_share_their_borders_and_zones_cover_every_rt():
    rt, zones = world.units(N), world.zoning(N)
    assert shapely.coverage_is_valid(rt.geometry.to_numpy())
    assert shapely.coverage_is_valid(zones.geometry.to_numpy())
    assert zones.union_all().covers(rt.union_all())
    assert rt["KODE_RT"].is_unique


def test_about_one_parcel_in_a_hundred_reaches_into_a_neighbour_and_some_inundation_overlaps():
    parcels = world.parcels(N).geometry.to_numpy()
    twice = shapely.area(parcels).sum() - shapely.area(shapely.union_all(parcels))
    one = 3 * (parcels[0].bounds[3] - parcels[0].bounds[1])
    assert 0.5 * 0.01 * len(parcels) * one < twice < 1.5 * 0.01 * len(parcels) * one
    water = world.inundation(N).geometry.to_numpy()
    assert shapely.area(shapely.union_all(water)) < 0.99 * shapely.area(water).sum()


def test_households_become_the_baseline_table():
    people, table = world.households(N), world.baseline(N).set_index("kode_rt")
    assert len(people) == 65 * N
    assert table["kk"].sum() == 65 * N
    assert table["3a_volume"].sum() == (people["AIR"] == "tidak").sum()


@pytest.mark.parametrize("format", ["GPKG", "FlatGeobuf"])
def test_the_folder_is_a_project_that_runs(tmp_path, format):
    result = kumuhgis.assess(world.write(tmp_path / "w", 16, format))
    assert len(result.summary) == 16
    assert "error" not in set(result.problems["severity"])
    assert result.measures.loc[(slice(None), "1a"), "geometry_affected"].sum() < 0.4 * 16 * 60
    assert result.summary["level"].notna().all()


def test_without_a_baseline_only_geometry_is_measured(tmp_path):
    result = kumuhgis.assess(world.write(tmp_path / "w", 16, with_baseline=False))
    assert set(result.measures["source"]) == {"geometry", ""}
