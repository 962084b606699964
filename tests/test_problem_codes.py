"""Every problem code happens: a table of the mistake that each is said of, and no code without a test."""

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, box

import kumuhgis as kg
from kumuhgis import audit, considerations, maps
from kumuhgis.errors import KumuhgisError
from kumuhgis.rules import load_rules
from kumuhgis.schemas import write_schema
from kumuhgis.severities import SEVERITY
from kumuhgis.starter import init
from kumuhgis.tables import aliases

TESTS = Path(__file__).parent
SHIPPED = (Path(kg.__file__).parent / "data" / "rules" / "permen-14-2018.toml").read_text("utf-8")
X, Y = 490_000, 9_162_000


def rt(count=2):
    shapes = [box(X + 100 * i, Y, X + 100 * i + 100, Y + 100) for i in range(count)]
    return gpd.GeoDataFrame({"kode": [f"{i + 1:02d}" for i in range(count)]}, geometry=shapes, crs=32749)


def table(**columns):
    cells = {"kode": ["01", "02"], "luas_ha": [1.0, 1.0], "kk": [40, 40], "3a_volume": [4, 4], **columns}
    return pd.DataFrame({name: values for name, values in cells.items() if values is not None})


def layer(shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=32749)


def said(action):
    """The codes that something says, whether it goes on or not."""
    try:
        result = action()
    except KumuhgisError as error:
        return {p.code for p in error.problems}
    if isinstance(result, kg.Assessment):
        return set(result.problems["code"])
    return {p.code for p in result}


# ---------------------------------------------------------------- rule files

RULES = {
    "rules_not_toml": ("[bands]", "[bands"),
    "rules_unknown_key": ('key = "permen-14-2018"', 'key = "permen-14-2018"\nwarna = "merah"'),
    "rules_missing_key": ('name_en = "Poor road surface"', ""),
    "rules_bad_value": ('unit = "KK"', 'unit = "rumah"'),
    "rules_bands_do_not_rise": ("lower = [25, 51, 76]", "lower = [25, 76, 51]"),
    "rules_levels_do_not_rise": ("lower = 38", "lower = 15"),
    "rules_code_twice": ('code = "7b"', 'code = "7a"'),
    "rules_aspect_unknown": ("aspect = 6", "aspect = 9"),
    "rules_measure_unknown": ('measure = "road_surface"', 'measure = "road_surfase"'),
    "rules_parameter_unknown": ("length_total = ", "length_totall = "),
}


@pytest.mark.parametrize("code", RULES)
def test_a_mistake_in_a_rule_file(tmp_path, code):
    old, new = RULES[code]
    (tmp_path / "perda.toml").write_text(SHIPPED.replace(old, new, 1), "utf-8")
    assert code in said(lambda: load_rules(tmp_path / "perda.toml"))


def test_rules_that_are_not_there_and_rules_that_differ(tmp_path):
    assert said(lambda: load_rules("permen-99")) == {"rules_not_found"}
    for name, rules in (("a", "permen-14-2018"), ("b", "permen-02-2016")):
        (tmp_path / "p" / name).mkdir(parents=True)
        rt().to_file(tmp_path / "p" / name / "rt.gpkg")
        text = f'[project]\nname = "{name}"\n[rules]\nkey = "{rules}"\n[layers.rt]\npath = "rt.gpkg"\n'
        (tmp_path / "p" / name / "kumuhgis.toml").write_text(text, "utf-8")
    assert said(lambda: kg.assess(tmp_path / "p")) == {"rules_differ"}
    assert said(lambda: kg.assess(tmp_path / "p", baseline=table())) == {"parts_take_no_layer"}


# ---------------------------------------------------------------- tables


def workbook(path, sheets):
    with pd.ExcelWriter(path, engine="xlsxwriter") as book:
        for name, frame in sheets.items():
            frame.to_excel(book, sheet_name=name, index=False)
    return path


def scored(source, **how):
    return lambda: kg.read_baseline(source, load_rules(), **how).problems


def test_mistakes_in_a_table(tmp_path):
    (tmp_path / "nul.csv").write_bytes(b"kode,3a_volume\n01\x00,4\n")
    assert "table_unreadable" in said(scored(tmp_path / "nul.csv"))
    book = workbook(tmp_path / "a.xlsx", {"Data": table()})
    assert "table_sheet_missing" in said(scored(book, sheet="Bulu"))
    (tmp_path / "kosong.csv").write_text("kode,3a_volume\n", "utf-8")
    assert "table_empty" in said(scored(tmp_path / "kosong.csv"))
    assert "table_no_criteria" in said(scored(pd.DataFrame({"kode": ["01"], "warna": ["merah"]})))
    assert "table_column_missing" in said(scored(table()))
    assert "table_column_given_missing" in said(scored(table(), unit="nomor"))
    other = table().rename(columns={"luas_ha": "kk", "kk": "luas_ha"})
    both = workbook(tmp_path / "b.xlsx", {"Bulu": table(**{"4a_volume": [0, 0]}), "Widoro": other.assign(x=1)})
    assert "table_sheets_differ" in said(scored(both))


def test_mistakes_in_a_dictionary_of_headings():
    assert "table_columns_unknown" in said(lambda: aliases({"warna": "Warna"}))
    assert "table_columns_not_text" in said(lambda: aliases({"households": 3}))


def test_an_option_without_what_it_needs():
    assert said(lambda: kg.assess(rt=rt(), baseline=table(), options={"density": "derived"})) >= {"city_class_missing"}
    counted = table(bangunan_unit=[300, 100], penduduk_jiwa=[100, 100])
    assert "density_derived" in said(lambda: kg.assess(rt=rt(), baseline=counted, options={"city_class": "sedang"}))


def test_volumes_that_cannot_be():
    index = pd.MultiIndex.from_tuples([("01", "3a"), ("01", "9z")], names=["unit", "criterion"])
    measures = pd.DataFrame({"affected": [4.0, 1.0], "total": [-40.0, 2.0]}, index=index)
    assert {p.code for p in audit.scoring_problems(measures, load_rules(), "m")} >= {
        "total_negative",
        "criterion_unknown",
    }


def test_two_rows_of_considerations_that_contradict_each_other():
    rows = pd.DataFrame({"unit": ["01", "01"], "nilai_strategis": [5, 1]})
    units = rt().set_index("kode")
    assert "consideration_contradicts" in {
        p.code for p in considerations.read_considerations(rows, units, load_rules())[1]
    }


# ---------------------------------------------------------------- maps


def test_layers_that_nobody_judged():
    road = [LineString([(X, Y + 50), (X + 90, Y + 50)]), LineString([(X, Y + 20), (X + 90, Y + 20)])]
    roads = layer(road, KONDISI=["rusak berat", None], LEBAR_M=[3.0, 3.0])
    assert "measure_partly_unknown" in said(lambda: kg.assess(rt=rt(), baseline=table(), roads=roads))
    wet = layer([box(X, Y, X + 50, Y + 50)], tinggi_cm=[np.nan])
    assert "inundation_assumed" in said(lambda: kg.assess(rt=rt(), baseline=table(), inundation=wet))
    houses = layer([box(X + 5, Y + 5, X + 15, Y + 15), box(X + 105, Y + 5, X + 115, Y + 15)], nomor=[1, 2])
    assert "measure_all_unknown" in said(lambda: kg.assess(rt=rt(), baseline=table(), buildings=houses))
    assert said(lambda: kg.assess(rt=rt(), baseline=table(), jalan=roads)) == {"layer_unknown"}


def test_a_data_set_whose_table_is_one_file(tmp_path):
    (tmp_path / "rt" / "kabupaten=33.13").mkdir(parents=True)
    rt().to_parquet(tmp_path / "rt" / "kabupaten=33.13" / "a.parquet")
    table().to_csv(tmp_path / "baseline.csv", index=False)
    text = '[project]\nname = "n"\n[layers.rt]\npath = "rt"\n[tables.baseline]\npath = "baseline.csv"\n'
    (tmp_path / "kumuhgis.toml").write_text(text, "utf-8")
    assert said(lambda: kg.assess(tmp_path)) == {"project_table_not_split"}


# ---------------------------------------------------------------- what is asked for and not there


def test_what_is_not_there(tmp_path):
    assert said(lambda: init(tmp_path / "tidak ada")) == {"project_folder_missing"}
    result = kg.assess(rt=rt(), baseline=table())
    assert said(lambda: kg.explain(result.scores, "99", result.rules)) == {"unit_not_found"}
    page = '<script src="https://example.org/lain.js"></script>'
    assert said(lambda: maps.embed(page)) == {"output_asset_missing"}
    schema = tmp_path / "skema.toml"
    text = 'driver = "ESRI Shapefile"\ngeometry = "Polygon"\ncrs = "EPSG:32749"\n'
    text += '[[fields]]\nname = "NAMA_YANG_PANJANG"\ntype = "str:9"\nfrom = "kode"\n'
    schema.write_text(text, "utf-8")
    assert "schema_name_long" in said(lambda: write_schema(rt(), tmp_path / "a.shp", schema))


def test_no_code_is_without_a_test():
    texts = "\n".join(p.read_text("utf-8") for p in TESTS.rglob("*.py"))
    assert [code for code in SEVERITY if not re.search(rf"\b{code}\b", texts)] == []
