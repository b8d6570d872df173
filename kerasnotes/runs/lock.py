"""One process at a time trains a run.

The lock is the operating system's, on a file in the run's folder that says
who holds it. It ends with the process, however that ends: what `kill -9`
leaves behind is a file that nobody holds. Reading a run needs no lock.
"""

import contextlib
import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from kerasnotes.base import files
from kerasnotes.base.errors import StorageError

try:
    import fcntl
except ImportError:  # Windows has no such lock: runs are not guarded there.
    fcntl = None  # type: ignore[assignment]

NAME = ".lock"
TRIES, PAUSE = 5, 0.02
"""Whoever lists runs holds a lock for a moment: seconds between tries."""


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keeps other processes from training the run in `folder`.

    Raises:
        StorageError: If one does already, or the file cannot be written.
    """
    if fcntl is None:
        yield
        return
    path = folder / NAME
    with _take(path) as file:
        file.truncate(0)
        holder = {"host": socket.gethostname(), "process": os.getpid()}
        file.write(json.dumps(holder))
        file.flush()
        try:
            yield
        finally:
            # Before the lock ends: nobody else's file is removed.
            path.unlink(missing_ok=True)


def is_locked(folder: Path) -> bool:
    """Returns whether a process trains the run in `folder`."""
    try:
        with open(folder / NAME, encoding="utf-8") as file:
            return fcntl is not None and not _lock(file, shared=True)
    except OSError:
        return False


def check_free(folder: Path) -> None:
    """Refuses a run that another process trains.

    Raises:
        StorageError: Names the process.
    """
    if is_locked(folder):
        raise _in_use(folder / NAME)


def _take(path: Path) -> IO[str]:
    for _ in range(TRIES):
        try:
            file = open(path, "a+", encoding="utf-8")  # noqa: SIM115
        except OSError as error:
            raise files.storage_error(path, error, "write") from error
        if _lock(file) and _is_at(file, path):
            return file
        file.close()
        time.sleep(PAUSE)
    raise _in_use(path)


def _lock(file: IO[str], shared: bool = False) -> bool:
    """Takes the lock of an open file, if it is free."""
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        # Some network file systems know no locks; training still works.
        return True
    return True


def _is_at(file: IO[str], path: Path) -> bool:
    """Whether the path still is this file: its last holder removed it."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except OSError:
        return False


def _in_use(path: Path) -> StorageError:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
        who = f"process {holder['process']} on {holder['host']}"
    except (OSError, ValueError, KeyError, TypeError):
        who = "another process"
    return StorageError(
        f"{path.parent} is being trained by {who}.",
        hint="wait until it ends, or end it: what it learnt is saved",
    )
