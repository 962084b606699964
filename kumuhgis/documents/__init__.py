"""Documents that an office can sign: complete, formatted, traceable, with nothing to retype.

``workbook`` puts the sheets of the Profil Kumuh together: ``front`` (cover, problems), ``data`` (what was counted),
``scoring`` (formulas from volume to priority), ``rollup`` (kawasan, desa, kecamatan), ``area`` (hectares) and
``rulebook`` (the rule, with the names that the formulas use). ``formulas`` writes the formulas, ``sheets`` what all
sheets share.

``decree`` writes the annex of a decree (``locations``, ``review``, ``rounding``: what it says; ``annex``: in words;
``annex_sheets``, ``picturing``: sheets and map), ``plan`` the tables of the plans (``plan_words``, ``plan_sheets``).
``word`` fills Word templates, ``wording`` writes figures, ``ruled`` tables on sheets.
"""
