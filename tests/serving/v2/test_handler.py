"""The Open Inference Protocol, case by case."""

import json
from importlib import metadata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasnotes.serving.engine.datatypes import FROM_INFERENCE, TO_INFERENCE
from kerasnotes.serving.v2.binary_tensors import encode
from kerasnotes.serving.v2.handler import OpenInference
from tests.serving.asking import (
    Core,
    Model,
    ask,
    close,
    half_plus_two,
    signature,
)
from tests.serving.stub_core import measured_model

pytestmark = pytest.mark.once
INFER = "/v2/models/half/infer"
LENGTH = "Inference-Header-Content-Length"


def echo():
    """Gives back what it gets, a signature for each type."""
    signatures = []
    for name, dtype in FROM_INFERENCE.items():
        side = {"x": (dtype, None)}
        info = signature(name, side, {"y": (dtype, None)})
        signatures.append((info, lambda x: {"y": x}))
    two = signature(
        "serving_default",
        {"a": ("float32", (None, 2)), "b": ("int32", (None,))},
        {"s": ("float32", (None, 2)), "d": ("float32", (None, 2))},
    )

    def both(a, b):
        b = b[:, None].astype("float32")
        return {"s": a + b, "d": a - b}

    signatures.append((two, both))
    return Model("echo", *signatures)


@pytest.fixture
def core():
    return Core(half_plus_two(), echo())


@pytest.fixture
def app(core):
    return OpenInference(core)


def tensor(name="x", shape=(3,), datatype="FP32", data=(1, 2, 5.0), **more):
    return {
        "name": name,
        "shape": list(shape),
        "datatype": datatype,
        "data": data if isinstance(data, str) else list(data),
        **more,
    }


def test_rows_of_a_table_keep_the_rules_of_the_other_protocol():
    app = OpenInference(Core(measured_model()))

    def infer(size):
        inputs = [
            tensor("features", (1, 1), data=[size]),
            tensor("categories", (1, 1), "BYTES", ["York"]),
        ]
        path = "/v2/models/homes/infer"
        return ask(app, "POST", path, {"inputs": inputs})

    answer = infer(float("nan"))
    assert answer.status == 400
    assert "Row 0, column size: expected a finite number" in answer.error
    answer = infer(1.5)
    assert answer.status == 200
    assert answer.headers["x-unknown-categories"] == "town=York"


# === The server and its models ===


def test_live_and_ready(core, app):
    answer = ask(app, "GET", "/v2/health/live")
    assert (answer.status, answer.json) == (200, {"live": True})
    answer = ask(app, "GET", "/v2/health/ready")
    assert (answer.status, answer.json) == (200, {"live": True, "ready": True})
    core.unloaded.add("half")
    answer = ask(app, "GET", "/v2/health/ready")
    assert answer.status == 503
    assert answer.json == {"live": True, "ready": False}


@pytest.mark.parametrize("path", ["/v2", "/v2/"])
def test_server_metadata(app, path):
    assert ask(app, "GET", path).json == {
        "name": "kerasnotes",
        "version": metadata.version("kerasnotes"),
        "extensions": ["binary_tensor_data", "model_repository", "parameters"],
    }


def test_models_are_listed(app):
    assert ask(app, "GET", "/v2/models").json == {"models": ["half", "echo"]}


@pytest.mark.parametrize("version", ["", "/versions/123"])
def test_model_metadata_and_ready(core, app, version):
    answer = ask(app, "GET", f"/v2/models/half{version}")
    assert answer.json == {
        "name": "half",
        "versions": ["123"],
        "platform": "tensorflow_savedmodel",
        "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1]}],
        "outputs": [{"name": "y", "datatype": "FP32", "shape": [-1]}],
    }
    answer = ask(app, "GET", f"/v2/models/half{version}/ready")
    assert (answer.status, answer.json) == (
        200,
        {"name": "half", "ready": True},
    )
    core.unloaded.add("half")
    answer = ask(app, "GET", f"/v2/models/half{version}/ready")
    assert answer.status == 503
    assert answer.json == {"name": "half", "ready": False}


@pytest.mark.parametrize(
    ("method", "path", "status", "text"),
    [
        ("GET", "/v2/models/m", 404, "Model with name m does not exist."),
        ("GET", "/v2/models/m/ready", 404, "Model with name m does not exist."),
        ("POST", "/v2/models/m/infer", 404,
         "Model with name m does not exist."),
        ("GET", "/v2/models/half/versions/9", 404,
         "Servable not found for request: Specific(half, 9)"),
        ("GET", "/v2/models/half/versions/9/ready", 404,
         "Could not find version 9 of model half"),
        ("GET", "/v2/models/half/versions/x", 400,
         "Expected a number as version, received x."),
        ("GET", "/v2/nothing", 404, "Path not found: /v2/nothing"),
        ("GET", "/v2/models/half/infer/x", 404,
         "Path not found: /v2/models/half/infer/x"),
        ("GET", INFER, 405, "Expected the method POST, received GET."),
        ("POST", "/v2/models/half", 405,
         "Expected the method GET, received POST."),
        ("PUT", "/v2/health/live", 405,
         "Expected the method GET, received PUT."),
        ("GET", "/v2/repository/models/half/load", 405,
         "Expected the method POST, received GET."),
    ],
)  # fmt: skip
def test_errors_of_paths(app, method, path, status, text):
    answer = ask(app, method, path)
    assert (answer.status, answer.error) == (status, text)
    assert answer.headers["content-type"] == "application/json"


def test_a_known_model_that_is_not_loaded(core, app):
    core.unloaded.add("half")
    answer = ask(app, "POST", INFER, {"inputs": [tensor()]})
    assert answer.status == 503
    assert answer.error == "Model with name half is not ready."


def test_models_are_controlled_only_where_allowed(core, app):
    path = "/v2/repository/models/half/"
    assert ask(app, "POST", path + "unload").status == 403
    assert not core.unloaded
    core.allow_control = True
    answer = ask(app, "POST", path + "unload", {})
    assert (answer.status, answer.json) == (
        200,
        {"name": "half", "unload": True},
    )
    assert core.unloaded == {"half"}
    index = ask(app, "POST", "/v2/repository/index").json
    assert [(each["name"], each["state"]) for each in index] == [
        ("half", "UNAVAILABLE"),
        ("echo", "READY"),
    ]
    index = ask(app, "POST", "/v2/repository/index", {"ready": True}).json
    assert index == [
        {"name": "echo", "version": "1", "state": "READY", "reason": ""}
    ]
    answer = ask(app, "POST", path + "load")
    assert (answer.status, answer.json) == (200, {"name": "half", "load": True})
    assert not core.unloaded
    parameters = {"parameters": {"config": "{}"}}
    assert ask(app, "POST", path + "load", parameters).status == 400
    unknown = "/v2/repository/models/m/load"
    assert ask(app, "POST", unknown).status == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://server"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Type": ""}, 415),
        ({}, 200),
        ({"Content-Type": "application/json; charset=utf-8"}, 200),
        (
            {"Origin": "http://server:8501", "Sec-Fetch-Site": "same-origin"},
            200,
        ),
        ({"Sec-Fetch-Site": "none"}, 200),
    ],
)
def test_pages_elsewhere_cannot_control_models(core, app, headers, status):
    """A browser sends such requests without asking, with no key to check."""
    core.allow_control = True
    headers = {"Host": "server:8501", **headers}
    path = "/v2/repository/models/half/unload"
    assert ask(app, "POST", path, b"", headers).status == status
    assert core.unloaded == ({"half"} if status == 200 else set())


# === Inference in JSON ===


@pytest.mark.parametrize(
    "path",
    [INFER, "/v2/models/half/versions/123/infer", "/v2/models/%68alf/infer"],
)
def test_infer(app, path):
    body = {"id": "42", "inputs": [tensor()]}
    answer = ask(app, "POST", path, body)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json == {
        "model_name": "half",
        "model_version": "123",
        "id": "42",
        "outputs": [
            {
                "name": "y",
                "shape": [3],
                "datatype": "FP32",
                "data": [2.5, 3.0, 4.5],
            }
        ],
    }
    del body["id"]
    assert "id" not in ask(app, "POST", path, body).json


@pytest.mark.parametrize("data", [[1, 2, 3, 4], [[1, 2], [3, 4]]])
def test_flat_and_nested_data_and_chosen_outputs(app, data):
    body = {
        "inputs": [
            tensor("b", (2,), "INT32", [10, 20]),
            tensor("a", (2, 2), "FP32", data),
        ]
    }
    path = "/v2/models/echo/infer"
    outputs = ask(app, "POST", path, body).json["outputs"]
    assert [each["name"] for each in outputs] == ["s", "d"]
    assert outputs[0]["data"] == [11.0, 12.0, 23.0, 24.0]
    assert outputs[0]["shape"] == [2, 2]
    body["outputs"] = [{"name": "d"}]
    (output,) = ask(app, "POST", path, body).json["outputs"]
    assert output["data"] == [-9.0, -8.0, -17.0, -16.0]


VALUES = {
    "BOOL": [True, False],
    "FP16": [0.5, -2.0],
    "FP32": [0.1, -2.0],
    "FP64": [0.1, 1e300],
    "BYTES": ["ä", ""],
    "UINT64": [0, 2**64 - 1],
    "INT64": [-(2**63), 2**63 - 1],
}


@pytest.mark.parametrize("datatype", FROM_INFERENCE)
def test_every_type_in_json_and_in_binary(app, datatype):
    values = VALUES.get(datatype, [0, 100])
    body = {
        "parameters": {"signature_name": datatype},
        "inputs": [tensor("x", (2, 1), datatype, values)],
    }
    path = "/v2/models/echo/infer"
    answer = ask(app, "POST", path, body)
    assert answer.status == 200, answer.body
    expected = tensor("y", (2, 1), datatype, values)
    assert answer.json["outputs"] == [expected]
    body["parameters"]["binary_data_output"] = True
    answer = ask(app, "POST", path, body)
    if datatype == "BYTES":
        array = np.array([v.encode() for v in values], object)
    else:
        array = np.array(values, FROM_INFERENCE[datatype])
    length = int(answer.headers[LENGTH.lower()])
    assert answer.body[length:] == encode(array)


def test_booleans_are_no_numbers_and_text_no_bytes(app):
    for datatype, data in {
        "FP32": [True],
        "INT32": [1.0],
        "BOOL": [1],
        "BYTES": [1],
        "UINT8": [256],
        "FP16": [70000.0],
        "INT64": ["1"],
        "FP64": [None],
    }.items():
        body = {
            "parameters": {"signature_name": datatype},
            "inputs": [tensor("x", (1,), datatype, data)],
        }
        answer = ask(app, "POST", "/v2/models/echo/infer", body)
        assert answer.status == 400
        assert f"expected values of the type {datatype}" in answer.error


def test_not_numbers_are_null_in_json_and_exact_in_binary(app):
    body = {"inputs": [tensor(data=[float("nan"), float("inf"), 1.0])]}
    answer = ask(app, "POST", INFER, body)
    assert answer.json["outputs"][0]["data"] == [None, None, 2.5]
    body["outputs"] = [{"name": "y", "parameters": {"binary_data": True}}]
    answer = ask(app, "POST", INFER, body)
    raw = answer.body[int(answer.headers[LENGTH.lower()]) :]
    np.testing.assert_array_equal(
        np.frombuffer(raw, "<f4"), np.float32([np.nan, np.inf, 2.5])
    )


def test_bytes_that_are_no_text(app):
    body = {
        "parameters": {"signature_name": "BYTES"},
        "inputs": [
            tensor(
                "x",
                (1,),
                "BYTES",
                ["/wA="],
                parameters={"content_type": "base64"},
            )
        ],
    }
    (output,) = ask(app, "POST", "/v2/models/echo/infer", body).json["outputs"]
    assert output["data"] == ["/wA="]
    assert output["parameters"] == {"content_type": "base64"}
    body["inputs"][0]["data"] = ["%"]
    assert ask(app, "POST", "/v2/models/echo/infer", body).status == 400


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ([], "Is not object"),
        ({}, "Expected a list as inputs."),
        ({"inputs": {}}, "Expected a list as inputs."),
        ({"inputs": [1]}, "inputs[0]: expected an object with a name."),
        ({"inputs": []}, "Expected the inputs ['x'], received []."),
        ({"inputs": [tensor("z")]}, "Expected the inputs ['x'], received"),
        ({"inputs": [tensor(), tensor()]}, "Input x is given twice."),
        ({"inputs": [tensor(shape=(2,))]}, "expected 2 values, flat or nested"),
        ({"inputs": [tensor(shape=(1, 3))]}, "expected shape (?), received "
         "(1, 3)"),
        ({"inputs": [tensor(shape=(-3,))]}, "expected a list of lengths"),
        ({"inputs": [tensor(shape=(True,))]}, "expected a list of lengths"),
        ({"inputs": [tensor(shape=(3.0,))]}, "expected a list of lengths"),
        ({"inputs": [tensor(shape=[3] * 99)]}, "expected a list of lengths"),
        ({"inputs": [tensor(shape=[2**39] * 9)]}, "expected a list of lengths"),
        ({"inputs": [tensor(shape=[0, 2**39, 2**39])]}, "expected a list of"),
        ({"inputs": [tensor(datatype="FLOAT")]}, "expected a datatype of BOOL"),
        ({"inputs": [tensor(datatype=1)]}, "expected a datatype of BOOL"),
        ({"inputs": [tensor(datatype="FP64")]}, "expected float32, received "
         "float64"),
        ({"inputs": [{"name": "x", "shape": [1], "datatype": "FP32"}]},
         "expected data or binary_data_size"),
        ({"inputs": [tensor(data=[1, [2], 3])]}, "received [1,[2],3]"),
        ({"inputs": [tensor(data=[[1], [2], [3]])]}, "expected 3 values, flat"),
        ({"inputs": [tensor(data="abc")]}, "expected 3 values, flat"),
        ({"inputs": [tensor()], "id": 7}, "Expected a string as id"),
        ({"inputs": [tensor()], "outputs": [{"name": "z"}]},
         'There is no output "z": expected one of y.'),
        ({"inputs": [tensor()], "outputs": 1}, "Expected a list as outputs."),
        ({"inputs": [tensor()], "parameters": 1}, "expected an object as "
         "parameters"),
        ({"inputs": [tensor()], "parameters": {"signature_name": 1}},
         "Expected a string as the parameter signature_name"),
        ({"inputs": [tensor()], "parameters": {"signature_name": "s"}},
         'Serving signature name: "s" not found in signature def'),
        ({"inputs": [tensor()], "outputs": [
            {"name": "y", "parameters": {"classification": 2}}]},
         "the extension classification is not offered"),
    ],
)  # fmt: skip
def test_errors_of_bodies(app, body, text):
    answer = ask(app, "POST", INFER, body)
    assert answer.status == 400
    assert text in answer.error


# === Binary tensors ===


def binary(body, *parts):
    head = json.dumps(body).encode()
    return b"".join([head, *parts]), {LENGTH: str(len(head))}


def raw(name, shape, datatype, size):
    return {
        "name": name,
        "shape": shape,
        "datatype": datatype,
        "parameters": {"binary_data_size": size},
    }


def test_binary_in_and_out(app):
    a = np.array([[1, 2], [3, 4]], "<f4")
    b = np.array([10, 20], "<i4")
    body, headers = binary(
        {
            "inputs": [raw("a", [2, 2], "FP32", 16), raw("b", [2], "INT32", 8)],
            "outputs": [
                {"name": "d", "parameters": {"binary_data": True}},
                {"name": "s", "parameters": {"binary_data": False}},
            ],
        },
        a.tobytes(),
        b.tobytes(),
    )
    answer = ask(app, "POST", "/v2/models/echo/infer", body, headers)
    assert answer.headers["content-type"] == "application/octet-stream"
    length = int(answer.headers[LENGTH.lower()])
    d, s = json.loads(answer.body[:length])["outputs"]
    assert d["parameters"] == {"binary_data_size": 16}
    assert "data" not in d
    difference = np.frombuffer(answer.body[length:], "<f4").reshape(d["shape"])
    close(difference, a - b[:, None])
    close(np.reshape(s["data"], s["shape"]), a + b[:, None])


@pytest.mark.parametrize(
    ("size", "tail", "text"),
    [
        (12, b"\0" * 11, "11 bytes are left, binary_data_size is 12"),
        (8, b"\0" * 12, "4 bytes behind the last input"),
        (11, b"\0" * 11, "expected 12 bytes for shape [3], received 11"),
        (-1, b"", "binary_data_size is -1"),
        ("12", b"\0" * 12, 'binary_data_size is "12"'),
        (True, b"\0", "binary_data_size is true"),
    ],
)
def test_errors_of_binary_data(app, size, tail, text):
    shape = [2] if size == 8 else [3]
    body, headers = binary({"inputs": [raw("x", shape, "FP32", size)]}, tail)
    answer = ask(app, "POST", INFER, body, headers)
    assert answer.status == 400
    assert text in answer.error
    answer = ask(app, "POST", INFER, body, {LENGTH: "99999"})
    assert answer.status == 400


def test_nothing_of_the_inside_is_told(core, app, caplog):
    core.broken = True
    answer = ask(app, "POST", INFER, {"inputs": [tensor()]})
    assert (answer.status, answer.error) == (500, "Internal error.")
    assert "a secret of the inside" in caplog.text


def test_every_answer_is_counted(core, app):
    ask(app, "POST", INFER, {"inputs": [tensor()]})
    ask(app, "POST", INFER, {})
    ask(app, "GET", "/v2/health/live")
    assert [(*each[:4], each[5]) for each in core.metrics.observed] == [
        ("half", "Predict", "OIP", "OK", 3),
        ("half", "Predict", "OIP", "INVALID_ARGUMENT", 0),
    ]


values = st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=2)
tensors = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["x", "y"]) | values,
        "shape": st.lists(st.integers(-1, 3) | values, max_size=3) | values,
        "datatype": st.sampled_from(list(TO_INFERENCE.values())) | values,
        "data": st.lists(values | st.lists(values)) | values,
        "parameters": st.dictionaries(
            st.sampled_from(["binary_data_size", "binary_data", "x"]), values
        )
        | values,
    },
)


@settings(max_examples=300, deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "inputs": st.lists(tensors, max_size=2) | values,
            "outputs": st.lists(tensors, max_size=2) | values,
            "parameters": values | st.dictionaries(st.just("timeout"), values),
            "id": values,
        },
    ),
    st.none() | st.integers(0, 40),
)
def test_no_request_is_an_internal_error(body, length):
    app = OpenInference(Core(half_plus_two()))
    headers = {} if length is None else {LENGTH: str(length)}
    answer = ask(app, "POST", INFER, body, headers)
    assert answer.status in (200, 400)
    assert answer.body


def test_a_timeout_of_any_size(core, app):
    """As an integer that no float holds, which only Python's parser reads."""
    timeouts = []

    async def predict(model, name, tensors, *, timeout=None):
        timeouts.append(timeout)
        return model.run(name, tensors)

    core.predict = predict
    for digits in (1, 400):
        body = (
            b'{"parameters": {"timeout": %s, "other": NaN}, "inputs": '
            b'[{"name": "x", "shape": [1], "datatype": "FP32", "data": [1]}]}'
        ) % (b"1" * digits)
        assert ask(app, "POST", INFER, body).status == 200
    assert timeouts[0] == 1e-6
    assert timeouts[1] > 1e6


def test_shapes_that_no_array_has_in_binary(app):
    size = {"binary_data_size": 0}
    body = {
        "inputs": [
            {"name": "x", "shape": [0, 2**39, 2**39], "datatype": "FP32",
             "parameters": size}
        ]
    }  # fmt: skip
    head = json.dumps(body).encode()
    headers = {"Inference-Header-Content-Length": str(len(head))}
    answer = ask(app, "POST", INFER, head, headers)
    assert answer.status == 400
    assert "expected a list of lengths" in answer.error


def test_types_that_only_foreign_models_have():
    import ml_dtypes

    from kerasnotes.serving.v2.handler import OpenInference

    info = signature(
        "serving_default",
        {"x": ("float32", (None,))},
        {"c": ("complex64", (None,)), "b": ("bfloat16", (None,))},
    )

    def call(x):
        return {"c": x.astype("complex64"), "b": x.astype(ml_dtypes.bfloat16)}

    app = OpenInference(Core(Model("fft", (info, call))))
    described = ask(app, "GET", "/v2/models/fft").json["outputs"]
    assert [each["datatype"] for each in described] == ["COMPLEX64", "BFLOAT16"]
    path = "/v2/models/fft/infer"
    answer = ask(app, "POST", path, {"inputs": [tensor()]})
    assert (answer.status, answer.error) == (
        501,
        "Output c: complex64 is not served.",
    )
    outputs = [{"name": "b"}]
    for binary in (False, True):
        outputs[0]["parameters"] = {"binary_data": binary}
        body = {"inputs": [tensor()], "outputs": outputs}
        answer = ask(app, "POST", path, body)
        assert answer.status == 200
        assert b'"FP32"' in answer.body
