"""All files of one result in one folder: tables, GeoPackage, problems, matches, roll-up, map."""

from kumuhgis.export import write
from kumuhgis.groups import summarise_groups
from kumuhgis.saving import replacing, write_table
from kumuhgis.spots import listed
from kumuhgis.text import text
from kumuhgis.unitrows import in_words, with_provenance


def write_tables(result, folder, *, contributions=None, force=False, lang="id"):
    """Write the tables of a result, one after the other.

    Parameters
    ----------
    result : Assessment
        The result.
    folder : pathlib.Path
        Where to.
    contributions : geopandas.GeoDataFrame, optional
        What residents answered; a layer of the GeoPackage.
    force : bool
        Overwrite what is there.
    lang : {"id", "en"}
        Language of names and headings.

    Yields
    ------
    pathlib.Path
        Every file, once it is written.

    Raises
    ------
    OutputError
        If a file exists and ``force`` is not set, or cannot be written.
    """
    how = {"force": force, "lang": lang}
    names = {kind: folder / text(f"cli.file_{kind}", lang) for kind in ("results", "problems", "matches", "kawasan")}
    for suffix in (".csv", ".gpkg", ".json"):
        yield write(result, names["results"].with_suffix(suffix), contributions=contributions, **how)
    yield write_table(listed(result.problems), names["problems"], **how)
    if len(result.matches):
        yield write_table(result.matches, names["matches"], **how)
    if "kawasan" in result.units and result.units["kawasan"].notna().any():
        groups = with_provenance(in_words(summarise_groups(result), lang), result, lang)
        yield write_table(groups, names["kawasan"], **how)


def save_map(result, path, *, force=False, lang="id", **how):
    """Write the map of a result as one file, whole or not at all.

    Parameters
    ----------
    result : Assessment
        The result.
    path : pathlib.Path
        Where to.
    force : bool
        Overwrite what is there.
    lang : {"id", "en"}
        Language.
    **how
        For :func:`maps.village_map`: ``basemap``, ``contributions`` …

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    OutputError
        If the file exists and ``force`` is not set, or cannot be written.
    LayerError
        If the basemap cannot be used.
    """
    from kumuhgis.maps import village_map

    with replacing(path, force=force, lang=lang) as draft:
        village_map(result, lang=lang, **how).save(draft)
    return path
