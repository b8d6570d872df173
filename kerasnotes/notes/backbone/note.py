"""Backbone: a body that others have trained, and a head of one's own.

    y = softmax(W f(x) + b),   f the body, its answers averaged over places

The body is an EfficientNet-Lite, a network of `keras.applications`, or a
backbone of KerasHub. What each makes of pixels is part of the network.

Reference:
    Yosinski et al., 2014, How transferable are features in deep neural
    networks? https://arxiv.org/abs/1411.1792
    Kornblith et al., 2019, Do better ImageNet models transfer better?
    https://arxiv.org/abs/1805.08974
"""

from collections.abc import Sequence

import keras

from kerasnotes.contracts.note import NoteModel
from kerasnotes.data.spec import Spec
from kerasnotes.layers.answer import answer
from kerasnotes.layers.dropout import dropout
from kerasnotes.notes.backbone import pretrained
from kerasnotes.notes.backbone.config import BackboneConfig
from kerasnotes.notes.backbone.network import features


@keras.saving.register_keras_serializable("kerasnotes")
class Backbone(NoteModel):
    """A body by name with a head for images of one size, grey or in colour.

    Args:
        config: The body.
        spec: The data: input shape, and classes or measured values.
        mean: Not used: pixels are told as the body was told them.
        variance: Not used.

    Call arguments:
        image: Tensor `(B, H, W, C)` of raw pixels, `C` 1 or 3.

    Returns:
        Tensor `(B, K)`, float32: class probabilities, or measured values in
        raw units.

    Raises:
        UsageError: If the data are no images of one size, or too small, or
            the body is of a package that is not installed.
    """

    config_class = BackboneConfig

    def __init__(
        self,
        config: BackboneConfig,
        spec: Spec,
        mean: Sequence[float],
        variance: Sequence[float],
    ) -> None:
        config.check(spec)
        # === Graph ===
        inputs = keras.Input(spec.input.shape, name=spec.input.name)
        x = features(inputs, spec.input, config)
        if config.dropout:
            x = dropout(config.dropout, "dropout")(x)
        super().__init__(
            inputs=inputs, outputs=answer(x, spec), name="backbone"
        )
        # === Config ===
        self.remember(config, spec, mean, variance)

    @classmethod
    def from_pretrained(cls, source: str, config: BackboneConfig) -> "Backbone":
        """Returns a network for ImageNet whose body has trained weights.

        Args:
            source: As `--from` takes it: `efficientnet_lite0`,
                `keras.applications:MobileNetV2`, `keras_hub:FOLDER`.
            config: With that body.

        Raises:
            DataError: If the weights cannot be had.
            UsageError: If a package is not installed.
        """
        model = cls(config, pretrained.describe(config), [0.0] * 3, [1.0] * 3)
        pretrained.copy_weights(source, model)
        return model
