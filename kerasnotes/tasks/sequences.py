"""Sequences that a trained model is asked about: read, checked, padded."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasnotes.base.errors import DataError
from kerasnotes.base.types import Array
from kerasnotes.data.readers import sequence_array, ts_cases
from kerasnotes.data.readers.npz import read_inputs
from kerasnotes.data.readers.tables.sequence_rows import sequences_in
from kerasnotes.data.readers.tables.table_rows import SUFFIXES as TABLES
from kerasnotes.data.sequences.from_arrays import (
    are_sequences,
    as_sequences,
    ragged,
    without_nan,
)
from kerasnotes.data.sequences.sequence_split import pad
from kerasnotes.data.spec import Spec

SUFFIXES = (*TABLES, ".npz", sequence_array.SUFFIX, ts_cases.SUFFIX)
"""Endings of files that hold one sequence or more."""


def read_sequences(path: Any, spec: Spec) -> list[Array]:
    """Returns the sequences of a file, or of arrays in memory.

    Args:
        path: A table: one sequence, or those that the column of the training
            tells apart; a `.ts`, `.npy` or `.npz` file; or arrays in memory,
            with `values` and a `name`.
        spec: What the model was trained on.

    Returns:
        Array `(T, D)` of each, float32, without padding.

    Raises:
        DataError: If it cannot be read, or does not fit the model.
    """
    found = _read(path, spec)
    width, length = spec.input.shape[1], int(spec.input.shape[0] or 1)
    for one in found:
        if one.shape[1] != width or not len(one):
            raise _misfit(path, spec, f"one of shape {one.shape}")
        if not np.isfinite(one).all():
            raise _misfit(path, spec, "NaN or infinity within a sequence")
        if not spec.input.varied and len(one) != length:
            raise _misfit(path, spec, f"one of {len(one):,} rows")
    return found


def _read(path: Any, spec: Spec) -> list[Array]:
    if not isinstance(path, Path):
        return split_up(path.values, str(path), spec)
    suffix = path.suffix.lower()
    if suffix == ts_cases.SUFFIX:
        return ts_cases.read_cases(path).values
    if suffix == sequence_array.SUFFIX:
        return sequence_array.sequences_in(path)
    if suffix == ".npz":
        return split_up(read_inputs(path), str(path), spec)
    return sequences_in(path, spec)


def split_up(value: Any, name: str, spec: Spec) -> list[Array]:
    """Returns the sequences of a list, of an array, or the only one of it.

    Args:
        value: Arrays in a list; or an array `(N, T, D)`, perhaps with rows of
            NaN behind the ends; or one sequence, `(T, D)`.
        name: What messages call it.
        spec: What the model was trained on.

    Raises:
        DataError: If it is something else.
    """
    several = ragged(value)
    if several is not None:
        return as_sequences(several, name)
    x = np.asarray(value)
    if x.ndim == 2 and x.shape[1] == spec.input.shape[1]:
        x = x[None]
    bare = without_nan(x)
    if bare is None and not are_sequences(x) and x.ndim != 3:
        raise DataError(
            f"The {name} does not fit the model.",
            expected=_wanted(spec),
            received=f"{x.dtype} of shape {x.shape}",
        )
    return as_sequences(x if bare is None else bare, name)


def to_inputs(sequences: Sequence[Array], spec: Spec) -> Array:
    """Returns sequences as the model is given them, `(N, T, D)`."""
    return pad(sequences, int(spec.input.shape[0] or 1))


def tell_sequences(sequences: Sequence[Array], spec: Spec) -> Iterator[str]:
    """Yields what a user should know of sequences before answers are read."""
    length = int(spec.input.shape[0] or 1)
    cut = sum(len(one) > length for one in sequences)
    if cut:
        yield (
            f"{cut:,} of {len(sequences):,} sequences have more than "
            f"{length:,} rows, the most of the training: the rest is not read."
        )


def _wanted(spec: Spec) -> str:
    length, width = spec.input.shape
    rows = "T" if spec.input.varied else f"{length}"
    return f"sequences of finite numbers, ({rows}, {width}) each"


def _misfit(path: Any, spec: Spec, received: str) -> DataError:
    return DataError(
        f"{path} does not fit the model.",
        expected=_wanted(spec),
        received=received,
    )
