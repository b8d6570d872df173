"""Bodies by name, and how each wants its pixels; imports no framework.

Reference:
    EfficientNet-Lite: https://github.com/tensorflow/tpu/tree/master/models/
    official/efficientnet/lite (sizes of `efficientnet_lite_builder.py`).
"""

import dataclasses

APPLICATIONS = "keras.applications:"
"""Begins a network's name there: `keras.applications:MobileNetV2`."""
HUB = "keras_hub:"
"""Begins a preset's folder, or, in a configuration, a class of KerasHub's."""
MEAN = (123.675, 116.28, 103.53)
DEVIATION = (58.395, 57.12, 57.375)
"""Of ImageNet's red, green and blue."""


@dataclasses.dataclass(frozen=True)
class Pixels:
    """What a body makes of pixels of 0 to 255: `scale x + offset`.

    Args:
        scale: Of each channel.
        offset: Of each channel.
        blue_first: Whether it takes blue, green, red; so are both numbers.
    """

    scale: tuple[float, ...] = (1.0, 1.0, 1.0)
    offset: tuple[float, ...] = (0.0, 0.0, 0.0)
    blue_first: bool = False


@dataclasses.dataclass(frozen=True)
class Lite:
    """Sizes of an EfficientNet-Lite.

    Args:
        width: Filters of its stages over those of lite0.
        depth: Blocks of its stages over those of lite0.
        side: Of the images that it was trained on, pixels.
    """

    width: float
    depth: float
    side: int


LITE = {
    "efficientnet_lite0": Lite(1.0, 1.0, 224),
    "efficientnet_lite1": Lite(1.0, 1.1, 240),
    "efficientnet_lite2": Lite(1.1, 1.2, 260),
}
"""Those whose weights are in a package of the Python Package Index."""
LITE_PIXELS = Pixels((1 / 128,) * 3, (-127 / 128,) * 3)

_RAW = Pixels()
_SIGNED = Pixels((1 / 127.5,) * 3, (-1.0,) * 3)
_STANDARD = Pixels(
    tuple(1 / deviation for deviation in DEVIATION),
    tuple(-m / d for m, d in zip(MEAN, DEVIATION, strict=True)),
)
_CENTRED = Pixels(offset=(-103.939, -116.779, -123.68), blue_first=True)

KERAS = {
    **dict.fromkeys(
        ("VGG16", "VGG19", "ResNet50", "ResNet101", "ResNet152"), _CENTRED
    ),
    **dict.fromkeys(
        (
            "ResNet50V2",
            "ResNet101V2",
            "ResNet152V2",
            "MobileNet",
            "MobileNetV2",
            "InceptionV3",
            "InceptionResNetV2",
            "Xception",
        ),
        _SIGNED,
    ),
    **dict.fromkeys(("DenseNet121", "DenseNet169", "DenseNet201"), _STANDARD),
    # These have a layer for it.
    **dict.fromkeys(
        (
            *(f"EfficientNetB{number}" for number in range(8)),
            *(f"EfficientNetV2B{number}" for number in range(4)),
            *(f"EfficientNetV2{size}" for size in "SML"),
            "MobileNetV3Small",
            "MobileNetV3Large",
            "ConvNeXtTiny",
            "ConvNeXtSmall",
            "ConvNeXtBase",
        ),
        _RAW,
    ),
}
"""Networks of `keras.applications`, and their `preprocess_input`."""
LARGE = {"InceptionV3": 75, "InceptionResNetV2": 75, "Xception": 71}
"""Those that need larger images than the others, pixels."""
LEAST = 32


def own_pixels(body: str) -> Pixels:
    """Returns how a body by name was told its pixels, as far as is known."""
    if body in LITE:
        return LITE_PIXELS
    return KERAS.get(body.removeprefix(APPLICATIONS), _RAW)
