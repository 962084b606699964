"""The contract of a measure: what the function says, what measures.toml says, and what `compute` does with it."""

import inspect
import tomllib
from importlib.resources import files
from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, Point, box

import kumuhgis as kg
from kumuhgis import measures
from kumuhgis.rules import load_rules

CRS = "EPSG:32749"
UNITS = gpd.GeoDataFrame(
    {"area_ha": [1.0, 1.0]},
    geometry=[box(0, 0, 100, 100), box(100, 0, 200, 100)],
    index=pd.Index(["02", "01"], name="unit"),
    crs=CRS,
)
BUILDINGS = gpd.GeoDataFrame(
    {"irregular": pd.array([True, None], dtype="boolean")}, geometry=[Point(10, 10), Point(20, 10)], crs=CRS
)
ROADS = gpd.GeoDataFrame(
    {"width_m": [4.0], "condition": ["rusak"]}, geometry=[LineString([(0, 10), (50, 10)])], crs=CRS
)
DECLARED = tomllib.loads(files("kumuhgis").joinpath("data", "measures.toml").read_text("utf-8"))


# ------------------------------------------------------------------ the declared contract


def test_every_measure_is_declared_and_nothing_else():
    assert list(DECLARED) == list(measures.MEASURES)


@pytest.mark.parametrize("name", measures.MEASURES)
def test_the_declaration_is_the_signature(name):
    declared = DECLARED[name]
    written = declared["layers"], declared["optional"], declared["parameters"]
    assert tuple(map(tuple, written)) == measures.contract(name)
    assert set(declared) == {
        "title", "title_en", "layers", "optional", "parameters", "unit", "method", "method_en"
    }  # fmt: skip
    assert all(declared[key] for key in ("title", "title_en", "method", "method_en"))
    assert declared["unit"] in ("unit", "m", "ha", "KK")


@pytest.mark.parametrize("name", measures.MEASURES)
def test_a_measure_takes_units_first_and_parameters_by_name(name):
    parameters = list(inspect.signature(measures.MEASURES[name]).parameters.values())
    assert parameters[0].name == "units"
    assert {p.kind for p in parameters} <= {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}


@pytest.mark.parametrize("key", ["permen-14-2018", "permen-02-2016"])
def test_the_shipped_rules_name_measures_of_the_right_unit(key):
    for criterion in load_rules(key).criteria:
        if criterion.measure:
            assert DECLARED[criterion.measure]["unit"] == criterion.unit
            assert set(criterion.parameters) == set(measures.contract(criterion.measure)[2])


# ------------------------------------------------------------------ compute


def rule(*criteria):
    made = [SimpleNamespace(code=code, measure=name, parameters=values) for code, name, values in criteria]
    return SimpleNamespace(criteria=made)


SURFACE = ("2b", "road_surface", {"bad": ["rusak"], "length_total": "ideal"})
DENSITY = ("1b", "building_density", {"limit_per_ha": {"sedang": 2, "besar": 3}})


def test_one_long_table_unit_by_unit():
    table, problems = measures.compute(
        rule(("1a", "building_irregularity", {}), SURFACE, ("3a", "", {})),
        UNITS,
        {"buildings": BUILDINGS, "roads": ROADS},
    )
    assert table.index.tolist() == [("02", "1a"), ("02", "2b"), ("01", "1a"), ("01", "2b")]
    assert table.index.names == ["unit", "criterion"]
    assert table.columns.tolist() == ["affected", "total", "source", "unknown"]
    assert table.loc[("02", "1a")].tolist() == [1, 2, "geometry", 1]
    assert table.loc[("02", "2b")].tolist() == [50, 50, "geometry", 0]
    assert table.loc[("01", "2b")].tolist() == [0, 0, "geometry", 0]
    assert problems == []


def test_what_lacks_a_layer_is_said_and_left_out():
    table, problems = measures.compute(rule(SURFACE, ("7a", "fire_access", {})), UNITS, {"buildings": BUILDINGS})
    assert table.empty
    assert table.columns.tolist() == ["affected", "total", "source", "unknown"]
    assert [(p.code, p.layer, p.params["criterion"]) for p in problems] == [
        ("measure_not_run", "roads", "2b"),
        ("measure_not_run", "roads", "7a"),
    ]


def test_why_a_layer_is_lacking_is_said():
    """Absent, and there but unreadable, are two things."""
    reasons = {"roads": "measure_layer_unread"}
    fire = rule(("7a", "fire_access", {}), DENSITY)
    _, problems = measures.compute(fire, UNITS, {}, {"city_class": "sedang"}, reasons)
    assert [(p.code, p.layer) for p in problems] == [
        ("measure_not_run", "buildings"),
        ("measure_layer_unread", "roads"),
        ("measure_not_run", "buildings"),
    ]


@pytest.mark.parametrize(
    ("options", "affected"),
    [({"city_class": "sedang"}, 1.0), ({"city_class": "besar"}, 0.0), ({"limit_per_ha": 1}, 1.0)],
)
def test_a_parameter_by_class_of_city(options, affected):
    table, problems = measures.compute(rule(DENSITY), UNITS, {"buildings": BUILDINGS}, options)
    assert table.loc[("02", "1b"), "affected"] == affected
    assert problems == []


@pytest.mark.parametrize(
    ("criterion", "options", "option"),
    [
        (DENSITY, {}, "city_class"),
        (DENSITY, {"city_class": "desa"}, "city_class"),
        (("1b", "building_density", {}), {}, "limit_per_ha"),
        (("1b", "building_density", {"limit_per_ha": None}), {"limit_per_ha": None}, "limit_per_ha"),
    ],
)
def test_a_parameter_without_a_value_stops_its_measure_only(criterion, options, option):
    table, problems = measures.compute(
        rule(criterion, ("1a", "building_irregularity", {})), UNITS, {"buildings": BUILDINGS}, options
    )
    assert table.index.get_level_values("criterion").unique().tolist() == ["1a"]
    assert [(p.code, p.params) for p in problems] == [("measure_needs_option", {"criterion": "1b", "option": option})]


def test_an_option_overrides_the_rule():
    needed = ROADS.assign(status=["dibutuhkan"])
    for length_total, total in (("ideal", 50), ("existing", 0)):
        table, _ = measures.compute(
            rule(SURFACE), UNITS, {"roads": needed}, {"length_total": length_total, "means": "x"}
        )
        assert table.loc[("02", "2b"), "total"] == total


def test_optional_layers_are_used_when_they_are_there():
    fire = rule(("7a", "fire_access", {"min_width_m": 3.5, "max_distance_m": 45, "max_hydrant_m": 50}))
    layers = {"buildings": BUILDINGS, "roads": ROADS}
    no_hydrants = gpd.GeoDataFrame({"working": []}, geometry=[], crs=CRS)
    assert measures.compute(fire, UNITS, layers)[0].loc[("02", "7a"), "affected"] == 0
    assert measures.compute(fire, UNITS, layers | {"hydrants": no_hydrants})[0].loc[("02", "7a"), "affected"] == 2
    assert measures.compute(fire, UNITS, layers | {"hydrants": None})[0].loc[("02", "7a"), "affected"] == 0


@pytest.mark.parametrize("key", ["permen-14-2018", "permen-02-2016"])
def test_the_shipped_rules_run_on_layers_without_a_feature(key):
    empty = gpd.GeoDataFrame(geometry=[], crs=CRS)
    names = ("buildings", "roads", "drains", "inundation", "hydrants")
    rules = load_rules(key)
    table, problems = measures.compute(rules, UNITS, dict.fromkeys(names, empty), {"city_class": "sedang"})
    measured = [criterion.code for criterion in rules.criteria if criterion.measure]
    assert table.loc["01"].index.tolist() == measured
    codes = table.index.get_level_values("criterion")
    need = codes.isin([c.code for c in rules.criteria if c.measure in ("road_coverage", "drain_coverage")])
    assert (table["affected"][~need] == 0).all()
    assert table["affected"][need].isna().all(), "what is needed is drawn by somebody; nobody drew anything"
    assert {problem.code for problem in problems} <= {"measure_all_unknown"}


def test_a_layer_that_is_there_is_not_called_missing(tmp_path):
    """Roads that cannot be read, drains of another desa."""
    (tmp_path / "jalan.gpkg").write_bytes(b"")
    table = pd.DataFrame({"kode": ["01", "02"], "luas_ha": [1, 1], "kk": [40, 40], "3a_volume": [0, 0]})
    rt = UNITS.set_geometry(UNITS.translate(490_000, 9_162_000)).rename_axis("kode").reset_index()
    far = gpd.GeoDataFrame({"kondisi": ["rusak"]}, geometry=rt.translate(3_000, 0).boundary[:1], crs=CRS)
    result = kg.assess(rt=rt, baseline=table, roads=tmp_path / "jalan.gpkg", drains=far)
    told = result.problems[result.problems["code"].str.startswith("measure_")]
    assert {"roads"} == set(told.loc[told["code"] == "measure_layer_unread", "layer"])
    assert {"drains"} == set(told.loc[told["code"] == "measure_layer_away", "layer"])
    assert "tidak terbaca" in told.loc[told["code"] == "measure_layer_unread", "message"].iloc[0]
