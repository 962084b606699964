"""Map and table brought together by key: nothing is lost on either side, and every decision is said."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from kumuhgis import overlay
from kumuhgis.baseline import NAMES, TOTALS
from kumuhgis.errors import Problem, some
from kumuhgis.keys import read_labels
from kumuhgis.matching import match_keys, match_names
from kumuhgis.spots import gathered

MAP_NAMES = ("rt_rw", "rt", "rw", "dusun", "desa", "kecamatan", "kabupaten", "kawasan")
_SURE = ("exact", "code", "label")


def match_records(base, mapped, problems):
    """Give the records of a table the keys of the units on the map.

    Parameters
    ----------
    base : baseline.Baseline or None
        The table.
    mapped : geopandas.GeoDataFrame
        The units, indexed by key.
    problems : list of Problem
        Taken up with what was matched other than by an equal key, and what a person has to decide.

    Returns
    -------
    baseline.Baseline or None
        The table under the map's keys; records without a partner keep their own.
    """
    if base is None:
        return None
    columns = [c for c in MAP_NAMES if c in base.units]
    if "rt_rw" in mapped:
        problems += read_labels(mapped["rt_rw"], layer="rt")[1]
    records = _spelled_alike(base.units[columns], mapped, base.name, problems)
    matches, said = match_keys(records, pd.DataFrame(mapped.drop(columns="geometry")), layer=base.name)
    problems += said
    sure = matches["how"].isin(_SURE).to_numpy()
    new = np.where(sure, matches["right"].to_numpy(object), matches["left"].to_numpy(object))
    if (new == base.units.index.to_numpy(object)).all():
        return base
    index = pd.Index(new, name="unit", dtype="str")
    frames = {name: getattr(base, name).set_axis(index) for name in ("units", "volumes", "published")}
    return replace(base, **frames)


def _spelled_alike(records, mapped, name, problems):
    """Give the records the map's spelling of their desa, so that labels can be compared inside one desa."""
    if "desa" not in records or "desa" not in mapped:
        return records
    theirs = records["desa"].map(_name).dropna().drop_duplicates()
    ours = mapped["desa"].map(_name).dropna().drop_duplicates()
    if theirs.empty or ours.empty:
        return records
    matches, said = match_names(theirs.tolist(), ours.tolist(), many=True, layer=name)
    problems += said
    sure = matches[matches["how"].isin(("exact", "normal", "fuzzy"))]
    spelling = dict(zip(sure["left"], sure["right"], strict=True))
    return records.assign(desa=records["desa"].map(_name).map(lambda n: spelling.get(n, n)))


def join_units(mapped, base, problems):
    """Bring units of the map and records of the table together.

    Parameters
    ----------
    mapped : geopandas.GeoDataFrame
        The units of the map, indexed by key.
    base : baseline.Baseline or None
        The table, under the map's keys.
    problems : list of Problem
        Taken up with units without a record and records without a unit.

    Returns
    -------
    geopandas.GeoDataFrame
        First the units of the map in their order, then those that only the table knows, without geometry. Names of the
        map go first; totals come from the table.
    """
    units = mapped.copy()
    if base is not None:
        missing = base.units.index.difference(units.index, sort=False)
        problems += [Problem("record_without_map", base.name, u) for u in missing]
        problems += [Problem("unit_without_record", "rt", u) for u in units.index.difference(base.units.index)]
        index = units.index.append(missing)
        units = units.reindex(index).rename_axis("unit")
        for column in base.units.columns:
            values = base.units[column].reindex(index)
            if column in MAP_NAMES or column in NAMES:
                values = values.map(_name)
                units[column] = units[column].fillna(values) if column in units else values
            elif column in TOTALS and not (column in units and values.isna().all()):
                units[column] = values
    for column in TOTALS:
        if column not in units:
            units[column] = np.nan
    return gpd.GeoDataFrame(units, geometry="geometry", crs=mapped.crs)


def _name(value):
    return None if value is None or value != value or not str(value).strip() else str(value).strip()


def check_places(mapped, frame, layer):
    """Check the RT that is written on a feature against the RT in which it lies.

    Parameters
    ----------
    mapped : geopandas.GeoDataFrame
        The units of the map, indexed by key.
    frame : geopandas.GeoDataFrame
        Features in the same CRS, with ``unit`` where an RT was written.
    layer : str
        Name of the layer.

    Returns
    -------
    list of Problem
        How many lie in another RT than the one written, by the position of a point inside each, and how many name an
        RT that is not on the map. The position is what counts.
    """
    if "unit" not in frame or frame.empty or mapped.empty:
        return []
    written = frame["unit"].fillna("").astype(str)
    where = overlay.locate(mapped, gpd.GeoSeries(frame.geometry.representative_point(), crs=frame.crs))
    lies = pd.Series(np.append(mapped.index.to_numpy(object), "")[where.to_numpy()], index=frame.index)
    known = written.isin(mapped.index)
    other = known & (lies != "") & (lies != written)
    problems = []
    for code, rows in (("place_differs", other), ("place_unit_unknown", ~known & (written != ""))):
        if rows.any():
            first = rows.idxmax()
            params = {
                "count": int(rows.sum()),
                "all": int((written != "").sum()),
                "written": written[first],
                "lies": lies[first] or "–",
            }
            shape = gathered(frame.geometry[rows])
            problems.append(Problem(code, layer, some(frame.index[rows]), "unit", params, shape=shape))
    return problems
