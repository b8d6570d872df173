"""Configuration of the recurrent networks with gates."""

from typing import Literal

import pydantic

from kerasnotes.contracts.recurrent import RecurrentConfig


class LSTMConfig(RecurrentConfig):
    """Sizes and variants of the recurrent networks with gates."""

    cell: Literal["lstm", "gru"] = pydantic.Field(
        "lstm",
        description="lstm: three gates and a memory; gru: two gates, none",
    )
