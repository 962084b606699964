"""The kernel: percent, score, total, level; missing, roll-up, fragile. Rule texts are quoted beside their cases."""

from decimal import ROUND_HALF_UP, Decimal, localcontext

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kumuhgis.kernel import percents, score_arrays
from kumuhgis.longform import long_table, matrices
from kumuhgis.rules import load_rules
from kumuhgis.scores import combine, results, roll_up, score
from kumuhgis.trace import explain, fragile_sentence, same_rules, sensitivity

RULES = load_rules("permen-14-2018")
RULES_2016 = load_rules("permen-02-2016")

# "Percent = 100 × volume / total, rounded to 2 decimals half away from zero (as Excel and PHP do)". "0/0 is 0 %. A
# volume over a zero total is an error in the record. Percents may exceed 100 or be negative: keep."
PERCENTS = [
    # volume, total, percent
    (1, 32, 3.13),  # 3.125: binary round() gives 3.12
    (1, 800, 0.13),  # 0.125
    (-1, 800, -0.13),  # away from zero on both sides
    (21, 32, 65.63),  # 65.625
    (0, 0, 0.0),
    (5, 0, np.nan),
    (5, -1, np.nan),
    (np.nan, 10, np.nan),
    (10, np.nan, np.nan),
    (0, np.nan, np.nan),  # missing is not zero
    (1.0, 0.57, 175.44),
    (-2.7, 0.91, -296.7),
    (0.28785, 10, 2.88),  # 2.8785
    (1.005, 100, 1.01),  # 1.005 as written; its binary neighbour is below
    (0.615, 12, 5.13),  # 5.125
    (0.1, 0.3, 33.33),
    (1e-9, 1, 0.0),
    (2, 3, 66.67),
]


@pytest.mark.parametrize(("volume", "total", "percent"), PERCENTS)
def test_percent(volume, total, percent):
    np.testing.assert_equal(percents([volume], [total])[0], percent)


def written(value):
    return Decimal(repr(value))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(-(10**7), 10**7), st.integers(1, 10**7), st.integers(0, 6), st.integers(0, 6), st.booleans()
        ),
        min_size=1,
        max_size=50,
    )
)
def test_percent_is_exact_in_the_decimals_that_were_written(cells):
    volume = np.array([a / 10**p for a, _, p, _, _ in cells])
    total = np.array([t / 10**q for _, t, _, q, _ in cells])
    ours = percents(volume, total)
    with localcontext(prec=60):
        for a, t, percent in zip(volume.tolist(), total.tolist(), ours.tolist(), strict=True):
            exact = 100 * written(a) / written(t)
            if abs(exact) < 10**6:
                assert percent == float(exact.quantize(Decimal("0.01"), ROUND_HALF_UP)), (a, t)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 4000), st.integers(0, 9999), st.integers(0, 4))
def test_percent_is_exact_on_ties(total, hundredths, decimals):
    """Built so that 100 × volume / total ends exactly in half a hundredth."""
    total = total * 200 / 10**decimals
    with localcontext(prec=60):
        volume = written(total) * (Decimal(hundredths) + Decimal("0.5")) / 10000
        if float(volume).is_integer() or -volume.as_tuple().exponent <= 9:
            assert percents([float(volume)], [total])[0] == float(Decimal(hundredths + 1) / 100)


# "Nilai, from the rounded percent: <25 → 0; 25 ≤ p < 51 → 1; 51 ≤ p < 76 → 3; p ≥ 76 → 5. The gaps of the printed bands
# go down (50.91 → 1; 75.91 → 3)." The R0 workbook cuts at 24.995 / 50.995 / 75.995 %.
SCORES = [
    (24.99, 0),
    (24.994, 0),
    (24.995, 1),
    (25, 1),
    (50, 1),
    (50.91, 1),
    (50.994, 1),
    (50.995, 3),
    (51, 3),
    (75.91, 3),
    (75.994, 3),
    (75.995, 5),
    (76, 5),
    (100, 5),
    (100.99, 5),
    (175.44, 5),
    (-43.46, 0),
    (0, 0),
]


@pytest.mark.parametrize(("percent", "expected"), SCORES)
def test_score_of_a_percent(percent, expected):
    affected = np.full((1, 16), percent)
    assert score_arrays(affected, np.full((1, 16), 100.0), RULES).score[0].tolist() == [expected] * 16


def one(affected, total=100.0, unit="RT 01", rules=RULES):
    index = pd.MultiIndex.from_product([[unit], rules.codes], names=["unit", "criterion"])
    values = dict.fromkeys(rules.codes, affected) if np.isscalar(affected) else affected
    return pd.DataFrame({"affected": [float(values[c]) for c in rules.codes], "total": total}, index)


def with_total(total, rules=RULES):
    """Make a unit with this total score, from scores of 5, 3 and 1."""
    percents_ = []
    for value, percent in ((5, 80.0), (3, 60.0), (1, 30.0)):
        while total >= value and len(percents_) < len(rules.codes):
            percents_.append(percent)
            total -= value
    assert total == 0
    return one(dict(zip(rules.codes, percents_ + [0.0] * 19, strict=False)), rules=rules)


# "<16 tidak kumuh, 16–37 kumuh ringan, 38–59 kumuh sedang, 60–80 kumuh berat" (14/2018);
# "<19 tidak kumuh, 19–44 ringan, 45–70 sedang, 71–95 berat" (02/2016)
LEVELS = [
    (RULES, 0, "tidak kumuh"),
    (RULES, 15, "tidak kumuh"),
    (RULES, 16, "kumuh ringan"),
    (RULES, 37, "kumuh ringan"),
    (RULES, 38, "kumuh sedang"),
    (RULES, 59, "kumuh sedang"),
    (RULES, 60, "kumuh berat"),
    (RULES, 80, "kumuh berat"),
    (RULES_2016, 18, "tidak kumuh"),
    (RULES_2016, 19, "kumuh ringan"),
    (RULES_2016, 44, "kumuh ringan"),
    (RULES_2016, 45, "kumuh sedang"),
    (RULES_2016, 70, "kumuh sedang"),
    (RULES_2016, 71, "kumuh berat"),
    (RULES_2016, 95, "kumuh berat"),
]


@pytest.mark.parametrize(("rules", "total", "level"), LEVELS)
def test_level_of_a_total(rules, total, level):
    _, summary = score(with_total(total, rules), rules)
    assert summary.loc["RT 01", "total_score"] == total
    assert summary.loc["RT 01", "level"] == level


@pytest.mark.parametrize(("rules", "worst"), [(RULES, 80), (RULES_2016, 95)])
def test_all_best_is_nothing_and_all_worst_is_everything(rules, worst):
    assert score(one(0, rules=rules), rules)[1]["total_score"].tolist() == [0]
    assert score(one(100, rules=rules), rules)[1]["total_score"].tolist() == [worst]


# ---------------------------------------------------------------- missing


def test_missing_makes_the_total_an_interval_and_names_what_decides():
    """15 known and 7b missing: 15 to 20, so it may be tidak kumuh or kumuh ringan, and 7b decides."""
    measures = with_total(15)
    measures.loc[("RT 01", "7b"), "affected"] = np.nan
    scores, summary = score(measures, RULES)
    row = summary.loc["RT 01"]
    assert (row["total_low"], row["total_high"]) == (15, 20)
    assert pd.isna(row["total_score"])
    assert pd.isna(row["level"])
    assert row["levels_possible"] == "tidak kumuh | kumuh ringan"
    assert row["deciding"] == "7b"
    assert pd.isna(scores.loc[("RT 01", "7b"), "score"])
    assert pd.isna(row["aspect_7_mean"])
    assert pd.isna(row["sektoral"])
    assert pd.isna(row["fragile"])


def test_a_level_that_the_missing_cannot_change_is_set():
    measures = with_total(20)
    measures.loc[("RT 01", "7b"), "total"] = np.nan
    row = score(measures, RULES)[1].loc["RT 01"]
    assert row["level"] == "kumuh ringan"
    assert pd.isna(row["total_score"])
    assert row["deciding"] == ""


def test_where_no_single_criterion_decides_all_are_named():
    measures = one(np.nan)
    assert score(measures, RULES)[1].loc["RT 01", "deciding"] == ", ".join(RULES.codes)


# ---------------------------------------------------------------- aspect means


def test_plain_and_gated_means_differ_and_the_total_does_not():
    """`plain`: mean of the rounded percents; `gated`: criteria with nilai 0 count as 0 %. Never changes nilai."""
    measures = one({c: 0.0 for c in RULES.codes} | {"2a": 21.54, "2b": 56.15})
    plain, gated = score(measures, RULES)[1].loc["RT 01"], score(measures, RULES, means="gated")[1].loc["RT 01"]
    assert plain["aspect_2_mean"] == 38.85  # (21.54 + 56.15) / 2 = 38.845, half away from zero
    assert gated["aspect_2_mean"] == 28.08  # 28.075
    assert plain["sektoral"] == 5.55
    assert plain["total_score"] == gated["total_score"] == 3


def test_negative_means_round_away_from_zero():
    """KawanKu, sheet 11/618/3547: (−296.57 + 42.86 + 0) / 3 = −84.57."""
    measures = one({c: 0.0 for c in RULES.codes} | {"4a": -296.57, "4b": 42.86})
    assert score(measures, RULES)[1].loc["RT 01", "aspect_4_mean"] == -84.57


# ---------------------------------------------------------------- roll-up


def test_roll_up_sums_volumes_and_never_averages():
    both = pd.concat([one(50.0, 100.0, "A"), one(0.0, 300.0, "B")])
    rolled = roll_up(both, pd.Series({"A": "X", "B": "X"}), RULES)
    assert score(rolled, RULES)[0].loc[("X", "1a"), "percent"] == 12.5  # the mean of percents would be 25


def test_a_roll_up_with_a_missing_volume_is_an_interval_as_narrow_as_its_total_allows():
    both = pd.concat([one(0.0, 900.0, "A"), one(np.nan, 100.0, "B")])
    scores, summary = score(roll_up(both, pd.Series({"A": "X", "B": "X"}), RULES), RULES)
    assert scores["percent"].isna().all()
    assert (scores["score_high"] == 0).all()  # at most 100 of 1000
    assert summary.loc["X", "level"] == "tidak kumuh"


def test_units_without_a_group_do_not_enter_a_group():
    both = pd.concat([one(50.0, 100.0, "A"), one(0.0, 300.0, "B")])
    assert roll_up(both, pd.Series({"A": "X", "B": None}), RULES).index.get_level_values(0).unique().tolist() == ["X"]


# ---------------------------------------------------------------- fragile


def test_fragile_says_which_criterion_how_far_in_percent_and_volume():
    """15 points; one band more on 7b (0 → 1) makes 16. 25 % of 48 KK is 12, nine are there: three more."""
    measures = with_total(15)
    measures.loc[("RT 01", "3a"), :] = [9.0, 48.0]
    measures.loc[("RT 01", "1a"), :] = [80.0, 100.0]
    measures.loc[[("RT 01", c) for c in ("1a", "1b", "1c")], "affected"] = 99.0
    row = score(measures, RULES)[1].loc["RT 01"]
    total = int(row["total_score"])
    assert row["fragile_criterion"] == "3a"
    assert row["fragile_direction"] == ("worse" if total < 16 else "better")
    assert (row["fragile_percent"], row["fragile_volume"]) == (6.25, 3.0)
    assert "3 KK" in fragile_sentence(row, RULES)
    assert "3 KK" in fragile_sentence(row, RULES, "en")


def test_a_unit_far_from_its_limits_is_not_fragile():
    row = score(with_total(27), RULES)[1].loc["RT 01"]
    assert not row["fragile"]
    assert fragile_sentence(row, RULES) == ""


def test_a_criterion_without_a_total_cannot_move():
    measures = with_total(15)
    measures.loc[measures["affected"] == 0, "total"] = 0.0
    row = score(measures, RULES)[1].loc["RT 01"]
    assert row["fragile_criterion"] in ("", "1a", "1b", "1c")  # only what is there can change


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=16, max_size=16), st.lists(st.integers(1, 60), min_size=16, max_size=16))
def test_the_fragile_step_really_changes_the_level_and_one_less_does_not(volumes, totals):
    measures = one(0.0)
    measures["affected"], measures["total"] = np.minimum(volumes, totals).astype(float), np.array(totals, float)
    before = score(measures, RULES)[1].loc["RT 01"]
    if not before["fragile"] or RULES.criterion(before["fragile_criterion"]).unit not in ("unit", "KK"):
        return
    sign = 1 if before["fragile_direction"] == "worse" else -1
    for step, same in ((before["fragile_volume"], False), (before["fragile_volume"] - 1, True)):
        moved = measures.copy()
        moved.loc[("RT 01", before["fragile_criterion"]), "affected"] += sign * step
        assert (score(moved, RULES)[1].loc["RT 01", "level"] == before["level"]) == same


# ---------------------------------------------------------------- properties

cells = st.tuples(st.integers(0, 80), st.integers(0, 80))
rows = st.lists(st.lists(cells, min_size=16, max_size=16), min_size=1, max_size=6)


def table(data):
    values = np.array(data, float)
    total = values.max(axis=2)
    units = pd.Index([f"RT {i}" for i in range(len(data))], name="unit")
    return long_table(units, RULES.codes, affected=np.minimum(values[:, :, 0], total), total=total)


@settings(max_examples=60, deadline=None)
@given(rows, st.integers(0, 15), st.integers(1, 40))
def test_worse_never_scores_lower(data, criterion, more):
    measures = table(data)
    worse = measures.copy()
    where = worse.index.get_level_values("criterion") == RULES.codes[criterion]
    worse.loc[where & (worse["total"] > 0), "affected"] += more
    a, b = score(measures, RULES)[1], score(worse, RULES)[1]
    assert (b["total_score"] >= a["total_score"]).all()


@settings(max_examples=40, deadline=None)
@given(rows, st.randoms())
def test_order_does_not_matter(data, random):
    measures = table(data)
    order = list(range(len(measures)))
    random.shuffle(order)
    a, b = results(measures, RULES), results(measures.iloc[order], RULES)
    pd.testing.assert_frame_equal(a, b.reindex(a.index), check_categorical=False)


@settings(max_examples=40, deadline=None)
@given(rows, st.randoms())
def test_splitting_a_unit_and_summing_gives_the_same(data, random):
    measures = table(data)
    parts = []
    for unit, part in measures.groupby(level="unit", sort=False):
        total = np.array([random.randint(0, int(t)) for t in part["total"]], float)
        affected = np.array([random.randint(0, int(a)) for a in part["affected"]], float)
        for name, (a, t) in {"x": (affected, total), "y": (part["affected"] - affected, part["total"] - total)}.items():
            parts.append(long_table(pd.Index([f"{unit}{name}"]), RULES.codes, affected=a, total=t))
    split = pd.concat(parts)
    groups = pd.Series({u: u[:-1] for u in split.index.get_level_values("unit").unique()})
    rolled = roll_up(split, groups, RULES)
    a, b = results(measures, RULES), results(rolled, RULES)
    pd.testing.assert_frame_equal(a, b.reindex(a.index), check_categorical=False)


@settings(max_examples=40, deadline=None)
@given(rows, st.lists(st.booleans(), min_size=16, max_size=16))
def test_knowing_more_never_widens_the_interval(data, hidden):
    measures = table(data)
    known = score(measures, RULES)[1]
    partly = measures.copy()
    partly.loc[np.isin(partly.index.get_level_values(1), np.array(RULES.codes)[hidden]), "affected"] = np.nan
    less = score(partly, RULES)[1]
    assert (less["total_low"] <= known["total_low"]).all()
    assert (less["total_high"] >= known["total_high"]).all()
    determined = less["level"].notna()
    assert (less.loc[determined, "level"].astype(str) == known.loc[determined, "level"].astype(str)).all()


# ---------------------------------------------------------------- long table, combining, explaining


def test_the_long_table_may_come_in_any_shape():
    measures = table([[(1, 2)] * 16, [(3, 4)] * 16])
    units, (affected, total) = matrices(measures.iloc[::-1], RULES)
    assert units.tolist() == ["RT 1", "RT 0"]
    assert affected[0].tolist() == [3.0] * 16
    assert total[1].tolist() == [2.0] * 16


def test_a_pair_that_stands_twice_is_refused():
    measures = one(1.0)
    with pytest.raises(Exception, match="1a"):
        matrices(pd.concat([measures, measures]), RULES)


def test_a_pair_of_volume_and_total_is_never_mixed_from_two_sources():
    index = pd.MultiIndex.from_tuples([("A", "1a")], names=["unit", "criterion"])
    half = pd.DataFrame({"affected": [3.0], "total": [np.nan], "source": "table"}, index)
    whole = pd.DataFrame({"affected": [5.0], "total": [12.0], "source": "geometry"}, index)
    chosen = combine(half, whole).iloc[0]
    assert (chosen["affected"], chosen["total"], chosen["source"]) == (5.0, 12.0, "geometry")
    assert (chosen["table_affected"], chosen["geometry_total"]) == (3.0, 12.0)


def test_explain_traces_every_criterion_in_both_languages():
    scores, _ = score(one(30.0).assign(source="table"), RULES)
    trace = explain(scores, "RT 01", RULES)
    assert trace.index.tolist() == list(RULES.codes)
    assert trace.loc["5a", ["affected", "total", "percent", "score", "source"]].tolist() == [30, 100, 30, 1, "table"]
    assert trace.loc["5a", "band"] == "25–<51 %"
    assert trace.loc["5a", "name"] != explain(scores, "RT 01", RULES, lang="en").loc["5a", "name"]


def test_totals_under_two_rules_are_never_compared():
    with pytest.raises(Exception, match="permen-02-2016"):
        same_rules(RULES, RULES_2016)


def test_sensitivity_marks_a_level_that_an_option_leaves_open():
    reference = with_total(20)
    open_ = reference.copy()
    open_.loc[[("RT 01", c) for c in RULES.codes[:4]], "total"] = np.nan
    assert sensitivity({"a": reference, "b": open_}, RULES)["changes"].tolist() == [True]
