"""The invented sample projects keep to the published facts, and say that they are invented."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

SAMPLES = Path(__file__).parents[1] / "sample_data"
# desa, code, published centre, target kawasan, its RT, RT in the sample
FACTS = {
    "jaten": ("Jaten", "33.13.11.2003", (110.89996, -7.57398), "Bulu", 4, 16),
    "ngringo": ("Ngringo", "33.13.11.2005", (110.87440, -7.55684), "Puntukrejo", 3, 14),
    "brujul": ("Brujul", "33.13.11.2008", (110.90605, -7.54750), "Widoro", 1, 12),
}
LAYERS = ("rt", "buildings", "roads", "drains", "inundation", "parcels", "zoning", "sk", "water")
METRES = "EPSG:32749"


def settings(key, root=SAMPLES):
    """The project file of one desa."""
    return tomllib.loads((root / key / "kumuhgis.toml").read_text(encoding="utf-8"))


def layer(key, name, root=SAMPLES):
    """One layer as the project file describes it, with canonical column names, in metres."""
    source = settings(key, root)["layers"][name]
    options = {"layer": source["layer"]} if "layer" in source else {}
    frame = gpd.read_file(root / key / source["path"], **options)
    return frame.rename(columns={theirs: ours for ours, theirs in source["columns"].items()}).to_crs(METRES)


def baseline(key, root=SAMPLES):
    """The workbook as it is typed."""
    return pd.read_excel(root / key / "baseline.xlsx", sheet_name="Baseline", engine="openpyxl", dtype=object)


@pytest.fixture(params=FACTS)
def key(request):
    """Each of the three project folders."""
    return request.param


def test_every_project_is_marked_as_invented(key):
    name, code, *_ = FACTS[key]
    project = settings(key)["project"]
    assert project["sample"] is True
    assert (project["desa"], project["desa_code"]) == (name, code)
    assert "DATA CONTOH - direka" in (SAMPLES / key / "README.md").read_text(encoding="utf-8")


def test_overview_says_invented():
    assert "DATA CONTOH - direka" in (SAMPLES / "README.md").read_text(encoding="utf-8")


def test_every_layer_has_the_columns_that_the_project_file_names(key):
    for name in LAYERS:
        frame = layer(key, name)
        assert len(frame) and set(settings(key)["layers"][name]["columns"]) <= set(frame.columns), name


def test_rt_share_their_borders_exactly(key):
    rt = layer(key, "rt")
    assert shapely.coverage_is_valid(rt.geometry.values)
    assert shapely.union_all(rt.geometry.values).geom_type == "Polygon"
    assert rt["unit"].is_unique


def test_rt_counts_and_hectares_keep_to_the_facts(key):
    _, code, _, kawasan, target, number = FACTS[key]
    rt = layer(key, "rt")
    assert len(rt) == number
    assert (rt["kawasan"] == kawasan).sum() == target
    assert rt["unit"].str.startswith(code + ".").all()
    assert (rt.area / 1e4).between(2.0, 4.0).all()
    assert layer(key, "sk")["area_ha"].between(0.8, 1.9).all()


def test_rt_lie_near_the_published_centre(key):
    centre = gpd.GeoSeries.from_xy([FACTS[key][2][0]], [FACTS[key][2][1]], crs=4326).to_crs(METRES).iloc[0]
    assert (layer(key, "rt").distance(centre) < 1200).all()


def test_the_three_desa_do_not_touch():
    shapes = [shapely.union_all(layer(key, "rt").geometry.values) for key in FACTS]
    assert min(a.distance(b) for n, a in enumerate(shapes) for b in shapes[:n]) > 500


def test_river_lies_west_of_puntukrejo():
    rt = layer("ngringo", "rt")
    river = layer("ngringo", "water")
    target = rt[rt["kawasan"] == "Puntukrejo"]
    assert (target.distance(river.geometry.iloc[0]) < 1).all()
    assert (target.centroid.x > river.geometry.iloc[0].centroid.x).all()
    bank = layer("ngringo", "parcels").query("land_status == 'Tanah BBWS Bengawan Solo'")
    assert target.intersects(shapely.union_all(bank.geometry.values)).all()


def test_buildings_lie_inside_one_rt_each(key):
    rt, houses = layer(key, "rt"), layer(key, "buildings")
    inside = gpd.sjoin(houses, rt[["unit", "geometry"]], predicate="within")
    assert len(inside) == len(houses)
    assert inside["unit"].value_counts().between(25, 65).all()


def test_workbook_rows_and_rt_agree_but_for_the_documented_ones(key):
    typed, mapped = set(baseline(key)["kode_rt"]), set(layer(key, "rt")["unit"])
    assert mapped - typed == ({"33.13.11.2005.009.001"} if key == "ngringo" else set())
    assert typed - mapped == ({"33.13.11.2008.009.009"} if key == "brujul" else set())


def test_people_and_settlement_keep_to_the_facts(key):
    table = baseline(key)
    assert table["penduduk_jiwa"].astype(int).between(100, 250).all()
    slum = table[table["kawasan"] == FACTS[key][3]]
    assert slum["luas_ha"].astype(float).between(0.8, 1.9).all()


def test_typed_building_counts_differ_little_from_the_map(key):
    table = baseline(key).set_index("kode_rt")["bangunan_unit"].astype(int)
    rt, houses = layer(key, "rt"), layer(key, "buildings")
    counted = gpd.sjoin(houses, rt[["unit", "geometry"]], predicate="within")["unit"].value_counts()
    both = table.index.intersection(counted.index)
    difference = (table[both] - counted[both]).abs()
    assert difference.max() <= 3 and (difference == 0).mean() > 0.5


def test_no_column_holds_a_person(key):
    for name in LAYERS:
        words = {str(c).lower() for c in layer(key, name).columns}
        assert not words & {"pemilik", "nama_pemilik", "nik", "nama_kk", "penghuni", "owner", "telepon"}, name


def test_folders_stay_small():
    files = [p for key in FACTS for p in (SAMPLES / key).rglob("*") if p.is_file()]
    assert sum(p.stat().st_size for p in files) < 3_000_000


@pytest.mark.slow
def test_the_script_makes_the_same_data_again(tmp_path):
    subprocess.run([sys.executable, str(SAMPLES / "make_samples.py"), str(tmp_path)], check=True, timeout=120)
    for key in FACTS:
        pd.testing.assert_frame_equal(baseline(key, tmp_path), baseline(key))
        for name in LAYERS:
            again, before = layer(key, name, tmp_path), layer(key, name)
            pd.testing.assert_frame_equal(
                pd.DataFrame(again.drop(columns="geometry")), pd.DataFrame(before.drop(columns="geometry"))
            )
            assert again.geom_equals_exact(before, tolerance=0.02).all(), (key, name)


@pytest.mark.parametrize("key", FACTS)
def test_looking_and_assessing_write_nothing_beside_the_inputs(key, tmp_path):
    """GDAL likes to leave .aux.xml files; a folder of a project stays as it was."""
    import shutil

    import kumuhgis as kg
    from kumuhgis.starter import look

    home = Path(shutil.copytree(SAMPLES / key, tmp_path / key))
    before = {p: (p.stat().st_size, p.stat().st_mtime_ns) for p in home.rglob("*")}
    look(home)
    kg.assess(home)
    assert {p: (p.stat().st_size, p.stat().st_mtime_ns) for p in home.rglob("*")} == before
