"""Groups of units: kawasan, RW, desa, kecamatan. Volumes are summed; hectares are those of the RT that are slum."""

import pandas as pd

from kumuhgis import hectares, priority, scores
from kumuhgis.errors import Problem, ProjectError
from kumuhgis.grouping import qualified
from kumuhgis.results import check_assessment
from kumuhgis.rolling import group_certainty


def summarise_groups(assessment, by="kawasan"):
    """Roll an assessment up: the group's own level from summed volumes, and beside it the hectares of its slum RT.

    Parameters
    ----------
    assessment : Assessment
        The result.
    by : str
        Column of ``units``: ``kawasan``, ``desa``, ``kecamatan``, ``rw`` … Units without a group are gathered under
        "(tanpa …)"; equal names in several desa, kecamatan or kabupaten are told apart (:mod:`kumuhgis.grouping`).
        Of a region also ``part``.

    Returns
    -------
    pandas.DataFrame
        Indexed by group: the columns of a summary of scores, of :func:`hectares.slum_hectares` and of
        :func:`priority.authority`; ``population, households``; and for the group as one location ``tenure_sign,
        plan_sign, legal``, the columns of :func:`priority.considerations`, ``class, priority, handling``. Where volumes
        are from a sample, also the columns of :func:`rolling.group_certainty`.

    Raises
    ------
    ProjectError
        If the units have no such column.

    Notes
    -----
    A roll-up can come out "tidak kumuh" although RT inside it are slum; hectares therefore count RT. A sign is (+)
    only if all of the group qualifies.
    """
    check_assessment(assessment, "summarise_groups")
    units, rules, options = assessment.units, assessment.rules, assessment.provenance["options"]
    groups = name_groups(assessment, by)[0]
    rolled = scores.roll_up(assessment.measures, groups, rules)
    _, summary = scores.score(rolled, rules, means=options["means"])
    area = hectares.slum_hectares(assessment.summary, rules, groups).reindex(summary.index)
    people = units[["population", "households", "area_used_ha"]].groupby(groups).agg(lambda s: s.sum(skipna=False))
    if "hits" in assessment.measures and assessment.measures["hits"].notna().any():
        summary = summary.join(group_certainty(assessment.measures, groups, rules))
    out = summary.join(area).join(priority.settled_authority(area, rules)).join(people[["population", "households"]])
    return out.join(_decisions(assessment, groups, out, people, rules, options))


def name_groups(assessment, by):
    """Name the group of every unit.

    Parameters
    ----------
    assessment : Assessment
        The result.
    by : str
        Column of ``units``.

    Returns
    -------
    groups : pandas.Series of str
        Indexed by unit; "(tanpa …)" where it has none.
    wider : str
        Column of the place that stands before the names, empty where they need none.

    Raises
    ------
    ProjectError
        If the units have no such column.
    """
    units = assessment.units
    if by not in units:
        params = {"known": ", ".join(map(str, units.columns))}
        raise ProjectError([Problem("layer_column_missing", "units", "", by, params)], assessment.lang)
    groups, wider = qualified(units[by], units, by)
    return groups.where(groups.notna(), f"(tanpa {by})").astype(str), wider


def _decisions(assessment, groups, out, people, rules, options):
    """Decide legality, considerations, class and priority for every group as one location."""
    rows, table = assessment.summary, pd.DataFrame(index=out.index)
    by = groups.reindex(rows.index).to_numpy()
    for kind in ("tenure_sign", "plan_sign"):
        table[kind] = _whole(rows[kind], by)
    table["legal"] = priority.legality(table["tenure_sign"], table["plan_sign"])
    given = pd.DataFrame({c: _common(rows[c], by) for c in ("strategic", "social")}, index=out.index)
    location = people.reindex(out.index)[["population", "area_used_ha"]]
    considered = priority.considerations(location, given, rules, city_class=options["city_class"])
    table = table.join(considered)
    return table.join(priority.classify(out["level"], table["consideration"], table["legal"], rules))


def _whole(signs, by):
    """Give the sign of every location: (-) if a part is (-), (+) if all of it is (+), else open."""
    minus, plus = (signs == "-").groupby(by).any(), (signs == "+").groupby(by).all()
    return pd.Series(None, index=minus.index, dtype=object).mask(plus, "+").mask(minus, "-")


def _common(values, by):
    """Give the score that all units of a location share, else missing."""
    found = values.astype(float).groupby(by)
    return found.first().where(found.nunique() == 1)
