"""What residents answer: read from many laptops, none lost, none twice, and held against the numbers."""

import json
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner
from invented_village import HOSTILE
from shapely.geometry import LineString, Point, Polygon, box

import kumuhgis as kg
from kumuhgis.cli import command
from kumuhgis.contributions import COLUMNS, TEXT_LIMIT
from kumuhgis.errors import LayerError, problems_frame
from kumuhgis.export import write, write_answers
from kumuhgis.masking import mask, mask_group
from kumuhgis.participate import FINDINGS, contradictions, neighbours, read_contributions
from kumuhgis.rules import load_rules
from kumuhgis.topics import _data, kinds, suggest

RULES = load_rules()
X, Y = 490_000, 9_162_000
KEYS = [f"{n}{n}{n}{n}0000-1111-4222-8333-444455556666" for n in range(10)]


def units():
    """Three RT in a row, each 100 m by 100 m."""
    shapes = [box(X + 100 * i, Y, X + 100 * i + 100, Y + 100) for i in range(3)]
    return gpd.GeoDataFrame(
        {"rt_rw": ["RT 01", "RT 02", "RT 03"]}, geometry=shapes, crs=32749, index=["01", "02", "03"]
    )


def at(x, y):
    return Point(X + x, Y + y)


def feature(key, shape, text="", **own):
    """A feature as the map writes it."""
    degrees = gpd.GeoSeries([shape], crs=32749).to_crs(4326).iloc[0]
    own = {
        "kind": "masalah", "criterion": "", "group": "PKK RT 01", "made": "2026-11-20T08:00:00+07:00",
        "changed": "2026-11-20T08:00:00+07:00", "device": "laptop-a", "schema": 1,
        "map": {"title": "Peta", "rule": RULES.key, "date": "2026-03-15"}, **own,
    }  # fmt: skip
    return {
        "type": "Feature", "id": key, "geometry": json.loads(shapely.to_geojson(degrees)),
        "properties": {"id": key, "text": text, **own},
    }  # fmt: skip


def saved(path, *features):
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def codes(problems):
    return {p.code for p in problems}


# ---------------------------------------------------------------- one file


def test_a_file_of_the_map_comes_back_whole(tmp_path):
    words = "Banjir 40 cm\ntiap hujan"
    file = saved(tmp_path / "a.geojson", feature(KEYS[0], at(50, 50), words, criterion="4a"))
    answers, problems = read_contributions(file, units=units())
    assert [*answers.columns] == [*COLUMNS, "geometry"] and answers.crs == 32749
    row = answers.loc[KEYS[0]]
    assert row[["kind", "criterion", "text", "group", "unit", "units", "copies"]].tolist() == [
        "masalah", "4a", words, "PKK RT 01", "01", "01", 1,
    ]  # fmt: skip
    assert row["map_rule"] == RULES.key and row["map_date"] == "2026-03-15" and row["source"] == "a.geojson"
    assert pd.Timestamp(row["made"]) == pd.Timestamp("2026-11-20T08:00:00+07:00")
    assert row.geometry.distance(at(50, 50)) < 0.2
    assert problems == []


def test_what_was_not_chosen_is_only_suggested_and_never_taken_as_said(tmp_path):
    file = saved(tmp_path / "a.geojson", feature(KEYS[0], at(50, 50), "Sampah menumpuk dan got mampet, banjir"))
    answers, problems = read_contributions(file, units=units())
    assert answers.iloc[0][["criterion", "suggested"]].tolist() == ["", "4a | 6b"]
    assert codes(problems) == {"contribution_suggested"}
    chosen = saved(tmp_path / "b.geojson", feature(KEYS[0], at(50, 50), "Sampah menumpuk", criterion="2b"))
    assert read_contributions(chosen, units=units())[0].iloc[0][["criterion", "suggested"]].tolist() == ["2b", ""]


@pytest.mark.parametrize(
    "words, found, denied",
    [
        ("Sering BANJIR kalau hujan", ["4a"], []),
        ("jalan  berlubang", ["2b"], []),
        ("di sini tidak pernah banjir", [], ["4a"]),
        ("bebas banjir, tetapi tidak ada got", ["4b"], ["4a"]),
        ("tidak ada tempat sampah", ["6a"], []),
        ("Flooded every year, no toilet", ["4a", "5a"], []),
        ("robot dan banjiran", [], []),
        ("", [], []),
    ],
)
def test_words_suggest_or_deny_criteria(words, found, denied):
    assert suggest(words, RULES) == (found, denied)


def test_every_topic_belongs_to_a_criterion_and_codes_follow_the_rule():
    both = [c.name.casefold() for key in ("permen-14-2018", "permen-02-2016") for c in load_rules(key).criteria]
    for topic in _data()["topics"]:
        assert any(name.startswith(topic["criterion"].casefold()) for name in both), topic["criterion"]
    assert suggest("got rusak", RULES)[0] == ["4c"]
    assert suggest("got rusak", load_rules("permen-02-2016"))[0] == ["4e"]


def test_kinds_and_criteria_are_read_as_people_write_them(tmp_path):
    rows = [
        ("Keluhan", "4A"),
        ("usul", "4.a Genangan"),
        ("BATAS", ""),
        ("gosip", "9z"),
        ("", "Ketidaktersediaan drainase"),
    ]
    file = saved(
        tmp_path / "a.geojson",
        *(feature(KEYS[n], at(10 + 10 * n, 50), "", kind=k, criterion=c) for n, (k, c) in enumerate(rows)),
    )
    answers, problems = read_contributions(file, units=units())
    assert answers.loc[KEYS[:5], ["kind", "criterion"]].values.tolist() == [
        ["masalah", "4a"], ["usulan", "4a"], ["keberatan batas", ""], ["gosip", "9z"], ["", "4b"],
    ]  # fmt: skip
    assert codes(problems) == {
        "contribution_kind_unknown", "contribution_criterion_unknown", "contribution_kind_missing",
    }  # fmt: skip
    assert "gosip" in " ".join(p.message() for p in problems)


def test_the_kinds_are_those_of_the_form():
    assert list(dict.fromkeys(kinds().values())) == [
        "masalah", "potensi", "keberatan batas", "keberatan nilai", "usulan",
    ]  # fmt: skip


def test_an_empty_text_is_kept(tmp_path):
    file = saved(tmp_path / "a.geojson", feature(KEYS[0], at(50, 50)))
    assert read_contributions(file, units=units())[0]["text"].tolist() == [""]


def test_control_characters_go_and_long_texts_are_cut_and_said(tmp_path):
    words = "got\x07 mampet\u202e\u200f di\tsini"
    file = saved(tmp_path / "a.geojson", feature(KEYS[0], at(9, 9), words), feature(KEYS[1], at(50, 9), "x" * 900))
    answers, problems = read_contributions(file, units=units())
    assert answers.loc[KEYS[0], "text"] == "got mampet di\tsini"
    assert len(answers.loc[KEYS[1], "text"]) == TEXT_LIMIT
    assert "contribution_cut" in codes(problems)


@pytest.mark.parametrize("words", HOSTILE)
def test_what_looks_like_code_stays_as_it_was_typed(tmp_path, words):
    file = saved(tmp_path / "a.geojson", feature(KEYS[0], at(50, 50), words))
    assert read_contributions(file, units=units())[0]["text"].tolist() == [words.strip()]


@pytest.mark.parametrize(
    "words, masked",
    [
        ("NIK 3313112004560001 milik warga", "NIK •••• milik warga"),
        ("KK 3313.1120.0456.0001", "KK ••••"),
        ("WA 0812-3456-7890 ya", "WA •••• ya"),
        ("+62 812 3456 7890", "••••"),
        ("telepon (0271) 825 123", "telepon ••••"),
        ("banjir 40 cm, 3 jam, RT 03/RW 02, Rp 1.500.000.000", "banjir 40 cm, 3 jam, RT 03/RW 02, Rp 1.500.000.000"),
        ("titik -7.571234, 110.901234 pada 2026-11-20", "titik -7.571234, 110.901234 pada 2026-11-20"),
    ],
)
def test_identity_and_telephone_numbers_are_covered(words, masked):
    assert mask(words).text == masked


def test_personal_data_are_said(tmp_path):
    file = saved(
        tmp_path / "a.geojson", feature(KEYS[0], at(50, 50), "Rumah Pak Joyo, 081234567890", group="0812 3456 7890")
    )
    answers, problems = read_contributions(file, units=units())
    assert answers.iloc[0][["text", "group"]].tolist() == ["Rumah Pak Joyo, ••••", "••••"]
    assert [(p.code, p.column, p.params["count"]) for p in problems if p.code != "contribution_suggested"] == [
        ("contribution_masked", "text", 1), ("contribution_name", "text", 1), ("contribution_masked", "group", 1),
    ]  # fmt: skip


def test_a_group_is_no_person(tmp_path):
    groups = {
        "Bu Sri": "Bu ••••",
        "pak joyo suwarno": "pak ••••",
        "H. Slamet Riyadi": "H. ••••",
        "PKK Mbak Ani": "PKK Mbak ••••",
    }
    kept = [
        "PKK",
        "Ibu RT 03",
        "Ibu-ibu PKK",
        "Karang Taruna",
        "Kelas Ibu Hamil",
        "Warga RT 03/RW 02",
        "Masjid Al Huda",
    ]
    assert {group: mask_group(group).text for group in [*groups, *kept]} == groups | {k: k for k in kept}
    file = saved(tmp_path / "a.geojson", feature(KEYS[0], at(50, 50), "selokan mampet", group="Bu Sri"))
    answers, problems = read_contributions(file, units=units())
    assert answers.iloc[0]["group"] == "Bu ••••"
    assert ("contribution_name", "group") in [(p.code, p.column) for p in problems]


# ---------------------------------------------------------------- files of others


def test_a_layer_drawn_in_qgis_in_another_crs_with_few_columns(tmp_path):
    drawn = gpd.GeoDataFrame({"Uraian": ["Jalan rusak"]}, geometry=[LineString([at(10, 50), at(150, 50)])], crs=32749)
    drawn.to_crs(23834).to_file(tmp_path / "qgis.gpkg")
    answers, problems = read_contributions(tmp_path / "qgis.gpkg", units=units())
    assert answers[["kind", "text", "suggested", "unit", "units"]].values.tolist() == [
        ["", "Jalan rusak", "2b", "01", "01 | 02"]
    ]
    assert "contribution_kind_missing" in codes(problems)
    again = read_contributions(tmp_path / "qgis.gpkg", units=units())[0]
    assert answers.index.tolist() == again.index.tolist() and answers.index[0].startswith("x-")


def test_an_export_of_kobotoolbox(tmp_path):
    own = {
        "_id": 7,
        "_uuid": KEYS[3],
        "tanggapan/jenis": "usulan",
        "tanggapan/uraian": "Taman",
        "_submission_time": "2026-11-20T09:00:00",
    }
    (tmp_path / "kobo.geojson").write_text(
        json.dumps({
            "type": "FeatureCollection",
            "features": [{**feature("", at(150, 50)), "id": None, "properties": own}],
        }),
        "utf-8",
    )  # fmt: skip
    answers, _ = read_contributions(tmp_path / "kobo.geojson", units=units())
    assert answers.index.tolist() == [KEYS[3]]
    assert answers[["kind", "text", "unit"]].values.tolist() == [["usulan", "Taman", "02"]]
    assert answers["made"].iloc[0].startswith("2026-11-20T09:00")


def test_numbers_of_rows_are_no_keys(tmp_path):
    """Two people who draw in QGIS both have a feature 1; neither may vanish."""
    for name, x in (("a", 20), ("b", 120)):
        gpd.GeoDataFrame({"id": [1], "uraian": [name]}, geometry=[at(x, 50)], crs=32749).to_file(
            tmp_path / f"{name}.gpkg"
        )
    answers, _ = read_contributions(tmp_path, units=units())
    assert sorted(answers["text"]) == ["a", "b"]


def test_shapes_are_mended_or_set_aside_by_name(tmp_path):
    bow_tie = Polygon([at(10, 10), at(60, 60), at(60, 10), at(10, 60)])
    file = saved(tmp_path / "a.geojson", feature(KEYS[0], bow_tie, "a"), feature(KEYS[1], at(5, 5), "b"))
    content = json.loads(file.read_text())
    content["features"].append({**content["features"][1], "id": KEYS[2], "geometry": None})
    file.write_text(json.dumps(content))
    answers, problems = read_contributions(file, units=units())
    assert answers.geometry.is_valid.all() and sorted(answers["text"]) == ["a", "b"]
    assert {"layer_geometry_repaired", "layer_geometry_missing"} <= codes(problems)


def test_one_broken_file_does_not_stop_the_others(tmp_path):
    saved(tmp_path / "a.geojson", feature(KEYS[0], at(50, 50), "a"))
    (tmp_path / "b.geojson").write_text('{"type": "FeatureColl')
    (tmp_path / "catatan.docx").write_text("tidak dibaca")
    answers, problems = read_contributions(tmp_path, units=units())
    assert answers["text"].tolist() == ["a"]
    assert [p.layer for p in problems] == ["b.geojson"] and problems[0].severity == "error"
    with pytest.raises(LayerError, match=r"b\.geojson"):
        read_contributions(tmp_path / "b.geojson", units=units())


def test_no_file_at_all_is_one_sentence(tmp_path):
    with pytest.raises(LayerError) as error:
        read_contributions(tmp_path, lang="en")
    assert codes(error.value.problems) == {"contribution_none"} and "folder" in str(error.value)


def test_a_file_from_another_island_is_refused(tmp_path):
    drawn = gpd.GeoDataFrame({"uraian": ["a"]}, geometry=[Point(140.7, -2.5)], crs=4326)
    drawn.to_file(tmp_path / "papua.gpkg")
    with pytest.raises(LayerError, match=r"papua\.gpkg"):
        read_contributions(tmp_path / "papua.gpkg", units=units())


def test_other_rules_and_newer_maps_are_said(tmp_path):
    other = {"title": "Peta", "rule": "permen-02-2016", "date": ""}
    file = saved(tmp_path / "a.geojson", feature(KEYS[0], at(50, 50), map=other, schema=2))
    assert codes(read_contributions(file, units=units())[1]) == {"contribution_other_rule", "contribution_schema"}


# ---------------------------------------------------------------- many laptops


def test_of_one_answer_the_version_changed_last_wins_whatever_the_zone(tmp_path):
    early, late = "2026-11-20T08:30:00+08:00", "2026-11-20T08:00:00+07:00"  # 00:30 and 01:00 in Greenwich
    saved(tmp_path / "1.geojson", feature(KEYS[0], at(50, 50), "yang baru", changed=late))
    saved(tmp_path / "2.geojson", feature(KEYS[0], at(50, 50), "yang lama", changed=early))
    for order in (["1", "2"], ["2", "1"]):
        answers, problems = read_contributions([tmp_path / f"{n}.geojson" for n in order], units=units())
        assert answers["text"].tolist() == ["yang baru"]
        assert codes(problems) == {"contribution_older"}


def test_equal_answers_of_two_laptops_count_once(tmp_path):
    saved(tmp_path / "1.geojson", feature(KEYS[0], at(50, 50), "Taman  warga", group="PKK"))
    saved(tmp_path / "2.geojson", feature(KEYS[1], at(50, 50), "taman warga", group="Karang Taruna", device="laptop-b"))
    saved(tmp_path / "3.geojson", feature(KEYS[2], at(50, 50), "taman lain"))
    answers, problems = read_contributions(tmp_path, units=units())
    assert answers["copies"].tolist() == [2, 1]
    assert answers["group"].iloc[0] == "PKK | Karang Taruna"
    assert codes(problems) == {"contribution_copies"}


def test_a_table_written_beside_the_files_is_not_read_as_answers(tmp_path):
    file = saved(tmp_path / "a.geojson", feature(KEYS[0], LineString([at(10, 50), at(50, 50)]), "jalan"))
    answers, problems = read_contributions(tmp_path, units=units())
    write_answers(answers, contradictions(answers, assessed({})), problems_frame(problems), tmp_path / "t.csv")
    assert read_contributions(tmp_path, units=units())[0].index.tolist() == [KEYS[0]]
    assert len(read_contributions([file, tmp_path / "t.csv"], units=units())[0]) == 2, "named, it is read"


def test_the_key_of_an_answer_without_one_does_not_depend_on_the_map(tmp_path):
    gpd.GeoDataFrame({"uraian": ["a"]}, geometry=[box(X, Y, X + 9, Y + 9)], crs=32749).to_file(tmp_path / "a.gpkg")
    grounds = (None, units(), units().to_crs(23834))
    assert len({read_contributions(tmp_path / "a.gpkg", units=ground)[0].index[0] for ground in grounds}) == 1


def test_reading_a_file_twice_changes_nothing(tmp_path):
    file = saved(tmp_path / "1.geojson", feature(KEYS[0], at(50, 50), "a"), feature(KEYS[1], at(60, 50), "b"))
    once, twice = (read_contributions(source, units=units())[0] for source in (file, [file, file]))
    pd.testing.assert_frame_equal(
        pd.DataFrame(once.drop(columns="geometry")), pd.DataFrame(twice.drop(columns="geometry"))
    )


# ---------------------------------------------------------------- in their RT


@pytest.mark.parametrize(
    "shape, main, touched",
    [
        (at(150, 50), "02", ["02"]),
        (at(100, 50), "01", ["01", "02"]),
        (LineString([at(90, 50), at(180, 50)]), "02", ["02", "01"]),
        (box(X + 40, Y + 10, X + 290, Y + 90), "02", ["02", "03", "01"]),
        (box(X, Y, X + 100, Y + 100), "01", ["01"]),
        (at(150, 500), "", []),
    ],
)
def test_all_rt_that_a_shape_touches_the_one_with_most_of_it_first(tmp_path, shape, main, touched):
    frame = gpd.GeoDataFrame({"uraian": ["a"], "jenis": ["usulan"]}, geometry=[shape], crs=32749)
    frame.to_file(tmp_path / "a.gpkg")
    answers, problems = read_contributions(tmp_path / "a.gpkg", units=units())
    assert answers["unit"].iloc[0] == main and answers["units"].iloc[0].split(" | ") == (touched or [""])
    assert ("contribution_outside" in codes(problems)) is not bool(touched)


def test_inputs_are_not_changed_and_the_assessment_gives_units_and_rules(tmp_path):
    ground = units()
    before = ground.copy()
    a = SimpleNamespace(units=ground, rules=RULES)
    file = saved(tmp_path / "a.geojson", feature(KEYS[0], at(50, 50), "banjir"))
    assert read_contributions(str(file), assessment=a)[0]["unit"].tolist() == ["01"]
    pd.testing.assert_frame_equal(ground, before)
    assert read_contributions(file)[0].crs == 4326


# ---------------------------------------------------------------- words against numbers


def assessed(scores):
    """A result with the scores given as {(unit, criterion): (percent, score)}; the rest is 20 %, score 0."""
    index = pd.MultiIndex.from_product([["01", "02", "03"], RULES.codes], names=["unit", "criterion"])
    frame = pd.DataFrame({"percent": 20.0, "score": 0.0}, index)
    for key, cells in scores.items():
        frame.loc[key, ["percent", "score"]] = cells
    return SimpleNamespace(rules=RULES, units=units(), scores=frame, lang="id")


def read(tmp_path, *features):
    return read_contributions(saved(tmp_path / "a.geojson", *features), units=units())[0]


def test_banjir_where_4a_scores_0(tmp_path):
    """The example of the issue: residents say "banjir", and 4a scores 0."""
    answers = read(
        tmp_path, feature(KEYS[0], at(50, 50), "banjir", criterion="4a"), feature(KEYS[1], at(60, 50), "genangan")
    )
    found = contradictions(answers, assessed({}))
    assert found["finding"].tolist() == ["said_not_scored", "said_not_scored"]
    assert found["guessed"].tolist() == [False, True]
    assert found["sentence"].iloc[0] == "PKK RT 01: “banjir”, tetapi 4a bernilai 0 (20,00 %)."
    assert "diduga" in found["sentence"].iloc[1]


@pytest.mark.parametrize(
    "own, cells, finding",
    [
        ({"kind": "masalah", "criterion": "4a"}, (20.0, 0), "said_not_scored"),
        ({"kind": "masalah", "criterion": "4a"}, (np.nan, np.nan), "said_not_measured"),
        ({"kind": "masalah", "criterion": "4a"}, (30.0, 1), None),
        ({"kind": "masalah", "criterion": "4a"}, (80.0, 5), None),
        ({"kind": "potensi", "criterion": "4a"}, (60.0, 3), "scored_denied"),
        ({"kind": "potensi", "criterion": "4a"}, (30.0, 1), None),
        ({"kind": "masalah", "text": "tidak pernah banjir"}, (80.0, 5), "scored_denied"),
        ({"kind": "usulan", "criterion": "4a"}, (20.0, 0), None),
        ({"kind": "keberatan nilai", "criterion": "4a"}, (60.0, 3), "score_objected"),
        ({"kind": "masalah", "criterion": "2b"}, (60.0, 3), "scored_not_said"),
    ],
)
def test_every_finding(tmp_path, own, cells, finding):
    answers = read(tmp_path, feature(KEYS[0], at(50, 50), **own))
    found = contradictions(answers, assessed({("01", "4a"): cells, ("01", "2b"): (30.0, 1)}))
    assert found["finding"].tolist() == ([finding] if finding else [])


def test_only_an_rt_that_spoke_can_be_silent_on_something(tmp_path):
    answers = read(tmp_path, feature(KEYS[0], at(50, 50), "x", criterion="4a", kind="usulan"))
    bad = {(unit, code): (80.0, 5) for unit in ("01", "02") for code in ("3a", "4a")}
    found = contradictions(answers, assessed(bad))
    assert found[["unit", "criterion", "finding"]].values.tolist() == [["01", "3a", "scored_not_said"]]


def test_a_line_through_three_rt_speaks_of_all_of_them(tmp_path):
    answers = read(tmp_path, feature(KEYS[0], LineString([at(50, 50), at(250, 50)]), "x", criterion="4a"))
    assert contradictions(answers, assessed({}))["unit"].tolist() == ["01", "02", "03"]


def test_an_objection_to_a_border_names_the_neighbours(tmp_path):
    along = LineString([at(99, 10), at(99, 90)])
    answers = read(tmp_path, feature(KEYS[0], along, "geser ke timur", kind="keberatan batas"))
    (row,) = contradictions(answers, assessed({})).to_dict("records")
    assert (row["unit"], row["finding"], row["neighbours"]) == ("01", "border_objected", "02")
    assert "RT 02" in row["sentence"] and "geser ke timur" in row["sentence"]
    inner = read(tmp_path, feature(KEYS[0], at(130, 50), kind="keberatan batas"))
    assert neighbours(inner, units()) == [["01"]], "far from every border: the nearest"
    assert neighbours(inner[:0], units()) == []


def test_no_answers_contradict_nothing(tmp_path):
    answers = read(tmp_path, feature(KEYS[0], at(50, 50)))
    assert contradictions(answers[:0], assessed({})).empty


def test_findings_have_words_and_sentences_speak_english(tmp_path):
    from kumuhgis.text import text

    assert all(text(f"participate.finding.{finding}", lang) for finding in FINDINGS for lang in ("id", "en"))
    answers = read(tmp_path, feature(KEYS[0], at(50, 50), "", criterion="4a", group=""))
    assert contradictions(answers, assessed({}), lang="en")["sentence"].tolist() == [
        "Residents: (no words), but 4a scores 0 (20.00 %)."
    ]


# ---------------------------------------------------------------- tables


def tables(tmp_path, words="=1+1"):
    answers, problems = read_contributions(
        saved(tmp_path / "a.geojson", feature(KEYS[0], at(50, 50), words, criterion="4a", group="@kelompok")),
        units=units(),
    )
    return answers, contradictions(answers, assessed({})), problems_frame(problems)


def test_a_workbook_with_three_sheets_and_no_formula(tmp_path):
    from openpyxl import load_workbook

    (path,) = write_answers(*tables(tmp_path), tmp_path / "tanggapan.xlsx")
    book = load_workbook(path)
    assert book.sheetnames == ["Tanggapan", "Perbedaan", "Masalah"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert "=1+1" in [cell.value for cell in cells] and "warga: masalah; nilai 0" in [cell.value for cell in cells]


def test_a_csv_of_answers_and_one_of_contradictions_beside_it(tmp_path):
    paths = write_answers(*tables(tmp_path), tmp_path / "tanggapan.csv")
    assert [p.name for p in paths] == ["tanggapan.csv", "tanggapan-perbedaan.csv"]
    table = pd.read_csv(paths[0], dtype=str)
    assert table["Tanggapan"].tolist() == ["'=1+1"] and table["RT"].tolist() == ["01"]
    assert abs(float(table["Bujur"][0]) - 110.909) < 0.01


def test_a_geopackage_of_answers_and_the_layer_in_the_results(tmp_path):
    answers, against, problems = tables(tmp_path, "banjir")
    (path,) = write_answers(answers, against, problems, tmp_path / "tanggapan.gpkg")
    assert gpd.read_file(path, layer="contributions")["text"].tolist() == ["banjir"]
    a = kg.assess(
        rt=units().reset_index(names="kode"), baseline=pd.DataFrame({"kode": ["01"], "kk": [9], "3a_volume": [1]})
    )
    both = [write(a, tmp_path / f"{n}.gpkg", contributions=given) for n, given in enumerate((None, answers))]
    layers = [set(gpd.list_layers(path)["name"]) for path in both]
    assert layers[1] - layers[0] == {"contributions"}


def test_a_format_that_is_not_known_is_refused(tmp_path):
    with pytest.raises(kg.KumuhgisError, match="xlsx"):
        write_answers(*tables(tmp_path), tmp_path / "tanggapan.docx")


# ---------------------------------------------------------------- command line and project


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "desa"
    folder.mkdir()
    units().reset_index(names="kode").to_file(folder / "rt.gpkg")
    pd.DataFrame({"kode": ["01", "02", "03"], "kk": [40, 40, 40], "3a_volume": [0, 40, 4]}).to_csv(folder / "b.csv")
    toml = '[project]\nname = "Desa"\n[layers.rt]\npath = "rt.gpkg"\n[tables.baseline]\npath = "b.csv"\n'
    (folder / "kumuhgis.toml").write_text(toml + '[participation]\ncontributions = "tanggapan"\n', "utf-8")
    (folder / "tanggapan").mkdir()
    saved(folder / "tanggapan" / "a.geojson", feature(KEYS[0], at(50, 50), "air keruh", criterion="3a"))
    return folder


def ran(*words):
    return CliRunner().invoke(command("id"), [str(word) for word in words], obj="id")


def test_the_command_reads_joins_and_writes(project, tmp_path):
    done = ran("contributions", project, project / "tanggapan", "--out", tmp_path / "t.xlsx")
    assert "1 tanggapan dari 1 RT" in done.output
    assert "“air keruh”, tetapi 3a bernilai 0 (0,00 %)" in done.output
    assert (tmp_path / "t.xlsx").exists() and done.exit_code == 0


def test_a_project_names_its_answers_and_the_map_shows_them(project, tmp_path):
    assert ran("map", project, "--out", tmp_path / "a.html").exit_code in (0, 1)
    assert "air keruh" in (tmp_path / "a.html").read_text("utf-8")
    other = saved(tmp_path / "lain.geojson", feature(KEYS[1], at(150, 50), "taman bermain", kind="usulan"))
    ran("map", project, "--out", tmp_path / "b.html", "--contributions", other)
    page = (tmp_path / "b.html").read_text("utf-8")
    assert "taman bermain" in page and "air keruh" not in page
    ran("assess", project, "--out", tmp_path / "hasil")
    assert "contributions" in set(gpd.list_layers(tmp_path / "hasil" / "hasil.gpkg")["name"])


def test_answers_of_a_project_lie_in_its_folder(project, tmp_path):
    saved(tmp_path / "luar.geojson", feature(KEYS[0], at(50, 50)))
    path = project / "kumuhgis.toml"
    for value, code in (("../luar.geojson", "project_path_outside"), ("tidak-ada", "project_path_missing")):
        path.write_text(
            path.read_text().rpartition("[participation]")[0] + f'[participation]\ncontributions = "{value}"\n'
        )
        with pytest.raises(kg.KumuhgisError) as error:
            kg.load_project(project)
        assert codes(error.value.problems) == {code}


def test_a_link_in_the_folder_does_not_lead_out_of_the_project(project, tmp_path):
    outside = saved(tmp_path / "luar.geojson", feature(KEYS[1], at(50, 50), "rahasia"))
    (project / "tanggapan" / "b.geojson").symlink_to(outside)
    done = ran("map", project, "--out", tmp_path / "a.html")
    page = (tmp_path / "a.html").read_text("utf-8")
    assert "air keruh" in page and "rahasia" not in page and "b.geojson" in done.output


def test_the_mended_copy_keeps_the_answers(project, tmp_path):
    ran("check", project, "--fix", tmp_path / "baru")
    assert kg.load_project(tmp_path / "baru").contents.participation.contributions == "tanggapan"
    assert (tmp_path / "baru" / "tanggapan" / "a.geojson").read_bytes() == (
        project / "tanggapan" / "a.geojson"
    ).read_bytes()


@pytest.mark.parametrize("lang", ["id", "en"])
def test_a_layer_of_the_map_is_no_answer_and_a_folder_that_is_not_there_is_named(tmp_path, lang):
    """Roads and RT given by mistake would be counted as what residents said."""
    units().to_file(tmp_path / "rt.gpkg")
    with pytest.raises(LayerError) as caught:
        read_contributions(tmp_path / "rt.gpkg", units=units(), lang=lang)
    assert "contribution_no_answers" in {p.code for p in caught.value.problems}
    with pytest.raises(LayerError, match="nofolder") as caught:
        read_contributions([tmp_path / "nofolder"], units=units(), lang=lang)
    assert "PosixPath" not in str(caught.value)
