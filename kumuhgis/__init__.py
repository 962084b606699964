"""kumuhgis: where slum is, how bad, how many hectares, whose land, and what comes first.

Names are loaded when they are first used, so that ``import kumuhgis`` and the command line answer at once.

Examples
--------
>>> import kumuhgis as kg
>>> kg.load_rules().max_total
80
"""

from importlib import import_module

__version__ = "0.1.0"

_ROOMS = {
    "sample": ["load_sample", "sample_folder", "SAMPLES"],
    "starter": ["init", "look"],
    "project": ["load_project"],
    "assessment": ["assess", "headline", "Assessment"],
    "groups": ["summarise_groups"],
    "disputes": ["dispute_ranges"],
    "rules": ["load_rules", "list_rules", "compare_rules", "criteria_table"],
    "baseline": ["read_baseline"],
    "volumes": ["to_measures", "option_variants"],
    "layers": ["read_layer"],
    "kernel": ["percents"],
    "scores": ["score", "roll_up", "combine"],
    "trace": ["explain", "sensitivity", "fragile_sentence"],
    "scoring": ["score_baseline"],
    "hectares": ["slum_hectares", "reconcile", "against_sk"],
    "priority": ["rank", "why", "why_above", "classify"],
    "survey": ["read_survey", "judge", "rt_volumes"],
    "fieldwork": ["coverage", "enumerators", "daily", "check_fieldwork"],
    "progress": ["field_progress", "write_progress"],
    "publishing": ["publish"],
    "forms": ["write_form", "write_paper_form", "write_entry_workbook"],
    "participate": ["read_contributions", "contradictions"],
    "monitor": ["compare", "summarise_changes"],
    "scenarios": ["handle", "after_works"],
    "estimates": ["estimate", "slovin", "sample_size", "allocate"],
    "samples": ["tabulate"],
    "confidence": ["certainty", "certainty_sentence", "slum_hectares_range"],
    "resampling": ["joint_certainty"],
    "rolling": ["group_certainty"],
    "further": ["households_needed"],
    "stability": ["rank_stability"],
    "maps": ["village_map", "compare_map", "embed"],
    "export": ["write"],
    "schemas": ["write_schema", "read_schema"],
    "errors": ["KumuhgisError", "Problem", "problems_frame"],
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names}
__all__ = list(_HOME)


def __getattr__(name):
    if name in _HOME:
        return getattr(import_module(f"kumuhgis.{_HOME[name]}"), name)
    if name.startswith("__"):
        raise AttributeError(f"module 'kumuhgis' has no attribute {name!r}")
    from kumuhgis.text import nearest, text

    hint = nearest(name, __all__)
    said = text("cli.meant", word=f"kg.{hint}") if hint else ""
    raise AttributeError(f"{text('hints.no_name', name=name)} {said}".strip())


def __dir__():
    return [*__all__, "__version__"]
