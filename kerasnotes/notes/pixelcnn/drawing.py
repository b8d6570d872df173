"""Drawing by rows: what did not change is not computed again.

The vertical stack knows whole rows: it is computed once a row, from the rows
above that its kernels reach. The horizontal stack is computed once a pixel,
from the few pixels to the left that its kernels reach. Both are kept layer
by layer: an image costs as much as one call of the network, cut into small
pieces, instead of a call for every pixel.

Reference:
    Ramachandran et al., 2017, Fast generation for convolutional
    autoregressive models, section 2. https://arxiv.org/abs/1704.06001
"""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Shape, Tensor
from kerasnotes.layers.pixel_levels import PixelLevels
from kerasnotes.notes.pixelcnn.gated_block import GatedBlock, gate
from kerasnotes.notes.pixelcnn.masked_conv import MaskedConv

Tensors = tuple[Tensor, ...]


class Drawing(keras.layers.Layer):
    """Draws the pixels of an image in reading order, in float32.

    Args:
        network: What `build_network` returned.
        levels: What a pixel can be.

    Call arguments:
        uniform: Tensor `(B, H, W, 1)` in `[0, 1]`, what decides each draw.
        known: Tensor `(B, H, W, 1)`, levels; negative where to draw.
        labels: Integer Tensor `(B,)`, or `None`.

    Returns:
        Levels, Tensor `(B, H, W, 1)`.
    """

    def __init__(self, network: Any, levels: PixelLevels) -> None:
        super().__init__(dtype="float32", autocast=False, name="drawing")
        self.network, self.levels = network, levels
        find = network.get_layer
        self.first_v: MaskedConv = find("first_vertical")
        self.first_h: MaskedConv = find("first_horizontal")
        self.hidden, self.logit = find("hidden"), find("logit")
        self.blocks: list[GatedBlock] = [
            layer for layer in network.layers if isinstance(layer, GatedBlock)
        ]
        self.built = True

    def call(
        self, uniform: Tensor, known: Tensor, labels: Tensor | None = None
    ) -> Tensor:
        height, width = (int(side) for side in uniform.shape[1:3])
        # Row by row first: a loop takes them along the first axis.
        uniform = ops.transpose(uniform[..., 0], (1, 2, 0))
        known = ops.transpose(known[..., 0], (1, 2, 0))
        rows = ops.reshape(ops.arange(height), (height, 1, 1))
        zeros = ops.zeros_like(ops.transpose(uniform, (2, 0, 1)))
        terms = self._class_terms(labels)

        def body(r: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            image, above, *kept = state
            before, given, kept = self._row(above, kept, terms)
            drawn = self._draw_row(
                ops.take(uniform, r, axis=0),
                ops.take(known, r, axis=0),
                before,
                given,
                width,
            )
            image = ops.where(rows == r, drawn[None], image)
            row = ops.transpose(self.levels.scaled(drawn))[:, None, :, None]
            above = ops.concatenate([above[:, 1:], row], axis=1)
            return (image, above, *kept)

        image, *_ = ops.fori_loop(
            0, height, body, self._start(zeros, height, width)
        )
        return ops.transpose(image, (2, 0, 1))[..., None]

    def _start(self, zeros: Tensor, height: int, width: int) -> Tensors:
        """Returns the image, and what lies above it: nothing."""
        image = ops.transpose(zeros, (1, 2, 0))
        line = zeros[:, :1, :, None]
        above = ops.repeat(line, self.first_v.seen, axis=1)
        kept = [
            ops.tile(line, (1, block.vertical.seen - 1, 1, block.filters))
            for block in self.blocks
        ]
        return (image, above, *kept)

    def _class_terms(self, labels: Tensor | None) -> list[Any]:
        """Returns `V_v y` and `V_h y` of every block, or zeros."""
        if labels is None:
            return [(0.0, 0.0) for _ in self.blocks]
        return [block.class_terms(labels) for block in self.blocks]

    def _row(
        self, above: Tensor, kept: list[Tensor], terms: list[Any]
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Computes the vertical stack of a row.

        Args:
            above: Scaled pixels of the rows above, `(B, rows, W, 1)`.
            kept: Of each block its inputs above, `(B, rows, W, filters)`.
            terms: Of the class.

        Returns:
            What the first horizontal layer is given, `(W, B, filters)`; what
            each gate is, `(W, blocks, B, 2 filters)`; and `kept`, a row on.
        """
        v = _last_row(self.first_v, above)
        first, gates, new = v, [], []
        for block, rows, (to_a, to_b) in zip(
            self.blocks, kept, terms, strict=True
        ):
            rows = ops.concatenate([rows, v], axis=1)
            a = _last_row(block.vertical, rows) + to_a
            b = ops.matmul(a, block.across.kernel) + block.horizontal.bias
            gates.append(b + to_b)
            new.append(rows[:, 1:])
            v = v + gate(a)
        first = ops.transpose(first[:, 0], (1, 0, 2)) + self.first_h.bias
        given = ops.transpose(ops.concatenate(gates, axis=1), (2, 1, 0, 3))
        return first, given, new

    def _draw_row(
        self,
        uniform: Tensor,
        known: Tensor,
        first: Tensor,
        given: Tensor,
        width: int,
    ) -> Tensor:
        """Computes the horizontal stack of a row, and draws it, `(W, B)`."""
        columns = ops.reshape(ops.arange(width), (width, 1))
        left = _flat(self.first_h)
        kernels = [_flat(block.horizontal) for block in self.blocks]

        def body(c: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            row, pixels, *kept = state
            h = ops.matmul(pixels, left) + ops.take(first, c, axis=0)
            gates, new = ops.take(given, c, axis=0), []
            for i, block in enumerate(self.blocks):
                seen = ops.concatenate([kept[i], h], axis=-1)
                b = ops.matmul(seen, kernels[i]) + gates[i]
                new.append(seen[:, block.filters :])
                h = h + ops.matmul(gate(b), block.out.kernel) + block.out.bias
            level = self.levels.draw(
                self._logits(h), ops.take(uniform, c, axis=0)
            )
            here = ops.take(known, c, axis=0)
            level = ops.where(here < 0, level, here)
            row = ops.where(columns == c, level[None], row)
            pixel = self.levels.scaled(level)[:, None]
            pixels = ops.concatenate([pixels[:, 1:], pixel], axis=-1)
            return (row, pixels, *new)

        none = ops.zeros_like(uniform[0])[:, None]
        pixels = ops.repeat(none, self.first_h.seen, axis=1)
        kept = [
            ops.repeat(none, (b.horizontal.seen - 1) * b.filters, axis=1)
            for b in self.blocks
        ]
        start = (ops.zeros_like(uniform), pixels, *kept)
        return ops.fori_loop(0, width, body, start)[0]

    def _logits(self, h: Tensor) -> Tensor:
        """Returns `(B, outputs)` of the last features of a pixel."""
        h = ops.matmul(ops.relu(h), self.hidden.kernel) + self.hidden.bias
        return ops.matmul(ops.relu(h), self.logit.kernel) + self.logit.bias

    def compute_output_shape(self, uniform_shape: Shape, *_: Any) -> Shape:
        return uniform_shape


def _last_row(layer: MaskedConv, rows: Tensor) -> Tensor:
    """Convolves the rows that a kernel sees: `(B, 1, W, filters)`."""
    aside = layer.kernel_size[1] // 2
    padded = ops.pad(rows, [[0, 0], [0, 0], [aside, aside], [0, 0]])
    kernel = ops.convert_to_tensor(layer.kernel)[: layer.seen]
    return ops.conv(padded, kernel, 1, "valid") + layer.bias


def _flat(layer: MaskedConv) -> Tensor:
    """Returns what a flat kernel sees as a matrix, `(seen D, filters)`."""
    kernel = ops.convert_to_tensor(layer.kernel)[0, : layer.seen]
    return ops.reshape(kernel, (-1, layer.filters))
