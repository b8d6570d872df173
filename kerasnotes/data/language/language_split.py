"""One part of a long text: windows of tokens, and the token after each."""

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.data.language.language_tokens import encode, release
from kerasnotes.data.language.text_file import TextFile
from kerasnotes.data.spec import Spec
from kerasnotes.data.text.tokenizer import open_json

PIECE = 2**20
"""Tokens counted in one go."""
READS = 128
"""Batches after which the pages of a file that they touched are let go."""


class LanguageSplit:
    """Windows of one part of a text, each a view of its tokens.

    In order they lie end to end. An epoch of training has as many, but
    begins at another place each time: window `i` is, of `n`, number `i % n`,
    moved on by `i // n` tokens.

    Args:
        file: The text.
        span: First character of the part, and the one after its last.
        spec: With a tokenizer and a window; until then nothing is read.
    """

    def __init__(
        self, file: TextFile, span: tuple[int, int], spec: Spec | None = None
    ) -> None:
        self.file, self.span, self.window = file, span, 0
        self.ids: Array = np.empty(0, "uint8")
        if spec is not None and spec.input.tokenizer:
            self.window = int(spec.input.shape[0] or 1)
            learned = open_json(spec.input.tokenizer)
            self.ids = encode(file.between(*span), learned)
        self._ahead, self._reads = np.arange(self.window + 1), 0

    @property
    def characters(self) -> int:
        """Code points of this part."""
        return self.span[1] - self.span[0]

    def counts(self, vocabulary: int) -> Array:
        """Returns how often each token comes, `(vocabulary,)`.

        Args:
            vocabulary: Different numbers that there are.
        """
        found = np.zeros(vocabulary, "int64")
        for first in range(0, len(self.ids), PIECE):
            some = self.ids[first : first + PIECE]
            found += np.bincount(some, minlength=vocabulary)
            release(self.ids)
        return found

    def __len__(self) -> int:
        return max(0, len(self.ids) - 1) // max(1, self.window)

    def read(self, indices: Array) -> tuple[Array, Array]:
        """Returns tokens `(B, T)` and those that follow each, `(B, T)`."""
        number = np.asarray(indices) % len(self)
        moved = np.asarray(indices) // len(self)
        last = len(self.ids) - 1 - self.window
        start = np.minimum(number * self.window + moved, last)
        both = self.ids[start[:, None] + self._ahead].astype("int32")
        self._reads += 1
        if self._reads % READS == 0:
            release(self.ids)
        return both[:, :-1], both[:, 1:]

    def __getitem__(self, index: int) -> tuple[Array, Array]:
        x, y = self.read(np.array([index]))
        return x[0], y[0]

    def name(self, index: int) -> str:
        return f"token {index * self.window:,}"

    def order(self, rng: np.random.Generator) -> Array:
        moved = rng.integers(self.window)
        found = rng.permutation(len(self))
        # In place: of a long text, these are many.
        found += moved * len(self)
        return found

    def streams(self, rng: np.random.Generator, rows: int) -> Array:
        """Returns an epoch's windows, every row of a batch a stream.

        The text is divided into as many stretches as a batch has rows; in
        batch `n` is window `n` of each. Where the first one begins is drawn.

        Args:
            rng: What draws.
            rows: Of a batch.

        Returns:
            Array `(len(self) // rows * rows,)`, numbers for `read`.
        """
        length = len(self) // rows
        left = len(self.ids) - 1 - length * rows * self.window
        first, moved = divmod(int(rng.integers(left + 1)), self.window)
        number = np.arange(rows) * length + np.arange(length)[:, None]
        number += first + moved * len(self)
        return number.reshape(-1)

    def read_as(self, spec: Spec) -> "LanguageSplit":
        """Returns this part with the tokens of another description."""
        return LanguageSplit(self.file, self.span, spec)
