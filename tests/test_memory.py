"""Work on the same geometries is done once, and only inside of the block."""

import geopandas as gpd
import pytest
from shapely import Point, box

from kumuhgis import overlay
from kumuhgis.memory import once, remembering


class Counted:
    """Count how often work was done."""

    def __init__(self):
        self.times = 0

    def __call__(self, *layers):
        self.times += 1
        return [len(layer) for layer in layers]


def layer(*shapes):
    return gpd.GeoDataFrame(geometry=list(shapes))


def test_the_same_layer_is_asked_once_whatever_frame_it_is_in():
    work, wells = Counted(), layer(Point(1, 1), Point(2, 2))
    with remembering():
        for same in (wells, wells.assign(name="x"), wells.geometry, wells.copy(), wells.geometry.to_numpy()):
            assert once(work, same) == [2]
    assert work.times == 1


def test_a_selection_another_order_or_a_changed_shape_is_another_layer():
    work, wells = Counted(), layer(Point(1, 1), Point(2, 2))
    with remembering():
        once(work, wells)
        once(work, wells.iloc[:1])
        once(work, wells.iloc[::-1])
        wells.loc[0, "geometry"] = Point(5, 5)
        once(work, wells)
        once(work, wells, wells)
    assert work.times == 5


def test_after_the_block_all_is_forgotten_and_inner_blocks_share():
    work, wells = Counted(), layer(Point(1, 1))
    for _ in range(2):
        once(work, wells)
    with remembering():
        with remembering():
            once(work, wells)
        once(work, wells)
    once(work, wells)
    assert work.times == 4


def test_an_error_in_the_block_forgets_too():
    work, wells = Counted(), layer(Point(1, 1))
    with pytest.raises(RuntimeError), remembering():
        once(work, wells)
        raise RuntimeError
    once(work, wells)
    assert work.times == 2


def test_answers_are_the_same_with_and_without_memory():
    units, plots = layer(box(0, 0, 9, 9), box(9, 0, 18, 9)), layer(box(2, 2, 12, 4), box(5, 2, 12, 4))
    expected = [overlay.areas(units, plots, dissolve=d)["all"].tolist() for d in (True, False)]
    with remembering():
        for _ in range(2):
            assert [overlay.areas(units, plots, dissolve=d)["all"].tolist() for d in (True, False)] == expected


def test_a_result_says_how_its_measures_came_about():
    import kumuhgis as kg

    how = kg.assess(kg.sample_folder("jaten")).provenance["overlay"]
    assert set(how) == {"whole", "crossing", "exact"} and how["whole"] > how["exact"] >= 0 < how["crossing"]
