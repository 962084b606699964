"""Table and map: labels against places, one polygon for several RT, the list of matches, and the row in the file."""

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

import kumuhgis as kg
from kumuhgis.baseline import TOTALS, read_baseline
from kumuhgis.checkup import checkup, write_html, write_xlsx
from kumuhgis.errors import Problem, problems_frame
from kumuhgis.joining import count_matches, list_matches, match_records, pair_records
from kumuhgis.longform import distinct_keys, original_keys
from kumuhgis.rules import load_rules
from kumuhgis.sample import SAMPLES
from kumuhgis.scores import roll_up, score
from kumuhgis.scoring import score_baseline
from kumuhgis.text import LANGUAGES
from kumuhgis.volumes import to_measures

RULES = load_rules()
X, Y = 490_000, 9_162_000


def units(*keys, **columns):
    """Squares of 100 m in a row, from west to east."""
    boxes = [shapely.box(X + 100 * i, Y, X + 100 * i + 100, Y + 100) for i in range(len(keys))]
    return gpd.GeoDataFrame(columns, geometry=boxes, crs=32749, index=pd.Index(keys, name="unit", dtype="str"))


def table(*keys, **columns):
    cells = {"kode": list(keys), "3a_volume": [0] * len(keys), "kk": [40] * len(keys), **columns}
    return pd.DataFrame(cells)


def records(*keys, **columns):
    return read_baseline(table(*keys, **columns), RULES)


def pair(base, mapped, **how):
    problems = []
    paired = pair_records(base, mapped, problems, **how)
    told = {}
    for problem in problems:
        told.setdefault(problem.code, []).append(problem)
    return paired, told


def lonlat(*east):
    """Latitude and longitude of points on the middle line of the squares, at metres east of their west edge."""
    points = gpd.GeoSeries(gpd.points_from_xy([X + e for e in east], [Y + 50] * len(east)), crs=32749).to_crs(4326)
    return points.y.tolist(), points.x.tolist()


# ---------------------------------------------------------------- label against place


def test_a_label_goes_before_a_place_and_the_difference_is_said_in_metres():
    lat, lon = lonlat(50, 130, 260, 390)
    base = records("1", "1b", "2", "3", lat=lat, lon=lon)
    paired, told = pair(base, units("1", "1b", "2", "3"))
    assert paired.base.units.index.tolist() == ["1", "1b", "2", "3"]
    assert not {c for c in told if c.startswith("record")}
    base = records("1", "2", lat=lat[:2], lon=lon[1:3])  # record 1 stands 30 m east of its RT, 2 in 3
    paired, told = pair(base, units("1", "2", "3"))
    first, second = told["record_place_differs"]
    assert (first.feature, first.params["written"], first.params["lies"], first.params["metres"]) == (
        "1",
        "1",
        "2",
        "30",
    )
    assert (second.params["written"], second.params["lies"], second.params["metres"]) == ("2", "3", "60")
    assert paired.base.units.index.tolist() == ["1", "2"]  # by label, not by place


HOW_WRITTEN = {
    "decimal comma and side": lambda lat, lon: {
        "lintang": [f"{-v:.6f} LS".replace(".", ",") for v in lat],
        "bujur": [f"{v:.6f} BT".replace(".", ",") for v in lon],
    },
    "one cell": lambda lat, lon: {"koordinat": [f"{a:.6f}, {b:.6f}" for a, b in zip(lat, lon, strict=True)]},
    "survey tool": lambda lat, lon: {"_lokasi_latitude": lat, "_lokasi_longitude": lon},
    "swapped": lambda lat, lon: {"lat": lon, "lon": lat},
    "without minus": lambda lat, lon: {"lat": [-v for v in lat], "lon": lon},
    "metres of the map": lambda lat, lon: {"x": [X + 50, X + 150], "y": ["9.162.050", "9.162.050"]},
    "metres of another system": lambda lat, lon: dict(
        zip(
            ("x", "y"),
            gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs=4326).to_crs(23835).get_coordinates().to_numpy().T,
            strict=True,
        )
    ),
    "text of a shape": lambda lat, lon: {"wkt": [f"SRID=32749;POINT ({X + e} {Y + 50})" for e in (50, 150)]},
}


@pytest.mark.parametrize("written", HOW_WRITTEN)
def test_places_are_read_as_people_write_them(written):
    base = records("1", "2", **HOW_WRITTEN[written](*lonlat(50, 150)))
    paired, told = pair(base, units("1", "2", "3"))
    assert paired.pairs["lies_in"].tolist() == ["1", "2"]
    turned = written in ("swapped", "without minus", "metres of another system")
    assert {c for c in told if c.startswith("record")} == ({"record_place_reread"} if turned else set())


def test_places_that_cannot_be_read_or_lie_in_another_country_are_said_once():
    _, told = pair(records("1", "2", "3", lat=["di bale desa", "", "95"], lon=["?", "-", "110"]), units("1", "2", "3"))
    (problem,) = told["record_place_unread"]
    assert (problem.feature, problem.params["count"], problem.column) == ("1, 3", 2, "lon, lat")
    paired, told = pair(records("1", "2", lat=[51.5, 51.6], lon=[0.1, 0.2]), units("1", "2"))
    assert told["record_places_elsewhere"][0].params["count"] == 2
    assert paired.pairs["lies_in"].tolist() == ["", ""]
    assert not {"record_place_outside", "record_place_unread"} & set(told)


def test_a_table_without_coordinates_says_nothing_of_places():
    paired, told = pair(records("1"), units("1"))
    assert paired.pairs[["lies_in", "place"]].to_numpy().tolist() == [["", ""]]
    assert not {c for c in told if c.startswith("record_place")}


def test_a_record_without_a_readable_key_is_proposed_for_the_unit_it_lies_in_and_not_joined():
    lat, lon = lonlat(50, 150)
    paired, told = pair(records("1", "", lat=lat, lon=lon), units("1", "2"))
    (problem,) = told["record_place_proposed"]
    assert problem.params["lies"] == "2" and "tulis 2 sebagai kode RT" in problem.fix()
    assert paired.base.units.index.tolist() == ["1", "(baris 2)"]


@pytest.mark.parametrize(
    ("keys", "east", "overlap"),
    [
        (("1", ""), (50, 50), False),  # the RT has a record
        (("", "-"), (150, 160), False),  # two records for one RT
        (("1", ""), (50, 150), True),  # in two RT at once
    ],
)
def test_a_place_that_is_not_plain_proposes_nothing(keys, east, overlap):
    lat, lon = lonlat(*east)
    mapped = units("1", "2", "3")
    if overlap:
        mapped.loc["3", "geometry"] = mapped.loc["2", "geometry"]
    assert "record_place_proposed" not in pair(records(*keys, lat=lat, lon=lon), mapped)[1]


def test_a_record_outside_all_units_is_said_with_the_distance():
    lat, lon = lonlat(50, 240, -30)
    _, told = pair(records("1", "2", "x", lat=lat, lon=lon), units("1", "2"))
    said = [(p.feature, p.params["near"], p.params["metres"]) for p in told["record_place_outside"]]
    assert said == [("2", "2", "40"), ("x", "1", "30")]


def test_a_point_on_the_border_or_where_two_units_overlap_agrees_with_both():
    mapped = units("1", "2", "3")
    mapped.loc["3", "geometry"] = mapped.loc["2", "geometry"]
    for key in ("1", "2", "3"):
        base = records(key, x=[X + 100], y=[Y + 50])
        assert not [c for c in pair(base, mapped)[1] if c.startswith("record_place")]


def test_thousands_of_wrong_places_are_told_200_times_and_counted():
    keys = [str(i) for i in range(205)]
    _, told = pair(records(*keys, x=[X - 50] * 205, y=[Y + 50] * 205), units(*keys))
    assert len(told["record_place_outside"]) == 200
    assert told["record_place_more"][0].params == {"count": 5, "kind": "record_place_outside"}


# ---------------------------------------------------------------- one polygon for several RT

#               kk  luas_ha  jalan_ideal_m  2a_volume  3a_volume  5a_volume
PARTS = {
    "A": (40, 1.25, 400, 100, 12, 5),
    "B": (60, 0.75, 300, 50, 30, 0),
    "C": (25, 0.5, 200, 20, 25, None),
}
COLUMNS = ("kk", "luas_ha", "jalan_ideal_m", "2a_volume", "3a_volume", "5a_volume")
LABELS = {"A": "RT 1 RW 2", "B": "RT 02/RW 02", "C": "RT 003 RW 002"}


def parts(*keys):
    cells = {c: [PARTS[k][i] for k in keys] for i, c in enumerate(COLUMNS)}
    labels = [LABELS[k] for k in keys]
    return read_baseline(pd.DataFrame({"kode": keys, "rt_rw": labels, "desa": "Jaten", **cells}), RULES)


def one_polygon(label="RT 01-03 RW 02", key="P"):
    return units(key, rt_rw=[label], desa=["JATEN"])


def test_apart_is_the_default_and_both_sides_are_told():
    paired, told = pair(parts("A", "B", "C"), one_polygon())
    assert paired.base.units.index.tolist() == ["A", "B", "C"]
    (problem,) = told["shared_polygon_apart"]
    assert (problem.feature, problem.params["there"]) == ("P", "A, B, C") and 'shared_polygon = "sum"' in problem.fix()
    assert list_matches(paired, one_polygon())["how"].tolist() == ["shared"] * 4


def test_summed_by_hand():
    """kk 40+60+25 = 125; ha 1,25+0,75+0,5 = 2,5; jalan 400+300+200 = 900; 2a 170; 3a 67; 5a has a gap and is open."""
    paired, told = pair(parts("A", "B", "C"), one_polygon(), shared_polygon="sum")
    base = paired.base
    assert base.units.index.tolist() == base.volumes.index.tolist() == base.rows.index.tolist() == ["P"]
    assert base.units.loc["P", ["households", "verified_ha", "road_ideal_m"]].tolist() == [125, 2.5, 900]
    assert base.volumes.loc["P", ["2a", "3a"]].tolist() == [170, 67]
    assert np.isnan(base.volumes.loc["P", "5a"])
    (problem,) = told["shared_polygon_summed"]
    assert (problem.severity, problem.params["records"], problem.params["count"]) == ("info", "A, B, C", 3)
    assert paired.records.units.index.tolist() == ["A", "B", "C"]  # the records themselves are kept for the checks
    scores, _ = score(to_measures(base, RULES), RULES)
    assert scores.loc[("P", "3a"), "percent"] == 53.6  # 67 / 125
    assert list_matches(paired, one_polygon())[["record", "unit", "how"]].to_numpy().tolist() == [
        [key, "P", "summed"] for key in "ABC"
    ]


@pytest.mark.parametrize("label", ["RT 01 s/d 03 RW 02", "RT 1, RT 2 dan RT 3 RW 2", "RW 02 RT 01-03"])
def test_however_the_label_names_them(label):
    assert pair(parts("A", "B", "C"), one_polygon(label), shared_polygon="sum")[0].base.units.index.tolist() == ["P"]


@pytest.mark.parametrize(
    ("keys", "label", "missing"),
    [
        (("A", "B"), "RT 01-03 RW 02", "RT 003 RW 002"),
        (("A", "C"), "RT 01.02 RW 02", "RT 002 RW 002"),
        ((), "RT 01/02 RW 02", "RT 001 RW 002, RT 002 RW 002"),
    ],
)
def test_one_record_missing_and_nothing_is_summed(keys, label, missing):
    base = parts(*keys) if keys else records("z")
    paired, told = pair(base, one_polygon(label), shared_polygon="sum")
    assert told["shared_polygon_incomplete"][0].params["missing"] == missing
    assert paired.base.units.index.tolist() == base.units.index.tolist()


def test_a_record_that_another_polygon_has_or_that_is_not_certain_is_not_summed():
    mapped = units("P", "B", rt_rw=["RT 01-03 RW 02", "RT 009 RW 002"], desa=["Jaten", "Jaten"])
    _, told = pair(parts("A", "B", "C"), mapped, shared_polygon="sum")
    assert told["shared_polygon_incomplete"][0].params["missing"] == "RT 002 RW 002"
    twice = records("A", "B", "D", rt_rw=["RT 1 RW 2", "RT 2 RW 2", "RT 2 RW 2"])
    _, told = pair(twice, one_polygon("RT 1, 2 RW 2"), shared_polygon="sum")
    assert told["shared_polygon_incomplete"][0].params["missing"] == "RT 002 RW 002"
    other = records("A", "B", rt_rw=["RT 1 RW 2", "RT 2 RW 2"], desa=["Brujul", "Brujul"])
    _, told = pair(other, one_polygon("RT 1, 2 RW 2"), shared_polygon="sum")
    assert told["shared_polygon_incomplete"][0].params["missing"] == "RT 001 RW 002, RT 002 RW 002"


def test_a_record_of_the_whole_polygon_goes_first():
    base = records("A", "B", "AB", rt_rw=["RT 1 RW 2", "RT 2 RW 2", "RT 01.02 RW 02"])
    paired, told = pair(base, one_polygon("RT 1, 2 RW 2"), shared_polygon="sum")
    assert paired.base.units.index.tolist() == ["A", "B", "P"]
    assert not {c for c in told if c.startswith("shared")}


def test_a_polygon_with_the_code_of_its_first_rt_is_still_summed():
    paired, _ = pair(parts("A", "B", "C"), one_polygon(key="A"), shared_polygon="sum")
    assert paired.base.units["households"].to_dict() == {"A": 125}


def test_the_other_units_and_names_are_kept():
    cells = {"kk": [1, 2, 4], "kawasan": ["Bulu", "Bulu", "Widoro"], "foto": ["a.jpg", "b.jpg", "c.jpg"]}
    labels = ["RT 1 RW 2", "RT 2 RW 2", "RT 3 RW 2"]
    base = read_baseline(pd.DataFrame({"kode": [*"ABC"], "rt_rw": labels, "3a_volume": 0, **cells}), RULES)
    mapped = units("P", "C", rt_rw=["RT 01,02 RW 02", "RT 003 RW 002"])
    units_ = pair(base, mapped, shared_polygon="sum")[0].base.units
    assert units_[["households", "kawasan", "foto"]].to_numpy().tolist() == [
        [3, "Bulu", "a.jpg; b.jpg"],
        [4, "Widoro", "c.jpg"],
    ]


AMOUNT = st.none() | st.integers(0, 500) | st.decimals(0, 50, places=2).map(float)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(*[AMOUNT] * len(COLUMNS)), min_size=3, max_size=3))
def test_the_sum_is_the_roll_up_of_its_parts(amounts):
    cells = {c: [row[i] for row in amounts] for i, c in enumerate(COLUMNS)}
    frame = pd.DataFrame({"kode": [*"ABC"], "rt_rw": list(LABELS.values()), "desa": "Jaten", **cells}, dtype=object)
    paired, _ = pair(read_baseline(frame, RULES), one_polygon(), shared_polygon="sum")
    assert paired.base.units.index.tolist() == ["P"]
    rolled = roll_up(to_measures(paired.records, RULES), pd.Series("P", index=[*"ABC"]), RULES)
    summed = to_measures(paired.base, RULES)
    for column in ("affected", "total"):
        np.testing.assert_allclose(summed[column].to_numpy(float), rolled[column].to_numpy(float), atol=1e-9)


def test_the_option_is_taken_from_the_project_and_the_checks_see_the_records():
    cells = parts("A", "B", "C")
    frame = pd.DataFrame({c: [PARTS[k][i] for k in PARTS] for i, c in enumerate(COLUMNS)})
    frame = frame.assign(kode=[*PARTS], rt_rw=[*LABELS.values()], desa="Jaten", penduduk_jiwa=[150, 30, 90])
    mapped = one_polygon().reset_index(names="kode")
    apart = kg.assess(rt=mapped, baseline=frame)
    assert apart.summary.index.tolist() == ["P", *cells.units.index]
    summed = kg.assess(rt=mapped, baseline=frame, options={"shared_polygon": "sum"})
    assert summed.units.loc["P", "households"] == 125
    assert summed.summary.index.tolist() == ["P"]
    assert summed.problems.query("code == 'people_per_household'")["feature"].tolist() == ["B"]
    assert summed.provenance["options"]["shared_polygon"] == "sum"


# ---------------------------------------------------------------- the list of matches


@pytest.mark.parametrize("name", SAMPLES)
def test_the_list_has_every_record_and_every_unit_once(name):
    result = kg.assess(kg.load_sample(name))
    matches = result.matches
    joined = set(matches.loc[matches["record"] != "", "unit"]) - {""}
    alone = set(matches.loc[matches["record"] == "", "unit"])
    assert not joined & alone
    assert joined | alone == set(result.units.index[result.units.geometry.notna()])
    assert (matches["row"].dropna() >= 2).all()
    assert matches["done"].str.len().min() > 10


def test_clean_data_give_a_list_without_surprises():
    matches = kg.assess(kg.load_sample("jaten")).matches
    assert set(matches["how"]) == {"exact"}
    assert count_matches(matches) == "Pencocokan tabel dan peta: 16 baris tabel; 16 sama persis"
    assert kg.assess(rt=units("1").reset_index(names="kode")).matches.empty


def test_everything_that_may_happen_is_a_row_of_the_list():
    """One record of each kind beside one unit of each kind."""
    desa = ["Jaten"] * 8 + ["Jatten"]
    label = ["", "", "RT 5 RW 1", "6/1", "", "RT 8 RW 1", "", "", "RT 11 RW 1"]
    keys = ["1", "02", "c", "d", "1", "e", "4", "zz", "f"]
    east = [50, 150, 250, 50, 50, 50, -40, 950, 1050]
    base = records(*keys, rt_rw=label, desa=desa, x=[X + e for e in east], y=[Y + 50] * 9, catatan=[*"abcdefghi"])
    drawn = ["1", "2", "u5", "u6", "u8", "v8", "4", "4 #2", "u7", "u9", "u11"]
    on_map = [
        "",
        "",
        "RT 005 RW 001",
        "RT 006 RW 001",
        "RT 008 RW 001",
        "RT 008 RW 001",
        "",
        "",
        "",
        "",
        "RT 011 RW 001",
    ]
    mapped = units(*drawn, rt_rw=on_map, desa=["Jaten"] * 11)
    paired, _ = pair(base, mapped)
    found = list_matches(paired, mapped).set_index("record")["how"].to_dict()
    assert found["02"] == "code" and found["c"] == "label" and found["d"] == "ask" and found["e"] == "several"
    assert found["1"] == found["1 #2"] == "double" and found["4"] == "outside" and found["zz"] == "proposed"
    assert found["f"] == "name"
    alone = list_matches(paired, mapped).query("record == ''").set_index("unit")["how"].to_dict()
    assert alone["4 #2"] == "double" and alone["u7"] == "no_record"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_list_is_written_in_both_languages_and_what_people_wrote_stays_text(lang):
    base = records("{unit}", "=1+1", rt_rw=["RT 1 RW 1", "<b>"])
    paired, _ = pair(base, units("a", rt_rw=["RT 001 RW 001"]))
    matches = list_matches(paired, units("a"), lang)
    assert matches["how"].tolist() == ["label", "unmatched"]
    assert matches["done"].is_unique and not matches["done"].str.contains("{", regex=False).any()
    assert matches["written"].tolist() == ["{unit} · RT 1 RW 1", "=1+1 · <b>"]


def test_a_label_without_a_desa_is_a_label_and_not_a_name():
    base = records("a", "b", rt_rw=["RT 1 RW 1", "RT 2 RW 1"], desa=[None, "JATEN"])
    mapped = units("x", "y", rt_rw=["RT 001 RW 001", "RT 002 RW 001"])
    assert list_matches(pair(base, mapped)[0], mapped)["how"].tolist() == ["label", "label"]


def test_doubles_are_known_by_the_number_they_were_given():
    keys = ["01", "02", "01", "01", "03"]
    assert original_keys(distinct_keys(keys)) == keys


# ---------------------------------------------------------------- names of desa


def test_desa_are_matched_by_code_before_their_spelling():
    base = records(
        "a", "b", rt_rw=["RT 1 RW 1"] * 2, desa=["Kedungrejo", "Jaten"], kode_desa=["33.13.11.2005", "33.13.11.2003"]
    )
    keys = ("33.13.11.2005.001.001", "33.13.11.2003.001.001")
    paired, told = pair(base, units(*keys, rt_rw=["RT 001 RW 001"] * 2, desa=["Ngringo", "JATEN"]))
    assert paired.base.units.index.tolist() == list(keys)
    assert told["name_by_code"][0].params == {"count": 1, "pairs": "Kedungrejo → Ngringo"}
    assert "name_unmatched" not in told


def test_desa_that_are_equally_near_are_never_chosen_between():
    base = records("a", rt_rw=["RT 1 RW 1"], desa=["Sukamaju"])
    mapped = units("x", "y", rt_rw=["RT 001 RW 001"] * 2, desa=["Sukamaja", "Sukamajo"])
    problems = []
    assert match_records(base, mapped, problems).units.index.tolist() == ["a"]
    assert "name_tie" in {p.code for p in problems}


def test_desa_below_the_threshold_are_asked_and_not_joined():
    base = records("a", "b", rt_rw=["RT 1 RW 1"] * 2, desa=["Mergosana", "Jaten"])
    mapped = units("x", "y", rt_rw=["RT 001 RW 001"] * 2, desa=["Mergosono", "Jaten"])
    problems = []
    assert match_records(base, mapped, problems).units.index.tolist() == ["a", "y"]
    assert "name_ask" in {p.code for p in problems}


# ---------------------------------------------------------------- the row in the file

HEAD = "kode_rt;luas_ha;bangunan_unit;penduduk_jiwa;kk;jalan_ideal_m;drainase_ideal_m;3a_volume\n"


def test_rows_are_counted_as_a_spreadsheet_shows_them(tmp_path):
    body = '01;2;50;150;40;400;300;1\n\n"02\nbawah";2;50;150;x;400;300;1\n03;2;50;150;y;400;300;1\n'
    (tmp_path / "b.csv").write_text("JUDUL;;;;;;;\n" + HEAD + body + "JUMLAH;6;;;;;;3\n", "utf-8")
    base = read_baseline(tmp_path / "b.csv", RULES)
    assert base.rows["row"].tolist() == [3, 5, 6]
    told = [(p.code, p.row) for p in base.problems if p.code in ("text_in_number", "table_sum_row")]
    assert sorted(told) == [("table_sum_row", 7), ("text_in_number", 5), ("text_in_number", 6)]


def test_a_well_formed_file_with_an_empty_line_counts_the_line(tmp_path):
    (tmp_path / "b.csv").write_text(HEAD + "01;2;50;150;40;400;300;1\n\n02;2;50;150;40;400;300;1\n", "utf-8")
    assert read_baseline(tmp_path / "b.csv", RULES).rows["row"].tolist() == [2, 4]
    (tmp_path / "c.csv").write_text(HEAD + "01;2;50;150;40;400;300;1\n02;2;50;150;40;400;300;1\n", "utf-8")
    assert read_baseline(tmp_path / "c.csv", RULES).rows["row"].tolist() == [2, 3]


def workbook(path, sheets):
    """Write sheets: name to rows."""
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for i, row in enumerate(rows):
                sheet.write_row(i, 0, row)
    return path


HEADING = HEAD.strip().split(";")


def test_rows_and_sheets_of_a_workbook_of_several_sheets(tmp_path):
    one = [["BASELINE"], [], HEADING, ["01", 2, 50, 150, 40, 400, 300, 1], [], ["02", 2, 50, 150, "x", 400, 300, 1]]
    two = [HEADING, ["03", 2, 50, 150, 40, 400, 300, 1], ["03", 2, 50, 150, 41, 400, 300, 1]]
    base = read_baseline(workbook(tmp_path / "b.xlsx", {"Bulu": one, "Widoro": two}), RULES)
    assert base.rows.to_numpy().tolist() == [[4, "Bulu"], [6, "Bulu"], [2, "Widoro"], [3, "Widoro"]]
    told = {p.code: (p.row, p.params["sheet"]) for p in base.problems if p.row}
    assert told["text_in_number"] == (6, "Bulu") and told["unit_duplicate"] == (3, "Widoro")


def test_a_key_that_is_missing_is_named_by_its_row(tmp_path):
    (tmp_path / "b.csv").write_text(HEAD + "01;2;50;150;40;400;300;1\n;2;50;150;40;400;300;1\n", "utf-8")
    base = read_baseline(tmp_path / "b.csv", RULES)
    assert base.units.index.tolist() == ["01", "(baris 3)"]
    assert [(p.feature, p.row) for p in base.problems if p.code == "unit_missing"] == [("(baris 3)", 3)]


def test_checks_of_values_and_published_figures_carry_the_row(tmp_path):
    head = HEAD.strip() + ";3a_persen\n"
    (tmp_path / "b.csv").write_text(head + "01;2;50;150;40;400;300;10;25\n02;2;50;10;40;400;300;10;99\n", "utf-8")
    _, problems = score_baseline(tmp_path / "b.csv")
    told = {p.code: p.row for p in problems if p.row}
    assert told["people_per_household"] == 3 and told["published_differs"] == 3


def test_a_problem_says_its_row_in_both_languages():
    problem = Problem("value_missing", "baseline.csv", "RT 01", "kk", row=12)
    assert problem.line().startswith("baseline.csv · baris 12 · RT 01 · kk: ")
    assert problem.line("en").startswith("baseline.csv · row 12 · RT 01 · kk: ")
    frame = problems_frame([problem, Problem("value_missing", "x")])
    assert frame["row"].dtype == "Int64" and frame["row"].isna().tolist() == [False, True]


def test_a_double_key_on_the_map_names_the_feature(tmp_path):
    drawn = units("1", "2").reset_index(names="kode").assign(kode=["1", "1"])
    told = kg.read_layer(drawn, "rt")[1]
    assert [(p.code, p.row) for p in told] == [("unit_duplicate", 2)]


# ---------------------------------------------------------------- links


def project(folder, name, rows, sheet):
    """Write a project whose table has one mistake in its second row."""
    folder.mkdir()
    units("01", "02").reset_index(names="kode").to_file(folder / "rt #1.gpkg", layer="rt")
    if name.endswith(".csv"):
        (folder / name).write_text("\n".join(";".join(map(str, row)) for row in rows), "utf-8")
    else:
        workbook(folder / name, {sheet: rows})
    toml = f"""[project]
name = "x"
[layers.rt]
path = "rt #1.gpkg"
[tables.baseline]
path = {name!r}
"""
    (folder / "kumuhgis.toml").write_text(toml, "utf-8")
    return folder


ROWS = [HEADING, ["01", 2, 50, 150, 40, 400, 300, 1], ["07", 2, 50, 150, "x", 400, 300, 1]]


def links(path, sheet):
    book = openpyxl.load_workbook(path)
    cells = [cell for row in book[sheet].iter_rows() for cell in row if cell.hyperlink]
    return {(c.value, c.hyperlink.target.replace("\\", "/"), c.hyperlink.location) for c in cells}


@pytest.mark.parametrize(
    ("name", "sheet", "target", "location"),
    [
        ("baseline.xlsx", "Data 'RT' #1", "../desa é/baseline.xlsx", "'Data ''RT'' #1'!A3"),
        ("data #2 [50%].xlsx", "Sheet1", "../desa é/data%20%232%20%5b50%25%5d.xlsx", "'Sheet1'!A3"),
        ("baseline rt.csv", "", "../desa é/baseline%20rt.csv", None),
    ],
)
def test_the_workbook_links_to_the_row(tmp_path, name, sheet, target, location):
    home = project(tmp_path / "desa é", name, ROWS, sheet)
    check = checkup(home)
    path = write_xlsx(check, tmp_path / "laporan" / "p.xlsx", folder=home)
    target = target.replace("desa é", "desa%20é")
    found = links(path, "Semua temuan")
    assert (name, target, location) in found
    assert ("rt", "../desa%20é/rt%20%231.gpkg", None) in found
    assert {(value, where) for value, _, where in links(path, "Pencocokan")} == {
        ("01", location and location.replace("A3", "A2")),
        ("07", location),
    }
    rows = pd.read_excel(path, sheet_name="Semua temuan", engine="calamine")
    assert set(rows.loc[rows["Kode"] == "text_in_number", "Baris"]) == {3}


def test_a_file_that_lies_outside_the_folder_is_never_linked(tmp_path):
    home = project(tmp_path / "desa", "baseline.xlsx", ROWS, "Data")
    check = checkup(home)
    (home / "baseline.xlsx").rename(tmp_path / "luar.xlsx")
    (home / "baseline.xlsx").symlink_to(tmp_path / "luar.xlsx")
    path = write_xlsx(check, tmp_path / "p.xlsx", folder=home)
    assert not {target for _, target, _ in links(path, "Semua temuan") if "xlsx" in target}
    (home / "baseline.xlsx").unlink()
    check.files["baseline.xlsx"] = "../luar.xlsx"
    path = write_xlsx(check, tmp_path / "p.xlsx", folder=home, force=True)
    assert not {target for _, target, _ in links(path, "Semua temuan") if "xlsx" in target}


def test_the_page_shows_at_most_30_matches_and_counts_the_rest(tmp_path):
    rows = [HEADING, *([f"<i>{i}</i>", 2, 50, 150, 40, 400, 300, 1] for i in range(35))]
    check = checkup(project(tmp_path / "desa", "b.xlsx", rows, "Data"), lang="en")
    page = write_html(check, tmp_path / "p.html").read_text("utf-8")
    section = page.split("<h2>Matches</h2>")[1].split("<h2>")[0]
    assert section.count("<tr>") == 31 and "7 more" in section  # 35 records and 2 units
    assert "&lt;i&gt;0&lt;/i&gt;" in section and "row 2" in section and "<i>" not in section


def test_totals_are_numbers_whatever_is_summed():
    assert set(TOTALS) <= set(parts("A", "B").units)
