"""One row per unit in plain words: what tables, layers and other programs are given of a result."""

import geopandas as gpd
import pandas as pd

from kumuhgis.keys import read_label, read_labels
from kumuhgis.results import options_text
from kumuhgis.text import text


def unit_table(assessment, lang=None):
    """Give one row per unit: names, sixteen percents and scores, and the whole summary, in words of the language.

    Parameters
    ----------
    assessment : Assessment
        The result.
    lang : {"id", "en"}, optional
        Language.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``unit``; signs are written "(+)" and "(-)".
    """
    lang = lang or assessment.lang
    names = [c for c in ("rt_rw", "dusun", "desa", "kecamatan", "kawasan") if c in assessment.units]
    wide = pd.DataFrame(assessment.units[names])
    for column in ("percent", "score", "affected", "total", "source"):
        part = assessment.scores[column].unstack("criterion")[list(assessment.rules.codes)]
        wide = wide.join(part.add_prefix(f"{column}_").rename(columns=lambda c: "_".join(reversed(c.split("_", 1)))))
    ordered = [
        f"{code}_{c}" for code in assessment.rules.codes for c in ("affected", "total", "percent", "score", "source")
    ]
    table = wide[[*names, *ordered]].join(in_words(assessment.summary, lang))
    return with_provenance(table, assessment, lang)


def with_provenance(table, assessment, lang=None):
    """Add what every report must say: the rule, the named options, the date, and that invented data are invented.

    Parameters
    ----------
    table : pandas.DataFrame
        A table made from the assessment.
    assessment : Assessment
        The result.
    lang : {"id", "en"}, optional
        Language.

    Returns
    -------
    pandas.DataFrame
        A copy with ``rule, options, date`` and, for sample data, ``data``.
    """
    p = assessment.provenance
    out = table.assign(rule=p["rule"], options=options_text(p["options"]), date=p["date"])
    return out.assign(data=text("headline.sample", lang or assessment.lang)) if p.get("sample") else out


def in_words(summary, lang="id"):
    """Write a summary's level and signs as words: an open level says so.

    Parameters
    ----------
    summary : pandas.DataFrame
        Summary of an assessment, or the results of a table.
    lang : {"id", "en"}
        Language.

    Returns
    -------
    pandas.DataFrame
        A copy.
    """
    out = summary.copy()
    out["level"] = out["level"].astype(object).where(out["level"].notna(), text("levels.undetermined", lang))
    for column in ("tenure_sign", "plan_sign"):
        if column in out:
            out[column] = out[column].map({"+": "(+)", "-": "(-)"})
    return out


def unit_features(assessment, lang=None):
    """Give :func:`unit_table` with the polygons of the units, in the metre CRS; ``unit`` is a column.

    Parameters
    ----------
    assessment : Assessment
        The result.
    lang : {"id", "en"}, optional
        Language.

    Returns
    -------
    geopandas.GeoDataFrame
        The geometry is missing for units that only the table knows.
    """
    table = unit_table(assessment, lang)
    shapes = assessment.units.geometry.reindex(table.index)
    frame = gpd.GeoDataFrame(table, geometry=shapes, crs=assessment.units.crs)
    for column in frame.columns:
        if isinstance(frame[column].dtype, pd.CategoricalDtype):
            frame[column] = frame[column].astype(object)
    return frame.reset_index()


def find_unit(result, said):
    """Find the unit that somebody names: by its key, or by its RT and RW where they are those of one unit only.

    Parameters
    ----------
    result : Assessment
        The result.
    said : str
        For example ``"33.13.11.2003.004.002"`` or ``"RT 002 RW 004"``.

    Returns
    -------
    str or None
        Its key.
    """
    if said in result.summary.index:
        return said
    wanted = read_label(said)
    if not (wanted.normal and wanted.sure) or "rt_rw" not in result.units:
        return None
    labels = read_labels(result.units["rt_rw"])[0]
    found = labels.index[(labels["normal"] == wanted.normal) & labels["sure"]]
    return found[0] if len(found) == 1 else None
