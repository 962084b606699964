"""The decree in force against the result: what enters, what leaves, what changes in hectares, and how old it is."""

from datetime import date

import numpy as np
import pandas as pd

from kumuhgis.documents.locations import unit_labels, unit_locations
from kumuhgis.grouping import name_of

REVIEW_YEARS = 5
"""A decree is reviewed at least once in so many years (Permen PUPR 14/PRT/M/2018, Pasal 38)."""
FINDINGS = ("enters", "leaves", "stays", "open", "unknown")


def review_decree(assessment, by="kawasan"):
    """List every RT that the decree in force holds, or that has to come into it.

    Parameters
    ----------
    assessment : Assessment
        The result.
    by : str
        Column of ``units`` that names the locations.

    Returns
    -------
    pandas.DataFrame
        Indexed by unit: ``label, name`` (its location), ``desa, sk_share, sk_ha`` (of the table, else the share of its
        measured area), ``slum_ha_low, slum_ha_high, change_low, change_high`` (slum less decree), ``finding``:
        "enters" (slum, outside), "leaves" (inside, not slum), "stays", "open" (inside, or possibly slum, but its
        level is open) or "unknown" (slum, and nothing is known of the decree). Empty where nothing is known of a
        decree at all.

    Examples
    --------
    >>> import kumuhgis as kg
    >>> found = review_decree(kg.assess(kg.load_sample("jaten")))
    >>> found["finding"].value_counts().to_dict()
    {'stays': 4, 'enters': 2, 'open': 1, 'leaves': 1}
    """
    summary, floor = assessment.summary, assessment.rules.floor
    units, of = assessment.units.reindex(summary.index), unit_locations(assessment, by)
    share, area = summary["sk_share"].astype(float), summary["area_ha"].astype(float)
    sk = summary["sk_ha"].astype(float).fillna((share * area).round(9))
    held = summary["sk_status"].isin(["inside", "partial"]) | (summary["sk_status"].isna() & (sk > 0))
    known = summary["sk_status"].notna() | sk.notna()
    slum, maybe = summary["total_low"] >= floor, summary["total_high"] >= floor
    sk = sk.where(held, 0.0).where(known)
    found = pd.DataFrame({
        "label": unit_labels(assessment), "name": of["name"].where(~of["own"], ""),
        "desa": units["desa"].map(name_of) if "desa" in units else "", "sk_share": share, "sk_ha": sk,
        "slum_ha_low": summary["slum_ha_low"], "slum_ha_high": summary["slum_ha_high"],
    }, summary.index)  # fmt: skip
    for end in ("low", "high"):
        found[f"change_{end}"] = (found[f"slum_ha_{end}"] - sk).round(9)
    rows = [(maybe & ~slum, "open"), (~known, "unknown"), (held & slum, "stays"), (held, "leaves"), (slum, "enters")]
    found["finding"] = np.select([r[0] for r in rows], [r[1] for r in rows], "")
    return found[(held | maybe) & known.any()].rename_axis("unit")


def printed_review(found, printed_ha):
    """Write the hectares of a review as the annex prints them, so that its sums are those of what is read.

    Parameters
    ----------
    found : pandas.DataFrame
        From :func:`review_decree`.
    printed_ha : pandas.Series
        Hectares of the slum RT as the list of locations prints them (largest remainders), by unit.

    Returns
    -------
    pandas.DataFrame
        The same, with hectares of two decimals.
    """
    out = found.assign(sk_ha=found["sk_ha"].round(2))
    printed = printed_ha.reindex(out.index)
    for end in ("low", "high"):
        out[f"slum_ha_{end}"] = printed.fillna(out[f"slum_ha_{end}"].round(2))
        out[f"change_{end}"] = (out[f"slum_ha_{end}"] - out["sk_ha"]).round(2)
    return out


def sum_review(found):
    """Count RT and hectares by finding.

    Parameters
    ----------
    found : pandas.DataFrame
        From :func:`review_decree`.

    Returns
    -------
    pandas.DataFrame
        Indexed by finding, only what occurs: ``units, sk_ha, slum_ha_low, slum_ha_high, change_low, change_high``; a
        sum of which a part is unknown is NaN.
    """
    columns = ["sk_ha", "slum_ha_low", "slum_ha_high", "change_low", "change_high"]
    grouped = found.groupby("finding", sort=False)
    sums = grouped[columns].agg(lambda s: s.sum(skipna=False)).round(9)
    out = pd.concat([grouped.size().rename("units"), sums], axis=1)
    return out.reindex([key for key in FINDINGS if key in out.index])


def decrees_in_force(assessment):
    """List the decrees that the data name, with their age at the date of the result.

    Parameters
    ----------
    assessment : Assessment
        The result.

    Returns
    -------
    list of dict
        ``number`` (empty if not recorded), ``date`` (or None), ``years`` (age, or None), ``due`` (day by which it has
        to be reviewed, or None), ``old`` (that day is past).

    Examples
    --------
    >>> import kumuhgis as kg
    >>> from datetime import date
    >>> jaten = kg.assess(kg.load_sample("jaten"), today=date(2026, 1, 1))
    >>> [(d["number"], d["date"].isoformat(), d["old"]) for d in decrees_in_force(jaten)]
    [('000/CONTOH/2020', '2020-12-01', True)]
    """
    p, layer = assessment.provenance, assessment.layers.get("sk")
    today = _day(p.get("date"))
    pairs = []
    if layer is not None and len(layer):
        columns = (layer[c] if c in layer else pd.Series(None, layer.index) for c in ("sk_number", "sk_date"))
        pairs = [(name_of(number), _day(day)) for number, day in zip(*columns, strict=True)]
    noted = _day((p.get("dates") or {}).get("sk"))
    if noted and not any(day for _, day in pairs):
        pairs = [(number, noted) for number, _ in pairs] or [("", noted)]
    return [_aged(number, day, today) for number, day in dict.fromkeys(pairs) if number or day]


def _aged(number, day, today):
    due = day and _years_later(day, REVIEW_YEARS)
    years = (today - day).days / 365.25 if day and today else None
    return {"number": number, "date": day, "years": years, "due": due, "old": bool(due and today and today > due)}


def _years_later(day, years):
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def _day(value):
    """Read a day from a date, a time or a text that begins with one."""
    if value is None or value != value:
        return None
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
