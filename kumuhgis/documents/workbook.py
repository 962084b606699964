"""The Profil Kumuh workbook: an auditor clicks a cell and sees why, an office changes a volume and sees what.

Every figure from percent to priority is a live formula on the sheet "Data", written together with its value, so that it
also reads right without recalculation. Opened by ``kumuhgis score`` the workbook gives the result it was made of.
"""

from datetime import datetime

from kumuhgis.documents.area import write_area
from kumuhgis.documents.certainty_sheet import write_certainty
from kumuhgis.documents.data import lay_out, write_data
from kumuhgis.documents.front import write_cover, write_problems
from kumuhgis.documents.rollup import rolled_up, write_roll_up
from kumuhgis.documents.rulebook import write_rule
from kumuhgis.documents.scoring import groups_of, lay_out_scores, write_scores
from kumuhgis.documents.sheets import Book

_AS_WRITTEN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_workbook(assessment, path, lang="id"):
    """Write the workbook of an assessment.

    Parameters
    ----------
    assessment : Assessment
        The result.
    path : path
        The file; what is there is overwritten. Use :func:`export.write` for a file that must be whole or not there.
    lang : {"id", "en"}
        Language of the words.

    Notes
    -----
    Sheets: Sampul, Data, Penilaian, Rekap kawasan / desa / kecamatan (where units name one), Luas Kumuh, Kepastian
    (where a volume is from a sample), Aturan, Masalah data. Nothing but RT is in it: no column of a table that is not
    ours, no photo, no name of a person. The figures follow the rule of the assessment, as the sheet of the rule prints
    it.

    Examples
    --------
    >>> import tempfile, kumuhgis as kg
    >>> from pathlib import Path
    >>> result = kg.assess(kg.load_sample("brujul"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_workbook(result, Path(folder) / "profil.xlsx")
    ...     again, _ = kg.score_baseline(Path(folder) / "profil.xlsx")
    >>> (again["total_low"] == result.summary["total_low"]).all()
    np.True_
    """
    import xlsxwriter

    with xlsxwriter.Workbook(path, _AS_WRITTEN) as file:
        book = Book(file, assessment, lang)
        made = datetime.fromisoformat(assessment.provenance.get("date") or "2000-01-01")
        file.set_properties({"title": book.say("title.cover"), "comments": book.say("made_by"), "created": made})
        table = lay_out(book)
        grid = lay_out_scores(book, table)
        book.sheet("cover", book.say("title.cover"))
        write_data(book, table)
        write_scores(book, grid)
        rolled = [rolled_up(book, by) for by in groups_of(assessment)]
        for groups in rolled:
            write_roll_up(book, table, grid, groups)
        where = write_area(book, table, grid, rolled[0] if rolled else None)
        write_certainty(book)
        write_rule(book)
        write_problems(book)
        write_cover(book, where)
