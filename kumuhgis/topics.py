"""What words of residents may mean: kinds of answers, headings, and the criteria that words suggest or deny."""

import re
import tomllib
from functools import cache
from importlib.resources import files


@cache
def _data():
    return tomllib.loads(files("kumuhgis").joinpath("data", "answers.toml").read_text("utf-8"))


@cache
def kinds():
    """Give the kinds of answers: word as people write it, in lower case, to ours.

    Returns
    -------
    dict of str to str
        The values, in the order of the form: ``masalah, potensi, keberatan batas, keberatan nilai, usulan``.

    Examples
    --------
    >>> kinds()["keluhan"], list(dict.fromkeys(kinds().values()))[0]
    ('masalah', 'masalah')
    """
    return {word: kind for kind, words in _data()["kinds"].items() for word in words}


@cache
def headings():
    """Give the headings of files of others: heading in lower case to our column.

    Returns
    -------
    dict of str to str
        A heading that stands for two columns is the first one's.
    """
    found = {}
    for name, words in _data()["headings"].items():
        for word in words:
            found.setdefault(word, name)
    return found


def suggest(words, rules):
    """Guess the criteria that a text speaks of.

    Parameters
    ----------
    words : str
        What somebody wrote, in Indonesian or English.
    rules : Rules
        The criteria that there are; a topic of ``data/answers.toml`` belongs to the one whose name begins like it.

    Returns
    -------
    suggested, denied : list of str
        Codes in the order of the rule: of problems that are named, and of those said not to be there.

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> suggest("Sering banjir, sampah menumpuk", load_rules()), suggest("di sini tidak pernah banjir", load_rules())
    ((['4a', '6b'], []), ([], ['4a']))
    """
    found, denied = set(), set()
    codes = _codes(tuple((criterion.code, criterion.name.casefold()) for criterion in rules.criteria))
    spoken = " ".join(words.casefold().split())
    pattern, meanings = _topics()
    for match in pattern.finditer(spoken):
        name, lack = meanings[match[0]]
        if name in codes:
            away = not lack and _denial().search(spoken[: match.start()])
            (denied if away else found).add(codes[name])
    return [c for c in rules.codes if c in found], [c for c in rules.codes if c in denied - found]


@cache
def _codes(criteria):
    """Give the code of every topic whose beginning of a name the rule has."""
    names = {topic["criterion"].casefold() for topic in _data()["topics"]}
    return {name: code for name in names for code, full in reversed(criteria) if full.startswith(name)}


@cache
def _topics():
    """Give one pattern for all words: what lacks first, then the longest, so that none is read within another."""
    rows = [
        (key == "words", -len(word), word, topic["criterion"].casefold())
        for topic in _data()["topics"]
        for key in ("lacks", "words")
        for word in topic[key]
    ]
    meanings = {word: (name, not plain) for plain, _, word, name in rows}
    return re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(row[2]) for row in sorted(rows))})(?!\w)"), meanings


@cache
def _denial():
    denial = _data()["denial"]
    words = "|".join(map(re.escape, denial["words"]))
    return re.compile(rf"(?<!\w)(?:{words})\s+(?:\w+\s+){{0,{denial['between']}}}$")
