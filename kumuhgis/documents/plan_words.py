"""What the tables of a plan say, in words: rows for both forms, and the fields of the Word template."""

import numpy as np
import pandas as pd

from kumuhgis.documents.annex import decided_words, headings, origins, whole_differs
from kumuhgis.documents.word import plain
from kumuhgis.documents.wording import DASH, missing
from kumuhgis.text import figure

MOST_ROWS = 1500
"""Rows of a table in Word; of more it says so, and the workbook has them all."""


def plan_fields(plan, words):
    """Give the fields of the Word template.

    Parameters
    ----------
    plan : plan.Plan
        What the tables say.
    words : wording.Words
        Their words.

    Returns
    -------
    dict
        As ``docs/rplp.md`` lists them.
    """
    a = plan.assessment
    units = plan.units.to_dict("index")
    return {
        "t": words.group("t"),
        **headings(a, words.lang),
        "notes": [words.say(f"note.{key}") for key in ("unknown", "zero", "order")],
        "criteria": criteria_words(plan, words),
        "problems": _by_unit(plan, units, words),
        "problems_more": _more(len(plan.problems), words),
        "programme_notes": programme_notes(plan, words),
        "programmes": programme_sums(plan, words),
        "works": _by_programme(plan, units, words),
        "works_more": _more(len(plan.works), words),
        "region_note": words.say("note.region"),
        "region": [_region_words(row, words) for row in region_rows(plan, words)],
        "authority_note": authority_note(words),
        "locations": [location_words(row, words) for row in plan.locations.to_dict("records")],
        **origins(a, words.lang),
    }  # fmt: skip


def _more(count, words):
    return words.say("more", shown=words.figure(MOST_ROWS), count=words.figure(count)) if count > MOST_ROWS else ""


def authority_note(words):
    """Say the limits of authority, as the rule has them."""
    limits = words.rules.authority
    shown = {"province": limits.province_from_ha, "central": limits.central_above_ha, "near": limits.near_ha}
    return words.say("note.authority", **{key: figure(value, words.lang) for key, value in shown.items()})


def programme_notes(plan, words):
    """Say how programmes are counted, and where the list is from."""
    rules = words.rules
    if not rules.programmes:
        return [words.say("note.no_programmes")]
    sources = dict.fromkeys((p.source, p.confidence) for p in rules.programmes)
    return [words.say("note.counted"), *(
        words.say("note.works_source", source=plain(rules.sources[source]), confidence=words.say(f"confidence.{sure}"))
        for source, sure in sources
    )]  # fmt: skip


def criterion_name(criterion, lang):
    """Give the name of a criterion, an aspect or a programme."""
    return criterion.name if lang == "id" else criterion.name_en


def programme_texts(rules, lang):
    """Give name and works of every programme, in the order of the rule."""
    return {p.key: (criterion_name(p, lang), p.works if lang == "id" else p.works_en) for p in rules.programmes}


def volume_words(row, unit, words):
    """Write a volume; an unknown one says so, and between which it lies."""
    if not missing(row["volume"]):
        return words.figure(row["volume"], decimals_of(unit, row["volume"]))
    if missing(row["low"]) or missing(row["high"]):
        return words.say("unknown")
    return words.say("between", low=words.figure(row["low"], decimals_of(unit)),
                     high=words.figure(row["high"], decimals_of(unit)))  # fmt: skip


def decimals_of(unit, value=0):
    """Give the decimals of a volume: hectares 2, metres 1, pieces and households none or (of an estimate) 1."""
    whole = missing(value) or round(float(value), 1) == round(float(value))
    return {"ha": 2, "m": 1}.get(unit, 0 if whole else 1)


# ---------------------------------------------------------------- problems


def criteria_words(plan, words):
    """Write one row per criterion: RT with the problem, RT where it is not known, the sum of what is known."""
    found = plan.problems
    rows = []
    for c in words.rules.criteria:
        volume = found.loc[found["criterion"] == c.code, "volume"]
        rows.append({
            "code": c.code, "name": criterion_name(c, words.lang), "unit": c.unit,
            "known": words.figure(volume.notna().sum()), "unknown": words.figure(volume.isna().sum()),
            "volume": words.figure(volume.sum(), decimals_of(c.unit, volume.sum())),
        })  # fmt: skip
    return rows


def _by_unit(plan, units, words):
    """Write the problems below the RT that have them."""
    out, named = [], {c.code: (criterion_name(c, words.lang), c.unit) for c in words.rules.criteria}
    for unit, rows in plan.problems.head(MOST_ROWS).groupby("unit", sort=False):
        row = units[unit]
        out.append({"line": unit_line(unit, row, words), "rows": [{
            "code": r["criterion"], "name": named[r["criterion"]][0], "unit": named[r["criterion"]][1],
            "volume": volume_words(r, named[r["criterion"]][1], words),
            "total": words.figure(r["total"], decimals_of(named[r["criterion"]][1], r["total"])),
            "percent": words.figure(r["percent"], 2), "score": words.word(r["score"]),
        } for r in rows.to_dict("records")]})  # fmt: skip
    return out


def unit_line(unit, row, words):
    """Write where an RT is and how urgent: the line above its problems."""
    places = [plain(row[key]) for key in ("location", "desa", "kecamatan") if row[key]]
    return words.say(
        "unit_line", number=row["number"], label=plain(row["label"]), place=", ".join(places) or plain(unit),
        level=words.level(row["level"], row["levels_possible"]), score=words.score(row),
        priority=words.word(row["priority"]), where=words.place(row["lon"], row["lat"]).replace("\n", ", "),
    )  # fmt: skip


# ---------------------------------------------------------------- programmes


def programme_sums(plan, words):
    """Write one row per programme and criterion: RT counted, RT as an alternative, volume by what is counted."""
    texts, units = programme_texts(words.rules, words.lang), {c.code: c.unit for c in words.rules.criteria}
    rows = []
    for key, code in programme_pairs(plan, words.rules):
        found = plan.works[(plan.works["programme"] == key) & (plan.works["criterion"] == code)]
        counted = found[found["counted"]]
        rows.append({
            "programme": texts[key][0] if key else words.say("without_programme"), "code": code, "unit": units[code],
            "counted": words.figure(counted["volume"].notna().sum()),
            "unknown": words.figure(counted["volume"].isna().sum()),
            "other": words.figure((~found["counted"]).sum()),
            "volume": words.figure(counted["volume"].sum(), decimals_of(units[code], counted["volume"].sum())),
        })  # fmt: skip
    return rows


def programme_pairs(plan, rules):
    """List every (programme, criterion): those of the rule, and criteria without a programme that have problems."""
    pairs = [(p.key, code) for p in rules.programmes for code in rules.codes if code in p.criteria]
    without = plan.works.loc[plan.works["programme"] == "", "criterion"]
    return pairs + [("", code) for code in rules.codes if (without == code).any()]


def _by_programme(plan, units, words):
    """Write the matrix below the programmes."""
    texts, of = programme_texts(words.rules, words.lang), {c.code: c.unit for c in words.rules.criteria}
    shown = plan.works.head(MOST_ROWS)
    out = []
    for key in [*texts, ""]:
        rows = shown[shown["programme"] == key]
        if rows.empty:
            continue
        line = words.say("programme_line", name=texts[key][0], works=texts[key][1]) if key else ""
        out.append({"line": line or words.say("without_programme"), "rows": [{
            "label": plain(units[r["unit"]]["label"]), "location": plain(units[r["unit"]]["location"]) or DASH,
            "desa": plain(units[r["unit"]]["desa"]) or DASH, "priority": words.word(units[r["unit"]]["priority"]),
            "code": r["criterion"], "volume": volume_words(r, of[r["criterion"]], words), "unit": of[r["criterion"]],
            "counted": words.say("yes" if r["counted"] else "no"),
        } for r in rows.to_dict("records")]})  # fmt: skip
    return out


# ---------------------------------------------------------------- roll-up


def places_of(plan):
    """List the kabupaten, in the order of the plan."""
    return list(dict.fromkeys([*plan.units["kabupaten"], *plan.locations["kabupaten"]]))


def handling_words(row, words):
    """Write the handling of an RT; "not slum" where there is nothing to handle."""
    if row["total_high"] < words.rules.floor:
        return words.say("not_slum")
    return words.say("unknown") if missing(row["handling"]) else words.word(row["handling"])


def priority_words(row, words):
    """Give the priority as a number; words where it is not known, and for what is not slum."""
    if row["total_high"] < words.rules.floor:
        return words.say("not_slum")
    return words.say("unknown") if missing(row["priority"]) else int(row["priority"])


def authority_words(row, words):
    """Write who is in charge of a location."""
    return words.say("unknown") if missing(row["authority"]) else words.word(row["authority"])


def region_groups(plan, words):
    """List what is rolled up: (group, source, column, items), items as they stand in the cells; None is all of them."""
    rules, units = words.rules, plan.units.to_dict("records")
    priorities = {priority_words(row, words) for row in units}
    numbers = sorted(p for p in priorities if isinstance(p, int))
    handlings = dict.fromkeys([*rules.handling.legal.values(), *rules.handling.not_legal.values()])
    authorities = [words.word(who) for who in ("pusat", "provinsi", "kabupaten/kota")]
    unknown = words.say("unknown")
    ends = [unknown, words.say("not_slum")]
    return (
        ("levels", "units", "level", [*(words.level(key) for key in (*reversed(rules.level_keys), None)), None]),
        ("authority", "locations", "authority", [*authorities, unknown, None]),
        ("handling", "units", "handling", [*map(words.word, handlings), *ends]),
        ("priority", "units", "priority", [*numbers, *ends]),
    )


def region_tables(plan, words):
    """Give the two tables that are rolled up, in the words of their cells: RT, and locations."""
    units = pd.DataFrame({
        "kabupaten": plan.units["kabupaten"], "level": [words.level(v) for v in plan.units["level"].astype(object)],
        "handling": [handling_words(row, words) for row in plan.units.to_dict("records")],
        "priority": [priority_words(row, words) for row in plan.units.to_dict("records")],
        "ha": plan.units["area_used_ha"], "people": plan.units["population"], "near": False,
    })  # fmt: skip
    found = plan.locations
    places = pd.DataFrame({
        "kabupaten": found["kabupaten"], "authority": [authority_words(row, words) for row in found.to_dict("records")],
        "ha": found["slum_ha"], "people": found["population"],
        "near": [authority_may_change(row) for row in found.to_dict("records")],
    })  # fmt: skip
    return {"units": units, "locations": places}


def region_rows(plan, words):
    """Roll up to kabupaten: RT (or locations), hectares and people of every group; sums hold only what is known.

    Parameters
    ----------
    plan : plan.Plan
        What the tables say.
    words : wording.Words
        Their words.

    Returns
    -------
    list of dict
        ``kabupaten`` (None for all of several), ``group``, ``source``, ``column``, ``item``, ``count, ha, no_ha,
        people, no_people, near``.
    """
    tables, places = region_tables(plan, words), places_of(plan)
    rows = []
    for place in [*places, *([None] if len(places) > 1 else [])]:
        for group, source, column, items in region_groups(plan, words):
            here = tables[source] if place is None else tables[source][tables[source]["kabupaten"] == place]
            for item in items:
                part = here if item is None else here[(here[column].astype(object) == item).to_numpy(bool)]
                rows.append({
                    "kabupaten": place, "group": group, "source": source, "column": column, "item": item,
                    "count": len(part), "near": int(part["near"].sum()),
                    **{key: float(np.round(part[key].astype(float).sum(), 9)) for key in ("ha", "people")},
                    **{f"no_{key}": int(part[key].isna().sum()) for key in ("ha", "people")},
                })  # fmt: skip
    return rows


def place_words(name, words):
    """Name a kabupaten; None is all of them, and one without a name says so."""
    return words.say("all_places") if name is None else plain(name) or words.say("without_place")


def item_words(item, words):
    """Write what is counted."""
    return words.say("t.sum") if item is None else str(item)


def _region_words(row, words):
    return {
        "kabupaten": place_words(row["kabupaten"], words), "group": words.say(f"group.{row['group']}"),
        "item": item_words(row["item"], words), "count": words.figure(row["count"]),
        "ha": words.figure(row["ha"], 2), "people": words.figure(row["people"]),
        "no_ha": words.figure(row["no_ha"]), "no_people": words.figure(row["no_people"]),
        "near": words.figure(row["near"]) if row["group"] == "authority" else "",
    }  # fmt: skip


def authority_may_change(row):
    """Tell whether the hectares of a location are near a limit of authority, or may pass one when its open RT are."""
    return bool(row["authority_near_limit"]) or not missing(row["authority_open"])


def location_note(row, words):
    """Say whether the authority of a location may change, and what the whole kawasan would be."""
    said = [words.say("near")] if row["authority_near_limit"] else []
    if not missing(row["authority_open"]):
        said.append(words.say("authority_open", authority=words.word(row["authority_open"])))
    if whole_differs(row):
        found = {key: words.word(row[f"rollup_{key}"]) for key in ("class", "priority")}
        said.append(words.say("whole_class", cls=found["class"], priority=found["priority"]))
    return "; ".join(said)


def location_words(row, words):
    """Write one location and who is in charge of it."""
    return {
        "number": row["number"], "name": plain(row["name"]), "desa": plain(row["desa"]) or DASH,
        "kecamatan": plain(row["kecamatan"]) or DASH, "kabupaten": plain(row["kabupaten"]) or DASH,
        "count": len(row["units"]), "ha": words.figure(row["slum_ha"], 2), "people": words.figure(row["population"]),
        "level": words.level(row["level"], row["levels_possible"]), "authority": words.word(row["authority"]),
        **{key: decided_words(row, words)[key] for key in ("class", "priority", "handling")},
        "note": location_note(row, words),
    }  # fmt: skip
