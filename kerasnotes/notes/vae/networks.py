"""Encoders and decoders of the variational autoencoder.

An encoder turns `x` into what its latents need (`mean` and `log_var`, or
`logits`), a decoder turns latents into the parameters of `p(x|z)`: `logits` or
`mean`, `(B, ...)`.
"""

import math
from typing import Any

import keras
from keras import layers

from kerasnotes.base.types import Tensor
from kerasnotes.data.spec import Spec
from kerasnotes.notes.vae.config import VAEConfig
from kerasnotes.notes.vae.latents import Latents

Shape = tuple[int, ...]


def build(config: VAEConfig, spec: Spec, latents: Latents) -> tuple[Any, Any]:
    """Returns the encoder and the decoder for one kind of example."""
    bernoulli = config.likelihood_for(spec) == "bernoulli"
    output = "logits" if bernoulli else "mean"
    shape: Any = spec.input.shape
    sizes: Any = {"activation": config.activation}
    if config.network_for(spec) == "mlp":
        sizes["widths"] = config.widths or (400,)
        encoder = mlp_encoder(shape, latents=latents, **sizes)
        sizes |= {"latent": latents.size, "output": output}
        return encoder, mlp_decoder(shape, **sizes)
    sizes |= {"widths": config.widths or (32, 64), "hidden": config.hidden}
    encoder = conv_encoder(shape, latents=latents, **sizes)
    sizes |= {"latent": latents.size, "output": output}
    return encoder, conv_decoder(shape, **sizes)


def mlp_encoder(
    shape: Shape, *, widths: Shape, latents: Latents, activation: str
) -> Any:
    """Returns dense layers from `x` to what its latents need.

    Args:
        shape: Of one example.
        widths: Units of the hidden layers.
        latents: Their kind and number.
        activation: Keras name, after each hidden layer.
    """
    inputs = keras.Input(shape, name="x")
    x = inputs
    if len(shape) > 1:
        x = layers.Flatten(name="e_flatten")(x)
    for number, units in enumerate(widths, start=1):
        x = layers.Dense(units, activation, name=f"e_dense{number}")(x)
    return keras.Model(inputs, latents.heads(x), name="encoder")


def mlp_decoder(
    shape: Shape, *, widths: Shape, latent: int, activation: str, output: str
) -> Any:
    """Returns the mirror image of `mlp_encoder`; `output` is its name."""
    inputs = keras.Input((latent,), name="z")
    x = inputs
    for number, units in enumerate(reversed(widths), start=1):
        x = layers.Dense(units, activation, name=f"d_dense{number}")(x)
    x = layers.Dense(math.prod(shape), dtype="float32", name="d_last")(x)
    x = layers.Reshape(shape, dtype="float32", name=f"d_{output}")(x)
    return keras.Model(inputs, x, name="decoder")


def conv_encoder(
    shape: Shape,
    *,
    widths: Shape,
    hidden: int,
    latents: Latents,
    activation: str,
) -> Any:
    """Returns halving convolutions, a dense layer, what the latents need.

    Args:
        shape: `(H, W, C)` of one image.
        widths: Channels after each halving.
        hidden: Units of the dense layer; 0 leaves it out.
        latents: Their kind and number.
        activation: Keras name, after each layer.
    """
    inputs = keras.Input(shape, name="x")
    x = inputs
    for number, width in enumerate(widths, start=1):
        x = layers.Conv2D(
            width, 4, 2, "same", activation=activation, name=f"e_conv{number}"
        )(x)
    x = layers.Flatten(name="e_flatten")(x)
    if hidden:
        x = layers.Dense(hidden, activation, name="e_dense")(x)
    return keras.Model(inputs, latents.heads(x), name="encoder")


def conv_decoder(
    shape: Shape,
    *,
    widths: Shape,
    hidden: int,
    latent: int,
    activation: str,
    output: str,
) -> Any:
    """Returns the mirror image of `conv_encoder`; `output` is its name.

    Sizes that are no multiple of the halvings come out larger and are cut.
    """
    step = 2 ** len(widths)
    height, width = -(-shape[0] // step), -(-shape[1] // step)
    inputs = keras.Input((latent,), name="z")
    x = inputs
    if hidden:
        x = layers.Dense(hidden, activation, name="d_dense")(x)
    x = layers.Dense(height * width * widths[-1], activation, name="d_grid")(x)
    x = layers.Reshape((height, width, widths[-1]), name="d_reshape")(x)
    for number, channels in enumerate(reversed(widths[:-1]), start=1):
        x = _up(x, channels, activation, f"d_up{number}")
    x = _up(x, shape[-1], None, "d_last")
    spare = ((0, step * height - shape[0]), (0, step * width - shape[1]))
    x = layers.Cropping2D(spare, dtype="float32", name=f"d_{output}")(x)
    return keras.Model(inputs, x, name="decoder")


def _up(x: Tensor, channels: int, activation: str | None, name: str) -> Tensor:
    return layers.Conv2DTranspose(
        channels, 4, 2, "same", activation=activation, name=name
    )(x)
