"""Aspect 1 on three squares of one hectare: ``01`` has all the buildings, ``02`` some, ``03`` none."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, box

from kumuhgis.measures import building_density, building_irregularity, building_substandard

CRS = "EPSG:32749"
UNITS = gpd.GeoDataFrame(
    {"area_ha": [1.0, 1.0, 1.0]},
    geometry=[box(100 * i, 0, 100 * i + 100, 100) for i in range(3)],
    index=pd.Index(["01", "02", "03"], name="unit"),
    crs=CRS,
)


def houses(*answers, column="irregular", dtype="boolean"):
    """One house an answer, ten metres apart, all in 01."""
    places = [box(5 + 9 * i, 10, 10 + 9 * i, 15) for i in range(len(answers))]
    return gpd.GeoDataFrame({column: pd.array(answers, dtype=dtype)}, geometry=places, crs=CRS)


NAN = float("nan")
ANSWERS = [
    # answers                      affected total unknown
    ([True, True, False, False], 2, 4, 0),
    ([True, False, None, None], 1, 4, 2),  # what is known is used, the rest is said
    ([False, None], 0, 2, 1),
    ([None, None], NAN, 2, 2),  # missing is not zero
    ([], 0, 0, 0),
]


@pytest.mark.parametrize("dtype", ["boolean", object])
@pytest.mark.parametrize(
    ("measure", "column"), [(building_irregularity, "irregular"), (building_substandard, "substandard")]
)
@pytest.mark.parametrize(("answers", "affected", "total", "unknown"), ANSWERS)
def test_buildings_by_answer(measure, column, answers, affected, total, unknown, dtype):
    table = measure(UNITS, houses(*answers, column=column, dtype=dtype))
    assert table.index.equals(UNITS.index)
    assert table.loc["01"].tolist() == pytest.approx([affected, total, unknown], nan_ok=True)
    assert table.loc["03"].tolist() == [0, 0, 0]


def test_without_the_column_nothing_is_known_where_there_are_buildings():
    table = building_irregularity(UNITS, houses(True, True, column="use"))
    assert np.isnan(table.loc["01", "affected"])
    assert table.loc["02"].tolist() == [0, 0, 0]


@pytest.mark.parametrize(("number", "affected"), [(4, 0.0), (5, 1.0), (6, 1.0)])
def test_a_unit_that_reaches_the_limit_is_dense_as_a_whole(number, affected):
    table = building_density(UNITS, houses(*[True] * number), limit_per_ha=5)
    assert table.loc["01"].tolist() == [affected, 1.0]
    assert table.loc["03"].tolist() == [0.0, 1.0]


def test_density_uses_the_measured_hectares_and_stays_missing_without_them():
    units = UNITS.assign(area_ha=[0.5, np.nan, 0.0])
    table = building_density(units, houses(*[True] * 3), limit_per_ha=5)
    assert table.loc["01"].tolist() == [0.5, 0.5]
    assert table.loc[["02", "03"]].isna().all(axis=None)


def test_a_building_on_the_border_is_counted_in_one_unit():
    border = gpd.GeoDataFrame({"irregular": [True]}, geometry=[Point(100, 50)], crs=CRS)
    assert building_irregularity(UNITS, border)["affected"].tolist() == [1, 0, 0]
