"""``assess``: the front door, for one project and for many."""

from pathlib import Path

from kumuhgis.assessing import assess_one
from kumuhgis.errors import Problem, ProjectError, in_language
from kumuhgis.project import FILE, Project, load_project
from kumuhgis.regions import assess_region, find_parts
from kumuhgis.results import Assessment, headline, options_text
from kumuhgis.waiting import waiting

__all__ = ["Assessment", "assess", "headline", "options_text"]


def assess(
    source=None,
    *,
    rules=None,
    baseline=None,
    considerations=None,
    survey=None,
    options=None,
    info=None,
    rasters=None,
    lang="id",
    today=None,
    workers=1,
    cluster=None,
    run_folder=None,
    progress=None,
    **layers_given,
):
    """Assess a project, or layers and tables given one by one.

    Parameters
    ----------
    source : path or Project, optional
        A project folder. Without it, give the layers by name: ``assess(rt="rt.gpkg", baseline="baseline.csv")``.
        A folder of project folders, or a project whose layers are GeoParquet data sets, is assessed part by part.
    rules : str, path or Rules, optional
        The rule; it overrides the project's.
    baseline, considerations : path or pandas.DataFrame, optional
        Tables.
    survey : path, list of paths or Survey, optional
        What households and RT answered (:func:`survey.read_survey`); it stands beside table and map, and counts where
        they say nothing, or everywhere with ``options={"prefer": "survey"}``.
    options : dict, optional
        Named options (see :class:`project.Options`); they override the project's.
    info : dict, optional
        ``name, desa, kecamatan, kabupaten, sample`` for a run without a project.
    rasters : dict of str to path, optional
        ``dem``, ``population``, ``orthophoto``.
    lang : {"id", "en"}
        Language of the messages.
    today : datetime.date, optional
        Date of the result.
    workers : int
        Processes on this machine for the parts; 1 is this process. Of one large project, a second process reads and
        measures the land. The result is the same, order included.
    cluster : str or distributed.Client, optional
        A running Dask cluster (``"tcp://…"``) that does the parts; it goes before ``workers``. It has to see the files
        under the same paths.
    run_folder : path, optional
        Where finished parts are kept; a run that broke goes on where it was when it is started again with it.
    progress : callable or bool, optional
        Called after each part with (number done, number of all, name of the part); of one project after each layer,
        measure and stage. False: nothing is shown. The default is a bar where a person looks on
        (terminal, notebook) and it takes more than two seconds.
    **layers_given : path or geopandas.GeoDataFrame
        Layers by name: ``rt`` (required), ``buildings``, ``roads``, ``drains``, ``inundation``, ``parcels``,
        ``zoning``, ``sk``, ``water``, ``hydrants``.

    Returns
    -------
    Assessment
        The result.

    Raises
    ------
    KumuhgisError
        If the units or the baseline cannot be read, with everything that is wrong. A further layer that cannot be
        read is a row of ``problems``, and the run goes on without it.

    Notes
    -----
    Only the units and a baseline table are needed; every further layer adds. What is not measured stays missing and
    makes the total an interval.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd, shapely
    >>> rt = gpd.GeoDataFrame({"kode": ["01"]}, geometry=[shapely.box(490000, 9162000, 490100, 9162100)], crs=32749)
    >>> table = pd.DataFrame({"kode": ["01"], "luas_ha": [1.0], "kk": [40], "3a_volume": [40]})
    >>> result = assess(rt=rt, baseline=table)
    >>> result.summary.loc["01", "levels_possible"]
    'tidak kumuh | kumuh ringan | kumuh sedang | kumuh berat'
    """
    given = {"rules": rules, "options": options, "lang": lang, "today": today}
    alone = {
        "baseline": baseline,
        "considerations": considerations,
        "survey": survey,
        "info": info,
        "rasters": rasters,
        **layers_given,
    }
    alone = {name: value for name, value in alone.items() if value is not None}
    with in_language(lang):
        source = _opened(source)
        parts = find_parts(source) if source is not None else {}
    if not parts:
        with waiting("assess", progress, lang):
            return assess_one(source, workers=workers, **given, **alone)
    if alone:
        raise ProjectError([Problem("parts_take_no_layer", "", "", name) for name in alone], lang)
    with waiting("parts", progress, lang) as tell:
        how = {"workers": workers, "cluster": cluster, "run_folder": run_folder, "progress": tell}
        return assess_region(parts, **how, **given)


def _opened(source):
    """Load a project, so that it is loaded once; a folder without one may be that of a region."""
    if source is None or isinstance(source, Project):
        return source
    folder = Path(source)
    return folder if folder.is_dir() and not (folder / FILE).is_file() else load_project(folder)
