"""How figures are written in documents: what is missing is a dash, what is open is an interval and says so."""

import re

import pandas as pd

from kumuhgis.documents.word import plain
from kumuhgis.grouping import name_of
from kumuhgis.text import number, rule_word, text, texts

DASH = "–"
_RT_RW = re.compile(r"RT[\s.]*(\d+)[\s,./·-]*RW[\s.]*(\d+)", re.IGNORECASE)
_SIGNS = {"+": "(+)", "-": "(−)"}


class Words:
    """The words of one document: its rule, its language, its file of texts."""

    def __init__(self, assessment, lang, file):
        self.rules, self.lang, self.file = assessment.rules, lang, file
        self._levels = {lv.key: lv.key if lang == "id" else lv.name_en for lv in self.rules.levels}

    def say(self, key, **params):
        """Give a text of the document's own file."""
        return text(f"{self.file}.{key}", self.lang, **params)

    def group(self, prefix):
        """Give all texts below a key, for a template."""
        start = f"{self.file}.{prefix}."
        return {key.removeprefix(start): said for key, said in texts(self.lang).items() if key.startswith(start)}

    def figure(self, value, decimals=0):
        """Write a number; a dash where it is missing."""
        return number(None if missing(value) else float(value), decimals, self.lang)

    def hectares(self, low, high):
        """Write hectares with two decimals, or the interval that they lie in."""
        return self.span(low, high, 2)

    def span(self, low, high, decimals=0):
        """Write a number, or its interval where it is open."""
        ends = [self.figure(value, decimals) for value in (low, high)]
        return ends[0] if ends[0] == ends[1] else text("decree.interval", self.lang, low=ends[0], high=ends[1])

    def change(self, low, high, decimals=2):
        """Write a difference with its sign."""
        ends = [("+" if not missing(v) and round(v, decimals) > 0 else "") + self.figure(v, decimals)
                for v in (low, high)]  # fmt: skip
        shown = [end.replace("-", "−") if end != DASH else end for end in ends]
        return shown[0] if shown[0] == shown[1] else text("decree.between", self.lang, low=shown[0], high=shown[1])

    def level(self, key, possible=""):
        """Write a level; an open one says so, and between which it lies."""
        if not missing(key):
            return self._levels[key]
        named = [self._levels.get(part, part) for part in str(possible or "").split(" | ") if part]
        open_ = text("levels.undetermined", self.lang)
        return f"{open_}: {' / '.join(named)}" if named else open_

    def score(self, row):
        """Write a total, or its interval."""
        return self.span(row["total_low"], row["total_high"])

    def sign(self, value):
        """Write (+) or (-)."""
        return _SIGNS.get(value, DASH)

    def legal(self, value):
        """Write legal or not legal."""
        return DASH if missing(value) else text("decree.yes" if value else "decree.no", self.lang)

    def word(self, value):
        """Write a word of the rule in the language, a whole number or a code as it is; a dash where it is missing."""
        if missing(value):
            return DASH
        return str(int(value)) if isinstance(value, float) else rule_word(str(value), self.lang)

    def place(self, lon, lat):
        """Write a position in degrees, on two lines."""
        if missing(lon) or missing(lat):
            return DASH
        sides = ("south" if lat < 0 else "north", lat), ("west" if lon < 0 else "east", lon)
        return "\n".join(text(f"decree.{side}", self.lang, value=number(abs(v), 5, self.lang)) for side, v in sides)

    def units(self, keys, labels, units):
        """Name RT, those of one RW together: "RW 004: RT 001, 002"; of several desa with their names."""
        named = [plain(labels[key]) for key in keys]
        parts = [_RT_RW.fullmatch(label) for label in named]
        if len(keys) == 1 or not all(parts):
            return ", ".join(named)
        desa = units["desa"].reindex(list(keys)).map(name_of) if "desa" in units else pd.Series("", list(keys))
        several = desa.nunique() > 1
        groups = {}
        for (rt, rw), place in sorted(zip((part.groups() for part in parts), desa, strict=True), key=_in_order):
            groups.setdefault(f"{plain(place)} RW {rw}" if several else f"RW {rw}", []).append(rt)
        return "; ".join(
            text("decree.row_group", self.lang, group=group, units=f"RT {', '.join(rt)}")
            for group, rt in groups.items()
        )


def _in_order(item):
    (rt, rw), place = item
    return place, int(rw), int(rt)


def missing(value):
    """Tell whether a cell holds nothing.

    Examples
    --------
    >>> [missing(v) for v in (None, float("nan"), pd.NA, 0, "")]
    [True, True, True, False, False]
    """
    return value is None or value is pd.NA or bool(value != value)
