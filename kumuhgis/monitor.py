"""Two results of one area side by side: what became better, what worse, what was only measured anew."""

import numpy as np
import pandas as pd

from kumuhgis import scores
from kumuhgis.errors import Problem, ScoringError
from kumuhgis.results import check_assessment
from kumuhgis.trace import same_rules

CHANGES = ("left_slum", "better", "same", "worse", "became_slum", "remeasured", "undetermined", "new", "gone")
"""What can become of a unit between two results, in the order of legends and tables."""
CONTRIBUTIONS = ("r0", "simple")
_AREA_STEP = 0.005  # half of the hundredth of a hectare that is shown


def compare(before, after, *, levels_only=False, contribution="r0"):
    """Say of every unit what changed between two results, and what of it is only a new measurement.

    Parameters
    ----------
    before, after : Assessment
        Two dates, or a result and a scenario, of units with the same keys.
    levels_only : bool
        Compare levels and hectares only, so that the two may be results under different rules. Totals under different
        rules are never compared.
    contribution : {"r0", "simple"}
        How much of a unit's area the improvement counts for (``contribution_ha``).

    Returns
    -------
    pandas.DataFrame
        One row per unit of either result, in the order of ``before``, then new ones: ``change`` (see :data:`CHANGES`),
        ``level_before, level_after, total_before, total_after, slum_ha_before, slum_ha_after, area_before_ha,
        area_after_ha, reduction_ha`` (whole area of units that left slum, else 0; NaN while a side is open),
        ``contribution`` (share 0 to 1), ``contribution_ha``, ``better, worse, remeasured_criteria`` (codes).

    Raises
    ------
    ScoringError
        If the rules differ and ``levels_only`` is not set, or the two have no unit in common.

    Notes
    -----
    *Pengurangan luas kumuh*: an RT that drops below the floor counts with its whole area, otherwise 0 (recomputed
    from SIM KOTAKU, 11 of 11). *Kontribusi penanganan* ``r0``: 100 % below the floor, else (sektoral before - after) /
    (sektoral before - 24.99), none where that divides by zero or less; ``simple``: (before - after) / before of
    sektoral, within 0 and 1.

    A unit is ``remeasured`` if the volumes of ``after`` over the totals of ``before`` score what ``before`` scored:
    then nothing was handled, only a total (houses, households, metres, hectares) was counted anew; or if only its area
    was.

    Examples
    --------
    >>> import kumuhgis as kg
    >>> jaten = kg.assess(kg.load_sample("jaten"))
    >>> compare(jaten, jaten)["change"].value_counts().to_dict()
    {'same': 15, 'undetermined': 1}
    """
    for result in (before, after):
        check_assessment(result, "compare")
    if contribution not in CONTRIBUTIONS:
        raise ValueError(f"contribution = {contribution!r}: {' | '.join(CONTRIBUTIONS)}")
    if not levels_only:
        same_rules(before.rules, after.rules)
    both = before.summary.index.intersection(after.summary.index, sort=False)
    if both.empty:
        raise ScoringError([Problem("compare_no_common_units")], before.lang)
    out = _side_by_side(before, after)
    if levels_only:
        out[["total_before", "total_after"]] = np.nan
    out["change"] = _change(out, before, after, levels_only)
    out["reduction_ha"] = _reduction(out)
    if not levels_only:
        out = out.join(_criteria(before, after)).join(_contribution(before, after, contribution))
        out["contribution_ha"] = out["contribution"] * out["area_before_ha"]
    return out


def summarise_changes(changes):
    """Count units and hectares by what became of them.

    Parameters
    ----------
    changes : pandas.DataFrame
        From :func:`compare`.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``change``, only what occurs: ``units, area_ha`` (the area after, before where there is none after),
        ``slum_ha_before, slum_ha_after, reduction_ha``. A sum of which a part is open is NaN.

    Examples
    --------
    >>> frame = pd.DataFrame({"change": ["left_slum", "same"], "area_before_ha": [1.5, 2.0],
    ...     "area_after_ha": [1.5, 2.0], "slum_ha_before": [1.5, 2.0], "slum_ha_after": [0.0, 2.0],
    ...     "reduction_ha": [1.5, 0.0]})
    >>> summarise_changes(frame)[["units", "reduction_ha"]].values.tolist()
    [[1.0, 1.5], [1.0, 0.0]]
    """
    area = changes["area_after_ha"].fillna(changes["area_before_ha"])
    rows = changes.assign(area_ha=area).groupby("change", sort=False)
    sums = rows[["area_ha", "slum_ha_before", "slum_ha_after", "reduction_ha"]].agg(lambda s: s.sum(skipna=False))
    out = pd.concat([rows.size().rename("units"), sums.round(9)], axis=1)
    return out.reindex([key for key in CHANGES if key in out.index]).rename_axis("change")


def _side_by_side(before, after):
    index = before.summary.index.append(after.summary.index.difference(before.summary.index, sort=False))
    out = pd.DataFrame(index=index)
    for column, source in (
        ("level", "level"), ("total", "total_score"), ("slum_ha", "slum_ha"), ("area", "area_used_ha"),
    ):  # fmt: skip
        for name, result in (("before", before), ("after", after)):
            values = result.summary[source]
            values = values.astype(object) if column == "level" else values.astype("Float64").astype(float)
            out[f"area_{name}_ha" if column == "area" else f"{column}_{name}"] = values.reindex(index)
    return out.rename_axis(before.summary.index.name)


def _change(out, before, after, levels_only):
    """Give the key of what became of each unit."""
    steps = {name: _positions(out[f"level_{name}"], result.rules) for name, result in _sides(before, after)}
    was, now = steps["before"] > 0, steps["after"] > 0
    move = (steps["after"] - steps["before"]).to_numpy()
    if not levels_only:
        totals = (out["total_after"] - out["total_before"]).to_numpy()
        move = np.where((move == 0) & ~np.isnan(totals), totals, move)
    known = (steps["before"].notna() & steps["after"].notna()).to_numpy()
    anew = np.zeros(len(out), bool) if levels_only else _only_remeasured(out, before, after, move)
    rows = [
        (~out.index.isin(before.summary.index), "new"), (~out.index.isin(after.summary.index), "gone"),
        (~known, "undetermined"), (anew, "remeasured"), (was & ~now, "left_slum"), (~was & now, "became_slum"),
        (move < 0, "better"), (move > 0, "worse"),
    ]  # fmt: skip
    return pd.Series(np.select([r[0] for r in rows], [r[1] for r in rows], "same"), index=out.index)


def _sides(before, after):
    return (("before", before), ("after", after))


def _positions(levels, rules):
    return levels.map({key: n for n, key in enumerate(rules.level_keys)}).astype(float)


def _only_remeasured(out, before, after, move):
    """Find units whose change is gone once the totals of before stand under the volumes of after."""
    volumes = after.measures["affected"].reindex(before.measures.index)
    mixed = before.measures[["affected", "total", "source"]].assign(affected=volumes)
    summary = scores.score(mixed, before.rules, means=before.provenance["options"]["means"])[1]
    total = summary["total_score"].astype("Float64").astype(float).reindex(out.index)
    no_work = (total == out["total_before"]).to_numpy()
    area = ((out["area_after_ha"] - out["area_before_ha"]).abs() > _AREA_STEP).to_numpy()
    return no_work & ((move != 0) | area)


def _reduction(out):
    """Whole area of the units that left slum; nothing for the others; open while a side is."""
    left = out["slum_ha_before"].gt(0) & out["slum_ha_after"].eq(0)
    known = out["slum_ha_before"].notna() & out["slum_ha_after"].notna()
    return out["area_before_ha"].where(left, 0.0).where(known)


def _contribution(before, after, how):
    index = before.summary.index
    was, now = before.summary, after.summary.reindex(index)
    first, last = was["sektoral"], now["sektoral"]
    floor = before.rules.floor
    if how == "simple":
        share = ((first - last) / first.where(first > 0)).clip(0, 1)
    else:
        span = first - (before.rules.bands.lower[0] - 0.01)  # 24.99: the last percent that scores nothing
        share = ((first - last) / span.where(span > 0)).mask((now["total_high"] < floor).fillna(False), 1.0)
    slum = (was["total_low"] >= floor) & now["total_low"].notna()
    return share.where(slum).to_frame("contribution")


def _criteria(before, after):
    """Name the criteria whose score fell or rose, and those whose total was counted anew."""
    index = before.scores.index
    was, now = before.scores, after.scores.reindex(index)
    anew = (before.measures["total"].reindex(index) - after.measures["total"].reindex(index)).abs() > 1e-9
    found = {"better": now["score"] < was["score"], "worse": now["score"] > was["score"], "remeasured_criteria": anew}
    units = index.get_level_values("unit")
    codes = pd.Series(index.get_level_values("criterion"), index=units)
    out = pd.DataFrame("", index=before.summary.index, columns=list(found))
    for name, rows in found.items():
        named = codes[rows.fillna(False).to_numpy(bool)]
        out[name] = named.groupby(level=0, sort=False).agg(", ".join).reindex(out.index).fillna("")
    return out
