"""``assess``: the three invented villages computed again by hand, and small worlds that go wrong.

The arithmetic here is written a second time, in plain Python on decimal numbers, from the regulation and not from
kumuhgis: volume over total, rounded half away from zero, banded at 25, 51, 76, summed, levels from 16, 38, 60.
"""

import dataclasses
import hashlib
import shutil
import subprocess
import sys
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import rasterio
from rasterio.transform import from_origin
from shapely import LineString, Point, Polygon, box

import kumuhgis as kg
from kumuhgis import hectares
from kumuhgis.assessment import headline
from kumuhgis.errors import KumuhgisError, ProjectError
from kumuhgis.project import Project
from kumuhgis.sample import SAMPLES, copy_sample, sample_folder

TOTAL_OF = {  # criterion: column of its total in the workbook
    **dict.fromkeys(("1a", "1c", "7a", "7b"), "bangunan_unit"),
    **dict.fromkeys(("1b", "4a"), "luas_ha"),
    **dict.fromkeys(("2a", "2b"), "jalan_ideal_m"),
    **dict.fromkeys(("4b", "4c"), "drainase_ideal_m"),
    **dict.fromkeys(("3a", "3b", "5a", "5b", "6a", "6b"), "kk"),
}
CODES = sorted(TOTAL_OF)
LEVELS = [(60, "kumuh berat"), (38, "kumuh sedang"), (16, "kumuh ringan"), (0, "tidak kumuh")]
CENT = Decimal("0.01")


# ---------------------------------------------------------------- the second arithmetic


def decimal(cell):
    """A cell of the workbook as a decimal number; None if it is empty, "-" or an error of a formula."""
    if cell is None or (isinstance(cell, str) and (cell.strip() in ("", "-") or cell.startswith("#"))):
        return None
    return Decimal(cell.replace(".", "").replace(",", ".") if isinstance(cell, str) else repr(cell))


def percent(volume, total):
    if volume is None or total is None or total < 0 or (total == 0 and volume != 0):
        return None
    return Decimal(0) if total == 0 else (100 * volume / total).quantize(CENT, ROUND_HALF_UP)


def nilai(p):
    return 5 if p >= 76 else 3 if p >= 51 else 1 if p >= 25 else 0


def tingkat(total):
    return next(name for lower, name in LEVELS if total >= lower)


def mean(values):
    return None if None in values else (sum(values) / len(values)).quantize(CENT, ROUND_HALF_UP)


def workbook(name):
    """The workbook of a sample as typed: {unit: {heading: cell}}."""
    sheet = openpyxl.load_workbook(sample_folder(name) / "baseline.xlsx", data_only=True)["Baseline"]
    heading, *rows = sheet.iter_rows(values_only=True)
    return {row[0]: dict(zip(heading, row, strict=True)) for row in rows}


def by_hand(name, result):
    """{unit: {code: percent or None}} from the workbook; what it leaves out, from what the map measured."""
    out, typed = {}, workbook(name)
    for unit in result.summary.index:
        row = typed.get(unit, {})
        out[unit] = {}
        for code in CODES:
            volume, total = decimal(row.get(f"{code}_volume")), decimal(row.get(TOTAL_OF[code]))
            if volume is None or total is None:
                m = result.measures.loc[(unit, code)]
                seen = m[["geometry_affected", "geometry_total"]]
                volume, total = (None if pd.isna(v) else Decimal(repr(float(v))) for v in seen)
            out[unit][code] = percent(volume, total)
    return out


def limits(result, unit, code, wanted):
    """Scores between which a criterion lies: one where it is known, else what unjudged features leave open."""
    if wanted is not None:
        return nilai(wanted), nilai(wanted)
    m = result.measures.loc[(unit, code)]
    if pd.isna(m["affected_low"]):
        return 0, 5
    low, high, total = (Decimal(repr(float(m[c]))) for c in ("affected_low", "affected_high", "geometry_total"))
    return nilai(percent(low, total)), nilai(percent(high, total))


# ---------------------------------------------------------------- the samples


@pytest.fixture(scope="module")
def results():
    return {name: kg.assess(kg.load_sample(name), today=date(2026, 4, 1)) for name in SAMPLES}


@pytest.fixture(params=SAMPLES)
def name(request):
    return request.param


def test_every_percent_is_the_one_computed_by_hand(name, results):
    for unit, row in by_hand(name, results[name]).items():
        for code, wanted in row.items():
            got = results[name].scores.loc[(unit, code), "percent"]
            assert pd.isna(got) if wanted is None else Decimal(repr(float(got))) == wanted, (unit, code)


def test_every_score_is_the_one_computed_by_hand(name, results):
    for unit, row in by_hand(name, results[name]).items():
        for code, wanted in row.items():
            got = results[name].scores.loc[(unit, code)]
            low, high = limits(results[name], unit, code, wanted)
            assert (got["score_low"], got["score_high"]) == (low, high), (unit, code)
            assert pd.isna(got["score"]) if wanted is None else got["score"] == low, (unit, code)


def test_every_total_and_level_is_the_one_computed_by_hand(name, results):
    for unit, row in by_hand(name, results[name]).items():
        got = results[name].summary.loc[unit]
        low, high = (sum(n) for n in zip(*(limits(results[name], unit, *c) for c in row.items()), strict=True))
        assert (got["total_low"], got["total_high"]) == (low, high), unit
        assert pd.isna(got["total_score"]) if None in row.values() else got["total_score"] == low, unit
        assert pd.isna(got["level"]) if tingkat(low) != tingkat(high) else got["level"] == tingkat(low), unit
        possible = [n for floor, n in reversed(LEVELS) if floor <= high and n in map(tingkat, range(low, high + 1))]
        assert got["levels_possible"].split(" | ") == possible, unit


@pytest.mark.parametrize("means", ["plain", "gated"])
def test_every_aspect_mean_is_the_one_computed_by_hand(means, results):
    result = results["jaten"] if means == "plain" else kg.assess(kg.load_sample("jaten"), options={"means": means})
    for unit, row in by_hand("jaten", result).items():
        if means == "gated":
            row = {code: None if p is None else p if nilai(p) else Decimal(0) for code, p in row.items()}
        means_ = [mean([row[c] for c in CODES if c[0] == str(aspect)]) for aspect in range(1, 8)]
        got = result.summary.loc[unit, [*(f"aspect_{n}_mean" for n in range(1, 8)), "sektoral"]]
        wanted = [np.nan if m is None else float(m) for m in [*means_, mean(means_)]]
        assert got.astype(float).to_numpy() == pytest.approx(wanted, abs=1e-9, nan_ok=True), unit


def test_the_variant_of_the_means_never_changes_a_score_or_a_level(results):
    gated = kg.assess(kg.load_sample("jaten"), options={"means": "gated"})
    pd.testing.assert_frame_equal(gated.scores, results["jaten"].scores)
    columns = ["total_score", "total_low", "total_high", "level", "slum_ha"]
    pd.testing.assert_frame_equal(gated.summary[columns], results["jaten"].summary[columns])


def test_the_area_that_counts_is_the_verified_one_and_the_measured_one_stands_in(name, results):
    typed, summary = workbook(name), results[name].summary
    for unit, row in summary.iterrows():
        written = decimal(typed.get(unit, {}).get("luas_ha"))
        assert row["area_used_ha"] == pytest.approx(float(written) if written is not None else row["area_ha"])


def test_slum_hectares_are_the_areas_of_the_units_that_reach_the_floor(name, results):
    for unit, row in results[name].summary.iterrows():
        area = row["area_used_ha"]
        certain, possible = row["total_low"] >= 16, row["total_high"] >= 16
        assert row["slum_ha_low"] == pytest.approx(area if certain else 0), unit
        assert row["slum_ha_high"] == pytest.approx(area if possible else 0), unit
        assert pd.isna(row["slum_ha"]) if certain != possible else row["slum_ha"] == row["slum_ha_low"], unit


@pytest.mark.parametrize("by", [None, "kawasan", "desa", "rw"])
def test_slum_hectares_by_level_add_up(name, by, results):
    result = results[name]
    groups = None if by is None or by not in result.units else result.units[by]
    table = hectares.slum_hectares(result.summary, result.rules, groups)
    levels = table[[*result.rules.level_keys, "undetermined"]]
    assert levels.sum(axis=1).tolist() == pytest.approx(table["area_ha"].tolist())
    assert table["area_ha"].sum() == pytest.approx(result.summary["area_used_ha"].sum())
    certain = table[["kumuh ringan", "kumuh sedang", "kumuh berat"]].sum(axis=1)
    assert (table["slum_ha_low"] >= certain - 1e-9).all() and (table["slum_ha_high"] >= table["slum_ha_low"]).all()
    assert table["units"].sum() == len(result.summary)


def test_the_target_kawasan_of_every_village_is_slum(results):
    for name, kawasan, number in (("jaten", "Bulu", 4), ("ngringo", "Puntukrejo", 3), ("brujul", "Widoro", 1)):
        inside = results[name].units["kawasan"] == kawasan
        assert inside.sum() == number
        assert (results[name].summary.loc[inside, "total_high"] >= 16).all()


def test_no_unit_is_lost_between_map_and_table(name, results):
    drawn = pyogrio.read_dataframe(sample_folder(name) / "peta.gpkg", layer="rt").iloc[:, :1].iloc[:, 0]
    assert set(results[name].summary.index) == set(drawn) | set(workbook(name))
    assert results[name].summary.index.equals(results[name].units.index)
    pairs = results[name].measures.index
    assert len(pairs) == 16 * len(results[name].units) and pairs.equals(results[name].scores.index)


# what the README of the sample says is empty or wrong: layer, feature, column, code
README = {
    "jaten": [
        ("33.13.11.2003.004.004", "3b_volume", "value_missing"),
        ("33.13.11.2003.003.002", "5b_volume", "value_missing"),
        ("33.13.11.2003.006.004", "6a", "percent_over_100"),
    ],
    "ngringo": [
        ("33.13.11.2005.005.003", "4a", "percent_negative"),
        ("33.13.11.2005.009.001", "", "unit_without_record"),
    ],
    "brujul": [
        ("33.13.11.2008.003.003", "6b_volume", "value_missing"),
        ("33.13.11.2008.003.003", "5a_volume", "value_error_cell"),
        ("33.13.11.2008.009.009", "", "record_without_map"),
    ],
}


def test_what_the_readme_calls_wrong_is_found(name, results):
    found = set(results[name].problems[["feature", "column", "code"]].itertuples(index=False, name=None))
    readme = (sample_folder(name) / "README.md").read_text("utf-8")
    for problem in README[name]:
        assert problem in found
        assert problem[0] in readme


def test_a_number_typed_as_text_is_read(results):
    assert workbook("jaten")["33.13.11.2003.004.003"]["drainase_ideal_m"] == "1.130,5"
    assert results["jaten"].measures.loc[("33.13.11.2003.004.003", "4b"), "total"] == 1130.5


def test_official_oddities_are_kept_and_never_clipped(results):
    assert results["jaten"].scores.loc[("33.13.11.2003.006.004", "6a"), "percent"] > 100
    negative = results["ngringo"].scores.loc[("33.13.11.2005.005.003", "4a")]
    assert negative["percent"] < 0 and negative["score"] == 0


def test_every_problem_is_a_whole_row_worst_first(name, results):
    problems = results[name].problems
    wanted = ["layer", "row", "feature", "column", "code", "severity", "message", "fix", "params", "geometry"]
    assert problems.columns.tolist() == wanted
    assert (problems[["code", "severity", "message", "fix"]] != "").all(axis=None)
    rank = problems["severity"].map({"error": 0, "warning": 1, "info": 2})
    assert rank.is_monotonic_increasing
    assert not problems[["message", "fix"]].apply(lambda c: c.str.contains(r"[{}]")).any(axis=None)


def test_table_and_map_stand_side_by_side(name, results):
    m, typed = results[name].measures, workbook(name)
    for (unit, code), row in m.iterrows():
        volume = decimal(typed.get(unit, {}).get(f"{code}_volume"))
        if volume is not None:
            assert row["table_affected"] == float(volume), (unit, code)
    measured = m["geometry_total"].notna().groupby("criterion").any()
    assert set(measured.index[measured]) == {"1a", "1b", "1c", "2a", "2b", "4a", "4b", "4c", "7a"}
    assert set(m["source"]) <= {"table", "geometry", "derived", ""}


def test_the_preferred_source_decides_and_a_pair_is_never_mixed(results):
    typed, mapped = results["jaten"], kg.assess(kg.load_sample("jaten"), options={"prefer": "geometry"})
    for result, first, second in ((typed, "table", "geometry"), (mapped, "geometry", "table")):
        for pair, row in result.measures.iterrows():
            sides = [(row[f"{s}_affected"], row[f"{s}_total"]) for s in (first, second)]
            whole = next((s for s in sides if not np.isnan(s).any()), None)
            if whole:
                assert (row["affected"], row["total"]) == whole, pair
    both = ["table_affected", "table_total", "geometry_affected", "geometry_total"]
    pd.testing.assert_frame_equal(typed.measures[both], mapped.measures[both])


def test_where_table_and_map_give_another_score_it_is_said(name, results):
    m = results[name].measures
    differ = set()
    for (unit, code), row in m.iterrows():
        values = row[["table_affected", "table_total", "geometry_affected", "geometry_total"]]
        if values.notna().all():
            a, t, ga, gt = (Decimal(repr(float(v))) for v in values)
            scores = [percent(a, t), percent(ga, gt)]
            if None not in scores and len(set(map(nilai, scores))) > 1:
                differ.add((unit, code))
    said = results[name].problems.query("code == 'sources_differ'")
    assert set(zip(said["feature"], said["column"], strict=True)) == differ


# ---------------------------------------------------------------- the record


def test_the_assessment_is_frozen(results):
    with pytest.raises(dataclasses.FrozenInstanceError):
        results["jaten"].summary = None


def test_the_assessment_shows_the_few_lines_that_matter(name, results):
    result = results[name]
    shown = repr(result)
    assert "DATA CONTOH" in shown and result.provenance["name"] in shown and "Permen PUPR 14/PRT/M/2018" in shown
    assert "<table" in result._repr_html_() and "DATA CONTOH" in result._repr_html_()
    english = dict(headline(result, "en"))
    assert english.keys().isdisjoint(dict(headline(result, "id")))


def test_names_cannot_inject_html(results):
    bad = dataclasses.replace(
        results["brujul"], provenance={**results["brujul"].provenance, "name": "<script>x</script>"}
    )
    assert "<script>" not in bad._repr_html_()


def test_provenance_has_the_sha256_of_every_input(name, results):
    project, listed = kg.load_sample(name), results[name].provenance["inputs"]
    contents = project.contents
    given = {f"layers.{k}": v.path for k, v in contents.layers.items()}
    given |= {f"rasters.{k}": v for k, v in contents.rasters.model_dump().items() if v}
    given |= {"tables.baseline": contents.tables.baseline.path}
    given |= {"tables.considerations": contents.tables.considerations.path, "project": "kumuhgis.toml"}
    assert {i["role"]: i["name"] for i in listed} == {k: Path(v).name for k, v in given.items()}
    for item in listed:
        assert len(item["sha256"]) == 64
        path = project.path(given[item["role"]])
        if path.suffix != ".shp":
            assert item["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_provenance_says_rule_options_versions_date_and_place(results):
    told = results["ngringo"].provenance
    assert (told["rule"], told["date"], told["crs"], told["sample"]) == (
        "permen-14-2018",
        "2026-04-01",
        "EPSG:32749",
        True,
    )
    assert (told["desa"], told["kecamatan"], told["kabupaten"]) == ("Ngringo", "Jaten", "Karanganyar")
    assert told["options"]["means"] == "plain" and told["options"]["setback_m"] == 15
    assert told["dates"] == {"survey": "2026-03-15", "sk": "2020-12-01"}
    assert told["versions"]["kumuhgis"] == kg.__version__


def test_a_change_of_the_attributes_of_a_shapefile_changes_its_fingerprint(tmp_path):
    def print_of():
        listed = kg.assess(tmp_path / "brujul").provenance["inputs"]
        return {i["role"]: i["sha256"] for i in listed}["layers.drains"]

    copy_sample("brujul", tmp_path)
    before = print_of()
    dbf = tmp_path / "brujul" / "drainase.dbf"
    dbf.write_bytes(dbf.read_bytes().replace(b"baik", b"Baik", 1))
    assert print_of() != before


def test_the_project_folder_is_not_touched(tmp_path):
    def everything():
        return {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}

    copy_sample("ngringo", tmp_path)
    before = everything()
    kg.assess(tmp_path / "ngringo")
    assert everything() == before


def test_the_same_project_gives_the_same_result_twice(results):
    again = kg.assess(kg.load_sample("brujul"), today=date(2026, 4, 1))
    pd.testing.assert_frame_equal(again.summary, results["brujul"].summary)
    pd.testing.assert_frame_equal(again.problems, results["brujul"].problems)
    assert again.provenance == results["brujul"].provenance


def test_english_says_the_same_things(results):
    english = kg.assess(kg.load_sample("brujul"), lang="en", today=date(2026, 4, 1))
    columns = ["layer", "feature", "column", "code", "severity"]
    pd.testing.assert_frame_equal(english.problems[columns], results["brujul"].problems[columns])
    assert (english.problems["message"] != results["brujul"].problems["message"]).all()
    pd.testing.assert_frame_equal(english.summary, results["brujul"].summary)


# ---------------------------------------------------------------- what must not matter


def rewritten(name, tmp_path, change=lambda f: f, table=lambda t: t, rasters=True):
    """A copy of a sample with every layer changed, and its table."""
    folder = copy_sample(name, tmp_path)
    layers = kg.load_sample(name).contents.layers
    read = {k: pyogrio.read_dataframe(folder / s.path, layer=s.layer) for k, s in layers.items()}
    for path in {s.path for s in layers.values()}:
        for part in folder.glob(f"{Path(path).stem}.*"):
            if part.suffix in (".gpkg", ".shp", ".dbf", ".shx", ".prj", ".cpg", ".geojson", ".xml"):
                part.unlink()
    for kind, spec in layers.items():
        changed = change(read[kind])
        if spec.path.endswith(".shp"):
            changed.to_file(folder / spec.path)
        elif spec.path.endswith(".geojson"):
            changed.to_file(folder / spec.path, driver="GeoJSON", COORDINATE_PRECISION=15)
        else:
            changed.to_file(folder / spec.path, layer=spec.layer)
    cells = pd.read_excel(folder / "baseline.xlsx", sheet_name="Baseline", dtype=object, engine="openpyxl")
    table(cells).to_excel(folder / "baseline.xlsx", sheet_name="Baseline", index=False)
    if not rasters:
        text = (folder / "kumuhgis.toml").read_text("utf-8")
        lines = [ln for ln in text.splitlines() if not ln.startswith(("dem =", "population =", "orthophoto ="))]
        (folder / "kumuhgis.toml").write_text("\n".join(lines), "utf-8")
    return folder


def shuffled(frame):
    return frame.sample(frac=1, random_state=3)


CHANGES = {
    "rows of every layer in another order": {"change": shuffled},
    "rows of the table in another order": {"table": shuffled},
    "all rows in reverse": {"change": lambda f: f.iloc[::-1], "table": lambda t: t.iloc[::-1]},
    "columns of the table in another order": {"table": lambda t: t[t.columns[::-1]]},
    "everything in degrees": {"change": lambda f: f.to_crs(4326)},
    "everything in web Mercator": {"change": lambda f: f.to_crs(3857)},
}
SAME = ["total_score", "total_low", "total_high", "level", "levels_possible", "deciding", "fragile", "sk_status"]
SAME += ["sk_finding", "tenure_sign", "plan_sign", "legal", "consideration", "class", "priority", "handling", "rank"]
SAME += ["typology", "authority"]
NUMBERS = ["area_ha", "slum_ha", "sk_share", "tenure_clear_ha", "plan_conforming_ha", "setback_ha", "slope_percent"]


@pytest.mark.parametrize("case", CHANGES)
def test_order_and_crs_do_not_matter(case, tmp_path, results):
    reference = results["ngringo"]
    got = kg.assess(rewritten("ngringo", tmp_path, **CHANGES[case]))
    units, pairs = reference.summary.index, reference.measures.index
    assert sorted(got.summary.index) == sorted(units)
    pd.testing.assert_frame_equal(got.summary.loc[units, SAME], reference.summary[SAME])
    for column in NUMBERS:
        ours, theirs = got.summary.loc[units, column], reference.summary[column]
        assert ours.to_numpy(float) == pytest.approx(theirs.to_numpy(float), rel=1e-6, abs=1e-6, nan_ok=True), column
    for column in ("affected", "total", "geometry_affected", "geometry_total"):
        ours, theirs = got.measures.loc[pairs, column], reference.measures[column]
        assert ours.to_numpy(float) == pytest.approx(theirs.to_numpy(float), rel=1e-6, abs=1e-6, nan_ok=True), column
    assert (got.scores.loc[pairs, "score"].fillna(-1) == reference.scores["score"].fillna(-1)).all()
    columns = ["code", "feature", "column"]
    assert sorted(got.problems[columns].values.tolist()) == sorted(reference.problems[columns].values.tolist())


def test_a_village_that_lies_elsewhere_measures_the_same(tmp_path):
    def moved(frame):
        frame = frame.to_crs(32749)
        return frame.set_geometry(frame.geometry.translate(400, -300))

    here = kg.assess(rewritten("brujul", tmp_path / "a", rasters=False))
    there = kg.assess(rewritten("brujul", tmp_path / "b", change=moved, rasters=False))
    columns = ["geometry_affected", "geometry_total"]
    assert there.measures[columns].to_numpy() == pytest.approx(here.measures[columns].to_numpy(), rel=1e-5, nan_ok=True)
    steady = [c for c in SAME if c not in ("typology",)]
    pd.testing.assert_frame_equal(there.summary[steady], here.summary[steady])


def test_the_order_of_the_layers_in_the_project_does_not_matter(results):
    project = kg.load_sample("brujul")
    turned = dict(reversed(project.contents.layers.items()))
    got = kg.assess(Project(project.folder, project.contents.model_copy(update={"layers": turned}), project.rules))
    pd.testing.assert_frame_equal(got.measures, results["brujul"].measures)
    pd.testing.assert_frame_equal(got.summary, results["brujul"].summary)


# ---------------------------------------------------------------- less than everything

NEEDS = {  # layer: criteria that only it can give
    "buildings": {"1a", "1b", "1c", "7a"},
    "roads": {"2a", "2b", "7a"},
    "drains": {"4b", "4c"},
    "inundation": {"4a"},
    "parcels": set(),
    "zoning": set(),
    "sk": set(),
    "water": set(),
    "hydrants": set(),
}


@pytest.mark.parametrize("layer", NEEDS)
def test_every_layer_may_be_missing_and_the_rest_goes_on(layer, results):
    project, reference = kg.load_sample("ngringo"), results["ngringo"]
    fewer = {k: v for k, v in project.contents.layers.items() if k != layer}
    got = kg.assess(Project(project.folder, project.contents.model_copy(update={"layers": fewer}), project.rules))
    measured = got.measures["geometry_total"].notna().groupby("criterion").any()
    had = reference.measures["geometry_total"].notna().groupby("criterion").any()
    assert set(had.index[had]) - set(measured.index[measured]) == NEEDS[layer]
    said = got.problems.query("code == 'measure_not_run'")
    assert {p["criterion"] for p in said["params"]} == NEEDS[layer]
    known = got.measures["table_affected"].notna() & got.measures["table_total"].notna()
    pd.testing.assert_series_equal(got.scores.loc[known, "score"], reference.scores.loc[known, "score"])


def test_without_a_baseline_the_map_alone_measures_and_the_level_is_an_interval():
    project = kg.load_sample("jaten")
    tables = project.contents.tables.model_copy(update={"baseline": None})
    got = kg.assess(Project(project.folder, project.contents.model_copy(update={"tables": tables}), project.rules))
    assert (got.scores["score"].notna().groupby("unit").sum() == 9).all()
    assert got.summary["total_score"].isna().all()
    assert (got.summary["total_high"] - got.summary["total_low"] >= 35).all()
    assert set(got.measures["source"]) == {"geometry", ""}


def test_units_and_a_table_alone_give_every_level():
    project = kg.load_sample("jaten")
    fewer = {"layers": {"rt": project.contents.layers["rt"]}, "rasters": type(project.contents.rasters)()}
    got = kg.assess(Project(project.folder, project.contents.model_copy(update=fewer), project.rules))
    assert got.summary["level"].notna().sum() >= 14
    assert got.summary[["tenure_sign", "plan_sign", "legal", "handling"]].isna().all(axis=None)


# ---------------------------------------------------------------- small worlds

X, Y = 490_000, 9_162_000
UNITS = ["001", "002"]


def frame(geometry, crs=32749, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(geometry), crs=crs)


def rt(keys=UNITS):
    return frame([box(X + 100 * i, Y, X + 100 * i + 100, Y + 100) for i in range(len(keys))], kode=list(keys))


def table(keys=UNITS, share=0.1):
    """A whole baseline in which every criterion has the same share."""
    n = len(keys)
    totals = {"bangunan_unit": 100, "penduduk_jiwa": 300, "kk": 100, "jalan_ideal_m": 200.0, "drainase_ideal_m": 200.0}
    columns = {"kode": list(keys), "luas_ha": [1.0] * n, **{k: [v] * n for k, v in totals.items()}}
    for code, total in TOTAL_OF.items():
        columns[f"{code}_volume"] = [columns[total][0] * share] * n
    return pd.DataFrame(columns)


def codes(result):
    return set(result.problems["code"])


def test_a_whole_table_has_no_problems_but_the_layers_that_are_missing():
    got = kg.assess(rt=rt(), baseline=table(), options={"city_class": "sedang"})
    assert codes(got) <= {"measure_not_run"}
    assert got.summary["level"].tolist() == ["tidak kumuh"] * 2


@pytest.mark.parametrize(
    ("share", "total", "level"),
    [(0, 0, "tidak kumuh"), (0.25, 16, "kumuh ringan"), (0.51, 48, "kumuh sedang"), (1, 80, "kumuh berat")],
)
def test_the_same_share_everywhere_gives_the_level_that_the_bands_say(share, total, level):
    got = kg.assess(rt=rt(), baseline=table(share=share))
    assert got.summary["total_score"].tolist() == [total] * 2 and got.summary["level"].tolist() == [level] * 2


def test_units_only_in_the_table_are_scored_and_have_no_measured_area():
    got = kg.assess(rt=rt(["001"]), baseline=table(["001", "009"]))
    assert got.summary.index.tolist() == ["001", "009"]
    assert got.summary.loc["009", "total_score"] == 0 and pd.isna(got.summary.loc["009", "area_ha"])
    assert got.summary.loc["009", "area_used_ha"] == 1.0 and got.units.geometry.isna().tolist() == [False, True]
    said = got.problems.query("code == 'record_without_map'")
    assert said["feature"].tolist() == ["009"] and said["severity"].tolist() == ["error"]


def test_units_only_on_the_map_stay_open_and_keep_their_area():
    got = kg.assess(rt=rt(["001", "002"]), baseline=table(["001"]))
    assert pd.isna(got.summary.loc["002", "level"]) and got.summary.loc["002", "levels_possible"].count("|") == 3
    assert got.summary.loc["002", "area_used_ha"] == pytest.approx(1.0008, abs=1e-4)
    assert got.problems.query("code == 'unit_without_record'")["feature"].tolist() == ["002"]


def test_a_key_that_lost_its_zeros_is_joined_and_both_are_named():
    got = kg.assess(rt=rt(["001"]), baseline=table(["1"]))
    (row,) = got.problems.query("code == 'key_by_code'").to_dict("records")
    assert row["feature"] == "1" and "'1'" in row["message"] and "'001'" in row["message"]
    assert got.summary.index.tolist() == ["001"] and got.summary["level"].tolist() == ["tidak kumuh"]
    assert not {"record_without_map", "unit_without_record"} & codes(got)


@pytest.mark.parametrize(("mapped", "told"), [(["001", "01"], ["1"]), (["001", "002"], ["1", "01"])])
def test_a_key_that_could_be_two_is_joined_with_neither(mapped, told):
    got = kg.assess(rt=rt(mapped), baseline=table(told))
    assert {"key_several", "record_without_map", "unit_without_record"} <= codes(got)
    assert sorted(got.summary.index) == sorted(mapped + told), "nothing is lost on either side"
    assert got.summary.loc[mapped, "level"].isna().all() and got.summary.loc[told, "level"].notna().all()


def test_the_measured_area_stands_in_for_a_missing_verified_one():
    cells = table()
    cells["luas_ha"] = [np.nan, 1.0]
    got = kg.assess(rt=rt(), baseline=cells)
    assert got.measures.loc[("001", "4a"), "total"] == pytest.approx(got.summary.loc["001", "area_ha"])
    assert got.problems.query("code == 'area_missing'")["feature"].tolist() == ["001"]


@pytest.mark.parametrize(("area", "used"), [("verified", 1.0), ("measured", 1.0008), ("sk", 0.4)])
def test_the_named_area_decides_the_slum_hectares(area, used):
    got = kg.assess(rt=rt(), baseline=table(share=1).assign(luas_sk_ha=0.4), options={"area": area})
    assert got.summary["slum_ha"].tolist() == pytest.approx([used] * 2, abs=1e-4)


OPTIONAL = ["buildings", "roads", "drains", "inundation", "parcels", "zoning", "sk", "water", "hydrants"]


@pytest.mark.parametrize("layer", OPTIONAL)
@pytest.mark.parametrize("fault", ["noise", "absent", "no crs", "wrong column"])
def test_a_further_layer_that_cannot_be_read_is_a_row_and_the_run_goes_on(layer, fault, tmp_path):
    given = tmp_path / "x.gpkg"
    if fault == "noise":
        given.write_bytes(b"bukan gpkg")
    elif fault == "no crs":
        given = rt().set_crs(None, allow_override=True)
    elif fault == "wrong column":
        given = frame([None])
        given = given.set_crs(32749)
    got = kg.assess(rt=rt(), baseline=table(), **{layer: given})
    assert got.summary["level"].tolist() == ["tidak kumuh"] * 2
    code, where, severity = {
        "noise": ("format_unknown", "x.gpkg", "error"),
        "absent": ("layer_not_found", "x.gpkg", "error"),
        "no crs": ("crs_unknown_one", layer, "error"),
        "wrong column": ("layer_empty", layer, "warning"),
    }[fault]
    said = got.problems[got.problems["code"] == code]
    assert (said["layer"].tolist(), said["severity"].tolist()) == ([where], [severity])
    (account,) = got.accounts[got.accounts["layer"] == layer].to_dict("records")
    if fault == "wrong column":
        assert (account["read"], account["set_aside"], account["used"]) == (1, 1, 0)
    else:
        assert layer not in got.layers and pd.isna(account["used"])
    assert fault != "no crs" or 'crs = "EPSG:32749"' in said["fix"].item(), "what the units have helps here too"


def test_a_population_raster_that_cannot_be_read_is_a_row(tmp_path):
    (tmp_path / "p.tif").write_bytes(b"bukan tif")
    assert "raster_unreadable" in codes(
        kg.assess(rt=rt(), baseline=table(), rasters={"population": tmp_path / "p.tif"})
    )


def test_people_come_from_the_raster_where_the_table_has_none(tmp_path):
    how = {"driver": "GTiff", "height": 10, "width": 20, "count": 1, "dtype": "float32", "crs": "EPSG:32749"}
    with rasterio.open(tmp_path / "p.tif", "w", transform=from_origin(X, Y + 100, 10, 10), **how) as out:
        out.write(np.full((1, 10, 20), 2.0, "float32"))
    cells = table()
    cells["penduduk_jiwa"] = [300, np.nan]
    got = kg.assess(rt=rt(), baseline=cells, rasters={"population": tmp_path / "p.tif"})
    assert got.units["population"].tolist() == pytest.approx([300, 200])
    assert got.units["raster_population"].tolist() == pytest.approx([200, 200])
    turned = kg.assess(
        rt=rt(), baseline=cells, rasters={"population": tmp_path / "p.tif"}, options={"prefer": "geometry"}
    )
    assert turned.units["population"].tolist() == pytest.approx([200, 200])


def test_features_outside_every_unit_are_counted():
    roads = frame(
        [LineString([(X, Y + 5), (X + 90, Y + 5)]), LineString([(X, Y - 900), (X, Y - 800)])], kondisi=["baik"] * 2
    )
    got = kg.assess(rt=rt(), baseline=table(), roads=roads)
    (row,) = got.problems.query("code == 'layer_outside'").to_dict("records")
    assert row["layer"] == "roads" and row["params"] == {"count": 1, "all": 2}


def test_a_parcel_that_reaches_into_a_unit_is_not_outside_but_a_house_whose_middle_is_outside_is():
    reaching, away = box(X - 50, Y, X + 10, Y + 20), box(X - 90, Y, X - 60, Y + 20)
    parcels = frame([reaching, away], status=["SHM", "SHM"])
    got = kg.assess(rt=rt(), baseline=table(), parcels=parcels, buildings=frame([reaching, away], teratur=["ya"] * 2))
    said = got.problems.query("code == 'layer_outside'").set_index("layer")["params"]
    assert said["parcels"] == {"count": 1, "all": 2}, "its hectares inside count"
    assert said["buildings"] == {"count": 2, "all": 2}, "a house counts once, where its middle is"


def test_a_number_of_a_person_in_a_label_is_in_no_message_either():
    units = rt()
    units["rt_rw"] = [f"RT {n} Pak Budi 0812-3456-789{n}" for n in range(len(units))]
    got = kg.assess(rt=units, baseline=table())
    said = got.problems.drop(columns="geometry").to_json() + got.units.drop(columns="geometry").to_json()
    assert "Pak Budi" in said, "the label is there, without the number"
    assert "0812" not in said and "0812" not in got.matches.to_json()


def test_a_layer_that_lies_somewhere_else_is_an_error():
    roads = frame([LineString([(X + 9e4, Y), (X + 9e4, Y + 9)])], kondisi=["rusak"])
    got = kg.assess(rt=rt(), baseline=table(), roads=roads)
    (row,) = got.problems.query("severity == 'error'").to_dict("records")
    assert (row["code"], row["layer"]) == ("crs_wrong_elsewhere", "roads")
    assert "111.73, -7.58" in row["message"] and "62 km" in row["message"], (
        "where it lies, and how far from the project"
    )


def test_a_layer_that_lies_beside_the_units_is_an_error():
    roads = frame([LineString([(X + 1e4, Y), (X + 1e4, Y + 9)])], kondisi=["rusak"])
    got = kg.assess(rt=rt(), baseline=table(), roads=roads)
    (row,) = got.problems.query("severity == 'error'").to_dict("records")
    assert (row["code"], row["layer"]) == ("layer_far_away", "roads")


def test_frames_that_are_given_are_not_changed():
    units, cells, houses = rt(), table(), frame([Point(X + 5, Y + 5)], teratur=["ya"])
    copies = units.copy(), cells.copy(), houses.copy()
    got = kg.assess(rt=units, baseline=cells, buildings=houses)
    got.units["kode"] = "x"
    got.layers["buildings"]["irregular"] = pd.NA
    for given, before in zip((units, cells, houses), copies, strict=True):
        pd.testing.assert_frame_equal(given, before)


def test_a_missing_rt_layer_and_a_missing_table_are_said_together(tmp_path):
    with pytest.raises(ProjectError) as caught:
        kg.assess(rt=tmp_path / "rt.gpkg", baseline=tmp_path / "b.csv")
    assert {p.code for p in caught.value.problems} == {"layer_not_found", "table_not_found"}


def test_units_are_required():
    with pytest.raises(ProjectError, match="rt"):
        kg.assess(baseline=table())


def test_a_group_is_summed_and_its_own_level_shown_beside_the_hectares_of_its_slum_units():
    cells = table()
    cells["kawasan"] = "Bulu"
    for code in TOTAL_OF:
        cells[f"{code}_volume"] = cells[f"{code}_volume"].astype(float) * [4, 0]
    got = kg.assess(rt=rt(), baseline=cells)
    assert got.summary["level"].tolist() == ["kumuh ringan", "tidak kumuh"]
    row = kg.summarise_groups(got).loc["Bulu"]
    assert row["total_score"] == 0 and row["level"] == "tidak kumuh", "20 % everywhere in the sum"
    assert (row["slum_ha"], row["kumuh ringan"], row["slum_units"]) == (1.0, 1.0, 1)
    assert (row["population"], row["households"], row["authority"]) == (600, 200, "kabupaten/kota")


def test_a_grouping_that_is_not_there_lists_what_is():
    with pytest.raises(KumuhgisError, match="desa"):
        kg.summarise_groups(kg.assess(rt=rt(), baseline=table().assign(desa="Jaten")), "dusun")


@pytest.mark.parametrize("bad", ["rules", "means"])
def test_what_the_caller_names_is_checked(bad):
    with pytest.raises((KumuhgisError, ValueError)):
        kg.assess(rt=rt(), baseline=table(), **({"rules": "nope"} if bad == "rules" else {"options": {"means": "x"}}))


def test_the_older_rule_scores_nineteen_criteria():
    cells = table(share=1)
    for code, like in (("4d", "4c"), ("4e", "4c"), ("6c", "6b")):
        cells[f"{code}_volume"] = cells[f"{like}_volume"]
    got = kg.assess(rt=rt(), baseline=cells, rules="permen-02-2016")
    assert len(got.rules.codes) == 19 and got.provenance["rule"] == "permen-02-2016"
    assert got.scores.index.get_level_values("criterion").nunique() == 19
    assert got.summary["total_score"].tolist() == [95, 95] and got.summary["level"].tolist() == ["kumuh berat"] * 2


# ---------------------------------------------------------------- what still goes wrong


def test_a_dem_that_cannot_be_read_is_a_row(tmp_path):
    (tmp_path / "d.tif").write_bytes(b"bukan tif")
    assert "raster_unreadable" in codes(kg.assess(rt=rt(), baseline=table(), rasters={"dem": tmp_path / "d.tif"}))


@pytest.mark.parametrize("metres", [1e4, 9e4])
def test_a_layer_that_lies_somewhere_else_measures_nothing(metres):
    roads = frame([LineString([(X + metres, Y), (X + metres, Y + 9)])], kondisi=["rusak"])
    got = kg.assess(rt=rt(), roads=roads)
    assert got.scores["score"].xs("2b", level="criterion").isna().all()


@pytest.mark.parametrize("what", ["roads", "buildings", "inundation"])
def test_what_nobody_has_judged_is_said_or_makes_the_score_an_interval(what):
    given = {
        "roads": (
            "2b",
            frame(
                [LineString([(X, Y + i), (X + 90, Y + i)]) for i in (5, 15, 25, 35)], kondisi=["baik", None, None, None]
            ),
        ),
        "buildings": ("1a", frame([Point(X + i, Y + 5) for i in (5, 15, 25, 35)], teratur=["ya", None, None, None])),
        "inundation": ("4a", frame([box(X, Y, X + 90, Y + 90)], tinggi_cm=[None], lama_jam=[None], kali_tahun=[None])),
    }
    code, layer = given[what]
    got = kg.assess(rt=rt(["001"]), **{what: layer})
    row = got.scores.loc[("001", code)]
    about = [(p["column"] == code or p["params"].get("criterion") == code) for p in got.problems.to_dict("records")]
    assert row["score_low"] != row["score_high"] or any(about)


@pytest.mark.parametrize("crs", ["EPSG:99999", "UTM 49S"])
def test_a_wrong_crs_option_is_our_error(crs):
    with pytest.raises(KumuhgisError):
        kg.assess(rt=rt(), baseline=table(), options={"crs": crs})


@pytest.mark.parametrize("case", ["no features", "metres that are called degrees"])
def test_units_that_are_nowhere_on_earth_are_our_error(case):
    units = rt().to_crs(4326).iloc[:0] if case == "no features" else rt().set_crs(4326, allow_override=True)
    with pytest.raises(KumuhgisError) as caught:
        kg.assess(rt=units, baseline=table())
    (problem,) = [p for p in caught.value.problems if p.code == "units_nowhere"]
    assert problem.layer == "rt" and "crs" in problem.fix("id")
    reason = "layer_empty" if case == "no features" else "feature_off_earth"
    assert reason in [p.code for p in caught.value.problems]


@pytest.mark.parametrize("options", [{"mean": "plain"}, {"setback_m": -1}, {"means": "rata"}])
def test_a_wrong_option_is_our_error_and_names_it(options):
    with pytest.raises(KumuhgisError, match=next(iter(options))):
        kg.assess(rt=rt(), baseline=table(), options=options)


def test_an_unknown_layer_is_our_error_and_lists_the_known_ones():
    with pytest.raises(KumuhgisError, match="roads"):
        kg.assess(rt=rt(), baseline=table(), jalan=rt())


def test_a_file_that_is_not_there_has_no_fingerprint(tmp_path):
    got = kg.assess(rt=rt(), baseline=table(), roads=tmp_path / "x.gpkg")
    assert {i["role"]: i["sha256"] for i in got.provenance["inputs"]}["layers.roads"] == ""


def test_a_local_rule_file_is_an_input_with_its_sha256(tmp_path):
    copy_sample("brujul", tmp_path)
    shipped = Path(kg.__file__).parent / "data" / "rules" / "permen-14-2018.toml"
    shutil.copy(shipped, tmp_path / "brujul" / "perda.toml")
    project = tmp_path / "brujul" / "kumuhgis.toml"
    text = project.read_text("utf-8").replace('key = "permen-14-2018"', 'path = "perda.toml"', 1)
    project.write_text(text, "utf-8")
    listed = kg.assess(tmp_path / "brujul").provenance["inputs"]
    assert hashlib.sha256(shipped.read_bytes()).hexdigest() in {i["sha256"] for i in listed}


def test_a_considerations_table_that_cannot_be_read_is_a_row(tmp_path):
    got = kg.assess(rt=rt(), baseline=table(), considerations=tmp_path / "p.csv")
    assert "table_not_found" in codes(got) and got.summary["level"].notna().all()


def test_an_error_is_in_the_language_asked_for(tmp_path):
    with pytest.raises(ProjectError, match="kumuhgis init FOLDER") as caught:
        kg.assess(tmp_path, lang="en")
    assert "Tidak ada" not in str(caught.value)


def test_a_unit_without_area_is_said():
    units = frame([Polygon([(X, Y), (X + 9, Y + 9), (X, Y)]), box(X, Y, X + 100, Y + 100)], kode=UNITS)
    got = kg.assess(rt=units, baseline=table())
    assert pd.isna(got.summary.loc["001", "area_ha"])


NOWHERE = """
import sys
import geopandas as gpd
from shapely import LineString, box
import kumuhgis as kg
x, y = 490_000, 9_162_000
square = gpd.GeoDataFrame({"kode": ["1"], "zona": ["Permukiman"]}, geometry=[box(x, y, x + 100, y + 100)], crs=32749)
shape = LineString([(x, y), (x + 100, y)]) if sys.argv[2] == "line" else box(x, y, x + 100, y + 50)
lost = gpd.GeoDataFrame({"nama": ["x"]}, geometry=[shape], crs=4326)
layers = {"zoning": square, sys.argv[1]: lost}
found = kg.assess(rt=square, options={"setback_m": 15}, **layers).problems
print(*found["code"])
print(*found.loc[found["code"].str.startswith("crs_"), "fix"])
"""


@pytest.mark.parametrize(
    ("layer", "shape"),
    [("water", "line"), ("water", "polygon"), ("parcels", "polygon"), ("zoning", "polygon"), ("inundation", "polygon")],
)
def test_metres_that_are_called_degrees_never_crash(layer, shape):
    """A GeoJSON in UTM metres without a crs member is read as degrees: the commonest mistake of all."""
    done = subprocess.run([sys.executable, "-c", NOWHERE, layer, shape], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr[-300:]
    codes_, fixes = done.stdout.splitlines()
    assert codes_.split().count("crs_wrong_one") == 1 and 'crs = "EPSG:32749"' in fixes
