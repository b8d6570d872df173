"""From a request to samples of a diffusion model, by any sampler."""

import dataclasses
from typing import Any

import numpy as np

from kerasnotes.backends.kernels.group_norm import fast_inference
from kerasnotes.base.errors import UsageError
from kerasnotes.base.types import Progress
from kerasnotes.contracts.generation import Generated, Request, check
from kerasnotes.data.dataset import Array
from kerasnotes.data.spec import Spec
from kerasnotes.diffusion.draw_samples import draw_samples
from kerasnotes.diffusion.process import Process
from kerasnotes.diffusion.samplers.catalog import find_sampler
from kerasnotes.diffusion.samplers.table import Table
from kerasnotes.diffusion.sampling_loop import SamplingLoop
from kerasnotes.diffusion.sigmas import noise_levels
from kerasnotes.layers.value_scale import ValueScale
from kerasnotes.notes.ddpm.config import DDPMConfig
from kerasnotes.notes.ddpm.known_image import KnownImage

OPTIONS = frozenset(
    {"label", "sampler", "schedule", "steps", "guidance", "eta", "frames"}
)
"""Fields of `Request` that are understood."""

QUICK = {"sampler": "dpmpp_2m", "schedule": "karras", "steps": 20}
"""What is sampled by where nothing else is asked for."""
STEPS = 20
"""Steps of a sampler that was named without a number of them."""
NUMBERS = 2**16
"""Values of the samples that are drawn together."""
MOST = 512
"""Samples that are drawn together."""


@dataclasses.dataclass(frozen=True)
class DrawingPlan:
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
    """Draws by a process; holds its compiled loops.

    Args:
        process: What draws.
        spec: The data.
        config: Which conditions the network was trained under.
        known: Makes those of a known image.
        value_scale: From the network's range to raw values.
    """

    def __init__(
        self,
        process: Process,
        *,
        spec: Spec,
        config: DDPMConfig,
        known: KnownImage,
        value_scale: ValueScale,
    ) -> None:
        self.process, self.spec, self.config = process, spec, config
        self.known, self.value_scale = known, value_scale
        self.shape = tuple(int(side or 0) for side in spec.input.shape)
        self._loops: dict[bool, SamplingLoop] = {}

    @property
    def null_label(self) -> int:
        """The class number that stands for "no class"."""
        return self.spec.target.num_classes

    @property
    def can_be_guided(self) -> bool:
        """Whether the network knows both its classes and "no class"."""
        return bool(self.config.conditional and self.config.drop)

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
                class is.

        Raises:
            UsageError: If the request does not fit the model.
        """
        plan = self.plan(request)
        if known is not None and plan.labels is not None:
            none = np.full_like(plan.labels, self.null_label)
            plan = dataclasses.replace(plan, labels=none)
        with fast_inference():
            samples = draw_samples(
                self.loop(plan.guidance != 1),
                plan.table,
                self.process.schedule,
                shape=self.shape,
                count=request.count,
                seed=request.seed,
                conditions=self._conditions(request.count, plan, known),
                batch_size=_together(self.shape),
                frames=max(2, request.frames) if request.frames else 0,
                progress=progress,
            )
        to_raw, trajectory = self.value_scale.to_raw, samples.trajectory
        return Generated(
            to_raw(samples.values),
            labels=plan.labels,
            trajectory=None if trajectory is None else to_raw(trajectory),
            settings=plan.settings,
            calls=plan.table.evaluations,
        )

    def _conditions(
        self, count: int, plan: DrawingPlan, known: Array | None
    ) -> dict[str, Any]:
        conditions: dict[str, Any] = {}
        if self.known.channels:
            nothing = self.known.nothing(count)
            conditions["known"] = nothing if known is None else known
        if plan.labels is not None:
            conditions["label"] = plan.labels
        if plan.guidance != 1:
            conditions["guidance"] = np.float32(plan.guidance)
        return conditions

    def plan(self, request: Request) -> DrawingPlan:
        """Checks a request, and fills in what it leaves open.

        Raises:
            UsageError: If the request does not fit the model.
        """
        check(request, OPTIONS, "ddpm", self.spec)
        labels, guidance = self._labels(request), self._guidance(request)
        name = request.sampler or str(QUICK["sampler"])
        sampler = find_sampler(name)
        spacing = request.schedule or sampler.spacing
        sampler.check_spacing(spacing)
        steps = request.steps
        if steps is None:
            total = self.process.schedule.num_timesteps
            steps = total if name == "ddpm" else min(STEPS, total)
        options: dict[str, Any] = {}
        if "variance" in sampler.options:
            options["variance"] = self.process.variance
        if request.eta is not None:
            options["eta"] = request.eta
        levels = noise_levels(self.process.schedule, steps, spacing)
        settings = {
            "sampler": name,
            "schedule": spacing,
            "steps": steps,
            "guidance": guidance if labels is not None else None,
            "eta": request.eta,
        }
        table = sampler.table(levels, **options)
        return DrawingPlan(table, labels, guidance, settings)

    def _labels(self, request: Request) -> Array | None:
        if self.config.conditional:
            if request.label is not None:
                return np.full(request.count, request.label, "int32")
            turn: Array = np.arange(request.count, dtype="int32")
            return turn % np.int32(self.spec.target.num_classes)
        if request.label is not None:
            raise _unconditional(f"class {request.label}")
        return None

    def _guidance(self, request: Request) -> float:
        if request.guidance is None or request.guidance == 1:
            return 1.0
        if not self.config.conditional:
            raise _unconditional(f"guidance={request.guidance}")
        if not self.config.drop:
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

    def loop(self, guided: bool) -> SamplingLoop:
        """Returns the compiled loop, with or without guidance."""
        if guided not in self._loops:
            process = self.process
            if guided:
                process = process.guided(self.null_label)
            self._loops[guided] = SamplingLoop(process.denoise, process.network)
        return self._loops[guided]


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
