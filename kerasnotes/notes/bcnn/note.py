"""Bayesian CNN: every weight is a normal distribution (Bayes by Backprop).

    q(w) = prod N(mean, softplus(rho)^2)
    -ELBO = sum_n E_q[-log p(y_n | x_n, w)] + KL(q || p)

minimized over `mean` and `rho`. A prediction is the mean of the
probabilities of S networks drawn from `q`.

Reference:
    Blundell et al., 2015. https://arxiv.org/abs/1505.05424
    Kingma, Salimans & Welling, 2015. https://arxiv.org/abs/1506.02557
    Shridhar et al., 2019. https://arxiv.org/abs/1901.02731

Departs from it:
    - `KL(q || p)`, scaled once (`kl_weight.py`). The third one's code
      computes `KL(p || q)`, and lets it weigh M times too little.
    - A tenth of the KL by default ("cold posterior", Wenzel et al., 2020,
      https://arxiv.org/abs/2002.02405), twice the width, ReLU; `kl=uniform
      width=1 activation=softplus` gives theirs, and the exact ELBO.
    - Kernels start from He's distribution, not from `N(0, 0.1^2)`.
    - A mixture prior's KL takes draws of its own, not the forward pass's:
      the same in expectation, and the local trick draws no weights.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import keras
import numpy as np
from keras import layers, ops

from kerasnotes.base.errors import UsageError
from kerasnotes.base.types import Array, Tensor
from kerasnotes.contracts.capabilities import (
    Bayesian,
    PreparesTraining,
    ServesMore,
    TellsContext,
)
from kerasnotes.contracts.fitting import check_images
from kerasnotes.contracts.note import NoteModel
from kerasnotes.data.spec import Spec
from kerasnotes.layers.standardization import standardization
from kerasnotes.notes.bcnn.config import BCNNConfig
from kerasnotes.notes.bcnn.ensemble import ensemble_model
from kerasnotes.notes.bcnn.kl_weight import kl_weight
from kerasnotes.notes.bcnn.networks import make_chain
from kerasnotes.notes.bcnn.posterior import WeightSamples
from kerasnotes.notes.bcnn.variational import Variational

WARMUP = 0.25
"""Part of all steps until the whole KL counts, if `kl=soenderby`."""
MOST_STORED = 100
"""Networks that are exported, at most: each has its own noise on disk."""


@keras.saving.register_keras_serializable("kerasnotes")
class BCNN(NoteModel):
    """Bayesian CNN for images of one size.

    Args:
        config: Network, prior, estimator, objective.
        spec: The data: input shape and classes.
        mean: Per channel, of raw training pixels.
        variance: Per channel, of raw training pixels.

    Call arguments:
        image: Tensor `(B, H, W, C)` of raw pixels.
        training: Whether to draw; else the weights are their means.

    Returns:
        Tensor `(B, K)`, float32: class probabilities.

    Raises:
        UsageError: If the data are no images of one size.
    """

    config_class = BCNNConfig
    note_config: BCNNConfig

    def __init__(
        self,
        config: BCNNConfig,
        spec: Spec,
        mean: Sequence[float],
        variance: Sequence[float],
    ) -> None:
        check_images(spec, "bcnn")
        # === Graph ===
        image = keras.Input(spec.input.shape, name="image")
        side = min(size for size in spec.input.shape[:2] if size)
        x = image
        for layer in (
            standardization(mean, variance, "standardize"),
            *make_chain(config, side, spec.target.num_classes),
            layers.Activation("softmax", dtype="float32", name="probabilities"),
        ):
            x = layer(x)
        super().__init__(inputs=image, outputs=x, name="bcnn")
        # === Config ===
        self.remember(config, spec, mean, variance)
        # The KL's weight rises, and the loss with it.
        self.loss_may_grow = config.kl == "soenderby"
        self._batches = self._warmup = 0
        self._passes = WeightSamples(self)
        # === State ===
        self._examples = self._count("examples", 1.0)
        self._steps = self._count("steps", 0.0)
        # === Metrics ===
        self._kl_tracker = keras.metrics.Mean(name="kl")

    def _count(self, name: str, value: float) -> Any:
        return self.add_weight(
            shape=(),
            initializer=keras.initializers.Constant(value),
            dtype="float32",
            trainable=False,
            name=name,
        )

    def prepare_training(
        self, *, examples: int, steps_per_epoch: int, epochs: int
    ) -> None:
        """Sets what the objective needs to know of the run, before `compile`.

        Args:
            examples: N, of the training part.
            steps_per_epoch: M, optimizer steps.
            epochs: Of the whole run.
        """
        self._examples.assign(float(examples))
        self._batches = steps_per_epoch
        self._warmup = max(1, round(WARMUP * steps_per_epoch * epochs))

    @property
    def variational(self) -> list[Variational]:
        """The layers with distributions, from input to output."""
        return [x for x in self.layers if isinstance(x, Variational)]

    def divergence(self) -> Tensor:
        """Returns `KL(q || p)` of all weights, a scalar, nats."""
        return sum(layer.divergence() for layer in self.variational)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Tensor:
        nll = super().compute_loss(
            x, y, y_pred, sample_weight, training=training
        )
        kl = self.divergence()
        self._kl_tracker.update_state(kl)
        weight = self._next_weight() if training else self._last_weight
        return nll + weight * kl / self._examples

    @property
    def _last_weight(self) -> float:
        """`M pi_i` of the whole objective: what training ends with."""
        config = self.note_config
        return config.tempering if config.kl == "fixed" else 1.0

    def _next_weight(self) -> Tensor:
        """Returns this step's `M pi_i`, and counts the step."""
        if not self._batches:
            raise RuntimeError(
                "The objective needs the number of examples: call "
                "`prepare_training` before `compile`."
            )
        config = self.note_config
        weight = kl_weight(
            config.kl,
            ops.floor(self._steps),
            batches=self._batches,
            warmup=self._warmup,
            beta=config.tempering,
        )
        # Accumulated parts of a batch share its place.
        parts = self.optimizer.gradient_accumulation_steps or 1
        self._steps.assign_add(1.0 / parts)
        return weight

    def monte_carlo(self, x: Array, samples: int, seed: int = 0) -> Array:
        """Answers by S networks drawn from the posterior.

        Network `s` depends on `(seed, s)` alone and answers for the whole
        batch, on every backend alike.

        Args:
            x: Array `(B, H, W, C)` of raw pixels.
            samples: S, at least 1.
            seed: Of the networks' noise, at least 0.

        Returns:
            Array `(S, B, K)`, float32: class probabilities.
        """
        return self._passes(x, samples, seed)

    def default_samples(self) -> int:
        return self.note_config.samples

    def serving_models(self) -> dict[str, Any]:
        """Returns the mean of S networks, and its uncertainty."""
        samples = min(self.note_config.samples, MOST_STORED)
        return {"uncertainty": ensemble_model(self, samples)}

    def signal_to_noise(self) -> Array:
        """Returns `|mean| / std` of every weight and bias, flat."""
        ratios = [
            np.abs(_numpy(mean)) / _numpy(std)
            for mean, std in _posteriors(self)
        ]
        return np.concatenate([ratio.ravel() for ratio in ratios])

    def pruned(self, share: float) -> "BCNN":
        """Returns a copy without its least certain weights.

        Args:
            share: Part of all weights, 0 to 1, whose mean is set to zero:
                those of lowest signal-to-noise ratio `|mean| / std`.

        Raises:
            UsageError: If `share` is not between 0 and 1.

        Reference:
            Blundell et al., 2015, section 5.1.
        """
        if not 0 <= share <= 1:
            raise UsageError(
                "No such part of the weights can be pruned.",
                expected="0 to 1",
                received=f"share={share}",
            )
        twin: BCNN = type(self).from_config(self.get_config())
        twin.set_weights(self.get_weights())
        flat = self.signal_to_noise()
        count = round(share * flat.size)
        order = np.argsort(flat, kind="stable")
        kept = np.ones(flat.size)
        kept[order[:count]] = 0.0
        start = 0
        for mean, _ in _posteriors(twin):
            size = int(np.prod(mean.shape))
            mask = kept[start : start + size].reshape(mean.shape)
            mean.assign(_numpy(mean) * mask)
            start += size
        return twin


def _posteriors(model: BCNN) -> Iterator[tuple[Any, Tensor]]:
    for layer in model.variational:
        yield layer.kernel_mean, layer.kernel_std
        yield layer.bias_mean, layer.bias_std


def _numpy(tensor: Tensor) -> Array:
    return np.asarray(ops.convert_to_numpy(tensor), "float32")


if TYPE_CHECKING:

    class _Offers(
        Bayesian, PreparesTraining, ServesMore, TellsContext, Protocol
    ): ...

    _: type[_Offers] = BCNN
