"""What households and RT answered, beside what table and map say: turned into volumes, and used where it counts."""

import numpy as np
import pandas as pd

from kumuhgis.errors import Problem
from kumuhgis.kernel import percents
from kumuhgis.samples import COLUMNS, SAMPLE, SOURCE, tabulate
from kumuhgis.survey import Survey, judge, read_survey, rt_volumes


def with_survey(measures, units, inputs, problems):
    """Put the survey beside table and map, and use it where it is preferred or alone complete.

    Parameters
    ----------
    measures : pandas.DataFrame
        As :func:`measuring.side_by_side` gives them.
    units : geopandas.GeoDataFrame
        The units, with ``households, buildings`` and the totals of the table.
    inputs : inputs.Inputs
        Gives ``survey``, rule and options.
    problems : list of Problem
        Taken up with what is said of the answers.

    Returns
    -------
    pandas.DataFrame
        ``measures``, unchanged without a survey; else with ``survey_affected, survey_total, survey_percent``, and
        ``hits, answers, population, effective, share`` of rows from a sample (see :mod:`kumuhgis.confidence`).
    """
    if inputs.survey is None:
        return measures
    survey = inputs.survey
    if not isinstance(survey, Survey):
        survey = read_survey(survey, rules=inputs.rules, units=units[units.geometry.notna()])
    problems += survey.problems
    rows, said = survey_volumes(survey, units, inputs.rules)
    problems += said
    rows = rows.reindex(measures.index).astype(dict.fromkeys(rows.columns.difference(["source"]), float))
    complete = rows["affected"].notna() & rows["total"].notna()
    use = complete & ((measures["source"] == "") | (inputs.options.prefer == "survey"))
    out = measures.copy()
    for name in ("affected", "total", "source"):
        out[name] = out[name].mask(use, rows[name])
    open_ = (out["source"] == "") & rows["affected_low"].notna() & ~use
    for name in ("affected_low", "affected_high"):
        out[name] = out[name].mask(use).mask(open_, rows[name])
    out["total"] = out["total"].mask(open_, rows["total"])
    out["survey_affected"], out["survey_total"] = rows["affected"], rows["total"]
    out["survey_percent"] = percents(rows["affected"], rows["total"])
    return out.join(rows[SAMPLE].where(use, axis=0))


def survey_volumes(survey, units, rules):
    """Turn a survey into volumes: households asked one by one, and what the RT said of itself.

    Parameters
    ----------
    survey : survey.Survey
        Answers.
    units : pandas.DataFrame
        Indexed by unit: ``households, buildings``, and for volumes of the RT part without a total of their own
        ``area_used_ha, road_ideal_m, drain_ideal_m``.
    rules : Rules
        Says what the answers mean.

    Returns
    -------
    volumes : pandas.DataFrame
        Indexed by (``unit``, ``criterion``), columns as :func:`samples.tabulate` gives them.
    problems : list of Problem
        What is doubtful of the answers.
    """
    households, said = _weighted(survey.households)
    judged, weight = judge(households, rules), households.get("weight")
    people = units.reindex(columns=["households", "buildings"]).astype(float)
    asked, problems = tabulate(judged, households["unit"], people, rules, weight=weight)
    told = rt_volumes(survey, rules)
    told = told[told.index.get_level_values("unit").isin(units.index)]
    told = told.assign(total=told["total"].fillna(_totals(told.index, units, rules)))
    told = told[told["affected"].notna()].reindex(columns=COLUMNS)
    told = told[~told.index.isin(asked.index)]
    return (pd.concat([asked, told]) if len(asked) and len(told) else asked if len(asked) else told), said + problems


def _weighted(households):
    """Leave out households without a weight where the survey has weights; say how many."""
    if "weight" not in households or households["weight"].isna().all():
        return households.drop(columns="weight", errors="ignore"), []
    weight = households["weight"].astype(float)
    fine = weight > 0
    said = [] if fine.all() else [Problem("answers_weights", SOURCE, params={"count": int((~fine).sum())})]
    return households[fine].assign(weight=weight[fine]), said


_TOTAL_COLUMNS = {
    "area": "area_used_ha", "road": "road_ideal_m", "drain": "drain_ideal_m", "buildings": "buildings",
    "households": "households",
}  # fmt: skip


def _totals(index, units, rules):
    """Give the total of a unit that a criterion is measured against, where the survey did not ask for one."""
    columns = {c.code: _TOTAL_COLUMNS[c.total] for c in rules.criteria}
    found = [units[columns[code]].get(unit, np.nan) if columns[code] in units else np.nan for unit, code in index]
    return pd.Series(found, index, dtype=float)
