"""Residents answer back: what they say beside what was computed, above all where the two contradict each other.

=====================  =============================================================================================
finding                when
=====================  =============================================================================================
``said_not_scored``    a problem is said on a criterion whose score is the lowest of the rule
``said_not_measured``  a problem is said on a criterion that was not measured in this RT
``scored_denied``      a potential, or words such as "tidak banjir", on a criterion with one of the two worst scores
``scored_not_said``    a criterion has one of the two worst scores, and the RT spoke, but not of this
``score_objected``     the score itself is objected to
``border_objected``    the border is objected to; with the neighbours that it concerns
=====================  =============================================================================================

A contradiction is no error of one side or the other: it is what the next visit has to look at. These findings are
ours [M], no regulation names them.
"""

import numpy as np
import pandas as pd
import shapely

from kumuhgis.contributions import SEVERAL, find_contributions, read_contributions
from kumuhgis.text import number, text

__all__ = [
    "COLUMNS",
    "FINDINGS",
    "contradictions",
    "find_contributions",
    "neighbours",
    "read_contributions",
    "table_of",
]

FINDINGS = (
    "said_not_scored",
    "said_not_measured",
    "score_objected",
    "border_objected",
    "scored_denied",
    "scored_not_said",
)  # fmt: skip
COLUMNS = [
    "unit", "criterion", "finding", "percent", "score", "said", "group", "kind", "guessed", "contribution",
    "neighbours", "sentence",
]  # fmt: skip
NEAR_M = 15.0
"""How far from a unit a drawn border may lie to concern it: a finger on a screen is no survey."""


def contradictions(contributions, assessment, *, lang=None):
    """Compare what residents said with the scores.

    Parameters
    ----------
    contributions : geopandas.GeoDataFrame, or the pair with its problems
        As :func:`read_contributions` gives them, joined to the units of the assessment.
    assessment : Assessment
        The result.
    lang : {"id", "en"}, optional
        Language of the sentences; the default is the assessment's.

    Returns
    -------
    pandas.DataFrame
        One row per unit, criterion and answer, in the order of the units: ``unit, criterion`` ("" for a border),
        ``finding``, ``percent`` and ``score`` as computed, ``said`` (the words), ``group, kind, guessed`` (whether
        the criterion is only suggested by the words), ``contribution`` (the id), ``neighbours`` (for a border),
        ``sentence``.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from kumuhgis.rules import load_rules
    >>> said = pd.DataFrame({"kind": ["masalah"], "criterion": ["4a"], "suggested": [""], "denied": [""],
    ...                      "unit": ["01"], "text": ["banjir"], "group": ["PKK"], "units": ["01"]}, index=["x-1"])
    >>> scores = pd.DataFrame({"percent": [12.5], "score": [0]},
    ...                       pd.MultiIndex.from_tuples([("01", "4a")], names=["unit", "criterion"]))
    >>> result = SimpleNamespace(rules=load_rules(), scores=scores, units=pd.DataFrame(index=["01"]), lang="en")
    >>> contradictions(said, result)["sentence"].tolist()
    ['PKK: “banjir”, but 4a scores 0 (12.50 %).']
    """
    lang, contributions = lang or assessment.lang, table_of(contributions)
    claims = _claims(contributions)
    scores = _scores(assessment)
    claims = claims.join(scores, on=["unit", "criterion"])
    claims["finding"] = _findings(claims, assessment.rules)
    silent = _unsaid(claims, scores, assessment.rules)
    rows = pd.concat([claims[claims["finding"] != ""], silent, _borders(contributions, assessment.units)])
    rows = rows.reindex(columns=COLUMNS)
    for column in ("criterion", "said", "group", "kind", "contribution", "neighbours"):
        rows[column] = rows[column].fillna("").astype(object)
    rows["guessed"] = rows["guessed"].fillna(False).astype(bool)
    names = _names(assessment.units)
    rows["sentence"] = [_sentence(row, names, lang) for row in rows.to_dict("records")]
    order = {unit: n for n, unit in enumerate(assessment.units.index.astype(str))}
    place = rows["unit"].map(order).fillna(len(order))
    worth = rows["finding"].map({finding: n for n, finding in enumerate(FINDINGS)})
    rows = rows.assign(_place=place, _worth=worth)
    return rows.sort_values(["_place", "_worth", "criterion"], kind="stable")[COLUMNS].reset_index(drop=True)


def table_of(contributions):
    """Take the table of answers, also out of the pair that :func:`read_contributions` gives."""
    return contributions[0] if isinstance(contributions, tuple) else contributions


def _scores(assessment):
    scores = assessment.scores[["percent", "score"]].astype(float)
    units = scores.index.get_level_values(0).astype(str)
    return scores.set_axis(
        pd.MultiIndex.from_arrays([units, scores.index.get_level_values(1)], names=["unit", "criterion"])
    )


def _claims(contributions):
    """Give one row per unit, criterion and answer; answers without any criterion keep an empty one."""
    rows = []
    for key, row in zip(contributions.index, contributions.to_dict("records"), strict=True):
        chosen = [(row["criterion"], False, False)] if row["criterion"] else [
            (code, way == "denied", True) for way in ("suggested", "denied") for code in row[way].split(SEVERAL) if code
        ]  # fmt: skip
        rows += [
            (unit, code, row["text"], row["group"], row["kind"], guessed, denied, str(key))
            for unit in row["units"].split(SEVERAL) if unit
            for code, denied, guessed in chosen or [("", False, False)]
        ]  # fmt: skip
    columns = ["unit", "criterion", "said", "group", "kind", "guessed", "denied", "contribution"]
    return pd.DataFrame(rows, columns=columns)


def _findings(claims, rules):
    """Name what contradicts the scores; "" where nothing does."""
    low, worst = rules.bands.score[0], rules.bands.score[-2]
    on = (claims["criterion"].isin(rules.codes)).to_numpy()
    score, kind = claims["score"].to_numpy(float), claims["kind"].to_numpy(object)
    denied = claims["denied"].to_numpy(bool) | (kind == "potensi")
    problem = on & np.isin(kind, ["masalah", ""]) & ~denied
    choices = {
        "score_objected": on & (kind == "keberatan nilai"),
        "said_not_measured": problem & np.isnan(score),
        "said_not_scored": problem & (score == low),
        "scored_denied": on & denied & (score >= worst),
    }
    return np.select(list(choices.values()), list(choices), default="")


def _unsaid(claims, scores, rules):
    """Find bad scores of which an RT that spoke said nothing; an objection to a border is no speech of conditions."""
    spoke = claims.loc[claims["kind"] != "keberatan batas", "unit"].unique()
    bad = scores[(scores["score"] >= rules.bands.score[-2]) & scores.index.isin(spoke, level="unit")]
    said = pd.MultiIndex.from_frame(claims[["unit", "criterion"]])
    return bad[~bad.index.isin(said)].reset_index().assign(finding="scored_not_said")


def _borders(contributions, units):
    found = contributions[contributions["kind"] == "keberatan batas"]
    rows = [
        (unit, "border_objected", row["text"], row["group"], row["kind"], str(key), SEVERAL.join(others))
        for (key, row), others in zip(found.iterrows(), neighbours(found, units), strict=True)
        for unit in [row["unit"] or (others[0] if others else "")] if unit
    ]  # fmt: skip
    columns = ["unit", "finding", "said", "group", "kind", "contribution", "neighbours"]
    return pd.DataFrame(rows, columns=columns)


def neighbours(contributions, units):
    """Name the units that an objection to a border concerns, beside the one that holds most of it.

    Parameters
    ----------
    contributions : geopandas.GeoDataFrame
        Answers, in the CRS of the units.
    units : geopandas.GeoDataFrame
        The units.

    Returns
    -------
    list of list of str
        For every answer the other units within :data:`NEAR_M` metres, the nearest first; without any, the one that
        is nearest.
    """
    if not len(contributions):
        return []
    keys, grounds = units.index.astype(str), units.geometry.to_numpy()
    away = [shapely.distance(shape, grounds) for shape in contributions.geometry]
    found = []
    for main, distance in zip(contributions["unit"], away, strict=True):
        order = [p for p in np.argsort(distance, kind="stable") if keys[p] != main and distance[p] == distance[p]]
        near = [keys[p] for p in order if distance[p] <= NEAR_M]
        found.append(near or [keys[p] for p in order[:1]])
    return found


def _names(units):
    """Give the name of every unit that has one."""
    return units["rt_rw"].dropna().astype(str).to_dict() if "rt_rw" in units else {}


def _sentence(row, names, lang):
    """Say a contradiction in one sentence."""
    said = " ".join(row["said"].split())
    words = {
        "who": row["group"] or text("participate.residents", lang),
        "said": text("participate.words", lang, text=said) if said else text("participate.no_words", lang),
        "criterion": row["criterion"],
        "score": number(row["score"], 0, lang),
        "percent": number(row["percent"], 2, lang),
        "neighbours": ", ".join(names.get(unit, unit) for unit in row["neighbours"].split(SEVERAL)),
    }
    sentence = text(f"participate.{row['finding']}", lang, **words)
    return sentence + (" " + text("participate.guessed", lang) if row["guessed"] else "")
