"""The form on the phone: an XLSForm in Indonesian and English, for KoboToolbox and ODK.

The workbook follows the XLSForm standard (xlsform.org): sheets ``survey``, ``choices``, ``settings``. It needs nothing
but XlsxWriter; pyxform or the server turns it into an XForm.
"""

import hashlib
from datetime import datetime
from pathlib import Path

import shapely
import xlsxwriter

from kumuhgis.forms.contents import form_contents
from kumuhgis.questions import CHOICES, NUMBERS, choices, questions, repeats
from kumuhgis.saving import replacing
from kumuhgis.survey import unit_choices
from kumuhgis.text import figure, text

LANGUAGES = {"id": "Bahasa Indonesia (id)", "en": "English (en)"}
_OPERATORS = {"below": "<", "above": ">", "at_least": ">=", "at_most": "<="}
_LARGEST_CELL = 30_000
_SIMPLER_M = 1.0
_PLAIN = ("type", "name")
_SPOKEN = ("label", "hint", "constraint_message")
_LAST = ("required", "constraint", "relevant", "appearance", "choice_filter", "parameters")


def write_form(source, path, *, units=None, part="both", on_map=True, force=False, lang="id"):
    """Write the questionnaire of a rule as an XLSForm.

    Parameters
    ----------
    source : Rules, Project, str or path
        A rule or a project, as :func:`form_contents` takes it; a project gives the RT to choose from.
    path : path
        The ``.xlsx``.
    units : geopandas.GeoDataFrame or pandas.DataFrame, optional
        The RT, indexed by unit. Without any, RW and RT are typed.
    part : {"both", "household", "rt"}
        Which part; "both" asks first.
    on_map : bool
        Let the phone show the outlines of the RT to choose from; where it cannot, it shows a list.
    force : bool
        Overwrite what is there.
    lang : {"id", "en"}
        Language in which the form opens; both are in it. Language of errors too.

    Returns
    -------
    pathlib.Path
        The file. It is the same to the byte for the same questions and RT.

    Raises
    ------
    OutputError
        If it cannot be written.
    RulesError, ProjectError, LayerError
        If the source cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> write_form("permen-14-2018", Path(tempfile.mkdtemp()) / "form.xlsx").name
    'form.xlsx'
    """
    contents = form_contents(source, units=units, part=part)
    sheets = form_sheets(contents, on_map=on_map, lang=lang)
    with replacing(path, force=force, lang=lang) as draft:
        _write(draft, sheets)
    return Path(path)


def form_sheets(contents, *, on_map=True, lang="id"):
    """Give the sheets of an XLSForm.

    Parameters
    ----------
    contents : FormContents
        What the form holds.
    on_map : bool
        As for :func:`write_form`.
    lang : {"id", "en"}
        Language in which the form opens.

    Returns
    -------
    dict of str to list of dict
        Sheet to its rows, each column to text.
    """
    listed, shown = _unit_lists(contents, on_map)
    survey = [{"type": "start", "name": "start"}, {"type": "end", "name": "end"}]
    for section, inner in contents.sections:
        survey += _section(section, inner, contents, shown)
    used = {q.choices for q in contents.questions if q.type in CHOICES}
    choice_rows = [
        {
            "list_name": name,
            "name": key,
            **_in_both("label", lambda at, c=choice: c.label if at == "id" else c.label_en),
        }
        for name, inner in choices().items()
        if name in used
        for key, choice in inner.items()
    ]
    sheets = {"survey": survey, "choices": choice_rows + listed}
    digest = hashlib.sha256(repr(sheets).encode()).hexdigest()[:10]
    sheets["settings"] = [
        {
            "form_title": contents.title(lang),
            "form_id": f"kumuhgis_{contents.rules.key.replace('-', '_')}_{contents.part}",
            "version": digest,
            "default_language": LANGUAGES[lang],
            "style": "pages",
            "instance_name": _instance_name(contents),
        }
    ]
    return sheets


def _instance_name(contents):
    number = ", ' ', ${household_no}" if contents.part != "rt" else ""
    return f"concat(${{unit}}{number})" if number else "${unit}"


# ---------------------------------------------------------------- the sheet of questions


def _section(section, inner, contents, shown):
    """Give the rows of one section: its group, consent, questions and what repeats."""
    rows, repeated = [], None
    alone = not any(q.repeat for q in inner) and section["part"] != "both"
    rows.append({
        "type": "begin_group", "name": section["key"], "relevant": _section_relevant(section, contents.part),
        "appearance": "field-list" if alone and len(inner) > 1 and section["key"] != "household" else "",
        **_in_both("label", lambda at: section["title"] if at == "id" else section["title_en"]),
    })  # fmt: skip
    for question in inner:
        if question.repeat != repeated:
            rows += _turn(repeated, question.repeat)
            repeated = question.repeat
        if question.name == "consent":
            rows.append({"type": "note", "name": "consent_text", **_in_both("label", _consent)})
        rows.append(_question(question, section, shown))
    return [*rows, *_turn(repeated, ""), {"type": "end_group"}]


def _consent(lang):
    return text("survey.consent", lang)


def _turn(before, after):
    """Close one part that repeats and open the next."""
    rows = [{"type": "end_repeat"}] if before else []
    if after:
        title, gate = repeats()[after], repeats()[after]["gate"]
        label = _in_both("label", lambda at: title["title"] if at == "id" else title["title_en"])
        rows.append({"type": "begin_repeat", "name": after, "relevant": f"${{{gate}}} = 'yes'", **label})
    return rows


def _section_relevant(section, part):
    parts = [f"${{part}} = '{section['part']}'"] if part == "both" and section["part"] != "both" else []
    if section["part"] == "household" and section["key"] != "household":
        parts.append("${consent} = 'yes'")
    return " and ".join(parts)


def _question(question, section, shown):
    """Give the row of one question."""
    relevant = [] if question.relevant is None else [xpath(question.relevant)]
    if section["key"] == "household" and question.name not in ("household_no", "consent"):
        relevant.append("${consent} = 'yes'")
    row = {
        "type": _type(question, shown),
        "name": question.name,
        "required": "yes" if question.required else "",
        "relevant": " and ".join(relevant),
        "constraint": _limits(question),
        "parameters": "max-pixels=1280" if question.type == "image" else "",
        **_in_both("label", question.said),
        **_in_both("hint", lambda at: "" if question.type == "unit" and not shown["map"] else question.told(at)),
        **(_in_both("constraint_message", lambda at: _limits_said(question, at)) if _limits(question) else {}),
    }
    if question.type == "unit" and shown["list"]:
        row |= {"choice_filter": "rw = ${rw}", "appearance": "map" if shown["map"] else "minimal"}
    if question.type == "rw" and shown["list"]:
        row["appearance"] = "minimal"
    return row


def _type(question, shown):
    if question.type in CHOICES:
        return f"{question.type} {question.choices}"
    if question.type in ("rw", "unit"):
        return f"select_one {question.type}" if shown["list"] else "text"
    return question.type


def _limits(question):
    if question.type not in NUMBERS:
        return ""
    limits = ((">=", question.min), ("<=", question.max))
    return " and ".join(
        f". {sign} {figure(limit, 'en').replace(',', '')}" for sign, limit in limits if limit is not None
    )


def _limits_said(question, lang):
    kind = "integer" if question.type == "integer" else "decimal"
    return text(f"survey.limits_{kind}", lang, low=figure(question.min, lang), high=figure(question.max, lang))


def _in_both(column, said):
    """Give a column in both languages; what is empty is left out."""
    return {f"{column}::{name}": said(lang) for lang, name in LANGUAGES.items() if said(lang)}


def xpath(condition):
    """Write a condition as an XLSForm writes it.

    Parameters
    ----------
    condition : Condition
        The condition.

    Returns
    -------
    str
        For example ``"${toilet} = 'own' or ${toilet} = 'shared'"``.

    Examples
    --------
    >>> from kumuhgis.questions import Condition
    >>> xpath(Condition(question="toilet", in_=("own", "shared")))
    "(${toilet} = 'own' or ${toilet} = 'shared')"
    """
    parts = [_leaf(condition)] if condition.question else []
    for inner, word in ((condition.any, " or "), (condition.all, " and ")):
        if inner:
            parts.append(f"({word.join(map(xpath, inner))})")
    return " and ".join(parts)


def _leaf(leaf):
    name = f"${{{leaf.question}}}"
    if leaf.in_:
        many = questions()[leaf.question].type == "select_multiple"
        ways = [f"selected({name}, '{key}')" if many else f"{name} = '{key}'" for key in leaf.in_]
        return f"({' or '.join(ways)})" if len(ways) > 1 else ways[0]
    value = f"{name} div ${{{leaf.per}}}" if leaf.per else name
    return " and ".join(f"{value} {_OPERATORS[limit]} {number:g}" for limit, number in leaf.limits.items())


# ---------------------------------------------------------------- the RT to choose from


def _unit_lists(contents, on_map):
    """Give the choices of RW and RT, and how they are shown."""
    if contents.units is None or not len(contents.units):
        return [], {"list": False, "map": False}
    made = {at: unit_choices(contents.units, at) for at in LANGUAGES}
    outlines = _outlines(contents.units) if on_map else [""] * len(contents.units)
    shown = {"list": True, "map": bool(outlines) and all(outlines)}
    order = made["id"].assign(outline=outlines).reset_index(names="_unit").sort_values(["rw", "name"], kind="stable")
    rows = []
    for rw in order.drop_duplicates("rw").itertuples():
        label = _in_both("label", lambda at, unit=rw._1: made[at]["rw_label"].loc[unit])
        rows.append({"list_name": "rw", "name": rw.rw, **label})
    for unit in order.itertuples():
        label = {f"label::{name}": unit.label for name in LANGUAGES.values()}
        outline = {"geometry": unit.outline} if shown["map"] else {}
        rows.append({"list_name": "unit", "name": unit.name, **label, "rw": unit.rw, **outline})
    return rows, shown


def _outlines(units):
    """Write the outline of every RT as phones read it: "lat lon 0 0;..."; "" for what has none."""
    if not hasattr(units, "geometry") or getattr(units, "crs", None) is None:
        return [""] * len(units)
    shapes = units.geometry
    if units.crs.is_projected:
        shapes = shapes.simplify(_SIMPLER_M)
    return [_outline(shape) for shape in shapes.to_crs(4326)]


def _outline(shape):
    parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"] if shape is not None else []
    if not parts:
        return ""
    corners = shapely.get_coordinates(max(parts, key=lambda p: p.area).exterior)
    written = ";".join(f"{y:.6f} {x:.6f} 0 0" for x, y in corners)
    return written if len(written) <= _LARGEST_CELL else ""


# ---------------------------------------------------------------- the workbook


def _write(path, sheets):
    spoken = [f"{column}::{name}" for column in _SPOKEN for name in LANGUAGES.values()]
    order = {
        "survey": [*_PLAIN, *spoken, *_LAST],
        "choices": ["list_name", "name", *spoken[:2], "rw", "geometry"],
        "settings": list(sheets["settings"][0]),
    }
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": sheets["settings"][0]["form_title"], "created": datetime(2018, 1, 1)})
        bold = book.add_format({"bold": True})
        for name, rows in sheets.items():
            columns = [c for c in order[name] if c in _PLAIN or any(row.get(c) for row in rows)]
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 2)
            sheet.set_column(0, len(columns), 24)
            for j, column in enumerate(columns):
                sheet.write_string(0, j, column, bold)
                for i, row in enumerate(rows, 1):
                    if row.get(column):
                        sheet.write_string(i, j, str(row[column]))
