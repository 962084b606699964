"""The page of the methods: every measure with its formula, a small scene that is really measured, and what is assumed.

``python tools/methods.py`` draws the scenes (docs/gambar/metode_*.svg, needs matplotlib); ``tools/make_docs.py`` writes the
page. The numbers under a drawing are what the library gives for it, so neither can say what is not so.
"""

import sys
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString, Point, box

from kumuhgis.measures import MEASURES
from kumuhgis.measures.land import tenure, zones
from kumuhgis.rulecheck import measure_contracts
from kumuhgis.rules import load_rules
from kumuhgis.scores import roll_up, score
from kumuhgis.text import figure, number

RED, GREEN, GREY, BLUE, PAPER = "#c0392b", "#5a8f4a", "#9a9a9a", "#6fa8dc", "#f4efe6"
LOOKS = {
    "kena": {"color": RED},
    "baik": {"color": GREEN},
    "belum diketahui": {"color": GREY},
    "kena, dengan andaian": {"color": RED, "alpha": 0.4},
    "dibutuhkan": {"color": RED, "linestyle": (0, (2, 1.5))},
    "air": {"color": BLUE},
    "sempadan": {"color": BLUE, "alpha": 0.35},
}
RT = gpd.GeoDataFrame(
    {"area_ha": [1.0, 1.0]}, geometry=[box(0, 0, 100, 100), box(100, 0, 200, 100)], index=["RT 01", "RT 02"]
)


@dataclass
class Scene:
    """A small map: layers for the measure, what is drawn of them, the formula and what is assumed."""

    formula: str
    assumed: list
    layers: dict
    drawn: list
    parameters: dict = field(default_factory=dict)


def layer(shapes, **columns):
    """Make a layer."""
    return gpd.GeoDataFrame(columns, geometry=shapes)


def houses(places, size=12):
    """Make square houses at places."""
    return [box(x, y, x + size, y + size) for x, y in places]


def _buildings(column, word):
    shapes = houses([(12, 15), (45, 18), (70, 62), (20, 66), (96, 40), (130, 20), (160, 66)])
    said = [True, False, True, None, True, False, False]
    looks = [("belum diketahui" if s is None else "kena" if s else "baik") for s in said]
    return Scene(
        f"volume = banyaknya bangunan dengan {word} = ya\ntotal  = banyaknya bangunan\n"
        "persen = ROUND(100 × volume / total; 2)",
        [
            "Bangunan di atas batas dua RT dihitung satu kali, di RT tempat titik wakilnya.",
            "Bangunan tanpa isian bukan bangunan yang baik: volumenya menjadi rentang, totalnya tetap. Bila tidak satu pun "
            "di RT itu dinilai, volumenya kosong.",
            "Yang menilai adalah warga dan enumerator; dari bentuk tapak saja tidak disimpulkan apa pun.",
        ],
        {"buildings": layer(shapes, **{column: said})},
        list(zip(shapes, looks, strict=True)),
    )


def _density():
    rng = np.random.default_rng(1)
    dense = [Point(4 + 6.6 * (i % 15), 4 + 6.6 * (i // 15)) for i in range(210)]
    sparse = [Point(*xy) for xy in rng.uniform((105, 5), (195, 95), (60, 2))]
    return Scene(
        "kepadatan = banyaknya bangunan / luas RT (ha)\nvolume    = luas RT bila kepadatan ≥ batas, selain itu 0\n"
        "total     = luas RT",
        [
            "Batasnya menurut kelas kota: 250 per ha (metropolitan, besar), 200 per ha (sedang, kecil); di sini 200.",
            "Seluruh RT atau tidak sama sekali, seperti pada formulir; petak yang padat di dalam RT tidak dipisahkan.",
            "Luasnya luas terukur pada elipsoid, bukan luas pada tabel.",
        ],
        {"buildings": layer(dense + sparse)},
        [(p.buffer(1.6, cap_style="square"), look) for look, all_ in (("kena", dense), ("baik", sparse)) for p in all_],
        {"limit_per_ha": 200},
    )


def _need(name, word):
    lines = [LineString([(0, 70), (140, 70)]), LineString([(140, 70), (200, 70)]), LineString([(40, 70), (40, 15)])]
    said = ["ada", "dibutuhkan", "dibutuhkan"]
    looks = ["baik" if s == "ada" else "dibutuhkan" for s in said]
    return Scene(
        f"volume = panjang {word} yang dibutuhkan tetapi belum ada (m)\n"
        f"total  = panjang yang ada + yang dibutuhkan (m)  (panjang ideal)",
        [
            "Kebutuhan harus digambar warga (status = dibutuhkan). Bila tidak satu pun berstatus, kebutuhan dianggap "
            "belum dipetakan: volumenya kosong, bukan 0.",
            "Garis dipotong tepat pada batas RT; yang berimpit dengan batas dibagi dua.",
        ],
        {name: layer(lines, status=said)},
        list(zip(lines, looks, strict=True)),
    )


def _condition(name, word, parameters, column="condition", values=("rusak", "baik")):
    lines = [LineString([(100, 0), (100, 100)]), LineString([(0, 60), (100, 60)]), LineString([(100, 30), (200, 30)])]
    lines += [LineString([(150, 30), (150, 90)])]
    said = [values[0], values[1], values[0], None]
    looks = ["kena", "baik", "kena", "belum diketahui"]
    said_of = {"condition": "kondisinya buruk", "connected": "tidak terhubung", "maintained": "tidak terpelihara"}
    return Scene(
        f"volume = panjang {word} yang ada dan {said_of[column]} (m)\n"
        "total  = panjang ideal (ada + dibutuhkan) atau eksisting, menurut length_total",
        [
            "Garis yang berimpit dengan batas RT (di tengah gambar, 100 m) milik keduanya: setengah untuk setiap RT.",
            "Yang tanpa isian bukan baik: volumenya menjadi rentang; bila tidak satu pun di RT itu dinilai, kosong.",
            "Yang dihitung panjang garis tengah pada bidang datar UTM, bukan luas perkerasan.",
        ],
        {name: layer(lines, **{column: said})},
        list(zip(lines, looks, strict=True)),
        parameters,
    )


def _inundation():
    shapes = [box(60, 20, 140, 60), box(110, 40, 170, 80), box(10, 70, 50, 95)]
    said = {"depth_cm": [45, 40, 20], "duration_h": [4, None, 6], "times_per_year": [6, 3, 4]}
    return Scene(
        "volume = luas gabungan genangan yang > 30 cm dan > 2 jam dan > 2 kali setahun (ha)\ntotal  = luas RT (ha)",
        [
            "Genangan yang bertumpang tindih digabung dahulu: setiap hektare satu kali.",
            "Isian yang kosong (di sini lamanya, pada genangan kanan) dianggap melampaui batas, karena yang menggambarnya "
            "menyebutnya genangan; luas yang bersandar padanya (kolom terakhir) sudah termasuk dalam volumenya, dan dilaporkan.",
            "Yang di bawah salah satu batas (kiri atas: 20 cm) tidak dihitung.",
        ],
        {"inundation": layer(shapes, **said)},
        list(zip(shapes, ["kena", "kena, dengan andaian", "baik"], strict=True)),
        {"min_depth_cm": 30, "min_duration_h": 2, "min_times_per_year": 2},
    )


def _fire():
    roads = [LineString([(-10, 20), (210, 20)]), LineString([(40, 20), (40, 100)]), LineString([(170, 20), (170, 100)])]
    places = houses([(10, 30), (60, 5), (15, 84), (70, 70), (120, 30), (130, 86), (176, 84)])
    widths = [4.0, 2.0, None]
    limits = {"min_width_m": 3.5, "max_distance_m": 45}
    found = fire_states(places, roads, widths, limits)
    return Scene(
        "volume = banyaknya bangunan yang tepinya > max_distance_m dari as jalan yang ada selebar ≥ 3,5 m,\n"
        "         atau, bila ada layer hidran, > max_hydrant_m dari hidran yang berfungsi\n"
        "total  = banyaknya bangunan",
        [
            "3,5 m dari formulir; jarak 45 m (jalan) dan 50 m (hidran) dari kami, bukan dari peraturan, dan dapat diganti.",
            "Jalan di luar RT ikut dihitung: mobil pemadam tidak berhenti pada batas RT.",
            "Jalan tanpa lebar (kanan) tidak dianggap cukup lebar: bangunan yang hanya dekat dengannya belum diketahui.",
            "Jaraknya lurus dari tepi bangunan, bukan panjang selang menyusuri gang.",
        ],
        {"buildings": layer(places), "roads": layer(roads, width_m=widths, status=["ada"] * 3)},
        [*zip(places, found, strict=True), *zip(roads, ["baik", "kena", "belum diketahui"], strict=True)],
        limits,
    )


def fire_states(places, roads, widths, limits):
    """Ask the measure itself which house is in reach, one by one, to colour it."""
    out = []
    for place in places:
        unit = gpd.GeoDataFrame({"area_ha": [1.0]}, geometry=[place.buffer(1)], index=["x"])
        given = layer(roads, width_m=widths, status=["ada"] * len(roads))
        row = MEASURES["fire_access"](unit, layer([place]), given, **limits).iloc[0]
        out.append("belum diketahui" if row["unknown"] else "kena" if row["affected"] else "baik")
    return out


def scenes():
    """Give every measure its scene."""
    ideal = {"length_total": "ideal"}
    bad = {"bad": ["rusak"], **ideal}
    return {
        "building_irregularity": _buildings("irregular", "tidak teratur"),
        "building_density": _density(),
        "building_substandard": _buildings("substandard", "tidak memenuhi syarat"),
        "road_coverage": _need("roads", "jalan"),
        "road_surface": _condition("roads", "jalan", bad),
        "inundation_area": _inundation(),
        "drain_coverage": _need("drains", "saluran"),
        "drain_condition": _condition("drains", "saluran", bad),
        "drain_connection": _condition("drains", "saluran", ideal, "connected", (False, True)),
        "drain_maintenance": _condition("drains", "saluran", ideal, "maintained", (False, True)),
        "fire_access": _fire(),
    }


def land_scenes():
    """Give the two signs of legality their scenes: what is measured, and what is drawn."""
    parcels = [box(5, 5, 70, 95), box(55, 5, 130, 60), box(135, 5, 195, 95)]
    tenures = layer(parcels, land_status=["Hak Milik", "Tanah negara", "Hak Milik"], conflict=[None, None, True])
    river = LineString([(-20, 8), (220, 22)])
    plan = [box(0, 0, 140, 100), box(140, 0, 200, 100)]
    named = layer(plan, zone=["Permukiman", "Sawah"])
    return {
        "tenure": (
            tenure(RT, tenures, clear=["Hak Milik"]),
            [(parcels[0], "baik"), (parcels[1], "kena"), (parcels[2], "kena")],
        ),
        "zones": (
            zones(RT, named, layer([river]), conforming=["Permukiman"], setback_m=15),
            [(plan[0], "baik"), (plan[1], "kena"), (river.buffer(15, cap_style="flat"), "sempadan"), (river, "air")],
        ),
    }


def measured(name, scene):
    """Measure a scene with the library."""
    return MEASURES[name](RT, **scene.layers, **scene.parameters)


# ---------------------------------------------------------------- the page

HEAD = (
    "# Metode\n\n{note}"
    "Setiap ukuran: rumus, gambar kecil yang benar-benar diukur, dan apa yang diandaikan. Angka di bawah gambar adalah "
    "keluaran pustaka untuk gambar itu (setiap RT 100 m × 100 m = 1 ha). Merah: kena; hijau: tidak; abu-abu: belum "
    "diketahui; putus-putus: dibutuhkan. Layer dan kolomnya: [ukuran](ukuran.md); cara mesinnya menghitung tanpa memotong: "
    "[mesin](mesin.md); seberapa yakin bila dari sampel: [kepastian](kepastian.md).\n\n"
)
LITERATURE = """## Pustaka

- **Kriteria, satuan, total**: Permen PUPR 14/PRT/M/2018 dan 02/PRT/M/2016; formulir dan lembar yang dibaca disebut pada setiap
  kriteria di [aturan](aturan.md), dengan keyakinannya.
- **Luas pada elipsoid** (hektare RT): C. F. F. Karney, "Algorithms for geodesics", *Journal of Geodesy* 87 (2013), 43–55, lewat
  pyproj (PROJ), elipsoid GRS80 (SRGI2013). Panjang jalan dan saluran dan jarak dihitung pada bidang UTM.
- **Potongan, gabungan, jarak**: GEOS lewat shapely; jumlah tanpa memotong di [mesin](mesin.md), diuji sama dengan GEOS.
- **Raster** (penduduk, lereng): exactextract, dengan bagian piksel yang tercakup; lereng dari selisih pusat ketinggian
  (`numpy.gradient`), rerata per RT, dalam persen.
- **Pembulatan hektare pada SK**: metode sisa terbesar (Hamilton); M. L. Balinski dan H. P. Young, *Fair Representation*, 1982.
- **Persen, nilai, pembulatan**: setengah menjauhi nol pada desimal yang tertulis, seperti fungsi ROUND Excel; diuji terhadap 24 lembar
  KawanKu dan baseline Kota Pekalongan.
"""


def page(note):
    """Write the page of the methods."""
    rules, contracts = [load_rules(key) for key in ("permen-14-2018", "permen-02-2016")], measure_contracts()
    parts = [HEAD.format(note=note)]
    for name, scene in scenes().items():
        used = [f"{c.code} ({r.short})" for r in rules for c in r.criteria if c.measure == name]
        parts.append(f"## {contracts[name]['title']}\n\nKriteria {', '.join(used)} · `{name}`\n\n")
        parts.append(f"```text\n{scene.formula}\n```\n\n![{contracts[name]['title']}](gambar/metode_{name}.svg)\n\n")
        parts.append(_table(measured(name, scene)) + "\n" + "".join(f"- {line}\n" for line in scene.assumed) + "\n")
    return "".join([*parts, _land_part(), _concepts(), LITERATURE])


def _table(found, columns=None):
    words = {"affected": "volume", "total": "total", "unknown": "belum diketahui", "clear_ha": "jelas (ha)"}
    words |= {
        "unclear_ha": "tidak jelas (ha)",
        "unmapped_ha": "belum dipetakan (ha)",
        "overlap_ha": "digambar dua kali (ha)",
    }
    words |= {"conforming_ha": "sesuai (ha)", "nonconforming_ha": "tidak sesuai (ha)", "setback_ha": "sempadan (ha)"}
    found = found[columns or list(found.columns)]
    lines = ["| | " + " | ".join(words[c] for c in found) + " |", "|" + "---|" * (len(found.columns) + 1)]
    for unit, row in found.iterrows():
        cells = ["–" if pd.isna(v) else figure(round(float(v), 4)) for v in row]
        lines.append(f"| {unit} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _land_part():
    found = land_scenes()
    kept = {"tenure": ["clear_ha", "unclear_ha", "unmapped_ha", "overlap_ha"]}
    kept["zones"] = ["conforming_ha", "nonconforming_ha", "unmapped_ha", "setback_ha"]
    return (
        "## Kejelasan status tanah\n\n```text\njelas + tidak jelas + belum dipetakan = luas RT\n"
        "(+) bila tidak jelas ≤ toleransi dan belum dipetakan ≤ toleransi; (−) bila tidak jelas > toleransi; "
        "selain itu kosong\n```\n\n![Status tanah](gambar/metode_tenure.svg)\n\n"
        + _table(found["tenure"][0], kept["tenure"])
        + "\n- Bidang yang bertumpang tindih: hektarenya satu kali, dan dianggap tidak jelas bila salah satunya tidak jelas; "
        "yang digambar dua kali dilaporkan.\n- Bidang dalam sengketa (kanan) tidak jelas, apa pun statusnya.\n"
        "- Tidak ada bidang berarti belum dipetakan, bukan tidak jelas.\n\n"
        "## Kesesuaian dengan rencana tata ruang\n\n```text\nsesuai + tidak sesuai + belum dipetakan = luas RT\n"
        "tidak sesuai = zona di luar daftar ∪ perairan ∪ sempadan\n```\n\n![Tata ruang](gambar/metode_zones.svg)\n\n"
        + _table(found["zones"][0], kept["zones"])
        + "\n- Sempadan selebar setback_m dari tepi poligon air, atau dari as garis sungai (di sini 15 m). Ia tidak pernah "
        "sesuai, juga di dalam zona permukiman; setiap hektare satu kali.\n"
        "- Tanpa layer air, sempadan kosong, bukan 0.\n\n"
    )


def concept_numbers():
    """Give the numbers of the two drawings of concepts, as the library computes them."""
    rules = load_rules()
    index = pd.MultiIndex.from_product([["RT 01", "RT 02"], rules.codes], names=["unit", "criterion"])
    measures = pd.DataFrame({"affected": 0.0, "total": 100.0, "source": "table"}, index)
    measures.loc[("RT 01", "3a"), ["affected", "total"]] = [9, 10]
    measures.loc[("RT 02", "3a"), ["affected", "total"]] = [0, 90]
    scored = score(measures, rules)[0]["percent"].xs("3a", level="criterion")
    rolled = roll_up(measures, pd.Series("Kawasan", index=["RT 01", "RT 02"]), rules)
    rolled = rolled[0] if isinstance(rolled, tuple) else rolled
    whole = score(rolled[["affected", "total"]], rules)[0]["percent"].xs("3a", level="criterion").iloc[0]
    open_ = measures.loc[["RT 01"]].copy()
    open_[["affected", "total"]] = [[40.0, 100.0]] * len(open_)
    open_.loc[("RT 01", ["3a", "5a", "6a"]), "affected"] = np.nan
    ends = score(open_, rules)[1].loc["RT 01"]
    return scored, whole, ends


def _concepts():
    scored, whole, ends = concept_numbers()
    mean = number(scored.mean())
    return (
        "## Rekap: volume dijumlahkan, persen tidak dirata-rata\n\n![Rekap](gambar/metode_rekap.svg)\n\n"
        f"RT 01: 9 dari 10 KK = {number(scored.iloc[0])} %. RT 02: 0 dari 90 KK = {number(scored.iloc[1])} %. Kawasan: 9 dari "
        f"100 KK = **{number(whole)} %**, bukan rerata {mean} %.\n\n"
        "## Kosong bukan nol: jumlah nilai adalah rentang\n\n![Rentang](gambar/metode_rentang.svg)\n\n"
        f"Tiga belas kriteria diketahui (40 %, nilai 1), tiga belum: jumlah nilai {ends['total_low']}–{ends['total_high']}. "
        f"Tingkat yang mungkin: {ends['levels_possible']}; sampai yang kosong diisi, tingkatnya "
        f"{ends['level'] if isinstance(ends['level'], str) else 'belum dapat ditentukan'}.\n\n"
    )


# ---------------------------------------------------------------- the drawings


def _sheet(width=5.2, height=2.9):
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update(
        {"svg.fonttype": "none", "svg.hashsalt": "kumuhgis", "font.size": 9, "hatch.linewidth": 0.5}
    )
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(width, height), layout="constrained")
    return figure, axes


def _save(figure, path):
    import matplotlib.pyplot as plt

    figure.savefig(path, format="svg", metadata={"Date": None}, facecolor="white")
    plt.close(figure)


def draw(drawn, path):
    """Draw a scene: two RT, and what lies in them."""
    figure, axes = _sheet()
    for shape in RT.geometry:
        axes.fill(*shape.exterior.xy, facecolor=PAPER, edgecolor="none")
    seen = []
    for shape, look in drawn:
        how = LOOKS[look]
        if shape.geom_type == "LineString":
            axes.plot(*shape.xy, lw=3, zorder=2, solid_capstyle="butt", dash_capstyle="butt", **how)
        else:
            fill = {"facecolor": how["color"], "alpha": how.get("alpha", 0.75)}
            axes.fill(
                *shape.exterior.xy, edgecolor="white", linewidth=0.5, hatch="////" if look == "kena" else None, **fill
            )
        seen += [look] if look not in seen else []
    for name, shape in RT.geometry.items():
        axes.plot(*shape.exterior.xy, color="black", lw=1.2, zorder=1)
        axes.text(shape.bounds[0] + 3, 104, name)
    for look in seen:
        axes.plot([], [], lw=5, label=look, **LOOKS[look])
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 0), ncol=len(seen), frameon=False, handlelength=1.5)
    axes.set(xlim=(-14, 214), ylim=(-4, 116), aspect="equal")
    axes.axis("off")
    _save(figure, path)


def draw_roll_up(path):
    """Draw why percents are not averaged."""
    scored, whole, _ = concept_numbers()
    figure, axes = _sheet(height=2.2)
    bars = [("RT 01 (10 KK)", scored.iloc[0]), ("RT 02 (90 KK)", scored.iloc[1])]
    bars += [("rerata persen (salah)", scored.mean()), ("jumlah volume (benar)", whole)]
    for row, (name, value) in enumerate(reversed(bars)):
        axes.barh(
            row, max(value, 0.5), color=GREEN if "benar" in name else RED if "salah" in name else GREY, height=0.6
        )
        axes.text(value + 1.5, row, f"{number(value)} %", va="center")
    axes.set(
        yticks=range(4), yticklabels=[name for name, _ in reversed(bars)], xlim=(0, 108), xlabel="persen kriteria 3a"
    )
    axes.spines[["top", "right"]].set_visible(False)
    _save(figure, path)


def draw_range(path):
    """Draw a total that is open over the levels."""
    *_, ends = concept_numbers()
    rules = load_rules()
    figure, axes = _sheet(height=1.7)
    edges = [*(level.lower for level in rules.levels), rules.max_total]
    for level, low, high, color in zip(
        rules.levels, edges, edges[1:], ("#e8efe4", "#fbe8c8", "#f6c9a0", "#e7a08f"), strict=False
    ):
        axes.axvspan(low, high, color=color)
        axes.text((low + high) / 2, 1.25, f"{level.key}\n≥ {level.lower}", ha="center", va="center")
    axes.plot([ends["total_low"], ends["total_high"]], [0.35, 0.35], color="black", lw=5, solid_capstyle="butt")
    axes.text(
        (ends["total_low"] + ends["total_high"]) / 2, 0.55, f"{ends['total_low']}–{ends['total_high']}", ha="center"
    )
    axes.set(xlim=(0, rules.max_total), ylim=(0, 1.6), yticks=[], xlabel="jumlah nilai")
    axes.spines[["top", "left", "right"]].set_visible(False)
    _save(figure, path)


def hectare_numbers():
    """Give four RT of one kawasan, one of them slum, and what their roll-up comes to."""
    rules, shares = load_rules(), {"RT 01": 0.8, "RT 02": 0.0, "RT 03": 0.0, "RT 04": 0.0}
    index = pd.MultiIndex.from_product([shares, rules.codes], names=["unit", "criterion"])
    measures = pd.DataFrame({"affected": 0.0, "total": 100.0, "source": "table"}, index)
    for unit, share in shares.items():
        measures.loc[(unit, ["2a", "2b", "3a", "4a", "5a", "6a"]), "affected"] = 100 * share
    levels = score(measures, rules)[1][["total_low", "level"]]
    rolled = score(roll_up(measures, pd.Series("Kawasan", index=list(shares)), rules), rules)[1].iloc[0]
    return levels, rolled, pd.Series([1.2, 2.0, 1.6, 1.8], index=list(shares))


def draw_hectares(path):
    """Draw why slum hectares are those of the RT that are slum themselves."""
    levels, rolled, area = hectare_numbers()
    figure_, axes = _sheet(height=2.2)
    left = 0.0
    for unit, hectares in area.items():
        slum = levels.loc[unit, "level"] != "tidak kumuh"
        axes.add_patch(_box(left, 0, hectares, 1, RED if slum else GREEN, 0.75))
        words = f"{unit}\n{number(hectares, 1)} ha\nnilai {levels.loc[unit, 'total_low']}\n{levels.loc[unit, 'level']}"
        axes.text(left + hectares / 2, 0.5, words, ha="center", va="center")
        left += hectares
    slum = area[levels["level"] != "tidak kumuh"].sum()
    said = f"rekap kawasan: nilai {rolled['total_low']}, {rolled['level']}; luas kumuh {number(slum, 1)} ha, bukan 0"
    axes.text(left / 2, 1.12, said, ha="center")
    axes.set(xlim=(0, left), ylim=(0, 1.3))
    axes.axis("off")
    _save(figure_, path)


def _box(x, y, width, height, colour, alpha=1.0):
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), width, height, facecolor=colour, alpha=alpha, edgecolor="white", linewidth=2)


FLOW = [
    ("tabel baseline", 0, 2), ("peta (layer)", 0, 1), ("survei", 0, 0),
    ("measures\n(RT, kriteria) →\nvolume, total, sumber", 1, 1), ("persen\n→ nilai 0/1/3/5", 2, 1),
    ("jumlah nilai\n→ tingkat, hektare", 3, 1), ("+ legalitas,\npertimbangan\n→ prioritas", 4, 1),
]  # fmt: skip
"""The way of the numbers: words, column, row."""


def draw_flow(path):
    """Draw how everything meets in one table."""
    figure_, axes = _sheet(width=7.4, height=2.4)
    places = {}
    for words, column, row in FLOW:
        x, y = 2.3 * column, 0.95 * row
        places[column, row] = (x, y)
        wide = 2.0 if column == 1 else 1.6
        high = 0.8 if column == 0 else 1.1
        axes.add_patch(_box(x, y - high / 2, wide, high, PAPER))
        axes.text(x + wide / 2, y, words, ha="center", va="center", fontsize=8)
    arrows = [((0, row), (1, 1)) for row in range(3)] + [((n, 1), (n + 1, 1)) for n in range(1, 4)]
    for begin, end in arrows:
        (x, y), (u, v) = places[begin], places[end]
        start = (x + (2.0 if begin[0] == 1 else 1.6), y)
        axes.annotate("", (u, v), start, arrowprops={"arrowstyle": "->", "color": "#555555"})
    axes.set(xlim=(-0.1, 11.0), ylim=(-0.6, 2.5))
    axes.axis("off")
    _save(figure_, path)


def main(folder="docs/gambar"):
    """Draw everything."""
    folder = Path(folder)
    for name, scene in scenes().items():
        draw(scene.drawn, folder / f"metode_{name}.svg")
    for name, (_, drawn) in land_scenes().items():
        draw(drawn, folder / f"metode_{name}.svg")
    draw_roll_up(folder / "metode_rekap.svg")
    draw_range(folder / "metode_rentang.svg")
    draw_hectares(folder / "metode_hektare.svg")
    draw_flow(folder / "metode_alur.svg")


if __name__ == "__main__":
    main(*sys.argv[1:])
