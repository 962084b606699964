"""LibreOffice without a window: workbooks are recalculated from their formulas alone, and read again."""

import os
import shutil
import subprocess

import openpyxl
import pytest

_ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


def office():
    """The program; without it these tests are skipped, but never in CI."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found is None:
        reason = "formulas are recalculated by LibreOffice (apt install libreoffice-calc)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def recalculated(paths, folder):
    """Let LibreOffice compute every formula of some workbooks again; give the new files."""
    out = _converted(paths, folder, "xlsx")
    return [out / path.name for path in paths]


def printed(path, folder):
    """Let LibreOffice print a workbook; give the PDF."""
    return _converted([path], folder, "pdf") / f"{path.stem}.pdf"


def _converted(paths, folder, suffix):
    home, out = folder / "office", folder / suffix
    (home / "user").mkdir(parents=True, exist_ok=True)
    (home / "user" / "registrymodifications.xcu").write_text(_ALWAYS, "utf-8")
    words = [office(), f"-env:UserInstallation={home.as_uri()}", "--headless", "--convert-to", suffix, "--outdir", out]
    subprocess.run([*map(str, words), *map(str, paths)], check=True, capture_output=True, timeout=300)
    return out


def values(path):
    """Every value of a workbook: {sheet: {cell: value}}; an empty text is nothing."""
    book = openpyxl.load_workbook(path, data_only=True)
    cells = ((sheet.title, cell) for sheet in book for row in sheet.iter_rows() for cell in row)
    found = {sheet.title: {} for sheet in book}
    for sheet, cell in cells:
        found[sheet][cell.coordinate] = None if cell.value == "" else cell.value
    return found


def formulas(path):
    """Every formula of a workbook: {(sheet, cell): formula}."""
    book = openpyxl.load_workbook(path)
    cells = ((sheet.title, cell) for sheet in book for row in sheet.iter_rows() for cell in row)
    return {(sheet, cell.coordinate): cell.value for sheet, cell in cells if cell.data_type == "f"}


def differences(path, again):
    """Formula cells whose value in the file is not what LibreOffice computes: (sheet, cell, ours, theirs, formula)."""
    ours, theirs = values(path), values(again)
    found = []
    for (sheet, cell), formula in formulas(path).items():
        a, b = ours[sheet].get(cell), theirs[sheet].get(cell)
        numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in (a, b))
        same = abs(a - b) <= 1e-9 * max(1, abs(a)) if numbers else a == b
        if not same:
            found.append((sheet, cell, a, b, formula))
    return found
