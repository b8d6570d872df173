"""The files of a folder, in an order that no file system decides."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from kerasnotes.base.errors import DataError
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.image.image_files import suffixes
from kerasnotes.data.readers.image.image_info import tail

WHOLE = 65_536
"""Files up to this size, bytes, enter the fingerprint whole."""
NAMED = 3
"""Files left out that a remark names."""
_JUNK = ("thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "classes.txt")
_JUNK_FOLDERS = ("@eadir", "$recycle.bin", "lost+found")


def image_files(folder: Path, problems: Problems) -> list[Path]:
    """Returns the image files in a folder and below, sorted.

    Hidden files and what systems leave in folders are passed over; other
    files that are no images by their suffix are named in a note.
    """
    found, others = _walk(folder)
    if others:
        files = "file that is" if len(others) == 1 else "files that are"
        more = ", ..." if len(others) > NAMED else ""
        problems.note(
            f"{len(others)} {files} no image in {folder.name}/ ignored: "
            f"{', '.join(sorted(others)[:NAMED])}{more}."
        )
    return found


def pictures(folder: Path) -> list[Path]:
    """Returns the image files in a folder and below, and tells nothing."""
    return _walk(folder)[0]


def other_files(folder: Path) -> list[str]:
    """Returns the names of files in a folder and below that are no images."""
    return sorted(_walk(folder)[1])


def has_pictures(folder: Path) -> bool:
    """Returns whether there is an image file in a folder or below."""
    return any(picture for _, picture in _files(folder))


def _walk(folder: Path) -> tuple[list[Path], list[str]]:
    """Returns the image files, sorted, and the names of the others."""
    found: list[Path] = []
    others: list[str] = []
    for path, picture in _files(folder):
        if picture:
            found.append(path)
        else:
            others.append(path.name)
    order = sorted(found, key=lambda path: path.relative_to(folder).as_posix())
    return order, others


def _files(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Yields every file worth a look, and whether it is an image's."""
    known = suffixes()
    for root, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not _is_junk(name))
        for name in names:
            if not name.startswith(".") and name.lower() not in _JUNK:
                suffix = os.path.splitext(name)[1].lower()
                yield Path(root, name), suffix in known


def _is_junk(name: str) -> bool:
    return name.startswith((".", "__")) or name.lower() in _JUNK_FOLDERS


def sub_folders(folder: Path) -> dict[str, Path]:
    """Returns the visible sub-folders by name, sorted."""
    try:
        entries = [path for path in folder.iterdir() if path.is_dir()]
    except OSError as error:
        _refuse(error)
    return {
        path.name: path
        for path in sorted(entries, key=lambda path: path.name)
        if not _is_junk(path.name)
    }


def _refuse(error: OSError) -> None:
    raise DataError(
        f"{error.filename} cannot be read: {error.strerror}.",
        hint="check its permissions",
    ) from error


def fingerprint(paths: Iterable[Path], root: Path) -> str:
    """Returns a digest of names, sizes and contents (of large files: ends).

    Dates do not count, so that a copy of a folder is the same data.
    """
    digest = hashlib.blake2b(digest_size=16)
    for path in paths:
        size = path.stat().st_size
        digest.update(f"{path.relative_to(root).as_posix()} {size}\n".encode())
        digest.update(path.read_bytes() if size <= WHOLE else tail(path))
    return digest.hexdigest()
