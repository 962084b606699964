"""``write(assessment, path)``: one function and one row in ``WRITERS`` per format.

Every file is written under a temporary name and renamed when it is whole. Text that people wrote stays text: a cell
that begins with = + - @ cannot become a formula.
"""

import json
from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from pathlib import Path

import pandas as pd

from kumuhgis.captions import provenance_text
from kumuhgis.catalog import document_kinds
from kumuhgis.documents.workbook import write_workbook
from kumuhgis.errors import OutputError, Problem
from kumuhgis.qgis.geopackage import write_answers_package, write_geopackage
from kumuhgis.results import check_assessment
from kumuhgis.saving import replacing, write_csv, write_table
from kumuhgis.spots import listed
from kumuhgis.text import text
from kumuhgis.unitrows import in_words, unit_features, unit_table
from kumuhgis.waiting import waiting

ORIGINS = ".asal.txt"
"""Suffix of the provenance that is written beside a document whose format has no place for it (``documents.toml``)."""


def write(assessment, path, *, kind=None, contributions=None, force=False, lang=None, progress=None, **options):
    """Write an assessment to a file: a format by its suffix, or a document by its kind.

    Parameters
    ----------
    assessment : Assessment
        The result.
    path : path
        ``.gpkg`` (units, layers, problems, tables), ``.geojson`` (units), ``.csv`` (one row per unit), ``.json``
        (everything but geometry; problems with ``lon`` and ``lat``), ``.xlsx`` (the Profil Kumuh workbook with live
        formulas; see :mod:`kumuhgis.documents.workbook`). With a ``kind``, one of the suffixes of that kind.
    kind : str, optional
        A document (:func:`catalog.document_kinds`): ``workbook`` …
    contributions : geopandas.GeoDataFrame, optional
        What residents answered (:func:`participate.read_contributions`); a GeoPackage gets it as a layer.
    force : bool
        Overwrite a file that is there.
    lang : {"id", "en"}, optional
        Language of the words in the file; the default is the assessment's.
    progress : callable or bool, optional
        Who is told how far it is, as for :func:`assess`: called with (number done, number of all or None, name).
    **options
        How the document shall be: the keywords of the function that writes it.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    OutputError
        If kind, suffix or an option is unknown, the file exists, or it cannot be written; nothing is left half written.
    """
    check_assessment(assessment, "write", lang or "id")
    path, lang = Path(path), lang or assessment.lang
    writer, beside = check_document(kind, path, lang, options)
    if contributions is not None and "contributions" in signature(writer).parameters:
        options["contributions"] = contributions
    with waiting(path.name, progress, lang), replacing(path, force=force, lang=lang, beside=beside) as draft:
        writer(assessment, draft, lang, **options)
        if ORIGINS in beside:
            draft.with_suffix(ORIGINS).write_text(provenance_text(assessment, lang), "utf-8")
    return path


def check_document(kind, path, lang="id", options=()):
    """Refuse, before any work, a document that cannot be written.

    Parameters
    ----------
    kind : str or None
        The document; without it, the format by the suffix.
    path : path
        Where to.
    lang : {"id", "en"}
        Language of the errors.
    options : collection of str
        Names of options.

    Returns
    -------
    writer : callable
        ``(assessment, path, lang, **options)``.
    beside : sequence of str
        Suffixes of what it writes beside the file.

    Raises
    ------
    OutputError
        If kind, suffix or an option is unknown, or a package that it needs is not installed.
    """
    path, kinds = Path(path), document_kinds()
    if kind is not None and kind not in kinds:
        raise OutputError([Problem("document_kind", "", params={"kind": kind, "known": ", ".join(kinds)})], lang)
    document = kinds.get(kind, {"write": WRITERS})
    known, suffix = document["write"], path.suffix.lower()
    if suffix not in known:
        params = {"suffix": path.suffix, "known": ", ".join(known)}
        raise OutputError([Problem("output_format", path.name, params=params)], lang)
    _check_packages(document.get("needs", {}).get(suffix, ()), path, lang)
    writer = _found(known[suffix]) if kind else known[suffix]
    known = _keywords(writer)
    params = {"kind": kind or suffix, "known": ", ".join(known) or "–"}
    wrong = [Problem("document_option", path.name, "", name, params) for name in options if name not in known]
    if wrong:
        raise OutputError(wrong, lang)
    return writer, document.get("beside", ())


def _check_packages(needed, path, lang):
    """Say which packages of the extra for documents are not installed."""
    missing = [name for name in needed if find_spec(name) is None]
    if missing:
        params = {"package": ", ".join(missing), "extra": "laporan"}
        raise OutputError([Problem("document_needs_package", path.name, params=params)], lang)


def takes(kind, path):
    """Give the options of a document.

    Parameters
    ----------
    kind : str
        The document.
    path : path
        A file with one of its suffixes.

    Returns
    -------
    list of str
        Keywords of the function that writes it.

    Examples
    --------
    >>> takes("workbook", "profil.xlsx")
    []
    """
    return _keywords(_found(document_kinds()[kind]["write"][Path(path).suffix.lower()]))


def _keywords(writer):
    return [p.name for p in signature(writer).parameters.values() if p.kind is p.KEYWORD_ONLY]


def _found(named):
    room, function = named.split(":")
    return getattr(import_module(f"kumuhgis.{room}"), function)


def write_answers(answers, contradictions, problems, path, *, force=False, lang="id"):
    """Write what residents answered, and where it contradicts the scores; the suffix chooses the format.

    Parameters
    ----------
    answers : geopandas.GeoDataFrame
        As :func:`participate.read_contributions` gives them.
    contradictions : pandas.DataFrame
        As :func:`participate.contradictions` gives them.
    problems : pandas.DataFrame
        What was said of the files (:func:`errors.problems_frame`).
    path : path
        ``.xlsx`` (three sheets), ``.csv`` (the answers; the contradictions in a second file beside it), ``.gpkg``.
    force : bool
        Overwrite what is there.
    lang : {"id", "en"}
        Language of headings and errors.

    Returns
    -------
    list of pathlib.Path
        The files.

    Raises
    ------
    OutputError
        If the suffix is unknown, a file exists, or it cannot be written.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in (".xlsx", ".csv", ".gpkg"):
        params = {"suffix": path.suffix, "known": ".xlsx, .csv, .gpkg"}
        raise OutputError([Problem("output_format", path.name, params=params)], lang)
    columns = ["severity", "layer", "feature", "column", "message", "fix"]
    said = [text(f"participate.finding.{finding}", lang) for finding in contradictions["finding"]]
    against = contradictions.assign(finding=said)
    tables = {"answers": _with_places(answers), "contradictions": against, "problems": problems[columns]}
    shown = {name: _headed(table, lang) for name, table in tables.items()}
    if suffix == ".csv":
        name = text("participate.sheet.contradictions", lang).lower()
        beside = path.with_name(f"{path.stem}-{name}{path.suffix}")
        pairs = ((path, "answers"), (beside, "contradictions"))
        return [write_table(shown[name], file, force=force, lang=lang) for file, name in pairs]
    with replacing(path, force=force, lang=lang) as draft:
        if suffix == ".xlsx":
            _write_book({text(f"participate.sheet.{name}", lang): table for name, table in shown.items()}, draft)
        else:
            others = {name: tables[name] for name in ("contradictions", "problems")}
            write_answers_package(answers, others, draft, lang)
    return [path]


def _with_places(answers):
    """Give the answers with the place of a point inside each, in degrees."""
    points = answers.geometry.representative_point().to_crs(4326)
    table = pd.DataFrame(answers.drop(columns=answers.geometry.name))
    return table.assign(lon=points.x.round(6), lat=points.y.round(6)).reset_index()


def _headed(table, lang):
    return table.rename(columns={column: text(f"participate.column.{column}", lang) for column in table.columns})


def _write_book(sheets, path):
    """Write tables as sheets; what people wrote is text in every cell, never a formula or a link."""
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, {**options, "nan_inf_to_errors": True}) as book:
        head = book.add_format({"bold": True, "bg_color": "#e9e2d2", "border": 1, "text_wrap": True})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        for name, table in sheets.items():
            sheet = book.add_worksheet(name[:31])
            sheet.freeze_panes(1, 0)
            for j, column in enumerate(table.columns):
                sheet.write_string(0, j, column, head)
                longest = table[column].astype(str).str.len().max() if len(table) else 0
                sheet.set_column(j, j, min(60, max(10, len(column), longest) + 1))
            for i, row in enumerate(table.astype(object).where(table.notna(), "").itertuples(index=False), 1):
                for j, value in enumerate(row):
                    plain = isinstance(value, (int, float)) and not isinstance(value, bool)
                    sheet.write(i, j, value, wrap) if plain else sheet.write_string(i, j, str(value), wrap)


def _write_csv(assessment, path, lang):
    write_csv(unit_table(assessment, lang), path)


def _write_json(assessment, path, lang):
    content = {
        "provenance": assessment.provenance,
        "rule": {"key": assessment.rules.key, "title": assessment.rules.title},
        "summary": _records(in_words(assessment.summary, lang)),
        "scores": _records(assessment.scores),
        "problems": _records(listed(assessment.problems)),
        "matches": _records(assessment.matches),
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1, default=str), "utf-8")


def _records(frame):
    named = frame.reset_index() if any(frame.index.names) else frame
    return json.loads(named.to_json(orient="records", force_ascii=False, date_format="iso", double_precision=10))


def _write_geojson(assessment, path, lang):
    frame = unit_features(assessment, lang).to_crs(4326)
    frame.to_file(path, driver="GeoJSON", engine="pyogrio", COORDINATE_PRECISION=7, RFC7946="YES", layer="rt")


def _write_gpkg(assessment, path, lang, *, contributions=None):
    write_geopackage(assessment, path, lang, contributions=contributions)


WRITERS = {
    ".gpkg": _write_gpkg,
    ".geojson": _write_geojson,
    ".csv": _write_csv,
    ".json": _write_json,
    ".xlsx": write_workbook,
}
"""Suffix to the function that writes it: ``writer(assessment, path, lang)``."""
