"""The beginning of a network that reads sequences: series or texts."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from kerasnotes.base.types import Tensor
from kerasnotes.data.spec import Spec
from kerasnotes.layers.dropout import dropout
from kerasnotes.layers.standardization import standardization
from kerasnotes.layers.tokens import embed


def begin(
    spec: Spec,
    units: int,
    mean: Sequence[float],
    variance: Sequence[float],
    rate: float = 0.0,
) -> tuple[Any, Tensor, Tensor | None]:
    """Returns an input, the steps it holds, and which of them are no padding.

    Args:
        spec: The data: a series `(T, D)`, a text or a language `(T,)`.
        units: Numbers that a token becomes.
        mean: Per column of a series, of raw training values.
        variance: Per column of a series, of raw training values.
        rate: Of dropout of what tokens become.

    Returns:
        The input; a tensor `(B, T, D)`; and of texts one `(B, T)`, bool.
    """
    field = spec.input
    if field.kind == "tokens":
        # A window of any length; none of its tokens is padding.
        ids = keras.Input((None,), dtype="int32", name=field.name)
        x = layers.Embedding(field.vocabulary, units, name="embedding")(ids)
        return ids, dropout(rate, "embedding_dropout")(x) if rate else x, None
    if field.kind == "text":
        ids = keras.Input(field.shape, dtype="int32", name=field.name)
        x, mask = embed(ids, field, units, rate)
        return ids, x, mask
    series = keras.Input(field.shape, name=field.name)
    return series, standardization(mean, variance, "standardize")(series), None
