"""Documents that an office can sign: complete, formatted, traceable, with nothing to retype.

``workbook`` puts the sheets of the Profil Kumuh together: ``front`` (cover, problems), ``data`` (what was counted),
``scoring`` (formulas from volume to priority), ``rollup`` (kawasan, desa, kecamatan), ``area`` (hectares) and
``rulebook`` (the rule, with the names that the formulas use). ``formulas`` writes the formulas, ``sheets`` what all
sheets share.
"""
