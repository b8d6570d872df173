"""Scaled dot-product attention, written out and fused."""

import keras
from keras import ops

from kerasnotes.base.types import Tensor
from kerasnotes.layers.attention.masks import (
    both,
    causal_mask,
    hidden_score,
)


def attention_weights(
    query: Tensor,
    key: Tensor,
    mask: Tensor | None = None,
    bias: Tensor | None = None,
) -> Tensor:
    """Returns how much each query takes from each key.

        a_ij = exp(q_i . k_j / sqrt(d_k)) / sum_r exp(q_i . k_r / sqrt(d_k))

    The root is inside of the exponential, `d_k` is the size of one head's
    keys, and a row sums to 1. A product, no distance: of two keys in the
    same direction the longer one gets more.

    Args:
        query: Tensor `(B, T, N, d_k)`.
        key: Tensor `(B, S, N, d_k)`.
        mask: Bool, `True` where a query may look, broadcast to
            `(B, N, T, S)`.
        bias: Added to the scaled scores, likewise.

    Returns:
        Tensor `(B, N, T, S)`, float32.

    Reference:
        Vaswani et al., 2017, eq. (1). https://arxiv.org/abs/1706.03762
    """
    # (B, N, T, d) (B, N, d, S)
    scores = ops.matmul(
        ops.transpose(query, (0, 2, 1, 3)), ops.transpose(key, (0, 2, 3, 1))
    )
    scores = ops.cast(scores, "float32") * query.shape[-1] ** -0.5
    if bias is not None:
        scores = scores + ops.cast(bias, scores.dtype)
    if mask is not None:
        scores = ops.where(mask, scores, hidden_score("float32"))
    return ops.softmax(scores, axis=-1)


def weighted_values(weights: Tensor, value: Tensor) -> Tensor:
    """Returns `sum_j a_ij v_j`, `(B, T, N, d_v)`.

    Args:
        weights: Tensor `(B, N, T, S)`.
        value: Tensor `(B, S, N, d_v)`.
    """
    values = ops.transpose(value, (0, 2, 1, 3))
    taken = ops.matmul(ops.cast(weights, value.dtype), values)
    return ops.transpose(taken, (0, 2, 1, 3))


def fused_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None = None,
    bias: Tensor | None = None,
    causal: bool = False,
) -> Tensor:
    """Returns the same by the backend's own kernel, `(B, T, N, d_v)`.

    Flash attention where the backend and the device have it: no matrix of
    `T x S` weights is then ever in memory.

    Args:
        query: Tensor `(B, T, N, d_k)`.
        key: Tensor `(B, S, N, d_k)`.
        value: Tensor `(B, S, N, d_v)`.
        mask: See `attention_weights`.
        bias: See `attention_weights`.
        causal: Whether query `i` sees keys up to `i` only.
    """
    if query.shape[-1] != value.shape[-1]:
        # JAX's takes keys and values of one size.
        if causal:
            later = causal_mask(ops.shape(query)[1], ops.shape(key)[1])
            mask = both(mask, later)
        weights = attention_weights(query, key, mask, bias)
        return weighted_values(weights, value)
    if bias is not None and mask is not None:
        # PyTorch's takes one of the two.
        dtype = keras.backend.standardize_dtype(query.dtype)
        bias = ops.where(mask, ops.cast(bias, dtype), hidden_score(dtype))
        mask = None
    return ops.dot_product_attention(
        query, key, value, bias=bias, mask=mask, is_causal=causal
    )
