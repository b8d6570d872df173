"""Classifier-free guidance: further towards the condition than it asks.

`e = e_u + w (e_c - e_u)`: `w = 0` ignores the condition, 1 obeys it, more
exaggerates it. (Ho & Salimans write `1 + w` for our `w`.) Every
parameterization is linear in the noise at a given `x_t`, so the formula
holds for what any network predicts.

Reference:
    Ho & Salimans, 2022, eq. (6). https://arxiv.org/abs/2207.12598
"""

from collections.abc import Mapping
from typing import Any, Protocol

from keras import ops

from kerasnotes.base.types import Tensor


class Predict(Protocol):
    """A network: what it predicts of noisy data at their times.

    `x_t` is `(B, ...)`, `t` `(B,)`; conditions come by name, `(B, ...)` each
    or scalars; `training` says whether dropout drops.
    """

    def __call__(
        self,
        x_t: Tensor,
        t: Tensor,
        conditions: Mapping[str, Tensor],
        training: bool = False,
    ) -> Tensor: ...


def classifier_free(
    predict: Predict, null_label: int, *, label: str = "label"
) -> Predict:
    """Returns a network that is asked with and without its class, at once.

    One call of `2 B` instead of two of `B`.

    Args:
        predict: The network; knows the class `null_label` as "no class".
        null_label: Index that stands for no condition.
        label: Name of the condition, integer tensor `(B,)`.

    Returns:
        A network that takes one more condition, `guidance`: `w`, a scalar
        or `(B,)`.
    """

    def guided(
        x_t: Tensor,
        t: Tensor,
        conditions: Mapping[str, Tensor],
        training: bool = False,
    ) -> Tensor:
        rest = dict(conditions)
        scale = rest.pop("guidance")
        both = {name: _twice(value) for name, value in rest.items()}
        none = ops.full_like(rest[label], null_label)
        both[label] = ops.concatenate([rest[label], none], axis=0)
        answer = predict(_twice(x_t), _twice(t), both)
        with_label, without = ops.split(answer, 2, axis=0)
        ones = (1,) * (len(with_label.shape) - 1)
        scale = ops.reshape(ops.cast(scale, with_label.dtype), (-1, *ones))
        return without + scale * (with_label - without)

    return guided


def _twice(value: Any) -> Tensor:
    if not len(value.shape):
        return value
    return ops.concatenate([value, value], axis=0)
