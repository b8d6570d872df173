"""Sizes, prior, estimator and objective of the Bayesian CNN."""

from typing import Any, Literal

import pydantic

from kerasnotes.contracts.config import NoteConfig, batch_size_for
from kerasnotes.data.spec import Spec

Scheme = Literal["uniform", "blundell", "soenderby", "fixed"]
"""How an epoch's batches share the divergence; see `kl_weight`."""

TEMPERING = 0.1
"""Of the ELBO's KL term, unless told otherwise: with all of it, a normal
posterior of so many weights is under-confident on MNIST (ECE 0.023, not
0.006) and right for 96, not 98 of 100 of the 360 small digits of the test."""


class BCNNConfig(NoteConfig):
    """Sizes and variants of the Bayesian CNN."""

    network: Literal["lenet", "3conv3fc", "alexnet-small"] = pydantic.Field(
        "lenet", description="the layers"
    )
    width: float = pydantic.Field(
        2.0, gt=0, le=64, description="factor of every layer's units"
    )
    activation: Literal["softplus", "relu", "elu", "tanh"] = pydantic.Field(
        "relu", description="after each hidden layer; increasing ones"
    )
    estimator: Literal["lrt", "bbb"] = pydantic.Field(
        "lrt", description="local reparameterization, or sampled weights"
    )
    prior: Literal["gaussian", "mixture"] = pydantic.Field(
        "gaussian", description="of every weight and bias, mean 0"
    )
    prior_std: float = pydantic.Field(
        0.2, gt=0, le=1000, description="standard deviation, or the wide one"
    )
    prior_narrow: float = pydantic.Field(
        0.01, gt=0, le=1000, description="standard deviation, mixture only"
    )
    prior_weight: float = pydantic.Field(
        0.5, gt=0, lt=1, description="of the wide part, mixture only"
    )
    initial_rho: float = pydantic.Field(
        -4.0, ge=-20, le=5, description="posterior std starts at softplus of it"
    )
    kl: Scheme = pydantic.Field(
        "fixed", description="how batches share the KL term; uniform: the ELBO"
    )
    beta: float | None = pydantic.Field(
        None,
        ge=0,
        le=1000,
        description="weight of the KL term if kl=fixed; null: 0.1",
    )
    samples: int = pydantic.Field(
        10, ge=1, le=10_000, description="Monte-Carlo passes of a prediction"
    )

    @pydantic.model_validator(mode="after")
    def _check(self) -> "BCNNConfig":
        if self.beta is not None and self.kl != "fixed":
            raise ValueError(
                f"`beta={self.beta:g}` needs `kl=fixed`; `kl={self.kl}` weighs "
                "the KL term by itself."
            )
        if self.prior == "mixture" and self.prior_narrow >= self.prior_std:
            raise ValueError(
                "`prior_narrow` must be below `prior_std` "
                f"({self.prior_std:g})."
            )
        return self

    @property
    def tempering(self) -> float:
        """Weight of the KL term if `kl=fixed`; 1 is the ELBO."""
        return TEMPERING if self.beta is None else self.beta

    def train_defaults(self, spec: Spec, examples: int) -> dict[str, Any]:
        return {
            "batch_size": batch_size_for(examples, 256),
            "epochs": 10 if examples >= 10_000 else 60,
            "learning_rate": 2e-3,
            # The prior is what keeps weights small.
            "weight_decay": 0.0,
            "clip_norm": None,
        }
