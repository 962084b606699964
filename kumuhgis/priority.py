"""Decisions: pertimbangan lain, legality, klasifikasi, prioritas, pola penanganan, kewenangan, and the ranking."""

import numpy as np
import pandas as pd

from kumuhgis.errors import Problem, ScoringError
from kumuhgis.text import number, rule_word, text

TIE_BREAKS = ("priority", "total_low", "slum_ha", "population")


def considerations(units, table, rules, *, city_class=None):
    """Add up pertimbangan lain: strategic location, population density, social-economic-cultural potential.

    Parameters
    ----------
    units : pandas.DataFrame
        With ``population`` and ``area_used_ha``.
    table : pandas.DataFrame
        Indexed by unit: ``strategic`` and ``social`` scores (NaN where not given).
    rules : Rules
        Gives the scores and the classes.
    city_class : {"metropolitan", "besar", "sedang", "kecil"}, optional
        Class of the city, which decides the limits of density.

    Returns
    -------
    pandas.DataFrame
        ``density_per_ha, strategic, population_score, social, consideration_score, consideration`` (class).

    Notes
    -----
    Scores of the items: read in the public forms; limits of the classes: recalled (see the rule file).

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> units = pd.DataFrame({"population": [300.0], "area_used_ha": [1.0]}, index=["A"])
    >>> table = pd.DataFrame({"strategic": [5.0], "social": [1.0]}, index=["A"])
    >>> considerations(units, table, load_rules(), city_class="sedang").loc["A", "consideration"]
    'tinggi'
    """
    out = pd.DataFrame(index=units.index)
    population = units["population"].astype(float)
    area = units["area_used_ha"].astype(float)
    out["density_per_ha"] = (population / area).where(area > 0).round(9)
    out["strategic"] = table["strategic"].reindex(units.index).astype(float)
    out["population_score"] = _density_score(out["density_per_ha"], rules, city_class)
    out["social"] = table["social"].reindex(units.index).astype(float)
    out["consideration_score"] = out[["strategic", "population_score", "social"]].sum(axis=1, skipna=False)
    classes = rules.considerations.classes
    position = np.searchsorted([c.lower for c in classes], out["consideration_score"].fillna(-1), side="right") - 1
    keys = np.array([c.key for c in classes], object)
    out["consideration"] = np.where(position >= 0, keys[np.maximum(position, 0)], None)
    return out


def _density_score(density, rules, city_class):
    if city_class not in rules.considerations.population:
        return pd.Series(np.nan, index=density.index)
    limits = rules.considerations.population[city_class]
    score = pd.Series(float(limits.score[-1]), index=density.index)
    for above, value in reversed(list(zip(limits.above, limits.score, strict=False))):
        score = score.mask(density > above, float(value))
    return score.where(density.notna())


def legality(tenure_sign, plan_sign):
    """Decide whether a location is legal: both signs (+).

    Parameters
    ----------
    tenure_sign, plan_sign : pandas.Series of {"+", "-", None}
        Kejelasan status tanah, kesesuaian dengan RTR.

    Returns
    -------
    pandas.Series of boolean
        True, False, or missing where a sign is missing and the other is not (-).

    Notes
    -----
    Each sign: read in the regulation. That legal means both (+): inferred.

    Examples
    --------
    >>> legality(pd.Series(["+", "+", "-", None]), pd.Series(["+", "-", None, "+"])).tolist()
    [True, False, False, <NA>]
    """
    legal = pd.Series(pd.NA, index=tenure_sign.index, dtype="boolean", name="legal")
    legal[(tenure_sign == "+") & (plan_sign == "+")] = True
    legal[(tenure_sign == "-") | (plan_sign == "-")] = False
    return legal


def classify(level, consideration, legal, rules):
    """Give klasifikasi (A1 to C6), prioritas (1 to 9) and pola penanganan.

    Parameters
    ----------
    level, consideration, legal : pandas.Series
        Level key, class of pertimbangan lain, boolean; missing where undetermined.
    rules : Rules
        The rule.

    Returns
    -------
    pandas.DataFrame
        ``class, priority, handling``; missing for units that are not slum or lack what decides. The priority does not
        depend on the legality, the handling not on the considerations.

    Notes
    -----
    Klasifikasi and prioritas: A1..A6 = 1 1 4 4 7 7, B = 2 2 5 5 8 8, C = 3 3 6 6 9 9; odd numbers are legal.

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> one = pd.Series
    >>> classify(one(["kumuh sedang"]), one(["tinggi"]), one([False]), load_rules()).loc[0].to_dict()
    {'class': 'B2', 'priority': 2, 'handling': 'permukiman kembali'}
    """
    level = level.astype(object)
    letter = level.map({lv.key: lv.class_ for lv in rules.levels if lv.class_})
    base = level.map({lv.key: lv.priority for lv in rules.levels if lv.priority}).astype(float)
    by_class = {c.key: c for c in rules.considerations.classes}
    number_legal = consideration.map({k: c.class_ for k, c in by_class.items()}).astype(float)
    step = consideration.map({k: c.priority for k, c in by_class.items()}).astype(float)
    digit = number_legal + (~legal.astype("boolean")).astype("Float64").to_numpy(float, na_value=np.nan)
    out = pd.DataFrame(index=level.index)
    known = letter.notna() & digit.notna()
    out["class"] = [f"{a}{int(b)}" if k else None for a, b, k in zip(letter, digit, known, strict=True)]
    out["priority"] = (base + step).astype("Int64")
    out["handling"] = [_handling(lv, lg, rules) for lv, lg in zip(level, legal, strict=True)]
    return out


def _handling(level, legal, rules):
    if pd.isna(level) or pd.isna(legal):
        return None
    return (rules.handling.legal if legal else rules.handling.not_legal).get(level)


def authority(slum_ha, rules):
    """Say which government is in charge of a location, by its slum hectares.

    Parameters
    ----------
    slum_ha : pandas.Series of float
        Hectares.
    rules : Rules
        Gives the limits: above 15 ha central, 10 to 15 ha province, below 10 ha kabupaten/kota.

    Returns
    -------
    pandas.DataFrame
        ``authority`` ("pusat", "provinsi", "kabupaten/kota"; missing without slum) and ``authority_near_limit``.

    Notes
    -----
    UU 23/2014, annex.

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> authority(pd.Series([9.8, 10.0, 15.1, 0.0]), load_rules())["authority"].fillna("").tolist()
    ['kabupaten/kota', 'provinsi', 'pusat', '']
    """
    limits, slum_ha = rules.authority, slum_ha.round(9)
    low, high = limits.province_from_ha, limits.central_above_ha
    who = np.select([slum_ha > high, slum_ha >= low, slum_ha > 0], ["pusat", "provinsi", "kabupaten/kota"], None)
    near = ((slum_ha - low).abs() <= limits.near_ha) | ((slum_ha - high).abs() <= limits.near_ha)
    return pd.DataFrame({"authority": who, "authority_near_limit": near.fillna(False)}, index=slum_ha.index)


def settled_authority(area, rules):
    """Say which government is in charge where the hectares may be an interval: settled if both ends agree.

    Parameters
    ----------
    area : pandas.DataFrame
        ``slum_ha_low, slum_ha_high`` per location.
    rules : Rules
        Gives the limits.

    Returns
    -------
    pandas.DataFrame
        As :func:`authority`; missing where the open hectares decide, and near a limit if one end is.

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> area = pd.DataFrame({"slum_ha_low": [2.0, 9.0], "slum_ha_high": [4.0, 11.0]})
    >>> settled_authority(area, load_rules())["authority"].fillna("").tolist()
    ['kabupaten/kota', '']
    """
    low, high = (authority(area[column], rules) for column in ("slum_ha_low", "slum_ha_high"))
    agree = low["authority"].fillna("") == high["authority"].fillna("")
    near = low["authority_near_limit"] | high["authority_near_limit"]
    return pd.DataFrame({"authority": low["authority"].where(agree, None), "authority_near_limit": near})


def authority_problems(table, rules, layer="kawasan"):
    """List locations whose hectares are close to a limit of authority."""
    problems = []
    for name, row in table[table["authority_near_limit"]].iterrows():
        limits = (rules.authority.province_from_ha, rules.authority.central_above_ha)
        limit = min(limits, key=lambda value: abs(row["slum_ha"] - value))
        params = {"area": round(row["slum_ha"], 2), "limit": float(limit)}
        problems.append(Problem("authority_near_limit", layer, str(name), "", params))
    return problems


def rank(summary):
    """Rank units: priority, then higher total, then more slum hectares, then more people.

    Parameters
    ----------
    summary : pandas.DataFrame
        With ``priority, total_low, slum_ha, population``. Where something is missing, ``total_low`` is the total that
        is certain.

    Returns
    -------
    pandas.Series of Int64
        1 is first; units that are equal in all four share a rank; missing without a priority.

    Examples
    --------
    >>> s = pd.DataFrame({"priority": [3, 3, 1], "total_low": [20, 22, 40], "slum_ha": [1.0, 1, 1],
    ...                   "population": [90, 90, 90]}, index=["A", "B", "C"])
    >>> rank(s).tolist()
    [3, 2, 1]
    """
    ranked = pd.Series(pd.NA, index=summary.index, dtype="Int64", name="rank")
    keys = _rank_keys(summary)
    have = summary["priority"].notna()
    ordered = keys[have].sort_values(list(keys.columns), kind="stable")
    new = (ordered != ordered.shift()).any(axis=1).to_numpy()
    places = np.maximum.accumulate(np.where(new, np.arange(1, len(ordered) + 1), 0))
    ranked.loc[ordered.index] = places
    return ranked


def _rank_keys(summary):
    """Sort keys, all ascending; what is missing comes last."""
    keys = pd.DataFrame({"priority": summary["priority"].astype("Float64").to_numpy(float, na_value=np.nan)})
    keys.index = summary.index
    for column in TIE_BREAKS[1:]:
        values = pd.to_numeric(summary[column], errors="coerce").astype("Float64").to_numpy(float, na_value=np.nan)
        keys[column] = -np.where(np.isnan(values), -np.inf, values)
    return keys


def why_above(summary, x, y, lang="id"):
    """Say in words why unit x stands above unit y, or below, or equal.

    Parameters
    ----------
    summary : pandas.DataFrame
        Summary of an assessment.
    x, y : str
        Two units.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    str
        One sentence naming the first of the four ranking keys that differs, with both values.

    Raises
    ------
    ScoringError
        If a unit is not in the summary.

    Examples
    --------
    >>> s = pd.DataFrame({"priority": [3, 3], "total_low": [20, 22], "slum_ha": [1.0, 1],
    ...                   "population": [90, 90], "level": ["kumuh ringan"] * 2}, index=["A", "B"])
    >>> why_above(s, "B", "A", lang="en")
    'B stands above A: same priority (3), and the total score is higher (22 against 20).'
    """
    missing = [Problem("unit_not_found", "summary", str(unit)) for unit in (x, y) if unit not in summary.index]
    if missing:
        raise ScoringError(missing, lang)
    for unit, other in ((x, y), (y, x)):
        if pd.isna(summary.loc[unit, "priority"]):
            return _without_priority(summary, unit, other, lang)
    keys = _rank_keys(summary.loc[[x, y]])
    equal = []
    for column in TIE_BREAKS:
        a, b = keys.loc[x, column], keys.loc[y, column]
        if a == b:
            equal.append(column)
            continue
        first, second = (x, y) if a < b else (y, x)
        return text(
            "priority.above",
            lang,
            first=first,
            second=second,
            equal="".join(text(f"priority.equal_{c}", lang, value=_shown(summary, x, c, lang)) for c in equal),
            reason=text(
                f"priority.by_{column}",
                lang,
                a=_shown(summary, first, column, lang),
                b=_shown(summary, second, column, lang),
            ),
        )
    return text("priority.same", lang, first=x, second=y)


def _shown(summary, unit, column, lang):
    value = summary.loc[unit, column]
    if column == "total_low" and summary.loc[unit].get("total_high", value) != value:
        return text("priority.at_least", lang, value=value)
    return number(None if pd.isna(value) else float(value), 2 if column == "slum_ha" else 0, lang)


def _without_priority(summary, unit, other, lang):
    level = summary.loc[unit, "level"]
    if pd.isna(level):
        reason = text("levels.undetermined", lang)
    elif summary.loc[unit].get("slum_ha") == 0:
        reason = text("priority.not_slum", lang)
    else:
        reason = text("priority.no_consideration", lang)
    return text("priority.none", lang, unit=unit, other=other, reason=reason)


def why(row, rules, lang="id"):
    """Say in words how a unit came to its priority, class and handling, from the inputs that the rule names.

    Parameters
    ----------
    row : pandas.Series
        A row of ``summary``.
    rules : Rules
        The rule.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    str
        Two or three sentences; for a unit without priority, which input it lacks, or that it is not slum.

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> row = pd.Series({"level": "kumuh sedang", "total_high": 40, "consideration": "sedang", "consideration_score": 7,
    ...                  "legal": False, "class": "B4", "priority": 5, "handling": "permukiman kembali"})
    >>> why(row, load_rules()).partition(". ")[0]
    'Prioritas 5 = 2 (kumuh sedang) + 3 (pertimbangan lain sedang, nilai 7)'
    """
    if pd.isna(row["level"]):
        return text("priority.why_no_level", lang, codes=row.get("deciding") or "–")
    level = next(level for level in rules.levels if level.key == row["level"])
    name = level.key if lang == "id" else level.name_en
    if row["total_high"] < rules.floor:
        return text("priority.why_not_slum", lang, total=row["total_high"], floor=rules.floor)
    steps = {c.key: c.priority for c in rules.considerations.classes}
    if pd.isna(row["priority"]) or row["consideration"] not in steps:
        return text("priority.why_open", lang, level=name, missing=_lacking(row, lang))
    words = {"level": name, "consideration": rule_word(row["consideration"], lang)}
    step = steps[row["consideration"]]
    score = number(row["consideration_score"], 0, lang)
    words |= {"base": level.priority, "step": step, "score": score}
    return f"{text('priority.why', lang, priority=row['priority'], **words)} {_why_class(row, words, lang)}"


def _why_class(row, words, lang):
    if pd.isna(row["legal"]):
        return text("priority.why_class_open", lang)
    legal = text("priority.legal" if row["legal"] else "priority.not_legal", lang)
    handling = "–" if pd.isna(row["handling"]) else rule_word(row["handling"], lang)
    return text("priority.why_class", lang, name=row["class"], legal=legal, handling=handling, **words)


def _lacking(row, lang):
    """Name the considerations that are missing; all of them where the row does not list them."""
    names = ("strategic", "population_score", "social")
    missing = [name for name in names if name not in row or pd.isna(row[name])]
    return ", ".join(text(f"priority.{name}", lang) for name in missing)
