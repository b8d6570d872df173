"""Asking a Bayesian network several times, batch by batch."""

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.contracts.capabilities import Bayesian
from kerasnotes.inference.predictor import filled
from kerasnotes.metrics.uncertainty import Uncertainty, decompose


class MonteCarlo:
    """Answers for batches of raw inputs by the mean of S passes.

    The weights of pass `s` are the same for every batch, so answers do not
    depend on how examples are grouped.

    Args:
        model: A network with a distribution over its weights.
        samples: S; by default the model's own number.
        seed: Of the weights' noise.

    Call arguments:
        x: Array `(B, ...)` of raw inputs, any real dtype.

    Returns:
        Array `(B, K)`: mean probabilities.
    """

    def __init__(
        self, model: Bayesian, samples: int | None = None, seed: int = 0
    ) -> None:
        self.model, self.seed = model, seed
        self.samples = samples or model.default_samples()

    def __call__(self, x: Array) -> Array:
        return np.asarray(self.uncertainty(x).mean, "float32")

    def uncertainty(self, x: Array) -> Uncertainty:
        """Returns the answers with both decompositions."""
        count = len(x)
        # Other batch shapes would compile anew.
        batch = filled(np.asarray(x, "float32"))
        passes = self.model.monte_carlo(batch, self.samples, self.seed)
        return decompose(np.asarray(passes)[:, :count])
