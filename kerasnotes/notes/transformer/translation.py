"""The Transformer of two sequences: an encoder, and a decoder that asks it."""

from typing import Any, cast

from keras import layers, ops

from kerasnotes.base.errors import UsageError
from kerasnotes.base.types import Array, Tensor
from kerasnotes.contracts.step_decoding import State
from kerasnotes.data.spec import Spec
from kerasnotes.layers.dropout import dropout
from kerasnotes.layers.pair_tokens import (
    OnePlaceOn,
    pair_inputs,
    token_vectors,
)
from kerasnotes.layers.positions.choice import added_positions
from kerasnotes.layers.tokens import NotPadding
from kerasnotes.layers.transformer.stacks import Decoder, Encoder
from kerasnotes.notes.transformer.config import TransformerConfig
from kerasnotes.notes.transformer.network import block_sizes


def translate(
    config: TransformerConfig, spec: Spec
) -> tuple[dict[str, Tensor], Tensor]:
    """Returns inputs, and logits of every token of the target `(B, T, V)`.

    Vectors of tokens are multiplied by `width ** 0.5`, as large as the sines
    of positions (Vaswani et al., 2017, section 3.4).

    Raises:
        UsageError: If the network has no encoder and decoder.
    """
    check_form(config)
    given, sizes = pair_inputs(), block_sizes(config)
    present = NotPadding(name="not_padding")(given["x"])
    source = token_vectors(spec.input, config.width, "source_vectors", True)
    x = _placed(source(given["x"]), config, spec, "source")
    memory = Encoder(sizes, config.depth, name="encoder")(x, present=present)
    before = OnePlaceOn(spec.target.vocabulary - 1, name="before")(given["y"])
    target = token_vectors(
        spec.target, config.width, "target_vectors", config.tied
    )
    y = _placed(target(before), config, spec, "target")
    y = Decoder(sizes, config.depth, name="decoder")(
        y, memory, memory_present=present
    )
    logits = target(y, reverse=True)
    return given, layers.Activation("linear", dtype="float32", name="logits")(
        logits
    )


def _placed(
    x: Tensor, config: TransformerConfig, spec: Spec, side: str
) -> Tensor:
    """Returns tokens that know where they stand, some dropped."""
    field = spec.input if side == "source" else spec.target
    x = layers.Rescaling(config.width**0.5, name=f"enlarge_{side}")(x)
    positions = added_positions(
        config.positions, int(field.shape[0] or 1), f"{side}_positions"
    )
    if positions is not None:
        x = positions(x)
    if config.dropout:
        x = dropout(config.dropout, f"{side}_dropout")(x)
    return x


def check_form(config: TransformerConfig) -> None:
    """Refuses a network that reads one sequence.

    Raises:
        UsageError: Says which is wanted.
    """
    if config.network != "encoder-decoder" or (config.patch or 1) > 1:
        raise UsageError(
            "A translation is of an encoder and a decoder, token by token.",
            expected="network=encoder-decoder, patch=1",
            received=f"network={config.network}, patch={config.patch}",
            hint="leave them out",
        )


class TransformerSteps:
    """The decoder token by token: keys and values are kept.

    Args:
        model: A `Transformer` that translates.
    """

    def __init__(self, model: Any) -> None:
        spec, config = model.spec, cast(TransformerConfig, model.note_config)
        self.network = model
        self.source_length = int(spec.input.shape[0])
        self.length = int(spec.target.shape[0])
        self.vocabulary = spec.target.vocabulary
        self._layers = {layer.name: layer for layer in model.layers}
        self._positions = added_positions(config.positions, 1, "") is not None

    def encode(self, source: Tensor) -> tuple[Tensor, Tensor]:
        """Returns what the encoder makes of sources, and which are tokens."""
        present = self._layers["not_padding"](source)
        x = self._vectors("source", source, 0)
        return self._layers["encoder"](x, present=present), present

    def begin(self, source: Tensor) -> tuple[State, State]:
        memory, present = self.encode(source)
        decoder = self._layers["decoder"]
        count = ops.shape(source)[0]
        caches = decoder.empty_caches(count, self.length)
        return (decoder.remember(memory), present), caches

    def step(
        self, tokens: Tensor, index: Any, memory: State, state: State
    ) -> tuple[Tensor, State]:
        known, present = memory
        y = self._vectors("target", tokens[:, None], index)
        y, state = self._layers["decoder"](
            y, known, memory_present=present, caches=state, index=index
        )
        logits = self._layers["target_vectors"](y, reverse=True)
        return ops.cast(logits[:, 0], "float32"), state

    def alignment(self, x: Array, y: Array) -> Array:
        """Returns the last block's attention to a source, mean of its heads.

        Args:
            x: Sources `(B, S)`.
            y: Answers `(B, T)`.

        Returns:
            Array `(B, T, S)`.
        """
        memory, present = self.encode(ops.convert_to_tensor(x, "int32"))
        given = ops.convert_to_tensor(y, "int32")
        before = self._layers["before"](given)
        vectors = self._vectors("target", before, 0)
        maps = self._layers["decoder"].memory_maps(vectors, memory, present)
        found: Array = ops.convert_to_numpy(ops.mean(maps[-1], axis=1))
        return found

    def _vectors(self, side: str, tokens: Tensor, index: Any) -> Tensor:
        x = self._layers[f"{side}_vectors"](tokens)
        x = self._layers[f"enlarge_{side}"](x)
        if self._positions:
            x = self._layers[f"{side}_positions"](x, start=index)
        return x
