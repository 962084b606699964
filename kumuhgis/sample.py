"""The sample data: three invented project folders, in the wheel and in a checkout."""

import shutil
from pathlib import Path

from kumuhgis.errors import Problem, ProjectError
from kumuhgis.project import load_project
from kumuhgis.text import nearest

SAMPLES = ("jaten", "ngringo", "brujul")
KAWASAN = {"bulu": "jaten", "puntukrejo": "ngringo", "widoro": "brujul"}
"""Names of kawasan that people may say for a desa."""


def sample_folder(name):
    """Give the folder of a sample project. Invented data: "DATA CONTOH".

    Parameters
    ----------
    name : {"jaten", "ngringo", "brujul"}
        Which desa.

    Returns
    -------
    pathlib.Path
        The folder; read it, do not write into it (see :func:`copy_sample`).

    Raises
    ------
    ProjectError
        If there is no such sample, with those that there are.

    Examples
    --------
    >>> (sample_folder("jaten") / "kumuhgis.toml").is_file()
    True
    """
    if name not in SAMPLES:
        near = KAWASAN.get(str(name).lower()) or nearest(str(name), SAMPLES) or SAMPLES[0]
        raise ProjectError([Problem("sample_missing", str(name), params={"known": ", ".join(SAMPLES), "near": near})])
    here = Path(__file__).parent
    inside = here / "sample_data" / name
    return inside if inside.is_dir() else here.parent / "sample_data" / name


def load_sample(name):
    """Load a sample project.

    Parameters
    ----------
    name : {"jaten", "ngringo", "brujul"}
        Which desa.

    Returns
    -------
    Project
        Ready for :func:`assess`.

    Examples
    --------
    >>> load_sample("brujul").contents.project.sample
    True
    """
    return load_project(sample_folder(name))


def copy_sample(name, folder):
    """Copy a sample project to a folder of one's own.

    Parameters
    ----------
    name : str
        Which desa.
    folder : path
        Where to; its subfolder ``name`` is made.

    Returns
    -------
    pathlib.Path
        The copy.
    """
    target = Path(folder) / name
    shutil.copytree(sample_folder(name), target, dirs_exist_ok=True)
    return target
