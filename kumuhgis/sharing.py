"""One polygon for several RT: its label names them all, and the table has a record for each."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kumuhgis.baseline import TOTALS
from kumuhgis.codes import cell_text, read_code
from kumuhgis.keys import Label
from kumuhgis.matching import labels_of, match_keys
from kumuhgis.volumes import with_ideal_lengths


@dataclass(frozen=True)
class Shared:
    """A polygon for several RT: the label of each with the place of its record in the table, or None."""

    unit: str
    label: str
    parts: dict

    @property
    def records(self):
        """Places of the records that are there."""
        return [place for place in self.parts.values() if place is not None]

    @property
    def missing(self):
        """Labels for which there is no single certain record."""
        return [label for label, place in self.parts.items() if place is None]


def find_shared(records, mapped, joined):
    """Find polygons whose label names several RT, and the record of each of these RT.

    Parameters
    ----------
    records : pandas.DataFrame
        The records, as :func:`matching.match_keys` takes them.
    mapped : pandas.DataFrame
        The units of the map, indexed by key, with their labels.
    joined : sequence of str
        Key of the unit that each record was joined to, or "".

    Returns
    -------
    list of Shared
        Polygons with a label that is sure, without those that a record of the whole polygon claims. A record belongs
        to one if RT, RW and desa agree, and no other polygon has it.

    Examples
    --------
    >>> records = pd.DataFrame({"rt_rw": ["RT 4 RW 1", "RT 5 RW 1"]}, index=["a", "b"])
    >>> find_shared(records, pd.DataFrame({"rt_rw": ["RT 04.05 RW 01"]}, index=["x"]), ["", ""])[0].parts
    {'RT 004 RW 001': 0, 'RT 005 RW 001': 1}
    """
    labels = labels_of(mapped)
    several = [i for i, label in enumerate(labels) if label.sure and len(label.rt) > 1]
    if not several:
        return []
    parts = pd.DataFrame([part for i in several for part in _parts(mapped, i, labels[i])]).set_index("key")
    others = mapped.drop(index=mapped.index[several])
    matches, _ = match_keys(records, pd.concat([others, parts[["rt_rw", "desa", "desa_code"]]]))
    place_of = {
        key: i for i, (key, how) in enumerate(zip(matches["right"], matches["how"], strict=True)) if how == "label"
    }
    found = []
    for unit, group in parts.groupby("unit", sort=False):
        named = {label: place_of.get(key) for key, label in group["rt_rw"].items()}
        shared = Shared(str(unit), labels[mapped.index.get_loc(unit)].normal, named)
        if set(np.flatnonzero(np.asarray(joined, object) == unit)) <= set(shared.records):
            found.append(shared)
    return found


def _parts(mapped, i, label):
    """Write a polygon as the RT that its label names."""
    unit = mapped.index[i]
    desa = cell_text(mapped["desa"].iloc[i]) if "desa" in mapped else label.prefix
    for rt in label.rt:
        normal = Label((rt,), label.rw, label.dusun).normal
        code = read_code(unit).desa
        yield {"key": f"bagian poligon {i}/{rt}", "unit": unit, "rt_rw": normal, "desa": desa, "desa_code": code}


def add_up(base, shared):
    """Add the records of one polygon up: volumes and totals, as a roll-up does.

    Parameters
    ----------
    base : baseline.Baseline
        The table, one row a record.
    shared : list of Shared
        Polygons all of whose records are there.

    Returns
    -------
    baseline.Baseline
        One row for each polygon where its first record stood. A sum with a missing part is missing; words that differ
        stand beside each other; what was published for a part says nothing of the whole and is missing.
    """
    if not shared:
        return base
    filled = with_ideal_lengths(base.units, base.volumes)
    volumes, published, own = base.volumes.copy(), base.published.copy(), base.own.copy()
    units = base.units.astype({c: object for c in base.units if c not in TOTALS})
    keys, kept = base.units.index.to_numpy(object, copy=True), np.ones(len(units), bool)
    for polygon in shared:
        places = sorted(polygon.records)
        first = places[0]
        for j, column in enumerate(units.columns):
            part = filled[column].iloc[places]
            units.iloc[first, j] = _sum(part) if column in TOTALS else _words(part)
        volumes.iloc[first] = volumes.iloc[places].apply(_sum)
        for j in range(len(own.columns)):
            own.iloc[first, j] = _sum(own.iloc[places, j])
        published.iloc[first] = np.nan if len(published.columns) else published.iloc[first]
        keys[first], kept[places[1:]] = polygon.unit, False
    index = pd.Index(keys[kept], name="unit", dtype="str")
    frames = {"units": units, "volumes": volumes, "published": published, "rows": base.rows}
    frames |= {"unused": base.unused, "own": own}
    return replace(base, **{name: frame[kept].set_axis(index) for name, frame in frames.items()})


def _sum(part):
    return round(float(part.astype(float).sum(skipna=False)), 9)


def _words(part):
    """Give what all parts say; if they differ, each beside the others."""
    texts = list(dict.fromkeys(filter(None, map(cell_text, part))))
    return "; ".join(texts) if texts else None
