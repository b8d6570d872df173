"""Text drawn from a network of a language, token by token.

One uniform number of NumPy's generator a token, on the host in float64: what
a seed draws is the same on every backend, but where two sums are equal to the
last digits of float32.

Reference:
    Fan, Lewis & Dauphin, 2018 (top-k). https://arxiv.org/abs/1805.04833
    Holtzman et al., 2020, section 3.1 (top-p, nucleus).
    https://arxiv.org/abs/1904.09751
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.contracts.capabilities import CarriesState
from kerasnotes.contracts.text_sampling import Wishes
from kerasnotes.data.text.tokenizer import PADDING, UNKNOWN
from kerasnotes.inference.predictor import Predictor


def probabilities(logits: Array, wishes: Wishes) -> Array:
    """Returns what is drawn from, `(V,)`, float64.

    Padding and the unknown stand for no text: they never come.

    Args:
        logits: Of one place, `(V,)`.
        wishes: `top_k` is heeded before `top_p`.
    """
    scores = np.array(logits, "float64")
    scores[[PADDING, UNKNOWN]] = -np.inf
    # Of equal ones the first is the likelier.
    order = np.argsort(-scores, kind="stable")
    if wishes.temperature == 0:
        chosen = np.zeros(len(scores))
        chosen[order[0]] = 1.0
        return chosen
    weights = np.exp((scores - scores[order[0]]) / wishes.temperature)
    if wishes.top_k is not None:
        weights[order[wishes.top_k :]] = 0.0
    weights /= weights.sum()
    if wishes.top_p is not None:
        before = np.cumsum(weights[order]) - weights[order]
        weights[order[before >= wishes.top_p]] = 0.0
        weights /= weights.sum()
    return np.asarray(weights)


def draw(logits: Array, wishes: Wishes, uniform: float) -> int:
    """Returns a token by the inverse of the distribution function.

    Args:
        logits: Of one place, `(V,)`.
        wishes: How it is drawn.
        uniform: From [0, 1).
    """
    below = np.cumsum(probabilities(logits, wishes))
    place = int(np.searchsorted(below, uniform * below[-1], side="right"))
    return place


def write(
    model: Any, prompt: Sequence[int], window: int, wishes: Wishes
) -> Iterator[int]:
    """Yields tokens without an end.

    A network that carries its state reads each token once; another is given
    the last window anew for every token.

    Args:
        model: The network.
        prompt: Tokens to go on from; at least one, or it begins with the
            commonest.
        window: Tokens that a network without a state is given.
        wishes: How they are drawn.
    """
    rng = np.random.default_rng(wishes.seed)
    first = list(prompt) or [UNKNOWN + 1]
    step = _carried(model) if isinstance(model, CarriesState) else None
    step = step or _anew(model, window)
    for number in first[:-1]:
        step(number)
    number = first[-1]
    while True:
        number = draw(step(number), wishes, rng.random())
        yield number


def _carried(model: CarriesState) -> Any:
    states = model.first_state(1)

    def step(number: int) -> Array:
        nonlocal states
        ids = np.array([[number]], "int32")
        logits, states = model.read_on(ids, states)
        return np.asarray(logits[0, -1])

    return step


def _anew(model: Any, window: int) -> Any:
    predict, seen = Predictor(model), [np.int32(0)][:0]

    def step(number: int) -> Array:
        seen.append(np.int32(number))
        last = seen[-window:]
        # Causal: what stands behind changes nothing.
        ids = np.zeros((1, window), "int32")
        ids[0, : len(last)] = last
        return np.asarray(predict(ids)[0, len(last) - 1])

    return step
