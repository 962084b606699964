"""What anybody may have: numbers of one or two households are not in it, and cannot be had back from it.

UU 27/2022 (perlindungan data pribadi); the rule of the threshold and of complementary cells is that of official
statistics (Hundepool et al. 2012, Statistical Disclosure Control).
"""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import kumuhgis as kg
from kumuhgis.cli import command
from kumuhgis.publishing import MARK
from kumuhgis.sample import sample_folder
from kumuhgis.suppression import LEAST, suppress


@pytest.fixture(scope="module")
def jaten():
    return kg.assess(kg.load_sample("jaten"))


@pytest.fixture(scope="module")
def published(jaten, tmp_path_factory):
    folder = tmp_path_factory.mktemp("terbuka")
    kg.publish(jaten, folder, licence="CC BY 4.0")
    return folder


def table(folder, name):
    return pd.read_csv(folder / name, dtype=str, keep_default_na=False)


def test_a_small_number_takes_the_smallest_other_one_with_it():
    """1 + 12 + 7 = 20: without the 7 nobody can tell the 1."""
    cells = pd.DataFrame({"3a": [1.0, 12.0, 7.0], "5a": [5.0, 0.0, 9.0]}, ["01", "02", "03"])
    hidden = suppress(cells, [pd.Series("Bulu", cells.index)])
    assert hidden["3a"].tolist() == [True, False, True]
    assert not hidden["5a"].any(), "none at all tells of nobody"


def test_one_and_one_are_not_left_alone_because_their_sum_tells_them():
    cells = pd.DataFrame({"3a": [1.0, 1.0, 30.0, 40.0]})
    assert suppress(cells, [pd.Series("x", cells.index)])["3a"].tolist() == [True, True, True, False]


def test_no_hidden_cell_can_be_had_back_from_a_sum():
    """Random tables with two kinds of groups: of every group with enough cells at least two hidden ones sum to 3."""
    rng = np.random.default_rng(1)
    for _ in range(50):
        cells = pd.DataFrame(rng.poisson(rng.choice([1, 3, 20]), (30, 4)).astype(float))
        groups = [pd.Series(rng.integers(0, 4, 30)), pd.Series("all", cells.index)]
        hidden = suppress(cells, groups)
        assert (cells[~hidden].isna() | (cells == 0) | (cells >= LEAST)).all().all()
        for by in groups:
            for rows in by.groupby(by).groups.values():
                for column in cells:
                    inside = hidden.loc[rows, column]
                    enough = inside.sum() >= 2 and cells.loc[rows, column][inside].sum() >= LEAST
                    assert not inside.any() or enough or inside.all()


def test_small_numbers_are_in_no_file(jaten, published):
    rows = table(published, "rt.csv").set_index("unit")
    truth = jaten.scores["affected"].unstack("criterion")
    counted = [c.code for c in jaten.rules.criteria if c.total in ("households", "buildings")]
    small = (truth[counted] > 0) & (truth[counted] < 3)
    assert small.to_numpy().sum() > 5, "the sample has such cells"
    for code in counted:
        for unit in small.index[small[code]]:
            assert rows.loc[unit, f"{code}_affected"] == rows.loc[unit, f"{code}_percent"] == MARK
            assert f"{code}_affected" in rows.loc[unit, "suppressed"].split(";")
            aspect = next(c.aspect for c in jaten.rules.criteria if c.code == code)
            assert rows.loc[unit, f"aspect_{aspect}_mean"] in (MARK, ""), "the mean would give the percent away"
    features = json.loads((published / "rt.geojson").read_text("utf-8"))["features"]
    for feature in features:
        told = feature["properties"]
        assert all(told[name] is None for name in told["suppressed"].split(";") if name)
        assert feature["geometry"]["type"] in ("Polygon", "MultiPolygon")


@pytest.mark.parametrize("by", ["kawasan", "desa"])
def test_the_difference_to_a_roll_up_gives_nothing_back(jaten, published, by):
    rows, rolled = table(published, "rt.csv"), table(published, f"{by}.csv").set_index(by)
    groups = rows[by].where(rows[by] != "", f"(tanpa {by})")
    truth = jaten.scores["affected"].unstack("criterion")
    for code in ("1a", "1c", "3a", "3b", "5a", "5b", "6a", "6b"):
        for group, part in rows.groupby(groups):
            hidden = part.loc[part[f"{code}_affected"] == MARK, "unit"]
            if len(hidden) and rolled.loc[group, f"{code}_affected"] != MARK:
                assert len(hidden) >= 2 and truth.loc[hidden, code].sum() >= 3, (code, group)


def test_an_rt_of_two_households_shows_none_of_their_answers(jaten, tmp_path):
    unit = jaten.units.index[3]
    units = jaten.units.copy()
    units.loc[unit, "households"] = 2
    kg.publish(replace(jaten, units=units), tmp_path)
    row = table(tmp_path, "rt.csv").set_index("unit").loc[unit]
    assert {row["households"], row["population"], row["3a_affected"], row["3a_total"], row["6b_percent"]} == {MARK}


def test_every_column_is_explained_in_both_languages_with_its_clause(jaten, published):
    words = table(published, "kamus_data.csv").set_index("column")
    for name in ("rt.csv", "kawasan.csv", "desa.csv"):
        assert set(table(published, name).columns) <= set(words.index)
    assert (words[["meaning_id", "meaning_en", "unit", "type", "source"]] != "").all().all()
    assert words.loc["3a_affected", "unit"] == "KK" and words.loc["4a_affected", "unit"] == "ha"
    assert words.loc["3a_affected", "clause"] == "Formulir penilaian, kriteria 3a"


def test_the_description_says_whose_licence_how_many_hidden_and_that_data_are_invented(published):
    said = (published / "BACA_SAYA.md").read_text("utf-8")
    assert "CC BY 4.0" in said and "DATA CONTOH" in said and "permen-14-2018" in said
    cells = table(published, "rt.csv")
    assert set(cells["data"]) == {"DATA CONTOH"}
    assert "UU 27/2022" in said and "Yang disamarkan:" in said


def test_names_that_people_wrote_stay_text(jaten, tmp_path):
    units = jaten.units.copy()
    units["kawasan"] = units["kawasan"].where(units["kawasan"].isna(), "=cmd|'/c calc'!A1")
    told = {**jaten.provenance, "name": "<img src=x onerror=1> [a](b) 0812-3456-7890"}
    kg.publish(replace(jaten, units=units, provenance=told), tmp_path)
    assert "<img" not in (tmp_path / "BACA_SAYA.md").read_text("utf-8")
    assert "0812-3456" not in (tmp_path / "BACA_SAYA.md").read_text("utf-8")
    assert "'=cmd" in (tmp_path / "kawasan.csv").read_text("utf-8-sig")


def test_the_command_writes_the_data_set_once(tmp_path):
    words = ["publish", str(sample_folder("jaten")), "--out", str(tmp_path / "terbuka")]
    done = CliRunner().invoke(command("en"), words)
    assert done.exit_code in (0, 1), done.output
    assert {p.name for p in (tmp_path / "terbuka").iterdir()} >= {"rt.csv", "rt.geojson", "data_dictionary.csv"}
    assert CliRunner().invoke(command("en"), words).exit_code == 2
