"""Land beside the rest: with two processes for one project, another one reads and measures parcels, zones and water.

With one process another thread measures them, beside what is measured of the other layers.

These layers serve no criterion, only the signs of legality and the typology, so nobody waits for them until then. Where
the result needs them, in the order of the files, a :class:`Promise` stands until it is kept. What is done there is done
by the same functions on the same files, so the result is the same to the byte; if the other process is lost, it is
done here.
"""

import pickle
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kumuhgis import layers, overlay
from kumuhgis.crs import Whereabouts, area_of
from kumuhgis.errors import LayerError
from kumuhgis.measures import land
from kumuhgis.memory import count, counted, remembering
from kumuhgis.opening import undisturbed
from kumuhgis.partitions import Lost, run

LAND = ("parcels", "zoning", "water")
"""The layers that the other process reads; no measure of a criterion may need one."""
WORTH_BYTES = 48 * 1024**2
"""So large the files have to be; below, beginning a process takes longer than what it saves."""


class Promise(NamedTuple):
    """What a function will say of a layer once it is there; stands in a list in its place.

    Like a problem it has a ``layer``, which is none, so who looks for the problems of a layer passes it over.
    """

    work: object
    name: str
    layer: None = None


def kept(items, *arguments):
    """Put what was promised in the place of the promises.

    Parameters
    ----------
    items : list
        Some of them promises.
    *arguments
        What their functions are called with, behind the name of the layer.

    Returns
    -------
    list
        Without promises.

    Examples
    --------
    >>> kept([1, Promise(lambda name, times: [name] * times, "water"), 2], 2)
    [1, 'water', 'water', 2]
    """
    return [
        one for item in items for one in (item.work(item.name, *arguments) if isinstance(item, Promise) else [item])
    ]


def project_area(info):
    """Say where a project is, roughly, by the code of its desa, kecamatan or kabupaten."""
    code = next((info[c] for c in ("desa_code", "kecamatan_code", "kabupaten_code") if info.get(c)), "")
    return area_of(code)


def named_places(units):
    """Give the desa of the units, to say where a wrong coordinate system would put a layer."""
    if "desa" not in units or units["desa"].isna().all():
        return None
    return units[["desa", "geometry"]].dropna(subset="desa")


def terms(rules, options):
    """Say what counts as clear tenure and as conforming with the plan: the rule's words, or those of the project."""
    clear = rules.legality.tenure_clear if options.tenure_clear is None else options.tenure_clear
    conforming = rules.legality.plan_conforming if options.plan_conforming is None else options.plan_conforming
    return {"clear": list(clear)}, {"conforming": list(conforming), "setback_m": options.setback_m}


class Beside:
    """Another process that reads and measures the land of a project, or none if that does not pay.

    Parameters
    ----------
    inputs : inputs.Inputs
        What is to be read.
    workers : int
        Processes that may be used; with 1 all is done here.

    Attributes
    ----------
    names : tuple of str
        The layers that are promised: read them with :meth:`reading`, not from their files.
    """

    def __init__(self, inputs, workers):
        self.names, self._found, self._waiting = (), None, None
        given = {name: inputs.layers[name] for name in ("rt", *LAND) if name in inputs.layers} if workers > 1 else {}
        if given and _size(given) >= WORTH_BYTES:
            self.names = tuple(name for name in inputs.layers if name in LAND)
            area, crs = project_area(inputs.info), inputs.options.crs
            task = (given, area, crs, terms(inputs.rules, inputs.options))
            thread = ThreadPoolExecutor(1)
            self._waiting = thread.submit(_elsewhere, task)
            thread.shutdown(wait=False)

    def done(self):
        """Wait for the other process: what it found, or nothing if it was lost."""
        if self._waiting is not None:
            answer, self._waiting = self._waiting.result(), None
            self._found = None if isinstance(answer, Lost) else pickle.loads(answer)
            if self._found is not None:
                count(**self._found["counted"])
        return self._found

    def reading(self, name, here):
        """Give a layer as :func:`layers.open_layer` reads it; ``here`` is how to read it in this process."""
        found = self.done() if name in self.names else None
        if found is None:
            return here()
        if name in found["refused"]:
            raise LayerError(found["refused"][name])
        table, written, ends, place, crs, problems, account = found["read"][name]
        shapes = shapely.from_wkb([written[a:b] for a, b in zip(np.append(0, ends), ends, strict=False)])
        frame = gpd.GeoDataFrame(table, geometry=gpd.array.from_shapely(shapes, crs=crs))
        columns = [c for c in frame.columns if c != "geometry"]
        return layers.Reading(frame[[*columns[:place], "geometry", *columns[place:]]], problems, account)

    def outside(self, units, parcels, *, partial=True):
        """Find the parcels that lie outside, as :func:`overlay.is_outside`."""
        return self._answer(overlay.is_outside, units, parcels, partial=partial)

    def tenure(self, units, parcels, **how):
        """Measure tenure, as :func:`land.tenure`."""
        return self._answer(land.tenure, units, parcels, **how)

    def zones(self, units, zoning, water, **how):
        """Measure conformity with the plan, as :func:`land.zones`."""
        return self._answer(land.zones, units, zoning, water, **how)

    def _answer(self, work, *arguments, **how):
        """Give what a function found there; without it, what it finds here."""
        found = self.done() if self.names else None
        known = found is not None and work.__name__ in found["answers"]
        return found["answers"][work.__name__] if known else work(*arguments, **how)


def _size(given):
    sources = [spec["source"] for spec in given.values()]
    paths = [Path(source) for source in sources if isinstance(source, (str, Path))]
    whole = len(paths) == len(sources) and all(path.is_file() for path in paths)
    return sum(path.stat().st_size for path in paths[1:]) if whole else 0


def _elsewhere(task):
    """Do it in a process of its own; where none can be had, it is lost."""
    try:
        return dict(run(_land, {"land": task}, workers=2, apart=True))["land"]
    except Exception as error:
        return Lost(f"{type(error).__name__}: {error}")


@remembering()
@undisturbed()
def _land(task):
    """Read and measure the land: bytes."""
    given, area, wanted, (tenure, zones) = task
    choose = partial(layers.metre_crs, wanted=wanted)
    units = layers.open_layer(name="rt", area=area, to_crs=choose, **given.pop("rt")).frame
    hectares = pd.Series(layers.geodesic_hectares(units), index=units.index)
    where = Whereabouts(units, named_places(units))
    frames, out = {}, {"read": {}, "refused": {}, "answers": {}}
    for name, spec in given.items():
        try:
            read = layers.open_layer(name=name, to_crs=units.crs, area=where, **spec)
        except LayerError as error:
            out["refused"][name] = error.problems
        else:
            frames[name], out["read"][name] = read.frame, _packed(read)
    units["area_ha"] = hectares.where(hectares > 0)
    if "parcels" in frames and len(frames["parcels"]) and len(units):
        out["answers"]["is_outside"] = overlay.is_outside(units, frames["parcels"], partial=True)
    out["answers"] |= _measured(units, frames, tenure, zones)
    return pickle.dumps(out | {"counted": counted()}, pickle.HIGHEST_PROTOCOL)


def _measured(units, found, tenure, zones):
    """Measure the land: what each function says, by its name."""
    answers = {}
    if "parcels" in found:
        answers["tenure"] = land.tenure(units, found["parcels"], **tenure)
    if "zoning" in found:
        answers["zones"] = land.zones(units, found["zoning"], found.get("water"), **zones)
    return answers


def _packed(read):
    """Write a layer for the way between processes: its table, all its shapes as one run of WKB, and where each ends."""
    written = shapely.to_wkb(read.frame.geometry.to_numpy())
    ends = np.cumsum([len(shape) for shape in written], dtype=np.int64)
    place = list(read.frame.columns).index("geometry")
    table = pd.DataFrame(read.frame.drop(columns="geometry"))
    return table, b"".join(written), ends, place, read.frame.crs, read.problems, read.account
