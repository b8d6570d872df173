"""Layers of an ensemble: its members, and how they answer together."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import layers, ops

from kerasnotes.base.ensembles import LEAST
from kerasnotes.base.types import Array, Tensor
from kerasnotes.layers.doubt import tell_doubt


class Member(layers.Layer):
    """A network as one layer, so that several of one name stand together.

    Args:
        network: The trained network.
        name: Its own name here.

    Call arguments:
        x: Tensor `(B, ...)` of raw inputs.

    Returns:
        The network's answers `(B, K)`, float32.
    """

    def __init__(self, network: Any, name: str) -> None:
        super().__init__(name=name, dtype="float32")
        self.network = network
        self.built = True

    def call(self, x: Tensor, training: bool | None = None) -> Tensor:
        return ops.cast(self.network(x, training=training), "float32")

    def compute_output_shape(self, shape: Any) -> Any:
        return (shape[0], *self.network.output_shape[1:])


class Together(layers.Layer):
    """Puts the members' answers one over the other: `(B, M, K)`."""

    def call(self, answers: Sequence[Tensor]) -> Tensor:
        return ops.stack(answers, axis=1)


class Combination(layers.Layer):
    """Answers of M members to their mean, or to shares of votes.

    Args:
        weights: `M` numbers, at least 0, that add up to 1.
        vote: Whether members vote for a class each.
        name: Of the answer.

    Call arguments:
        x: Tensor `(B, M, K)`.

    Returns:
        Tensor `(B, K)`, float32.
    """

    def __init__(self, weights: Sequence[float], vote: bool, name: str) -> None:
        super().__init__(name=name, dtype="float32")
        self.weights_of = [float(weight) for weight in weights]
        self.vote = vote

    def call(self, x: Tensor) -> Tensor:
        if self.vote:
            # Not argmax: ONNX has no way of writing its one-hot. Classes
            # that are exactly as likely share a vote.
            best = ops.max(x, axis=-1, keepdims=True)
            x = ops.cast(ops.greater_equal(x, best), "float32")
            x = x / ops.sum(x, axis=-1, keepdims=True)
        weights = ops.convert_to_tensor(self.weights_of, "float32")
        return ops.sum(x * ops.reshape(weights, (1, -1, 1)), axis=1)


class Stacking(layers.Layer):
    """A regression on the mean answers of groups of members.

    Args:
        groups: The group of each member, from 0: those that answer alike.
        classes: Whether answers are probabilities.
        name: Of the answer.

    Call arguments:
        x: Tensor `(B, M, K)`.

    Returns:
        Tensor `(B, K)`, float32; see `metrics.blending.Stack`.
    """

    def __init__(self, groups: Sequence[int], classes: bool, name: str) -> None:
        super().__init__(name=name, dtype="float32")
        self.groups, self.classes = list(groups), classes

    def build(self, shape: Any) -> None:
        self.mean = group_means(self.groups)
        width = shape[-1]
        size = (self.mean.shape[1] * width, width)
        self.kernel = self.add_weight(size, "zeros", name="kernel")
        self.bias = self.add_weight((width,), "zeros", name="bias")

    def call(self, x: Tensor) -> Tensor:
        # (B, M, K) -> (B, G, K)
        x = ops.einsum("bmk,mg->bgk", x, self.mean)
        if self.classes:
            x = ops.log(ops.maximum(x, LEAST))
        x = ops.reshape(x, (-1, x.shape[1] * x.shape[2]))
        x = ops.matmul(x, self.kernel) + self.bias
        return ops.softmax(x) if self.classes else x

    def compute_output_shape(self, shape: Any) -> Any:
        return (shape[0], shape[2])


def group_means(groups: Sequence[int]) -> Array:
    """Returns weights `(M, G)` whose product with answers is their mean."""
    member = np.eye(max(groups) + 1, dtype="float32")[list(groups)]
    return np.asarray(member / member.sum(axis=0))


class Doubt(layers.Layer):
    """Tells the entropies of classes: the mean's, and in what it parts.

    Call arguments:
        x: Tensor `(B, M, K)` of the members' probabilities.

    Returns:
        `probabilities`, `(B, K)`, their mean; and, `(B,)` in nats,
        `predictive_entropy`, `aleatoric` and `epistemic`.
    """

    def call(self, x: Tensor) -> dict[str, Tensor]:
        return tell_doubt(x, axis=1)
