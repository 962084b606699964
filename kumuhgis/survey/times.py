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
_ISO = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(\.\d+)?)?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?",
    re.I,
)
_AS_SERVERS = re.compile(r"\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})?")
_WRITTEN = re.compile(
    r"(\d{1,2})(?:[/.-](\d{1,2})[/.-]|\s+([A-Za-z]+)\s+)(\d{4})"
    r"(?:,?\s+(?:pukul\s+|jam\s+)?(\d{1,2})[.:](\d{2})(?:[.:](\d{2}))?(?:\s*([ap])\.?m\.?)?)?",
    re.I,
)
_SERIAL = re.compile(r"[34]\d{4}(?:\.\d+)?")
_WEEKDAY = re.compile(r"(?:senin|selasa|rabu|kamis|jum'?at|sabtu|minggu|ahad)\s*,?\s+", re.I)
_PLACE = re.compile(r"\s*\b(wib|wita|wit)$", re.I)
_PLACES = {"wib": "+07:00", "wita": "+08:00", "wit": "+09:00"}
_MONTHS = (
    ("jan",), ("feb", "peb"), ("mar",), ("apr",), ("mei", "may"), ("jun",), ("jul",), ("agu", "agt", "aug", "ags"),
    ("sep",), ("okt", "oct"), ("nov", "nop"), ("des", "dec"),
)  # fmt: skip
_FIRST_DAY = datetime(1899, 12, 30)
_YEARS = (1990, 2100)
_ENOUGH = 2000
"""So many times of a column tell its zone."""


def usual_zone(columns):
    """Give the zone in which most times of a table are written, for those that name none.

    Parameters
    ----------
    columns : list of pandas.Series
        All columns of times.

    Returns
    -------
    str or None
        For example "+07:00": that of most times which name one, else, where some are in UTC, :data:`WEST_H`; None
        where no time names any.

    Examples
    --------
    >>> usual_zone([pd.Series(["2026-03-02T01:20:00Z", "2026-03-02 08:40"])])
    '+07:00'
    """
    written = [read_by_value(cells.dropna().head(_ENOUGH), _iso) for cells in columns]
    zones = pd.concat([cells.str.extract(_ZONE, expand=False) for cells in written if cells.notna().any()] or [_NONE])
    named = zones[zones.notna() & ~zones.isin(_UTC)]
    if len(named):
        return named.mode().iloc[0]
    return f"+{WEST_H:02d}:00" if zones.isin(_UTC).any() else None


def read_times(cells, name, file, problems, *, zone=None):
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
    zone : str, optional
        Of times that name none (:func:`usual_zone`); without one they are as if in UTC.

    Returns
    -------
    times : pandas.Series of datetime, UTC
        Missing where unreadable, and where the year cannot be.
    days : pandas.Series of datetime
        The day as it was written, so where it was answered; of a time in UTC the day in ``zone``, else :data:`WEST_H`
        hours later.

    Examples
    --------
    >>> cells = pd.Series(["2026-03-02T06:10:00+07:00", "2 Maret 2026 07.30", "02/03/2026", "2026-03-01T23:30:00Z"])
    >>> cells[4] = "kemarin"
    >>> said = []
    >>> times, days = read_times(cells, "start", "a.csv", said, zone=usual_zone([cells]))
    >>> [str(t)[:16] for t in times[:2]], days.dropna().dt.day.tolist(), [p.code for p in said]
    (['2026-03-01 23:10', '2026-03-02 00:30'], [2, 2, 2, 2], ['survey_time_unread'])
    """
    written = read_by_value(cells, _iso)
    there = written.notna()
    named = written.str.extract(_ZONE, expand=False) if there.any() else pd.Series(None, cells.index, dtype=object)
    plain, utc = there & named.isna(), named.isin(_UTC)
    times = pd.to_datetime(written.where(~plain, written + (zone or "Z")), errors="coerce", utc=True, format="ISO8601")
    times = times.where(times.dt.year.between(*_YEARS))
    days = pd.to_datetime(written.str[:10].where(times.notna()), errors="coerce", format="%Y-%m-%d")
    days = days.where(~utc, (times + timedelta(hours=_hours(zone or f"+{WEST_H:02d}:00"))).dt.tz_localize(None))
    unread = times.isna() & cells.map(lambda v: cell_text(v).lower() not in MISSING)
    if unread.any():
        params = {"count": int(unread.sum()), "values": some(dict.fromkeys(short(cell_text(v)) for v in cells[unread]))}
        problems.append(Problem("survey_time_unread", file, "", name, params))
    return times.astype("datetime64[ns, UTC]"), days.dt.normalize().astype("datetime64[ns]")


_ZONE, _UTC, _NONE = re.compile(r"T.*(Z|[+-]\d{2}:\d{2})$"), ("Z", "+00:00"), pd.Series(dtype=object)


def _hours(offset):
    sign = -1 if offset[0] == "-" else 1
    return sign * (int(offset[1:3]) + int(offset[-2:]) / 60)


def _iso(value):
    """Write a time as ISO 8601 (a date at midnight), with its zone if it names one; None if it is none."""
    if isinstance(value, float) and np.isnan(value):
        return None
    if hasattr(value, "isoformat"):
        said = value.isoformat() if value == value else ""
        return f"{said}T00:00:00" if len(said) == len("2026-03-02") else said or None
    said = cell_text(value).strip()
    if _AS_SERVERS.fullmatch(said):
        return said
    said = _WEEKDAY.sub("", said, count=1)
    place = _PLACE.search(said)
    zone = _PLACES[place[1].lower()] if place else ""
    said = said[: place.start()] if place else said
    try:
        if _SERIAL.fullmatch(said):
            return (_FIRST_DAY + timedelta(days=float(said))).isoformat(timespec="seconds") + zone
        if found := _ISO.fullmatch(said):
            *parts, part, own = found.groups()
            return _at(*(int(p or 0) for p in parts)).isoformat() + (part or "") + (zone or _offset(own))
        found = _WRITTEN.fullmatch(said)
        return _as_written(*found.groups()).isoformat() + zone if found else None
    except (ValueError, StopIteration):
        return None


def _at(year, month, day, hour, minute, second):
    """Make a time; hour 24 is midnight of the next day."""
    return datetime(year, month, day, hour % 24, minute, second) + timedelta(days=hour // 24)


def _offset(written):
    """Write an offset with hours and minutes."""
    if not written or written.upper() == "Z":
        return (written or "").upper()
    digits = re.sub(r"\D", "", written).ljust(4, "0")
    return f"{written[0]}{digits[:2]}:{digits[2:]}"


def _as_written(day, month, named, year, hour, minute, second, half):
    if named:
        month = next(i for i, starts in enumerate(_MONTHS, 1) if named.lower().startswith(starts))
    hours = int(hour or 0) % 12 + 12 * (half.lower() == "p") if half else int(hour or 0)
    return _at(int(year), int(month), int(day), hours, int(minute or 0), int(second or 0))
