"""Coordinate systems: what they are called, where they put the data, and what to write when that is wrong."""

from functools import cache

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer
from pyproj.database import query_crs_info

from kumuhgis.coordinates import TM3_ZONES, UTM_ZONES, candidates, lonlat_of, provinces, read_crs
from kumuhgis.crs import (
    Candidate,
    area_of,
    describe,
    parse_coordinate,
    place,
    plausible,
    sample_points,
    short_name,
    verdict,
)

# desa of Kecamatan Jaten (33.13.11) with their centres
DESA = {"Jaten": (110.89996, -7.57398), "Ngringo": (110.87440, -7.55684), "Brujul": (110.90605, -7.54750)}
NAMED = gpd.GeoDataFrame(
    {"desa": list(DESA)}, geometry=[shapely.Point(p).buffer(0.009) for p in DESA.values()], crs=4326
)
AREA = tuple(NAMED.total_bounds)


def square(centre, half=0.003):
    """Nine points of a small square, in degrees."""
    lon, lat = centre
    return np.array([(lon + i * half, lat + j * half) for i in (-1, 0, 1) for j in (-1, 0, 1)])


@cache
def into(code):
    return Transformer.from_crs(4326, code, always_xy=True)


def written(code, centre=DESA["Ngringo"]):
    """The square as a file in that coordinate system holds it."""
    return np.column_stack(into(code).transform(*square(centre).T))


def codes(found):
    return [p.code for p in found.problems]


def only(found):
    assert len(found.problems) == 1, codes(found)
    return found.problems[0]


# ---------------------------------------------------------------- the systems that are tried


@pytest.mark.parametrize("zone", UTM_ZONES)
@pytest.mark.parametrize(("first", "letter", "north"), [(32600, "N", 0), (32700, "S", 10_000_000)])
def test_codes_of_utm_zones_mean_the_zone_and_hemisphere(zone, first, letter, north):
    crs = CRS.from_epsg(first + zone)
    value = {p.name: p.value for p in crs.coordinate_operation.params}
    assert crs.name == f"WGS 84 / UTM zone {zone}{letter}"
    assert value["Longitude of natural origin"] == 6 * zone - 183
    assert value["False northing"] == north
    assert candidates()[Candidate(f"EPSG:{first + zone}")][0] == 6 * zone - 183


@pytest.mark.parametrize(
    ("zone", "code", "meridian"),
    [
        ("46.2", 23830, 94.5),
        ("47.1", 23831, 97.5),
        ("47.2", 23832, 100.5),
        ("48.1", 23833, 103.5),
        ("48.2", 23834, 106.5),
        ("49.1", 23835, 109.5),
        ("49.2", 23836, 112.5),
        ("50.1", 23837, 115.5),
        ("50.2", 23838, 118.5),
        ("51.1", 23839, 121.5),
        ("51.2", 23840, 124.5),
        ("52.1", 23841, 127.5),
        ("52.2", 23842, 130.5),
        ("53.1", 23843, 133.5),
        ("53.2", 23844, 136.5),
        ("54.1", 23845, 139.5),
    ],
)
def test_codes_of_tm3_zones_mean_the_zone(zone, code, meridian):
    crs = CRS.from_epsg(code)
    value = {p.name: p.value for p in crs.coordinate_operation.params}
    assert TM3_ZONES[zone] == code
    assert crs.name == f"DGN95 / Indonesia TM-3 zone {zone}"
    assert (value["False easting"], value["False northing"]) == (200_000, 1_500_000)
    assert value["Longitude of natural origin"] == pytest.approx(meridian)
    assert candidates()[Candidate(f"EPSG:{code}")][0] == meridian


def test_no_other_tm3_of_indonesia_has_a_code():
    found = {int(i.code) for i in query_crs_info("EPSG") if "Indonesia TM-3" in i.name or "SRGI2013 / TM" in i.name}
    assert found == set(TM3_ZONES.values())


@pytest.mark.parametrize(
    ("crs", "indonesian", "english"),
    [
        ("EPSG:32749", "UTM zona 49 Selatan, WGS 84 (EPSG:32749)", "UTM zone 49 South, WGS 84 (EPSG:32749)"),
        ("EPSG:9479", "UTM zona 49 Utara, SRGI2013 (EPSG:9479)", "UTM zone 49 North, SRGI2013 (EPSG:9479)"),
        ("EPSG:23835", "TM-3 zona 49.1, DGN95 (EPSG:23835)", "TM-3 zone 49.1, DGN95 (EPSG:23835)"),
        ("EPSG:4326", "lintang-bujur WGS 84 (EPSG:4326)", "latitude-longitude WGS 84 (EPSG:4326)"),
        ("OGC:CRS84", "lintang-bujur WGS 84 (OGC:CRS84)", "latitude-longitude WGS 84 (OGC:CRS84)"),
        ("EPSG:3857", "Web Mercator (peta daring) (EPSG:3857)", "Web Mercator (web maps) (EPSG:3857)"),
        ("EPSG:9469", "lintang-bujur SRGI2013, dengan ketinggian (EPSG:9469)",
         "latitude-longitude SRGI2013, with heights (EPSG:9469)"),
        ("EPSG:3001", "Batavia / NEIEZ (EPSG:3001)", "Batavia / NEIEZ (EPSG:3001)"),
        ("+proj=tmerc +lon_0=112.5 +k=0.9999 +x_0=2e5 +y_0=15e5", "TM-3 zona 49.2, WGS 84", "TM-3 zone 49.2, WGS 84"),
        ("+proj=tmerc +lon_0=110 +k=0.9996 +x_0=500000 +y_0=0", "unknown", "unknown"),
        (None, "sistem koordinat tidak diketahui", "unknown coordinate system"),
        ("EPSG:0", "sistem koordinat tidak diketahui", "unknown coordinate system"),
        (4978, "sistem koordinat tidak diketahui", "unknown coordinate system"),
    ],
)  # fmt: skip
def test_a_coordinate_system_in_words(crs, indonesian, english):
    assert describe(crs) == indonesian
    assert describe(crs, "en") == english


def test_every_utm_and_tm3_of_every_indonesian_datum_is_known_by_its_zone():
    for info in query_crs_info("EPSG", pj_types=["PROJECTED_CRS"]):
        if info.name.startswith(("SRGI2013 / UTM", "DGN95", "ID74 / UTM", "Batavia / UTM")):
            assert f"{info.name.split('zone ')[1]}" in short_name(CRS(int(info.code))), info.name


# ---------------------------------------------------------------- plausible readings


def in_a_province():
    boxes = [p["box"] for p in provinces().values()]
    return st.sampled_from(boxes).flatmap(lambda b: st.tuples(st.floats(b[0], b[2]), st.floats(b[1], b[3])))


@settings(max_examples=40, deadline=None)
@given(in_a_province(), st.booleans())
def test_the_true_system_is_always_among_the_plausible(centre, swapped):
    zone = int((centre[0] + 180) // 6) + 1
    half = 1 if (centre[0] + 180) % 6 < 3 else 2
    tm3 = TM3_ZONES.get(f"{zone}.{half}")
    for code in filter(None, (4326, 3857, 32700 + zone, 32600 + zone, tm3)):
        points = written(code, centre)
        found = plausible(points[:, ::-1] if swapped else points)
        assert Candidate(f"EPSG:{code}", swapped) in found


@pytest.mark.parametrize(
    ("what", "points", "expected"),
    [
        ("degrees", [(110.9, -7.57)], {"EPSG:4326"}),
        ("web mercator", written(3857), {"EPSG:3857"}),
        ("a drawing that begins at 0, 0", [(0, 0), (200, 300)], set()),
        ("no points", np.empty((0, 2)), set()),
        ("not numbers", [(np.nan, np.inf)], set()),
        ("Thailand", [(100.5, 13.7)], set()),
    ],
)
def test_the_size_of_the_numbers_limits_what_they_can_be(what, points, expected):
    assert {c.code for c in plausible(points)} == expected


def test_bounds_serve_as_points():
    assert Candidate("EPSG:32749") in plausible((485_000, 9_163_000, 487_000, 9_165_000))


# ---------------------------------------------------------------- verdicts

TRUTHS = [4326, 32749, 32748, 32750, 23835, 23836, 3857]


@pytest.mark.parametrize("desa", DESA)
@pytest.mark.parametrize("truth", [*TRUTHS, 9489, 23879, 9470, 4755])
def test_what_is_where_it_should_be_is_fine(desa, truth):
    for area in (AREA, area_of("33.13.11"), None):
        found = verdict(truth, written(truth, DESA[desa]), area=area, places=NAMED)
        assert found.fine
        assert found.crs == CRS(truth)
        assert found.problems == []
        assert found.tried["place"].tolist() == [desa]


@pytest.mark.parametrize("desa", DESA)
@pytest.mark.parametrize("truth", TRUTHS)
@pytest.mark.parametrize("declared", [None, 4326, 32649, 9478, 32749, 23834])
def test_a_wrong_or_missing_system_gets_the_right_one_suggested(desa, truth, declared):
    if truth == declared:
        return
    points = written(truth, DESA[desa])
    before = points.copy()
    for area in (NAMED, area_of("33.13.11.2003")):
        found = verdict(declared, points, area=area, places=NAMED, label="rt.shp")
        assert not found.fine
        assert found.suggested == Candidate(f"EPSG:{truth}")
        problem = only(found)
        assert problem.code == ("crs_unknown_one" if declared is None else "crs_wrong_one")
        for lang in ("id", "en"):
            assert f'crs = "EPSG:{truth}"' in problem.line(lang)
            assert f"({desa})" in problem.line(lang)
        best = found.tried.set_index("code").loc[f"EPSG:{truth}"]
        assert best["inside"] == 1
        assert best["place"] == desa
    assert (points == before).all()


def test_the_sentence_that_a_facilitator_reads():
    found = verdict("EPSG:32649", written(32749), area=AREA, places=NAMED, label="rt.shp")
    assert only(found).line() == (
        "rt.shp: Terbaca sebagai UTM 49N (EPSG:32649), datanya tidak jatuh di wilayah proyek; dibaca sebagai UTM 49S "
        '(EPSG:32749), datanya jatuh di 110.87, -7.56 (Ngringo). Bila tempat itu benar, tulis crs = "EPSG:32749" '
        "untuk layer ini."
    )


@pytest.mark.parametrize("declared", [None, 4326, 32749])
@pytest.mark.parametrize(
    ("points", "suggested", "expected"),
    [
        (written(4326)[:, ::-1], Candidate("EPSG:4326", True), ["crs_swapped"]),
        (abs(written(4326)), Candidate("EPSG:4326", False, True), ["crs_latitude_unsigned"]),
        (abs(written(4326)[:, ::-1]), Candidate("EPSG:4326", True, True), ["crs_swapped", "crs_latitude_unsigned"]),
        (written(32749)[:, ::-1], Candidate("EPSG:32749", True), ["crs_swapped"]),
        (written(23835)[:, ::-1], Candidate("EPSG:23835", True), ["crs_swapped"]),
    ],
)
def test_swapped_and_unsigned_coordinates_are_named(declared, points, suggested, expected):
    found = verdict(declared, points, area=AREA, places=NAMED)
    assert found.suggested == suggested
    assert codes(found) == expected
    assert ("swap_xy = true" in found.problems[0].fix()) == suggested.swapped


def test_degrees_need_no_area_to_be_seen_as_swapped():
    assert codes(verdict(4326, written(4326)[:, ::-1])) == ["crs_swapped"]
    assert codes(verdict(4326, abs(written(4326)))) == ["crs_latitude_unsigned"]


def test_without_an_area_a_utm_zone_is_listed_not_chosen():
    found = verdict(None, written(32749), label="rt.shp")
    problem = only(found)
    assert problem.code == "crs_unknown_several"
    assert found.suggested is None
    assert "UTM 49S (EPSG:32749) → 110.87, -7.56 (Jawa Tengah/" in problem.message()
    assert {"EPSG:32749", "EPSG:32751"} <= set(found.tried["code"])


def test_with_the_wrong_hemisphere_the_same_zone_is_named_first():
    problem = only(verdict(32649, written(32749)))
    assert problem.code == "crs_wrong_several"
    assert problem.params["options"].startswith("UTM 49S (EPSG:32749)")
    assert 'crs = "EPSG:32749"' in problem.fix()


def test_a_northern_zone_with_negative_northings_is_right_in_the_south():
    points = written(32649)
    assert points[:, 1].max() < 0
    assert verdict(32649, points, area=AREA).fine


@pytest.mark.parametrize("declared", [4326, 32749])
def test_a_layer_of_another_place_is_said_to_be_elsewhere(declared):
    found = verdict(declared, written(declared, (112.75, -7.25)), area=AREA)
    assert codes(found) == ["crs_wrong_elsewhere"]
    assert 150 < found.problems[0].params["km"] < 210
    assert found.suggested is None


@pytest.mark.parametrize("declared", [None, 4326])
def test_a_drawing_with_its_own_coordinates_fits_nothing(declared):
    found = verdict(declared, [(0, 0), (2500, 0), (2500, 3000)], area=AREA)
    assert codes(found) == ["crs_unknown_none" if declared is None else "crs_wrong_none"]


def test_a_layer_of_the_whole_kabupaten_fits_a_project_of_one_desa():
    around = np.array([(110.7 + i / 20, -7.9 + j / 20) for i in range(10) for j in range(9)])
    utm = np.column_stack(Transformer.from_crs(4326, 32749, always_xy=True).transform(*around.T))
    assert verdict(32749, utm, area=AREA, margin=0.01).fine
    assert verdict(32649, utm, area=AREA, margin=0.01).suggested == Candidate("EPSG:32749")


def test_points_that_are_elsewhere_are_said_and_the_rest_stays_fine():
    island = np.vstack([written(4326), [(0, 0)]])
    found = verdict(4326, island, area=AREA)
    assert (found.fine, codes(found)) == (True, ["crs_strays"])
    assert found.problems[0].params == {"count": 1, "all": 10, "x": "0", "y": "0"}
    mixed = np.vstack([written(4326), written(32749)[:3]])
    found = verdict(4326, mixed, area=AREA)
    assert (found.fine, codes(found)) == (True, ["crs_mixed"])
    assert found.problems[0].params["candidate"] == "UTM 49S (EPSG:32749)"


def test_half_in_one_system_and_half_in_another_is_never_decided():
    found = verdict(None, np.vstack([written(4326), written(32749)]), area=AREA)
    assert (found.fine, found.suggested, codes(found)) == (False, None, ["crs_unknown_several"])


# ---------------------------------------------------------------- what a file may say

ESRI = (
    'PROJCS["UserDefined",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
    'PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",10000000.0],PARAMETER["Central_Meridian",111.0],'
    'PARAMETER["Scale_Factor",0.9996],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)
TM3 = "+proj=tmerc +lat_0=0 +lon_0=109.5 +k=0.9999 +x_0=200000 +y_0=1500000 +ellps=WGS84 +units=m"


@pytest.mark.parametrize(
    ("declared", "points", "used", "expected"),
    [
        (ESRI, written(32749), "EPSG:32749", ["crs_no_code"]),
        (TM3, written(23835), "EPSG:23835", ["crs_no_code"]),
        (TM3 + " +towgs84=0,0,0", written(23835), "EPSG:23835", ["crs_no_code"]),
        ("+proj=longlat +datum=WGS84", written(4326), "EPSG:4326", ["crs_no_code"]),
        ("EPSG:3785", written(3857), "EPSG:3857", ["crs_deprecated"]),
        ("ESRI:102100", written(3857), "EPSG:3857", ["crs_deprecated"]),
        ("EPSG:4979", written(4326), "EPSG:4326", ["crs_height"]),
        ("OGC:CRS84h", written(4326), "EPSG:4326", ["crs_height"]),
        ("EPSG:9529", written(9470), "EPSG:9470", ["crs_height"]),
        ("EPSG:32749+5773", written(32749), "EPSG:32749", ["crs_height"]),
        ("OGC:CRS84", written(4326), "OGC:CRS84", []),
        ("EPSG:21149", written(21149), "EPSG:21149", ["crs_old_datum"]),
        ("EPSG:4211", written(4211), "EPSG:4211", ["crs_old_datum"]),
        ("EPSG:4813", written(4813), "EPSG:4813", ["crs_old_datum"]),
    ],
)
def test_what_a_file_says_is_taken_for_what_it_is(declared, points, used, expected):
    found = verdict(declared, points, area=AREA)
    assert found.fine
    assert found.crs.to_string() == used
    assert codes(found) == expected


def test_taking_a_system_for_another_moves_nothing():
    for declared, points in ((ESRI, written(32749)), (TM3, written(23835))):
        own = Transformer.from_crs(CRS(declared), 4326, always_xy=True).transform(*points.T)
        assert lonlat_of(verdict(declared, points).crs, points) == pytest.approx(np.column_stack(own), abs=1e-9)


def test_a_withdrawn_old_datum_is_not_taken_for_a_new_one():
    padang = written(4280, (100.4, -0.9))
    found = verdict(4280, padang, area=area_of("13"))
    assert found.fine
    assert found.crs == CRS(4280)
    assert "crs_deprecated" not in codes(found)


def test_the_shift_of_an_old_datum_is_measured():
    assert verdict(21149, written(21149)).problems[0].params["shift"] == pytest.approx(115, abs=5)


def test_wgs84_dgn95_and_srgi2013_lie_within_half_a_metre():
    points = written(32749)
    for twin in (9489, 23879):
        apart = np.abs(lonlat_of(CRS(twin), points) - lonlat_of(CRS(32749), points)) * 111_000
        assert apart.max() < 0.5


@pytest.mark.parametrize("said", ['LOCAL_CS["Undefined Cartesian SRS",UNIT["Meter",1]]', "EPSG:4978", None])
def test_what_says_nothing_of_a_place_counts_as_unsaid(said):
    found = verdict(said, written(32749), area=AREA)
    assert (found.crs, codes(found)) == (None, ["crs_unknown_one"])
    assert read_crs(said) is None


@pytest.mark.parametrize("said", ["EPSG:99999", "utm 49", "", object()])
def test_what_cannot_be_read_is_said_and_the_search_goes_on(said):
    found = verdict(said, written(32749), area=AREA, label="rt.shp")
    assert codes(found) == ["crs_unreadable", "crs_unknown_one"]
    assert found.suggested == Candidate("EPSG:32749")


def test_a_layer_without_points_is_judged_by_what_it_says():
    assert verdict(32749, np.empty((0, 2)), area=AREA).fine
    assert codes(verdict(None, np.empty((0, 2)))) == ["crs_unknown_none"]


def layer(points):
    return gpd.GeoDataFrame({"nama": "a"}, geometry=gpd.points_from_xy(*points.T), index=range(len(points)))


@pytest.mark.parametrize(
    ("name", "frame", "expected"),
    [
        ("no_prj.shp", layer(written(32749)), ["crs_unknown_one"]),
        ("utm_49n.shp", layer(written(32749)).set_crs(32649), ["crs_wrong_one"]),
        ("utm_49s.shp", layer(written(32749)).set_crs(32749), []),
        ("tm3.shp", layer(written(23835)).set_crs(23835), []),
        ("tm3_no_code.shp", layer(written(23835)).set_crs(TM3), []),  # GDAL finds the code by itself
        ("undefined.gpkg", layer(written(32749)), ["crs_unknown_one"]),
        ("degrees.geojson", layer(written(4326)), []),
        ("metres.geojson", layer(written(32749)), ["crs_wrong_one"]),
        ("swapped.geojson", layer(written(4326)[:, ::-1]), ["crs_swapped"]),
        ("heights.geojson", layer(np.insert(written(4326), 2, 100.0, axis=1)), ["crs_height"]),
        ("lonlat_as_utm.fgb", layer(written(4326)).set_crs(32749), ["crs_wrong_one"]),
    ],
)
@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_files_as_they_come(tmp_path, name, frame, expected):
    pyogrio.write_dataframe(frame, tmp_path / name)
    raw = pyogrio.read_dataframe(tmp_path / name)
    found = verdict(raw.crs, sample_points(raw), area=AREA)
    assert codes(found) == expected
    assert found.fine == (expected in ([], ["crs_height"]))


# ---------------------------------------------------------------- never an exception, never a change

ANY = st.floats(allow_nan=True, allow_infinity=True)
LIKELY = st.sampled_from([0.0, 110.9, -7.57, 7.57, 486_139.0, 9_164_681.0, 351_703.0, 664_000.0, 1e300])


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from([None, 4326, 32749, 32649, 23835, 3857, 4813, 21149, 4979, TM3, "EPSG:3001", "nothing"]),
    st.lists(st.tuples(ANY | LIKELY, ANY | LIKELY), max_size=12),
    st.sampled_from([None, AREA, (np.nan,) * 4, area_of("91")]),
)
@example(4326, [(1e308, -1e308)], None)
def test_no_numbers_raise(declared, points, area):
    found = verdict(declared, np.array(points).reshape(-1, 2), area=area, places=NAMED)
    assert found.fine == (not any(p.severity == "error" for p in found.problems))
    assert found.fine or found.problems
    assert all(p.line("id") and p.line("en") for p in found.problems)
    assert list(found.tried)[:2] == ["candidate", "code"]


@pytest.mark.parametrize(
    "area", [shapely.Point(), gpd.GeoSeries([], crs=4326), (486_000, 9_163_000, 487_000, 9_165_000)]
)
def test_an_area_that_is_none_is_no_area(area):
    assert codes(verdict(None, written(32749), area=area)) == ["crs_unknown_several"]


def test_an_area_and_places_may_be_in_any_system():
    found = verdict(32649, written(32749), area=NAMED.to_crs(32749), places=NAMED.to_crs(23835).set_index("desa"))
    assert found.suggested == Candidate("EPSG:32749")
    assert found.tried["place"].iloc[found.tried["inside"].argmax()] == "Ngringo"


def test_order_of_the_points_does_not_matter():
    points = written(32749)
    one, other = (verdict(32649, p, area=AREA, places=NAMED) for p in (points, points[::-1]))
    assert one.suggested == other.suggested
    assert one.tried.round(9).equals(other.tried.round(9))


# ---------------------------------------------------------------- reading a layer as the user wrote


def test_a_swapped_layer_is_put_right_and_the_input_stays():
    frame = gpd.GeoDataFrame({"kode": ["01", "02"]}, geometry=[shapely.Point(-7.57, 110.9, 5), None], index=[7, 9])
    before = frame.copy()
    out = place(frame, Candidate("EPSG:4326", swapped=True))
    assert out.crs == CRS(4326)
    assert out.index.tolist() == [7, 9]
    assert shapely.get_coordinates(out.geometry.iloc[0]).tolist() == [[110.9, -7.57]]
    assert out.geometry.iloc[1] is None
    assert frame.equals(before)


def test_every_suggestion_when_followed_is_fine():
    for truth in TRUTHS:
        for swapped in (False, True):
            points = written(truth)[:, ::-1] if swapped else written(truth)
            frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*points.T))
            found = verdict(None, sample_points(frame), area=AREA)
            put = place(frame, found.suggested)
            assert verdict(put.crs, sample_points(put), area=AREA).fine


def test_points_are_sampled_over_the_whole_layer():
    many = gpd.points_from_xy(np.arange(50_000.0), np.zeros(50_000))
    points = sample_points(many, most=100)
    assert (len(points), points[0, 0], points[-1, 0]) == (100, 0, 49_999)
    assert sample_points(gpd.GeoSeries([None, shapely.Point()])).shape == (0, 2)
    assert sample_points(np.array([], object)).shape == (0, 2)


@pytest.mark.parametrize(
    ("code", "where"),
    [
        ("33.13.11.2003", DESA["Jaten"]),
        ("3313112003", DESA["Jaten"]),
        ("33", DESA["Brujul"]),
        ("31.72", (106.84, -6.13)),
        ("9471", (140.7, -2.5)),
        ("53.71", (123.6, -10.2)),
        ("71.01", (124.8, 1.5)),
    ],
)
def test_a_code_says_the_area_of_its_province(code, where):
    west, south, east, north = area_of(code)
    assert west <= where[0] <= east
    assert south <= where[1] <= north


@pytest.mark.parametrize("code", ["", None, "00", "9", "X3", "99.71"])
def test_a_code_of_no_province_has_no_area(code):
    assert area_of(code) is None


# ---------------------------------------------------------------- coordinates as people write them


@pytest.mark.parametrize(
    ("written_", "expected"),
    [
        ("-7,57398", -7.57398),
        ("-7.57398", -7.57398),
        (" −7,57398 ", -7.57398),
        ("110,89996", 110.89996),
        ("+110.89996°", 110.89996),
        ("7,57398 LS", -7.57398),
        ("LS 7,57398", -7.57398),
        ("7.57398° S", -7.57398),
        ("-7.57398 LS", -7.57398),
        ("Lintang Selatan: 7,57398", -7.57398),
        ("110,89996 BT", 110.89996),
        ("1,5 LU", 1.5),
        ("2,5° BB", -2.5),
        ("7°34'26\" LS", -(7 + 34 / 60 + 26 / 3600)),
        ("7°34′26,3″ LS", -(7 + 34 / 60 + 26.3 / 3600)),
        ("7° 34' 26.3'' S", -(7 + 34 / 60 + 26.3 / 3600)),
        ("S 7º34'26\"", -(7 + 34 / 60 + 26 / 3600)),
        ("-7°34'26\"", -(7 + 34 / 60 + 26 / 3600)),
        ("7Â°34'26\"S", -(7 + 34 / 60 + 26 / 3600)),
        ("7o34'26\" LS", -(7 + 34 / 60 + 26 / 3600)),
        ("7 34 26 LS", -(7 + 34 / 60 + 26 / 3600)),
        ("7:34:26", 7 + 34 / 60 + 26 / 3600),
        ("7 derajat 34 menit 26 detik lintang selatan", -(7 + 34 / 60 + 26 / 3600)),
        ("110°54'E", 110.9),
        ("110°54' BT", 110.9),
        ("110 54 BT", 110.9),
        ("490000", 490000.0),
        ("9.162.000", 9162000.0),
        ("9.162.000,50", 9162000.5),
        ("9,162,000.5", 9162000.5),
        ("490000 E", 490000.0),
        (-7.57398, -7.57398),
        (np.float64(110.9), 110.9),
        (110, 110.0),
        ("", None),
        ("-", None),
        (None, None),
        (True, None),
        (float("nan"), None),
        (float("inf"), None),
        ("Jl. Lawu 12", None),
        ("-7.57398, 110.89996", None),
        ("-7.57398 110.89996", None),
        ("110 54", None),
        ("7°74'26\"", None),
        ("7°34'66\"", None),
        ("97,5 LS", None),
        ("-7,5 LU", None),
        ("110.874.400", None),
        ("7,57,398", None),
        ("S", None),
    ],
)
def test_a_coordinate_as_people_write_it(written_, expected):
    assert parse_coordinate(written_) == (None if expected is None else pytest.approx(expected, abs=1e-12))


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.text(max_size=40), st.text("0123456789.,-°'\" SLBTEo:", max_size=20), ANY, st.none(), st.integers())
)
def test_any_text_is_a_number_or_none(value):
    found = parse_coordinate(value)
    assert found is None or np.isfinite(found)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 89), st.integers(0, 59), st.integers(0, 599))
def test_degrees_minutes_and_seconds_add_up(degrees, minutes, tenths):
    text = f"{degrees}°{minutes:02}'{tenths / 10:.1f}\" LS".replace(".", ",")
    assert parse_coordinate(text) == pytest.approx(-(degrees + minutes / 60 + tenths / 36000))
