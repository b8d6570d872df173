"""The network that a configuration asks for, checked against the data."""

import keras

from kerasnotes.base.errors import UsageError
from kerasnotes.contracts.config import check_conditional
from kerasnotes.data.spec import Spec
from kerasnotes.notes.ddpm.config import DDPMConfig
from kerasnotes.notes.ddpm.network import Sizes, build_mlp, build_unet


def build_network(
    config: DDPMConfig, spec: Spec, *, known: int = 0
) -> keras.Model:
    """Returns the network for this data.

    Args:
        config: Sizes.
        spec: The data.
        known: Channels of what is known of an image.

    Raises:
        UsageError: If the data or the configuration does not fit it.
    """
    _check(config, spec)
    mlp = config.uses_mlp(spec)
    shape = tuple(int(side or 0) for side in spec.input.shape)
    widths = config.widths or ((256,) * 3 if mlp else _widths(shape))
    sizes = Sizes(
        widths=widths,
        time=64 if mlp else widths[0] + widths[0] % 2,
        blocks=config.blocks,
        attention=_attention(config, len(widths)),
        groups=config.groups,
        key_dim=config.key_dim,
        dropout=config.dropout,
        num_classes=spec.target.num_classes if config.conditional else 0,
        known=known,
    )
    if mlp:
        return build_mlp(shape, sizes)
    return build_unet((shape[0], shape[1], shape[2]), sizes)


def _widths(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Returns 32, 64, 64, ...: halved until a side is 8 pixels or less."""
    levels, side = 1, max(shape[:2])
    while side > 8 and levels < 6:
        side, levels = -(-side // 2), levels + 1
    return (32, *(64,) * (levels - 1))


def _attention(config: DDPMConfig, levels: int) -> tuple[int, ...]:
    if config.attention is None:
        return (levels - 1,)
    return config.attention


def _check(config: DDPMConfig, spec: Spec) -> None:
    """Raises a `UsageError` for what does not go together."""
    check_conditional(config.conditional, spec)
    if None in spec.input.shape:
        raise UsageError(
            "ddpm needs examples of one size.",
            received=f"{spec.name}: shape {spec.input.shape}",
            hint="set data.image_size",
        )
    if config.uses_mlp(spec):
        return
    if spec.input.kind == "table":
        raise UsageError(
            "Rows of a table have no neighbours to convolve.",
            received="network=unet",
            hint="--set network=mlp",
        )
    widths = config.widths or _widths(
        tuple(int(s or 0) for s in spec.input.shape)
    )
    for name, size in (("groups", config.groups), ("key_dim", config.key_dim)):
        bad = [width for width in widths if width % size]
        if bad:
            raise UsageError(
                f"`{name}` does not divide the widths of the U-Net.",
                expected=f"widths that are multiples of {size}",
                received=f"{name}={size}, widths={list(widths)}",
            )
    levels = len(widths)
    if min(spec.input.shape[0] or 0, spec.input.shape[1] or 0) < 2 ** (
        levels - 1
    ):
        raise UsageError(
            "The images are too small for so many levels.",
            expected=f"sides of at least {2 ** (levels - 1)} pixels for "
            f"{levels} widths",
            received=f"{spec.name}: shape {spec.input.shape}",
            hint="fewer widths, or --set network=mlp",
        )
    outside = [level for level in config.attention or () if level >= levels]
    outside += [level for level in config.attention or () if level < 0]
    if outside:
        raise UsageError(
            "`attention` names a level that does not exist.",
            expected=f"0 (the finest) to {levels - 1}",
            received=f"attention={list(config.attention or ())}",
        )
