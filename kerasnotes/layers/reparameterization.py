"""Random latents through which gradients flow: the noise stands apart.

    gaussian     z = mean + exp(log_var / 2) n,             n ~ N(0, 1)
    categorical  z = softmax((logits + g) / temperature),   g ~ Gumbel(0, 1)

As the temperature falls, the second nears a draw of one of K categories; with
`straight_through` it is one, and its gradient that of the soft one.

Reference:
    Kingma & Welling, 2014, section 2.4. https://arxiv.org/abs/1312.6114
    Jang, Gu & Poole, 2017. https://arxiv.org/abs/1611.01144
    Maddison, Mnih & Teh, 2017. https://arxiv.org/abs/1611.00712
"""

import math

from keras import ops

from kerasnotes.base.types import Tensor

SMALLEST = 1e-7
"""Of a probability whose logarithm is taken, float32."""


def gaussian_sample(mean: Tensor, log_var: Tensor, noise: Tensor) -> Tensor:
    """Returns `mean + exp(log_var / 2) noise`.

    Args:
        mean: Tensor `(...)`.
        log_var: Tensor that broadcasts to it.
        noise: Standard normal, tensor that broadcasts to it.
    """
    return mean + ops.exp(0.5 * log_var) * noise


def gumbel(noise: Tensor) -> Tensor:
    """Returns standard Gumbel noise for standard normal noise.

    By the distribution functions of both: `-log(-log(Phi(n)))`.

    Args:
        noise: Tensor `(...)`, standard normal.
    """
    uniform = 0.5 * (1.0 + ops.erf(noise / math.sqrt(2.0)))
    uniform = ops.clip(uniform, SMALLEST, 1.0 - SMALLEST)
    return -ops.log(-ops.log(uniform))


def gumbel_softmax(
    logits: Tensor,
    noise: Tensor,
    temperature: float,
    *,
    straight_through: bool = False,
) -> Tensor:
    """Returns relaxed draws of categories, parts that add up to 1.

    Args:
        logits: Tensor `(..., K)`, unnormalized log probabilities.
        noise: Standard Gumbel, tensor `(..., K)`.
        temperature: Above 0.
        straight_through: Whether draws are hard, their gradients soft.
    """
    soft = ops.softmax((logits + noise) / temperature, axis=-1)
    if not straight_through:
        return soft
    return hard_sample(logits, noise) + soft - ops.stop_gradient(soft)


def hard_sample(logits: Tensor, noise: Tensor) -> Tensor:
    """Returns draws of one category each, one-hot `(..., K)`.

    Gumbel-max: the largest of `logits + noise` is drawn with the
    probability that its logit says.

    Args:
        logits: Tensor `(..., K)`.
        noise: Standard Gumbel, tensor `(..., K)`.
    """
    best = ops.argmax(logits + noise, axis=-1)
    return ops.one_hot(best, logits.shape[-1], dtype="float32")


def kl_categorical(logits: Tensor) -> Tensor:
    """Returns `KL(q || uniform)` of K categories, `(...)`, nats.

    Args:
        logits: Tensor `(..., K)` of q.
    """
    log_q = ops.log_softmax(logits, axis=-1)
    return ops.sum(ops.exp(log_q) * log_q, axis=-1) + math.log(logits.shape[-1])
