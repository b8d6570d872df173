"""Reading a large HDF5 set at the speed of the disk, in little memory.

Compressed chunks are slow to read one row at a time: each row would unpack
its whole chunk. So rows are read in blocks of whole chunks, a few hundred
megabytes of blocks are kept, and an epoch visits blocks in random order,
mixing the rows of several blocks at a time.
"""

import threading
from collections import OrderedDict
from typing import Any

import numpy as np

from kerasnotes.base.errors import DataError
from kerasnotes.data.dataset import Array
from kerasnotes.data.masks.mask_encoder import Encoder

BLOCK_BYTES = 2 * 2**20
"""About the size of a block."""
WINDOW_BYTES = 96 * 2**20
"""Size of the blocks whose rows are mixed with each other."""
CACHE_BYTES = 2 * WINDOW_BYTES + 32 * 2**20
"""Size of the blocks kept: this window and the next."""
_SHIFT = 40
"""A block's number carries its reader's above so many bits."""


class BlockReader:
    """Blocks of rows of a pair of HDF5 datasets, the latest kept.

    Args:
        x: HDF5 dataset of inputs.
        y: HDF5 dataset of labels `(N,)`, or masks `(N, H, W)`.
        shape: Shape of one input.
        dtype: Type that inputs are returned in.
        rows: Rows per block.
        channels_first: Whether images lie there as `(N, C, H, W)`.

    Attributes:
        encoder: Turns masks into class numbers; set before reading masks.
    """

    def __init__(
        self,
        x: Any,
        y: Any,
        *,
        shape: tuple[int, ...],
        dtype: str,
        rows: int,
        channels_first: bool = False,
    ) -> None:
        self.x, self.y = x, y
        self.shape, self.dtype, self.rows = shape, dtype, rows
        self.channels_first = channels_first
        self.encoder: Encoder | None = None
        self._blocks: OrderedDict[int, tuple[Array, Array | None]] = (
            OrderedDict()
        )
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.x)

    @property
    def has_masks(self) -> bool:
        return bool(self.y.ndim >= 3)

    @property
    def row_bytes(self) -> int:
        size = int(np.prod(self.shape)) * np.dtype(self.dtype).itemsize
        pixels = int(np.prod(self.shape[:2])) if self.has_masks else 0
        return size + 4 * pixels

    @property
    def bytes(self) -> int:
        """Size of all rows, unpacked."""
        return len(self) * self.row_bytes

    def block(self, number: int) -> tuple[Array, Array | None]:
        """Returns inputs and, if there are any, masks of one block."""
        # HDF5 reads in one thread at a time anyway.
        with self._lock:
            if number in self._blocks:
                self._blocks.move_to_end(number)
                return self._blocks[number]
            block = self._read(number * self.rows)
            self._blocks[number] = block
            most = max(2, CACHE_BYTES // max(1, self.rows * self.row_bytes))
            while len(self._blocks) > most:
                self._blocks.popitem(last=False)
            return block

    def _read(self, start: int) -> tuple[Array, Array | None]:
        stop = min(start + self.rows, len(self))
        try:
            raw = self.x[start:stop]
            masks = self.y[start:stop] if self.has_masks else None
        except OSError as error:
            raise DataError(
                f"Rows {start} to {stop} of {self.x.file.filename} cannot "
                f"be read: {error}.",
                expected="a whole file, with filters that HDF5 knows",
                received=f"key {self.x.name}",
            ) from error
        if self.channels_first:
            raw = np.moveaxis(raw, 1, -1)
        x = raw.reshape(len(raw), *self.shape).astype(self.dtype, copy=False)
        self._check_finite(x, start)
        if masks is None or self.encoder is None:
            return x, None
        masks = masks.reshape(masks.shape[:3])
        return x, self.encoder(masks, f"rows {start} to {stop - 1}")

    def _check_finite(self, x: Array, start: int) -> None:
        if x.dtype.kind != "f" or np.isfinite(x).all():
            return
        bad = ~np.isfinite(x.reshape(len(x), -1)).all(axis=1)
        rows = np.flatnonzero(bad) + start
        raise DataError(
            f"{self.x.file.filename} holds NaN or infinity in {self.x.name}.",
            expected="finite numbers",
            received="rows " + ", ".join(map(str, rows[:10])),
        )


class H5Split:
    """Rows of HDF5 files.

    Args:
        readers: The files' datasets.
        targets: Class numbers `(N,)`, or measured values `(N, K)`, of all
            rows of each reader; `None` for masks.
        reader: Which reader each example is in, `(N,)`.
        rows: Row of each example in its reader, `(N,)`.
    """

    def __init__(
        self,
        readers: list[BlockReader],
        targets: list[Array | None],
        reader: Array,
        rows: Array,
    ) -> None:
        self.readers, self.reader, self.rows = readers, reader, rows
        self.targets = targets
        self.y = np.zeros(len(rows), "int32")
        if targets[0] is not None:
            like = targets[0]
            self.y = np.zeros((len(rows), *like.shape[1:]), like.dtype)
        for number, target in enumerate(targets):
            if target is not None:
                here = reader == number
                self.y[here] = target[rows[here]]

    def _blocks(self, indices: Array) -> Array:
        """Returns a number for the block of each example."""
        reader = self.reader[indices].astype("int64")
        size = np.array([reader.rows for reader in self.readers])
        blocks: Array = self.rows[indices] // size[reader]
        return (reader << _SHIFT) + blocks

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> tuple[Array, Array]:
        x, y = self.read(np.array([index]))
        return x[0], y[0]

    def read(self, indices: Array) -> tuple[Array, Array]:
        """Returns inputs `(B, ...)` and targets; each block is read once."""
        indices = np.asarray(indices)
        reader = self.readers[0]
        x = np.empty((len(indices), *reader.shape), reader.dtype)
        if reader.has_masks:
            y = np.empty((len(indices), *reader.shape[:2]), "int32")
        else:
            y = self.y[indices]
        keys = self._blocks(indices)
        for key in np.unique(keys).tolist():
            here = np.flatnonzero(keys == key)
            source = self.readers[key >> _SHIFT]
            inputs, masks = source.block(key & (2**_SHIFT - 1))
            inside = self.rows[indices[here]] % source.rows
            x[here] = inputs[inside]
            if masks is not None:
                y[here] = masks[inside]
        return x, y

    def name(self, index: int) -> str:
        return f"#{self.rows[index]}"

    def take(self, rows: Array) -> "H5Split":
        reader = self.reader[rows]
        return H5Split(self.readers, self.targets, reader, self.rows[rows])

    def order(self, rng: np.random.Generator) -> Array:
        """Returns blocks in random order, rows mixed within windows.

        A set that fits into the cache is mixed as a whole.
        """
        if len(self) == 0:
            return np.arange(0)
        reader = self.readers[0]
        if len(self) * reader.row_bytes <= CACHE_BYTES:
            return rng.permutation(len(self))
        keys = self._blocks(np.arange(len(self)))
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        runs = np.split(np.arange(len(self)), starts[1:])
        size = max(1, WINDOW_BYTES // (reader.rows * reader.row_bytes))
        shuffled = rng.permutation(len(runs))
        return np.concatenate(
            [
                rng.permutation(np.concatenate([runs[i] for i in window]))
                for window in np.split(
                    shuffled, range(size, len(shuffled), size)
                )
            ]
        )
