"""From the form to simulated field work and back: the truth of the population, and every row that does not count."""

import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box
from simulated_survey import entries_of, kobo_frames, population, rt_answers, write_central, write_kobo

import kumuhgis as kg
from kumuhgis.errors import TableError
from kumuhgis.fieldwork import daily
from kumuhgis.questions import Condition, choices, part_of, questions
from kumuhgis.survey import judge, read_survey, rt_volumes, unit_choices
from kumuhgis.survey.headings import read_headings
from kumuhgis.survey.judging import holds
from kumuhgis.survey.places import read_shapes
from kumuhgis.survey.times import read_times
from kumuhgis.tables import slug

RULES = kg.load_rules()
HOUSEHOLD = ["1a", "1c", "3a", "3b", "5a", "5b", "6a", "6b", "7b"]
LAYOUTS = ["kobo names", "kobo id", "kobo en", "central"]


def rt_layer(count=6):
    keys = [f"33.13.11.2003.003.{i + 1:03d}" for i in range(count)]
    labels = [f"RT {i + 1:03d} RW 003" for i in range(count)]
    shapes = [box(490_000 + 100 * i, 9_162_000, 490_100 + 100 * i, 9_162_100) for i in range(count)]
    return gpd.GeoDataFrame({"rt_rw": labels}, geometry=shapes, crs=32749, index=pd.Index(keys, name="unit"))


def messy(entries, units):
    """Add what happens in the field; every row that must not count says why in ``x_why``, which nothing reads."""
    out = entries.assign(x_why="", uuid=entries["key"])

    def again(i, why, **changed):
        return out.loc[[i]].assign(x_why=why, **changed)

    late = "2025-09-01T09:00:00+07:00"
    new = {"key": "new-1", "uuid": "new-1"}
    rows = [
        again(0, "trial", key="t1", uuid="t1", purpose="trial"),
        again(1, "trial", key="t2", uuid="t2", enumerator="Uji coba"),
        again(2, "rejected", key="r1", uuid="r1", _validation_status="Not approved", ReviewState="rejected"),
        again(3, "draft", key="d1", uuid="d1", end=None),
        again(5, "no_consent", key="n1", uuid="n1", household_no=90, consent="no"),
        again(6, "unit_missing", key="u1", uuid="u1", unit="rt_lain", household_no=91, lat=-6.2, lon=106.8),
    ]
    keep = again(7, "", **new, end=late)  # visited again: the later interview counts
    out.loc[7, "x_why"] = "same_household"
    out.loc[8, "unit"] = None  # nobody chose the RT: the point tells it
    return pd.concat([out, *rows, keep], ignore_index=True)


@pytest.fixture(scope="module")
def field():
    rng = np.random.default_rng(7)
    units = rt_layer()
    people, truth = population(units, rng)
    rt, inner, volumes = rt_answers(units, rng)
    entries = messy(entries_of(people, rt, units), units)
    truth.loc["new-1"] = truth.loc[people.index[7]]
    return units, people, truth, entries, inner, volumes


def saved(layout, folder, entries, inner):
    if layout == "central":
        return write_central(folder / "swadaya.zip", entries, inner)
    sheets = kobo_frames(entries, inner, layout.partition(" ")[2])
    return write_kobo(folder / "swadaya.xlsx", sheets)


@pytest.fixture(scope="module")
def surveys(field, tmp_path_factory):
    units, _, _, entries, inner, _ = field
    paths = {layout: saved(layout, tmp_path_factory.mktemp("survey"), entries, inner) for layout in LAYOUTS}
    return {layout: read_survey(path, rules=RULES, units=units) for layout, path in paths.items()}


@pytest.fixture(params=LAYOUTS)
def read(request, surveys):
    return surveys[request.param]


def test_the_households_that_count_are_those_of_the_population(read, field):
    _, people, _, entries, _, _ = field
    wanted = {k for k in entries.loc[entries["x_why"] == "", "key"] if not k.startswith("rt")}
    assert set(read.households.index) == wanted
    units = dict(zip(people.index, people["unit"], strict=True)) | {"new-1": people["unit"].iloc[7]}
    assert read.households["unit"].to_dict() == {key: units[key] for key in wanted}


def test_what_the_answers_mean_is_the_truth_of_the_population(read, field):
    _, _, truth, _, _, _ = field
    judged = judge(read.households, RULES)
    assert list(judged.columns) == HOUSEHOLD
    assert judged.dtypes.astype(str).eq("boolean").all()
    assert judged.notna().all(axis=None)
    pd.testing.assert_frame_equal(judged.astype(bool), truth.loc[judged.index, HOUSEHOLD], check_names=False)


def test_volumes_of_the_rt_part_are_the_sums_of_its_roads_drains_and_inundation(read, field):
    """Permen 14/2018, formulir: 4a is inundation > 30 cm, > 2 hours, > 2 times a year; roads over the ideal length."""
    volumes = rt_volumes(read, RULES)
    truth = field[5]
    assert set(volumes.index) == set(truth)
    for key, (affected, total) in truth.items():
        assert volumes.loc[key, "affected"] == pytest.approx(affected), key
        assert volumes.loc[key, "total"] == pytest.approx(total, nan_ok=True), key
    assert set(volumes["source"]) == {"survey"}


def test_every_row_counts_or_is_dropped_with_its_reason(read, field):
    _, _, _, entries, inner, _ = field
    why = entries.loc[entries["x_why"] != "", "x_why"].value_counts().to_dict()
    assert read.dropped["reason"].value_counts().to_dict() == why
    assert read.dropped["text"].str.len().gt(5).all()
    assert read.dropped["row"].notna().all()
    main = read.accounts.loc[read.accounts["holds"] == "main", "rows"].sum()
    assert main == len(entries) == len(read.households) + len(read.rt) + len(read.dropped)
    told = {p.params["count"] for p in read.problems if p.code == "survey_dropped"}
    assert told == set(why.values())
    assert {name: len(rows) for name, rows in inner.items()} == {n: len(r) for n, r in read.repeats.items()}


def test_an_rt_that_nobody_chose_is_taken_from_the_place_and_one_that_is_unknown_is_said(read):
    codes = {p.code for p in read.problems}
    assert {"survey_unit_from_place", "survey_unit_unknown", "survey_place_outside"} <= codes


def test_the_columns_are_the_canonical_ones_in_the_order_of_the_form(read):
    asked = [c for c in read.households if c in questions() and c not in ("unit", "enumerator")]
    assert read.households.columns[0] == "unit"
    assert asked == [q for q in questions() if q in asked]
    assert set(read.households["water_source"].dropna()) <= set(choices()["water_source"])
    assert read.households["floor_area_m2"].dtype == float
    assert set(read.households["land_evidence"].dropna()) <= {"shm", "deed tax", "none"}
    assert read.households.loc[:, ["lon", "lat", "accuracy_m"]].notna().all(axis=None)
    minutes = (read.households["ended"] - read.households["started"]).dt.total_seconds() / 60
    assert minutes.drop("new-1").eq(11).all()


def test_the_four_layouts_say_the_same(surveys):
    first, *others = [survey.households.drop(columns="enumerator").sort_index() for survey in surveys.values()]
    for other in others:
        pd.testing.assert_frame_equal(first, other[first.columns], check_exact=False, rtol=1e-7)


def test_a_kobo_csv_with_semicolons_labels_and_several_choices_in_one_cell(field, tmp_path):
    """Kobo writes CSV with semicolons, and joins labels of several choices by a space."""
    units, people, truth, _, _, _ = field
    entries = entries_of(people.iloc[:12], pd.DataFrame(columns=["unit", "key"]), units)
    main = kobo_frames(entries, {}, "id")["Pendataan swadaya"]
    main = main.drop(columns=[c for c in main if "Surat atas tanah ini/" in c])
    main.to_csv(tmp_path / "kobo.csv", sep=";", index=False)
    survey = read_survey(tmp_path / "kobo.csv", units=units)
    assert survey.households["land_evidence"].tolist() == people["land_evidence"].iloc[:12].tolist()
    judged = judge(survey.households, RULES)
    pd.testing.assert_frame_equal(judged.astype(bool), truth.loc[judged.index, HOUSEHOLD], check_names=False)
    assert survey.accounts["rows"].tolist() == [12]


# ---------------------------------------------------------------- versions and several files


def small(field, count=6):
    units, people, _, _, _, _ = field
    entries = entries_of(people.iloc[:count], pd.DataFrame(columns=["unit", "key"]), units)
    return units, entries


def test_an_edited_entry_counts_once_in_its_last_version(field, tmp_path):
    """Kobo gives every edit a new uuid and keeps the first as rootUuid; the version it replaces is its deprecatedID."""
    units, entries = small(field)
    edited = entries.iloc[[0]].assign(roof="leaks", uuid="e1")
    edited["meta/deprecatedID"] = "uuid:" + entries["key"].iloc[0]
    both = pd.concat([edited, entries.assign(uuid=entries["key"])], ignore_index=True)
    survey = read_survey(write_kobo(tmp_path / "a.xlsx", kobo_frames(both, {})), units=units)
    assert len(survey.households) == 6
    assert survey.households.loc[entries["key"].iloc[0], "roof"] == "leaks"
    assert survey.dropped["reason"].tolist() == ["older_version"]


def test_an_edit_of_central_is_known_by_its_number_of_edits(field, tmp_path):
    units, entries = small(field)
    before = write_central(tmp_path / "senin.zip", entries, {})
    changed = entries.assign(Edits=[1, 0, 0, 0, 0, 0], uuid=["e1", *entries["key"][1:]])
    changed.loc[0, "floor"] = "earth"
    after = write_central(tmp_path / "selasa.zip", changed, {})
    survey = read_survey([after, before], units=units)
    assert survey.households.loc[entries["key"].iloc[0], "floor"] == "earth"
    assert survey.dropped["reason"].value_counts().to_dict() == {"same_entry": 5, "older_version": 1}
    older = survey.dropped.set_index("reason").loc["older_version"]
    assert older[["file", "row"]].tolist() == ["senin.zip/swadaya.csv", 2]


def test_repeated_rows_of_an_export_read_twice_are_counted_once(field, tmp_path):
    units, _, _, entries, inner, volumes = field
    sheets = kobo_frames(entries, inner)
    paths = [write_kobo(tmp_path / name, sheets) for name in ("a.xlsx", "b.xlsx")]
    survey = read_survey(tmp_path, units=units)
    assert rt_volumes(survey, RULES)["affected"].sum() == pytest.approx(sum(a for a, _ in volumes.values()))
    again = survey.dropped[survey.dropped["reason"] == "parent_dropped"]
    assert len(again) == sum(map(len, inner.values()))
    assert len(paths) == 2


def test_a_repeated_row_without_its_entry_is_said(field, tmp_path):
    units, _, _, entries, inner, _ = field
    sheets = kobo_frames(entries, inner)
    sheets["roads"].loc[0, ["_parent_index", "_submission__uuid"]] = [9999, "nowhere"]
    survey = read_survey(write_kobo(tmp_path / "a.xlsx", sheets), units=units)
    assert survey.dropped["reason"].eq("parent_missing").sum() == 1


def test_of_two_interviews_of_a_household_that_differ_it_is_said(field, tmp_path):
    units, entries = small(field)
    twice = entries.iloc[[0]].assign(key="z", roof="leaks", wall="damaged", end="2025-12-01T08:00:00+07:00")
    survey = read_survey(write_kobo(tmp_path / "a.xlsx", kobo_frames(pd.concat([entries, twice]), {})), units=units)
    assert "z" in survey.households.index
    assert [p.params["count"] for p in survey.problems if p.code == "survey_households_differ"] == [1]


def test_who_withdraws_consent_later_is_left_out(field, tmp_path):
    """UU 27/2022: consent may be withdrawn."""
    units, entries = small(field)
    no = entries.iloc[[0]].assign(key="z", consent="no", end="2025-12-01T08:00:00+07:00")
    survey = read_survey(write_kobo(tmp_path / "a.xlsx", kobo_frames(pd.concat([entries, no]), {})), units=units)
    assert len(survey.households) == 5
    assert sorted(survey.dropped["reason"]) == ["no_consent", "same_household"]


# ---------------------------------------------------------------- privacy


def test_personal_columns_stay_outside_and_the_count_is_said(field, tmp_path):
    """UU 27/2022 on personal data: what is not needed is not read."""
    units, entries = small(field)
    entries = entries.assign(**{"Nama Kepala Keluarga": "Budi", "NIK": "3313110504800001", "x_warna": "biru"})
    entries["enumerator"] = ["Siti Aminah", "Joko", "siti aminah ", "A7", "Joko", "Joko"]
    path = write_kobo(tmp_path / "a.xlsx", kobo_frames(entries, {}))
    survey = read_survey(path, units=units)
    frames = [survey.households, survey.rt, survey.dropped, *survey.repeats.values()]
    assert not any(word in f.to_csv() for f in frames for word in ("Budi", "3313110504800001", "Siti", "Joko"))
    assert survey.households["enumerator"].tolist() == ["P2", "P1", "P2", "A7", "P1", "P1"]
    counts = {p.code: p.params["count"] for p in survey.problems}
    assert counts["survey_personal_dropped"] == 2
    assert counts["survey_columns_unused"] == 1
    assert counts["survey_enumerators"] == 2
    kept = read_survey(path, units=units, keep=["Nama Kepala Keluarga", "enumerator"])
    assert kept.households["Nama Kepala Keluarga"].eq("Budi").all()
    assert kept.households["enumerator"].iloc[1] == "Joko"


def test_a_number_of_a_person_in_the_wrong_cell_is_not_told_again():
    cells = pd.DataFrame({"kode_rt": ["01", "01"], "toilet": ["0812-3456-7890", "own"], "roof": ["good", "good"]})
    told = "\n".join(p.line() for p in read_survey(cells).problems)
    assert "survey_choice_unknown" in {p.code for p in read_survey(cells).problems}
    assert "3456" not in told


# ---------------------------------------------------------------- what people type


PAPER = {
    "Kode RT": ["33.13.11.2003.003.001", "3313112003003002", "RT 3 RW 3", "RT 3 RW 3"],
    "No urut": ["1", "1", "1", "2"],
    "Jumlah penghuni rumah tangga ini": ["4", "3 orang", "0", "lima"],
    "Luas lantai": ["28,8", "36 m2", "1.250,5", "20"],
    "Jamban yang dipakai": ["Jamban sendiri", "JAMBAN SENDIRI", "tidak memakai jamban", "kakus"],
    "Apakah ada jalan masuk": ["x", "x", "x", "x"],
}


def test_a_workbook_typed_from_paper_below_a_title(tmp_path):
    path = tmp_path / "kertas.xlsx"
    with pd.ExcelWriter(path, engine="xlsxwriter") as book:
        pd.DataFrame(PAPER).to_excel(book, sheet_name="Isian", startrow=3, index=False)
        book.sheets["Isian"].write_string(0, 0, "PENDATAAN SWADAYA 2025")
    survey = read_survey(path, units=rt_layer())
    houses = survey.households
    assert houses["unit"].str[-3:].tolist() == ["001", "002", "003", "003"]
    assert houses["floor_area_m2"].tolist() == [28.8, 36.0, 1250.5, 20.0]
    assert houses["toilet"].tolist()[:3] == ["own", "own", "none"] and pd.isna(houses["toilet"].iloc[3])
    assert houses["occupants"].tolist()[:2] == [4.0, 3.0] and houses["occupants"].iloc[2:].isna().all()
    codes = {p.code: p.params["count"] for p in survey.problems if "count" in p.params}
    assert codes["survey_choice_unknown"] == codes["survey_number_unread"] == codes["survey_out_of_range"] == 1
    assert houses.index[0] == "kertas.xlsx#Isian!5"


def test_rt_and_rw_in_two_columns_name_an_rt_together():
    cells = pd.DataFrame({"RT": ["1", "2"], "RW": ["3", "03"], "roof": ["good", "leaks"], "wall": ["good", "good"]})
    assert read_survey(cells, units=rt_layer()).households["unit"].str[-7:].tolist() == ["003.001", "003.002"]
    assert read_survey(cells).households["unit"].tolist() == ["RT 001 RW 003", "RT 002 RW 003"]


def test_a_column_of_the_rt_beside_answers_of_houses_does_not_turn_them_into_rt():
    cells = pd.DataFrame({"kode_rt": ["1", "1"], "jumlah_kk": ["2", "1"], "roof": ["good"] * 2, "wall": ["good"] * 2})
    survey = read_survey(cells)
    assert len(survey.households) == 2 and not len(survey.dropped)


def test_a_bare_t_is_tidak_unless_f_stands_beside_it():
    cells = pd.DataFrame({"kode_rt": ["1"] * 3, "road_access": ["Y", "T", "ya"], "faces_road": ["T", "F", None]})
    houses = read_survey(cells).households
    assert houses["road_access"].tolist() == ["yes", "no", "yes"]
    assert houses["faces_road"].tolist()[:2] == ["yes", "no"]


def test_marks_for_nothing_are_no_wrong_answers():
    cells = pd.DataFrame({"kode_rt": ["1"] * 3, "roof": ["good", "n/a", "-"], "toilet": ["none", "own", "own"]})
    survey = read_survey(cells)
    assert [p.code for p in survey.problems] == ["survey_numbers_missing"]
    assert survey.households["toilet"].tolist()[:2] == ["none", "own"]


def test_text_of_people_stays_text():
    cells = pd.DataFrame({"kode_rt": ["=cmd|'/c calc'!A1", "<img src=x onerror=1>"], "roof": ["=1+1", "good"]})
    cells["wall"] = ["good", "#strong[x] $x$"]
    survey = read_survey(cells)
    assert survey.households["unit"].tolist() == cells["kode_rt"].tolist()
    assert survey.households["roof"].isna().tolist() == [True, False]


def test_nothing_to_read_is_an_error_that_says_so(tmp_path):
    pd.DataFrame({"warna": ["biru"], "rasa": ["asin"]}).to_csv(tmp_path / "lain.csv", index=False)
    for source in (tmp_path / "lain.csv", pd.DataFrame({"warna": ["biru"]})):
        with pytest.raises(TableError) as error:
            read_survey(source)
        assert {p.code for p in error.value.problems} == {"survey_none"}
    with pytest.raises(TableError, match=r"ada\.xlsx"):
        read_survey(tmp_path / "tidak" / "ada.xlsx")
    with zipfile.ZipFile(tmp_path / "jahat.zip", "w") as packed:
        packed.writestr("../luar.csv", "roof,wall\ngood,good\n")
    with pytest.raises(TableError) as error:
        read_survey(tmp_path / "jahat.zip")
    assert {p.code for p in error.value.problems} == {"archive_unsafe"}


def test_one_bad_file_does_not_stop_the_others(field, tmp_path):
    units, entries = small(field)
    write_kobo(tmp_path / "a.xlsx", kobo_frames(entries, {}))
    (tmp_path / "b.xlsx").write_bytes(b"PK not a workbook")
    survey = read_survey(tmp_path, units=units)
    assert len(survey.households) == 6
    assert any(p.layer == "b.xlsx" and p.severity == "error" for p in survey.problems)


# ---------------------------------------------------------------- places and photos


def test_a_point_in_another_rt_is_said_and_what_is_written_is_used(field, tmp_path):
    units, entries = small(field)
    entries.loc[0, ["lat", "lon"]] = entries.loc[0, "lat"], entries.loc[0, "lon"] + 0.003
    survey = read_survey(write_kobo(tmp_path / "a.xlsx", kobo_frames(entries, {})), units=units)
    said = [p for p in survey.problems if p.code == "survey_place_differs"]
    assert [p.params["count"] for p in said] == [1]
    assert survey.households["unit"].nunique() == 1
    assert said[0].shape is None, "a household is never shown on a map"


def test_places_in_every_notation():
    cells = pd.DataFrame({"kode_rt": ["1", "2", "3", "4"], "roof": ["good"] * 4})
    cells["household/location"] = ["-7.574 110.9 101 4.5", "-7.574 110.9", "di depan", "0 0 0 0"]
    survey = read_survey(cells)
    assert survey.households["lat"].tolist()[:2] == [-7.574, -7.574]
    assert survey.households["accuracy_m"].tolist()[0] == 4.5
    assert [p.params["count"] for p in survey.problems if p.code == "survey_place_unread"] == [2]
    shape, ha = read_shapes(pd.Series(["-7.57 110.9 0 0;-7.57 110.901 0 0;-7.571 110.901 0 0", "-7.57 110.9", None]))
    assert shape[0].geom_type == "Polygon" and ha[0] == pytest.approx(0.61, abs=0.01)
    assert shape[1] is None and np.isnan(ha[1])


def test_an_inundated_place_that_was_drawn_has_its_area(field, tmp_path):
    units, _, _, entries, inner, _ = field
    drawn = "-7.57 110.9 0 0;-7.57 110.901 0 0;-7.571 110.901 0 0;-7.57 110.9 0 0"
    floods = inner["floods"].assign(flood_ha=np.nan, flood_shape=drawn)
    survey = read_survey(write_central(tmp_path / "a.zip", entries, {**inner, "floods": floods}), units=units)
    assert survey.repeats["floods"]["flood_ha"].round(2).eq(0.61).all()
    assert survey.repeats["floods"]["flood_shape"].iloc[0].geom_type == "Polygon"


def test_photos_that_are_named_and_not_there(field, tmp_path):
    units, entries = small(field)
    there = entries["photo"].iloc[:4]
    survey = read_survey(write_central(tmp_path / "a.zip", entries, {}, photos=there), units=units)
    assert [p.params for p in survey.problems if p.code == "survey_photo_missing"] == [{"count": 2, "all": 6}]


def test_encrypted_entries_that_were_not_opened_do_not_count(field, tmp_path):
    units, entries = small(field)
    entries["Status"] = ["not decrypted", *[""] * 5]
    survey = read_survey(write_central(tmp_path / "a.zip", entries, {}), units=units)
    assert survey.dropped["reason"].tolist() == ["encrypted"]


# ---------------------------------------------------------------- what answers mean


def test_a_missing_answer_never_turns_what_the_others_decide(field):
    """Whatever is left out: what is still decided is the truth, and some of it is."""
    people, truth = field[1], field[2]
    rng = np.random.default_rng(5)
    for share in (0.1, 0.3, 0.6):
        blanked = people.mask(pd.DataFrame(rng.random(people.shape) < share, people.index, people.columns))
        judged = judge(blanked, RULES)
        decided = judged.notna().to_numpy()
        whole = truth.loc[people.index, HOUSEHOLD].to_numpy()
        assert (judged.fillna(False).to_numpy(bool)[decided] == whole[decided]).all()
        assert 0.2 < decided.mean() < 1


def test_an_answer_to_a_question_that_does_not_concern_a_house_decides_nothing():
    frame = pd.DataFrame(
        {"water_source": ["piped", None], "water_quality": ["good", "good"], "septic_distance_m": [5, 5]}
    )
    assert judge(frame, RULES)["3a"].tolist() == [False, True]


THREE = [
    # (answers, 3a): any of unsafe source, septic tank nearer than 10 m, bad quality
    ({"water_source": "surface"}, True),
    ({"water_source": "piped", "water_quality": "good"}, False),
    ({"water_source": "piped"}, None),
    ({"water_source": "borehole", "water_quality": "good"}, None),
    ({"water_source": "borehole", "water_quality": "good", "septic_distance_m": 9.9}, True),
    ({"water_source": "borehole", "water_quality": "good", "septic_distance_m": 10.0}, False),
    ({"water_source": "other", "water_quality": "good"}, None),
    ({"water_source": "other", "water_quality": "poor"}, True),
    ({}, None),
]


@pytest.mark.parametrize(("answers", "expected"), THREE, ids=[str(a) for a, _ in THREE])
def test_missing_decides_nothing_and_what_does_not_concern_a_house_is_not_missing(answers, expected):
    found = judge(pd.DataFrame([answers or {"roof": "good"}]), RULES)["3a"].iloc[0]
    assert (None if pd.isna(found) else bool(found)) is expected


def test_floor_area_is_judged_per_person():
    """Hunian layak: at least 7.2 m2 of floor a person."""
    frame = pd.DataFrame({"floor_area_m2": [28.7, 28.8, 28.8, np.nan], "occupants": [4, 4, np.nan, 4]})
    frame[["roof", "wall", "floor"]] = ["good", "good", "cement"]
    assert judge(frame, RULES)["1c"].tolist() == [True, False, pd.NA, pd.NA]


def test_several_choices_and_all_of_some_conditions():
    frame = pd.DataFrame({"land_evidence": ["shm tax", "none", None], "low_income": ["yes", "unknown", "no"]})
    both = Condition(
        all=[Condition(question="land_evidence", in_=["tax"]), Condition(question="low_income", in_=["yes"])]
    )
    assert holds(both, frame).tolist() == [True, False, False]


def test_a_sum_of_which_a_part_is_missing_is_missing(field):
    entries = field[3]
    cells = entries[entries["part"] == "rt"].rename(columns={"key": "_uuid"})
    assert rt_volumes(read_survey(cells, units=field[0]), RULES).loc[(slice(None), "2b"), "affected"].isna().sum() == (
        cells["roads_any"].eq("yes").sum()
    )


def test_rules_without_a_survey_part_judge_nothing():
    bare = RULES.model_copy(update={"criteria": tuple(c.model_copy(update={"survey": None}) for c in RULES.criteria)})
    assert judge(pd.DataFrame({"roof": ["good"]}), bare).shape == (1, 0)


@pytest.mark.parametrize("key", ["permen-14-2018", "permen-02-2016"])
def test_every_criterion_but_density_has_answers_that_mean_it(key):
    rules = kg.load_rules(key)
    assert [c.code for c in rules.criteria if c.survey is None] == ["1b"]
    for criterion in rules.criteria:
        assert criterion.survey is None or all(part_of(n) == criterion.survey.part for n in criterion.survey.asked())


WRONG = [
    ('{ question = "roof", in = ["leaks"] }', '{ question = "rooof", in = ["leaks"] }', "rooof"),
    ('{ question = "roof", in = ["leaks"] }', '{ question = "roof", in = ["leaky"] }', "leaky"),
    ('{ question = "roof", in = ["leaks"] }', '{ question = "roof", below = 3 }', "good, leaks"),
    ('{ question = "roof", in = ["leaks"] }', '{ question = "road_new_m", above = 3 }', "road_new_m"),
    ('affected = ["road_new_m"]', 'affected = ["rt_buildings"]', "rt_buildings"),
    ('affected = ["road_new_m"]', 'affected = ["road_length_m"]', "sum = road_length_m"),
    ('part = "household"', 'part = "rumah"', "1a.survey"),
]


@pytest.mark.parametrize(("old", "new", "said"), WRONG, ids=[w for _, _, w in WRONG])
def test_a_mistake_in_the_meaning_of_answers_is_an_error_of_the_rule(tmp_path, old, new, said):
    shipped = (kg.sample_folder("jaten").parents[1] / "kumuhgis" / "data" / "rules" / "permen-14-2018.toml").read_text()
    (tmp_path / "perda.toml").write_text(shipped.replace(old, new, 1), "utf-8")
    with pytest.raises(kg.KumuhgisError, match=said):
        kg.load_rules(tmp_path / "perda.toml")


# ---------------------------------------------------------------- headings


def test_no_two_questions_and_no_two_choices_are_written_alike():
    written = [(slug(w), q.name) for q in questions().values() for w in {q.name, q.label, q.label_en, *q.names}]
    assert len({w for w, _ in written}) == len(set(written))
    for inner in choices().values():
        words = [(slug(w), key) for key, c in inner.items() for w in {key, c.label, c.label_en}]
        assert len({w for w, _ in words}) == len(set(words))


HEADINGS = [
    ("household/water/water_source", ("answer", "water_source", "")),
    ("household-water-water_source", ("answer", "water_source", "")),
    ("Air minum/Sumber utama air minum", ("answer", "water_source", "")),
    ("MAIN SOURCE OF DRINKING WATER", ("answer", "water_source", "")),
    ("g/fire_water/hydrant", ("multiple", "fire_water", "hydrant")),
    ("Pasokan air untuk pemadaman/Hidran", ("multiple", "fire_water", "hydrant")),
    ("_household/location_precision", ("place", "location", "accuracy")),
    ("household-location-Longitude", ("place", "location", "lon")),
    ("_Letak rumah_latitude", ("place", "location", "lat")),
    ("_submission__uuid", ("meta", "parent_key", "")),
    ("meta/rootUuid", ("meta", "root", "")),
    ("household/nama_kepala_keluarga", ("personal", "household/nama_kepala_keluarga", "")),
    ("Warna pagar", ("other", "Warna pagar", "")),
]


@pytest.mark.parametrize(("heading", "role"), HEADINGS, ids=[h for h, _ in HEADINGS])
def test_headings_as_servers_write_them(heading, role):
    assert tuple(read_headings([heading])[heading]) == role


def test_names_of_rt_in_a_form_are_safe_and_do_not_depend_on_their_order():
    keys = ["=cmd|'/c calc'!A1", "RT 01", "RT-01", "", "a" * 200, "33.13.11.2003.003.001"]
    made = unit_choices(pd.DataFrame(index=keys))
    assert made["name"].is_unique
    assert made["name"].str.fullmatch(r"[a-z][a-z0-9_]*").all()
    back = unit_choices(pd.DataFrame(index=keys[::-1]))
    assert made["name"].tolist() == back["name"].tolist()[::-1]


def test_an_rt_of_two_desa_is_never_guessed():
    keys = ["33.13.11.2003.001.001", "33.13.11.2005.001.001"]
    units = pd.DataFrame(
        {"rt_rw": ["RT 001 RW 001"] * 2, "desa": ["Jaten", "Ngringo"]}, index=pd.Index(keys, name="unit")
    )
    made = unit_choices(units)
    assert made["rw"].tolist() == ["rw_001_jaten", "rw_001_ngringo"]
    cells = pd.DataFrame({"unit": [*made["name"], *made["label"], "RT 1 RW 1"], "roof": "good"})
    survey = read_survey(cells, units=units)
    assert survey.households["unit"].tolist() == keys * 2
    assert survey.dropped["reason"].tolist() == ["unit_missing"]
    assert [p.params["values"] for p in survey.problems if p.code == "survey_unit_unknown"] == ["RT 1 RW 1"]


# ---------------------------------------------------------------- who, when, which file


def test_names_of_enumerators_are_no_codes_and_no_name_takes_the_code_of_another():
    who = ["Budi 1", "Ani3", "P1", "E07", "Siti", "PT-02"]
    houses = read_survey(pd.DataFrame({"kode_rt": "1", "roof": "good", "petugas": who})).households
    said = houses["enumerator"].tolist()
    assert said[2:4] == ["P1", "E07"] and said[5] == "PT-02", "codes stay"
    assert len(set(said)) == 6 and not any(name in " ".join(said).casefold() for name in ("budi", "ani", "siti"))


def test_the_day_is_that_of_the_place_and_not_of_greenwich():
    start = ["2026-03-02T06:10:00+07:00", "2026-03-02T23:50:00+07:00", "2026-03-01T23:30:00Z"]
    houses = read_survey(pd.DataFrame({"kode_rt": "1", "roof": "good", "petugas": "A1", "start": start}))
    assert daily(houses)["households"].to_dict() == {(pd.Timestamp("2026-03-02"), "A1"): 3}


@pytest.mark.parametrize(
    ("written", "day", "hour"),
    [
        ("2 Maret 2026 08.20", 2, 8), ("02/03/2026 08:20", 2, 8), ("2-3-2026", 2, 0), ("46083.5", 2, 12),
        ("2026-03-02 08:20", 2, 8), ("2 Mei 2026", 2, 0), ("2026/03/02 8:05", 2, 8), ("Senin, 2 Maret 2026", 2, 0),
        ("2 Maret 2026 8.20 pm", 2, 20), ("2026-03-02T08:20:00+07", 2, 1), ("2 Maret 2026 08.20 WITA", 2, 0),
        ("2026-03-01T24:00:00", 2, 0), ("2026-03-02T08:20:00z", 2, 8),
    ],
)  # fmt: skip
def test_times_as_people_write_them(written, day, hour):
    said = []
    times, days = read_times(pd.Series([written]), "start", "a.csv", said)
    assert (days[0].day, days[0].year, times[0].hour, said) == (day, 2026, hour, [])


@pytest.mark.parametrize("written", ["9999-12-31", "31/12/9999", "0001-01-01T00:00:00Z", "1/1/1600", "31/02/2026"])
def test_a_time_that_cannot_be_is_said_and_no_failure(written):
    cells = pd.DataFrame({"kode_rt": "1", "roof": "good", "start": ["2026-03-02T08:20:00+07:00", written]})
    survey = read_survey(cells)
    assert [p.params["count"] for p in survey.problems if p.code == "survey_time_unread"] == [1]
    assert survey.households["day"].notna().tolist() == [True, False]


def test_times_without_a_zone_are_in_that_of_the_others_of_their_table():
    """Begun in UTC, ended as the clock on the wall said: 20 minutes, not 440."""
    cells = pd.DataFrame({"kode_rt": "1", "roof": "good", "petugas": "A1", "start": ["2026-03-02T01:20:00Z"] * 2})
    cells["end"] = "2026-03-02 08:40"
    assert daily(read_survey(cells))["minutes"].tolist() == [20]


def test_a_time_that_cannot_be_read_is_said_and_its_household_still_counts():
    cells = pd.DataFrame({"kode_rt": "1", "roof": "good", "petugas": "A1", "start": ["kemarin sore", "2026-03-02"]})
    survey = read_survey(cells)
    (said,) = [p for p in survey.problems if p.code == "survey_time_unread"]
    assert said.params["values"] == "kemarin sore"
    assert daily(survey)["households"].sum() == 2, "with a day or without"


def test_rows_of_two_exports_in_one_folder_belong_to_the_file_of_their_name(tmp_path):
    for desa, unit, metres in (("desaA", "01", 100), ("desaB", "02", 900)):
        entry = {"_index": [1], "kode_rt": unit, "roads_any": "yes", "rt_population": 100, "part": "rt"}
        pd.DataFrame(entry).to_csv(tmp_path / f"{desa}.csv", index=False)
        rows = {"_parent_index": [1], "road_length_m": metres, "road_condition": "heavy"}
        pd.DataFrame(rows).to_csv(tmp_path / f"{desa}_roads.csv", index=False)
    survey = read_survey(tmp_path)
    of = survey.rt["unit"]
    found = survey.repeats["roads"].assign(unit=survey.repeats["roads"]["submission"].map(of))
    assert found.set_index("unit")["road_length_m"].to_dict() == {"01": 100, "02": 900}
    (tmp_path / "desaA_roads.csv").rename(tmp_path / "jalan.csv")
    survey = read_survey(tmp_path)
    assert survey.dropped["reason"].tolist() == ["parent_missing"], "no name tells which entry 1 is meant"
