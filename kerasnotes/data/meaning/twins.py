"""Examples that are in two parts of a data set: what flatters its metrics."""

import hashlib
from collections.abc import Callable

import numpy as np

from kerasnotes.data.dataset import Array
from kerasnotes.data.problems import Problems

NAMED = 3
"""Pairs told of, a part."""
_MIX = np.uint64(0x9E3779B97F4A7C15)
_ODD = np.uint64(0xBF58476D1CE4E5B9)
_HALF = np.uint64(32)


class Twins:
    """Finds equal examples by 64 bits of each, part after part."""

    def __init__(self) -> None:
        self._keys: list[Array] = []
        self._indices: list[Array] = []
        self._before = np.empty(0, "uint64")
        self._sorted = self._before
        self._names: list[tuple[str, Callable[[int], str], Array]] = []

    def add(self, indices: Array, keys: Array) -> None:
        """Takes up examples of the part that is being read.

        Args:
            indices: Their numbers `(B,)` in their part.
            keys: Their `digests`, `(B,)`.
        """
        self._keys.append(keys)
        self._indices.append(indices)

    def end(
        self, part: str, name: Callable[[int], str], problems: Problems
    ) -> None:
        """Compares a part, which is complete, with those before it.

        Args:
            part: Its name.
            name: Returns what an example of it is called.
            problems: Told of the first few pairs, and how many there are.
        """
        if not self._keys:
            return
        keys = np.concatenate(self._keys)
        indices = np.concatenate(self._indices)
        again = np.flatnonzero(_is_in(keys, self._sorted))
        for place in again[:NAMED].tolist():
            first = self._first(keys[place])
            here = name(int(indices[place]))
            problems.note(f"{here} ({part}) equals {first}.")
        if len(again):
            one = len(again) == 1
            problems.note(
                f"{len(again)} example{'s' * (not one)} of the {part} part "
                f"{'is' if one else 'are'} also in an earlier part: its "
                "metrics will flatter."
            )
        self._before = np.concatenate([self._before, keys])
        # Two runs in order: a stable sort merges them.
        both = np.concatenate([self._sorted, np.sort(keys)])
        self._sorted = np.sort(both, kind="stable")
        self._names.append((part, name, indices))
        self._keys, self._indices = [], []

    def _first(self, key: np.uint64) -> str:
        place = int(np.flatnonzero(self._before == key)[0])
        for part, name, indices in self._names:
            if place < len(indices):
                return f"{name(int(indices[place]))} ({part})"
            place -= len(indices)
        raise LookupError(key)


def _is_in(keys: Array, known: Array) -> Array:
    """Returns which keys are known; five times as fast as `numpy.isin`.

    Args:
        keys: `(N,)`.
        known: Sorted.
    """
    if not len(known):
        return np.zeros(len(keys), "bool")
    places = np.searchsorted(known, keys).clip(max=len(known) - 1)
    found: Array = known[places] == keys
    return found


def digests(x: Array) -> Array:
    """Returns 64 bits `(B,)` of each raw input `(B, ...)`.

    Equal for equal ones.
    """
    rows = np.ascontiguousarray(x).reshape(len(x), -1)
    if x.ndim != 2 or rows.dtype.itemsize != 4:
        found = [
            hashlib.blake2b(row.tobytes(), digest_size=8).digest()
            for row in rows
        ]
        return np.frombuffer(b"".join(found), "uint64")
    # Many short rows: a product and a shift a value (splitmix64), in NumPy.
    words = _pairs(rows)
    words += np.arange(1, words.shape[1] + 1, dtype="uint64") * _MIX
    words ^= words >> _HALF
    words *= _ODD
    words ^= words >> _HALF
    words *= _MIX
    words ^= words >> _HALF
    total: Array = words.sum(axis=1, dtype="uint64")
    return total


def _pairs(rows: Array) -> Array:
    """Returns numbers of 32 bits, two and two, as new `(B, ceil(D / 2))`."""
    count, width = rows.shape
    words = np.zeros((count, -(-width // 2)), "uint64")
    words.view("uint32")[:, :width] = rows.view("uint32")
    return words
