"""A decoder step by step, as the rows come: keys and values are kept."""

from typing import Any, cast

import numpy as np
from keras import ops

from kerasnotes.base.errors import UsageError
from kerasnotes.base.types import Array
from kerasnotes.notes.transformer.config import TransformerConfig


class Stream:
    """Features of a series whose rows come one at a time.

    Args:
        model: A `Transformer` that is a decoder; its weights as they are.

    Raises:
        UsageError: If a token sees what comes after it, or is no single row
            of a series.
    """

    def __init__(self, model: Any) -> None:
        config = cast(TransformerConfig, model.note_config)
        rows = config.rows_per_token(model.spec)
        apart = config.is_apart(model.spec)
        series = model.spec.input.kind == "series"
        if config.network != "decoder" or rows > 1 or apart or not series:
            columns = "apart" if apart else "together"
            raise UsageError(
                "This transformer does not go on row by row.",
                expected="a series, network=decoder, columns=together, patch=1",
                received=f"a {model.spec.input.kind}, network="
                f"{config.network}, columns={columns}, patch={rows}",
            )
        self._layers = {layer.name: layer for layer in model.layers}
        self._length = int(model.spec.input.shape[0])
        self._caches = self._layers["decoder"].empty_caches(1, self._length)
        self._time = 0

    def step(self, row: Array) -> Array:
        """Takes the next row of the series.

        Args:
            row: Array `(D,)`, raw.

        Returns:
            Features `(width,)` of this step: what the whole network has
            there when it is given all rows so far.

        Raises:
            UsageError: If the series is longer than those of the training.
        """
        if self._time == self._length:
            raise UsageError(
                "The series is longer than the network's.",
                expected=f"{self._length} rows at most",
                received=f"row {self._time + 1}",
            )
        x = ops.convert_to_tensor(np.asarray(row, "float32")[None, None])
        for name in ("standardize", "embed"):
            if name in self._layers:
                x = self._layers[name](x)
        if "positions" in self._layers:
            x = self._layers["positions"](x, start=self._time)
        x, self._caches = self._layers["decoder"](
            x, caches=self._caches, index=self._time
        )
        self._time += 1
        features: Array = np.asarray(ops.convert_to_numpy(x))[0, 0]
        return features
