"""Regulations as records: one TOML file each, read, checked and never edited when the law changes.

A rule file says what is counted (criteria), how a percent becomes a score (bands), how a total becomes a level
(levels) and what follows from it (considerations, legality, handling, authority). It names measures; it contains
no logic. A local Perda is one more file, anywhere on disk.
"""

import hashlib
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kumuhgis.displaying import html_table
from kumuhgis.errors import Problem, RulesError, validation_problems
from kumuhgis.questions import SurveyMeaning
from kumuhgis.rulecheck import check_rules

DEFAULT_RULES = "permen-14-2018"

Confidence = Literal["R", "C", "M"]
Text = Field(min_length=1, pattern=r"\S")


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Sourced(_Record):
    source: str = Text
    confidence: Confidence


class Bands(_Sourced):
    """Lower limits of percent (rising) and the scores below and from each of them."""

    lower: tuple[float, ...] = Field(min_length=1)
    score: tuple[int, ...] = Field(min_length=2)


class Level(_Sourced):
    """A level of slum severity: from which total, and its letter and base priority (none for not slum)."""

    key: str = Text
    name_en: str = Text
    lower: int
    class_: Literal["A", "B", "C"] | None = Field(None, alias="class")
    priority: int | None = None


class Aspect(_Record):
    """One of the aspects that criteria belong to."""

    number: int
    name: str = Text
    name_en: str = Text


class Criterion(_Sourced):
    """One criterion: what volume, over which total, measured by what, and what answers of a survey mean for it."""

    code: str = Field(pattern=r"^\d[a-z]$")
    aspect: int
    name: str = Text
    name_en: str = Text
    unit: Literal["unit", "ha", "m", "KK"]
    total: Literal["buildings", "area", "road", "drain", "households"]
    clause: str = Text
    measure: str = ""
    parameters: dict = Field(default_factory=dict)
    parameters_source: str = ""
    parameters_confidence: Confidence | None = None
    survey: SurveyMeaning | None = None

    def __repr__(self):
        return f"Criterion({self.code!r}: {self.name}, {self.unit} / {self.total}, {self.measure or 'table only'})"

    __str__ = __repr__


class YesNo(_Record):
    """Scores of an item that applies or does not."""

    yes: int
    no: int


class Density(_Record):
    """Falling limits of persons per hectare; the scores above each of them, and the last for the rest."""

    above: tuple[float, ...]
    score: tuple[int, ...]


class ConsiderationClass(_Sourced):
    """A class of pertimbangan lain: from which sum, its class number when legal, its step of priority."""

    key: str = Text
    lower: int
    class_: int = Field(alias="class")
    priority: int


class Considerations(_Sourced):
    """Pertimbangan lain."""

    strategic: YesNo
    social: YesNo
    population: dict[Literal["metropolitan", "besar", "sedang", "kecil"], Density]
    classes: tuple[ConsiderationClass, ...] = Field(min_length=1)


class Legality(_Sourced):
    """What counts as clear tenure and as conforming to the plan, and the share that digitising may lose."""

    tolerance: float = Field(ge=0, lt=1)
    tenure_clear: tuple[str, ...]
    plan_conforming: tuple[str, ...]


class Handling(_Sourced):
    """Pola penanganan by level, for legal and not legal land."""

    legal: dict[str, str]
    not_legal: dict[str, str]


class Authority(_Sourced):
    """Who is in charge, by hectares; cases within ``near_ha`` of a limit are flagged."""

    province_from_ha: float
    central_above_ha: float
    near_ha: float


class Typology(_Sourced):
    """Parameters of the typology of a location."""

    near_water_m: float
    max_slope_percent: float


class Programme(_Sourced):
    """A kind of works, and the criteria whose volumes it reduces."""

    key: str = Text
    name: str = Text
    name_en: str = Text
    works: str = Text
    works_en: str = Text
    criteria: tuple[str, ...] = Field(min_length=1)


class Rules(_Record):
    """A regulation, complete and checked; get one with :func:`load_rules`."""

    key: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str = Text
    title_en: str = Text
    short: str = Text
    in_force: str = Text
    replaces: tuple[str, ...] = ()
    sources: dict[str, str]
    bands: Bands
    levels: tuple[Level, ...] = Field(min_length=2)
    aspects: tuple[Aspect, ...] = Field(min_length=1)
    criteria: tuple[Criterion, ...] = Field(min_length=1)
    considerations: Considerations
    legality: Legality
    handling: Handling
    authority: Authority
    typology: Typology
    programmes: tuple[Programme, ...] = ()

    @property
    def codes(self):
        """Codes of the criteria, in the order of the file."""
        return tuple(criterion.code for criterion in self.criteria)

    @property
    def level_keys(self):
        """Levels from best to worst."""
        return tuple(level.key for level in self.levels)

    @property
    def max_total(self):
        """The highest total that is possible (80, or 95 with nineteen criteria)."""
        return len(self.criteria) * max(self.bands.score)

    @property
    def floor(self):
        """The total from which a unit counts as slum."""
        return self.levels[1].lower

    def criterion(self, code):
        """Give the criterion with this code.

        Parameters
        ----------
        code : str
            For example ``"4a"``.

        Returns
        -------
        Criterion
            Its record.

        Raises
        ------
        KeyError
            If the rule has no such criterion.
        """
        for criterion in self.criteria:
            if criterion.code == code:
                return criterion
        raise KeyError(code)

    def of_aspect(self, number):
        """Give the codes of one aspect, in the order of the file."""
        return tuple(c.code for c in self.criteria if c.aspect == number)

    def __repr__(self):
        return f"Rules({self.key!r}: {len(self.criteria)} criteria, total 0-{self.max_total})"

    __str__ = __repr__

    def _repr_html_(self):
        edges = [f"< {self.bands.lower[0]:g} %", *(f"≥ {lower:g} %" for lower in self.bands.lower)]
        bands = " · ".join(f"{edge}: {score}" for edge, score in zip(edges, self.bands.score, strict=True))
        levels = " · ".join(f"{level.key} ≥ {level.lower}" for level in self.levels)
        head = html_table([(self.key, self.title), ("persen → nilai", bands), (f"0–{self.max_total}", levels)])
        table = criteria_table(self).reset_index().drop(columns="source")
        return head + html_table(table.to_numpy(object).tolist(), list(table.columns))


def criteria_table(rules, lang="id"):
    """List the criteria of a rule as a table.

    Parameters
    ----------
    rules : Rules
        The rule.
    lang : {"id", "en"}
        Language of the names.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``criterion``: ``aspect, name, unit, total, measure, clause, source, confidence``.

    Examples
    --------
    >>> criteria_table(load_rules()).loc["4a", "unit"]
    'ha'
    """
    rows = [
        {
            "criterion": c.code,
            "aspect": c.aspect,
            "name": c.name if lang == "id" else c.name_en,
            "unit": c.unit,
            "total": c.total,
            "measure": c.measure,
            "clause": c.clause,
            "source": rules.sources[c.source],
            "confidence": c.confidence,
        }
        for c in rules.criteria
    ]
    return pd.DataFrame(rows).set_index("criterion")


def _shipped():
    folder = files("kumuhgis").joinpath("data", "rules")
    return {f.name.removesuffix(".toml"): f for f in folder.iterdir() if f.name.endswith(".toml")}


def list_rules():
    """List the rules that come with kumuhgis.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``key``: ``short, title, in_force, criteria, max_total``.

    Examples
    --------
    >>> list_rules().loc["permen-02-2016", ["criteria", "max_total"]].tolist()
    [19, 95]
    """
    rows = []
    for key in sorted(_shipped(), reverse=True):
        r = load_rules(key)
        rows.append((r.key, r.short, r.title, r.in_force, len(r.criteria), r.max_total))
    columns = ["key", "short", "title", "in_force", "criteria", "max_total"]
    return pd.DataFrame(rows, columns=columns).set_index("key")


def load_rules(source=DEFAULT_RULES):
    """Read a rule file and check all of it.

    Parameters
    ----------
    source : str, path or Rules
        A key of :func:`list_rules`, the path of a TOML file, or a rule that is loaded already.

    Returns
    -------
    Rules
        The rule, frozen.

    Raises
    ------
    RulesError
        With every mistake in the file: unknown or missing keys, bands that do not rise, a criterion without both
        names, a measure or parameter that does not exist.

    Examples
    --------
    >>> rules = load_rules("permen-14-2018")
    >>> len(rules.codes), rules.max_total, rules.floor
    (16, 80, 16)
    """
    if isinstance(source, Rules):
        return source
    name, raw = _read(source)
    try:
        data = tomllib.loads(raw.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RulesError([Problem("rules_not_toml", name, params={"reason": str(error)})]) from error
    try:
        rules = Rules.model_validate(data)
    except ValidationError as error:
        raise RulesError(validation_problems("rules", name, error.errors(), data)) from None
    problems = check_rules(rules, name)
    if problems:
        raise RulesError(problems)
    return rules


def _read(source):
    shipped = _shipped()
    if str(source) in shipped:
        return f"{source}.toml", shipped[str(source)].read_bytes()
    path = Path(source)
    if not path.is_file():
        known = ", ".join(sorted(shipped))
        raise RulesError([Problem("rules_not_found", str(source), params={"known": known})])
    return path.name, path.read_bytes()


def rules_digest(rules):
    """Give the sha256 of a rule's content, by which two files with one key are told apart.

    Parameters
    ----------
    rules : Rules
        The rule.

    Returns
    -------
    str
        Hexadecimal digits.

    Examples
    --------
    >>> rules_digest(load_rules()) == rules_digest(load_rules("permen-02-2016"))
    False
    """
    return hashlib.sha256(rules.model_dump_json().encode()).hexdigest()


def compare_rules(a, b):
    """List what differs between two rules.

    Parameters
    ----------
    a, b : str, path or Rules
        The rules.

    Returns
    -------
    pandas.DataFrame
        Columns ``item`` (dotted key; criteria and levels by their code or name), and one per rule, headed by its key.

    Examples
    --------
    >>> table = compare_rules("permen-14-2018", "permen-02-2016").set_index("item")
    >>> table.loc["levels.kumuh sedang.lower"].tolist()
    [38, 45]
    """
    a, b = load_rules(a), load_rules(b)
    flat_a, flat_b = _flatten(a.model_dump(by_alias=True)), _flatten(b.model_dump(by_alias=True))
    items = [*flat_a, *(item for item in flat_b if item not in flat_a)]
    rows = [(i, flat_a.get(i), flat_b.get(i)) for i in items if flat_a.get(i) != flat_b.get(i)]
    return pd.DataFrame(rows, columns=["item", a.key, b.key if b.key != a.key else f"{b.key} (2)"])


def _flatten(value, prefix=""):
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, (list, tuple)) and value and isinstance(value[0], dict) and _name_of(value[0]):
        pairs = ((str(_name_of(item)), item) for item in value)
    else:
        return {prefix: value}
    flat = {}
    for key, item in pairs:
        flat.update(_flatten(item, f"{prefix}.{key}" if prefix else key))
    return flat


def _name_of(item):
    return item.get("code") or item.get("key") or item.get("number")
