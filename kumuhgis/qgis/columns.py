"""What a column is called in QGIS: names and comments in the language of the reader, words to choose from, pages."""

import re

from kumuhgis.kinds import CONDITIONS
from kumuhgis.qgis.styles import Names
from kumuhgis.text import text, texts

_CRITERION = re.compile(r"(\d[a-z])_(affected|total|percent|score|source)")
_PREFIXES = {"status:": "status", "zone:": "zone", "road_m:": "road_m", "drain_m:": "drain_m"}
_YES_NO = {"irregular", "substandard", "connected", "maintained", "conflict", "working"}
_TABS = {
    "result": (
        "unit", "rt_rw", "level", "total_score", "total_low", "total_high", "levels_possible", "deciding", "slum_ha",
        "class", "priority", "handling", "rank", "legal", "authority", "fragile", "fragile_criterion",
        "fragile_direction", "fragile_percent", "fragile_volume", "sektoral",
    ),
    "place": (
        "dusun", "desa", "kecamatan", "kawasan", "area_ha", "verified_ha", "sk_ha", "area_used_ha", "population",
        "households", "density_per_ha", "buildings_mapped", "buildings_per_ha",
    ),
    "legal": (
        "tenure_sign", "plan_sign", "tenure_clear_ha", "tenure_unclear_ha", "tenure_unmapped_ha", "tenure_overlap_ha",
        "tenure_clear_share", "plan_conforming_ha", "plan_nonconforming_ha", "plan_unmapped_ha",
        "plan_conforming_share", "setback_ha", "sk_share", "sk_status", "sk_finding", "strategic", "population_score",
        "social", "consideration_score", "consideration",
    ),
    "origin": ("rule", "options", "date", "data"),
}  # fmt: skip
"""Pages of the form of a unit; criteria have one page an aspect, and what is left goes to the last but one."""


def alias(column, rules, lang="id"):
    """Name a column in words.

    Parameters
    ----------
    column : str
        Its name in the layer.
    rules : Rules or None
        The rule; it names criteria and aspects.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    str
        The name; the column's own where there is none.

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> [alias(c, load_rules()) for c in ("1a_affected", "level", "zone:Sawah", "lain")]
    ['1a volume (unit)', 'Tingkat kekumuhan', 'Zona Sawah (ha)', 'lain']
    """
    found = _CRITERION.fullmatch(column)
    if rules is None:
        return texts(lang, "qgis").get(f"qgis.column.{column}", column)
    if found and found[1] in rules.codes:
        unit = next(c.unit for c in rules.criteria if c.code == found[1])
        key = {"source": "source_of"}.get(found[2], found[2])
        return text(f"qgis.{key}", lang, code=found[1], unit=unit)
    for aspect in rules.aspects:
        if column == f"aspect_{aspect.number}_mean":
            name = aspect.name if lang == "id" else aspect.name_en
            return text("qgis.aspect", lang, number=aspect.number, name=name)
    for n, level in enumerate(rules.levels):
        if column == f"p_level_{n}":
            return text("qgis.level_chance", lang, name=level.key if lang == "id" else level.name_en)
    for prefix, key in _PREFIXES.items():
        if column.startswith(prefix):
            return text(f"qgis.{key}", lang, name=_condition(column.removeprefix(prefix), lang))
    return texts(lang, "qgis").get(f"qgis.column.{column}", column)


def comment(column, rules, lang="id"):
    """Say which criterion a column belongs to, and where the rule has it; empty for other columns."""
    found = _CRITERION.fullmatch(column)
    for criterion in rules.criteria if rules else ():
        if found and criterion.code == found[1]:
            name = criterion.name if lang == "id" else criterion.name_en
            return text("qgis.criterion_comment", lang, name=name, clause=criterion.clause)
    return ""


def names_of(columns, rules, lang="id", *, layer="", shown="", units=False):
    """Give names, words and pages of a layer.

    Parameters
    ----------
    columns : sequence of str
        Columns of the layer.
    rules : Rules or None
        The rule.
    lang : {"id", "en"}
        Language.
    layer : str
        Its name, where a column means something of its own.
    shown : str
        The column that a feature is called by.
    units : bool
        The units: results, on pages, which nobody shall type over.

    Returns
    -------
    styles.Names
        Aliases are all different.
    """
    columns = [str(column) for column in columns]
    aliases = {}
    for column in columns:
        name = texts(lang, "qgis").get(f"qgis.column_of.{layer}.{column}") or alias(column, rules, lang)
        aliases[column] = name if name not in aliases.values() else f"{name} [{column}]"
    comments = {c: said for c in columns if (said := comment(c, rules, lang))}
    tabs = _pages(columns, rules, lang) if units else {}
    return Names(aliases, comments, _choices(columns, lang), tabs, locked=units, shown=shown)


def _choices(columns, lang):
    """Give the words that may stand in a column, so that a form offers them instead of free text."""
    found = {}
    if "condition" in columns:
        keys = {key: f"maps.condition.{key.replace(' ', '_')}" for key in CONDITIONS}
        found["condition"] = {key: text(name, lang) for key, name in keys.items()}
    for column in _YES_NO.intersection(columns):
        found[column] = {"ya": text("maps.yes", lang), "tidak": text("maps.no", lang)}
    return found


def _condition(name, lang):
    """Say the condition of roads and drains in words; the name of a status or zone is left as it is."""
    key = f"maps.condition.{name.replace(' ', '_')}"
    return texts(lang, "qgis").get(key, name)


def _pages(columns, rules, lang):
    pages = {name: tuple(c for c in listed if c in columns) for name, listed in _TABS.items()}
    criteria = {
        aspect.number: tuple(
            c
            for c in columns
            if c == f"aspect_{aspect.number}_mean" or ((m := _CRITERION.fullmatch(c)) and m[1][0] == str(aspect.number))
        )
        for aspect in rules.aspects
    }
    taken = {c for listed in (*pages.values(), *criteria.values()) for c in listed}
    pages["terrain"] = tuple(c for c in columns if c not in taken)
    origin = pages.pop("origin")
    titled = {text(f"qgis.tab.{name}", lang): listed for name, listed in pages.items()}
    titled |= {text("qgis.criterion_part", lang, number=number): listed for number, listed in criteria.items()}
    return {title: listed for title, listed in {**titled, text("qgis.tab.origin", lang): origin}.items() if listed}
