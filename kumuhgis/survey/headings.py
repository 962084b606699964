"""What the column of an export is: a question by its name or label, in a group or not, one choice of several, a place.

Servers write a question as its name ("household/water_source", "household-water_source") or as its label in one of the
languages; several choices as one cell or as a column a choice; a place as one cell or as four columns.
"""

import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from kumuhgis.personal import is_personal
from kumuhgis.questions import choices, questions
from kumuhgis.tables import slug

_SEPARATOR = re.compile(r"[/\-:.]")


class Role(NamedTuple):
    """What a column is.

    ``kind`` is ``answer`` (of a question), ``multiple`` (one choice of a question: ``part``), ``place`` (one number of
    a place: ``part`` is lat, lon, altitude or accuracy), ``meta`` (what the phone or server added), ``keep`` (wanted
    by the caller), ``personal`` or ``other``.
    """

    kind: str
    name: str
    part: str = ""


@cache
def words():
    """Give the columns and words of phones and servers, as in ``data/survey.toml``."""
    return tomllib.loads(files("kumuhgis").joinpath("data", "survey.toml").read_text("utf-8"))


@cache
def _question_names():
    known = {}
    for question in questions().values():
        for written in (question.name, question.label, question.label_en, *question.names):
            known.setdefault(slug(written), question.name)
    return known


@cache
def choice_words(name):
    """Give what may stand in a cell for the choices of a question: name and labels, reduced, to the key."""
    known = {}
    for key, choice in choices()[questions()[name].choices].items():
        for written in (key, choice.label, choice.label_en):
            known.setdefault(slug(written), key)
    return known


@cache
def _meta_names():
    return {name: role for role, names in words()["meta"].items() for name in names}


@cache
def _place_ends():
    return {word: part for part, names in words()["place"].items() for word in names}


def read_headings(headings, keep=()):
    """Say what every column is.

    Parameters
    ----------
    headings : sequence of str
        Headings as they stand in the file.
    keep : sequence of str
        Headings that are wanted although they are not known.

    Returns
    -------
    dict of str to Role
        In their order. Of two columns of one meaning the first has it.

    Examples
    --------
    >>> found = read_headings(["household/water_source", "Jamban yang dipakai", "_household/location_latitude", "NIK"])
    >>> [(role.kind, role.name, role.part) for role in found.values()]
    [('answer', 'water_source', ''), ('answer', 'toilet', ''), ('place', 'location', 'lat'), ('personal', 'NIK', '')]
    """
    wanted, taken, found = {slug(k) for k in keep}, set(), {}
    for heading in headings:
        role = _role(str(heading))
        if slug(heading) in wanted and role.kind in ("other", "personal"):
            role = Role("keep", str(heading))
        if role in taken and role.kind not in ("other", "personal") and role.name != "note":
            role = Role("meta", "note") if role.kind == "meta" else Role("other", str(heading))
        taken.add(role)
        found[heading] = role
    return found


@lru_cache(20_000)
def _role(heading):
    for written in _suffixes(heading):
        plain = slug(written)
        if plain in _question_names():
            return Role("answer", _question_names()[plain])
        meta = _meta_names().get(written.strip().lower())
        if meta:
            return Role("meta", meta)
    role = _place(heading) or _choice(heading)
    if role:
        return role
    personal = any(is_personal(written) for written in (heading, *_suffixes(heading)))
    return Role("personal" if personal else "other", heading)


def _suffixes(heading):
    """Give a heading whole, then without its groups, the longest first."""
    yield heading
    for found in _SEPARATOR.finditer(heading):
        yield heading[found.end() :]


def _place(heading):
    """Read one number of a place: "_location_latitude", "g/_location_latitude", "g-location-Latitude"."""
    plain = slug(heading)
    before, _, end = plain.rpartition("_")
    part = _place_ends().get(end)
    if part is None:
        return None
    for written in _suffixes(heading):
        stem = slug(written).rpartition("_")[0]
        name = _question_names().get(stem)
        if name and questions()[name].type == "geopoint":
            return Role("place", name, part)
    return Role("place", "location", part) if not before or before in ("gps", "geopoint") else None


def _choice(heading):
    """Read one choice of several: "g/fire_water/hydrant", "Sumber air/Hidran"."""
    for found in reversed(list(re.finditer("/", heading))):
        choice = slug(heading[found.end() :])
        for written in _suffixes(heading[: found.start()]):
            name = _question_names().get(slug(written))
            if name and questions()[name].type == "select_multiple" and choice in choice_words(name):
                return Role("multiple", name, choice_words(name)[choice])
    return None
