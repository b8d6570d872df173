"""Interval arithmetic: the exact range of sums of products.

An interval `[x]` is two tensors, `low <= high`, everywhere. A product has its
range at the corners; a sum adds ends; a difference swaps them:

    [a] * [b] = [min, max] of a_low b_low, a_low b_high, a_high b_low,
                a_high b_high
    [a] - [b] = [a_low - b_high, a_high - b_low]

Reference:
    Moore, Kearfott & Cloud, 2009, Introduction to Interval Analysis,
    section 2.3. https://doi.org/10.1137/1.9780898717716
"""

from collections.abc import Callable
from typing import Literal

from keras import ops

from kerasnotes.base.types import Tensor

Ends = tuple[Tensor, Tensor]
"""Lower and upper ends, of one shape."""
Signs = Literal["any", "non-negative", "point"]
"""What is known of inputs: nothing; that no lower end is below 0, as behind
a ReLU; or that both ends are the same, as of measured values."""
Product = Callable[[Tensor, Tensor], Tensor]
"""Linear in inputs and in weights: a matrix product, a convolution."""


def weighted_sum(
    inputs: Ends, weights: Ends, signs: Signs, product: Product
) -> Ends:
    """Returns the range of `sum_d x_d w_d` over all `x` and `w`.

    With `v+ = max(v, 0)` and `v- = max(-v, 0)`, of one product

        high = x_high+ w_high+ + x_low- w_low- - x_low+ w_high- - x_high- w_low+
               - min(x_high+ w_high+, x_low- w_low-)

    and `low` is `-high` of `x * (-w)`. The last term is 0 unless both
    intervals hold 0 inside: where inputs are points or have one sign it is
    left out here, and `straddling_terms` adds it elsewhere.

    Args:
        inputs: Ends of `x`.
        weights: Ends of `w`.
        signs: What is known of the inputs.
        product: How inputs and weights are summed.
    """
    low, high = inputs
    down, up = weights
    down_plus, down_minus = ops.relu(down), ops.relu(-down)
    up_plus, up_minus = ops.relu(up), ops.relu(-up)
    if signs == "non-negative":
        return (
            product(low, down_plus) - product(high, down_minus),
            product(high, up_plus) - product(low, up_minus),
        )
    if signs == "point":
        plus, minus = ops.relu(low), ops.relu(-low)
        return (
            product(plus, down) - product(minus, up),
            product(plus, up) - product(minus, down),
        )
    low_plus, low_minus = ops.relu(low), ops.relu(-low)
    high_plus, high_minus = ops.relu(high), ops.relu(-high)
    return (
        product(low_plus, down_plus)
        + product(high_minus, up_minus)
        - product(high_plus, down_minus)
        - product(low_minus, up_plus),
        product(high_plus, up_plus)
        + product(low_minus, down_minus)
        - product(low_plus, up_minus)
        - product(high_minus, down_plus),
    )


def straddling_terms(inputs: Ends, weights: Ends) -> Ends:
    """Returns what `weighted_sum` has too much where 0 lies inside of both.

    Args:
        inputs: Ends of `x`, `(..., D)`.
        weights: Ends of `w`, `(D, U)`.

    Returns:
        What is to be added to the lower end and taken from the upper, both
        at least 0, `(..., U)`. It needs memory for `D` times as many.
    """
    low_minus = ops.expand_dims(ops.relu(-inputs[0]), -1)
    high_plus = ops.expand_dims(ops.relu(inputs[1]), -1)
    down_minus, up_plus = ops.relu(-weights[0]), ops.relu(weights[1])
    below = ops.minimum(high_plus * down_minus, low_minus * up_plus)
    above = ops.minimum(high_plus * up_plus, low_minus * down_minus)
    return ops.sum(below, axis=-2), ops.sum(above, axis=-2)
