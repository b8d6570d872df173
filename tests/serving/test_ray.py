"""The same application as two replicas on one machine."""

import os
import socket

import pytest

from kerasnotes.base.errors import StorageError, UsageError

ray = pytest.importorskip("ray", reason="needs kerasnotes[ray]")
pytestmark = [
    pytest.mark.once,
    pytest.mark.large,
    # Ray's own, at its end.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings(
        "ignore::pytest.PytestUnraisableExceptionWarning"
    ),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


@pytest.fixture
def cluster(monkeypatch):
    from ray import serve

    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    ray.init(
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="ERROR",
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serve.start(http_options={"host": "127.0.0.1", "port": port})
    yield serve, f"http://127.0.0.1:{port}"
    serve.shutdown()
    ray.shutdown()


def test_two_replicas_answer_as_the_model_does(cluster, saved_models):
    import requests

    from kerasnotes.serving.ray_app import app

    serve, url = cluster
    base = saved_models / "half_plus_two"
    serve.run(app({"sources": f"half={base}", "replicas": "2", "cpus": "1"}))
    (status,) = serve.status().applications["default"].deployments.values()
    assert {k: v for k, v in status.replica_states.items() if v} == {
        "RUNNING": 2
    }
    for number in range(8):
        answer = requests.post(
            f"{url}/v1/models/half:predict",
            json={"instances": [number]},
            timeout=30,
        )
        assert answer.json() == {"predictions": [number / 2 + 2]}
    answer = requests.get(f"{url}/v1/models/nope", timeout=30)
    assert answer.status_code == 404
    answer = requests.post(
        f"{url}/v2/models/half/infer",
        json={
            "inputs": [
                {"name": "x", "shape": [2], "datatype": "FP32", "data": [1, 2]}
            ]
        },
        timeout=30,
    )
    assert answer.json()["outputs"][0]["data"] == [2.5, 3.0]
    assert "KN_SERVE_OPTIONS" not in os.environ


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({}, UsageError),
        ({"source": "x"}, UsageError),
        ({"sources": "x", "replicas": "0"}, UsageError),
        ({"sources": "x", "replicas": "two"}, UsageError),
        ({"sources": "/nowhere"}, StorageError),
    ],
    ids=str,
)
def test_wrong_arguments_are_explained(args, error):
    from kerasnotes.serving.ray_app import app

    with pytest.raises(error):
        app(args)
