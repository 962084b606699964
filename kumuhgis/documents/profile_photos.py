"""Photos for a page: made small, turned upright, and without what a camera writes into them (place, time, owner)."""

import warnings
from pathlib import Path

import numpy as np

from kumuhgis.errors import OutputError, Problem
from kumuhgis.text import text

MOST_PHOTOS = 3
"""Photos that one page shows; of more the first."""
_LONGEST_SIDE, _QUALITY = 900, 82
_TURNS = {
    "2": lambda a: a[:, :, ::-1],
    "3": lambda a: a[:, ::-1, ::-1],
    "4": lambda a: a[:, ::-1],
    "5": lambda a: a.transpose(0, 2, 1),
    "6": lambda a: a.transpose(0, 2, 1)[:, :, ::-1],
    "7": lambda a: a.transpose(0, 2, 1)[:, ::-1, ::-1],
    "8": lambda a: a.transpose(0, 2, 1)[:, ::-1],
}
"""EXIF orientation to what makes (bands, rows, columns) upright."""


def check_photos(photos, units, lang="id"):
    """Refuse, before any work, photos of units that have no page and files that are no pictures.

    Parameters
    ----------
    photos : mapping of str to sequence of path, or None
        Photos of every unit.
    units : collection of str
        Units that there are.
    lang : {"id", "en"}
        Language of the errors.

    Returns
    -------
    dict of str to list of pathlib.Path
        All photos; a page shows the first :data:`MOST_PHOTOS`.

    Raises
    ------
    OutputError
        With every unit and every file that is wrong.
    """
    photos = {unit: [Path(file) for file in files] for unit, files in dict(photos or {}).items()}
    wrong = [Problem("unit_not_found", "photos", str(unit)) for unit in photos if unit not in units]
    for unit, files in photos.items():
        for file in files[:MOST_PHOTOS]:
            try:
                with _opened(file):
                    pass
            except _unreadable():
                wrong.append(Problem("photo_unreadable", file.name, str(unit)))
    if wrong:
        raise OutputError(wrong, lang)
    return photos


def _unreadable():
    from rasterio.errors import RasterioError

    return RasterioError, OSError


def _opened(file):
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        return rasterio.open(file)


def small_photo(file, unit="", lang="id"):
    """Read a photo upright, at most 900 pixels long, as a JPEG that holds nothing but the picture.

    Parameters
    ----------
    file : path
        A picture.
    unit : str
        Whose it is, for the error.
    lang : {"id", "en"}
        Language of the error.

    Returns
    -------
    bytes
        JPEG.

    Raises
    ------
    OutputError
        If the picture cannot be read to its end.
    """
    import rasterio
    from rasterio.enums import Resampling

    try:
        with rasterio.Env(GDAL_PAM_ENABLED="NO"), _opened(file) as picture:
            factor = max(1.0, max(picture.height, picture.width) / _LONGEST_SIDE)
            shape = max(1, round(picture.height / factor)), max(1, round(picture.width / factor))
            palette = _palette(picture)
            how = Resampling.nearest if palette else Resampling.average
            cells = picture.read(out_shape=(picture.count, *shape), resampling=how)
            turn = picture.tags().get("EXIF_Orientation", "1")
    except _unreadable() as error:
        raise OutputError([Problem("photo_unreadable", Path(file).name, str(unit))], lang) from error
    colours = _colours(cells, palette)
    return _jpeg(np.ascontiguousarray(_TURNS.get(turn, lambda a: a)(colours)))


def _palette(picture):
    from rasterio.enums import ColorInterp

    return picture.colormap(1) if picture.colorinterp[0] == ColorInterp.palette else None


def _colours(cells, palette):
    """Give red, green and blue as bytes; what is transparent becomes paper."""
    if palette:
        table = np.array([palette.get(value, (255, 255, 255, 255)) for value in range(256)], "uint8")
        cells = table[cells[0].astype("uint8")].transpose(2, 0, 1)
    if cells.dtype != np.uint8:
        cells = np.clip(cells / (257 if cells.dtype == np.uint16 else 1), 0, 255).astype("uint8")
    alpha = cells[-1:] if len(cells) in (2, 4) else None
    colours = cells[:3] if len(cells) >= 3 else np.repeat(cells[:1], 3, 0)
    return colours if alpha is None else np.where(alpha > 0, colours, 255).astype("uint8")


def _jpeg(colours):
    from rasterio.errors import NotGeoreferencedWarning
    from rasterio.io import MemoryFile

    size = {"height": colours.shape[1], "width": colours.shape[2], "count": 3, "dtype": "uint8"}
    with warnings.catch_warnings(), MemoryFile() as memory:
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with memory.open(driver="JPEG", QUALITY=_QUALITY, PHOTOMETRIC="YCBCR", **size) as file:
            file.write(colours)
        return memory.read()


def captions_of(count, name, lang):
    """Give caption and alternative text of every photo that is shown: a number of all, never the name of the file.

    Examples
    --------
    >>> captions_of(2, "RT 01", "id")[0]
    ('Foto 1 dari 2', 'Foto 1 dari 2, RT 01')
    """
    return [
        (text("profile.photo", lang, n=n, of=count), text("profile.photo_alt", lang, n=n, of=count, name=name))
        for n in range(1, min(count, MOST_PHOTOS) + 1)
    ]
