"""The overlap-tile strategy: an image of any size in bounded memory.

An image is predicted tile by tile. Each tile overlaps its neighbours, and
only its core, which the cut edges cannot influence, is kept: for a fully
convolutional network the seams are not merely invisible, they do not exist.

Departs from the paper:
    - Tiles at the image's own border end there, where the network pads as
      it would for the whole image, instead of being mirrored outwards.
    - Only an image for a network that needs sides of some multiple is
      mirrored, up to that.

Reference:
    Ronneberger et al., 2015, section 2, figure 2.
    https://arxiv.org/abs/1505.04597
"""

import dataclasses
import itertools
from collections.abc import Callable, Iterator

import numpy as np

from kerasnotes.base.types import Array

Predict = Callable[[Array], Array]


@dataclasses.dataclass(frozen=True)
class Span:
    """One tile along one axis, in pixels of the padded image.

    Args:
        start: Where the tile begins.
        stop: Where it ends.
        low: Where its core begins.
        high: Where its core ends.
    """

    start: int
    stop: int
    low: int
    high: int


@dataclasses.dataclass(frozen=True)
class Piece:
    """A part of an answer.

    Args:
        rows: Rows of the image.
        columns: Columns of the image.
        probabilities: Array `(rows, columns, K)`, float32.
    """

    rows: slice
    columns: slice
    probabilities: Array


def round_up(size: int, multiple: int) -> int:
    """Returns the smallest multiple of `multiple` that is at least `size`."""
    return -(-size // multiple) * multiple


def spans(length: int, tile: int, *, margin: int, multiple: int) -> list[Span]:
    """Cuts one axis into overlapping tiles, all of one size but the last.

    Tiles begin at multiples of `multiple`, so that the network's pooling
    grid lies in a tile as it lies in the whole image. The last ends where
    the axis does, and is smaller where that is at no multiple.

    Args:
        length: Size of the axis.
        tile: Size of a tile, a multiple of `multiple`.
        margin: Pixels dropped at every cut, at least 0.
        multiple: Grid of the tiles, pixels.

    Raises:
        ValueError: If `tile` is no multiple, or margins leave no core.
    """
    if length <= tile:
        return [Span(0, length, 0, length)]
    margin = round_up(margin, multiple)
    step = tile - 2 * margin
    if tile % multiple or step <= 0:
        raise ValueError(
            "`tile` must be a multiple of `multiple` and larger than two "
            f"margins. Received: tile={tile}, margin={margin}, "
            f"multiple={multiple}"
        )
    cut, result = 0, []
    end = round_up(length - tile, multiple)
    for start in [*range(0, length - tile, step), end]:
        stop = min(start + tile, length)
        high = length if start == end else stop - margin
        result.append(Span(start, stop, cut, high))
        cut = high
    return result


def mirror_to(image: Array, height: int, width: int) -> Array:
    """Extends an image at the bottom and the right by its mirror image."""
    rows, columns = height - image.shape[0], width - image.shape[1]
    if not rows and not columns:
        return image
    edges = [(0, rows), (0, columns)] + [(0, 0)] * (image.ndim - 2)
    return np.pad(image, edges, mode="reflect")


def iter_tiles(
    predict: Predict,
    image: Array,
    *,
    tile: tuple[int, int],
    margin: int,
    multiple: int,
    grid: int = 1,
    batch_size: int = 1,
    fill: bool = False,
) -> Iterator[Piece]:
    """Predicts an image tile by tile.

    Args:
        predict: From `(B, h, w, C)` to `(B, h, w, K)`; those at the bottom
            and the right may be smaller than the rest.
        image: Array `(H, W, C)`.
        tile: Height and width of a tile, pixels.
        margin: Pixels on either side that an output pixel depends on.
        multiple: What tiles begin at multiples of, pixels.
        grid: The image is mirrored up to a multiple of it.
        batch_size: Tiles predicted at once.
        fill: Whether a smaller image is mirrored up to a whole tile.

    Yields:
        The cores, which cover the image once.

    Raises:
        ValueError: If the tile does not suit `margin` and `multiple`.
    """
    height, width = image.shape[:2]
    least = tile if fill else (1, 1)
    image = mirror_to(
        image,
        max(round_up(height, grid), least[0]),
        max(round_up(width, grid), least[1]),
    )
    rows, columns = (
        spans(whole, min(part, whole), margin=margin, multiple=multiple)
        for whole, part in zip(image.shape[:2], tile, strict=True)
    )
    alike: dict[tuple[int, int], list[tuple[Span, Span]]] = {}
    for row, column in itertools.product(rows, columns):
        size = row.stop - row.start, column.stop - column.start
        alike.setdefault(size, []).append((row, column))
    for places in alike.values():
        for first in range(0, len(places), batch_size):
            batch = places[first : first + batch_size]
            answers = predict(
                np.stack([_cut(image, *place) for place in batch])
            )
            for (row, column), answer in zip(batch, answers, strict=True):
                piece = _core(row, column, answer, (height, width))
                if piece.probabilities.size:
                    yield piece


def _cut(image: Array, row: Span, column: Span) -> Array:
    return image[row.start : row.stop, column.start : column.stop]


def _core(
    row: Span, column: Span, answer: Array, size: tuple[int, int]
) -> Piece:
    rows = slice(row.low, min(row.high, size[0]))
    columns = slice(column.low, min(column.high, size[1]))
    core = answer[
        rows.start - row.start : rows.stop - row.start,
        columns.start - column.start : columns.stop - column.start,
    ]
    return Piece(rows, columns, core)
