"""Statistics of the weights inside a `.keras` file."""

import dataclasses
import math
from collections.abc import Iterator
from typing import Any

from kerasnotes.runs.archive.weights_h5 import is_bfloat16

_PIECE = 2**22
"""Values read at once."""


@dataclasses.dataclass(frozen=True)
class Weight:
    """One array of weights, and its statistics over the finite values.

    Args:
        path: Where it lies in the HDF5 file, `layers/dense/vars/0`.
        layer: Names of the layers around it, outermost first, `a/b`.
        shape: Its shape.
        dtype: NumPy's name of its values, or `bfloat16`.
        min: Smallest value; `None`, as the others, if none is finite.
        max: Largest value.
        mean: Mean.
        std: Standard deviation (of the population).
        nan: How many values are NaN.
        inf: How many values are infinite.
    """

    path: str
    layer: str
    shape: tuple[int, ...]
    dtype: str
    min: float | None
    max: float | None
    mean: float | None
    std: float | None
    nan: int
    inf: int

    @property
    def size(self) -> int:
        return math.prod(self.shape)


def read_weights(file: Any) -> list[Weight]:
    """Returns all weights but the optimizer's, with their statistics.

    Args:
        file: A file from `open_weights`.
    """
    import h5py

    found: list[Weight] = []

    def visit(group: Any, layer: str) -> None:
        for key in sorted(group, key=_natural):
            item = group[key]
            if isinstance(item, h5py.Dataset):
                found.append(_measure(item, layer))
            elif key == "vars" or key == "layers":
                visit(item, layer)
            elif not (group.name == "/" and key == "optimizer"):
                visit(item, f"{layer}/{_layer_name(item, key)}".strip("/"))

    visit(file, "")
    return found


def _natural(name: str) -> tuple[str, int]:
    """Sorts `conv2d_10` after `conv2d_9`."""
    stem, _, number = name.rpartition("_")
    if name.isdecimal():
        return "", int(name)
    return (stem, int(number)) if number.isdecimal() else (name, 0)


def _layer_name(group: Any, key: str) -> str:
    """Returns the name that Keras noted beside a layer's own weights."""
    import h5py

    own = group.get("vars") if isinstance(group, h5py.Group) else None
    name = own.attrs.get("name") if isinstance(own, h5py.Group) else None
    return name if isinstance(name, str) else key


def _measure(item: Any, layer: str) -> Weight:
    moments = _Moments()
    for values in _pieces(item):
        moments.add(values)
    empty = not moments.count
    return Weight(
        path=item.name.strip("/"),
        layer=layer,
        shape=tuple(item.shape),
        dtype="bfloat16" if is_bfloat16(item) else str(item.dtype),
        min=None if empty else moments.min,
        max=None if empty else moments.max,
        mean=None if empty else moments.mean,
        std=None if empty else math.sqrt(moments.squares / moments.count),
        nan=moments.nan,
        inf=moments.inf,
    )


class _Moments:
    """Minimum, maximum, mean and squared deviations, piece by piece.

    Reference:
        Chan, Golub & LeVeque, 1979, eqs. (2.1a) and (2.1b): the update of
        mean and sum of squared deviations.
    """

    def __init__(self) -> None:
        self.count, self.nan, self.inf = 0, 0, 0
        self.mean, self.squares = 0.0, 0.0
        self.min, self.max = math.inf, -math.inf

    def add(self, values: Any) -> None:
        import numpy as np

        finite = np.isfinite(values)
        if not finite.all():
            self.nan += int(np.isnan(values).sum())
            self.inf += int(np.isinf(values).sum())
            values = values[finite]
        if not values.size:
            return
        self.min = min(self.min, float(values.min()))
        self.max = max(self.max, float(values.max()))
        mean = float(values.mean(dtype="float64"))
        deviation = values.astype("float64") - mean
        count, delta = self.count + values.size, mean - self.mean
        self.squares += float(deviation @ deviation)
        self.squares += delta**2 * self.count * values.size / count
        self.mean += delta * values.size / count
        self.count = count


def _pieces(item: Any) -> Iterator[Any]:
    """Yields the values as flat float arrays of bounded size."""
    import numpy as np

    if item.ndim == 0 or item.size <= _PIECE:
        yield _as_float(np.asarray(item[()]), item).ravel()
        return
    rows = max(1, _PIECE * len(item) // item.size)
    for start in range(0, len(item), rows):
        yield _as_float(item[start : start + rows], item).ravel()


def _as_float(values: Any, item: Any) -> Any:
    import numpy as np

    if is_bfloat16(item):
        # bfloat16 is the upper half of a float32.
        return (values.view("uint16").astype("uint32") << 16).view("float32")
    if values.dtype.kind == "c":
        return np.abs(values)
    return values if values.dtype.kind == "f" else values.astype("float64")
