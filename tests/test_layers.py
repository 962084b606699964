"""The door for map layers: every feature is used, repaired or set aside, and each of these is said."""

import tomllib
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod
from shapely import LineString, MultiPolygon, Point, Polygon, box

from kumuhgis.attributes import propose_columns
from kumuhgis.catalog import layer_kinds, words
from kumuhgis.errors import LayerError
from kumuhgis.layers import geodesic_hectares, metre_crs, open_layer, read_layer

X, Y = 490_000, 9_162_000  # metres in UTM 49S, in Kecamatan Jaten
SQUARE = box(X, Y, X + 100, Y + 100)
BOW_TIE = Polygon([(X, Y), (X + 100, Y + 100), (X + 100, Y), (X, Y + 100)])  # two triangles of 0.25 ha
LINE = LineString([(X, Y), (X + 50, Y)])
JATEN = (110.86, -7.6, 110.95, -7.54)  # degrees
ASIDE = {  # what is said of features that are set aside
    "layer_geometry_missing",
    "layer_geometry_wrong_type",
    "layer_geometry_not_finite",
    "layer_geometry_collapsed",
    "layer_geometry_area_changed",
    "layer_geometry_double",
}


def frame(geometry, crs=32749, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(geometry), crs=crs)


def boxes(count):
    """So many squares of a hectare, side by side."""
    return [box(X + 100 * i, Y, X + 100 * i + 100, Y + 100) for i in range(count)]


def lines(**columns):
    """One line for each value, each at its own place."""
    count = len(next(iter(columns.values())))
    return frame([LineString([(X, Y + 10 * i), (X + 50, Y + 10 * i)]) for i in range(count)], **columns)


def codes(problems):
    return [p.code for p in problems]


def refused(*args, **how):
    with pytest.raises(LayerError) as caught:
        read_layer(*args, **how)
    return caught.value.problems


def written(problem):
    """What a message asks to be written, as the user would write it."""
    return tomllib.loads(problem.params["toml"].replace(", ", "\n"))


def aside(problems):
    """How many features are said to be set aside."""
    return sum(p.params["count"] for p in problems if p.code in ASIDE)


# ---------------------------------------------------------------- files


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "geojson", "fgb"])
def test_the_same_features_come_out_of_every_format(tmp_path, suffix):
    path = tmp_path / f"batas rt.{suffix}"
    frame([SQUARE, box(X + 100, Y, X + 200, Y + 100)], KODE=["001", "002"]).to_file(path)
    units, problems = read_layer(path, "rt", to_crs=32749)
    assert sorted(units.index) == ["001", "002"] and units.index.name == "unit"
    assert units.area.to_numpy() == pytest.approx([1e4, 1e4], rel=1e-6)
    assert problems == []


def test_a_shapefile_in_a_zip_is_read(tmp_path):
    frame([SQUARE], KODE=["001"]).to_file(tmp_path / "rt.shp")
    with zipfile.ZipFile(tmp_path / "rt.zip", "w") as packed:
        for part in tmp_path.glob("rt.???"):
            if part.suffix != ".zip":
                packed.write(part, part.name)
    assert read_layer(tmp_path / "rt.zip", "rt")[0].index.tolist() == ["001"]


def test_a_layer_of_a_file_with_several_is_taken_by_name(tmp_path):
    frame([SQUARE], KODE=["rt"]).to_file(tmp_path / "peta.gpkg", layer="batas rt")
    frame([SQUARE], KODE=["rw"]).to_file(tmp_path / "peta.gpkg", layer="batas rw")
    assert read_layer(tmp_path / "peta.gpkg", "rt", layer="batas rw")[0].index.tolist() == ["rw"]
    (problem,) = refused(tmp_path / "peta.gpkg", "rt", layer="RT")
    assert problem.code == "layer_name_missing" and problem.params["known"] == "batas rt, batas rw"


NOT_LAYERS = {  # name: what is in it, what is said
    "0 bytes.gpkg": (b"", "file_empty"),
    "0 bytes.shp": (b"", "file_empty"),
    "0 bytes.geojson": (b"", "file_empty"),
    "words.txt": (b"halo", "format_unknown"),
    "a picture.png": (b"\x89PNG\r\n\x1a\n", "format_unknown"),
    "half.geojson": (b'{"type": "FeatureCollection", "features": [{"type": "Fea', "file_cut_lost"),
    "a table.csv": (b"kode,luas\n001,2\n", "table_no_place"),
    "noise.gpkg": (bytes(range(256)) * 40, "format_unknown"),
}


@pytest.mark.parametrize("name", NOT_LAYERS)
def test_a_file_that_is_no_layer_is_said_and_never_crashes(tmp_path, name):
    content, code = NOT_LAYERS[name]
    (tmp_path / name).write_bytes(content)
    (problem,) = refused(tmp_path / name, "rt")
    assert (problem.code, problem.layer, problem.severity) == (code, name, "error")


def cut(path, share, count=400):
    """Write units into a file and cut it; the file."""
    frame(boxes(count), KODE=[f"{i:040d}" for i in range(count)]).to_file(path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    return path


@pytest.mark.parametrize("share", [0.3, 0.7, 0.99])
def test_a_truncated_geopackage_is_said(tmp_path, share):
    (problem,) = refused(cut(tmp_path / "rt.gpkg", share), "rt")
    assert (problem.code, problem.layer) == ("file_cut_lost", "rt.gpkg") and problem.params["bytes"] > 0


@pytest.mark.parametrize("share", [0.3, 0.7, 0.99])
def test_the_whole_features_of_a_truncated_geojson_are_used_and_the_rest_is_said(tmp_path, share):
    units, (problem,) = read_layer(cut(tmp_path / "rt.geojson", share), "rt")
    assert 400 * (share - 0.05) < len(units) < 400 and units.index.tolist() == [f"{i:040d}" for i in range(len(units))]
    assert units.to_crs(32749).area.to_numpy() == pytest.approx(1e4, rel=1e-4)
    assert (problem.code, problem.layer, problem.severity) == ("file_cut", "rt.geojson", "error")
    assert "hilang" in problem.fix("id") and "lost" in problem.fix("en")


@pytest.mark.parametrize("share", [0.3, 0.7, 0.99])
def test_the_features_that_a_truncated_flatgeobuf_lost_are_counted(tmp_path, share):
    read = open_layer(cut(tmp_path / "rt.fgb", share), "rt")
    assert (read.account["read"], read.account["used"]) == (400, len(read.frame)) and 0 < len(read.frame) < 400
    said = {p.code: p.params for p in read.problems}
    assert said["features_unreadable"]["count"] == read.account["set_aside"] == 400 - len(read.frame)
    assert (said["read_one_by_one"]["read"], said["read_one_by_one"]["count"]) == (len(read.frame), 400)


def test_a_truncated_flatgeobuf_is_an_error_like_the_other_formats(tmp_path):
    _, problems = read_layer(cut(tmp_path / "rt.fgb", 0.3), "rt")
    assert "error" in {p.severity for p in problems}


def test_the_units_that_a_truncated_shapefile_lost_are_counted(tmp_path):
    read = open_layer(cut(tmp_path / "rt.shp", 0.5, 100), "rt")
    assert 0 < len(read.frame) < 100 and read.frame.index.tolist() == [f"{i:040d}" for i in range(len(read.frame))]
    assert (read.account["read"], read.account["used"]) == (100, len(read.frame))
    (whole,) = (p for p in read.problems if p.code == "file_cut")
    (lost,) = (p for p in read.problems if p.code == "features_unreadable")
    assert (whole.severity, lost.layer) == ("error", "rt.shp")
    assert lost.params["count"] == read.account["set_aside"] == 100 - len(read.frame)
    assert lost.params["rows"] == list(range(len(read.frame), 100))


@pytest.mark.parametrize("suffix", ["shp", "fgb"])
def test_what_a_truncated_file_lost_is_counted_once(tmp_path, suffix):
    _, problems = read_layer(cut(tmp_path / f"rt.{suffix}", 0.5, 100), "rt")
    assert not {"features_unreadable", "layer_geometry_missing"} <= set(codes(problems))


@pytest.mark.parametrize("lost", [".shx", ".dbf"])
def test_a_shapefile_without_one_of_its_parts_keeps_its_features_and_it_is_said(tmp_path, lost):
    path = tmp_path / "jalan.shp"
    lines(KONDISI=["baik", "rusak"]).to_file(path)
    path.with_suffix(lost).unlink()
    roads, (problem,) = read_layer(path, "roads")
    assert len(roads) == 2 and (problem.code, problem.layer) == (f"shapefile_no_{lost[1:]}", "jalan.shp")
    assert ("condition" in roads) == (lost == ".shx")


def test_a_file_that_is_not_there_is_said_with_its_path(tmp_path):
    (problem,) = refused(tmp_path / "jl.gpkg", "roads")
    assert problem.code == "layer_not_found" and str(tmp_path) in problem.message()


def test_a_folder_is_no_layer(tmp_path):
    (problem,) = refused(tmp_path, "roads")
    assert problem.code == "file_is_folder" and str(tmp_path) in problem.message()


def test_an_empty_layer_is_said(tmp_path):
    roads, problems = read_layer(lines(KONDISI=["baik"]).iloc[:0], "roads", to_crs=32749)
    assert len(roads) == 0 and codes(problems) == ["layer_empty"]


# ---------------------------------------------------------------- coordinate systems


def test_a_layer_without_crs_asks_for_it_and_says_where_each_would_put_it():
    (problem,) = refused(frame([LINE], crs=None, KONDISI=["baik"]), "roads")
    assert problem.code == "crs_unknown_several" and "crs" in problem.fix("id")
    assert "UTM 49S (EPSG:32749) → 110.91, -7.58" in problem.message() and "UTM 50S" in problem.message()


@pytest.mark.parametrize("said", [None, "EPSG:32649", "EPSG:4326"])
def test_what_the_message_asks_for_is_what_helps(said):
    given = frame([LINE], crs=said, KONDISI=["baik"])
    (problem,) = refused(given, "roads", area=JATEN)
    assert problem.code == ("crs_unknown_one" if said is None else "crs_wrong_one")
    assert "UTM 49S" in problem.message() and "110.91, -7.58" in problem.message()
    roads, problems = read_layer(given, "roads", area=JATEN, **written(problem))
    assert (roads.crs.to_epsg(), len(roads), problems) == (32749, 1, [])


def test_latitude_before_longitude_is_said_and_what_is_asked_for_helps():
    given = frame([LINE]).to_crs(4326)
    given = given.set_geometry(shapely.transform(given.geometry, lambda xy: xy[:, ::-1]), crs=4326)
    (problem,) = refused(given, "roads", area=JATEN)
    assert problem.code == "crs_swapped" and "swap_xy" in problem.fix("id")
    roads, _ = read_layer(given, "roads", area=JATEN, to_crs=32749, **written(problem))
    assert roads.geometry.iloc[0].hausdorff_distance(LINE) < 0.001


def test_a_shapefile_without_prj_uses_the_crs_that_is_given(tmp_path):
    frame([SQUARE], KODE=["1"]).to_file(tmp_path / "rt.shp")
    (tmp_path / "rt.prj").unlink()
    (problem,) = refused(tmp_path / "rt.shp", "rt")
    assert (problem.code, problem.layer) == ("crs_unknown_several", "rt.shp")
    assert read_layer(tmp_path / "rt.shp", "rt", crs="EPSG:32749")[0].crs.to_epsg() == 32749


@pytest.mark.parametrize("source", ["a frame", "a file"])
def test_a_crs_that_the_user_writes_goes_before_the_one_that_the_file_says(tmp_path, source):
    given = frame([LINE], crs=32649)  # the northern zone: a mistake that is often made
    if source == "a file":
        given.to_file(tmp_path / "jalan.gpkg")
    roads, _ = read_layer(tmp_path / "jalan.gpkg" if source == "a file" else given, "roads", crs="EPSG:32749")
    assert roads.crs.to_epsg() == 32749 and roads.geometry.iloc[0].equals(LINE), "read anew, not moved"


def test_a_crs_that_the_user_writes_and_that_puts_the_layer_nowhere_is_refused(tmp_path):
    frame([LINE]).to_file(tmp_path / "jalan.gpkg")
    (problem,) = refused(tmp_path / "jalan.gpkg", "roads", crs="EPSG:4326")
    assert problem.code == "crs_wrong_several" and "UTM 49S" in problem.message()
    (problem,) = refused(frame([LINE]), "roads", crs="EPSG:4326", area=JATEN)
    assert problem.code == "crs_wrong_one" and "EPSG:32749" in problem.fix("id")


def test_a_crs_that_is_written_for_a_frame_and_puts_it_nowhere_is_refused():
    (problem,) = refused(frame([LINE]), "roads", crs="EPSG:4326")
    assert problem.code == "crs_wrong_several"


def test_a_crs_that_does_not_exist_is_refused():
    assert codes(refused(frame([LINE]), "roads", crs="EPSG:nope")) == ["crs_unreadable"]
    assert "crs_unreadable" in codes(refused(frame([LINE]), "roads", crs="EPSG:nope", area=JATEN))


def test_a_crs_that_does_not_exist_is_refused_for_a_layer_without_shapes_too():
    assert codes(refused(frame([LINE]).iloc[:0], "roads", crs="EPSG:nope")) == ["crs_unreadable"]


def test_degrees_become_metres():
    degrees = frame([SQUARE], KODE=["1"]).to_crs(4326)
    units, _ = read_layer(degrees, "rt", to_crs=32749)
    assert units.area.iloc[0] == pytest.approx(1e4, rel=1e-6)


METRE_CRS = {  # CRS of the units: metre CRS chosen
    32749: 32749,  # UTM 49S stays
    23839: 23839,  # DGN95 / Indonesia TM-3 zone 49.2 stays
    9489: 9489,  # SRGI2013 / UTM 49S stays
    4326: 32749,  # degrees: the zone of the place
    3857: 32749,  # web Mercator stretches metres: the zone of the place
}


@pytest.mark.parametrize("crs", METRE_CRS)
def test_the_metre_crs_is_the_units_own_or_their_zone(crs):
    assert metre_crs(frame([SQUARE]).to_crs(crs)).to_epsg() == METRE_CRS[crs]


def test_the_metre_crs_that_is_named_decides_and_must_be_projected():
    assert metre_crs(frame([SQUARE]), "EPSG:9489").to_epsg() == 9489
    with pytest.raises(LayerError, match="crs"):
        metre_crs(frame([SQUARE]), "EPSG:4326")


# ---------------------------------------------------------------- geometry


def test_heights_are_left_behind_and_it_is_said():
    high = Polygon([(X, Y, 95), (X + 100, Y, 96), (X + 100, Y + 100, 97)])
    units, (problem,) = read_layer(frame([high], KODE=["1"]), "rt")
    assert not units.has_z.any() and units.area.iloc[0] == 5000
    assert (problem.code, problem.severity, problem.params) == ("layer_geometry_height", "info", {"count": 1})


def test_a_bow_tie_is_repaired_and_its_area_is_what_one_sees():
    units, (problem,) = read_layer(frame([SQUARE, BOW_TIE], KODE=["1", "2"]), "rt")
    assert units.is_valid.all() and units.area.tolist() == pytest.approx([1e4, 5e3])
    assert (problem.code, problem.severity) == ("layer_geometry_repaired", "warning")
    assert problem.params == {"count": 1, "change": "+0.0000"}, "two triangles before, two triangles after"


def test_a_repaired_feature_is_named_by_its_number_in_the_file():
    parcels, (problem,) = read_layer(frame([SQUARE, BOW_TIE]), "parcels")
    assert (problem.code, problem.feature, parcels.index.tolist()) == ("layer_geometry_repaired", "2", [0, 1])


def test_a_repaired_unit_is_named_by_its_key():
    _, (problem,) = read_layer(frame([SQUARE, BOW_TIE], KODE=["1", "2"]), "rt")
    assert problem.feature == "2"


def looped(width):
    """A square whose ring runs twice around a place of so many metres by 5."""
    ring = [(0, 0), (50 + width, 0), (50 + width, 5), (50, 5), (50, -1), (100, -1), (100, 100), (0, 100)]
    return Polygon([(X + x, Y + y) for x, y in ring])


@pytest.mark.parametrize("crs", [32749, 4326])
def test_a_change_of_area_is_said_in_hectares(crs):
    units, (problem,) = read_layer(frame([looped(10)], KODE=["2"]).to_crs(crs), "rt", to_crs=32749)
    assert units.is_valid.all() and units.area.iloc[0] == pytest.approx(10_050, rel=1e-5)
    assert problem.params == {"count": 1, "change": "+0.0050"} and "0.0050 ha" in problem.message()


@pytest.mark.parametrize("crs", [32749, 4326])
def test_a_shape_whose_area_is_anyones_guess_is_set_aside_as_an_error(crs):
    read = open_layer(frame([looped(40), boxes(3)[2]]).to_crs(crs), "parcels")
    (problem,) = read.problems
    assert (problem.code, problem.severity, problem.feature) == ("layer_geometry_area_changed", "error", "1")
    assert float(problem.params["change"]) == pytest.approx(200, abs=1) and read.frame.index.tolist() == [1]
    assert (read.account["read"], read.account["set_aside"], read.account["used"]) == (2, 1, 1)


def test_features_without_geometry_are_set_aside_and_counted():
    units, (problem,) = read_layer(frame([SQUARE, None, Polygon()], KODE=["1", "2", "3"]), "rt")
    assert units.index.tolist() == ["1"]
    assert (problem.code, problem.params) == ("layer_geometry_missing", {"count": 2})


def test_features_of_a_wrong_kind_are_set_aside_and_named():
    mixed = [LINE, SQUARE, Point(X, Y), shapely.GeometryCollection([Point(X, Y)])]
    roads, (problem,) = read_layer(frame(mixed, KONDISI=["baik"] * 4), "roads")
    assert roads.geom_type.tolist() == ["LineString"] and problem.feature == "2, 3, 4"
    assert problem.params == {"count": 3, "found": ("collection", "point", "polygon"), "wanted": ("line",)}
    assert "berjenis kumpulan bentuk, titik, poligon, padahal yang diperlukan garis" in problem.message()


def test_of_a_collection_the_parts_of_the_wanted_kind_are_used_and_the_rest_is_counted():
    two = shapely.GeometryCollection([LINE, Point(X, Y), LineString([(X, Y + 9), (X + 50, Y + 9)])])
    read = open_layer(frame([two], KONDISI=["baik"]), "roads")
    (problem,) = read.problems
    assert read.frame.length.tolist() == [100] and (problem.code, problem.feature) == ("layer_geometry_collection", "1")
    assert problem.params == {"count": 1, "left": 1} and read.account["repaired"] == 1


def test_a_feature_that_stands_twice_is_used_once_and_it_is_said():
    read = open_layer(frame([*boxes(2), SQUARE], TERATUR=["ya", "tidak", "ya"]), "buildings")
    (problem,) = read.problems
    assert (problem.code, problem.feature, problem.params["count"]) == ("layer_geometry_double", "3", 1)
    assert read.frame.index.tolist() == [0, 1] and read.account["set_aside"] == 1


def test_features_at_one_place_that_say_other_things_are_kept_and_it_is_said():
    houses, (problem,) = read_layer(frame([*boxes(2), SQUARE], TERATUR=["ya", "tidak", "tidak"]), "buildings")
    assert (problem.code, problem.feature) == ("layer_geometry_same_place", "1, 3")
    assert houses["irregular"].tolist() == [False, True, True]


def test_multi_geometries_are_kept_whole():
    two = MultiPolygon([SQUARE, box(X + 300, Y, X + 400, Y + 100)])
    units, problems = read_layer(frame([two], KODE=["1"]), "rt")
    assert units.area.iloc[0] == 2e4 and problems == []


@pytest.mark.parametrize("kind", layer_kinds())
def test_every_feature_is_used_or_set_aside_and_counted(kind):
    flat, nowhere = Polygon([(X, Y), (X + 9, Y + 9), (X, Y)]), Polygon([(X, Y), (float("inf"), Y), (X, Y + 9)])
    plain = [SQUARE, BOW_TIE, LINE, Point(X, Y), None, Polygon(), shapely.MultiPoint([(X, Y)]), flat, nowhere]
    mixed = shapely.GeometryCollection([LINE, Point(X, Y + 9), BOW_TIE])
    given = frame([*plain, looped(40), SQUARE, LINE, LineString([(X, Y), (X, Y)]), mixed])
    read = open_layer(given, kind)
    assert (read.account["read"], read.account["used"]) == (len(given), len(read.frame)) and len(read.frame) > 0
    assert len(read.frame) + aside(read.problems) == len(given), "each feature that is set aside is said"
    assert read.account["set_aside"] == aside(read.problems)
    assert read.frame.is_valid.all() and not read.frame.is_empty.any()


def test_a_frame_is_never_changed():
    given = frame([SQUARE, BOW_TIE, None], KODE=["1", "2", "3"], LUAS_SK=["0,5 ha", "-", "x"])
    before = given.copy(deep=True)
    read_layer(given, "rt", to_crs=4326)
    pd.testing.assert_frame_equal(pd.DataFrame(given.drop(columns="geometry")), before.drop(columns="geometry"))
    assert given.geometry.to_wkt().tolist() == before.geometry.to_wkt().tolist() and given.crs == before.crs


def test_a_file_is_never_changed(tmp_path):
    path = tmp_path / "rt.gpkg"
    frame([SQUARE, BOW_TIE], KODE=["1", "2"]).to_file(path)
    before = path.read_bytes()
    read_layer(path, "rt", to_crs=4326)
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["rt.gpkg"]


# ---------------------------------------------------------------- columns


def test_columns_are_proposed_by_the_names_that_people_use():
    roads, _ = read_layer(lines(Kondisi=["baik"], LEBAR_M=[3.5], Nama=["Jl. Bulu"], KET=["x"]), "roads")
    assert roads.drop(columns="geometry").iloc[0].to_dict() == {
        "condition": "baik",
        "width_m": 3.5,
        "name": "Jl. Bulu",
    }


def test_mapped_columns_are_the_only_ones_taken():
    roads, _ = read_layer(lines(K2=["rusak"], KONDISI=["baik"], LEBAR=[3]), "roads", columns={"condition": "K2"})
    assert roads.drop(columns="geometry").to_dict("list") == {"condition": ["rusak"]}


def test_mapped_columns_that_are_missing_or_unknown_are_said_all_at_once():
    found = refused(
        lines(KONDISI=["baik"]), "roads", columns={"condition": "KOND", "width_m": "LBR", "lebar": "KONDISI"}
    )
    assert [(p.code, p.column) for p in found] == [
        ("layer_column_missing", "KOND"),
        ("layer_column_missing", "LBR"),
        ("project_unknown_key", "lebar"),
    ]
    assert found[0].params["known"] == "KONDISI"


def test_a_column_is_proposed_for_one_purpose_only():
    proposed = propose_columns(["nama"], layer_kinds()["rt"]["columns"])
    assert list(proposed.values()) == [("nama", False)]


@pytest.mark.parametrize("kind", layer_kinds())
def test_no_name_of_a_column_is_claimed_twice_within_a_layer(kind):
    columns = layer_kinds()[kind]["columns"]
    for name, spec in columns.items():
        assert not set(spec["aliases"]) & set(spec.get("opposite", [])), name


# ---------------------------------------------------------------- words and numbers

WORDS = {  # as people write it: (condition, status)
    "baik": ("baik", None),
    "Baik ": ("baik", None),
    "MANTAP": ("baik", None),
    "cukup": ("sedang", None),
    "Rusak  Ringan": ("rusak ringan", None),
    "rb": ("rusak berat", None),
    "Buruk": ("rusak", None),
    "ada": (None, "ada"),
    "Eksisting": (None, "ada"),
    "RENCANA": (None, "dibutuhkan"),
    "belum ada": (None, "dibutuhkan"),
    "tidak ada": (None, "dibutuhkan"),
}


@pytest.mark.parametrize("word", WORDS)
def test_words_of_condition_and_status_are_understood(word):
    roads, problems = read_layer(lines(KONDISI=[word], STATUS=[word]), "roads")
    assert tuple(roads[["condition", "status"]].iloc[0]) == WORDS[word]
    said = {p.column for p in problems if p.code == "layer_word_unknown"}
    assert said == {name for name, meant in zip(("KONDISI", "STATUS"), WORDS[word], strict=True) if meant is None}


@pytest.mark.parametrize("empty", ["", " ", "-", "NULL", None, np.nan, "nan"])
def test_an_empty_word_is_missing_without_a_complaint(empty):
    roads, problems = read_layer(lines(KONDISI=[empty, "baik"]), "roads")
    assert roads["condition"].tolist() == [None, "baik"] and problems == []


def test_an_unknown_word_is_missing_and_said_once_with_its_number():
    roads, (problem,) = read_layer(lines(KONDISI=["parah", "parah", "baik"]), "roads")
    assert roads["condition"].tolist() == [None, None, "baik"]
    assert problem.params["value"] == "parah" and problem.params["count"] == 2
    assert "rusak berat" in problem.fix("id")


@pytest.mark.parametrize(
    ("word", "meant"), [("rusk berat", "rusak berat"), ("baikk", "baik"), ("Sedang  sedang", "sedang")]
)
def test_a_word_that_is_nearly_right_is_read_and_said(word, meant):
    roads, (problem,) = read_layer(lines(KONDISI=[word, word, "baik"]), "roads")
    assert roads["condition"].tolist() == [meant, meant, "baik"]
    assert (problem.code, problem.column, problem.severity) == ("layer_word_guessed", "KONDISI", "warning")
    assert problem.params == {"value": " ".join(word.lower().split()), "count": 2, "used": meant}


def test_own_words_of_a_project_are_understood():
    roads, problems = read_layer(lines(KONDISI=["Jelek Sekali"]), "roads", vocabulary={"jelek sekali": "rusak berat"})
    assert roads["condition"].tolist() == ["rusak berat"] and problems == []


YES = ["ya", "Y", "True", "1", 1, 1.0, True, np.True_, "sudah", "Ada"]
NO = ["tidak", "TDK", "0", 0, 0.0, False, np.False_, "belum", "tidak  ada"]


@pytest.mark.parametrize(("value", "meant"), [*((v, True) for v in YES), *((v, False) for v in NO)], ids=repr)
def test_yes_and_no_are_understood_however_they_are_written(value, meant):
    for values in ([value], pd.Series([value], dtype=object)):
        houses, problems = read_layer(frame([SQUARE], TIDAK_TERATUR=values, LAYAK=values), "buildings")
        assert houses["irregular"].tolist() == [meant]
        assert houses["substandard"].tolist() == [not meant], "LAYAK says the opposite of substandard"
        assert problems == []


@pytest.mark.parametrize("dtype", ["bool", "boolean", "Int64", "float", "object"])
def test_yes_and_no_come_out_as_true_false_or_missing(dtype):
    values = pd.Series([1, 0], dtype=dtype)
    houses, _ = read_layer(frame(boxes(2), TERATUR=values), "buildings")
    assert houses["irregular"].dtype == "boolean" and houses["irregular"].tolist() == [False, True]


def test_a_missing_yes_or_no_is_neither_and_its_opposite_neither():
    houses, problems = read_layer(frame(boxes(2), TERATUR=["ya", None], RTLH=pd.array([None, True])), "buildings")
    assert houses["irregular"].isna().tolist() == [False, True]
    assert houses["substandard"].isna().tolist() == [True, False] and problems == []


def test_a_mapped_column_of_the_opposite_meaning_is_turned_round():
    drains, _ = read_layer(lines(Tidak_Terhubung=["ya", "tidak"]), "drains", columns={"connected": "Tidak_Terhubung"})
    assert drains["connected"].tolist() == [False, True]


NUMBERS = {
    "3,5 m": 3.5,
    "3.5": 3.5,
    "2,25": 2.25,
    "350 cm": 3.5,
    "1.234,5 m": 1234.5,
    "4 meter": 4.0,
    " 4 ": 4.0,
    4: 4.0,
    "-": np.nan,
    "": np.nan,
    None: np.nan,
}


@pytest.mark.parametrize("value", NUMBERS, ids=repr)
def test_numbers_are_read_as_people_write_them(value):
    roads, problems = read_layer(lines(PANJANG=pd.Series([value], dtype=object)), "roads")
    assert roads["length_m"].iloc[0] == pytest.approx(NUMBERS[value], nan_ok=True) and problems == []


def test_what_is_no_number_is_missing_and_said_with_an_example():
    roads, (problem,) = read_layer(lines(LEBAR=["3,5 m", "tiga", "#REF!"]), "roads")
    assert roads["width_m"].isna().tolist() == [False, True, True]
    assert (problem.code, problem.column) == ("layer_number_unreadable", "LEBAR")
    assert (problem.params["count"], problem.params["value"]) == (2, "tiga")


@pytest.mark.parametrize("cell", [None, float("nan"), pd.NA, pd.NaT, "nan", "<NA>", "NaT", "-"], ids=repr)
def test_a_missing_cell_is_no_wrong_number(cell):
    roads, problems = read_layer(lines(LEBAR=["3.5", cell]), "roads")
    assert roads["width_m"].isna().tolist() == [False, True] and problems == []


@pytest.mark.parametrize("cell", [float("inf"), True, np.array([1, 2])], ids=repr)
def test_a_cell_that_is_no_number_is_shown_as_it_stands(cell):
    roads, (problem,) = read_layer(lines(LEBAR=[3.5, cell]), "roads")
    assert roads["width_m"].isna().tolist() == [False, True]
    assert problem.params == {"count": 1, "value": str(cell)}


def test_an_endless_number_of_a_column_of_numbers_is_none():
    roads, (problem,) = read_layer(lines(LEBAR=[np.inf, 2.0]), "roads")
    assert roads["width_m"].isna().tolist() == [True, False] and problem.params["value"] == "inf"


@pytest.mark.parametrize(
    "source",
    [gpd.GeoDataFrame({"KODE": ["1"]}), gpd.GeoDataFrame({"KODE": ["1"]}, geometry=[LINE]).drop(columns="geometry")],
)
def test_a_frame_without_geometry_is_refused_with_its_columns(source):
    with pytest.raises(LayerError) as caught:
        read_layer(gpd.GeoDataFrame(source), "roads")
    (problem,) = caught.value.problems
    assert (problem.code, problem.params["known"]) == ("layer_no_geometry", "KODE")


def test_texts_keep_their_letters_and_lose_their_outer_spaces():
    parcels, _ = read_layer(frame(boxes(3), STATUS_HAK=[" Hak Milik ", "", None]), "parcels")
    assert parcels["land_status"].iloc[0] == "Hak Milik" and parcels["land_status"].isna().tolist() == [
        False,
        True,
        True,
    ]


# ---------------------------------------------------------------- keys of units

KEYS = {
    "text with leading zeros": (["001", "002"], ["001", "002"]),
    "whole numbers": ([1, 2], ["1", "2"]),
    "whole numbers that became floats": ([1.0, 2.0], ["1", "2"]),
    "long codes that became floats": ([3313112003001.0, 3313112003002.0], ["3313112003001", "3313112003002"]),
    "codes with dots": (["33.13.11.2003.001", " 33.13.11.2003.002 "], ["33.13.11.2003.001", "33.13.11.2003.002"]),
}


@pytest.mark.parametrize("case", KEYS)
def test_keys_of_units_are_texts(case):
    given, wanted = KEYS[case]
    units, problems = read_layer(frame(boxes(2), KODE_RT=given), "rt")
    assert units.index.tolist() == wanted and problems == []


def test_keys_of_sqlite_integers_with_a_gap_stay_whole(tmp_path):
    frame(boxes(2), KODE=pd.array([331311, None], dtype="Int64")).to_file(tmp_path / "rt.gpkg")
    units, problems = read_layer(tmp_path / "rt.gpkg", "rt")
    assert units.index.tolist() == ["331311", "(fitur 2)"] and codes(problems) == ["unit_missing"]


def test_a_key_that_stands_twice_is_said_and_both_units_are_kept():
    units, (problem,) = read_layer(frame(boxes(3), KODE=["01", "02", "01"]), "rt")
    assert units.index.tolist() == ["01", "02", "01 #2"] and units.index.is_unique
    assert (problem.code, problem.feature, problem.severity) == ("unit_duplicate", "01", "error")


def test_a_missing_key_is_said_and_the_unit_kept():
    units, problems = read_layer(frame(boxes(3), KODE=["01", None, " "]), "rt")
    assert len(units) == 3 and units.index.is_unique and codes(problems) == ["unit_missing"] * 2


def test_units_without_a_column_of_keys_are_numbered_and_it_is_said():
    units, problems = read_layer(frame(boxes(2)), "rt")
    assert units.index.tolist() == ["1", "2"] and codes(problems) == ["table_unit_column_assumed"]


def test_a_frame_indexed_by_its_key_keeps_it():
    assert read_layer(frame([SQUARE], kode=["007"]).set_index("kode"), "rt")[0].index.tolist() == ["007"]


# ---------------------------------------------------------------- hectares


def test_hectares_are_those_of_the_ellipsoid():
    shape = MultiPolygon(
        [Polygon(SQUARE.exterior, [box(X + 10, Y + 10, X + 30, Y + 40).exterior]), box(X + 200, Y, X + 240, Y + 60)]
    )
    given = frame([shape])
    lonlat = given.to_crs(4326).geometry.iloc[0]
    expected = sum(
        abs(Geod(ellps="GRS80").geometry_area_perimeter(shapely.orient_polygons(p))[0]) for p in lonlat.geoms
    )
    assert geodesic_hectares(given)[0] == pytest.approx(expected / 1e4, rel=1e-9)
    assert geodesic_hectares(given)[0] == pytest.approx(1.0 - 0.06 + 0.24, rel=2e-3)


@pytest.mark.parametrize("crs", [4326, 3857, 9489, 32748])
def test_hectares_do_not_depend_on_the_crs(crs):
    given = frame([SQUARE, box(X, Y, X + 3000, Y + 2000)])
    assert geodesic_hectares(given.to_crs(crs)) == pytest.approx(geodesic_hectares(given), rel=1e-6)


def test_a_unit_without_geometry_has_no_hectares():
    assert geodesic_hectares(frame([None, Polygon()])).tolist() == [0, 0]


def test_every_word_that_is_known_is_lower_case_and_means_one_thing():
    for kind in ("condition", "status", "yes_no"):
        assert all(word == " ".join(word.lower().split()) for word in words(kind))


# ---------------------------------------------------------------- what still goes wrong


def test_a_mapped_column_of_the_opposite_meaning_may_have_a_space():
    given = lines(**{"Tidak Terhubung": ["ya", "tidak"]})
    proposed, _ = read_layer(given, "drains")
    mapped, _ = read_layer(given, "drains", columns={"connected": "Tidak Terhubung"})
    assert mapped["connected"].tolist() == proposed["connected"].tolist() == [False, True]


@pytest.mark.parametrize(
    ("kind", "shape", "code"),
    [
        ("parcels", Polygon([(X, Y), (X + 9, Y + 9), (X, Y)]), "layer_geometry_collapsed"),
        ("roads", LineString([(X, Y), (X, Y)]), "layer_geometry_collapsed"),
        ("parcels", Polygon([(X, Y), (float("inf"), Y), (X, Y + 9)]), "layer_geometry_not_finite"),
    ],
    ids=["polygon without area", "line without length", "polygon to infinity"],
)
def test_a_shape_that_collapses_when_it_is_repaired_is_set_aside(kind, shape, code):
    used, problems = read_layer(frame([shape]), kind)
    assert len(used) == 0 and {code, "layer_empty"} <= set(codes(problems))
    assert [(p.feature, p.params["count"]) for p in problems if p.code == code] == [("1", 1)]


@pytest.mark.parametrize(
    ("kind", "column", "meaning"), [("drains", "TERHUBUNG", "ya"), ("roads", "KONDISI", "Rusak Berat")]
)
def test_an_own_word_may_mean_any_word_that_is_known(kind, column, meaning):
    got, problems = read_layer(lines(**{column: ["lumayan"]}), kind, vocabulary={"lumayan": meaning})
    assert got.iloc[0][{"TERHUBUNG": "connected", "KONDISI": "condition"}[column]] in (True, "rusak berat")
    assert problems == []


def test_an_own_word_with_a_meaning_that_is_not_known_is_said():
    roads, problems = read_layer(lines(KONDISI=["lumayan"]), "roads", vocabulary={"lumayan": "parah"})
    assert roads["condition"].tolist() == [None]
    assert {(p.code, p.column) for p in problems} == {("layer_word_unknown", "KONDISI")}
    assert all("rusak berat" in p.fix("id") for p in problems)


def test_an_own_word_with_a_meaning_that_is_not_known_is_said_once():
    _, problems = read_layer(lines(KONDISI=["lumayan"]), "roads", vocabulary={"lumayan": "parah"})
    assert codes(problems) == ["layer_word_unknown"]


@pytest.mark.parametrize("vocabulary", [{"nyambung": "ya"}, {"bagus": "mantap"}])
def test_an_own_word_for_one_column_is_no_fault_of_another(vocabulary):
    given = lines(TERHUBUNG=["nyambung" if "nyambung" in vocabulary else "ya"], KONDISI=["baik"])
    drains, problems = read_layer(given, "drains", vocabulary=vocabulary)
    assert (drains["connected"].tolist(), drains["condition"].tolist(), problems) == ([True], ["baik"], [])


def test_the_words_to_choose_from_are_words_of_the_country():
    _, (problem,) = read_layer(lines(TERHUBUNG=["entahlah"]), "drains")
    assert "tidak" in problem.fix("id") and "yes" not in problem.fix("id")


def test_an_own_word_with_two_spaces_is_understood():
    roads, problems = read_layer(lines(KONDISI=["Jelek  Sekali"]), "roads", vocabulary={"Jelek  Sekali": "rusak"})
    assert roads["condition"].tolist() == ["rusak"] and problems == []


def test_an_ambiguous_number_is_said_with_both_readings():
    roads, (problem,) = read_layer(lines(LEBAR=["3.500"]), "roads")
    assert problem.code == "number_ambiguous" and roads["width_m"].iloc[0] == 3.5
    assert "3,5 atau 3500" in problem.message("id") and "3.5 or 3500" in problem.message("en")


WIDTHS = {  # as people write it: metres
    "3.500": 3.5,
    "3,500": 3.5,
    "1.250 m": 1.25,
    "350 cm": 3.5,
    "0.750": 0.75,
    "3": 3.0,
}


@pytest.mark.parametrize("value", WIDTHS)
def test_the_width_of_a_lane_is_never_read_as_kilometres(value):
    assert read_layer(lines(LEBAR=[value]), "roads")[0]["width_m"].iloc[0] == WIDTHS[value]


@pytest.mark.parametrize("value", [3500, "3500", -1.0, "1.250.000"])
def test_a_width_that_cannot_be_is_said_and_not_used(value):
    roads, (problem,) = read_layer(lines(LEBAR=[value]), "roads")
    assert (problem.code, problem.severity) == ("layer_number_implausible", "error")
    assert roads["width_m"].isna().all()


DEPTHS = [  # heading, cells, centimetres, what is said
    ("TINGGI", [0.5, 1.2], [None, None], ["layer_depth_in_metres"]),
    ("TINGGI", ["0,5", "0"], [None, 0], ["layer_depth_in_metres"]),
    ("TINGGI", [50, 0.5], [50, 0.5], []),
    ("TINGGI", ["0,5 m", "40 cm"], [50, 40], []),
    ("TINGGI_M", [0.5, 1.2], [50, 120], []),
    ("Tinggi (m)", ["0,5", "40 cm"], [50, 40], []),
    ("TINGGI_CM", [2, 1], [2, 1], []),
    ("kedalaman (cm)", [2, 1], [2, 1], []),
]


@pytest.mark.parametrize(("heading", "cells", "depths", "said"), DEPTHS)
def test_the_depth_of_inundation_is_never_metres_taken_for_centimetres(heading, cells, depths, said):
    pools, problems = read_layer(frame(boxes(2), **{heading: cells}), "inundation")
    wanted = [float("nan") if d is None else d for d in depths]
    assert pools["depth_cm"].tolist() == pytest.approx(wanted, nan_ok=True)
    assert codes(problems) == said


def test_hours_follow_the_unit_in_the_heading():
    pools, _ = read_layer(frame(boxes(2), LAMA_MENIT=[90, 180]), "inundation")
    assert pools["duration_h"].tolist() == [1.5, 3.0]


def test_the_key_given_to_a_duplicate_is_not_taken_already():
    units, _ = read_layer(frame(boxes(3), KODE=["01", "01", "01 #2"]), "rt")
    assert units.index.is_unique and len(units) == 3


def test_a_frame_whose_index_has_the_name_of_a_column_is_read():
    given = frame([SQUARE], KODE=["01"])
    given.index = pd.Index(["x"], name="KODE")
    assert len(read_layer(given, "rt")[0]) == 1
