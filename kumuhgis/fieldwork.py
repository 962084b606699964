"""How the field work goes: how far each RT is, how each enumerator works, and what a coordinator should ask about.

=================  ==================================================================================================
finding            when (limits are ours [M], no regulation names them)
=================  ==================================================================================================
``short``          interviews under a third of the median time, and under :data:`SHORT_MINUTES`
``overlapping``    an interview that began before the one before, of the same enumerator, had ended
``elsewhere``      a point outside the RT that is written, by more than 25 m or its own accuracy
``same_place``     :data:`ALIKE` households or more of one enumerator at one point, to about a metre
``identical``      :data:`ALIKE` households or more of one enumerator with the same answers to every question
``heaping``        of :data:`ENOUGH` numbers or more nearly all are multiples of 5
``outlier``        numbers that are far from the median, on the scale of ratios
=================  ==================================================================================================

A finding is a question to an enumerator, not a verdict: one point may be one house of several households.
"""

import numpy as np
import pandas as pd

from kumuhgis.errors import some
from kumuhgis.questions import part_of, questions
from kumuhgis.survey.places import compare_places
from kumuhgis.text import figure, text

FINDINGS = ("short", "overlapping", "elsewhere", "same_place", "identical", "heaping", "outlier")
COLUMNS = ["finding", "enumerator", "unit", "question", "count", "of", "submissions", "sentence"]
SHORT_MINUTES = 5.0
ALIKE = 3
ENOUGH = 20
HEAPED = 0.8
FAR = 5.0
"""How many times the usual deviation a number may be away from the median."""
_LEAST_ANSWERS = 10
_MEASURED = ("floor_area_m2", "septic_distance_m")


def coverage(survey, *, listed=None):
    """Say how far the survey of every RT is.

    Parameters
    ----------
    survey : Survey
        As :func:`read_survey` gives it.
    listed : pandas.Series, optional
        Households on the list of each RT, indexed by unit; the default is what the RT part says.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``unit``: ``households`` (interviews that count), ``listed``, ``share`` (missing without a list),
        ``refused``, ``not_used`` (other rows set aside), ``enumerators``, ``first`` and ``last`` (days), ``minutes``
        (median time of an interview).

    Examples
    --------
    >>> from kumuhgis.survey import read_survey
    >>> cells = pd.DataFrame({"kode_rt": ["01", "01", "02"], "roof": ["good", "leaks", "good"], "wall": ["good"] * 3})
    >>> coverage(read_survey(cells), listed=pd.Series({"01": 4, "02": 10}))["share"].tolist()
    [0.5, 0.1]
    """
    houses, dropped = _houses(survey), survey.dropped
    if listed is None and len(survey.rt) and "rt_households" in survey.rt:
        listed = survey.rt.set_index("unit")["rt_households"]
    listed = pd.Series(dtype=float) if listed is None else listed.set_axis(listed.index.astype(str))
    units = pd.Index(sorted({*houses["unit"].dropna(), *listed.index, *dropped["unit"].dropna()}), name="unit")
    by_unit = houses.groupby("unit")
    refused = dropped["reason"] == "no_consent"
    out = pd.DataFrame(index=units)
    out["households"] = by_unit.size().reindex(units, fill_value=0)
    out["listed"] = listed.groupby(level=0).first().reindex(units).astype(float)
    out["share"] = (out["households"] / out["listed"]).where(out["listed"] > 0)
    out["refused"] = dropped[refused].groupby("unit").size().reindex(units, fill_value=0)
    out["not_used"] = dropped[~refused].groupby("unit").size().reindex(units, fill_value=0)
    out["enumerators"] = by_unit["enumerator"].nunique().reindex(units, fill_value=0)
    out["first"], out["last"] = (by_unit["day"].agg(how).reindex(units) for how in ("min", "max"))
    out["minutes"] = by_unit["minutes"].median().reindex(units)
    return out


def enumerators(survey):
    """Say how every enumerator works.

    Parameters
    ----------
    survey : Survey
        As :func:`read_survey` gives it.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``enumerator`` (a code or pseudonym): ``households``, ``units``, ``days``, ``per_day``, ``minutes``
        (median time of an interview), ``first`` and ``last`` (days).

    Examples
    --------
    >>> from kumuhgis.survey import read_survey
    >>> cells = pd.DataFrame({"kode_rt": ["01", "02"], "roof": ["good", "leaks"], "petugas": ["Siti", "Siti"]})
    >>> enumerators(read_survey(cells))[["households", "units"]].loc["P1"].tolist()
    [2, 2]
    """
    by = _houses(survey).groupby("enumerator")
    out = pd.DataFrame({"households": by.size(), "units": by["unit"].nunique(), "days": by["day"].nunique()})
    out["per_day"] = (out["households"] / out["days"]).where(out["days"] > 0)
    out["minutes"] = by["minutes"].median()
    return out.assign(first=by["day"].min(), last=by["day"].max())


def daily(survey, *, units=None):
    """Say what every enumerator did on every day.

    Parameters
    ----------
    survey : Survey
        As :func:`read_survey` gives it.
    units : geopandas.GeoDataFrame, optional
        The RT, to compare the points with.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``day`` (missing, and last, of those without a time) and ``enumerator`` (a code or pseudonym):
        ``households``, ``units``, ``minutes`` (median time of an interview), ``asked_about`` (households in a finding
        of :func:`check_fieldwork`).

    Examples
    --------
    >>> from kumuhgis.survey import read_survey
    >>> cells = pd.DataFrame({"kode_rt": ["01", "02"], "roof": ["good", "leaks"], "petugas": "A1",
    ...                       "start": "2026-03-02T08:00:00"})
    >>> daily(read_survey(cells))["households"].tolist()
    [2]
    """
    houses = _houses(survey)
    found = {each for row in _findings(houses, units) for each in row["submissions"]} if len(houses) else set()
    by = houses.assign(asked_about=houses.index.isin(found)).groupby(["day", "enumerator"], dropna=False)
    out = pd.DataFrame({"households": by.size(), "units": by["unit"].nunique(), "minutes": by["minutes"].median()})
    return out.assign(asked_about=by["asked_about"].sum().astype(int))


def check_fieldwork(survey, *, units=None, lang="id"):
    """List what a coordinator should ask the enumerators about.

    Parameters
    ----------
    survey : Survey
        As :func:`read_survey` gives it.
    units : geopandas.GeoDataFrame, optional
        The RT, to compare the points with.
    lang : {"id", "en"}
        Language of the sentences.

    Returns
    -------
    pandas.DataFrame
        ``finding`` (one of :data:`FINDINGS`), ``enumerator``, ``unit`` and ``question`` ("" where it does not apply),
        ``count`` of ``of``, ``submissions`` (ids, the first few), ``sentence``. No place of a household is in it.

    Examples
    --------
    >>> from kumuhgis.survey import read_survey
    >>> cells = pd.DataFrame({"kode_rt": ["01"] * 25, "floor_area_m2": [20, 25, 30, 35, 40] * 5, "petugas": "A1"})
    >>> check_fieldwork(read_survey(cells), lang="en")["sentence"].tolist()
    ['A1: 25 of 25 numbers “Floor area that this household lives on (m2)” are multiples of 5.']
    """
    houses = _houses(survey)
    if not len(houses):
        return pd.DataFrame(columns=COLUMNS)
    rows = _findings(houses, units)
    order = {finding: i for i, finding in enumerate(FINDINGS)}
    rows.sort(key=lambda row: (order[row["finding"]], row["enumerator"], row.get("unit", ""), row.get("question", "")))
    for row in rows:
        row["sentence"] = _sentence(row, lang)
        row["submissions"] = some(row["submissions"])
    return pd.DataFrame([{"unit": "", "question": "", **row} for row in rows], columns=COLUMNS)


def _findings(houses, units):
    return [*_times(houses), *_places(houses, units), *_identical(houses), *_numbers(houses)]


def _sentence(row, lang):
    words = {key: figure(value, lang) if isinstance(value, float) else value for key, value in row.items()}
    if row.get("question"):
        words["question"] = questions()[row["question"]].said(lang)
    if "values" in row:
        words["values"] = "; ".join(figure(value, lang) for value in row["values"])
    return text(f"survey.fieldwork.{row['finding']}", lang, **words)


def _houses(survey):
    """Give the households with what the checks need, whatever the survey lacks."""
    houses = survey.households
    columns = {"enumerator": None, "lon": np.nan, "lat": np.nan, "accuracy_m": np.nan}
    columns["day"] = pd.Series(pd.NaT, houses.index, dtype="datetime64[ns]")
    out = houses.assign(**{name: value for name, value in columns.items() if name not in houses})
    for name in ("started", "ended"):
        out[name] = houses[name] if name in houses else pd.Series(pd.NaT, houses.index, dtype="datetime64[ns, UTC]")
    minutes = (out["ended"] - out["started"]).dt.total_seconds() / 60
    return out.assign(minutes=minutes, enumerator=out["enumerator"].fillna("–"))


def _finding(finding, enumerator, rows, of, **more):
    return {"finding": finding, "enumerator": enumerator, "count": len(rows), "of": int(of),
            "submissions": list(rows.index), **more}  # fmt: skip


def _times(houses):
    houses = houses[["enumerator", "started", "ended", "minutes"]]
    limit = min(SHORT_MINUTES, houses["minutes"].median() / 3)
    for who, of in houses[houses["minutes"].notna()].groupby("enumerator"):
        short = of[of["minutes"] < limit]
        if len(short):
            yield _finding("short", who, short, len(of), minutes=round(float(limit), 1))
        inside = of.sort_values("started")
        over = inside[inside["started"] < inside["ended"].cummax().shift()]
        if len(over):
            yield _finding("overlapping", who, over, len(of))


def _places(houses, units):
    there = houses.loc[houses["lat"].notna(), ["enumerator", "unit", "lon", "lat", "accuracy_m"]]
    if units is not None and len(there):
        _, differs, outside = compare_places(there, there["unit"], units)
        away = there[(differs | outside).to_numpy(bool)]
        of = there.groupby(["enumerator", "unit"]).size()
        for (who, unit), rows in away.groupby(["enumerator", "unit"]):
            yield _finding("elsewhere", who, rows, of[who, unit], unit=unit)
    spots = there.assign(_lat=there["lat"].round(5), _lon=there["lon"].round(5))
    for who, unit, rows in _alike(spots, ["_lat", "_lon"]):
        yield _finding("same_place", who, rows, len(rows), unit=unit)


def _identical(houses):
    beside = ("household_no", "photo", "location", "consent")
    names = [n for n in questions() if n in houses and part_of(n) == "household" and n not in beside]
    answered = houses[houses[names].notna().sum(axis=1) >= _LEAST_ANSWERS]
    for who, unit, rows in _alike(answered, names):
        yield _finding("identical", who, rows, len(rows), unit=unit, questions=len(names))


def _alike(frame, names):
    """Give the groups of households of one enumerator and unit that are equal in some columns, if large enough."""
    keys = ["enumerator", "unit", *names]
    twice = frame[frame.duplicated(keys, keep=False)]
    for (who, unit, *_), rows in twice.groupby(keys, dropna=False):
        if len(rows) >= ALIKE:
            yield who, unit, rows


def _numbers(houses):
    for name in (n for n in _MEASURED if n in houses):
        there = houses.loc[houses[name].notna(), ["enumerator", name]]
        for who, rows in there.groupby("enumerator"):
            heaped = rows[rows[name] % 5 == 0]
            if len(rows) >= ENOUGH and len(heaped) >= HEAPED * len(rows):
                yield _finding("heaping", who, heaped, len(rows), question=name)
        ratios = np.log(there[name].clip(lower=0.1))
        spread = 1.4826 * (ratios - ratios.median()).abs().median()
        if len(there) >= ENOUGH and spread > 0:
            far = there[(ratios - ratios.median()).abs() > FAR * spread]
            for who, rows in far.groupby("enumerator"):
                of = (there["enumerator"] == who).sum()
                values = sorted(rows[name].tolist())[:5]
                yield _finding("outlier", who, rows, of, question=name, values=values)
