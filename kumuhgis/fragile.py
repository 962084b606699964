"""What keeps a level open, and what would change it: the criteria that decide, and the nearest step."""

import numpy as np
import pandas as pd

from kumuhgis.kernel import level_table


def levels_possible(scored, rules):
    """Name the levels that are still possible, best first, for every unit."""
    keys = rules.level_keys
    names = np.array([[" | ".join(keys[a : b + 1]) for b in range(len(keys))] for a in range(len(keys))], object)
    return names[scored.level_low, scored.level_high]


def deciding(scored, rules, agree):
    """Name the criteria that keep a level open: those that can settle it alone, else all that are missing."""
    out = np.full(len(agree), "", object)
    rows = np.flatnonzero(~agree)
    if not len(rows):
        return out
    levels = level_table(rules)
    low, high = scored.score_low[rows].astype(int), scored.score_high[rows].astype(int)
    base = scored.total_low[rows][:, None] - low
    rest = (scored.total_high[rows] - scored.total_low[rows])[:, None] - (high - low)
    open_, alone = high > low, np.zeros(low.shape, bool)
    for s in rules.bands.score:
        possible = open_ & (low <= s) & (s <= high)
        first = np.clip(base + s, 0, rules.max_total)
        last = np.clip(base + s + rest, 0, rules.max_total)
        alone |= possible & (levels[first] == levels[last])
    named = np.where(alone.any(axis=1)[:, None], alone, open_)
    codes = np.array(rules.codes, object)
    out[rows] = [", ".join(codes[mask]) for mask in named]
    return out


def fragile(units, affected, total, scored, rules, agree):
    """Find units whose level changes if one criterion moves one band, and the nearest such criterion."""
    lower = np.array([level.lower for level in rules.levels] + [rules.max_total + 1])
    up_needed = (lower[scored.level_high + 1] - scored.total_high)[:, None]
    down_needed = (scored.total_low - lower[scored.level_low] + 1)[:, None]
    down_needed[scored.level_low == 0] = rules.max_total + 1
    limit_up, limit_down, step_up, step_down = _moves(scored.score, rules.bands)
    usable = (scored.score >= 0) & (total > 0) & agree[:, None]
    up = np.where(usable & (step_up >= up_needed), limit_up - scored.percent, np.inf)
    down = np.where(usable & (step_down >= down_needed), scored.percent - limit_down + 0.01, np.inf)
    best_up, best_down = up.argmin(axis=1), down.argmin(axis=1)
    rows = np.arange(len(units))
    worse = up[rows, best_up] <= down[rows, best_down]
    column = np.where(worse, best_up, best_down)
    distance = np.where(worse, up[rows, best_up], down[rows, best_down])
    found = np.isfinite(distance)
    limit = np.where(worse, limit_up[rows, column], limit_down[rows, column])
    whole = np.array([c.unit in ("unit", "KK") for c in rules.criteria])[column]
    volume = _volume_to(limit, affected[rows, column], total[rows, column], whole, worse)
    frame = pd.DataFrame(index=units)
    frame["fragile"] = pd.array(found, "boolean")
    frame.loc[~agree, "fragile"] = pd.NA
    frame["fragile_criterion"] = np.where(found, np.array(rules.codes, object)[column], "")
    frame["fragile_direction"] = np.where(found, np.where(worse, "worse", "better"), "")
    frame["fragile_percent"] = np.where(found, np.round(distance, 2), np.nan)
    frame["fragile_volume"] = np.where(found, volume, np.nan)
    return frame


def _moves(score, bands):
    """Limits and score steps of one band up and one band down, for every cell."""
    values, lower = np.array(bands.score), np.array(bands.lower)
    position = np.searchsorted(values, score)
    up, down = np.minimum(position, len(lower) - 1), np.maximum(position - 1, 0)
    step_up = np.where(position < len(lower), values[up + 1] - values[up], 0)
    step_down = np.where(position > 0, values[down + 1] - values[down], 0)
    return lower[up], lower[down], step_up, step_down


def _volume_to(limit, affected, total, whole, worse):
    """Volume that must be added (worse) or taken away (better) to cross a limit of rounded percent."""
    edge = (limit - 0.005) / 100 * total
    at_least = np.where(whole, np.ceil(edge - 1e-9), edge)
    below = np.where(whole, np.ceil(edge - 1e-9) - 1, edge - 1e-6)  # at the edge itself it is still rounded up
    with np.errstate(invalid="ignore"):
        return np.ceil(np.round(1e6 * np.where(worse, at_least - affected, affected - below), 3)) / 1e6
