"""Sphinx builds the documentation site from this folder; nothing on its pages comes from the internet."""

import shutil
from pathlib import Path

import kumuhgis

HERE = Path(__file__).parent

# Notebooks stand beside docs/ and carry their results; the site shows a copy of what was run.
shutil.copytree(HERE.parent / "notebooks", HERE / "notebooks", dirs_exist_ok=True, ignore=lambda _, names: [
    name for name in names if not name.endswith(".ipynb")
])  # fmt: skip

project = "kumuhgis"
author = "kumuhgis contributors"
version = release = kumuhgis.__version__
language = "id"

extensions = ["myst_nb", "sphinx_design", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc"]
exclude_patterns = ["_build", "jupyter_execute"]
nb_execution_mode = "off"
nb_ipywidgets_js = {}  # the only script that myst-nb would fetch from elsewhere
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
autosummary_generate = True
numpydoc_show_class_members = False

html_theme = "pydata_sphinx_theme"
html_title = "kumuhgis"
html_show_sourcelink = False
html_copy_source = False
html_sidebars = {"**": ["globaltoc.html"]}  # all pages by their captions, on a phone behind the menu
html_theme_options = {
    "navbar_center": [],
    "navigation_with_keys": False,
    "search_bar_text": "Cari di dokumentasi",
    "footer_start": ["copyright"],
    "footer_end": [],
}
