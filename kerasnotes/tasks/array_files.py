"""Files of NumPy arrays that predictions are asked for."""

from pathlib import Path

import numpy as np

from kerasnotes.base.errors import DataError
from kerasnotes.base.types import Array
from kerasnotes.data.meaning.key_names import INPUTS

SUFFIXES = (".npz", ".npy")
"""Of several arrays by name, and of one."""
KEYS = ("x", "x_test", *INPUTS[1:])
"""What the inputs are called in an `.npz` of several arrays."""


def load_array(path: Path) -> tuple[str, Array]:
    """Returns the inputs that a file holds, and what messages call them.

    Raises:
        DataError: If it cannot be read, or says not which array they are.
    """
    if path.suffix.lower() == ".npy":
        return str(path), _load_one(path)
    try:
        with np.load(path, allow_pickle=False) as archive:
            keys = list(archive.files)
            key = next((k for k in KEYS if k in keys), None)
            key = key or (keys[0] if len(keys) == 1 else None)
            x = archive[key] if key else None
    except Exception as error:
        # A damaged zip, pickled objects, a wrong header: all unreadable.
        raise DataError(
            f"{path} cannot be read as an .npz of arrays: {error}"
        ) from None
    if x is None:
        raise DataError(
            f"{path} names no inputs.",
            expected="an array called " + ", ".join(KEYS),
            received=", ".join(keys) or "no arrays",
        )
    return f"`{key}` of {path}", x


def _load_one(path: Path) -> Array:
    try:
        with path.open("rb") as file:
            return np.lib.format.read_array(file, allow_pickle=False)
    except Exception as error:
        # Another format, pickled objects, an end that is missing.
        raise DataError(
            f"{path} cannot be read as a .npy of one array: {error}",
            expected="one array of numbers, as numpy.save writes it",
            received=path.name,
        ) from None
