"""Codes of areas: Kemendagri (33.13.11.2003), BPS (10 digits, 14 or 16 for an SLS) and KOTAKU (8 digits).

============  =======================================  ====================================================
agency        digits                                   source and confidence
============  =======================================  ====================================================
Kemendagri    2 + 2 + 2 + 4; the four begin with       R: Permendagri 137/2017 Pasal 4 and the lists of 2019
              1 (kelurahan), 2 (desa), 3 (desa adat)   and 2022; M: the 3
RW, RT        + 3 + 3 behind it, RW first              practice of this project's sample, no regulation
BPS           2 + 2 + 3 + 3; the third digit of the    R: BPS, tata cara pengkodean wilayah (10 digits);
              kecamatan is 0 unless it was split off   M: + 4 (SLS) + 2 (sub-SLS)
KOTAKU        8                                        M: length from the project's issue; parts unknown
============  =======================================  ====================================================

Ten digits without dots are BPS's if the seventh is 0 or above 3, because no desa of Kemendagri begins so; with 1, 2 or
3 they are read as Kemendagri's and are not ``sure``: a kecamatan that was split off has such a digit at BPS too.
The two agencies number desa differently, so a code of one is never turned into one of the other.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pandas as pd

from kumuhgis.errors import Problem, some
from kumuhgis.text import text as _text

PROVINCES = {f"{a}{b}" for a, last in zip("1235678", (9, 1, 6, 3, 5, 6, 2), strict=True) for b in range(1, last + 1)}
PROVINCES |= {f"9{b}" for b in range(1, 8)}
"""Province codes of both agencies, those of Papua after 2022 included (M)."""

UNSURE = {
    "seventh_digit",
    "sixteenth_digit",
    "rw_assumed",
    "short",
    "letter",
    "zero_lost",
    "dotted_kotaku",
    "desa_digit",
}
_MENDED = {"float", "scientific", "thousands", "padded", "with_name"}
_SPLIT = {  # sizes of the parts behind the digits of one agency, and the level they reach
    "kemendagri": {2: "provinsi", 4: "kabupaten", 6: "kecamatan", 10: "desa", 13: "rw", 16: "rt"},
    "bps": {7: "kecamatan", 10: "desa", 14: "sls", 16: "sub_sls"},
    "kotaku": {8: "desa"},
}
_LONGEST = 120
_REMEMBERED = 50_000
_EXACT = 2**53
_DOTTED = re.compile(r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}(?:\.[0-9]{3}){0,2}")
"""A desa, RW or RT as Kemendagri writes it: nothing is to be put right."""
_SCIENTIFIC = re.compile(r"([1-9])[.,]?([0-9]*)E\+?([0-9]{1,2})")
_FLOAT = re.compile(r"([1-9][0-9]+)[.,]0{1,2}")
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}([.,'])[0-9]{3}(?:\1[0-9]{3})+")
_CODE_IN_NAME = re.compile(r"(?P<before>[^0-9]*?)(?P<code>[0-9](?:[0-9.\-/, _]*[0-9])?)(?P<after>[^0-9]*)")
_WITH_LABEL = re.compile(r"(?P<code>[0-9][0-9.\-/ ]*[0-9])\W*R[TW]\W?(?P<a>[0-9]{1,3})\W*R[TW]\W?(?P<b>[0-9]{1,3})")


def cell_text(value):
    r"""Write one cell as text: 9.0 is "9", nothing is ""; a line of text keeps its words and loses its edges.

    Examples
    --------
    >>> cell_text(3313112003.0), cell_text(" RT 01\r\n"), cell_text(None), cell_text(float("nan"))
    ('3313112003', 'RT 01', '', '')
    """
    if type(value) is str:
        return value.strip()
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, (float, np.floating)):
        if value != value or value in (float("inf"), float("-inf")):
            return ""
        if abs(value) > _EXACT:
            return f"{value:.14E}"
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    return str(value).strip()


@dataclass(frozen=True)
class Code:
    """A code of an area, read.

    Parameters
    ----------
    kind : {"kemendagri", "bps", "kotaku", "unknown"}
        Whose code it is.
    level : str
        ``provinsi``, ``kabupaten``, ``kecamatan``, ``desa``, ``rw``, ``rt`` (Kemendagri), ``sls``, ``sub_sls`` (BPS),
        or "".
    digits : str
        The digits, leading zeros put back; empty if unknown.
    normal : str
        One way to write it: Kemendagri with dots, the others without; unknown as it stood.
    reason : str
        How it was read, or why it could not be: words of ``data/text/*/keys.toml``, joined by "+".
    sure : bool
        False where the digits alone do not tell.

    Notes
    -----
    Two codes are equal if they name the same place of the same agency; how they were written does not count.
    """

    kind: str = "unknown"
    level: str = ""
    digits: str = ""
    normal: str = ""
    reason: str = field(default="no_code", compare=False)
    sure: bool = field(default=False, compare=False)

    @property
    def desa(self):
        """Digits of the desa it lies in; empty above the desa."""
        if self.level == "desa":
            return self.digits
        return self.digits[:10] if self.level in ("rw", "rt", "sls", "sub_sls") else ""

    @property
    def rw(self):
        """Number of the RW behind a Kemendagri code, or None."""
        return int(self.digits[10:13]) if self.level in ("rw", "rt") else None

    @property
    def rt(self):
        """Number of the RT behind a Kemendagri code, or None."""
        return int(self.digits[13:16]) if self.level == "rt" else None

    def why(self, lang="id"):
        """Say how it was read, in words."""
        return "; ".join(_text(f"keys.code.{word}", lang) for word in self.reason.split("+"))


def read_code(text, *, kind=None):
    """Read the code of an area.

    Parameters
    ----------
    text : object
        A cell: text, number or nothing.
    kind : {"kemendagri", "bps"}, optional
        Whose code it is where the digits alone do not tell.

    Returns
    -------
    Code
        Whose code, which level, the digits. It never raises.

    Notes
    -----
    Put right: ``.0`` and ``3.313112003E9`` of a spreadsheet, thousands marks, spaces, dashes, zeros lost inside dots
    (``33.13.11.2003.4.2``). Not put right: ``3.31E+09``, whose digits are gone. A spreadsheet keeps 15 digits of a
    number, so 16 digits without dots that end in 0 are not ``sure``.

    Examples
    --------
    >>> read_code(3313112003.0).normal, read_code("33.13.11.2003.4.2").normal
    ('33.13.11.2003', '33.13.11.2003.004.002')
    >>> read_code("3313112003").sure, read_code("3313110003").kind, read_code("3,31E+09").reason
    (False, 'bps', 'cut')
    """
    return _read(cell_text(text)[: _LONGEST + 1], kind)


@lru_cache(_REMEMBERED)
def _read(text, kind):
    if _DOTTED.fullmatch(text) and text[:2] in PROVINCES and text[3:5] != "00":
        digits = text.replace(".", "")
        level, sure = _SPLIT["kemendagri"][len(digits)], digits[6] in "123"
        return Code("kemendagri", level, digits, text, "plain" if sure else "desa_digit", sure)
    cell = re.sub(r"[\s\u00a0]+", " ", text).upper().strip(" '\"")
    if not cell or len(cell) > _LONGEST:
        return Code(reason="blank" if not cell else "no_code")
    how = []
    plain = _plain(cell, how)
    found = None if plain is None else _agency(plain, kind, how)
    if found is None:
        reason = how[-1] if how and how[-1] in ("cut", "no_province", "length", "no_parts") else "no_code"
        return Code(normal=cell, reason=reason)
    agency, digits = found
    level = _SPLIT[agency][len(digits)]
    how = list(dict.fromkeys(how)) or ["plain"]
    return Code(agency, level, digits, _normal(agency, digits), "+".join(how), not UNSURE & set(how))


def _plain(cell, how):
    """Take what a spreadsheet or a typist put around the code: digits and single dots; None if there is no code."""
    cell = re.sub(r"(?<=[0-9])O|O(?=[0-9])", lambda m: how.append("letter") or "0", cell)
    found = _SCIENTIFIC.fullmatch(cell)
    if found:
        return _scientific(found, how)
    if _FLOAT.fullmatch(cell):
        how.append("float")
        return _FLOAT.fullmatch(cell).group(1)
    if _THOUSANDS.fullmatch(cell):
        how.append("thousands")
        return re.sub(r"[^0-9]", "", cell)
    labelled = _WITH_LABEL.fullmatch(cell)
    if labelled:
        a, b = labelled["a"], labelled["b"]
        swapped = cell.index("T", labelled.end("code")) < labelled.start("a")
        cell = ".".join([labelled["code"], *((b, a) if swapped else (a, b))])
    found = _CODE_IN_NAME.fullmatch(cell)
    if not found or not found["code"].isascii():
        return None
    if re.search(r"\w", found["before"] + found["after"]):
        how.append("with_name")
        if len(re.sub(r"[^0-9]", "", found["code"])) < 6:
            return None
    return re.sub(r"[.\-/, _]+", ".", found["code"])


def _scientific(found, how):
    first, rest, power = found.group(1), found.group(2), int(found.group(3))
    if len(rest) != power:
        how.append("cut")
        return None
    how.append("scientific")
    return first + rest


def _agency(plain, kind, how):
    """Say whose digits these are: (agency, digits), or None."""
    parts = plain.split(".")
    if parts[0][:2] not in PROVINCES:
        how.append("no_province")
        return None
    if len(parts) == 1:
        return _undotted(plain, kind, how)
    if len(parts[0]) == 2:
        return _dotted(parts, how)
    if len(parts[0]) == 10 and len(parts) <= 3 and all(len(p) <= 3 for p in parts[1:]):
        if parts[0][6] not in "123":
            how.append("no_parts")
            return None
        return _undotted(parts[0] + "".join(_pad(p, 3, how) for p in parts[1:]), kind or "kemendagri", how)
    return _undotted("".join(parts), kind, how)


def _undotted(digits, kind, how):
    n = len(digits)
    if n > 2 and digits[2:4] == "00":
        how.append("no_parts")
        return None
    agencies = [agency for agency, sizes in _SPLIT.items() if n in sizes]
    if not agencies:
        how.append("length" if n != 14 else "no_parts")
        return None
    if n < 6:
        how.append("short")
    if n < 10:
        return agencies[0], digits
    if n == 16 and digits[6] in "123" and digits.endswith("0"):
        how.append("sixteenth_digit")
    return _by_seventh_digit(digits, agencies, kind, how)


def _by_seventh_digit(digits, agencies, kind, how):
    """Tell Kemendagri from BPS: the seventh digit begins the desa of one and ends the kecamatan of the other."""
    if digits[6] not in "123":
        agency = "bps"
    elif kind in agencies:
        agency = kind
        how.append("told")
    else:
        agency = agencies[0]
        how.append("rw_assumed" if len(digits) == 13 else "seventh_digit")
    if agency not in agencies:
        how.append("no_parts")
        return None
    return agency, digits


def _dotted(parts, how):
    """Read parts between dots; their sizes tell whose they are."""
    sizes = [len(p) for p in parts]
    if len(parts) == 2 and sizes[1] == 1:
        how.append("zero_lost")  # 33.10 becomes 33.1 in a spreadsheet; 33.01 would not
        return "kemendagri", parts[0] + parts[1] + "0"
    if len(parts) >= 3 and sizes[2] == 3:
        return _fit("bps", parts, (2, 2, 3, 3, 4, 2), how)
    if sizes == [2, 2, 2, 2]:
        how.append("dotted_kotaku")
        return "kotaku", "".join(parts)
    if len(parts) == 4 and sizes[3] != 4:
        how.append("no_parts")
        return None
    found = _fit("kemendagri", parts, (2, 2, 2, 4, 3, 3), how)
    if found and len(parts) > 3 and parts[3][0] not in "123":
        how.append("desa_digit")
    return found


def _fit(agency, parts, sizes, how):
    """Put lost zeros back in front of every part."""
    if len(parts) > len(sizes) or any(len(p) > size for p, size in zip(parts, sizes, strict=False)):
        how.append("no_parts")
        return None
    digits = "".join(_pad(p, size, how) for p, size in zip(parts, sizes, strict=False))
    if len(digits) not in _SPLIT[agency] or digits[2:4] == "00":
        how.append("no_parts")
        return None
    return agency, digits


def _pad(part, size, how):
    if len(part) < size:
        how.append("padded")
    return part.zfill(size)


def _normal(agency, digits):
    if agency != "kemendagri":
        return digits
    cuts = [0, 2, 4, 6, 10, 13, 16]
    return ".".join(digits[a:b] for a, b in pairwise(cuts) if digits[a:b])


def read_codes(series, *, kind=None, layer=""):
    """Read a column of codes; where single cells do not tell whose they are, the column may.

    Parameters
    ----------
    series : pandas.Series or sequence
        Codes as they stand in the file.
    kind : {"kemendagri", "bps"}, optional
        Whose codes these are. Without it, codes of the column that are sure decide the others if they agree.
    layer : str
        Name of the file, for the problems.

    Returns
    -------
    codes : pandas.DataFrame
        ``kind, level, digits, normal, sure, reason, rw, rt``; index of the series.
    problems : list of Problem
        What is no code, what Excel has cut, what was put right, what stays in doubt.

    Examples
    --------
    >>> codes, problems = read_codes(["33.13.11.2003", "3313112005", 3313112008.0])
    >>> codes["normal"].tolist(), codes["sure"].all()
    (['33.13.11.2003', '33.13.11.2005', '33.13.11.2008'], np.True_)
    """
    series = series if isinstance(series, pd.Series) else pd.Series(list(series), dtype=object)
    texts = series.map(cell_text).tolist()
    known = {t: read_code(t, kind=kind) for t in dict.fromkeys(texts)}
    agencies = {c.kind for c in known.values() if c.sure and c.desa and c.kind != "kotaku"}
    if kind is None and len(agencies) == 1:
        known = {t: c if c.sure else read_code(t, kind=next(iter(agencies))) for t, c in known.items()}
    codes = [known[t] for t in texts]
    names = ("kind", "level", "digits", "normal", "sure", "reason")
    frame = pd.DataFrame({n: [getattr(c, n) for c in codes] for n in names}, index=series.index)
    frame = frame.astype({"sure": bool})
    for name in ("rw", "rt"):
        frame[name] = pd.array([getattr(c, name) for c in codes], dtype="Int64")
    return frame, _code_problems(series.index, texts, codes, layer, str(series.name or ""))


def _code_problems(index, texts, codes, layer, column):
    groups = {}
    ending = [cell for cell, code in zip(texts, codes, strict=True) if "sixteenth_digit" in code.reason]
    cut = len(set(ending)) < len(ending) == sum(code.level in ("rt", "sub_sls") for code in codes)
    for key, cell, code in zip(index.tolist(), texts, codes, strict=True):
        for name in ["code_cut"] if cut and "sixteenth_digit" in code.reason else _problem_codes(code):
            groups.setdefault(name, []).append((key, cell, code))
    problems = []
    for name, found in sorted(groups.items()):
        keys, cells, read = zip(*found, strict=True)
        params = {"count": len(found), "values": some(dict.fromkeys(cells)), "read": read[0].normal, "first": cells[0]}
        problems.append(Problem(name, layer, some(keys), column, params))
    return problems


def _problem_codes(code):
    how = set(code.reason.split("+"))
    if code.kind == "unknown":
        return [] if code.reason == "blank" else ["code_cut" if code.reason == "cut" else "code_unread"]
    if how & {"seventh_digit"}:
        return ["code_agency"]
    if not code.sure:
        return ["code_assumed"]
    return ["code_mended"] if how & _MENDED else []
