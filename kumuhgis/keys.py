"""Keys as people write them: RT/RW labels ("RT 001-RW 002", "RW02/RT03", "RT 04.05") and area codes of three agencies.

Every reading says how it was made: ``reason`` is a list of words joined by "+", explained in ``data/text/*/keys.toml``,
and ``sure`` is false wherever a convention decided and not the text. What cannot be read is listed, never guessed.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

import pandas as pd

from kumuhgis.codes import cell_text
from kumuhgis.errors import Problem, some
from kumuhgis.numbers import MISSING
from kumuhgis.text import text as _text

UNSURE = {
    "number_alone",
    "order_assumed",
    "range_assumed",
    "list_assumed",
    "letter",
    "leftover",
    "rw_blank",
    "dusun_assumed",
}
_CODE_OF = {"suffix": "label_suffix", "several_rw": "label_several_rw", "zero": "label_zero", "date": "label_date"}
_LONGEST, _HIGHEST, _WIDEST = 600, 999, 99
_REMEMBERED = 50_000

_NUM = r"(?:[0-9OIL]*[0-9][0-9OIL]*|[IVX]+)(?![0-9A-Z])"
_RANGE = r"-|S\s?/\s?D|S\.\s?D\.?|SD|SAMPAI|HINGGA"
_AND = rf"\s*(?:{_RANGE}|[,./&+;]|DAN)\s*"
_KEY = r"R+(?:\. ?)?(?:T+|W+)"
_GROUP = re.compile(
    rf"(?<![A-Z])(?P<key>{_KEY})(?![A-Z])[\s.:=/#-]*(?:NO(?:MOR)?\b\.?\s*)?"
    rf"(?P<nums>{_NUM}(?:{_AND}(?:(?P=key)\.?\s*)?{_NUM})*)?"
)
_PLAIN = re.compile(r"RT 0*([1-9][0-9]{0,2})[ /]RW 0*([1-9][0-9]{0,2})")
_BARE = re.compile(rf"{_NUM}(?:(?:{_AND}|\s+){_NUM})*")
_BEHIND_NAME = re.compile(rf"(?P<head>.*[A-Z].*?)\s+-\s+(?P<nums>{_BARE.pattern})")
_ROMAN = re.compile(r"X{0,3}(?:IX|IV|V?I{0,3})")
_DUSUN = re.compile(
    r"(?<!\w)(?:DUSUN|DSN|DUKUH|DKH|DK|PEDUKUHAN|PADUKUHAN|LINGKUNGAN|LINGK|LK|JORONG)(?!\w)[\s.:]*(?P<name>\S.*)"
)
_DUSUN_BEHIND = re.compile(r"(?:BANJAR|KAMPUNG|KP)(?!\w)[\s.:]*(?P<name>\S.*)")
_DESA = re.compile(r"(?:(?:DESA|DS|KELURAHAN|KEL|KALURAHAN|NAGARI|GAMPONG)(?!\w)[\s.:]*)+")
_NEXT_PLACE = re.compile(r"\s+(?=(?:DESA|DS\.|KELURAHAN|KEL|KALURAHAN|KECAMATAN|KEC|KABUPATEN|KAB)(?!\w))")
_ABOVE = re.compile(r"(?:KECAMATAN|KEC|KABUPATEN|KAB)(?!\w)")
_SUFFIX = re.compile(r"\s*[-/]?\s*(?:[0-9]+\s*)?[A-Z](?!\w)|[\s.:]*[0-9]+[A-Z]")
_NAME = re.compile(r"[^\W\d_][^\W\d_]+(?:[ .'’-]+[^\W\d_]+)*\.?")
_MONTH = "(?:JAN|FEB|MAR|APR|MEI|MAY|JUN|JUL|AGU|AGT|AUG|SEP|OKT|OCT|NOV|DES|DEC)"
_DATE = re.compile(rf"[0-9]+-[0-9]{{2}}-[0-9]{{2}}(?:[T ]00:00:00)?|[0-9]+[- ]{_MONTH}|{_MONTH}[- ][0-9]+")
_EDGE = " \t.,;:=/&+()[]{}\"'-#|"


class _UnreadError(Exception):
    """Inside this room: why a label cannot be read."""


@dataclass(frozen=True)
class Label:
    """An RT/RW label, read.

    Parameters
    ----------
    rt : tuple of int
        Numbers of the RT, rising; empty for a label of a whole RW or dusun.
    rw : int or None
        Number of the RW.
    dusun : str or None
        Dusun (dukuh, lingkungan, jorong), where one is named.
    prefix : str
        What stood before: the kelurahan of "Bakungan - RT004-RW002".
    reason : str
        How it was read, or why it could not be: words of ``data/text/*/keys.toml``, joined by "+".
    sure : bool
        False where a convention decided, or nothing could be read.

    Notes
    -----
    Two labels are equal if they name the same; how they were written does not count.

    Examples
    --------
    >>> Label(rt=(4,), rw=2, prefix="Bakungan").normal, Label(rt=(3,), dusun="Widoro").normal
    ('RT 004 RW 002', 'RT 003 Dusun Widoro')
    """

    rt: tuple = ()
    rw: int | None = None
    dusun: str | None = None
    prefix: str = ""
    reason: str = field(default="no_rt_rw", compare=False)
    sure: bool = field(default=False, compare=False)

    @property
    def readable(self):
        """Whether it names an RT, an RW or a dusun."""
        return bool(self.rt) or self.rw is not None or self.dusun is not None

    @property
    def normal(self):
        """One way to write it, the key inside a desa: RT with its RW, or with its dusun where there is no RW."""
        parts = ["RT " + _written(self.rt)] if self.rt else []
        if self.rw is not None:
            parts.append(f"RW {self.rw:03d}")
        elif self.dusun is not None:
            parts.append(f"Dusun {self.dusun}")
        return " ".join(parts)

    @property
    def full(self):
        """The normal form with everything else that was named."""
        behind = f" Dusun {self.dusun}" if self.dusun is not None and self.rw is not None else ""
        return (f"{self.prefix} - " if self.prefix else "") + self.normal + behind

    def why(self, lang="id"):
        """Say how it was read, in words."""
        return "; ".join(_text(f"keys.label.{word}", lang) for word in self.reason.split("+"))


def _written(numbers):
    """Write numbers, runs of three and more as a range: "001-003, 005"."""
    runs = []
    for n in numbers:
        if runs and n == runs[-1][-1] + 1:
            runs[-1].append(n)
        else:
            runs.append([n])
    parts = [[f"{r[0]:03d}-{r[-1]:03d}"] if len(r) > 2 else [f"{n:03d}" for n in r] for r in runs]
    return ", ".join(part for run in parts for part in run)


def read_label(text, *, bare=None):
    """Read an RT/RW label.

    Parameters
    ----------
    text : object
        A cell: text, number or nothing.
    bare : {"rt", "rw"}, optional
        What numbers without a word are, when the column says so. Without it "9" is read as an RT and "001/002" as RT
        and RW, and ``sure`` is false.

    Returns
    -------
    Label
        What it names. It never raises; what cannot be read is not ``readable`` and has its reason.

    Notes
    -----
    Read, not assumed: the order of RT and RW, doubled letters ("RWW04"), roman numerals, ranges and lists of RT beside
    an RW. Assumed, so not ``sure``: letters for digits ("RT O1"), two numbers of which only one has a word ("RT
    01/02"), a name behind an RT that has no RW. Not read: letters behind a number ("RT 03A" is not RT 03), several RW
    at once, zero, and "1/3" that Excel has made a date.

    Examples
    --------
    >>> read_label("Bakungan - RT004-RW002").normal, read_label("RW02/RT03").normal
    ('RT 004 RW 002', 'RT 003 RW 002')
    >>> read_label("RT 01-03 RW 02").rt, read_label("RT 03A RW 02").why()
    ((1, 2, 3), 'ada huruf di belakang nomor')
    """
    return _read_text(cell_text(text)[: 2 * _LONGEST], bare)


@lru_cache(_REMEMBERED)
def _read_text(text, bare):
    """Read what stands in a cell; both sides of a match ask for the same labels, and ask several times."""
    plain = _PLAIN.fullmatch(text)
    if plain:
        return Label((int(plain[1]),), int(plain[2]), None, "", "plain", True)
    words = _upper(text)
    if words.lower() in MISSING:
        return Label(reason="blank")
    if len(words) > _LONGEST:
        return Label(reason="long")
    how = []
    try:
        found = _read(words, bare, how)
    except _UnreadError as error:
        return Label(reason=str(error))
    if not found.readable:
        return Label()
    how = list(dict.fromkeys(how)) or ["plain"]
    return Label(found.rt, found.rw, found.dusun, found.prefix, "+".join(how), not UNSURE & set(how))


def _upper(text):
    """Write a cell in capitals, its words apart: "Rt01Rw02" is "RT 01 RW 02"."""
    words = unicodedata.normalize("NFKC", text).upper()
    words = re.sub("[\u200b-\u200f\u2060\ufeff\u00ad]", "", words)
    words = re.sub(r"[\s_]+", " ", re.sub(r"[\u2010-\u2015\u2212]", "-", words)).strip()
    words = words.replace("RUKUN TETANGGA", "RT").replace("RUKUN WARGA", "RW")
    words = re.sub(r"(?<![A-Z])(R[TW])(R[TW])(?![A-Z])", r"\1/\2", words)
    words = re.sub(rf"(?<=[0-9])(?={_KEY}(?![A-Z]))", " ", words)
    words = re.sub(rf"(?<![A-Z])({_KEY})(?={_NUM})", r"\1 ", words)
    return re.sub(r"(?<=[0-9])\.0(?![0-9])", "", words)


def _read(words, bare, how):
    groups = list(_GROUP.finditer(words))
    if not groups:
        return _read_bare(words, bare, how)
    rt, rw = _read_groups(words, groups, how)
    head = words[: groups[0].start()]
    if not rt and _is_numbers(head.strip(_EDGE)):
        how.append("order_assumed")  # "001 RW 002"
        rt, head = _as_rt([_numbers(head, how)], how), ""
    between = [words[a.end() : b.start()] for a, b in pairwise(groups)]
    prefix, dusun = _names(head, [*between, words[groups[-1].end() :]], how)
    if dusun is not None and rw is None and "name_behind" in how:
        how[how.index("name_behind")] = "dusun_assumed"
    if not rt and rw is not None:
        how.append("rw_only")
    return Label(rt, rw, dusun, prefix)


# ---------------------------------------------------------------- numbers


def _read_groups(words, groups, how):
    """Read every "RT ..." and "RW ...": (the RT, the RW)."""
    kinds = ["rt" if "T" in g["key"] else "rw" for g in groups]
    found, skip = {"rt": [], "rw": []}, False
    for i, group in enumerate(groups):
        if skip:
            skip = False
            continue
        if len(re.sub(r"[. ]", "", group["key"])) > 2:
            how.append("typo")
        nxt = groups[i + 1] if i + 1 < len(groups) else None
        if group["nums"] is None and nxt and nxt["nums"] and nxt.start() == group.end() and kinds[i] != kinds[i + 1]:
            for kind, numbers in zip(kinds[i : i + 2], _pair(nxt["nums"], how), strict=True):
                found[kind].append(numbers)
            skip = True
        elif group["nums"] is None:
            _without_number(words[group.end() :], kinds[i], how)
        elif kinds[i] == "rt" and "rw" not in kinds:
            _one_word(group["nums"], found, how)
        else:
            found[kinds[i]].append(_numbers(group["nums"], how))
    if kinds[0] == "rw" and "rt" in kinds:
        how.append("swapped")
    return _as_rt(found["rt"], how), _as_rw(found["rw"], how)


def _as_rt(lists, how):
    numbers = tuple(sorted({n for numbers in lists for n in numbers}))
    if 0 in numbers or len(numbers) > _WIDEST:
        raise _UnreadError("zero" if 0 in numbers else "range_wide")
    if len(lists) > 1 and len(numbers) > 1:
        how.append("list")
    return numbers


def _as_rw(lists, how):
    numbers = {n for numbers in lists for n in numbers}
    if len(numbers) > 1:
        raise _UnreadError("several_rw")
    if numbers == {0}:
        how.append("rw_blank")
        return None
    return numbers.pop() if numbers else None


def _without_number(rest, kind, how):
    if _SUFFIX.match(rest):
        raise _UnreadError("suffix")
    if kind == "rt":
        raise _UnreadError("no_number")
    how.append("rw_blank")


def _pair(nums, how):
    """Read the numbers behind "RT/RW": one before the slash (or other mark), one behind."""
    how.append("pair")
    halves = nums.split("/")
    if len(halves) == 2 and all(re.fullmatch(_BARE, half.strip()) for half in halves):
        return [_numbers(half, how) for half in halves]
    found = [m.group() for m in re.finditer(_NUM, nums)]
    if len(found) != 2:
        raise _UnreadError("no_number")
    return [[_number(n, how)] for n in found]


def _one_word(nums, found, how):
    """Read the numbers behind an RT where no RW is written: "RT 01/02" is RT and RW by convention."""
    pieces = re.findall(rf"{_NUM}|(?:{_RANGE}|[,./&+;]|DAN|\s)+", nums)
    if len(pieces) == 3:
        first, mark, second = _number(pieces[0], how), pieces[1].strip(), _number(pieces[2], how)
        if mark in ("/", "") or (mark == "-" and second < first):
            how.append("order_assumed")
            found["rt"].append([first])
            found["rw"].append([second])
            return
        if mark in ("-", "."):
            how.append("range_assumed" if mark == "-" else "list_assumed")
    found["rt"].append(_numbers(nums, how))


def _numbers(nums, how):
    """Read "01", "01-03", "04.05", "23/24": all the numbers they name."""
    out, end = [], 0
    for m in re.finditer(_NUM, nums):
        number, mark = _number(m.group(), how), nums[end : m.start()]
        end = m.end()
        if out and re.search(_RANGE, mark):
            if number <= out[-1] or number - out[-1] > _WIDEST:
                raise _UnreadError("range_falls" if number <= out[-1] else "range_wide")
            how.append("range")
            out.extend(range(out[-1] + 1, number + 1))
        else:
            out.append(number)
            how.extend(["list"] if len(out) > 1 else [])
    return out


def _number(token, how):
    if token.isdigit():
        value = int(token[-_LONGEST:])
    elif token.isalpha():
        if not _ROMAN.fullmatch(token):
            raise _UnreadError("no_number")
        how.append("roman")
        value = _roman(token)
    else:
        how.append("letter")
        value = int(token.translate(str.maketrans("OIL", "011")))
    if value > _HIGHEST:
        raise _UnreadError("number_high")
    return value


def _roman(token):
    worth = [{"I": 1, "V": 5, "X": 10}[c] for c in token]
    return sum(-a if a < b else a for a, b in zip(worth, [*worth[1:], 0], strict=True))


def _read_bare(words, bare, how):
    """Read a label without the words RT and RW."""
    prefix, dusun, nums = "", None, words
    named = _DUSUN.search(words)
    if named:
        head = words[: named.start()].strip(_EDGE)
        nums = head if _is_numbers(head) else ""
        prefix, dusun = _names("" if nums else head, [named.group()], how)
        if not nums:
            return Label((), None, dusun, prefix)
    else:
        behind = None if _BARE.fullmatch(words) else _BEHIND_NAME.fullmatch(words)
        if behind:
            prefix, nums = _proper(_DESA.sub("", behind["head"], count=1)), behind["nums"]
    if _DATE.fullmatch(words):
        raise _UnreadError("date")
    if not _BARE.fullmatch(nums):
        raise _UnreadError("suffix" if re.fullmatch(r"[0-9]+ ?[A-Z]", nums) else "no_rt_rw")
    found = {"rt": [], "rw": []}
    if bare is not None:
        how.append("column")
        found[bare].append(_numbers(nums, how))
    else:
        _one_word(nums, found, how)
        if not UNSURE & set(how):
            how.append("list_assumed" if "list" in how else "range_assumed" if "range" in how else "number_alone")
    return Label(_as_rt(found["rt"], how), _as_rw(found["rw"], how), dusun, prefix)


def _is_numbers(words):
    """Tell whether these are numbers alone; Roman ones alone may be a name."""
    return bool(re.search("[0-9]", words) and _BARE.fullmatch(words))


# ---------------------------------------------------------------- names around the numbers


def _names(head, rest, how):
    """Read what stands before, between and behind the numbers: (prefix, dusun)."""
    named, dusun = _DUSUN.search(head), []
    if named:
        head = head[: named.start()]
        dusun += _dusun(named.group(), how)
    prefix = _proper(_DESA.sub("", head.strip(_EDGE), count=1))
    if prefix and not re.search(r"[^\W\d_]", prefix):
        prefix = ""
        how.append("leftover")
    for piece in rest:
        if _SUFFIX.match(piece):
            raise _UnreadError("suffix")
        for part in _NEXT_PLACE.split(piece):
            part = part.strip(_EDGE)
            if part in ("", "DAN") or _ABOVE.match(part):
                continue
            desa = _DESA.match(part)
            if desa:
                prefix = prefix or _proper(part[desa.end() :])
            else:
                dusun += _dusun(part, how)
    return prefix, " ".join(d for d in dusun if d) or None


def _dusun(part, how):
    named = _DUSUN.match(part) or _DUSUN_BEHIND.match(part)
    if named:
        name = _proper(_NEXT_PLACE.split(f" {named['name'].strip(_EDGE)}")[0])
        how.append("dusun" if name else "leftover")
        return [name]
    if _NAME.fullmatch(part):
        how.append("name_behind")
        return [_proper(part)]
    how.append("leftover")
    return []


def _proper(name):
    """Write a name with capitals: "KRAJAN II" is "Krajan II"."""
    words = name.strip(_EDGE).split()
    return " ".join(w if _ROMAN.fullmatch(w) else w[:1] + w[1:].lower() for w in words)


# ---------------------------------------------------------------- columns


def read_labels(series, *, bare=None, layer=""):
    """Read a column of RT/RW labels; every distinct text is read once.

    Parameters
    ----------
    series : pandas.Series or sequence
        Labels as they stand in the file.
    bare : {"rt", "rw"}, optional
        What numbers without a word are, as for :func:`read_label`.
    layer : str
        Name of the file, for the problems.

    Returns
    -------
    labels : pandas.DataFrame
        ``rt`` (tuple), ``rw`` (Int64), ``dusun``, ``prefix``, ``normal``, ``sure``, ``reason``; index of the series.
    problems : list of Problem
        One for each reason: what could not be read, what was assumed, labels that name several RT.

    Examples
    --------
    >>> labels, problems = read_labels(["RT01/RW02", "RT 03A RW 02", ""])
    >>> labels["normal"].tolist(), [p.code for p in problems]
    (['RT 001 RW 002', '', ''], ['label_suffix'])
    """
    series = series if isinstance(series, pd.Series) else pd.Series(list(series), dtype=object)
    texts = series.map(cell_text)
    known = {t: read_label(t, bare=bare) for t in texts.unique()}
    labels = [known[t] for t in texts]
    frame = pd.DataFrame(
        {
            "rt": pd.Series([x.rt for x in labels], index=series.index, dtype=object),
            "rw": pd.array([x.rw for x in labels], dtype="Int64"),
            "dusun": pd.Series([x.dusun for x in labels], index=series.index, dtype=object),
            "prefix": [x.prefix for x in labels],
            "normal": [x.normal for x in labels],
            "sure": pd.Series([x.sure for x in labels], index=series.index, dtype=bool),
            "reason": [x.reason for x in labels],
        },
        index=series.index,
    )
    return frame, _label_problems(texts, labels, layer, str(series.name or ""))


def _label_problems(texts, labels, layer, column):
    groups = {}
    for key, cell, label in zip(texts.index, texts, labels, strict=True):
        for code, why in _label_codes(label):
            groups.setdefault((code, why), []).append((key, cell, label))
    problems = []
    for (code, _), found in sorted(groups.items(), key=lambda item: item[0]):
        keys, cells, read = zip(*found, strict=True)
        params = {"count": len(found), "values": some(dict.fromkeys(cells)), "read": read[0].normal, "first": cells[0]}
        problems.append(Problem(code, layer, some(keys), column, params))
    return problems


def _label_codes(label):
    """Say which problems one label gives: (code, what it is grouped by)."""
    if label.reason == "blank":
        return []
    if not label.readable:
        return [(_CODE_OF.get(label.reason, "label_unread"), label.reason)]
    codes = [] if label.sure else [("label_assumed", "+".join(sorted(UNSURE & set(label.reason.split("+")))))]
    return [*codes, ("label_several_rt", "")] if len(label.rt) > 1 else codes
