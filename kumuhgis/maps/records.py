"""What goes into a page: whitelisted columns, plain values, coordinates with six decimals."""

import re

import numpy as np
import pandas as pd

from kumuhgis.colours import LEVEL_COLOURS, UNDETERMINED_COLOUR
from kumuhgis.errors import count_severities, in_words
from kumuhgis.maps.packing import column, figures, plain
from kumuhgis.maps.personal import hidden, is_personal
from kumuhgis.maps.shapes import bounds
from kumuhgis.priority import why
from kumuhgis.text import text
from kumuhgis.trace import fragile_sentence

LEVEL_PATTERNS = ("", "dots", "slanted", "crossed")
"""The same for black and white: each denser than the one before."""
MOST_NAMES = 3
"""Places of one kind that a heading names; of more it says how many they are."""
UNIT_COLUMNS = (
    "rt_rw", "dusun", "desa", "kecamatan", "kawasan", "area_ha", "verified_ha", "sk_ha", "population", "households",
    "buildings",
)  # fmt: skip
SUMMARY_COLUMNS = (
    "sektoral", "total_score", "total_low", "total_high", "levels_possible", "deciding", "area_ha", "area_used_ha",
    "slum_ha", "consideration_score", "consideration", "tenure_sign", "plan_sign", "legal", "class", "priority", "rank",
    "handling", "authority", "authority_near_limit", "sk_share", "sk_status", "sk_finding",
    "tenure_clear_share", "plan_conforming_share", "setback_ha", "typology",
)  # fmt: skip
WHY_COLUMNS = (
    "level", "total_high", "deciding", "consideration", "consideration_score", "strategic", "population_score",
    "social", "legal", "class", "priority", "handling",
)  # fmt: skip
MEASURE_COLUMNS = (
    "percent", "score", "score_low", "score_high", "affected", "total", "source", "table_affected",
    "table_total", "geometry_affected", "geometry_total",
)  # fmt: skip


_BASES = {
    "score_low": "score", "score_high": "score", "table_affected": "affected", "geometry_affected": "affected",
    "table_total": "total", "geometry_total": "total",
}  # fmt: skip


def columns_of(frame, names, *, personal=()):
    """Pack the named columns that the frame has; nothing else of it enters the page.

    Columns that look as if they spoke of single people are left out, and numbers of people in other texts are hidden
    (see :mod:`kumuhgis.maps.personal`).

    Parameters
    ----------
    frame : pandas.DataFrame
        The table.
    names : sequence of str
        The whitelist.
    personal : sequence of str
        Columns that are written as they are.

    Returns
    -------
    dict of str to dict
        Name to :func:`packing.column`.

    Examples
    --------
    >>> list(columns_of(pd.DataFrame({"rt_rw": ["01/02"], "owner": ["Bu Sri"]}), ("rt_rw", "kk")))
    ['rt_rw']
    """
    there = [name for name in names if name in frame.columns and (name in personal or not is_personal(name))]
    return {name: column(frame[name] if name in personal else hidden(frame[name])) for name in there}


def level_classes(assessment, lang="id"):
    """Give the classes of the legend in the order of the rule, with colour, count and hectares.

    Parameters
    ----------
    assessment : Assessment
        The result.
    lang : {"id", "en"}
        Language of the labels.

    Returns
    -------
    list of dict
        ``key, label, fill, hatch, pattern, count, hectares`` (the area that the hectares of slum are counted with);
        the last one is what cannot be determined yet.
    """
    levels, summary = assessment.rules.levels, assessment.summary
    step = (len(LEVEL_COLOURS) - 1) / (len(levels) - 1)
    names = [level.key if lang == "id" else level.name_en for level in levels]
    rows = [(level.key, name, round(n * step)) for n, (level, name) in enumerate(zip(levels, names, strict=True))]
    rows = [(key, name, LEVEL_COLOURS[n], LEVEL_PATTERNS[n]) for key, name, n in rows]
    rows.append(("", text("levels.undetermined", lang), UNDETERMINED_COLOUR, ""))
    known = summary["level"].astype(object).where(summary["level"].notna(), "")
    areas = summary["area_used_ha" if "area_used_ha" in summary else "area_ha"]
    classes = []
    for key, label, colour, pattern in rows:
        hectares = areas[known == key]
        classes.append({
            "key": key, "label": label, "fill": colour, "count": len(hectares),
            "hectares": plain(float(hectares.sum())), "hatch": key == "", "pattern": pattern,
        })  # fmt: skip
    return classes


def rule_record(rules, lang="id"):
    """Give what the card says about the rule: scale, levels, aspects and criteria.

    Parameters
    ----------
    rules : Rules
        The rule.
    lang : {"id", "en"}
        Language of the names.

    Returns
    -------
    dict
        ``max_total, lower, bands, aspects, criteria, columns``.
    """
    name = "name" if lang == "id" else "name_en"
    criteria = [(c.code, c.aspect, getattr(c, name), c.unit) for c in rules.criteria]
    return {
        "max_total": rules.max_total,
        "lower": [level.lower for level in rules.levels],
        "bands": {"lower": list(rules.bands.lower), "score": list(rules.bands.score)},
        "aspects": [{"number": a.number, "name": getattr(a, name)} for a in rules.aspects],
        "criteria": [dict(zip(("code", "aspect", "name", "unit"), row, strict=True)) for row in criteria],
        "columns": MEASURE_COLUMNS,
    }


def unit_columns(assessment, lang="id"):
    """Give all that the card of every unit shows, in columns, in the order of the summary.

    Parameters
    ----------
    assessment : Assessment
        The result.
    lang : {"id", "en"}
        Language of the sentences.

    Returns
    -------
    dict
        For :func:`packing.pack`: ``unit`` (keys) and ``level`` (number of the class in :func:`level_classes`);
        ``units``, ``summary`` and ``texts`` (name to column); ``means`` (a column per aspect); ``measures`` (name to a
        column per criterion of the rule).
    """
    rules, summary = assessment.rules, assessment.summary
    levels = pd.Categorical(summary["level"], rules.level_keys).codes
    means = summary.reindex(columns=[f"aspect_{aspect.number}_mean" for aspect in rules.aspects])
    return {
        "unit": [str(unit) for unit in summary.index],
        "level": np.where(levels < 0, len(rules.levels), levels).astype("u1"),
        "units": columns_of(assessment.units.reindex(summary.index), UNIT_COLUMNS, personal=("rt_rw",)),
        "summary": columns_of(summary, SUMMARY_COLUMNS),
        "texts": {
            "fragile": column(_fragile(summary, rules, lang)),
            "why": column(pd.Series(why_sentences(summary, rules, lang), summary.index)),
        },
        "means": [figures(means[name].to_numpy(float, na_value=np.nan)) for name in means],
        "measures": _measures(assessment),
    }


def _fragile(summary, rules, lang):
    """Give the sentence of every unit that one step would move to another level; missing for the others."""
    out = pd.Series(None, summary.index, dtype=object)
    if "fragile" in summary:
        near = summary["fragile"].astype("boolean").fillna(False).to_numpy(bool)
        names = ["fragile", *(f"fragile_{name}" for name in ("criterion", "direction", "percent", "volume"))]
        rows = summary.loc[near, names].to_dict("records")
        out[near] = [fragile_sentence(row, rules, lang) for row in rows]
    return out


def why_sentences(summary, rules, lang="id"):
    """Give the sentences of :func:`priority.why` for all units; equal inputs are said once.

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
    return [said[row] for row in rows]


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


def _measures(assessment):
    """Give one column per name and criterion; what was never measured is missing."""
    scores, codes = assessment.scores, list(assessment.rules.codes)
    both = scores.join(assessment.measures[assessment.measures.columns.difference(scores.columns)])
    index = pd.MultiIndex.from_product([assessment.summary.index, codes], names=both.index.names)
    both = both if both.index.equals(index) else both.reindex(index)
    cells = {
        name: both[name].to_numpy(float, na_value=np.nan).reshape(-1, len(codes))
        for name in MEASURE_COLUMNS
        if name in both and name != "source"
    }
    found = {name: [_measure(cells, name, k, assessment.rules) for k in range(len(codes))] for name in cells}
    sources = both["source"].to_numpy(object).reshape(-1, len(codes))
    return {**found, "source": [column(pd.Series(sources[:, k])) for k in range(len(codes))]}


def _measure(cells, name, k, rules):
    """Pack the figures of one criterion as the difference from those that they mostly equal."""
    base, at = _BASES.get(name), k
    if name == "total":
        kinds = [criterion.total for criterion in rules.criteria]
        base, at = "total", kinds.index(kinds[k])
    if base is None or (base, at) == (name, k):
        return figures(cells[name][:, k])
    return figures(cells[name][:, k], base=cells[base][:, at], path=["measures", base, at])


def frame_record(assessment, lang="id", *, title="maps.title"):
    """Give title, rule, date and warnings of the map.

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
        ``title, place, project, date, when, rule, sample, problems, bounds``; the date is that of the data, never of
        the run, and ``when`` says it in words, also that it is not recorded.
    """
    found, rules = assessment.provenance, assessment.rules
    places = {name: _place(assessment, name) for name in ("desa", "kecamatan", "kabupaten")}
    wider = [_named(f"maps.place.{n}", v, lang, "name") for n, v in places.items() if v and n != "desa"]
    desa, date = places["desa"], survey_date(assessment)
    return {
        "title": _named(title, desa, lang, "desa") if desa else text(f"{title}_plain", lang),
        "place": " · ".join(wider),
        "project": str(found.get("name") or ""),
        "date": date,
        "when": text("maps.date", lang, date=date) if date else _undated(found, lang),
        "rule": getattr(rules, "short", "") or (rules.title if lang == "id" else rules.title_en),
        "sample": bool(found.get("sample")),
        "problems": count_severities(assessment.problems),
        "bounds": bounds(assessment.units.geometry),
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


def _named(key, names, lang, placeholder):
    """Name a few places; of many say how many they are."""
    if len(names) > MOST_NAMES:
        return text(f"{key}_several", lang, n=len(names))
    return text(key, lang, **{placeholder: ", ".join(names)})
