"""The loss of a trained run around its weights, along two directions.

    L(a, b) = loss(w + a d + b e),  d and e random, filter by filter as long
    as the weights are

so that a network whose weights are scaled, which changes nothing for what
is normalized after them, has the same picture. Biases, scales and offsets
of normalizations stay as they are.

Reference:
    Li, Xu, Taylor, Studer & Goldstein, 2018, section 4.
    https://arxiv.org/abs/1712.09913
"""

import dataclasses
from typing import Any

import keras
import numpy as np

from kerasnotes.base.errors import UsageError
from kerasnotes.base.types import Array, Progress
from kerasnotes.contracts.note import NoteModel
from kerasnotes.data.dataset import Split
from kerasnotes.data.inputs import as_fed
from kerasnotes.data.reading import read_batch, spread
from kerasnotes.tasks.base import Task

EXAMPLES = 512
POINTS = 21
REACH = 1.0


@dataclasses.dataclass(frozen=True)
class LossSurface:
    """A square of losses.

    Args:
        axis: Distances along either direction, `(P,)`; 1 is as far as the
            weights are long.
        losses: `(P, P)`, rows by the second direction.
        examples: Measured on.
    """

    axis: Array
    losses: Array
    examples: int

    @property
    def center(self) -> float:
        """The loss of the trained weights."""
        middle = len(self.axis) // 2
        return float(self.losses[middle, middle])


def measure(
    model: Any,
    task: Task,
    split: Split,
    *,
    points: int = POINTS,
    reach: float = REACH,
    examples: int = EXAMPLES,
    seed: int = 0,
    progress: Progress | None = None,
) -> LossSurface:
    """Measures the loss on a grid; the model is left as it was.

    Args:
        model: A trained network that is one graph.
        task: Gives its loss.
        split: Examples to measure on.
        points: Along either direction, odd.
        reach: Of the grid, either way.
        examples: Of the split, at most.
        seed: Of the directions.
        progress: Told how many points are done.

    Raises:
        UsageError: If the network has a loss of its own (a generator's).
    """
    if not isinstance(model, NoteModel):
        raise UsageError(
            "This network has no loss of labelled examples.",
            expected="a run that classifies, segments or measures values",
            received=type(model).__name__,
        )
    x, y = read_batch(split, spread(len(split), examples))
    x = as_fed(x)
    if task.spec.target.kind == "sequence":
        # As in training, a translation is told its target.
        x = {"x": x, "y": y}
    loss = task.loss()
    variables = list(model.trainable_variables)
    start = [keras.ops.convert_to_numpy(v).copy() for v in variables]
    rng = np.random.default_rng(seed)
    one, other = (directions(start, rng) for _ in range(2))
    axis = np.linspace(-reach, reach, points)
    losses = np.empty((points, points))
    try:
        for row, b in enumerate(axis):
            for column, a in enumerate(axis):
                for v, w, d, e in zip(
                    variables, start, one, other, strict=True
                ):
                    v.assign(w + a * d + b * e)
                answer = model.predict_on_batch(x)
                value = keras.ops.convert_to_numpy(loss(y, answer))
                losses[row, column] = float(value)
                if progress:
                    done = row * points + column + 1
                    progress("measuring losses", done, points**2)
    finally:
        for v, w in zip(variables, start, strict=True):
            v.assign(w)
    return LossSurface(axis, losses, len(y))


def directions(weights: list[Array], rng: np.random.Generator) -> list[Array]:
    """Returns a random direction, filter by filter as long as the weights.

    Args:
        weights: Kernels `(..., K)` of K filters; vectors stay as they are.
        rng: Source of randomness.
    """
    found = []
    for w in weights:
        d = np.asarray(rng.standard_normal(w.shape))
        if w.ndim < 2:
            found.append(np.zeros_like(w))
            continue
        axes = tuple(range(w.ndim - 1))
        lengths = np.sqrt((w.astype("float64") ** 2).sum(axis=axes))
        own = np.sqrt((d**2).sum(axis=axes))
        found.append((d * lengths / np.maximum(own, 1e-12)).astype(w.dtype))
    return found
