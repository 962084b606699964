"""Decisions: klasifikasi, prioritas, pola penanganan, pertimbangan lain, kewenangan, ranking."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from kumuhgis.priority import authority, authority_problems, classify, considerations, legality, rank, why, why_above
from kumuhgis.rules import load_rules

RULES, OLD = load_rules("permen-14-2018"), load_rules("permen-02-2016")

# "Klasifikasi A (berat), B (sedang), C (ringan) × 1–6: 1–2 pertimbangan tinggi, 3–4 sedang, 5–6 rendah; odd legal, even
# tidak legal. A1..A6 = 1 1 4 4 7 7, B = 2 2 5 5 8 8, C = 3 3 6 6 9 9. Tidak legal → permukiman kembali; legal and
# berat or sedang → peremajaan; legal and ringan → pemugaran."
CLASSES = """
kumuh berat   tinggi legal       A1 1 peremajaan
kumuh berat   tinggi tidak_legal A2 1 permukiman_kembali
kumuh berat   sedang legal       A3 4 peremajaan
kumuh berat   sedang tidak_legal A4 4 permukiman_kembali
kumuh berat   rendah legal       A5 7 peremajaan
kumuh berat   rendah tidak_legal A6 7 permukiman_kembali
kumuh sedang  tinggi legal       B1 2 peremajaan
kumuh sedang  tinggi tidak_legal B2 2 permukiman_kembali
kumuh sedang  sedang legal       B3 5 peremajaan
kumuh sedang  sedang tidak_legal B4 5 permukiman_kembali
kumuh sedang  rendah legal       B5 8 peremajaan
kumuh sedang  rendah tidak_legal B6 8 permukiman_kembali
kumuh ringan  tinggi legal       C1 3 pemugaran
kumuh ringan  tinggi tidak_legal C2 3 permukiman_kembali
kumuh ringan  sedang legal       C3 6 pemugaran
kumuh ringan  sedang tidak_legal C4 6 permukiman_kembali
kumuh ringan  rendah legal       C5 9 pemugaran
kumuh ringan  rendah tidak_legal C6 9 permukiman_kembali
"""


def one(value, dtype=object):
    return pd.Series([value], index=["RT"], dtype=dtype)


@pytest.mark.parametrize("line", CLASSES.strip().splitlines())
def test_class_priority_and_handling(line):
    _, severity, consideration, legal, class_, priority, handling = line.split()
    got = classify(one(f"kumuh {severity}"), one(consideration), one(legal == "legal", "boolean"), RULES).loc["RT"]
    assert (got["class"], got["priority"], got["handling"]) == (class_, int(priority), handling.replace("_", " "))


def test_not_slum_has_no_class_and_no_priority():
    got = classify(one("tidak kumuh"), one("tinggi"), one(True, "boolean"), RULES).loc["RT"]
    assert got.isna().all()


@pytest.mark.parametrize("rules", [RULES, OLD], ids=lambda r: r.key)
def test_every_level_consideration_and_legality_has_a_priority(rules):
    keys = [c.key for c in rules.considerations.classes]
    seen = set()
    for level, consideration, legal in product(rules.level_keys[1:], keys, [True, False]):
        got = classify(one(level), one(consideration), one(legal, "boolean"), rules).loc["RT"]
        assert 1 <= got["priority"] <= 9
        seen.add(got["class"])
    assert len(seen) == 18


def test_without_legality_there_is_a_priority_but_no_class():
    got = classify(one("kumuh ringan"), one("sedang"), one(pd.NA, "boolean"), RULES).loc["RT"]
    assert got["priority"] == 6
    assert pd.isna(got["class"])
    assert pd.isna(got["handling"])


def test_the_older_rule_legalises_first():
    """2015–16 variant for tidak legal: legalisasi lahan lalu peremajaan/pemugaran."""
    got = classify(one("kumuh ringan"), one("sedang"), one(False, "boolean"), OLD).loc["RT"]
    assert got["handling"] == "legalisasi lahan lalu pemugaran"


# "Legal if both are (+)"
@pytest.mark.parametrize(
    ("tenure", "plan", "expected"),
    [("+", "+", True), ("+", "-", False), ("-", "+", False), ("-", None, False), ("+", None, None), (None, None, None)],
)
def test_legality(tenure, plan, expected):
    got = legality(one(tenure), one(plan)).loc["RT"]
    assert pd.isna(got) if expected is None else got == expected


# "kependudukan (jiwa/ha. Metropolitan and big city: >400 → 5, >150–400 → 3, else 1. Medium and small: >200 → 5,
# >150–200 → 3, else 1)"
@pytest.mark.parametrize(
    ("density", "city", "score"),
    [
        (400, "metropolitan", 3),
        (400.1, "besar", 5),
        (150, "besar", 1),
        (150.1, "metropolitan", 3),
        (200, "sedang", 3),
        (200.1, "kecil", 5),
        (150, "kecil", 1),
        (10, None, np.nan),
    ],
)
def test_population_density_scores(density, city, score):
    units = pd.DataFrame({"population": [density * 2], "area_used_ha": [2.0]}, index=["RT"])
    table = pd.DataFrame({"strategic": [1.0], "social": [1.0]}, index=["RT"])
    got = considerations(units, table, RULES, city_class=city).loc["RT"]
    np.testing.assert_equal(got["population_score"], float(score))


# "Tinggi 11–15, sedang 6–10, rendah 1–5" (14/2018); "7–9 / 4–6 / 1–3" (02/2016)
@pytest.mark.parametrize(
    ("rules", "strategic", "social", "people", "sum_", "class_"),
    [
        (RULES, 5, 5, 900, 15, "tinggi"),
        (RULES, 5, 5, 90, 11, "tinggi"),
        (RULES, 5, 1, 360, 9, "sedang"),
        (RULES, 5, 1, 90, 7, "sedang"),
        (RULES, 1, 1, 360, 5, "rendah"),
        (RULES, 1, 1, 90, 3, "rendah"),
        (OLD, 3, 3, 90, 7, "tinggi"),
        (OLD, 3, 1, 90, 5, "sedang"),
        (OLD, 1, 1, 90, 3, "rendah"),
    ],
)
def test_consideration_classes(rules, strategic, social, people, sum_, class_):
    units = pd.DataFrame({"population": [people], "area_used_ha": [2.0]}, index=["RT"])
    table = pd.DataFrame({"strategic": [strategic], "social": [social]}, index=["RT"])
    got = considerations(units, table, rules, city_class="sedang").loc["RT"]
    assert (got["consideration_score"], got["consideration"]) == (sum_, class_)


def test_an_item_that_is_missing_leaves_the_class_open():
    units = pd.DataFrame({"population": [100.0], "area_used_ha": [2.0]}, index=["RT"])
    table = pd.DataFrame({"strategic": [np.nan], "social": [1]}, index=["RT"])
    assert considerations(units, table, RULES, city_class="sedang")["consideration"].isna().all()


# "Kewenangan by area: pusat >15 ha, provinsi 10–15 ha, kabupaten/kota <10 ha (UU 23/2014 annex); flag cases within a
# tolerance of a limit"
@pytest.mark.parametrize(
    ("area", "who", "near"),
    [
        (9.4, "kabupaten/kota", False),
        (9.99, "kabupaten/kota", True),
        (10.0, "provinsi", True),
        (12.0, "provinsi", False),
        (15.0, "provinsi", True),
        (15.01, "pusat", True),
        (40.0, "pusat", False),
        (0.0, None, False),
        (np.nan, None, False),
    ],
)
def test_authority(area, who, near):
    got = authority(pd.Series([area], index=["Bulu"]), RULES)
    assert (got["authority"].iloc[0] == who) if who else pd.isna(got["authority"].iloc[0])
    assert got["authority_near_limit"].iloc[0] == near
    assert len(authority_problems(got.assign(slum_ha=area), RULES)) == near


# ---------------------------------------------------------------- ranking


def summary(*rows):
    columns = ["priority", "total_low", "slum_ha", "population", "level"]
    frame = pd.DataFrame([(*r, "kumuh ringan") for r in rows], columns=columns, index=list("ABCDEFG")[: len(rows)])
    return frame.astype({"priority": "Int64", "total_low": "Int16"})


def test_rank_goes_by_priority_then_total_then_hectares_then_people():
    """Ties inside one priority: higher total, then more slum hectares, then more people."""
    table = summary((3, 20, 1.0, 90), (3, 22, 1.0, 90), (1, 17, 0.5, 10), (3, 20, 1.2, 10), (3, 20, 1.0, 91))
    assert rank(table).tolist() == [5, 2, 1, 3, 4]


def test_units_equal_in_everything_share_a_rank_and_units_without_priority_have_none():
    table = summary((3, 20, 1.0, 90), (3, 20, 1.0, 90), (9, 16, 1.0, 90), (pd.NA, 30, 1.0, 90))
    assert rank(table).tolist()[:3] == [1, 1, 3]
    assert pd.isna(rank(table).iloc[3])


def test_rank_does_not_depend_on_the_order_of_rows():
    table = summary((3, 20, 1.0, 90), (3, 22, 1.0, 90), (1, 17, 0.5, 10), (3, 20, 1.2, 10))
    pd.testing.assert_series_equal(rank(table), rank(table.iloc[::-1]).reindex(table.index))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([(1, 20, 1.0, 90), (3, 30, 2.0, 99)], "A di atas B: prioritasnya lebih tinggi (1 terhadap 3)."),
        ([(3, 20, 1.0, 90), (3, 30, 2.0, 99)], "B di atas A: prioritas sama (3), dan jumlah nilainya lebih tinggi"),
        ([(3, 20, 1.0, 90), (3, 20, 0.9, 99)], "A di atas B: prioritas sama (3), dan jumlah nilai sama (20), dan luas"),
        ([(3, 20, 1.0, 90), (3, 20, 1.0, 99)], "penduduknya lebih banyak (99 terhadap 90 jiwa)."),
        ([(3, 20, 1.0, 90), (3, 20, 1.0, 90)], "A dan B setara"),
        ([(pd.NA, 20, 0.0, 90), (3, 20, 1.0, 90)], "A tidak kumuh, jadi tidak punya prioritas"),
        ([(3, 20, 1.0, 90), (pd.NA, 20, 1.0, 90)], "B belum punya pertimbangan lain yang lengkap"),
    ],
)
def test_why_one_rt_stands_above_another_in_words(rows, words):
    assert words in why_above(summary(*rows), "A", "B")


ENGLISH = {"berat": "heavy", "sedang": "moderate", "ringan": "light"}


@pytest.mark.parametrize("line", CLASSES.strip().splitlines())
def test_why_a_unit_has_its_priority_class_and_handling(line):
    _, severity, consideration, legal, name, priority, handling = line.split()
    level, handling = f"kumuh {severity}", handling.replace("_", " ")
    said = {
        "level": level, "consideration": consideration, "consideration_score": 7, "legal": legal == "legal",
        "class": name, "priority": int(priority), "handling": handling, "total_high": 40,
    }  # fmt: skip
    base, step = {"berat": 1, "sedang": 2, "ringan": 3}[severity], {"tinggi": 0, "sedang": 3, "rendah": 6}
    assert base + step[consideration] == int(priority)
    assert why(pd.Series(said), RULES) == (
        f"Prioritas {priority} = {base} ({level}) + {step[consideration]} (pertimbangan lain {consideration}, nilai 7)."
        f" Klasifikasi {name}: {level}, pertimbangan lain {consideration}, "
        f"{'lahan legal' if legal == 'legal' else 'lahan tidak legal'}. Pola penanganan: {handling}."
    )
    assert f"Class {name}: {ENGLISH[severity]} slum, " in why(pd.Series(said), RULES, "en")
    assert "menunggu legalitas" in why(pd.Series({**said, "legal": pd.NA, "class": None}), RULES)


def test_why_a_unit_has_no_priority():
    low = pd.Series({"level": "tidak kumuh", "total_high": 9})
    assert "9 di bawah 16" in why(low, RULES)
    lacks = {"strategic": np.nan, "population_score": 1.0, "social": np.nan, "priority": pd.NA}
    waits = pd.Series({"level": "kumuh ringan", "total_high": 20, **lacks})
    assert why(waits, RULES).endswith("menunggu pertimbangan lain: nilai strategis, sosial, ekonomi dan budaya.")
    assert "kriteria 1a, 4b" in why(pd.Series({"level": np.nan, "deciding": "1a, 4b"}), RULES)
