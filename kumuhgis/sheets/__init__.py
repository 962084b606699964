"""Printed sheets and drawings (matplotlib): what a village looks like on paper."""
