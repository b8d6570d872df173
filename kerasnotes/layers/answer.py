"""The end of a network that answers once for every example."""

from collections.abc import Callable
from typing import Any

from keras import layers

from kerasnotes.base.types import Tensor
from kerasnotes.data.spec import Spec


def answer(
    x: Tensor, spec: Spec, end: Callable[..., Any] = layers.Dense
) -> Tensor:
    """Returns probabilities of classes, or measured values in raw units.

    A regression is computed in units of the training part's deviation, so
    that its loss and its gradients are of order one whatever is measured.

    Args:
        x: Features `(B, D)`.
        spec: What is answered.
        end: Makes the layer from features to logits, or to standardized
            values: `end(units, name=..., dtype=...)`.

    Returns:
        Tensor `(B, K)`, float32: `probabilities` or `values`.
    """
    if spec.target.kind != "values":
        x = end(spec.target.num_classes, name="logits", dtype=None)(x)
        return layers.Activation(
            "softmax", dtype="float32", name="probabilities"
        )(x)
    columns = spec.target.columns
    x = end(len(columns), name="standardized", dtype="float32")(x)
    return layers.Rescaling(
        scale=[column.deviation for column in columns],
        offset=[column.mean for column in columns],
        dtype="float32",
        name="values",
    )(x)
