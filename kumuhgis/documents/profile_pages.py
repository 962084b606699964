"""The pages of an atlas as records of words and shares: a unit, a kawasan, the cover, the list of all pages."""

from dataclasses import dataclass, field

import pandas as pd

from kumuhgis.captions import (
    caption,
    fragile_sentences,
    input_lines,
    place_title,
    provenance_lines,
    unit_problems,
    why_sentences,
)
from kumuhgis.documents import profile_facts, profile_figures
from kumuhgis.documents.profile_figures import known, plain
from kumuhgis.groups import name_groups, summarise_groups
from kumuhgis.results import headline
from kumuhgis.scores import roll_up, score
from kumuhgis.text import number, text
from kumuhgis.themes import level_classes

ROWS_PER_PAGE = 46
"""Lines of the list of pages on one sheet."""
MOST_PROBLEMS, MOST_MEMBERS, MOST_INPUTS = 20, 60, 22
LONGEST_MESSAGE = 260
_WIDER = ("desa", "kecamatan", "kabupaten")
_SIDES = [f"{side}_{name}" for side in ("table", "geometry") for name in ("affected", "total", "percent")]
_LAND = (
    "tenure_clear_ha", "tenure_unclear_ha", "tenure_unmapped_ha", "plan_conforming_ha", "plan_nonconforming_ha",
    "plan_unmapped_ha", "setback_ha",
)  # fmt: skip


@dataclass(frozen=True)
class Groups:
    """The groups that get a page: their column, their members in rank order, sums, scores and summary."""

    by: str = ""
    members: dict = field(default_factory=dict)
    scores: pd.DataFrame = None
    summary: pd.DataFrame = None


class Material:
    """What all pages are made from, worked out once.

    Parameters
    ----------
    assessment : Assessment
        The result.
    lang : {"id", "en"}
        Language.
    """

    def __init__(self, assessment, lang):
        self.assessment, self.lang, self.rules = assessment, lang, assessment.rules
        summary = assessment.summary
        self.classes = level_classes(assessment, lang)
        self.options = assessment.provenance["options"]
        self.why = dict(zip(summary.index, why_sentences(summary, self.rules, lang), strict=True))
        self.fragile = fragile_sentences(summary, self.rules, lang)
        self.problems = unit_problems(assessment, MOST_PROBLEMS, lang)
        self.ranked = int(summary["rank"].notna().sum()) if "rank" in summary else 0
        sides = [name for name in _SIDES if name in assessment.measures]
        self.cells = dict(iter(assessment.scores.join(assessment.measures[sides]).groupby(level="unit", sort=False)))
        self.caption = caption(assessment, lang, title="profile.title")
        self.source = " · ".join(f"{label}: {plain(value, 170)}" for label, value in provenance_lines(assessment, lang))

    @property
    def sample(self):
        """The words that mark invented data, else empty."""
        if not self.caption["sample"]:
            return ""
        return f"{text('headline.sample', self.lang)} · {text('headline.sample_text', self.lang)}"

    def name(self, unit):
        """Give the name of a unit as people say it, else its key."""
        return plain(self.assessment.units.get("rt_rw", pd.Series(dtype=object)).get(unit)) or plain(unit)


def in_order(assessment):
    """Give the units in the order of an atlas: by rank; those without a rank by total, the higher first.

    Parameters
    ----------
    assessment : Assessment
        The result.

    Returns
    -------
    list of str
        Keys; equals keep the order of the data.

    Examples
    --------
    >>> import kumuhgis as kg
    >>> in_order(kg.assess(kg.load_sample("jaten")))[0]
    '33.13.11.2003.003.004'
    """
    summary = assessment.summary
    rank = summary["rank"].astype("Float64") if "rank" in summary else pd.Series(pd.NA, summary.index)
    keys = pd.DataFrame({"rank": rank.astype(float).fillna(float("inf")), "total": -summary["total_low"].astype(float)})
    return keys.sort_values(["rank", "total"], kind="stable").index.tolist()


def gather_groups(assessment, by, units):
    """Roll the groups up that the units belong to.

    Parameters
    ----------
    assessment : Assessment
        The result.
    by : str
        Column of ``units``; empty for no groups.
    units : list of str
        The units that have pages, in their order.

    Returns
    -------
    Groups
        In the order of the first of their units; units without a group have none.
    """
    if not by:
        return Groups()
    names = name_groups(assessment, by)[0]
    wanted = dict.fromkeys(names.reindex(units).tolist())
    order = in_order(assessment)
    members = names.reindex(order)
    kept = [name for name in wanted if name != f"(tanpa {by})"]
    found = {name: members[members == name].index.tolist() for name in kept}
    sums = roll_up(assessment.measures, names, assessment.rules)
    scores, _ = score(sums, assessment.rules, means=assessment.provenance["options"]["means"])
    return Groups(by, found, scores, summarise_groups(assessment, by))


# ---------------------------------------------------------------- a unit, a group


def unit_page(material, unit):
    """Give the page of a unit.

    Parameters
    ----------
    material : Material
        The result.
    unit : str
        Its key.

    Returns
    -------
    dict
        All that the templates show, in words; without map, photos and number.
    """
    assessment, lang, rules = material.assessment, material.lang, material.rules
    row, own = assessment.summary.loc[unit].to_dict(), assessment.units.loc[unit].to_dict()
    cells = material.cells[unit].droplevel("unit")
    found = material.problems.get(str(unit), {"n": 0, "told": []})
    return {
        **_frame(material, row, cells),
        "kind": "unit",
        "eyebrow": text("profile.unit", lang),
        "heading": material.name(unit),
        "where": _whereabouts(material, own, unit),
        "figures": profile_facts.unit_figures({**row, **own}, row, material.options, lang),
        "decisions": profile_facts.decision_facts(row, lang, material.ranked),
        "why": material.why[unit],
        "notes": profile_facts.unit_notes(row, rules, cells, _sentence(material.fragile.get(unit)), lang),
        "problems": {"n": found["n"], "told": [plain(m, LONGEST_MESSAGE) for m in found["told"]]},
        "members": [],
        "area_words": text("maps.card.counts", lang),
    }


def group_page(material, groups, name, pages):
    """Give the page of a group: its roll-up, and the list of its units with their pages.

    Parameters
    ----------
    material : Material
        The result.
    groups : Groups
        All groups.
    name : str
        The group.
    pages : dict
        Number of the page of every unit that has one.

    Returns
    -------
    dict
        As :func:`unit_page`.
    """
    lang, rules, members = material.lang, material.rules, groups.members[name]
    row = {**groups.summary.loc[name].to_dict(), **_land(material.assessment.summary.loc[members])}
    cells = groups.scores.xs(name, level="unit")
    part = groups.summary.loc[[name]]
    fragile = _sentence(fragile_sentences(part, rules, lang).iloc[0])
    units = material.assessment.units.loc[members]
    return {
        **_frame(material, row, cells),
        "kind": "group",
        "eyebrow": text("profile.group", lang, by=_by(groups.by, lang)),
        "heading": f"{_by(groups.by, lang)} {plain(name)}" if str(name).isdigit() else plain(name),
        "where": _places(material, units),
        "figures": profile_facts.group_figures(row, lang),
        "decisions": profile_facts.decision_facts(row, lang),
        "why": why_sentences(part, rules, lang)[0],
        "notes": profile_facts.group_notes(row, rules, cells, fragile, lang),
        "problems": {"n": 0, "told": []},
        "members": [unit_line(material, unit, pages) for unit in members[:MOST_MEMBERS]],
        "members_all": len(members),
        "area_words": "",
    }


def _by(column, lang):
    try:
        return text(f"workbook.word.{column}", lang)
    except KeyError:
        return plain(column, 30).upper() if column in ("rt", "rw") else plain(column, 30)


def _sentence(value):
    return value if isinstance(value, str) else ""


def _frame(material, row, cells):
    """Give what units and groups show alike."""
    lang, rules = material.lang, material.rules
    return {
        "level": profile_figures.level_record(row, rules, material.classes),
        "total": profile_figures.total_words(row, rules, lang),
        "scale": profile_figures.scale_record(row, rules, material.classes),
        "distance": profile_figures.distance_words(row, rules, material.classes, lang),
        "aspects": profile_figures.aspect_records(row, rules, lang),
        "sektoral": text("profile.sektoral", lang, value=profile_figures.percent(row["sektoral"], lang)),
        "criteria": profile_figures.criterion_records(cells, rules, lang),
    }


def _whereabouts(material, own, unit):
    parts = [text("maps.card.code", material.lang, code=plain(unit, 40))]
    if known(own.get("dusun")):
        parts.append(plain(own["dusun"], 50))
    if known(own.get("kawasan")):
        parts.append(text("profile.in_kawasan", material.lang, name=plain(own["kawasan"], 50)))
    return " · ".join([*parts, *_wider(material, lambda name: own.get(name))])


def _wider(material, own):
    """Name desa, kecamatan and kabupaten: of the unit, else of the project."""
    found = material.assessment.provenance
    values = {name: own(name) if known(own(name)) else found.get(name) for name in _WIDER}
    return [place_title(material.assessment, name, plain(v, 50)) for name, v in values.items() if known(v)]


def _places(material, units):
    def common(name):
        values = units[name].dropna().unique() if name in units else ()
        return values[0] if len(values) == 1 else None

    return " · ".join(_wider(material, common))


def _land(rows):
    """Add up the hectares behind the signs; a sum with a missing part is missing, and so is its share."""
    sums = {name: float(rows[name].sum(skipna=False)) for name in _LAND if name in rows}
    area = rows["area_ha"].sum(skipna=False) if "area_ha" in rows else 0
    for kind, name in (("tenure", "clear"), ("plan", "conforming")):
        if known(sums.get(f"{kind}_{name}_ha")) and area > 0:
            sums[f"{kind}_{name}_share"] = sums[f"{kind}_{name}_ha"] / area
    return sums


def unit_line(material, unit, pages):
    """Give one unit as a line of a list: name, key, group, total, level, priority, hectares, people, page."""
    lang, rules = material.lang, material.rules
    row, own = material.assessment.summary.loc[unit], material.assessment.units.loc[unit]
    low, high = profile_figures.span(row)
    return {
        "name": plain(own.get("rt_rw"), 26) or plain(unit, 26),
        "key": plain(unit, 26),
        "group": plain(own.get("kawasan"), 22),
        "total": str(low) if low == high else f"{low}–{high}",
        "level": profile_figures.level_record(row, rules, material.classes),
        "priority": plain(row.get("priority")) if known(row.get("priority")) else "–",
        "rank": str(row["rank"]) if known(row.get("rank")) else "–",
        "bold": False,
        "area": number(_float(row.get("area_used_ha")), 2, lang),
        "people": number(_float(own.get("population")), 0, lang),
        "page": pages.get(unit),
    }


def _float(value):
    return float(value) if known(value) else None


# ---------------------------------------------------------------- cover and list


def cover_page(material, count):
    """Give the cover: what it is, the result in a few lines, how to read a page, and what it was made of.

    Parameters
    ----------
    material : Material
        The result.
    count : int
        Pages of the atlas.

    Returns
    -------
    dict
        As :func:`unit_page`.
    """
    lang, said = material.lang, material.caption
    made = [(plain(role, 40), plain(name, 60), sha) for role, name, sha in input_lines(material.assessment)]
    left = len(made) - MOST_INPUTS
    facts = [(label, plain(value, 200)) for label, value in headline(material.assessment, lang)]
    return {
        "kind": "cover",
        "eyebrow": text("profile.atlas", lang, pages=count),
        "heading": plain(said["title"], 140),
        "where": " · ".join(plain(part, 120) for part in (said["place"], said["when"]) if part),
        "facts": facts,
        "reading": _reading(material.rules, lang),
        "provenance": [(label, plain(value, 200)) for label, value in provenance_lines(material.assessment, lang)],
        "inputs": made[:MOST_INPUTS],
        "inputs_left": text("cli.more", lang, count=left) if left > 0 else "",
    }


def _reading(rules, lang):
    scores = ", ".join(map(str, rules.bands.score))
    trace = text("profile.reading.trace", lang, scores=scores)
    before, *after = (text(f"profile.reading.{key}", lang) for key in ("order", "missing", "people"))
    return [before, trace, *after]


def list_pages(material, groups, units, pages):
    """Give the list of all pages, as many sheets as it needs.

    Parameters
    ----------
    material : Material
        The result.
    groups : Groups
        The groups.
    units : list of str
        The units in their order.
    pages : dict
        Number of the page of every group ``("group", name)`` and every unit.

    Returns
    -------
    list of dict
        Sheets of at most :data:`ROWS_PER_PAGE` lines.
    """
    lines = [_group_line(material, groups, name, pages) for name in groups.members]
    lines += [unit_line(material, unit, pages) for unit in units]
    sheets = [lines[at : at + ROWS_PER_PAGE] for at in range(0, len(lines), ROWS_PER_PAGE)] or [[]]
    words = {"eyebrow": plain(material.caption["title"], 120), "where": text("profile.list_hint", material.lang)}
    heading = text("profile.list", material.lang)
    return [{"kind": "list", "heading": heading, **words, "lines": part} for part in sheets]


def _group_line(material, groups, name, pages):
    row, lang = groups.summary.loc[name], material.lang
    low, high = profile_figures.span(row)
    return {
        "name": plain(name, 26),
        "key": text("profile.group_of", lang, by=_by(groups.by, lang), n=int(row["units"])),
        "group": "",
        "total": str(low) if low == high else f"{low}–{high}",
        "level": profile_figures.level_record(row, material.rules, material.classes),
        "priority": plain(row["priority"]) if known(row["priority"]) else "–",
        "rank": "",
        "bold": True,
        "area": number(_float(row["area_ha"]), 2, lang),
        "people": number(_float(row["population"]), 0, lang),
        "page": pages.get(("group", name)),
    }


def count_lists(groups, units):
    """Say how many sheets the list of pages needs."""
    return max(1, -(-(len(groups.members) + len(units)) // ROWS_PER_PAGE))
