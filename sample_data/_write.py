"""Write the project folder of one village: layers, workbook, settings, README."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import _layers
import numpy as np
import pandas as pd
import pyogrio
import xlsxwriter
from _attributes import SETBACK
from _baseline import CRITERIA, HEADER
from _settings import CRS, KABUPATEN, KECAMATAN, NOTICE

DATE = "2026-01-15T00:00:00.000Z"
RIVER_FACT = "Bengawan Solo di sisi barat; tanah bantaran milik BBWS Bengawan Solo, status tanah Puntukrejo tidak jelas"
ATTRIBUTION = {"title": NOTICE, "abstract": "Semua isi direka oleh skrip make_samples.py; bukan data resmi."}


def layers(desa, frames, folder):
    """peta.gpkg, and the layers that this office keeps in other files."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": DATE})
    for name, frame in frames.items():
        table = _layers.outside(desa, name, frame)
        elsewhere = desa.other_files.get(name)
        if elsewhere is None:
            first = not (folder / "peta.gpkg").exists()
            pyogrio.write_dataframe(
                table,
                folder / "peta.gpkg",
                layer=_layers.NAMES[name][0],
                append=not first,
                driver="GPKG",
                dataset_options={"VERSION": "1.2"} if first else None,
                layer_metadata=ATTRIBUTION,
                dataset_metadata=ATTRIBUTION if first else None,
                DESCRIPTION=NOTICE,
                SPATIAL_INDEX="NO",
            )
        elif elsewhere.endswith(".geojson"):
            pyogrio.write_dataframe(
                table.to_crs(4326),
                folder / elsewhere,
                driver="GeoJSON",
                DESCRIPTION=NOTICE,
                COORDINATE_PRECISION=8,
            )
        else:
            pyogrio.write_dataframe(table, folder / elsewhere, driver="ESRI Shapefile", ENCODING="UTF-8")


def workbook(desa, table, path):
    """baseline.xlsx: the sheet Baseline and a sheet that says that all is invented."""
    book = xlsxwriter.Workbook(str(path))
    book.set_properties(
        {
            "title": f"Baseline Desa {desa.name}",
            "subject": NOTICE,
            "comments": NOTICE,
            "created": datetime.datetime(2026, 1, 15),
        }
    )
    sheet, bold = book.add_worksheet("Baseline"), book.add_format({"bold": True, "bg_color": "#DDEBF7"})
    sheet.write_row(0, 0, HEADER, bold)
    for number, row in enumerate(table[list(HEADER)].itertuples(index=False), start=1):
        for column, value in enumerate(row):
            _cell(sheet, number, column, value)
    sheet.freeze_panes(1, 2)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, len(HEADER) - 1, 14)
    notes = book.add_worksheet("Keterangan")
    notes.set_column(0, 0, 100)
    notes.write_column(
        0,
        0,
        [
            NOTICE,
            f"Desa {desa.name}, Kecamatan {KECAMATAN}, Kabupaten {KABUPATEN}",
            "Kriteria menurut Permen PUPR 14/PRT/M/2018.",
            "luas_ha = luas verifikasi: luas permukiman untuk RT yang disurvei, selain itu luas seluruh RT.",
            "Kriteria: " + ", ".join(CRITERIA),
        ],
    )
    book.close()


def _cell(sheet, row, column, value):
    """Write one value as number or text; nothing for a blank."""
    if isinstance(value, str):
        sheet.write_string(row, column, value)
    elif value is not None and not pd.isna(value):
        sheet.write_number(row, column, float(value))


def considerations(desa, path):
    """pertimbangan.csv: strategic value and social, economic, cultural potential of every kawasan."""
    names = dict.fromkeys(rt.kawasan for rw in desa.rws for rt in rw.rts if rt.kawasan)
    rng = np.random.default_rng(desa.seed + 3)
    rows = [(name, rng.choice([5, 1], p=[0.4, 0.6]), rng.choice([5, 1])) for name in names]
    frame = pd.DataFrame(rows, columns=["kawasan", "nilai_strategis", "sosial_ekonomi_budaya"])
    frame["status_tanah"] = np.where(frame["kawasan"] == "Puntukrejo", "-", "")
    frame["rtr"] = ""
    frame.to_csv(path, index=False, lineterminator="\n")


def settings(desa, path):
    """kumuhgis.toml with Indonesian comments."""
    head = f'''# {NOTICE}
# Berkas proyek kumuhgis: Desa {desa.name}. Nama lokasi nyata, semua batas, bangunan, dan angka direka.

[project]
name = "Baseline Kawasan {desa.kawasan}, Desa {desa.name}"
desa = "{desa.name}"
desa_code = "{desa.code}"
kecamatan = "{KECAMATAN}"
kecamatan_code = "33.13.11"
kabupaten = "{KABUPATEN}"
kabupaten_code = "33.13"
sample = true                 # data contoh: tertulis pada setiap keluaran

[rules]
key = "permen-14-2018"        # atau path = "perda.toml"

[options]
means = "plain"               # rata-rata aspek: plain | gated
length_total = "ideal"        # pembagi 2b dan 4c: ideal | existing
density = "typed"             # 1b: typed (diketik) | derived (dari kepadatan)
prefer = "table"              # bila keduanya ada: table | geometry
area = "verified"             # luas: verified | measured | sk
city_class = "sedang"         # metropolitan | besar | sedang | kecil
setback_m = {SETBACK[desa.water]}                # sempadan sungai, meter dari tepi air
crs = "{CRS}"

[dates]
survey = 2026-03-15
sk = 2020-12-01

# Setiap lapisan: berkas, nama lapisan, dan kolom (nama baku = nama kolom di berkas).
'''
    blocks = [_layer_block(desa, name) for name in _layers.NAMES]
    rasters = ["[rasters]", 'dem = "dem.tif"               # ketinggian, meter']
    rasters += ['population = "penduduk.tif"   # orang per piksel'] * desa.population_raster
    rasters += ['orthophoto = "orto.tif"       # gambar buatan, bukan foto']
    tail = """[tables.baseline]
path = "baseline.xlsx"
sheet = "Baseline"

[tables.considerations]
path = "pertimbangan.csv"
"""
    path.write_text("\n".join([head, *blocks, "\n".join(rasters), "", tail]), encoding="utf-8")


def _layer_block(desa, name):
    """One [layers.x] block; hydrants are left for the reader to switch on."""
    path = desa.other_files.get(name, "peta.gpkg")
    lines = [f"[layers.{name}]", f"path = {json.dumps(path)}"]
    if path.endswith(".gpkg"):
        lines.append(f"layer = {json.dumps(_layers.NAMES[name][0])}")
    names = ", ".join(f"{k} = {json.dumps(v)}" for k, v in _layers.columns(desa, name).items())
    lines.append(f"columns = {{ {names} }}")
    if name == "hydrants" and desa.water != "river":
        lines = [f"# {line}" for line in ("Hapus tanda # bila titik hidran ikut menilai kriteria 7a.", *lines)]
    return "\n".join(lines) + "\n"


def readme(desa, faults, table, path):
    """README.md of one project folder."""
    files = {"peta.gpkg", *desa.other_files.values()}
    number = sum(len(rw.rts) for rw in desa.rws)
    target = sum(rt.kawasan == desa.kawasan for rw in desa.rws for rt in rw.rts)
    wrong = "\n".join(f"- {fault}" for fault in faults)
    stream = RIVER_FACT if desa.water == "river" else "sungai kecil, nama direka"
    people = ", `penduduk.tif` (orang per piksel)" if desa.population_raster else ""
    path.write_text(
        f"""# DATA CONTOH - direka: Desa {desa.name}

**SEMUA DATA DI SINI DIREKA, BUKAN DATA RESMI.** Tidak ada batas RT, bangunan, bidang tanah, SK, atau angka
baseline yang nyata. Jangan dipakai untuk keputusan apa pun. (All data here are invented, not official.)

## Fakta yang dihormati
- Desa {desa.name} ({desa.code}), Kecamatan {KECAMATAN} (33.13.11), Kabupaten {KABUPATEN}; letak contoh
  dekat pusat desa {desa.lon} BT {-desa.lat} LS; koordinat EPSG:32749.
- Kawasan {desa.kawasan}: {target} RT. Contoh memuat {number} RT; nama kawasan dan dusun "Contoh ..." direka.
- Luas RT 2-4 ha, 100-250 jiwa, luas permukiman kumuh per RT 0,8-1,9 ha; {stream}.

## Isi
- `kumuhgis.toml`: berkas proyek.
- {", ".join(f"`{f}`" for f in sorted(files))}: lapisan peta (nama kolom seperti di kantor dinas).
- `baseline.xlsx`: {len(table)} baris, satu per RT; `pertimbangan.csv`: pertimbangan lain per kawasan.
- `dem.tif` (5 m){people}, `orto.tif` (gambar buatan 1 m).
- `luas_ha` di baseline = luas permukiman untuk RT yang disurvei, selain itu luas seluruh RT.
- 7a diketik dari jarak ke jalan selebar 3,5 m (45 m), tanpa hidran.

## Sengaja kosong atau salah
{wrong}
- Lapisan `genangan`: satu poligon tanpa lama dan frekuensi; beberapa di bawah ambang (30 cm, 2 jam, 2 kali).
- `bangunan_unit` di beberapa RT berbeda 1-3 dari peta.
- Lapisan `jalan`: ujung jalan utama berada di luar semua RT.
""",
        encoding="utf-8",
    )


def overview(villages, path):
    """README.md of sample_data."""
    rows = "\n".join(f"| `{d.key}/` | {d.name} | {d.kawasan} |" for d in villages)
    path.write_text(
        f"""# DATA CONTOH - direka

**SEMUA DATA DI FOLDER INI DIREKA, BUKAN DATA RESMI.** Tiga folder proyek untuk mencoba kumuhgis:

| folder | desa | kawasan |
|---|---|---|
{rows}

Nama kecamatan, desa, kode, letak, jumlah RT kawasan, dan Bengawan Solo mengikuti fakta yang terbit;
selebihnya (batas RT, jalan, bangunan, tanah, zona, SK, genangan, angka baseline, gambar dari atas) dibuat oleh
`make_samples.py` dari bilangan acak berbenih tetap. Tidak ada nama orang.

Buat ulang: `python sample_data/make_samples.py [FOLDER]`. README tiap folder mencatat apa yang sengaja kosong
atau salah di dalamnya.
""",
        encoding="utf-8",
    )


def clean(folder: Path):
    """Empty a project folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if old.is_file():
            old.unlink()
