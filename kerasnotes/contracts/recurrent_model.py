"""What the notes of recurrent layers have in common: a state carried on."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasnotes.base.types import Array, Tensor
from kerasnotes.contracts.fitting import check_translates
from kerasnotes.contracts.recurrent import RecurrentConfig
from kerasnotes.contracts.sequence_model import SequenceModel
from kerasnotes.data.spec import Spec
from kerasnotes.layers.linear_path import answer_series
from kerasnotes.layers.recurrent.stack import Cell, Recurrence
from kerasnotes.layers.recurrent.states import (
    Carrying,
    Streams,
    carrying,
    read,
)
from kerasnotes.layers.recurrent.translation import (
    RecurrentSteps,
    Translation,
)
from kerasnotes.layers.sequence_start import begin


class RecurrentModel(SequenceModel):
    """Base of the notes whose layers are recurrent.

    Those of a language answer at every step, and their states can be handed
    from a window to the next: it is as if the windows were one.
    """

    _carrying: Carrying | None = None
    _streams: Streams | None = None

    def first_state(self, count: int) -> list[Array]:
        return [np.zeros((count, n), "float32") for n in self._carry().units]

    def read_on(
        self, ids: Array, states: list[Array]
    ) -> tuple[Array, list[Array]]:
        given = [np.asarray(ids, "int32"), *states]
        logits, *after = self._carry().model.predict_on_batch(given)
        return np.asarray(logits), [np.asarray(one) for one in after]

    @property
    def room(self) -> int | None:
        return None

    def empty_memory(self, count: int) -> list[Tensor]:
        return self.first_state(count)

    def advance(
        self,
        ids: Tensor,
        memory: list[Tensor],
        place: Any,
        present: Tensor | None = None,
    ) -> tuple[Tensor, list[Tensor]]:
        return read(self, ids, memory, present)

    @property
    def carries(self) -> bool:
        config: Any = self.note_config
        return bool(config.carried) and self.spec.target.kind == "next_token"

    def carry(self, rows: int, steps: int, parts: int) -> None:
        self._streams = self._streams or Streams(self, rows)
        self._streams.cut(steps, parts)

    def call(
        self, inputs: Any, training: bool | None = None, mask: Any = None
    ) -> Any:
        if self._streams is None or not training:
            return super().call(inputs, training=training, mask=mask)
        return self._streams(inputs)

    def save_own_variables(self, _: Any) -> None:
        """Writes none: those of the streams are of the run, not the model."""

    def step_decoder(self) -> RecurrentSteps:
        check_translates(self.spec)
        return RecurrentSteps(self)

    def alignment(self, x: Array, y: Array) -> Array:
        return self.step_decoder().alignment(x, y)

    def _carry(self) -> Carrying:
        if self._carrying is None:
            self._carrying = carrying(self)
        return self._carrying


def recurrent_network(
    cell: Cell,
    config: RecurrentConfig,
    spec: Spec,
    mean: Sequence[float],
    variance: Sequence[float],
) -> tuple[Any, Tensor]:
    """Returns a network's inputs, and what it answers.

    Of a series, a text or a language that is what is asked for; of a
    translation, logits of every token of the target.

    Args:
        cell: Of its layers.
        config: Sizes and variants.
        spec: The data.
        mean: Per column, of raw training values.
        variance: Per column, of raw training values.
    """
    rates = config.dropout, config.recurrent_dropout
    written = config.implementation == "written"
    if spec.target.kind == "sequence":
        return Translation(
            cell,
            config.widths,
            config.embedding,
            config.bidirectional,
            *rates,
            written,
        )(spec)
    given, x, mask = begin(
        spec, config.embedding, mean, variance, config.dropout
    )
    x = Recurrence(
        cell,
        config.widths,
        config.bidirectional,
        *rates,
        written,
        whole=spec.target.kind == "next_token",
    )(x, mask)
    line = (config.has_line, (mean, variance))
    return given.all, answer_series(x, given, spec, *line)
