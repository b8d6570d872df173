"""TensorFlow Serving's REST contract, case by case."""

import asyncio
import gzip
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasnotes.serving.engine.limits import Limits
from kerasnotes.serving.engine.signature import CLASSIFY, REGRESS
from kerasnotes.serving.v1.handler import TensorFlowServing
from tests.serving.asking import Core, Model, ask, half_plus_two, signature

pytestmark = pytest.mark.once
PREDICT = "/v1/models/half:predict"


def flowers():
    """Classifies and regresses examples by the length of their bytes."""
    strings = ("bytes", (None,))
    classify = signature(
        "classify",
        {"inputs": strings},
        {"classes": ("bytes", (None, 2)), "scores": ("float32", (None, 2))},
        CLASSIFY,
    )
    scores = signature(
        "scores",
        {"inputs": strings},
        {"scores": ("float32", (None, 2))},
        CLASSIFY,
    )
    regress = signature(
        "regress",
        {"inputs": strings},
        {"outputs": ("float32", (None, 1))},
        REGRESS,
    )
    default = signature(
        "serving_default",
        {"x": ("float32", (None,))},
        {"y": ("float32", (None,))},
    )

    def by_class(inputs):
        rows = len(inputs)
        names = np.array([[b"setosa", b"virginica"]] * rows, object)
        return {"classes": names, **by_score(inputs)}

    def by_score(inputs):
        lengths = np.array([len(value) for value in inputs], "float32")
        return {"scores": np.stack([lengths, 0 * lengths + 0.1], 1)}

    def by_value(inputs):
        lengths = [len(value) for value in inputs]
        return {"outputs": np.array(lengths, "float32")[:, None]}

    return Model(
        "flowers",
        (default, lambda x: {"y": x}),
        (classify, by_class),
        (scores, by_score),
        (regress, by_value),
    )


@pytest.fixture
def core():
    return Core(half_plus_two(), flowers())


@pytest.fixture
def app(core):
    return TensorFlowServing(core)


@pytest.mark.parametrize(
    "path",
    [
        PREDICT,
        "/v1/models/half/versions/123:predict",
        "/v1/models/half/versions/000123:predict",
        "/v1/models/half/labels/stable:predict",
        "/V1/Models/half:PREDICT",
        "/v1/models/%68alf:predict",
        "/v1/models/half/labels/%73table:predict",
    ],
)
def test_predict_in_rows_and_columns(app, path):
    answer = ask(app, "POST", path, {"instances": [1.0, 2.0, 5.0]})
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json == {"predictions": [2.5, 3.0, 4.5]}
    answer = ask(app, "POST", path, {"inputs": [1.0, 2.0, 5.0]})
    assert answer.json == {"outputs": [2.5, 3.0, 4.5]}


@pytest.mark.parametrize(
    ("method", "path", "status", "text"),
    [
        ("GET", "/v1/models/m", 404, "Could not find any versions of model m"),
        ("GET", "/v1/models/half/versions/9", 404,
         "Could not find version 9 of model half"),
        ("POST", "/v1/models/m:predict", 404,
         "Servable not found for request: Latest(m)"),
        ("POST", "/v1/models/half/versions/9:predict", 404,
         "Servable not found for request: Specific(half, 9)"),
        ("GET", "/v1/models/m/metadata", 404,
         "Servable not found for request: Latest(m)"),
        ("POST", "/v1/models/half/labels/L:predict", 400,
         "Unrecognized servable version label: L"),
        ("POST", "/v1/models/half/versions/1/labels/a:predict", 400,
         "Malformed request: POST /v1/models/half/versions/1/labels/a:predict"),
        ("POST", "/v1/models/half/label/a:predict", 400,
         "Malformed request: POST /v1/models/half/label/a:predict"),
        ("POST", "/v1/models/half/versions/x:predict", 400,
         "Malformed request: POST /v1/models/half/versions/x:predict"),
        ("POST", "/v1/models/half:guess", 400,
         "Malformed request: POST /v1/models/half:guess"),
        ("GET", PREDICT, 400, f"Malformed request: GET {PREDICT}"),
        ("POST", "/v1/models/half/metadata", 400,
         "Malformed request: POST /v1/models/half/metadata"),
        ("DELETE", "/v1/models/half", 400,
         "Malformed request: DELETE /v1/models/half"),
        ("GET", "/v1/nothing", 400, "Malformed request: GET /v1/nothing"),
        ("GET", "/v1/models/versions/1", 400,
         "Missing model name in request."),
        ("POST", "/v1/models/half/versions/9223372036854775808:predict", 400,
         "Failed to convert version: 9223372036854775808 to numeric."),
        ("GET", f"/v1/models/half/versions/{'9' * 5000}", 400, None),
    ],
)  # fmt: skip
def test_errors_of_paths(app, method, path, status, text):
    answer = ask(app, method, path, {"instances": [1.0]})
    assert answer.status == status
    assert answer.headers["content-type"] == "application/json"
    if text is None:
        assert answer.error.startswith("Failed to convert version: 999")
    else:
        assert answer.error == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "JSON Parse error: The document is empty"),
        (b"?", "JSON Parse error: Invalid value. at offset: 0"),
        (b"{}", "Missing 'inputs' or 'instances' key"),
        (b'{"signature_name": "s", "instances": [1]}',
         'Serving signature name: "s" not found in signature def'),
        (b'{"inputs": ["x"]}', 'JSON Value: "x" Type: String is not of '
         "expected type: float"),
        (b'{"inputs": [[1]]}', "Input x: expected shape (?), received (1, 1)."),
    ],
)  # fmt: skip
def test_errors_of_bodies(app, body, text):
    answer = ask(app, "POST", PREDICT, body)
    assert (answer.status, answer.error) == (400, text)


def test_status(app):
    expected = {
        "model_version_status": [
            {
                "version": "123",
                "state": "AVAILABLE",
                "status": {"error_code": "OK", "error_message": ""},
            }
        ]
    }
    for path in ("", "/versions/123", "/labels/whatever"):
        answer = ask(app, "GET", "/v1/models/half" + path)
        assert (answer.status, answer.json) == (200, expected)


def test_metadata(app):
    def tensor(node):
        return {
            "dtype": "DT_FLOAT",
            "tensor_shape": {
                "dim": [{"size": "-1", "name": ""}],
                "unknown_rank": False,
            },
            "name": node,
        }

    answer = ask(app, "GET", "/v1/models/half/versions/123/metadata")
    assert answer.json == {
        "model_spec": {"name": "half", "signature_name": "", "version": "123"},
        "metadata": {
            "signature_def": {
                "signature_def": {
                    "serving_default": {
                        "inputs": {"x": tensor("serving_default_x:0")},
                        "outputs": {"y": tensor("serving_default_y:0")},
                        "method_name": "tensorflow/serving/predict",
                        "defaults": {},
                    }
                }
            }
        },
    }


def test_unknown_rank_in_metadata(core, app):
    info = signature("serving_default", {"x": ("bytes", None)}, {})
    core.models["odd"] = Model("odd", (info, None))
    metadata = ask(app, "GET", "/v1/models/odd/metadata").json["metadata"]
    side = metadata["signature_def"]["signature_def"]["serving_default"]
    assert side["inputs"]["x"]["dtype"] == "DT_STRING"
    assert side["inputs"]["x"]["tensor_shape"] == {
        "dim": [],
        "unknown_rank": True,
    }


def test_models_are_listed_unless_strict(core, app):
    names = [{"name": "half"}, {"name": "flowers"}]
    assert ask(app, "GET", "/v1/models").json == {"models": names}
    core.strict = True
    answer = ask(app, "GET", "/v1/models")
    assert answer.status == 400
    assert answer.error == "Missing model name in request."


def test_preflight(core, app):
    answer = ask(app, "OPTIONS", PREDICT)
    assert answer.status == 400
    assert answer.error == "Origin header is missing in CORS preflight"
    assert ask(app, "OPTIONS", PREDICT, headers={"Origin": "x"}).status == 400
    origin = {"Origin": "http://page"}
    answer = ask(app, "OPTIONS", PREDICT, headers=origin)
    assert answer.status == 200
    assert "access-control-allow-origin" not in answer.headers
    core.cors = True
    answer = ask(app, "OPTIONS", PREDICT, headers=origin)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "POST, GET"
    allowed = answer.headers["access-control-allow-headers"].split(", ")
    assert {"Content-Type", "Authorization", "X-API-Key"} < set(allowed)


# === Classification and regression ===


@pytest.fixture(scope="module")
def example():
    """Reads a serialized `tf.Example` into `{name: list}`."""
    from tensorflow.core.example import example_pb2

    def read(data):
        values = {}
        features = example_pb2.Example.FromString(data).features.feature
        for name, feature in features.items():
            kind = feature.WhichOneof("kind")
            values[name] = list(getattr(feature, kind).value)
        return values

    return read


@pytest.mark.usefixtures("example")
def test_classify(app):
    body = {"examples": [{"x": 1.0}, {"x": [1.0, 2.0]}]}
    answer = ask(app, "POST", "/v1/models/flowers:classify", body)
    assert answer.status == 200
    ((first, second), (third, _)) = answer.json["results"]
    assert first[0] == "setosa"
    assert second == ["virginica", 0.1]
    assert third[1] > first[1]
    body["signature_name"] = "scores"
    answer = ask(app, "POST", "/v1/models/flowers:classify", body)
    assert answer.json["results"][0][1] == ["", 0.1]


@pytest.mark.usefixtures("example")
def test_regress(app):
    body = {"examples": [{"x": 1.0}, {"x": [1.0, 2.0]}]}
    answer = ask(app, "POST", "/v1/models/flowers:regress", body)
    first, second = answer.json["results"]
    assert second == first + 4
    assert isinstance(first, float)


def test_examples_hold_what_was_sent(core, app, example):
    received = []
    model = core.models["flowers"]
    by_value = model.functions["regress"]
    model.functions["regress"] = lambda inputs: (
        received.extend(inputs),
        by_value(inputs),
    )[1]
    body = {
        "signature_name": "regress",
        "context": {"a": 1, "b": "shared"},
        "examples": [
            {"a": [2, 3], "f": 0.5, "t": True},
            {"s": ["x", {"b64": "/w=="}], "n": [1.5, -2.5]},
        ],
    }
    assert ask(app, "POST", "/v1/models/flowers:regress", body).status == 200
    assert [example(value) for value in received] == [
        {"a": [2, 3], "b": [b"shared"], "f": [0.5], "t": [1]},
        {"a": [1], "b": [b"shared"], "s": [b"x", b"\xff"], "n": [1.5, -2.5]},
    ]


@pytest.mark.usefixtures("example")
@pytest.mark.parametrize(
    ("method", "body", "text"),
    [
        ("classify", {}, "JSON Value: {} When method is classify, key "
         "'examples' is expected and was not found"),
        ("classify", {"examples": 1}, 'JSON Value: {"examples":1} Expecting '
         "'examples' value to be an list/array"),
        ("regress", {"examples": []}, 'JSON Value: {"examples":[]} '
         "'examples' value is an empty array"),
        ("regress", {"examples": [1]}, "Example must be JSON object but got "
         "JSON Number"),
        ("regress", {"examples": [{"x": None}]}, "Feature: x has element with "
         "unexpected JSON type: Null"),
        ("regress", {"examples": [{"x": [[1]]}]}, "Feature: x has element "
         "with unexpected JSON type: Array"),
        ("regress", {"examples": [{"x": [1, 1.0]}]}, "Unexpected element type "
         "in feature: x expecting type: int64"),
        ("regress", {"examples": [{"x": 2**63}]}, "Feature: x has uint64 "
         "element. Only int64 is supported."),
        ("regress", {"examples": [{"x": 1e39}]}, "Cannot convert JSON value: "
         "1e+39 to float without loss of precision."),
        ("regress", {"signature_name": "classify", "examples": [{}]},
         "Expected regression signature method_name to be "
         "tensorflow/serving/regress. Was: tensorflow/serving/classify"),
        ("classify", {"signature_name": "s", "examples": [{}]},
         'Serving signature name: "s" not found in signature def'),
        ("classify", {"signature_name": "serving_default", "examples": [{}]},
         "Expected classification signature method_name to be "
         "tensorflow/serving/classify. Was: tensorflow/serving/predict"),
    ],
)  # fmt: skip
def test_errors_of_examples(app, method, body, text):
    answer = ask(app, "POST", f"/v1/models/flowers:{method}", body)
    assert (answer.status, answer.error) == (400, text)


def test_a_model_without_such_a_signature(app):
    answer = ask(app, "POST", "/v1/models/half:classify", {"examples": [{}]})
    assert answer.status == 400
    assert "Was: tensorflow/serving/predict" in answer.error


# === Bodies ===


def test_gzip(app):
    body = gzip.compress(json.dumps({"instances": [1.0]}).encode())
    headers = {"Content-Encoding": "gzip"}
    answer = ask(app, "POST", PREDICT, body, headers)
    assert answer.json == {"predictions": [2.5]}
    for bad in (body[:-3], b"x", body + b"x"):
        answer = ask(app, "POST", PREDICT, bad, headers)
        assert answer.status == 400
        assert answer.error == "The compressed body is damaged."
    answer = ask(app, "POST", PREDICT, body, {"Content-Encoding": "br"})
    assert answer.status == 415


def test_a_small_body_cannot_become_a_large_one():
    app = TensorFlowServing(Core(half_plus_two(), limits=Limits(max_body=2000)))
    body = gzip.compress(b" " * 10**6)
    assert len(body) < 2000
    answer = ask(app, "POST", PREDICT, body, {"Content-Encoding": "gzip"})
    assert answer.status == 413


def test_large_bodies_are_not_read_to_their_end():
    app = TensorFlowServing(Core(half_plus_two(), limits=Limits(max_body=1000)))
    for headers in ({"Content-Length": "1001"}, {"Content-Length": "9" * 99}):
        answer = ask(app, "POST", PREDICT, b"", headers)
        assert answer.status == 413
        assert answer.headers["connection"] == "close"

    parts = [b" " * 600] * 2
    answer = ask(app, "POST", PREDICT, chunks=parts, endless=True)
    assert answer.status == 413
    body = json.dumps({"instances": [1.0]}).encode()
    parts = [body[:5], b"", body[5:]]
    assert ask(app, "POST", PREDICT, chunks=parts).status == 200


def test_a_client_that_leaves_is_not_answered(app):
    sent = []

    async def leave():
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": PREDICT, "headers": []}
    asyncio.run(app(scope, leave, send))
    assert not sent


def test_nothing_of_the_inside_is_told(core, app, caplog):
    core.broken = True
    answer = ask(app, "POST", PREDICT, {"instances": [1.0]})
    assert (answer.status, answer.error) == (500, "Internal error.")
    assert "a secret of the inside" in caplog.text


def test_every_answer_is_counted(core, app):
    ask(app, "POST", PREDICT, {"instances": [1.0, 2.0]})
    ask(app, "POST", PREDICT, b"?")
    ask(app, "POST", "/v1/models/unknown:predict", {"instances": [1.0]})
    ask(app, "GET", "/v1/models/half/metadata")
    counted = [(*each[:4], each[5]) for each in core.metrics.observed]
    assert counted == [
        ("half", "Predict", "REST", "OK", 2),
        ("half", "Predict", "REST", "INVALID_ARGUMENT", 0),
        # Not under its name: clients could invent any number of them.
        ("", "Predict", "REST", "NOT_FOUND", 0),
        ("half", "GetModelMetadata", "REST", "OK", 0),
    ]
    assert all(0 < each[4] < 60 for each in core.metrics.observed)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["x", "b64", "instances", "y"]), inner, max_size=3
        )
    ),
    max_leaves=12,
)
KEYS = ["instances", "inputs", "signature_name", "examples", "context"]


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(st.sampled_from(KEYS), json_values) | json_values,
    st.sampled_from(["half:predict", "flowers:classify", "flowers:regress"]),
)
def test_no_json_is_an_internal_error(example_loaded, body, path):
    app = TensorFlowServing(Core(half_plus_two(), flowers()))
    answer = ask(app, "POST", f"/v1/models/{path}", body)
    assert answer.status in (200, 400)
    assert answer.json if answer.status == 200 else answer.error


@pytest.fixture(scope="module")
def example_loaded(example):
    return example


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=40), st.sampled_from(["gzip", "identity"]))
def test_no_bytes_are_an_internal_error(body, encoding):
    app = TensorFlowServing(Core(half_plus_two()))
    headers = {"Content-Encoding": encoding}
    assert ask(app, "POST", PREDICT, body, headers).status == 400


def test_types_that_only_foreign_models_have():
    info = signature(
        "serving_default",
        {"x": ("float32", (None,))},
        {"c": ("complex64", (None,))},
    )
    back = signature("back", {"c": ("complex64", (None,))}, {})
    call = (info, lambda x: {"c": x.astype("complex64")})
    app = TensorFlowServing(Core(Model("fft", call, (back, None))))
    description = ask(app, "GET", "/v1/models/fft/metadata").json["metadata"]
    description = description["signature_def"]["signature_def"][
        "serving_default"
    ]
    assert description["outputs"]["c"]["dtype"] == "DT_COMPLEX64"
    path = "/v1/models/fft:predict"
    answer = ask(app, "POST", path, {"instances": [1.0]})
    assert (answer.status, answer.error) == (
        501,
        "Output c: complex64 is not served.",
    )
    body = {"signature_name": "back", "instances": [1]}
    answer = ask(app, "POST", path, body)
    assert answer.status == 400
    assert "Conversion of JSON Value: 1 to type: complex64" in answer.error
