"""Linear multistep (Adams-Bashforth) at uneven levels, order 4.

`x <- x + sum_j w_j d_j`: the polynomial through the last four slopes,
integrated from sigma to sigma'. One network call a step; the first three
steps have fewer slopes to go by.

Reference:
    Karras et al., 2022, appendix C.3 compares it; the form is
    k-diffusion's. https://arxiv.org/abs/2206.00364
"""

import math
from itertools import pairwise

from kerasnotes.diffusion.samplers.trace import Asks, Levels, Value

ORDER = 4


def lms(x: Value, sigmas: Levels) -> Asks:
    """Asks once a step."""
    slopes: list[Value] = []
    for i, (sigma, target) in enumerate(pairwise(sigmas)):
        slopes = [(x - (yield x, sigma)) / sigma, *slopes][:ORDER]
        nodes = [sigmas[i - j] for j in range(len(slopes))]
        weights = lagrange_integrals(nodes, sigma, target)
        for weight, d in zip(weights, slopes, strict=True):
            x = x + weight * d
    return x


def lagrange_integrals(
    nodes: list[float], low: float, high: float
) -> list[float]:
    """Integrates each Lagrange polynomial of `nodes` from `low` to `high`.

    By Gauss' two points, which are exact for the polynomials of up to four
    nodes, cubic at most.

    Args:
        nodes: Distinct numbers, 4 at most.
        low: Where the integral begins.
        high: Where it ends.

    Returns:
        A number for each node, exact but for rounding.
    """
    # From `low` on: differences of large numbers would cancel.
    shifted, half = [node - low for node in nodes], (high - low) / 2
    points = half - half / math.sqrt(3), half + half / math.sqrt(3)
    integrals = []
    for node in shifted:
        others = [other for other in shifted if other != node]
        values = (
            math.prod((point - other) / (node - other) for other in others)
            for point in points
        )
        integrals.append(half * sum(values))
    return integrals
