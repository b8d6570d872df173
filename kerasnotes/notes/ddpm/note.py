"""DDPM: a network learns to take noise out of data, a little at a time.

    x_t = sqrt(ac_t) x_start + sqrt(1 - ac_t) noise,     t = 0 .. T - 1
    loss = w_t |target - network(x_t, t)|^2,   t and noise drawn at random

`parameterization` says what the target is: the noise, the data, the score,
v, or the mean of the step back. The notes call predicting `x_start` "very
difficult"; given `x_t`, the five are linear maps of each other, and only
the loss weighs the times differently.

With `condition` the network also knows a part of the image, or a small
copy of it, and learns to fill in the rest: `kn predict` does so for files.

Sampling starts from noise and asks the network at falling noise levels;
`kerasnotes.diffusion.samplers` does so. The averaged weights
are the ones that are saved and sampled.

Reference:
    Ho, Jain & Abbeel, 2020. https://arxiv.org/abs/2006.11239
    Ho & Salimans, 2022: guidance. https://arxiv.org/abs/2207.12598

Departs from it:
    - Cosine noise schedule (Nichol & Dhariwal, 2021) and v, not the linear
      one and the noise; `schedule=linear parameterization=noise` is Ho's.
    - Times of a batch are stratified, not independent: each in its own
      part of the range. The mean is the same, its scatter smaller.
    - Tables and tiny images get an MLP instead of a U-Net.
    - Widths for a CPU; `widths=[128,256,256,256]` is the paper's.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import keras
import numpy as np
from keras import ops

from kerasnotes.base.types import Progress, Tensor
from kerasnotes.contracts.capabilities import (
    Generates,
    Measures,
    Restores,
    ServesMore,
    ServesSampler,
)
from kerasnotes.contracts.generation import Generated, Request
from kerasnotes.contracts.objective import ObjectiveModel
from kerasnotes.contracts.report import Conditions
from kerasnotes.data.dataset import Array, Split
from kerasnotes.data.reading import read_batch
from kerasnotes.data.spec import Spec
from kerasnotes.diffusion.noise_schedule import make_schedule
from kerasnotes.diffusion.process import Process
from kerasnotes.diffusion.training_loss import loss_weights
from kerasnotes.layers.value_scale import ValueScale
from kerasnotes.notes.ddpm.bound import Bound
from kerasnotes.notes.ddpm.build import build_network
from kerasnotes.notes.ddpm.config import DDPMConfig
from kerasnotes.notes.ddpm.drawing import OPTIONS, QUICK, Drawing
from kerasnotes.notes.ddpm.known_image import KnownImage
from kerasnotes.notes.ddpm.restoring import Restoring
from kerasnotes.notes.ddpm.serving import (
    denoise_model,
    describe_sampler,
    serving_model,
)


@keras.saving.register_keras_serializable("kerasnotes")
class DDPM(Restoring, ObjectiveModel):
    """Denoising diffusion for images of one size or rows of a table.

    Args:
        config: Process, network and objective.
        spec: The data: shape, limits and classes.
        mean: Per column, of raw training values; tables only.
        variance: Per column, of raw training values; tables only.

    Call arguments:
        inputs: `x`, Tensor `(B, ...)` of raw values, and `y`, Tensor `(B,)`
            of classes; and, drawn where they are not given, `t`, integer
            Tensor `(B,)`, `noise`, Tensor `(B, ...)`, `N(0, 1)`, and
            `keep`, Tensor `(B,)`, uniform in `[0, 1)`: the class is hidden
            where it is below `drop`, in training only; `keep_known`, the
            same for the known image; `mask`, Tensor `(B, H, W, 1)`, 1
            where a pixel is known (`condition=inpaint`).

    Returns:
        `loss`, Tensor `(B,)`.

    Raises:
        UsageError: If the data does not fit the network.
    """

    config_class = DDPMConfig
    note_config: DDPMConfig
    monitor: ClassVar[str | None] = None
    sample_options: ClassVar[frozenset[str]] = OPTIONS
    quick_sampling: ClassVar[dict[str, Any]] = QUICK

    def __init__(
        self,
        config: DDPMConfig,
        spec: Spec,
        mean: Sequence[float],
        variance: Sequence[float],
    ) -> None:
        super().__init__(name="ddpm", dtype="float32")
        # === Network ===
        self.known = KnownImage(config.condition, config.superres_factor, spec)
        self.denoiser = build_network(config, spec, known=self.known.channels)
        self.seed_generator = keras.random.SeedGenerator(
            int(np.random.randint(1, 10**9))
        )
        # === Config ===
        self.remember(config, spec, mean, variance)
        # === Process ===
        self.value_scale = ValueScale(spec, mean, variance)
        self.process = self._make_process()
        self.drawing = Drawing(
            self.process,
            spec=spec,
            config=config,
            known=self.known,
            value_scale=self.value_scale,
        )
        self.built = True

    def _make_process(self) -> Process:
        config = self.note_config
        schedule = make_schedule(config.schedule, config.timesteps)
        return Process(
            schedule,
            self.predict_target,
            parameterization=config.parameterization,
            clip=self.value_scale.clip if config.clip else None,
            variance=config.variance,
            time_weights=loss_weights(
                schedule,
                config.parameterization,
                weighting=config.weighting,
                gamma=config.snr_gamma,
                variance=config.variance,
            ),
            network=self.denoiser,
        )

    @property
    def parts(self) -> dict[str, Any]:
        return {"denoiser": self.denoiser}

    def predict_target(
        self,
        x_t: Tensor,
        t: Tensor,
        conditions: Mapping[str, Tensor],
        training: bool = False,
    ) -> Tensor:
        """Returns what the network predicts, `(B, ...)`.

        Args:
            x_t: Tensor `(B, ...)`, noisy data in `[-1, 1]`.
            t: Tensor `(B,)`, times, whole or between.
            conditions: `label`, integer Tensor `(B,)`, if the network knows
                classes; `known`, Tensor `(B, H, W, ...)`, if it knows of
                the image.
            training: Whether dropout drops.
        """
        inputs = [x_t, ops.cast(t, "float32")]
        if self.note_config.conditional:
            inputs.append(conditions["label"])
        if self.known.channels:
            inputs.append(conditions["known"])
        return self.denoiser(inputs, training=training)

    def call(
        self, inputs: dict[str, Tensor], training: bool = False
    ) -> dict[str, Tensor]:
        x_start = self.value_scale.to_unit(inputs["x"])
        t = self._times(inputs)
        noise = inputs.get("noise")
        if noise is None:
            noise = keras.random.normal(
                ops.shape(x_start), seed=self.seed_generator
            )
        conditions = {}
        if self.note_config.conditional:
            conditions["label"] = self._labels(inputs, training)
        if self.known.channels:
            conditions["known"] = self._known(x_start, inputs, training)
        loss = self.process.loss(
            x_start, noise, t, conditions, training=training
        )
        return {"loss": loss}

    def _times(self, inputs: dict[str, Tensor]) -> Tensor:
        """Draws times `(B,)`, evenly over the range from a random start."""
        if "t" in inputs:
            return inputs["t"]
        total = self.process.schedule.num_timesteps
        count = ops.shape(inputs["x"])[0]
        start = keras.random.uniform((), seed=self.seed_generator)
        place = ops.arange(count, dtype="float32") / ops.cast(count, "float32")
        t = ops.floor(ops.mod(place + start, 1.0) * total)
        return ops.cast(ops.minimum(t, total - 1), "int32")

    def _labels(self, inputs: dict[str, Tensor], training: bool) -> Tensor:
        label = ops.cast(inputs["y"], "int32")
        if not training or not self.note_config.drop:
            return label
        hide = self._hide(inputs, "keep")
        return ops.where(hide, self.drawing.null_label, label)

    def _known(
        self, x_start: Tensor, inputs: dict[str, Tensor], training: bool
    ) -> Tensor:
        mask = inputs.get("mask")
        if mask is None and self.note_config.condition == "inpaint":
            count = ops.shape(x_start)[0]
            mask = self.known.draw_mask(count, self.seed_generator)
        known = self.known.encode(x_start, mask)
        if not training:
            return known
        hide = self._hide(inputs, "keep_known")[:, None, None, None]
        return ops.where(hide, 0.0, known)

    def _hide(self, inputs: dict[str, Tensor], name: str) -> Tensor:
        """Returns where to hide, boolean `(B,)`, by the draw of that name."""
        keep = inputs.get(name)
        if keep is None:
            count = ops.shape(inputs["x"])[0]
            keep = keras.random.uniform((count,), seed=self.seed_generator)
        return keep < self.note_config.drop

    def read_scaled(self, split: Split, where: Array) -> dict[str, Array]:
        """Returns examples as the network has them, and its conditions.

        Of a known image there is nothing: the bound is that of whole images.

        Args:
            split: The examples.
            where: Their numbers, `(B,)`.

        Returns:
            `x_start`, `(B, ...)`, and what the network was trained under.
        """
        x, y = read_batch(split, where)
        scaled = self.value_scale.to_unit(np.asarray(x, "float32"))
        inputs = {"x_start": np.asarray(ops.convert_to_numpy(scaled))}
        if self.note_config.conditional:
            inputs["label"] = np.asarray(y, "int32")
        if self.known.channels:
            inputs["known"] = self.known.nothing(len(where))
        return inputs

    def reduce(self, outputs: dict[str, Tensor]) -> Tensor:
        return ops.mean(outputs["loss"])

    def generate(
        self, request: Request, progress: Progress | None = None
    ) -> Generated:
        return self.drawing.generate(request, progress)

    def measure(self, split: Split, conditions: Conditions) -> dict[str, float]:
        """Returns the variational bound, bits per dimension."""
        bound = Bound(
            self.process,
            self.read_scaled,
            bin=self.value_scale.bin,
            seed=conditions.seed,
        )
        return bound.measure(split, conditions)

    def serving_model(self) -> Any:
        """Returns noise `(B, ...)` to an example in raw units."""
        return serving_model(self.drawing)

    def serving_models(self) -> dict[str, Any]:
        """Returns `denoise`, one call of the network for any sampler."""
        return {"denoise": denoise_model(self.drawing)}

    def sampler_details(self) -> dict[str, Any]:
        return describe_sampler(self.drawing)


if TYPE_CHECKING:

    class _Offers(
        Generates, Measures, Restores, ServesMore, ServesSampler, Protocol
    ): ...

    _: type[_Offers] = DDPM
