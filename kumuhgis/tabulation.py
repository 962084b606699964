"""Amounts of pairs of a unit and a feature as a table: categories, sums, and hectares on the ellipsoid."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

#: A remainder below this share of the whole is rounding.
ROUNDING = 1e-9
#: Square metres in a hectare.
HECTARE_M2 = 10_000.0


def categories(by, features) -> tuple[np.ndarray, list]:
    """Return the category number of each feature and the categories in alphabetical order."""
    if by is None:
        return np.zeros(len(features), dtype=np.int64), ["all"]
    if len(by) != len(features) or not _fits(by, features):
        raise ValueError("`by` must have the index of the features")
    code, names = _numbered(by)
    if (code < 0).any():
        names += [] if "" in names else [""]
        code = np.where(code < 0, names.index(""), code)
    order = sorted(range(len(names)), key=lambda i: str(names[i]))
    return np.argsort(order)[code].astype(np.int64), [names[i] for i in order]


def _fits(by, features) -> bool:
    """Tell whether the categories have the index of the features."""
    index = by.index if isinstance(by, pd.Series) else pd.RangeIndex(len(by))
    return index.equals(getattr(features, "index", index))


def _numbered(by) -> tuple[np.ndarray, list]:
    """Return the category number of each value (-1 if it is missing) and the categories."""
    if not hasattr(by, "dictionary_encode"):
        code, names = pd.factorize(by if isinstance(by, pd.Series) else pd.Series(by))
        return code, names.tolist()
    by = by.combine_chunks() if hasattr(by, "combine_chunks") else by  # a column of Arrow
    coded = by.dictionary_encode()
    return coded.indices.fill_null(-1).to_numpy(zero_copy_only=False), coded.dictionary.to_pylist()


def sums(units, unit, code, names, values=None) -> pd.DataFrame:
    """Add up `values` (ones if None) by unit and category."""
    shape = (len(units), len(names))
    table = np.bincount(unit * len(names) + code, weights=values, minlength=shape[0] * shape[1])
    columns = pd.Index(names, dtype=None if names else object)
    return pd.DataFrame(table.reshape(shape).astype(float), index=units.index, columns=columns)


def ellipsoid(units) -> np.ndarray:
    """Geodesic over planar area of each unit; 1 where either is not known."""
    if "area_ha" not in units:
        return np.ones(len(units))
    planar = shapely.area(np.asarray(units.geometry, dtype=object)) / HECTARE_M2
    geodesic = units["area_ha"].to_numpy(dtype=float, na_value=np.nan)
    return np.divide(geodesic, planar, out=np.ones(len(units)), where=(planar > 0) & (geodesic > 0))


def hectares(units, square) -> pd.Series:
    """Turn planar square metres in each unit into hectares on the ellipsoid."""
    return pd.Series(np.asarray(square, dtype=float) * ellipsoid(units) / HECTARE_M2, index=units.index)


def remainder(whole, part) -> pd.Series:
    """Subtract hectares (or metres) and drop what only rounding leaves over.

    Parameters
    ----------
    whole, part : Series of float
        Amounts with the same index.

    Returns
    -------
    Series of float
        whole - part, never below 0, and 0 where it is less than `ROUNDING` of the whole.

    Examples
    --------
    >>> remainder(pd.Series([1.0, 0.3]), pd.Series([0.25, 0.1 + 0.2])).tolist()
    [0.75, 0.0]
    """
    left = whole - part
    return left.mask(left <= ROUNDING * whole.abs(), 0.0)
