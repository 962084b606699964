"""Errors and problems: what stops a run, and what only has to be said.

::

    KumuhgisError
    ├── RulesError      a rule file that cannot be used
    ├── ProjectError    a project folder or kumuhgis.toml that cannot be used
    ├── TableError      a baseline table that cannot be read
    ├── LayerError      a map layer that cannot be read
    ├── ScoringError    a computation that would be wrong (for example two rules compared)
    └── OutputError     a result that cannot be written

An error carries *all* its :class:`Problem` records, so everything that is wrong is said at once. A problem that
does not stop the run is a row of the ``problems`` table, which travels with the result.
"""

from collections import Counter
from dataclasses import dataclass, field

import pandas as pd

from kumuhgis.text import text

SEVERITIES = ("error", "warning", "info")

SEVERITY = {
    # rule files
    "rules_not_found": "error",
    "rules_not_toml": "error",
    "rules_unknown_key": "error",
    "rules_missing_key": "error",
    "rules_bad_value": "error",
    "rules_bands_do_not_rise": "error",
    "rules_levels_do_not_rise": "error",
    "rules_code_twice": "error",
    "rules_aspect_unknown": "error",
    "rules_measure_unknown": "error",
    "rules_parameter_unknown": "error",
    "rules_differ": "error",
    # project files
    "project_not_found": "error",
    "project_not_toml": "error",
    "project_unknown_key": "error",
    "project_missing_key": "error",
    "project_bad_value": "error",
    "project_path_missing": "error",
    "project_path_outside": "error",
    "project_exists": "error",
    "project_nothing_found": "error",
    # tables
    "table_not_found": "error",
    "table_unreadable": "error",
    "table_sheet_missing": "error",
    "table_empty": "error",
    "table_no_criteria": "error",
    "table_column_missing": "warning",
    "table_column_given_missing": "error",
    "table_column_twice": "error",
    "table_unit_column_assumed": "warning",
    "table_sum_row": "warning",
    "table_group_missing": "warning",
    "unit_missing": "error",
    "unit_duplicate": "error",
    "unit_row_repeated": "warning",
    "value_missing": "warning",
    "value_error_cell": "warning",
    "value_many_missing": "warning",
    "text_in_number": "error",
    "number_ambiguous": "warning",
    "shifted_columns": "error",
    "count_not_whole": "warning",
    "published_differs": "warning",
    "published_rounding": "info",
    "published_unreadable": "error",
    # scoring
    "volume_over_zero_total": "error",
    "total_negative": "error",
    "percent_over_100": "warning",
    "percent_negative": "warning",
    "criterion_unknown": "warning",
    # layers
    "layer_not_found": "error",
    "layer_unreadable": "error",
    "layer_name_missing": "error",
    "layer_column_missing": "error",
    "layer_no_crs": "error",
    "layer_empty": "warning",
    "layer_geometry_missing": "warning",
    "layer_geometry_repaired": "warning",
    "layer_geometry_wrong_type": "warning",
    "layer_word_unknown": "warning",
    "layer_number_unreadable": "warning",
    "layer_outside": "info",
    "layer_far_away": "error",
    "raster_unreadable": "error",
    "raster_negative": "warning",
    "raster_outside": "warning",
    "measure_not_run": "info",
    "measure_needs_option": "info",
    "measure_all_unknown": "info",
    # formats
    "file_empty": "error",
    "file_is_folder": "error",
    "file_cut": "error",
    "file_cut_lost": "error",
    "file_too_large": "error",
    "format_unknown": "error",
    "format_differs": "warning",
    "text_encoding_assumed": "info",
    "xml_mended": "warning",
    "archive_broken": "error",
    "archive_locked": "error",
    "archive_unsafe": "error",
    "archive_too_large": "error",
    "archive_no_layer": "error",
    "layer_several": "warning",
    "layer_no_geometry": "error",
    "layer_clipped": "info",
    "rings_closed": "warning",
    "features_unreadable": "warning",
    "attributes_unreadable": "warning",
    "read_one_by_one": "warning",
    "columns_too_many": "warning",
    "shapefile_no_shp": "error",
    "shapefile_no_dbf": "warning",
    "shapefile_no_shx": "warning",
    "shapefile_no_cpg": "info",
    "shapefile_names_cut": "info",
    "crs_text_unknown": "warning",
    "lat_lng_area": "warning",
    "lat_lng_points": "info",
    "kml_columns": "info",
    "dxf_layers": "warning",
    "table_no_place": "error",
    "places_read": "info",
    # coordinate systems
    "crs_unreadable": "error",
    "crs_unknown_one": "error",
    "crs_unknown_several": "error",
    "crs_unknown_none": "error",
    "crs_wrong_one": "error",
    "crs_wrong_several": "error",
    "crs_wrong_elsewhere": "error",
    "crs_wrong_none": "error",
    "crs_swapped": "error",
    "crs_latitude_unsigned": "error",
    "crs_mixed": "warning",
    "crs_strays": "warning",
    "crs_old_datum": "warning",
    "crs_deprecated": "info",
    "crs_no_code": "info",
    "crs_height": "info",
    # repaired geometry
    # topology of the units
    # keys and names
    "label_unread": "warning",
    "label_suffix": "warning",
    "label_several_rw": "warning",
    "label_zero": "warning",
    "label_date": "warning",
    "label_assumed": "warning",
    "label_several_rt": "info",
    "code_unread": "warning",
    "code_cut": "error",
    "code_mended": "info",
    "code_assumed": "warning",
    "code_agency": "warning",
    "key_by_code": "info",
    "key_by_label": "warning",
    "key_ask": "warning",
    "key_several": "error",
    "key_label_differs": "warning",
    "name_fuzzy": "warning",
    "name_ask": "warning",
    "name_tie": "warning",
    "name_taken": "warning",
    "name_unmatched": "warning",
    # values
    # joining, areas, legality
    "record_without_map": "error",
    "unit_without_record": "warning",
    "area_differs": "warning",
    "area_missing": "warning",
    "area_only_measured": "info",
    "sources_differ": "info",
    "authority_near_limit": "warning",
    "considerations_missing": "info",
    "consideration_value": "error",
    "consideration_unit_unknown": "error",
    "sign_typed_differs": "warning",
    "sk_inside_not_slum": "warning",
    "sk_outside_slum": "warning",
    # output
    "output_exists": "error",
    "output_format": "error",
    "output_not_writable": "error",
    "output_asset_missing": "error",
    "unit_not_found": "error",
}
"""Every problem code with its severity; messages are in ``data/text/*/problems.toml``."""

COLUMNS = ["layer", "feature", "column", "code", "severity", "message", "fix", "params"]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, assumed or repaired.

    Parameters
    ----------
    code : str
        A key of :data:`SEVERITY`.
    layer, feature, column : str
        Where: the file or layer, the unit or row, the column. Empty where it does not apply.
    params : dict
        Values for the placeholders of the message.

    Examples
    --------
    >>> Problem("value_missing", "baseline.csv", "RT 01", "kk").severity
    'warning'
    """

    code: str
    layer: str = ""
    feature: str = ""
    column: str = ""
    params: dict = field(default_factory=dict)

    def __post_init__(self):
        if self.code not in SEVERITY:
            raise KeyError(self.code)

    @property
    def severity(self):
        """Severity of the code: ``error``, ``warning`` or ``info``."""
        return SEVERITY[self.code]

    def message(self, lang="id"):
        """Say what is wrong, in one sentence."""
        return text(f"problems.{self.code}.message", lang, **self._values())

    def fix(self, lang="id"):
        """Say what to do about it."""
        return text(f"problems.{self.code}.fix", lang, **self._values())

    def _values(self):
        return {"layer": self.layer, "feature": self.feature, "column": self.column, **self.params}

    def line(self, lang="id"):
        """Write the problem as one line: where, what, what to do."""
        where = " · ".join(part for part in (self.layer, self.feature, self.column) if part)
        return f"{where}: {self.message(lang)} {self.fix(lang)}".removeprefix(": ")


def problems_frame(problems, lang="id"):
    """Write problems as a table, worst first, otherwise in the order found.

    Parameters
    ----------
    problems : iterable of Problem
        The problems.
    lang : {"id", "en"}
        Language of ``message`` and ``fix``.

    Returns
    -------
    pandas.DataFrame
        Columns ``layer, feature, column, code, severity, message, fix, params``.

    Examples
    --------
    >>> frame = problems_frame([Problem("value_missing", "baseline.csv", "RT 01", "kk")])
    >>> frame.loc[0, ["feature", "code", "severity"]].tolist()
    ['RT 01', 'value_missing', 'warning']
    """
    rows = [
        (p.layer, p.feature, p.column, p.code, p.severity, p.message(lang), p.fix(lang), p.params)
        for p in sorted(problems, key=lambda p: SEVERITIES.index(p.severity))
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def some(names, most=5):
    """Name some of many: the first few and how many there are.

    Parameters
    ----------
    names : sequence
        What to name.
    most : int
        How many are named.

    Returns
    -------
    str
        For example ``"01, 02, 03, 04, 05 … (35)"``.

    Examples
    --------
    >>> some(["01", "02", "03"], most=2), some(["01"])
    ('01, 02 … (3)', '01')
    """
    names = [str(name) for name in names]
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} … ({len(names)})"


def count_severities(problems):
    """Count problems by severity.

    Parameters
    ----------
    problems : iterable of Problem or pandas.DataFrame
        The problems.

    Returns
    -------
    dict
        Severity to number, all three severities present.

    Examples
    --------
    >>> count_severities([Problem("value_missing")])
    {'error': 0, 'warning': 1, 'info': 0}
    """
    found = problems["severity"] if isinstance(problems, pd.DataFrame) else (p.severity for p in problems)
    counts = Counter(found)
    return {severity: counts[severity] for severity in SEVERITIES}


_EXPECTED = {
    "int": "whole",
    "float": "number",
    "bool": "yes_no",
    "string": "text",
    "tuple": "list",
    "list": "list",
    "dict": "table",
    "model": "table",
    "date": "date",
    "literal": "choice",
}


def validation_problems(room, layer, found, data):
    """Turn what a schema check found into problems in our own words.

    Parameters
    ----------
    room : {"rules", "project"}
        Prefix of the problem codes.
    layer : str
        Name of the file.
    found : list of dict
        ``pydantic.ValidationError.errors()``.
    data : dict
        What was checked, to name a list item by its code or key.

    Returns
    -------
    list of Problem
        One per mistake: the item in ``feature``, the key in ``column``.
    """
    problems = []
    for error in found:
        where, key = _locate(error["loc"], data)
        kind = error["type"]
        if kind == "extra_forbidden":
            problems.append(Problem(f"{room}_unknown_key", layer, where, key))
        elif kind == "missing":
            problems.append(Problem(f"{room}_missing_key", layer, where, key))
        else:
            params = {"value": repr(error.get("input"))[:80], "expected": _expected(kind, error)}
            problems.append(Problem(f"{room}_bad_value", layer, where, key, params))
    return problems


def _locate(loc, data):
    names = []
    for part in loc[:-1]:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            data = None
        if isinstance(part, int) and isinstance(data, dict):
            part = data.get("code") or data.get("key") or data.get("number") or part + 1
        names.append(str(part))
    return ".".join(names), str(loc[-1])


def _expected(kind, error):
    context = error.get("ctx", {})
    if "expected" in context:
        return str(context["expected"])
    if "pattern" in context:
        return str(context["pattern"])
    for start, name in _EXPECTED.items():
        if kind.startswith(start) and not kind.endswith(("short", "long")):
            return text(f"expected.{name}")
    return error["msg"]


class KumuhgisError(Exception):
    """What kumuhgis raises when it cannot go on; it carries every problem found.

    Parameters
    ----------
    problems : iterable of Problem
        What is wrong, everything at once.
    lang : {"id", "en"}
        Language of the text.
    """

    def __init__(self, problems, lang="id"):
        self.problems = list(problems)
        super().__init__("\n".join(p.line(lang) for p in self.problems))


class RulesError(KumuhgisError):
    """A rule file cannot be used."""


class ProjectError(KumuhgisError):
    """A project folder or its kumuhgis.toml cannot be used."""


class TableError(KumuhgisError):
    """A baseline table cannot be read."""


class LayerError(KumuhgisError):
    """A map layer cannot be read."""


class ScoringError(KumuhgisError):
    """A computation was asked for that would give a wrong number."""


class OutputError(KumuhgisError):
    """A result cannot be written."""
