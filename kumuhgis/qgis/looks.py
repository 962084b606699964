"""What decides the class of a feature in QGIS: the themes and kinds of the map, as values of fields and expressions.

Expressions are made of the names of our columns and the words of the rule; a text from people is only ever a value
that is compared.
"""

import pandas as pd

from kumuhgis.catalog import layer_kinds
from kumuhgis.colours import UNDETERMINED_COLOUR
from kumuhgis.kinds import ANSWERS, CONDITIONS, KINDS, PROBLEMS
from kumuhgis.qgis.styles import Style, column_sql, value_sql
from kumuhgis.text import text, texts
from kumuhgis.themes import CHANCES, PATTERNS, level_classes, unit_themes

_NEEDED = "dibutuhkan"
_FAULTS = {"fill": "#b3001b", "line": "#b3001b", "weight": 2.5}
_FORMS = {"cross": "cross_fill", "hexagon": "hexagon"}
_WHITE = {"casing": True}


def unit_styles(assessment, columns, lang="id"):
    """Give the ways to draw the units: by level, then every theme that there is data for.

    Parameters
    ----------
    assessment : Assessment
        The result.
    columns : sequence of str
        Columns of the layer.
    lang : {"id", "en"}
        Language of the labels; values are compared in that of the layer.

    Returns
    -------
    list of styles.Style
        The first is the default; the second is the same without patterns.
    """
    label = "rt_rw" if "rt_rw" in columns else "unit"
    open_ = text("levels.undetermined", lang)
    levels = [(c["key"] or open_, _area(c)) for c in level_classes(assessment, lang)]
    name = text("maps.theme.levels", lang)
    without = [(value, {**each, "pattern": ""}) for value, each in levels]
    found = [(name, "level", levels), (text("qgis.style.plain", lang, theme=name), "level", without)]
    for theme in unit_themes(assessment, lang):
        by, values = _decided(theme, assessment, lang)
        classes = list(zip(values, map(_area, theme["classes"]), strict=True))
        found.append((theme["name"], by, classes))
    return [Style(name, by, tuple(classes), label, 25_000, 8) for name, by, classes in found]


def _area(each):
    return {**each, "line": "" if each.get("hatch") else "#4a443b", "weight": 1.2}


def _decided(theme, assessment, lang):
    """Give what decides the class of a unit, and the value of every class; the last is for all others."""
    kind, _, which = theme["id"].partition(":")
    count = len(theme["classes"]) - 1
    if kind == "score":
        return f"{which}_score", [*(str(int(score)) for score in assessment.rules.bands.score), ""]
    if kind == "mean":
        return _bands(f"aspect_{which}_mean", assessment.rules.bands.lower), [*map(str, range(count)), ""]
    if kind == "p_slum":
        return _bands(kind, CHANCES), [*map(str, range(count)), ""]
    if kind in ("class", "priority", "handling"):
        labels = [each["label"] for each in theme["classes"][:-1]]
        clean, last = value_sql(assessment.rules.level_keys[0]), value_sql(labels[-1])
        known = f"to_string({column_sql(kind)})"
        empty = f"CASE WHEN {column_sql('level')} = {clean} THEN {last} ELSE '' END"
        return f"coalesce({known}, {empty})", [*labels, ""]
    if kind in ("tenure_sign", "plan_sign"):
        return kind, ["(+)", "(-)", ""]
    if kind == "legal":
        return _either('"legal"', "'ya'", "'tidak'"), ["ya", "tidak", ""]
    if kind == "certainty":
        either = _either('"fragile"', "'1'", "'0'")
        open_ = value_sql(text("levels.undetermined", lang))
        sampled = "WHEN \"p_likely\" < 1 THEN '2' " if count > 2 else ""
        return f"CASE WHEN \"level\" = {open_} THEN '' {sampled}ELSE {either} END", [*map(str, range(count)), ""]
    return _decree(assessment.rules.floor), ["0", "1", "2", "3", ""]


def _bands(column, lower):
    name = column_sql(column)
    steps = [f"WHEN {name} >= {limit:g} THEN '{n + 1}'" for n, limit in reversed(list(enumerate(lower)))]
    return f"CASE WHEN {name} IS NULL THEN '' {' '.join(steps)} ELSE '0' END"


def _either(name, yes, no):
    return f"CASE WHEN {name} IS NULL THEN '' WHEN {name} THEN {yes} ELSE {no} END"


def _decree(floor):
    """Say where the decree and the result agree, as :func:`themes.unit_themes` does."""
    slum, clean = f'"total_low" >= {floor}', f'"total_high" < {floor}'
    inside = "\"sk_status\" IN ('inside', 'partial')"
    return (
        f"CASE WHEN \"sk_status\" IS NULL OR NOT ({slum} OR {clean}) THEN '' "
        "WHEN \"sk_finding\" = 'inside_not_slum' THEN '2' WHEN \"sk_finding\" = 'outside_slum' THEN '3' "
        f"WHEN {inside} AND {slum} THEN '0' WHEN {inside} THEN '2' WHEN {slum} THEN '3' ELSE '1' END"
    )


def layer_style(name, frame, dimension, lang="id"):
    """Give the way to draw a layer that is no unit.

    Parameters
    ----------
    name : str
        Of the layer in the assessment; ``problems`` and ``contributions`` too.
    frame : geopandas.GeoDataFrame
        Its features.
    dimension : int
        Of their geometry.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    styles.Style
        With classes for every word that may be filled in, also those that no feature has yet.
    """
    if name in _BY_WORD:
        by, classes = _BY_WORD[name](name, frame, lang)
    elif name in KINDS:
        by, classes = "", [("", KINDS[name].classes(frame, lang)[1][0])]
    else:
        by, classes = "", [("", {"label": name, **_FAULTS, "hatch": True})]
    drawn = tuple((value, _fitting(each, name, dimension)) for value, each in classes)
    label = {"roads": "name", "sk": "name", "water": "name"}.get(name, "")
    label = label if label in frame and frame[label].notna().any() else ""
    return Style(_title(name, lang), by, drawn, label, 5_000 if name == "roads" else 15_000, 7)


def _title(name, lang):
    kind = layer_kinds().get(name)
    return kind["title" if lang == "id" else "title_en"] if kind else texts(lang).get(f"qgis.layer.{name}", name)


def _fitting(each, name, dimension):
    """Complete a class where the map leaves something to its script."""
    out = dict(each)
    if dimension == 2 and name == "sk":
        return {**out, "fill": None}
    if dimension == 1 and KINDS.get(name) and KINDS[name].how.get("casing") and not out.get("needed"):
        out |= _WHITE
    if dimension == 0:
        out["mark"] = _FORMS.get(out.get("form"), out.get("form") or out.get("mark", "circle"))
    return out


def _lines(name, frame, lang):
    """Class lines by condition; what is needed and not there is one class of its own."""
    classes = KINDS[name].classes(frame, lang)[1]
    values = [*CONDITIONS, "", _NEEDED]
    by = _existing(frame, "condition")
    if "status" in frame:
        by = f"CASE WHEN \"status\" = '{_NEEDED}' THEN '{_NEEDED}' ELSE {by} END"
    listed = dict(zip(values, classes, strict=True))
    return by, [(value, listed[value]) for value in (*CONDITIONS, _NEEDED, "")]


def _existing(frame, column):
    return column_sql(column) if column in frame else "''"


def _houses(name, frame, lang):
    classes = KINDS[name].classes(frame, lang)[1]
    first, second = (_existing(frame, column) for column in ("irregular", "substandard"))
    unknown = f"coalesce({first}, '') = '' AND coalesce({second}, '') = ''"
    sums = f"CASE WHEN {first} = 'ya' THEN 1 ELSE 0 END + CASE WHEN {second} = 'ya' THEN 2 ELSE 0 END"
    by = f"CASE WHEN {unknown} THEN '' ELSE to_string({sums}) END"
    return by, list(zip(("0", "1", "2", "3", ""), classes, strict=True))


def _hydrants(name, frame, lang):
    marks = ("circle", "diamond", "square")
    classes = [{**c, "mark": m} for c, m in zip(KINDS[name].classes(frame, lang)[1], marks, strict=True)]
    return _existing(frame, "working"), list(zip(("ya", "tidak", ""), classes, strict=True))


def _parcels(name, frame, lang):
    classes = KINDS[name].classes(frame, lang)[1]
    keys = _keys(frame, "land_status")
    by = f"lower(trim(coalesce({_existing(frame, 'land_status')}, '')))"
    if "conflict" not in frame:
        return by, list(zip([*keys, ""], classes[: len(keys) + 1], strict=True))
    by = f"CASE WHEN \"conflict\" = 'ya' THEN '! ' ELSE '' END || {by}"
    values = [*keys, "", *(f"! {key}" for key in keys), "! "]
    used = set(frame["land_status"].astype("string").str.strip().str.casefold()[_yes(frame["conflict"])].fillna(""))
    pairs = list(zip(values, classes, strict=True))
    return by, [(v, c) for v, c in pairs if not v.startswith("! ") or v.removeprefix("! ") in used]


def _zoning(name, frame, lang):
    """Class zones by their name; large areas, so that patterns tell them apart in black and white."""
    by = f"lower(trim(coalesce({_existing(frame, 'zone')}, '')))"
    classes = KINDS[name].classes(frame, lang)[1]
    drawn = [{**each, "pattern": PATTERNS[n % len(PATTERNS)]} for n, each in enumerate(classes[:-1])]
    return by, list(zip([*_keys(frame, "zone"), ""], [*drawn, classes[-1]], strict=True))


def _keys(frame, column):
    """Give the words of a column without regard to case, in the order of the map's legend."""
    values = frame.get(column, pd.Series(pd.NA, frame.index, dtype=object))
    return sorted(values.astype("string").str.strip().str.casefold().dropna().unique())


def _yes(values):
    return values.astype("object").isin([True, "ya"])


def _problems(_name, _frame, lang):
    classes = [(key, {"label": text(f"severity.{key}", lang), **style}) for key, style in PROBLEMS.items()]
    info = {"label": text("severity.info", lang), "fill": UNDETERMINED_COLOUR, "line": "#6b6459", "hatch": True}
    return "severity", [*classes, ("info", {**info, "weight": 1.2})]


def _answers(_name, _frame, lang):
    """Class answers by their kind; areas are only outlined, so that the RT below is seen."""
    label = {key: text(f"maps.kind.{key.replace(' ', '_') or 'other'}", lang) for key in ANSWERS}
    style = {key: {**each, "label": label[key], "weight": 3, "size": 4} for key, each in ANSWERS.items()}
    return "kind", list(style.items())


_BY_WORD = {
    "roads": _lines, "drains": _lines, "buildings": _houses, "hydrants": _hydrants, "parcels": _parcels,
    "zoning": _zoning, "problems": _problems, "contributions": _answers,
}  # fmt: skip
