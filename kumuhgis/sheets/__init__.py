"""Printed sheets and drawings (matplotlib): what a village looks like on paper."""

from kumuhgis.sheets.picture import picture

__all__ = ["picture"]
