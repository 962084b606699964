"""``assess``: from a project, or from layers and tables, to one record of results."""

from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from kumuhgis import audit, hectares, layers, overlay, scores, topology
from kumuhgis.decisions import decide
from kumuhgis.errors import Problem, count_severities, in_language, problems_frame
from kumuhgis.inputs import gather, provenance, read_all
from kumuhgis.inventory import inventory
from kumuhgis.joining import check_places, join_units, match_records
from kumuhgis.measures import setting
from kumuhgis.measuring import side_by_side, touches
from kumuhgis.memory import remembering
from kumuhgis.text import number, text
from kumuhgis.values import check_dates, check_lengths, check_values
from kumuhgis.volumes import to_measures


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
    problems : pandas.DataFrame
        Everything that was wrong, assumed or repaired, worst first.
    provenance : dict
        Inputs with sha256, rule, options, versions, date, project.
    layers : dict of str to geopandas.GeoDataFrame
        The layers used, in the metre CRS; ``border_faults`` are gaps, overlaps and the like of the units.
    accounts : pandas.DataFrame
        One row per layer and table: ``layer, file, read, repaired, set_aside, used, filled``.
    lang : {"id", "en"}
        Language of the messages.
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

    def __repr__(self):
        return "\n".join(f"{name}: {value}" for name, value in headline(self))

    def _repr_html_(self):
        return pd.DataFrame(headline(self)).to_html(index=False, header=False, escape=True)


@remembering()
def assess(
    source=None,
    *,
    rules=None,
    baseline=None,
    considerations=None,
    options=None,
    info=None,
    rasters=None,
    lang="id",
    today=None,
    **layers_given,
):
    """Assess a project, or layers and tables given one by one.

    Parameters
    ----------
    source : path or Project, optional
        A project folder. Without it, give the layers by name: ``assess(rt="rt.gpkg", baseline="baseline.csv")``.
    rules : str, path or Rules, optional
        The rule; it overrides the project's.
    baseline, considerations : path or pandas.DataFrame, optional
        Tables.
    options : dict, optional
        Named options (see :class:`project.Options`); they override the project's.
    info : dict, optional
        ``name, desa, kecamatan, kabupaten, sample`` for a run without a project.
    rasters : dict of str to path, optional
        ``dem``, ``population``, ``orthophoto``.
    lang : {"id", "en"}
        Language of the messages.
    today : datetime.date, optional
        Date of the result.
    **layers_given : path or geopandas.GeoDataFrame
        Layers by name: ``rt`` (required), ``buildings``, ``roads``, ``drains``, ``inundation``, ``parcels``,
        ``zoning``, ``sk``, ``water``, ``hydrants``.

    Returns
    -------
    Assessment
        The result.

    Raises
    ------
    KumuhgisError
        If the units or the baseline cannot be read, with everything that is wrong. A further layer that cannot be
        read is a row of ``problems``, and the run goes on without it.

    Notes
    -----
    Only the units and a baseline table are needed; every further layer adds. What is not measured stays missing and
    makes the total an interval.

    Examples
    --------
    >>> import shapely
    >>> rt = gpd.GeoDataFrame({"kode": ["01"]}, geometry=[shapely.box(490000, 9162000, 490100, 9162100)], crs=32749)
    >>> table = pd.DataFrame({"kode": ["01"], "luas_ha": [1.0], "kk": [40], "3a_volume": [40]})
    >>> result = assess(rt=rt, baseline=table)
    >>> result.summary.loc["01", "levels_possible"]
    'tidak kumuh | kumuh ringan | kumuh sedang | kumuh berat'
    """
    given = {"rules": rules, "options": options, "info": info, "layers_given": layers_given, "rasters": rasters}
    with in_language(lang):
        inputs = gather(source, **given, baseline=baseline, considerations=considerations)
        problems = check_dates(inputs.dates, today=today)
        found, base, accounts = read_all(inputs, problems)
        base = match_records(base, found["rt"], problems)
        units = join_units(found["rt"], base, problems)
        faults, said = topology.check_coverage(found["rt"], tolerance_m=inputs.options.topology_tolerance_m)
        problems += said
        mapped = units[units.geometry.notna()]
        areas = pd.Series(layers.geodesic_hectares(mapped), index=mapped.index)
        units["area_ha"] = areas.where(areas > 0).reindex(units.index)
        problems += [Problem("unit_without_area", "rt", str(u)) for u in areas.index[areas <= 0]]
        if base is not None:
            problems += check_values(base, units["area_ha"])
        _outside(mapped, found, problems)
        for name in ("buildings", "parcels"):
            problems += check_places(mapped, found[name], name) if name in found else []
        for name in ("roads", "drains"):
            problems += check_lengths(found[name], name) if name in found else []
        _add_population(units, inputs, problems)
        units["area_used_ha"] = hectares.area_used(units, inputs.options.area)
        measures, sensitive = side_by_side(units, base, found, inputs, problems)
        unit_scores, summary = scores.score(measures, inputs.rules, means=inputs.options.means)
        problems += audit.scoring_problems(measures, inputs.rules, "measures")
        problems += audit.open_levels(measures, inputs.rules, "measures")
        if base is not None:
            problems += audit.published_differences(base, *_table_only(base, inputs), inputs.rules)
        summary = decide(summary.join(sensitive.rename("sensitive_to")), units, found, inputs, problems)
    near = {name: frame for name, frame in found.items() if touches(mapped, frame)}
    summary = summary.join(inventory(units[units.geometry.notna()], near))
    kept = {name: frame for name, frame in found.items() if name != "rt"}
    if len(faults):
        kept["border_faults"] = faults
    source_of = provenance(inputs, found["rt"].crs, today)
    return Assessment(
        inputs.rules,
        units,
        measures,
        unit_scores,
        summary,
        problems_frame(problems, lang),
        source_of,
        kept,
        accounts,
        lang,
    )


def _table_only(base, inputs):
    """Score the table alone, as whoever published numbers beside it did."""
    o = inputs.options
    named = {"length_total": o.length_total, "density": o.density, "city_class": o.city_class}
    return scores.score(to_measures(base, inputs.rules, **named), inputs.rules, means=o.means)


def _outside(mapped, found, problems):
    """Say how many features lie outside every unit, and which layers do not touch the area at all."""
    for name, frame in found.items():
        if name == "rt" or frame.empty or mapped.empty:
            continue
        if not touches(mapped, frame):
            problems.append(Problem("layer_far_away", name))
            continue
        if name in ("water", "zoning"):
            continue
        count = overlay.outside(mapped, frame)
        if count:
            problems.append(Problem("layer_outside", name, params={"count": count, "all": len(frame)}))


def _add_population(units, inputs, problems):
    path = inputs.rasters.get("population")
    if path is None:
        return
    mapped = units[units.geometry.notna()]
    counted, said = setting.raster_population(mapped, path)
    problems += said
    units["raster_population"] = counted.reindex(units.index)
    if inputs.options.prefer == "geometry":
        units["population"] = units["raster_population"].fillna(units["population"])
    else:
        units["population"] = units["population"].fillna(units["raster_population"])


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
    shown = ("means", "length_total", "density", "prefer", "area", "city_class", "setback_m")
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
    counts = count_severities(assessment.problems)
    rows = [
        ("project", p.get("name") or "–"),
        ("rule", assessment.rules.short),
        ("options", options_text(p["options"])),
        ("units", str(len(s))),
        ("levels", ", ".join(levels)),
        ("slum", f"{shown} ha"),
        ("problems", text("headline.counts", lang, **counts)),
    ]
    if p.get("sample"):
        rows.insert(0, ("sample", text("headline.sample_text", lang)))
    return [(text(f"headline.{key}", lang), value) for key, value in rows]
