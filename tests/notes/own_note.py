"""A small convolutional network: two convolutions, pooling, softmax."""

from collections.abc import Sequence

import keras
import pydantic
from keras import layers

from kerasnotes.contracts.config import NoteConfig
from kerasnotes.contracts.note import NoteModel
from kerasnotes.data.spec import Spec
from kerasnotes.layers.standardization import standardization
from kerasnotes.notes import Note

NOTE = Note(
    name="own_note",
    family="mine",
    task="classification",
    data="digits",
    summary="A small convolutional network of my own",
    model="MyNet",
)


class MyNetConfig(NoteConfig):
    """Sizes of the network."""

    width: int = pydantic.Field(8, ge=1, description="filters")


@keras.saving.register_keras_serializable("own_note")
class MyNet(NoteModel):
    """Two convolutions and a softmax."""

    config_class = MyNetConfig

    def __init__(
        self,
        config: MyNetConfig,
        spec: Spec,
        mean: Sequence[float],
        variance: Sequence[float],
    ) -> None:
        image = keras.Input(spec.input.shape, name="image")
        x = standardization(mean, variance, "standardize")(image)
        for number in (1, 2):
            x = layers.Conv2D(
                config.width * number,
                3,
                activation="relu",
                name=f"conv{number}",
            )(x)
        x = layers.GlobalAveragePooling2D(name="pool")(x)
        p = layers.Dense(
            spec.target.num_classes, "softmax", name="probabilities"
        )(x)
        super().__init__(inputs=image, outputs=p, name="own_note")
        self.remember(config, spec, mean, variance)
