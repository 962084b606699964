"""``check``: one page on the state of the data: what to do first, and what became of every feature."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path

import pandas as pd

from kumuhgis.assessment import assess
from kumuhgis.errors import SEVERITIES, KumuhgisError, count_severities, problems_frame
from kumuhgis.export import replacing
from kumuhgis.project import FILE, load_project
from kumuhgis.spots import listed
from kumuhgis.text import number, text

MOST_TO_DO = 10
_MOST_ROWS = 2000


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
    """

    name: str
    problems: pd.DataFrame
    todo: pd.DataFrame
    accounts: pd.DataFrame
    sample: bool = False
    runs: bool = True
    lang: str = "id"


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
        return Checkup(str(project), problems, things_to_do(problems), empty, runs=False, lang=lang)
    accounts = _with_dates(result.accounts, loaded)
    info = loaded.contents.project
    return Checkup(info.name, result.problems, things_to_do(result.problems), accounts, info.sample, lang=lang)


ACCOUNT_COLUMNS = ["layer", "file", "read", "repaired", "set_aside", "used", "filled", "date"]


def _with_dates(accounts, project):
    out = accounts.copy()
    paths = [project.folder / name for name in out["file"]]
    out["date"] = [date.fromtimestamp(p.stat().st_mtime) if p.is_file() else None for p in paths]
    return out[ACCOUNT_COLUMNS]


def things_to_do(problems, most=MOST_TO_DO):
    """Gather problems of one kind, worst and most frequent first.

    Parameters
    ----------
    problems : pandas.DataFrame
        The problems.
    most : int
        How many things at most.

    Returns
    -------
    pandas.DataFrame
        ``severity, code, layer, where, count, message, fix``; notes (info) are left out.
    """
    pressing = problems[problems["severity"] != "info"]
    rows = []
    for (severity, code, layer), group in pressing.groupby(["severity", "code", "layer"], sort=False):
        first = group.iloc[0]
        names = list(
            dict.fromkeys(
                " ".join(filter(None, (f, c))) for f, c in zip(group["feature"], group["column"], strict=True)
            )
        )
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
    )
    return {key: text(f"checkup.{key}", lang) for key in keys}


def _shown_problems(problems, lang):
    out = listed(problems)
    out["severity_word"] = [text(f"severity.{s}", lang) for s in out["severity"]]
    out["where"] = [
        " · ".join(filter(None, parts)) for parts in zip(out["layer"], out["feature"], out["column"], strict=True)
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
    )
    with replacing(path, force=force, lang=lang) as draft:
        draft.write_text(page, "utf-8")
    return Path(path)


# ---------------------------------------------------------------- workbook


def write_xlsx(check, path, *, force=False, folder=None):
    """Write a check as a workbook: to do, accounts, every problem with a link to its file.

    Parameters
    ----------
    check : Checkup
        What was found.
    path : path
        The file.
    force : bool
        Overwrite what is there.
    folder : path, optional
        Project folder, to which the links go.

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
                problems[["severity_word", "layer", "feature", "column", "message", "fix", "code", "lon", "lat"]],
                [12, 22, 26, 18, 60, 60, 24, 12, 12],
            ),
        }
        for name, (frame, widths) in sheets.items():
            _sheet(book, name, frame, widths, head, wrap, check.lang)
        if folder is not None and len(problems):
            _links(book.get_worksheet_by_name(t["all"][:31]), problems, Path(folder))
    return Path(path)


def _sheet(book, name, frame, widths, head, wrap, lang):
    sheet = book.add_worksheet(name[:31])
    for j, (column, width) in enumerate(zip(frame.columns, widths, strict=True)):
        sheet.write_string(0, j, text(f"checkup.column_{column}", lang), head)
        sheet.set_column(j, j, width)
    for i, row in enumerate(frame.itertuples(index=False), 1):
        for j, value in enumerate(row):
            if value is None or value != value:
                sheet.write_blank(i, j, None, wrap)
            elif isinstance(value, (int, float)) or hasattr(value, "dtype"):
                sheet.write_number(i, j, value, wrap)
            else:
                sheet.write_string(i, j, str(value), wrap)
    sheet.freeze_panes(1, 0)
    if len(frame):
        sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _links(sheet, problems, folder):
    """Link the file named in a problem's layer, if it is a file of the project."""
    for i, layer in enumerate(problems["layer"], 1):
        name = layer.split(":")[0]
        if name and Path(name).name == name and (folder / name).is_file():
            sheet.write_url(i, 1, f"external:{name}", string=layer, tip=FILE)
