"""Arrays in a `.pth` file, without PyTorch and without running anything.

The format of before PyTorch 1.6 is five pickles, one after another: a magic
number, the version, sizes of types, the names with what array is where in
which storage, and the storages' keys; then each storage: its number of
elements and their bytes.

Reference:
    torch/serialization.py, `_legacy_save`.
    https://github.com/pytorch/pytorch/blob/main/torch/serialization.py
"""

import collections
import dataclasses
import pickle
import struct
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from kerasnotes.base.errors import DataError
from kerasnotes.base.types import Array

MAGIC = 0x1950A86A20F9469CFC6C
_TYPES = {
    "FloatStorage": "<f4",
    "DoubleStorage": "<f8",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
}


@dataclasses.dataclass(frozen=True)
class _Place:
    """Where an array's numbers are: an `_rebuild_tensor_v2` not carried out."""

    storage: tuple[Any, ...]
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    _gradient: Any = None
    _hooks: Any = None


class _Unpickler(pickle.Unpickler):
    """Takes names of arrays' types and of nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _Place
        if module == "torch" and name in _TYPES:
            return np.dtype(_TYPES[name])
        raise pickle.UnpicklingError(f"it names {module}.{name}")

    def persistent_load(self, pid: Any) -> Any:
        return pid


def read_torch(path: Path) -> dict[str, Array]:
    """Returns the arrays of a file, by name.

    Raises:
        DataError: If it is another file, damaged, or holds more than arrays.
    """
    try:
        with path.open("rb") as file:
            return _read(file)
    except Exception as error:
        # A damaged pickle lets out any error there is.
        raise DataError(
            f"{path} cannot be read.",
            expected="a dictionary of arrays that PyTorch saved before 1.6",
            received=str(error)[:200] or type(error).__name__,
        ) from error


def _read(file: BinaryIO) -> dict[str, Array]:
    if _Unpickler(file).load() != MAGIC:
        raise ValueError("another magic number")
    _version, _sizes, places, keys = (_Unpickler(file).load() for _ in range(4))
    types = {place.storage[2]: place.storage[1] for place in places.values()}
    storages = {key: _read_storage(file, types[key]) for key in keys}
    return {name: _view(place, storages) for name, place in places.items()}


def _read_storage(file: BinaryIO, kind: "np.dtype[Any]") -> Array:
    (count,) = struct.unpack("<q", file.read(8))
    content = file.read(count * kind.itemsize)
    return np.frombuffer(content, kind, count)


def _view(place: _Place, storages: dict[str, Array]) -> Array:
    """Returns an array of its own; NumPy checks that it lies in the storage."""
    storage = storages[place.storage[2]]
    size = storage.itemsize
    whole: Array = np.ndarray(
        place.shape,
        storage.dtype,
        storage,
        place.offset * size,
        tuple(stride * size for stride in place.strides),
    )
    return whole.copy()
