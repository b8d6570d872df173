"""A split of texts: read as the numbers of their tokens."""

import hashlib
from collections.abc import Sequence

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.data.fields import Field
from kerasnotes.data.spec import Spec
from kerasnotes.data.text.tokenizer import open_json


class TextSplit:
    """Texts with a class each, held in memory.

    Args:
        texts: As their source has them.
        y: Class numbers `(N,)`.
        names: What to call each example.
        field: With a tokenizer and a length; until then only texts are read.
    """

    def __init__(
        self,
        texts: Sequence[str],
        y: Array,
        names: Sequence[str],
        field: Field | None = None,
    ) -> None:
        self.texts, self.y = texts, np.asarray(y, "int32")
        self._names, self._length = names, 0
        # Of 100,000 messages two numbers in a row save half of the memory.
        self._numbers: Array = np.empty(0, "int32")
        self._ends: Array = np.zeros(1, "int64")
        self.cut = 0
        if field is not None and field.tokenizer:
            self._read_all(field)

    def _read_all(self, field: Field) -> None:
        self._length = int(field.shape[0] or 1)
        found = open_json(field.tokenizer).numbers(self.texts)
        self.cut = sum(len(one) > self._length for one in found)
        kept = [one[: self._length] for one in found]
        self._ends = np.cumsum([0, *map(len, kept)])
        self._numbers = np.fromiter(
            (number for one in kept for number in one),
            "int32",
            int(self._ends[-1]),
        )

    def __len__(self) -> int:
        return len(self.y)

    def read(self, indices: Array) -> tuple[Array, Array]:
        """Returns numbers of tokens `(B, T)`, int32, and classes `(B,)`."""
        x = np.zeros((len(indices), self._length), "int32")
        for row, index in zip(x, indices, strict=True):
            start, end = self._ends[index], self._ends[index + 1]
            row[: end - start] = self._numbers[start:end]
        return x, self.y[indices]

    def __getitem__(self, index: int) -> tuple[Array, Array]:
        x, y = self.read(np.array([index]))
        return x[0], y[0]

    @property
    def lengths(self) -> Array:
        """Tokens of each text, `(N,)`, as far as they are read."""
        return np.diff(self._ends)

    def text(self, index: int) -> str:
        return self.texts[index]

    def name(self, index: int) -> str:
        return self._names[index]

    def order(self, rng: np.random.Generator) -> Array:
        return rng.permutation(len(self))

    def take(self, rows: Array) -> "TextSplit":
        part = TextSplit(
            [self.texts[row] for row in rows],
            self.y[rows],
            [self._names[row] for row in rows],
        )
        part._length = self._length
        if self._length:
            ends = self._ends
            kept = [self._numbers[ends[r] : ends[r + 1]] for r in rows]
            part._ends = np.cumsum([0, *map(len, kept)])
            part._numbers = np.concatenate([self._numbers[:0], *kept])
        return part

    def read_as(self, spec: Spec) -> "TextSplit":
        """Returns these texts as another field's tokenizer reads them."""
        return TextSplit(self.texts, self.y, self._names, spec.input)


def fingerprint(texts: Sequence[str], y: Array) -> str:
    """Returns a digest of texts and their classes."""
    digest = hashlib.blake2b(digest_size=16)
    for text in texts:
        raw = text.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8, "little"))
        digest.update(raw)
    digest.update(np.ascontiguousarray(y).data)
    return digest.hexdigest()
