"""kumuhgis.toml: what may stand in it, and that every mistake is said at once, by file, section and key."""

import tomllib
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import kumuhgis as kg
from kumuhgis.errors import ProjectError, RulesError
from kumuhgis.project import Project, load_project

FILES = ("peta.gpkg", "jalan.shp", "baseline.csv", "dem.tif")
VALID = """
[project]
name = "Baseline Bulu"
desa = "Jaten"
desa_code = "03.013"
[layers.rt]
path = "peta.gpkg"
layer = "rt"
columns = { unit = "KODE_RT" }
[tables.baseline]
path = "baseline.csv"
"""
HEAD = '[project]\nname = "a"\n[layers.rt]\npath = "peta.gpkg"\n'

# what is written, code of the problem, section, key
MISTAKES = {
    "a section that is not known": (HEAD + "[Opsi]\nmeans = 'plain'", "project_unknown_key", "", "Opsi"),
    "a key that is not known": (HEAD + "[options]\nmean = 'plain'", "project_unknown_key", "options", "mean"),
    "a key of [project]": (
        '[project]\nname = "a"\nkelurahan = "x"\n[layers.rt]\npath = "peta.gpkg"',
        "project_unknown_key",
        "project",
        "kelurahan",
    ),
    "a layer that is not known": (HEAD + '[layers.jalan]\npath="jalan.shp"', "project_unknown_key", "layers", "jalan"),
    "a column that is not known": (
        HEAD + '[layers.roads]\npath="jalan.shp"\ncolumns = { lebar = "LEBAR" }',
        "project_unknown_key",
        "layers.roads.columns",
        "lebar",
    ),
    "a raster that is not known": (HEAD + '[rasters]\nfoto = "dem.tif"', "project_unknown_key", "rasters", "foto"),
    "a table that is not known": (
        HEAD + '[tables.survei]\npath = "baseline.csv"',
        "project_unknown_key",
        "tables",
        "survei",
    ),
    "no name": ('[project]\n[layers.rt]\npath = "peta.gpkg"', "project_missing_key", "project", "name"),
    "no [project]": ('[layers.rt]\npath = "peta.gpkg"', "project_missing_key", "", "project"),
    "no [layers]": ('[project]\nname = "a"', "project_missing_key", "", "layers"),
    "a layer without path": (HEAD + "[layers.roads]\nlayer='x'", "project_missing_key", "layers.roads", "path"),
    "a word that is no choice": (HEAD + "[options]\nmeans = 'rata'", "project_bad_value", "options", "means"),
    "a city class": (HEAD + "[options]\ncity_class = 'besar sekali'", "project_bad_value", "options", "city_class"),
    "a negative setback": (HEAD + "[options]\nsetback_m = -5", "project_bad_value", "options", "setback_m"),
    "a setback that is no number": (HEAD + "[options]\nsetback_m = nan", "project_bad_value", "options", "setback_m"),
    "a tolerance of 100 %": (HEAD + "[options]\nsk_tolerance = 1.0", "project_bad_value", "options", "sk_tolerance"),
    "a code written as a number": (
        '[project]\nname = "a"\ndesa_code = 33\n[layers.rt]\npath = "peta.gpkg"',
        "project_bad_value",
        "project",
        "desa_code",
    ),
    "a date in words": (HEAD + "[dates]\nsurvey = 'kemarin'", "project_bad_value", "dates", "survey"),
    "text where a section belongs": (HEAD + "tables = 3", "project_unknown_key", "layers.rt", "tables"),
    "a file that is not there": (
        HEAD + '[layers.roads]\npath="jl.shp"',
        "project_path_missing",
        "layers.roads",
        "path",
    ),
    "a raster that is not there": (HEAD + '[rasters]\ndem = "d.tif"', "project_path_missing", "rasters.dem", "path"),
    "a table that is not there": (
        HEAD + '[tables.baseline]\npath = "b.csv"',
        "project_path_missing",
        "tables.baseline",
        "path",
    ),
    "a rule file that is not there": (HEAD + '[rules]\npath = "perda.toml"', "project_path_missing", "rules", "path"),
    "a folder where a file belongs": (
        HEAD + '[layers.roads]\npath="."',
        "project_path_missing",
        "layers.roads",
        "path",
    ),
    "an empty path": (HEAD + '[layers.roads]\npath=""', "project_path_missing", "layers.roads", "path"),
    "a path that climbs out": (
        HEAD + '[layers.roads]\npath="../luar.gpkg"',
        "project_path_outside",
        "layers.roads",
        "path",
    ),
    "a whole path elsewhere": (
        HEAD + '[layers.roads]\npath="/etc/hostname"',
        "project_path_outside",
        "layers.roads",
        "path",
    ),
    "a rule file elsewhere": (HEAD + '[rules]\npath="../perda.toml"', "project_path_outside", "rules", "path"),
}


@pytest.fixture
def folder(tmp_path):
    """A project folder whose files are there (their contents do not matter here), and a file outside it."""
    home = tmp_path / "proyek"
    home.mkdir()
    for name in FILES:
        (home / name).write_bytes(b"")
    (tmp_path / "luar.gpkg").write_bytes(b"")
    (tmp_path / "perda.toml").write_bytes(b"")
    return home


def write(folder, text, encoding="utf-8"):
    (folder / "kumuhgis.toml").write_text(text, encoding)
    return folder


def mistakes(folder, text):
    with pytest.raises(ProjectError) as caught:
        load_project(write(folder, text))
    return caught.value


def test_a_valid_file_gives_a_project(folder):
    project = load_project(write(folder, VALID))
    assert project.contents.project.name == "Baseline Bulu"
    assert project.path(project.contents.layers["rt"].path) == folder / "peta.gpkg"
    assert project.rules.key == "permen-14-2018"
    assert "Baseline Bulu" in repr(project) and "permen-14-2018" in repr(project)


def test_options_that_are_not_written_have_the_defaults_that_the_regulation_paper_names(folder):
    options = load_project(write(folder, VALID)).contents.options
    assert (options.means, options.length_total, options.density) == ("plain", "ideal", "typed")
    assert (options.prefer, options.area, options.city_class, options.setback_m) == ("table", "verified", None, 0)


def test_the_folder_and_the_file_itself_are_the_same_project(folder):
    write(folder, VALID)
    assert load_project(folder).contents == load_project(folder / "kumuhgis.toml").contents


def test_a_project_that_is_loaded_is_taken_as_it_is(folder):
    project = load_project(write(folder, VALID))
    assert load_project(project) is project and isinstance(project, Project)


def test_a_project_cannot_be_changed(folder):
    project = load_project(write(folder, VALID))
    with pytest.raises(AttributeError):
        project.rules = None
    with pytest.raises(ValueError, match="frozen"):
        project.contents.options.means = "gated"


def test_leading_zeros_of_codes_live(folder):
    assert load_project(write(folder, VALID)).contents.project.desa_code == "03.013"


def test_dates_are_dates(folder):
    dates = load_project(write(folder, VALID + "[dates]\nsurvey = 2026-03-15\nsk = 2020-12-01")).contents.dates
    assert (dates.survey, dates.sk) == (date(2026, 3, 15), date(2020, 12, 1))


def test_a_file_saved_by_windows_notepad_is_read(folder):
    assert load_project(write(folder, VALID.replace("\n", "\r\n"), "utf-8-sig")).contents.project.desa == "Jaten"


def test_folders_and_files_may_have_spaces_accents_and_quotes(tmp_path):
    home = tmp_path / "Baseline désa 'Jaten' [2026]" / "data peta"
    home.mkdir(parents=True)
    (home / "batas RT (final).gpkg").write_bytes(b"")
    (home.parent / "kumuhgis.toml").write_text(
        '[project]\nname = "a"\n[layers.rt]\npath = "data peta/batas RT (final).gpkg"', "utf-8"
    )
    project = load_project(home.parent)
    assert project.path(project.contents.layers["rt"].path).is_file()


def test_a_project_reached_through_a_link_is_inside_itself(folder, tmp_path):
    write(folder, VALID)
    (tmp_path / "pintasan").symlink_to(folder)
    assert load_project(tmp_path / "pintasan").contents.project.desa == "Jaten"


def test_the_rule_may_be_a_local_file(folder):
    shipped = Path(kg.__file__).parent / "data" / "rules" / "permen-14-2018.toml"
    text = shipped.read_text("utf-8").replace('key = "permen-14-2018"', 'key = "perda-jaten"', 1)
    (folder / "perda.toml").write_text(text, "utf-8")
    project = load_project(write(folder, VALID + '[rules]\npath = "perda.toml"'))
    assert project.rules.key == "perda-jaten"


def test_a_wrong_rule_file_is_a_rules_error_that_names_it(folder):
    (folder / "perda.toml").write_text('key = "x"', "utf-8")
    with pytest.raises(RulesError, match=r"perda\.toml"):
        load_project(write(folder, VALID + '[rules]\npath = "perda.toml"'))


def test_a_rule_key_that_is_unknown_lists_the_known_ones(folder):
    with pytest.raises(RulesError, match="permen-02-2016"):
        load_project(write(folder, VALID + '[rules]\nkey = "permen-99-2050"'))


# ---------------------------------------------------------------- mistakes


@pytest.mark.parametrize("case", MISTAKES)
def test_every_mistake_names_file_section_and_key(folder, case):
    text, code, section, key = MISTAKES[case]
    found = mistakes(folder, text).problems
    assert [(p.layer, p.code, p.feature, p.column) for p in found] == [("kumuhgis.toml", code, section, key)]


@pytest.mark.parametrize("case", MISTAKES)
def test_every_mistake_says_what_to_do_in_both_languages(folder, case):
    error = mistakes(folder, MISTAKES[case][0])
    (problem,) = error.problems
    for lang in ("id", "en"):
        line = problem.line(lang)
        assert line.startswith("kumuhgis.toml") and problem.column in line
        assert problem.message(lang) and problem.fix(lang)
    assert problem.message("id") != problem.message("en")
    assert str(error) == problem.line("id")


def test_all_mistakes_are_said_at_once(folder):
    error = mistakes(
        folder,
        """
        opsi = 1
        [project]
        desa_code = 33
        [options]
        means = "rata"
        setback_m = -1
        [layers.rt]
        path = "tidak-ada.gpkg"
        columns = { kode = "KODE" }
        [layers.jalan]
        path = "../luar.gpkg"
        [rasters]
        dem = "tidak-ada.tif"
        [tables.baseline]
        path = "baseline.csv"
        lembar = "Baseline"
        """,
    )
    assert {(p.code.removeprefix("project_"), p.feature, p.column) for p in error.problems} == {
        ("unknown_key", "", "opsi"),
        ("missing_key", "project", "name"),
        ("bad_value", "project", "desa_code"),
        ("bad_value", "options", "means"),
        ("bad_value", "options", "setback_m"),
        ("path_missing", "layers.rt", "path"),
        ("unknown_key", "layers.rt.columns", "kode"),
        ("unknown_key", "layers", "jalan"),
        ("path_outside", "layers.jalan", "path"),
        ("path_missing", "rasters.dem", "path"),
        ("unknown_key", "tables.baseline", "lembar"),
    }
    assert len(str(error).splitlines()) == 11


def test_mistakes_are_indonesian_by_default_and_english_on_request(folder):
    (problem,) = mistakes(folder, MISTAKES["a key that is not known"][0]).problems
    assert "tidak dikenal" in problem.line() and "tidak dikenal" not in problem.line("en")


def test_an_unknown_layer_lists_the_layers_that_are_known(folder):
    (problem,) = mistakes(folder, MISTAKES["a layer that is not known"][0]).problems
    assert "roads" in problem.params["known"] and "parcels" in problem.params["known"]


def test_a_link_that_leads_outside_is_outside(folder, tmp_path):
    (folder / "tautan.gpkg").symlink_to(tmp_path / "luar.gpkg")
    (problem,) = mistakes(folder, HEAD + '[layers.roads]\npath = "tautan.gpkg"').problems
    assert (problem.code, problem.feature) == ("project_path_outside", "layers.roads")


@pytest.mark.parametrize("text", ["[project", "name = ", "[project]\nname = Bulu", '[project]\nname = "a"\nname = "b"'])
def test_what_is_not_toml_is_said_with_its_place(folder, text):
    (problem,) = mistakes(folder, text).problems
    assert problem.code == "project_not_toml"
    assert "line" in problem.params["reason"] or "end of document" in problem.params["reason"]


def test_a_file_that_is_not_utf8_is_said(folder):
    (folder / "kumuhgis.toml").write_bytes(b'[project]\nname = "Desa \xe9"')
    with pytest.raises(ProjectError) as caught:
        load_project(folder)
    assert [p.code for p in caught.value.problems] == ["project_not_utf8"]


@pytest.mark.parametrize("what", ["an empty folder", "no folder", "a folder named kumuhgis.toml"])
def test_no_project_says_how_to_make_one(tmp_path, what):
    place = tmp_path if what != "no folder" else tmp_path / "tidak ada"
    if what.startswith("a folder"):
        (tmp_path / "kumuhgis.toml").mkdir()
    with pytest.raises(ProjectError, match="kumuhgis demo" if what == "no folder" else "kumuhgis init") as caught:
        load_project(place)
    missing = "project_folder_missing" if what == "no folder" else "project_not_found"
    assert [p.code for p in caught.value.problems] == [missing]


def test_a_project_file_without_anything_names_what_it_needs(folder):
    assert [p.column for p in mistakes(folder, "").problems] == ["project", "layers"]


@pytest.mark.parametrize("text", ['layers = 5\nproject = "x"\ntables = 3\nrasters = [1]\nrules = 1', "layers.rt = 5"])
def test_values_of_a_wrong_kind_are_said_and_never_crash(folder, text):
    assert all(p.severity == "error" for p in mistakes(folder, text).problems)


def test_the_units_are_required_by_name(folder):
    text = '[project]\nname = "a"\n[layers.roads]\npath = "jalan.shp"'
    assert "layers.rt" in str(mistakes(folder, text)).replace(" · ", ".")


@pytest.mark.parametrize("name", ["jaten", "ngringo", "brujul"])
def test_the_sample_projects_are_valid(name):
    project = kg.load_sample(name)
    assert project.contents.project.sample is True
    assert project.contents.project.desa_code.startswith("33.13.11.")


def test_an_unknown_sample_lists_the_samples():
    with pytest.raises(ProjectError, match=r"jaten, ngringo, brujul\..*load_sample\(\"jaten\"\)"):
        kg.load_sample("Bulu")


def test_a_copy_of_a_sample_is_a_project_of_ones_own(tmp_path):
    from kumuhgis.sample import copy_sample, sample_folder

    target = copy_sample("brujul", tmp_path)
    assert load_project(target).contents == kg.load_sample("brujul").contents
    written = tomllib.loads((target / "kumuhgis.toml").read_text("utf-8"))
    assert written["project"]["desa"] == "Brujul"
    assert not pd.read_csv(target / "pertimbangan.csv").empty and sample_folder("brujul") != target


# ---------------------------------------------------------------- what still goes wrong


def test_a_path_that_no_system_can_have_is_a_mistake_like_any_other(folder):
    assert [p.column for p in mistakes(folder, HEAD + '[layers.roads]\npath = "a\\u0000b"').problems] == ["path"]


def test_a_path_that_is_too_long_is_a_mistake_like_any_other(folder):
    text = HEAD + f'[layers.roads]\npath = "{"a" * 5000}"'
    assert [p.column for p in mistakes(folder, text).problems] == ["path"]


@pytest.mark.parametrize(
    "text",
    [
        '[project]\nname = "a"\n[layers.roads]\npath = "jalan.shp"',
        HEAD + "[options]\nmeans = 'rata'",
        HEAD + "[options]\nsetback_m = -5",
    ],
    ids=["no rt", "no choice", "negative"],
)
def test_indonesian_sentences_have_no_english_in_them(folder, text):
    line = str(mistakes(folder, text))
    assert not any(word in line for word in ("Value error", " or ", "Input should"))


def test_a_wrong_rule_key_is_said_together_with_the_other_mistakes(folder):
    with pytest.raises(ProjectError) as caught:
        load_project(write(folder, HEAD + '[rules]\nkey = "xx"\n[options]\nmeans = "rata"'))
    assert {"means", "key"} <= {p.column for p in caught.value.problems} or "xx" in str(caught.value)


def test_an_unknown_name_among_the_headings_of_a_table_is_a_mistake(folder):
    text = HEAD + '[tables.baseline]\npath = "baseline.csv"\ncolumns = { rumah_tangga = "KK tetap" }'
    (problem,) = mistakes(folder, text).problems
    assert (problem.code, problem.column) == ("project_unknown_key", "rumah_tangga")


def test_a_word_must_mean_one_of_the_words_we_know(folder):
    text = HEAD + '[layers.roads]\npath = "jalan.shp"\nwords = { "jelek sekali" = "parah" }'
    (problem,) = mistakes(folder, text).problems
    assert (problem.feature, problem.column) == ("layers.roads.words", "jelek sekali")


@pytest.mark.parametrize(
    ("text", "section"),
    [(HEAD + '[options]\ncrs = "EPSG:99999"', "options"), (HEAD + 'crs = "UTM 49"', "layers.rt")],
)
def test_a_coordinate_system_that_does_not_exist_is_a_mistake(folder, text, section):
    (problem,) = mistakes(folder, text).problems
    assert (problem.feature, problem.column) == (section, "crs")
