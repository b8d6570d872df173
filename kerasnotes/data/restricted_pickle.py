"""Reads pickles of data files without running anything.

CIFAR, IMDB and Reuters were published as pickles, and NumPy writes arrays of
objects, such as sequences that differ in length, as such. Nothing but NumPy's
own array constructors can be named in them here, so no program can hide there.
"""

import io
import pickle
import zipfile
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from kerasnotes.base.errors import DataError

_ALLOWED = {
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("_codecs", "encode"),
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"it names {module}.{name}")
        if module.startswith("numpy.core"):
            module = "numpy._core.multiarray"
        return super().find_class(module, name)


def load_pickle(path: Path) -> Any:
    """Loads a pickle of lists, text, numbers and arrays.

    Raises:
        DataError: If it is damaged or holds anything else.
    """
    try:
        return _Unpickler(
            io.BytesIO(path.read_bytes()), encoding="latin1"
        ).load()
    except Exception as error:
        # A damaged pickle lets out any error there is.
        _refuse(path, error)


def load_npz(path: Path) -> dict[str, Any]:
    """Loads a `.npz` whose arrays may hold lists.

    Raises:
        DataError: If it is damaged or holds anything but data.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            return {
                name.removesuffix(".npy"): _load_npy(archive.read(name))
                for name in names
            }
    except Exception as error:
        _refuse(path, error)


def load_npy(path: Path) -> np.ndarray[Any, Any]:
    """Loads a `.npy` whose array may hold arrays and lists.

    Raises:
        DataError: If it is damaged or holds anything but data.
    """
    try:
        return np.asarray(_load_npy(path.read_bytes()))
    except Exception as error:
        _refuse(path, error, "an array that NumPy wrote, of numbers")


def load_objects(path: Path, key: str) -> np.ndarray[Any, Any]:
    """Loads an array of a `.npz` that holds arrays or lists.

    Args:
        path: The file.
        key: The array's.

    Raises:
        DataError: If it is damaged or holds anything but data.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return np.asarray(_load_npy(archive.read(f"{key}.npy")))
    except Exception as error:
        _refuse(path, error, "arrays of numbers, or of such arrays")


def _load_npy(content: bytes) -> Any:
    file = io.BytesIO(content)
    version = np.lib.format.read_magic(file)
    read_header = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }[version]
    _, _, dtype = read_header(file)
    if dtype.hasobject:
        return _Unpickler(file, encoding="latin1").load()
    return np.load(io.BytesIO(content), allow_pickle=False)


_KERAS = "the file that Keras offers for download"


def _refuse(path: Path, error: Exception, expected: str = _KERAS) -> NoReturn:
    again = "remove the file, so that it is downloaded again"
    raise DataError(
        f"{path} cannot be read: {error}.",
        expected=expected,
        received=str(path),
        hint=again if expected == _KERAS else None,
    ) from error
