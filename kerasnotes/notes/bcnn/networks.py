"""The layers of the Bayesian CNNs, from the input to the logits.

Activations follow the pooling: for an increasing function `max` comes first
or last with the same result, and first it is applied to a quarter of the
values.

Reference:
    LeCun et al., 1998, figure 2. https://doi.org/10.1109/5.726791
    Krizhevsky, 2014 (AlexNet). https://arxiv.org/abs/1404.5997
    Shridhar et al., 2019 (3Conv3FC, AlexNet for 32 x 32 pixels).
    https://arxiv.org/abs/1901.02731

Departs from it:
    - LeNet with max-pooling and no padding of the image to 32 x 32: its
      first convolution is padded instead, which is the same for 28 x 28.
    - Padded convolutions and poolings otherwise, so that small images fit.
"""

import random
from collections.abc import Callable, Iterator
from typing import Any, Literal

from keras import layers

from kerasnotes.notes.bcnn.bayesian_conv import BayesianConv2D
from kerasnotes.notes.bcnn.bayesian_dense import BayesianDense
from kerasnotes.notes.bcnn.config import BCNNConfig
from kerasnotes.notes.bcnn.prior import make_prior

Chain = Iterator[Any]
Padding = Literal["same", "valid"]
LENET_VALID = 6
"""Least side for LeNet's unpadded 5x5 convolution and the pooling after."""


class _Maker:
    """Makes layers with the configuration's prior, estimator and width.

    Seeds come from Python's generator, which
    `keras.utils.set_random_seed` has set.
    """

    def __init__(self, config: BCNNConfig) -> None:
        self.config = config

    def _shared(self) -> dict[str, Any]:
        return {
            "prior": make_prior(self.config),
            "estimator": self.config.estimator,
            "initial_rho": self.config.initial_rho,
            "seed": random.randint(1, 10**9),
        }

    def _units(self, units: int) -> int:
        return max(1, round(units * self.config.width))

    def conv(
        self,
        name: str,
        filters: int,
        kernel_size: int,
        *,
        pool: int = 0,
        strides: int = 1,
        padding: Padding = "same",
    ) -> Chain:
        """Yields convolution, pooling of this side, activation."""
        yield BayesianConv2D(
            self._units(filters),
            kernel_size,
            strides=strides,
            padding=padding,
            name=name,
            **self._shared(),
        )
        if pool:
            yield layers.MaxPooling2D(
                pool, strides=2, padding="same", name=f"{name}_pool"
            )
        yield self.activation(name)

    def dense(self, name: str, units: int) -> Chain:
        """Yields a dense layer and its activation."""
        yield BayesianDense(self._units(units), name=name, **self._shared())
        yield self.activation(name)

    def activation(self, name: str) -> Any:
        return layers.Activation(
            self.config.activation, name=f"{name}_activation"
        )

    def logits(self, classes: int) -> Any:
        return BayesianDense(classes, name="logits", **self._shared())


def _lenet(make: _Maker, side: int) -> Chain:
    yield from make.conv("conv1", 6, 5, pool=2)
    wide = -(-side // 2) >= LENET_VALID
    padding: Padding = "valid" if wide else "same"
    yield from make.conv("conv2", 16, 5, pool=2, padding=padding)
    yield layers.Flatten(name="flatten")
    yield from make.dense("dense1", 120)
    yield from make.dense("dense2", 84)


def _three_conv(make: _Maker, side: int) -> Chain:
    yield from make.conv("conv1", 32, 5, pool=3)
    yield from make.conv("conv2", 64, 5, pool=3)
    yield from make.conv("conv3", 128, 5, pool=3)
    yield layers.Flatten(name="flatten")
    yield from make.dense("dense1", 1000)
    yield from make.dense("dense2", 1000)


def _alexnet_small(make: _Maker, side: int) -> Chain:
    yield from make.conv("conv1", 64, 11, strides=4, pool=2)
    yield from make.conv("conv2", 192, 5, pool=2)
    yield from make.conv("conv3", 384, 3)
    yield from make.conv("conv4", 256, 3)
    yield from make.conv("conv5", 128, 3, pool=2)
    yield layers.Flatten(name="flatten")


_NETWORKS: dict[str, Callable[[_Maker, int], Chain]] = {
    "lenet": _lenet,
    "3conv3fc": _three_conv,
    "alexnet-small": _alexnet_small,
}


def make_chain(config: BCNNConfig, side: int, classes: int) -> list[Any]:
    """Returns the network's layers, in order; the last gives the logits.

    Args:
        config: Network, width, prior, estimator.
        side: Shorter side of the images, pixels.
        classes: Number of outputs.
    """
    make = _Maker(config)
    return [*_NETWORKS[config.network](make, side), make.logits(classes)]
