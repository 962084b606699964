"""The map room: a village on one page that works with the network off.

Every layer function takes ``m=None``, adds its layer and returns the map, so maps compose::

    m = maps.levels_layer(assessment)
    m = maps.sk_layer(assessment, m=m)
    m.save("peta.html")
"""

from kumuhgis.maps.answers import answers_layer, contributions_layer
from kumuhgis.maps.basemaps import basemap_layer, project_basemap
from kumuhgis.maps.comparing import compare_map
from kumuhgis.maps.layers import (
    base,
    buildings_layer,
    infrastructure_layer,
    inundation_layer,
    land_layer,
    levels_layer,
    problems_layer,
    sk_layer,
    water_layer,
    zoning_layer,
)
from kumuhgis.maps.offline import embed
from kumuhgis.maps.own import add_layer
from kumuhgis.results import check_assessment
from kumuhgis.waiting import step, waiting

__all__ = [
    "add_layer",
    "answers_layer",
    "base",
    "basemap_layer",
    "buildings_layer",
    "compare_map",
    "contributions_layer",
    "embed",
    "infrastructure_layer",
    "inundation_layer",
    "land_layer",
    "levels_layer",
    "problems_layer",
    "project_basemap",
    "sk_layer",
    "village_map",
    "water_layer",
    "zoning_layer",
]

LAYERS = (
    water_layer,
    zoning_layer,
    land_layer,
    levels_layer,
    buildings_layer,
    inundation_layer,
    infrastructure_layer,
    sk_layer,
    problems_layer,
)
"""What a village map is made of, from below to above."""


def village_map(assessment, *, m=None, lang="id", online=False, basemap=None, contributions=None, answers=True):
    """Draw the whole map of a village: levels, land, plan, infrastructure, water, the decree and what is wrong.

    Layers that the assessment does not have are left out.

    Parameters
    ----------
    assessment : Assessment
        The result to be shown.
    m : folium.Map, optional
        Map to draw on; a new one by default, which saves itself as one file that needs no network.
    lang : {"id", "en"}
        Language of everything that is written on it.
    online : bool
        Put OpenStreetMap below (only on a new map); its pictures need the network.
    basemap : path or dict, optional
        A photo from the air, or tiles from a file, to be written into the page; a dictionary holds the ``path`` and
        further keywords of :func:`basemap_layer`.
    contributions : geopandas.GeoDataFrame or the pair with its problems, optional
        What residents answered (:func:`participate.read_contributions`), with what contradicts the numbers.
    answers : bool
        Let residents draw answers on the map (370 kB more).

    Returns
    -------
    folium.Map
        The map drawn on.

    Examples
    --------
    ``village_map(assessment).save("peta.html")`` writes the file to hand out.
    """
    check_assessment(assessment, "village_map", lang)
    with waiting("village_map", lang=lang):
        if m is None:
            m = base(assessment, lang=lang, online=online)
        if basemap:
            how = basemap if isinstance(basemap, dict) else {"path": basemap}
            m = basemap_layer(area=assessment, m=m, lang=lang, **how)
        for layer in LAYERS:
            m = layer(assessment, m=m, lang=lang)
            step(layer.__name__.removesuffix("_layer"), of=len(LAYERS))
    if contributions is not None:
        m = contributions_layer(contributions, assessment, m=m, lang=lang)
    return answers_layer(assessment, m=m, lang=lang) if answers else m
