"""``check --fix``: the project once more, in a new folder, what can be mended safely mended; no input is touched."""

import glob
import json
import shutil
from collections import Counter
from datetime import date, datetime
from numbers import Real
from pathlib import Path

import pandas as pd

from kumuhgis import topology
from kumuhgis.baseline import NAMES, TOTALS
from kumuhgis.errors import OutputError, Problem, in_language, problems_frame
from kumuhgis.inputs import gather, read_all
from kumuhgis.joining import match_records
from kumuhgis.longform import original_keys
from kumuhgis.project import FILE, load_project
from kumuhgis.saving import write_table, writing
from kumuhgis.spots import listed
from kumuhgis.tables import SURPLUS
from kumuhgis.values import file_name, photos_named
from kumuhgis.waiting import waiting

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
#: Problems of features and rows that are left out of the copy, each named in its log.
SET_ASIDE = (
    "table_sum_row",
    "table_side_row",
    "unit_row_repeated",
    "file_cut",
    "features_unreadable",
    "feature_off_earth",
    "layer_geometry_missing",
    "layer_geometry_collapsed",
    "layer_geometry_not_finite",
    "layer_geometry_wrong_type",
    "layer_geometry_area_changed",
)

LAYERS_FILE, TABLE_FILE, RULES_FILE, PHOTOS = "peta.gpkg", "baseline.xlsx", "aturan.toml", "foto"
ANSWERS = "tanggapan"
_WORLD_FILES = (".tfw", ".tifw", ".tiffw", ".jgw", ".jpgw", ".pgw", ".pngw", ".wld", ".aux", ".prj", ".hdr", ".rrd")
_SHEET_ROWS = 1_000_000
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
    "total_score": "total_nilai",
    "level": "tingkat",
}


def mend(project, folder, *, lang="id"):
    """Write a cleaned copy of a project.

    Parameters
    ----------
    project : path or Project
        The project; it is only read.
    folder : path
        A new folder. Layers are written with our column names in the metre CRS, invalid shapes repaired, small gaps
        and overlaps of the RT closed within ``topology_tolerance_m``; the baseline as a workbook under the map's keys,
        numbers as numbers, and what could not be used as it was written; rasters with the files beside them, the
        considerations table, a rule of one's own and the photos that the baseline names are copied.
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
        If the folder is there and not empty, or cannot be written; nothing is left half written.
    KumuhgisError
        If the project cannot be read.
    """
    folder = Path(folder)
    with writing(folder, lang=lang):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise OutputError([Problem("output_folder_exists", folder.name, params={"path": str(folder)})], lang)
    with in_language(lang), waiting("mend", lang=lang):
        loaded = load_project(project)
        inputs, problems = gather(loaded), []
        found, read, *_ = read_all(inputs, problems)
        base = match_records(read, found["rt"], problems)
        tolerance = inputs.options.topology_tolerance_m
        found["rt"], moved, said = topology.clean_coverage(found["rt"], tolerance_m=tolerance)
    nameless = {p.feature for p in problems if p.code == "unit_missing"}
    table = None if base is None else _table(base, _record_keys(read, base, found["rt"].index, nameless))
    photos = {} if base is None else _photos(loaded, base.units)
    problems += said
    log = listed(problems_frame(problems, lang, found["rt"].crs))
    draft = folder.with_name(f".{folder.name}.tmp")
    with writing(folder, lang=lang):
        try:
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir(parents=True)
            _write_layers(draft / LAYERS_FILE, found, nameless)
            _write_inputs(draft, loaded, found, table)
            write_table(log, draft / "log.csv", lang=lang)
            write_table(moved, draft / "log_batas_rt.csv", lang=lang)
            _copy_photos(draft, photos)
            if folder.exists():
                folder.rmdir()
            draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return log, moved


# ---------------------------------------------------------------- layers


def _write_layers(path, found, nameless):
    for number, (name, frame) in enumerate(found.items()):
        plain = frame.copy()
        if name == "rt":
            keys = original_keys(frame.index.tolist())
            plain.insert(0, "unit", ["" if key in nameless else key for key in keys])
        for column in plain.columns:
            if isinstance(plain[column].dtype, pd.BooleanDtype):
                plain[column] = plain[column].map({True: "ya", False: "tidak"}).astype(object)
        more = {"dataset_options": {"VERSION": "1.2"}} if number == 0 else {"mode": "a"}
        plain = plain.reset_index(drop=True)
        plain.to_file(path, driver="GPKG", layer=name, engine="pyogrio", promote_to_multi=True, **more)


# ---------------------------------------------------------------- the baseline


def _record_keys(read, base, mapped, nameless):
    """Give every record its key in the copy: the map's, else as written, so that what is doubtful is doubtful there.

    A key that stands twice, or that only we gave a number, is written as it was; a date that stood for a key as a date.
    """
    mapped = mapped.tolist()
    written = original_keys(read.units.index.tolist())
    made_up = {new for new, old in zip(mapped, original_keys(mapped), strict=True) if new != old} | nameless
    dates = {p.feature for p in read.problems if p.code == "unit_is_date"}
    count, known, keys = Counter(written), set(mapped), []
    for old, new in zip(written, base.units.index, strict=True):
        if new in known and new not in made_up and count[old] == 1:
            keys.append(new)
        elif old in nameless:
            keys.append(None)
        else:
            keys.append(datetime.fromisoformat(old) if old in dates else old)
    return keys


def _table(base, keys):
    """Lay the baseline out as columns: (heading, our name or "", cells); what has no heading of ours comes last."""
    ours = [base.units[list(TOTALS)], base.volumes.add_suffix("_volume"), base.own, base.published]
    others = [c for c in base.units.columns if c not in (*NAMES, *TOTALS, SURPLUS)]
    columns = [("kode_rt", "unit", keys), *((n, "", base.units[n].tolist()) for n in NAMES if n in base.units)]
    for name, cells in pd.concat(ours, axis=1).items():
        raw = base.unused[name] if name in base.unused else [None] * len(cells)
        mean = name.endswith("_mean")
        heading = f"aspek_{name}" if mean else _HEADINGS.get(name, name)
        columns.append(
            (heading, "" if mean else name, [w if pd.isna(c) else c for c, w in zip(cells, raw, strict=True)])
        )
    columns += [(str(name), "", base.units[name].tolist()) for name in others]
    return [*columns, ("", "", base.units[SURPLUS].tolist())] if SURPLUS in base.units else columns


def _write_table(path, columns):
    """Write the baseline as a workbook: text stays text, also where it looks like a formula or a number."""
    import xlsxwriter

    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    count = len(columns[0][2])
    with xlsxwriter.Workbook(path, plain) as book:
        formats = {date: book.add_format({"num_format": "yyyy-mm-dd"})}
        formats[datetime] = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for first in range(0, max(count, 1), _SHEET_ROWS):
            sheet = book.add_worksheet()
            for j, (heading, _, cells) in enumerate(columns):
                sheet.write_string(0, j, heading)
                for i, cell in enumerate(cells[first : first + _SHEET_ROWS], 1):
                    _write_cell(sheet, i, j, cell, formats)


def _write_cell(sheet, i, j, cell, formats):
    if cell is None or pd.isna(cell) or cell == "":
        return
    if isinstance(cell, bool):
        sheet.write_boolean(i, j, cell)
    elif isinstance(cell, Real) and abs(cell) != float("inf"):
        sheet.write_number(i, j, cell)
    elif isinstance(cell, date):
        sheet.write_datetime(i, j, cell, formats[datetime if isinstance(cell, datetime) else date])
    else:
        sheet.write_string(i, j, str(cell))


# ---------------------------------------------------------------- files that are copied


def _write_inputs(folder, project, found, table):
    """Write the table, copy rasters, considerations and rule under names of ours, and say so in kumuhgis.toml."""
    contents, rasters = project.contents, {}
    if table is not None:
        _write_table(folder / TABLE_FILE, table)
    for name, path in contents.rasters.model_dump().items():
        if path:
            rasters[name] = _copy_raster(project, path, folder, name)
    basemap = contents.basemap and contents.basemap.model_dump(exclude_unset=True)
    if basemap:
        basemap["path"] = _copy_raster(project, basemap["path"], folder, "basemap")
    more = contents.tables.considerations
    considerations = more and {**more.model_dump(exclude_unset=True), "path": f"pertimbangan{Path(more.path).suffix}"}
    if more:
        shutil.copyfile(project.path(more.path), folder / considerations["path"])
    if contents.rules.path:
        shutil.copyfile(project.path(contents.rules.path), folder / RULES_FILE)
    if contents.participation.contributions:
        _copy_answers(project, project.path(contents.participation.contributions), folder / ANSWERS)
    (folder / FILE).write_text(_toml(contents, found, table, rasters, basemap, considerations), "utf-8")


def _copy_raster(project, path, folder, role):
    """Copy a raster and the files beside it that say where it lies or what its cells mean; give its new name."""
    source = project.path(path)
    new = role + source.suffix.lower()
    shutil.copyfile(source, folder / new)
    for file in sorted(_inside(project, source.parent.iterdir())):
        if file.name.startswith(f"{source.name}."):
            shutil.copyfile(file, folder / (new + file.name.removeprefix(source.name)))
        elif file.stem == source.stem and file.suffix.lower() in _WORLD_FILES:
            shutil.copyfile(file, folder / (role + file.suffix.lower()))
    return new


def _copy_answers(project, source, folder):
    """Copy what residents answered as it is: the files of a folder, or a file and what belongs to it."""
    folder.mkdir()
    files = source.iterdir() if source.is_dir() else source.parent.glob(f"{glob.escape(source.stem)}.*")
    for file in _inside(project, files):
        shutil.copyfile(file, folder / file.name)


def _photos(project, units):
    """Find the photos that the table names: by their way from the project folder, the files."""
    wanted = {file_name(photo) for named in photos_named(units).values() for _, photo in named}
    there = project.folder.rglob("*") if wanted else ()
    return {file.relative_to(project.folder): file for file in _inside(project, there) if file.name.lower() in wanted}


def _copy_photos(folder, photos):
    """Copy photos under the names they had; those whose name is taken by a file of ours into a folder of their own."""
    for way, file in photos.items():
        new = folder / PHOTOS / way if (folder / way).exists() else folder / way
        new.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, new)


def _inside(project, files):
    """Leave out what is no file, and links that lead out of the project."""
    root = project.folder.resolve()
    return [file for file in files if file.is_file() and file.resolve().is_relative_to(root)]


# ---------------------------------------------------------------- kumuhgis.toml


def _value(value):
    """Write a value as TOML."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_value(str(k))} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _section(name, values):
    return [f"[{name}]", *(f"{key} = {_value(value)}" for key, value in values.items() if value is not None), ""]


def _toml(contents, found, table, rasters, basemap, considerations):
    """Write kumuhgis.toml of the copy: the same project, rule, options and dates; new places."""
    rules = contents.rules.model_dump(exclude_unset=True)
    lines = _section("project", contents.project.model_dump(exclude_unset=True))
    lines += _section("rules", {**rules, "path": RULES_FILE} if contents.rules.path else rules)
    lines += _section("options", contents.options.model_dump(mode="json", exclude_unset=True))
    lines += _section("dates", contents.dates.model_dump(exclude_unset=True))
    for name, frame in found.items():
        columns = [c for c in frame.columns if c != frame.geometry.name] + (["unit"] if name == "rt" else [])
        lines += _section(f"layers.{name}", {"path": LAYERS_FILE, "layer": name, "columns": {c: c for c in columns}})
    lines += _section("rasters", rasters)
    lines += _section("basemap", basemap) if basemap else []
    if table is not None:
        ours = {name: heading for heading, name, _ in table if name not in ("", "unit", heading)}
        lines += _section("tables.baseline", {"path": TABLE_FILE, "unit": "kode_rt", "columns": ours})
    if considerations:
        lines += _section("tables.considerations", considerations)
    if contents.participation.contributions:
        lines += _section("participation", {"contributions": ANSWERS})
    return "\n".join(lines)
