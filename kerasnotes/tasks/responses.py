"""The systems that a network identified, answering as the measured ones."""

import dataclasses
from pathlib import Path

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.data.dataset import Responds
from kerasnotes.data.reading import read_batch, spread
from kerasnotes.figures.response_figures import Response, draw_responses
from kerasnotes.metrics.frac import frac

CASES = 400
"""Compared, at most."""
SHOWN = 6


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Measured responses beside those of the identified systems.

    Args:
        mean: Criterion, mean over all cases, places and forces.
        shown: The worst case, the best, and some between.
        frequencies: Hz, `(F,)`.
    """

    mean: float
    shown: tuple[Response, ...]
    frequencies: Array

    def draw(self, path: Path) -> None:
        draw_responses(self.shown, self.frequencies, path)


def compare_responses(split: Responds, answer: Array) -> Comparison:
    """Compares magnitudes: phases are no part of what was measured.

    Args:
        split: Of measured responses.
        answer: What the network says the systems are, `(N, K)`.
    """
    some = spread(len(answer), CASES)
    measured, _ = read_batch(split, some)
    measured = 10.0 ** measured.astype("float64")
    found = np.abs(split.respond(np.asarray(answer, "float64")[some]))
    criterion = frac(measured, found)
    each = criterion.reshape(len(some), -1).mean(axis=1)
    ranked = np.argsort(each)[spread(len(each), SHOWN)]
    # Of each case the place and force that fit as well as its middle one.
    shown = []
    for case in ranked.tolist():
        flat = criterion[case].reshape(-1)
        middle = int(np.argsort(flat)[len(flat) // 2])
        place, force = np.unravel_index(middle, criterion.shape[1:])
        shown.append(
            Response(
                split.name(int(some[case])),
                measured[case, :, place, force],
                found[case, :, place, force],
                float(each[case]),
                f"place {place + 1}, force {force + 1}",
            )
        )
    return Comparison(float(criterion.mean()), tuple(shown), split.frequencies)
