"""Every optimizer's step written out in NumPy: what `kn landscape` walks by.

With `g` the gradient, `a` the rate, `m` and `v` kept from step to step:

    sgd       -a g                      momentum  m = 0.9 m - a g;  m
    nesterov  m = 0.9 m - a g;  0.9 m - a g
    adagrad   v = v + g^2;  -a g / (sqrt(v) + e)
    rmsprop   v = 0.9 v + 0.1 g^2;  -a g / (sqrt(v) + e)
    adadelta  v = 0.95 v + 0.05 g^2;  -a g sqrt(d + e) / sqrt(v + e)
    adam      m, v with 0.9, 0.999, both divided by 1 - b^t;
              -a m / (sqrt(v) + e)
    yogi      as adam, v = v - 0.001 sign(v - g^2) g^2
    lion      -a sign(0.9 m + 0.1 g);  m = 0.99 m + 0.01 g

Imports no framework. `torch.optim` gives the same to 1e-10; those that train
(`catalog.py`) are Keras', the same but for where `e` stands.

Reference:
    Ruder, 2016, An overview of gradient descent optimization algorithms.
    https://arxiv.org/abs/1609.04747
    Chen et al., 2023 (Lion). https://arxiv.org/abs/2302.06675
    Zaheer et al., 2018 (Yogi). https://papers.nips.cc/paper/8186
"""

from collections.abc import Callable

import numpy as np

from kerasnotes.base.types import Array

EPSILON = 1e-7
Kept = dict[str, Array]
Step = Callable[[Array, Kept, int, float], Array]
"""From gradient, what is kept, the step's number from 1, and the rate, to
how far the weight moves."""


def _get(kept: Kept, name: str, like: Array, start: float = 0.0) -> Array:
    found: Array = kept.get(name, np.full_like(like, start))
    return found


def _sgd(momentum: float = 0.0, nesterov: bool = False) -> Step:
    def step(g: Array, kept: Kept, t: int, rate: float) -> Array:
        kept["m"] = momentum * _get(kept, "m", g) - rate * g
        moved = momentum * kept["m"] - rate * g if nesterov else kept["m"]
        return np.asarray(moved)

    return step


def _adagrad(g: Array, kept: Kept, t: int, rate: float) -> Array:
    kept["v"] = _get(kept, "v", g, 0.1) + g**2
    return np.asarray(-rate * g / (np.sqrt(kept["v"]) + EPSILON))


def _rmsprop(g: Array, kept: Kept, t: int, rate: float) -> Array:
    kept["v"] = 0.9 * _get(kept, "v", g) + 0.1 * g**2
    return np.asarray(-rate * g / (np.sqrt(kept["v"]) + EPSILON))


def _adadelta(g: Array, kept: Kept, t: int, rate: float) -> Array:
    moved = _get(kept, "d", g)
    kept["v"] = 0.95 * _get(kept, "v", g) + 0.05 * g**2
    move = -np.sqrt(moved + EPSILON) * g / np.sqrt(kept["v"] + EPSILON)
    kept["d"] = 0.95 * moved + 0.05 * move**2
    return np.asarray(rate * move)


def _adam(g: Array, kept: Kept, t: int, rate: float) -> Array:
    kept["m"] = 0.9 * _get(kept, "m", g) + 0.1 * g
    kept["v"] = 0.999 * _get(kept, "v", g) + 0.001 * g**2
    mean, square = kept["m"] / (1 - 0.9**t), kept["v"] / (1 - 0.999**t)
    return -rate * mean / (np.sqrt(square) + EPSILON)


def _yogi(g: Array, kept: Kept, t: int, rate: float) -> Array:
    kept["m"] = 0.9 * _get(kept, "m", g) + 0.1 * g
    before = _get(kept, "v", g, 1e-6)
    kept["v"] = before - 0.001 * np.sign(before - g**2) * g**2
    corrected = rate * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    return np.asarray(-corrected * kept["m"] / (np.sqrt(kept["v"]) + 1e-3))


def _lion(g: Array, kept: Kept, t: int, rate: float) -> Array:
    before = _get(kept, "m", g)
    kept["m"] = 0.99 * before + 0.01 * g
    return -rate * np.sign(0.9 * before + 0.1 * g)


FORMULAE: dict[str, Step] = {
    "sgd": _sgd(),
    "momentum": _sgd(0.9),
    "nesterov": _sgd(0.9, nesterov=True),
    "adagrad": _adagrad,
    "rmsprop": _rmsprop,
    "adadelta": _adadelta,
    "adam": _adam,
    "yogi": _yogi,
    "lion": _lion,
}
"""By name; Muon is for matrices, and AdamW without decay is Adam."""


def walk(
    name: str,
    gradient: Callable[[Array], Array],
    start: Array,
    rate: float,
    steps: int,
) -> Array:
    """Returns the places `(steps + 1, ...)` that an optimizer comes by.

    Args:
        name: A key of `FORMULAE`.
        gradient: At a place.
        start: The first place, float64.
        rate: Its learning rate.
        steps: How many.
    """
    step = FORMULAE[name]
    kept: Kept = {}
    place = np.asarray(start, "float64")
    found = [place]
    for number in range(1, steps + 1):
        place = place + step(gradient(place), kept, number, rate)
        found.append(place)
    return np.stack(found)
