"""Points of eight Gaussians on a circle: the test of a GAN's memory.

A generator that finds only some of them is seen at a glance, and counted.
Centres lie on a circle of radius 2, 1.53 apart, with a standard deviation
of 0.02: the sizes of the unrolled GAN's and of WGAN-GP's pictures. Between
two neighbours lie 76 standard deviations of empty plane.

Source:
    Metz et al., 2017, section 3.1. https://arxiv.org/abs/1611.02163
"""

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.data import fields, splitting
from kerasnotes.data.dataset import Array, Dataset
from kerasnotes.data.meaning import labels
from kerasnotes.data.memory import make_dataset
from kerasnotes.data.problems import Problems
from kerasnotes.data.spec import Spec

MODES = 8
RADIUS = 2.0
DEVIATION = 0.02
COUNT = 8_000
"""Points in all, equally many of each mode."""
FEATURES = ("x", "y")
SEED = 20161107
"""The set is the same everywhere; the date of the paper."""


def ring_centres() -> Array:
    """Returns the centres `(8, 2)`; mode 0 lies on the positive x axis."""
    angles = 2 * np.pi * np.arange(MODES) / MODES
    return RADIUS * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def ring_points() -> tuple[Array, Array]:
    """Returns points `(8000, 2)`, float32, and their modes `(8000,)`."""
    rng = np.random.default_rng(SEED)
    modes = np.arange(COUNT, dtype="int32") % MODES
    noise = DEVIATION * rng.standard_normal((COUNT, 2))
    return (ring_centres()[modes] + noise).astype("float32"), modes


def outline(config: DataConfig) -> tuple[Spec, range]:
    """Returns the description of `load`'s set, and as many training rows."""
    names = [str(mode) for mode in range(MODES)]
    spec = Spec(
        name="ring",
        inputs=(fields.table(FEATURES),),
        targets=(fields.one_class(labels.rename(names, config.classes)),),
    )
    return spec, range(splitting.count_training(COUNT, config))


def load(config: DataConfig, problems: Problems) -> Dataset | None:
    """Returns the points as a table, columns `x` and `y`, a class a mode."""
    return make_dataset(
        {"all": ring_points()},
        config,
        problems,
        name="ring",
        features=FEATURES,
    )
