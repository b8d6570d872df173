"""An ensemble that is asked once, and keeps what each member said."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.inference.ensemble import Ensemble
from kerasnotes.use.ensembles.combining import Way


class Listening:
    """Answers as an ensemble does; remembers the members' own answers.

    A task measures it as any model. What its members scored, and what other
    ways of answering together would, is then known without asking again.

    Args:
        model: The ensemble.
        way: How it answers.
    """

    def __init__(self, model: Ensemble, way: Way) -> None:
        self.model, self.way = model, way
        self._said: list[Array] = []

    def default_samples(self) -> int:
        """Returns how many members there are."""
        return self.model.default_samples()

    def monte_carlo(self, x: Array, samples: int, seed: int = 0) -> Array:
        """Returns the answers `(M, B, K)` of the members, and keeps them."""
        each = self.model.monte_carlo(x, samples, seed)
        self._said.append(each)
        return each

    def predict_on_batch(self, x: Any) -> Array:
        """Returns the answer `(B, K)` of all, and keeps that of each."""
        each = np.stack(
            [
                np.asarray(network.predict_on_batch(x), "float32")
                for network in self.model.networks
            ]
        )
        self._said.append(each)
        return self.way(each)

    def said(self, sizes: Sequence[int]) -> Array:
        """Returns what members said to the first batches, `(M, N, K)`.

        Args:
            sizes: Examples of each; what it was filled up with is left out.
        """
        heard = zip(self._said, sizes, strict=False)
        return np.concatenate([each[:, :n] for each, n in heard], axis=1)
