"""What identifies the weights in a `.keras` file, whatever else is there."""

import hashlib
from pathlib import Path

from kerasnotes.runs.archive import zip_file

_CHUNK = 2**20


def weights_digest(path: Path) -> str:
    """Returns the SHA-256 of the weights' member, in hex.

    A record written into the file later does not change it.

    Raises:
        StorageError: If the file is missing, damaged or made to harm.
    """
    found = hashlib.sha256()
    with (
        zip_file.open_archive(path) as archive,
        zip_file.unpack(path, archive, zip_file.WEIGHTS) as file,
    ):
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()
