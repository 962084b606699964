"""Real, published records: 24 RT sheets of KawanKu and the baseline of Kota Pekalongan (see golden/README.md).

Rule: Permen PUPR 14/PRT/M/2018, as the public forms compute it.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kumuhgis.audit import published_differences
from kumuhgis.baseline import read_baseline
from kumuhgis.hectares import slum_area
from kumuhgis.rules import load_rules
from kumuhgis.scores import roll_up, score
from kumuhgis.scoring import score_baseline
from kumuhgis.trace import sensitivity
from kumuhgis.volumes import option_variants, to_measures

GOLDEN = Path(__file__).parent / "golden"
KAWANKU = GOLDEN / "kawanku_rt.csv"
PEKALONGAN = GOLDEN / "pekalongan"
RULES = load_rules("permen-14-2018")
YEARS = range(2019, 2024)


def kawanku():
    published = pd.read_csv(KAWANKU).set_index("url")
    results, problems = score_baseline(KAWANKU, unit="url")
    return published, results.reindex(published.index), problems


@pytest.mark.parametrize("code", [c for c in RULES.codes if c != "4a"])
def test_every_percent_of_the_24_sheets_is_the_published_one(code):
    published, ours, _ = kawanku()
    pd.testing.assert_series_equal(ours[f"{code}_percent"], published[f"{code}_pct"].astype(float), check_names=False)


def test_percents_of_inundation_agree_within_the_rounding_of_the_hectares_shown():
    published, ours, _ = kawanku()
    volume, total = published["4a_volume"], published["luas_ha"]
    corners = [100 * (volume + dv) / (total + dt) for dv in (-0.005, 0.005) for dt in (-0.005, 0.005)]
    low, high = np.min(corners, axis=0), np.max(corners, axis=0)
    assert ((published["4a_pct"] >= low - 0.01) & (published["4a_pct"] <= high + 0.01)).all()
    assert (ours["4a_percent"] == published["4a_pct"]).sum() == 20


@pytest.mark.parametrize("code", RULES.codes)
def test_every_score_of_the_24_sheets_is_the_published_one(code):
    published, ours, _ = kawanku()
    assert ours[f"{code}_score"].tolist() == published[f"{code}_nilai"].tolist()


def test_totals_and_levels_of_the_24_sheets():
    published, ours, _ = kawanku()
    assert ours["total_score"].tolist() == published["total_nilai"].tolist()
    shown = published["tingkat"].dropna().str.lower()
    assert (ours["level"].astype(str).reindex(shown.index) == shown).all()


@pytest.mark.parametrize("aspect", range(1, 8))
def test_aspect_means_are_plain_and_rounded_half_away_from_zero(aspect):
    """KawanKu: mean of the rounded percents, negatives included (recomputed: 399 of 399)."""
    published, ours, _ = kawanku()
    equal = ours[f"aspect_{aspect}_mean"] == published[f"rerata_{aspect}"]
    hectares_explain = ours["4a_percent"] != published["4a_pct"]
    assert (equal | (hectares_explain if aspect == 4 else False)).all()


def test_the_sheets_differences_are_listed_and_explained_by_hectares():
    baseline = read_baseline(KAWANKU, RULES, unit="url")
    scores, summary = score(to_measures(baseline, RULES), RULES)
    found = published_differences(baseline, scores, summary, RULES)
    assert {p.code for p in found} == {"published_rounding"}
    assert {p.column for p in found} == {"4a_percent", "4_mean"}


def test_one_published_rt_is_light_by_ideal_and_moderate_by_existing_length():
    """The choice of total for 2b and 4c can flip a class: sheet 34/123/779 is 31 ringan or 38 sedang."""
    table = sensitivity(option_variants(read_baseline(KAWANKU, RULES, unit="url"), RULES), RULES)
    changed = table[table["changes"]]
    assert [u.split("kelurahan/")[1] for u in changed.index] == ["34/123/779"]
    assert changed.iloc[0].tolist()[:4] == [31, "kumuh ringan", 38, "kumuh sedang"]


# ---------------------------------------------------------------- Kota Pekalongan


def pekalongan(year):
    published = pd.read_csv(PEKALONGAN / f"expected_{year}.csv").set_index("kode")
    baseline = read_baseline(PEKALONGAN / f"baseline_{year}.csv", RULES)
    return published, published.index[published["clean"] == 1], baseline


@pytest.mark.parametrize("year", YEARS)
def test_the_93_clean_rt_of_every_year(year):
    published, clean, baseline = pekalongan(year)
    scores, summary = score(to_measures(baseline, RULES), RULES)
    assert len(clean) == 93
    for code in RULES.codes:
        ours = scores.xs(code, level="criterion").reindex(clean)
        assert ours["score"].tolist() == published.loc[clean, f"{code}_nilai"].tolist(), code
        assert (ours["percent"] - published.loc[clean, f"{code}_pct"]).abs().max() <= 0.005 + 1e-9, code
    assert summary["total_score"].reindex(clean).tolist() == published.loc[clean, "total_nilai"].tolist()
    words = {"TK": "tidak kumuh", "KR": "kumuh ringan", "KS": "kumuh sedang", "KB": "kumuh berat"}
    assert summary["level"].reindex(clean).tolist() == published.loc[clean, "tingkat"].map(words).tolist()


@pytest.mark.parametrize("year", YEARS)
def test_the_16_shifted_rows_are_reported_and_stay_undetermined(year):
    published, clean, baseline = pekalongan(year)
    shifted = {p.feature for p in baseline.problems if p.code == "shifted_columns"}
    assert shifted == set(published.index) - set(clean)
    _, summary = score(to_measures(baseline, RULES), RULES)
    assert summary.loc[sorted(shifted), "total_score"].isna().all()


@pytest.mark.parametrize(("year", "hectares"), [(2019, 71.682), (2023, 39.464)])
def test_slum_hectares_of_the_clean_rt(year, hectares):
    """An RT that drops below the floor counts with its whole area, otherwise not at all (SIM KOTAKU)."""
    _, clean, baseline = pekalongan(year)
    _, summary = score(to_measures(baseline, RULES), RULES)
    area = slum_area(baseline.units["verified_ha"], summary["total_low"], summary["total_high"], RULES)
    assert round(area["slum_ha"].reindex(clean).sum(), 3) == hectares


SOURCE_DIFFERS = {("Krapyak", "1b"), ("Bandengan", "4a")}


@pytest.mark.parametrize("year", [2019, 2020])
def test_roll_ups_of_the_eight_clean_kawasan_come_from_sums(year):
    """Roll-up: sum the volumes and the totals, then percent, score, level again; never an average.

    From 2021 on, the source subtracts works from the kawasan itself, not from its RT, so its sums are not sums of RT.
    """
    _, _, baseline = pekalongan(year)
    measures = roll_up(to_measures(baseline, RULES), baseline.units["kawasan"], RULES)
    scores, summary = score(measures, RULES)
    published = pd.read_csv(PEKALONGAN / "kawasan.csv").query("tahun == @year").set_index("kawasan")
    published = published.drop(index="Kauman")
    for code in RULES.codes:
        ours = scores.xs(code, level="criterion").reindex(published.index)
        assert ours["score"].tolist() == published[f"{code}n"].tolist(), code
        near = (ours["percent"] - 100 * published[f"{code}p"]).abs() <= (0.15 if code == "4a" else 0.005 + 1e-9)
        assert {(k, code) for k in near.index[~near]} <= SOURCE_DIFFERS, code
    assert summary["total_score"].reindex(published.index).tolist() == published["totalNilai"].tolist()


def test_a_roll_up_can_hide_slum_rt_and_hectares_do_not():
    results, _ = score_baseline(PEKALONGAN / "baseline_2019.csv", by="kawasan")
    hidden = results[(results["level"] == "tidak kumuh") & (results["slum_ha"] > 0)]
    assert set(hidden.index) == {"Bendan Kergon", "Gamer", "Bandengan"}
    assert hidden.loc["Bandengan", "slum_ha"] == pytest.approx(19.32)
