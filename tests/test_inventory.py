"""What the map holds in every RT, on squares of a hectare: counted and measured by hand."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, box

import kumuhgis as kg

X, Y = 490000, 9162000


def frame(shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=32749)


@pytest.fixture(scope="module")
def result():
    rt = frame([box(X, Y, X + 100, Y + 100), box(X + 100, Y, X + 200, Y + 100)], kode=["1", "2"])
    houses = frame([box(X + 10, Y + 10, X + 20, Y + 20), box(X + 98, Y + 10, X + 108, Y + 20)], teratur=["ya", "tidak"])
    lines = [
        LineString([(X, Y + 50), (X + 200, Y + 50)]),  # 100 m in each
        LineString([(X + 100, Y), (X + 100, Y + 100)]),  # along the shared border: 50 m to each
        LineString([(X + 110, Y + 70), (X + 150, Y + 70)]),  # 40 m still needed in 2
    ]
    roads = frame(lines, kondisi=["baik", "rusak", None], status=["ada", "ada", "dibutuhkan"])
    wet = frame([box(X, Y, X + 50, Y + 50), box(X, Y, X + 50, Y + 20)], tinggi_cm=[40, 40])
    cells = {"kode": ["1", "2"], "luas_ha": [1, 1], "jalan_ideal_m": [150, 190], "2b_volume": [30, 0]}
    return kg.assess(rt=rt, buildings=houses, roads=roads, inundation=wet, baseline=pd.DataFrame(cells))


# UTM metres are 0.04 % short of the ellipsoid here, so what is drawn as 100 m is 100.04 m
@pytest.mark.parametrize(
    ("column", "first", "second"),
    [
        ("buildings_mapped", 1, 1),
        ("buildings_per_ha", 1, 1),
        ("road_m:baik", 100, 100),
        ("road_m:rusak", 50, 50),
        ("road_existing_m", 150, 150),
        ("road_needed_m", 0, 40),
        ("road_ideal_m", 150, 190),
        ("inundation_mapped_ha", 0.25, 0),
    ],
)
def test_what_lies_in_each_rt(result, column, first, second):
    assert result.summary[column].tolist() == pytest.approx([first, second], rel=1e-3)


def test_table_and_map_stand_side_by_side_with_their_difference(result):
    """2b of RT 1: 30 of 150 m typed (20 %), 50 of 150 m drawn (33.33 %)."""
    row = result.measures.loc[("1", "2b")]
    assert row[["table_percent", "geometry_percent", "percent_difference"]].tolist() == [20.0, 33.33, 13.33]
    assert row["source"] == "table"


def test_needed_metres_are_not_known_where_no_road_says_its_status():
    rt = frame([box(X, Y, X + 100, Y + 100)], kode=["1"])
    roads = frame([LineString([(X, Y + 50), (X + 100, Y + 50)])], kondisi=["baik"])
    row = kg.assess(rt=rt, roads=roads).summary.loc["1"]
    assert row["road_existing_m"] == pytest.approx(100, rel=1e-3)
    assert pd.isna(row["road_needed_m"])
    assert pd.isna(row["road_ideal_m"])
