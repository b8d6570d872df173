"""Losses of measured values, in units of the training's deviation.

With `e = (y - answer) / deviation`, each the mean over values and examples:

    squared     e^2                                      aims at the mean
    absolute    |e|                                      at the median
    huber       e^2 / 2 up to |e| = d, then d (|e| - d/2)  between the two
    quantile    max(q e, (q - 1) e)                      at the q-quantile

Reference:
    Huber, 1964, Annals of Mathematical Statistics 35(1), 73-101.
    Koenker & Bassett, 1978, Econometrica 46(1), 33-50 (quantile regression).
"""

import abc
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Tensor


class _StandardizedLoss(keras.losses.Loss, abc.ABC):
    """Base: what is lost by an error in units of the deviation.

    Args:
        deviations: Standard deviation of each value, `K` numbers above 0.
        name: Name in logs.

    Call arguments:
        y_true: Tensor `(B, K)`, raw units.
        y_pred: Tensor `(B, K)`, raw units.

    Returns:
        Scalar tensor, float32.
    """

    def __init__(
        self, deviations: Sequence[float], name: str, **kwargs: Any
    ) -> None:
        super().__init__(name=name, dtype="float32", **kwargs)
        self.deviations = [float(value) for value in deviations]

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        scale = ops.convert_to_tensor(self.deviations, "float32")
        error = ops.cast(y_true, "float32") - ops.cast(y_pred, "float32")
        return ops.mean(self.penalty(error / scale), axis=-1)

    @abc.abstractmethod
    def penalty(self, error: Tensor) -> Tensor:
        """Returns what each error costs, elementwise."""

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "deviations": self.deviations}


@keras.saving.register_keras_serializable("kerasnotes")
class StandardizedSquaredError(_StandardizedLoss):
    """Squared error; answering with the training part's mean loses 1."""

    def __init__(
        self,
        deviations: Sequence[float],
        name: str = "standardized_squared_error",
        **kwargs: Any,
    ) -> None:
        super().__init__(deviations, name, **kwargs)

    def penalty(self, error: Tensor) -> Tensor:
        return ops.square(error)


@keras.saving.register_keras_serializable("kerasnotes")
class StandardizedAbsoluteError(_StandardizedLoss):
    """Absolute error: outliers weigh no more than their distance."""

    def __init__(
        self,
        deviations: Sequence[float],
        name: str = "standardized_absolute_error",
        **kwargs: Any,
    ) -> None:
        super().__init__(deviations, name, **kwargs)

    def penalty(self, error: Tensor) -> Tensor:
        return ops.abs(error)


@keras.saving.register_keras_serializable("kerasnotes")
class StandardizedHuber(_StandardizedLoss):
    """Huber's loss: squared near zero, absolute far from it.

    Args:
        deviations: Standard deviation of each value, `K` numbers above 0.
        delta: Error, in deviations, from where it is linear.
        name: Name in logs.
    """

    def __init__(
        self,
        deviations: Sequence[float],
        delta: float,
        name: str = "standardized_huber",
        **kwargs: Any,
    ) -> None:
        super().__init__(deviations, name, **kwargs)
        self.delta = float(delta)

    def penalty(self, error: Tensor) -> Tensor:
        size = ops.abs(error)
        near = ops.minimum(size, self.delta)
        # Both pieces at once: near^2 / 2, and delta for all that is beyond.
        return 0.5 * ops.square(near) + self.delta * (size - near)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "delta": self.delta}


@keras.saving.register_keras_serializable("kerasnotes")
class StandardizedPinball(_StandardizedLoss):
    """The pinball loss, least where the answer is a quantile of the truth.

    Args:
        deviations: Standard deviation of each value, `K` numbers above 0.
        quantile: Which, between 0 and 1: 0.9 lies above nine of ten.
        name: Name in logs.
    """

    def __init__(
        self,
        deviations: Sequence[float],
        quantile: float,
        name: str = "standardized_pinball",
        **kwargs: Any,
    ) -> None:
        super().__init__(deviations, name, **kwargs)
        self.quantile = float(quantile)

    def penalty(self, error: Tensor) -> Tensor:
        return ops.maximum(self.quantile * error, (self.quantile - 1) * error)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "quantile": self.quantile}
