"""Opening the HDF5 file of weights in a `.keras` file without trusting it.

HDF5 can point at other files, at itself, and claim shapes of petabytes. The
tree is walked link by link before any value is read.
"""

import contextlib
import math
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kerasnotes.base.errors import StorageError
from kerasnotes.runs.archive import zip_file

MAX_OBJECTS = 200_000
MAX_DEPTH = 64
MAX_EXPANSION = 100
"""Bytes of values from one stored byte, where HDF5 compresses."""
EXPANSION_FLOOR = 2**20
"""Data sets of fewer bytes are harmless at any expansion."""
_FILTERS = {1, 2, 3, 32000}
"""HDF5 numbers of deflate, shuffle, fletcher32 and lzf."""
_KINDS = "biufc"
_BROKEN = (OSError, RuntimeError, LookupError, TypeError, ValueError)
"""What h5py raises where HDF5 stumbles."""


@contextlib.contextmanager
def open_weights(path: Path, archive: zipfile.ZipFile) -> Iterator[Any]:
    """Yields the checked `h5py.File` of weights.

    Raises:
        StorageError: If it is damaged, or set to harm.
    """
    import h5py

    with zip_file.unpack(path, archive, zip_file.WEIGHTS) as spool:
        size = archive.getinfo(zip_file.WEIGHTS).file_size
        try:
            with h5py.File(spool, "r") as file:
                check_tree(path, file, size)
                yield file
        except _BROKEN as error:
            raise zip_file.damaged(
                path, f"weights that HDF5 cannot read ({error})"
            ) from error


def check_tree(path: Path, file: Any, size: int) -> None:
    """Checks every link and data set without reading values.

    Args:
        path: The `.keras` file, for messages.
        file: The open `h5py.File`.
        size: Bytes of the whole HDF5 file.

    Raises:
        StorageError: If any of them is not plain numbers stored inside.
    """
    total = 0
    seen = {_identity(file)}
    for name, item in _walk(path, file):
        # A group reached twice is a loop, or a tree that doubles at each
        # level; Keras writes neither.
        if _identity(item) in seen:
            raise _refuse(path, name, "is linked twice")
        seen.add(_identity(item))
        if len(seen) > MAX_OBJECTS:
            raise _refuse(path, name, f"is one of over {MAX_OBJECTS}")
        total += _check_item(path, name, item, size)
    if total > MAX_EXPANSION * size + EXPANSION_FLOOR:
        raise _refuse(path, "/", f"claims {total} bytes in {size}")


def _refuse(path: Path, name: str, why: str) -> StorageError:
    return zip_file.refuse(path, f"its weights `{name}` {why}")


def _identity(item: Any) -> int:
    """Returns the object's address, equal however it was reached."""
    import h5py

    address: int = h5py.h5o.get_info(item.id).addr
    return address


def _walk(path: Path, group: Any) -> Iterator[tuple[str, Any]]:
    """Yields every object, parents first; refuses to follow soft links."""
    import h5py

    pending = [(group, "", 0)]
    while pending:
        parent, prefix, depth = pending.pop()
        for key in parent:
            name = f"{prefix}{key}"
            link = parent.get(key, getclass=True, getlink=True)
            if link is None:
                raise KeyError(f"{name} is listed, but not there")
            if link is not h5py.HardLink:
                raise _refuse(path, name, f"are a link ({link.__name__})")
            item = parent[key]
            yield name, item
            if isinstance(item, h5py.Group):
                if depth >= MAX_DEPTH:
                    raise _refuse(path, name, "are nested too deep")
                pending.append((item, f"{name}/", depth + 1))


def _check_item(path: Path, name: str, item: Any, size: int) -> int:
    """Checks one object; returns the bytes that its values take."""
    import h5py

    if isinstance(item, h5py.Group):
        return 0
    if not isinstance(item, h5py.Dataset):
        raise _refuse(path, name, "are not a data set")
    if item.external or item.is_virtual:
        raise _refuse(path, name, "lie in another file")
    if item.shape is None or not _is_numeric(item):
        raise _refuse(path, name, f"are not numbers ({item.dtype})")
    filters = item.id.get_create_plist()
    codes = {filters.get_filter(i)[0] for i in range(filters.get_nfilters())}
    if not codes <= _FILTERS:
        raise _refuse(path, name, f"need the HDF5 filters {sorted(codes)}")
    claimed: int = math.prod(item.shape) * item.dtype.itemsize
    stored = item.id.get_storage_size()
    limit = MAX_EXPANSION * stored if codes else min(stored, size)
    if claimed > max(limit, EXPANSION_FLOOR if codes else 0):
        shape = "x".join(map(str, item.shape))
        raise _refuse(path, name, f"claim the shape {shape}, stored: {stored}")
    return claimed


def _is_numeric(item: Any) -> bool:
    return str(item.dtype.kind) in _KINDS or is_bfloat16(item)


def is_bfloat16(item: Any) -> bool:
    """Keras stores bfloat16, which HDF5 lacks, as two opaque bytes."""
    kind = item.attrs.get("dtype") if item.dtype.str == "|V2" else None
    return isinstance(kind, str) and kind == "bfloat16"
