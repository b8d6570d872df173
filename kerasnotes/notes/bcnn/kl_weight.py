"""How the KL term of the ELBO is shared out over an epoch's batches.

    -ELBO = sum_n -log p(y_n | x_n, w) + KL(q || p)

With `M` batches an epoch, batch `i` of `1 .. M` carries `pi_i KL`, and the
`pi_i` sum to 1: the objectives of an epoch sum to `-ELBO`. What is minimized
here is the objective per example, `mean_B(-log p) + M pi_i KL / N`. Scaling
the likelihood to N examples *and* sharing out the KL would make the prior
weigh M times too little, as in one widely copied implementation.
"""

import math

from keras import ops

from kerasnotes.base.types import Tensor
from kerasnotes.notes.bcnn.config import Scheme


def kl_weight(
    scheme: Scheme,
    step: Tensor,
    *,
    batches: int,
    warmup: int = 1,
    beta: float = 1.0,
) -> Tensor:
    """Returns `M pi_i`, 1 on average where the objective is the ELBO.

        uniform     pi_i = 1 / M
        blundell    pi_i = 2^(M - i) / (2^M - 1): the prior counts early
        soenderby   pi_i = min(1, step / warmup) / M, step from 1
        fixed       pi_i = beta / M: a tempered ("cold") posterior

    Args:
        scheme: One of these four.
        step: Scalar tensor, whole steps done before this one, all epochs.
        batches: M, at least 1.
        warmup: Steps until the whole KL counts, at least 1.
        beta: Weight of the KL, at least 0.

    Returns:
        Scalar, float32.

    Reference:
        Blundell et al., 2015, eq. (9). https://arxiv.org/abs/1505.05424
        Soenderby et al., 2016, section 2.2. https://arxiv.org/abs/1602.02282
    """
    step = ops.cast(step, "float32")
    if scheme == "uniform":
        return ops.ones_like(step)
    if scheme == "fixed":
        return beta * ops.ones_like(step)
    if scheme == "soenderby":
        return ops.minimum((step + 1.0) / warmup, 1.0)
    # 2^M overflows from M = 1024 on; 2^-i / (1 - 2^-M) is the same number.
    place = ops.mod(step, float(batches)) + 1.0
    total = -math.expm1(-batches * math.log(2.0))
    return batches / total * ops.exp(-place * math.log(2.0))
