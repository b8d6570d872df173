"""Square patches of images and masks: random ones, and a grid of them."""

from collections.abc import Sized
from typing import cast

import numpy as np

from kerasnotes.data.dataset import Array, Split
from kerasnotes.data.spec import Spec


def count_patches(split: Sized, spec: Spec, patch: int) -> int:
    """Returns how many random patches an epoch has.

    Args:
        split: The images; their number is enough where all are of one size.
        spec: Their description.
        patch: Side of a patch, pixels.
    """
    return len(split) * _passes(_grid_sizes(split, spec, patch))


def _passes(counts: Array) -> int:
    # Every image gives equally many random patches an epoch, so that
    # one huge image among small ones does not crowd them out.
    return max(1, round(float(counts.mean())))


def _grid_sizes(split: Sized, spec: Spec, patch: int) -> Array:
    """Returns of each image, `(N,)`, how many patches cover it."""
    sizes = _image_sizes(split, spec)
    return np.array([-(-h // patch) * -(-w // patch) for h, w in sizes])


def _image_sizes(split: Sized, spec: Spec) -> list[tuple[int, int]]:
    height, width = spec.input.shape[:2]
    if height is not None and width is not None:
        return [(height, width)] * len(split)
    size = getattr(split, "size", None)
    if size is not None:
        return [size(index) for index in range(len(split))]
    read = cast(Split, split)
    return [read[index][1].shape[:2] for index in range(len(read))]


class PatchGrid:
    """Square patches of the images of a split.

    Args:
        split: Images and masks of any sizes.
        spec: Their description; a fixed size spares reading them all.
        patch: Side of a patch, pixels. Smaller images are mirrored outwards.
    """

    def __init__(self, split: Split, spec: Spec, patch: int) -> None:
        self.split, self.patch = split, patch
        self.counts = _grid_sizes(split, spec, patch)
        self.first = np.concatenate([[0], np.cumsum(self.counts)])
        self.passes = _passes(self.counts)

    def __len__(self) -> int:
        """Returns how many random patches an epoch has."""
        return len(self.split) * self.passes

    @property
    def covering(self) -> int:
        """How many patches of the grid cover every image."""
        return int(self.first[-1])

    def random(
        self, image: int, rng: np.random.Generator
    ) -> tuple[Array, Array]:
        """Returns a patch at a random place of an image."""
        x, y = self._padded(image)
        top = int(rng.integers(x.shape[0] - self.patch + 1))
        left = int(rng.integers(x.shape[1] - self.patch + 1))
        return self._cut(x, y, top, left)

    def grid(self, index: int) -> tuple[Array, Array]:
        """Returns patch `index` of a grid that covers every image once."""
        image = int(np.searchsorted(self.first, index, "right")) - 1
        x, y = self._padded(image)
        columns = -(-x.shape[1] // self.patch)
        row, column = divmod(index - int(self.first[image]), columns)
        top = min(row * self.patch, x.shape[0] - self.patch)
        left = min(column * self.patch, x.shape[1] - self.patch)
        return self._cut(x, y, top, left)

    def _padded(self, image: int) -> tuple[Array, Array]:
        x, y = self.split[image]
        lacking = [max(0, self.patch - size) for size in y.shape[:2]]
        if any(lacking):
            pads = [(0, lack) for lack in lacking]
            x = np.pad(x, [*pads, (0, 0)], mode="symmetric")
            y = np.pad(y, pads, mode="symmetric")
        return x, y

    def _cut(
        self, x: Array, y: Array, top: int, left: int
    ) -> tuple[Array, Array]:
        rows, columns = (
            slice(top, top + self.patch),
            slice(left, left + self.patch),
        )
        return x[rows, columns], y[rows, columns]
