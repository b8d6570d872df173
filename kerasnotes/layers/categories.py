"""A row of a table, its categories turned into vectors."""

import random
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Tensor

LONGEST = 50
"""Numbers that stand for one category, at most."""


def length(count: int) -> int:
    """Returns how many numbers stand for one of `count` categories.

    Reference:
        Howard & Gugger, fastai, `emb_sz_rule`: `min(600, 1.6 n^0.56)`; here
        at most 50.
    """
    return min(LONGEST, round(1.6 * count**0.56) or 1)


@keras.saving.register_keras_serializable("kerasnotes")
class Categories(keras.layers.Layer):
    """Puts a learned vector in the place of each categorical column.

    Number 0 of a column is an unknown category. In training, categories are
    hidden at random, so that its vector is learned as well: what to answer
    if nothing is known of the column.

    Args:
        counts: Known categories of each column, 0 for numbers, `D` of them.
        hidden: Part of the categories hidden in training, in `[0, 1)`.
        seed: Of what is hidden; by default drawn from Python's generator,
            which `keras.utils.set_random_seed` has set.
        name: The layer's name.

    Call arguments:
        x: Tensor `(B, D)`, raw; numbers of categories from 1.

    Returns:
        Tensor `(B, E)`: the vectors of all categorical columns, in order.
    """

    def __init__(
        self,
        counts: Sequence[int],
        hidden: float = 0.02,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.counts = [int(count) for count in counts]
        self.hidden = float(hidden)
        self.seed = random.randint(1, 10**9) if seed is None else seed
        self.random = keras.random.SeedGenerator(self.seed)

    @property
    def places(self) -> list[int]:
        """Which columns hold categories."""
        return [place for place, count in enumerate(self.counts) if count]

    def build(self, input_shape: Any) -> None:
        self.tables = [
            self.add_weight(
                (self.counts[place] + 1, length(self.counts[place])),
                keras.initializers.RandomNormal(stddev=1.0),
                name=f"column{place}",
            )
            for place in self.places
        ]
        self.built = True

    def call(self, x: Tensor, training: bool | None = None) -> Tensor:
        picked = ops.take(x, self.places, axis=1)
        if training and self.hidden:
            kept = keras.random.uniform(
                ops.shape(picked), seed=self.random
            ) >= ops.convert_to_tensor(self.hidden, "float32")
            picked = picked * ops.cast(kept, picked.dtype)
        found = []
        for column, table in enumerate(self.tables):
            code = ops.cast(ops.round(picked[:, column]), "int32")
            # What no table holds is unknown, not the last category.
            known = ops.logical_and(code > 0, code < table.shape[0])
            code = ops.where(known, code, 0)
            found.append(ops.take(table, code, axis=0))
        return ops.concatenate(found, axis=-1)

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        width = sum(length(self.counts[place]) for place in self.places)
        return (input_shape[0], width)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "counts": self.counts,
            "hidden": self.hidden,
            "seed": self.seed,
        }


@keras.saving.register_keras_serializable("kerasnotes")
class PickColumns(keras.layers.Layer):
    """Keeps some columns of a table, or of a series.

    Args:
        places: Which, in order.
        name: The layer's name.

    Call arguments:
        x: Tensor `(B, D)` or `(B, T, D)`.

    Returns:
        Tensor `(B, len(places))` or `(B, T, len(places))`.
    """

    def __init__(self, places: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.places = [int(place) for place in places]

    def call(self, x: Tensor) -> Tensor:
        return ops.take(x, self.places, axis=-1)

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        return (*input_shape[:-1], len(self.places))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "places": self.places}
