"""The project folder: ``kumuhgis.toml`` says what is where; ``init`` looks at a folder and writes one."""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from kumuhgis.catalog import layer_kinds
from kumuhgis.errors import Problem, ProjectError, validation_problems
from kumuhgis.rules import DEFAULT_RULES, load_rules

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
    prefer: Literal["table", "geometry"] = "table"
    area: Literal["verified", "measured", "sk"] = "verified"
    city_class: Literal["metropolitan", "besar", "sedang", "kecil"] | None = None
    setback_m: float = Field(0.0, ge=0)
    crs: str | None = None
    area_tolerance: float = Field(0.05, ge=0, lt=1)
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


class Contents(_Part):
    """All of ``kumuhgis.toml``."""

    project: Info
    rules: RulesRef = RulesRef()
    options: Options = Options()
    dates: Dates = Dates()
    layers: dict[str, LayerSpec]
    rasters: Rasters = Rasters()
    tables: Tables = Tables()

    @field_validator("layers")
    @classmethod
    def _units_required(cls, layers):
        if "rt" not in layers:
            raise ValueError("layers.rt")
        return layers


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
        raise ProjectError([Problem("project_not_found", str(source))])
    try:
        data = tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProjectError([Problem("project_not_toml", FILE, params={"reason": str(error)})]) from error
    problems, contents = [], None
    try:
        contents = Contents.model_validate(data)
    except ValidationError as error:
        problems += validation_problems("project", FILE, error.errors(), data)
    problems += _check_layers(data.get("layers"))
    problems += _check_paths(data, path.parent)
    if problems:
        raise ProjectError(problems)
    rules = contents.rules
    return Project(path.parent, contents, load_rules(path.parent / rules.path if rules.path else rules.key))


def _check_layers(layers):
    """Check that layers and their canonical columns are known."""
    problems, kinds = [], layer_kinds()
    for name, spec in (layers if isinstance(layers, dict) else {}).items():
        if name not in kinds:
            params = {"known": ", ".join(kinds)}
            problems.append(Problem("project_unknown_key", FILE, "layers", name, params))
            continue
        columns = spec.get("columns", {}) if isinstance(spec, dict) else {}
        for column in columns if isinstance(columns, dict) else ():
            if column not in kinds[name]["columns"]:
                problems.append(Problem("project_unknown_key", FILE, f"layers.{name}.columns", column))
    return problems


def _check_paths(data, folder):
    """Check that every file named is there, inside the folder."""
    problems, root = [], folder.resolve()
    for where, relative in _paths(data):
        path = folder / relative
        if not path.resolve().is_relative_to(root):
            problems.append(Problem("project_path_outside", FILE, where, "path", {"path": relative}))
        elif not path.is_file():
            problems.append(Problem("project_path_missing", FILE, where, "path", {"path": relative}))
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
    rules = data.get("rules")
    if isinstance(rules, dict) and isinstance(rules.get("path"), str):
        yield "rules", rules["path"]
