"""What a coordinator learns of the field work: planted mistakes are found, honest work is left alone."""

import numpy as np
import pandas as pd
import pytest
from simulated_survey import entries_of, population, rt_answers
from test_survey import rt_layer

from kumuhgis.fieldwork import FINDINGS, check_fieldwork, coverage, enumerators
from kumuhgis.survey import read_survey


@pytest.fixture(scope="module")
def honest():
    rng = np.random.default_rng(3)
    units = rt_layer()
    people, _ = population(units, rng, per_unit=20)
    people["lat"] += rng.uniform(-3e-4, 3e-4, len(people))
    people["lon"] += rng.uniform(-3e-4, 3e-4, len(people))
    rt, _, _ = rt_answers(units, rng)
    entries = entries_of(people, rt, units).rename(columns={"key": "_uuid", "lat": "lintang", "lon": "bujur"})
    return units, entries


def read(entries, units):
    return read_survey(entries, units=units)


def test_honest_work_is_left_alone(honest):
    units, entries = honest
    assert check_fieldwork(read(entries, units), units=units).empty


def planted(entries, finding):
    """Plant one mistake of enumerator A1 (every fourth household, from the first)."""
    rows = entries.index[(entries["enumerator"] == "A1") & (entries["part"] == "household")][:6]
    out, rows = entries.copy(), list(rows[:5])
    began = pd.to_datetime(out.loc[rows, "start"])
    if finding == "short":
        out.loc[rows, "end"] = [(t + pd.Timedelta(minutes=1)).isoformat() for t in began]
    elif finding == "overlapping":
        out.loc[rows[1], "start"] = (began.iloc[0] + pd.Timedelta(minutes=5)).isoformat()
        out.loc[rows[1], "end"] = (began.iloc[0] + pd.Timedelta(minutes=16)).isoformat()
    elif finding == "elsewhere":
        out.loc[rows, "bujur"] += 0.004
    elif finding == "same_place":
        out.loc[rows, ["lintang", "bujur"]] = out.loc[rows[0], ["lintang", "bujur"]].tolist()
    elif finding == "identical":
        answers = [c for c in out if c not in ("_uuid", "household_no", "start", "end", "lintang", "bujur", "photo")]
        for name in answers:
            out.loc[rows, name] = out.loc[rows[0], name]
    elif finding == "heaping":
        mine = out.index[(out["enumerator"] == "A1") & (out["part"] == "household")]
        out.loc[mine, "floor_area_m2"] = [20.0, 35.0, 40.0, 45.0, 60.0] * (len(mine) // 5)
    else:
        out.loc[rows[:2], "floor_area_m2"] = 1900.0
    return out, rows


@pytest.mark.parametrize("finding", FINDINGS)
def test_a_planted_mistake_is_found_and_nothing_else(honest, finding):
    units, entries = honest
    entries, rows = planted(entries, finding)
    found = check_fieldwork(read(entries, units), units=units)
    assert set(found["finding"]) == {finding}
    assert set(found["enumerator"]) == {"A1"}
    assert found["sentence"].str.startswith("A1: ").all()
    wanted = {"short": 5, "overlapping": 1, "outlier": 2, "heaping": 30}.get(finding)
    assert found["count"].sum() == wanted or (wanted is None and 3 <= found["count"].sum() <= len(rows))


def test_coverage_counts_interviews_refusals_and_the_list(honest):
    units, entries = honest
    houses = entries.index[entries["part"] == "household"]
    entries = entries.copy()
    entries.loc[houses[:2], "consent"] = "no"
    entries.loc[houses[2], "purpose"] = "trial"
    survey = read(entries, units)
    table = coverage(survey)
    first = table.iloc[0]
    assert (first["households"], first["refused"], first["listed"]) == (17, 2, 55)
    assert first["share"] == pytest.approx(17 / 55)
    assert table["households"].sum() == len(survey.households)
    assert table["minutes"].eq(11).all()
    assert coverage(survey, listed=pd.Series({"99": 10})).loc["99", ["households", "share"]].tolist() == [0, 0]
    team = enumerators(survey)
    assert list(team.index) == ["A1", "A2", "A3", "A4"]
    assert team["households"].sum() == len(survey.households)


def test_no_place_of_a_household_is_told(honest):
    units, entries = honest
    for finding in FINDINGS:
        found = check_fieldwork(read(planted(entries, finding)[0], units), units=units, lang="en")
        assert not found.to_csv().count("110.9") and not found.to_csv().count("-7.5")
        assert found["sentence"].str.len().between(20, 200).all()


def test_a_survey_without_times_places_and_enumerators_has_its_coverage():
    survey = read_survey(pd.DataFrame({"kode_rt": ["01", "02"], "roof": ["good", "leaks"], "wall": ["good", "good"]}))
    assert coverage(survey)["households"].tolist() == [1, 1]
    assert coverage(survey)["share"].isna().all()
    assert enumerators(survey).index.tolist() == ["–"]
    assert check_fieldwork(survey).empty
