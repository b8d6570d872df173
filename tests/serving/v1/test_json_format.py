import json

import numpy as np
import pytest

from kerasnotes.serving.engine.errors import Code, ServingError
from kerasnotes.serving.engine.limits import Limits
from kerasnotes.serving.v1.json_format import read_predict, write_predict
from tests.serving.asking import Model, signature

pytestmark = pytest.mark.once
X = ("float32", (None,))
ONE = Model("one", (signature("serving_default", {"x": X}, {"y": X}), None))
TWO = Model(
    "two",
    (
        signature(
            "serving_default",
            {"a": ("float32", (None, 2)), "b": ("int32", (None,))},
            {"y": X},
        ),
        None,
    ),
    (signature("text", {"t": ("bytes", (None,))}, {"y": X}), None),
    (signature("nothing", {}, {"y": X}), None),
    (signature("small", {"h": ("float16", (None,))}, {"y": X}), None),
)


def read(value, model=ONE):
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return read_predict(body, model, Limits(max_depth=8, max_rows=9))


def tensors(value, model=ONE):
    return {k: v.tolist() for k, v in read(value, model).tensors.items()}


def test_rows_of_one_input():
    assert tensors({"instances": [1.0, 2, 3]}) == {"x": [1.0, 2.0, 3.0]}
    assert tensors({"instances": [[1, 2], [3, 4]]}) == {"x": [[1, 2], [3, 4]]}
    assert tensors({"instances": [{"x": 1}, {"x": 2}]}) == {"x": [1.0, 2.0]}
    assert read({"instances": [1.0]}).rows


def test_rows_of_several_inputs():
    rows = [{"a": [1, 2], "b": 3}, {"b": 6, "a": [4, 5]}]
    inputs = tensors({"instances": rows}, TWO)
    assert inputs == {"a": [[1.0, 2.0], [4.0, 5.0]], "b": [3, 6]}


def test_columns():
    assert tensors({"inputs": [1, 2]}) == {"x": [1.0, 2.0]}
    assert tensors({"inputs": {"x": [1, 2]}}) == {"x": [1.0, 2.0]}
    assert tensors({"inputs": 1.5}) == {"x": 1.5}
    assert not read({"inputs": [1.0]}).rows
    # Extra names are ignored; first dimensions may differ.
    columns = {"a": [[1, 2]], "b": [3, 4, 5], "c": "?"}
    assert tensors({"inputs": columns}, TWO) == {"a": [[1, 2]], "b": [3, 4, 5]}


def test_strings_and_bytes():
    row = {"signature_name": "text", "instances": ["a", {"b64": "/w=="}]}
    assert tensors(row, TWO) == {"t": [b"a", b"\xff"]}
    column = {"signature_name": "text", "inputs": {"b64": "/w=="}}
    assert tensors(column, TWO) == {"t": b"\xff"}


def test_other_keys_are_ignored_and_an_empty_name_is_the_default():
    body = {"signature_name": "", "inputs": [1], "id": 7, "x": None}
    assert read(body).signature.name == "serving_default"


def test_not_numbers_are_legal():
    (array,) = read(b'{"instances": [NaN, -Infinity]}').tensors.values()
    np.testing.assert_array_equal(array, np.float32([np.nan, -np.inf]))


FAILED = "Failed to process element: "


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "Missing 'inputs' or 'instances' key"),
        ({"instances": [1], "inputs": [1]}, 'JSON Value: {"instances":[1],'
         '"inputs":[1]} Not formatted correctly expecting only one of '
         "'inputs' or 'instances' keys to exist "),
        ({"instances": 1}, 'JSON Value: {"instances":1} Excepting '
         "'instances' to be an list/array"),
        ({"instances": []}, 'JSON Value: {"instances":[]} No values in '
         "'instances' array"),
        ({"signature_name": 1, "inputs": 1}, 'JSON Value: {"signature_name":1,'
         '"inputs":1} not formatted correctly. \'signature_name\' key must be '
         "a string value."),
        ({"signature_name": "s", "inputs": 1}, 'Serving signature name: "s" '
         "not found in signature def"),
        ([1], "JSON Value: [1] Is not object"),
        ({"instances": [1] * 10}, "Expected at most 9 examples, received 10."),
        ({"instances": ["x"]}, FAILED + "0 of 'instances' list. Error: "
         'INVALID_ARGUMENT: JSON Value: "x" Type: String is not of expected '
         "type: float"),
        ({"instances": [1, [2]]}, FAILED + "1 of 'instances' list. Error: "
         "INVALID_ARGUMENT: Expecting shape [] but got: [1]"),
        ({"instances": [[1, 2], [3]]}, FAILED + "1 of 'instances' list. "
         "Error: INVALID_ARGUMENT: Expecting shape [2] but got: [1]"),
        ({"instances": [1, {"x": 2}]}, "Expecting value/list but got object "
         "at item 1 of input list"),
        ({"instances": [{"x": 1}, 2]}, "Expecting object but got list at "
         "item 1 of input list"),
        ({"instances": [{"x": 1}, {"x": 1, "z": 2}]}, FAILED + "1 key: z of "
         "'instances' list. Error: INVALID_ARGUMENT: JSON object: does not "
         "have named input: z"),
        ({"instances": [{"x": 1}, {}]}, FAILED + "1 of 'instances' list. "
         "JSON object: {} keys must be equal to: x"),
        ({"instances": [{"x": 1}, {"x": True}]}, FAILED + "1 key: x of "
         "'instances' list. Error: INVALID_ARGUMENT: JSON Value: true Type: "
         "True is not of expected type: float"),
    ],
)  # fmt: skip
def test_errors_of_one_input(body, text):
    with pytest.raises(ServingError) as caught:
        read(body)
    assert caught.value.message == text
    assert caught.value.code is Code.INVALID_ARGUMENT


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"instances": [[1, 2]]}, "instances is a plain list, but expecting "
         "list of objects as multiple input tensors required as per "
         "tensorinfo_map"),
        ({"inputs": [1]}, "inputs is a plain value/list, but expecting an "
         "object as multiple input tensors required as per tensorinfo_map"),
        ({"inputs": {"a": [[1, 2]]}}, "Missing named input: b in 'inputs' "
         "object."),
        ({"instances": [{"a": [1, 2]}]}, FAILED + "0 of 'instances' list. "
         'JSON object: {"a":[1,2]} keys must be equal to: a,b'),
        ({"inputs": {"a": [[1, 2]], "b": [1.0]}}, "JSON Value: 1.0 Type: "
         "Number is not of expected type: int32"),
    ],
)  # fmt: skip
def test_errors_of_two_inputs(body, text):
    with pytest.raises(ServingError) as caught:
        read(body, TWO)
    assert caught.value.message == text


def test_types_without_a_json_form():
    """Unimplemented in columns, an invalid element in rows."""
    with pytest.raises(ServingError) as caught:
        read({"signature_name": "small", "inputs": [1.0]}, TWO)
    assert caught.value.code is Code.UNIMPLEMENTED
    with pytest.raises(ServingError) as caught:
        read({"signature_name": "small", "instances": [1.0]}, TWO)
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert "Error: UNIMPLEMENTED: Conversion" in caught.value.message


def test_answers():
    y = np.array([2.5, 3.0], "float32")
    assert write_predict({"y": y}, True) == b'{"predictions":[2.5,3.0]}'
    assert write_predict({"y": y}, False) == b'{"outputs":[2.5,3.0]}'
    both = {"y": y, "z_bytes": np.array([b"a", b"b"], object)}
    assert json.loads(write_predict(both, True))["predictions"] == [
        {"y": 2.5, "z_bytes": {"b64": "YQ=="}},
        {"y": 3.0, "z_bytes": {"b64": "Yg=="}},
    ]
    assert json.loads(write_predict(both, False))["outputs"]["y"] == [2.5, 3.0]


@pytest.mark.parametrize(
    ("outputs", "text"),
    [
        (
            {"x": np.zeros(2), "y": np.zeros(3)},
            "Tensor name: y has inconsistent batch size: 3 expecting: 2",
        ),
        ({"y": np.array(1.0)}, "Tensor name: y has no shape information "),
    ],
)
def test_rows_need_one_batch_size(outputs, text):
    with pytest.raises(ServingError) as caught:
        write_predict(outputs, True)
    assert caught.value.message == text
    assert write_predict(outputs, False)
