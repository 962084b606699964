"""Tenure and zones on one hectare, in hundredths of a hectare (squares of ten metres)."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, box

from kumuhgis.measures import land

CRS = "EPSG:32749"
UNITS = gpd.GeoDataFrame(
    {"area_ha": [1.0, 1.0]},
    geometry=[box(0, 0, 100, 100), box(100, 0, 200, 100)],
    index=pd.Index(["01", "02"], name="unit"),
    crs=CRS,
)
CLEAR = ["hak milik", "SHM", "wakaf"]


def strip(left, right):
    return box(left, 0, right, 100)


def parcels(*rows):
    columns = {"land_status": [row[2] for row in rows], "conflict": pd.array([row[3] for row in rows], dtype="boolean")}
    return gpd.GeoDataFrame(columns, geometry=[strip(*row[:2]) for row in rows], crs=CRS)


TENURE = [
    # (from, to, status, conflict)                                               clear unclear unmapped overlap
    ([(0, 100, "Hak Milik", None)], 1.0, 0, 0, 0),
    ([(0, 60, "hak milik", None), (60, 100, "Tanah negara", None)], 0.6, 0.4, 0, 0),
    ([(0, 60, "hak milik", None)], 0.6, 0, 0.4, 0),
    ([(0, 60, "hak milik", True)], 0, 0.6, 0.4, 0),  # in conflict: never clear
    ([(0, 60, "hak milik", False)], 0.6, 0, 0.4, 0),
    ([(0, 60, None, None)], 0, 0, 1.0, 0),  # drawn, but nothing is known of it
    ([(0, 60, None, True)], 0, 0.6, 0.4, 0),
    ([(0, 60, "SHM", None), (40, 80, "negara", None)], 0.4, 0.4, 0.2, 0.2),  # the overlap is unclear
    ([(0, 60, "SHM", None), (40, 80, "SHM", None)], 0.8, 0, 0.2, 0.2),
    ([], 0, 0, 1.0, 0),
]


@pytest.mark.parametrize(("rows", "clear", "unclear", "unmapped", "overlap"), TENURE)
def test_tenure(rows, clear, unclear, unmapped, overlap):
    table = land.tenure(UNITS, parcels(*rows), clear=CLEAR)
    columns = ["clear_ha", "unclear_ha", "unmapped_ha", "overlap_ha"]
    assert table.loc["01", columns].tolist() == pytest.approx([clear, unclear, unmapped, overlap])
    assert table.loc["02", columns].tolist() == [0, 0, 1, 0]
    assert table[columns[:3]].sum(axis=1).tolist() == pytest.approx([1, 1])


def test_statuses_are_listed_as_first_spelled():
    rows = [(0, 20, "Hak Milik", None), (20, 50, "HAK MILIK ", None), (50, 60, "Wakaf", None), (60, 70, None, None)]
    table = land.tenure(UNITS, parcels(*rows), clear=CLEAR)
    statuses = {name: ha for name, ha in table.loc["01"].items() if name.startswith("status:")}
    assert statuses == pytest.approx({"status:Hak Milik": 0.5, "status:Wakaf": 0.1, "status:": 0.1})


def zoning(*rows):
    return gpd.GeoDataFrame({"zone": [row[2] for row in rows]}, geometry=[strip(*row[:2]) for row in rows], crs=CRS)


RIVER = gpd.GeoDataFrame(geometry=[LineString([(-50, 0), (150, 0)])], crs=CRS)
LAKE = gpd.GeoDataFrame(geometry=[box(0, 0, 100, 10)], crs=CRS)
HOUSING = (0, 100, "Permukiman")
ZONES = [
    # zoning, water, setback                                        conforming not unmapped setback
    ([HOUSING], None, 0, 1.0, 0, 0, 0),
    ([HOUSING], None, 15, 1.0, 0, 0, np.nan),  # asked for, but no water is mapped
    ([HOUSING], RIVER, 0, 1.0, 0, 0, 0),
    ([HOUSING], RIVER, 15, 0.85, 0.15, 0, 0.15),
    ([HOUSING], LAKE, 0, 0.9, 0.1, 0, 0.1),  # the water itself
    ([HOUSING], LAKE, 20, 0.7, 0.3, 0, 0.3),
    ([(0, 60, "PERMUKIMAN"), (60, 100, "Sawah")], None, 0, 0.6, 0.4, 0, 0),
    ([(0, 60, "permukiman"), (40, 100, "sawah")], None, 0, 0.4, 0.6, 0, 0),
    ([(0, 60, "permukiman")], RIVER, 10, 0.54, 0.1, 0.36, 0.1),
    ([(0, 60, None)], None, 0, 0, 0, 1.0, 0),
    ([], RIVER, 10, 0, 0.1, 0.9, 0.1),
]


@pytest.mark.parametrize(("rows", "water", "setback_m", "conforming", "nonconforming", "unmapped", "setback"), ZONES)
def test_zones(rows, water, setback_m, conforming, nonconforming, unmapped, setback):
    table = land.zones(UNITS, zoning(*rows), water, conforming=["permukiman"], setback_m=setback_m)
    columns = ["conforming_ha", "nonconforming_ha", "unmapped_ha", "setback_ha"]
    expected = [conforming, nonconforming, unmapped, setback]
    assert table.loc["01", columns].tolist() == pytest.approx(expected, nan_ok=True, abs=1e-4)
    assert table[columns[:3]].sum(axis=1).tolist() == pytest.approx([1, 1])


def test_the_strip_counts_once_in_units_of_one_zone_of_several_and_of_none():
    units = gpd.GeoDataFrame(
        {"area_ha": [1.0] * 4}, geometry=[box(x, 0, x + 100, 100) for x in (0, 100, 200, 300)], crs=CRS
    )
    river = gpd.GeoDataFrame(geometry=[LineString([(-50, 50), (450, 50)])], crs=CRS)
    spaces = [box(0, 0, 150, 100), box(150, 0, 200, 100), box(200, 0, 300, 100)]
    plan = gpd.GeoDataFrame({"zone": ["Permukiman", "Industri", "Industri"]}, geometry=spaces, crs=CRS)
    table = land.zones(units, plan, river, conforming=["permukiman"], setback_m=10)
    assert table["setback_ha"].tolist() == pytest.approx([0.2] * 4)
    assert table["conforming_ha"].tolist() == pytest.approx([0.8, 0.4, 0, 0])
    assert table["nonconforming_ha"].tolist() == pytest.approx([0.2, 0.6, 1.0, 0.2])
    assert table["unmapped_ha"].tolist() == pytest.approx([0, 0, 0, 0.8])


SIGNS = [
    # qualified, unqualified, unmapped, tolerance, sign
    (1.0, 0.0, 0.0, 0.0, "+"),
    (0.995, 0.005, 0.0, 0.01, "+"),  # a sliver
    (0.98, 0.02, 0.0, 0.01, "-"),  # part of it does not qualify
    (0.0, 1.0, 0.0, 0.01, "-"),
    (0.5, 0.0, 0.5, 0.01, None),  # not known
    (0.4, 0.1, 0.5, 0.01, "-"),  # whatever the rest is
    (0.995, 0.0, 0.005, 0.01, "+"),
    (0.0, 0.0, 0.0, 0.01, None),
    (np.nan, 0.0, 0.0, 0.01, None),
]


@pytest.mark.parametrize(("qualified", "unqualified", "unmapped", "tolerance", "expected"), SIGNS)
def test_sign(qualified, unqualified, unmapped, tolerance, expected):
    given = (pd.Series([ha], index=["01"]) for ha in (qualified, unqualified, unmapped))
    result = land.sign(*given, tolerance=tolerance)
    assert result["01"] == expected
    assert result.isna().tolist() == [expected is None]
