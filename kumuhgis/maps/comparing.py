"""Two results on one page: a map of what changed, and both side by side."""

import numpy as np
import pandas as pd

from kumuhgis.captions import survey_date
from kumuhgis.maps.layers import sheet, units_layer
from kumuhgis.maps.records import frame_record
from kumuhgis.maps.shapes import drawable, pack_shapes
from kumuhgis.monitor import CHANGES, compare
from kumuhgis.results import check_assessment
from kumuhgis.text import number, text
from kumuhgis.themes import level_classes

COLOURS = {
    "left_slum": {"fill": "#2a8c7d"},
    "better": {"fill": "#86cabd"},
    "same": {"fill": "#e4ded1"},
    "worse": {"fill": "#dd9cc4"},
    "became_slum": {"fill": "#a3337f", "hatch": "cross"},
    "remeasured": {"fill": "#4a6fa8", "hatch": True},
    "undetermined": {"fill": "#b9b6af", "hatch": True},
    "new": {"fill": "#c9b458", "hatch": True},
    "gone": {"fill": "#6b6459", "hatch": "cross"},
}
"""Better is teal, worse is magenta, the darker the more; what is no change of the place is hatched."""


def compare_map(before, after, *, labels=None, m=None, lang="id"):
    """Draw what changed between two results, and the two side by side.

    Parameters
    ----------
    before, after : Assessment
        Two dates, two rules or a scenario (:func:`scenarios.handle`) of units with the same keys. Under two rules only
        levels and hectares are compared, never totals.
    labels : pair of str, optional
        What the two are called; by default the date of the data of each (or "Sebelum" and "Sesudah").
    m : folium.Map, optional
        Map to draw on; a new one by default.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    folium.Map
        The map of ``after`` with its cards and the layer of changes on top; a tool shows ``before`` beside it, moving
        together.

    Raises
    ------
    ScoringError
        If the two have no unit in common.

    Examples
    --------
    ``compare_map(kg.assess("2019"), kg.assess("2023")).save("perubahan.html")`` writes the file to hand out.
    """
    from kumuhgis.maps.page import DataLayer

    for result in (before, after):
        check_assessment(result, "compare_map", lang)
    two_rules = before.rules != after.rules
    changes = compare(before, after, levels_only=two_rules)
    labels = tuple(labels or _labels(before, after, lang))
    if m is None:
        m = sheet(_frame(before, after, changes, labels, lang), lang=lang)
    m = units_layer(after, m=m, lang=lang, first=_theme(after, changes, lang))
    DataLayer(_changes_data(before, after, changes, labels, lang), "changes", lang=lang).add_to(m)
    return m


def _labels(before, after, lang):
    """Name each by its rule, if they differ, else by its date, else "before" and "after"."""
    names = [(r.rules.short, survey_date(r), text(f"maps.compare.{k}", lang)) for k, r in _sides(before, after)]
    scenario = after.provenance.get("scenario")
    for one, other in zip(*names, strict=True):
        if one and other and one != other and not scenario:
            return one, other
    return text("maps.compare.now", lang), text("maps.compare.scenario", lang)


def _sides(before, after):
    return (("before", before), ("after", after))


def _invented(before, after):
    return any(bool(result.provenance.get("sample")) for _, result in _sides(before, after))


def _frame(before, after, changes, labels, lang):
    """Give the heading: the place of ``after``, what is compared, and its hectares of slum."""
    record = frame_record(after, lang, title="maps.compare.title")
    record["sample"] = _invented(before, after)
    record["rule"] = " → ".join(dict.fromkeys(r.rules.short or r.rules.title for _, r in _sides(before, after)))
    return record | {"date": "", "when": "", "told": _told(before, after, changes, labels, lang)}


def _told(before, after, changes, labels, lang):
    """Say the hectares of slum of both, from to where a level is open, and what left slum."""
    slum = [_hectares(result.summary, lang) for _, result in _sides(before, after)]
    left = changes[changes["change"] == "left_slum"]
    facts = {"left": number(left["reduction_ha"].sum(), 2, lang), "units": len(left)}
    named = {"before": labels[0], "after": labels[1], "slum_before": slum[0], "slum_after": slum[1]}
    return text("maps.compare.told", lang, **facts, **named)


def _hectares(summary, lang):
    low, high = (number(summary[f"slum_ha_{side}"].sum(), 2, lang) for side in ("low", "high"))
    return low if low == high else f"{low}–{high}"


def _theme(after, changes, lang):
    """Give what became of the units of ``after`` as a theme, what is open last."""
    found = changes["change"].reindex(after.summary.index)
    keys = [key for key in CHANGES if (found == key).any() and key != "undetermined"] + ["undetermined"]
    return {
        "id": "changes", "group": "result", "name": text("maps.layer.changes", lang),
        "classes": [{"label": text(f"maps.change.{key}", lang), **COLOURS[key]} for key in keys],
        "codes": pd.Index(keys).get_indexer(found).astype("u1"),
    }  # fmt: skip


def _changes_data(before, after, changes, labels, lang):
    """Give the words of every card, the units that are no longer there, and both sides of the pair."""
    texts = [_level_texts(result, lang).reindex(changes.index) for result in (before, after)]
    rows = _rows(changes, [side.fillna(text("maps.compare.absent", lang)) for side in texts], lang)
    gone = changes.index[changes["change"] == "gone"]
    return {
        "id": "changes", "labels": labels, "sample": _invented(before, after),
        "told": {str(unit): row for unit, row in zip(changes.index, rows, strict=True)},
        "gone": _gone(before, gone, lang) if len(gone) else None,
        **{side: _levels(result, lang) for side, result in _sides(before, after)},
    }  # fmt: skip


def _gone(before, units, lang):
    """Give the units that ``after`` does not have as a layer of their own."""
    shapes = before.units.geometry.reindex(units)
    area = before.summary["area_used_ha"].reindex(units).sum()
    name = text("maps.change.gone", lang)
    style = {"label": name, **COLOURS["gone"], "count": len(units), "hectares": float(area)}
    return {
        "id": "gone", "name": name, "group": "border", "show": True, "z": 404, "classes": [style],
        "n": len(units), "shapes": pack_shapes(shapes), "codes": np.zeros(len(units), "u1"), "told": {},
    }  # fmt: skip


def _levels(result, lang):
    """Give one side of the pair: units in the colours of their levels, with name, level and total."""
    classes, summary = level_classes(result, lang), result.summary
    shapes = result.units.geometry.reindex(summary.index)
    drawn = drawable(shapes)
    codes = pd.Categorical(summary["level"], list(result.rules.level_keys)).codes % len(classes)
    names = result.units.get("rt_rw", pd.Series(None, result.units.index, dtype=object)).reindex(summary.index)
    names = names.where(names.notna(), summary.index.astype(str)).astype(str)
    told = zip(names[drawn], _level_texts(result, lang)[drawn], strict=True)
    return {
        "id": "pair", "z": 405, "classes": classes, "n": int(drawn.sum()), "shapes": pack_shapes(shapes[drawn]),
        "codes": codes[drawn].astype("u1"), "said": [list(row) for row in told],
    }  # fmt: skip


def _level_texts(result, lang):
    """Write level and total of every unit: "kumuh ringan (27)", with an interval where criteria are missing."""
    summary = result.summary
    names = {level.key: level.key if lang == "id" else level.name_en for level in result.rules.levels}
    shown = summary["level"].astype(object).map(names).fillna(text("levels.undetermined", lang))
    low, high = summary["total_low"].astype(str), summary["total_high"].astype(str)
    return shown + " (" + low.where(low == high, low + "–" + high) + ")"


def _rows(changes, sides, lang):
    """Write what the card says of every change: what became of it, from where to where, and by which criteria."""
    criteria = [c for c in ("better", "worse", "remeasured_criteria") if c in changes]
    out = []
    for key, before, after, *codes in zip(changes["change"], *sides, *(changes[c] for c in criteria), strict=True):
        named = [(c, v) for c, v in zip(criteria, codes, strict=True) if isinstance(v, str) and v]
        told = [text(f"maps.compare.{c}", lang, codes=v) for c, v in named]
        out.append([text(f"maps.change.{key}", lang), f"{before} → {after}", *told])
    return out
