"""Printed sheets and drawings (matplotlib): what a village looks like on paper."""

from kumuhgis.sheets.picture import picture
from kumuhgis.sheets.sheet import write_sheet
from kumuhgis.sheets.worksheet import write_worksheet

__all__ = ["picture", "write_sheet", "write_worksheet"]
