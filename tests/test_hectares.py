"""Hectares: slum area by level and group, three areas side by side, and the SK against the result."""

import numpy as np
import pandas as pd
import pytest

from kumuhgis.hectares import against_sk, area_used, reconcile, slum_area, slum_hectares
from kumuhgis.rules import load_rules

RULES = load_rules()


def units(**columns):
    return pd.DataFrame(columns, index=pd.Index([f"RT {i}" for i in range(len(next(iter(columns.values()))))]))


# "an RT that drops below the floor counts with its whole area, otherwise 0"
@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(16, 16, (2.0, 2.0, 2.0)), (15, 15, (0.0, 0.0, 0.0)), (12, 17, (np.nan, 0.0, 2.0)), (22, 40, (2.0, 2.0, 2.0))],
)
def test_slum_area_counts_the_whole_rt_or_nothing(low, high, expected):
    table = units(area=[2.0], low=[low], high=[high])
    got = slum_area(table["area"], table["low"], table["high"], RULES)
    np.testing.assert_equal(got.iloc[0].tolist(), list(expected))


def summary():
    table = units(
        level=["kumuh ringan", "kumuh sedang", "tidak kumuh", None],
        area_used_ha=[1.0, 2.0, 3.0, 4.0],
        total_low=[16, 38, 3, 12],
        total_high=[16, 38, 3, 20],
    )
    return table.join(slum_area(table["area_used_ha"], table["total_low"], table["total_high"], RULES))


def test_hectares_by_level_add_up_to_the_area():
    row = slum_hectares(summary(), RULES).iloc[0]
    assert row[[*RULES.level_keys, "undetermined"]].tolist() == [3.0, 1.0, 2.0, 0.0, 4.0]
    assert row[[*RULES.level_keys, "undetermined"]].sum() == row["area_ha"] == 10.0
    assert (row["slum_ha_low"], row["slum_ha_high"], row["slum_units"]) == (3.0, 7.0, 2)
    assert np.isnan(row["slum_ha"])


def test_hectares_by_group_keep_units_without_a_group():
    groups = pd.Series({"RT 0": "Bulu", "RT 1": "Bulu", "RT 2": None})
    got = slum_hectares(summary(), RULES, groups)
    assert got.loc["Bulu", ["units", "slum_ha"]].tolist() == [2, 3.0]
    assert got.loc["", "units"] == 2
    assert got["area_ha"].sum() == 10.0


@pytest.mark.parametrize(
    ("choice", "expected"), [("verified", [1.5, 2.0]), ("measured", [1.6, 2.0]), ("sk", [1.2, np.nan])]
)
def test_which_area_counts_is_a_named_option(choice, expected):
    table = units(verified_ha=[1.5, np.nan], area_ha=[1.6, 2.0], sk_ha=[1.2, np.nan])
    np.testing.assert_equal(area_used(table, choice).tolist(), expected)


def test_three_areas_side_by_side_and_what_differs_is_said():
    table, problems = reconcile(
        units(sk_ha=[1.0, 1.0, 1.0], verified_ha=[2.0, 2.0, np.nan], area_ha=[2.05, 3.0, 4.0]), tolerance=0.05
    )
    assert [(p.code, p.feature) for p in problems] == [("area_differs", "RT 1"), ("area_missing", "RT 2")]
    assert table.loc["RT 1", ["verified_minus_measured", "sk_minus_verified"]].tolist() == [-1.0, 1.0 - 2.0]


def test_a_table_without_any_area_is_said_once():
    _, problems = reconcile(units(area_ha=[1.0, 2.0]))
    assert [p.code for p in problems] == ["area_only_measured"]


@pytest.mark.parametrize(
    ("share", "total", "status", "finding"),
    [
        (1.0, 20, "inside", ""),
        (1.0, 10, "inside", "inside_not_slum"),
        (0.5, 10, "partial", "inside_not_slum"),
        (0.5, 20, "partial", ""),
        (0.01, 20, "outside", "outside_slum"),
        (0.01, 10, "outside", ""),
        (0.99, 10, "inside", "inside_not_slum"),
        (np.nan, 20, None, ""),
    ],
)
def test_the_sk_against_the_result(share, total, status, finding):
    table = units(total_low=[total], total_high=[total])
    got = against_sk(table, pd.Series([share], index=table.index), RULES).iloc[0]
    assert (None if pd.isna(got["sk_status"]) else got["sk_status"], got["sk_finding"]) == (status, finding)


def test_an_open_level_is_no_finding():
    table = units(total_low=[12], total_high=[20])
    for share in (0.0, 1.0):
        assert against_sk(table, pd.Series([share], index=table.index), RULES)["sk_finding"].tolist() == [""]
