"""What is believed of a weight before any data: a normal or a mixture."""

import dataclasses
from typing import Literal

from keras import ops

from kerasnotes.losses.gaussian import (
    kl_normal,
    log_normal,
    log_scale_mixture,
)
from kerasnotes.types import Tensor


@dataclasses.dataclass(frozen=True)
class Prior:
    """A distribution of weights around 0, the same for every weight.

    Args:
        kind: `"gaussian"`, or `"mixture"` of a wide and a narrow one.
        std: Standard deviation; of the wide part of a mixture.
        narrow: Standard deviation of the other part, mixture only.
        weight: Of the wide part, in `(0, 1)`, mixture only.

    Reference:
        Blundell et al., 2015, section 3.3. https://arxiv.org/abs/1505.05424
    """

    kind: Literal["gaussian", "mixture"] = "gaussian"
    std: float = 0.1
    narrow: float = 0.0025
    weight: float = 0.5

    @property
    def closed_form(self) -> bool:
        """Whether the divergence needs no draw."""
        return self.kind == "gaussian"

    def log_density(self, w: Tensor) -> Tensor:
        """Returns `log p(w)`, nats, element by element."""
        if self.kind == "gaussian":
            return log_normal(w, 0.0, self.std)
        return log_scale_mixture(
            w, self.weight, wide=self.std, narrow=self.narrow
        )

    def kl(self, mean: Tensor, std: Tensor, drawn: Tensor = None) -> Tensor:
        """Returns `KL(q || p)`, summed, of the posterior from this prior.

        Args:
            mean: Tensor `(...)`, of the posterior `q`.
            std: Tensor `(...)`, of the posterior.
            drawn: Tensor `(...)`, weights drawn from `q`. Without a closed
                form, `log q(w) - log p(w)` at these: right on average.

        Returns:
            Scalar tensor, float32, nats.
        """
        if self.closed_form:
            return ops.sum(kl_normal(mean, std, 0.0, self.std))
        ratio = log_normal(drawn, mean, std) - self.log_density(drawn)
        return ops.sum(ratio)
