"""What stands on every document: what a place is called, and that a scenario is none of today."""

import zipfile
from dataclasses import replace

import pandas as pd
import pytest
from pypdf import PdfReader

import kumuhgis as kg
from kumuhgis.captions import caption, provenance_text
from kumuhgis.grouping import titled
from kumuhgis.saving import write_table
from kumuhgis.tables import read_sheet
from kumuhgis.unitrows import find_unit

KOTA = {"desa": "Semanggi", "desa_code": "33.72.03.1005", "kecamatan": "Kec. Pasar Kliwon", "kabupaten": "Surakarta",
        "kabupaten_code": "33.72"}  # fmt: skip


@pytest.fixture(scope="module")
def jaten():
    return kg.assess(kg.load_sample("jaten"))


@pytest.fixture(scope="module")
def handled(jaten):
    works = {"unit": jaten.summary.index[[3, 4]], "criterion": ["3a", "3a"], "volume": [2, 1]}
    return kg.handle(jaten, pd.DataFrame(works))


def words_of(path):
    if path.suffix == ".pdf":
        return " ".join(page.extract_text() for page in PdfReader(path).pages)
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as parts:
            return " ".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
    return path.read_text("utf-8", "replace")


@pytest.mark.parametrize(
    ("told", "title", "place"),
    [
        (KOTA, "Peta kekumuhan Kelurahan Semanggi", "Kecamatan Pasar Kliwon · Kota Surakarta"),
        (
            {**KOTA, "desa": "Kelurahan Kauman", "kabupaten": "Kota Surakarta"},
            "Peta kekumuhan Kelurahan Kauman",
            "Kota",
        ),
        ({**KOTA, "desa_code": "", "kabupaten_code": ""}, "Peta kekumuhan Desa Semanggi", "Kabupaten Surakarta"),
    ],
)
def test_a_kelurahan_of_a_kota_is_called_so(jaten, told, title, place):
    """Permendagri 137/2017: the last four digits of a kelurahan begin with 1."""
    found = replace(jaten, provenance={**jaten.provenance, **told})
    assert caption(found)["title"] == title and place in caption(found)["place"]
    assert title.removeprefix("Peta kekumuhan ") in provenance_text(found)


@pytest.mark.parametrize(
    ("kind", "name"),
    [("workbook", "w.xlsx"), ("decree", "d.docx"), ("decree", "d.xlsx"), ("plan", "p.docx"), ("plan", "p.xlsx"),
     ("profile", "a.html"), ("profile", "a.pdf"), ("sheet", "s.pdf"), ("kml", "k.kml"), ("kawanku", "k.csv"),
     ("qgis", "q.qgz"), ("shapefile", "s.shp"), ("opensid", "o.zip")],
)  # fmt: skip
def test_a_document_of_a_scenario_says_that_it_is_one(handled, jaten, kind, name, tmp_path):
    kg.write(handled, tmp_path / name, kind=kind)
    said = " ".join(words_of(path) for path in tmp_path.iterdir())
    assert "SKENARIO: sesudah 2 pekerjaan di 2 RT" in " ".join(said.split())


def test_the_map_of_a_scenario_says_so_and_that_of_today_does_not(handled, jaten):
    assert "SKENARIO" in caption(handled)["title"] and "SKENARIO" not in caption(jaten)["title"]


@pytest.mark.parametrize("said", ["33.13.11.2003.004.002", "RT 002 RW 004", "rt 2/rw 4"])
def test_a_unit_is_found_by_key_or_by_label(jaten, said):
    assert find_unit(jaten, said) == "33.13.11.2003.004.002"


def test_a_page_of_the_profile_is_had_by_label(jaten, tmp_path):
    kg.write(jaten, tmp_path / "a.html", kind="profile", units=["RT 002 RW 004"])
    assert "33.13.11.2003.004.002" in (tmp_path / "a.html").read_text("utf-8")


def test_a_sha256_in_the_atlas_can_be_copied_and_the_list_of_pages_cuts_nothing(jaten, tmp_path):
    units = jaten.units.assign(kawasan="Kampung Sewu Bantaran Kali Pepe")
    kg.write(replace(jaten, units=units), tmp_path / "a.pdf", kind="profile")
    said = " ".join(words_of(tmp_path / "a.pdf").split())
    assert jaten.provenance["inputs"][0]["sha256"] in said and "\u200b" not in said.split("Daftar halaman")[1][:900]
    assert "33.13.11.2003.003.004" in said.split("Daftar halaman")[1]


def test_works_upon_works_add_up(handled):
    again = kg.handle(handled, pd.DataFrame({"unit": [handled.summary.index[7]], "criterion": ["6a"], "volume": [1]}))
    assert again.provenance["scenario"] == {"works": 3, "units": 3}


@pytest.mark.parametrize("name", ["  Desa Jaten ", "Desa  Jaten", "jaten"])
def test_a_name_is_written_once_and_without_blanks(name):
    assert titled("desa", name) == ("Desa jaten" if name == "jaten" else "Desa Jaten")


TEXTS = ["=1+1", "RT 01; -lama", "a|=b", "a\n-b", "'=x", "'-5", "'Aisyiyah", "Ma'ruf", "-5", "@x", "\tx", "''x"]


@pytest.mark.parametrize("beside", [None, "=begin"])
def test_texts_come_back_from_our_csv_as_they_were(beside, tmp_path):
    names = [*TEXTS, *([beside] if beside else [])]
    frame = pd.DataFrame({"kode": [f"{n}" for n in range(len(names))], "kawasan": names, "kk": 1})
    write_table(frame, tmp_path / "a.csv", for_excel=False)
    back = read_sheet(tmp_path / "a.csv", lambda heading: heading in ("kode", "kawasan", "kk")).cells
    assert back["kawasan"].tolist() == names
