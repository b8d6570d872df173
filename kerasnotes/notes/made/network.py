"""Dense layers whose masks make every logit see earlier pixels alone."""

import math
from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Shape, Tensor
from kerasnotes.layers.dropout import dropout
from kerasnotes.notes.made.degrees import hidden_degrees, pixel_orders


@keras.saving.register_keras_serializable("kerasnotes")
class MaskedLayers(keras.layers.Layer):
    """Masked hidden layers, and logits of every pixel.

        h_1 = g((W_1 . [m_k >= d_i]) x + b_1),   h_l alike
        logits = (V . [d_i > m_k]) h + (A . [d_i > d_j]) x + c

    Args:
        widths: Hidden units by layer.
        outputs: Logits of a pixel.
        order: `raster` or `random`.
        orders: How many.
        order_seed: Of random ones.
        direct: Whether there is `A`.
        activation: `g`, Keras' name.
        rate: Of dropout after each hidden layer.
        classes: That it is told of; 0 for none.

    Call arguments:
        x: Tensor `(B, H, W, C)` in `[-1, 1]`.
        labels: Integer Tensor `(B,)`, or `None`.
        order: Number of the order, integer scalar.

    Returns:
        Tensor `(B, H, W, C, outputs)`.

    Attributes:
        sequence: Pixels by number, `(orders, D)`, first first; kept with the
            weights, so that a file does not depend on how they were drawn.

    Reference:
        Germain et al., 2015, eq. (8) to (15), algorithm 1.
        https://arxiv.org/abs/1502.03509
    """

    def __init__(
        self,
        widths: tuple[int, ...],
        outputs: int,
        *,
        order: str = "raster",
        orders: int = 1,
        order_seed: int = 0,
        direct: bool = True,
        activation: str = "relu",
        rate: float = 0.0,
        classes: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.widths, self.outputs = tuple(widths), outputs
        self.order, self.orders, self.order_seed = order, orders, order_seed
        self.direct, self.activation, self.rate = direct, activation, rate
        self.classes = classes
        self.drops = [dropout(rate, f"drop{n}") for n in range(len(widths))]
        self.act = keras.activations.get(activation)

    def build(self, input_shape: Shape) -> None:
        size = self.size = math.prod(int(side or 0) for side in input_shape[1:])
        drawn = pixel_orders(self.order, self.orders, size, self.order_seed)
        self.sequence = self.add_weight(
            shape=drawn.shape,
            initializer="zeros",
            dtype="int32",
            trainable=False,
            name="sequence",
        )
        self.sequence.assign(drawn)
        self.hidden = [hidden_degrees(units, size) for units in self.widths]
        before, self.kernels, self.biases = size, [], []
        for number, units in enumerate(self.widths, start=1):
            self.kernels.append(
                self._weight(f"kernel{number}", (before, units), before)
            )
            self.biases.append(self._weight(f"bias{number}", (units,)))
            before = units
        logits = (size, self.outputs)
        self.last = self._weight("last", (before, *logits), before)
        self.last_bias = self._weight("last_bias", logits)
        self.shortcut = None
        if self.direct:
            self.shortcut = self._weight("direct", (size, *logits))
        self.told = None
        if self.classes:
            width = self.widths[0] + size * self.outputs
            self.told = self._weight("class", (self.classes, width))

    def _weight(self, name: str, shape: Shape, fan_in: int = 0) -> Any:
        """Adds a weight; without `fan_in`, of zeros. Half is masked."""
        start: Any = "zeros"
        if fan_in:
            start = keras.initializers.RandomNormal(0.0, (2.0 / fan_in) ** 0.5)
        return self.add_weight(shape=shape, initializer=start, name=name)

    def call(
        self,
        x: Tensor,
        labels: Tensor | None = None,
        order: Any = 0,
        training: bool = False,
    ) -> Tensor:
        shape = tuple(x.shape[1:])
        x = ops.reshape(x, (-1, self.size))
        places = self.places(order)
        to_hidden, to_logits = self.class_terms(labels)
        h, degrees = x, places
        for n, own in enumerate(self.hidden):
            kernel = self.kernels[n] * _seen(degrees, own, h.dtype)
            h = ops.matmul(h, kernel) + self.biases[n]
            h = self.act(h + to_hidden if n == 0 else h)
            h = self.drops[n](h, training=training)
            degrees = own
        logits = self._logits(h, self.last, _seen(degrees, places - 1, h.dtype))
        if self.shortcut is not None:
            mask = _seen(places, places - 1, x.dtype)
            logits = logits + self._logits(x, self.shortcut, mask)
        logits = logits + ops.reshape(self.last_bias, (-1,)) + to_logits
        return ops.reshape(logits, (-1, *shape, self.outputs))

    def _logits(self, h: Tensor, kernel: Any, mask: Tensor) -> Tensor:
        """Returns `(B, D outputs)`, from `(B, D')`."""
        kernel = kernel * mask[:, :, None]
        return ops.matmul(h, ops.reshape(kernel, (kernel.shape[0], -1)))

    def places(self, order: Any) -> Tensor:
        """Returns the degrees of the pixels in an order, `(D,)`, from 1."""
        chosen = ops.take(ops.convert_to_tensor(self.sequence), order, axis=0)
        return ops.argsort(chosen) + 1

    def class_terms(self, labels: Tensor | None) -> tuple[Any, Any]:
        """Returns what the class adds to `h_1` and to the logits."""
        if labels is None or self.told is None:
            return 0.0, 0.0
        told = ops.take(ops.convert_to_tensor(self.told), labels, axis=0)
        return told[:, : self.widths[0]], told[:, self.widths[0] :]

    def compute_output_shape(self, x_shape: Shape, *_: Any) -> Shape:
        return (*x_shape, self.outputs)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "widths": self.widths,
            "outputs": self.outputs,
            "order": self.order,
            "orders": self.orders,
            "order_seed": self.order_seed,
            "direct": self.direct,
            "activation": self.activation,
            "rate": self.rate,
            "classes": self.classes,
        }


def _seen(degrees: Any, own: Any, dtype: str) -> Tensor:
    """Returns 1 where a unit of degree `own` may see one of `degrees`."""
    may = ops.expand_dims(degrees, 1) <= ops.expand_dims(own, 0)
    return ops.cast(may, dtype)


def build_network(layer: MaskedLayers, shape: Shape) -> Any:
    """Returns the functional network of the first order.

    From `x`, `(B, H, W, C)`, and `label`, `(B,)`, if there are classes, to
    `logits`.
    """
    x = keras.Input(shape, name="x")
    if not layer.classes:
        return keras.Model(x, layer(x), name="pixels")
    label = keras.Input((), dtype="int32", name="label")
    return keras.Model([x, label], layer(x, label), name="pixels")
