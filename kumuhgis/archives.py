"""Files inside files: a zip is unpacked into a temporary folder, and only if it cannot do harm; a folder may be a map.

Nothing is written outside that folder; what a zip says of its size is not believed but counted.
"""

import stat
import zipfile
from pathlib import Path, PurePosixPath

from kumuhgis.errors import LayerError, Problem, TableError, some

MOST_BYTES = 2 * 1024**3
MOST_MEMBERS = 5_000
RATIO = 250
SMALL = 64 * 1024**2
"""A zip that unpacks to less than this may be packed as tightly as it likes."""

_CHUNK = 1024**2


def check_path(path, root):
    """Say where a file really is, and refuse it if that is outside its folder.

    Parameters
    ----------
    path : path
        The file, absolute or relative to ``root``; links are followed.
    root : path
        The folder that it must not leave.

    Returns
    -------
    pathlib.Path
        The file with every link and ``..`` resolved.

    Raises
    ------
    LayerError
        If it lies outside, whether by ``../``, by an absolute path or by a link.

    Examples
    --------
    >>> check_path("rt.gpkg", ".") == Path("rt.gpkg").resolve()
    True
    """
    try:
        folder = Path(root).resolve()
        found = (folder / path).resolve()
        inside = found.is_relative_to(folder)
    except (OSError, RuntimeError, ValueError):  # a ring of links, a NUL in the name
        inside = False
    if not inside:
        raise LayerError([Problem("project_path_outside", Path(path).name, params={"path": str(path)})])
    return found


def map_folder(path):
    """Tell whether a folder is one map.

    Parameters
    ----------
    path : path
        Any path, also one that is not there.

    Returns
    -------
    {"gdb", "parquet", None}
        An ArcGIS file geodatabase, a folder of GeoParquet files, or neither.

    Examples
    --------
    >>> map_folder(".") is None
    True
    """
    path = Path(path)
    if not path.is_dir():
        return None
    kinds = (("*.gdbtable", "gdb"), ("*.parquet", "parquet"))
    return next((kind for pattern, kind in kinds if any(path.glob(pattern))), None)


def dataset_parts(path):
    """List the parts of a data set: subfolders that are named ``column=value``.

    Parameters
    ----------
    path : path
        Any path, also one that is not there.

    Returns
    -------
    dict of str to pathlib.Path
        Value to folder, in the order of the values; empty where the path is no such folder.
    """
    path = Path(path)
    found = [p for p in path.glob("*=*") if p.is_dir()] if path.is_dir() else []
    return {p.name.partition("=")[2]: p for p in sorted(found, key=lambda p: p.name.partition("=")[2])}


def check_archive(path, label):
    """List what a zip holds, and refuse one that would fill the disk or write where it should not.

    Parameters
    ----------
    path : path
        A zip: also KMZ, XLSX and ODS are zips.
    label : str
        What the file is called in problems.

    Returns
    -------
    list of zipfile.ZipInfo
        Its files, without folders and without what macOS adds.

    Raises
    ------
    LayerError
        If it is broken, locked by a password, too large or too tightly packed, or if a name in it leads outside.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            members = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, OverflowError) as error:
        raise LayerError([Problem("archive_broken", label)]) from error
    unsafe = [m.filename for m in members if _is_unsafe(m)]
    if unsafe:
        raise LayerError([Problem("archive_unsafe", label, params={"names": some(unsafe)})])
    size = sum(m.file_size for m in members)
    packed_size = max(1, sum(m.compress_size for m in members))
    if size > MOST_BYTES or len(members) > MOST_MEMBERS or (size > SMALL and size / packed_size > RATIO):
        raise _too_large(label, size)
    members = [m for m in members if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
    if any(m.flag_bits & 1 for m in members):
        raise LayerError([Problem("archive_locked", label)])
    return members


def check_workbook(path, label):
    """Refuse a workbook that is cut or broken, or would fill the disk when it is unpacked.

    Parameters
    ----------
    path : pathlib.Path
        A workbook.
    label : str
        What it is called in problems.

    Raises
    ------
    TableError
        If it cannot be opened.
    """
    try:
        if path.suffix.lower() != ".xls":
            check_archive(path, label)
    except LayerError as error:
        broken = [p.code for p in error.problems] == ["archive_broken"]
        raise TableError([Problem("workbook_broken", label)] if broken else error.problems) from error


def unpack(path, folder, label):
    """Unpack a zip into a folder.

    Parameters
    ----------
    path : path
        The zip.
    folder : path
        An empty (temporary) folder.
    label : str
        What the file is called in problems.

    Returns
    -------
    list of pathlib.Path
        The files, in the order of their names.

    Raises
    ------
    LayerError
        As :func:`check_archive`; also if a file is cut, fails its checksum, or is larger than the zip says.
    """
    out, folder = [], Path(folder).resolve()
    left = MOST_BYTES
    try:
        with zipfile.ZipFile(path) as packed:
            for member in check_archive(path, label):
                target = check_path(PurePosixPath(member.filename.replace("\\", "/")), folder)
                target.parent.mkdir(parents=True, exist_ok=True)
                left -= _write(packed, member, target, left, label)
                out.append(target)
    except (
        zipfile.BadZipFile,
        OSError,
        EOFError,
        ValueError,
        RuntimeError,
        NotImplementedError,
        ArithmeticError,
    ) as error:
        raise LayerError([Problem("archive_broken", label)]) from error
    except Exception as error:  # zlib.error, lzma.LZMAError: each packer has its own
        if isinstance(error, LayerError):
            raise
        raise LayerError([Problem("archive_broken", label)]) from error
    return sorted(out)


def _write(packed, member, target, left, label):
    written, most = 0, min(left, member.file_size)
    with packed.open(member) as source, target.open("xb") as file:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            if written > most:
                raise _too_large(label, written)
            file.write(chunk)
    return written


def _is_unsafe(member):
    name = member.filename.replace("\\", "/")
    parts = PurePosixPath(name).parts
    is_link = stat.S_ISLNK(member.external_attr >> 16)
    return is_link or ".." in parts or name.startswith("/") or ":" in name or "\x00" in name or not name


def _too_large(label, size):
    params = {"size": f"{size / 1e6:.0f}", "most": f"{MOST_BYTES / 1e6:.0f}"}
    return LayerError([Problem("archive_too_large", label, params=params)])
