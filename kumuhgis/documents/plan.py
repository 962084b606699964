"""Tables of the plans (RPLP of a desa, RP2KPKPK of a kabupaten): what has to be handled, by what, where, and first.

Which works reduce which criterion is data of the rule (``rules.programmes``). A criterion that several programmes can
reduce is listed with each of them and counted with the first of the rule's list; an office may count it with another.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from kumuhgis import priority
from kumuhgis.captions import caption
from kumuhgis.documents.locations import degrees, locations, unit_labels, unit_locations
from kumuhgis.documents.plan_sheets import write_plan_sheets
from kumuhgis.documents.plan_words import plan_fields
from kumuhgis.documents.word import fill, plain
from kumuhgis.documents.wording import Words
from kumuhgis.grouping import name_of

TEMPLATE = "plan.docx"
_PLACES = ("desa", "kecamatan", "kabupaten")


@dataclass(frozen=True)
class Plan:
    """Everything that the tables say, before they are written.

    ``units``: one row per RT in the order of the plan; ``problems``: volumes still to be handled; ``works``: the matrix
    of programmes; ``locations``: :func:`locations.locations` with ``authority_open``.
    """

    assessment: object
    units: pd.DataFrame
    problems: pd.DataFrame
    works: pd.DataFrame
    locations: pd.DataFrame


def draft_plan(assessment, *, by="kawasan"):
    """Gather what the tables of a plan say.

    Parameters
    ----------
    assessment : Assessment
        The result; one of :func:`scenarios.handle` gives what is left after some works.
    by : str
        Column of ``units`` that names the locations.

    Returns
    -------
    Plan
        Frames.

    Examples
    --------
    >>> import kumuhgis as kg
    >>> plan = draft_plan(kg.assess(kg.load_sample("jaten")))
    >>> plan.works.loc[plan.works["criterion"] == "1a", ["programme", "counted"]].drop_duplicates().values.tolist()
    [['jalan', True], ['rumah_deret', False]]
    """
    units = plan_units(assessment, by)
    problems = open_problems(assessment, units)
    return Plan(assessment, units, problems, programme_works(problems, assessment.rules), _locations(assessment, by))


def plan_units(assessment, by="kawasan"):
    """List all RT in the order of the plan: priority, then higher total, more slum hectares, more people.

    Parameters
    ----------
    assessment : Assessment
        The result.
    by : str
        Column of ``units`` that names the locations.

    Returns
    -------
    pandas.DataFrame
        The summary with ``number`` (from 1), ``label, location`` (empty without one), ``desa, kecamatan, kabupaten``,
        ``lon, lat``. RT without a priority come last, those with more points first.
    """
    summary, units, found = assessment.summary, assessment.units, assessment.provenance
    of = unit_locations(assessment, by)
    keys = pd.DataFrame({
        "rank": summary["rank"].astype("Float64").fillna(np.inf),
        **{name: -summary[name].astype("Float64").astype(float).fillna(-np.inf) for name in priority.TIE_BREAKS[1:]},
    }, summary.index)  # fmt: skip
    out = summary.assign(label=unit_labels(assessment), location=of["name"].where(~of["own"], ""))
    for name in _PLACES:
        known = units[name].reindex(out.index).map(name_of) if name in units else pd.Series("", out.index)
        out[name] = known.where(known != "", name_of(found.get(name)))
    out["lon"], out["lat"] = degrees(units.geometry.reindex(out.index))
    out = out.loc[keys.sort_values(list(keys.columns), kind="stable").index]
    out.insert(0, "number", np.arange(1, len(out) + 1))
    return out


def open_problems(assessment, units):
    """List every volume that is still to be handled, and every one that is not known.

    Parameters
    ----------
    assessment : Assessment
        The result.
    units : pandas.DataFrame
        From :func:`plan_units`; gives the order.

    Returns
    -------
    pandas.DataFrame
        ``unit, criterion, volume`` (NaN where not known), ``low, high`` (between which an unknown volume lies; NaN
        where nothing is known), ``total, percent, score``. Volumes of 0 or less are nothing to be handled.

    Examples
    --------
    >>> import kumuhgis as kg
    >>> jaten = kg.assess(kg.load_sample("jaten"))
    >>> found = open_problems(jaten, plan_units(jaten))
    >>> int(found["volume"].isna().sum()), bool((found["volume"].dropna() > 0).all())
    (2, True)
    """
    wanted = pd.MultiIndex.from_product([units.index, assessment.rules.codes], names=["unit", "criterion"])
    measures = assessment.measures.reindex(wanted)
    scores = assessment.scores[["percent", "score"]].reindex(wanted)
    bounds = measures.reindex(columns=["affected_low", "affected_high"]).astype(float)
    volume, total = measures["affected"].astype(float), measures["total"].astype(float)
    table = pd.DataFrame({
        "volume": volume, "low": bounds["affected_low"].fillna(total * 0), "total": total,
        "high": bounds["affected_high"].fillna(total),
    }, wanted).join(scores)  # fmt: skip
    return table[~(volume <= 0)].reset_index()


def programme_works(problems, rules):
    """Give every programme that can handle each problem, and which of them is counted.

    Parameters
    ----------
    problems : pandas.DataFrame
        From :func:`open_problems`.
    rules : Rules
        Its ``programmes``.

    Returns
    -------
    pandas.DataFrame
        The problems, once per programme: ``programme`` (key; empty where the rule names none for the criterion),
        ``counted`` (the first programme of the rule's list that reduces the criterion).

    Notes
    -----
    Which works reduce which criterion: read in a published source. Which of several is counted: ours.

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> problems = pd.DataFrame({"unit": ["A", "A"], "criterion": ["1c", "2b"], "volume": [4.0, 90.0]})
    >>> programme_works(problems, load_rules())[["criterion", "programme", "counted"]].values.tolist()
    [['1c', 'rtlh', True], ['1c', 'rumah_deret', False], ['2b', 'jalan', True]]
    """
    of = {code: [p.key for p in rules.programmes if code in p.criteria] or [""] for code in rules.codes}
    out = problems.assign(programme=problems["criterion"].map(of)).explode("programme").reset_index(drop=True)
    out["counted"] = ~out.duplicated(["unit", "criterion"])
    return out


def _locations(assessment, by):
    """Add who would be in charge if the RT that are open were slum too; None where that changes nothing."""
    table = locations(assessment, by)
    most = priority.authority(table["slum_ha"] + table["open_ha"], assessment.rules)["authority"]
    changed = most.notna() & (most != table["authority"])
    return table.assign(authority_open=most.where(changed, None))


def write_plan(assessment, path, lang="id", *, by="kawasan"):
    """Write the tables of a plan: problems, programmes ready for cost and year, roll-up to kabupaten.

    Parameters
    ----------
    assessment : Assessment
        The result; one of :func:`scenarios.handle` gives what is left after some works.
    path : path
        ``.xlsx`` (all rows, live sums) or ``.docx`` (the first rows by priority, and how many there are); what is
        there is overwritten. Use :func:`export.write` with ``kind="plan"`` for a file that must be whole or not there.
    lang : {"id", "en"}
        Language of the words.
    by : str
        Column of ``units`` that names the locations (``kawasan``, ``rw``, ``desa``).

    Raises
    ------
    ProjectError
        If the units have no column ``by``.

    Notes
    -----
    A volume that is not known says so and is counted as such, never as 0. Volumes are added within one criterion only:
    one job may reduce several of them, so a price belongs into one row.

    Examples
    --------
    >>> import tempfile, kumuhgis as kg
    >>> from pathlib import Path
    >>> result = kg.assess(kg.load_sample("brujul"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_plan(result, Path(folder) / "rplp.xlsx")
    ...     (Path(folder) / "rplp.xlsx").stat().st_size > 10_000
    True
    """
    plan, words = draft_plan(assessment, by=by), Words(assessment, lang, "plan")
    if Path(path).suffix.lower() == ".xlsx":
        write_plan_sheets(plan, words, path)
        return
    title = f"{words.say('t.title')} · {plain(caption(assessment, lang)['place'])}"
    fill(TEMPLATE, plan_fields(plan, words), path, title=title, made=assessment.provenance.get("date") or "", lang=lang)
