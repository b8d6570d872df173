"""What all notes share: built from a Spec, saved by configuration."""

import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar

from kerasnotes.backends.keras_internals import ask_function
from kerasnotes.base.types import Tensor
from kerasnotes.contracts.config import NoteConfig
from kerasnotes.contracts.model import KerasModel
from kerasnotes.data.spec import Spec


class Described:
    """A model made by `__init__(config, spec, mean, variance)`.

    Saving keeps these four, so that a file loads on any backend and in any
    precision.
    """

    config_class: ClassVar[type[NoteConfig]]
    head: ClassVar[tuple[str, ...]] = ()
    """Layers that answer: new where something else is to be answered."""
    entry: ClassVar[tuple[str, ...]] = ()
    """Layers that read a table's columns by their places."""
    loss_may_grow: bool = False
    """Whether a growing loss is no sign of divergence."""

    def remember(
        self,
        config: NoteConfig,
        spec: Spec,
        mean: Sequence[float],
        variance: Sequence[float],
    ) -> None:
        """Keeps what `get_config` returns; call it after `super()`."""
        self.note_config = config
        self.spec = spec
        self._statistics = (
            [float(value) for value in mean],
            [float(value) for value in variance],
        )

    def get_config(self) -> dict[str, Any]:
        mean, variance = self._statistics
        return {
            "config": self.note_config.model_dump(mode="json"),
            "spec": self.spec.to_json(),
            "mean": mean,
            "variance": variance,
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Any = None
    ) -> Any:
        make: Any = cls
        return make(
            cls.config_class.model_validate(config["config"]),
            Spec.from_json(config["spec"]),
            config["mean"],
            config["variance"],
        )


@dataclasses.dataclass(frozen=True)
class Behind:
    """The part of a network behind a tensor inside of it.

    Args:
        function: A `keras.Function` from that tensor to the answer.
    """

    function: Any

    def __call__(self, inputs: Tensor, training: bool | None) -> Tensor:
        return ask_function(self.function, inputs, training)


class NoteModel(Described, KerasModel):
    """Base of the notes whose network is one functional graph.

    Keras rewrites the bases of such a class when the first model is made:
    notes that are not one graph have a base of their own, `ObjectiveModel`.

    Attributes:
        context: Pixels on either side that an output pixel depends on.
        stride: Tiles of a large image begin at multiples of it.
        any_size: Whether images of any size are answered at their own; else
            they are mirrored up to a multiple of `stride`.
        behind: While it learns from what its frozen layers say, computed
            beforehand: what of it is asked.
    """

    head: ClassVar[tuple[str, ...]] = ("logits", "standardized")
    context: int = 0
    stride: int = 1
    any_size: bool = False
    behind: Behind | None = None

    def call(
        self, inputs: Any, training: bool | None = None, mask: Any = None
    ) -> Any:
        if self.behind is not None:
            return self.behind(inputs, training)
        return super().call(inputs, training=training, mask=mask)

    def compute_output_spec(
        self, inputs: Any, training: bool | None = None, mask: Any = None
    ) -> Any:
        if self.behind is not None:
            return self.behind.function.compute_output_spec(inputs)
        return super().compute_output_spec(inputs, training, mask)
