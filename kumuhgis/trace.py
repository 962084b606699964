"""Trace: how a unit came to its score, what would change it, and what the named options change."""

import math
from itertools import pairwise

import pandas as pd

from kumuhgis.errors import Problem, ScoringError
from kumuhgis.rules import load_rules
from kumuhgis.scores import score
from kumuhgis.text import number, text


def explain(scores, unit, rules, *, lang="id"):
    """Trace one unit: every numerator, denominator, percent, band, score and source.

    Parameters
    ----------
    scores : pandas.DataFrame
        As :func:`score` gives them.
    unit : str
        The unit.
    rules : str, path or Rules
        The rule they were made with.
    lang : {"id", "en"}
        Language of the names.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``criterion``: ``name, affected, total, unit, percent, band, score, source, clause``.

    Raises
    ------
    ScoringError
        If there is no such unit.

    Examples
    --------
    >>> rules = load_rules()
    >>> index = pd.MultiIndex.from_product([["RT 01"], rules.codes], names=["unit", "criterion"])
    >>> from kumuhgis.scores import score
    >>> scores, _ = score(pd.DataFrame({"affected": 30.0, "total": 50.0, "source": "table"}, index), rules)
    >>> explain(scores, "RT 01", rules).loc["3a", ["unit", "percent", "band"]].to_dict()
    {'unit': 'KK', 'percent': 60.0, 'band': '51–<76 %'}
    """
    rules = load_rules(rules)
    if unit not in scores.index.get_level_values("unit"):
        raise ScoringError([Problem("unit_not_found", "scores", str(unit))], lang)
    out = scores.xs(unit, level="unit").reindex(list(rules.codes)).rename_axis("criterion")
    out.insert(0, "name", [c.name if lang == "id" else c.name_en for c in rules.criteria])
    out.insert(3, "unit", [c.unit for c in rules.criteria])
    bands = band_labels(rules)
    out["band"] = [text("levels.missing", lang) if pd.isna(s) else bands[s] for s in out["score"]]
    out["clause"] = [f"{rules.short}, {c.clause}" for c in rules.criteria]
    if "source" not in out:
        out["source"] = ""
    return out[["name", "affected", "total", "unit", "percent", "band", "score", "source", "clause"]]


def band_labels(rules):
    """Write the band of percent that belongs to every score.

    Parameters
    ----------
    rules : Rules
        The rule.

    Returns
    -------
    dict of int to str
        Score to label.

    Examples
    --------
    >>> band_labels(load_rules())
    {0: '<25 %', 1: '25–<51 %', 3: '51–<76 %', 5: '≥76 %'}
    """
    lower = [f"{value:g}" for value in rules.bands.lower]
    middle = [f"{a}–<{b} %" for a, b in pairwise(lower)]
    return dict(zip(rules.bands.score, [f"<{lower[0]} %", *middle, f"≥{lower[-1]} %"], strict=True))


def fragile_sentence(row, rules, lang="id"):
    """Say what one step would change, with the distance in percent and in volume ("3 KK").

    Parameters
    ----------
    row : pandas.Series
        A row of ``summary``.
    rules : Rules
        The rule.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    str
        Empty if the unit is not fragile.
    """
    if not (pd.notna(row["fragile"]) and row["fragile"]):
        return ""
    criterion = rules.criterion(row["fragile_criterion"])
    return text(
        f"levels.fragile_{row['fragile_direction']}",
        lang,
        code=criterion.code,
        name=criterion.name if lang == "id" else criterion.name_en,
        percent=number(row["fragile_percent"], 2, lang),
        volume=f"{_volume(row['fragile_volume'], criterion.unit, lang)} {criterion.unit}",
    )


def _volume(value, unit, lang):
    """Write a volume that is at least needed, rounded up; a small one with the decimals that two digits need."""
    decimals = {"unit": 0, "KK": 0, "m": 1, "ha": 4}[unit]
    if decimals and 0 < abs(value) < 10 ** (1 - decimals):
        decimals = 1 - math.floor(math.log10(abs(value)))
    return number(math.ceil(round(value * 10**decimals, 4)) / 10**decimals, decimals, lang)


def sensitivity(variants, rules):
    """Score the same units under several named options and say whose level changes.

    Parameters
    ----------
    variants : dict of str to pandas.DataFrame
        Name of the option to its measures; the first one is the reference.
    rules : str, path or Rules
        One rule for all: totals under different rules are never compared.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``unit``: for each variant ``<name>_total`` and ``<name>_level``, and ``changes`` (bool): some
        variant gives another level, or leaves it open, where the reference does not.

    Examples
    --------
    >>> rules = load_rules()
    >>> index = pd.MultiIndex.from_product([["RT 01"], rules.codes], names=["unit", "criterion"])
    >>> ideal = pd.DataFrame({"affected": 24.0, "total": 50.0}, index)
    >>> existing = ideal.assign(total=40.0)
    >>> sensitivity({"ideal": ideal, "existing": existing}, rules).loc["RT 01", "existing_level"]
    'kumuh sedang'
    """
    rules = load_rules(rules)
    out, reference = pd.DataFrame(), None
    for name, measures in variants.items():
        _, summary = score(measures, rules)
        level = summary["level"].astype(object).where(summary["level"].notna(), None)
        if reference is None:
            out = pd.DataFrame(index=summary.index)
            reference, changes = level, pd.Series(False, index=summary.index)
        level = level.reindex(out.index)
        out[f"{name}_total"] = summary["total_score"].reindex(out.index)
        out[f"{name}_level"] = level
        changes |= (level != reference) & ~(level.isna() & reference.isna())
    out["changes"] = changes
    return out


def same_rules(a, b):
    """Refuse to compare totals under different rules.

    Parameters
    ----------
    a, b : Rules
        The rules behind two results.

    Raises
    ------
    ScoringError
        If they are not equal in every figure.

    Examples
    --------
    >>> same_rules(load_rules(), load_rules("permen-02-2016"))
    Traceback (most recent call last):
    ...
    kumuhgis.errors.ScoringError: permen-14-2018 · permen-02-2016: ...
    """
    if a != b:
        raise ScoringError([Problem("rules_differ", a.key, b.key)])
