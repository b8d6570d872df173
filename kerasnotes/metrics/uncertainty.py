"""What a set of Monte-Carlo answers tells about its own uncertainty.

S passes give probabilities `p` of shape `(S, B, K)`; the answer is their
mean over the passes, a mean of probabilities and not of logits.

Reference:
    Depeweg et al., 2018, section 3. https://arxiv.org/abs/1710.07283
    Kwon et al., 2018, eq. (4).
    https://openreview.net/forum?id=Sk_P2Q9sG
"""

import dataclasses

import numpy as np

from kerasnotes.base.types import Array


def entropy(probabilities: Array) -> Array:
    """Returns `-sum p log p` over the last axis, nats; `0 log 0` is 0."""
    p = np.asarray(probabilities, "float64")
    logs = np.log(p, out=np.zeros_like(p), where=p > 0)
    total: Array = -(p * logs).sum(axis=-1)
    # A sum of rounding errors may end just below zero.
    return np.maximum(total, 0.0)


@dataclasses.dataclass(frozen=True)
class Uncertainty:
    """The two decompositions, example by example.

    Args:
        mean: Array `(B, K)`: the predictive probabilities.
        total_entropy: Array `(B,)`, nats: of the mean.
        mutual_information: Array `(B,)`, nats: between answer and weights;
            the total less the mean entropy of a pass. Epistemic.
        aleatoric: Array `(B, K)`: mean of `p (1 - p)` over the passes.
        epistemic: Array `(B, K)`: variance of `p` over the passes. Its sum
            with `aleatoric` is `mean (1 - mean)`.
    """

    mean: Array
    total_entropy: Array
    mutual_information: Array
    aleatoric: Array
    epistemic: Array


def decompose(passes: Array) -> Uncertainty:
    """Splits the uncertainty of `(S, B, K)` probabilities."""
    p = np.asarray(passes, "float64")
    mean = p.mean(axis=0)
    total = entropy(mean)
    expected = entropy(p).mean(axis=0)
    return Uncertainty(
        mean=mean,
        total_entropy=total,
        mutual_information=np.maximum(total - expected, 0.0),
        aleatoric=(p * (1 - p)).mean(axis=0),
        epistemic=((p - mean) ** 2).mean(axis=0),
    )


def accuracy_by_rejection(uncertain: Array, right: Array) -> Array:
    """Returns the accuracy on what is left when the least certain go.

    Args:
        uncertain: Array `(B,)`; larger goes first. Among equals the order
            is that of the data.
        right: Array `(B,)`, boolean.

    Returns:
        Array `(B,)`: entry `r` is the accuracy without the `r` least
        certain examples.
    """
    order = np.argsort(uncertain, kind="stable")
    hits = np.cumsum(np.asarray(right, "float64")[order])
    accuracy = hits / np.arange(1, len(order) + 1)
    return accuracy[::-1]


def auroc(inside: Array, outside: Array) -> float:
    """Returns how well a score tells `outside` (larger) from `inside`.

    The chance that a random outsider scores above a random insider, ties
    counted half: 0.5 is no better than guessing.
    """
    from sklearn.metrics import roc_auc_score

    truth = np.repeat([0, 1], [len(inside), len(outside)])
    return float(roc_auc_score(truth, np.concatenate([inside, outside])))
