"""The door for what residents answer: files from many laptops become one table, each answer in its RT.

The map writes them (``village_map(..., answers=True)``); files drawn in QGIS or collected with KoboToolbox are read
too, whatever columns they lack. What people wrote is kept as they wrote it, but for control characters and personal
numbers; what a program guesses stands in columns of its own.
"""

import hashlib
import json
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kumuhgis import crs as systems
from kumuhgis.codes import cell_text
from kumuhgis.errors import LayerError, Problem, in_language, some
from kumuhgis.formats import open_vector
from kumuhgis.masking import mask, mask_group, plain_words
from kumuhgis.project import FILE, Project, load_project
from kumuhgis.repair import repair
from kumuhgis.rules import load_rules
from kumuhgis.spots import gathered
from kumuhgis.topics import headings, kinds, suggest

SCHEMA = 1
"""Version of the file that the map writes."""
TEXT_LIMIT, GROUP_LIMIT = 500, 80
COLUMNS = [
    "kind", "criterion", "suggested", "denied", "text", "group", "unit", "units", "made", "changed", "device",
    "copies", "map_title", "map_rule", "map_date", "source",
]  # fmt: skip
SEVERAL = " | "
"""Between the units, or groups, of one answer."""
_SUFFIXES = (".geojson", ".json", ".gpkg", ".kml", ".kmz", ".shp", ".fgb", ".zip")
_LEAST_M = 1.0
_CODE = re.compile(r"(\d)[.\s-]*([a-z])(?![a-z])", re.I)
_LONG_KEY = 16


def read_contributions(source, *, assessment=None, units=None, rules=None, root=None, lang="id"):
    """Read what residents answered, from one laptop or from many.

    Parameters
    ----------
    source : path, or list of paths
        Files (GeoJSON of the map; also GeoPackage, KML, shapefile, tables with coordinates), or folders of them. Of a
        folder tables are not read: they may be ours, made of the same answers.
    assessment : Assessment, optional
        Gives ``units`` and ``rules``.
    units : geopandas.GeoDataFrame, optional
        Polygons indexed by unit. Without them the answers are joined to none and stay in degrees.
    rules : Rules, optional
        Gives the criteria; the default is that of the assessment, else the rule that comes with kumuhgis.
    root : path, optional
        A folder that no file may lie outside.
    lang : {"id", "en"}
        Language of the error.

    Returns
    -------
    answers : geopandas.GeoDataFrame
        Indexed by ``id``, in the CRS of the units: ``kind, criterion, suggested, denied, text, group, unit, units,
        made, changed, device, copies, map_title, map_rule, map_date, source`` and the geometry. All are text but
        ``copies``. ``criterion`` is what the group chose; ``suggested`` and ``denied`` are codes that only its words
        suggest or deny. ``units`` are all RT that a shape touches by more than a metre, ``unit`` the one with most
        of it; both empty outside.
    problems : list of Problem
        What was masked, cut, merged, unknown or outside, and every file that could not be read.

    Raises
    ------
    LayerError
        If there is no file, or none of them can be read.

    Notes
    -----
    Of one ``id`` the version that was changed last is kept. Equal shape, kind and words are one answer, counted in
    ``copies``. The words that suggest a criterion are data: ``data/answers.toml``.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "qgis.geojson"
    >>> drawn = gpd.GeoDataFrame({"jenis": ["Keluhan"], "uraian": ["Tidak ada got, sering banjir. WA 0812 3456 7890"]},
    ...                          geometry=gpd.points_from_xy([110.9], [-7.57]), crs=4326)
    >>> drawn.to_file(file)
    >>> answers, problems = read_contributions(file)
    >>> answers[["kind", "suggested", "text"]].values.tolist()
    [['masalah', '4a | 4b', 'Tidak ada got, sering banjir. WA ••••']]
    >>> sorted(p.code for p in problems)
    ['contribution_masked', 'contribution_suggested']
    """
    units = assessment.units if units is None and assessment is not None else units
    units = None if units is None else units[units.geometry.notna()]
    rules = rules or getattr(assessment, "rules", None) or load_rules()
    problems = []
    with in_language(lang):
        raw = _read_all(_files(source), units, root, problems)
    clean = _in_words(_cleaned(raw, problems), rules, problems)
    merged = _merged(clean, problems)
    return _placed(merged, units, problems), problems


def find_contributions(project):
    """Say where a project keeps what residents answered.

    Parameters
    ----------
    project : path or Project
        The project; a folder of projects has none of its own.

    Returns
    -------
    source : pathlib.Path or None
        The file or folder of ``[participation] contributions``.
    root : pathlib.Path or None
        The project folder, which no file may lie outside.
    """
    folder = None if isinstance(project, Project) else Path(project)
    if folder is not None and folder.is_dir() and not (folder / FILE).is_file():
        return None, None
    found = load_project(project)
    inside = found.contents.participation.contributions
    return (found.path(inside), found.folder) if inside else (None, None)


# ---------------------------------------------------------------- files


def _files(source):
    """List the files that were given; of a folder those of a format that we read, in order of their names."""
    found = []
    for path in map(Path, [source] if isinstance(source, str | Path) else source):
        if not path.exists():
            raise LayerError([Problem("project_folder_missing", str(path), params={"here": Path.cwd().name})])
        if path.is_dir() and path.suffix.lower() != ".gdb":
            found += sorted(p for p in path.iterdir() if p.suffix.lower() in _SUFFIXES and p.is_file())
        else:
            found.append(path)
    if not found:
        raise LayerError([Problem("contribution_none", some(_names(source)), params={"known": ", ".join(_SUFFIXES)})])
    return found


def _names(source):
    return [str(source)] if isinstance(source, str | Path) else [str(path) for path in source]


def _read_all(paths, units, root, problems):
    """Read every file; one that cannot be read is said, and stops nothing while there is another."""
    frames, failed = [], []
    for path in paths:
        try:
            frames.append(_read(path, units, root, problems))
        except LayerError as error:
            failed += error.problems
    if not frames:
        raise LayerError(failed)
    problems += failed
    return pd.concat(frames, ignore_index=True)


def _read(path, units, root, problems):
    """Read one file: geometries that are sound, in the CRS of the units, and our columns as text."""
    frame, said = open_vector(path, root=root)
    there = frame.geometry.notna()
    if not there.any():
        raise LayerError([*said, Problem("layer_empty", path.name)])
    found = systems.verdict(frame.crs, systems.sample_points(frame[there]), area=units, label=path.name)
    if not found.fine:
        raise LayerError(found.problems)
    numbered = frame.set_crs(found.crs, allow_override=True).assign(_row=range(len(frame)))
    sound, _, mended = repair(numbered, ["polygon", "line", "point"], path.name)
    problems += [*said, *found.problems, *(p for p in mended if p.code != "layer_geometry_same_place")]
    out = _columns(sound).assign(source=path.name)
    if not out[["kind", "text", "criterion"]].astype(bool).to_numpy().any():
        raise LayerError([*said, Problem("contribution_no_answers", path.name)])
    return gpd.GeoDataFrame(out, geometry=sound.geometry.to_crs(4326 if units is None else units.crs))


def _columns(frame):
    """Take our columns by the headings that are known; what is not there is empty."""
    known = headings()
    chosen = {}
    for heading in frame.columns.drop(frame.geometry.name):
        name = known.get(str(heading).lower()) or known.get(str(heading).lower().rpartition("/")[2])
        if name and (name not in chosen or str(heading).lower() == name):
            chosen[name] = heading
    cells = {name: frame[heading].map(_cell) for name, heading in chosen.items()}
    wanted = ["id", "kind", "criterion", "text", "group", "made", "changed", "device", "map", "schema"]
    return pd.DataFrame({name: cells.get(name, "") for name in wanted}, index=frame.index, dtype=object)


def _cell(value):
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return json.dumps(value) if isinstance(value, dict) else cell_text(value)


# ---------------------------------------------------------------- words


def _cleaned(raw, problems):
    """Take out of every cell what no keyboard writes and what is personal; cut what is longer than the form."""
    out = raw.copy()
    for column in out.columns.drop("geometry"):
        out[column] = out[column].map(plain_words)
    out["id"] = [_key(*cells) for cells in zip(out["id"], out["text"], _places(out), strict=True)]
    for column, limit, cover in (("text", TEXT_LIMIT, mask), ("group", GROUP_LIMIT, mask_group)):
        masked = [cover(written) for written in out[column]]
        out[column] = [m.text[:limit] for m in masked]
        _say(out, np.array([m.numbers > 0 for m in masked]), "contribution_masked", problems, column)
        _say(out, np.array([m.name for m in masked]), "contribution_name", problems, column)
        _say(out, np.array([len(m.text) > limit for m in masked]), "contribution_cut", problems, column, limit=limit)
    for column, limit in (("kind", 40), ("criterion", 80), ("device", 64), ("made", 40), ("changed", 40)):
        known = out[column] if column == "device" else out[column].map(lambda written: mask(written).text)
        out[column] = known.str[:limit]
    maps = [_map_of(cell) for cell in out["map"]]
    for name in ("title", "rule", "date"):
        out[f"map_{name}"] = [plain_words(str(m.get(name) or ""))[:200] for m in maps]
    newer = pd.to_numeric(out["schema"], errors="coerce") > SCHEMA
    _say(out, newer.to_numpy(), "contribution_schema", problems)
    return out.drop(columns=["map", "schema"])


def _places(frame):
    """Give every shape as bytes: in degrees, to a decimetre, whatever its direction and first corner."""
    degrees = frame.geometry.to_crs(4326).to_numpy()
    return shapely.to_wkb(shapely.normalize(shapely.set_precision(degrees, 1e-6, mode="pointwise")))


def _key(written, words, place):
    """Keep a key that is one in the whole world; a number of a row is none, so the key is made of shape and words."""
    if len(written) >= _LONG_KEY and re.fullmatch(r"[\w:.-]+", written):
        return written[:64]
    return f"x-{hashlib.sha256(place + words.encode()).hexdigest()[:20]}"


def _map_of(cell):
    try:
        found = json.loads(cell or "{}")
    except ValueError:
        found = {"title": cell}
    return found if isinstance(found, dict) else {}


def _in_words(frame, rules, problems):
    """Read kind and criterion, and guess the criteria of what has none."""
    known = kinds()
    folded = frame["kind"].str.casefold()
    frame["kind"] = [known.get(word, kind) for word, kind in zip(folded, frame["kind"], strict=True)]
    expected = ", ".join(dict.fromkeys(known.values()))
    _say(frame, (folded == "").to_numpy(), "contribution_kind_missing", problems, "kind")
    odd = ~frame["kind"].isin(["", *known.values()])
    _say_values(frame, odd, "contribution_kind_unknown", problems, "kind", expected)
    frame["criterion"] = [_criterion(cell, rules) for cell in frame["criterion"]]
    odd = ~frame["criterion"].isin(["", *rules.codes])
    _say_values(frame, odd, "contribution_criterion_unknown", problems, "criterion", ", ".join(rules.codes))
    guesses = [suggest(words, rules) for words in frame["text"]]
    open_ = frame["criterion"] == ""
    for name, column in (("suggested", 0), ("denied", 1)):
        frame[name] = [SEVERAL.join(g[column]) if o else "" for g, o in zip(guesses, open_, strict=True)]
    _say(frame, (frame["suggested"] != "").to_numpy(), "contribution_suggested", problems, "criterion")
    other = ~frame["map_rule"].isin(["", rules.key])
    _say_values(frame, other, "contribution_other_rule", problems, "map", rules.key, "map_rule")
    return frame


def _criterion(cell, rules):
    """Read "4a", "4.A Genangan" or the name of a criterion as its code; all else stays as it was written."""
    found = _CODE.match(cell)
    if found and "".join(found.groups()).lower() in rules.codes:
        return "".join(found.groups()).lower()
    names = {name.casefold(): c.code for c in rules.criteria for name in (c.name, c.name_en)}
    return names.get(cell.casefold(), cell)


def _say(frame, rows, code, problems, column="", **params):
    if rows.any():
        files, which = some(list(dict.fromkeys(frame["source"][rows])), 2), some(frame["id"][rows].str[:8])
        params |= {"count": int(rows.sum())}
        problems.append(Problem(code, files, which, column, params, shape=gathered(frame.geometry[rows])))


def _say_values(frame, odd, code, problems, column, expected, of=None):
    values = some(list(dict.fromkeys(frame[of or column][odd].str[:40])))
    _say(frame, odd.to_numpy(), code, problems, column, value=values, expected=expected)


# ---------------------------------------------------------------- one answer, once


def _merged(frame, problems):
    """Keep of each id the version changed last, and of equal answers one; the counts are said."""
    when = pd.to_datetime(frame["changed"].where(frame["changed"] != "", frame["made"]), errors="coerce", utc=True,
                          format="ISO8601")  # fmt: skip
    frame = frame.assign(_when=when).sort_values(["_when"], na_position="first", kind="stable")
    older = frame.duplicated("id", keep="last")
    _say(frame, older.to_numpy(), "contribution_older", problems)
    frame = frame[~older]
    words = frame["text"].str.casefold().str.split().str.join(" ")
    same = pd.Series(list(zip(_places(frame), words, frame["kind"], frame["criterion"], strict=True)), frame.index)
    frame["copies"] = same.map(same.value_counts()).astype(int)
    frame["group"] = _joined(frame["group"], same)
    again = same.duplicated(keep="first")
    _say(frame, again.to_numpy(), "contribution_copies", problems)
    return frame[~again].sort_values(["_when", "id"], kind="stable").drop(columns="_when")


def _joined(groups, same):
    """Name for every answer all groups that gave the same one."""
    names = {}
    for key, group in zip(same, groups, strict=True):
        names.setdefault(key, {})[group] = None
    return [SEVERAL.join(filter(None, names[key]))[: 2 * GROUP_LIMIT] for key in same]


# ---------------------------------------------------------------- where


def _placed(frame, units, problems):
    """Name for every answer the units that it touches, and the one that holds most of it."""
    frame = frame.set_index("id")
    found = [("", [])] * len(frame) if units is None else _touched(frame.geometry.to_numpy(), units)
    frame["unit"] = [main for main, _ in found]
    frame["units"] = [SEVERAL.join(touched) for _, touched in found]
    outside = (frame["unit"] == "").to_numpy()
    if units is not None:
        _say(frame.reset_index(), outside, "contribution_outside", problems)
    return frame[[*COLUMNS, "geometry"]]


def _touched(shapes, units):
    """Give for every shape (main unit, units touched by more than a metre), the most first."""
    grounds, keys = units.geometry.to_numpy(), units.index.astype(str)
    rows, places = shapely.STRtree(grounds).query(shapes, predicate="intersects")
    common = shapely.intersection(shapes[rows], grounds[places])
    size = np.where(shapely.get_dimensions(shapes[rows]) == 2, shapely.area(common), shapely.length(common))
    point = shapely.get_dimensions(shapes[rows]) == 0
    size[point] = shapely.get_num_geometries(common[point])
    kept = point | (size > _LEAST_M)
    found = [("", []) for _ in shapes]
    table = pd.DataFrame({"row": rows, "place": places, "size": size})[kept]
    for row, group in table.sort_values(["size", "place"], ascending=[False, True]).groupby("row"):
        names = [keys[place] for place in group["place"]]
        found[row] = (names[0], names)
    return found
