"""The rule as formulas of a spreadsheet: what the kernel computes, in words that an auditor can click on.

A reference may hold ``§``, which stands for the number of the row. The names (``pita_batas`` …) are those of the sheet
of the rule. What is missing is an empty text, and no formula takes it for zero.
"""

from kumuhgis.text import rule_word, text

NUMBER = '">-1E+99"'
"""Criterion of COUNTIFS and SUMIFS: every number, and nothing else."""
NAMES = (
    "band_lower",
    "band_score",
    "level_lower",
    "level_name",
    "level_letter",
    "level_base",
    "level_legal",
    "level_not_legal",
    "level_open",
    "floor",
    "density_above",
    "density_score",
    "class_lower",
    "class_name",
    "class_number",
    "class_step",
    "limit_province",
    "limit_central",
    "building_limit",
    "sk_tolerance",
)
PLUS, MINUS = "(+)", "(-)"


class Formulas:
    """Formulas of one rule under its named options.

    Parameters
    ----------
    rules : Rules
        The rule.
    options : dict
        ``provenance["options"]``.
    lang : {"id", "en"}
        Language of the names and words.
    """

    def __init__(self, rules, options, lang="id"):
        self.rules, self.means = rules, options["means"]
        self.density_steps = rules.considerations.population.get(options["city_class"])
        self.name = {key: text(f"workbook.name.{key}", lang) for key in NAMES}
        self.word = {key: text(f"workbook.word.{key}", lang) for key in ("legal", "not_legal")}
        self.authorities = [rule_word(who, lang) for who in ("pusat", "provinsi", "kabupaten/kota")]
        self.lowest, self.highest = min(rules.bands.score), max(rules.bands.score)

    # ---------------------------------------------------------------- from volume to level

    def percent(self, volume, total):
        """100 × volume / total, two decimals, half away from zero; 0/0 is 0, a volume over nothing has no percent."""
        whole = f'IF(AND({total}=0,{volume}=0),0,"")'
        return f'IF(COUNT({volume},{total})<2,"",IF({total}>0,ROUND(100*{volume}/{total},2),{whole}))'

    def score(self, percent):
        """Score of a percent by the bands; nothing for a percent that is missing."""
        return f'IF({percent}="","",{self._band(percent)})'

    def limit_score(self, score, limit, total, otherwise):
        """Score that is certain (or possible) where the score itself is missing: by a limit of the volume."""
        by_limit = self._band(f"ROUND(100*{limit}/{total},2)")
        return f'IF({score}<>"",{score},IF(COUNT({limit},{total})<2,{otherwise},IF({total}>0,{by_limit},{otherwise})))'

    def mean(self, percents, scores):
        """Mean of the percents of an aspect; gated: those of score 0 count as 0 %."""
        listed = ",".join(percents)
        if self.means == "gated":
            parts = "+".join(f"{p}*({s}>0)" for p, s in zip(percents, scores, strict=True))
            return f'IF(COUNT({listed})<{len(percents)},"",ROUND(({parts})/{len(percents)},2))'
        return f'IF(COUNT({listed})<{len(percents)},"",ROUND(AVERAGE({listed}),2))'

    def mean_of(self, cells, count):
        """Mean of the aspect means, if none is missing."""
        return f'IF(COUNT({cells})<{count},"",ROUND(AVERAGE({cells}),2))'

    def total(self, scores, count):
        """Sum of the scores, if none is missing."""
        return f'IF(COUNT({scores})<{count},"",SUM({scores}))'

    def end(self, scores, count, each, narrowed=()):
        """Sum with ``each`` for every missing score; ``narrowed`` are (score, limit, total) that say more."""
        out = f"SUM({scores})" + (f"+{each}*({count}-COUNT({scores}))" if each else "")
        for score, limit, total in narrowed:
            by_limit = self._band(f"ROUND(100*{limit}/{total},2)")
            more = f"IF({total}>0,{by_limit}-{each},0)"
            out += f'+IF({score}<>"",0,IF(COUNT({limit},{total})<2,0,{more}))'
        return out

    def level(self, low, high):
        """Level on which both ends of the total agree."""
        n = self.name
        low, high = (f"LOOKUP({end},{n['level_lower']},{n['level_name']})" for end in (low, high))
        return f"IF({low}={high},{low},{n['level_open']})"

    def _band(self, percent):
        return f"LOOKUP({percent},{self.name['band_lower']},{self.name['band_score']})"

    # ---------------------------------------------------------------- hectares

    def slum(self, low, high, area):
        """Slum hectares: all of the area, none, or nothing said while it is open."""
        floor = self.name["floor"]
        return f'IF({high}<{floor},0,IF({low}>={floor},{area},""))'

    def slum_end(self, total, area):
        """Slum hectares at one end of the total."""
        return f"IF({total}>={self.name['floor']},{area},0)"

    # ---------------------------------------------------------------- decisions

    def density(self, people, area):
        """Persons per hectare."""
        return f'IF(COUNT({people},{area})<2,"",IF({area}>0,ROUND({people}/{area},9),""))'

    def density_score(self, density):
        """Score of the density; nothing without a class of the city."""
        if self.density_steps is None:
            return '""'
        above, score = self.name["density_above"], self.name["density_score"]
        out = f"INDEX({score},{len(self.density_steps.score)})"
        for i in reversed(range(1, len(self.density_steps.above) + 1)):
            out = f"IF({density}>INDEX({above},{i}),INDEX({score},{i}),{out})"
        return f'IF({density}="","",{out})'

    def considered(self, cells):
        """Sum of the three considerations, if none is missing."""
        return f'IF(COUNT({cells})<3,"",SUM({cells}))'

    def consideration(self, total):
        """Class of a sum of considerations."""
        n = self.name
        found = f"LOOKUP({total},{n['class_lower']},{n['class_name']})"
        return f'IF({total}="","",IF({total}<INDEX({n["class_lower"]},1),"",{found}))'

    def legal(self, tenure, plan):
        """Legal only if both signs are (+); a (-) settles it alone."""
        legal, not_legal = self.word["legal"], self.word["not_legal"]
        both = f'IF(AND({tenure}="{PLUS}",{plan}="{PLUS}"),"{legal}","")'
        return f'IF(OR({tenure}="{MINUS}",{plan}="{MINUS}"),"{not_legal}",{both})'

    def classify(self, low, level, considered, consideration, legal):
        """Klasifikasi, prioritas and pola penanganan, as three formulas."""
        n = self.name
        letter = f"LOOKUP({low},{n['level_lower']},{n['level_letter']})"
        slum = f'{level}<>{n["level_open"]},{letter}<>"-"'
        number = f'LOOKUP({considered},{n["class_lower"]},{n["class_number"]})+({legal}="{self.word["not_legal"]}")'
        step = f"LOOKUP({considered},{n['class_lower']},{n['class_step']})"
        base = f"LOOKUP({low},{n['level_lower']},{n['level_base']})"
        known = f'AND({slum},{consideration}<>"")'
        ways = [f"LOOKUP({low},{n['level_lower']},{n[key]})" for key in ("level_legal", "level_not_legal")]
        return (
            f'IF(AND({slum},{consideration}<>"",{legal}<>""),{letter}&({number}),"")',
            f'IF({known},{base}+{step},"")',
            f'IF(AND({slum},{legal}<>""),IF({legal}="{self.word["legal"]}",{ways[0]},{ways[1]}),"")',
        )

    def authority(self, low, high):
        """Who is in charge of a location, by its slum hectares; nothing while the ends disagree."""
        ends = [self._in_charge(end) for end in (low, high)]
        return f'IF(COUNT({low},{high})<2,"",IF({ends[0]}={ends[1]},{ends[0]},""))'

    def _in_charge(self, area):
        n = self.name
        central, province, city = self.authorities
        rest = f'IF({area}>0,"{city}","")'
        return f'IF({area}>{n["limit_central"]},"{central}",IF({area}>={n["limit_province"]},"{province}",{rest}))'

    # ---------------------------------------------------------------- sums over the RT of a group

    @staticmethod
    def strict_sum(values, group, number, count):
        """Sum over a group; nothing if a part of it is missing."""
        every = f"COUNTIFS({group},{number},{values},{NUMBER})={count}"
        return f'IF({every},ROUND(SUMIFS({values},{group},{number}),9),"")'

    @staticmethod
    def limit_sum(volume, total, group, number, limit=None, *, most=False):
        """Sum with nothing (or all of the total, or the limit) for every missing volume whose total is known."""
        open_ = f'{volume},""' + (f',{limit},""' if limit else "")
        out = f"SUMIFS({volume},{group},{number})"
        if limit:
            out += f'+SUMIFS({limit},{group},{number},{volume},"")'
        if most:
            out += f"+SUMIFS({total},{group},{number},{open_})"
        return f'IF(COUNTIFS({group},{number},{open_},{total},"")=0,ROUND({out},9),"")'

    @staticmethod
    def common(values, group, number):
        """Score that all units of a group share."""
        count, mean = f"COUNTIFS({group},{number},{values},{NUMBER})", f"AVERAGEIFS({values},{group},{number})"
        return f'IF({count}=0,"",IF(COUNTIFS({group},{number},{values},{mean})={count},{mean},""))'

    @staticmethod
    def whole_sign(signs, group, number, count):
        """Sign of a location: (-) if a part is (-), (+) if all of it is (+)."""
        every = f'IF(COUNTIFS({group},{number},{signs},"{PLUS}")={count},"{PLUS}","")'
        return f'IF(COUNTIFS({group},{number},{signs},"{MINUS}")>0,"{MINUS}",{every})'

    @staticmethod
    def rank(keys):
        """Place of a unit: ``keys`` are (cell, range, "<" or ">") from the first to the last tie-break."""
        out, equal = "1", ""
        for i, (cell, values, sign) in enumerate(keys):
            beyond = f'"{sign}"&{cell}' if i < 2 else f'IF({cell}="",">-1","{sign}"&{cell})'
            out += f"+COUNTIFS({equal}{values},{beyond})"
            equal += f"{values},{cell},"
        return f'IF({keys[0][0]}="","",{out})'
