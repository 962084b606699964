"""What anybody may have: numbers of one or two households are not in it, and cannot be had back from it.

UU 27/2022 (perlindungan data pribadi); the rule of the threshold and of complementary cells is that of official
statistics (Hundepool et al. 2012, Statistical Disclosure Control).
"""

import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from scipy.optimize import Bounds, LinearConstraint, milp
from shapely import box

import kumuhgis as kg
from kumuhgis.cli import command
from kumuhgis.publishing import MARK, SMALL
from kumuhgis.sample import sample_folder
from kumuhgis.suppression import LEAST, nested, suppress


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


def hide(column, *groups):
    cells = pd.DataFrame({"3a": np.array(column, float)})
    hidden, sums = suppress(cells, nested(*[pd.Series(list(by)) for by in groups]))
    return hidden["3a"].tolist(), [each["3a"].tolist() for each in sums]


@pytest.mark.parametrize(
    ("column", "groups", "cells", "sums", "why"),
    [
        ([1, 12, 7], ["aaa"], "x.x", [""], "1 + 12 + 7 = 20: without the 7 nobody can tell the 1"),
        ([5, 0, 9], ["aaa"], "...", [""], "none at all tells of nobody"),
        ([1, 1, 1, 30, 40], ["aaaaa"], "xxxx.", [""], "three cells that sum to 3 are 1, 1, 1"),
        ([1, 2, 40], ["aaa"], "xxx", [""], "two that sum to 3 are both small"),
        ([2, 20, 30, 25], ["abbb"], "xx..", ["xx"], "an RT alone in its kawasan is the sum of the others less theirs"),
        ([1, 0, 30, 25], ["aabb"], "x..x", ["xx"], "one cell in its kawasan beside zeros"),
    ],
)
def test_what_is_hidden_beside_a_small_number(column, groups, cells, sums, why):
    hidden, found = hide(column, *groups)
    assert "".join(".x"[h] for h in hidden) == cells, why
    assert ["".join("x" * h for h in each) for each in found] == sums, why


BANDS = {0: (0, 24.995), 1: (24.995, 50.995), 3: (50.995, 75.995), 5: (75.995, 100)}
PLENTY = 10_000.0
ASKED = ("3a", "3b", "5a", "5b", "6a", "6b")


def invented(rng, count=20):
    """RT of three desa, kawasan of which one lies in two desa, some RT without one; small and large numbers."""
    size = rng.choice([4, 9, 12, 13, 25, 40, 60], count)
    kawasan = np.sort(rng.choice(["K0", "K1", "K2", "K3", "K4"], count))
    desa = pd.Series(kawasan).map({"K0": "Jaten", "K1": "Jaten", "K2": "Brujul", "K3": "Brujul", "K4": "Ngringo"})
    desa = desa.to_numpy(object)
    desa[np.flatnonzero(kawasan == "K2")[:1]] = "Jaten"
    cells = {"kode": [f"{i:03d}" for i in range(count)], "luas_ha": 1.0, "kk": size, "penduduk": 4 * size,
             "desa": desa, "kawasan": np.where(rng.random(count) < 0.2, "", kawasan)}  # fmt: skip
    for code in ASKED:
        cells[f"{code}_volume"] = np.minimum(size, rng.choice([0, 0, 1, 2, 3, 5, 8, 12, 20, 25], count))
    shapes = [box(490_000 + 100 * i, 9_162_000, 490_100 + 100 * i, 9_162_100) for i in range(count)]
    rt = gpd.GeoDataFrame({"kode": cells["kode"]}, geometry=shapes, crs=32749)
    return kg.assess(rt=rt, baseline=pd.DataFrame(cells)), pd.DataFrame(cells)


def attack(folder, column, low, high, *, bands=True):
    """Find between which whole numbers every hidden cell of a column must lie, by everything that is shown."""
    rows, code = table(folder, "rt.csv"), column.partition("_")[0]
    hidden = np.flatnonzero(rows[column] == MARK)
    matrix, least, most = [], [], []
    for by in (by for by in ("kawasan", "desa") if (folder / f"{by}.csv").is_file()):
        groups = rows[by].where(rows[by] != "", f"(tanpa {by})")
        for group, shown in table(folder, f"{by}.csv").set_index(by).iterrows():
            inside = (groups == group).to_numpy()
            visible = rows.loc[inside & (rows[column] != MARK), column].astype(float).sum()
            if shown[column] != MARK:
                ends = [float(shown[column])] * 2
            elif bands and code in ASKED and shown[f"{code}_total"] != MARK:
                ends = [share / 100 * float(shown[f"{code}_total"]) for share in BANDS[int(shown[f"{code}_score"])]]
            else:
                continue
            if inside[hidden].any():
                matrix.append(inside[hidden].astype(float))
                least.append(np.ceil(ends[0] - 1e-9) - visible)
                most.append(np.floor(ends[1] + 1e-9) - visible)
    rule = LinearConstraint(np.array(matrix), least, most) if matrix else ()
    ends = []
    for sign in (1, -1):
        for j in range(len(hidden)):
            how = {"integrality": np.ones(len(hidden)), "bounds": Bounds(low[hidden], high[hidden])}
            found = milp(sign * np.eye(len(hidden))[j], constraints=rule, **how)
            ends.append(round(found.x[j]))
    return hidden, ends[: len(hidden)], ends[len(hidden) :]


def no_total_is_told(folder):
    """Where the total of a group is hidden, affected and percent do not give it."""
    for by in (by for by in ("kawasan", "desa") if (folder / f"{by}.csv").is_file()):
        rows = table(folder, f"{by}.csv")
        for code in ASKED:
            secret = rows[rows[f"{code}_total"] == MARK]
            told = (secret[f"{code}_affected"] != MARK) & (secret[f"{code}_percent"] != MARK)
            assert (secret.loc[told, f"{code}_affected"].astype(float) == 0).all()


@pytest.mark.parametrize("seed", range(12))
def test_integer_programming_gets_no_small_number_back(seed, tmp_path):
    """Somebody who knows all the files, and the bands of the scores, still has several numbers to choose from."""
    result, truth = invented(np.random.default_rng(seed))
    kg.publish(result, tmp_path)
    rows, size = table(tmp_path, "rt.csv"), truth["kk"].to_numpy(float)
    known = (rows["households"] != MARK).to_numpy()
    assert not known[size < SMALL].any()
    for code in ASKED:
        assert (rows.loc[~known, f"{code}_total"] == MARK).all(), "as large as the number of households"
        assert rows.loc[~known, f"{code}_percent"].isin([MARK, "0.0"]).all(), "affected and percent give the total"
        true = truth[f"{code}_volume"].to_numpy()
        low, high = np.ones(len(true)), np.where(known, size, PLENTY)
        hidden, least, most = attack(tmp_path, f"{code}_affected", low, high, bands=False)
        small = np.isin(true[hidden], [1, 2])
        assert set(np.flatnonzero(np.isin(true, [1, 2]))) <= set(hidden)
        assert (np.array(most)[small] >= LEAST).all(), "by the sums alone it may be a large number"
        closed(tmp_path, size, true, code)
    hidden, least, most = attack(tmp_path, "households", np.ones(len(size)), np.full(len(size), PLENTY))
    assert (np.array(most) > np.array(least)).all()


@pytest.mark.parametrize(
    ("households", "volume", "kawasan", "desa"),
    [
        ([12, 12, 12], [2, 2, 4], "", "aaa"),
        ([12, 13, 13, 20, 14], [1, 4, 4, 1, 4], "", "aaaaa"),
        ([13, 13, 13], [5, 1, 3], "kkk", "bba"),
        ([4, 13, 60, 25, 9, 40], [3, 0, 25, 3, 9, 20], "", "abbbcc"),
        ([13, 60, 13, 9, 60, 4], [13, 5, 0, 0, 25, 0], "kkklll", "aabbcc"),
    ],
)
def test_known_ways_back_are_closed(households, volume, kawasan, desa, tmp_path):
    """Whole numbers in a band, the score of a hidden sum, and a total from affected and percent of a group."""
    count = len(households)
    cells = {"kode": [f"{i:03d}" for i in range(count)], "luas_ha": 1.0, "kk": households, "penduduk": 99,
             "desa": list(desa), "kawasan": list(kawasan) or ""}  # fmt: skip
    cells |= {f"{code}_volume": volume if code == "6a" else 0 for code in ASKED}
    shapes = [box(490_000 + 100 * i, 9_162_000, 490_100 + 100 * i, 9_162_100) for i in range(count)]
    rt = gpd.GeoDataFrame({"kode": cells["kode"]}, geometry=shapes, crs=32749)
    kg.publish(kg.assess(rt=rt, baseline=pd.DataFrame(cells)), tmp_path)
    closed(tmp_path, np.array(households, float), np.array(volume), "6a")


def closed(folder, size, true, code):
    """A small number and a small total keep several values, by sums, bands and scores of groups."""
    rows = table(folder, "rt.csv")
    known = (rows["households"] != MARK).to_numpy()
    band = [BANDS[int(s)] for s in rows[f"{code}_score"]]
    low = np.where(known, np.maximum(1, np.ceil([b[0] * n / 100 for b, n in zip(band, size, strict=True)])), 1)
    high = np.where(known, np.floor([b[1] * n / 100 + 1e-9 for b, n in zip(band, size, strict=True)]), PLENTY)
    hidden, least, most = attack(folder, f"{code}_affected", low, np.maximum(high, low))
    small = np.isin(true[hidden], [1, 2])
    assert (np.array(most)[small] > np.array(least)[small]).all()
    no_total_is_told(folder)


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


def test_an_rt_of_two_households_or_buildings_shows_none_of_their_answers_but_zeros(jaten, tmp_path):
    unit, other = jaten.units.index[3], jaten.units.index[5]
    units = jaten.units.copy()
    units.loc[unit, "households"], units.loc[other, "buildings"] = 2, 2
    measures = jaten.measures.copy()
    measures.loc[(unit, "6b"), "affected"] = 0.0
    measures.loc[(other, ["1a", "1c"]), "total"] = 2.0
    scores, _ = kg.score(measures, jaten.rules)
    kg.publish(replace(jaten, units=units, measures=measures, scores=scores), tmp_path)
    rows = table(tmp_path, "rt.csv").set_index("unit")
    row = rows.loc[unit]
    assert {row[c] for c in ("households", "population", "3a_affected", "3a_total", "3a_percent", "6b_total")} == {MARK}
    assert row["6b_affected"] == "0.0", "none at all tells of nobody"
    assert {rows.loc[other, "buildings"], rows.loc[other, "1a_total"]} == {MARK}


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


def test_people_in_keys_and_names_are_hidden(jaten, tmp_path):
    old = jaten.units.index[0]
    key = "Budi 081234567891"

    def renamed(frame):
        return frame.rename(index={old: key}, level="unit" if frame.index.nlevels > 1 else None)

    frames = {name: renamed(getattr(jaten, name)) for name in ("units", "summary", "measures", "scores")}
    frames["units"] = frames["units"].assign(kawasan="Gang Pak Joyo Sentono")
    kg.publish(replace(jaten, **frames), tmp_path)
    said = "".join(path.read_text("utf-8-sig") for path in tmp_path.iterdir())
    assert "0812345" not in said and "Joyo" not in said and "Budi •••" in said and "Gang Pak ••••" in said


def test_the_command_writes_the_data_set_once(tmp_path):
    words = ["publish", str(sample_folder("jaten")), "--out", str(tmp_path / "terbuka")]
    done = CliRunner().invoke(command("en"), words)
    assert done.exit_code in (0, 1), done.output
    assert {p.name for p in (tmp_path / "terbuka").iterdir()} >= {"rt.csv", "rt.geojson", "data_dictionary.csv"}
    assert CliRunner().invoke(command("en"), words).exit_code == 2
