"""Residents answer on the map: they draw, say what it is, and see their words beside the numbers."""

import json
import re

import geopandas as gpd
import pytest
from browsing import SIZES, open_unit
from invented_village import HOSTILE, invented
from shapely.geometry import shape

from kumuhgis import maps
from kumuhgis.maps.answers import KINDS
from kumuhgis.participate import contradictions, read_contributions
from kumuhgis.text import text

RING = [(620, 410), (760, 420), (740, 560), (610, 540)]
"""Corners on the screen within RT 03/RW 02, which 4a = 3."""


@pytest.fixture(scope="module")
def village():
    return invented()


@pytest.fixture(scope="module")
def page_text(village):
    return maps.village_map(village).get_root().render()


def begin(page, kind, tap=False):
    if not page.locator(".kg-talk").count():
        (page.tap if tap else page.click)("[data-tool=answers]")
    (page.tap if tap else page.click)(f"[data-shape={kind}]")


def draw(page, kind, corners, tap=False):
    """Draw a shape; the form of the answer is open then."""
    begin(page, kind, tap)
    for x, y in corners:
        page.touchscreen.tap(x, y) if tap else page.mouse.click(x, y)
        page.wait_for_timeout(350 if tap else 60)
    if kind != "point":
        button = page.locator(".kg-talk .kg-main")
        button.tap() if tap else button.click()
    page.wait_for_selector(".kg-form")


def fill(page, words, *, kind=None, criterion=None, group=None):
    page.fill(".kg-form textarea", words)
    if kind:
        page.check(f".kg-form input[value='{kind}']")
    if criterion:
        page.select_option(".kg-form select", criterion)
    if group is not None:
        page.fill(".kg-form input[type=text]", group)


def save(page):
    page.locator(".kg-form .kg-main").click()
    page.wait_for_selector(".kg-shapes")


def stored(page):
    """The answers that the browser keeps."""
    kept = page.evaluate("Object.keys(localStorage).filter(k => k !== 'kumuhgis:device').map(k => localStorage[k])")
    return json.loads(kept[0])["features"] if kept else []


def download(page, folder):
    with page.expect_download() as found:
        page.locator(".kg-files .kg-main").click()
    path = folder / found.value.suggested_filename
    found.value.save_as(path)
    return path


def reopened(page):
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.click("[data-tool=answers]")


def a_file(path, *features, **whole):
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **whole}), "utf-8")
    return path


def an_answer(key="11111111-2222-4333-8444-555555555555", at=(110.9035, -7.5722), **own):
    made = {"kind": "usulan", "text": "Taman", "made": "2026-11-20T08:00:00+07:00", "schema": 1, "id": key}
    return {
        "type": "Feature", "id": key, "geometry": {"type": "Point", "coordinates": list(at)},
        "properties": {**made, "changed": made["made"], **own},
    }  # fmt: skip


def give(page, *paths):
    page.set_input_files(".kg-files input[type=file]", [str(path) for path in paths])
    page.wait_for_selector(".kg-talk [role=status]")
    return page.locator(".kg-talk [role=status]").inner_text()


# ---------------------------------------------------------------- draw and say


@pytest.mark.parametrize(
    "kind, corners, found",
    [("point", RING[:1], "Point"), ("line", RING[:3], "LineString"), ("area", RING, "Polygon")],
)
def test_draw_then_the_form_then_the_file(show, page_text, village, tmp_path, kind, corners, found):
    page = show(page_text)
    draw(page, kind, corners)
    assert page.locator(".kg-form-unit").inner_text() == "Terletak di RT 03/RW 02"
    fill(page, "Banjir 40 cm", kind="potensi", criterion="4a", group="PKK RT 03")
    save(page)
    assert page.locator("[data-tool=answers]").inner_text() == "1"
    path = download(page, tmp_path)
    assert re.fullmatch(r"tanggapan-jaten-\d{4}-\d\d-\d\d-[0-9a-f]{4}\.geojson", path.name)
    (feature,) = json.loads(path.read_text("utf-8"))["features"]
    assert feature["geometry"]["type"] == found and shape(feature["geometry"]).is_valid
    own = feature["properties"]
    assert own["id"] == feature["id"] and re.fullmatch(r"[0-9a-f-]{36}", own["id"])
    said = [own[name] for name in ("kind", "criterion", "text", "group", "unit", "schema")]
    assert said == ["potensi", "4a", "Banjir 40 cm", "PKK RT 03", village.units.index[6], 1]
    assert own["map"] == {"title": "Peta kekumuhan Desa Jaten", "rule": "permen-14-2018", "date": "2026-03-15"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d", own["made"])
    assert own["changed"] >= own["made"] and len(own["device"]) == 36


def test_what_is_drawn_lies_where_it_was_drawn(show, page_text, village):
    page = show(page_text)
    page.wait_for_timeout(300)
    middle = page.locator(f"path[data-unit='{village.units.index[6]}']").bounding_box()
    draw(page, "point", [(middle["x"] + middle["width"] / 2, middle["y"] + middle["height"] / 2)])
    (feature,) = stored(page)
    west, south, east, north = village.units.to_crs(4326).geometry.iloc[6].bounds
    x, y = feature["geometry"]["coordinates"]
    assert abs(x - (west + east) / 2) < 2e-5 and abs(y - (south + north) / 2) < 2e-5


@pytest.mark.parametrize("size", SIZES)
def test_the_form_at_every_size(show, page_text, shots, size):
    page = show(page_text, size)
    tap = size == "phone"
    corners = [(100, 300), (220, 310), (210, 400)] if tap else [(420, 400), (560, 420), (500, 520)]
    begin(page, "area", tap)
    for x, y in corners:
        page.touchscreen.tap(x, y) if tap else page.mouse.click(x, y)
        page.wait_for_timeout(350)
    assert page.locator(".kg-card").count() == 0
    page.screenshot(path=shots / f"answers-drawing-{size}.png")
    page.locator(".kg-talk .kg-main").click()
    fill(page, "Genangan", criterion="4a")
    page.screenshot(path=shots / f"answers-form-{size}.png")
    for control in page.locator(".kg-form button, .kg-form select, .kg-form textarea, .kg-form label:has(input)").all():
        assert control.bounding_box()["height"] >= 36
    save(page)
    page.screenshot(path=shots / f"answers-list-{size}.png")
    panel, view = page.locator(".kg-talk").bounding_box(), page.viewport_size
    assert panel["x"] >= 0 and panel["x"] + panel["width"] <= view["width"]
    assert panel["y"] + panel["height"] <= view["height"] + 1
    assert page.evaluate("document.documentElement.scrollWidth") <= view["width"]
    assert len(stored(page)) == 1 and stored(page)[0]["geometry"]["type"] == "Polygon"


def test_drawing_wakes_geoman_only_when_somebody_draws(show, page_text):
    page = show(page_text)
    assert page.evaluate("typeof L.PM") == "undefined"
    draw(page, "line", RING[:2])
    assert page.evaluate("typeof L.PM") == "object"
    assert page.evaluate("Object.values(window).find(v => v && v.kumuhgis && v.getPane).kumuhgis.busy") is None


def test_corners_are_taken_back_and_a_shape_needs_enough_of_them(show, page_text):
    page = show(page_text)
    begin(page, "area")
    finish, undo = page.locator(".kg-talk .kg-main"), page.get_by_role("button", name=text("maps.answers.last_corner"))
    assert finish.is_disabled() and undo.is_disabled()
    for x, y in RING:
        page.mouse.click(x, y)
        page.wait_for_timeout(60)
    assert finish.is_enabled()
    undo.click()
    undo.click()
    assert finish.is_disabled()
    undo.click()
    undo.click()
    page.mouse.click(*RING[0])
    page.wait_for_timeout(60)
    assert undo.is_enabled(), "after the last corner is gone one can still draw"
    page.get_by_role("button", name="Batal").click()
    assert page.locator(".kg-shapes").is_visible() and stored(page) == []
    page.mouse.click(*RING[1])
    assert page.locator(".kg-card").is_visible(), "after drawing a click opens cards again"


def test_the_form_has_all_criteria_by_aspect_a_counter_and_a_limit(show, page_text):
    page = show(page_text)
    draw(page, "point", RING[:1])
    assert page.locator(".kg-form optgroup").count() == 7
    assert page.locator(".kg-form optgroup option").count() == 16
    page.locator(".kg-form textarea").focus()
    page.evaluate("document.querySelector('.kg-form textarea').value = 'x'.repeat(498)")
    page.keyboard.type("yyyyy")
    assert page.locator(".kg-count").inner_text() == "500 / 500"
    assert not page.locator(".kg-warn").filter(has_text="telepon").first.is_visible()
    page.fill(".kg-form textarea", "hubungi 0812-3456-7890")
    assert page.locator(".kg-warn").filter(has_text="telepon").first.is_visible()
    labels = page.locator(".kg-form").inner_text().lower()
    assert "nama kelompok saja, bukan nama orang" in labels


def test_groups_written_before_are_offered_and_the_last_is_filled_in(show, page_text):
    page = show(page_text)
    draw(page, "point", RING[:1])
    fill(page, "a", group="PKK RT 03")
    save(page)
    draw(page, "point", RING[1:2])
    assert page.input_value(".kg-form input[type=text]") == "PKK RT 03"
    assert page.locator("datalist option").get_attribute("value") == "PKK RT 03"


# ---------------------------------------------------------------- change, delete


def test_text_and_kind_are_changed_and_cancel_takes_it_back(show, page_text):
    page = show(page_text)
    draw(page, "point", RING[:1])
    fill(page, "lama")
    save(page)
    page.get_by_role("button", name="Ubah").click()
    fill(page, "baru", kind="usulan")
    assert stored(page)[0]["properties"]["text"] == "baru", "what is typed is kept at once"
    page.get_by_role("button", name="Batal").click()
    assert [stored(page)[0]["properties"][n] for n in ("text", "kind")] == ["lama", "masalah"]
    draw(page, "point", RING[1:2])
    page.get_by_role("button", name="Batal").click()
    assert len(stored(page)) == 1, "cancelling what was just drawn takes it away"


@pytest.mark.parametrize("kind", ["point", "area"])
def test_a_shape_is_changed_and_its_rt_with_it(show, page_text, kind, village):
    page = show(page_text)
    draw(page, kind, RING[:1] if kind == "point" else RING)
    before = stored(page)[0]
    page.get_by_role("button", name="Ubah bentuk").click()
    handle = page.locator(".kg-moving" if kind == "point" else ".marker-icon:not(.marker-icon-middle)").first
    place = handle.bounding_box()
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    page.mouse.down()
    page.mouse.move(620, 680, steps=8)
    page.mouse.up()
    page.locator(".kg-talk .kg-main").click()
    after = stored(page)[0]
    assert after["geometry"] != before["geometry"] and after["id"] == before["id"]
    if kind == "point":
        assert after["properties"]["unit"] == village.units.index[2]
    page.get_by_role("button", name="Ubah bentuk").click()
    page.get_by_role("button", name="Batal").click()
    assert stored(page)[0]["geometry"] == after["geometry"]
    assert page.locator(".marker-icon").count() == 0


def test_delete_can_be_undone(show, page_text):
    page = show(page_text)
    draw(page, "point", RING[:1])
    fill(page, "jangan hilang")
    save(page)
    page.locator(".kg-answers").get_by_role("button", name="Hapus").click()
    assert stored(page) == [] and page.locator(".kg-answer").count() == 0
    page.get_by_role("button", name="Urungkan").click()
    assert stored(page)[0]["properties"]["text"] == "jangan hilang"
    assert page.locator("[data-answer].kg-answer").count() == 1


def test_keyboard_and_marks_open_and_close(show, page_text):
    page = show(page_text)
    draw(page, "point", RING[:1])
    page.keyboard.type("ketik")
    page.keyboard.press("Escape")
    assert stored(page)[0]["properties"]["text"] == "ketik"
    assert page.locator(".kg-shapes").is_visible(), "back in the list, the keyboard still in the panel"
    page.keyboard.press("Escape")
    assert page.locator(".kg-talk").count() == 0
    mark = page.locator("[data-answer].kg-answer")
    mark.focus()
    page.keyboard.press("Enter")
    assert page.input_value(".kg-form textarea") == "ketik"
    assert mark.get_attribute("aria-label") == "masalah: ketik"


def test_the_list_zooms_to_an_answer(show, page_text):
    page = show(page_text)
    draw(page, "point", RING[:1])
    save(page)
    page.locator(".kg-answer-go").click()
    page.wait_for_timeout(300)
    frame = page.locator("[data-answer].kg-answer").bounding_box()
    assert frame["x"] > 380 and 0 < frame["y"] < 900
    assert page.locator(".leaflet-control-scale-line").inner_text() in ("20 m", "30 m")


# ---------------------------------------------------------------- kept, downloaded, opened again


def test_answers_survive_a_reload_and_leaving_warns_only_until_they_are_downloaded(show, page_text, tmp_path):
    page = show(page_text)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.click("[data-tool=home]")
    page.reload()
    assert asked == [], "nothing drawn, nothing asked"
    draw(page, "point", RING[:1])
    fill(page, "tetap ada")
    page.reload()
    assert asked == ["beforeunload"]
    page.click("[data-tool=answers]")
    assert page.locator(".kg-answers strong").inner_text() == "tetap ada"
    assert "1 tanggapan belum diunduh" in page.locator(".kg-files").inner_text()
    download(page, tmp_path)
    assert page.locator(".kg-files p").inner_text() == text("maps.answers.all_saved")
    page.reload()
    assert asked == ["beforeunload"]


def test_a_file_is_opened_again_without_doubles_and_the_later_version_wins(show, page_text, tmp_path):
    page = show(page_text)
    page.click("[data-tool=answers]")
    one = a_file(tmp_path / "1.geojson", an_answer(text="satu"))
    assert give(page, one) == "1.geojson: 1 baru, 0 diperbarui, 0 sudah ada."
    assert give(page, one) == "1.geojson: 0 baru, 0 diperbarui, 1 sudah ada."
    later = a_file(tmp_path / "2.geojson", an_answer(text="dua", changed="2026-11-20T08:30:00+07:00"))
    earlier = a_file(tmp_path / "3.geojson", an_answer(text="nol", changed="2026-11-20T08:30:00+08:00"))
    assert "1 diperbarui" in give(page, later)
    assert "1 sudah ada" in give(page, earlier)
    assert [f["properties"]["text"] for f in stored(page)] == ["dua"]
    assert page.locator(".kg-files p").inner_text() == text("maps.answers.all_saved")


REFUSED = {
    "broken": '{"type": "FeatureColl',
    "other": '{"type": "Feature"}',
    "none": json.dumps({"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": None}]}),
    "newer": json.dumps({"type": "FeatureCollection", "features": [an_answer(schema=2)]}),
    "elsewhere": json.dumps({"type": "FeatureCollection", "features": [an_answer(at=(107.6, -6.9))]}),
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_wrong_file_is_refused_with_a_sentence(show, page_text, tmp_path, why):
    page = show(page_text)
    page.click("[data-tool=answers]")
    (tmp_path / "salah.geojson").write_text(REFUSED[why], "utf-8")
    assert give(page, tmp_path / "salah.geojson") == text(f"maps.answers.refused.{why}", file="salah.geojson")
    assert stored(page) == []


def test_features_that_are_no_answers_are_counted(show, page_text, tmp_path):
    page = show(page_text)
    page.click("[data-tool=answers]")
    odd = [an_answer(key="ab"), an_answer(kind="gosip"), {"type": "Feature"}, None]
    odd.append({**an_answer(), "geometry": {"type": "Point", "coordinates": ["a", 1]}})
    said = give(page, a_file(tmp_path / "a.geojson", an_answer(), *odd))
    assert said == "a.geojson: 1 baru, 0 diperbarui, 0 sudah ada. 5 tidak dapat dibaca."


def test_a_file_dropped_on_the_map_is_read(show, page_text):
    page = show(page_text)
    content = json.dumps({"type": "FeatureCollection", "features": [an_answer()]})
    page.evaluate(
        """content => {
            const files = new DataTransfer();
            files.items.add(new File([content], "jatuh.geojson"));
            const drop = {dataTransfer: files, bubbles: true, cancelable: true};
            document.querySelector(".kg-map").dispatchEvent(new DragEvent("drop", drop));
        }""",
        content,
    )
    page.wait_for_selector(".kg-talk [role=status]")
    assert "1 baru" in page.locator(".kg-talk [role=status]").inner_text() and len(stored(page)) == 1


@pytest.mark.parametrize(
    "broken",
    [
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }});",
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };",
        "Storage.prototype.getItem = () => '{cut';",
    ],
)
def test_a_browser_that_keeps_nothing_says_so_and_goes_on(show, page_text, tmp_path, broken):
    page = show(page_text.replace("<head>", f"<head><script>{broken}</script>", 1))
    draw(page, "point", RING[:1])
    fill(page, "hanya di sini")
    save(page)
    told = page.locator(".kg-talk .kg-warn")
    assert told.count() == (0 if "cut" in broken else 1)
    (feature,) = json.loads(download(page, tmp_path).read_text("utf-8"))["features"]
    assert feature["properties"]["text"] == "hanya di sini"


def test_two_windows_of_one_map_do_not_take_each_others_answers(show, page_text):
    page = show(page_text)
    other = page.context.new_page()
    other.goto(page.url)
    draw(page, "point", RING[:1])
    draw(other, "point", RING[1:2])
    draw(page, "point", RING[2:3]) if page.locator(".kg-shapes").count() else save(page)
    assert len(stored(page)) == 2
    other.locator(".kg-form .kg-main").click()
    other.wait_for_timeout(200)
    assert other.locator(".kg-answers li").count() == 2


def test_maps_of_other_villages_rules_and_dates_have_their_own_answers(village):
    from types import SimpleNamespace

    from kumuhgis.rules import load_rules

    def key(**changed):
        provenance = {**village.provenance, **changed}
        rules = load_rules(changed.get("rule", village.rules.key))
        a = SimpleNamespace(**{**vars(village), "provenance": provenance, "rules": rules})
        page = maps.answers_layer(a, m=maps.base(a)).get_root().render()
        return re.search(r'"key":"([0-9a-f]{24})"', page)[1]

    keys = [
        key(),
        key(desa="Ngringo"),
        key(name="Lain"),
        key(dates={"survey": "2027-01-01"}),
        key(rule="permen-02-2016"),
    ]
    assert len(set(keys)) == 5 and key() == keys[0]


def test_without_answers_the_page_has_no_drawing(village, page_text):
    plain = maps.village_map(village, answers=False).get_root().render()
    assert "kumuhgis-geoman" not in plain and "kg.Talk" not in plain
    assert len(page_text) - len(plain) < 400_000


# ---------------------------------------------------------------- shown


def hostile_file(path, village):
    """Answers of every kind, with words that try to break the page, in the middle of the RT."""
    points = village.units.to_crs(village.units.crs).representative_point().to_crs(4326)
    kinds = [*list(KINDS)[:5], "lain"]
    features = [
        an_answer(f"{n}2345678-aaaa-4bbb-8ccc-dddddddddddd", (points.iloc[n].x, points.iloc[n].y), text=words,
                  group=words[:80], kind=kinds[n % 6], criterion=words[:80] if n == 2 else "")
        for n, words in enumerate([*HOSTILE, "banjir"])
    ]  # fmt: skip
    return a_file(path, *features)


@pytest.mark.parametrize("lang", ["id", "en"])
def test_words_of_residents_are_shown_as_typed_and_run_nothing(village, show, shots, tmp_path, lang):
    answers, _ = read_contributions(hostile_file(tmp_path / "a.geojson", village), assessment=village)
    page = show(maps.village_map(village, contributions=answers, lang=lang))
    marks = page.locator(".kg-answer:not([data-against])")
    assert marks.count() == 6
    seen = set()
    for mark in marks.all():
        mark.focus()
        page.keyboard.press("Enter")
        page.wait_for_timeout(400)
        seen.add(page.locator(".leaflet-popup .kg-words").text_content())
        page.keyboard.press("Escape")
    assert seen == {*(words.strip() for words in HOSTILE), "banjir"}
    for n, words in enumerate(HOSTILE):
        open_unit(page, village.units.index[n])
        assert words.strip() in page.locator(".kg-heard").text_content()
    page.screenshot(path=shots / f"contributions-hostile-{lang}.png")
    assert page.evaluate("window.ran") is None and page.locator("img[src=x]").count() == 0


def test_hostile_words_in_the_form_the_list_and_an_opened_file_run_nothing(show, page_text, tmp_path):
    page = show(page_text)
    for n, words in enumerate(HOSTILE):
        draw(page, "point", [(450 + 90 * n, 300)])
        fill(page, words.replace("\u2028", " "), group=words[:40])
        save(page)
    page.click("[data-tool=answers]")
    page.click("[data-tool=answers]")
    own = an_answer(text=HOSTILE[4], group=HOSTILE[1], criterion=HOSTILE[2], unit=HOSTILE[0], map={"title": HOSTILE[2]})
    give(page, a_file(tmp_path / "a.geojson", own))
    shown = " ".join(page.locator(".kg-answers strong").all_text_contents())
    for words in (*HOSTILE[:4], HOSTILE[4]):
        assert words in shown
    reopened(page)
    assert page.locator(".kg-answers li").count() == 6
    page.get_by_role("button", name=text("maps.answers.edit"), exact=True).first.click()
    assert page.evaluate("window.ran") is None and page.locator("img[src=x]").count() == 0


def test_kinds_differ_in_form_and_dash_not_only_in_colour():
    assert len({style["form"] for style in KINDS.values()}) == len(KINDS)
    assert len({style.get("dash") for style in KINDS.values()}) == len(KINDS)


def test_legend_of_answers_with_marks_counts_and_a_switch(village, show, tmp_path):
    answers, _ = read_contributions(hostile_file(tmp_path / "a.geojson", village), assessment=village)
    page = show(maps.village_map(village, contributions=answers))
    row = page.locator(".kg-layer:has(input[data-layer=contributions])")
    assert row.locator("li span").all_text_contents() == [
        "masalah", "potensi", "keberatan batas", "keberatan nilai", "usulan", "lainnya",
    ]  # fmt: skip
    assert len({path.get_attribute("d") for path in row.locator("li path").all()}) == 6
    row.locator("input").click()
    assert page.locator(".kg-answer:not([data-against])").count() == 0


def test_the_round_trip_ends_in_the_card_where_words_and_numbers_differ(village, show, page_text, shots, tmp_path):
    """Draw "banjir" in an RT whose 4a scores 0, download, read, and see it contradicted in its card."""
    page = show(page_text)
    quiet = village.units.index[0]
    assert village.scores.loc[(quiet, "4a"), "score"] == 0
    page.wait_for_timeout(300)
    frame = page.locator(f"path[data-unit='{quiet}']").bounding_box()
    x, y, w, h = (frame[name] for name in ("x", "y", "width", "height"))
    draw(page, "area", [(x + s * w, y + t * h) for s, t in ((0.3, 0.35), (0.6, 0.35), (0.6, 0.65), (0.3, 0.65))])
    words = HOSTILE[2] + " banjir"
    fill(page, words, criterion="4a", group="RT 01 & <b>PKK</b>")
    save(page)
    reopened(page)
    path = download(page, tmp_path)
    answers, problems = read_contributions(path, assessment=village)
    assert problems == [] and answers["unit"].tolist() == [quiet] and answers["text"].tolist() == [words]
    assert answers.geometry.area.iloc[0] / village.units.area.iloc[0] > 0.05
    found = contradictions(answers, village)
    assert found["finding"].iloc[0] == "said_not_scored"
    other = show(maps.village_map(village, contributions=answers))
    badge = other.locator(f"[data-against='{quiet}']")
    badge.click()
    told = other.locator(".kg-card .kg-differs span").first.text_content()
    assert told == found["sentence"].iloc[0] and words in told and "4a bernilai 0" in told
    other.screenshot(path=shots / "contradiction.png")
    row = other.locator(".kg-layer:has(input[data-layer=against])")
    assert "1" in row.locator("li small").all_text_contents()
    row.locator("input").click()
    assert other.locator("[data-against]").count() == 0
    assert other.evaluate("window.ran") is None


def test_a_filter_fades_answers_of_other_rt(village, show, tmp_path):
    answers, _ = read_contributions(hostile_file(tmp_path / "a.geojson", village), assessment=village)
    page = show(maps.village_map(village, contributions=answers))
    page.evaluate("() => { window.m = Object.values(window).find(v => v && v.kumuhgis && v.getPane); }")
    page.evaluate("kumuhgis.filter(m, Array.from({length: m.kumuhgis.village.n}, (_, i) => i === 0))")
    marks = page.locator(".kg-answer:not([data-against])")
    assert sorted(mark.evaluate("e => e.style.opacity") for mark in marks.all()) == ["0.25"] * 5 + ["1"]
    page.evaluate("kumuhgis.filter(m, null)")
    assert {mark.evaluate("e => e.style.opacity") for mark in marks.all()} == {"1"}


def test_layers_of_answers_compose_and_nothing_said_draws_nothing(village, tmp_path):
    answers, _ = pair = read_contributions(hostile_file(tmp_path / "a.geojson", village), assessment=village)
    assert '"id":"contributions"' in maps.village_map(village, contributions=pair).get_root().render()
    m = maps.levels_layer(village)
    assert maps.contributions_layer(answers, village, m=m) is m and maps.answers_layer(village, m=m) is m
    assert '"id":"contributions"' in m.get_root().render()
    empty = maps.contributions_layer(answers[:0], village)
    assert '"id":"contributions"' not in empty.get_root().render()


def test_answers_on_a_plain_folium_map(village, show):
    import folium

    m = folium.Map([-7.572, 110.9025], zoom_start=16, tiles=None)
    page = show(maps.embed(maps.village_map(village, m=m).get_root().render()))
    draw(page, "point", RING[:1])
    save(page)
    assert len(stored(page)) == 1


def test_foliums_own_geoman_is_carried_too(show):
    import folium
    from folium.plugins import GeoMan

    m = folium.Map([-7.572, 110.9025], zoom_start=16, tiles=None)
    GeoMan().add_to(m)
    page = show(maps.embed(m.get_root().render()))
    assert page.locator(".leaflet-pm-toolbar").count() > 0


def test_a_file_of_the_map_opens_in_other_programs(show, page_text, tmp_path):
    page = show(page_text)
    draw(page, "line", RING[:3])
    fill(page, "jalan")
    save(page)
    frame = gpd.read_file(download(page, tmp_path))
    assert frame.crs == 4326 and frame["text"].tolist() == ["jalan"] and frame.geom_type.tolist() == ["LineString"]
