"""Sphinx builds the documentation site from this folder; nothing on its pages comes from the internet."""

import shutil
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

import kumuhgis

HERE = Path(__file__).parent

# Words of Sphinx and of the theme that nobody has put into Indonesian yet.
WORDS = {
    "On this page": "Di halaman ini",
    "Back to top": "Kembali ke atas",
    "Skip to main content": "Langsung ke isi",
    "Light": "Terang",
    "Dark": "Gelap",
    "System Settings": "Menurut perangkat",
    "Color mode": "Terang atau gelap",
    "Site navigation": "Navigasi",
    "Site Navigation": "Navigasi",
    "Section Navigation": "Navigasi",
    "Breadcrumb": "Letak halaman",
    "Breadcrumbs": "Letak halaman",
    "Home": "Beranda",
    "next page": "halaman berikutnya",
    "previous page": "halaman sebelumnya",
    "next": "berikutnya",
    "previous": "sebelumnya",
    "Collapse Sidebar": "Lipat daftar",
    "Expand Sidebar": "Buka daftar",
    "Table of Contents": "Daftar isi",
    "Search": "Cari",
    "Error": "Kesalahan",
    "Version warning": "Peringatan versi",
    "Link to this heading": "Tautan ke judul ini",
    "Link to this definition": "Tautan ke definisi ini",
    "Link to this image": "Tautan ke gambar ini",
    "Link to this table": "Tautan ke tabel ini",
}
locale_dirs = [tempfile.mkdtemp(prefix="kumuhgis-locale-")]
_catalog = Catalog("id", domain="sphinx")
for _english, _ours in WORDS.items():
    _catalog.add(_english, _ours)
_mo = Path(locale_dirs[0], "id", "LC_MESSAGES", "sphinx.mo")
_mo.parent.mkdir(parents=True)
with _mo.open("wb") as _file:
    write_mo(_file, _catalog)

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
