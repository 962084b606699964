"""``check``: one page on the state of the data: what to do first, and what became of every feature."""

import math
import os
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path

import pandas as pd

from kumuhgis.assessment import assess
from kumuhgis.errors import SEVERITIES, KumuhgisError, count_severities, problems_frame, where_of
from kumuhgis.joining import MATCH_COLUMNS, count_matches
from kumuhgis.project import load_project
from kumuhgis.saving import replacing
from kumuhgis.spots import listed
from kumuhgis.text import number, text

MOST_TO_DO = 10
_PLACE = ["layer", "row", "feature", "column"]
_MOST_ROWS = 2000
_MOST_MATCHES = 30
_MOST_LINKS = 60_000
_WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls")
_ESCAPED = str.maketrans({c: f"%{ord(c):02x}" for c in '%# "<>[]^`{}'})


@dataclass(frozen=True)
class Checkup:
    """What a check found.

    Attributes
    ----------
    name : str
        Name of the project.
    problems : pandas.DataFrame
        Every problem, worst first; with ``geometry`` if an assessment could be made.
    todo : pandas.DataFrame
        At most ten things to do: problems of one kind together, worst and most frequent first.
    accounts : pandas.DataFrame
        One row per layer and table: ``layer, file, read, repaired, set_aside, used, filled`` (share of cells filled),
        ``date`` of the file.
    sample : bool
        Whether the data are invented.
    runs : bool
        Whether an assessment can be made of them.
    lang : {"id", "en"}
        Language.
    matches : pandas.DataFrame
        What became of every record of the table and every unit without one; see :func:`joining.list_matches`.
    files : dict of str to str
        Where every layer and table lies, relative to the project folder; by its name and by the name of its file.
    """

    name: str
    problems: pd.DataFrame
    todo: pd.DataFrame
    accounts: pd.DataFrame
    sample: bool = False
    runs: bool = True
    lang: str = "id"
    matches: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=MATCH_COLUMNS))
    files: dict = field(default_factory=dict)


def checkup(project, *, lang="id"):
    """Check all of a project.

    Parameters
    ----------
    project : path or Project
        The project folder.
    lang : {"id", "en"}
        Language of the messages.

    Returns
    -------
    Checkup
        What was found; if the project cannot be assessed, the reasons are its problems and ``runs`` is False.
    """
    try:
        loaded = load_project(project)
        result = assess(loaded, lang=lang)
    except KumuhgisError as error:
        problems = problems_frame(error.problems, lang)
        empty = pd.DataFrame(columns=ACCOUNT_COLUMNS)
        return Checkup(str(project), problems, things_to_do(problems, lang=lang), empty, runs=False, lang=lang)
    named = _files(loaded.contents)
    accounts = _with_dates(result.accounts, named, loaded.folder)
    info = loaded.contents.project
    return Checkup(
        info.name,
        result.problems,
        things_to_do(result.problems, lang=lang),
        accounts,
        info.sample,
        lang=lang,
        matches=result.matches,
        files=named,
    )


def _files(contents):
    """Say where layers and tables lie; a file name that stands for two files stands for none."""
    tables = {"baseline": contents.tables.baseline, "considerations": contents.tables.considerations}
    named = {name: spec.path for name, spec in {**contents.layers, **tables}.items() if spec is not None}
    paths = set(named.values())
    names = [Path(path).name for path in paths]
    return {Path(path).name: path for path in paths if names.count(Path(path).name) == 1} | named


ACCOUNT_COLUMNS = ["layer", "file", "read", "repaired", "set_aside", "used", "filled", "date"]


def _with_dates(accounts, named, folder):
    """Add the day on which the file of every layer and table was written."""
    paths = [folder / named[layer] if layer in named else None for layer in accounts["layer"]]
    days = [date.fromtimestamp(p.stat().st_mtime) if p is not None and p.exists() else None for p in paths]
    return accounts.assign(date=days)[ACCOUNT_COLUMNS]


def things_to_do(problems, most=MOST_TO_DO, lang="id"):
    """Gather problems of one kind, worst and most frequent first.

    Parameters
    ----------
    problems : pandas.DataFrame
        The problems.
    most : int
        How many things at most.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    pandas.DataFrame
        ``severity, code, layer, where, count, message, fix``; notes (info) are left out.
    """
    pressing = problems[problems["severity"] != "info"]
    rows = []
    for (severity, code, layer), group in pressing.groupby(["severity", "code", "layer"], sort=False):
        first = group.iloc[0]
        places = zip(group["row"], group["feature"], group["column"], strict=True)
        names = list(dict.fromkeys(where_of("", *place, lang).replace(" · ", " ") for place in places))
        where = ", ".join(filter(None, names[:4])) + (" …" if len(names) > 4 else "")
        rows.append(
            (
                severity,
                code,
                layer,
                " · ".join(filter(None, (layer, where))),
                len(group),
                first["message"],
                first["fix"],
            )
        )
    columns = ["severity", "code", "layer", "where", "count", "message", "fix"]
    out = pd.DataFrame(rows, columns=columns)
    out["order"] = [SEVERITIES.index(s) for s in out["severity"]]
    out = out.sort_values(["order", "count"], ascending=[True, False], kind="stable").drop(columns="order")
    return out.head(most).reset_index(drop=True)


# ---------------------------------------------------------------- HTML


@cache
def _template():
    from jinja2 import Environment, StrictUndefined

    source = files("kumuhgis").joinpath("data", "templates", "check.html").read_text("utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined).from_string(source)


def _labels(lang):
    keys = (
        "title",
        "todo",
        "nothing",
        "accounts",
        "all",
        "layer",
        "file",
        "read",
        "repaired",
        "set_aside",
        "used",
        "filled",
        "age",
        "where",
        "what",
        "fix",
        "code",
        "sample",
        "matches",
        "record",
        "how",
        "done",
    )
    return {key: text(f"checkup.{key}", lang) for key in keys}


def _shown_problems(problems, lang):
    out = listed(problems).assign(params=problems["params"])
    out["severity_word"] = [text(f"severity.{s}", lang) for s in out["severity"]]
    places = zip(out["layer"], out["row"], out["feature"], out["column"], strict=True)
    out["where"] = [where_of(*place, lang) for place in places]
    return out


def _shown_matches(matches, lang):
    out = matches.copy()
    out["how"] = [text(f"matches.how.{how}", lang) for how in out["how"]]
    out["where"] = [
        where_of("", row, written or unit, "", lang)
        for row, written, unit in zip(out["row"], out["written"], out["unit"], strict=True)
    ]
    return out


def _age(day, lang):
    if day is None or day != day:
        return ""
    return text("checkup.days", lang, date=day.isoformat(), days=(date.today() - day).days)


def write_html(check, path, *, force=False):
    """Write a check as one page that opens without a network and prints on paper.

    Parameters
    ----------
    check : Checkup
        What was found.
    path : path
        The file.
    force : bool
        Overwrite what is there.

    Returns
    -------
    pathlib.Path
        The file.
    """
    lang = check.lang
    todo = check.todo.assign(severity_word=[text(f"severity.{s}", lang) for s in check.todo["severity"]])
    accounts = check.accounts.assign(
        filled=["" if f != f else f"{number(100 * f, 0, lang)} %" for f in check.accounts["filled"]],
        age=[_age(d, lang) for d in check.accounts["date"]],
    )
    shown = _shown_problems(check.problems.head(_MOST_ROWS), lang)
    left = len(check.problems) - len(shown)
    odd = check.matches[check.matches["how"] != "exact"]
    unsaid = len(odd) - _MOST_MATCHES
    page = _template().render(
        lang=lang,
        t=_labels(lang),
        project=check.name,
        date=datetime.now().strftime("%Y-%m-%d %H:%M"),
        sample=check.sample,
        counts=text("headline.counts", lang, **count_severities(check.problems)),
        todo=todo.to_dict("records"),
        accounts=accounts.to_dict("records"),
        problems=shown.to_dict("records"),
        more=text("cli.more", lang, count=left) if left else "",
        matched=count_matches(check.matches, lang),
        matches=_shown_matches(odd.head(_MOST_MATCHES), lang).to_dict("records"),
        more_matches=text("cli.more", lang, count=unsaid) if unsaid > 0 else "",
    )
    with replacing(path, force=force, lang=lang) as draft:
        draft.write_text(page, "utf-8", errors="replace")
    return Path(path)


# ---------------------------------------------------------------- workbook


def write_xlsx(check, path, *, force=False, folder=None):
    """Write a check as a workbook: to do, accounts, every problem and match with a link to its row in its file.

    Parameters
    ----------
    check : Checkup
        What was found.
    path : path
        The file.
    force : bool
        Overwrite what is there.
    folder : path, optional
        Project folder, to which the links go: to the row of a workbook, else to the file. What lies outside the folder
        is not linked.

    Returns
    -------
    pathlib.Path
        The file.
    """
    import xlsxwriter

    t = _labels(check.lang)
    problems = _shown_problems(check.problems, check.lang)
    todo = check.todo.assign(severity=[text(f"severity.{s}", check.lang) for s in check.todo["severity"]])
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with replacing(path, force=force, lang=check.lang) as draft, xlsxwriter.Workbook(draft, options) as book:
        head = book.add_format({"bold": True, "bg_color": "#e9e2d2", "border": 1, "text_wrap": True})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        sheets = {
            t["todo"]: (todo[["severity", "where", "count", "message", "fix"]], [12, 40, 8, 60, 60]),
            t["accounts"]: (check.accounts, [14, 26, 10, 10, 10, 10, 10, 12]),
            t["all"]: (
                problems[["severity_word", *_PLACE, "message", "fix", "code", "lon", "lat"]],
                [12, 22, 8, 26, 18, 60, 60, 24, 12, 12],
            ),
            t["matches"]: (
                _shown_matches(check.matches, check.lang)[MATCH_COLUMNS],
                [26, 36, 8, 14, 26, 30, 26, 12, 70],
            ),
        }
        for name, (frame, widths) in sheets.items():
            _sheet(book, name, frame, widths, head, wrap, check.lang)
        if folder is not None:
            rows, lists = check.matches[check.matches["record"] != ""], (t["all"][:31], t["matches"][:31])
            tabs = [params.get("sheet") for params in problems["params"]]
            ways = (check, Path(folder), Path(path).absolute().parent)
            found = zip(problems["layer"], problems["row"], tabs, strict=True)
            _links(book.get_worksheet_by_name(lists[0]), 1, problems["layer"].tolist(), found, *ways)
            found = zip(["baseline"] * len(rows), rows["row"], rows["sheet"], strict=True)
            _links(book.get_worksheet_by_name(lists[1]), 0, rows["record"].tolist(), found, *ways)
    return Path(path)


def _sheet(book, name, frame, widths, head, wrap, lang):
    sheet = book.add_worksheet(name[:31])
    for j, (column, width) in enumerate(zip(frame.columns, widths, strict=True)):
        sheet.write_string(0, j, text(f"checkup.column_{column}", lang), head)
        sheet.set_column(j, j, width)
    for i, row in enumerate(frame.itertuples(index=False), 1):
        for j, value in enumerate(row):
            if value is None or pd.isna(value) or (isinstance(value, float) and not math.isfinite(value)):
                sheet.write_blank(i, j, None, wrap)
            elif isinstance(value, (int, float)) or hasattr(value, "dtype"):
                sheet.write_number(i, j, value, wrap)
            else:
                sheet.write_string(i, j, _known_letters(value), wrap)
    sheet.freeze_panes(1, 0)
    if len(frame):
        sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _known_letters(value):
    """Write a text with a question mark for what is no letter: part of a file name that is not UTF-8."""
    return str(value).encode("utf-8", "replace").decode()


def _links(sheet, column, shown, places, check, folder, below):
    """Link the cells of a column to the file that each line speaks of, and to the row where it is a workbook."""
    targets = {}
    for i, (label, (layer, row, tab)) in enumerate(zip(shown[:_MOST_LINKS], places, strict=False), 1):
        if layer not in targets:
            name = layer.split(":")[0]
            targets[layer] = _relative(check.files.get(layer) or check.files.get(name) or name, folder, below)
        target = targets[layer]
        if target is not None:
            cell = _cell(target, row, tab)
            sheet.write_url(i, column, f"external:{target.translate(_ESCAPED)}{cell}", string=label, tip=layer)


def _relative(name, folder, below):
    """Give the way from the report to a file of the project; None for what lies outside, or cannot be a link."""
    file = (folder / name).resolve()
    if not file.is_file() or not file.is_relative_to(folder.resolve()):
        return None
    try:
        way = Path(os.path.relpath(file, below.resolve())).as_posix()
    except ValueError:  # another drive
        return None
    return None if set(way) & set(":\\") or way != _known_letters(way) else way


def _cell(target, row, tab):
    if not tab or pd.isna(row) or not target.lower().endswith(_WORKBOOKS):
        return ""
    quoted = tab.replace("'", "''")
    return f"#'{quoted}'!A{int(row)}"
