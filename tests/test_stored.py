"""Parts of a result as bytes and back: nothing changes on the way."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from kumuhgis import stored
from kumuhgis.errors import OutputError

UNITS = pd.Index(["001", "33.13.11.2003/RT 02"], name="unit", dtype="str")
LEVELS = ["tidak kumuh", "kumuh ringan", "kumuh berat"]


def there_and_back(value):
    return stored.unpack(stored.pack({"it": value}))["it"]


FRAMES = {
    "whole numbers that may be missing": pd.DataFrame({"score": pd.array([5, pd.NA], "Int8")}, index=UNITS),
    "a level that no unit has stays a category": pd.DataFrame(
        {"level": pd.Categorical(["kumuh ringan", None], LEVELS, ordered=True)}, index=UNITS
    ),
    "texts with None": pd.DataFrame({"desa": pd.Series(["Jaten", None], index=UNITS, dtype=object)}, index=UNITS),
    "cells of mixed kinds": pd.DataFrame({"params": [{"count": 3}, {"rows": [1, 2]}]}, index=UNITS),
    "yes, no and unknown": pd.DataFrame({"legal": pd.array([True, pd.NA], "boolean")}, index=UNITS),
    "two levels of index": pd.DataFrame(
        {"affected": [1.5, np.nan]},
        index=pd.MultiIndex.from_tuples([("001", "4a"), ("001", "4b")], names=["unit", "c"]),
    ),
    "no row": pd.DataFrame({"layer": pd.Series([], dtype="str")}),
    "rows that are only numbered": pd.DataFrame({"layer": ["rt", "roads"]}),
    "a name of a column like one of the index": pd.DataFrame({"unit": [1.0, 2.0], "index": [3, 4]}, index=UNITS),
}


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_comes_back_as_it_was(name):
    pd.testing.assert_frame_equal(there_and_back(FRAMES[name]), FRAMES[name])


def test_a_map_comes_back_with_its_crs_and_its_missing_geometries():
    frame = gpd.GeoDataFrame({"desa": ["Jaten", "Ngringo"]}, geometry=[Point(1, 2), None], index=UNITS, crs=32749)
    back = there_and_back(frame)
    assert isinstance(back, gpd.GeoDataFrame) and back.crs == frame.crs
    assert back.geometry.iloc[0].equals(Point(1, 2)) and back.geometry.iloc[1] is None
    pd.testing.assert_frame_equal(pd.DataFrame(back.drop(columns="geometry")), pd.DataFrame(frame[["desa"]]))


def test_values_of_numpy_become_plain():
    assert there_and_back({"count": np.int64(3), "missing": pd.NA, "many": np.array([1, 2])}) == {
        "count": 3,
        "missing": None,
        "many": [1, 2],
    }


def test_without_pyarrow_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(OutputError, match="skala"):
        stored.pack({"lang": "id"})
