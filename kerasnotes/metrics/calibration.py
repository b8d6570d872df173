"""Whether a probability of 0.8 is right in 8 of 10 cases."""

import dataclasses

import numpy as np

from kerasnotes.base.types import Array

BINS = 15


@dataclasses.dataclass
class Calibration:
    """Counts answers by confidence, in bins of equal width.

    Bin `m` of `M` holds the confidences in `((m - 1) / M, m / M]`.

    Args:
        bins: `M`, at least 1.

    Attributes:
        count: Array `(M,)`: answers in each bin.
        confidence: Array `(M,)`: their confidences' sum.
        right: Array `(M,)`: how many of them were right.

    Reference:
        Guo et al., 2017, section 2. https://arxiv.org/abs/1706.04599
    """

    bins: int = BINS

    def __post_init__(self) -> None:
        self.count = np.zeros(self.bins)
        self.confidence = np.zeros(self.bins)
        self.right = np.zeros(self.bins)

    def add(self, confidence: Array, right: Array) -> None:
        """Counts answers.

        Args:
            confidence: Array `(B,)`, the answered class's probability.
            right: Array `(B,)`, boolean.
        """
        confidence = np.asarray(confidence, "float64")
        index = np.ceil(confidence * self.bins).astype("int64") - 1
        index = np.clip(index, 0, self.bins - 1)
        size = self.bins
        self.count += np.bincount(index, minlength=size)
        self.confidence += np.bincount(index, confidence, size)
        self.right += np.bincount(index, right, size)

    @property
    def ece(self) -> float:
        """The expected calibration error, Guo et al., eq. (3)."""
        gaps = np.abs(self.right - self.confidence)
        return float(gaps.sum() / max(self.count.sum(), 1))

    @property
    def accuracy_by_bin(self) -> Array:
        """Array `(M,)`; NaN for an empty bin."""
        accuracy = np.full(self.bins, np.nan)
        np.divide(self.right, self.count, out=accuracy, where=self.count > 0)
        return accuracy
