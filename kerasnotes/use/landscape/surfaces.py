"""Surfaces on which optimizers part ways, with their gradients.

Each is a function of places `(..., 2)`:

    minimum  x^4/4 - x^2/2 + 0.15 x + y^2/2      two valleys, one deeper
    saddle   x^2/2 - y^2/2 + y^4/4               flat where it parts
    ravine   0.05 x^2 + 5 y^2                    a hundred times as steep
    plateau  1 - exp(-(x^2 + y^2) / 2)           almost flat far out
"""

import dataclasses
from collections.abc import Callable

import numpy as np

from kerasnotes.base.types import Array


@dataclasses.dataclass(frozen=True)
class Surface:
    """One surface.

    Args:
        title: What it shows.
        value: At places `(..., 2)`.
        gradient: There, `(..., 2)`.
        start: Where every optimizer begins.
        half: Half the side of the square that is drawn, about the origin.
    """

    title: str
    value: Callable[[Array], Array]
    gradient: Callable[[Array], Array]
    start: tuple[float, float]
    half: float


def _bell(p: Array) -> Array:
    return np.asarray(np.exp(-(p**2).sum(axis=-1) / 2))


SURFACES = {
    "minimum": Surface(
        "a local minimum beside the global",
        lambda p: (
            p[..., 0] ** 4 / 4
            - p[..., 0] ** 2 / 2
            + 0.15 * p[..., 0]
            + p[..., 1] ** 2 / 2
        ),
        lambda p: np.stack(
            [p[..., 0] ** 3 - p[..., 0] + 0.15, p[..., 1]], axis=-1
        ),
        (1.8, 1.5),
        2.0,
    ),
    "saddle": Surface(
        "a saddle, begun almost on its ridge",
        lambda p: p[..., 0] ** 2 / 2 - p[..., 1] ** 2 / 2 + p[..., 1] ** 4 / 4,
        lambda p: np.stack([p[..., 0], p[..., 1] ** 3 - p[..., 1]], axis=-1),
        (1.5, 0.001),
        1.8,
    ),
    "ravine": Surface(
        "a ravine, a hundred times as steep across",
        lambda p: 0.05 * p[..., 0] ** 2 + 5 * p[..., 1] ** 2,
        lambda p: p * np.array([0.1, 10.0]),
        (-3.5, 1.0),
        4.0,
    ),
    "plateau": Surface(
        "a plateau around a hole",
        lambda p: 1 - _bell(p),
        lambda p: p * _bell(p)[..., None],
        (2.2, -2.0),
        3.0,
    ),
}
