"""Drawing from MADE: a new pixel moves what depends on it, and no more.

A pixel adds its row of the first kernel to the sums of the first hidden
layer, and of the logits only those of the next pixel are computed: a step of
one hidden layer costs as much as a row and a column of its matrices.
"""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Shape, Tensor
from kerasnotes.layers.pixel_levels import PixelLevels
from kerasnotes.notes.made.network import MaskedLayers

State = tuple[Tensor, Tensor, Tensor]


class Drawing(keras.layers.Layer):
    """Draws pixels in an order of the network's, in float32.

    The order of an example is chosen by the draw of its first pixel: the
    part of `[0, 1]` that it falls into; where in that part is the draw.

    Args:
        network: The masked layers.
        levels: What a pixel can be.

    Call arguments:
        uniform: Tensor `(B, H, W, C)` in `[0, 1]`, what decides each draw.
        known: Tensor `(B, H, W, C)`, levels; negative where to draw.
        labels: Integer Tensor `(B,)`, or `None`.

    Returns:
        Levels, Tensor `(B, H, W, C)`.
    """

    def __init__(self, network: MaskedLayers, levels: PixelLevels) -> None:
        super().__init__(dtype="float32", autocast=False, name="drawing")
        self.network, self.levels = network, levels
        self.built = True

    def call(
        self, uniform: Tensor, known: Tensor, labels: Tensor | None = None
    ) -> Tensor:
        net, shape = self.network, tuple(uniform.shape[1:])
        uniform = ops.reshape(uniform, (-1, net.size))
        known = ops.reshape(known, (-1, net.size))
        order, uniform = self._choose(uniform)
        # By place in the order, along the first axis: the loop takes rows.
        sequence = ops.transpose(
            ops.take(ops.convert_to_tensor(net.sequence), order, axis=0)
        )
        to_hidden, to_logits = net.class_terms(labels)
        sums = ops.zeros_like(uniform[:, :1]) + net.biases[0] + to_hidden
        bias = ops.reshape(net.last_bias, (-1,)) + to_logits
        bias = ops.reshape(
            ops.zeros_like(uniform[:, :1]) + bias, (-1, net.size, net.outputs)
        )
        pixels = ops.arange(net.size)[None]
        # Rows by pixel: `(D, outputs, units)`.
        last = ops.transpose(ops.convert_to_tensor(net.last), (1, 2, 0))
        kernels = self._kernels()

        def body(i: Tensor, state: State) -> State:
            levels, scaled, sums = state
            pixel = ops.take(sequence, i, axis=0)
            h = self._hidden(sums, kernels)
            h = h * ops.cast(net.hidden[-1] <= i, "float32")
            logits = ops.sum(
                ops.take(last, pixel, axis=0) * h[:, None, :], axis=-1
            )
            logits = logits + _at(bias, pixel)
            if net.shortcut is not None:
                logits = logits + self._direct(scaled, pixel)
            level = self.levels.draw(logits, _at(uniform, pixel))
            here = _at(known, pixel)
            level = ops.where(here < 0, level, here)
            new = self.levels.scaled(level)[:, None]
            row = ops.take(ops.convert_to_tensor(net.kernels[0]), pixel, axis=0)
            sees = ops.cast(net.hidden[0] > i, "float32")
            chosen = pixels == pixel[:, None]
            return (
                ops.where(chosen, level[:, None], levels),
                ops.where(chosen, new, scaled),
                sums + new * row * sees,
            )

        none = ops.zeros_like(uniform)
        levels = ops.fori_loop(0, net.size, body, (none, none, sums))[0]
        return ops.reshape(levels, (-1, *shape))

    def _choose(self, uniform: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the number of each order, `(B,)`, and what is left."""
        count = self.network.orders
        if count == 1:
            return ops.cast(ops.zeros_like(uniform[:, 0]), "int32"), uniform
        spread = uniform[:, 0] * count
        order = ops.minimum(ops.floor(spread), count - 1)
        rest = (spread - order)[:, None]
        uniform = ops.concatenate([rest, uniform[:, 1:]], axis=1)
        return ops.cast(order, "int32"), uniform

    def _kernels(self) -> list[Tensor]:
        """Returns the masked kernels between hidden layers."""
        net, found = self.network, []
        for n in range(1, len(net.widths)):
            may = net.hidden[n - 1][:, None] <= net.hidden[n][None]
            found.append(net.kernels[n] * may.astype("float32"))
        return found

    def _hidden(self, sums: Tensor, kernels: list[Tensor]) -> Tensor:
        """Returns the last hidden layer, `(B, units)`."""
        h = self.network.act(sums)
        for kernel, bias in zip(kernels, self.network.biases[1:], strict=True):
            h = self.network.act(ops.matmul(h, kernel) + bias)
        return h

    def _direct(self, scaled: Tensor, pixel: Tensor) -> Tensor:
        """Returns what drawn pixels, others are 0, add to the logits."""
        shortcut = ops.convert_to_tensor(self.network.shortcut)
        columns = ops.take(shortcut, pixel, axis=1)
        return ops.einsum("bd,dbk->bk", scaled, columns)

    def compute_output_shape(self, uniform_shape: Shape, *_: Any) -> Shape:
        return uniform_shape


def _at(values: Tensor, pixel: Tensor) -> Tensor:
    """Returns `values[b, pixel[b]]`, `(B, ...)`."""
    index = ops.reshape(pixel, (-1, 1, *[1] * (len(values.shape) - 2)))
    if len(values.shape) == 3:
        index = ops.tile(index, (1, 1, values.shape[-1]))
    return ops.take_along_axis(values, index, axis=1)[:, 0]
