"""The project folder: ``kumuhgis.toml`` says what is where; ``init`` looks at a folder and writes one."""

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kumuhgis.archives import dataset_parts, map_folder
from kumuhgis.catalog import canonical_words, layer_kinds
from kumuhgis.displaying import html_table
from kumuhgis.errors import Problem, ProjectError, RulesError, TableError, validation_problems
from kumuhgis.rules import DEFAULT_RULES, load_rules
from kumuhgis.tables import own_headings
from kumuhgis.text import text

FILE = "kumuhgis.toml"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Info(_Part):
    """Who and where."""

    name: str
    desa: str = ""
    desa_code: str = ""
    kecamatan: str = ""
    kecamatan_code: str = ""
    kabupaten: str = ""
    kabupaten_code: str = ""
    provinsi: str = ""
    sample: bool = False


class RulesRef(_Part):
    """Which rule: a key that comes with kumuhgis, or a file in the project."""

    key: str = DEFAULT_RULES
    path: str | None = None


class Options(_Part):
    """The named options; every result prints the ones that were used."""

    means: Literal["plain", "gated"] = "plain"
    length_total: Literal["ideal", "existing"] = "ideal"
    density: Literal["typed", "derived"] = "typed"
    prefer: Literal["table", "geometry", "survey"] = "table"
    shared_polygon: Literal["apart", "sum"] = "apart"
    area: Literal["verified", "measured", "sk"] = "verified"
    city_class: Literal["metropolitan", "besar", "sedang", "kecil"] | None = None
    setback_m: float = Field(0.0, ge=0)
    crs: str | None = None
    area_tolerance: float = Field(0.05, ge=0, lt=1)
    topology_tolerance_m: float = Field(1.0, gt=0, le=20)
    sk_tolerance: float = Field(0.02, ge=0, lt=1)
    legality_tolerance: float | None = Field(None, ge=0, lt=1)
    tenure_clear: tuple[str, ...] | None = None
    plan_conforming: tuple[str, ...] | None = None


class Dates(_Part):
    """When the survey was made and the SK issued."""

    survey: date | None = None
    sk: date | None = None


class LayerSpec(_Part):
    """A vector layer: file, layer, coordinate system if the file does not say it, columns, words."""

    path: str
    layer: str | None = None
    crs: str | None = None
    swap_xy: bool = False
    columns: dict[str, str] = Field(default_factory=dict)
    words: dict[str, str] = Field(default_factory=dict)


class TableSpec(_Part):
    """A table: file, sheet, key column, more headings."""

    path: str
    sheet: str | None = None
    unit: str | None = None
    columns: dict[str, str | list[str]] = Field(default_factory=dict)


class Tables(_Part):
    """The tables of a project."""

    baseline: TableSpec | None = None
    considerations: TableSpec | None = None


class Rasters(_Part):
    """The rasters of a project: paths."""

    dem: str | None = None
    population: str | None = None
    orthophoto: str | None = None


class BasemapSpec(_Part):
    """What lies below the map: file, coordinate system if the file does not say it, whose picture it is."""

    path: str
    crs: str | None = None
    attribution: str | None = None


class Participation(_Part):
    """What residents answered: a file, or a folder of files from many laptops."""

    contributions: str | None = None


class SurveySpec(_Part):
    """What households answered: a file or folder, or several."""

    path: str | list[str]

    def paths(self):
        """Give the paths as a list."""
        return [self.path] if isinstance(self.path, str) else list(self.path)


class Contents(_Part):
    """All of ``kumuhgis.toml``."""

    project: Info
    rules: RulesRef = RulesRef()
    options: Options = Options()
    dates: Dates = Dates()
    layers: dict[str, LayerSpec]
    rasters: Rasters = Rasters()
    basemap: BasemapSpec | None = None
    tables: Tables = Tables()
    participation: Participation = Participation()
    survey: SurveySpec | None = None


_PATHS = ("path", "dem", "population", "orthophoto", "contributions")


@dataclass(frozen=True)
class Project:
    """A project folder, read and checked: its file's contents, its folder, its rule."""

    folder: Path
    contents: Contents
    rules: object

    def path(self, relative):
        """Give the whole path of a file of the project."""
        return self.folder / relative

    def __repr__(self):
        layers = ", ".join(self.contents.layers)
        return f"Project({self.contents.project.name!r}: {layers}; {self.rules.key})"

    def _repr_html_(self):
        info = self.contents.project
        place = ", ".join(p for p in (info.desa, info.kecamatan, info.kabupaten) if p)
        rows = [(info.name, place), (self.rules.short, self.rules.title)]
        if info.sample:
            rows.insert(0, (text("headline.sample"), text("headline.sample_text")))
        tables = {name: getattr(self.contents.tables, name) for name in Tables.model_fields}
        named = self.contents.layers | {name: spec for name, spec in tables.items() if spec is not None}
        for name, spec in named.items():
            layer = getattr(spec, "layer", None)
            rows.append((name, f"{spec.path} · {layer}" if layer else spec.path))
        return html_table(rows)


def load_project(source):
    """Read a project folder and check all of its ``kumuhgis.toml``.

    Parameters
    ----------
    source : path or Project
        The folder, or the TOML file itself.

    Returns
    -------
    Project
        The project.

    Raises
    ------
    ProjectError
        With every mistake at once: unknown and missing keys, wrong values, files that are not there or lie outside
        the folder.
    RulesError
        If the rule file is wrong.
    """
    if isinstance(source, Project):
        return source
    path = Path(source)
    path = path / FILE if path.is_dir() else path
    if not path.is_file():
        missing = "project_not_found" if Path(source).exists() else "project_folder_missing"
        raise ProjectError([Problem(missing, str(source), params={"here": Path.cwd().name})])
    if path.suffix.lower() != ".toml":
        raise ProjectError([Problem("project_is_file", str(source), params={"file": path.name})])
    data = _slashed(_read(path), path.parent)
    problems, contents = [], None
    try:
        contents = Contents.model_validate(data)
    except ValidationError as error:
        problems += validation_problems("project", FILE, error.errors(), data)
    problems += _check_layers(data.get("layers"))
    problems += _check_tables(data.get("tables"))
    problems += _check_crs(data)
    problems += _check_paths(data, path.parent)
    wrong_paths = any(p.feature == "rules" for p in problems)
    rules, wrong_rules = (None, []) if wrong_paths else _load_rules(data.get("rules"), path.parent)
    if problems:
        raise ProjectError([*problems, *wrong_rules])
    if wrong_rules:
        raise RulesError(wrong_rules)
    return Project(path.parent, contents, rules)


def _read(path):
    """Read the file; a path in Windows' way between double quotes, which TOML reads otherwise, is named as that."""
    try:
        words = path.read_text("utf-8-sig")
        return tomllib.loads(words)
    except UnicodeDecodeError as error:
        raise ProjectError([Problem("project_not_utf8", FILE, params={"reason": str(error)})]) from error
    except tomllib.TOMLDecodeError as error:
        wrong = Problem("project_not_toml", FILE, params={"reason": str(error)})
        found = re.search(r"at line (\d+)", str(error))
        line = words.splitlines()[int(found[1]) - 1].strip() if found else ""
        if re.search(r'=\s*"[^"]*\\', line):
            wrong = Problem("project_backslash", FILE, params={"value": line}, row=int(found[1]))
        raise ProjectError([wrong]) from error


def _slashed(data, folder, key=""):
    r"""Write paths with ``/``, also those that were written on Windows with ``\``, unless such a file is there."""
    if isinstance(data, dict):
        return {k: v if k in ("columns", "words") else _slashed(v, folder, k) for k, v in data.items()}
    if isinstance(data, list):
        return [_slashed(value, folder, key) for value in data]
    if key in _PATHS and isinstance(data, str) and "\\" in data and not _is_there(folder / data):
        return data.replace("\\", "/")
    return data


def _is_there(path):
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def parts_of(project):
    """Give the parts of a project whose layers are data sets: one project for each ``column=value``.

    Parameters
    ----------
    project : Project
        Its ``rt`` names a folder with subfolders like ``kabupaten=33.13``, each of GeoParquet files; further layers,
        the tables and the survey may name such folders too (a table: one file in each subfolder).

    Returns
    -------
    dict of str to Project
        By value; empty where ``rt`` is no such folder. A layer or survey that has no subfolder for a part is left out
        of it.

    Raises
    ------
    ProjectError
        If a table or a survey is one file for all parts, or a subfolder of a table holds not exactly one file.
    """
    contents, problems, parts = project.contents, [], {}
    for value in dataset_parts(project.path(contents.layers["rt"].path)):
        layers = {}
        for name, spec in contents.layers.items():
            split = dataset_parts(project.path(spec.path))
            if not split or value in split:
                folder = split[value].relative_to(project.folder).as_posix() if split else spec.path
                layers[name] = spec.model_copy(update={"path": folder})
        tables = {}
        for name, spec in ((n, getattr(contents.tables, n)) for n in type(contents.tables).model_fields):
            folder = dataset_parts(project.path(spec.path)).get(value) if spec is not None else None
            files = sorted(p for p in folder.iterdir() if p.is_file()) if folder is not None else []
            if spec is not None and (len(files) > 1 or not dataset_parts(project.path(spec.path))):
                problems.append(Problem("project_table_not_split", FILE, f"tables.{name}", "path", {"part": value}))
            elif files:
                path = files[0].relative_to(project.folder).as_posix()
                tables[name] = spec.model_copy(update={"path": path})
        changed = {"layers": layers, "tables": Tables(**tables), "survey": _survey_of(project, value, problems)}
        parts[value] = Project(project.folder, contents.model_copy(update=changed), project.rules)
    if problems:
        raise ProjectError(problems[:1])
    return parts


def _survey_of(project, value, problems):
    """Give the survey of one part; one for all parts would call the households of the others unknown, so it is said."""
    if project.contents.survey is None:
        return None
    paths = []
    for path in project.contents.survey.paths():
        split = dataset_parts(project.path(path))
        if not split:
            problems.append(Problem("project_table_not_split", FILE, "survey", "path", {"part": value}))
        elif value in split:
            paths.append(split[value].relative_to(project.folder).as_posix())
    return SurveySpec(path=paths) if paths else None


def _load_rules(given, folder):
    """Load the rule that is named, even where other things are wrong: (rule or None, its problems)."""
    given = given if isinstance(given, dict) else {}
    file, key = given.get("path"), given.get("key", DEFAULT_RULES)
    try:
        return load_rules(folder / file if isinstance(file, str) else str(key)), []
    except RulesError as error:
        return None, error.problems


def _check_layers(layers):
    """Check that layers and their canonical columns are known."""
    problems, kinds = [], layer_kinds()
    if isinstance(layers, dict) and "rt" not in layers:
        problems.append(Problem("project_missing_key", FILE, "layers", "rt"))
    for name, spec in (layers if isinstance(layers, dict) else {}).items():
        if name not in kinds:
            params = {"known": ", ".join(kinds)}
            problems.append(Problem("project_unknown_key", FILE, "layers", name, params))
            continue
        columns = spec.get("columns", {}) if isinstance(spec, dict) else {}
        for column in columns if isinstance(columns, dict) else ():
            if column not in kinds[name]["columns"]:
                problems.append(Problem("project_unknown_key", FILE, f"layers.{name}.columns", column))
        meanings = spec.get("words", {}) if isinstance(spec, dict) else {}
        for word, meaning in meanings.items() if isinstance(meanings, dict) else ():
            if meaning not in canonical_words():
                params = {"value": repr(meaning), "expected": ", ".join(canonical_words())}
                problems.append(Problem("project_bad_value", FILE, f"layers.{name}.words", word, params))
    return problems


def _check_tables(tables):
    """Check that the left-hand names of a dictionary of headings are known; the considerations have their own."""
    problems = []
    for name, spec in (tables if isinstance(tables, dict) else {}).items():
        columns = spec.get("columns") if isinstance(spec, dict) and name != "considerations" else None
        try:
            own_headings(columns if isinstance(columns, dict) else None)
        except TableError as error:
            renamed = {"table_columns_unknown": "project_unknown_key"}
            problems += [
                Problem(renamed.get(p.code, p.code), FILE, f"tables.{name}.columns", p.column, p.params)
                for p in error.problems
            ]
    return problems


def _check_crs(data):
    """Check that every coordinate system that is named exists."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    layers = data.get("layers")
    named = {
        f"layers.{n}": s.get("crs")
        for n, s in (layers if isinstance(layers, dict) else {}).items()
        if isinstance(s, dict)
    }
    basemap = data.get("basemap")
    named["basemap"] = basemap.get("crs") if isinstance(basemap, dict) else None
    options = data.get("options")
    named["options"] = options.get("crs") if isinstance(options, dict) else None
    problems = []
    for where, crs in named.items():
        if not isinstance(crs, str):
            continue
        try:
            CRS.from_user_input(crs)
        except CRSError:
            params = {"value": repr(crs)[:80], "expected": "EPSG:32749"}
            problems.append(Problem("project_bad_value", FILE, where, "crs", params))
    return problems


def _check_paths(data, folder):
    """Check that every file named is there, inside the folder."""
    problems, root = [], folder.resolve()
    for where, relative in _paths(data):
        path = folder / relative
        try:
            whole = (
                path.is_dir()
                if where in ("participation", "survey")
                else where.startswith("layers.") and map_folder(path)
            )
            there = path.is_file() or whole or bool(dataset_parts(path))
            inside = path.resolve().is_relative_to(root)
        except (OSError, ValueError):
            inside, there = True, False
        if not inside:
            problems.append(Problem("project_path_outside", FILE, where, "path", {"path": relative}))
        elif not there:
            shown = repr(relative[:200])[1:-1]
            code = "project_backslash" if re.search(r"[\x00-\x1f]", relative) else "project_path_missing"
            problems.append(Problem(code, FILE, where, "path", {"path": shown, "value": shown}))
    return problems


def _paths(data):
    for section in ("layers", "tables"):
        specs = data.get(section)
        for name, spec in (specs if isinstance(specs, dict) else {}).items():
            if isinstance(spec, dict) and isinstance(spec.get("path"), str):
                yield f"{section}.{name}", spec["path"]
    rasters = data.get("rasters")
    for name, path in (rasters if isinstance(rasters, dict) else {}).items():
        if isinstance(path, str):
            yield f"rasters.{name}", path
    for where in ("basemap", "rules"):
        spec = data.get(where)
        if isinstance(spec, dict) and isinstance(spec.get("path"), str):
            yield where, spec["path"]
    said = data.get("survey")
    paths = said.get("path") if isinstance(said, dict) else None
    for path in [paths] if isinstance(paths, str) else paths if isinstance(paths, list) else []:
        if isinstance(path, str):
            yield "survey", path
    said = data.get("participation")
    if isinstance(said, dict) and isinstance(said.get("contributions"), str):
        yield "participation", said["contributions"]
