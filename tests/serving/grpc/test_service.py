"""TensorFlow Serving's gRPC API, through its public stubs."""

import asyncio
import threading

import numpy as np
import pytest

from kerasnotes.base.errors import UsageError
from kerasnotes.serving.engine.limits import Limits
from tests.serving.asking import Core, Model, close, half_plus_two, signature
from tests.serving.stub_core import measured_model
from tests.serving.v1.test_handler import flowers

pytestmark = pytest.mark.once
grpc = pytest.importorskip("grpc")
pytest.importorskip("tensorflow_serving.apis")
tf = pytest.importorskip("tensorflow")

from tensorflow_serving.apis import (  # noqa: E402
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
    regression_pb2,
)

from kerasnotes.serving.grpc import service as grpc_service  # noqa: E402


def both():
    info = signature(
        "serving_default",
        {"a": ("float32", (None,)), "t": ("bytes", (None,))},
        {"s": ("float32", (None,)), "u": ("bytes", (None,))},
    )
    return Model("both", (info, lambda a, t: {"s": a + 1, "u": t}))


class Running:
    """A server on a free port, its core and its stubs."""

    def __init__(self, api_key=""):
        self.core = Core(half_plus_two(), both(), flowers(), measured_model())
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(
            target=self.loop.run_forever, daemon=True
        )
        self.thread.start()
        self.server = self.run(
            grpc_service.start(self.core, "127.0.0.1", 0, api_key=api_key)
        )
        self.channel = grpc.insecure_channel(f"127.0.0.1:{self.server.port}")
        stub = prediction_service_pb2_grpc.PredictionServiceStub
        self.stub = stub(self.channel)
        self.models = model_service_pb2_grpc.ModelServiceStub(self.channel)

    def run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def close(self):
        self.channel.close()
        self.run(self.server.stop(0))
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(20)
        self.loop.close()


@pytest.fixture(scope="module")
def running():
    server = Running()
    yield server
    server.close()


def request(name="half", inputs=None, **spec):
    message = predict_pb2.PredictRequest()
    message.model_spec.name = name
    for key, value in spec.items():
        if key == "version":
            message.model_spec.version.value = value
        else:
            setattr(message.model_spec, key, value)
    for key, value in (inputs or {"x": np.float32([1, 2, 5])}).items():
        message.inputs[key].CopyFrom(tf.make_tensor_proto(value))
    return message


@pytest.mark.parametrize(
    "spec", [{}, {"version": 123}, {"version_label": "stable"}]
)
def test_predict(running, spec):
    answer = running.stub.Predict(request(**spec), timeout=20)
    assert answer.model_spec.name == "half"
    assert answer.model_spec.version.value == 123
    assert answer.model_spec.signature_name == "serving_default"
    close(tf.make_ndarray(answer.outputs["y"]), [2.5, 3.0, 4.5])


def test_rows_of_a_table_keep_the_rules_of_the_other_protocols(running):
    def ask(size):
        towns = np.array([[b"York"]], object)
        inputs = {"features": np.float32([[size]]), "categories": towns}
        return running.stub.Predict.with_call(
            request("homes", inputs), timeout=20
        )

    _, call = ask(1.5)
    told = dict(call.trailing_metadata())
    assert told["x-unknown-categories"] == "town=York"
    with pytest.raises(grpc.RpcError, match="column size: expected a finite"):
        ask(np.nan)


def test_strings_and_chosen_outputs(running):
    inputs = {"a": np.float32([1]), "t": np.array([b"\xff"], object)}
    message = request("both", inputs)
    answer = running.stub.Predict(message, timeout=20)
    assert set(answer.outputs) == {"s", "u"}
    assert tf.make_ndarray(answer.outputs["u"]).tolist() == [b"\xff"]
    message.output_filter.append("s")
    assert set(running.stub.Predict(message, timeout=20).outputs) == {"s"}


@pytest.mark.parametrize(
    ("message", "code", "text"),
    [
        (request("m"), "NOT_FOUND",
         "Servable not found for request: Latest(m)"),
        (request(version=9), "NOT_FOUND",
         "Servable not found for request: Specific(half, 9)"),
        (request(version_label="L"), "INVALID_ARGUMENT",
         "Unrecognized servable version label: L"),
        (request(""), "INVALID_ARGUMENT", "Missing ModelSpec"),
        (request(signature_name="s"), "INVALID_ARGUMENT",
         'Serving signature name: "s" not found in signature def'),
        (request(inputs={"x": np.float64([1])}), "INVALID_ARGUMENT",
         "Input x: expected float32, received float64."),
        (request(inputs={"z": np.float32([1])}), "INVALID_ARGUMENT",
         "Expected the inputs ['x'], received ['z']."),
    ],
)  # fmt: skip
def test_errors(running, message, code, text):
    with pytest.raises(grpc.RpcError) as caught:
        running.stub.Predict(message, timeout=20)
    assert caught.value.code() is grpc.StatusCode[code]
    assert caught.value.details() == text


def test_an_unknown_output(running):
    message = request()
    message.output_filter.append("z")
    with pytest.raises(grpc.RpcError) as caught:
        running.stub.Predict(message, timeout=20)
    assert caught.value.details() == (
        "output tensor alias not found in signature: z Outputs expected to be "
        "in the set {y}."
    )


def test_nothing_of_the_inside_is_told(running, caplog):
    running.core.broken = True
    try:
        with pytest.raises(grpc.RpcError) as caught:
            running.stub.Predict(request(), timeout=20)
    finally:
        running.core.broken = False
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    assert caught.value.details() == "Internal error."
    assert "a secret of the inside" in caplog.text


def test_classify_and_regress(running):
    message = classification_pb2.ClassificationRequest()
    message.model_spec.name = "flowers"
    for values in ([1.0], [1.0, 2.0]):
        example = message.input.example_list.examples.add()
        example.features.feature["x"].float_list.value.extend(values)
    answer = running.stub.Classify(message, timeout=20)
    first, second = answer.result.classifications
    assert [c.label for c in first.classes] == ["setosa", "virginica"]
    assert first.classes[1].score == pytest.approx(0.1)
    assert second.classes[0].score == first.classes[0].score + 4

    message = regression_pb2.RegressionRequest()
    message.model_spec.name = "flowers"
    with pytest.raises(grpc.RpcError, match="Input is empty"):
        running.stub.Regress(message, timeout=20)
    with_context = message.input.example_list_with_context
    with_context.context.features.feature["c"].float_list.value.append(1.0)
    with_context.examples.add()
    answer = running.stub.Regress(message, timeout=20)
    assert answer.result.regressions[0].value > 0


def test_metadata(running):
    message = get_model_metadata_pb2.GetModelMetadataRequest()
    message.model_spec.name = "both"
    with pytest.raises(grpc.RpcError, match="at least one"):
        running.stub.GetModelMetadata(message, timeout=20)
    message.metadata_field.append("signature_def")
    answer = running.stub.GetModelMetadata(message, timeout=20)
    signature_defs = get_model_metadata_pb2.SignatureDefMap()
    assert answer.metadata["signature_def"].Unpack(signature_defs)
    signature_def = signature_defs.signature_def["serving_default"]
    assert signature_def.method_name == "tensorflow/serving/predict"
    assert signature_def.inputs["t"].dtype == tf.string.as_datatype_enum
    assert signature_def.outputs["s"].dtype == tf.float32.as_datatype_enum
    assert [d.size for d in signature_def.inputs["a"].tensor_shape.dim] == [-1]
    message.metadata_field.append("other")
    with pytest.raises(grpc.RpcError, match="other is not supported"):
        running.stub.GetModelMetadata(message, timeout=20)


def test_status(running):
    message = get_model_status_pb2.GetModelStatusRequest()
    message.model_spec.name = "half"
    (status,) = running.models.GetModelStatus(
        message, timeout=20
    ).model_version_status
    assert status.version == 123
    assert status.state == get_model_status_pb2.ModelVersionStatus.AVAILABLE
    assert status.status.error_code == 0
    message.model_spec.version.value = 9
    with pytest.raises(grpc.RpcError, match="Could not find version 9"):
        running.models.GetModelStatus(message, timeout=20)


def test_every_answer_is_counted(running):
    observed = running.core.metrics.observed
    observed.clear()
    running.stub.Predict(request(), timeout=20)
    with pytest.raises(grpc.RpcError):
        running.stub.Predict(request("m"), timeout=20)
    assert [(*each[:4], each[5]) for each in observed] == [
        ("half", "Predict", "GRPC", "OK", 3),
        ("", "Predict", "GRPC", "NOT_FOUND", 0),
    ]


def test_the_key_is_needed():
    running = Running(api_key="sesame")
    try:
        for sent in ((), (("x-api-key", "open"),)):
            with pytest.raises(grpc.RpcError) as caught:
                running.stub.Predict(request(), timeout=20, metadata=sent)
            assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
        for sent in (
            ("x-api-key", "sesame"),
            ("authorization", "Bearer sesame"),
        ):
            running.stub.Predict(request(), timeout=20, metadata=(sent,))
    finally:
        running.close()


def call(running, path, body=b""):
    """Sends bytes to a path; returns the status and text of its error."""
    with pytest.raises(grpc.RpcError) as caught:
        running.channel.unary_unary(path)(body, timeout=20)
    return caught.value.code().name, caught.value.details()


SERVICE = "/tensorflow.serving.PredictionService/"
UNIMPLEMENTED = {
    SERVICE + "MultiInference": (
        "MultiInference is not served: ask Classify and Regress."
    ),
    "/tensorflow.serving.ModelService/HandleReloadConfigRequest": (
        "Clients do not configure this server; `kn serve "
        "--model-config-poll` follows the config file."
    ),
    SERVICE + "Explain": f"There is no method {SERVICE}Explain.",
    "/nothing/At": "There is no method /nothing/At.",
}


@pytest.mark.parametrize(("path", "text"), UNIMPLEMENTED.items())
def test_what_is_not_served_is_said(running, path, text, caplog):
    assert call(running, path) == ("UNIMPLEMENTED", text)
    assert not caplog.records


def test_a_stream_to_nowhere_is_refused_unread(running):
    stream = running.channel.stream_unary("/grpc.health.v1.Health/Watch")
    never = threading.Event()
    with pytest.raises(grpc.RpcError) as caught:
        stream((b"" for _ in iter(never.wait, True)), timeout=20)
    never.set()
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize(
    "method", ["Predict", "Classify", "Regress", "GetModelMetadata"]
)
@pytest.mark.parametrize(
    "body", [b"\xff" * 9, b"hello", b"\x0a\x05half"], ids=repr
)
def test_garbage_is_told_and_not_logged(running, method, body, caplog):
    status, text = call(running, SERVICE + method, body)
    assert status == "INVALID_ARGUMENT"
    assert text.startswith("The request is no ")
    assert text.endswith("Request.")
    assert not caplog.records
    assert running.core.metrics.observed[-1][1:4] == (method, "GRPC", status)


def test_a_compressed_message_is_bounded_by_what_it_becomes(
    running, monkeypatch
):
    monkeypatch.setattr(running.core, "limits", Limits(max_body=1000))
    message = request(inputs={"x": np.zeros(1000, "float32")})
    with pytest.raises(grpc.RpcError) as caught:
        running.stub.Predict(
            message, timeout=20, compression=grpc.Compression.Gzip
        )
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert caught.value.details() == "The body is larger than 1000 bytes."


def test_an_address_that_is_not_ours():
    with pytest.raises(UsageError, match="Cannot listen on 192"):
        asyncio.run(grpc_service.start(Core(), "192.0.2.1", 1))


def test_large_messages_are_read_and_written_beside_the_loop(
    running, monkeypatch
):
    from kerasnotes.serving.grpc import tensor_proto

    limits = Limits(max_rows=10**6)
    monkeypatch.setattr(running.core, "limits", limits)
    threads = []

    def recorded(function):
        def wrapped(*args):
            threads.append(threading.current_thread())
            return function(*args)

        return wrapped

    for name in ("to_array", "fill"):
        plain = getattr(tensor_proto, name)
        monkeypatch.setattr(tensor_proto, name, recorded(plain))
    for count, beside in ((3, False), (100_000, True)):
        message = request(inputs={"x": np.ones(count, "float32")})
        answer = running.stub.Predict(message, timeout=20)
        assert tf.make_ndarray(answer.outputs["y"]).tolist() == [2.5] * count
        assert len(threads) == 2
        for thread in threads:
            assert (thread is not running.thread) == beside
        threads.clear()


def test_a_context_is_not_multiplied_for_ever(running, monkeypatch):
    from kerasnotes.serving.v1 import tf_example

    monkeypatch.setattr(tf_example, "MOST_BYTES", 1000)
    message = classification_pb2.ClassificationRequest()
    message.model_spec.name = "flowers"
    with_context = message.input.example_list_with_context
    with_context.context.features.feature["x"].float_list.value.append(1.0)
    with_context.context.features.feature["c"].bytes_list.value.append(
        b"x" * 400
    )
    with_context.examples.add()
    running.stub.Classify(message, timeout=20)
    for _ in range(2):
        with_context.examples.add()
    with pytest.raises(grpc.RpcError, match="too large for 3 examples"):
        running.stub.Classify(message, timeout=20)


def test_images_are_upright_here_too():
    from PIL import Image

    from kerasnotes.serving.grpc.call import Call, Service
    from tests.serving.engine.images.test_bodies import cells, png

    tag = Image.Exif()
    tag[0x0112] = 6
    data = np.array([png(np.zeros((4, 8)), "JPEG", exif=tag)], object)
    model = cells()
    encoded = model.signatures["encoded_image"]
    work = Service(Core(model)).ask(
        Call(), model, encoded, {"image_bytes": data}
    )
    assert asyncio.run(work)["probabilities"].shape == (1, 8, 4, 2)
