"""The layers of the Transformer, from standardized series to features."""

import math

from keras import layers

from kerasnotes.base.types import Tensor
from kerasnotes.data.series.rules import target_places
from kerasnotes.data.spec import Spec
from kerasnotes.layers.categories import PickColumns
from kerasnotes.layers.dropout import dropout
from kerasnotes.layers.positions.choice import (
    added_positions,
    relative_positions,
)
from kerasnotes.layers.tokens import MaskedMean
from kerasnotes.layers.transformer.blocks import BlockSizes
from kerasnotes.layers.transformer.stacks import Decoder, Encoder
from kerasnotes.notes.transformer.config import TransformerConfig
from kerasnotes.notes.transformer.tokens import (
    ColumnsApart,
    ColumnsTogether,
    Patches,
    Pooling,
    Queries,
    WindowScale,
)


def features(
    x: Tensor,
    config: TransformerConfig,
    spec: Spec,
    present: Tensor | None = None,
) -> Tensor:
    """Returns what answers are made of: `(B, F)`, of columns apart `(B, K, F)`.

    Args:
        x: Standardized series `(B, T, D)`, or vectors of a text's tokens.
        config: Sizes.
        spec: The data.
        present: Of texts and series that differ in length, which tokens are
            no padding, `(B, T)`, bool.
    """
    if spec.input.kind == "text":
        # As large as the sines of positions.
        x = layers.Rescaling(x.shape[-1] ** 0.5, name="enlarge")(x)
    if not config.is_apart(spec):
        return _read(x, config, spec, present)
    places = target_places(spec.input, spec.target)
    x = PickColumns(places, name="forecast_columns")(x)
    x = ColumnsApart(name="apart")(x)
    x, deviation = WindowScale(name="window_scale")(x)
    x = _read(x, config, spec)
    # The answer is linear in these: in the window's own deviations, thus.
    x = layers.Multiply(name="rescale")([x, deviation])
    return ColumnsTogether(len(places), name="together")(x)


def _read(
    x: Tensor,
    config: TransformerConfig,
    spec: Spec,
    present: Tensor | None = None,
) -> Tensor:
    """Returns `(B, F)` of series `(B, T, D)`."""
    size = config.rows_per_token(spec)
    if size > 1:
        x = Patches(size, name="patches")(x)
    x = layers.Dense(config.width, name="embed")(x)
    length = spec.input.shape[0] if spec.input.varied else None
    x = transform(x, config, _queries(spec, size), present, length)
    kind = config.pooled(spec)
    if present is None or config.network == "encoder-decoder":
        return Pooling(kind, name="pool")(x)
    if kind == "mean":
        return MaskedMean(name="pool")(x, present)
    return Pooling(kind, name="pool")(x, present)


def _queries(spec: Spec, size: int) -> int:
    """Returns how many tokens a decoder asks with."""
    if spec.target.kind != "series":
        return 1
    return math.ceil((spec.target.shape[0] or 1) / size)


def transform(
    x: Tensor,
    config: TransformerConfig,
    answers: int,
    present: Tensor | None = None,
    length: int | None = None,
) -> Tensor:
    """Returns tokens that have seen each other, `(B, T, D)`.

    Args:
        x: Tokens `(B, T, D)`.
        config: Sizes.
        answers: Tokens that an encoder-decoder answers with.
        present: Which tokens are there, `(B, T)`; all if `None`.
        length: Tokens of the longest sequence; by default `T`.
    """
    x = _placed(x, config, "", length)
    sizes = block_sizes(config)
    if config.network == "decoder":
        return Encoder(sizes, config.depth, causal=True, name="decoder")(
            x, present=present
        )
    x = Encoder(sizes, config.depth, name="encoder")(x, present=present)
    if config.network == "encoder":
        return x
    asked = _placed(Queries(answers, name="queries")(x), config, "query_")
    decoder = Decoder(sizes, config.depth, name="decoder")
    return decoder(asked, x, memory_present=present)


def _placed(
    x: Tensor, config: TransformerConfig, prefix: str, length: int | None = None
) -> Tensor:
    """Returns tokens that know where they stand, some dropped."""
    name = f"{prefix}positions"
    positions = added_positions(config.positions, length or x.shape[1], name)
    if positions is not None:
        x = positions(x)
    if config.dropout:
        x = dropout(config.dropout, f"{prefix}dropout")(x)
    return x


def block_sizes(config: TransformerConfig) -> BlockSizes:
    """Returns what the blocks are made of."""
    return BlockSizes(
        width=config.width,
        heads=config.heads,
        hidden=config.hidden or 4 * config.width,
        norm=config.norm,
        dropout=config.dropout,
        attention_dropout=config.attention_dropout,
        activation=config.activation,
        positions=relative_positions(config.positions),
        implementation=config.implementation,
    )
