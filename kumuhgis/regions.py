"""Many projects as one result: every kabupaten of a province, the parts of a national data set."""

import hashlib
import json
from contextlib import suppress
from pathlib import Path

import geopandas as gpd
import pandas as pd

from kumuhgis import __version__, partitions, priority, stored
from kumuhgis.assessing import assess_one
from kumuhgis.errors import SEVERITIES, KumuhgisError, Problem, ProjectError, in_language, problems_frame
from kumuhgis.project import FILE, Project, load_project, parts_of
from kumuhgis.results import Assessment
from kumuhgis.rules import Rules, load_rules, rules_digest
from kumuhgis.trace import same_rules

_FRAMES = ("units", "measures", "scores", "summary", "problems", "accounts", "matches")


def find_parts(source):
    """List the parts of a region.

    Parameters
    ----------
    source : path or Project
        A folder of project folders (each with ``kumuhgis.toml``), or a project whose layers are data sets
        (:func:`project.parts_of`).

    Returns
    -------
    dict of str to Project or pathlib.Path
        By the folder's name or the part's value, in their order; empty for a plain project.
    """
    if isinstance(source, Project):
        return parts_of(source)
    folder = Path(source)
    if folder.is_dir() and not (folder / FILE).is_file():
        return {p.name: p for p in sorted(folder.iterdir()) if (p / FILE).is_file()}
    return parts_of(load_project(folder))


def assess_region(parts, *, workers=1, cluster=None, run_folder=None, progress=None, lang="id", **how):
    """Assess parts one by one, in processes or on a cluster, and join the results in the order of the parts.

    Parameters
    ----------
    parts : dict of str to Project or path
        From :func:`find_parts`.
    workers, cluster, progress
        As :func:`partitions.run`.
    run_folder : path, optional
        Where finished parts are kept; with the same folder a run that broke goes on where it was.
    lang : {"id", "en"}
        Language of the messages.
    **how
        ``rules``, ``options``, ``today`` as for one project.

    Returns
    -------
    Assessment
        All units, with their part in ``units["part"]``; ranks are over all of them. ``layers`` is empty. A part that
        failed is an error among ``problems``.

    Raises
    ------
    KumuhgisError
        If no part could be assessed, or, before any work, if the parts name different rules.
    """
    stored.need_arrow()
    tasks = {key: {"source": source, "lang": lang, **how} for key, source in parts.items()}
    kept = partitions.Kept(run_folder, {k: _mark(t) for k, t in tasks.items()}) if run_folder is not None else None
    results, failed = {}, []
    with in_language(lang):
        _check_rules(parts, how.get("rules"))
        found = partitions.run(assess_part, tasks, workers=workers, cluster=cluster, kept=kept, progress=progress)
        for key, result in found:
            part = {"failed": [str(result)]} if isinstance(result, partitions.Lost) else stored.unpack(result)
            if "failed" in part:
                failed += [Problem("part_failed", key, params={"reason": line}) for line in part["failed"]]
            else:
                results[key] = part
        if not results:
            raise ProjectError(failed)
        return _joined(results, failed, lang)


def _check_rules(parts, given):
    """Refuse parts under different rules before any work; a part that cannot be opened says so in its turn."""
    rules = []
    for source in parts.values() if given is None else ():
        with suppress(KumuhgisError):
            rules.append(load_project(source).rules)
    for other in rules[1:]:
        same_rules(rules[0], other)


def assess_part(task):
    """Assess one part and pack the result; what is wrong with a part is its result, not the end of the run.

    Parameters
    ----------
    task : dict
        Arguments of :func:`assessing.assess_one`.

    Returns
    -------
    bytes
        Of :func:`stored.pack`.
    """
    try:
        result = assess_one(**task)
    except KumuhgisError as error:
        return stored.pack({"failed": [p.line(task["lang"]) for p in error.problems]})
    parts = {name: getattr(result, name) for name in _FRAMES}
    return stored.pack(parts | {"provenance": result.provenance, "rules": result.rules.model_dump_json(by_alias=True)})


def _mark(task):
    """Give the fingerprint of a part: the version, what is asked, and size and time of every file of its folder."""
    source = task["source"]
    project = source if isinstance(source, Project) else None
    places = [source] if project is None else [project.path(s.path) for s in project.contents.layers.values()]
    if project is not None:
        specs = (project.contents.tables.baseline, project.contents.tables.considerations)
        places += [project.path(spec.path) for spec in specs if spec is not None]
        places += [project.path(p) for p in project.contents.survey.paths()] if project.contents.survey else []
        places += [project.path(p) for p in project.contents.rasters.model_dump().values() if p]
    files = sorted(f for place in map(Path, places) for f in (place.rglob("*") if place.is_dir() else [place]))
    seen = [(str(f), f.stat().st_size, f.stat().st_mtime_ns) for f in files if f.is_file()]
    rules = task.get("rules") or (project.rules if project is not None else None)
    said = {
        "version": __version__,
        "files": seen,
        "rules": rules_digest(load_rules(rules)) if rules is not None else "",
        "contents": project.contents.model_dump_json() if project is not None else "",
        "options": task.get("options"),
        "lang": task["lang"],
        "today": str(task.get("today")),
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


# ---------------------------------------------------------------- one result of many


def _joined(results, failed, lang):
    rules = Rules.model_validate_json(next(iter(results.values()))["rules"])
    problems = failed + _make_keys_unique(results) + _options_differ(results)
    for key, part in results.items():
        part["units"] = part["units"].assign(part=key)
        for name, column in (("problems", "layer"), ("accounts", "file")):
            part[name] = part[name].assign(**{column: [f"{key}/{v}" if v else key for v in part[name][column]]})
    joined = {name: _stacked([part[name] for part in results.values()]) for name in _FRAMES}
    joined["summary"]["rank"] = priority.rank(joined["summary"])
    said = _stacked([problems_frame(problems, lang, joined["problems"].crs), joined["problems"]])
    said = said.iloc[said["severity"].map(SEVERITIES.index).argsort(kind="stable")]
    joined["matches"] = joined["matches"].reset_index(drop=True)
    joined |= {"problems": said.reset_index(drop=True), "accounts": joined["accounts"].reset_index(drop=True)}
    return Assessment(rules, provenance=_provenance(results), layers={}, lang=lang, **joined)


def _stacked(frames):
    """Put tables one below the other; maps in different zones are brought to longitude and latitude."""
    maps = [frame for frame in frames if isinstance(frame, gpd.GeoDataFrame)]
    if len({frame.crs for frame in maps}) > 1:
        frames = [frame.to_crs(4326) if isinstance(frame, gpd.GeoDataFrame) else frame for frame in frames]
    filled = [frame for frame in frames if len(frame)] or frames[:1]
    return pd.concat(filled)


def _make_keys_unique(results):
    """Write the part before the keys, if a key stands in two parts."""
    keys = pd.Index([]).append([part["summary"].index for part in results.values()])
    twice = keys[keys.duplicated()]
    if not len(twice):
        return []
    for part, values in results.items():
        for name in ("units", "measures", "scores", "summary"):
            frame = values[name]
            if isinstance(frame.index, pd.MultiIndex):
                level = frame.index.levels[0]
                frame.index = frame.index.set_levels([f"{part}/{unit}" for unit in level], level=0)
            else:
                frame.index = pd.Index([f"{part}/{unit}" for unit in frame.index], name=frame.index.name, dtype="str")
    return [Problem("parts_keys_prefixed", "rt", str(twice[0]))]


def _options_differ(results):
    options = [part["provenance"]["options"] for part in results.values()]
    keys = [key for key in options[0] if any(other.get(key) != options[0][key] for other in options[1:])]
    return [Problem("parts_options_differ", FILE, params={"keys": ", ".join(keys)})] if keys else []


def _provenance(results):
    """Give what the parts share once, and the rest under each part's name."""
    first = next(iter(results.values()))["provenance"]
    shared = {k: v for k, v in first.items() if all(p["provenance"].get(k) == v for p in results.values())}
    own = {key: {k: v for k, v in part["provenance"].items() if k not in shared} for key, part in results.items()}
    sample = any(part["provenance"].get("sample") for part in results.values())
    return {"options": first["options"], **shared, "name": ", ".join(results), "sample": sample, "parts": own}
