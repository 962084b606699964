"""From the numbers that all peers find to scores and levels: whether any of them differs from ours.

Amounts that agree to a millionth could still fall on two sides of a band. So the criteria that all peers measure (1b,
2b, 4a, 4c and the six that count households) are scored by the rule from each peer's own numbers; of the other six,
which only kumuhgis measures, four are 60 % for everybody, so that the levels turn on what was measured.
"""

import pandas as pd

from benchmarks.world import HOUSEHOLD
from kumuhgis.rules import load_rules
from kumuhgis.scores import score

DAMAGED = ("rusak ringan", "rusak berat")
DENSE_PER_HA = 200
ASSUMED = dict.fromkeys(("1a", "1c", "2a", "4b"), (0.6, 1.0))
_LINES = {"2b": "roads", "4c": "drains"}


def volumes(found):
    """Give what is affected and the total of every criterion.

    Parameters
    ----------
    found : pandas.DataFrame
        As :mod:`benchmarks.peers` says, by RT.

    Returns
    -------
    pandas.DataFrame
        As :func:`kumuhgis.scores.score` takes it.
    """
    hectares = found.filter(like="zoning:").sum(axis=1)  # zones cover every RT
    parts = {code: (found[f"households:{question}"], 1.0) for question, code in HOUSEHOLD.items()}
    parts["1b"] = (found["buildings"].where(found["density"] > DENSE_PER_HA, 0), found["buildings"])
    parts["4a"] = (found["inundation"].clip(upper=hectares), hectares)
    for code, layer in _LINES.items():
        metres = found.filter(like=f"{layer}:")
        parts[code] = (metres[[f"{layer}:{name}" for name in DAMAGED]].sum(axis=1), metres.sum(axis=1))
    table = [
        pd.DataFrame({"affected": affected, "total": total, "criterion": code}, index=found.index)
        for code in load_rules().codes
        for affected, total in [parts.get(code, ASSUMED.get(code, (0.0, 1.0)))]
    ]
    return pd.concat(table).rename_axis("unit").set_index("criterion", append=True)


def same_verdicts(peer, theirs, ours):
    """Score two peers' numbers, and compare.

    Parameters
    ----------
    peer : str
        Whose numbers.
    theirs, ours : pandas.DataFrame
        As for :func:`volumes`.

    Returns
    -------
    tuple of int
        How many of the scores measured are above 0 and how many RT are slum, so that equal does not mean empty.

    Raises
    ------
    AssertionError
        If a score or a level differs.
    """
    rules = load_rules()
    (scores, summary), (other_scores, other_summary) = (
        score(volumes(found.sort_index()), rules) for found in (ours, theirs)
    )
    for name, a, b in (("score", scores, other_scores), ("level", summary, other_summary)):
        differ = a.index[(a[name].astype(object) != b[name].astype(object)).to_numpy()]
        if len(differ):
            raise AssertionError(f"{peer}: {name} of {differ[0]} differs, and {len(differ) - 1} others")
    measured = scores[~scores.index.get_level_values("criterion").isin(list(ASSUMED))]
    return int((measured["score"] > 0).sum()), int((summary["total_low"] >= rules.floor).sum())
