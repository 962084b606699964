"""What is drawn and tabled on a profile page, as shares and words: the scale of the total, the aspects, the criteria.

A template only places what stands here, so the PDF and the HTML page show the same.
"""

import pandas as pd

from kumuhgis.colours import ink_on
from kumuhgis.masking import plain_words
from kumuhgis.personal import masked
from kumuhgis.text import figure, number, text

LONGEST = 90
"""Letters of one name or value that a page shows."""
DECIMALS = {"unit": 1, "KK": 1, "m": 1, "ha": 4}
"""Decimals of a volume, as on the card of the map; zeros at the end are left out."""
_OTHERS = ("table", "geometry")


def plain(value, most=LONGEST):
    r"""Write what people wrote as one line of text, without numbers of people, not longer than it may be.

    Parameters
    ----------
    value : object
        A cell.
    most : int
        Letters.

    Returns
    -------
    str
        Empty for a missing value.

    Examples
    --------
    >>> plain(" RT 01\n <b> ", 5), plain("hub. 0812-3456-7890"), plain(float("nan"))
    ('RT 0…', 'hub. •••', '')
    """
    if not known(value):
        return ""
    line = " ".join(plain_words(str(masked(value))).split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def known(value):
    """Tell whether a cell holds something: neither missing nor an empty text.

    Examples
    --------
    >>> known(0), known(""), known(float("nan"))
    (True, False, False)
    """
    return not pd.isna(value) and value != ""


def yes(value):
    """Tell whether a cell says yes; a missing answer is no yes."""
    return known(value) and bool(value)


def percent(value, lang, decimals=2):
    """Write a percent with its sign, an en dash where it is missing."""
    return f"{number(value, decimals, lang)}\u00a0%" if known(value) else "–"


def span(row):
    """Give the lowest and the highest total that are possible."""
    return int(row["total_low"]), int(row["total_high"])


def total_words(row, rules, lang):
    """Write the total: "45 dari 80", or "12–17 dari 80" while something is missing."""
    low, high = span(row)
    return text("maps.card.of_total", lang, total=low if low == high else f"{low}–{high}", max=rules.max_total)


def level_of(row, rules):
    """Give the number of the level, that of the last class (undetermined) where it is open."""
    return rules.level_keys.index(row["level"]) if known(row["level"]) else len(rules.levels)


def level_record(row, rules, classes):
    """Give label and colours of the level of a row."""
    found = classes[level_of(row, rules)]
    return {"label": found["label"], "fill": found["fill"], "ink": ink_on(found["fill"])}


def scale_record(row, rules, classes):
    """Give the scale of the total: a part per level, the limits, and where the row stands.

    Parameters
    ----------
    row : dict
        A row of ``summary``.
    rules : Rules
        The rule.
    classes : list of dict
        As :func:`themes.level_classes` gives them.

    Returns
    -------
    dict
        ``parts`` (``from``, ``to``, ``fill``, ``ink``, ``label``), ``limits`` (``at``, ``label``), ``low`` and
        ``high``; places are shares of the highest total.
    """
    lower = [level.lower for level in rules.levels]
    ends, top = [*lower[1:], rules.max_total], rules.max_total
    parts = [
        {"from": a / top, "to": b / top, "fill": c["fill"], "ink": ink_on(c["fill"]), "label": c["label"]}
        for a, b, c in zip(lower, ends, classes, strict=False)
    ]
    low, high = span(row)
    limits = [{"at": limit / top, "label": str(limit)} for limit in (*lower, top)]
    return {"parts": parts, "limits": limits, "low": low / top, "high": high / top}


def distance_words(row, rules, classes, lang):
    """Say how far the limits are: "3 angka lagi menjadi kumuh sedang (38); 6 angka di atas batas kumuh ringan (16)"."""
    lower = [level.lower for level in rules.levels]
    (low, high), at = span(row), level_of(row, rules)
    open_ = "" if low == high else text("maps.card.interval", lang, low=low, high=high) + " "
    if at == len(lower):
        return open_ + text("maps.card.possible", lang, levels=_level_names(row, classes))

    def limit(key, n, level):
        if "at_limit" in key:
            return text(key, lang, level=classes[level]["label"], limit=lower[level])
        return text(key, lang, n=n, level=classes[level]["label"], limit=lower[level])

    top = at + 1 == len(lower)
    parts = [text("maps.card.highest", lang) if top else limit("maps.card.to_next", lower[at + 1] - high, at + 1)]
    if at:
        key = "maps.card.at_limit" if low == lower[at] else "maps.card.above_limit"
        parts.append(limit(key, low - lower[at], at))
    still = f"{open_}{text('maps.card.still', lang)} " if open_ else ""
    return f"{still}{'; '.join(parts)}."


def _level_names(row, classes):
    names = {each["key"]: each["label"] for each in classes}
    possible = str(row["levels_possible"]).split(" | ")
    return " – ".join(names.get(key, key) for key in possible)


def aspect_records(row, rules, lang):
    """Give the aspects with their mean percent: name, words, and the share of the bar (None while it is missing)."""
    out = []
    for aspect in rules.aspects:
        mean = row[f"aspect_{aspect.number}_mean"]
        at = min(1.0, max(0.0, mean / 100)) if known(mean) else None
        name = aspect.name if lang == "id" else aspect.name_en
        out.append({"name": f"{aspect.number}. {name}", "mean": percent(mean, lang), "at": at})
    return out


def band_records(rules, lang):
    """Give the bands of percent: where each begins and ends as a share, its first percent and its score."""
    starts = [0.0, *rules.bands.lower]
    return [
        {"from": a / 100, "to": b / 100, "label": figure(a, lang), "score": str(score)}
        for a, b, score in zip(starts, [*starts[1:], 100.0], rules.bands.score, strict=True)
    ]


def criterion_records(cells, rules, lang):
    """Give the trace of every criterion: volume, total, percent, score, source, and what the other source says.

    Parameters
    ----------
    cells : pandas.DataFrame
        Scores and measures of one unit or group, indexed by ``criterion``.
    rules : Rules
        The rule.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    list of dict
        ``code, name, unit, affected, total, percent, score, source, other, missing``, all in words.
    """
    rows = cells.reindex(list(rules.codes)).astype(object).to_dict("index")
    return [_criterion(rows[c.code], c, lang) for c in rules.criteria]


def _criterion(row, criterion, lang):
    missing = not known(row["percent"])
    scores = (f"{row[key]:.0f}" if known(row[key]) else "?" for key in ("score_low", "score_high"))
    return {
        "code": criterion.code,
        "name": (criterion.name if lang == "id" else criterion.name_en).replace(">=", "≥"),
        "unit": criterion.unit,
        "affected": volume(row["affected"], criterion.unit, lang),
        "total": volume(row["total"], criterion.unit, lang),
        "percent": text("maps.card.no_data", lang) if missing else percent(row["percent"], lang),
        "score": "–".join(scores) if missing else f"{row['score']:.0f}",
        "source": source_words(row["source"], lang),
        "other": _other(row, criterion.unit, lang),
        "missing": missing,
    }


def volume(value, unit, lang):
    """Write a volume or a total with the decimals of its unit, an en dash where it is missing."""
    return figure(round(float(value), DECIMALS[unit]), lang) if known(value) else "–"


def source_words(source, lang):
    """Say where a figure comes from."""
    if not known(source):
        return "–"
    key = "profile.sum_of_units" if source == "roll-up" else f"maps.source.{source}"
    try:
        return text(key, lang)
    except KeyError:
        return plain(source, 20)


def _other(row, unit, lang):
    """Say what the source that was not used says: that it agrees, or its figures."""
    for side in _OTHERS:
        affected, total = row.get(f"{side}_affected"), row.get(f"{side}_total")
        if side == row["source"] or not known(row["source"]) or not (known(affected) and known(total)):
            continue
        name = text(f"maps.source.{side}", lang)
        if affected == row["affected"] and total == row["total"]:
            return text("profile.same", lang, source=name)
        words = {"affected": volume(affected, unit, lang), "total": volume(total, unit, lang)}
        said = percent(row.get(f"{side}_percent"), lang)
        return text("profile.differs", lang, source=name, percent=said, **words)
    return "–"
