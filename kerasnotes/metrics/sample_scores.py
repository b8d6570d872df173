"""Scores of generated samples, beside what reality and a Gaussian score.

Every number is worth little alone. `_floor` is what real training examples
score against the same test part, in the same number; `_gaussian` is what
draws from a Gaussian fitted to the training pixels score. Pixels are scaled
to [-1, 1], columns of a table to unit deviation.
"""

import dataclasses

import numpy as np
from sklearn.neighbors import NearestNeighbors

from kerasnotes.base.types import Array
from kerasnotes.data.dataset import Split
from kerasnotes.data.reading import read_batch
from kerasnotes.data.spec import Spec
from kerasnotes.metrics.frechet import Moments, distance, moments
from kerasnotes.metrics.precision_recall import NEIGHBOURS, precision_recall
from kerasnotes.metrics.two_sample import pick, two_sample_accuracy

SURE = 0.9
"""Probability from which a sample counts as recognised."""
MOST_VALUES = 50_000_000
"""Numbers of a data set that are looked at: 200 MB in float32."""
LEAST = NEIGHBOURS + 2
"""Examples on either side below which nothing is compared."""


@dataclasses.dataclass(frozen=True)
class Scale:
    """From raw values to the space that distances are measured in.

    Args:
        low: Subtracted, per value or one for all.
        spread: Divided by.
    """

    low: Array
    spread: Array

    def __call__(self, x: Array) -> Array:
        """Returns `(N, D)`, float32."""
        flat = np.asarray(x, "float32").reshape(len(x), -1)
        scaled: Array = (flat - self.low) / self.spread
        return scaled.astype("float32", copy=False)

    def undo(self, x: Array, shape: tuple[int, ...]) -> Array:
        """Returns raw values `(N, *shape)`, float32."""
        raw = (x * self.spread + self.low).astype("float32")
        return raw.reshape(len(x), *shape)


def make_scale(spec: Spec, train: Array) -> Scale:
    """Returns the scale: images by their limits, tables by their columns."""
    if spec.input.kind == "image":
        low, high = spec.input.limits
        half = max(high - low, 1e-12) / 2
        return Scale(np.array(low + half, "f4"), np.array(half, "f4"))
    spread = train.std(axis=0)
    spread = np.where(spread > 1e-12, spread, 1.0)
    return Scale(train.mean(axis=0).astype("float32"), spread.astype("float32"))


def read_some(split: Split, most: int, seed: int = 0) -> tuple[Array, Array]:
    """Reads at most `most` examples, drawn at random, in their order."""
    rng = np.random.default_rng(seed)
    rows = pick(np.arange(len(split)), most, rng)
    x, y = read_batch(split, rows)
    return np.asarray(x), np.asarray(y)


def affordable(split: Split, spec: Spec, most: int = 10**9) -> int:
    """Returns how many examples of a split fit into `MOST_VALUES`."""
    values = int(np.prod([size or 1 for size in spec.input.shape]))
    return min(len(split), most, max(LEAST, MOST_VALUES // values))


def draw_gaussian(
    fitted: Moments, count: int, spec: Spec, rng: np.random.Generator
) -> Array:
    """Draws from the Gaussian of scaled values; pixels are clipped."""
    draws = fitted.draw(count, rng).astype("float32")
    return np.clip(draws, -1.0, 1.0) if spec.input.kind == "image" else draws


def score_values(
    values: Array, real: Array, fitted: Moments, name: str
) -> dict[str, float]:
    """Scores scaled values `(N, D)` against real ones `(M, D)`.

    Args:
        values: What is scored.
        real: Real examples that it is held against.
        fitted: Moments of `real`.
        name: What the values are called: `pixels` or `columns`.
    """
    return {
        f"frechet_{name}": distance(moments(values), fitted),
        "nn_two_sample": two_sample_accuracy(values, real),
    }


def score_features(
    features: Array, real: Array, fitted: Moments
) -> dict[str, float]:
    """Scores a classifier's features `(N, D)` against real ones `(M, D)`."""
    return {"frechet_features": distance(moments(features), fitted)}


def score_manifold(values: Array, real: Array) -> dict[str, float]:
    """Returns precision and recall at equal sizes."""
    size = min(len(values), len(real))
    rng = np.random.default_rng(0)
    precision, recall = precision_recall(
        pick(values, size, rng), pick(real, size, rng)
    )
    return {"precision": precision, "recall": recall}


def score_classes(probabilities: Array) -> dict[str, float]:
    """Scores what a classifier sees in samples.

    Args:
        probabilities: Array `(N, K)`.

    Returns:
        Share recognised with a probability of `SURE` or more; the rarest
        and the commonest class's share; Kullback-Leibler divergence of the
        classes from equal shares, nats.
    """
    share = class_shares(probabilities)
    present = share[share > 0]
    return {
        "recognised": float(np.mean(probabilities.max(axis=1) >= SURE)),
        "class_share_min": float(share.min()),
        "class_share_max": float(share.max()),
        "class_kl": float(np.sum(present * np.log(present * len(share)))),
    }


def class_shares(probabilities: Array) -> Array:
    """Returns the share of each class `(K,)` among the likeliest ones."""
    counts = np.bincount(
        probabilities.argmax(axis=1), minlength=probabilities.shape[1]
    )
    shares: Array = counts / counts.sum()
    return shares


def nearest(values: Array, train: Array) -> tuple[Array, Array]:
    """Finds the training example nearest to each value.

    Args:
        values: Scaled, `(N, D)`.
        train: Scaled, `(M, D)`.

    Returns:
        Root mean square differences `(N,)` and indices `(N,)`.
    """
    index = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(train)
    gaps, rows = index.kneighbors(values)
    return gaps[:, 0] / np.sqrt(train.shape[1]), rows[:, 0]
