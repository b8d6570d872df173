"""Large images asked tile by tile: in bounded memory, others in between.

A network that answers per pixel needs some hundreds of bytes for each of
them. A tile is a request of its own, queued as any other, so neither a large
image's memory nor its time is one block. Seams do not exist; see
`inference/tiling.py`, by which `kn predict` cuts large images too.
"""

import dataclasses
import itertools
import math
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np

from kerasnotes.inference.tiling import Span, mirror_to, round_up, spans
from kerasnotes.serving.engine.errors import Code, ServingError, invalid
from kerasnotes.serving.engine.offload import offload
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.signature import (
    SignatureInfo,
    TensorInfo,
    Tensors,
)

Array = np.ndarray[Any, Any]
Ask = Callable[[Tensors], Awaitable[Tensors]]
Finish = Callable[[Array], Array]

WHOLE = 2**18
"""Pixels of an image that is asked as it is; a tile has about as many."""
MOST_ANSWER = 2**22
"""Numbers of a large image's answer: 16 MB, and ten times that as JSON."""


@dataclasses.dataclass(frozen=True)
class Tiling:
    """How a model's images may be cut.

    Args:
        margin: Pixels on either side that an answer depends on.
        stride: Pixels of the network's grid.
        any_size: Whether images need no frame to be of its multiple.
    """

    margin: int
    stride: int
    any_size: bool = False

    @property
    def side(self) -> int:
        """Pixels of a tile's side."""
        least = 2 * round_up(self.margin, self.stride) + 4 * self.stride
        return round_up(max(int(WHOLE**0.5) - self.stride, least), self.stride)

    def framed(self, length: int) -> int:
        """Returns the size that an axis is mirrored up to."""
        return length if self.any_size else round_up(length, self.stride)

    def takes(self, shape: tuple[int, ...]) -> bool:
        """Tells whether an image `(H, W, ...)` is asked as it is."""
        height, width = shape[:2]
        framed = self.framed(height), self.framed(width)
        return height * width <= WHOLE and framed == (height, width)


def find_tiling(servable: Servable, signature: SignatureInfo) -> Tiling | None:
    """Returns how images of a signature may be cut, `None` if they may not.

    Args:
        servable: Its description tells `context` and `stride`.
        signature: From one `(B, H, W, C)` to one `(B, H, W, K)`, H and W
            free.
    """
    margin, stride = (servable.card.get(k) for k in ("context", "stride"))
    if type(margin) is not int or type(stride) is not int:
        return None
    sides = *signature.inputs.values(), *signature.outputs.values()
    free = all(
        info.shape is not None
        and len(info.shape) == 4
        and info.shape[:3] == (None, None, None)
        for info in sides
    )
    fits = 0 <= margin <= 2**10 and 0 < stride <= 2**8
    if not (free and len(sides) == 2 and fits):
        return None
    return Tiling(margin, stride, servable.card.get("any_size") is True)


async def ask_images(
    ask: Ask,
    signature: SignatureInfo,
    images: Array,
    tiling: Tiling,
    finish: Finish | None = None,
) -> Tensors:
    """Returns the answers for large images of one size.

    Args:
        ask: From the tensors of one tile to its answer.
        signature: What is asked.
        images: Array `(B, H, W, C)`.
        tiling: How they may be cut.
        finish: From a tile's answer `(h, w, K)` to what is kept of it, `(h,
            w, ...)`; else all of it.

    Raises:
        ServingError: If the answer is too large, or the model refuses.
    """
    (name,), (output,) = signature.inputs, signature.outputs
    if finish is None:
        _check_answer(signature.outputs[output], images)

    async def ask_one(tile: Array) -> Array:
        answer: Array = (await ask({name: tile[None]}))[output][0]
        if answer.shape[:2] != tile.shape[:2]:
            raise ServingError(
                Code.FAILED_PRECONDITION, "The model does not answer per pixel."
            )
        if finish is None:
            return answer
        finished: Array = await offload(answer.nbytes, finish, answer)
        return finished

    answers = [await _ask(ask_one, image, tiling) for image in images]
    return {output: np.stack(answers) if len(answers) > 1 else answers[0][None]}


async def _ask(
    ask: Callable[[Array], Awaitable[Array]],
    image: Array,
    tiling: Tiling,
) -> Array:
    """Returns the answer for one image, `(H, W, ...)`.

    Args:
        ask: From a tile to what is kept of its answer.
        image: Array `(H, W, C)`.
        tiling: How it may be cut.
    """
    size = image.shape[:2]
    rows, columns = (_spans(length, tiling) for length in size)
    result: Array | None = None
    for row, column in itertools.product(rows, columns):
        answer = await ask(_cut(image, row, column, tiling))
        if result is None:
            result = np.empty((*size, *answer.shape[2:]), answer.dtype)
        _put(result, answer, row, column)
    if result is None:
        raise invalid(f"Expected an image with pixels, received {image.shape}.")
    return result


def _spans(length: int, tiling: Tiling) -> list[Span]:
    """Cuts an axis, mirrored up to the network's grid where it has to be."""
    return spans(
        tiling.framed(length),
        tiling.side,
        margin=tiling.margin,
        multiple=tiling.stride,
    )


def _cut(image: Array, row: Span, column: Span, tiling: Tiling) -> Array:
    """Returns a tile; at the ends of the image, mirrored as it has to be."""
    tile = image[row.start : row.stop, column.start : column.stop]
    return mirror_to(tile, *map(tiling.framed, tile.shape[:2]))


def _check_answer(info: TensorInfo, images: Array) -> None:
    """Refuses what would be answered by too much, before it is computed."""
    channels = info.shape[-1] if info.shape else None
    count = math.prod(images.shape[:3]) * (channels or 1)
    if count > MOST_ANSWER:
        raise invalid(
            f"Expected an answer of at most {MOST_ANSWER} numbers, not "
            f"{count}: send a file, and ask for the mask by Accept: image/png."
        )


def _put(result: Array, answer: Array, row: Span, column: Span) -> None:
    """Copies the middle of a tile's answer to its place."""
    top, left = row.low, column.low
    place = result[top : row.high, left : column.high]
    height, width = place.shape[:2]
    top, left = top - row.start, left - column.start
    place[...] = answer[top : top + height, left : left + width]
