"""Where an answer was given: places in every notation of phones and servers, and the RT that an answer belongs to.

What is written goes before where the point lies: a point that contradicts it is said, and only one that has no RT
written beside it decides.
"""

import hashlib
import re
from collections import Counter

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Geod

from kumuhgis.codes import cell_text
from kumuhgis.coordinates import parse_coordinate
from kumuhgis.errors import Problem, some
from kumuhgis.keys import Label, read_label
from kumuhgis.masking import keys_without_people, without_people
from kumuhgis.matching import key_form, labels_of
from kumuhgis.personal import masked
from kumuhgis.survey.answers import plain_numbers, read_by_value, texts
from kumuhgis.tables import slug
from kumuhgis.text import text

NEAR_M = 25.0
"""How far from the RT that is written a point may lie before it contradicts it, at least [M]."""
_TOLD = ("unknown", "differs", "outside", "taken")
_CODES = {
    "differs": "survey_place_differs",
    "outside": "survey_place_outside",
    "taken": "survey_unit_from_place",
}
_COMMAS, _PLAIN = re.compile(r"[\s,]+"), re.compile(r"-?\d{1,6}(\.\d+)?")
_GEOD = Geod(ellps="WGS84")
_HECTARE = 1e4


def read_points(table, problems):
    """Read where the answers of a table were given.

    Parameters
    ----------
    table : files.Table
        Cells; the place is one cell ("lat lon altitude accuracy") or one column a number.
    problems : list of Problem
        Taken up with places that cannot be read.

    Returns
    -------
    pandas.DataFrame
        ``lon, lat`` in degrees and ``accuracy_m``; missing where there is none.
    """
    index = table.cells.index
    out = pd.DataFrame({n: np.nan for n in ("lon", "lat", "accuracy_m")}, index=index)
    parts = {r.part: h for h, r in table.roles.items() if r.kind == "place" and r.name == "location"}
    for column, part in (("lat", "lat"), ("lon", "lon"), ("accuracy_m", "accuracy")):
        if part in parts:
            cells = plain_numbers(table.cells[parts[part]])
            out[column] = cells if cells.dtype == float else read_by_value(cells, parse_coordinate).astype(float)
    whole = table.column("answer", "location")
    if whole is not None:
        found = read_by_value(whole.where(out["lat"].isna(), None), lambda v: _point(cell_text(v)))
        rows = found.notna().to_numpy(bool)
        out.loc[rows] = np.array(found[rows].tolist(), dtype=float).reshape(-1, 3)
    wrong = (out["lat"].abs() > 90) | (out["lon"].abs() > 180) | (out["lat"].isna() != out["lon"].isna())
    nothing = (out["lat"] == 0) & (out["lon"] == 0)
    unread = wrong | nothing
    if whole is not None:
        unread |= texts(whole).notna() & out["lat"].isna()
    if unread.any():
        problems.append(Problem("survey_place_unread", table.file, "", "location", {"count": int(unread.sum())}))
    out.loc[(wrong | nothing).to_numpy(), ["lon", "lat", "accuracy_m"]] = np.nan
    return out


def _point(written):
    """Read "lat lon altitude accuracy": (lon, lat, accuracy), or None."""
    parts = _COMMAS.split(written.strip()) if written.count(",") < 2 else written.split()
    numbers = [float(p) if _PLAIN.fullmatch(p) else parse_coordinate(p) for p in parts[:4]]
    if len(numbers) < 2 or None in numbers[:2]:
        return None
    accuracy = numbers[3] if len(numbers) > 3 and numbers[3] is not None else np.nan
    return numbers[1], numbers[0], accuracy


def read_shapes(cells):
    """Read areas that were walked or drawn: "lat lon alt acc; lat lon alt acc; ...".

    Parameters
    ----------
    cells : pandas.Series
        Cells of a geoshape or a closed geotrace.

    Returns
    -------
    shapes : pandas.Series
        Polygons in degrees (longitude first); None where there is none or fewer than three corners.
    hectares : pandas.Series
        Their area on the ellipsoid.

    Examples
    --------
    >>> cells = pd.Series(["-7.570 110.900 0 0; -7.570 110.901 0 0; -7.571 110.901 0 0; -7.570 110.900 0 0", ""])
    >>> shapes, hectares = read_shapes(cells)
    >>> round(float(hectares[0]), 2), shapes[1]
    (0.61, None)
    """
    shapes = read_by_value(cells, lambda value: _shape(cell_text(value)))
    hectares = shapes.map(lambda s: np.nan if s is None else abs(_GEOD.geometry_area_perimeter(s)[0]) / _HECTARE)
    return shapes, hectares.astype(float)


def _shape(written):
    corners = [_point(corner) for corner in written.split(";") if corner.strip()]
    if len(corners) < 3 or None in corners:
        return None
    points = [(lon, lat) for lon, lat, _ in corners]
    shape = shapely.Polygon(points) if len(set(points)) > 2 else None
    return shape if shape is not None and shape.area > 0 else None


# ---------------------------------------------------------------- units as choices


def unit_choices(units, lang="id"):
    """Give the RT of a project as choices of a form: names that are safe, labels that people know.

    Parameters
    ----------
    units : pandas.DataFrame or geopandas.GeoDataFrame
        Indexed by unit, with any of ``rt_rw, rt, rw, dusun, desa``.
    lang : {"id", "en"}
        Language of the words that are ours.

    Returns
    -------
    pandas.DataFrame
        Indexed by unit: ``name`` and ``label`` of the RT, ``rw`` and ``rw_label`` of the RW above it. Names are made of
        small letters, digits and ``_`` and depend on nothing but the key.

    Examples
    --------
    >>> units = pd.DataFrame({"rt_rw": ["RT 001 RW 003"]}, index=["33.13.11.2003.003.001"])
    >>> unit_choices(units).iloc[0].tolist()
    ['rt_33_13_11_2003_003_001', 'RT 001 RW 003 (33.13.11.2003.003.001)', 'rw_003', 'RW 003']
    """
    frame = pd.DataFrame(units.drop(columns="geometry", errors="ignore"))
    keys = [str(key) for key in frame.index]
    several = "desa" in frame and frame["desa"].nunique() > 1
    desa = [without_people(cell_text(v)) for v in frame["desa"]] if several else [""] * len(keys)
    rows = []
    covered = keys_without_people(keys)
    for key, name, label, place in zip(covered, _names(keys), labels_of(frame), desa, strict=True):
        shown = label.normal if label.readable and label.normal != key else ""
        above = text("survey.no_rw", lang) if label.rw is None else f"RW {label.rw:03d}"
        rw = "rw_0" if label.rw is None else f"rw_{label.rw:03d}"
        rows.append((
            name,
            _one_line(f"{shown} ({key})" if shown else key),
            f"{rw}_{slug(place) or _hashed(place)}" if place else rw,
            _one_line(f"{place}, {above}" if place else above),
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=["name", "label", "rw", "rw_label"], index=frame.index)


def _one_line(words):
    """Keep a label in one line and away from what a form would read as a reference."""
    return re.sub(r"\$\{", "$ {", " ".join(words.split()))[:120]


def _names(keys):
    """Make names of keys; two keys that would have one name, and keys without letters, get a mark of their own."""
    plain = [slug(key)[:60] for key in keys_without_people(keys)]
    times = Counter(plain)
    return [f"rt_{p}" if p and times[p] == 1 else f"rt_{p}_{_hashed(k)}" for p, k in zip(plain, keys, strict=True)]


def _hashed(key):
    return hashlib.sha256(key.encode()).hexdigest()[:6]


# ---------------------------------------------------------------- units of answers


def find_units(frame, units):
    """Say to which RT every answer belongs.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows with ``unit`` and ``rw`` as they were written, and ``lon, lat, accuracy_m``.
    units : geopandas.GeoDataFrame or pandas.DataFrame or None
        The RT of the project; without them what is written is the unit.

    Returns
    -------
    pandas.DataFrame
        Index of ``frame``: ``unit`` (its key, missing where it is not known), ``written``, and of the rows to be told
        of: ``unknown``, ``differs``, ``outside``, ``taken`` (the unit is that of the point).
    """
    written, nowhere = frame["unit"], pd.Series(False, index=frame.index)
    if units is None:
        pairs = zip(written, frame["rw"], strict=True)
        unit = pd.Series([_as_label(*pair) for pair in pairs], index=frame.index, dtype=object)
        return pd.DataFrame({"unit": unit, "written": written, **dict.fromkeys(_TOLD, nowhere)})
    found = _by_word(frame, units)
    lies, differs, outside = compare_places(frame, found, units)
    told = (written.notna() & found.isna(), differs, outside, found.isna() & lies.notna())
    unit = found.where(found.notna(), lies)
    return pd.DataFrame({"unit": unit, "written": written, **dict(zip(_TOLD, told, strict=True))})


def say_units(found, placed, problems, file=""):
    """Say which RT are unknown, which points contradict, and which units were taken from the point.

    Parameters
    ----------
    found : pandas.DataFrame
        As :func:`find_units` gives it, of the entries that count.
    placed : int
        How many of them have a point.
    problems : list of Problem
        Taken up.
    file : str
        Name of the source.
    """
    unknown = found[found["unknown"]]
    if len(unknown):
        values = some(dict.fromkeys(masked(written)[:60] for written in unknown["written"]))
        problems.append(Problem("survey_unit_unknown", file, "", "unit", {"count": len(unknown), "values": values}))
    for name in _TOLD[1:]:
        rows = found[found[name]]
        if len(rows):
            about = tuple(dict.fromkeys(rows["unit"].dropna()))
            params = {"count": len(rows), "all": placed, "units": some(about)}
            problems.append(Problem(_CODES[name], file, "", "location", params, about=about))


def _by_word(frame, units):
    """Read the unit that is written: a choice of our form, its label, the key, or RT and RW."""
    made = unit_choices(units)
    keys = [str(key) for key in units.index]
    exact = {**_once(made["label"], keys), **_once(made["name"], keys), **dict(zip(keys, keys, strict=True))}
    forms = _once([key_form(key) for key in keys], keys)
    labels = labels_of(pd.DataFrame(units.drop(columns="geometry", errors="ignore")))
    numbers = _once([(x.rt, x.rw) if x.rt else None for x in labels], keys)
    rw = frame["rw"] if "rw" in frame else pd.Series(None, index=frame.index, dtype=object)
    found = {}
    for pair in set(zip(frame["unit"].fillna(""), rw.fillna(""), strict=True)):
        found[pair] = _one_unit(*pair, exact, forms, numbers)
    return pd.Series(
        [found[pair] for pair in zip(frame["unit"].fillna(""), rw.fillna(""), strict=True)],
        index=frame.index,
        dtype=object,
    )


def _one_unit(written, rw, exact, forms, numbers):
    if not written:
        return None
    sure = exact.get(written) or exact.get(" ".join(written.split())) or forms.get(key_form(written))
    if sure:
        return sure
    label = read_label(written, bare="rt")
    above = label.rw if label.rw is not None else read_label(rw.removeprefix("rw_").partition("_")[0], bare="rw").rw
    return numbers.get((label.rt, above)) if label.readable and label.rt else None


def _as_label(written, rw):
    """Write an RT that is a number alone together with its RW: without it, it names no place."""
    label = read_label(written, bare="rt") if isinstance(written, str) else None
    if label is None or not label.rt or label.rw is not None or not isinstance(rw, str) or not written.isdigit():
        return written
    return Label(label.rt, read_label(rw, bare="rw").rw).normal


def _once(forms, keys):
    """Give what names one unit only: form to key."""
    forms = list(forms)
    times = Counter(forms)
    return {form: key for form, key in zip(forms, keys, strict=True) if form is not None and times[form] == 1}


def compare_places(frame, found, units):
    """Compare where answers were given with the RT that is written.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``lon, lat, accuracy_m`` of the answers.
    found : pandas.Series
        Key of the RT that is written, missing where there is none.
    units : geopandas.GeoDataFrame or pandas.DataFrame
        The RT; without polygons nothing is compared.

    Returns
    -------
    lies : pandas.Series
        Key of the RT that holds the point; None outside of all.
    differs, outside : pandas.Series of bool
        The point contradicts what is written by more than :data:`NEAR_M` (or its own accuracy), in another RT or
        outside of all.
    """
    nothing = pd.Series(None, index=frame.index, dtype=object), *[pd.Series(False, index=frame.index)] * 2
    there = frame["lat"].notna().to_numpy(bool)
    if not isinstance(units, gpd.GeoDataFrame) or units.crs is None or not there.any():
        return nothing
    flat = units if units.crs.is_projected else units.to_crs(units.estimate_utm_crs())
    points = gpd.GeoSeries(gpd.points_from_xy(frame["lon"][there], frame["lat"][there]), crs=4326).to_crs(flat.crs)
    shapes = flat.geometry.to_numpy()
    rows, places = shapely.STRtree(shapes).query(points.to_numpy(), predicate="intersects")
    rows, first = np.unique(rows, return_index=True)
    keys = np.array([str(key) for key in flat.index], dtype=object)
    lies = np.full(len(points), None, dtype=object)
    lies[rows] = keys[places[first]]
    own = pd.Index(keys).get_indexer(found[there])
    away = np.where(own >= 0, shapely.distance(points.to_numpy(), shapes[own]), np.nan)
    with np.errstate(invalid="ignore"):
        differs = away > np.maximum(NEAR_M, frame["accuracy_m"][there].fillna(0).to_numpy(float))
    outside = pd.isna(lies) & (differs | (own < 0))
    return tuple(
        pd.Series(empty, index=frame.index, dtype=object if empty is None else bool).mask(there, _spread(values, there))
        for empty, values in ((None, lies), (False, differs & ~outside), (False, outside))
    )


def _spread(values, there):
    out = np.full(len(there), None if values.dtype == object else False, dtype=values.dtype)
    out[there] = values
    return out
