"""The locations of a decree: their slum RT, and nothing else. Table, details and map are made from this one frame."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kumuhgis import priority
from kumuhgis.documents.rounding import largest_remainder
from kumuhgis.grouping import name_of
from kumuhgis.groups import name_groups, summarise_groups
from kumuhgis.layers import geodesic_hectares

MAP_TOLERANCE = 0.05
"""Share by which the hectares of the table may differ from those of the polygons on the map."""
FINDINGS = ("fits", "part", "larger", "unknown", "missing", "unlabelled", "twice", "extra")
"""What :func:`check_map` can find: nothing; the table counts a part of what is drawn, or more than it; the area is not
known; the location is not on the map, its number is not, it is there twice; a polygon is no location."""
_ROLLED = ("total_low", "total_high", "level", "class", "priority")
_PLACES = ("desa", "kecamatan", "kabupaten")


def unit_locations(assessment, by="kawasan"):
    """Give the location that every unit would belong to.

    Parameters
    ----------
    assessment : Assessment
        The result.
    by : str
        Column of ``units``. A unit without a name in it is a location of its own; so is every unit where no unit has
        a ``kawasan``.

    Returns
    -------
    pandas.DataFrame
        Indexed by unit, in the order of the summary: ``location`` (a key), ``name``, ``own`` (no group, so the RT
        itself).

    Raises
    ------
    ProjectError
        If the units have no such column, except ``kawasan``.

    Examples
    --------
    >>> import kumuhgis as kg
    >>> jaten = kg.assess(kg.load_sample("jaten"))
    >>> unit_locations(jaten)["own"].value_counts().to_dict()
    {True: 9, False: 7}
    """
    index = assessment.summary.index
    labels = unit_labels(assessment)
    if by == "kawasan" and by not in assessment.units:
        own, groups = pd.Series(True, index), pd.Series("", index)
    else:
        groups = name_groups(assessment, by)[0].reindex(index).map(name_of)
        own = assessment.units[by].reindex(index).map(name_of) == ""
    keys = ("rt:" + index.astype(str).to_series(index)).where(own, "in:" + groups)
    return pd.DataFrame({"location": keys, "name": labels.where(own, groups), "own": own}, index)


def unit_labels(assessment):
    """Give what a unit is called: RT/RW, or its code where it has none."""
    units = assessment.units.reindex(assessment.summary.index)
    codes = units.index.astype(str).to_series(units.index)
    labels = units["rt_rw"].map(name_of) if "rt_rw" in units else pd.Series("", units.index)
    return labels.where(labels != "", codes)


def locations(assessment, by="kawasan"):
    """List the locations of a decree: every group with slum RT, counted by its slum RT alone.

    Parameters
    ----------
    assessment : Assessment
        The result.
    by : str
        Column of ``units`` that names the locations; see :func:`unit_locations`.

    Returns
    -------
    geopandas.GeoDataFrame
        Indexed by location key, in the order of priority, then higher total, more slum hectares, more people:
        ``number`` (from 1), ``name``, ``units`` (tuple of its slum RT), the columns of :func:`groups.summarise_groups`
        over these RT (so population, signs, considerations, class and priority are theirs too), ``slum_ha`` (their
        area, NaN if one is unknown), ``printed_ha`` (rounded so that it adds up), ``all_units``, ``open_units``,
        ``open_ha`` (RT of the group that may be slum, and their hectares), ``rollup_low``, ``rollup_high``,
        ``rollup_level, rollup_class, rollup_priority``
        (all RT of the group), ``desa, kecamatan, kabupaten``, ``lon, lat`` (a point inside, WGS 84)
        and the geometry: the slum RT as one shape, in the metre CRS.

    Notes
    -----
    *Luas kumuh* is the sum of the areas of the RT whose own total reaches the floor. A roll-up of slum RT may itself
    come out below it (Kota Pekalongan: five kawasan); it then has no class and no priority, which stand with its RT.

    Examples
    --------
    >>> import kumuhgis as kg
    >>> jaten = kg.assess(kg.load_sample("jaten"))
    >>> locations(jaten)[["number", "name", "slum_ha", "priority"]].values.tolist()
    [[1, 'Contoh Lor', 1.25, 6], [2, 'Contoh Kidul', 1.22, 6], [3, 'Bulu', 5.47, 9]]
    """
    of = unit_locations(assessment, by)
    summary, floor = assessment.summary, assessment.rules.floor
    slum = summary["total_low"] >= floor
    maybe = ~slum & (summary["total_high"] >= floor)
    whole = replace(assessment, units=assessment.units.assign(location=of["location"]))
    listed = list(dict.fromkeys(of.loc[slum, "location"]))
    rolled = summarise_groups(whole, "location").reindex(listed)
    inside = summarise_groups(_only(whole, slum), "location") if slum.any() else rolled
    table = inside.reindex(listed).rename_axis("location")
    table["name"] = of.drop_duplicates("location").set_index("location")["name"].reindex(listed)
    for name in _ROLLED:
        table[f"rollup_{name.removeprefix('total_')}"] = rolled[name]
    table = table.join(_counts(of, maybe, summary["slum_ha_high"], listed))
    table = _sorted(table, assessment)
    table["units"] = _members(of["location"][slum], summary, table.index)
    table["printed_ha"] = largest_remainder(table["slum_ha"])
    return _placed(table, whole)


def _only(assessment, keep):
    """Keep some units of an assessment."""
    keys = keep.index[keep]
    measures = assessment.measures
    measures = measures[measures.index.get_level_values("unit").isin(keys)]
    return replace(assessment, units=assessment.units.loc[keys], summary=assessment.summary.loc[keys],
                   measures=measures)  # fmt: skip


def _counts(of, maybe, hectares, listed):
    """Count all RT of a location, and those that may be slum with their hectares."""
    by = of["location"].to_numpy()
    counts = pd.DataFrame({
        "all_units": of.groupby(by).size(),
        "open_units": maybe.groupby(by).sum(),
        "open_ha": hectares.where(maybe, 0.0).groupby(by).agg(lambda s: s.sum(skipna=False)),
    })  # fmt: skip
    return counts.reindex(listed)


def _sorted(table, assessment):
    """Put the locations in the order of the ranking and number them."""
    keys = pd.DataFrame({
        "rank": priority.rank(table).astype("Float64").fillna(np.inf),
        **{name: -table[name].astype(float).fillna(-np.inf) for name in priority.TIE_BREAKS[1:]},
        "name": table["name"],
    }, table.index)  # fmt: skip
    out = table.loc[keys.sort_values(list(keys.columns), kind="stable").index]
    out.insert(0, "number", np.arange(1, len(out) + 1))
    return out


def _members(of, summary, index):
    """Give the RT of every location, the first in rank first."""
    order = summary["rank"].reindex(of.index).astype("Float64").fillna(np.inf)
    sorted_ = of.loc[order.sort_values(kind="stable").index]
    groups = sorted_.groupby(sorted_.to_numpy(), sort=False).groups
    return pd.Series([tuple(groups[key]) for key in index], index, dtype=object)


def _placed(table, assessment):
    """Add places, the shape of every location and a point inside it."""
    units, found = assessment.units, assessment.provenance
    for name in _PLACES:
        known = units[name].map(name_of) if name in units else pd.Series("", units.index)
        fallback = name_of(found.get(name))
        named = [", ".join(dict.fromkeys(known[list(keys)].replace("", fallback))) for keys in table["units"]]
        table[name] = pd.Series(named, table.index, dtype=object)
    shapes = [_together(units.geometry[list(keys)]) for keys in table["units"]]
    out = gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes, table.index, crs=units.crs), crs=units.crs)
    out["lon"], out["lat"] = degrees(out.geometry)
    return out


def _together(shapes):
    drawn = [shape for shape in shapes if shape is not None and not shape.is_empty]
    return shapely.union_all(drawn) if drawn else None


def degrees(shapes):
    """Give longitude and latitude of a point inside every shape, NaN where there is none.

    Parameters
    ----------
    shapes : geopandas.GeoSeries
        With a CRS.

    Returns
    -------
    lon, lat : numpy.ndarray
        WGS 84.
    """
    if shapes.crs is None:
        return np.full((2, len(shapes)), np.nan)
    points = shapes.representative_point().to_crs(4326)
    return np.asarray(points.x, float), np.asarray(points.y, float)


def location_units(assessment, table):
    """List the slum RT of all locations, with hectares that add up to those printed of their location.

    Parameters
    ----------
    assessment : Assessment
        The result.
    table : geopandas.GeoDataFrame
        From :func:`locations`.

    Returns
    -------
    pandas.DataFrame
        Indexed by unit, in the order of the table: ``number, location, label`` (RT/RW), ``desa, lon, lat``, the
        columns of the summary, ``printed_ha``.
    """
    labels, units = unit_labels(assessment), assessment.units
    frames = []
    for row in table.itertuples():
        part = assessment.summary.loc[list(row.units)].assign(number=row.number, location=row.name, desa=row.desa)
        if "desa" in units:
            own = units.loc[part.index, "desa"].map(name_of)
            part["desa"] = own.where(own != "", row.desa)
        whole = row.printed_ha if row.printed_ha == row.printed_ha else None
        part["printed_ha"] = largest_remainder(part["slum_ha"], total=whole)
        frames.append(part)
    out = pd.concat(frames) if frames else assessment.summary.iloc[:0].assign(number=0, location="", printed_ha=0.0)
    out["label"] = labels.reindex(out.index)
    out["lon"], out["lat"] = degrees(units.geometry.reindex(out.index))
    return out


def left_out(assessment, by="kawasan"):
    """List what is no location of the decree, and why.

    Parameters
    ----------
    assessment : Assessment
        The result.
    by : str
        Column of ``units``.

    Returns
    -------
    pandas.DataFrame
        ``name`` (the group, empty for RT without one), ``desa``, ``reason`` ("not_slum", or "open": its total is an
        interval with the floor inside), ``units`` (tuple), ``total_low``, ``total_high`` (over the RT), ``in_decree``
        (how many touch the SK in force), ``ha`` (area used; NaN if one is unknown). Open ones come first.

    Examples
    --------
    >>> import kumuhgis as kg
    >>> found = left_out(kg.assess(kg.load_sample("jaten")))
    >>> found[["name", "reason"]].values.tolist()
    [['', 'open'], ['Contoh Wetan', 'not_slum'], ['', 'not_slum']]
    """
    summary, floor = assessment.summary, assessment.rules.floor
    of = unit_locations(assessment, by)
    out = summary["total_low"] < floor
    desa = assessment.units.get("desa", pd.Series("", assessment.units.index)).reindex(summary.index).map(name_of)
    fallback = name_of(assessment.provenance.get("desa"))
    rows = pd.DataFrame({
        "name": of["name"].where(~of["own"], ""), "desa": desa.where(desa != "", fallback),
        "reason": np.where(summary["total_high"] >= floor, "open", "not_slum"),
        "low": summary["total_low"], "high": summary["total_high"], "ha": summary["area_used_ha"],
        "in": summary["sk_status"].isin(["inside", "partial"]), "unit": summary.index,
    }, summary.index)[out]  # fmt: skip
    rows["last"] = rows["name"] == ""
    found = rows.sort_values(["reason", "last", "name", "desa"], ascending=[False, True, True, True], kind="stable")
    grouped = found.groupby(["reason", "last", "name", "desa"], sort=False)
    table = grouped.agg(units=("unit", tuple), total_low=("low", "min"), total_high=("high", "max"),
                        in_decree=("in", "sum"), ha=("ha", lambda s: s.sum(skipna=False)))  # fmt: skip
    return table.reset_index().drop(columns="last")


# ---------------------------------------------------------------- table and map


def map_shapes(table):
    """Give what a map draws as locations: number and shape of every row that has a shape.

    Parameters
    ----------
    table : geopandas.GeoDataFrame
        From :func:`locations`.

    Returns
    -------
    geopandas.GeoDataFrame
        ``number``, ``units`` and the geometry, with the index of the table.
    """
    return table.loc[table.geometry.notna(), ["number", "units", table.geometry.name]]


def check_map(table, drawn, *, labels=None, tolerance=MAP_TOLERANCE):
    """Compare the rows of the table with the polygons of the map.

    Parameters
    ----------
    table : geopandas.GeoDataFrame
        From :func:`locations`.
    drawn : geopandas.GeoDataFrame
        ``number`` and shape of everything that the map shows as a location (:func:`map_shapes`).
    labels : collection of str, optional
        Numbers that can be read on the map, if the picture says which.
    tolerance : float
        Share of the table's hectares by which the measured ones may differ.

    Returns
    -------
    pandas.DataFrame
        One row per location of the table, then one per number that only the map has: ``number, name, table_ha, map_ha,
        difference_ha, finding`` (one of :data:`FINDINGS`).

    Examples
    --------
    >>> import kumuhgis as kg
    >>> table = locations(kg.assess(kg.load_sample("brujul")))
    >>> check_map(table, map_shapes(table).iloc[:0])["finding"].tolist()
    ['missing', 'missing']
    """
    measured = pd.Series(geodesic_hectares(drawn), drawn["number"].to_numpy()) if len(drawn) else pd.Series(dtype=float)
    rows = []
    for row in table.itertuples():
        there = measured[measured.index == row.number]
        area = float(there.sum()) if len(there) else np.nan
        read = labels is None or str(row.number) in labels
        finding = _finding(row.printed_ha, area, len(there), read, tolerance)
        rows.append((row.number, row.name, row.printed_ha, area, area - row.printed_ha, finding))
    for number, area in measured[~measured.index.isin(table["number"])].items():
        rows.append((number, "", np.nan, area, np.nan, "extra"))
    return pd.DataFrame(rows, columns=["number", "name", "table_ha", "map_ha", "difference_ha", "finding"])


def _finding(written, drawn, count, read, tolerance):
    """Say what is wrong with one location."""
    if count != 1:
        return "twice" if count else "missing"
    if not read:
        return "unlabelled"
    if np.isnan(written):
        return "unknown"
    if abs(drawn - written) <= tolerance * written:
        return "fits"
    return "part" if drawn > written else "larger"
