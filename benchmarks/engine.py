"""The engine alone, with everything that the rule asks of the map: read, measure, and nothing else.

What `kumuhgis.assess` does besides (checking and repairing every feature, table and map side by side, topology, places,
scores, decisions) is left out; what it measures is all there: the criteria, tenure with each hectare once, zones with
the strip along the water, reach of roads and hydrants, typology. One core, the same readers, the same measures.
"""

import geopandas as gpd
import pandas as pd

from benchmarks.world import COLUMNS

#: What the columns of the buildings say is the opposite: TERATUR, LAYAK.
OPPOSITE = ("irregular", "substandard")
#: Of `kumuhgis.toml` of W(n).
CITY_CLASS, SETBACK_M = "sedang", 10


def read(folder):
    """Read every layer of W(n) as the engine reads it: in columns, with the attributes that the measures use."""
    from kumuhgis.attributes import convert
    from kumuhgis.catalog import layer_kinds
    from kumuhgis.columnar import read_columns
    from kumuhgis.opening import Job

    found = {}
    for name, columns in COLUMNS.items():
        path = next(p for p in folder.glob(f"{name}.*") if p.suffix in (".gpkg", ".fgb"))
        job = Job(path, None, None, None, name)
        frame, kinds = read_columns(job, columns=list(columns.values())), layer_kinds()[name]["columns"]
        words = {
            ours: convert(frame[theirs], kinds[ours], ours in OPPOSITE, {}, name, [])
            for ours, theirs in columns.items()
        }
        found[name] = gpd.GeoDataFrame(words, geometry=frame.geometry)
    found["rt"] = found["rt"].set_index("unit")
    return found


def rules(folder):
    """Read and measure: what is affected and the total of each criterion, hectares of land, typology."""
    from pathlib import Path

    from kumuhgis.layers import geodesic_hectares
    from kumuhgis.measures import compute, land, setting
    from kumuhgis.memory import remembering
    from kumuhgis.opening import undisturbed
    from kumuhgis.rules import load_rules

    rules = load_rules()
    with remembering(), undisturbed():
        layers = read(Path(folder))
        units = layers.pop("rt")
        units["area_ha"] = geodesic_hectares(units)
        table, _ = compute(rules, units, layers, {"city_class": CITY_CLASS, "limit_per_ha": None} | limits(rules))
        legal = rules.legality
        tenure = land.tenure(units, layers["parcels"], clear=list(legal.tenure_clear))
        how = {"conforming": list(legal.plan_conforming), "setback_m": SETBACK_M}
        zones = land.zones(units, layers["zoning"], layers["water"], **how)
        near = {"near_water_m": rules.typology.near_water_m, "max_slope_percent": rules.typology.max_slope_percent}
        kinds = setting.typology(units, layers["water"], layers["buildings"], **near)
    wide = table[["affected", "total"]].unstack("criterion")
    wide.columns = [f"{code}:{what}" for what, code in wide.columns]
    buildings = wide["1a:total"].rename("buildings")
    return pd.concat([buildings, wide, tenure, zones, kinds], axis=1)


def limits(rules):
    """Give the limit of density for the class of city, as `assess` chooses it."""
    given = [c.parameters["limit_per_ha"] for c in rules.criteria if "limit_per_ha" in c.parameters]
    return {"limit_per_ha": given[0][CITY_CLASS] if given and isinstance(given[0], dict) else None}
