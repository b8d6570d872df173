"""Adapted Rand error of thin boundaries between regions."""

import warnings
from typing import Any

import numpy as np
from scipy import ndimage

from kerasnotes.base.types import Array


class RandError:
    """Averages the adapted Rand error over the images of a split.

    Of two classes the rarer one, over all true masks, is taken for the
    boundary; the regions are the connected components (pixels touching at a
    side) of the commoner one. True boundary pixels are left out, as in the
    ISBI 2012 challenge. Which class is rarer is known only at the end, so
    both are tried on the way.

    Reference:
        Arganda-Carreras et al., 2015, section 3, "foreground-restricted
        Rand scoring". https://doi.org/10.3389/fnana.2015.00142
    """

    def __init__(self) -> None:
        self._sums = np.zeros((2, 3))
        self._counts = np.zeros(2, "int64")
        self._pixels = np.zeros(2, "int64")

    def add(self, truth: Array, answer: Array) -> None:
        """Counts one image.

        Args:
            truth: Integers `(H, W)`, 0 or 1.
            answer: Integers `(H, W)`, 0 or 1.
        """
        self._pixels += np.bincount(truth.ravel(), minlength=2)
        for region in (0, 1):
            true_regions, _ = ndimage.label(truth == region)
            if not true_regions.any():
                continue
            regions, _ = ndimage.label(answer == region)
            self._sums[region] += adapted_rand(true_regions, regions)
            self._counts[region] += 1

    def metrics(self) -> dict[str, float]:
        """Returns the error, precision and recall, in `[0, 1]`."""
        region = int(self._pixels.argmax())
        if not self._counts[region]:
            return {}
        error, precision, recall = self._sums[region] / self._counts[region]
        return {
            "adapted_rand_error": float(error),
            "adapted_rand_precision": float(precision),
            "adapted_rand_recall": float(recall),
        }


def adapted_rand(truth: Array, answer: Array) -> tuple[float, float, float]:
    """Returns error, precision and recall of one image's regions.

    Args:
        truth: Region numbers `(H, W)`; 0 is boundary and left out.
        answer: Region numbers `(H, W)`; 0 is boundary.
    """
    from skimage import metrics

    score: Any = metrics.adapted_rand_error
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # One pixel alone makes 0 / 0; it is mended below.
        warnings.simplefilter("ignore")
        scores = score(truth, answer)
    error, precision, recall = (float(score) for score in scores)
    if np.isfinite(error) and np.isfinite(precision) and np.isfinite(recall):
        return error, precision, recall
    return 0.0, 1.0, 1.0
