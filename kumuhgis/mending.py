"""``check --fix``: the project once more, in a new folder, what can be mended safely mended; no input is touched."""

import json
import shutil
from pathlib import Path

import pandas as pd

from kumuhgis import topology
from kumuhgis.baseline import TOTALS
from kumuhgis.errors import OutputError, Problem, in_language, problems_frame
from kumuhgis.export import replacing, write_table
from kumuhgis.inputs import gather, read_all
from kumuhgis.joining import match_records
from kumuhgis.project import FILE, load_project
from kumuhgis.spots import listed

#: Problems that are not told of the copy any more: what was wrong is right in it. (Narrow faults of borders that
#: cannot be mended within the tolerance are told by ``topology_not_cleaned``.)
MENDED = (
    "xml_mended",
    "format_differs",
    "text_encoding_assumed",
    "layer_several",
    "rings_closed",
    "read_one_by_one",
    "attributes_unreadable",
    "shapefile_no_dbf",
    "shapefile_no_shx",
    "shapefile_no_cpg",
    "shapefile_names_cut",
    "lat_lng_area",
    "lat_lng_points",
    "kml_columns",
    "places_read",
    "table_unit_column_assumed",
    "layer_geometry_repaired",
    "layer_geometry_collection",
    "layer_geometry_height",
    "topology_overlap_narrow",
    "topology_gap_narrow",
    "topology_unmatched_edge",
)
#: Problems of features that are left out of the copy, each named in its log.
SET_ASIDE = (
    "file_cut",
    "features_unreadable",
    "feature_off_earth",
    "layer_geometry_missing",
    "layer_geometry_collapsed",
    "layer_geometry_not_finite",
    "layer_geometry_wrong_type",
    "layer_geometry_area_changed",
)

LAYERS_FILE, TABLE_FILE = "peta.gpkg", "baseline.csv"
_HEADINGS = {
    "verified_ha": "luas_ha",
    "sk_ha": "luas_sk_ha",
    "buildings": "bangunan_unit",
    "population": "penduduk_jiwa",
    "households": "kk",
    "road_ideal_m": "jalan_ideal_m",
    "drain_ideal_m": "drainase_ideal_m",
    "road_existing_m": "jalan_eksisting_m",
    "drain_existing_m": "drainase_eksisting_m",
}


def mend(project, folder, *, lang="id"):
    """Write a cleaned copy of a project.

    Parameters
    ----------
    project : path or Project
        The project; it is only read.
    folder : path
        A new folder. Layers are written with our column names in the metre CRS, invalid shapes repaired, small gaps
        and overlaps of the RT closed within ``topology_tolerance_m``; the baseline under the map's keys with numbers
        as numbers; rasters and the considerations table are copied.
    lang : {"id", "en"}
        Language of the log.

    Returns
    -------
    log : pandas.DataFrame
        Every problem met, with what was done and where (``lon``, ``lat``), also written as ``log.csv``.
    moved : pandas.DataFrame
        Area moved between RT by the cleaning, also written as ``log_batas_rt.csv``.

    Raises
    ------
    OutputError
        If the folder is there and not empty.
    KumuhgisError
        If the project cannot be read.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError([Problem("output_exists", folder.name, params={"path": str(folder)})], lang)
    with in_language(lang):
        loaded = load_project(project)
        inputs, problems = gather(loaded), []
        found, base, _ = read_all(inputs, problems)
        base = match_records(base, found["rt"], problems)
        tolerance = inputs.options.topology_tolerance_m
        found["rt"], moved, said = topology.clean_coverage(found["rt"], tolerance_m=tolerance)
    problems += said
    draft = folder.with_name(f".{folder.name}.tmp")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        draft.mkdir(parents=True)
        log = listed(problems_frame(problems, lang, found["rt"].crs))
        _write_project(draft, loaded, found, base)
        write_table(log, draft / "log.csv", lang=lang)
        write_table(moved, draft / "log_batas_rt.csv", lang=lang)
        if folder.exists():
            folder.rmdir()
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return log, moved


def _write_project(folder, project, found, base):
    _write_layers(folder / LAYERS_FILE, found)
    if base is not None:
        with replacing(folder / TABLE_FILE) as draft:
            _table(base).to_csv(draft, index=False, encoding="utf-8-sig")
    copied = {}
    contents = project.contents
    for name, path in contents.rasters.model_dump().items():
        if path:
            copied[name] = Path(path).name
            shutil.copyfile(project.path(path), folder / copied[name])
    more = contents.tables.considerations
    if more:
        shutil.copyfile(project.path(more.path), folder / Path(more.path).name)
    if contents.rules.path:
        shutil.copyfile(project.path(contents.rules.path), folder / Path(contents.rules.path).name)
    (folder / FILE).write_text(_toml(contents, found, base, copied), "utf-8")


def _write_layers(path, found):
    for number, (name, frame) in enumerate(found.items()):
        plain = frame.reset_index() if name == "rt" else frame
        plain = plain.copy()
        for column in plain.columns:
            if isinstance(plain[column].dtype, pd.BooleanDtype):
                plain[column] = plain[column].map({True: "ya", False: "tidak"}).astype(object)
        more = {"dataset_options": {"VERSION": "1.2"}} if number == 0 else {"mode": "a"}
        plain.to_file(path, driver="GPKG", layer=name, engine="pyogrio", promote_to_multi=True, **more)


def _table(base):
    """Write the baseline with our headings: names, totals, volumes."""
    names = [c for c in base.units.columns if c not in TOTALS]
    parts = [base.units[names], base.units[list(TOTALS)].rename(columns=_HEADINGS), base.volumes.add_suffix("_volume")]
    return pd.concat(parts, axis=1).reset_index(names="kode_rt")


def _toml(contents, found, base, rasters):
    """Write kumuhgis.toml of the copy: the same project, rule, options and dates; new places."""
    lines = []
    for section in ("project", "rules", "options", "dates"):
        lines += [f"[{section}]"]
        for key, value in getattr(contents, section).model_dump(mode="json", exclude_unset=True).items():
            if value is not None:
                plain = Path(value).name if (section, key) == ("rules", "path") else value
                bare = section == "dates"
                lines.append(f"{key} = {plain if bare else json.dumps(plain, ensure_ascii=False)}")
        lines.append("")
    for name, frame in found.items():
        columns = [c for c in frame.columns if c != frame.geometry.name] + (["unit"] if name == "rt" else [])
        pairs = ", ".join(f'{c} = "{c}"' for c in columns)
        lines += [f"[layers.{name}]", f'path = "{LAYERS_FILE}"', f'layer = "{name}"', f"columns = {{ {pairs} }}", ""]
    lines += ["[rasters]", *(f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in rasters.items()), ""]
    if base is not None:
        lines += ["[tables.baseline]", f'path = "{TABLE_FILE}"', 'unit = "kode_rt"', ""]
    more = contents.tables.considerations
    if more:
        lines += ["[tables.considerations]", f"path = {json.dumps(Path(more.path).name, ensure_ascii=False)}"]
        lines += [f"sheet = {json.dumps(more.sheet, ensure_ascii=False)}"] if more.sheet else []
    return "\n".join(lines) + "\n"
