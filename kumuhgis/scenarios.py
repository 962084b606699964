"""What would be: the same area with some of its problems handled."""

from dataclasses import replace

import numpy as np
import pandas as pd

from kumuhgis import hectares, priority, scores
from kumuhgis.confidence import certainty
from kumuhgis.errors import Problem, TableError
from kumuhgis.results import check_assessment


def after_works(measures, works):
    """Take what is handled from the volumes: the volume after is max(0, volume before - volume handled).

    Parameters
    ----------
    measures : pandas.DataFrame
        Indexed by (``unit``, ``criterion``): ``affected, total, source``.
    works : pandas.DataFrame
        ``unit, criterion, volume`` (in the unit of the criterion); several rows of one pair add up.

    Returns
    -------
    pandas.DataFrame
        A copy with new ``affected``; ``source`` is "scenario" where something was handled. What was missing stays so.
        A volume from a sample gets ``handled`` beside it (works of several calls add up).

    Raises
    ------
    TableError
        Naming every row with a unit or criterion that the measures do not have, or without a positive volume.

    Notes
    -----
    The works are known, the volume before them need not be: after works on a sampled or a measured volume it is as
    uncertain as before, only smaller. Of a sample, P(affected - handled) is that of the affected, moved, and none at
    all is the least (M); the columns of the sample stay as they were asked.

    Recomputed from published data: every volume of the 93 clean RT of Kota Pekalongan in 2021, 2022 and 2023 is that
    of the year before less its works, not below 0.

    Examples
    --------
    >>> index = pd.MultiIndex.from_tuples([("A", "2b"), ("A", "6a")], names=["unit", "criterion"])
    >>> measures = pd.DataFrame({"affected": [120.0, 9.0], "total": [300.0, 40.0], "source": "table"}, index)
    >>> works = pd.DataFrame({"unit": ["A", "A"], "criterion": ["2b", "6a"], "volume": [100, 30]})
    >>> after_works(measures, works)["affected"].tolist()
    [20.0, 0.0]
    """
    works = works.reset_index(drop=True)
    _check(measures, works)
    pairs = pd.MultiIndex.from_frame(works[["unit", "criterion"]].astype(str))
    volume = pd.Series(works["volume"].to_numpy(float), index=pairs)
    handled = volume.groupby(level=[0, 1], sort=False).sum().reindex(measures.index)
    out = measures.copy()
    touched = handled.notna() & out["affected"].notna()
    out.loc[touched, "affected"] = np.maximum(0.0, out["affected"] - handled)[touched]
    out.loc[touched, "source"] = "scenario"
    sampled = touched & out["hits"].notna() if "hits" in out else touched & False
    if sampled.any():
        before = out["handled"].fillna(0.0) if "handled" in out else 0.0
        out["handled"] = (handled.fillna(0.0) + before).where(sampled, out.get("handled", np.nan))
    sides = [c for c in out.columns if c.startswith(("table_", "geometry_", "survey_"))]
    out.loc[touched, sides] = np.nan  # neither says this any more
    return out


def handle(assessment, works):
    """Assess an area as it would be with works done: scores, level, hectares, class, priority and rank anew.

    Parameters
    ----------
    assessment : Assessment
        As it is.
    works : pandas.DataFrame
        ``unit, criterion, volume``; see :func:`after_works`.

    Returns
    -------
    Assessment
        With ``provenance["scenario"]`` naming how many works it holds. Land, plan, considerations and who is in charge
        are those of before (the authority goes by the location as it is now); what the decree says of a unit that is
        no longer slum is found anew. Problems are those of the data as they are.

    Examples
    --------
    >>> import kumuhgis as kg
    >>> jaten = kg.assess(kg.load_sample("jaten"))
    >>> unit = jaten.summary.index[0]
    >>> works = pd.DataFrame({"unit": [unit], "criterion": ["6a"], "volume": [1000]})
    >>> bool(handle(jaten, works).summary.loc[unit, "total_low"] <= jaten.summary.loc[unit, "total_low"])
    True
    """
    check_assessment(assessment, "handle")
    rules = assessment.rules
    measures = after_works(assessment.measures, works)
    unit_scores, fresh = scores.score(measures, rules, means=assessment.provenance["options"]["means"])
    fresh = fresh.join(certainty(measures, rules))
    old = assessment.summary
    summary = old.assign(**{name: fresh[name] for name in fresh.columns})
    slum = hectares.slum_area(summary["area_used_ha"], summary["total_low"], summary["total_high"], rules)
    decided = priority.classify(summary["level"], summary["consideration"], summary["legal"], rules)
    summary = summary.assign(**slum, **decided)
    summary["rank"] = priority.rank(summary)
    if summary["sk_share"].notna().any():
        tolerance = assessment.provenance["options"]["sk_tolerance"]
        summary = summary.assign(**hectares.against_sk(summary, summary["sk_share"], rules, tolerance=tolerance))
    summary["sensitive_to"] = ""  # was asked of the table as it was written
    before = assessment.provenance.get("scenario") or {"works": 0}
    handled = measures.index.get_level_values("unit")[measures["source"] == "scenario"].union(works["unit"].astype(str))
    scenario = {"works": before["works"] + len(works), "units": int(handled.nunique())}
    told = {**assessment.provenance, "scenario": scenario}
    return replace(assessment, measures=measures, scores=unit_scores, summary=summary[old.columns], provenance=told)


def _check(measures, works):
    problems = []
    units, codes = (set(measures.index.get_level_values(name)) for name in ("unit", "criterion"))
    for column in ("unit", "criterion", "volume"):
        if column not in works:
            params = {"known": ", ".join(map(str, works.columns))}
            problems.append(Problem("layer_column_missing", "works", "", column, params))
    if problems:
        raise TableError(problems)
    volumes = pd.to_numeric(works["volume"], errors="coerce")
    for n, (unit, code, written, volume) in enumerate(
        zip(works["unit"].astype(str), works["criterion"].astype(str), works["volume"], volumes, strict=True), 1
    ):
        if unit not in units:
            problems.append(Problem("works_unit_unknown", "works", unit, "unit", row=n))
        if code not in codes:
            problems.append(Problem("works_criterion_unknown", "works", unit, "criterion", {"value": code}, row=n))
        if not volume > 0 or np.isinf(volume):
            problems.append(Problem("works_volume_bad", "works", unit, "volume", {"value": str(written)}, row=n))
    if problems:
        raise TableError(problems)
