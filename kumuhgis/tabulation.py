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
    values = pd.Series(by)
    if len(values) != len(features) or not values.index.equals(getattr(features, "index", values.index)):
        raise ValueError("`by` must have the index of the features")
    values = values.astype(object).where(values.notna(), "")
    code, names = pd.factorize(values.to_numpy(dtype=object))
    order = sorted(range(len(names)), key=lambda i: str(names[i]))
    return np.argsort(order)[code].astype(np.int64), [names[i] for i in order]


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
