"""Map and table brought together by key: nothing is lost on either side, and every decision is said."""

from dataclasses import replace
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from kumuhgis import overlay
from kumuhgis.baseline import NAMES, TOTALS, with_rows
from kumuhgis.codes import cell_text, read_code, read_codes
from kumuhgis.errors import Problem, numbered, some
from kumuhgis.keys import read_labels
from kumuhgis.locating import locate_records
from kumuhgis.longform import original_keys
from kumuhgis.matching import match_keys, match_names, name_words
from kumuhgis.sharing import add_up, find_shared
from kumuhgis.spots import gathered
from kumuhgis.tables import told_in
from kumuhgis.text import text

MAP_NAMES = ("rt_rw", "rt", "rw", "dusun", "desa", "kecamatan", "kabupaten", "kawasan")
_SURE = ("exact", "code", "label")
_EACH = 200
_ON_BORDER_M = 1.0
_DIGITS_OF_A_DESA = 10
MATCH_COLUMNS = ["record", "written", "row", "sheet", "unit", "how", "lies_in", "distance_m", "done"]
HOW = (
    *("exact", "code", "label", "name", "summed", "differs", "outside"),
    *("double", "proposed", "ask", "several", "shared", "unmatched", "no_record"),
)
"""What may become of a record or a unit, the plain first."""


class Pairing(NamedTuple):
    """Table and map, paired.

    ``records`` is the table under the map's keys, one row a record; ``base`` the same with the records of one polygon
    added up where that was asked for; ``pairs`` has one row a record, and says how it was matched and where it lies.
    """

    records: object
    base: object
    pairs: pd.DataFrame


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
    return None if base is None else _matched(base, mapped, problems)[0]


def pair_records(base, mapped, problems, *, shared_polygon="apart"):
    """Match a table with the map, and check where its records say they are.

    Parameters
    ----------
    base, mapped, problems
        As for :func:`match_records`; the problems are also taken up with records that lie elsewhere than their label
        says, and with polygons for several RT.
    shared_polygon : {"apart", "sum"}
        Records of the RT that one polygon holds: left apart, or added up if all of them are there.

    Returns
    -------
    Pairing
        Empty without a table. The label joins; a place only says what disagrees, and proposes.
    """
    if base is None:
        problems += _code_problems(mapped.index, np.zeros(len(mapped), bool), "rt")
        return Pairing(None, None, pd.DataFrame())
    records, pairs, wanted = _matched(base, mapped, problems)
    shared = find_shared(wanted, pd.DataFrame(mapped.drop(columns="geometry")), pairs["unit"].tolist())
    complete = [polygon for polygon in shared if shared_polygon == "sum" and not polygon.missing]
    problems += _shared_problems(shared, complete, pairs, base.name, shared_polygon)
    for polygon in shared:
        pairs.loc[polygon.records, "polygon"] = polygon.unit
        if polygon in complete:
            pairs.loc[polygon.records, ["unit", "how"]] = polygon.unit, "summed"
    said = []
    where = locate_records(base.units, mapped, base.name, said, written=pairs["unit"].tolist())
    pairs = pairs.join(where.reset_index(drop=True))
    problems += with_rows(said, base.name, base.rows) + _place_problems(pairs, base.name)
    return Pairing(records, add_up(records, complete), pairs)


def _matched(base, mapped, problems):
    """Match: the table under the map's keys, one row a record on how, and the records in the map's spelling."""
    columns = [c for c in (*MAP_NAMES, "desa_code") if c in base.units]
    if "rt_rw" in mapped:
        problems += read_labels(mapped["rt_rw"], layer="rt")[1]
    records = _spelled_alike(base.units[columns], mapped, base.name, problems)
    matches, said = match_keys(records, pd.DataFrame(mapped.drop(columns="geometry")), layer=base.name)
    problems += with_rows(said, base.name, base.rows)
    sure = matches["how"].isin(_SURE).to_numpy()
    problems += _code_problems(mapped.index, ~mapped.index.isin(matches.loc[sure, "right"]), "rt")
    said = _code_problems(base.units.index, ~sure, base.name)
    if "rt_rw" in base.units:
        by_key = matches["how"].isin(("exact", "code")).to_numpy()
        said += read_labels(base.units.loc[~by_key, "rt_rw"], layer=base.name)[1]
    problems += with_rows(said, base.name, base.rows)
    new = np.where(sure, matches["right"].to_numpy(object), matches["left"].to_numpy(object))
    index = pd.Index(new, name="unit", dtype="str")
    names = ("units", "volumes", "published", "rows", "unused", "own")
    frames = {name: getattr(base, name).set_axis(index) for name in names}
    pairs = pd.DataFrame(
        {
            "record": matches["left"],
            "label": base.units["rt_rw"].map(cell_text).to_numpy() if "rt_rw" in base.units else "",
            "row": base.rows["row"].array,
            "sheet": base.rows["sheet"].array,
            "unit": np.where(sure, new, ""),
            "proposal": matches["right"].fillna("").where(~sure, ""),
            "how": matches["how"],
            "reason": matches["reason"],
            "polygon": "",
            "place": "",
        }
    )
    if "desa" in base.units:
        words = {n: name_words(n) for n in pd.concat([records["desa"], base.units["desa"]]).dropna().unique()}
        respelled = [words.get(a) != words.get(b) for a, b in zip(records["desa"], base.units["desa"], strict=True)]
        pairs["how"] = pairs["how"].mask((pairs["how"] == "label") & np.array(respelled, bool), "name")
    return replace(base, **frames), pairs, records


def _code_problems(keys, alone, layer):
    """Say which codes have lost digits, and what else is wrong with those that found no partner; own keys are fine."""
    stems = pd.Series(original_keys(keys.tolist()), index=keys, name="unit")
    stems, alone = stems[~stems.str.startswith("(")], alone[~stems.str.startswith("(").to_numpy()]
    codes, said = read_codes(stems, layer=layer)
    cut = [p for p in said if p.code == "code_cut"]
    if cut or not (codes["digits"].str.len() >= _DIGITS_OF_A_DESA).any():
        return cut
    return [p for p in read_codes(stems[alone], layer=layer)[1] if p.code != "code_cut"]


def _spelled_alike(records, mapped, name, problems):
    """Give the records the map's spelling of their desa, by its code first, so that labels compare inside one desa."""
    if "desa" not in records or "desa" not in mapped:
        return records
    theirs = records["desa"].map(_name)
    ours = mapped["desa"].map(_name).dropna().drop_duplicates()
    if theirs.isna().all() or ours.empty:
        return records
    spelling = _desa_by_code(records, theirs, mapped)
    if spelling:
        differ = [f"{a} → {b}" for a, b in spelling.items()]
        problems.append(Problem("name_by_code", name, params={"count": len(differ), "pairs": some(differ)}))
    left = [n for n in theirs.dropna().drop_duplicates() if n not in spelling]
    matches, said = match_names(left, ours.tolist(), many=True, layer=name)
    problems += said
    sure = matches[matches["how"].isin(("exact", "normal", "fuzzy"))]
    spelling |= dict(zip(sure["left"], sure["right"], strict=True))
    return records.assign(desa=theirs.map(lambda n: spelling.get(n, n)))


def _desa_by_code(records, theirs, mapped):
    """Find the names of desa that the map does not know, but knows by one name under their code."""
    there = {name_words(n) for n in mapped["desa"].map(_name).dropna().unique()}
    unknown = theirs.isin([n for n in theirs.dropna().unique() if name_words(n) not in there])
    if not unknown.any():
        return {}
    ours = _names_by_code(mapped, mapped["desa"].map(_name))
    codes = {}
    for code, names in _names_by_code(records[unknown], theirs[unknown]).items():
        for n in names:
            codes.setdefault(n, set()).add(code)
    found = {n: ours.get(next(iter(c)), ()) for n, c in codes.items() if len(c) == 1}
    return {n: next(iter(names)) for n, names in found.items() if len(names) == 1}


def _names_by_code(frame, names):
    typed = frame["desa_code"] if "desa_code" in frame else [""] * len(frame)
    out = {}
    for key, cell, name in zip(frame.index, typed, names, strict=True):
        code = read_code(key).desa or (read_code(cell).desa if cell else "")
        if code and isinstance(name, str):
            out.setdefault(code, set()).add(name)
    return out


def _shared_problems(shared, complete, pairs, name, option):
    """Say of polygons for several RT what became of the records of these RT."""
    problems = []
    for polygon in shared:
        keys = pairs.loc[polygon.records, "record"]
        params = {"label": polygon.label, "records": some(keys), "there": some(keys), "count": len(keys)}
        params["missing"] = some(polygon.missing)
        if polygon in complete:
            problems.append(Problem("shared_polygon_summed", name, polygon.unit, params=params))
        elif option == "sum":
            problems.append(Problem("shared_polygon_incomplete", name, polygon.unit, params=params))
        elif len(keys):
            problems.append(Problem("shared_polygon_apart", name, polygon.unit, params=params))
    return problems


def _place_problems(pairs, name):
    """Say which records lie elsewhere than in the unit that they name, and where those without one lie."""
    claimed = set(pairs["unit"])
    alone = pairs["lies_in"].map(pairs.loc[pairs["unit"] == "", "lies_in"].value_counts()) == 1
    open_ = (pairs["unit"] == "") & (pairs["lies_in"] != "") & ~pairs["lies_in_many"]
    away = pairs["distance_m"] >= _ON_BORDER_M
    named = pairs["unit"] != ""
    masks = {
        "record_place_differs": named & away & (pairs["lies_in"] != ""),
        "record_place_outside": away & (pairs["lies_in"] == ""),
        "record_place_proposed": open_
        & alone
        & ~pairs["lies_in"].isin(claimed)
        & (pairs["polygon"] != pairs["lies_in"]),
    }
    problems = []
    for code, mask in masks.items():
        pairs.loc[mask, "place"] = code.removeprefix("record_place_")
        for r in pairs[mask].head(_EACH).itertuples():
            params = {"written": r.unit, "lies": r.lies_in, "near": r.near, "metres": f"{r.distance_m:.0f}"}
            row = None if pd.isna(r.row) else int(r.row)
            problems.append(Problem(code, name, r.record, "", {**params, **told_in(r.sheet)}, row=row))
        if mask.sum() > _EACH:
            params = {"count": int(mask.sum()) - _EACH, "kind": code}
            problems.append(Problem("record_place_more", name, params=params))
    return problems


def list_matches(pairing, mapped, lang="id"):
    """List what became of every record of the table and of every unit without one.

    Parameters
    ----------
    pairing : Pairing
        Table and map.
    mapped : geopandas.GeoDataFrame
        The units of the map.
    lang : {"id", "en"}
        Language of ``done``.

    Returns
    -------
    pandas.DataFrame
        ``record`` (key), ``written`` (key and label as in the table), ``row`` and ``sheet`` of the file, ``unit`` of
        the map to which it was joined (or ""), ``how``, ``lies_in`` (the unit that holds the coordinate of the row),
        ``distance_m`` (from there to ``unit``, else to the nearest), ``done`` (what was done, in a sentence).
        ``how`` is ``exact``, ``code``, ``label``, ``name`` or ``summed`` where it was joined and no more is to be said;
        ``differs`` and ``outside`` where it was joined and lies elsewhere; ``double`` for keys that stand twice;
        ``proposed, ask, several, shared, unmatched`` where it was not joined; ``no_record`` for a unit without one.
    """
    rows = []
    if len(pairing.pairs):
        pairs = pairing.pairs
        stems = pd.Series(original_keys(pairs["record"].tolist()))
        double = stems.duplicated(keep=False)
        for r, twice in zip(pairs.astype(object).itertuples(), double, strict=True):
            how = _became(r, twice)
            written = " · ".join(dict.fromkeys(filter(None, (r.record, r.label))))
            rows.append((r.record, written, r.row, r.sheet, r.unit, how, r.lies_in, r.distance_m, _done(how, r, lang)))
        rows += _units_alone(pairing, mapped, lang)
    frame = pd.DataFrame(rows, columns=MATCH_COLUMNS)
    return frame.astype(
        {"row": "Int64", "distance_m": float} | dict.fromkeys(("record", "sheet", "unit", "lies_in"), "str")
    )


def _became(r, twice):
    """Say in one word what became of a record; what needs a person goes first."""
    if r.how == "summed":
        return r.place if r.place else "summed"
    if twice:
        return "double"
    if r.unit:
        return r.place or r.how
    if r.polygon:
        return "shared"
    if r.place == "proposed":
        return "proposed"
    return r.how if r.how in ("ask", "several") else "unmatched"


def _done(how, r, lang):
    words = {
        "unit": r.unit or "–",
        "lies": r.lies_in or "–",
        "polygon": r.polygon,
        "proposal": r.proposal,
        "metres": "" if pd.isna(r.distance_m) else f"{r.distance_m:.0f}",
        "why": text(f"keys.match.{r.reason}", lang),
    }
    key = f"{how}_joined" if how == "double" and r.unit else how
    return text(f"matches.done.{key}", lang, **words)


def _units_alone(pairing, mapped, lang):
    """List the units of the map without a record: none in the table, in pieces, or one polygon for several RT."""
    stems = pd.Series(original_keys(mapped.index.tolist()), index=mapped.index)
    double = stems.duplicated(keep=False)
    shared = set(pairing.pairs["polygon"])
    for unit in mapped.index.difference(pairing.base.units.index, sort=False):
        how = "double" if double[unit] else "shared" if unit in shared else "no_record"
        key = {"double": "unit_double", "shared": "unit_shared"}.get(how, how)
        yield ("", "", pd.NA, "", unit, how, "", np.nan, text(f"matches.done.{key}", lang, unit=unit, code=stems[unit]))


def count_matches(matches, lang="id"):
    """Say in one line how many records were joined, and how.

    Parameters
    ----------
    matches : pandas.DataFrame
        From :func:`list_matches`.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    str
        Numbers by kind, the plain ones first; empty without a table.
    """
    if matches.empty:
        return ""
    counts = matches["how"].value_counts()
    kinds = [k for k in HOW if k in counts.index]
    said = ", ".join(f"{counts[k]} {text(f'matches.how.{k}', lang)}" for k in kinds)
    return text("matches.count", lang, records=int((matches["record"] != "").sum()), said=said)


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
        alone = [Problem("record_without_map", base.name, u) for u in missing]
        problems += with_rows(alone, base.name, base.rows)
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


def check_disputes(mapped, frame):
    """Check that every version of a disputed border names a unit of the map and has a name.

    Parameters
    ----------
    mapped : geopandas.GeoDataFrame
        The units of the map, indexed by key.
    frame : geopandas.GeoDataFrame
        The layer ``dispute``.

    Returns
    -------
    list of Problem
        Columns that are missing, units that are not on the map, rows without unit or version.
    """
    missing = [c for c in ("unit", "version") if c not in frame]
    if missing:
        params = {"known": ", ".join(c for c in frame.columns if c != frame.geometry.name)}
        return [Problem("layer_column_missing", "dispute", "", c, params) for c in missing]
    problems = []
    for i, unit, version in zip(frame.index, frame["unit"], frame["version"], strict=True):
        where = {"row": int(i) + 1, "shape": frame.geometry[i]}
        blank = [c for c, cell in (("unit", unit), ("version", version)) if not cell_text(cell)]
        if blank:
            problems.append(Problem("dispute_incomplete", "dispute", cell_text(unit), ", ".join(blank), **where))
        elif unit not in mapped.index:
            params = {"version": version}
            problems.append(Problem("dispute_unit_unknown", "dispute", unit, "unit", params, **where))
    return problems


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
            number, shape = int(first) + 1 if rows.sum() == 1 else None, gathered(frame.geometry[rows])
            problems.append(
                Problem(code, layer, some(numbered(frame.index[rows])), "unit", params, row=number, shape=shape)
            )
    return problems
