"""Base of the notes whose loss is their own: VAE, GAN, diffusion."""

from collections.abc import Mapping
from typing import Any, ClassVar

from kerasnotes.base.types import Progress, Tensor
from kerasnotes.contracts.generation import Generated, Request
from kerasnotes.contracts.model import KerasModel
from kerasnotes.contracts.note import Described


class ObjectiveModel(Described, KerasModel):
    """A model whose `call` is a stochastic forward pass.

    `__init__(config, spec, mean, variance)` builds functional sub-networks
    as attributes, ends with `remember(...)` and `self.built = True`. What
    `call` returns, `reduce` turns into the loss: one definition for all
    backends.

    Call arguments:
        inputs: `x`, Tensor `(B, ...)` of raw values, and `y`, Tensor `(B,)`
            of class numbers. Every random draw may be given by name
            besides; what is not given is drawn.

    Attributes:
        monitor: Validation metric that picks the best epoch, smaller is
            better; `None` takes the last epoch.
        sample_options: Fields of `Request` understood beside `count` and
            `seed`.
        quick_sampling: Fields of `Request` for its fastest way of sampling.
    """

    monitor: ClassVar[str | None] = "val_loss"
    sample_options: ClassVar[frozenset[str]] = frozenset()
    quick_sampling: ClassVar[Mapping[str, Any]] = {}

    @property
    def parts(self) -> dict[str, Any]:
        """The functional networks by name, in the order of use."""
        raise NotImplementedError

    def call(
        self, inputs: dict[str, Tensor], training: bool = False
    ) -> dict[str, Tensor]:
        raise NotImplementedError

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Tensor:
        return self.reduce(y_pred)

    def reduce(self, outputs: dict[str, Tensor]) -> Tensor:
        """Returns the scalar loss of what `call` gave; updates trackers."""
        raise NotImplementedError

    def generate(
        self, request: Request, progress: Progress | None = None
    ) -> Generated:
        """Draws new examples.

        Raises:
            UsageError: If the request does not fit this model.
        """
        raise NotImplementedError

    def serving_model(self) -> Any:
        """Returns the functional model that `kn export` writes."""
        raise NotImplementedError
