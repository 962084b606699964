"""Personal numbers in what people write: identity numbers and telephone numbers are covered, names are only noticed."""

import re
import unicodedata
from collections import Counter
from typing import NamedTuple

from kumuhgis.personal import masked

MASK = "••••"
_IDENTITY = re.compile(r"(?<!\d)\d(?:[ .\-]?\d){15}(?!\d)")
_MOBILE = re.compile(r"(?<!\d)(?:\+?\s?62|0)[\s.\-]?8\d(?:[\s.\-]?\d){6,10}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)\(?0\d{2,3}\)?[ \-]\d{3}(?:[ \-]?\d){2,5}(?!\d)")
_NAME = re.compile(
    r"\b(?:[Pp]ak|[Bb]u|[Bb]apak|[Ii]bu|[Bb]pk\.?|[Mm]bah|[Hh]aji|[Hh]j?\.)\s+(?!RT\b|RW\b)[A-Z][a-z]{2,}"
)
_TITLED = re.compile(
    r"(?<![\w-])((?:(?:pak|bu|bapak|ibu|mas|mbak|mbah|haji|hajah)\s+|(?:bpk|hj?)\.\s*))"
    r"(?!(?:rt|rw|pkk|kwt|hamil|menyusui|rumah|tani|muda|kader|posyandu|dan|di)\b)[^\W\d_][\w'’.-]+(?:\s+(?!(?:dan|rt|rw)\b)[^\W\d_][\w'’.-]*)*",
    re.I,
)
_WHOLE_CODE, _DESA = re.compile(r"\d{16}"), 10
_KEPT = "\n\t\u200d"
"""Line, tab, and the joiner that emoji are made with."""


class Masked(NamedTuple):
    """A text without personal numbers: what is left, how many were covered, whether a name seems to stand in it."""

    text: str
    numbers: int
    name: bool


def mask(written):
    """Cover what looks like a NIK, a number of a family card or a telephone number.

    Parameters
    ----------
    written : str
        What somebody wrote.

    Returns
    -------
    Masked
        ``text`` with :data:`MASK` for every number of 16 digits and every telephone number, ``numbers`` that were
        covered, and ``name``: whether "Pak", "Bu" and the like stand before a capital letter. Names are left, since
        a program cannot tell them from places.

    Examples
    --------
    >>> mask("NIK 3313 1120 0456 0001, hubungi 0812-3456-7890")
    Masked(text='NIK ••••, hubungi ••••', numbers=2, name=False)
    >>> mask("banjir 40 cm di depan rumah Pak Joyo, RT 03/RW 02")[1:]
    (0, True)
    """
    numbers = 0
    for pattern in (_IDENTITY, _MOBILE, _LANDLINE):
        written, found = pattern.subn(MASK, written)
        numbers += found
    return Masked(written, numbers, bool(_NAME.search(written)))


def mask_group(written):
    """Cover the numbers of people in the name of a group, and the name after "Bu", "Pak", "Mas", "H." and the like.

    Parameters
    ----------
    written : str
        The name of the group that somebody wrote.

    Returns
    -------
    Masked
        As :func:`mask` gives it; a group needs no name of a person, so here names are covered too.

    Examples
    --------
    >>> mask_group("Bu Sri"), mask_group("Ibu RT 03")
    (Masked(text='Bu ••••', numbers=0, name=True), Masked(text='Ibu RT 03', numbers=0, name=False))
    """
    found = mask(written)
    covered = mask_names(found.text)
    return Masked(covered, found.numbers, covered != found.text)


def mask_names(written):
    """Cover the name after "Bu", "Pak", "Mas", "H." and the like, and nothing else.

    Parameters
    ----------
    written : str
        What somebody wrote.

    Returns
    -------
    str
        The text with :data:`MASK` for every such name.

    Examples
    --------
    >>> mask_names("Gang Pak Joyo, RT 03"), mask_names("33.13.11.2003.003.004")
    ('Gang Pak ••••, RT 03', '33.13.11.2003.003.004')
    """
    return _TITLED.sub(lambda said: said[1] + MASK, written)


def without_people(value):
    """Cover numbers of people, and names after "Pak", "Bu" and the like, in a key or a label.

    Parameters
    ----------
    value : object
        A cell; codes of RT stay.

    Returns
    -------
    object
        The cell, or its text with what was covered.

    Examples
    --------
    >>> without_people("RT 03 Pak Joyo 0812-3456-7890"), without_people("33.13.11.2003.003.004"), without_people(3)
    ('RT 03 Pak •••• •••', '33.13.11.2003.003.004', 3)
    """
    covered = masked(value)
    return mask_names(covered) if isinstance(covered, str) else covered


def keys_without_people(keys):
    """Cover people in keys of units; equal ones are told apart, and codes of RT without dots are no identity numbers.

    Parameters
    ----------
    keys : sequence of str
        All keys of a table.

    Returns
    -------
    list of str
        In their order. Sixteen digits stay where another key begins with the same desa, or all keys are such.

    Examples
    --------
    >>> keys_without_people(["Budi 081234567891", "Budi 081234567892", "3313112003003004", "3313112003003005"])
    ['Budi •••', 'Budi ••• #2', '3313112003003004', '3313112003003005']
    """
    keys = [str(key) for key in keys]
    desa = Counter(key[:_DESA] for key in keys if _WHOLE_CODE.fullmatch(key))
    out, seen = [], Counter()
    for key in keys:
        code = _WHOLE_CODE.fullmatch(key) and (desa[key[:_DESA]] > 1 or sum(desa.values()) == len(keys) == 1)
        covered = key if code else without_people(key)
        seen[covered] += 1
        out.append(covered if covered == key or seen[covered] == 1 else f"{covered} #{seen[covered]}")
    return out


def plain_words(written):
    r"""Take out of a text what no keyboard writes: control characters, and marks that turn the direction of letters.

    Parameters
    ----------
    written : str
        Any text.

    Returns
    -------
    str
        The text in one form of its letters (NFC), lines kept, without blanks around it.

    Examples
    --------
    >>> plain_words(" got\x00 mampet\u202e \r\n")
    'got mampet'
    """
    if written.isascii() and written.isprintable():
        return written.strip()
    lines = unicodedata.normalize("NFC", written).replace("\r\n", "\n").replace("\r", "\n")
    kept = (c for c in lines if c in _KEPT or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))
    return "".join(kept).strip()
