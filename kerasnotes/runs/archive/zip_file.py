"""Opening a `.keras` file, a zip archive, without trusting it.

What an archive says of itself (sizes, names) is checked before anything is
read, and what is read is counted, so that a file made to harm costs neither
memory nor disk and never names a path outside itself.
"""

import contextlib
import json
import stat
import struct
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from kerasnotes.base.errors import StorageError
from kerasnotes.base.files import storage_error

CONFIG = "config.json"
METADATA = "metadata.json"
WEIGHTS = "model.weights.h5"
RECORD = "kerasnotes.json"

MAX_MEMBERS = 1_000
MAX_TOTAL = 256 * 2**30
"""Bytes that all members together may unpack to."""
MAX_RATIO = 100
"""Bytes unpacked from one stored byte; Keras stores weights 1 to 1."""
RATIO_FLOOR = 2**20
"""Members that unpack to fewer bytes are harmless at any ratio."""
MAX_TEXT = 64 * 2**20
"""Bytes of one JSON member."""
_CHUNK = 2**20
_IN_MEMORY = 256 * 2**20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
MAX_NESTING = 200
"""Levels of lists and dicts in one JSON member."""
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    LookupError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What zipfile raises on bytes that are not an archive."""


def plain(text: str) -> str:
    """Returns text from a file without codes that would steer a terminal."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def refuse(path: Path, why: str, **parts: str) -> StorageError:
    """Returns the error for a file that is not read for safety's sake."""
    parts.setdefault("hint", "use a file from a source that you trust")
    return StorageError(f"{path} is refused: {plain(why)}.", **parts)


def damaged(path: Path, received: str) -> StorageError:
    """Returns the error for a file that is not a whole `.keras` archive."""
    return StorageError(
        f"{path} is not a readable .keras file.",
        expected="a whole zip archive with config.json and model.weights.h5",
        received=plain(received),
        hint="copy or download it again, or save it again with Keras 3",
    )


@contextlib.contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Yields the archive, after its table of contents passed every check.

    Raises:
        StorageError: If the file is missing, damaged, no `.keras` archive,
            or made to harm.
    """
    if not path.is_file():
        what = "a folder" if path.is_dir() else "no such file"
        raise StorageError(
            f"Cannot read {path}.",
            expected="a .keras file",
            received=what,
            hint="`kn fit` writes model.keras into the run's folder",
        )
    try:
        with zipfile.ZipFile(path) as archive:
            check_members(path, archive)
            yield archive
    except _BROKEN as error:
        raise damaged(path, _describe(path, error)) from error
    except OSError as error:
        raise storage_error(path, error, "read") from error


def _describe(path: Path, error: Exception) -> str:
    """Says what a broken archive is instead, from its first bytes."""
    with open(path, "rb") as file:
        start = file.read(8)
    if not start:
        return "an empty file"
    if start.startswith(b"PK"):
        return f"a truncated or damaged zip archive ({error})"
    if start == b"\x89HDF\r\n\x1a\n":
        return "an HDF5 file (the older .h5 format?)"
    return "a file that is not a zip archive"


def check_members(path: Path, archive: zipfile.ZipFile) -> None:
    """Checks names, kinds and declared sizes of all members.

    Raises:
        StorageError: If any of them is wrong.
    """
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise refuse(
            path,
            "it has too many members",
            expected=f"at most {MAX_MEMBERS}",
            received=str(len(members)),
        )
    _check_duplicates(path, members)
    for member in members:
        _check_name(path, member)
        _check_size(path, member)
    total = sum(member.file_size for member in members)
    stored = sum(member.compress_size for member in members)
    if total > MAX_TOTAL or stored > path.stat().st_size:
        # More stored bytes than the file has: members share their data.
        raise refuse(
            path,
            "it unpacks to more than it can hold (a zip bomb)",
            received=f"{total} bytes from a file of {path.stat().st_size}",
        )
    missing = {CONFIG, WEIGHTS} - {member.filename for member in members}
    if missing:
        raise damaged(path, f"a zip archive without {min(missing)}")


def _check_duplicates(path: Path, members: list[zipfile.ZipInfo]) -> None:
    counts = Counter(member.filename for member in members)
    for name, count in counts.items():
        if count > 1:
            raise refuse(path, f"it has {count} members called {name!r}")


def _check_name(path: Path, member: zipfile.ZipInfo) -> None:
    """Refuses names that leave the archive, links and odd compressions."""
    # ZipInfo cuts names at a NUL and turns the system's separator into "/".
    name = member.orig_filename
    climbs = (
        name.startswith("/")
        or "\\" in name
        or ":" in name
        or "\0" in name
        or ".." in name.split("/")
    )
    if climbs:
        raise refuse(path, f"the member {name!r} names a path outside of it")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise refuse(path, f"the member {name!r} is a link")
    if member.flag_bits & 0x1 or member.compress_type not in _METHODS:
        raise refuse(path, f"the member {name!r} is encrypted or packed oddly")


def _check_size(path: Path, member: zipfile.ZipInfo) -> None:
    """Refuses members that unpack to far more than is stored of them."""
    size, stored = member.file_size, member.compress_size
    if size > RATIO_FLOOR and size > MAX_RATIO * stored:
        raise refuse(
            path,
            f"the member {member.filename!r} is a zip bomb",
            expected=f"at most {MAX_RATIO} bytes for each byte stored",
            received=f"{size} bytes from {stored}",
        )
    text = member.filename.endswith(".json") and "/" not in member.filename
    if text and size > MAX_TEXT:
        raise refuse(
            path,
            f"the member {member.filename!r} is too long",
            expected=f"at most {MAX_TEXT} bytes",
            received=f"{size} bytes",
        )


def read_json(path: Path, archive: zipfile.ZipFile, name: str) -> Any:
    """Reads a JSON member.

    Raises:
        StorageError: If it is not JSON, or nested absurdly deep.
    """
    with unpack(path, archive, name) as file:
        data = file.read()
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise damaged(path, f"{name} that is not JSON ({error})") from error
    if _nesting(value) > MAX_NESTING:
        raise damaged(path, f"{name} nested over {MAX_NESTING} levels deep")
    return value


def _nesting(value: Any) -> int:
    """Returns how deep lists and dicts lie within each other."""
    depth, level = 0, _containers([value])
    while level:
        depth += 1
        level = [inner for item in level for inner in _containers(item)]
    return depth


def _containers(value: Any) -> list[Any]:
    inside = value.values() if isinstance(value, dict) else value
    return [item for item in inside if isinstance(item, dict | list)]


def unpack(path: Path, archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    """Returns a member as a file with random access, counted and verified.

    Small members stay in memory, larger ones go to an unnamed file. The
    archive's checksum is compared at the end.

    Raises:
        StorageError: If it does not unpack to exactly its declared size.
    """
    declared = archive.getinfo(name).file_size
    spool = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)
    count = 0
    try:
        with archive.open(name) as source:
            while chunk := source.read(_CHUNK):
                count += len(chunk)
                if count > declared:
                    break
                spool.write(chunk)
        if count != declared:
            raise damaged(
                path, f"{name} of {count} bytes that declares {declared}"
            )
    except BaseException:
        spool.close()
        raise
    spool.seek(0)
    return spool
