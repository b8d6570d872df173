import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from kerasnotes.serving.http.tensor_text import (
    columns_text,
    rows_text,
    tensor_text,
)

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.0, b"2.0"),
        (0.1, b"0.1"),
        (-0.0, b"-0.0"),
        (math.nan, b"NaN"),
        (math.inf, b"Infinity"),
        (-math.inf, b"-Infinity"),
        (1 / 3, b"0.33333334"),
    ],
)
def test_floats_are_short_and_whole_ones_end_in_point_zero(value, text):
    assert tensor_text("y", np.float32(value)) == text
    assert tensor_text("y", np.array([value], "f4")) == b"[" + text + b"]"


@given(hnp.arrays("float32", hnp.array_shapes(min_dims=1, max_dims=3)))
def test_every_float_reads_back_equal(array):
    text = tensor_text("y", array)
    read = np.array(json.loads(text), "float64").astype("float32")
    np.testing.assert_array_equal(read, array)


def test_not_numbers_keep_their_places():
    array = np.array([[np.nan, 1.0], [np.inf, -np.inf]], "float32")
    assert tensor_text("y", array) == b"[[NaN,1.0],[Infinity,-Infinity]]"


@pytest.mark.parametrize(
    ("array", "value"),
    [
        (np.array([2**64 - 1], "uint64"), [2**64 - 1]),
        (np.array([-128], "int8"), [-128]),
        (np.array([True, False]), [True, False]),
        (np.array([0.5], "float16"), [0.5]),
        (np.zeros((2, 0), "float32"), [[], []]),
        (np.array(3, "int64"), 3),
        (np.arange(6).reshape(2, 3).T, [[0, 3], [1, 4], [2, 5]]),
    ],
)
def test_other_arrays(array, value):
    assert json.loads(tensor_text("y", array)) == value


def test_bfloat16_is_written_as_float():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    array = np.array([1.5, 2.0], ml_dtypes.bfloat16)
    assert tensor_text("y", array) == b"[1.5,2.0]"


def test_strings_are_text_and_bytes_are_base64():
    array = np.array([[b"a"], ["ä".encode()]], object)
    assert json.loads(tensor_text("y", array)) == [["a"], ["ä"]]
    assert json.loads(tensor_text("y_bytes", array))[0] == [{"b64": "YQ=="}]
    array = np.array([b"\xff"], object)
    assert json.loads(tensor_text("y", array)) == [{"b64": "/w=="}]


def test_rows_and_columns():
    one = {"y": np.array([1.0, 2.0], "float32")}
    assert json.loads(rows_text(one)) == [1.0, 2.0]
    assert json.loads(columns_text(one)) == [1.0, 2.0]
    two = {**one, "z": np.array([[3], [4]]), "s": np.array([b"a", b"b"], "O")}
    assert json.loads(rows_text(two)) == [
        {"y": 1.0, "z": [3], "s": "a"},
        {"y": 2.0, "z": [4], "s": "b"},
    ]
    assert json.loads(columns_text(two)) == {
        "y": [1.0, 2.0],
        "z": [[3], [4]],
        "s": ["a", "b"],
    }
