"""Weights of `keras.applications.ResNet50` (101, 152), in a ResNet of ours.

Their convolutions have biases, each before a normalization: it takes them up in
its mean.
"""

from collections.abc import Sequence
from typing import Any

from kerasnotes.layers import applications
from kerasnotes.notes.resnet.config import BLOCKS, ResNetConfig


def settings(source: Any, classes: Sequence[str]) -> tuple[Any, ...]:
    """Returns config, spec, mean and variance for the same network.

    Args:
        source: A `keras.applications.ResNet50`, 101 or 152 (not V2) with
            its last layer.
        classes: Names of its classes, in their order.

    Raises:
        ValueError: If it is another network, or has other classes.
    """
    blocks = _blocks(source)
    depth = next((d for d, b in BLOCKS.items() if d >= 50 and b == blocks), 0)
    if not depth:
        raise ValueError(
            "`source` must be ResNet50, ResNet101 or ResNet152. Received: "
            f"{source.name} with blocks {blocks}"
        )
    spec = applications.describe(source, classes)
    config = ResNetConfig.model_validate(
        {"depth": depth, "stem": "imagenet", "zero_gamma": False}
    )
    return config, spec, applications.MEAN, applications.VARIANCE


def _blocks(source: Any) -> tuple[int, ...]:
    """Returns how many blocks each stage of theirs has."""
    names = {layer.name for layer in source.layers}
    return tuple(
        sum(f"conv{stage}_block{n}_3_conv" in names for n in range(1, 100))
        for stage in range(2, 6)
    )


def copy_weights(source: Any, model: Any) -> None:
    """Copies the weights of `source` into a model of `settings`."""
    _copy(source, model, "conv1", "stem", "stem_norm")
    for stage, count in enumerate(model.note_config.blocks, start=1):
        for block in range(1, count + 1):
            theirs = f"conv{stage + 1}_block{block}"
            ours = f"stage{stage}_block{block}"
            for number in (1, 2, 3):
                _copy(
                    source,
                    model,
                    f"{theirs}_{number}",
                    f"{ours}_conv{number}",
                    f"{ours}_norm{number}",
                )
            if block == 1:
                shortcut = f"{ours}_shortcut"
                _copy(
                    source, model, f"{theirs}_0", shortcut, f"{shortcut}_norm"
                )
    weights = source.get_layer("predictions").get_weights()
    model.get_layer("logits").set_weights(weights)


def _copy(source: Any, model: Any, theirs: str, conv: str, norm: str) -> None:
    """Copies a convolution, and the normalization that follows it.

    norm(W x + b) = gamma (W x - (mean - b)) / sqrt(variance + epsilon) + beta
    """
    kernel, bias = source.get_layer(f"{theirs}_conv").get_weights()
    if theirs == "conv1":
        kernel = applications.red_first(kernel)
    model.get_layer(conv).set_weights([kernel])
    other, own = source.get_layer(f"{theirs}_bn"), model.get_layer(norm)
    gamma, beta, mean, variance = other.get_weights()
    variance = variance + (other.epsilon - own.epsilon)
    own.set_weights([gamma, beta, mean - bias, variance])
