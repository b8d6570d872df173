"""The layers of an interval network: answers, and ends around them.

Every layer is used twice, by what its weights say and by what their
intervals allow; both are in one graph, and share the weights.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from keras import layers, ops

from kerasnotes.base.types import Tensor
from kerasnotes.data.spec import Spec
from kerasnotes.layers.interval.arithmetic import Signs
from kerasnotes.layers.interval.conformal_shift import ConformalShift
from kerasnotes.layers.interval.interval_batch_norm import IntervalBatchNorm
from kerasnotes.layers.interval.interval_dense import IntervalDense
from kerasnotes.layers.interval.monotone import NON_NEGATIVE
from kerasnotes.notes.inn.config import INNConfig


class Bounded(NamedTuple):
    """Values `(B, D)`, and ends that hold them.

    Args:
        value: What the weights say.
        low: Lower ends.
        high: Upper ends.
        signs: What is known of the ends.
    """

    value: Tensor
    low: Tensor
    high: Tensor
    signs: Signs


def point(x: Tensor) -> Bounded:
    """Returns values that are known: their ends are themselves."""
    fixed = ops.stop_gradient(x)
    return Bounded(x, fixed, fixed, "point")


def dense(
    x: Bounded, units: int, name: str, signs: Signs = "any", **options: Any
) -> Bounded:
    """Returns a dense layer's answers, its weights intervals."""
    layer = IntervalDense(units, signs=x.signs, name=name, **options)
    value, low, high = layer(x.value, x.low, x.high)
    return Bounded(value, low, high, signs)


def through(x: Bounded, layer: Any, signs: Signs) -> Bounded:
    """Returns what a function that never falls makes of values and ends."""
    return Bounded(layer(x.value), layer(x.low), layer(x.high), signs)


def hidden(x: Tensor, config: INNConfig) -> Bounded:
    """Returns the last hidden layer of a row `(B, D)`."""
    bounded = point(x)
    for number, units in enumerate(config.widths, start=1):
        name, normed = f"dense{number}", config.normalization == "batch"
        norm = IntervalBatchNorm(
            momentum=0.9, epsilon=1e-5, name=f"{name}_norm"
        )
        function = layers.Activation(
            config.activation, name=f"{name}_activation"
        )
        if number <= config.plain_layers:
            value = layers.Dense(units, use_bias=not normed, name=name)(
                bounded.value
            )
            value = norm(value) if normed else value
            bounded = point(function(value))
            continue
        bounded = dense(
            bounded,
            units,
            name,
            use_bias=not normed,
            trains_values=config.trains_values,
        )
        if normed:
            value, low, high = norm(bounded.value, bounded.low, bounded.high)
            bounded = Bounded(value, low, high, "any")
        known: Signs = "any"
        if config.activation in NON_NEGATIVE:
            known = "non-negative"
        bounded = through(bounded, function, known)
    return bounded


def standardized(
    row: Tensor, last: Bounded, config: INNConfig, units: int
) -> Bounded:
    """Returns the answer in units of the training's deviation.

    Args:
        row: What the first hidden layer is given.
        last: The last hidden layer.
        config: Whether a linear map of the row is added.
        units: Values that are answered, `K`.
    """
    own: dict[str, Any] = {
        "dtype": "float32",
        "trains_values": config.trains_values,
    }
    if not config.linear_path:
        return dense(last, units, "standardized", **own)
    zeros = {**own, "kernel_initializer": "zeros"}
    deep = dense(last, units, "deep", **zeros)
    wide = dense(point(row), units, "wide", use_bias=False, **zeros)
    add = layers.Add(name="standardized", dtype="float32")
    return Bounded(
        add([deep.value, wide.value]),
        add([deep.low, wide.low]),
        add([deep.high, wide.high]),
        "any",
    )


def answers(x: Bounded, spec: Spec) -> dict[str, Tensor]:
    """Returns values and ends by name, `(B, K)` each, in raw units."""
    shift = ConformalShift(name="shift", dtype="float32")
    low, high = shift(x.value, x.low, x.high)
    columns = spec.target.columns
    scale: Callable[..., Tensor] = layers.Rescaling(
        scale=[column.deviation for column in columns],
        offset=[column.mean for column in columns],
        dtype="float32",
        name=spec.target.name,
    )
    return {"values": scale(x.value), "low": scale(low), "high": scale(high)}
