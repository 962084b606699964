"""The record of an assessment, and the few lines that say what came out."""

from dataclasses import dataclass, field
from pathlib import PurePath

import geopandas as gpd
import pandas as pd

from kumuhgis import hectares
from kumuhgis.confidence import slum_hectares_range
from kumuhgis.displaying import folded, html_table
from kumuhgis.errors import count_severities, where_of
from kumuhgis.joining import MATCH_COLUMNS
from kumuhgis.project import Project
from kumuhgis.text import nearest, number, text

_MOST_SHOWN = 10


@dataclass(frozen=True, repr=False)
class Assessment:
    """The result: ordinary frames, and where they came from. It computes nothing.

    Attributes
    ----------
    rules : Rules
        The rule used.
    units : geopandas.GeoDataFrame
        One row per unit, in the metre CRS; the geometry is missing for units that only the table knows.
    measures, scores : pandas.DataFrame
        Indexed by (``unit``, ``criterion``).
    summary : pandas.DataFrame
        One row per unit: means, total, level, hectares, legality, class, priority, rank.
    problems : geopandas.GeoDataFrame
        Everything that was wrong, assumed or repaired, worst first, with its place in the metre CRS. What is said of a
        unit has the unit's polygon; what is said of a whole file, table or option has no geometry.
    provenance : dict
        Inputs with sha256, rule, options, versions, date, project.
    layers : dict of str to geopandas.GeoDataFrame
        The layers used, in the metre CRS; ``border_faults`` are gaps, overlaps and the like of the units.
    accounts : pandas.DataFrame
        One row per layer and table: ``layer, file, read, repaired, set_aside, used, filled``.
    lang : {"id", "en"}
        Language of the messages.
    matches : pandas.DataFrame
        What became of every record of the table and every unit without one: ``record, written, row, sheet, unit, how,
        lies_in, distance_m, done``; see :func:`joining.list_matches`. Empty without a table.
    """

    rules: object
    units: gpd.GeoDataFrame
    measures: pd.DataFrame
    scores: pd.DataFrame
    summary: pd.DataFrame
    problems: pd.DataFrame
    provenance: dict
    layers: dict = field(default_factory=dict)
    accounts: pd.DataFrame = field(default_factory=pd.DataFrame)
    lang: str = "id"
    matches: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=MATCH_COLUMNS))

    def __getattr__(self, name):
        """Say which table or name was meant, to somebody who takes the result for one of its tables."""
        if name.startswith("_") or "lang" not in self.__dict__:
            raise AttributeError(name)
        hint = nearest(name, self.__dict__)
        said = text("cli.meant", self.lang, word=hint) if hint else text("hints.tables", self.lang)
        raise AttributeError(f"{text('hints.no_part', self.lang, name=name)} {said}", name=name, obj=self)

    def __repr__(self):
        return "\n".join(f"{name}: {value}" for name, value in headline(self))

    def _repr_html_(self):
        return html_table(headline(self)) + _first_html(self) + _problems_html(self)


def _first_html(assessment):
    """Fold away which RT come first."""
    lang, names = assessment.lang, ["rank", "total", "level", "slum_ha", "priority"]
    first = assessment.summary.dropna(subset="rank").sort_values("rank", kind="stable").head(_MOST_SHOWN)
    if first.empty:
        return ""
    labels = assessment.units["rt_rw"].reindex(first.index).fillna("") if "rt_rw" in assessment.units else ""
    ends = zip(first["total_low"], first["total_high"], strict=True)
    totals = [str(low) if low == high else f"{low}–{high}" for low, high in ends]
    cells = first.assign(unit=first.index, label=labels, total=totals)[["unit", "label", *names]].astype(object)
    cells["slum_ha"] = [number(ha, 2, lang) for ha in cells["slum_ha"]]
    heads = [text(f"headline.column_{name}", lang) for name in ("unit", "label", *names)]
    title = text("headline.first", lang, count=len(first), all=int(assessment.summary["rank"].notna().sum()))
    return folded(title, html_table(cells.to_numpy().tolist(), heads))


def _problems_html(assessment):
    """Fold away the problems, worst first, with where and how to mend them."""
    lang, found = assessment.lang, assessment.problems
    if found.empty:
        return ""
    columns = ["severity", "layer", "row", "feature", "column", "message", "fix"]
    rows = [
        (text(f"severity.{severity}", lang), where_of(*where, lang), message, fix)
        for severity, *where, message, fix in found[columns].head(_MOST_SHOWN).to_numpy(object)
    ]
    heads = [text(f"headline.column_{name}", lang) for name in ("severity", "where", "message", "fix")]
    title = f"{text('headline.problems', lang)}: {text('headline.counts', lang, **count_severities(found))}"
    more = len(found) - len(rows)
    return folded(title, html_table(rows, heads) + (f"<p>{text('cli.more', lang, count=more)}</p>" if more else ""))


def check_assessment(given, door, lang="id"):
    """Refuse what is no result where one is needed, and say how to make one.

    Parameters
    ----------
    given : object
        What was given.
    door : str
        The public function it was given to.
    lang : {"id", "en"}
        Language of the error.

    Raises
    ------
    TypeError
        If it is a path, a project, a table, or nothing.

    Examples
    --------
    >>> check_assessment("jaten", "village_map", "en")
    Traceback (most recent call last):
    ...
    TypeError: kg.village_map takes a result of kg.assess, not str: kg.village_map(kg.assess('jaten'))
    """
    if isinstance(given, pd.DataFrame):
        raise TypeError(text("hints.whole_result", lang, door=door, kind=type(given).__name__))
    if given is None or isinstance(given, (str, PurePath, Project)):
        how = repr(str(given)) if isinstance(given, (str, PurePath)) else text("hints.project", lang)
        raise TypeError(text("hints.assess_first", lang, door=door, kind=type(given).__name__, how=how))


def options_text(options):
    """Write the named options that decide numbers, in the words in which they are set.

    Parameters
    ----------
    options : dict
        ``provenance["options"]``.

    Returns
    -------
    str
        For example ``"means=plain; length_total=ideal; …"``.

    Examples
    --------
    >>> options_text({"means": "plain", "area": "verified"})
    'means=plain; area=verified'
    """
    shown = ("means", "length_total", "density", "prefer", "area", "city_class", "setback_m", "shared_polygon")
    return "; ".join(f"{key}={options[key]}" for key in shown if options.get(key) is not None)


def headline(assessment, lang=None):
    """Give the few lines that say what came out.

    Parameters
    ----------
    assessment : Assessment
        The result.
    lang : {"id", "en"}, optional
        Language; the default is the assessment's.

    Returns
    -------
    list of (str, str)
        Label and value.
    """
    lang = lang or assessment.lang
    s, p = assessment.summary, assessment.provenance
    area = hectares.slum_hectares(s, assessment.rules).iloc[0]
    levels = [
        f"{int((s['level'] == k).sum())} {k if lang == 'id' else level.name_en}"
        for level in assessment.rules.levels
        for k in [level.key]
    ]
    undetermined = int(s["level"].isna().sum())
    if undetermined:
        levels.append(f"{undetermined} {text('levels.undetermined', lang)}")
    shown = number(area["slum_ha_low"], 2, lang)
    if area["slum_ha_low"] != area["slum_ha_high"]:
        shown += f" – {number(area['slum_ha_high'], 2, lang)}"
    shown += " ha"
    if "hits" in assessment.measures and assessment.measures["hits"].notna().any():
        expected = slum_hectares_range(s["p_slum"], s["area_used_ha"]).iloc[0]
        limits = (number(expected[f"slum_ha_{end}"], 2, lang) for end in ("mean", "from", "to"))
        shown += text("headline.expected", lang, **dict(zip(("mean", "low", "high"), limits, strict=True)))
    counts = count_severities(assessment.problems)
    rows = [
        ("project", p.get("name") or "–"),
        ("rule", assessment.rules.short),
        ("options", options_text(p["options"])),
        ("units", str(len(s))),
        ("levels", ", ".join(levels)),
        ("slum", shown),
        ("problems", text("headline.counts", lang, **counts)),
    ]
    if p.get("sample"):
        rows.insert(0, ("sample", text("headline.sample_text", lang)))
    return [(text(f"headline.{key}", lang), value) for key, value in rows]
