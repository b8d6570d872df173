"""One call of a diffusion network, as a model: any sampler's table runs on it.

A server that has it can sample by every algorithm at any number of steps,
without this package's loop: `kerasnotes.diffusion.samplers` tells what to
add up between the calls.
"""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Shape, Tensor
from kerasnotes.notes.ddpm.drawing import QUICK


class DenoiseEach(keras.layers.Layer):
    """A `Denoiser` with a noise level, time and guidance for every example.

    Args:
        plain: The denoiser without guidance.
        guided: The denoiser that is asked with and without the class, or
            `None`. It costs twice as much, and is used where any example
            has a guidance other than 1.

    Call arguments:
        given: By name: `x`, Tensor `(B, ...)`, `x_start + sigma n`;
            `sigma` and `time`, Tensors `(B,)`; and conditions.

    Returns:
        Tensor `(B, ...)`, `x_start`.
    """

    def __init__(self, plain: Any, guided: Any = None) -> None:
        super().__init__(dtype="float32", autocast=False, name="x_start")
        self.plain, self.guided = plain, guided
        self.built = True

    def call(self, given: dict[str, Tensor]) -> Tensor:
        rest = dict(given)
        x, t = rest.pop("x"), rest.pop("time")
        ones = (1,) * (len(x.shape) - 1)
        sigma = ops.reshape(rest.pop("sigma"), (-1, *ones))
        guidance = rest.pop("guidance", None)
        if self.guided is None:
            return self.plain(x, sigma, t, rest)
        return ops.cond(
            ops.all(guidance == 1.0),
            lambda: self.plain(x, sigma, t, rest),
            lambda: self.guided(x, sigma, t, {**rest, "guidance": guidance}),
        )

    def compute_output_shape(self, given_shape: dict[str, Shape]) -> Shape:
        return given_shape["x"]


def denoising_model(model: Any) -> Any:
    """Returns the denoiser of a `DDPM` as a functional model.

    Inputs are those of `DenoiseEach`, all in the network's own range:
    `label` for a model with classes, their number meaning none; `known` for
    one with a condition; `guidance`, 1 for none, where the network also
    learnt to do without its class.
    """
    config, shape = model.note_config, model.spec.shape
    given = {
        "x": keras.Input(shape, name="x"),
        "sigma": keras.Input((), name="sigma"),
        "time": keras.Input((), name="time"),
    }
    if config.conditional:
        given["label"] = keras.Input((), dtype="int32", name="label")
    if model.known.channels:
        channels = (*shape[:2], model.known.channels)
        given["known"] = keras.Input(channels, name="known")
    guided = None
    if can_be_guided(model):
        given["guidance"] = keras.Input((), name="guidance")
        guided = model.drawing.denoiser(True)
    each = DenoiseEach(model.drawing.denoiser(), guided)
    return keras.Model(list(given.values()), each(given), name="denoise")


def can_be_guided(model: Any) -> bool:
    """Whether a `DDPM` knows both its classes and "no class"."""
    config = model.note_config
    return bool(config.conditional and config.drop)


def describe_sampler(model: Any) -> dict[str, Any]:
    """Returns what is needed to run a sampler over `denoise`, as JSON.

    Args:
        model: A `DDPM`.

    Returns:
        `schedule`, arguments of `make_schedule`; `raw = spread x + offset`,
        clipped to the data's limits if `clip`.
    """
    config = model.note_config
    return {
        "schedule": {
            "name": config.schedule,
            "num_timesteps": model.schedule.num_timesteps,
        },
        "parameterization": config.parameterization,
        "variance": config.variance,
        "conditional": config.conditional,
        "null_label": model.null_label,
        "guidance": can_be_guided(model),
        "condition": config.condition,
        "superres_factor": config.superres_factor,
        "known_channels": model.known.channels,
        "spread": model.scale.spread.tolist(),
        "offset": model.scale.offset.tolist(),
        "clip": model.scale.clip is not None,
        "default": dict(QUICK),
    }
