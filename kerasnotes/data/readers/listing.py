"""The files of a folder, in an order that no file system decides."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from kerasnotes.base.errors import DataError
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.image_info import tail
from kerasnotes.data.readers.images import suffixes

WHOLE = 65_536
"""Files up to this size, bytes, enter the fingerprint whole."""


def image_files(folder: Path, problems: Problems) -> list[Path]:
    """Returns the image files in a folder and below, sorted.

    Hidden files are passed over; other files that are no images by their
    suffix are counted in a note.
    """
    known = suffixes()
    found: list[Path] = []
    others = 0
    for root, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(name for name in folders if name[0] != ".")
        for name in names:
            if name.startswith(".") or name in ("Thumbs.db", "classes.txt"):
                continue
            if os.path.splitext(name)[1].lower() in known:
                found.append(Path(root, name))
            else:
                others += 1
    if others:
        files = "file that is" if others == 1 else "files that are"
        problems.note(f"{others} {files} no image in {folder.name}/ ignored.")
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def sub_folders(folder: Path) -> dict[str, Path]:
    """Returns the visible sub-folders by name, sorted."""
    try:
        entries = [path for path in folder.iterdir() if path.is_dir()]
    except OSError as error:
        _refuse(error)
    return {
        path.name: path
        for path in sorted(entries, key=lambda path: path.name)
        if not path.name.startswith((".", "__"))
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
