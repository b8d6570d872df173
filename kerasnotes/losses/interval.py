"""What an interval loses: by the truth outside of it, and by its width.

    max(y - high, 0)^2 + max(low - y, 0)^2 + beta (high - low)

Where an end is free to move, the mean of `max(y - high, 0)` is `beta / 2` at
the minimum: the derivative by `high` is `beta - 2 max(y - high, 0)`. So
`beta` says how far truths lie outside, not how many.

Reference:
    Oala et al., 2020, eq. (2). https://arxiv.org/abs/2003.11566
"""

from keras import ops

from kerasnotes.base.types import Tensor


def interval_loss(y: Tensor, low: Tensor, high: Tensor, beta: float) -> Tensor:
    """Returns the loss of each example, the mean over its values, `(B,)`.

    Args:
        y: Tensor `(B, K)`, in units of the training's deviation.
        low: Tensor `(B, K)`, lower ends.
        high: Tensor `(B, K)`, upper ends.
        beta: Price of the width.
    """
    outside = ops.square(ops.relu(y - high)) + ops.square(ops.relu(low - y))
    return ops.mean(outside + beta * (high - low), axis=-1)
