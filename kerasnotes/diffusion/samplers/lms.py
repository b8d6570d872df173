"""Linear multistep (Adams-Bashforth) at uneven levels, order 4.

`x <- x + sum_j w_j d_j`: the polynomial through the last four slopes,
integrated from sigma to sigma'. One network call a step; the first three
steps have fewer slopes to go by.

Reference:
    Karras et al., 2022, appendix C.3 compares it; the form is
    k-diffusion's. https://arxiv.org/abs/2206.00364
"""

from collections.abc import Iterator

from numpy.polynomial import Polynomial

from kerasnotes.diffusion.samplers.rows import PAST, Levels, Row, X, slope

ORDER = 4


def rows(sigmas: Levels) -> Iterator[Row]:
    """Yields a row for each step."""
    for i, sigma in enumerate(sigmas[:-1]):
        nodes = [sigmas[i - j] for j in range(min(i + 1, ORDER))]
        weights = lagrange_integrals(nodes, sigma, sigmas[i + 1])
        d = slope(sigma)
        x = X
        for weight, each in zip(weights, (d, *PAST), strict=False):
            x = x + weight * each
        yield Row(sigma, x=x, keep=(d,))


def lagrange_integrals(
    nodes: list[float], low: float, high: float
) -> list[float]:
    """Integrates each Lagrange polynomial of `nodes` from `low` to `high`.

    Args:
        nodes: Distinct numbers.
        low: Where the integral begins.
        high: Where it ends.

    Returns:
        A number for each node, exact but for rounding.
    """
    found = []
    # Shifted to `low`: powers of large numbers would cancel.
    shifted = [node - low for node in nodes]
    for node in shifted:
        others = [other for other in shifted if other != node]
        basis = Polynomial.fromroots(others) if others else Polynomial([1.0])
        integral = (basis / basis(node)).integ()
        found.append(float(integral(high - low) - integral(0.0)))
    return found
