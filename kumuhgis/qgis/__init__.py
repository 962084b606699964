"""Styles, GeoPackage and project for QGIS and QField."""
