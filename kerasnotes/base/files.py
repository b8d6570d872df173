"""Writing files so that a crash leaves the old one or the new one."""

import contextlib
import errno
import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kerasnotes.base.errors import StorageError


def storage_error(path: Path, error: OSError, verb: str) -> StorageError:
    """Explains an `OSError` met while reading or writing `path`.

    Args:
        path: The file or folder that was meant.
        error: What the operating system said.
        verb: `"read"` or `"write"`.
    """
    number = error.errno
    if number in (errno.ENOSPC, errno.EDQUOT):
        hint = "free some space, or choose another folder with --out"
    elif number in (errno.EACCES, errno.EPERM, errno.EROFS):
        hint = f"check the permissions of {path.parent}"
    elif verb == "read":
        hint = f"check that {path} exists and is a plain file"
    elif number == errno.ENOENT:
        hint = f"check that the folder {path.parent} exists"
    else:
        hint = "choose another place: a file or folder is in the way"
    # Of h5py, the error's own text is all that HDF5 noted.
    said = os.strerror(number) if number else str(error)
    return StorageError(f"Cannot {verb} {path}: {said}.", hint=hint)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yields a file beside `path`; renames it to `path` when all went well.

    The new content reaches the disk before the name does, so that after a
    crash or on a full disk `path` holds its old content, whole.

    Raises:
        StorageError: If the file cannot be written.
    """
    part = path.with_name(f".{path.stem}.{uuid.uuid4().hex[:8]}{path.suffix}")
    try:
        yield part
        with open(part, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        raise storage_error(path, error, "write") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Writes `text` to `path`, whole or not at all."""
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")


def write_bytes(path: Path, content: bytes) -> None:
    """Writes `content` to `path`, whole or not at all."""
    with replacing(path) as part:
        part.write_bytes(content)


def write_json(path: Path, value: Any) -> None:
    """Writes `value` as indented JSON to `path`, whole or not at all."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    write_text(path, text + "\n")


def read_json(path: Path) -> Any:
    """Reads a JSON file.

    Raises:
        StorageError: If the file is missing, unreadable or not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise storage_error(path, error, "read") from error
    except ValueError as error:
        raise StorageError(
            f"{path} is not valid JSON.", received=str(error)
        ) from error
