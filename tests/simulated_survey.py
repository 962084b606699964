"""A simulated survey, as servers export it: invented households whose truth is known, and the mess of field work.

The layouts follow what KoboToolbox (formpack, reporting/export.py: groups with "/", ``_index``, ``_parent_index``,
``_submission__uuid``, 0/1 columns) and ODK Central (lib/data/briefcase.js: groups with "-", ``KEY``, ``PARENT_KEY``,
four columns a place, media in the zip) write. The truth is drawn first and the answers are made to fit it, so it owes
nothing to the code under test.
"""

import csv
import io
import zipfile

import numpy as np
import pandas as pd
import xlsxwriter

from kumuhgis.questions import choices, questions
from kumuhgis.survey import unit_choices

MANY = ("land_evidence", "waste_facilities", "fire_water")
GROUPS = {name: question.section for name, question in questions().items()}
NOTES = ["_validation_status", "_notes", "_status", "_submitted_by", "__version__", "_tags"]


def population(units, rng, per_unit=12):
    """Draw households: their truth by criterion, answers that fit it, and a point inside their RT."""
    rows, truth = [], []
    for unit, shape in zip(units.index, units.to_crs(4326).geometry, strict=True):
        point = shape.representative_point()
        for number in range(1, per_unit + 1):
            affected = {
                code: bool(rng.random() < 0.35) for code in ("1a", "1c", "3a", "3b", "5a", "5b", "6a", "6b", "7b")
            }
            if affected["5a"] and rng.random() < 0.2:
                affected["5b"] = True
                toilet = "none"
            else:
                toilet = str(rng.choice(["own", "shared", "public"]))
            answers = answers_of(affected, toilet, rng)
            rows.append({"unit": unit, "household_no": number, "lat": point.y, "lon": point.x, **answers})
            truth.append(affected)
    index = [f"{i:08d}-aaaa-4bbb-8ccc-{i:012d}" for i in range(len(rows))]
    return pd.DataFrame(rows, index=index), pd.DataFrame(truth, index=index)


def answers_of(affected, toilet, rng):
    """Make answers that say the truth, each in one of the ways in which it can be true."""

    def pick(*values):
        return str(rng.choice(values))

    order = dict(road_access="yes", faces_road="yes", over_water="no", in_setback="no", near_hazard="no")
    if affected["1a"]:
        name = pick(*order)
        order[name] = "no" if order[name] == "yes" else "yes"
    people = int(rng.integers(1, 8))
    house = dict(
        floor_area_m2=round(7.2 * people + float(rng.uniform(0.5, 40)), 1), roof="good", wall="good", floor="cement"
    )
    if affected["1c"]:
        way = pick("area", "roof", "wall", "floor")
        change = dict(area=("floor_area_m2", round(7.2 * people - 0.3, 1)), roof=("roof", "leaks"))
        change |= dict(wall=("wall", "damaged"), floor=("floor", "earth"))
        house[change[way][0]] = change[way][1]
    way = pick("source", "distance", "quality") if affected["3a"] else "none"
    source = pick("open_well", "open_spring", "surface") if way == "source" else pick("piped", "borehole", "bottled")
    source = "borehole" if way == "distance" else source
    distance = 4.5 if way == "distance" else 12.0
    water = dict(water_source=source, water_quality="poor" if way == "quality" else "good")
    if source in ("borehole", "protected_well", "open_well"):
        water["septic_distance_m"] = distance
    drain = {}
    if toilet != "none":
        drain["toilet_drain"] = pick("pit", "water") if affected["5a"] else pick("septic", "communal", "sewer")
        drain["closet"] = pick("slab", "pit") if affected["5b"] else "goose_neck"
    disposal = pick("burned", "dumped") if affected["6b"] and rng.random() < 0.5 else "collected"
    waste = dict(waste_bin="none" if affected["6a"] else pick("own", "shared"), waste_disposal=disposal)
    if disposal == "collected":
        waste["waste_collections"] = 1 if affected["6b"] else 3
    return {
        **order, **house, **water, **drain, **waste, "occupants": people, "building_households": 1, "toilet": toilet,
        "water_sufficient": pick("seasonal", "never") if affected["3b"] else "always", "low_income": pick("yes", "no"),
        "extinguisher": "none" if affected["7b"] else pick("own", "shared"), "land_status": pick("own", "state"),
        "land_evidence": pick("shm", "deed tax", "none"),
    }  # fmt: skip


def rt_answers(units, rng):
    """Make the RT part: numbers, and roads, drains and inundated places with their true sums."""
    rows, inner, truth = [], {"roads": [], "drains": [], "floods": []}, {}
    for i, unit in enumerate(units.index):
        key = f"rt{i:06d}-aaaa-4bbb-8ccc-{i:012d}"
        roads = [(float(rng.integers(20, 200)), str(rng.choice(["good", "light", "heavy"]))) for _ in range(i % 4)]
        drains = [(float(rng.integers(20, 150)), str(rng.choice(["good", "heavy"]))) for _ in range(i % 3)]
        floods = [(40.0, 3.0, 4.0, 0.25), (20.0, 3.0, 4.0, 0.5)][: i % 3]
        new_road, new_drain, buildings = float(10 * i), float(5 * i), 60 + i
        rows.append({
            "key": key, "unit": unit, "rt_population": 200 + i, "rt_households": 55, "rt_buildings": buildings,
            "roads_any": "yes" if roads else "no", "drains_any": "yes" if drains else "no", "road_new_m": new_road,
            "floods_any": "yes" if floods else "no", "drain_new_m": new_drain, "fire_road": "yes",
            "waste_facilities": "cart tps", "fire_water": "none", "buildings_without_fire_access": i,
        })  # fmt: skip
        inner["roads"] += [
            {"key": key, "road_length_m": n, "road_surface": "paving", "road_condition": c} for n, c in roads
        ]
        inner["drains"] += [{"key": key, "drain_length_m": n, "drain_condition": c} for n, c in drains]
        names = ("flood_depth_cm", "flood_hours", "flood_times", "flood_ha")
        inner["floods"] += [{"key": key, **dict(zip(names, f, strict=True))} for f in floods]
        truth[unit, "2a"] = new_road, new_road + sum(n for n, _ in roads)
        truth[unit, "2b"] = sum(n for n, c in roads if c != "good"), new_road + sum(n for n, _ in roads)
        truth[unit, "4a"] = sum(f[3] for f in floods if f[0] > 30), np.nan
        truth[unit, "4b"] = new_drain, new_drain + sum(n for n, _ in drains)
        truth[unit, "4c"] = sum(n for n, c in drains if c != "good"), new_drain + sum(n for n, _ in drains)
        truth[unit, "7a"] = float(i), float(buildings)
    return pd.DataFrame(rows), {n: pd.DataFrame(r) for n, r in inner.items()}, truth


def entries_of(people, rt, units):
    """Make one table of entries of both parts, as a phone fills it in."""
    names = unit_choices(units)
    houses = people.assign(part="household", consent="yes", key=people.index)
    both = pd.concat([houses, rt.assign(part="rt")], ignore_index=True)
    both["rw"] = both["unit"].map(names["rw"])
    both["unit"] = both["unit"].map(names["name"])
    start = pd.Timestamp("2025-08-04T08:00:00+07:00") + pd.to_timedelta(np.arange(len(both)) * 17, unit="min")
    both["start"] = [t.isoformat() for t in start]
    both["end"] = [(t + pd.Timedelta(minutes=11)).isoformat() for t in start]
    both["enumerator"] = [f"A{i % 4 + 1}" for i in range(len(both))]
    both["purpose"] = "real"
    both["photo"] = [f"{key}.jpg" if isinstance(key, str) and key[0].isdigit() else None for key in both["key"]]
    return both


# ---------------------------------------------------------------- as servers write it


def shown(name, value, how):
    """Write an answer as its name, or as its label in a language."""
    if how == "names" or name not in questions() or not questions()[name].choices or pd.isna(value):
        return value
    listed = choices()[questions()[name].choices]
    return " ".join(label(listed[key], how) for key in str(value).split())


def label(item, how):
    return item.label if how == "id" else item.label_en


def heading(name, how, separator="/"):
    if name not in questions():
        return name
    said = name if how == "names" else label(questions()[name], how)
    return f"{GROUPS[name]}{separator}{said}"


def kobo_frames(entries, inner, how="names"):
    """Give the sheets of a KoboToolbox export: the entries, and one sheet for each part that repeats."""
    main, number = {"start": entries["start"], "end": entries["end"]}, range(1, len(entries) + 1)
    for name, question in questions().items():
        if question.type == "geopoint" and "lat" in entries:
            stem = name if how == "names" else label(question, how)
            group = f"{GROUPS[name]}/"
            there = entries["lat"].notna()
            written = entries["lat"].map("{:.7f}".format) + " " + entries["lon"].map("{:.7f}".format) + " 101.0 4.5"
            main[f"{group}{stem}"] = written.where(there, None)
            main[f"{group}_{stem}_latitude"], main[f"{group}_{stem}_longitude"] = entries["lat"], entries["lon"]
            main[f"{group}_{stem}_altitude"], main[f"{group}_{stem}_precision"] = 101.0, 4.5
        elif name in entries and not question.repeat:
            main[heading(name, how)] = entries[name].map(lambda v, n=name: shown(n, v, how))
            if name in MANY:
                for key, choice in choices()[question.choices].items():
                    chosen = entries[name].map(lambda v, k=key: "" if pd.isna(v) else int(k in v.split()))
                    main[f"{heading(name, how)}/{key if how == 'names' else label(choice, how)}"] = chosen
    for name in [c for c in entries if c.startswith(("x_", "Nama", "NIK", "meta/"))]:
        main[name] = entries[name]
    main |= {"_id": number, "_uuid": entries.get("uuid", entries["key"]), "_submission_time": entries["end"]}
    main |= {name: entries.get(name, "") for name in NOTES} | {"_index": number}
    sheets = {"Pendataan swadaya": pd.DataFrame(main)}
    place = {key: i for i, key in zip(number, entries["key"], strict=True)}
    for name, rows in inner.items():
        if not len(rows):
            continue
        columns = {
            heading(c, how).replace("/", f"/{name}/", 1): rows[c].map(lambda v, n=c: shown(n, v, how))
            for c in rows
            if c != "key"
        }
        columns |= {"_index": range(1, len(rows) + 1), "_parent_table_name": "Pendataan swadaya"}
        columns |= {"_parent_index": rows["key"].map(place), "_submission__uuid": rows["key"]}
        sheets[name] = pd.DataFrame(columns)
    return sheets


def write_kobo(path, sheets):
    """Write the sheets as Kobo does: numbers as numbers, all else as text."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        for name, frame in sheets.items():
            sheet = book.add_worksheet(name[:31])
            for j, column in enumerate(frame):
                sheet.write_string(0, j, column)
                for i, value in enumerate(frame[column], 1):
                    if isinstance(value, str) and value:
                        sheet.write_string(i, j, value)
                    elif not isinstance(value, str) and not pd.isna(value):
                        sheet.write_number(i, j, value)
    return path


def write_central(path, entries, inner, photos=()):
    """Write the zip of ODK Central: one CSV for the entries, one for each part that repeats, and the media."""
    main = {"SubmissionDate": entries["end"], "start": entries["start"], "end": entries["end"]}
    for name, question in questions().items():
        if question.type == "geopoint":
            for part, values in (
                ("Latitude", entries["lat"]),
                ("Longitude", entries["lon"]),
                ("Altitude", 101),
                ("Accuracy", 4.5),
            ):
                main[f"{GROUPS[name]}-{name}-{part}"] = values
        elif name in entries and not question.repeat:
            main[f"{GROUPS[name]}-{name}"] = entries[name]
    main |= {"meta-instanceID": "uuid:" + entries.get("uuid", entries["key"]), "KEY": "uuid:" + entries["key"]}
    main |= {"SubmitterID": 5, "SubmitterName": entries.get("SubmitterName", "Tim A"), "AttachmentsPresent": 0}
    main |= {
        "AttachmentsExpected": 0,
        "Status": entries.get("Status", ""),
        "ReviewState": entries.get("ReviewState", ""),
    }
    main |= {"DeviceID": "collect:xyz", "Edits": entries.get("Edits", 0), "FormVersion": "1"}
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("swadaya.csv", as_csv(pd.DataFrame(main)))
        for name, rows in inner.items():
            parent = "uuid:" + rows["key"] if len(rows) else pd.Series(dtype=object)
            table = rows.drop(columns="key", errors="ignore").assign(PARENT_KEY=parent)
            table["KEY"] = [f"{p}/{name}[{i}]" for i, p in enumerate(parent, 1)]
            packed.writestr(f"swadaya-{name}.csv", as_csv(table))
        for photo in photos:
            packed.writestr(f"media/{photo}", b"jpg")
    return path


def as_csv(frame):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(frame.columns)
    writer.writerows(frame.astype(object).where(frame.notna(), "").to_numpy().tolist())
    return out.getvalue()
