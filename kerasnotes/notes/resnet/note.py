"""Residual network: each block learns what to add to its input.

    y = relu(x + F(x)),   F(x) = norm(W_2 relu(norm(W_1 x)))

Reference:
    He et al., 2016, Deep residual learning for image recognition.
    https://arxiv.org/abs/1512.03385

Departs from it:
    - Each block starts as the identity (`zero_gamma`), and AdamW with a
      cosine trains it, not momentum with steps; `zero_gamma=false` is the
      paper's.
    - Images up to 64 pixels enter by a 3x3 convolution, whatever the depth
      (`stem`).
"""

from collections.abc import Sequence

import keras

from kerasnotes.contracts.fitting import check_images
from kerasnotes.contracts.note import NoteModel
from kerasnotes.data.spec import Spec
from kerasnotes.layers.answer import answer
from kerasnotes.layers.standardization import standardization
from kerasnotes.notes.resnet import pretrained
from kerasnotes.notes.resnet.config import ResNetConfig
from kerasnotes.notes.resnet.network import features


@keras.saving.register_keras_serializable("kerasnotes")
class ResNet(NoteModel):
    """Residual network for images of one size.

    Args:
        config: Depth, width and variants.
        spec: The data: input shape, and classes or measured values.
        mean: Per channel, of raw training pixels.
        variance: Per channel, of raw training pixels.

    Call arguments:
        image: Tensor `(B, H, W, C)` of raw pixels.

    Returns:
        Tensor `(B, K)`, float32: class probabilities, or measured values in
        raw units.

    Raises:
        UsageError: If the data are no images of one size.
    """

    config_class = ResNetConfig

    def __init__(
        self,
        config: ResNetConfig,
        spec: Spec,
        mean: Sequence[float],
        variance: Sequence[float],
    ) -> None:
        check_images(spec, "resnet")
        # === Graph ===
        inputs = keras.Input(spec.input.shape, name=spec.input.name)
        x = standardization(mean, variance, "standardize")(inputs)
        outputs = answer(features(x, config), spec)
        super().__init__(inputs=inputs, outputs=outputs, name="resnet")
        # === Config ===
        self.remember(config, spec, mean, variance)

    @classmethod
    def from_applications(
        cls, source: keras.Model, classes: Sequence[str]
    ) -> "ResNet":
        """Returns the same network as Keras', with its weights.

        It takes raw pixels, red first, and needs no `preprocess_input`.

        Args:
            source: `keras.applications.ResNet50`, its last layers included.
            classes: Names of its classes, in their order.

        Raises:
            ValueError: If it is another network, or has other classes.
        """
        model = cls(*pretrained.settings(source, classes))
        pretrained.copy_weights(source, model)
        return model
