"""Sheet "Aturan": the rule with its sources, and the tables to which the names in the formulas belong."""

from kumuhgis.documents.sheets import A3, fit, put
from kumuhgis.rules import criteria_table, rules_digest
from kumuhgis.text import rule_word
from kumuhgis.trace import band_labels

_MINUS_INFINITY = -1e9
_WIDTHS = (32, 60, 16, 20, 16, 26, 34, 52)


class _Pen:
    """Writes tables below each other, and gives columns of them names."""

    def __init__(self, book, sheet):
        self.book, self.sheet, self.row = book, sheet, 3
        self.place = book.reference("rule")

    def heading(self, key, source=None):
        """Begin a part, with its source and how sure it is."""
        self.row += 1
        self.sheet.write_string(self.row, 0, self.book.say(f"rule.{key}"), self.book.look("bold"))
        if source is not None:
            said = f"{self.book.rules.sources[source.source]} [{source.confidence}]"
            self.sheet.write_string(self.row, 3, said, self.book.look("subtitle"))
        self.row += 1

    def table(self, heads, rows, looks, names=None):
        """Write a table; ``names`` are positions of columns with the name of their cells."""
        for j, head in enumerate(heads):
            self.sheet.write_string(self.row, j, self.book.say(f"rule.{head}"), self.book.look("head"))
        first = self.row + 1
        for i, row in enumerate(rows, first):
            wrapped = [(v, w) for v, w, look in zip(row, _WIDTHS, looks, strict=False) if look == "wrap"]
            fit(self.sheet, i, wrapped)
            for j, (value, look) in enumerate(zip(row, looks, strict=True)):
                lowest = value == _MINUS_INFINITY
                put(self.sheet, i, j, value, self.book.look("minus_infinity" if lowest else look, "box"))
        self.row = first + len(rows)
        for j, name in (names or {}).items():
            self.name(name, first, self.row - 1, j)

    def line(self, key, value, look="text", name=None):
        """Write one figure with its label."""
        self.sheet.write_string(self.row, 0, self.book.say(f"rule.{key}"), self.book.look("label", "box"))
        put(self.sheet, self.row, 1, value, self.book.look(look, "box", "left"))
        if look == "wrap":
            fit(self.sheet, self.row, [(value, _WIDTHS[1])])
        if name:
            self.name(name, self.row, self.row, 1)
        self.row += 1

    def name(self, name, first, last, column):
        """Give cells the name by which the formulas call them."""
        letter = "ABCDEFGHIJ"[column]
        where = f"${letter}${first + 1}" + (f":${letter}${last + 1}" if last > first else "")
        self.book.file.define_name(self.book.formulas.name[name], f"={self.place}!{where}")


def write_rule(book):
    """Write the sheet, and define the names.

    Parameters
    ----------
    book : sheets.Book
        The workbook.
    """
    rules = book.rules
    sheet = book.sheet("rule", book.say("title.rule"), paper=A3, landscape=True)
    for j, width in enumerate(_WIDTHS):
        sheet.set_column(j, j, width)
    pen = _Pen(book, sheet)
    pen.line("rule", rules.title if book.lang == "id" else rules.title_en, "wrap")
    pen.line("key", f"{rules.key} · sha256 {rules_digest(rules)}")
    _bands(pen, rules)
    _levels(pen, rules)
    _considerations(pen, rules)
    _limits(pen, rules)
    _criteria(pen, rules)
    _options(pen)
    pen.heading("sources")
    for key, source in rules.sources.items():
        put(sheet, pen.row, 0, key, book.look("text"))
        put(sheet, pen.row, 1, source, book.look("text"))
        pen.row += 1
    sheet.write_string(pen.row + 1, 0, book.say("rule.confidence"), book.look("subtitle"))
    sheet.freeze_panes(3, 0)


def _bands(pen, rules):
    pen.heading("bands", rules.bands)
    labels = band_labels(rules)
    rows = zip((_MINUS_INFINITY, *rules.bands.lower), rules.bands.score, labels.values(), strict=True)
    pen.table(("band_from", "band_score", "band_label"), list(rows), ("percent", "score", "word"),
              {0: "band_lower", 1: "band_score"})  # fmt: skip


def _levels(pen, rules):
    pen.heading("levels", rules.levels[0])
    rows = [
        (
            level.lower,
            pen.book.level_word(level.key),
            level.class_ or "-",
            level.priority or 0,
            rule_word(rules.handling.legal.get(level.key, "-"), pen.book.lang),
            rule_word(rules.handling.not_legal.get(level.key, "-"), pen.book.lang),
            level.key if pen.book.lang == "en" else level.name_en,
        )
        for level in rules.levels
    ]
    heads = ("level_from", "level", "letter", "base", "handling_legal", "handling_not_legal", "level_other")
    names = ("level_lower", "level_name", "level_letter", "level_base", "level_legal", "level_not_legal")
    pen.table(heads, rows, ("score", "word", "word", "score", "word", "word", "word"), dict(enumerate(names)))
    pen.line("level_open", pen.book.level_word(None), "text", "level_open")
    pen.line("floor", rules.floor, "score", "floor")
    said = f"{rules.sources[rules.handling.source]} [{rules.handling.confidence}]"
    pen.line("handling_source", said, "wrap")


def _considerations(pen, rules):
    given = rules.considerations
    pen.heading("considerations", given)
    for key, item in (("strategic", given.strategic), ("social", given.social)):
        pen.line(key, pen.book.say("rule.yes_no", yes=item.yes, no=item.no))
    pen.row += 1
    steps = pen.book.formulas.density_steps
    pen.line("city_class", pen.book.options["city_class"] or "–")
    if steps is not None:
        first, last = pen.row + 1, pen.row + len(steps.score)
        rows = list(zip((*steps.above, None), steps.score, strict=False))
        pen.table(("density_above", "density_score"), rows, ("unit", "score"))
        pen.name("density_above", first, last, 0)
        pen.name("density_score", first, last, 1)
    pen.row += 1
    rows = [
        (c.lower, rule_word(c.key, pen.book.lang), c.class_, c.priority, f"[{c.confidence}]") for c in given.classes
    ]
    heads = ("class_from", "class", "class_number", "class_step", "sure")
    names = ("class_lower", "class_name", "class_number", "class_step")
    pen.table(heads, rows, ("score", "word", "score", "score", "word"), dict(enumerate(names)))


def _limits(pen, rules):
    pen.heading("authority", rules.authority)
    pen.line("limit_province", rules.authority.province_from_ha, "ha", "limit_province")
    pen.line("limit_central", rules.authority.central_above_ha, "ha", "limit_central")
    pen.heading("further")
    pen.line("sk_tolerance", pen.book.options["sk_tolerance"], "share", "sk_tolerance")
    limit = next((c.parameters.get("limit_per_ha") for c in rules.criteria if c.measure == "building_density"), None)
    limit = limit.get(pen.book.options["city_class"]) if isinstance(limit, dict) else limit
    pen.line("building_limit", limit, "unit", "building_limit")
    legality = rules.legality
    said = f"{rules.sources[legality.source]} [{legality.confidence}]"
    pen.line("tenure_clear", ", ".join(pen.book.options["tenure_clear"] or legality.tenure_clear), "wrap")
    pen.line("plan_conforming", ", ".join(pen.book.options["plan_conforming"] or legality.plan_conforming), "wrap")
    pen.line("legality_source", said, "wrap")


def _criteria(pen, rules):
    pen.heading("criteria")
    table = criteria_table(rules, pen.book.lang)
    aspects = {a.number: pen.book.criterion_name(a) for a in rules.aspects}
    rows = []
    for code, c in table.iterrows():
        total = pen.book.say(f"rule.total_{c['total']}")
        sure, aspect = f"[{c['confidence']}]", aspects[c["aspect"]]
        rows.append((code, c["name"], c["unit"], total, sure, aspect, c["clause"], c["source"]))
    heads = ("code", "criterion", "unit", "total", "sure", "aspect", "clause", "source")
    pen.table(heads, rows, ("word", "wrap", "word", "wrap", "word", "wrap", "wrap", "wrap"))


def _options(pen):
    pen.heading("options")
    for key, value in pen.book.options.items():
        if value is not None:
            put(pen.sheet, pen.row, 0, key, pen.book.look("label", "box"))
            shown = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else value
            put(pen.sheet, pen.row, 1, shown, pen.book.look("wrap", "box", "left"))
            pen.row += 1
