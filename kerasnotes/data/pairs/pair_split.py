"""A split of pairs of texts, each side read as the numbers of its tokens."""

from collections.abc import Sequence

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.data.fields import Field
from kerasnotes.data.spec import Spec
from kerasnotes.data.text.tokenizer import open_json


class PairSplit:
    """Sources with a target each, held in memory.

    Behind every target stands the number that ends it, `vocabulary - 1` of
    its field, unless the target is cut.

    Args:
        sources: As their file has them.
        targets: What each is translated to.
        names: What to call each example: the line it stands in.
        spec: With tokenizers and lengths; until then only texts are read.
    """

    def __init__(
        self,
        sources: Sequence[str],
        targets: Sequence[str],
        names: Sequence[str],
        spec: Spec | None = None,
    ) -> None:
        self.sources, self.targets, self._names = sources, targets, names
        self._spec = spec if spec is not None and spec.input.tokenizer else None
        self._x = self._y = _Rows(0, [])
        if self._spec is not None:
            field, other = self._spec.input, self._spec.target
            self._x = _Rows.read(sources, field)
            self._y = _Rows.read(targets, other, end=other.vocabulary - 1)

    @property
    def cut(self) -> tuple[int, int]:
        """How many sources, and how many targets, are not read whole."""
        return self._x.cut, self._y.cut

    def __len__(self) -> int:
        return len(self.sources)

    def read(self, indices: Array) -> tuple[Array, Array]:
        """Returns sources `(B, S)` and targets `(B, T)`, int32, padded by 0."""
        return self._x.take(indices), self._y.take(indices)

    def __getitem__(self, index: int) -> tuple[Array, Array]:
        x, y = self.read(np.array([index]))
        return x[0], y[0]

    def text(self, index: int) -> str:
        return self.sources[index]

    def translation(self, index: int) -> str:
        """Returns the target of an example as its file has it."""
        return self.targets[index]

    def name(self, index: int) -> str:
        return self._names[index]

    def order(self, rng: np.random.Generator) -> Array:
        return rng.permutation(len(self))

    def take(self, rows: Array) -> "PairSplit":
        return PairSplit(
            [self.sources[row] for row in rows],
            [self.targets[row] for row in rows],
            [self._names[row] for row in rows],
            self._spec,
        )

    def read_as(self, spec: Spec) -> "PairSplit":
        """Returns these pairs as the tokenizers of `spec` read them."""
        return PairSplit(self.sources, self.targets, self._names, spec)


class _Rows:
    """Numbers of tokens of many texts, one after the other.

    Args:
        length: Of a row, `T`.
        found: The numbers of each text.
    """

    def __init__(self, length: int, found: Sequence[Sequence[int]]) -> None:
        self._length = length
        self.cut = sum(len(one) > length for one in found)
        kept = [one[:length] for one in found]
        # Of 100,000 sentences two numbers in a row save half of the memory.
        self._ends = np.cumsum([0, *map(len, kept)])
        self._numbers = np.fromiter(
            (number for one in kept for number in one),
            "int32",
            int(self._ends[-1]),
        )

    @classmethod
    def read(
        cls, texts: Sequence[str], field: Field, end: int | None = None
    ) -> "_Rows":
        """Reads texts by a field's tokenizer, `end` behind each."""
        found = open_json(field.tokenizer).numbers(texts)
        if end is not None:
            found = [[*one, end] for one in found]
        return cls(int(field.shape[0] or 1), found)

    def take(self, indices: Array) -> Array:
        """Returns some rows, `(B, T)`, int32."""
        out = np.zeros((len(indices), self._length), "int32")
        if not self._length:
            return out
        for row, index in zip(out, indices, strict=True):
            start, end = self._ends[index], self._ends[index + 1]
            row[: end - start] = self._numbers[start:end]
        return out
