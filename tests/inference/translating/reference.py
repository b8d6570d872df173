"""Greedy and beam search in NumPy: lists, loops, no cache."""

import numpy as np


def log_p(logits):
    """Returns `log p` of what can be said: not padding, nor the unknown."""
    z = np.array(logits, "float64")
    z[:2] = -np.inf
    return z - z[2:].max() - np.log(np.exp(z[2:] - z[2:].max()).sum())


def penalty_of(length, a):
    return ((5 + length) / 6) ** a


def numpy_greedy(logits, length, end):
    """Returns the likeliest tokens; `logits(said)` tells what comes next."""
    said = []
    while len(said) < length:
        said.append(int(np.argmax(log_p(logits(said)))))
        if said[-1] == end:
            break
    return said


def numpy_beam(logits, length, end, size, a):
    """Returns the best of the answers that a beam finds."""
    kept = [([], 0.0, False)]
    for _ in range(length):
        if all(done for *_, done in kept):
            break
        found = []
        for said, nats, done in kept:
            if done:
                found.append((said, nats, True))
                continue
            each = log_p(logits(said))
            found += [
                ([*said, k], nats + each[k], k == end)
                for k in range(2, len(each))
            ]
        found.sort(key=lambda x: -x[1] / penalty_of(len(x[0]), a))
        kept = found[:size]
    return kept[0][0]


def padded(said, length, end):
    """Returns an answer as the loops give it."""
    text = [k for k in said if k != end]
    return text + [0] * (length - len(text))
