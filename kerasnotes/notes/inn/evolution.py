"""Ends of all weights by differential evolution: no gradient is needed.

A member of the population is a network: of each weight a middle, and a reach
on both sides that is the same. Members are better the smaller their `cmsc`
(`losses/coverage_width.py`) on the training part is. An epoch begins a
population around the best network so far, which is one of it: no epoch is
worse than the one before.

Reference:
    Storn & Price, 1997, J. Global Optimization 11 (SciPy's
    `differential_evolution`, best1bin). https://doi.org/10.1023/A:1008202821328
    Cao et al., 2024 (a genetic algorithm trains an interval network).
    https://doi.org/10.3390/aerospace11090770
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from kerasnotes.base.errors import UsageError
from kerasnotes.base.types import Array
from kerasnotes.data.dataset import Split
from kerasnotes.data.reading import read_batch, spread
from kerasnotes.losses.coverage_width import coverage_width
from kerasnotes.notes.inn.population import Layer, Population

MEMBERS, GENERATIONS, ROWS = 64, 40, 1_000
"""Networks at a time; how often they are crossed, an epoch; training rows by
which they are measured, at most."""
MOST = 2_000
"""Weights, at most: a population of few learns nothing about more."""
AROUND, WIDER, BOUND = 0.05, 0.3, 2.0
"""Deviations of first members from the best network, by each weight and by all
reaches at once; how far any may go."""

Told = Callable[[float, float], bool]
"""Called with the part that is done, 0 to 1, and the criterion; says whether
to stop."""


def evolve(model: Any, train: Split, epoch: int, seed: int, told: Told) -> None:
    """Leaves in the model the best network of a population.

    Args:
        model: An `INN` without batch normalization.
        train: The training part.
        epoch: How many were done before.
        seed: Of what is drawn.
        told: Hears of every generation.

    Raises:
        UsageError: If the network is too large.
    """
    from scipy.optimize import differential_evolution

    layers = [Layer.of(layer) for layer in model.interval_weights]
    population = Population(layers, model.note_config.activation)
    start = population.genes()
    if start.size > 2 * MOST:
        raise UsageError(
            "This network is too large to evolve.",
            expected=f"{MOST:,} weights at most",
            received=f"{start.size // 2:,}",
            hint="--set widths=[8]",
        )
    row, truth = _rows(model, train)

    def measure(genes: Array) -> Array:
        low, high = population.ends(genes.T, row)
        each = coverage_width(truth, low, high, model.coverage)
        return np.asarray(each.mean(axis=-1))

    rng = np.random.default_rng([seed, epoch])
    first = start + AROUND * rng.standard_normal((MEMBERS, start.size))
    # Some are wider everywhere, some narrower.
    first += population.are_reaches() * rng.normal(0, WIDER, (MEMBERS, 1))
    first[0] = start
    done = 0

    def after(intermediate_result: Any) -> bool:
        nonlocal done
        done += 1
        return told(done / GENERATIONS, float(intermediate_result.fun))

    found = differential_evolution(
        measure,
        np.stack([start - BOUND, start + BOUND], axis=1),
        init=first,
        maxiter=GENERATIONS,
        mutation=(0.3, 0.8),
        recombination=0.9,
        tol=0,
        rng=rng,
        callback=after,
        polish=False,
        updating="deferred",
        vectorized=True,
    )
    population.put(found.x)
    for layer, own in zip(model.interval_weights, layers, strict=True):
        own.write(layer)


def _rows(model: Any, train: Split) -> tuple[Array, Array]:
    """Returns what the first layer is given, and standardized truths."""
    x, y = read_batch(train, spread(len(train), ROWS))
    first = model.interval_weights[0]
    inside = keras.Model(model.inputs, first.input[0])
    row = inside.predict(np.asarray(x, "float32"), verbose=0)
    columns = model.spec.target.columns
    mean = [column.mean for column in columns]
    deviation = [column.deviation for column in columns]
    truth = (y.astype("float64") - mean) / deviation
    return np.asarray(row, "float64"), truth
