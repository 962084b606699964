"""What the units can be coloured by: one geometry, many themes, each a class per unit and the classes of its legend."""

from itertools import pairwise

import numpy as np
import pandas as pd

from kumuhgis.colours import LEVEL_COLOURS, LEVEL_PATTERNS, UNDETERMINED_COLOUR
from kumuhgis.text import number, rule_word, text

PRIORITY_SCALE = ("#33124d", "#6d4a8c", "#a98fc0", "#e6dcec")
"""From the first priority to the last."""
HANDLINGS = ("#5b9a8b", "#c4784a", "#6d5a7e", "#d8b45a", "#6f9fc8", "#93a35f")
"""Colours of ways of handling, which have no order."""
PATTERNS = (*LEVEL_PATTERNS, "horizontal", "vertical", "checks", "rings", "zigzag", "grid", "dashes", "bars")
"""Forms of ``pattern.js`` that classes are told apart by in black and white, in the order of the classes."""
GOOD, BAD, SURE, NEAR, LIKELY = "#2f6f8f", "#a8561a", "#cfd8e3", "#c9952b", "#8a6f9e"


def unit_themes(assessment, lang="id"):
    """Give all themes that the assessment has data for, beside the level.

    Parameters
    ----------
    assessment : Assessment
        The result.
    lang : {"id", "en"}
        Language of the names.

    Returns
    -------
    list of dict
        ``id``, ``group`` ("result", "aspect" or "criterion"), ``name``, ``classes`` (``label``, ``fill``,
        ``pattern``, perhaps ``hatch``; the last one is what is not known) and ``codes`` (the class of each unit, in
        summary order).
    """
    found = [*_results(assessment, lang), *_aspects(assessment, lang), *_criteria(assessment, lang)]
    known = [theme for theme in found if (theme["codes"] < len(theme["classes"]) - 1).any()]
    return [{**theme, "codes": theme["codes"].astype("u1")} for theme in known]


def unit_theme(assessment, key="level", lang="id"):
    """Give one theme, also one that no unit has data for: then every unit is of the last class.

    Parameters
    ----------
    assessment : Assessment
        The result.
    key : str
        ``"level"``, or the ``id`` of a theme of :func:`unit_themes`: ``"priority"``, ``"score:2b"``, ``"mean:4"`` …
    lang : {"id", "en"}
        Language of the names.

    Returns
    -------
    dict
        As :func:`unit_themes` gives them.

    Raises
    ------
    KeyError
        If there is no such theme; it names those that there are.
    """
    if key == "level":
        classes = level_classes(assessment, lang)
        keys = [kind["key"] for kind in classes[:-1]]
        codes = _codes(assessment.summary["level"], keys)
        codes = np.where(codes < 0, len(keys), codes).astype("u1")
        name = text("maps.theme.levels", lang)
        return {"id": key, "group": "result", "name": name, "classes": classes, "codes": codes}
    found = {
        t["id"]: t for t in (*_results(assessment, lang), *_aspects(assessment, lang), *_criteria(assessment, lang))
    }
    if key not in found:
        raise KeyError(", ".join(["level", *found]))
    return {**found[key], "codes": found[key]["codes"].astype("u1")}


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
            "hectares": round(float(hectares.sum()), 6), "hatch": key == "", "pattern": pattern,
        })  # fmt: skip
    return classes


def spread(colours, count):
    """Give so many colours from a scale, both ends included, mixed where it has too few.

    Parameters
    ----------
    colours : sequence of str
        ``#rrggbb``.
    count : int
        How many.

    Returns
    -------
    list of str
        Colours.

    Examples
    --------
    >>> spread(("#000000", "#ffffff"), 3)
    ['#000000', '#808080', '#ffffff']
    """
    known = np.array([[int(colour[k : k + 2], 16) for k in (1, 3, 5)] for colour in colours])
    at = np.linspace(0, len(colours) - 1, count) if count > 1 else np.zeros(1)
    mixed = np.stack([np.interp(at, np.arange(len(colours)), known[:, k]) for k in range(3)], axis=1)
    return ["#" + "".join(f"{round(part):02x}" for part in row) for row in mixed]


def _theme(key, group, name, classes, codes, unknown, patterns=PATTERNS):
    """Put a theme together; a code below 0 is not known. Of more classes than patterns neighbours still differ."""
    rows = [
        {"label": label, "fill": fill, "pattern": patterns[n % len(patterns)]}
        for n, (label, fill) in enumerate(classes)
    ]
    rows.append({"label": unknown, "fill": UNDETERMINED_COLOUR, "pattern": "", "hatch": True})
    codes = np.asarray(codes)
    return {
        "id": key, "group": group, "name": name, "classes": rows,
        "codes": np.where(codes < 0, len(classes), codes),
    }  # fmt: skip


def _criteria(assessment, lang):
    """Give the score of every criterion, with the limits of its percent."""
    rules = assessment.rules
    limits = _limits(rules, lang)
    labels = [f"{score} · {limit}" for score, limit in zip(rules.bands.score, limits, strict=True)]
    classes = list(zip(labels, spread(LEVEL_COLOURS, len(labels)), strict=True))
    scores = assessment.scores["score"].unstack().reindex(assessment.summary.index)
    for criterion in rules.criteria:
        name = criterion.name if lang == "id" else criterion.name_en
        found = scores.get(criterion.code, pd.Series(pd.NA, scores.index))
        codes = pd.Index(rules.bands.score).get_indexer(found.to_numpy(float, na_value=np.nan))
        yield _theme(
            f"score:{criterion.code}", "criterion", f"{criterion.code} {name}", classes, codes,
            text("maps.theme.not_measured", lang),
        )  # fmt: skip


def _aspects(assessment, lang):
    """Give the mean percent of every aspect, cut at the limits of the bands."""
    rules, summary = assessment.rules, assessment.summary
    limits = _limits(rules, lang)
    classes = list(zip(limits, spread(LEVEL_COLOURS, len(limits)), strict=True))
    for aspect in rules.aspects:
        means = summary.get(f"aspect_{aspect.number}_mean", pd.Series(np.nan, summary.index)).astype(float)
        codes = np.searchsorted(rules.bands.lower, means.round(2), side="right")
        name = f"{aspect.number}. {aspect.name if lang == 'id' else aspect.name_en}"
        yield _theme(
            f"mean:{aspect.number}", "aspect", name, classes, np.where(means.isna(), -1, codes),
            text("maps.theme.not_measured", lang),
        )  # fmt: skip


def _limits(rules, lang):
    """Write the bands of percent: "< 25 %", "25 – < 51 %", "≥ 76 %"."""
    lower = [number(value, 0 if value == int(value) else 2, lang) for value in rules.bands.lower]
    between = [f"{a} – < {b} %" for a, b in pairwise(lower)]
    return [f"< {lower[0]} %", *between, f"≥ {lower[-1]} %"]


def _results(assessment, lang):
    yield from _decisions(assessment, lang)
    summary, unknown = assessment.summary, text("maps.theme.unknown", lang)
    signs = {"legal": (True, False), "tenure_sign": ("+", "-"), "plan_sign": ("+", "-")}
    for name, keys in signs.items():
        labels = [text(f"maps.theme.{name}_{word}", lang) for word in ("yes", "no")]
        codes = _codes(summary.get(name, pd.Series(None, summary.index, dtype=object)), keys)
        yield _named(name, list(zip(labels, (GOOD, BAD), strict=True)), codes, unknown, lang)
    fragile = summary.get("fragile", pd.Series(pd.NA, summary.index)).astype("boolean")
    codes = np.where(summary["level"].isna() | fragile.isna(), -1, fragile.fillna(False).astype(int))
    likely = (summary.get("p_likely", pd.Series(1.0, summary.index)) < 1).to_numpy() & (codes >= 0)
    words = ("sure", "near", "likely")[: 3 if likely.any() else 2]
    labels = [text(f"maps.theme.certainty_{word}", lang) for word in words]
    open_, fills = text("levels.undetermined", lang), (SURE, NEAR, LIKELY)[: len(words)]
    yield _named("certainty", list(zip(labels, fills, strict=True)), np.where(likely, 2, codes), open_, lang)
    yield from _chances(summary, lang)
    yield _decree(assessment, lang)


CHANCES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Probabilities of being slum that the map tells apart."""


def _chances(summary, lang):
    """Give how likely each unit is slum, where that is open of any of them."""
    chance = summary.get("p_slum", pd.Series(dtype=float)).to_numpy(float)
    if not ((chance > 0) & (chance < 1)).any():
        return
    edges = [f"{100 * edge:.0f}" for edge in CHANCES]
    labels = [f"< {edges[0]} %", *(f"{a} – < {b} %" for a, b in pairwise(edges)), f"≥ {edges[-1]} %"]
    codes = np.where(np.isnan(chance), -1, np.searchsorted(CHANCES, chance, side="right"))
    classes = list(zip(labels, spread(LEVEL_COLOURS, len(labels)), strict=True))
    yield _named("p_slum", classes, codes, text("maps.theme.unknown", lang), lang)


def _named(key, classes, codes, unknown, lang, patterns=PATTERNS):
    return _theme(key, "result", text(f"maps.theme.{key}", lang), classes, codes, unknown, patterns)


def _codes(values, keys):
    """Give the number of each value among the keys, -1 for any other."""
    return pd.Index(list(keys), dtype=object).get_indexer(values.astype(object).where(values.notna(), None))


def _decisions(assessment, lang):
    """Give priority, class and handling of what is slum."""
    rules, summary = assessment.rules, assessment.summary
    colours = dict(zip(_priorities(rules), spread(PRIORITY_SCALE, len(_priorities(rules))), strict=True))
    handling = dict.fromkeys([*rules.handling.legal.values(), *rules.handling.not_legal.values()])
    choices = {
        "priority": colours,
        "class": _class_colours(rules),
        "handling": {key: HANDLINGS[n % len(HANDLINGS)] for n, key in enumerate(handling)},
    }
    for name, known in choices.items():
        values = summary.get(name, pd.Series(None, summary.index, dtype=object))
        keys = [key for key in known if (values == key).fillna(False).any()]
        codes = _codes(values, keys)
        if keys:
            codes = np.where((codes < 0) & (summary["level"] == rules.level_keys[0]), len(keys), codes)
        classes = [(rule_word(str(key), lang), known[key]) for key in keys] + [
            (text("maps.theme.not_slum", lang), LEVEL_COLOURS[0])
        ]
        patterns = [PATTERNS[1 + n % (len(PATTERNS) - 1)] for n in range(len(keys))] + [PATTERNS[0]]
        yield _named(name, classes, codes, text("maps.theme.unknown", lang), lang, patterns)


def _priorities(rules):
    """Give all priorities that the rule can come to, the first first."""
    steps = {each.priority for each in rules.considerations.classes}
    return sorted({level.priority + step for level in rules.levels if level.priority for step in steps})


def _class_colours(rules):
    """Give all classes that the rule can come to: the colour of the level, paler with every number, never as paper."""
    numbers = sorted({each.class_ + step for each in rules.considerations.classes for step in (0, 1)})
    letters = [
        (level.class_, colour)
        for level, colour in zip(rules.levels, spread(LEVEL_COLOURS, len(rules.levels)), strict=True)
    ]
    return {
        f"{letter}{n}": spread((colour, "#fffdf8"), 2 * len(numbers))[k]
        for letter, colour in reversed(letters)
        if letter
        for k, n in enumerate(numbers)
    }


def _decree(assessment, lang):
    """Give where the decree and the result agree and where they do not."""
    summary, rules = assessment.summary, assessment.rules
    none = pd.Series(None, summary.index, dtype=object)
    status, finding = summary.get("sk_status", none), summary.get("sk_finding", none)
    slum = (summary["total_low"] >= rules.floor).to_numpy()
    clear = slum | (summary["total_high"] < rules.floor).to_numpy()
    inside = status.isin(["inside", "partial"]).to_numpy()
    codes = np.where(inside, np.where(slum, 0, 2), np.where(slum, 3, 1))
    codes = np.where(finding == "inside_not_slum", 2, np.where(finding == "outside_slum", 3, codes))
    codes = np.where(status.isna() | ~clear, -1, codes)
    words = {"both": LEVEL_COLOURS[3], "neither": LEVEL_COLOURS[0], "only_decree": "#3f78b5", "only_slum": "#d9a02b"}
    classes = [(text(f"maps.theme.decree_{word}", lang), fill) for word, fill in words.items()]
    patterns = (LEVEL_PATTERNS[3], LEVEL_PATTERNS[0], LEVEL_PATTERNS[1], LEVEL_PATTERNS[2])
    return _named("decree", classes, codes, text("maps.theme.unknown", lang), lang, patterns)
