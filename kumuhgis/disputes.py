"""Disputed borders: several versions of a border side by side, and what each of them would change."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kumuhgis.assessment import assess
from kumuhgis.errors import LayerError, Problem
from kumuhgis.inputs import gather
from kumuhgis.joining import check_disputes
from kumuhgis.layers import open_layer

CURRENT = ""
_SMALLEST_M2 = 1.0
_SHOWN = ["area_ha", "total_low", "total_high", "level", "slum_ha", "priority"]


def dispute_ranges(source, disputes=None, *, lang="id", today=None):
    """Assess a project once for every version of its disputed borders.

    Parameters
    ----------
    source : path or Project
        The project.
    disputes : path or geopandas.GeoDataFrame, optional
        Polygons with ``unit`` (code of the RT) and ``version`` (a name for the version; who proposes it and its status
        are other columns, which are not used here). The default is the project's layer ``dispute``.
    lang : {"id", "en"}
        Language of the messages.
    today : datetime.date, optional
        Date of the results.

    Returns
    -------
    versions : pandas.DataFrame
        Indexed by (``version``, ``unit``), ``""`` being the border as it is drawn: ``area_ha, total_low, total_high,
        level, slum_ha, priority``.
    ranges : pandas.DataFrame
        One row per unit that any version changes: ``area_ha_min, area_ha_max, slum_ha_min, slum_ha_max, total_min,
        total_max, levels`` (as text), ``decides`` (whether level or slum hectares depend on the version).

    Raises
    ------
    LayerError
        If there is no dispute layer, or its rows lack a unit or version, or name units that are not on the map.

    Notes
    -----
    A version may redraw one unit or several. What a redrawn unit takes is cut from the others; what it gives up goes to
    the neighbour with the longest shared border.
    """
    inputs = gather(source)
    base = assess(source, lang=lang, today=today)
    mapped = base.units[base.units.geometry.notna()]
    drawn = _read(inputs, disputes, mapped)
    tables = {CURRENT: base.summary}
    for version, shapes in drawn.groupby("version", sort=False):
        redrawn = redraw(mapped, shapes.set_index("unit").geometry)
        frame = mapped.set_geometry(redrawn).reset_index()
        keep = [
            c for c in ("unit", "rt_rw", "rt", "rw", "dusun", "desa", "kecamatan", "kawasan", "geometry") if c in frame
        ]
        tables[version] = assess(source, rt=frame[keep], lang=lang, today=today).summary
    versions = pd.concat({v: t[_SHOWN] for v, t in tables.items()}, names=["version", "unit"])
    return versions, _ranges(versions)


def _read(inputs, disputes, mapped):
    spec = inputs.layers.get("dispute") if disputes is None else {"source": disputes}
    if spec is None:
        raise LayerError([Problem("layer_unknown", "", "", "dispute", {"known": ", ".join(inputs.layers)})])
    frame = open_layer(name="dispute", to_crs=mapped.crs, area=mapped, **spec).frame
    unusable = check_disputes(mapped, frame)
    if unusable:
        raise LayerError(unusable)
    return frame.dissolve(["version", "unit"], as_index=False, sort=False)


def redraw(units, shapes):
    """Redraw some units; the others give way, and take what is given up.

    Parameters
    ----------
    units : geopandas.GeoDataFrame
        The units, indexed by key, in a metre CRS.
    shapes : geopandas.GeoSeries
        New shapes of some of them, indexed by key.

    Returns
    -------
    geopandas.GeoSeries
        Shapes of all units; the union is that of the old and new shapes.

    Examples
    --------
    >>> old = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)], index=["A", "B"])
    >>> redraw(old, gpd.GeoSeries([shapely.box(0, 0, 8, 10)], index=["A"])).area.tolist()
    [80.0, 120.0]
    """
    out, fixed = units.geometry.copy(), list(shapes.index)
    taken = shapely.union_all(shapes.to_numpy())
    others = out.index.difference(fixed, sort=False)
    given = shapely.difference(shapely.union_all(out[fixed].to_numpy()), taken)
    out[others] = [shapely.difference(g, taken) for g in out[others]]
    out[fixed] = shapes.to_numpy()
    for piece in shapely.get_parts(given):
        if shapely.area(piece) < _SMALLEST_M2 or not len(others):
            continue
        shared = shapely.length(shapely.intersection(shapely.boundary(out[others].to_numpy()), shapely.boundary(piece)))
        if np.max(shared) > 0:
            neighbour = others[int(np.argmax(shared))]
            out[neighbour] = shapely.union(out[neighbour], piece)
    return gpd.GeoSeries(out, crs=units.crs)


def _ranges(versions):
    """Gather the versions of every unit that any of them changes."""
    rows = []
    for unit, table in versions.groupby(level="unit", sort=False):
        if table["area_ha"].max() - table["area_ha"].min() < 1e-6:
            continue
        levels = table["level"].astype(object).where(table["level"].notna(), "?")
        rows.append(
            {
                "unit": unit,
                "area_ha_min": table["area_ha"].min(),
                "area_ha_max": table["area_ha"].max(),
                "slum_ha_min": table["slum_ha"].min(),
                "slum_ha_max": table["slum_ha"].max(),
                "total_min": table["total_low"].min(),
                "total_max": table["total_high"].max(),
                "levels": " | ".join(dict.fromkeys(levels)),
                "decides": bool(levels.nunique() > 1 or table["slum_ha"].nunique(dropna=False) > 1),
            }
        )
    columns = [
        "unit",
        "area_ha_min",
        "area_ha_max",
        "slum_ha_min",
        "slum_ha_max",
        "total_min",
        "total_max",
        "levels",
        "decides",
    ]
    return pd.DataFrame(rows, columns=columns).set_index("unit")
