"""Configuration of the Kolmogorov-Arnold network."""

import re
from typing import Any, Self

import pydantic

from kerasnotes.contracts.config import ScaledConfig, batch_size_for
from kerasnotes.data.spec import Spec
from kerasnotes.notes.kan.symbolic.forms import NAMES

Width = pydantic.conint(ge=1, le=4_096)
Products = pydantic.conint(ge=0, le=1_000)
Cells = pydantic.conint(ge=1, le=200)
SOLVED = 20_000
"""Rows of a table of measured values up to which L-BFGS is the default."""
GRIDS = 3, 5, 10, 20, 50
"""One after another, where L-BFGS is the default."""
INPUTS, ANSWERS = 6, 2
"""Columns up to which a formula is looked for by default."""
NODES = 5
"""Of the hidden layer then."""
ENOUGH = 5
"""Rows a weight, from which on it is: fewer are learned by heart. Of 309
patients a network of 385 weights learned all the noise (RMSE 105, a ridge
regression 59, by AdamW 58)."""


class KANConfig(ScaledConfig):
    """Sizes of a Kolmogorov-Arnold network, and how it is solved."""

    takes = ("image", "table", "series")
    of_solver = ("sparsity", "prune")

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

    products: tuple[Products, ...] = pydantic.Field(  # type: ignore[valid-type]
        (),
        description="nodes of each hidden layer that multiply two sums, "
        "beside its `widths`; none: of no layer",
    )
    sparsity: float = pydantic.Field(
        0.0,
        ge=0,
        le=100,
        description="factor of a penalty of many weak edges, while L-BFGS "
        "solves the first grid",
    )
    prune: float = pydantic.Field(
        0.0,
        ge=0,
        lt=1,
        description="strength, beside the strongest edge of the layer, below "
        "which L-BFGS cuts edges after the first grid, before it goes on",
    )
    formula: bool = pydantic.Field(
        False,
        description="whether `kn fit` ends by looking for a formula of "
        "measured values: files `formula.txt`, `.tex` and `.py`",
    )
    fix: tuple[str, ...] = pydantic.Field(
        (),
        description="what edges of the network are in that formula: "
        "`1,2,1=sin` is the sine on the edge of layer 1 from input 2 to node "
        "1, `0` cuts it",
    )

    @pydantic.model_validator(mode="after")
    def _check_nodes(self) -> Self:
        if self.products and len(self.products) != len(self.widths):
            raise ValueError(
                f"products={list(self.products)} has not one number for each "
                f"of widths={list(self.widths)}"
            )
        for told in self.fix:
            read_fix(told)
        return self

    @property
    def solvers(self) -> tuple[str, ...]:
        return ("lbfgs",)

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
        if not measured:
            return {}
        few = len(spec.input.columns) <= INPUTS
        few = few and len(spec.target.columns) <= ANSWERS
        return {"widths": (NODES,), "grids": GRIDS, "formula": few}


def read_fix(told: str) -> tuple[tuple[int, int, int], str]:
    """Returns the edge, counted from 0, and the name of its form.

    Args:
        told: As `1,2,1=sin`.

    Raises:
        ValueError: If it is none.
    """
    found = re.fullmatch(r"([1-9]\d*),([1-9]\d*),([1-9]\d*)=(\S+)", told)
    if found is None or found[4] not in NAMES:
        raise ValueError(
            f"`{told}` is no form of an edge: LAYER,INPUT,NODE=FORM, counted "
            f"from 1, of the forms {', '.join(NAMES)}"
        )
    layer, place, node = (int(part) - 1 for part in found.groups()[:3])
    return (layer, place, node), found[4]
