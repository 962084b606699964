"""The questions of pemetaan swadaya as records: what is asked, in which words, what an answer means for a criterion.

The questions are data (``data/questions.toml``), and so is what they mean (``[criteria.survey]`` of a rule file). The
form on the phone, the paper form and the reading back all take them from here, so they cannot drift apart.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

NUMBERS = ("integer", "decimal")
CHOICES = ("select_one", "select_multiple")
SHAPES = ("geopoint", "geoshape")
PARTS = ("household", "rt")
_LIMITS = ("below", "above", "at_least", "at_most")


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Condition(_Record):
    """A condition on answers: one question against choices or a limit, or several conditions together.

    ``in_`` (``in`` in a file) lists choices; ``below, above, at_least, at_most`` are limits of a number, which ``per``
    divides by the answer to another question first. ``any`` and ``all`` hold further conditions.
    """

    question: str = ""
    per: str = ""
    in_: tuple[str, ...] = Field((), alias="in")
    below: float | None = None
    above: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    any: tuple["Condition", ...] = ()
    all: tuple["Condition", ...] = ()

    @property
    def limits(self):
        """The limits of a number that are set, by their name."""
        return {name: getattr(self, name) for name in _LIMITS if getattr(self, name) is not None}

    def leaves(self):
        """Give every condition on one question, from the left."""
        if self.question:
            yield self
        for inner in (*self.any, *self.all):
            yield from inner.leaves()


class Term(_Record):
    """A part of a volume: the sum of a question over the rows of its repeat for which a condition holds."""

    sum: str
    any: tuple[Condition, ...] = ()
    all: tuple[Condition, ...] = ()

    @property
    def condition(self):
        """The condition of the rows, or None for all of them."""
        return Condition(any=self.any, all=self.all) if self.any or self.all else None


class SurveyMeaning(_Record):
    """What answers mean for a criterion.

    ``part = "household"``: the household is affected when ``any`` (or ``all``) of the conditions hold.
    ``part = "rt"``: ``affected`` and ``total`` are sums of questions and :class:`Term`; without ``total`` the volume
    stands over the total of the RT that is known otherwise.
    """

    part: Literal["household", "rt"]
    any: tuple[Condition, ...] = ()
    all: tuple[Condition, ...] = ()
    affected: tuple[str | Term, ...] = ()
    total: tuple[str | Term, ...] = ()
    source: str = Field(min_length=1)
    confidence: Literal["R", "C", "M"]

    @property
    def condition(self):
        """The condition under which a household is affected."""
        return Condition(any=self.any, all=self.all)

    def asked(self):
        """Give the names of the questions that the criterion needs, each once."""
        names = {}
        for leaf in self.condition.leaves():
            names |= dict.fromkeys(filter(None, (leaf.question, leaf.per)))
        for term in (*self.affected, *self.total):
            names[term if isinstance(term, str) else term.sum] = None
            if isinstance(term, Term) and term.condition is not None:
                names |= dict.fromkeys(leaf.question for leaf in term.condition.leaves())
        return tuple(names)


class Choice(_Record):
    """One choice; ``unknown`` ones ("not known", "other") decide nothing."""

    label: str = Field(min_length=1)
    label_en: str = Field(min_length=1)
    unknown: bool = False


class Question(_Record):
    """One question, in both languages."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    section: str
    type: Literal[
        "select_one", "select_multiple", "integer", "decimal", "text", "geopoint", "geoshape", "image", "rw", "unit"
    ]
    label: str = Field(min_length=1)
    label_en: str = Field(min_length=1)
    hint: str = ""
    hint_en: str = ""
    choices: str = ""
    unit: str = ""
    min: float | None = None
    max: float | None = None
    relevant: Condition | None = None
    required: bool = False
    always: bool = False
    repeat: str = ""
    area_of: str = ""
    names: tuple[str, ...] = ()

    def said(self, lang="id"):
        """Give the label in a language."""
        return self.label if lang == "id" else self.label_en

    def told(self, lang="id"):
        """Give the hint in a language; empty if there is none."""
        return self.hint if lang == "id" else self.hint_en


@cache
def _data():
    return tomllib.loads(files("kumuhgis").joinpath("data", "questions.toml").read_text("utf-8"))


@cache
def questions():
    """Give every question, in the order in which they are asked.

    Returns
    -------
    dict of str to Question
        By name.

    Examples
    --------
    >>> questions()["water_source"].label
    'Sumber utama air minum'
    """
    found = [Question.model_validate(item) for item in _data()["questions"]]
    return {question.name: question for question in found}


@cache
def choices():
    """Give every list of choices: name to a dictionary of key to :class:`Choice`.

    Examples
    --------
    >>> choices()["yes_no"]["no"].label
    'Tidak'
    """
    lists = _data()["choices"]
    return {name: {key: Choice.model_validate(c) for key, c in inner.items()} for name, inner in lists.items()}


@cache
def sections():
    """Give the sections of the form: key to ``part, title, title_en``."""
    return {section["key"]: section for section in _data()["sections"]}


@cache
def repeats():
    """Give the parts of the RT form that repeat: name to ``section, title, title_en``."""
    return _data()["repeats"]


def part_of(name):
    """Say whose question it is: ``"household"``, ``"rt"`` or ``"both"``."""
    return sections()[questions()[name].section]["part"]


def asked(rules, part="both"):
    """Give the questions that a rule needs, in the order of the form.

    Parameters
    ----------
    rules : Rules
        The rule; its criteria say what they need.
    part : {"both", "household", "rt"}
        Only the questions of one part (and those of both).

    Returns
    -------
    list of Question
        The questions of the criteria, those that make them relevant, and those that are always asked.

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> names = [q.name for q in asked(load_rules(), "household")]
    >>> "septic_distance_m" in names, "waste_maintained" in names, "road_length_m" in names
    (True, False, False)
    """
    needed = {name for c in rules.criteria if c.survey for name in c.survey.asked()}
    needed |= {leaf.question for name in needed for leaf in _relevance(name)}
    chosen = [q for q in questions().values() if q.always or q.name in needed]
    fitting = [q for q in chosen if part == "both" or part_of(q.name) in ("both", part)]
    return [q for q in fitting if part == "both" or q.name != "part"]


def _relevance(name):
    condition = questions()[name].relevant
    return () if condition is None else condition.leaves()


def used_by(rules):
    """Say which criteria each question serves.

    Parameters
    ----------
    rules : Rules
        The rule.

    Returns
    -------
    dict of str to tuple of str
        Name of the question to codes of criteria, for every question of the rule's form.
    """
    codes = {q.name: [] for q in asked(rules)}
    for criterion in rules.criteria:
        for name in criterion.survey.asked() if criterion.survey else ():
            codes[name].append(criterion.code)
    return {name: tuple(found) for name, found in codes.items()}


def check_meaning(meaning, unit):
    """Check what a rule says of answers: every question, choice and unit must exist and fit.

    Parameters
    ----------
    meaning : SurveyMeaning
        What the rule says.
    unit : str
        Unit of the criterion's volume.

    Returns
    -------
    list of tuple of str
        (key, what stands there, what would have been right), one for each mistake.
    """
    found = []
    for name in meaning.asked():
        if name not in questions():
            found.append(("question", name, ", ".join(q for q in questions() if _has_part(q, meaning.part))))
        elif not _has_part(name, meaning.part):
            found.append(("part", f"{name}: {part_of(name)}", meaning.part))
    if found:
        return found
    if meaning.part == "household":
        whole = bool(meaning.any or meaning.all) and not (meaning.affected or meaning.total)
        found += [] if whole else [("any, all", "-", "{ question = ..., in = [...] }")]
        return found + _check_leaves(meaning.condition)
    whole = bool(meaning.affected) and not (meaning.any or meaning.all)
    found += [] if whole else [("affected", "-", "[question, { sum = question }]")]
    for term in (*meaning.affected, *meaning.total):
        found += _check_term(term, unit)
    return found


def _has_part(name, part):
    return part_of(name) == part


def _check_term(term, unit):
    question = questions()[term if isinstance(term, str) else term.sum]
    found = [] if question.unit == unit else [("unit", f"{question.name}: {question.unit or '-'}", unit)]
    if isinstance(term, str) == bool(question.repeat):
        found.append(("sum", question.name, f"{{ sum = {question.name} }}" if question.repeat else question.name))
    condition = None if isinstance(term, str) else term.condition
    if condition is not None:
        found += _check_leaves(condition)
        outside = [n.question for n in condition.leaves() if questions()[n.question].repeat != question.repeat]
        found += [("repeat", name, question.repeat or "-") for name in outside]
    return found


def _check_leaves(condition):
    found = []
    for inner in (*condition.any, *condition.all):
        ways = bool(inner.question) + bool(inner.any) + bool(inner.all)
        if ways != 1:
            found.append(("any, all", "-", "question | any | all"))
        found += _check_leaf(inner) if inner.question and ways == 1 else _check_leaves(inner)
    return found


def _check_leaf(leaf):
    question = questions()[leaf.question]
    if question.type in CHOICES:
        known = choices()[question.choices]
        wrong = [key for key in leaf.in_ if key not in known]
        if wrong or not leaf.in_ or leaf.limits or leaf.per:
            return [(leaf.question, ", ".join(wrong) or "-", ", ".join(known))]
        return []
    number = question.type in NUMBERS and bool(leaf.limits) and not leaf.in_
    if not number or (leaf.per and questions()[leaf.per].type not in NUMBERS):
        return [(leaf.question, leaf.per or "-", " | ".join(_LIMITS))]
    return []
