"""Probabilities of every level for 100,000 RT against one scoring of the same table; and whether they tell the truth.

Speed: ``certainty`` of a table in which all criteria were asked of 5 to 60 households of each RT, against ``score``;
``group_certainty`` of the same in groups of 20 RT.
Truth: surveys drawn from the published RT of Kota Pekalongan (2019, 2021, 2023), where the level is known: of the RT
that are called slum with 70 %, seven in ten have to be. ``draw(path)`` draws it for docs/kepastian.md.
"""

import statistics
import time
from pathlib import Path

import numpy as np
import pandas as pd

from kumuhgis.baseline import read_baseline
from kumuhgis.confidence import certainty, score_probabilities, total_distribution
from kumuhgis.rolling import group_certainty
from kumuhgis.rules import load_rules
from kumuhgis.scores import score
from kumuhgis.volumes import to_measures

UNITS, ROUNDS, GOAL, PER_GROUP = 100_000, 3, 25, 20
YEARS, FRACTIONS, REPEATS = (2019, 2021, 2023), (0.1, 0.2, 0.35), 10
PRIORS = {"uniform": (1, 1), "Jeffreys": (0.5, 0.5), "pooled": "pooled"}
PUBLISHED = Path(__file__).parents[1] / "tests" / "golden" / "pekalongan"


def make(units=UNITS, seed=7):
    """Make a table of measures in which every criterion was asked of a sample."""
    rules, rng = load_rules(), np.random.default_rng(seed)
    k = len(rules.codes)
    population = np.repeat(rng.integers(20, 121, units), k)
    answers = np.minimum(population, np.repeat(rng.integers(5, 60, units), k))
    hits = rng.binomial(answers, rng.random(len(answers)))
    keys = [f"{i:06d}" for i in range(units)]
    index = pd.MultiIndex.from_product([keys, rules.codes], names=["unit", "criterion"])
    affected = np.round(hits / answers * population)
    return pd.DataFrame({
        "affected": affected, "total": population.astype(float), "source": "survey",
        "hits": hits, "answers": answers, "population": population,
    }, index)  # fmt: skip


def published():
    """Give the measures of the published RT that are complete, and whether each of them is slum."""
    rules, parts = load_rules(), []
    for year in YEARS:
        measures = to_measures(read_baseline(PUBLISHED / f"baseline_{year}.csv", rules), rules)
        parts.append(measures.rename(index=lambda unit, year=year: f"{unit} {year}", level="unit"))
    records = pd.concat(parts)[["affected", "total"]]
    known = score(records, rules)[1]["total_score"].dropna()
    return records.loc[known.index], (known >= rules.floor).to_numpy(float)


def asked(records, fraction, rng):
    """Ask a fraction of the households and buildings of each RT; what is not a count of them stays known."""
    units = records.index.get_level_values("criterion").map({c.code: c.unit for c in load_rules().criteria})
    whole = units.isin(["KK", "unit"]) & (records["total"] > 5).to_numpy()
    whole &= records["affected"].between(0, records["total"]).to_numpy()
    population = records.loc[whole, "total"].round().astype(int).to_numpy()
    affected = np.minimum(records.loc[whole, "affected"].round().astype(int).to_numpy(), population)
    answers = np.minimum(population, np.maximum(5, (fraction * population).astype(int)))
    out = records.assign(hits=np.nan, answers=np.nan, population=np.nan)
    out.loc[whole, "hits"] = rng.hypergeometric(affected, population - affected, answers)
    out.loc[whole, "answers"], out.loc[whole, "population"] = answers, population
    return out


def calibration(repeats=REPEATS, seed=8):
    """Give what was said (by prior) and what was true, for every RT of every drawn survey."""
    records, slum = published()
    rules, rng, said = load_rules(), np.random.default_rng(seed), {name: [] for name in PRIORS}
    for fraction in FRACTIONS * repeats:
        survey = asked(records, fraction, rng)
        for name, prior in PRIORS.items():
            said[name].append(certainty(survey, rules, prior=prior)["p_slum"].to_numpy())
    return {name: np.concatenate(found) for name, found in said.items()}, np.tile(slum, len(FRACTIONS) * repeats)


def bins(chance, true, edges):
    """Give mean of what was said, share that was true, and number, between edges."""
    place = np.clip(np.searchsorted(edges, chance, side="right") - 1, 0, len(edges) - 2)
    rows = [(chance[place == k], true[place == k]) for k in range(len(edges) - 1)]
    return [(c.mean(), t.mean(), len(c)) for c, t in rows if len(c)]


def run():
    """Print the ratios and the calibration; distributions that do not sum to 1 end with an error."""
    measures, rules = make(), load_rules()
    keys = measures.index.unique("unit")
    groups = pd.Series([f"K{i // PER_GROUP}" for i in range(len(keys))], keys)
    times = {"score": [], "certainty": [], "group_certainty": []}
    for _ in range(ROUNDS):
        start = time.process_time()
        score(measures[["affected", "total", "source"]], rules)
        middle = time.process_time()
        certainty(measures, rules)
        times["score"].append(middle - start)
        times["certainty"].append(time.process_time() - middle)
    start = time.process_time()
    group_certainty(measures, groups, rules)
    times["group_certainty"].append(time.process_time() - start)
    totals = total_distribution(score_probabilities(measures, rules)[1], rules)
    if not np.allclose(totals.sum(axis=1), 1):
        raise AssertionError("probabilities do not sum to 1")
    base = statistics.median(times["score"])
    print(f"\ncertainty: {UNITS:,} RT x 16 criteria, processor seconds, medians of {ROUNDS} (groups: once)")
    for name, seconds in times.items():
        print(f"  {name:<15} {statistics.median(seconds):7.2f} s   {statistics.median(seconds) / base:5.2f}")
    print(f"  goal: certainty at most {GOAL}")
    said, true = calibration()
    print(f"  surveys of published RT: {len(true):,} verdicts; Brier score, smaller is better")
    for name, chance in said.items():
        print(f"  {name:<12} {((chance - true) ** 2).mean():.4f}")


def draw(path):
    """Draw said against true for the uniform and the pooled prior."""
    from matplotlib.figure import Figure

    said, true = calibration(repeats=40)
    figure = Figure(figsize=(5.2, 4.6), layout="constrained")
    ax = figure.add_subplot()
    ax.plot([0, 100], [0, 100], color="#999999", lw=1)
    for name, label, mark in (("uniform", "prior rata", "s"), ("pooled", "prior dari semua RT (bawaan)", "o")):
        points = bins(said[name], true, np.linspace(0, 1, 11))
        ax.plot(
            [100 * a for a, _, _ in points], [100 * b for _, b, _ in points], mark, ms=6, ls="-", lw=0.8, label=label
        )
    ax.set(xlabel="dikatakan: kemungkinan kumuh (%)", ylabel="ternyata kumuh (%)", xlim=(0, 100), ylim=(0, 100))
    ax.legend(frameon=False)
    figure.savefig(path, metadata={"Date": None})
