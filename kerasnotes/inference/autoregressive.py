"""Base of the notes that draw an image one pixel after another.

    p(x) = prod_i p(x_i | x_1, ..., x_{i-1})

A product of distributions of one pixel each: the likelihood is exact, in
nats per image, and so are draws. Those are made of normal noise, as of any
other generator here: pixel i is where the distribution function of
`p(x_i | ...)` passes `Phi(noise_i)`.
"""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerasnotes.backends.jit import jit_compile
from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.base.types import Array, Progress, Tensor
from kerasnotes.contracts.autoregressive import AutoregressiveConfig
from kerasnotes.contracts.generation import Generated, Request, check
from kerasnotes.contracts.objective import ObjectiveModel
from kerasnotes.contracts.report import Conditions
from kerasnotes.data.dataset import Split
from kerasnotes.data.reading import parts, read_batch
from kerasnotes.data.spec import Spec
from kerasnotes.inference import latent_drawing
from kerasnotes.inference.predictor import Predictor
from kerasnotes.layers.pixel_levels import (
    PixelLevels,
    reading_order,
    to_uniform,
)

BATCH = 128
"""Images measured at a time."""
OPEN = -1.0
"""In place of a level: a pixel that is to be drawn."""


class AutoregressiveModel(ObjectiveModel):
    """Base of `PixelCNN` and `MADE`.

    `__init__` sets `levels`, `network` and `drawing`, and calls
    `remember(...)`.

    Call arguments:
        inputs: `x`, Tensor `(B, H, W, C)` of raw pixels, and `y`, Tensor
            `(B,)` of classes; if given, `uniform`, Tensor `(B, H, W, C)` in
            `[0, 1)`, what grey pixels are compared with.

    Returns:
        `log_likelihood`, Tensor `(B,)`, nats per image.

    Attributes:
        levels: What a pixel can be.
        network: What gives the logits of all pixels in one call.
        drawing: Layer `(uniform, known, labels or None)` to levels: draws
            where `known` is negative. Compiled whole.
    """

    note_config: AutoregressiveConfig
    levels: PixelLevels
    network: Any
    drawing: Any

    @property
    def sample_options(self) -> frozenset[str]:  # type: ignore[override]
        """Fields of `Request` understood beside `count` and `seed`."""
        return frozenset({"label"} if self.note_config.conditional else ())

    def prepare(self, config: AutoregressiveConfig, spec: Spec) -> None:
        """Checks data, and makes what every such note has."""
        config.check(self.name, spec)
        self.levels = PixelLevels(spec, config.levels, config.binarize)
        self.seed_generator = keras.random.SeedGenerator(
            int(np.random.randint(1, 10**9))
        )

    @property
    def parts(self) -> dict[str, Any]:
        return {"network": self.network}

    def log_likelihood(
        self, levels: Tensor, labels: Tensor | None, training: bool = False
    ) -> Tensor:
        """Returns `log p`, `(B,)`, nats, of levels `(B, H, W, C)`."""
        raise NotImplementedError

    def call(
        self, inputs: dict[str, Tensor], training: bool = False
    ) -> dict[str, Tensor]:
        uniform = inputs.get("uniform")
        if uniform is None:
            uniform = keras.random.uniform(
                ops.shape(inputs["x"]), seed=self.seed_generator
            )
        levels = self.levels.observe(inputs["x"], uniform)
        labels = inputs.get("y") if self.note_config.conditional else None
        found = self.log_likelihood(levels, labels, training)
        return {"log_likelihood": found}

    def reduce(self, outputs: dict[str, Tensor]) -> Tensor:
        return -ops.mean(outputs["log_likelihood"])

    def measure(self, split: Split, conditions: Conditions) -> dict[str, float]:
        """Measures the exact likelihood of every image of a split.

        Grey pixels are binarized once: image i by the draws of `(seed, i)`.

        Returns:
            `nats` per image, and `bits_per_dim`, by the number of pixels.
        """
        score = Predictor(_Score(self))
        found: list[Array] = []
        shape = self.note_config.pixel_size(self.spec)
        for where in parts(len(split), BATCH):
            x, y = read_batch(split, where)
            drawn = [_uniform(conditions.seed, int(i), shape) for i in where]
            inputs = {"x": np.asarray(x, "float32"), "uniform": np.stack(drawn)}
            if self.note_config.conditional:
                inputs["y"] = np.asarray(y, "int32")
            found.append(score(inputs).astype("float64"))
            if conditions.progress:
                done = int(where[-1]) + 1
                conditions.progress("likelihood", done, len(split))
        nats = -float(np.concatenate(found).mean())
        bits = nats / np.log(2) / np.prod(shape)
        return {"nats": nats, "bits_per_dim": float(bits)}

    def generate(
        self, request: Request, progress: Progress | None = None
    ) -> Generated:
        check(request, self.sample_options, self.name, self.spec)
        return self._draw(request, None, progress)

    def _draw(
        self,
        request: Request,
        known: Array | None,
        progress: Progress | None = None,
    ) -> Generated:
        """Draws what is not known; `known` is `(count, H, W, C)`, levels."""
        shape = self.note_config.pixel_size(self.spec)
        labels = self._labels(request)

        def decode(noise: Array, numbers: Array) -> Array:
            given = np.full((len(noise), *shape), OPEN, "float32")
            if known is not None:
                given = known[numbers]
            inputs = {"noise": noise.reshape(-1, *shape), "known": given}
            if labels is not None:
                inputs["label"] = labels[numbers]
            return np.asarray(self._sampler()(inputs))

        size = int(np.prod(shape))
        values = latent_drawing.draw(decode, size, request, progress)
        return Generated(values, labels, calls=size)

    def _labels(self, request: Request) -> Array | None:
        if not self.note_config.conditional:
            return None
        if request.label is not None:
            return np.full(request.count, request.label, "int32")
        turn: Array = np.arange(request.count, dtype="int32")
        return turn % np.int32(self.spec.target.num_classes)

    def _sampler(self) -> Predictor:
        if getattr(self, "_compiled", None) is None:
            model = self._drawing_model(known=True)
            model.jit_compile = jit_compile()
            self._compiled = Predictor(model)
        return self._compiled

    def serving_model(self) -> Any:
        """Returns `noise` `(B, H, W, C)`, normal, to raw images.

        A conditional one also takes `label`, `(B,)`.
        """
        return self._drawing_model(known=False)

    def _drawing_model(self, known: bool) -> Any:
        shape = self.note_config.pixel_size(self.spec)
        inputs = {"noise": keras.Input(shape, name="noise")}
        if known:
            inputs["known"] = keras.Input(shape, name="known")
        if self.note_config.conditional:
            inputs["label"] = keras.Input((), dtype="int32", name="label")
        image = _Drawing(self, name=self.spec.input.name)(inputs)
        return keras.Model(inputs, image, name="sampler")

    @property
    def restores(self) -> bool:
        """Whether it completes images of which the first pixels are known."""
        return True

    @property
    def fills_gaps(self) -> bool:
        return True

    def damaged_spec(self) -> Spec:
        """Returns what images with missing pixels look like.

        Raises:
            UsageError: If the pixels are drawn in another order than read.
        """
        if not self.restores:
            raise UsageError(
                "This run draws pixels in an order of its own: it cannot "
                "complete an image.",
                expected="pixels in reading order",
                received="order=random",
                hint="train with --set order=raster",
            )
        return self.spec

    def damage(self, values: Array) -> Array:
        """Returns images without their lower halves, `nan` there, raw."""
        damaged = np.array(values, "float32")
        damaged[:, damaged.shape[1] // 2 :] = np.nan
        return damaged

    def restore(self, values: Array, seed: int) -> Array:
        """Draws what is missing from its distribution given the rest.

        Args:
            values: Raw images `(B, H, W, C)`, `nan` where a pixel is
                missing: nothing after it, in reading order, may be known.
            seed: Of the noise; image i has that of `(seed, i)`.

        Raises:
            UsageError: If pixels are drawn in another order.
            DataError: If a pixel is known behind a missing one.
        """
        self.damaged_spec()
        values = np.asarray(values, "float32")
        missing = np.isnan(values)
        if not reading_order(missing).all():
            raise DataError(
                "Pixels are drawn in reading order: none can be missing "
                "before a known one.",
                expected="images that end in missing pixels: their upper part",
                received="known pixels below, or right of, missing ones",
                hint="`ddpm` trained with --set condition=inpaint fills any "
                "gap",
            )
        shape = self.note_config.pixel_size(self.spec)
        drawn = [_uniform(seed, i, shape) for i in range(len(values))]
        whole = np.where(missing, self.levels.low, values)
        known = ops.convert_to_numpy(
            self.levels.observe(whole, np.stack(drawn))
        )
        known = np.where(missing, np.float32(OPEN), known)
        found = self._draw(Request(len(values), seed), known).values
        return np.where(missing, found, values)


class _Score(keras.Model):
    """The likelihood alone, compiled."""

    def __init__(self, model: AutoregressiveModel) -> None:
        super().__init__(name="score", dtype="float32")
        self.model = model
        self.jit_compile = jit_compile()
        self.built = True

    def call(self, inputs: dict[str, Tensor]) -> Tensor:
        return self.model(inputs, training=False)["log_likelihood"]


class _Drawing(keras.layers.Layer):
    """Noise to raw images, through a note's own loop."""

    def __init__(self, model: AutoregressiveModel, name: str) -> None:
        super().__init__(dtype="float32", autocast=False, name=name)
        self.drawing, self.levels = model.drawing, model.levels
        self.built = True

    def call(self, inputs: dict[str, Tensor]) -> Tensor:
        uniform = to_uniform(inputs["noise"])
        known = inputs.get("known")
        if known is None:
            known = ops.full_like(uniform, OPEN)
        levels = self.drawing(uniform, known, inputs.get("label"))
        return self.levels.to_raw(levels)

    def compute_output_shape(self, inputs_shape: dict[str, Any]) -> Any:
        return inputs_shape["noise"]


def _uniform(seed: int, index: int, shape: tuple[int, ...]) -> Array:
    rng = np.random.default_rng([seed, index])
    return rng.random(shape, "float32")
