"""RT and RW as offices write them down: in two columns, in one, as folders of a KML, as NAMOBJ."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

import kumuhgis as kg
from kumuhgis.baseline import read_baseline
from kumuhgis.layers import read_layer
from kumuhgis.rules import load_rules
from kumuhgis.starter import init

X, Y = 490_000, 9_162_000
PLACES = [(rt, rw) for rw in (1, 2) for rt in (1, 2, 3)]
SQUARES = [box(X + 100 * rt, Y + 100 * rw, X + 100 * rt + 100, Y + 100 * rw + 100) for rt, rw in PLACES]
RT, RW = [f"{rt:03d}" for rt, _ in PLACES], [f"{rw:03d}" for _, rw in PLACES]
WHOLE = [f"RT {rt:03d}/RW {rw:03d}" for rt, rw in PLACES]


def units(**columns):
    return gpd.GeoDataFrame(columns, geometry=SQUARES, crs=32749)


def table(**columns):
    return pd.DataFrame(
        columns | {"luas_ha": [1.0] * 6, "kk": [40] * 6, "bangunan_unit": [40] * 6, "3a_volume": [4] * 6}
    )


MAPS = {
    "two columns": ({"RT": RT, "RW": RW}, {"rt", "rw", "rt_rw"}),
    "two columns of numbers": ({"RT": [int(x) for x in RT], "RW": [float(x) for x in RW]}, {"rt", "rw", "rt_rw"}),
    "the column RT names both": ({"RT": WHOLE, "RW": RW}, {"rt_rw", "rw"}),
    "a heading nobody knows": ({"KETERANGAN": WHOLE}, {"rt_rw"}),
    "NAMOBJ of a topographic map": ({"OBJECTID": range(1, 7), "NAMOBJ": WHOLE, "WADMKD": "Ngringo"}, {"rt_rw", "desa"}),
    "Google Earth, a folder for each RW": (
        {"id": [None] * 6, "Name": [f"RT {x}" for x in RT], "description": [""] * 6, "folder": [f"RW {x}" for x in RW]},
        {"rt", "rw", "rt_rw"},
    ),
    "a name of the hamlet beside": ({"NAMA": ["Bakungan"] * 6, "RT": RT, "RW": RW}, {"rt", "rw", "rt_rw"}),
}
TABLES = {
    "two columns": {"RT": RT, "RW": RW},
    "two columns of numbers": {"RT": [int(x) for x in RT], "RW": [int(x) for x in RW]},
    "one column called RT": {"RT": WHOLE},
    "one column called RT beside RW": {"RT": WHOLE, "RW": RW},
    "one column called RT/RW": {"RT/RW": WHOLE},
}


@pytest.mark.parametrize("how", MAPS)
def test_the_columns_of_a_map_are_understood(how):
    columns, wanted = MAPS[how]
    read = read_layer(units(**columns), "rt")[0]
    assert wanted == {"rt_rw", "rt", "rw", "desa"} & set(read.columns)


@pytest.mark.parametrize("there", TABLES)
@pytest.mark.parametrize("here", MAPS)
def test_every_record_finds_its_unit_however_both_sides_write_it(here, there):
    result = kg.assess(rt=units(**MAPS[here][0]), baseline=table(**TABLES[there]))
    assert not result.problems["code"].isin(["record_without_map", "unit_without_record"]).any()
    assert result.units["households"].tolist() == [40.0] * 6


def test_a_column_rt_alone_is_the_label():
    base = read_baseline(table(RT=["1", "2", "3", "4", "5", "6"]), load_rules())
    assert base.units["rt_rw"].tolist() == ["1", "2", "3", "4", "5", "6"]


def test_a_number_of_gis_software_is_a_key_only_where_no_label_can_be_one():
    objectid = {"OBJECTID": range(1, 7)}
    assert read_layer(units(**objectid, RT_RW=WHOLE), "rt")[0].index.tolist() == WHOLE
    assert read_layer(units(**objectid, RT_RW=[WHOLE[0]] * 6), "rt")[0].index.tolist() == list("123456")
    assert read_layer(units(**objectid, KODE=list("abcdef"), RT_RW=WHOLE), "rt")[0].index.tolist() == list("abcdef")


def test_labels_may_be_the_codes():
    assert read_layer(units(KODE_RT=WHOLE, DESA=["Ngringo"] * 6), "rt")[0].index.tolist() == WHOLE


def test_namobj_that_names_a_desa_stays_the_desa():
    read = read_layer(units(NAMOBJ=["Ngringo"] * 6, RT_RW=WHOLE), "rt")[0]
    assert read["desa"].tolist() == ["Ngringo"] * 6


def test_an_empty_column_gives_way_to_a_filled_one():
    road = gpd.GeoDataFrame(
        {"KONDISI": [None], "kualitas": ["baik"]}, geometry=gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 9 0)"]), crs=32749
    )
    assert read_layer(road, "roads")[0]["condition"].tolist() == ["baik"]


@pytest.mark.parametrize("with_init", [False, True])
def test_a_folder_with_rt_and_rw_in_two_columns_runs_with_and_without_init(tmp_path, with_init):
    units(RT=RT, RW=RW).to_file(tmp_path / "batas_rt.shp")
    table(RT=RT, RW=RW).to_csv(tmp_path / "baseline.csv", index=False)
    if with_init:
        init(tmp_path)
    else:
        (tmp_path / "kumuhgis.toml").write_text(
            '[project]\nname = "Uji"\n[layers.rt]\npath = "batas_rt.shp"\n[tables.baseline]\npath = "baseline.csv"\n'
        )
    assert kg.assess(tmp_path).units["households"].tolist() == [40.0] * 6


CODES = [f"33.13.11.2005.{rw:03d}.{rt:03d}" for rt, rw in PLACES]


def codes_of(result):
    return set(result.problems["code"])


def test_a_label_of_the_table_that_cannot_be_read_is_said_with_its_row(tmp_path):
    table(RT_RW=["RT 03A RW 01", *WHOLE[1:]]).to_csv(tmp_path / "baseline.csv", index=False)
    problems = kg.assess(rt=units(RT_RW=WHOLE), baseline=tmp_path / "baseline.csv").problems
    (said,) = problems[problems["code"] == "label_suffix"].itertuples()
    assert (said.layer, said.row) == ("baseline.csv", 2) and "RT 03A RW 01" in said.message


def test_labels_of_records_that_their_code_joins_are_not_talked_about():
    given = table(kode=CODES, rt_rw=["blok A", *WHOLE[1:]])
    assert not codes_of(kg.assess(rt=units(KODE=CODES), baseline=given)) & {"label_unread", "label_assumed"}


def test_codes_that_excel_has_cut_are_said_on_both_sides():
    cut = [int(code.replace(".", "")) // 10 * 10 for code in CODES]
    problems = kg.assess(rt=units(KODE=cut), baseline=table(kode=cut, rt_rw=WHOLE)).problems
    assert problems.loc[problems["code"] == "code_cut", "layer"].tolist() == ["rt", "DataFrame"]
    assert "code_cut" in codes_of(kg.assess(rt=units(KODE=["3,31E+15"] * 6), baseline=table(kode=CODES)))


def test_a_key_that_is_no_code_among_codes_is_said_and_keys_of_an_office_are_not():
    odd = kg.assess(rt=units(KODE=CODES), baseline=table(kode=["?", *CODES[1:]])).problems
    assert odd.loc[odd["code"] == "code_unread", "layer"].tolist() == ["DataFrame"]
    own = [f"PKL-{i}" for i in range(6)]
    assert not {c for c in codes_of(kg.assess(rt=units(KODE=own), baseline=table(kode=own))) if c.startswith("code_")}
    assert "code_unread" not in codes_of(kg.assess(rt=units(KODE=own), baseline=table(kode=[*own[1:], "PKL-9"])))


@pytest.mark.parametrize("mark", ["\u200b", "\ufeff", "\u00ad"])
def test_marks_that_nobody_sees_do_not_spoil_a_label(mark):
    hidden = [f"{mark}RT{mark} {x[3:]}{mark}" for x in WHOLE]
    result = kg.assess(rt=units(RT_RW=WHOLE), baseline=table(RT_RW=hidden))
    assert result.units["households"].tolist() == [40.0] * 6


def test_a_street_may_be_called_after_its_rt():
    road = gpd.GeoDataFrame(
        {"nama": ["Gang RT 01 RW 02"]}, geometry=gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 9 0)"]), crs=32749
    )
    assert read_layer(road, "roads")[0]["name"].tolist() == ["Gang RT 01 RW 02"]
