"""Keys as people write them: RT/RW labels, area codes, and which record belongs to which unit.

The labels with a kelurahan in front are from the public RT sheets of KawanKu (Dinas PRKP Jawa Timur), those like
"RT001-RW002" from the baseline of Kota Pekalongan; the others are the variants that issue 3 lists.
"""

import datetime
import tomllib
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from kumuhgis.codes import PROVINCES, Code, read_code, read_codes
from kumuhgis.errors import Problem, problems_frame
from kumuhgis.keys import Label, read_label, read_labels
from kumuhgis.matching import key_form, likeness, match_keys, match_names, name_words, same_key

# as written, as read, how
SURE = [
    # public records
    ("Bakungan - RT004-RW002", "Bakungan - RT 004 RW 002", "plain"),
    ("BANJARSARI - RT009-RW002", "Banjarsari - RT 009 RW 002", "plain"),
    ("Beratkulon - RT002-RW001 Dsn Jompong", "Beratkulon - RT 002 RW 001 Dusun Jompong", "dusun"),
    ("Jatigono - RT 39 RW 08", "Jatigono - RT 039 RW 008", "plain"),
    ("Pasirian - RT 02 RW 02 JOHO", "Pasirian - RT 002 RW 002 Dusun Joho", "name_behind"),
    ("Pundong - RT02-RW01", "Pundong - RT 002 RW 001", "plain"),
    ("RT001-RW016", "RT 001 RW 016", "plain"),
    # RT and RW in many writings
    ("RT 1/RW 2", "RT 001 RW 002", "plain"),
    ("RT. 01 / RW. 02", "RT 001 RW 002", "plain"),
    ("R.T. 01 R.W. 02", "RT 001 RW 002", "plain"),
    ("Rt01 Rw02", "RT 001 RW 002", "plain"),
    ("rt03rw04", "RT 003 RW 004", "plain"),
    ("(RT: 01, RW: 02)", "RT 001 RW 002", "plain"),
    ("RT 01\r\nRW 02", "RT 001 RW 002", "plain"),
    ("RT\u00a001 \u2013 RW\u00a002", "RT 001 RW 002", "plain"),
    ("RT_001_RW_002", "RT 001 RW 002", "plain"),
    ("RT No. 1 RW No. 2", "RT 001 RW 002", "plain"),
    ("Rukun Tetangga 3 Rukun Warga 4", "RT 003 RW 004", "plain"),
    ("RT 10.0 RW 2.0", "RT 010 RW 002", "plain"),
    ("RW02/RT03", "RT 003 RW 002", "swapped"),
    ("RT/RW 003/002", "RT 003 RW 002", "pair"),
    ("RTRW 003/002", "RT 003 RW 002", "pair"),
    ("RW/RT 002/003", "RT 003 RW 002", "pair+swapped"),
    ("RT002-RWW04", "RT 002 RW 004", "typo"),
    ("RT II RW IV", "RT 002 RW 004", "roman"),
    ("RW 013", "RW 013", "rw_only"),
    ("RW II", "RW 002", "roman+rw_only"),
    # ranges and lists
    ("RT 01-03 RW 02", "RT 001-003 RW 002", "range"),
    ("RT 01 s/d 03 RW 02", "RT 001-003 RW 002", "range"),
    ("RT 01 - RT 03 RW 02", "RT 001-003 RW 002", "range"),
    ("RT 01-03, 05 RW 02", "RT 001-003, 005 RW 002", "range+list"),
    ("RT 04.05 RW 01", "RT 004, 005 RW 001", "list"),
    ("RT 04,05 RW 01", "RT 004, 005 RW 001", "list"),
    ("RT 23/24 RW 3", "RT 023, 024 RW 003", "list"),
    ("RT 4 & 5 RW 1", "RT 004, 005 RW 001", "list"),
    ("RT 01, RT 02 dan RT 05 RW 03", "RT 001, 002, 005 RW 003", "list"),
    ("RT 01 RW 03, RT 02 RW 03", "RT 001, 002 RW 003", "list"),
    # dusun and desa
    ("RT 03 Dusun Widoro", "RT 003 Dusun Widoro", "dusun"),
    ("Dsn. Krajan II RT 03", "RT 003 Dusun Krajan II", "dusun"),
    ("RT 04 Lingkungan 2", "RT 004 Dusun 2", "dusun"),
    ("Dusun Widoro", "Dusun Widoro", "dusun"),
    ("RT 01 RW 02 Kel. Jaten, Kec. Jaten", "Jaten - RT 001 RW 002", "plain"),
    ("Desa Brujul - RT 01 RW 02", "Brujul - RT 001 RW 002", "plain"),
    ("Kampung Melayu RT 01 RW 02", "Kampung Melayu - RT 001 RW 002", "plain"),
]

# read, but only by a convention: never sure
ASSUMED = [
    ("9", "RT 009", "number_alone"),
    ("09", "RT 009", "number_alone"),
    ("009", "RT 009", "number_alone"),
    ("9.0", "RT 009", "number_alone"),
    (9, "RT 009", "number_alone"),
    (9.0, "RT 009", "number_alone"),
    ("001/002", "RT 001 RW 002", "order_assumed"),
    ("RT.01/02", "RT 001 RW 002", "order_assumed"),
    ("001 RW 002", "RT 001 RW 002", "order_assumed"),
    ("23/24", "RT 023 RW 024", "order_assumed"),
    ("Jaten - 001/002", "Jaten - RT 001 RW 002", "order_assumed"),
    ("01-03", "RT 001-003", "range_assumed+range"),
    ("RT 01-03", "RT 001-003", "range_assumed+range"),
    ("03-01", "RT 003 RW 001", "order_assumed"),
    ("04.05", "RT 004, 005", "list_assumed+list"),
    ("RT O1 RW O2", "RT 001 RW 002", "letter"),
    ("RT 0l RW 02", "RT 001 RW 002", "letter"),
    ("RT 5 RW -", "RT 005", "rw_blank"),
    ("RT 005 RW 000", "RT 005", "rw_blank"),
    ("RT 03 Widoro", "RT 003 Dusun Widoro", "dusun_assumed"),
    ("RT 1 RW 2 Jl. Melati 5", "RT 001 RW 002", "leftover"),
]

# not read: listed
UNREAD = [
    ("", "blank"),
    (None, "blank"),
    (np.nan, "blank"),
    ("-", "blank"),
    ("Jaten", "no_rt_rw"),
    ("lihat peta", "no_rt_rw"),
    ("RTH 2", "no_rt_rw"),
    ("RT RW", "no_number"),
    ("RT dua RW tiga", "no_number"),
    ("RT 03A RW 02", "suffix"),
    ("RT 03 A RW 02", "suffix"),
    ("RT 03 RW 02B", "suffix"),
    ("3A", "suffix"),
    ("RT 1 RW 2/3", "several_rw"),
    ("RT 01 RW 02, RT 03 RW 04", "several_rw"),
    ("RT 000 RW 005", "zero"),
    ("RT 12345", "number_high"),
    ("RT 03-01 RW 02", "range_falls"),
    ("RT 1-500 RW 02", "range_wide"),
    ("RT 01 RW 02 " + "x" * 600, "long"),
    (datetime.datetime(2026, 3, 1), "date"),
    (datetime.date(2026, 3, 1), "date"),
    ("01-Mar", "date"),
    ("Feb-03", "date"),
]


@pytest.mark.parametrize(("written", "read", "how"), SURE)
def test_labels_that_say_what_they_mean(written, read, how):
    label = read_label(written)
    assert (label.full, label.reason, label.sure) == (read, how, True)


@pytest.mark.parametrize(("written", "read", "how"), ASSUMED)
def test_labels_read_by_a_convention_are_never_sure(written, read, how):
    label = read_label(written)
    assert (label.full, label.reason, label.sure) == (read, how, False)


@pytest.mark.parametrize(("written", "why"), UNREAD)
def test_labels_that_are_not_read(written, why):
    label = read_label(written)
    assert (label.readable, label.normal, label.reason, label.sure) == (False, "", why, False)


@pytest.mark.parametrize(
    ("written", "bare", "read"),
    [("9", "rt", "RT 009"), ("9", "rw", "RW 009"), ("01-03", "rt", "RT 001-003"), ("23/24", "rt", "RT 023, 024")],
)
def test_a_heading_says_what_bare_numbers_are(written, bare, read):
    label = read_label(written, bare=bare)
    assert (label.normal, label.sure) == (read, True)


def test_labels_are_equal_if_they_name_the_same():
    assert read_label("RW02/RT03") == read_label("RT 3 RW 2") == Label(rt=(3,), rw=2)
    assert read_label("RT 04.05 RW 1") == read_label("RT 5, 4 RW 1")
    assert read_label("RT 3 RW 2") != read_label("RT 2 RW 3")


NAME = st.lists(
    st.sampled_from(["Widoro", "Krajan", "Contoh", "Sumber", "Jati", "II", "Lor"]), min_size=1, max_size=3
).map(" ".join)
LABELS = st.builds(
    Label,
    rt=st.lists(st.integers(1, 999), max_size=4, unique=True).map(sorted).map(tuple),
    rw=st.none() | st.integers(1, 999),
    dusun=st.none() | NAME,
    prefix=st.just("") | NAME,
).filter(lambda label: label.readable)


@given(LABELS)
def test_what_is_written_is_read_back(label):
    assert read_label(label.full) == label
    assert read_label(label.normal).normal == label.normal
    assert read_label(label.full.upper()) == read_label(label.full.lower()) == label


PIECES = st.lists(
    st.sampled_from(
        [*"019OIVA-/., &", "RT", "RW", "rt.", "Rw ", "RT/RW", "dsn ", "Dusun ", "Desa ", "s/d", "JOHO", "\n"]
    )
)


@given(st.text() | PIECES.map("".join) | st.floats() | st.integers() | st.none() | st.binary())
@example("RT" * 300)
@example("0" * 599)
@example("RT " + "1-" * 298)
@example("1-99")
@example(",".join(str(n) for n in range(1, 199, 2)))
@example("DSN;DESA")
@example("RT 1 RW 2 " + "A'" * 290)
def test_nothing_makes_it_stumble(anything):
    label, code = read_label(anything), read_code(anything)
    assert read_label(label.normal).normal == label.normal
    assert all(1 <= n <= 999 for n in label.rt)
    assert label.why() and label.why("en") and code.why() and code.why("en")
    assert same_key(anything, anything) == (key_form(anything) is not None)


def test_a_column_of_labels_keeps_its_index_and_lists_what_it_cannot_read():
    written = ["RT 1 RW 2", "RT 03A RW 02", "001/002", None, "RT 4,5 RW 1", "RT 03A RW 02", "lihat peta", "RT 0 RW 1"]
    series = pd.Series(written, index=[f"r{i}" for i in range(8)], name="RT_RW")
    before = series.copy()
    labels, problems = read_labels(series, layer="baseline.xlsx")
    pd.testing.assert_series_equal(series, before)
    assert labels.index.equals(series.index)
    assert labels["normal"].tolist() == ["RT 001 RW 002", "", "RT 001 RW 002", "", "RT 004, 005 RW 001", "", "", ""]
    assert labels["rw"].tolist()[:1] == [2]
    assert labels["sure"].tolist() == [True, False, False, False, True, False, False, False]
    found = problems_frame(problems).set_index("code")
    assert sorted(found.index) == ["label_assumed", "label_several_rt", "label_suffix", "label_unread", "label_zero"]
    assert found.loc["label_suffix", "feature"] == "r1, r5"
    assert "2 label" in found.loc["label_suffix", "message"]
    assert "'001/002' sebagai RT 001 RW 002" in found.loc["label_assumed", "message"]
    assert set(found["column"]) == {"RT_RW"}


def test_several_rw_and_dates_are_problems_of_their_own():
    _, problems = read_labels(["RT 1 RW 2/3", datetime.date(2026, 3, 1)])
    assert [p.code for p in problems] == ["label_date", "label_several_rw"]


def test_empty_columns_are_read():
    labels, problems = read_labels([])
    codes, more = read_codes(pd.Series([None, ""]))
    assert len(labels) == 0
    assert codes["kind"].tolist() == ["unknown", "unknown"]
    assert problems == more == []


# ---------------------------------------------------------------- codes

# as written, whose, level, normal form, how, sure
CODES = [
    # the facts of REGULATION.md: Jaten, Ngringo, Brujul in kecamatan 33.13.11
    ("33.13.11.2003", "kemendagri", "desa", "33.13.11.2003", "plain", True),
    ("33.13.11", "kemendagri", "kecamatan", "33.13.11", "plain", True),
    ("33.13", "kemendagri", "kabupaten", "33.13", "plain", True),
    ("33 13 11 2003", "kemendagri", "desa", "33.13.11.2003", "plain", True),
    ("33-13-11-2003", "kemendagri", "desa", "33.13.11.2003", "plain", True),
    ("33.13.11.2003.004.002", "kemendagri", "rt", "33.13.11.2003.004.002", "plain", True),
    ("33.13.11.2003.004", "kemendagri", "rw", "33.13.11.2003.004", "plain", True),
    ("33.13.11.2003 RT 002 RW 004", "kemendagri", "rt", "33.13.11.2003.004.002", "plain", True),
    ("33.13.11.2003 RW 4 RT 2", "kemendagri", "rt", "33.13.11.2003.004.002", "padded", True),
    # spreadsheets
    ("33.13.11.2003.4.2", "kemendagri", "rt", "33.13.11.2003.004.002", "padded", True),
    ("33.13.1", "kemendagri", "kecamatan", "33.13.01", "padded", True),
    (3313112003, "kemendagri", "desa", "33.13.11.2003", "seventh_digit", False),
    (3313112003.0, "kemendagri", "desa", "33.13.11.2003", "seventh_digit", False),
    ("3313112003.0", "kemendagri", "desa", "33.13.11.2003", "float+seventh_digit", False),
    ("3.313112003E9", "kemendagri", "desa", "33.13.11.2003", "scientific+seventh_digit", False),
    ("3,313112003E+09", "kemendagri", "desa", "33.13.11.2003", "scientific+seventh_digit", False),
    ("3.313.112.003", "kemendagri", "desa", "33.13.11.2003", "thousands+seventh_digit", False),
    ("'3313112003", "kemendagri", "desa", "33.13.11.2003", "seventh_digit", False),
    ("3313112003004002", "kemendagri", "rt", "33.13.11.2003.004.002", "seventh_digit", False),
    ("3313112003004", "kemendagri", "rw", "33.13.11.2003.004", "rw_assumed", False),
    ("3313112003-004-002", "kemendagri", "rt", "33.13.11.2003.004.002", "told", True),
    (33.1, "kemendagri", "kabupaten", "33.10", "zero_lost", False),
    ("33.13.11.2OO3", "kemendagri", "desa", "33.13.11.2003", "letter", False),
    ("33.13.11.2003 Jaten", "kemendagri", "desa", "33.13.11.2003", "with_name", True),
    ("33.13.11.9003", "kemendagri", "desa", "33.13.11.9003", "desa_digit", False),
    ("33", "kemendagri", "provinsi", "33", "short", False),
    # BPS: the kecamatan has three digits
    ("3313110003", "bps", "desa", "3313110003", "plain", True),
    ("33.13.110.003", "bps", "desa", "3313110003", "plain", True),
    ("3313110", "bps", "kecamatan", "3313110", "plain", True),
    ("33131100030001", "bps", "sls", "33131100030001", "plain", True),
    ("3313110003000100", "bps", "sub_sls", "3313110003000100", "plain", True),
    ("33131120030402", "bps", "sls", "33131120030402", "seventh_digit", False),
    # KOTAKU
    ("33131105", "kotaku", "desa", "33131105", "plain", True),
    ("33.13.11.05", "kotaku", "desa", "33131105", "dotted_kotaku", False),
    # no codes
    ("3.31311E+09", "unknown", "", "3.31311E+09", "cut", False),
    (9101011001001001.0, "unknown", "", "9.10101100100100E+15", "cut", False),
    ("3313112003004010", "kemendagri", "rt", "33.13.11.2003.004.010", "sixteenth_digit+seventh_digit", False),
    ("331311200", "unknown", "", "331311200", "length", False),
    ("99.13.11.2003", "unknown", "", "99.13.11.2003", "no_province", False),
    ("33.13.11.2003.004.002.001", "unknown", "", "33.13.11.2003.004.002.001", "no_parts", False),
    ("3300112003", "unknown", "", "3300112003", "no_parts", False),
    ("3313110003.001.002", "unknown", "", "3313110003.001.002", "no_parts", False),
    ("PKL-001", "unknown", "", "PKL-001", "no_code", False),
    ("Jaten", "unknown", "", "JATEN", "no_code", False),
    ("", "unknown", "", "", "blank", False),
]


@pytest.mark.parametrize(("written", "kind", "level", "normal", "how", "sure"), CODES)
def test_codes_of_areas(written, kind, level, normal, how, sure):
    code = read_code(written)
    assert (code.kind, code.level, code.normal, code.reason, code.sure) == (kind, level, normal, how, sure)


def test_numbers_behind_a_code_are_rw_then_rt():
    code = read_code("33.13.11.2003.004.002")
    assert (code.rw, code.rt, code.desa) == (4, 2, "3313112003")
    assert read_code("33.13.11").desa == ""


def test_a_caller_or_the_column_tells_whose_codes_they_are():
    assert read_code("3313112003", kind="bps") == Code("bps", "desa", "3313112003", "3313112003")
    assert read_code("3313112003", kind="kemendagri").sure
    codes, problems = read_codes(["33.13.11.2003", 3313112005.0])
    assert codes["normal"].tolist() == ["33.13.11.2003", "33.13.11.2005"]
    assert codes["sure"].all()
    assert problems == []
    codes, _ = read_codes(["3313110003", "3313112003"])
    assert codes["kind"].tolist() == ["bps", "bps"]
    codes, _ = read_codes(["3313110003", "3313112003", "33.13.11.2003"])
    assert codes["sure"].tolist() == [True, False, True]


def test_a_column_of_codes_lists_what_is_wrong():
    written = ["3.31E+09", "PKL-1", "3313112003", "33.13.11.2003.4.2", "33.1", None]
    _, problems = read_codes(pd.Series(written, index=list("abcdef"), name="KODE"), layer="rt.shp")
    # the dotted code tells whose the undotted one is
    assert {p.code: p.feature for p in problems} == {
        "code_assumed": "e",
        "code_cut": "a",
        "code_mended": "d",
        "code_unread": "b",
    }
    assert [p.code for p in read_codes(["3313112003"])[1]] == ["code_agency"]


@st.composite
def kemendagri(draw):
    code = f"{draw(st.sampled_from(sorted(PROVINCES)))}.{draw(st.integers(1, 99)):02d}.{draw(st.integers(1, 99)):02d}"
    code += f".{draw(st.sampled_from([1, 2]))}{draw(st.integers(1, 99)):03d}"
    behind = draw(st.sampled_from([0, 2]))
    return code + "".join(f".{draw(st.integers(1, 999)):03d}" for _ in range(behind))


@given(kemendagri())
def test_a_code_is_read_in_every_dress(code):
    read = read_code(code)
    bare = code.replace(".", "")
    assert (read.normal, read.sure) == (code, True)
    numbers = [int(bare), float(bare)] if float(bare) < 2**53 else [int(bare)]  # provinces 91-97 with RW and RT
    dresses = [bare, *numbers, code.replace(".", "-"), code.replace(".", " "), f" {code}\n", f"{bare}.0"]
    assert {read_code(d) for d in dresses} == {read}
    assert all(same_key(code, d) for d in dresses)


@given(kemendagri() | st.text("0123456789.ERT ", max_size=20))
def test_the_normal_form_of_a_code_is_final(text):
    code = read_code(text)
    assert read_code(code.normal, kind=code.kind if code.kind in ("kemendagri", "bps") else None).normal == code.normal


# ---------------------------------------------------------------- keys

SAME = [
    ("009", 9.0, True),
    ("9", "09", True),
    ("9.0", "009", True),
    ("PKL-001", "pkl 1", True),
    ("PKL-001", "PKL-010", False),
    ("RT 001 RW 002", "RT1/RW2", True),
    ("RW02/RT03", "RT 3 RW 2", True),
    ("RT 03A", "RT 03", False),
    ("001/002", "RT 1 RW 2", False),  # only assumed
    ("33.13.11.2003.4.2", "3313112003004002", True),
    ("33.13.11.2003.004.002", "33.13.11.2003.002.004", False),
    ("3.31E+09", "3.31E+09", False),
    ("", "", False),
    (None, np.nan, False),
]


@pytest.mark.parametrize(("a", "b", "same"), SAME)
def test_two_writings_of_one_key(a, b, same):
    assert same_key(a, b) is same
    assert same_key(b, a) is same


def how(matches):
    return matches.set_index("left")["how"].to_dict()


def test_the_surest_way_goes_first():
    table = pd.DataFrame(
        {"rt_rw": ["RT 1 RW 2", "RT 2 RW 2", "RT 3/RW 2", "4/2", "RT 9 RW 9"]},
        index=["33.13.11.2003.002.001", "3313112003002002", "X-3", "X-4", "X-9"],
    )
    units = pd.DataFrame(
        {"rt_rw": [f"RT 00{i} RW 002" for i in (1, 2, 3, 4)]}, index=[f"33.13.11.2003.002.00{i}" for i in (1, 2, 3, 4)]
    )
    matches, problems = match_keys(table, units, layer="baseline")
    assert matches["how"].tolist() == ["exact", "code", "label", "ask", "none"]
    assert matches["right"].tolist() == [*units.index, None]
    assert [p.code for p in problems] == ["key_by_code", "key_by_label", "key_ask"]


def test_two_that_fit_are_never_chosen_between():
    matches, problems = match_keys(["01", "1", "2"], ["001", "2"])
    assert how(matches) == {"01": "several", "1": "several", "2": "exact"}
    assert matches["right"].tolist() == [None, None, "2"]
    assert [p.code for p in problems] == ["key_several"]
    matches, _ = match_keys(["1"], ["01", "001"])
    assert how(matches) == {"1": "several"}
    # what was matched exactly is not given away again
    assert how(match_keys(["1", "01"], ["1"])[0]) == {"1": "exact", "01": "several"}


def test_cut_and_empty_keys_match_nothing():
    matches, _ = match_keys(["3.31E+09", "", None], ["3.31E+09", ""])
    assert matches["how"].tolist() == ["none"] * 3
    assert set(matches["reason"]) == {"no_key"}


def test_labels_are_compared_inside_one_desa_only():
    def side(prefix, desa):
        return pd.DataFrame(
            {"rt_rw": ["RT 1 RW 1"] * len(desa), "desa": desa}, index=[f"{prefix}{i}" for i in range(len(desa))]
        )

    matches, _ = match_keys(side("a", ["Kel. Jaten", "Brujul"]), side("b", ["BRUJUL", "JATEN"]))
    assert matches["right"].tolist() == ["b1", "b0"]
    assert match_keys(side("a", ["Jaten"]), side("b", ["Brujul"]))[0]["how"].tolist() == ["none"]
    # which desa the units lie in is unknown, and the table has two: not decided
    matches, _ = match_keys(side("a", ["Jaten", "Brujul"]), side("b", ["Jaten", "Brujul"])[["rt_rw"]])
    assert matches["how"].tolist() == ["none", "none"]


def test_columns_of_rt_and_rw_serve_as_a_label():
    table = pd.DataFrame(
        {"rt": [1, 2.0, "03"], "rw": ["2", "RW 02", None], "dusun": [None, None, "Widoro"]}, index=[*"abc"]
    )
    matches, _ = match_keys(table, ["RT 1 RW 2", "RT 2 RW 2", "RT 3 Dusun Widoro"])
    assert matches["how"].tolist() == ["label"] * 3


def test_a_label_that_contradicts_its_code_is_said():
    table = pd.DataFrame({"rt_rw": ["RT 1 RW 2", "RT 2 RW 2"]}, index=["K-1", "K-2"])
    units = pd.DataFrame({"rt_rw": ["RT 2 RW 1", "RT 2 RW 2"]}, index=["K-1", "K-2"])
    matches, problems = match_keys(table, units)
    assert matches["how"].tolist() == ["exact", "exact"]
    assert [(p.code, p.feature) for p in problems] == [("key_label_differs", "K-1")]


def test_labels_do_not_overrule_two_full_codes():
    table = pd.DataFrame({"rt_rw": ["RT 2 RW 4"]}, index=["33.13.11.2003.002.004"])  # RT first
    units = pd.DataFrame({"rt_rw": ["RT 002 RW 004"]}, index=["33.13.11.2003.004.002"])
    matches, _ = match_keys(table, units)
    assert matches[["how", "reason"]].to_numpy().tolist() == [["ask", "codes_differ"]]


KEYS = st.lists(
    st.sampled_from(
        ["1", "01", "001", "2", "2.0", "RT 1 RW 2", "RT1/RW2", "RW02/RT01", "9/2", "RT 9 RW 2", "PKL-1", ""]
    ),
    max_size=8,
)


@given(KEYS, KEYS, st.randoms())
def test_matching_keys_is_one_to_one_and_order_does_not_matter(left, right, random):
    matches, _ = match_keys(left, right)
    assert len(matches) == len(left)
    used = matches["right"].dropna()
    assert all(used.value_counts() <= pd.Series(right, dtype=object).value_counts().reindex(used.unique()))
    decided = set(matches.dropna(subset="right")[["left", "right", "how"]].itertuples(index=False, name=None))
    random.shuffle(left)
    random.shuffle(right)
    again, _ = match_keys(left, right)
    assert decided == set(again.dropna(subset="right")[["left", "right", "how"]].itertuples(index=False, name=None))


@given(KEYS)
def test_a_table_matches_itself(keys):
    keys = list(dict.fromkeys(k for k in keys if k))
    matches, problems = match_keys(keys, keys)
    assert matches["how"].tolist() == ["exact"] * len(keys)
    assert matches["right"].tolist() == keys
    assert problems == []


# ---------------------------------------------------------------- names of desa

# in the table, in the RT layer, how it is matched
NAMES = [
    ("Jaten", "Jaten", "exact"),
    ("Kel. Jaten", "Jaten", "normal"),
    ("DESA JATEN", "Jaten", "normal"),
    ("Brujul ", "Brujul", "exact"),
    ("Ds.Brujul, Kec. Jaten", "Brujul", "normal"),
    ("Sumber Sari", "SUMBERSARI", "normal"),
    ("Krajan II", "Krajan 2", "normal"),
    ("Ngeringo", "Ngringo", "fuzzy"),
    ("Kedungjajang", "Kedung Jajang", "normal"),
    ("Citrodiwangsang", "Citrodiwangsan", "fuzzy"),
    ("Mergosana", "Mergosono", "ask"),
    ("Dagen", "Jaten", "none"),
    ("Jaten Lor", "Jaten Kidul", "none"),
    ("Teja Barat", "Teja Timur", "none"),
    ("Sumbersari 1", "Sumbersari 2", "none"),
    ("", "Jaten", "none"),
]


@pytest.mark.parametrize(("written", "on_map", "expected"), NAMES)
def test_names_of_desa(written, on_map, expected):
    matches, problems = match_names([written], [on_map])
    assert matches.loc[0, "how"] == expected
    assert matches.loc[0, "right"] == (None if expected == "none" else on_map)
    codes = {"fuzzy": ["name_fuzzy"], "ask": ["name_ask"], "none": ["name_unmatched"] if written else []}
    assert [p.code for p in problems] == codes.get(expected, [])


def test_ties_are_never_decided():
    matches, problems = match_names(["Sukamaju"], ["Sukamaja", "Sukamajo"])
    assert (matches.loc[0, "right"], matches.loc[0, "how"], matches.loc[0, "reason"]) == (None, "ask", "tie")
    assert [p.code for p in problems] == ["name_tie"]
    assert match_names(["Jaten", "Jaten"], ["Jaten"])[0]["right"].tolist() == [None, None]


def test_a_name_whose_best_is_taken_is_not_given_the_next_best():
    matches, problems = match_names(["Jaten", "DESA JATEN"], ["Jaten", "Jatten"])
    assert matches["right"].tolist() == ["Jaten", None]
    assert [p.code for p in problems] == ["name_taken"]


def test_a_column_of_names_may_name_one_desa_often():
    matches, _ = match_names(["Jaten", "DESA JATEN", "Jaten", "Ngeringo"], ["Jaten", "Ngringo"], many=True)
    assert matches["right"].tolist() == ["Jaten", "Jaten", "Jaten", "Ngringo"]


def test_thresholds_are_the_callers():
    assert match_names(["Ngeringo"], ["Ngringo"], threshold=0.95)[0]["how"].tolist() == ["ask"]
    assert match_names(["Mergosana"], ["Mergosono"], threshold=0.77)[0]["how"].tolist() == ["fuzzy"]
    assert match_names(["Mergosana"], ["Mergosono"], ask=0.9)[0]["how"].tolist() == ["none"]
    with pytest.raises(ValueError, match="ask"):
        match_names(["a"], ["b"], threshold=0.5, ask=0.9)


WORDS = st.lists(
    st.sampled_from(
        ["Jaten", "DESA JATEN", "Jatten", "Ngringo", "Ngeringo", "Brujul", "Brujul Lor", "Sukamaju", "Sukamaja", ""]
    ),
    max_size=7,
)


@given(WORDS, WORDS, st.randoms())
def test_matching_names_is_one_to_one_and_order_does_not_matter(left, right, random):
    right = list(dict.fromkeys(right))
    matches, _ = match_names(left, right)
    assert matches["left"].tolist() == left
    assert matches["right"].dropna().is_unique
    shuffled = random.sample(left, len(left))
    again, _ = match_names(shuffled, random.sample(right, len(right)))
    rows = [sorted(m.astype(object).fillna("").itertuples(index=False, name=None)) for m in (matches, again)]
    assert rows[0] == rows[1]


@given(st.text(), st.text())
def test_likeness_is_fair(a, b):
    assert likeness(a, b) == likeness(b, a)
    assert 0 <= likeness(a, b) <= 1
    assume(name_words(a))
    assert likeness(a, a) == 1


def test_a_kabupaten_of_names_is_matched_quickly():
    names = [
        f"{a}{b}{c}"
        for a in ("Suka", "Jati", "Kedung", "Sumber")
        for b in ("sari", "rejo", "mulyo")
        for c in "abcdefghij"
    ]
    matches, _ = match_names([n + "n" for n in names], names)
    assert (matches["how"] == "fuzzy").all()


@given(rt=st.integers(0, 1200), rw=st.integers(0, 1200), zeros=st.integers(0, 3), mark=st.sampled_from(" /"))
def test_the_plainest_labels_are_read_at_once_and_as_all_others(rt, rw, zeros, mark):
    number = "0" * zeros
    at_once = read_label(f"RT {number}{rt}{mark}RW {number}{rw}")
    the_long_way = read_label(f"RT. {number}{rt}{mark}RW. {number}{rw}")
    assert (at_once, at_once.reason, at_once.sure) == (the_long_way, the_long_way.reason, the_long_way.sure)


# ---------------------------------------------------------------- texts


def test_every_reason_is_explained_and_every_explanation_is_used():
    source = "".join(files("kumuhgis").joinpath(f"{m}.py").read_text("utf-8") for m in ("keys", "codes", "matching"))
    explained = tomllib.loads(files("kumuhgis").joinpath("data", "text", "id", "keys.toml").read_text("utf-8"))
    made = {"same_exact", "same_code", "same_label", "several_exact", "several_code", "several_label"}
    for words in explained.values():
        assert all(f'"{w}"' in source for w in set(words) - made)
    matches = [m for m, _ in (match_keys(["1", "01", "x", ""], ["1"]), match_names(["Jaten", "x"], ["Jaten"]))]
    assert set(pd.concat(matches)["reason"]) <= set(explained["match"])


def test_text_from_people_stays_text_in_a_problem():
    _, problems = read_labels(["{count} RT"])
    assert isinstance(problems[0], Problem)
    assert "{count} RT" in problems[0].message()


@given(
    st.tuples(st.sampled_from(["33", "32", "99"]), st.sampled_from(["13", "00", "71"]), st.sampled_from(["11", "00"]),
              st.integers(0, 9999).map("{:04d}".format)),
    st.lists(st.integers(0, 999).map("{:03d}".format), max_size=3),
    st.sampled_from([None, "kemendagri", "bps"]),
)  # fmt: skip
def test_a_code_written_well_is_read_like_one_with_an_apostrophe(area, parts, kind):
    """The short way for codes of Kemendagri says what the long way does, which an apostrophe forces."""
    written = ".".join([*area, *parts])
    assert read_code(written, kind=kind) == read_code(f"'{written}", kind=kind)
