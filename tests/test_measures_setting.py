"""Typology and raster population: planes of known slope, rasters whose sums can be added by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from affine import Affine
from rasterio.transform import from_origin
from shapely import LineString, Point, box

from kumuhgis.measures import setting

CRS = "EPSG:32749"
X, Y = 484_000, 9_163_000
UNITS = gpd.GeoDataFrame(
    geometry=[box(X, Y, X + 100, Y + 100), box(X + 100, Y, X + 200, Y + 100)],
    index=pd.Index(["01", "02"], name="unit"),
    crs=CRS,
)


def raster(path, cells, *, size, left, top, crs=CRS, nodata=None):
    cells = np.asarray(cells, dtype="float64")
    profile = {"driver": "GTiff", "count": 1, "dtype": "float64", "crs": crs, "nodata": nodata}
    profile |= {"height": cells.shape[0], "width": cells.shape[1], "transform": from_origin(left, top, size, size)}
    with rasterio.open(path, "w", **profile) as target:
        target.write(cells, 1)
    return path


def plane(path, rise_east, rise_north):
    """Elevation over the units and 100 m around them, 10 m cells."""
    east, north = np.meshgrid(np.arange(40) * 10.0, np.arange(30)[::-1] * 10.0)
    return raster(path, 100 + rise_east * east + rise_north * north, size=10, left=X - 100, top=Y + 200)


# ------------------------------------------------------------------ slope


@pytest.mark.parametrize(
    ("east", "north", "percent"), [(0, 0, 0), (0.05, 0, 5), (0, -0.2, 20), (0.03, 0.04, 5), (-0.12, 0.16, 20)]
)
def test_the_slope_of_a_plane(tmp_path, east, north, percent):
    slope, problems = setting.slope_percent(UNITS, plane(tmp_path / "dem.tif", east, north))
    assert slope.tolist() == pytest.approx([percent, percent])
    assert problems == []


def test_the_slope_of_a_plane_in_degrees_is_measured_in_metres(tmp_path):
    """A DEM in longitude and latitude: 12 m up every 0.001 degree of longitude (about 110.4 m)."""
    step = 0.0002
    left, top = 110.85, -7.56
    cells = np.tile(12 * np.arange(200) * step / 0.001, (200, 1))
    dem = raster(tmp_path / "dem.tif", cells, size=step, left=left, top=top, crs="EPSG:4326")
    here = gpd.GeoSeries([box(left + 0.015, top - 0.025, left + 0.025, top - 0.015)], crs=4326).to_crs(CRS)
    units = gpd.GeoDataFrame(geometry=here.values, crs=CRS, index=["01"])
    metres = 0.001 * np.pi / 180 * 6_378_137 * np.cos(np.radians(7.58)) * 1.0001
    slope, _ = setting.slope_percent(units, dem)
    assert slope["01"] == pytest.approx(100 * 12 / metres, rel=0.01)


def test_where_the_dem_has_no_data_the_slope_is_missing(tmp_path):
    cells = np.full((30, 40), 100.0)
    cells[:, 20:] = -9999
    dem = raster(tmp_path / "dem.tif", cells, size=10, left=X - 100, top=Y + 200, nodata=-9999)
    slope, problems = setting.slope_percent(UNITS, dem)
    assert slope.tolist() == pytest.approx([0, np.nan], nan_ok=True)
    assert [(p.code, p.layer, p.params) for p in problems] == [("raster_outside", "dem.tif", {"count": 1})]


# ------------------------------------------------------------------ typology


def test_hills_and_lowland(tmp_path):
    dem = plane(tmp_path / "dem.tif", 0.2, 0)
    table = setting.typology(UNITS, dem=dem, near_water_m=15, max_slope_percent=10)
    assert table["hilly"].tolist() == [True, True]
    assert table["lowland"].tolist() == [False, False]
    assert table["slope_percent"].tolist() == pytest.approx([20, 20])
    flat = setting.typology(UNITS, dem=dem, near_water_m=15, max_slope_percent=25)
    assert flat["lowland"].tolist() == [True, True]


@pytest.mark.parametrize(
    ("gap", "near"),
    [(0, [True, False]), (15, [True, False]), (16, [False, False])],
    ids=["touching", "at 15 m", "at 16 m"],
)
def test_beside_water(gap, near):
    river = gpd.GeoDataFrame(geometry=[box(X - gap - 20, Y, X - gap, Y + 100)], crs=CRS)
    table = setting.typology(UNITS, river, near_water_m=15, max_slope_percent=10)
    assert table["near_water"].tolist() == near
    assert table["over_water"].isna().all()


@pytest.mark.parametrize(
    ("house", "wet"),
    [
        (Point(X + 10, Y + 10), [True, False]),
        (box(X + 145, Y + 50, X + 155, Y + 60), [False, True]),
        (box(X + 160, Y, X + 170, Y + 9), [False, False]),
    ],
    ids=["on a pond", "across a stream", "beside it"],
)
def test_over_water(house, wet):
    water = [box(X, Y, X + 20, Y + 20), LineString([(X + 150, Y), (X + 150, Y + 100)])]
    layers = (gpd.GeoDataFrame(geometry=shapes, crs=CRS) for shapes in (water, [house]))
    table = setting.typology(UNITS, *layers, near_water_m=15, max_slope_percent=10)
    assert table["over_water"].tolist() == wet


def test_without_layers_everything_is_missing():
    problems = []
    table = setting.typology(UNITS, near_water_m=15, max_slope_percent=10, problems=problems)
    assert table.isna().all(axis=None)
    assert table.dtypes.astype(str).tolist() == ["boolean"] * 4 + ["float64"]
    setting.typology(UNITS, dem="none.tif", near_water_m=15, max_slope_percent=10, problems=problems)
    assert [p.code for p in problems] == ["raster_unreadable"]


# ------------------------------------------------------------------ population

PART = {"count": 1, "percent": 75}
PEOPLE = [[1, 2, 3, 4], [5, 6, 7, 8]]  # cells of 50 m, exactly over the units


def people(path, cells=PEOPLE, left=X, **how):
    return raster(path, cells, size=50, left=left, top=Y + 100, **how)


@pytest.mark.parametrize(
    ("cells", "nodata", "expected", "problems"),
    [
        (PEOPLE, None, [14, 22], []),
        ([[1, 2, 3, 4], [5, -99999, 7, 8]], -99999, [8, 22], [("raster_blank", {"count": 1})]),
        (
            [[1, 2, 3, 4], [5, -1, 7, 8]],
            None,
            [8, 22],
            [("raster_negative", {"count": 1}), ("raster_blank", {"count": 1})],
        ),
        ([[0, 0, 3, 4], [0, np.nan, 7, 8]], None, [0, 22], [("raster_blank", {"count": 1})]),
        (
            [[1, 2, 3, 4], [3.4e38, 6, 7, 8]],
            None,
            [9, 22],
            [("raster_implausible", {"count": 1, "value": 3.4e38}), ("raster_blank", {"count": 1})],
        ),
        ([[-99999] * 4] * 2, -99999, [np.nan] * 2, [("raster_outside", {"count": 2})]),
        ([[-1] * 4] * 2, None, [np.nan] * 2, [("raster_negative", {"count": 8}), ("raster_outside", {"count": 2})]),
    ],
    ids=["plain", "nodata", "negative", "nobody", "nodata not declared", "all nodata", "all negative"],
)
def test_people_of_whole_cells(tmp_path, cells, nodata, expected, problems):
    series, found = setting.raster_population(UNITS, people(tmp_path / "people.tif", cells, nodata=nodata))
    assert series.tolist() == pytest.approx(expected, nan_ok=True)
    assert [(p.code, p.params) for p in found] == problems
    assert {p.feature for p in found if p.code == "raster_blank"} <= {"01"}


def test_a_cell_counts_by_the_share_that_is_inside(tmp_path):
    path = people(tmp_path / "people.tif", [[10, 10, 10, 10, 10]] * 2, left=X - 25)
    series, _ = setting.raster_population(UNITS, path)
    assert series.tolist() == pytest.approx([40, 40])


def test_units_beside_the_raster_stay_missing(tmp_path):
    half = people(tmp_path / "half.tif", [[1, 2], [5, 6]])
    series, problems = setting.raster_population(UNITS, half)
    assert series.tolist() == pytest.approx([14, np.nan], nan_ok=True)
    assert [(p.code, p.params) for p in problems] == [("raster_outside", {"count": 1})]
    far, problems = setting.raster_population(UNITS, people(tmp_path / "far.tif", left=X + 9_000))
    assert far.isna().all()
    assert [(p.code, p.params) for p in problems] == [("raster_outside", {"count": 2})]


def test_a_unit_that_the_raster_covers_in_part_is_named_with_its_share(tmp_path):
    """The raster ends 25 m inside of unit 01 and unit 02 lies in it: 75 % and 100 %."""
    path = people(tmp_path / "people.tif", [[10] * 4] * 2, left=X + 25)
    series, problems = setting.raster_population(UNITS, path)
    assert series.tolist() == pytest.approx([30, 40])
    assert [(p.code, p.feature, p.params) for p in problems] == [("raster_partial", "01", PART)]
    assert "75 %" in problems[0].message()
    slope, problems = setting.slope_percent(UNITS, path)
    assert slope.tolist() == pytest.approx([0, 0])
    assert [(p.code, p.feature, p.params) for p in problems] == [("raster_partial", "01", PART)]


def test_the_share_is_that_of_the_area_also_in_degrees(tmp_path):
    """A raster in longitude and latitude that ends in the middle of the unit."""
    path = raster(tmp_path / "people.tif", np.ones((400, 30)), size=0.0001, left=110.86, top=-7.55, crs="EPSG:4326")
    area = gpd.GeoSeries([box(110.861, -7.57, 110.865, -7.566)], crs=4326).to_crs(CRS)
    series, problems = setting.raster_population(gpd.GeoDataFrame(geometry=area.values, crs=CRS), path)
    assert series[0] == pytest.approx(800, rel=1e-3)
    assert [(p.code, p.params["percent"]) for p in problems] == [("raster_partial", 50)]


def test_heights_that_cannot_be_are_no_slopes(tmp_path):
    """The mark for "no data" was not declared; without care the slope beside it were 100,000 %."""
    cells = np.full((30, 40), 100.0)
    cells[:, 20:] = -32768
    dem = raster(tmp_path / "dem.tif", cells, size=10, left=X - 100, top=Y + 200)
    slope, problems = setting.slope_percent(UNITS, dem)
    assert slope.tolist() == pytest.approx([0, np.nan], nan_ok=True)
    assert [(p.code, p.params) for p in problems] == [
        ("raster_implausible", {"count": 208, "value": -32768.0}),
        ("raster_outside", {"count": 1}),
    ]


@pytest.mark.parametrize("turn", [Affine.rotation(30), Affine.rotation(90), Affine.scale(1, -1)])
def test_a_rotated_or_flipped_raster_is_refused_in_plain_words(tmp_path, turn):
    path = people(tmp_path / "people.tif")
    with rasterio.open(path, "r+") as file:
        file.transform = file.transform @ turn
    for measure in (setting.raster_population, setting.slope_percent):
        values, problems = measure(UNITS, path)
        assert values.isna().all()
        assert [p.code for p in problems] == ["raster_rotated"]


def test_a_raster_in_degrees_gives_everybody(tmp_path):
    path = raster(tmp_path / "people.tif", np.ones((40, 40)), size=0.001, left=110.85, top=-7.55, crs="EPSG:4326")
    area = gpd.GeoSeries([box(110.86, -7.57, 110.865, -7.565)], crs=4326).to_crs(CRS)
    series, _ = setting.raster_population(gpd.GeoDataFrame(geometry=area.values, crs=CRS), path)
    assert series[0] == pytest.approx(25, rel=1e-3)


def test_a_raster_that_cannot_be_used_is_a_problem(tmp_path):
    no_crs = people(tmp_path / "no.tif", crs=None)
    assert setting.raster_population(UNITS, no_crs)[1][0].code == "raster_no_crs"
    broken = tmp_path / "broken.tif"
    broken.write_text("nothing")
    assert setting.raster_population(UNITS, broken)[1][0].code == "raster_unreadable"


def test_units_without_geometry_or_in_another_order(tmp_path):
    path = people(tmp_path / "people.tif")
    assert setting.raster_population(UNITS.iloc[::-1], path)[0].to_dict() == pytest.approx({"01": 14, "02": 22})
    gap = UNITS.copy()
    gap.loc["01", "geometry"] = None
    assert setting.raster_population(gap, path)[0].tolist() == pytest.approx([np.nan, 22], nan_ok=True)


def test_a_virtual_raster_does_not_open_the_files_that_it_names(tmp_path):
    outside = plane(tmp_path / "outside.tif", 0.05, 0)
    (tmp_path / "project").mkdir()
    virtual = tmp_path / "project" / "dem.vrt"
    with rasterio.open(outside) as source:
        geo = ", ".join(map(str, source.transform.to_gdal()))
    virtual.write_text(
        f'<VRTDataset rasterXSize="40" rasterYSize="30"><SRS>{CRS}</SRS><GeoTransform>{geo}</GeoTransform>'
        f'<VRTRasterBand dataType="Float64" band="1"><SimpleSource><SourceFilename>{outside}</SourceFilename>'
        "<SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    with rasterio.open(virtual) as source:
        assert source.read(1).any(), "GDAL alone would open it"
    for name in ("dem.vrt", "dem.tif"):  # the name does not matter
        slope, problems = setting.slope_percent(UNITS, virtual.rename(virtual.with_name(name)))
        virtual = virtual.with_name(name)
        assert slope.isna().all() and [p.code for p in problems] == ["raster_of_others"]


def test_an_ascii_grid_is_read(tmp_path):
    with rasterio.open(plane(tmp_path / "dem.tif", 0.05, 0)) as source:
        profile, cells = source.profile | {"driver": "AAIGrid"}, source.read(1)
    with rasterio.open(tmp_path / "dem.asc", "w", **{**profile, "dtype": "float32"}) as target:
        target.write(cells.astype("float32"), 1)
    slope, problems = setting.slope_percent(UNITS, tmp_path / "dem.asc")
    assert slope.tolist() == pytest.approx([5, 5]) and problems == []
