"""``assess``: from a project, or from layers and tables, to one record of results."""

import hashlib
import platform
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from kumuhgis import audit, hectares, layers, overlay, priority, scores
from kumuhgis import baseline as tables
from kumuhgis.decisions import decide
from kumuhgis.errors import (
    KumuhgisError,
    LayerError,
    Problem,
    ProjectError,
    count_severities,
    problems_frame,
)
from kumuhgis.kernel import score_arrays
from kumuhgis.longform import matrices
from kumuhgis.measures import compute, setting
from kumuhgis.project import Options, Project, load_project
from kumuhgis.rules import load_rules
from kumuhgis.text import number, text

_NAMES = ("rt_rw", "rt", "rw", "dusun", "desa", "kecamatan", "kabupaten", "kawasan")


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
        The layers used, in the metre CRS.
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
    lang: str = "id"

    def __repr__(self):
        return "\n".join(f"{name}: {value}" for name, value in headline(self))

    def _repr_html_(self):
        return pd.DataFrame(headline(self)).to_html(index=False, header=False, escape=True)


@dataclass
class _Inputs:
    rules: object
    options: Options
    info: dict
    dates: dict
    layers: dict
    rasters: dict
    baseline: object = None
    baseline_spec: dict = field(default_factory=dict)
    considerations: object = None
    considerations_sheet: str | None = None
    files: list = field(default_factory=list)


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
    inputs = _project_inputs(load_project(source)) if source is not None else _loose_inputs(info)
    if rules is not None:
        inputs.rules = load_rules(rules)
    if options:
        inputs.options = Options(**{**inputs.options.model_dump(exclude_unset=True), **options})
    inputs.layers.update({name: {"source": given} for name, given in layers_given.items() if given is not None})
    inputs.rasters.update(rasters or {})
    inputs.baseline = inputs.baseline if baseline is None else baseline
    inputs.considerations = inputs.considerations if considerations is None else considerations
    problems = []
    found, base = _read_all(inputs, problems)
    units = _units(found["rt"], base, problems)
    mapped = units[units.geometry.notna()]
    units["area_ha"] = pd.Series(layers.geodesic_hectares(mapped), index=mapped.index).reindex(units.index)
    _outside(mapped, found, problems)
    _add_population(units, inputs, problems)
    units["area_used_ha"] = hectares.area_used(units, inputs.options.area)
    measures = _measures(units, base, found, inputs, problems)
    result_scores, summary = scores.score(measures, inputs.rules, means=inputs.options.means)
    problems += audit.scoring_problems(measures, inputs.rules, "baseline")
    if base is not None:
        table_scores, table_summary = _table_only(base, inputs)
        problems += audit.published_differences(base, table_scores, table_summary, inputs.rules)
    summary = decide(summary.reindex(units.index), units, found, inputs, problems)
    return Assessment(
        inputs.rules,
        units,
        measures,
        result_scores,
        summary,
        problems_frame(problems, lang),
        _provenance(inputs, found, today),
        {k: v for k, v in found.items() if k != "rt"},
        lang,
    )


# ---------------------------------------------------------------- reading


def _project_inputs(project: Project):
    contents = project.contents
    given = {
        name: {
            "source": project.path(spec.path),
            "layer": spec.layer,
            "crs": spec.crs,
            "columns": spec.columns,
            "vocabulary": spec.words,
        }
        for name, spec in contents.layers.items()
    }
    rasters = {k: project.path(v) for k, v in contents.rasters.model_dump().items() if v}
    table, more = contents.tables.baseline, contents.tables.considerations
    inputs = _Inputs(
        project.rules, contents.options, contents.project.model_dump(), contents.dates.model_dump(), given, rasters
    )
    if table:
        inputs.baseline = project.path(table.path)
        inputs.baseline_spec = {"columns": table.columns or None, "unit": table.unit, "sheet": table.sheet}
    if more:
        inputs.considerations, inputs.considerations_sheet = project.path(more.path), more.sheet
    return inputs


def _loose_inputs(info):
    return _Inputs(load_rules(), Options(), {"name": "", "sample": False, **(info or {})}, {}, {}, {})


def _read_all(inputs, problems):
    """Read the units, the further layers and the baseline; say everything that is wrong before stopping."""
    if "rt" not in inputs.layers:
        raise ProjectError([Problem("project_missing_key", "", "layers", "rt")])
    fatal, found, base = [], {}, None
    try:
        units, said = layers.read_layer(name="rt", **inputs.layers["rt"])
        crs = layers.metre_crs(units, inputs.options.crs)
        found["rt"] = units.to_crs(crs)
        problems += said
    except KumuhgisError as error:
        fatal += error.problems
        crs = None
    for name, spec in inputs.layers.items():
        if name != "rt" and crs is not None:
            try:
                found[name], said = layers.read_layer(name=name, to_crs=crs, **spec)
                problems += said
            except LayerError as error:
                problems += error.problems
    if inputs.baseline is not None:
        try:
            base = tables.read_baseline(inputs.baseline, inputs.rules, **inputs.baseline_spec)
            problems += base.problems
        except KumuhgisError as error:
            fatal += error.problems
    if fatal:
        raise ProjectError(fatal)
    return found, base


def _units(mapped, base, problems):
    """Bring units of the map and records of the table together by key; nothing is lost on either side."""
    units = mapped.copy()
    if base is not None:
        missing = base.units.index.difference(units.index, sort=False)
        problems += [Problem("record_without_map", base.name, u) for u in missing]
        problems += [Problem("unit_without_record", "rt", u) for u in units.index.difference(base.units.index)]
        index = units.index.append(missing)
        units = units.reindex(index).rename_axis("unit")
        for column in base.units.columns:
            values = base.units[column].reindex(index)
            if column in _NAMES:
                values = values.map(lambda v: None if v is None or v != v or not str(v).strip() else str(v).strip())
                units[column] = units[column].fillna(values) if column in units else values
            elif column in tables.TOTALS and not (column in units and values.isna().all()):
                units[column] = values
    for column in tables.TOTALS:
        if column not in units:
            units[column] = np.nan
    return gpd.GeoDataFrame(units, geometry="geometry", crs=mapped.crs)


def _outside(mapped, found, problems):
    """Say how many features lie outside every unit, and which layers do not touch the area at all."""
    for name, frame in found.items():
        if name in ("rt", "water", "zoning") or frame.empty or mapped.empty:
            continue
        count = overlay.outside(mapped, frame)
        if count == len(frame):
            problems.append(Problem("layer_far_away", name))
        elif count:
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


# ---------------------------------------------------------------- measuring


def _measures(units, base, found, inputs, problems):
    """Put what the table says and what the map gives side by side, and choose by the named preference."""
    rules, options = inputs.rules, inputs.options
    mapped = units[units.geometry.notna()]
    geometry, said = compute(rules, mapped, found, _measure_options(rules, options))
    problems += said
    if base is None:
        typed = geometry.iloc[:0]
    else:
        typed = tables.to_measures(
            _with_areas(base, units),
            rules,
            length_total=options.length_total,
            density=options.density,
            city_class=options.city_class,
        )
    both = scores.combine(typed, geometry, prefer=options.prefer)
    index = pd.MultiIndex.from_product([units.index, rules.codes], names=["unit", "criterion"])
    both = both.reindex(index)
    both["source"] = both["source"].fillna("")
    problems += _source_differences(both, rules)
    return both


def _measure_options(rules, options):
    given = {"length_total": options.length_total}
    for criterion in rules.criteria:
        limit = criterion.parameters.get("limit_per_ha")
        if isinstance(limit, dict):
            given["limit_per_ha"] = limit.get(options.city_class)
    return given


def _with_areas(base, units):
    """Let the measured area stand in where the table has no verified area."""
    filled = base.units.copy()
    filled["verified_ha"] = filled["verified_ha"].fillna(units["area_ha"].reindex(filled.index))
    return tables.Baseline(base.name, filled, base.volumes, base.published, base.problems)


def _table_only(base, inputs):
    measures = tables.to_measures(base, inputs.rules, length_total=inputs.options.length_total)
    return scores.score(measures, inputs.rules, means="plain")


def _source_differences(both, rules):
    """Say where table and map give another score for the same criterion."""
    if not len(both):
        return []
    columns = ("table_affected", "table_total", "geometry_affected", "geometry_total")
    units, arrays = matrices(both, rules, columns)
    table = score_arrays(arrays[0], arrays[1], rules).score
    map_ = score_arrays(arrays[2], arrays[3], rules).score
    problems = []
    for i, j in zip(*np.nonzero((table >= 0) & (map_ >= 0) & (table != map_)), strict=True):
        used = both["source"].iloc[i * len(rules.codes) + j]
        params = {"criterion": rules.codes[j], "table": table[i, j], "geometry": map_[i, j], "used": used}
        problems.append(Problem("sources_differ", "measures", str(units[i]), rules.codes[j], params))
    return problems


def summarise_groups(assessment, by="kawasan"):
    """Roll an assessment up: summed volumes, the roll-up's own level, and beside it the hectares of slum RT.

    Parameters
    ----------
    assessment : Assessment
        The result.
    by : str
        Column of ``units``: ``kawasan``, ``desa``, ``kecamatan``, ``rw`` …

    Returns
    -------
    pandas.DataFrame
        Indexed by group: the columns of a summary of scores, of :func:`hectares.slum_hectares` and of
        :func:`priority.authority`, and ``population, households``.

    Notes
    -----
    A roll-up can come out "tidak kumuh" although RT inside it are slum; hectares therefore count RT.
    """
    if by not in assessment.units:
        raise ProjectError(
            [Problem("layer_column_missing", "units", "", by, {"known": ", ".join(assessment.units.columns)})]
        )
    groups = assessment.units[by].where(assessment.units[by].notna(), None)
    rolled = scores.roll_up(assessment.measures, groups, assessment.rules)
    _, summary = scores.score(rolled, assessment.rules, means=assessment.provenance["options"]["means"])
    area = hectares.slum_hectares(assessment.summary, assessment.rules, groups)
    area = area.reindex(summary.index)
    people = assessment.units[["population", "households"]].groupby(groups).sum(min_count=1).reindex(summary.index)
    return summary.join(area).join(priority.authority(area["slum_ha"], assessment.rules)).join(people)


def _provenance(inputs, found, today):
    import pyogrio
    import shapely

    from kumuhgis import __version__

    sources = {f"layers.{n}": s.get("source") for n, s in inputs.layers.items()}
    sources |= {f"rasters.{n}": p for n, p in inputs.rasters.items()}
    sources |= {"tables.baseline": inputs.baseline, "tables.considerations": inputs.considerations}
    return {
        **{k: v for k, v in inputs.info.items()},
        "dates": {k: v.isoformat() for k, v in inputs.dates.items() if v},
        "date": (today or date.today()).isoformat(),
        "rule": inputs.rules.key,
        "rule_title": inputs.rules.title,
        "options": inputs.options.model_dump(mode="json"),
        "crs": found["rt"].crs.to_string(),
        "inputs": [_fingerprint(role, source) for role, source in sources.items() if source is not None],
        "versions": {
            "kumuhgis": __version__,
            "python": platform.python_version(),
            "geopandas": gpd.__version__,
            "shapely": shapely.__version__,
            "gdal": pyogrio.__gdal_version_string__,
        },
    }


def _fingerprint(role, source):
    """Name an input and its sha256; for a shapefile the attributes count too."""
    if not isinstance(source, (str, Path)):
        return {"role": role, "name": type(source).__name__, "sha256": ""}
    digest = hashlib.sha256()
    path = Path(source)
    companions = [path.with_suffix(s) for s in (".dbf", ".shx", ".prj")] if path.suffix.lower() == ".shp" else []
    for part in [path, *companions]:
        if part.is_file():
            digest.update(part.read_bytes())
    return {"role": role, "name": path.name, "sha256": digest.hexdigest()}


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
        ("units", str(len(s))),
        ("levels", ", ".join(levels)),
        ("slum", f"{shown} ha"),
        ("problems", text("headline.counts", lang, **counts)),
    ]
    if p.get("sample"):
        rows.insert(0, ("sample", text("headline.sample_text", lang)))
    return [(text(f"headline.{key}", lang), value) for key, value in rows]
