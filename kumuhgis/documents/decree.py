"""The annex of the decree that declares the locations (SK penetapan lokasi): table and map from the same rows.

Permen PUPR 14/PRT/M/2018, Pasal 37 (table and map) and Pasal 38 (review). What the ministry found wrong with decrees
in 2023 cannot happen here: every location is listed by RT, has a map, and holds no RT that is not slum.
"""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from kumuhgis import monitor
from kumuhgis.captions import caption
from kumuhgis.documents.annex import annex_fields
from kumuhgis.documents.annex_sheets import write_annex_sheets
from kumuhgis.documents.locations import MAP_TOLERANCE, check_map, left_out, location_units, locations, map_shapes
from kumuhgis.documents.picturing import location_picture
from kumuhgis.documents.review import decrees_in_force, printed_review, review_decree
from kumuhgis.documents.word import fill, opened, plain
from kumuhgis.documents.wording import Words
from kumuhgis.waiting import step

TEMPLATE = "decree.docx"
_MAP_MM = (265, 126)


@dataclass(frozen=True)
class Annex:
    """Everything that the annex says, before it is written: frames, and the picture of the map.

    ``table`` (:func:`locations.locations`), ``units`` (:func:`locations.location_units`), ``left_out``, ``review``,
    ``decrees``, ``changes`` (:func:`monitor.compare` with the previous result, or None), ``check``
    (:func:`locations.check_map`), ``picture`` (PNG, or None where no location has an outline), ``tolerance``.
    """

    assessment: object
    by: str
    table: gpd.GeoDataFrame
    units: pd.DataFrame
    left_out: pd.DataFrame
    review: pd.DataFrame
    decrees: list
    changes: pd.DataFrame | None
    check: pd.DataFrame
    picture: bytes | None
    tolerance: float


def draft_annex(assessment, *, by="kawasan", previous=None, tolerance=MAP_TOLERANCE, lang="id"):
    """Gather what the annex says.

    Parameters
    ----------
    assessment : Assessment
        The result.
    by : str
        Column of ``units`` that names the locations; RT without a name in it are locations of their own.
    previous : Assessment, optional
        An earlier result, to list what changed; under another rule only levels and hectares are compared.
    tolerance : float
        Share by which the hectares of the table may differ from those of the polygons on the map.
    lang : {"id", "en"}
        Language of the map.

    Returns
    -------
    Annex
        Frames and picture.

    Raises
    ------
    ProjectError
        If the units have no column ``by``.

    Examples
    --------
    >>> import kumuhgis as kg
    >>> annex = draft_annex(kg.assess(kg.load_sample("brujul")))
    >>> annex.table[["number", "name", "printed_ha"]].values.tolist()
    [[1, 'Widoro', 1.36], [2, 'Contoh Krajan', 1.15]]
    """
    table = locations(assessment, by)
    drawn = map_shapes(table)
    size = dict(zip(("width_mm", "height_mm"), _MAP_MM, strict=True))
    png, labels = location_picture(assessment, drawn, lang=lang, **size)
    step("picture")
    changes = None
    if previous is not None:
        apart = previous.rules.key != assessment.rules.key
        changes = monitor.compare(previous, assessment, levels_only=apart)
    check = check_map(table, drawn, labels=labels, tolerance=tolerance)
    units = location_units(assessment, table)
    review = printed_review(review_decree(assessment, by), units["printed_ha"])
    return Annex(assessment, by, table, units, left_out(assessment, by), review, decrees_in_force(assessment), changes,
                 check, png, tolerance)  # fmt: skip


def write_decree(assessment, path, lang="id", *, by="kawasan", template=None, previous=None, tolerance=MAP_TOLERANCE):
    """Write the annex of the decree: list of locations, details by RT, map, and what supports them.

    Parameters
    ----------
    assessment : Assessment
        The result.
    path : path
        ``.docx`` or ``.xlsx``; what is there is overwritten. Use :func:`export.write` with ``kind="decree"`` for a
        file that must be whole or not there.
    lang : {"id", "en"}
        Language of the words.
    by : str
        Column of ``units`` that names the locations (``kawasan``, ``rw``, ``desa``); RT without a name in it are
        locations of their own.
    template : path, optional
        A Word template of the office (``docs/sk.md`` lists the fields); only for ``.docx``.
    previous : Assessment, optional
        An earlier result, to list what changed.
    tolerance : float
        Share by which the hectares of the table may differ from those of the polygons on the map.

    Raises
    ------
    OutputError
        If the template cannot be read or names a field that is not known.
    ProjectError
        If the units have no column ``by``.

    Notes
    -----
    Columns: Permen PUPR 14/PRT/M/2018. Hectares are rounded by largest remainders. Number, date and signature stay
    open for the office. Under the map stands whether table and map agree; what does not is a problem in the document.

    Examples
    --------
    >>> import tempfile, kumuhgis as kg
    >>> from pathlib import Path
    >>> result = kg.assess(kg.load_sample("brujul"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_decree(result, Path(folder) / "sk.docx")
    ...     (Path(folder) / "sk.docx").stat().st_size > 10_000
    True
    """
    if template is not None:
        opened(template, lang)
    annex = draft_annex(assessment, by=by, previous=previous, tolerance=tolerance, lang=lang)
    words = Words(assessment, lang, "decree")
    if Path(path).suffix.lower() == ".xlsx":
        write_annex_sheets(annex, words, path)
        return
    pictures = {"map": (annex.picture, _MAP_MM[0])} if annex.picture else {}
    fields = {"map": None, **annex_fields(annex, words)}
    title = f"{words.say('t.title')} · {plain(caption(assessment, lang)['place'])}"
    made = assessment.provenance.get("date") or ""
    fill(template or TEMPLATE, fields, path, pictures=pictures, title=title, made=made, lang=lang)
