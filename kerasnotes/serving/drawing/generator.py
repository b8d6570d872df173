"""A served model that draws examples: what its description says of it."""

from typing import Any

import numpy as np

from kerasnotes.base.errors import KerasNotesError
from kerasnotes.diffusion.noise_schedule import Schedule, make_schedule
from kerasnotes.serving.engine.described_data import read_spec
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.signature import (
    DEFAULT,
    SignatureInfo,
    TensorInfo,
    Tensors,
)

Array = np.ndarray[Any, Any]
OUTPUTS = ("image", "features")
CONDITIONS = ("label", "known")
"""Inputs that are not noise."""
MOST_TIMESTEPS = 100_000
"""A hundred times what is usual; more would hold up other requests."""


class ServedGenerator:
    """What is needed to draw from a served generator.

    Args:
        servable: A model exported from a generator's run.

    Attributes:
        spec: The data that it was trained on.
        sampler: How it is sampled step by step; empty for a model that needs
            one call.
        schedule: The process that it was trained on, if there is a sampler.

    Raises:
        ValueError: If its description is none of a generator.
    """

    def __init__(self, servable: Servable) -> None:
        self.servable, self.card = servable, servable.card
        spec = read_spec(servable.card)
        if spec is None or None in spec.input.shape:
            raise ValueError("no description of examples of one size")
        self.spec, self.limits = spec, spec.input.limits
        self.shape = tuple(int(side or 0) for side in spec.input.shape)
        sampler = self.card.get("sampler") or {}
        self.sampler = sampler if "denoise" in servable.signatures else {}
        try:
            if self.sampler:
                self._read_sampler()
        except (KeyError, TypeError, AttributeError, KerasNotesError) as error:
            raise ValueError(f"no sampler that is known: {error}") from error
        self.noise, self.noise_shape = self._find_noise()

    @property
    def spec_size(self) -> int:
        """Numbers in one example."""
        return int(np.prod(self.shape))

    @property
    def is_image(self) -> bool:
        return self.spec.input.kind == "image"

    @property
    def signature(self) -> SignatureInfo:
        """The signature that drawing asks."""
        name = "denoise" if self.sampler else DEFAULT
        return self.servable.signatures[name]

    @property
    def conditional(self) -> bool:
        """Whether a class can be asked for."""
        return "label" in self.signature.inputs

    @property
    def guided(self) -> bool:
        """Whether guidance can be asked for."""
        return "guidance" in self.signature.inputs

    def conditions(
        self, count: int, labels: Array | None, guidance: float = 1.0
    ) -> Tensors:
        """Returns everything that the model is told beside noise.

        Args:
            count: Number of examples, N.
            labels: Classes `(N,)`, or `None` for no class.
            guidance: 1 for none.
        """
        inputs, conditions = self.signature.inputs, {}
        if "label" in inputs:
            none = self.sampler.get("null_label", self.spec.target.num_classes)
            chosen = np.full(count, none) if labels is None else labels
            conditions["label"] = chosen.astype(inputs["label"].np_dtype)
        if "known" in inputs:
            # "Nothing known" is 0 everywhere; see `notes/ddpm/known_image.py`.
            sides = (*self.shape[:2], (inputs["known"].shape or (1,))[-1] or 1)
            conditions["known"] = np.zeros((count, *sides), "float32")
        if "guidance" in inputs:
            conditions["guidance"] = np.full(count, guidance, "float32")
        return conditions

    def latent_inputs(self, noise: Array, labels: Array | None) -> Tensors:
        """Returns the inputs of a model that needs one call."""
        return {self.noise: noise, **self.conditions(len(noise), labels)}

    def to_raw(self, x: Array) -> Array:
        """Returns values in the network's range, in raw units."""
        return self.clip(x * self._spread + self._offset)

    def clip(self, values: Array) -> Array:
        """Returns raw values; pixels within their limits."""
        if self.is_image:
            values = np.clip(values, *self.limits)
        return np.asarray(values, "float32")

    def _read_sampler(self) -> None:
        if not isinstance(self.sampler.get("default") or {}, dict):
            raise ValueError("no default of a sampler")
        self._spread = self._scale("spread")
        self._offset = self._scale("offset")
        if not self.signature.inputs["x"].fits((1, *self.shape)):
            raise ValueError("a network of other examples")
        # Made here, so that a wrong one shows at once.
        self.schedule = self._make_schedule()

    def _make_schedule(self) -> Schedule:
        schedule = self.sampler["schedule"]
        if schedule["num_timesteps"] > MOST_TIMESTEPS:
            raise ValueError("too long a chain")
        return make_schedule(schedule["name"], schedule["num_timesteps"])

    def _scale(self, name: str) -> Array:
        values = np.asarray(self.sampler[name], "float32")
        return np.broadcast_to(values, self.shape)

    def _find_noise(self) -> tuple[str, tuple[int, ...]]:
        signature = self.servable.signatures.get(DEFAULT)
        if signature is None or not set(OUTPUTS) & set(signature.outputs):
            raise ValueError("no signature that draws")
        noise = [
            info
            for name, info in signature.inputs.items()
            if name not in CONDITIONS
        ]
        if len(noise) != 1 or not _is_noise(noise[0]):
            raise ValueError("no single input of noise")
        sizes = (noise[0].shape or ())[1:]
        return noise[0].name, tuple(size or 0 for size in sizes)


def _is_noise(info: TensorInfo) -> bool:
    whole = info.shape is not None and None not in info.shape[1:]
    return info.dtype == "float32" and info.batched and whole


def find_generator(servable: Servable) -> ServedGenerator | None:
    """Returns a served model as a generator, or `None` if it is none."""
    if servable.card.get("task") != "generation":
        return None
    try:
        return ServedGenerator(servable)
    except ValueError:
        return None
