"""What a page says beside its criteria: hectares, people, legality, handling, what to know before quoting it."""

from kumuhgis.documents.profile_figures import known, level_of, percent, plain, yes
from kumuhgis.text import figure, number, rule_word, text

_SIGNS = {"+": "(+)", "-": "(−)"}
_AREAS = {"measured": "area_ha", "sk": "sk_ha"}
_TENURE = ("clear", "unclear")
_PLAN = ("conforming", "nonconforming")


def unit_figures(unit, row, options, lang):
    """Give hectares, people and densities of a unit.

    Parameters
    ----------
    unit, row : dict
        Rows of ``units`` and ``summary``.
    options : dict
        The named options of the result.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    list of (str, str, bool)
        Label, value (an en dash where it is missing), and whether these hectares are the ones that count.
    """
    used = _AREAS.get(options.get("area"), "verified_ha")
    used = "area_ha" if used == "verified_ha" and not known(unit.get("verified_ha")) else used
    areas = (("verified", "verified_ha"), ("measured", "area_ha"), ("decreed", "sk_ha"))
    out = [(*_figure(key, unit.get(column), 2, lang), column == used) for key, column in areas]
    slum = _interval(row, "slum_ha", 2, lang)
    out.append((text("maps.card.slum", lang), text("maps.card.slum_value", lang, n=slum), False))
    counts = [(*_figure(key, unit.get(key), 0, lang), False) for key in ("population", "households", "buildings")]
    return [*out, *counts, *_densities(row, lang)]


def group_figures(row, lang):
    """Give hectares, people and density of a group, and how many of its RT are slum: as :func:`unit_figures`."""
    area = number(_value(row, "area_ha"), 2, lang)
    slum = _interval(row, "slum_ha", 2, lang)
    out = [
        (text("profile.figure.units", lang), str(int(row["units"])), False),
        (text("profile.figure.slum_units", lang), str(int(row["slum_units"])), False),
        (text("profile.figure.area", lang), text("maps.card.ha", lang, n=area), True),
        (text("maps.card.slum", lang), text("maps.card.slum_value", lang, n=slum), False),
    ]
    counts = [(*_figure(key, row.get(key), 0, lang), False) for key in ("population", "households")]
    return [*out, *counts, *_densities(row, lang)]


def _value(row, key):
    value = row.get(key)
    return float(value) if known(value) else None


def _figure(key, value, decimals, lang):
    shown = number(float(value), decimals, lang) if known(value) else "–"
    return text(f"maps.card.{key}", lang), "–" if shown == "–" else text(f"maps.card.{key}_value", lang, n=shown)


def _interval(row, key, decimals, lang):
    """Write a figure that may be open as its lowest and highest value."""
    if known(row.get(key)):
        return number(float(row[key]), decimals, lang)
    ends = [number(_value(row, f"{key}_{end}"), decimals, lang) for end in ("low", "high")]
    return ends[0] if ends[0] == ends[1] else " – ".join(ends)


def _densities(row, lang):
    out = []
    for key, column in (("density", "density_per_ha"), ("building_density", "buildings_per_ha")):
        value = _value(row, column)
        if key == "density" or value is not None:
            shown = "–" if value is None else text(f"profile.figure.{key}_value", lang, n=number(value, 1, lang))
            out.append((text(f"profile.figure.{key}", lang), shown, False))
    return out


# ---------------------------------------------------------------- legality and handling


def decision_facts(row, lang, ranked=0):
    """Give legality, considerations, class, priority, handling and what else follows from the level.

    Parameters
    ----------
    row : dict
        A row of ``summary`` or of :func:`groups.summarise_groups`.
    lang : {"id", "en"}
        Language.
    ranked : int
        How many units have a rank; 0 leaves the rank out.

    Returns
    -------
    list of (str, str)
        Label and value.
    """
    legal = row.get("legal")
    words = text("maps.card.is_legal" if yes(legal) else "maps.card.not_legal", lang) if known(legal) else "–"
    facts = [
        ("legal", words),
        ("tenure", _sign(row, "tenure", _TENURE, lang)),
        ("plan", _sign(row, "plan", _PLAN, lang)),
        ("setback", _setback(row, lang)),
        ("consideration", _considered(row, lang)),
        ("class", _word(row, "class", lang)),
        ("priority", _word(row, "priority", lang)),
        ("handling", _word(row, "handling", lang)),
        ("rank", _rank(row, ranked, lang)),
        ("authority", _word(row, "authority", lang, "")),
        ("typology", _word(row, "typology", lang, "")),
        ("sk", _decree(row, lang)),
    ]
    return [(text(f"maps.card.{key}", lang), value) for key, value in facts if value]


def _word(row, key, lang, missing="–"):
    value = row.get(key)
    return plain(rule_word(value, lang)) if known(value) else missing


def _rank(row, ranked, lang):
    if not ranked:
        return ""
    return text("profile.rank", lang, rank=row["rank"], of=ranked) if known(row.get("rank")) else "–"


def _setback(row, lang):
    value = _value(row, "setback_ha")
    if value is None:
        return ""
    return text("maps.card.ha", lang, n=number(value, 2, lang)) if value > 0 else text("maps.no", lang)


def _considered(row, lang):
    """Write class and sum of the considerations, and the items behind them; what is missing stays a dash."""
    items = (("strategic", "strategic"), ("population_score", "population_score"), ("social", "social"))
    parts = []
    for key, column in items:
        value = _value(row, column)
        parts.append(f"{text(f'priority.{key}', lang)} {'–' if value is None else figure(value, lang)}")
    total = _value(row, "consideration_score")
    said = "–" if total is None else f"{plain(rule_word(row['consideration'], lang))} ({figure(total, lang)})"
    return f"{said}: {', '.join(parts)}"


def _sign(row, kind, parts, lang):
    """Write a sign with the share and the hectares behind it."""
    sign, share = row.get(f"{kind}_sign"), row.get(f"{kind}_{parts[0]}_share")
    shown = _SIGNS.get(sign, "(?)") if known(sign) else "(?)"
    if not known(share):
        return f"{shown} {text('profile.share_unknown', lang)}" if known(sign) else text("maps.card.unknown_sign", lang)
    names = {"good": parts[0], "bad": parts[1], "open": "unmapped"}
    hectares = {key: number(_value(row, f"{kind}_{name}_ha"), 2, lang) for key, name in names.items()}
    words = text(f"maps.card.{kind}_share", lang, share=percent(100 * share, lang, 1))
    return f"{shown} {words} ({text(f'profile.{kind}_hectares', lang, **hectares)})"


def _decree(row, lang):
    status = row.get("sk_status")
    if not known(status):
        return ""
    share = percent(100 * row["sk_share"], lang, 1) if known(row.get("sk_share")) else "–"
    return text(f"maps.sk_status.{status}", lang, share=share)


# ---------------------------------------------------------------- what to know before one quotes the level


def unit_notes(row, rules, cells, fragile, lang):
    """Say what is near, what is missing and what disagrees, before anyone quotes the level of a unit.

    Parameters
    ----------
    row : dict
        A row of ``summary``.
    rules : Rules
        The rule.
    cells : pandas.DataFrame
        Scores indexed by ``criterion``.
    fragile : str or None
        As :func:`captions.fragile_sentences` gives it.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    list of (str, str)
        "warn" or "note", and the sentence.
    """
    decided = level_of(row, rules) < len(rules.levels)
    out = []
    if fragile:
        out.append(("warn", text("maps.card.fragile", lang, sentence=fragile)))
    elif decided:
        out.append(("note", text("maps.card.firm", lang)))
    out += _gaps(row, rules, cells, decided, lang)
    if known(row.get("sensitive_to")):
        out.append(("warn", text("cli.sensitive", lang, options=plain(row["sensitive_to"]))))
    if known(row.get("sk_finding")):
        out.append(("warn", text(f"maps.sk_finding.{row['sk_finding']}", lang)))
    if yes(row.get("authority_near_limit")):
        out.append(("warn", text("maps.card.near_authority", lang)))
    return out


def group_notes(row, rules, cells, fragile, lang):
    """Say of a group what :func:`unit_notes` says, and that a roll-up can hide RT that are slum."""
    hides = level_of(row, rules) == 0 and row["slum_units"] > 0
    words = {"slum": int(row["slum_units"]), "units": int(row["units"])}
    hidden = [("warn", text("profile.hidden", lang, **words))] if hides else []
    return hidden + unit_notes(row, rules, cells, fragile, lang)


def _gaps(row, rules, cells, decided, lang):
    """Name the criteria without data, and those of them that decide an open level."""
    percents = cells["percent"].reindex(list(rules.codes))
    missing = [code for code, value in percents.items() if not known(value)]
    if not missing:
        return []
    codes, deciding = ", ".join(missing), row.get("deciding")
    out = [("note" if decided else "warn", text("maps.card.missing", lang, codes=codes))]
    if known(deciding) and not decided:
        alone = {} if deciding == codes else {"codes": deciding}
        out.append(("warn", text("maps.card.deciding" if alone else "maps.card.deciding_all", lang, **alone)))
    return out
