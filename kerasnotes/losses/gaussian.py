"""Densities of normal distributions, and what one has to learn of another.

All in nats, float32. The divergences are those of the evidence lower bound,
`KL(q || p)` of the posterior `q` from the prior `p`, in this order: the
other way round is another number. One widely copied implementation calls it
with prior and posterior exchanged (`notebooks/bayesian_cnn.ipynb`).
"""

import math

from keras import ops

from kerasnotes.base.types import Tensor

LOG_2PI = math.log(2.0 * math.pi)


def kl_normal(
    q_mean: Tensor, q_std: Tensor, p_mean: Tensor, p_std: Tensor
) -> Tensor:
    """Returns `KL(q || p)` of normal distributions, element by element.

        log(s_p / s_q) + (s_q^2 + (m_q - m_p)^2) / (2 s_p^2) - 1/2

    Args:
        q_mean: Tensor `(...)`, mean of the posterior.
        q_std: Tensor `(...)`, its standard deviation, above 0.
        p_mean: Tensor or number, mean of the prior.
        p_std: Tensor or number, its standard deviation, above 0.

    Returns:
        Tensor `(...)`, float32, nats, at least 0.
    """
    q_mean, q_std = _float32(q_mean), _float32(q_std)
    p_mean, p_std = _float32(p_mean), _float32(p_std)
    ratio = q_std / p_std
    shift = (q_mean - p_mean) / p_std
    return 0.5 * (ops.square(ratio) + ops.square(shift) - 1.0) - ops.log(ratio)


def kl_per_latent(mean: Tensor, log_var: Tensor) -> Tensor:
    """Returns `KL(N(mean, exp(log_var)) || N(0, 1))`, element by element.

        1/2 (exp(log_var) + mean^2 - 1 - log_var)

    Args:
        mean: Tensor `(...)`.
        log_var: Tensor `(...)`, natural log of the variance.

    Returns:
        Tensor `(...)`, float32, nats, at least 0.
    """
    mean, log_var = _float32(mean), _float32(log_var)
    # expm1(v) - v: exact where the variance is near 1, unlike exp(v) - 1 - v.
    return 0.5 * (ops.square(mean) + ops.expm1(log_var) - log_var)


def log_normal(x: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    """Returns `log N(x; mean, std^2)`, element by element.

    Args:
        x: Tensor `(...)`.
        mean: Tensor or number.
        std: Tensor or number, above 0.

    Returns:
        Tensor `(...)`, float32, nats.
    """
    x, mean, std = _float32(x), _float32(mean), _float32(std)
    return -0.5 * ops.square((x - mean) / std) - ops.log(std) - 0.5 * LOG_2PI


def log_scale_mixture(
    x: Tensor, weight: float, *, wide: float, narrow: float
) -> Tensor:
    """Returns `log(weight N(x; 0, wide^2) + (1 - weight) N(x; 0, narrow^2))`.

    Args:
        x: Tensor `(...)`.
        weight: Of the wide part, in `(0, 1)`.
        wide: Its standard deviation, above 0.
        narrow: Standard deviation of the other part, above 0.

    Returns:
        Tensor `(...)`, float32, nats.

    Reference:
        Blundell et al., 2015, eq. (7). https://arxiv.org/abs/1505.05424
    """
    return ops.logaddexp(
        math.log(weight) + log_normal(x, 0.0, wide),
        math.log1p(-weight) + log_normal(x, 0.0, narrow),
    )


def _float32(value: Tensor) -> Tensor:
    return ops.cast(value, "float32")
