"""The paths of optimizers on four surfaces, in one picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from kerasnotes.base.errors import UsageError, did_you_mean
from kerasnotes.base.types import Array
from kerasnotes.figures.landscape_figures import Drawn, draw_paths
from kerasnotes.training.optimizers.formulae import FORMULAE, walk
from kerasnotes.use.landscape.surfaces import SURFACES

RATES = {
    "sgd": 0.15,
    "momentum": 0.03,
    "nesterov": 0.03,
    "adagrad": 0.3,
    "rmsprop": 0.03,
    "adadelta": 1.0,
    "adam": 0.05,
    "yogi": 0.1,
    "lion": 0.02,
}
"""Of each on these surfaces: down the ravine, SGD needs one below 0.2."""
STEPS = 200
GRID = 120


def trace(
    optimizers: Sequence[str] = (),
    rate: float | None = None,
    steps: int = STEPS,
) -> dict[str, dict[str, Array]]:
    """Returns the places that each comes by, by surface and optimizer.

    Args:
        optimizers: Keys of `FORMULAE`; by default all.
        rate: Learning rate of all; by default each has its own of `RATES`.
        steps: How many.

    Raises:
        UsageError: If a name is unknown.
    """
    for name in optimizers:
        if name not in FORMULAE:
            raise UsageError(
                f"There is no path of `{name}`.",
                expected=", ".join(FORMULAE),
                hint="muon is for matrices"
                if name == "muon"
                else "adamw without decay is adam"
                if name == "adamw"
                else did_you_mean(name, FORMULAE),
            )
    return {
        title: {
            name: walk(
                name,
                surface.gradient,
                np.array(surface.start),
                RATES[name] if rate is None else rate,
                steps,
            )
            for name in optimizers or FORMULAE
        }
        for title, surface in SURFACES.items()
    }


def draw(paths: Mapping[str, Mapping[str, Array]], path: Path) -> None:
    """Draws what `trace` returned.

    Raises:
        StorageError: If the picture cannot be written.
    """
    panels = []
    for name, walked in paths.items():
        surface = SURFACES[name]
        axis = np.linspace(-surface.half, surface.half, GRID)
        places = np.stack(np.meshgrid(axis, axis), axis=-1)
        panels.append(
            Drawn(surface.title, axis, surface.value(places), dict(walked))
        )
    draw_paths(panels, path)


def reached(
    paths: Mapping[str, Mapping[str, Array]],
) -> dict[str, dict[str, float]]:
    """Returns the height at the end of each path."""
    return {
        name: {
            optimizer: float(SURFACES[name].value(places[-1]))
            for optimizer, places in walked.items()
        }
        for name, walked in paths.items()
    }
