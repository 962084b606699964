"""Everything that a survey brings, read: households, RT, what repeats inside an RT, and all that was not used."""

import re
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import numpy as np
import pandas as pd

from kumuhgis.displaying import html_table
from kumuhgis.errors import Problem, in_language, some
from kumuhgis.numbers import read_numbers
from kumuhgis.personal import hidden
from kumuhgis.questions import asked, part_of, questions, repeats
from kumuhgis.survey.answers import read_answers, texts
from kumuhgis.survey.choosing import Dropping, choose_entries, choose_households, choose_rt, resolve_roots
from kumuhgis.survey.files import open_tables
from kumuhgis.survey.headings import words
from kumuhgis.survey.places import find_units, read_points, read_shapes, say_units
from kumuhgis.survey.times import read_times, usual_zone
from kumuhgis.text import text

_IDS = ("key", "root", "instance", "deprecated")
_META = (*_IDS, "validation", "status", "edits", "submitter", "index")
_CODE = re.compile(
    r"(?:[a-z]{0,2}|enum|enu|surv|srv|ptg|kode|kd|tim|fas|faskel)[-.]?\d{1,4}",
    re.I,
)
"""What is a code and no name of a person: at most two letters before the number, or a word for such people."""
_VISIT = ("purpose", "part", "enumerator", "rw", "unit", "household_no", "consent", "location", "photo")


@dataclass(frozen=True)
class Survey:
    """A survey, read.

    ``households`` and ``rt`` have one row an entry that counts, indexed by ``submission``: ``unit`` and a column a
    question, then ``weight, enumerator, started, ended, day, lon, lat, accuracy_m`` (times in UTC, the day where it was
    answered). ``repeats`` has a frame for each part that repeats (``roads, drains, floods``) with ``submission`` and
    its questions. ``dropped`` has every row that is not used: ``file, sheet, row, submission, unit, reason, text``.
    ``accounts`` says of every table what it holds and how many rows it has. Places of households are in here and
    nowhere else: nothing that is published may show them.
    """

    households: pd.DataFrame
    rt: pd.DataFrame
    repeats: dict
    dropped: pd.DataFrame
    problems: list = field(default_factory=list)
    accounts: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __repr__(self):
        return (
            f"Survey({len(self.households)} households, {len(self.rt)} RT, {len(self.dropped)} rows not used, "
            f"{len(self.problems)} problems)"
        )

    def _repr_html_(self):
        counts = [(text("headline.problems"), len(self.problems))]
        counts = [
            ("KK", len(self.households)),
            ("RT", len(self.rt)),
            *((n, len(f)) for n, f in self.repeats.items()),
            *counts,
        ]
        reasons = self.dropped["text"].value_counts().items()
        return html_table(counts) + (html_table(reasons, [text("survey.not_used"), "n"]) if len(self.dropped) else "")


def read_survey(source, *, rules=None, units=None, keep=(), photos=None, lang="id"):
    """Read a survey from the exports of phones and servers, or from a workbook that was typed by hand.

    Parameters
    ----------
    source : path, list of paths, or pandas.DataFrame
        KoboToolbox XLSX or CSV, the CSV zip of ODK Central, a workbook with one row a household; folders of them.
        Headings may be names or labels in either language, with groups or without.
    rules : Rules, optional
        Only questions of its form are kept; the default keeps every question that is known.
    units : geopandas.GeoDataFrame, optional
        The RT of the project, indexed by unit. Without them the RT is what stands in the file.
    keep : sequence of str
        Headings to keep although they are personal or not known, under their own name; "enumerator" keeps the names
        of the enumerators.
    photos : path, optional
        Folder with the photos; the default looks into the zip and beside the files.
    lang : {"id", "en"}
        Language of the reasons in ``dropped`` and of an error.

    Returns
    -------
    Survey
        What counts, and every row that does not with its reason.

    Raises
    ------
    TableError
        If nothing can be read, or no column is one of the questionnaire.

    Notes
    -----
    Personal columns (UU 27/2022) are left out at the door unless they are named in ``keep``; names of enumerators
    become P1, P2, ...; codes such as "A1" stay. Of one interview the latest version counts, of one household (RT and
    number on its list) the latest interview.

    Examples
    --------
    >>> cells = pd.DataFrame({"kode_rt": ["01", "01"], "no_urut": ["1", "2"], "Jamban yang dipakai": ["Jamban sendiri",
    ...                       "tidak memakai jamban"], "Luas lantai": ["36 m2", "12,5"], "NIK": ["1", "2"]})
    >>> survey = read_survey(cells)
    >>> survey.households[["unit", "toilet", "floor_area_m2"]].values.tolist()
    [['01', 'own', 36.0], ['01', 'none', 12.5]]
    >>> [p.code for p in survey.problems]
    ['survey_personal_dropped']
    """
    with in_language(lang):
        found = open_tables(source, keep)
    problems, dropping = list(found.problems), Dropping(lang)
    _say_columns(found.tables, problems)
    mains = [t for t in found.tables if not t.is_repeat]
    raw = pd.concat([_entries(table, problems) for table in mains], ignore_index=True)
    raw["enumerator"] = _pseudonyms(raw, keep, problems)
    raw["submission"] = resolve_roots(raw)
    where = find_units(raw, units)
    raw["unit"] = where["unit"]
    entries = choose_entries(raw, dropping, _answered(raw))
    files = list(dict.fromkeys(entries["file"]))
    placed = int(entries["lat"].notna().sum())
    say_units(where.loc[entries.index], placed, problems, files[0] if len(files) == 1 else "")
    entries = dropping.drop(entries, entries["part"].isna(), "part_missing")
    households = choose_households(entries[entries["part"] == "household"], dropping, problems)
    rt = choose_rt(entries[entries["part"] == "rt"], dropping)
    inner = _repeats([t for t in found.tables if t.is_repeat], raw, rt, units, dropping, problems)
    _check_photos(households, found, source, photos, problems)
    problems += dropping.problems()
    names = set(questions()) if rules is None else {question.name for question in asked(rules)}
    return Survey(
        _tidy(households, "household", names, mains),
        _tidy(rt, "rt", names, mains),
        inner,
        dropping.frame(),
        problems,
        _accounts(found.tables),
    )


# ---------------------------------------------------------------- privacy


def _say_columns(tables, problems):
    """Say which columns are left out: personal ones, and those that are no question."""
    for code, kind in (("survey_personal_dropped", "personal"), ("survey_columns_unused", "other")):
        for file in dict.fromkeys(t.file for t in tables):
            of = [t for t in tables if t.file == file]
            names = list(dict.fromkeys(r.name for t in of for r in t.roles.values() if r.kind == kind))
            if names:
                problems.append(Problem(code, file, "", "", {"count": len(names), "columns": some(names, 8)}))


def _pseudonyms(frame, keep, problems):
    """Give every enumerator a name that is none; what is a code already stays."""
    written = frame["enumerator"].where(frame["enumerator"].notna(), frame["submitter"])
    if "enumerator" in keep:
        return written
    plain = written.str.strip().str.casefold()
    names = sorted({n for n in plain.dropna() if not _CODE.fullmatch(n)})
    trial, taken = set(words()["trial"]["words"]), set(plain.dropna().str.upper())
    free = (f"P{i}" for i in count(1) if f"P{i}" not in taken)
    known = {n: next(free) for n in names if n not in trial}
    if known:
        problems.append(Problem("survey_enumerators", "", "", "enumerator", {"count": len(known)}))
    return plain.map(lambda n: known.get(n, n.upper() if n not in trial else n), na_action="ignore")


# ---------------------------------------------------------------- entries


def _entries(table, problems):
    """Read the entries of one table: answers, place, times, and what the server says of them."""
    answers = read_answers(table, problems)
    out = pd.DataFrame({"bundle": table.bundle, "file": table.file, "sheet": table.sheet, "row": table.rows})
    for name in _META:
        cells = table.column("meta", name)
        out[name] = None if cells is None else texts(cells)
    for name in _IDS:
        out[name] = out[name].map(lambda v: v.removeprefix("uuid:"), na_action="ignore")
    out["day"] = pd.Series(pd.NaT, index=out.index, dtype="datetime64[ns]")
    written = {name: table.column("meta", name) for name in ("started", "ended", "submitted")}
    zone = usual_zone([cells for name, cells in written.items() if cells is not None and name != "submitted"])
    for name, cells in written.items():
        out[name] = pd.Series(pd.NaT, index=out.index, dtype="datetime64[ns, UTC]")
        if cells is not None:
            own = None if name == "submitted" else zone  # servers write it in UTC, with a sign or without
            out[name], days = read_times(cells, name, table.file, problems, zone=own)
            out["day"] = out["day"].fillna(days)
    ended = table.column("meta", "ended")
    out["is_draft"] = False if ended is None else out["started"].notna() & texts(ended).isna()
    weight = table.column("meta", "weight")
    out["weight"] = np.nan if weight is None else read_numbers(weight).values
    for name in ("enumerator", "rw", "unit", "purpose", "household_no", "consent"):
        out[name] = answers.get(name)
    out["part"] = _parts(answers)
    place = f"{table.file}#{table.sheet}!" if table.sheet else f"{table.file}#"
    made = place + table.rows.astype("str")
    out["submission"] = out["root"].fillna(out["key"]).fillna(out["instance"]).fillna(made)
    out["instance"] = out["instance"].fillna(out["submission"])
    rest = answers.drop(columns=[name for name in answers if name in out])
    return pd.concat([out, rest, read_points(table, problems), _beside(table)], axis=1)


def _beside(table):
    """Give what is no plain answer: areas of the main part, columns that the caller wants."""
    columns = {}
    for heading, role in table.roles.items():
        if role.kind == "keep":
            columns[role.name] = table.cells[heading]
        elif role.kind == "answer" and questions()[role.name].type == "geoshape":
            columns[role.name] = read_shapes(table.cells[heading])[0]
    return pd.DataFrame(columns, index=table.cells.index)


def _parts(answers):
    """Say of every entry which part it is: as it says itself, else the part of which it answers more questions."""
    said = answers["part"] if "part" in answers else pd.Series(None, index=answers.index, dtype=object)
    of = {part: [n for n in answers if part_of(n) == part and n not in _VISIT] for part in ("household", "rt")}
    house, rt = (answers[names].notna().sum(axis=1) for names in of.values())
    guess = pd.Series(np.select([house > rt, rt > house], list(of), ""), index=answers.index, dtype=object)
    refused = answers["consent"].eq("no") if "consent" in answers else pd.Series(False, index=answers.index)
    guess = guess.mask((guess == "") & refused, "household").where(lambda g: g != "", None)
    return said.where(said.notna(), guess)


def _answered(frame):
    """Say which rows answer anything but the questions of the visit; a refusal is an answer."""
    names = [n for n in questions() if n in frame and n not in _VISIT]
    return (frame[names].notna().any(axis=1) | frame["consent"].eq("no")).to_numpy(bool)


def _tidy(frame, part, names, tables):
    """Give the entries that count in their final shape."""
    wanted = [n for n in questions() if n in frame and part_of(n) in (part, "both") and not questions()[n].repeat]
    wanted = [n for n in wanted if n not in ("unit", "rw", "purpose", "part", "enumerator", "location")]
    wanted = [n for n in wanted if n in names and (n not in ("household_no", "consent") or frame[n].notna().any())]
    out = frame.set_index(pd.Index(frame["submission"], dtype="str", name="submission"))
    kept = list(dict.fromkeys(r.name for t in tables for r in t.roles.values() if r.kind == "keep"))
    beside = ["weight", "enumerator", "started", "ended", "day", "lon", "lat", "accuracy_m", *kept]
    out = out[["unit", *wanted, *(c for c in beside if c in out and (c in kept or out[c].notna().any()))]].copy()
    for name in wanted:
        if questions()[name].type in ("select_one", "select_multiple", "text", "image"):
            out[name] = out[name].astype("str")
    out["unit"] = out["unit"].astype("str")
    if "photo" in out:
        out["photo"] = hidden(out["photo"])
    return out


def _accounts(tables):
    """Say of every table what it holds and how many rows were read."""
    rows = [(t.file, t.sheet, _repeat_of(t) or "main", len(t.cells)) for t in tables]
    return pd.DataFrame(rows, columns=["file", "sheet", "holds", "rows"])


# ---------------------------------------------------------------- what repeats


def _repeat_of(table):
    """Name the part that a table repeats: that of most of its questions."""
    if not table.is_repeat:
        return ""
    names = [questions()[r.name].repeat for r in table.roles.values() if r.kind == "answer"]
    return max(repeats(), key=names.count)


def _repeats(tables, raw, rt, units, dropping, problems):
    """Read the rows that repeat inside an entry; those of an entry that does not count go with it."""
    found = {name: [] for name in repeats()}
    for table in tables:
        answers = read_answers(table, problems)
        name, parents = _repeat_of(table), _parents(table, raw)
        if "unit" in answers:
            parents = parents.fillna(_by_unit(answers, rt, units))
        rows = answers[[n for n in answers if questions()[n].repeat == name]]
        for heading, role in table.roles.items():
            if role.kind == "answer" and questions()[role.name].area_of:
                rows[role.name], rows[f"_{role.name}"] = read_shapes(table.cells[heading])
        rows = rows.assign(file=table.file, sheet=table.sheet, row=table.rows, parent=parents)
        found[name].append(rows)
    return {n: _linked(pd.concat(f, ignore_index=True), raw, rt, dropping) for n, f in found.items() if f}


def _parents(table, raw):
    """Find the row of ``raw`` that every row of a repeat belongs to: by the server's key, else by its number."""
    of = _own(raw[raw["bundle"] == table.bundle], table)
    out = pd.Series(np.nan, index=table.cells.index)
    key = table.column("meta", "parent_key")
    if key is not None:
        plain = texts(key).map(lambda v: v.removeprefix("uuid:").partition("/")[0], na_action="ignore")
        for column in ("key", "instance", "root"):
            out = out.fillna(plain.map(_row_of(of, column)))
    number = table.column("meta", "parent_index")
    if number is not None:
        out = out.fillna(texts(number).map(_row_of(of, "index")))
    return out


def _own(entries, table):
    """Leave of the entries of a folder those of the file that a table belongs to: "desa.csv" to "desa_jalan.csv".

    Where several files count their entries from 1, and no name tells which is meant, numbers say nothing.
    """
    files = entries["file"].unique()
    if len(files) < 2 or table.sheet:
        return entries
    stems = {file: Path(file).stem for file in files}
    fitting = [file for file in files if Path(table.file).stem.startswith(stems[file])]
    if fitting:
        return entries[entries["file"] == max(fitting, key=lambda file: len(stems[file]))]
    twice = entries["index"].duplicated(keep=False)
    return entries.assign(index=entries["index"].mask(twice))


def _by_unit(answers, rt, units):
    """Find the entry of the RT that every row of a repeat names: so people type it, who have no keys."""
    nowhere = dict.fromkeys(("lon", "lat", "accuracy_m"), np.nan)
    written = answers.reindex(columns=["unit", "rw"]).astype(object).assign(**nowhere)
    known = pd.Series(rt.index.to_numpy(float), index=rt["unit"].to_numpy(object))
    return find_units(written.where(written.notna(), None), units)["unit"].map(known)


def _row_of(frame, column):
    known = frame[column].dropna().drop_duplicates(keep="last")
    return pd.Series(known.index.to_numpy(float), index=known.to_numpy(object))


def _linked(rows, raw, rt, dropping):
    """Give the rows that repeat the entry they belong to; those of an entry that does not count are set aside."""
    known = raw.reindex(rows["parent"])
    rows = rows.assign(unit=known["unit"].to_numpy(), submission=known["submission"].to_numpy())
    rows = dropping.drop(rows, rows["parent"].isna(), "parent_missing")
    rows = dropping.drop(rows, ~rows["parent"].isin(rt.index), "parent_dropped")
    for question in questions().values():
        if question.area_of and f"_{question.name}" in rows:
            drawn = rows[f"_{question.name}"]
            rows[question.area_of] = rows[question.area_of].fillna(drawn) if question.area_of in rows else drawn
    names = [name for name, question in questions().items() if name in rows and question.repeat]
    chosen = {name: "str" for name in names if questions()[name].type == "select_one"}
    return rows[["submission", *names]].astype(chosen).reset_index(drop=True)


# ---------------------------------------------------------------- photos


def _check_photos(households, found, source, photos, problems):
    """Compare the photos that are named with those that are there; without any folder of photos nothing is said."""
    if "photo" not in households or households["photo"].isna().all():
        return
    there = set(found.photos)
    sources = [source] if isinstance(source, (str, Path)) else source if isinstance(source, list) else []
    folders = [Path(photos)] if photos is not None else [
        folder for s in map(Path, sources) for folder in ((s if s.is_dir() else s.parent) / "media",) if folder.is_dir()
    ]  # fmt: skip
    for folder in folders:
        there |= {p.name for p in folder.rglob("*") if p.is_file()}
    if not folders and not found.media:
        return
    named = households["photo"].dropna()
    missing = named[~named.str.rpartition("/")[2].isin(there)]
    if len(missing):
        params = {"count": len(missing), "all": len(named)}
        problems.append(Problem("survey_photo_missing", "", "", "photo", params))
