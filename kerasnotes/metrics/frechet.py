"""Fréchet distance between two sets of samples, each taken as Gaussian.

    d^2 = |m_a - m_b|^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2))

With `C = X^T X`, where `X` holds the centred samples over `sqrt(n - 1)`, the
trace of the root is the sum of the singular values of `X_a X_b^T`. No matrix
root is taken and no covariance is formed: constant pixels, fewer samples
than dimensions and thousands of dimensions do no harm.

It falls with the number of samples (its bias is about `1/n`), and a Gaussian
fitted to the data comes close to the data in it, however it looks: compare
equal sizes only, and never report it alone (`two_sample.py`).

Reference:
    Dowson & Landau, 1982, eq. (4).
    https://doi.org/10.1016/0047-259X(82)90077-X
    Heusel et al., 2017, eq. (6): the same on a classifier's features.
    https://arxiv.org/abs/1706.08500
"""

import dataclasses

import numpy as np
import scipy.linalg

from kerasnotes.base.types import Array


@dataclasses.dataclass(frozen=True)
class Moments:
    """The Gaussian that fits a set of samples.

    Args:
        mean: Array `(D,)`.
        root: Array `(R, D)`; `root^T root` is the unbiased covariance.
    """

    mean: Array
    root: Array

    def draw(self, count: int, rng: np.random.Generator) -> Array:
        """Returns `count` draws `(count, D)`, float64."""
        noise = rng.standard_normal((count, len(self.root)))
        draws: Array = self.mean + noise @ self.root
        return draws


def moments(x: Array) -> Moments:
    """Returns mean and root of the covariance of samples `(N, D)`, N >= 2.

    Raises:
        ValueError: If the shape is another, or a value is not finite.
    """
    x = np.asarray(x, "float64")
    if x.ndim != 2 or len(x) < 2:
        raise ValueError(
            f"Samples must be (N, D) with N >= 2. Received: shape={x.shape}"
        )
    if not np.isfinite(x).all():
        bad = np.count_nonzero(~np.isfinite(x))
        raise ValueError(f"Samples must be finite. Received: {bad} bad values")
    mean = x.mean(axis=0)
    root = (x - mean) / np.sqrt(len(x) - 1)
    if len(x) > x.shape[1]:
        # As good as all the rows, and only D of them.
        root = scipy.linalg.qr(root, mode="r")[0][: x.shape[1]]
    return Moments(mean, root)


def distance(a: Moments, b: Moments) -> float:
    """Returns `d^2` between two Gaussians of equal `D`."""
    gap = a.mean - b.mean
    shared = scipy.linalg.svdvals(a.root @ b.root.T).sum()
    spread = np.square(a.root).sum() + np.square(b.root).sum()
    # Rounding may leave a hair below zero where both are the same.
    return max(0.0, float(gap @ gap + spread - 2.0 * shared))
