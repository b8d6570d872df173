"""Configuration of the spiking networks."""

from typing import Any, Literal

import pydantic

from kerasnotes.base.errors import UsageError
from kerasnotes.contracts.config import (
    InputScale,
    NoteConfig,
    batch_size_for,
)
from kerasnotes.contracts.fitting import check_images
from kerasnotes.data.spec import Spec

Width = pydantic.conint(ge=1, le=65_536)
MOST_STEPS = 256
"""A step is a piece of the compiled graph: more take minutes to compile."""


class SNNConfig(NoteConfig):
    """Sizes, neurons, and what the network is told and asked by."""

    takes = ("image", "table", "series")

    network: Literal["dense", "conv"] = pydantic.Field(
        "dense", description="dense layers; or convolutions and poolings first"
    )
    widths: tuple[Width, ...] = pydantic.Field(  # type: ignore[valid-type]
        (256,), description="neurons of each dense hidden layer"
    )
    filters: tuple[Width, ...] = pydantic.Field(  # type: ignore[valid-type]
        (16, 32),
        min_length=1,
        description="of each convolution; its currents are pooled by 2",
    )
    kernel_size: int = pydantic.Field(
        3, ge=1, le=15, description="side of the convolutions, pixels"
    )
    normalization: Literal["batch", "none"] = pydantic.Field(
        "none", description="of currents, before each layer of hidden neurons"
    )
    dropout: float = pydantic.Field(
        0.0, ge=0, lt=1, description="rate of each hidden layer's spikes"
    )
    steps: int = pydantic.Field(
        25,
        ge=1,
        le=MOST_STEPS,
        description="of time; a series has a step for each row instead",
    )
    encoding: Literal["direct", "rate", "latency", "log-latency", "delta"] = (
        pydantic.Field(
            "direct",
            description="numbers as currents; or spikes, by how often, by "
            "when, or, of a series, by changes",
        )
    )
    encoding_threshold: float = pydantic.Field(
        0.1,
        gt=0,
        lt=1,
        description="least number that fires by latency, least change that "
        "does by delta; over the range of the training part",
    )
    neuron: Literal[
        "lif", "synaptic", "alpha", "adaptive", "recurrent", "parallel"
    ] = pydantic.Field("lif", description="of the hidden layers")
    beta: float = pydantic.Field(
        0.95, gt=0, le=1, description="part of a membrane left after a step"
    )
    learn_beta: bool = pydantic.Field(
        False, description="whether each layer learns its own from there"
    )
    alpha: float | None = pydantic.Field(
        None,
        gt=0,
        lt=1,
        description="part of a synapse's current left after a step, of "
        "synaptic and alpha neurons; null: 0.9, of alpha halfway from beta "
        "to 1",
    )
    threshold: float = pydantic.Field(
        1.0, gt=0, description="membrane above which a neuron fires"
    )
    reset: Literal["subtract", "zero", "none"] = pydantic.Field(
        "subtract", description="what a spike takes from its membrane"
    )
    delay: bool = pydantic.Field(
        True, description="whether it does so a step later, as in snnTorch"
    )
    surrogate: Literal[
        "arctan", "fast-sigmoid", "sigmoid", "triangular", "straight-through"
    ] = pydantic.Field("arctan", description="slope that stands in for a step")
    slope: float | None = pydantic.Field(
        None,
        gt=0,
        description="how steep; null: 2, 25, 25, 1, 1 by surrogate",
    )
    loss: Literal[
        "rate", "count", "membrane", "max-membrane", "first-spike"
    ] = pydantic.Field(
        "count",
        description="what answers and is held to the class: the output's "
        "spikes or membranes, each step of them or all together; measured "
        "values are the mean membrane",
    )
    population: int = pydantic.Field(
        1, ge=1, le=1_000, description="output neurons for each class"
    )

    @property
    def input_scale(self) -> InputScale:
        # Codes are made of numbers between 0 and 1.
        return "standard" if self.encoding == "direct" else "min-max"

    @property
    def synapse(self) -> float:
        """Part of a synapse's current that is left after a step."""
        if self.alpha is not None:
            return self.alpha
        return (1 + self.beta) / 2 if self.neuron == "alpha" else 0.9

    def model_defaults(self, spec: Spec) -> dict[str, Any]:
        return {"loss": "membrane"} if spec.target.kind == "values" else {}

    def train_defaults(self, spec: Spec, examples: int) -> dict[str, Any]:
        # A step of Adam moves a neuron's current by the rate for each input,
        # and a membrane adds currents up: `784-1000-10` learns best at 5e-4.
        widest = max(self.widths, default=1)
        rate = 10 * (1 - self.beta) / widest
        return {
            "batch_size": batch_size_for(examples),
            "epochs": 30,
            "learning_rate": min(2e-3, max(2e-4, round(rate, 5))),
        }

    @pydantic.model_validator(mode="after")
    def _check(self) -> "SNNConfig":
        """Refuses what the neurons cannot be."""
        if self.neuron == "alpha":
            if self.learn_beta or not self.delay:
                raise ValueError(
                    "neuron=alpha has a fixed beta and resets with delay"
                )
            if self.synapse <= self.beta:
                raise ValueError("neuron=alpha needs an alpha above beta")
        if self.neuron == "recurrent" and self.network == "conv":
            raise ValueError(
                "neuron=recurrent is for network=dense: every neuron of a "
                "layer hears all others"
            )
        return self


def steps_for(config: SNNConfig, spec: Spec) -> int:
    """Returns T: a series' rows, or what the configuration says."""
    if spec.input.kind != "series":
        return config.steps
    return int(spec.input.shape[0] or 0)


def check_fits(config: SNNConfig, spec: Spec) -> None:
    """Refuses data that the network cannot be made for.

    Raises:
        UsageError: Says what was expected.
    """
    if config.network == "conv":
        check_images(spec, "snn")
    kind, shape = spec.input.kind, spec.input.shape
    if spec.target.kind not in ("class", "values"):
        raise UsageError(
            f"The data set `{spec.name}` does not fit snn.",
            expected="a class an example, or measured values",
            received=f"a target of kind {spec.target.kind}",
            hint="`kn list` shows all notes",
        )
    if kind not in config.takes or None in shape:
        raise UsageError(
            f"The data set `{spec.name}` does not fit snn.",
            expected="images of one size, a table, or series of one length",
            received=f"{kind} of shape {shape}",
            hint="--set data.image_size=64 makes images of one size",
        )
    if kind == "series" and steps_for(config, spec) > MOST_STEPS:
        raise UsageError(
            "A series has a step of time for each of its rows.",
            expected=f"at most {MOST_STEPS} rows",
            received=f"{shape[0]} rows",
            hint="--set data.read_as=rows reads images row by row",
        )
    if config.encoding == "delta" and kind != "series":
        raise UsageError(
            "Only what has a time of its own can be told by its changes.",
            expected="a series, for encoding=delta",
            received=f"{kind} of shape {shape}",
            hint="--set data.read_as=rows reads images row by row",
        )
    if spec.target.kind == "values" and config.loss != "membrane":
        raise UsageError(
            "Measured values are read from membranes.",
            expected="loss=membrane",
            received=f"loss={config.loss}",
            hint="leave it out",
        )
