"""Several attentions beside each other, each with projections of its own."""

from typing import Any, Literal

import keras
from keras import ops

from kerasnotes.base.types import Shape, Tensor
from kerasnotes.layers.attention.dot_product import (
    attention_weights,
    fused_attention,
    weighted_values,
)
from kerasnotes.layers.attention.masks import both, causal_mask, of_keys
from kerasnotes.layers.dropout import dropout as make_dropout
from kerasnotes.layers.positions.alibi import ALiBi
from kerasnotes.layers.positions.rotary import Rotary

Implementation = Literal["fused", "written"]
Relative = Literal["none", "rotary", "alibi"]
"""Positions that attention itself knows."""
Cache = tuple[Tensor, Tensor]
"""Keys and values of a sequence, `(B, L, N, d)` each, zero where none is."""


@keras.saving.register_keras_serializable("kerasnotes")
class MultiHeadAttention(keras.layers.Layer):
    """Concatenates `N` attentions and maps them back.

        head_n = softmax((X_q W_q^n)(X_k W_k^n)^T / sqrt(d_k)) (X_v W_v^n)
        y      = [head_1 ... head_N] W_o,   W_o of shape (N d_v, D)

    Biases left out above are added to each projection.

    Args:
        num_heads: `N`.
        key_dim: `d_k`, of one head.
        value_dim: `d_v`, of one head; by default `d_k`.
        dropout: Rate of the weights; then the written form is what trains.
        positions: `rotary` turns queries and keys, `alibi` takes distances
            from scores; `none` knows no order.
        implementation: `fused`: the backend's kernel; `written`: as the
            equation reads. The same numbers.

    Call arguments:
        query: Tensor `(B, T, D)`.
        key: Tensor `(B, S, D_k)`; by default `query`.
        value: Tensor `(B, S, D_v)`; by default `key`.
        present: Bool tensor `(B, S)`, which keys are there; by default all.
            With a cache, `(B, L)`.
        causal: Whether query `i` sees keys up to `i` only.
        known: Keys and values, in place of `key` and `value`: those of a
            sequence that is asked again and again. See `keys_and_values`.
        cache: Keys and values so far; those of `query` are written into it.
            See `empty_cache`.
        index: Position of the first query, with a cache: whole number or
            scalar tensor. Queries see the cache up to themselves. Whoever
            gives a tensor keeps it below `L`.

    Returns:
        Tensor `(B, T, D)`; with a cache, that and the new cache.

    Raises:
        ValueError: If the cache ends before the queries do, or there is none
            that `index` could be a place in.

    Reference:
        Vaswani et al., 2017, section 3.2. https://arxiv.org/abs/1706.03762
    """

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        positions: Relative = "none",
        implementation: Implementation = "fused",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_heads, self.key_dim = num_heads, key_dim
        self.value_dim = value_dim
        self.dropout, self.positions = dropout, positions
        self.implementation = implementation
        self._drop = make_dropout(dropout, "drop") if dropout else None
        self._rotary = Rotary(name="rotary") if positions == "rotary" else None
        self._alibi = (
            ALiBi(num_heads, name="alibi") if positions == "alibi" else None
        )

    def build(
        self,
        query_shape: Shape,
        key_shape: Shape | None = None,
        value_shape: Shape | None = None,
    ) -> None:
        key_shape = key_shape or query_shape
        value_shape = value_shape or key_shape
        keys = self.num_heads * self.key_dim
        values = self.num_heads * (self.value_dim or self.key_dim)
        width = query_shape[-1]
        self.query_kernel, self.query_bias = self._linear("query", width, keys)
        self.key_kernel, self.key_bias = self._linear(
            "key", key_shape[-1], keys
        )
        self.value_kernel, self.value_bias = self._linear(
            "value", value_shape[-1], values
        )
        self.output_kernel, self.output_bias = self._linear(
            "output", values, width
        )

    def _linear(self, name: str, given: Any, units: Any) -> tuple[Any, Any]:
        kernel = self.add_weight(
            shape=(given, units),
            initializer="glorot_uniform",
            name=f"{name}_kernel",
        )
        bias = self.add_weight(
            shape=(units,), initializer="zeros", name=f"{name}_bias"
        )
        return kernel, bias

    def call(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        present: Tensor | None = None,
        causal: bool = False,
        known: Cache | None = None,
        cache: Cache | None = None,
        index: Any = 0,
        training: bool | None = None,
    ) -> Any:
        alone = cache is None and known is None
        if alone and not (isinstance(index, int) and index == 0):
            raise ValueError(
                "A position of the first query goes with a cache, or with "
                f"known keys. Received: index={index}"
            )
        q = self._queries(query, index)
        if known is None:
            key = query if key is None else key
            known = self.keys_and_values(key, value, index)
        if cache is None:
            return self._look(q, known, present, causal, index, training)
        cache = _written(cache, known, index)
        return self._look(q, cache, present, True, index, training), cache

    def keys_and_values(
        self, key: Tensor, value: Tensor | None = None, index: Any = 0
    ) -> Cache:
        """Returns the heads' keys and values, `(B, S, N, d)` each.

        Of a sequence that many queries look at they are needed once only.
        """
        value = key if value is None else value
        k = self._heads(key, self.key_kernel, self.key_bias)
        if self._rotary is not None:
            k = self._rotary(k, start=index)
        return k, self._heads(value, self.value_kernel, self.value_bias)

    def _queries(self, query: Tensor, index: Any) -> Tensor:
        q = self._heads(query, self.query_kernel, self.query_bias)
        return q if self._rotary is None else self._rotary(q, start=index)

    def _heads(self, x: Tensor, kernel: Any, bias: Any) -> Tensor:
        """Returns a projection as `(B, T, N, d)`."""
        y = ops.matmul(x, kernel) + bias
        heads = self.num_heads
        return ops.reshape(
            y, (-1, ops.shape(x)[1], heads, kernel.shape[-1] // heads)
        )

    def _look(
        self,
        q: Tensor,
        known: Cache,
        present: Tensor | None,
        causal: bool,
        index: Any,
        training: bool | None,
    ) -> Tensor:
        """Returns what queries take from keys and values, `(B, T, D)`."""
        k, v = known
        mask, bias = of_keys(present), self._bias(q, k, index)
        written = self.implementation == "written"
        if written or (training and self._drop is not None):
            weights = attention_weights(
                q, k, _causal_too(mask, q, k, causal, index), bias
            )
            if self._drop is not None:
                weights = self._drop(weights, training=training)
            taken = weighted_values(weights, v)
        elif causal and bias is None and isinstance(index, int) and not index:
            taken = fused_attention(q, k, v, mask, causal=True)
        else:
            mask = _causal_too(mask, q, k, causal, index)
            taken = fused_attention(q, k, v, mask, bias)
        width = taken.shape[2] * taken.shape[3]
        taken = ops.reshape(taken, (-1, ops.shape(taken)[1], width))
        return ops.matmul(taken, self.output_kernel) + self.output_bias

    def _bias(self, q: Tensor, k: Tensor, index: Any) -> Tensor | None:
        return None if self._alibi is None else self._alibi(q, k, start=index)

    def weights_of(
        self,
        query: Tensor,
        key: Tensor | None = None,
        present: Tensor | None = None,
        causal: bool = False,
    ) -> Tensor:
        """Returns the weights `(B, N, T, S)`; each row sums to 1.

        Args:
            query: As of a call.
            key: As of a call.
            present: As of a call.
            causal: As of a call.
        """
        q = self._queries(query, 0)
        k, _ = self.keys_and_values(query if key is None else key)
        mask = _causal_too(of_keys(present), q, k, causal, 0)
        return attention_weights(q, k, mask, self._bias(q, k, 0))

    def empty_cache(self, batch_size: Any, length: int) -> Cache:
        """Returns a cache of `length` positions, nothing in it.

        Args:
            batch_size: `B`.
            length: `L`, the longest sequence.
        """
        sizes = (self.key_dim, self.value_dim or self.key_dim)
        shape = (batch_size, length, self.num_heads)
        k, v = (ops.zeros((*shape, d), dtype=self.compute_dtype) for d in sizes)
        return k, v

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_heads": self.num_heads,
            "key_dim": self.key_dim,
            "value_dim": self.value_dim,
            "dropout": self.dropout,
            "positions": self.positions,
            "implementation": self.implementation,
        }


def _causal_too(
    mask: Tensor | None, q: Tensor, k: Tensor, causal: bool, index: Any
) -> Tensor | None:
    if not causal:
        return mask
    queries, keys = ops.shape(q)[1], ops.shape(k)[1]
    return both(mask, causal_mask(queries, keys, index))


def _written(cache: Cache, new: Cache, index: Any) -> Cache:
    """Returns the cache with new keys and values from `index` on."""
    length, tokens = cache[0].shape[1], new[0].shape[1]
    if isinstance(index, int) and index + (tokens or 1) > length:
        raise ValueError(
            f"The cache has {length} positions. Received: {tokens} tokens "
            f"from position {index} on"
        )
    start = ops.stack([0, ops.cast(index, "int32"), 0, 0])
    k, v = (
        ops.slice_update(kept, start, ops.cast(added, kept.dtype))
        for kept, added in zip(cache, new, strict=True)
    )
    return k, v
