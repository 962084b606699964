"""A photo from the air as one picture in the page: cut to the village, warped, stretched, packed as WEBP."""

import math
import warnings
from dataclasses import dataclass

import numpy as np

MOST_PIXELS = 6_000_000
"""Of a picture in the page, before its bytes are counted."""
QUALITIES = (80, 70, 58)
"""Of the WEBP, tried in turn until the picture is small enough; then its pixels grow."""
_WORLD = "EPSG:3857"


@dataclass(frozen=True)
class Picture:
    """A picture and where it lies.

    Attributes
    ----------
    content : bytes
        The file.
    kind : str
        Its media type.
    box : tuple of float
        West, south, east, north in EPSG:3857, exactly the edges of the outer pixels.
    metres : float
        Width of a pixel on the ground.
    """

    content: bytes
    kind: str
    box: tuple
    metres: float


def cut(dataset, box, *, crs, most_bytes):
    """Cut a picture of the ground to a box and warp it to the coordinates of web maps.

    No more of the file is held in memory than a few times the picture that comes out: it is read decimated, from its
    overviews where it has them.

    Parameters
    ----------
    dataset : rasterio.DatasetReader
        One band (grey or palette), two (grey and alpha), three or four, 8 or 16 bits or real numbers. What is no data
        or transparent stays transparent. Bands that are not 8-bit colours are stretched from the 2nd to the 98th
        percentile.
    box : tuple of float
        West, south, east, north in EPSG:3857: what is wanted.
    crs : pyproj.CRS or str
        Coordinate system of the picture.
    most_bytes : int
        How large the picture may be.

    Returns
    -------
    Picture or None
        None where the picture does not touch the box.
    """
    window = _window(dataset, box, crs)
    if window is None:
        return None
    # the ground is 1 / cosh(y / R) of what web maps say
    shrink = 1 / math.cosh((box[1] + box[3]) / 2 / 6378137)
    colours, transform = _read(dataset, window)
    size = _pixel(dataset, window, box, crs)
    while True:
        pixels, edges = _warp(colours, transform, crs, box, size)
        if pixels is None:
            return None
        for quality in QUALITIES:
            content, kind = _encode(pixels, quality)
            if len(content) <= most_bytes:
                return Picture(content, kind, edges, size * shrink)
        size *= max(1.1, math.sqrt(len(content) / most_bytes))


def _window(dataset, box, crs):
    """Give rows and columns that the box may need, as (row, column, height, width); None if it needs none."""
    from rasterio.warp import transform as moved

    inverse = ~dataset.transform
    west, south, east, north = box
    steps = np.linspace(0, 1, 9)
    x = np.concatenate([west + (east - west) * steps] * 2 + [np.full(9, west), np.full(9, east)])
    y = np.concatenate([np.full(9, south), np.full(9, north)] + [south + (north - south) * steps] * 2)
    xs, ys = moved(_WORLD, crs, x, y)
    columns, rows = _applied(inverse, np.asarray(xs), np.asarray(ys))
    if not (np.isfinite(columns).all() and np.isfinite(rows).all()):
        return None
    left, right = max(0, math.floor(columns.min()) - 2), min(dataset.width, math.ceil(columns.max()) + 2)
    top, bottom = max(0, math.floor(rows.min()) - 2), min(dataset.height, math.ceil(rows.max()) + 2)
    return None if left >= right or top >= bottom else (top, left, bottom - top, right - left)


def _read(dataset, window):
    """Read a part as colours with alpha, at most so large as a picture may be: (4, h, w) of bytes, its transform."""
    from rasterio.enums import Resampling
    from rasterio.transform import Affine
    from rasterio.windows import Window

    top, left, height, width = window
    factor = max(1.0, math.sqrt(height * width / (2 * MOST_PIXELS)))
    shape = max(1, round(height / factor)), max(1, round(width / factor))
    bands, palette = _bands(dataset)
    how = {"window": Window(left, top, width, height), "out_shape": (len(bands), *shape)}
    cells = dataset.read(bands, resampling=Resampling.nearest if palette else Resampling.average, **how)
    mask = dataset.dataset_mask(window=how["window"], out_shape=shape)
    if palette:
        table = np.zeros((256, 4), "uint8")
        for value, colour in palette.items():
            table[value] = colour
        colours = table[cells[0].astype("uint8")].transpose(2, 0, 1)
        alpha = np.minimum(colours[3], mask)
    else:
        colours, alpha = _stretched(cells, mask), mask
    ready = np.concatenate([colours[:3] if len(colours) >= 3 else np.repeat(colours[:1], 3, 0), alpha[None]])
    wide, high = width / shape[1], height / shape[0]
    a, b, _, d, e, _ = dataset.transform[:6]
    x, y = _applied(dataset.transform, left, top)
    return ready, Affine(a * wide, b * high, x, d * wide, e * high, y)


def _applied(transform, column, row):
    a, b, c, d, e, f = transform[:6]
    return a * column + b * row + c, d * column + e * row + f


def _bands(dataset):
    """Choose what is shown: red, green and blue if they are named, else the first three, or the one; the palette."""
    from rasterio.enums import ColorInterp as Colour

    named = list(dataset.colorinterp)
    if Colour.palette in named:
        band = named.index(Colour.palette) + 1
        return [band], dataset.colormap(band)
    if all(colour in named for colour in (Colour.red, Colour.green, Colour.blue)):
        return [named.index(colour) + 1 for colour in (Colour.red, Colour.green, Colour.blue)], None
    shown = [n for n, colour in enumerate(named, 1) if colour != Colour.alpha]
    return shown[:3] if len(shown) >= 3 else shown[:1], None


def _stretched(cells, mask):
    """Bring cells to bytes: colours of eight bits as they are, all else from its 2nd to its 98th percentile."""
    if cells.dtype == np.uint8 and len(cells) == 3:
        return cells
    out = np.zeros(cells.shape, "uint8")
    for n, band in enumerate(cells.astype("float32")):
        seen = band[(mask > 0) & np.isfinite(band)]
        if seen.size:
            low, high = np.percentile(seen, (2, 98))
            scaled = (np.nan_to_num(band, nan=low) - low) / (high - low or 1.0)
            out[n] = np.clip(np.rint(scaled * 255), 0, 255)
    return out


def _pixel(dataset, window, box, crs):
    """Give the width of a pixel in EPSG:3857: that of the file, or wider so that the box is not too many pixels."""
    from rasterio.warp import transform as moved

    top, left, height, width = window
    column, row = left + width / 2, top + height / 2
    x, y = zip(*(_applied(dataset.transform, column + c, row + r) for c, r in ((0, 0), (1, 0), (0, 1))), strict=True)
    xs, ys = moved(crs, _WORLD, x, y)
    own = min(math.hypot(xs[n] - xs[0], ys[n] - ys[0]) for n in (1, 2))
    return max(own, math.sqrt((box[2] - box[0]) * (box[3] - box[1]) / MOST_PIXELS))


def _warp(colours, transform, crs, box, size):
    """Warp to pixels of a size; the part that has any picture, and its edges. (None, None) where it has none."""
    from rasterio.enums import Resampling
    from rasterio.transform import Affine
    from rasterio.warp import reproject

    width, height = math.ceil((box[2] - box[0]) / size), math.ceil((box[3] - box[1]) / size)
    target = Affine(size, 0, box[0], 0, -size, box[3])
    out = np.zeros((4, height, width), "uint8")
    reproject(
        colours, out, src_transform=transform, src_crs=crs, dst_transform=target, dst_crs=_WORLD,
        resampling=Resampling.bilinear, src_alpha=4, dst_alpha=4, init_dest_nodata=False, tolerance=0.05,
    )  # fmt: skip
    rows, columns = np.flatnonzero(out[3].any(axis=1)), np.flatnonzero(out[3].any(axis=0))
    if not rows.size:
        return None, None
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    west, north = _applied(target, int(left), int(top))
    east, south = _applied(target, int(right), int(bottom))
    return out[:, top:bottom, left:right], (west, south, east, north)


def _encode(pixels, quality):
    """Write a picture as WEBP, or where GDAL has none as JPEG or PNG: (bytes, media type)."""
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning
    from rasterio.io import MemoryFile

    opaque = bool((pixels[3] == 255).all())
    with rasterio.Env(GDAL_PAM_ENABLED="NO") as env, warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        known = env.drivers()
        kind = "WEBP" if "WEBP" in known else "JPEG" if opaque else "PNG"
        shown = pixels[:3] if opaque else pixels
        how = {} if kind == "PNG" else {"QUALITY": quality}
        with MemoryFile() as memory:
            with memory.open(
                driver=kind, width=shown.shape[2], height=shown.shape[1], count=len(shown), dtype="uint8", **how
            ) as file:
                file.write(shown)
            return memory.read(), f"image/{kind.lower()}"
