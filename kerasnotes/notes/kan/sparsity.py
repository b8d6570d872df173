"""Few strong edges instead of many weak ones: a penalty.

    |phi_ij| = mean_n |phi_ij(x_n)|,   |Phi| = sum_ij |phi_ij|,
    S = - sum_ij  |phi_ij| / |Phi|  log(|phi_ij| / |Phi|),
    penalty of a layer:  |Phi| + 2 S

Reference:
    Liu et al., 2024, KAN, eq. (2.17) to (2.20); the factor 2 is pykan's.
    https://arxiv.org/abs/2404.19756
"""

import dataclasses

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.notes.kan.edges import Edges, silu_slope
from kerasnotes.notes.kan.seen import Seen

ENTROPY = 2.0
"""Factor of S."""
LEAST = 1e-12
"""A magnitude below which an edge counts as none: the slope of S has a
logarithm of it."""


@dataclasses.dataclass
class Penalty:
    """What a layer's penalty is, and its gradients.

    Args:
        value: It.
        coefficients: Gradient by the splines' coefficients.
        base: By the factors of the SiLU.
        given: By what the layer was given, `(N, D)`.
    """

    value: float
    coefficients: Array
    base: Array
    given: Array


def penalty(edges: Edges, given: Seen) -> Penalty:
    """Returns a layer's penalty on the training part.

    Args:
        edges: The layer.
        given: What it was given.
    """
    said = edges.weighed(given.first, given.values)
    said += given.smooth[:, :, None] * edges.base
    value, by_size = magnitude_penalty(np.abs(said).mean(axis=0))
    # By what every edge says of every row.
    slope = np.sign(said) * (by_size / len(said))
    curve = edges.weighed(given.first, given.slopes)
    curve += silu_slope(given.x)[:, :, None] * edges.base
    return Penalty(
        value,
        np.einsum("nmd,ndo->mdo", given.bases, slope, optimize=True),
        np.einsum("nd,ndo->do", given.smooth, slope),
        np.einsum("ndo,ndo->nd", slope, curve),
    )


def magnitude_penalty(size: Array) -> tuple[float, Array]:
    """Returns the penalty of magnitudes `(D, O)`, and its gradient."""
    some = size > LEAST
    total = float(size[some].sum())
    if not total:
        return 0.0, np.zeros_like(size)
    part = size / total
    logs = np.zeros_like(size)
    np.log(part, out=logs, where=some)
    entropy = -float((part * logs).sum())
    slope = 1 - ENTROPY * (logs + entropy) / total
    return total + ENTROPY * entropy, np.where(some, slope, 0.0)
