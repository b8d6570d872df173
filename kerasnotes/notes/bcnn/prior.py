"""What is believed of a weight before any data: a normal or a mixture."""

import dataclasses
from typing import Any

from keras import ops

from kerasnotes.base.types import Tensor
from kerasnotes.losses.gaussian import kl_normal, log_normal, log_scale_mixture
from kerasnotes.notes.bcnn.config import BCNNConfig


@dataclasses.dataclass(frozen=True)
class Prior:
    """A distribution of weights around 0, the same for every weight.

    Args:
        std: Standard deviation; of the wide part of a mixture.
        narrow: Standard deviation of a mixture's other part; `None` for a
            normal distribution.
        weight: Of the wide part, in `(0, 1)`, mixture only.

    Reference:
        Blundell et al., 2015, section 3.3. https://arxiv.org/abs/1505.05424
    """

    std: float = 0.1
    narrow: float | None = None
    weight: float = 0.5

    @property
    def sampled(self) -> bool:
        """Whether the divergence has no closed form and needs a draw."""
        return self.narrow is not None

    def log_density(self, w: Tensor) -> Tensor:
        """Returns `log p(w)`, nats, element by element."""
        if self.narrow is None:
            return log_normal(w, 0.0, self.std)
        return log_scale_mixture(
            w, self.weight, wide=self.std, narrow=self.narrow
        )

    def divergence(
        self, mean: Tensor, std: Tensor, noise: Tensor = None
    ) -> Tensor:
        """Returns `KL(q || p)`, summed, of the posterior from this prior.

        Args:
            mean: Tensor `(...)`, of the posterior `q`.
            std: Tensor `(...)`, of the posterior.
            noise: Tensor `(...)` from `N(0, 1)`. Without a closed form,
                `log q(w) - log p(w)` at `w = mean + std noise`: right on
                average.

        Returns:
            Scalar tensor, float32, nats.
        """
        if not self.sampled:
            return ops.sum(kl_normal(mean, std, 0.0, self.std))
        mean, std, noise = (
            ops.cast(value, "float32") for value in (mean, std, noise)
        )
        drawn = mean + std * noise
        return ops.sum(log_normal(drawn, mean, std) - self.log_density(drawn))

    def to_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


def make_prior(config: BCNNConfig) -> Prior:
    """Returns the prior that a configuration describes."""
    if config.prior == "gaussian":
        return Prior(config.prior_std)
    return Prior(config.prior_std, config.prior_narrow, config.prior_weight)
