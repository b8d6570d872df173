"""A split of sequences: rows of numbers, more of them in one than in other."""

import hashlib
from collections.abc import Sequence

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.data.dataset import as_targets
from kerasnotes.data.spec import Spec


class SequenceSplit:
    """Sequences with a target each, held in memory.

    Args:
        values: Array `(T, D)` of each, float32.
        y: Class numbers `(N,)`, or measured values `(N, K)`.
        names: What to call each example.
        length: Rows that are read of each: what comes after is cut, and rows
            of NaN stand behind the end of a shorter one.
    """

    def __init__(
        self,
        values: Sequence[Array],
        y: Array,
        names: Sequence[str],
        length: int,
    ) -> None:
        self.values, self.y = values, as_targets(y)
        self._names, self.length = names, length

    def __len__(self) -> int:
        return len(self.y)

    def read(self, indices: Array) -> tuple[Array, Array]:
        """Returns sequences `(B, T, D)`, float32, and their targets."""
        chosen = [self.values[index] for index in indices]
        return pad(chosen, self.length), self.y[indices]

    def __getitem__(self, index: int) -> tuple[Array, Array]:
        x, y = self.read(np.array([index]))
        return x[0], y[0]

    @property
    def lengths(self) -> Array:
        """Rows of each, `(N,)`, as far as they are read."""
        return np.minimum([len(one) for one in self.values], self.length)

    def name(self, index: int) -> str:
        return self._names[index]

    def order(self, rng: np.random.Generator) -> Array:
        return rng.permutation(len(self))

    def take(self, rows: Array) -> "SequenceSplit":
        return SequenceSplit(
            [self.values[row] for row in rows],
            self.y[rows],
            [self._names[row] for row in rows],
            self.length,
        )

    def read_as(self, spec: Spec) -> "SequenceSplit":
        """Returns them as a model reads them that was trained on `spec`."""
        length = int(spec.input.shape[0] or 1)
        return SequenceSplit(self.values, self.y, self._names, length)


def pad(values: Sequence[Array], length: int) -> Array:
    """Returns sequences `(T, D)` as `(B, length, D)`, float32.

    Shorter ones end in rows of NaN, longer ones are cut.
    """
    shape = (len(values), length, values[0].shape[1] if len(values) else 0)
    x = np.full(shape, np.nan, "float32")
    for row, one in zip(x, values, strict=True):
        kept = one[:length]
        row[: len(kept)] = kept
    return x


def fingerprint(values: Sequence[Array], y: Array) -> str:
    """Returns a digest of sequences and their targets."""
    digest = hashlib.blake2b(digest_size=16)
    for one in values:
        digest.update(f"{one.shape}".encode())
        digest.update(np.ascontiguousarray(one).data)
    digest.update(np.ascontiguousarray(as_targets(y)).data)
    return digest.hexdigest()
