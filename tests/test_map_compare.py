"""Two results on one page: what changed, by how many hectares, and both side by side, with the network off."""

from types import SimpleNamespace

import pandas as pd
import pytest
from browsing import SIZES, click_unit
from click.testing import CliRunner
from invented_village import HOSTILE, invented

import kumuhgis as kg
from kumuhgis import maps
from kumuhgis.cli import command
from kumuhgis.monitor import compare, summarise_changes
from kumuhgis.rules import load_rules
from kumuhgis.scenarios import handle


@pytest.fixture(scope="module")
def pair():
    """Jaten (an invented sample) as it is, and with roads, waste and toilets handled in part of it."""
    now = kg.assess(kg.load_sample("jaten"))
    volumes = now.measures["affected"].dropna()
    works = volumes[volumes > 0].rename("volume").reset_index().iloc[::2]
    return now, handle(now, works)


@pytest.mark.parametrize("size", SIZES)
def test_the_map_of_change_counts_units_and_hectares(pair, show, shots, size):
    page = show(maps.compare_map(*pair), size)
    sums = summarise_changes(compare(*pair))
    page.screenshot(path=shots / f"compare-{size}.png")
    if size == "phone":
        page.locator(".kg-toggle").click()
    rows = page.locator(".kg-layer:has(input[data-layer=levels]) li")
    shown = [row.locator("small").inner_text() for row in rows.all()]
    words = [f"{n} RT · {ha:.2f} ha".replace(".", ",") for n, ha in zip(sums["units"], sums["area_ha"], strict=True)]
    assert shown == words


def test_the_heading_says_the_hectares_of_both(pair, show):
    told = show(maps.compare_map(*pair)).locator(".kg-told").inner_text()
    left = compare(*pair).query("change == 'left_slum'")
    assert told.startswith("Sekarang → Skenario")
    assert f"{left['reduction_ha'].sum():.2f} ha ({len(left)} RT)".replace(".", ",") in told


def test_the_card_says_what_changed(pair, show, shots):
    page = show(maps.compare_map(*pair))
    changes = compare(*pair)
    unit = changes.index[(changes["change"] == "left_slum") & changes["total_before"].notna()][0]
    click_unit(page, unit)
    told = page.locator(".kg-change").inner_text()
    assert "keluar dari kumuh" in told.lower()
    assert f"{changes.loc[unit, 'level_before']} ({changes.loc[unit, 'total_before']:.0f})" in told
    assert changes.loc[unit, "better"] in told
    page.screenshot(path=shots / "compare-card.png")


@pytest.mark.parametrize("size", SIZES)
def test_both_stand_side_by_side_and_move_together(pair, show, shots, size):
    page = show(maps.compare_map(*pair), size)
    page.locator("[data-tool=pair]").click()
    assert page.locator(".kg-half").count() == 2
    assert "DATA CONTOH" in page.locator(".kg-pair header").inner_text()
    page.wait_for_timeout(300)
    page.screenshot(path=shots / f"pair-{size}.png")
    first, second = page.locator(".kg-half-map").all()
    for half in page.locator(".kg-half").all():
        legend = half.locator(".kg-classes")
        assert legend.is_visible() and " ha" in legend.inner_text()
        assert half.locator(".kg-label span").count() > 4
    assert second.locator(".kg-north").is_visible() and second.locator(".leaflet-control-scale-line").is_visible()
    box = first.bounding_box()
    before = second.locator("path").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, -40)
    page.wait_for_timeout(800)
    after = second.locator("path").first.bounding_box()
    assert after["width"] > 1.2 * before["width"], "the other map follows"
    page.keyboard.press("Escape")
    page.locator(".kg-pair .kg-close").click() if page.locator(".kg-pair").count() else None
    assert page.locator(".kg-half").count() == 0


def test_under_two_rules_levels_are_compared_and_no_totals(show):
    sample = kg.load_sample("brujul")
    two = kg.assess(sample, rules="permen-02-2016"), kg.assess(sample)
    page = show(maps.compare_map(*two))
    told = page.locator(".kg-told").inner_text()
    assert load_rules("permen-02-2016").short in told and load_rules().short in told
    click_unit(page, two[1].summary.index[0])
    assert "Nilai" not in page.locator(".kg-change").inner_text()


def test_villagers_words_are_shown_as_typed(show):
    village = invented(hostile=True, layers=False)
    page = show(maps.compare_map(village, village, labels=HOSTILE[:2]))
    page.locator("[data-tool=pair]").click()
    assert [h.inner_text() for h in page.locator(".kg-half h3").all()] == list(HOSTILE[:2])
    assert page.evaluate("window.ran") is None


def test_the_command_writes_a_map_and_a_table(tmp_path):
    folder = kg.load_sample("brujul").folder
    done = CliRunner().invoke(command("id"), ["compare", str(folder), str(folder), "--out", str(tmp_path / "beda")])
    assert done.exit_code == 0, done.output
    table = pd.read_csv(tmp_path / "beda" / "perubahan.csv", sep=None, engine="python", encoding="utf-8-sig")
    assert len(table) == len(kg.assess(folder).summary)
    assert (tmp_path / "beda" / "perubahan.html").stat().st_size > 100_000


def test_units_of_one_result_only_are_drawn_where_they_were(show):
    village = invented(layers=False)
    gone = village.summary.index[0]
    fewer = {name: getattr(village, name).drop(gone) for name in ("units", "summary")}
    fewer |= {name: getattr(village, name).drop(gone, level="unit") for name in ("measures", "scores")}
    after = SimpleNamespace(**{**vars(village), **fewer})
    page = show(maps.compare_map(village, after))
    labels = page.locator(".kg-layer:has(input[data-layer=gone]) li span").all_inner_texts()
    assert "tidak ada lagi" in labels


def test_the_choice_and_the_paper_name_what_is_shown(pair, show, shots):
    page = show(maps.compare_map(*pair))
    chooser = page.locator("select.kg-theme")
    assert chooser.locator("option:checked").inner_text() == "Perubahan"
    told = page.locator(".kg-told").inner_text()
    page.pdf(path=shots / "compare.pdf", prefer_css_page_size=True, print_background=True)
    page.evaluate("() => { window.print = () => dispatchEvent(new Event('beforeprint')); }")
    page.evaluate("kumuhgis.print(kumuhgis.maps[0], kumuhgis.maps[0].kumuhgis.job)")
    assert page.locator(".kg-paper-legend h2").first.inner_text() == "Perubahan"
    assert page.locator(".kg-paper-legend .kg-told").inner_text() == told and "Sekarang → Skenario" in told
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    chooser.select_option("levels")
    legend = page.locator(".kg-layer:has(input[data-layer=levels])")
    assert "kumuh berat" in legend.locator(".kg-classes").inner_text()
    assert "luas verifikasi" in legend.locator(".kg-hectares").inner_text()
