"""Parts of the evidence lower bound, in nats, one number per example.

    log p(x) >= E_q(z|x)[log p(x|z)] - KL(q(z|x) || p(z))

Sums run over pixels and over latents, never means: a mean over the pixels
weighs the KL term as many times as there are pixels.

Reference:
    Kingma & Welling, 2014, eq. (3). https://arxiv.org/abs/1312.6114
"""

import math

from keras import ops

from kerasnotes.base.types import Tensor
from kerasnotes.losses.gaussian import log_normal

ACTIVE = 0.01
"""Variance of a latent's mean over the examples, from which it says anything.

Burda et al., 2016, section 5.2."""


def bernoulli_log_likelihood(x: Tensor, logits: Tensor) -> Tensor:
    """Returns `sum x log p + (1 - x) log(1 - p)`, `p = sigmoid(logits)`.

    For `x` of 0 and 1 it is a log-likelihood. For grey values between, it is
    the usual score and no normalized one: `integral of exp(score) dx` is not
    1, so compare it with the same score only.

    Args:
        x: Tensor `(B, ...)` in `[0, 1]`.
        logits: Tensor `(B, ...)`.

    Returns:
        Tensor `(B,)`, float32, nats.

    Reference:
        Loaiza-Ganem & Cunningham, 2019. https://arxiv.org/abs/1907.06845
    """
    x, logits = ops.cast(x, "float32"), ops.cast(logits, "float32")
    return _sum(x * logits - ops.softplus(logits))


def gaussian_log_likelihood(x: Tensor, mean: Tensor, log_var: Tensor) -> Tensor:
    """Returns `sum -((x - mean)^2 / var + log var + log 2 pi) / 2`.

    The squared distance: the notes have `exp(-|G(z) - x|)`, which is no
    Gaussian.

    Args:
        x: Tensor `(B, ...)`.
        mean: Tensor `(B, ...)`.
        log_var: Tensor that broadcasts to `mean`.

    Returns:
        Tensor `(B,)`, float32, nats per unit of `x`.
    """
    log_var = ops.cast(log_var, "float32")
    return _sum(log_normal(x, mean, ops.exp(0.5 * log_var)))


def _sum(values: Tensor) -> Tensor:
    return ops.sum(values, axis=tuple(range(1, len(values.shape))))


def with_free_bits(kl: Tensor, free: float) -> Tensor:
    """Returns `sum max(free, mean of the batch)` over the latents.

    A latent whose KL is below `free` costs `free` and feels no pull towards
    the prior; without it, latents collapse before they carry anything.

    Args:
        kl: Tensor `(B, D)`, nats.
        free: Nats per latent, at least 0.

    Returns:
        Scalar tensor, nats.

    Reference:
        Kingma et al., 2016, eq. (15). https://arxiv.org/abs/1606.04934
    """
    return ops.sum(ops.maximum(ops.mean(kl, axis=0), free))


def log_prior_ratio(z: Tensor, noise: Tensor, log_var: Tensor) -> Tensor:
    """Returns `log p(z) - log q(z|x)` for `z = mean + std * noise`.

    Args:
        z: Tensor `(..., D)`.
        noise: Tensor `(..., D)`, what `z` was made of.
        log_var: Tensor that broadcasts to `z`, of `q`.

    Returns:
        Tensor `(...)`, float32, nats; its mean over `noise` is minus the KL.
    """
    return 0.5 * ops.sum(ops.square(noise) - ops.square(z) + log_var, axis=-1)


def importance_bound(log_weights: Tensor) -> Tensor:
    """Returns `log(1/S sum exp(log_weights))` over the last axis.

    With `log w = log p(x|z) + log p(z) - log q(z|x)`, `S` samples of `z`, it
    is a lower bound of `log p(x)`, the ELBO at `S = 1`, and tight for many.

    Args:
        log_weights: Tensor `(B, S)`, nats.

    Returns:
        Tensor `(B,)`, nats.

    Reference:
        Burda et al., 2016, eq. (8). https://arxiv.org/abs/1509.00519
    """
    count = math.log(log_weights.shape[-1])
    return ops.logsumexp(log_weights, axis=-1) - count
