"""Where a file comes from, written beside it: for formats that have no place for it, or whose readers allow none."""

from kumuhgis.captions import provenance_text

SUFFIX = ".asal.txt"
"""Of the file beside; also in ``data/documents.toml``."""


def write_beside(assessment, path, lang="id"):
    """Write the provenance of a file beside it, ``name.asal.txt``: rule, options, date, versions, sha256 of the inputs.

    Parameters
    ----------
    assessment : Assessment
        The result.
    path : path
        The file.
    lang : {"id", "en"}
        Language.
    """
    path.with_suffix(SUFFIX).write_text(provenance_text(assessment, lang), "utf-8")
