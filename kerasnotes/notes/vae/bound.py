"""How good a variational autoencoder is: bounds of `log p(x)`, in nats.

Noise comes from NumPy and belongs to the example, `(seed, index)`: the same
numbers on every backend and for every batch size.
"""

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasnotes.backends.jit import jit_compile
from kerasnotes.base.types import Array
from kerasnotes.contracts.report import Conditions
from kerasnotes.data.dataset import Split
from kerasnotes.data.reading import read_batch
from kerasnotes.inference.predictor import Predictor, previous_power_of_two
from kerasnotes.notes.vae import elbo

CHUNK = 64
"""Samples of one example decoded in one call."""
HELD = 2_000_000
"""Decoded numbers held at once, about."""


def compiled(model: Any) -> Predictor:
    """Returns a compiled model to call from NumPy; XLA only where it pays."""
    model.jit_compile = jit_compile()
    return Predictor(model)


def scorer(model: Any, samples: int) -> Any:
    """Returns the model `(x, uniform, noise) -> log_likelihood, kl, ...`.

    Args:
        model: A `VAE`.
        samples: Number `S` of samples in `noise`, `(B, S, D)`.
    """
    shape, latents = model.spec.input.shape, model.latents
    raw = keras.Input(shape, name="x")
    uniform = keras.Input(shape, name="uniform")
    noise = keras.Input((samples, latents.size), name="noise")
    x = model.observe(raw, uniform)
    q = model.encoder(x)
    each = {name: value[:, None, :] for name, value in q.items()}
    z = latents.exact(each, noise)
    answer = model.decoder(ops.reshape(z, (-1, latents.size)))
    score = model.log_likelihood(ops.repeat(x, samples, axis=0), answer)
    score = ops.reshape(score, (-1, samples))
    weights = score + latents.log_ratio(each, z, noise)
    kl = latents.kl(q)
    outputs = {"score": score, "log_weights": weights, "kl": kl} | q
    return keras.Model({"x": raw, "uniform": uniform, "noise": noise}, outputs)


def measure(
    model: Any, split: Split, conditions: Conditions
) -> dict[str, float]:
    """Measures the bounds on every example of a split.

    Args:
        model: A `VAE`.
        split: The examples.
        conditions: The seed; `quick` takes one sample of each example and
            leaves the importance bound out.

    Returns:
        Nats per example: `negative_elbo` = `reconstruction` + `kl`, and
        `negative_iwae`, the tighter bound by `iwae_samples` samples.
        `active_latents` is the number of latents whose mean varies over the
        examples by more than 0.01 (Burda et al., 2016, section 5.2).
    """
    samples = 1 if conditions.quick else model.note_config.importance
    chunk = min(samples, CHUNK)
    score = compiled(scorer(model, chunk))
    size = max(1, HELD // (chunk * math.prod(model.spec.input.shape)))
    size = min(previous_power_of_two(size), 1024)
    parts = []
    for start in range(0, len(split), size):
        where = np.arange(start, min(start + size, len(split)))
        x, _ = read_batch(split, where)
        drawn = _draw(model, where, -(-samples // chunk) * chunk, conditions)
        parts.append(_score(model, score, x, drawn, samples))
        if conditions.progress:
            conditions.progress("bounds", int(where[-1]) + 1, len(split))
    return _summary(model, parts, samples)


def _draw(
    model: Any, where: Array, samples: int, conditions: Conditions
) -> dict[str, Array]:
    """Draws `uniform` `(B, ...)` and `noise` `(B, S, D)` of the examples."""
    uniform, noise = [], []
    for index in where:
        rng = np.random.default_rng([conditions.seed, int(index)])
        uniform.append(rng.random(model.spec.input.shape, "float32"))
        size = (samples, model.latents.size)
        noise.append(rng.standard_normal(size, "float32"))
    return {"uniform": np.stack(uniform), "noise": np.stack(noise)}


def _score(
    model: Any,
    score: Predictor,
    x: Array,
    drawn: dict[str, Array],
    samples: int,
) -> dict[str, Array]:
    """Returns `reconstruction`, `kl`, `bound` `(B,)` and `mean` `(B, D)`."""
    inputs = {"x": np.asarray(x, "float32"), "uniform": drawn["uniform"]}
    chunk = min(samples, CHUNK)
    answers = [
        score({**inputs, "noise": drawn["noise"][:, start : start + chunk]})
        for start in range(0, samples, chunk)
    ]
    scores, weights = (
        np.concatenate([a[name] for a in answers], axis=1)[:, :samples]
        for name in ("score", "log_weights")
    )
    bound = ops.convert_to_numpy(elbo.importance_bound(weights))
    told = {name: answers[0][name] for name in model.encoder.output}
    return {
        "reconstruction": -scores.mean(axis=1),
        "kl": answers[0]["kl"].sum(axis=1),
        "bound": bound,
        "mean": model.latents.moments(told)["mean"],
    }


def _summary(
    model: Any, parts: list[dict[str, Array]], samples: int
) -> dict[str, float]:
    joined = {
        name: np.concatenate([part[name] for part in parts]).astype("float64")
        for name in parts[0]
    }
    reconstruction = float(joined["reconstruction"].mean())
    kl = float(joined["kl"].mean())
    found = {
        "negative_elbo": reconstruction + kl,
        "reconstruction": reconstruction,
        "kl": kl,
        "active_latents": float(model.latents.active(joined["mean"])),
    }
    if samples > 1:
        found["negative_iwae"] = -float(joined["bound"].mean())
        found["iwae_samples"] = float(samples)
    return found
