"""Decisions on squares of a hectare that can be checked by eye: land, SK, rank and who is in charge."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, box

import kumuhgis as kg
from kumuhgis.priority import rank, why_above

X, Y = 490_000, 9_162_000
TOTALS = {"luas_ha": 1.0, "bangunan_unit": 100, "kk": 100, "jalan_ideal_m": 200.0, "drainase_ideal_m": 200.0}
TOTAL_OF = {
    **dict.fromkeys(("1a", "1c", "7a", "7b"), "bangunan_unit"),
    **dict.fromkeys(("1b", "4a"), "luas_ha"),
    **dict.fromkeys(("2a", "2b"), "jalan_ideal_m"),
    **dict.fromkeys(("4b", "4c"), "drainase_ideal_m"),
    **dict.fromkeys(("3a", "3b", "5a", "5b", "6a", "6b"), "kk"),
}
LEVELS = {"tidak kumuh": 0.0, "kumuh ringan": 0.25, "kumuh sedang": 0.51, "kumuh berat": 1.0}  # share everywhere


def square(i=0, left=0.0, right=1.0, bottom=0.0, top=1.0):
    """A part of the i-th square of 100 m x 100 m, in shares of its sides."""
    x = X + 100 * i
    return box(x + 100 * left, Y + 100 * bottom, x + 100 * right, Y + 100 * top)


def frame(geometry, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(geometry), crs=32749)


def rt(n):
    return frame([square(i) for i in range(n)], kode=[f"{i + 1:03d}" for i in range(n)])


def baseline(levels, **more):
    """A whole table in which every unit has the level asked for."""
    rows = {"kode": [f"{i + 1:03d}" for i in range(len(levels))], "penduduk_jiwa": [300] * len(levels)}
    rows |= {name: [value] * len(levels) for name, value in TOTALS.items()}
    for code, total in TOTAL_OF.items():
        rows[f"{code}_volume"] = [TOTALS[total] * LEVELS[level] for level in levels]
    return pd.DataFrame({**rows, **more})


def assess(levels=("kumuh berat",), **given):
    options = {"city_class": "sedang", **given.pop("options", {})}
    return kg.assess(rt=rt(len(levels)), baseline=baseline(levels), options=options, **given)


def parcels(*rows):
    shapes, statuses, conflicts = zip(*rows, strict=True)
    return frame(shapes, status_hak=statuses, sengketa=conflicts)


# ---------------------------------------------------------------- land

SHM, NEGARA = "Hak Milik", "Tanah Negara"
TENURE = {  # parcels on one hectare: sign, hectares clear, unclear, unmapped
    "all clear": ([(square(), SHM, None)], "+", 1, 0, 0),
    "a status in other letters": ([(square(), " hak MILIK ", None)], "+", 1, 0, 0),
    "none clear": ([(square(), NEGARA, None)], "-", 0, 1, 0),
    "part unclear": ([(square(right=0.7), SHM, None), (square(left=0.7), NEGARA, None)], "-", 0.7, 0.3, 0),
    "a strip of 2 % unclear": (
        [(square(right=0.98), SHM, None), (square(left=0.98), NEGARA, None)],
        "-",
        0.98,
        0.02,
        0,
    ),
    "a sliver unclear": ([(square(right=0.995), SHM, None), (square(left=0.995), NEGARA, None)], "+", 0.995, 0.005, 0),
    "part not mapped": ([(square(right=0.7), SHM, None)], None, 0.7, 0, 0.3),
    "a sliver not mapped": ([(square(right=0.995), SHM, None)], "+", 0.995, 0, 0.005),
    "a part without status": ([(square(right=0.7), SHM, None), (square(left=0.7), None, None)], None, 0.7, 0, 0.3),
    "unclear decides before unmapped": ([(square(right=0.3), NEGARA, None)], "-", 0, 0.3, 0.7),
    "a conflict": ([(square(), SHM, "ya")], "-", 0, 1, 0),
    "no conflict": ([(square(), SHM, "tidak")], "+", 1, 0, 0),
    "two claims, one unclear": ([(square(), SHM, None), (square(left=0.5), NEGARA, None)], "-", 0.5, 0.5, 0),
    "two claims, both clear": ([(square(), SHM, None), (square(left=0.5), "HGB", None)], "+", 1, 0, 0),
}


@pytest.mark.parametrize("case", TENURE)
def test_clear_tenure_needs_the_whole_location(case):
    rows, sign, clear, unclear, unmapped = TENURE[case]
    row = assess(parcels=parcels(*rows)).summary.iloc[0]
    assert row["tenure_sign"] == sign if sign else pd.isna(row["tenure_sign"])
    got = row[["tenure_clear_ha", "tenure_unclear_ha", "tenure_unmapped_ha"]].tolist()
    assert got == pytest.approx([clear, unclear, unmapped], rel=1e-3, abs=1e-6)
    assert sum(got) == pytest.approx(row["area_ha"]) and row["tenure_clear_share"] == pytest.approx(clear, abs=1e-6)


def test_hectares_stand_beside_every_status():
    row = assess(parcels=parcels((square(right=0.6), SHM, None), (square(left=0.6), NEGARA, None))).summary.iloc[0]
    assert row[["status:Hak Milik", "status:Tanah Negara"]].tolist() == pytest.approx([0.6, 0.4], rel=1e-3)


def test_land_that_is_claimed_twice_is_said():
    row = assess(parcels=parcels((square(), SHM, None), (square(left=0.5), NEGARA, None))).summary.iloc[0]
    assert row["tenure_overlap_ha"] == pytest.approx(0.5, rel=1e-3)


def zoning(*rows):
    shapes, zones = zip(*rows, strict=True)
    return frame(shapes, zona=zones)


PLAN = {
    "all housing": ([(square(), "Permukiman")], "+"),
    "in other letters": ([(square(), "PERUMAHAN")], "+"),
    "a part green": ([(square(right=0.8), "Permukiman"), (square(left=0.8), "RTH")], "-"),
    "a sliver green": ([(square(right=0.995), "Permukiman"), (square(left=0.995), "RTH")], "+"),
    "a part without plan": ([(square(right=0.8), "Permukiman")], None),
    "two zones at once": ([(square(), "Permukiman"), (square(left=0.5), "Sempadan")], "-"),
}


@pytest.mark.parametrize("case", PLAN)
def test_the_plan_must_allow_housing_on_the_whole_location(case):
    rows, sign = PLAN[case]
    got = assess(zoning=zoning(*rows)).summary.iloc[0]["plan_sign"]
    assert got == sign if sign else pd.isna(got)


RIVER_LINE = LineString([(X - 50, Y), (X + 150, Y)])
RIVER_AREA = box(X - 50, Y - 20, X + 150, Y + 10)
SETBACK = {  # water, width of the strip: hectares of strip
    "no strip asked for, a line": (RIVER_LINE, 0, 0.0),
    "15 m from a line": (RIVER_LINE, 15, 0.15),
    "no strip asked for, an area": (RIVER_AREA, 0, 0.10),
    "15 m from the bank": (RIVER_AREA, 15, 0.25),
}


@pytest.mark.parametrize("case", SETBACK)
def test_the_strip_along_the_water_is_not_for_housing(case):
    water, metres, strip = SETBACK[case]
    row = assess(
        zoning=zoning((square(), "Permukiman")), water=frame([water], nama=["Kali"]), options={"setback_m": metres}
    ).summary.iloc[0]
    assert row["setback_ha"] == pytest.approx(strip, rel=1e-3, abs=1e-6)
    assert row["plan_nonconforming_ha"] == pytest.approx(strip, rel=1e-3, abs=1e-6)
    assert row["plan_sign"] == ("-" if strip else "+")


def test_a_strip_without_a_layer_of_water_stays_unknown():
    row = assess(zoning=zoning((square(), "Permukiman")), options={"setback_m": 15}).summary.iloc[0]
    assert pd.isna(row["setback_ha"])


def test_own_lists_and_tolerance_go_before_those_of_the_rule():
    ground = parcels((square(right=0.7), "Letter C", None), (square(left=0.7), NEGARA, None))
    land = {"parcels": ground, "zoning": zoning((square(), "Kampung"))}
    assert assess(**land).summary.iloc[0][["tenure_sign", "plan_sign"]].tolist() == ["-", "-"]
    options = {"tenure_clear": ["letter c"], "plan_conforming": ["kampung"], "legality_tolerance": 0.35}
    assert assess(**land, options=options).summary.iloc[0][["tenure_sign", "plan_sign"]].tolist() == ["+", "+"]


LEGAL = {  # tenure, plan: legal, handling of heavy, of light
    ("+", "+"): (True, "peremajaan", "pemugaran"),
    ("+", "-"): (False, "permukiman kembali", "permukiman kembali"),
    ("-", "+"): (False, "permukiman kembali", "permukiman kembali"),
    ("-", "-"): (False, "permukiman kembali", "permukiman kembali"),
    ("-", ""): (False, "permukiman kembali", "permukiman kembali"),
    ("+", ""): (None, None, None),
    ("", ""): (None, None, None),
}


@pytest.mark.parametrize("signs", LEGAL)
def test_legal_needs_both_signs_and_decides_the_handling(signs):
    legal, heavy, light = LEGAL[signs]
    table = pd.DataFrame({"kode": ["001", "002"], "status_tanah": [signs[0]] * 2, "rtr": [signs[1]] * 2})
    rows = assess(("kumuh berat", "kumuh ringan"), considerations=table).summary
    for got, wanted in ((rows["legal"], [legal] * 2), (rows["handling"], [heavy, light])):
        assert [None if pd.isna(v) else v for v in got] == wanted


@pytest.mark.parametrize(("prefer", "used"), [("table", "-"), ("geometry", "+")])
def test_a_typed_sign_and_a_measured_one_stand_side_by_side(prefer, used):
    typed = pd.DataFrame({"kode": ["001"], "status_tanah": ["-"]})
    got = assess(parcels=parcels((square(), SHM, None)), considerations=typed, options={"prefer": prefer})
    assert got.summary.loc["001", "tenure_sign"] == used
    (row,) = got.problems.query("code == 'sign_typed_differs'").to_dict("records")
    assert (row["feature"], row["column"]) == ("001", "tenure_sign")
    assert row["params"] == {"sign": "status tanah", "typed": "-", "measured": "+", "used": used}


def test_signs_that_agree_are_not_a_problem():
    typed = pd.DataFrame({"kode": ["001"], "status_tanah": ["+"]})
    got = assess(parcels=parcels((square(), SHM, None)), considerations=typed)
    assert "sign_typed_differs" not in set(got.problems["code"])


# ---------------------------------------------------------------- SK

SK = {  # share inside, slum: status, finding
    (1.0, True): ("inside", ""),
    (1.0, False): ("inside", "inside_not_slum"),
    (0.99, True): ("inside", ""),
    (0.5, True): ("partial", ""),
    (0.5, False): ("partial", "inside_not_slum"),
    (0.01, False): ("outside", ""),
    (0.01, True): ("outside", "outside_slum"),
    (0.0, True): ("outside", "outside_slum"),
    (0.0, False): ("outside", ""),
}


@pytest.mark.parametrize("case", SK)
def test_inside_and_outside_the_sk_are_told_with_their_findings(case):
    share, slum = case
    delineation = frame([square(right=share) if share else box(X, Y - 200, X + 100, Y - 100)], nama=["Bulu"])
    got = assess(("kumuh ringan" if slum else "tidak kumuh",), sk=delineation)
    row = got.summary.iloc[0]
    assert row["sk_share"] == pytest.approx(share, abs=1e-6)
    assert (row["sk_status"], row["sk_finding"]) == SK[case]
    said = set(got.problems["code"]) & {"sk_inside_not_slum", "sk_outside_slum"}
    assert said == ({f"sk_{row['sk_finding']}"} if row["sk_finding"] else set())


def test_delineations_that_overlap_count_once():
    twice = frame([square(right=0.6), square(left=0.4, right=0.8)], nama=["a", "b"])
    assert assess(sk=twice).summary.iloc[0]["sk_share"] == pytest.approx(0.8)


@pytest.mark.parametrize(("sk_ha", "status"), [(1.0, "inside"), (0.4, "partial"), (0.0, "outside"), (np.nan, None)])
def test_without_a_delineation_the_sk_hectares_of_the_table_tell(sk_ha, status):
    table = baseline(["kumuh berat"], luas_sk_ha=[sk_ha])
    got = kg.assess(rt=rt(1), baseline=table).summary.iloc[0]["sk_status"]
    assert got == status if status else pd.isna(got)


def test_a_unit_whose_level_is_open_has_no_finding():
    table = baseline(["tidak kumuh"])
    table[[f"{c}_volume" for c in ("3a", "3b", "5a", "5b")]] = np.nan
    row = kg.assess(rt=rt(1), baseline=table, sk=frame([square()], nama=["x"])).summary.iloc[0]
    assert pd.isna(row["level"]) and (row["sk_status"], row["sk_finding"]) == ("inside", "")


# ---------------------------------------------------------------- class, priority, rank


def ranked(levels, strategic, **columns):
    keys = [f"{i + 1:03d}" for i in range(len(levels))]
    given = pd.DataFrame(
        {"kode": keys, "nilai_strategis": strategic, "sosial_ekonomi_budaya": 1, "status_tanah": "+", "rtr": "+"}
    )
    table = baseline(levels, **columns)
    return kg.assess(rt=rt(len(levels)), baseline=table, considerations=given, options={"city_class": "sedang"}).summary


def test_level_and_considerations_give_class_and_priority():
    rows = ranked(["kumuh berat", "kumuh sedang", "kumuh ringan", "tidak kumuh"], [5, 5, 1, 5])
    assert rows["class"].tolist()[:3] == ["A1", "B1", "C3"] and pd.isna(rows["class"].iloc[3])
    assert rows["priority"].tolist()[:3] == [1, 2, 6] and pd.isna(rows["priority"].iloc[3])
    assert rows["rank"].tolist()[:3] == [1, 2, 3] and pd.isna(rows["rank"].iloc[3])


def test_ties_are_broken_by_slum_hectares_and_then_by_people():
    rows = ranked(["kumuh berat"] * 4, [5] * 4, luas_ha=[1.0, 1.2, 1.0, 1.0], penduduk_jiwa=[300, 360, 400, 300])
    assert rows["total_score"].nunique() == 1 and rows["priority"].nunique() == 1
    assert rows["rank"].tolist() == [3, 1, 2, 3], "001 and 004 are equal in everything and share a place"


SUMMARY = pd.DataFrame(
    {
        "priority": [1, 2, 2, 2, 2, 2, None, None],
        "total_score": [62, 50, 48, 48, 48, 48, 10, None],
        "slum_ha": [1.0, 1.0, 2.5, 1.5, 1.5, 1.5, 0.0, None],
        "population": [100, 100, 100, 200, 100, 100, 100, 100],
        "level": ["kumuh berat", *["kumuh sedang"] * 5, "tidak kumuh", None],
    },
    index=list("ABCDEFGH"),
)
SUMMARY["total_low"] = SUMMARY["total_score"].fillna(10).astype(int)
SUMMARY["total_high"] = SUMMARY["total_score"].fillna(20).astype(int)


def test_the_rank_follows_the_four_keys():
    assert rank(SUMMARY).tolist()[:6] == [1, 2, 3, 4, 5, 5] and rank(SUMMARY).isna().tolist()[6:] == [True, True]


WHY = {  # pair: words of the Indonesian and the English sentence, the first one named stands above
    ("A", "B"): ("A", ["prioritas", "(1 terhadap 2)"], ["priority", "(1 against 2)"]),
    ("C", "B"): ("B", ["prioritas sama (2)", "(50 terhadap 48)"], ["same priority (2)", "(50 against 48)"]),
    ("C", "D"): ("C", ["2,50 ha terhadap 1,50 ha"], ["2.50 ha against 1.50 ha"]),
    ("E", "D"): ("D", ["luas kumuh sama (1,50 ha)", "200 terhadap 100 jiwa"], ["200 against 100"]),
}


@pytest.mark.parametrize("pair", WHY)
def test_why_one_stands_above_the_other_names_the_first_key_that_differs(pair):
    first, indonesian, english = WHY[pair]
    for lang, words in (("id", indonesian), ("en", english)):
        for x, y in (pair, pair[::-1]):
            sentence = why_above(SUMMARY, x, y, lang)
            assert sentence.startswith(f"{first} "), sentence
            assert all(word in sentence for word in words), sentence


def test_equals_are_called_equal():
    assert "setara" in why_above(SUMMARY, "E", "F") and "equal" in why_above(SUMMARY, "E", "F", "en")


@pytest.mark.parametrize(("unit", "word"), [("G", "tidak kumuh"), ("H", "belum dapat ditentukan")])
def test_a_unit_without_priority_says_what_it_lacks(unit, word):
    assert word in why_above(SUMMARY, "A", unit)


def test_considerations_that_are_missing_are_said_for_slum_units_only():
    got = assess(("kumuh berat", "kumuh berat", "tidak kumuh"))
    (row,) = got.problems.query("code == 'considerations_missing'").to_dict("records")
    assert row["feature"] == "001, 002"
    assert row["params"]["missing"] == "nilai strategis, sosial-ekonomi-budaya"


# ---------------------------------------------------------------- who is in charge

AUTHORITY = {  # hectares of the kawasan, all slum: who, close to a limit
    3.0: ("kabupaten/kota", False),
    9.4: ("kabupaten/kota", False),
    9.6: ("kabupaten/kota", True),
    10.0: ("provinsi", True),
    12.0: ("provinsi", False),
    14.6: ("provinsi", True),
    15.0: ("provinsi", True),
    15.1: ("pusat", True),
    20.0: ("pusat", False),
}


@pytest.mark.parametrize("hectares", AUTHORITY)
def test_the_slum_hectares_of_the_kawasan_decide_who_is_in_charge(hectares):
    table = baseline(["kumuh berat"] * 2, luas_ha=[1.0, hectares - 1.0], kawasan=["Bulu"] * 2)
    table["4a_volume"] = table["1b_volume"] = table["luas_ha"]
    got = kg.assess(rt=rt(2), baseline=table)
    assert list(kg.summarise_groups(got).loc["Bulu", ["authority", "authority_near_limit"]]) == list(
        AUTHORITY[hectares]
    )
    assert got.summary["authority"].tolist() == [AUTHORITY[hectares][0]] * 2
    assert ("authority_near_limit" in set(got.problems["code"])) == AUTHORITY[hectares][1]


def test_a_kawasan_of_one_name_in_two_desa_far_apart_is_asked_about():
    """kawasan_scattered: they count as one location, which may be two of the same name."""
    units = rt(2)
    for metres, said in ((0, False), (5000, True)):
        moved = units.geometry.copy()
        moved.iloc[1] = moved.iloc[1] if not metres else shapely.affinity.translate(moved.iloc[1], metres)
        table = baseline(["kumuh berat"] * 2, kawasan=["Bulu"] * 2, desa=["Jaten", "Brujul"])
        found = kg.assess(rt=units.set_geometry(moved), baseline=table).problems
        assert ("kawasan_scattered" in set(found["code"])) == said


@pytest.mark.parametrize(("open_ha", "who"), [(2.0, "kabupaten/kota"), (8.0, None)])
def test_an_open_rt_leaves_the_authority_open_only_if_its_hectares_decide(open_ha, who):
    """UU 23/2014: below 10 ha kabupaten/kota. 3 ha are slum; 2 more change nothing, 8 more would."""
    table = baseline(["kumuh berat"] * 2, luas_ha=[3.0, open_ha], kawasan=["Bulu"] * 2)
    table["4a_volume"] = table["1b_volume"] = table["luas_ha"]
    table.loc[1, [c for c in table if c.endswith("_volume")]] = np.nan
    got = kg.assess(rt=rt(2), baseline=table).summary["authority"]
    assert got.astype(object).where(got.notna(), None).tolist() == [who] * 2


def test_where_there_is_no_slum_nobody_is_in_charge():
    assert pd.isna(assess(("tidak kumuh",)).summary.iloc[0]["authority"])


# ---------------------------------------------------------------- typology


def test_typology_tells_water_and_hazard():
    hazard = pd.DataFrame({"kode": ["001"], "rawan_bencana": ["ya"], "rtr": ["+"]})
    got = assess(
        ("kumuh berat", "kumuh berat"),
        water=frame([box(X - 50, Y, X - 5, Y + 100)], nama=["Kali"]),
        considerations=hazard,
    ).summary["typology"]
    assert got.tolist() == ["tepi air, rawan bencana", ""]


# ---------------------------------------------------------------- what still goes wrong


def test_what_is_missing_is_written_in_words_also_for_one_unit():
    (row,) = assess().problems.query("code == 'considerations_missing'").to_dict("records")
    assert row["params"]["missing"] == "nilai strategis, sosial-ekonomi-budaya"
    assert "(" not in row["message"]


def test_an_empty_list_of_clear_statuses_means_that_none_is_clear():
    got = assess(parcels=parcels((square(), SHM, None)), options={"tenure_clear": []})
    assert got.summary.iloc[0]["tenure_sign"] == "-"


def test_the_share_inside_the_sk_does_not_depend_on_the_area_that_counts():
    table = baseline(["kumuh berat"], luas_sk_ha=[0.4])
    got = kg.assess(rt=rt(1), baseline=table, options={"area": "sk"}).summary.iloc[0]
    assert got["sk_share"] == pytest.approx(0.4) and got["sk_status"] == "partial"


def test_a_total_that_is_certainly_higher_ranks_first_even_if_it_is_an_interval():
    levels = ["kumuh sedang", "kumuh sedang"]
    table = baseline(levels)
    table["7b_volume"] = [None, 0]
    table["7a_volume"] = [51, 0]  # 001: 45 to 50, 002: 42
    given = pd.DataFrame({"kode": ["001", "002"], "nilai_strategis": 5, "sosial_ekonomi_budaya": 5})
    got = kg.assess(rt=rt(2), baseline=table, considerations=given, options={"city_class": "sedang"}).summary
    assert got["total_low"].tolist() == [45, 42] and got["priority"].tolist() == [2, 2]
    assert got["rank"].tolist() == [1, 2]


def test_zones_with_the_names_of_the_regional_plan_conform_and_what_counted_is_said():
    """Kesesuaian dengan RTR; which zones and statuses count is our list (M), so it is told and can be replaced."""
    result = kg.assess(kg.load_sample("jaten"))
    assert result.summary["plan_sign"].value_counts().to_dict() == {"-": 11, "+": 5}
    said = result.problems.set_index("code")["message"]
    assert "sesuai untuk permukiman: Kawasan Permukiman Perdesaan." in said["plan_zones_taken"]
    assert "Kawasan Industri" in said["plan_zones_taken"].partition("tidak sesuai")[2]
    assert "belum jelas: belum bersertifikat, Tanah Negara" in said["tenure_statuses_taken"]
    other = kg.assess(kg.load_sample("jaten"), options={"plan_conforming": ("Kawasan Industri",)})
    assert (other.summary["plan_sign"] == "-").all()
