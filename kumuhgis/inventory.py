"""What the map holds in every unit: buildings, metres of road and drain by condition, inundated hectares."""

import pandas as pd

from kumuhgis import overlay

NEEDED = "dibutuhkan"
_UNSAID = "unknown"


def inventory(units, layers):
    """Count and measure the layers inside every unit.

    Parameters
    ----------
    units : geopandas.GeoDataFrame
        Units (n) in a metre CRS, with ``area_ha``.
    layers : dict of str to geopandas.GeoDataFrame
        Any of ``buildings, roads, drains, inundation``, in the CRS of the units.

    Returns
    -------
    pandas.DataFrame
        n rows: ``buildings_mapped`` (each building once), ``buildings_per_ha``; for ``road`` and ``drain``
        ``<kind>_existing_m, <kind>_needed_m, <kind>_ideal_m`` (existing plus needed) and ``<kind>_m:<condition>`` of
        what exists; ``inundation_mapped_ha`` (every polygon drawn, each hectare once). Columns of layers that are not
        there are left out; needed and ideal are missing where no feature says its status.

    Notes
    -----
    Metres of a line along a shared border go half to each unit.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString, Point, box
    >>> units = gpd.GeoDataFrame({"area_ha": [1.0]}, geometry=[box(0, 0, 100, 100)], index=["01"])
    >>> lines = [LineString([(0, 50), (100, 50)]), LineString([(50, 0), (50, 20)])]
    >>> roads = gpd.GeoDataFrame({"condition": ["rusak", None], "status": ["ada", "dibutuhkan"]}, geometry=lines)
    >>> inventory(units, {"roads": roads}).loc["01"].round(6).to_dict()
    {'road_existing_m': 100.0, 'road_needed_m': 20.0, 'road_ideal_m': 120.0, 'road_m:rusak': 100.0}
    """
    parts = []
    if "buildings" in layers:
        count = overlay.counts(units, layers["buildings"]).sum(axis=1)
        density = count / units["area_ha"]
        parts.append(pd.DataFrame({"buildings_mapped": count, "buildings_per_ha": density}))
    for layer, kind in (("roads", "road"), ("drains", "drain")):
        if layer in layers:
            parts.append(_by_condition(units, layers[layer], kind))
    if "inundation" in layers:
        area = overlay.areas(units, layers["inundation"]).sum(axis=1)
        parts.append(area.rename("inundation_mapped_ha").to_frame())
    return pd.concat(parts, axis=1) if parts else pd.DataFrame(index=units.index)


def _by_condition(units, lines, kind):
    """Metres that exist, by condition, and metres that are still needed."""
    none = pd.Series(None, index=lines.index, dtype=object)
    status = lines.get("status", none)
    condition = lines.get("condition", none)
    group = condition.where(condition.notna(), _UNSAID).mask(status == NEEDED, NEEDED)
    metres = overlay.lengths(units, lines, by=group)
    needed = metres.pop(NEEDED) if NEEDED in metres else pd.Series(0.0, index=units.index)
    if not status.notna().any():
        needed = needed * float("nan")
    existing = metres.sum(axis=1)
    totals = {f"{kind}_existing_m": existing, f"{kind}_needed_m": needed, f"{kind}_ideal_m": existing + needed}
    return pd.DataFrame(totals, index=units.index).join(metres.add_prefix(f"{kind}_m:"))
