"""The open data set of a result: figures by RT and roll-ups that anybody may have, with small numbers hidden."""

from html import escape
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from kumuhgis import scores
from kumuhgis.groups import name_groups
from kumuhgis.hectares import slum_hectares
from kumuhgis.masking import keys_without_people, without_people
from kumuhgis.results import check_assessment, options_text
from kumuhgis.saving import check_free, replacing, write_table
from kumuhgis.suppression import LEAST, few, nested, suppress
from kumuhgis.text import text
from kumuhgis.unitrows import in_words
from kumuhgis.waiting import step, waiting

MARK = "c"
"""Stands in a table where a cell is hidden: the letter of official statistics for confidential."""
PLACES = ("rt_rw", "desa", "kecamatan", "kawasan")
COUNTS = ("households", "population", "buildings", "area_ha")
DECISIONS = (
    "total_score", "total_low", "total_high", "level", "area_used_ha", "slum_ha", "tenure_sign", "plan_sign", "legal",
    "consideration", "class", "priority", "rank", "handling", "p_slum", "total_from", "total_to",
)  # fmt: skip
CELLS = ("affected", "total", "percent", "score", "source")
_OF_PEOPLE = ("households", "buildings")
SMALL = 12
"""Of fewer households or buildings a score would tell how many are affected, so how many there are is hidden."""


def publish(result, folder, *, licence=None, force=False, lang="id"):
    """Write the open data set of a result.

    Parameters
    ----------
    result : Assessment
        The result.
    folder : path
        Where to.
    licence : str, optional
        Under which licence the owner of the data gives them away; without it the data set says that none is chosen.
    force : bool
        Overwrite what is there.
    lang : {"id", "en"}
        Language of names of files, of words and of the description; the dictionary of columns has both.

    Returns
    -------
    list of pathlib.Path
        ``rt.csv``, ``rt.geojson`` (longitude and latitude), a roll-up by kawasan and by desa where they are known, the
        dictionary of columns, a description.

    Raises
    ------
    OutputError
        If a file exists and ``force`` is not set, or cannot be written.

    Notes
    -----
    Of households and buildings, numbers of 1 and 2 are hidden with all that gives them away: percent, the mean of the
    aspect, sektoral, further cells and sums so that nothing published gives them back (:mod:`kumuhgis.suppression`),
    and how many there are where they are fewer than :data:`SMALL`. Numbers of people in keys are hidden as in words.
    A hidden cell is :data:`MARK` in a CSV, empty in GeoJSON, and named in the column ``suppressed``. Points of
    households, names of people, photographs and answers are never part of it.

    Examples
    --------
    >>> import kumuhgis as kg, tempfile
    >>> files = publish(kg.assess(kg.load_sample("jaten")), tempfile.mkdtemp())
    >>> [file.name for file in files][:2]
    ['rt.csv', 'rt.geojson']
    """
    check_assessment(result, "publish", lang)
    with waiting("publish", lang=lang):
        return _write(result, Path(folder), licence, {"force": force, "lang": lang})


def _write(result, folder, licence, how):
    """Write the files one after the other, and give their paths."""
    lang, rules = how["lang"], result.rules
    check_free([folder / name for name in _files(result, lang)], **how)
    table, cells = _unit_cells(result)
    rolls = {by: _roll_up(result, by) for by in _grouped(result)}
    hidden, sums = _choose(cells, table, rolls, result)
    flags = _spread(hidden, table, result)
    rows = _labelled(table, flags, result, lang)
    secret = flags.reindex(columns=rows.columns, fill_value=False)
    out = [write_table(rows.mask(secret.to_numpy(), MARK), folder / "rt.csv", **how)]
    step("rt.csv")
    shapes = result.units.geometry.reindex(table.index)
    features = gpd.GeoDataFrame(rows.reset_index(), geometry=shapes.to_numpy(), crs=result.units.crs).to_crs(4326)
    for column in secret.columns[secret.any()]:
        features[column] = features[column].mask(secret[column].to_numpy())
    with replacing(folder / "rt.geojson", **how) as draft:
        features.to_file(draft, driver="GeoJSON", engine="pyogrio", COORDINATE_PRECISION=7, RFC7946="YES")
    out.append(folder / "rt.geojson")
    step("rt.geojson")
    count, columns = int(hidden.to_numpy().sum()), list(rows.reset_index().columns)
    for by in _grouped(result):
        rolled, marked = _rolled(result, by, rolls[by], sums[by], lang)
        out.append(write_table(rolled, folder / f"{by}.csv", **how))
        step(f"{by}.csv")
        columns += [c for c in rolled.reset_index().columns if c not in columns]
        count += marked
    out.append(write_table(dictionary(columns, rules), folder / text("publishing.file_dictionary", lang), **how))
    path = folder / text("publishing.file_readme", lang)
    with replacing(path, **how) as draft:
        draft.write_text(_readme(result, out, count, licence, lang), "utf-8")
    return [*out, path]


def _files(result, lang):
    """Name all files of the data set, so that none is written where one of them cannot be."""
    last = [text(f"publishing.file_{name}", lang) for name in ("dictionary", "readme")]
    return ["rt.csv", "rt.geojson", *(f"{by}.csv" for by in _grouped(result)), *last]


def _grouped(result):
    return [by for by in ("kawasan", "desa") if by in result.units and result.units[by].notna().any()]


def _unit_cells(result):
    """Give the plain table of the units, and its numbers of households and buildings."""
    units, summary, rules = result.units, result.summary, result.rules
    wide = units.reindex(columns=list(COUNTS)).astype(float).reindex(summary.index)
    for code in rules.codes:
        part = result.scores.xs(code, level="criterion").reindex(summary.index)
        wide = wide.assign(**{f"{code}_{name}": part[name] for name in CELLS})
    cells = wide[list(_OF_PEOPLE)].assign(**{c.code: wide[f"{c.code}_affected"] for c in _peopled(rules)})
    return wide, cells.astype(float).clip(lower=0)


def _peopled(rules):
    return [c for c in rules.criteria if c.total in _OF_PEOPLE]


def _choose(cells, table, rolls, result):
    """Choose the cells to hide, and the sums of every grouping: (cells, {column of units: groups by columns})."""
    sizes, counts, rules = list(_OF_PEOPLE), cells.columns.difference(_OF_PEOPLE, sort=False), result.rules
    names = {by: name_groups(result, by)[0].reindex(cells.index) for by in _grouped(result)}
    levels = _levels(names, cells.index)
    small = (cells[sizes] > 0) & (cells[sizes] < SMALL)
    hidden, sums = suppress(cells[sizes], levels, sensitive=small, least=SMALL)
    answers = result.measures.reindex(columns=["answers"])["answers"].astype(float).unstack("criterion")
    first = few(cells[counts])
    first |= few(answers.reindex(index=cells.index, columns=counts)) & cells[counts].notna()  # rests on one or two
    for c in _peopled(rules):
        first[c.code] |= hidden[c.total] & (cells[c.code] > 0)  # beside its percent it would tell the total
    limits = _limits(cells[counts], table, hidden, rules)
    while True:
        more, more_sums = suppress(cells[counts], levels, sensitive=first, limits=limits)
        every = hidden.join(more)
        both = [a.join(b) for a, b in zip(sums, more_sums, strict=True)]
        found = {
            by: _of_groups(group, level, each, every)
            for (by, group), level, each in zip(names.items(), levels, both, strict=False)
        }
        told = _told_by_scores(cells, every, found, names, rolls, rules)
        if not (told & ~first).to_numpy().any():
            return every, found
        first |= told


def _told_by_scores(cells, hidden, sums, names, rolls, rules):
    """Find the cells to hide because total and score of a group whose sum is hidden leave a small cell too little."""
    out = pd.DataFrame(False, cells.index, [c.code for c in _peopled(rules)])
    for by, group in names.items():
        scored = rolls[by][0]
        for c in _peopled(rules):
            part = scored.xs(c.code, level="criterion")
            for name in sums[by].index[sums[by][c.code] & ~sums[by][c.total]]:
                total, score = part.loc[name, ["total", "score"]]
                rows = group.index[group == name]
                values, secret = cells.loc[rows, c.code], hidden.loc[rows, c.code]
                if pd.isna(total) or pd.isna(score) or not secret.any():
                    continue
                most = _band_of(int(score), rules)[1] / 100 * total - values[~secret].sum() - (secret.sum() - 1)
                left = values[~secret & (values > 0)]
                if most < LEAST and len(left):
                    out.loc[left.idxmin(), c.code] = True
    return out


def _band_of(score, rules):
    """Give between which percents a score lies, the upper one not being reached."""
    below = np.append(rules.bands.lower, 100.005) - 0.005
    return dict(zip(rules.bands.score, zip(np.append(0.0, below), below, strict=False), strict=False))[score]


def _levels(names, index):
    """Give the groups in one another; units without a kawasan are those of their desa."""
    fine = list(names.values())
    if {"kawasan", "desa"} <= set(names):
        without = fine[0].str.startswith("(")
        fine[0] = fine[0].mask(without, fine[0] + " · " + fine[1])
    return nested(*fine) if fine else [pd.Series(0, index)]


def _limits(cells, table, hidden, rules):
    """Give between which numbers the total and the score of a unit put every cell."""
    low, high = pd.DataFrame(0.0, cells.index, cells.columns), pd.DataFrame(np.inf, cells.index, cells.columns)
    for c in _peopled(rules):
        total, score = table[f"{c.code}_total"].astype(float), table[f"{c.code}_score"].astype(object)
        shown = ~hidden[c.total] & total.notna() & score.notna()
        ends = [_band_of(int(each), rules) for each in score[shown]]
        for frame, end in ((low, 0), (high, 1)):
            frame.loc[shown, c.code] = np.array([pair[end] for pair in ends], float) / 100 * total[shown]
    return low, high


def _of_groups(names, level, sums, hidden):
    """Tell which published sums to hide: of a hidden group, and of one that is shown only together with others."""
    codes, out = level.to_numpy(), {}
    for name, rows in names.groupby(names).groups.items():
        own = codes[names.index.get_indexer(rows)]
        alone = len(np.unique(own)) == 1 and (codes == own[0]).sum() == len(rows)
        out[name] = sums.loc[np.unique(own)].any() | (hidden.loc[rows].any() & (not alone))
    return pd.DataFrame(out).T.astype(bool)


def _spread(hidden, table, result):
    """Hide with a cell all that gives it away."""
    rules, flags = result.rules, pd.DataFrame(index=table.index)
    flags["households"] = flags["population"] = hidden["households"]
    flags["buildings"] = hidden["buildings"]
    peopled = _peopled(rules)
    for c in peopled:
        flags[f"{c.code}_affected"] = flags[f"{c.code}_percent"] = hidden[c.code]
        flags[f"{c.code}_total"] = hidden[c.total]
    for aspect in rules.aspects:
        codes = [c.code for c in peopled if c.aspect == aspect.number]
        flags[f"aspect_{aspect.number}_mean"] = hidden[codes].any(axis=1)
    flags["sektoral"] = hidden[[c.code for c in peopled]].any(axis=1)
    return flags.astype(bool)


def _labelled(table, flags, result, lang):
    """Add places, decisions and where the rows come from; numbers of people in words are hidden."""
    units, summary = result.units.reindex(table.index), in_words(result.summary, lang)
    places = pd.DataFrame({c: units[c].map(without_people) for c in PLACES if c in units}, index=table.index)
    means = [f"aspect_{a.number}_mean" for a in result.rules.aspects] + ["sektoral"]
    decided = summary[[c for c in (*means, *DECISIONS) if c in summary]]
    out = pd.concat([places, table, decided], axis=1)
    out["p_slum"] = out["p_slum"].astype(float).round(2)
    for column in out.select_dtypes("float"):
        out[column] = out[column].round(6)
    out = out.astype({c: object for c in out if c in flags or isinstance(out[c].dtype, pd.CategoricalDtype)})
    there = flags & out.reindex(columns=flags.columns).notna()
    named = [";".join(there.columns[row]) for row in there.to_numpy(bool)]
    return _signed(
        out.assign(suppressed=named).set_axis(keys_without_people(out.index)).rename_axis("unit"), result, lang
    )


def _signed(table, result, lang):
    p = result.provenance
    out = table.assign(rule=p["rule"], options=options_text(p["options"]), date=str(p["date"]))
    return out.assign(data=text("headline.sample", lang)) if p.get("sample") else out


def _roll_up(result, by):
    """Roll one kind of group up: scores and summary."""
    groups, means = name_groups(result, by)[0], result.provenance["options"]["means"]
    return scores.score(scores.roll_up(result.measures, groups, result.rules), result.rules, means=means)


def _rolled(result, by, rolled, secret, lang):
    """Give the roll-up of one kind of group, what is secret of it hidden, and how many cells they are."""
    rules, groups, (unit_scores, summary) = result.rules, name_groups(result, by)[0], rolled
    area = slum_hectares(result.summary, rules, groups).reindex(summary.index)
    out = pd.DataFrame(index=summary.index.rename(by))
    wanted = result.units["households"].astype(float).groupby(groups).agg(lambda s: s.sum(skipna=False))
    out["households"] = wanted.reindex(out.index)
    for c in rules.criteria:
        part = unit_scores.xs(c.code, level="criterion").reindex(out.index)
        out = out.assign(**{f"{c.code}_{name}": part[name] for name in ("affected", "total", "percent", "score")})
    secret = secret.reindex(out.index)
    for c in _peopled(rules):
        telling = secret[c.total] & (out[f"{c.code}_affected"].astype(float) > 0)  # with its percent it tells the total
        out = _blank(out, [f"{c.code}_percent"], secret[c.code] | telling)
        out = _blank(out, [f"{c.code}_affected"], secret[c.code])
        out = _blank(out, [f"{c.code}_total"], secret[c.total])
    out = _blank(out, ["households"], secret["households"])
    words = in_words(summary, lang)
    out = out.assign(total_score=words["total_score"], level=words["level"], area_ha=area["area_ha"].round(6),
                     slum_ha=area["slum_ha"].round(6))  # fmt: skip
    out = out.set_axis(keys_without_people(out.index)).rename_axis(by)
    return _signed(out, result, lang), int(secret.to_numpy().sum())


def _blank(table, columns, where):
    out = table.astype(dict.fromkeys(columns, object))
    for column in columns:
        out[column] = out[column].mask(where & out[column].notna(), MARK)
    return out


# ---------------------------------------------------------------- what is said of it


def dictionary(columns, rules):
    """Describe the columns of the data set.

    Parameters
    ----------
    columns : sequence of str
        Their names.
    rules : Rules
        The rule, for the criteria.

    Returns
    -------
    pandas.DataFrame
        A row a column: ``column, meaning_id, meaning_en, unit, type, source, clause``.

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> dictionary(["3a_percent"], load_rules())[["unit", "type"]].values.tolist()
    [['%', 'number']]
    """
    by_code = {c.code: c for c in rules.criteria}
    aspects = {f"aspect_{a.number}_mean": a for a in rules.aspects}
    rows = []
    for column in columns:
        code, _, part = column.partition("_")
        criterion, aspect = by_code.get(code), aspects.get(column)
        key = f"cell_{part}" if criterion else "aspect_mean" if aspect else column
        named = criterion or aspect
        said = {"id": named.name if named else "", "en": named.name_en if named else "", "code": code}
        meaning = {
            f"meaning_{lg}": text(f"publishing.column.{key}", lg, name=said[lg], code=code) for lg in ("id", "en")
        }
        unit, kind = text(f"publishing.kind.{key}").split("|")
        unit = criterion.unit if criterion and unit == "*" else unit
        source, clause = (criterion.source, criterion.clause) if criterion else ("", "")
        rows.append({"column": column, **meaning, "unit": unit, "type": kind, "source": source or rules.title,
                     "clause": clause})  # fmt: skip
    return pd.DataFrame(rows)


def _readme(result, files, count, licence, lang):
    p = result.provenance
    inputs = ", ".join(dict.fromkeys(_plain(each["name"]) for each in p.get("inputs", ()) if each.get("name")))
    sample = f"**{text('headline.sample', lang)}**\n\n" if p.get("sample") else ""
    told = {
        "name": _plain(p.get("name", "")), "date": p["date"], "rule": p["rule"], "title": result.rules.title,
        "options": options_text(p["options"]), "inputs": inputs or "–", "count": count, "mark": MARK, "small": SMALL,
        "licence": _plain(licence) if licence else text("publishing.no_licence", lang),
        "files": "\n".join(f"- `{file.name}`: {text(f'publishing.about.{_about(file)}', lang)}" for file in files),
    }  # fmt: skip
    return text("publishing.readme", lang, sample=sample, units=len(result.summary), **told)


def _about(file):
    return {"rt.csv": "rt_csv", "rt.geojson": "rt_geojson", "kawasan.csv": "kawasan", "desa.csv": "desa"}.get(
        file.name, "dictionary"
    )


def _plain(words):
    """Give words of people as one line that is neither markup nor a link."""
    line = " ".join(without_people(str(words)).split())[:200]
    return escape(line, quote=False).translate({ord(mark): f"\\{mark}" for mark in "\\`*_[]()#|"})
