"""One block of a Transformer: attention and a network, each beside a path.

    post   x = norm(x + f(x))         the paper
    pre    x = x + f(norm(x))         needs no warm-up

for `f` the attention to itself, the attention to a memory (decoders), and

    FF(x) = act(x W_1 + b_1) W_2 + b_2

Reference:
    Vaswani et al., 2017, section 3. https://arxiv.org/abs/1706.03762
    Xiong et al., 2020 (pre and post). https://arxiv.org/abs/2002.04745
"""

import dataclasses
from typing import Any, ClassVar, Literal

import keras
from keras import layers

from kerasnotes.base.types import Shape, Tensor
from kerasnotes.layers.attention.multi_head import (
    Cache,
    Implementation,
    MultiHeadAttention,
    Relative,
)
from kerasnotes.layers.dropout import dropout as make_dropout

Norm = Literal["pre", "post"]
Activation = Literal["relu", "gelu"]
EPSILON = 1e-5
"""Of layer normalization; PyTorch's."""


def make_norm(name: str) -> Any:
    """Returns a layer normalization, over the features of each token."""
    return layers.LayerNormalization(epsilon=EPSILON, name=name)


@dataclasses.dataclass(frozen=True)
class BlockSizes:
    """What blocks are made of.

    Args:
        width: `D`, of every token.
        heads: Of attention; each is `width / heads` wide.
        hidden: Of the network between two normalizations.
        norm: Before (`pre`) or after (`post`) each part.
        dropout: Rate of what each part adds.
        attention_dropout: Rate of the weights of attention.
        activation: Of the network.
        positions: That attention itself knows.
        implementation: Of attention.
    """

    width: int
    heads: int
    hidden: int
    norm: Norm = "pre"
    dropout: float = 0.0
    attention_dropout: float = 0.0
    activation: Activation = "relu"
    positions: Relative = "none"
    implementation: Implementation = "fused"

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise ValueError(
                "The width must be a multiple of the heads. Received: "
                f"width={self.width}, heads={self.heads}"
            )

    def attention(self, name: str, positions: Relative) -> MultiHeadAttention:
        """Returns a new attention of these sizes."""
        return MultiHeadAttention(
            self.heads,
            self.width // self.heads,
            dropout=self.attention_dropout,
            positions=positions,
            implementation=self.implementation,
            name=name,
        )


class _Block(layers.Layer):
    """Base: parts, each with its normalization and dropout.

    Args:
        sizes: A `BlockSizes`, or its fields as a mapping.
    """

    parts: ClassVar[tuple[str, ...]]

    def __init__(self, sizes: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(sizes, BlockSizes):
            sizes = BlockSizes(**sizes)
        self.sizes = sizes
        self.expand = layers.Dense(
            sizes.hidden, activation=sizes.activation, name="expand"
        )
        self.contract = layers.Dense(sizes.width, name="contract")
        self.norms = {part: make_norm(f"{part}_norm") for part in self.parts}
        self.drops = {
            part: make_dropout(sizes.dropout, f"{part}_dropout")
            for part in ("hidden", *self.parts)
        }

    def _before(self, part: str, x: Tensor) -> Tensor:
        return self.norms[part](x) if self.sizes.norm == "pre" else x

    def _after(
        self, part: str, x: Tensor, y: Tensor, training: bool | None
    ) -> Tensor:
        if self.sizes.dropout:
            y = self.drops[part](y, training=training)
        y = x + y
        return self.norms[part](y) if self.sizes.norm == "post" else y

    def _feed_forward(self, x: Tensor, training: bool | None) -> Tensor:
        y = self.expand(self._before("network", x))
        if self.sizes.dropout:
            y = self.drops["hidden"](y, training=training)
        return self._after("network", x, self.contract(y), training)

    def _build_network(self, input_shape: Shape) -> None:
        self.expand.build(input_shape)
        self.contract.build((*input_shape[:-1], self.sizes.hidden))
        for norm in self.norms.values():
            norm.build(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "sizes": dataclasses.asdict(self.sizes),
        }


@keras.saving.register_keras_serializable("kerasnotes")
class EncoderBlock(_Block):
    """Attention of a sequence to itself, then a network for each token.

    With `causal` it is the block of a decoder alone (GPT).

    Args:
        sizes: A `BlockSizes`.
        causal: Whether no token sees those after it.

    Call arguments:
        x: Tensor `(B, T, D)`.
        present: Bool tensor `(B, T)`, which tokens are there; with a cache,
            `(B, L)`.
        cache: Of the attention, to go on step by step (causal blocks only).
        index: Position of the first token, with a cache.

    Returns:
        Tensor `(B, T, D)`; with a cache, that and the new cache.

    Raises:
        ValueError: If a block that sees the future is given a cache.
    """

    parts = ("attention", "network")

    def __init__(self, sizes: Any, causal: bool = False, **kwargs: Any) -> None:
        super().__init__(sizes, **kwargs)
        self.causal = causal
        self.attention = self.sizes.attention("attention", self.sizes.positions)

    def build(self, input_shape: Shape) -> None:
        self.attention.build(input_shape)
        self._build_network(input_shape)

    def call(
        self,
        x: Tensor,
        present: Tensor | None = None,
        cache: Cache | None = None,
        index: Any = 0,
        training: bool | None = None,
    ) -> Any:
        if cache is not None and not self.causal:
            raise ValueError(
                "Only a causal block goes on step by step. Received: "
                "causal=False with a cache"
            )
        y = self.attention(
            self._before("attention", x),
            present=present,
            causal=self.causal,
            cache=cache,
            index=index,
            training=training,
        )
        y, cache = y if cache is not None else (y, None)
        x = self._after("attention", x, y, training)
        x = self._feed_forward(x, training)
        return x if cache is None else (x, cache)

    def attention_map(self, x: Tensor, present: Tensor | None = None) -> Tensor:
        """Returns what each token takes from which, `(B, N, T, T)`."""
        query = self._before("attention", x)
        return self.attention.weights_of(
            query, present=present, causal=self.causal
        )

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "causal": self.causal}


@keras.saving.register_keras_serializable("kerasnotes")
class DecoderBlock(_Block):
    """Causal attention, attention to a memory, then a network.

    Args:
        sizes: A `BlockSizes`; positions are those of the tokens, the
            attention to the memory knows none.

    Call arguments:
        x: Tensor `(B, T, D)`.
        memory: Tensor `(B, S, D)`, what the encoder made; or its keys and
            values: `to_memory.keys_and_values(memory)`.
        present: Bool tensor `(B, T)`, which tokens are there; with a cache,
            `(B, L)`.
        memory_present: Bool tensor `(B, S)`.
        cache: Of the attention to itself, to go on step by step.
        index: Position of the first token, with a cache.

    Returns:
        Tensor `(B, T, D)`; with a cache, that and the new cache.
    """

    parts = ("attention", "memory", "network")

    def __init__(self, sizes: Any, **kwargs: Any) -> None:
        super().__init__(sizes, **kwargs)
        self.attention = self.sizes.attention("attention", self.sizes.positions)
        self.to_memory = self.sizes.attention("to_memory", "none")

    def build(self, input_shape: Shape) -> None:
        self.attention.build(input_shape)
        self.to_memory.build(input_shape)
        self._build_network(input_shape)

    def call(
        self,
        x: Tensor,
        memory: Any,
        present: Tensor | None = None,
        memory_present: Tensor | None = None,
        cache: Cache | None = None,
        index: Any = 0,
        training: bool | None = None,
    ) -> Any:
        y = self.attention(
            self._before("attention", x),
            present=present,
            causal=True,
            cache=cache,
            index=index,
            training=training,
        )
        y, cache = y if cache is not None else (y, None)
        x = self._after("attention", x, y, training)
        known = memory if isinstance(memory, tuple | list) else None
        y = self.to_memory(
            self._before("memory", x),
            key=None if known else memory,
            present=memory_present,
            known=known,
            training=training,
        )
        x = self._after("memory", x, y, training)
        x = self._feed_forward(x, training)
        return x if cache is None else (x, cache)

    def memory_map(
        self, x: Tensor, memory: Tensor, memory_present: Tensor | None = None
    ) -> Tensor:
        """Returns what each token takes from the memory, `(B, N, T, S)`."""
        y = self.attention(self._before("attention", x), causal=True)
        x = self._after("attention", x, y, False)
        query = self._before("memory", x)
        return self.to_memory.weights_of(query, memory, memory_present)
