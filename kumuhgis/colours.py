"""The colours of the levels, the same on every map, page and sheet: a reader learns them once."""

LEVEL_COLOURS = ("#dcebe4", "#f0bd42", "#dd7526", "#7d1527")
"""From not slum to heavy slum: each darker than the one before, told apart without red and green, and in grey."""
LEVEL_PATTERNS = ("", "dots", "slanted", "crossed")
"""The same for black and white: each denser than the one before."""
UNDETERMINED_COLOUR = "#b9b6af"
_DARK = 140


def level_colours(rules):
    """Give every level of a rule its colour; a rule with more or fewer levels spreads over the same row.

    Parameters
    ----------
    rules : Rules
        The rule.

    Returns
    -------
    dict of str to str
        Key of the level to ``#rrggbb``, from best to worst.

    Examples
    --------
    >>> from kumuhgis.rules import load_rules
    >>> level_colours(load_rules())["kumuh berat"]
    '#7d1527'
    """
    step = (len(LEVEL_COLOURS) - 1) / (len(rules.levels) - 1)
    return {level.key: LEVEL_COLOURS[round(n * step)] for n, level in enumerate(rules.levels)}


def ink_on(colour):
    """Give the colour of letters that are read well on a colour.

    Parameters
    ----------
    colour : str
        ``#rrggbb``.

    Returns
    -------
    str
        Nearly black, or white.

    Examples
    --------
    >>> ink_on("#f6cf5b"), ink_on("#8f1d2c")
    ('#1c1710', '#ffffff')
    """
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#1c1710" if 0.299 * red + 0.587 * green + 0.114 * blue > _DARK else "#ffffff"
