"""Sizes against Keras, receptive fields against what moves an output."""

import itertools

import keras
import numpy as np
import pytest

from kerasnotes.layers import convolution_sizes as sizes
from kerasnotes.layers.convolution_sizes import Window

pytestmark = pytest.mark.once
GRID = list(
    itertools.product(range(1, 14), range(1, 6), range(1, 4), range(1, 4))
)


def windows():
    for size, kernel, stride, dilation in GRID:
        if stride == 1 or dilation == 1:
            # Keras has no layer with both.
            yield size, Window(kernel, stride, dilation)


def layer_of(kind, window, padding):
    return kind(
        1,
        window.kernel,
        strides=window.stride,
        dilation_rate=window.dilation,
        padding=padding,
    )


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_every_size_is_that_of_keras(padding):
    checked = 0
    for size, window in windows():
        layer = layer_of(keras.layers.Conv1D, window, padding)
        if padding == "valid" and window.span > size:
            with pytest.raises(ValueError, match="does not fit"):
                sizes.output_size(size, window, padding)
            continue
        found = layer.compute_output_shape((1, size, 1))[1]
        assert sizes.output_size(size, window, padding) == found
        checked += 1
    assert checked > 200


def test_zeros_on_either_side_are_those_of_a_padding_layer():
    for (size, window), zeros in itertools.product(windows(), range(4)):
        wide = size + 2 * zeros
        if window.span > wide:
            continue
        layer = layer_of(keras.layers.Conv1D, window, "valid")
        found = layer.compute_output_shape((1, wide, 1))[1]
        assert sizes.output_size(size, window, zeros) == found


def test_the_formula_of_the_notes_holds_where_it_divides():
    # N = (W - F + 2 P) / S + 1, of the notes: no floor, no dilation.
    for w, f, s, p in itertools.product(
        range(4, 20), range(1, 5), range(1, 4), range(3)
    ):
        if (w - f + 2 * p) % s == 0:
            expected = (w - f + 2 * p) // s + 1
            assert sizes.output_size(w, Window(f, s), p) == expected


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_transposed_sizes_are_those_of_keras(padding):
    for size, window in windows():
        layer = layer_of(keras.layers.Conv1DTranspose, window, padding)
        found = layer.compute_output_shape((1, size, 1))[1]
        assert sizes.transposed_size(size, window, padding) == found


def test_a_transposed_convolution_undoes_the_size():
    for (size, window), zeros in itertools.product(windows(), range(3)):
        if window.span > size + 2 * zeros or zeros >= window.span:
            continue
        left = sizes.output_size(size, window, zeros)
        over = (size + 2 * zeros - window.span) % window.stride
        back = sizes.transposed_size(left, window, zeros, over)
        assert back == size


def dependence(stack, length):
    """Returns the inputs that the middle output of a stack depends on."""
    known = [{i} for i in range(length)]
    for window in stack:
        known = [
            set().union(
                *(
                    known[start + k * window.dilation]
                    for k in range(window.kernel)
                )
            )
            for start in range(0, len(known) - window.span + 1, window.stride)
        ]
    return known[len(known) // 2], known


@pytest.mark.parametrize(
    "stack",
    [
        [Window(3)],
        [Window(3), Window(3)],
        [Window(5), Window(2, 2), Window(5), Window(2, 2)],
        [Window(3, 2), Window(3, 1, 2), Window(3, 2)],
        [Window(7, 2), Window(3, 2), *[Window(3)] * 4],
    ],
)
def test_a_receptive_field_is_what_an_output_depends_on(stack):
    seen, known = dependence(stack, 200)
    field = sizes.receptive_field(stack)
    assert field.size == max(seen) - min(seen) + 1
    assert field.jump == min(known[1]) - min(known[0])


@pytest.mark.parametrize("values", [(0,), (3, 0), (3, 1, 0), (-1,)])
def test_a_window_without_a_place_is_refused(values):
    with pytest.raises(ValueError, match="at least 1"):
        Window(*values)


def test_what_leaves_nothing_is_refused():
    for size, padding in ((0, 0), (4, -1)):
        with pytest.raises(ValueError, match="at least"):
            sizes.output_size(size, Window(1), padding)
    with pytest.raises(ValueError, match="Nothing is left"):
        sizes.transposed_size(1, Window(1), 3)


def test_numbers_as_a_reader_knows_them():
    # LeNet: 32 - 28 - 14 - 10 - 5; AlexNet's first: (227 - 11) / 4 + 1.
    assert sizes.output_size(32, Window(5)) == 28
    assert sizes.output_size(227, Window(11, 4)) == 55
    vgg = [Window(3), Window(3), Window(2, 2)] * 2
    vgg += [Window(3), Window(3), Window(3), Window(2, 2)] * 3
    assert sizes.receptive_field(vgg) == sizes.ReceptiveField(212, 32)
    assert np.isclose(sizes.receptive_field([Window(3)] * 2).size, 5)
