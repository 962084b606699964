"""Rules are data: the shipped files say what REGULATION says, and a wrong file is refused with file, criterion, key."""

import tomllib
from importlib.resources import files

import pytest

from kumuhgis.errors import RulesError
from kumuhgis.measures import MEASURES, contract
from kumuhgis.rulecheck import measure_contracts
from kumuhgis.rules import compare_rules, list_rules, load_rules

SHIPPED = files("kumuhgis").joinpath("data", "rules", "permen-14-2018.toml").read_text("utf-8")

# code, unit, total, aspect: Permen PUPR 14/PRT/M/2018 as its public forms print it
CRITERIA_2018 = """
1a unit buildings   1b ha area   1c unit buildings   2a m road   2b m road   3a KK households   3b KK households
4a ha area   4b m drain   4c m drain   5a KK households   5b KK households   6a KK households   6b KK households
7a unit buildings   7b unit buildings
"""
# Permen PUPR 02/PRT/M/2016: drainage has five (4c tidak terhubung, 4d tidak terpelihara), waste three
CRITERIA_2016 = """
1a unit buildings   1b ha area   1c unit buildings   2a m road   2b m road   3a KK households   3b KK households
4a ha area   4b m drain   4c m drain   4d m drain   4e m drain   5a KK households   5b KK households
6a KK households   6b KK households   6c KK households   7a unit buildings   7b unit buildings
"""


@pytest.mark.parametrize(("key", "text"), [("permen-14-2018", CRITERIA_2018), ("permen-02-2016", CRITERIA_2016)])
def test_criteria_units_and_totals(key, text):
    words = text.split()
    expected = list(zip(words[::3], words[1::3], words[2::3], strict=True))
    assert [(c.code, c.unit, c.total) for c in load_rules(key).criteria] == expected


def test_bands_levels_and_totals():
    new, old = load_rules("permen-14-2018"), load_rules("permen-02-2016")
    assert new.bands == old.bands
    assert (new.bands.lower, new.bands.score) == ((25, 51, 76), (0, 1, 3, 5))
    assert ([lv.lower for lv in new.levels], new.max_total) == ([0, 16, 38, 60], 80)
    assert ([lv.lower for lv in old.levels], old.max_total) == ([0, 19, 45, 71], 95)


@pytest.mark.parametrize("key", list_rules().index)
def test_every_figure_names_its_source_and_confidence(key):
    rules = load_rules(key)
    parts = [rules.bands, *rules.levels, *rules.criteria, rules.considerations, *rules.considerations.classes]
    for part in [*parts, rules.legality, rules.handling, rules.authority, rules.typology]:
        assert rules.sources[part.source]
        assert part.confidence in "RCM"
    for criterion in rules.criteria:
        assert not criterion.parameters or criterion.parameters_confidence


def test_the_declared_contracts_are_the_signatures():
    declared = measure_contracts()
    assert set(declared) == set(MEASURES)
    for name, item in declared.items():
        layers, optional, parameters = contract(name)
        assert (tuple(item["layers"]), tuple(item["optional"])) == (layers, optional), name
        assert tuple(item["parameters"]) == parameters, name


# what is changed in the shipped file, and what the refusal must name
WRONG = [
    ('key = "permen-14-2018"', 'key = "permen-14-2018"\nwarna = "merah"', ["warna"]),
    ("lower = [25, 51, 76]", "lower = [25, 76, 51]", ["bands", "lower"]),
    ("score = [0, 1, 3, 5]", "score = [0, 1, 3]", ["bands", "score"]),
    ('name_en = "Poor road surface"', "", ["2b", "name_en"]),
    ('measure = "road_surface"', 'measure = "road_surfase"', ["2b", "measure", "road_surfase"]),
    ("length_total = ", "length_totall = ", ["2b", "length_totall"]),
    ('code = "7b"', 'code = "7a"', ["7a", "code"]),
    ("aspect = 6", "aspect = 9", ["6a", "aspect"]),
    ('unit = "KK"', 'unit = "rumah"', ["3a", "unit", "rumah"]),
    ("lower = 38", "lower = 15", ["levels", "15"]),
    ('source = "uu"', 'source = "ui"', ["authority", "ui"]),
    ("[bands]", "[bands", ["TOML"]),
]


@pytest.mark.parametrize(("old", "new", "named"), WRONG)
def test_a_wrong_rule_file_is_refused_naming_file_item_and_key(tmp_path, old, new, named):
    assert old in SHIPPED
    path = tmp_path / "perda.toml"
    path.write_text(SHIPPED.replace(old, new, 1), "utf-8")
    with pytest.raises(RulesError) as caught:
        load_rules(path)
    assert "perda.toml" in str(caught.value)
    for word in named:
        assert word in str(caught.value)


def test_everything_wrong_is_said_at_once(tmp_path):
    path = tmp_path / "perda.toml"
    path.write_text(SHIPPED.replace('unit = "KK"', 'unit = "rumah"').replace('name_en = "No drains"', ""), "utf-8")
    with pytest.raises(RulesError) as caught:
        load_rules(path)
    assert len(caught.value.problems) == 7  # six household criteria and one name


def test_a_local_perda_is_one_more_file(tmp_path):
    path = tmp_path / "perda karanganyar.toml"
    path.write_text(SHIPPED.replace('key = "permen-14-2018"', 'key = "perda-uji"').replace("lower = 16", "lower = 20"))
    rules = load_rules(path)
    assert (rules.key, rules.floor) == ("perda-uji", 20)
    assert compare_rules(rules, "permen-14-2018").set_index("item").loc["levels.kumuh ringan.lower"].tolist() == [
        20,
        16,
    ]


def test_an_unknown_rule_names_the_known_ones():
    with pytest.raises(RulesError, match=r"permen-02-2016.*permen-14-2018"):
        load_rules("permen-99")


def test_shipped_files_are_complete_toml_with_comments_on_what_is_recalled():
    for key in list_rules().index:
        text = files("kumuhgis").joinpath("data", "rules", f"{key}.toml").read_text("utf-8")
        assert "confidence" in text
        assert tomllib.loads(text)["key"] == key


def test_a_rule_shows_itself_briefly():
    assert repr(load_rules()) == "Rules('permen-14-2018': 16 criteria, total 0-80)"
    assert "Ketidakteraturan bangunan" in load_rules()._repr_html_()
