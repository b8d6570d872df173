"""Pixels as one of K levels: observed, read by a network, scored, drawn."""

import numpy as np
from keras import ops

from kerasnotes.base.types import Array, Tensor
from kerasnotes.data.spec import Spec


class PixelLevels:
    """The K values that a pixel can have, evenly from limit to limit.

    Of two levels, a pixel is black or white: drawn with its grey value as
    the probability, anew each time, or by half. Of more it is the nearest.
    Numbers of images binarized in one way are not comparable with those of
    the other.

    Args:
        spec: The data.
        levels: K, at least 2.
        binarize: `stochastic` or `threshold`: how grey becomes one of two.

    Attributes:
        outputs: Logits of a pixel: 1 of two levels, else K.

    Reference:
        Salakhutdinov & Murray, 2008, On the quantitative analysis of deep
        belief networks: images binarized by drawing.
    """

    def __init__(self, spec: Spec, levels: int, binarize: str) -> None:
        self.levels, self.binarize = levels, binarize
        self.outputs = 1 if levels == 2 else levels
        low, high = spec.input.limits
        self.low, self.span = float(low), float(high - low) or 1.0

    def observe(self, x: Tensor, uniform: Tensor) -> Tensor:
        """Returns the levels of raw pixels, 0 to K - 1, float32.

        Args:
            x: Tensor `(B, ...)`, raw values.
            uniform: Tensor `(B, ...)` in `[0, 1)`; used by draws only.
        """
        unit = (ops.cast(x, "float32") - self.low) / self.span
        unit = ops.clip(unit, 0.0, 1.0)
        if self.levels > 2:
            return ops.round(unit * (self.levels - 1))
        if self.binarize == "threshold":
            return ops.cast(unit > 0.5, "float32")
        return ops.cast(ops.less(uniform, unit), "float32")

    def scaled(self, levels: Tensor) -> Tensor:
        """Returns levels in `[-1, 1]`, as a network reads them."""
        return levels * (2.0 / (self.levels - 1)) - 1.0

    def to_raw(self, levels: Tensor) -> Tensor:
        """Returns the raw values of levels."""
        return self.low + levels * (self.span / (self.levels - 1))

    def log_probability(self, levels: Tensor, logits: Tensor) -> Tensor:
        """Returns `log p(level)`, nats, for each pixel.

        Args:
            levels: Tensor `(...)`.
            logits: Tensor `(..., outputs)`.
        """
        levels = ops.convert_to_tensor(levels)
        logits = ops.cast(logits, "float32")
        if self.levels == 2:
            logit = logits[..., 0]
            return levels * logit - ops.softplus(logit)
        chosen = ops.one_hot(ops.cast(levels, "int32"), self.levels)
        return ops.sum(chosen * ops.log_softmax(logits), axis=-1)

    def log_likelihood(self, levels: Tensor, logits: Tensor) -> Tensor:
        """Returns `log p`, nats, of whole images, `(B,)`.

        Args:
            levels: Tensor `(B, H, W, C)`.
            logits: Tensor `(B, H, W, C, outputs)`.
        """
        each = self.log_probability(levels, logits)
        return ops.sum(each, axis=(1, 2, 3))

    def draw(self, logits: Tensor, uniform: Tensor) -> Tensor:
        """Returns the level at which the distribution passes `uniform`.

        The largest levels answer the smallest numbers, as in
        `uniform < p(white)`.

        Args:
            logits: Tensor `(..., outputs)`.
            uniform: Tensor `(...)` in `[0, 1)`.
        """
        uniform = ops.convert_to_tensor(uniform)
        if self.levels == 2:
            white = ops.sigmoid(logits[..., 0])
            return ops.cast(ops.less(uniform, white), "float32")
        # Probability of level k or more, for k = 1 .. K - 1.
        shares = ops.flip(ops.softmax(logits), axis=-1)
        above = ops.cumsum(shares, axis=-1)[..., :-1]
        return ops.sum(ops.cast(uniform[..., None] < above, "float32"), axis=-1)


def to_uniform(noise: Tensor) -> Tensor:
    """Returns `Phi(noise)`: standard normal noise as uniform in `[0, 1]`."""
    return 0.5 * (1.0 + ops.erf(noise * np.float32(np.sqrt(0.5))))


def reading_order(missing: Array) -> Array:
    """Returns whether all that is missing comes last, `(B,)`.

    Args:
        missing: Boolean `(B, ...)`; read row by row, from the top left.
    """
    flat = missing.reshape(len(missing), -1)
    inside = np.any(flat[:, :-1] & ~flat[:, 1:], axis=1)
    found: Array = np.logical_not(inside)
    return found
