"""What is written can be read again and says the same; nothing is left half written; text stays text."""

import dataclasses
import errno
import json
import os
import sqlite3
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from shapely import box

import kumuhgis as kg
from kumuhgis.errors import OutputError
from kumuhgis.export import WRITERS, in_words, unit_table, write
from kumuhgis.saving import as_text, replacing, write_table

EVERY = sorted(WRITERS)
FORMATS = [suffix for suffix in EVERY if suffix != ".xlsx"]  # what the workbook says: test_workbook.py


@pytest.fixture(scope="module")
def result():
    """Brujul: a unit without geometry, one whose level is open, errors of formulas: not a smooth case."""
    return kg.assess(kg.load_sample("brujul"), today=date(2026, 4, 1))


def files(folder):
    return sorted(os.listdir(folder))


def same(read, ours, name):
    """Whether a column that was read back equals ours; missing equals missing."""
    ours = ours.astype(object).where(ours.notna(), None).tolist()
    read = read.astype(object).where(read.notna(), None).tolist()
    for i, (a, b) in enumerate(zip(read, ours, strict=True)):
        if isinstance(b, (bool, np.bool_)):
            assert str(a).lower() in ((str(bool(b)).lower()), str(float(b)), str(int(b))), (name, i, a, b)
        elif isinstance(b, (int, float, np.number)):
            assert float(a) == pytest.approx(float(b), rel=1e-9, abs=1e-9), (name, i, a, b)
        else:
            assert (a or None) == (b or None), (name, i, a, b)


def read_back(path):
    if path.suffix == ".csv":
        return pd.read_csv(path, dtype={"unit": str, "rt_rw": str}).set_index("unit")
    if path.suffix == ".json":
        return pd.DataFrame(json.loads(path.read_text("utf-8"))["summary"]).set_index("unit")
    return pd.DataFrame(pyogrio.read_dataframe(path, layer="rt")).set_index("unit")


# ---------------------------------------------------------------- the same again


@pytest.mark.parametrize("suffix", FORMATS)
def test_what_is_written_says_what_the_summary_says(suffix, result, tmp_path):
    path = write(result, tmp_path / f"hasil{suffix}")
    read, ours = read_back(path), in_words(result.summary, "id")
    assert path == tmp_path / f"hasil{suffix}" and read.index.tolist() == ours.index.tolist()
    for column in ours:
        same(read[column], ours[column], column)


@pytest.mark.parametrize("suffix", [".csv", ".gpkg", ".geojson"])
def test_percents_and_scores_stand_beside_the_summary(suffix, result, tmp_path):
    read = read_back(write(result, tmp_path / f"hasil{suffix}"))
    for code in result.rules.codes:
        for column in ("affected", "total", "percent", "score"):
            same(read[f"{code}_{column}"], result.scores[column].xs(code, level="criterion"), f"{code}_{column}")


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson"])
def test_shapes_are_those_of_the_units(suffix, result, tmp_path):
    read = pyogrio.read_dataframe(write(result, tmp_path / f"hasil{suffix}"), layer="rt")
    ours = result.units.to_crs(read.crs)
    assert read.geometry.isna().tolist() == ours.geometry.isna().tolist()
    drawn = ours.geometry.notna().to_numpy()
    areas = read[drawn].to_crs(result.units.crs).area.to_numpy()
    assert areas == pytest.approx(result.units[drawn].area.to_numpy(), rel=1e-4)
    assert read.crs.to_epsg() == (32749 if suffix == ".gpkg" else 4326)


def test_leading_zeros_live_in_every_format(tmp_path):
    units = gpd.GeoDataFrame({"kode": ["001"]}, geometry=[box(490000, 9162000, 490100, 9162100)], crs=32749)
    got = kg.assess(rt=units, baseline=pd.DataFrame({"kode": ["001"], "kk": [10], "3a_volume": [1]}))
    for suffix in FORMATS:
        path = write(got, tmp_path / f"x{suffix}")
        if suffix == ".csv":
            assert "\n001," in path.read_text("utf-8-sig")
        else:
            assert read_back(path).index.tolist() == ["001"]


@pytest.mark.parametrize(("lang", "words"), [("id", "belum dapat ditentukan"), ("en", "cannot be determined yet")])
@pytest.mark.parametrize("suffix", FORMATS)
def test_an_open_level_says_so_in_the_language_asked_for(suffix, lang, words, result, tmp_path):
    read = read_back(write(result, tmp_path / f"x{suffix}", lang=lang))
    assert (read["level"] == words).sum() == result.summary["level"].isna().sum() > 0


@pytest.mark.parametrize("suffix", FORMATS)
def test_invented_data_say_so(suffix, result, tmp_path):
    path = write(result, tmp_path / f"x{suffix}")
    if suffix == ".json":
        assert json.loads(path.read_text("utf-8"))["provenance"]["sample"] is True
    else:
        assert (read_back(path)["data"] == "DATA CONTOH").all()


def test_real_data_do_not_say_that_they_are_invented(result, tmp_path):
    real = dataclasses.replace(result, provenance={**result.provenance, "sample": False})
    assert "data" not in unit_table(real) and "CONTOH" not in write(real, tmp_path / "x.csv").read_text("utf-8-sig")


def test_csv_is_what_excel_opens_rightly(result, tmp_path):
    raw = write(result, tmp_path / "x.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf") and raw.count(b"\n") == len(result.summary) + 1 and b"\r" not in raw


def test_json_is_strict_and_carries_everything_but_shapes(result, tmp_path):
    def refuse(word):
        raise AssertionError(word)

    read = json.loads(write(result, tmp_path / "x.json").read_text("utf-8"), parse_constant=refuse)
    assert set(read) == {"provenance", "rule", "summary", "scores", "problems", "matches"}
    assert len(read["scores"]) == 16 * len(result.summary) and len(read["problems"]) == len(result.problems)
    assert read["provenance"]["inputs"] == result.provenance["inputs"]
    assert read["rule"]["key"] == "permen-14-2018"


def test_geojson_keeps_to_its_standard(result, tmp_path):
    read = json.loads(write(result, tmp_path / "x.geojson").read_text("utf-8"))
    lon, lat = next(f for f in read["features"] if f["geometry"])["geometry"]["coordinates"][0][0][:2]
    assert 110 < lon < 111.5 and -8 < lat < -7 and "crs" not in read


# ---------------------------------------------------------------- GeoPackage


def test_the_geopackage_lists_units_layers_and_tables(result, tmp_path):
    path = write(result, tmp_path / "x.gpkg")
    listed = dict(pyogrio.list_layers(path))
    assert set(listed) == {
        "rt",
        *result.layers,
        "problems",
        "layer_styles",
        *(f"table_{n}" for n in ("problems", "matches", "measures", "scores", "provenance")),
    }
    tables = {n for n in listed if n.startswith("table_") or n == "layer_styles"}
    assert {n for n, kind in listed.items() if kind is None} == tables
    for name, layer in result.layers.items():
        assert len(pyogrio.read_dataframe(path, layer=name)) == len(layer)


def test_the_tables_of_the_geopackage_say_what_the_frames_say(result, tmp_path):
    path = write(result, tmp_path / "x.gpkg")
    read = pyogrio.read_dataframe(path, layer="table_scores", read_geometry=False)
    ours = result.scores.reset_index()
    assert read[["unit", "criterion"]].values.tolist() == ours[["unit", "criterion"]].values.tolist()
    for column in ("affected", "total", "percent", "score", "score_low", "score_high"):
        same(read[column], ours[column], column)
    problems = pyogrio.read_dataframe(path, layer="table_problems", read_geometry=False)
    assert problems["message"].tolist() == result.problems["message"].tolist()
    told = pyogrio.read_dataframe(path, layer="table_provenance", read_geometry=False)["provenance"].iloc[0]
    assert json.loads(told)["inputs"] == result.provenance["inputs"]


def test_the_geopackage_is_sound(result, tmp_path):
    with sqlite3.connect(write(result, tmp_path / "x.gpkg")) as book:
        assert book.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert book.execute("PRAGMA foreign_key_check").fetchall() == []
        tables = {name for (name,) in book.execute("SELECT table_name FROM gpkg_contents")}
        assert tables <= {name for (name,) in book.execute("SELECT name FROM sqlite_master")}


def test_yes_and_no_in_the_layers_are_words(result, tmp_path):
    read = pyogrio.read_dataframe(write(result, tmp_path / "x.gpkg"), layer="buildings")
    assert set(read["irregular"].dropna()) <= {"ya", "tidak"}


def test_the_kept_geopackage_can_be_assessed_again(result, tmp_path):
    path = write(result, tmp_path / "x.gpkg")
    again = kg.read_layer(path, "rt", layer="rt", columns={"unit": "unit"})[0]
    assert again.index.tolist() == result.units.index[result.units.geometry.notna()].tolist()


# ---------------------------------------------------------------- formulas

EVIL = ["=cmd|'/c calc'!A1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\n=1", '=HYPERLINK("http://x")']


def evil_result(name):
    units = gpd.GeoDataFrame(
        {"kode": ["001"], "rt_rw": [name], "kawasan": [name]},
        geometry=[box(490000, 9162000, 490100, 9162100)],
        crs=32749,
    )
    got = kg.assess(rt=units, baseline=pd.DataFrame({"kode": ["001"], "kk": [10], "3a_volume": [1]}))
    for column in ("rt_rw", "kawasan"):  # as if the door had not stripped it
        got.units[column] = name
    return got


@pytest.mark.parametrize("name", EVIL, ids=repr)
def test_a_name_that_looks_like_a_formula_stays_text(name, tmp_path):
    got = evil_result(name)
    rows = pd.read_csv(write(got, tmp_path / "x.csv"), dtype=str)
    assert rows.loc[0, "rt_rw"].startswith("'") and rows.loc[0, "rt_rw"].lstrip("'").strip() == name.strip()
    groups = write_table(kg.summarise_groups(got), tmp_path / "k.csv")
    cells = pd.read_csv(groups, dtype=str, keep_default_na=False)
    assert not cells.map(lambda v: v[:1] in "=+@\t" and v[:1] != "").any(axis=None)


@pytest.mark.parametrize("name", EVIL, ids=repr)
def test_keys_and_headings_that_look_like_formulas_stay_text(name):
    frame = as_text(pd.DataFrame({name: [name, 1, None]}))
    assert frame.columns.tolist() == [f"'{name}"] and frame.iloc[:2, 0].tolist() == [f"'{name}", 1]


def test_numbers_are_never_made_text():
    frame = pd.DataFrame({"a": [-1, 2], "b": [-1.5, np.nan], "c": ["-", "x"]})
    out = as_text(frame)
    assert out["a"].tolist() == [-1, 2] and out["b"].iloc[0] == -1.5 and out["c"].tolist() == ["'-", "x"]
    assert frame["c"].tolist() == ["-", "x"], "the frame itself is not changed"


def test_signs_are_written_so_that_no_spreadsheet_computes_them(result, tmp_path):
    read = read_back(write(result, tmp_path / "x.csv"))
    assert set(read["tenure_sign"].dropna()) | set(read["plan_sign"].dropna()) <= {"(+)", "(-)"}


@pytest.mark.parametrize("suffix", [".json", ".gpkg", ".geojson"])
def test_names_are_not_changed_where_no_spreadsheet_reads_them(suffix, tmp_path):
    path = write(evil_result("=1+1"), tmp_path / f"x{suffix}")
    if suffix != ".json":
        assert read_back(path)["kawasan"].tolist() == ["=1+1"]


# ---------------------------------------------------------------- files


@pytest.mark.parametrize("suffix", EVERY)
@pytest.mark.parametrize("name", ["hasil akhir (2026)", "désa – 村", "a'b\"c", "x.y"])
def test_files_may_have_any_name_and_their_folder_is_made(name, suffix, result, tmp_path):
    path = write(result, tmp_path / "folder baru é" / f"{name}{suffix}")
    assert files(path.parent) == [path.name] and path.stat().st_size > 500


def test_the_suffix_may_be_in_capitals(result, tmp_path):
    assert write(result, tmp_path / "HASIL.CSV").is_file()


def test_a_path_may_be_a_text(result, tmp_path):
    assert write(result, str(tmp_path / "x.csv")) == tmp_path / "x.csv"


@pytest.mark.parametrize("suffix", FORMATS)
def test_it_refuses_to_overwrite_unless_told_to(suffix, result, tmp_path):
    path = tmp_path / f"x{suffix}"
    path.write_text("milik saya")
    with pytest.raises(OutputError) as caught:
        write(result, path)
    assert [p.code for p in caught.value.problems] == ["output_exists"] and path.read_text() == "milik saya"
    write(result, path, force=True)
    assert len(read_back(path)) == len(result.summary) and files(tmp_path) == [path.name]


@pytest.mark.parametrize("name", ["x.ods", "x", "x.pdf", ".csv"])
def test_a_format_that_is_unknown_lists_the_known_ones(name, result, tmp_path):
    with pytest.raises(OutputError) as caught:
        write(result, tmp_path / name)
    (problem,) = caught.value.problems
    assert problem.code == "output_format" and problem.params["known"].startswith(".gpkg") and files(tmp_path) == []


@pytest.mark.parametrize(
    ("kind", "name", "options", "code"),
    [
        ("surat", "x.xlsx", {}, "document_kind"),
        ("workbook", "x.docx", {}, "output_format"),
        ("workbook", "x.xlsx", {"kertas": "A3"}, "document_option"),
        (None, "x.csv", {"kertas": "A3"}, "document_option"),
    ],
)
def test_a_document_that_cannot_be_is_refused_before_any_work(kind, name, options, code, result, tmp_path):
    with pytest.raises(OutputError) as caught:
        write(result, tmp_path / name, kind=kind, **options)
    assert [p.code for p in caught.value.problems] == [code] and files(tmp_path) == []


def test_files_written_beside_a_document_come_with_it_or_not_at_all(tmp_path):
    def make(name, force=False):
        with replacing(tmp_path / name, beside=(".gpkg", ".qml"), force=force) as draft:
            draft.write_text("proyek")
            draft.with_suffix(".gpkg").write_text("data")

    make("a.qgz")
    assert files(tmp_path) == ["a.gpkg", "a.qgz"]
    (tmp_path / "b.gpkg").write_text("milik saya")
    with pytest.raises(OutputError, match=r"b\.gpkg"):
        make("b.qgz")
    assert files(tmp_path) == ["a.gpkg", "a.qgz", "b.gpkg"] and (tmp_path / "b.gpkg").read_text() == "milik saya"
    make("a.qgz", force=True)


def test_the_error_is_in_the_language_asked_for(result, tmp_path):
    with pytest.raises(OutputError, match="tidak dikenal"):
        write(result, tmp_path / "x.pdf")
    with pytest.raises(OutputError, match=r"(?i)format") as caught:
        write(result, tmp_path / "x.pdf", lang="en")
    assert "tidak dikenal" not in str(caught.value)


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, OSError, ValueError])
@pytest.mark.parametrize("before", [None, "milik saya"])
def test_a_failure_in_the_middle_leaves_nothing_and_harms_nothing(error, before, tmp_path):
    path = tmp_path / "x.csv"
    if before:
        path.write_text(before)
    with pytest.raises((error, OutputError)), replacing(path, force=True) as draft:
        draft.write_text("setengah")
        raise error("listrik padam")
    assert files(tmp_path) == (["x.csv"] if before else [])
    assert not before or path.read_text() == before


@pytest.mark.parametrize("suffix", EVERY)
def test_a_writer_that_fails_leaves_no_file_and_no_folder(suffix, result, tmp_path, monkeypatch):
    def half(assessment, path, lang):
        path.write_text("setengah")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setitem(WRITERS, suffix, half)
    with pytest.raises(OutputError) as caught:
        write(result, tmp_path / f"x{suffix}")
    assert [p.code for p in caught.value.problems] == ["output_not_writable"]
    assert "penyimpanan penuh" in str(caught.value) and "No space" not in str(caught.value)
    assert files(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_said(result, tmp_path):
    (tmp_path / "berkas").write_text("x")
    with pytest.raises(OutputError) as caught:
        write(result, tmp_path / "berkas" / "x.csv")
    assert [p.code for p in caught.value.problems] == ["output_not_writable"] and files(tmp_path) == ["berkas"]


def test_a_folder_in_the_place_of_the_file_is_said_and_kept(result, tmp_path):
    (tmp_path / "x.csv").mkdir()
    for force in (False, True):
        with pytest.raises(OutputError):
            write(result, tmp_path / "x.csv", force=force)
    assert files(tmp_path) == ["x.csv"] and files(tmp_path / "x.csv") == []


def test_writing_does_not_change_the_result(result, tmp_path):
    before = result.summary.copy(), result.units.copy(), result.scores.copy(), result.problems.copy()
    for suffix in EVERY:
        write(result, tmp_path / f"x{suffix}")
    for frame, copy in zip((result.summary, result.units, result.scores, result.problems), before, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(copy))


def test_the_same_result_is_written_the_same_way_twice(result, tmp_path):
    for suffix in (".csv", ".json", ".geojson", ".xlsx"):
        a, b = write(result, tmp_path / f"a{suffix}"), write(result, tmp_path / f"b{suffix}")
        assert a.read_bytes() == b.read_bytes(), suffix


# ---------------------------------------------------------------- what still goes wrong


@pytest.mark.parametrize("name", ["\r=1+1", "RT 1\r=1+1"], ids=repr)
def test_a_carriage_return_cannot_begin_a_row_with_a_formula(name, tmp_path):
    rows = pd.read_csv(write(evil_result(name), tmp_path / "x.csv"), dtype=str)
    assert len(rows) == 1 and not rows.iloc[:, 0].str.startswith("=").any()


@pytest.mark.parametrize("error", [sqlite3.OperationalError, pyogrio.errors.DataSourceError])
def test_what_gdal_or_sqlite_cannot_write_is_our_error(error, result, tmp_path, monkeypatch):
    def fail(assessment, path, lang):
        raise error("database or disk is full")

    monkeypatch.setitem(WRITERS, ".gpkg", fail)
    with pytest.raises(OutputError):
        write(result, tmp_path / "x.gpkg")
