"""Running a segmentation network over images of any and various sizes."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.contracts.answering import Answering
from kerasnotes.contracts.capabilities import TellsContext
from kerasnotes.inference.predictor import Predictor, previous_power_of_two
from kerasnotes.inference.tiling import Piece, iter_tiles, mirror_to, round_up

T = TypeVar("T")

PIXELS = 1024 * 1024
"""Pixels predicted at once; a larger image is predicted by tiles."""
TILE = 512
CONTEXT = 64
STRIDE = 16


class Segmenter:
    """Predicts images in batches of equal size, large ones by tiles.

    A network that takes any size is asked for each image as it is, whatever
    is asked beside it: a frame would change the answer. JAX compiles for
    every size. For others, sides are mirrored up to a multiple of the stride.

    Args:
        model: A `keras.Model` from `(B, H, W, C)` to `(B, H, W, K)`. One
            that does not tell its context is taken to need 64 pixels on
            either side, and sizes that 16 divides.
        batch_size: Images predicted at once, at most, at least 1.
        pixels: Pixels predicted at once, at most.
    """

    def __init__(
        self,
        model: Answering,
        batch_size: int,
        *,
        pixels: int = PIXELS,
    ) -> None:
        self.predict = Predictor(model)
        self.batch_size = batch_size
        self.pixels = pixels
        self.margin, self.stride, any_size = CONTEXT, STRIDE, False
        if isinstance(model, TellsContext):
            self.margin, self.stride = model.context, model.stride
            any_size = model.any_size
        self.grid = 1 if any_size else self.stride
        side = max(TILE, 2 * round_up(self.margin, self.stride) + TILE // 2)
        self.tile = (round_up(side, self.stride),) * 2
        self.fixed = fixed_size(model)
        if self.fixed:
            # Such a network knows one size; half of it overlaps.
            self.tile, self.stride, self.grid = self.fixed, 1, 1
            self.margin = min(self.margin, min(self.fixed) // 4)

    def run(
        self, items: Iterable[tuple[T, Array]]
    ) -> Iterator[tuple[T, Iterator[Piece]]]:
        """Predicts images; the answers may come in another order.

        Args:
            items: Pairs of anything and an image `(H, W, C)`.

        Yields:
            The same anything, with the pieces that make up its answer; they
            must be used before the next pair is asked for.
        """
        waiting: dict[tuple[int, int], list[tuple[T, Array]]] = {}
        held = 0
        for item, image in items:
            shape = self._shape(image)
            if shape is None:
                yield item, self._tiles(image)
                continue
            waiting.setdefault(shape, []).append((item, image))
            held += image.size
            if len(waiting[shape]) == self._batch(shape):
                held -= sum(image.size for _, image in waiting[shape])
                yield from self._flush(shape, waiting.pop(shape))
            if held > 4 * self.pixels * image.shape[-1]:
                shape = max(waiting, key=lambda s: len(waiting[s]))
                held -= sum(image.size for _, image in waiting[shape])
                yield from self._flush(shape, waiting.pop(shape))
        for shape, batch in waiting.items():
            yield from self._flush(shape, batch)

    def _shape(self, image: Array) -> tuple[int, int] | None:
        """Returns the size to predict a whole image at; `None`: by tiles."""
        height, width = image.shape[:2]
        if self.fixed:
            fits = height <= self.fixed[0] and width <= self.fixed[1]
            return self.fixed if fits else None
        shape = round_up(height, self.grid), round_up(width, self.grid)
        return shape if shape[0] * shape[1] <= self.pixels else None

    def _batch(self, shape: tuple[int, int]) -> int:
        fitting = max(1, self.pixels // (shape[0] * shape[1]))
        return previous_power_of_two(min(self.batch_size, fitting))

    def _flush(
        self, shape: tuple[int, int], batch: list[tuple[T, Array]]
    ) -> Iterator[tuple[T, Iterator[Piece]]]:
        answers = self.predict(
            np.stack([mirror_to(image, *shape) for _, image in batch])
        )
        for (item, image), answer in zip(batch, answers, strict=True):
            height, width = image.shape[:2]
            whole = Piece(
                slice(0, height), slice(0, width), answer[:height, :width]
            )
            yield item, iter([whole])

    def _tiles(self, image: Array) -> Iterator[Piece]:
        return iter_tiles(
            self.predict,
            image,
            tile=self.tile,
            margin=self.margin,
            multiple=self.stride,
            grid=self.grid,
            batch_size=self._batch(self.tile),
            fill=self.fixed is not None,
        )


def fixed_size(model: Answering) -> tuple[int, int] | None:
    """Returns the height and width that a model insists on, if it does."""
    shape = getattr(model, "input_shape", None)
    if shape is None or len(shape) != 4 or None in shape[1:3]:
        return None
    return int(shape[1]), int(shape[2])
