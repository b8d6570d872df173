"""The end of a network that answers once for every example."""

import math
from collections.abc import Callable
from typing import Any

from keras import layers

from kerasnotes.base.types import Tensor
from kerasnotes.data.spec import Spec


def answer(
    x: Tensor, spec: Spec, end: Callable[..., Any] = layers.Dense
) -> Tensor:
    """Returns probabilities of classes, or what is measured in raw units.

    A regression or a forecast is computed in units of the training part's
    deviation, so that its loss and its gradients are of order one whatever is
    measured.

    Args:
        x: Features `(B, D)`.
        spec: What is answered.
        end: Makes the layer from features to logits, or to standardized
            values: `end(units, name=..., dtype=...)`.

    Returns:
        Tensor, float32: `probabilities` or `values`, `(B, K)`; or `forecast`,
        `(B, H, K)`.
    """
    if spec.target.kind not in ("values", "series"):
        x = end(spec.target.num_classes, name="logits", dtype=None)(x)
        return layers.Activation(
            "softmax", dtype="float32", name="probabilities"
        )(x)
    columns = spec.target.columns
    units = math.prod(side or 1 for side in spec.target.shape)
    x = end(units, name="standardized", dtype="float32")(x)
    if spec.target.kind == "series":
        x = layers.Reshape(spec.target.shape, dtype="float32", name="rows")(x)
    return layers.Rescaling(
        scale=[column.deviation for column in columns],
        offset=[column.mean for column in columns],
        dtype="float32",
        name=spec.target.name,
    )(x)


def next_token_logits(x: Tensor, spec: Spec) -> Tensor:
    """Returns what speaks for each token to come next, unnormalized.

    Args:
        x: Features of every step, `(B, T, D)`.
        spec: A language.

    Returns:
        Tensor `(B, T, V)`, float32.
    """
    x = layers.Dense(spec.input.vocabulary, name="next_token")(x)
    return layers.Activation("linear", dtype="float32", name="logits")(x)
