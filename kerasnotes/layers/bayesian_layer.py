"""A linear layer whose every weight is a normal distribution."""

import dataclasses
import random
from typing import Any, Literal

import keras
from keras import ops

from kerasnotes.layers.prior import Prior
from kerasnotes.types import Shape, Tensor

TINY = 1e-16
"""Added to a variance: the slope of a square root is infinite at 0."""


class Posterior:
    """A tensor of independent normal weights, `N(mean, softplus(rho)^2)`.

    Args:
        mean: Variable `(...)`.
        rho: Variable `(...)`, so that any number is a valid deviation.
    """

    def __init__(self, mean: Any, rho: Any) -> None:
        self.mean, self.rho = mean, rho

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.mean.shape)

    @property
    def std(self) -> Tensor:
        # Float32 whatever the precision: squares of it are small.
        return ops.softplus(ops.cast(self.rho, "float32"))

    def draw(self, noise: Tensor) -> Tensor:
        """Returns `mean + std * noise`, float32."""
        return ops.cast(self.mean, "float32") + self.std * noise


class BayesianLayer(keras.layers.Layer):
    """Base: `y = x * kernel + bias` with uncertain kernel and bias.

    Training draws, by one of two estimators of the same expectation:

        bbb:  one kernel and bias a batch, y = x * w + b
        lrt:  one y an output element, from its own normal distribution,
              mean = x * E[w] + E[b],   variance = x^2 * V[w] + V[b]

    The second has less noise: examples of a batch do not share it. Training
    adds the divergence from the prior to `losses`, in nats, unweighted.
    Otherwise the means are used and nothing is drawn.

    Where the notes differ: their variance is `alpha` times the squared mean
    (variational dropout), which belongs to a log-uniform prior, whose
    divergence is another; and their noise is one number a filter.

    Args:
        estimator: `"lrt"` or `"bbb"`.
        prior: A `Prior`, or its fields by name.
        initial_rho: Of every weight; `softplus(-5) = 0.0067`.
        seed: Of the layer's draws; `None` takes one from Python's generator.

    Reference:
        Blundell et al., 2015, section 3.2. https://arxiv.org/abs/1505.05424
        Kingma et al., 2015, section 2.2. https://arxiv.org/abs/1506.02557
    """

    def __init__(
        self,
        *,
        estimator: Literal["lrt", "bbb"] = "lrt",
        prior: Prior | dict[str, Any] = Prior(),
        initial_rho: float = -5.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if estimator not in ("lrt", "bbb"):
            raise ValueError(
                "`estimator` must be 'lrt' or 'bbb'. Received: "
                f"estimator={estimator!r}"
            )
        self.estimator = estimator
        self.prior = Prior(**prior) if isinstance(prior, dict) else prior
        self.initial_rho = initial_rho
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(
            random.randint(1, 10**9) if seed is None else seed
        )

    def build_posteriors(self, kernel_shape: Shape) -> None:
        """Makes `kernel` and `bias`; the last axis is the output's."""
        self.kernel = self._posterior("kernel", kernel_shape, "he_normal")
        self.bias = self._posterior("bias", kernel_shape[-1:], "zeros")
        self.built = True

    def _posterior(self, name: str, shape: Shape, initializer: str) -> Any:
        mean = self.add_weight(
            shape=shape, initializer=initializer, name=f"{name}_mean"
        )
        rho = self.add_weight(
            shape=shape,
            initializer=keras.initializers.Constant(self.initial_rho),
            name=f"{name}_rho",
        )
        return Posterior(mean, rho)

    def linear(self, x: Tensor, kernel: Tensor) -> Tensor:
        """Returns `x * kernel`, the layer's product."""
        raise NotImplementedError

    def noise(self, shape: Shape) -> Tensor:
        """Returns standard normal numbers, float32."""
        return keras.random.normal(shape, seed=self.seed_generator)

    def call(self, x: Tensor, training: bool = False) -> Tensor:
        if not training:
            return self._affine(x, self.kernel.mean, self.bias.mean)
        if self.estimator == "lrt":
            self.add_loss(self.kl())
            return self._sample_output(x)
        drawn = [p.draw(self.noise(p.shape)) for p in self.posteriors]
        self.add_loss(self.kl(drawn))
        return self._affine(x, *drawn)

    @property
    def posteriors(self) -> tuple[Posterior, Posterior]:
        return self.kernel, self.bias

    def _affine(self, x: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
        kernel, bias = (ops.cast(w, x.dtype) for w in (kernel, bias))
        return self.linear(x, kernel) + bias

    def _sample_output(self, x: Tensor) -> Tensor:
        mean = self._affine(x, self.kernel.mean, self.bias.mean)
        variance = self._affine(
            ops.square(x), *(ops.square(p.std) for p in self.posteriors)
        )
        noise = ops.cast(self.noise(ops.shape(mean)), x.dtype)
        wide = ops.cast(variance, "float32") + TINY
        return mean + ops.cast(ops.sqrt(wide), x.dtype) * noise

    def kl(self, drawn: list[Tensor] | None = None) -> Tensor:
        """Returns the divergence of posterior from prior, scalar, nats.

        Args:
            drawn: The kernel and bias in use. Without a closed form the
                divergence is taken at these; if `None`, at a new draw.
        """
        if drawn is None and not self.prior.closed_form:
            drawn = [p.draw(self.noise(p.shape)) for p in self.posteriors]
        total = 0.0
        for number, posterior in enumerate(self.posteriors):
            total = total + self.prior.kl(
                ops.cast(posterior.mean, "float32"),
                posterior.std,
                drawn[number] if drawn else None,
            )
        return total

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "estimator": self.estimator,
            "prior": dataclasses.asdict(self.prior),
            "initial_rho": self.initial_rho,
            "seed": self.seed,
        }
