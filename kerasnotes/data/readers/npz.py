"""`.npz` files: `x` and `y`, `x_train` and `y_train`, and other names."""

import zipfile
import zlib
from pathlib import Path

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data.dataset import Array, Dataset
from kerasnotes.data.meaning.keys import find_keys, tell
from kerasnotes.data.memory import Parts, make_dataset
from kerasnotes.data.problems import Problems

DAMAGE = (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error)
"""What NumPy lets out when a `.npz` file is damaged."""


def read(path: Path, config: DataConfig, problems: Problems) -> Dataset | None:
    """Reads a `.npz` file; pickled objects in it are never loaded.

    Raises:
        DataError: If it is damaged, or its arrays are no data set.
    """
    try:
        if not zipfile.is_zipfile(path):
            # NumPy would take it for a pickle, and say so.
            raise _broken(path, "it is no zip archive")
        with open(path, "rb") as file:
            archive = np.load(file, allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise _broken(path, "not a .npz archive")
            keys = find_keys(archive.files, config.target, str(path))
            parts: Parts = {
                part: (_array(archive, x, path), _array(archive, y, path))
                for part, (x, y) in keys.items()
            }
    except DAMAGE as error:
        raise _broken(path, str(error)) from None
    tell(keys, problems)
    return make_dataset(parts, config, problems, name=path.stem)


def _array(archive: np.lib.npyio.NpzFile, key: str, path: Path) -> Array:
    try:
        array: Array = archive[key]
        return array
    except ValueError as error:
        if "allow_pickle" not in str(error):
            raise
        raise DataError(
            f"{path} holds pickled Python objects, which are not loaded: "
            "they could run any program.",
            expected="plain arrays of numbers or text",
            received=f"key {key} with dtype object",
            hint="save it again from arrays of one shape and type",
        ) from None
    except MemoryError:
        raise _broken(path, f"key {key} claims more than the memory") from None


def _broken(path: Path, reason: str) -> DataError:
    return DataError(
        f"{path} cannot be read as .npz: {reason.rstrip('.')}.",
        expected="a file written by numpy.savez",
        received=str(path),
    )
