"""Which entries count: of an interview the latest version, of a household one interview; all else with its reason."""

import numpy as np
import pandas as pd

from kumuhgis.errors import Problem
from kumuhgis.questions import part_of, questions
from kumuhgis.survey.headings import words
from kumuhgis.text import text

REASONS = (
    "encrypted",
    "draft",
    "trial",
    "rejected",
    "empty",
    "older_version",
    "same_entry",
    "unit_missing",
    "same_household",
    "same_unit",
    "no_consent",
    "part_missing",
    "parent_missing",
    "parent_dropped",
)
"""Why an entry is not used, in the order in which it is asked."""
DROPPED = ["file", "sheet", "row", "submission", "unit", "reason", "text"]


class Dropping:
    """Entries that are set aside, each with the first reason that holds."""

    def __init__(self, lang):
        self.lang, self.rows = lang, []

    def drop(self, frame, mask, reason):
        """Set the rows of a mask aside and give the others."""
        mask = np.asarray(mask, bool)
        if not mask.any():
            return frame
        aside = frame[mask]
        told = text(f"survey.dropped.{reason}", self.lang)
        self.rows.append(
            pd.DataFrame({
                "file": aside["file"], "sheet": aside["sheet"], "row": aside["row"], "submission": aside["submission"],
                "unit": aside["unit"], "reason": reason, "text": told,
            })
        )  # fmt: skip
        return frame[~mask]

    def frame(self):
        """Give all of them as a table."""
        if not self.rows:
            return pd.DataFrame(columns=DROPPED).astype({"row": "Int64"})
        return pd.concat(self.rows, ignore_index=True)[DROPPED]

    def problems(self):
        """Say of every reason how many entries it took, and of which files."""
        found = self.frame()
        for reason in REASONS:
            of = found[found["reason"] == reason]
            if len(of):
                params = {"count": len(of), "reason": (f"survey_{reason}",)}
                yield Problem("survey_dropped", ", ".join(dict.fromkeys(of["file"])), "", "", params)


def choose_entries(frame, dropping, answered):
    """Keep of every interview its latest version, and none that was a trial, a draft, rejected or empty.

    Parameters
    ----------
    frame : pandas.DataFrame
        All entries in the order read: ``file, sheet, row, submission, instance, deprecated, submitted, ended, edits,
        validation, status, enumerator`` and the answers.
    dropping : Dropping
        Takes what is set aside.
    answered : numpy.ndarray of bool
        Which rows answer any question beside those of the visit.

    Returns
    -------
    pandas.DataFrame
        The entries that count, in their order.
    """
    states, answered = words()["states"], pd.Series(answered, index=frame.index)

    def said(column):
        return frame[column].fillna("").astype(str).str.strip().str.lower().reindex(frame.index)

    frame = dropping.drop(frame, said("status").isin(states["encrypted"]), "encrypted")
    frame = dropping.drop(frame, frame["is_draft"].to_numpy(bool), "draft")
    trial = said("purpose").eq("trial") | said("enumerator").isin(words()["trial"]["words"])
    frame = dropping.drop(frame, trial, "trial")
    frame = dropping.drop(frame, said("validation").isin(states["rejected"]), "rejected")
    frame = dropping.drop(frame, ~answered.loc[frame.index], "empty")
    latest = _latest_first(frame)
    again = latest.duplicated(["submission"])
    copy = again & latest.duplicated(["submission", "instance", "edits"])
    frame = dropping.drop(frame, (again & ~copy).reindex(frame.index), "older_version")
    return dropping.drop(frame, copy.reindex(frame.index), "same_entry")


def _latest_first(frame):
    """Order entries so that of one interview the version that counts comes first: none that another one replaces."""
    keys = frame[["ended", "submitted"]].assign(
        replaced=~frame["instance"].isin(set(frame["deprecated"].dropna())),
        edits=pd.to_numeric(frame["edits"], errors="coerce").fillna(0),
        place=np.arange(len(frame)),
    )
    columns = ["replaced", "edits", "ended", "submitted", "place"]
    order = keys.sort_values(columns, kind="stable", na_position="first").index
    return frame.loc[order[::-1]]


def resolve_roots(frame):
    """Give every entry the id of the interview that it is a version of, by what it says that it replaces.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``submission`` (the id of the interview, or of the entry where the server names none), ``instance``,
        ``deprecated``.

    Returns
    -------
    pandas.Series
        The id of the first version.
    """
    before = dict(zip(frame["instance"], frame["deprecated"], strict=True))
    before = {new: old for new, old in before.items() if isinstance(new, str) and isinstance(old, str) and new != old}
    if not before:
        return frame["submission"]

    def first(key):
        seen = {key}
        while (old := before.get(key)) is not None and old not in seen:
            seen.add(old)
            key = old
        return key

    return frame["submission"].map(lambda key: first(key) if key in before else key)


def choose_households(frame, dropping, problems):
    """Keep one interview of every household, the latest, and only with consent.

    Parameters
    ----------
    frame : pandas.DataFrame
        Entries of the household part with ``unit``.
    dropping : Dropping
        Takes what is set aside.
    problems : list of Problem
        Taken up with households whose interviews say different things.

    Returns
    -------
    pandas.DataFrame
        One row a household. Who withdraws consent later is left out.
    """
    frame = dropping.drop(frame, frame["unit"].isna(), "unit_missing")
    again = _again(frame, ["unit", "household_no"])
    nameless = int(frame["household_no"].isna().sum())
    if nameless:
        params = {"count": nameless, "all": len(frame)}
        problems.append(Problem("survey_numbers_missing", "", "", "household_no", params))
    differ = _differing(frame, again)
    if differ:
        params = {"count": len(differ), "units": ", ".join(dict.fromkeys(differ[:5]))}
        problems.append(Problem("survey_households_differ", "", "", "household_no", params, about=tuple(differ)))
    frame = dropping.drop(frame, again, "same_household")
    return dropping.drop(frame, frame["consent"].eq("no"), "no_consent")


def choose_rt(frame, dropping):
    """Keep the latest entry of every RT."""
    frame = dropping.drop(frame, frame["unit"].isna(), "unit_missing")
    return dropping.drop(frame, _again(frame, ["unit"]), "same_unit")


def _again(frame, columns):
    """Mark the entries of one thing that a later entry stands for; what is not named fully is its own."""
    latest = _latest_first(frame)
    again = latest.duplicated(columns) & latest[columns].notna().all(axis=1)
    return again.reindex(frame.index).to_numpy(bool)


def _differing(frame, again):
    """Name the unit of every household whose interviews differ in an answer."""
    if not again.any():
        return []
    keys = ["unit", "household_no"]
    twice = frame[frame.duplicated(keys, keep=False) & frame[keys].notna().all(axis=1)]
    beside = ("household_no", "photo", "location")
    answers = [n for n in questions() if n in twice and part_of(n) == "household" and n not in beside]
    different = twice.groupby(keys, sort=False)[answers].nunique(dropna=True).gt(1).any(axis=1)
    return [str(unit) for (unit, _), wrong in different.items() if wrong]
