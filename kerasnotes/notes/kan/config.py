"""Configuration of the Kolmogorov-Arnold network."""

from typing import Any

import pydantic

from kerasnotes.contracts.config import ScaledConfig, batch_size_for
from kerasnotes.data.spec import Spec

Width = pydantic.conint(ge=1, le=4_096)
Cells = pydantic.conint(ge=1, le=200)
SOLVED = 20_000
"""Rows of a table of measured values up to which L-BFGS is the default."""
GRIDS = 3, 5, 10, 20, 50
"""One after another, where L-BFGS is the default."""
NODES = 5
"""Of the hidden layer then."""
ENOUGH = 5
"""Rows a weight, from which on it is: fewer are learned by heart. Of 309
patients a network of 385 weights learned all the noise (RMSE 105, a ridge
regression 59, by AdamW 58)."""


class KANConfig(ScaledConfig):
    """Sizes of a Kolmogorov-Arnold network, and how it is solved."""

    takes = ("image", "table", "series")
    has_solver = True

    widths: tuple[Width, ...] = pydantic.Field(  # type: ignore[valid-type]
        (64,), description="nodes of each hidden layer"
    )
    grids: tuple[Cells, ...] = pydantic.Field(  # type: ignore[valid-type]
        (5,),
        min_length=1,
        description="cells of each grid; of several, L-BFGS takes one after "
        "another, each where the validation part gains by it, and AdamW the "
        "first",
    )
    order: int = pydantic.Field(
        3, ge=1, le=7, description="of the splines; 3: cubic"
    )
    scale: bool = pydantic.Field(
        False,
        description="whether every spline has a factor before it, as in the "
        "paper: more to learn, nothing more to say",
    )
    iterations: int = pydantic.Field(
        1_000, ge=1, le=1_000_000, description="of L-BFGS on each grid"
    )

    def optimizer_for(self, spec: Spec, examples: int) -> str:
        if (spec.input.kind, spec.target.kind) != ("table", "values"):
            return "adamw"
        sides = len(spec.input.columns) + len(spec.target.columns)
        weights = sides * NODES * (GRIDS[0] + self.order + 1)
        few = examples < ENOUGH * weights
        return "adamw" if few or examples > SOLVED else "lbfgs"

    def train_defaults(self, spec: Spec, examples: int) -> dict[str, Any]:
        return {
            "batch_size": batch_size_for(examples),
            "epochs": 20,
            "learning_rate": 2e-3,
        }

    def solver_defaults(self, examples: int) -> dict[str, Any]:
        return {"epochs": len(self.grids)}

    def model_defaults(self, spec: Spec) -> dict[str, Any]:
        measured = (spec.input.kind, spec.target.kind) == ("table", "values")
        return {"widths": (NODES,), "grids": GRIDS} if measured else {}
