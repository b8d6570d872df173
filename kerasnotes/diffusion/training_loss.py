"""The loss of a denoising network, one number per sample.

Every weighting is a factor of the mean squared error in the network's own
target. The error in a target is `k_t` times the error in `x_start`:

    noise  a / s      x_start  1      score  a / s^2      v  1 / s
    mean   c_0        (a = sqrt(ac_t), s = sqrt(1 - ac_t), SNR = a^2 / s^2)

so a weight `w_t` on the error in `x_start` is `w_t / k_t^2` on the target's.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from keras import ops

from kerasnotes.base.types import Tensor
from kerasnotes.diffusion.choices import (
    PARAMETERIZATIONS,
    WEIGHTINGS,
    Parameterization,
    Variance,
    Weighting,
)
from kerasnotes.diffusion.forward_process import q_sample
from kerasnotes.diffusion.lookup import lookup
from kerasnotes.diffusion.noise_schedule import Schedule
from kerasnotes.diffusion.parameterization import coefficients, make_target

Array = np.ndarray[Any, Any]


def loss_weights(
    schedule: Schedule,
    parameterization: Parameterization,
    *,
    weighting: Weighting = "simple",
    gamma: float = 5.0,
    variance: Variance = "fixed_small",
) -> Array:
    """Returns the factor of the target's mean squared error at each time.

    - `simple`: 1 for noise, x_start and v. For score and mean, whose scale
      changes a thousandfold over the times, the factor that makes it the
      loss of the noise.
    - `variational`: the term of the variational bound, in nats per
      dimension: `c_0^2 / (2 variance_t)` on x_start. At t = 0, where the
      posterior has no variance, that of t = 1 stands in.
    - `min_snr`: `min(SNR, gamma)` on x_start.

    Args:
        schedule: The process.
        parameterization: What the network predicts.
        weighting: See above.
        gamma: Of `min_snr`, above 0.
        variance: Of the reverse step, for `variational`.

    Returns:
        Array `(T,)`, float64, above 0.

    Raises:
        ValueError: If a name is unknown or `gamma` not above 0.

    Reference:
        Ho et al., 2020, eq. (12), (14); Kingma et al., 2021, eq. (14);
        Hang et al., 2023, section 3.4. https://arxiv.org/abs/2303.09556
    """
    factor = error_factors(schedule, parameterization)
    if weighting == "simple":
        if parameterization in ("score", "mean"):
            return np.asarray(schedule.snr / factor**2)
        return np.ones(schedule.num_timesteps)
    if weighting == "variational":
        reverse = (
            schedule.betas
            if variance == "fixed_large"
            else schedule.posterior_variance_clipped
        )
        kl = schedule.posterior_x_start**2 / (2 * reverse)
        return np.asarray(kl / factor**2)
    if weighting == "min_snr" and gamma > 0:
        return np.asarray(np.minimum(schedule.snr, gamma) / factor**2)
    raise ValueError(
        f"`weighting` must be one of {WEIGHTINGS}, `gamma` above 0. "
        f"Received: weighting={weighting!r}, gamma={gamma}"
    )


def error_factors(
    schedule: Schedule, parameterization: Parameterization
) -> Array:
    """Returns `k_t`: error in the target per error in `x_start`, `(T,)`."""
    a, s = schedule.signal_scale, schedule.noise_scale
    factors: dict[str, Array] = {
        "noise": a / s,
        "x_start": np.ones_like(a),
        "score": a / s**2,
        "v": 1 / s,
        "mean": schedule.posterior_x_start,
    }
    if parameterization not in factors:
        raise ValueError(
            f"`parameterization` must be one of {PARAMETERIZATIONS}. "
            f"Received: parameterization={parameterization!r}"
        )
    return factors[parameterization]


def weighted_error(
    prediction: Tensor, target: Tensor, *, weights: Array, t: Tensor
) -> Tensor:
    """Returns `weights[t] * mean((prediction - target)^2)`.

    Args:
        prediction: Tensor `(B, ...)`; any float type.
        target: Tensor `(B, ...)`.
        weights: Array `(T,)`, from `loss_weights`.
        t: Integer tensor `(B,)`.

    Returns:
        Tensor `(B,)`, of the type of `target`.
    """
    error = ops.cast(prediction, target.dtype) - target
    axes = tuple(range(1, len(target.shape)))
    mean = ops.mean(ops.square(error), axis=axes)
    return lookup(weights, t, mean) * mean


def training_loss(
    predict: Callable[[Tensor, Tensor], Tensor],
    schedule: Schedule,
    *,
    x_start: Tensor,
    noise: Tensor,
    t: Tensor,
    parameterization: Parameterization = "noise",
    weights: Array | None = None,
) -> Tensor:
    """Returns each sample's loss: noise it, ask the network, compare.

    `L_simple = |noise - noise_theta(sqrt(ac_t) x_start + sqrt(1 - ac_t)
    noise, t)|^2`, or the like in another target, averaged over dimensions.

    Args:
        predict: Network, `(x_t, t) -> (B, ...)`.
        schedule: The process.
        x_start: Tensor `(B, ...)`, in `[-1, 1]`.
        noise: Tensor `(B, ...)`, `N(0, 1)`.
        t: Integer tensor `(B,)`, `0 .. T - 1`.
        parameterization: What the network predicts.
        weights: From `loss_weights`; `simple` by default.

    Returns:
        Tensor `(B,)`.

    Reference:
        Ho et al., 2020, algorithm 1, eq. (14).
        https://arxiv.org/abs/2006.11239
    """
    if weights is None:
        weights = loss_weights(schedule, parameterization)
    x_t = q_sample(schedule, x_start, t=t, noise=noise)
    c = coefficients(schedule, t, x_start)
    target = make_target(parameterization, c, x_start=x_start, noise=noise)
    return weighted_error(predict(x_t, t), target, weights=weights, t=t)
