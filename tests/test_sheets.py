"""The printed village map: what Perka BIG 3/2016 asks for is on it, and a ruler laid on it tells the truth."""

import re
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from invented_village import HOSTILE, invented
from printing import MM, bar_of, drawn, opened, scale_of, size_of, words
from pypdf import PdfReader
from pyproj import Geod, Transformer
from rasterio.errors import NotGeoreferencedWarning

import kumuhgis as kg
from kumuhgis.errors import OutputError
from kumuhgis.sample import sample_folder
from kumuhgis.sheets.frames import PAPERS, round_scale, tiles
from kumuhgis.sheets.graticule import angle, crs_lines
from kumuhgis.text import text


@pytest.fixture(scope="module")
def jaten():
    return kg.assess(kg.load_sample("jaten"))


@pytest.fixture(scope="module")
def printed(jaten, tmp_path_factory):
    return kg.write(jaten, tmp_path_factory.mktemp("cetak") / "peta desa.pdf", kind="sheet", maker="Pemdes Jaten")


@pytest.fixture(scope="module")
def page(printed):
    return opened(printed)[0]


def test_everything_that_the_regulation_asks_for_is_on_the_sheet(page):
    """Perka BIG 3/2016: title, number, north, scale, edition, year, index, projection, maker, legend, sources."""
    said = words(page)
    for item in (
        "PETA KEKUMUHAN DESA JATEN", "Nomor lembar: 33.13.11.2003 – 1/1", "Skala 1 : ", "Edisi: I", "Tahun data: 2026",
        "Petunjuk letak peta", "Proyeksi: Transverse Mercator", "UTM zona 49S", "Datum: WGS 84", "Pemdes Jaten",
        "Legenda", "Sumber data dan riwayat", "DATA CONTOH",
    ):  # fmt: skip
        assert item in said, item
    assert " U " in said  # north
    for rule in ("Permen PUPR 14/PRT/M/2018", "means=plain", "peta.gpkg", "f5753673a206", "Tanggal survei: 2026-03-15"):
        assert rule in said, rule


def test_the_bar_scale_is_as_long_as_it_says(page):
    metres, paper = bar_of(page)
    assert metres / paper == pytest.approx(scale_of(page), rel=0.005)


def test_a_distance_on_the_paper_is_the_distance_on_the_ground(jaten, page):
    """The outermost corners of the RT, found on the page, against the ellipsoid: within half a percent."""
    borders = [
        each for each in drawn(page) if each["color"] and np.allclose(each["color"], (0.231, 0.208, 0.173), atol=0.01)
    ]
    largest = max(borders, key=lambda each: each["rect"].width * each["rect"].height)["rect"]
    west, south, east, north = jaten.units.total_bounds
    degrees = Transformer.from_crs(jaten.units.crs, 4326, always_xy=True)
    line = Geod(ellps="WGS84")
    across = line.inv(*degrees.transform(west, south), *degrees.transform(east, south))[2]
    along = line.inv(*degrees.transform(west, south), *degrees.transform(west, north))[2]
    scale = scale_of(page)
    edge = 0.28 / MM  # the rectangle of a line counts its width
    assert (largest.width - edge) * MM / 1000 * scale == pytest.approx(across, rel=0.005)
    assert (largest.height - edge) * MM / 1000 * scale == pytest.approx(along, rel=0.005)


def test_the_grid_stands_where_its_figures_say(jaten, page):
    """Two figures of the grid below the map, a known number of metres apart."""
    found = [w for w in page.get_text("words") if re.fullmatch(r"48[89]\.\d00", w[4]) and w[3] > page.rect.height * 0.8]
    places = sorted(((w[0] + w[2]) / 2, int(w[4].replace(".", ""))) for w in found)
    (x0, east0), (x1, east1) = places[0], places[-1]
    assert (east1 - east0) / ((x1 - x0) * MM / 1000) == pytest.approx(scale_of(page), rel=0.005)


def test_letters_are_letters_of_fonts_that_travel_with_the_file(printed):
    fonts = PdfReader(printed).pages[0]["/Resources"]["/Font"]
    assert len(fonts)
    for font in fonts.values():
        inner = font["/DescendantFonts"][0] if "/DescendantFonts" in font else font
        assert {"/FontFile2", "/FontFile", "/FontFile3"} & set(inner["/FontDescriptor"])


def test_nothing_is_outside_the_margin_that_printers_need(page):
    margin = 9.5 / MM
    edges = (margin, margin, -margin, -margin)
    inside = page.rect + edges
    assert all(inside.contains(each["rect"]) for each in drawn(page) if each["rect"] != page.rect)
    assert all(inside.contains(word[:4]) for word in page.get_text("words"))


def test_the_file_says_of_itself_what_it_was_made_of_and_never_the_time(printed):
    said = PdfReader(printed).metadata
    assert "sha256" in said["/Subject"]
    assert "/CreationDate" not in said


@pytest.mark.parametrize(("paper", "landscape"), [("A4", True), ("A4", False), ("A2", False), ("A1", True)])
def test_papers_have_their_size_and_keep_the_essence(tmp_path, paper, landscape):
    path = kg.write(invented(), tmp_path / "a.pdf", kind="sheet", paper=paper, landscape=landscape)
    found = opened(path)[0]
    sides = PAPERS[paper] if landscape else PAPERS[paper][::-1]
    assert size_of(found) == pytest.approx(sides, abs=0.01)
    said = words(found)
    for item in ("Nomor lembar", "Skala 1 :", "UTM", "Petunjuk letak peta", "Legenda", "Sumber data", "batas RT"):
        assert item in said
    metres, length = bar_of(found)
    assert metres / length == pytest.approx(scale_of(found), rel=0.005)


def test_a_village_that_does_not_fit_becomes_several_sheets_that_hold_every_rt(jaten, tmp_path):
    path = kg.write(jaten, tmp_path / "a.pdf", kind="sheet", paper="A4", scale=2000, layers=())
    pages = opened(path)
    assert len(pages) > 1
    said = [words(each) for each in pages]
    for n, each in enumerate(pages, 1):
        assert f"{n}/{len(pages)}" in said[n - 1]
        assert scale_of(each) == 2000
        metres, length = bar_of(each)
        assert metres / length == pytest.approx(2000, rel=0.005)
    for name in jaten.units["rt_rw"]:
        rt, rw = re.findall(r"\d+", name)
        assert any(f"RT {rt} RW {rw}" in each or f"{int(rt)}/{int(rw)}" in each for each in said), name


def test_one_sheet_of_several_can_be_had_alone(jaten, tmp_path):
    path = kg.write(jaten, tmp_path / "a.pdf", kind="sheet", paper="A4", scale=2000, sheets=[2], layers=())
    pages = opened(path)
    assert len(pages) == 1
    assert "2/" in words(pages[0])
    with pytest.raises(OutputError) as said:
        kg.write(jaten, tmp_path / "a.png", kind="sheet", paper="A4", scale=2000)
    assert [problem.code for problem in said.value.problems] == ["sheet_several"]
    assert not (tmp_path / "a.png").exists()


@pytest.mark.parametrize(("scale", "overlap"), [(1000, 15), (1500, 15), (2500, 15)])
def test_sheets_cover_the_ground_and_overlap(scale, overlap):
    bounds, frame = (0.0, 0.0, 730.0, 410.0), (10, 10, 180, 160)
    views = tiles(bounds, frame, scale, np.array([shapely.box(*bounds)]))
    assert shapely.union_all([view.box for view in views]).contains(shapely.box(*bounds))
    for a, b in pairwise(views):
        if a.south == b.south:
            assert (a.east - b.west) * 1000 / scale >= overlap - 1e-6
    if round_scale(bounds, 180, 160) <= scale:
        assert len(views) == 1


def test_a_photo_lies_beneath_at_its_place(jaten, tmp_path):
    photo = sample_folder("jaten") / "orto.tif"
    plain, under = (
        kg.write(
            jaten, tmp_path / f"{n}.png", kind="sheet", paper="A4", dpi=60, orthophoto=path, layers=(), labels=None
        )
        for n, path in enumerate((None, photo))
    )
    assert under.stat().st_size > 1.5 * plain.stat().st_size
    pdf = kg.write(jaten, tmp_path / "a.pdf", kind="sheet", paper="A4", dpi=60, orthophoto=photo)
    page = opened(pdf)[0]
    assert len(page.get_images()) >= 1
    assert "orto.tif" in words(page)


def test_a_photo_that_cannot_be_used_is_named(tmp_path):
    village = invented()
    nowhere = tmp_path / "foto.tif"
    how = {"driver": "GTiff", "width": 4, "height": 4, "count": 3, "dtype": "uint8"}
    with pytest.warns(NotGeoreferencedWarning), rasterio.open(nowhere, "w", **how) as file:
        file.write(np.zeros((3, 4, 4), "uint8"))
    broken = tmp_path / "rusak.tif"
    broken.write_bytes(b"II*\0 rusak")
    for path in (nowhere, broken, tmp_path / "tidak-ada.tif"):
        with pytest.raises(OutputError, match=re.escape(path.name)):
            kg.write(village, tmp_path / "a.pdf", kind="sheet", orthophoto=path)


def test_a_logo_is_drawn_and_one_that_is_none_is_refused(tmp_path):
    from PIL import Image

    logo = tmp_path / "logo.png"
    Image.new("RGBA", (60, 80), (10, 90, 50, 255)).save(logo)
    page = opened(kg.write(invented(), tmp_path / "a.pdf", kind="sheet", logo=logo, maker="Dinas\nPerumahan"))[0]
    assert len(page.get_images()) == 1
    assert text("sheets.maker_box") not in words(page)
    (tmp_path / "bukan.png").write_text("<svg/>")
    with pytest.raises(OutputError, match=r"bukan\.png"):
        kg.write(invented(), tmp_path / "b.pdf", kind="sheet", logo=tmp_path / "bukan.png")


@pytest.mark.parametrize(
    "wrong", [{"theme": "warna"}, {"paper": "A5"}, {"scale": 0}, {"scale": 11}, {"scale": "besar"}, {"sheets": [9]}]
)
def test_what_is_asked_for_wrongly_is_said_with_what_is_right(wrong, tmp_path):
    with pytest.raises(OutputError) as said:
        kg.write(invented(), tmp_path / "a.pdf", kind="sheet", paper=wrong.get("paper", "A4"), **_without_paper(wrong))
    assert [problem.code for problem in said.value.problems] == ["sheet_option"]


def _without_paper(given):
    return {key: value for key, value in given.items() if key != "paper"}


def test_without_any_boundary_there_is_nothing_to_print(tmp_path):
    village = invented()
    village.units["geometry"] = gpd.GeoSeries([None] * 12, village.units.index, crs=village.units.crs)
    for kind in ("sheet", "worksheet"):
        with pytest.raises(OutputError) as said:
            kg.write(village, tmp_path / "a.pdf", kind=kind)
        assert [problem.code for problem in said.value.problems] == ["sheet_no_shapes"]


def test_hostile_names_are_letters_and_stay_in_their_boxes(tmp_path):
    village = invented(hostile=True)
    village.units.loc[village.units.index[6:9], "rt_rw"] = [
        "=cmd|'/c calc'!A1",
        r"$\frac{1}{0}$ #strong[x] @ref",
        "x" * 200,
    ]
    village.provenance.update(name="A" * 300, desa=r"$x_1$ " + HOSTILE[1])
    path = kg.write(village, tmp_path / "a.pdf", kind="sheet", maker=HOSTILE[3] * 3, edition="{0}", street_names=True)
    page = opened(path)[0]
    said = words(page)
    assert "$X_1$" in said
    assert "calc" in said
    assert all(page.rect.contains(word[:4]) for word in page.get_text("words"))
    assert not page.get_links()


def test_labels_that_find_no_place_are_counted(tmp_path):
    village = invented()
    village.units["rt_rw"] = "Lingkungan Permai Indah Sejahtera"
    said = words(opened(kg.write(village, tmp_path / "a.pdf", kind="sheet", paper="A4", scale=20_000))[0])
    assert text("sheets.no_label", n="12") in said
    assert "terlalu halus" in said


def test_an_rt_without_a_boundary_is_said(tmp_path):
    result = kg.assess(kg.load_sample("brujul"))
    assert result.units.geometry.isna().sum() == 1
    said = words(opened(kg.write(result, tmp_path / "a.pdf", kind="sheet", layers=()))[0])
    assert text("sheets.no_shape", n="1") in said


def test_english_and_the_older_rule(tmp_path):
    square = gpd.GeoDataFrame({"kode": ["01"]}, geometry=[shapely.box(490000, 9162000, 490100, 9162100)], crs=32749)
    table = pd.DataFrame({"kode": ["01"], "luas_ha": [1.0], "kk": [40], "6c_volume": [40]})
    result = kg.assess(rt=square, baseline=table, rules="permen-02-2016", lang="en")
    said = words(opened(kg.write(result, tmp_path / "a.pdf", kind="sheet", theme="score:6c", lang="en"))[0])
    for item in ("SLUM MAP", "Sheet number", "Scale 1 : ", "UTM zone 49S", "Legend", "Sources and history", "6c"):
        assert item in said
    assert "SAMPLE DATA" not in said


def test_the_same_result_gives_the_same_file(tmp_path):
    paths = [kg.write(invented(), tmp_path / f"{n}.pdf", kind="sheet", paper="A4") for n in (1, 2)]
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize(
    ("value", "sides", "said"),
    [(-7.57398, "ns", "7°34′26,3″ LS"), (110.9, "ew", "110°54′00,0″ BT"), (0.99999999, "ns", "1°00′00,0″ LU")],
)
def test_angles_are_written_as_on_indonesian_maps(value, sides, said):
    assert angle(value, sides) == said


def test_datums_are_named(jaten):
    assert dict(crs_lines(jaten.units.crs))["Datum"].startswith("WGS 84")
    assert dict(crs_lines(jaten.units.to_crs(9489).crs))["Datum"] == "SRGI2013"
    assert "EPSG:9489" in dict(crs_lines(jaten.units.to_crs(9489).crs))["Sistem grid"]


# ---------------------------------------------------------------- the working sheet


def test_the_working_sheet_names_cells_and_shows_no_score(jaten, tmp_path):
    page = opened(kg.write(jaten, tmp_path / "a.pdf", kind="worksheet", paper="A3"))[0]
    said = words(page)
    for item in (
        "LEMBAR KERJA PEMETAAN SWADAYA",
        "DATA CONTOH",
        "B3",
        "Legenda gambar warga",
        "Tanggal",
        "RT 001",
        "NIK",
    ):
        assert item in said
    for level in ("kumuh ringan", "kumuh sedang", "Prioritas"):
        assert level not in said
    metres, length = bar_of(page)
    assert metres / length == pytest.approx(scale_of(page), rel=0.005)


def test_a_cell_has_the_same_name_on_every_sheet(jaten, tmp_path):
    pages = opened(kg.write(jaten, tmp_path / "a.pdf", kind="worksheet", paper="A4", scale=3000, cell_m=100))
    assert len(pages) > 1
    seen = [{w[4] for w in each.get_text("words") if re.fullmatch(r"[A-Z]\d+", w[4])} for each in pages]
    assert seen[0] & seen[1]  # they overlap
    assert set.union(*seen) > seen[0]
    with pytest.raises(OutputError, match="cell_m"):
        kg.write(jaten, tmp_path / "b.pdf", kind="worksheet", paper="A4", scale=3000, cell_m=1)
