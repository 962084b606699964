"""A file read in columns gives the very frame that reading feature by feature gives, or is left to that."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from kumuhgis import columnar
from kumuhgis.columnar import read_columns
from kumuhgis.formats import open_vector
from kumuhgis.opening import Job, as_frame, read_dataframe

pytest.importorskip("pyarrow")
SQUARES = shapely.box([490_000, 490_100], 9_162_000, [490_050, 490_150], 9_162_050)


def written(folder, suffix=".gpkg", shapes=SQUARES, **columns):
    columns = columns or {"KONDISI": ["baik", None], "LEBAR_M": [2.5, np.nan], "NOMOR": [7, 8]}
    path = folder / f"lapisan{suffix}"
    gpd.GeoDataFrame(columns, geometry=list(shapes), crs=32749).to_file(path, engine="pyogrio")
    return path


def asked(path):
    return read_columns(Job(path, None, None, None, path.name))


@pytest.mark.parametrize("suffix", [".gpkg", ".fgb"])
def test_columns_give_what_features_give(tmp_path, suffix):
    path = written(tmp_path, suffix)
    plain = as_frame(read_dataframe(Job(path, None, None, None, path.name)))
    assert_geodataframe_equal(asked(path), plain)


def test_missing_whole_numbers_and_layers_without_attributes(tmp_path):
    path = written(tmp_path, NOMOR=pd.array([7, None], "Int64"))
    assert_geodataframe_equal(asked(path), as_frame(pyogrio.read_dataframe(path)))
    bare = tmp_path / "polos.gpkg"
    gpd.GeoDataFrame(geometry=list(SQUARES), crs=32749).to_file(bare, engine="pyogrio")
    frame, problems = open_vector(bare)
    assert len(frame) == 2 and not problems


@pytest.mark.parametrize(
    "columns",
    [{"FOTO": pd.to_datetime(["2026-01-02", "2026-01-03"])}, {"ADA": [True, False]}],
    ids=["dates", "booleans"],
)
def test_other_attributes_are_left_to_the_plain_reading(tmp_path, columns):
    assert asked(written(tmp_path, **columns)) is None


def test_a_feature_without_a_shape_is_left_to_the_plain_reading(tmp_path):
    path = written(tmp_path, shapes=[SQUARES[0], None])
    assert asked(path) is None
    assert open_vector(path)[0].geometry.isna().tolist() == [False, True]


def test_letters_that_are_damaged_are_left_to_the_plain_reading(tmp_path):
    import sqlite3

    path = written(tmp_path, KONDISI=["rusak", "baik"])
    with sqlite3.connect(path) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("UPDATE lapisan SET KONDISI = CAST(x'72fe73' AS TEXT) WHERE fid = 1")
    assert asked(path) is None
    assert len(open_vector(path)[0]) == 2


def test_other_formats_and_a_machine_without_arrow(tmp_path, monkeypatch):
    assert asked(written(tmp_path, ".shp")) is None
    monkeypatch.setattr(columnar, "_has_arrow", lambda: False)
    path = written(tmp_path)
    assert asked(path) is None
    assert open_vector(path)[0]["KONDISI"].tolist()[0] == "baik"
