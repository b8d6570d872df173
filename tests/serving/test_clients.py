"""Public clients of the three protocols against a server on a real socket."""

import asyncio
import contextlib
import importlib.util
import sys
import threading
import time
import types

import numpy as np
import pytest

from tests.serving.asking import close

pytestmark = pytest.mark.once
requests = pytest.importorskip("requests")
uvicorn = pytest.importorskip("uvicorn")
tf = pytest.importorskip("tensorflow")

from kerasnotes.serving.app import Application  # noqa: E402
from kerasnotes.serving.engine.core import InferenceServer  # noqa: E402
from kerasnotes.serving.engine.versions.model_source import ModelSource  # noqa: E402
from kerasnotes.serving.grpc import service as grpc_service  # noqa: E402

WEIGHTS = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
X = np.random.default_rng(1).normal(size=(5, 8)).astype("float32")


def expected():
    """Softmax regression by hand, in double precision."""
    logits = X.astype("float64") @ WEIGHTS
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def write_softmax(path):
    class Softmax(tf.Module):
        def __init__(self):
            super().__init__()
            self.weights = tf.Variable(WEIGHTS)

        @tf.function(
            input_signature=[
                tf.TensorSpec([None, 8], tf.float32, name="features")
            ]
        )
        def predict(self, features):
            logits = features @ self.weights
            return {"probabilities": tf.nn.softmax(logits)}

    module = Softmax()
    tf.saved_model.save(
        module, str(path), signatures={"serving_default": module.predict}
    )


class Running:
    """The application on free ports, with gRPC beside it."""

    def __init__(self, root):
        sources = [ModelSource(p.name, p) for p in sorted(root.iterdir())]
        self.core = InferenceServer(sources, poll=0, allow_control=True)
        self.grpc_port = None

        @contextlib.asynccontextmanager
        async def with_grpc(core):
            server = await grpc_service.start(core, "127.0.0.1", 0)
            self.grpc_port = server.port
            yield
            await server.stop(0)

        app = Application(self.core, services=(with_grpc,))
        config = uvicorn.Config(app, port=0, log_level="error", lifespan="on")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        self._wait(lambda: self.server.started)
        socket = self.server.servers[0].sockets[0]
        self.address = f"127.0.0.1:{socket.getsockname()[1]}"
        self._wait(self.core.ready)

    def _wait(self, done):
        end = time.monotonic() + 60
        while not done():
            assert time.monotonic() < end
            assert self.thread.is_alive()
            time.sleep(0.01)

    def close(self):
        self.server.should_exit = True
        self.thread.join(30)


@pytest.fixture(scope="module")
def running(saved_models, tmp_path_factory):
    root = tmp_path_factory.mktemp("served")
    for name in ("two", "half_plus_two"):
        (root / name).symlink_to(saved_models / name)
    write_softmax(root / "softmax" / "3")
    server = Running(root)
    yield server
    server.close()


# === TensorFlow Serving's REST ===


def test_requests(running):
    url = f"http://{running.address}/v1/models/softmax"
    with requests.Session() as session:
        answer = session.post(
            f"{url}:predict", json={"instances": X.tolist()}, timeout=20
        )
        assert answer.status_code == 200, answer.text
        close(answer.json()["predictions"], expected())
        rows = [{"features": row.tolist()} for row in X]
        answer = session.post(
            f"{url}:predict", json={"instances": rows}, timeout=20
        )
        close(answer.json()["predictions"], expected())
        answer = session.post(
            f"{url}/versions/3:predict",
            json={"inputs": {"features": X.tolist()}},
            timeout=20,
        )
        close(answer.json()["outputs"], expected())
        status = session.get(url, timeout=20).json()
        (version,) = status["model_version_status"]
        assert (version["version"], version["state"]) == ("3", "AVAILABLE")
        answer = session.post(f"{url}:predict", data=b"{", timeout=20)
        assert answer.status_code == 400
        # The connection is still good.
        assert session.get(f"{url}/metadata", timeout=20).status_code == 200


def test_a_body_that_is_too_large_over_a_socket(running):
    url = f"http://{running.address}/v1/models/softmax:predict"
    limit = running.core.limits.max_body

    def parts():
        for _ in range(limit // 2**20 + 2):
            yield b" " * 2**20

    try:
        answer = requests.post(url, data=parts(), timeout=60)
    except requests.ConnectionError:
        # The server closed while the client was still sending.
        return
    assert answer.status_code == 413


# === Triton's client of the Open Inference Protocol ===


@pytest.fixture(scope="module")
def triton(running):
    http = pytest.importorskip("tritonclient.http")
    with http.InferenceServerClient(running.address) as client:
        yield http, client


def test_triton_server_and_models(triton):
    _, client = triton
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("softmax")
    assert client.is_model_ready("softmax", "3")
    assert not client.is_model_ready("none")
    assert client.get_server_metadata()["name"] == "kerasnotes"
    metadata = client.get_model_metadata("softmax")
    assert metadata["inputs"] == [
        {"name": "features", "datatype": "FP32", "shape": [-1, 8]}
    ]
    assert metadata["versions"] == ["3"]


@pytest.mark.parametrize("binary_in", [True, False])
@pytest.mark.parametrize("binary_out", [True, False, None])
@pytest.mark.parametrize("packed", [None, "gzip", "deflate"])
def test_triton_infer(triton, binary_in, binary_out, packed):
    http, client = triton
    tensor = http.InferInput("features", X.shape, "FP32")
    tensor.set_data_from_numpy(X, binary_data=binary_in)
    outputs = None
    if binary_out is not None:
        outputs = [http.InferRequestedOutput("probabilities", binary_out)]
    answer = client.infer(
        "softmax",
        [tensor],
        outputs=outputs,
        request_id="seven",
        request_compression_algorithm=packed,
    )
    close(answer.as_numpy("probabilities"), expected())
    response = answer.get_response()
    assert response["id"] == "seven"
    assert response["model_version"] == "3"


def test_triton_strings_and_errors(triton):
    http, client = triton
    words = np.array([b"abc", "ä".encode(), b""], object)
    for binary in (True, False):
        tensor = http.InferInput("t", [3], "BYTES")
        tensor.set_data_from_numpy(words, binary_data=binary)
        answer = client.infer(
            "two", [tensor], parameters={"signature_name": "text"}
        )
        assert answer.as_numpy("raw_bytes").tolist() == words.tolist()
        assert answer.as_numpy("length").tolist() == [3, 2, 0]
    utils = pytest.importorskip("tritonclient.utils")
    with pytest.raises(utils.InferenceServerException, match="received"):
        client.infer("softmax", [tensor])
    with pytest.raises(utils.InferenceServerException, match="not exist"):
        client.infer("none", [tensor])


def test_triton_controls_models(triton):
    _, client = triton
    states = {
        each["name"]: each["state"]
        for each in client.get_model_repository_index()
    }
    assert states["two"] == "READY"
    client.unload_model("two")
    assert not client.is_model_ready("two")
    client.load_model("two")
    assert client.is_model_ready("two")


# === KServe's client ===


@pytest.fixture(scope="module")
def kserve():
    """KServe's client modules, without the rest of its package.

    The package itself brings a Kubernetes client and pins that exclude ours.
    """
    spec = importlib.util.find_spec("kserve")
    if spec is None:
        pytest.skip("no kserve: pip install --no-deps kserve")
    bare = types.ModuleType("kserve")
    bare.__path__ = list(spec.submodule_search_locations)
    sys.modules["kserve"] = bare
    from kserve import inference_client
    from kserve.protocol import infer_type

    return inference_client, infer_type


@pytest.mark.parametrize("binary", [True, False])
def test_kserve(running, kserve, binary):
    clients, messages = kserve
    url = f"http://{running.address}"

    async def infer():
        config = clients.RESTConfig(protocol="v2", timeout=20)
        client = clients.InferenceRESTClient(config)
        try:
            assert await client.is_server_live(url)
            assert await client.is_server_ready(url)
            assert await client.is_model_ready(url, "softmax")
            tensor = messages.InferInput("features", list(X.shape), "FP32")
            tensor.set_data_from_numpy(X, binary_data=binary)
            request = messages.InferRequest("softmax", [tensor])
            if binary:
                request.parameters = {"binary_data_output": True}
            return await client.infer(url, request, model_name="softmax")
        finally:
            await client.close()

    (output,) = asyncio.run(infer()).outputs
    assert output.name == "probabilities"
    close(output.as_numpy(), expected())


def test_kserve_speaks_v1_too(running, kserve):
    clients, _ = kserve

    async def infer():
        client = clients.InferenceRESTClient(clients.RESTConfig(protocol="v1"))
        try:
            return await client.infer(
                f"http://{running.address}",
                {"instances": X.tolist()},
                model_name="softmax",
            )
        finally:
            await client.close()

    close(asyncio.run(infer())["predictions"], expected())


# === TensorFlow Serving's gRPC ===


def test_grpc(running):
    grpc = pytest.importorskip("grpc")
    apis = pytest.importorskip("tensorflow_serving.apis.predict_pb2")
    services = pytest.importorskip(
        "tensorflow_serving.apis.prediction_service_pb2_grpc"
    )
    request = apis.PredictRequest()
    request.model_spec.name = "softmax"
    request.inputs["features"].CopyFrom(tf.make_tensor_proto(X))
    address = f"127.0.0.1:{running.grpc_port}"
    with grpc.insecure_channel(address) as channel:
        stub = services.PredictionServiceStub(channel)
        answer = stub.Predict(request, timeout=20)
    close(tf.make_ndarray(answer.outputs["probabilities"]), expected())
