"""Reading a KoboToolbox export of 50,000 households against calamine and pandas reading its sheets, nothing more.

Ours: every answer as a key or number, RT, places, versions, duplicates, personal columns, repeats. The peer is
``pandas.read_excel(engine="calamine", sheet_name=None)``. Interleaved rounds, medians.
"""

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import xlsxwriter

import kumuhgis as kg
from kumuhgis.questions import CHOICES, NUMBERS, asked, choices
from kumuhgis.survey import judge, read_survey

HOUSEHOLDS, UNITS, ROUNDS, GOAL = 50_000, 1_000, 3, 2.0


def export(path, households=HOUSEHOLDS, units=UNITS, seed=7):
    """Write an export as KoboToolbox does: groups with "/", names as headings, numbers as numbers."""
    rng = np.random.default_rng(seed)
    frame = {"start": "2025-08-04T08:00:00.000+07:00", "end": "2025-08-04T08:12:00.000+07:00"}
    for question in asked(kg.load_rules(), "household"):
        name = f"{question.section}/{question.name}"
        if question.type in CHOICES:
            frame[name] = rng.choice(list(choices()[question.choices]), households)
        elif question.type in NUMBERS:
            low, high = question.min, min(question.max, question.min + 60)
            frame[name] = np.round(rng.uniform(low, high, households), question.type != "integer")
        elif question.type == "geopoint":
            lat, lon = -7.58 + rng.random(households) / 100, 110.9 + rng.random(households) / 100
            frame[name] = [f"{a:.7f} {b:.7f} 101.0 4.5" for a, b in zip(lat, lon, strict=True)]
            frame["household/_location_latitude"], frame["household/_location_longitude"] = lat, lon
    frame["visit/purpose"], frame["household/consent"] = "real", "yes"
    frame["visit/unit"] = [f"rt_{i % units:05d}" for i in range(households)]
    frame["household/household_no"] = np.arange(households) // units + 1
    frame["household/photo"] = [f"{i}.jpg" for i in range(households)]
    frame["visit/enumerator"] = [f"A{i % 40}" for i in range(households)]
    frame |= {"_id": np.arange(households), "_uuid": [f"{i:08d}-aaaa-4bbb-8ccc-{i:012d}" for i in range(households)]}
    frame |= {
        "_submission_time": "2025-08-04T05:12:00",
        "_validation_status": "",
        "_index": np.arange(1, households + 1),
    }
    cells = pd.DataFrame(frame)
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Pendataan swadaya")
        sheet.write_row(0, 0, cells.columns)
        for i, row in enumerate(cells.astype(object).itertuples(index=False), 1):
            sheet.write_row(i, 0, row)
    return cells.shape


def run():
    """Print medians and the ratio; an export that is read incompletely ends with an error."""
    times = {"calamine + pandas": [], "read_survey": [], "judge": []}
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "kobo.xlsx"
        rows, columns = export(path)
        for _ in range(ROUNDS):
            start = time.perf_counter()
            pd.read_excel(path, sheet_name=None, engine="calamine")
            middle = time.perf_counter()
            survey = read_survey(path)
            end = time.perf_counter()
            judged = judge(survey.households, kg.load_rules())
            times["calamine + pandas"].append(middle - start)
            times["read_survey"].append(end - middle)
            times["judge"].append(time.perf_counter() - end)
    if len(judged) != rows or len(survey.dropped):
        raise AssertionError(f"{len(judged)} of {rows} households were read")
    base = statistics.median(times["calamine + pandas"])
    print(f"\nsurvey: {rows:,} households, {columns} columns, medians of {ROUNDS}")
    for label, seconds in times.items():
        print(f"  {label:<18} {statistics.median(seconds):7.2f} s   {statistics.median(seconds) / base:5.2f}")
    print(f"  goal: reading at most {GOAL}")
