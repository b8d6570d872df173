import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kerasnotes.serving.engine.errors import Code, ServingError
from kerasnotes.serving.http.json_tensor import (
    CHUNK,
    decode_base64,
    encode_base64,
    to_array,
)

pytestmark = pytest.mark.once
DTYPES = "float32 float64 int8 int16 int32 int64 uint8 uint32 uint64 bool"


@pytest.mark.parametrize("dtype", DTYPES.split())
def test_nested_lists_become_the_array_they_came_from(dtype):
    @given(
        hnp.arrays(
            dtype,
            hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
        )
    )
    def check(array):
        read = to_array(array.tolist(), dtype, 8)
        assert read.dtype == array.dtype
        np.testing.assert_array_equal(read.ravel(), array.ravel())
        if array.size:
            assert read.shape == array.shape

    check()


def test_numbers_of_floats_may_be_written_as_integers():
    assert to_array([1, 2.5, -3], "float32", 4).tolist() == [1.0, 2.5, -3.0]
    assert to_array(7, "float64", 4).shape == ()


def test_strings_are_text_or_base64():
    read = to_array([["ä", {"b64": "/wA="}]], "bytes", 4)
    assert read.dtype == object
    assert read.tolist() == [["ä".encode(), b"\xff\x00"]]


@pytest.mark.parametrize("text", ["/wA=", "/wA", "_wA=", "_wA"])
def test_base64_of_both_alphabets(text):
    assert decode_base64(text) == b"\xff\x00"
    assert encode_base64(b"\xff\x00") == "/wA="


@pytest.mark.parametrize(
    ("value", "dtype", "text"),
    [
        ("x", "float32", 'JSON Value: "x" Type: String is not of expected '
         "type: float"),
        ([1.0, True], "float32", "JSON Value: true Type: True is not of "
         "expected type: float"),
        ([None], "float64", "JSON Value: null Type: Null is not of expected "
         "type: double"),
        ([{}], "float32", "JSON Value: {} Type: Object is not of expected "
         "type: float"),
        ([1, 1.0], "int32", "JSON Value: 1.0 Type: Number is not of expected "
         "type: int32"),
        ([True], "int64", "JSON Value: true Type: True is not of expected "
         "type: int64"),
        ([2**31], "int32", "JSON Value: 2147483648 Type: Number is not of "
         "expected type: int32"),
        ([-1], "uint8", "JSON Value: -1 Type: Number is not of expected type: "
         "uint8"),
        ([256], "uint8", "JSON Value: 256 Type: Number"),
        ([-1], "uint64", "JSON Value: -1 Type: Number"),
        ([2**63], "int64", "JSON Value: 9223372036854775808 Type: Number"),
        ([1], "bool", "JSON Value: 1 Type: Number is not of expected type: "
         "bool"),
        ([1], "bytes", "JSON Value: 1 Type: Number is not of expected type: "
         "string"),
        ([{"b64": "%"}], "bytes", "Unable to base64 decode"),
        ([{"b64": "AA", "c": 1}], "bytes", 'JSON Value: {"b64":"AA","c":1} not '
         "formatted correctly for base64 data"),
        ([1e39], "float32", "Cannot convert JSON value: 1e+39 to float "
         "without loss of precision."),
        ([-1e39, float("nan")], "float32", "Cannot convert JSON value: -1e+39"),
        ([2**24], "float32", "Cannot convert JSON value: 16777216 to float"),
        ([-(2**24), 0.5], "float32", "Cannot convert JSON value: -16777216"),
        ([2**53], "float64", "Cannot convert JSON value: 9007199254740992 to "
         "double"),
        ([10**400], "float64", "Cannot convert JSON value: 1000"),
        ([[1], 2], "float32", "JSON Value: 2 found at incorrect level: 2 in "
         "the JSON DOM. Expected at level: 2"),
        ([1, [2]], "float32", "Encountered list at unexpected level: 1 "
         "expected < 1"),
        ([[1, 2], [3]], "float32", "Encountered list at unexpected size: 1 at "
         "level: 1 expected size: 2"),
        ([[[[[1]]]]], "float32", "Lists are nested deeper than 4 levels"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said(value, dtype, text):
    with pytest.raises(ServingError) as caught:
        to_array(value, dtype, 4)
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert caught.value.message.startswith(text)


def test_types_that_tensorflow_serving_does_not_read():
    with pytest.raises(ServingError, match="to type: half") as caught:
        to_array([1.0], "float16", 4)
    assert caught.value.code is Code.UNIMPLEMENTED


def test_the_largest_numbers_are_read():
    largest = float(np.finfo("float32").max)
    assert to_array([largest, -largest], "float32", 4)[0] == np.float32(largest)
    assert to_array([2**24 - 1], "float32", 4)[0] == 2**24 - 1
    assert to_array([float("inf"), 1.0], "float32", 4)[0] == np.inf


def test_one_bad_value_among_many_is_found():
    values = [[1.0] * 10 for _ in range(3 * CHUNK)]
    values[2 * CHUNK + 5][7] = "here"
    with pytest.raises(ServingError, match='"here" Type: String'):
        to_array(values, "float32", 4)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from(["b64", "a"]), inner, max_size=2)
        ),
        max_leaves=20,
    ),
    st.sampled_from([*DTYPES.split(), "bytes"]),
)
def test_any_json_is_read_or_refused(value, dtype):
    error = None
    try:
        array = to_array(value, dtype, 4)
    except ServingError as caught:
        error = caught
    if error is None:
        assert array.ndim <= 4
    else:
        assert error.code is Code.INVALID_ARGUMENT
        assert error.message
