"""A note's own fields: readable without Keras."""

from typing import Any, ClassVar, Literal

import pydantic

from kerasnotes.base.config import Config
from kerasnotes.base.errors import UsageError
from kerasnotes.data.fields import Kind
from kerasnotes.data.spec import Spec

InputScale = Literal["standard", "min-max", "robust", "none"]
"""What is taken from raw inputs and what they are divided by: mean and
standard deviation; least value and range; median and interquartile range; 0
and 1."""


class NoteConfig(Config):
    """Base of every note's own fields.

    Attributes:
        takes_categories: Whether the network gives categorical columns of a
            table their meaning; else such data are refused.
        takes: Kinds of inputs that the network reads.
        reads_images: How it has images read, unless the user says otherwise:
            see `DataConfig.read_as`.
        reads_future: Whether it reads what is known of rows to forecast.
        takes_varied: Whether it reads series that differ in length.
        of_solver: Fields that say something to L-BFGS alone.
        begins_with: Other notes whose networks it can begin with: layers
            and fields of the same names mean the same.
    """

    takes_categories: ClassVar[bool] = False
    takes: ClassVar[tuple[Kind, ...]] = ("image", "table")
    reads_images: ClassVar[str] = "images"
    reads_future: ClassVar[bool] = False
    takes_varied: ClassVar[bool] = False
    of_solver: ClassVar[tuple[str, ...]] = ()
    begins_with: ClassVar[tuple[str, ...]] = ()

    @property
    def input_scale(self) -> InputScale:
        """How raw inputs are normalized, per channel or column."""
        return "standard"

    @property
    def image_size(self) -> int | None:
        """Side of class-folder images where none is named, pixels."""
        return None

    @property
    def solvers(self) -> tuple[str, ...]:
        """Optimizers that it has itself, whole epochs at once.

        Its model then `SolvesEpochs`.
        """
        return ()

    def train_defaults(self, spec: Spec, examples: int) -> dict[str, Any]:
        """Returns the `TrainConfig` values this note does best with.

        Args:
            spec: The data, with the training size of images in `shape`.
            examples: Number of training examples or patches an epoch.
        """
        return {}

    def optimizer_for(self, spec: Spec, examples: int) -> str:
        """Returns the optimizer that this note does best with."""
        return "adamw"

    def solver_defaults(self, examples: int) -> dict[str, Any]:
        """Returns what `train_defaults` does, for its `solvers`."""
        return {}

    def model_defaults(self, spec: Spec) -> dict[str, Any]:
        """Returns own fields that have another default for this data."""
        return {}


class ScaledConfig(NoteConfig):
    """Base of the notes whose normalization of inputs can be chosen."""

    normalization_input: InputScale = pydantic.Field(
        "standard",
        description="of raw inputs per channel or column, fitted on the "
        "training part: mean and deviation, least and range, median and "
        "interquartile range, or none",
    )

    @property
    def input_scale(self) -> InputScale:
        return self.normalization_input


def batch_size_for(examples: int, most: int = 128) -> int:
    """Returns 16, doubled up to `most` while an epoch has 20 steps or more."""
    batch_size = 16
    while batch_size < most and 40 * batch_size < examples:
        batch_size *= 2
    return batch_size


def check_conditional(conditional: bool, spec: Spec) -> None:
    """Raises a `UsageError` if classes are wanted of data that have none."""
    if conditional and not spec.target.classes:
        raise UsageError(
            f"`conditional` needs classes, and `{spec.name}` has none.",
            expected="examples with a label: a sub-folder for each class",
            received="conditional=true for examples without a label",
            hint="--set conditional=false",
        )
