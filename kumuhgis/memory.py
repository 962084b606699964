"""Memory: work on the same geometries is done once.

Several measures ask the same of the same layer: how many metres of each road lie in which unit? Inside a
``with remembering():`` block the answer is kept. A layer is known again by its very geometries (the same objects in the
same order, and a geometry itself never changes), not by its name: a selection, or a layer in which a shape was
replaced, is another layer. At the end of the block all is forgotten.
"""

from __future__ import annotations

import ctypes
from collections import Counter
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

from kumuhgis.opening import undisturbed

#: The (work, geometries, answer) of this block, or None outside of `remembering`.
_KEPT: ContextVar[list | None] = ContextVar("kept", default=None)
#: What was counted in this block.
_COUNTED: ContextVar[Counter | None] = ContextVar("counted", default=None)


@contextmanager
def remembering():
    """Remember the work done by `once` until the end of the block; in nested blocks, of the outermost one.

    As ``@remembering()`` before a function, the block is each call of it.

    Examples
    --------
    >>> import shapely
    >>> wells = shapely.points([[1, 2], [3, 4]])
    >>> with remembering():
    ...     once(shapely.get_x, wells) is once(shapely.get_x, wells), once(shapely.get_x, wells[1:]).tolist()
    (True, [3.0])
    >>> once(shapely.get_x, wells) is once(shapely.get_x, wells)
    False
    """
    if _KEPT.get() is not None:
        yield
        return
    kept_, counted_ = _KEPT.set([]), _COUNTED.set(Counter())
    try:
        yield
    finally:
        _KEPT.reset(kept_)
        _COUNTED.reset(counted_)


def once(work, *layers):
    """Return the answer of some work on the geometries of layers, from memory if it is there.

    Parameters
    ----------
    work : function
        Takes as many arrays of geometries as there are layers. Who gets the answer must not change it.
    *layers : GeoDataFrame, GeoSeries or array of shapely geometries
        Layers.

    Returns
    -------
    object
        What the work returned.
    """
    shapes = [_geometries(layer) for layer in layers]
    for answer in _answers(work, shapes):
        return answer
    with undisturbed():
        answer = work(*shapes)
    keep(work, answer, *shapes)
    return answer


def keep(work, answer, *layers) -> None:
    """Keep the answer of some work on the geometries of layers, as if `once` had asked for it.

    Parameters
    ----------
    work, *layers
        As for `once`.
    answer : object
        What the work returns.
    """
    everything = _KEPT.get()
    if everything is not None:
        everything.append((work, [_geometries(layer).copy() for layer in layers], answer))


def kept(work, *layers):
    """Return the answer of some work from memory, or None if it is not there.

    Parameters
    ----------
    work, *layers
        As for `once`.

    Returns
    -------
    object
        What the work returned, or None.
    """
    return next(_answers(work, [_geometries(layer) for layer in layers]), None)


def _answers(work, shapes):
    for known, before, answer in _KEPT.get() or ():
        if known is work and len(before) == len(shapes) and all(map(_same, before, shapes)):
            yield answer


def count(**numbers) -> None:
    """Add numbers to what is counted in this block."""
    counted = _COUNTED.get()
    if counted is not None:
        counted.update(numbers)


def counted() -> dict[str, int]:
    """Return what was counted in this block so far.

    Examples
    --------
    >>> with remembering():
    ...     count(whole=3, crossing=1)
    ...     count(whole=2)
    ...     counted()
    {'whole': 5, 'crossing': 1}
    """
    return dict(_COUNTED.get() or {})


def _geometries(layer) -> np.ndarray:
    if not len(layer):
        return np.empty(0, dtype=object)
    return np.ascontiguousarray(np.asarray(getattr(layer, "geometry", layer), dtype=object))


def _same(before, now) -> bool:
    """Tell whether two rows of geometries are the same objects."""
    return len(before) == len(now) and bool((_addresses(before) == _addresses(now)).all())


def _addresses(shapes) -> np.ndarray:
    """Return where the objects of an array are; as long as the array lives, no other object is there."""
    if not len(shapes):
        return np.empty(0, dtype=np.intp)
    at = ctypes.cast(shapes.ctypes.data, ctypes.POINTER(ctypes.c_ssize_t))
    return np.ctypeslib.as_array(at, (len(shapes),))
