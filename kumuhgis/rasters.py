"""The door for rasters: only formats that hold their own cells, told by the first bytes, so none opens another file."""

_MAGIC = {
    b"II*\0": "GTiff",
    b"MM\0*": "GTiff",
    b"II+\0": "GTiff",
    b"MM\0+": "GTiff",
    b"EHFA_HEADER_TAG": "HFA",
}
_PICTURES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n": "PNG",
    b"RIFF": "WEBP",
    b"\0\0\0\x0cjP  ": "JP2OpenJPEG",
    b"\xff\x4f\xff\x51": "JP2OpenJPEG",
}


def open_raster(path):
    """Open a raster for reading.

    Parameters
    ----------
    path : path
        GeoTIFF, ERDAS Imagine (``.img``) or an ASCII grid (``.asc``).

    Returns
    -------
    rasterio.DatasetReader
        To be closed, or used in a ``with``.

    Raises
    ------
    rasterio.errors.RasterioIOError, OSError
        If it is not there, broken, or of another format.
    """
    import rasterio

    head = _head(path)
    driver = next((name for magic, name in _MAGIC.items() if head.startswith(magic)), None)
    return rasterio.open(path, driver=driver or ("AAIGrid" if head[:5].lower() == b"ncols" else "GTiff"))


def open_picture(path):
    """Open a picture of the ground for reading: a raster, or JPEG, PNG, WEBP or JPEG 2000 with a world file beside it.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    rasterio.DatasetReader
        To be closed, or used in a ``with``. Where it lies may be unknown: identity transform, no ``crs``.

    Raises
    ------
    rasterio.errors.RasterioIOError, OSError
        If it is not there, broken, or of another format.
    """
    import rasterio

    head = _head(path)
    driver = next((name for magic, name in _PICTURES.items() if head.startswith(magic)), None)
    return rasterio.open(path, driver=driver) if driver else open_raster(path)


def points_elsewhere(path):
    """Tell whether a file holds no cells, but names other files that do (VRT).

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    bool
        False also for a file that is not there.
    """
    try:
        return b"<VRTDataset" in _head(path)
    except OSError:
        return False


def _head(path):
    with open(path, "rb") as file:
        return file.read(4096)
