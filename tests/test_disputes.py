"""Disputed borders: hectares, scores and levels if each version holds, on squares of a hectare."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import kumuhgis as kg
from kumuhgis.disputes import redraw
from kumuhgis.errors import LayerError

X, Y = 490000, 9162000


def square(west, width):
    return shapely.box(X + west, Y, X + west + width, Y + 100)


def frame(shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=32749)


def project(tmp_path, area="measured"):
    folder = tmp_path / "desa"
    folder.mkdir()
    frame([square(0, 100), square(100, 100), square(200, 100)], KODE_RT=["1", "2", "3"]).to_file(folder / "rt.gpkg")
    cells = {"kode": ["1", "2", "3"], "kk": [50, 50, 50], "luas_ha": [1, 1, 1]}
    for code in ("1a", "1b", "1c", "2a", "2b", "3a", "3b", "4b", "4c", "5a", "5b", "6a", "6b", "7a", "7b"):
        cells[f"{code}_volume"] = [0, 0, 0]
    cells |= {"3a_volume": [50, 0, 0], "5a_volume": [50, 0, 0], "6a_volume": [50, 0, 0], "6b_volume": [13, 0, 0]}
    for total in ("bangunan_unit", "penduduk_jiwa", "jalan_ideal_m", "drainase_ideal_m"):
        cells[total] = [50, 150, 150]
    cells["4a_volume"] = [0.0, 0.0, 0.0]
    pd.DataFrame(cells).to_csv(folder / "baseline.csv", index=False)
    kg.init(folder)
    toml = (folder / "kumuhgis.toml").read_text("utf-8")
    (folder / "kumuhgis.toml").write_text(toml.replace("[options]", f'[options]\narea = "{area}"', 1), "utf-8")
    return folder


def versions_of_the_border():
    return frame([square(0, 80), square(0, 130)], unit=["1", "1"], versi=["RW 1", "RW 2"], pengusul=["warga", "desa"])


def test_every_version_gives_its_own_hectares_and_the_rest_gives_way(tmp_path):
    versions, ranges = kg.dispute_ranges(project(tmp_path), versions_of_the_border())
    area = versions["area_ha"].unstack("unit").round(2)
    assert area.loc["", ["1", "2", "3"]].tolist() == [1.0, 1.0, 1.0]
    assert area.loc["RW 1", ["1", "2", "3"]].tolist() == [0.8, 1.2, 1.0]
    assert area.loc["RW 2", ["1", "2", "3"]].tolist() == [1.3, 0.7, 1.0]
    assert ranges.index.tolist() == ["1", "2"]
    assert ranges.loc["1", ["slum_ha_min", "slum_ha_max"]].round(2).tolist() == [0.8, 1.3]
    assert ranges.loc["1", "decides"]
    assert not ranges.loc["2", "decides"]
    assert ranges.loc["1", "levels"] == "kumuh ringan"


def test_the_dispute_may_be_a_layer_of_the_project(tmp_path):
    folder = project(tmp_path)
    versions_of_the_border().to_file(folder / "sengketa_batas.gpkg")
    (folder / "kumuhgis.toml").unlink()
    kg.init(folder)
    versions, _ = kg.dispute_ranges(folder)
    assert versions.index.get_level_values("version").unique().tolist() == ["", "RW 1", "RW 2"]


def test_the_union_stays_and_a_version_of_both_sides_is_taken_as_drawn():
    units = frame([square(0, 100), square(100, 100)]).set_axis(["1", "2"])
    both = gpd.GeoSeries([square(0, 60), square(60, 140)], index=["1", "2"], crs=32749)
    assert redraw(units, both).area.tolist() == [6000, 14000]
    one = redraw(units, both.iloc[:1])
    assert one.area.sum() == pytest.approx(20000)
    assert shapely.area(shapely.union_all(one.to_numpy())) == pytest.approx(20000)


def test_a_version_of_a_unit_that_is_not_there_is_refused(tmp_path):
    folder = project(tmp_path)
    with pytest.raises(LayerError, match="99"):
        kg.dispute_ranges(folder, frame([square(0, 80)], unit=["99"], versi=["a"]))
    with pytest.raises(LayerError, match="version"):
        kg.dispute_ranges(folder, frame([square(0, 80)], unit=["1"]))


def test_check_says_which_versions_cannot_be_compared(tmp_path):
    folder = project(tmp_path)
    shapes = [square(0, 80), square(0, 70), square(0, 60), square(0, 50)]
    drawn = frame(shapes, unit=["1", "99", None, "2"], versi=["a", "a", "b", None])
    drawn.to_file(folder / "sengketa_batas.gpkg")
    kg.init(folder, force=True)
    said = kg.assess(folder).problems
    said = said[said["code"].str.startswith("dispute_")]
    assert list(zip(said["code"], said["row"], said["column"], strict=True)) == [
        ("dispute_unit_unknown", 2, "unit"),
        ("dispute_incomplete", 3, "unit"),
        ("dispute_incomplete", 4, "version"),
    ]
    assert "99" in said["message"].iloc[0] and (said["severity"] == "error").all()
    with pytest.raises(LayerError, match="99"):
        kg.dispute_ranges(folder)
