"""Land: clarity of tenure, conformity with the spatial plan, and the sign that follows (legalitas).

These are not criteria; they decide whether a location is legal. Where categories overlap, a hectare counts
for the least favourable of them, and what is not mapped, or mapped without an attribute, stays unmapped.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kumuhgis import overlay, shores, tabulation
from kumuhgis.measures import verdict
from kumuhgis.memory import remembering


@remembering()
def tenure(units, parcels, *, clear) -> pd.DataFrame:
    """Measure the hectares of clear and unclear tenure.

    Parameters
    ----------
    units : GeoDataFrame
        Units (n), metre CRS, with `area_ha`.
    parcels : GeoDataFrame
        Polygons with `land_status` (text) and `conflict` (True, False or missing).
    clear : list of str
        Statuses that count as clear; letter case does not matter. A parcel in conflict is never clear.

    Returns
    -------
    DataFrame, shape (n, 4 + statuses)
        Hectares: `clear_ha`, `unclear_ha`, `unmapped_ha` (no parcel, or one without a status) that add up to
        the unit; `overlap_ha` (drawn more than once: under three parcels, twice); one `status:<name>` a
        status, as it is first spelled. Where clear and unclear parcels overlap, the hectare is unclear.

    Notes
    -----
    Source: Permen PUPR 14/PRT/M/2018, legalitas tanah: kejelasan status tanah.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> units = gpd.GeoDataFrame({"area_ha": [1.0]}, geometry=[box(0, 0, 100, 100)], index=["01"])
    >>> parcels = {"land_status": ["Hak Milik", "tanah negara"]}
    >>> parcels = gpd.GeoDataFrame(parcels, geometry=[box(0, 0, 50, 100), box(40, 0, 80, 100)])
    >>> tenure(units, parcels, clear=["hak milik"]).round(6).loc["01"].to_dict()
    {'clear_ha': 0.4, 'unclear_ha': 0.4, 'unmapped_ha': 0.2, 'overlap_ha': 0.1,
     'status:Hak Milik': 0.5, 'status:tanah negara': 0.4}
    """
    judgement = verdict.listed(parcels, "land_status", clear)
    unclear = (judgement == verdict.FINE) | (verdict.flagged(parcels, "conflict", affected=True) == verdict.AFFECTED)
    known = unclear | (judgement == verdict.AFFECTED)
    unclear_ha = _chosen(units, parcels, unclear)
    mapped_ha = _chosen(units, parcels, known)
    drawn = overlay.areas(units, parcels, dissolve=False)["all"]
    columns = {
        "clear_ha": tabulation.remainder(mapped_ha, unclear_ha),
        "unclear_ha": unclear_ha,
        "unmapped_ha": tabulation.remainder(units["area_ha"].astype(float), mapped_ha),
        "overlap_ha": tabulation.remainder(drawn, overlay.areas(units, parcels)["all"]),
    }
    return pd.DataFrame(columns, index=units.index).join(_by_name(units, parcels, "land_status", "status:"))


@remembering()
def zones(units, zoning, water=None, *, conforming, setback_m=0) -> pd.DataFrame:
    """Measure the hectares that conform with the spatial plan.

    Parameters
    ----------
    units : GeoDataFrame
        Units (n), metre CRS, with `area_ha`.
    zoning : GeoDataFrame
        Polygons with `zone` (text).
    water : GeoDataFrame, optional
        Rivers and lakes, lines or polygons.
    conforming : list of str
        Zones in which housing conforms; letter case does not matter.
    setback_m : float, default 0
        Width of the strip along the water (sempadan), from the bank of a polygon or the centre of a line. The
        strip and the surface of the water never conform.

    Returns
    -------
    DataFrame, shape (n, 4 + zones)
        Hectares: `conforming_ha`, `nonconforming_ha`, `unmapped_ha` that add up to the unit; `setback_ha`
        (missing if a setback is asked for and no water is given); one `zone:<name>` a zone.

    Notes
    -----
    Source: Permen PUPR 14/PRT/M/2018, legalitas tanah: kesesuaian dengan RTR.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString, box
    >>> units = gpd.GeoDataFrame({"area_ha": [1.0]}, geometry=[box(0, 0, 100, 100)], index=["01"])
    >>> zoning = gpd.GeoDataFrame({"zone": ["Permukiman"]}, geometry=[box(0, 0, 100, 80)])
    >>> river = gpd.GeoDataFrame(geometry=[LineString([(-50, 0), (150, 0)])])
    >>> zones(units, zoning, river, conforming=["permukiman"], setback_m=15).round(6).loc["01"].to_dict()
    {'conforming_ha': 0.65, 'nonconforming_ha': 0.15, 'unmapped_ha': 0.2, 'setback_ha': 0.15, 'zone:Permukiman': 0.8}
    """
    judgement = verdict.listed(zoning, "zone", conforming)
    strip = _strip(units, water, setback_m)
    strip_ha = tabulation.hectares(units, shapely.area(strip))
    nonconforming, mapped = judgement == verdict.FINE, judgement != verdict.UNKNOWN
    nonconforming_ha, mapped_ha = _beside(units, strip, strip_ha, zoning, [nonconforming, mapped])
    columns = {
        "conforming_ha": tabulation.remainder(mapped_ha, nonconforming_ha),
        "nonconforming_ha": nonconforming_ha,
        "unmapped_ha": tabulation.remainder(units["area_ha"].astype(float), mapped_ha),
        "setback_ha": strip_ha if water is not None or setback_m == 0 else np.nan,
    }
    return pd.DataFrame(columns, index=units.index).join(_by_name(units, zoning, "zone", "zone:"))


def sign(qualified_ha, unqualified_ha, unmapped_ha, *, tolerance) -> pd.Series:
    """Give the sign of a legal condition: (+) only if the whole location qualifies.

    Parameters
    ----------
    qualified_ha, unqualified_ha, unmapped_ha : Series of float
        Hectares that qualify, do not qualify, and are not mapped; together the unit.
    tolerance : float
        Share of the unit (0 … 1) that slivers of digitising may take.

    Returns
    -------
    Series of object
        "-" where more than the tolerance does not qualify; otherwise missing (None) where more than the
        tolerance is not mapped; otherwise "+". Missing as well where the hectares are.

    Notes
    -----
    Source: Permen PUPR 14/PRT/M/2018, legalitas tanah: (-) if part or all of the location does not qualify.

    Examples
    --------
    >>> ha = pd.DataFrame({"yes": [1.0, 0.9, 0.5], "no": [0.0, 0.1, 0.0], "unmapped": [0.0, 0.0, 0.5]})
    >>> sign(ha["yes"], ha["no"], ha["unmapped"], tolerance=0.01).tolist()
    ['+', '-', None]
    """
    whole = qualified_ha + unqualified_ha + unmapped_ha
    whole = whole.where(whole > 0)
    bad = (unqualified_ha / whole > tolerance).to_numpy()
    told = (unmapped_ha / whole <= tolerance).to_numpy()
    return pd.Series(np.select([bad, told], ["-", "+"], default=None), index=whole.index, dtype=object)


def _strip(units, water, setback_m) -> np.ndarray:
    """Return the part of each unit that is water or its strip; a long river is bent round only what is near."""
    shapes = np.asarray(units.geometry, dtype=object)
    strip = np.full(len(shapes), shapely.Polygon(), dtype=object)
    if water is None or len(water) == 0:
        return strip
    rivers = np.asarray(water.geometry, dtype=object)
    unit, river = shores.pairs_within(shapes, water, setback_m)
    lows, highs = np.hsplit(shapely.bounds(shapes[unit]) + (setback_m + 1) * np.array([-1, -1, 1, 1]), 2)
    near, lines = rivers[river], shapely.get_dimensions(rivers[river]) == 1
    near[lines] = [
        shapely.clip_by_rect(r, *a, *b) for r, a, b in zip(near[lines], lows[lines], highs[lines], strict=True)
    ]
    near[~lines] = shapely.intersection(near[~lines], shapely.box(*lows[~lines].T, *highs[~lines].T))
    inside = shapely.intersection(shapely.buffer(near, setback_m, quad_segs=16), shapes[unit])
    alone = np.bincount(unit, minlength=len(shapes))[unit] == 1
    strip[unit[alone]] = inside[alone]
    several, bag = np.unique(unit[~alone], return_inverse=True)
    bags = shapely.geometrycollections(inside[~alone], indices=bag)
    strip[several] = shapely.union_all(bags[:, None], axis=1)
    return strip


def _beside(units, strip, strip_ha, zoning, choices) -> list[pd.Series]:
    """Measure the hectares that are strip or, each hectare once, some zones; for several choices of zones.

    The strip is laid over the zones only in the units that lie partly in some of them.
    """
    whole = [_chosen(units, zoning, chosen) for chosen in choices]
    own = tabulation.hectares(units, shapely.area(np.asarray(units.geometry, dtype=object)))
    least = tabulation.ROUNDING * own
    partly = np.logical_or.reduce([(ha > least) & (ha < own - least) for ha in whole])
    wet = (shapely.area(strip) > 0) & partly
    surface = gpd.GeoSeries(strip[wet], index=units.index[wet], crs=getattr(zoning, "crs", None)).to_frame("geometry")
    found = []
    for ha, chosen in zip(whole, choices, strict=True):
        common = strip_ha.where(ha > least, 0.0)
        common[wet] = _chosen(surface, zoning, chosen).to_numpy() * (tabulation.ellipsoid(units)[wet])
        found.append(strip_ha + (ha - common))
    return found


def _chosen(units, polygons, chosen) -> pd.Series:
    """Measure the hectares of some polygons, each hectare once; the layer is asked as a whole, and so only once."""
    named = pd.Categorical.from_codes(np.asarray(chosen, dtype=np.int8), ["no", "yes"])
    named = pd.Series(named, index=getattr(polygons, "index", None))
    ha = overlay.areas(units, polygons, named)
    return ha.get("yes", pd.Series(0.0, index=units.index))


def _by_name(units, polygons, column, prefix) -> pd.DataFrame:
    """Measure hectares by name; names that differ only in letter case are one, as first spelled."""
    names = verdict.attribute(polygons, column)
    key = verdict.folded(names)
    spelling = names.groupby(key.to_numpy()).first()
    ha = overlay.areas(units, polygons, key)
    return ha.rename(columns=lambda k: prefix + (str(spelling[k]).strip() if k else ""))
