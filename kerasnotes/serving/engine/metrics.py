"""Counters under TensorFlow Serving's names, so that its dashboards work.

Reference:
    TensorFlow Serving, `servables/tensorflow/util.cc`,
    `model_servers/http_rest_api_handler.cc`; TensorFlow,
    `batching_util/batch_resource_base.cc`.
"""

import functools
import os
from typing import Any

PREFIX = ":tensorflow:serving:"
BUCKETS = tuple(10 * 1.8**power for power in range(33))
"""Upper bounds in microseconds, as TensorFlow Serving's."""
SIZES = tuple(float(2**power) for power in range(14))


COUNTERS = {
    "request_count": ("Requests.", ["model_name", "status"]),
    "request_example_count_total": ("Examples in all requests.", ["model"]),
    "batching_session:wrapped_run_count": ("Calls of models.", []),
}
HISTOGRAMS = {
    "request_latency": (
        "Microseconds of a request.",
        ["model_name", "API", "entrypoint"],
        BUCKETS,
    ),
    "request_example_counts": (
        "Examples of a request.",
        ["model"],
        (*SIZES, 2.0**14),
    ),
    "runtime_latency": (
        "Microseconds of a model call.",
        ["model_name", "API", "runtime"],
        BUCKETS,
    ),
    "batching_session:queuing_latency": (
        "Microseconds of waiting for a batch.",
        ["model_name"],
        BUCKETS,
    ),
    "batching_session:input_batch_size": (
        "Examples of a batch, without padding.",
        ["model_name"],
        SIZES,
    ),
    "batching_session:processed_batch_size": (
        "Examples of a batch, padding included.",
        ["model_name"],
        SIZES,
    ),
    "batching_session:padding_size": (
        "Examples that were filled in.",
        ["model_name"],
        (0.0, *SIZES),
    ),
}
"""What is counted, by its name behind the prefix."""


class Metrics:
    """What is counted; safe to use from one event loop.

    With `PROMETHEUS_MULTIPROC_DIR` in the environment, all processes that
    share the folder are counted together.
    """

    def __init__(self) -> None:
        import prometheus_client as prometheus

        self._registry = prometheus.CollectorRegistry()
        self._shared = "PROMETHEUS_MULTIPROC_DIR" in os.environ
        self._counters = {
            name: prometheus.Counter(
                f"{PREFIX}{name}", text, labels, registry=self._registry
            )
            for name, (text, labels) in COUNTERS.items()
        }
        self._histograms = {
            name: prometheus.Histogram(
                f"{PREFIX}{name}",
                text,
                labels,
                registry=self._registry,
                buckets=buckets,
            )
            for name, (text, labels, buckets) in HISTOGRAMS.items()
        }
        # Finding a child by its labels costs more than counting.
        self._find = functools.lru_cache(4096)(self._child)

    def _child(self, name: str, *labels: str) -> Any:
        metric = self._counters.get(name) or self._histograms[name]
        return metric.labels(*labels) if labels else metric

    def observe_request(
        self,
        model: str,
        api: str,
        entrypoint: str,
        status: str,
        seconds: float,
        examples: int,
    ) -> None:
        """Counts one request.

        Args:
            model: Its model.
            api: `Predict`, `Classify`, `Regress`, `GetModelMetadata` ...
            entrypoint: `REST`, `OIP` or `GRPC`.
            status: `OK`, or the name of the error's code.
            seconds: From its arrival to its answer.
            examples: How many it held.
        """
        find = self._find
        find("request_count", model, status).inc()
        if status == "OK":
            latency = find("request_latency", model, api, entrypoint)
            latency.observe(seconds * 1e6)
            if examples:
                find("request_example_count_total", model).inc(examples)
                find("request_example_counts", model).observe(examples)

    def observe_batch(
        self,
        model: str,
        waited: float,
        seconds: float,
        examples: int,
        padding: int,
    ) -> None:
        """Counts one call of a model.

        Args:
            model: The model.
            waited: Seconds that the oldest request waited.
            seconds: Of the call.
            examples: That clients sent.
            padding: Examples that were filled in.
        """
        find, batch = self._find, "batching_session:"
        find(f"{batch}wrapped_run_count").inc()
        find(f"{batch}queuing_latency", model).observe(waited * 1e6)
        find(f"{batch}input_batch_size", model).observe(examples)
        size = examples + padding
        find(f"{batch}processed_batch_size", model).observe(size)
        find(f"{batch}padding_size", model).observe(padding)
        runtime = find("runtime_latency", model, "Predict", "TF2")
        runtime.observe(seconds * 1e6)

    def text(self) -> bytes:
        """Returns everything in Prometheus' text format."""
        import prometheus_client as prometheus
        from prometheus_client import multiprocess

        registry = self._registry
        if self._shared:
            registry = prometheus.CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        text: bytes = prometheus.generate_latest(registry)
        # The client library ends every counter in `_total`; TensorFlow
        # Serving does not.
        for counter in COUNTERS:
            if not counter.endswith("_total"):
                name = f"{PREFIX}{counter}".encode()
                text = text.replace(name + b"_total", name)
        return text
