"""Generative adversarial networks: a generator against a discriminator.

    V(D, G) = E log D(x) + E log(1 - D(G(z))),   z ~ N(0, I)

Two phases a step, each with an optimizer of its own: the discriminator
tells real from generated examples, the generator makes them harder to tell.
In either phase the other player stands still, the statistics of its batch
normalization included, and real and generated examples are normalized as
batches of their own.

Where the notes differ: `z` is the latent of `p_model(x; theta)`, not its
parameter; see `losses.py` for the value function and the loss.

Reference:
    Goodfellow et al., 2014. https://arxiv.org/abs/1406.2661

Departs from it:
    - Convolutions as in DCGAN for images; see `networks.py`.
    - The loss is a choice: minimax is the paper's; `wasserstein` with
      `gradient_penalty` (Gulrajani et al., 2017) and `r1` (Mescheder et
      al., 2018) are here.
    - What is sampled are averaged weights (`train.ema`), as in Yazici et
      al., 2019, https://arxiv.org/abs/1806.04498.
    - Adam instead of momentum.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import keras
import numpy as np
from keras import layers, ops

from kerasnotes.backends.gradients import input_gradient
from kerasnotes.backends.jit import jit_compile
from kerasnotes.backends.phase import Inputs, Phase
from kerasnotes.base.errors import UsageError
from kerasnotes.base.types import Array, Progress, Tensor
from kerasnotes.contracts.capabilities import (
    DrawsEpochs,
    Generates,
    HasPhases,
    PreparesTraining,
    Remarks,
)
from kerasnotes.contracts.generation import Generated, Request, check
from kerasnotes.contracts.objective import ObjectiveModel
from kerasnotes.data.spec import Spec
from kerasnotes.inference import latent_drawing
from kerasnotes.layers.value_scale import ValueScale
from kerasnotes.notes.gan import losses as adversarial
from kerasnotes.notes.gan import networks as gan_networks
from kerasnotes.notes.gan.config import GANConfig

Seen = dict[str, Tensor]
COLLAPSED = 0.1
"""Part of the data's variance below which a batch is all alike."""
PINNED = 0.998
"""Part of all examples told right above which the game is over."""


@keras.saving.register_keras_serializable("kerasnotes")
class GAN(ObjectiveModel):
    """Generator and discriminator of images of one size, or of table rows.

    Args:
        config: Sizes, loss and penalties.
        spec: The data. Pixels are scaled from its limits to `[-1, 1]`.
        mean: Per channel or column; columns are standardized by it.
        variance: Per channel or column, of raw training values.

    Call arguments:
        inputs: `x`, Tensor `(B, ...)` of raw values, and `y`, Tensor `(B,)`
            of classes; if given, `noise`, `(B, latent)`, and `mix`, `(B,)`
            in `[0, 1]`, where the gradient penalty is taken.

    Returns:
        `real` and `fake`, Tensors `(B,)` of logits, and `diversity`, the
        variance of generated examples over that of real ones.

    Raises:
        UsageError: If the networks do not fit the data.
    """

    config_class = GANConfig
    note_config: GANConfig
    monitor: ClassVar[str | None] = None
    loss_may_grow = True

    def __init__(
        self,
        config: GANConfig,
        spec: Spec,
        mean: Sequence[float],
        variance: Sequence[float],
    ) -> None:
        super().__init__(name="gan", dtype="float32")
        # === Graph ===
        self.generator, self.discriminator = gan_networks.build(config, spec)
        # Sampling: XLA only where it pays.
        self.generator.jit_compile = jit_compile()
        self.scale = ValueScale(spec, mean, variance)
        self.seed_generator = keras.random.SeedGenerator(
            int(np.random.randint(1, 10**9))
        )
        # === Config ===
        self.remember(config, spec, mean, variance)
        self.game = adversarial.GAMES[config.loss]
        # === Metrics ===
        self.trackers = {
            name: keras.metrics.Mean(name=name)
            for name in (*self._shown, "generator_loss", "diversity")
        }
        self._told: tuple[str, ...] = ()
        self.built = True

    def prepare_training(
        self, *, examples: int, steps_per_epoch: int, epochs: int
    ) -> None:
        """Checks that every step of the discriminator has its examples."""
        if examples < self.note_config.repeats:
            raise UsageError(
                "There are fewer training examples than critic_steps.",
                expected=f"at least {self.note_config.repeats} examples",
                received=f"{examples}",
                hint="more data, or a smaller --set critic_steps",
            )

    @property
    def _shown(self) -> list[str]:
        told = "distance" if self.game.boundary is None else "accuracy"
        return ["discriminator_loss", told]

    @property
    def sample_options(self) -> frozenset[str]:  # type: ignore[override]
        """Fields of `Request` understood beside `count` and `seed`."""
        return frozenset({"label"} if self.note_config.conditional else ())

    @property
    def parts(self) -> dict[str, Any]:
        return {
            "generator": self.generator,
            "discriminator": self.discriminator,
        }

    @property
    def phases(self) -> list[Phase]:
        """The two players, in the order of their moves."""
        config, seed = self.note_config, self.seed_generator.state
        betas: Any = {"beta_1": config.beta_1, "beta_2": config.beta_2}
        return [
            Phase(
                "discriminator",
                self._discriminator_objective,
                self.discriminator.trainable_variables,
                [*self.discriminator.non_trainable_variables, seed],
                repeat=config.repeats,
                rate=config.discriminator_rate,
                **betas,
            ),
            Phase(
                "generator",
                self._generator_objective,
                self.generator.trainable_variables,
                [*self.generator.non_trainable_variables, seed],
                averaged=True,
                **betas,
            ),
        ]

    def _generate(self, inputs: Inputs, training: bool) -> Tensor:
        """Draws as many examples as there are real ones, in scaled units."""
        noise = inputs.get("noise")
        if noise is None:
            shape = (ops.shape(inputs["x"])[0], self.note_config.latent)
            noise = keras.random.normal(shape, seed=self.seed_generator)
        return self.generator(
            self._with_class(noise, inputs), training=training
        )

    def _with_class(self, x: Tensor, inputs: Inputs) -> Any:
        return [x, inputs["y"]] if self.note_config.conditional else x

    def _logit(self, x: Tensor, inputs: Inputs, training: bool) -> Tensor:
        return self.discriminator(
            self._with_class(x, inputs), training=training
        )

    def _discriminator_objective(self, inputs: Inputs) -> tuple[Tensor, Seen]:
        x = self.scale.to_unit(inputs["x"])
        made = ops.stop_gradient(self._generate(inputs, True))
        penalty = 0.0
        if self.note_config.r1_weight:
            # The penalty's pass gives the logits of the real examples too.
            real, slope = input_gradient(
                lambda x: self._logit(x, inputs, True), x
            )
            penalty = self.note_config.r1_weight * adversarial.r1_penalty(slope)
        else:
            real = self._logit(x, inputs, True)
        fake = self._logit(made, inputs, True)
        if self.note_config.penalty:
            penalty += self._gradient_penalty(x, made, inputs)
        losses = self.game.discriminator(real, fake)
        seen = self._see_discriminator(losses, real, fake)
        return ops.mean(losses + penalty), seen

    def _gradient_penalty(
        self, real: Tensor, made: Tensor, inputs: Inputs
    ) -> Tensor:
        amount = inputs.get("mix")
        if amount is None:
            amount = keras.random.uniform(
                (ops.shape(real)[0],), seed=self.seed_generator
            )
        between = adversarial.mix(real, made, amount)
        _, slope = input_gradient(
            lambda x: self._logit(x, inputs, True), between
        )
        return self.note_config.penalty * adversarial.gradient_penalty(slope)

    def _see_discriminator(
        self, losses: Tensor, real: Tensor, fake: Tensor
    ) -> Seen:
        told, boundary = self._shown[1], self.game.boundary
        if boundary is None:
            value = -ops.mean(losses)
        else:
            right = ops.concatenate([real > boundary, fake <= boundary])
            value = ops.mean(ops.cast(right, "float32"))
        return {"discriminator_loss": ops.mean(losses), told: value}

    def _generator_objective(self, inputs: Inputs) -> tuple[Tensor, Seen]:
        made = self._generate(inputs, True)
        loss = ops.mean(self.game.generator(self._logit(made, inputs, True)))
        diversity = _diversity(made, self.scale.to_unit(inputs["x"]))
        return loss, {"generator_loss": loss, "diversity": diversity}

    def call(self, inputs: Inputs, training: bool = False) -> dict[str, Tensor]:
        made = self._generate(inputs, training)
        x = self.scale.to_unit(inputs["x"])
        return {
            "real": self._logit(x, inputs, training),
            "fake": self._logit(made, inputs, training),
            "diversity": _diversity(made, x),
        }

    def reduce(self, outputs: dict[str, Tensor]) -> Tensor:
        real, fake = outputs["real"], outputs["fake"]
        losses = self.game.discriminator(real, fake)
        generator_loss = ops.mean(self.game.generator(fake))
        seen = {
            **self._see_discriminator(losses, real, fake),
            "generator_loss": generator_loss,
            "diversity": outputs["diversity"],
        }
        for name, value in seen.items():
            self.trackers[name].update_state(value)
        return ops.mean(losses) + generator_loss

    def remarks(self, values: dict[str, float]) -> list[str]:
        found = {}
        if values.get("diversity", 1.0) < COLLAPSED:
            found["collapse"] = (
                "The generated examples of a batch are nearly all alike "
                f"(variance {values['diversity']:.2g} of the data's): the "
                "generator has collapsed. Try a larger --set r1, or a smaller "
                "--learning-rate."
            )
        if values.get("accuracy", 0.0) > PINNED:
            found["pinned"] = (
                "The discriminator tells all examples apart: the generator "
                "may learn nothing more. Try a larger --set r1, or a smaller "
                "--set discriminator_rate."
            )
        # Once when it begins, not after every epoch that it lasts.
        new = [text for kind, text in found.items() if kind not in self._told]
        self._told = tuple(found)
        return new

    def generate(
        self, request: Request, progress: Progress | None = None
    ) -> Generated:
        check(request, self.sample_options, self.name, self.spec)
        labels = None
        if self.note_config.conditional:
            labels = np.arange(request.count) % self.spec.target.num_classes
            if request.label is not None:
                labels[:] = request.label

        def decode(noise: Array, numbers: Array) -> Array:
            inputs: Any = noise
            if labels is not None:
                inputs = [noise, labels[numbers].astype("int32")]
            answer = self.generator.predict_on_batch(inputs)
            return np.asarray(answer, "float32")

        values = latent_drawing.draw(
            decode, self.note_config.latent, request, progress
        )
        return Generated(self.scale.to_raw(values), labels, None, {})

    def epoch_request(self, count: int) -> Request:
        """Returns the same noise every time: losses tell little of a game."""
        return Request(count)

    def serving_model(self) -> Any:
        """Returns noise `(B, latent)`, and labels, to raw examples."""
        raw = layers.Rescaling(
            self.scale.scale.tolist(),
            self.scale.shift.tolist(),
            dtype="float32",
            name=self.spec.input.name,
        )
        return keras.Model(
            self.generator.input, raw(self.generator.output), name="sampler"
        )


def _diversity(made: Tensor, real: Tensor) -> Tensor:
    """Returns the variance over the batch of one over that of the other."""
    made, real = ops.cast(made, "float32"), ops.cast(real, "float32")
    spread = ops.mean(ops.var(made, axis=0))
    return spread / (ops.mean(ops.var(real, axis=0)) + 1e-12)


if TYPE_CHECKING:

    class _Offers(
        Generates, DrawsEpochs, HasPhases, PreparesTraining, Remarks, Protocol
    ): ...

    _: type[_Offers] = GAN
