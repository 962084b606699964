"""Profil Kumuh per RT and per kawasan: one A4 page each, and an atlas of a whole desa, as PDF or as one HTML file.

What a page says is worked out in ``profile_pages`` (with ``profile_figures`` and ``profile_facts``) as words and
shares; ``profile_pdf`` and ``profile_html`` only place it, so both say the same.
"""

from dataclasses import dataclass, field
from pathlib import Path

from kumuhgis import sheets
from kumuhgis.documents import profile_html, profile_pdf, profile_photos
from kumuhgis.documents.profile_figures import band_records
from kumuhgis.documents.profile_pages import (
    Groups,
    Material,
    count_lists,
    cover_page,
    gather_groups,
    group_page,
    in_order,
    list_pages,
    unit_page,
)
from kumuhgis.errors import OutputError, Problem
from kumuhgis.text import text
from kumuhgis.unitrows import find_unit
from kumuhgis.waiting import step

_MAP_MM = {"unit": (92, 70), "group": (92, 70), "photos": (92, 54), "cover": (186, 108)}
"""Width and height of the map on every kind of page; beside photos it is lower."""
_DPI = 150


def write_profile(assessment, path, lang="id", *, units=None, by=None, photos=None):
    """Write the profile of every RT and every kawasan, one A4 page each; without a choice of units, as an atlas.

    Parameters
    ----------
    assessment : Assessment
        The result.
    path : path
        ``.pdf`` (needs ``kumuhgis[laporan]``) or ``.html`` (one file that opens without a network and prints one page
        per RT). What is there is overwritten; use :func:`export.write` for a file that must be whole or not there.
    lang : {"id", "en"}
        Language of the words.
    units : iterable of str, optional
        The RT that get a page, by key or by RT and RW, in this order. Without it all of them, by rank, behind a cover,
        a list of pages and the pages of the kawasan.
    by : str, optional
        Column of ``units`` whose groups get a page: ``kawasan``, ``rw``, ``desa`` … The default is ``kawasan`` for an
        atlas, where the units name any, and none for chosen units.
    photos : mapping of str to sequence of path, optional
        Photos of the units; up to three are shown, small, upright, without the data a camera writes into them.

    Raises
    ------
    OutputError
        If a unit or photo is not there; before anything is written.
    ProjectError
        If ``units`` has no column ``by``.

    Notes
    -----
    The trace follows the form of the rule of the assessment (Permen PUPR 14/PRT/M/2018 or 02/PRT/M/2016). Nothing is
    finer than an RT: no column of a table that is not ours, no name of a person or of a file of a photo. A page never
    runs over: what does not fit is told in fewer lines, which end in "… dan n lagi".

    Examples
    --------
    >>> import tempfile, kumuhgis as kg
    >>> from pathlib import Path
    >>> result = kg.assess(kg.load_sample("brujul"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_profile(result, Path(folder) / "rt.html", units=result.summary.index[:1])
    ...     "Profil kumuh RT" in (Path(folder) / "rt.html").read_text("utf-8")
    True
    """
    path = Path(path)
    chosen = _chosen(assessment, units, lang)
    shown = profile_photos.check_photos(photos, set(assessment.summary.index), lang)
    plan = plan_atlas(assessment, chosen, by)
    material = Material(assessment, lang)
    room = profile_pdf if path.suffix.lower() == ".pdf" else profile_html
    pages = make_pages(material, plan, shown, room.MAPS)
    title, date = material.caption["title"], assessment.provenance.get("date", "")
    room.write_pages(pages, path, title, date, len(plan.keys), band_records(material.rules, lang), lang)


def _chosen(assessment, units, lang):
    """Give the keys of the units that are named by key or by RT and RW; None without any."""
    if units is None:
        return None
    found = {str(said): find_unit(assessment, str(said)) for said in units}
    wrong = [Problem("unit_not_found", "summary", said) for said, key in found.items() if key is None]
    if wrong:
        raise OutputError(wrong, lang)
    return list(dict.fromkeys(found.values()))


@dataclass(frozen=True)
class Plan:
    """Which pages there are: ``keys`` of all of them in order, and the number of the page of every unit and group."""

    keys: list
    numbers: dict
    groups: Groups
    units: list = field(default_factory=list)


def plan_atlas(assessment, chosen=None, by=None):
    """Decide which pages there are, in which order.

    Parameters
    ----------
    assessment : Assessment
        The result.
    chosen : list of str, optional
        Keys of units; without it an atlas of all.
    by : str, optional
        Column of the groups.

    Returns
    -------
    Plan
        Keys are ``("cover", "")``, ``("list", n)``, ``("group", name)`` and ``("unit", key)``.

    Examples
    --------
    >>> import kumuhgis as kg
    >>> plan = plan_atlas(kg.assess(kg.load_sample("brujul")))
    >>> [kind for kind, _ in plan.keys[:3]]
    ['cover', 'list', 'group']
    """
    units = list(dict.fromkeys(chosen)) if chosen is not None else in_order(assessment)
    if by is None and chosen is None and "kawasan" in assessment.units and assessment.units["kawasan"].notna().any():
        by = "kawasan"
    groups = gather_groups(assessment, by, units)
    front = [] if chosen is not None else [("cover", ""), *(("list", n) for n in range(count_lists(groups, units)))]
    keys = [*front, *(("group", name) for name in groups.members), *(("unit", unit) for unit in units)]
    numbers = {
        (key if key[0] == "group" else key[1]): n for n, key in enumerate(keys, 1) if key[0] in ("group", "unit")
    }
    return Plan(keys, numbers, groups, units)


def make_pages(material, plan, photos, drawn):
    """Make the pages one after the other, so that few are held at a time.

    Parameters
    ----------
    material : Material
        The result.
    plan : Plan
        Which pages.
    photos : dict
        As :func:`profile_photos.check_photos` gives them.
    drawn : str
        Format of the maps, as of :func:`sheets.picture`.

    Yields
    ------
    dict
        A page with ``number, foot, source, sample``, its ``map`` (bytes or None) and ``photos``.
    """
    lists = iter(())
    for number, (kind, key) in enumerate(plan.keys, 1):
        if kind == "list" and key == 0:
            lists = iter(list_pages(material, plan.groups, plan.units, plan.numbers))
        page = next(lists) if kind == "list" else _page(material, plan, kind, key)
        page |= {
            "number": number,
            "label": text("profile.page", material.lang, page=number, of=len(plan.keys)),
            "source": material.source,
            "sample": material.sample,
            "photos": [],
        }
        if kind == "unit":
            page["photos"] = _photos(photos.get(key, ()), key, page["heading"], material.lang)
        yield page | _map(material, plan, kind, key, page, drawn)
        step(str(key), of=len(plan.keys))


def _page(material, plan, kind, key):
    if kind == "cover":
        return cover_page(material, len(plan.keys))
    if kind == "group":
        return group_page(material, plan.groups, key, plan.numbers)
    return unit_page(material, key)


def _photos(files, unit, name, lang):
    words = profile_photos.captions_of(len(files), name, lang)
    return [
        {"picture": profile_photos.small_photo(file, unit, lang), "caption": caption, "alt": alt}
        for file, (caption, alt) in zip(files, words, strict=False)
    ]


def _map(material, plan, kind, key, page, drawn):
    """Draw the map of a page: what it is about, in its surroundings."""
    lang, shapes = material.lang, material.assessment.units.geometry
    if kind == "list":
        return {"map": None, "no_map": "", "map_key": ""}
    focus = {"cover": None, "group": plan.groups.members.get(key)}.get(kind, [key])
    if shapes[focus if focus is not None else shapes.index].isna().all():
        return {"map": None, "no_map": text("profile.no_map", lang), "map_key": ""}
    width, height = _MAP_MM["photos" if page["photos"] else kind]
    size = {"width_mm": width, "height_mm": height, "legend": kind == "cover", "dpi": _DPI, "format": drawn}
    try:
        content = sheets.picture(material.assessment, focus=focus, lang=lang, **size)
    except ImportError:
        return {"map": None, "no_map": text("profile.no_map_extra", lang), "map_key": ""}
    key = "" if kind == "cover" else text("profile.map_key", lang)
    return {"map": content, "map_alt": _alt(page, lang), "map_mm": [width, height], "no_map": "", "map_key": key}


def _alt(page, lang):
    """Say in words what the map shows."""
    if page["kind"] == "cover":
        return text("profile.map_alt_all", lang, where=page["where"])
    words = {"name": page["heading"], "level": page["level"]["label"], "total": page["total"]}
    return text("profile.map_alt", lang, where=page["where"], **words)
