"""What `kn export` writes of a diffusion model: two graphs, and a description.

The whole sampler, noise to examples; and one call of the network, on which
any sampler's table runs: `kerasnotes.diffusion.samplers` tells a server what
to add up between the calls, at any number of steps, without this package's
loop.
"""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Shape, Tensor
from kerasnotes.contracts.generation import Request
from kerasnotes.diffusion.process import Process
from kerasnotes.diffusion.whole_chain import chain_model
from kerasnotes.notes.ddpm.drawing import QUICK, Drawing


class DenoiseEach(keras.layers.Layer):
    """`Process.denoise` with a noise level, time and guidance for each.

    Args:
        plain: The process without guidance.
        guided: The one that is asked with and without the class, or `None`.
            It costs twice as much, and is used where any example has a
            guidance other than 1.

    Call arguments:
        given: By name: `x`, Tensor `(B, ...)`, `x_start + sigma n`;
            `sigma` and `time`, Tensors `(B,)`; and conditions.

    Returns:
        Tensor `(B, ...)`, `x_start`.
    """

    def __init__(self, plain: Process, guided: Process | None = None) -> None:
        super().__init__(dtype="float32", autocast=False, name="x_start")
        self.plain, self.guided, self.network = plain, guided, plain.network
        self.built = True

    def call(self, given: dict[str, Tensor]) -> Tensor:
        conditions = dict(given)
        x, t = conditions.pop("x"), conditions.pop("time")
        ones = (1,) * (len(x.shape) - 1)
        sigma = ops.reshape(conditions.pop("sigma"), (-1, *ones))
        guidance = conditions.pop("guidance", None)
        plain, guided = self.plain, self.guided
        if guided is None:
            return plain.denoise(x, sigma, t, conditions)
        more = {**conditions, "guidance": guidance}
        return ops.cond(
            ops.all(guidance == 1.0),
            lambda: plain.denoise(x, sigma, t, conditions),
            lambda: guided.denoise(x, sigma, t, more),
        )

    def compute_output_shape(self, given_shape: dict[str, Shape]) -> Shape:
        return given_shape["x"]


def serving_model(drawing: Drawing) -> Any:
    """Returns the whole sampler, noise to examples in raw units.

    DPM++ 2M on Karras' levels, 20 steps, without guidance. Inputs are
    `noise`, `(B, ...)`, standard normal; `label`, `(B,)`, for a model
    with classes, their number meaning none; `known`, `(B, H, W, ...)`,
    for a model with a condition: the channels of `known_image`, made
    of pixels in `[-1, 1]`.
    """
    spec, value_scale = drawing.spec, drawing.value_scale
    chain = chain_model(
        drawing.process,
        drawing.plan(Request(1)).table,
        shape=drawing.shape,
        conditions=_condition_inputs(drawing),
    )
    x = chain.output * value_scale.scale + value_scale.shift
    if value_scale.clip is not None:
        x = ops.clip(x, *spec.input.limits)
    last = keras.layers.Identity(dtype="float32", name=spec.input.name)
    # A list, in this order: noise is what a batch is counted by.
    order = ("noise", "label", "known")
    inputs = sorted(chain.inputs, key=lambda each: order.index(each.name))
    return keras.Model(inputs, last(x), name="ddpm_sampler")


def denoise_model(drawing: Drawing) -> Any:
    """Returns one call of the network as a functional model.

    Inputs are those of `DenoiseEach`, all in the network's own range:
    `label` for a model with classes, their number meaning none; `known` for
    one with a condition; `guidance`, 1 for none, where the network also
    learnt to do without its class.
    """
    given = {
        "x": keras.Input(drawing.spec.input.shape, name="x"),
        "sigma": keras.Input((), name="sigma"),
        "time": keras.Input((), name="time"),
        **_condition_inputs(drawing),
    }
    guided = None
    if drawing.can_be_guided:
        given["guidance"] = keras.Input((), name="guidance")
        guided = drawing.process.guided(drawing.null_label)
    each = DenoiseEach(drawing.process, guided)
    return keras.Model(list(given.values()), each(given), name="denoise")


def _condition_inputs(drawing: Drawing) -> dict[str, Any]:
    inputs = {}
    if drawing.config.conditional:
        inputs["label"] = keras.Input((), dtype="int32", name="label")
    if drawing.known.channels:
        shape = (*drawing.spec.input.shape[:2], drawing.known.channels)
        inputs["known"] = keras.Input(shape, name="known")
    return inputs


def describe_sampler(drawing: Drawing) -> dict[str, Any]:
    """Returns what is needed to run a sampler over `denoise`, as JSON.

    Returns:
        `schedule`, arguments of `make_schedule`; `raw = spread x + offset`,
        clipped to the data's limits if `clip`.
    """
    config, process = drawing.config, drawing.process
    return {
        "schedule": {
            "name": process.schedule.name,
            "num_timesteps": process.schedule.num_timesteps,
        },
        "parameterization": process.parameterization,
        "variance": process.variance,
        "conditional": config.conditional,
        "null_label": drawing.null_label,
        "guidance": drawing.can_be_guided,
        "condition": config.condition,
        "superres_factor": config.superres_factor,
        "known_channels": drawing.known.channels,
        "spread": drawing.value_scale.scale.tolist(),
        "offset": drawing.value_scale.shift.tolist(),
        "clip": drawing.value_scale.clip is not None,
        "default": dict(QUICK),
    }
