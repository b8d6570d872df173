"""From the raw values of masks to class numbers."""

from collections.abc import Sequence

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data.dataset import Array
from kerasnotes.data.fields import VOID


class StrangeValuesError(DataError):
    """A mask holds what is no class."""


class Encoder:
    """Turns raw mask values into class numbers.

    Args:
        values: The raw value of each class.
        config: `threshold` and `instances` make two classes of whatever
            there is; pixels that hold `ignore` are `VOID`.
    """

    def __init__(
        self, values: Sequence[int], config: DataConfig | None = None
    ) -> None:
        self.values = np.asarray(values, "int64")
        self.threshold = config.threshold if config else None
        self.instances = bool(config and config.instances)
        self.ignore = config.ignore if config else None
        self._table: Array | None = None
        if 0 <= self.values.min() and self.values.max() < 65_536:
            self._table = np.full(65_536, -1, "int32")
            self._table[self.values] = np.arange(len(values))

    def __call__(self, raw: Array, where: str) -> Array:
        """Returns class numbers, int32, in the shape of `raw`.

        Raises:
            DataError: If a value is not one of the classes'.
        """
        numbers = self._numbers(raw)
        void = None if self.ignore is None else raw == self.ignore
        unknown = numbers < 0 if void is None else (numbers < 0) & ~void
        if unknown.any():
            strange = np.unique(raw[unknown])[:8]
            raise StrangeValuesError(
                f"The mask of {where} holds values that are no class.",
                expected=brief(self.values.tolist()),
                received=", ".join(map(str, strange)),
                hint="list every class in a classes.txt beside the masks",
            )
        if void is not None:
            numbers = np.where(void, np.int32(VOID), numbers)
        return numbers

    def _numbers(self, raw: Array) -> Array:
        if self.threshold is not None or self.instances:
            second: Array = (
                raw >= self.threshold if self.threshold else raw != 0
            )
            return second.astype("int32")
        if self._table is not None and raw.dtype in ("uint8", "uint16"):
            numbers: Array = self._table[raw]
            return numbers
        place = np.searchsorted(self.values, raw)
        place = np.minimum(place, len(self.values) - 1)
        hit = self.values[place] == raw
        return np.where(hit, place, -1).astype("int32")


def brief(values: Sequence[int]) -> str:
    """Returns values as text: `0 to 7`, or the first of them."""
    if len(values) > 2 and list(values) == list(range(len(values))):
        return f"0 to {len(values) - 1}"
    return ", ".join(map(str, values[:12])) or "none"
