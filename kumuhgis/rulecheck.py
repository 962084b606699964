"""Checks of a rule file that its schema cannot make."""

import tomllib
from importlib.resources import files
from itertools import pairwise

from kumuhgis.errors import Problem
from kumuhgis.questions import check_meaning

CITY_CLASSES = ("metropolitan", "besar", "sedang", "kecil")


def check_rules(rules, name):
    """Check what a schema cannot say: order, references, figures against each other, and the measures named.

    Parameters
    ----------
    rules : Rules
        The rule, of the right shape.
    name : str
        Name of its file.

    Returns
    -------
    list of Problem
        Everything that is wrong.
    """
    problems = []

    def say(code, where="", key="", **params):
        problems.append(Problem(code, name, where, key, params))

    if not _rises(rules.bands.lower):
        say("rules_bands_do_not_rise", "bands", "lower", value=list(rules.bands.lower))
    if not _rises(rules.bands.score) or len(rules.bands.score) != len(rules.bands.lower) + 1:
        say("rules_bands_do_not_rise", "bands", "score", value=list(rules.bands.score))
    for key, group in (("levels", rules.levels), ("considerations.classes", rules.considerations.classes)):
        if not _rises([item.lower for item in group]):
            say("rules_levels_do_not_rise", key, "lower", value=[item.lower for item in group])
    problems.extend(_check_figures(rules, name))
    slum = rules.level_keys[1:]
    for level in rules.levels[1:]:
        if level.class_ is None or level.priority is None:
            say("rules_missing_key", level.key, "class, priority")
    for key in ("legal", "not_legal"):
        for missing in sorted(set(slum) - set(getattr(rules.handling, key))):
            say("rules_missing_key", "handling", f"{key}.{missing}")
    aspects = {aspect.number for aspect in rules.aspects}
    seen = set()
    contracts = measure_contracts()
    for c in rules.criteria:
        if c.code in seen:
            say("rules_code_twice", c.code, "code")
        seen.add(c.code)
        if c.aspect not in aspects:
            say("rules_aspect_unknown", c.code, "aspect", value=c.aspect)
        problems.extend(_check_measure(c, name, contracts))
        for key, value, expected in check_meaning(c.survey, c.unit) if c.survey else ():
            say("rules_bad_value", c.code, f"survey.{key}", value=value, expected=expected)
    for where, item in _sourced(rules):
        if item.source not in rules.sources:
            say("rules_bad_value", where, "source", value=item.source, expected=", ".join(rules.sources))
    return problems


_TOTAL_OF_UNIT = {"unit": ("buildings",), "ha": ("area",), "m": ("road", "drain"), "KK": ("households",)}


def _check_figures(rules, name):
    """Check figures against each other: limits that can be reached, units that fit their totals, names used once."""
    problems = []

    def need(fine, where, key, value, expected):
        if not fine:
            problems.append(Problem("rules_bad_value", name, where, key, {"value": value, "expected": expected}))

    levels, b, a = rules.levels, rules.bands, rules.authority
    need(levels[0].lower == 0, levels[0].key, "lower", levels[0].lower, "0")
    need(levels[-1].lower <= rules.max_total, levels[-1].key, "lower", levels[-1].lower, f"<= {rules.max_total}")
    need(b.lower[-1] <= 100, "bands", "lower", b.lower[-1], "<= 100")
    programmes, codes = [p.key for p in rules.programmes], rules.codes
    need(len(set(programmes)) == len(programmes), "programmes", "key", ", ".join(programmes), "x, y, z")
    for p in rules.programmes:
        need(set(p.criteria) <= set(codes), p.key, "criteria", ", ".join(p.criteria), ", ".join(codes))
    for key in ("key", "class_"):
        values = [getattr(level, key) for level in levels if getattr(level, key)]
        need(len(set(values)) == len(values), "levels", key.strip("_"), ", ".join(values), "x, y, z")
    for c in rules.criteria:
        need(c.total in _TOTAL_OF_UNIT[c.unit], c.code, "total", c.total, ", ".join(_TOTAL_OF_UNIT[c.unit]))
        limit = c.parameters.get("limit_per_ha", {})
        limits = limit if isinstance(limit, dict) else {"kecil": limit}
        need(set(limits) <= set(CITY_CLASSES), c.code, "limit_per_ha", ", ".join(limits), ", ".join(CITY_CLASSES))
        need(all(isinstance(v, (int, float)) for v in limits.values()), c.code, "limit_per_ha", limit, "200")
    for city, density in rules.considerations.population.items():
        falls = _rises(density.above[::-1]) and len(density.score) == len(density.above) + 1
        need(falls, f"considerations.population.{city}", "above, score", list(density.above), "[400, 150] / [5, 3, 1]")
    need(
        a.province_from_ha <= a.central_above_ha,
        "authority",
        "central_above_ha",
        a.central_above_ha,
        f">= {a.province_from_ha:g}",
    )
    for key in ("legal", "not_legal"):
        for level in set(getattr(rules.handling, key)) - set(rules.level_keys):
            need(False, "handling", f"{key}.{level}", level, ", ".join(rules.level_keys[1:]))
    return problems


def _rises(values):
    return all(a < b for a, b in pairwise(values))


def _sourced(rules):
    yield "bands", rules.bands
    yield from ((level.key, level) for level in rules.levels)
    yield from ((c.code, c) for c in rules.criteria)
    yield from ((f"{c.code}.survey", c.survey) for c in rules.criteria if c.survey)
    for key in ("considerations", "legality", "handling", "authority", "typology"):
        yield key, getattr(rules, key)
    yield from ((c.key, c) for c in rules.considerations.classes)
    yield from ((p.key, p) for p in rules.programmes)


def measure_contracts():
    """Give the declared contract of every measure: its title, layers, parameters and method.

    Returns
    -------
    dict of str to dict
        As in ``data/measures.toml``; a test asserts that it equals the signatures of the functions.

    Examples
    --------
    >>> measure_contracts()["road_surface"]["layers"]
    ['roads']
    """
    return tomllib.loads(files("kumuhgis").joinpath("data", "measures.toml").read_text("utf-8"))


def _check_measure(criterion, name, contracts):
    if not criterion.measure:
        return []
    if criterion.measure not in contracts:
        params = {"value": criterion.measure, "known": ", ".join(sorted(contracts))}
        return [Problem("rules_measure_unknown", name, criterion.code, "measure", params)]
    known = contracts[criterion.measure]["parameters"]
    return [
        Problem("rules_parameter_unknown", name, criterion.code, key, {"known": ", ".join(known)})
        for key in criterion.parameters
        if key not in known
    ]
