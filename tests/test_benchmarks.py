"""The benchmarks: W(n) has what it says and the same every time; peers find the same numbers; wrong ones are said."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import kumuhgis
from benchmarks import __main__ as benchmarks
from benchmarks import engine, growth, mapping, measures, peers, rasters, snapped, verdicts, world
from benchmarks.__main__ import arguments
from kumuhgis.measures import setting

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


def test_the_engine_alone_measures_what_assess_measures(tmp_path):
    """All measures of the rule without checks, table and decisions: what `assess` is compared with."""
    folder = world.write(tmp_path / "w", 25)
    alone, result = engine.rules(folder), kumuhgis.assess(folder)
    for what in ("affected", "total"):
        measured = result.measures[f"geometry_{what}"].dropna().unstack("criterion")
        assert set(measured) == {c.removesuffix(f":{what}") for c in alone if c.endswith(f":{what}")}
        for code, values in measured.items():
            pd.testing.assert_series_equal(values, alone[f"{code}:{what}"], check_names=False, check_exact=True)
    for column in ("clear_ha", "unclear_ha", "overlap_ha"):
        assert (alone[column] == result.summary[f"tenure_{column}"]).all()
    assert (alone["conforming_ha"] == result.summary["plan_conforming_ha"]).all()
    assert (alone["setback_ha"] == result.summary["setback_ha"]).all()


def test_the_folder_can_be_geoparquet(tmp_path):
    pytest.importorskip("pyarrow")
    folder = world.write(tmp_path / "w", 16, "parquet")
    assert gpd.read_parquet(folder / "rt.parquet").crs == world.CRS
    assert 'path = "rt.parquet"' in (folder / "kumuhgis.toml").read_text("utf-8")


def test_without_a_baseline_only_geometry_is_measured(tmp_path):
    result = kumuhgis.assess(world.write(tmp_path / "w", 16, with_baseline=False))
    assert set(result.measures["source"]) == {"geometry", ""}


# ---------------------------------------------------------------- the peers


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = world.write(tmp_path_factory.mktemp("w") / "w", 25)
    return folder, peers.kumuhgis(peers.kumuhgis_read(folder))


@pytest.mark.parametrize("peer", [name for name in peers.PEERS if name not in ("kumuhgis", "whole")])
def test_every_peer_finds_the_same_numbers(small, peer):
    if peers.missing(peer):
        pytest.skip(f"not installed: {peers.missing(peer)}")
    folder, ours = small
    read, compute, *_ = peers.PEERS[peer]
    found = measures.compare(peer, compute(read(folder)), ours)
    assert found["number"] < 1e-9
    assert found["m"] < 1e-6
    assert found["m2"] < 1e-3
    if peer not in measures.OTHERS:
        scores, slum = verdicts.same_verdicts(peer, compute(read(folder)), ours)
        assert scores > 50 and 0 < slum < len(ours)


def test_what_is_measured_adds_up_to_the_ground(small):
    _, ours = small
    ground = world.units(25).area.to_numpy() / 1e4
    zones = ours[[c for c in ours if c.startswith("zoning:")]].sum(axis=1)
    assert abs(zones.to_numpy() - ground).max() < 1e-9
    assert abs(ours["density"].to_numpy() * ground - ours["buildings"].to_numpy()).max() < 1e-9
    assert (ours["inundation"].to_numpy() <= ground).all()


@pytest.mark.parametrize(
    ("column", "change"), [("buildings", 1), ("roads:baik", 0.01), ("parcels:Hak Milik", 1e-5), ("inundation", 1e-5)]
)
def test_a_wrong_number_of_a_peer_is_said_with_its_rt(small, column, change):
    _, ours = small
    wrong = ours.copy()
    wrong.iloc[3, wrong.columns.get_loc(column)] += change
    with pytest.raises(AssertionError, match=f"naive: {column} of {ours.index[3]}"):
        measures.compare("naive", wrong, ours)
    with pytest.raises(AssertionError, match="inundation"):
        measures.compare("naive", ours.drop(columns="inundation"), ours)


def test_a_score_that_differs_is_said_with_its_rt(small):
    ours = small[1]
    other = ours.copy()
    other.loc[ours.index[3], "households:AIR"] = 1 - round(ours.loc[ours.index[3], "households:AIR"])
    with pytest.raises(AssertionError, match=f"someone: score of .*{ours.index[3]}"):
        verdicts.same_verdicts("someone", other, ours)


def test_a_peer_that_is_not_installed_is_a_row_that_says_so(monkeypatch):
    monkeypatch.setitem(peers.PEERS, "other", (None, None, ["no_such_package"], "Other"))
    assert measures.row("other", {}, {})[:2] == ["Other", "not installed: no_such_package"]
    assert len(measures.row("other", {}, {})) == len(measures.HEADINGS)


def test_one_run_says_what_it_took_and_the_table_is_markdown(tmp_path):
    folder = world.write(tmp_path / "w", 16)
    took = {name: [measures.one_run(name, folder, tmp_path / f"{name}.pkl")] for name in ("naive", "kumuhgis")}
    assert all(value > 0 for run in took.values() for value in run[0].values())
    none = {"number": 0.0, "m": 0.0, "m2": 0.0}
    rows = [measures.row(name, took, {name: none}) for name in took]
    assert rows[0][5:8] == ["1.00"] * 3
    table = measures.report(16, 1, "GPKG", {"roads": 0.25}, rows)
    assert {line.count("|") for line in table[3:]} == {len(measures.HEADINGS) + 1}


def test_the_command_line_refuses_names_it_does_not_know(capsys):
    assert arguments(["measures", "--peers", "all"]).peers == list(peers.PEERS)
    for words, known in ((["speed"], "measures"), (["measures", "--peers", "naive,other"], "duckdb")):
        with pytest.raises(SystemExit):
            arguments(words)
        assert known in capsys.readouterr().err.splitlines()[-1]


def test_snapped_parcels_end_at_the_borders_and_are_measured_as_shapely_does(capsys):
    rt, parcels = world.units(25).geometry.to_numpy(), snapped.snapped_parcels(25)
    unit, parcel = shapely.STRtree(parcels).query(rt, predicate="intersects")
    inside = shapely.area(shapely.intersection(rt[unit], parcels[parcel])) > 1e-3
    assert sorted(parcel[inside]) == list(range(len(parcels)))
    snapped.run(25, 1)
    assert "ratio" in capsys.readouterr().out


def test_growth_takes_worlds_that_are_there_and_goes_by_tens(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(growth, "SMALLEST", 4)
    growth.run(90, tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["w4", "w40"]
    rows = capsys.readouterr().out.splitlines()[-2:]
    assert [row.split()[0] for row in rows] == ["4", "40"]
    assert "growth" not in [name for name in benchmarks.ALL if name not in benchmarks.BY_HAND]


def test_people_of_a_raster_are_those_of_exactextract_alone(tmp_path):
    units, path = world.units(100), rasters.raster(tmp_path / "penduduk.tif", 100)
    people, problems = setting.raster_population(units, path)
    alone = rasters.peer(units, path)
    assert abs(people.to_numpy() - alone).max() <= rasters.AGREE * alone.min()
    assert "raster_outside" not in {problem.code for problem in problems}
    centres = abs(rasters.cell_centres(units, path) - alone) / alone
    assert centres.max() > 0.05, "cells of 30 m by their centres are no measure of an RT"


def test_the_map_is_measured_against_pages_that_do_less(capsys):
    mapping.run(units=1600, houses_=300, rounds=1)  # enough for a canvas
    told = capsys.readouterr().out
    assert "mapping: 1,600 RT x 16 criteria, 300 houses" in told
    assert "goal: at most 4.0" in told and "goal: at most 12.0" in told
    assert "making, ours to explore" in told or "no mapclassify" in told
    assert "pan, ours to bare" in told or "skipped in the browser: no" in told
    page = mapping.bare(mapping.village(100))
    assert page.count('"properties":{"level":') == 100 and "kumuhgis" not in page
