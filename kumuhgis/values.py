"""Values that cannot be, or hardly: parts larger than wholes, hectares that are square metres, dates to come."""

import re
from datetime import date
from pathlib import Path

import numpy as np

from kumuhgis.baseline import with_rows
from kumuhgis.errors import Problem, some
from kumuhgis.spots import gathered
from kumuhgis.tables import slug

PERSONS_PER_HOUSEHOLD = (1, 12)
_PHOTO_COLUMNS = ("foto", "photo", "nama_foto", "file_foto", "gambar", "dokumentasi")
_AREA_UNITS = {"m²": 1e4, "km²": 1e-2}


def check_values(baseline, measured_ha=None):
    """Check the totals of a baseline table against each other and against the map.

    Parameters
    ----------
    baseline : baseline.Baseline
        The table.
    measured_ha : pandas.Series, optional
        Hectares of the map, indexed by unit.

    Returns
    -------
    list of Problem
        Households of less than 1 or more than 12 people, people or households without buildings, the SK larger than
        the unit, ideal length that is not existing plus needed, hectares that look like square metres. Volumes that
        exceed their total are told by :func:`audit.scoring_problems`.

    Examples
    --------
    >>> import pandas as pd
    >>> from kumuhgis.baseline import read_baseline
    >>> from kumuhgis.rules import load_rules
    >>> cells = pd.DataFrame({"kode": ["01"], "kk": [40], "penduduk_jiwa": [20], "luas_ha": [2], "3a_volume": [0]})
    >>> [p.code for p in check_values(read_baseline(cells, load_rules()))]
    ['people_per_household']
    """
    units = baseline.units
    problems = [
        *_people(units, baseline.name),
        *_areas(units, measured_ha, baseline.name),
        *_lengths(units, baseline.volumes, baseline.name),
    ]
    return with_rows(problems, baseline.name, baseline.rows)


def _rows(mask):
    return mask.index[mask.fillna(False).to_numpy(bool)]


def _people(units, name):
    people, households, buildings = (units[c].astype(float) for c in ("population", "households", "buildings"))
    low, high = PERSONS_PER_HOUSEHOLD
    size = people / households.where(households > 0)
    for unit in _rows((size < low) | (size > high)):
        params = {"people": people[unit], "households": households[unit], "size": round(size[unit], 1)}
        yield Problem("people_per_household", name, str(unit), "penduduk_jiwa", params)
    for unit in _rows((buildings == 0) & ((households > 0) | (people > 0))):
        yield Problem("people_without_buildings", name, str(unit), "bangunan_unit")


def _areas(units, measured_ha, name):
    verified, sk = units["verified_ha"].astype(float), units["sk_ha"].astype(float)
    for unit in _rows(sk > verified * 1.02):
        params = {"sk": round(sk[unit], 2), "verified": round(verified[unit], 2)}
        yield Problem("sk_larger_than_unit", name, str(unit), "luas_sk_ha", params)
    people = units["population"].astype(float)
    for unit in _rows((verified > 100) & (people / verified < 5)):
        params = {"value": verified[unit], "people": people[unit]}
        yield Problem("area_implausible", name, str(unit), "luas_ha", params)
    if measured_ha is None:
        return
    ratio = verified / measured_ha.reindex(units.index)
    for unit_name, factor in _AREA_UNITS.items():
        wrong = _rows((ratio > factor / 2) & (ratio < factor * 2))
        if len(wrong):
            params = {"unit": unit_name, "count": len(wrong), "value": verified[wrong[0]]}
            yield Problem("area_other_unit", name, str(wrong[0]), "luas_ha", params, about=tuple(wrong))


def _lengths(units, volumes, name):
    for kind, code, column in (("road", "2a", "jalan_ideal_m"), ("drain", "4b", "drainase_ideal_m")):
        if code not in volumes:
            continue
        ideal, existing = units[f"{kind}_ideal_m"].astype(float), units[f"{kind}_existing_m"].astype(float)
        gap = (existing + volumes[code] - ideal).abs()
        for unit in _rows(gap > np.maximum(1.0, 0.02 * ideal)):
            params = {
                "ideal": ideal[unit],
                "existing": existing[unit],
                "needed": volumes.loc[unit, code],
            }
            yield Problem("length_does_not_add_up", name, str(unit), column, params)


def check_lengths(frame, layer, *, tolerance=0.1):
    """Check a written length against the geometry of every line.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        Lines in a metre CRS, with ``length_m`` where it was written.
    layer : str
        Name of the layer.
    tolerance : float
        Share by which both may differ.

    Returns
    -------
    list of Problem
        One row with how many differ and the worst of them.
    """
    if "length_m" not in frame or frame.empty:
        return []
    measured, written = frame.geometry.length, frame["length_m"].astype(float)
    share = (written - measured).abs() / measured.where(measured > 0)
    far = share[share > tolerance]
    if far.empty:
        return []
    worst = far.idxmax()
    params = {
        "count": len(far),
        "all": int(written.notna().sum()),
        "written": round(written[worst], 1),
        "measured": round(measured[worst], 1),
    }
    shape = gathered(frame.geometry[far.index])
    row = int(worst) + 1
    return [Problem("length_differs", layer, str(row), "length_m", params, row=row, shape=shape)]


def check_dates(dates, *, today=None, oldest_years=5):
    """Check the dates of a project.

    Parameters
    ----------
    dates : dict of str to datetime.date or None
        ``survey`` and ``sk``.
    today : datetime.date, optional
        The day to compare with.
    oldest_years : int
        Age from which a survey or an SK is told to be old: an SK is reviewed at least every 5 years (Pasal 38).

    Returns
    -------
    list of Problem
        Dates to come, and what is old.

    Examples
    --------
    >>> [p.code for p in check_dates({"survey": date(2030, 1, 1), "sk": date(2015, 1, 1)}, today=date(2026, 1, 1))]
    ['date_in_future', 'date_old']
    """
    today = today or date.today()
    problems = []
    for name, value in dates.items():
        if value is None:
            continue
        if value > today:
            problems.append(Problem("date_in_future", "kumuhgis.toml", "dates", name, {"date": value.isoformat()}))
        elif (today - value).days > 365.25 * oldest_years:
            params = {"date": value.isoformat(), "years": str(int((today - value).days / 365.25))}
            problems.append(Problem("date_old", "kumuhgis.toml", "dates", name, params))
    return problems


def photos_named(units):
    """List the photos that a table names.

    Parameters
    ----------
    units : pandas.DataFrame
        Units of a baseline; ``foto``, ``photo``, ``gambar`` name files, several separated by a semicolon or a comma.

    Returns
    -------
    dict of str to list of (str, str)
        By column: unit and photo.

    Examples
    --------
    >>> import pandas as pd
    >>> photos_named(pd.DataFrame({"foto": ["a.jpg; b.jpg"]}, index=["RT 01"]))
    {'foto': [('RT 01', 'a.jpg'), ('RT 01', 'b.jpg')]}
    """
    out = {}
    for column in (c for c in units.columns if slug(c) in _PHOTO_COLUMNS):
        parts = [(unit, re.split(r"[;,]", str(cell))) for unit, cell in units[column].dropna().items()]
        out[column] = [(unit, part.strip()) for unit, some_ in parts for part in some_ if part.strip()]
    return out


def file_name(written):
    r"""Give the name of a file as it is looked for: without its folder, in small letters.

    Examples
    --------
    >>> file_name(r"D:\Survei\RT 01.JPG")
    'rt 01.jpg'
    """
    return re.split(r"[\\/]", written)[-1].lower()


def check_photos(units, folder, name):
    """Check that photos named in a table are among the files of the project.

    Parameters
    ----------
    units : pandas.DataFrame
        Units of a baseline, with every column of the table; ``foto``, ``photo``, ``gambar`` name files, several of
        them separated by a semicolon or a comma.
    folder : path
        Project folder; photos are looked for in it and below it, by their name alone.
    name : str
        Name of the table.

    Returns
    -------
    list of Problem
        One row with how many are not found and which.
    """
    cells = photos_named(units)
    if not cells:
        return []
    there = {p.name.lower() for p in Path(folder).rglob("*") if p.is_file()}
    problems = []
    for column, named in cells.items():
        missing = [(unit, photo) for unit, photo in named if file_name(photo) not in there]
        if missing:
            of, photos = zip(*missing, strict=True)
            params = {"count": len(missing), "all": len(named)}
            problems.append(Problem("photo_missing", name, some(photos), str(column), params, about=of))
    return problems
