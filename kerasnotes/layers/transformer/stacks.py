"""Blocks one upon another: the encoder and the decoder of a Transformer."""

from typing import Any

import keras

from kerasnotes.base.types import Shape, Tensor
from kerasnotes.layers.attention.multi_head import Cache
from kerasnotes.layers.transformer.blocks import (
    DecoderBlock,
    EncoderBlock,
    make_norm,
)


class _Stack(keras.layers.Layer):
    """Base: blocks, and a normalization at the end.

    Args:
        sizes: A `BlockSizes`, or its fields as a mapping.
        depth: Number of blocks.
        final_norm: Whether the end is normalized; by default if blocks
            normalize before their parts, for then nothing else does.
    """

    def __init__(
        self,
        sizes: Any,
        depth: int,
        final_norm: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.depth = depth
        self.blocks = [self._block(sizes, n) for n in range(1, depth + 1)]
        self.sizes = self.blocks[0].sizes
        if final_norm is None:
            final_norm = self.sizes.norm == "pre"
        self.final_norm = final_norm
        self.norm = make_norm("norm") if final_norm else None

    def _block(self, sizes: Any, number: int) -> Any:
        raise NotImplementedError

    def _build(self, input_shape: Shape) -> None:
        for block in self.blocks:
            block.build(input_shape)
        if self.norm is not None:
            self.norm.build(input_shape)

    def _end(self, x: Tensor) -> Tensor:
        return x if self.norm is None else self.norm(x)

    def empty_caches(self, batch_size: Any, length: int) -> list[Cache]:
        """Returns a cache for every block, nothing in it.

        Args:
            batch_size: `B`.
            length: `L`, of the longest sequence.
        """
        return [
            b.attention.empty_cache(batch_size, length) for b in self.blocks
        ]

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "sizes": self.blocks[0].get_config()["sizes"],
            "depth": self.depth,
            "final_norm": self.final_norm,
        }


@keras.saving.register_keras_serializable("kerasnotes")
class Encoder(_Stack):
    """Blocks of attention of a sequence to itself.

    With `causal` it is a decoder alone: the network of a language model.

    Args:
        sizes: A `BlockSizes`.
        depth: Number of blocks.
        causal: Whether no token sees those after it.
        final_norm: Whether the end is normalized; by default of `norm=pre`.

    Call arguments:
        x: Tensor `(B, T, D)`.
        present: Bool tensor `(B, T)`, which tokens are there; with caches,
            `(B, L)`.
        caches: A cache for every block, to go on step by step. Arrays of
            one shape, passed in and out: a compiled loop carries them.
        index: Position of the first token, with caches; whole number or
            scalar tensor.

    Returns:
        Tensor `(B, T, D)`; with caches, that and the new caches.
    """

    def __init__(
        self,
        sizes: Any,
        depth: int,
        causal: bool = False,
        final_norm: bool | None = None,
        **kwargs: Any,
    ) -> None:
        self._causal = causal
        super().__init__(sizes, depth, final_norm, **kwargs)
        self.causal = causal

    def _block(self, sizes: Any, number: int) -> Any:
        return EncoderBlock(sizes, self._causal, name=f"block{number}")

    def build(self, input_shape: Shape) -> None:
        self._build(input_shape)

    def call(
        self,
        x: Tensor,
        present: Tensor | None = None,
        caches: list[Cache] | None = None,
        index: Any = 0,
        training: bool | None = None,
    ) -> Any:
        if caches is None:
            for block in self.blocks:
                x = block(x, present=present, training=training)
            return self._end(x)
        kept = []
        for block, cache in zip(self.blocks, caches, strict=True):
            x, cache = block(
                x, present=present, cache=cache, index=index, training=training
            )
            kept.append(cache)
        return self._end(x), kept

    def attention_maps(
        self, x: Tensor, present: Tensor | None = None
    ) -> list[Tensor]:
        """Returns what each token takes from which, `(B, N, T, T)` a block."""
        maps = []
        for block in self.blocks:
            maps.append(block.attention_map(x, present))
            x = block(x, present=present)
        return maps

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "causal": self.causal}


@keras.saving.register_keras_serializable("kerasnotes")
class Decoder(_Stack):
    """Blocks of causal attention, and of attention to a memory.

    Args:
        sizes: A `BlockSizes`.
        depth: Number of blocks.
        final_norm: Whether the end is normalized; by default of `norm=pre`.

    Call arguments:
        x: Tensor `(B, T, D)`.
        memory: Tensor `(B, S, D)`, what the encoder made; or, of every
            block, its keys and values (`remember`).
        present: Bool tensor `(B, T)`; with caches, `(B, L)`.
        memory_present: Bool tensor `(B, S)`.
        caches: As of `Encoder`.
        index: As of `Encoder`.

    Returns:
        Tensor `(B, T, D)`; with caches, that and the new caches.
    """

    def _block(self, sizes: Any, number: int) -> Any:
        return DecoderBlock(sizes, name=f"block{number}")

    def build(self, input_shape: Shape) -> None:
        self._build(input_shape)

    def remember(self, memory: Tensor) -> list[Cache]:
        """Returns the memory's keys and values for every block.

        Computed once, however many steps ask them.

        Args:
            memory: Tensor `(B, S, D)`.
        """
        return [b.to_memory.keys_and_values(memory) for b in self.blocks]

    def call(
        self,
        x: Tensor,
        memory: Any,
        present: Tensor | None = None,
        memory_present: Tensor | None = None,
        caches: list[Cache] | None = None,
        index: Any = 0,
        training: bool | None = None,
    ) -> Any:
        known = isinstance(memory, list | tuple)
        kept = []
        for number, block in enumerate(self.blocks):
            x = block(
                x,
                memory=memory[number] if known else memory,
                present=present,
                memory_present=memory_present,
                cache=caches[number] if caches else None,
                index=index,
                training=training,
            )
            if caches:
                x, cache = x
                kept.append(cache)
        return (self._end(x), kept) if caches else self._end(x)

    def memory_maps(
        self, x: Tensor, memory: Tensor, memory_present: Tensor | None = None
    ) -> list[Tensor]:
        """Returns what tokens take from a memory, `(B, N, T, S)` a block."""
        maps = []
        for block in self.blocks:
            maps.append(block.memory_map(x, memory, memory_present))
            x = block(x, memory, memory_present=memory_present)
        return maps
