"""What answers mean: households that are affected, volumes of an RT; what was not answered decides nothing.

Three values: affected, not affected, not known. "Any" of some conditions holds as soon as one does, whatever is
missing; it fails only when all of them are known not to hold. A question that does not concern a household ("how far
is the septic tank?" of one with piped water) is a condition that does not hold, not one that is missing.
"""

from functools import reduce
from operator import and_, or_

import numpy as np
import pandas as pd

from kumuhgis.questions import CHOICES, Term, choices, questions, repeats

_COMPARE = {
    "below": np.less,
    "above": np.greater,
    "at_least": np.greater_equal,
    "at_most": np.less_equal,
}


def judge(households, rules):
    """Say of every household by which criteria it is affected.

    Parameters
    ----------
    households : pandas.DataFrame
        Answers, a column a question, indexed by submission.
    rules : Rules
        Says what the answers mean.

    Returns
    -------
    pandas.DataFrame
        The index of ``households``, a column a criterion that has a household part, in the order of the rule: True,
        False, or missing where the answers do not decide.

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> answers = pd.DataFrame({"water_source": ["surface", "piped", "piped"], "water_quality": [None, "good", None]})
    >>> judge(answers, load_rules())["3a"].tolist()
    [True, False, <NA>]
    """
    found = {
        c.code: holds(c.survey.condition, households)
        for c in rules.criteria
        if c.survey is not None and c.survey.part == "household"
    }
    return pd.DataFrame(found, index=households.index)


def holds(condition, frame):
    """Say for every row whether a condition holds.

    Parameters
    ----------
    condition : Condition
        The condition.
    frame : pandas.DataFrame
        Answers, a column a question; a question that is no column was not answered.

    Returns
    -------
    pandas.Series of nullable boolean
        Index of ``frame``.
    """
    parts = [_leaf(condition, frame)] if condition.question else []  # nullable booleans keep Kleene's logic
    parts += [reduce(or_, (holds(inner, frame) for inner in condition.any))] if condition.any else []
    parts += [reduce(and_, (holds(inner, frame) for inner in condition.all))] if condition.all else []
    return reduce(and_, parts)


def _leaf(leaf, frame):
    question = questions()[leaf.question]
    held = _chosen(leaf, question, frame) if question.type in CHOICES else _compared(leaf, frame)
    if question.relevant is not None:
        concerned = holds(question.relevant, frame)
        held = held.mask(concerned.eq(False).fillna(False), False)
    return held


def _chosen(leaf, question, frame):
    answers = frame.get(leaf.question)
    if answers is None:
        return _nothing(frame)
    listed = choices()[question.choices]
    undecided = {key for key, choice in listed.items() if choice.unknown and key not in leaf.in_}
    if question.type == "select_multiple":
        sets = answers.map(lambda a: set(a.split()) if isinstance(a, str) else set())
        held = sets.map(lambda chosen: bool(chosen & set(leaf.in_))).astype("boolean")
        return held.mask(answers.isna() | sets.map(lambda chosen: bool(chosen) and chosen <= undecided))
    return answers.isin(leaf.in_).astype("boolean").mask(answers.isna() | answers.isin(undecided))


def _compared(leaf, frame):
    if leaf.question not in frame or (leaf.per and leaf.per not in frame):
        return _nothing(frame)
    values = frame[leaf.question].astype(float)
    if leaf.per:
        values = values / frame[leaf.per].astype(float).where(lambda n: n > 0)
    held = pd.Series(True, index=frame.index)
    for name, limit in leaf.limits.items():
        held &= _COMPARE[name](values, limit)
    return held.astype("boolean").mask(values.isna())


def _nothing(frame):
    return pd.Series(pd.NA, index=frame.index, dtype="boolean")


# ---------------------------------------------------------------- volumes of the RT part


def rt_volumes(survey, rules):
    """Make volumes of what the RT said of its roads, drains, inundation and buildings.

    Parameters
    ----------
    survey : Survey
        Its ``rt`` and ``repeats``.
    rules : Rules
        Says which sums they are.

    Returns
    -------
    pandas.DataFrame
        Indexed by (``unit``, ``criterion``), the criteria that have an RT part: ``affected``, ``total`` (missing where
        the rule takes it from elsewhere) and ``source`` ("survey"). A sum of which a part was not answered is missing;
        a part of the form that does not concern the RT ("is there any drain?" no) is 0.
    """
    rows = survey.rt
    frames = []
    for criterion in rules.criteria:
        meaning = criterion.survey
        if meaning is None or meaning.part != "rt":
            continue
        index = pd.MultiIndex.from_arrays(
            [rows["unit"].astype(str), [criterion.code] * len(rows)], names=["unit", "criterion"]
        )
        sums = {n: _sum(getattr(meaning, n), rows, survey.repeats).to_numpy() for n in ("affected", "total")}
        frames.append(pd.DataFrame({**sums, "source": "survey"}, index=index))
    if not frames:
        empty = pd.MultiIndex.from_arrays([[], []], names=["unit", "criterion"])
        return pd.DataFrame({"affected": [], "total": [], "source": []}, index=empty)
    order = {unit: i for i, unit in enumerate(dict.fromkeys(rows["unit"].astype(str)))}
    out = pd.concat(frames)
    place = out.index.get_level_values("unit").map(order)
    return out.iloc[np.argsort(np.asarray(place), kind="stable")]


def _sum(terms, rows, found):
    if not terms:
        return pd.Series(np.nan, index=rows.index)
    total = pd.Series(0.0, index=rows.index)
    for term in terms:
        total = total + (_repeated(term, rows, found) if isinstance(term, Term) else _answered(term, rows))
    return total


def _answered(name, rows):
    return rows[name].astype(float) if name in rows else pd.Series(np.nan, index=rows.index)


def _repeated(term, rows, found):
    """Sum a question over the rows of its repeat; missing if one of them, or all of them, cannot be told."""
    repeat = questions()[term.sum].repeat
    inner, gate = found.get(repeat), rows.get(repeats()[repeat]["gate"])
    if inner is None or not len(inner):
        sums = pd.Series(np.nan, index=rows.index)
    else:
        values = inner[term.sum].astype(float) if term.sum in inner else pd.Series(np.nan, index=inner.index)
        if term.condition is not None:
            held = holds(term.condition, inner)
            values = values.mask(held.eq(False).fillna(False), 0.0).mask(held.isna())
        sums = values.groupby(inner["submission"], sort=False).agg(lambda v: v.sum(skipna=False))
        sums = sums.reindex(rows.index)
    return sums if gate is None else sums.mask(gate.eq("no").fillna(False) & sums.isna(), 0.0)
