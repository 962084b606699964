"""Styles, GeoPackage and project for QGIS and QField.

``symbols`` draws a class (colour, pattern, line) as QGIS writes it; ``columns`` says what a column is called;
``styles`` puts renderer, labels and names of a layer together; ``geopackage`` writes the layers with their styles and
metadata; ``project`` puts them into a ``.qgz``, with a sheet to print (``layout``).
"""
