"""What a data set holds, without its values: all that a note is told."""

import dataclasses
from typing import Any, Literal

VOID = -1
"""In the place of a class number, of a pixel that is left out."""


@dataclasses.dataclass(frozen=True)
class Spec:
    """Describes one example of a data set.

    Args:
        name: The data set's short name (`digits`, a folder's name).
        input: `"image"`, shape `(H, W, C)`, or `"table"`, shape `(D,)`.
        shape: Shape of one input; `None` where it varies.
        dtype: NumPy name of the raw values (`uint8`, `uint16`, `float32`).
        target: `"class"`, one integer per example, or `"mask"`, one integer
            per pixel, `(H, W)`; integers run from 0 to `num_classes - 1`.
            `"none"`: the examples have no label, and 0 stands for it.
        classes: The classes' names, in the order of those integers.
        features: Column names of a table.
        mask_values: Raw mask value of each class, masks only.
        value_range: Smallest and largest raw value, where the type does not
            tell.
        ignore: Raw mask values of no class: the mask is `VOID` there, and
            neither loss nor metrics count such pixels.
        instances: Whether class 1 joins objects that masks numbered.
    """

    name: str
    input: Literal["image", "table"]
    shape: tuple[int | None, ...]
    dtype: str
    target: Literal["class", "mask", "none"]
    classes: tuple[str, ...]
    features: tuple[str, ...] = ()
    mask_values: tuple[int, ...] = ()
    value_range: tuple[float, ...] = ()
    ignore: tuple[int, ...] = ()
    instances: bool = False

    @property
    def num_classes(self) -> int:
        return len(self.classes)

    @property
    def limits(self) -> tuple[float, float]:
        """Smallest and largest raw value that an input can hold."""
        if self.value_range:
            low, high = self.value_range
            return float(low), float(high)
        highest = {"uint8": 255.0, "uint16": 65535.0}
        return 0.0, highest.get(self.dtype, 1.0)

    def to_json(self) -> dict[str, Any]:
        fields = dataclasses.asdict(self)
        for name in ("ignore", "instances"):
            if not fields[name]:
                # As before there was such a field: digests stay equal.
                del fields[name]
        return fields

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Spec":
        lists = {k: tuple(v) for k, v in value.items() if isinstance(v, list)}
        return cls(**{**value, **lists})
