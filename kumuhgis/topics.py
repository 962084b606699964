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
    left = " ".join(words.casefold().split())
    for pattern, name, lack in _patterns():
        code = _code(name, rules)
        for match in list(pattern.finditer(left)) if code else ():
            away = not lack and _denial().search(left[: match.start()])
            (denied if away else found).add(code)
        left = pattern.sub(lambda m: "•" * len(m[0]), left) if code else left
    return [c for c in rules.codes if c in found], [c for c in rules.codes if c in denied - found]


def _code(name, rules):
    return next((c.code for c in rules.criteria if c.name.casefold().startswith(name)), None)


@cache
def _patterns():
    """Give every word and phrase as a pattern: what lacks first, then the longest, so none is read within another."""
    rows = [(lack, word, topic["criterion"].casefold()) for topic in _data()["topics"]
            for lack, key in ((True, "lacks"), (False, "words")) for word in topic[key]]  # fmt: skip
    rows.sort(key=lambda row: (not row[0], -len(row[1])))
    return [(re.compile(rf"(?<!\w){re.escape(word)}(?!\w)"), name, lack) for lack, word, name in rows]


@cache
def _denial():
    denial = _data()["denial"]
    words = "|".join(map(re.escape, denial["words"]))
    return re.compile(rf"(?<!\w)(?:{words})\s+(?:\w+\s+){{0,{denial['between']}}}$")
