"""`.npy` files as sequences: one of them each, or several as objects."""

from pathlib import Path

import numpy as np

from kerasnotes.base.errors import DataError
from kerasnotes.data.dataset import Array
from kerasnotes.data.fields import Column
from kerasnotes.data.restricted_pickle import load_npy
from kerasnotes.data.sequences.from_arrays import as_sequences, column_names

SUFFIX = ".npy"


def one_sequence(path: Path) -> tuple[Array, list[Column]]:
    """Returns the sequence of a file `(T,)` or `(T, D)`, and its columns.

    Raises:
        DataError: If it holds something else.
    """
    found = sequences_in(path)
    if len(found) != 1:
        raise DataError(
            f"{path} holds {len(found)} sequences.",
            expected="one, an array (T,) or (T, D)",
            received=f"{len(found)}",
        )
    return found[0], [Column(n) for n in column_names(found[0].shape[1])]


def sequences_in(path: Path) -> list[Array]:
    """Returns the sequences of a file, `(T, D)` each, float32.

    It holds one, `(T,)` or `(T, D)`; or several of one length, `(N, T, D)`,
    or as objects, `(N,)`.

    Raises:
        DataError: If it holds something else.
    """
    x = load_npy(path)
    if x.dtype != object and x.ndim < 3:
        single = np.empty(1, object)
        single[0] = x
        x = single
    return as_sequences(x, str(path))
