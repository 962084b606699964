"""The tables of a plan as a workbook: prices and years are filled in, sums, counts and checks follow."""

from datetime import datetime

from kumuhgis.documents.annex import headings
from kumuhgis.documents.plan_words import (
    authority_may_change,
    authority_note,
    authority_words,
    criterion_name,
    handling_words,
    item_words,
    location_note,
    place_words,
    places_of,
    priority_words,
    programme_notes,
    programme_pairs,
    programme_texts,
    region_rows,
    volume_words,
)
from kumuhgis.documents.ruled import LOOKS, Field, Live, Papers, cells_of, write_lines, write_origins, write_table
from kumuhgis.documents.sheets import A3, look_of, quoted
from kumuhgis.documents.word import plain
from kumuhgis.documents.wording import DASH, missing

KINDS = ("criteria", "problems", "programmes", "works", "region", "units", "locations", "provenance")
_AS_WRITTEN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_HEAD = {"problems": 6, "works": 8, "units": 4, "locations": 4}
"""Row of the heading, from 0, of the sheets that others refer to."""
_BLANK = "#fff3bf"
_OF_UNIT = {"ha": "area", "m": "m", "unit": "unit", "KK": "KK"}
_PROBLEMS = (
    ("number", "number", 6, "score"), ("priority", "priority", 9, "score"), ("rank", "rank", 8, "score"),
    ("unit", "unit", 24, "text"), ("label", "label", 17, "text"), ("location", "location", 18, "text"),
    ("desa", "desa", 15, "text"), ("kecamatan", "kecamatan", 15, "text"), ("lat", "lat", 11, "degrees"),
    ("lon", "lon", 11, "degrees"), ("level", "level", 16, "word"), ("code", "code", 7, "word"),
    ("criterion", "criterion", 36, "wrap"), ("volume", "volume", 13, "m"), ("unit_of", "unit_of", 8, "word"),
    ("total", "total", 11, "m"), ("percent", "percent", 9, "percent"), ("score", "score", 7, "score"),
    ("note", "note", 34, "wrap"),
)  # fmt: skip
_WORKS = (
    ("number", "number", 6, "score"), ("priority", "priority", 9, "score"), ("rank", "rank", 8, "score"),
    ("unit", "unit", 22, "text"), ("label", "label", 16, "text"), ("location", "location", 17, "text"),
    ("desa", "desa", 14, "text"), ("level", "level", 16, "word"), ("programme_no", "programme_no", 9, "score"),
    ("programme", "programme", 22, "wrap"), ("works_of", "works_of", 22, "wrap"), ("code", "code", 7, "word"),
    ("criterion", "criterion", 30, "wrap"), ("volume", "volume", 13, "m"), ("unit_of", "unit_of", 8, "word"),
    ("counted", "counted", 9, "word"), ("price", "price", 15, "unit"), ("cost", "cost", 17, "unit"),
    ("year", "year", 8, "score"), ("fund", "fund", 13, "text"), ("actor", "actor", 14, "text"),
    ("note", "note", 24, "text"),
)  # fmt: skip
_FILLED = ("counted", "price", "year", "fund", "actor", "note")
_UNITS = (
    ("number", "number", 6, "score"), ("kabupaten_no", "kabupaten_no", 10, "score"),
    ("kabupaten", "kabupaten", 16, "text"), ("kecamatan", "kecamatan", 15, "text"), ("desa", "desa", 15, "text"),
    ("location", "location", 18, "text"), ("unit", "unit", 24, "text"), ("label", "label", 17, "text"),
    ("level", "level", 16, "word"), ("score_total", "score_total", 10, "word"), ("ha", "ha", 10, "area"),
    ("slum_ha", "slum_ha", 13, "area"), ("people", "people", 10, "person"), ("households", "households", 8, "KK"),
    ("legal", "legal", 12, "word"), ("class", "class", 11, "word"), ("priority", "priority", 12, "score"),
    ("handling", "handling", 24, "word"), ("rank", "rank", 8, "score"),
)  # fmt: skip
_LOCATIONS = (
    ("number", "number", 6, "score"), ("kabupaten_no", "kabupaten_no", 10, "score"),
    ("kabupaten", "kabupaten", 16, "text"), ("kecamatan", "kecamatan", 15, "text"), ("desa", "desa", 15, "text"),
    ("name", "location", 22, "text"), ("count", "rt", 7, "score"), ("ha", "slum_ha", 12, "area"),
    ("people", "people", 10, "person"), ("level", "level", 16, "word"), ("authority", "authority", 16, "word"),
    ("near", "near_count", 11, "score"), ("class", "class", 11, "word"), ("priority", "priority", 10, "score"),
    ("handling", "handling", 24, "word"), ("note", "note", 50, "wrap"),
)  # fmt: skip
_TABLES = {"problems": _PROBLEMS, "works": _WORKS, "units": _UNITS, "locations": _LOCATIONS}
"""The tables that others refer to."""
_CRITERIA = (
    ("code", "code", 7, "word"), ("name", "criterion", 58, "wrap"), ("unit_of", "unit_of", 9, "word"),
    ("known", "rt_known", 13, "score"), ("unknown", "rt_unknown", 13, "score"), ("volume", "volume_sum", 16, "m"),
    ("checked", "checked", 10, "word"),
)  # fmt: skip
_SUMS = (
    ("number", "programme_no", 9, "score"), ("programme", "programme", 34, "wrap"), ("code", "code", 7, "word"),
    ("criterion", "criterion", 46, "wrap"), ("unit_of", "unit_of", 8, "word"), ("counted", "rt_counted", 10, "score"),
    ("unknown", "rt_unknown", 10, "score"), ("other", "rt_other", 11, "score"), ("volume", "volume_sum", 14, "m"),
    ("cost", "cost", 17, "unit"),
)  # fmt: skip
_REGION = (
    ("kabupaten", "kabupaten", 24, "text"), ("group", "group", 34, "text"), ("item", "item", 30, "text"),
    ("count", "count", 12, "score"), ("ha", "ha", 13, "area"), ("no_ha", "no_ha", 13, "score"),
    ("people", "people", 13, "person"), ("no_people", "no_people", 13, "score"), ("near", "near_count", 13, "score"),
)  # fmt: skip


def write_plan_sheets(plan, words, path):
    """Write the tables of a plan as a workbook.

    Parameters
    ----------
    plan : plan.Plan
        What the tables say.
    words : wording.Words
        Their words.
    path : path
        The file; what is there is overwritten.
    """
    import xlsxwriter

    with xlsxwriter.Workbook(path, _AS_WRITTEN) as file:
        pen = _Pen(Papers(file, plan.assessment, words.lang, texts="plan", kinds=KINDS), plan, words)
        made = datetime.fromisoformat(plan.assessment.provenance.get("date") or "2000-01-01")
        file.set_properties({"title": words.say("t.title"), "created": made})
        pen.criteria()
        pen.problems()
        pen.programmes()
        pen.works()
        pen.region()
        pen.units()
        pen.locations()
        write_origins(pen.book, words.say("t.provenance"))


class _Pen:
    """Writes the sheets; knows where the tables stand that others refer to."""

    def __init__(self, book, plan, words):
        self.book, self.plan, self.words = book, plan, words
        self.columns = {kind: self.fields(listed) for kind, listed in _TABLES.items()}
        self.places = {name: n for n, name in enumerate(places_of(plan), 1)}
        self.rows = plan.units.to_dict("index")
        self.named = {c.code: (criterion_name(c, words.lang), c.unit) for c in words.rules.criteria}
        self.texts = programme_texts(words.rules, words.lang)
        self.numbers = {key: n for n, key in enumerate(self.texts, 1)} | {"": 0}
        self.answers = words.say("yes"), words.say("no")

    def fields(self, listed):
        """Make columns of their descriptions."""
        return [Field(key, self.words.say(f"t.{head}"), width, look, open=listed is _WORKS and key in _FILLED)
                for key, head, width, look in listed]  # fmt: skip

    def cells(self, kind, key):
        """Refer to a column of a table on another sheet."""
        first = _HEAD[kind] + 1
        count = {"units": self.plan.units, "locations": self.plan.locations, "problems": self.plan.problems,
                 "works": self.plan.works}[kind]  # fmt: skip
        return cells_of(self.columns[kind], key, first, first + len(count), self.book.reference(kind))

    def sheet(self, kind, notes=(), *, columns=(), protected=False, paper=A3):
        """Begin a sheet with its hints."""
        sheet = self.book.sheet(kind, self.words.say(f"t.{kind}"), paper=paper, landscape=True, protected=protected)
        write_lines(self.book, sheet, 2, notes, last=max(4, min(12, len(columns) - 1)), letters=170)
        return sheet

    def table(self, kind, notes, rows, *, frozen=2):
        """Write one of the tables that others refer to."""
        columns = self.columns[kind]
        sheet = self.sheet(kind, notes, columns=columns)
        first, below = write_table(self.book, sheet, _HEAD[kind], columns, rows)
        sheet.freeze_panes(first, frozen)
        sheet.repeat_rows(_HEAD[kind], first - 1)
        if rows:
            sheet.autofilter(_HEAD[kind], 0, below - 1, len(columns) - 1)
        return sheet, first, below

    # ------------------------------------------------------------ problems

    def criteria(self):
        """Write the front sheet: every criterion with counts and sums, and whether each problem is counted once."""
        place = headings(self.plan.assessment, self.words.lang)["place"]
        columns = self.fields(_CRITERIA)
        sheet = self.sheet("criteria", [place, self.words.say("note.unknown")], columns=columns)
        rows = [self._criterion(c) for c in self.words.rules.criteria]
        first, below = write_table(self.book, sheet, 5, columns, rows)
        wrong = {"type": "cell", "criteria": "!=", "value": '"✓"', "format": self.book.fill("#e8998d", bold=True)}
        sheet.conditional_format(first, len(columns) - 1, below - 1, len(columns) - 1, wrong)
        hints = [self.words.say(f"note.{key}") for key in ("zero", "order", "change_counted", "price")]
        write_lines(self.book, sheet, below + 1, [*hints, *programme_notes(self.plan, self.words)], last=6, letters=120)

    def _criterion(self, criterion):
        found = self.plan.problems
        volume = found.loc[found["criterion"] == criterion.code, "volume"]
        codes, volumes, code = self.cells("problems", "code"), self.cells("problems", "volume"), f'"{criterion.code}"'
        answered = f"{self.cells('works', 'counted')},{quoted(self.answers[0])}"
        counted = f"COUNTIFS({self.cells('works', 'code')},{code},{answered})"
        known = f'COUNTIFS({codes},{code},{volumes},">0")'
        return {
            "code": criterion.code, "name": criterion_name(criterion, self.words.lang), "unit_of": criterion.unit,
            "known": Live(known, int(volume.notna().sum())),
            "unknown": Live(f"COUNTIFS({codes},{code})-{known}", int(volume.isna().sum())),
            "volume": Live(f"ROUND(SUMIFS({volumes},{codes},{code}),6)", round(float(volume.sum()), 6)),
            LOOKS: {"volume": look_of(_OF_UNIT[criterion.unit], float(volume.sum()))},
            "checked": Live(f'IF({counted}=COUNTIFS({codes},{code}),"✓","×")', "✓"),
        }  # fmt: skip

    def _place(self, unit):
        row = self.rows[unit]
        out = {key: plain(row[key]) or DASH for key in ("location", "desa", "kecamatan")}
        return out | {
            "unit": plain(unit), "label": plain(row["label"]), "lat": None if missing(row["lat"]) else row["lat"],
            "lon": None if missing(row["lon"]) else row["lon"], "level": self.words.level(row["level"]),
            "priority": priority_words(row, self.words), "rank": DASH if missing(row["rank"]) else int(row["rank"]),
        }  # fmt: skip

    def _volume(self, row):
        name, unit = self.named[row["criterion"]]
        known = not missing(row["volume"])
        return {
            "code": row["criterion"], "criterion": name, "unit_of": unit,
            "volume": float(row["volume"]) if known else self.words.say("unknown"),
            "note": None if known else volume_words(row, unit, self.words),
            LOOKS: {key: look_of(_OF_UNIT[unit], row[key]) for key in ("volume", "total")},
        }  # fmt: skip

    def problems(self):
        """Write every volume that is still to be handled."""
        places = {unit: self._place(unit) for unit in self.rows}
        rows = [
            {**places[row["unit"]], **self._volume(row), "number": n,
             **{key: None if missing(row[key]) else float(row[key]) for key in ("total", "percent", "score")}}
            for n, row in enumerate(self.plan.problems.to_dict("records"), 1)
        ]  # fmt: skip
        notes = [self.words.say(f"note.{key}") for key in ("unknown", "zero", "order")]
        sheet, first, below = self.table("problems", notes, rows)
        column = [c.key for c in self.columns["problems"]].index("level")
        self.book.colour_levels(sheet, first, column, max(below - 1, first))

    # ------------------------------------------------------------ programmes

    def works(self):
        """Write the matrix of programmes, ready for cost and year."""
        places = {unit: self._place(unit) for unit in self.rows}
        records = self.plan.works.to_dict("records")
        letters = {c.key: cells_of(self.columns["works"], c.key, 0, 0).split("$")[1] for c in self.columns["works"]}
        first = _HEAD["works"] + 1
        rows = []
        for n, row in enumerate(records, 1):
            at = {key: f"{letter}{first + n}" for key, letter in letters.items()}
            cost = (f'IF({at["counted"]}<>{quoted(self.answers[0])},"",IF(COUNT({at["volume"]},{at["price"]})<2,"",'
                    f'{at["volume"]}*{at["price"]}))')  # fmt: skip
            rows.append({
                **places[row["unit"]], **self._volume(row), "number": n,
                "programme": self.programme_name(row["programme"]),
                "works_of": self.texts.get(row["programme"], (DASH, DASH))[1],
                "programme_no": self.numbers[row["programme"]], "counted": self.answers[0 if row["counted"] else 1],
                "cost": Live(cost, ""),
            })  # fmt: skip
        notes = [self.words.say(f"note.{key}") for key in ("counted", "change_counted", "price")]
        sheet, first, below = self.table("works", notes, rows)
        self._total_cost(sheet)
        if rows:
            self._filled_in(sheet, first, below - 1)

    def _total_cost(self, sheet):
        keys = [c.key for c in self.columns["works"]]
        j, row = keys.index("cost"), _HEAD["works"] - 1
        costs = self.cells("works", "cost").partition("!")[2]
        sheet.write_string(row, j - 1, self.words.say("t.sum"), self.book.look("label", "box"))
        sheet.formula(row, j, f"SUM({costs})", self.book.look("unit", "bold", "box"), 0)

    def _filled_in(self, sheet, first, last):
        """Mark and check the cells that an office fills in."""
        keys = [c.key for c in self.columns["works"]]
        blank = {"type": "blanks", "format": self.book.file.add_format({"bg_color": _BLANK})}
        for key in ("price", "year", "fund", "actor"):
            sheet.conditional_format(first, keys.index(key), last, keys.index(key), blank)
        checks = {
            "counted": {"validate": "list", "source": list(self.answers)},
            "price": {"validate": "decimal", "criteria": ">=", "value": 0},
            "year": {"validate": "integer", "criteria": "between", "minimum": 2000, "maximum": 2100},
        }
        for key, check in checks.items():
            said = {"error_title": self.words.say("valid.title"), "error_message": self.words.say(f"valid.{key}")}
            sheet.data_validation(first, keys.index(key), last, keys.index(key), check | said)

    def programmes(self):
        """Write the sums of every programme by criterion and priority."""
        priorities = sorted({p for p in (priority_words(r, self.words) for r in self.rows.values())
                             if isinstance(p, int)})  # fmt: skip
        group = self.words.say("t.by_priority")
        columns = self.fields(_SUMS) + [Field(f"p{p}", str(p), 11, "m", group) for p in priorities]
        columns.append(Field("p", self.words.say("t.no_priority"), 12, "m", group))
        notes = [self.words.say("note.unknown"), *programme_notes(self.plan, self.words)]
        sheet = self.sheet("programmes", notes, columns=columns)
        rows = [self._programme(*pair, priorities) for pair in programme_pairs(self.plan, self.words.rules)]
        head = 3 + len(notes)
        first, below = write_table(self.book, sheet, head, columns, rows)
        j = [c.key for c in columns].index("cost")
        sheet.write_string(below, j - 1, self.words.say("t.sum"), self.book.look("label", "box"))
        costs = cells_of(columns, "cost", first, below)
        sheet.formula(below, j, f"SUM({costs})", self.book.look("unit", "bold", "box"), 0)
        sheet.freeze_panes(first, 4)
        sheet.repeat_rows(head, first - 1)

    def programme_name(self, key):
        """Give the name of a programme."""
        return self.texts[key][0] if key else self.words.say("without_programme")

    def _programme(self, key, code, priorities):
        """Write one programme and criterion: what is counted, and what is only an alternative."""
        names = ("programme_no", "code", "counted", "volume", "priority", "cost")
        of = {name: self.cells("works", name) for name in names}
        pair = f'{of["programme_no"]},{self.numbers[key]},{of["code"]},"{code}"'
        yes, no = (f"{pair},{of['counted']},{quoted(answer)}" for answer in self.answers)
        found = self.plan.works[(self.plan.works["programme"] == key) & (self.plan.works["criterion"] == code)]
        counted = found[found["counted"]]
        of_unit = counted["unit"].map(lambda unit: priority_words(self.rows[unit], self.words))
        known = f'COUNTIFS({yes},{of["volume"]},">0")'
        total = f"ROUND(SUMIFS({of['volume']},{yes}),6)"
        by = {p: (f"ROUND(SUMIFS({of['volume']},{yes},{of['priority']},{p}),6)", counted["volume"][of_unit == p].sum())
              for p in priorities}  # fmt: skip
        none = (f"SUMIFS({of['volume']},{yes},{of['priority']},{quoted(word)})"
                for word in (self.words.say("unknown"), self.words.say("not_slum")))  # fmt: skip
        others = counted["volume"][~of_unit.isin(priorities)].sum()
        return {
            "number": self.numbers[key], "programme": self.programme_name(key),
            "code": code, "criterion": self.named[code][0], "unit_of": self.named[code][1],
            LOOKS: dict.fromkeys(("volume", "p", *(f"p{p}" for p in priorities)),
                                 look_of(_OF_UNIT[self.named[code][1]], float(counted["volume"].sum()))),
            "counted": Live(known, int(counted["volume"].notna().sum())),
            "unknown": Live(f"COUNTIFS({yes})-{known}", int(counted["volume"].isna().sum())),
            "other": Live(f"COUNTIFS({no})", int((~found["counted"]).sum())),
            "volume": Live(total, round(float(counted["volume"].sum()), 6)),
            "cost": Live(f"SUMIFS({of['cost']},{yes})", 0),
            **{f"p{p}": Live(formula, round(float(value), 6)) for p, (formula, value) in by.items()},
            "p": Live(f"ROUND({'+'.join(none)},6)", round(float(others), 6)),
        }  # fmt: skip

    # ------------------------------------------------------------ roll-up

    def region(self):
        """Write the roll-up to kabupaten, as counts and sums over the sheets of RT and locations."""
        notes = [self.words.say("note.region"), authority_note(self.words)]
        columns = self.fields(_REGION)
        sheet = self.sheet("region", notes, columns=columns)
        rows = [self._region(row) for row in region_rows(self.plan, self.words)]
        first, below = write_table(self.book, sheet, 5, columns, rows)
        self.book.colour_levels(sheet, first, 2, max(below - 1, first))
        sheet.freeze_panes(first, 3)
        sheet.repeat_rows(5, first - 1)

    def _region(self, row):
        source, item, place = row["source"], row["item"], row["kabupaten"]
        fits = f"{self.cells(source, 'kabupaten_no')}," + ('">0"' if place is None else str(self.places[place]))
        if item is not None:
            fits += f",{self.cells(source, row['column'])},{item if isinstance(item, int) else quoted(item)}"
        out = {
            "kabupaten": place_words(place, self.words),
            "group": self.words.say(f"group.{row['group']}"),
            "item": item if isinstance(item, int) else item_words(item, self.words),
            "count": Live(f"COUNTIFS({fits})", row["count"]), LOOKS: {"item": "left"},
        }  # fmt: skip
        for key, decimals in (("ha", 9), ("people", 0)):
            values = self.cells(source, key)
            out[key] = Live(f"ROUND(SUMIFS({values},{fits}),{decimals})", row[key])
            out[f"no_{key}"] = Live(f'COUNTIFS({fits})-COUNTIFS({fits},{values},">=0")', row[f"no_{key}"])
        if row["group"] == "authority":
            out["near"] = Live(f"COUNTIFS({fits},{self.cells(source, 'near')},1)", row["near"])
        return out

    def units(self):
        """Write one row per RT: what the roll-up counts."""
        rows = []
        for unit, row in self.rows.items():
            slum = self.words.hectares(row["slum_ha_low"], row["slum_ha_high"])
            rows.append({
                **self._place(unit), "number": row["number"], "kabupaten_no": self.places[row["kabupaten"]],
                "kabupaten": place_words(row["kabupaten"], self.words), "score_total": self.words.score(row),
                "slum_ha": slum if missing(row["slum_ha"]) else row["slum_ha"], "legal": self.words.legal(row["legal"]),
                "ha": DASH if missing(row["area_used_ha"]) else row["area_used_ha"],
                **{key: DASH if missing(row[name]) else row[name]
                   for key, name in (("people", "population"), ("households", "households"))},
                "class": self.words.word(row["class"]), "handling": handling_words(row, self.words),
            })  # fmt: skip
        sheet, first, below = self.table("units", [], rows)
        column = [c.key for c in self.columns["units"]].index("level")
        self.book.colour_levels(sheet, first, column, max(below - 1, first))

    def locations(self):
        """Write the locations and who is in charge of each."""
        rows = [{
            "number": row["number"], "kabupaten_no": self.places[row["kabupaten"]],
            "kabupaten": place_words(row["kabupaten"], self.words),
            **{key: plain(row[key]) or DASH for key in ("kecamatan", "desa", "name")},
            "count": len(row["units"]), "level": self.words.level(row["level"]),
            "ha": DASH if missing(row["slum_ha"]) else row["slum_ha"],
            "people": DASH if missing(row["population"]) else row["population"],
            "authority": authority_words(row, self.words), "near": int(authority_may_change(row)),
            "class": self.words.word(row["class"]), "handling": self.words.word(row["handling"]),
            "priority": DASH if missing(row["priority"]) else int(row["priority"]),
            "note": location_note(row, self.words),
        } for row in self.plan.locations.to_dict("records")]  # fmt: skip
        self.table("locations", [authority_note(self.words)], rows)
