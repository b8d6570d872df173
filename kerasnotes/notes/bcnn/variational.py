"""A linear layer whose every weight is a normal distribution."""

from typing import Any, Literal

import keras
from keras import ops

from kerasnotes.backends.kernels.unit_normal import unit_normal
from kerasnotes.base.types import Shape, Tensor
from kerasnotes.notes.bcnn.prior import Prior

Estimator = Literal["lrt", "bbb"]
Noise = tuple[Tensor, Tensor]
FLOOR = 1e-16
"""Added to a variance: the slope of a root at 0 is infinite."""


class Variational(keras.layers.Layer):
    """Base of the Bayesian layers: `w ~ N(mean, softplus(rho)^2)`.

    In training it draws, in one of two ways with the same expectation:

        bbb   one `w = mean + std * eps` for the whole batch
        lrt   `a = f(x; mean) + sqrt(f(x^2; std^2)) * eps`, one `eps` for
              every output of every example: a gradient of less variance

    Outside of training the weights are their means, or, given `noise`,
    `mean + std * noise`.

    Args:
        units: Outputs (filters) of the layer, at least 1.
        prior: Of every weight, biases included; also as its JSON.
        estimator: `"lrt"` or `"bbb"`.
        initial_rho: Start of `rho`; -5 is a standard deviation of 0.0067.
        seed: Of the draws, or `None`.

    Call arguments:
        x: Tensor, the layer's input.
        training: Whether to draw.
        noise: `None`, or tensors from `N(0, 1)`, of the kernel's shape and
            of the bias's.

    Where the notes differ: their two feature maps are called mean and
    standard deviation, but the second convolution gives the variance, whose
    root multiplies the noise; and their variance is `alpha` times the
    squared mean (variational dropout), which goes with another prior.

    Reference:
        Blundell et al., 2015, section 3.2. https://arxiv.org/abs/1505.05424
        Kingma, Salimans & Welling, 2015, eq. (6).
        https://arxiv.org/abs/1506.02557
    """

    def __init__(
        self,
        units: int,
        *,
        prior: Prior | dict[str, Any],
        estimator: Estimator = "lrt",
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
        self.units, self.estimator = units, estimator
        self.prior = prior if isinstance(prior, Prior) else Prior(**prior)
        self.initial_rho = initial_rho
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def kernel_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the kernel, outputs last."""
        raise NotImplementedError

    def linear(self, x: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
        """Returns the layer's function for given weights."""
        raise NotImplementedError

    def build(self, input_shape: Shape) -> None:
        shape = self.kernel_shape(input_shape)
        rho = keras.initializers.Constant(self.initial_rho)
        self.kernel_mean = self.add_weight(
            shape=shape, initializer="he_normal", name="kernel_mean"
        )
        self.kernel_rho = self.add_weight(
            shape=shape, initializer=rho, name="kernel_rho"
        )
        self.bias_mean = self.add_weight(
            shape=(self.units,), initializer="zeros", name="bias_mean"
        )
        self.bias_rho = self.add_weight(
            shape=(self.units,), initializer=rho, name="bias_rho"
        )

    def call(
        self, x: Tensor, training: bool = False, noise: Noise | None = None
    ) -> Tensor:
        if noise is None and training and self.estimator == "lrt":
            return self._draw_outputs(x)
        if noise is None and training:
            noise = (self._noise(self.kernel_mean), self._noise(self.bias_mean))
        if noise is None:
            return self.linear(x, self.kernel_mean, self.bias_mean)
        kernel_noise, bias_noise = (
            ops.cast(part, self.compute_dtype) for part in noise
        )
        kernel = self.kernel_mean + self.kernel_std * kernel_noise
        bias = self.bias_mean + self.bias_std * bias_noise
        return self.linear(x, kernel, bias)

    def plain(self, x: Tensor) -> Tensor:
        """Returns the answer of the mean weights, by Keras' own layer."""
        twin = self.plain_layer()
        outputs = twin(x)
        weights = (self.kernel_mean, self.bias_mean)
        twin.set_weights([ops.convert_to_numpy(w) for w in weights])
        return outputs

    def plain_layer(self) -> Any:
        """Returns Keras' layer of fixed weights that does the same."""
        raise NotImplementedError

    def _draw_outputs(self, x: Tensor) -> Tensor:
        mean = self.linear(x, self.kernel_mean, self.bias_mean)
        variance = self.linear(
            ops.square(x),
            ops.square(self.kernel_std),
            ops.square(self.bias_std),
        )
        # In float32: the floor is 0 in float16.
        variance = ops.cast(variance, "float32") + FLOOR
        std = ops.cast(ops.sqrt(variance), mean.dtype)
        return mean + std * self._noise(mean)

    def _noise(self, like: Tensor) -> Tensor:
        return unit_noise(ops.shape(like), self.compute_dtype, self)

    @property
    def kernel_std(self) -> Tensor:
        return ops.softplus(self.kernel_rho)

    @property
    def bias_std(self) -> Tensor:
        return ops.softplus(self.bias_rho)

    def divergence(self) -> Tensor:
        """Returns `KL(q || p)` of all weights and biases, a scalar, nats."""
        total = 0.0
        for mean, std in (
            (self.kernel_mean, self.kernel_std),
            (self.bias_mean, self.bias_std),
        ):
            noise = self._noise(mean) if self.prior.sampled else None
            total = total + self.prior.divergence(mean, std, noise)
        return total

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "units": self.units,
            "prior": self.prior.to_json(),
            "estimator": self.estimator,
            "initial_rho": self.initial_rho,
            "seed": self.seed,
        }


def unit_noise(shape: Shape, dtype: str, layer: Variational) -> Tensor:
    """Draws from `N(0, 1)` with the layer's own generator."""
    return ops.cast(unit_normal(shape, layer.seed_generator), dtype)
