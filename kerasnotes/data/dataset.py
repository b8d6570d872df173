"""A data set: three splits with random access, and a Spec."""

import dataclasses
from typing import Any, Protocol, cast, runtime_checkable

import numpy as np

from kerasnotes.data.inputs import stack
from kerasnotes.data.spec import Spec

Array = np.ndarray[Any, Any]


class Split(Protocol):
    """One part of a data set, read example by example.

    Reading must be safe from several threads.
    """

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> tuple[Any, Array]:
        """Returns the raw input and its target, each as its field says.

        Several inputs are a dictionary of arrays by their fields' names. The
        target is an `int32` scalar, an `int32` mask `(H, W)`, or `float32`
        values `(K,)`.
        """
        ...

    def name(self, index: int) -> str:
        """Returns what to call this example in messages: its file name."""
        ...

    def order(self, rng: np.random.Generator) -> Array:
        """Returns the indices in the order of one training epoch."""
        ...


@runtime_checkable
class Divides(Split, Protocol):
    """A split of which single examples can be taken."""

    def take(self, rows: Array) -> Split:
        """Returns the given examples, in that order; one may come twice."""
        ...


@runtime_checkable
class ReadsImages(Protocol):
    """A split whose inputs are image files."""

    def read_as(self, spec: Spec) -> Split:
        """Returns these examples with images in the form of `spec`."""
        ...


@runtime_checkable
class Responds(Split, Protocol):
    """A split of frequency responses whose systems can be computed.

    Inputs `(F, P, E)` are log10 of magnitudes; targets are what the systems
    are made of.
    """

    @property
    def frequencies(self) -> Array:
        """Of the rows, Hz, `(F,)`."""

    def respond(self, values: Array) -> Array:
        """Returns responses without noise, complex `(N, F, P, E)`.

        Args:
            values: As targets are, `(N, K)`.
        """


@runtime_checkable
class ReadsTexts(Split, Protocol):
    """A split whose inputs are texts."""

    def text(self, index: int) -> str:
        """Returns an example as its source has it."""

    def read_as(self, spec: Spec) -> Split:
        """Returns these examples with the tokens of `spec`."""
        ...


@runtime_checkable
class ReadsPairs(ReadsTexts, Protocol):
    """A split whose inputs are texts, and whose targets translate them."""

    def translation(self, index: int) -> str:
        """Returns the target of an example as its source has it."""


class SplitView:
    """A split seen otherwise: of the same length, names and order.

    Args:
        split: The examples.
    """

    def __init__(self, split: Split) -> None:
        self.split = split

    def __len__(self) -> int:
        return len(self.split)

    def name(self, index: int) -> str:
        return self.split.name(index)

    def order(self, rng: np.random.Generator) -> Array:
        return self.split.order(rng)

    def text(self, index: int) -> str:
        return cast(ReadsTexts, self.split).text(index)


def as_targets(y: Array) -> Array:
    """Returns targets in the type that they are handed on in."""
    kind = "float32" if np.asarray(y).dtype.kind == "f" else "int32"
    return np.asarray(y).astype(kind, copy=False)


class ArraySplit:
    """Examples held in memory.

    Args:
        x: Array `(B, ...)`.
        y: Integer array `(B,)` or `(B, H, W)`; or measured values `(B, K)`.
        names: What to call each example; `#index` if left out.
    """

    def __init__(
        self, x: Array, y: Array, names: list[str] | None = None
    ) -> None:
        self.x = x
        self.y = as_targets(y)
        self._names = names

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, index: int) -> tuple[Array, Array]:
        return self.x[index], self.y[index]

    def name(self, index: int) -> str:
        return self._names[index] if self._names else f"#{index}"

    def order(self, rng: np.random.Generator) -> Array:
        return rng.permutation(len(self))

    def take(self, rows: Array) -> "ArraySplit":
        names = self._names and [self._names[row] for row in rows]
        return ArraySplit(self.x[rows], self.y[rows], names)


@dataclasses.dataclass(frozen=True)
class Dataset:
    """Train, validation and test parts of one source.

    Args:
        spec: What one example looks like.
        train: The part that weights and statistics are fitted on.
        validation: The part that chooses the best epoch.
        test: The part that the final metrics are measured on.
        fingerprint: Hex digest that changes when the data changes.
        remarks: Things worth telling the user, one sentence each.
        has_test: Whether the source itself says which part is the test.
    """

    spec: Spec
    train: Split
    validation: Split
    test: Split
    fingerprint: str
    remarks: tuple[str, ...] = ()
    has_test: bool = False

    def split(self, name: str) -> Split:
        """Returns the part called `train`, `validation` or `test`."""
        parts = {
            "train": self.train,
            "validation": self.validation,
            "test": self.test,
        }
        return parts[name]

    def arrays(self, name: str) -> tuple[Any, Array]:
        """Returns a part whole, for data that fit into memory.

        Args:
            name: `train`, `validation` or `test`.

        Returns:
            Raw inputs `(N, ...)`, of several fields by name; and targets
            `(N,)` or `(N, H, W)`, int32, or `(N, K)`, float32.

        Raises:
            ValueError: If its images differ in size, or there is none.
        """
        part = self.split(name)
        return stack(part[i] for i in range(len(part)))
