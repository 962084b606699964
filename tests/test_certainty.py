"""How sure a level is: exact against brute force and scipy, honest in simulated surveys, careful in words."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom

from benchmarks.certainty import bins, calibration
from kumuhgis.confidence import (
    certainty,
    certainty_sentence,
    score_probabilities,
    slum_hectares_range,
    total_distribution,
)
from kumuhgis.further import households_needed
from kumuhgis.kernel import percents
from kumuhgis.posterior import affected_interval, band_probabilities, least_counts
from kumuhgis.resampling import joint_certainty
from kumuhgis.rules import load_rules
from kumuhgis.scenarios import after_works
from kumuhgis.scores import score
from kumuhgis.stability import rank_stability

RULES = load_rules()
BANDS = RULES.bands
ASKED = ["3a", "3b", "5a", "5b", "6a", "6b"]


def table(units=("RT 01",), affected=20.0, total=50.0):
    index = pd.MultiIndex.from_product([units, RULES.codes], names=["unit", "criterion"])
    return pd.DataFrame({"affected": affected, "total": total, "source": "table"}, index)


def sampled(measures, unit, code, hits, answers, population):
    measures.loc[(unit, code), ["hits", "answers", "population"]] = [hits, answers, population]
    return measures


# ---------------------------------------------------------------- one criterion


@st.composite
def surveys(draw):
    population = draw(st.integers(1, 150))
    answers = draw(st.integers(0, population))
    return draw(st.integers(0, answers)), answers, population


@given(surveys(), st.sampled_from([(0.5, 0.5), (1, 1), (0.2, 3.1)]))
@settings(max_examples=150, deadline=None)
def test_scores_have_the_probability_that_scipy_gives_to_every_number(survey, prior):
    """Every number from the affected among the asked to all, with its percent rounded as the regulation's forms do."""
    hits, answers, population = survey
    left, (a, b) = population - answers, prior
    mass = betabinom.pmf(np.arange(left + 1), left, a + hits, b + answers - hits) if left else np.ones(1)
    percent = percents(hits + np.arange(left + 1), np.full(left + 1, population))
    expected = np.bincount(np.searchsorted(BANDS.lower, percent, side="right"), mass, minlength=4)
    got = band_probabilities([hits], [answers], [population], BANDS, prior=prior)[0]
    np.testing.assert_allclose(got, expected, atol=1e-12)


@given(st.integers(1, 3000))
@settings(max_examples=60, deadline=None)
def test_the_least_number_of_each_band_is_the_first_whose_rounded_percent_reaches_it(population):
    percent = percents(np.arange(population + 1), np.full(population + 1, population))
    expected = [int(np.argmax(percent >= lower)) for lower in BANDS.lower]
    assert least_counts(np.array([population]), BANDS)[0].tolist() == expected


def test_who_asked_all_knows_all_and_who_asked_none_has_the_prior():
    """With a uniform prior every number from 0 to 99 is equally likely."""
    low, high = affected_interval([7, 0], [40, 0], [40, 99], level=0.9, prior=(1, 1))
    assert (low[0], high[0]) == (7, 7)
    assert (low[1], high[1]) == (5, 94), "100 numbers, five on either side left out"
    assert band_probabilities([0], [0], [99], BANDS, prior=(1, 1))[0].tolist() == pytest.approx(
        [0.25, 0.26, 0.25, 0.24]
    )


@pytest.mark.parametrize("share", [0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95])
def test_ninety_percent_intervals_hold_the_truth_in_88_to_93_percent_of_surveys(share):
    """2,000 surveys of RT with 40 to 120 households, of which 10 to 60 % are asked."""
    rng = np.random.default_rng(20260728)
    population = rng.integers(40, 121, 2000)
    answers = rng.integers(10, np.maximum(11, population * 6 // 10))
    truth = rng.binomial(population, share)
    hits = rng.hypergeometric(truth, population - truth, answers)
    low, high = affected_interval(hits, answers, population, level=0.9)
    assert 0.88 <= ((low <= truth) & (truth <= high)).mean() <= 0.93


def test_a_sample_worth_less_than_its_answers_says_less_of_those_not_asked():
    """Clusters and weights: 30 answers that are worth 10 leave a wider interval; the asked stay known."""
    low, high = affected_interval([15, 15], [30, 30], [90, 90], effective=[30, 10])
    assert high[1] - low[1] > high[0] - low[0]
    assert low[1] >= 15
    assert affected_interval([15], [30], [30], effective=[3])[0][0] == 15


# ---------------------------------------------------------------- the total


def brute(probability):
    """Add up all 4^k ways."""
    out = np.zeros(RULES.max_total + 1)
    for way in product(range(4), repeat=probability.shape[0]):
        out[sum(BANDS.score[w] for w in way)] += np.prod([probability[j, w] for j, w in enumerate(way)])
    return out


def test_the_distribution_of_the_total_is_that_of_every_way_added_up():
    rng = np.random.default_rng(3)
    probability = rng.dirichlet(np.ones(4), (5, 6))
    for got, part in zip(total_distribution(probability, RULES), probability, strict=True):
        np.testing.assert_allclose(got, brute(part), atol=1e-14)


def test_the_distribution_of_the_total_is_that_of_a_simulation():
    rng = np.random.default_rng(4)
    probability = rng.dirichlet(np.ones(4) / 2, 16)
    drawn = np.array([rng.choice(BANDS.score, 200_000, p=p) for p in probability]).sum(axis=0)
    expected = np.bincount(drawn, minlength=81) / 200_000
    np.testing.assert_allclose(total_distribution(probability[None], RULES)[0], expected, atol=0.004)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 60)), min_size=16, max_size=16))
@settings(max_examples=40, deadline=None)
def test_what_is_known_in_full_has_the_level_of_the_score_for_certain(cells):
    measures = table()
    measures["affected"], measures["total"] = zip(*cells, strict=True)
    found = certainty(measures.astype({"affected": float, "total": float}), RULES).iloc[0]
    expected = score(measures, RULES)[1].iloc[0]
    assert found["p_likely"] == 1.0 and found["level_likely"] == expected["level"]
    assert found["total_from"] == found["total_to"] == expected["total_low"]
    assert found["p_slum"] == float(expected["total_low"] >= RULES.floor)


def test_a_missing_criterion_can_be_anything_and_the_total_stays_within_its_interval():
    measures = table()
    measures.loc[("RT 01", "2b"), "affected"] = np.nan
    _, probability = score_probabilities(measures, RULES)
    assert probability[0, RULES.codes.index("2b")].tolist() == pytest.approx([0.24995, 0.26, 0.25, 0.24005])
    found, summary = certainty(measures, RULES).iloc[0], score(measures, RULES)[1].iloc[0]
    assert found["p_slum"] == pytest.approx(0.75005), "15 points are certain, one more is slum"
    assert (found["total_from"], found["total_to"]) == (summary["total_low"], summary["total_high"])


def test_limits_of_a_missing_volume_leave_only_the_bands_between_them():
    measures = table().assign(affected_low=np.nan, affected_high=np.nan)
    measures.loc[("RT 01", "2b"), ["affected", "affected_low", "affected_high"]] = [np.nan, 20.0, 30.0]
    bands = score_probabilities(measures, RULES)[1][0, RULES.codes.index("2b")]
    assert bands.tolist() == pytest.approx([0, (50.995 - 40) / 20, (60 - 50.995) / 20, 0])


def test_a_margin_moves_a_measured_volume_into_the_neighbouring_band():
    """250 m of 1,000 m ± 20 m (95 %): half of the probability lies below 24.995 %."""
    measures = table().assign(margin=np.nan)
    measures.loc[("RT 01", "2b"), ["affected", "total", "margin"]] = [249.95, 1000.0, 20.0]
    bands = score_probabilities(measures, RULES)[1][0, RULES.codes.index("2b")]
    assert bands.tolist() == pytest.approx([0.5, 0.5, 0, 0], abs=1e-6)


# ---------------------------------------------------------------- households that carry several criteria


def households(rng, n, dependent):
    share = rng.random((n, 1)) if dependent else rng.random((n, len(ASKED)))
    return pd.DataFrame(np.broadcast_to(share < 0.45, (n, len(ASKED))), columns=ASKED)


def test_criteria_that_go_together_spread_the_total_and_each_by_itself_is_as_before():
    rng = np.random.default_rng(5)
    measures, parts = table(["A", "B"], affected=11.0), []
    for key, dependent in (("A", True), ("B", False)):
        judged = households(rng, 14, dependent)
        parts.append(judged)
        for code in ASKED:
            sampled(measures, key, code, judged[code].sum(), 14, 50)
    judged, unit = pd.concat(parts, ignore_index=True), pd.Series(["A"] * 14 + ["B"] * 14)
    alone, joint = certainty(measures, RULES), joint_certainty(measures, judged, unit, RULES, draws=20_000)
    np.testing.assert_allclose(joint["total_mean"], alone["total_mean"], atol=0.1)
    width = (joint["total_to"] - joint["total_from"]) - (alone["total_to"] - alone["total_from"])
    assert width["A"] > width["B"]
    assert joint.equals(joint_certainty(measures, judged, unit, RULES, draws=20_000)), "the same seed, the same numbers"


def test_houses_and_households_have_each_their_own_number_and_a_blank_answer_is_not_known():
    """20 of 50 houses and of 100 households; of 3a only two said anything."""
    measures = table(["A"], affected=5.0)
    judged = pd.DataFrame({"1c": [True] * 8 + [False] * 12, "3a": pd.array([True, False] + [None] * 18, "boolean")})
    sampled(sampled(measures, "A", "1c", 8, 20, 50), "A", "3a", 1, 2, 100)
    joint = joint_certainty(measures, judged, pd.Series("A", judged.index), RULES, prior=(0.5, 0.5), draws=20_000)
    alone = certainty(measures, RULES, prior=(0.5, 0.5))
    assert joint.loc["A", "total_mean"] == pytest.approx(alone.loc["A", "total_mean"], abs=0.1)
    assert joint.loc["A", "total_to"] - joint.loc["A", "total_from"] >= 4


def test_a_level_is_called_certain_only_where_no_other_is_possible():
    """Twelve RT in which the one household that was asked is affected: very likely is not certain."""
    units = [f"{i:02d}" for i in range(12)]
    measures = table(units, affected=20.0)
    measures.loc[(slice(None), "3a"), ["hits", "answers", "population"]] = [1, 1, 200]
    found = certainty(measures, RULES)
    assert (found["p_slum"] < 0.98).all() and (found["p_likely"] < 1).all()
    assert not certainty_sentence(found.iloc[0], RULES).startswith("Pasti")


def test_weights_move_the_probability_with_the_estimate():
    low = band_probabilities([4], [12], [100], BANDS, share=[4 / 12])[0]
    high = band_probabilities([4], [12], [100], BANDS, share=[0.9])[0]
    assert low[3] < 0.05 < 0.5 < high[3]


def test_units_that_nobody_asked_are_as_without_households():
    measures = table(["A", "B"])
    judged = pd.DataFrame({"3a": [True, False]})
    joint = joint_certainty(measures, judged, pd.Series(["Z", "Z"]), RULES)
    pd.testing.assert_frame_equal(joint, certainty(measures, RULES, prior=(0.5, 0.5)))


# ---------------------------------------------------------------- calibrated


def test_the_probability_of_slum_is_right_as_often_as_it_says():
    """Surveys of 10 to 35 % of the households of the real RT of Kota Pekalongan (2019, 2021, 2023), drawn 30 times.

    Of the RT that are called slum with 50 to 75 %, 50 to 75 % are (within 0.12), and so on. Priors learned from all
    RT of the table are nearer to the truth than a prior that takes every share for equally likely.
    """
    said, true = calibration()
    for told, was, count in bins(said["pooled"], true, np.linspace(0, 1, 5)):
        assert count > 100
        assert abs(was - told) < 0.12
    brier = {name: ((chance - true) ** 2).mean() for name, chance in said.items()}
    assert brier["pooled"] < brier["Jeffreys"] < brier["uniform"]


# ---------------------------------------------------------------- hectares, ranks, what to do next


def test_expected_hectares_and_their_limits_by_hand():
    """Three RT: surely slum (2 ha), perhaps (1.5 ha, 40 %), surely not (3 ha)."""
    chance = pd.Series([1.0, 0.4, 0.0], ["a", "b", "c"])
    area = pd.Series([2.0, 1.5, 3.0], chance.index)
    found = slum_hectares_range(chance, area).loc["all"]
    assert found[["slum_ha_mean", "slum_ha_from", "slum_ha_to"]].tolist() == [2.6, 2.0, 3.5]
    assert found["open_units"] == 1


def test_hectares_of_many_units_are_nearly_normal_and_agree_with_the_exact_sum():
    rng = np.random.default_rng(7)
    chance, area = pd.Series(rng.random(400)), pd.Series(rng.uniform(1, 4, 400).round(2))
    exact = slum_hectares_range(chance, area).iloc[0]
    assert exact["slum_ha_mean"] == pytest.approx(float(chance @ area))
    half = 1.6448536 * float(np.sqrt((chance * (1 - chance) * area**2).sum()))
    assert exact["slum_ha_to"] - exact["slum_ha_mean"] == pytest.approx(half, rel=0.02)


def test_a_unit_without_area_is_counted_and_left_out():
    found = slum_hectares_range(pd.Series([0.5, 0.5]), pd.Series([2.0, np.nan])).iloc[0]
    assert (found["units_without_area"], found["slum_ha_mean"]) == (1, 1.0)


def test_an_rt_that_nobody_visited_is_not_settled_by_averages():
    """Ten criteria known, three of them bad; nothing of the six that only households can answer: 9 to 39 points."""
    index = pd.MultiIndex.from_product([["RT 01"], RULES.codes], names=["unit", "criterion"])
    measures = pd.DataFrame({"affected": 0.0, "total": 50.0}, index)
    measures.loc[("RT 01", ["1a", "2b", "4c"]), "affected"] = 45.0
    measures.loc[("RT 01", ["3a", "3b", "5a", "5b", "6a", "6b"]), "affected"] = np.nan
    row = households_needed(measures, RULES).loc["RT 01"]
    assert pd.isna(row["households"]) and row["p_now"] < 0.95
    measures.loc[("RT 01", ["3a", "3b", "5a", "5b", "6a"]), "affected"] = 0.0
    row = households_needed(measures, RULES).loc["RT 01"]
    assert pd.isna(row["households"]), "15 or 20 points: slum or not"
    measures.loc[("RT 01", "4b"), "affected"] = 45.0
    assert households_needed(measures, RULES).loc["RT 01", "households"] == 0, "20 or 25 points: the same level"


def test_ranks_are_firm_where_levels_are_and_open_where_they_are_not():
    """A 31 and B 30 for certain, C 16 to 45: C may stand first, second or third, A never third unless C is heavier."""
    totals = np.zeros((3, 81))
    totals[0, 31] = totals[1, 30] = 1
    totals[2, [16, 45]] = 0.5
    summary = pd.DataFrame({"consideration": "sedang", "area_used_ha": [1.0, 1, 1]}, ["A", "B", "C"])
    found = rank_stability(totals, summary, RULES)
    assert found[["rank_from", "rank_to"]].astype(int).values.tolist() == [[1, 2], [2, 3], [1, 3]]
    assert found.loc["C", "p_first"] == pytest.approx(0.5, abs=0.05)


def test_a_settled_unit_needs_no_household_and_an_open_one_the_fewest_that_do():
    measures = sampled(sampled(table(["A", "B", "C"]), "A", "3a", 30, 40, 50), "B", "3a", 4, 12, 50)
    measures.loc[("C", "2b"), "affected"] = np.nan
    found = households_needed(measures, RULES)
    assert found.loc["A", "households"] == 0
    needed = int(found.loc["B", "households"])
    assert 0 < needed <= 38 and found.loc["B", "p_then"] >= 0.95
    assert pd.isna(found.loc["C", "households"]), "no household can say in what state a street is"
    assert found.index.tolist() == ["A", "B", "C"]
    more = sampled(table(["B"]), "B", "3a", 4 + needed // 3, 12 + needed, 50)
    assert certainty(more, RULES).loc["B", "p_likely"] > certainty(measures, RULES).loc["B", "p_likely"]


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("chances", "further", "expected"),
    [
        ((0.15, 0.83, 0.02, 0), 9, "Kemungkinan 83 % kumuh ringan, 15 % tidak kumuh, 2 % kumuh sedang; 9 KK lagi"),
        ((0, 1, 0, 0), None, "Pasti kumuh ringan menurut data ini."),
        ((0.004, 0.996, 0, 0), None, "Hampir pasti kumuh ringan"),
        ((0.012, 0.988, 0, 0), 0, "Kemungkinan 99 % kumuh ringan, 1 % tidak kumuh."),
    ],
)
def test_words_are_careful(chances, further, expected):
    row = pd.Series({f"p_level_{k}": p for k, p in enumerate(chances)})
    assert certainty_sentence(row, RULES, further=further).startswith(expected)


def test_words_in_english():
    row = pd.Series({"p_level_0": 0.2, "p_level_1": 0.8, "p_level_2": 0.0, "p_level_3": 0.0})
    assert certainty_sentence(row, RULES, "en", further=4) == (
        "Likely 80 % light slum, 20 % not slum; 4 more households would probably settle it (95 %)."
    )


def test_the_older_rule_has_its_own_levels():
    """Permen PUPR 02/PRT/M/2016: 19 criteria, 0 to 95, slum from 19."""
    rules = load_rules("permen-02-2016")
    index = pd.MultiIndex.from_product([["A"], rules.codes], names=["unit", "criterion"])
    measures = pd.DataFrame({"affected": 30.0, "total": 100.0}, index)
    measures.loc[("A", "3a"), ["hits", "answers", "population"]] = [3, 10, 100]
    found = certainty(measures, rules).loc["A"]
    assert found["p_slum"] == pytest.approx(1 - band_probabilities([3], [10], [100], rules.bands)[0, 0])


# ---------------------------------------------------------------- works after a sample


def sampled_rt(hits=6, answers=12, population=48):
    """One RT in which 3a was asked of a sample and everything else is fine."""
    rules = load_rules()
    index = pd.MultiIndex.from_product([["RT 01"], rules.codes], names=["unit", "criterion"])
    m = pd.DataFrame({"affected": 0.0, "total": float(population), "source": "survey"}, index)
    m["hits"] = m["answers"] = m["population"] = np.nan
    m.loc[("RT 01", "3a"), ["affected", "hits", "answers", "population"]] = [24.0, hits, answers, population]
    return rules, m


def test_after_works_a_sampled_volume_is_as_uncertain_as_before_only_smaller():
    """P(affected - 15 reaches a band) is that of the affected, counted by hand from the beta-binomial."""
    rules, before = sampled_rt()
    works = pd.DataFrame({"unit": ["RT 01"], "criterion": ["3a"], "volume": [15]})
    after = after_works(before, works)
    row = after.loc[("RT 01", "3a")]
    assert (row["affected"], row["source"], row["handled"]) == (9.0, "scenario", 15.0)
    assert (row["hits"], row["answers"], row["population"]) == (6, 12, 48), "what was asked stays what was asked"
    chance = score_probabilities(after, rules, prior=(0.5, 0.5))[1][0, rules.codes.index("3a")]
    others = betabinom(36, 0.5 + 6, 0.5 + 6)
    need = [12, 25, 37]  # of 48 households: 24,995 %, 50,995 %, 75,995 %
    reach = [others.sf(limit + 15 - 6 - 1) for limit in need]
    assert chance == pytest.approx(-np.diff([1, *reach, 0]), abs=1e-9)


def test_works_in_two_steps_are_works_at_once_and_none_is_none():
    rules, before = sampled_rt()
    one = after_works(before, pd.DataFrame({"unit": ["RT 01"], "criterion": ["3a"], "volume": [15]}))
    first = after_works(before, pd.DataFrame({"unit": ["RT 01"], "criterion": ["3a"], "volume": [10]}))
    two = after_works(first, pd.DataFrame({"unit": ["RT 01"], "criterion": ["3a"], "volume": [5]}))
    assert np.allclose(score_probabilities(one, rules)[1], score_probabilities(two, rules)[1])
    none = after_works(before, pd.DataFrame({"unit": ["RT 01"], "criterion": ["2b"], "volume": [5]}))
    assert np.allclose(score_probabilities(none, rules)[1], score_probabilities(before, rules)[1])
    assert "handled" not in none, "a volume that was not sampled needs no such column"


def test_works_never_make_slum_more_likely():
    rules, before = sampled_rt(hits=11)
    before.loc[("RT 01", "3b"), ["affected", "hits", "answers", "population"]] = [44.0, 11, 12, 48]
    told = [certainty(before, rules)["total_mean"].iloc[0]]
    for volume in (5, 20, 40, 60):
        works = pd.DataFrame({"unit": ["RT 01"], "criterion": ["3a"], "volume": [volume]})
        told.append(certainty(after_works(before, works), rules)["total_mean"].iloc[0])
    assert told == sorted(told, reverse=True) and told[-1] < told[0]
    left = households_needed(after_works(before, works), rules)
    assert 0 <= left["p_now"].iloc[0] <= 1
