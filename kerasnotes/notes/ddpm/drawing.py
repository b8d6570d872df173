"""From a request to samples of a diffusion model, by any sampler."""

import dataclasses
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasnotes.backends.kernels.group_norm import fast_inference
from kerasnotes.base.errors import UsageError
from kerasnotes.base.types import Progress
from kerasnotes.contracts.generation import Generated, Request, check
from kerasnotes.data.dataset import Array
from kerasnotes.diffusion.denoiser import Denoiser
from kerasnotes.diffusion.guidance import classifier_free
from kerasnotes.diffusion.samplers.catalog import find_sampler
from kerasnotes.diffusion.samplers.table import Table
from kerasnotes.diffusion.sampling import draw_samples
from kerasnotes.diffusion.sampling_loop import SamplingLoop
from kerasnotes.diffusion.sampling_model import sampling_model
from kerasnotes.diffusion.sigmas import noise_levels

QUICK = {"sampler": "dpmpp_2m", "schedule": "karras", "steps": 20}
"""What is sampled by where nothing else is asked for."""
STEPS = 20
"""Steps of a sampler that was named without a number of them."""
NUMBERS = 2**16
"""Values of the samples that are drawn together."""
MOST = 512
"""Samples that are drawn together."""


@dataclasses.dataclass(frozen=True)
class Recipe:
    """A request, with everything filled in.

    Args:
        table: The sampler at its noise levels.
        labels: Array `(N,)` of classes, or `None`.
        guidance: 1 for none.
        settings: What to tell the user.
    """

    table: Table
    labels: Array | None
    guidance: float
    settings: dict[str, Any]


class Drawing:
    """The compiled loops of one model; not part of its weights.

    Args:
        model: A `DDPM`.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        self._loops: dict[bool, SamplingLoop] = {}

    def generate(
        self,
        request: Request,
        progress: Progress | None = None,
        *,
        known: Array | None = None,
    ) -> Generated:
        """Draws examples.

        Args:
            request: What to draw.
            progress: Told of network calls.
            known: What is known of each image, `(N, H, W, ...)`; then no
                class is told.

        Raises:
            UsageError: If the request does not fit the model.
        """
        recipe = self.plan(request)
        model, spec = self.model, self.model.spec
        conditions: dict[str, Any] = {}
        if known is not None and recipe.labels is not None:
            none = np.full_like(recipe.labels, model.null_label)
            recipe = dataclasses.replace(recipe, labels=none)
        if model.known.channels:
            nothing = model.known.nothing(request.count)
            conditions["known"] = nothing if known is None else known
        if recipe.labels is not None:
            conditions["label"] = recipe.labels
        if recipe.guidance != 1:
            conditions["guidance"] = np.float32(recipe.guidance)
        with fast_inference():
            samples = draw_samples(
                self.loop(recipe.guidance != 1),
                recipe.table,
                model.schedule,
                shape=spec.shape,
                count=request.count,
                seed=request.seed,
                conditions=conditions,
                batch_size=_together(spec.shape),
                frames=max(2, request.frames) if request.frames else 0,
                progress=progress,
            )
        way = samples.trajectory
        return Generated(
            model.scale.to_raw(samples.values),
            labels=recipe.labels,
            trajectory=None if way is None else model.scale.to_raw(way),
            settings=recipe.settings,
        )

    def plan(self, request: Request) -> Recipe:
        """Checks a request, and fills in what it leaves open.

        Raises:
            UsageError: If the request does not fit the model.
        """
        model = self.model
        check(request, model.sample_options, "ddpm", model.spec)
        labels, guidance = self._labels(request), self._guidance(request)
        name = request.sampler or str(QUICK["sampler"])
        sampler = find_sampler(name)
        spacing = request.schedule or sampler.spacing
        sampler.check_spacing(spacing)
        steps = request.steps
        if steps is None:
            total: int = model.schedule.num_timesteps
            steps = total if name == "ddpm" else min(STEPS, total)
        options: dict[str, Any] = {}
        if "variance" in sampler.options:
            options["variance"] = model.note_config.variance
        if request.eta is not None:
            options["eta"] = request.eta
        levels = noise_levels(model.schedule, steps, spacing)
        settings = {
            "sampler": name,
            "schedule": spacing,
            "steps": steps,
            "guidance": guidance if labels is not None else None,
            "eta": request.eta,
        }
        table = sampler.table(levels, **options)
        return Recipe(table, labels, guidance, settings)

    def _labels(self, request: Request) -> Array | None:
        if self.model.note_config.conditional:
            if request.label is not None:
                return np.full(request.count, request.label, "int32")
            turn: Array = np.arange(request.count, dtype="int32")
            return turn % np.int32(self.model.spec.num_classes)
        if request.label is not None:
            raise _unconditional(f"class {request.label}")
        return None

    def _guidance(self, request: Request) -> float:
        if request.guidance is None or request.guidance == 1:
            return 1.0
        config = self.model.note_config
        if not config.conditional:
            raise _unconditional(f"guidance={request.guidance}")
        if not config.drop:
            raise UsageError(
                'Guidance needs a model that also knows "no class".',
                received=f"guidance={request.guidance}, trained with drop=0",
                hint="train with --set drop=0.1, or leave --guidance out",
            )
        if not np.isfinite(request.guidance) or request.guidance < 0:
            raise UsageError(
                "This is no weight of guidance.",
                expected="0 (ignore the class), 1 (no guidance) or more",
                received=f"guidance={request.guidance}",
            )
        return float(request.guidance)

    def serving_model(self) -> Any:
        """Returns the whole sampler, noise to examples in raw units.

        DPM++ 2M on Karras' levels, 20 steps, without guidance. Inputs are
        `noise`, `(B, ...)`, standard normal; `label`, `(B,)`, for a model
        with classes, their number meaning none; `known`, `(B, H, W, ...)`,
        for a model with a condition: the channels of `known_image`, made
        of pixels in `[-1, 1]`.
        """
        model, spec = self.model, self.model.spec
        conditions = {}
        if model.note_config.conditional:
            conditions["label"] = keras.Input((), dtype="int32", name="label")
        if model.known.channels:
            shape = (*spec.shape[:2], model.known.channels)
            conditions["known"] = keras.Input(shape, name="known")
        chain = sampling_model(
            self.denoiser(),
            self.plan(Request(1)).table,
            model.schedule,
            shape=spec.shape,
            conditions=conditions,
        )
        x = chain.output * model.scale.spread + model.scale.offset
        if model.scale.clip is not None:
            x = ops.clip(x, *spec.limits)
        name = "image" if spec.input == "image" else "features"
        last = keras.layers.Identity(dtype="float32", name=name)
        # A list, in this order: noise is what a batch is counted by.
        order = ("noise", "label", "known")
        inputs = sorted(chain.inputs, key=lambda each: order.index(each.name))
        return keras.Model(inputs, last(x), name="ddpm_sampler")

    def loop(self, guided: bool) -> SamplingLoop:
        """Returns the compiled loop, with or without guidance."""
        if guided not in self._loops:
            self._loops[guided] = SamplingLoop(self.denoiser(guided))
        return self._loops[guided]

    def denoiser(self, guided: bool = False) -> Denoiser:
        """Returns what samplers ask."""
        model = self.model
        predict = model.predict_target
        if guided:
            predict = classifier_free(predict, model.null_label)
        config = model.note_config
        return Denoiser(
            predict,
            model.schedule,
            parameterization=config.parameterization,
            clip=model.scale.clip if config.clip else None,
            network=model.denoiser,
        )


def _unconditional(received: str) -> UsageError:
    return UsageError(
        "This run was trained without classes.",
        received=received,
        hint="leave the class and the guidance out, or train with "
        "--set conditional=true",
    )


def _together(shape: tuple[int, ...]) -> int:
    """Returns how many samples of a shape are drawn together."""
    size = max(1, NUMBERS // int(np.prod(shape)))
    return min(MOST, 1 << (size.bit_length() - 1))
