"""When something was answered: times of phones and of people, and the day on which it was where it was answered."""

import re
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from kumuhgis.codes import cell_text
from kumuhgis.errors import Problem, some
from kumuhgis.numbers import MISSING
from kumuhgis.survey.answers import read_by_value, short

WEST_H = 7
"""Hours of WIB before UTC: of times in UTC beside which no others say where it was [M]."""
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?\s*(Z|[+-]\d{2}:?\d{2})?", re.I)
_WRITTEN = re.compile(
    r"(\d{1,2})(?:[/.-](\d{1,2})[/.-]|\s+([A-Za-z]+)\s+)(\d{4})(?:,?\s+(?:pukul\s+)?(\d{1,2})[.:](\d{2})(?:[.:](\d{2}))?)?"
    r"(?:\s*(?:WIB|WITA|WIT))?",
    re.I,
)
_SERIAL = re.compile(r"[34]\d{4}(?:\.\d+)?")
_MONTHS = (
    ("jan",), ("feb", "peb"), ("mar",), ("apr",), ("mei", "may"), ("jun",), ("jul",), ("agu", "agt", "aug", "ags"),
    ("sep",), ("okt", "oct"), ("nov", "nop"), ("des", "dec"),
)  # fmt: skip
_FIRST_DAY = datetime(1899, 12, 30)


def read_times(cells, name, file, problems):
    """Read a column of times.

    Parameters
    ----------
    cells : pandas.Series
        Cells: ISO 8601 as phones and servers write it, "2 Maret 2026 08.20", "02/03/2026 08:20" (day first), dates of
        a workbook and their numbers.
    name, file : str
        What the column is called, and the file, for what is said.
    problems : list of Problem
        Taken up with times that cannot be read.

    Returns
    -------
    times : pandas.Series of datetime, UTC
        Missing where unreadable. A time without a zone is in that of most others of the column, else as if in UTC.
    days : pandas.Series of datetime
        The day as it was written, so where it was answered; of a time in UTC the day in the zone of most others of the
        column, else :data:`WEST_H` hours later.

    Examples
    --------
    >>> cells = pd.Series(["2026-03-02T06:10:00+07:00", "2 Maret 2026 07.30", "02/03/2026", "2026-03-01T23:30:00Z"])
    >>> cells[4] = "kemarin"
    >>> said = []
    >>> times, days = read_times(cells, "start", "a.csv", said)
    >>> [str(t)[:16] for t in times[:2]], days.dropna().dt.day.tolist(), [p.code for p in said]
    (['2026-03-01 23:10', '2026-03-02 00:30'], [2, 2, 2, 2], ['survey_time_unread'])
    """
    written = read_by_value(cells, _iso)
    there = written.notna()
    zone = written.str.extract(_ZONE, expand=False) if there.any() else pd.Series(None, cells.index, dtype=object)
    plain, utc = there & zone.isna(), zone.str.upper().eq("Z") | zone.isin(["+00:00", "+0000"])
    local = zone[there & zone.notna() & ~utc]
    offset = local.mode().iloc[0] if len(local) else None
    times = pd.to_datetime(
        written.where(~plain, written + (offset or "Z")), errors="coerce", utc=True, format="ISO8601"
    )
    hours = WEST_H if offset is None else _hours(offset)
    days = pd.to_datetime(written.str[:10], errors="coerce", format="%Y-%m-%d").where(
        ~utc, (times + timedelta(hours=hours)).dt.tz_localize(None)
    )
    unread = times.isna() & cells.map(lambda v: cell_text(v).lower() not in MISSING)
    if unread.any():
        params = {"count": int(unread.sum()), "values": some(dict.fromkeys(short(cell_text(v)) for v in cells[unread]))}
        problems.append(Problem("survey_time_unread", file, "", name, params))
    return times, days.dt.normalize().astype("datetime64[ns]").where(times.notna())


_ZONE = re.compile(r"(Z|[+-]\d{2}:?\d{2})$", re.I)


def _hours(offset):
    sign = -1 if offset[0] == "-" else 1
    return sign * (int(offset[1:3]) + int(offset[-2:]) / 60)


def _iso(value):
    """Write a time as ISO 8601, or None if it is none."""
    if isinstance(value, float) and np.isnan(value):
        return None
    if hasattr(value, "isoformat"):
        return _full(value.isoformat()) if value == value else None
    said = cell_text(value).strip()
    if _ISO.fullmatch(said):
        return _full(said)
    try:
        if _SERIAL.fullmatch(said):
            return (_FIRST_DAY + timedelta(days=float(said))).isoformat(timespec="seconds")
        found = _WRITTEN.fullmatch(said)
        return _as_written(*found.groups()).isoformat() if found else None
    except (ValueError, StopIteration):
        return None


def _full(day):
    return f"{day}T00:00:00" if len(day) == len("2026-03-02") else day


def _as_written(day, month, named, year, hour, minute, second):
    if named:
        month = next(i for i, starts in enumerate(_MONTHS, 1) if named.lower().startswith(starts))
    return datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0))
