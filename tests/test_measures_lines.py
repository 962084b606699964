"""Aspects 2 and 4, roads and drains, and inundation, on three squares of one hectare."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, box

from kumuhgis import measures
from kumuhgis.errors import RulesError

CRS = "EPSG:32749"
UNITS = gpd.GeoDataFrame(
    {"area_ha": [1.0, 1.0, 1.0]},
    geometry=[box(100 * i, 0, 100 * i + 100, 100) for i in range(3)],
    index=pd.Index(["01", "02", "03"], name="unit"),
    crs=CRS,
)
BAD = ["rusak", "rusak berat"]
NAN = float("nan")


def lines(*rows, column="condition"):
    """Lines in 01, one above the other: (metres, attribute, status)."""
    shapes = [LineString([(5, 5 + i), (5 + metres, 5 + i)]) for i, (metres, *_) in enumerate(rows)]
    columns = {column: [row[1] for row in rows], "status": [row[2] for row in rows]}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def first(table, *, elsewhere=0):
    assert table.index.equals(UNITS.index)
    assert table.loc["03"].tolist() == pytest.approx([elsewhere] + [0] * (table.shape[1] - 1), nan_ok=True)
    return table.loc["01"].tolist()


# ------------------------------------------------------------------ coverage


@pytest.mark.parametrize("measure", [measures.road_coverage, measures.drain_coverage])
@pytest.mark.parametrize(
    ("rows", "affected", "total"),
    [
        ([(60, None, "ada"), (30, None, "dibutuhkan")], 30, 90),
        ([(60, None, None), (30, None, "dibutuhkan")], 30, 90),  # without a status it exists
        ([(60, None, "ada")], 0, 60),
        ([(60, None, None)], NAN, 60),  # nobody mapped what is needed
        ([(30, None, "dibutuhkan")], 30, 30),
        ([], NAN, 0),
    ],
)
def test_needed_length_over_ideal_length(measure, rows, affected, total):
    """What nobody mapped is not known in the RT without a line either: 0 of 0 would be 0 %."""
    elsewhere = NAN if affected != affected else 0
    assert first(measure(UNITS, lines(*rows)), elsewhere=elsewhere) == pytest.approx([affected, total], nan_ok=True)


def test_without_a_status_column_the_need_is_not_known():
    table = measures.road_coverage(UNITS, lines((60, None, None)).drop(columns="status"))
    assert first(table, elsewhere=NAN) == pytest.approx([NAN, 60], nan_ok=True)


# ------------------------------------------------------------------ condition

MIXED = [(40, "baik", "ada"), (20, "rusak", None), (10, None, "ada"), (30, "rusak", "dibutuhkan")]


@pytest.mark.parametrize("measure", [measures.road_surface, measures.drain_condition])
@pytest.mark.parametrize(
    ("rows", "length_total", "affected", "total", "unknown"),
    [
        (MIXED, "ideal", 20, 100, 10),  # a needed road has no condition yet
        (MIXED, "existing", 20, 70, 10),
        ([(40, None, "ada")], "ideal", NAN, 40, 40),
        ([(30, None, "dibutuhkan")], "ideal", 0, 30, 0),
        ([(30, None, "dibutuhkan")], "existing", 0, 0, 0),
        ([(40, " Rusak Berat", "ada")], "ideal", 40, 40, 0),  # letter case and spaces do not matter
        ([], "ideal", 0, 0, 0),
    ],
)
def test_bad_length(measure, rows, length_total, affected, total, unknown):
    table = measure(UNITS, lines(*rows), bad=BAD, length_total=length_total)
    assert first(table) == pytest.approx([affected, total, unknown], nan_ok=True)


def test_a_bad_road_on_a_border_is_shared_by_halves():
    road = gpd.GeoDataFrame({"condition": ["rusak"]}, geometry=[LineString([(100, 0), (100, 80)])], crs=CRS)
    table = measures.road_surface(UNITS, road, bad=BAD, length_total="ideal")
    assert table["affected"].tolist() == pytest.approx([40, 40, 0], abs=1e-3)


@pytest.mark.parametrize(
    ("measure", "column"), [(measures.drain_connection, "connected"), (measures.drain_maintenance, "maintained")]
)
def test_drains_by_answer(measure, column):
    rows = [(40, True, "ada"), (20, False, "ada"), (10, None, None), (30, False, "dibutuhkan")]
    assert first(measure(UNITS, lines(*rows, column=column), length_total="ideal")) == pytest.approx([20, 100, 10])
    assert first(measure(UNITS, lines(*rows, column=column), length_total="existing")) == pytest.approx([20, 70, 10])
    assert np.isnan(first(measure(UNITS, lines((40, None, "ada"), column=column), length_total="ideal"))[0])
    assert np.isnan(first(measure(UNITS, lines((40, None, "ada")), length_total="ideal"))[0])


def test_another_length_total_is_an_error_in_the_rule():
    with pytest.raises(RulesError):
        measures.road_surface(UNITS, lines(), bad=BAD, length_total="all")


# ------------------------------------------------------------------ inundation

LIMITS = {"min_depth_cm": 30, "min_duration_h": 2, "min_times_per_year": 2}
LEFT, RIGHT = box(0, 0, 50, 50), box(40, 0, 100, 50)


def pools(*rows):
    columns = pd.DataFrame([row[1:] for row in rows], columns=["depth_cm", "duration_h", "times_per_year"])
    return gpd.GeoDataFrame(columns, geometry=[row[0] for row in rows], crs=CRS)


@pytest.mark.parametrize(
    ("rows", "affected", "unknown"),
    [
        ([(LEFT, 31, 3, 3)], 0.25, 0),
        ([(LEFT, 30, 3, 3)], 0, 0),  # more than 30 cm,
        ([(LEFT, 31, 2, 3)], 0, 0),  # more than 2 hours
        ([(LEFT, 31, 3, 2)], 0, 0),  # and more than twice a year
        ([(LEFT, 31, 3, 3), (RIGHT, 50, 9, 9)], 0.5, 0),  # the overlap counts once
        ([(LEFT, None, None, None)], 0.25, 0.25),  # who drew it called it inundation
        ([(LEFT, 31, None, 3)], 0.25, 0.25),
        ([(LEFT, 10, None, None)], 0, 0),  # known to be shallow
        ([(LEFT, 31, 3, 3), (RIGHT, None, 9, 9)], 0.5, 0.25),  # only what is not known anyway rests on it
        ([], 0, 0),
    ],
)
def test_inundated_hectares(rows, affected, unknown):
    table = measures.inundation_area(UNITS, pools(*rows), **LIMITS)
    assert table.loc["01"].tolist() == pytest.approx([affected, 1.0, unknown])
    assert table.loc["03"].tolist() == [0, 1, 0]


def test_inundation_without_any_attribute_is_all_assumed():
    table = measures.inundation_area(UNITS, gpd.GeoDataFrame(geometry=[LEFT], crs=CRS), **LIMITS)
    assert table.loc["01"].tolist() == pytest.approx([0.25, 1.0, 0.25])
