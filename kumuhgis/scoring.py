"""Scoring a baseline table alone, without any map: the contract by which kumuhgis is checked from outside."""

from types import SimpleNamespace

from kumuhgis import audit, hectares, scores
from kumuhgis import baseline as tables
from kumuhgis.confidence import certainty, slum_hectares_range
from kumuhgis.errors import Problem, TableError
from kumuhgis.grouping import name_of, qualified
from kumuhgis.rules import load_rules
from kumuhgis.survey import Survey, read_survey
from kumuhgis.surveying import with_survey
from kumuhgis.tables import aliases, slug
from kumuhgis.values import check_values
from kumuhgis.volumes import to_measures, with_ideal_lengths


def score_baseline(
    source,
    *,
    rules=None,
    by=None,
    means="plain",
    length_total="ideal",
    density="typed",
    city_class=None,
    columns=None,
    unit=None,
    sheet=None,
    survey=None,
    prefer="table",
):
    """Score a baseline table without any map: one row per unit, or per group.

    Parameters
    ----------
    source : path or pandas.DataFrame
        The table; see :func:`baseline.read_baseline`, also for ``columns``, ``unit`` and ``sheet``.
    rules : str, path or Rules, optional
        The rule; the default is ``permen-14-2018``.
    by : str, optional
        Column to roll up by, by our name or the file's heading. Volumes and totals are summed; slum hectares are
        those of the RT whose own total reaches the floor.
    means : {"plain", "gated"}
        Variant of the aspect means.
    length_total, density, city_class
        Named options; see :func:`baseline.to_measures`.
    survey : path, list of paths or Survey, optional
        What households and RT answered (:func:`survey.read_survey`); it counts where the table says nothing, or
        everywhere it is complete with ``prefer="survey"``. The table need not have a volume then, only counts.
    prefer : {"table", "survey"}
        Which one decides where both are complete.

    Returns
    -------
    results : pandas.DataFrame
        Indexed by ``unit``: ``<code>_percent, <code>_score`` for every criterion, ``aspect_<n>_mean``, ``sektoral,
        total_score, total_low, total_high, level, fragile, area_ha, slum_ha``. What is missing is missing. With a
        survey also the columns of :func:`confidence.certainty`; of groups those of
        :func:`confidence.slum_hectares_range`, for the volumes of a roll-up do not carry what is not known of them.
    problems : list of Problem
        Everything that was wrong.

    Raises
    ------
    TableError, RulesError
        If the table or the rule cannot be read.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"kode": ["01", "02"], "kawasan": "Bulu", "kk": [40, 60], "3a_volume": [30, 30]})
    >>> score_baseline(table, by="kawasan")[0].loc["Bulu", ["3a_percent", "3a_score"]].tolist()
    [60.0, 3.0]
    """
    rules = load_rules(rules or "permen-14-2018")
    how = {"columns": columns, "unit": unit, "sheet": sheet, "counts_only": survey is not None}
    base = tables.read_baseline(source, rules, **how)
    measures = typed = to_measures(base, rules, length_total=length_total, density=density, city_class=city_class)
    answered = []
    if survey is not None:
        measures = _surveyed(typed, base, survey, rules, prefer, answered)
    said = tables.with_rows(audit.scoring_problems(measures, rules, base.name), base.name, base.rows)
    problems = [*base.problems, *check_values(base), *answered, *said]
    if not base.published.empty:
        problems += audit.published_differences(base, *scores.score(typed, rules, means=means), rules)
    results = scores.results(measures, rules, means=means)
    problems += audit.open_levels(measures, rules, base.name)
    area = base.units["verified_ha"].reindex(results.index)
    slum = hectares.slum_area(area, results["total_low"], results["total_high"], rules)
    results["area_ha"], results["slum_ha"] = area.round(6), slum["slum_ha"].round(6)
    sure = certainty(measures, rules) if survey is not None else None
    if by is None:
        return (results if sure is None else results.join(sure)), problems
    groups = _groups(base, by, columns, problems)
    rolled = scores.results(scores.roll_up(measures, groups, rules), rules, means=means)
    sums = results[["area_ha", "slum_ha"]].groupby(groups.reindex(results.index).to_numpy(), sort=False)
    rolled = rolled.join(sums.agg(lambda s: s.sum(skipna=False)).round(6))
    if sure is not None:
        rolled = rolled.join(slum_hectares_range(sure["p_slum"], area, groups))
    return rolled, problems


def _surveyed(measures, base, survey, rules, prefer, problems):
    """Put the volumes of a survey where the table says nothing, or where they are preferred."""
    units = with_ideal_lengths(base.units, base.volumes)
    units = units.assign(area_used_ha=units["verified_ha"])
    read = survey if isinstance(survey, Survey) else read_survey(survey, rules=rules, units=units)
    complete = measures["affected"].notna() & measures["total"].notna()
    open_ends = {name: float("nan") for name in ("affected_low", "affected_high") if name not in measures}
    beside = measures.assign(source=measures["source"].where(complete, ""), **open_ends)
    given = SimpleNamespace(survey=read, rules=rules, options=SimpleNamespace(prefer=prefer))
    return with_survey(beside, units, given, problems)


def _groups(base, by, columns, problems):
    """Find the column to group by; units without a group are gathered under a name that says so."""
    canonical = aliases(columns).get(slug(by), by)
    column = next(
        (c for c in (by, canonical, *base.units.columns) if c in base.units and slug(c) in (slug(by), canonical)), None
    )
    if column is None:
        params = {"value": by, "known": ", ".join(map(str, base.units.columns))}
        raise TableError([Problem("table_column_given_missing", base.name, "", by, params)])
    groups = base.units[column].map(name_of)
    for unit in groups.index[groups == ""]:
        problems.append(Problem("table_group_missing", base.name, str(unit), str(by), {"group": f"(tanpa {by})"}))
    groups = _one_spelling(groups, base.name, by, problems)
    groups, wider = qualified(groups, base.units, column)
    if wider:
        problems.append(Problem("table_group_qualified", base.name, "", str(by), {"wider": wider}))
    return groups.where(groups != "", f"(tanpa {by})")


def _one_spelling(groups, name, by, problems):
    """Take "Bulu", "BULU" and "bulu" as one group, under the spelling that comes first."""
    first = groups.groupby(groups.str.casefold(), sort=False).transform("first")
    for given in groups[groups != first].unique():
        params = {"given": given, "used": first[groups == given].iloc[0]}
        problems.append(Problem("table_group_spelling", name, "", str(by), params))
    return first
