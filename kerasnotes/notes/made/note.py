"""MADE: an autoencoder whose masks make of it a distribution.

    p(x) = prod_i p(x_i | pixels before it in the order)

One call of dense layers gives every factor: the likelihood is exact. Of
several orders it is the mean over them, `p = (p_1 + ... + p_M) / M`.

Reference:
    Germain et al., 2015. https://arxiv.org/abs/1502.03509

Departs from it:
    - Hidden degrees are evenly spread and the same for all orders; see
      `degrees.py`.
    - One order a batch, drawn; theirs come in turn.
    - As many levels as wanted, and classes.
    - Adam and averaged weights instead of Adagrad and Adadelta.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import keras
import numpy as np
from keras import ops

from kerasnotes.base.types import Tensor
from kerasnotes.contracts.capabilities import Generates, Measures, Restores
from kerasnotes.data.spec import Spec
from kerasnotes.inference.autoregressive import AutoregressiveModel
from kerasnotes.notes.made.config import MADEConfig
from kerasnotes.notes.made.drawing import Drawing
from kerasnotes.notes.made.network import MaskedLayers, build_network


@keras.saving.register_keras_serializable("kerasnotes")
class MADE(AutoregressiveModel):
    """Masked autoencoder of images of one size; see `AutoregressiveModel`.

    Args:
        config: Sizes, orders and levels.
        spec: The data.
        mean: Not used.
        variance: Not used.

    Raises:
        UsageError: If the data does not fit.
    """

    config_class = MADEConfig
    note_config: MADEConfig

    def __init__(
        self,
        config: MADEConfig,
        spec: Spec,
        mean: Sequence[float],
        variance: Sequence[float],
    ) -> None:
        super().__init__(name="made", dtype="float32")
        self.prepare(config, spec)
        # === Graph ===
        self.masked = MaskedLayers(
            config.widths,
            self.levels.outputs,
            order=config.order,
            orders=config.orders,
            order_seed=config.order_seed,
            direct=config.direct,
            activation=config.activation,
            rate=config.dropout,
            classes=spec.target.num_classes if config.conditional else 0,
            name="logits",
        )
        self.network = build_network(self.masked, config.pixel_size(spec))
        # === Config ===
        self.remember(config, spec, mean, variance)
        self.drawing = Drawing(self.masked, self.levels)
        self.built = True

    @property
    def restores(self) -> bool:
        return self.note_config.order == "raster"

    def log_likelihood(
        self, levels: Tensor, labels: Tensor | None, training: bool = False
    ) -> Tensor:
        count = self.note_config.orders
        if count == 1:
            return self.log_likelihood_in(0, levels, labels, training)
        if training:
            order = keras.random.randint((), 0, count, seed=self.seed_generator)
            return self.log_likelihood_in(order, levels, labels, training)

        def body(order: Tensor, total: Tensor) -> Tensor:
            one = self.log_likelihood_in(order, levels, labels)
            return ops.logaddexp(total, one)

        first = self.log_likelihood_in(0, levels, labels)
        return ops.fori_loop(1, count, body, first) - float(np.log(count))

    def log_likelihood_in(
        self,
        order: Any,
        levels: Tensor,
        labels: Tensor | None,
        training: bool = False,
    ) -> Tensor:
        """Returns `log p`, `(B,)`, nats, in one of the orders."""
        x = self.levels.scaled(levels)
        logits = self.masked(x, labels, order=order, training=training)
        return self.levels.log_likelihood(levels, logits)


if TYPE_CHECKING:

    class _Offers(Generates, Measures, Restores, Protocol): ...

    _: type[_Offers] = MADE
