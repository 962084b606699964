"""The daily progress of the field work for the facilitator: how far every RT is, who did what, what to ask about."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from kumuhgis.errors import Problem, ProjectError, in_language
from kumuhgis.estimates import allocate, slovin
from kumuhgis.fieldwork import check_fieldwork, coverage, daily
from kumuhgis.inputs import gather, read_all
from kumuhgis.joining import join_units, pair_records
from kumuhgis.masking import keys_without_people, without_people
from kumuhgis.saving import check_free, replacing, write_table
from kumuhgis.survey import Survey, read_survey
from kumuhgis.text import number, text
from kumuhgis.waiting import waiting

STAGES = ("none", "begun", "half", "done", "unknown")
"""Of an RT: nobody, less than half, half or more, all that are needed; or it is not known how many are needed."""
COLOURS = ("#f4e3c1", "#cbe0a8", "#76b28b", "#1c4f66", "#d9d4c8")
NAMES = ("rt_rw", "dusun", "desa")
DROPPED_SHOWN = ("file", "sheet", "row", "unit", "text")
"""Of a row that is not used: where it stands and why; nothing of what it answers."""


@dataclass(frozen=True)
class Progress:
    """How the field work goes.

    ``units`` has a row an RT (:func:`field_progress`), ``days`` one a day and enumerator (:func:`fieldwork.daily`),
    ``findings`` what to ask about (:func:`fieldwork.check_fieldwork`), ``dropped`` every row that is not used with its
    reason, ``problems`` what was wrong with the files.
    """

    units: gpd.GeoDataFrame
    days: pd.DataFrame
    findings: pd.DataFrame
    dropped: pd.DataFrame
    problems: list
    name: str = ""
    sample: bool = False
    margin: float | None = None


def field_progress(project, survey=None, *, margin=None, lang="id"):
    """Say how far the survey of a project is.

    Parameters
    ----------
    project : path or Project
        Its RT, and the households on the list of its table; no other layer is read.
    survey : path, list of paths or Survey, optional
        What was brought in until now; the default is ``[survey]`` of the project.
    margin : float, optional
        Ask a sample by Slovin's formula with this margin of error over the whole area, shared out over the RT by their
        households (:func:`estimates.allocate`), at least one in each; the default is everybody on the list.
    lang : {"id", "en"}
        Language of sentences and errors.

    Returns
    -------
    Progress
        ``units`` is indexed by unit, in the order of the map: names, ``done`` (households that count), ``needed``,
        ``share`` (of the needed, at most 1), ``left``, ``listed``, ``refused``, ``not_used``, ``enumerators``,
        ``first``, ``last`` (days), ``minutes`` (median), ``stage`` (of :data:`STAGES`). ``needed`` is missing where no
        list says how many households there are: neither the table nor the RT part of the survey.

    Raises
    ------
    KumuhgisError
        If the project, its RT or the survey cannot be read, or nothing names a survey.

    Examples
    --------
    ``field_progress("desa", "ekspor.xlsx").units[["done", "needed", "left"]]``
    """
    problems = []
    with in_language(lang), waiting("progress", lang=lang):
        inputs = gather(project)
        inputs.layers = {"rt": inputs.layers["rt"]}
        answers = survey if survey is not None else inputs.survey
        if answers is None:
            raise ProjectError([Problem("progress_without_survey", "", "", "survey")], lang)
        inputs.survey = answers  # so that a table of counts alone is enough
        found, base, _, _ = read_all(inputs, problems)
        mapped = found["rt"]
        paired = pair_records(base, mapped, problems)
        units = join_units(mapped, paired.base, problems)
        read = answers if isinstance(answers, Survey) else read_survey(answers, rules=inputs.rules, units=mapped)
    table = _of_units(units, read, margin)
    return Progress(
        table,
        daily(read, units=mapped),
        check_fieldwork(read, units=mapped, lang=lang),
        read.dropped,
        [*problems, *read.problems],
        inputs.info["name"],
        bool(inputs.info.get("sample")),
        margin,
    )


def _of_units(units, survey, margin):
    """Give a row for every RT of the map, the table and the answers."""
    listed = units["households"].astype(float) if "households" in units else pd.Series(np.nan, units.index)
    if "rt_households" in survey.rt:
        listed = listed.fillna(survey.rt.set_index("unit")["rt_households"].groupby(level=0).first())
    covered = coverage(survey, listed=listed.dropna())
    index = units.index.append(covered.index.difference(units.index))
    covered = covered.reindex(index)
    out = units.reindex(index)[[c for c in NAMES if c in units]].assign(
        done=covered["households"].fillna(0).astype(int)
    )
    listed = listed.reindex(index)
    needed = _needed(listed, margin)
    left = (needed - out["done"]).clip(lower=0)
    share = (out["done"] / needed).clip(upper=1).where(needed > 0)
    counts = covered[["refused", "not_used", "enumerators"]].fillna(0).astype(int)
    out = out.assign(
        needed=needed, share=share, left=left, listed=listed, **counts, **covered[["first", "last", "minutes"]]
    )
    steps = [needed.isna(), out["done"] >= needed, out["done"] == 0, share < 0.5]
    stage = np.select(steps, ["unknown", "done", "none", "begun"], "half")
    out["stage"] = pd.Categorical(stage, STAGES, ordered=True)
    return gpd.GeoDataFrame(out, geometry=units.geometry.reindex(index), crs=units.crs)


def _needed(listed, margin):
    if margin is None:
        return listed
    known = listed.dropna().astype(int)
    return allocate(known, slovin(int(known.sum()), margin), least=1).reindex(listed.index).astype(float)


def progress_lines(progress, lang="id", shown=10):
    """Say in a few lines how the field work goes.

    Parameters
    ----------
    progress : Progress
        As :func:`field_progress` gives it.
    lang : {"id", "en"}
        Language.
    shown : int
        RT that are named: those with most households left.

    Returns
    -------
    list of str
        Lines; an invented project says so first.
    """
    units, out = progress.units, []
    if progress.sample:
        out.append(text("headline.sample", lang))
    known = units["needed"].notna()
    params = {
        "done": int(units["done"].sum()), "needed": number(units["needed"].sum(), 0, lang),
        "finished": int((units["stage"] == "done").sum()), "units": len(units), "unknown": int((~known).sum()),
    }  # fmt: skip
    out.append(text("fieldwork.said_all" if known.all() else "fieldwork.said_some", lang, **params))
    if progress.margin is not None:
        out.append(text("fieldwork.said_margin", lang, margin=number(100 * progress.margin, 0, lang)))
    covered = dict(zip(units.index, keys_without_people(units.index), strict=True))
    for unit, row in (
        units[units["left"] > 0].sort_values("left", ascending=False, kind="stable").head(shown).iterrows()
    ):
        said = {
            "unit": _name(covered[unit], row),
            "done": int(row["done"]),
            "needed": int(row["needed"]),
            "left": int(row["left"]),
        }
        out.append(text("fieldwork.said_unit", lang, **said))
    if len(progress.days):
        days = progress.days.index.get_level_values("day")
        last = days.max()
        for who, row in (progress.days.loc[last] if pd.notna(last) else progress.days.droplevel("day")).iterrows():
            minutes = number(row["minutes"], 0, lang)
            said = {"count": int(row["households"]), "asked": int(row["asked_about"])}
            day = f"{last:%Y-%m-%d}" if pd.notna(last) else text("fieldwork.no_day", lang)
            out.append(text("fieldwork.said_day", lang, day=day, who=who, minutes=minutes, **said))
    return out


def _name(unit, row):
    said = without_people(row.get("rt_rw"))
    return f"{unit} ({said})" if isinstance(said, str) and said.strip() else str(unit)


def write_progress(progress, folder, *, force=False, lang="id"):
    """Write tables and a map of the progress.

    Parameters
    ----------
    progress : Progress
        As :func:`field_progress` gives it.
    folder : path
        Where to.
    force : bool
        Overwrite what is there.
    lang : {"id", "en"}
        Language of names and headings.

    Returns
    -------
    list of pathlib.Path
        Tables by RT, by day and enumerator, of the findings, of the rows that are not used; the map where an RT has a
        border. No household and no place of one is in any of them.

    Raises
    ------
    OutputError
        If a file exists and ``force`` is not set, or cannot be written.
    """
    folder, how = Path(folder), {"force": force, "lang": lang}
    tables = {
        "units": pd.DataFrame(progress.units.drop(columns=progress.units.geometry.name))
        .rename_axis("unit")
        .reset_index(),
        "days": progress.days.reset_index(),
        "findings": progress.findings.drop(columns="finding"),
        "dropped": progress.dropped[list(DROPPED_SHOWN)],
    }
    out, names = [], [*tables, "map"]
    check_free([folder / text(f"fieldwork.file_{name}", lang) for name in names], **how)
    for name, table in tables.items():
        path = folder / text(f"fieldwork.file_{name}", lang)
        out.append(write_table(_headed(table, progress, lang), path, **how))
    if progress.units.geometry.notna().any():
        path = folder / text("fieldwork.file_map", lang)
        with replacing(path, **how) as draft:
            progress_map(progress, lang=lang).save(draft)
        out.append(path)
    return out


def _headed(table, progress, lang):
    """Give a table with headings, days and words of the language; whole numbers without decimals."""
    out = _covered(table)
    for column in out:
        if pd.api.types.is_datetime64_any_dtype(out[column]):
            day = out[column].dt.strftime("%Y-%m-%d")
            out[column] = day.fillna(text("fieldwork.no_day", lang)) if column == "day" else day
        elif column in ("needed", "left", "listed"):
            out[column] = out[column].round().astype("Int64")
        elif column in ("share", "minutes"):
            out[column] = out[column].round(3)
    if "stage" in out:
        out["stage"] = out["stage"].astype(object).map(lambda stage: text(f"fieldwork.stage.{stage}", lang))
    out.columns = [text(f"fieldwork.column.{column}", lang) for column in out]
    return out.assign(data=text("headline.sample", lang)) if progress.sample else out


def _covered(table):
    """Give a table without numbers and names of people in keys and places."""
    covered = {c: table[c].map(without_people) for c in NAMES if c in table}
    if "unit" in table:
        keys = table["unit"].dropna().unique()
        covered["unit"] = table["unit"].map(dict(zip(keys, keys_without_people(keys), strict=True)))
    return table.assign(**covered)


def progress_map(progress, *, m=None, lang="id"):
    """Draw how far every RT is.

    Parameters
    ----------
    progress : Progress
        As :func:`field_progress` gives it.
    m : folium.Map, optional
        Map to draw on; a new one by default.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    folium.Map
        The map; a click tells the figures of the RT. It needs no network and shows no household.
    """
    from kumuhgis.maps import add_layer

    table = _covered(progress.units.rename_axis("unit").reset_index())
    shown = ("unit", *(c for c in NAMES if c in table), "done", "needed", "left", "last", "minutes", "refused")
    words = [text(f"fieldwork.stage.{stage}", lang) for stage in STAGES]
    table["stage"] = table["stage"].cat.rename_categories(words)
    table["last"] = table["last"].dt.strftime("%Y-%m-%d")
    name = text("fieldwork.map", lang, name=" ".join(progress.name.split())[:80])
    name = f"{text('headline.sample', lang)} · {name}" if progress.sample else name
    columns = {column: text(f"fieldwork.column.{column}", lang) for column in shown}
    label = "rt_rw" if "rt_rw" in table else "unit"
    colours = dict(zip(words, COLOURS, strict=True))
    return add_layer(table, name, m=m, column="stage", colours=colours, columns=columns, labels=label, lang=lang)
