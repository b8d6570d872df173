"""Which body, how much of it, and what it makes of pixels."""

from typing import Any

import pydantic

from kerasnotes.base.errors import UsageError, did_you_mean
from kerasnotes.contracts.config import InputScale, NoteConfig, batch_size_for
from kerasnotes.contracts.fitting import check_images
from kerasnotes.data.spec import Spec
from kerasnotes.notes.backbone import bodies

STAGES = 7
"""Of an EfficientNet."""
SMALL = 32
"""Below this side, pixels, a whole body leaves nothing to see."""
CHANNELS = (1, 3)
Numbers = tuple[float, float, float]


class BackboneConfig(NoteConfig):
    """A body by name, and the head behind it."""

    body: str = pydantic.Field(
        "efficientnet_lite0",
        description="efficientnet_lite0, 1 or 2; keras.applications:NAME; "
        "keras_hub:CLASS with its `architecture`",
    )
    stages: int | None = pydantic.Field(
        None,
        ge=1,
        le=STAGES,
        description="of an EfficientNet-Lite that are used; null: all 7, of "
        "images below 32 pixels 3",
    )
    resize: int | None = pydantic.Field(
        None,
        ge=8,
        le=4096,
        description="side to which the network resizes its images, pixels; "
        "null: as they are",
    )
    dropout: float = pydantic.Field(
        0.2, ge=0, lt=1, description="rate before the last layer"
    )
    architecture: dict[str, Any] | None = pydantic.Field(
        None, description="of a body of KerasHub's: its own configuration"
    )
    scale: Numbers | None = pydantic.Field(
        None,
        description="what pixels of 0 to 255 are multiplied by, for each "
        "colour; null: as the body was trained",
    )
    offset: Numbers | None = pydantic.Field(
        None, description="what is added to them then; null: as trained"
    )

    @pydantic.field_validator("body")
    @classmethod
    def _check_body(cls, value: str) -> str:
        known = [*bodies.LITE, *map(bodies.APPLICATIONS.__add__, bodies.KERAS)]
        if value not in known and not value.startswith(bodies.HUB):
            raise ValueError(f"no such body; {did_you_mean(value, known)}")
        return value

    @pydantic.model_validator(mode="after")
    def _check(self) -> "BackboneConfig":
        if self.stages is not None and not self.lite:
            raise ValueError("`stages` are those of an EfficientNet-Lite.")
        if self.body.startswith(bodies.HUB) != (self.architecture is not None):
            raise ValueError(
                "A body of KerasHub's, and no other, has an `architecture`: "
                "--from keras_hub:FOLDER reads it from a preset."
            )
        return self

    @property
    def lite(self) -> bool:
        """Whether the body is an EfficientNet-Lite."""
        return self.body in bodies.LITE

    @property
    def input_scale(self) -> InputScale:
        """Pixels are told as the body was told them, whatever the data."""
        return "none"

    @property
    def image_size(self) -> int:
        """Side of class-folder images where none is named, pixels."""
        return bodies.LITE[self.body].side if self.lite else 224

    @property
    def pixels(self) -> bodies.Pixels:
        """What the body makes of pixels of 0 to 255."""
        own = bodies.own_pixels(self.body)
        return bodies.Pixels(
            self.scale or own.scale, self.offset or own.offset, own.blue_first
        )

    @property
    def least(self) -> int:
        """Shortest side of an image that the body takes, pixels."""
        if self.lite:
            return 1
        name = self.body.removeprefix(bodies.APPLICATIONS)
        return bodies.LARGE.get(name, bodies.LEAST)

    def check(self, spec: Spec) -> None:
        """Refuses what the body cannot see.

        Raises:
            UsageError: If the data are no images of one size, grey or in
                colour, or are too small.
        """
        least = 1 if self.resize else self.least
        check_images(spec, "backbone", least)
        channels = spec.input.shape[-1]
        if channels not in CHANNELS:
            raise UsageError(
                f"The images of `{spec.name}` have {channels} channels.",
                expected="one or three: grey, or red, green and blue",
                received=f"{channels} channels",
            )

    def model_defaults(self, spec: Spec) -> dict[str, Any]:
        self.check(spec)
        sides = spec.input.shape[:2]
        small = self.resize is None and min(s or 0 for s in sides) < SMALL
        return {"stages": 3} if small and self.lite else {}

    def train_defaults(self, spec: Spec, examples: int) -> dict[str, Any]:
        return {
            "batch_size": batch_size_for(examples, 64),
            "epochs": 10 if examples >= 10_000 else 30,
            "learning_rate": 1e-3,
        }
