"""A diffusion process and the network that reverses it, as one object."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from keras import ops

from kerasnotes.base.types import Tensor
from kerasnotes.diffusion.choices import Parameterization, Variance
from kerasnotes.diffusion.guidance import Predict, classifier_free
from kerasnotes.diffusion.lookup import lookup
from kerasnotes.diffusion.noise_schedule import Schedule
from kerasnotes.diffusion.parameterization import Coefficients, to_x_start
from kerasnotes.diffusion.sigmas import time_of_sigma
from kerasnotes.diffusion.training_loss import training_loss

Array = np.ndarray[Any, Any]
Conditions = Mapping[str, Tensor]
"""What the network is asked under, by name."""


@dataclasses.dataclass(frozen=True, eq=False)
class Process:
    """Noise that is added to data, and a network that knows to remove it.

    Args:
        schedule: How much noise each time has.
        predict: `(x_t, t, conditions, training) -> prediction`.
        parameterization: What it predicts.
        clip: Ends of the data's range, or `None`.
        variance: Of a step of the reverse process.
        time_weights: Array `(T,)`, of the times in the loss, from
            `loss_weights`; `simple` by default.
        network: The layer whose weights `predict` reads. Who compiles a loop
            around the process must hold it as an attribute: its weights
            would be constants else.
    """

    schedule: Schedule
    predict: Predict
    parameterization: Parameterization = "noise"
    clip: tuple[float, float] | None = (-1.0, 1.0)
    variance: Variance = "fixed_small"
    time_weights: Array | None = None
    network: Any = None

    def loss(
        self,
        x_start: Tensor,
        noise: Tensor,
        t: Tensor,
        conditions: Conditions | None = None,
        *,
        training: bool = False,
    ) -> Tensor:
        """Returns each sample's loss, `(B,)`; see `training_loss`.

        Args:
            x_start: Tensor `(B, ...)`, in the range the network works in.
            noise: Tensor `(B, ...)`, `N(0, 1)`.
            t: Integer tensor `(B,)`, `0 .. T - 1`.
            conditions: Passed on to `predict`.
            training: Passed on to `predict`.
        """

        def predict(x_t: Tensor, t: Tensor) -> Tensor:
            return self.predict(x_t, t, conditions or {}, training=training)

        return training_loss(
            predict,
            self.schedule,
            x_start=x_start,
            noise=noise,
            t=t,
            parameterization=self.parameterization,
            weights=self.time_weights,
        )

    def denoise(
        self,
        x: Tensor,
        sigma: Tensor,
        t: Tensor | None = None,
        conditions: Conditions | None = None,
    ) -> Tensor:
        """Returns what the network takes for the data in `x`, `(B, ...)`.

        The network was trained on `x_t = x / sqrt(1 + sigma^2)`; its answer
        is turned into `x_start`, and clipped.

        Args:
            x: Tensor `(B, ...)`, `x_start + sigma n`.
            sigma: Scalar, or tensor `(B, 1, ...)`: noise level of `x`,
                above 0.
            t: Scalar or `(B,)`, float: the timestep of that level. By
                default computed from `sigma`, then a number.
            conditions: Passed on to `predict`.

        Reference:
            Karras et al., 2022, table 1, column VP, section 5.
            https://arxiv.org/abs/2206.00364
        """
        if t is None:
            t = time_of_sigma(self.schedule, sigma)
        x = ops.convert_to_tensor(x)
        sigma = ops.cast(sigma, x.dtype)
        # (B,): one time for all, or one each.
        times = ops.broadcast_to(ops.cast(t, x.dtype), ops.shape(x)[:1])
        signal = ops.rsqrt(1.0 + ops.square(sigma))
        x_t = signal * x
        given = {
            name: ops.convert_to_tensor(value)
            for name, value in (conditions or {}).items()
        }
        answer = self.predict(x_t, times, given)
        c = Coefficients(signal, signal * sigma, *self._mean_of(times, x))
        return self.x_start(c, answer, x_t)

    def x_start(self, c: Coefficients, prediction: Tensor, x_t: Tensor) -> Any:
        """Returns the data that a prediction implies, clipped, `(B, ...)`.

        Args:
            c: Factors at the batch's times.
            prediction: Tensor `(B, ...)`, what the network said.
            x_t: Tensor `(B, ...)`, what it was asked about.
        """
        x_start = to_x_start(
            self.parameterization,
            c,
            prediction=ops.cast(prediction, x_t.dtype),
            x_t=x_t,
        )
        return x_start if self.clip is None else ops.clip(x_start, *self.clip)

    def guided(self, null_label: int) -> "Process":
        """Returns the process under one condition more, `guidance`.

        Args:
            null_label: Class that stands for none; see `classifier_free`.
        """
        predict = classifier_free(self.predict, null_label)
        return dataclasses.replace(self, predict=predict)

    def _mean_of(self, times: Tensor, x: Tensor) -> tuple[Tensor, ...]:
        """Returns the factors that only the parameterization `mean` reads."""
        if self.parameterization != "mean":
            return ()
        return (
            lookup(self.schedule.posterior_x_start, times, x),
            lookup(self.schedule.posterior_x_t, times, x),
        )
