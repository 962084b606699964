"""What the annex of a decree says, in words: the fields of its Word template, and the notes of both forms."""

from kumuhgis.captions import caption, input_lines, place_title, provenance_lines
from kumuhgis.documents.locations import unit_labels
from kumuhgis.documents.review import REVIEW_YEARS, sum_review
from kumuhgis.documents.word import plain
from kumuhgis.documents.wording import DASH, missing
from kumuhgis.text import figure, text


def annex_fields(annex, words):
    """Give the fields of the Word template.

    Parameters
    ----------
    annex : decree.Annex
        What the annex says.
    words : wording.Words
        Its words.

    Returns
    -------
    dict
        As ``docs/sk.md`` lists them.
    """
    a = annex.assessment
    labels = unit_labels(a)
    return {
        "t": words.group("t"),
        **headings(a, words.lang),
        "locations": [location_words(row, a, labels, words) for row in annex.table.to_dict("records")],
        "total": totals(annex, words),
        "units": [unit_words(unit, row, words) for unit, row in zip(annex.units.index, annex.units.to_dict("records"),
                                                                    strict=True)],
        "notes": notes(annex, words),
        "map_notes": map_notes(annex, words),
        "left_out": [left_out_words(row, a, labels, words) for row in annex.left_out.to_dict("records")],
        "decrees": [age_words(found, words) for found in annex.decrees],
        "review_notes": review_notes(annex, words),
        "review": [review_words(row, words) for row in annex.review.to_dict("records")],
        "review_sums": [sum_words(key, row, words) for key, row in sum_review(annex.review).to_dict("index").items()],
        "changes": change_rows(annex, labels, words),
        "check": [check_words(row, words) for row in annex.check.to_dict("records")],
        "check_note": check_note(annex, words),
        **origins(a, words.lang),
    }  # fmt: skip


def headings(assessment, lang):
    """Give what every document says on top: place, rule, and that invented data are invented."""
    said, found = caption(assessment, lang), assessment.provenance
    places = [place_title(assessment, "desa", plain(found["desa"]))] if found.get("desa") else []
    place = " · ".join([*places, *([plain(said["place"])] if said["place"] else [])])
    marks = [text("workbook.sample", lang)] if said["sample"] else []
    marks += [text("provenance.handled", lang, **found["scenario"])] if found.get("scenario") else []
    return {
        "place": place,
        "foot": " · ".join(part for part in (place, plain(said["rule"])) if part),
        "project": plain(said["project"]),
        "rule": plain(said["rule"]),
        "date": plain(said["when"]),
        "sample": " · ".join(marks),
    }


def origins(assessment, lang):
    """Give the block of provenance, the same in every document."""
    lines = provenance_lines(assessment, lang)
    return {
        "provenance": [{"label": label, "value": plain(value)} for label, value in lines],
        "inputs": [dict(zip(("role", "name", "sha256"), map(plain, line), strict=True))
                   for line in input_lines(assessment)],
    }  # fmt: skip


def below_floor(row, rules):
    """Tell whether the roll-up of a location's slum RT is, or may be, itself not slum."""
    return row["total_low"] < rules.floor


def level_words(row, assessment, words):
    """Write the level of a location: by RT where its roll-up hides them, and the roll-up of all RT where it differs."""
    if below_floor(row, words.rules):
        levels = assessment.summary["level"].astype(object)[list(row["units"])]
        counts = [(key, int((levels == key).sum())) for key in words.rules.level_keys]
        counts.append((None, int(levels.isna().sum())))
        named = ", ".join(words.say("several", count=n, level=words.level(key)) for key, n in counts if n)
        here = words.say("rollup_here", level=words.level(row["level"]), score=words.score(row))
        return f"{words.say('of_units', levels=named)}; {here}"
    own = words.level(row["level"], row["levels_possible"])
    if row["all_units"] == len(row["units"]) or _same(row["rollup_level"], row["level"]):
        return own
    return f"{own}; {_rollup(row, words)}"


def _same(a, b):
    return (missing(a) and missing(b)) or a == b


def _rollup(row, words):
    score = words.span(row["rollup_low"], row["rollup_high"])
    return words.say("rollup_all", level=words.level(row["rollup_level"]), score=score)


def whole_differs(row):
    """Tell whether class or priority of all RT of a location differ from those of its slum RT."""
    return any(not _same(row[key], row[f"rollup_{key}"]) for key in ("class", "priority"))


def location_words(row, assessment, labels, words):
    """Write one location."""
    kept = not below_floor(row, words.rules)
    return {
        "number": row["number"],
        "name": plain(row["name"]),
        "ha": words.figure(row["printed_ha"], 2),
        "units": words.units(row["units"], labels, assessment.units),
        **{key: plain(row[key]) or DASH for key in ("desa", "kecamatan", "kabupaten")},
        "people": words.figure(row["population"]),
        "households": words.figure(row["households"]),
        "density": words.figure(row["density_per_ha"]),
        "place": words.place(row["lon"], row["lat"]),
        "score": words.score(row),
        "level": level_words(row, assessment, words),
        **decided_words(row, words),
        "authority": words.word(row["authority"]),
        "class": words.word(row["class"]) if kept else DASH,
        "priority": words.word(row["priority"]) if kept else DASH,
    }


def decided_words(row, words):
    """Write legality, considerations, class and priority of a location or an RT."""
    return {
        "tenure": words.sign(row["tenure_sign"]),
        "plan": words.sign(row["plan_sign"]),
        "legal": words.legal(row["legal"]),
        "consideration_score": words.figure(row["consideration_score"]),
        "consideration": words.word(row["consideration"]),
        "class": words.word(row["class"]),
        "priority": words.word(row["priority"]),
        "handling": words.word(row["handling"]),
    }


def unit_words(unit, row, words):
    """Write one RT of a location."""
    return {
        "number": row["number"],
        "label": plain(row["label"]),
        "code": plain(unit),
        "desa": plain(row["desa"]) or DASH,
        "ha": words.figure(row["printed_ha"], 2),
        "people": words.figure(row["population"]),
        "households": words.figure(row["households"]),
        "place": words.place(row["lon"], row["lat"]),
        "score": words.score(row),
        "level": words.level(row["level"], row["levels_possible"]),
        **decided_words(row, words),
        "rank": words.word(row["rank"]),
    }


def totals(annex, words):
    """Write the sums of the table; people only where all are known."""
    table = annex.table
    return {
        "count": len(table),
        "units": len(annex.units),
        "ha": words.figure(round(float(table["printed_ha"].sum(min_count=1)), 2), 2),
        "exact_ha": figure(round(float(table["slum_ha"].sum(min_count=1)), 6), words.lang),
        "people": words.figure(table["population"].sum(skipna=False)),
        "households": words.figure(table["households"].sum(skipna=False)),
    }


def notes(annex, words):
    """Write what stands under the table: rounding, what is open, what a roll-up hides."""
    table, rules = annex.table, words.rules
    if table.empty:
        return [words.say("no_location")]
    exact = totals(annex, words)["exact_ha"]
    said = [words.say("note.hectares", floor=rules.floor), words.say("note.rounding", exact=exact)]
    unknown = int(table["slum_ha"].isna().sum())
    if unknown:
        said.append(words.say("note.area_missing", count=unknown))
    said += [words.say(f"note.{key}") for key in ("people", "missing", "plus", "order")]
    said.append(words.say("note.whole"))
    summary, listed = annex.assessment.summary, [unit for units in table["units"] for unit in units]
    sampled = int((summary["p_likely"].reindex(listed) < 1).sum()) if "p_likely" in summary else 0
    if sampled:
        said.append(words.say("note.sampled", count=sampled))
    for row in table.to_dict("records"):
        said += _location_notes(row, words)
    return said


def _location_notes(row, words):
    named = {"number": row["number"], "name": plain(row["name"], 80)}
    if row["open_units"]:
        yield words.say("note.open", **named, count=int(row["open_units"]), ha=words.figure(row["open_ha"], 2))
    if below_floor(row, words.rules):
        yield words.say("note.below", **named, level=words.level(row["level"]), score=words.score(row))
    elif row["all_units"] != len(row["units"]) and not _same(row["rollup_level"], row["level"]):
        score = words.span(row["rollup_low"], row["rollup_high"])
        yield words.say("note.rollup", **named, count=int(row["all_units"]), slum=len(row["units"]), score=score,
                        level=words.level(row["rollup_level"]))  # fmt: skip
    if whole_differs(row):
        found = {key: words.word(row[f"rollup_{key}"]) for key in ("class", "priority")}
        yield words.say("note.whole_class", **named, count=int(row["all_units"]), cls=found["class"],
                        priority=found["priority"])  # fmt: skip
    if row["authority_near_limit"]:
        yield words.say("note.near_limit", **named, ha=words.figure(row["slum_ha"], 2))


def check_note(annex, words):
    """Say whether table and map agree; a location that is drawn whole and counts in part is no fault."""
    found = annex.check["finding"]
    part = int((found == "part").sum())
    bad = int((found != "fits").sum()) - part
    counts = {"count": len(found), "tolerance": words.figure(100 * annex.tolerance)}
    if bad:
        return words.say("check.bad", bad=bad, **counts)
    return words.say("check.part_note", part=part, **counts) if part else words.say("check.good", **counts)


def map_notes(annex, words):
    """Write what stands under the map: whether it agrees with the table, and what is not on it."""
    if annex.table.empty:
        return []
    bad = (annex.check["finding"] != "fits").any()
    said = [f"{check_note(annex, words)} {words.say('check.see')}" if bad else check_note(annex, words)]
    undrawn = annex.table.loc[annex.table.geometry.isna(), "number"]
    if len(undrawn):
        said.append(words.say("note.undrawn", count=len(undrawn), numbers=", ".join(map(str, undrawn))))
    return said


def check_words(row, words):
    """Write one row of the check of the table against the map."""
    return {
        "number": row["number"],
        "name": plain(row["name"]) or DASH,
        "table_ha": words.figure(row["table_ha"], 2),
        "map_ha": words.figure(row["map_ha"], 2),
        "difference_ha": words.change(row["difference_ha"], row["difference_ha"]),
        "finding": words.say(f"check.{row['finding']}"),
    }


def left_out_words(row, assessment, labels, words):
    """Write what is no location, and why."""
    score = words.span(row["total_low"], row["total_high"])
    reason = words.say(f"reason.{row['reason']}", score=score, floor=words.rules.floor)
    if row["reason"] == "open":
        reason += f"; {words.say('reason.open_ha', ha=words.figure(row['ha'], 2))}"
    return {
        "name": plain(row["name"]) or words.say("without"),
        "desa": plain(row["desa"]) or DASH,
        "count": len(row["units"]),
        "units": words.units(row["units"], labels, assessment.units),
        "in_decree": int(row["in_decree"]),
        "reason": reason,
    }


# ---------------------------------------------------------------- decree in force, previous result


def age_words(found, words):
    """Write the age of a decree, and when it has to be reviewed."""
    if found["date"] is None:
        return {"number": plain(found["number"]) or DASH, "date": words.say("review.undated"), "age": DASH,
                "finding": words.say("review.age_none", years=REVIEW_YEARS)}  # fmt: skip
    key = "review.old" if found["old"] else "review.due"
    params = {"years": REVIEW_YEARS} if found["old"] else {"years": REVIEW_YEARS, "date": found["due"].isoformat()}
    return {
        "number": plain(found["number"]) or DASH,
        "date": found["date"].isoformat(),
        "age": words.say("years", years=words.figure(found["years"], 1)) if found["years"] is not None else DASH,
        "finding": words.say(key, **params),
    }


def review_notes(annex, words):
    """Write what the review rests on."""
    if annex.review.empty and not annex.decrees:
        return [words.say("review.none")]
    said = [words.say("review.measured")] if annex.review["sk_share"].notna().any() else []
    return said if annex.decrees else [words.say("review.age_none", years=REVIEW_YEARS), *said]


def review_words(row, words):
    """Write one RT of the review."""
    share = row["sk_share"]
    return {
        "label": plain(row["label"]),
        "name": plain(row["name"]) or DASH,
        "desa": plain(row["desa"]) or DASH,
        "share": DASH if missing(share) else f"{words.figure(100 * share)} %",
        "decree_ha": words.figure(row["sk_ha"], 2),
        "now_ha": words.hectares(row["slum_ha_low"], row["slum_ha_high"]),
        "change_ha": words.change(row["change_low"], row["change_high"]),
        "finding": words.say(f"review.{row['finding']}"),
    }


def sum_words(key, row, words):
    """Write the sum of one finding of the review."""
    return {
        "finding": words.say(f"review.sum_{key}"),
        "count": int(row["units"]),
        "decree_ha": words.figure(row["sk_ha"], 2),
        "now_ha": words.hectares(row["slum_ha_low"], row["slum_ha_high"]),
        "change_ha": words.change(row["change_low"], row["change_high"]),
    }


def change_rows(annex, labels, words):
    """Write what changed since the previous result; what did not is left out."""
    changes = annex.changes
    if changes is None:
        return []
    rows = []
    for unit, row in zip(changes.index, changes.to_dict("records"), strict=True):
        if row["change"] == "same":
            continue
        rows.append({
            "label": plain(labels.get(unit, unit)), "code": plain(unit),
            **{f"level_{side}": DASH if _absent(row, side) else words.level(row[f"level_{side}"])
               for side in ("before", "after")},
            **{f"{side}_ha": words.figure(row[f"slum_ha_{side}"], 2) for side in ("before", "after")},
            "change": words.say(f"change.{row['change']}"),
        })  # fmt: skip
    return rows


def _absent(row, side):
    return row["change"] == {"before": "new", "after": "gone"}[side]
