"""Every example of a part read once: what they add up to, what is wrong."""

import collections
import dataclasses
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from kerasnotes.base.errors import DataError
from kerasnotes.base.types import Array, Progress
from kerasnotes.data.dataset import Split
from kerasnotes.data.masks.mask_encoder import StrangeValuesError
from kerasnotes.data.meaning.finite import infinite
from kerasnotes.data.meaning.twins import Twins, digests
from kerasnotes.data.problems import Problems
from kerasnotes.data.reading import parts, read_batch
from kerasnotes.data.series.windows import WindowSplit
from kerasnotes.data.spec import Spec

BATCH = 256
"""Images of one shape read at a time."""
ROWS = 8192
"""Rows of a table read at a time."""
THREADS = 2
"""That read; decoding and arithmetic leave the interpreter to each other."""


@dataclasses.dataclass
class PartSummary:
    """What every example of one part adds up to.

    Args:
        count: Examples that could be read.
        balance: Examples, or pixels, of each class.
        low: Smallest height and width, number of columns or of tokens, or
            both of a series' window.
        high: Largest.
        minimum: Smallest raw value.
        maximum: Largest raw value; of a table, of its columns of numbers.
        targets: Smallest and largest of each measured value, `(2, K)`.
    """

    count: int
    balance: Array
    low: list[int]
    high: list[int]
    minimum: float = np.inf
    maximum: float = -np.inf
    targets: Array | None = None

    def add(self, other: "PartSummary") -> None:
        """Adds what other examples of the part add up to."""
        self.count += other.count
        self.balance = self.balance + other.balance
        self.low = list(map(min, self.low or other.low, other.low))
        self.high = list(map(max, self.high or other.high, other.high))
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)
        if other.targets is not None:
            both = [other.targets]
            if self.targets is not None:
                both.append(self.targets)
            whole = np.concatenate(both)
            self.targets = np.stack([whole.min(axis=0), whole.max(axis=0)])


@dataclasses.dataclass(frozen=True)
class _Look:
    """What one reading found.

    Args:
        indices: The examples' numbers `(B,)` in their part.
        summary: What they add up to; `None` if they cannot be read.
        reason: Why they cannot, if that is not told of already.
        infinite: Numbers of those with NaN or infinity.
        keys: 64 bits of each, `(B,)`; `None` where equal ones are told of by
            the reader.
    """

    indices: Array
    summary: PartSummary | None
    reason: str = ""
    infinite: Array = dataclasses.field(
        default_factory=lambda: np.empty(0, "int64")
    )
    keys: Array | None = None


class Scan:
    """Reads one part completely, a few batches at once.

    Args:
        part: Its name.
        split: Its examples.
        spec: Their description.
        problems: Told of what cannot be used.
        twins: Told of every example.
        told: Kinds of problems that the reader has told of every example.
    """

    def __init__(
        self,
        part: str,
        split: Split,
        spec: Spec,
        problems: Problems,
        twins: Twins,
        told: Collection[str] = (),
    ) -> None:
        self.part, self.split, self.spec = part, split, spec
        self.problems, self.twins, self.told = problems, twins, told

    def run(self, progress: Progress | None = None) -> PartSummary:
        """Reads it, tells problems in the examples' order, and sums up."""
        whole = self._empty()
        if isinstance(self.split, WindowSplit):
            whole.add(self._sum_series(self.split))
            return whole
        for look in self._looks():
            self._tell(look)
            if look.summary is not None:
                whole.add(look.summary)
            if progress is not None:
                done = int(look.indices[-1]) + 1
                progress(f"reading {self.part}", done, len(self.split))
        self.twins.end(self.part, self.split.name, self.problems)
        return whole

    def _looks(self) -> Iterator[_Look]:
        """Yields what was found, in order; a few readings are under way."""
        waiting: collections.deque[Future[_Look]] = collections.deque()
        with ThreadPoolExecutor(THREADS) as pool:
            for indices in parts(len(self.split), self._batch_size()):
                waiting.append(pool.submit(self._look, indices))
                if len(waiting) > 2 * THREADS:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def _empty(self) -> PartSummary:
        classes = self.spec.target.num_classes
        return PartSummary(0, np.zeros(classes, "int64"), low=[], high=[])

    def _sum_series(self, split: WindowSplit) -> PartSummary:
        """Looks at the rows of a part, each once; windows hold nothing else."""
        summary, rows = self._empty(), split.part
        summary.count = len(split)
        if len(split):
            summary.low = summary.high = [split.window, rows.shape[1]]
            summary.minimum = float(rows.min())
            summary.maximum = float(rows.max())
            low, high = rows.min(axis=0), rows.max(axis=0)
            summary.targets = np.stack([low, high])[:, split.places]
        return summary

    def _batch_size(self) -> int:
        if not hasattr(self.split, "read"):
            return 1
        return ROWS if self.spec.input.kind in ("table", "text") else BATCH

    def _look(self, indices: Array) -> _Look:
        try:
            x, y = read_batch(self.split, indices)
        except StrangeValuesError as error:
            known = "unknown mask value" in self.told
            return _Look(indices, None, "" if known else one_line(error))
        except DataError as error:
            reason = getattr(error, "reason", "") or one_line(error)
            return _Look(indices, None, reason)
        # Of texts the reader told: here, what is cut looks alike.
        written = self.spec.input.kind in ("text", "tokens")
        return _Look(
            indices,
            self._sum(x, y),
            infinite=indices[self._infinite(x)],
            keys=None if written else digests(x),
        )

    def _infinite(self, x: Array) -> Array:
        if self.spec.input.varied:
            # Their reader has looked at each number: NaN is behind the end.
            return np.zeros(len(x), "bool")
        return infinite(x)

    def _tell(self, look: _Look) -> None:
        name = self.split.name
        if look.reason:
            first = name(int(look.indices[0]))
            self.problems.add("unreadable", first, look.reason)
        infinite = [] if "not finite" in self.told else look.infinite.tolist()
        for index in infinite:
            self.problems.add("not finite", name(index), "NaN or infinity")
        if look.keys is not None:
            self.twins.add(look.indices, look.keys)

    def _sum(self, x: Array, y: Array) -> PartSummary:
        summary, target = self._empty(), self.spec.target
        summary.count = len(x)
        if target.kind == "values":
            summary.targets = np.stack([y.min(axis=0), y.max(axis=0)])
        elif target.kind not in ("none", "next_token", "sequence"):
            known = y[y >= 0] if target.ignore else y.reshape(-1)
            summary.balance = np.bincount(known, minlength=target.num_classes)
        if self.spec.input.kind in ("text", "tokens"):
            tokens = (x != 0).sum(axis=1)
            summary.low = [int(tokens.min())]
            summary.high = [int(tokens.max())]
            return summary
        last = 3 if self.spec.input.kind == "image" else x.ndim
        summary.low = summary.high = list(x.shape[1:last])
        if self.spec.input.varied:
            rows = (~np.isnan(x).all(axis=2)).sum(axis=1)
            summary.low = [int(rows.min()), x.shape[2]]
            summary.high = [int(rows.max()), x.shape[2]]
        # NaN loses against any number; where there is none, all stays.
        least, most = _ends(x, self.spec.input.categorical)
        summary.minimum = min(summary.minimum, least)
        summary.maximum = max(summary.maximum, most)
        return summary


def _ends(x: Array, left_out: Sequence[int]) -> tuple[float, float]:
    """Returns the smallest and the largest number.

    Args:
        x: Array `(B, ...)`.
        left_out: Places in its last axis that hold no amounts.
    """
    low, high = x, x
    if left_out:
        # By columns first: what is left out of them is copied for nothing.
        low = np.delete(np.fmin.reduce(x, axis=0), left_out, axis=-1)
        high = np.delete(np.fmax.reduce(x, axis=0), left_out, axis=-1)
    if not low.size:
        return np.inf, -np.inf
    least, most = (np.fmin.reduce(low, None), np.fmax.reduce(high, None))
    return float(least), float(most)


def one_line(error: DataError) -> str:
    """Returns an error's message, with what was expected and received."""
    received = error.received and f"Received: {error.received}."
    expected = error.expected and f"Expected: {error.expected}."
    return " ".join(filter(None, (error.message, expected, received)))
