"""Ways to other programs: Google Earth, OpenSID, the KawanKu sheet, shapefiles to the schema of an office."""
