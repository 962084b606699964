"""Many projects as one result: the same whoever does the work, every part accounted for."""

import shutil

import geopandas as gpd
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from shapely import box

import kumuhgis as kg
from kumuhgis.cli import main
from kumuhgis.errors import KumuhgisError, ProjectError, ScoringError
from kumuhgis.regions import find_parts

FRAMES = ("units", "measures", "scores", "summary", "problems", "accounts", "matches")
X, Y = 490_000, 9_162_000
TOML = """[project]
name = "{name}"
[layers.rt]
path = "rt.gpkg"
columns = {{ unit = "kode", desa = "desa" }}
[layers.buildings]
path = "rumah.gpkg"
[tables.baseline]
path = "baseline.csv"
{more}
"""


def rt(prefix, n=3, crs=32749, east=0):
    shapes = [box(X + east + 100 * i, Y, X + east + 100 * i + 100, Y + 100) for i in range(n)]
    codes = [f"{prefix}{i + 1:03d}" for i in range(n)]
    return gpd.GeoDataFrame({"kode": codes, "desa": "Jaten"}, geometry=shapes, crs=crs)


def houses(units):
    shapes = [
        box(g.bounds[0] + 10 * i, Y + 20, g.bounds[0] + 10 * i + 6, Y + 26) for g in units.geometry for i in range(4)
    ]
    return gpd.GeoDataFrame({"TERATUR": ["ya", "tidak"] * (len(shapes) // 2)}, geometry=shapes, crs=units.crs)


def table(units, volume):
    count = len(units)
    cells = {"kode": units["kode"], "luas_ha": 1.0, "kk": 40, "penduduk": 160, "3a_volume": volume, "5a_volume": volume}
    return pd.DataFrame(cells, index=range(count))


def project(folder, prefix, volume=10, more="", **how):
    folder.mkdir(parents=True)
    units = rt(prefix, **how)
    units.to_file(folder / "rt.gpkg")
    houses(units).to_file(folder / "rumah.gpkg")
    table(units, volume).to_csv(folder / "baseline.csv", index=False)
    (folder / "kumuhgis.toml").write_text(TOML.format(name=folder.name, more=more), "utf-8")
    return folder


@pytest.fixture
def province(tmp_path):
    home = tmp_path / "provinsi"
    project(home / "33.13 Karanganyar", "33.13.11.2003.", volume=30)
    project(home / "33.11 Sukoharjo", "33.11.01.2001.", volume=5, n=2)
    (home / "catatan").mkdir()
    return home


def same(a, b):
    for name in FRAMES:
        assert_frame_equal(pd.DataFrame(getattr(a, name)), pd.DataFrame(getattr(b, name)), obj=name)
    assert a.units.crs == b.units.crs and a.units.geometry.geom_equals(b.units.geometry).all()
    assert a.provenance == b.provenance and a.rules == b.rules


def test_the_parts_are_the_subfolders_that_are_projects_in_the_order_of_their_names(province):
    assert list(find_parts(province)) == ["33.11 Sukoharjo", "33.13 Karanganyar"]
    assert find_parts(province / "33.11 Sukoharjo") == {} and find_parts(province / "catatan") == {}


def test_a_region_is_its_parts_one_below_the_other(province):
    whole = kg.assess(province)
    alone = [kg.assess(province / name) for name in find_parts(province)]
    assert whole.summary.index.tolist() == [u for part in alone for u in part.summary.index]
    both = pd.concat([part.summary for part in alone])
    assert_frame_equal(whole.summary.drop(columns="rank"), both.drop(columns="rank"), check_dtype=False)
    assert_frame_equal(whole.measures, pd.concat([part.measures for part in alone]))
    assert whole.accounts["read"].sum() == sum(part.accounts["read"].sum() for part in alone)
    assert len(whole.problems) == sum(len(part.problems) for part in alone)
    assert set(whole.problems["layer"].str.split("/").str[0]) == set(find_parts(province))
    assert [p["name"] for p in whole.provenance["parts"].values()] == list(find_parts(province))
    hectares = [kg.slum_hectares(part.summary, part.rules).iloc[0] for part in (whole, *alone)]
    for column in ("slum_ha_low", "slum_ha_high"):
        assert hectares[0][column] == pytest.approx(sum(part[column] for part in hectares[1:]))


def test_two_processes_and_a_cluster_give_the_same_as_one(province):
    distributed = pytest.importorskip("distributed")
    one = kg.assess(province)
    same(kg.assess(province, workers=2), one)
    how = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "silence_logs": 50}
    with distributed.LocalCluster(**how) as cluster:
        same(kg.assess(province, cluster=cluster.scheduler_address), one)


def test_a_run_goes_on_with_what_is_done_and_does_again_what_changed(province, tmp_path):
    done = []
    how = {"run_folder": tmp_path / "run", "progress": lambda *told: done.append(told)}
    one = kg.assess(province, **how)
    assert done == [(1, 2, "33.11 Sukoharjo"), (2, 2, "33.13 Karanganyar")]
    same(kg.assess(province, **how), one)
    assert len(done) == 2, "nothing was done again"
    file = province / "33.13 Karanganyar" / "baseline.csv"
    table(rt("33.13.11.2003."), 0).to_csv(file, index=False)
    changed = kg.assess(province, **how)
    assert done[2:] == [(2, 2, "33.13 Karanganyar")]
    assert changed.measures.loc[("33.13.11.2003.001", "3a"), "affected"] == 0
    kg.assess(province, options={"means": "gated"}, **how)
    assert len(done) == 5, "another option is another result"


def test_a_part_that_cannot_be_assessed_is_an_error_and_the_others_go_on(province):
    (province / "33.13 Karanganyar" / "rt.gpkg").write_bytes(b"")
    result = kg.assess(province)
    failed = result.problems.query("code == 'part_failed'")
    assert failed["layer"].tolist() == ["33.13 Karanganyar"] and failed["severity"].tolist() == ["error"]
    assert "0 bita" in failed["message"].iloc[0] and len(result.summary) == 2
    shutil.rmtree(province / "33.11 Sukoharjo")
    with pytest.raises(KumuhgisError, match="0 bita"):
        kg.assess(province)


def test_keys_that_stand_in_two_parts_are_told_apart(tmp_path):
    for name in ("A", "B"):
        project(tmp_path / "p" / name, "")
    result = kg.assess(tmp_path / "p")
    assert result.summary.index.tolist() == [f"{p}/{u}" for p in "AB" for u in ("001", "002", "003")]
    for name in ("units", "measures", "scores"):
        assert set(getattr(result, name).index.get_level_values("unit")) == set(result.summary.index)
    assert "parts_keys_prefixed" in set(result.problems["code"])


def whole_table(units, share):
    """A baseline in which every criterion has the same share, so that no level is open."""
    totals = {"bangunan_unit": 100, "penduduk_jiwa": 300, "kk": 100, "jalan_ideal_m": 200.0, "drainase_ideal_m": 200.0}
    cells = {"kode": units["kode"], "luas_ha": 1.0, **totals}
    total = {"unit": 100, "KK": 100, "m": 200.0, "ha": 1.0}
    for criterion in kg.load_rules().criteria:
        cells[f"{criterion.code}_volume"] = share * total[criterion.unit]
    return pd.DataFrame(cells)


def test_ranks_go_through_all_parts(tmp_path):
    more = '[tables.considerations]\npath = "pertimbangan.csv"'
    for name, share in (("A", 0.6), ("B", 0.9)):
        folder = project(tmp_path / "p" / name, f"33.1{name}.", more=more)
        units = rt(f"33.1{name}.")
        whole_table(units, share).to_csv(folder / "baseline.csv", index=False)
        signs = {"kode_rt": units["kode"], "nilai_strategis": 5, "sosial_ekonomi_budaya": 5}
        signs |= {"status_tanah": "+", "rtr": "+"}
        pd.DataFrame(signs).to_csv(folder / "pertimbangan.csv", index=False)
    alone = kg.assess(tmp_path / "p" / "A", options={"city_class": "sedang"}).summary["rank"]
    together = kg.assess(tmp_path / "p", options={"city_class": "sedang"}).summary["rank"]
    assert alone.tolist() == [1, 1, 1]
    assert together.tolist() == [4, 4, 4, 1, 1, 1], "the worse part comes first"


def test_groups_of_two_parts_stay_apart_and_a_part_can_be_summed_up(tmp_path):
    for name in ("A", "B"):
        folder = project(tmp_path / "p" / name, f"33.1{name}.")
        rt(f"33.1{name}.").assign(kawasan="Pasar").to_file(folder / "rt.gpkg")
        toml = folder / "kumuhgis.toml"
        toml.write_text(toml.read_text("utf-8").replace('desa = "desa"', 'desa = "desa", kawasan = "kawasan"'), "utf-8")
    result = kg.assess(tmp_path / "p")
    assert kg.summarise_groups(result)["households"].to_dict() == {"A · Pasar": 120, "B · Pasar": 120}
    assert kg.summarise_groups(result, "part")["units"].to_dict() == {"A": 3, "B": 3}


def test_parts_in_two_zones_meet_in_longitude_and_latitude(tmp_path):
    project(tmp_path / "p" / "jateng", "33.13.", crs=32749)
    project(tmp_path / "p" / "jatim", "35.13.", crs=32750)
    result = kg.assess(tmp_path / "p")
    assert result.units.crs.to_epsg() == 4326 and result.problems.crs.to_epsg() == 4326
    assert result.units["area_ha"].tolist() == pytest.approx([1.0008] * 6, abs=1e-3)


def test_parts_under_two_rules_are_not_mixed_and_two_options_are_said(province):
    toml = province / "33.11 Sukoharjo" / "kumuhgis.toml"
    plain = toml.read_text("utf-8")
    toml.write_text(plain + '[options]\nmeans = "gated"\n', "utf-8")
    said = kg.assess(province).problems.query("code == 'parts_options_differ'")
    assert "means" in said["message"].iloc[0]
    toml.write_text(plain + '[rules]\nkey = "permen-02-2016"\n', "utf-8")
    done = []
    with pytest.raises(ScoringError):
        kg.assess(province, progress=lambda *told: done.append(told))
    assert done == [], "it is said before any work"


def test_a_layer_for_a_whole_region_is_refused(province):
    with pytest.raises(ProjectError, match="baseline"):
        kg.assess(province, baseline=province / "33.11 Sukoharjo" / "baseline.csv")


# ---------------------------------------------------------------- data sets


@pytest.fixture
def dataset(tmp_path, province):
    """The same region as GeoParquet data sets with a subfolder for each kabupaten."""
    pytest.importorskip("pyarrow")
    home = tmp_path / "nasional"
    for name in find_parts(province):
        code = name.split()[0]
        for layer, file in (("rt", "rt.gpkg"), ("rumah", "rumah.gpkg")):
            folder = home / layer / f"kabupaten={code}"
            folder.mkdir(parents=True)
            frame = gpd.read_file(province / name / file)
            frame.iloc[:2].to_parquet(folder / "part-0.parquet")
            frame.iloc[2:].to_parquet(folder / "part-1.parquet")
        (home / "baseline" / f"kabupaten={code}").mkdir(parents=True)
        shutil.copy(province / name / "baseline.csv", home / "baseline" / f"kabupaten={code}")
    toml = TOML.format(name="nasional", more="")
    for file in ("rt.gpkg", "rumah.gpkg", "baseline.csv"):
        toml = toml.replace(file, file.split(".")[0])
    (home / "kumuhgis.toml").write_text(toml, "utf-8")
    return home


def test_a_data_set_gives_what_the_folders_give(dataset, province):
    assert list(find_parts(dataset)) == ["33.11", "33.13"]
    a, b = kg.assess(dataset, workers=2), kg.assess(province)
    for name in ("measures", "scores", "summary"):
        assert_frame_equal(getattr(a, name), getattr(b, name), obj=name)


def test_a_table_that_is_not_split_like_the_layers_is_said(dataset):
    whole = pd.concat(pd.read_csv(f) for f in sorted((dataset / "baseline").rglob("*.csv")))
    shutil.rmtree(dataset / "baseline")
    whole.to_csv(dataset / "baseline", index=False)
    with pytest.raises(ProjectError, match="baseline/kabupaten"):
        kg.assess(dataset)


def test_a_layer_without_a_part_is_not_measured_there(dataset):
    shutil.rmtree(dataset / "rumah" / "kabupaten=33.11")
    result = kg.assess(dataset)
    measured = result.measures["geometry_total"].notna().groupby(level="unit").any()
    assert not measured[["33.11.01.2001.001", "33.11.01.2001.002"]].any() and measured["33.13.11.2003.001"]


def surveyed(dataset, of):
    """Households of two RT, one in each kabupaten."""
    for code, unit in of.items():
        folder = dataset / "survei" / f"kabupaten={code}"
        folder.mkdir(parents=True)
        rows = {
            "kode_rt": unit,
            "no_urut": range(1, 9),
            "purpose": "real",
            "water_sufficient": ["always"] * 5 + ["never"] * 3,
        }
        pd.DataFrame(rows).to_csv(folder / "ekspor.csv", index=False)
    with (dataset / "kumuhgis.toml").open("a", encoding="utf-8") as out:
        out.write('\n[survey]\npath = "survei"\n')


def test_every_part_reads_its_own_survey(dataset):
    units = {"33.11": "33.11.01.2001.001", "33.13": "33.13.11.2003.002"}
    surveyed(dataset, units)
    result = kg.assess(dataset)
    answers = result.measures["answers"].xs("3b", level="criterion")
    assert answers.dropna().to_dict() == dict.fromkeys(units.values(), 8)
    assert not result.problems["code"].str.contains("unit_unknown").any(), "nobody's households are called unknown"
    shutil.rmtree(dataset / "survei" / "kabupaten=33.11")
    assert set(kg.assess(dataset).measures["answers"].dropna().index.get_level_values("unit")) == {units["33.13"]}


def test_one_survey_for_all_parts_is_said(dataset):
    surveyed(dataset, {"33.11": "33.11.01.2001.001"})
    shutil.move(dataset / "survei" / "kabupaten=33.11" / "ekspor.csv", dataset / "survei" / "ekspor.csv")
    shutil.rmtree(dataset / "survei" / "kabupaten=33.11")
    with pytest.raises(ProjectError, match="survei"):
        kg.assess(dataset)


# ---------------------------------------------------------------- command line


def test_the_command_assesses_a_region_and_writes_its_tables(province, tmp_path, capsys):
    out = tmp_path / "hasil"
    with pytest.raises(SystemExit):
        main(["assess", str(province), "--workers", "2", "--run-folder", str(tmp_path / "run"), "--out", str(out)])
    assert "5" in capsys.readouterr().out
    assert len(pd.read_csv(out / "hasil.csv", comment="#")) == 5
    assert (tmp_path / "run" / "manifest.json").exists()
