"""Counters under the names that TensorFlow Serving's dashboards ask for."""

import re

import pytest

from kerasnotes.serving.engine.metrics import Metrics

pytestmark = pytest.mark.once
NAMES = {
    "request_count": "counter",
    "request_latency": "histogram",
    "runtime_latency": "histogram",
    "request_example_counts": "histogram",
    "request_example_count_total": "counter",
    "batching_session:queuing_latency": "histogram",
    "batching_session:wrapped_run_count": "counter",
    "batching_session:input_batch_size": "histogram",
    "batching_session:processed_batch_size": "histogram",
    "batching_session:padding_size": "histogram",
}
"""TensorFlow Serving's, `servables/tensorflow/util.cc`,
`batching/batching_session.cc`."""


@pytest.fixture
def text():
    metrics = Metrics()
    metrics.observe_request("m", "Predict", "REST", "OK", 0.5e-3, 3)
    metrics.observe_request("m", "Predict", "REST", "OK", 2.0, 3000)
    metrics.observe_request("", "Predict", "REST", "NOT_FOUND", 1.0, 0)
    metrics.observe_batch("m", 1e-4, 1e-3, 3, 1)
    return metrics.text().decode()


def test_every_name_is_there(text):
    types = re.findall(r"^# TYPE :tensorflow:serving:(\S+) (\w+)$", text, re.M)
    assert {k: v for k, v in types if not k.endswith("_created")} == NAMES


@pytest.mark.parametrize(
    "line",
    [
        'request_count{model_name="m",status="OK"} 2.0',
        'request_count{model_name="",status="NOT_FOUND"} 1.0',
        'request_example_count_total{model="m"} 3003.0',
        'request_example_counts_bucket{le="2.0",model="m"} 0.0',
        'request_example_counts_bucket{le="4.0",model="m"} 1.0',
        'request_example_counts_bucket{le="16384.0",model="m"} 2.0',
        'request_example_counts_sum{model="m"} 3003.0',
        "batching_session:wrapped_run_count 1.0",
        'batching_session:processed_batch_size_sum{model_name="m"} 4.0',
        'request_latency_sum{API="Predict",entrypoint="REST",model_name="m"} '
        "2.0005e+06",
    ],
)
def test_what_is_counted(text, line):
    assert f":tensorflow:serving:{line}\n" in text
