"""What tokens are made of, and what is made of them."""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Shape, Tensor
from kerasnotes.layers.missing_rows import last_present


@keras.saving.register_keras_serializable("kerasnotes")
class Patches(keras.layers.Layer):
    """Joins neighbouring rows of a series into tokens.

    If the rows are no multiple, the first one is repeated before them, so
    that the last token ends with the last row.

    Args:
        size: Rows of a token.

    Call arguments:
        x: Tensor `(B, T, D)`.

    Returns:
        Tensor `(B, ceil(T / size), size D)`.

    Reference:
        Nie et al., 2023, section 3.1. https://arxiv.org/abs/2211.14730
    """

    def __init__(self, size: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = size

    def call(self, x: Tensor) -> Tensor:
        count, width = self.compute_output_shape(x.shape)[1:]
        missing = count * self.size - x.shape[1]
        if missing:
            first = ops.repeat(x[:, :1], missing, axis=1)
            x = ops.concatenate([first, x], axis=1)
        return ops.reshape(x, (-1, count, width))

    def compute_output_shape(self, input_shape: Shape) -> Any:
        rows, width = input_shape[1] or 0, input_shape[2] or 0
        return (input_shape[0], -(-rows // self.size), self.size * width)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size}


@keras.saving.register_keras_serializable("kerasnotes")
class ColumnsApart(keras.layers.Layer):
    """Makes each column a series of its own: `(B, T, K)` to `(B K, T, 1)`."""

    def call(self, x: Tensor) -> Tensor:
        rows = x.shape[1]
        return ops.reshape(ops.transpose(x, (0, 2, 1)), (-1, rows, 1))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (None, input_shape[1], 1)


@keras.saving.register_keras_serializable("kerasnotes")
class WindowScale(keras.layers.Layer):
    """Takes the mean from each window and divides by its deviation.

    What is constant over a window says nothing of its shape: the next year
    has another level than the training part.

    Args:
        epsilon: Added to the variance.

    Call arguments:
        x: Tensor `(B, T, 1)`.

    Returns:
        Tensor `(B, T, 1)`, and the deviations `(B, 1)`.

    Reference:
        Kim et al., 2022, Reversible instance normalization.
        https://openreview.net/forum?id=cGDAkQo1C0p
    """

    def __init__(self, epsilon: float = 1e-5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def call(self, x: Tensor) -> tuple[Tensor, Tensor]:
        mean = ops.mean(x, axis=1, keepdims=True)
        deviation = ops.sqrt(ops.var(x, axis=1, keepdims=True) + self.epsilon)
        return (x - mean) / deviation, deviation[:, 0]

    def compute_output_shape(self, input_shape: Shape) -> Any:
        return input_shape, (input_shape[0], 1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "epsilon": self.epsilon}


@keras.saving.register_keras_serializable("kerasnotes")
class ColumnsTogether(keras.layers.Layer):
    """Puts columns beside each other again: `(B K, F)` to `(B, K, F)`.

    Args:
        count: `K`.
    """

    def __init__(self, count: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.count = count

    def call(self, x: Tensor) -> Tensor:
        return ops.reshape(x, (-1, self.count, x.shape[-1]))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (None, self.count, input_shape[-1])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "count": self.count}


@keras.saving.register_keras_serializable("kerasnotes")
class Pooling(keras.layers.Layer):
    """Makes one vector of all tokens.

    Args:
        kind: `mean`; `first` or `last` token; or `all`, one after another.

    Call arguments:
        x: Tensor `(B, T, D)`.
        present: Bool tensor `(B, T)`, which tokens are there, the first
            ones: `last` is the last of them. By default all.

    Returns:
        Tensor `(B, D)`; of `all`, `(B, T D)`.
    """

    def __init__(self, kind: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = kind

    def call(self, x: Tensor, present: Tensor | None = None) -> Tensor:
        if present is not None and self.kind == "last":
            return last_present(x, present)
        if self.kind == "mean":
            return ops.mean(x, axis=1)
        if self.kind == "all":
            return ops.reshape(x, (-1, x.shape[1] * x.shape[2]))
        return x[:, 0 if self.kind == "first" else -1]

    def compute_output_shape(
        self, x_shape: Shape, present_shape: Shape | None = None
    ) -> Shape:
        batch, tokens, width = x_shape
        if self.kind == "all":
            return (batch, (tokens or 0) * (width or 0))
        return (batch, width)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "kind": self.kind}


@keras.saving.register_keras_serializable("kerasnotes")
class Queries(keras.layers.Layer):
    """Learned tokens, the same for every example: what a decoder asks with.

    Args:
        count: `Q`.

    Call arguments:
        memory: Tensor `(B, S, D)`; its batch and width alone count.

    Returns:
        Tensor `(B, Q, D)`.
    """

    def __init__(self, count: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.count = count

    def build(self, input_shape: Shape) -> None:
        self.table = self.add_weight(
            shape=(self.count, input_shape[-1]),
            initializer=keras.initializers.RandomNormal(stddev=1.0),
            name="table",
        )

    def call(self, memory: Tensor) -> Tensor:
        shape = (ops.shape(memory)[0], self.count, memory.shape[-1])
        return ops.broadcast_to(ops.cast(self.table, memory.dtype), shape)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], self.count, input_shape[-1])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "count": self.count}
