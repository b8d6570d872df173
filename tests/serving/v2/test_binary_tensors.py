import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kerasnotes.serving.engine.datatypes import FROM_INFERENCE, TO_INFERENCE
from kerasnotes.serving.engine.errors import ServingError
from kerasnotes.serving.v2.binary_tensors import decode, encode, split

pytestmark = pytest.mark.once


@pytest.mark.parametrize("dtype", [n for n in TO_INFERENCE if n != "bytes"])
def test_numbers_are_little_endian_in_row_major_order(dtype):
    array = np.array([[0, 1, 1], [1, 0, 1]], dtype)
    raw = encode(array)
    assert raw == array.astype(array.dtype.newbyteorder("<")).tobytes("C")
    read = decode("x", memoryview(raw), (2, 3), dtype)
    assert read.dtype == dtype
    np.testing.assert_array_equal(read, array)


def test_one_number_by_hand():
    assert encode(np.array([1.0], ">f4")) == b"\x00\x00\x80\x3f"
    read = decode("x", memoryview(b"\x02\x01"), (1,), "int16")
    assert read.tolist() == [258]
    # Transposed: the order of the values, not of the memory.
    assert encode(np.array([[1, 2], [3, 4]], "u1").T) == b"\x01\x03\x02\x04"


def test_booleans_are_zero_or_not():
    read = decode("x", memoryview(b"\x00\x02\x01"), (3,), "bool")
    assert read.tolist() == [False, True, True]
    assert read.view("u1").tolist() == [0, 1, 1]


def test_strings_have_their_length_in_front():
    array = np.array([[b"ab", b""], ["ä", b"\xff"]], object)
    raw = encode(array)
    assert raw == (
        b"\x02\x00\x00\x00ab"
        b"\x00\x00\x00\x00"
        b"\x02\x00\x00\x00\xc3\xa4"
        b"\x01\x00\x00\x00\xff"
    )
    read = decode("x", memoryview(raw), (2, 2), "bytes")
    assert read.tolist() == [[b"ab", b""], ["ä".encode(), b"\xff"]]


@given(hnp.arrays("int32", hnp.array_shapes(min_dims=0, min_side=0)))
def test_every_shape_comes_back(array):
    read = decode("x", memoryview(encode(array)), array.shape, "int32")
    np.testing.assert_array_equal(read, array)


@pytest.mark.parametrize(
    ("data", "shape", "dtype", "text"),
    [
        (b"\0" * 7, (2,), "float32", "expected 8 bytes for shape"),
        (b"\0" * 9, (2,), "float32", "expected 8 bytes for shape"),
        (b"", (10**12,), "bytes", "data end early"),
        (b"\0" * 8, (1,), "bytes", "4 bytes behind the last string"),
        (struct.pack("<I", 9) + b"abc", (1,), "bytes", "string 0 is cut off"),
        (struct.pack("<I", 5) + b"abcd", (2,), "bytes", "string 0 is cut off"),
        (b"\0" * 4 + b"\0" * 3 + b"\1", (2,), "bytes", "string 1 is cut off"),
        (b"\xff" * 8, (1,), "bytes", "string 0 is cut off"),
    ],
)
def test_what_does_not_fit_is_refused(data, shape, dtype, text):
    with pytest.raises(ServingError, match=text):
        decode("x", memoryview(data), shape, dtype)


@given(st.binary(max_size=30), st.integers(0, 4))
def test_any_bytes_are_strings_or_an_error(data, count):
    try:
        read = decode("x", memoryview(data), (count,), "bytes")
    except ServingError:
        return
    assert encode(read) == data


def test_the_header_says_where_json_ends():
    assert split(b"{}", None) == (b"{}", memoryview(b""))
    head, tail = split(b"{}abc", b"2")
    assert (head, bytes(tail)) == (b"{}", b"abc")
    for bad in (b"6", b"-1", b"x", b"", b"9" * 5000, "²".encode("latin-1")):
        with pytest.raises(ServingError, match="at most 5"):
            split(b"{}abc", bad)


def test_the_names_are_the_protocols():
    names = "BOOL UINT8 UINT16 UINT32 UINT64 INT8 INT16 INT32 INT64"
    assert set(FROM_INFERENCE) == {
        *names.split(),
        "FP16",
        "FP32",
        "FP64",
        "BYTES",
    }
