"""An invented village with everything that a map reads, and names that try to break it."""

import math
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString, Point, Polygon, box

from kumuhgis.errors import Problem
from kumuhgis.hectares import slum_area
from kumuhgis.rules import load_rules
from kumuhgis.scores import score

CRS = "EPSG:32749"
EAST, NORTH = 488_950, 9_162_760  # Desa Jaten; everything below is invented
HOSTILE = (
    "<script>window.ran=1</script>",
    "<img src=x onerror='window.ran=2'>",
    "</script><script>window.ran=3</script>",
    "{{ 7*7 }}{% for %}",
    "`${window.ran=4}` \"quotes\" 'and' &amp; \u2028\u2029",
)


def corner(column, row):
    """A corner of the jittered grid that the invented RT share."""
    shift = 22 * math.sin(column * 2.1 + row * 1.3), 18 * math.cos(column * 1.7 - row * 2.4)
    return EAST + 170 * column + shift[0], NORTH + 140 * row + shift[1]


def invented_units():
    """Twelve RT of about two hectares; the first five carry hostile names."""
    rows = []
    for n in range(12):
        c, r = n % 4, n // 4
        ring = [corner(c, r), corner(c + 1, r), corner(c + 1, r + 1), corner(c, r + 1)]
        rows.append({
            "unit": f"331311200300{n + 1:02d}", "rt_rw": f"RT {n % 4 + 1:02d}/RW {n // 4 + 1:02d}",
            "desa": "Jaten", "kecamatan": "Jaten", "kawasan": "Bulu", "verified_ha": 2.0 + n / 10,
            "sk_ha": 1.9, "population": 130 + 9 * n, "households": 38 + n, "buildings": 31 + n,
            "pemilik": "Bu Sri", "geometry": Polygon(ring),
        })  # fmt: skip
    units = gpd.GeoDataFrame(rows, crs=CRS).set_index("unit")
    units["area_ha"] = units.area / 1e4
    return units


def invented_measures(rules, units):
    """Volumes that give every level: the shares rise from the first RT to the last; the last two have gaps."""
    index = pd.MultiIndex.from_product([units.index, rules.codes], names=["unit", "criterion"])
    total = {"unit": 40, "ha": 2.0, "m": 300.0, "KK": 45}
    rows = []
    for n in range(len(units)):
        for k, criterion in enumerate(rules.criteria):
            share = min(1.0, max(0.0, n / 9 + 0.25 * math.sin(5 * k + n)))
            whole = total[criterion.unit]
            volume = round(share * whole, 4 if criterion.unit == "ha" else 0)
            gap = n >= 10 and k % 3 == 0
            rows.append((np.nan if gap else volume, whole, "" if gap else "table"))
    frame = pd.DataFrame(rows, index, columns=["affected", "total", "source"])
    frame["table_affected"], frame["table_total"] = frame["affected"], frame["total"]
    road = frame.index.get_level_values("criterion") == "2a"
    frame["geometry_affected"] = (frame["affected"] * 1.1).where(road)
    frame["geometry_total"] = (frame["total"] * 1.05).where(road)
    return frame


def invented_layers(units):
    """Layers with attributes, gaps, needed lines, and columns that must stay out of the page."""
    x0, y0, x1, y1 = units.total_bounds
    streets = [LineString([corner(c, 0), corner(c, 1), corner(c, 2), corner(c, 3)]) for c in range(5)]
    streets += [LineString([corner(c, r) for c in range(5)]) for r in range(4)]
    roads = gpd.GeoDataFrame(
        {
            "name": [f"Jalan {n}" for n in range(9)],
            "condition": ["baik", "sedang", "rusak ringan", "rusak berat", None, "baik", "rusak", "sedang", "baik"],
            "status": [None, "ada", None, None, None, "dibutuhkan", None, None, None],
            "width_m": [3.5, 2.0, 1.5, 1.2, np.nan, 2.5, 1.8, 4.0, 3.0],
            "pemilik": "Pak Joyo",
        },
        geometry=streets, crs=CRS,
    )  # fmt: skip
    drains = roads.drop(columns=["width_m"]).set_geometry(roads.translate(4, 4))
    houses, points = [], []
    for n in range(160):
        x, y = x0 + 25 + (n % 16) * 42, y0 + 25 + (n // 16) * 42
        houses.append(box(x, y, x + 11, y + 9))
        points.append(Point(x, y))
    buildings = gpd.GeoDataFrame(
        {
            "irregular": pd.array([[True, False, None][n % 3] for n in range(160)], "boolean"),
            "substandard": pd.array([[False, None, True, False][n % 4] for n in range(160)], "boolean"),
            "kepala_keluarga": "Mbah Karto",
        },
        geometry=houses, crs=CRS,
    )  # fmt: skip
    statuses = ["Hak Milik", "hak milik", "Tanah Negara", None]
    parcels = gpd.GeoDataFrame(
        {
            "land_status": [statuses[n % 4] for n in range(12)],
            "evidence": "sertifikat 1234",
            "conflict": pd.array([n == 5 for n in range(12)], "boolean"),
        },
        geometry=units.buffer(-6).to_numpy(), crs=CRS,
    )  # fmt: skip
    zoning = gpd.GeoDataFrame(
        {"zone": ["Permukiman", "Sempadan Sungai"]},
        geometry=[box(x0 + 120, y0, x1, y1), box(x0, y0, x0 + 120, y1)], crs=CRS,
    )  # fmt: skip
    inundation = gpd.GeoDataFrame(
        {"depth_cm": [40.0, np.nan], "duration_h": [3.0, np.nan], "times_per_year": [4.0, 1.0]},
        geometry=[Point(x0 + 200, y0 + 180).buffer(60), Point(x1 - 120, y1 - 90).buffer(45)], crs=CRS,
    )  # fmt: skip
    sk = gpd.GeoDataFrame(
        {"name": ["Kawasan Bulu"], "sk_number": ["653/1234/2020"], "sk_date": [pd.Timestamp("2020-12-01")]},
        geometry=[units.geometry.iloc[5:].union_all().buffer(-15)], crs=CRS,
    )  # fmt: skip
    water = gpd.GeoDataFrame(
        {"name": ["Kali Pelang"]}, geometry=[LineString([(x0 - 40, y0 - 30), (x0 - 25, y1 + 40)])], crs=CRS
    )
    hydrants = gpd.GeoDataFrame(
        {"working": pd.array([True, False], "boolean")},
        geometry=[Point(corner(1, 1)), Point(corner(3, 2))], crs=CRS,
    )  # fmt: skip
    return {
        "roads": roads, "drains": drains, "buildings": buildings, "parcels": parcels, "zoning": zoning,
        "inundation": inundation, "sk": sk, "water": water, "hydrants": hydrants,
    }  # fmt: skip


def invented(*, hostile=False, layers=True):
    """A record with everything that the map reads."""
    rules = load_rules()
    units = invented_units()
    if hostile:
        units["rt_rw"] = [*HOSTILE, *units["rt_rw"][len(HOSTILE) :]]
    measures = invented_measures(rules, units)
    scores, summary = score(measures, rules)
    summary = summary.assign(
        area_ha=units["area_ha"], area_used_ha=units["verified_ha"],
        **slum_area(units["verified_ha"], summary["total_low"], summary["total_high"], rules),
        consideration_score=7, consideration="sedang",
        tenure_sign=["+", "-", None] * 4, plan_sign="+", tenure_clear_share=[1.0, 0.42, np.nan] * 4,
        plan_conforming_share=0.98, setback_ha=[0.0, 0.31, 0.0] * 4,
        legal=pd.array([True, False, None] * 4, "boolean"), priority=pd.array([6, 5, None] * 4, "Int64"),
        rank=pd.array([*range(1, 12), None], "Int64"), handling=["pemugaran", "permukiman kembali", None] * 4,
        authority="kabupaten/kota", authority_near_limit=False, typology="dataran rendah",
        sk_share=[0.0] * 5 + [0.9] * 7, sk_status=["outside"] * 5 + ["partial"] * 7,
        sk_finding=["inside_not_slum", "", "", "", "outside_slum", *[""] * 7],
    )  # fmt: skip
    summary["class"] = ["C3", "B4", None] * 4
    drawn = invented_layers(units) if layers else {}
    if hostile and layers:
        drawn["roads"]["name"] = [*HOSTILE, *HOSTILE][:9]
        drawn["parcels"].loc[[0, 1, 2], "land_status"] = HOSTILE[:3]
    place = HOSTILE[2] if hostile else "Jaten"
    found = [Problem("value_many_missing", "baseline.csv", "RT", "1a", {"n": 5, "columns": "1a"})]
    return SimpleNamespace(
        rules=rules, units=units, measures=measures, scores=scores, summary=summary, layers=drawn,
        problems=pd.DataFrame({"severity": [p.severity for p in found]}), lang="id",
        provenance={
            "sample": True, "dates": {"survey": "2026-03-15"}, "date": "2026-11-21", "desa": place,
            "kecamatan": "Jaten", "kabupaten": "Karanganyar", "rule": rules.key, "name": "Kawasan Bulu",
            "options": {"means": "plain"},
        },
    )  # fmt: skip
