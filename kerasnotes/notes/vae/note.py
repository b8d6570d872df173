"""Variational autoencoder: an encoder, a decoder, and the evidence bound.

    q(z|x) = N(mean(x), exp(log_var(x))),   p(z) = N(0, I)
    or, of categories, Categorical(softmax(logits(x))) and uniform
    loss = -log p(x|z) + beta KL(q(z|x) || p(z)),   z ~ q(z|x)

Summed over pixels and latents, averaged over the batch; nats per example.

Grey pixels under a Bernoulli are scored, not given a likelihood: compare
such numbers with their like only. `binarize` and `likelihood=gaussian` give
bounds of a true one.

Where the notes differ: they write `p(x|z) ~ exp(-|G(z) - x|)`, whose norm
lacks its square and its `2 sigma^2`. And maximum likelihood minimizes
`KL(p_data || p_model)`, in this order.

Reference:
    Kingma & Welling, 2014. https://arxiv.org/abs/1312.6114

Departs from it:
    - Categorical latents by Gumbel-softmax (Jang et al., 2017; Maddison et
      al., 2017). They are trained by relaxed draws and measured by exact ones.
    - Convolutions for images by default; `network=mlp` gives the paper's.
    - `beta` (Higgins et al., 2017), `free_bits` (Kingma et al., 2016), and
      one learned variance for all pixels (Rybkin et al., 2021).
    - Adam with a falling rate instead of Adagrad.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import keras
import numpy as np
from keras import layers, ops

from kerasnotes.base.types import Array, Progress, Tensor
from kerasnotes.contracts.capabilities import (
    Encodes,
    Generates,
    Measures,
    ServesMore,
)
from kerasnotes.contracts.generation import Generated, Request, check
from kerasnotes.contracts.objective import ObjectiveModel
from kerasnotes.contracts.report import Conditions
from kerasnotes.data.dataset import Split
from kerasnotes.data.spec import Spec
from kerasnotes.inference import latent_drawing
from kerasnotes.layers.value_scale import ValueScale
from kerasnotes.notes.vae import bound as vae_bound
from kerasnotes.notes.vae import elbo
from kerasnotes.notes.vae import networks as vae_networks
from kerasnotes.notes.vae.config import VAEConfig
from kerasnotes.notes.vae.config import check as check_config
from kerasnotes.notes.vae.latents import make_latents

LOWEST = -10.0
"""Of the learned log variance: without it a perfect answer is worth any
amount. The rounding of pixels to 8 bits has `-13.6`."""
FIRST = -3.0
"""Of the learned log variance of pixels in `[0, 1]`, at the start."""


@keras.saving.register_keras_serializable("kerasnotes")
class VAE(ObjectiveModel):
    """Variational autoencoder of images of one size, or of a table's rows.

    Args:
        config: The sizes and variants.
        spec: The data. Pixels are scaled from its limits to `[0, 1]`.
        mean: Per channel or column; columns are standardized by it.
        variance: Per channel or column, of raw training values.

    Call arguments:
        inputs: `x`, Tensor `(B, ...)` of raw values; if given, `noise`,
            `(B, D)`, standard normal, and `uniform`, `(B, ...)` in `[0, 1)`,
            what pixels are compared with to binarize them.

    Returns:
        `log_likelihood`, Tensor `(B,)`, nats, and `kl`, Tensor `(B, D)`, nats
        per latent.

    Raises:
        UsageError: If the configuration does not fit the data.
    """

    config_class = VAEConfig
    note_config: VAEConfig
    sample_options: ClassVar[frozenset[str]] = frozenset()

    def __init__(
        self,
        config: VAEConfig,
        spec: Spec,
        mean: Sequence[float],
        variance: Sequence[float],
    ) -> None:
        super().__init__(name="vae", dtype="float32")
        check_config(config, spec)
        # === Graph ===
        self.offset, self.spread = _affine(spec, mean, variance)
        self.bernoulli = config.likelihood_for(spec) == "bernoulli"
        self.latents = make_latents(config)
        self.encoder, self.decoder = vae_networks.build(
            config, spec, self.latents
        )
        self.log_var = None
        if not self.bernoulli and config.variance is None:
            first = FIRST if spec.input.kind == "image" else 0.0
            self.log_var = self.add_weight(
                shape=(),
                initializer=keras.initializers.Constant(first),
                name="log_var",
            )
        self.seed_generator = keras.random.SeedGenerator(
            int(np.random.randint(1, 10**9))
        )
        # === Config ===
        self.remember(config, spec, mean, variance)
        # === Metrics ===
        self.reconstruction = keras.metrics.Mean(name="reconstruction")
        self.kl = keras.metrics.Mean(name="kl")
        self.built = True
        self._encode = vae_bound.compiled(self.encoder)
        self._decode = vae_bound.compiled(self._decoding("z"))

    @property
    def parts(self) -> dict[str, Any]:
        return {"encoder": self.encoder, "decoder": self.decoder}

    def observe(self, x: Tensor, uniform: Tensor) -> Tensor:
        """Returns what is encoded and scored: scaled, binarized if asked.

        Args:
            x: Tensor `(B, ...)`, raw values.
            uniform: Tensor `(B, ...)` in `[0, 1)`; used to binarize only.
        """
        x = (ops.cast(x, "float32") - self.offset) / self.spread
        if not self.bernoulli:
            return x
        if self.note_config.binarize == "none":
            return ops.clip(x, 0.0, 1.0)
        if self.note_config.binarize == "threshold":
            return ops.cast(x > 0.5, "float32")
        return ops.cast(ops.less(uniform, x), "float32")

    def log_likelihood(self, x: Tensor, answer: Tensor) -> Tensor:
        """Returns `log p(x|z)`, `(B,)`, nats, for the decoder's answer."""
        if self.bernoulli:
            return elbo.bernoulli_log_likelihood(x, answer)
        return elbo.gaussian_log_likelihood(x, answer, self.output_log_var())

    def output_log_var(self) -> Tensor:
        """Returns the log variance of a pixel, scalar; Gaussian only."""
        if self.log_var is None:
            return math.log(self.note_config.variance or 1.0)
        return LOWEST + ops.softplus(self.log_var - LOWEST)

    def call(
        self, inputs: dict[str, Tensor], training: bool = False
    ) -> dict[str, Tensor]:
        x = inputs["x"]
        x = self.observe(x, self._uniform(inputs))
        q = self.encoder(x, training=training)
        noise = inputs.get("noise")
        if noise is None:
            shape = (ops.shape(x)[0], self.latents.size)
            noise = keras.random.normal(shape, seed=self.seed_generator)
        z = self.latents.sample(q, noise)
        answer = self.decoder(z, training=training)
        return {
            "log_likelihood": self.log_likelihood(x, answer),
            "kl": self.latents.kl(q),
        }

    def _uniform(self, inputs: dict[str, Tensor]) -> Tensor:
        if self.note_config.binarize != "stochastic" or "uniform" in inputs:
            return inputs.get("uniform")
        shape = ops.shape(inputs["x"])
        return keras.random.uniform(shape, seed=self.seed_generator)

    def reduce(self, outputs: dict[str, Tensor]) -> Tensor:
        score, kl = outputs["log_likelihood"], outputs["kl"]
        self.reconstruction.update_state(-score)
        self.kl.update_state(ops.sum(kl, axis=-1))
        penalty = elbo.with_free_bits(kl, self.note_config.free_bits)
        return self.note_config.beta * penalty - ops.mean(score)

    def encode(self, x: Array, seed: int = 0) -> dict[str, Array]:
        """Returns `mean` and `log_var`, arrays `(N, D)`, of `q(z|x)`.

        Of categories, the means are their probabilities, latent by latent.

        Args:
            x: Array `(N, ...)`, raw values.
            seed: Of the stochastic binarization, if there is one.
        """
        uniform = np.random.default_rng(seed).random(x.shape, "float32")
        observed = ops.convert_to_numpy(self.observe(x, uniform))
        found: dict[str, Array] = self._encode(observed)
        return self.latents.moments(found)

    def decode(self, z: Array) -> Array:
        """Returns the mean of `p(x|z)`, array `(N, ...)` in raw units."""
        values: Array = self._decode(z)
        return values

    def generate(
        self, request: Request, progress: Progress | None = None
    ) -> Generated:
        check(request, self.sample_options, "vae", self.spec)
        values = latent_drawing.draw(
            lambda noise, numbers: self.decode(
                ops.convert_to_numpy(self.latents.prior(noise))
            ),
            self.latents.size,
            request,
            progress,
        )
        if self.spec.input.kind == "image":
            values = np.clip(values, *self.spec.input.limits)
        return Generated(values)

    def measure(self, split: Split, conditions: Conditions) -> dict[str, float]:
        """Returns the bounds on a split, nats per example: see `vae_bound`."""
        return vae_bound.measure(self, split, conditions)

    def serving_model(self) -> Any:
        """Returns `noise` `(B, D)`, normal, to the mean image, raw units."""
        return self._decoding("noise", drawn=True)

    def serving_models(self) -> dict[str, Any]:
        """Returns `encode`, to `q(z|x)`, and `decode`, from a latent `z`."""
        return {"encode": self._encoding(), "decode": self._decoding("z")}

    def _decoding(self, name: str, drawn: bool = False) -> Any:
        z = keras.Input((self.latents.size,), name=name)
        x = self.decoder(self.latents.prior(z) if drawn else z)
        if self.bernoulli:
            x = layers.Activation("sigmoid", dtype="float32", name="mean")(x)
        raw = layers.Rescaling(
            self.spread.tolist(),
            self.offset.tolist(),
            dtype="float32",
            name=self.spec.input.name,
        )
        return keras.Model(z, raw(x), name="sampler")

    def _encoding(self) -> Any:
        """Where pixels are binarized at random, it is by 0.5 here."""
        x = keras.Input(self.spec.input.shape, name=self.spec.input.name)
        half = np.float32(0.5)
        return keras.Model(x, self.encoder(self.observe(x, half)), name="q")


def _affine(
    spec: Spec, mean: Sequence[float], variance: Sequence[float]
) -> tuple[Array, Array]:
    """Returns offset and spread: pixels to `[0, 1]`, columns standardized."""
    scale = ValueScale(spec, mean, variance)
    if spec.input.kind == "image":
        return scale.shift - scale.scale, 2 * scale.scale
    return scale.shift, scale.scale


if TYPE_CHECKING:

    class _Offers(Generates, Measures, Encodes, ServesMore, Protocol): ...

    _: type[_Offers] = VAE
