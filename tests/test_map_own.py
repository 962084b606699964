"""A planner's own data on the map: any shapes and coordinates, readable classes, only the columns that he named."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from browsing import SIZES
from invented_village import CRS, corner, invented
from shapely.geometry import GeometryCollection, LineString, MultiPoint, Point, Polygon, box
from unpacking import data_of, inflated, shapes_of

from kumuhgis import maps
from kumuhgis.errors import LayerError
from kumuhgis.text import text


@pytest.fixture(scope="module")
def village():
    return invented()


POINT, LINE, POLYGON = 0, 1, 2


def health_posts(**columns):
    """Twelve points at corners of RT."""
    places = [Point(corner(c, r)) for c in range(4) for r in range(3)]
    return gpd.GeoDataFrame({"nama": [f"Posyandu {n}" for n in range(12)], **columns}, geometry=places, crs=CRS)


def own_of(m):
    return [data for data in data_of(m.get_root().render()) if str(data.get("id", "")).startswith("own-")]


def classes_of(m):
    (data,) = own_of(m)
    return [(c["label"], c["count"]) for c in data["classes"]]


def codes(error):
    return [p.code for p in error.value.problems]


# ---------------------------------------------------------------- what is drawn


def test_one_call_draws_any_shapes_of_any_coordinate_system(village):
    x, y = corner(0, 0)
    shapes = [
        Point(x, y), MultiPoint([(x, y), (x + 9, y)]), LineString([(x, y), (x + 50, y)]), box(x, y, x + 9, y + 9),
        GeometryCollection([Point(x, y), box(x, y, x + 5, y + 5)]), Polygon([(x, y, 7), (x + 9, y, 7), (x, y + 9, 7)]),
        None, Polygon(),
    ]  # fmt: skip
    mixed = gpd.GeoDataFrame({"jenis": list("abcdefgh")}, geometry=shapes, crs=CRS)
    drawn = []
    for crs in (CRS, 4326, 3857, 23835):
        m = maps.village_map(village)
        assert maps.add_layer(mixed.to_crs(crs), "Usulan", m=m) is m
        (data,) = own_of(m)
        assert data["shapes"]["parts"].tolist() == [1, 2, 1, 1, 2, 1]
        assert data["shapes"]["kinds"].tolist() == [POINT, POINT, POINT, LINE, POLYGON, POINT, POLYGON, POLYGON]
        drawn.append(shapes_of(data["shapes"])[0][0][0])
    assert np.ptp(np.array(drawn), axis=0).max() <= 2, "millionths of a degree"
    assert classes_of(m) == [("Usulan", 6)]


def test_it_makes_a_map_of_its_own_and_counts_its_layers():
    m = maps.add_layer(health_posts(), {"id": "Posyandu", "en": "Health post"}, lang="en")
    maps.add_layer(health_posts(), "Usulan", m=m)
    assert [(data["id"], data["name"]) for data in own_of(m)] == [("own-1", "Health post"), ("own-2", "Usulan")]


def test_words_become_classes_the_most_frequent_first():
    frame = health_posts(jenis=["b"] * 5 + ["a"] * 4 + ["c ", "c", None])
    assert classes_of(maps.add_layer(frame, "x", column="jenis")) == [
        ("b", 5),
        ("a", 4),
        ("c", 2),
        ("tidak tercatat", 1),
    ]
    frame["jenis"] = pd.Categorical(["rendah", "tinggi", "sedang"] * 4, ["rendah", "sedang", "tinggi", "tak ada"])
    made = classes_of(maps.add_layer(frame, "x", column="jenis"))
    assert made == [("rendah", 4), ("sedang", 4), ("tinggi", 4)], "a Categorical keeps its order"
    frame["aktif"] = pd.array([True, False, None] * 4, "boolean")
    assert dict(classes_of(maps.add_layer(frame, "x", column="aktif"))) == {"ya": 4, "tidak": 4, "tidak tercatat": 4}


def test_many_words_end_in_one_class():
    frame = pd.concat([health_posts()] * 2, ignore_index=True)
    frame["jenis"] = [f"jenis {n:02d}" for n in range(24)]
    made = classes_of(maps.add_layer(frame, "x", column="jenis"))
    assert len(made) == 12 and made[-1] == (text("maps.own.others", n=13), 13)


def test_numbers_become_classes_with_round_limits():
    frame = health_posts(kk=[3, 11, 19, 27, 35, 43, 51, 59, 67, 75, 83, np.nan])
    made = classes_of(maps.add_layer(frame, "x", column="kk", breaks=4))
    assert [label for label, _ in made] == [
        "di bawah 23", "23 sampai di bawah 43", "43 sampai di bawah 63", "63 ke atas", "tidak tercatat",
    ]  # fmt: skip
    assert [count for _, count in made] == [3, 2, 3, 3, 1]
    made = classes_of(maps.add_layer(frame, "x", column="kk", breaks=[0.5, 40], lang="en"))
    assert made == [("0.5 to below 40", 5), ("40 and more", 6), ("not recorded", 1)]
    same = classes_of(maps.add_layer(frame.assign(kk=7), "x", column="kk"))
    assert same == [(text("maps.own.all"), 12)]
    few = classes_of(maps.add_layer(frame.assign(kk=[0] * 11 + [1]), "x", column="kk"))
    assert sum(count for _, count in few) == 12


def test_colours_are_ours_or_the_planners():
    frame = health_posts(jenis=["a", "b", "c"] * 4)
    for given, wanted in (
        ("teal", ["teal"] * 3),
        (["#111", "#222222"], ["#111", "#222222", "#111"]),
        ({"b": "red"}, ["#b9b6af", "red", "#b9b6af"]),
    ):
        (data,) = own_of(maps.add_layer(frame, "x", column="jenis", colours=given))
        assert [c["fill"] for c in data["classes"]] == wanted


def test_the_frame_is_left_as_it_was():
    frame = health_posts(jenis=["a", "b", "c"] * 4)
    before = frame.copy(deep=True)
    maps.add_layer(frame, "x", column="jenis", columns=["nama"], labels="nama")
    pd.testing.assert_frame_equal(frame, before)


# ---------------------------------------------------------------- what is wrong


def test_everything_that_is_wrong_is_said_at_once():
    frame = health_posts(jenis="a", NIK="1").set_crs(None, allow_override=True)
    with pytest.raises(LayerError) as error:
        maps.add_layer(frame, "Posyandu", column="tipe", columns=["NIK", "nama"], colours=["merah!"], breaks=[3, 1])
    assert codes(error) == [
        "own_layer_no_crs", "own_column_unknown", "own_column_personal", "own_colour_unknown", "own_breaks_unusable",
    ]  # fmt: skip
    assert "nama, jenis" in str(error.value) and str(error.value).startswith("Posyandu")
    with pytest.raises(LayerError, match="border") as error:
        maps.add_layer(health_posts(), "x", group="lain")
    assert codes(error) == ["own_group_unknown"]
    with pytest.raises(LayerError, match="GeoDataFrame") as error:
        maps.add_layer(pd.DataFrame({"a": [1]}), "x")
    assert codes(error) == ["own_layer_not_map"]
    with pytest.raises(LayerError) as error:
        maps.add_layer(health_posts().iloc[:0], "x", lang="en")
    assert codes(error) == ["layer_empty"]


# ---------------------------------------------------------------- people


def test_only_the_columns_that_were_named_enter_the_page():
    frame = health_posts(kader="Bu Sri", catatan="buka Senin", telp="0812 3456 7890")
    page = inflated(maps.add_layer(frame, "Posyandu", columns="nama").get_root().render())
    assert "Posyandu 3" in page
    for private in ("Bu Sri", "buka Senin", "0812"):
        assert private not in page


def test_numbers_of_people_are_hidden_in_every_text():
    note = "hub. 0812-3456-7890, NIK 3313110504800001, sri@contoh.id, KK 3313 1105 0480 0001"
    frame = health_posts(catatan=note, nomor=3313110504800001)
    m = maps.add_layer(frame, "Posyandu", column="catatan", columns=["catatan", "nomor"], labels="catatan")
    page = inflated(m.get_root().render())
    for private in ("0812", "33131105", "sri@", "0480"):
        assert private not in page
    assert "hub. •••, NIK •••, •••, KK •••" in page


def test_a_personal_column_enters_when_it_is_named_twice():
    frame = health_posts(telepon="0812 3456 7890", alamat="Jalan Melati 3")
    with pytest.raises(LayerError) as error:
        maps.add_layer(frame, "Posyandu", columns=["telepon"], labels="alamat")
    assert codes(error) == ["own_column_personal"] * 2
    page = inflated(maps.add_layer(frame, "Posyandu", columns=["telepon"], personal=["telepon"]).get_root().render())
    assert "0812 3456 7890" in page and "Melati" not in page


# ---------------------------------------------------------------- in a browser


def drawn(village, **how):
    frame = health_posts(kader=range(3, 15), aktif=[True, False] * 6, catatan=["<b>Senin</b>", None] * 6)
    columns = {"kader": "Banyak kader", "aktif": "Aktif", "catatan": "Catatan"}
    m = maps.village_map(village, **how)
    return maps.add_layer(frame, "Posyandu", m=m, column="kader", columns=columns, labels="nama", **how)


@pytest.mark.parametrize("size", SIZES)
def test_a_click_tells_the_columns_and_the_legend_counts(village, show, shots, size):
    page = show(drawn(village), size)
    page.wait_for_timeout(400)
    paths = page.locator(".leaflet-kg-own-1-pane path")
    assert paths.count() == 12
    paths.nth(4).dispatch_event("click")
    page.wait_for_timeout(300)
    told = page.locator(".kg-own").inner_text()
    for part in ("Posyandu 4", "Banyak kader", "7", "Aktif", "ya", "<b>Senin</b>"):
        assert part in told
    assert page.locator(".kg-card").count() == 0
    page.screenshot(path=shots / f"own-{size}.png")
    rows = page.locator(".kg-layer:has(input[data-layer=own-1]) li")
    assert rows.count() == 5
    assert sum(int(row.locator("small").text_content()) for row in rows.all()) == 12
    assert text("maps.group.own") in page.locator(".kg-panel-body").text_content()
    page.locator("input[data-layer=own-1]").evaluate("e => e.click()")
    assert paths.count() == 0 and page.locator(".kg-own-name").count() == 0


def test_the_keyboard_reaches_the_features(village, show):
    page = show(drawn(village, lang="en"))
    page.wait_for_timeout(400)
    page.locator(".leaflet-kg-own-1-pane path").nth(2).focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert "Posyandu 2" in page.locator(".kg-own").inner_text()
    assert page.locator(".kg-own-name").count() > 6


def test_many_features_are_painted_and_still_answer_a_click(village, show, shots):
    x, y = corner(0, 0)
    squares = [
        box(x + 8 * (n % 60), y + 8 * (n // 60), x + 8 * (n % 60) + 5, y + 8 * (n // 60) + 5) for n in range(1800)
    ]
    frame = gpd.GeoDataFrame({"nomor": range(1800)}, geometry=squares, crs=CRS)
    page = show(maps.add_layer(frame, "Kapling", column="nomor", columns=["nomor"]))
    page.wait_for_timeout(400)
    assert page.locator(".leaflet-kg-own-1-pane path").count() == 0
    middle = page.evaluate("""() => { const m = Object.values(window).find(v => v instanceof L.Map);
        let found; m.eachLayer(l => { if (l.feature && l.feature.properties.p[0] === 900) found = l; });
        return m.latLngToContainerPoint(found.getBounds().getCenter()); }""")
    page.mouse.click(middle["x"], middle["y"])
    page.wait_for_timeout(300)
    assert "900" in page.locator(".kg-own").inner_text()
    page.screenshot(path=shots / "own-many.png")
