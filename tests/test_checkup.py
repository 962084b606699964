"""Checking and mending a project: one page, an account of every feature, a clean copy, inputs untouched."""

import hashlib
import os
from datetime import date, datetime

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from python_calamine import CalamineWorkbook

import kumuhgis as kg
from kumuhgis.baseline import read_baseline
from kumuhgis.checkup import checkup, things_to_do, write_html, write_xlsx
from kumuhgis.errors import OutputError, Problem, problems_frame
from kumuhgis.groups import summarise_groups
from kumuhgis.joining import check_places, join_units, match_records
from kumuhgis.layers import open_layer
from kumuhgis.mending import mend
from kumuhgis.rules import load_rules
from kumuhgis.sample import SAMPLES, copy_sample
from kumuhgis.values import check_dates, check_lengths, check_photos, check_values

RULES = load_rules()


def table(**given):
    cells = {"kode": "01", "kk": 40, "penduduk_jiwa": 150, "luas_ha": 2, "bangunan_unit": 50, "3a_volume": 0, **given}
    return read_baseline(pd.DataFrame([cells]), RULES)


# what is filled in, hectares of the map, the codes told
VALUES = [
    ({}, 2.0, []),
    ({"penduduk_jiwa": 20}, None, ["people_per_household"]),
    ({"penduduk_jiwa": 600}, None, ["people_per_household"]),
    ({"penduduk_jiwa": 480}, None, []),  # 12 per household is still possible
    ({"bangunan_unit": 0}, None, ["people_without_buildings"]),
    ({"luas_sk_ha": 3}, None, ["sk_larger_than_unit"]),
    ({"luas_ha": 20000}, 2.0, ["area_implausible", "area_other_unit"]),
    ({"luas_ha": 0.02}, 2.0, ["area_other_unit"]),
    ({"jalan_ideal_m": 400, "jalan_eksisting_m": 200, "2a_volume": 100}, None, ["length_does_not_add_up"]),
    ({"jalan_ideal_m": 300, "jalan_eksisting_m": 200, "2a_volume": 100}, None, []),
]


@pytest.mark.parametrize(("given", "hectares", "codes"), VALUES)
def test_values_that_cannot_be(given, hectares, codes):
    measured = None if hectares is None else pd.Series([hectares], index=["01"])
    assert [p.code for p in check_values(table(**given), measured)] == codes


def test_dates_to_come_and_old_dates():
    """SK: reviewed at least every 5 years (Pasal 38)."""
    today = date(2026, 11, 21)
    told = check_dates({"survey": date(2026, 11, 22), "sk": date(2021, 11, 1)}, today=today)
    assert [(p.code, p.column) for p in told] == [("date_in_future", "survey"), ("date_old", "sk")]
    assert check_dates({"survey": today, "sk": date(2022, 1, 1), "x": None}, today=today) == []


def test_a_written_length_is_compared_with_the_line():
    lines = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 100 0)", "LINESTRING (0 9, 100 9)"], crs=32749)
    frame = gpd.GeoDataFrame({"length_m": [104.0, 250.0]}, geometry=lines)
    (told,) = check_lengths(frame, "roads")
    assert (told.code, told.feature, told.params["count"]) == ("length_differs", "2", 1)


def test_photos_named_in_a_table_are_looked_for_in_the_project(tmp_path):
    (tmp_path / "foto").mkdir()
    (tmp_path / "foto" / "RT01_a.JPG").write_bytes(b"x")
    given = table(Foto="rt01_a.jpg; ../../rt01_b.jpg")
    (told,) = check_photos(given.units, tmp_path, "baseline.csv")
    assert (told.code, told.feature, told.params) == ("photo_missing", "../../rt01_b.jpg", {"count": 1, "all": 2})


# ---------------------------------------------------------------- records and the map


def units(*keys, **columns):
    boxes = [shapely.box(490000 + 100 * i, 9162000, 490100 + 100 * i, 9162100) for i in range(len(keys))]
    return gpd.GeoDataFrame(columns, geometry=boxes, crs=32749, index=pd.Index(keys, name="unit"))


def records(*keys, **columns):
    cells = {"kode": list(keys), "3a_volume": [0] * len(keys), "kk": [40] * len(keys), **columns}
    return read_baseline(pd.DataFrame(cells), RULES)


@pytest.mark.parametrize(
    ("written", "drawn", "code"),
    [
        ("33.13.11.2003.004.002", "33.13.11.2003.004.002", None),
        ("3313112003004002", "33.13.11.2003.004.002", "key_by_code"),
        ("7", "007", "key_by_code"),
    ],
)
def test_a_record_finds_its_unit_by_code(written, drawn, code):
    problems = []
    base = match_records(records(written), units(drawn), problems)
    assert base.units.index.tolist() == [drawn]
    assert base.volumes.index.tolist() == [drawn]
    assert [p.code for p in problems if p.code.startswith("key")] == ([code] if code else [])


def test_a_record_finds_its_unit_by_label_inside_one_desa():
    problems = []
    base = records("A", "B", rt_rw=["RT 2/RW 1", "RT 003 RW 001"], desa=["Jaten", "Jaten"])
    drawn = units("x1", "x2", rt_rw=["RT 003 RW 001", "RT 002 RW 001"], desa=["Jaten", "Jaten"])
    assert match_records(base, drawn, problems).units.index.tolist() == ["x2", "x1"]
    assert {p.code for p in problems} == {"key_by_label"}


def test_what_nobody_can_decide_stays_apart_and_is_said():
    problems = []
    base = records("A", rt_rw=["RT 2"], desa=["Jaten"])
    drawn = units("x1", "x2", rt_rw=["RT 002 RW 001", "RT 002 RW 002"], desa=["Jaten", "Jaten"])
    base = match_records(base, drawn, problems)
    assert base.units.index.tolist() == ["A"]
    joined = join_units(drawn, base, problems)
    assert joined.index.tolist() == ["x1", "x2", "A"]
    assert {"record_without_map", "unit_without_record"} <= {p.code for p in problems}


def test_the_rt_written_on_a_house_is_compared_with_the_rt_in_which_it_lies():
    drawn = units("1", "2")
    spots = [shapely.Point(490050 + 100 * i, 9162050) for i in (0, 0, 1, 1, 5)]
    houses = gpd.GeoDataFrame({"unit": ["1", "2", "2", "9", "1"]}, geometry=spots, crs=32749)
    told = {p.code: p for p in check_places(drawn, houses, "buildings")}
    assert told["place_differs"].feature == "2"
    assert told["place_differs"].params["lies"] == "1"
    assert told["place_unit_unknown"].feature == "4"


def test_a_file_too_large_for_memory_is_read_only_around_the_project(tmp_path, monkeypatch):
    spots = [shapely.Point(490050, 9162050), shapely.Point(495000, 9162050)]
    gpd.GeoDataFrame({"x": [1, 2]}, geometry=spots, crs=32749).to_file(tmp_path / "rumah.gpkg")
    monkeypatch.setattr("kumuhgis.layers.LARGE_FILE", 10)
    read = open_layer(tmp_path / "rumah.gpkg", "buildings", area=units("1"), to_crs=32749)
    assert len(read.frame) == 1
    assert "layer_clipped" in {p.code for p in read.problems}


# ---------------------------------------------------------------- the report


@pytest.fixture(scope="module")
def checks():
    return {name: checkup(kg.load_sample(name)) for name in SAMPLES}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_account_of_every_file_adds_up(checks, name):
    accounts = checks[name].accounts
    assert (accounts["used"] + accounts["set_aside"] == accounts["read"]).all()
    assert accounts["layer"].is_unique
    assert accounts["filled"].dropna().between(0, 1).all()
    assert accounts["date"].notna().all()


def test_at_most_ten_things_to_do_worst_first_and_no_notes():
    problems = [Problem("value_missing", f"t{i}.csv", str(j), "kk") for i in range(12) for j in range(i + 1)]
    problems += [Problem("sources_differ", "x", params={"criterion": "1a", "table": 1, "geometry": 0, "used": "table"})]
    problems += [Problem("unit_missing", "t.csv", "1", "kode")]
    todo = things_to_do(problems_frame(problems))
    assert len(todo) == 10
    assert todo.iloc[0][["severity", "code"]].tolist() == ["error", "unit_missing"]
    assert todo["count"].tolist()[1:4] == [12, 11, 10]
    assert "info" not in set(todo["severity"])


def test_the_page_escapes_what_people_wrote_and_asks_for_nothing(tmp_path):
    folder = copy_sample("brujul", tmp_path)
    toml = (folder / "kumuhgis.toml").read_text("utf-8")
    name = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    lines = [f'name = "{name}"' if line.startswith("name = ") else line for line in toml.splitlines()]
    (folder / "kumuhgis.toml").write_text("\n".join(lines), "utf-8")
    page = write_html(checkup(folder), tmp_path / "periksa.html").read_text("utf-8")
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in page
    assert "DATA CONTOH" in page
    assert "://" not in page


def test_the_workbook_has_every_problem_as_text_and_a_link_to_its_file(tmp_path, checks):
    path = write_xlsx(checks["brujul"], tmp_path / "periksa.xlsx", folder=kg.sample_folder("brujul"))
    sheets = {
        n: CalamineWorkbook.from_path(str(path)).get_sheet_by_name(n).to_python()
        for n in CalamineWorkbook.from_path(str(path)).sheet_names
    }
    assert len(sheets["Semua temuan"]) == len(checks["brujul"].problems) + 1
    assert len(sheets["Yang perlu dikerjakan"]) == len(checks["brujul"].todo) + 1


def test_a_project_that_cannot_run_still_gives_a_report(tmp_path):
    folder = copy_sample("brujul", tmp_path)
    (folder / "peta.gpkg").write_bytes(b"")
    found = checkup(folder, lang="en")
    assert not found.runs
    assert len(found.todo)
    assert "file" in write_html(found, tmp_path / "a.html").read_text("utf-8")


def test_the_age_of_a_file_is_told_wherever_it_lies_in_the_project(tmp_path):
    """A file in a folder of its own has its own day, not that of a namesake beside kumuhgis.toml."""
    folder = copy_sample("brujul", tmp_path)
    file = folder / "kumuhgis.toml"
    for name, years in (("peta.gpkg", 2), ("baseline.xlsx", 3)):
        (folder / "data").mkdir(exist_ok=True)
        (folder / name).rename(folder / "data" / name)
        (folder / name).write_text("berkas lain dengan nama yang sama")
        day = datetime.now().timestamp() - 366 * 86400 * years
        os.utime(folder / "data" / name, (day, day))
        file.write_text(file.read_text("utf-8").replace(f'"{name}"', f'"data/{name}"'), "utf-8")
    days = checkup(folder).accounts.set_index("layer")["date"]
    age = {layer: (date.today() - day).days // 366 for layer, day in days.items()}
    assert (age["rt"], age["roads"], age["baseline"], age["drains"]) == (2, 2, 3, 0)


# ---------------------------------------------------------------- mending


def fingerprints(folder):
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_mended_copy_gives_the_same_result_and_no_input_is_touched(tmp_path, name):
    folder = copy_sample(name, tmp_path)
    before = fingerprints(folder)
    mend(folder, tmp_path / "rapi")
    assert fingerprints(folder) == before
    a, b = kg.assess(folder), kg.assess(tmp_path / "rapi")
    pd.testing.assert_frame_equal(
        a.summary[["total_low", "total_high", "level", "class", "priority", "rank"]],
        b.summary[["total_low", "total_high", "level", "class", "priority", "rank"]].reindex(a.summary.index),
        check_categorical=False,
    )
    assert abs(a.summary["area_ha"].sum() - b.summary["area_ha"].sum()) < 1e-6


def test_small_faults_of_the_borders_are_closed_and_mending_twice_changes_nothing(tmp_path):
    shapes = [shapely.box(490000, 9162000, 490100, 9162100), shapely.box(490099.6, 9162000, 490200, 9162100)]
    bow_tie = shapely.from_wkt(
        "POLYGON ((490000 9162000, 490050 9162050, 490050 9162000, 490000 9162050, 490000 9162000))"
    )
    folder = tmp_path / "desa"
    folder.mkdir()
    gpd.GeoDataFrame({"kode": ["1", "2"]}, geometry=shapes, crs=32749).to_file(folder / "rt.gpkg")
    gpd.GeoDataFrame({"zona": ["Permukiman"]}, geometry=[bow_tie], crs=32749).to_file(folder / "rtr.gpkg")
    table().units.to_csv(folder / "x.txt")
    kg.init(folder)
    first = checkup(folder)
    assert {"topology_overlap_narrow", "layer_geometry_repaired"} <= set(first.problems["code"])
    mend(folder, tmp_path / "a")
    clean = checkup(tmp_path / "a")
    told = {"topology_overlap_narrow", "topology_gap_narrow", "layer_geometry_repaired", "topology_unmatched_edge"}
    assert not told & set(clean.problems["code"])
    mend(tmp_path / "a", tmp_path / "b")
    one, two = (gpd.read_file(tmp_path / n / "peta.gpkg", layer="rt") for n in "ab")
    assert one.geometry.geom_equals_exact(two.geometry, 1e-9).all()


def test_a_folder_that_is_not_empty_is_never_written_into(tmp_path):
    folder = copy_sample("brujul", tmp_path)
    with pytest.raises(OutputError):
        mend(folder, folder)


# ---------------------------------------------------------------- groups


def test_groups_keep_units_without_a_group_and_hectares_add_up():
    result = kg.assess(kg.load_sample("ngringo"))
    groups = summarise_groups(result)
    assert "(tanpa kawasan)" in groups.index
    for column in ("slum_ha_low", "slum_ha_high"):
        assert groups[column].sum() == pytest.approx(result.summary[column].sum())
    assert groups["units"].sum() == len(result.summary)


def test_rw_001_of_one_desa_is_not_rw_001_of_another():
    drawn = units("1", "2", "3").assign(desa=["Jaten", "Jaten", "Ngringo"], rw=["001", "002", "001"])
    table = pd.DataFrame({"kode": ["1", "2", "3"], "luas_ha": [1.0] * 3, "kk": [40, 50, 60], "3a_volume": [40, 0, 0]})
    groups = summarise_groups(kg.assess(rt=drawn.reset_index(names="kode"), baseline=table), "rw")
    assert groups["households"].to_dict() == {"Jaten · 001": 40, "Jaten · 002": 50, "Ngringo · 001": 60}


def test_a_group_is_decided_as_one_location():
    groups = summarise_groups(kg.assess(kg.load_sample("ngringo")))
    puntukrejo = groups.loc["Puntukrejo"]
    assert puntukrejo["tenure_sign"] == "-"
    assert not puntukrejo["legal"]
    assert puntukrejo["handling"] == "permukiman kembali"
    assert puntukrejo["priority"] in range(1, 10)
