"""From an attribute to a verdict: affected, fine, or not known.

Missing is not zero. A feature whose attribute is empty is neither affected nor fine; it is *unknown*, and the
measures carry its count, metres or hectares in a column of their own, so that a score can become an interval.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kumuhgis.errors import Problem, RulesError

#: The three verdicts of a feature that exists, and that of one that is needed but does not exist yet.
AFFECTED, FINE, UNKNOWN, NEEDED = "affected", "fine", "unknown", "needed"
#: The status of a feature that does not exist yet.
STATUS_NEEDED = "dibutuhkan"


def attribute(features, column: str) -> pd.Series:
    """Return a column of the layer, or an empty one if the layer has no such column.

    Parameters
    ----------
    features : GeoDataFrame
        A layer.
    column : str
        Canonical column name.

    Returns
    -------
    Series of object
        Values, index of `features`.

    Examples
    --------
    >>> attribute(pd.DataFrame({"width_m": [2.5]}), "surface").isna().tolist()
    [True]
    """
    if column in features:
        return features[column].astype(object)
    return pd.Series(None, index=features.index, dtype=object)


def flagged(features, column: str, *, affected: bool) -> pd.Series:
    """Judge features by a yes/no attribute.

    Parameters
    ----------
    features : GeoDataFrame
        A layer.
    column : str
        Canonical column with True, False or nothing.
    affected : bool
        The answer that makes a feature affected.

    Returns
    -------
    Series of str
        "affected", "fine" or "unknown", index of `features`.

    Examples
    --------
    >>> flagged(pd.DataFrame({"connected": [True, False, None]}), "connected", affected=False).tolist()
    ['fine', 'affected', 'unknown']
    """
    if column in features and isinstance(features[column].dtype, pd.BooleanDtype):
        answer = features[column].array
        known = ~answer.isna()
        return _verdicts(known & (answer == affected).to_numpy(bool, na_value=False), known, features.index)
    answer = attribute(features, column)
    known = answer.notna()
    hit = known & (answer.where(known, not affected).astype(bool) == affected)
    return _verdicts(hit, known, features.index)


def listed(features, column: str, values) -> pd.Series:
    """Judge features by whether a text attribute is in a list; letter case and outer spaces do not matter.

    Parameters
    ----------
    features : GeoDataFrame
        A layer.
    column : str
        Canonical column with text or nothing.
    values : iterable of str
        The texts that make a feature affected.

    Returns
    -------
    Series of str
        "affected", "fine" or "unknown", index of `features`.

    Examples
    --------
    >>> listed(pd.DataFrame({"condition": ["baik", "Rusak", None]}), "condition", ["rusak"]).tolist()
    ['fine', 'affected', 'unknown']
    """
    text = folded(attribute(features, column))
    return _verdicts(text.isin([str(value).strip().casefold() for value in values]), text != "", features.index)


def folded(texts) -> pd.Series:
    """Make texts comparable: no outer spaces, one letter case, "" for a missing one.

    Parameters
    ----------
    texts : Series
        Texts, some perhaps missing.

    Returns
    -------
    Series of object
        Comparable texts, index of `texts`.

    Examples
    --------
    >>> folded(pd.Series(["Hak Milik ", None])).tolist()
    ['hak milik', '']
    """
    if pd.api.types.infer_dtype(texts, skipna=True) == "string":  # of texts, only the distinct ones
        codes, distinct = pd.factorize(texts, use_na_sentinel=True)
        plain = np.array([*(str(text).strip().casefold() for text in distinct), ""], dtype=object)
        return pd.Series(plain[codes], index=texts.index, name=texts.name, dtype=object)
    return texts.astype(object).where(texts.notna(), "").astype(str).str.strip().str.casefold().astype(object)


def needed(features) -> pd.Series:
    """Tell which roads or drains are needed but do not exist yet (status "dibutuhkan").

    Parameters
    ----------
    features : GeoDataFrame
        Roads or drains.

    Returns
    -------
    Series of bool
        Index of `features`; without a status a feature exists.

    Examples
    --------
    >>> needed(pd.DataFrame({"status": ["ada", "dibutuhkan", None]})).tolist()
    [False, True, False]
    """
    return folded(attribute(features, "status")) == STATUS_NEEDED


def existence(features) -> pd.Series:
    """Judge roads or drains by status alone: "needed", or "fine" because they exist.

    Parameters
    ----------
    features : GeoDataFrame
        Roads or drains.

    Returns
    -------
    Series of str
        Index of `features`.

    Examples
    --------
    >>> existence(pd.DataFrame({"status": ["ada", "dibutuhkan", None]})).tolist()
    ['fine', 'needed', 'fine']
    """
    return pd.Series(np.where(needed(features), NEEDED, FINE), index=features.index, dtype=object)


def tells_status(features) -> bool:
    """Tell whether any feature of the layer has a status; if none has, needs were not mapped.

    Parameters
    ----------
    features : GeoDataFrame
        Roads or drains.

    Returns
    -------
    bool
        True if at least one status is given.

    Examples
    --------
    >>> tells_status(pd.DataFrame({"status": [None, None]})), tells_status(pd.DataFrame({"status": ["ada", None]}))
    (False, True)
    """
    return bool((folded(attribute(features, "status")) != "").any())


def judged(amounts: pd.DataFrame) -> pd.DataFrame:
    """Turn amounts by verdict into the measure's columns.

    Parameters
    ----------
    amounts : DataFrame, shape (units, verdicts)
        Count, metres or hectares by verdict (columns "affected", "fine", "unknown", "needed"; any may be absent).

    Returns
    -------
    DataFrame
        `affected`, `total` (of all verdicts) and `unknown`. Where features exist and none of them is known,
        `affected` is missing; where there are no features it is 0.

    Examples
    --------
    >>> judged(pd.DataFrame({"affected": [2.0, 0, 0], "fine": [3.0, 0, 0], "unknown": [1.0, 4, 0]}))
       affected  total  unknown
    0       2.0    6.0      1.0
    1       NaN    4.0      4.0
    2       0.0    0.0      0.0
    """
    amounts = amounts.reindex(columns=[AFFECTED, FINE, UNKNOWN, NEEDED], fill_value=0).astype(float)
    mute = (amounts[UNKNOWN] > 0) & (amounts[AFFECTED] + amounts[FINE] <= 0)
    columns = {
        "affected": amounts[AFFECTED].mask(mute),
        "total": amounts.sum(axis=1),
        "unknown": amounts[UNKNOWN],
    }
    return pd.DataFrame(columns, index=amounts.index)


def judged_lines(amounts: pd.DataFrame, length_total: str) -> pd.DataFrame:
    """Turn metres by verdict into the measure's columns, over the ideal or the existing length.

    Parameters
    ----------
    amounts : DataFrame, shape (units, verdicts)
        Metres by verdict.
    length_total : {"ideal", "existing"}
        "ideal" = existing and needed length, "existing" = without what is needed.

    Returns
    -------
    DataFrame
        `affected`, `total` and `unknown` in metres, as `judged`.

    Raises
    ------
    RulesError
        If `length_total` is neither of the two.

    Examples
    --------
    >>> metres = pd.DataFrame({"affected": [20.0], "fine": [60.0], "needed": [20.0]})
    >>> judged_lines(metres, "existing")["total"].tolist(), judged_lines(metres, "ideal")["total"].tolist()
    ([80.0], [100.0])
    """
    if length_total not in ("ideal", "existing"):
        params = {"value": repr(length_total), "expected": "ideal | existing"}
        raise RulesError([Problem("rules_bad_value", column="length_total", params=params)])
    return judged(amounts.drop(columns=NEEDED, errors="ignore") if length_total == "existing" else amounts)


def coverage(amounts: pd.DataFrame, *, told: bool) -> pd.DataFrame:
    """Turn metres by verdict into needed metres over ideal metres.

    Parameters
    ----------
    amounts : DataFrame, shape (units, verdicts)
        Metres by verdict ("needed" or not).
    told : bool
        Whether the layer says anything about status. If not, what is needed was never mapped and stays missing,
        also in the units without features.

    Returns
    -------
    DataFrame
        `affected` (needed) and `total` (existing and needed) in metres.

    Examples
    --------
    >>> coverage(pd.DataFrame({"fine": [80.0], "needed": [20.0]}), told=True)
       affected  total
    0      20.0  100.0
    """
    total = amounts.sum(axis=1).astype(float)
    affected = amounts.get(NEEDED, pd.Series(0.0, index=amounts.index)).astype(float)
    return pd.DataFrame({"affected": affected if told else affected * np.nan, "total": total})


def _verdicts(hit, known, index) -> pd.Series:
    kind = np.where(hit, 2, np.where(known, 1, 0))
    return pd.Series(np.array([UNKNOWN, FINE, AFFECTED], dtype=object)[kind], index=index, dtype=object)
