"""A survey in an assessment: beside table and map, used where they say nothing or where it is preferred, and honest."""

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from simulated_survey import entries_of, kobo_frames, population, rt_answers, write_kobo
from test_survey import rt_layer

import kumuhgis as kg
from kumuhgis.cli import command
from kumuhgis.explaining import unit_lines

HOUSEHOLDS = 55


@pytest.fixture(scope="module")
def field(tmp_path_factory):
    """Six RT of 55 households, 12 of each asked; the RT part is complete."""
    rng, units = np.random.default_rng(11), rt_layer()
    people, truth = population(units, rng)
    rt, inner, volumes = rt_answers(units, rng)
    path = tmp_path_factory.mktemp("field") / "swadaya.xlsx"
    write_kobo(path, kobo_frames(entries_of(people, rt, units), inner))
    return units, people, truth, volumes, path


def table(units, **more):
    """A baseline that only counts households, buildings and hectares."""
    cells = {"kode": list(units.index), "luas_ha": 1.0, "kk": HOUSEHOLDS, "bangunan_unit": range(60, 66), **more}
    return pd.DataFrame(cells)


def assessed(field, baseline, **how):
    units, *_, path = field
    return kg.assess(rt=units.reset_index(names="kode"), baseline=baseline, survey=path, **how)


@pytest.fixture(scope="module")
def result(field):
    return assessed(field, table(field[0]))


def test_a_sample_of_households_becomes_an_estimate_for_all_of_them(field, result):
    units, people, truth, *_ = field
    for unit in units.index:
        asked = truth[(people["unit"] == unit).to_numpy()]
        row = result.measures.loc[(unit, "3a")]
        assert (row["answers"], row["hits"], row["population"]) == (12, asked["3a"].sum(), HOUSEHOLDS)
        assert row["affected"] == pytest.approx(HOUSEHOLDS * asked["3a"].mean())
        assert row["source"] == "survey"


def test_what_the_rt_says_of_its_roads_and_drains_is_a_volume(field, result):
    volumes = field[3]
    for (unit, code), (affected, total) in volumes.items():
        row = result.measures.loc[(unit, code)]
        expected = total if code != "4a" else 1.0  # hectares are those of the table
        assert row["affected"] == pytest.approx(affected), (unit, code)
        assert row["total"] == pytest.approx(expected) and np.isnan(row["hits"])


def test_the_summary_says_how_sure_the_level_is(result):
    s = result.summary
    levels = s[[f"p_level_{k}" for k in range(4)]]
    assert np.allclose(levels.sum(axis=1), 1)
    assert ((s["p_slum"] > 0) & (s["p_slum"] < 1)).any()
    assert (s["total_from"] <= s["total_mean"]).all() and (s["total_mean"] <= s["total_to"]).all()
    assert "Kemungkinan" in kg.certainty_sentence(s.sort_values("p_likely").iloc[0], result.rules)


def test_the_ways_to_certainty_are_told_the_cheapest_first(result):
    needed = kg.households_needed(result.measures, result.rules)
    known = needed["households"].dropna().astype(int)
    assert known.is_monotonic_increasing
    assert needed["left"].sort_index().tolist() == [47, 48, 48, 49, 50, 51], "60 to 65 houses, of which 12 of 55"


def test_a_table_goes_first_and_the_survey_stands_beside_it(field):
    units = field[0]
    typed = table(units, **{"3a_volume": [5] * 6})
    beside = assessed(field, typed).measures.xs("3a", level="criterion")
    assert (beside["affected"] == 5).all() and (beside["source"] == "table").all()
    assert beside["hits"].isna().all(), "a volume from the table is no sample"
    assert beside["survey_percent"].notna().all()
    preferred = assessed(field, typed, options={"prefer": "survey"}).measures.xs("3a", level="criterion")
    assert (preferred["source"] == "survey").all()
    assert preferred["affected"].tolist() == beside["survey_affected"].tolist()


def test_households_stay_inside(result):
    """No household, no point, no enumerator in what is written; the answers are only counted by RT."""
    assert not set(result.layers) & {"households", "survey"}
    for frame in (result.units, result.summary, result.measures):
        assert not {"lat", "lon", "enumerator", "submission"} & set(frame.columns)


def test_the_survey_is_an_input_with_its_fingerprint(result):
    assert [i["name"] for i in result.provenance["inputs"] if i["role"].startswith("survey")] == ["swadaya.xlsx"]


@pytest.mark.parametrize("how", ["in the project", "in the words"])
def test_a_project_names_its_survey(field, how, tmp_path):
    units, *_, path = field
    units.reset_index(names="kode").to_file(tmp_path / "rt.gpkg", layer="rt")
    table(units).to_csv(tmp_path / "baseline.csv", index=False)
    (tmp_path / "jawaban").mkdir()
    (tmp_path / "jawaban" / "swadaya.xlsx").write_bytes(path.read_bytes())
    said = "" if how == "in the words" else '\n[survey]\npath = "jawaban"\n'
    (tmp_path / "kumuhgis.toml").write_text(
        '[project]\nname = "Uji"\n[layers.rt]\npath = "rt.gpkg"\ncolumns = { unit = "kode", rt_rw = "rt_rw" }\n'
        f'[tables.baseline]\npath = "baseline.csv"\n{said}',
        "utf-8",
    )
    words = ["assess", str(tmp_path)] + (["--survey", str(tmp_path / "jawaban")] if how == "in the words" else [])
    done = CliRunner().invoke(command("id"), words)
    assert done.exit_code in (0, 1), done.output
    written = pd.read_csv(tmp_path / "hasil" / "hasil.csv")
    assert written["p_slum"].notna().all() and (written["3a_source"] == "survey").all()


def test_a_survey_of_the_rt_part_alone_or_of_refusals_is_no_failure(field):
    units = field[0]
    told = pd.DataFrame({"kode_rt": [units.index[0]], "Panjang jalan baru yang masih diperlukan (m)": ["50"]})
    result = kg.assess(rt=units.reset_index(names="kode"), baseline=table(units), survey=told)
    assert result.summary["level"].isna().all()


# ---------------------------------------------------------------- a plain table, without a map


def test_volumes_of_a_survey_enter_a_plain_table_as_they_enter_an_assessment(field, result):
    units, *_, path = field
    scored, problems = kg.score_baseline(table(units), survey=path)
    for name in ("p_slum", "p_level_0", "p_level_1", "p_level_2", "p_level_3", "total_from", "total_to", "total_low"):
        assert scored[name].astype(float).tolist() == pytest.approx(result.summary[name].astype(float).tolist()), name
    assert scored["3a_percent"].tolist() == result.scores["percent"].xs("3a", level="criterion").tolist()
    assert not [p.code for p in problems if p.code == "answers_unit_unknown"]


def test_a_plain_table_goes_first_unless_the_survey_is_preferred(field):
    units, *_, path = field
    typed = table(units, **{"3a_volume": [5] * 6})
    assert (kg.score_baseline(typed, survey=path)[0]["3a_percent"] == 9.09).all(), "5 of 55"
    assert (kg.score_baseline(typed, survey=path, prefer="survey")[0]["3a_percent"] != 9.09).any()


def test_groups_of_a_sampled_table_get_an_interval_of_hectares(field):
    units, *_, path = field
    grouped, _ = kg.score_baseline(table(units, kawasan=["Bulu"] * 3 + ["Lor"] * 3), survey=path, by="kawasan")
    assert (grouped["slum_ha_from"] <= grouped["slum_ha_mean"]).all()
    assert (grouped["slum_ha_mean"] <= grouped["slum_ha_to"]).all() and "p_slum" not in grouped


def test_the_command_takes_a_survey_beside_a_table(field, tmp_path):
    units, *_, path = field
    table(units).to_csv(tmp_path / "baseline.csv", index=False)
    words = ["score", str(tmp_path / "baseline.csv"), "--survey", str(path), "--out", str(tmp_path / "hasil.csv")]
    done = CliRunner().invoke(command("id"), words)
    assert done.exit_code in (0, 1), done.output
    written = pd.read_csv(tmp_path / "hasil.csv")
    assert written["p_slum"].between(0, 1).all() and len(written) == 6


# ---------------------------------------------------------------- in the workbook


def test_the_workbook_says_how_sure_the_levels_are_and_where_to_ask_next(result, tmp_path):
    kg.write(result, tmp_path / "profil.xlsx")
    sheet = pd.read_excel(tmp_path / "profil.xlsx", sheet_name="Kepastian", header=None, engine="calamine")
    heads = sheet.index[sheet[0] == "Kode RT"][0]
    rows = sheet.iloc[heads + 1 : heads + 7].set_axis(sheet.loc[heads], axis=1)
    needed = kg.households_needed(result.measures, result.rules)
    assert rows["Kode RT"].tolist() == list(needed.index), "the cheapest to settle come first"
    levels = rows.filter(like="Peluang ").drop(columns="Peluang kumuh", errors="ignore").astype(float)
    chance = result.summary["p_slum"].reindex(needed.index)
    assert rows["Peluang kumuh"].astype(float).tolist() == pytest.approx(chance.clip(0.001, 0.999).tolist(), abs=1e-6)
    assert levels.sum(axis=1).tolist() == pytest.approx([1] * 6, abs=0.005)
    assert rows["Dengan kata-kata"].str.contains("emungkinan|pasti", regex=True).all()


def test_a_workbook_of_full_counts_has_no_sheet_of_certainty(tmp_path):
    kg.write(kg.assess(kg.load_sample("brujul")), tmp_path / "profil.xlsx")
    assert "Kepastian" not in pd.ExcelFile(tmp_path / "profil.xlsx", engine="calamine").sheet_names


# ---------------------------------------------------------------- of a kawasan


@pytest.fixture(scope="module")
def grouped(field):
    return assessed(field, table(field[0], kawasan=["Bulu"] * 4 + ["Sroyo"] * 2))


def test_the_workbook_says_how_sure_a_kawasan_is_of_its_hectares_and_of_its_own_level(grouped, tmp_path):
    kg.write(grouped, tmp_path / "profil.xlsx")
    sheet = pd.read_excel(tmp_path / "profil.xlsx", sheet_name="Kepastian", header=None, engine="calamine")
    heads = sheet.index[sheet[0] == "Lokasi"][0]
    rows = sheet.iloc[heads + 1 : heads + 3].set_axis(sheet.loc[heads], axis=1).set_index("Lokasi")
    rolled = kg.summarise_groups(grouped)
    hectares = kg.slum_hectares_range(
        grouped.summary["p_slum"], grouped.summary["area_used_ha"], grouped.units["kawasan"]
    )
    for name in ("Bulu", "Sroyo"):
        chance = float(rows.loc[name, "Peluang kumuh sebagai satu lokasi"])
        assert chance == pytest.approx(np.clip(rolled.loc[name, "p_slum"], 0.001, 0.999))
        assert rows.loc[name, "Paling mungkin"] == rolled.loc[name, "level_likely"]
        assert float(rows.loc[name, "Diharapkan"]) == pytest.approx(hectares.loc[name, "slum_ha_mean"])
        ends = rows.loc[name, ["Dari", "Sampai"]].tolist()
        assert ends == hectares.loc[name, ["slum_ha_from", "slum_ha_to"]].tolist()


def test_explain_and_the_profile_say_how_sure_a_sampled_level_is(grouped, tmp_path):
    unsure = grouped.summary["p_likely"].idxmin()
    assert any("Kemungkinan" in line for line in unit_lines(grouped, unsure, "id"))
    kg.write(grouped, tmp_path / "profil.html", kind="profile", by="kawasan", units=[unsure])
    assert (tmp_path / "profil.html").read_text("utf-8").count("Kemungkinan") >= 2, "the RT and its kawasan"
