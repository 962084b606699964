"""What is drawn of each layer of an assessment: one record a layer, in words, colours and columns."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from kumuhgis.colours import UNDETERMINED_COLOUR
from kumuhgis.personal import masked
from kumuhgis.text import text

CONDITIONS = {
    "baik": "#70c0ee",
    "sedang": "#6292dc",
    "rusak ringan": "#a0489c",
    "rusak": "#84195f",
    "rusak berat": "#3a0632",
}
"""Conditions of roads and drains from good to bad: blue to dark purple, unlike the levels, each darker in grey too."""
PALETTE = ("#5b9a8b", "#d8b45a", "#8f83bd", "#c4784a", "#6f9fc8", "#b0679b", "#93a35f", "#d99a94")
"""Colours of statuses and zones, which have no order."""
UNKNOWN = "#a9a59c"
BUILDINGS = {
    "fine": "#cfc8ba",
    "irregular": "#9c8f7a",
    "substandard": "#6d5a7e",
    "both": "#3d2b4f",
    "unjudged": "#f4efe4",
}
"""Buildings: the more that is wrong, the darker."""
HYDRANTS = {"working": "#1f6f9f", "broken": "#5c0a52", "unknown": UNKNOWN}

PROBLEMS = {
    "error": {"fill": "#b3001b", "line": "#b3001b", "weight": 3, "hatch": "cross", "mark": "diamond"},
    "warning": {"fill": "#8a5a00", "line": "#8a5a00", "weight": 2, "hatch": True, "dash": "7 5"},
}
"""Problems by severity: told apart in black and white too, by hatch, border and mark."""
ANSWERS = {
    "masalah": {"form": "triangle", "line": "#b3001b"},
    "potensi": {"form": "circle", "line": "#0b6e4f", "dash": "1 8"},
    "keberatan batas": {"form": "square", "line": "#5b2a86", "dash": "14 7"},
    "keberatan nilai": {"form": "diamond", "line": "#7a4300", "dash": "12 6 2 6"},
    "usulan": {"form": "cross", "line": "#0b4fa8", "dash": "5 7"},
    "": {"form": "hexagon", "line": "#4a453d", "dash": "3 5"},
}
"""Kinds of answers: each has a form and a dash of its own; the last is for what has no known kind."""


@dataclass(frozen=True)
class Kind:
    """How a layer is drawn.

    Attributes
    ----------
    name : str
        Of the layer, in the assessment and among the texts.
    group : str
        Of the legend.
    classes : callable
        ``(frame, lang) -> (codes, classes)``: a class per feature, and label and style of every class.
    columns : tuple of str
        The columns that are told; no other enters the page.
    how : dict
        Further words for the script: ``z``, ``show``, ``exclusive``, ``casing``, ``canvas``.
    types : tuple of str
        Types of geometry that are drawn; all without any.
    measured : {"ha", "m"}, optional
        What the legend sums up beside the number of features.
    """

    name: str
    group: str
    classes: Callable
    columns: tuple
    how: dict = field(default_factory=dict)
    types: tuple = ()
    measured: str | None = None


def one_class(name, **style):
    """Make the classes of a layer in which all is alike.

    Parameters
    ----------
    name : str
        Key of the label.
    **style
        Of the one class.

    Returns
    -------
    callable
        For :class:`Kind`.
    """
    return lambda frame, lang: ([0] * len(frame), [{"label": text(f"maps.class.{name}", lang), **style}])


def _statuses(parcels, lang):
    """Give the statuses of the land; once more with a red border for what is in dispute."""
    codes, labels = _words(parcels.get("land_status"), parcels.index, lang)
    classes = _filled(labels)
    codes = codes + len(classes) * _yes(parcels, "conflict")
    border = {"line": "#b3001b", "weight": 2}
    classes += [{**c, "label": text("maps.class.conflict", lang, name=c["label"]), **border} for c in classes]
    return codes, classes


def _zones(zoning, lang):
    codes, labels = _words(zoning.get("zone"), zoning.index, lang)
    return codes, _filled(labels)


def _houses(buildings, lang):
    known = buildings.reindex(columns=["irregular", "substandard"]).astype("boolean")
    yes = known.fillna(False).astype(int)
    codes = (yes["irregular"] + 2 * yes["substandard"]).where(known.notna().any(axis=1), 4).to_numpy()
    return codes, _coloured(BUILDINGS, lang, line="#6b6459", weight=0.6)


def _hydrants(hydrants, lang):
    working = hydrants.get("working", pd.Series(pd.NA, hydrants.index)).astype("boolean")
    codes = working.map({True: 0, False: 1}).fillna(2).astype(int).to_numpy()
    return codes, _coloured(HYDRANTS, lang, line="#ffffff", weight=1.5)


def _coloured(colours, lang, **style):
    return [{"label": text(f"maps.class.{name}", lang), "fill": fill, **style} for name, fill in colours.items()]


def _words(values, index, lang):
    """Merge spellings that differ only in case; give a code per row and a label per code."""
    if values is None:
        values = pd.Series(pd.NA, index, dtype=object)
    folded = values.astype("string").str.strip().str.casefold()
    keys = sorted(folded.dropna().unique())
    first = {key: masked(str(values[(folded == key).fillna(False).to_numpy()].iloc[0]).strip()) for key in keys}
    codes = folded.map({key: n for n, key in enumerate(keys)}).fillna(len(keys)).astype(int).to_numpy()
    return codes, [*first.values(), text("maps.class.unrecorded", lang)]


def _filled(labels):
    """Give every label a colour, the last (not recorded) grey."""
    colours = [PALETTE[n % len(PALETTE)] for n in range(len(labels) - 1)] + [UNDETERMINED_COLOUR]
    return [{"label": label, "fill": colour} for label, colour in zip(labels, colours, strict=True)]


def _yes(frame, column):
    """Where a column says yes; a missing answer is no yes."""
    values = frame.get(column, pd.Series(pd.NA, frame.index)).astype("boolean")
    return values.fillna(False).to_numpy(bool)


def _lines(weight, dash, needed):
    """Make the classes of roads or drains: condition, not recorded, or needed but not there."""

    def classes(lines, lang):
        styles = [(f"condition.{key.replace(' ', '_')}", colour, dash) for key, colour in CONDITIONS.items()]
        styles += [("condition.unknown", "#6b6459", "1 9" if dash else "1 6"), ("condition.needed", "#111111", needed)]
        return _conditions(lines), [
            {
                "label": text(f"maps.{key}", lang),
                "line": colour,
                "weight": weight,
                "dash": pattern,
                "needed": key == "condition.needed",
            }
            for key, colour, pattern in styles
        ]

    return classes


def _conditions(lines):
    order = {key: n for n, key in enumerate(CONDITIONS)}
    none = pd.Series(pd.NA, lines.index, dtype="string")
    codes = lines.get("condition", none).map(order).fillna(len(order)).astype(int)
    needed = lines.get("status", none).astype("string").eq("dibutuhkan").fillna(False).astype(bool)
    return codes.mask(needed, len(order) + 1).to_numpy()


_CHOICE = {"exclusive": True, "show": False}

KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "water", "condition", one_class("water", fill="#bcd9ea", line="#6fa8cc", weight=2.5), ("name", "kind"),
            {"z": 401},
        ),
        Kind("zoning", "colour", _zones, ("zone",), {"z": 402, **_CHOICE}),
        Kind(
            "parcels", "colour", _statuses, ("land_status", "conflict"), {"z": 403, "id": "land", **_CHOICE},
            measured="ha",
        ),
        Kind(
            "buildings", "condition", _houses, (), {"z": 408, "canvas": True}, types=("Polygon", "MultiPolygon"),
        ),
        Kind(
            "inundation", "condition",
            one_class("inundation", fill="#2f6fb5", hatch=True, line="#2f6fb5", weight=1.5),
            ("depth_cm", "duration_h", "times_per_year"), {"z": 410},
        ),
        Kind(
            "drains", "infrastructure", _lines(3, "1 5", "2 7"),
            ("name", "condition", "status", "connected", "maintained"), {"z": 415, "show": False}, measured="m",
        ),
        Kind(
            "roads", "infrastructure", _lines(3.5, None, "7 6"), ("name", "condition", "width_m", "surface", "status"),
            {"z": 420, "casing": True}, measured="m",
        ),
        Kind(
            "sk", "border", one_class("sk", line="#0a5c36", weight=3.5, dash="14 6 1 6"),
            ("name", "sk_number", "sk_date", "area_ha"), {"z": 425, "casing": True}, measured="ha",
        ),
        Kind("hydrants", "infrastructure", _hydrants, ("kind", "working"), {"z": 430, "show": False}),
    )
}  # fmt: skip
"""Every layer that is drawn as it is; the units and the problems have functions of their own."""
