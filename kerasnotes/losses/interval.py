"""What an interval loses: by the truth outside of it, and by its width.

    interval_loss   max(y - high, 0)^2 + max(low - y, 0)^2 + beta (high - low)
    interval_score  high - low + 2/a (max(y - high, 0) + max(low - y, 0))

Where an end is free to move, the mean of `max(y - high, 0)` is `beta / 2` at
the minimum: the derivative by `high` is `beta - 2 max(y - high, 0)`. So
`beta` says how far truths lie outside, not how many. The second is least where
the part `a / 2` of the truths lies above, and as many below.

Reference:
    Oala et al., 2020, eq. (2). https://arxiv.org/abs/2003.11566
    Gneiting & Raftery, 2007, eq. (43) (the second).
    https://doi.org/10.1198/016214506000001437
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


def interval_score(
    y: Tensor, low: Tensor, high: Tensor, coverage: float
) -> Tensor:
    """Returns the score of each example, the mean over its values, `(B,)`.

    Args:
        y: Tensor `(B, K)`, in units of the training's deviation.
        low: Tensor `(B, K)`, lower ends.
        high: Tensor `(B, K)`, upper ends.
        coverage: Part of the truths that is to lie inside, `1 - a`.
    """
    outside = ops.relu(y - high) + ops.relu(low - y)
    return ops.mean(high - low + 2 / (1 - coverage) * outside, axis=-1)
