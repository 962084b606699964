"""What a file says of its shapes is what GEOS says of them, and it is only said of the very same shapes."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal
from shapely import LineString, MultiPolygon, Point, Polygon, box

from benchmarks import world
from kumuhgis import overlay, traits
from kumuhgis.formats import open_vector
from kumuhgis.layers import open_layer
from kumuhgis.memory import remembering

HOLED = box(0, 0, 9, 9) - box(2, 2, 4, 4)
BOW_TIE = Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])


def opened(folder, shapes):
    path = folder / "layer.gpkg"
    path.unlink(missing_ok=True)
    gpd.GeoDataFrame({"n": range(len(shapes))}, geometry=shapes, crs=32749).to_file(path)
    return open_vector(path)[0]


@pytest.mark.parametrize(
    "shapes",
    [
        [Point(1, 2), Point(-3, 4)],
        [LineString([(0, 0), (3, 4)]), LineString([(9, 9), (8, 8), (7, 9)])],
        [box(0, 0, 3, 4), HOLED, BOW_TIE, Point(5, 5).buffer(2)],
        [MultiPolygon([box(0, 0, 3, 4)]), MultiPolygon([HOLED])],
    ],
    ids=["points", "lines", "polygons", "of one part"],
)
def test_plain_shapes_are_known_from_their_bytes(tmp_path, shapes):
    with remembering():
        read = opened(tmp_path, shapes).geometry.to_numpy()
        known = traits.of(read)
        assert known.dimension == shapely.get_dimensions(read[0])
        assert traits.boxes(read).tolist() == shapely.bounds(read).tolist()
        assert traits.there(read).all()
        if known.dimension == 2:
            valid = shapely.is_valid(read)
            assert known.outlines.square_metres[valid] == pytest.approx(shapely.area(read)[valid])
            assert valid[traits.fat(*traits.polygons(read))].all()
        assert traits.of(read[:1]) is None and traits.of(read[::-1]) is None  # a selection is another layer
        again = read.copy()
        again[0] = shapely.from_wkb(shapely.to_wkb(again[0]))
        assert traits.of(again) is None  # and so is one in which a shape was replaced
    assert traits.of(read) is None


@pytest.mark.parametrize(
    "odd",
    [box(0, 0, 1, 1).union(box(5, 5, 6, 6)), shapely.force_3d(box(0, 0, 1, 1), 7.0), Polygon(), None],
    ids=["two parts", "height", "empty", "missing"],
)
def test_a_layer_with_an_odd_shape_is_not_known(tmp_path, odd):
    with remembering():
        read = opened(tmp_path, [box(0, 0, 3, 4), odd]).geometry.to_numpy()
        assert traits.of(read) is None
        assert traits.there(read).tolist() == [True, odd is not None and not odd.is_empty]


def test_layers_are_opened_and_measured_alike_known_or_not(tmp_path):
    """Of a town with a crossed, a doubled and a far parcel."""
    folder = world.write(tmp_path / "w", 36)
    parcels = gpd.read_file(folder / "parcels.gpkg")
    parcels.loc[[3, 7], "geometry"] = parcels.geometry.loc[[3, 7]].translate(0.3).to_numpy()
    wrong = [*parcels.geometry[:4], shapely.set_precision(BOW_TIE, 0), parcels.geometry[9]]
    parcels.loc[: len(wrong) - 1, "geometry"] = np.array(wrong, dtype=object)
    parcels.to_file(folder / "parcels.gpkg")

    def measured():
        rt, found = (open_layer(folder / f"{name}.gpkg", name) for name in ("rt", "parcels"))
        return found, overlay.areas(rt.frame, found.frame, found.frame["land_status"])

    with remembering():
        known, hectares = measured()
    unknown, same = measured()
    assert_geodataframe_equal(known.frame, unknown.frame)
    assert [p.code for p in known.problems] == [p.code for p in unknown.problems]
    assert_frame_equal(hectares, same, check_exact=False, rtol=0, atol=1e-12)
