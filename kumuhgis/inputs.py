"""What an assessment is made of: layers, rasters, tables, rule and options, gathered, read, and fingerprinted."""

import hashlib
import platform
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pydantic import ValidationError

from kumuhgis import baseline, layers
from kumuhgis.beside import Beside, Promise, named_places, project_area
from kumuhgis.catalog import layer_kinds
from kumuhgis.crs import Whereabouts
from kumuhgis.errors import KumuhgisError, LayerError, Problem, ProjectError, validation_problems
from kumuhgis.project import FILE, Options, load_project
from kumuhgis.rules import load_rules, rules_digest
from kumuhgis.spots import within_units
from kumuhgis.values import check_photos
from kumuhgis.waiting import step

ACCOUNT = ["layer", "file", "read", "repaired", "set_aside", "used", "filled"]
_POLYGONS = (3, 6)  # shapely's type numbers of a polygon and of several


@dataclass
class Inputs:
    """Everything given, before it is read."""

    rules: object
    options: Options
    info: dict
    dates: dict
    layers: dict
    rasters: dict
    baseline: object = None
    baseline_spec: dict = field(default_factory=dict)
    considerations: object = None
    considerations_spec: dict = field(default_factory=dict)
    survey: object = None
    project_file: Path | None = None
    rules_source: object = None


def gather(source=None, *, rules=None, options=None, info=None, layers_given=None, rasters=None, **tables_given):
    """Gather what a project names and what is given beside it; what is given goes first.

    Parameters
    ----------
    source : path or Project, optional
        A project.
    rules, options, info, layers_given, rasters, **tables_given
        As :func:`assessment.assess` takes them.

    Returns
    -------
    Inputs
        Complete, not read yet.

    Raises
    ------
    ProjectError
        If an option or a layer is not known.
    """
    inputs = _project_inputs(load_project(source)) if source is not None else _loose_inputs(info)
    if rules is not None:
        inputs.rules, inputs.rules_source = load_rules(rules), rules
    if options:
        inputs.options = _options({**inputs.options.model_dump(exclude_unset=True), **options})
    given = {name: frame for name, frame in (layers_given or {}).items() if frame is not None}
    unknown = [
        Problem("layer_unknown", "", "", name, {"known": ", ".join(layer_kinds())})
        for name in given
        if name not in layer_kinds()
    ]
    if unknown:
        raise ProjectError(unknown)
    inputs.layers.update({name: {"source": frame} for name, frame in given.items()})
    inputs.rasters.update(rasters or {})
    for name, table in tables_given.items():
        if table is not None:
            setattr(inputs, name, table)
    return inputs


def _options(given):
    try:
        return Options(**given)
    except ValidationError as error:
        raise ProjectError(validation_problems("project", "options", error.errors(), given)) from None


def _project_inputs(project):
    contents = project.contents
    given = {
        name: {
            "source": project.path(spec.path),
            "layer": spec.layer,
            "crs": spec.crs,
            "swap_xy": spec.swap_xy,
            "columns": spec.columns,
            "vocabulary": spec.words,
        }
        for name, spec in contents.layers.items()
    }
    rasters = {k: project.path(v) for k, v in contents.rasters.model_dump().items() if v}
    table, more = contents.tables.baseline, contents.tables.considerations
    inputs = Inputs(
        project.rules, contents.options, contents.project.model_dump(), contents.dates.model_dump(), given, rasters
    )
    if contents.survey:
        inputs.survey = [project.path(each) for each in contents.survey.paths()]
    inputs.project_file, inputs.rules_source = project.folder / FILE, project.folder / (contents.rules.path or "")
    if table:
        inputs.baseline = project.path(table.path)
        inputs.baseline_spec = {"columns": table.columns or None, "unit": table.unit, "sheet": table.sheet}
    if more:
        inputs.considerations = project.path(more.path)
        inputs.considerations_spec = {"columns": more.columns or None, "unit": more.unit, "sheet": more.sheet}
    return inputs


def _loose_inputs(info):
    return Inputs(load_rules(), Options(), {"name": "", "sample": False, **(info or {})}, {}, {}, {})


def read_all(inputs, problems, *, workers=1):
    """Read the units, the baseline and the further layers; say everything that is wrong before stopping.

    Parameters
    ----------
    inputs : Inputs
        What to read.
    problems : list of Problem
        Taken up with what was found; shapes in the metre CRS, of the table's rows none yet.
    workers : int
        With more than one, another process may read some layers: what is said of them stands as promises.

    Returns
    -------
    found : dict of str to geopandas.GeoDataFrame
        Layers in one metre CRS; a further layer that cannot be read is a problem and is left out.
    base : baseline.Baseline or None
        The table.
    accounts : list
        One entry per layer and table, in part promises; see :func:`read_rest`.
    beside : beside.Beside
        The other process, if there is one.

    Raises
    ------
    ProjectError
        If the units or the table cannot be read.
    """
    if "rt" not in inputs.layers:
        raise ProjectError([Problem("project_missing_key", "", "layers", "rt")])
    units, base = _read_first(inputs)
    step("rt")
    problems += units.problems
    found, accounts, beside = {"rt": units.frame}, [units.account], Beside(inputs, workers)
    where = Whereabouts(units.frame, named_places(units.frame))
    for name in inputs.layers:
        if name in beside.names:
            problems.append(Promise(lambda name, _, rest: rest[name][1], name))
            accounts.append(Promise(lambda name, _, rest: [rest[name][2]], name))
        elif name != "rt":
            frame, said, account = _read_further(inputs, name, where, beside)
            found |= {} if frame is None else {name: frame}
            problems += said
            accounts.append(account)
        if name != "rt":
            step(name)
    if base is not None:
        problems += base.problems
        accounts.append(_table_account(base))
        if inputs.project_file is not None:
            problems += check_photos(base.units, inputs.project_file.parent, base.name)
    return found, base, accounts, beside


def _read_first(inputs):
    """Read what there is no assessment without: the units, and the table if one is named."""
    fatal, units, base = [], None, None
    try:
        choose = partial(layers.metre_crs, wanted=inputs.options.crs)
        units = layers.open_layer(name="rt", area=project_area(inputs.info), to_crs=choose, **inputs.layers["rt"])
    except KumuhgisError as error:
        fatal += error.problems
    try:
        if inputs.baseline is not None:
            how = {**inputs.baseline_spec, "counts_only": inputs.survey is not None}
            base = baseline.read_baseline(inputs.baseline, inputs.rules, **how)
    except KumuhgisError as error:
        fatal += error.problems
    if fatal:
        raise ProjectError(fatal)
    return units, base


def _read_further(inputs, name, where, beside):
    """Read one more layer: its frame, or None if that cannot be, what is said of it, and its account."""
    spec, units = inputs.layers[name], where.area
    try:
        here = partial(layers.open_layer, name=name, to_crs=units.crs, area=where, **spec)
        read = beside.reading(name, here)
    except LayerError as error:
        return None, error.problems, {"layer": name, "file": _file_name(spec["source"])}
    hidden = are_households(name, read.frame)
    return read.frame, within_units(read.problems, units.geometry) if hidden else read.problems, read.account


def read_rest(inputs, found, beside):
    """Take the layers that another process has read.

    Parameters
    ----------
    inputs : Inputs
        What to read.
    found : dict of str to geopandas.GeoDataFrame
        The layers read here.
    beside : beside.Beside
        The other process.

    Returns
    -------
    found : dict of str to geopandas.GeoDataFrame
        All layers, in the order of the project.
    rest : dict of str to tuple
        Of each layer from there: its frame or None, its problems, its account. With both, promises are kept.
    """
    where = Whereabouts(found["rt"], named_places(found["rt"]))
    rest = {name: _read_further(inputs, name, where, beside) for name in beside.names}
    there = found | {name: frame for name, (frame, _, _) in rest.items() if frame is not None}
    return {name: there[name] for name in ("rt", *inputs.layers) if name in there}, rest


def accounts_frame(accounts):
    """Make the table of accounts: one row per layer and table, what was read, repaired, set aside and used."""
    counts = dict.fromkeys(("read", "repaired", "set_aside", "used"), "Int64")
    return pd.DataFrame(accounts, columns=ACCOUNT).astype(counts)


def are_households(name, frame):
    """Say whether the features of a layer may be households: buildings drawn as points.

    Parameters
    ----------
    name : str
        Name of the layer.
    frame : geopandas.GeoDataFrame
        The layer.

    Returns
    -------
    bool
        If so, what is said of them is shown at their RT.
    """
    return name == "buildings" and not np.isin(shapely.get_type_id(frame.geometry.to_numpy()), _POLYGONS).all()


def _file_name(source):
    return Path(source).name if isinstance(source, (str, Path)) else ""


def _table_account(base):
    """Account for the rows of the baseline: all are used, some with cells that are missing."""
    aside = {
        (p.feature, p.row, p.params.get("sheet"))
        for p in base.problems
        if p.code in ("table_sum_row", "table_side_row", "unit_row_repeated")
    }
    shifted = sum(p.code == "shifted_columns" for p in base.problems)
    return {
        "layer": "baseline",
        "file": base.name,
        "read": len(base.units) + len(aside),
        "repaired": 0,
        "set_aside": len(aside) + shifted,
        "used": len(base.units) - shifted,
        "filled": float(base.volumes.notna().to_numpy().mean()) if base.volumes.size else float("nan"),
    }


def provenance(inputs, crs, today=None):
    """Say what a result was made of and by what: inputs with sha256, rule, options, versions, date.

    Parameters
    ----------
    inputs : Inputs
        What was read.
    crs : pyproj.CRS
        The metre CRS.
    today : datetime.date, optional
        Date of the result.

    Returns
    -------
    dict
        Plain values only.
    """
    import pyogrio

    from kumuhgis import __version__

    sources = {f"layers.{n}": s.get("source") for n, s in inputs.layers.items()}
    sources |= {f"rasters.{n}": p for n, p in inputs.rasters.items()}
    sources |= {"tables.baseline": inputs.baseline, "tables.considerations": inputs.considerations}
    if isinstance(inputs.rules_source, (str, Path)) and Path(inputs.rules_source).is_file():
        sources["rules"] = inputs.rules_source
    survey = inputs.survey if isinstance(inputs.survey, (list, tuple)) else [inputs.survey]
    sources |= {f"survey.{n}" if n else "survey": each for n, each in enumerate(survey)}
    sources |= {"project": inputs.project_file, "tables.columns": inputs.baseline_spec.get("columns")}
    return {
        **{k: v for k, v in inputs.info.items()},
        "dates": {k: v.isoformat() for k, v in inputs.dates.items() if v},
        "date": (today or date.today()).isoformat(),
        "rule": inputs.rules.key,
        "rule_title": inputs.rules.title,
        "rule_sha256": rules_digest(inputs.rules),
        "options": inputs.options.model_dump(mode="json"),
        "crs": crs.to_string(),
        "inputs": [_fingerprint(role, source) for role, source in sources.items() if _is_input(source)],
        "versions": {
            "kumuhgis": __version__,
            "python": platform.python_version(),
            "geopandas": gpd.__version__,
            "shapely": shapely.__version__,
            "gdal": pyogrio.__gdal_version_string__,
        },
    }


def _is_input(source):
    return source is not None and not isinstance(source, dict)


def _fingerprint(role, source):
    """Name an input and its sha256; for a shapefile the attributes count too, for a geodatabase all its files."""
    if not isinstance(source, (str, Path)):
        return {"role": role, "name": type(source).__name__, "sha256": ""}
    path = Path(source)
    companions = [path.with_suffix(s) for s in (".dbf", ".shx", ".prj")] if path.suffix.lower() == ".shp" else []
    candidates = sorted(path.iterdir()) if path.is_dir() else (path, *companions)
    parts = [part for part in candidates if part.is_file() and part.suffix != ".lock"]
    digest = hashlib.sha256()
    for part in parts:
        with part.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    return {"role": role, "name": path.name, "sha256": digest.hexdigest() if parts else ""}
