"""Tables for notebooks: whole texts, every one of them escaped."""

from html import escape

import pandas as pd


def html_table(rows, columns=None):
    """Write rows as an HTML table without cutting a text short.

    Parameters
    ----------
    rows : list of sequence
        Cells; their texts are data and never HTML.
    columns : list of str, optional
        Headings.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> "<b>" in html_table([("<b>RT 01</b>", 3)], ["RT", "ha"])
    False
    """
    with pd.option_context("display.max_colwidth", None):
        frame = pd.DataFrame(list(rows), columns=columns)
        return frame.to_html(index=False, header=columns is not None, escape=True, border=0, justify="left", na_rep="–")


def folded(title, inside):
    """Fold HTML away under a title that opens it.

    Parameters
    ----------
    title : str
        The title; it is escaped.
    inside : str
        HTML.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> folded("a < b", "<p>c</p>")
    '<details><summary>a &lt; b</summary><p>c</p></details>'
    """
    return f"<details><summary>{escape(title)}</summary>{inside}</details>"
