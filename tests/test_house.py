"""The house: imports go only down, every text is there in both languages, functions stay short."""

import ast
import re
import string
from pathlib import Path

import pytest

import kumuhgis
from kumuhgis.errors import SEVERITY
from kumuhgis.text import LANGUAGES, text, texts

HOUSE = Path(kumuhgis.__file__).parent

# from the ground up; rooms of one row do not know each other
FLOORS = [
    ["text", "severities", "colours", "personal", "suppression", "displaying"],
    ["errors", "masking", "waiting"],
    [
        "numbers",
        "saving",
        "catalog",
        "coordinates",
        "codes",
        "archives",
        "geotext",
        "stored",
        "partitions",
        "spots",
        "rasters",
        "questions",
        "outlines",
    ],
    ["crs", "keys", "rulecheck", "opening", "shifts", "schemas"],
    ["memory", "wkb"],
    ["traits"],
    ["rules", "matching", "attributes", "xmltext", "portions", "strays", "columnar"],
    ["driver", "topics"],
    ["longform", "kernel", "estimates", "shapefiles", "geojson", "repair", "snapping"],
    ["tables", "grouping"],
    ["places", "project"],
    ["formats"],
    ["layers"],
    ["considerations", "baseline", "starter", "sample", "contributions", "survey"],
    ["volumes", "values", "posterior"],
    ["grid"],
    ["borders", "features"],
    ["crossings", "exact", "overlaps", "nearness", "tabulation", "shores"],
    ["overlay", "topology"],
    ["locating", "sharing"],
    ["joining", "inventory"],
    ["measures"],
    ["fragile", "beside", "samples", "confidence"],
    ["scores"],
    ["trace", "audit", "hectares", "priority", "participate", "forms", "fieldwork"],
    ["further", "resampling", "rolling", "stability"],
    ["decisions", "inputs", "measuring", "surveying"],
    ["results", "scoring"],
    ["assessing", "groups", "monitor", "scenarios"],
    ["regions"],
    ["assessment"],
    ["captions", "themes", "kinds", "unitrows"],
    ["sheets"],
    ["documents", "qgis", "bridges"],
    ["maps", "export", "disputes"],
    ["explaining", "delivery", "checkup", "health", "mending", "progress", "publishing"],
    ["cli"],
    ["__main__"],
]
FLOOR = {room: i for i, rooms in enumerate(FLOORS) for room in rooms}


def modules():
    return sorted(p for p in HOUSE.rglob("*.py") if "sample_data" not in p.parts)


def room(path):
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


def imported(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "kumuhgis":
            parts = node.module.split(".")
            names = [parts[1]] if len(parts) > 1 else [a.name for a in node.names]
            yield from (n for n in names if not n.startswith("_"))
        elif isinstance(node, ast.Import):
            yield from (a.name.split(".")[1] for a in node.names if a.name.startswith("kumuhgis."))


def test_every_room_has_a_floor():
    assert {room(p) for p in modules()} - {"__init__"} == set(FLOOR)


@pytest.mark.parametrize("path", [p for p in modules() if room(p) != "__init__"], ids=lambda p: p.stem)
def test_imports_go_only_down(path):
    wrong = [r for r in imported(path) if r != room(path) and FLOOR[r] >= FLOOR[room(path)]]
    assert not wrong


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(HOUSE)))
def test_functions_are_short_and_modules_too(path):
    source = path.read_text("utf-8")
    assert source.count("\n") <= 500
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            doc = (ast.get_docstring(node, clean=False) or "").count("\n") + 1
            assert node.end_lineno - node.lineno - doc <= 60, node.name


def test_no_room_without_a_name():
    assert not {room(p) for p in modules()} & {"utils", "util", "common", "helpers", "misc"}


def test_every_public_name_is_there_and_documented():
    for name in kumuhgis.__all__:
        thing = getattr(kumuhgis, name)
        assert getattr(thing, "__doc__", None), name
    assert set(kumuhgis.__all__) <= set(dir(kumuhgis))


# ---------------------------------------------------------------- texts


def placeholders(template):
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_every_text_is_there_in_both_languages_with_the_same_placeholders():
    indonesian, english = (texts(lang) for lang in LANGUAGES)
    assert set(indonesian) == set(english)
    for key in indonesian:
        assert indonesian[key].strip(), key
        assert placeholders(indonesian[key]) == placeholders(english[key]), key


def test_every_problem_code_has_a_message_and_a_fix_and_no_text_is_an_orphan():
    codes = {key.split(".")[1] for key in texts() if key.startswith("problems.")}
    assert codes == set(SEVERITY)
    for code in SEVERITY:
        assert f"problems.{code}.message" in texts()
        assert f"problems.{code}.fix" in texts()


def test_every_problem_code_is_used_somewhere():
    source = "\n".join(p.read_text("utf-8") for p in modules() if room(p) != "severities")
    for code in SEVERITY:
        generic = re.sub(r"^(rules|project)_(unknown_key|missing_key|bad_value)$", "", code) == ""
        assert generic or f'"{code}"' in source, code


def test_text_from_people_in_a_message_is_never_read_as_a_format():
    assert "{value}" in text("problems.text_in_number.message", value="{value}", layer="", feature="", column="")


def test_names_of_rules_layers_and_measures_are_in_both_languages():
    from kumuhgis.catalog import layer_kinds, raster_kinds
    from kumuhgis.rulecheck import measure_contracts
    from kumuhgis.rules import list_rules, load_rules

    for key in list_rules().index:
        rules = load_rules(key)
        for item in [*rules.criteria, *rules.aspects]:
            assert item.name
            assert item.name_en
    for kind in [*layer_kinds().values(), *raster_kinds().values(), *measure_contracts().values()]:
        assert kind["title"]
        assert kind["title_en"]


def test_no_two_scripts_of_the_map_give_one_name_to_two_functions():
    """Scripts share one object in the page: a name given twice would silently change what the other script does."""
    given = {}
    for path in sorted((HOUSE / "data" / "map").glob("*.js")):
        for name in re.findall(r"^  kg\.(\w+) = function", path.read_text("utf-8"), flags=re.M):
            given.setdefault(name, set()).add(path.name)
    assert {name: files for name, files in given.items() if len(files) > 1 and name != "read"} == {}
