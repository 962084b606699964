"""How a file is written: under a temporary name until it is whole, and with texts that stay text."""

import os
import re
import sqlite3
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

import pandas as pd
import pyogrio

from kumuhgis.errors import OutputError, Problem, why_not_written

_WRITE_ERRORS = (OSError, UnicodeError, sqlite3.Error, pyogrio.errors.DataSourceError)
_FORMULA = re.compile(r"(^|[;\t\r\n|])('*\s*[=+\-@\t\r])")
_GUARDED = re.compile(_FORMULA.pattern.replace(")(", ")'("))


@contextmanager
def replacing(path, *, force=False, lang="id", beside=()):
    """Give a temporary path beside ``path``, and rename it, with what is written beside it, when the block ended well.

    Parameters
    ----------
    path : path
        Where the file shall be.
    force : bool
        Overwrite what is there.
    lang : {"id", "en"}
        Language of the error.
    beside : sequence of str
        Suffixes of further files of the same name that belong to it; the block need not write all of them.

    Yields
    ------
    pathlib.Path
        Temporary file, in the same folder and with the same suffix.

    Raises
    ------
    OutputError
        If the file exists and ``force`` is off, or writing failed.
    """
    path = Path(path)
    with writing(path, lang=lang):
        files = [*(path.with_suffix(suffix) for suffix in beside), path]
        check_free(files, force=force, lang=lang)
        with tempfile.TemporaryDirectory(prefix=".kumuhgis-", dir=_made(path.parent)) as folder:
            draft = Path(folder) / path.name
            yield draft
            for made in [draft.with_name(file.name) for file in files]:
                if made == draft or made.exists():
                    os.replace(made, path.parent / made.name)


def check_free(paths, *, force=False, lang="id"):
    """Refuse to write over files that are there; asked before any work, so that nobody waits in vain.

    Parameters
    ----------
    paths : iterable of path
        What will be written.
    force : bool
        Overwriting is asked for.
    lang : {"id", "en"}
        Language of the error.

    Raises
    ------
    OutputError
        With one problem for every file that is there.
    """
    there = [] if force else [path for path in map(Path, paths) if path.exists()]
    if there:
        raise OutputError([Problem("output_exists", path.name, params={"path": str(path)}) for path in there], lang)


@contextmanager
def writing(path, *, lang="id"):
    """Say in our words why the block could not write, and take away again the folders it made above ``path``.

    Parameters
    ----------
    path : path
        The file or folder that the block writes.
    lang : {"id", "en"}
        Language of the error.

    Raises
    ------
    OutputError
        If the block failed because of the path, the disk or the writer.
    """
    path = Path(path)
    above = []
    try:
        above = [folder for folder in path.parents if not folder.exists()]
        yield
    except BaseException as error:
        for folder in above:
            with suppress(OSError):
                folder.rmdir()
        if not isinstance(error, _WRITE_ERRORS):
            raise
        params = {"path": str(path), "reason": why_not_written(error)}
        raise OutputError([Problem("output_not_writable", path.name, params=params)], lang) from error


def _made(folder):
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def as_text(frame):
    """Make every text of a table safe for a spreadsheet: what looks like a formula gets an apostrophe before it.

    Parameters
    ----------
    frame : pandas.DataFrame
        A table; it is not changed.

    Returns
    -------
    pandas.DataFrame
        A copy; numbers stay numbers.

    Examples
    --------
    >>> as_text(pd.DataFrame({"a": ["=1+1", "RT 01", -3]}))["a"].tolist()
    ["'=1+1", 'RT 01', -3]
    """
    out = frame.copy()
    for column in out.columns:
        if out[column].dtype == object or isinstance(out[column].dtype, pd.StringDtype):
            out[column] = out[column].map(_safe)
    out.columns = [_safe(str(c)) for c in out.columns]
    return out


def _safe(value):
    """Disarm a text at its beginning, and behind every mark that some spreadsheet takes as the end of a cell."""
    if not isinstance(value, str):
        return value
    return _FORMULA.sub(r"\1'\2", value.replace("\r\n", "\n").replace("\r", "\n"))


def as_typed(value):
    """Take the apostrophes away again that :func:`as_text` put into a cell, so that it comes back as it was.

    Parameters
    ----------
    value : object
        A cell of a CSV.

    Returns
    -------
    object
        The same where there is none.

    Examples
    --------
    >>> as_typed("'=1+1"), as_typed("Ma'ruf"), as_typed(-3)
    ('=1+1', "Ma'ruf", -3)
    """
    return _GUARDED.sub(r"\1\2", value) if isinstance(value, str) and "'" in value else value


def write_table(frame, path, *, force=False, for_excel=True, lang="id"):
    """Write a table as CSV (UTF-8), texts safe, atomically.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table; its index becomes the first columns.
    path : path
        The file.
    force : bool
        Overwrite what is there.
    for_excel : bool
        Begin with the mark by which Excel knows UTF-8; leave it out for programs.
    lang : {"id", "en"}
        Language of the error.

    Returns
    -------
    pathlib.Path
        The file.
    """
    with replacing(path, force=force, lang=lang) as draft:
        write_csv(frame, draft, "utf-8-sig" if for_excel else "utf-8")
    return Path(path)


def write_csv(frame, path, encoding="utf-8-sig"):
    """Write a table as CSV, texts safe, under the name given: see :func:`write_table`."""
    named = frame.reset_index() if any(frame.index.names) else frame
    as_text(named).to_csv(path, index=False, encoding=encoding, lineterminator="\n")
