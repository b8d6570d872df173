"""Splits seen otherwise: classes, categories or columns as a model has them."""

from typing import Any, cast

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.data.dataset import (
    ReadsPairs,
    ReadsTexts,
    Split,
    SplitView,
)
from kerasnotes.data.reading import read_batch


class Remapped(SplitView):
    """A split whose classes are numbered as the model numbers them.

    Args:
        split: The examples.
        numbers: Array `(K,)`: the model's number of each of its classes.
    """

    def __init__(self, split: Split, numbers: Array) -> None:
        super().__init__(split)
        self.numbers = numbers

    def __getitem__(self, index: int) -> tuple[Array, Array]:
        x, y = self.split[index]
        # Pixels below 0 are of no class, whatever the others are called.
        return x, np.where(y < 0, y, self.numbers[y])


class Recoded(SplitView):
    """A split whose categories are numbered as the model numbers them.

    Args:
        split: The examples.
        numbers: By column, the model's number of each of its categories.
    """

    def __init__(self, split: Split, numbers: dict[int, Array]) -> None:
        super().__init__(split)
        self.numbers = numbers

    def __getitem__(self, index: int) -> tuple[Array, Array]:
        x, y = self.split[index]
        x = np.array(x)
        for place, numbers in self.numbers.items():
            x[place] = numbers[int(x[place])]
        return x, y


class Arranged(SplitView):
    """A split of a table or series with some columns, in another order.

    Args:
        split: The examples.
        order: The places of its columns.
    """

    def __init__(self, split: Split, order: list[int]) -> None:
        super().__init__(split)
        self.places = order

    def __getitem__(self, index: int) -> tuple[Any, Array]:
        x, y = self.split[index]
        if isinstance(x, dict):
            return {**x, "series": x["series"][..., self.places]}, y
        return np.asarray(x)[..., self.places], y


def join(splits: list[Split]) -> "Joined":
    """Returns splits as one, which reads batches where all of them can."""
    whole = all(hasattr(split, "read") for split in splits)
    return JoinedInBatches(splits) if whole else Joined(splits)


class Joined:
    """Several splits as one.

    Args:
        splits: In their order.
    """

    def __init__(self, splits: list[Split]) -> None:
        self.splits = splits
        self.ends = np.cumsum([len(split) for split in splits])

    def __len__(self) -> int:
        return int(self.ends[-1])

    def _find(self, index: int) -> tuple[Split, int]:
        place = int(np.searchsorted(self.ends, index, side="right"))
        before = int(self.ends[place - 1]) if place else 0
        return self.splits[place], index - before

    def __getitem__(self, index: int) -> tuple[Array, Array]:
        split, place = self._find(index)
        return split[place]

    def name(self, index: int) -> str:
        split, place = self._find(index)
        return split.name(place)

    def order(self, rng: np.random.Generator) -> Array:
        return rng.permutation(len(self))

    def text(self, index: int) -> str:
        split, place = self._find(index)
        return cast(ReadsTexts, split).text(place)

    def translation(self, index: int) -> str:
        split, place = self._find(index)
        return cast(ReadsPairs, split).translation(place)


class JoinedInBatches(Joined):
    """Several splits as one, of which each reads batches."""

    def read(self, indices: Array) -> tuple[Any, Array]:
        """Returns inputs and targets of the given examples, in their order."""
        numbers = np.searchsorted(self.ends, indices, side="right")
        order = np.argsort(numbers, kind="stable")
        found = []
        for number in np.unique(numbers):
            before = int(self.ends[number - 1]) if number else 0
            rows = np.asarray(indices)[order][numbers[order] == number]
            found.append(read_batch(self.splits[number], rows - before))
        if len(found) == 1:
            return found[0]
        back = np.argsort(order, kind="stable")
        y = np.concatenate([y for _, y in found])[back]
        if isinstance(found[0][0], dict):
            names = found[0][0]
            return {
                name: np.concatenate([x[name] for x, _ in found])[back]
                for name in names
            }, y
        return np.concatenate([x for x, _ in found])[back], y
