"""Configuration of MADE."""

from typing import Any, Literal

import pydantic

from kerasnotes.contracts.autoregressive import (
    AutoregressiveConfig,
    usual_training,
)
from kerasnotes.data.spec import Spec

Width = pydantic.conint(ge=1, le=65_536)


class MADEConfig(AutoregressiveConfig):
    """Sizes and orders of MADE."""

    widths: tuple[Width, ...] = pydantic.Field(  # type: ignore[valid-type]
        (2000,), min_length=1, max_length=8, description="hidden units by layer"
    )
    order: Literal["raster", "random"] = pydantic.Field(
        "raster", description="of the pixels: as one reads, or drawn once"
    )
    orders: int = pydantic.Field(
        1,
        ge=1,
        le=1024,
        description="random orders that the network learns together; its "
        "likelihood is their mean",
    )
    order_seed: int = pydantic.Field(
        0, ge=0, lt=2**31, description="of random orders"
    )
    direct: bool = pydantic.Field(
        True, description="whether pixels also reach logits directly"
    )
    activation: Literal["relu", "gelu", "silu", "tanh", "elu"] = pydantic.Field(
        "relu", description="after each hidden layer"
    )
    dropout: float = pydantic.Field(
        0.0, ge=0, lt=1, description="rate after each hidden layer"
    )

    @pydantic.model_validator(mode="after")
    def _check_orders(self) -> "MADEConfig":
        if self.orders > 1 and self.order == "raster":
            raise ValueError(
                f"There is one raster order: orders={self.orders} need "
                "order=random."
            )
        return self

    def train_defaults(self, spec: Spec, examples: int) -> dict[str, Any]:
        training = usual_training(1.5e-3, examples)
        if examples < 10_000:
            return training
        return {**training, "batch_size": 128, "epochs": 30}
