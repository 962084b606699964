"""Estimators against svy (an independent package) and against Cochran's figures; samples shared out fairly."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kumuhgis.errors import problems_frame
from kumuhgis.estimates import allocate, estimate, sample_size, slovin
from kumuhgis.rules import load_rules
from kumuhgis.samples import tabulate
from kumuhgis.surveying import _weighted

RULES = load_rules()


def population(seed):
    """A drawn survey: 3 strata of different size, clusters of 4 households, unequal weights."""
    rng = np.random.default_rng(seed)
    n = 96
    return pd.DataFrame({
        "y": (rng.random(n) < 0.35).astype(float),
        "x": rng.integers(1, 8, n).astype(float),
        "stratum": np.repeat(["a", "b", "c"], [24, 32, 40]),
        "cluster": np.arange(n) // 4,
        "weight": rng.uniform(2, 9, n),
    })  # fmt: skip


SIZES = {"a": 100, "b": 90, "c": 400}
CLUSTERS = {"a": 20, "b": 15, "c": 60}
DESIGNS = {
    "simple": {"population": 500},
    "simple, very large": {},
    "weights": {"weight": "weight"},
    "stratified": {"stratum": "stratum", "population": SIZES},
    "clusters": {"cluster": "cluster", "weight": "weight"},
    "clusters in strata": {"stratum": "stratum", "cluster": "cluster", "weight": "weight", "population": CLUSTERS},
}


def by_svy(frame, design, kind):
    svy, polars = pytest.importorskip("svy", reason="svy is not installed"), pytest.importorskip("polars")
    data = frame.assign(one=1.0, cluster=frame["cluster"].astype(str))
    sizes, words = design.get("population"), {}
    if "weight" in design:
        words["wgt"] = "weight"
    else:
        drawn = data.groupby("stratum")["y"].transform("size") if "stratum" in design else len(data)
        size = data["stratum"].map(sizes) if isinstance(sizes, dict) else sizes
        data["even"] = 1.0 if size is None else size / drawn
        words["wgt"] = "even"
    if sizes is not None:
        data["size"] = (data["stratum"].map(sizes) if isinstance(sizes, dict) else float(sizes)) * 1.0
        words["pop_size"] = "size"
    words |= {"stratum": "stratum"} if "stratum" in design else {}
    words |= {"psu": "cluster"} if "cluster" in design else {}
    sample = svy.Sample(polars.from_pandas(data), svy.Design(**words))
    found = sample.estimation.ratio("y", "x") if kind == "ratio" else getattr(sample.estimation, kind)("y")
    (row,) = found.estimates
    return row.est, row.se


@pytest.mark.parametrize("kind", ["mean", "total", "ratio"])
@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_estimates_and_standard_errors_are_those_of_svy(name, kind, seed):
    frame, design = population(seed), DESIGNS[name]
    if kind == "total" and name == "simple, very large":
        pytest.skip("a total of an endless population")
    how = {key: frame[column] for key, column in design.items() if key != "population"}
    got = estimate(frame["y"], kind=kind, x=frame["x"], population=design.get("population"), **how)
    value, se = by_svy(frame, design, kind)
    assert got.value == pytest.approx(value, rel=1e-6)
    assert got.se == pytest.approx(se, rel=1e-6)


def test_a_full_count_has_no_error_and_a_single_answer_an_unknown_one():
    assert estimate([1, 0, 1, 1], population=4).se == 0.0
    assert math.isnan(estimate([1], population=9).se)


def test_missing_answers_are_left_out():
    found = estimate(pd.array([True, None, False, True], "boolean"), population=10)
    assert (found.n, found.value) == (3, pytest.approx(2 / 3))


@pytest.mark.parametrize(
    ("households", "margin", "by_slovin", "by_cochran"),
    [
        (100, 0.05, 80, 80),
        (250, 0.1, 72, 70),
        (60, 0.1, 38, 38),
        (5000, 0.05, 371, 357),
        (3, 0.1, 3, 3),
        (0, 0.1, 0, 0),
    ],
)
def test_sizes_of_samples_by_hand(households, margin, by_slovin, by_cochran):
    """Slovin: N / (1 + N e²). Cochran (1977), 4.4: n0 = 1.96² · 0.25 / e², n = n0 / (1 + (n0 - 1) / N)."""
    assert (slovin(households, margin), sample_size(households, margin)) == (by_slovin, by_cochran)


@given(st.lists(st.integers(0, 120), min_size=1, max_size=30), st.integers(0, 900), st.integers(0, 8))
@settings(max_examples=200, deadline=None)
def test_a_sample_is_shared_out_whole_and_nobody_is_asked_twice(sizes, n, least):
    sizes = pd.Series(sizes)
    given_ = allocate(sizes, n, least=least)
    assert (given_ <= sizes).all() and (given_ >= np.minimum(sizes, least)).all()
    assert given_.sum() == min(sizes.sum(), max(n, np.minimum(sizes, least).sum()))
    if least == 0 and n <= sizes.sum() and sizes.sum():
        assert (abs(given_ - n * sizes / sizes.sum()) < 1).all(), "never a whole household from the exact share"


# ---------------------------------------------------------------- from answers to measures


def survey(**units):
    """Households by unit: a text of answers to 3a, y affected, n not, ? no answer."""
    marks = {"y": True, "n": False, "?": None}
    rows = [(key, marks[mark]) for key, marked in units.items() for mark in marked]
    judged = pd.DataFrame({"3a": pd.array([a for _, a in rows], "boolean")})
    return judged, pd.Series([key for key, _ in rows], judged.index)


@pytest.mark.parametrize(
    ("answers", "households", "affected", "total", "effective"),
    [
        ("yynn", 4, 2, 4, 4),  # a full count
        ("yynn", 40, 20, 40, 4),  # a sample
        ("yyyynnnnn?", 30, 13.33333333, 30, 9),  # one did not answer this question
        ("yynnn", 3, 2, 5, 5),  # more than the list knows: all that answered
    ],
)
def test_answers_become_volumes(answers, households, affected, total, effective):
    judged, unit = survey(A=answers)
    rows, _ = tabulate(judged, unit, pd.DataFrame({"households": [households]}, ["A"]), RULES)
    row = rows.loc[("A", "3a")]
    assert row[["affected", "total", "effective"]].tolist() == pytest.approx([affected, total, effective])
    assert row["source"] == "survey"


def test_a_unit_whose_households_nobody_counted_has_no_volume_but_keeps_its_answers():
    judged, unit = survey(A="yn")
    rows, problems = tabulate(judged, unit, pd.DataFrame({"households": [np.nan]}, ["A"]), RULES)
    row = rows.loc[("A", "3a")]
    assert np.isnan(row["affected"]) and np.isnan(row["total"]) and row["answers"] == 2
    assert "answers_total_missing" in {p.code for p in problems}


def test_what_is_doubtful_is_said_with_the_unit():
    judged, unit = survey(A="yynnn", B="yn", Z="y", D="y" * 10)
    judged = pd.concat([judged, pd.DataFrame({"3a": [True]})], ignore_index=True)
    unit = pd.concat([unit, pd.Series([None])], ignore_index=True)
    totals = pd.DataFrame({"households": [3, 40, 90]}, ["A", "B", "D"])
    _, problems = tabulate(judged, unit, totals, RULES, selected=pd.Series({"D": 30}))
    found = {(p.code, p.feature) for p in problems}
    assert found == {
        ("answers_more_than_listed", "A"), ("answers_few", "B"), ("answers_unit_unknown", "Z"),
        ("answers_without_unit", ""), ("answers_low_response", "D"),
    }  # fmt: skip
    assert problems_frame(problems)["message"].str.contains("10 dari 30").any()


def test_a_criterion_that_few_can_be_judged_by_stays_open_between_what_is_known():
    """ "Any of these" is settled by one yes, and only by every no: blanks would push the share up.

    10 of 120 are known to be affected, 3 not to be; the share of those asked is no limit of those who were not.
    """
    judged, unit = survey(A="y" * 10 + "n" * 3 + "?" * 50)
    rows, problems = tabulate(judged, unit, pd.DataFrame({"households": [120]}, ["A"]), RULES)
    row = rows.loc[("A", "3a")]
    assert np.isnan(row["affected"]) and np.isnan(row["hits"])
    assert row[["affected_low", "affected_high"]].tolist() == [10, 117]
    assert "answers_undecided" in {p.code for p in problems}


def test_answers_of_one_cluster_are_worth_what_those_of_other_units_are():
    """24 households of A in one cluster; in B six clusters of four show that clusters differ."""
    judged, unit = survey(A="ynyn" * 6, B="yyyy" + "nnnn" + "ynnn" + "yyyn" + "nnnn" + "yyyy")
    cluster = pd.Series(["a"] * 24 + [f"b{i // 4}" for i in range(24)])
    totals = pd.DataFrame({"households": [90, 90]}, ["A", "B"])
    rows, problems = tabulate(judged, unit, totals, RULES, cluster=cluster)
    worth = rows["effective"].xs("3a", level="criterion")
    assert worth["A"] == pytest.approx(worth["B"]) and worth["B"] < 12
    assert [p.feature for p in problems if p.code == "answers_one_cluster"] == ["A"]
    alone, _ = tabulate(judged[:24], unit[:24], totals, RULES, cluster=cluster[:24])
    assert alone.loc[("A", "3a"), "effective"] == 1, "no more than one household, where nothing else is known"


def test_clusters_that_are_alike_inside_and_outside_are_worth_one_answer_each():
    judged, unit = survey(A="y" * 12)
    cluster = pd.Series([f"c{i // 4}" for i in range(12)])
    rows, _ = tabulate(judged, unit, pd.DataFrame({"households": [90]}, ["A"]), RULES, cluster=cluster)
    assert rows.loc[("A", "3a"), "effective"] == 3


@pytest.mark.parametrize("answers", ["", "???"])
def test_a_survey_without_any_answer_is_no_volume_and_no_failure(answers):
    judged, unit = survey(**({"A": answers, "Z": "?"} if answers else {}))
    rows, problems = tabulate(judged, unit, pd.DataFrame({"households": [9]}, ["A"]), RULES)
    assert rows.empty and rows.index.names == ["unit", "criterion"]
    assert ("answers_unit_unknown" in {p.code for p in problems}) == bool(answers)


def test_houses_are_seen_through_their_households_and_a_sample_stays_one():
    """45 of 60 households, in 40 houses: three quarters of the houses, not all of them."""
    judged = pd.DataFrame({"7b": [True] * 30 + [False] * 15})
    totals = pd.DataFrame({"households": [60], "buildings": [40]}, ["A"])
    rows, problems = tabulate(judged, pd.Series("A", judged.index), totals, RULES)
    row = rows.loc[("A", "7b")]
    assert row[["hits", "answers", "population"]].tolist() == [20, 30, 40]
    assert row["affected"] == pytest.approx(40 * 2 / 3, abs=0.1) and problems == []


def test_clusters_and_weights_leave_fewer_answers_than_were_given():
    """Ten houses in two alleys that answer alike are worth little more than two answers."""
    judged, unit = survey(A="yyyyynnnnn")
    totals = pd.DataFrame({"households": [100]}, ["A"])
    alleys = pd.Series(["x"] * 5 + ["y"] * 5)
    assert tabulate(judged, unit, totals, RULES, cluster=alleys)[0].loc[("A", "3a"), "effective"] < 3
    weight = pd.Series([9.0] * 2 + [1.0] * 8)
    row = tabulate(judged, unit, totals, RULES, weight=weight)[0].loc[("A", "3a")]
    assert row["affected"] == pytest.approx(5 + 90 * 21 / 26), "five were counted, the other 90 are expected"
    assert row["effective"] < 10


def test_criteria_of_buildings_are_counted_against_buildings():
    judged = pd.DataFrame({"7b": [True, True, False, False]})
    totals = pd.DataFrame({"households": [50], "buildings": [44]}, ["A"])
    rows, _ = tabulate(judged, pd.Series("A", judged.index), totals, RULES)
    assert rows.loc[("A", "7b"), ["affected", "total"]].tolist() == [22.0, 44.0]


def test_households_without_a_weight_are_left_out_and_said():
    households = pd.DataFrame({"unit": ["A"] * 3, "weight": [2.0, np.nan, 0.0]})
    kept, problems = _weighted(households)
    assert kept["weight"].tolist() == [2.0]
    assert [(p.code, p.params["count"]) for p in problems] == [("answers_weights", 2)]
    assert "weight" not in _weighted(households.assign(weight=np.nan))[0]
