"""What goes into a page: whitelisted columns, plain values, coordinates with six decimals."""

import numpy as np
import pandas as pd

from kumuhgis.captions import caption, chances, fragile_sentences, why_sentences
from kumuhgis.further import households_needed
from kumuhgis.maps.packing import column, figures
from kumuhgis.maps.shapes import bounds
from kumuhgis.personal import hidden, is_personal
from kumuhgis.text import rule_word

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
_WORDS = ("consideration", "handling", "authority", "typology")
MEASURE_COLUMNS = (
    "percent", "score", "score_low", "score_high", "affected", "total", "source", "table_affected",
    "table_total", "geometry_affected", "geometry_total",
)  # fmt: skip

MOST_SETTLED = 200
"""Units up to which the card says how many more households would settle a level: it takes 0.04 s each."""

_BASES = {
    "score_low": "score", "score_high": "score", "table_affected": "affected", "geometry_affected": "affected",
    "table_total": "total", "geometry_total": "total",
}  # fmt: skip


def columns_of(frame, names, *, personal=()):
    """Pack the named columns that the frame has; nothing else of it enters the page.

    Columns that look as if they spoke of single people are left out, and numbers of people in other texts are hidden
    (see :mod:`kumuhgis.personal`).

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
        For :func:`packing.pack`: ``unit`` (keys) and ``level`` (number of the class in :func:`themes.level_classes`);
        ``units``, ``summary`` and ``texts`` (name to column); ``means`` (a column per aspect); ``measures`` (name to a
        column per criterion of the rule).
    """
    rules, summary = assessment.rules, assessment.summary
    levels = pd.Categorical(summary["level"], rules.level_keys).codes
    further, told = _further(assessment), summary.drop(columns="p_likely", errors="ignore")  # said by itself
    means = summary.reindex(columns=[f"aspect_{aspect.number}_mean" for aspect in rules.aspects])
    return {
        "unit": [str(unit) for unit in summary.index],
        "level": np.where(levels < 0, len(rules.levels), levels).astype("u1"),
        "units": columns_of(assessment.units.reindex(summary.index), UNIT_COLUMNS, personal=("rt_rw",)),
        "summary": columns_of(_in_words(summary, lang), SUMMARY_COLUMNS),
        "texts": {
            "fragile": column(fragile_sentences(summary, rules, lang)),
            "why": column(pd.Series(why_sentences(told, rules, lang), summary.index)),
            "certainty": column(pd.Series(chances(summary, rules, lang, further=further), summary.index)),
        },
        "means": [figures(means[name].to_numpy(float, na_value=np.nan)) for name in means],
        "measures": _measures(assessment),
    }


def _in_words(summary, lang):
    """Put the words of the rule into the language of the page."""
    there = [name for name in _WORDS if name in summary]
    return summary.assign(**{name: [rule_word(value, lang) for value in summary[name]] for name in there})


def _further(assessment):
    """Give how many more households would settle the level of each unit; nothing without a sample, or of very many."""
    measures = assessment.measures
    few = len(assessment.summary) <= MOST_SETTLED
    if not few or "hits" not in measures or not measures["hits"].notna().any():
        return None
    return households_needed(measures, assessment.rules)["households"]


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
    """Give what stands around the map: its caption, and the box of the units in degrees as ``bounds``.

    Parameters
    ----------
    assessment : Assessment
        The result.
    lang : {"id", "en"}
        Language.
    title : str
        As for :func:`captions.caption`.

    Returns
    -------
    dict
        See :func:`captions.caption`.
    """
    return {**caption(assessment, lang, title=title), "bounds": bounds(assessment.units.geometry)}
