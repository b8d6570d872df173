"""What several networks' probabilities say of their doubt, in a graph.

`metrics/uncertainty.py` has the same in NumPy.
"""

from keras import ops

from kerasnotes.base.types import Tensor


def tell_doubt(p: Tensor, axis: int) -> dict[str, Tensor]:
    """Returns the mean of several answers, and entropies, nats.

    Args:
        p: Tensor of probabilities, classes along the last axis.
        axis: Along which the networks lie.

    Returns:
        `probabilities`, their mean; `predictive_entropy`, the mean's;
        `aleatoric`, the mean of the networks' own; `epistemic`, the
        difference of the two.
    """
    mean = ops.mean(p, axis=axis)
    total, own = _entropy(mean), ops.mean(_entropy(p), axis=axis)
    return {
        "probabilities": mean,
        "predictive_entropy": total,
        "aleatoric": own,
        # A difference of rounding errors may end just below zero.
        "epistemic": ops.maximum(total - own, 0.0),
    }


def _entropy(p: Tensor) -> Tensor:
    """Returns `-sum p log p` over the last axis, nats; `0 log 0` is 0."""
    return -ops.sum(p * ops.log(ops.maximum(p, 1e-30)), axis=-1)
