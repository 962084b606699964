"""Docs cannot drift: pages made from data are up to date, links hold, commands and options are named."""

import importlib.util
import re
from pathlib import Path

import pytest

from kumuhgis.cli import command
from kumuhgis.project import Options

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def maker():
    spec = importlib.util.spec_from_file_location("make_docs", ROOT / "tools" / "make_docs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["aturan.md", "dokumen.md", "ukuran.md", "masalah.md", "survei.md"])
def test_pages_made_from_data_are_up_to_date(name):
    assert (DOCS / name).read_text("utf-8") == maker().PAGES[name](), "python tools/make_docs.py"


@pytest.mark.parametrize("path", [*DOCS.glob("*.md"), ROOT / "README.md"], ids=lambda p: p.name)
def test_links_inside_hold(path):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), target


def test_the_readme_names_every_command_and_its_two_commands_are_marked():
    readme = (ROOT / "README.md").read_text("utf-8")
    for name in command("id").commands:
        assert f"kumuhgis {name}" in readme, name
    for marker in ("main", "tests"):
        assert re.search(rf"<!-- {marker} -->\n```bash\npython3 [^\n]+\n```", readme)


def test_every_named_option_is_documented():
    said = "\n".join(p.read_text("utf-8") for p in DOCS.glob("*.md"))
    for name in ("means", "length_total", "density", "prefer", "area", "city_class", "setback_m"):
        assert name in Options.model_fields
        assert f"`{name}`" in said
