"""The card of an RT: what it says is what the rule and the tables say, for the keyboard and the ear too."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from browsing import SIZES, open_unit, unit_path
from invented_village import CRS, HOSTILE, invented
from simulated_survey import population
from test_survey import rt_layer

import kumuhgis as kg
from kumuhgis import maps
from kumuhgis.captions import unit_problems, why_sentences
from kumuhgis.errors import Problem, problems_frame
from kumuhgis.priority import why
from kumuhgis.text import text
from kumuhgis.trace import fragile_sentence


@pytest.fixture(scope="module")
def village():
    return invented()


def changed(village, **summary):
    """The village with some columns of its summary written anew."""
    return SimpleNamespace(**{**vars(village), "summary": village.summary.assign(**summary)})


def card_of(page, village, n):
    open_unit(page, village.units.index[n])
    return page.locator(".kg-card")


def in_words(row, rules):
    """The distance to the limits as a reader would count it by hand."""
    n, total = rules.level_keys.index(row["level"]), row["total_score"]
    parts = ["tingkat tertinggi"]
    if n + 1 < len(rules.levels):
        above = rules.levels[n + 1]
        parts = [f"{above.lower - total} angka lagi menjadi {above.key} ({above.lower})"]
    if n:
        own = rules.levels[n]
        over = f"{total - own.lower} angka di atas" if total > own.lower else "tepat di"
        parts.append(f"{over} batas {own.key} ({own.lower})")
    return "; ".join(parts) + "."


def test_the_distance_to_the_limits_is_said_in_words(village, show):
    page = show(maps.village_map(village))
    decided = village.summary[village.summary["total_score"].notna()]
    seen = set()
    for unit, row in decided.iterrows():
        open_unit(page, unit)
        assert page.locator(".kg-distance").inner_text() == in_words(row, village.rules)
        seen.add(row["level"])
    assert seen == set(village.rules.level_keys)


def test_at_the_limit_itself_the_card_says_so(village, show):
    row = village.summary.assign(total_score=38, total_low=38, total_high=38)
    page = show(maps.village_map(changed(village, **row[["total_score", "total_low", "total_high"]])))
    card = card_of(page, village, list(village.summary["level"]).index("kumuh sedang"))
    assert "22 angka lagi menjadi kumuh berat (60); tepat di batas kumuh sedang (38)." in card.inner_text()


def test_an_open_level_is_explained_by_its_interval(village, show, shots):
    card = card_of(show(maps.village_map(village)), village, 11)
    told = card.inner_text()
    row = village.summary.iloc[11]
    assert f"Jumlah nilai antara {row['total_low']} dan {row['total_high']}" in told
    assert "Kemungkinan tingkat: kumuh sedang – kumuh berat" in told
    assert "Belum ada data untuk kriteria 1a, 2a, 3b, 4c, 6a, 7b. Nilainya belum pasti, bukan nol." in told
    assert text("maps.card.firm") not in told, "what is open is not firm"
    assert card.locator(".kg-mark.kg-range").count() == 1


def test_a_level_that_missing_data_cannot_change_is_said_to_stay(village, show):
    level, options = ["kumuh berat"] * 12, ["kumuh berat"] * 12
    whole = changed(
        village, level=pd.Categorical(level, village.rules.level_keys, ordered=True), levels_possible=options
    )
    told = card_of(show(maps.village_map(whole)), village, 11).inner_text()
    assert "Apa pun isinya, tingkatnya tetap: tingkat tertinggi" in told


def test_one_step_that_changes_the_level_is_named_and_else_that_there_is_none(village, show):
    page = show(maps.village_map(village))
    near = village.summary["fragile"].iloc[:10].astype(bool)
    for n, (_, row) in enumerate(village.summary[:10].iterrows()):
        told = card_of(page, village, n).inner_text()
        assert (fragile_sentence(row, village.rules) if near.iloc[n] else text("maps.card.firm")) in told
    assert 0 < near.sum() < 10


def test_the_card_says_why_with_the_sentence_of_explain(village, show):
    rules, summary = village.rules, village.summary.copy()
    summary["class"], summary["priority"] = None, pd.NA
    for n, (level, kind, legal, name, priority) in enumerate(
        [("kumuh ringan", "sedang", True, "C3", 6), ("kumuh berat", "tinggi", False, "A2", 1)]
    ):
        unit = summary.index[list(summary["level"]).index(level)]
        summary.loc[unit, ["consideration", "consideration_score"]] = kind, 7 + 2 * n
        summary.loc[unit, "legal"], summary.loc[unit, "priority"] = legal, priority
        summary.loc[unit, "class"] = name
    record = SimpleNamespace(**{**vars(village), "summary": summary})
    page = show(maps.village_map(record))
    for unit, row in summary.iterrows():
        open_unit(page, unit)
        assert page.locator(".kg-why").inner_text() == why(row, rules)
    assert "Prioritas 6 = 3 (kumuh ringan) + 3 (pertimbangan lain sedang, nilai 7)." in why_sentences(summary, rules)[3]


def test_without_a_priority_column_no_sentence_is_made_up(village):
    assert why_sentences(village.summary.drop(columns="priority"), village.rules) == [""] * 12


def test_percent_score_sources_and_limits_of_the_bars(village, show):
    card = card_of(show(maps.village_map(village)), village, 6)
    for criterion in village.rules.criteria:
        row = card.locator(f"[data-criterion='{criterion.code}']")
        cell = village.scores.loc[(village.units.index[6], criterion.code)]
        assert row.locator(".kg-score").inner_text() == str(cell["score"])
        percent = f"{cell['percent']:.2f}".replace(".", ",")
        assert percent in row.locator("p").first.inner_text().replace("\u00a0", " ")
        ticks = [tick.get_attribute("style") for tick in row.locator("s").all()]
        assert ticks == [f"left: {limit:g}%;" for limit in village.rules.bands.lower]
    road = card.locator("[data-criterion='2a'] p").all_inner_texts()
    assert road[0].endswith("263 dari 300 m (tabel)") and road[1] == "Pembanding: 289,3 dari 315 m (peta), 91,84 %"
    assert "nilai 1 mulai 25 %, nilai 3 mulai 51 %, nilai 5 mulai 76 %" in card.inner_text()


def test_legality_is_told_with_its_shares(village, show):
    page = show(maps.village_map(village))
    told = card_of(page, village, 1).inner_text().replace("\u00a0", " ")
    assert "(−) 42 % luasnya jelas" in told and "(+) 98 % luasnya sesuai" in told and "0,31 ha" in told
    assert "belum diketahui" in card_of(page, village, 2).inner_text()


@pytest.mark.parametrize(("option", "label"), [("verified", "Luas verifikasi"), ("measured", "Luas pada peta")])
def test_the_hectares_that_count_are_marked(village, show, option, label):
    provenance = {**village.provenance, "options": {"area": option}}
    record = SimpleNamespace(**{**vars(village), "provenance": provenance})
    marked = card_of(show(maps.village_map(record)), village, 0).locator(".kg-figures > div:has(.kg-counts)")
    assert marked.count() == 1 and label in marked.inner_text()


def test_without_verified_hectares_those_of_the_map_count(village, show):
    units = village.units.assign(verified_ha=np.nan)
    record = SimpleNamespace(**{**vars(village), "units": units})
    marked = card_of(show(maps.village_map(record)), village, 0).locator(".kg-figures > div:has(.kg-counts)")
    assert "Luas pada peta" in marked.inner_text()


def test_near_a_limit_of_authority_the_card_warns(village, show):
    near = pd.array([True] + [False] * 11, "boolean")
    page = show(maps.village_map(changed(village, authority_near_limit=near)))
    assert text("maps.card.near_authority") in card_of(page, village, 0).inner_text()
    assert text("maps.card.near_authority") not in card_of(page, village, 1).inner_text()


def with_problems(village, found):
    return SimpleNamespace(**{**vars(village), "problems": problems_frame(found, crs=CRS)})


def test_problems_go_to_the_unit_they_name(village):
    a, b = village.summary.index[:2]
    found = [Problem("value_missing", "baseline.csv", a, column) for column in ("kk", "1a", "2a", "3a")]
    found += [Problem("area_differs", "rt", f"{a}, {b}", "luas_ha", {"table": "1", "map": "2", "area": 1})]
    told = unit_problems(with_problems(village, [*found, Problem("value_missing", "jalan.shp", "12", "lebar")]))
    assert {unit: said["n"] for unit, said in told.items()} == {a: 4}
    assert len(told[a]["told"]) == 3 and told[a]["told"][0].startswith("kk: ")


def test_problems_of_the_unit_are_shown_as_typed(village, show):
    unit = village.summary.index[0]
    found = [Problem("record_without_map", HOSTILE[1], unit, "kk", {"rt": HOSTILE[0]}) for _ in range(5)]
    record = with_problems(village, found)
    page = show(maps.village_map(record))
    told = card_of(page, village, 0).locator(".kg-note:has(ul)").inner_text()
    assert "Catatan data RT ini: 5" in told and "… dan 2 lagi" in told
    assert record.problems.iloc[0]["message"] in told
    assert page.evaluate("window.ran") is None


def test_arrows_go_to_the_next_rank_and_keep_the_focus(village, show):
    page = show(maps.village_map(changed(village, rank=pd.array([*range(11, 0, -1), None], "Int64"))))
    card_of(page, village, 5)
    page.locator(".kg-next").focus()
    page.keyboard.press("Enter")
    assert page.locator(".kg-card h2").inner_text() == village.units["rt_rw"].iloc[4], "rank 6 goes to rank 7"
    assert page.evaluate("document.activeElement.className").endswith("kg-next")
    page.keyboard.press("Enter")
    page.locator(".kg-previous").click()
    assert page.locator(".kg-card h2").inner_text() == village.units["rt_rw"].iloc[4]
    page.evaluate(f"{MAP}; kumuhgis.filter(map, map.kumuhgis.village.column('rank').map(r => r === 7 || r === 2))")
    page.locator(".kg-next").click()
    assert page.locator(".kg-card h2").inner_text() == village.units["rt_rw"].iloc[9], "only what the filter shows"


MAP = "var map = window[Object.keys(window).find(k => k.startsWith('map_'))]"


def test_escape_closes_and_gives_the_focus_back(village, show):
    page = show(maps.village_map(village))
    unit = village.units.index[2]
    open_unit(page, unit)
    assert page.locator("[aria-live=polite]").inner_text() == "RT 03/RW 01: tidak kumuh, 9 dari 80"
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert page.locator(".kg-card").count() == 0
    assert page.evaluate("document.activeElement.getAttribute('data-unit')") == unit
    assert unit_path(page, unit).get_attribute("tabindex") == "0"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["id", "en"])
def test_nothing_in_the_card_is_cut(village, show, shots, size, lang):
    page = show(maps.village_map(village, lang=lang), size)
    for n in (3, 11):
        card = card_of(page, village, n)
        wide = card.evaluate(
            "c => [c, ...c.querySelectorAll('*')].filter(e => !e.closest('svg') && !e.matches('.kg-bar, i')"
            " && e.scrollWidth > e.clientWidth + 1 && e.clientWidth).map(e => e.className + e.tagName)"
        )
        assert wide == []
        assert "{" not in card.inner_text() and "card." not in card.inner_text()
        page.screenshot(path=shots / f"card-{lang}-{size}-{n}.png")


def test_other_scripts_add_their_parts_to_card_and_paper(village, show):
    page = show(maps.village_map(village))
    page.evaluate("""() => { window.print = () => {};
        kumuhgis.cardParts.push((map, i) => i === 2 ? kumuhgis.el("p", "own", "kata warga") : null); }""")
    assert card_of(page, village, 2).locator(".own").inner_text() == "kata warga"
    page.locator(".kg-print").click()
    assert page.locator(".kg-sheet .own").count() == 1
    assert card_of(page, village, 1).locator(".own").count() == 0


def test_a_level_from_a_sample_is_said_with_care_and_with_the_households_that_would_settle_it(show, shots):
    """Twelve of 55 households of six RT were asked: the card says how likely each level is and how many more to ask."""
    rng, units = np.random.default_rng(11), rt_layer()
    people, _ = population(units, rng)
    cells = people.rename(columns={"unit": "kode_rt"}).drop(columns=["lat", "lon"])
    counts = pd.DataFrame({"kode": units.index, "luas_ha": 1.0, "kk": 55, "bangunan_unit": 60, "4a_volume": 0})
    counts = counts.assign(**{f"{code}_volume": 0 for code in ("1b", "2a", "2b", "4b", "4c", "7a")})
    counts = counts.assign(jalan_ideal_m=500, drainase_ideal_m=500)
    result = kg.assess(rt=units.reset_index(names="kode"), baseline=counts, survey=cells)
    needed = kg.households_needed(result.measures, result.rules)["households"].dropna()
    unit = needed.index[needed > 0][0]
    page = show(maps.village_map(result))
    open_unit(page, unit)
    said = page.locator(".kg-certainty").inner_text()
    wanted = kg.certainty_sentence(result.summary.loc[unit], result.rules, further=int(needed[unit]))
    assert f"{int(needed[unit])} KK lagi" in wanted and wanted == said
    assert text("maps.card.firm") not in page.locator(".kg-card").inner_text(), "a guess is not firm"
    page.screenshot(path=shots / "card-certainty.png")
