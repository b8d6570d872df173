"""The two players' losses of a GAN, on logits, one number per example.

The notes write the value function with ones and zeros for the players'
success; it is a sum of logarithms: 0 for a perfect discriminator, -log 4
where it can only guess. They also train the generator on labels of 1,
which is the non-saturating loss, below a formula that is the minimax one:
the fixed point is the same, the gradients are not. Both are here, by name.
"""

import dataclasses
from collections.abc import Callable

from keras import ops

from kerasnotes.base.types import Tensor

Pair = Callable[[Tensor, Tensor], Tensor]
Single = Callable[[Tensor], Tensor]


@dataclasses.dataclass(frozen=True)
class Adversarial:
    """The losses of one game.

    Args:
        discriminator: From logits of real and of generated examples, each
            `(B,)`, to the discriminator's loss `(B,)`.
        generator: From logits of generated examples `(B,)` to the
            generator's loss `(B,)`.
        boundary: Logit above which an example is taken for real; `None`
            where the critic's scale has no zero.
    """

    discriminator: Pair
    generator: Single
    boundary: float | None = 0.0


def _float(logits: Tensor) -> Tensor:
    return ops.cast(logits, "float32")


def cross_entropy(real: Tensor, fake: Tensor) -> Tensor:
    """Returns `-log D(x) - log(1 - D(G(z)))`, with `D` = sigmoid of a logit.

    At its optimum `D = p / (p + q)`; where the generator's density `q` is
    the data's `p`, its mean is `log 4`.

    Args:
        real: Tensor `(B,)`, logits of real examples.
        fake: Tensor `(B,)`, logits of generated examples.

    Returns:
        Tensor `(B,)`, float32, nats.

    Reference:
        Goodfellow et al., 2014, eq. (1). https://arxiv.org/abs/1406.2661
    """
    return ops.softplus(-_float(real)) + ops.softplus(_float(fake))


def minimax(fake: Tensor) -> Tensor:
    """Returns `log(1 - D(G(z)))`: no gradient where `D` is sure.

    Reference:
        Goodfellow et al., 2014, eq. (1). https://arxiv.org/abs/1406.2661
    """
    return -ops.softplus(_float(fake))


def non_saturating(fake: Tensor) -> Tensor:
    """Returns `-log D(G(z))`: most gradient where `D` is sure.

    Reference:
        Goodfellow et al., 2014, section 3. https://arxiv.org/abs/1406.2661
    """
    return ops.softplus(-_float(fake))


def hinge(real: Tensor, fake: Tensor) -> Tensor:
    """Returns `max(0, 1 - D(x)) + max(0, 1 + D(G(z)))`, `D` the logit.

    Reference:
        Miyato et al., 2018, eq. (16). https://arxiv.org/abs/1802.05957
    """
    return ops.relu(1.0 - _float(real)) + ops.relu(1.0 + _float(fake))


def negative(fake: Tensor) -> Tensor:
    """Returns `-D(G(z))`, `D` the logit: of the hinge and the critic's game.

    Reference:
        Miyato et al., 2018, eq. (17). https://arxiv.org/abs/1802.05957
    """
    return -_float(fake)


def least_squares(real: Tensor, fake: Tensor) -> Tensor:
    """Returns `(D(x) - 1)^2 / 2 + D(G(z))^2 / 2`, `D` the logit.

    Reference:
        Mao et al., 2017, eq. (2) with b = 1, a = 0.
        https://arxiv.org/abs/1611.04076
    """
    return 0.5 * (ops.square(_float(real) - 1.0) + ops.square(_float(fake)))


def least_squares_generator(fake: Tensor) -> Tensor:
    """Returns `(D(G(z)) - 1)^2 / 2`, `D` the logit.

    Reference:
        Mao et al., 2017, eq. (2) with c = 1. https://arxiv.org/abs/1611.04076
    """
    return 0.5 * ops.square(_float(fake) - 1.0)


def wasserstein(real: Tensor, fake: Tensor) -> Tensor:
    """Returns `D(G(z)) - D(x)`; minus its mean estimates the distance.

    Only for critics whose slope is held at 1, by `gradient_penalty`.

    Reference:
        Arjovsky et al., 2017, eq. (3). https://arxiv.org/abs/1701.07875
    """
    return _float(fake) - _float(real)


GAMES = {
    "minimax": Adversarial(cross_entropy, minimax),
    "non_saturating": Adversarial(cross_entropy, non_saturating),
    "hinge": Adversarial(hinge, negative),
    "least_squares": Adversarial(
        least_squares, least_squares_generator, boundary=0.5
    ),
    "wasserstein": Adversarial(wasserstein, negative, boundary=None),
}
"""Every game by the name of its loss."""


def squared_norm(gradient: Tensor) -> Tensor:
    """Returns the sum of squares of each example's gradient, `(B,)`."""
    gradient = _float(gradient)
    return ops.sum(
        ops.square(gradient), axis=tuple(range(1, len(gradient.shape)))
    )


def gradient_penalty(gradient: Tensor) -> Tensor:
    """Returns `(|grad D| - 1)^2`, to be taken between real and generated.

    Args:
        gradient: Tensor `(B, ...)`, of the logit with respect to the input.

    Returns:
        Tensor `(B,)`, float32.

    Reference:
        Gulrajani et al., 2017, eq. (3). https://arxiv.org/abs/1704.00028
    """
    # The root has no derivative at 0.
    return ops.square(ops.sqrt(squared_norm(gradient) + 1e-12) - 1.0)


def r1_penalty(gradient: Tensor) -> Tensor:
    """Returns `|grad D|^2 / 2`, to be taken at real examples.

    Args:
        gradient: Tensor `(B, ...)`, of the logit with respect to the input.

    Returns:
        Tensor `(B,)`, float32.

    Reference:
        Mescheder et al., 2018, eq. (9). https://arxiv.org/abs/1801.04406
    """
    return 0.5 * squared_norm(gradient)


def mix(real: Tensor, fake: Tensor, amount: Tensor) -> Tensor:
    """Returns `amount * real + (1 - amount) * fake`, example by example.

    Args:
        real: Tensor `(B, ...)`.
        fake: Tensor `(B, ...)`.
        amount: Tensor `(B,)`, in `[0, 1]`.

    Reference:
        Gulrajani et al., 2017, algorithm 1. https://arxiv.org/abs/1704.00028
    """
    shape = (-1, *[1] * (len(real.shape) - 1))
    amount = ops.reshape(amount, shape)
    return amount * real + (1.0 - amount) * fake
