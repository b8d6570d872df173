"""Sizes and receptive fields of convolutions and poolings; plain numbers.

Along one axis, with W places in, kernel F, stride S, dilation D and P zeros
on either side:

    valid       N = floor((W - D (F - 1) - 1) / S) + 1
    padded      N = floor((W + 2 P - D (F - 1) - 1) / S) + 1
    same        N = ceil(W / S)
    transposed  N = (W - 1) S - 2 P + D (F - 1) + O + 1

The receptive field of a stack grows by each kernel, in steps of the strides
before it: r_l = r_{l-1} + D_l (F_l - 1) j_{l-1}, j_l = j_{l-1} S_l.

Reference:
    Dumoulin & Visin, 2016, relationships 6, 14 and 15.
    https://arxiv.org/abs/1603.07285
    Araujo et al., 2019. https://doi.org/10.23915/distill.00021
"""

import dataclasses
from collections.abc import Iterable
from typing import Literal

Padding = int | Literal["valid", "same"]


@dataclasses.dataclass(frozen=True)
class Window:
    """What a convolution or a pooling looks at, along one axis.

    Args:
        kernel: Places of the kernel, at least 1.
        stride: Steps between windows, at least 1.
        dilation: Steps between the kernel's places, at least 1.
    """

    kernel: int
    stride: int = 1
    dilation: int = 1

    def __post_init__(self) -> None:
        for name, value in dataclasses.asdict(self).items():
            if value < 1:
                raise ValueError(
                    f"`{name}` must be at least 1. Received: {name}={value}"
                )

    @property
    def span(self) -> int:
        """Places from the first to the last that it looks at."""
        return self.dilation * (self.kernel - 1) + 1


@dataclasses.dataclass(frozen=True)
class ReceptiveField:
    """What one output of a stack looks at, along one axis.

    Args:
        size: Places of the input that can change it.
        jump: Places of the input between neighbouring outputs.
    """

    size: int = 1
    jump: int = 1

    def after(self, window: Window) -> "ReceptiveField":
        """Returns the field with one more layer on top."""
        size = self.size + (window.span - 1) * self.jump
        return ReceptiveField(size, self.jump * window.stride)


def output_size(size: int, window: Window, padding: Padding = "valid") -> int:
    """Returns the places that are left of `size`.

    Args:
        size: Places of the input, at least 1.
        window: Kernel, stride and dilation.
        padding: Zeros on either side; or `valid`, none; or `same`, as many
            as leave `ceil(size / stride)`.

    Raises:
        ValueError: If nothing is left, or a number is too small.
    """
    if size < 1 or (not isinstance(padding, str) and padding < 0):
        raise ValueError(
            "`size` must be at least 1 and `padding` at least 0. "
            f"Received: size={size}, padding={padding}"
        )
    if padding == "same":
        return -(-size // window.stride)
    zeros = 0 if isinstance(padding, str) else padding
    count = (size + 2 * zeros - window.span) // window.stride + 1
    if count < 1:
        raise ValueError(
            f"A kernel that spans {window.span} places does not fit into "
            f"{size + 2 * zeros}. Received: size={size}, padding={padding}"
        )
    return count


def transposed_size(
    size: int,
    window: Window,
    padding: Padding = "valid",
    output_padding: int = 0,
) -> int:
    """Returns the places that a transposed convolution makes of `size`.

    Args:
        size: Places of the input, at least 1.
        window: Kernel, stride and dilation of the convolution it undoes.
        padding: Places cut from either end; or `valid`; or `same`, which
            makes `size * stride`.
        output_padding: Places added at the end; no use with `same`.

    Raises:
        ValueError: If nothing is left.
    """
    if padding == "same":
        return size * window.stride
    cut = 0 if isinstance(padding, str) else padding
    count = (size - 1) * window.stride - 2 * cut + window.span + output_padding
    if isinstance(padding, str):
        # Keras keeps the places between the last kernel and its stride.
        count = max(count, size * window.stride + output_padding)
    if count < 1:
        raise ValueError(
            f"Nothing is left. Received: size={size}, padding={padding}"
        )
    return count


def receptive_field(windows: Iterable[Window]) -> ReceptiveField:
    """Returns what one output of a stack of layers looks at."""
    field = ReceptiveField()
    for window in windows:
        field = field.after(window)
    return field
