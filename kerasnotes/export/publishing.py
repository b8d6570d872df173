"""Artefacts appear by a rename: whole, or not at all."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from kerasnotes.base import files


@contextlib.contextmanager
def work_folder(out: Path) -> Iterator[Path]:
    """Yields a hidden folder in `out`, on the disk of the final place.

    After a failure nothing is left, not even `out` where it was made here.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".export-", dir=out))
    except OSError as error:
        raise files.storage_error(out, error, "write") from error
    try:
        yield folder
    except OSError as error:
        raise files.storage_error(out, error, "write") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            # Fails, as it should, where anything lies in it.
            out.rmdir()


def publish(artefact: Path, out: Path, name: str, suffix: str) -> Path:
    """Renames a finished artefact to its final name.

    Args:
        artefact: What was written, in a work folder of `out`.
        out: Where to.
        name: Of the model.
        suffix: Of its file; empty for a folder of numbered versions.

    Returns:
        The final place.
    """
    if suffix:
        final = out / artefact.name
        if final.is_dir():
            # A folder replaces no folder; the old one goes with the work.
            final.rename(artefact.with_name("old"))
        os.replace(artefact, final)
        return final
    base = out / name
    base.mkdir(exist_ok=True)
    taken = [int(p.name) for p in base.iterdir() if p.name.isdecimal()]
    number = max(taken, default=0) + 1
    while True:
        final = base / str(number)
        try:
            artefact.rename(final)
        except OSError:
            # Another export took this number in the meantime.
            if not final.exists():
                raise
            number += 1
            continue
        return final
