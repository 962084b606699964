"""How sure a kawasan of sampled RT is: against enumeration, simulation, its own RT and invented truths."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

import kumuhgis as kg
from kumuhgis.posterior import affected_masses
from kumuhgis.rules import load_rules

RULES = load_rules()
PRIOR = (0.5, 0.5)


def measured(units, **columns):
    """Volumes of 20 in 50 for every unit and criterion; columns replace cells: {name: {(unit, criterion): value}}."""
    index = pd.MultiIndex.from_product([units, RULES.codes], names=["unit", "criterion"])
    frame = pd.DataFrame({"affected": 20.0, "total": 50.0}, index)
    for name, cells in columns.items():
        frame[name] = frame.get(name, np.nan)
        for key, value in cells.items():
            frame.loc[key, name] = value
    return frame


def sampled(units, code, hits, answers, population):
    keys = [(unit, code) for unit in units]
    return {
        "hits": dict(zip(keys, hits, strict=True)),
        "answers": dict(zip(keys, answers, strict=True)),
        "population": dict(zip(keys, population, strict=True)),
        "total": dict(zip(keys, map(float, population), strict=True)),
    }


def bands(share):
    """Score percents as the rule does."""
    return np.array(RULES.bands.score)[np.searchsorted(np.array(RULES.bands.lower) - 0.005, share, side="right")]


def in_group(units):
    return pd.Series("K", index=units)


def test_a_group_of_one_unit_is_as_sure_as_the_unit():
    frame = measured(["A"], **sampled(["A"], "3a", [4], [12], [50]))
    alone = kg.certainty(frame, RULES, prior=PRIOR).loc["A"]
    group = kg.group_certainty(frame, in_group(["A"]), RULES, prior=PRIOR).loc["K"]
    for column in ("p_slum", "p_level_0", "p_level_1", "total_mean"):
        assert group[column] == pytest.approx(alone[column], abs=1e-12), column


def test_what_was_counted_is_certain_and_comes_to_the_roll_up():
    units = ["A", "B", "C"]
    frame = measured(units, affected={("A", "2b"): 50.0, ("B", "2b"): 0.0})
    group = kg.group_certainty(frame, in_group(units), RULES, prior=PRIOR).loc["K"]
    rolled = kg.score(kg.roll_up(frame, in_group(units), RULES), RULES)[1].loc["K"]
    assert group["level_likely"] == rolled["level"] and group["p_likely"] == 1
    assert group["total_mean"] == rolled["total_low"] == rolled["total_high"]


def test_a_sum_of_samples_is_what_enumeration_says():
    """Three RT of 6, 5 and 7 households, of which 2, 3 and 2 were asked: every outcome, one by one."""
    units, (hits, answers, population) = ["A", "B", "C"], ([1, 2, 0], [2, 3, 2], [6, 5, 7])
    frame = measured(units, **sampled(units, "3a", hits, answers, population))
    masses = affected_masses(hits, answers, population, prior=PRIOR)
    mean = 0.0
    for outcome in product(*(range(len(chances)) for _, chances in masses)):
        chance = np.prod([chances[k] for k, (_, chances) in zip(outcome, masses, strict=True)])
        affected = sum(first + k for k, (first, _) in zip(outcome, masses, strict=True))
        percent = round(100 * affected / sum(population) + 1e-9, 2)
        mean += chance * RULES.bands.score[np.searchsorted(RULES.bands.lower, percent, side="right")]
    group = kg.group_certainty(frame, in_group(units), RULES, prior=PRIOR).loc["K"]
    assert group["total_mean"] == pytest.approx(15 + mean, abs=1e-9), "fifteen criteria of 40 % score 1 each"


def test_samples_that_count_differently_agree_with_simulation():
    """Where a household stands for more than one building the sum is normal: within two points of 200,000 draws."""
    units = [f"{n}" for n in range(6)]
    hits, answers, population = [5, 3, 6, 4, 2, 5], [12] * 6, [40, 55, 48, 60, 44, 52]
    frame = measured(units, **sampled(units, "7b", hits, answers, population))
    worth = [1.2, 1.0, 1.4, 1.1, 1.0, 1.3]
    for unit, w, all_ in zip(units, worth, population, strict=True):
        frame.loc[(unit, "7b"), "total"] = w * all_
    rng = np.random.default_rng(3)
    draws = np.zeros(200_000)
    for (first, chances), w in zip(affected_masses(hits, answers, population, prior=PRIOR), worth, strict=True):
        draws += w * (first + rng.choice(len(chances), draws.size, p=chances))
    percent = 100 * draws / sum(w * p for w, p in zip(worth, population, strict=True))
    score = bands(percent)
    group = kg.group_certainty(frame, in_group(units), RULES, prior=PRIOR).loc["K"]
    assert group["total_mean"] == pytest.approx(15 + score.mean(), abs=0.02)


def test_what_is_missing_beside_a_sample_lies_between_none_and_all():
    units = ["A", "B"]
    frame = measured(units, **sampled(["A"], "3a", [20], [20], [20]))  # 20 of 20 are affected in A, for certain
    frame.loc[("B", "3a"), ["affected", "total"]] = [np.nan, 60.0]
    group = kg.group_certainty(frame, in_group(units), RULES, prior=PRIOR).loc["K"]
    share = (20 + np.linspace(0, 60, 60_001)) / 80 * 100
    score = np.array(RULES.bands.score)[np.searchsorted(np.array(RULES.bands.lower) - 0.005, share, side="right")]
    assert group["total_mean"] == pytest.approx(15 + score.mean(), abs=0.05)


@pytest.mark.parametrize("beside", [True, False])
def test_missing_volumes_of_several_rt_are_independent(beside):
    """Three RT of 50 households of which nothing is known, with a sampled one or without: against 400,000 draws."""
    rng, missing = np.random.default_rng(4), ["B", "C", "D"]
    units = ["A", *missing] if beside else missing
    frame = measured(units, **sampled(["A"], "3a", [4], [12], [60])) if beside else measured(units)
    for unit in missing:
        frame.loc[(unit, "3a"), "affected"] = np.nan
    (first, chances), *_ = affected_masses([4], [12], [60], prior=PRIOR)
    draws = rng.uniform(0, 50, (400_000, 3)).sum(axis=1)
    if beside:
        draws += first + rng.choice(len(chances), len(draws), p=chances)
    expected = bands(100 * draws / (150 + 60 * beside)).mean()
    group = kg.group_certainty(frame, in_group(units), RULES, prior=PRIOR).loc["K"]
    assert group["total_mean"] == pytest.approx(15 + expected, abs=0.02)


@pytest.mark.parametrize("totals", [[1000] + [1] * 30, [400] + [20] * 30, [50] * 40])
def test_many_missing_volumes_of_unequal_size_are_not_taken_for_normal(totals):
    rng, units = np.random.default_rng(8), [f"{n}" for n in range(len(totals))]
    frame = measured(units)
    for unit, total in zip(units, totals, strict=True):
        frame.loc[(unit, "3a"), ["affected", "total"]] = [np.nan, total]
    draws = rng.uniform(0, totals, (200_000, len(totals))).sum(axis=1)
    expected = bands(100 * draws / sum(totals)).mean()
    group = kg.group_certainty(frame, in_group(units), RULES, prior=PRIOR).loc["K"]
    assert group["total_mean"] == pytest.approx(15 + expected, abs=0.03)


def test_works_take_no_more_from_a_kawasan_than_their_own_rt_has():
    """3 of 12 and 9 of 12 asked; 40 of the first RT's 50 households are handled, so the second's stay."""
    units, rng = ["A", "B"], np.random.default_rng(5)
    frame = measured(units, **sampled(units, "5b", [3, 9], [12, 12], [50, 50]))
    frame["handled"] = np.nan
    frame.loc[("A", "5b"), "handled"] = 40.0
    parts = affected_masses([3, 9], [12, 12], [50, 50], prior=PRIOR)
    a, b = (first + rng.choice(len(c), 400_000, p=c) for first, c in parts)
    expected = bands(100 * (np.maximum(a - 40, 0) + b) / 100).mean()
    group = kg.group_certainty(frame, in_group(units), RULES, prior=PRIOR).loc["K"]
    assert group["total_mean"] == pytest.approx(15 + expected, abs=0.01)


def test_hundreds_of_samples_are_added_exactly():
    """By Fourier transform as by convolving one after the other."""
    rng = np.random.default_rng(6)
    units = [f"{n}" for n in range(300)]
    answers, population = [12] * 300, rng.integers(20, 120, 300).tolist()
    hits = rng.binomial(12, 0.26, 300).tolist()
    frame = measured(units, **sampled(units, "3a", hits, answers, population))
    masses, total, least = affected_masses(hits, answers, population, prior=PRIOR), np.ones(1), 0
    for first, chances in masses:
        total, least = np.convolve(total, chances), least + first
    percent = 100 * (least + np.arange(len(total))) / sum(population)
    group = kg.group_certainty(frame, in_group(units), RULES, prior=PRIOR).loc["K"]
    assert group["total_mean"] == pytest.approx(15 + total @ bands(percent), abs=1e-9)
    assert group["p_likely"] < 1, "what is nearly impossible is not impossible"


def test_a_margin_of_measured_volumes_is_carried_into_the_sum():
    units = ["A", "B"]
    frame = measured(
        units, affected={("A", "2b"): 12.5, ("B", "2b"): 12.5}, margin={("A", "2b"): 5.0, ("B", "2b"): 5.0}
    )
    group = kg.group_certainty(frame, in_group(units), RULES, prior=PRIOR).loc["K"]
    assert group["total_mean"] == pytest.approx(15.5, abs=0.01), "25 % in the middle: as often above as below"


def test_nine_in_ten_intervals_of_kawasan_hold_the_truth():
    """400 invented kawasan of five RT, a quarter of the households asked: the total lies inside the interval."""
    rng, inside = np.random.default_rng(11), 0
    units, codes = [f"{n}" for n in range(5)], ["3a", "3b", "5a", "5b", "6a", "6b"]
    for _ in range(400):
        frame, truth = measured(units), measured(units)
        for code in ("hits", "answers", "population"):
            frame[code] = np.nan
        for criterion, unit in product(codes, units):
            size = int(rng.integers(40, 80))
            affected = int(rng.binomial(size, rng.beta(2, 3)))
            asked = size // 4
            hits = int(rng.hypergeometric(affected, size - affected, asked))
            key = (unit, criterion)
            truth.loc[key, ["affected", "total"]] = [affected, size]
            frame.loc[key, ["affected", "total", "hits", "answers", "population"]] = [np.nan, size, hits, asked, size]
        total = kg.score(kg.roll_up(truth, in_group(units), RULES), RULES)[1].loc["K", "total_low"]
        found = kg.group_certainty(frame, in_group(units), RULES, prior=(2, 3)).loc["K"]
        inside += found["total_from"] <= total <= found["total_to"]
    assert 0.87 <= inside / 400 <= 0.99
