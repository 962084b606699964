"""A photo from the air beneath a printed map, warped to its metres; a logo beside it."""

import math
import warnings
from pathlib import Path

import numpy as np

from kumuhgis.errors import OutputError, Problem
from kumuhgis.rasters import open_picture, points_elsewhere

MOST_PIXELS = 24_000_000
"""Of a photo on one sheet; a larger one is made coarser."""
_CACHE = 64_000_000


def draw_photo(page, path, view, crs, dpi, lang="id"):
    """Put a photo beneath a map.

    Parameters
    ----------
    page : Page
        The page.
    path : path
        GeoTIFF or another picture that knows where it lies.
    view : View
        The map.
    crs : pyproj.CRS
        Of the units.
    dpi : int
        How fine the photo is printed at most.
    lang : {"id", "en"}
        Language of the errors.

    Returns
    -------
    str
        Name of the file.

    Raises
    ------
    OutputError
        If it cannot be read, does not say where it lies, or no sheet has any of it.
    """
    path = Path(path)
    pixels = _read(path, view, crs, dpi, lang)
    if pixels is not None:
        extent = (view.x, view.x + view.width, view.y, view.y + view.height)
        page.axes.imshow(pixels, extent=extent, zorder=0.5, aspect="auto", interpolation="none")
        page.axes.set(xlim=(0, page.width), ylim=(0, page.height))
    return path.name


def _read(path, view, crs, dpi, lang):
    """Read what lies in the view, decimated and warped: (h, w, 4) of bytes; None where there is no part of it."""
    import rasterio
    from rasterio._err import CPLE_BaseError
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    if not path.is_file():
        raise _refused("layer_not_found", path, lang, path=str(path))
    if points_elsewhere(path):
        raise _refused("raster_of_others", path, lang)
    try:
        with warnings.catch_warnings(), rasterio.Env(GDAL_CACHEMAX=_CACHE):
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with open_picture(path) as dataset:
                if dataset.transform.is_identity:
                    raise _refused("basemap_no_place", path, lang)
                if dataset.crs is None:
                    raise _refused("basemap_no_crs", path, lang)
                return _warped(dataset, view, crs, dpi)
    except (RasterioError, CPLE_BaseError, OSError, ValueError, ArithmeticError) as error:
        raise _refused("basemap_unreadable", path, lang, reason=" ".join(str(error).split())[:160]) from error


def _refused(code, path, lang, /, **params):
    return OutputError([Problem(code, path.name, params=params)], lang)


def _warped(dataset, view, crs, dpi):
    from rasterio.enums import ColorInterp, Resampling
    from rasterio.transform import from_bounds
    from rasterio.vrt import WarpedVRT

    fine = min(1.0, math.sqrt(MOST_PIXELS / (view.width * view.height * (dpi / 25.4) ** 2)))
    width, height = (max(1, round(side * dpi / 25.4 * fine)) for side in (view.width, view.height))
    palette = ColorInterp.palette in dataset.colorinterp
    target = from_bounds(view.west, view.south, view.east, view.north, width, height)
    how = {"crs": crs.to_wkt(), "transform": target, "width": width, "height": height}
    how["add_alpha"] = ColorInterp.alpha not in dataset.colorinterp
    how["resampling"] = Resampling.nearest if palette else Resampling.bilinear
    with WarpedVRT(dataset, **how) as seen:
        mask = seen.dataset_mask()
        if not mask.any():
            return None
        bands = [n for n, kind in enumerate(dataset.colorinterp, 1) if kind != ColorInterp.alpha][:3]
        cells = seen.read(bands if len(bands) == 3 else bands[:1])
    colours = _coloured(dataset, bands[0], cells[0]) if palette else _stretched(cells, mask)
    return np.dstack([*(colours if len(colours) == 3 else np.repeat(colours, 3, 0)), mask])


def _coloured(dataset, band, cells):
    table = np.zeros((256, 3), "u1")
    for value, colour in dataset.colormap(band).items():
        table[value] = colour[:3]
    return table[cells.astype("u1")].transpose(2, 0, 1)


def _stretched(cells, mask):
    """Bring cells to bytes: colours of eight bits as they are, all else from its 2nd to its 98th percentile."""
    if cells.dtype == np.uint8 and len(cells) == 3:
        return cells
    out = np.zeros(cells.shape, "u1")
    for n, band in enumerate(cells.astype("f4")):
        seen = band[(mask > 0) & np.isfinite(band)]
        if seen.size:
            low, high = np.percentile(seen, (2, 98))
            out[n] = np.clip(np.rint((np.nan_to_num(band, nan=low) - low) / (high - low or 1.0) * 255), 0, 255)
    return out


def read_logo(path, lang="id"):
    """Read a logo: PNG or JPEG, as (h, w, 3 or 4).

    Raises
    ------
    OutputError
        If it cannot be read.
    """
    from PIL import Image

    path = Path(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=("PNG", "JPEG")) as picture:
                picture.thumbnail((1200, 1200))
                return np.asarray(picture.convert("RGBA"))
    except (OSError, ValueError, Warning) as error:
        params = {"value": path.name, "known": "PNG, JPEG"}
        raise OutputError([Problem("sheet_option", "", "", "logo", params)], lang) from error
