"""The map of the locations of a decree, and which of its numbers can be read on it."""

import re
from dataclasses import replace

from kumuhgis.sheets import picture

_WRITTEN = re.compile(r'\d+">\s*<!-- (.*?) -->')


def location_picture(assessment, drawn, *, width_mm, height_mm, lang="id"):
    """Draw the units by level with the locations outlined and numbered.

    Parameters
    ----------
    assessment : Assessment
        The result.
    drawn : geopandas.GeoDataFrame
        What is a location on the map: ``number``, ``units`` and shape (:func:`locations.map_shapes`).
    width_mm, height_mm : float
        Size on paper.
    lang : {"id", "en"}
        Language of the legend.

    Returns
    -------
    png : bytes or None
        The picture; None without any shape.
    labels : set of str
        Numbers that stand on it, read from the same drawing without the thin layers.
    """
    if drawn.empty:
        return None, set()
    number = {unit: str(row.number) for row in drawn.itertuples() for unit in row.units}
    units = assessment.units
    numbered = replace(assessment, units=units.assign(location=units.index.map(number)))
    shown = units.geometry[units.geometry.notna()].index
    focus = [unit for unit in number if unit in shown]
    numbers = {str(n): str(n) for n in drawn["number"]}
    how = {"focus": focus, "numbers": numbers, "by": "location", "width_mm": width_mm, "height_mm": height_mm}
    drawing = picture(numbered, format="svg", layers=(), lang=lang, **how).decode("utf-8")
    return picture(numbered, lang=lang, **how), _bold_texts(drawing)


def _bold_texts(drawing):
    """Read the bold texts of an SVG: matplotlib draws letters as shapes and says beside each text what it is."""
    parts = [(_WRITTEN.match(part), part) for part in drawing.split('<g id="text_')[1:]]
    return {found[1] for found, part in parts if found and "-Bold-" in part}
