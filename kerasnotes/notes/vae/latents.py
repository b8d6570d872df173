"""The two kinds of latents: normal numbers, and categories.

Each turns what the encoder says into draws, made of standard normal noise,
and knows what they cost. Flat, a draw has `size` numbers; of `L` latents of
`K` categories `L K`, one-hot by K.
"""

import math
from typing import Protocol

import keras
import numpy as np
from keras import layers, ops

from kerasnotes.base.types import Array, Tensor
from kerasnotes.layers.reparameterization import (
    gaussian_sample,
    gumbel,
    gumbel_softmax,
    hard_sample,
    kl_categorical,
)
from kerasnotes.losses.gaussian import kl_per_latent
from kerasnotes.notes.vae import elbo
from kerasnotes.notes.vae.config import VAEConfig

Told = dict[str, Tensor]
"""What the encoder says, by name, each `(B, D)`."""


class Latents(Protocol):
    """What a kind of latents knows."""

    size: int

    def heads(self, x: Tensor) -> Told:
        """Returns the encoder's last layers for features `(B, F)`."""

    def sample(self, q: Told, noise: Tensor) -> Tensor:
        """Returns draws `(..., size)` to train by; `noise` is as large."""

    def exact(self, q: Told, noise: Tensor) -> Tensor:
        """Returns draws of `q` itself, to measure by."""

    def kl(self, q: Told) -> Tensor:
        """Returns `KL(q || prior)`, `(B, L)`, nats."""

    def log_ratio(self, q: Told, z: Tensor, noise: Tensor) -> Tensor:
        """Returns `log p(z) - log q(z|x)` of exact draws, `(...)`."""

    def prior(self, noise: Tensor) -> Tensor:
        """Returns draws of the prior."""

    def moments(self, q: dict[str, Array]) -> dict[str, Array]:
        """Returns `mean` and `log_var` of `q`, arrays `(N, size)`."""

    def active(self, mean: Array) -> int:
        """Returns how many latents differ over examples, means `(N, size)`."""


class GaussianLatents:
    """`q(z|x) = N(mean, exp(log_var))`, `p(z) = N(0, I)`."""

    def __init__(self, config: VAEConfig) -> None:
        self.size = config.latent

    def heads(self, x: Tensor) -> Told:
        # float32 whatever the precision: exp(12) is infinite in float16.
        return {
            name: layers.Dense(self.size, dtype="float32", name=f"e_{name}")(x)
            for name in ("mean", "log_var")
        }

    def sample(self, q: Told, noise: Tensor) -> Tensor:
        return gaussian_sample(q["mean"], q["log_var"], noise)

    exact = sample

    def kl(self, q: Told) -> Tensor:
        return kl_per_latent(q["mean"], q["log_var"])

    def log_ratio(self, q: Told, z: Tensor, noise: Tensor) -> Tensor:
        return elbo.log_prior_ratio(z, noise, q["log_var"])

    def prior(self, noise: Tensor) -> Tensor:
        return noise

    def moments(self, q: dict[str, Array]) -> dict[str, Array]:
        return q

    def active(self, mean: Array) -> int:
        return int((mean.var(axis=0) > elbo.ACTIVE).sum())


class CategoricalLatents:
    """`q(z|x) = Categorical(softmax(logits))`, `p(z)` uniform, each latent."""

    def __init__(self, config: VAEConfig) -> None:
        self.count, self.kinds = config.latent, config.categories
        self.size = self.count * self.kinds
        self.temperature = config.temperature
        self.straight_through = config.straight_through

    def heads(self, x: Tensor) -> Told:
        dense = layers.Dense(self.size, dtype="float32", name="e_logits")
        return {"logits": dense(x)}

    def _parted(self, x: Tensor) -> Tensor:
        between = x.shape[1:-1]
        return ops.reshape(x, (-1, *between, self.count, self.kinds))

    def _joined(self, x: Tensor) -> Tensor:
        return ops.reshape(x, (-1, *x.shape[1:-2], self.size))

    def sample(self, q: Told, noise: Tensor) -> Tensor:
        logits = self._parted(q["logits"])
        drawn = gumbel_softmax(
            logits,
            gumbel(self._parted(noise)),
            self.temperature,
            straight_through=self.straight_through,
        )
        return self._joined(drawn)

    def exact(self, q: Told, noise: Tensor) -> Tensor:
        logits, drawn = self._parted(q["logits"]), self._parted(noise)
        return self._joined(hard_sample(logits, gumbel(drawn)))

    def kl(self, q: Told) -> Tensor:
        return kl_categorical(self._parted(q["logits"]))

    def log_ratio(self, q: Told, z: Tensor, noise: Tensor) -> Tensor:
        log_q = ops.log_softmax(self._parted(q["logits"]), axis=-1)
        chosen = ops.sum(self._parted(z) * log_q, axis=(-2, -1))
        return -chosen - self.count * math.log(self.kinds)

    def prior(self, noise: Tensor) -> Tensor:
        parted = self._parted(noise)
        # The largest of K alike is any of them with the same chance.
        return self._joined(hard_sample(parted, ops.zeros_like(parted)))

    def moments(self, q: dict[str, Array]) -> dict[str, Array]:
        logits = q["logits"].reshape(-1, self.count, self.kinds)
        p = keras.ops.convert_to_numpy(ops.softmax(logits, axis=-1))
        flat = p.reshape(-1, self.size)
        variance = np.maximum(flat * (1 - flat), 1e-30)
        return {"mean": flat, "log_var": np.log(variance)}

    def active(self, mean: Array) -> int:
        spread = mean.var(axis=0).reshape(self.count, self.kinds).sum(axis=1)
        return int((spread > elbo.ACTIVE).sum())


def make_latents(config: VAEConfig) -> Latents:
    """Returns the kind that the configuration names."""
    if config.latent_kind == "categorical":
        return CategoricalLatents(config)
    return GaussianLatents(config)
