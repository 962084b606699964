"""Which record belongs to which unit: keys by code and label, names of desa by their spelling. Never two for one.

A match that is not plain is said; a doubt is only proposed (``how`` is "ask"); a tie is never decided.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher

import pandas as pd

from kumuhgis.codes import cell_text, read_code
from kumuhgis.errors import Problem, some
from kumuhgis.keys import read_label

_DESA = re.compile(r"^(?:(?:desa|ds|kelurahan|kel|kalurahan|nagari|gampong)\b[\s.:]*)+")
_ABOVE = re.compile(r"[\s,]+(?:kecamatan|kec|kabupaten|kab)\b.*$")
_ROMAN = {
    "i": "1",
    "ii": "2",
    "iii": "3",
    "iv": "4",
    "v": "5",
    "vi": "6",
    "vii": "7",
    "viii": "8",
    "ix": "9",
    "x": "10",
}
_TELLING = {
    *("lor", "kidul", "wetan", "kulon", "utara", "selatan", "timur", "barat", "tengah", "baru", "lama", "anyar"),
    *("atas", "bawah", "hulu", "hilir", "ulu", "ilir", "dalam", "luar", "besar", "kecil", "gede", "cilik", "raya"),
}
_FOUND = {"code": "key_by_code", "label": "key_by_label", "ask": "key_ask", "several": "key_several"}
_LABEL_COLUMNS = ("rt_rw", "rt", "rw", "dusun")
_COLUMNS = ["left", "right", "how", "reason", "score"]


def key_form(key):
    """Reduce a key to what two writings of it have in common.

    Parameters
    ----------
    key : object
        A code, a label or any other key.

    Returns
    -------
    tuple or None
        Digits of an area code; otherwise words and numbers, zeros in front taken off. None for a key that is empty or
        whose digits Excel has cut.

    Examples
    --------
    >>> key_form("PKL-001") == key_form("pkl 1"), key_form("33.13.11.2003.4.2") == key_form("3313112003004002")
    (True, True)
    """
    text = cell_text(key)
    return _form(text, read_code(text))


def _form(text, code):
    if code.reason in ("blank", "cut"):
        return None
    if code.kind != "unknown" and len(code.digits) >= 6:
        return ("code", code.digits)
    text = re.sub(r"^([0-9]+)[.,]0+$", r"\1", unicodedata.normalize("NFKC", text))
    parts = re.findall(r"[0-9]+|[^\W\d_]+|[^\W_]", text.casefold())
    return tuple(p.lstrip("0") or "0" if p.isdigit() else p for p in parts) or None


def same_key(a, b):
    """Tell whether two keys are two writings of one.

    Examples
    --------
    >>> same_key("009", 9.0), same_key("RT01/RW02", "RT 1 RW 2"), same_key("PKL-001", "PKL-010")
    (True, True, False)
    """
    if cell_text(a) == cell_text(b) != "":
        return key_form(a) is not None
    forms = [key_form(a), key_form(b)]
    if None in forms:
        return False
    return forms[0] == forms[1] or _same_label(read_label(a), read_label(b))


def _same_label(a, b):
    return a.sure and b.sure and bool(a.rt) and _within(a) == _within(b)


def _within(label):
    """Name an RT inside its desa: the RT and its RW, or its dusun where there is no RW."""
    dusun = "".join(name_words(label.dusun)) if label.rw is None and label.dusun else ""
    return (label.rt, label.rw, dusun)


# ---------------------------------------------------------------- keys


@dataclass(frozen=True)
class _Side:
    """One side of a match: keys, their forms, what they were read as, and the desa by code and by name, or ""."""

    keys: list
    forms: list
    read: list
    labels: list
    codes: list
    names: list


def match_keys(left, right, *, layer=""):
    """Match records to units: the same key, else the same code, else the same RT and RW inside one desa.

    Parameters
    ----------
    left, right : pandas.DataFrame, pandas.Series or sequence
        Keys; or a frame whose index holds the keys, with any of the columns ``rt_rw, rt, rw, dusun, desa, desa_code``.
    layer : str
        Name of the left file, for the problems.

    Returns
    -------
    matches : pandas.DataFrame
        One row for each left key in its order: ``left``, ``right``, ``how``, ``reason``, ``score``. ``how`` is
        ``exact``, ``code`` or ``label`` for a match; ``ask`` for a proposal that needs a person (``right`` is filled);
        ``several`` where more than one would fit and ``none`` (``right`` is None). No right key stands twice.
    problems : list of Problem
        What was matched other than exactly, what was not decided, labels that contradict the key.
        Keys without a partner are not among them: the rows with ``none`` say so.

    Examples
    --------
    >>> matches, problems = match_keys(["33.13.11.2003.004.002", "PKL-7"], ["PKL-007", 3313112003004002])
    >>> matches["right"].tolist(), matches["how"].tolist()
    (['3313112003004002', 'PKL-007'], ['code', 'code'])
    """
    a, b = _side(left), _side(right)
    found, several = {}, {}
    for how, forms_a, forms_b in _stages(a, b):
        free_a = [i for i in range(len(a.keys)) if i not in found]
        free_b = set(range(len(b.keys))) - {j for j, *_ in found.values()}
        pairs, clashes = _one_to_one(forms_a, forms_b, free_a, free_b)
        found.update({i: (j, *_how(how, a, i, b, j)) for i, j in pairs.items()})
        several.update({i: how for i in clashes})
    rows = [_row(i, a, b, found, several) for i in range(len(a.keys))]
    matches = _matches(rows, _COLUMNS)
    return matches, _key_problems(matches, a, b, found, layer)


def labels_of(source):
    """Read the label of every key as :func:`match_keys` does.

    Parameters
    ----------
    source : pandas.DataFrame, pandas.Series or sequence
        As :func:`match_keys` takes it.

    Returns
    -------
    list of keys.Label
        From the column ``rt_rw``, the columns of RT and RW, the numbers behind an area code, or the key itself.

    Examples
    --------
    >>> [label.normal for label in labels_of(["33.13.11.2003.004.002", "RT 01-03 RW 02"])]
    ['RT 002 RW 004', 'RT 001-003 RW 002']
    """
    return _side(source).labels


def _side(source):
    if not isinstance(source, pd.DataFrame):
        keys = [cell_text(k) for k in source]
        columns = {}
    else:
        keys = [cell_text(k) for k in source.index.tolist()]
        columns = {
            c: [cell_text(v) for v in source[c].tolist()] for c in (*_LABEL_COLUMNS, "desa", "desa_code") if c in source
        }
    codes = [read_code(k) for k in keys]
    labels = [_label(i, key, code, columns) for i, (key, code) in enumerate(zip(keys, codes, strict=True))]
    typed = [read_code(c).desa if c else "" for c in columns.get("desa_code", [""] * len(keys))]
    desa = columns.get("desa", [""] * len(keys))
    return _Side(
        keys,
        [_form(k, code) for k, code in zip(keys, codes, strict=True)],
        codes,
        labels,
        [c.desa or t for c, t in zip(codes, typed, strict=True)],
        _folded_names([d or x.prefix for d, x in zip(desa, labels, strict=True)]),
    )


def _folded_names(names):
    folded = {name: "".join(name_words(name)) for name in set(names)}
    return [folded[name] for name in names]


def _label(i, key, code, columns):
    """Find the label of one key: its own column, columns of RT and RW, the key itself, the numbers behind a code."""
    text = columns["rt_rw"][i] if "rt_rw" in columns else ""
    if text:
        return read_label(text)
    rt, rw, dusun = (columns[c][i] if c in columns else "" for c in ("rt", "rw", "dusun"))
    if rt and (rw or dusun):
        words = [x if re.search(r"[^\W\d_]", x) else f"{w} {x}" for w, x in (("RT", rt), ("RW", rw)) if x]
        return read_label(" ".join([*words, f"Dusun {dusun}" if dusun else ""]))
    if code.rt is not None:
        return read_label(f"RT {code.rt} RW {code.rw}")
    return read_label("" if code.kind != "unknown" and len(code.digits) >= 6 else key)


def _stages(a, b):
    """Give the ways to match, the surest first: (name, forms of the left, forms of the right)."""
    yield "exact", *([k if f else None for k, f in zip(s.keys, s.forms, strict=True)] for s in (a, b))
    yield "code", a.forms, b.forms
    places = _places(a, b)
    sides = zip(places, (a, b), strict=True)
    yield "label", *([_place_form(p, x) for p, x in zip(place, s.labels, strict=True)] for place, s in sides)


def _places(a, b):
    """Choose what says the desa on both sides: its code, else its name, else nothing where there is only one desa."""
    full = [f for f in ("codes", "names") if all(getattr(a, f)) and all(getattr(b, f))]
    for field in full:
        if set(getattr(a, field)) & set(getattr(b, field)):
            return getattr(a, field), getattr(b, field)
    one_desa = all(len(set(getattr(side, f)) - {""}) <= 1 for side in (a, b) for f in ("codes", "names"))
    if full or not one_desa:
        return [[None if full else n or None for n in side.names] for side in (a, b)]
    return [[""] * len(side.keys) for side in (a, b)]


def _place_form(place, label):
    return None if place is None or not label.rt else (place, *_within(label))


def _one_to_one(forms_a, forms_b, free_a, free_b):
    """Pair what is alone on both sides: ({left: right}, the left ones that meet more than one)."""
    mine, theirs, all_theirs = {}, {}, set(forms_b)
    for i in free_a:
        if forms_a[i] is not None:
            mine.setdefault(forms_a[i], []).append(i)
    for j in sorted(free_b):
        theirs.setdefault(forms_b[j], []).append(j)
    pairs, clashes = {}, []
    for form, group in mine.items():
        partners = theirs.get(form, [])
        if len(group) == len(partners) == 1:
            pairs[group[0]] = partners[0]
        elif form in all_theirs:
            clashes += group
    return pairs, clashes


def _how(how, a, i, b, j):
    """Say how a pair was found and why; a label not sure, or against two full codes, is only a proposal."""
    if how != "label":
        return how, f"same_{how}"
    if not (a.labels[i].sure and b.labels[j].sure):
        return "ask", "label_unsure"
    one, two = a.read[i], b.read[j]
    if one.kind == two.kind != "unknown" and one.level == two.level in ("rt", "sls", "sub_sls"):
        return "ask", "codes_differ"
    return how, "same_label"


def _row(i, a, b, found, several):
    if i in found:
        j, how, reason = found[i]
        return a.keys[i], b.keys[j], how, reason, 0.8 if how == "ask" else 1.0
    if i in several:
        return a.keys[i], None, "several", f"several_{several[i]}", 0.0
    return a.keys[i], None, "none", "nothing_fits" if a.forms[i] else "no_key", 0.0


def _matches(rows, columns):
    """Make the table; None stays None."""
    table = pd.DataFrame(rows, columns=columns, dtype=object)
    return table.astype({"left": "str", "how": "str", "reason": "str", "score": float})


def _key_problems(matches, a, b, found, layer):
    problems = []
    for how, code in (
        ("code", "key_by_code"),
        ("label", "key_by_label"),
        ("ask", "key_ask"),
        ("several", "key_several"),
    ):
        rows = matches[matches["how"] == how]
        if len(rows):
            right = "" if how == "several" else rows["right"].iloc[0]
            params = {"count": len(rows), "first": rows["left"].iloc[0], "read": right}
            problems.append(Problem(code, layer, some(rows["left"]), params=params))
    differ = [
        (a.keys[i], a.labels[i], b.labels[j])
        for i, (j, how, _) in sorted(found.items())
        if how in ("exact", "code") and _contradict(a.labels[i], b.labels[j])
    ]
    if differ:
        keys, mine, theirs = zip(*differ, strict=True)
        params = {"count": len(differ), "first": mine[0].normal, "read": theirs[0].normal}
        problems.append(Problem("key_label_differs", layer, some(keys), params=params))
    return problems


def _contradict(a, b):
    if not (a.sure and b.sure and a.rt and b.rt):
        return False
    return a.rt != b.rt or (a.rw is not None and b.rw is not None and a.rw != b.rw)


# ---------------------------------------------------------------- names


def name_words(name):
    """Reduce the name of a desa to its words: "Kel. Jaten, Kec. Jaten" is ("jaten",).

    Examples
    --------
    >>> name_words("DESA  Sumber-Sari II"), name_words(None)
    (('sumber', 'sari', '2'), ())
    """
    folded = unicodedata.normalize("NFKD", cell_text(name)).casefold()
    folded = "".join(c for c in folded if not unicodedata.combining(c))
    folded = _ABOVE.sub("", _DESA.sub("", folded.strip())) or folded
    words = [_ROMAN.get(w, w) for w in re.findall(r"\d+|[^\W\d_]+", folded)]
    return tuple(w.lstrip("0") or "0" if w.isdigit() else w for w in words)


def likeness(a, b):
    """Say how alike two names of desa are, from 0 to 1; the same either way round.

    Parameters
    ----------
    a, b : str
        The names.

    Returns
    -------
    float
        1 if they differ in nothing but writing; 0 if a number or a word of direction tells them apart ("Teja Barat" is
        not "Teja Timur", "Sumbersari 1" not "Sumbersari 2"); otherwise the ratio of ``difflib.SequenceMatcher``.

    Examples
    --------
    >>> likeness("Kel. Ngeringo", "NGRINGO"), likeness("Jaten Lor", "Jaten Kidul")
    (0.9333, 0.0)
    """
    return _likeness(name_words(a), name_words(b), 0.0)


def _likeness(a, b, least):
    one, two = sorted(("".join(a), "".join(b)))
    if not one or not two or _telling(a) != _telling(b):
        return 0.0
    if one == two:
        return 1.0
    both = (SequenceMatcher(None, one, two, autojunk=False), SequenceMatcher(None, two, one, autojunk=False))
    if both[0].real_quick_ratio() < least or both[0].quick_ratio() < least:
        return 0.0
    return round(max(m.ratio() for m in both), 4)


def _telling(words):
    return sorted(w for w in words if w in _TELLING or w.isdigit())


def match_names(left, right, *, threshold=0.9, ask=0.75, many=False, layer=""):
    """Match names of desa that are spelled differently.

    Parameters
    ----------
    left, right : pandas.Series or sequence
        Names; on the right each desa once.
    threshold : float
        From here on two names are matched, and it is reported.
    ask : float
        From here on two names are only proposed; below they are not matched.
    many : bool
        Whether several left names may be one right name, as in a column with a desa in every row.
    layer : str
        Name of the left file, for the problems.

    Returns
    -------
    matches : pandas.DataFrame
        One row for each left name in its order: ``left``, ``right``, ``score``, ``how`` (``exact``, ``normal``,
        ``fuzzy``, ``ask``, ``none``) and ``reason``. With ``ask`` the right name is a proposal and not a match; where
        two fit equally well, or the one that fits is taken by a name that is more alike, it is None.
    problems : list of Problem
        What was matched by likeness, proposed, tied, or not found.

    Examples
    --------
    >>> matches, problems = match_names(["DESA JATEN", "Ngeringo", "Dagen"], ["Jaten", "Ngringo", "Brujul"])
    >>> matches["right"].tolist(), matches["how"].tolist(), [p.code for p in problems]
    (['Jaten', 'Ngringo', None], ['normal', 'fuzzy', 'none'], ['name_fuzzy', 'name_unmatched'])
    """
    if not 0 < ask <= threshold <= 1:
        raise ValueError(f"ask = {ask}, threshold = {threshold}: 0 < ask <= threshold <= 1")
    mine, theirs = [cell_text(n) for n in left], [cell_text(n) for n in right]
    found = _match_distinct(mine, theirs, threshold, ask, many)
    rows = []
    for i, name in enumerate(mine):
        j, score, how, reason = found[name if many else i]
        rows.append((name, None if j is None else theirs[j], score, how, reason))
    matches = _matches(rows, ["left", "right", "score", "how", "reason"])
    return matches, _name_problems(matches, layer)


def _match_distinct(mine, theirs, threshold, ask, many):
    """Match from the most alike down, each name only with its best: {left name or its place: (right, score, ...)}."""
    lefts = {name: name for name in mine} if many else dict(enumerate(mine))
    best = _best(lefts, theirs, ask)
    found, taken = {}, set()
    for level in sorted({score for score, _ in best.values() if score}, reverse=True):
        here = {i: js for i, (score, js) in best.items() if score == level}
        wanted = Counter(j for js in here.values() for j in js)
        for i, js in here.items():
            score, free = min(level, 1.0), js - taken
            if not free:
                found[i] = (None, score, "ask", "taken")
            elif len(js) > 1 or (not many and wanted[min(js)] > 1):
                found[i] = (None, score, "ask", "tie")
            else:
                found[i] = (min(js), score, *_name_how(level, threshold))
        if not many:
            taken |= set(wanted)
    return {i: found.get(i, (None, 0.0, "none", "nothing_fits" if name_words(lefts[i]) else "no_key")) for i in lefts}


def _best(lefts, theirs, ask):
    """Find for every left name the right ones most like it: (score, their places); 2 stands for the same writing."""
    words = [name_words(n) for n in theirs]
    same, normal, cache = {}, {}, {}
    for j, name in enumerate(theirs):
        same.setdefault(name, set()).add(j)
        normal.setdefault("".join(words[j]), set()).add(j)
    for name in dict.fromkeys(lefts.values()):
        own = name_words(name)
        if not own:
            cache[name] = (0.0, set())
        elif name in same:
            cache[name] = (2.0, same[name])
        elif "".join(own) in normal:
            cache[name] = (1.0, normal["".join(own)])
        else:
            scores = [_likeness(own, w, ask) for w in words]
            top = max(scores, default=0.0)
            cache[name] = (top, {j for j, s in enumerate(scores) if s == top}) if top >= ask else (0.0, set())
    return {i: cache[name] for i, name in lefts.items()}


def _name_how(level, threshold):
    if level > 1:
        return "exact", "same_name"
    if level == 1:
        return "normal", "same_words"
    return ("fuzzy", "alike") if level >= threshold else ("ask", "somewhat_alike")


def _name_problems(matches, layer):
    groups = {
        "name_fuzzy": matches[matches["how"] == "fuzzy"],
        "name_ask": matches[matches["reason"] == "somewhat_alike"],
        "name_taken": matches[matches["reason"] == "taken"],
        "name_tie": matches[matches["reason"] == "tie"],
        "name_unmatched": matches[(matches["how"] == "none") & (matches["left"] != "")],
    }
    problems = []
    for code, rows in groups.items():
        rows = rows.drop_duplicates("left")
        pairs = [r.left if r.right is None else f"{r.left} → {r.right}" for r in rows.itertuples()]
        if pairs:
            params = {"count": len(pairs), "pairs": some(pairs)}
            problems.append(Problem(code, layer, some(rows["left"]), params=params))
    return problems
