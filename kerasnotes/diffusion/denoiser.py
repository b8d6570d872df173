"""From any network to what a sampler asks for: the denoised data."""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Tensor
from kerasnotes.diffusion.choices import Parameterization
from kerasnotes.diffusion.guidance import Predict
from kerasnotes.diffusion.lookup import lookup
from kerasnotes.diffusion.noise_schedule import Schedule
from kerasnotes.diffusion.parameterization import Coefficients, to_x_start


class Denoiser(keras.layers.Layer):
    """Denoises `x = x_start + sigma n` with a network that knows `x_t`.

    `x_t = x / sqrt(1 + sigma^2)` is what the network was trained on; its
    answer is turned into `x_start`, and clipped.

    Args:
        predict: `(x_t, t, conditions) -> prediction`.
        schedule: The process that the network was trained on.
        parameterization: What it predicts.
        clip: Ends of the data's range, or `None`.
        network: The layer whose weights `predict` reads, so that compiled
            loops see them as weights and not as constants.
        dtype: Of everything but the network's own arithmetic.

    Call arguments:
        x: Tensor `(B, ...)`.
        sigma: Scalar tensor: noise level of `x`, above 0.
        t: Scalar tensor, float: the timestep of that level.
        conditions: Passed on to `predict`.

    Returns:
        Tensor `(B, ...)`: the network's `x_start`.

    Reference:
        Karras et al., 2022, table 1, column VP, section 5.
        https://arxiv.org/abs/2206.00364
    """

    def __init__(
        self,
        predict: Predict,
        schedule: Schedule,
        *,
        parameterization: Parameterization = "noise",
        clip: tuple[float, float] | None = (-1.0, 1.0),
        network: Any = None,
        dtype: str = "float32",
    ) -> None:
        super().__init__(dtype=dtype, autocast=False, name="denoiser")
        self.predict = predict
        self.schedule = schedule
        self.parameterization = parameterization
        self.clip = clip
        self.network = network
        self.built = True

    def call(
        self,
        x: Tensor,
        sigma: Tensor,
        t: Tensor,
        conditions: dict[str, Tensor] | None = None,
    ) -> Tensor:
        # (B,): one time for all.
        times = ops.broadcast_to(ops.cast(t, x.dtype), ops.shape(x)[:1])
        signal = ops.rsqrt(1.0 + ops.square(sigma))
        x_t = signal * x
        answer = self.predict(x_t, times, conditions or {})
        x_start = to_x_start(
            self.parameterization,
            self._coefficients(signal, sigma, times, x),
            prediction=ops.cast(answer, x.dtype),
            x_t=x_t,
        )
        if self.clip is not None:
            x_start = ops.clip(x_start, *self.clip)
        return x_start

    def _coefficients(
        self, signal: Tensor, sigma: Tensor, times: Tensor, x: Tensor
    ) -> Coefficients:
        if self.parameterization != "mean":
            return Coefficients(signal, signal * sigma)
        return Coefficients(
            signal,
            signal * sigma,
            lookup(self.schedule.posterior_x_start, times, x),
            lookup(self.schedule.posterior_x_t, times, x),
        )
