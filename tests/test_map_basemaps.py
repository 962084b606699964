"""What lies below the village: photos from the air and tiles out of files, in their place, within a size; paper."""

import base64
import gzip
import itertools
import math
import sqlite3
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import rasterio
from browsing import SIZES
from click.testing import CliRunner
from invented_village import CRS, corner, invented
from rasterio.enums import ColorInterp
from rasterio.io import MemoryFile
from rasterio.transform import Affine, from_origin
from rasterio.warp import transform
from unpacking import data_of as blocks_of

from kumuhgis import maps
from kumuhgis.cli import command
from kumuhgis.errors import LayerError, ProjectError
from kumuhgis.maps.basemaps import project_basemap
from kumuhgis.maps.tiles import read_tiles
from kumuhgis.mending import mend
from kumuhgis.project import load_project
from kumuhgis.sample import copy_sample
from kumuhgis.text import text

pytestmark = [
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
    pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning"),
]
CORNERS = [corner(c, r) for c in range(5) for r in range(4)]
LEFT, TOP = 488_900, 9_163_240
EARTH = 6378137


@pytest.fixture(scope="module")
def village():
    return invented()


def ground(metres=0.5):
    """A green field of 800 × 560 m whose corners of RT are marked by magenta crosses: (3, h, w), its transform."""
    field = np.empty((3, round(560 / metres), round(800 / metres)), "uint8")
    field[:] = np.array([90, 140, 80], "uint8")[:, None, None]
    place = from_origin(LEFT, TOP, metres, metres)
    for x, y in CORNERS:
        column, row = (round(v) for v in ~place * (x, y))
        arm, thick = round(8 / metres), max(1, round(1 / metres))
        for a, b in ((arm, thick), (thick, arm)):
            field[:, row - a : row + a, column - b : column + b] = np.array([255, 0, 255], "uint8")[:, None, None]
    return field, place


def written(path, cells, place, crs=CRS, **how):
    profile = {"driver": "GTiff", "crs": crs, "transform": place, "dtype": cells.dtype, "count": len(cells)}
    with rasterio.open(path, "w", width=cells.shape[2], height=cells.shape[1], **(profile | how)) as file:
        file.write(cells)
    return path


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    return written(tmp_path_factory.mktemp("foto") / "orto.tif", *ground())


def data_of(m):
    """What the page holds of its one base."""
    page = m if isinstance(m, str) else m.get_root().render()
    (found,) = [data for data in blocks_of(page) if data.get("kind") in ("image", "tiles", "online")]
    return found


def pixels_of(data):
    """The picture of the page: (bands, h, w), and where its pixels lie in EPSG:3857."""
    with MemoryFile(base64.b64decode(data["src"].partition(",")[2])) as memory, memory.open() as file:
        cells = file.read()
    (south, west), (north, east) = data["bounds"]
    left, right = (EARTH * math.radians(v) for v in (west, east))
    bottom, top = (EARTH * math.asinh(math.tan(math.radians(v))) for v in (south, north))
    return cells, from_origin(left, top, (right - left) / cells.shape[2], (top - bottom) / cells.shape[1])


def at(cells, place, x, y):
    """The colour of the picture at a place of the village."""
    (mx,), (my,) = transform(CRS, "EPSG:3857", [x], [y])
    column, row = (math.floor(v) for v in ~place * (mx, my))
    return cells[:, row, column]


# ---------------------------------------------------------------- photos


def test_a_photo_lies_where_it_was_taken(village, photo):
    """The crosses of the file lie on the corners of the RT in the page, within a metre on the ground."""
    cells, place = pixels_of(data_of(maps.basemap_layer(photo, village)))
    red, green, blue = cells[:3].astype(int)
    marked = (red > 180) & (green < 90) & (blue > 180)
    xs, ys = transform(CRS, "EPSG:3857", *zip(*CORNERS, strict=True))
    shrink = 1 / math.cosh(ys[0] / EARTH)
    for x, y in zip(xs, ys, strict=True):
        column, row = ~place * (x, y)
        reach = round(12 / (place.a * shrink))
        near = marked[round(row) - reach : round(row) + reach, round(column) - reach : round(column) + reach]
        rows, columns = np.nonzero(near)
        assert rows.size > 20
        off = columns.mean() + 0.5 - (column - round(column) + reach), rows.mean() + 0.5 - (row - round(row) + reach)
        assert math.hypot(*off) * place.a * shrink < 1.0


def test_the_photo_of_a_village_is_cut_and_small(village, photo, tmp_path):
    bare, drawn = (maps.village_map(village, basemap=b).get_root().render() for b in (None, photo))
    assert len(drawn) - len(bare) < 1_500_000
    noise = np.random.default_rng(1).integers(0, 255, (3, 2400, 3200), "uint8")
    loud = written(tmp_path / "riuh.tif", noise, from_origin(LEFT - 1600, TOP + 1200, 1, 1))
    for megabytes in (1.5, 0.3):
        data = data_of(maps.basemap_layer(loud, village, megabytes=megabytes))
        assert len(data["src"]) < megabytes * 1e6
        assert data["note"].startswith("1 piksel = ")
    (south, west), (north, east) = data["bounds"]
    box = village.units.to_crs(4326).total_bounds
    assert 0 < box[0] - west < 0.002 and 0 < east - box[2] < 0.002 and 0 < box[1] - south < 0.002 and north > box[3]


def test_every_kind_of_picture_is_read(village, tmp_path):
    """Grey, 16 bits, palette, alpha, no data, real numbers, JPEG and PNG with a world file, turned."""
    field, place = ground(1.0)
    left = abs(np.arange(field.shape[2]) - 200) < 100
    grey = field[:1].astype("uint16") * 40 + 3000
    for name, cells, how in (
        ("abu.tif", field[:1], {}),
        ("abu16.tif", grey, {}),
        ("tiga16.tif", field.astype("uint16") * 100, {}),
        ("nyata.tif", field[:1].astype("float32") / 7, {"nodata": -1.0}),
        ("empat.tif", np.concatenate([field, field[:1]]), {"photometric": "MINISBLACK"}),
    ):
        cells, where = pixels_of(data_of(maps.basemap_layer(written(tmp_path / name, cells, place, **how), village)))
        cross, grass = at(cells, where, *corner(1, 1)), at(cells, where, *(v + 40 for v in corner(1, 1)))
        assert np.abs(cross.astype(int) - grass).max() > 60, name
    hole = np.concatenate([field, np.where(left, 0, 255).astype("uint8")[None].repeat(field.shape[1], 0)[None]])
    for name, cells, how in (
        ("alfa.tif", hole, {"photometric": "RGB", "alpha": "YES"}),
        ("kosong.tif", np.where(left, 7, field).astype("uint8"), {"nodata": 7}),
    ):
        cells, where = pixels_of(data_of(maps.basemap_layer(written(tmp_path / name, cells, place, **how), village)))
        assert at(cells, where, *corner(1, 1))[3] == 0 and at(cells, where, *corner(3, 1))[3] == 255, name


def test_a_palette_keeps_its_colours(village, tmp_path):
    field, place = ground(1.0)
    path = tmp_path / "palet.tif"
    with rasterio.open(path, "w", driver="GTiff", crs=CRS, transform=place, dtype="uint8", count=1,
                       width=field.shape[2], height=field.shape[1]) as file:  # fmt: skip
        file.write((field[:1] == 255).astype("uint8"))
        file.write_colormap(1, {0: (250, 240, 200, 255), 1: (0, 60, 200, 255)})
        file.colorinterp = [ColorInterp.palette]
    cells, where = pixels_of(data_of(maps.basemap_layer(path, village)))
    assert np.abs(at(cells, where, *corner(1, 1))[:3].astype(int) - (0, 60, 200)).max() < 40


@pytest.mark.parametrize("driver, end, world", [("JPEG", "jpg", "jgw"), ("PNG", "png", "pgw")])
def test_a_picture_with_a_world_file(village, tmp_path, driver, end, world):
    field, place = ground(1.0)
    path = tmp_path / f"foto.{end}"
    with MemoryFile() as memory:
        with memory.open(driver=driver, dtype="uint8", count=3, width=800, height=560) as file:
            file.write(field)
        path.write_bytes(memory.read())
    with pytest.raises(LayerError, match="berkas dunia"):
        maps.basemap_layer(path, village, crs=CRS)
    middle = place * (0.5, 0.5)
    lines = (place.a, 0, 0, place.e, *middle)
    (tmp_path / f"foto.{world}").write_text("\n".join(map(str, lines)))
    with pytest.raises(LayerError, match="sistem koordinatnya"):
        maps.basemap_layer(path, village)
    cells, where = pixels_of(data_of(maps.basemap_layer(path, village, crs=CRS)))
    assert at(cells, where, *corner(2, 1))[1] < 100


def test_a_turned_picture_lies_right(village, tmp_path):
    """A scan turned by 30 degrees: its one red square lies where its own transform says."""
    place = Affine.translation(*corner(0, 0)) * Affine.rotation(30) * Affine.scale(1, -1)
    cells = np.full((3, 600, 900), 60, "uint8")
    cells[0, 96:104, 296:304], cells[1:, 96:104, 296:304] = 255, 0
    found, where = pixels_of(data_of(maps.basemap_layer(written(tmp_path / "a.tif", cells, place), village)))
    assert at(found, where, *(place * (300, 100)))[0] > 180
    assert at(found, where, *(place * (330, 100)))[0] < 120


def test_a_large_file_is_not_read_whole(tmp_path):
    """432 MB of picture, of which the page needs a few: memory grows by less than half of it."""
    pytest.importorskip("resource")
    code = f"""
import resource, rasterio
from rasterio.transform import from_origin
from kumuhgis import maps
how = dict(driver="GTiff", crs="{CRS}", transform=from_origin({LEFT}, {TOP}, .05, .05), dtype="uint8", count=3)
with rasterio.open(r"{tmp_path}/besar.tif", "w", width=12000, height=12000, tiled=True, SPARSE_OK=True, **how):
    pass
maps.basemap_layer(r"{tmp_path}/besar.tif", (110.9, -7.576, 110.901, -7.575))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
maps.basemap_layer(r"{tmp_path}/besar.tif", (110.89, -7.59, 110.91, -7.57))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) * (1 if sys.platform == "darwin" else 1024) < 432e6 / 2


# ---------------------------------------------------------------- tiles

NOWHERE = dict.fromkeys(("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7", "center_lon_e7", "center_lat_e7"), 0)
COLOURS = {15: (200, 60, 60), 16: (60, 160, 60), 17: (60, 60, 220), 18: (230, 200, 20)}


def tile(colour, driver="PNG", size=64):
    cells = np.empty((3, size, size), "uint8")
    cells[:] = np.array(colour, "uint8")[:, None, None]
    with MemoryFile() as memory:
        with memory.open(driver=driver, dtype="uint8", count=3, width=size, height=size) as file:
            file.write(cells)
        return memory.read()


def columns_and_rows(village, zoom):
    west, south, east, north = village.units.to_crs(4326).total_bounds

    def number(lon, lat):
        y = math.asinh(math.tan(math.radians(lat))) / math.pi
        return int((lon + 180) / 360 * 2**zoom), int((1 - y) / 2 * 2**zoom)

    (x0, y0), (x1, y1) = number(west, north), number(east, south)
    return [(x, y) for x in range(x0 - 2, x1 + 3) for y in range(y0 - 2, y1 + 3)]


def mbtiles(path, village, *, kind="png", made=tile, attribution="", zooms=COLOURS):
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE metadata (name text, value text)")
        base.execute("CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob)")
        base.executemany("INSERT INTO metadata VALUES (?, ?)", [("format", kind), ("attribution", attribution)])
        for zoom in zooms:
            rows = [(zoom, x, 2**zoom - 1 - y, made(COLOURS[zoom])) for x, y in columns_and_rows(village, zoom)]
            base.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", rows)
    base.close()
    return path


def pmtiles(path, village, *, kind=None, made=tile, zooms=COLOURS):
    """Written by the program of those who made the format."""
    form = pytest.importorskip("pmtiles.tile")
    from pmtiles.writer import Writer

    numbered = sorted((form.zxy_to_tileid(z, x, y), z) for z in zooms for x, y in columns_and_rows(village, z))
    with path.open("wb") as file:
        writer = Writer(file)
        for number, zoom in numbered:
            writer.write_tile(number, made(COLOURS[zoom]))
        header = {
            "tile_type": kind or form.TileType.PNG, "tile_compression": form.Compression.NONE,
            "min_zoom": min(zooms), "max_zoom": max(zooms), "center_zoom": 15,
            **NOWHERE,
        }  # fmt: skip
        writer.finalize(header, {"attribution": "<a href='javascript:window.ran=1'>© Dinas</a>"})
    return path


MADE = {"mbtiles": mbtiles, "pmtiles": pmtiles}


@pytest.mark.parametrize("kind", MADE)
def test_tiles_over_the_village_enter_the_page(village, tmp_path, kind):
    path = MADE[kind](tmp_path / f"dasar.{kind}", village)
    data = data_of(maps.basemap_layer(path, village))
    assert data["zooms"] == [15, 16, 17, 18] and data["note"] == ""
    assert len(data["pictures"]) == 4, "tiles that are the same are written once"
    for key, n in data["tiles"].items():
        picture = base64.b64decode(data["pictures"][n].partition(",")[2])
        assert picture == tile(COLOURS[int(key.split("/")[0])])
    wanted = {f"18/{x}/{y}" for x, y in columns_and_rows(village, 18)}
    assert {key for key in data["tiles"] if key.startswith("18")} <= wanted


@pytest.mark.parametrize("kind", MADE)
def test_zooms_without_room_are_left_out_and_named(village, tmp_path, kind):
    noises = (np.random.default_rng(n).bytes(9000) for n in itertools.count())
    path = MADE[kind](tmp_path / f"dasar.{kind}", village, made=lambda colour: tile(colour) + next(noises))
    data = data_of(maps.basemap_layer(path, village, megabytes=0.2))
    assert data["zooms"][0] == 15 and data["zooms"][-1] < 18
    assert data["note"] == text("maps.base.left_out", zooms=", ".join(map(str, range(data["zooms"][-1] + 1, 19))))


def test_many_tiles_behind_leaves_are_found(tmp_path):
    """So many different tiles that the directory has leaves; each is found again."""
    form = pytest.importorskip("pmtiles.tile")
    from pmtiles.writer import Writer

    path = tmp_path / "banyak.pmtiles"
    picture = tile((1, 2, 3), size=16)
    with path.open("wb") as file:
        writer = Writer(file)
        for number in range(form.zxy_to_tileid(7, 0, 0), form.zxy_to_tileid(8, 0, 0)):
            writer.write_tile(number, picture + str(number).encode())
        writer.finalize({
            "tile_type": form.TileType.PNG, "tile_compression": form.Compression.GZIP, "min_zoom": 7, "max_zoom": 7,
            "center_zoom": 7,
            **NOWHERE,
        }, {})  # fmt: skip
    edge = 2 * math.pi * EARTH / 128
    for x, y in ((0, 0), (103, 66), (127, 127), (64, 1)):
        middle = edge * (x + 0.5 - 64), edge * (64 - y - 0.5)
        box = (middle[0] - 9, middle[1] - 9, middle[0] + 9, middle[1] + 9)
        found = read_tiles(path, box, most_bytes=10**6)
        assert found.tiles == {(7, x, y): picture + str(form.zxy_to_tileid(7, x, y)).encode()}


def test_what_a_file_says_of_its_makers_is_text(village, tmp_path):
    assert data_of(maps.basemap_layer(pmtiles(tmp_path / "a.pmtiles", village), village))["attribution"] == "© Dinas"
    path = mbtiles(tmp_path / "a.mbtiles", village, attribution="<b>© BIG</b>")
    assert data_of(maps.basemap_layer(path, village))["attribution"] == "© BIG"
    assert (
        data_of(maps.basemap_layer(path, village, attribution="Foto <b>warga</b>"))["attribution"]
        == "Foto <b>warga</b>"
    )


# ---------------------------------------------------------------- what cannot be used


def broken(folder, village):
    """Files that cannot be used, and what is said of each."""
    field, place = ground(2.0)
    good = written(folder / "baik.tif", field, place)
    yield folder / "tidak_ada.tif", "layer_not_found"
    for name, content, code in (
        ("vrt.tif", b"<VRTDataset rasterXSize='1' rasterYSize='1'></VRTDataset>", "raster_of_others"),
        ("catatan.tif", b"bukan gambar", "basemap_unreadable"),
        ("kosong.tif", b"", "basemap_unreadable"),
        ("terpotong.tif", good.read_bytes()[:900], "basemap_unreadable"),
        ("foto.jpg", b"\xff\xd8\xff\xe0 rusak", "basemap_unreadable"),
        ("rusak.mbtiles", b"SQLite format 3\0" + b"x" * 4000, "basemap_unreadable"),
        ("rusak.pmtiles", b"PMTiles\x03" + b"\xff" * 200, "basemap_unreadable"),
        ("lama.pmtiles", b"PMTiles\x02" + b"\0" * 200, "basemap_unreadable"),
        ("pendek.pmtiles", b"PMTiles\x03", "basemap_unreadable"),
    ):
        (folder / name).write_bytes(content)
        yield folder / name, code
    sqlite3.connect(folder / "tanpa_ubin.mbtiles").execute("CREATE TABLE lain (a)").connection.close()
    yield folder / "tanpa_ubin.mbtiles", "basemap_unreadable"
    whole = pmtiles(folder / "utuh.pmtiles", village).read_bytes()
    (folder / "terpotong.pmtiles").write_bytes(whole[: len(whole) - 60])
    yield folder / "terpotong.pmtiles", "basemap_unreadable"
    vector = gzip.compress(b"ubin")
    yield mbtiles(folder / "vektor.mbtiles", village, kind="pbf"), "basemap_vector"
    yield mbtiles(folder / "vektor2.mbtiles", village, made=lambda _: vector), "basemap_vector"
    form = sys.modules["pmtiles.tile"]
    yield pmtiles(folder / "vektor.pmtiles", village, kind=form.TileType.MVT, made=lambda _: vector), "basemap_vector"
    yield written(folder / "jauh.tif", field, from_origin(LEFT + 9000, TOP, 2, 2)), "basemap_elsewhere"
    yield written(folder / "tanpa_crs.tif", field, place, crs=None), "basemap_no_crs"
    plain = written(folder / "foto_biasa.tif", field, Affine.identity())
    yield plain, "basemap_no_place"


def test_what_cannot_be_used_is_said_in_one_sentence(village, tmp_path):
    for path, code in broken(tmp_path, village):
        with pytest.raises(LayerError) as error:
            maps.basemap_layer(path, village)
        assert [p.code for p in error.value.problems] == [code], path.name
        assert str(error.value).startswith(path.name)
    with pytest.raises(LayerError) as error:
        maps.basemap_layer(tmp_path / "tanpa_crs.tif", village, crs="EPSG:abc", lang="en")
    assert [p.code for p in error.value.problems] == ["crs_unreadable"]


# ---------------------------------------------------------------- projects and the command line


def test_a_project_says_what_lies_below(tmp_path):
    folder = copy_sample("brujul", tmp_path)
    waiting = {"path": load_project(folder).folder / "orto.tif", "show": False}
    assert project_basemap(folder) == waiting, "the orthophoto is offered, but the colours are those of the legend"
    file = folder / "kumuhgis.toml"
    said = file.read_text("utf-8")
    file.write_text(said + '\n[basemap]\npath = "orto.tif"\nattribution = "Foto warga"\n', "utf-8")
    assert project_basemap(folder) == {"path": load_project(folder).folder / "orto.tif", "attribution": "Foto warga"}
    for path, code in (("../lain.tif", "project_path_outside"), ("tidak_ada.tif", "project_path_missing")):
        file.write_text(said + f'\n[basemap]\npath = "{path}"\ncrs = "EPSG:0"\n', "utf-8")
        with pytest.raises(ProjectError) as error:
            load_project(folder)
        assert {(p.feature, p.code) for p in error.value.problems} == {
            ("basemap", code),
            ("basemap", "project_bad_value"),
        }
    assert project_basemap(tmp_path) == {}


def test_the_command_line_puts_a_picture_below(tmp_path):
    folder = copy_sample("brujul", tmp_path)
    run = CliRunner().invoke
    done = run(command("id"), ["map", str(folder), "--out", str(tmp_path / "a.html")], obj="id")
    assert data_of((tmp_path / "a.html").read_text("utf-8"))["kind"] == "image", done.output
    (folder / "orto.tif").write_bytes(b"rusak")
    done = run(command("id"), ["map", str(folder), "--out", str(tmp_path / "b.html")], obj="id")
    assert "! orto.tif" in done.output and done.exit_code == 1
    assert '"kind":"image"' not in (tmp_path / "b.html").read_text("utf-8")
    again = ["map", str(folder), "--out", str(tmp_path / "c.html"), "--basemap", str(folder / "orto.tif")]
    assert run(command("id"), again, obj="id").exit_code == 2
    assert not (tmp_path / "c.html").exists()


def test_a_mended_project_keeps_what_lies_below(tmp_path):
    folder = copy_sample("brujul", tmp_path)
    file = folder / "kumuhgis.toml"
    said = '\n[basemap]\npath = "orto.tif"\nattribution = "Foto warga"\n'
    file.write_text(file.read_text("utf-8") + said, "utf-8")
    mend(folder, tmp_path / "rapi")
    found = project_basemap(tmp_path / "rapi")
    assert found == {"path": tmp_path / "rapi" / "basemap.tif", "attribution": "Foto warga"}
    assert found["path"].read_bytes() == (folder / "orto.tif").read_bytes()


# ---------------------------------------------------------------- in a browser


MAP = "Object.values(window).find(v => v instanceof L.Map)"


def degrees(x, y):
    (lon,), (lat,) = transform(CRS, "EPSG:4326", [x], [y])
    return [lat, lon]


def look(page, place, zoom):
    page.wait_for_timeout(400)
    page.evaluate(f"([at, zoom]) => {{ {MAP}.setView(at, zoom, {{animate: false}}); }}", [degrees(*place), zoom])
    page.wait_for_timeout(500)


def colour_at(page, x, y):
    """The colour on the screen at a place of the village."""
    spot = page.evaluate(f"at => {MAP}.latLngToContainerPoint(at)", degrees(x, y))
    shot = page.screenshot(clip={"x": round(spot["x"]) - 0.5, "y": round(spot["y"]) - 0.5, "width": 1, "height": 1})
    with MemoryFile(shot) as memory, memory.open() as file:
        return file.read()[:3, 0, 0].astype(int)


def choose(page, selector):
    page.locator(selector).evaluate("e => e.click()")
    page.wait_for_timeout(300)


@pytest.mark.parametrize("size", SIZES)
def test_the_photo_is_seen_below_the_units(village, photo, show, shots, size):
    bare = SimpleNamespace(**{**vars(village), "layers": {}})
    page = show(maps.village_map(bare, basemap={"path": photo, "attribution": "Foto: <b>warga</b>"}), size)
    page.wait_for_timeout(400)
    page.screenshot(path=shots / f"photo-{size}.png")
    assert page.locator(".leaflet-kg-levels-pane").evaluate("e => e.style.opacity") == "0.7"
    assert "Foto: <b>warga</b>" in page.locator(".leaflet-control-attribution").inner_text()
    page.locator("path[data-unit]").evaluate_all("es => es.forEach(e => e.setAttribute('visibility', 'hidden'))")
    for c, r in ((1, 1), (2, 2), (3, 1)):
        assert np.abs(colour_at(page, *corner(c, r)) - (255, 0, 255)).max() < 60
    choose(page, "input[data-base=paper]")
    assert page.locator(".leaflet-kg-levels-pane").evaluate("e => e.style.opacity") == "1"
    assert np.abs(colour_at(page, *corner(2, 1)) - (0xF4, 0xEF, 0xE4)).max() < 8


def test_the_colour_over_the_photo_is_the_readers_choice(village, photo, show):
    page = show(maps.village_map(village, basemap=photo))
    page.locator(".kg-veil input").fill("40")
    assert page.locator(".leaflet-kg-levels-pane").evaluate("e => e.style.opacity") == "0.4"
    assert page.locator(".kg-veil").inner_text() == text("maps.base.veil")


@pytest.mark.parametrize("kind", MADE)
def test_tiles_are_drawn_also_beyond_their_finest_zoom(village, tmp_path, show, shots, kind):
    bare = SimpleNamespace(**{**vars(village), "layers": {}})
    path = MADE[kind](tmp_path / f"dasar.{kind}", village)
    m = maps.basemap_layer(path, bare, m=maps.base(bare))
    page = show(m)
    for zoom, seen in ((14, 15), (16, 16), (17, 17), (18, 18), (20, 18)):
        look(page, corner(2, 1), zoom)
        page.screenshot(path=shots / f"tiles-{kind}-{zoom}.png")
        assert np.abs(colour_at(page, *corner(2, 1)) - COLOURS[seen]).max() < 12, zoom
    page.screenshot(path=shots / f"tiles-{kind}.png")


def test_where_a_fine_tile_is_missing_the_coarser_one_is_seen(village, tmp_path, show):
    path = mbtiles(tmp_path / "a.mbtiles", village)
    base = sqlite3.connect(path)
    base.execute("DELETE FROM tiles WHERE zoom_level = 18")
    base.execute("INSERT INTO tiles SELECT 18, 0, 0, tile_data FROM tiles LIMIT 1")
    x, y = columns_and_rows(village, 18)[0]
    base.execute("INSERT INTO tiles SELECT 18, ?, ?, tile_data FROM tiles LIMIT 1", (x + 2, 2**18 - 1 - y - 2))
    base.commit()
    base.close()
    bare = SimpleNamespace(**{**vars(village), "layers": {}})
    page = show(maps.basemap_layer(path, bare, m=maps.base(bare)))
    look(page, corner(2, 1), 18)
    assert np.abs(colour_at(page, *corner(2, 1)) - COLOURS[17]).max() < 12


def painted(page, pane):
    """Whether anything is drawn on the canvas of a pane."""
    return page.locator(f".leaflet-{pane}-pane canvas").evaluate_all("""es => es.some(e => {
        const blank = Object.assign(document.createElement("canvas"), {width: e.width, height: e.height});
        return e.toDataURL() !== blank.toDataURL();
    })""")


def test_streets_stay_in_sight_on_paper_when_their_condition_is_off(village, show, shots):
    page = show(maps.village_map(village))
    page.wait_for_timeout(200)
    assert not painted(page, "kg-paper")
    choose(page, "input[data-layer=roads]")
    choose(page, "input[data-layer=none]")
    assert painted(page, "kg-paper")
    names = set(page.locator(".kg-street").all_inner_texts())
    assert names and names <= {f"Jalan {n}" for n in range(9)}
    assert "Jalan 5" not in names, "a street that is only needed is not there"
    page.screenshot(path=shots / "paper.png")
    choose(page, "input[data-layer=roads]")
    assert not painted(page, "kg-paper")


def test_without_internet_openstreetmap_leaves_paper_and_says_so(village, browser, tmp_path, shots):
    """Chromium writes a line for each picture that does not come, which nobody can stop; our page adds none."""
    path = tmp_path / "peta.html"
    maps.village_map(village, online=True).save(path)
    context = browser.new_context(viewport={"width": 1440, "height": 900}, offline=True)
    page, requests, complaints = context.new_page(), [], []
    page.on("request", lambda r: requests.append(r.url))
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: complaints.append(f"page: {e}"))
    page.goto(path.as_uri())
    page.wait_for_timeout(600)
    asked = [url for url in requests if not url.startswith(("file:", "data:"))]
    assert asked and all(url.startswith("https://tile.openstreetmap.org/") for url in asked)
    assert all(line.startswith("Failed to load resource: net::ERR_INTERNET_DISCONNECTED") for line in complaints)
    assert text("maps.base.failed") in page.locator(".kg-panel-body").inner_text()
    assert (
        page.locator("img.leaflet-tile:visible").evaluate_all(
            "es => es.filter(e => getComputedStyle(e).visibility !== 'hidden').length"
        )
        == 0
    )
    assert page.locator(".leaflet-kg-levels-pane").evaluate("e => e.style.opacity") == "1"
    page.screenshot(path=shots / "online-without-network.png")
    context.close()
