"""The small map in documents: true to scale, the same every time, told apart without colour, and safe with any name."""

import io
import re
from itertools import combinations, pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from invented_village import HOSTILE, invented
from matplotlib.image import imread
from printing import drawn, opened, words

import kumuhgis as kg
from kumuhgis.errors import OutputError
from kumuhgis.sheets import picture
from kumuhgis.sheets.frames import round_scale
from kumuhgis.text import text
from kumuhgis.themes import unit_themes

MARKUP = ("=cmd|'/c calc'!A1", "#strong[x] $x$ ` @ref", r"$\frac{1}{0}$ % \input{x}", "<b>RT</b>", "a" * 200)


@pytest.fixture(scope="module")
def jaten():
    return kg.assess(kg.load_sample("jaten"))


def page_of(content):
    return opened(content)[0]


def test_the_picture_has_the_size_that_was_asked_for_and_nothing_is_outside(jaten):
    page = page_of(picture(jaten, format="pdf", width_mm=120, height_mm=90))
    assert page.rect.width == pytest.approx(120 / 25.4 * 72, abs=0.01)
    assert page.rect.height == pytest.approx(90 / 25.4 * 72, abs=0.01)
    assert all(page.rect.contains(drawing["rect"]) for drawing in drawn(page))
    image = imread(io.BytesIO(picture(jaten, dpi=100, width_mm=127, height_mm=101.6)))
    assert image.shape[:2] == (400, 500)


def test_it_says_what_it_shows_and_that_the_data_is_invented(jaten):
    said = words(page_of(picture(jaten, format="pdf")))
    for line in ("DATA CONTOH", "Tingkat kekumuhan", "kumuh ringan", "belum dapat ditentukan", "Genangan", "RT 001"):
        assert line in said
    english = words(page_of(picture(jaten, format="pdf", lang="en")))
    assert "SAMPLE DATA" in english
    assert "Buildings" in english


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_the_same_result_gives_the_same_bytes(form):
    village = invented()
    assert picture(village, format=form, dpi=60) == picture(village, format=form, dpi=60)


def test_settings_of_matplotlib_that_the_user_has_made_neither_count_nor_change():
    import matplotlib

    village = invented()
    plain = picture(village, dpi=60)
    with matplotlib.rc_context({"font.family": "monospace", "savefig.bbox": "tight", "font.size": 20}):
        assert picture(village, dpi=60) == plain
        assert matplotlib.rcParams["savefig.bbox"] == "tight"


def test_every_theme_of_the_interactive_map_can_be_printed_also_one_without_data(jaten):
    for theme in [each["id"] for each in unit_themes(jaten)][:6]:
        assert len(picture(jaten, theme=theme, dpi=40, layers=(), labels=None)) > 1000
    bare = invented()
    bare.summary = bare.summary.drop(columns="priority")
    assert text("maps.theme.unknown") in words(page_of(picture(bare, theme="priority", format="pdf")))


def test_classes_differ_in_a_black_and_white_copy():
    """Every class of the level, drawn alone: after the colours are taken away, the hatches still tell them apart."""
    village = invented()
    seen = {}
    for n, level in enumerate([*village.rules.level_keys, None]):
        village.summary["level"] = level
        one = {"focus": [village.units.index[5]], "width_mm": 60, "height_mm": 60}
        page = picture(village, dpi=150, layers=(), labels=None, legend=False, **one)
        inside = (imread(io.BytesIO(page))[..., :3] @ (0.299, 0.587, 0.114))[120:234, 120:234]
        flat = (inside - inside.mean()) / (inside.std() or 1)
        seen[n] = inside.std(), np.abs(np.fft.rfft2(flat))
    assert seen[0][0] < 0.001  # what is not slum has no hatch
    for a, b in combinations([1, 2, 3, 4], 2):
        likeness = np.corrcoef(seen[a][1].ravel(), seen[b][1].ravel())[0, 1]
        assert likeness < 0.8, (a, b)


def test_focus_frames_the_units_and_keeps_the_others_pale(jaten):
    key = jaten.units.index[4]
    near, far = (page_of(picture(jaten, focus=focus, format="pdf")) for focus in ([key], None))
    scales = [int(re.search(r"1 : ([\d.]+)", words(page))[1].replace(".", "")) for page in (near, far)]
    assert scales[0] < scales[1]
    assert "RT 001" in words(near)
    with pytest.raises(OutputError, match="tidak-ada"):
        picture(jaten, focus=["tidak-ada"])


def test_locations_of_a_decree_carry_their_numbers(jaten):
    numbers = {name: f"K{n}" for n, name in enumerate(jaten.units["kawasan"].dropna().unique(), 1)}
    said = words(page_of(picture(jaten, numbers=numbers, format="pdf")))
    assert all(number in said for number in numbers.values())
    assert text("sheets.numbered") in said
    with pytest.raises(OutputError, match="kolom-lain"):
        picture(jaten, numbers=numbers, by="kolom-lain")


LINE_PT = 0.45 * 72 / 25.4


def leaders(content):
    """Straight lines as thick as those between a place and its number."""
    found = page_of(content).get_drawings()
    straight = [d for d in found if len(d["items"]) == 1 and d["items"][0][0] == "l" and d["width"]]
    return [d for d in straight if abs(d["width"] - LINE_PT) < 0.02]


def test_the_number_of_a_small_place_stands_beside_it():
    """A disc that covers its whole place would hide what it names; one that has room stays in it."""
    shapes = [shapely.box(490000, 9162000, 490900, 9162900), shapely.box(490400, 9162900, 490440, 9162940)]
    rt = gpd.GeoDataFrame({"kode": ["01", "02"]}, geometry=shapes, crs=32749)
    counts = {"kode": ["01", "02"], "kk": [40, 40], "3a_volume": [40, 40], "kawasan": ["Besar", "Kecil"]}
    result = kg.assess(rt=rt, baseline=pd.DataFrame(counts))
    lines = {}
    for name in counts["kawasan"]:
        drawn_ = picture(result, numbers={name: "7"}, layers=(), labels=None, format="pdf")
        assert "7" in words(page_of(drawn_)).split()
        lines[name] = len(leaders(drawn_))
    assert lines == {"Besar": 0, "Kecil": 1}


def test_every_part_of_a_place_carries_its_number_but_no_splinter_does():
    """Two hamlets of one kawasan far apart: who looks at the second one must not take it for nothing."""
    west = ((490000, 300), (490900, 300), (490500, 8))
    shapes = [shapely.box(x, 9162000, x + wide, 9162300) for x, wide in west]
    keys = ["01", "02", "03"]
    rt = gpd.GeoDataFrame({"kode": keys}, geometry=shapes, crs=32749)
    counts = {"kode": keys, "kk": [40] * 3, "3a_volume": [40] * 3, "kawasan": ["Terpisah"] * 3}
    result = kg.assess(rt=rt, baseline=pd.DataFrame(counts))
    said = words(page_of(picture(result, numbers={"Terpisah": "K7"}, layers=(), labels=None, format="pdf"))).split()
    assert said.count("K7") == 2


@pytest.mark.parametrize("width", [55, 60, 80, 120])
def test_figures_of_the_bar_scale_do_not_touch(jaten, width):
    page = page_of(picture(jaten, width_mm=width, height_mm=60, layers=(), labels=None, format="pdf"))
    scale = next(w for w in page.get_text("words") if w[4] == "m" or w[4] == "km")
    figures = [w for w in page.get_text("words") if abs(w[3] - scale[3]) < 1 and w[4].replace(",", "").isdigit()]
    figures = sorted((w for w in figures if scale[0] - 150 < w[0] < scale[0]), key=lambda w: w[0])
    assert len(figures) >= 2 and figures[0][4] == "0"
    assert all(right[0] - left[2] > 0.8 for left, right in pairwise(figures))


def test_a_legend_that_is_too_long_for_its_panel_says_that_it_goes_on(jaten):
    whole = words(page_of(picture(jaten, format="pdf", width_mm=90, height_mm=70, labels=None)))
    small = words(page_of(picture(jaten, format="pdf", width_mm=60, height_mm=60, labels=None)))
    assert "Jalan lingkungan" in whole and "lagi." not in whole
    assert "tidak kumuh" in small and re.search(r"… dan \d+ lagi\.", small)


def test_labels_do_not_run_into_one_another(jaten):
    page = page_of(picture(jaten, format="pdf", width_mm=90, height_mm=70))
    boxes = [shapely.box(*word[:4]).buffer(-1.5) for word in page.get_text("words") if word[0] < page.rect.width * 0.6]
    assert len(boxes) > 10
    assert not any(a.intersects(b) for a, b in combinations(boxes, 2))


def test_labels_may_be_given_and_never_name_people(jaten):
    key = jaten.units.index[0]
    said = words(page_of(picture(jaten, labels={key: "Lokasi A"}, format="pdf")))
    assert "Lokasi A" in said
    assert "RT 002" not in said
    with pytest.raises(OutputError, match="pemilik"):
        picture(invented(), labels="pemilik")


@pytest.mark.parametrize("name", [*HOSTILE, *MARKUP])
def test_names_are_drawn_as_they_were_written(name):
    village = invented()
    village.units["rt_rw"] = name
    page = page_of(picture(village, format="pdf", width_mm=200, height_mm=200))
    shown = re.sub(r"\s", "", page.get_text())
    assert re.sub(r"\s", "", name)[:8] in shown
    assert not page.get_links()


def test_units_without_a_shape_are_counted_and_no_shape_at_all_is_said():
    village = invented()
    village.units.loc[village.units.index[:2], "geometry"] = None
    assert text("sheets.no_shape", n="2") in words(page_of(picture(village, format="pdf")))
    village.units["geometry"] = gpd.GeoSeries([None] * 12, village.units.index, crs=village.units.crs)
    assert text("sheets.no_units")[:20] in words(page_of(picture(village, format="pdf")))


def test_what_is_asked_for_wrongly_is_said_with_what_is_right():
    village = invented()
    for wrong in ({"theme": "warna"}, {"format": "gif"}, {"width_mm": 10}, {"labels": "tidak-ada"}):
        with pytest.raises(OutputError, match=re.escape(str(next(iter(wrong.values()))))) as said:
            picture(village, **wrong)
        assert [problem.code for problem in said.value.problems] == ["sheet_option"]


@pytest.mark.parametrize(
    ("metres", "paper", "scale"),
    [(750, 290, 3000), (1000, 400, 2500), (1000, 399, 3000), (50, 500, 100), (4900, 500, 10000), (0, 100, 100)],
)
def test_scales_are_round_and_as_large_as_the_paper_allows(metres, paper, scale):
    assert round_scale((0, 0, metres, metres / 2), paper, paper) == scale


def test_a_rule_of_2016_has_a_legend_of_its_own(tmp_path):
    square = gpd.GeoDataFrame({"kode": ["01"]}, geometry=[shapely.box(490000, 9162000, 490100, 9162100)], crs=32749)
    table = pd.DataFrame({"kode": ["01"], "luas_ha": [1.0], "kk": [40], "6c_volume": [40]})
    result = kg.assess(rt=square, baseline=table, rules="permen-02-2016")
    assert "6c" in words(page_of(picture(result, theme="score:6c", format="pdf")))
