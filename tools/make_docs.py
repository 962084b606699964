"""Write the pages of docs/ that are made from data: rules, measures, problem codes. A test keeps them up to date."""

import sys
from pathlib import Path

from methods import page as methods_page

import kumuhgis
from kumuhgis.catalog import document_kinds, layer_kinds
from kumuhgis.cli import command
from kumuhgis.cli.helping import examples, translated
from kumuhgis.errors import SEVERITY
from kumuhgis.export import takes
from kumuhgis.mending import MENDED, SET_ASIDE
from kumuhgis.questions import choices, questions, sections, used_by
from kumuhgis.rulecheck import measure_contracts
from kumuhgis.rules import list_rules, load_rules
from kumuhgis.text import text

NOTE = "<!-- Dibuat oleh tools/make_docs.py; ubah datanya, bukan halaman ini. -->\n\n"
FIX_NOTE = (
    "Kolom `--fix`: *dirapikan* berarti `kumuhgis check --fix` membetulkannya di salinan; *disisihkan* berarti fitur "
    "atau baris itu tidak ikut ke salinan dan tertulis di `log.csv`; kosong berarti tidak disentuh.\n\n"
)
CONFIDENCE = {"R": "dibaca", "C": "dihitung ulang", "M": "diingat/disimpulkan"}


def rows(header, lines):
    """Write a Markdown table."""
    out = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    out += ["| " + " | ".join(str(c).replace("|", "\\|") for c in line) + " |" for line in lines]
    return "\n".join(out) + "\n"


def rule_page():
    """Describe every rule: bands, levels, criteria, decisions, each with source and confidence."""
    parts = ["# Aturan\n\n" + NOTE]
    parts.append(
        "Aturan adalah data: `kumuhgis/data/rules/*.toml`. Keyakinan tiap angka: **R** dibaca pada sumber terbit, "
        "**C** dihitung ulang dari catatan terbit, **M** diingat atau disimpulkan dan boleh diganti. Untuk Perda "
        "setempat, salin berkasnya, ganti `key` dan angkanya, lalu sebut letaknya: "
        "`kumuhgis score tabel.csv --rules perda.toml`, atau `[rules] path` di `kumuhgis.toml`.\n\n"
    )
    for key in list_rules().index:
        parts.append(one_rule(load_rules(key)))
    return "".join(parts)


def one_rule(rules):
    """Describe one rule."""
    bands = [f"< {rules.bands.lower[0]:g} %"] + [f"≥ {b:g} %" for b in rules.bands.lower]
    levels = [(lv.key, f"≥ {lv.lower}", lv.class_ or "–", lv.priority or "–", mark(lv)) for lv in rules.levels]
    criteria = [
        (c.code, c.name, c.unit, c.total, c.measure or "hanya tabel", parameters(c), mark(c)) for c in rules.criteria
    ]
    considered = [(c.key, f"≥ {c.lower}", f"+{c.priority}", mark(c)) for c in rules.considerations.classes]
    handling = [(lv, rules.handling.legal[lv], rules.handling.not_legal[lv]) for lv in rules.level_keys[1:]]
    programmes = [(p.name, p.works, ", ".join(p.criteria), mark(p)) for p in rules.programmes]
    a, le, t = rules.authority, rules.legality, rules.typology
    return "\n".join(
        [
            f"## {rules.key}\n\n{rules.title}. Jumlah nilai 0–{rules.max_total}; kumuh mulai {rules.floor}.\n",
            f"Nilai dari persen ({mark(rules.bands)}):\n",
            rows(["persen", "nilai"], zip(bands, rules.bands.score, strict=True)),
            "Tingkat:\n",
            rows(["tingkat", "jumlah nilai", "klas", "prioritas dasar", "sumber"], levels),
            "Kriteria:\n",
            rows(["kode", "kriteria", "satuan", "total", "ukuran dari peta", "parameter", "sumber"], criteria),
            f"Pertimbangan lain ({mark(rules.considerations)}):\n",
            rows(["kelas", "jumlah", "langkah prioritas", "sumber"], considered),
            f"Pola penanganan ({mark(rules.handling)}):\n",
            rows(["tingkat", "legal", "tidak legal"], handling),
            f"Kewenangan: kabupaten/kota di bawah {a.province_from_ha:g} ha, provinsi sampai "
            f"{a.central_above_ha:g} ha, di atasnya pusat; ditandai dalam jarak {a.near_ha:g} ha dari batas "
            f"({mark(a)}).\n",
            f"Legalitas: toleransi {100 * le.tolerance:g} % luas; status yang jelas: {', '.join(le.tenure_clear)}; "
            f"zona yang sesuai: {', '.join(le.plan_conforming)} ({mark(le)}).\n",
            f"Tipologi: tepi air dalam {t.near_water_m:g} m, perbukitan di atas {t.max_slope_percent:g} % "
            f"({mark(t)}).\n",
            "Program penanganan dan kriteria yang dikuranginya:\n",
            rows(["program", "kegiatan", "kriteria", "sumber"], programmes),
            "Sumber:\n",
            rows(["sumber", "apa"], rules.sources.items()),
            "",
        ]
    )


def mark(item):
    """Name confidence and source; the sources are listed at the end of the rule."""
    return f"{item.confidence}, {item.source}"


def parameters(criterion):
    """Write the parameters of a criterion with their confidence."""
    if not criterion.parameters:
        return ""
    said = "; ".join(f"{k} = {v}" for k, v in criterion.parameters.items())
    return f"{said} ({CONFIDENCE[criterion.parameters_confidence]})"


def measure_page():
    """Describe every measure and the columns of every layer."""
    measures = [
        (f"`{name}`", m["title"], ", ".join(m["layers"] + [f"({o})" for o in m["optional"]]), m["method"])
        for name, m in measure_contracts().items()
    ]
    layers = [
        (f"`{name}`", kind["title"], ", ".join(kind["geometry"]), ", ".join(f"`{c}`" for c in kind["columns"]))
        for name, kind in layer_kinds().items()
    ]
    return (
        "# Ukuran dari peta\n\n"
        + NOTE
        + "Bila tabel dan peta sama-sama memberi satu kriteria, pilihan `prefer` menentukan (bawaan: tabel); keduanya "
        + "tetap tampak berdampingan. Hektare dihitung pada elipsoid.\n\n"
        + rows(["ukuran", "apa", "layer", "cara"], measures)
        + "\n## Layer dan kolomnya\n\n"
        + rows(["layer", "apa", "geometri", "kolom"], layers)
    )


PLACES = (
    "Setiap masalah yang menyebut fitur atau RT mempunyai tempat: fitur itu sendiri (juga yang disisihkan), titik "
    "perpotongan garis batasnya, celah atau tumpang tindihnya, atau poligon RT bagi baris tabel dan nilai. Tempat "
    "itu ada pada kolom `geometry` dari `Assessment.problems` (CRS meter proyek), pada layer `problems` di "
    '`hasil.gpkg`, pada layer "Masalah data" di peta desa (kesalahan dan peringatan saja), dan sebagai `lon` dan '
    "`lat` (WGS 84) pada CSV, JSON dan XLSX. Masalah tentang seluruh berkas, kolom atau pengaturan tidak "
    "mempunyai tempat. Sampai 500 fitur digambar apa adanya; selebihnya satu titik di dalam tiap fitur, paling "
    "banyak 5.000 (pada peta 500). Rumah tangga, bangunan yang hanya berupa titik, dan foto hanya ditunjukkan "
    "sebagai poligon RT-nya.\n\n"
)


def problem_page():
    """List every problem code with its message and fix."""
    lines = [
        (f"`{code}`", text(f"severity.{severity}"), by_fix(code), template(code, "message"), template(code, "fix"))
        for code, severity in sorted(SEVERITY.items())
    ]
    headings = ["kode", "berat", "`--fix`", "pesan", "cara memperbaiki"]
    return "# Kode masalah\n\n" + NOTE + PLACES + FIX_NOTE + rows(headings, lines)


def by_fix(code):
    """Say what `check --fix` does about a code."""
    return "dirapikan" if code in MENDED else "disisihkan" if code in SET_ASIDE else ""


def template(code, part):
    """Give a message with its placeholders shown as they are."""
    return text(f"problems.{code}.{part}").replace("{", "‹").replace("}", "›")


SIGNS = {"below": "<", "above": ">", "at_least": "≥", "at_most": "≤"}


def survey_page():
    """Describe the questionnaire: how it is made and read, what answers mean for each rule, every question."""
    parts = [
        "# Pendataan swadaya: kuesioner\n\n" + NOTE,
        Path(__file__).with_name("survei.md").read_text("utf-8") + "\n",
    ]
    for key in list_rules().index:
        rules = load_rules(key)
        meant = [(c.code, c.name, *meaning(c.survey)) for c in rules.criteria]
        headings = ["kode", "kriteria", "bagian", "terkena", "total", "sumber"]
        parts.append(f"### {key}\n\n" + rows(headings, meant) + "\n")
    used = {key: used_by(load_rules(key)) for key in list_rules().index}
    lines = [
        (
            f"`{q.name}`", sections()[q.section]["title"], q.label, answers(q),
            *("–" if q.name not in codes else ", ".join(codes[q.name]) or "selalu" for codes in used.values()),
        )
        for q in questions().values()
    ]  # fmt: skip
    told = (
        "Nama pertanyaan adalah nama kolom pada hasil; kolom aturan menyebut kriterianya; – berarti tidak ditanya.\n\n"
    )
    return "".join(parts) + "## Pertanyaan\n\n" + told + rows(["nama", "bagian", "pertanyaan", "jawaban", *used], lines)


def meaning(survey):
    """Say what answers mean for a criterion: part, affected, total, source."""
    if survey is None:
        return "–", "tidak dari kuesioner", "–", "–"
    if survey.part == "household":
        return "rumah tangga", condition(survey.condition), "jumlah pada daftar RT", mark(survey)
    total = " + ".join(map(term, survey.total)) or "luas RT"
    return "RT", " + ".join(map(term, survey.affected)), total, mark(survey)


def term(part):
    """Write a part of a sum."""
    if isinstance(part, str):
        return f"`{part}`"
    return f"jumlah `{part.sum}`" + (f" bila {condition(part.condition)}" if part.condition else "")


def condition(found):
    """Write a condition with the words of its choices."""
    said = [leaf(found)] if found.question else []
    said += [" atau ".join(map(condition, found.any))] if found.any else []
    said += [" dan ".join(map(condition, found.all))] if found.all else []
    return " dan ".join(said)


def leaf(found):
    """Write a condition on one question."""
    if found.in_:
        listed = choices()[questions()[found.question].choices]
        return f"`{found.question}`: " + ", ".join(f"“{listed[key].label}”" for key in found.in_)
    value = f"`{found.question}` / `{found.per}`" if found.per else f"`{found.question}`"
    return " dan ".join(f"{value} {SIGNS[name]} {limit:g}".replace(".", ",") for name, limit in found.limits.items())


def answers(question):
    """Say what may be answered."""
    if question.choices:
        return "; ".join(f"`{key}` {choice.label}" for key, choice in choices()[question.choices].items())
    if question.min is not None:
        return f"angka {question.min:g}–{question.max:g}".replace(".", ",")
    kinds = {"geopoint": "letak", "geoshape": "bidang", "image": "foto", "text": "teks"}
    return kinds.get(question.type, "dari layer RT")


def document_page():
    """List every document: who uses it, what it follows, the command and the function that write it."""
    lines = []
    for kind, document in document_kinds().items():
        said = {key: text(f"documents.{kind}.{key}") for key in ("name", "file", "users", "follows")}
        suffixes, needs = list(document["write"]), document.get("needs", {})
        file = said["file"] + suffixes[0]
        written = ", ".join(f"`{suffix}`" + (" ¹" if needs.get(suffix) else "") for suffix in suffixes)
        beside = "".join(f", `{suffix}`" for suffix in document.get("beside", ()))
        options = ", ".join(f"`{name}`" for name in takes(kind, file) if name != "progress")
        lines.append((
            f"**{said['name']}** ({written}{beside})", said["users"], said["follows"],
            f"`kumuhgis report PROYEK --kind {kind}`", f'`kg.write(hasil, "{file}", kind="{kind}")`', options or "–",
        ))  # fmt: skip
    headings = ["dokumen", "siapa memakainya", "aturan atau formulir", "perintah", "fungsi", "pilihan"]
    told = Path(__file__).with_name("dokumen.md").read_text("utf-8")
    return "# Dokumen\n\n" + NOTE + rows(headings, lines) + "\n" + told


def command_page(lang="id"):
    """Describe the command line from the commands themselves."""
    import click

    said = COMMANDS[lang]
    parts = [f"# {said['title']}\n\n" + NOTE, said["intro"] + "\n\n"]
    commands = command(lang)
    for name in commands.list_commands(None):
        entry = commands.commands[name]
        context = click.Context(entry, info_name=name)
        usage = translated(" ".join(["kumuhgis", name, *entry.collect_usage_pieces(context)]), lang)
        parts.append(f"## {name}\n\n{entry.help}\n\n```text\n{usage}\n```\n\n")
        options = [
            (f"`{', '.join(p.opts)}`", values(p, context), p.help)
            for p in entry.params
            if p.param_type_name == "option"
        ]
        if options:
            parts.append(rows(said["headings"], options) + "\n")
        shown = "\n".join(f"{line}\n    {purpose}" for line, purpose in examples(name, lang))
        parts.append(f"{said['examples']}:\n\n```text\n{shown}\n```\n\n")
    return "".join(parts)


def values(option, context):
    """Say what an option takes."""
    if option.is_flag:
        return "–"
    choices = getattr(option.type, "choices", None)
    taken = " · ".join(f"`{c}`" for c in choices) if choices else f"`{option.make_metavar(context)}`"
    return taken + (" …" if option.multiple else "")


COMMANDS = {
    "id": {
        "title": "Baris perintah",
        "intro": "Semua perintah menerima `--lang id|en` (atau `KUMUHGIS_LANG`) dan `--help`. Kode keluar: 0 baik; "
        "1 selesai, ada masalah data yang berat; 2 tidak dapat dijalankan.",
        "headings": ["pilihan", "isi", "artinya"],
        "examples": "Contoh",
    },
    "en": {
        "title": "Command line",
        "intro": "Every command takes `--lang id|en` (or `KUMUHGIS_LANG`) and `--help`. Exit codes: 0 fine; "
        "1 finished, with problems of severity error in the data; 2 could not run.",
        "headings": ["option", "takes", "meaning"],
        "examples": "Examples",
    },
}

# Rooms in reading order, by what one wants of them: Indonesian and English title.
SHELVES = [
    ("Mulai", "Start", ["sample", "starter", "project", "assessment"]),
    ("Membaca dan menilai", "Reading and scoring",
     ["baseline", "layers", "volumes", "kernel", "scores", "scoring", "trace"]),
    ("Aturan", "Rules", ["rules"]),
    ("Hektare, urutan, rekap", "Hectares, order, roll-ups", ["hectares", "priority", "groups", "disputes"]),
    ("Pendataan", "Survey and field work",
     ["forms", "survey", "fieldwork", "progress", "publishing"]),
    ("Seberapa yakin", "Certainty",
     ["estimates", "samples", "confidence", "rolling", "resampling", "further", "stability"]),
    ("Peta dan warga", "Maps and residents", ["maps", "participate"]),
    ("Perubahan", "Change", ["monitor", "scenarios"]),
    ("Menulis", "Writing", ["export", "schemas"]),
    ("Masalah", "Problems", ["errors"]),
]  # fmt: skip


def reference_page(lang="id"):
    """List every public name in reading order; Sphinx writes a page for each from its docstring."""
    title, intro = REFERENCE[lang]
    parts = [f"# {title}\n\n" + NOTE, intro + "\n\n"]
    for indonesian, english, rooms in SHELVES:
        names = "\n".join(f"   {name}" for room in rooms for name in kumuhgis._ROOMS[room])
        pages = "   :toctree: referensi\n" if lang == "id" else ""
        parts.append(
            f"## {indonesian if lang == 'id' else english}\n\n```{{eval-rst}}\n.. currentmodule:: kumuhgis\n"
            f".. autosummary::\n{pages}   :nosignatures:\n\n{names}\n```\n\n"
        )
    return "".join(parts)


REFERENCE = {
    "id": (
        "Rujukan Python",
        "Nama publik `import kumuhgis as kg`, menurut urutan membacanya. Uraiannya (docstring) berbahasa Inggris dan "
        "contohnya dijalankan sebagai pengujian.",
    ),
    "en": (
        "Reference",
        "The public names of `import kumuhgis as kg` in reading order; every example runs as a test. Commands: "
        "[command line](commands.md).",
    ),
}

PAGES = {
    "perintah.md": command_page,
    "referensi.md": reference_page,
    "en/commands.md": lambda: command_page("en"),
    "en/reference.md": lambda: reference_page("en"),
    "dokumen.md": document_page,
    "aturan.md": rule_page,
    "ukuran.md": measure_page,
    "metode.md": lambda: methods_page(NOTE),
    "masalah.md": problem_page,
    "survei.md": survey_page,
}


def main(folder="docs"):
    """Write all pages."""
    for name, page in PAGES.items():
        Path(folder, name).write_text(page(), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
