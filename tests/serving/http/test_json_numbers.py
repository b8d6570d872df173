"""Arrays read in pieces are those of the parser, or left to it."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasnotes.serving.http import json_numbers
from kerasnotes.serving.http.json_numbers import find_numbers
from kerasnotes.serving.http.json_tensor import to_array

pytestmark = pytest.mark.once
KEY = b'"instances"'


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr(json_numbers, "STEP", 5)
    monkeypatch.setattr(json_numbers, "BLOCK", 7)


def find(text, dtype="float32"):
    numbers = find_numbers(b'{"instances":' + text + b"}", KEY)
    return None if numbers is None else numbers.array(dtype)


@pytest.mark.parametrize("separators", [(", ", ": "), (",", ":")])
@pytest.mark.parametrize("shape", [(1,), (3,), (2, 3), (1, 1, 1), (2, 3, 4, 1)])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "uint64"])
def test_arrays_of_every_shape_are_read(rng, shape, dtype, separators):
    values = rng.integers(0, 256, shape).astype(dtype)
    body = {"a": "b", "instances": values.tolist(), "signature_name": "s"}
    text = json.dumps(body, separators=separators).encode()
    numbers = find_numbers(text, KEY)
    array = numbers.array(dtype)
    assert (array.dtype, array.shape) == (dtype, shape)
    np.testing.assert_array_equal(array, values)
    assert json.loads(numbers.rest) == {**body, "instances": numbers.token}


@pytest.mark.parametrize(
    "text",
    [
        b"[1,[2]]", b"[[1],[2,3]]", b"[[1],2]", b"[]", b"[[]]", b"[[],[]]",
        b"[1,]", b"[,1]", b"[1,,2]", b"[1 2]", b"[1 , 2]", b"[ 1]",
        b"[1]]", b"[[1]", b"[1],[2]", b"[-]", b"[1-2]", b"[1e]", b"[.5]",
        b"[01]", b"[+1]", b"[NaN]", b"[true]", b"[null]", b"[1e400]", b"1", b"",
        b"[" * 40 + b"1" + b"]" * 40, b'["1"]', b'[{"x":1}]', b"[1e39]",
        b"[16777217]",
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_no_plain_array_is_left_to_the_parser(text):
    assert find(text) is None


def test_types_are_told_apart():
    assert find(b"[1.0]", "int32") is None
    assert find(b"[300]", "uint8") is None
    assert find(b"[1]", "bool") is None
    assert find(b"[1]", "int32").tolist() == [1]


NESTED = st.recursive(
    st.integers(-300, 300)
    | st.floats(allow_nan=False, allow_infinity=False, width=32),
    lambda inner: st.lists(inner, min_size=1, max_size=3),
    max_leaves=9,
)


@given(st.lists(NESTED, min_size=1, max_size=4), st.booleans())
@settings(max_examples=200, deadline=None)
def test_whatever_is_read_is_what_the_parser_reads(value, spaced):
    separators = None if spaced else (",", ":")
    array = find(json.dumps(value, separators=separators).encode())
    if array is not None:
        np.testing.assert_array_equal(array, to_array(value, "float32", 32))
        return
    # Ragged: the parser refuses it too.
    with pytest.raises(Exception, match="JSON|list"):
        to_array(value, "float32", 32)
