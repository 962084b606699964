"""What every map, sheet and document says of a result: title, place, date, reasons, problems, where it comes from."""

import re

import pandas as pd

from kumuhgis.confidence import certainty_sentence
from kumuhgis.errors import count_severities, in_words
from kumuhgis.grouping import titled
from kumuhgis.personal import masked
from kumuhgis.priority import why
from kumuhgis.results import options_text
from kumuhgis.text import text
from kumuhgis.trace import fragile_sentence

MOST_NAMES = 3
"""Places of one kind that a heading names; of more it says how many they are."""
WHY_COLUMNS = (
    "level", "total_high", "deciding", "consideration", "consideration_score", "strategic", "population_score",
    "social", "legal", "class", "priority", "handling",
)  # fmt: skip


def provenance_lines(assessment, lang="id"):
    """Give where a document comes from, the same in every one of them.

    Parameters
    ----------
    assessment : Assessment
        The result.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    list of (str, str)
        Label and value: project, that it is a scenario, place, rule with its sha256, options, dates, versions,
        coordinate system, problems.
    """
    p, rules = assessment.provenance, assessment.rules
    dates = p.get("dates") or {}
    named = [place_title(assessment, key, str(p[key])) for key in ("desa", "kecamatan", "kabupaten") if p.get(key)]
    lines = [
        ("project", p.get("name") or "–"),
        *([("scenario", text("provenance.handled", lang, **p["scenario"]))] if p.get("scenario") else []),
        ("place", ", ".join(named) or "–"),
        ("rule", rules.title if lang == "id" else rules.title_en),
        ("rule_key", f"{rules.key} · sha256 {p.get('rule_sha256', '')}"),
        ("options", options_text(p["options"])),
        ("date", p.get("date", "")),
        *((f"date_{key}", dates[key]) for key in ("survey", "sk") if dates.get(key)),
        ("versions", ", ".join(f"{k} {v}" for k, v in (p.get("versions") or {}).items())),
        ("crs", p.get("crs", "")),
        ("problems", text("headline.counts", lang, **count_severities(assessment.problems))),
    ]
    return [(text(f"provenance.{key}", lang), str(value)) for key, value in lines]


def input_lines(assessment):
    """Give every file that a result was made of, with its sha256; of a region, those of every part.

    Parameters
    ----------
    assessment : Assessment
        The result.

    Returns
    -------
    list of (str, str, str)
        Role (with the part before it), name of the file, sha256.
    """
    p = assessment.provenance
    parts = {"": p} if "inputs" in p else p.get("parts", {})
    return [
        (f"{part} · {item['role']}" if part else item["role"], item["name"], item["sha256"])
        for part, said in parts.items()
        for item in said.get("inputs", ())
    ]


def provenance_text(assessment, lang="id"):
    """Give where a file comes from as plain text, for a file that has no place for it.

    Parameters
    ----------
    assessment : Assessment
        The result.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    str
        That data are invented, the lines of :func:`provenance_lines`, and every input with its sha256.
    """
    lines = [text("workbook.sample", lang)] if assessment.provenance.get("sample") else []
    lines += [f"{label}: {value}" for label, value in provenance_lines(assessment, lang)]
    lines += [text("provenance.inputs", lang), *(" · ".join(line) for line in input_lines(assessment))]
    return "\n".join(" ".join(masked(line).split()) for line in lines) + "\n"


def caption(assessment, lang="id", *, title="maps.title"):
    """Give title, rule, date and warnings of a map or sheet.

    Parameters
    ----------
    assessment : Assessment
        The result.
    lang : {"id", "en"}
        Language.
    title : str
        Text of the title; the one with ``_plain`` behind it where no desa is known, ``_several`` where there are many.

    Returns
    -------
    dict
        ``title, place, project, date, when, rule, sample, problems``; the date is that of the data, never of
        the run, and ``when`` says it in words, also that it is not recorded.
    """
    found, rules = assessment.provenance, assessment.rules
    places = {name: _place(assessment, name) for name in ("desa", "kecamatan", "kabupaten")}
    wider = [_named(f"maps.place.{n}", n, v, assessment, lang) for n, v in places.items() if v and n != "desa"]
    desa, date = places["desa"], survey_date(assessment)
    named = _named(title, "desa", desa, assessment, lang) if desa else text(f"{title}_plain", lang)
    handled = found.get("scenario")
    return {
        "title": f"{named} · {text('provenance.handled', lang, **handled)}" if handled else named,
        "place": " · ".join(wider),
        "project": str(found.get("name") or ""),
        "date": date,
        "when": text("maps.date", lang, date=date) if date else _undated(found, lang),
        "rule": getattr(rules, "short", "") or (rules.title if lang == "id" else rules.title_en),
        "sample": bool(found.get("sample")),
        "problems": count_severities(assessment.problems),
    }


def survey_date(assessment):
    """Give the date of the data as the project records it.

    Parameters
    ----------
    assessment : Assessment
        The result.

    Returns
    -------
    str
        Empty if it is not recorded; the day of the run is no date of the data.
    """
    return str((assessment.provenance.get("dates") or {}).get("survey") or "")


def _undated(found, lang):
    made = found.get("date")
    said = [text("maps.no_date", lang), text("maps.made", lang, date=made) if made else ""]
    return " · ".join(part for part in said if part)


def _place(assessment, name):
    """Take the name from the project, else every name that the units have, sorted as people do."""
    named = assessment.provenance.get(name)
    if named or name not in assessment.units:
        return [str(named)] if named else []
    return sorted({str(value) for value in assessment.units[name].dropna()}, key=_counted)


def _counted(name):
    """Sort key in which Desa 2 stands before Desa 10."""
    parts = re.split(r"([0-9]+)", name.casefold())
    return [(int(part), "") if n % 2 else (0, part) for n, part in enumerate(parts)]


def _named(key, kind, names, assessment, lang):
    """Name a few places; of many say how many they are."""
    if len(names) > MOST_NAMES:
        return text(f"{key}_several", lang, n=len(names))
    titles = [place_title(assessment, kind, name).partition(" ") for name in names]
    alike = len({word for word, _, _ in titles}) == 1
    said = ", ".join(name if alike and n else f"{word} {name}" for n, (word, _, name) in enumerate(titles))
    return said if key == f"maps.place.{kind}" else text(key, lang, **{kind: said})


def place_title(assessment, kind, name):
    """Write a place with what it is (:func:`grouping.titled`), by the codes of the project.

    Parameters
    ----------
    assessment : Assessment
        The result.
    kind : {"desa", "kecamatan", "kabupaten"}
        What it is.
    name : str
        Its name.

    Returns
    -------
    str
        For example "Kelurahan Semanggi".
    """
    found = assessment.provenance
    own = [kind] if kind != "kabupaten" else ["kabupaten", "kecamatan", "desa"]  # its code begins those of its parts
    return titled(kind, name, next((found[f"{k}_code"] for k in own if found.get(f"{k}_code")), ""))


def why_sentences(summary, rules, lang="id"):
    """Give the sentences of :func:`priority.why` for all units, and how likely each level is where it is not certain.

    Parameters
    ----------
    summary : pandas.DataFrame
        The summary.
    rules : Rules
        The rule.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    list of str
        One per unit; empty where the summary has no priorities.
    """
    if "priority" not in summary:
        return [""] * len(summary)
    part = summary.reindex(columns=list(WHY_COLUMNS)).astype(object)
    rows = list(zip(*(part[name].where(part[name].notna(), None) for name in WHY_COLUMNS), strict=True))
    said = {row: why(pd.Series(row, list(WHY_COLUMNS), dtype=object), rules, lang) for row in set(rows)}
    return [
        " ".join(filter(None, pair))
        for pair in zip((said[r] for r in rows), chances(summary, rules, lang), strict=True)
    ]


def chances(summary, rules, lang="id", *, further=None):
    """Say how likely each level is, of units whose level is not certain; nothing of the others.

    Parameters
    ----------
    summary, rules, lang
        As for :func:`why_sentences`.
    further : pandas.Series of int, optional
        By unit, households that would settle the level (:func:`further.households_needed`).

    Returns
    -------
    list of str
        One per unit.
    """
    if "p_likely" not in summary:
        return [""] * len(summary)
    open_ = (summary["p_likely"] < 1).to_numpy(bool)
    more = [None] * len(summary) if further is None else further.reindex(summary.index).astype(object)
    more = [None if n is None or pd.isna(n) else int(n) for n in more]
    rows = zip(open_, summary.filter(like="p_level_").to_dict("records"), more, strict=True)
    return [certainty_sentence(row, rules, lang, further=n) if uncertain else "" for uncertain, row, n in rows]


def fragile_sentences(summary, rules, lang="id"):
    """Say of every unit that one step would move to another level what that step is.

    Parameters
    ----------
    summary : pandas.DataFrame
        The summary.
    rules : Rules
        The rule.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    pandas.Series of str
        Indexed by unit; missing for the others.
    """
    out = pd.Series(None, summary.index, dtype=object)
    if "fragile" in summary:
        near = summary["fragile"].astype("boolean").fillna(False).to_numpy(bool)
        names = ["fragile", *(f"fragile_{name}" for name in ("criterion", "direction", "percent", "volume"))]
        rows = summary.loc[near, names].to_dict("records")
        out[near] = [fragile_sentence(row, rules, lang) for row in rows]
    return out


def unit_problems(assessment, most=3, lang="id"):
    """Give what is wrong with the data of single units, as the card tells it; what is said of several is left out.

    Parameters
    ----------
    assessment : Assessment
        The result.
    most : int
        Messages told of one unit; of the others only their number.
    lang : {"id", "en"}
        Language of the messages.

    Returns
    -------
    dict of str to dict
        Unit to ``n`` (how many) and ``told`` (the first messages, worst first); only units that have any.
    """
    found, units = assessment.problems, set(assessment.summary.index)
    out = {}
    if "message" not in found:
        return out
    own = in_words(found[found["feature"].isin(units)], lang)
    for unit, named, message in zip(own["feature"], own["column"], own["message"], strict=True):
        said = out.setdefault(str(unit), {"n": 0, "told": []})
        said["n"] += 1
        said["told"] = [*said["told"], f"{named}: {message}" if named else message][:most]
    return out
