"""Every text that a person reads, in Indonesian and English.

The texts live in ``data/text/<language>/<file>.toml``; a key is ``<file>.<name>``. No sentence that a
user sees is written in Python, so a translator needs no code and a test can ask whether a text is missing.
"""

import tomllib
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

LANGUAGES = ("id", "en")
_HOME = Path(__file__).parent / "data" / "text"


@cache
def texts(lang="id", file=None):
    """Give the texts of one language as a flat dictionary.

    Parameters
    ----------
    lang : {"id", "en"}
        Language.
    file : str, optional
        Only those of this file, the first part of their keys; the others are then not even opened.

    Returns
    -------
    dict of str to str
        ``{"problems.unit_duplicate.message": "...", ...}``; empty for a file that is not there.

    Examples
    --------
    >>> texts("en")["levels.undetermined"]
    'cannot be determined yet'
    """
    if lang not in LANGUAGES:
        raise ValueError(f"lang = {lang!r}: id | en")
    flat = {}
    for path in sorted(_HOME.joinpath(lang).glob(f"{file or '*'}.toml")):
        _flatten(tomllib.loads(path.read_text("utf-8")), path.stem, flat)
    return flat


def _flatten(table, prefix, flat):
    for key, value in table.items():
        if isinstance(value, dict):
            _flatten(value, f"{prefix}.{key}", flat)
        else:
            flat[f"{prefix}.{key}"] = value


def text(key, lang="id", **params):
    """Give one text, its placeholders filled in.

    Parameters
    ----------
    key : str
        ``"<file>.<name>"``.
    lang : {"id", "en"}
        Language.
    **params
        Values of the placeholders; they are inserted as plain text and never read as a format themselves.

    Returns
    -------
    str
        The text.

    Raises
    ------
    KeyError
        If there is no such text: a mistake in the code, found by the tests.

    Examples
    --------
    >>> text("levels.undetermined")
    'belum dapat ditentukan'
    """
    template = texts(lang, key.partition(".")[0])[key]
    return template.format_map(params) if params else template


def rule_word(value, lang="id"):
    """Give a word of a rule as people read it.

    Parameters
    ----------
    value : str
        A way of handling, an authority, a class of considerations, a typology (several: with commas); anything else
        comes back as it is.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    str
        The word. Tables for programs keep the official ones.

    Examples
    --------
    >>> rule_word("pemugaran", "en"), rule_word("tepi air, perbukitan", "en"), rule_word("penataan", "en")
    ('restoration (pemugaran)', 'waterside, hills', 'penataan')
    """
    if not isinstance(value, str):
        return value
    known = texts(lang, "rulewords")
    return ", ".join(known.get(f"rulewords.{part}", part) for part in value.split(", "))


def nearest(word, known):
    """Give the known word that somebody may have mistyped.

    Parameters
    ----------
    word : str
        What was typed.
    known : iterable of str
        What there is.

    Returns
    -------
    str or None
        The nearest one; None if none is near.

    Examples
    --------
    >>> nearest("asess", ["assess", "explain"]), nearest("zzz", ["assess"])
    ('assess', None)
    """
    from difflib import get_close_matches

    lower = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), lower, n=1, cutoff=0.7)
    return lower[found[0]] if found else None


def figure(value, lang="id"):
    """Write a number with as many decimals as it has, at most six.

    Parameters
    ----------
    value : float
        The number; missing values become an en dash.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    str
        For example ``"1.234,5"``.

    Examples
    --------
    >>> figure(1234.5), figure(1234.5, "en"), figure(40.0), figure(-3.4e38)
    ('1.234,5', '1,234.5', '40', '-3,4e+38')
    """
    if abs(value) >= 1e15:
        shown = f"{value:.3g}"
        return shown if lang == "en" else shown.replace(".", ",")
    shown = number(value, 6, lang)
    return shown.rstrip("0").rstrip(".,") if shown[-7:-6] in (".", ",") else shown


def number(value, decimals=2, lang="id"):
    """Write a number as Indonesians (or English readers) write it; halves go away from zero, as in the forms.

    Parameters
    ----------
    value : float
        The number; missing values become an en dash.
    decimals : int
        Decimals shown.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    str
        For example ``"1.234,50"``.

    Examples
    --------
    >>> number(1234.5), number(1.005, lang="en"), number(None)
    ('1.234,50', '1.01', '–')
    """
    if value is None or value != value:
        return "–"
    exact = Decimal(repr(float(value)))
    if exact.is_finite():
        value = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP) + 0
    shown = f"{value:,.{decimals}f}"
    return shown if lang == "en" else shown.translate(str.maketrans(",.", ".,"))
